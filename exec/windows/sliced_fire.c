/* sliced_fire.c -- which windows are due, and what they say.
 *
 * Windows are shown one after the other in the order of their ends; a slice goes with its
 * last window. How the slices of a window are combined is sliced_merge.c. Within a window
 * groups leave as they lie, or in the order of their keys where somebody above cares
 * (order.c). */
#include "exec/windows/sliced.h"

/* ---- which windows are due --------------------------------------------------- */

static bool window_before(const struct lt_window *a, const struct lt_window *b)
{
    return a->end != b->end ? a->end < b->end : a->start < b->start;
}

static lt_status due_add(struct lt_op *op, const struct lt_window *window)
{
    struct lt_sliced *sliced = op->state;
    uint32_t at = 0, high = sliced->n_due;
    while (at < high) {
        uint32_t middle = at + (high - at) / 2;
        if (window_before(&sliced->due[middle], window))
            at = middle + 1;
        else
            high = middle;
    }
    if (at < sliced->n_due && !window_before(window, &sliced->due[at]))
        return LT_OK; /* known */
    if (sliced->n_due == sliced->due_cap) {
        uint32_t cap = sliced->due_cap ? sliced->due_cap * 2 : 16;
        void *grown = lt_alloc_resize(op->ctx->alloc, sliced->due,
                                      sliced->due_cap * sizeof(*sliced->due),
                                      cap * sizeof(*sliced->due));
        if (!grown)
            return LT_NOMEM;
        sliced->due = grown;
        sliced->due_cap = cap;
    }
    memmove(sliced->due + at + 1, sliced->due + at, (sliced->n_due - at) * sizeof(*sliced->due));
    sliced->due[at] = *window;
    sliced->n_due++;
    return LT_OK;
}

/* The windows of every slice that are final at the watermark and not shown yet. */
static lt_status due_find(struct lt_op *op)
{
    struct lt_sliced *sliced = op->state;
    const struct lt_window_spec *spec = sliced->base.spec;
    sliced->n_due = sliced->due_at = 0;
    if (sliced->next > sliced->watermark)
        return LT_OK;
    sliced->next = LT_WATERMARK_MAX;
    for (uint32_t i = 0; i < sliced->panes.n; i++) {
        struct lt_pane *pane = sliced->panes.items[i];
        while (pane->more && lt_window_final_at(spec, pane->due.end) <= sliced->watermark) {
            LT_TRY(due_add(op, &pane->due));
            pane->more = lt_window_next(spec, pane->window.start, &pane->due);
        }
        if (pane->more && lt_window_final_at(spec, pane->due.end) < sliced->next)
            sliced->next = lt_window_final_at(spec, pane->due.end);
    }
    return LT_OK;
}

/* ---- showing ------------------------------------------------------------------- */

static const struct lt_window *window_due(const struct lt_sliced *sliced)
{
    return &sliced->due[sliced->due_at];
}

/* Leaves out the groups that the window does not show. */
static uint32_t keep_shown(const struct lt_sliced *sliced, char **groups, uint32_t n)
{
    const struct lt_window *window = window_due(sliced);
    bool gone = sliced->target == sliced->total && sliced->n_gone > 0;
    if (!sliced->changing && !sliced->updated && !gone)
        return n;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct lt_sliced_cell *cell = lt_sliced_cell_of(groups[i]);
        groups[kept] = groups[i];
        kept += (!sliced->changing || cell->count != 0) && (!gone || cell->u.slices > 0) &&
                (!sliced->updated || cell->u.end >= window->end);
    }
    return kept;
}

/* Lists all groups of the target in the order of their keys. */
static lt_status groups_sort(struct lt_op *op)
{
    struct lt_sliced *sliced = op->state;
    uint64_t len = lt_table_len(sliced->target), cursor = 0;
    if (len > sliced->group_cap) {
        void *grown = lt_alloc_resize(op->ctx->alloc, sliced->groups,
                                      sliced->group_cap * sizeof(char *), len * sizeof(char *));
        if (!grown)
            return LT_NOMEM;
        sliced->groups = grown;
        sliced->group_cap = len;
    }
    sliced->n_groups = sliced->group_at = 0;
    for (uint32_t n = 1; n > 0;) {
        uint64_t room = sliced->group_cap - sliced->n_groups;
        char **to = sliced->groups + sliced->n_groups;
        n = lt_table_walk(sliced->target, &cursor, to,
                          room < LT_BATCH_ROWS_MAX ? (uint32_t)room : LT_BATCH_ROWS_MAX);
        sliced->n_groups += keep_shown(sliced, to, n);
    }
    lt_table_sort(sliced->target, sliced->groups, sliced->n_groups);
    return LT_OK;
}

/* The next groups to show, up to `room`; *end when there are no more. */
static uint32_t groups_next(struct lt_sliced *sliced, uint32_t room, bool *end)
{
    char **payloads = sliced->base.payloads;
    if (!sliced->base.ordered) {
        uint32_t n = lt_table_walk(sliced->target, &sliced->cursor, payloads, room);
        *end = n == 0;
        return keep_shown(sliced, payloads, n);
    }
    uint64_t left = sliced->n_groups - sliced->group_at;
    uint32_t n = left < room ? (uint32_t)left : room;
    for (uint32_t i = 0; i < n; i++)
        payloads[i] = sliced->groups[sliced->group_at++];
    *end = n == 0;
    return n;
}

static lt_status show(struct lt_op *op)
{
    struct lt_sliced *sliced = op->state;
    struct lt_window_base *base = &sliced->base;
    uint32_t room = base->out.builder.cap - base->out.builder.len;
    bool end;
    if (room == 0)
        return LT_BUSY;
    uint32_t n = groups_next(sliced, room, &end);
    if (end) {
        sliced->cursor = 0;
        sliced->phase = LT_SLICED_EVICT;
    }
    if (end && sliced->target == sliced->total)
        return LT_BUSY; /* what is ready leaves before slices are taken out */
    LT_TRY(lt_window_results(op, sliced->target, sliced->target_heap, base->payloads,
                             base->payloads, sliced->cell_size, n));
    return lt_window_bounds(op, window_due(sliced), 0, n, 1);
}

/* Slices whose last window has been shown go; then the next window has its turn. */
static void evict(struct lt_op *op)
{
    struct lt_sliced *sliced = op->state;
    const struct lt_window *window = window_due(sliced);
    while (sliced->pane_at < sliced->panes.n) {
        struct lt_pane *pane = sliced->panes.items[sliced->pane_at];
        if (pane->max_end > window->end) {
            sliced->pane_at++;
        } else if (pane->merged) {
            lt_sliced_unmerge_some(op, pane, &sliced->cursor);
            return;
        } else {
            lt_sliced_remove(op, sliced->pane_at);
            sliced->cursor = 0;
        }
    }
    lt_sliced_shown(op);
    sliced->due_at++;
    sliced->phase = LT_SLICED_START;
}

/* ---- firing -------------------------------------------------------------------- */

static lt_status combine(struct lt_op *op)
{
    struct lt_sliced *sliced = op->state;
    bool more;
    LT_TRY(lt_sliced_merge(op, &more));
    if (more)
        return LT_OK;
    sliced->cursor = 0;
    sliced->pane_at = 0;
    sliced->phase = sliced->target ? LT_SLICED_SHOW : LT_SLICED_EVICT;
    return sliced->target && sliced->base.ordered ? groups_sort(op) : LT_OK;
}

static lt_status say(struct lt_op *op, bool *more)
{
    struct lt_sliced *sliced = op->state;
    *more = sliced->due_at < sliced->n_due;
    if (!*more)
        return LT_OK;
    switch (sliced->phase) {
    case LT_SLICED_COMBINE: return combine(op);
    case LT_SLICED_SHOW: return show(op);
    case LT_SLICED_EVICT: evict(op); return LT_OK;
    default:
        sliced->phase = LT_SLICED_COMBINE;
        return lt_sliced_plan(op, window_due(sliced));
    }
}

static lt_flow fire_step(struct lt_op *op)
{
    struct lt_sliced *sliced = op->state;
    lt_flow flow = lt_window_say(op, say, 1);
    if (flow != LT_FLOW_OK)
        return flow;
    sliced->phase = LT_SLICED_IDLE;
    if (sliced->watermark > sliced->fired)
        sliced->fired = sliced->watermark;
    sliced->last = NULL;
    lt_sliced_set_timer(op);
    op->memory_bytes = lt_sliced_bytes(sliced);
    return lt_window_forward(op, sliced->forward ? sliced->watermark : LT_WATERMARK_MIN, 0);
}

static lt_flow fire_start(struct lt_op *op, int64_t watermark_us, bool forward)
{
    struct lt_sliced *sliced = op->state;
    sliced->watermark = watermark_us;
    sliced->forward = forward;
    lt_status status = due_find(op);
    if (status != LT_OK)
        return lt_op_fail(op, status);
    sliced->phase = LT_SLICED_START;
    return fire_step(op);
}

lt_flow lt_sliced_watermark(struct lt_op *op, unsigned port, int64_t watermark_us)
{
    LT_UNUSED(port), LT_UNUSED(watermark_us);
    const struct lt_sliced *sliced = op->state;
    int64_t low = lt_op_watermark(op);
    if (!sliced->base.spec->proctime)
        return fire_start(op, low, true);
    return low == LT_WATERMARK_MAX ? LT_FLOW_OK : lt_op_forward_watermark(op, low);
}

lt_flow lt_sliced_timer(struct lt_op *op, enum lt_clock_kind clock, int64_t time_us)
{
    LT_UNUSED(clock);
    const struct lt_sliced *sliced = op->state;
    return fire_start(op, time_us - sliced->base.spec->tick_us, false);
}

/* Open windows over the clock fire at the end of their input. */
lt_flow lt_sliced_end(struct lt_op *op, unsigned port)
{
    LT_UNUSED(port);
    const struct lt_sliced *sliced = op->state;
    return sliced->base.spec->proctime ? fire_start(op, LT_WATERMARK_MAX, false) : LT_FLOW_OK;
}

lt_flow lt_sliced_resume(struct lt_op *op)
{
    const struct lt_sliced *sliced = op->state;
    return sliced->phase == LT_SLICED_IDLE ? LT_FLOW_OK : fire_step(op);
}
