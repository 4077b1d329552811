/* bind_from.c -- what stands in FROM: tables, views, WITH names, subqueries, table functions.
 *
 * A view is its stored text, bound anew where it is used, in nobody's scope but
 * the catalog's. Two uses of one view meet again when common sub-plans are shared. */
#include "parser/parser.h"
#include "planner/bind.h"

lt_status lt_bind_parts(struct lt_planner *p, const struct lt_ast_name *path, uint32_t *n,
                        struct lt_str parts[3])
{
    *n = 0;
    for (const struct lt_ast_name *name = path; name; name = name->next) {
        if (*n == 3)
            return LT_BIND_FAIL(p, LT_INVALID, name->pos,
                                "a name has at most three parts: catalog.database.name");
        parts[(*n)++] = name->text;
    }
    return LT_OK;
}

lt_status lt_bind_find(struct lt_planner *p, const struct lt_ast_name *path,
                       const struct lt_object **out)
{
    struct lt_str parts[3];
    uint32_t n;
    LT_TRY(lt_bind_parts(p, path, &n, parts));
    if (p->view && p->view->database.len && n < 3) {
        struct lt_str full[3] = {p->view->catalog, n == 2 ? parts[0] : p->view->database,
                                 parts[n - 1]};
        if (lt_catalog_exists(p->env->catalog, 3, full))
            return lt_catalog_find(p->env->catalog, 3, full, lt_bind_pos(p, path->pos), p->arena,
                                   out, p->err);
    }
    return lt_catalog_find(p->env->catalog, n, parts, lt_bind_pos(p, path->pos), p->arena, out,
                           p->err);
}

lt_status lt_rel_rename(struct lt_planner *p, struct lt_rel *rel, const struct lt_ast_name *table,
                        const struct lt_ast_name *columns)
{
    uint32_t i = 0;
    struct lt_str text = {0};
    if (table)
        LT_TRY(lt_bind_str(p, table->text, &text));
    for (uint32_t k = 0; table && k < rel->scope.len; k++)
        rel->scope.columns[k].table = text;
    if (!columns)
        return LT_OK;
    for (const struct lt_ast_name *c = columns; c; c = c->next, i++)
        if (i < rel->scope.len)
            LT_TRY(lt_bind_str(p, c->text, &rel->scope.columns[i].name));
    if (i != rel->scope.len)
        return LT_BIND_FAIL(p, LT_INVALID, columns->pos,
                            "%u column names are given for %u columns", i, rel->scope.len);
    return LT_OK;
}

/* ---- views and WITH names ------------------------------------------------------- */

static lt_status bind_view(struct lt_planner *p, const struct lt_object *view, struct lt_pos pos,
                           struct lt_rel *out)
{
    struct lt_ast_query *query;
    struct lt_pos outside = p->outside;
    const struct lt_cte *ctes = p->ctes;
    const struct lt_object *outer = p->view;
    if (++p->views > LT_BIND_VIEWS_MAX)
        return LT_BIND_FAIL(p, LT_LIMIT, pos, "views over views: more than %d levels at '%.*s'",
                            LT_BIND_VIEWS_MAX, LT_STR_ARG(view->name));
    p->outside = lt_bind_pos(p, pos);
    p->ctes = NULL;
    p->view = view;
    struct lt_error inner = {0};
    lt_status status = lt_parse_query(view->query, p->arena, &query, &inner);
    if (status == LT_NOMEM)
        return status;
    if (status != LT_OK)
        return LT_BIND_FAIL(p, LT_CORRUPT, pos, "the stored text of view '%.*s' does not parse: %s",
                            LT_STR_ARG(view->name), inner.message);
    LT_TRY(lt_bind_query(p, query, out));
    p->outside = outside;
    p->ctes = ctes;
    p->view = outer;
    p->views--;
    for (uint32_t i = 0; i < out->scope.len; i++) {
        out->scope.columns[i].table = view->name;
        if (i < view->n_view_columns)
            out->scope.columns[i].name = view->view_columns[i];
    }
    return LT_OK;
}

static const struct lt_cte *find_cte(const struct lt_planner *p, const struct lt_ast_name *path)
{
    if (path->next)
        return NULL;
    for (const struct lt_cte *cte = p->ctes; cte; cte = cte->outer)
        if (lt_str_equal(cte->with->name->text, path->text))
            return cte;
    return NULL;
}

static lt_status bind_cte(struct lt_planner *p, const struct lt_cte *cte, struct lt_rel *out)
{
    const struct lt_cte *ctes = p->ctes;
    p->ctes = cte->outer;
    LT_TRY(lt_bind_query(p, cte->with->query, out));
    p->ctes = ctes;
    return lt_rel_rename(p, out, cte->with->name, cte->with->columns);
}

lt_status lt_bind_table_name(struct lt_planner *p, const struct lt_ast_name *path,
                             const struct lt_ast_hint *hints, struct lt_pos pos,
                             struct lt_rel *out)
{
    const struct lt_object *object;
    struct lt_plan_node *node;
    const struct lt_cte *cte = find_cte(p, path);
    if (cte)
        return bind_cte(p, cte, out);
    LT_TRY(lt_bind_find(p, path, &object));
    if (object->kind == LT_OBJECT_VIEW)
        return bind_view(p, object, pos, out);
    if (object->kind != LT_OBJECT_TABLE)
        return LT_BIND_FAIL(p, LT_INVALID, pos, "'%.*s' is a function, not a table",
                            LT_STR_ARG(object->name));
    LT_TRY(lt_bind_scan(p, object, hints, pos, &node));
    return lt_rel_of(p, node, object->name, out);
}

/* ---- FROM items --------------------------------------------------------------------- */

static lt_status bind_function(struct lt_planner *p, const struct lt_ast_from *from,
                               struct lt_rel *out)
{
    const struct lt_ast_call *call = from->call->u.call;
    if (!call->name->next && lt_window_is_function(call->name->text))
        return lt_bind_window_function(p, from, out);
    return LT_BIND_NOT_YET(p, call->name->pos, "the table function %.*s%s",
                           LT_STR_ARG(call->name->text),
                           lt_window_nearest(p, call->name->text));
}

static lt_status refuse_join(struct lt_planner *p, const struct lt_ast_from *from)
{
    if (from->asof)
        return LT_BIND_NOT_YET(p, from->pos, "ASOF JOIN");
    if (from->right && from->right->system_time)
        return LT_BIND_NOT_YET(p, from->pos, "a temporal join (FOR SYSTEM_TIME AS OF)");
    if (from->right && from->right->kind == LT_AST_FROM_UNNEST)
        return LT_BIND_NOT_YET(p, from->pos, "a join with UNNEST");
    return LT_BIND_NOT_YET(p, from->pos, "%s",
                           from->join == LT_AST_JOIN_COMMA || from->join == LT_AST_JOIN_CROSS
                               ? "a cross join"
                               : "JOIN");
}

static lt_status bind_item(struct lt_planner *p, const struct lt_ast_from *from,
                           struct lt_rel *out)
{
    switch (from->kind) {
    case LT_AST_FROM_TABLE:
        if (from->system_time)
            return LT_BIND_NOT_YET(p, from->pos, "FOR SYSTEM_TIME AS OF");
        return lt_bind_table_name(p, from->path, from->hints, from->pos, out);
    case LT_AST_FROM_QUERY:
        LT_TRY(lt_bind_query(p, from->query, out));
        for (uint32_t i = 0; i < out->scope.len; i++)
            out->scope.columns[i].table = LT_STR("");
        return LT_OK;
    case LT_AST_FROM_FUNCTION: return bind_function(p, from, out);
    case LT_AST_FROM_UNNEST: return LT_BIND_NOT_YET(p, from->pos, "UNNEST");
    case LT_AST_FROM_VALUES: return lt_bind_query(p, from->query, out);
    case LT_AST_FROM_JOIN: return refuse_join(p, from);
    case LT_AST_FROM_MATCH: return LT_BIND_NOT_YET(p, from->pos, "MATCH_RECOGNIZE");
    }
    return LT_BIND_NOT_YET(p, from->pos, "this FROM");
}

lt_status lt_bind_from(struct lt_planner *p, const struct lt_ast_from *from, struct lt_rel *out)
{
    LT_TRY(lt_bind_enter(p, from->pos));
    LT_TRY(bind_item(p, from, out));
    p->depth--;
    return lt_rel_rename(p, out, from->alias, from->column_aliases);
}
