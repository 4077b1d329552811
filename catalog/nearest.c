/* nearest.c -- "did you mean": the known name nearest to an unknown one.
 *
 * A suggestion must be closer than half of the word is long, else it is noise. */
#include "catalog/session.h"

void lt_nearest_init(struct lt_nearest *nearest, struct lt_str text)
{
    unsigned limit = text.len < 3 ? 1 : text.len < 6 ? 2 : 3;
    *nearest = (struct lt_nearest){.text = text, .best = LT_STR(""), .distance = limit + 1};
}

void lt_nearest_offer(struct lt_nearest *nearest, struct lt_str candidate)
{
    unsigned distance = lt_str_distance(nearest->text, candidate, nearest->distance);
    if (distance >= nearest->distance || distance >= candidate.len)
        return;
    nearest->distance = distance;
    nearest->best = candidate;
}
