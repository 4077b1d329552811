/* cast_time.c -- casts between DATE, TIME, TIMESTAMP and TIMESTAMP_LTZ.
 *
 * An instant becomes a wall clock, or the reverse, in the session's zone. A DATE
 * is its midnight; a TIME becomes that time on 1970-01-01. */
#include "exec/cast_internal.h"

/* The row as microseconds: since 1970 on a wall clock, or an instant for LTZ. */
static int64_t time_load(const struct lt_column *col, uint32_t i)
{
    if (col->type->kind == LT_TYPE_DATE)
        return (int64_t)((const int32_t *)col->values)[i] * LT_US_PER_DAY;
    return ((const int64_t *)col->values)[i];
}

lt_status cast_time(struct cast *c)
{
    const struct lt_type *from = c->from->type, *to = c->to->type;
    bool to_local = from->kind == LT_TYPE_TIMESTAMP_LTZ && to->kind != LT_TYPE_TIMESTAMP_LTZ;
    bool to_instant = from->kind != LT_TYPE_TIMESTAMP_LTZ && to->kind == LT_TYPE_TIMESTAMP_LTZ;
    CAST_EACH(c, i)
    {
        int64_t us = time_load(c->from, i);
        if (to_local)
            us = lt_tz_to_local(c->eval->zone, us);
        if (to_instant)
            us = lt_tz_to_instant(c->eval->zone, us);
        if (to->kind == LT_TYPE_DATE) {
            ((int32_t *)c->to->values)[i] = (int32_t)lt_floor_div(us, LT_US_PER_DAY);
            continue;
        }
        if (to->kind == LT_TYPE_TIME)
            us = lt_floor_mod(us, LT_US_PER_DAY);
        ((int64_t *)c->to->values)[i] = lt_time_truncate(us, to->precision);
    }
    return LT_OK;
}
