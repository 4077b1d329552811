/* lane.h -- writing decoded values into the lanes of a column.
 *
 * A decoder writes a record's fields into row `row` of flat columns. A record that turns out
 * bad half-way is simply written over by the next one; so every call here sets value and
 * validity both, and never assumes that a lane is fresh. Rows come in increasing order.
 *
 * The elements of ARRAY and MAP lie in child columns that grow as they are written. A record
 * that was given up may leave some behind; lt_lane_finish cuts them off. */
#ifndef LT_CONNECTORS_FORMATS_LANE_H
#define LT_CONNECTORS_FORMATS_LANE_H

#include "data/batch.h"
#include "data/value.h"

lt_status lt_lane_null(struct lt_column *col, uint32_t row) LT_MUST_CHECK;
static inline void lt_lane_valid(struct lt_column *col, uint32_t row)
{
    if (col->validity)
        col->validity[row / 64] |= 1ull << (row % 64);
}
/* A string that lies in `buffer` (a view is kept) or, when NULL, is copied. */
lt_status lt_lane_str(struct lt_column *col, uint32_t row, struct lt_str text,
                      struct lt_buffer *buffer) LT_MUST_CHECK;
/* Any scalar from text, as CAST from STRING reads it, but text too long for CHAR(n) or
 * VARCHAR(n) is refused, not cut. LT_DATA, without a message, when it is no such value. */
lt_status lt_lane_text(struct lt_column *col, uint32_t row, struct lt_str text,
                       struct lt_buffer *buffer, const struct lt_tz *zone) LT_MUST_CHECK;

/* Where the elements of list `row` begin in its children. */
static inline uint32_t lt_lane_list_start(const struct lt_column *col, uint32_t row)
{
    return ((const uint32_t *)col->values)[row];
}
/* Makes sure lane `at` of child i exists. */
lt_status lt_lane_child(struct lt_column *col, unsigned i, uint32_t at,
                        struct lt_column **child) LT_MUST_CHECK;
/* Closes list `row`: its elements end before `end`. */
static inline void lt_lane_list_end(struct lt_column *col, uint32_t row, uint32_t end)
{
    ((uint32_t *)col->values)[row + 1] = end;
}
/* After rows [0, len) were written: lists have children of the right length. */
lt_status lt_lane_finish(struct lt_column *col, uint32_t len) LT_MUST_CHECK;

#endif
