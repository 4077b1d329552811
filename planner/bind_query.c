/* bind_query.c -- query expressions: set operations, VALUES, WITH, ORDER BY, LIMIT.
 *
 * UNION without ALL is DISTINCT over UNION ALL. ORDER BY sorts bounded,
 * append-only input at its end; on a stream it needs an ascending time attribute
 * first. Over a changing result only the statement's own query may be ordered:
 * whoever shows the final table does it. */
#include "planner/bind.h"

/* ---- VALUES ------------------------------------------------------------------- */

static lt_status values_bind(struct lt_planner *p, const struct lt_ast_query *query, uint32_t n,
                             struct lt_expr **cells)
{
    struct lt_bind b = {.p = p, .clause = "VALUES"};
    uint32_t row = 0;
    for (const struct lt_ast_values_row *r = query->values; r; r = r->next, row++) {
        uint32_t i = 0;
        for (const struct lt_ast_exprs *e = r->exprs; e; e = e->next, i++)
            if (i < n)
                LT_TRY(lt_bind_expr(&b, e->expr, &cells[(size_t)row * n + i]));
        if (i != n)
            return LT_BIND_FAIL(p, LT_INVALID, r->pos,
                                "a row of VALUES has %u values, the first one has %u", i, n);
    }
    return LT_OK;
}

static lt_status values_types(struct lt_planner *p, struct lt_pos pos, uint32_t n_rows, uint32_t n,
                              struct lt_expr **cells, const struct lt_type **types)
{
    const struct lt_type **column = LT_ARENA_ARRAY(p->arena, const struct lt_type *, n_rows);
    if (!column)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t r = 0; r < n_rows; r++)
            column[r] = cells[(size_t)r * n + i]->type;
        lt_status status = lt_common_type(p->arena, n_rows, column, &types[i]);
        if (status == LT_INVALID)
            return LT_BIND_FAIL(p, LT_INVALID, pos,
                                "the values of column %u have no common type; CAST them", i + 1);
        LT_TRY(status);
        for (uint32_t r = 0; r < n_rows; r++)
            LT_TRY(lt_bind_cast(p, cells[(size_t)r * n + i], types[i], &cells[(size_t)r * n + i]));
    }
    return LT_OK;
}

/* Rows that are not constant (PROCTIME(), 1 / 0, ?) are a union of SELECTs. */
static lt_status values_of_selects(struct lt_planner *p, uint32_t n_rows, uint32_t n,
                                   struct lt_expr **cells, const struct lt_str *names,
                                   const struct lt_type **types, struct lt_plan_node **out)
{
    struct lt_plan_node **inputs = LT_ARENA_ARRAY(p->arena, struct lt_plan_node *, n_rows);
    struct lt_plan_node *one, *node;
    if (!inputs)
        return LT_NOMEM;
    LT_TRY(lt_node_one_row(p, &one));
    for (uint32_t r = 0; r < n_rows; r++)
        LT_TRY(lt_node_calc(p, one, NULL, n, &cells[(size_t)r * n], names, &inputs[r]));
    if (n_rows == 1) {
        *out = inputs[0];
        return LT_OK;
    }
    LT_TRY(lt_node_new(p, LT_NODE_UNION, n_rows, inputs, n, &node));
    for (uint32_t i = 0; i < n; i++)
        node->schema.fields[i].type = types[i];
    LT_TRY(lt_node_finish(p, node));
    *out = node;
    return LT_OK;
}

static lt_status values_column(struct lt_planner *p, uint32_t n_rows, uint32_t n,
                               struct lt_expr **cells, const struct lt_type *type,
                               struct lt_column **out)
{
    struct lt_column *column = lt_column_new(p->env->pool, type, n_rows);
    struct lt_expr *held;
    if (!column)
        return LT_NOMEM;
    lt_status status = lt_column_own_validity(column);
    for (uint32_t r = 0; r < n_rows && status == LT_OK; r++) {
        struct lt_cell cell = lt_column_cell(cells[(size_t)r * n]->constant, 0);
        status = lt_column_copy_cell(column, r, cell);
    }
    if (status != LT_OK) {
        lt_column_unref(column);
        return status;
    }
    LT_TRY(lt_expr_constant(p, column, LT_NOWHERE, &held)); /* the plan holds it */
    *out = column;
    return LT_OK;
}

static lt_status bind_values(struct lt_planner *p, const struct lt_ast_query *query,
                             struct lt_plan_node **out)
{
    uint32_t n_rows = 0, n = 0;
    struct lt_plan_node *node;
    for (const struct lt_ast_values_row *r = query->values; r; r = r->next)
        n_rows++;
    for (const struct lt_ast_exprs *e = query->values ? query->values->exprs : NULL; e; e = e->next)
        n++;
    struct lt_expr **cells = LT_ARENA_ARRAY(p->arena, struct lt_expr *, (size_t)n_rows * n + 1);
    const struct lt_type **types = LT_ARENA_ARRAY(p->arena, const struct lt_type *, n + 1);
    struct lt_str *names = LT_ARENA_ARRAY(p->arena, struct lt_str, n + 1);
    if (!cells || !types || !names)
        return LT_NOMEM;
    LT_TRY(values_bind(p, query, n, cells));
    LT_TRY(values_types(p, query->pos, n_rows, n, cells, types));
    for (uint32_t i = 0; i < n; i++)
        LT_TRY(lt_arena_printf(p->arena, &names[i], "EXPR$%u", i));
    for (uint32_t i = 0; i < n_rows * n; i++)
        if (cells[i]->kind != LT_EXPR_CONSTANT)
            return values_of_selects(p, n_rows, n, cells, names, types, out);
    LT_TRY(lt_node_new(p, LT_NODE_VALUES, 0, NULL, n, &node));
    node->u.values.n_rows = n_rows;
    node->u.values.columns = LT_ARENA_ARRAY(p->arena, struct lt_column *, n + 1);
    if (!node->u.values.columns)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        node->schema.fields[i] = (struct lt_field){names[i], types[i]};
        LT_TRY(values_column(p, n_rows, n, cells + i, types[i], &node->u.values.columns[i]));
    }
    LT_TRY(lt_node_finish(p, node));
    *out = node;
    return LT_OK;
}

/* ---- set operations --------------------------------------------------------------- */

int64_t lt_bind_state_ttl_us(const struct lt_planner *p)
{
    return p->env->catalog ? lt_setting_duration_us(p->env->catalog, "table.exec.state.ttl") : 0;
}

lt_status lt_bind_distinct(struct lt_planner *p, struct lt_plan_node *input,
                           struct lt_plan_node **out)
{
    struct lt_plan_node *node;
    uint32_t n = input->schema.len;
    if (n == 0)
        return LT_BIND_FAIL(p, LT_INVALID, LT_NOWHERE, "DISTINCT needs at least one column");
    LT_TRY(lt_node_new(p, LT_NODE_AGGREGATE, 1, &input, n, &node));
    node->u.aggregate.n_keys = n;
    node->u.aggregate.keys = LT_ARENA_ARRAY(p->arena, uint32_t, n);
    if (!node->u.aggregate.keys)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        node->u.aggregate.keys[i] = i;
    node->u.aggregate.ttl_us = lt_bind_state_ttl_us(p);
    LT_TRY(lt_node_finish(p, node));
    *out = node;
    return LT_OK;
}

/* Casts the columns of a node to `types`. */
static lt_status cast_columns(struct lt_planner *p, struct lt_plan_node *input, uint32_t n,
                              const struct lt_type **types, struct lt_plan_node **out)
{
    struct lt_expr **exprs = LT_ARENA_ARRAY(p->arena, struct lt_expr *, n + 1);
    struct lt_str *names = LT_ARENA_ARRAY(p->arena, struct lt_str, n + 1);
    bool same = true;
    if (!exprs || !names)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        struct lt_expr *column;
        names[i] = input->schema.fields[i].name;
        LT_TRY(lt_expr_node_column(p, input, i, &column));
        LT_TRY(lt_bind_cast(p, column, types[i], &exprs[i]));
        same &= exprs[i] == column;
    }
    if (same) {
        *out = input;
        return LT_OK;
    }
    return lt_node_calc(p, input, NULL, n, exprs, names, out);
}

static lt_status union_types(struct lt_planner *p, struct lt_pos pos,
                             const struct lt_plan_node *left, const struct lt_plan_node *right,
                             const struct lt_type **types)
{
    if (left->schema.len != right->schema.len)
        return LT_BIND_FAIL(p, LT_INVALID, pos,
                            "the two sides of UNION have %u and %u columns: they must have as many",
                            left->schema.len, right->schema.len);
    for (uint32_t i = 0; i < left->schema.len; i++) {
        const struct lt_type *pair[2] = {left->schema.fields[i].type,
                                         right->schema.fields[i].type};
        lt_status status = lt_common_type(p->arena, 2, pair, &types[i]);
        if (status == LT_INVALID)
            return LT_BIND_FAIL(p, LT_INVALID, pos,
                                "column %u ('%.*s') of the two sides of UNION has no common type; "
                                "CAST one of them",
                                i + 1, LT_STR_ARG(left->schema.fields[i].name));
        LT_TRY(status);
    }
    return LT_OK;
}

static lt_status bind_set_op(struct lt_planner *p, const struct lt_ast_query *query,
                             struct lt_plan_node **out)
{
    struct lt_rel left, right;
    struct lt_plan_node *inputs[2], *node;
    if (query->set_op != LT_AST_UNION)
        return LT_BIND_NOT_YET(p, query->pos, "%s",
                               query->set_op == LT_AST_INTERSECT ? "INTERSECT" : "EXCEPT");
    LT_TRY(lt_bind_query(p, query->left, &left));
    LT_TRY(lt_bind_query(p, query->right, &right));
    uint32_t n = left.node->schema.len;
    const struct lt_type **types = LT_ARENA_ARRAY(p->arena, const struct lt_type *, n + 1);
    if (!types)
        return LT_NOMEM;
    LT_TRY(union_types(p, query->pos, left.node, right.node, types));
    LT_TRY(cast_columns(p, left.node, n, types, &inputs[0]));
    LT_TRY(cast_columns(p, right.node, n, types, &inputs[1]));
    LT_TRY(lt_node_new(p, LT_NODE_UNION, 2, inputs, n, &node));
    for (uint32_t i = 0; i < n; i++)
        node->schema.fields[i] = (struct lt_field){left.node->schema.fields[i].name, types[i]};
    LT_TRY(lt_node_finish(p, node));
    if (!query->all)
        LT_TRY(lt_bind_distinct(p, node, &node));
    *out = node;
    return LT_OK;
}

/* ---- ORDER BY and LIMIT --------------------------------------------------------------- */

static lt_status limit_counts(struct lt_planner *p, const struct lt_ast_query *query,
                              int64_t *limit, int64_t *offset)
{
    *limit = -1;
    *offset = 0;
    if (query->limit)
        LT_TRY(lt_bind_integer(p, query->limit, "LIMIT", limit));
    if (query->offset)
        LT_TRY(lt_bind_integer(p, query->offset, "OFFSET", offset));
    return LT_OK;
}

static lt_status defer_to_output(struct lt_planner *p, const struct lt_ast_query *query,
                                 uint32_t n_keys, const struct lt_sort_key *keys, int64_t limit,
                                 int64_t offset)
{
    if (query != p->top)
        return LT_BIND_NOT_YET(p, n_keys ? query->order->expr->pos : query->pos,
                               "ORDER BY or LIMIT over a changing result inside a query");
    if (p->env->want_changelog && (limit >= 0 || offset > 0))
        return LT_BIND_NOT_YET(p, query->limit ? query->limit->pos : query->pos,
                               "LIMIT over a changing result, shown as its changes; ask for the "
                               "final table");
    p->top_deferred = true;
    p->top_n_order = n_keys;
    p->top_order = lt_arena_copy(p->arena, keys, sizeof(*keys) * (n_keys + (n_keys == 0)));
    p->top_limit = limit;
    p->top_offset = offset;
    return p->top_order ? LT_OK : LT_NOMEM;
}

lt_status lt_bind_order_limit(struct lt_planner *p, const struct lt_ast_query *query,
                              uint32_t n_keys, const struct lt_sort_key *keys,
                              struct lt_plan_node **node)
{
    struct lt_plan_node *input = *node, *made;
    int64_t limit, offset;
    LT_TRY(limit_counts(p, query, &limit, &offset));
    if (n_keys == 0 && limit < 0 && offset == 0)
        return LT_OK;
    if (input->props.changing) {
        if (query == p->top && !input->props.bounded && (limit >= 0 || n_keys))
            return LT_BIND_NOT_YET(p, n_keys ? query->order->expr->pos : query->pos,
                                   "ORDER BY or LIMIT over a changing result without an end");
        static const struct lt_sort_key none;
        return defer_to_output(p, query, n_keys, n_keys ? keys : &none, limit, offset);
    }
    if (n_keys == 0) {
        LT_TRY(lt_node_new(p, LT_NODE_LIMIT, 1, &input, input->schema.len, &made));
        made->u.limit.limit = limit;
        made->u.limit.offset = offset;
    } else {
        bool by_time = !input->props.bounded;
        if (by_time && (input->props.lag_us[keys[0].column] == LT_NO_LAG || keys[0].descending))
            return LT_BIND_FAIL(p, LT_INVALID, query->order->expr->pos,
                                "ORDER BY on a stream without an end must begin with a time "
                                "attribute, ascending");
        LT_TRY(lt_node_new(p, LT_NODE_SORT, 1, &input, input->schema.len, &made));
        made->u.sort.n_keys = n_keys;
        made->u.sort.keys = lt_arena_copy(p->arena, keys, sizeof(*keys) * n_keys);
        made->u.sort.by_time = by_time;
        made->u.sort.limit = by_time ? -1 : limit;
        made->u.sort.offset = by_time ? 0 : offset;
        if (!made->u.sort.keys)
            return LT_NOMEM;
        if (by_time && (limit >= 0 || offset)) {
            LT_TRY(lt_node_finish(p, made));
            input = made;
            LT_TRY(lt_node_new(p, LT_NODE_LIMIT, 1, &input, input->schema.len, &made));
            made->u.limit.limit = limit;
            made->u.limit.offset = offset;
        }
    }
    LT_TRY(lt_node_finish(p, made));
    *node = made;
    return LT_OK;
}

/* ORDER BY of a set operation or VALUES: output columns by name or number only. */
static lt_status order_of_output(struct lt_planner *p, const struct lt_ast_query *query,
                                 struct lt_plan_node **node)
{
    uint32_t n = 0;
    struct lt_rel rel;
    for (const struct lt_ast_order *o = query->order; o; o = o->next)
        n++;
    struct lt_sort_key *keys = LT_ARENA_ARRAY(p->arena, struct lt_sort_key, n + 1);
    if (!keys)
        return LT_NOMEM;
    LT_TRY(lt_rel_of(p, *node, LT_STR(""), &rel));
    struct lt_bind b = {.p = p, .scope = &rel.scope, .clause = "ORDER BY"};
    n = 0;
    for (const struct lt_ast_order *o = query->order; o; o = o->next, n++) {
        struct lt_expr *expr;
        int64_t ordinal;
        if (o->expr->kind == LT_AST_LITERAL_NUMBER) {
            LT_TRY(lt_bind_integer(p, o->expr, "ORDER BY", &ordinal));
            if (ordinal < 1 || ordinal > rel.scope.len)
                return LT_BIND_FAIL(p, LT_INVALID, o->expr->pos, "there is no column %lld",
                                    (long long)ordinal);
            keys[n].column = (uint32_t)(ordinal - 1);
        } else {
            LT_TRY(lt_bind_expr(&b, o->expr, &expr));
            if (expr->kind != LT_EXPR_COLUMN)
                return LT_BIND_NOT_YET(p, o->expr->pos,
                                       "ORDER BY an expression over a set operation or VALUES");
            keys[n].column = expr->index;
        }
        keys[n].descending = o->descending;
        keys[n].nulls_first = o->nulls == LT_AST_NULLS_DEFAULT ? !o->descending
                                                               : o->nulls == LT_AST_NULLS_FIRST;
    }
    return lt_bind_order_limit(p, query, n, keys, node);
}

/* ---- a query ------------------------------------------------------------------------------ */

static lt_status bind_with(struct lt_planner *p, const struct lt_ast_query *query)
{
    if (query->recursive)
        return LT_BIND_NOT_YET(p, query->with->name->pos, "WITH RECURSIVE");
    for (const struct lt_ast_with *w = query->with; w; w = w->next) {
        struct lt_cte *cte = LT_ARENA_NEW(p->arena, struct lt_cte);
        if (!cte)
            return LT_NOMEM;
        for (const struct lt_ast_with *v = query->with; v != w; v = v->next)
            if (lt_str_equal(v->name->text, w->name->text))
                return LT_BIND_FAIL(p, LT_INVALID, w->name->pos, "'%.*s' is there twice in WITH",
                                    LT_STR_ARG(w->name->text));
        *cte = (struct lt_cte){.with = w, .outer = p->ctes};
        p->ctes = cte;
    }
    return LT_OK;
}

static lt_status bind_body(struct lt_planner *p, const struct lt_ast_query *query,
                           struct lt_rel *out)
{
    struct lt_plan_node *node;
    if (query->kind == LT_AST_SELECT)
        return lt_bind_select(p, query, out);
    if (query->kind == LT_AST_VALUES)
        LT_TRY(bind_values(p, query, &node));
    else
        LT_TRY(bind_set_op(p, query, &node));
    LT_TRY(order_of_output(p, query, &node));
    return lt_rel_of(p, node, LT_STR(""), out);
}

lt_status lt_bind_query(struct lt_planner *p, const struct lt_ast_query *query, struct lt_rel *out)
{
    const struct lt_cte *ctes = p->ctes;
    const struct lt_ast_emit *emit = p->emit;
    bool used = p->emit_used;
    LT_TRY(lt_bind_enter(p, query->pos));
    LT_TRY(bind_with(p, query));
    p->emit = query->emit.pos.line ? &query->emit : NULL;
    p->emit_used = false;
    LT_TRY(bind_body(p, query, out));
    if (p->emit && !p->emit_used)
        LT_TRY(lt_bind_emit_refuse(p, p->emit));
    p->emit = emit;
    p->emit_used = used;
    p->ctes = ctes;
    p->depth--;
    return LT_OK;
}
