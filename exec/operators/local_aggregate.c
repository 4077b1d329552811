/* local_aggregate.c -- the local phase of GROUP BY: gathers groups, hands them on soon.
 *
 * A small table of groups takes the rows. At every barrier, at the end and when the
 * table has grown to its bound each group leaves as one row, its keys and its partial,
 * and the table starts anew. So between epochs there is nothing to save, and the table
 * stays in the cache.
 *
 * Over a window groups are those of slices: two keys more name the slice and the first
 * window that may see the rows (place.c). They leave also before a watermark goes on
 * that passes the end of a slice, for then a window above may be final. */
#include "exec/aggregates/calls.h"
#include "exec/aggregates/rows.h"
#include "exec/kernels/range.h"
#include "exec/state/state.h"
#include "exec/windows/place.h"

enum { GROUPS_MAX = 8192, BYTES_MAX = 8 * 1024 * 1024, PLACE_KEYS = 2 };

struct local_state {
    struct lt_state *state;
    struct lt_table *table;
    struct lt_calls *calls;
    size_t partial_size;
    const struct lt_window_spec *window; /* NULL = none */
    int64_t due;     /* the earliest watermark that passes the end of a slice gathered */
    int64_t forward; /* goes on when all groups have left; LT_WATERMARK_MIN = none */
    struct lt_late late;
    uint32_t n_keys; /* of the table */
    const struct lt_type **key_types;
    struct lt_rows out;
    uint64_t cursor; /* of the table, while flushing */
    bool flushing;
    /* scratch of one batch */
    uint64_t *hashes;
    char **payloads;
    uint16_t *rows;
    struct lt_column **keys;
};

static const struct lt_plan_aggregate *plan_of(const struct lt_op *op)
{
    return &op->node->u.aggregate;
}

static void table_close(struct local_state *local)
{
    lt_table_close(local->table);
    lt_state_close(local->state);
    local->table = NULL;
    local->state = NULL;
}

static lt_status table_open(struct lt_op *op)
{
    struct local_state *local = op->state;
    struct lt_table_spec spec = {
        .n_keys = local->n_keys,
        .keys = local->key_types,
        .payload_size = local->partial_size,
    };
    LT_TRY(lt_state_open(op->ctx->alloc, 0, 1, &local->state));
    return lt_table_open(local->state, &spec, &local->table);
}

static size_t keys_size(const struct lt_op *op)
{
    return (plan_of(op)->n_keys + PLACE_KEYS) * sizeof(void *);
}

static lt_status local_open(struct lt_op *op)
{
    struct local_state *local = op->state;
    const struct lt_plan_aggregate *plan = plan_of(op);
    struct lt_alloc *alloc = op->ctx->alloc;
    local->hashes = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*local->hashes));
    local->payloads = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*local->payloads));
    local->rows = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*local->rows));
    local->keys = lt_alloc_get(alloc, keys_size(op));
    local->key_types = lt_alloc_get(alloc, keys_size(op));
    local->late.rows = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*local->late.rows));
    if (!local->hashes || !local->payloads || !local->rows || !local->keys ||
        !local->key_types || !local->late.rows)
        return LT_NOMEM;
    local->window = op->node->kind == LT_NODE_WINDOW_AGGREGATE ? &plan->window : NULL;
    local->n_keys = plan->n_keys + (local->window ? PLACE_KEYS : 0);
    local->due = LT_WATERMARK_MAX;
    local->forward = LT_WATERMARK_MIN;
    LT_TRY(lt_calls_open(alloc, plan->calls, plan->n_calls, &local->calls, op->ctx->error));
    lt_calls_activate(local->calls, plan->active);
    local->partial_size = lt_calls_size(local->calls);
    for (uint32_t k = 0; k < plan->n_keys; k++)
        local->key_types[k] = op->node->schema.fields[k].type;
    for (uint32_t k = plan->n_keys; k < local->n_keys; k++)
        local->key_types[k] = op->node->schema.fields[k + 1].type;
    LT_TRY(lt_rows_open(&local->out, op));
    return table_open(op);
}

static void local_close(struct lt_op *op)
{
    struct local_state *local = op->state;
    struct lt_alloc *alloc = op->ctx->alloc;
    lt_rows_close(&local->out);
    table_close(local);
    lt_calls_close(local->calls);
    if (local->hashes)
        lt_alloc_put(alloc, local->hashes, LT_BATCH_ROWS_MAX * sizeof(*local->hashes));
    if (local->payloads)
        lt_alloc_put(alloc, local->payloads, LT_BATCH_ROWS_MAX * sizeof(*local->payloads));
    if (local->rows)
        lt_alloc_put(alloc, local->rows, LT_BATCH_ROWS_MAX * sizeof(*local->rows));
    if (local->keys)
        lt_alloc_put(alloc, local->keys, keys_size(op));
    if (local->key_types)
        lt_alloc_put(alloc, local->key_types, keys_size(op));
    if (local->late.rows)
        lt_alloc_put(alloc, local->late.rows, LT_BATCH_ROWS_MAX * sizeof(*local->late.rows));
}

/* ---- groups out ---------------------------------------------------------- */

static lt_status write_partial(struct lt_op *op, char *payload)
{
    struct local_state *local = op->state;
    struct lt_batch_builder *builder = &local->out.builder;
    uint32_t n_keys = plan_of(op)->n_keys;
    for (uint32_t k = 0; k < local->n_keys; k++)
        LT_TRY(lt_table_keys(local->table, &payload, 1, k, builder->columns[k + (k >= n_keys)],
                             builder->len));
    LT_TRY(lt_column_put_str(builder->columns[n_keys], builder->len,
                             (struct lt_str){payload, local->partial_size}));
    builder->len++;
    return LT_OK;
}

/* The watermark that had to wait; the last act. */
static lt_flow forward(struct lt_op *op)
{
    struct local_state *local = op->state;
    int64_t watermark_us = local->forward;
    local->forward = LT_WATERMARK_MIN;
    return lt_op_forward_watermark(op, watermark_us);
}

static lt_flow flush_step(struct lt_op *op)
{
    struct local_state *local = op->state;
    for (uint32_t n = 1;; n++) {
        if (!lt_rows_has_room(&local->out, 1)) {
            lt_flow flow = lt_rows_emit(&local->out, op);
            if (flow != LT_FLOW_OK)
                return flow;
        }
        char *payload = lt_table_next(local->table, &local->cursor);
        if (!payload)
            break;
        lt_status status = write_partial(op, payload);
        if (status != LT_OK)
            return lt_op_fail(op, status);
        if (n % 256 == 0 && lt_op_time_is_up(op))
            return LT_FLOW_YIELD;
    }
    local->flushing = false;
    table_close(local);
    lt_status status = table_open(op);
    if (status != LT_OK)
        return lt_op_fail(op, status);
    op->memory_bytes = lt_state_bytes(local->state);
    local->due = LT_WATERMARK_MAX;
    lt_flow flow = lt_rows_emit(&local->out, op);
    return flow == LT_FLOW_OK ? forward(op) : flow;
}

static lt_flow flush_start(struct lt_op *op)
{
    struct local_state *local = op->state;
    if (lt_table_len(local->table) == 0)
        return forward(op);
    local->flushing = true;
    local->cursor = 0;
    return flush_step(op);
}

/* ---- rows in ------------------------------------------------------------- */

static void note_due(struct local_state *local, const struct lt_place *place)
{
    int64_t passed = lt_window_final_at(local->window, place->slice.end);
    local->due = passed < local->due ? passed : local->due;
}

/* The slice of every row, in two columns; late rows are left out. */
static lt_status place_each(struct lt_op *op, const struct lt_batch *in, const int64_t *times,
                            uint32_t *n)
{
    struct local_state *local = op->state;
    struct lt_column **cols = local->keys + plan_of(op)->n_keys;
    struct lt_place place = {.slice = {.start = 1, .end = 0}};
    for (uint32_t c = 0; c < PLACE_KEYS; c++)
        if (!(cols[c] = lt_column_new(op->ctx->pool, &lt_type_bigint_not_null, in->len)))
            return LT_NOMEM;
    int64_t *starts = cols[0]->values, *min_ends = cols[1]->values, last = LT_NOT_BEHIND;
    for (uint32_t i = 0; i < in->n_sel; i++) {
        uint32_t row = lt_batch_row(in, i);
        int64_t behind = lt_batch_behind(in, row), time_us = times[row];
        if (behind != LT_NOT_BEHIND || last != LT_NOT_BEHIND || time_us < place.slice.start ||
            time_us >= place.slice.end) {
            enum lt_placed placed =
                lt_place_row(local->window, time_us, behind, LT_WATERMARK_MIN, &place);
            if (placed == LT_PLACED_LATE)
                lt_late_add(&local->late, row);
            last = placed == LT_PLACED ? behind : 0; /* 0: the next row is looked at anew */
            if (placed != LT_PLACED)
                continue;
            note_due(local, &place);
        }
        starts[row] = place.slice.start;
        min_ends[row] = place.min_end;
        local->rows[(*n)++] = (uint16_t)row;
    }
    return LT_OK;
}

/* When all rows lie in one slice the two keys are constants. */
static lt_status place_all(struct lt_op *op, const struct lt_batch *in, const int64_t *times,
                           uint32_t *n)
{
    struct local_state *local = op->state;
    struct lt_column **cols = local->keys + plan_of(op)->n_keys;
    struct lt_range range = lt_range_i64(times, in->sel, in->n_sel);
    struct lt_place place;
    if (in->behind || lt_place_row(local->window, range.min, LT_NOT_BEHIND, LT_WATERMARK_MIN,
                                   &place) != LT_PLACED ||
        range.max >= place.slice.end)
        return place_each(op, in, times, n);
    for (uint32_t c = 0; c < PLACE_KEYS; c++)
        if (!(cols[c] = lt_column_new_constant(op->ctx->pool, &lt_type_bigint_not_null, in->len)))
            return LT_NOMEM;
    *(int64_t *)cols[0]->values = place.slice.start;
    *(int64_t *)cols[1]->values = place.min_end;
    note_due(local, &place);
    *n = lt_batch_rows(in, local->rows);
    return LT_OK;
}

static lt_status place_rows(struct lt_op *op, const struct lt_batch *in, uint32_t *n)
{
    const struct local_state *local = op->state;
    struct lt_column *times;
    LT_TRY(lt_column_flatten(op->ctx->pool, in->columns[local->window->time_column], &times));
    for (uint32_t i = 0; times->validity && i < in->n_sel; i++) {
        if (!lt_column_is_null(times, lt_batch_row(in, i)))
            continue;
        lt_column_unref(times);
        return lt_window_null_time(op);
    }
    lt_status status = place_all(op, in, times->values, n);
    lt_column_unref(times);
    return status;
}

/* local->rows[0..n) into their groups. */
static lt_status gather(struct lt_op *op, const struct lt_batch *in, uint32_t n)
{
    struct local_state *local = op->state;
    struct lt_state_heap *heap = lt_state_get_heap(local->state);
    char **payloads = local->payloads;
    uint8_t is_new[LT_BATCH_ROWS_MAX];
    uint32_t n_asked = n;
    bool one = n > 0;
    for (uint32_t k = 0; k < local->n_keys; k++)
        one &= local->keys[k]->encoding == LT_CONSTANT;
    if (one)
        n_asked = 1;
    lt_table_hash_keys(local->keys, local->n_keys, local->rows, n_asked, local->hashes);
    LT_TRY(lt_table_upsert(local->table, local->keys, local->rows, n_asked, local->hashes,
                           local->payloads, is_new));
    for (uint32_t i = 0; i < n_asked; i++)
        if (is_new[i])
            lt_calls_init(local->calls, payloads[i]);
    return one ? lt_calls_update_one(local->calls, op->ctx, heap, in, local->rows, n, payloads[0])
               : lt_calls_update(local->calls, op->ctx, heap, in, local->rows, n, payloads);
}

static lt_status take_rows(struct lt_op *op, const struct lt_batch *in)
{
    struct local_state *local = op->state;
    const struct lt_plan_aggregate *plan = plan_of(op);
    uint32_t n = 0;
    lt_status status = LT_OK;
    local->late.n = 0;
    for (uint32_t k = 0; k < plan->n_keys; k++)
        local->keys[k] = in->columns[plan->keys[k]];
    for (uint32_t k = plan->n_keys; k < local->n_keys; k++)
        local->keys[k] = NULL;
    if (local->window)
        status = place_rows(op, in, &n);
    else
        n = lt_batch_rows(in, local->rows);
    if (status == LT_OK && n > 0)
        status = gather(op, in, n);
    for (uint32_t k = plan->n_keys; k < local->n_keys; k++)
        lt_column_unref(local->keys[k]);
    return status;
}

static lt_flow local_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    struct local_state *local = op->state;
    lt_status status = take_rows(op, in);
    if (status != LT_OK)
        return lt_op_fail(op, status);
    op->memory_bytes = lt_state_bytes(local->state);
    bool full = lt_table_len(local->table) >= GROUPS_MAX || op->memory_bytes >= BYTES_MAX;
    lt_late_count(op, &local->late);
    return full ? flush_start(op) : LT_FLOW_OK;
}

/* What a window above may have to show at this watermark leaves first. */
static lt_flow local_watermark(struct lt_op *op, unsigned port, int64_t watermark_us)
{
    LT_UNUSED(port);
    struct local_state *local = op->state;
    if (watermark_us == LT_WATERMARK_MAX)
        return LT_FLOW_OK; /* `end` follows */
    if (watermark_us < local->due)
        return lt_op_forward_watermark(op, watermark_us);
    local->forward = watermark_us;
    return flush_start(op);
}

static lt_flow local_barrier(struct lt_op *op, uint64_t epoch)
{
    LT_UNUSED(epoch);
    return flush_start(op);
}

static lt_flow local_end(struct lt_op *op, unsigned port)
{
    LT_UNUSED(port);
    return flush_start(op);
}

static lt_flow local_resume(struct lt_op *op)
{
    const struct local_state *local = op->state;
    return local->flushing ? flush_step(op) : forward(op);
}

const struct lt_op_type lt_op_local_aggregate_type = {
    .name = "LocalAggregate",
    .state_size = sizeof(struct local_state),
    .scope = LT_SCOPE_NONE,
    .open = local_open,
    .push = local_push,
    .watermark = local_watermark,
    .barrier = local_barrier,
    .end = local_end,
    .resume = local_resume,
    .close = local_close,
};
