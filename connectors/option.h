/* option.h -- options as typed values, with errors that say what is accepted.
 *
 * Each call gives `fallback` when the option is absent and LT_INVALID, at the
 * option's place in the statement, when its text is not such a value. */
#ifndef LT_CONNECTORS_OPTION_H
#define LT_CONNECTORS_OPTION_H

#include "catalog/connector.h"

lt_status lt_option_bool(const struct lt_connector_table *table, const char *key, bool fallback,
                         bool *out, struct lt_error *err) LT_MUST_CHECK;
lt_status lt_option_int(const struct lt_connector_table *table, const char *key, int64_t fallback,
                        int64_t min, int64_t max, int64_t *out, struct lt_error *err) LT_MUST_CHECK;
/* "1 min", "30s", "500 ms"; a bare number is milliseconds, as in Flink. */
lt_status lt_option_duration(const struct lt_connector_table *table, const char *key,
                             int64_t fallback_us, int64_t *out_us,
                             struct lt_error *err) LT_MUST_CHECK;
/* "128MB", "200b"; a bare number is bytes, 1 kb = 1024 b. */
lt_status lt_option_memory(const struct lt_connector_table *table, const char *key,
                           int64_t fallback, int64_t *out_bytes,
                           struct lt_error *err) LT_MUST_CHECK;
/* One of `names` (NULL-terminated, any ASCII case): its index. */
lt_status lt_option_enum(const struct lt_connector_table *table, const char *key,
                         const char *const *names, unsigned fallback, unsigned *out,
                         struct lt_error *err) LT_MUST_CHECK;
/* One ASCII character; "\t" and "\u0009" are understood. */
lt_status lt_option_char(const struct lt_connector_table *table, const char *key, int fallback,
                         int *out, struct lt_error *err) LT_MUST_CHECK;

/* The format a table names: LT_INVALID when it names none or an unknown one. */
lt_status lt_option_format(const struct lt_connector_table *table,
                           const struct lt_connector_registry *registry,
                           const struct lt_format **out, struct lt_error *err) LT_MUST_CHECK;

/* The first thing a connector checks: that every option is known to it, to the format the
 * table names, or to all tables, and that the required ones are there. */
lt_status lt_option_check(const struct lt_connector_table *table,
                          const struct lt_connector *connector,
                          const struct lt_connector_registry *registry,
                          struct lt_error *err) LT_MUST_CHECK;

#endif
