/* watermark.c -- WATERMARK: judges each row by its own split, and says how far time is.
 *
 * Every split has a running watermark W. For each row, in order: time <= W makes
 * the row *behind*, and W is noted beside it; then the row's own watermark may
 * raise W. So what is late never depends on how rows were cut into batches.
 *
 *   W before   10   10   15   15
 *   time       12   20   14   30      delay 5
 *   behind      -    -   15    -      14 <= 15
 *   W after    10   15   15   25
 *
 * Forwarded is the minimum over the splits of this partition: one not started
 * counts as -inf, one that has ended as +inf, an idle one not at all. A split
 * that comes back from idle starts from the combined watermark of all
 * partitions, which they publish in shared slots; a partition with nothing but
 * idle splits (or none) takes the combined watermark over at each barrier. */
#include "exec/operators/scan.h"

#include "exec/kernels/range.h"
#include "exec/program.h"
#include "exec/state/state.h"

enum { WM_STRETCH = 128 }; /* rows judged at once when the whole batch cannot be */

#define SLOT_IDLE INT64_MIN /* of a published minimum; -inf itself is SLOT_IDLE + 1 */

struct wm_split {
    uint32_t split;
    bool started, ended, idle;
    int64_t watermark_us;
    int64_t source_us; /* what the connector knows once its batch is in */
    int64_t active_us; /* processing time of its last row, or start */
};

struct wm_shared {
    struct lt_alloc *alloc;
    uint32_t n;
    _Atomic int64_t slots[];
};

struct wm_state {
    struct wm_split *splits;
    uint32_t n_splits, cap, last;
    bool listed;
    struct lt_program *program; /* NULL when the watermark is column - constant */
};

static lt_status wm_share(const struct lt_plan_node *node, struct lt_op_ctx *ctx, void **out)
{
    LT_UNUSED(node);
    uint32_t n = ctx->n_partitions;
    struct wm_shared *shared = lt_alloc_zero(ctx->alloc, sizeof(*shared) + n * sizeof(int64_t));
    if (!shared)
        return LT_NOMEM;
    shared->alloc = ctx->alloc;
    shared->n = n;
    for (uint32_t i = 0; i < n; i++)
        atomic_init(&shared->slots[i], SLOT_IDLE + 1);
    *out = shared;
    return LT_OK;
}

static void wm_unshare(void *ptr)
{
    struct wm_shared *shared = ptr;
    lt_alloc_put(shared->alloc, shared, sizeof(*shared) + shared->n * sizeof(int64_t));
}

static lt_status wm_open(struct lt_op *op)
{
    struct wm_state *wm = op->state;
    const struct lt_op_ctx *ctx = op->ctx;
    if (op->node->u.watermark.delay_us >= 0 || op->node->u.watermark.source)
        return LT_OK;
    LT_TRY(lt_program_open(ctx->alloc, ctx->pool, NULL, 1, &op->node->u.watermark.watermark,
                           &wm->program, ctx->error));
    struct lt_eval *eval = lt_program_eval(wm->program);
    eval->zone = ctx->plan->zone;
    eval->statement_us = ctx->plan->statement_us;
    eval->streaming = !ctx->plan->bounded;
    return LT_OK;
}

/* ---- what the source says --------------------------------------------------- */

static struct wm_split *wm_find(struct wm_state *wm, uint32_t split)
{
    if (wm->last < wm->n_splits && wm->splits[wm->last].split == split)
        return &wm->splits[wm->last];
    for (uint32_t i = 0; i < wm->n_splits; i++)
        if (wm->splits[i].split == split)
            return &wm->splits[wm->last = i];
    return NULL;
}

static lt_status wm_add(struct lt_op *op, const struct wm_split *split)
{
    struct wm_state *wm = op->state;
    if (wm->n_splits == wm->cap) {
        uint32_t cap = wm->cap ? wm->cap * 2 : 8;
        void *grown = lt_alloc_resize(op->ctx->alloc, wm->splits, wm->cap * sizeof(*wm->splits),
                                      cap * sizeof(*wm->splits));
        if (!grown)
            return LT_NOMEM;
        wm->splits = grown;
        wm->cap = cap;
    }
    wm->splits[wm->n_splits++] = *split;
    return LT_OK;
}

lt_status lt_watermark_split_known(struct lt_op *op, uint32_t split)
{
    if (wm_find(op->state, split))
        return LT_OK; /* restored */
    return wm_add(op, &(struct wm_split){.split = split,
                                         .watermark_us = LT_WATERMARK_MIN,
                                         .source_us = LT_WATERMARK_MIN,
                                         .active_us = op->ctx->now_us});
}

/* The wanted wake-up: when the next split would turn idle. */
static void wm_set_timer(struct lt_op *op)
{
    const struct wm_state *wm = op->state;
    int64_t timeout = op->node->u.watermark.idle_timeout_us, first = LT_WATERMARK_MAX;
    for (uint32_t i = 0; timeout > 0 && i < wm->n_splits; i++) {
        const struct wm_split *split = &wm->splits[i];
        if (split->started && !split->ended && !split->idle && split->active_us + timeout < first)
            first = split->active_us + timeout;
    }
    lt_op_set_timer(op, first);
}

void lt_watermark_split_started(struct lt_op *op, uint32_t split)
{
    struct wm_split *found = wm_find(op->state, split);
    LT_ASSERT(found);
    found->started = true;
    found->active_us = op->ctx->now_us;
    wm_set_timer(op);
}

void lt_watermark_split_ended(struct lt_op *op, uint32_t split)
{
    struct wm_split *found = wm_find(op->state, split);
    LT_ASSERT(found);
    found->started = found->ended = true;
}

void lt_watermark_split_source(struct lt_op *op, uint32_t split, int64_t source_watermark_us)
{
    struct wm_split *found = wm_find(op->state, split);
    LT_ASSERT(found);
    found->source_us = source_watermark_us;
}

void lt_watermark_listed(struct lt_op *op)
{
    struct wm_state *wm = op->state;
    wm->listed = true;
}

/* ---- minima ----------------------------------------------------------------- */

/* Over the splits that count here; SLOT_IDLE when none does. */
static int64_t wm_local(const struct wm_state *wm)
{
    if (!wm->listed)
        return SLOT_IDLE + 1;
    int64_t min = LT_WATERMARK_MAX;
    bool any = false;
    for (uint32_t i = 0; i < wm->n_splits; i++) {
        const struct wm_split *split = &wm->splits[i];
        if (split->ended || split->idle)
            continue;
        any = true;
        if (split->watermark_us < min)
            min = split->watermark_us;
    }
    if (!any)
        return SLOT_IDLE;
    return min == LT_WATERMARK_MIN ? SLOT_IDLE + 1 : min;
}

/* Over all partitions; LT_WATERMARK_MIN when nothing is known or all are idle. */
static int64_t wm_combined(const struct lt_op *op)
{
    struct wm_shared *shared = op->shared;
    int64_t min = LT_WATERMARK_MAX;
    bool any = false;
    for (uint32_t i = 0; i < shared->n; i++) {
        int64_t slot = atomic_load_explicit(&shared->slots[i], memory_order_acquire);
        if (slot == SLOT_IDLE || slot == LT_WATERMARK_MAX)
            continue; /* idle, or ended */
        any = true;
        if (slot < min)
            min = slot;
    }
    return any && min > SLOT_IDLE + 1 ? min : LT_WATERMARK_MIN;
}

static int64_t wm_publish(struct lt_op *op)
{
    struct wm_shared *shared = op->shared;
    int64_t local = wm_local(op->state);
    atomic_store_explicit(&shared->slots[op->ctx->partition], local, memory_order_release);
    return local;
}

static lt_flow wm_forward(struct lt_op *op, bool may_take_over)
{
    int64_t local = wm_publish(op);
    if (local == SLOT_IDLE)
        return may_take_over ? lt_op_forward_watermark(op, wm_combined(op)) : LT_FLOW_OK;
    return local > SLOT_IDLE + 1 ? lt_op_forward_watermark(op, local) : LT_FLOW_OK;
}

/* ---- events ------------------------------------------------------------------- */

struct wm_judge {
    const struct lt_column *time, *mark; /* mark: NULL when it is time - delay */
    int64_t delay_us;
    bool source;
    int64_t *behind; /* NULL until the first row that is behind */
};

/* The watermark that a row at `time` makes; never -inf. */
static int64_t wm_of(const struct wm_judge *judge, int64_t time)
{
    if (judge->source)
        return LT_WATERMARK_MIN;
    return time < INT64_MIN + 2 + judge->delay_us ? INT64_MIN + 2 : time - judge->delay_us;
}

/* Rows from..to) at once: when the earliest of them is ahead of all that the latest could
 * make of the watermark, none is behind, in whatever order they came. */
static bool wm_judge_range(const struct wm_judge *judge, const struct lt_batch *batch,
                           uint32_t from, uint32_t to, int64_t *mark)
{
    const int64_t *times = judge->time->values;
    const uint16_t *sel = batch->sel ? batch->sel + from : NULL;
    if (judge->mark || judge->time->validity)
        return false;
    struct lt_range range = lt_range_i64(sel ? times : times + from, sel, to - from);
    int64_t own = wm_of(judge, range.max), after = own > *mark ? own : *mark;
    if (range.min <= after)
        return false;
    *mark = after;
    return true;
}

static lt_status wm_note_behind(struct lt_op *op, const struct lt_batch *batch,
                                struct wm_judge *judge, uint32_t row, int64_t mark)
{
    if (!judge->behind) {
        judge->behind = lt_arena_get(op->ctx->scratch, batch->len * sizeof(int64_t));
        if (!judge->behind)
            return LT_NOMEM;
        for (uint32_t k = 0; k < batch->len; k++)
            judge->behind[k] = LT_NOT_BEHIND;
    }
    judge->behind[row] = mark;
    return LT_OK;
}

static lt_status fail_null_time(struct lt_op *op)
{
    uint32_t column = op->node->u.watermark.time_column;
    const struct lt_field *field = &op->node->schema.fields[column];
    return lt_fail(op->ctx->error, LT_DATA,
                   "column %.*s is NULL, but it is the event time of its table; filter such rows "
                   "out before, or give the column a value",
                   LT_STR_ARG(field->name));
}

/* One row after the other. */
static lt_status wm_judge_rows(struct lt_op *op, const struct lt_batch *batch,
                               struct wm_judge *judge, uint32_t from, uint32_t to, int64_t *mark)
{
    const int64_t *times = judge->time->values;
    const int64_t *marks = judge->mark ? judge->mark->values : NULL;
    for (uint32_t i = from; i < to; i++) {
        uint32_t row = lt_batch_row(batch, i);
        if (judge->time->validity && lt_column_is_null(judge->time, row))
            return fail_null_time(op);
        if (times[row] <= *mark)
            LT_TRY(wm_note_behind(op, batch, judge, row, *mark));
        if (marks && judge->mark->validity && lt_column_is_null(judge->mark, row))
            continue;
        int64_t own = marks ? marks[row] : wm_of(judge, times[row]);
        if (own > *mark)
            *mark = own;
    }
    return LT_OK;
}

/* The whole batch at once; else, nearly in order, most of its stretches. */
static lt_status wm_judge_times(struct lt_op *op, struct wm_split *split,
                                const struct lt_batch *batch, struct wm_judge *judge)
{
    int64_t mark = split->watermark_us;
    if (!wm_judge_range(judge, batch, 0, batch->n_sel, &mark)) {
        for (uint32_t from = 0, to; from < batch->n_sel; from = to) {
            to = from + WM_STRETCH < batch->n_sel ? from + WM_STRETCH : batch->n_sel;
            if (!wm_judge_range(judge, batch, from, to, &mark))
                LT_TRY(wm_judge_rows(op, batch, judge, from, to, &mark));
        }
    }
    split->watermark_us = mark;
    return LT_OK;
}

static lt_flow wm_judge_batch(struct lt_op *op, struct wm_split *split,
                              const struct lt_batch *batch, struct wm_judge *judge)
{
    struct wm_state *wm = op->state;
    struct lt_column *flat = NULL, *made = NULL, *mark = NULL;
    lt_status status = lt_column_flatten(
        op->ctx->pool, batch->columns[op->node->u.watermark.time_column], &flat);
    if (status == LT_OK && wm->program)
        status = lt_program_run(wm->program, batch, &made, op->ctx->error);
    if (status == LT_OK && made)
        status = lt_column_flatten(op->ctx->pool, made, &mark);
    if (status == LT_OK) {
        judge->time = flat;
        judge->mark = mark;
        status = wm_judge_times(op, split, batch, judge);
    }
    lt_column_unref(flat);
    lt_column_unref(made);
    lt_column_unref(mark);
    return lt_op_flow(op, status);
}

static lt_flow wm_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    struct wm_state *wm = op->state;
    struct wm_split *split = wm_find(wm, in->split);
    LT_ASSERT(in->split_of == NULL);
    if (!split) { /* no SCAN below has told us (rows made by VALUES, or a test) */
        if (lt_watermark_split_known(op, in->split) != LT_OK)
            return lt_op_fail(op, LT_NOMEM);
        split = wm_find(wm, in->split);
        wm->listed = true;
    }
    if (split->idle) {
        int64_t combined = wm_combined(op);
        if (combined > split->watermark_us)
            split->watermark_us = combined;
        split->idle = false;
    }
    split->started = true;
    split->active_us = op->ctx->now_us;
    wm_set_timer(op);

    struct wm_judge judge = {.delay_us = op->node->u.watermark.delay_us,
                             .source = op->node->u.watermark.source};
    lt_flow flow = wm_judge_batch(op, split, in, &judge);
    if (flow != LT_FLOW_OK)
        return flow;
    if (op->node->u.watermark.source && split->source_us > split->watermark_us)
        split->watermark_us = split->source_us;
    struct lt_batch out = *in;
    out.behind = judge.behind;
    if (judge.behind)
        out.aux[2] = NULL; /* borrowed: lives in scratch */
    flow = lt_op_emit(op, &out);
    return flow == LT_FLOW_OK ? wm_forward(op, false) : flow;
}

/* After a yield in push the watermark is still owed. */
static lt_flow wm_resume(struct lt_op *op)
{
    return wm_forward(op, false);
}

static lt_flow wm_watermark(struct lt_op *op, unsigned port, int64_t watermark_us)
{
    LT_UNUSED(port);
    struct wm_shared *shared = op->shared;
    if (watermark_us < LT_WATERMARK_MAX)
        return LT_FLOW_OK; /* nothing below makes watermarks, except the end of all input */
    atomic_store_explicit(&shared->slots[op->ctx->partition], watermark_us, memory_order_release);
    return lt_op_forward_watermark(op, watermark_us);
}

static lt_flow wm_timer(struct lt_op *op, enum lt_clock_kind clock, int64_t time_us)
{
    LT_UNUSED(clock);
    struct wm_state *wm = op->state;
    int64_t timeout = op->node->u.watermark.idle_timeout_us;
    for (uint32_t i = 0; i < wm->n_splits; i++) {
        struct wm_split *split = &wm->splits[i];
        if (split->started && !split->ended && split->active_us + timeout <= time_us)
            split->idle = true;
    }
    wm_set_timer(op);
    return wm_forward(op, false);
}

static lt_flow wm_barrier(struct lt_op *op, uint64_t epoch)
{
    LT_UNUSED(epoch);
    return wm_forward(op, true);
}

/* ---- save and load ------------------------------------------------------------ */

static lt_status wm_save(struct lt_op *op, struct lt_state_image *image)
{
    const struct wm_state *wm = op->state;
    LT_TRY(lt_image_put(image, "splits", wm->n_splits ? (const void *)wm->splits : "",
                        wm->n_splits * sizeof(*wm->splits)));
    return lt_image_put(image, "forwarded", &op->watermark_out, sizeof(op->watermark_out));
}

static lt_status wm_load(struct lt_op *op, const struct lt_state_image *const *images, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct lt_str text;
        if (!lt_image_find(images[i], "splits", &text))
            return LT_CORRUPT;
        for (size_t at = 0; at + sizeof(struct wm_split) <= text.len;
             at += sizeof(struct wm_split)) {
            struct wm_split split;
            memcpy(&split, text.data + at, sizeof(split));
            split.active_us = op->ctx->now_us;
            if (split.split % op->ctx->n_partitions == op->ctx->partition)
                LT_TRY(wm_add(op, &split));
        }
    }
    return LT_OK;
}

static void wm_close(struct lt_op *op)
{
    struct wm_state *wm = op->state;
    if (wm->program)
        lt_program_close(wm->program);
    lt_alloc_put(op->ctx->alloc, wm->splits, wm->cap * sizeof(*wm->splits));
}

const struct lt_op_type lt_op_watermark_type = {
    .name = "Watermark",
    .state_size = sizeof(struct wm_state),
    .scope = LT_SCOPE_PER_SPLIT,
    .open = wm_open,
    .push = wm_push,
    .watermark = wm_watermark,
    .timer = wm_timer,
    .barrier = wm_barrier,
    .resume = wm_resume,
    .save = wm_save,
    .load = wm_load,
    .close = wm_close,
    .share = wm_share,
    .unshare = wm_unshare,
};
