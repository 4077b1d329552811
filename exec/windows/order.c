/* order.c -- does anybody care in which order the results of a window come?
 *
 * Their positions are promised to follow their keys, so that what breaks ties by arrival
 * does not depend on batches or threads. But most plans never look: rows that only meet
 * filters, unordered aggregates and the outside world may leave as they lie in their
 * table. So the plan above is searched for a reader of positions: a sort, LIMIT, an
 * aggregate whose order matters, a table where the last row of a key wins. */
#include "exec/windows/order.h"

static bool aggregate_looks(const struct lt_plan_aggregate *agg)
{
    if (agg->window.kind == LT_WINDOW_COUNT_TUMBLE || agg->window.kind == LT_WINDOW_COUNT_HOP)
        return true;
    for (uint32_t i = 0; i < agg->n_calls; i++)
        if (agg->calls[i].call.fn->order_matters || agg->calls[i].call.n_order)
            return true;
    return false;
}

static bool consumer_looks(const struct lt_plan *plan, const struct lt_plan_node *node)
{
    switch (node->kind) {
    case LT_NODE_AGGREGATE:
    case LT_NODE_WINDOW_AGGREGATE: return aggregate_looks(&node->u.aggregate);
    case LT_NODE_OUTPUT: return node->u.output.n_order > 0 || node->u.output.limit >= 0;
    case LT_NODE_SINK: return !node->u.sink.table || node->u.sink.table->n_primary_key > 0;
    case LT_NODE_CALC:
    case LT_NODE_UNION:
    case LT_NODE_EXCHANGE:
    case LT_NODE_EXPAND:
    case LT_NODE_WINDOW:
    case LT_NODE_WATERMARK: return lt_order_matters(plan, node);
    default: return true;
    }
}

bool lt_order_matters(const struct lt_plan *plan, const struct lt_plan_node *node)
{
    for (uint32_t i = 0; i < plan->n_nodes; i++)
        for (uint32_t k = 0; k < plan->nodes[i]->n_inputs; k++)
            if (plan->nodes[i]->inputs[k] == node && consumer_looks(plan, plan->nodes[i]))
                return true;
    return false;
}
