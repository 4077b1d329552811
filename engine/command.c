/* command.c -- statements that change names or settings: CREATE, DROP, USE, SET, RESET.
 *
 * They are done in the statement's first step, by one call of the catalog; what
 * they mean is checked by the planner first, where there is anything to check. */
#include "connectors/hub.h"
#include "engine/engine.h"
#include "parser/parser.h"

lt_status path_parts(const struct lt_ast_name *name, struct lt_str *parts, uint32_t *n,
                     struct lt_error *err)
{
    *n = 0;
    for (const struct lt_ast_name *at = name; at; at = at->next) {
        if (*n == 3)
            return lt_fail_at(err, LT_INVALID, at->pos,
                              "a name has at most three parts: catalog.database.name");
        parts[(*n)++] = at->text;
    }
    return LT_OK;
}

static lt_status unsupported(const struct lt_ast_stmt *ast, const char *what, struct lt_error *err)
{
    return lt_fail_at(err, LT_UNSUPPORTED, ast->pos, "not supported yet: %s", what);
}

/* An error of the catalog has no place; it is about the name. */
static lt_status at_name(const struct lt_ast_stmt *ast, lt_status status, struct lt_error *err)
{
    if (status != LT_OK && err->pos.line == 0 && ast->path)
        err->pos = ast->path->pos;
    return status;
}

/* ---- prepare ------------------------------------------------------------------ */

lt_status command_prepare(struct leat_stmt *stmt, struct lt_error *err)
{
    const struct lt_ast_stmt *ast = stmt->ast;
    if (show_handles(ast)) {
        show_prepare(stmt);
        if (ast->kind != LT_AST_STMT_EXPLAIN)
            return LT_OK;
        if (!ast->explained)
            return unsupported(ast, "EXPLAIN QUERY", err);
        for (const struct lt_ast_option *o = ast->explain_details; o; o = o->next)
            if (lt_str_equal(o->key, LT_STR("FLINK_COMPATIBILITY")))
                return lt_fail_at(err, LT_UNSUPPORTED, o->pos,
                                  "not supported yet: EXPLAIN FLINK_COMPATIBILITY; planning a "
                                  "statement gives a notice where Flink means something else");
        return stmt_plan(stmt, ast->explained, 0, err);
    }
    switch (ast->kind) {
    case LT_AST_STMT_UPDATE: return unsupported(ast, "UPDATE", err);
    case LT_AST_STMT_DELETE: return unsupported(ast, "DELETE", err);
    case LT_AST_STMT_SUBSCRIBE: return unsupported(ast, "SUBSCRIBE", err);
    case LT_AST_STMT_CREATE_QUERY: return unsupported(ast, "CREATE QUERY", err);
    case LT_AST_STMT_ALTER_QUERY: return unsupported(ast, "PAUSE, RESUME and CANCEL QUERY", err);
    case LT_AST_STMT_CREATE_VIEW:
        return ast->materialized ? unsupported(ast, "CREATE MATERIALIZED VIEW", err) : LT_OK;
    case LT_AST_STMT_DROP:
        if (ast->object == LT_AST_MATERIALIZED_VIEW || ast->object == LT_AST_QUERY_OBJECT)
            return unsupported(ast, "DROP MATERIALIZED VIEW and DROP QUERY", err);
        return LT_OK;
    default: return LT_OK;
    }
}

/* ---- CREATE ---------------------------------------------------------------------- */

/* CREATE TABLE ... AS query: the table, then an INSERT from the query, whose
 * columns find the table's by name. */
static lt_status create_as(struct leat_stmt *stmt, const struct lt_object *object,
                           struct lt_ast_name *columns, struct lt_error *err)
{
    struct lt_ast_stmt *insert = LT_ARENA_NEW(&stmt->arena, struct lt_ast_stmt);
    if (!insert)
        return LT_NOMEM;
    insert->kind = LT_AST_STMT_INSERT;
    insert->pos = stmt->ast->pos;
    insert->path = stmt->ast->create_table->path;
    insert->query = stmt->ast->create_table->query;
    insert->columns = columns;
    lt_status status = stmt_plan(stmt, insert, 0, err);
    if (status == LT_OK)
        status = stmt_insert_start(stmt, err);
    if (status == LT_OK)
        return LT_OK;
    struct lt_str path[] = {object->catalog, object->database, object->name};
    uint32_t skip = object->catalog.len ? 0 : object->database.len ? 1 : 2;
    lt_status undone = lt_catalog_drop(stmt->session->catalog, LT_OBJECT_TABLE, 3 - skip,
                                       path + skip, LT_NOWHERE, true, object->temporary, NULL);
    LT_UNUSED(undone); /* the failure to tell is the query's */
    return status;
}

/* A column of the query as CREATE TABLE would have declared it. */
static lt_status add_column(struct leat_stmt *stmt, const struct lt_field *field,
                            struct lt_ast_column **columns, struct lt_error *err)
{
    struct lt_buf text;
    struct lt_ast_column *col = LT_ARENA_NEW(&stmt->arena, struct lt_ast_column);
    struct lt_ast_name *name = LT_ARENA_NEW(&stmt->arena, struct lt_ast_name);
    if (!col || !name)
        return LT_NOMEM;
    for (; *columns; columns = &(*columns)->next)
        if (lt_str_equal((*columns)->name->text, field->name))
            return LT_OK; /* declared already */
    name->pos = col->pos = stmt->ast->pos;
    LT_TRY(lt_arena_str(&stmt->arena, field->name, &name->text));
    col->name = name;
    lt_buf_init(&text, &stmt->session->db->alloc);
    lt_type_print(&text, field->type);
    lt_status status = text.status;
    if (status == LT_OK)
        status = lt_parse_type(lt_buf_str(&text), &stmt->arena, &col->type, err);
    lt_buf_close(&text);
    LT_TRY(status);
    *columns = col;
    return LT_OK;
}

static lt_status add_name(struct leat_stmt *stmt, struct lt_str text, struct lt_ast_name **names)
{
    struct lt_ast_name *name = LT_ARENA_NEW(&stmt->arena, struct lt_ast_name);
    if (!name)
        return LT_NOMEM;
    while (*names)
        names = &(*names)->next;
    name->pos = stmt->ast->pos;
    *names = name;
    return lt_arena_str(&stmt->arena, text, &name->text);
}

/* CREATE TABLE ... AS: the definition with the query's columns in it, and their names. */
static lt_status declare_columns(struct leat_stmt *stmt, const struct lt_planner_env *env,
                                 struct lt_ast_stmt *out, struct lt_ast_name **names,
                                 struct lt_error *err)
{
    struct lt_ast_stmt query = *stmt->ast;
    struct lt_plan *plan;
    struct lt_ast_create_table *create =
        lt_arena_copy(&stmt->arena, stmt->ast->create_table, sizeof(*create));
    if (!create)
        return LT_NOMEM;
    query.kind = LT_AST_STMT_QUERY;
    query.query = create->query;
    LT_TRY(lt_plan_statement(env, &query, &plan, err));
    const struct lt_schema *schema = &plan_output(plan)->schema;
    lt_status status = LT_OK;
    for (uint32_t i = 0; i < schema->len && status == LT_OK; i++) {
        status = add_column(stmt, &schema->fields[i], &create->columns, err);
        if (status == LT_OK)
            status = add_name(stmt, schema->fields[i].name, names);
    }
    lt_plan_close(plan);
    create->query = NULL;
    *out = *stmt->ast;
    out->create_table = create;
    return status;
}

static lt_status create_table(struct leat_stmt *stmt, struct lt_error *err)
{
    struct lt_ast_stmt definition = *stmt->ast;
    struct leat_session *session = stmt->session;
    const struct lt_ast_create_table *create = stmt->ast->create_table;
    struct lt_planner_env env;
    struct lt_fold fold;
    struct lt_object *object;
    struct lt_ast_name *columns = NULL;
    struct lt_str path[3];
    uint32_t n;
    LT_TRY(path_parts(create->path, path, &n, err));
    bool exists = lt_catalog_exists(session->catalog, n, path);
    if (exists && create->if_not_exists)
        return LT_OK;
    LT_TRY(session_planner(session, &env, &fold, err));
    if (create->query)
        LT_TRY(declare_columns(stmt, &env, &definition, &columns, err));
    LT_TRY(lt_plan_create_table(&env, &definition, &stmt->arena, &object, err));
    lt_status status =
        lt_catalog_put(session->catalog, object, create->or_replace, create->if_not_exists, err);
    if (status != LT_OK && err->pos.line == 0)
        err->pos = create->path->pos;
    LT_TRY(status);
    return create->query ? create_as(stmt, object, columns, err) : LT_OK;
}

static lt_status create_view(struct leat_stmt *stmt, struct lt_error *err)
{
    struct leat_session *session = stmt->session;
    struct lt_planner_env env;
    struct lt_fold fold;
    struct lt_object *object;
    LT_TRY(session_planner(session, &env, &fold, err));
    LT_TRY(lt_plan_create_view(&env, stmt->ast, &stmt->arena, &object, err));
    return at_name(stmt->ast,
                   lt_catalog_put(session->catalog, object, stmt->ast->or_replace,
                                  stmt->ast->if_not_exists, err),
                   err);
}

static void name_object(struct lt_object *object, uint32_t n, const struct lt_str *path)
{
    object->name = path[n - 1];
    if (n >= 2)
        object->database = path[n - 2];
    if (n >= 3)
        object->catalog = path[n - 3];
}

/* Leat has no Java and, so far, no shared libraries: a class is taken when its work
 * is done by a built-in function. */
static lt_status create_function(struct leat_stmt *stmt, struct lt_error *err)
{
    const struct lt_ast_stmt *ast = stmt->ast;
    struct lt_object object = {.kind = LT_OBJECT_FUNCTION, .temporary = ast->temporary};
    struct lt_str path[3];
    uint32_t n;
    LT_TRY(path_parts(ast->path, path, &n, err));
    if (!lt_str_equal(ast->function_class, LT_STR("com.github.nexmark.flink.udf.CountChar")))
        return lt_fail_at(err, LT_UNSUPPORTED, ast->pos,
                          "not supported yet: functions from Java classes or shared libraries; "
                          "'%.*s' is none of those with a built-in of the same work",
                          LT_STR_ARG(ast->function_class));
    name_object(&object, n, path);
    object.function_class = ast->function_class;
    return at_name(
        ast,
        lt_catalog_put(stmt->session->catalog, &object, ast->or_replace, ast->if_not_exists, err),
        err);
}

/* catalog.database as its two parts; the catalog is empty when it is not named. */
static lt_status database_parts(const struct lt_ast_stmt *ast, struct lt_str *catalog,
                                struct lt_str *database, struct lt_error *err)
{
    struct lt_str path[3];
    uint32_t n;
    LT_TRY(path_parts(ast->path, path, &n, err));
    bool is_catalog = ast->object == LT_AST_CATALOG;
    if (n > (is_catalog ? 1u : 2u))
        return lt_fail_at(err, LT_INVALID, ast->path->pos, "a %s is named by %s",
                          is_catalog ? "catalog" : "database",
                          is_catalog ? "one word" : "at most catalog.database");
    *catalog = is_catalog ? path[0] : n == 2 ? path[0] : LT_STR("");
    *database = is_catalog ? LT_STR("") : path[n - 1];
    return LT_OK;
}

static lt_status create_database(struct leat_stmt *stmt, struct lt_error *err)
{
    struct lt_catalog_session *catalog = stmt->session->catalog;
    const struct lt_ast_stmt *ast = stmt->ast;
    struct lt_str in, name;
    LT_TRY(database_parts(ast, &in, &name, err));
    lt_status status = lt_catalog_database_create(catalog, in, name, ast->if_not_exists, err);
    if (status == LT_OK && ast->object == LT_AST_CATALOG)
        status = lt_catalog_database_create(catalog, in, LT_STR("default_database"), true, err);
    return at_name(ast, status, err);
}

/* ---- DROP, USE, SET ------------------------------------------------------------- */

static lt_status drop(struct leat_stmt *stmt, struct lt_error *err)
{
    struct lt_catalog_session *catalog = stmt->session->catalog;
    const struct lt_ast_stmt *ast = stmt->ast;
    struct lt_str path[3], in, name;
    uint32_t n;
    enum lt_object_kind kind = ast->object == LT_AST_VIEW       ? LT_OBJECT_VIEW
                               : ast->object == LT_AST_FUNCTION ? LT_OBJECT_FUNCTION
                                                                : LT_OBJECT_TABLE;
    if (ast->object == LT_AST_DATABASE || ast->object == LT_AST_CATALOG) {
        LT_TRY(database_parts(ast, &in, &name, err));
        return at_name(
            ast, lt_catalog_database_drop(catalog, in, name, ast->if_exists, ast->cascade, err),
            err);
    }
    LT_TRY(path_parts(ast->path, path, &n, err));
    LT_TRY(at_name(ast,
                   lt_catalog_drop(catalog, kind, n, path, ast->path->pos, ast->if_exists,
                                   ast->temporary, err),
                   err));
    if (kind == LT_OBJECT_TABLE)
        lt_hub_drop(stmt->session->db->hub, path[n - 1]);
    return LT_OK;
}

static lt_status use(struct leat_stmt *stmt, struct lt_error *err)
{
    struct lt_str in, name;
    LT_TRY(database_parts(stmt->ast, &in, &name, err));
    return at_name(stmt->ast, lt_catalog_use(stmt->session->catalog, in, name, err), err);
}

static lt_status set(struct leat_stmt *stmt, struct lt_error *err)
{
    const struct lt_ast_option *option = stmt->ast->options;
    struct lt_str notice = LT_STR("");
    lt_status status;
    if (stmt->ast->kind == LT_AST_STMT_RESET)
        status = lt_setting_reset(stmt->session->catalog, option ? option->key : LT_STR(""), err);
    else
        status = lt_setting_set(stmt->session->catalog, option->key, option->value, &stmt->arena,
                                &notice, err);
    if (status != LT_OK && err->pos.line == 0 && option)
        err->pos = option->pos;
    if (status == LT_OK && notice.len)
        status = session_notice(stmt->session, notice);
    return status;
}

lt_status command_run(struct leat_stmt *stmt, struct lt_error *err)
{
    if (show_handles(stmt->ast))
        return show_run(stmt, err);
    switch (stmt->ast->kind) {
    case LT_AST_STMT_CREATE_TABLE: return create_table(stmt, err);
    case LT_AST_STMT_CREATE_VIEW: return create_view(stmt, err);
    case LT_AST_STMT_CREATE_FUNCTION: return create_function(stmt, err);
    case LT_AST_STMT_CREATE_DATABASE: return create_database(stmt, err);
    case LT_AST_STMT_DROP: return drop(stmt, err);
    case LT_AST_STMT_ALTER_TABLE: return alter_run(stmt, err);
    case LT_AST_STMT_USE: return use(stmt, err);
    case LT_AST_STMT_SET:
    case LT_AST_STMT_RESET: return set(stmt, err);
    default: return unsupported(stmt->ast, "this statement", err);
    }
}
