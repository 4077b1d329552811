/* bind_select.c -- one SELECT: FROM, WHERE, grouping, HAVING, the list, DISTINCT, ORDER BY.
 *
 *   FROM ─ filter (WHERE) ─ [aggregate ─ filter (HAVING)] ─ project ─ [distinct] ─ [sort]
 *
 * Everything above the grouping is bound over the input first and rewritten over
 * the aggregate's output afterwards (bind_group.c). ORDER BY may use what is not
 * selected: such columns ride along hidden and are dropped at the end. */
#include "planner/bind.h"

struct select {
    struct lt_planner *p;
    const struct lt_ast_query *query;
    struct lt_rel input;
    struct lt_grouping *grouping;
    struct lt_exprs exprs; /* of the select list, then hidden ones */
    struct lt_str *names;
    uint32_t names_len, names_cap;
    uint32_t n_visible;
    struct lt_expr *having;
    uint32_t n_order;
    struct lt_sort_key *order;
};

static lt_status add_item(struct select *s, struct lt_expr *expr, struct lt_str name)
{
    struct lt_arena *arena = s->p->arena;
    if (s->exprs.len >= LT_BIND_COLUMNS_MAX)
        return LT_BIND_FAIL(s->p, LT_LIMIT, expr->pos, "more than %d columns", LT_BIND_COLUMNS_MAX);
    if (expr->kind == LT_EXPR_PARAMETER && expr->type->kind == LT_TYPE_NULL)
        expr->type = &lt_type_string;
    LT_TRY(LT_ARENA_PUSH(arena, s->exprs.items, s->exprs.len, s->exprs.cap, expr));
    return LT_ARENA_PUSH(arena, s->names, s->names_len, s->names_cap, name);
}

static bool is_star(const struct lt_ast_expr *ast)
{
    return ast->kind == LT_AST_STAR ||
           (ast->kind == LT_AST_FIELD && ast->u.field_of.field->text.len == 1 &&
            ast->u.field_of.field->text.data[0] == '*' && !ast->u.field_of.field->quoted);
}

/* The name of an item without an alias: its last path part, else EXPR$n. */
static lt_status item_name(struct select *s, const struct lt_ast_select_item *item,
                           struct lt_str *out)
{
    const struct lt_ast_expr *ast = item->expr;
    if (item->alias) {
        *out = item->alias->text;
        return LT_OK;
    }
    if (ast->kind == LT_AST_COLUMN) {
        const struct lt_ast_name *last = ast->u.path;
        while (last->next)
            last = last->next;
        *out = last->text;
        return LT_OK;
    }
    if (ast->kind == LT_AST_FIELD) {
        *out = ast->u.field_of.field->text;
        return LT_OK;
    }
    return lt_arena_printf(s->p->arena, out, "EXPR$%u", s->exprs.len);
}

static lt_status bind_items(struct select *s)
{
    struct lt_bind b = {
        .p = s->p, .scope = &s->input.scope, .clause = "the SELECT list", .grouping = s->grouping};
    for (const struct lt_ast_select_item *item = s->query->items; item; item = item->next) {
        struct lt_exprs star = {0};
        struct lt_str *names = NULL, name;
        struct lt_expr *expr;
        if (is_star(item->expr)) {
            LT_TRY(lt_bind_star(&b, item->expr, &star, &names));
            for (uint32_t i = 0; i < star.len; i++)
                LT_TRY(add_item(s, star.items[i], names[i]));
            continue;
        }
        LT_TRY(lt_bind_expr(&b, item->expr, &expr));
        LT_TRY(item_name(s, item, &name));
        LT_TRY(add_item(s, expr, name));
    }
    s->n_visible = s->exprs.len;
    return LT_OK;
}

/* ---- ORDER BY ------------------------------------------------------------------------ */

static lt_status order_column(struct select *s, const struct lt_ast_order *o, uint32_t *column)
{
    struct lt_planner *p = s->p;
    const struct lt_ast_expr *ast = o->expr;
    struct lt_bind b = {
        .p = p, .scope = &s->input.scope, .clause = "ORDER BY", .grouping = s->grouping};
    struct lt_expr *expr;
    int64_t ordinal;
    if (ast->kind == LT_AST_LITERAL_NUMBER) {
        LT_TRY(lt_bind_integer(p, ast, "ORDER BY", &ordinal));
        if (ordinal < 1 || ordinal > s->n_visible)
            return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "there is no column %lld to order by",
                                (long long)ordinal);
        *column = (uint32_t)(ordinal - 1);
        return LT_OK;
    }
    if (ast->kind == LT_AST_COLUMN && !ast->u.path->next)
        for (uint32_t i = 0; i < s->n_visible; i++)
            if (lt_str_equal(s->names[i], ast->u.path->text)) {
                *column = i;
                return LT_OK;
            }
    LT_TRY(lt_bind_expr(&b, ast, &expr));
    for (uint32_t i = 0; i < s->exprs.len; i++)
        if (lt_expr_equal(s->exprs.items[i], expr)) {
            *column = i;
            return LT_OK;
        }
    if (s->query->distinct)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos,
                            "ORDER BY of a SELECT DISTINCT takes selected columns only");
    *column = s->exprs.len;
    return add_item(s, expr, LT_STR("$order"));
}

static lt_status bind_order(struct select *s)
{
    uint32_t n = 0;
    for (const struct lt_ast_order *o = s->query->order; o; o = o->next)
        n++;
    s->order = LT_ARENA_ARRAY(s->p->arena, struct lt_sort_key, n + 1);
    if (!s->order)
        return LT_NOMEM;
    for (const struct lt_ast_order *o = s->query->order; o; o = o->next) {
        struct lt_sort_key *key = &s->order[s->n_order++];
        LT_TRY(order_column(s, o, &key->column));
        if (!lt_type_has_order(s->exprs.items[key->column]->type))
            return LT_BIND_FAIL(s->p, LT_INVALID, o->expr->pos,
                                "values of this type have no order");
        key->descending = o->descending;
        key->nulls_first =
            o->nulls == LT_AST_NULLS_DEFAULT ? !o->descending : o->nulls == LT_AST_NULLS_FIRST;
    }
    return LT_OK;
}

/* ---- putting it together -------------------------------------------------------------- */

static lt_status apply_grouping(struct select *s)
{
    struct lt_rel grouped;
    LT_TRY(lt_grouping_plan(s->grouping, &grouped));
    s->input = grouped;
    for (uint32_t i = 0; i < s->exprs.len; i++)
        LT_TRY(lt_grouping_rewrite(s->grouping, s->exprs.items[i], &s->exprs.items[i]));
    if (s->having) {
        LT_TRY(lt_grouping_rewrite(s->grouping, s->having, &s->having));
        LT_TRY(lt_node_filter(s->p, s->input.node, s->having, &s->input.node));
    }
    return LT_OK;
}

static lt_status drop_hidden(struct select *s, struct lt_plan_node **node)
{
    if (s->exprs.len == s->n_visible)
        return LT_OK;
    if (s->p->top_deferred && s->query == s->p->top)
        return LT_BIND_NOT_YET(s->p, s->query->order->expr->pos,
                               "ORDER BY what is not selected over a changing result");
    struct lt_expr **exprs = LT_ARENA_ARRAY(s->p->arena, struct lt_expr *, s->n_visible + 1);
    if (!exprs)
        return LT_NOMEM;
    for (uint32_t i = 0; i < s->n_visible; i++)
        LT_TRY(lt_expr_node_column(s->p, *node, i, &exprs[i]));
    return lt_node_calc(s->p, *node, NULL, s->n_visible, exprs, s->names, node);
}

static lt_status refuse_clauses(struct lt_planner *p, const struct lt_ast_query *query)
{
    if (query->windows)
        return LT_BIND_NOT_YET(p, query->windows->pos, "the WINDOW clause");
    if (query->qualify)
        return LT_BIND_NOT_YET(p, query->qualify->pos, "QUALIFY");
    for (const struct lt_ast_hint *hint = query->hints; hint; hint = hint->next)
        LT_TRY(lt_bind_notice(p, "hint %.*s has no meaning here and is ignored",
                              LT_STR_ARG(hint->name)));
    return LT_OK;
}

static lt_status bind_input(struct select *s)
{
    struct lt_planner *p = s->p;
    struct lt_expr *filter = NULL;
    if (s->query->from) {
        LT_TRY(lt_bind_from(p, s->query->from, &s->input));
    } else {
        LT_TRY(lt_node_one_row(p, &s->input.node));
        s->input.scope = (struct lt_scope){0};
    }
    if (!s->query->where)
        return LT_OK;
    struct lt_bind b = {
        .p = p, .scope = &s->input.scope, .clause = "WHERE", .items = s->query->items};
    LT_TRY(lt_bind_condition(&b, s->query->where, &filter));
    return lt_node_filter(p, s->input.node, filter, &s->input.node);
}

lt_status lt_bind_select(struct lt_planner *p, const struct lt_ast_query *query, struct lt_rel *out)
{
    struct select s = {.p = p, .query = query};
    struct lt_plan_node *node;
    const struct lt_ast_emit *emit = p->emit;
    LT_TRY(refuse_clauses(p, query));
    p->emit = NULL; /* of this block, not of the queries in its FROM */
    LT_TRY(bind_input(&s));
    p->emit = emit;
    LT_TRY(lt_grouping_new(p, query, &s.input, &s.grouping));
    if (query->having) {
        struct lt_bind b = {.p = p,
                            .scope = &s.input.scope,
                            .clause = "HAVING",
                            .grouping = s.grouping,
                            .items = query->items};
        LT_TRY(lt_bind_condition(&b, query->having, &s.having));
    }
    LT_TRY(bind_items(&s));
    LT_TRY(bind_order(&s));
    if (lt_grouping_needed(s.grouping))
        LT_TRY(apply_grouping(&s));
    LT_TRY(lt_node_calc(p, s.input.node, NULL, s.exprs.len, s.exprs.items, s.names, &node));
    if (query->distinct)
        LT_TRY(lt_bind_distinct(p, node, &node));
    LT_TRY(lt_bind_order_limit(p, query, s.n_order, s.order, &node));
    LT_TRY(drop_hidden(&s, &node));
    return lt_rel_of(p, node, LT_STR(""), out);
}
