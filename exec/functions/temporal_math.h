/* temporal_math.h -- FLOOR(time TO unit) and CEIL share their names with numbers. */
#ifndef LT_EXEC_FUNCTIONS_TEMPORAL_MATH_H
#define LT_EXEC_FUNCTIONS_TEMPORAL_MATH_H

#include "exec/functions/time_unit.h"

/* FLOOR(x, 'UNIT') and CEIL: binds the call to one of the two kernels. */
lt_status temporal_bind_round(struct lt_bind_call *call,
                              const struct lt_kernel *kernel) LT_MUST_CHECK;
extern const struct lt_kernel time_floor_kernel, time_ceil_kernel, time_add_kernel,
    time_diff_kernel;

#endif
