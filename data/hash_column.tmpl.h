/* hash_column.tmpl.h -- the hash of every lane of one flat physical type.
 *
 * Include with HASH_NAME, HASH_TYPE and HASH_OF(lane pointer) defined. */
LT_KERNEL static void HASH_NAME(const HASH_TYPE *restrict values, const uint16_t *restrict sel,
                                uint32_t n, uint64_t *restrict hashes)
{
    if (sel)
        for (uint32_t i = 0; i < n; i++)
            hashes[i] = HASH_OF(&values[sel[i]]);
    else
        for (uint32_t i = 0; i < n; i++)
            hashes[i] = HASH_OF(&values[i]);
}
#undef HASH_NAME
#undef HASH_TYPE
#undef HASH_OF
