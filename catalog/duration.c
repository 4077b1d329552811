/* duration.c -- durations as Flink's configuration writes them.
 *
 * "10 s", "3 days", "100ms", a bare number of milliseconds, and the time part of
 * ISO 8601 ("PT1H30M", "P1DT12H", "PT0.5S"). */
#include "base/tz.h"
#include "catalog/catalog.h"

static const struct {
    const char *name;
    int64_t us;
} duration_units[] = {
    {"d", LT_US_PER_DAY},
    {"day", LT_US_PER_DAY},
    {"days", LT_US_PER_DAY},
    {"h", LT_US_PER_HOUR},
    {"hour", LT_US_PER_HOUR},
    {"hours", LT_US_PER_HOUR},
    {"m", LT_US_PER_MINUTE},
    {"min", LT_US_PER_MINUTE},
    {"minute", LT_US_PER_MINUTE},
    {"minutes", LT_US_PER_MINUTE},
    {"s", LT_US_PER_SECOND},
    {"sec", LT_US_PER_SECOND},
    {"second", LT_US_PER_SECOND},
    {"seconds", LT_US_PER_SECOND},
    {"ms", 1000},
    {"milli", 1000},
    {"millis", 1000},
    {"millisecond", 1000},
    {"milliseconds", 1000},
    {"us", 1},
    {"µs", 1},
    {"micro", 1},
    {"micros", 1},
    {"microsecond", 1},
    {"microseconds", 1},
    {"", 1000},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct lt_str trim(struct lt_str text)
{
    while (text.len && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = (struct lt_str){text.data + 1, text.len - 1};
    while (text.len && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* Digits at the front of *text, moved over. */
static bool take_digits(struct lt_str *text, int64_t *out)
{
    int64_t value = 0;
    size_t i = 0;
    for (; i < text->len && is_digit(text->data[i]); i++)
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, text->data[i] - '0', &value))
            return false;
    *text = (struct lt_str){text->data + i, text->len - i};
    *out = value;
    return i > 0;
}

static bool take_fraction(struct lt_str *text, int64_t *us)
{
    int64_t scale = 100000;
    *us = 0;
    if (text->len == 0 || text->data[0] != '.')
        return true;
    *text = (struct lt_str){text->data + 1, text->len - 1};
    for (; text->len && is_digit(text->data[0]); scale /= 10) {
        *us += (text->data[0] - '0') * scale;
        *text = (struct lt_str){text->data + 1, text->len - 1};
    }
    return true;
}

static bool parse_iso(struct lt_str text, int64_t *out)
{
    int64_t total = 0;
    bool time = false, any = false;
    while (text.len) {
        int64_t value, fraction, unit;
        if (!time && (text.data[0] == 'T' || text.data[0] == 't')) {
            time = true;
            text = (struct lt_str){text.data + 1, text.len - 1};
            continue;
        }
        if (!take_digits(&text, &value) || !take_fraction(&text, &fraction) || text.len == 0)
            return false;
        switch (text.data[0] | 0x20) {
        case 'd': unit = time ? 0 : LT_US_PER_DAY; break;
        case 'h': unit = time ? LT_US_PER_HOUR : 0; break;
        case 'm': unit = time ? LT_US_PER_MINUTE : 0; break;
        case 's': unit = time ? LT_US_PER_SECOND : 0; break;
        default: unit = 0; break;
        }
        if (unit == 0 || (fraction && unit != LT_US_PER_SECOND) ||
            __builtin_mul_overflow(value, unit, &value) ||
            __builtin_add_overflow(total, value + fraction, &total))
            return false;
        text = (struct lt_str){text.data + 1, text.len - 1};
        any = true;
    }
    *out = total;
    return any;
}

bool lt_parse_duration_us(struct lt_str text, int64_t *us)
{
    int64_t value;
    text = trim(text);
    if (text.len > 1 && (text.data[0] == 'P' || text.data[0] == 'p'))
        return parse_iso((struct lt_str){text.data + 1, text.len - 1}, us);
    if (!take_digits(&text, &value))
        return false;
    text = trim(text);
    for (size_t i = 0; i < LT_ARRAY_LEN(duration_units); i++)
        if (lt_str_equal_nocase(text, lt_str_of(duration_units[i].name)))
            return !__builtin_mul_overflow(value, duration_units[i].us, us);
    if (lt_str_equal_nocase(text, LT_STR("ns")) || lt_str_equal_nocase(text, LT_STR("nano"))) {
        *us = value / 1000;
        return true;
    }
    return false;
}
