/* place.h -- inside exec: which slice a row of TUMBLE, HOP or CUMULATE goes to. */
#ifndef LT_EXEC_WINDOWS_PLACE_H
#define LT_EXEC_WINDOWS_PLACE_H

#include "exec/windows/late.h"

#define LT_PLACE_ALL INT64_MIN /* min_end: for every window */

struct lt_place {
    struct lt_window slice;
    int64_t min_end; /* the row counts only for windows that end there or later */
    int64_t max_end; /* of the last window it counts for */
};

enum lt_placed { LT_PLACED, LT_PLACED_LATE, LT_PLACED_NOWHERE };

/* `behind` is the row's; windows final at `given` have been given. NOWHERE: the gap of a
 * hop whose slide is longer than its size. */
enum lt_placed lt_place_row(const struct lt_window_spec *spec, int64_t time_us, int64_t behind,
                            int64_t given, struct lt_place *place);

#endif
