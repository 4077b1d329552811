/* tz_rule.c -- reads a POSIX TZ rule and works out a year's two changes.
 *
 * The grammar is that of POSIX (environment variable TZ, first form) with the
 * widening of RFC 8536 section 3.3.1: times of -167 to 167 hours. Names of zones
 * are skipped; nobody prints them. */
#include "base/tz_rule.h"

enum { SECONDS_PER_DAY = 86400 };

struct scan {
    const char *at, *end;
};

static bool scan_char(struct scan *scan, char c)
{
    if (scan->at == scan->end || *scan->at != c)
        return false;
    scan->at++;
    return true;
}

static bool scan_number(struct scan *scan, int max, int *out)
{
    int value = 0;
    const char *from = scan->at;
    while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9') {
        value = value * 10 + (*scan->at++ - '0');
        if (value > max)
            return false;
    }
    *out = value;
    return scan->at > from;
}

static bool scan_name(struct scan *scan)
{
    const char *from = scan->at;
    if (scan_char(scan, '<')) {
        while (scan->at < scan->end && *scan->at != '>')
            scan->at++;
        return scan_char(scan, '>');
    }
    while (scan->at < scan->end && ((*scan->at | 32) >= 'a' && (*scan->at | 32) <= 'z'))
        scan->at++;
    return scan->at - from >= 3;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool scan_time(struct scan *scan, int hours_max, int32_t *out)
{
    bool minus = scan_char(scan, '-');
    if (!minus)
        (void)scan_char(scan, '+');
    int h, m = 0, s = 0;
    if (!scan_number(scan, hours_max, &h))
        return false;
    if (scan_char(scan, ':')) {
        if (!scan_number(scan, 59, &m))
            return false;
        if (scan_char(scan, ':') && !scan_number(scan, 59, &s))
            return false;
    }
    int32_t seconds = h * 3600 + m * 60 + s;
    *out = minus ? -seconds : seconds;
    return true;
}

static bool scan_day(struct scan *scan, struct lt_tz_day *out)
{
    int n, week, day;
    struct lt_tz_day rule = {.time_s = 2 * 3600};
    if (scan_char(scan, 'J')) {
        if (!scan_number(scan, 365, &n) || n == 0)
            return false;
        rule.kind = LT_TZ_DAY_JULIAN;
        rule.day = (uint16_t)n;
    } else if (scan_char(scan, 'M')) {
        if (!scan_number(scan, 12, &n) || n == 0 || !scan_char(scan, '.') ||
            !scan_number(scan, 5, &week) || week == 0 || !scan_char(scan, '.') ||
            !scan_number(scan, 6, &day))
            return false;
        rule.kind = LT_TZ_DAY_MONTH_WEEK;
        rule.month = (uint8_t)n;
        rule.week = (uint8_t)week;
        rule.day = (uint16_t)day;
    } else {
        if (!scan_number(scan, 365, &n))
            return false;
        rule.kind = LT_TZ_DAY_OF_YEAR;
        rule.day = (uint16_t)n;
    }
    if (scan_char(scan, '/') && !scan_time(scan, 167, &rule.time_s))
        return false;
    *out = rule;
    return true;
}

bool lt_tz_rule_parse(struct lt_str text, struct lt_tz_rule *out)
{
    struct scan scan = {text.data, text.data + text.len};
    struct lt_tz_rule rule = {0};
    int32_t west_s;
    if (!scan_name(&scan) || !scan_time(&scan, 24, &west_s))
        return false;
    rule.std_s = -west_s;
    if (scan.at < scan.end) {
        rule.has_dst = true;
        rule.dst_s = rule.std_s + 3600;
        if (!scan_name(&scan))
            return false;
        if (scan.at < scan.end && *scan.at != ',') {
            if (!scan_time(&scan, 24, &west_s))
                return false;
            rule.dst_s = -west_s;
        }
        if (!scan_char(&scan, ',') || !scan_day(&scan, &rule.start) || !scan_char(&scan, ',') ||
            !scan_day(&scan, &rule.end))
            return false;
    }
    if (scan.at != scan.end)
        return false;
    *out = rule;
    return true;
}

static int64_t day_in_year(const struct lt_tz_day *day, int32_t year)
{
    int64_t first = lt_days_from_civil(year, 1, 1);
    if (day->kind == LT_TZ_DAY_OF_YEAR)
        return first + day->day;
    if (day->kind == LT_TZ_DAY_JULIAN) {
        bool leap = lt_days_in_month(year, 2) == 29;
        return first + day->day - 1 + (leap && day->day >= 60);
    }
    int64_t month_first = lt_days_from_civil(year, day->month, 1);
    int64_t weekday = lt_floor_mod(month_first + 4, 7); /* 0 = Sunday */
    int64_t of_month = lt_floor_mod(day->day - weekday, 7) + 7 * (day->week - 1);
    if (of_month >= lt_days_in_month(year, day->month))
        of_month -= 7;
    return month_first + of_month;
}

static struct lt_tz_change change_in_year(const struct lt_tz_day *day, int32_t year,
                                          int32_t before_s, int32_t after_s)
{
    int64_t at_s = day_in_year(day, year) * SECONDS_PER_DAY + day->time_s - before_s;
    int64_t at_us;
    if (__builtin_mul_overflow(at_s, LT_US_PER_SECOND, &at_us))
        at_us = at_s < 0 ? INT64_MIN : INT64_MAX;
    return (struct lt_tz_change){at_us, before_s * LT_US_PER_SECOND, after_s * LT_US_PER_SECOND};
}

void lt_tz_rule_year(const struct lt_tz_rule *rule, int32_t year, struct lt_tz_change out[2])
{
    struct lt_tz_change start = change_in_year(&rule->start, year, rule->std_s, rule->dst_s);
    struct lt_tz_change end = change_in_year(&rule->end, year, rule->dst_s, rule->std_s);
    bool north = start.at_us <= end.at_us;
    out[0] = north ? start : end;
    out[1] = north ? end : start;
}
