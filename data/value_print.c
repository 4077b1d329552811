/* value_print.c -- values to text: what CAST to STRING gives, and every sink shows.
 *
 * Doubles print the fewest digits that read back, in the form of Java's
 * Double.toString, because that is what a Flink user compares with. */
#include "data/value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Digits and decimal exponent of a finite, non-zero value: d.ddd x 10^exponent. */
struct digits {
    char text[24];
    int len;
    int exponent;
};

static void digits_take(struct digits *digits, const char *scientific)
{
    const char *at = scientific;
    digits->len = 0;
    for (; *at && *at != 'e'; at++) /* skips whatever point the locale writes */
        if (*at >= '0' && *at <= '9')
            digits->text[digits->len++] = *at;
    digits->exponent = (int)strtol(at + 1, NULL, 10);
    while (digits->len > 1 && digits->text[digits->len - 1] == '0')
        digits->len--;
}

static void digits_print(struct lt_buf *out, const struct digits *digits)
{
    int exponent = digits->exponent;
    if (exponent < -3 || exponent >= 7) {
        lt_buf_addc(out, digits->text[0]);
        lt_buf_addc(out, '.');
        if (digits->len > 1)
            lt_buf_add(out, digits->text + 1, (size_t)digits->len - 1);
        else
            lt_buf_addc(out, '0');
        lt_buf_addf(out, "E%d", exponent);
        return;
    }
    if (exponent < 0) {
        lt_buf_adds(out, "0.");
        for (int i = -1; i > exponent; i--)
            lt_buf_addc(out, '0');
        lt_buf_add(out, digits->text, (size_t)digits->len);
        return;
    }
    for (int i = 0; i <= exponent; i++)
        lt_buf_addc(out, i < digits->len ? digits->text[i] : '0');
    lt_buf_addc(out, '.');
    if (digits->len > exponent + 1)
        lt_buf_add(out, digits->text + exponent + 1, (size_t)(digits->len - exponent - 1));
    else
        lt_buf_addc(out, '0');
}

/* Zero, NaN and infinities; true when it was one of them. */
static bool special_print(struct lt_buf *out, double value)
{
    if (isnan(value))
        lt_buf_adds(out, "NaN");
    else if (isinf(value))
        lt_buf_adds(out, value < 0 ? "-Infinity" : "Infinity");
    else if (value == 0)
        lt_buf_adds(out, signbit(value) ? "-0.0" : "0.0");
    else
        return false;
    return true;
}

void lt_double_print(struct lt_buf *out, double value)
{
    if (special_print(out, value))
        return;
    char text[40];
    struct digits digits;
    if (value < 0)
        lt_buf_addc(out, '-');
    value = fabs(value);
    for (int n = 15; n <= 17; n++) {
        snprintf(text, sizeof(text), "%.*e", n - 1, value);
        if (strtod(text, NULL) == value)
            break;
    }
    digits_take(&digits, text);
    digits_print(out, &digits);
}

void lt_float_print(struct lt_buf *out, float value)
{
    if (special_print(out, value))
        return;
    char text[40];
    struct digits digits;
    if (value < 0)
        lt_buf_addc(out, '-');
    value = fabsf(value);
    for (int n = 6; n <= 9; n++) {
        snprintf(text, sizeof(text), "%.*e", n - 1, (double)value);
        if (strtof(text, NULL) == value)
            break;
    }
    digits_take(&digits, text);
    digits_print(out, &digits);
}

/* `value` as `width` digits with leading zeros. */
static char *put_digits(char *at, unsigned value, unsigned width)
{
    for (unsigned i = width; i-- > 0; value /= 10)
        at[i] = (char)('0' + value % 10);
    return at + width;
}

static void date_print(struct lt_buf *out, int64_t days)
{
    int32_t year;
    unsigned month, day;
    char text[8], *at = text;
    lt_civil_from_days(days, &year, &month, &day);
    if (year >= 0 && year <= 9999) {
        char digits[4];
        put_digits(digits, (unsigned)year, 4);
        lt_buf_add(out, digits, 4);
    } else {
        lt_buf_addf(out, "%s%04d", year < 0 ? "-" : "", abs(year));
    }
    *at++ = '-';
    at = put_digits(at, month, 2);
    *at++ = '-';
    at = put_digits(at, day, 2);
    lt_buf_add(out, text, (size_t)(at - text));
}

static void clock_print(struct lt_buf *out, int64_t us_of_day, unsigned precision)
{
    char text[16], *at = text;
    unsigned seconds = (unsigned)(us_of_day / LT_US_PER_SECOND);
    at = put_digits(at, seconds / 3600, 2);
    *at++ = ':';
    at = put_digits(at, seconds / 60 % 60, 2);
    *at++ = ':';
    at = put_digits(at, seconds % 60, 2);
    if (precision > 0) {
        *at++ = '.';
        put_digits(at, (unsigned)(us_of_day % LT_US_PER_SECOND), 6);
        at += precision < 6 ? precision : 6;
    }
    lt_buf_add(out, text, (size_t)(at - text));
}

static void timestamp_print(struct lt_buf *out, int64_t us, unsigned precision)
{
    date_print(out, lt_floor_div(us, LT_US_PER_DAY));
    lt_buf_addc(out, ' ');
    clock_print(out, lt_floor_mod(us, LT_US_PER_DAY), precision);
}

/* "+1 02:03:04.500000", as Flink prints a day-time interval. */
static void interval_day_print(struct lt_buf *out, int64_t us)
{
    uint64_t rest = us < 0 ? -(uint64_t)us : (uint64_t)us;
    lt_buf_addf(out, "%c%llu ", us < 0 ? '-' : '+',
                (unsigned long long)(rest / (uint64_t)LT_US_PER_DAY));
    uint64_t of_day = rest % (uint64_t)LT_US_PER_DAY;
    clock_print(out, (int64_t)of_day, of_day % 1000 ? 6 : 3);
}

static void interval_month_print(struct lt_buf *out, int32_t months)
{
    uint32_t rest = months < 0 ? -(uint32_t)months : (uint32_t)months;
    lt_buf_addf(out, "%c%u-%02u", months < 0 ? '-' : '+', rest / 12, rest % 12);
}

/* [a, b], {k=v, ...}: a list's elements are rows from .. to of its children. */
static void list_print(struct lt_buf *out, struct lt_cell cell, const struct lt_tz *zone)
{
    const uint32_t *offsets = cell.col->values;
    bool map = cell.col->type->kind == LT_TYPE_MAP;
    lt_buf_addc(out, map ? '{' : '[');
    for (uint32_t i = offsets[cell.lane]; i < offsets[cell.lane + 1]; i++) {
        if (i > offsets[cell.lane])
            lt_buf_adds(out, ", ");
        lt_cell_print(out, lt_column_cell(cell.col->children[0], i), zone);
        if (map) {
            lt_buf_addc(out, '=');
            lt_cell_print(out, lt_column_cell(cell.col->children[1], i), zone);
        }
    }
    lt_buf_addc(out, map ? '}' : ']');
}

static void row_print(struct lt_buf *out, struct lt_cell cell, const struct lt_tz *zone)
{
    lt_buf_addc(out, '(');
    for (unsigned i = 0; i < cell.col->n_children; i++) {
        if (i)
            lt_buf_adds(out, ", ");
        lt_cell_print(out, lt_column_cell(cell.col->children[i], cell.lane), zone);
    }
    lt_buf_addc(out, ')');
}

static void integer_print(struct lt_buf *out, int64_t value)
{
    char text[24], *at = text + sizeof(text);
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        *--at = '-';
    lt_buf_add(out, at, (size_t)(text + sizeof(text) - at));
}

void lt_cell_print(struct lt_buf *out, struct lt_cell cell, const struct lt_tz *zone)
{
    if (cell.null) {
        lt_buf_adds(out, "NULL");
        return;
    }
    const struct lt_type *type = cell.col->type;
    const void *values = cell.col->values;
    uint32_t lane = cell.lane;
    switch (type->kind) {
    case LT_TYPE_BOOLEAN: lt_buf_adds(out, ((const int8_t *)values)[lane] ? "TRUE" : "FALSE"); break;
    case LT_TYPE_TINYINT: integer_print(out, ((const int8_t *)values)[lane]); break;
    case LT_TYPE_SMALLINT: integer_print(out, ((const int16_t *)values)[lane]); break;
    case LT_TYPE_INT: integer_print(out, ((const int32_t *)values)[lane]); break;
    case LT_TYPE_BIGINT: integer_print(out, ((const int64_t *)values)[lane]); break;
    case LT_TYPE_FLOAT: lt_float_print(out, ((const float *)values)[lane]); break;
    case LT_TYPE_DOUBLE: lt_double_print(out, ((const double *)values)[lane]); break;
    case LT_TYPE_DECIMAL:
        lt_decimal_print(out, ((const __int128 *)values)[lane], type->scale);
        break;
    case LT_TYPE_CHAR:
    case LT_TYPE_VARCHAR:
    case LT_TYPE_BINARY:
    case LT_TYPE_VARBINARY: {
        const struct lt_sv *text = (const struct lt_sv *)values + lane;
        lt_buf_add(out, lt_sv_data(text), text->len);
        break;
    }
    case LT_TYPE_DATE: date_print(out, ((const int32_t *)values)[lane]); break;
    case LT_TYPE_TIME: clock_print(out, ((const int64_t *)values)[lane], type->precision); break;
    case LT_TYPE_TIMESTAMP:
        timestamp_print(out, ((const int64_t *)values)[lane], type->precision);
        break;
    case LT_TYPE_TIMESTAMP_LTZ:
        timestamp_print(out, lt_tz_to_local(zone, ((const int64_t *)values)[lane]),
                        type->precision);
        break;
    case LT_TYPE_INTERVAL_DAY: interval_day_print(out, ((const int64_t *)values)[lane]); break;
    case LT_TYPE_INTERVAL_MONTH: interval_month_print(out, ((const int32_t *)values)[lane]); break;
    case LT_TYPE_ARRAY:
    case LT_TYPE_MULTISET:
    case LT_TYPE_MAP: list_print(out, cell, zone); break;
    case LT_TYPE_ROW: row_print(out, cell, zone); break;
    case LT_TYPE_NULL:
    case LT_TYPE_COUNT: lt_buf_adds(out, "NULL"); break;
    }
}
