/* sliced.c -- TUMBLE, HOP and CUMULATE with final results only: rows land in slices.
 *
 *   slices        |----|----|----|----|----|     each row in exactly one
 *   HOP           [--------------)
 *                      [--------------)          a window is the union of its slices
 *   CUMULATE      [----)
 *                 [---------)                    and takes its slices over for good
 *
 * The range of a batch's times nearly always lies in one slice, which then takes all its
 * rows at once; else each row is placed. What is shown when, and how slices are combined,
 * is sliced_fire.c.
 *
 * In two phases the rows that come are partials, gathered below the exchange by
 * exec/operators/local_aggregate.c, and say themselves which slice they are of.
 *
 * Windows over processing time are the same with the clock as watermark; their rows
 * are never late. */
#include "exec/windows/sliced.h"

#include "exec/kernels/range.h"

enum { UNMERGE_MAX = 512 };

static lt_status sliced_open(struct lt_op *op)
{
    struct lt_sliced *sliced = op->state;
    sliced->panes.alloc = op->ctx->alloc;
    sliced->fired = LT_WATERMARK_MIN;
    sliced->next = LT_WATERMARK_MAX;
    LT_TRY(lt_window_open(op));
    sliced->droppable = lt_calls_droppable(sliced->base.calls);
    sliced->changing = op->node->n_inputs > 0 && op->node->inputs[0]->props.changing;
    sliced->updated = sliced->base.spec->kind == LT_WINDOW_CUMULATE &&
                      sliced->base.spec->emit_only_on_update;
    if (sliced->base.partials) {
        sliced->partial =
            lt_arena_get(&sliced->base.arena, lt_calls_size(sliced->base.calls));
        if (!sliced->partial)
            return LT_NOMEM;
    }
    return lt_sliced_merge_open(op);
}

static void sliced_close(struct lt_op *op)
{
    struct lt_sliced *sliced = op->state;
    lt_table_close(sliced->spare);
    lt_sliced_merge_close(op);
    lt_panes_close(&sliced->panes);
    if (sliced->due)
        lt_alloc_put(op->ctx->alloc, sliced->due, sliced->due_cap * sizeof(*sliced->due));
    if (sliced->groups)
        lt_alloc_put(op->ctx->alloc, sliced->groups, sliced->group_cap * sizeof(char *));
    lt_window_close(op);
}

/* ---- panes ------------------------------------------------------------------ */

static lt_status pane_table(struct lt_op *op, struct lt_table **out)
{
    struct lt_sliced *sliced = op->state;
    *out = sliced->spare;
    sliced->spare = NULL;
    return *out ? LT_OK : lt_window_table(op, sliced->cell_size, out);
}

void lt_sliced_recycle(struct lt_op *op, struct lt_table *table, struct lt_state_heap *heap,
                       struct lt_table **spare)
{
    const struct lt_sliced *sliced = op->state;
    uint64_t cursor = 0;
    for (char *payload; sliced->droppable && (payload = lt_table_next(table, &cursor));)
        lt_calls_drop(sliced->base.calls, heap, lt_sliced_block(sliced, payload));
    if (*spare) {
        lt_table_close(table);
        return;
    }
    lt_table_clear(table);
    *spare = table;
}

void lt_sliced_remove(struct lt_op *op, uint32_t i)
{
    struct lt_sliced *sliced = op->state;
    lt_sliced_forget(op, &sliced->panes.items[i]->window);
    lt_sliced_recycle(op, lt_panes_take(&sliced->panes, i), sliced->base.heap, &sliced->spare);
    sliced->last = NULL;
}

/* Finds the pane's first window that has not been shown. */
static void pane_due(struct lt_sliced *sliced, struct lt_pane *pane)
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
    struct lt_sliced *sliced = op->state;
    struct lt_pane *pane = lt_panes_find(&sliced->panes, slice->start, slice->end, min_end);
    if (!pane) {
        struct lt_table *table;
        LT_TRY(pane_table(op, &table));
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

/* The pane that takes rows. One that is in the running total cannot: when small it is taken
 * out again, beside a large one a further pane is begun, for windows still to come. */
static lt_status pane_open(struct lt_op *op, const struct lt_place *place, struct lt_pane **out)
{
    lt_sliced_forget(op, &place->slice);
    for (int64_t min_end = place->min_end;; min_end++) {
        uint64_t cursor = 0;
        LT_TRY(pane_get(op, &place->slice, min_end, place->max_end, out));
        if (!(*out)->merged)
            return LT_OK;
        if (lt_table_len((*out)->table) > UNMERGE_MAX)
            continue;
        while (lt_sliced_unmerge_some(op, *out, &cursor))
            ;
        return LT_OK;
    }
}

/* ---- rows in --------------------------------------------------------------- */

/* Where a row goes: *out is NULL when it is late, or in no window. */
static lt_status place(struct lt_op *op, int64_t time_us, int64_t behind, bool *late,
                       struct lt_pane **out)
{
    const struct lt_sliced *sliced = op->state;
    struct lt_place to;
    enum lt_placed placed = lt_place_row(sliced->base.spec, time_us, behind, sliced->fired, &to);
    *out = NULL;
    *late = placed == LT_PLACED_LATE;
    return placed == LT_PLACED ? pane_open(op, &to, out) : LT_OK;
}

static bool pane_holds(const struct lt_pane *pane, struct lt_range range)
{
    return pane && range.min >= pane->window.start && range.max < pane->window.end;
}

/* The pane that takes all rows of the batch; NULL when it must be looked at row by row. */
static lt_status place_all(struct lt_op *op, const struct lt_batch *in, const int64_t *times,
                           struct lt_pane **out)
{
    struct lt_sliced *sliced = op->state;
    int64_t clock = lt_window_clock(op, in, sliced->fired);
    struct lt_range range = {clock, clock};
    bool late;
    *out = NULL;
    if (times && in->behind)
        return LT_OK;
    if (times)
        range = lt_range_around(times, in->sel, in->n_sel);
    if (!pane_holds(sliced->last, range)) {
        if (times && in->sel)
            range = lt_range_i64(times, in->sel, in->n_sel);
        LT_TRY(place(op, range.min, LT_NOT_BEHIND, &late, &sliced->last));
    }
    if (pane_holds(sliced->last, range))
        *out = sliced->last;
    return LT_OK;
}

static lt_status touched_new(struct lt_op *op, const struct lt_batch *in)
{
    struct lt_sliced *sliced = op->state;
    sliced->n_touched = 0;
    sliced->touched = lt_arena_get(op->ctx->scratch, in->n_sel * sizeof(*sliced->touched));
    return sliced->touched ? LT_OK : LT_NOMEM;
}

static lt_status pane_add(struct lt_op *op, struct lt_pane *pane, uint32_t row, uint32_t n_sel)
{
    struct lt_sliced *sliced = op->state;
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

static lt_status place_each(struct lt_op *op, const struct lt_batch *in, const int64_t *times)
{
    struct lt_sliced *sliced = op->state;
    struct lt_pane *last = NULL;
    for (uint32_t i = 0; i < in->n_sel; i++) {
        uint32_t row = sliced->base.rows[i];
        int64_t behind = lt_batch_behind(in, row);
        struct lt_range time = {times[row], times[row]};
        if (behind != LT_NOT_BEHIND || !pane_holds(last, time)) {
            bool late;
            LT_TRY(place(op, times[row], behind, &late, &last));
            if (late)
                lt_late_add(&sliced->base.late, row);
            if (!last)
                continue;
        }
        LT_TRY(pane_add(op, last, row, in->n_sel));
        if (behind != LT_NOT_BEHIND)
            last = NULL; /* the next row need not share this one's fate */
    }
    return LT_OK;
}

/* The groups of rows: base->payloads, and their blocks; that of the first row without keys. */
static lt_status pane_groups(struct lt_op *op, struct lt_pane *pane, const uint16_t *rows,
                             uint32_t n)
{
    struct lt_sliced *sliced = op->state;
    struct lt_window_base *base = &sliced->base;
    if (base->plan->n_keys == 0)
        n = 1;
    LT_TRY(lt_window_groups(op, pane->table, rows, n));
    for (uint32_t i = 0; i < n; i++) {
        base->blocks[i] = lt_sliced_block(sliced, base->payloads[i]);
        if (!base->is_new[i])
            continue;
        lt_calls_init(base->calls, base->blocks[i]);
        if (!sliced->cell_size)
            continue;
        lt_sliced_cell_of(base->payloads[i])->u.end = pane->window.end;
    }
    return LT_OK;
}

static lt_status pane_update(struct lt_op *op, struct lt_pane *pane, const struct lt_batch *in,
                             const uint16_t *rows, uint32_t n)
{
    struct lt_sliced *sliced = op->state;
    struct lt_window_base *base = &sliced->base;
    bool keyed = base->plan->n_keys > 0;
    LT_TRY(pane_groups(op, pane, rows, n));
    for (uint32_t i = 0; i < n && sliced->changing; i++)
        lt_sliced_cell_of(base->payloads[keyed ? i : 0])->count += lt_batch_weight(in, rows[i]);
    if (!keyed)
        return lt_calls_update_one(base->calls, op->ctx, base->heap, in, rows, n,
                                   base->blocks[0]);
    return lt_calls_update(base->calls, op->ctx, base->heap, in, rows, n, base->blocks);
}

/* Hands each pane its rows. */
static lt_status panes_update(struct lt_op *op, const struct lt_batch *in,
                              lt_status (*update)(struct lt_op *op, struct lt_pane *pane,
                                                  const struct lt_batch *in,
                                                  const uint16_t *rows, uint32_t n),
                              lt_status status)
{
    struct lt_sliced *sliced = op->state;
    for (uint32_t i = 0; i < sliced->n_touched; i++) {
        struct lt_pane *pane = sliced->touched[i];
        if (status == LT_OK)
            status = update(op, pane, in, pane->rows, pane->n_rows);
        pane->rows = NULL;
    }
    sliced->n_touched = 0;
    return status;
}

static lt_status take_rows(struct lt_op *op, const struct lt_batch *in, const int64_t *times)
{
    struct lt_sliced *sliced = op->state;
    struct lt_pane *pane;
    LT_TRY(place_all(op, in, times, &pane));
    if (pane)
        return pane_update(op, pane, in, sliced->base.rows, in->n_sel);
    if (!times)
        return LT_OK; /* the clock stands in the gap of a hop */
    LT_TRY(touched_new(op, in));
    return panes_update(op, in, pane_update, place_each(op, in, times));
}

/* ---- partials in ------------------------------------------------------------- */

/* The pane that a partial names. Windows given since do not matter any more. */
static lt_status partial_pane(struct lt_op *op, int64_t start, int64_t min_end,
                              struct lt_pane **out)
{
    const struct lt_sliced *sliced = op->state;
    const struct lt_window_spec *spec = sliced->base.spec;
    struct lt_place to = {.min_end = LT_PLACE_ALL};
    struct lt_window window;
    bool more = lt_window_last(spec, start, &window);
    LT_ASSERT(more && !lt_window_is_closed(spec, window.end, 0, sliced->fired));
    to.max_end = window.end;
    lt_window_slice(spec, start, &to.slice);
    more = lt_window_first(spec, start, &window);
    while (more && lt_window_is_closed(spec, window.end, 0, sliced->fired))
        more = lt_window_next(spec, start, &window);
    if (more && window.end < min_end)
        to.min_end = min_end;
    return pane_open(op, &to, out);
}

static lt_status partials_merge(struct lt_op *op, struct lt_pane *pane, const struct lt_batch *in,
                                const uint16_t *rows, uint32_t n)
{
    struct lt_sliced *sliced = op->state;
    struct lt_window_base *base = &sliced->base;
    const struct lt_column *partials = in->columns[base->plan->n_keys];
    bool keyed = base->plan->n_keys > 0;
    LT_TRY(pane_groups(op, pane, rows, n));
    for (uint32_t i = 0; i < n; i++) {
        struct lt_cell cell = lt_column_cell(partials, rows[i]);
        struct lt_str bytes = lt_sv_str((const struct lt_sv *)cell.col->values + cell.lane);
        LT_ASSERT(bytes.len == lt_calls_size(base->calls));
        memcpy(sliced->partial, bytes.data, bytes.len);
        LT_TRY(lt_calls_merge(base->calls, op->ctx, base->heap, base->blocks[keyed ? i : 0],
                              base->heap, sliced->partial));
    }
    return LT_OK;
}

static lt_status partials_place(struct lt_op *op, const struct lt_batch *in,
                                const int64_t *starts, const int64_t *min_ends)
{
    const struct lt_sliced *sliced = op->state;
    struct lt_pane *pane = NULL;
    for (uint32_t i = 0, last = 0; i < in->n_sel; i++) {
        uint32_t row = sliced->base.rows[i];
        if (!pane || starts[row] != starts[last] || min_ends[row] != min_ends[last])
            LT_TRY(partial_pane(op, starts[row], min_ends[row], &pane));
        last = row;
        LT_TRY(pane_add(op, pane, row, in->n_sel));
    }
    return LT_OK;
}

static lt_flow push_partials(struct lt_op *op, const struct lt_batch *in)
{
    struct lt_sliced *sliced = op->state;
    uint32_t n_keys = sliced->base.plan->n_keys;
    struct lt_column *starts = NULL, *min_ends = NULL;
    lt_window_begin(op, in);
    lt_status status = touched_new(op, in);
    if (status == LT_OK)
        status = lt_column_flatten(op->ctx->pool, in->columns[n_keys + 1], &starts);
    if (status == LT_OK)
        status = lt_column_flatten(op->ctx->pool, in->columns[n_keys + 2], &min_ends);
    if (status == LT_OK)
        status = panes_update(op, in, partials_merge,
                              partials_place(op, in, starts->values, min_ends->values));
    lt_column_unref(starts);
    lt_column_unref(min_ends);
    return lt_op_flow(op, status);
}

void lt_sliced_set_timer(struct lt_op *op)
{
    const struct lt_sliced *sliced = op->state;
    int64_t tick = sliced->base.spec->tick_us;
    if (sliced->base.spec->proctime)
        lt_op_set_timer(op, sliced->next == LT_WATERMARK_MAX ? sliced->next : sliced->next + tick);
}

static lt_flow sliced_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    const struct lt_sliced *sliced = op->state;
    lt_flow flow = sliced->partial ? push_partials(op, in) : lt_window_push(op, in, take_rows);
    lt_sliced_set_timer(op);
    op->memory_bytes = lt_sliced_bytes(sliced);
    return flow;
}

/* ---- save, load ------------------------------------------------------------------ */

static lt_status sliced_save(struct lt_op *op, struct lt_state_image *image)
{
    struct lt_sliced *sliced = op->state;
    LT_TRY(lt_state_save(sliced->base.state, 0, image));
    LT_TRY(lt_image_put(image, "fired", &sliced->fired, sizeof(sliced->fired)));
    return lt_panes_save(&sliced->panes, image);
}

static lt_status move_cell(void *ctx, const struct lt_state_heap *from_heap, const char *from,
                           struct lt_state_heap *to_heap, char *to, bool merge)
{
    struct lt_op *op = ctx;
    struct lt_sliced *sliced = op->state;
    struct lt_window_base *base = &sliced->base;
    const struct lt_sliced_cell *cell = (const struct lt_sliced_cell *)from;
    char *block = lt_sliced_block(sliced, to);
    if (merge && sliced->changing)
        lt_sliced_cell_of(to)->count += cell->count;
    if (merge && sliced->cell_size && cell->u.end > lt_sliced_cell_of(to)->u.end)
        lt_sliced_cell_of(to)->u.end = cell->u.end;
    if (!merge) {
        memset(block, 0, lt_calls_size(base->calls));
        lt_calls_init(base->calls, block);
    }
    return lt_calls_merge(base->calls, op->ctx, to_heap, block, from_heap,
                          from + sliced->cell_size);
}

static lt_status sliced_load(struct lt_op *op, const struct lt_state_image *const *images,
                             uint32_t n)
{
    struct lt_sliced *sliced = op->state;
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
    lt_sliced_set_timer(op);
    op->memory_bytes = lt_sliced_bytes(sliced);
    return LT_OK;
}

const struct lt_op_type lt_window_sliced = {
    .name = "WindowAggregate",
    .state_size = sizeof(struct lt_sliced),
    .scope = LT_SCOPE_KEYED,
    .open = sliced_open,
    .push = sliced_push,
    .watermark = lt_sliced_watermark,
    .timer = lt_sliced_timer,
    .end = lt_sliced_end,
    .resume = lt_sliced_resume,
    .save = sliced_save,
    .load = sliced_load,
    .close = sliced_close,
};
_Static_assert(sizeof(struct lt_sliced) <= LT_WINDOW_STATE_MAX, "fits the operator's state");
