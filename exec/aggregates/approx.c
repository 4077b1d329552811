/* approx.c -- APPROX_COUNT_DISTINCT: exact while small, then HyperLogLog.
 *
 * Up to 1,024 hashes are kept in a set; beyond, 4,096 registers of 6 bits in a byte
 * each (Flajolet et al. 2007, with linear counting at the low end and 64-bit hashes,
 * so no correction at the high end as in Heule et al. 2013): 1.6 % standard error.
 * Over changing input every hash is counted and the answer is exact, since registers
 * cannot forget. */
#include "exec/aggregates/common.h"

#include <math.h>

#include "exec/state/set.h"

enum { EXACT_MAX = 1024, REGISTER_BITS = 12, REGISTERS = 1 << REGISTER_BITS };

struct approx {
    struct lt_set set;
    lt_ref registers; /* 0 = still exact */
    int64_t present;
};

static const struct lt_set_shape sketch_shape = {.words = true};
static const struct lt_set_shape exact_shape = {.words = true, .n_counts = 1};

static const struct lt_set_shape *shape_of(bool exact)
{
    return exact ? &exact_shape : &sketch_shape;
}

static void register_put(uint8_t *registers, uint64_t hash)
{
    uint64_t rest = hash << REGISTER_BITS;
    uint8_t rank = rest ? (uint8_t)(__builtin_clzll(rest) + 1) : 64 - REGISTER_BITS + 1;
    uint8_t *at = &registers[hash >> (64 - REGISTER_BITS)];
    *at = rank > *at ? rank : *at;
}

static lt_status make_dense(struct lt_state_heap *heap, struct approx *a)
{
    struct lt_set_value value;
    union lt_set_note note;
    uint32_t cursor = 0;
    void *ptr;
    lt_ref ref;
    LT_TRY(lt_heap_new(heap, REGISTERS, &ref, &ptr));
    while (lt_set_next(heap, &sketch_shape, &a->set, &cursor, &value, &note))
        register_put(ptr, value.word);
    lt_set_drop(heap, &sketch_shape, &a->set);
    a->registers = ref;
    return LT_OK;
}

static lt_status approx_add(struct lt_state_heap *heap, struct approx *a, uint64_t hash,
                            int64_t weight, bool exact)
{
    if (a->registers) {
        register_put(lt_heap_write(heap, a->registers), hash);
        return LT_OK;
    }
    uint8_t came, gone;
    struct lt_set_value value = {.word = hash};
    union lt_set_note note = {.bits = 1};
    if (exact)
        note.counts[0] = weight;
    LT_TRY(lt_set_add(heap, shape_of(exact), &a->set, &value, &note, &came, &gone));
    a->present += came - gone;
    return exact || a->set.len <= EXACT_MAX ? LT_OK : make_dense(heap, a);
}

static lt_status approx_update(const struct lt_agg_call *call, const struct lt_agg_input *in,
                               bool exact)
{
    LT_UNUSED(call);
    uint64_t hash;
    for (uint32_t i = 0; i < in->n; i++) {
        uint16_t row = in->rows[i];
        lt_hash_column(in->args[0], &row, 1, &hash, false);
        LT_TRY(approx_add(in->heap, (struct approx *)lt_agg_state(in, i), hash,
                          lt_batch_weight(in->batch, row), exact));
    }
    return LT_OK;
}

static lt_status sketch_update(LT_AGG_UPDATE_ARGS)
{
    return approx_update(call, in, false);
}

static lt_status exact_update(LT_AGG_UPDATE_ARGS)
{
    return approx_update(call, in, true);
}

static lt_status approx_merge(struct lt_state_heap *heap, struct approx *a,
                              const struct lt_state_heap *from_heap, const struct approx *from,
                              bool exact)
{
    struct lt_set_value value;
    union lt_set_note note;
    uint32_t cursor = 0;
    if (from->registers) {
        if (!a->registers)
            LT_TRY(make_dense(heap, a));
        uint8_t *to = lt_heap_write(heap, a->registers);
        const uint8_t *more = lt_heap_at(from_heap, from->registers);
        for (unsigned i = 0; i < REGISTERS; i++)
            to[i] = more[i] > to[i] ? more[i] : to[i];
        return LT_OK;
    }
    while (lt_set_next(from_heap, shape_of(exact), &from->set, &cursor, &value, &note))
        LT_TRY(approx_add(heap, a, value.word, exact ? note.counts[0] : 1, exact));
    return LT_OK;
}

static lt_status sketch_merge(LT_AGG_MERGE_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(err);
    return approx_merge(heap, (struct approx *)into, from_heap, (const struct approx *)from, false);
}

static lt_status exact_merge(LT_AGG_MERGE_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(err);
    return approx_merge(heap, (struct approx *)into, from_heap, (const struct approx *)from, true);
}

static lt_status approx_finish(LT_AGG_FINISH_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(err);
    const struct approx *a = (const struct approx *)state;
    int64_t *to = &((int64_t *)out->values)[row];
    if (!a->registers) {
        *to = a->present;
        return LT_OK;
    }
    const uint8_t *registers = lt_heap_at(heap, a->registers);
    double sum = 0, m = REGISTERS;
    unsigned zeros = 0;
    for (unsigned i = 0; i < REGISTERS; i++) {
        sum += ldexp(1, -registers[i]);
        zeros += registers[i] == 0;
    }
    double estimate = 0.7213 / (1 + 1.079 / m) * m * m / sum;
    if (estimate <= 2.5 * m && zeros)
        estimate = m * log(m / zeros);
    *to = (int64_t)(estimate + 0.5);
    return LT_OK;
}

static void approx_drop(struct lt_state_heap *heap, struct approx *a, bool exact)
{
    lt_set_drop(heap, shape_of(exact), &a->set);
    lt_heap_free(heap, a->registers, REGISTERS);
    *a = (struct approx){{0}};
}

static void sketch_drop(const struct lt_agg_call *call, struct lt_state_heap *heap, char *state)
{
    LT_UNUSED(call);
    approx_drop(heap, (struct approx *)state, false);
}

static void exact_drop(const struct lt_agg_call *call, struct lt_state_heap *heap, char *state)
{
    LT_UNUSED(call);
    approx_drop(heap, (struct approx *)state, true);
}

static const struct lt_agg_kernel sketch_kernel = {
    .state_size = sizeof(struct approx),
    .update = sketch_update,
    .merge = sketch_merge,
    .finish = approx_finish,
    .drop = sketch_drop,
    .idempotent = true,
};
static const struct lt_agg_kernel exact_kernel = {
    .state_size = sizeof(struct approx),
    .update = exact_update,
    .merge = exact_merge,
    .finish = approx_finish,
    .drop = exact_drop,
    .idempotent = true,
    .retractable = true,
};

static lt_status approx_bind(struct lt_bind_aggregate *agg)
{
    if (agg->call.args[0]->kind == LT_TYPE_NULL)
        agg->call.args[0] = &lt_type_int;
    agg->kernel = agg->changing ? &exact_kernel : &sketch_kernel;
    agg->call.result = &lt_type_bigint_not_null;
    return LT_OK;
}

const struct lt_aggregate lt_agg_approx_count_distinct = {
    .name = "APPROX_COUNT_DISTINCT",
    .args_min = 1,
    .args_max = 1,
    .bind = approx_bind,
    .signature = "APPROX_COUNT_DISTINCT(value ANY) -> BIGINT NOT NULL",
    .doc = "About how many different values there are, NULL aside: exact up to 1,024, then within "
           "1.6 % (one standard error), in 4 KB a group.",
    .example = "APPROX_COUNT_DISTINCT(x) FROM (VALUES (1), (2), (1)) AS t(x)",
    .result = "2",
};
