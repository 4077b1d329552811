/* gather.tmpl.h -- values of one width, picked by row number.
 *
 * Include with GATHER_NAME and GATHER_TYPE defined. */
LT_KERNEL static void GATHER_NAME(GATHER_TYPE *restrict to, const GATHER_TYPE *restrict from,
                                  const uint32_t *restrict rows, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        to[i] = from[rows[i]];
}
#undef GATHER_NAME
#undef GATHER_TYPE
