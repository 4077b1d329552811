/* bit.c -- BIT_AND, BIT_OR, BIT_XOR of integers.
 *
 * For every bit the number of values that have it is kept when rows may be taken back;
 * otherwise the three results themselves are all there is. */
#include "exec/aggregates/common.h"

struct bits { /* append-only */
    int64_t all, any, odd;
    int64_t n;
};

struct bit_counts {
    int64_t n;
    int64_t ones[64];
};

static void bits_join(struct bits *to, int64_t all, int64_t any, int64_t odd, int64_t n)
{
    to->all = to->n ? to->all & all : all;
    to->any |= any;
    to->odd ^= odd;
    to->n += n;
}

static lt_status bits_update(LT_AGG_UPDATE_ARGS)
{
    LT_UNUSED(call);
    for (uint32_t i = 0; i < in->n; i++) {
        int64_t value = lt_lane_get(in->args[0], in->rows[i]);
        bits_join((struct bits *)lt_agg_state(in, i), value, value, value, 1);
    }
    return LT_OK;
}

static lt_status bits_merge(LT_AGG_MERGE_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(heap), LT_UNUSED(from_heap), LT_UNUSED(err);
    const struct bits *b = (const struct bits *)from;
    if (b->n)
        bits_join((struct bits *)into, b->all, b->any, b->odd, b->n);
    return LT_OK;
}

static lt_status counts_update(LT_AGG_UPDATE_ARGS)
{
    LT_UNUSED(call);
    for (uint32_t i = 0; i < in->n; i++) {
        struct bit_counts *c = (struct bit_counts *)lt_agg_state(in, i);
        uint64_t value = (uint64_t)lt_lane_get(in->args[0], in->rows[i]);
        int32_t weight = lt_batch_weight(in->batch, in->rows[i]);
        c->n += weight;
        for (unsigned bit = 0; bit < 64; bit++)
            c->ones[bit] += value >> bit & 1 ? weight : 0;
    }
    return LT_OK;
}

static lt_status counts_merge(LT_AGG_MERGE_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(heap), LT_UNUSED(from_heap), LT_UNUSED(err);
    struct bit_counts *c = (struct bit_counts *)into;
    const struct bit_counts *more = (const struct bit_counts *)from;
    c->n += more->n;
    for (unsigned bit = 0; bit < 64; bit++)
        c->ones[bit] += more->ones[bit];
    return LT_OK;
}

static void counts_to_bits(const struct bit_counts *c, struct bits *b)
{
    *b = (struct bits){.n = c->n};
    for (unsigned bit = 0; bit < 64; bit++) {
        b->all |= (int64_t)((uint64_t)(c->ones[bit] == c->n) << bit);
        b->any |= (int64_t)((uint64_t)(c->ones[bit] > 0) << bit);
        b->odd |= (int64_t)((uint64_t)(c->ones[bit] & 1) << bit);
    }
}

static lt_status bits_put(const struct bits *b, int64_t value, struct lt_column *out, uint32_t row)
{
    if (b->n == 0)
        return lt_agg_null(out, row);
    lt_lane_put(out, row, value);
    return LT_OK;
}

#define BIT(id, sql, member, same_twice, what, answer)                                             \
    static lt_status id##_finish(LT_AGG_FINISH_ARGS)                                               \
    {                                                                                              \
        LT_UNUSED(call), LT_UNUSED(heap), LT_UNUSED(err);                                          \
        const struct bits *b = (const struct bits *)state;                                         \
        return bits_put(b, b->member, out, row);                                                   \
    }                                                                                              \
    static lt_status id##_finish_counts(LT_AGG_FINISH_ARGS)                                        \
    {                                                                                              \
        LT_UNUSED(call), LT_UNUSED(heap), LT_UNUSED(err);                                          \
        struct bits b;                                                                             \
        counts_to_bits((const struct bit_counts *)state, &b);                                      \
        return bits_put(&b, b.member, out, row);                                                   \
    }                                                                                              \
    static const struct lt_agg_kernel id##_kernel = {                                              \
        .state_size = sizeof(struct bits),                                                         \
        .update = bits_update,                                                                     \
        .merge = bits_merge,                                                                       \
        .finish = id##_finish,                                                                     \
        .idempotent = same_twice,                                                                  \
    };                                                                                             \
    static const struct lt_agg_kernel id##_counts = {                                              \
        .state_size = sizeof(struct bit_counts),                                                   \
        .update = counts_update,                                                                   \
        .merge = counts_merge,                                                                     \
        .finish = id##_finish_counts,                                                              \
        .idempotent = same_twice,                                                                  \
        .retractable = true,                                                                       \
    };                                                                                             \
    static lt_status id##_bind(struct lt_bind_aggregate *agg)                                      \
    {                                                                                              \
        if (agg->call.args[0]->kind == LT_TYPE_NULL)                                               \
            agg->call.args[0] = &lt_type_int;                                                      \
        if (!lt_type_is_integer(agg->call.args[0]))                                                \
            return lt_agg_refuse(&agg->call, 0, "an integer");                                     \
        agg->kernel = agg->changing ? &id##_counts : &id##_kernel;                                 \
        return lt_agg_result(&agg->call, agg->call.args[0]);                                       \
    }                                                                                              \
    const struct lt_aggregate lt_agg_##id = {                                                      \
        .name = sql,                                                                               \
        .args_min = 1,                                                                             \
        .args_max = 1,                                                                             \
        .bind = id##_bind,                                                                         \
        .signature = sql "([DISTINCT] value INTEGER) -> the type of value",                        \
        .doc = what,                                                                               \
        .example = sql "(x) FROM (VALUES (6), (3), (2)) AS t(x)",                                  \
        .result = answer,                                                                          \
    }

BIT(bit_and, "BIT_AND", all, true, "The bits that all values have; NULL when there are none.",
    "2");
BIT(bit_or, "BIT_OR", any, true, "The bits that some value has; NULL when there are none.", "7");
BIT(bit_xor, "BIT_XOR", odd, false,
    "The bits that an odd number of values have; NULL when there are none.", "7");
