/* store.c -- the catalog's tables in SQLite; with connectors/sqlite.c the only
 * file that includes sqlite3.h.
 *
 * A file belongs to one process at a time: it is locked while open, so that a
 * second process gets a clear error instead of a definition that changes under
 * it. Every change is one transaction. Statements are prepared once, on first
 * use, and listed in one table, so that no SQL is ever put together at run time. */
#include "catalog/store.h"

#include <sqlite3.h>
#include <stdarg.h>

#include "catalog/store_file.h"
#include "catalog/store_schema.h"

enum store_sql {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_OBJECT_GET,
    SQL_OBJECT_ID,
    SQL_OBJECT_PUT,
    SQL_OBJECT_DELETE,
    SQL_OBJECT_RENAME,
    SQL_OBJECT_NAMES,
    SQL_RELATION_NAMES,
    SQL_COLUMNS_GET,
    SQL_COLUMN_PUT,
    SQL_NAMES_GET,
    SQL_NAME_PUT,
    SQL_OPTIONS_GET,
    SQL_OPTION_PUT,
    SQL_DATABASE_GET,
    SQL_DATABASE_PUT,
    SQL_DATABASE_DELETE,
    SQL_DATABASE_EMPTY,
    SQL_CATALOG_DELETE,
    SQL_CATALOG_EMPTY,
    SQL_DATABASES,
    SQL_CATALOGS,
    SQL_SETTINGS,
    SQL_SETTING_PUT,
    SQL_SETTING_DELETE,
    SQL_COUNT
};

#define WHERE_NAME " WHERE catalog = ? AND database = ? AND (kind = 2) = ? AND name = ?"
static const char *const store_texts[SQL_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_OBJECT_GET] = "SELECT id, kind, comment, watermark_column, watermark_expr, query, class,"
                       " catalog, database, name FROM leat_object" WHERE_NAME,
    [SQL_OBJECT_ID] = "SELECT id FROM leat_object" WHERE_NAME,
    [SQL_OBJECT_PUT] = "INSERT INTO leat_object (catalog, database, name, kind, comment,"
                       " watermark_column, watermark_expr, query, class)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_OBJECT_DELETE] = "DELETE FROM leat_object" WHERE_NAME,
    [SQL_OBJECT_RENAME] = "UPDATE leat_object SET name = ?5"
                          " WHERE catalog = ?1 AND database = ?2 AND (kind = 2) = ?3 AND name = ?4",
    [SQL_OBJECT_NAMES] = "SELECT name FROM leat_object WHERE catalog = ? AND database = ?"
                         " AND kind = ? ORDER BY name",
    [SQL_RELATION_NAMES] = "SELECT name FROM leat_object WHERE catalog = ? AND database = ?"
                           " AND kind < 2 ORDER BY name",
    [SQL_COLUMNS_GET] = "SELECT name, kind, type, expr, metadata_key, virtual, comment"
                        " FROM leat_column WHERE object = ? ORDER BY position",
    [SQL_COLUMN_PUT] = "INSERT INTO leat_column VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_NAMES_GET] = "SELECT name FROM leat_name WHERE object = ? AND role = ? ORDER BY position",
    [SQL_NAME_PUT] = "INSERT INTO leat_name VALUES (?, ?, ?, ?)",
    [SQL_OPTIONS_GET] = "SELECT key, value FROM leat_option WHERE object = ? ORDER BY position",
    [SQL_OPTION_PUT] = "INSERT INTO leat_option VALUES (?, ?, ?, ?)",
    [SQL_DATABASE_GET] = "SELECT 1 FROM leat_database WHERE catalog = ? AND name = ?",
    [SQL_DATABASE_PUT] = "INSERT OR IGNORE INTO leat_database VALUES (?, ?)",
    [SQL_DATABASE_DELETE] = "DELETE FROM leat_database WHERE catalog = ? AND name = ?",
    [SQL_DATABASE_EMPTY] = "DELETE FROM leat_object WHERE catalog = ? AND database = ?",
    [SQL_CATALOG_DELETE] = "DELETE FROM leat_database WHERE catalog = ?",
    [SQL_CATALOG_EMPTY] = "DELETE FROM leat_object WHERE catalog = ?",
    [SQL_DATABASES] = "SELECT name FROM leat_database WHERE catalog = ? AND name <> ''"
                      " ORDER BY name",
    [SQL_CATALOGS] = "SELECT catalog FROM leat_database WHERE name = '' ORDER BY catalog",
    [SQL_SETTINGS] = "SELECT key, value FROM leat_setting ORDER BY key",
    [SQL_SETTING_PUT] = "INSERT OR REPLACE INTO leat_setting VALUES (?, ?)",
    [SQL_SETTING_DELETE] = "DELETE FROM leat_setting WHERE key = ?",
};

enum name_role { ROLE_PRIMARY_KEY, ROLE_PARTITION_KEY, ROLE_VIEW_COLUMN };

struct lt_store {
    struct lt_alloc *alloc;
    sqlite3 *db;
    char *path; /* for messages; NULL in memory */
    size_t path_size;
    sqlite3_stmt *statements[SQL_COUNT];
};

/* ---- calls ------------------------------------------------------------ */

static lt_status store_fail(struct lt_store *store, int code, struct lt_error *err)
{
    const char *path = store->path ? store->path : "memory";
    switch (code & 0xff) {
    case SQLITE_NOMEM: return LT_NOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return lt_fail(err, LT_BUSY,
                       "database '%s' is in use by another process; close it there first", path);
    case SQLITE_NOTADB:
        return lt_fail(err, LT_INVALID, "'%s' is not a Leat database; name another file", path);
    case SQLITE_CORRUPT:
        return lt_fail(err, LT_CORRUPT, "database '%s' is damaged: %s; restore it from a copy",
                       path, sqlite3_errmsg(store->db));
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_FULL:
    case SQLITE_IOERR:
        return lt_fail(err, LT_IO, "database '%s': %s", path, sqlite3_errmsg(store->db));
    default: return lt_fail(err, LT_CORRUPT, "database '%s': %s", path, sqlite3_errmsg(store->db));
    }
}

/* A statement with its parameters bound: 't' a struct lt_str (borrowed until the
 * statement is reset), 'n' one that is NULL when empty, 'i' an int64_t. */
static lt_status store_bind(struct lt_store *store, enum store_sql sql, struct lt_error *err,
                            sqlite3_stmt **out, const char *format, va_list args)
{
    sqlite3_stmt **stmt = &store->statements[sql];
    int code = SQLITE_OK;
    if (!*stmt)
        code = sqlite3_prepare_v3(store->db, store_texts[sql], -1, SQLITE_PREPARE_PERSISTENT, stmt,
                                  NULL);
    for (int i = 0; code == SQLITE_OK && format[i]; i++) {
        if (format[i] == 'i') {
            code = sqlite3_bind_int64(*stmt, i + 1, va_arg(args, int64_t));
            continue;
        }
        struct lt_str text = va_arg(args, struct lt_str);
        if (format[i] == 'n' && text.len == 0)
            code = sqlite3_bind_null(*stmt, i + 1);
        else
            code = sqlite3_bind_text64(*stmt, i + 1, text.len ? text.data : "", text.len,
                                       SQLITE_STATIC, SQLITE_UTF8);
    }
    if (code != SQLITE_OK)
        return store_fail(store, code, err);
    *out = *stmt;
    return LT_OK;
}

static lt_status store_start(struct lt_store *store, enum store_sql sql, struct lt_error *err,
                             sqlite3_stmt **out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    lt_status status = store_bind(store, sql, err, out, format, args);
    va_end(args);
    return status;
}

/* The next row; *row false at the end, when the statement is reset. */
static lt_status store_next(struct lt_store *store, sqlite3_stmt *stmt, bool *row,
                            struct lt_error *err)
{
    int code = sqlite3_step(stmt);
    *row = code == SQLITE_ROW;
    if (code == SQLITE_ROW)
        return LT_OK;
    lt_status status = code == SQLITE_DONE ? LT_OK : store_fail(store, code, err);
    sqlite3_reset(stmt);
    return status;
}

static lt_status store_run(struct lt_store *store, enum store_sql sql, struct lt_error *err,
                           const char *format, ...)
{
    sqlite3_stmt *stmt;
    bool row;
    va_list args;
    va_start(args, format);
    lt_status status = store_bind(store, sql, err, &stmt, format, args);
    va_end(args);
    LT_TRY(status);
    LT_TRY(store_next(store, stmt, &row, err));
    if (row)
        sqlite3_reset(stmt);
    return LT_OK;
}

static lt_status store_text(struct lt_arena *arena, sqlite3_stmt *stmt, int column,
                            struct lt_str *out)
{
    const void *text = sqlite3_column_text(stmt, column);
    size_t len = (size_t)sqlite3_column_bytes(stmt, column);
    return lt_arena_str(arena, (struct lt_str){text ? text : "", text ? len : 0}, out);
}

/* Ends a transaction: commits after LT_OK, else rolls back and passes on. */
static lt_status store_finish(struct lt_store *store, lt_status status, struct lt_error *err)
{
    if (status == LT_OK)
        status = store_run(store, SQL_COMMIT, err, "");
    if (status != LT_OK && !sqlite3_get_autocommit(store->db)) {
        lt_status undone = store_run(store, SQL_ROLLBACK, NULL, "");
        LT_UNUSED(undone); /* the first failure is the one to tell */
    }
    return status;
}

/* ---- open and close --------------------------------------------------- */

static lt_status store_exec(struct lt_store *store, const char *sql, struct lt_error *err)
{
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? LT_OK : store_fail(store, code, err);
}

static lt_status store_pragma(struct lt_store *store, const char *sql, int64_t *out,
                              struct lt_error *err)
{
    sqlite3_stmt *stmt;
    int code = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);
    if (code != SQLITE_OK)
        return store_fail(store, code, err);
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW)
        *out = sqlite3_column_int64(stmt, 0);
    lt_status status = code == SQLITE_ROW ? LT_OK : store_fail(store, code, err);
    sqlite3_finalize(stmt);
    return status;
}

/* A file that says "ok" here can be trusted as a SQLite database. */
static lt_status store_verify(struct lt_store *store, struct lt_error *err)
{
    sqlite3_stmt *stmt;
    int code = sqlite3_prepare_v2(store->db, "PRAGMA quick_check(1)", -1, &stmt, NULL);
    if (code != SQLITE_OK)
        return store_fail(store, code, err);
    lt_status status = LT_OK;
    code = sqlite3_step(stmt);
    if (code != SQLITE_ROW)
        status = store_fail(store, code, err);
    else if (strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") != 0)
        status = lt_fail(err, LT_CORRUPT, "database '%s' is damaged: %s; restore it from a copy",
                         store->path, sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    return status;
}

static lt_status store_migrate(struct lt_store *store, struct lt_error *err)
{
    char text[96];
    int64_t version = 0, tables = 0;
    LT_TRY(store_pragma(store, "PRAGMA user_version", &version, err));
    LT_TRY(store_pragma(store, "SELECT count(*) FROM sqlite_schema", &tables, err));
    if (version < 0 || version > LT_STORE_VERSION || (version == 0 && tables > 0))
        return lt_fail(err, LT_CORRUPT, "database '%s' has format %lld, which was never one",
                       store->path ? store->path : "memory", (long long)version);
    for (; version < LT_STORE_VERSION; version++)
        LT_TRY(store_exec(store, store_migrations[version], err));
    sqlite3_snprintf(sizeof(text), text, "PRAGMA application_id = %d; PRAGMA user_version = %d",
                     LT_STORE_APPLICATION_ID, LT_STORE_VERSION);
    return store_exec(store, text, err);
}

static lt_status store_prepare_file(struct lt_store *store, struct lt_error *err)
{
    int64_t version = 0;
    LT_TRY(store_exec(store, "PRAGMA foreign_keys = ON", err));
    if (store->path) {
        LT_TRY(store_exec(store, "PRAGMA locking_mode = EXCLUSIVE", err));
        LT_TRY(store_exec(store, "PRAGMA synchronous = FULL", err));
    }
    LT_TRY(store_exec(store, "BEGIN IMMEDIATE", err));
    lt_status status = store_pragma(store, "PRAGMA user_version", &version, err);
    if (status == LT_OK && store->path && version > 0)
        status = store_verify(store, err);
    if (status == LT_OK && version != LT_STORE_VERSION)
        status = store_migrate(store, err);
    return store_finish(store, status, err);
}

lt_status lt_store_open(struct lt_alloc *alloc, const char *path, struct lt_store **out,
                        struct lt_error *err)
{
    if (path)
        LT_TRY(lt_store_file_check(path, LT_STORE_APPLICATION_ID, LT_STORE_VERSION, err));
    struct lt_store *store = lt_alloc_zero(alloc, sizeof(*store));
    if (!store)
        return LT_NOMEM;
    store->alloc = alloc;
    lt_status status = LT_OK;
    if (path) {
        store->path_size = strlen(path) + 1;
        store->path = lt_alloc_get(alloc, store->path_size);
        status = store->path ? LT_OK : LT_NOMEM;
        if (store->path)
            memcpy(store->path, path, store->path_size);
    }
    if (status == LT_OK) {
        int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
        int code = sqlite3_open_v2(path ? path : ":memory:", &store->db, flags, NULL);
        status = code == SQLITE_OK ? store_prepare_file(store, err) : store_fail(store, code, err);
    }
    if (status != LT_OK) {
        lt_store_close(store);
        return status;
    }
    *out = store;
    return LT_OK;
}

void lt_store_close(struct lt_store *store)
{
    if (!store)
        return;
    for (int i = 0; i < SQL_COUNT; i++)
        sqlite3_finalize(store->statements[i]);
    sqlite3_close(store->db);
    lt_alloc_put(store->alloc, store->path, store->path_size);
    lt_alloc_put(store->alloc, store, sizeof(*store));
}

/* ---- objects: reading ------------------------------------------------- */

static lt_status names_read(struct lt_store *store, sqlite3_stmt *stmt, struct lt_arena *arena,
                            uint32_t *n, struct lt_str **names, struct lt_error *err)
{
    struct lt_str *list = NULL;
    uint32_t len = 0, cap = 0;
    bool row;
    lt_status status;
    while ((status = store_next(store, stmt, &row, err)) == LT_OK && row) {
        struct lt_str name;
        status = store_text(arena, stmt, 0, &name);
        if (status == LT_OK)
            status = LT_ARENA_PUSH(arena, list, len, cap, name);
        if (status != LT_OK)
            break;
    }
    sqlite3_reset(stmt);
    LT_TRY(status);
    *n = len;
    *names = list;
    return LT_OK;
}

static lt_status column_read(struct lt_arena *arena, sqlite3_stmt *stmt,
                             struct lt_table_column *col, struct lt_error *err)
{
    struct lt_str type;
    LT_TRY(store_text(arena, stmt, 0, &col->name));
    col->kind = (enum lt_column_kind)sqlite3_column_int(stmt, 1);
    LT_TRY(store_text(arena, stmt, 2, &type));
    LT_TRY(store_text(arena, stmt, 3, &col->expr));
    LT_TRY(store_text(arena, stmt, 4, &col->metadata_key));
    col->metadata_virtual = sqlite3_column_int(stmt, 5) != 0;
    LT_TRY(store_text(arena, stmt, 6, &col->comment));
    if (type.len == 0)
        return LT_OK;
    lt_status status = lt_type_read(type, arena, &col->type);
    if (status == LT_CORRUPT)
        return lt_fail(err, LT_CORRUPT, "column '%.*s' has the stored type '%.*s', which is none",
                       LT_STR_ARG(col->name), LT_STR_ARG(type));
    return status;
}

static lt_status columns_read(struct lt_store *store, struct lt_arena *arena,
                              struct lt_object *object, struct lt_error *err)
{
    sqlite3_stmt *stmt;
    uint32_t cap = 0;
    bool row;
    lt_status status;
    LT_TRY(store_start(store, SQL_COLUMNS_GET, err, &stmt, "i", object->version));
    while ((status = store_next(store, stmt, &row, err)) == LT_OK && row) {
        struct lt_table_column col = {0};
        status = column_read(arena, stmt, &col, err);
        if (status == LT_OK)
            status = LT_ARENA_PUSH(arena, object->columns, object->n_columns, cap, col);
        if (status != LT_OK)
            break;
    }
    sqlite3_reset(stmt);
    return status;
}

static lt_status options_read(struct lt_store *store, sqlite3_stmt *stmt, struct lt_arena *arena,
                              uint32_t *n, struct lt_option **options, struct lt_error *err)
{
    struct lt_option *list = NULL;
    uint32_t len = 0, cap = 0;
    bool row;
    lt_status status;
    while ((status = store_next(store, stmt, &row, err)) == LT_OK && row) {
        struct lt_option option = {0};
        status = store_text(arena, stmt, 0, &option.key);
        if (status == LT_OK)
            status = store_text(arena, stmt, 1, &option.value);
        if (status == LT_OK)
            status = LT_ARENA_PUSH(arena, list, len, cap, option);
        if (status != LT_OK)
            break;
    }
    sqlite3_reset(stmt);
    LT_TRY(status);
    *n = len;
    *options = list;
    return LT_OK;
}

static lt_status roles_read(struct lt_store *store, struct lt_arena *arena,
                            struct lt_object *object, struct lt_error *err)
{
    struct {
        enum name_role role;
        uint32_t *n;
        struct lt_str **names;
    } roles[] = {{ROLE_PRIMARY_KEY, &object->n_primary_key, &object->primary_key},
                 {ROLE_PARTITION_KEY, &object->n_partition_keys, &object->partition_keys},
                 {ROLE_VIEW_COLUMN, &object->n_view_columns, &object->view_columns}};
    for (size_t i = 0; i < LT_ARRAY_LEN(roles); i++) {
        sqlite3_stmt *stmt;
        LT_TRY(store_start(store, SQL_NAMES_GET, err, &stmt, "ii", object->version,
                           (int64_t)roles[i].role));
        LT_TRY(names_read(store, stmt, arena, roles[i].n, roles[i].names, err));
    }
    return LT_OK;
}

static lt_status object_read(struct lt_arena *arena, sqlite3_stmt *stmt, struct lt_object *object)
{
    object->version = sqlite3_column_int64(stmt, 0);
    object->kind = (enum lt_object_kind)sqlite3_column_int(stmt, 1);
    struct lt_str *strings[] = {
        &object->comment,        &object->watermark_column, &object->watermark_expr, &object->query,
        &object->function_class, &object->catalog,          &object->database,       &object->name};
    for (int i = 0; i < (int)LT_ARRAY_LEN(strings); i++)
        LT_TRY(store_text(arena, stmt, i + 2, strings[i]));
    return LT_OK;
}

lt_status lt_store_get(struct lt_store *store, const struct lt_store_name *name,
                       struct lt_arena *arena, struct lt_object **out, struct lt_error *err)
{
    sqlite3_stmt *stmt;
    bool row;
    *out = NULL;
    LT_TRY(store_start(store, SQL_OBJECT_GET, err, &stmt, "ttit", name->catalog, name->database,
                       (int64_t)name->function, name->name));
    LT_TRY(store_next(store, stmt, &row, err));
    if (!row)
        return LT_OK;
    struct lt_object *object = LT_ARENA_NEW(arena, struct lt_object);
    lt_status status = object ? object_read(arena, stmt, object) : LT_NOMEM;
    sqlite3_reset(stmt);
    LT_TRY(status);
    LT_TRY(columns_read(store, arena, object, err));
    LT_TRY(roles_read(store, arena, object, err));
    LT_TRY(store_start(store, SQL_OPTIONS_GET, err, &stmt, "i", object->version));
    LT_TRY(options_read(store, stmt, arena, &object->n_options, &object->options, err));
    *out = object;
    return LT_OK;
}

lt_status lt_store_has(struct lt_store *store, const struct lt_store_name *name, bool *has,
                       struct lt_error *err)
{
    sqlite3_stmt *stmt;
    LT_TRY(store_start(store, SQL_OBJECT_ID, err, &stmt, "ttit", name->catalog, name->database,
                       (int64_t)name->function, name->name));
    LT_TRY(store_next(store, stmt, has, err));
    sqlite3_reset(stmt);
    return LT_OK;
}

lt_status lt_store_names(struct lt_store *store, int kind, struct lt_str catalog,
                         struct lt_str database, struct lt_arena *arena, uint32_t *n,
                         struct lt_str **names, struct lt_error *err)
{
    sqlite3_stmt *stmt;
    if (kind < 0)
        LT_TRY(store_start(store, SQL_RELATION_NAMES, err, &stmt, "tt", catalog, database));
    else
        LT_TRY(store_start(store, SQL_OBJECT_NAMES, err, &stmt, "tti", catalog, database,
                           (int64_t)kind));
    return names_read(store, stmt, arena, n, names, err);
}

/* ---- objects: writing ------------------------------------------------- */

static lt_status columns_write(struct lt_store *store, int64_t id, const struct lt_object *object,
                               struct lt_error *err)
{
    struct lt_buf type;
    lt_status status = LT_OK;
    lt_buf_init(&type, store->alloc);
    for (uint32_t i = 0; i < object->n_columns && status == LT_OK; i++) {
        const struct lt_table_column *col = &object->columns[i];
        lt_buf_clear(&type);
        if (col->type)
            lt_type_print(&type, col->type);
        status = type.status;
        if (status == LT_OK)
            status = store_run(store, SQL_COLUMN_PUT, err, "iitinnnin", id, (int64_t)i, col->name,
                               (int64_t)col->kind, lt_buf_str(&type), col->expr, col->metadata_key,
                               (int64_t)col->metadata_virtual, col->comment);
    }
    lt_buf_close(&type);
    return status;
}

static lt_status role_write(struct lt_store *store, int64_t id, enum name_role role, uint32_t n,
                            const struct lt_str *names, struct lt_error *err)
{
    for (uint32_t i = 0; i < n; i++)
        LT_TRY(
            store_run(store, SQL_NAME_PUT, err, "iiit", id, (int64_t)role, (int64_t)i, names[i]));
    return LT_OK;
}

static lt_status object_write(struct lt_store *store, const struct lt_store_name *name,
                              const struct lt_object *object, struct lt_error *err)
{
    LT_TRY(store_run(store, SQL_OBJECT_DELETE, err, "ttit", name->catalog, name->database,
                     (int64_t)name->function, name->name));
    LT_TRY(store_run(store, SQL_OBJECT_PUT, err, "tttinnnnn", name->catalog, name->database,
                     name->name, (int64_t)object->kind, object->comment, object->watermark_column,
                     object->watermark_expr, object->query, object->function_class));
    int64_t id = sqlite3_last_insert_rowid(store->db);
    LT_TRY(columns_write(store, id, object, err));
    LT_TRY(
        role_write(store, id, ROLE_PRIMARY_KEY, object->n_primary_key, object->primary_key, err));
    LT_TRY(role_write(store, id, ROLE_PARTITION_KEY, object->n_partition_keys,
                      object->partition_keys, err));
    LT_TRY(
        role_write(store, id, ROLE_VIEW_COLUMN, object->n_view_columns, object->view_columns, err));
    for (uint32_t i = 0; i < object->n_options; i++)
        LT_TRY(store_run(store, SQL_OPTION_PUT, err, "iitt", id, (int64_t)i, object->options[i].key,
                         object->options[i].value));
    return LT_OK;
}

lt_status lt_store_put(struct lt_store *store, const struct lt_store_name *name,
                       const struct lt_object *object, struct lt_error *err)
{
    LT_TRY(store_run(store, SQL_BEGIN, err, ""));
    return store_finish(store, object_write(store, name, object, err), err);
}

lt_status lt_store_delete(struct lt_store *store, const struct lt_store_name *name,
                          struct lt_error *err)
{
    return store_run(store, SQL_OBJECT_DELETE, err, "ttit", name->catalog, name->database,
                     (int64_t)name->function, name->name);
}

lt_status lt_store_rename(struct lt_store *store, const struct lt_store_name *name,
                          struct lt_str new_name, struct lt_error *err)
{
    return store_run(store, SQL_OBJECT_RENAME, err, "ttitt", name->catalog, name->database,
                     (int64_t)name->function, name->name, new_name);
}

/* ---- databases and settings ------------------------------------------- */

lt_status lt_store_has_database(struct lt_store *store, struct lt_str catalog,
                                struct lt_str database, bool *has, struct lt_error *err)
{
    sqlite3_stmt *stmt;
    LT_TRY(store_start(store, SQL_DATABASE_GET, err, &stmt, "tt", catalog, database));
    LT_TRY(store_next(store, stmt, has, err));
    sqlite3_reset(stmt);
    return LT_OK;
}

lt_status lt_store_add_database(struct lt_store *store, struct lt_str catalog,
                                struct lt_str database, struct lt_error *err)
{
    return store_run(store, SQL_DATABASE_PUT, err, "tt", catalog, database);
}

static lt_status database_remove(struct lt_store *store, struct lt_str catalog,
                                 struct lt_str database, struct lt_error *err)
{
    if (database.len == 0) {
        LT_TRY(store_run(store, SQL_CATALOG_EMPTY, err, "t", catalog));
        return store_run(store, SQL_CATALOG_DELETE, err, "t", catalog);
    }
    LT_TRY(store_run(store, SQL_DATABASE_EMPTY, err, "tt", catalog, database));
    return store_run(store, SQL_DATABASE_DELETE, err, "tt", catalog, database);
}

lt_status lt_store_remove_database(struct lt_store *store, struct lt_str catalog,
                                   struct lt_str database, struct lt_error *err)
{
    LT_TRY(store_run(store, SQL_BEGIN, err, ""));
    return store_finish(store, database_remove(store, catalog, database, err), err);
}

lt_status lt_store_databases(struct lt_store *store, struct lt_str catalog, struct lt_arena *arena,
                             uint32_t *n, struct lt_str **names, struct lt_error *err)
{
    sqlite3_stmt *stmt;
    if (catalog.len == 0)
        LT_TRY(store_start(store, SQL_CATALOGS, err, &stmt, ""));
    else
        LT_TRY(store_start(store, SQL_DATABASES, err, &stmt, "t", catalog));
    return names_read(store, stmt, arena, n, names, err);
}

lt_status lt_store_put_setting(struct lt_store *store, struct lt_str key, struct lt_str value,
                               struct lt_error *err)
{
    if (value.len == 0)
        return store_run(store, SQL_SETTING_DELETE, err, "t", key);
    return store_run(store, SQL_SETTING_PUT, err, "tt", key, value);
}

lt_status lt_store_settings(struct lt_store *store, struct lt_arena *arena, uint32_t *n,
                            struct lt_option **options, struct lt_error *err)
{
    sqlite3_stmt *stmt;
    LT_TRY(store_start(store, SQL_SETTINGS, err, &stmt, ""));
    return options_read(store, stmt, arena, n, options, err);
}
