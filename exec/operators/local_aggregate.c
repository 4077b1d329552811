/* local_aggregate.c -- the local phase of GROUP BY: gathers groups, hands them on soon.
 *
 * A small table of groups takes the rows. At every barrier, at the end and when the
 * table has grown to its bound each group leaves as one row, its keys and its partial,
 * and the table starts anew. So between epochs there is nothing to save, and the table
 * stays in the cache. */
#include "exec/aggregates/calls.h"
#include "exec/aggregates/partial.h"
#include "exec/aggregates/rows.h"
#include "exec/state/state.h"

enum { GROUPS_MAX = 8192, BYTES_MAX = 8 * 1024 * 1024 };

struct local_state {
    struct lt_state *state;
    struct lt_table *table;
    struct lt_calls *calls;
    size_t partial_size;
    const struct lt_type **key_types;
    struct lt_rows out;
    uint64_t cursor; /* of the table, while flushing */
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
        .n_keys = plan_of(op)->n_keys,
        .keys = local->key_types,
        .payload_size = local->partial_size,
    };
    LT_TRY(lt_state_open(op->ctx->alloc, 0, 1, &local->state));
    return lt_table_open(local->state, &spec, &local->table);
}

static lt_status local_open(struct lt_op *op)
{
    struct local_state *local = op->state;
    const struct lt_plan_aggregate *plan = plan_of(op);
    struct lt_alloc *alloc = op->ctx->alloc;
    local->hashes = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*local->hashes));
    local->payloads = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*local->payloads));
    local->blocks = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*local->blocks));
    local->rows = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*local->rows));
    local->keys = lt_alloc_get(alloc, (plan->n_keys + 1) * sizeof(*local->keys));
    local->key_types = lt_alloc_get(alloc, (plan->n_keys + 1) * sizeof(*local->key_types));
    if (!local->hashes || !local->payloads || !local->blocks || !local->rows || !local->keys ||
        !local->key_types)
        return LT_NOMEM;
    LT_TRY(lt_calls_open(alloc, plan->calls, plan->n_calls, &local->calls, op->ctx->error));
    local->partial_size = sizeof(struct lt_partial) + lt_calls_size(local->calls);
    for (uint32_t k = 0; k < plan->n_keys; k++)
        local->key_types[k] = op->node->schema.fields[k].type;
    LT_TRY(lt_rows_open(&local->out, op));
    return table_open(op);
}

static void local_close(struct lt_op *op)
{
    struct local_state *local = op->state;
    struct lt_alloc *alloc = op->ctx->alloc;
    uint32_t n_keys = plan_of(op)->n_keys;
    lt_rows_close(&local->out);
    table_close(local);
    lt_calls_close(local->calls);
    if (local->hashes)
        lt_alloc_put(alloc, local->hashes, LT_BATCH_ROWS_MAX * sizeof(*local->hashes));
    if (local->payloads)
        lt_alloc_put(alloc, local->payloads, LT_BATCH_ROWS_MAX * sizeof(*local->payloads));
    if (local->blocks)
        lt_alloc_put(alloc, local->blocks, LT_BATCH_ROWS_MAX * sizeof(*local->blocks));
    if (local->rows)
        lt_alloc_put(alloc, local->rows, LT_BATCH_ROWS_MAX * sizeof(*local->rows));
    if (local->keys)
        lt_alloc_put(alloc, local->keys, (n_keys + 1) * sizeof(*local->keys));
    if (local->key_types)
        lt_alloc_put(alloc, local->key_types, (n_keys + 1) * sizeof(*local->key_types));
}

/* ---- groups out ---------------------------------------------------------- */

static lt_status write_partial(struct lt_op *op, char *payload)
{
    struct local_state *local = op->state;
    struct lt_batch_builder *builder = &local->out.builder;
    uint32_t n_keys = plan_of(op)->n_keys;
    for (uint32_t k = 0; k < n_keys; k++)
        LT_TRY(lt_table_keys(local->table, &payload, 1, k, builder->columns[k], builder->len));
    LT_TRY(lt_column_put_str(builder->columns[n_keys], builder->len,
                             (struct lt_str){payload, local->partial_size}));
    builder->len++;
    return LT_OK;
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
    return lt_rows_emit(&local->out, op); /* the last act */
}

static lt_flow flush_start(struct lt_op *op)
{
    struct local_state *local = op->state;
    if (lt_table_len(local->table) == 0)
        return LT_FLOW_OK;
    local->flushing = true;
    local->cursor = 0;
    return flush_step(op);
}

/* ---- rows in ------------------------------------------------------------- */

static lt_status take_rows(struct lt_op *op, const struct lt_batch *in)
{
    struct local_state *local = op->state;
    const struct lt_plan_aggregate *plan = plan_of(op);
    uint8_t is_new[LT_BATCH_ROWS_MAX];
    for (uint32_t k = 0; k < plan->n_keys; k++)
        local->keys[k] = in->columns[plan->keys[k]];
    for (uint32_t i = 0; i < in->n_sel; i++)
        local->rows[i] = (uint16_t)lt_batch_row(in, i);
    lt_table_hash_keys(local->keys, plan->n_keys, local->rows, in->n_sel, local->hashes);
    LT_TRY(lt_table_upsert(local->table, local->keys, local->rows, in->n_sel, local->hashes,
                           local->payloads, is_new));
    for (uint32_t i = 0; i < in->n_sel; i++) {
        local->blocks[i] = local->payloads[i] + sizeof(struct lt_partial);
        if (is_new[i])
            lt_calls_init(local->calls, local->blocks[i]);
        ((struct lt_partial *)local->payloads[i])->count += lt_batch_weight(in, local->rows[i]);
    }
    return lt_calls_update(local->calls, op->ctx, lt_state_get_heap(local->state), in, local->rows,
                           in->n_sel, local->blocks);
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
    return full ? flush_start(op) : LT_FLOW_OK;
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
    return local->flushing ? flush_step(op) : LT_FLOW_OK;
}

const struct lt_op_type lt_op_local_aggregate_type = {
    .name = "LocalAggregate",
    .state_size = sizeof(struct local_state),
    .scope = LT_SCOPE_NONE,
    .open = local_open,
    .push = local_push,
    .barrier = local_barrier,
    .end = local_end,
    .resume = local_resume,
    .close = local_close,
};
