/* java_time.h -- dates and times as text by Java's patterns (DateTimeFormatter). */
#ifndef LT_EXEC_FUNCTIONS_JAVA_TIME_H
#define LT_EXEC_FUNCTIONS_JAVA_TIME_H

#include "base/status.h"
#include "base/tz.h"

/* Appends a wall clock. `offset_us` and `zone` are what X, Z and VV print. False on
 * a letter that is not known; *bad is set to it. */
bool java_time_format(struct lt_buf *out, struct lt_str pattern, int64_t local_us,
                      int64_t offset_us, struct lt_str zone, char *bad);

/* A pattern read once. Most are texts and numbers of fixed width: then the texts stand
 * in `frame` already and only digits are written into it. */
enum { JAVA_FRAME_SIZE = 48, JAVA_FIELDS_MAX = 12 };
struct java_pattern {
    int64_t unit_us; /* times in one such unit of the clock print alike; 1 = every one may differ */
    uint32_t size;   /* of the frame; 0 = the pattern has no fixed width */
    uint32_t n_fields;
    struct java_field {
        char letter;
        uint8_t at, width;
    } fields[JAVA_FIELDS_MAX];
    char frame[JAVA_FRAME_SIZE];
};
/* The pattern must have been checked. */
void java_pattern_read(struct java_pattern *out, struct lt_str pattern);
/* Fills `to` with `size` bytes; false when the year needs more than four digits. */
bool java_pattern_write(const struct java_pattern *pattern, int64_t local_us, char *to);

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
