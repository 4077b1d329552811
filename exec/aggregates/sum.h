/* sum.h -- inside exec/aggregates: the accumulators of SUM, SUM0 and AVG. */
#ifndef LT_EXEC_AGGREGATES_SUM_H
#define LT_EXEC_AGGREGATES_SUM_H

#include "exec/aggregates/common.h"
#include "exec/aggregates/wide.h"

/* Integers: 2^64 values of 64 bits fit in 128, here in two halves, 8-aligned. */
struct lt_int_sum {
    uint64_t low;
    int64_t high;
    int64_t n;
};
static inline __int128 lt_int_sum_get(const struct lt_int_sum *sum)
{
    return (__int128)((unsigned __int128)(uint64_t)sum->high << 64 | sum->low);
}
static inline void lt_int_sum_put(struct lt_int_sum *sum, __int128 value)
{
    sum->low = (uint64_t)value;
    sum->high = (int64_t)(value >> 64);
}
/* Whether it is a number of 64 bits: *out. */
static inline bool lt_int_sum_fits(const struct lt_int_sum *sum, int64_t *out)
{
    *out = (int64_t)sum->low;
    return sum->high == *out >> 63;
}
/* Doubles: what is finite is summed with its rounding error kept (Neumaier 1974);
 * NaN and infinities are counted, so that they can be taken out again. */
struct lt_real_sum {
    double sum, error;
    int64_t n, nan, plus_inf, minus_inf;
};

void lt_real_add(struct lt_real_sum *sum, double value, int64_t weight);
double lt_real_get(const struct lt_real_sum *sum);
static inline int64_t lt_real_count(const struct lt_real_sum *sum)
{
    return sum->n + sum->nan + sum->plus_inf + sum->minus_inf;
}

/* The kernel parts; kernels differ in `finish` only. */
lt_status lt_int_sum_update(const struct lt_agg_call *call, const struct lt_agg_input *in);
lt_status lt_wide_sum_update(const struct lt_agg_call *call, const struct lt_agg_input *in);
lt_status lt_real_sum_update(const struct lt_agg_call *call, const struct lt_agg_input *in);
#define LT_SUM_MERGE_ARGS                                                                          \
    const struct lt_agg_call *call, struct lt_state_heap *heap, char *into,                        \
        const struct lt_state_heap *from_heap, const char *from, struct lt_error *err
lt_status lt_int_sum_merge(LT_SUM_MERGE_ARGS);
lt_status lt_wide_sum_merge(LT_SUM_MERGE_ARGS);
lt_status lt_real_sum_merge(LT_SUM_MERGE_ARGS);
void lt_int_sum_unmerge(const struct lt_agg_call *call, char *into, const char *from);
void lt_wide_sum_unmerge(const struct lt_agg_call *call, char *into, const char *from);

#endif
