/* drop_watermark.c -- a watermark that nobody asks for is not made.
 *
 * Event time is asked for by windows, by ORDER BY time, by CURRENT_WATERMARK and
 * by sinks that commit by it. Where none of them stands above a table's
 * WATERMARK, the node goes, and with it the time column if nothing else uses it;
 * then filters reach the source. */
#include "planner/rules/rules.h"

static bool asks_watermark(const struct lt_expr *expr)
{
    if (!expr)
        return false;
    if (expr->function && strcmp(expr->function->name, "CURRENT_WATERMARK") == 0)
        return true;
    for (uint32_t i = 0; i < expr->n_args; i++)
        if (asks_watermark(expr->args[i]))
            return true;
    return false;
}

static bool spec_asks(const struct lt_window_spec *spec)
{
    return !spec->proctime && spec->kind < LT_WINDOW_COUNT_TUMBLE;
}

static bool asks(const struct lt_plan_node *node)
{
    bool calc = false;
    switch (node->kind) {
    case LT_NODE_WINDOW: return spec_asks(&node->u.window.spec);
    case LT_NODE_WINDOW_AGGREGATE: return spec_asks(&node->u.aggregate.window);
    case LT_NODE_SORT: return node->u.sort.by_time;
    case LT_NODE_SINK: return node->u.sink.connector->sink_watermark != NULL;
    case LT_NODE_CALC:
        calc = asks_watermark(node->u.calc.filter);
        for (uint32_t i = 0; node->u.calc.exprs && i < node->u.calc.n_exprs; i++)
            calc |= asks_watermark(node->u.calc.exprs[i]);
        return calc;
    default: return false;
    }
}

/* A live source is read once for all statements: one that comes later may ask. */
static bool is_live(const struct lt_plan_node *node)
{
    while (node->kind == LT_NODE_WATERMARK || node->kind == LT_NODE_CALC)
        node = node->inputs[0];
    return node->kind == LT_NODE_SCAN && node->u.scan.info.live;
}

static void drop_below(struct lt_plan_node *node, bool asked)
{
    asked |= asks(node);
    for (uint32_t i = 0; i < node->n_inputs && !asked; i++)
        while (node->inputs[i]->kind == LT_NODE_WATERMARK && !is_live(node->inputs[i]))
            node->inputs[i] = node->inputs[i]->inputs[0];
    for (uint32_t i = 0; i < node->n_inputs; i++)
        drop_below(node->inputs[i], asked);
}

static lt_status drop_apply(struct lt_planner *p, struct lt_plan_node **roots, uint32_t n_roots)
{
    LT_UNUSED(p);
    for (uint32_t i = 0; i < n_roots; i++)
        drop_below(roots[i], false);
    return LT_OK;
}

const struct lt_rule lt_rule_drop_watermark = {
    .name = "drop_watermark",
    .doc = "a watermark that nothing above asks for is not made",
    .apply = drop_apply,
};
