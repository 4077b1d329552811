/* place.c -- which slice a row of TUMBLE, HOP or CUMULATE goes to.
 *
 * Nearly always that of its time. A row that is behind counts only for windows that were
 * not final when it arrived at its split. Where one of those has not been given yet (the
 * row came in the same batch as the row that moved the watermark), the slice must not show
 * it: for CUMULATE the row moves to the slice that ends the first window it counts for; for
 * HOP it goes to a slice of its own that names the first window that may see it (min_end).
 * So results do not depend on how rows were cut into batches. */
#include "exec/windows/place.h"

enum lt_placed lt_place_row(const struct lt_window_spec *spec, int64_t time_us, int64_t behind,
                            int64_t given, struct lt_place *place)
{
    struct lt_window window;
    if (!lt_window_last(spec, time_us, &window))
        return LT_PLACED_NOWHERE;
    if (lt_window_is_closed(spec, window.end, 0, lt_window_passed(spec, behind, given)))
        return LT_PLACED_LATE;
    place->max_end = window.end;
    place->min_end = LT_PLACE_ALL;
    lt_window_slice(spec, time_us, &place->slice);
    if (behind == LT_NOT_BEHIND || spec->proctime || spec->kind == LT_WINDOW_TUMBLE)
        return LT_PLACED;
    int64_t closed = LT_WATERMARK_MIN; /* when the last window that must not see it is final */
    bool more = lt_window_first(spec, time_us, &window);
    for (; more && lt_window_is_closed(spec, window.end, 0, behind);
         more = lt_window_next(spec, time_us, &window))
        closed = lt_window_final_at(spec, window.end);
    if (closed > given && spec->kind == LT_WINDOW_HOP)
        place->min_end = window.end;
    else if (closed != LT_WATERMARK_MIN && spec->kind == LT_WINDOW_CUMULATE)
        lt_window_slice(spec, window.end - 1, &place->slice);
    return LT_PLACED;
}
