/* arith.tmpl.h -- a dense binary operation of two columns or constants.
 *
 * Parameters: ARITH_NAME, ARITH_T, and ARITH_STEP(a, b, r, bad): sets r, and makes
 * `bad` nonzero where it does not fit or divides by zero. Returns whether any lane
 * was bad: rows nobody asked for may be, so the caller looks again when it is. */
static LT_KERNEL bool ARITH_NAME(const void *a, uint32_t a_step, const void *b, uint32_t b_step,
                                 uint32_t len, void *to)
{
    const ARITH_T *restrict x = a;
    const ARITH_T *restrict y = b;
    ARITH_T *restrict out = to;
    ARITH_T bad = 0;
    if (b_step == 0) {
        ARITH_T c = *y;
        for (uint32_t i = 0; i < len; i++)
            ARITH_STEP(x[i * a_step], c, out[i], bad);
    } else if (a_step == 0) {
        ARITH_T c = *x;
        for (uint32_t i = 0; i < len; i++)
            ARITH_STEP(c, y[i], out[i], bad);
    } else {
        for (uint32_t i = 0; i < len; i++)
            ARITH_STEP(x[i], y[i], out[i], bad);
    }
    return bad != 0;
}
#undef ARITH_NAME
