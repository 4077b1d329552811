/* calls_distinct.c -- DISTINCT: one set of values per group for all calls over them.
 *
 *   COUNT(DISTINCT x)                     lane 0  ┐
 *   COUNT(DISTINCT x) FILTER (WHERE a)    lane 1  ├ one set: x -> lanes that have met it
 *   SUM(DISTINCT x) FILTER (WHERE a)      lane 1  ┘
 *
 * A row looks its value up once. What comes out is, per lane, whether the value came in
 * or went out; those rows the lane's calls are given, with weight +1 or -1.
 *
 * An argument of one fixed-width column of up to 8 bytes is kept as a word, one string as
 * its bytes, anything else, and what may be NULL, as order bytes. */
#include "exec/aggregates/calls_internal.h"
#include "exec/state/lane.h"
#include "exec/state/order.h"

enum { MERGE_ROWS = 256 };

static uint32_t set_index(const struct lt_calls *calls, const struct call_set *set)
{
    return (uint32_t)(set - calls->sets);
}

/* ---- the values of a batch --------------------------------------------------------- */

/* Which lanes a row belongs to, for every row of the batch. */
LT_KERNEL static void lanes_set(uint8_t *restrict lanes, uint8_t bit, uint32_t n)
{
    for (uint32_t row = 0; row < n; row++)
        lanes[row] = bit;
}
LT_KERNEL static void lanes_join(uint8_t *restrict lanes, const uint8_t *restrict flags,
                                 uint8_t bit, uint32_t n)
{
    for (uint32_t row = 0; row < n; row++)
        lanes[row] |= flags[row] ? bit : 0;
}

/* The rows that any lane meets; their lanes in calls->lanes. */
static const uint16_t *set_rows(const struct call_rows *in, const struct call_set *set, uint32_t *n)
{
    struct lt_calls *calls = in->calls;
    uint8_t always = 0;
    uint32_t len = in->rows[in->n - 1] + 1u;
    for (uint32_t lane = 0; lane < set->n_lanes; lane++)
        always |= (uint8_t)((set->filters[lane] == FILTER_NONE) << lane);
    lanes_set(calls->lanes, always, len);
    for (uint32_t lane = 0; lane < set->n_lanes; lane++)
        if (set->filters[lane] != FILTER_NONE)
            lanes_join(calls->lanes, calls->filters[set->filters[lane]].flags,
                       (uint8_t)(1u << lane), len);
    const uint16_t *rows = in->rows;
    *n = in->n;
    if (!always) {
        *n = lt_call_pick(rows, *n, calls->lanes, UINT8_MAX, calls->some_rows);
        rows = calls->some_rows;
    }
    for (uint32_t a = 0; a < set->n_values && !set->takes_nulls; a++) {
        const struct call_arg *arg = &calls->args[set->args[a]];
        if (!arg->nulls)
            continue;
        *n = lt_call_pick_valid(rows, *n, arg->flat->validity, calls->some_rows);
        rows = calls->some_rows;
    }
    return rows;
}

static lt_status encode_views(const struct call_rows *in, const struct call_set *set,
                              const uint16_t *rows, uint32_t n)
{
    struct lt_calls *calls = in->calls;
    lt_buf_clear(&calls->bytes);
    for (uint32_t i = 0; i < n; i++) {
        calls->words[rows[i]] = calls->bytes.len; /* where it starts */
        for (uint32_t a = 0; a < set->n_values; a++)
            lt_order_encode(&calls->bytes, calls->args[set->args[a]].flat, rows[i], LT_ORDER_ASC);
    }
    LT_TRY(calls->bytes.status);
    for (uint32_t i = 0; i < n; i++) {
        size_t from = calls->words[rows[i]];
        size_t to = i + 1 < n ? calls->words[rows[i + 1]] : calls->bytes.len;
        calls->views[rows[i]] = lt_sv_of(calls->bytes.data + from, (uint32_t)(to - from));
    }
    return LT_OK;
}

static lt_status set_values(const struct call_rows *in, const struct call_set *set,
                            struct lt_set_rows *to)
{
    struct lt_calls *calls = in->calls;
    const struct lt_column *flat = calls->args[set->args[0]].flat;
    to->words = calls->words;
    to->views = calls->views;
    if (set->text)
        to->views = flat->values;
    else if (!set->shape.words)
        return encode_views(in, set, to->rows, to->n);
    else if (flat->phys == LT_PHYS_I64)
        to->words = flat->values;
    else
        for (uint32_t i = 0; i < to->n; i++)
            calls->words[to->rows[i]] = (uint64_t)lt_lane_get(flat, to->rows[i]);
    return LT_OK;
}

/* ---- update -------------------------------------------------------------------------- */

static lt_status count_rows(const struct call_rows *in, const struct call_set *set,
                            const struct lt_set_rows *values)
{
    struct lt_calls *calls = in->calls;
    for (uint32_t i = 0; i < values->n; i++) {
        uint32_t row = values->rows[i];
        struct lt_set_value value = {0};
        union lt_set_note note;
        if (set->shape.words)
            value.word = values->words[row];
        else
            value.bytes = lt_sv_str(&values->views[row]);
        for (uint32_t lane = 0; lane < set->n_lanes; lane++)
            note.counts[lane] =
                calls->lanes[row] >> lane & 1 ? lt_batch_weight(in->batch, row) : 0;
        LT_TRY(lt_set_add(in->heap, &set->shape, (struct lt_set *)(in->states[row] + set->offset),
                          &value, &note, &calls->came[row], &calls->gone[row]));
    }
    return LT_OK;
}

/* Rows of which some lane's value came or went. */
static uint32_t changed_rows(struct lt_calls *calls, const struct lt_set_rows *values,
                             bool counts)
{
    if (!counts)
        return lt_call_pick(values->rows, values->n, calls->came, UINT8_MAX, calls->some_rows);
    uint32_t n = 0;
    for (uint32_t i = 0; i < values->n; i++) {
        uint16_t row = values->rows[i];
        calls->some_rows[n] = row;
        n += (calls->came[row] | calls->gone[row]) != 0;
    }
    return n;
}

static uint32_t lane_rows(struct lt_calls *calls, uint32_t n, uint32_t lane, bool counts)
{
    uint8_t bit = (uint8_t)(1u << lane);
    if (!counts)
        return lt_call_pick(calls->some_rows, n, calls->came, bit, calls->rows);
    uint32_t len = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint16_t row = calls->some_rows[i];
        calls->rows[len] = row;
        calls->weights[row] = calls->came[row] & bit ? 1 : -1;
        len += ((calls->came[row] | calls->gone[row]) & bit) != 0;
    }
    return len;
}

/* Gives each call of the set the rows whose values came or went in its lane. */
static lt_status set_calls(const struct call_rows *in, const struct call_set *set, uint32_t n)
{
    struct lt_calls *calls = in->calls;
    struct lt_batch view = *in->batch;
    bool counts = set->shape.n_counts > 0;
    view.weight = counts ? calls->weights : NULL;
    for (uint32_t lane = 0; lane < set->n_lanes && n > 0; lane++) {
        uint32_t len = lane_rows(calls, n, lane, counts);
        for (uint32_t i = 0; i < calls->n; i++) {
            const struct call_slot *slot = &calls->slots[i];
            if (slot->set == set_index(calls, set) && slot->lane == lane)
                LT_TRY(lt_call_update(in, slot, &view, calls->rows, len));
        }
    }
    return LT_OK;
}

lt_status lt_call_set_update(const struct call_rows *in, const struct call_set *set)
{
    struct lt_calls *calls = in->calls;
    bool counts = set->shape.n_counts > 0;
    struct lt_set_rows values = {
        .states = in->states,
        .offset = set->offset,
        .lanes = calls->lanes,
        .came = calls->came,
    };
    values.rows = set_rows(in, set, &values.n);
    LT_TRY(set_values(in, set, &values));
    if (counts)
        LT_TRY(count_rows(in, set, &values));
    else
        LT_TRY(lt_set_add_rows(in->heap, &set->shape, &values));
    return set_calls(in, set, changed_rows(calls, &values, counts));
}

/* ---- merge --------------------------------------------------------------------------- */

/* Writes a value as row `row` of the set's argument columns. */
static lt_status value_put(const struct call_rows *in, const struct call_set *set, uint32_t row,
                           const struct lt_set_value *value)
{
    const struct call_arg *args = in->calls->args;
    const char *at = value->bytes.data, *end = at ? at + value->bytes.len : NULL;
    if (set->shape.words)
        lt_lane_put(args[set->args[0]].flat, row, (int64_t)value->word);
    else if (set->text)
        return lt_column_put_str(args[set->args[0]].flat, row, value->bytes);
    for (uint32_t a = 0; a < set->n_values && !set->shape.words; a++)
        LT_TRY(lt_order_decode(args[set->args[a]].flat, row, &at, end));
    return LT_OK;
}

static void release_values(struct lt_calls *calls, const struct call_set *set)
{
    for (uint32_t a = 0; a < set->n_values; a++) {
        lt_column_unref(calls->args[set->args[a]].flat);
        calls->args[set->args[a]].flat = NULL;
    }
}

static lt_status open_values(const struct call_rows *in, const struct call_set *set)
{
    for (uint32_t a = 0; a < set->n_values; a++) {
        struct call_arg *arg = &in->calls->args[set->args[a]];
        if (!arg->flat)
            arg->flat = lt_column_new(in->ctx->pool, set->agg->call.args[a], MERGE_ROWS);
        if (!arg->flat)
            return LT_NOMEM;
    }
    return LT_OK;
}

/* Adds the next values of `from` to the set of `into`: those that some lane there did not
 * know become rows of in->batch. False at the end. */
static lt_status next_values(struct call_rows *in, const struct call_set *set, char *into,
                             const struct lt_state_heap *from_heap, const struct lt_set *from,
                             uint32_t *cursor)
{
    struct lt_calls *calls = in->calls;
    struct lt_set_value value;
    union lt_set_note note;
    in->n = 0;
    LT_TRY(open_values(in, set));
    while (in->n < MERGE_ROWS &&
           lt_set_next(from_heap, &set->shape, from, cursor, &value, &note)) {
        uint32_t row = in->n;
        LT_TRY(lt_set_add(in->heap, &set->shape, (struct lt_set *)(into + set->offset), &value,
                          &note, &calls->came[row], &calls->gone[row]));
        if (!(calls->came[row] | calls->gone[row]))
            continue;
        LT_TRY(value_put(in, set, row, &value));
        calls->states[row] = into;
        calls->states_all = NULL;
        calls->some_rows[row] = (uint16_t)row;
        in->n++;
    }
    return LT_OK;
}

/* The kernels of the set's calls take over the states as they are. */
static lt_status merge_states(struct lt_calls *calls, const struct call_set *set,
                              struct lt_op_ctx *ctx, struct lt_state_heap *heap, char *into,
                              const struct lt_state_heap *from_heap, const char *from)
{
    for (uint32_t i = 0; i < calls->n; i++) {
        const struct call_slot *slot = &calls->slots[i];
        if (slot->set == set_index(calls, set))
            LT_TRY(slot->kernel->merge(&slot->agg->call, heap, into + slot->offset, from_heap,
                                       from + slot->offset, ctx->error));
    }
    return LT_OK;
}

lt_status lt_call_set_merge(struct lt_calls *calls, const struct call_set *set,
                            struct lt_op_ctx *ctx, struct lt_state_heap *heap, char *into,
                            const struct lt_state_heap *from_heap, const char *from)
{
    /* Values that came from several blocks have no order of arrival. */
    static const int64_t no_position[MERGE_ROWS];
    const struct lt_set *values = (const struct lt_set *)(from + set->offset);
    /* Into an empty set the kernel's state goes as it is: exactly, rounding included. */
    bool whole = ((const struct lt_set *)(into + set->offset))->len == 0;
    struct lt_batch batch = {.len = MERGE_ROWS, .n_sel = MERGE_ROWS, .position = no_position};
    struct call_rows in = {.calls = calls,
                           .ctx = ctx,
                           .heap = heap,
                           .batch = &batch,
                           .rows = calls->some_rows,
                           .states = calls->states,
                           .one = true};
    lt_status status = LT_OK;
    uint32_t cursor = 0;
    do {
        status = next_values(&in, set, into, from_heap, values, &cursor);
        if (status == LT_OK && !whole)
            status = set_calls(&in, set, in.n);
        release_values(calls, set);
    } while (status == LT_OK && in.n > 0);
    if (status == LT_OK && whole)
        status = merge_states(calls, set, ctx, heap, into, from_heap, from);
    return status;
}

/* ---- sets alone ------------------------------------------------------------------------ */

/* Some values of a set on their way to another, and their hashes. */
struct taken_values {
    uint32_t partition, n_partitions; /* who takes them */
    uint32_t n;
    struct lt_set_value values[MERGE_ROWS];
    union lt_set_note notes[MERGE_ROWS];
    uint64_t hashes[MERGE_ROWS];
};

/* As an exchange by the values computes it. */
static void hash_values(const struct lt_calls *calls, const struct call_set *set,
                        struct taken_values *taken)
{
    for (uint32_t a = 0; a < set->n_values; a++)
        lt_hash_column(calls->args[set->args[a]].flat, NULL, taken->n, taken->hashes, a > 0);
}

static lt_status next_taken(const struct call_rows *in, const struct call_set *set,
                            const struct lt_state_heap *from_heap, const struct lt_set *from,
                            uint32_t *cursor, struct taken_values *taken)
{
    taken->n = 0;
    LT_TRY(open_values(in, set));
    while (taken->n < MERGE_ROWS &&
           lt_set_next(from_heap, &set->shape, from, cursor, &taken->values[taken->n],
                       &taken->notes[taken->n])) {
        LT_TRY(value_put(in, set, taken->n, &taken->values[taken->n]));
        taken->n++;
    }
    return LT_OK;
}

static lt_status take_set(const struct call_rows *in, const struct call_set *set, char *into,
                          const struct lt_state_heap *from_heap, const char *from,
                          struct taken_values *taken)
{
    uint32_t cursor = 0;
    uint8_t came, gone;
    do {
        LT_TRY(next_taken(in, set, from_heap, (const struct lt_set *)(from + set->offset),
                          &cursor, taken));
        hash_values(in->calls, set, taken);
        for (uint32_t i = 0; i < taken->n; i++)
            if (lt_partition_of(taken->hashes[i], taken->n_partitions) == taken->partition)
                LT_TRY(lt_set_add(in->heap, &set->shape, (struct lt_set *)(into + set->offset),
                                  &taken->values[i], &taken->notes[i], &came, &gone));
        release_values(in->calls, set);
    } while (taken->n > 0);
    return LT_OK;
}

lt_status lt_calls_take_sets(struct lt_calls *calls, struct lt_op_ctx *ctx,
                             struct lt_state_heap *heap, char *into,
                             const struct lt_state_heap *from_heap, const char *from,
                             uint32_t partition, uint32_t n_partitions)
{
    struct call_rows in = {.calls = calls, .ctx = ctx, .heap = heap};
    struct taken_values *taken = lt_alloc_get(calls->alloc, sizeof(*taken));
    lt_status status = taken ? LT_OK : LT_NOMEM;
    for (uint32_t i = 0; i < calls->n_sets && status == LT_OK; i++) {
        taken->partition = partition;
        taken->n_partitions = n_partitions;
        if (calls->sets[i].active)
            status = take_set(&in, &calls->sets[i], into, from_heap, from, taken);
        release_values(calls, &calls->sets[i]);
    }
    lt_alloc_put(calls->alloc, taken, sizeof(*taken));
    return status;
}
