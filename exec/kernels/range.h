/* range.h -- the smallest and the largest of some times: what settles a whole batch.
 *
 * A batch whose range lies inside one slice, or ahead of one watermark, need not be looked
 * at row by row. */
#ifndef LT_EXEC_KERNELS_RANGE_H
#define LT_EXEC_KERNELS_RANGE_H

#include "data/batch.h"

struct lt_range {
    int64_t min, max;
};

/* Of values[0..n), or of values[sel[0..n)]; n is not 0. */
struct lt_range lt_range_i64(const int64_t *values, const uint16_t *sel, uint32_t n);
/* Of all lanes from the first of sel to the last, selected or not: never narrower than the
 * selected rows', and much cheaper. sel NULL = values[0..n). */
struct lt_range lt_range_around(const int64_t *values, const uint16_t *sel, uint32_t n);

#endif
