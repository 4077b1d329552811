/* batch.h -- up to 2,048 rows, in columns, with a header.
 *
 * A batch is a small struct on the stack of whoever pushes it: its columns are
 * borrowed for the duration of the push. Who keeps one takes references
 * (lt_batch_keep). Columns are never changed once pushed.
 *
 * Which rows are meant: all `len` rows when sel is NULL, else the `n_sel` rows
 * sel[0..n_sel), strictly increasing. Every other per-row array (weight,
 * behind, position, split_of) is indexed by physical row, like the columns. */
#ifndef LT_DATA_BATCH_H
#define LT_DATA_BATCH_H

#include "data/column.h"

#define LT_WATERMARK_MIN INT64_MIN /* nothing known yet */
#define LT_WATERMARK_MAX INT64_MAX /* the input has ended */
#define LT_NOT_BEHIND INT64_MIN    /* in `behind`: this row was on time at its split */

struct lt_batch {
    uint32_t len; /* physical rows of every column */
    uint32_t n_sel;
    const uint16_t *sel; /* NULL = all rows, and n_sel == len */
    uint32_t n_columns;
    struct lt_column **columns;
    const int32_t *weight; /* NULL = every row +1; never 0 in a selected row */
    const int64_t *behind; /* NULL = no row is behind; the split's watermark just before a
                              behind row, else LT_NOT_BEHIND (DESIGN: Time) */
    /* Arrival order. position == NULL: row i has position first_position + i of
     * split `split`; else position[i] of split split_of[i] (or `split` when
     * split_of is NULL). */
    uint32_t split;
    int64_t first_position;
    const int64_t *position;
    const uint32_t *split_of;
    int64_t proctime_us;      /* the injected clock when the source handed the rows over */
    struct lt_buffer *aux[5]; /* what sel/weight/behind/position/split_of live in, or NULL:
                                 then they are borrowed like the struct itself */
};

static inline uint32_t lt_batch_row(const struct lt_batch *batch, uint32_t i)
{
    return batch->sel ? batch->sel[i] : i;
}
static inline int32_t lt_batch_weight(const struct lt_batch *batch, uint32_t row)
{
    return batch->weight ? batch->weight[row] : 1;
}
static inline int64_t lt_batch_position(const struct lt_batch *batch, uint32_t row)
{
    return batch->position ? batch->position[row] : batch->first_position + row;
}
static inline uint32_t lt_batch_split(const struct lt_batch *batch, uint32_t row)
{
    return batch->split_of ? batch->split_of[row] : batch->split;
}
static inline int64_t lt_batch_behind(const struct lt_batch *batch, uint32_t row)
{
    return batch->behind ? batch->behind[row] : LT_NOT_BEHIND;
}

/* The rows that are meant, in rows[0..n_sel): how many. */
uint32_t lt_batch_rows(const struct lt_batch *batch, uint16_t *rows);

/* A kept batch: own references, own copies of borrowed arrays. NULL = no memory. */
struct lt_batch *lt_batch_keep(struct lt_pool *pool, const struct lt_batch *batch) LT_MUST_CHECK;
void lt_batch_drop(struct lt_batch *kept);
/* As keep, with only the selected rows and every encoding but shared ones resolved:
 * columns of exactly n_sel rows, sel == NULL, positions explicit. */
lt_status lt_batch_compact(struct lt_pool *pool, const struct lt_batch *batch,
                           struct lt_batch **out) LT_MUST_CHECK;
size_t lt_batch_bytes(const struct lt_batch *batch); /* for back-pressure: an estimate */
/* What is wrong with the batch, or with one column; NULL when nothing is: every
 * promise of the head comments here and in column.h. Costs as much as the batch. */
const char *lt_batch_fault(const struct lt_batch *batch);
const char *lt_column_fault(const struct lt_column *col);
/* Debug builds assert that there is no fault; a no-op in release. */
void lt_batch_check(const struct lt_batch *batch);

/* Builds a batch row by row or column by column; reused after each take. Lanes
 * start as zero; a NULL lane is left (or made) zero and its validity bit cleared. */
struct lt_batch_builder {
    struct lt_pool *pool;
    const struct lt_schema *schema;
    uint32_t len;
    uint32_t cap;
    struct lt_column **columns; /* flat, cap rows */
    int32_t *weight;            /* NULL until a weight other than 1 was set */
    struct lt_buffer *weight_buffer;
};
lt_status lt_builder_open(struct lt_batch_builder *builder, struct lt_pool *pool,
                          const struct lt_schema *schema, uint32_t cap) LT_MUST_CHECK;
void lt_builder_close(struct lt_batch_builder *builder);
lt_status lt_builder_set_weight(struct lt_batch_builder *builder, uint32_t row,
                                int32_t weight) LT_MUST_CHECK;
/* Hands the first `len` rows over as *batch, whose columns the caller releases
 * with lt_builder_release after pushing; the builder starts empty again. Several
 * batches may be out at once. On failure the builder is unchanged. */
lt_status lt_builder_take(struct lt_batch_builder *builder, struct lt_batch *batch) LT_MUST_CHECK;
void lt_builder_release(struct lt_batch_builder *builder, struct lt_batch *batch);

#endif
