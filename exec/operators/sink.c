/* sink.c -- SINK: writes a table through its connector, one writer per partition.
 *
 *   rows ─▶ sink_write …  barrier ─▶ sink_prepare(e)   all pipelines past e ─▶ sink_commit(e)
 *                         end     ─▶ sink_end, sink_prepare(e) ─▶ the same
 *
 * Which epochs commit is the run's decision (ctx->commit_epoch): for bounded input
 * only the last, so that an INSERT appears whole or not at all. Whatever has not
 * been committed when the operator is closed is aborted. */
#include "exec/operators/hold.h"

struct sink_state {
    struct lt_hold hold;
    struct lt_sink *sink;
    bool flushing, ending; /* what a resume goes on with */
    bool prepared, clean; /* clean: nothing written since the last commit */
    uint64_t prepared_epoch;
    struct lt_column **columns; /* of a late sink: what sink_push picks; borrowed */
};

static const struct lt_connector *connector_of(const struct lt_op *op)
{
    return op->node->u.sink.connector;
}

static lt_status sink_write(struct lt_op *op, const struct lt_batch *batch)
{
    struct sink_state *sink = op->state;
    lt_status status = connector_of(op)->sink_write(sink->sink, batch, op->ctx->error);
    if (status == LT_OK) {
        op->rows_out += batch->n_sel;
        sink->clean = false;
    }
    return status;
}

static size_t columns_size(const struct lt_op *op)
{
    return op->node->schema.len * sizeof(struct lt_column *);
}

static lt_status sink_open(struct lt_op *op)
{
    struct sink_state *sink = op->state;
    const struct lt_op_ctx *ctx = op->ctx;
    sink->clean = true;
    if (op->node->u.sink.columns) {
        sink->columns = lt_alloc_zero(ctx->alloc, columns_size(op));
        if (!sink->columns)
            return LT_NOMEM;
    }
    LT_TRY(connector_of(op)->sink_open(ctx->env, op->node->u.sink.description, ctx->partition,
                                       ctx->n_partitions, &sink->sink, ctx->error));
    return lt_hold_open(op, &sink->hold, sink_write);
}

/* A late sink is fed by an operator with the rows that it took in: the table's
 * columns are some of theirs, in an order of their own. */
static lt_flow sink_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    struct sink_state *sink = op->state;
    const uint32_t *columns = op->node->u.sink.columns;
    if (!columns)
        return lt_hold_push(op, &sink->hold, in);
    struct lt_batch picked = *in; /* a view: columns stay borrowed from `in` */
    picked.n_columns = op->node->schema.len;
    picked.columns = sink->columns;
    for (uint32_t i = 0; i < picked.n_columns; i++)
        picked.columns[i] = in->columns[columns[i]];
    return lt_hold_push(op, &sink->hold, &picked);
}

static lt_flow sink_watermark(struct lt_op *op, unsigned port, int64_t watermark_us)
{
    LT_UNUSED(port), LT_UNUSED(watermark_us);
    struct sink_state *sink = op->state;
    int64_t min = lt_op_watermark(op);
    if (min <= op->watermark_out)
        return LT_FLOW_OK;
    if (connector_of(op)->sink_watermark)
        connector_of(op)->sink_watermark(sink->sink, min);
    return lt_op_forward_watermark(op, min);
}

static lt_status sink_prepare(struct lt_op *op, uint64_t epoch)
{
    struct sink_state *sink = op->state;
    LT_TRY(connector_of(op)->sink_prepare(sink->sink, epoch, op->ctx->error));
    sink->prepared = true;
    sink->prepared_epoch = epoch;
    return LT_OK;
}

/* Everything held leaves; then the epoch is prepared, if it is one that commits. */
static lt_flow sink_flush(struct lt_op *op)
{
    struct sink_state *sink = op->state;
    lt_flow flow = lt_hold_flush(op, &sink->hold);
    sink->flushing = flow == LT_FLOW_YIELD;
    if (flow != LT_FLOW_OK)
        return flow;
    const _Atomic uint64_t *commit = op->ctx->commit_epoch;
    uint64_t epoch = op->ctx->epoch;
    lt_status status = LT_OK;
    if (sink->ending && connector_of(op)->sink_end)
        status = connector_of(op)->sink_end(sink->sink, op->ctx->error);
    if (status == LT_BUSY) {
        op->ctx->blocked = sink->flushing = true;
        return LT_FLOW_YIELD;
    }
    if (status == LT_OK &&
        (sink->ending || !commit || atomic_load_explicit(commit, memory_order_acquire) == epoch))
        status = sink_prepare(op, epoch);
    return lt_op_flow(op, status);
}

static lt_flow sink_barrier(struct lt_op *op, uint64_t epoch)
{
    LT_ASSERT(epoch == op->ctx->epoch);
    LT_UNUSED(epoch);
    return sink_flush(op);
}

static lt_flow sink_end(struct lt_op *op, unsigned port)
{
    LT_UNUSED(port);
    struct sink_state *sink = op->state;
    if (lt_op_watermark(op) < LT_WATERMARK_MAX)
        return LT_FLOW_OK; /* other ports go on */
    sink->ending = true;
    return sink_flush(op);
}

static lt_flow sink_resume(struct lt_op *op)
{
    struct sink_state *sink = op->state;
    return sink->flushing ? sink_flush(op) : lt_hold_resume(op, &sink->hold);
}

static lt_status sink_commit(struct lt_op *op)
{
    struct sink_state *sink = op->state;
    LT_TRY(connector_of(op)->sink_commit(sink->sink, sink->prepared_epoch, op->ctx->error));
    sink->prepared = false;
    sink->clean = true;
    return LT_OK;
}

static lt_status sink_committed(struct lt_op *op, uint64_t epoch)
{
    const struct sink_state *sink = op->state;
    if (!sink->prepared || sink->prepared_epoch > epoch)
        return LT_OK;
    /* Bounded: a writer that is through early waits for the others. */
    const _Atomic uint64_t *commit = op->ctx->commit_epoch;
    if (commit && op->ctx->plan->bounded &&
        atomic_load_explicit(commit, memory_order_acquire) < sink->prepared_epoch)
        return LT_OK;
    return sink_commit(op);
}

/* Files are finished although the input has not ended. */
static lt_status sink_stop(struct lt_op *op)
{
    struct sink_state *sink = op->state;
    if (lt_op_ended(op))
        return LT_OK;
    if (connector_of(op)->sink_end)
        LT_TRY(connector_of(op)->sink_end(sink->sink, op->ctx->error));
    LT_TRY(sink_prepare(op, op->ctx->epoch));
    return sink_commit(op);
}

static void sink_close(struct lt_op *op)
{
    struct sink_state *sink = op->state;
    lt_hold_close(op, &sink->hold);
    lt_alloc_put(op->ctx->alloc, sink->columns, columns_size(op));
    if (!sink->sink)
        return;
    if ((!sink->clean || sink->prepared) && connector_of(op)->sink_abort)
        connector_of(op)->sink_abort(sink->sink);
    connector_of(op)->sink_close(sink->sink);
}

const struct lt_op_type lt_op_sink_type = {
    .name = "Sink",
    .state_size = sizeof(struct sink_state),
    .open = sink_open,
    .push = sink_push,
    .watermark = sink_watermark,
    .barrier = sink_barrier,
    .end = sink_end,
    .resume = sink_resume,
    .committed = sink_committed,
    .stop = sink_stop,
    .close = sink_close,
};
