/* connector.c -- finding connectors and formats by name, and options by key.
 *
 * Options are a handful of pairs per table, looked at once when a statement is
 * planned, so every search here is a plain loop. An unknown key is refused: a
 * misspelt option that is silently ignored costs its user an afternoon. */
#include "catalog/connector.h"

#include <stdio.h>

/* Keys that every table may carry, whatever its connector. */
static const char *const common_options[] = {
    "connector",
    "format",
    "property-version",
    "format.property-version",
    "scan.parallelism",
    "scan.watermark.idle-timeout",
    "scan.watermark.emit.strategy",
    "scan.watermark.emit.on-event.gap",
    "scan.watermark.alignment.*",
    "sink.parallelism",
    NULL,
};

const struct lt_connector *lt_registry_connector(const struct lt_connector_registry *registry,
                                                 struct lt_str name)
{
    for (const struct lt_connector *const *at = registry->connectors; *at; at++) {
        if (lt_str_equal_nocase(lt_str_of((*at)->name), name))
            return *at;
    }
    return NULL;
}

const struct lt_format *lt_registry_format(const struct lt_connector_registry *registry,
                                           struct lt_str name)
{
    for (const struct lt_format *const *at = registry->formats; *at; at++) {
        if (lt_str_equal_nocase(lt_str_of((*at)->name), name))
            return *at;
    }
    return NULL;
}

static struct lt_str str_skip(struct lt_str text, size_t n)
{
    return (struct lt_str){text.data + n, text.len - n};
}

static bool str_starts(struct lt_str text, struct lt_str prefix)
{
    return text.len > prefix.len && memcmp(text.data, prefix.data, prefix.len) == 0;
}

/* Does the written key `have` mean `want`, in today's or in the legacy spelling? */
static bool key_means(struct lt_str have, struct lt_str want)
{
    if (lt_str_equal(have, want))
        return true;
    if (lt_str_equal(want, LT_STR("connector")))
        return lt_str_equal(have, LT_STR("connector.type"));
    if (lt_str_equal(want, LT_STR("format")))
        return lt_str_equal(have, LT_STR("format.type"));
    if (str_starts(have, LT_STR("connector.")))
        return lt_str_equal(str_skip(have, strlen("connector.")), want);
    if (str_starts(have, LT_STR("format."))) {
        const char *dot = memchr(want.data, '.', want.len);
        return dot && lt_str_equal(str_skip(have, strlen("format.")),
                                   str_skip(want, (size_t)(dot - want.data) + 1));
    }
    return false;
}

const struct lt_option *lt_option_find(const struct lt_connector_table *table, const char *key)
{
    struct lt_str want = lt_str_of(key);
    const struct lt_option *legacy = NULL;
    for (uint32_t i = 0; i < table->n_options; i++) {
        if (lt_str_equal(table->options[i].key, want))
            return &table->options[i];
        if (!legacy && key_means(table->options[i].key, want))
            legacy = &table->options[i];
    }
    return legacy;
}

const struct lt_str *lt_option_get(const struct lt_connector_table *table, const char *key)
{
    const struct lt_option *option = lt_option_find(table, key);
    return option ? &option->value : NULL;
}

/* "source.*" in a list stands for every key that begins with "source.". */
static bool key_known(struct lt_str have, struct lt_str known)
{
    if (known.len && known.data[known.len - 1] == '*')
        return str_starts(have, (struct lt_str){known.data, known.len - 1});
    return key_means(have, known);
}

struct key_search {
    struct lt_str have;
    bool found;
    unsigned distance; /* of the nearest so far */
    char nearest[128];
};

static void key_search_one(struct key_search *search, const char *prefix, const char *key)
{
    char full[128];
    int len = snprintf(full, sizeof(full), "%s%s%s", prefix, *prefix ? "." : "", key);
    struct lt_str known = {full, (size_t)len < sizeof(full) ? (size_t)len : sizeof(full) - 1};
    if (key_known(search->have, known))
        search->found = true;
    unsigned distance = lt_str_distance(search->have, known, 8);
    if (distance < search->distance) {
        search->distance = distance;
        memcpy(search->nearest, full, sizeof(full));
    }
}

static void key_search_list(struct key_search *search, const char *prefix,
                            const char *const *keys)
{
    for (; keys && *keys && !search->found; keys++)
        key_search_one(search, prefix, *keys);
}

static lt_status options_check_required(const struct lt_connector_table *table,
                                        const struct lt_connector *connector,
                                        struct lt_error *err)
{
    for (const char *const *key = connector->required; key && *key; key++) {
        if (!lt_option_find(table, *key))
            return lt_fail(err, LT_INVALID,
                           "table '%.*s': connector '%s' needs the option '%s'; add '%s' = '...' "
                           "to WITH (...)",
                           LT_STR_ARG(table->name), connector->name, *key, *key);
    }
    return LT_OK;
}

lt_status lt_options_check(const struct lt_connector_table *table,
                           const struct lt_connector *connector, const struct lt_format *format,
                           struct lt_error *err)
{
    for (uint32_t i = 0; i < table->n_options; i++) {
        const struct lt_option *option = &table->options[i];
        for (uint32_t j = 0; j < i; j++) {
            if (lt_str_equal(table->options[j].key, option->key))
                return lt_fail_at(err, LT_INVALID, option->pos, "option '%.*s' is given twice",
                                  LT_STR_ARG(option->key));
        }
        struct key_search search = {.have = option->key, .distance = 9};
        key_search_list(&search, "", common_options);
        key_search_list(&search, "", connector->options);
        if (format)
            key_search_list(&search, format->name, format->options);
        if (search.found)
            continue;
        unsigned near = 1 + (unsigned)(option->key.len / 4);
        if (search.distance <= near)
            return lt_fail_at(err, LT_INVALID, option->pos,
                              "unknown option '%.*s' for connector '%s'%s%s; did you mean '%s'?",
                              LT_STR_ARG(option->key), connector->name,
                              format ? " with format " : "", format ? format->name : "",
                              search.nearest);
        return lt_fail_at(err, LT_INVALID, option->pos,
                          "unknown option '%.*s' for connector '%s'%s%s; see docs/connectors.md",
                          LT_STR_ARG(option->key), connector->name,
                          format ? " with format " : "", format ? format->name : "");
    }
    return options_check_required(table, connector, err);
}
