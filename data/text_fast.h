/* text_fast.h -- the usual forms of numbers and times, read eight bytes at a time.
 *
 * The decoders' way in. Each function reads one common form and nothing else: it returns true
 * with the very value the strict reader of value.h gives, or false, which says nothing about
 * the text: ask the strict one. So they share no rule about what is valid, only results.
 *
 * They look at LT_FAST_SLACK bytes from `at` on, whatever `len` is; a caller near the end of
 * its buffer uses the strict readers. `len` may be 0. */
#ifndef LT_DATA_TEXT_FAST_H
#define LT_DATA_TEXT_FAST_H

#include "base/swar.h"
#include "data/value.h"

enum { LT_FAST_SLACK = 32 };

/* 1 to 8 bytes as digits, moved up so that the last is in the last lane; zeros before them. */
static inline uint64_t lt_fast_word(const char *at, size_t len)
{
    return lt_swar_digits(lt_swar_load(at)) << (64 - 8 * len);
}

/* Digits only, 1 to 19 of them, up to 10^19 - 1. */
static inline bool lt_fast_u64(const char *at, size_t len, uint64_t *out)
{
    if (len - 1 < 8) {
        uint64_t word = lt_fast_word(at, len);
        *out = lt_swar_number(word);
        return lt_swar_not_digits(word) == 0;
    }
    if (len - 9 < 11) {
        size_t head = len > 16 ? len - 16 : 0; /* digits before the last sixteen */
        uint64_t top = head ? lt_fast_word(at, head) : 0;
        uint64_t high = lt_fast_word(at + head, len - head - 8);
        uint64_t low = lt_swar_digits(lt_swar_load(at + len - 8));
        *out = (lt_swar_number(top) * 100000000 + lt_swar_number(high)) * 100000000 +
               lt_swar_number(low);
        return (lt_swar_not_digits(top) | lt_swar_not_digits(high) | lt_swar_not_digits(low)) == 0;
    }
    return false;
}

/* Digits, perhaps behind a '-'. */
static inline bool lt_fast_i64(const char *at, size_t len, int64_t *out)
{
    size_t minus = len > 1 && *at == '-';
    uint64_t value;
    if (!lt_fast_u64(at + minus, len - minus, &value) || value > INT64_MAX)
        return false;
    *out = minus ? -(int64_t)value : (int64_t)value;
    return true;
}

/* A number without an exponent: digits * 10^-places, at most 19 digits. */
struct lt_fast_fixed {
    uint64_t digits;
    unsigned places;
    bool minus;
};

static inline bool lt_fast_fixed_long(const char *at, size_t len, struct lt_fast_fixed *out)
{
    const char *dot = len <= 20 ? memchr(at, '.', len) : NULL;
    uint64_t whole = 0, fraction = 0;
    out->places = 0;
    if (!dot)
        return lt_fast_u64(at, len, &out->digits);
    size_t n = (size_t)(dot - at), places = len - n - 1;
    static const uint64_t pow10[20] = {1,
                                       10,
                                       100,
                                       1000,
                                       10000,
                                       100000,
                                       1000000,
                                       10000000,
                                       100000000,
                                       1000000000,
                                       UINT64_C(10000000000),
                                       UINT64_C(100000000000),
                                       UINT64_C(1000000000000),
                                       UINT64_C(10000000000000),
                                       UINT64_C(100000000000000),
                                       UINT64_C(1000000000000000),
                                       UINT64_C(10000000000000000),
                                       UINT64_C(100000000000000000),
                                       UINT64_C(1000000000000000000),
                                       UINT64_C(10000000000000000000)};
    if ((n && !lt_fast_u64(at, n, &whole)) || (places && !lt_fast_u64(dot + 1, places, &fraction)))
        return false;
    out->digits = whole * pow10[places] + fraction;
    out->places = (unsigned)places;
    return true;
}

static inline bool lt_fast_fixed(const char *at, size_t len, struct lt_fast_fixed *out)
{
    out->minus = len > 1 && *at == '-';
    at += out->minus;
    len -= out->minus;
    if (len - 1 >= 8)
        return len && lt_fast_fixed_long(at, len, out);
    uint64_t word = lt_fast_word(at, len);
    uint64_t dot = lt_swar_zero(word ^ lt_swar_splat('.' ^ '0'));
    out->places = 0;
    if (dot) { /* what stands before the dot moves up over it */
        unsigned lane = lt_swar_first(dot);
        uint64_t before = (UINT64_C(1) << (8 * lane)) - 1;
        word = (word & before) << 8 | (word & ~(before << 8 | 0xFF));
        out->places = 7 - lane;
        if (len == 1)
            return false;
    }
    out->digits = lt_swar_number(word);
    return lt_swar_not_digits(word) == 0;
}

static inline bool lt_fixed_to_decimal(const struct lt_fast_fixed *fixed, unsigned precision,
                                       unsigned scale, __int128 *out)
{
    if (fixed->places > scale || scale - fixed->places > 18)
        return false; /* past 18, the product below might not fit */
    __int128 value = (__int128)fixed->digits * lt_pow10_i128[scale - fixed->places];
    if (value >= lt_pow10_i128[precision])
        return false;
    *out = fixed->minus ? -value : value;
    return true;
}

static inline bool lt_fixed_to_double(const struct lt_fast_fixed *fixed, double *out)
{
    static const double pow10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,
                                   1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19};
    double value;
    if (fixed->digits <= UINT64_C(1) << 53) /* exact operands, one rounding */
        value = (double)fixed->digits / pow10[fixed->places];
    else if (!lt_real_of_decimal(fixed->digits, -(int)fixed->places, 53, &value))
        return false;
    *out = fixed->minus ? -value : value;
    return true;
}

/* Read as a float at once: rounding a double again would round twice. */
static inline bool lt_fixed_to_float(const struct lt_fast_fixed *fixed, float *out)
{
    static const float pow10[] = {1e0f, 1e1f, 1e2f, 1e3f, 1e4f, 1e5f,
                                  1e6f, 1e7f, 1e8f, 1e9f, 1e10f};
    float value;
    double real;
    if (fixed->digits <= 1u << 24 && fixed->places <= 10)
        value = (float)fixed->digits / pow10[fixed->places];
    else if (lt_real_of_decimal(fixed->digits, -(int)fixed->places, 24, &real))
        value = (float)real;
    else
        return false;
    *out = fixed->minus ? -value : value;
    return true;
}

static inline bool lt_fast_decimal(const char *at, size_t len, unsigned precision, unsigned scale,
                                   __int128 *out)
{
    struct lt_fast_fixed fixed;
    return lt_fast_fixed(at, len, &fixed) && lt_fixed_to_decimal(&fixed, precision, scale, out);
}
static inline bool lt_fast_double(const char *at, size_t len, double *out)
{
    struct lt_fast_fixed fixed;
    return lt_fast_fixed(at, len, &fixed) && lt_fixed_to_double(&fixed, out);
}
static inline bool lt_fast_float(const char *at, size_t len, float *out)
{
    struct lt_fast_fixed fixed;
    return lt_fast_fixed(at, len, &fixed) && lt_fixed_to_float(&fixed, out);
}

/* ---- dates and times ---------------------------------------------------- */

/* The last date that was read: rows that follow each other mostly share it. */
struct lt_fast_day {
    uint64_t text; /* "YYYY-MM-" */
    char day[2];
    int32_t days;
};
static inline struct lt_fast_day lt_fast_day_init(void)
{
    return (struct lt_fast_day){.text = lt_swar_load("1970-01-"), .day = {'0', '1'}};
}

/* "YYYY-MM-DD" at `at`. */
static inline bool lt_fast_day(const char *at, struct lt_fast_day *last, int32_t *days)
{
    uint64_t text = lt_swar_load(at);
    if (text != last->text || memcmp(at + 8, last->day, 2) != 0) {
        /* "YYYY-MM-" with zeros for the separators, and "DD". */
        uint64_t month = text ^ UINT64_C(0x2D30302D30303030);
        unsigned tens = (unsigned char)at[8] - (unsigned)'0';
        unsigned ones = (unsigned char)at[9] - (unsigned)'0';
        if (lt_swar_not_digits(month) || (month & UINT64_C(0xFF0000FF00000000)) || tens > 9 ||
            ones > 9)
            return false;
        uint64_t pairs = month * 10 + (month >> 8);
        int32_t year = (int32_t)((pairs & 0xFF) * 100 + (pairs >> 16 & 0xFF));
        unsigned number = pairs >> 40 & 0xFF, day = tens * 10 + ones;
        if (!lt_civil_valid(year, number, day))
            return false;
        last->text = text;
        memcpy(last->day, at + 8, 2);
        last->days = (int32_t)lt_days_from_civil(year, number, day);
    }
    *days = last->days;
    return true;
}

static inline bool lt_fast_date(const char *at, size_t len, struct lt_fast_day *last, int32_t *days)
{
    return len == 10 && lt_fast_day(at, last, days);
}

/* "hh:mm:ss" and up to six digits behind a '.', of which `precision` count. */
static inline bool lt_fast_time(const char *at, size_t len, unsigned precision, int64_t *us)
{
    uint64_t text = lt_swar_load(at) ^ UINT64_C(0x30303A30303A3030);
    uint64_t pairs = text * 10 + (text >> 8);
    unsigned hour = pairs & 0xFF, minute = pairs >> 24 & 0xFF, second = pairs >> 48 & 0xFF;
    if (lt_swar_not_digits(text) || (text & UINT64_C(0x0000FF0000FF0000)) || hour > 23 ||
        minute > 59 || second > 59)
        return false;
    uint64_t fraction = 0;
    if (len != 8) {
        size_t places = len - 9;
        if (places - 1 >= 6 || at[8] != '.')
            return false;
        uint64_t word = lt_swar_digits(lt_swar_load(at + 9));
        word &= (UINT64_C(1) << (8 * places)) - 1;
        if (lt_swar_not_digits(word))
            return false;
        if (places > precision)
            word &= (UINT64_C(1) << (8 * precision)) - 1;
        fraction = lt_swar_number(word << 16); /* of a second, as six digits */
    }
    *us = (int64_t)(((hour * 60 + minute) * 60 + second) * UINT64_C(1000000) + fraction);
    return true;
}

/* A date, then ' ' or 'T' and a time; or a date alone. */
static inline bool lt_fast_timestamp(const char *at, size_t len, struct lt_fast_day *last,
                                     unsigned precision, int64_t *us)
{
    int32_t days;
    int64_t of_day = 0;
    if (len < 19 && len != 10)
        return false;
    if (!lt_fast_day(at, last, &days))
        return false;
    if (len > 10 &&
        ((at[10] != ' ' && at[10] != 'T') || !lt_fast_time(at + 11, len - 11, precision, &of_day)))
        return false;
    *us = days * LT_US_PER_DAY + of_day;
    return true;
}

#endif
