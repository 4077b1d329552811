/* aggregate.c -- GROUP BY without a window: one entry per group, changes per epoch.
 *
 * A group that is touched for the first time in an epoch, and has been shown, puts
 * its old results aside before it changes. At the epoch's end every touched group says
 * -1 for that row and +1 for the new one, unless both are equal (aggregate_show.c); a
 * group whose rows are all gone is deleted. So a consumer sees one change per group and
 * epoch, and between epochs nothing but the groups themselves is kept.
 *
 * When only the final result of bounded input is wanted, groups are shown once, at
 * the end, and nothing is put aside.
 *
 * A global aggregate is one group that is there from the start and never goes.
 *
 * As the final phase it merges what local_aggregate.c and distinct_aggregate.c gathered;
 * its own state is the same either way, but that the latter has the sets.
 *
 * With a TTL a group carries the time it was last written. One whose time is up is
 * forgotten without a word: what was shown stays shown, and a later row of its key
 * begins a new group. That is judged when a row comes, so the answer does not depend
 * on when memory is given back; for the latter every barrier looks at some groups in
 * turn, and at none before the first of them can be due. What is then taken back from
 * a group that has been forgotten is counted like a late row. */
#include "exec/operators/aggregate.h"

enum { SWEEP_GROUPS = 4096 /* looked at per barrier */ };

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
        lt_calls_init(agg->calls, lt_aggregate_block(agg, payload));
    if (!agg->shows)
        return LT_OK;
    struct group *group = lt_aggregate_group(payload);
    if (group->shown || group->dirty)
        return LT_OK;
    group->dirty = 1;
    return lt_aggregate_dirty(op, payload);
}

static lt_status scratch_open(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    struct lt_arena *arena = &agg->arena;
    uint32_t n_keys = lt_aggregate_plan(op)->n_keys;
    agg->hashes = LT_ARENA_ARRAY(arena, uint64_t, LT_BATCH_ROWS_MAX);
    agg->payloads = LT_ARENA_ARRAY(arena, char *, LT_BATCH_ROWS_MAX);
    agg->blocks = agg->payloads;
    if (agg->head > 0)
        agg->blocks = LT_ARENA_ARRAY(arena, char *, LT_BATCH_ROWS_MAX);
    agg->touched = LT_ARENA_ARRAY(arena, char *, LT_BATCH_ROWS_MAX);
    agg->rows = LT_ARENA_ARRAY(arena, uint16_t, LT_BATCH_ROWS_MAX);
    agg->is_new = LT_ARENA_ARRAY(arena, uint8_t, LT_BATCH_ROWS_MAX);
    agg->keys = LT_ARENA_ARRAY(arena, struct lt_column *, n_keys + 1);
    agg->key_types = LT_ARENA_ARRAY(arena, const struct lt_type *, n_keys + 1);
    bool ok = agg->hashes && agg->payloads && agg->blocks && agg->touched && agg->rows &&
              agg->is_new && agg->keys && agg->key_types;
    return ok ? LT_OK : LT_NOMEM;
}

/* What the head of an entry holds. */
static void plan_head(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    const struct lt_plan_aggregate *plan = lt_aggregate_plan(op);
    size_t align = lt_calls_align(agg->calls);
    agg->global = plan->global;
    agg->shows = !op->node->props.final_only;
    agg->counts = op->node->inputs[0]->props.changing;
    agg->ttl_us = op->node->props.state == LT_STATE_BY_TTL ? plan->ttl_us : 0;
    agg->fixed = plan->n_calls == 0 && !agg->counts && !agg->ttl_us;
    agg->count_at = agg->shows ? sizeof(struct group) : 0;
    agg->head = lt_aggregate_head(agg->shows, agg->counts, align);
}

static lt_status aggregate_open(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    const struct lt_plan_aggregate *plan = lt_aggregate_plan(op);
    lt_arena_init(&agg->arena, op->ctx->alloc);
    agg->takes_partials = plan->phase == LT_AGG_FINAL && op->ctx->plan->parallelism > 1;
    LT_TRY(lt_state_open(op->ctx->alloc, op->ctx->partition, op->ctx->n_partitions, &agg->state));
    agg->heap = lt_state_get_heap(agg->state);
    LT_TRY(lt_calls_open(op->ctx->alloc, plan->calls, plan->n_calls, &agg->calls,
                         op->ctx->error));
    plan_head(op);
    LT_TRY(scratch_open(op));
    agg->partial_size = lt_calls_size(agg->calls);
    agg->partial = lt_arena_get(&agg->arena, agg->partial_size);
    if (!agg->partial)
        return LT_NOMEM;
    for (uint32_t k = 0; k < plan->n_keys; k++)
        agg->key_types[k] = op->node->schema.fields[k].type;
    struct lt_table_spec spec = {
        .n_keys = plan->n_keys,
        .keys = agg->key_types,
        .payload_size = agg->head + lt_calls_size(agg->calls),
    };
    LT_TRY(lt_table_open(agg->state, &spec, &agg->table));
    LT_TRY(lt_aggregate_show_open(op));
    return agg->global ? global_open(op) : LT_OK;
}

static void aggregate_close(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    lt_aggregate_show_close(op);
    lt_table_close(agg->table);
    lt_calls_close(agg->calls);
    lt_state_close(agg->state);
    lt_arena_close(&agg->arena);
}

/* ---- time to live -------------------------------------------------------- */

/* A group touched in this epoch is being written. */
static bool group_is_due(const struct lt_op *op, const struct group *group)
{
    const struct aggregate_state *agg = op->state;
    return !group->dirty && op->ctx->now_us - group->written_us >= agg->ttl_us;
}

/* Makes the entry that of a new group. */
static void group_forget(struct aggregate_state *agg, char *payload)
{
    lt_calls_drop(agg->calls, agg->heap, lt_aggregate_block(agg, payload));
    memset(payload, 0, agg->head + lt_calls_size(agg->calls));
    lt_calls_init(agg->calls, lt_aggregate_block(agg, payload));
}

void lt_aggregate_remove(struct aggregate_state *agg, char *payload)
{
    lt_calls_drop(agg->calls, agg->heap, lt_aggregate_block(agg, payload));
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
        const struct group *group = lt_aggregate_group(payload);
        if (group_is_due(op, group))
            lt_aggregate_remove(agg, payload);
        else if (group->written_us < agg->oldest_us)
            agg->oldest_us = group->written_us;
    }
}

void lt_aggregate_settle(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    op->rows_late += agg->n_missing;
    if (op->ctx->late_rows)
        *op->ctx->late_rows += agg->n_missing;
    agg->n_missing = 0;
    sweep(op);
    op->memory_bytes = lt_state_bytes(agg->state);
}

/* ---- rows in ------------------------------------------------------------- */

/* First touch in this epoch; *n counts those whose results must be put aside. */
static lt_status group_touch(struct lt_op *op, char *payload, uint32_t *n)
{
    struct aggregate_state *agg = op->state;
    struct group *group = lt_aggregate_group(payload);
    if (group->shown && agg->fixed)
        return LT_OK;
    group->dirty = 1;
    agg->touched[*n] = payload;
    *n += group->shown;
    return lt_aggregate_dirty(op, payload);
}

/* Whether the weight counts in the group. Only one that has been forgotten, or never
 * was, is asked for a row it does not have. */
static bool group_takes(struct aggregate_state *agg, char *payload, int64_t weight)
{
    if (!agg->ttl_us || weight > 0 || lt_aggregate_group(payload)->shown ||
        *lt_aggregate_count(agg, payload) > 0)
        return true;
    agg->n_missing += (uint64_t)-weight;
    return false;
}

/* Counts the rows where that matters, and leaves those that do: how many. */
static uint32_t count_rows(struct aggregate_state *agg, const struct lt_batch *in)
{
    uint32_t n = 0;
    if (!agg->counts) {
        for (uint32_t i = 0; i < in->n_sel && agg->head > 0; i++)
            agg->blocks[i] = lt_aggregate_block(agg, agg->payloads[i]);
        return in->n_sel;
    }
    for (uint32_t i = 0; i < in->n_sel; i++) {
        char *payload = agg->payloads[i];
        int64_t weight = lt_batch_weight(in, agg->rows[i]);
        if (!group_takes(agg, payload, weight))
            continue;
        *lt_aggregate_count(agg, payload) += weight;
        agg->rows[n] = agg->rows[i];
        agg->blocks[n++] = lt_aggregate_block(agg, payload);
    }
    return n;
}

/* The groups of the rows, ready to change; *n of them are left in agg->rows. */
static lt_status find_groups(struct lt_op *op, const struct lt_batch *in, uint32_t *n)
{
    struct aggregate_state *agg = op->state;
    const struct lt_plan_aggregate *plan = lt_aggregate_plan(op);
    uint32_t n_touched = 0;
    for (uint32_t k = 0; k < plan->n_keys; k++)
        agg->keys[k] = in->columns[agg->takes_partials ? k : plan->keys[k]];
    lt_batch_rows(in, agg->rows);
    const uint16_t *rows = in->sel ? agg->rows : NULL;
    LT_TRY(lt_table_upsert_rows(agg->table, agg->keys, rows, in->n_sel, agg->hashes,
                                agg->payloads, agg->is_new));
    bool inits = lt_calls_inits(agg->calls) && memchr(agg->is_new, 1, in->n_sel);
    bool all = agg->shows || agg->ttl_us || inits;
    for (uint32_t i = 0; i < in->n_sel && all; i++) {
        char *payload = agg->payloads[i];
        if (agg->is_new[i])
            lt_calls_init(agg->calls, lt_aggregate_block(agg, payload));
        else if (agg->ttl_us && group_is_due(op, lt_aggregate_group(payload)))
            group_forget(agg, payload);
        if (agg->shows && !lt_aggregate_group(payload)->dirty)
            LT_TRY(group_touch(op, payload, &n_touched));
    }
    LT_TRY(lt_aggregate_keep_old(op, agg->touched, n_touched));
    *n = count_rows(agg, in);
    return LT_OK;
}

static lt_status merge_partials(struct lt_op *op, const struct lt_batch *in)
{
    struct aggregate_state *agg = op->state;
    const struct lt_column *partials = in->columns[lt_aggregate_plan(op)->n_keys];
    for (uint32_t i = 0; i < in->n_sel; i++) {
        struct lt_cell cell = lt_column_cell(partials, agg->rows[i]);
        struct lt_str bytes = lt_sv_str((const struct lt_sv *)cell.col->values + cell.lane);
        LT_ASSERT(bytes.len == agg->partial_size);
        memcpy(agg->partial, bytes.data, bytes.len);
        LT_TRY(lt_calls_merge(agg->calls, op->ctx, agg->heap, agg->blocks[i], agg->heap,
                              agg->partial));
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
        status =
            lt_calls_update(agg->calls, op->ctx, agg->heap, in, agg->rows, n, agg->blocks);
    op->memory_bytes = lt_state_bytes(agg->state);
    return lt_op_flow(op, status);
}

/* ---- changes out --------------------------------------------------------- */

static lt_flow aggregate_barrier(struct lt_op *op, uint64_t epoch)
{
    LT_UNUSED(epoch);
    const struct aggregate_state *agg = op->state;
    return agg->shows ? lt_aggregate_show_start(op) : LT_FLOW_OK;
}

static lt_flow aggregate_end(struct lt_op *op, unsigned port)
{
    LT_UNUSED(port);
    struct aggregate_state *agg = op->state;
    if (++agg->n_ended < op->n_ports)
        return LT_FLOW_OK; /* other phases go on */
    return agg->shows ? lt_aggregate_show_start(op) : lt_aggregate_show_final(op);
}

static lt_flow aggregate_resume(struct lt_op *op)
{
    const struct aggregate_state *agg = op->state;
    return agg->showing ? lt_aggregate_show(op) : LT_FLOW_OK;
}

/* ---- save, load ---------------------------------------------------------- */

static lt_status aggregate_save(struct lt_op *op, struct lt_state_image *image)
{
    struct aggregate_state *agg = op->state;
    LT_TRY(lt_state_save(agg->state, 0, image));
    return lt_table_save(agg->table, 0, image);
}

static void move_head(struct lt_op *op, char *from, char *to, bool merge)
{
    struct aggregate_state *agg = op->state;
    if (agg->counts && merge)
        *lt_aggregate_count(agg, to) += *lt_aggregate_count(agg, from);
    if (!agg->shows)
        return;
    struct group *group = lt_aggregate_group(to);
    const struct group *old = lt_aggregate_group(from);
    if (!merge)
        group->dirty = group->old = 0;
    group->shown |= old->shown;
    if (agg->ttl_us && group->written_us < old->written_us)
        group->written_us = old->written_us;
    if (agg->ttl_us && group->written_us == 0)
        group->written_us = op->ctx->now_us; /* saved without a TTL */
}

static lt_status move_group(void *ctx, const struct lt_state_heap *from_heap, const char *from,
                            struct lt_state_heap *to_heap, char *to, bool merge)
{
    struct lt_op *op = ctx;
    struct aggregate_state *agg = op->state;
    char *block = lt_aggregate_block(agg, to);
    if (!merge) {
        memset(block, 0, lt_calls_size(agg->calls));
        lt_calls_init(agg->calls, block);
    }
    move_head(op, (char *)(uintptr_t)from, to, merge);
    LT_TRY(lt_calls_merge(agg->calls, op->ctx, to_heap, block, from_heap, from + agg->head));
    if (agg->takes_partials)
        lt_calls_drop_sets(agg->calls, to_heap, block); /* a phase before has them */
    return LT_OK;
}

/* Without other phases the sets that they had come home. */
static lt_status move_sets(void *ctx, const struct lt_state_heap *from_heap, const char *from,
                           struct lt_state_heap *to_heap, char *to, bool merge)
{
    struct lt_op *op = ctx;
    struct aggregate_state *agg = op->state;
    if (!merge)
        return LT_CORRUPT; /* each group is here, too */
    return lt_calls_take_sets(agg->calls, op->ctx, to_heap, lt_aggregate_block(agg, to),
                              from_heap, from + agg->head, 0, 1);
}

static bool is_of_sets(const struct lt_state_image *image)
{
    struct lt_str value;
    return lt_image_find(image, LT_AGGREGATE_SETS, &value);
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
        if (!is_of_sets(images[i]))
            LT_TRY(lt_table_load(agg->table, 0, images[i], agg->global, &mover));
    mover.move = move_sets;
    for (uint32_t i = 0; i < n && !agg->takes_partials; i++)
        if (is_of_sets(images[i]))
            LT_TRY(lt_table_load(agg->table, 0, images[i], agg->global, &mover));
    if (!agg->global)
        return LT_OK;
    uint64_t cursor = 0;
    char *payload = lt_table_next(agg->table, &cursor);
    if (agg->shows)
        lt_aggregate_group(payload)->dirty = 0;
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
