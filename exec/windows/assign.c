/* assign.c -- TUMBLE, HOP and CUMULATE on the wall clock, and their instants.
 *
 *   boundaries of a span     offset + k * us,  or the first of every k-th month + offset
 *   TUMBLE(size)             from boundary to boundary
 *   HOP(slide, size)         from every boundary of slide, size long
 *   CUMULATE(step, size)     from a boundary of size, step, 2 step ... size long
 *
 * Slices: HOP is cut at multiples of gcd(slide, size); with a calendar span beside
 * one of fixed length at days or parts of days, because months begin with a day. */
#include "exec/windows/assign.h"

bool lt_window_is_zoned(const struct lt_window_spec *spec)
{
    return spec->ltz && spec->zone && spec->zone != &lt_tz_utc;
}

static int64_t to_wall(const struct lt_window_spec *spec, int64_t time_us)
{
    return lt_window_is_zoned(spec) ? lt_tz_to_local(spec->zone, time_us) : time_us;
}

/* ---- instants of a wall-clock range --------------------------------------- */

/* The first instant in (from, to] that has the offset of `to`, another than `from`. */
static int64_t transition(const struct lt_tz *zone, int64_t from, int64_t to)
{
    int64_t offset = lt_tz_offset_us(zone, to);
    while (to - from > 1) {
        int64_t middle = from + (to - from) / 2;
        if (lt_tz_offset_us(zone, middle) == offset)
            to = middle;
        else
            from = middle;
    }
    return to;
}

/* [label_start, label_end) as instants around `time_us`, which it holds. A boundary
 * beyond a change of the clock takes the offset beyond; one that the clock jumps
 * over is the jump itself. */
static void to_instants(const struct lt_window_spec *spec, int64_t time_us, struct lt_window *w)
{
    w->start = w->label_start;
    w->end = w->label_end;
    if (!lt_window_is_zoned(spec))
        return;
    const struct lt_tz *zone = spec->zone;
    int64_t offset = lt_tz_offset_us(zone, time_us);
    w->start -= offset;
    w->end -= offset;
    if (w->start < time_us && lt_tz_offset_us(zone, w->start) != offset) {
        int64_t change = transition(zone, w->start, time_us);
        int64_t start = w->label_start - lt_tz_offset_us(zone, change - 1);
        w->start = start < change ? start : change;
    }
    if (w->end - 1 > time_us && lt_tz_offset_us(zone, w->end - 1) != offset) {
        int64_t change = transition(zone, time_us, w->end - 1);
        int64_t end = w->label_end - lt_tz_offset_us(zone, change);
        w->end = end > change ? end : change;
    }
}

/* ---- spans ----------------------------------------------------------------- */

static int64_t month_start(int64_t month) /* from 1970-01 */
{
    int64_t year = lt_floor_div(month, 12);
    return lt_days_from_civil((int32_t)(1970 + year), (unsigned)(month - year * 12) + 1, 1) *
           LT_US_PER_DAY;
}

static int64_t boundary_index(struct lt_span span, int64_t offset, int64_t wall)
{
    if (!span.months)
        return lt_floor_div(wall - offset, span.us);
    struct lt_civil civil;
    lt_civil_from_us(wall - offset, &civil);
    return lt_floor_div((civil.year - 1970) * INT64_C(12) + civil.month - 1, span.months);
}

static int64_t boundary_at(struct lt_span span, int64_t offset, int64_t index)
{
    return offset + (span.months ? month_start(index * span.months) : index * span.us);
}

static int64_t span_add(int64_t wall, struct lt_span span, int64_t times)
{
    return span.months ? lt_us_add_months(wall, (int32_t)(span.months * times))
                       : wall + span.us * times;
}

static int64_t gcd(int64_t a, int64_t b)
{
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static struct lt_span hop_slice(const struct lt_window_spec *spec)
{
    struct lt_span size = spec->size, slide = spec->slide;
    if (size.months && slide.months)
        return (struct lt_span){.months = (int32_t)gcd(size.months, slide.months)};
    if (!size.months && !slide.months)
        return (struct lt_span){.us = gcd(size.us, slide.us)};
    return (struct lt_span){.us = gcd(size.us + slide.us, LT_US_PER_DAY)};
}

/* ---- CUMULATE ---------------------------------------------------------------- */

/* The index-th window (from 1) of the cumulation that begins at `start`. */
static void cumulate_at(const struct lt_window_spec *spec, int64_t start, int64_t index,
                        struct lt_window *w)
{
    int64_t max = span_add(start, spec->size, 1), end = span_add(start, spec->slide, index);
    w->label_start = start;
    w->label_end = end < max ? end : max;
    w->index = index;
}

static int64_t cumulate_start(const struct lt_window_spec *spec, int64_t wall)
{
    return boundary_at(spec->size, spec->offset_us,
                       boundary_index(spec->size, spec->offset_us, wall));
}

static int64_t cumulate_index(const struct lt_window_spec *spec, int64_t start, int64_t wall)
{
    if (!spec->slide.months)
        return (wall - start) / spec->slide.us + 1;
    int64_t index = 1;
    while (span_add(start, spec->slide, index) <= wall)
        index++;
    return index;
}

/* ---- the windows of a time ----------------------------------------------------- */

void lt_window_slice(const struct lt_window_spec *spec, int64_t time_us, struct lt_window *slice)
{
    int64_t wall = to_wall(spec, time_us);
    if (spec->kind == LT_WINDOW_CUMULATE) {
        int64_t start = cumulate_start(spec, wall), index = cumulate_index(spec, start, wall);
        cumulate_at(spec, start, index, slice);
        slice->label_start = span_add(start, spec->slide, index - 1);
    } else {
        struct lt_span span = spec->kind == LT_WINDOW_HOP ? hop_slice(spec) : spec->size;
        int64_t index = boundary_index(span, spec->offset_us, wall);
        slice->label_start = boundary_at(span, spec->offset_us, index);
        slice->label_end = boundary_at(span, spec->offset_us, index + 1);
        slice->index = index;
    }
    to_instants(spec, time_us, slice);
}

static void hop_at(const struct lt_window_spec *spec, int64_t index, struct lt_window *w)
{
    w->index = index;
    w->label_start = boundary_at(spec->slide, spec->offset_us, index);
    w->label_end = span_add(w->label_start, spec->size, 1);
}

static bool hop_first(const struct lt_window_spec *spec, int64_t wall, struct lt_window *w)
{
    int64_t index = boundary_index(spec->slide, spec->offset_us, wall);
    hop_at(spec, index, w);
    if (w->label_end <= wall)
        return false;
    if (!spec->size.months && !spec->slide.months) {
        hop_at(spec, index - (w->label_end - 1 - wall) / spec->slide.us, w);
        return true;
    }
    for (struct lt_window before;; *w = before) {
        hop_at(spec, w->index - 1, &before);
        if (before.label_end <= wall)
            return true;
    }
}

bool lt_window_first(const struct lt_window_spec *spec, int64_t time_us, struct lt_window *window)
{
    int64_t wall = to_wall(spec, time_us);
    if (spec->kind == LT_WINDOW_CUMULATE) {
        int64_t start = cumulate_start(spec, wall);
        cumulate_at(spec, start, cumulate_index(spec, start, wall), window);
    } else if (spec->kind == LT_WINDOW_HOP) {
        if (!hop_first(spec, wall, window))
            return false;
    } else {
        lt_window_slice(spec, time_us, window);
        return true;
    }
    to_instants(spec, time_us, window);
    return true;
}

bool lt_window_next(const struct lt_window_spec *spec, int64_t time_us, struct lt_window *window)
{
    int64_t wall = to_wall(spec, time_us);
    struct lt_window next;
    if (spec->kind == LT_WINDOW_CUMULATE) {
        if (window->label_end >= span_add(window->label_start, spec->size, 1))
            return false;
        cumulate_at(spec, window->label_start, window->index + 1, &next);
    } else if (spec->kind == LT_WINDOW_HOP) {
        hop_at(spec, window->index + 1, &next);
        if (next.label_start > wall)
            return false;
    } else {
        return false;
    }
    to_instants(spec, time_us, &next);
    *window = next;
    return true;
}

bool lt_window_last(const struct lt_window_spec *spec, int64_t time_us, struct lt_window *window)
{
    int64_t wall = to_wall(spec, time_us);
    if (spec->kind == LT_WINDOW_CUMULATE) {
        int64_t start = cumulate_start(spec, wall);
        window->label_start = start;
        window->label_end = span_add(start, spec->size, 1);
    } else if (spec->kind == LT_WINDOW_HOP) {
        hop_at(spec, boundary_index(spec->slide, spec->offset_us, wall), window);
        if (window->label_end <= wall)
            return false;
    } else {
        lt_window_slice(spec, time_us, window);
        return true;
    }
    to_instants(spec, time_us, window);
    return true;
}
