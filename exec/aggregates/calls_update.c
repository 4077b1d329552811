/* calls_update.c -- a batch of rows into the blocks of their groups.
 *
 * Once a batch: states by row, every argument flat, whether it holds NULLs at all. Once
 * per filter: the rows that pass. Then call after call, each a loop of its kernel over
 * the rows that its filter keeps and whose arguments are not NULL. */
#include "base/bits.h"
#include "exec/aggregates/calls_internal.h"
#include "exec/state/order.h"

/* ---- lists of rows ------------------------------------------------------------- */

uint32_t lt_call_pick(const uint16_t *rows, uint32_t n, const uint8_t *flags, uint8_t mask,
                      uint16_t *out)
{
    uint32_t len = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint16_t row = rows[i];
        out[len] = row;
        len += (flags[row] & mask) != 0;
    }
    return len;
}

uint32_t lt_call_pick_valid(const uint16_t *rows, uint32_t n, const uint64_t *validity,
                            uint16_t *out)
{
    uint32_t len = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint16_t row = rows[i];
        out[len] = row;
        len += lt_bits_get(validity, row);
    }
    return len;
}

static bool any_null(const struct lt_column *flat, const uint16_t *rows, uint32_t n)
{
    if (!flat->validity)
        return false;
    if (n == flat->len)
        return !lt_bits_all(flat->validity, n);
    bool all = true;
    for (uint32_t i = 0; i < n; i++)
        all &= lt_bits_get(flat->validity, rows[i]);
    return !all;
}

/* ---- what is done once a batch -------------------------------------------------- */

static lt_status take_args(const struct call_rows *in)
{
    struct lt_calls *calls = in->calls;
    for (uint32_t i = 0; i < calls->n_args; i++) {
        struct call_arg *arg = &calls->args[i];
        if (!arg->wanted)
            continue;
        LT_TRY(lt_column_flatten(in->ctx->pool, in->batch->columns[arg->column], &arg->flat));
        arg->nulls = any_null(arg->flat, in->rows, in->n);
    }
    return LT_OK;
}

static void release_args(struct lt_calls *calls)
{
    for (uint32_t i = 0; i < calls->n_args; i++) {
        lt_column_unref(calls->args[i].flat);
        calls->args[i].flat = NULL;
    }
}

static void take_filters(const struct call_rows *in)
{
    struct lt_calls *calls = in->calls;
    calls->filters[FILTER_NONE].rows = in->rows;
    calls->filters[FILTER_NONE].n = in->n;
    for (uint32_t f = 1; f < calls->n_filters; f++) {
        struct call_filter *filter = &calls->filters[f];
        if (!filter->wanted)
            continue;
        const struct lt_column *col = in->batch->columns[filter->column];
        filter->rows = NULL;
        filter->flags = filter->own_flags;
        if (col->encoding == LT_FLAT && !col->validity) {
            filter->flags = col->values;
            continue;
        }
        for (uint32_t i = 0; i < in->n; i++) {
            uint32_t row = in->rows[i], lane = row;
            const struct lt_column *flat = lt_order_flat(col, &lane);
            filter->own_flags[row] =
                !lt_column_is_null(col, row) && ((const uint8_t *)flat->values)[lane];
        }
    }
}

enum { STATES_ALL_MIN = LT_BATCH_ROWS_MAX / 8 }; /* rows for which all states are written */

/* One block for all rows, whatever their numbers; often it is that of the batch before. */
static void take_state(struct call_rows *in, char *block)
{
    struct lt_calls *calls = in->calls;
    in->one = true;
    in->states = calls->states;
    if (calls->states_all == block)
        return;
    char **states = calls->states;
    calls->states_all = block;
    for (uint32_t row = 0; row < LT_BATCH_ROWS_MAX; row++)
        states[row] = block;
}

/* Whether all groups are one, and states by row. */
static void take_states(struct call_rows *in, char *const *blocks)
{
    uint64_t other = 0;
    for (uint32_t i = 0; i < in->n && !other; i += 64)
        for (uint32_t k = i; k < in->n && k < i + 64; k++)
            other |= (uintptr_t)blocks[k] ^ (uintptr_t)blocks[0];
    if (!other && (in->n >= STATES_ALL_MIN || in->calls->states_all == blocks[0])) {
        take_state(in, blocks[0]);
        return;
    }
    in->one = !other;
    in->states = blocks;
    if (in->rows[in->n - 1] == in->n - 1)
        return; /* rows are numbered as they come */
    in->calls->states_all = NULL;
    for (uint32_t i = 0; i < in->n; i++)
        in->calls->states[in->rows[i]] = blocks[i];
    in->states = in->calls->states;
}

/* ---- call by call ----------------------------------------------------------------- */

lt_status lt_call_update(const struct call_rows *in, const struct call_slot *slot,
                         const struct lt_batch *batch, const uint16_t *rows, uint32_t n)
{
    const struct lt_agg_call *call = &slot->agg->call;
    struct lt_column *args[LT_CALL_ARGS_MAX];
    if (n == 0)
        return LT_OK;
    for (uint32_t a = 0; a < call->n_args; a++)
        args[a] = in->calls->args[slot->args[a]].flat;
    struct lt_agg_input input = {
        .n = n,
        .rows = rows,
        .states = in->states,
        .offset = slot->offset,
        .one = in->one,
        .args = args,
        .batch = batch,
        .heap = in->heap,
        .pool = in->ctx->pool,
        .err = in->ctx->error,
    };
    return slot->kernel->update(call, &input);
}

static void filter_rows(const struct call_rows *in, struct call_filter *filter)
{
    if (filter->rows)
        return;
    filter->n = lt_call_pick(in->rows, in->n, filter->flags, UINT8_MAX, filter->own_rows);
    filter->rows = filter->own_rows;
}

/* The rows of the call; kept in calls->rows while calls that follow take the same. */
static const uint16_t *call_rows(const struct call_rows *in, const struct call_slot *slot,
                                 uint32_t *n)
{
    struct lt_calls *calls = in->calls;
    const struct lt_agg_call *call = &slot->agg->call;
    struct call_filter *filter = &calls->filters[slot->filter];
    filter_rows(in, filter);
    const uint16_t *rows = filter->rows;
    *n = filter->n;
    if (slot->kernel->takes_nulls)
        return rows;
    for (uint32_t a = 0; a < call->n_args - call->n_order; a++) {
        const struct call_arg *arg = &calls->args[slot->args[a]];
        if (!arg->nulls)
            continue;
        if (calls->rows_of == slot->rows_as) {
            *n = calls->n_rows;
            return calls->rows;
        }
        *n = lt_call_pick_valid(rows, *n, arg->flat->validity, calls->rows);
        rows = calls->rows;
    }
    if (rows == calls->rows) {
        calls->rows_of = slot->rows_as;
        calls->n_rows = *n;
    }
    return rows;
}

static lt_status update_all(const struct call_rows *in)
{
    struct lt_calls *calls = in->calls;
    LT_TRY(take_args(in));
    take_filters(in);
    calls->rows_of = calls->n;
    for (uint32_t i = 0; i < calls->n; i++) {
        const struct call_slot *slot = &calls->slots[i];
        uint32_t n;
        if (slot->set != CALL_NO_SET || !slot->active)
            continue;
        const uint16_t *rows = call_rows(in, slot, &n);
        LT_TRY(lt_call_update(in, slot, in->batch, rows, n));
    }
    for (uint32_t i = 0; i < calls->n_sets; i++)
        if (calls->sets[i].active)
            LT_TRY(lt_call_set_update(in, &calls->sets[i]));
    return LT_OK;
}

static lt_status update(struct call_rows *in)
{
    lt_status status = update_all(in);
    release_args(in->calls);
    return status;
}

lt_status lt_calls_update(struct lt_calls *calls, struct lt_op_ctx *ctx, struct lt_state_heap *heap,
                          const struct lt_batch *batch, const uint16_t *rows, uint32_t n,
                          char *const *blocks)
{
    LT_ASSERT(n <= LT_BATCH_ROWS_MAX);
    if (n == 0)
        return LT_OK;
    struct call_rows in = {
        .calls = calls, .ctx = ctx, .heap = heap, .batch = batch, .n = n, .rows = rows};
    take_states(&in, blocks);
    return update(&in);
}

lt_status lt_calls_update_one(struct lt_calls *calls, struct lt_op_ctx *ctx,
                              struct lt_state_heap *heap, const struct lt_batch *batch,
                              const uint16_t *rows, uint32_t n, char *block)
{
    LT_ASSERT(n <= LT_BATCH_ROWS_MAX);
    if (n == 0)
        return LT_OK;
    struct call_rows in = {
        .calls = calls, .ctx = ctx, .heap = heap, .batch = batch, .n = n, .rows = rows};
    take_state(&in, block);
    return update(&in);
}
