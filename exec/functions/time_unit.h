/* time_unit.h -- units of time as EXTRACT, FLOOR, TIMESTAMPADD and TIMESTAMPDIFF name them. */
#ifndef LT_EXEC_FUNCTIONS_TIME_UNIT_H
#define LT_EXEC_FUNCTIONS_TIME_UNIT_H

#include "exec/functions/support.h"

enum time_unit {
    UNIT_MICROSECOND,
    UNIT_MILLISECOND,
    UNIT_SECOND,
    UNIT_MINUTE,
    UNIT_HOUR,
    UNIT_DAY,
    UNIT_WEEK,
    UNIT_MONTH,
    UNIT_QUARTER,
    UNIT_YEAR,
    UNIT_DECADE,
    UNIT_CENTURY,
    UNIT_MILLENNIUM,
    UNIT_DOW,     /* 1 = Sunday */
    UNIT_ISODOW,  /* 1 = Monday */
    UNIT_DOY,     /* from 1 */
    UNIT_ISOYEAR, /* the year of the ISO week */
    UNIT_EPOCH,   /* seconds since 1970 */
    UNIT_COUNT
};

/* "HOUR", "HOURS", "SQL_TSI_HOUR"; false when there is no such unit. */
bool time_unit_find(struct lt_str name, enum time_unit *out);
/* Reads the constant argument i; refuses what is none or is past `last`. */
lt_status time_unit_bind(struct lt_bind_call *call, uint32_t i, enum time_unit last,
                         enum time_unit *out) LT_MUST_CHECK;
/* Microseconds of a unit up to WEEK; 0 above. */
int64_t time_unit_us(enum time_unit unit);
/* Months of a unit from MONTH to MILLENNIUM; 0 otherwise. */
int32_t time_unit_months(enum time_unit unit);
/* The field of a wall clock, or of the length of a day-time interval. */
int64_t time_unit_extract(enum time_unit unit, int64_t us);
/* The start of the unit that holds a wall clock, and of the next one unless it is there. */
int64_t time_unit_floor(enum time_unit unit, int64_t us);
int64_t time_unit_ceil(enum time_unit unit, int64_t us);

/* Argument `a` as a wall clock: DATE as its midnight, LTZ in the session's zone. */
static inline int64_t fn_local(const struct fn_row *r, uint32_t a, uint32_t i)
{
    const struct lt_column *col = r->args[a];
    switch (col->type->kind) {
    case LT_TYPE_DATE: return FN_LANE(int32_t, col, i) * LT_US_PER_DAY;
    case LT_TYPE_TIMESTAMP_LTZ: return lt_tz_to_local(r->eval->zone, FN_LANE(int64_t, col, i));
    default: return FN_LANE(int64_t, col, i);
    }
}

#endif
