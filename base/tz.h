/* tz.h -- civil time: days and microseconds to calendar fields and back, and
 * time zones read from the system's TZif files (RFC 8536), never through libc. */
#ifndef LT_BASE_TZ_H
#define LT_BASE_TZ_H

#include "base/arena.h"

#define LT_US_PER_SECOND INT64_C(1000000)
#define LT_US_PER_MINUTE (60 * LT_US_PER_SECOND)
#define LT_US_PER_HOUR (60 * LT_US_PER_MINUTE)
#define LT_US_PER_DAY (24 * LT_US_PER_HOUR)

/* Floor division and modulo: time before 1970 is negative. */
static inline int64_t lt_floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return q - ((a % b != 0) && ((a < 0) != (b < 0)));
}
static inline int64_t lt_floor_mod(int64_t a, int64_t b)
{
    int64_t r = a % b;
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

struct lt_civil { /* proleptic Gregorian calendar */
    int32_t year;
    uint8_t month, day; /* from 1 */
    uint8_t hour, minute, second;
    uint32_t us;
};
int64_t lt_days_from_civil(int32_t year, unsigned month, unsigned day);
void lt_civil_from_days(int64_t days, int32_t *year, unsigned *month, unsigned *day);
void lt_civil_from_us(int64_t us, struct lt_civil *out);
int64_t lt_us_from_civil(const struct lt_civil *civil); /* saturates past int64 */
bool lt_civil_valid(int32_t year, unsigned month, unsigned day);
unsigned lt_days_in_month(int32_t year, unsigned month);
/* Adds months, the day clipped to the month's last (2024-01-31 + 1 = 2024-02-29).
 * Saturates past int64. */
int64_t lt_us_add_months(int64_t us, int32_t months);
void lt_iso_week(int64_t days, int32_t *iso_year, unsigned *week);

/* A loaded zone, immutable; lives in the database's zone cache. */
struct lt_tz;
extern const struct lt_tz lt_tz_utc;
/* "UTC", "Europe/Berlin", "+02:00", "GMT+2". LT_INVALID names the zone. */
lt_status lt_tz_load(struct lt_alloc *alloc, struct lt_str name, struct lt_tz **out,
                     struct lt_error *err) LT_MUST_CHECK;
void lt_tz_free(struct lt_alloc *alloc, struct lt_tz *tz); /* not for lt_tz_utc */
struct lt_str lt_tz_name(const struct lt_tz *tz);
/* Offset east of UTC in microseconds at an instant. */
int64_t lt_tz_offset_us(const struct lt_tz *tz, int64_t instant_us);
/* The same, and the stretch [*from_us, *until_us) of instants that shares the
 * offset, so that a kernel asks once per batch (INT64_MIN, INT64_MAX: for ever). */
int64_t lt_tz_span(const struct lt_tz *tz, int64_t instant_us, int64_t *from_us, int64_t *until_us);
/* Saturates at the ends of int64. */
static inline int64_t lt_tz_to_local(const struct lt_tz *tz, int64_t instant_us)
{
    int64_t local_us;
    if (tz == &lt_tz_utc)
        return instant_us;
    if (__builtin_add_overflow(instant_us, lt_tz_offset_us(tz, instant_us), &local_us))
        return instant_us < 0 ? INT64_MIN : INT64_MAX;
    return local_us;
}
/* The instant of a wall clock: in a gap the clock is moved forward by the gap,
 * in an overlap the earlier instant is taken (java.time's rules). */
int64_t lt_tz_to_instant(const struct lt_tz *tz, int64_t local_us);

#endif
