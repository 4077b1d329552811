/* assign.h -- window arithmetic: which slice and which windows a time falls in.
 *
 * Pure functions of the specification and the time. Whether a row enters a window,
 * whether it is late and when the window's state goes are all answered from here.
 *
 * Everything is cut on the wall clock and carried as instants. Without a zone the
 * two are the same. With one, a window is [first instant, first instant after);
 * where the clock is set back, a wall time that comes twice gives two windows of
 * one label, and where it is set forward the window is shorter. */
#ifndef LT_EXEC_WINDOWS_ASSIGN_H
#define LT_EXEC_WINDOWS_ASSIGN_H

#include "planner/plan.h"

struct lt_window {
    int64_t start, end;             /* instants; end is exclusive */
    int64_t label_start, label_end; /* wall clock: what window_start and window_end show */
    int64_t index;                  /* of the iteration */
};

/* The slice that holds the time: windows are unions of slices. TUMBLE: the window. */
void lt_window_slice(const struct lt_window_spec *spec, int64_t time_us, struct lt_window *slice);
/* The windows that hold the time, by ascending end. False when there is none (a hop
 * whose slide is longer than its size) or no further one. */
bool lt_window_first(const struct lt_window_spec *spec, int64_t time_us, struct lt_window *window);
bool lt_window_next(const struct lt_window_spec *spec, int64_t time_us, struct lt_window *window);
/* The last of them. */
bool lt_window_last(const struct lt_window_spec *spec, int64_t time_us, struct lt_window *window);

/* Are instants other than wall clock times? Then slices may come twice (index, label). */
bool lt_window_is_zoned(const struct lt_window_spec *spec);

/* The watermark at which a window that ends there is final: the one test for both
 * emitting and evicting. */
static inline int64_t lt_window_final_at(const struct lt_window_spec *spec, int64_t end)
{
    return end - spec->tick_us;
}

#endif
