/* compare.tmpl.h -- a dense comparison of two columns, or of a column and a constant.
 * Parameters: COMPARE_NAME, COMPARE_T, COMPARE_OP. `b_step` is 0 for a constant. */
static LT_KERNEL void COMPARE_NAME(const void *a, const void *b, uint32_t b_step, uint32_t len,
                                   int8_t *restrict out)
{
    const COMPARE_T *restrict x = a;
    const COMPARE_T *restrict y = b;
    if (b_step == 0) {
        COMPARE_T c = *y;
        for (uint32_t i = 0; i < len; i++)
            out[i] = x[i] COMPARE_OP c;
    } else {
        for (uint32_t i = 0; i < len; i++)
            out[i] = x[i] COMPARE_OP y[i];
    }
}
#undef COMPARE_NAME
