/* expr.c -- making, comparing and rewriting bound expressions. */
#include "base/hash.h"
#include "planner/bind.h"

lt_status lt_expr_new(struct lt_planner *p, enum lt_expr_kind kind, const struct lt_type *type,
                      struct lt_pos pos, uint32_t n_args, struct lt_expr **out)
{
    struct lt_expr *expr = LT_ARENA_NEW(p->arena, struct lt_expr);
    if (!expr || !type)
        return LT_NOMEM;
    expr->kind = kind;
    expr->type = type;
    expr->pos = lt_bind_pos(p, pos);
    expr->n_args = n_args;
    expr->deterministic = true;
    if (n_args) {
        expr->args = LT_ARENA_ARRAY(p->arena, struct lt_expr *, n_args);
        if (!expr->args)
            return LT_NOMEM;
    }
    *out = expr;
    return LT_OK;
}

lt_status lt_expr_column(struct lt_planner *p, uint32_t index, const struct lt_type *type,
                         struct lt_pos pos, struct lt_expr **out)
{
    LT_TRY(lt_expr_new(p, LT_EXPR_COLUMN, type, pos, 0, out));
    (*out)->index = index;
    return LT_OK;
}

lt_status lt_expr_node_column(struct lt_planner *p, const struct lt_plan_node *node,
                              uint32_t index, struct lt_expr **out)
{
    return lt_expr_column(p, index, node->schema.fields[index].type, LT_NOWHERE, out);
}

/* ---- constants ------------------------------------------------------------ */

lt_status lt_expr_constant(struct lt_planner *p, struct lt_column *column, struct lt_pos pos,
                           struct lt_expr **out)
{
    struct lt_plan *plan = p->plan;
    if (!column)
        return LT_NOMEM;
    if (LT_ARENA_PUSH(p->arena, plan->constants, plan->n_constants, p->constants_cap, column)) {
        lt_column_unref(column);
        return LT_NOMEM;
    }
    LT_TRY(lt_expr_new(p, LT_EXPR_CONSTANT, column->type, pos, 0, out));
    (*out)->constant = column;
    return LT_OK;
}

lt_status lt_expr_null(struct lt_planner *p, const struct lt_type *type, struct lt_pos pos,
                       struct lt_expr **out)
{
    const struct lt_type *nullable = lt_type_with_null(p->arena, type, true);
    if (!nullable)
        return LT_NOMEM;
    return lt_expr_constant(p, lt_column_new_null(p->env->pool, nullable, 1), pos, out);
}

lt_status lt_expr_bigint(struct lt_planner *p, int64_t value, struct lt_pos pos,
                         struct lt_expr **out)
{
    struct lt_column *column = lt_column_new(p->env->pool, &lt_type_bigint_not_null, 1);
    if (!column)
        return LT_NOMEM;
    ((int64_t *)column->values)[0] = value;
    return lt_expr_constant(p, column, pos, out);
}

lt_status lt_expr_boolean(struct lt_planner *p, bool value, struct lt_pos pos,
                          struct lt_expr **out)
{
    struct lt_column *column = lt_column_new(p->env->pool, &lt_type_boolean_not_null, 1);
    if (!column)
        return LT_NOMEM;
    ((int8_t *)column->values)[0] = value;
    return lt_expr_constant(p, column, pos, out);
}

lt_status lt_expr_text(struct lt_planner *p, struct lt_str text, struct lt_pos pos,
                       struct lt_expr **out)
{
    struct lt_column *column = lt_column_new(p->env->pool, &lt_type_string_not_null, 1);
    if (!column)
        return LT_NOMEM;
    if (lt_column_put_str(column, 0, text)) {
        lt_column_unref(column);
        return LT_NOMEM;
    }
    return lt_expr_constant(p, column, pos, out);
}

bool lt_expr_is_constant(const struct lt_expr *expr)
{
    return expr->kind == LT_EXPR_CONSTANT;
}

/* ---- comparing -------------------------------------------------------------- */

bool lt_expr_equal(const struct lt_expr *a, const struct lt_expr *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->n_args != b->n_args || a->index != b->index ||
        a->function != b->function || a->kernel != b->kernel || a->cast_mode != b->cast_mode ||
        !a->deterministic || !b->deterministic || !lt_type_same(a->type, b->type))
        return false;
    if (a->kind == LT_EXPR_CONSTANT)
        return lt_cell_equal(lt_column_cell(a->constant, 0), lt_column_cell(b->constant, 0));
    for (uint32_t i = 0; i < a->n_args; i++)
        if (!lt_expr_equal(a->args[i], b->args[i]))
            return false;
    return true;
}

uint64_t lt_expr_hash(const struct lt_expr *expr, uint64_t seed)
{
    uint64_t h = lt_hash_combine(seed, (uint64_t)expr->kind);
    h = lt_hash_combine(h, expr->index);
    h = lt_hash_combine(h, ((uint64_t)expr->type->kind << 32) | expr->type->length);
    h = lt_hash_combine(h, ((uint64_t)expr->type->precision << 8) | expr->type->scale);
    h = lt_hash_combine(h, (uint64_t)expr->cast_mode);
    if (expr->function)
        h = lt_hash_bytes(expr->function->name, strlen(expr->function->name), h);
    if (expr->kind == LT_EXPR_CONSTANT)
        h = lt_cell_hash(lt_column_cell(expr->constant, 0), h);
    for (uint32_t i = 0; i < expr->n_args; i++)
        h = lt_expr_hash(expr->args[i], h);
    return lt_hash_combine(h, expr->n_args);
}

/* ---- rewriting ---------------------------------------------------------------- */

static bool expr_is_leaf(const struct lt_expr *expr)
{
    return expr->n_args == 0;
}

lt_status lt_expr_map(struct lt_planner *p, const struct lt_expr *expr, lt_expr_map_fn *fn,
                      void *ctx, struct lt_expr **out)
{
    struct lt_expr *copy = NULL, *replaced = NULL;
    LT_TRY(fn(p, ctx, expr, &replaced));
    if (replaced || expr_is_leaf(expr)) {
        *out = replaced ? replaced : (struct lt_expr *)expr;
        return LT_OK;
    }
    LT_TRY(lt_expr_new(p, expr->kind, expr->type, expr->pos, expr->n_args, &copy));
    struct lt_expr **args = copy->args;
    *copy = *expr;
    copy->args = args;
    for (uint32_t i = 0; i < expr->n_args; i++)
        LT_TRY(lt_expr_map(p, expr->args[i], fn, ctx, &args[i]));
    for (uint32_t i = 0; i < expr->n_args; i++)
        copy->deterministic &= args[i]->deterministic;
    *out = copy;
    return LT_OK;
}

static lt_status through_column(struct lt_planner *p, void *ctx, const struct lt_expr *expr,
                                struct lt_expr **out)
{
    const struct lt_plan_node *calc = ctx;
    LT_UNUSED(p);
    if (expr->kind == LT_EXPR_COLUMN)
        *out = calc->u.calc.exprs[expr->index];
    return LT_OK;
}

lt_status lt_expr_through(struct lt_planner *p, const struct lt_expr *expr,
                          const struct lt_plan_node *calc, struct lt_expr **out)
{
    LT_ASSERT(calc->kind == LT_NODE_CALC);
    if (!calc->u.calc.exprs) {
        *out = (struct lt_expr *)expr;
        return LT_OK;
    }
    LT_TRY(lt_expr_map(p, expr, through_column, (void *)calc, out));
    return LT_OK;
}

static lt_status remap_column(struct lt_planner *p, void *ctx, const struct lt_expr *expr,
                              struct lt_expr **out)
{
    const uint32_t *to = ctx;
    if (expr->kind != LT_EXPR_COLUMN || to[expr->index] == expr->index)
        return LT_OK;
    return lt_expr_column(p, to[expr->index], expr->type, expr->pos, out);
}

lt_status lt_expr_remap(struct lt_planner *p, const struct lt_expr *expr, const uint32_t *to,
                        struct lt_expr **out)
{
    return lt_expr_map(p, expr, remap_column, (void *)to, out);
}

bool lt_expr_each_column(const struct lt_expr *expr,
                         bool (*fn)(void *ctx, const struct lt_expr *column), void *ctx)
{
    if (expr->kind == LT_EXPR_COLUMN)
        return fn(ctx, expr);
    for (uint32_t i = 0; i < expr->n_args; i++)
        if (!lt_expr_each_column(expr->args[i], fn, ctx))
            return false;
    return true;
}

lt_status lt_expr_conjuncts(struct lt_planner *p, struct lt_expr *filter, struct lt_exprs *out)
{
    if (!filter)
        return LT_OK;
    if (filter->kind != LT_EXPR_AND)
        return LT_ARENA_PUSH(p->arena, out->items, out->len, out->cap, filter);
    for (uint32_t i = 0; i < filter->n_args; i++)
        LT_TRY(lt_expr_conjuncts(p, filter->args[i], out));
    return LT_OK;
}

lt_status lt_expr_and(struct lt_planner *p, uint32_t n, struct lt_expr *const *conjuncts,
                      struct lt_expr **out)
{
    bool nullable = false;
    if (n <= 1) {
        *out = n ? conjuncts[0] : NULL;
        return LT_OK;
    }
    for (uint32_t i = 0; i < n; i++)
        nullable |= conjuncts[i]->type->nullable;
    struct lt_expr *expr;
    LT_TRY(lt_expr_new(p, LT_EXPR_AND, nullable ? &lt_type_boolean : &lt_type_boolean_not_null,
                       conjuncts[0]->pos, n, &expr));
    for (uint32_t i = 0; i < n; i++) {
        expr->args[i] = conjuncts[i];
        expr->deterministic &= conjuncts[i]->deterministic;
    }
    *out = expr;
    return LT_OK;
}

lt_status lt_exprs_add(struct lt_planner *p, struct lt_exprs *list, struct lt_expr *expr,
                       uint32_t *index)
{
    for (uint32_t i = 0; i < list->len; i++)
        if (lt_expr_equal(list->items[i], expr)) {
            *index = i;
            return LT_OK;
        }
    *index = list->len;
    return LT_ARENA_PUSH(p->arena, list->items, list->len, list->cap, expr);
}
