/* define.c -- CREATE TABLE, CREATE VIEW, DESCRIBE: definitions checked, not run.
 *
 * Computed columns and watermarks are kept as SQL text; binding them here only
 * shows that they make sense. A view's names are kept as written and resolved
 * where it is used. */
#include "parser/parser.h"
#include "planner/bind.h"

/* ---- CREATE TABLE ------ */

struct definition { /* a table being put together */
    struct lt_planner *p;
    struct lt_arena *arena; /* of the object */
    const struct lt_ast_create_table *ast;
    struct lt_object *object;
    uint32_t columns_cap, options_cap;
};

static lt_status copy_str(struct definition *d, struct lt_str text, struct lt_str *out)
{
    return lt_arena_str(d->arena, text, out);
}

static lt_status expr_text(struct definition *d, const struct lt_ast_expr *ast, struct lt_str *out)
{
    struct lt_buf text;
    lt_buf_init(&text, d->p->env->alloc);
    lt_unparse_expr(&text, ast);
    lt_status status = text.status;
    if (status == LT_OK)
        status = copy_str(d, lt_buf_str(&text), out);
    lt_buf_close(&text);
    return status;
}

static lt_status add_column(struct definition *d, const struct lt_table_column *column,
                            struct lt_pos pos)
{
    struct lt_object *object = d->object;
    for (uint32_t i = 0; i < object->n_columns; i++)
        if (lt_str_equal(object->columns[i].name, column->name))
            return LT_BIND_FAIL(d->p, LT_INVALID, pos, "column '%.*s' is there twice",
                                LT_STR_ARG(column->name));
    if (object->n_columns >= LT_BIND_COLUMNS_MAX)
        return LT_BIND_FAIL(d->p, LT_LIMIT, pos, "more than %d columns", LT_BIND_COLUMNS_MAX);
    return LT_ARENA_PUSH(d->arena, object->columns, object->n_columns, d->columns_cap, *column);
}

static lt_status define_column(struct definition *d, const struct lt_ast_column *ast)
{
    struct lt_table_column column = {.kind = LT_COLUMN_PHYSICAL};
    LT_TRY(copy_str(d, ast->name->text, &column.name));
    LT_TRY(copy_str(d, ast->comment, &column.comment));
    if (ast->computed) {
        column.kind = LT_COLUMN_COMPUTED;
        LT_TRY(expr_text(d, ast->computed, &column.expr));
    } else {
        const struct lt_type *type;
        LT_TRY(lt_bind_type(d->p, ast->type, &type));
        column.type = lt_type_copy(d->arena, type);
        if (!column.type)
            return LT_NOMEM;
    }
    if (ast->metadata) {
        column.kind = LT_COLUMN_METADATA;
        column.metadata_virtual = ast->metadata_virtual;
        LT_TRY(copy_str(d, ast->metadata_key.len ? ast->metadata_key : ast->name->text,
                        &column.metadata_key));
    }
    return add_column(d, &column, ast->pos);
}

/* ---- LIKE ------ */

/* INCLUDING ALL but for what is excluded; what is not named follows ALL. */
static bool like_includes(const struct lt_ast_like *like, const char *what)
{
    bool all = true, said = false, included = true;
    for (const struct lt_ast_option *o = like->options; o; o = o->next) {
        bool on = !lt_str_equal_nocase(o->key, LT_STR("EXCLUDING"));
        if (lt_str_equal_nocase(o->value, LT_STR("ALL"))) {
            all = on;
        } else if (lt_str_equal_nocase(o->value, lt_str_of(what))) {
            said = true;
            included = on;
        }
    }
    return said ? included : all;
}

static lt_status like_columns(struct definition *d, const struct lt_ast_like *like,
                              const struct lt_object *from)
{
    for (uint32_t i = 0; i < from->n_columns; i++) {
        const struct lt_table_column *c = &from->columns[i];
        struct lt_table_column column = *c;
        if ((c->kind == LT_COLUMN_COMPUTED && !like_includes(like, "GENERATED")) ||
            (c->kind == LT_COLUMN_METADATA && !like_includes(like, "METADATA")))
            continue;
        LT_TRY(copy_str(d, c->name, &column.name));
        LT_TRY(copy_str(d, c->expr, &column.expr));
        LT_TRY(copy_str(d, c->metadata_key, &column.metadata_key));
        LT_TRY(copy_str(d, c->comment, &column.comment));
        if (c->type && !(column.type = lt_type_copy(d->arena, c->type)))
            return LT_NOMEM;
        LT_TRY(add_column(d, &column, like->pos));
    }
    return LT_OK;
}

static lt_status add_option(struct definition *d, struct lt_str key, struct lt_str value,
                            struct lt_pos pos)
{
    struct lt_object *object = d->object;
    struct lt_option option = {.pos = pos};
    LT_TRY(copy_str(d, key, &option.key));
    LT_TRY(copy_str(d, value, &option.value));
    for (uint32_t i = 0; i < object->n_options; i++)
        if (lt_str_equal(object->options[i].key, key)) {
            object->options[i] = option;
            return LT_OK;
        }
    return LT_ARENA_PUSH(d->arena, object->options, object->n_options, d->options_cap, option);
}

static lt_status copy_names(struct definition *d, uint32_t n, const struct lt_str *from,
                            struct lt_str **out, uint32_t *n_out)
{
    *out = LT_ARENA_ARRAY(d->arena, struct lt_str, n + 1);
    if (!*out)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        LT_TRY(copy_str(d, from[i], &(*out)[i]));
    *n_out = n;
    return LT_OK;
}

static lt_status define_like(struct definition *d, const struct lt_ast_like *like)
{
    const struct lt_object *from;
    LT_TRY(lt_bind_find(d->p, like->table, &from));
    if (from->kind != LT_OBJECT_TABLE)
        return LT_BIND_FAIL(d->p, LT_INVALID, like->pos, "LIKE takes a table");
    LT_TRY(like_columns(d, like, from));
    if (like_includes(like, "OPTIONS"))
        for (uint32_t i = 0; i < from->n_options; i++)
            LT_TRY(add_option(d, from->options[i].key, from->options[i].value, like->pos));
    if (like_includes(like, "WATERMARKS") && from->watermark_column.len) {
        LT_TRY(copy_str(d, from->watermark_column, &d->object->watermark_column));
        LT_TRY(copy_str(d, from->watermark_expr, &d->object->watermark_expr));
    }
    if (like_includes(like, "PARTITIONS"))
        LT_TRY(copy_names(d, from->n_partition_keys, from->partition_keys,
                          &d->object->partition_keys, &d->object->n_partition_keys));
    if (like_includes(like, "CONSTRAINTS"))
        LT_TRY(copy_names(d, from->n_primary_key, from->primary_key, &d->object->primary_key,
                          &d->object->n_primary_key));
    return LT_OK;
}

/* ---- keys, watermark ------ */

static lt_status column_names(struct definition *d, const struct lt_ast_name *names,
                              const char *what, struct lt_str **out, uint32_t *n_out)
{
    const struct lt_object *object = d->object;
    uint32_t n = 0;
    for (const struct lt_ast_name *name = names; name; name = name->next)
        n++;
    struct lt_str *list = LT_ARENA_ARRAY(d->arena, struct lt_str, n + 1);
    struct lt_str *known = LT_ARENA_ARRAY(d->arena, struct lt_str, object->n_columns + 1);
    if (!list || !known)
        return LT_NOMEM;
    for (uint32_t i = 0; i < object->n_columns; i++)
        known[i] = object->columns[i].name;
    n = 0;
    for (const struct lt_ast_name *name = names; name; name = name->next) {
        uint32_t at = 0;
        while (at < object->n_columns && !lt_str_equal(known[at], name->text))
            at++;
        if (at == object->n_columns)
            return LT_BIND_FAIL(d->p, LT_INVALID, name->pos, "%s: column '%.*s' not found%s", what,
                                LT_STR_ARG(name->text),
                                lt_bind_nearest(d->p, name->text, at, known));
        if (object->columns[at].kind != LT_COLUMN_PHYSICAL)
            return LT_BIND_FAIL(d->p, LT_INVALID, name->pos,
                                "%s: column '%.*s' is computed or metadata", what,
                                LT_STR_ARG(name->text));
        for (uint32_t i = 0; i < n; i++)
            if (lt_str_equal(list[i], name->text))
                return LT_BIND_FAIL(d->p, LT_INVALID, name->pos, "%s: column '%.*s' is there twice",
                                    what, LT_STR_ARG(name->text));
        LT_TRY(copy_str(d, name->text, &list[n++]));
    }
    *out = list;
    *n_out = n;
    return LT_OK;
}

static lt_status define_keys(struct definition *d)
{
    const struct lt_ast_create_table *ast = d->ast;
    struct lt_object *object = d->object;
    const struct lt_ast_name *key = ast->primary_key;
    struct lt_ast_name at_column = {0};
    for (const struct lt_ast_column *c = ast->columns; c; c = c->next) {
        if (!c->primary_key)
            continue;
        if (key)
            return LT_BIND_FAIL(d->p, LT_INVALID, c->pos, "there is a PRIMARY KEY already; for "
                                                          "several columns write PRIMARY KEY "
                                                          "(a, b) NOT ENFORCED");
        at_column = (struct lt_ast_name){.text = c->name->text, .pos = c->name->pos};
        key = &at_column;
    }
    if (key)
        LT_TRY(column_names(d, key, "PRIMARY KEY", &object->primary_key, &object->n_primary_key));
    if (ast->partitioned_by)
        LT_TRY(column_names(d, ast->partitioned_by, "PARTITIONED BY", &object->partition_keys,
                            &object->n_partition_keys));
    if (ast->watermark_column) {
        if (ast->watermark_column->next)
            return LT_BIND_NOT_YET(d->p, ast->watermark_column->pos,
                                   "WATERMARK FOR a field; compute a column of it");
        LT_TRY(copy_str(d, ast->watermark_column->text, &object->watermark_column));
        LT_TRY(expr_text(d, ast->watermark, &object->watermark_expr));
    }
    return LT_OK;
}

/* A key's columns are NOT NULL, as in Flink. */
static lt_status key_not_null(struct definition *d)
{
    for (uint32_t k = 0; k < d->object->n_primary_key; k++)
        for (uint32_t i = 0; i < d->object->n_columns; i++) {
            struct lt_table_column *c = &d->object->columns[i];
            if (!c->type || !lt_str_equal(c->name, d->object->primary_key[k]))
                continue;
            c->type = lt_type_with_null(d->arena, c->type, false);
            if (!c->type)
                return LT_NOMEM;
        }
    return LT_OK;
}

static lt_status define_path(struct definition *d, const struct lt_ast_name *path)
{
    struct lt_str parts[3];
    uint32_t n;
    LT_TRY(lt_bind_parts(d->p, path, &n, parts));
    LT_TRY(copy_str(d, parts[n - 1], &d->object->name));
    if (n > 1)
        LT_TRY(copy_str(d, parts[n - 2], &d->object->database));
    if (n > 2)
        LT_TRY(copy_str(d, parts[0], &d->object->catalog));
    return LT_OK;
}

static lt_status define_table(struct definition *d)
{
    const struct lt_ast_create_table *ast = d->ast;
    struct lt_schema schema;
    if (ast->query)
        return LT_BIND_NOT_YET(d->p, ast->query->pos,
                               "CREATE TABLE ... AS; create the table, then INSERT");
    if (ast->like)
        LT_TRY(define_like(d, ast->like));
    for (const struct lt_ast_column *c = ast->columns; c; c = c->next)
        LT_TRY(define_column(d, c));
    for (const struct lt_ast_option *o = ast->options; o; o = o->next)
        LT_TRY(add_option(d, o->key, o->value, o->pos));
    LT_TRY(define_keys(d));
    LT_TRY(key_not_null(d));
    bool stored = false;
    for (uint32_t i = 0; i < d->object->n_columns; i++)
        stored |= d->object->columns[i].kind == LT_COLUMN_PHYSICAL;
    if (!stored)
        return LT_BIND_FAIL(d->p, LT_INVALID, ast->path->pos,
                            "a table needs at least one column that is not computed");
    d->p->outside = ast->watermark ? ast->watermark->pos : ast->path->pos;
    LT_TRY(lt_bind_table_schema(d->p, d->object, &schema));
    d->p->outside = LT_NOWHERE;
    return LT_OK;
}

lt_status lt_plan_create_table(const struct lt_planner_env *env, const struct lt_ast_stmt *stmt,
                               struct lt_arena *arena, struct lt_object **out,
                               struct lt_error *err)
{
    struct lt_planner p;
    const struct lt_ast_create_table *ast = stmt->create_table;
    struct lt_object *object = LT_ARENA_NEW(arena, struct lt_object);
    if (!object)
        return LT_NOMEM;
    LT_TRY(lt_planner_open(&p, env, err));
    struct definition d = {.p = &p, .arena = arena, .ast = ast, .object = object};
    object->kind = LT_OBJECT_TABLE;
    object->temporary = ast->temporary || stmt->temporary;
    lt_status status = define_path(&d, ast->path);
    if (status == LT_OK)
        status = copy_str(&d, ast->comment, &object->comment);
    if (status == LT_OK)
        status = define_table(&d);
    lt_plan_close(p.plan);
    if (status == LT_OK)
        *out = object;
    return status;
}

/* ---- CREATE VIEW ------ */

static lt_status view_text(struct definition *d, const struct lt_ast_query *query)
{
    struct lt_buf text;
    lt_buf_init(&text, d->p->env->alloc);
    lt_unparse_query(&text, query);
    lt_status status = text.status;
    if (status == LT_OK)
        status = copy_str(d, lt_buf_str(&text), &d->object->query);
    lt_buf_close(&text);
    return status;
}

static lt_status view_columns(struct definition *d, const struct lt_ast_stmt *stmt,
                              struct lt_rel *rel)
{
    struct lt_object *object = d->object;
    uint32_t n = rel->scope.len;
    LT_TRY(lt_rel_rename(d->p, rel, NULL, stmt->columns));
    object->columns = LT_ARENA_ARRAY(d->arena, struct lt_table_column, n + 1);
    object->view_columns = LT_ARENA_ARRAY(d->arena, struct lt_str, n + 1);
    if (!object->columns || !object->view_columns)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < i; k++)
            if (lt_str_equal(rel->scope.columns[i].name, rel->scope.columns[k].name))
                return LT_BIND_FAIL(d->p, LT_INVALID, stmt->query->pos,
                                    "the view has two columns '%.*s'; give one of them an alias",
                                    LT_STR_ARG(rel->scope.columns[i].name));
        LT_TRY(copy_str(d, rel->scope.columns[i].name, &object->columns[i].name));
        object->columns[i].type = lt_type_copy(d->arena, rel->scope.columns[i].type);
        if (!object->columns[i].type)
            return LT_NOMEM;
        object->view_columns[i] = object->columns[i].name;
    }
    object->n_columns = n;
    object->n_view_columns = stmt->columns ? n : 0;
    return LT_OK;
}

static lt_status define_view(struct definition *d, const struct lt_ast_stmt *stmt)
{
    struct lt_rel rel;
    if (stmt->materialized)
        return LT_BIND_NOT_YET(d->p, stmt->pos, "CREATE MATERIALIZED VIEW");
    if (stmt->n_parameters)
        return LT_BIND_FAIL(d->p, LT_INVALID, stmt->query->pos, "a view has no parameters (?)");
    LT_TRY(define_path(d, stmt->path));
    LT_TRY(copy_str(d, stmt->comment, &d->object->comment));
    LT_TRY(view_text(d, stmt->query));
    LT_TRY(lt_bind_query(d->p, stmt->query, &rel));
    return view_columns(d, stmt, &rel);
}

lt_status lt_plan_create_view(const struct lt_planner_env *env, const struct lt_ast_stmt *stmt,
                              struct lt_arena *arena, struct lt_object **out, struct lt_error *err)
{
    struct lt_planner p;
    struct lt_object *object = LT_ARENA_NEW(arena, struct lt_object);
    if (!object)
        return LT_NOMEM;
    LT_TRY(lt_planner_open(&p, env, err));
    struct definition d = {.p = &p, .arena = arena, .object = object};
    object->kind = LT_OBJECT_VIEW;
    object->temporary = stmt->temporary;
    lt_status status = define_view(&d, stmt);
    lt_plan_close(p.plan);
    if (status == LT_OK)
        *out = object;
    return status;
}

/* ---- DESCRIBE ------ */

static lt_status describe(struct lt_planner *p, const struct lt_object *object,
                          struct lt_schema *out)
{
    struct lt_ast_query *query;
    struct lt_rel rel;
    if (object->kind == LT_OBJECT_TABLE)
        return lt_bind_table_schema(p, object, out);
    if (object->kind != LT_OBJECT_VIEW)
        return lt_fail(p->err, LT_INVALID, "'%.*s' is neither a table nor a view",
                       LT_STR_ARG(object->name));
    LT_TRY(lt_parse_query(object->query, p->arena, &query, p->err));
    LT_TRY(lt_bind_query(p, query, &rel));
    for (uint32_t i = 0; i < rel.scope.len; i++) {
        rel.node->schema.fields[i].name = i < object->n_view_columns ? object->view_columns[i]
                                                                     : rel.scope.columns[i].name;
    }
    *out = rel.node->schema;
    return LT_OK;
}

lt_status lt_plan_describe(const struct lt_planner_env *env, const struct lt_object *object,
                           struct lt_arena *arena, struct lt_schema *out, struct lt_error *err)
{
    struct lt_planner p;
    struct lt_schema schema = {0}, copy = {0};
    LT_TRY(lt_planner_open(&p, env, err));
    lt_status status = describe(&p, object, &schema);
    if (status == LT_OK)
        status = lt_schema_copy(arena, &schema, &copy);
    lt_plan_close(p.plan);
    if (status == LT_OK)
        *out = copy;
    return status;
}
