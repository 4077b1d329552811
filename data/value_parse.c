/* value_parse.c -- text to values: the rules of CAST from STRING, used by formats too.
 *
 * Strict: the whole text must be the value, blanks around it aside. Nothing here
 * depends on the process's locale. Fractions of a second past microseconds are cut. */
#include "data/value.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static struct lt_str text_trim(struct lt_str text)
{
    while (text.len && (unsigned char)text.data[0] <= ' ')
        text.data++, text.len--;
    while (text.len && (unsigned char)text.data[text.len - 1] <= ' ')
        text.len--;
    return text;
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool lt_text_to_i64(struct lt_str text, int64_t *out)
{
    text = text_trim(text);
    bool negative = text.len && text.data[0] == '-';
    size_t i = text.len && (text.data[0] == '-' || text.data[0] == '+');
    if (i == text.len)
        return false;
    int64_t value = 0; /* kept negative: its range is the larger one */
    for (; i < text.len; i++) {
        if (!is_digit(text.data[i]) || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, text.data[i] - '0', &value))
            return false;
    }
    if (!negative && value == INT64_MIN)
        return false;
    *out = negative ? value : -value;
    return true;
}

/* A number in scientific notation, taken apart. */
struct number {
    bool negative;
    const char *digits; /* with at most one '.' among them */
    size_t len;
    size_t n_integer; /* digits before the point */
    int64_t exponent;
};

static bool number_split(struct lt_str text, struct number *number)
{
    size_t i = 0, n_digits = 0;
    bool point = false;
    *number = (struct number){.negative = text.len && text.data[0] == '-'};
    if (text.len && (text.data[0] == '-' || text.data[0] == '+'))
        i++;
    number->digits = text.data + i;
    for (; i < text.len && (is_digit(text.data[i]) || (text.data[i] == '.' && !point)); i++) {
        if (text.data[i] == '.') {
            point = true;
            continue;
        }
        n_digits++;
        if (!point)
            number->n_integer++;
    }
    number->len = (size_t)(text.data + i - number->digits);
    if (n_digits == 0)
        return false;
    if (i == text.len)
        return true;
    if (text.data[i] != 'e' && text.data[i] != 'E')
        return false;
    struct lt_str exponent = {text.data + i + 1, text.len - i - 1};
    if (exponent.len == 0 || (unsigned char)exponent.data[0] <= ' ')
        return false;
    return lt_text_to_i64(exponent, &number->exponent) && number->exponent > -100000 &&
           number->exponent < 100000;
}

static bool word_to_double(struct lt_str text, double *out)
{
    bool negative = text.len && text.data[0] == '-';
    if (text.len && (text.data[0] == '-' || text.data[0] == '+'))
        text.data++, text.len--;
    if (lt_str_equal_nocase(text, LT_STR("nan")))
        *out = NAN;
    else if (lt_str_equal_nocase(text, LT_STR("infinity")) ||
             lt_str_equal_nocase(text, LT_STR("inf")))
        *out = negative ? -INFINITY : INFINITY;
    else
        return false;
    return true;
}

/* strtod on a NUL-terminated copy that spells the point as the locale does. */
static bool slow_to_double(const struct number *number, double *out)
{
    enum { DIGITS_MAX = 800 }; /* more than any double can need (767) */
    char copy[DIGITS_MAX + 16];
    size_t len = 0;
    int64_t dropped = 0;
    bool seen_point = false;
    const char *point = localeconv()->decimal_point;
    if (strlen(point) != 1)
        return false;
    for (size_t i = 0; i < number->len; i++) {
        char c = number->digits[i];
        if (c == '.')
            seen_point = true;
        if (len >= DIGITS_MAX) {
            dropped += c != '.' && !seen_point; /* far digits only scale */
            continue;
        }
        copy[len++] = c == '.' ? point[0] : c;
    }
    snprintf(copy + len, sizeof(copy) - len, "e%lld", (long long)(number->exponent + dropped));
    double value = strtod(copy, NULL);
    *out = number->negative ? -value : value;
    return true;
}

bool lt_text_to_double(struct lt_str text, double *out)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    struct number number;
    text = text_trim(text);
    if (!number_split(text, &number))
        return word_to_double(text, out);
    uint64_t mantissa = 0;
    size_t n_digits = 0;
    for (size_t i = 0; i < number.len && n_digits < 19; i++) {
        if (number.digits[i] == '.')
            continue;
        mantissa = mantissa * 10 + (uint64_t)(number.digits[i] - '0');
        n_digits++;
    }
    size_t all_digits = number.len - (memchr(number.digits, '.', number.len) != NULL);
    int64_t exponent = number.exponent - (int64_t)(all_digits - number.n_integer);
    /* Clinger's fast path: both factors exact, one rounding. */
    if (n_digits == all_digits && mantissa <= UINT64_C(1) << 53 && exponent >= -22 &&
        exponent <= 22) {
        double value = (double)mantissa;
        value = exponent < 0 ? value / powers[-exponent] : value * powers[exponent];
        *out = number.negative ? -value : value;
        return true;
    }
    return slow_to_double(&number, out);
}

bool lt_text_to_decimal(struct lt_str text, unsigned precision, unsigned scale, __int128 *out)
{
    struct number number;
    if (!number_split(text_trim(text), &number))
        return false;
    /* The first `wanted` digits make the unscaled value; the next one rounds it. */
    int64_t wanted = (int64_t)number.n_integer + number.exponent + (int64_t)scale;
    unsigned __int128 value = 0;
    int64_t taken = 0;
    bool round_up = false, is_zero = true;
    for (size_t i = 0; i < number.len; i++) {
        if (number.digits[i] == '.')
            continue;
        unsigned digit = (unsigned)(number.digits[i] - '0');
        is_zero &= digit == 0;
        if (taken == wanted)
            round_up = digit >= 5;
        if (taken < wanted) {
            if (value >= (unsigned __int128)lt_pow10_i128[37])
                return false;
            value = value * 10 + digit;
        }
        taken++;
    }
    for (; taken < wanted && !is_zero; taken++) {
        if (value >= (unsigned __int128)lt_pow10_i128[37])
            return false;
        value *= 10;
    }
    value += round_up;
    if (value >= (unsigned __int128)lt_pow10_i128[precision])
        return false;
    *out = number.negative ? -(__int128)value : (__int128)value;
    return true;
}

bool lt_text_to_boolean(struct lt_str text, bool *out)
{
    static const char *const words[2][5] = {{"false", "f", "no", "n", "0"},
                                            {"true", "t", "yes", "y", "1"}};
    text = text_trim(text);
    for (unsigned value = 0; value < 2; value++) {
        for (unsigned i = 0; i < 5; i++) {
            if (lt_str_equal_nocase(text, lt_str_of(words[value][i]))) {
                *out = value;
                return true;
            }
        }
    }
    return false;
}

/* ---- calendar and clock ------------------------------------------------- */

/* Reads min..max digits as a number; *at moves on. */
static bool take_number(struct lt_str *at, unsigned min, unsigned max, unsigned *out)
{
    unsigned n = 0, value = 0;
    while (n < max && n < at->len && is_digit(at->data[n]))
        value = value * 10 + (unsigned)(at->data[n++] - '0');
    if (n < min)
        return false;
    at->data += n;
    at->len -= n;
    *out = value;
    return true;
}

static bool take_char(struct lt_str *at, char c)
{
    if (at->len == 0 || at->data[0] != c)
        return false;
    at->data++;
    at->len--;
    return true;
}

static bool take_date(struct lt_str *at, int64_t *days)
{
    unsigned year, month, day;
    bool negative = take_char(at, '-');
    if (!take_number(at, 1, 6, &year) || !take_char(at, '-') || !take_number(at, 1, 2, &month) ||
        !take_char(at, '-') || !take_number(at, 1, 2, &day))
        return false;
    int32_t signed_year = negative ? -(int32_t)year : (int32_t)year;
    if (!lt_civil_valid(signed_year, month, day))
        return false;
    *days = lt_days_from_civil(signed_year, month, day);
    return true;
}

static bool take_time(struct lt_str *at, int64_t *us)
{
    unsigned hour, minute, second = 0, fraction = 0;
    if (!take_number(at, 1, 2, &hour) || !take_char(at, ':') || !take_number(at, 1, 2, &minute))
        return false;
    if (take_char(at, ':')) {
        if (!take_number(at, 1, 2, &second))
            return false;
        if (take_char(at, '.')) {
            unsigned digits = 0;
            for (; at->len && is_digit(at->data[0]); at->data++, at->len--, digits++)
                if (digits < 6)
                    fraction = fraction * 10 + (unsigned)(at->data[0] - '0');
            if (digits == 0)
                return false;
            for (; digits < 6; digits++)
                fraction *= 10;
        }
    }
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *us = hour * LT_US_PER_HOUR + minute * LT_US_PER_MINUTE + second * LT_US_PER_SECOND + fraction;
    return true;
}

/* A date, then perhaps a blank or 'T' and a time. */
static bool take_timestamp(struct lt_str *at, int64_t *us)
{
    int64_t days, time = 0;
    if (!take_date(at, &days))
        return false;
    if (at->len > 1 && (at->data[0] == ' ' || at->data[0] == 'T') && is_digit(at->data[1])) {
        at->data++;
        at->len--;
        if (!take_time(at, &time))
            return false;
    }
    *us = days * LT_US_PER_DAY + time;
    return true;
}

/* Z, UTC, or an offset such as +02:00, +0200, +02. */
static bool take_zone(struct lt_str *at, int64_t *offset_us)
{
    unsigned hour, minute = 0;
    while (take_char(at, ' '))
        continue;
    *offset_us = 0;
    if (take_char(at, 'Z') || take_char(at, 'z'))
        return true;
    bool west = at->len && at->data[0] == '-';
    if (!west && (at->len == 0 || at->data[0] != '+'))
        return false;
    at->data++;
    at->len--;
    if (!take_number(at, 2, 2, &hour))
        return false;
    if (take_char(at, ':') ? !take_number(at, 2, 2, &minute)
                           : at->len && !take_number(at, 2, 2, &minute))
        return false;
    if (hour > 18 || minute > 59)
        return false;
    *offset_us = (west ? -1 : 1) * (hour * LT_US_PER_HOUR + minute * LT_US_PER_MINUTE);
    return true;
}

bool lt_text_to_date(struct lt_str text, int32_t *days)
{
    int64_t us;
    if (!lt_text_to_timestamp(text, &us))
        return false;
    *days = (int32_t)lt_floor_div(us, LT_US_PER_DAY);
    return true;
}

bool lt_text_to_time(struct lt_str text, int64_t *us)
{
    int64_t found;
    text = text_trim(text);
    if (!take_time(&text, &found) || text.len)
        return false;
    *us = found;
    return true;
}

bool lt_text_to_timestamp(struct lt_str text, int64_t *us)
{
    int64_t found;
    text = text_trim(text);
    if (!take_timestamp(&text, &found) || text.len)
        return false;
    *us = found;
    return true;
}

bool lt_text_to_ltz(struct lt_str text, const struct lt_tz *zone, int64_t *us)
{
    int64_t found, offset;
    text = text_trim(text);
    if (!take_timestamp(&text, &found))
        return false;
    if (text.len == 0) {
        *us = lt_tz_to_instant(zone, found);
        return true;
    }
    if (!take_zone(&text, &offset) || text.len)
        return false;
    *us = found - offset;
    return true;
}

/* ---- lanes -------------------------------------------------------------- */

static bool integer_lane(struct lt_str text, struct lt_column *col, uint32_t row)
{
    int64_t value;
    if (!lt_text_to_i64(text, &value))
        return false;
    switch (col->type->kind) {
    case LT_TYPE_TINYINT:
        ((int8_t *)col->values)[row] = (int8_t)value;
        return value == (int8_t)value;
    case LT_TYPE_SMALLINT:
        ((int16_t *)col->values)[row] = (int16_t)value;
        return value == (int16_t)value;
    case LT_TYPE_INT:
        ((int32_t *)col->values)[row] = (int32_t)value;
        return value == (int32_t)value;
    default:
        ((int64_t *)col->values)[row] = value;
        return true;
    }
}

static bool real_lane(struct lt_str text, struct lt_column *col, uint32_t row)
{
    double value;
    if (!lt_text_to_double(text, &value))
        return false;
    if (col->phys == LT_PHYS_F32)
        ((float *)col->values)[row] = (float)value;
    else
        ((double *)col->values)[row] = value;
    return true;
}

static bool time_lane(struct lt_str text, struct lt_column *col, uint32_t row,
                      const struct lt_tz *zone)
{
    int64_t us;
    if (col->type->kind == LT_TYPE_DATE)
        return lt_text_to_date(text, (int32_t *)col->values + row);
    if (!(col->type->kind == LT_TYPE_TIME            ? lt_text_to_time(text, &us)
          : col->type->kind == LT_TYPE_TIMESTAMP_LTZ ? lt_text_to_ltz(text, zone, &us)
                                                     : lt_text_to_timestamp(text, &us)))
        return false;
    ((int64_t *)col->values)[row] = lt_time_truncate(us, col->type->precision);
    return true;
}

/* CHAR and VARCHAR count code points; text that is too long is refused, never cut. */
static bool text_fits(struct lt_str text, const struct lt_type *type)
{
    if (text.len <= type->length)
        return true;
    if (lt_type_is_binary(type))
        return false;
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    return n <= type->length;
}

lt_status lt_text_to_lane(struct lt_str text, struct lt_column *col, uint32_t row,
                          const struct lt_tz *zone)
{
    bool fits = false;
    switch (col->type->kind) {
    case LT_TYPE_BOOLEAN: {
        bool value = false;
        fits = lt_text_to_boolean(text, &value);
        ((int8_t *)col->values)[row] = value;
        break;
    }
    case LT_TYPE_TINYINT:
    case LT_TYPE_SMALLINT:
    case LT_TYPE_INT:
    case LT_TYPE_BIGINT: fits = integer_lane(text, col, row); break;
    case LT_TYPE_FLOAT:
    case LT_TYPE_DOUBLE: fits = real_lane(text, col, row); break;
    case LT_TYPE_DECIMAL:
        fits = lt_text_to_decimal(text, col->type->precision, col->type->scale,
                                  (__int128 *)col->values + row);
        break;
    case LT_TYPE_CHAR:
    case LT_TYPE_VARCHAR:
    case LT_TYPE_BINARY:
    case LT_TYPE_VARBINARY:
        if (text_fits(text, col->type))
            return lt_column_put_str(col, row, text);
        break;
    case LT_TYPE_DATE:
    case LT_TYPE_TIME:
    case LT_TYPE_TIMESTAMP:
    case LT_TYPE_TIMESTAMP_LTZ: fits = time_lane(text, col, row, zone); break;
    default: break;
    }
    return fits ? LT_OK : LT_DATA;
}

int64_t lt_time_truncate(int64_t us, unsigned precision)
{
    static const int64_t units[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    return precision >= 6 ? us : us - lt_floor_mod(us, units[precision]);
}
