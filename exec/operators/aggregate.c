/* aggregate.c -- GROUP BY without a window: one entry per group, changes per epoch.
 *
 * A group that is touched for the first time in an epoch, and has been shown, puts
 * its old row aside before it changes. At the epoch's end every touched group says
 * -1 for that row and +1 for the new one, unless both are equal; a group whose rows
 * are all gone is deleted. So a consumer sees one change per group and epoch, and
 * between epochs nothing but the groups themselves is kept.
 *
 * When only the final result of bounded input is wanted, groups are shown once, at
 * the end, and nothing is put aside.
 *
 * A global aggregate is one group that is there from the start and never goes.
 *
 * As the final phase of two it merges what local_aggregate.c gathered; its own state
 * is the same either way.
 *
 * With a TTL a group carries the time it was last written. One whose time is up is
 * forgotten without a word: what was shown stays shown, and a later row of its key
 * begins a new group. That is judged when a row comes, so the answer does not depend
 * on when memory is given back; for the latter every barrier looks at some groups in
 * turn, and at none before the first of them can be due. What is then taken back from
 * a group that has been forgotten is counted like a late row. */
#include "exec/aggregates/calls.h"
#include "exec/aggregates/partial.h"
#include "exec/aggregates/rows.h"
#include "exec/state/state.h"

/* At the head of each group's entry; the calls' block follows. */
struct group {
    int64_t count;      /* rows, by weight */
    uint32_t dirty;     /* touched in this epoch */
    uint32_t old;       /* 1 + place of the row put aside */
    uint64_t shown;     /* consumers hold a row of this group */
    int64_t written_us; /* processing time; 0 without a TTL */
};

enum { SWEEP_GROUPS = 4096 /* looked at per barrier */ };

struct aggregate_state {
    struct lt_state *state;
    struct lt_calls *calls;
    struct lt_table *table;
    const struct lt_type **key_types;
    struct lt_rows out, old;
    struct lt_batch **kept; /* full batches of old rows */
    uint32_t n_kept, kept_cap;
    char **dirty; /* touched groups */
    uint64_t n_dirty, dirty_cap;
    uint64_t at; /* of dirty, while showing */
    bool showing, global, final_only;
    bool takes_partials; /* rows are keys and a partial */
    char *partial;       /* one, aligned */
    size_t partial_size;
    int64_t ttl_us;     /* 0 = none */
    int64_t written_us; /* no group was written before; 0 = not known */
    int64_t oldest_us;  /* of the groups seen in this round of the sweep, or its start */
    uint64_t sweep_at;  /* cursor; 0 between rounds */
    uint64_t n_missing; /* rows taken back from groups that are gone */
    /* scratch of one batch */
    uint64_t *hashes;
    char **payloads, **blocks;
    uint16_t *rows;
    struct lt_column **keys;
};

static struct group *group_of(char *payload)
{
    return (struct group *)payload;
}

static char *block_of(char *payload)
{
    return payload + sizeof(struct group);
}

static const struct lt_plan_aggregate *plan_of(const struct lt_op *op)
{
    return &op->node->u.aggregate;
}

static lt_status dirty_add(struct lt_op *op, char *payload)
{
    struct aggregate_state *agg = op->state;
    if (agg->n_dirty == agg->dirty_cap) {
        uint64_t cap = agg->dirty_cap ? agg->dirty_cap * 2 : 256;
        void *grown = lt_alloc_resize(op->ctx->alloc, agg->dirty, agg->dirty_cap * sizeof(char *),
                                      cap * sizeof(char *));
        if (!grown)
            return LT_NOMEM;
        agg->dirty = grown;
        agg->dirty_cap = cap;
    }
    agg->dirty[agg->n_dirty++] = payload;
    group_of(payload)->dirty = 1;
    return LT_OK;
}

/* ---- open, close --------------------------------------------------------- */

/* The group of a global aggregate; the first epoch shows it. */
static lt_status global_open(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    uint64_t hash = 0;
    uint8_t is_new;
    char *payload;
    LT_TRY(lt_table_upsert(agg->table, NULL, NULL, 1, &hash, &payload, &is_new));
    if (is_new)
        lt_calls_init(agg->calls, block_of(payload));
    if (agg->final_only || group_of(payload)->shown || group_of(payload)->dirty)
        return LT_OK;
    return dirty_add(op, payload);
}

static lt_status scratch_open(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    struct lt_alloc *alloc = op->ctx->alloc;
    uint32_t n_keys = plan_of(op)->n_keys;
    agg->hashes = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*agg->hashes));
    agg->payloads = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*agg->payloads));
    agg->blocks = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*agg->blocks));
    agg->rows = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*agg->rows));
    agg->keys = lt_alloc_get(alloc, n_keys * sizeof(*agg->keys));
    agg->key_types = lt_alloc_get(alloc, n_keys * sizeof(*agg->key_types));
    bool ok = agg->hashes && agg->payloads && agg->blocks && agg->rows && agg->keys &&
              agg->key_types;
    return ok ? LT_OK : LT_NOMEM;
}

static lt_status aggregate_open(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    const struct lt_plan_aggregate *plan = plan_of(op);
    agg->takes_partials = plan->phase == LT_AGG_FINAL && op->ctx->plan->parallelism > 1;
    LT_TRY(scratch_open(op));
    agg->global = plan->global;
    agg->final_only = op->node->props.final_only;
    agg->ttl_us = op->node->props.state == LT_STATE_BY_TTL ? plan->ttl_us : 0;
    LT_TRY(lt_state_open(op->ctx->alloc, op->ctx->partition, op->ctx->n_partitions, &agg->state));
    LT_TRY(lt_calls_open(op->ctx->alloc, plan->calls, plan->n_calls, &agg->calls,
                         op->ctx->error));
    agg->partial_size = sizeof(struct lt_partial) + lt_calls_size(agg->calls);
    agg->partial = lt_alloc_get(op->ctx->alloc, agg->partial_size);
    if (!agg->partial)
        return LT_NOMEM;
    for (uint32_t k = 0; k < plan->n_keys; k++)
        agg->key_types[k] = op->node->schema.fields[k].type;
    struct lt_table_spec spec = {
        .n_keys = plan->n_keys,
        .keys = agg->key_types,
        .payload_size = sizeof(struct group) + lt_calls_size(agg->calls),
    };
    LT_TRY(lt_table_open(agg->state, &spec, &agg->table));
    LT_TRY(lt_rows_open(&agg->out, op));
    LT_TRY(lt_rows_open(&agg->old, op));
    return agg->global ? global_open(op) : LT_OK;
}

static void old_release(struct aggregate_state *agg)
{
    for (uint32_t i = 0; i < agg->n_kept; i++)
        lt_batch_drop(agg->kept[i]);
    agg->n_kept = 0;
}

static void aggregate_close(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    struct lt_alloc *alloc = op->ctx->alloc;
    uint32_t n_keys = plan_of(op)->n_keys;
    old_release(agg);
    lt_rows_close(&agg->old);
    lt_rows_close(&agg->out);
    lt_table_close(agg->table);
    lt_calls_close(agg->calls);
    lt_state_close(agg->state);
    lt_alloc_put(alloc, agg->kept, agg->kept_cap * sizeof(*agg->kept));
    lt_alloc_put(alloc, agg->dirty, agg->dirty_cap * sizeof(*agg->dirty));
    if (agg->partial)
        lt_alloc_put(alloc, agg->partial, agg->partial_size);
    if (agg->hashes)
        lt_alloc_put(alloc, agg->hashes, LT_BATCH_ROWS_MAX * sizeof(*agg->hashes));
    if (agg->payloads)
        lt_alloc_put(alloc, agg->payloads, LT_BATCH_ROWS_MAX * sizeof(*agg->payloads));
    if (agg->blocks)
        lt_alloc_put(alloc, agg->blocks, LT_BATCH_ROWS_MAX * sizeof(*agg->blocks));
    if (agg->rows)
        lt_alloc_put(alloc, agg->rows, LT_BATCH_ROWS_MAX * sizeof(*agg->rows));
    if (agg->keys)
        lt_alloc_put(alloc, agg->keys, n_keys * sizeof(*agg->keys));
    if (agg->key_types)
        lt_alloc_put(alloc, agg->key_types, n_keys * sizeof(*agg->key_types));
}

/* ---- time to live -------------------------------------------------------- */

/* A group touched in this epoch is being written. */
static bool group_is_due(const struct lt_op *op, const struct group *group)
{
    const struct aggregate_state *agg = op->state;
    return !group->dirty && op->ctx->now_us - group->written_us >= agg->ttl_us;
}

/* Makes the entry that of a new group. */
static void group_forget(struct lt_op *op, char *payload)
{
    struct aggregate_state *agg = op->state;
    lt_calls_drop(agg->calls, lt_state_get_heap(agg->state), block_of(payload));
    memset(payload, 0, sizeof(struct group) + lt_calls_size(agg->calls));
    lt_calls_init(agg->calls, block_of(payload));
}

static void group_remove(struct lt_op *op, char *payload)
{
    struct aggregate_state *agg = op->state;
    lt_calls_drop(agg->calls, lt_state_get_heap(agg->state), block_of(payload));
    lt_table_remove(agg->table, payload);
}

/* At a barrier, when no group is dirty: gives back groups that are due, some at a time. */
static void sweep(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    int64_t now_us = op->ctx->now_us;
    if (!agg->ttl_us || now_us - agg->written_us < agg->ttl_us)
        return;
    if (agg->sweep_at == 0)
        agg->oldest_us = now_us; /* groups written during the round are younger */
    lt_state_set_epoch(agg->state, op->ctx->epoch);
    for (uint32_t i = 0; i < SWEEP_GROUPS; i++) {
        char *payload = lt_table_next(agg->table, &agg->sweep_at);
        if (!payload) {
            agg->sweep_at = 0;
            agg->written_us = agg->oldest_us;
            return;
        }
        if (group_is_due(op, group_of(payload)))
            group_remove(op, payload);
        else if (group_of(payload)->written_us < agg->oldest_us)
            agg->oldest_us = group_of(payload)->written_us;
    }
}

static void count_missing(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    op->rows_late += agg->n_missing;
    if (op->ctx->late_rows)
        *op->ctx->late_rows += agg->n_missing;
    agg->n_missing = 0;
}

/* ---- rows in ------------------------------------------------------------- */

/* Writes the group's row, keys first, as the next row of `rows`. */
static lt_status write_group(struct lt_op *op, struct lt_rows *rows, char *payload, int32_t weight)
{
    struct aggregate_state *agg = op->state;
    struct lt_batch_builder *builder = &rows->builder;
    uint32_t n_keys = plan_of(op)->n_keys;
    for (uint32_t k = 0; k < n_keys; k++)
        LT_TRY(lt_table_keys(agg->table, &payload, 1, k, builder->columns[k], builder->len));
    LT_TRY(lt_calls_finish(agg->calls, lt_state_get_heap(agg->state), block_of(payload),
                           builder->columns + n_keys, builder->len, op->ctx->error));
    if (weight != 1 || builder->weight)
        LT_TRY(lt_builder_set_weight(builder, builder->len, weight));
    builder->len++;
    return LT_OK;
}

/* Turns the gathered old rows into a kept batch. */
static lt_status old_keep(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    if (agg->old.builder.len == 0)
        return LT_OK;
    if (agg->n_kept == agg->kept_cap) {
        uint32_t cap = agg->kept_cap ? agg->kept_cap * 2 : 8;
        void *grown = lt_alloc_resize(op->ctx->alloc, agg->kept, agg->kept_cap * sizeof(*agg->kept),
                                      cap * sizeof(*agg->kept));
        if (!grown)
            return LT_NOMEM;
        agg->kept = grown;
        agg->kept_cap = cap;
    }
    struct lt_batch batch;
    LT_TRY(lt_builder_take(&agg->old.builder, &batch));
    struct lt_batch *kept = lt_batch_keep(op->ctx->pool, &batch);
    lt_builder_release(&agg->old.builder, &batch);
    if (!kept)
        return LT_NOMEM;
    agg->kept[agg->n_kept++] = kept;
    return LT_OK;
}

/* First touch in this epoch: the row shown so far is put aside. */
static lt_status group_touch(struct lt_op *op, char *payload)
{
    struct aggregate_state *agg = op->state;
    struct group *group = group_of(payload);
    if (group->shown) {
        LT_TRY(write_group(op, &agg->old, payload, 1));
        group->old = agg->n_kept * agg->old.builder.cap + agg->old.builder.len;
        if (agg->old.builder.len == agg->old.builder.cap)
            LT_TRY(old_keep(op));
    }
    return dirty_add(op, payload);
}

/* Whether the weight counts in the group. Only one that has been forgotten, or never
 * was, is asked for a row it does not have. */
static bool group_takes(struct aggregate_state *agg, const struct group *group, int64_t weight)
{
    if (!agg->ttl_us || weight > 0 || group->shown || group->count > 0)
        return true;
    agg->n_missing += (uint64_t)-weight;
    return false;
}

/* The groups of the rows; *n of them are left in agg->rows. */
static lt_status find_groups(struct lt_op *op, const struct lt_batch *in, uint32_t *n)
{
    struct aggregate_state *agg = op->state;
    const struct lt_plan_aggregate *plan = plan_of(op);
    uint8_t is_new[LT_BATCH_ROWS_MAX];
    for (uint32_t k = 0; k < plan->n_keys; k++)
        agg->keys[k] = in->columns[agg->takes_partials ? k : plan->keys[k]];
    for (uint32_t i = 0; i < in->n_sel; i++)
        agg->rows[i] = (uint16_t)lt_batch_row(in, i);
    lt_table_hash_keys(agg->keys, plan->n_keys, agg->rows, in->n_sel, agg->hashes);
    LT_TRY(lt_table_upsert(agg->table, agg->keys, agg->rows, in->n_sel, agg->hashes, agg->payloads,
                           is_new));
    for (uint32_t i = 0; i < in->n_sel; i++) {
        char *payload = agg->payloads[i];
        if (is_new[i])
            lt_calls_init(agg->calls, block_of(payload));
        else if (agg->ttl_us && group_is_due(op, group_of(payload)))
            group_forget(op, payload);
        if (!agg->final_only && !group_of(payload)->dirty)
            LT_TRY(group_touch(op, payload));
        /* a partial brings its own count, and never meets a TTL */
        int64_t weight = agg->takes_partials ? 0 : lt_batch_weight(in, agg->rows[i]);
        if (!group_takes(agg, group_of(payload), weight))
            continue;
        group_of(payload)->count += weight;
        agg->rows[*n] = agg->rows[i];
        agg->blocks[(*n)++] = block_of(payload);
    }
    return LT_OK;
}

static lt_status merge_partials(struct lt_op *op, const struct lt_batch *in)
{
    struct aggregate_state *agg = op->state;
    struct lt_state_heap *heap = lt_state_get_heap(agg->state);
    const struct lt_column *partials = in->columns[plan_of(op)->n_keys];
    for (uint32_t i = 0; i < in->n_sel; i++) {
        struct lt_cell cell = lt_column_cell(partials, agg->rows[i]);
        struct lt_str bytes = lt_sv_str((const struct lt_sv *)cell.col->values + cell.lane);
        LT_ASSERT(bytes.len == agg->partial_size);
        memcpy(agg->partial, bytes.data, bytes.len);
        group_of(agg->payloads[i])->count += ((const struct lt_partial *)agg->partial)->count;
        LT_TRY(lt_calls_merge(agg->calls, op->ctx, heap, agg->blocks[i], heap,
                              agg->partial + sizeof(struct lt_partial)));
    }
    return LT_OK;
}

static lt_flow aggregate_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    struct aggregate_state *agg = op->state;
    lt_state_set_epoch(agg->state, op->ctx->epoch);
    uint32_t n = 0;
    lt_status status = find_groups(op, in, &n);
    if (status == LT_OK && agg->takes_partials)
        status = merge_partials(op, in);
    else if (status == LT_OK)
        status = lt_calls_update(agg->calls, op->ctx, lt_state_get_heap(agg->state), in, agg->rows,
                                 n, agg->blocks);
    op->memory_bytes = lt_state_bytes(agg->state);
    return lt_op_flow(op, status);
}

/* ---- changes out --------------------------------------------------------- */

static bool rows_equal(const struct lt_batch *a, uint32_t row_a, struct lt_column *const *b,
                       uint32_t row_b)
{
    for (uint32_t c = 0; c < a->n_columns; c++)
        if (!lt_cell_equal(lt_column_cell(a->columns[c], row_a), lt_column_cell(b[c], row_b)))
            return false;
    return true;
}

/* What a touched group has to say: at most two rows. */
static lt_status group_show(struct lt_op *op, char *payload)
{
    struct aggregate_state *agg = op->state;
    struct group *group = group_of(payload);
    struct lt_batch_builder *builder = &agg->out.builder;
    const struct lt_batch *old = NULL;
    uint32_t old_row = 0;
    lt_table_touch(agg->table, payload);
    if (group->old) {
        old = agg->kept[(group->old - 1) / agg->old.builder.cap];
        old_row = (group->old - 1) % agg->old.builder.cap;
    }
    bool lives = agg->global || group->count != 0;
    if (agg->ttl_us && group->count < 0) {
        agg->n_missing += (uint64_t)-group->count;
        lives = false;
    }
    if (old)
        LT_TRY(lt_rows_copy(&agg->out, old, old_row, -1));
    if (lives)
        LT_TRY(write_group(op, &agg->out, payload, 1));
    group->dirty = group->old = 0;
    group->shown = lives;
    group->written_us = agg->ttl_us ? op->ctx->now_us : 0;
    if (!lives) {
        group_remove(op, payload);
    } else if (old && rows_equal(old, old_row, builder->columns, builder->len - 1)) {
        lt_rows_undo(&agg->out, 2); /* nothing has changed; if it stays, it cancels out */
    }
    return LT_OK;
}

static lt_flow show_step(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    while (agg->at < agg->n_dirty) {
        if (!lt_rows_has_room(&agg->out, 2)) {
            lt_flow flow = lt_rows_emit(&agg->out, op);
            if (flow != LT_FLOW_OK)
                return flow;
        }
        lt_status status = group_show(op, agg->dirty[agg->at++]);
        if (status != LT_OK)
            return lt_op_fail(op, status);
        if (agg->at % 256 == 0 && lt_op_time_is_up(op))
            return LT_FLOW_YIELD;
    }
    agg->showing = false;
    agg->n_dirty = 0;
    old_release(agg);
    count_missing(op);
    sweep(op);
    op->memory_bytes = lt_state_bytes(agg->state);
    return lt_rows_emit(&agg->out, op); /* the last act */
}

static lt_flow show_start(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    if (agg->n_dirty == 0) {
        sweep(op);
        return LT_FLOW_OK;
    }
    lt_status status = old_keep(op);
    if (status != LT_OK)
        return lt_op_fail(op, status);
    lt_table_sort(agg->table, agg->dirty, agg->n_dirty);
    agg->showing = true;
    agg->at = 0;
    return show_step(op);
}

static lt_flow aggregate_barrier(struct lt_op *op, uint64_t epoch)
{
    LT_UNUSED(epoch);
    const struct aggregate_state *agg = op->state;
    return agg->final_only ? LT_FLOW_OK : show_start(op);
}

static lt_flow aggregate_end(struct lt_op *op, unsigned port)
{
    LT_UNUSED(port);
    struct aggregate_state *agg = op->state;
    if (agg->final_only) {
        uint64_t cursor = 0;
        for (char *payload; (payload = lt_table_next(agg->table, &cursor));) {
            lt_status status = dirty_add(op, payload);
            if (status != LT_OK)
                return lt_op_fail(op, status);
        }
    }
    return show_start(op);
}

static lt_flow aggregate_resume(struct lt_op *op)
{
    const struct aggregate_state *agg = op->state;
    return agg->showing ? show_step(op) : LT_FLOW_OK;
}

/* ---- save, load ---------------------------------------------------------- */

static lt_status aggregate_save(struct lt_op *op, struct lt_state_image *image)
{
    struct aggregate_state *agg = op->state;
    LT_TRY(lt_state_save(agg->state, 0, image));
    return lt_table_save(agg->table, 0, image);
}

static lt_status move_group(void *ctx, const struct lt_state_heap *from_heap, const char *from,
                            struct lt_state_heap *to_heap, char *to, bool merge)
{
    struct lt_op *op = ctx;
    struct aggregate_state *agg = op->state;
    const struct group *group = (const struct group *)from;
    if (merge) {
        group_of(to)->count += group->count;
    } else {
        memset(block_of(to), 0, lt_calls_size(agg->calls));
        lt_calls_init(agg->calls, block_of(to));
        group_of(to)->dirty = group_of(to)->old = 0;
    }
    group_of(to)->shown |= group->shown;
    if (agg->ttl_us && group_of(to)->written_us < group->written_us)
        group_of(to)->written_us = group->written_us;
    if (agg->ttl_us && group_of(to)->written_us == 0)
        group_of(to)->written_us = op->ctx->now_us; /* saved without a TTL */
    return lt_calls_merge(agg->calls, op->ctx, to_heap, block_of(to), from_heap,
                          from + sizeof(struct group));
}

static lt_status aggregate_load(struct lt_op *op, const struct lt_state_image *const *images,
                                uint32_t n)
{
    struct aggregate_state *agg = op->state;
    struct lt_table_mover mover = {.move = move_group, .ctx = op};
    agg->n_dirty = 0;
    agg->written_us = 0;
    agg->sweep_at = 0;
    for (uint32_t i = 0; i < n; i++)
        LT_TRY(lt_table_load(agg->table, 0, images[i], agg->global, &mover));
    if (!agg->global)
        return LT_OK;
    uint64_t cursor = 0;
    group_of(lt_table_next(agg->table, &cursor))->dirty = 0;
    return global_open(op);
}

const struct lt_op_type lt_op_aggregate_type = {
    .name = "Aggregate",
    .state_size = sizeof(struct aggregate_state),
    .scope = LT_SCOPE_KEYED,
    .open = aggregate_open,
    .push = aggregate_push,
    .barrier = aggregate_barrier,
    .end = aggregate_end,
    .resume = aggregate_resume,
    .save = aggregate_save,
    .load = aggregate_load,
    .close = aggregate_close,
};
