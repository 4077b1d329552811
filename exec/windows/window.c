/* window.c -- what the kinds of window aggregates share: keys of a batch, late rows,
 * and result rows of keys, calls and window columns. */
#include "exec/windows/window.h"

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
    base->rows = LT_ARENA_ARRAY(&base->arena, uint16_t, LT_BATCH_ROWS_MAX);
    base->late = LT_ARENA_ARRAY(&base->arena, uint16_t, LT_BATCH_ROWS_MAX);
    base->hashes = LT_ARENA_ARRAY(&base->arena, uint64_t, LT_BATCH_ROWS_MAX);
    base->some_hashes = LT_ARENA_ARRAY(&base->arena, uint64_t, LT_BATCH_ROWS_MAX);
    base->payloads = LT_ARENA_ARRAY(&base->arena, char *, LT_BATCH_ROWS_MAX);
    base->blocks = LT_ARENA_ARRAY(&base->arena, char *, LT_BATCH_ROWS_MAX);
    base->is_new = LT_ARENA_ARRAY(&base->arena, uint8_t, LT_BATCH_ROWS_MAX);
    if (!base->key_types || !base->keys || !base->rows || !base->late || !base->hashes ||
        !base->some_hashes || !base->payloads || !base->blocks || !base->is_new)
        return LT_NOMEM;
    for (uint32_t k = 0; k < n_keys; k++)
        base->key_types[k] = op->node->schema.fields[k].type;
    LT_TRY(lt_state_open(alloc, op->ctx->partition, op->ctx->n_partitions, &base->state));
    base->heap = lt_state_get_heap(base->state);
    LT_TRY(lt_calls_open(alloc, base->plan->calls, base->plan->n_calls, &base->calls,
                         op->ctx->error));
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

lt_status lt_window_table(struct lt_op *op, size_t header_size, struct lt_table **out)
{
    struct lt_window_base *base = op->state;
    struct lt_table_spec spec = {
        .n_keys = base->plan->n_keys,
        .keys = base->key_types,
        .payload_size = header_size + lt_calls_size(base->calls),
    };
    return lt_table_open(base->state, &spec, out);
}

lt_status lt_window_take(struct lt_op *op, const struct lt_batch *in)
{
    struct lt_window_base *base = op->state;
    base->n_late = 0;
    lt_state_set_epoch(base->state, op->ctx->epoch);
    for (uint32_t k = 0; k < base->plan->n_keys; k++)
        base->keys[k] = in->columns[base->plan->keys[k]];
    for (uint32_t i = 0; i < in->n_sel; i++)
        base->rows[i] = (uint16_t)lt_batch_row(in, i);
    lt_table_hash_keys(base->keys, base->plan->n_keys, base->rows, in->n_sel, base->some_hashes);
    for (uint32_t i = 0; i < in->n_sel; i++)
        base->hashes[base->rows[i]] = base->some_hashes[i];
    return LT_OK;
}

lt_status lt_window_times(struct lt_op *op, const struct lt_batch *in, struct lt_column **out)
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
        return lt_fail(op->ctx->error, LT_DATA,
                       "the time attribute of a window is NULL in a row; filter such rows out");
    }
    *out = col;
    return LT_OK;
}

lt_flow lt_window_emit_late(struct lt_op *op, const struct lt_batch *in)
{
    struct lt_window_base *base = op->state;
    if (base->n_late == 0)
        return LT_FLOW_OK;
    op->rows_late += base->n_late;
    if (op->ctx->late_rows)
        *op->ctx->late_rows += base->n_late;
    struct lt_batch late = *in;
    late.sel = base->late; /* increasing, since rows are judged in order */
    late.n_sel = base->n_late;
    late.aux[0] = NULL;
    lt_flow flow = lt_op_emit_late(op, &late);
    return flow == LT_FLOW_DONE ? LT_FLOW_OK : flow;
}

static lt_status write_keys(struct lt_op *op, const struct lt_table *table, char *payload)
{
    struct lt_window_base *base = op->state;
    struct lt_batch_builder *out = &base->out.builder;
    for (uint32_t k = 0; k < base->plan->n_keys; k++)
        LT_TRY(lt_table_keys(table, &payload, 1, k, out->columns[k], out->len));
    return LT_OK;
}

static lt_status write_window(struct lt_op *op, const struct lt_window *window, int32_t weight)
{
    struct lt_window_base *base = op->state;
    const struct lt_plan_aggregate *plan = base->plan;
    struct lt_batch_builder *out = &base->out.builder;
    for (uint32_t i = 0; i < plan->n_window_columns; i++) {
        struct lt_column *col = out->columns[plan->n_keys + plan->n_calls + i];
        bool instant = col->type->kind == LT_TYPE_TIMESTAMP_LTZ;
        int64_t value = 0;
        switch (plan->window_columns[i]) {
        case LT_WINCOL_START: value = instant ? window->start : window->label_start; break;
        case LT_WINCOL_END: value = instant ? window->end : window->label_end; break;
        case LT_WINCOL_TIME:
            value = (instant ? window->end : window->label_end) - base->spec->tick_us;
            break;
        case LT_WINCOL_NO: value = window->index; break;
        case LT_WINCOL_PROCTIME: value = op->ctx->now_us; break;
        }
        ((int64_t *)col->values)[out->len] = value;
    }
    if (weight != 1 || out->weight)
        LT_TRY(lt_builder_set_weight(out, out->len, weight));
    out->len++;
    return LT_OK;
}

lt_status lt_window_write(struct lt_op *op, const struct lt_table *table, char *payload,
                          const char *block, const struct lt_window *window, int32_t weight)
{
    struct lt_window_base *base = op->state;
    struct lt_batch_builder *out = &base->out.builder;
    LT_TRY(write_keys(op, table, payload));
    LT_TRY(lt_calls_finish(base->calls, base->heap, block, out->columns + base->plan->n_keys,
                           out->len, op->ctx->error));
    return write_window(op, window, weight);
}

lt_status lt_window_write_shown(struct lt_op *op, const struct lt_table *table, char *payload,
                                struct lt_str shown, const struct lt_window *window,
                                int32_t weight)
{
    struct lt_window_base *base = op->state;
    struct lt_batch_builder *out = &base->out.builder;
    const char *at = shown.data, *end = at + shown.len;
    LT_TRY(write_keys(op, table, payload));
    for (uint32_t i = 0; i < base->plan->n_calls; i++)
        LT_TRY(lt_cell_decode(out->columns[base->plan->n_keys + i], out->len, &at, end));
    return write_window(op, window, weight);
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
