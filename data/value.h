/* value.h -- values as text and from text, and the arithmetic of decimals and time.
 *
 * One place decides how a value prints and what text reads back as it: CAST,
 * sinks, table output, literals, CSV and JSON all come here. */
#ifndef LT_DATA_VALUE_H
#define LT_DATA_VALUE_H

#include "base/tz.h"
#include "data/column.h"

/* Text of a cell as CAST(x AS STRING) gives it: TIMESTAMP(3) prints
 * "2024-01-01 00:00:00.000", DOUBLE the shortest text that reads back (1.0E10 as
 * Java's Double.toString), BOOLEAN TRUE/FALSE, ARRAY [a, b], MAP {k=v}, ROW (a, b),
 * BYTES as UTF-8 text. NULL prints "NULL" (only nested). LTZ prints in `zone`. */
void lt_cell_print(struct lt_buf *out, struct lt_cell cell, const struct lt_tz *zone);

/* Without blanks at either end. */
struct lt_str lt_text_trim(struct lt_str text);

/* Reads text as a value of `type` into lane `row` of a flat column of it:
 * the rules of CAST from STRING. False = not such a value (out of range too). */
bool lt_text_to_i64(struct lt_str text, int64_t *out); /* decimal integer, sign, blanks trimmed */
bool lt_text_to_double(struct lt_str text, double *out);
bool lt_text_to_float(struct lt_str text, float *out);
bool lt_text_to_decimal(struct lt_str text, unsigned precision, unsigned scale, __int128 *out);
bool lt_text_to_boolean(struct lt_str text, bool *out);
bool lt_text_to_date(struct lt_str text, int32_t *days);
bool lt_text_to_time(struct lt_str text, int64_t *us);
/* "2024-01-01 00:00:01.5", also with 'T', also a bare date; no zone suffix. */
bool lt_text_to_timestamp(struct lt_str text, int64_t *us);
/* As above, read as wall clock in `zone` unless it ends in Z or an offset. */
bool lt_text_to_ltz(struct lt_str text, const struct lt_tz *zone, int64_t *us);
/* Any scalar type. `zone` is for LTZ. LT_DATA (without a message) if it does not fit. */
lt_status lt_text_to_lane(struct lt_str text, struct lt_column *col, uint32_t row,
                          const struct lt_tz *zone) LT_MUST_CHECK;

/* ---- decimals: unscaled __int128 with the scale kept in the type ---------- */
extern const __int128 lt_pow10_i128[39];
/* Rescales with HALF_UP rounding; false when it does not fit `precision`. */
bool lt_decimal_rescale(__int128 value, unsigned from_scale, unsigned to_scale, unsigned precision,
                        __int128 *out);
bool lt_decimal_multiply(__int128 a, unsigned sa, __int128 b, unsigned sb, unsigned precision,
                         unsigned scale, __int128 *out); /* 256-bit inside, HALF_UP */
/* b != 0. */
bool lt_decimal_divide(__int128 a, unsigned sa, __int128 b, unsigned sb, unsigned precision,
                       unsigned scale, __int128 *out);
double lt_decimal_to_double(__int128 value, unsigned scale);
bool lt_double_to_decimal(double value, unsigned precision, unsigned scale, __int128 *out);
void lt_decimal_print(struct lt_buf *out, __int128 value, unsigned scale);
void lt_double_print(struct lt_buf *out, double value); /* Java's shortest form */
void lt_float_print(struct lt_buf *out, float value);
/* The same text into a caller's array; the length, no NUL. */
enum { LT_DOUBLE_TEXT_SIZE = 32, LT_I64_TEXT_SIZE = 24 };
size_t lt_double_text(char out[LT_DOUBLE_TEXT_SIZE], double value);
size_t lt_i64_text(char out[LT_I64_TEXT_SIZE], int64_t value);
extern const char lt_two_digits[100][2]; /* "00" to "99" */
/* The double nearest to digits * 10^exponent (at most 801 digits). */
double lt_digits_to_double(struct lt_str digits, int exponent);
/* The number of `bits` (53: a double, 24: a float) nearest to digits * 10^exponent. False when
 * it is too close to call, or not an ordinary number: zero, subnormal, infinite. */
bool lt_real_of_decimal(uint64_t digits, int exponent, unsigned bits, double *out);

/* ---- dates and times as text ------------------------------------------ */
void lt_date_print(struct lt_buf *out, int32_t days);
void lt_time_print(struct lt_buf *out, int64_t us, unsigned precision);
void lt_timestamp_print(struct lt_buf *out, int64_t us, unsigned precision);
/* The same into a caller's array; the length, no NUL. `last` holds the text of the last day:
 * values that follow each other mostly share it. All zero at first. */
enum { LT_TIME_TEXT_SIZE = 48 };
struct lt_day_text {
    int64_t days;
    uint32_t len;
    char text[20];
};
size_t lt_timestamp_text(char out[LT_TIME_TEXT_SIZE], int64_t us, unsigned precision,
                         struct lt_day_text *last);
size_t lt_date_text(char out[LT_TIME_TEXT_SIZE], int32_t days, struct lt_day_text *last);
void lt_interval_day_print(struct lt_buf *out, int64_t us);       /* "+1 02:03:04.000" */
void lt_interval_month_print(struct lt_buf *out, int32_t months); /* "+1-02" */

/* Cuts microseconds down to a precision 0..6 (towards minus infinity). */
int64_t lt_time_truncate(int64_t us, unsigned precision);

#endif
