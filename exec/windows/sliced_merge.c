/* sliced_merge.c -- how the slices of a window are combined.
 *
 *   one slice     shown as it is: TUMBLE, and CUMULATE's first
 *   CUMULATE      the first slice takes the others over for good
 *   HOP           a running total where the calls have an inverse: slices that are new to
 *                 it are added, those that have had their last window are taken out
 *   else          they are added up anew; when a window has many, by way of sums of
 *                 neighbours that several windows share
 *
 *   total      [----A----B----C----)           window A B C is shown; then A goes,
 *                   [----B----C----D----)      and D comes before the next is shown
 *
 *   sums       |...+++...+++...+++...|         a window of k slices adds up about sqrt(k)
 *                |__|___|___|___|__|           sums and the slices at its ends
 *
 * A group stays in the total, empty, when its last slice goes: it may come back, and many
 * are swept out together for less than one by one. A sum is made when a window first holds
 * all of it, and is void when one of its slices takes rows again (late ones) or goes.
 *
 * Totals and sums lie in a state of their own, which is not saved. */
#include "exec/windows/sliced.h"

enum { MERGE_ROWS = 512, SLICES_FEW = 2, SLICES_MANY = 8 };

/* The number of slices in a window. */
static int64_t slices_of(const struct lt_window_spec *spec)
{
    struct lt_window window, slice;
    if (!lt_window_first(spec, 0, &window))
        return 1;
    lt_window_slice(spec, 0, &slice);
    return (window.end - window.start) / (slice.end - slice.start);
}

static lt_status work_table(struct lt_op *op, struct lt_table **out)
{
    struct lt_sliced *sliced = op->state;
    struct lt_table_spec spec = lt_window_table_spec(op, sliced->cell_size);
    *out = sliced->work_spare;
    sliced->work_spare = NULL;
    return *out ? LT_OK : lt_table_open(sliced->work, &spec, out);
}

static void work_recycle(struct lt_op *op, struct lt_table *table)
{
    struct lt_sliced *sliced = op->state;
    lt_sliced_recycle(op, table, lt_state_get_heap(sliced->work), &sliced->work_spare);
}

lt_status lt_sliced_merge_open(struct lt_op *op)
{
    struct lt_sliced *sliced = op->state;
    const struct lt_window_spec *spec = sliced->base.spec;
    int64_t slices = spec->kind == LT_WINDOW_HOP ? slices_of(spec) : 1;
    bool total = slices > SLICES_FEW && lt_calls_invertible(sliced->base.calls);
    if (total || sliced->changing || sliced->updated)
        sliced->cell_size = (uint32_t)lt_calls_align(sliced->base.calls);
    if (sliced->changing)
        sliced->cell_size = sizeof(struct lt_sliced_cell);
    LT_TRY(lt_state_open(op->ctx->alloc, 0, 1, &sliced->work));
    if (total)
        return work_table(op, &sliced->total);
    while (slices > SLICES_MANY && sliced->sum_len * sliced->sum_len < slices &&
           !lt_window_is_zoned(spec))
        sliced->sum_len++;
    return LT_OK;
}

void lt_sliced_merge_close(struct lt_op *op)
{
    struct lt_sliced *sliced = op->state;
    for (uint32_t i = 0; i < sliced->n_sums; i++)
        lt_table_close(sliced->sums[i].table);
    if (sliced->sums)
        lt_alloc_put(op->ctx->alloc, sliced->sums, sliced->sum_cap * sizeof(*sliced->sums));
    if (sliced->jobs)
        lt_alloc_put(op->ctx->alloc, sliced->jobs, sliced->job_cap * sizeof(*sliced->jobs));
    lt_table_close(sliced->combined);
    lt_table_close(sliced->total);
    lt_table_close(sliced->work_spare);
    lt_state_close(sliced->work);
}

/* ---- sums of neighbours --------------------------------------------------------- */

static int64_t sum_no(const struct lt_sliced *sliced, const struct lt_window *slice)
{
    return lt_floor_div(slice->index, sliced->sum_len);
}

static struct lt_sliced_sum *sum_find(const struct lt_sliced *sliced, int64_t no)
{
    for (uint32_t i = 0; i < sliced->n_sums; i++)
        if (sliced->sums[i].no == no)
            return &sliced->sums[i];
    return NULL;
}

static lt_status sum_add(struct lt_op *op, int64_t no, struct lt_table **out)
{
    struct lt_sliced *sliced = op->state;
    if (sliced->n_sums == sliced->sum_cap) {
        uint32_t cap = sliced->sum_cap ? sliced->sum_cap * 2 : 8;
        void *grown = lt_alloc_resize(op->ctx->alloc, sliced->sums,
                                      sliced->sum_cap * sizeof(*sliced->sums),
                                      cap * sizeof(*sliced->sums));
        if (!grown)
            return LT_NOMEM;
        sliced->sums = grown;
        sliced->sum_cap = cap;
    }
    LT_TRY(work_table(op, out));
    sliced->sums[sliced->n_sums++] = (struct lt_sliced_sum){no, *out};
    return LT_OK;
}

void lt_sliced_forget(struct lt_op *op, const struct lt_window *slice)
{
    struct lt_sliced *sliced = op->state;
    struct lt_sliced_sum *sum =
        sliced->n_sums > 0 ? sum_find(sliced, sum_no(sliced, slice)) : NULL;
    if (!sum)
        return;
    work_recycle(op, sum->table);
    *sum = sliced->sums[--sliced->n_sums];
}

/* ---- which tables go where -------------------------------------------------------- */

static lt_status job_add(struct lt_op *op, struct lt_sliced_job job)
{
    struct lt_sliced *sliced = op->state;
    if (sliced->n_jobs == sliced->job_cap) {
        uint32_t cap = sliced->job_cap ? sliced->job_cap * 2 : 16;
        void *grown = lt_alloc_resize(op->ctx->alloc, sliced->jobs,
                                      sliced->job_cap * sizeof(*sliced->jobs),
                                      cap * sizeof(*sliced->jobs));
        if (!grown)
            return LT_NOMEM;
        sliced->jobs = grown;
        sliced->job_cap = cap;
    }
    sliced->jobs[sliced->n_jobs++] = job;
    return LT_OK;
}

static lt_status job_pane(struct lt_op *op, struct lt_pane *pane, struct lt_table *into,
                          bool ends)
{
    const struct lt_sliced *sliced = op->state;
    struct lt_state_heap *work = lt_state_get_heap(sliced->work);
    bool cumulate = sliced->base.spec->kind == LT_WINDOW_CUMULATE;
    return job_add(op, (struct lt_sliced_job){
                           .from = pane->table,
                           .into = into,
                           .from_heap = sliced->base.heap,
                           .into_heap = cumulate ? sliced->base.heap : work,
                           .pane = ends ? pane : NULL,
                       });
}

static bool pane_in(const struct lt_pane *pane, const struct lt_window *window)
{
    return pane->window.start >= window->start && pane->window.start < window->end &&
           pane->min_end <= window->end;
}

/* Panes [from, to) are all those of one sum, and the window holds it: by way of the sum,
 * which is made first when it is not there. */
static lt_status plan_sum(struct lt_op *op, uint32_t from, uint32_t to)
{
    struct lt_sliced *sliced = op->state;
    struct lt_state_heap *work = lt_state_get_heap(sliced->work);
    int64_t no = sum_no(sliced, &sliced->panes.items[from]->window);
    struct lt_sliced_sum *sum = sum_find(sliced, no);
    struct lt_table *table = sum ? sum->table : NULL;
    if (!table) {
        LT_TRY(sum_add(op, no, &table));
        for (uint32_t i = from; i < to; i++)
            LT_TRY(job_pane(op, sliced->panes.items[i], table, false));
    }
    return job_add(op, (struct lt_sliced_job){
                           .from = table,
                           .into = sliced->target,
                           .from_heap = work,
                           .into_heap = work,
                       });
}

/* The end of the panes from `from` on that belong to one sum, if they are all of its panes,
 * the window holds all its slices, and may see all the panes; else `from`. */
static uint32_t sum_end(const struct lt_sliced *sliced, uint32_t from,
                        const struct lt_window *window, int64_t first, int64_t last)
{
    const struct lt_panes *panes = &sliced->panes;
    int64_t len = sliced->sum_len, no = sum_no(sliced, &panes->items[from]->window);
    uint32_t to = from;
    if (no * len < first || no * len + len - 1 > last ||
        (from > 0 && sum_no(sliced, &panes->items[from - 1]->window) == no))
        return from;
    while (to < panes->n && sum_no(sliced, &panes->items[to]->window) == no)
        if (!pane_in(panes->items[to++], window))
            return from;
    return to - from > 1 ? to : from;
}

static lt_status plan_anew(struct lt_op *op, const struct lt_window *window, uint32_t from)
{
    struct lt_sliced *sliced = op->state;
    struct lt_panes *panes = &sliced->panes;
    struct lt_window first = {0}, last = {0};
    LT_TRY(work_table(op, &sliced->combined));
    sliced->target = sliced->combined;
    if (sliced->sum_len) {
        lt_window_slice(sliced->base.spec, window->start, &first);
        lt_window_slice(sliced->base.spec, window->end - 1, &last);
    }
    while (from < panes->n && panes->items[from]->window.start < window->end) {
        uint32_t to = sliced->sum_len ? sum_end(sliced, from, window, first.index, last.index)
                                      : from;
        if (to > from) {
            LT_TRY(plan_sum(op, from, to));
            from = to;
            continue;
        }
        if (pane_in(panes->items[from], window))
            LT_TRY(job_pane(op, panes->items[from], sliced->target, false));
        from++;
    }
    return LT_OK;
}

lt_status lt_sliced_plan(struct lt_op *op, const struct lt_window *window)
{
    struct lt_sliced *sliced = op->state;
    struct lt_panes *panes = &sliced->panes;
    uint32_t n = 0, first = panes->n;
    sliced->n_jobs = sliced->job_at = 0;
    sliced->cursor = 0;
    sliced->target = NULL;
    sliced->target_heap = sliced->base.heap;
    for (uint32_t i = lt_panes_seek(panes, window->start, INT64_MIN, INT64_MIN);
         i < panes->n && panes->items[i]->window.start < window->end; i++) {
        if (!pane_in(panes->items[i], window))
            continue;
        if (n++ == 0)
            first = i;
    }
    if (n == 0)
        return LT_OK;
    bool cumulate = sliced->base.spec->kind == LT_WINDOW_CUMULATE;
    if (n == 1 || cumulate)
        sliced->target = panes->items[first++]->table;
    if (n == 1)
        return LT_OK;
    if (!cumulate)
        sliced->target_heap = lt_state_get_heap(sliced->work);
    if (!cumulate && !sliced->total)
        return plan_anew(op, window, first);
    sliced->target = cumulate ? sliced->target : sliced->total;
    for (uint32_t i = first; i < panes->n && panes->items[i]->window.start < window->end; i++)
        if (pane_in(panes->items[i], window) && !panes->items[i]->merged)
            LT_TRY(job_pane(op, panes->items[i], sliced->target, true));
    return LT_OK;
}

/* ---- merging ------------------------------------------------------------------------ */

static void cells_merge(struct lt_sliced *sliced, const struct lt_table *table, char *into,
                        char *from, bool is_new)
{
    struct lt_sliced_cell *cell = lt_sliced_cell_of(into), *add = lt_sliced_cell_of(from);
    if (sliced->changing)
        cell->count += add->count;
    if (table == sliced->total) {
        sliced->n_gone -= cell->u.slices++ == 0 && !is_new;
        add->u.total = lt_table_ref(sliced->total, into);
    } else if (add->u.end > cell->u.end || is_new) {
        cell->u.end = add->u.end;
    }
}

/* Adds groups, base->payloads[0..n). */
static lt_status groups_merge(struct lt_op *op, const struct lt_sliced_job *job, uint32_t n)
{
    struct lt_sliced *sliced = op->state;
    struct lt_window_base *base = &sliced->base;
    char **into = base->blocks;
    LT_TRY(lt_table_upsert_all(job->into, job->from, base->payloads, n, into, base->is_new));
    for (uint32_t i = 0; i < n && sliced->cell_size; i++)
        cells_merge(sliced, job->into, into[i], base->payloads[i], base->is_new[i]);
    for (uint32_t i = 0; i < n; i++) {
        into[i] = lt_sliced_block(sliced, into[i]);
        base->payloads[i] = lt_sliced_block(sliced, base->payloads[i]);
        if (base->is_new[i])
            lt_calls_init(base->calls, into[i]);
    }
    return lt_calls_merge_all(base->calls, op->ctx, job->into_heap, into, job->from_heap,
                              base->payloads, n);
}

static void job_end(struct lt_op *op, const struct lt_sliced_job *job)
{
    struct lt_sliced *sliced = op->state;
    if (!job->pane)
        return;
    if (job->into == sliced->total) {
        job->pane->merged = true;
        return;
    }
    for (uint32_t i = 0; i < sliced->panes.n; i++) /* CUMULATE: it has been taken over */
        if (sliced->panes.items[i] == job->pane) {
            lt_sliced_remove(op, i);
            return;
        }
}

lt_status lt_sliced_merge(struct lt_op *op, bool *more)
{
    struct lt_sliced *sliced = op->state;
    *more = sliced->job_at < sliced->n_jobs;
    if (!*more)
        return LT_OK;
    const struct lt_sliced_job *job = &sliced->jobs[sliced->job_at];
    uint32_t n = lt_table_walk(job->from, &sliced->cursor, sliced->base.payloads, MERGE_ROWS);
    if (n > 0)
        return groups_merge(op, job, n);
    job_end(op, job);
    sliced->cursor = 0;
    sliced->job_at++;
    return LT_OK;
}

void lt_sliced_shown(struct lt_op *op)
{
    struct lt_sliced *sliced = op->state;
    if (sliced->combined)
        work_recycle(op, sliced->combined);
    sliced->combined = NULL;
    sliced->target = NULL;
}

/* ---- taking out ----------------------------------------------------------------------- */

/* Takes groups of a slice, base->payloads[0..n), out of the total. */
static void groups_unmerge(struct lt_op *op, uint32_t n)
{
    struct lt_sliced *sliced = op->state;
    struct lt_window_base *base = &sliced->base;
    for (uint32_t i = 0; i < n; i++)
        lt_table_prefetch(sliced->total, lt_sliced_cell_of(base->payloads[i])->u.total);
    for (uint32_t i = 0; i < n; i++) {
        const struct lt_sliced_cell *from = lt_sliced_cell_of(base->payloads[i]);
        char *total = lt_table_at(sliced->total, from->u.total);
        char *block = lt_sliced_block(sliced, total);
        struct lt_sliced_cell *cell = lt_sliced_cell_of(total);
        LT_ASSERT(total && cell->u.slices > 0);
        if (sliced->changing)
            cell->count -= from->count;
        lt_calls_unmerge(base->calls, block, lt_sliced_block(sliced, base->payloads[i]));
        if (--cell->u.slices > 0)
            continue;
        sliced->n_gone++;
        memset(block, 0, lt_calls_size(base->calls)); /* as if new */
        lt_calls_init(base->calls, block);
    }
}

static bool is_gone(const char *payload)
{
    return ((const struct lt_sliced_cell *)payload)->u.slices == 0;
}

bool lt_sliced_unmerge_some(struct lt_op *op, struct lt_pane *pane, uint64_t *cursor)
{
    struct lt_sliced *sliced = op->state;
    uint32_t n = lt_table_walk(pane->table, cursor, sliced->base.payloads, MERGE_ROWS);
    groups_unmerge(op, n);
    if (n > 0)
        return true;
    pane->merged = false;
    if (sliced->n_gone * 2 > lt_table_len(sliced->total))
        sliced->n_gone -= lt_table_sweep(sliced->total, is_gone);
    return false;
}
