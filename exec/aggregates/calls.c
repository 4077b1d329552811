/* calls.c -- the aggregate calls of an operator over blocks of group state.
 *
 *   block   | state of call 0 | set a | state of call 1 | ...
 *
 * Here is what is there once: how blocks are laid out, which calls share a filter, an
 * argument, a set; and merging, showing and dropping blocks. calls_update.c takes rows
 * in, calls_distinct.c runs the sets. */
#include "exec/aggregates/calls.h"

#include "exec/aggregates/calls_internal.h"
#include "exec/state/lane.h"

/* ---- open, close ------------------------------------------------------------ */

uint32_t lt_calls_order_source(const struct lt_plan_agg *agg, uint32_t i)
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
        if (lt_calls_order_source(agg, i) == agg->call.n_args)
            return lt_fail(err, LT_UNSUPPORTED,
                           "%s(DISTINCT ...) can be ordered by its own arguments only",
                           agg->call.fn->name);
    return LT_OK;
}

static uint32_t find_arg(struct lt_calls *calls, uint32_t column)
{
    uint32_t i = 0;
    while (i < calls->n_args && calls->args[i].column != column)
        i++;
    if (i == calls->n_args)
        calls->args[calls->n_args++].column = column;
    return i;
}

static uint32_t find_filter(struct lt_calls *calls, int32_t column)
{
    uint32_t i = 0;
    while (i < calls->n_filters && calls->filters[i].column != column)
        i++;
    if (i == calls->n_filters)
        calls->filters[calls->n_filters++].column = column;
    return i;
}

static bool is_distinct(const struct lt_plan_agg *agg)
{
    return agg->call.distinct && !agg->call.kernel->idempotent;
}

static bool set_fits(const struct call_set *set, const struct call_slot *slot)
{
    const struct lt_agg_call *call = &slot->agg->call;
    if (set->n_values != call->n_args - call->n_order ||
        set->takes_nulls != slot->kernel->takes_nulls)
        return false;
    for (uint32_t a = 0; a < set->n_values; a++)
        if (set->args[a] != slot->args[a])
            return false;
    for (uint32_t lane = 0; lane < set->n_lanes; lane++)
        if (set->filters[lane] == slot->filter)
            return true;
    return set->n_lanes < LT_SET_LANES_MAX;
}

static void set_init(struct call_set *set, const struct call_slot *slot)
{
    const struct lt_agg_call *call = &slot->agg->call;
    set->agg = slot->agg;
    set->n_values = call->n_args - call->n_order;
    memcpy(set->args, slot->args, sizeof(set->args));
    set->takes_nulls = slot->kernel->takes_nulls;
    bool single = set->n_values == 1 && !set->takes_nulls;
    set->shape.words = single && lt_lane_fits(lt_type_phys(call->args[0]));
    set->text = single && lt_type_phys(call->args[0]) == LT_PHYS_STR;
}

/* The set and the lane in it that the call uses. */
static void find_set(struct lt_calls *calls, struct call_slot *slot)
{
    uint32_t i = 0, lane = 0;
    while (i < calls->n_sets && !set_fits(&calls->sets[i], slot))
        i++;
    struct call_set *set = &calls->sets[i];
    if (i == calls->n_sets) {
        set_init(set, slot);
        calls->n_sets++;
    }
    while (lane < set->n_lanes && set->filters[lane] != slot->filter)
        lane++;
    if (lane == set->n_lanes)
        set->filters[set->n_lanes++] = slot->filter;
    if (slot->agg->call.changing)
        set->shape.n_counts = (uint8_t)set->n_lanes;
    slot->set = i;
    slot->lane = lane;
}

static uint32_t first_with_rows_of(const struct lt_calls *calls, uint32_t i)
{
    const struct call_slot *slot = &calls->slots[i];
    uint32_t n_values = slot->agg->call.n_args - slot->agg->call.n_order;
    for (uint32_t j = 0; j < i; j++) {
        const struct call_slot *other = &calls->slots[j];
        uint32_t n = other->agg->call.n_args - other->agg->call.n_order;
        if (other->filter == slot->filter && n == n_values &&
            other->kernel->takes_nulls == slot->kernel->takes_nulls &&
            memcmp(other->args, slot->args, n * sizeof(*slot->args)) == 0)
            return j;
    }
    return i;
}

static void slot_open(struct lt_calls *calls, uint32_t i, const struct lt_plan_agg *agg)
{
    struct call_slot *slot = &calls->slots[i];
    slot->agg = agg;
    slot->kernel = agg->call.kernel;
    slot->filter = find_filter(calls, agg->filter_column);
    slot->set = CALL_NO_SET;
    for (uint32_t a = 0; a < agg->call.n_args; a++)
        slot->args[a] = find_arg(calls, agg->arg_columns[a]);
    slot->rows_as = first_with_rows_of(calls, i);
    calls->droppable |= slot->kernel->drop != NULL;
    calls->inits |= slot->kernel->init != NULL;
    if (is_distinct(agg))
        find_set(calls, slot);
}

/* States with an __int128 come first, so that nothing lies unused between. */
static void lay_out(struct lt_calls *calls)
{
    calls->align = 8;
    for (int wide = 1; wide >= 0; wide--)
        for (uint32_t i = 0; i < calls->n; i++) {
            struct call_slot *slot = &calls->slots[i];
            if (slot->kernel->wide != wide)
                continue;
            size_t unit = wide ? 16 : 8;
            slot->offset = calls->size;
            calls->size += (slot->kernel->state_size + unit - 1) / unit * unit;
            calls->align = wide ? 16 : calls->align;
        }
    calls->states_size = calls->size;
    for (uint32_t i = 0; i < calls->n_sets; i++) {
        calls->sets[i].offset = calls->size;
        calls->size += sizeof(struct lt_set);
        calls->droppable = true;
    }
    calls->size = (calls->size + calls->align - 1) & ~(calls->align - 1);
}

void lt_calls_activate(struct lt_calls *calls, const bool *active)
{
    for (uint32_t i = 0; i < calls->n_args; i++)
        calls->args[i].wanted = false;
    for (uint32_t i = 0; i < calls->n_filters; i++)
        calls->filters[i].wanted = false;
    for (uint32_t i = 0; i < calls->n_sets; i++)
        calls->sets[i].active = false;
    for (uint32_t i = 0; i < calls->n; i++) {
        struct call_slot *slot = &calls->slots[i];
        slot->active = !active || active[i];
        if (!slot->active)
            continue;
        calls->filters[slot->filter].wanted = true;
        for (uint32_t a = 0; a < slot->agg->call.n_args; a++)
            calls->args[slot->args[a]].wanted = true;
        if (slot->set != CALL_NO_SET)
            calls->sets[slot->set].active = true;
    }
}

static bool scratch_open(struct lt_calls *calls)
{
    struct lt_arena *arena = &calls->arena;
    bool ok = true;
    calls->states = LT_ARENA_ARRAY(arena, char *, LT_BATCH_ROWS_MAX);
    calls->rows = LT_ARENA_ARRAY(arena, uint16_t, LT_BATCH_ROWS_MAX);
    calls->some_rows = LT_ARENA_ARRAY(arena, uint16_t, LT_BATCH_ROWS_MAX);
    ok = calls->states && calls->rows && calls->some_rows;
    for (uint32_t i = 1; i < calls->n_filters && ok; i++) {
        calls->filters[i].own_flags = LT_ARENA_ARRAY(arena, uint8_t, LT_BATCH_ROWS_MAX);
        calls->filters[i].own_rows = LT_ARENA_ARRAY(arena, uint16_t, LT_BATCH_ROWS_MAX);
        ok = calls->filters[i].own_flags && calls->filters[i].own_rows;
    }
    if (!ok || calls->n_sets == 0)
        return ok;
    calls->words = LT_ARENA_ARRAY(arena, uint64_t, LT_BATCH_ROWS_MAX);
    calls->views = LT_ARENA_ARRAY(arena, struct lt_sv, LT_BATCH_ROWS_MAX);
    calls->lanes = LT_ARENA_ARRAY(arena, uint8_t, LT_BATCH_ROWS_MAX);
    calls->came = LT_ARENA_ARRAY(arena, uint8_t, LT_BATCH_ROWS_MAX);
    calls->gone = LT_ARENA_ARRAY(arena, uint8_t, LT_BATCH_ROWS_MAX);
    calls->weights = LT_ARENA_ARRAY(arena, int32_t, LT_BATCH_ROWS_MAX);
    return calls->words && calls->views && calls->lanes && calls->came && calls->gone &&
           calls->weights;
}

lt_status lt_calls_open(struct lt_alloc *alloc, const struct lt_plan_agg *aggs, uint32_t n,
                        struct lt_calls **out, struct lt_error *err)
{
    uint32_t n_args = 0;
    for (uint32_t i = 0; i < n; i++) {
        LT_TRY(check_distinct(&aggs[i], err));
        n_args += aggs[i].call.n_args;
    }
    struct lt_calls *calls = lt_alloc_zero(alloc, sizeof(*calls));
    if (!calls)
        return LT_NOMEM;
    calls->alloc = alloc;
    calls->n = n;
    lt_buf_init(&calls->bytes, alloc);
    lt_arena_init(&calls->arena, alloc);
    calls->slots = LT_ARENA_ARRAY(&calls->arena, struct call_slot, n + 1);
    calls->args = LT_ARENA_ARRAY(&calls->arena, struct call_arg, n_args + 1);
    calls->filters = LT_ARENA_ARRAY(&calls->arena, struct call_filter, n + 1);
    calls->sets = LT_ARENA_ARRAY(&calls->arena, struct call_set, n + 1);
    bool ok = calls->slots && calls->args && calls->filters && calls->sets;
    if (ok) {
        calls->filters[FILTER_NONE].column = -1;
        calls->n_filters = 1;
        for (uint32_t i = 0; i < n; i++)
            slot_open(calls, i, &aggs[i]);
        lay_out(calls);
        lt_calls_activate(calls, NULL);
        ok = scratch_open(calls);
    }
    if (!ok) {
        lt_calls_close(calls);
        return LT_NOMEM;
    }
    *out = calls;
    return LT_OK;
}

void lt_calls_close(struct lt_calls *calls)
{
    if (!calls)
        return;
    lt_buf_close(&calls->bytes);
    lt_arena_close(&calls->arena);
    lt_alloc_put(calls->alloc, calls, sizeof(*calls));
}

size_t lt_calls_size(const struct lt_calls *calls)
{
    return calls->size;
}

size_t lt_calls_align(const struct lt_calls *calls)
{
    return calls->align;
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
        if (!calls->slots[i].kernel->invertible)
            return false;
    return calls->n_sets == 0;
}

bool lt_calls_inits(const struct lt_calls *calls)
{
    return calls->inits;
}

void lt_calls_init(const struct lt_calls *calls, char *block)
{
    for (uint32_t i = 0; i < calls->n && calls->inits; i++) {
        const struct call_slot *slot = &calls->slots[i];
        if (slot->kernel->init)
            slot->kernel->init(&slot->agg->call, block + slot->offset);
    }
}

void lt_calls_split_off(const struct lt_calls *calls, char *block, char *states)
{
    memcpy(states, block, calls->states_size);
    memset(states + calls->states_size, 0, calls->size - calls->states_size);
    memset(block, 0, calls->states_size);
    lt_calls_init(calls, block);
}

/* ---- merge, finish, drop ------------------------------------------------------ */

lt_status lt_calls_merge(struct lt_calls *calls, struct lt_op_ctx *ctx, struct lt_state_heap *heap,
                         char *into, const struct lt_state_heap *from_heap, const char *from)
{
    for (uint32_t i = 0; i < calls->n; i++) {
        const struct call_slot *slot = &calls->slots[i];
        if (slot->set == CALL_NO_SET)
            LT_TRY(slot->kernel->merge(&slot->agg->call, heap, into + slot->offset, from_heap,
                                       from + slot->offset, ctx->error));
    }
    for (uint32_t i = 0; i < calls->n_sets; i++)
        LT_TRY(lt_call_set_merge(calls, &calls->sets[i], ctx, heap, into, from_heap, from));
    return LT_OK;
}

lt_status lt_calls_merge_all(struct lt_calls *calls, struct lt_op_ctx *ctx,
                             struct lt_state_heap *heap, char *const *into,
                             const struct lt_state_heap *from_heap, char *const *from, uint32_t n)
{
    for (uint32_t c = 0; c < calls->n; c++) {
        const struct call_slot *slot = &calls->slots[c];
        for (uint32_t i = 0; i < n && slot->set == CALL_NO_SET; i++)
            LT_TRY(slot->kernel->merge(&slot->agg->call, heap, into[i] + slot->offset, from_heap,
                                       from[i] + slot->offset, ctx->error));
    }
    for (uint32_t c = 0; c < calls->n_sets; c++)
        for (uint32_t i = 0; i < n; i++)
            LT_TRY(lt_call_set_merge(calls, &calls->sets[c], ctx, heap, into[i], from_heap,
                                     from[i]));
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

lt_status lt_calls_finish_all(const struct lt_calls *calls, const struct lt_agg_output *blocks,
                              struct lt_column *const *out)
{
    for (uint32_t i = 0; i < calls->n; i++) {
        const struct call_slot *slot = &calls->slots[i];
        struct lt_agg_output all = *blocks;
        all.offset += slot->offset;
        all.out = out[i];
        if (slot->kernel->finish_all) {
            LT_TRY(slot->kernel->finish_all(&slot->agg->call, &all));
            continue;
        }
        for (uint32_t g = 0; g < all.n; g++)
            LT_TRY(slot->kernel->finish(&slot->agg->call, all.heap, lt_agg_result_state(&all, g),
                                        all.out, lt_agg_result_lane(&all, g), all.err));
    }
    return LT_OK;
}

bool lt_calls_droppable(const struct lt_calls *calls)
{
    return calls->droppable;
}

bool lt_calls_have_values(const struct lt_calls *calls, const char *block)
{
    bool any = false;
    for (uint32_t i = 0; i < calls->n_sets; i++)
        any = any || ((const struct lt_set *)(block + calls->sets[i].offset))->len > 0;
    return any;
}

void lt_calls_drop_sets(const struct lt_calls *calls, struct lt_state_heap *heap, char *block)
{
    for (uint32_t i = 0; i < calls->n_sets; i++) {
        const struct call_set *set = &calls->sets[i];
        lt_set_drop(heap, &set->shape, (struct lt_set *)(block + set->offset));
    }
}

void lt_calls_drop(const struct lt_calls *calls, struct lt_state_heap *heap, char *block)
{
    for (uint32_t i = 0; i < calls->n && calls->droppable; i++) {
        const struct call_slot *slot = &calls->slots[i];
        if (slot->kernel->drop)
            slot->kernel->drop(&slot->agg->call, heap, block + slot->offset);
    }
    lt_calls_drop_sets(calls, heap, block);
    memset(block, 0, calls->size);
}
