/* text_number.c -- numbers as text, and text as numbers.
 *
 * Doubles print as Java's Double.toString of JDK 19 and later does: the shortest
 * digits that read back as the same double, plain between 1e-3 and 1e7, else as
 * 1.234E10. Found by trying: few decimals first (an exact division proves it),
 * then 15, 16 and 17 digits. Reading avoids every radix point, so neither way
 * depends on the process's locale. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "data/value.h"

/* ---- reading --------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct lt_str lt_text_trim(struct lt_str text)
{
    while (text.len && is_blank(text.data[0]))
        text = (struct lt_str){text.data + 1, text.len - 1};
    while (text.len && is_blank(text.data[text.len - 1]))
        text.len--;
    return text;
}

static bool take_sign(struct lt_str *text)
{
    bool minus = text->len && text->data[0] == '-';
    if (minus || (text->len && text->data[0] == '+'))
        *text = (struct lt_str){text->data + 1, text->len - 1};
    return minus;
}

bool lt_text_to_i64(struct lt_str text, int64_t *out)
{
    text = lt_text_trim(text);
    bool minus = take_sign(&text);
    uint64_t value = 0, limit = minus ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
    if (text.len == 0)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned)(text.data[i] - '0');
        if (digit > 9 || value > (limit - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = (int64_t)(minus ? 0 - value : value);
    return true;
}

enum { NUMBER_DIGITS_MAX = 800, EXPONENT_MAX = 1000000 };

/* A number taken apart: sign, significant digits without leading zeros, and the
 * power of ten they are multiplied by. 767 digits settle any double; what is cut
 * past NUMBER_DIGITS_MAX leaves a 1 behind, so that no tie is made up. */
struct number {
    bool minus;
    unsigned n_digits;
    int64_t exponent;
    char digits[NUMBER_DIGITS_MAX + 1];
};

static void number_digit(struct number *number, char c, bool fraction)
{
    if (number->n_digits < NUMBER_DIGITS_MAX) {
        if (number->n_digits || c != '0')
            number->digits[number->n_digits++] = c;
        number->exponent -= fraction;
        return;
    }
    if (c != '0')
        number->digits[NUMBER_DIGITS_MAX] = '1';
    number->exponent += !fraction;
}

static bool parse_exponent(struct lt_str text, int64_t *out)
{
    bool minus = take_sign(&text);
    int64_t value = 0;
    if (text.len == 0)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned)(text.data[i] - '0');
        if (digit > 9)
            return false;
        value = value * 10 + digit;
        value = value < EXPONENT_MAX ? value : EXPONENT_MAX;
    }
    *out = minus ? -value : value;
    return true;
}

/* [+-] digits [. digits] [e [+-] digits], blanks trimmed; no hex, no names. */
static bool number_parse(struct lt_str text, struct number *number)
{
    bool any = false, fraction = false;
    size_t i = 0;
    int64_t exponent = 0;
    text = lt_text_trim(text);
    number->minus = take_sign(&text);
    number->n_digits = 0;
    number->exponent = 0;
    number->digits[NUMBER_DIGITS_MAX] = '0';
    for (; i < text.len; i++) {
        char c = text.data[i];
        if (c == '.' && !fraction) {
            fraction = true;
        } else if (c >= '0' && c <= '9') {
            number_digit(number, c, fraction);
            any = true;
        } else {
            break;
        }
    }
    if (!any)
        return false;
    if (i < text.len) {
        if ((text.data[i] | 32) != 'e' ||
            !parse_exponent((struct lt_str){text.data + i + 1, text.len - i - 1}, &exponent))
            return false;
    }
    number->exponent += exponent;
    if (number->n_digits == NUMBER_DIGITS_MAX && number->digits[NUMBER_DIGITS_MAX] == '1') {
        number->n_digits++;
        number->exponent--;
    }
    return true;
}

static int clamp_exponent(int64_t exponent)
{
    if (exponent > EXPONENT_MAX)
        return EXPONENT_MAX;
    return exponent < -EXPONENT_MAX ? -EXPONENT_MAX : (int)exponent;
}

/* The nearest number of `bits`, where that can be told without long arithmetic. */
static bool digits_round(struct lt_str digits, int exponent, unsigned bits, double *out)
{
    enum { DIGITS_U64 = 19 }; /* always fit */
    size_t n = digits.len < DIGITS_U64 ? digits.len : DIGITS_U64;
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value * 10 + (unsigned)(digits.data[i] - '0');
    exponent += (int)(digits.len - n);
    if (!lt_real_of_decimal(value, exponent, bits, out))
        return false;
    double above; /* the digits cut off lie between `value` and the next */
    return n == digits.len ||
           (lt_real_of_decimal(value + 1, exponent, bits, &above) && above == *out);
}

double lt_digits_to_double(struct lt_str digits, int exponent)
{
    static const double pow10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    LT_ASSERT(digits.len <= NUMBER_DIGITS_MAX + 1);
    if (digits.len <= 18 && exponent >= -22 && exponent <= 22) {
        uint64_t value = 0;
        for (size_t i = 0; i < digits.len; i++)
            value = value * 10 + (unsigned)(digits.data[i] - '0');
        if (value <= UINT64_C(1) << 53) /* exact operands, one rounding */
            return exponent < 0 ? (double)value / pow10[-exponent]
                                : (double)value * pow10[exponent];
    }
    double rounded;
    if (digits_round(digits, exponent, 53, &rounded))
        return rounded;
    char text[NUMBER_DIGITS_MAX + 32];
    memcpy(text, digits.data, digits.len);
    snprintf(text + digits.len, sizeof(text) - digits.len, "e%d", exponent);
    return strtod(text, NULL);
}

static bool number_name(struct lt_str text, double *out)
{
    text = lt_text_trim(text);
    bool minus = take_sign(&text);
    double value;
    if (lt_str_equal_nocase(text, LT_STR("nan")))
        value = (double)NAN;
    else if (lt_str_equal_nocase(text, LT_STR("infinity")) ||
             lt_str_equal_nocase(text, LT_STR("inf")))
        value = (double)INFINITY;
    else
        return false;
    *out = minus ? -value : value;
    return true;
}

/* As Double.parseDouble: what is too large is infinite, what is too small zero. */
bool lt_text_to_double(struct lt_str text, double *out)
{
    struct number number;
    if (!number_parse(text, &number))
        return number_name(text, out);
    double value = 0;
    if (number.n_digits)
        value = lt_digits_to_double((struct lt_str){number.digits, number.n_digits},
                                    clamp_exponent(number.exponent));
    *out = number.minus ? -value : value;
    return true;
}

/* Read as a float at once: rounding a double again would round twice. */
bool lt_text_to_float(struct lt_str text, float *out)
{
    struct number number;
    double value = 0;
    if (!number_parse(text, &number)) {
        if (!number_name(text, &value))
            return false;
        *out = (float)value;
        return true;
    }
    struct lt_str digits = {number.digits, number.n_digits};
    int exponent = clamp_exponent(number.exponent);
    float magnitude = 0;
    if (number.n_digits && digits_round(digits, exponent, 24, &value)) {
        magnitude = (float)value;
    } else if (number.n_digits) {
        char plain[NUMBER_DIGITS_MAX + 32];
        memcpy(plain, number.digits, number.n_digits);
        snprintf(plain + number.n_digits, sizeof(plain) - number.n_digits, "e%d", exponent);
        magnitude = strtof(plain, NULL);
    }
    *out = number.minus ? -magnitude : magnitude;
    return true;
}

bool lt_text_to_decimal(struct lt_str text, unsigned precision, unsigned scale, __int128 *out)
{
    struct number number;
    if (!number_parse(text, &number))
        return false;
    /* `keep` digits are left of the last place of the result. */
    int64_t keep = number.n_digits ? number.n_digits + number.exponent + scale : 0;
    __int128 value = 0;
    if (keep > (int64_t)precision)
        return false;
    for (int64_t i = 0; i < keep; i++)
        value = value * 10 + (i < number.n_digits ? number.digits[i] - '0' : 0);
    if (keep >= 0 && keep < number.n_digits && number.digits[keep] >= '5')
        value++;
    if (value >= lt_pow10_i128[precision])
        return false;
    *out = number.minus ? -value : value;
    return true;
}

bool lt_text_to_boolean(struct lt_str text, bool *out)
{
    static const char *const names[2][5] = {{"false", "f", "no", "n", "0"},
                                            {"true", "t", "yes", "y", "1"}};
    text = lt_text_trim(text);
    for (int value = 0; value < 2; value++)
        for (size_t i = 0; i < LT_ARRAY_LEN(names[value]); i++)
            if (lt_str_equal_nocase(text, lt_str_of(names[value][i]))) {
                *out = value == 1;
                return true;
            }
    return false;
}

/* ---- printing -------------------------------------------------------- */

size_t lt_i64_text(char out[LT_I64_TEXT_SIZE], int64_t value)
{
    char text[LT_I64_TEXT_SIZE];
    size_t at = sizeof(text);
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    for (; rest >= 100; rest /= 100) {
        at -= 2;
        memcpy(text + at, lt_two_digits[rest % 100], 2);
    }
    at -= 2;
    memcpy(text + at, lt_two_digits[rest], 2);
    at += rest < 10;
    if (value < 0)
        text[--at] = '-';
    memcpy(out, text + at, sizeof(text) - at);
    return sizeof(text) - at;
}

/* A positive decimal: 0.d1d2d3... * 10^point. */
struct shortest {
    char digits[24];
    int n_digits;
    int point;
};

static void shortest_strip(struct shortest *s)
{
    while (s->n_digits > 1 && s->digits[s->n_digits - 1] == '0')
        s->n_digits--;
}

/* value = whole / 10^places with few digits; the division is correctly rounded,
 * so equality proves that the decimal reads back as `value`. */
static bool shortest_exact(double value, bool is_float, struct shortest *s)
{
    static const double pow10[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
    double limit = is_float ? 1e6 : 1e15;
    if (value < 1e-3 || value >= limit)
        return false;
    for (int places = 0; places < (int)LT_ARRAY_LEN(pow10); places++) {
        uint64_t whole = (uint64_t)(value * pow10[places] + 0.5);
        if ((double)whole >= limit)
            return false;
        double back = (double)whole / pow10[places];
        if (is_float ? (float)back != (float)value : back != value)
            continue;
        char text[24];
        int at = (int)sizeof(text);
        for (uint64_t rest = whole; rest; rest /= 10)
            text[--at] = (char)('0' + rest % 10);
        s->n_digits = (int)sizeof(text) - at;
        memcpy(s->digits, text + at, (size_t)s->n_digits);
        s->point = s->n_digits - places;
        shortest_strip(s);
        return true;
    }
    return false;
}

/* "%.*e" without its radix point, whatever that is. */
static void shortest_round(double value, int n_digits, struct shortest *s)
{
    char text[64];
    snprintf(text, sizeof(text), "%.*e", n_digits - 1, value);
    s->n_digits = 0;
    const char *at = text;
    for (; *at && *at != 'e'; at++)
        if (*at >= '0' && *at <= '9' && s->n_digits < n_digits)
            s->digits[s->n_digits++] = *at;
    s->point = (int)strtol(at + 1, NULL, 10) + 1;
}

static void shortest_find(double value, bool is_float, struct shortest *s)
{
    if (shortest_exact(value, is_float, s))
        return;
    /* Any decimal of 15 (6) digits survives a normal double (float). */
    double normal_min = is_float ? 0x1p-126 : 0x1p-1022;
    int from = value < normal_min ? 2 : is_float ? 6 : 15;
    int last = is_float ? 9 : 17;
    for (int n_digits = from; n_digits <= last; n_digits++) {
        shortest_round(value, n_digits, s);
        struct lt_str digits = {s->digits, (size_t)s->n_digits};
        int exponent = s->point - s->n_digits;
        if (!is_float && lt_digits_to_double(digits, exponent) == value)
            break;
        if (is_float) { /* read as a float, not as a double that is rounded again */
            char text[40];
            snprintf(text, sizeof(text), "%.*se%d", s->n_digits, s->digits, exponent);
            if (strtof(text, NULL) == (float)value)
                break;
        }
    }
    shortest_strip(s);
}

static size_t shortest_write(char *to, const struct shortest *s)
{
    char *at = to;
    int plain = s->point > -3 && s->point <= 7; /* 1e-3 <= value < 1e7 */
    int point = plain ? s->point : 1;
    if (point <= 0) {
        *at++ = '0';
        *at++ = '.';
        for (int i = point; i < 0; i++)
            *at++ = '0';
        memcpy(at, s->digits, (size_t)s->n_digits);
        at += s->n_digits;
    } else {
        for (int i = 0; i < point; i++)
            *at++ = i < s->n_digits ? s->digits[i] : '0';
        *at++ = '.';
        if (point >= s->n_digits)
            *at++ = '0';
        for (int i = point; i < s->n_digits; i++)
            *at++ = s->digits[i];
    }
    if (!plain)
        at += snprintf(at, 8, "E%d", s->point - 1);
    return (size_t)(at - to);
}

static size_t real_text(char out[LT_DOUBLE_TEXT_SIZE], double value, bool is_float)
{
    struct shortest s;
    const char *name = NULL;
    char *at = out;
    if (value != value)
        name = "NaN";
    else if (isinf(value))
        name = value < 0 ? "-Infinity" : "Infinity";
    else if (value == 0)
        name = signbit(value) ? "-0.0" : "0.0";
    if (name) {
        memcpy(out, name, strlen(name));
        return strlen(name);
    }
    if (value < 0) {
        *at++ = '-';
        value = -value;
    }
    shortest_find(value, is_float, &s);
    return (size_t)(at - out) + shortest_write(at, &s);
}

size_t lt_double_text(char out[LT_DOUBLE_TEXT_SIZE], double value)
{
    return real_text(out, value, false);
}

void lt_double_print(struct lt_buf *out, double value)
{
    char text[LT_DOUBLE_TEXT_SIZE];
    lt_buf_add(out, text, real_text(text, value, false));
}

void lt_float_print(struct lt_buf *out, float value)
{
    char text[LT_DOUBLE_TEXT_SIZE];
    lt_buf_add(out, text, real_text(text, (double)value, true));
}
