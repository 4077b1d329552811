/* range.c -- the smallest and the largest of some times. */
#include "exec/kernels/range.h"

static LT_KERNEL void range_dense(const int64_t *values, uint32_t n, struct lt_range *out)
{
    int64_t min = values[0], max = values[0];
    for (uint32_t i = 1; i < n; i++) {
        min = values[i] < min ? values[i] : min;
        max = values[i] > max ? values[i] : max;
    }
    *out = (struct lt_range){min, max};
}

static LT_KERNEL void range_some(const int64_t *values, const uint16_t *sel, uint32_t n,
                                 struct lt_range *out)
{
    int64_t min = values[sel[0]], max = min;
    for (uint32_t i = 1; i < n; i++) {
        int64_t value = values[sel[i]];
        min = value < min ? value : min;
        max = value > max ? value : max;
    }
    *out = (struct lt_range){min, max};
}

struct lt_range lt_range_i64(const int64_t *values, const uint16_t *sel, uint32_t n)
{
    struct lt_range range;
    LT_ASSERT(n > 0);
    if (sel)
        range_some(values, sel, n, &range);
    else
        range_dense(values, n, &range);
    return range;
}

struct lt_range lt_range_around(const int64_t *values, const uint16_t *sel, uint32_t n)
{
    LT_ASSERT(n > 0);
    uint32_t from = sel ? sel[0] : 0;
    return lt_range_i64(values + from, NULL, sel ? sel[n - 1] - from + 1u : n);
}
