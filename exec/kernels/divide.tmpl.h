/* divide.tmpl.h -- / and % by one divisor for all rows: a product instead of a division.
 *
 * n / d = floor(n * magic / 2^(bits + shift)) + (n < 0), after Warren, Hacker's Delight,
 * chapter 10 (signed division by a divisor of at least 2); the product is corrected by n
 * where the magic number did not fit its sign. d and -d have the same rest, and quotients
 * of opposite sign.
 *
 * Parameters: DIVIDE_T, DIVIDE_U, DIVIDE_WIDE (twice as wide), DIVIDE_BITS, DIVIDE_SET. */
#define DIVIDE_GLUE2(a, b) a##_##b
#define DIVIDE_GLUE(a, b) DIVIDE_GLUE2(a, b)

struct DIVIDE_GLUE(DIVIDE_SET, divisor) {
    DIVIDE_T magic;
    int shift;
    DIVIDE_T by;         /* at least 2 */
    DIVIDE_T correction; /* all ones: the magic number stands for itself + 2^bits */
};

/* by: at least 2. */
static struct DIVIDE_GLUE(DIVIDE_SET, divisor) DIVIDE_GLUE(DIVIDE_SET, divisor_of)(DIVIDE_T by)
{
    const DIVIDE_U half = (DIVIDE_U)1 << (DIVIDE_BITS - 1), d = (DIVIDE_U)by;
    const DIVIDE_U edge = half - 1 - half % d;
    int p = DIVIDE_BITS - 1;
    DIVIDE_U q1 = half / edge, r1 = half % edge, q2 = half / d, r2 = half % d, delta;
    do {
        p++;
        q1 = 2 * q1 + (r1 >= edge - r1);
        r1 = r1 >= edge - r1 ? r1 - (edge - r1) : 2 * r1;
        q2 = 2 * q2 + (r2 >= d - r2);
        r2 = r2 >= d - r2 ? r2 - (d - r2) : 2 * r2;
        delta = d - r2;
    } while (q1 < delta || (q1 == delta && r1 == 0));
    DIVIDE_T magic = (DIVIDE_T)(q2 + 1);
    return (struct DIVIDE_GLUE(DIVIDE_SET, divisor)){
        .magic = magic,
        .shift = p - DIVIDE_BITS,
        .by = by,
        .correction = magic < 0 ? -1 : 0,
    };
}

static inline DIVIDE_T DIVIDE_GLUE(DIVIDE_SET, quotient)(struct DIVIDE_GLUE(DIVIDE_SET, divisor) d,
                                                         DIVIDE_T n)
{
    DIVIDE_T q = (DIVIDE_T)(((DIVIDE_WIDE)n * d.magic) >> DIVIDE_BITS);
    q = (DIVIDE_T)((DIVIDE_U)q + (DIVIDE_U)(n & d.correction)) >> d.shift;
    return (DIVIDE_T)((DIVIDE_U)q + ((DIVIDE_U)n >> (DIVIDE_BITS - 1)));
}

static LT_KERNEL void DIVIDE_GLUE(DIVIDE_SET, div_by)(const DIVIDE_T *restrict from,
                                                      struct DIVIDE_GLUE(DIVIDE_SET, divisor) d,
                                                      DIVIDE_T sign, uint32_t len,
                                                      DIVIDE_T *restrict to)
{
    for (uint32_t i = 0; i < len; i++) {
        DIVIDE_T q = DIVIDE_GLUE(DIVIDE_SET, quotient)(d, from[i]);
        to[i] = (DIVIDE_T)(((DIVIDE_U)q ^ (DIVIDE_U)sign) - (DIVIDE_U)sign);
    }
}

static LT_KERNEL void DIVIDE_GLUE(DIVIDE_SET, mod_by)(const DIVIDE_T *restrict from,
                                                      struct DIVIDE_GLUE(DIVIDE_SET, divisor) d,
                                                      uint32_t len, DIVIDE_T *restrict to)
{
    for (uint32_t i = 0; i < len; i++) {
        DIVIDE_U q = (DIVIDE_U)DIVIDE_GLUE(DIVIDE_SET, quotient)(d, from[i]);
        to[i] = (DIVIDE_T)((DIVIDE_U)from[i] - q * (DIVIDE_U)d.by);
    }
}

/* Handles a divisor that is neither 0, 1, -1 nor the least number; false for those. */
static bool DIVIDE_GLUE(DIVIDE_SET, divide)(const void *from, DIVIDE_T by, bool rest, uint32_t len,
                                            void *to)
{
    DIVIDE_T positive = by < 0 ? (DIVIDE_T)(0 - (DIVIDE_U)by) : by;
    if (positive < 2)
        return false;
    struct DIVIDE_GLUE(DIVIDE_SET, divisor) d = DIVIDE_GLUE(DIVIDE_SET, divisor_of)(positive);
    if (rest)
        DIVIDE_GLUE(DIVIDE_SET, mod_by)(from, d, len, to);
    else
        DIVIDE_GLUE(DIVIDE_SET, div_by)(from, d, by < 0 ? -1 : 0, len, to);
    return true;
}
#undef DIVIDE_T
#undef DIVIDE_U
#undef DIVIDE_WIDE
#undef DIVIDE_BITS
#undef DIVIDE_SET
#undef DIVIDE_GLUE
#undef DIVIDE_GLUE2
