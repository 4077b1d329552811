/* output.c -- OUTPUT: the rows of a SELECT, handed to the statement.
 *
 * Append-only rows with one way from source to here leave at once; everything
 * else leaves as the net change of an epoch, at its end (hold.h). The epoch itself
 * is announced when every pipeline of the run has passed its barrier. */
#include "exec/graph.h"
#include "exec/operators/hold.h"

struct output_state {
    struct lt_hold hold;
    bool flushing;
};

static lt_status output_write(struct lt_op *op, const struct lt_batch *batch)
{
    const struct lt_output_sink *sink = op->ctx->output;
    lt_status status = sink ? sink->on_batch(sink->ctx, batch, op->ctx->error) : LT_OK;
    if (status == LT_OK)
        op->rows_out += batch->n_sel;
    return status;
}

static lt_status output_open(struct lt_op *op)
{
    struct output_state *output = op->state;
    return lt_hold_open(op, &output->hold, output_write);
}

static lt_flow output_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    struct output_state *output = op->state;
    return lt_hold_push(op, &output->hold, in);
}

static lt_flow output_flush(struct lt_op *op)
{
    struct output_state *output = op->state;
    lt_flow flow = lt_hold_flush(op, &output->hold);
    output->flushing = flow == LT_FLOW_YIELD;
    return flow;
}

static lt_flow output_barrier(struct lt_op *op, uint64_t epoch)
{
    LT_UNUSED(epoch);
    return output_flush(op);
}

static lt_flow output_end(struct lt_op *op, unsigned port)
{
    LT_UNUSED(port);
    return output_flush(op); /* one input only */
}

static lt_flow output_resume(struct lt_op *op)
{
    struct output_state *output = op->state;
    return output->flushing ? output_flush(op) : lt_hold_resume(op, &output->hold);
}

static lt_status output_committed(struct lt_op *op, uint64_t epoch)
{
    const struct lt_output_sink *sink = op->ctx->output;
    if (sink && sink->on_epoch)
        sink->on_epoch(sink->ctx, epoch, lt_op_watermark(op));
    return LT_OK;
}

static void output_close(struct lt_op *op)
{
    struct output_state *output = op->state;
    lt_hold_close(op, &output->hold);
}

const struct lt_op_type lt_op_output_type = {
    .name = "Output",
    .state_size = sizeof(struct output_state),
    .open = output_open,
    .push = output_push,
    .barrier = output_barrier,
    .end = output_end,
    .resume = output_resume,
    .committed = output_committed,
    .close = output_close,
};
