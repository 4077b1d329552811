/* implied.c -- what a filter says about a column, its projection may rely on.
 *
 * Where a CALC keeps only rows with c = 2, c is 2 in everything it computes, and
 * what then has constant arguments is folded: over WHERE event_type = 2 a CASE on
 * event_type is one of its branches, and the columns of the others are no longer
 * decoded. Only kinds whose equal values are the same value: whole numbers and
 * times, not DOUBLE (-0.0 = 0.0), not text of different lengths. */
#include "planner/rules/rules.h"

struct implied {
    uint32_t n;
    const struct lt_expr *const *conjuncts;
};

static bool exact_kind(const struct lt_type *type)
{
    return lt_type_is_integer(type) || type->kind == LT_TYPE_BOOLEAN ||
           type->kind == LT_TYPE_DATE || type->kind == LT_TYPE_TIMESTAMP ||
           type->kind == LT_TYPE_TIMESTAMP_LTZ;
}

/* The constant of `column = constant`, or NULL. */
static struct lt_expr *says(const struct lt_expr *expr, uint32_t *column)
{
    if (expr->kind != LT_EXPR_CALL || expr->n_args != 2 || strcmp(expr->function->name, "=") != 0)
        return NULL;
    unsigned at = expr->args[0]->kind == LT_EXPR_COLUMN ? 0 : 1;
    const struct lt_expr *left = expr->args[at];
    struct lt_expr *right = expr->args[1 - at];
    if (left->kind != LT_EXPR_COLUMN || right->kind != LT_EXPR_CONSTANT ||
        !lt_type_same(left->type, right->type) || !exact_kind(left->type) ||
        lt_column_is_null(right->constant, 0))
        return NULL;
    *column = left->index;
    return right;
}

static lt_status put_constant(struct lt_planner *p, void *ctx, const struct lt_expr *expr,
                              struct lt_expr **out)
{
    const struct implied *known = ctx;
    LT_UNUSED(p);
    for (uint32_t i = 0; expr->kind == LT_EXPR_COLUMN && i < known->n; i++) {
        uint32_t column;
        struct lt_expr *constant = says(known->conjuncts[i], &column);
        if (constant && column == expr->index)
            *out = constant;
    }
    return LT_OK;
}

static bool is_truth(const struct lt_expr *expr, bool *truth)
{
    if (expr->kind != LT_EXPR_CONSTANT || expr->type->kind != LT_TYPE_BOOLEAN)
        return false;
    *truth = !lt_column_is_null(expr->constant, 0) &&
             ((const int8_t *)expr->constant->values)[0] != 0;
    return true;
}

/* Branches that cannot be taken go; one that must be taken ends the CASE. */
static struct lt_expr *shorten_case(struct lt_expr *expr)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i + 1 < expr->n_args; i += 2) {
        bool truth = false, known = is_truth(expr->args[i], &truth);
        if (known && !truth)
            continue;
        if (known) {
            expr->args[n++] = expr->args[i + 1];
            expr->n_args = n;
            return n == 1 ? expr->args[0] : expr;
        }
        expr->args[n++] = expr->args[i];
        expr->args[n++] = expr->args[i + 1];
    }
    expr->args[n++] = expr->args[expr->n_args - 1];
    expr->n_args = n;
    return n == 1 ? expr->args[0] : expr;
}

/* Folds from the leaves up; `expr` is a fresh copy of lt_expr_map. */
static lt_status fold_tree(struct lt_planner *p, struct lt_expr *expr, struct lt_expr **out)
{
    struct lt_expr *copy;
    *out = expr;
    if (expr->n_args == 0)
        return LT_OK;
    LT_TRY(lt_expr_new(p, expr->kind, expr->type, expr->pos, expr->n_args, &copy));
    struct lt_expr **args = copy->args;
    *copy = *expr;
    copy->args = args;
    copy->deterministic = !expr->function || !(expr->function->flags & (LT_FN_NONDETERMINISTIC |
                                                                        LT_FN_PER_STATEMENT));
    for (uint32_t i = 0; i < expr->n_args; i++) {
        LT_TRY(fold_tree(p, expr->args[i], &args[i]));
        copy->deterministic &= args[i]->deterministic;
    }
    if (copy->kind == LT_EXPR_CASE) {
        *out = shorten_case(copy);
        if (*out != copy)
            return LT_OK;
    }
    return lt_expr_fold_call(p, copy, out);
}

static lt_status apply_to(struct lt_planner *p, struct implied *known, struct lt_expr **expr)
{
    struct lt_expr *mapped;
    LT_TRY(lt_expr_map(p, *expr, put_constant, known, &mapped));
    if (mapped != *expr)
        LT_TRY(fold_tree(p, mapped, expr));
    return LT_OK;
}

static lt_status implied_calc(struct lt_planner *p, struct lt_plan_node *node)
{
    struct lt_exprs all = {0};
    uint32_t column;
    bool any = false;
    LT_TRY(lt_expr_conjuncts(p, node->u.calc.filter, &all));
    for (uint32_t i = 0; i < all.len; i++)
        any |= says(all.items[i], &column) != NULL;
    if (!any || !node->u.calc.exprs)
        return LT_OK;
    struct implied known = {.n = all.len, .conjuncts = (const struct lt_expr *const *)all.items};
    for (uint32_t i = 0; i < node->u.calc.n_exprs; i++)
        LT_TRY(apply_to(p, &known, &node->u.calc.exprs[i]));
    return LT_OK;
}

static lt_status implied_node(struct lt_planner *p, struct lt_plan_node *node)
{
    for (uint32_t i = 0; i < node->n_inputs; i++)
        LT_TRY(implied_node(p, node->inputs[i]));
    if (node->kind != LT_NODE_CALC || !node->u.calc.filter)
        return LT_OK;
    return implied_calc(p, node);
}

static lt_status implied_apply(struct lt_planner *p, struct lt_plan_node **roots, uint32_t n_roots)
{
    for (uint32_t i = 0; i < n_roots; i++)
        LT_TRY(implied_node(p, roots[i]));
    return LT_OK;
}

const struct lt_rule lt_rule_implied = {
    .name = "implied",
    .doc = "a column that the filter fixes is a constant in the projection",
    .apply = implied_apply,
};
