/* fold.c -- constant folding: a call of constants becomes its value.
 *
 * Calls are folded as soon as they are bound, because LIMIT, window sizes and
 * intervals ask for constants; the rule itself simplifies what other rules leave:
 * AND and OR with TRUE or FALSE in them. What cannot be computed (1 / 0) stays as
 * it is and fails when a row gets there. */
#include "planner/rules/rules.h"

static bool foldable(const struct lt_expr *expr)
{
    if (!expr->deterministic || expr->n_args == 0 || expr->kind == LT_EXPR_COLUMN)
        return false;
    for (uint32_t i = 0; i < expr->n_args; i++)
        if (expr->args[i]->kind != LT_EXPR_CONSTANT)
            return false;
    return true;
}

lt_status lt_expr_fold_call(struct lt_planner *p, struct lt_expr *expr, struct lt_expr **out)
{
    const struct lt_fold *fold = p->env->fold;
    struct lt_column *value = NULL;
    *out = expr;
    if (!fold || !fold->fold || !foldable(expr))
        return LT_OK;
    lt_status status = fold->fold(fold, expr, &value, NULL);
    if (status == LT_NOMEM)
        return status;
    if (status != LT_OK || !value)
        return LT_OK;
    struct lt_expr *constant;
    LT_TRY(lt_expr_constant(p, value, expr->pos, &constant));
    /* the type as bound: folding must not change what is known about it */
    constant->type = expr->type;
    *out = constant;
    return LT_OK;
}

/* -1 = not a BOOLEAN constant, 2 = NULL. */
static int truth(const struct lt_expr *expr)
{
    if (expr->kind != LT_EXPR_CONSTANT || expr->type->kind != LT_TYPE_BOOLEAN)
        return -1;
    if (lt_column_is_null(expr->constant, 0))
        return 2;
    return ((const int8_t *)expr->constant->values)[0] != 0;
}

static lt_status simplify(struct lt_planner *p, void *ctx, const struct lt_expr *expr,
                          struct lt_expr **out)
{
    LT_UNUSED(ctx);
    if (expr->kind != LT_EXPR_AND && expr->kind != LT_EXPR_OR)
        return LT_OK;
    int neutral = expr->kind == LT_EXPR_AND, n = 0;
    struct lt_expr *copy;
    LT_TRY(lt_expr_new(p, expr->kind, expr->type, expr->pos, expr->n_args, &copy));
    copy->deterministic = expr->deterministic;
    for (uint32_t i = 0; i < expr->n_args; i++) {
        struct lt_expr *arg;
        LT_TRY(lt_expr_map(p, expr->args[i], simplify, NULL, &arg));
        if (truth(arg) == neutral)
            continue;
        if (truth(arg) == !neutral && n == 0) { /* nothing before it could have failed */
            *out = arg;
            return LT_OK;
        }
        copy->args[n++] = arg;
    }
    copy->n_args = (uint32_t)n;
    if (n == 0)
        return lt_expr_boolean(p, neutral != 0, expr->pos, out);
    *out = n == 1 ? copy->args[0] : copy;
    return LT_OK;
}

static lt_status fold_node(struct lt_planner *p, struct lt_plan_node *node)
{
    for (uint32_t i = 0; i < node->n_inputs; i++)
        LT_TRY(fold_node(p, node->inputs[i]));
    if (node->kind != LT_NODE_CALC)
        return LT_OK;
    if (node->u.calc.filter) {
        LT_TRY(lt_expr_map(p, node->u.calc.filter, simplify, NULL, &node->u.calc.filter));
        if (truth(node->u.calc.filter) == 1)
            node->u.calc.filter = NULL;
    }
    for (uint32_t i = 0; node->u.calc.exprs && i < node->u.calc.n_exprs; i++)
        LT_TRY(lt_expr_map(p, node->u.calc.exprs[i], simplify, NULL, &node->u.calc.exprs[i]));
    return LT_OK;
}

static lt_status fold_apply(struct lt_planner *p, struct lt_plan_node **roots, uint32_t n_roots)
{
    for (uint32_t i = 0; i < n_roots; i++)
        LT_TRY(fold_node(p, roots[i]));
    return LT_OK;
}

const struct lt_rule lt_rule_fold = {
    .name = "fold",
    .doc = "AND and OR lose the constants that do not matter",
    .apply = fold_apply,
};
