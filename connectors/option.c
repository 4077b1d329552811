/* option.c -- options as typed values. */
#include "connectors/option.h"

#include <stdio.h>

lt_status lt_option_bool(const struct lt_connector_table *table, const char *key, bool fallback,
                         bool *out, struct lt_error *err)
{
    const struct lt_option *option = lt_option_find(table, key);
    bool value = fallback;
    if (option && lt_str_equal_nocase(option->value, LT_STR("true")))
        value = true;
    else if (option && lt_str_equal_nocase(option->value, LT_STR("false")))
        value = false;
    else if (option)
        return lt_fail_at(err, LT_INVALID, option->pos,
                          "option '%s' is '%.*s'; it must be 'true' or 'false'", key,
                          LT_STR_ARG(option->value));
    *out = value;
    return LT_OK;
}

lt_status lt_option_int(const struct lt_connector_table *table, const char *key, int64_t fallback,
                        int64_t min, int64_t max, int64_t *out, struct lt_error *err)
{
    const struct lt_option *option = lt_option_find(table, key);
    int64_t value = fallback;
    if (option && (!lt_text_to_i64(option->value, &value) || value < min || value > max))
        return lt_fail_at(err, LT_INVALID, option->pos,
                          "option '%s' is '%.*s'; it must be a whole number from %lld to %lld", key,
                          LT_STR_ARG(option->value), (long long)min, (long long)max);
    *out = value;
    return LT_OK;
}

struct unit {
    const char *name;
    int64_t factor;
};

/* "12 min" -> 12 * factor of "min"; false when it is no such thing or overflows. */
static bool unit_parse(struct lt_str text, const struct unit *units, int64_t *out)
{
    size_t at = 0, end = text.len;
    while (at < end && text.data[at] == ' ')
        at++;
    while (end > at && text.data[end - 1] == ' ')
        end--;
    int64_t number = 0;
    size_t digits = at;
    for (; at < end && text.data[at] >= '0' && text.data[at] <= '9'; at++) {
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, text.data[at] - '0', &number))
            return false;
    }
    if (at == digits)
        return false;
    while (at < end && text.data[at] == ' ')
        at++;
    struct lt_str name = {text.data + at, end - at};
    for (; units->name; units++) {
        if (lt_str_equal_nocase(name, lt_str_of(units->name)))
            return !__builtin_mul_overflow(number, units->factor, out);
    }
    return false;
}

lt_status lt_option_duration(const struct lt_connector_table *table, const char *key,
                             int64_t fallback_us, int64_t *out_us, struct lt_error *err)
{
    static const struct unit units[] = {
        {"", 1000},
        {"ms", 1000},
        {"milli", 1000},
        {"millis", 1000},
        {"millisecond", 1000},
        {"milliseconds", 1000},
        {"us", 1},
        {"micro", 1},
        {"micros", 1},
        {"microsecond", 1},
        {"microseconds", 1},
        {"s", LT_US_PER_SECOND},
        {"sec", LT_US_PER_SECOND},
        {"secs", LT_US_PER_SECOND},
        {"second", LT_US_PER_SECOND},
        {"seconds", LT_US_PER_SECOND},
        {"m", LT_US_PER_MINUTE},
        {"min", LT_US_PER_MINUTE},
        {"minute", LT_US_PER_MINUTE},
        {"minutes", LT_US_PER_MINUTE},
        {"h", LT_US_PER_HOUR},
        {"hour", LT_US_PER_HOUR},
        {"hours", LT_US_PER_HOUR},
        {"d", LT_US_PER_DAY},
        {"day", LT_US_PER_DAY},
        {"days", LT_US_PER_DAY},
        {NULL, 0},
    };
    const struct lt_option *option = lt_option_find(table, key);
    int64_t value = fallback_us;
    if (option && !unit_parse(option->value, units, &value))
        return lt_fail_at(err, LT_INVALID, option->pos,
                          "option '%s' is '%.*s'; it must be a duration such as '500 ms', '30 s' "
                          "or '1 min'",
                          key, LT_STR_ARG(option->value));
    *out_us = value;
    return LT_OK;
}

lt_status lt_option_memory(const struct lt_connector_table *table, const char *key,
                           int64_t fallback, int64_t *out_bytes, struct lt_error *err)
{
    static const struct unit units[] = {
        {"", 1},
        {"b", 1},
        {"bytes", 1},
        {"k", 1024},
        {"kb", 1024},
        {"m", 1024 * 1024},
        {"mb", 1024 * 1024},
        {"g", 1024 * 1024 * 1024},
        {"gb", 1024 * 1024 * 1024},
        {NULL, 0},
    };
    const struct lt_option *option = lt_option_find(table, key);
    int64_t value = fallback;
    if (option && !unit_parse(option->value, units, &value))
        return lt_fail_at(err, LT_INVALID, option->pos,
                          "option '%s' is '%.*s'; it must be a size such as '200b', '64 kb' or "
                          "'128MB'",
                          key, LT_STR_ARG(option->value));
    *out_bytes = value;
    return LT_OK;
}

lt_status lt_option_enum(const struct lt_connector_table *table, const char *key,
                         const char *const *names, unsigned fallback, unsigned *out,
                         struct lt_error *err)
{
    const struct lt_option *option = lt_option_find(table, key);
    if (!option) {
        *out = fallback;
        return LT_OK;
    }
    char list[256];
    size_t len = 0;
    list[0] = 0;
    for (unsigned i = 0; names[i]; i++) {
        if (lt_str_equal_nocase(option->value, lt_str_of(names[i]))) {
            *out = i;
            return LT_OK;
        }
        int more = snprintf(list + len, sizeof(list) - len, "%s'%s'", i ? ", " : "", names[i]);
        len += (size_t)more < sizeof(list) - len ? (size_t)more : sizeof(list) - len - 1;
    }
    return lt_fail_at(err, LT_INVALID, option->pos, "option '%s' is '%.*s'; it must be one of %s",
                      key, LT_STR_ARG(option->value), list);
}

/* One ASCII character out of the text, or -1. */
static int char_parse(struct lt_str text)
{
    if (text.len == 1 && (unsigned char)text.data[0] < 0x80)
        return text.data[0];
    if (text.len < 2 || text.data[0] != '\\')
        return -1;
    if (text.len == 2) {
        switch (text.data[1]) {
        case 't': return '\t';
        case 'f': return '\f';
        case '\\':
        case '"':
        case '\'': return text.data[1];
        default: return -1;
        }
    }
    if (text.len != 6 || text.data[1] != 'u')
        return -1;
    int value = 0;
    for (size_t i = 2; i < 6; i++) {
        int c = text.data[i] | 0x20;
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 999;
        value = value * 16 + digit;
    }
    return value > 0 && value < 0x80 ? value : -1;
}

lt_status lt_option_char(const struct lt_connector_table *table, const char *key, int fallback,
                         int *out, struct lt_error *err)
{
    const struct lt_option *option = lt_option_find(table, key);
    int value = option ? char_parse(option->value) : fallback;
    if (option && (value < 0 || value == '\n' || value == '\r'))
        return lt_fail_at(err, LT_INVALID, option->pos,
                          "option '%s' is '%.*s'; it must be one ASCII character, such as ';' or "
                          "'\\t'",
                          key, LT_STR_ARG(option->value));
    *out = value;
    return LT_OK;
}

lt_status lt_option_format(const struct lt_connector_table *table,
                           const struct lt_connector_registry *registry,
                           const struct lt_format **out, struct lt_error *err)
{
    const struct lt_option *option = lt_option_find(table, "format");
    if (!option)
        return lt_fail(err, LT_INVALID,
                       "table '%.*s' names no format; add 'format' = 'csv' or 'format' = 'json' "
                       "to WITH (...)",
                       LT_STR_ARG(table->name));
    const struct lt_format *format = lt_registry_format(registry, option->value);
    if (format) {
        *out = format;
        return LT_OK;
    }
    char list[256];
    size_t len = 0;
    list[0] = 0;
    for (unsigned i = 0; registry->formats[i]; i++) {
        int more = snprintf(list + len, sizeof(list) - len, "%s'%s'", i ? ", " : "",
                            registry->formats[i]->name);
        len += (size_t)more < sizeof(list) - len ? (size_t)more : sizeof(list) - len - 1;
    }
    return lt_fail_at(err, LT_INVALID, option->pos, "unknown format '%.*s'; there are %s",
                      LT_STR_ARG(option->value), list);
}

lt_status lt_option_check(const struct lt_connector_table *table,
                          const struct lt_connector *connector,
                          const struct lt_connector_registry *registry, struct lt_error *err)
{
    const struct lt_format *format = NULL;
    if (lt_option_find(table, "format"))
        LT_TRY(lt_option_format(table, registry, &format, err));
    return lt_options_check(table, connector, format, err);
}
