/* decimal.c -- arithmetic of unscaled 128-bit decimals, 256 bits inside.
 *
 * Every result is rounded once, HALF_UP (away from zero at the half, as
 * java.math.RoundingMode.HALF_UP), and then held against 10^precision. Signs are
 * taken off first, so all work is on magnitudes; |value| < 10^38 < 2^127. */
#include <math.h>

#include "data/value.h"

typedef unsigned __int128 u128;

struct u256 {
    u128 hi, lo;
};

#define E18 ((__int128)1000000000000000000)
#define E19 ((__int128)INT64_C(1000000000) * INT64_C(10000000000))
#define E38 (E19 * E19)
const __int128 lt_pow10_i128[39] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    INT64_C(10000000000),
    INT64_C(100000000000),
    INT64_C(1000000000000),
    INT64_C(10000000000000),
    INT64_C(100000000000000),
    INT64_C(1000000000000000),
    INT64_C(10000000000000000),
    INT64_C(100000000000000000),
    E18,
    E18 * 10,
    E18 * 100,
    E18 * 1000,
    E18 * 10000,
    E18 * 100000,
    E18 * 1000000,
    E18 * 10000000,
    E18 * 100000000,
    E18 * 1000000000,
    E18 *INT64_C(10000000000),
    E18 *INT64_C(100000000000),
    E18 *INT64_C(1000000000000),
    E18 *INT64_C(10000000000000),
    E18 *INT64_C(100000000000000),
    E18 *INT64_C(1000000000000000),
    E18 *INT64_C(10000000000000000),
    E18 *INT64_C(100000000000000000),
    E18 *E18,
    E18 *E18 * 10,
    E18 *E18 * 100,
};

static u128 magnitude(__int128 value)
{
    return value < 0 ? -(u128)value : (u128)value;
}

static bool signed_result(u128 value, bool minus, unsigned precision, __int128 *out)
{
    if (value >= (u128)lt_pow10_i128[precision])
        return false;
    *out = minus ? -(__int128)value : (__int128)value;
    return true;
}

/* ---- 256 bits -------------------------------------------------------- */

static struct u256 multiply_128(u128 a, u128 b)
{
    uint64_t a0 = (uint64_t)a, a1 = (uint64_t)(a >> 64), b0 = (uint64_t)b, b1 = (uint64_t)(b >> 64);
    u128 p00 = (u128)a0 * b0, p01 = (u128)a0 * b1, p10 = (u128)a1 * b0, p11 = (u128)a1 * b1;
    u128 middle = (p00 >> 64) + (uint64_t)p01 + (uint64_t)p10;
    return (struct u256){
        .hi = p11 + (p01 >> 64) + (p10 >> 64) + (middle >> 64),
        .lo = middle << 64 | (uint64_t)p00,
    };
}

static bool less_256(struct u256 a, struct u256 b)
{
    return a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo);
}

static struct u256 subtract_256(struct u256 a, struct u256 b)
{
    return (struct u256){a.hi - b.hi - (a.lo < b.lo), a.lo - b.lo};
}

/* a * 10^n; false when it leaves 256 bits. */
static bool scale_up_256(struct u256 *a, unsigned n)
{
    while (n > 0) {
        unsigned step = n < 38 ? n : 38;
        u128 factor = (u128)lt_pow10_i128[step];
        struct u256 low = multiply_128(a->lo, factor), high = multiply_128(a->hi, factor);
        u128 hi = low.hi + high.lo;
        if (high.hi != 0 || hi < low.hi)
            return false;
        *a = (struct u256){hi, low.lo};
        n -= step;
    }
    return true;
}

/* a / b rounded half up; false when the quotient leaves 128 bits. Bit by bit: it
 * is met only where the operands have left the machine's own division. */
static bool divide_256(struct u256 a, struct u256 b, u128 *out)
{
    struct u256 rest = {0, 0};
    u128 quotient = 0;
    for (int bit = 255; bit >= 0; bit--) {
        bool carry = rest.hi >> 127;
        rest.hi = rest.hi << 1 | rest.lo >> 127;
        rest.lo = rest.lo << 1 | ((bit >= 128 ? a.hi >> (bit - 128) : a.lo >> bit) & 1);
        bool fits = carry || !less_256(rest, b);
        if (fits)
            rest = subtract_256(rest, b);
        if (quotient >> 127)
            return false;
        quotient = quotient << 1 | fits;
    }
    struct u256 left = subtract_256(b, rest); /* rest >= b - rest: at or past the half */
    *out = quotient + !less_256(rest, left);
    return *out >= quotient;
}

static bool divide_round(struct u256 a, struct u256 b, u128 *out)
{
    if (a.hi || b.hi)
        return divide_256(a, b, out);
    u128 quotient = a.lo / b.lo, rest = a.lo % b.lo;
    *out = quotient + (rest >= b.lo - rest);
    return true;
}

/* a / b * 10^shift. */
static bool divide_scaled(struct u256 a, struct u256 b, int shift, u128 *out)
{
    if (a.hi == 0 && a.lo == 0) {
        *out = 0;
        return true;
    }
    if (shift > 0 && !scale_up_256(&a, (unsigned)shift))
        return false; /* past 2^256 / 10^38: no precision holds that */
    if (shift < 0 && !scale_up_256(&b, (unsigned)-shift)) {
        *out = 0; /* divided by more than 2^256 */
        return true;
    }
    return divide_round(a, b, out);
}

/* ---- arithmetic ------------------------------------------------------ */

bool lt_decimal_rescale(__int128 value, unsigned from_scale, unsigned to_scale, unsigned precision,
                        __int128 *out)
{
    if (from_scale == to_scale)
        return signed_result(magnitude(value), value < 0, precision, out);
    u128 result;
    int shift = (int)to_scale - (int)from_scale;
    return divide_scaled((struct u256){0, magnitude(value)}, (struct u256){0, 1}, shift, &result) &&
           signed_result(result, value < 0, precision, out);
}

bool lt_decimal_multiply(__int128 a, unsigned sa, __int128 b, unsigned sb, unsigned precision,
                         unsigned scale, __int128 *out)
{
    u128 result;
    struct u256 product = multiply_128(magnitude(a), magnitude(b));
    int shift = (int)scale - (int)(sa + sb);
    return divide_scaled(product, (struct u256){0, 1}, shift, &result) &&
           signed_result(result, (a < 0) != (b < 0), precision, out);
}

bool lt_decimal_divide(__int128 a, unsigned sa, __int128 b, unsigned sb, unsigned precision,
                       unsigned scale, __int128 *out)
{
    LT_ASSERT(b != 0);
    u128 result;
    int shift = (int)scale - (int)sa + (int)sb;
    return divide_scaled((struct u256){0, magnitude(a)}, (struct u256){0, magnitude(b)}, shift,
                         &result) &&
           signed_result(result, (a < 0) != (b < 0), precision, out);
}

/* ---- to and from double ---------------------------------------------- */

/* Below 2^53 and 10^22 both operands are exact and one division rounds once;
 * past that the text is read, which rounds once too. */
double lt_decimal_to_double(__int128 value, unsigned scale)
{
    u128 mag = magnitude(value);
    double result = 0;
    if (mag < ((u128)1 << 53) && scale <= 22) {
        result = (double)(uint64_t)mag / (double)lt_pow10_i128[scale];
    } else {
        char digits[48];
        size_t at = sizeof(digits);
        for (u128 rest = mag; rest; rest /= 10)
            digits[--at] = (char)('0' + (int)(rest % 10));
        result =
            lt_digits_to_double((struct lt_str){digits + at, sizeof(digits) - at}, -(int)scale);
    }
    return value < 0 ? -result : result;
}

/* By way of the shortest text, as new BigDecimal(Double.toString(d)): 0.1 is 0.1. */
bool lt_double_to_decimal(double value, unsigned precision, unsigned scale, __int128 *out)
{
    char text[LT_DOUBLE_TEXT_SIZE];
    if (!isfinite(value))
        return false;
    size_t len = lt_double_text(text, value);
    return lt_text_to_decimal((struct lt_str){text, len}, precision, scale, out);
}

void lt_decimal_print(struct lt_buf *out, __int128 value, unsigned scale)
{
    char text[64];
    size_t at = sizeof(text);
    unsigned digits = 0;
    for (u128 rest = magnitude(value); rest || digits <= scale; rest /= 10) {
        if (digits == scale && scale > 0)
            text[--at] = '.';
        text[--at] = (char)('0' + (int)(rest % 10));
        digits++;
    }
    if (value < 0)
        text[--at] = '-';
    lt_buf_add(out, text + at, sizeof(text) - at);
}
