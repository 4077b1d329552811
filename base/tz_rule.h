/* tz_rule.h -- what a TZif file says: listed changes of offset, then a POSIX rule for
 * what follows. Used by tz.c alone. */
#ifndef LT_BASE_TZ_RULE_H
#define LT_BASE_TZ_RULE_H

#include "base/tz.h"

enum lt_tz_day_kind {
    LT_TZ_DAY_JULIAN,    /* Jn: 1..365, 29 February is never counted */
    LT_TZ_DAY_OF_YEAR,   /* n: 0..365, it is */
    LT_TZ_DAY_MONTH_WEEK /* Mm.w.d: week 5 is the last */
};

struct lt_tz_day {
    enum lt_tz_day_kind kind;
    uint16_t day; /* of the year; of the week for MONTH_WEEK, 0 = Sunday */
    uint8_t month, week;
    int32_t time_s; /* of local time, may be negative or past 24 h */
};

struct lt_tz_rule {
    bool has_dst;
    int32_t std_s, dst_s; /* east of UTC */
    struct lt_tz_day start, end;
};

/* One change of offset. */
struct lt_tz_change {
    int64_t at_us;
    int64_t before_us, after_us;
};

/* "CET-1CEST,M3.5.0,M10.5.0/3". False when it is not such a rule. */
bool lt_tz_rule_parse(struct lt_str text, struct lt_tz_rule *out);
/* The two changes of a year in order; only when has_dst. */
void lt_tz_rule_year(const struct lt_tz_rule *rule, int32_t year, struct lt_tz_change out[2]);

/* ---- the file (tz_file.c) --------------------------------------------- */
struct lt_tz_file {
    int64_t first_us; /* before the first change */
    uint32_t n_changes;
    struct lt_tz_change *changes; /* strictly ascending */
    bool has_rule;
    struct lt_tz_rule rule;
};
/* Reads the named file below $TZDIR or /usr/share/zoneinfo. `name` has been
 * checked to be a plain relative path. */
lt_status lt_tz_file_read(struct lt_arena *arena, struct lt_str name, struct lt_tz_file *out,
                          bool *found, struct lt_error *err) LT_MUST_CHECK;
/* The same over bytes in memory; LT_CORRUPT when they are not a TZif file. */
lt_status lt_tz_file_parse(struct lt_arena *arena, const void *data, size_t size,
                           struct lt_tz_file *out) LT_MUST_CHECK;

#endif
