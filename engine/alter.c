/* alter.c -- ALTER TABLE and ALTER VIEW: an object is replaced by its changed self.
 *
 *   object ──change──▶ SQL text ──parse, plan──▶ new object ──put──▶ catalog
 *
 * The way over the text means that a changed definition is judged by the very
 * rules of CREATE TABLE, and that ALTER can never make what CREATE could not. */
#include "engine/engine.h"

static struct lt_str *str_find(uint32_t n, struct lt_str *names, struct lt_str name)
{
    for (uint32_t i = 0; i < n; i++)
        if (lt_str_equal(names[i], name))
            return &names[i];
    return NULL;
}

static struct lt_table_column *column_find(struct lt_object *object, struct lt_str name)
{
    for (uint32_t i = 0; i < object->n_columns; i++)
        if (lt_str_equal(object->columns[i].name, name))
            return &object->columns[i];
    return NULL;
}

static lt_status column_need(struct lt_object *object, const struct lt_ast_name *name,
                             struct lt_table_column **out, struct lt_error *err)
{
    *out = column_find(object, name->text);
    if (*out)
        return LT_OK;
    return lt_fail_at(err, LT_INVALID, name->pos, "table '%.*s' has no column '%.*s'",
                      LT_STR_ARG(object->name), LT_STR_ARG(name->text));
}

/* ---- the changes ------------------------------------------------------------------ */

static lt_status option_set(struct leat_stmt *stmt, struct lt_object *object,
                            const struct lt_ast_option *given)
{
    for (uint32_t i = 0; i < object->n_options; i++)
        if (lt_str_equal(object->options[i].key, given->key)) {
            object->options[i].value = given->value;
            return LT_OK;
        }
    struct lt_option *grown = LT_ARENA_ARRAY(&stmt->arena, struct lt_option, object->n_options + 1);
    if (!grown)
        return LT_NOMEM;
    if (object->n_options)
        memcpy(grown, object->options, sizeof(*grown) * object->n_options);
    grown[object->n_options++] = (struct lt_option){.key = given->key, .value = given->value};
    object->options = grown;
    return LT_OK;
}

static lt_status change_options(struct leat_stmt *stmt, struct lt_object *object)
{
    bool reset = stmt->ast->alter == LT_AST_ALTER_RESET;
    for (const struct lt_ast_option *given = stmt->ast->options; given; given = given->next) {
        if (!reset) {
            LT_TRY(option_set(stmt, object, given));
            continue;
        }
        uint32_t kept = 0;
        for (uint32_t i = 0; i < object->n_options; i++)
            if (!lt_str_equal(object->options[i].key, given->key))
                object->options[kept++] = object->options[i];
        object->n_options = kept;
    }
    return LT_OK;
}

static lt_status rename_column(struct leat_stmt *stmt, struct lt_object *object,
                               struct lt_error *err)
{
    struct lt_table_column *col;
    const struct lt_ast_name *from = stmt->ast->columns, *to = stmt->ast->new_name;
    LT_TRY(column_need(object, from, &col, err));
    if (column_find(object, to->text))
        return lt_fail_at(err, LT_INVALID, to->pos, "column '%.*s' exists already",
                          LT_STR_ARG(to->text));
    struct lt_str *key = str_find(object->n_primary_key, object->primary_key, from->text);
    struct lt_str *part = str_find(object->n_partition_keys, object->partition_keys, from->text);
    if (key)
        *key = to->text;
    if (part)
        *part = to->text;
    if (lt_str_equal(object->watermark_column, from->text))
        return lt_fail_at(err, LT_INVALID, from->pos,
                          "'%.*s' carries the watermark; drop the watermark first",
                          LT_STR_ARG(from->text));
    if (col->kind == LT_COLUMN_METADATA && col->metadata_key.len == 0)
        col->metadata_key = col->name;
    col->name = to->text;
    return LT_OK;
}

static lt_status drop_columns(struct leat_stmt *stmt, struct lt_object *object,
                              struct lt_error *err)
{
    for (const struct lt_ast_name *name = stmt->ast->columns; name; name = name->next) {
        struct lt_table_column *col;
        LT_TRY(column_need(object, name, &col, err));
        if (str_find(object->n_primary_key, object->primary_key, name->text) ||
            str_find(object->n_partition_keys, object->partition_keys, name->text) ||
            lt_str_equal(object->watermark_column, name->text))
            return lt_fail_at(err, LT_INVALID, name->pos,
                              "column '%.*s' is used by a key, a partition or the watermark",
                              LT_STR_ARG(name->text));
        uint32_t at = (uint32_t)(col - object->columns);
        memmove(col, col + 1, sizeof(*col) * (object->n_columns - at - 1));
        object->n_columns--;
    }
    return LT_OK;
}

/* ADD wants new columns, MODIFY known ones; the text is put together later. */
static lt_status check_added(struct leat_stmt *stmt, struct lt_object *object, struct lt_error *err)
{
    const struct lt_ast_create_table *body = stmt->ast->create_table;
    bool add = stmt->ast->alter == LT_AST_ALTER_ADD;
    for (const struct lt_ast_column *col = body->columns; col; col = col->next) {
        bool known = column_find(object, col->name->text) != NULL;
        if (known == add)
            return lt_fail_at(err, LT_INVALID, col->name->pos,
                              add ? "column '%.*s' exists already; use MODIFY"
                                  : "there is no column '%.*s'; use ADD",
                              LT_STR_ARG(col->name->text));
    }
    if (add && body->watermark && object->watermark_column.len)
        return lt_fail_at(err, LT_INVALID, body->watermark_column->pos,
                          "the table has a watermark already; use MODIFY");
    if (add && body->primary_key && object->n_primary_key)
        return lt_fail_at(err, LT_INVALID, body->primary_key->pos,
                          "the table has a primary key already; use MODIFY");
    return LT_OK;
}

static lt_status change(struct leat_stmt *stmt, struct lt_object *object, struct lt_error *err)
{
    switch (stmt->ast->alter) {
    case LT_AST_ALTER_SET:
    case LT_AST_ALTER_RESET: return change_options(stmt, object);
    case LT_AST_ALTER_RENAME_COLUMN: return rename_column(stmt, object, err);
    case LT_AST_ALTER_ADD:
    case LT_AST_ALTER_MODIFY: return check_added(stmt, object, err);
    case LT_AST_ALTER_DROP_COLUMN: return drop_columns(stmt, object, err);
    case LT_AST_ALTER_DROP_WATERMARK:
        object->watermark_column = object->watermark_expr = LT_STR("");
        return LT_OK;
    case LT_AST_ALTER_DROP_PRIMARY_KEY: object->n_primary_key = 0; return LT_OK;
    default:
        return lt_fail_at(err, LT_UNSUPPORTED, stmt->ast->pos, "not supported yet: this ALTER");
    }
}

/* ---- the way over the text --------------------------------------------------------- */

static lt_status replan(struct leat_stmt *stmt, const struct lt_object *changed,
                        struct lt_error *err)
{
    struct leat_session *session = stmt->session;
    struct lt_planner_env env;
    struct lt_fold fold;
    struct lt_ast_stmt *create = NULL;
    struct lt_object *object;
    struct lt_buf text;
    size_t offset = 0;
    bool body = stmt->ast->alter == LT_AST_ALTER_ADD || stmt->ast->alter == LT_AST_ALTER_MODIFY;
    lt_buf_init(&text, &session->db->alloc);
    object_to_sql(&text, changed, true, body ? stmt->ast->create_table : NULL);
    lt_status status = text.status;
    if (status == LT_OK)
        status = lt_parse_next(text.data, text.len, &offset, &stmt->arena, &create, err);
    if (status == LT_OK)
        status = session_planner(session, &env, &fold, err);
    if (status == LT_OK)
        status = lt_plan_create_table(&env, create, &stmt->arena, &object, err);
    if (status == LT_OK) {
        object->temporary = changed->temporary;
        status = lt_catalog_put(session->catalog, object, true, false, err);
    }
    lt_buf_close(&text);
    if (status != LT_OK)
        err->pos = stmt->ast->pos; /* not a place in the text made here */
    return status;
}

static lt_status alter_view_as(struct leat_stmt *stmt, const struct lt_object *view,
                               struct lt_error *err)
{
    struct leat_session *session = stmt->session;
    struct lt_planner_env env;
    struct lt_fold fold;
    struct lt_object *object;
    struct lt_ast_stmt create = *stmt->ast;
    create.kind = LT_AST_STMT_CREATE_VIEW;
    create.temporary = view->temporary;
    create.or_replace = true;
    LT_TRY(session_planner(session, &env, &fold, err));
    LT_TRY(lt_plan_create_view(&env, &create, &stmt->arena, &object, err));
    object->temporary = view->temporary;
    return lt_catalog_put(session->catalog, object, true, false, err);
}

lt_status alter_run(struct leat_stmt *stmt, struct lt_error *err)
{
    struct leat_session *session = stmt->session;
    const struct lt_ast_stmt *ast = stmt->ast;
    const struct lt_object *found;
    struct lt_str path[3], to[3];
    uint32_t n, n_to;
    LT_TRY(path_parts(ast->path, path, &n, err));
    if (ast->if_exists && !lt_catalog_exists(session->catalog, n, path))
        return LT_OK;
    LT_TRY(lt_catalog_find(session->catalog, n, path, ast->path->pos, &stmt->arena, &found, err));
    if ((found->kind == LT_OBJECT_VIEW) != (ast->object == LT_AST_VIEW))
        return lt_fail_at(err, LT_INVALID, ast->path->pos, "'%.*s' is a %s",
                          LT_STR_ARG(found->name),
                          found->kind == LT_OBJECT_VIEW ? "view" : "table");
    if (ast->alter == LT_AST_ALTER_AS)
        return alter_view_as(stmt, found, err);
    if (ast->alter == LT_AST_ALTER_RENAME) {
        LT_TRY(path_parts(ast->new_name, to, &n_to, err));
        return lt_catalog_rename(session->catalog, n, path, to[n_to - 1], err);
    }
    struct lt_object *changed = (struct lt_object *)found; /* a copy of our own */
    LT_TRY(change(stmt, changed, err));
    return replan(stmt, changed, err);
}
