/* sort.c -- SORT: ORDER BY over bounded input at its end, or by time on a stream.
 *
 * Bounded: all rows are kept and leave in order when the input ends; with a limit
 * only the best are kept. By time: the first key is an ascending time attribute;
 * when the watermark passes, the rows it has passed leave in order, so the result
 * is append-only and in order of time. Rows that are late there are counted and
 * left out.
 *
 *   kept:   12 9 | 15 11 ─ watermark 11 ─▶ 9 11      kept: 12 15
 *
 * Ties go by arrival (split, position); rows that operators made have no arrival
 * and go by content. */
#include "exec/net.h"
#include "exec/operator.h"

#include <stdlib.h>

#include "exec/state/state.h"

struct sort_batch {
    struct lt_batch *batch; /* NULL = a free slot */
    uint32_t left;          /* rows still in entries */
};

struct sort_entry {
    uint32_t batch, row;
    int32_t weight;
    uint32_t split;
    int64_t position;
    uint64_t number; /* order of entry, the last resort */
};

struct sort_state {
    bool by_time, made; /* made: rows come from an operator, not from a source */
    int64_t lag_us, min_time_us;
    struct sort_batch *batches;
    uint32_t n_batches, batches_cap;
    struct sort_entry *entries;
    size_t n, cap;
    size_t at, to; /* entries[at..to) are leaving */
    uint64_t number, rows_skip, rows_left;
    bool leaving;
    int64_t forward_us; /* what to forward when they have left */
    struct lt_net *net; /* changing input */
    struct lt_batch_builder builder;
    bool builder_open;
};

static bool rows_are_made(const struct lt_plan_node *node)
{
    if (node->kind == LT_NODE_AGGREGATE || node->kind == LT_NODE_WINDOW_AGGREGATE)
        return true;
    for (uint32_t i = 0; i < node->n_inputs; i++)
        if (rows_are_made(node->inputs[i]))
            return true;
    return false;
}

static lt_status sort_open(struct lt_op *op)
{
    struct sort_state *sort = op->state;
    const struct lt_plan_node *node = op->node, *input = node->inputs[0];
    sort->by_time = node->u.sort.by_time;
    sort->made = rows_are_made(input);
    sort->min_time_us = INT64_MAX;
    sort->rows_skip = node->u.sort.offset > 0 ? (uint64_t)node->u.sort.offset : 0;
    sort->rows_left = node->u.sort.limit >= 0 ? (uint64_t)node->u.sort.limit : UINT64_MAX;
    if (sort->by_time && input->props.lag_us &&
        input->props.lag_us[node->u.sort.keys[0].column] != LT_NO_LAG)
        sort->lag_us = input->props.lag_us[node->u.sort.keys[0].column];
    LT_TRY(lt_builder_open(&sort->builder, op->ctx->pool, &node->schema, LT_BATCH_ROWS_MAX));
    sort->builder_open = true;
    if (!input->props.changing)
        return LT_OK;
    return lt_net_open(op->ctx->alloc, op->ctx->pool, &input->schema, 0, NULL, false, &sort->net);
}

/* ---- what is kept ----------------------------------------------------------- */

static void batch_less(struct sort_state *sort, uint32_t i, uint32_t rows)
{
    struct sort_batch *held = &sort->batches[i];
    held->left -= rows;
    if (held->left == 0) {
        lt_batch_drop(held->batch);
        held->batch = NULL;
    }
}

static lt_status hold_batch(struct lt_op *op, const struct lt_batch *batch, uint32_t *slot)
{
    struct sort_state *sort = op->state;
    uint32_t i = sort->n_batches;
    for (uint32_t k = 0; k < sort->n_batches && sort->by_time && i == sort->n_batches; k++)
        if (!sort->batches[k].batch)
            i = k;
    if (i == sort->batches_cap) {
        uint32_t cap = i ? i * 2 : 16;
        void *grown = lt_alloc_resize(op->ctx->alloc, sort->batches, i * sizeof(*sort->batches),
                                      cap * sizeof(*sort->batches));
        if (!grown)
            return LT_NOMEM;
        sort->batches = grown;
        sort->batches_cap = cap;
    }
    struct lt_batch *kept;
    if (batch->n_sel * 2 >= batch->len) {
        kept = lt_batch_keep(op->ctx->pool, batch);
        if (!kept)
            return LT_NOMEM;
    } else {
        LT_TRY(lt_batch_compact(op->ctx->pool, batch, &kept));
    }
    sort->batches[i] = (struct sort_batch){.batch = kept, .left = kept->n_sel};
    if (i == sort->n_batches)
        sort->n_batches++;
    *slot = i;
    return LT_OK;
}

static lt_status sort_reserve(struct lt_op *op, uint32_t more)
{
    struct sort_state *sort = op->state;
    if (sort->n + more <= sort->cap)
        return LT_OK;
    size_t cap = (sort->n + more) * 2;
    void *grown = lt_alloc_resize(op->ctx->alloc, sort->entries, sort->cap * sizeof(*sort->entries),
                                  cap * sizeof(*sort->entries));
    if (!grown)
        return LT_NOMEM;
    sort->entries = grown;
    sort->cap = cap;
    return LT_OK;
}

static struct lt_cell entry_cell(const struct sort_state *sort, const struct sort_entry *entry,
                                 uint32_t c)
{
    return lt_column_cell(sort->batches[entry->batch].batch->columns[c], entry->row);
}

static int64_t cell_i64(struct lt_cell cell)
{
    return cell.null ? INT64_MIN : ((const int64_t *)cell.col->values)[cell.lane];
}

static lt_status sort_keep(struct lt_op *op, const struct lt_batch *batch)
{
    struct sort_state *sort = op->state;
    uint32_t slot;
    LT_TRY(sort_reserve(op, batch->n_sel));
    LT_TRY(hold_batch(op, batch, &slot));
    const struct lt_batch *kept = sort->batches[slot].batch;
    for (uint32_t i = 0; i < kept->n_sel; i++) {
        uint32_t row = lt_batch_row(kept, i);
        struct sort_entry entry = {.batch = slot,
                                   .row = row,
                                   .weight = lt_batch_weight(kept, row),
                                   .split = lt_batch_split(kept, row),
                                   .position = lt_batch_position(kept, row),
                                   .number = sort->number++};
        if (sort->by_time) {
            int64_t time = cell_i64(entry_cell(sort, &entry, op->node->u.sort.keys[0].column));
            if (time < sort->min_time_us)
                sort->min_time_us = time;
        }
        sort->entries[sort->n++] = entry;
    }
    op->memory_bytes = sort->cap * sizeof(*sort->entries);
    return LT_OK;
}

/* ---- order -------------------------------------------------------------------- */

static int compare_cells(struct lt_cell a, struct lt_cell b, const struct lt_sort_key *key)
{
    if (a.null || b.null) {
        int order = (int)b.null - (int)a.null; /* NULLs first */
        return key->nulls_first ? order : -order;
    }
    int order = lt_cell_compare(a, b);
    return key->descending ? -order : order;
}

static int compare_arrival(const struct sort_entry *a, const struct sort_entry *b)
{
    if (a->split != b->split)
        return a->split < b->split ? -1 : 1;
    if (a->position != b->position)
        return a->position < b->position ? -1 : 1;
    return 0;
}

static int sort_compare(const void *pa, const void *pb, void *ctx)
{
    const struct sort_entry *a = pa, *b = pb;
    const struct lt_op *op = ctx;
    const struct sort_state *sort = op->state;
    for (uint32_t k = 0; k < op->node->u.sort.n_keys; k++) {
        const struct lt_sort_key *key = &op->node->u.sort.keys[k];
        int order = compare_cells(entry_cell(sort, a, key->column),
                                  entry_cell(sort, b, key->column), key);
        if (order)
            return order;
    }
    int order = sort->made ? 0 : compare_arrival(a, b);
    for (uint32_t c = 0; c < op->node->schema.len && order == 0; c++)
        order = lt_cell_compare(entry_cell(sort, a, c), entry_cell(sort, b, c));
    if (order)
        return order;
    return a->number < b->number ? -1 : a->number > b->number;
}

static void sort_entries(struct lt_op *op, size_t n)
{
    struct sort_state *sort = op->state;
    if (n > 1)
        qsort_r(sort->entries, n, sizeof(*sort->entries), sort_compare, op);
}

/* Bounded with a limit: what can no longer be among the first is dropped. */
static void sort_cut(struct lt_op *op)
{
    struct sort_state *sort = op->state;
    uint64_t want = sort->rows_skip + sort->rows_left;
    if (sort->by_time || sort->rows_left == UINT64_MAX || sort->n < want * 2 + 4096)
        return;
    sort_entries(op, sort->n);
    for (size_t i = (size_t)want; i < sort->n; i++)
        batch_less(sort, sort->entries[i].batch, 1);
    sort->n = (size_t)want;
}

/* ---- leaving -------------------------------------------------------------------- */

/* Copies entries into the builder until it is full; counts off skip and limit. */
static lt_status fill_builder(struct lt_op *op)
{
    struct sort_state *sort = op->state;
    struct lt_batch_builder *builder = &sort->builder;
    uint32_t n = 0;
    while (sort->at < sort->to && n < op->ctx->batch_rows) {
        const struct sort_entry *entry = &sort->entries[sort->at++];
        uint64_t weight = (uint64_t)entry->weight, skip = weight;
        if (skip > sort->rows_skip)
            skip = sort->rows_skip;
        sort->rows_skip -= skip;
        weight -= skip;
        if (weight > sort->rows_left)
            weight = sort->rows_left;
        if (sort->rows_left != UINT64_MAX)
            sort->rows_left -= weight;
        for (uint32_t c = 0; weight > 0 && c < op->node->schema.len; c++)
            LT_TRY(lt_column_copy_cell(builder->columns[c], n, entry_cell(sort, entry, c)));
        if (weight > 1)
            LT_TRY(lt_builder_set_weight(builder, n, (int32_t)weight));
        n += weight > 0;
        builder->len = n;
        batch_less(sort, entry->batch, 1);
    }
    return LT_OK;
}

static lt_flow sort_leave(struct lt_op *op)
{
    struct sort_state *sort = op->state;
    lt_flow flow = LT_FLOW_OK;
    while (sort->at < sort->to && flow == LT_FLOW_OK) {
        struct lt_batch out = {.len = 0};
        lt_status status = fill_builder(op);
        if (status == LT_OK && sort->builder.len > 0)
            status = lt_builder_take(&sort->builder, &out);
        if (status != LT_OK)
            return lt_op_fail(op, status);
        if (out.len == 0)
            continue;
        out.proctime_us = op->ctx->now_us;
        flow = lt_op_emit_last(op, &out, sort->rows_left == 0);
        lt_builder_release(&sort->builder, &out);
        if (flow == LT_FLOW_OK && sort->at < sort->to && lt_op_time_is_up(op))
            flow = LT_FLOW_YIELD;
    }
    if (flow == LT_FLOW_YIELD || flow == LT_FLOW_ERROR)
        return flow;
    for (; sort->at < sort->to; sort->at++) /* DONE: nobody wants the rest */
        batch_less(sort, sort->entries[sort->at].batch, 1);
    memmove(sort->entries, sort->entries + sort->to,
            (sort->n - sort->to) * sizeof(*sort->entries));
    sort->n -= sort->to;
    sort->at = sort->to = 0;
    sort->leaving = false;
    return sort->by_time ? lt_op_forward_watermark(op, sort->forward_us) : LT_FLOW_OK;
}

/* ---- events ----------------------------------------------------------------------- */

/* A view of the rows that are not late here; counts the others. */
static lt_status drop_late(struct lt_op *op, const struct lt_batch *in, struct lt_batch *out)
{
    struct sort_state *sort = op->state;
    *out = *in;
    if (!in->behind || !sort->by_time)
        return LT_OK;
    const struct lt_column *col = in->columns[op->node->u.sort.keys[0].column];
    uint16_t *sel = lt_arena_get(op->ctx->scratch, in->n_sel * sizeof(uint16_t));
    if (!sel)
        return LT_NOMEM;
    uint32_t n = 0;
    for (uint32_t i = 0; i < in->n_sel; i++) {
        uint32_t row = lt_batch_row(in, i);
        int64_t behind = in->behind[row];
        if (behind == LT_NOT_BEHIND || cell_i64(lt_column_cell(col, row)) > behind - sort->lag_us)
            sel[n++] = (uint16_t)row;
    }
    op->rows_late += in->n_sel - n;
    *op->ctx->late_rows += in->n_sel - n;
    out->sel = sel;
    out->n_sel = n;
    out->aux[0] = NULL;
    return LT_OK;
}

static lt_flow sort_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    struct sort_state *sort = op->state;
    struct lt_batch on_time;
    if (sort->net)
        return lt_op_flow(op, lt_net_add(sort->net, in));
    lt_status status = drop_late(op, in, &on_time);
    if (status == LT_OK && on_time.n_sel > 0)
        status = sort_keep(op, &on_time);
    if (status == LT_OK)
        sort_cut(op);
    return lt_op_flow(op, status);
}

static lt_flow sort_watermark(struct lt_op *op, unsigned port, int64_t watermark_us)
{
    LT_UNUSED(port);
    struct sort_state *sort = op->state;
    if (!sort->by_time)
        return LT_FLOW_OK; /* all rows leave at the end, and +inf after them */
    sort->forward_us = watermark_us;
    int64_t bound = watermark_us == LT_WATERMARK_MAX ? INT64_MAX : watermark_us - sort->lag_us;
    if (sort->min_time_us > bound)
        return lt_op_forward_watermark(op, watermark_us);
    uint32_t column = op->node->u.sort.keys[0].column;
    size_t to = 0;
    int64_t min = INT64_MAX;
    for (size_t i = 0; i < sort->n; i++) {
        int64_t time = cell_i64(entry_cell(sort, &sort->entries[i], column));
        if (time > bound) {
            min = time < min ? time : min;
            continue;
        }
        struct sort_entry swap = sort->entries[i];
        sort->entries[i] = sort->entries[to];
        sort->entries[to++] = swap;
    }
    sort->min_time_us = min;
    sort_entries(op, to);
    sort->to = to;
    sort->leaving = true;
    return sort_leave(op);
}

static lt_status net_to_rows(struct lt_op *op)
{
    struct sort_state *sort = op->state;
    LT_TRY(lt_net_sort(sort->net));
    for (;;) {
        struct lt_batch batch;
        LT_TRY(lt_net_next(sort->net, LT_BATCH_ROWS_MAX, &batch));
        if (batch.len == 0)
            break;
        struct lt_batch *copy; /* the net's batch lives only until the next one */
        LT_TRY(lt_batch_compact(op->ctx->pool, &batch, &copy));
        lt_status status = sort_keep(op, copy);
        lt_batch_drop(copy);
        LT_TRY(status);
    }
    lt_net_clear(sort->net);
    return LT_OK;
}

static lt_flow sort_end(struct lt_op *op, unsigned port)
{
    LT_UNUSED(port);
    struct sort_state *sort = op->state;
    if (sort->by_time)
        return LT_FLOW_OK; /* all left at +inf */
    if (sort->net) {
        lt_status status = net_to_rows(op);
        if (status != LT_OK)
            return lt_op_fail(op, status);
    }
    sort_entries(op, sort->n);
    sort->to = sort->n;
    sort->leaving = true;
    return sort_leave(op);
}

static lt_flow sort_resume(struct lt_op *op)
{
    const struct sort_state *sort = op->state;
    return sort->leaving ? sort_leave(op) : LT_FLOW_OK;
}

/* ---- save and load: the rows that are kept, as bytes ---------------------------- */

struct sort_saved {
    int64_t position;
    uint32_t split;
    int32_t weight;
};

static void save_row(struct lt_op *op, struct lt_buf *buf, const struct lt_batch *batch,
                     uint32_t row, const struct sort_saved *saved)
{
    lt_buf_add(buf, saved, sizeof(*saved));
    for (uint32_t c = 0; c < op->node->schema.len; c++)
        lt_cell_encode(buf, lt_column_cell(batch->columns[c], row));
}

static lt_status save_net(struct lt_op *op, struct lt_buf *buf)
{
    struct sort_state *sort = op->state;
    lt_status status = lt_net_sort(sort->net);
    while (status == LT_OK) {
        struct lt_batch batch;
        status = lt_net_next(sort->net, LT_BATCH_ROWS_MAX, &batch);
        if (status != LT_OK || batch.len == 0)
            break;
        for (uint32_t i = 0; i < batch.len; i++)
            save_row(op, buf, &batch, i,
                     &(struct sort_saved){.weight = lt_batch_weight(&batch, i)});
    }
    return status;
}

static lt_status sort_save(struct lt_op *op, struct lt_state_image *image)
{
    struct sort_state *sort = op->state;
    LT_TRY(lt_image_put(image, "skip", &sort->rows_skip, sizeof(sort->rows_skip)));
    LT_TRY(lt_image_put(image, "left", &sort->rows_left, sizeof(sort->rows_left)));
    struct lt_buf buf;
    lt_buf_init(&buf, op->ctx->alloc);
    lt_status status = sort->net ? save_net(op, &buf) : LT_OK;
    for (size_t i = 0; i < sort->n && status == LT_OK; i++) {
        const struct sort_entry *entry = &sort->entries[i];
        save_row(op, &buf, sort->batches[entry->batch].batch, entry->row,
                 &(struct sort_saved){entry->position, entry->split, entry->weight});
    }
    if (status == LT_OK)
        status = buf.status;
    if (status == LT_OK)
        status = lt_image_put(image, "rows", buf.len ? buf.data : "", buf.len);
    lt_buf_close(&buf);
    return status;
}

/* One batch of saved rows; *len 0 at the end. */
static lt_status load_batch(struct lt_op *op, struct lt_str *text)
{
    struct sort_state *sort = op->state;
    struct lt_batch_builder *builder = &sort->builder;
    struct sort_saved saved[64];
    uint32_t n = 0;
    const char *at = text->data, *end = text->data + text->len;
    while (at < end && n < LT_ARRAY_LEN(saved)) {
        if ((size_t)(end - at) < sizeof(saved[0]))
            return LT_CORRUPT;
        memcpy(&saved[n], at, sizeof(saved[0]));
        at += sizeof(saved[0]);
        for (uint32_t c = 0; c < op->node->schema.len; c++)
            LT_TRY(lt_cell_decode(builder->columns[c], n, &at, end));
        if (saved[n].weight != 1)
            LT_TRY(lt_builder_set_weight(builder, n, saved[n].weight));
        builder->len = ++n;
    }
    *text = (struct lt_str){at, (size_t)(end - at)};
    struct lt_batch batch;
    LT_TRY(lt_builder_take(builder, &batch));
    int64_t positions[LT_ARRAY_LEN(saved)];
    uint32_t splits[LT_ARRAY_LEN(saved)];
    for (uint32_t i = 0; i < n; i++) {
        positions[i] = saved[i].position;
        splits[i] = saved[i].split;
    }
    batch.position = positions;
    batch.split_of = splits;
    lt_status status = sort->net ? lt_net_add(sort->net, &batch) : sort_keep(op, &batch);
    lt_builder_release(builder, &batch);
    return status;
}

static lt_status sort_load(struct lt_op *op, const struct lt_state_image *const *images,
                           uint32_t n)
{
    struct sort_state *sort = op->state;
    for (uint32_t i = 0; i < n; i++) {
        struct lt_str text;
        LT_TRY(lt_image_get(images[i], "skip", &sort->rows_skip, sizeof(sort->rows_skip)));
        LT_TRY(lt_image_get(images[i], "left", &sort->rows_left, sizeof(sort->rows_left)));
        if (!lt_image_find(images[i], "rows", &text))
            return LT_CORRUPT;
        while (text.len > 0)
            LT_TRY(load_batch(op, &text));
    }
    return LT_OK;
}

static void sort_close(struct lt_op *op)
{
    struct sort_state *sort = op->state;
    lt_net_close(sort->net);
    for (uint32_t i = 0; i < sort->n_batches; i++)
        if (sort->batches[i].batch)
            lt_batch_drop(sort->batches[i].batch);
    if (sort->builder_open)
        lt_builder_close(&sort->builder);
    lt_alloc_put(op->ctx->alloc, sort->batches, sort->batches_cap * sizeof(*sort->batches));
    lt_alloc_put(op->ctx->alloc, sort->entries, sort->cap * sizeof(*sort->entries));
}

const struct lt_op_type lt_op_sort_type = {
    .name = "Sort",
    .state_size = sizeof(struct sort_state),
    .scope = LT_SCOPE_SINGLE,
    .open = sort_open,
    .push = sort_push,
    .watermark = sort_watermark,
    .end = sort_end,
    .resume = sort_resume,
    .save = sort_save,
    .load = sort_load,
    .close = sort_close,
};
