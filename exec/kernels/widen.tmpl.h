/* widen.tmpl.h -- a dense loop that converts without loss of range.
 * Parameters: WIDEN_NAME, WIDEN_FROM, WIDEN_TO. */
static LT_KERNEL void WIDEN_NAME(const void *from, void *to, uint32_t len)
{
    const WIDEN_FROM *restrict x = from;
    WIDEN_TO *restrict y = to;
    for (uint32_t i = 0; i < len; i++)
        y[i] = (WIDEN_TO)x[i];
}
#undef WIDEN_NAME
#undef WIDEN_FROM
#undef WIDEN_TO
