/* hold.c -- what OUTPUT and SINK hold back until the end of an epoch. */
#include "exec/operators/hold.h"

lt_status lt_hold_open(struct lt_op *op, struct lt_hold *hold,
                       lt_status (*write)(struct lt_op *op, const struct lt_batch *batch))
{
    hold->write = write;
    if (op->node->n_inputs == 0)
        return LT_OK; /* late rows: append-only, and they leave at once */
    const struct lt_plan_node *input = op->node->inputs[0];
    const struct lt_props *props = &input->props;
    if (props->net)
        return LT_OK; /* held back already */
    if (!props->changing) {
        hold->mode = props->single_path ? LT_HOLD_NOTHING : LT_HOLD_ROWS;
        return LT_OK;
    }
    hold->mode = LT_HOLD_NET;
    return lt_net_open(op->ctx->alloc, op->ctx->pool, &input->schema, props->n_upsert_key,
                       props->upsert_key, props->has_upsert_key, &hold->net);
}

void lt_hold_close(struct lt_op *op, struct lt_hold *hold)
{
    lt_net_close(hold->net);
    for (uint32_t i = hold->at; i < hold->n; i++)
        lt_batch_drop(hold->kept[i]);
    lt_alloc_put(op->ctx->alloc, hold->kept, hold->cap * sizeof(*hold->kept));
}

static lt_status hold_keep(struct lt_op *op, struct lt_hold *hold, const struct lt_batch *batch)
{
    if (hold->n == hold->cap) {
        uint32_t cap = hold->cap ? hold->cap * 2 : 8;
        void *grown = lt_alloc_resize(op->ctx->alloc, hold->kept, hold->cap * sizeof(*hold->kept),
                                      cap * sizeof(*hold->kept));
        if (!grown)
            return LT_NOMEM;
        hold->kept = grown;
        hold->cap = cap;
    }
    struct lt_batch *kept = lt_batch_keep(op->ctx->pool, batch);
    if (!kept)
        return LT_NOMEM;
    hold->kept[hold->n++] = kept;
    return LT_OK;
}

static lt_flow hold_blocked(struct lt_op *op)
{
    op->ctx->blocked = true;
    return LT_FLOW_YIELD;
}

/* Writes kept batches in order. */
static lt_flow hold_write_kept(struct lt_op *op, struct lt_hold *hold)
{
    while (hold->at < hold->n) {
        lt_status status = hold->write(op, hold->kept[hold->at]);
        if (status == LT_BUSY)
            return hold_blocked(op);
        if (status != LT_OK)
            return lt_op_fail(op, status);
        op->ctx->progress = true;
        lt_batch_drop(hold->kept[hold->at++]);
        if (hold->at < hold->n && lt_op_time_is_up(op))
            return LT_FLOW_YIELD;
    }
    hold->n = hold->at = 0;
    return LT_FLOW_OK;
}

static lt_flow hold_write_net(struct lt_op *op, struct lt_hold *hold)
{
    if (lt_net_is_empty(hold->net) && !hold->sorted)
        return LT_FLOW_OK;
    lt_status status = LT_OK;
    if (!hold->sorted)
        status = lt_net_sort(hold->net);
    hold->sorted = true;
    while (status == LT_OK) {
        if (hold->current.len == 0)
            status = lt_net_next(hold->net, op->ctx->batch_rows, &hold->current);
        if (status != LT_OK || hold->current.len == 0)
            break;
        hold->current.proctime_us = op->ctx->now_us;
        status = hold->write(op, &hold->current);
        if (status == LT_BUSY)
            return hold_blocked(op);
        if (status == LT_OK) {
            op->ctx->progress = true;
            hold->current.len = 0;
            if (lt_op_time_is_up(op))
                return LT_FLOW_YIELD;
        }
    }
    if (status != LT_OK)
        return lt_op_fail(op, status);
    lt_net_clear(hold->net);
    hold->sorted = false;
    return LT_FLOW_OK;
}

lt_flow lt_hold_push(struct lt_op *op, struct lt_hold *hold, const struct lt_batch *batch)
{
    if (hold->mode == LT_HOLD_NET)
        return lt_op_flow(op, lt_net_add(hold->net, batch));
    lt_status status = LT_BUSY;
    if (hold->mode == LT_HOLD_NOTHING)
        status = hold->write(op, batch);
    if (status != LT_BUSY) {
        op->ctx->progress = true;
        return lt_op_flow(op, status);
    }
    status = hold_keep(op, hold, batch);
    if (status != LT_OK)
        return lt_op_fail(op, status);
    return hold->mode == LT_HOLD_NOTHING ? hold_blocked(op) : LT_FLOW_OK;
}

lt_flow lt_hold_resume(struct lt_op *op, struct lt_hold *hold)
{
    if (hold->mode == LT_HOLD_NOTHING || hold->at > 0)
        return hold_write_kept(op, hold);
    return hold->sorted ? hold_write_net(op, hold) : LT_FLOW_OK;
}

lt_flow lt_hold_flush(struct lt_op *op, struct lt_hold *hold)
{
    return hold->mode == LT_HOLD_NET ? hold_write_net(op, hold) : hold_write_kept(op, hold);
}
