/* late.h -- inside exec: rows that came too late for their window. */
#ifndef LT_EXEC_WINDOWS_LATE_H
#define LT_EXEC_WINDOWS_LATE_H

#include "exec/operator.h"
#include "exec/windows/assign.h"

/* Rows of a batch that are late, in the order in which they were judged. */
struct lt_late {
    uint16_t *rows;
    uint32_t n;
};

static inline void lt_late_add(struct lt_late *late, uint32_t row)
{
    late->rows[late->n++] = (uint16_t)row;
}

/* The watermark at which nothing joins a window that ends there any more: it is final and
 * allowed lateness is over. */
static inline int64_t lt_window_closed_at(const struct lt_window_spec *spec, int64_t end,
                                          int64_t within_us)
{
    int64_t time;
    if (__builtin_add_overflow(lt_window_final_at(spec, end), within_us, &time))
        return INT64_MAX - 1;
    return time;
}

/* The watermark by which a row is judged: that of its own split when the row came, or the
 * one whose windows have been given here. Windows over the clock know only the latter. */
static inline int64_t lt_window_passed(const struct lt_window_spec *spec, int64_t behind,
                                       int64_t given)
{
    return behind > given && !spec->proctime ? behind : given;
}

/* Is a window that ends there closed to a row judged by `passed`? */
static inline bool lt_window_is_closed(const struct lt_window_spec *spec, int64_t end,
                                       int64_t within_us, int64_t passed)
{
    return passed != LT_WATERMARK_MIN && lt_window_closed_at(spec, end, within_us) <= passed;
}

/* Counts late rows: of the operator, and of the query. */
void lt_late_count(struct lt_op *op, const struct lt_late *late);
/* "the time attribute is NULL": LT_DATA. */
lt_status lt_window_null_time(struct lt_op *op) LT_MUST_CHECK;
/* Counts the late rows of the batch and hands them to LATE ROWS INTO; the last act of a
 * push. OK or YIELD. */
lt_flow lt_late_emit(struct lt_op *op, const struct lt_batch *in, const struct lt_late *late);

#endif
