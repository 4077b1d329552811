/* wide.h -- inside exec/aggregates: a 192-bit accumulator for exact numbers.
 *
 * A DECIMAL(38) fills an __int128, so a sum of two may leave it on the way to a
 * result that fits again. 2^64 values of 38 digits fit in 192 bits. */
#ifndef LT_EXEC_AGGREGATES_WIDE_H
#define LT_EXEC_AGGREGATES_WIDE_H

#include <stdbool.h>
#include <stdint.h>

struct lt_wide {
    unsigned __int128 low;
    int64_t high;
    int64_t n; /* how many values are in it, for NULL and AVG */
};

static inline void lt_wide_add_parts(struct lt_wide *wide, unsigned __int128 low, int64_t high)
{
    unsigned __int128 sum = wide->low + low;
    wide->high = (int64_t)((uint64_t)wide->high + (uint64_t)high + (sum < low));
    wide->low = sum;
}
/* value * weight. */
static inline void lt_wide_add(struct lt_wide *wide, __int128 value, int32_t weight)
{
    if (__builtin_expect(weight == 1, 1)) {
        lt_wide_add_parts(wide, (unsigned __int128)value, value < 0 ? -1 : 0);
    } else {
        /* value = upper * 2^64 + lower with 0 <= lower < 2^64 */
        __int128 upper = (value >> 64) * weight;
        __int128 lower = (__int128)(uint64_t)value * weight;
        lt_wide_add_parts(wide, (unsigned __int128)lower, lower < 0 ? -1 : 0);
        lt_wide_add_parts(wide, (unsigned __int128)upper << 64, (int64_t)(upper >> 64));
    }
    wide->n += weight;
}
static inline void lt_wide_merge(struct lt_wide *into, const struct lt_wide *from)
{
    lt_wide_add_parts(into, from->low, from->high);
    into->n += from->n;
}
static inline void lt_wide_unmerge(struct lt_wide *into, const struct lt_wide *from)
{
    unsigned __int128 low = into->low - from->low;
    into->high = (int64_t)((uint64_t)into->high - (uint64_t)from->high - (low > into->low));
    into->low = low;
    into->n -= from->n;
}
/* False when the value does not fit 128 bits. */
static inline bool lt_wide_get(const struct lt_wide *wide, __int128 *out)
{
    *out = (__int128)wide->low;
    return wide->high == (*out < 0 ? -1 : 0);
}

#endif
