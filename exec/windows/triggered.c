/* triggered.c -- TUMBLE, HOP and CUMULATE with EMIT EARLY or LATE.
 *
 * Every window has a table of its own and a row goes into each of its windows: results
 * that are shown more than once, taken back, or start afresh belong to one window and
 * cannot be shared through slices.
 *
 * Everything but EVERY is said at the end of an epoch, so that what is said does not
 * depend on batches: first the windows that the watermark has passed, then those that
 * have changed. A window stays until WITHIN has passed as well, and the watermark goes
 * on that much behind. */
#include "exec/windows/panes.h"
#include "exec/windows/trigger.h"

enum { SAY_EVERY = 256 };

struct cell { /* at the head of a group's entry; the block follows */
    int64_t count;
    struct lt_shown shown;
    uint64_t updated; /* CUMULATE: a row of the window's last step */
    uint64_t unused;
};
_Static_assert(sizeof(struct cell) % 16 == 0, "blocks are 16-aligned");

struct changed {
    struct lt_pane *pane;
    char *payload;
};

struct triggered_state {
    struct lt_window_base base;
    struct lt_panes panes;
    struct lt_fire fire;
    struct lt_trigger trigger;
    int64_t within;
    int64_t watermark; /* windows final at this one have been given */
    struct lt_pane *touched; /* a list through pane->next */
    struct lt_window slice;  /* rows there, on time, go to run[0..n_run) like the row before */
    struct lt_pane **run;
    uint32_t n_run, run_cap;
    struct changed *dirty; /* groups with rows since they last spoke */
    size_t n_dirty, dirty_cap;
    bool firing, forward;
    struct changed *due; /* groups that speak now */
    size_t n_due, due_cap, due_at;
};

static struct cell *cell_of(char *payload)
{
    return (struct cell *)payload;
}

static char *block_of(char *payload)
{
    return payload + sizeof(struct cell);
}

static lt_status triggered_open(struct lt_op *op)
{
    struct triggered_state *t = op->state;
    const struct lt_emit *emit = &op->node->u.aggregate.emit;
    lt_buf_init(&t->fire.bytes, op->ctx->alloc);
    t->panes.alloc = op->ctx->alloc;
    t->within = emit->late_within_us;
    t->fire.mode = emit->mode;
    t->watermark = LT_WATERMARK_MIN;
    lt_trigger_open(&t->trigger, emit);
    return lt_window_open(op);
}

static void triggered_close(struct lt_op *op)
{
    struct triggered_state *t = op->state;
    lt_panes_close(&t->panes);
    lt_buf_close(&t->fire.bytes);
    if (t->run)
        lt_alloc_put(op->ctx->alloc, t->run, t->run_cap * sizeof(*t->run));
    if (t->dirty)
        lt_alloc_put(op->ctx->alloc, t->dirty, t->dirty_cap * sizeof(*t->dirty));
    if (t->due)
        lt_alloc_put(op->ctx->alloc, t->due, t->due_cap * sizeof(*t->due));
    lt_window_close(op);
}

static lt_status list_add(struct lt_op *op, struct changed **items, size_t *len, size_t *cap,
                          struct lt_pane *pane, char *payload)
{
    if (*len == *cap) {
        size_t more = *cap ? *cap * 2 : 64;
        void *grown = lt_alloc_resize(op->ctx->alloc, *items, *cap * sizeof(**items),
                                      more * sizeof(**items));
        if (!grown)
            return LT_NOMEM;
        *items = grown;
        *cap = more;
    }
    (*items)[(*len)++] = (struct changed){pane, payload};
    return LT_OK;
}

static lt_status dirty_add(struct lt_op *op, struct lt_pane *pane, char *payload)
{
    struct triggered_state *t = op->state;
    if (cell_of(payload)->shown.dirty)
        return LT_OK;
    LT_TRY(list_add(op, &t->dirty, &t->n_dirty, &t->dirty_cap, pane, payload));
    cell_of(payload)->shown.dirty = 1;
    return LT_OK;
}

static int64_t final_at(const struct triggered_state *t, const struct lt_pane *pane)
{
    return lt_window_final_at(t->base.spec, pane->window.end);
}

static int64_t closes_at(const struct triggered_state *t, int64_t end)
{
    return lt_window_closed_at(t->base.spec, end, t->within);
}

/* ---- rows in ---------------------------------------------------------------------- */

static lt_status pane_get(struct lt_op *op, const struct lt_window *window, struct lt_pane **out)
{
    struct triggered_state *t = op->state;
    struct lt_pane *pane = lt_panes_find(&t->panes, window->start, window->end, LT_PLACE_ALL);
    if (!pane) {
        struct lt_table *table;
        LT_TRY(lt_window_table(op, sizeof(struct cell), &table));
        pane = lt_panes_insert(&t->panes, window, LT_PLACE_ALL);
        if (!pane) {
            lt_table_close(table);
            return LT_NOMEM;
        }
        pane->table = table;
        pane->max_end = window->end;
        pane->final = final_at(t, pane) <= t->watermark;
    }
    *out = pane;
    return LT_OK;
}

static lt_status run_add(struct lt_op *op, struct lt_pane *pane, uint32_t n_sel)
{
    struct triggered_state *t = op->state;
    if (!pane->rows) {
        pane->rows = lt_arena_get(op->ctx->scratch, 2 * n_sel * sizeof(uint16_t));
        if (!pane->rows)
            return LT_NOMEM;
        pane->n_rows = 0;
        pane->next = t->touched;
        t->touched = pane;
    }
    if (t->n_run == t->run_cap) {
        uint32_t cap = t->run_cap ? t->run_cap * 2 : 8;
        void *grown = lt_alloc_resize(op->ctx->alloc, t->run, t->run_cap * sizeof(*t->run),
                                      cap * sizeof(*t->run));
        if (!grown)
            return LT_NOMEM;
        t->run = grown;
        t->run_cap = cap;
    }
    t->run[t->n_run++] = pane;
    return LT_OK;
}

/* The panes that a row goes to, into t->run. */
static lt_status run_find(struct lt_op *op, int64_t time_us, int64_t behind, uint32_t row,
                          uint32_t n_sel)
{
    struct triggered_state *t = op->state;
    const struct lt_window_spec *spec = t->base.spec;
    struct lt_window window;
    int64_t passed = lt_window_passed(spec, behind, t->watermark);
    bool any = lt_window_first(spec, time_us, &window);
    t->n_run = 0;
    for (bool more = any; more; more = lt_window_next(spec, time_us, &window)) {
        struct lt_pane *pane;
        if (lt_window_is_closed(spec, window.end, t->within, passed))
            continue;
        LT_TRY(pane_get(op, &window, &pane));
        LT_TRY(run_add(op, pane, n_sel));
    }
    t->slice = (struct lt_window){.start = 1, .end = 0};
    if (t->n_run > 0 && behind == LT_NOT_BEHIND)
        lt_window_slice(spec, time_us, &t->slice);
    else if (any && t->n_run == 0)
        lt_late_add(&t->base.late, row);
    return LT_OK;
}

static lt_status place_row(struct lt_op *op, int64_t time_us, int64_t behind, uint32_t row,
                           uint32_t n_sel)
{
    struct triggered_state *t = op->state;
    if (behind != LT_NOT_BEHIND || time_us < t->slice.start || time_us >= t->slice.end)
        LT_TRY(run_find(op, time_us, behind, row, n_sel));
    for (uint32_t i = 0; i < t->n_run; i++) {
        struct lt_pane *pane = t->run[i];
        pane->rows[n_sel + pane->n_rows] = i == 0; /* the first window that it counts for */
        pane->rows[pane->n_rows++] = (uint16_t)row;
    }
    return LT_OK;
}

static lt_status pane_update(struct lt_op *op, struct lt_pane *pane, const struct lt_batch *in)
{
    struct lt_window_base *base = op->state;
    LT_TRY(lt_window_groups(op, pane->table, pane->rows, pane->n_rows));
    for (uint32_t i = 0; i < pane->n_rows; i++) {
        char *payload = base->payloads[i];
        if (base->is_new[i])
            lt_calls_init(base->calls, block_of(payload));
        LT_TRY(dirty_add(op, pane, payload));
        cell_of(payload)->count += lt_batch_weight(in, pane->rows[i]);
        cell_of(payload)->shown.since++;
        cell_of(payload)->updated |= pane->rows[in->n_sel + i];
        base->blocks[i] = block_of(payload);
    }
    return lt_calls_update(base->calls, op->ctx, base->heap, in, pane->rows, pane->n_rows,
                           base->blocks);
}

static lt_status take_rows(struct lt_op *op, const struct lt_batch *in, const int64_t *times)
{
    struct triggered_state *t = op->state;
    int64_t clock = lt_window_clock(op, in, t->watermark);
    lt_status status = LT_OK;
    t->touched = NULL;
    t->slice = (struct lt_window){.start = 1, .end = 0};
    for (uint32_t i = 0; i < in->n_sel && status == LT_OK; i++) {
        uint32_t row = t->base.rows[i];
        int64_t behind = times ? lt_batch_behind(in, row) : LT_NOT_BEHIND;
        status = place_row(op, times ? times[row] : clock, behind, row, in->n_sel);
    }
    for (; t->touched; t->touched = t->touched->next) {
        if (status == LT_OK)
            status = pane_update(op, t->touched, in);
        t->touched->rows = NULL;
    }
    return status;
}

/* Windows over the clock end by timer; so do EVERY intervals. */
static void set_timer(struct lt_op *op)
{
    struct triggered_state *t = op->state;
    int64_t next = lt_trigger_next(&t->trigger, t->n_dirty > 0, op->ctx->now_us);
    for (uint32_t i = 0; t->base.spec->proctime && i < t->panes.n; i++) {
        const struct lt_pane *pane = t->panes.items[i];
        int64_t time = pane->final ? closes_at(t, pane->window.end) + t->base.spec->tick_us
                                   : pane->window.end;
        next = time < next ? time : next;
    }
    lt_op_set_timer(op, next);
}

static lt_flow triggered_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    lt_flow flow = lt_window_push(op, in, take_rows);
    set_timer(op);
    return flow;
}

/* ---- who speaks ------------------------------------------------------------------- */

static bool may_speak(const struct triggered_state *t, char *payload)
{
    return !t->base.spec->emit_only_on_update || t->base.spec->kind != LT_WINDOW_CUMULATE ||
           cell_of(payload)->updated;
}

/* Groups of windows that the watermark has newly passed. */
static lt_status passed(struct lt_op *op)
{
    struct triggered_state *t = op->state;
    for (uint32_t i = 0; i < t->panes.n; i++) {
        struct lt_pane *pane = t->panes.items[i];
        if (pane->final || final_at(t, pane) > t->watermark)
            continue;
        uint64_t cursor = 0;
        for (char *payload; (payload = lt_table_next(pane->table, &cursor));)
            if (may_speak(t, payload))
                LT_TRY(list_add(op, &t->due, &t->n_due, &t->due_cap, pane, payload));
        pane->final = true;
    }
    return LT_OK;
}

static bool has_reason(const struct triggered_state *t, const struct changed *c, unsigned reasons)
{
    if (!may_speak(t, c->payload))
        return false;
    if (c->pane->final && closes_at(t, c->pane->window.end) <= t->watermark)
        return true; /* its last chance */
    return lt_trigger_speaks(&t->trigger, &cell_of(c->payload)->shown, c->pane->final, reasons);
}

/* Changed groups that have a reason; those that are due already need none. */
static lt_status changed(struct lt_op *op, unsigned reasons, size_t n_passed)
{
    struct triggered_state *t = op->state;
    size_t kept = 0;
    for (size_t i = 0; i < n_passed; i++)
        cell_of(t->due[i].payload)->shown.dirty = 0;
    for (size_t i = 0; i < t->n_dirty; i++) {
        struct changed c = t->dirty[i];
        if (!cell_of(c.payload)->shown.dirty)
            continue;
        if (has_reason(t, &c, reasons))
            LT_TRY(list_add(op, &t->due, &t->n_due, &t->due_cap, c.pane, c.payload));
        else
            t->dirty[kept++] = c;
    }
    t->n_dirty = kept;
    return LT_OK;
}

static int due_compare(const struct changed *a, const struct changed *b)
{
    const struct lt_window *x = &a->pane->window, *y = &b->pane->window;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return lt_table_compare(a->pane->table, a->payload, b->pane->table, b->payload);
}

static void due_sift(struct changed *due, size_t root, size_t n)
{
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && due_compare(&due[child], &due[child + 1]) < 0)
            child++;
        if (due_compare(&due[root], &due[child]) >= 0)
            return;
        struct changed swap = due[root];
        due[root] = due[child];
        due[child] = swap;
    }
}

static void due_sort(const struct triggered_state *t)
{
    struct changed *due = t->due;
    for (size_t i = t->n_due / 2; i-- > 0;)
        due_sift(due, i, t->n_due);
    for (size_t i = t->n_due; i-- > 1;) {
        struct changed swap = due[0];
        due[0] = due[i];
        due[i] = swap;
        due_sift(due, 0, i);
    }
}

/* ---- speaking --------------------------------------------------------------------- */

static void evict(struct lt_op *op)
{
    struct triggered_state *t = op->state;
    size_t kept = 0;
    for (size_t i = 0; i < t->n_dirty; i++)
        if (closes_at(t, t->dirty[i].pane->window.end) > t->watermark)
            t->dirty[kept++] = t->dirty[i];
    t->n_dirty = kept;
    for (uint32_t i = 0; i < t->panes.n;) {
        struct lt_pane *pane = t->panes.items[i];
        if (closes_at(t, pane->window.end) > t->watermark) {
            i++;
            continue;
        }
        uint64_t cursor = 0;
        for (char *payload; (payload = lt_table_next(pane->table, &cursor));) {
            lt_calls_drop(t->base.calls, t->base.heap, block_of(payload));
            lt_shown_drop(t->base.heap, &cell_of(payload)->shown);
        }
        lt_panes_remove(&t->panes, i);
    }
}

static lt_status say(struct lt_op *op, bool *more)
{
    struct triggered_state *t = op->state;
    *more = t->due_at < t->n_due;
    if (!*more)
        return LT_OK;
    const struct changed *due = &t->due[t->due_at];
    struct cell *cell = cell_of(due->payload);
    char *block = block_of(due->payload);
    lt_table_touch(due->pane->table, due->payload);
    LT_TRY(lt_shown_fire(op, &t->fire, &cell->shown, due->pane->table, due->payload, block,
                         &due->pane->window, cell->count == 0));
    if (t->fire.mode == LT_EMIT_DISCARDING) {
        lt_calls_drop(t->base.calls, t->base.heap, block);
        lt_calls_init(t->base.calls, block);
    }
    t->due_at++;
    return LT_OK;
}

static lt_flow fire_step(struct lt_op *op)
{
    struct triggered_state *t = op->state;
    lt_flow flow = lt_window_say(op, say, SAY_EVERY);
    if (flow != LT_FLOW_OK)
        return flow;
    t->firing = false;
    evict(op);
    set_timer(op);
    op->memory_bytes = lt_state_bytes(t->base.state);
    return lt_window_forward(op, t->forward ? t->watermark : LT_WATERMARK_MIN, t->within);
}

static lt_flow fire_start(struct lt_op *op, int64_t watermark_us, unsigned reasons, bool forward)
{
    struct triggered_state *t = op->state;
    t->n_due = t->due_at = 0;
    t->forward = forward;
    if (watermark_us > t->watermark)
        t->watermark = watermark_us;
    lt_status status = reasons & LT_REASON_WATERMARK ? passed(op) : LT_OK;
    if (status == LT_OK)
        status = changed(op, reasons, t->n_due);
    if (status != LT_OK)
        return lt_op_fail(op, status);
    if (t->base.ordered)
        due_sort(t);
    t->firing = true;
    return fire_step(op);
}

static lt_flow triggered_watermark(struct lt_op *op, unsigned port, int64_t watermark_us)
{
    LT_UNUSED(port), LT_UNUSED(watermark_us);
    const struct triggered_state *t = op->state;
    int64_t low = lt_op_watermark(op);
    if (!t->base.spec->proctime || low == LT_WATERMARK_MAX)
        return LT_FLOW_OK; /* at the barrier */
    return lt_op_forward_watermark(op, low);
}

static lt_flow triggered_barrier(struct lt_op *op, uint64_t epoch)
{
    LT_UNUSED(epoch);
    const struct triggered_state *t = op->state;
    bool clock = t->base.spec->proctime;
    return fire_start(op, clock ? LT_WATERMARK_MIN : lt_op_watermark(op),
                      lt_trigger_epoch(&t->trigger), !clock);
}

static lt_flow triggered_timer(struct lt_op *op, enum lt_clock_kind clock, int64_t time_us)
{
    LT_UNUSED(clock);
    struct triggered_state *t = op->state;
    unsigned reasons = lt_trigger_timer(&t->trigger, time_us);
    if (!t->base.spec->proctime)
        return fire_start(op, LT_WATERMARK_MIN, reasons, false);
    return fire_start(op, time_us - t->base.spec->tick_us, reasons | LT_REASON_WATERMARK, false);
}

static lt_flow triggered_end(struct lt_op *op, unsigned port)
{
    LT_UNUSED(port);
    return fire_start(op, LT_WATERMARK_MAX, LT_REASON_WATERMARK, false);
}

static lt_flow triggered_resume(struct lt_op *op)
{
    const struct triggered_state *t = op->state;
    return t->firing ? fire_step(op) : LT_FLOW_OK;
}

/* ---- save, load --------------------------------------------------------------------- */

static lt_status triggered_save(struct lt_op *op, struct lt_state_image *image)
{
    struct triggered_state *t = op->state;
    LT_TRY(lt_state_save(t->base.state, 0, image));
    LT_TRY(lt_image_put(image, "watermark", &t->watermark, sizeof(t->watermark)));
    return lt_panes_save(&t->panes, image);
}

static lt_status move_cell(void *ctx, const struct lt_state_heap *from_heap, const char *from,
                           struct lt_state_heap *to_heap, char *to, bool merge)
{
    struct lt_op *op = ctx;
    struct lt_window_base *base = op->state;
    if (merge)
        return LT_CORRUPT; /* a key belongs to one partition */
    memset(block_of(to), 0, lt_calls_size(base->calls));
    lt_calls_init(base->calls, block_of(to));
    LT_TRY(lt_shown_move(to_heap, &cell_of(to)->shown, from_heap));
    return lt_calls_merge(base->calls, op->ctx, to_heap, block_of(to), from_heap,
                          from + sizeof(struct cell));
}

/* The list of changed groups, from their marks. */
static lt_status dirty_rebuild(struct lt_op *op)
{
    struct triggered_state *t = op->state;
    t->n_dirty = 0;
    for (uint32_t i = 0; i < t->panes.n; i++) {
        struct lt_pane *pane = t->panes.items[i];
        uint64_t cursor = 0;
        pane->final = final_at(t, pane) <= t->watermark;
        for (char *payload; (payload = lt_table_next(pane->table, &cursor));) {
            if (!cell_of(payload)->shown.dirty)
                continue;
            cell_of(payload)->shown.dirty = 0;
            LT_TRY(dirty_add(op, pane, payload));
        }
    }
    return LT_OK;
}

static lt_status triggered_load(struct lt_op *op, const struct lt_state_image *const *images,
                                uint32_t n)
{
    struct triggered_state *t = op->state;
    struct lt_table_mover mover = {.move = move_cell, .ctx = op};
    t->watermark = LT_WATERMARK_MAX;
    for (uint32_t i = 0; i < n; i++) {
        const struct lt_pane_record *records;
        uint32_t n_records;
        int64_t own;
        LT_TRY(lt_image_get(images[i], "watermark", &own, sizeof(own)));
        LT_TRY(lt_panes_saved(images[i], &records, &n_records));
        t->watermark = own < t->watermark ? own : t->watermark;
        for (uint32_t p = 0; p < n_records; p++) {
            struct lt_pane *pane;
            LT_TRY(pane_get(op, &records[p].window, &pane));
            LT_TRY(lt_table_load(pane->table, p, images[i], false, &mover));
        }
    }
    LT_TRY(dirty_rebuild(op));
    set_timer(op);
    return LT_OK;
}

const struct lt_op_type lt_window_triggered = {
    .name = "WindowAggregate",
    .state_size = sizeof(struct triggered_state),
    .scope = LT_SCOPE_KEYED,
    .open = triggered_open,
    .push = triggered_push,
    .watermark = triggered_watermark,
    .timer = triggered_timer,
    .barrier = triggered_barrier,
    .end = triggered_end,
    .resume = triggered_resume,
    .save = triggered_save,
    .load = triggered_load,
    .close = triggered_close,
};
_Static_assert(sizeof(struct triggered_state) <= LT_WINDOW_STATE_MAX,
               "fits the operator's state");
