/* catalog.h -- what names mean: tables, views, functions, settings.
 *
 * Definitions are kept as SQL text in SQLite (versioned schema, migrated), in
 * memory or in a file; temporary objects belong to a session. Looking up gives
 * an immutable snapshot in the caller's arena. */
#ifndef LT_CATALOG_CATALOG_H
#define LT_CATALOG_CATALOG_H

#include "catalog/connector.h"
#include "catalog/function.h"

enum lt_column_kind { LT_COLUMN_PHYSICAL, LT_COLUMN_COMPUTED, LT_COLUMN_METADATA };

struct lt_table_column {
    struct lt_str name;
    enum lt_column_kind kind;
    const struct lt_type *type;  /* NULL when computed: the planner derives it */
    struct lt_str expr;          /* computed: SQL text */
    struct lt_str metadata_key;  /* metadata */
    bool metadata_virtual;
    struct lt_str comment;
};

enum lt_object_kind { LT_OBJECT_TABLE, LT_OBJECT_VIEW, LT_OBJECT_FUNCTION };

struct lt_object { /* a table, a view or a user function */
    enum lt_object_kind kind;
    struct lt_str catalog, database, name;
    bool temporary;
    int64_t version; /* changes with every ALTER or re-creation */
    struct lt_str comment;
    /* table */
    uint32_t n_columns;
    struct lt_table_column *columns; /* view: names and types after binding */
    struct lt_str watermark_column;  /* empty: none */
    struct lt_str watermark_expr;    /* SQL text */
    uint32_t n_primary_key;
    struct lt_str *primary_key;
    uint32_t n_partition_keys;
    struct lt_str *partition_keys;
    uint32_t n_options;
    struct lt_option *options; /* connector empty: a stored table */
    /* view */
    struct lt_str query; /* SQL text with names fully qualified at creation */
    uint32_t n_view_columns;
    struct lt_str *view_columns; /* empty: those of the query */
    /* function */
    struct lt_str function_class;
};

struct lt_catalog;

/* path NULL: in memory. A locked, foreign, corrupt or newer file gives a clear
 * error and is left untouched. One catalog per leat_db; thread-safe by a lock. */
lt_status lt_catalog_open(struct lt_alloc *alloc, const char *path, struct lt_catalog **out,
                          struct lt_error *err) LT_MUST_CHECK;
void lt_catalog_close(struct lt_catalog *catalog);

/* A session's temporary objects, current names and settings live in a layer
 * that looks through to the catalog. */
struct lt_catalog_session;
lt_status lt_catalog_session_open(struct lt_catalog *catalog, struct lt_catalog_session **out)
    LT_MUST_CHECK;
void lt_catalog_session_close(struct lt_catalog_session *session);

/* path: 1 to 3 parts, resolved against the current catalog and database.
 * LT_INVALID names the nearest known object. Result in `arena`. */
lt_status lt_catalog_find(struct lt_catalog_session *session, uint32_t n_parts,
                          const struct lt_str *path, struct lt_pos pos, struct lt_arena *arena,
                          const struct lt_object **out, struct lt_error *err) LT_MUST_CHECK;
/* Another number whenever what names mean may have changed, in any session. Asked before a name
 * is looked up, it says later whether the answer still holds. */
uint64_t lt_catalog_stamp(const struct lt_catalog_session *session);
/* Functions have a name space of their own, without case. */
lt_status lt_catalog_find_function(struct lt_catalog_session *session, uint32_t n_parts,
                                   const struct lt_str *path, struct lt_pos pos,
                                   struct lt_arena *arena, const struct lt_object **out,
                                   struct lt_error *err) LT_MUST_CHECK;
/* Is there a table or view of that name? */
bool lt_catalog_exists(struct lt_catalog_session *session, uint32_t n_parts,
                       const struct lt_str *path);
/* Creates or replaces; `object` names may be partial (filled from current). */
lt_status lt_catalog_put(struct lt_catalog_session *session, const struct lt_object *object,
                         bool replace, bool if_not_exists, struct lt_error *err) LT_MUST_CHECK;
lt_status lt_catalog_drop(struct lt_catalog_session *session, enum lt_object_kind kind,
                          uint32_t n_parts, const struct lt_str *path, struct lt_pos pos,
                          bool if_exists, bool temporary, struct lt_error *err) LT_MUST_CHECK;
lt_status lt_catalog_rename(struct lt_catalog_session *session, uint32_t n_parts,
                            const struct lt_str *path, struct lt_str new_name,
                            struct lt_error *err) LT_MUST_CHECK;
/* Names of a kind in the current (or given) database, sorted. */
lt_status lt_catalog_list(struct lt_catalog_session *session, enum lt_object_kind kind,
                          struct lt_str database, struct lt_arena *arena, uint32_t *n,
                          struct lt_str **names, struct lt_error *err) LT_MUST_CHECK;
lt_status lt_catalog_database_create(struct lt_catalog_session *session, struct lt_str catalog_name,
                                     struct lt_str database, bool if_not_exists,
                                     struct lt_error *err) LT_MUST_CHECK;
lt_status lt_catalog_database_drop(struct lt_catalog_session *session, struct lt_str catalog_name,
                                   struct lt_str database, bool if_exists, bool cascade,
                                   struct lt_error *err) LT_MUST_CHECK;
lt_status lt_catalog_databases(struct lt_catalog_session *session, struct lt_arena *arena,
                               uint32_t *n, struct lt_str **names, struct lt_error *err)
    LT_MUST_CHECK;
lt_status lt_catalog_catalogs(struct lt_catalog_session *session, struct lt_arena *arena,
                              uint32_t *n, struct lt_str **names, struct lt_error *err)
    LT_MUST_CHECK;
/* An empty database: USE CATALOG. In create and drop above it is the catalog itself. */
lt_status lt_catalog_use(struct lt_catalog_session *session, struct lt_str catalog_name,
                         struct lt_str database, struct lt_error *err) LT_MUST_CHECK;
struct lt_str lt_catalog_current_database(const struct lt_catalog_session *session);
struct lt_str lt_catalog_current_catalog(const struct lt_catalog_session *session);

/* ---- settings: SET 'k' = 'v' (catalog/settings.c, one table of descriptors) ---- */
/* Refuses unknown keys with the nearest known one and values that do not parse;
 * *notice (may be NULL) gets the text for keys accepted without meaning here. */
lt_status lt_setting_set(struct lt_catalog_session *session, struct lt_str key,
                         struct lt_str value, struct lt_arena *arena, struct lt_str *notice,
                         struct lt_error *err) LT_MUST_CHECK;
lt_status lt_setting_reset(struct lt_catalog_session *session, struct lt_str key,
                           struct lt_error *err) LT_MUST_CHECK; /* empty key: all */
/* The value in force (default included); empty for an unknown key. */
struct lt_str lt_setting_get(const struct lt_catalog_session *session, const char *key);
int64_t lt_setting_int(const struct lt_catalog_session *session, const char *key);
int64_t lt_setting_duration_us(const struct lt_catalog_session *session, const char *key);
/* All that are set, sorted by key. */
lt_status lt_setting_list(struct lt_catalog_session *session, struct lt_arena *arena, uint32_t *n,
                          struct lt_option **options) LT_MUST_CHECK;
/* A default that every later session of this database starts with; kept in the file.
 * An empty value takes it away. */
lt_status lt_setting_store(struct lt_catalog_session *session, struct lt_str key,
                           struct lt_str value, struct lt_error *err) LT_MUST_CHECK;
/* "10 s", "3 days", "1 min", "100ms", "PT5S": Flink's durations. */
bool lt_parse_duration_us(struct lt_str text, int64_t *us);

#endif
