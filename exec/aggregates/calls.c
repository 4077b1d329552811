/* calls.c -- runs the aggregate calls of an operator over blocks of group state.
 *
 * Per call: take the rows its FILTER keeps and whose arguments are not NULL; for
 * DISTINCT count each value in the group's set and let only those through that came
 * in or went out, with weight +1 or -1; hand what is left to the kernel at once.
 *
 * A DISTINCT argument of one fixed-width column of up to 8 bytes is kept as a word,
 * anything else as order bytes. */
#include "exec/aggregates/calls.h"

#include "base/bits.h"
#include "base/hash.h"
#include "exec/aggregates/lane.h"
#include "exec/state/order.h"
#include "exec/state/set.h"

struct call_slot {
    const struct lt_plan_agg *agg;
    const struct lt_agg_kernel *kernel;
    size_t offset;     /* of the kernel's state */
    size_t set_offset; /* of the DISTINCT set */
    bool distinct;
    bool words; /* the set holds words */
};

struct lt_calls {
    struct lt_alloc *alloc;
    uint32_t n;
    struct call_slot *slots;
    size_t size;
    bool droppable;
    uint16_t *rows; /* LT_BATCH_ROWS_MAX each */
    char **blocks;
    int32_t *weights;
    struct lt_buf bytes;
};

static bool slot_words(const struct lt_agg_call *call)
{
    return call->n_args - call->n_order == 1 && lt_lane_fits(lt_type_phys(call->args[0]));
}

/* The value argument that is the same column as ORDER BY key i; n_args = none. */
static uint32_t order_source(const struct lt_plan_agg *agg, uint32_t i)
{
    uint32_t n_values = agg->call.n_args - agg->call.n_order;
    for (uint32_t a = 0; a < n_values; a++)
        if (agg->arg_columns[a] == agg->arg_columns[n_values + i])
            return a;
    return agg->call.n_args;
}

static lt_status check_distinct(const struct lt_plan_agg *agg, struct lt_error *err)
{
    for (uint32_t i = 0; agg->call.distinct && i < agg->call.n_order; i++)
        if (order_source(agg, i) == agg->call.n_args)
            return lt_fail(err, LT_UNSUPPORTED,
                           "%s(DISTINCT ...) can be ordered by its own arguments only",
                           agg->call.fn->name);
    return LT_OK;
}

lt_status lt_calls_open(struct lt_alloc *alloc, const struct lt_plan_agg *aggs, uint32_t n,
                        struct lt_calls **out, struct lt_error *err)
{
    for (uint32_t i = 0; i < n; i++)
        LT_TRY(check_distinct(&aggs[i], err));
    struct lt_calls *calls = lt_alloc_zero(alloc, sizeof(*calls));
    if (!calls)
        return LT_NOMEM;
    calls->alloc = alloc;
    calls->n = n;
    lt_buf_init(&calls->bytes, alloc);
    calls->slots = lt_alloc_zero(alloc, n * sizeof(*calls->slots));
    calls->rows = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*calls->rows));
    calls->blocks = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*calls->blocks));
    calls->weights = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*calls->weights));
    if (!calls->slots || !calls->rows || !calls->blocks || !calls->weights) {
        lt_calls_close(calls);
        return LT_NOMEM;
    }
    for (uint32_t i = 0; i < n; i++) {
        struct call_slot *slot = &calls->slots[i];
        slot->agg = &aggs[i];
        slot->kernel = aggs[i].call.kernel;
        slot->distinct = aggs[i].call.distinct && !slot->kernel->idempotent;
        slot->words = slot_words(&aggs[i].call);
        if (slot->distinct) {
            slot->set_offset = calls->size;
            calls->size += sizeof(struct lt_set);
        }
        size_t size = (slot->kernel->state_size + 7) & ~(size_t)7;
        if (size % 16 == 0)
            calls->size = (calls->size + 15) & ~(size_t)15; /* it may hold an __int128 */
        slot->offset = calls->size;
        calls->size += size;
        calls->droppable |= slot->distinct || slot->kernel->drop;
    }
    calls->size = (calls->size + 15) & ~(size_t)15;
    *out = calls;
    return LT_OK;
}

void lt_calls_close(struct lt_calls *calls)
{
    if (!calls)
        return;
    struct lt_alloc *alloc = calls->alloc;
    lt_alloc_put(alloc, calls->slots, calls->n * sizeof(*calls->slots));
    lt_alloc_put(alloc, calls->rows, LT_BATCH_ROWS_MAX * sizeof(*calls->rows));
    lt_alloc_put(alloc, calls->blocks, LT_BATCH_ROWS_MAX * sizeof(*calls->blocks));
    lt_alloc_put(alloc, calls->weights, LT_BATCH_ROWS_MAX * sizeof(*calls->weights));
    lt_buf_close(&calls->bytes);
    lt_alloc_put(alloc, calls, sizeof(*calls));
}

size_t lt_calls_size(const struct lt_calls *calls)
{
    return calls->size;
}

bool lt_calls_retractable(const struct lt_calls *calls)
{
    for (uint32_t i = 0; i < calls->n; i++)
        if (!calls->slots[i].kernel->retractable)
            return false;
    return true;
}

bool lt_calls_invertible(const struct lt_calls *calls)
{
    for (uint32_t i = 0; i < calls->n; i++)
        if (!calls->slots[i].kernel->invertible || calls->slots[i].distinct)
            return false;
    return true;
}

void lt_calls_init(const struct lt_calls *calls, char *block)
{
    for (uint32_t i = 0; i < calls->n; i++) {
        const struct call_slot *slot = &calls->slots[i];
        if (slot->kernel->init)
            slot->kernel->init(&slot->agg->call, block + slot->offset);
    }
}

/* ---- update -------------------------------------------------------------- */

/* Narrows rows and blocks to those where `keep` says so; they may be the arrays of
 * `calls` already. */
static bool filter_keeps(const struct lt_column *col, uint32_t row)
{
    uint32_t lane = row;
    const struct lt_column *flat = lt_order_flat(col, &lane);
    return !lt_column_is_null(col, row) && ((const uint8_t *)flat->values)[lane];
}

static void narrow_filter(struct lt_calls *calls, const struct lt_column *col,
                          struct lt_agg_input *in)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < in->n; i++) {
        calls->rows[n] = in->rows[i];
        calls->blocks[n] = in->states[i];
        n += filter_keeps(col, in->rows[i]);
    }
    in->n = n;
    in->rows = calls->rows;
    in->states = calls->blocks;
}

static void narrow_nulls(struct lt_calls *calls, const struct lt_column *flat,
                         struct lt_agg_input *in)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < in->n; i++) {
        calls->rows[n] = in->rows[i];
        calls->blocks[n] = in->states[i];
        n += lt_bits_get(flat->validity, in->rows[i]);
    }
    in->n = n;
    in->rows = calls->rows;
    in->states = calls->blocks;
}

static lt_status distinct_value(struct lt_calls *calls, const struct call_slot *slot,
                                struct lt_column *const *args, uint32_t row,
                                struct lt_set_value *value)
{
    if (slot->words && !slot->kernel->takes_nulls) {
        *value = (struct lt_set_value){.word = (uint64_t)lt_lane_get(args[0], row)};
        return LT_OK;
    }
    lt_buf_clear(&calls->bytes);
    for (uint32_t a = 0; a < slot->agg->call.n_args - slot->agg->call.n_order; a++)
        lt_order_encode(&calls->bytes, args[a], row, LT_ORDER_ASC);
    if (calls->bytes.status != LT_OK)
        return calls->bytes.status;
    value->bytes = lt_buf_str(&calls->bytes);
    value->hash = lt_hash_bytes(value->bytes.data, value->bytes.len, 0);
    return LT_OK;
}

/* Rows whose value came into their group's set or left it, with weights +1 and -1. */
static lt_status narrow_distinct(struct lt_calls *calls, const struct call_slot *slot,
                                 struct lt_agg_input *in, struct lt_batch *view)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < in->n; i++) {
        uint32_t row = in->rows[i];
        char *block = in->states[i];
        struct lt_set_value value;
        int change;
        LT_TRY(distinct_value(calls, slot, in->args, row, &value));
        LT_TRY(lt_set_add(in->heap, (struct lt_set *)(block + slot->set_offset), &value,
                          lt_batch_weight(in->batch, row), &change));
        calls->weights[row] = change;
        calls->rows[n] = (uint16_t)row;
        calls->blocks[n] = block;
        n += change != 0;
    }
    in->n = n;
    in->rows = calls->rows;
    in->states = calls->blocks;
    *view = *in->batch;
    view->weight = calls->weights;
    in->batch = view;
    return LT_OK;
}

static lt_status slot_update(struct lt_calls *calls, const struct call_slot *slot,
                             struct lt_agg_input *in, struct lt_column **args)
{
    const struct lt_agg_call *call = &slot->agg->call;
    struct lt_batch view;
    in->args = args;
    in->offset = slot->offset;
    if (slot->agg->filter_column >= 0)
        narrow_filter(calls, in->batch->columns[slot->agg->filter_column], in);
    for (uint32_t a = 0; a < call->n_args; a++) {
        struct lt_column *col = in->batch->columns[slot->agg->arg_columns[a]];
        LT_TRY(lt_column_flatten(in->pool, col, &args[a]));
        bool is_value = a < call->n_args - call->n_order;
        if (args[a]->validity && is_value && !slot->kernel->takes_nulls)
            narrow_nulls(calls, args[a], in);
    }
    if (slot->distinct)
        LT_TRY(narrow_distinct(calls, slot, in, &view));
    return in->n ? slot->kernel->update(call, in) : LT_OK;
}

lt_status lt_calls_update(struct lt_calls *calls, struct lt_op_ctx *ctx, struct lt_state_heap *heap,
                          const struct lt_batch *batch, const uint16_t *rows, uint32_t n,
                          char *const *blocks)
{
    LT_ASSERT(n <= LT_BATCH_ROWS_MAX);
    for (uint32_t i = 0; i < calls->n; i++) {
        struct lt_column *args[LT_CALL_ARGS_MAX] = {NULL};
        struct lt_agg_input in = {
            .n = n,
            .rows = rows,
            .states = blocks,
            .batch = batch,
            .heap = heap,
            .pool = ctx->pool,
            .err = ctx->error,
        };
        lt_status status = slot_update(calls, &calls->slots[i], &in, args);
        for (uint32_t a = 0; a < calls->slots[i].agg->call.n_args; a++)
            lt_column_unref(args[a]);
        LT_TRY(status);
    }
    return LT_OK;
}

/* ---- merge, finish, drop ------------------------------------------------- */

/* Gives the value of a set back to the kernel as a row of one-row columns. */
static lt_status distinct_feed(const struct call_slot *slot, struct lt_op_ctx *ctx,
                               struct lt_state_heap *heap, char *block,
                               const struct lt_set_value *value)
{
    const struct lt_agg_call *call = &slot->agg->call;
    uint32_t n_values = call->n_args - call->n_order;
    struct lt_column *args[LT_CALL_ARGS_MAX] = {NULL};
    const char *at = value->bytes.data, *end = at ? at + value->bytes.len : NULL;
    const uint16_t row = 0;
    struct lt_batch batch = {.len = 1, .n_sel = 1};
    struct lt_agg_input in = {
        .n = 1,
        .rows = &row,
        .states = &block,
        .offset = slot->offset,
        .args = args,
        .batch = &batch,
        .heap = heap,
        .pool = ctx->pool,
        .err = ctx->error,
    };
    lt_status status = LT_OK;
    for (uint32_t a = 0; a < n_values && status == LT_OK; a++) {
        args[a] = lt_column_new(ctx->pool, call->args[a], 1);
        if (!args[a])
            status = LT_NOMEM;
        else if (at)
            status = lt_order_decode(args[a], 0, &at, end);
        else
            lt_lane_put(args[a], 0, (int64_t)value->word);
    }
    for (uint32_t i = 0; i < call->n_order && status == LT_OK; i++)
        args[n_values + i] = lt_column_ref(args[order_source(slot->agg, i)]);
    if (status == LT_OK)
        status = slot->kernel->update(call, &in);
    for (uint32_t a = 0; a < call->n_args; a++)
        lt_column_unref(args[a]);
    return status;
}

static lt_status distinct_merge(const struct call_slot *slot, struct lt_op_ctx *ctx,
                                struct lt_state_heap *heap, char *into,
                                const struct lt_state_heap *from_heap, const char *from)
{
    const struct lt_set *set = (const struct lt_set *)(from + slot->set_offset);
    struct lt_set_value value;
    int64_t weight;
    uint32_t cursor = 0;
    bool words = slot->words && !slot->kernel->takes_nulls;
    /* Into an empty set the kernel's state goes as it is: exactly, rounding included. */
    bool whole = ((const struct lt_set *)(into + slot->set_offset))->len == 0;
    while (lt_set_next(from_heap, set, words, &cursor, &value, &weight)) {
        int change;
        LT_TRY(lt_set_add(heap, (struct lt_set *)(into + slot->set_offset), &value, weight,
                          &change));
        LT_ASSERT(change >= 0 || slot->kernel->retractable);
        if (change > 0 && !whole)
            LT_TRY(distinct_feed(slot, ctx, heap, into, &value));
    }
    return whole ? slot->kernel->merge(&slot->agg->call, heap, into + slot->offset, from_heap,
                                       from + slot->offset, ctx->error)
                 : LT_OK;
}

lt_status lt_calls_merge(struct lt_calls *calls, struct lt_op_ctx *ctx, struct lt_state_heap *heap,
                         char *into, const struct lt_state_heap *from_heap, const char *from)
{
    for (uint32_t i = 0; i < calls->n; i++) {
        const struct call_slot *slot = &calls->slots[i];
        if (slot->distinct)
            LT_TRY(distinct_merge(slot, ctx, heap, into, from_heap, from));
        else
            LT_TRY(slot->kernel->merge(&slot->agg->call, heap, into + slot->offset, from_heap,
                                       from + slot->offset, ctx->error));
    }
    return LT_OK;
}

void lt_calls_unmerge(const struct lt_calls *calls, char *into, const char *from)
{
    for (uint32_t i = 0; i < calls->n; i++) {
        const struct call_slot *slot = &calls->slots[i];
        slot->kernel->unmerge(&slot->agg->call, into + slot->offset, from + slot->offset);
    }
}

lt_status lt_calls_finish(const struct lt_calls *calls, const struct lt_state_heap *heap,
                          const char *block, struct lt_column *const *out, uint32_t row,
                          struct lt_error *err)
{
    for (uint32_t i = 0; i < calls->n; i++) {
        const struct call_slot *slot = &calls->slots[i];
        const char *state = block + slot->offset;
        LT_TRY(slot->kernel->finish(&slot->agg->call, heap, state, out[i], row, err));
    }
    return LT_OK;
}

void lt_calls_drop(const struct lt_calls *calls, struct lt_state_heap *heap, char *block)
{
    for (uint32_t i = 0; i < calls->n && calls->droppable; i++) {
        const struct call_slot *slot = &calls->slots[i];
        if (slot->kernel->drop)
            slot->kernel->drop(&slot->agg->call, heap, block + slot->offset);
        if (slot->distinct)
            lt_set_drop(heap, (struct lt_set *)(block + slot->set_offset),
                        slot->words && !slot->kernel->takes_nulls);
    }
    memset(block, 0, calls->size);
}
