/* merge_calc.c -- two CALCs in a row become one.
 *
 *   CALC(E2, F2) over CALC(E1, F1)  =  CALC(E2(E1), F1 AND F2(E1))
 *
 * F1 stands first, and AND evaluates from left to right, so F2 still sees only
 * rows that F1 let through. Not where an expression without a fixed result would
 * be computed twice, nor where the composition would grow beyond all bounds. */
#include "planner/rules/rules.h"

enum { MERGED_SIZE_MAX = 2000 };

struct growth { /* how large the composed expressions would be */
    const struct lt_plan_node *inner;
    uint32_t *sizes, *uses; /* per column of inner */
    uint64_t size;
};

static uint32_t expr_size(const struct lt_expr *expr)
{
    uint32_t n = 1;
    for (uint32_t i = 0; i < expr->n_args && n < MERGED_SIZE_MAX; i++)
        n += expr_size(expr->args[i]);
    return n;
}

static bool count_use(void *ctx, const struct lt_expr *column)
{
    struct growth *g = ctx;
    g->uses[column->index]++;
    g->size += g->sizes[column->index];
    return g->size < MERGED_SIZE_MAX;
}

static bool never_random(const struct lt_expr *expr)
{
    if (expr->function && (expr->function->flags & LT_FN_NONDETERMINISTIC))
        return false;
    for (uint32_t i = 0; i < expr->n_args; i++)
        if (!never_random(expr->args[i]))
            return false;
    return true;
}

static lt_status may_merge(struct lt_planner *p, const struct lt_plan_node *outer,
                           const struct lt_plan_node *inner, bool *out)
{
    uint32_t n = inner->schema.len;
    struct growth g = {.inner = inner};
    bool small = true;
    *out = true;
    if (!inner->u.calc.exprs)
        return LT_OK;
    g.sizes = LT_ARENA_ARRAY(p->arena, uint32_t, n + 1);
    g.uses = LT_ARENA_ARRAY(p->arena, uint32_t, n + 1);
    if (!g.sizes || !g.uses)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        g.sizes[i] = expr_size(inner->u.calc.exprs[i]);
    if (outer->u.calc.filter)
        small &= lt_expr_each_column(outer->u.calc.filter, count_use, &g);
    for (uint32_t i = 0; outer->u.calc.exprs && i < outer->u.calc.n_exprs && small; i++)
        small &= lt_expr_each_column(outer->u.calc.exprs[i], count_use, &g);
    *out = small;
    for (uint32_t i = 0; i < n; i++)
        if (g.uses[i] > 1 || (g.uses[i] && outer->u.calc.filter))
            *out &= never_random(inner->u.calc.exprs[i]);
    return LT_OK;
}

static lt_status merge(struct lt_planner *p, struct lt_plan_node *outer)
{
    struct lt_plan_node *inner = outer->inputs[0];
    struct lt_exprs filters = {0};
    LT_TRY(lt_expr_conjuncts(p, inner->u.calc.filter, &filters));
    if (outer->u.calc.filter) {
        struct lt_expr *filter;
        LT_TRY(lt_expr_through(p, outer->u.calc.filter, inner, &filter));
        LT_TRY(lt_expr_conjuncts(p, filter, &filters));
    }
    LT_TRY(lt_expr_and(p, filters.len, filters.items, &outer->u.calc.filter));
    if (!outer->u.calc.exprs) {
        outer->u.calc.exprs = inner->u.calc.exprs;
        outer->u.calc.n_exprs = inner->u.calc.n_exprs;
    } else {
        for (uint32_t i = 0; i < outer->u.calc.n_exprs; i++)
            LT_TRY(lt_expr_through(p, outer->u.calc.exprs[i], inner, &outer->u.calc.exprs[i]));
    }
    outer->inputs[0] = inner->inputs[0];
    return LT_OK;
}

static lt_status merge_node(struct lt_planner *p, struct lt_plan_node *node)
{
    bool may = true;
    while (node->kind == LT_NODE_CALC && node->inputs[0]->kind == LT_NODE_CALC && may) {
        LT_TRY(may_merge(p, node, node->inputs[0], &may));
        if (may)
            LT_TRY(merge(p, node));
    }
    for (uint32_t i = 0; i < node->n_inputs; i++)
        LT_TRY(merge_node(p, node->inputs[i]));
    return LT_OK;
}

static lt_status merge_apply(struct lt_planner *p, struct lt_plan_node **roots, uint32_t n_roots)
{
    for (uint32_t i = 0; i < n_roots; i++)
        LT_TRY(merge_node(p, roots[i]));
    return LT_OK;
}

const struct lt_rule lt_rule_merge_calc = {
    .name = "merge_calc",
    .doc = "filters and projections in a row become one",
    .apply = merge_apply,
};
