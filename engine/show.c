/* show.c -- statements that answer with rows the engine makes itself: SHOW,
 * SHOW CREATE, DESCRIBE, EXPLAIN, and SET without a value. */
#include "engine/engine.h"

#include <stdio.h>

static const char *const describe_columns[] = {"name",   "type",      "null",   "key",
                                               "extras", "watermark", "comment"};
static const char *const setting_columns[] = {"key", "value"};
static const char *const explain_columns[] = {"result"};
static const char *const job_columns[] = {"job", "status", "late rows"};

bool show_handles(const struct lt_ast_stmt *ast)
{
    switch (ast->kind) {
    case LT_AST_STMT_SHOW:
    case LT_AST_STMT_SHOW_CREATE:
    case LT_AST_STMT_DESCRIBE:
    case LT_AST_STMT_EXPLAIN: return true;
    case LT_AST_STMT_SET: return ast->options == NULL;
    default: return false;
    }
}

/* ---- shape --------------------------------------------------------------------- */

static const char *const *show_columns(const struct lt_ast_stmt *ast, uint32_t *n)
{
    static const struct {
        const char *word;
        const char *const name[1];
    } kinds[] = {
        {"TABLES", {"table name"}},
        {"VIEWS", {"view name"}},
        {"FUNCTIONS", {"function name"}},
        {"USER FUNCTIONS", {"function name"}},
        {"DATABASES", {"database name"}},
        {"CATALOGS", {"catalog name"}},
        {"CURRENT DATABASE", {"current database name"}},
        {"CURRENT CATALOG", {"current catalog name"}},
        {"MODULES", {"module name"}},
        {"FULL MODULES", {"module name"}},
        {"MATERIALIZED VIEWS", {"view name"}},
        {"QUERIES", {"query name"}},
    };
    *n = 1;
    for (size_t i = 0; i < LT_ARRAY_LEN(kinds); i++)
        if (lt_str_equal(ast->show_word, lt_str_of(kinds[i].word)))
            return kinds[i].name;
    if (ast->object == LT_AST_COLUMNS) {
        *n = LT_ARRAY_LEN(describe_columns);
        return describe_columns;
    }
    if (ast->object == LT_AST_JOBS) {
        *n = LT_ARRAY_LEN(job_columns);
        return job_columns;
    }
    *n = LT_ARRAY_LEN(setting_columns);
    return setting_columns;
}

void show_prepare(struct leat_stmt *stmt)
{
    struct local_rows *local = &stmt->local;
    stmt->is_local = true;
    switch (stmt->ast->kind) {
    case LT_AST_STMT_DESCRIBE:
        local->names = describe_columns;
        local->n_columns = LT_ARRAY_LEN(describe_columns);
        break;
    case LT_AST_STMT_SHOW: local->names = show_columns(stmt->ast, &local->n_columns); break;
    case LT_AST_STMT_SET:
        local->names = setting_columns;
        local->n_columns = LT_ARRAY_LEN(setting_columns);
        break;
    default: local->names = explain_columns; local->n_columns = 1;
    }
}

lt_status local_add(struct leat_stmt *stmt, const struct lt_str *cells)
{
    struct local_rows *local = &stmt->local;
    if (local->n_rows == local->cap) {
        uint32_t cap = local->cap ? local->cap * 2 : 16;
        struct lt_str *grown =
            LT_ARENA_ARRAY(&stmt->arena, struct lt_str, (size_t)cap * local->n_columns);
        if (!grown)
            return LT_NOMEM;
        if (local->n_rows)
            memcpy(grown, local->cells, sizeof(*grown) * local->n_rows * local->n_columns);
        local->cells = grown;
        local->cap = cap;
    }
    struct lt_str *row = local->cells + (size_t)local->n_rows * local->n_columns;
    for (uint32_t i = 0; i < local->n_columns; i++)
        if (cells[i].data)
            LT_TRY(lt_arena_str(&stmt->arena, cells[i], &row[i]));
    local->n_rows++;
    return LT_OK;
}

/* ---- lists ------------------------------------------------------------------------ */

/* LIKE with % and _, as SQL has it. */
static bool like(struct lt_str pattern, struct lt_str text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, mark = 0;
    while (t < text.len) {
        if (p < pattern.len && pattern.data[p] == '%') {
            star = p++;
            mark = t;
        } else if (p < pattern.len && (pattern.data[p] == '_' || pattern.data[p] == text.data[t])) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.data[p] == '%')
        p++;
    return p == pattern.len;
}

static lt_status add_names(struct leat_stmt *stmt, uint32_t n, const struct lt_str *names)
{
    const struct lt_ast_stmt *ast = stmt->ast;
    for (uint32_t i = 0; i < n; i++)
        if (!ast->like.data || like(ast->like, names[i]) != ast->not_like)
            LT_TRY(local_add(stmt, &names[i]));
    return LT_OK;
}

/* Two sorted lists as one. */
static lt_status add_merged(struct leat_stmt *stmt, uint32_t n, const struct lt_str *a, uint32_t m,
                            const struct lt_str *b)
{
    uint32_t i = 0, j = 0;
    while (i < n || j < m) {
        bool first = j == m || (i < n && lt_str_compare(a[i], b[j]) <= 0);
        LT_TRY(add_names(stmt, 1, first ? &a[i++] : &b[j++]));
    }
    return LT_OK;
}

static lt_status show_objects(struct leat_stmt *stmt, struct lt_error *err)
{
    struct lt_catalog_session *catalog = stmt->session->catalog;
    const struct lt_ast_stmt *ast = stmt->ast;
    struct lt_str *tables = NULL, *views = NULL, database = LT_STR(""), path[3];
    uint32_t n_tables = 0, n_views = 0, n = 0;
    if (ast->path) {
        LT_TRY(path_parts(ast->path, path, &n, err));
        database = path[n - 1];
    }
    if (ast->object == LT_AST_TABLE)
        LT_TRY(lt_catalog_list(catalog, LT_OBJECT_TABLE, database, &stmt->arena, &n_tables, &tables,
                               err));
    LT_TRY(lt_catalog_list(catalog, LT_OBJECT_VIEW, database, &stmt->arena, &n_views, &views, err));
    return add_merged(stmt, n_tables, tables, n_views, views);
}

static lt_status show_functions(struct leat_stmt *stmt, struct lt_error *err)
{
    struct lt_str *names = NULL;
    uint32_t n = 0;
    LT_TRY(lt_catalog_list(stmt->session->catalog, LT_OBJECT_FUNCTION, LT_STR(""), &stmt->arena, &n,
                           &names, err));
    LT_TRY(add_names(stmt, n, names));
    if (lt_str_equal(stmt->ast->show_word, LT_STR("USER FUNCTIONS")))
        return LT_OK;
    for (const struct lt_function *const *fn = engine_functions.functions; *fn; fn++) {
        struct lt_str name = lt_str_of((*fn)->name);
        bool is_word = name.len && name.data[0] >= 'A' && name.data[0] <= 'Z';
        if (is_word && !memchr(name.data, ' ', name.len)) /* not the operators */
            LT_TRY(add_names(stmt, 1, &name));
    }
    for (const struct lt_aggregate *const *fn = engine_functions.aggregates; *fn; fn++) {
        struct lt_str name = lt_str_of((*fn)->name);
        LT_TRY(add_names(stmt, 1, &name));
    }
    return LT_OK;
}

static lt_status show_settings(struct leat_stmt *stmt)
{
    struct lt_option *options;
    uint32_t n;
    LT_TRY(lt_setting_list(stmt->session->catalog, &stmt->arena, &n, &options));
    for (uint32_t i = 0; i < n; i++)
        LT_TRY(local_add(stmt, (struct lt_str[]){options[i].key, options[i].value}));
    return LT_OK;
}

static lt_status show_jobs(struct leat_stmt *stmt)
{
    static const char *const states[] = {"RUNNING", "FINISHED", "FAILED", "CANCELLED"};
    char number[24], late[24];
    int id = 0;
    for (struct engine_job *job = stmt->session->jobs; job; job = job->next) {
        struct lt_error ignored = {0};
        snprintf(number, sizeof(number), "%d", ++id);
        snprintf(late, sizeof(late), "%llu", (unsigned long long)lt_run_late_rows(job->run));
        struct lt_str state = lt_str_of(states[lt_run_status(job->run, &ignored)]);
        LT_TRY(local_add(stmt, (struct lt_str[]){lt_str_of(number), state, lt_str_of(late)}));
    }
    return LT_OK;
}

static lt_status show_list(struct leat_stmt *stmt, struct lt_error *err)
{
    struct lt_catalog_session *catalog = stmt->session->catalog;
    struct lt_str *names = NULL, one;
    uint32_t n = 0;
    if (lt_str_equal(stmt->ast->show_word, LT_STR("CURRENT DATABASE"))) {
        one = lt_catalog_current_database(catalog);
        return local_add(stmt, &one);
    }
    if (lt_str_equal(stmt->ast->show_word, LT_STR("CURRENT CATALOG"))) {
        one = lt_catalog_current_catalog(catalog);
        return local_add(stmt, &one);
    }
    if (stmt->ast->object == LT_AST_DATABASE)
        LT_TRY(lt_catalog_databases(catalog, &stmt->arena, &n, &names, err));
    else
        LT_TRY(lt_catalog_catalogs(catalog, &stmt->arena, &n, &names, err));
    return add_names(stmt, n, names);
}

/* ---- DESCRIBE ------------------------------------------------------------------------ */

static bool in_list(uint32_t n, const struct lt_str *names, struct lt_str name)
{
    for (uint32_t i = 0; i < n; i++)
        if (lt_str_equal(names[i], name))
            return true;
    return false;
}

static lt_status describe_extras(struct leat_stmt *stmt, const struct lt_table_column *col,
                                 struct lt_str *out)
{
    if (col && col->kind == LT_COLUMN_COMPUTED)
        return lt_arena_printf(&stmt->arena, out, "AS %.*s", LT_STR_ARG(col->expr));
    if (!col || col->kind != LT_COLUMN_METADATA)
        return LT_OK;
    if (lt_str_equal(col->metadata_key, col->name) || col->metadata_key.len == 0)
        return lt_arena_printf(&stmt->arena, out, "METADATA%s",
                               col->metadata_virtual ? " VIRTUAL" : "");
    return lt_arena_printf(&stmt->arena, out, "METADATA FROM '%.*s'%s",
                           LT_STR_ARG(col->metadata_key), col->metadata_virtual ? " VIRTUAL" : "");
}

static lt_status describe_column(struct leat_stmt *stmt, const struct lt_object *object, uint32_t i,
                                 const struct lt_field *field, struct lt_buf *text)
{
    const struct lt_table_column *col =
        object->kind == LT_OBJECT_TABLE && i < object->n_columns ? &object->columns[i] : NULL;
    struct lt_str cells[7] = {field->name};
    struct lt_arena *arena = &stmt->arena;
    const struct lt_type *type = lt_type_with_null(arena, field->type, true);
    if (!type)
        return LT_NOMEM;
    lt_buf_clear(text);
    lt_type_print(text, type);
    cells[1] = lt_buf_str(text);
    cells[2] = field->type->nullable ? LT_STR("TRUE") : LT_STR("FALSE");
    if (in_list(object->n_primary_key, object->primary_key, field->name))
        LT_TRY(lt_arena_printf(arena, &cells[3], "PRI"));
    LT_TRY(describe_extras(stmt, col, &cells[4]));
    if (object->watermark_column.len && lt_str_equal(object->watermark_column, field->name))
        cells[5] = object->watermark_expr;
    if (col && col->comment.len)
        cells[6] = col->comment;
    LT_TRY(text->status);
    return local_add(stmt, cells);
}

static lt_status describe(struct leat_stmt *stmt, struct lt_error *err)
{
    struct leat_session *session = stmt->session;
    const struct lt_object *object;
    struct lt_planner_env env;
    struct lt_fold fold;
    struct lt_schema schema = {0};
    struct lt_str path[3];
    struct lt_buf text;
    uint32_t n;
    LT_TRY(path_parts(stmt->ast->path, path, &n, err));
    LT_TRY(lt_catalog_find(session->catalog, n, path, stmt->ast->path->pos, &stmt->arena, &object,
                           err));
    LT_TRY(session_planner(session, &env, &fold, err));
    LT_TRY(lt_plan_describe(&env, object, &stmt->arena, &schema, err));
    lt_buf_init(&text, &session->db->alloc);
    lt_status status = LT_OK;
    for (uint32_t i = 0; i < schema.len && status == LT_OK; i++)
        if (!stmt->ast->like.data ||
            like(stmt->ast->like, schema.fields[i].name) != stmt->ast->not_like)
            status = describe_column(stmt, object, i, &schema.fields[i], &text);
    lt_buf_close(&text);
    return status;
}

/* ---- SHOW CREATE, EXPLAIN -------------------------------------------------------------- */

static lt_status add_buffer(struct leat_stmt *stmt, struct lt_buf *text)
{
    lt_status status = text->status;
    struct lt_str cell = lt_buf_str(text);
    while (cell.len && cell.data[cell.len - 1] == '\n')
        cell.len--;
    if (status == LT_OK)
        status = local_add(stmt, &cell);
    lt_buf_close(text);
    return status;
}

static lt_status show_create(struct leat_stmt *stmt, struct lt_error *err)
{
    const struct lt_ast_stmt *ast = stmt->ast;
    const struct lt_object *object;
    struct lt_str path[3];
    struct lt_buf text;
    uint32_t n;
    LT_TRY(path_parts(ast->path, path, &n, err));
    if (ast->object == LT_AST_FUNCTION)
        LT_TRY(lt_catalog_find_function(stmt->session->catalog, n, path, ast->path->pos,
                                        &stmt->arena, &object, err));
    else
        LT_TRY(lt_catalog_find(stmt->session->catalog, n, path, ast->path->pos, &stmt->arena,
                               &object, err));
    if ((ast->object == LT_AST_TABLE) != (object->kind == LT_OBJECT_TABLE))
        return lt_fail_at(err, LT_INVALID, ast->path->pos, "'%.*s' is no %s; use SHOW CREATE %s",
                          LT_STR_ARG(object->name), ast->object == LT_AST_TABLE ? "table" : "view",
                          ast->object == LT_AST_TABLE ? "VIEW" : "TABLE");
    lt_buf_init(&text, &stmt->session->db->alloc);
    object_to_sql(&text, object, true, NULL);
    return add_buffer(stmt, &text);
}

static lt_status explain(struct leat_stmt *stmt)
{
    enum lt_explain_format format = LT_EXPLAIN_TEXT;
    struct lt_buf text;
    for (const struct lt_ast_option *o = stmt->ast->explain_details; o; o = o->next) {
        if (lt_str_equal_nocase(o->value, LT_STR("JSON")) ||
            lt_str_equal_nocase(o->key, LT_STR("JSON_EXECUTION_PLAN")))
            format = LT_EXPLAIN_JSON;
        if (lt_str_equal_nocase(o->value, LT_STR("DOT")))
            format = LT_EXPLAIN_DOT;
    }
    lt_buf_init(&text, &stmt->session->db->alloc);
    lt_plan_explain(&text, stmt->plan, format);
    return add_buffer(stmt, &text);
}

lt_status show_run(struct leat_stmt *stmt, struct lt_error *err)
{
    switch (stmt->ast->kind) {
    case LT_AST_STMT_DESCRIBE: return describe(stmt, err);
    case LT_AST_STMT_SHOW_CREATE: return show_create(stmt, err);
    case LT_AST_STMT_EXPLAIN: return explain(stmt);
    case LT_AST_STMT_SET: return show_settings(stmt);
    default: break;
    }
    switch (stmt->ast->object) {
    case LT_AST_TABLE:
    case LT_AST_VIEW: return show_objects(stmt, err);
    case LT_AST_FUNCTION: return show_functions(stmt, err);
    case LT_AST_DATABASE:
    case LT_AST_CATALOG: return show_list(stmt, err);
    case LT_AST_COLUMNS: return describe(stmt, err);
    case LT_AST_SETTINGS: return show_settings(stmt);
    case LT_AST_JOBS: return show_jobs(stmt);
    case LT_AST_MODULES: return local_add(stmt, &LT_STR("core"));
    case LT_AST_MATERIALIZED_VIEW:
    case LT_AST_QUERY_OBJECT: return LT_OK; /* there are none yet */
    }
    return LT_OK;
}
