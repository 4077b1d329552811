/* operator.c -- the flow between operators: who may enter whom, and what is owed.
 *
 * An operator is entered by one event at a time. Whatever that event causes
 * below is done before the next one enters; what could not be done yet (an
 * exchange is full, a consumer's time is up) is owed, and YIELD says so:
 *
 *   fan-out   the event has reached consumers 0..next), the others still get it
 *   own       the operator keeps a cursor; type->resume continues it
 *   after     a barrier or end that the framework forwards once `own` is through
 *
 * lt_op_resume pays debts from the bottom up, so a consumer is never entered
 * while it, or anything below it, still owes something. With several consumers
 * that meet again further down (a diamond) this order is what keeps an operator
 * from being entered twice.
 *
 * A port that has ended counts as aligned for every barrier. A watermark is the
 * minimum over ports; an ended port is +inf. */
#include "exec/operator.h"

#include <time.h>

enum fan_kind { FAN_NONE, FAN_BATCH, FAN_LATE, FAN_WATERMARK, FAN_BARRIER, FAN_END };
enum { AFTER_BARRIER = 1, AFTER_PORT_END = 2, AFTER_END = 4, AFTER_FORWARD_END = 8 };
enum { PORT_ALIGNED = 1, PORT_ENDED = 2 };
enum { SLICE_NS = 1000000 };

struct op_frame {
    enum fan_kind fan;
    uint32_t next;          /* the next consumer that is owed the event */
    struct lt_batch *kept;  /* FAN_BATCH, FAN_LATE after a YIELD */
    uint32_t after;
    uint32_t end_port;      /* AFTER_PORT_END, AFTER_END */
    bool barrier_open;      /* some port has been reached by barrier_epoch */
    bool ended;
    uint32_t n_ended;
    uint64_t barrier_epoch;
    uint8_t ports[];
};

static struct op_frame *frame_of(const struct lt_op *op)
{
    return op->framework;
}

lt_status lt_op_init(struct lt_op *op, const struct lt_op_type *type,
                     const struct lt_plan_node *node, struct lt_op_ctx *ctx, uint32_t n_ports,
                     uint32_t n_out, uint32_t n_late_out)
{
    *op = (struct lt_op){.type = type,
                         .node = node,
                         .ctx = ctx,
                         .watermark_out = LT_WATERMARK_MIN,
                         .timer_us = LT_WATERMARK_MAX,
                         .n_ports = n_ports,
                         .n_out = n_out,
                         .n_late_out = n_late_out};
    struct lt_alloc *alloc = ctx->alloc;
    op->framework = lt_alloc_zero(alloc, sizeof(struct op_frame) + n_ports);
    op->state = lt_alloc_zero(alloc, type->state_size);
    op->port_watermark = lt_alloc_get(alloc, n_ports * sizeof(int64_t));
    op->out = lt_alloc_zero(alloc, n_out * sizeof(struct lt_op_edge));
    op->late_out = lt_alloc_zero(alloc, n_late_out * sizeof(struct lt_op_edge));
    if (!op->framework || !op->state || !op->port_watermark || !op->out || !op->late_out) {
        struct lt_op failed = *op;
        failed.type = NULL; /* its close must not see a state never opened */
        lt_alloc_put(alloc, op->state, type->state_size);
        failed.state = NULL;
        lt_op_close(&failed);
        *op = (struct lt_op){.type = NULL};
        return LT_NOMEM;
    }
    for (uint32_t i = 0; i < n_ports; i++)
        op->port_watermark[i] = LT_WATERMARK_MIN;
    return LT_OK;
}

lt_status lt_op_open(struct lt_op *op)
{
    return op->type->open ? op->type->open(op) : LT_OK;
}

void lt_op_close(struct lt_op *op)
{
    if (!op->ctx)
        return;
    struct lt_alloc *alloc = op->ctx->alloc;
    if (op->type) {
        if (op->type->close)
            op->type->close(op);
        lt_alloc_put(alloc, op->state, op->type->state_size);
    }
    if (op->framework) {
        if (frame_of(op)->kept)
            lt_batch_drop(frame_of(op)->kept);
        lt_alloc_put(alloc, op->framework, sizeof(struct op_frame) + op->n_ports);
    }
    lt_alloc_put(alloc, op->port_watermark, op->n_ports * sizeof(int64_t));
    lt_alloc_put(alloc, op->out, op->n_out * sizeof(struct lt_op_edge));
    lt_alloc_put(alloc, op->late_out, op->n_late_out * sizeof(struct lt_op_edge));
    *op = (struct lt_op){.type = NULL};
}

lt_flow lt_op_fail(struct lt_op *op, lt_status status)
{
    struct lt_error *error = op->ctx->error;
    if (error && error->code == LT_OK) {
        if (status == LT_NOMEM)
            lt_fail(error, status, "out of memory in %s", op->type->name);
        else
            lt_fail(error, status, "%s failed: %s", op->type->name, lt_status_name(status));
    }
    return LT_FLOW_ERROR;
}

/* Takes note of what an entry point of the operator returned. */
static lt_flow note_flow(struct lt_op *op, lt_flow flow)
{
    if (flow == LT_FLOW_YIELD)
        op->pending_own = true;
    else if (flow == LT_FLOW_DONE)
        op->done = true;
    return flow;
}

/* DONE speaks of rows; barriers, watermarks and ends go on. */
static lt_flow note_event(struct lt_op *op, lt_flow flow)
{
    flow = note_flow(op, flow);
    return flow == LT_FLOW_DONE ? LT_FLOW_OK : flow;
}

static inline bool op_is_free(const struct lt_op *op)
{
    return !op->pending_own && frame_of(op)->fan == FAN_NONE && frame_of(op)->after == 0;
}

/* ---- fan-out ----------------------------------------------------------- */

static struct lt_op_edge *edge_at(struct lt_op *op, uint32_t i)
{
    return i < op->n_out ? &op->out[i] : &op->late_out[i - op->n_out];
}

static lt_flow deliver(struct lt_op_edge *edge, enum fan_kind fan, const struct lt_batch *batch,
                       int64_t value)
{
    if (edge->ended)
        return fan == FAN_BATCH || fan == FAN_LATE ? LT_FLOW_DONE : LT_FLOW_OK;
    switch (fan) {
    case FAN_WATERMARK:
        return lt_op_push_watermark(edge->op, edge->port, value);
    case FAN_BARRIER:
        return lt_op_push_barrier(edge->op, edge->port, (uint64_t)value);
    case FAN_END:
        edge->ended = true;
        return lt_op_push_end(edge->op, edge->port);
    default:
        return lt_op_push(edge->op, edge->port, batch);
    }
}

/* A consumer among several that wants no more rows need not wait for our end. */
static lt_flow deliver_barrier(struct lt_op *op, struct lt_op_edge *edge, uint64_t epoch)
{
    if (op->n_out > 1 && edge->op->done && !edge->ended) {
        edge->ended = true;
        return lt_op_push_end(edge->op, edge->port);
    }
    return deliver(edge, FAN_BARRIER, NULL, (int64_t)epoch);
}

/* Goes on from frame->next. `batch` is the one being emitted, or NULL when the
 * kept one is meant. */
static lt_flow fan_run(struct lt_op *op, const struct lt_batch *batch, int64_t value)
{
    struct op_frame *frame = frame_of(op);
    uint32_t to = frame->fan == FAN_BATCH ? op->n_out : op->n_out + op->n_late_out;
    lt_flow flow = LT_FLOW_OK;
    while (frame->next < to) {
        struct lt_op_edge *edge = edge_at(op, frame->next++);
        flow = frame->fan == FAN_BARRIER ? deliver_barrier(op, edge, (uint64_t)value)
                                         : deliver(edge, frame->fan, batch ? batch : frame->kept,
                                                   value);
        if (flow == LT_FLOW_ERROR && edge->isolated) {
            edge->ended = true; /* that run has failed; ours goes on without it */
            flow = LT_FLOW_OK;
        }
        if (flow == LT_FLOW_YIELD || flow == LT_FLOW_ERROR)
            break;
    }
    bool owed = frame->next < to && flow == LT_FLOW_YIELD;
    if (owed && batch && !frame->kept) {
        frame->kept = lt_batch_keep(op->ctx->pool, batch);
        if (!frame->kept)
            return frame->fan = FAN_NONE, lt_op_fail(op, LT_NOMEM);
    }
    if (!owed) {
        frame->fan = FAN_NONE;
        if (frame->kept)
            lt_batch_drop(frame->kept);
        frame->kept = NULL;
    }
    return flow == LT_FLOW_DONE ? LT_FLOW_OK : flow;
}

static lt_flow fan_start(struct lt_op *op, enum fan_kind fan, const struct lt_batch *batch,
                         int64_t value)
{
    struct op_frame *frame = frame_of(op);
    LT_ASSERT(frame->fan == FAN_NONE);
    frame->fan = fan;
    frame->next = fan == FAN_LATE ? op->n_out : 0;
    if (fan == FAN_BARRIER)
        frame->barrier_epoch = (uint64_t)value;
    return fan_run(op, batch, value);
}

static int64_t fan_value(const struct lt_op *op)
{
    const struct op_frame *frame = frame_of(op);
    return frame->fan == FAN_WATERMARK ? op->watermark_out : (int64_t)frame->barrier_epoch;
}

static bool consumers_done(const struct lt_op *op)
{
    for (uint32_t i = 0; i < op->n_out; i++)
        if (!op->out[i].ended && !op->out[i].op->done)
            return false;
    return op->n_out > 0;
}

/* ---- emitting ------------------------------------------------------------ */

#ifndef NDEBUG
/* No row with time <= the forwarded watermark, unless its split knew it behind. */
static void check_times(const struct lt_op *op, const struct lt_batch *batch)
{
    if (!op->node || !op->node->props.lag_us || op->watermark_out == LT_WATERMARK_MIN ||
        op->watermark_out == LT_WATERMARK_MAX || batch->n_columns != op->node->schema.len)
        return;
    for (uint32_t c = 0; c < batch->n_columns; c++) {
        int64_t lag = op->node->props.lag_us[c];
        const struct lt_column *col = batch->columns[c];
        if (lag == LT_NO_LAG || col->encoding != LT_FLAT || col->phys != LT_PHYS_I64 ||
            (op->node->props.proctime && op->node->props.proctime[c]))
            continue;
        const int64_t *values = col->values;
        for (uint32_t i = 0; i < batch->n_sel; i++) {
            uint32_t row = lt_batch_row(batch, i);
            if (lt_batch_behind(batch, row) == LT_NOT_BEHIND && !lt_column_is_null(col, row))
                LT_ASSERT(values[row] > op->watermark_out - lag);
        }
    }
}
#else
static void check_times(const struct lt_op *op, const struct lt_batch *batch)
{
    LT_UNUSED(op), LT_UNUSED(batch);
}
#endif

lt_flow lt_op_emit(struct lt_op *op, const struct lt_batch *batch)
{
    if (batch->n_sel == 0)
        return consumers_done(op) ? LT_FLOW_DONE : LT_FLOW_OK;
    lt_batch_check(batch);
    check_times(op, batch);
    op->rows_out += batch->n_sel;
    lt_flow flow = fan_start(op, FAN_BATCH, batch, 0);
    if (flow == LT_FLOW_OK && consumers_done(op))
        return LT_FLOW_DONE;
    return flow == LT_FLOW_OK && op->ctx->test_yield ? LT_FLOW_YIELD : flow;
}

lt_flow lt_op_emit_last(struct lt_op *op, const struct lt_batch *batch, bool done)
{
    if (done)
        op->done = true; /* stays so even when what lies below yields */
    lt_flow flow = lt_op_emit(op, batch);
    return flow == LT_FLOW_OK && done ? LT_FLOW_DONE : flow;
}

lt_flow lt_op_emit_late(struct lt_op *op, const struct lt_batch *batch)
{
    if (batch->n_sel == 0 || op->n_late_out == 0)
        return LT_FLOW_OK;
    lt_flow flow = fan_start(op, FAN_LATE, batch, 0);
    return flow == LT_FLOW_OK && op->ctx->test_yield ? LT_FLOW_YIELD : flow;
}

lt_flow lt_op_forward_watermark(struct lt_op *op, int64_t watermark_us)
{
    if (watermark_us <= op->watermark_out)
        return LT_FLOW_OK;
    op->watermark_out = watermark_us;
    return fan_start(op, FAN_WATERMARK, NULL, watermark_us);
}

int64_t lt_op_watermark(const struct lt_op *op)
{
    int64_t min = LT_WATERMARK_MAX;
    for (uint32_t i = 0; i < op->n_ports; i++)
        if (op->port_watermark[i] < min)
            min = op->port_watermark[i];
    return min;
}

void lt_op_set_timer(struct lt_op *op, int64_t time_us)
{
    op->timer_us = time_us;
}

bool lt_op_time_is_up(struct lt_op *op)
{
    struct lt_op_ctx *ctx = op->ctx;
    if (ctx->test_yield)
        return ctx->slice_toggle = !ctx->slice_toggle;
    if (ctx->slice_end_ns == 0)
        return false;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t now_ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
    if (ctx->slice_end_ns == LT_SLICE_UNSET) /* begins with the first question in a step */
        ctx->slice_end_ns = now_ns + SLICE_NS;
    return now_ns >= ctx->slice_end_ns;
}

/* ---- entering -------------------------------------------------------------- */

lt_flow lt_op_push(struct lt_op *op, unsigned port, const struct lt_batch *batch)
{
    if (op->done)
        return LT_FLOW_DONE;
    if (batch->n_sel == 0)
        return LT_FLOW_OK;
    LT_ASSERT(op_is_free(op) && !(frame_of(op)->ports[port] & (PORT_ENDED | PORT_ALIGNED)));
    op->rows_in += batch->n_sel;
    return note_flow(op, op->type->push(op, port, batch));
}

lt_flow lt_op_push_watermark(struct lt_op *op, unsigned port, int64_t watermark_us)
{
    if (watermark_us <= op->port_watermark[port])
        return LT_FLOW_OK;
    LT_ASSERT(op_is_free(op));
    op->port_watermark[port] = watermark_us;
    if (op->type->watermark)
        return note_event(op, op->type->watermark(op, port, watermark_us));
    int64_t min = lt_op_watermark(op);
    if (min == LT_WATERMARK_MAX && op->type->end)
        return LT_FLOW_OK; /* `end` may still emit; +inf follows it */
    return note_event(op, lt_op_forward_watermark(op, min));
}

static bool all_aligned(const struct lt_op *op)
{
    for (uint32_t i = 0; i < op->n_ports; i++)
        if (!(frame_of(op)->ports[i] & (PORT_ALIGNED | PORT_ENDED)))
            return false;
    return true;
}

static lt_flow barrier_complete(struct lt_op *op)
{
    struct op_frame *frame = frame_of(op);
    frame->barrier_open = false;
    for (uint32_t i = 0; i < op->n_ports; i++)
        frame->ports[i] &= (uint8_t)~PORT_ALIGNED;
    if (op->type->barrier) {
        lt_flow flow = note_event(op, op->type->barrier(op, frame->barrier_epoch));
        if (flow == LT_FLOW_YIELD)
            frame->after |= AFTER_BARRIER;
        if (flow != LT_FLOW_OK)
            return flow;
    }
    return fan_start(op, FAN_BARRIER, NULL, (int64_t)frame->barrier_epoch);
}

lt_flow lt_op_push_barrier(struct lt_op *op, unsigned port, uint64_t epoch)
{
    struct op_frame *frame = frame_of(op);
    LT_ASSERT(op_is_free(op));
    if (op->n_ports) {
        LT_ASSERT(!frame->barrier_open || frame->barrier_epoch == epoch);
        frame->ports[port] |= PORT_ALIGNED;
    }
    frame->barrier_open = true;
    frame->barrier_epoch = epoch;
    return all_aligned(op) ? barrier_complete(op) : LT_FLOW_OK;
}

/* All ports have ended and the operator is through: pass it on. */
static lt_flow forward_end(struct lt_op *op)
{
    struct op_frame *frame = frame_of(op);
    lt_flow flow = lt_op_forward_watermark(op, LT_WATERMARK_MAX);
    if (flow == LT_FLOW_YIELD)
        frame->after |= AFTER_FORWARD_END;
    if (flow != LT_FLOW_OK)
        return flow;
    frame->ended = true;
    return fan_start(op, FAN_END, NULL, 0);
}

static lt_flow after_port_end(struct lt_op *op)
{
    struct op_frame *frame = frame_of(op);
    if (frame->n_ended >= op->n_ports)
        return forward_end(op);
    if (frame->barrier_open && all_aligned(op))
        return barrier_complete(op);
    return LT_FLOW_OK;
}

static lt_flow port_end(struct lt_op *op, unsigned port)
{
    struct op_frame *frame = frame_of(op);
    if (op->n_ports) {
        frame->ports[port] |= PORT_ENDED;
        frame->n_ended++;
    }
    if (op->type->end) {
        lt_flow flow = note_event(op, op->type->end(op, port));
        if (flow == LT_FLOW_YIELD)
            frame->after |= AFTER_END;
        if (flow != LT_FLOW_OK)
            return flow;
    }
    return after_port_end(op);
}

lt_flow lt_op_push_end(struct lt_op *op, unsigned port)
{
    struct op_frame *frame = frame_of(op);
    LT_ASSERT(op_is_free(op));
    if (frame->ended || (op->n_ports && (frame->ports[port] & PORT_ENDED)))
        return LT_FLOW_OK;
    if (op->n_ports) {
        lt_flow flow = lt_op_push_watermark(op, port, LT_WATERMARK_MAX);
        if (flow == LT_FLOW_YIELD) {
            frame->after |= AFTER_PORT_END;
            frame->end_port = port;
        }
        if (flow != LT_FLOW_OK)
            return flow;
    }
    return port_end(op, port);
}

lt_flow lt_op_fire_timer(struct lt_op *op, int64_t now_us)
{
    LT_ASSERT(op_is_free(op));
    op->timer_us = LT_WATERMARK_MAX;
    return op->type->timer ? note_event(op, op->type->timer(op, LT_CLOCK_PROCESSING, now_us))
                           : LT_FLOW_OK;
}

lt_flow lt_op_poll(struct lt_op *op, struct lt_op_poll *out)
{
    LT_ASSERT(op_is_free(op));
    *out = (struct lt_op_poll){.wait_us = INT64_MAX};
    lt_flow flow = note_flow(op, op->type->poll(op, out));
    if (op->done)
        out->ended = true;
    return flow;
}

bool lt_op_ended(const struct lt_op *op)
{
    return frame_of(op)->ended;
}

/* ---- paying what is owed ---------------------------------------------------- */

static lt_flow resume_after(struct lt_op *op)
{
    struct op_frame *frame = frame_of(op);
    uint32_t after = frame->after;
    frame->after = 0;
    if (after & AFTER_BARRIER)
        return fan_start(op, FAN_BARRIER, NULL, (int64_t)frame->barrier_epoch);
    if (after & AFTER_PORT_END)
        return port_end(op, frame->end_port);
    if (after & AFTER_END)
        return after_port_end(op);
    if (after & AFTER_FORWARD_END)
        return forward_end(op);
    return LT_FLOW_OK;
}

static lt_flow resume_below(struct lt_op *op)
{
    for (uint32_t i = 0; i < op->n_out + op->n_late_out; i++) {
        struct lt_op_edge *edge = edge_at(op, i);
        lt_flow flow = lt_op_resume(edge->op);
        if (flow == LT_FLOW_ERROR && edge->isolated)
            edge->ended = true;
        else if (flow == LT_FLOW_YIELD || flow == LT_FLOW_ERROR)
            return flow;
    }
    return LT_FLOW_OK;
}

lt_flow lt_op_resume(struct lt_op *op)
{
    struct op_frame *frame = frame_of(op);
    lt_flow flow = resume_below(op);
    if (flow == LT_FLOW_OK && frame->fan != FAN_NONE)
        flow = fan_run(op, NULL, fan_value(op));
    if (flow == LT_FLOW_OK && op->pending_own) {
        op->pending_own = false;
        flow = op->type->resume ? note_event(op, op->type->resume(op)) : LT_FLOW_OK;
    }
    if (flow == LT_FLOW_OK && frame->after)
        flow = resume_after(op);
    return flow;
}
