/* window.c -- what the kinds of window aggregates share: keys of a batch, late rows,
 * and result rows of keys, calls and window columns. */
#include "exec/windows/window.h"

#include "exec/windows/order.h"

lt_status lt_window_open(struct lt_op *op)
{
    struct lt_window_base *base = op->state;
    struct lt_alloc *alloc = op->ctx->alloc;
    base->plan = &op->node->u.aggregate;
    base->spec = &base->plan->window;
    lt_arena_init(&base->arena, alloc);
    uint32_t n_keys = base->plan->n_keys;
    base->key_types = LT_ARENA_ARRAY(&base->arena, const struct lt_type *, n_keys + 1);
    base->keys = LT_ARENA_ARRAY(&base->arena, struct lt_column *, n_keys + 1);
    base->all = LT_ARENA_ARRAY(&base->arena, uint16_t, LT_BATCH_ROWS_MAX);
    base->late.rows = LT_ARENA_ARRAY(&base->arena, uint16_t, LT_BATCH_ROWS_MAX);
    base->hashes = LT_ARENA_ARRAY(&base->arena, uint64_t, LT_BATCH_ROWS_MAX);
    base->payloads = LT_ARENA_ARRAY(&base->arena, char *, LT_BATCH_ROWS_MAX);
    base->blocks = LT_ARENA_ARRAY(&base->arena, char *, LT_BATCH_ROWS_MAX);
    base->is_new = LT_ARENA_ARRAY(&base->arena, uint8_t, LT_BATCH_ROWS_MAX);
    if (!base->key_types || !base->keys || !base->all || !base->late.rows || !base->hashes ||
        !base->payloads || !base->blocks || !base->is_new)
        return LT_NOMEM;
    for (uint32_t i = 0; i < LT_BATCH_ROWS_MAX; i++)
        base->all[i] = (uint16_t)i;
    for (uint32_t k = 0; k < n_keys; k++)
        base->key_types[k] = op->node->schema.fields[k].type;
    LT_TRY(lt_state_open(alloc, op->ctx->partition, op->ctx->n_partitions, &base->state));
    base->heap = lt_state_get_heap(base->state);
    LT_TRY(lt_calls_open(alloc, base->plan->calls, base->plan->n_calls, &base->calls,
                         op->ctx->error));
    base->partials = base->plan->phase == LT_AGG_FINAL && op->ctx->plan->parallelism > 1;
    base->ordered = lt_order_matters(op->ctx->plan, op->node);
    return lt_rows_open(&base->out, op);
}

void lt_window_close(struct lt_op *op)
{
    struct lt_window_base *base = op->state;
    lt_rows_close(&base->out);
    lt_calls_close(base->calls);
    lt_state_close(base->state);
    lt_arena_close(&base->arena);
}

struct lt_table_spec lt_window_table_spec(const struct lt_op *op, size_t header_size)
{
    const struct lt_window_base *base = op->state;
    return (struct lt_table_spec){
        .n_keys = base->plan->n_keys,
        .keys = base->key_types,
        .payload_size = header_size + lt_calls_size(base->calls),
    };
}

lt_status lt_window_table(struct lt_op *op, size_t header_size, struct lt_table **out)
{
    const struct lt_window_base *base = op->state;
    struct lt_table_spec spec = lt_window_table_spec(op, header_size);
    return lt_table_open(base->state, &spec, out);
}

lt_status lt_window_groups(struct lt_op *op, struct lt_table *table, const uint16_t *rows,
                           uint32_t n)
{
    struct lt_window_base *base = op->state;
    uint32_t n_keys = base->plan->n_keys, n_asked = n_keys == 0 && n > 1 ? 1 : n;
    lt_table_hash_keys(base->keys, n_keys, rows, n_asked, base->hashes);
    LT_TRY(lt_table_upsert(table, base->keys, rows, n_asked, base->hashes, base->payloads,
                           base->is_new));
    for (uint32_t i = n_asked; i < n; i++) { /* no keys: one group for all */
        base->payloads[i] = base->payloads[0];
        base->is_new[i] = 0;
    }
    return LT_OK;
}

/* The event times of the batch (flat, a reference); NULL for processing time. */
static lt_status times_of(struct lt_op *op, const struct lt_batch *in, struct lt_column **out)
{
    struct lt_window_base *base = op->state;
    *out = NULL;
    if (base->spec->proctime)
        return LT_OK;
    struct lt_column *col;
    LT_TRY(lt_column_flatten(op->ctx->pool, in->columns[base->spec->time_column], &col));
    for (uint32_t i = 0; col->validity && i < in->n_sel; i++) {
        if (!lt_column_is_null(col, base->rows[i]))
            continue;
        lt_column_unref(col);
        return lt_window_null_time(op);
    }
    *out = col;
    return LT_OK;
}

void lt_window_begin(struct lt_op *op, const struct lt_batch *in)
{
    struct lt_window_base *base = op->state;
    base->late.n = 0;
    lt_state_set_epoch(base->state, op->ctx->epoch);
    for (uint32_t k = 0; k < base->plan->n_keys; k++)
        base->keys[k] = in->columns[base->partials ? k : base->plan->keys[k]];
    base->rows = in->sel ? in->sel : base->all;
}

lt_flow lt_window_push(struct lt_op *op, const struct lt_batch *in,
                       lt_status (*take)(struct lt_op *op, const struct lt_batch *in,
                                         const int64_t *times))
{
    struct lt_window_base *base = op->state;
    struct lt_column *times;
    lt_window_begin(op, in);
    lt_status status = times_of(op, in, &times);
    if (status == LT_OK) {
        status = take(op, in, times ? times->values : NULL);
        lt_column_unref(times);
    }
    op->memory_bytes = lt_state_bytes(base->state);
    return status == LT_OK ? lt_late_emit(op, in, &base->late) : lt_op_fail(op, status);
}

int64_t lt_window_clock(const struct lt_op *op, const struct lt_batch *in, int64_t given)
{
    const struct lt_window_base *base = op->state;
    int64_t open = given == LT_WATERMARK_MIN ? given : given + base->spec->tick_us;
    return in->proctime_us > open ? in->proctime_us : open;
}

/* ---- results ----------------------------------------------------------------- */

static lt_status write_keys(struct lt_op *op, const struct lt_table *table, char *const *payloads,
                            uint32_t n)
{
    struct lt_window_base *base = op->state;
    struct lt_batch_builder *out = &base->out.builder;
    for (uint32_t k = 0; k < base->plan->n_keys; k++)
        LT_TRY(lt_table_keys(table, payloads, n, k, out->columns[k], out->len));
    return LT_OK;
}

lt_status lt_window_results(struct lt_op *op, const struct lt_table *table,
                            const struct lt_state_heap *heap, char *const *payloads,
                            char *const *blocks, size_t offset, uint32_t n)
{
    struct lt_window_base *base = op->state;
    struct lt_batch_builder *out = &base->out.builder;
    struct lt_agg_output results = {
        .n = n,
        .states = blocks,
        .offset = offset,
        .from = out->len,
        .heap = heap,
        .err = op->ctx->error,
    };
    LT_TRY(write_keys(op, table, payloads, n));
    return lt_calls_finish_all(base->calls, &results, out->columns + base->plan->n_keys);
}

static int64_t bound_of(const struct lt_op *op, const struct lt_window *window,
                        enum lt_window_column column, bool instant)
{
    const struct lt_window_base *base = op->state;
    switch (column) {
    case LT_WINCOL_START: return instant ? window->start : window->label_start;
    case LT_WINCOL_END: return instant ? window->end : window->label_end;
    case LT_WINCOL_TIME:
        return (instant ? window->end : window->label_end) - base->spec->tick_us;
    case LT_WINCOL_NO: return window->index;
    case LT_WINCOL_PROCTIME: return op->ctx->now_us;
    }
    LT_UNREACHABLE();
}

lt_status lt_window_bounds(struct lt_op *op, const struct lt_window *windows, uint32_t step,
                           uint32_t n, int32_t weight)
{
    struct lt_window_base *base = op->state;
    const struct lt_plan_aggregate *plan = base->plan;
    struct lt_batch_builder *out = &base->out.builder;
    for (uint32_t c = 0; c < plan->n_window_columns; c++) {
        struct lt_column *col = out->columns[plan->n_keys + plan->n_calls + c];
        bool instant = col->type->kind == LT_TYPE_TIMESTAMP_LTZ;
        int64_t *to = (int64_t *)col->values + out->len;
        int64_t value = bound_of(op, windows, plan->window_columns[c], instant);
        for (uint32_t i = 0; i < n && step == 0; i++)
            to[i] = value;
        for (uint32_t i = 0; i < n && step != 0; i++)
            to[i] = bound_of(op, &windows[i], plan->window_columns[c], instant);
    }
    for (uint32_t i = 0; i < n && (weight != 1 || out->weight); i++)
        LT_TRY(lt_builder_set_weight(out, out->len + i, weight));
    out->len += n;
    return LT_OK;
}

lt_status lt_window_write(struct lt_op *op, const struct lt_table *table, char *payload,
                          char *block, const struct lt_window *window)
{
    const struct lt_window_base *base = op->state;
    LT_TRY(lt_window_results(op, table, base->heap, &payload, &block, 0, 1));
    return lt_window_bounds(op, window, 0, 1, 1);
}

lt_status lt_window_write_shown(struct lt_op *op, const struct lt_table *table, char *payload,
                                struct lt_str shown, const struct lt_window *window,
                                int32_t weight)
{
    struct lt_window_base *base = op->state;
    struct lt_batch_builder *out = &base->out.builder;
    const char *at = shown.data, *end = at + shown.len;
    LT_TRY(write_keys(op, table, &payload, 1));
    for (uint32_t i = 0; i < base->plan->n_calls; i++)
        LT_TRY(lt_cell_decode(out->columns[base->plan->n_keys + i], out->len, &at, end));
    return lt_window_bounds(op, window, 0, 1, weight);
}

lt_status lt_window_encode(struct lt_op *op, struct lt_buf *bytes)
{
    struct lt_window_base *base = op->state;
    const struct lt_batch_builder *out = &base->out.builder;
    lt_buf_clear(bytes);
    for (uint32_t i = 0; i < base->plan->n_calls; i++)
        lt_cell_encode(bytes, lt_column_cell(out->columns[base->plan->n_keys + i], out->len - 1));
    return bytes->status;
}

lt_flow lt_window_say(struct lt_op *op, lt_status (*say)(struct lt_op *op, bool *more),
                      uint32_t every)
{
    struct lt_window_base *base = op->state;
    bool more = true;
    for (uint32_t n = 1; more; n++) {
        lt_status status = say(op, &more);
        if (status == LT_BUSY) {
            lt_flow flow = lt_rows_emit(&base->out, op);
            if (flow != LT_FLOW_OK)
                return flow;
            more = true;
        } else if (status != LT_OK) {
            return lt_op_fail(op, status);
        }
        if (more && n % every == 0 && lt_op_time_is_up(op))
            return LT_FLOW_YIELD;
    }
    return lt_rows_emit(&base->out, op);
}

lt_flow lt_window_forward(struct lt_op *op, int64_t watermark_us, int64_t within_us)
{
    int64_t low = watermark_us;
    if (low == LT_WATERMARK_MIN)
        return LT_FLOW_OK;
    if (low != LT_WATERMARK_MAX && __builtin_sub_overflow(low, within_us, &low))
        return LT_FLOW_OK;
    return lt_op_forward_watermark(op, low);
}
