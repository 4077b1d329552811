/* stretch.h -- functions of a time that say the same over stretches of it. */
#ifndef LT_EXEC_FUNCTIONS_STRETCH_H
#define LT_EXEC_FUNCTIONS_STRETCH_H

#include "exec/functions/support.h"

/* As fn_rows, where argument 0 is a DATE, TIME, TIMESTAMP or TIMESTAMP_LTZ, all others are
 * the same for all rows, and the result is the same for all times in one `unit_us` of the
 * wall clock (with one offset of the zone). `row` is asked once for each such stretch. The
 * result is a constant when all rows fall into one, and a text a dictionary of few. */
lt_status fn_stretches(struct lt_eval *eval, struct lt_column *const *args, uint32_t n_args,
                       const struct lt_type *result, const void *data, int64_t unit_us,
                       struct lt_column **out, fn_row_fn row) LT_MUST_CHECK;

#endif
