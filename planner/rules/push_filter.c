/* push_filter.c -- conditions go down to where the rows come from.
 *
 * A filter CALC gives its conjuncts to what lies below it:
 *
 *   CALC                the conjunct over the projection's inputs joins its filter
 *   UNION               each input gets its own copy
 *   WINDOW              conjuncts on the rows, not on the window
 *   AGGREGATE           conjuncts on group keys (not below grouping sets)
 *   SCAN                (column, comparison, constant) conjuncts, as a request: the
 *                       CALC stays, since a source need not apply them exactly
 *
 * Nothing passes a WATERMARK: the watermark counts every row, wanted or not. */
#include "planner/rules/rules.h"

static lt_status push_node(struct lt_planner *p, struct lt_plan_node **slot);

/* Which conjuncts go below, as expressions over the input of `below`. */
struct pushing {
    struct lt_planner *p;
    struct lt_plan_node *below;
    struct lt_exprs down, stay;
};

static lt_status keep_column(struct lt_planner *p, void *ctx, const struct lt_expr *expr,
                             struct lt_expr **out)
{
    const struct lt_plan_node *below = ctx;
    if (expr->kind != LT_EXPR_COLUMN)
        return LT_OK;
    return lt_expr_node_column(p, below->inputs[0], below->u.aggregate.keys[expr->index], out);
}

static bool column_below(void *ctx, const struct lt_expr *column)
{
    return column->index < *(const uint32_t *)ctx;
}

static bool deterministic_column(void *ctx, const struct lt_expr *column)
{
    const struct lt_plan_node *calc = ctx;
    return calc->u.calc.exprs[column->index]->deterministic;
}

/* Columns [0, limit) of `below` mean the same below it; 0 = nothing passes. */
static uint32_t passing_columns(const struct lt_plan_node *below)
{
    switch (below->kind) {
    case LT_NODE_UNION: return below->schema.len;
    case LT_NODE_WINDOW:
        return below->u.window.spec.kind >= LT_WINDOW_SESSION || below->u.window.late_sink
                   ? 0
                   : below->inputs[0]->schema.len;
    case LT_NODE_AGGREGATE:
    case LT_NODE_WINDOW_AGGREGATE:
        if (below->u.aggregate.late_sink || below->inputs[0]->kind == LT_NODE_EXPAND)
            return 0;
        return below->u.aggregate.n_keys;
    case LT_NODE_SORT: return below->u.sort.limit < 0 && below->u.sort.offset == 0
                                  ? below->schema.len
                                  : 0;
    default: return 0;
    }
}

static lt_status push_conjunct(struct pushing *s, struct lt_expr *expr)
{
    struct lt_planner *p = s->p;
    struct lt_plan_node *below = s->below;
    struct lt_expr *down = expr;
    bool passes = expr->deterministic;
    if (below->kind == LT_NODE_CALC) {
        passes &= !below->u.calc.exprs ||
                  lt_expr_each_column(expr, deterministic_column, below);
        if (passes)
            LT_TRY(lt_expr_through(p, expr, below, &down));
    } else {
        uint32_t limit = passing_columns(below);
        passes &= limit > 0 && lt_expr_each_column(expr, column_below, &limit);
        if (passes && (below->kind == LT_NODE_AGGREGATE || below->kind == LT_NODE_WINDOW_AGGREGATE))
            LT_TRY(lt_expr_map(p, expr, keep_column, below, &down));
    }
    struct lt_exprs *list = passes ? &s->down : &s->stay;
    return LT_ARENA_PUSH(p->arena, list->items, list->len, list->cap, down);
}

static lt_status push_below(struct pushing *s)
{
    struct lt_planner *p = s->p;
    struct lt_plan_node *below = s->below;
    struct lt_expr *filter;
    if (below->kind == LT_NODE_CALC) {
        struct lt_exprs all = {0};
        LT_TRY(lt_expr_conjuncts(p, below->u.calc.filter, &all));
        for (uint32_t i = 0; i < s->down.len; i++)
            LT_TRY(LT_ARENA_PUSH(p->arena, all.items, all.len, all.cap, s->down.items[i]));
        return lt_expr_and(p, all.len, all.items, &below->u.calc.filter);
    }
    LT_TRY(lt_expr_and(p, s->down.len, s->down.items, &filter));
    for (uint32_t i = 0; i < below->n_inputs; i++)
        LT_TRY(lt_node_filter(p, below->inputs[i], filter, &below->inputs[i]));
    return LT_OK;
}

/* ---- into the source ------------------------------------------------------------------ */

static bool compare_of(const char *name, bool swapped, enum lt_compare *op)
{
    static const struct {
        const char *name;
        enum lt_compare op, swapped;
    } names[] = {
        {"=", LT_CMP_EQ, LT_CMP_EQ},  {"<>", LT_CMP_NE, LT_CMP_NE}, {"<", LT_CMP_LT, LT_CMP_GT},
        {"<=", LT_CMP_LE, LT_CMP_GE}, {">", LT_CMP_GT, LT_CMP_LT},  {">=", LT_CMP_GE, LT_CMP_LE},
    };
    for (size_t i = 0; i < LT_ARRAY_LEN(names); i++)
        if (strcmp(name, names[i].name) == 0) {
            *op = swapped ? names[i].swapped : names[i].op;
            return true;
        }
    return false;
}

static bool scan_filter(const struct lt_plan_node *scan, const struct lt_expr *expr,
                        struct lt_filter *out)
{
    const struct lt_scan_request *request = scan->u.scan.request;
    if (expr->kind != LT_EXPR_CALL || expr->n_args == 0 || expr->n_args > 2)
        return false;
    const struct lt_expr *column = expr->args[0];
    const struct lt_expr *constant = expr->n_args == 2 ? expr->args[1] : NULL;
    const char *name = expr->function->name;
    bool swapped = constant && column->kind == LT_EXPR_CONSTANT;
    if (swapped) {
        const struct lt_expr *other = column;
        column = constant;
        constant = other;
    }
    if (column->kind != LT_EXPR_COLUMN || column->index >= request->n_columns)
        return false;
    *out = (struct lt_filter){.column = request->columns[column->index]};
    if (!constant) {
        out->op = strcmp(name, "IS NULL") == 0 ? LT_CMP_IS_NULL : LT_CMP_IS_NOT_NULL;
        return strcmp(name, "IS NULL") == 0 || strcmp(name, "IS NOT NULL") == 0;
    }
    if (constant->kind != LT_EXPR_CONSTANT || !lt_type_same(constant->type, column->type) ||
        lt_column_is_null(constant->constant, 0))
        return false;
    out->constant = constant->constant;
    return compare_of(name, swapped, &out->op);
}

static lt_status push_to_scan(struct lt_planner *p, struct lt_plan_node *calc)
{
    struct lt_plan_node *scan = calc->inputs[0];
    struct lt_scan_request *request = scan->u.scan.request;
    struct lt_exprs all = {0};
    LT_TRY(lt_expr_conjuncts(p, calc->u.calc.filter, &all));
    request->filters = LT_ARENA_ARRAY(p->arena, struct lt_filter, all.len + 1);
    if (!request->filters)
        return LT_NOMEM;
    request->n_filters = 0;
    for (uint32_t i = 0; i < all.len; i++)
        if (scan_filter(scan, all.items[i], &request->filters[request->n_filters]))
            request->n_filters++;
    return LT_OK;
}

/* ---- the walk ------------------------------------------------------------------------------- */

static lt_status push_filter(struct lt_planner *p, struct lt_plan_node **slot)
{
    struct lt_plan_node *calc = *slot;
    struct pushing s = {.p = p, .below = calc->inputs[0]};
    struct lt_exprs all = {0};
    if (s.below->kind == LT_NODE_SCAN)
        return push_to_scan(p, calc);
    LT_TRY(lt_expr_conjuncts(p, calc->u.calc.filter, &all));
    for (uint32_t i = 0; i < all.len; i++)
        LT_TRY(push_conjunct(&s, all.items[i]));
    if (s.down.len == 0)
        return LT_OK;
    LT_TRY(push_below(&s));
    LT_TRY(lt_expr_and(p, s.stay.len, s.stay.items, &calc->u.calc.filter));
    if (!calc->u.calc.filter && !calc->u.calc.exprs)
        *slot = calc->inputs[0];
    return LT_OK;
}

static lt_status push_node(struct lt_planner *p, struct lt_plan_node **slot)
{
    while ((*slot)->kind == LT_NODE_CALC && (*slot)->u.calc.filter) {
        struct lt_plan_node *before = *slot;
        LT_TRY(push_filter(p, slot));
        if (*slot == before)
            break;
    }
    struct lt_plan_node *node = *slot;
    for (uint32_t i = 0; i < node->n_inputs; i++)
        LT_TRY(push_node(p, &node->inputs[i]));
    return LT_OK;
}

static lt_status push_apply(struct lt_planner *p, struct lt_plan_node **roots, uint32_t n_roots)
{
    for (uint32_t i = 0; i < n_roots; i++)
        LT_TRY(push_node(p, &roots[i]));
    return LT_OK;
}

const struct lt_rule lt_rule_push_filter = {
    .name = "push_filter",
    .doc = "conditions go down towards the sources, and into them",
    .apply = push_apply,
};
