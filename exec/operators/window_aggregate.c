/* window_aggregate.c -- GROUP BY over a window: hands every event on to the window's kind.
 *
 * Which kind of operator serves a plan is looked up once, in windows/windows.def. */
#include "exec/windows/window.h"

#define LT_WINDOW_KIND(kind, final, triggered) [kind] = {&final, &triggered},
static const struct lt_op_type *const kinds[][2] = {
#include "exec/windows/windows.def"
};
#undef LT_WINDOW_KIND

static const struct lt_op_type *impl_of(const struct lt_op *op)
{
    return ((const struct lt_window_base *)op->state)->impl;
}

static lt_status window_aggregate_open(struct lt_op *op)
{
    const struct lt_plan_aggregate *plan = &op->node->u.aggregate;
    struct lt_window_base *base = op->state;
    unsigned kind = plan->window.kind;
    const struct lt_op_type *impl = kind < LT_ARRAY_LEN(kinds) ? kinds[kind][0] : NULL;
    if (impl && lt_emit_is_triggered(&plan->emit))
        impl = kinds[kind][1];
    if (!impl || (plan->phase == LT_AGG_FINAL && impl != &lt_window_sliced))
        return lt_fail(op->ctx->error, LT_UNSUPPORTED,
                       "not supported yet: this kind of window aggregation");
    base->impl = impl;
    return impl->open(op);
}

static lt_flow window_aggregate_push(struct lt_op *op, unsigned port, const struct lt_batch *batch)
{
    return impl_of(op)->push(op, port, batch);
}

static lt_flow window_aggregate_watermark(struct lt_op *op, unsigned port, int64_t watermark_us)
{
    return impl_of(op)->watermark(op, port, watermark_us);
}

static lt_flow window_aggregate_timer(struct lt_op *op, enum lt_clock_kind clock, int64_t time_us)
{
    return impl_of(op)->timer ? impl_of(op)->timer(op, clock, time_us) : LT_FLOW_OK;
}

static lt_flow window_aggregate_barrier(struct lt_op *op, uint64_t epoch)
{
    return impl_of(op)->barrier ? impl_of(op)->barrier(op, epoch) : LT_FLOW_OK;
}

static lt_flow window_aggregate_end(struct lt_op *op, unsigned port)
{
    return impl_of(op)->end ? impl_of(op)->end(op, port) : LT_FLOW_OK;
}

static lt_flow window_aggregate_resume(struct lt_op *op)
{
    return impl_of(op)->resume ? impl_of(op)->resume(op) : LT_FLOW_OK;
}

static lt_status window_aggregate_save(struct lt_op *op, struct lt_state_image *image)
{
    return impl_of(op)->save(op, image);
}

static lt_status window_aggregate_load(struct lt_op *op, const struct lt_state_image *const *images,
                                       uint32_t n)
{
    return impl_of(op)->load(op, images, n);
}

static void window_aggregate_close(struct lt_op *op)
{
    if (impl_of(op))
        impl_of(op)->close(op);
}

const struct lt_op_type lt_op_window_aggregate_type = {
    .name = "WindowAggregate",
    .state_size = LT_WINDOW_STATE_MAX,
    .scope = LT_SCOPE_KEYED,
    .open = window_aggregate_open,
    .push = window_aggregate_push,
    .watermark = window_aggregate_watermark,
    .timer = window_aggregate_timer,
    .barrier = window_aggregate_barrier,
    .end = window_aggregate_end,
    .resume = window_aggregate_resume,
    .save = window_aggregate_save,
    .load = window_aggregate_load,
    .close = window_aggregate_close,
};
