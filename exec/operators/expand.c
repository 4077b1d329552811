/* expand.c -- EXPAND: one copy of each row per grouping set.
 *
 * In a copy the key columns its set does not keep are NULL; a last column holds
 * the set's GROUPING_ID, so that equal keys of two sets stay apart. */
#include "exec/operator.h"

#include "base/bits.h"

struct expand_state {
    struct lt_batch *kept; /* while sets are still owed after a yield */
    uint32_t next;
    struct lt_column **columns; /* scratch of one copy */
};

static lt_status expand_open(struct lt_op *op)
{
    struct expand_state *expand = op->state;
    expand->columns = lt_alloc_zero(op->ctx->alloc,
                                    op->node->schema.len * sizeof(struct lt_column *));
    return expand->columns ? LT_OK : LT_NOMEM;
}

/* The columns of copy `set` (a reference each). */
static lt_status expand_columns(struct lt_op *op, const struct lt_batch *in, uint32_t set)
{
    struct expand_state *expand = op->state;
    const struct lt_plan_node *node = op->node;
    struct lt_pool *pool = op->ctx->pool;
    for (uint32_t c = 0; c < in->n_columns; c++)
        expand->columns[c] = lt_column_ref(in->columns[c]);
    for (uint32_t k = 0; k < node->u.expand.n_nulled; k++) {
        uint32_t c = node->u.expand.nulled[k];
        if (lt_bits_get(node->u.expand.kept[set], c))
            continue;
        lt_column_unref(expand->columns[c]);
        expand->columns[c] = lt_column_new_null(pool, node->schema.fields[c].type, in->len);
        if (!expand->columns[c])
            return LT_NOMEM;
    }
    uint32_t last = in->n_columns;
    LT_ASSERT(last + 1 == node->schema.len);
    expand->columns[last] = lt_column_new_constant(pool, node->schema.fields[last].type, in->len);
    if (!expand->columns[last])
        return LT_NOMEM;
    *(int64_t *)expand->columns[last]->values = node->u.expand.ids[set];
    return LT_OK;
}

static lt_flow expand_one(struct lt_op *op, const struct lt_batch *in, uint32_t set)
{
    struct expand_state *expand = op->state;
    lt_status status = expand_columns(op, in, set);
    lt_flow flow = lt_op_flow(op, status);
    if (status == LT_OK) {
        struct lt_batch out = *in;
        out.n_columns = op->node->schema.len;
        out.columns = expand->columns;
        flow = lt_op_emit(op, &out);
    }
    for (uint32_t c = 0; c < op->node->schema.len; c++) {
        lt_column_unref(expand->columns[c]);
        expand->columns[c] = NULL;
    }
    return flow;
}

static lt_flow expand_go_on(struct lt_op *op, const struct lt_batch *in)
{
    struct expand_state *expand = op->state;
    lt_flow flow = LT_FLOW_OK;
    while (expand->next < op->node->u.expand.n_sets && flow == LT_FLOW_OK)
        flow = expand_one(op, in, expand->next++);
    bool owed = flow == LT_FLOW_YIELD && expand->next < op->node->u.expand.n_sets;
    if (owed && !expand->kept) {
        expand->kept = lt_batch_keep(op->ctx->pool, in);
        if (!expand->kept)
            return lt_op_fail(op, LT_NOMEM);
    }
    if (!owed && expand->kept) {
        lt_batch_drop(expand->kept);
        expand->kept = NULL;
    }
    return flow;
}

static lt_flow expand_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    struct expand_state *expand = op->state;
    expand->next = 0;
    return expand_go_on(op, in);
}

static lt_flow expand_resume(struct lt_op *op)
{
    const struct expand_state *expand = op->state;
    return expand->kept ? expand_go_on(op, expand->kept) : LT_FLOW_OK;
}

static void expand_close(struct lt_op *op)
{
    struct expand_state *expand = op->state;
    if (expand->kept)
        lt_batch_drop(expand->kept);
    lt_alloc_put(op->ctx->alloc, expand->columns,
                 op->node->schema.len * sizeof(struct lt_column *));
}

const struct lt_op_type lt_op_expand_type = {
    .name = "Expand",
    .state_size = sizeof(struct expand_state),
    .open = expand_open,
    .push = expand_push,
    .resume = expand_resume,
    .close = expand_close,
};
