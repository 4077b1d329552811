/* sliced.c -- TUMBLE, HOP and CUMULATE with final results only: rows land in slices.
 *
 *   slices        |----|----|----|----|----|     each row in exactly one
 *   HOP           [--------------)
 *                      [--------------)          a window is the union of its slices
 *   CUMULATE      [----)
 *                 [---------)                    and takes its slices over for good
 *
 * When the watermark makes windows final they are combined from their slices, in the
 * order of their ends, and shown in the order of their keys. A slice goes with its
 * last window.
 *
 * A row that is behind counts only for windows that were not final when it arrived at
 * its split. Where one of those has not fired here yet (the row came in the same batch
 * as the row that moved the watermark), the slice must not show it: for CUMULATE the
 * row moves to the slice that ends the first window it counts for; for HOP it goes to
 * a slice of its own that names the first window that may see it (min_end). So results
 * do not depend on how rows were cut into batches.
 *
 * Windows over processing time are the same with the clock as watermark; their rows
 * are never late. */
#include "exec/windows/panes.h"

struct cell { /* at the head of a group's entry in a slice; the block follows */
    int64_t count;
    int64_t end; /* of the last slice with a row of the group: emitOnlyOnUpdate */
};

enum fire_phase { FIRE_NONE, FIRE_COMBINE, FIRE_EMIT };

struct sliced_state {
    struct lt_window_base base;
    struct lt_panes panes;
    int64_t fired; /* every window final at this watermark has been shown */
    int64_t next;  /* the watermark at which the next window is due */
    struct lt_pane **touched; /* by the batch being taken in */
    uint32_t n_touched;
    struct lt_pane *last; /* where the row before went */
    /* firing */
    enum fire_phase phase;
    int64_t watermark;
    bool forward;
    struct lt_window *due;
    uint32_t n_due, due_cap, due_at;
    struct lt_table *target, *combined; /* what is shown; made for it (HOP) */
    uint32_t pane_at;                   /* the pane being merged */
    uint64_t cursor;
    char **groups;
    uint64_t n_groups, group_cap, group_at;
};

static struct cell *cell_of(char *payload)
{
    return (struct cell *)payload;
}

static char *block_of(char *payload)
{
    return payload + sizeof(struct cell);
}

static lt_status sliced_open(struct lt_op *op)
{
    struct sliced_state *sliced = op->state;
    sliced->panes.alloc = op->ctx->alloc;
    sliced->fired = LT_WATERMARK_MIN;
    sliced->next = LT_WATERMARK_MAX;
    return lt_window_open(op);
}

static void table_drop(struct lt_op *op, struct lt_table *table)
{
    struct sliced_state *sliced = op->state;
    uint64_t cursor = 0;
    for (char *payload; table && (payload = lt_table_next(table, &cursor));)
        lt_calls_drop(sliced->base.calls, sliced->base.heap, block_of(payload));
}

static void sliced_close(struct lt_op *op)
{
    struct sliced_state *sliced = op->state;
    lt_table_close(sliced->combined);
    lt_panes_close(&sliced->panes);
    if (sliced->due)
        lt_alloc_put(op->ctx->alloc, sliced->due, sliced->due_cap * sizeof(*sliced->due));
    if (sliced->groups)
        lt_alloc_put(op->ctx->alloc, sliced->groups, sliced->group_cap * sizeof(char *));
    lt_window_close(op);
}

/* ---- rows in --------------------------------------------------------------- */

/* Finds the pane's first window that has not been shown. */
static void pane_due(struct sliced_state *sliced, struct lt_pane *pane)
{
    const struct lt_window_spec *spec = sliced->base.spec;
    pane->more = lt_window_first(spec, pane->window.start, &pane->due);
    while (pane->more && (lt_window_final_at(spec, pane->due.end) <= sliced->fired ||
                          pane->due.end < pane->min_end))
        pane->more = lt_window_next(spec, pane->window.start, &pane->due);
    if (pane->more && lt_window_final_at(spec, pane->due.end) < sliced->next)
        sliced->next = lt_window_final_at(spec, pane->due.end);
}

static lt_status pane_get(struct lt_op *op, const struct lt_window *slice, int64_t min_end,
                          int64_t max_end, struct lt_pane **out)
{
    struct sliced_state *sliced = op->state;
    struct lt_pane *pane = lt_panes_find(&sliced->panes, slice->start, slice->end, min_end);
    if (!pane) {
        struct lt_table *table;
        LT_TRY(lt_window_table(op, sizeof(struct cell), &table));
        pane = lt_panes_insert(&sliced->panes, slice, min_end);
        if (!pane) {
            lt_table_close(table);
            return LT_NOMEM;
        }
        pane->table = table;
        pane->max_end = max_end;
        pane_due(sliced, pane);
    }
    *out = pane;
    return LT_OK;
}

/* Where a row goes: *out is NULL when it is late or in no window. */
static lt_status place_row(struct lt_op *op, int64_t time_us, int64_t behind, uint32_t row,
                           struct lt_pane **out)
{
    struct sliced_state *sliced = op->state;
    const struct lt_window_spec *spec = sliced->base.spec;
    struct lt_window slice, window;
    *out = NULL;
    if (!lt_window_last(spec, time_us, &window))
        return LT_OK;
    int64_t max_end = window.end, min_end = LT_PANE_ALL;
    int64_t passed = behind > sliced->fired ? behind : sliced->fired;
    if (lt_window_final_at(spec, max_end) <= passed && passed != LT_WATERMARK_MIN) {
        lt_window_late(&sliced->base, row);
        return LT_OK;
    }
    lt_window_slice(spec, time_us, &slice);
    if (behind != LT_NOT_BEHIND && spec->kind != LT_WINDOW_TUMBLE) {
        int64_t closed = LT_WATERMARK_MIN; /* when the last window that must not see it is final */
        bool more = lt_window_first(spec, time_us, &window);
        for (; more && lt_window_final_at(spec, window.end) <= behind;
             more = lt_window_next(spec, time_us, &window))
            closed = lt_window_final_at(spec, window.end);
        if (closed > sliced->fired && spec->kind == LT_WINDOW_HOP)
            min_end = window.end;
        else if (closed != LT_WATERMARK_MIN && spec->kind == LT_WINDOW_CUMULATE)
            lt_window_slice(spec, window.end - 1, &slice);
    }
    return pane_get(op, &slice, min_end, max_end, out);
}

static lt_status pane_add(struct lt_op *op, struct lt_pane *pane, uint32_t row, uint32_t n_sel)
{
    struct sliced_state *sliced = op->state;
    if (!pane->rows) {
        pane->rows = lt_arena_get(op->ctx->scratch, n_sel * sizeof(uint16_t));
        if (!pane->rows)
            return LT_NOMEM;
        pane->n_rows = 0;
        sliced->touched[sliced->n_touched++] = pane;
    }
    pane->rows[pane->n_rows++] = (uint16_t)row;
    return LT_OK;
}

/* The time of a row that has none of its own: never in a window already shown. */
static int64_t clock_time(const struct sliced_state *sliced, const struct lt_batch *in)
{
    int64_t open = sliced->fired == LT_WATERMARK_MIN ? LT_WATERMARK_MIN
                                                     : sliced->fired + sliced->base.spec->tick_us;
    return in->proctime_us > open ? in->proctime_us : open;
}

static lt_status place_rows(struct lt_op *op, const struct lt_batch *in, const int64_t *times)
{
    struct sliced_state *sliced = op->state;
    struct lt_pane *last = NULL;
    int64_t clock = clock_time(sliced, in);
    for (uint32_t i = 0; i < in->n_sel; i++) {
        uint32_t row = sliced->base.rows[i];
        int64_t time_us = times ? times[row] : clock;
        int64_t behind = times ? lt_batch_behind(in, row) : LT_NOT_BEHIND;
        if (!last || behind != LT_NOT_BEHIND || time_us < last->window.start ||
            time_us >= last->window.end) {
            LT_TRY(place_row(op, time_us, behind, row, &last));
            if (!last)
                continue;
        }
        LT_TRY(pane_add(op, last, row, in->n_sel));
        if (last->min_end != LT_PANE_ALL || behind != LT_NOT_BEHIND)
            last = NULL; /* the next row need not share this one's fate */
    }
    return LT_OK;
}

static lt_status pane_update(struct lt_op *op, struct lt_pane *pane, const struct lt_batch *in)
{
    struct lt_window_base *base = op->state;
    for (uint32_t i = 0; i < pane->n_rows; i++)
        base->some_hashes[i] = base->hashes[pane->rows[i]];
    LT_TRY(lt_table_upsert(pane->table, base->keys, pane->rows, pane->n_rows, base->some_hashes,
                           base->payloads, base->is_new));
    for (uint32_t i = 0; i < pane->n_rows; i++) {
        char *payload = base->payloads[i];
        if (base->is_new[i])
            lt_calls_init(base->calls, block_of(payload));
        cell_of(payload)->count += lt_batch_weight(in, pane->rows[i]);
        cell_of(payload)->end = pane->window.end;
        base->blocks[i] = block_of(payload);
    }
    return lt_calls_update(base->calls, op->ctx, base->heap, in, pane->rows, pane->n_rows,
                           base->blocks);
}

static lt_status take_rows(struct lt_op *op, const struct lt_batch *in, const int64_t *times)
{
    struct sliced_state *sliced = op->state;
    sliced->n_touched = 0;
    sliced->touched = lt_arena_get(op->ctx->scratch, in->n_sel * sizeof(*sliced->touched));
    if (!sliced->touched)
        return LT_NOMEM;
    lt_status status = place_rows(op, in, times);
    for (uint32_t i = 0; i < sliced->n_touched; i++) {
        if (status == LT_OK)
            status = pane_update(op, sliced->touched[i], in);
        sliced->touched[i]->rows = NULL;
    }
    return status;
}

/* Windows over the clock fire by timer: the earliest end there is. */
static void set_timer(struct lt_op *op)
{
    const struct sliced_state *sliced = op->state;
    int64_t tick = sliced->base.spec->tick_us;
    if (sliced->base.spec->proctime)
        lt_op_set_timer(op, sliced->next == LT_WATERMARK_MAX ? sliced->next : sliced->next + tick);
}

static lt_flow sliced_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    struct sliced_state *sliced = op->state;
    struct lt_column *times = NULL;
    lt_status status = lt_window_take(op, in);
    if (status == LT_OK)
        status = lt_window_times(op, in, &times);
    if (status == LT_OK)
        status = take_rows(op, in, times ? times->values : NULL);
    lt_column_unref(times);
    if (status != LT_OK)
        return lt_op_fail(op, status);
    set_timer(op);
    op->memory_bytes = lt_state_bytes(sliced->base.state);
    return lt_window_emit_late(op, in);
}

/* ---- which windows are due --------------------------------------------------- */

static bool window_before(const struct lt_window *a, const struct lt_window *b)
{
    return a->end != b->end ? a->end < b->end : a->start < b->start;
}

static lt_status due_add(struct lt_op *op, const struct lt_window *window)
{
    struct sliced_state *sliced = op->state;
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
    struct sliced_state *sliced = op->state;
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

/* ---- combining the slices of a window ------------------------------------------ */

static bool pane_in(const struct lt_pane *pane, const struct lt_window *window)
{
    return pane->window.start < window->end && pane->min_end <= window->end;
}

static uint32_t panes_count(const struct sliced_state *sliced, uint32_t from,
                            const struct lt_window *window)
{
    uint32_t n = 0;
    for (uint32_t i = from; i < sliced->panes.n; i++) {
        if (sliced->panes.items[i]->window.start >= window->end)
            break;
        n += pane_in(sliced->panes.items[i], window);
    }
    return n;
}

static lt_status combine_start(struct lt_op *op)
{
    struct sliced_state *sliced = op->state;
    const struct lt_window *window = &sliced->due[sliced->due_at];
    sliced->pane_at = lt_panes_seek(&sliced->panes, window->start, INT64_MIN, INT64_MIN);
    uint32_t n = panes_count(sliced, sliced->pane_at, window);
    sliced->cursor = 0;
    sliced->target = NULL;
    sliced->phase = FIRE_COMBINE;
    if (n == 0) {
        sliced->pane_at = sliced->panes.n;
        return LT_OK;
    }
    while (!pane_in(sliced->panes.items[sliced->pane_at], window))
        sliced->pane_at++;
    if (n == 1 || sliced->base.spec->kind == LT_WINDOW_CUMULATE) {
        sliced->target = sliced->panes.items[sliced->pane_at++]->table;
        if (n == 1)
            sliced->pane_at = sliced->panes.n;
        return LT_OK;
    }
    LT_TRY(lt_window_table(op, sizeof(struct cell), &sliced->combined));
    sliced->target = sliced->combined;
    return LT_OK;
}

static lt_status merge_group(struct lt_op *op, const struct lt_table *from, char *payload)
{
    struct sliced_state *sliced = op->state;
    struct lt_window_base *base = &sliced->base;
    char *to;
    bool is_new;
    LT_TRY(lt_table_upsert_from(sliced->target, from, payload, &to, &is_new));
    if (is_new)
        lt_calls_init(base->calls, block_of(to));
    cell_of(to)->count += cell_of(payload)->count;
    if (cell_of(payload)->end > cell_of(to)->end || is_new)
        cell_of(to)->end = cell_of(payload)->end;
    return lt_calls_merge(base->calls, op->ctx, base->heap, block_of(to), base->heap,
                          block_of(payload));
}

/* Merges pane after pane; LT_BUSY when the time is up. */
static lt_status combine_step(struct lt_op *op)
{
    struct sliced_state *sliced = op->state;
    const struct lt_window *window = &sliced->due[sliced->due_at];
    while (sliced->pane_at < sliced->panes.n) {
        struct lt_pane *pane = sliced->panes.items[sliced->pane_at];
        if (pane->window.start >= window->end)
            break;
        if (!pane_in(pane, window)) {
            sliced->pane_at++;
            continue;
        }
        uint32_t n = 0;
        for (char *payload; (payload = lt_table_next(pane->table, &sliced->cursor));) {
            LT_TRY(merge_group(op, pane->table, payload));
            if (++n % 256 == 0 && lt_op_time_is_up(op))
                return LT_BUSY;
        }
        sliced->cursor = 0;
        if (sliced->combined) {
            sliced->pane_at++;
        } else { /* CUMULATE: the target has taken it over */
            table_drop(op, pane->table);
            lt_panes_remove(&sliced->panes, sliced->pane_at);
        }
    }
    return LT_OK;
}

static lt_status groups_collect(struct lt_op *op)
{
    struct sliced_state *sliced = op->state;
    const struct lt_window *window = &sliced->due[sliced->due_at];
    uint64_t len = sliced->target ? lt_table_len(sliced->target) : 0, cursor = 0;
    sliced->n_groups = sliced->group_at = 0;
    sliced->phase = FIRE_EMIT;
    if (len == 0)
        return LT_OK;
    if (len > sliced->group_cap) {
        void *grown = lt_alloc_resize(op->ctx->alloc, sliced->groups,
                                      sliced->group_cap * sizeof(char *), len * sizeof(char *));
        if (!grown)
            return LT_NOMEM;
        sliced->groups = grown;
        sliced->group_cap = len;
    }
    bool only_updated = sliced->base.spec->kind == LT_WINDOW_CUMULATE &&
                        sliced->base.spec->emit_only_on_update;
    for (char *payload; (payload = lt_table_next(sliced->target, &cursor));) {
        if (cell_of(payload)->count == 0 ||
            (only_updated && cell_of(payload)->end < window->end))
            continue;
        sliced->groups[sliced->n_groups++] = payload;
    }
    lt_table_sort(sliced->target, sliced->groups, sliced->n_groups);
    return LT_OK;
}

/* ---- showing ------------------------------------------------------------------- */

static lt_flow emit_step(struct lt_op *op)
{
    struct sliced_state *sliced = op->state;
    const struct lt_window *window = &sliced->due[sliced->due_at];
    while (sliced->group_at < sliced->n_groups) {
        if (!lt_rows_has_room(&sliced->base.out, 1)) {
            lt_flow flow = lt_rows_emit(&sliced->base.out, op);
            if (flow != LT_FLOW_OK)
                return flow;
        }
        char *payload = sliced->groups[sliced->group_at];
        lt_status status =
            lt_window_write(op, sliced->target, payload, block_of(payload), window, 1);
        if (status != LT_OK)
            return lt_op_fail(op, status);
        sliced->group_at++;
    }
    if (sliced->combined) {
        table_drop(op, sliced->combined);
        lt_table_close(sliced->combined);
        sliced->combined = NULL;
    }
    sliced->due_at++;
    sliced->phase = FIRE_COMBINE;
    sliced->target = NULL;
    return LT_FLOW_OK;
}

/* Slices whose last window has been shown go. */
static void evict(struct lt_op *op)
{
    struct sliced_state *sliced = op->state;
    uint32_t kept = 0;
    while (kept < sliced->panes.n) {
        struct lt_pane *pane = sliced->panes.items[kept];
        if (lt_window_final_at(sliced->base.spec, pane->max_end) > sliced->fired) {
            kept++;
            continue;
        }
        table_drop(op, pane->table);
        lt_panes_remove(&sliced->panes, kept);
    }
}

static lt_flow fire_end(struct lt_op *op)
{
    struct sliced_state *sliced = op->state;
    sliced->phase = FIRE_NONE;
    if (sliced->watermark > sliced->fired)
        sliced->fired = sliced->watermark;
    if (sliced->n_due)
        evict(op);
    set_timer(op);
    op->memory_bytes = lt_state_bytes(sliced->base.state);
    return sliced->forward ? lt_op_forward_watermark(op, sliced->watermark) : LT_FLOW_OK;
}

static lt_flow fire_step(struct lt_op *op)
{
    struct sliced_state *sliced = op->state;
    while (sliced->due_at < sliced->n_due) {
        if (sliced->phase == FIRE_NONE || (sliced->phase == FIRE_COMBINE && !sliced->target)) {
            lt_status status = combine_start(op);
            if (status != LT_OK)
                return lt_op_fail(op, status);
        }
        if (sliced->phase == FIRE_COMBINE) {
            lt_status status = combine_step(op);
            if (status == LT_BUSY)
                return LT_FLOW_YIELD;
            if (status == LT_OK)
                status = groups_collect(op);
            if (status != LT_OK)
                return lt_op_fail(op, status);
        }
        lt_flow flow = emit_step(op);
        if (flow != LT_FLOW_OK)
            return flow;
        if (lt_op_time_is_up(op))
            return LT_FLOW_YIELD;
    }
    if (sliced->base.out.builder.len) {
        lt_flow flow = lt_rows_emit(&sliced->base.out, op);
        if (flow != LT_FLOW_OK)
            return flow;
    }
    return fire_end(op);
}

static lt_flow fire_start(struct lt_op *op, int64_t watermark_us, bool forward)
{
    struct sliced_state *sliced = op->state;
    sliced->watermark = watermark_us;
    sliced->forward = forward;
    lt_status status = due_find(op);
    if (status != LT_OK)
        return lt_op_fail(op, status);
    sliced->phase = FIRE_COMBINE;
    sliced->target = NULL;
    return fire_step(op);
}

static lt_flow sliced_watermark(struct lt_op *op, unsigned port, int64_t watermark_us)
{
    LT_UNUSED(port), LT_UNUSED(watermark_us);
    const struct sliced_state *sliced = op->state;
    int64_t low = lt_op_watermark(op);
    if (!sliced->base.spec->proctime)
        return fire_start(op, low, true);
    return low == LT_WATERMARK_MAX ? LT_FLOW_OK : lt_op_forward_watermark(op, low);
}

static lt_flow sliced_timer(struct lt_op *op, enum lt_clock_kind clock, int64_t time_us)
{
    LT_UNUSED(clock);
    const struct sliced_state *sliced = op->state;
    return fire_start(op, time_us - sliced->base.spec->tick_us, false);
}

/* Open windows over the clock fire at the end of their input. */
static lt_flow sliced_end(struct lt_op *op, unsigned port)
{
    LT_UNUSED(port);
    const struct sliced_state *sliced = op->state;
    return sliced->base.spec->proctime ? fire_start(op, LT_WATERMARK_MAX, false) : LT_FLOW_OK;
}

static lt_flow sliced_resume(struct lt_op *op)
{
    const struct sliced_state *sliced = op->state;
    return sliced->phase == FIRE_NONE ? LT_FLOW_OK : fire_step(op);
}

/* ---- save, load ------------------------------------------------------------------ */

static lt_status sliced_save(struct lt_op *op, struct lt_state_image *image)
{
    struct sliced_state *sliced = op->state;
    LT_TRY(lt_state_save(sliced->base.state, 0, image));
    LT_TRY(lt_image_put(image, "fired", &sliced->fired, sizeof(sliced->fired)));
    return lt_panes_save(&sliced->panes, image);
}

static lt_status move_cell(void *ctx, const struct lt_state_heap *from_heap, const char *from,
                           struct lt_state_heap *to_heap, char *to, bool merge)
{
    struct lt_op *op = ctx;
    struct lt_window_base *base = op->state;
    const struct cell *cell = (const struct cell *)from;
    if (merge) {
        cell_of(to)->count += cell->count;
        if (cell->end > cell_of(to)->end)
            cell_of(to)->end = cell->end;
    } else {
        memset(block_of(to), 0, lt_calls_size(base->calls));
        lt_calls_init(base->calls, block_of(to));
    }
    return lt_calls_merge(base->calls, op->ctx, to_heap, block_of(to), from_heap,
                          from + sizeof(struct cell));
}

static lt_status sliced_load(struct lt_op *op, const struct lt_state_image *const *images,
                             uint32_t n)
{
    struct sliced_state *sliced = op->state;
    struct lt_table_mover mover = {.move = move_cell, .ctx = op};
    int64_t fired = LT_WATERMARK_MAX;
    for (uint32_t i = 0; i < n; i++) {
        const struct lt_pane_record *records;
        uint32_t n_records;
        int64_t own;
        LT_TRY(lt_image_get(images[i], "fired", &own, sizeof(own)));
        LT_TRY(lt_panes_saved(images[i], &records, &n_records));
        if (own < fired)
            fired = own;
        for (uint32_t p = 0; p < n_records; p++) {
            struct lt_pane *pane;
            LT_TRY(pane_get(op, &records[p].window, records[p].min_end, records[p].max_end, &pane));
            LT_TRY(lt_table_load(pane->table, p, images[i], false, &mover));
        }
    }
    sliced->fired = fired;
    sliced->next = LT_WATERMARK_MAX;
    for (uint32_t i = 0; i < sliced->panes.n; i++)
        pane_due(sliced, sliced->panes.items[i]);
    set_timer(op);
    op->memory_bytes = lt_state_bytes(sliced->base.state);
    return LT_OK;
}

const struct lt_op_type lt_window_sliced = {
    .name = "WindowAggregate",
    .state_size = sizeof(struct sliced_state),
    .scope = LT_SCOPE_KEYED,
    .open = sliced_open,
    .push = sliced_push,
    .watermark = sliced_watermark,
    .timer = sliced_timer,
    .end = sliced_end,
    .resume = sliced_resume,
    .save = sliced_save,
    .load = sliced_load,
    .close = sliced_close,
};
_Static_assert(sizeof(struct sliced_state) <= LT_WINDOW_STATE_MAX, "fits the operator's state");
