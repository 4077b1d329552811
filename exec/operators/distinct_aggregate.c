/* distinct_aggregate.c -- the phase of GROUP BY that knows which values are new.
 *
 * It sees all rows that have one value, for calls that are DISTINCT over it, and keeps a
 * set of values per group. At every barrier and at the end each group that was touched
 * leaves as one row, its keys and the states of its calls: what the values that were new
 * since the last time make of them. The sets stay; they are the state of
 * this phase. Where it is left out, with one partition, the final phase has them, and
 * either loads what the other has saved.
 *
 *   (key, value) ──▶ group: set ──new──▶ states ──at the barrier──▶ (key, states)
 */
#include "exec/operators/aggregate.h"

struct distinct_state {
    struct lt_state *state;
    struct lt_table *table;
    struct lt_calls *calls;
    const struct lt_type **key_types;
    struct lt_rows out;
    char *partial; /* one, aligned */
    size_t head;   /* bytes before the block */
    bool shows;    /* there is a struct group; else all groups leave, at the end */
    char **dirty; /* groups touched since they last left */
    uint32_t n_dirty, dirty_cap, at;
    bool flushing;
    /* scratch of one batch */
    uint64_t *hashes;
    char **payloads, **blocks;
    uint16_t *rows;
    struct lt_column **keys;
};

static const struct lt_plan_aggregate *plan_of(const struct lt_op *op)
{
    return &op->node->u.aggregate;
}

static char *block_of(const struct distinct_state *d, char *payload)
{
    return payload + d->head;
}

static lt_status distinct_open(struct lt_op *op)
{
    struct distinct_state *d = op->state;
    const struct lt_plan_aggregate *plan = plan_of(op);
    struct lt_alloc *alloc = op->ctx->alloc;
    d->hashes = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*d->hashes));
    d->payloads = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*d->payloads));
    d->blocks = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*d->blocks));
    d->rows = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*d->rows));
    d->keys = lt_alloc_get(alloc, (plan->n_keys + 1) * sizeof(*d->keys));
    d->key_types = lt_alloc_get(alloc, (plan->n_keys + 1) * sizeof(*d->key_types));
    if (!d->hashes || !d->payloads || !d->blocks || !d->rows || !d->keys || !d->key_types)
        return LT_NOMEM;
    LT_TRY(lt_calls_open(alloc, plan->calls, plan->n_calls, &d->calls, op->ctx->error));
    lt_calls_activate(d->calls, plan->active);
    d->shows = !op->node->props.final_only;
    d->head = lt_aggregate_head(d->shows, false, lt_calls_align(d->calls));
    d->partial = lt_alloc_zero(alloc, lt_calls_size(d->calls));
    if (!d->partial)
        return LT_NOMEM;
    for (uint32_t k = 0; k < plan->n_keys; k++)
        d->key_types[k] = op->node->schema.fields[k].type;
    struct lt_table_spec spec = {
        .n_keys = plan->n_keys,
        .keys = d->key_types,
        .payload_size = d->head + lt_calls_size(d->calls),
    };
    LT_TRY(lt_state_open(alloc, op->ctx->partition, op->ctx->n_partitions, &d->state));
    LT_TRY(lt_table_open(d->state, &spec, &d->table));
    return lt_rows_open(&d->out, op);
}

static void distinct_close(struct lt_op *op)
{
    struct distinct_state *d = op->state;
    struct lt_alloc *alloc = op->ctx->alloc;
    uint32_t n_keys = plan_of(op)->n_keys;
    lt_rows_close(&d->out);
    lt_table_close(d->table);
    lt_state_close(d->state);
    if (d->partial)
        lt_alloc_put(alloc, d->partial, lt_calls_size(d->calls));
    lt_calls_close(d->calls);
    lt_alloc_put(alloc, d->dirty, d->dirty_cap * sizeof(*d->dirty));
    lt_alloc_put(alloc, d->hashes, LT_BATCH_ROWS_MAX * sizeof(*d->hashes));
    lt_alloc_put(alloc, d->payloads, LT_BATCH_ROWS_MAX * sizeof(*d->payloads));
    lt_alloc_put(alloc, d->blocks, LT_BATCH_ROWS_MAX * sizeof(*d->blocks));
    lt_alloc_put(alloc, d->rows, LT_BATCH_ROWS_MAX * sizeof(*d->rows));
    lt_alloc_put(alloc, d->keys, (n_keys + 1) * sizeof(*d->keys));
    lt_alloc_put(alloc, d->key_types, (n_keys + 1) * sizeof(*d->key_types));
}

/* ---- groups out ---------------------------------------------------------- */

static lt_status dirty_reserve(struct lt_op *op, uint32_t more)
{
    struct distinct_state *d = op->state;
    if (d->n_dirty + more <= d->dirty_cap)
        return LT_OK;
    uint32_t cap = (d->n_dirty + more) * 2;
    void *grown = lt_alloc_resize(op->ctx->alloc, d->dirty, d->dirty_cap * sizeof(*d->dirty),
                                  cap * sizeof(*d->dirty));
    if (!grown)
        return LT_NOMEM;
    d->dirty = grown;
    d->dirty_cap = cap;
    return LT_OK;
}

static lt_status write_group(struct lt_op *op, char *payload)
{
    struct distinct_state *d = op->state;
    struct lt_batch_builder *builder = &d->out.builder;
    uint32_t n_keys = plan_of(op)->n_keys;
    for (uint32_t k = 0; k < n_keys; k++)
        LT_TRY(lt_table_keys(d->table, &payload, 1, k, builder->columns[k], builder->len));
    lt_table_touch(d->table, payload);
    if (d->shows)
        lt_aggregate_group(payload)->dirty = 0;
    lt_calls_split_off(d->calls, block_of(d, payload), d->partial);
    LT_TRY(lt_column_put_str(builder->columns[n_keys], builder->len,
                             (struct lt_str){d->partial, lt_calls_size(d->calls)}));
    builder->len++;
    return LT_OK;
}

static lt_flow flush_step(struct lt_op *op)
{
    struct distinct_state *d = op->state;
    while (d->at < d->n_dirty) {
        if (!lt_rows_has_room(&d->out, 1)) {
            lt_flow flow = lt_rows_emit(&d->out, op);
            if (flow != LT_FLOW_OK)
                return flow;
        }
        lt_status status = write_group(op, d->dirty[d->at++]);
        if (status != LT_OK)
            return lt_op_fail(op, status);
        if (d->at % 256 == 0 && lt_op_time_is_up(op))
            return LT_FLOW_YIELD;
    }
    d->flushing = false;
    d->n_dirty = 0;
    op->memory_bytes = lt_state_bytes(d->state);
    return lt_rows_emit(&d->out, op); /* the last act */
}

static lt_flow flush_start(struct lt_op *op)
{
    struct distinct_state *d = op->state;
    uint64_t cursor = 0;
    for (char *payload; !d->shows && (payload = lt_table_next(d->table, &cursor));) {
        lt_status status = dirty_reserve(op, 1);
        if (status != LT_OK)
            return lt_op_fail(op, status);
        d->dirty[d->n_dirty++] = payload;
    }
    d->flushing = d->n_dirty > 0;
    d->at = 0;
    return d->flushing ? flush_step(op) : LT_FLOW_OK;
}

static lt_flow distinct_barrier(struct lt_op *op, uint64_t epoch)
{
    LT_UNUSED(epoch);
    return flush_start(op);
}

static lt_flow distinct_end(struct lt_op *op, unsigned port)
{
    LT_UNUSED(port);
    return flush_start(op); /* one input only */
}

static lt_flow distinct_resume(struct lt_op *op)
{
    const struct distinct_state *d = op->state;
    return d->flushing ? flush_step(op) : LT_FLOW_OK;
}

/* ---- rows in ------------------------------------------------------------- */

static void touch(struct distinct_state *d, char *payload, bool is_new)
{
    if (is_new)
        lt_calls_init(d->calls, block_of(d, payload));
    if (!d->shows || lt_aggregate_group(payload)->dirty)
        return;
    lt_aggregate_group(payload)->dirty = 1;
    d->dirty[d->n_dirty++] = payload;
}

static lt_status take_rows(struct lt_op *op, const struct lt_batch *in, const uint16_t *rows)
{
    struct distinct_state *d = op->state;
    const struct lt_plan_aggregate *plan = plan_of(op);
    struct lt_state_heap *heap = lt_state_get_heap(d->state);
    uint8_t is_new[LT_BATCH_ROWS_MAX];
    bool one = true; /* group for all rows: there are few, or nobody would ask for this phase */
    for (uint32_t k = 0; k < plan->n_keys; k++) {
        d->keys[k] = in->columns[plan->keys[k]];
        one = one && d->keys[k]->encoding == LT_CONSTANT;
    }
    uint32_t n = one ? 1 : in->n_sel;
    LT_TRY(dirty_reserve(op, n));
    lt_table_hash_keys(d->keys, plan->n_keys, rows, n, d->hashes);
    LT_TRY(lt_table_upsert(d->table, d->keys, rows, n, d->hashes, d->payloads, is_new));
    char **blocks = d->blocks, *block = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (block_of(d, d->payloads[i]) != block)
            touch(d, d->payloads[i], is_new[i]);
        blocks[i] = block = block_of(d, d->payloads[i]);
    }
    return one ? lt_calls_update_one(d->calls, op->ctx, heap, in, rows, in->n_sel, block)
               : lt_calls_update(d->calls, op->ctx, heap, in, rows, n, blocks);
}

static lt_flow distinct_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    struct distinct_state *d = op->state;
    LT_ASSERT(!in->weight); /* two_phase.c */
    lt_batch_rows(in, d->rows);
    lt_state_set_epoch(d->state, op->ctx->epoch);
    lt_status status = take_rows(op, in, d->rows);
    op->memory_bytes = lt_state_bytes(d->state);
    return lt_op_flow(op, status);
}

/* ---- save, load ---------------------------------------------------------- */

static lt_status distinct_save(struct lt_op *op, struct lt_state_image *image)
{
    struct distinct_state *d = op->state;
    LT_TRY(lt_image_put(image, LT_AGGREGATE_SETS, "", 0));
    LT_TRY(lt_state_save(d->state, 0, image));
    return lt_table_save(d->table, 0, image);
}

static lt_status move_sets(void *ctx, const struct lt_state_heap *from_heap, const char *from,
                           struct lt_state_heap *to_heap, char *to, bool merge)
{
    struct lt_op *op = ctx;
    struct distinct_state *d = op->state;
    if (!merge) {
        memset(to, 0, d->head + lt_calls_size(d->calls));
        lt_calls_init(d->calls, block_of(d, to));
    }
    return lt_calls_take_sets(d->calls, op->ctx, to_heap, block_of(d, to), from_heap,
                              from + d->head, op->ctx->partition,
                              op->ctx->n_partitions);
}

/* From images of this phase, or of the final one when it had the sets: whosever its key is,
 * a group may have values of this partition. */
static lt_status distinct_load(struct lt_op *op, const struct lt_state_image *const *images,
                               uint32_t n)
{
    struct distinct_state *d = op->state;
    struct lt_table_mover mover = {.move = move_sets, .ctx = op};
    d->n_dirty = 0;
    for (uint32_t i = 0; i < n; i++)
        LT_TRY(lt_table_load(d->table, 0, images[i], true, &mover));
    uint64_t cursor = 0;
    for (char *payload; (payload = lt_table_next(d->table, &cursor));)
        if (!lt_calls_have_values(d->calls, block_of(d, payload)))
            lt_table_remove(d->table, payload);
    return LT_OK;
}

const struct lt_op_type lt_op_distinct_aggregate_type = {
    .name = "DistinctAggregate",
    .state_size = sizeof(struct distinct_state),
    .scope = LT_SCOPE_KEYED,
    .open = distinct_open,
    .push = distinct_push,
    .barrier = distinct_barrier,
    .end = distinct_end,
    .resume = distinct_resume,
    .save = distinct_save,
    .load = distinct_load,
    .close = distinct_close,
};
