/* decimal.c -- arithmetic of decimals: unscaled __int128, the scale kept in the type.
 *
 * Everything rounds HALF_UP by magnitude, as Flink does. Results that do not fit
 * the precision asked for are refused, never cut. The common case stays within
 * 128 bits; products that do not are made in 256 bits and divided by powers of
 * ten in steps of 10^18. */
#include "data/value.h"

#include <stdio.h>
#include <stdlib.h>

#define P10(n) ((__int128)1000000000000000000 * (__int128)(n))
#define UP(n) ((__int128)(n))
const __int128 lt_pow10_i128[39] = {
    UP(1),
    UP(10),
    UP(100),
    UP(1000),
    UP(10000),
    UP(100000),
    UP(1000000),
    UP(10000000),
    UP(100000000),
    UP(1000000000),
    UP(10000000000),
    UP(100000000000),
    UP(1000000000000),
    UP(10000000000000),
    UP(100000000000000),
    UP(1000000000000000),
    UP(10000000000000000),
    UP(100000000000000000),
    P10(1),
    P10(10),
    P10(100),
    P10(1000),
    P10(10000),
    P10(100000),
    P10(1000000),
    P10(10000000),
    P10(100000000),
    P10(1000000000),
    P10(10000000000),
    P10(100000000000),
    P10(1000000000000),
    P10(10000000000000),
    P10(100000000000000),
    P10(1000000000000000),
    P10(10000000000000000),
    P10(100000000000000000),
    P10(1000000000000000000),
    P10(1000000000000000000) * 10,
    P10(1000000000000000000) * 100,
};

typedef unsigned __int128 u128;

static inline u128 magnitude(__int128 value)
{
    return value < 0 ? -(u128)value : (u128)value;
}

/* Gives a magnitude its sign, if it has at most `precision` digits. */
static inline bool decimal_of(u128 value, bool negative, unsigned precision, __int128 *out)
{
    if (value >= (u128)lt_pow10_i128[precision])
        return false;
    *out = negative ? -(__int128)value : (__int128)value;
    return true;
}

static inline u128 divide_half_up(u128 value, u128 by)
{
    u128 quotient = value / by, rest = value % by;
    return quotient + (rest >= by - rest);
}

bool lt_decimal_rescale(__int128 value, unsigned from_scale, unsigned to_scale, unsigned precision,
                        __int128 *out)
{
    u128 scaled = magnitude(value);
    if (to_scale >= from_scale) {
        u128 factor = (u128)lt_pow10_i128[to_scale - from_scale];
        if (scaled >= (u128)lt_pow10_i128[precision])
            return false;
        if (__builtin_mul_overflow(scaled, factor, &scaled))
            return false;
    } else {
        scaled = divide_half_up(scaled, (u128)lt_pow10_i128[from_scale - to_scale]);
    }
    return decimal_of(scaled, value < 0, precision, out);
}

/* 256 bits, least significant limb first. */
struct wide {
    uint64_t limb[4];
};

static struct wide wide_multiply(u128 a, u128 b)
{
    struct wide product = {{0}};
    uint64_t x[2] = {(uint64_t)a, (uint64_t)(a >> 64)};
    uint64_t y[2] = {(uint64_t)b, (uint64_t)(b >> 64)};
    for (int i = 0; i < 2; i++) {
        u128 carry = 0;
        for (int j = 0; j < 2; j++) {
            carry += (u128)x[i] * y[j] + product.limb[i + j];
            product.limb[i + j] = (uint64_t)carry;
            carry >>= 64;
        }
        product.limb[i + 2] = (uint64_t)carry;
    }
    return product;
}

/* Divides in place; the rest is dropped. */
static void wide_divide(struct wide *wide, uint64_t by)
{
    u128 rest = 0;
    for (int i = 3; i >= 0; i--) {
        rest = rest << 64 | wide->limb[i];
        wide->limb[i] = (uint64_t)(rest / by);
        rest %= by;
    }
}

/* wide / 10^digits, rounded by the first digit dropped; false when above 128 bits. */
static bool wide_scale_down(struct wide wide, unsigned digits, u128 *out)
{
    for (; digits > 18; digits -= 18)
        wide_divide(&wide, 1000000000000000000u);
    if (digits > 1)
        wide_divide(&wide, (uint64_t)lt_pow10_i128[digits - 1]);
    if (wide.limb[3] || wide.limb[2])
        return false;
    u128 value = (u128)wide.limb[1] << 64 | wide.limb[0];
    *out = digits ? divide_half_up(value, 10) : value;
    return true;
}

bool lt_decimal_multiply(__int128 a, unsigned sa, __int128 b, unsigned sb, unsigned precision,
                         unsigned scale, __int128 *out)
{
    bool negative = (a < 0) != (b < 0);
    unsigned full = sa + sb;
    u128 product;
    if (!__builtin_mul_overflow(magnitude(a), magnitude(b), &product) &&
        (full <= scale || full - scale <= LT_DECIMAL_PRECISION_MAX)) {
        if (full > scale)
            product = divide_half_up(product, (u128)lt_pow10_i128[full - scale]);
        else if (__builtin_mul_overflow(product, (u128)lt_pow10_i128[scale - full], &product))
            return false;
        return decimal_of(product, negative, precision, out);
    }
    if (full < scale)
        return false; /* above 128 bits already, and still to grow */
    if (!wide_scale_down(wide_multiply(magnitude(a), magnitude(b)), full - scale, &product))
        return false;
    return decimal_of(product, negative, precision, out);
}

/* floor(rest * 10 / by) and the new rest; rest < by <= 10^38, so sums stay in range. */
static unsigned next_digit(u128 *rest, u128 by)
{
    u128 sum = 0;
    unsigned digit = 0;
    for (int i = 0; i < 10; i++) {
        sum += *rest;
        if (sum >= by) {
            sum -= by;
            digit++;
        }
    }
    *rest = sum;
    return digit;
}

bool lt_decimal_divide(__int128 a, unsigned sa, __int128 b, unsigned sb, unsigned precision,
                       unsigned scale, __int128 *out)
{
    LT_ASSERT(b != 0);
    bool negative = (a < 0) != (b < 0);
    u128 x = magnitude(a), y = magnitude(b), scaled;
    int digits = (int)scale - (int)sa + (int)sb; /* a / b * 10^digits */
    if (digits < 0) {
        if (-digits > LT_DECIMAL_PRECISION_MAX ||
            __builtin_mul_overflow(y, (u128)lt_pow10_i128[-digits], &y))
            return decimal_of(0, false, precision, out); /* 2 |a| < 2^128 <= the divisor */
        return decimal_of(divide_half_up(x, y), negative, precision, out);
    }
    if (digits <= LT_DECIMAL_PRECISION_MAX &&
        !__builtin_mul_overflow(x, (u128)lt_pow10_i128[digits], &scaled))
        return decimal_of(divide_half_up(scaled, y), negative, precision, out);
    u128 quotient = x / y, rest = x % y;
    for (int i = 0; i < digits; i++) {
        if (quotient >= (u128)lt_pow10_i128[37])
            return false;
        quotient = quotient * 10 + next_digit(&rest, y);
    }
    return decimal_of(quotient + (rest >= y - rest), negative, precision, out);
}

double lt_decimal_to_double(__int128 value, unsigned scale)
{
    if (magnitude(value) <= (u128)1 << 53 && scale <= 22) {
        double power = 1;
        for (unsigned i = 0; i < scale; i++)
            power *= 10; /* exact up to 10^22 */
        return (double)value / power;
    }
    char text[LT_DECIMAL_PRECISION_MAX + 16];
    char *at = text + sizeof(text) - 8;
    int n = snprintf(at, 8, "e-%u", scale);
    LT_ASSERT(n > 0 && n < 8);
    u128 rest = magnitude(value);
    do {
        *--at = (char)('0' + (unsigned)(rest % 10));
        rest /= 10;
    } while (rest);
    double result = strtod(at, NULL);
    return value < 0 ? -result : result;
}

bool lt_double_to_decimal(double value, unsigned precision, unsigned scale, __int128 *out)
{
    char text[32];
    /* The shortest digits that read back, as BigDecimal.valueOf(double) takes them. */
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*e", digits - 1, value);
        if (strtod(text, NULL) == value)
            break;
    }
    for (char *c = text; *c; c++)
        if (*c == ',')
            *c = '.'; /* the host may have set another locale */
    return lt_text_to_decimal(lt_str_of(text), precision, scale, out);
}

void lt_decimal_print(struct lt_buf *out, __int128 value, unsigned scale)
{
    char text[2 * LT_DECIMAL_PRECISION_MAX + 8];
    char *end = text + sizeof(text), *at = end;
    u128 rest = magnitude(value);
    unsigned written = 0;
    do {
        if (written == scale && scale)
            *--at = '.';
        *--at = (char)('0' + (unsigned)(rest % 10));
        rest /= 10;
        written++;
    } while (rest || written <= scale);
    if (value < 0)
        *--at = '-';
    lt_buf_add(out, at, (size_t)(end - at));
}
