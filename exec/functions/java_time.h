/* java_time.h -- dates and times as text by Java's patterns (DateTimeFormatter). */
#ifndef LT_EXEC_FUNCTIONS_JAVA_TIME_H
#define LT_EXEC_FUNCTIONS_JAVA_TIME_H

#include "base/status.h"
#include "base/tz.h"

/* Appends a wall clock. `offset_us` and `zone` are what X, Z and VV print. False on
 * a letter that is not known; *bad is set to it. */
bool java_time_format(struct lt_buf *out, struct lt_str pattern, int64_t local_us,
                      int64_t offset_us, struct lt_str zone, char *bad);

/* Times within the same such unit (in microseconds, floored) print alike; 1 when
 * every microsecond may differ. */
int64_t java_time_unit(struct lt_str pattern);

struct java_time {
    int64_t local_us;
    bool has_offset;
    int64_t offset_us;
};
/* Reads text that must fit the pattern from end to end. Fields not in the pattern are
 * those of 1970-01-01 00:00:00. False when it does not fit. */
bool java_time_parse(struct lt_str text, struct lt_str pattern, struct java_time *out);
/* Does the pattern use known letters only? *bad is set to one that is not. */
bool java_time_check(struct lt_str pattern, char *bad);

#endif
