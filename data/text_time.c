/* text_time.c -- dates, times and timestamps as text, and back.
 *
 * Years print with at least four digits; a year past 9999 or before 0 is written
 * with as many as it takes and its sign, and reads back so. A fraction finer
 * than a microsecond is read and cut (towards minus infinity). */
#include "data/value.h"

/* ---- reading --------------------------------------------------------- */

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

/* Between `least` and `most` digits. */
static bool scan_number(struct scan *scan, unsigned least, unsigned most, unsigned *out)
{
    unsigned value = 0, n = 0;
    for (; n < most && scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9'; n++)
        value = value * 10 + (unsigned)(*scan->at++ - '0');
    *out = value;
    return n >= least;
}

static bool scan_date(struct scan *scan, struct lt_civil *civil)
{
    bool minus = scan_char(scan, '-');
    if (!minus)
        (void)scan_char(scan, '+');
    unsigned year, month, day;
    if (!scan_number(scan, 1, 6, &year) || !scan_char(scan, '-') ||
        !scan_number(scan, 1, 2, &month) || !scan_char(scan, '-') || !scan_number(scan, 1, 2, &day))
        return false;
    civil->year = minus ? -(int32_t)year : (int32_t)year;
    if (civil->year < -290000 || civil->year > 290000 || !lt_civil_valid(civil->year, month, day))
        return false; /* what 64 bits of microseconds hold */
    civil->month = (uint8_t)month;
    civil->day = (uint8_t)day;
    return true;
}

/* hh:mm[:ss[.fraction]] */
static bool scan_time(struct scan *scan, struct lt_civil *civil)
{
    unsigned hour, minute, second = 0, us = 0;
    if (!scan_number(scan, 1, 2, &hour) || !scan_char(scan, ':') ||
        !scan_number(scan, 1, 2, &minute))
        return false;
    if (scan_char(scan, ':')) {
        if (!scan_number(scan, 1, 2, &second))
            return false;
        if (scan_char(scan, '.')) {
            const char *from = scan->at;
            unsigned rest;
            if (!scan_number(scan, 1, 6, &us))
                return false;
            for (long n = scan->at - from; n < 6; n++)
                us *= 10;
            (void)scan_number(scan, 0, 9, &rest); /* finer than we hold */
        }
    }
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    civil->hour = (uint8_t)hour;
    civil->minute = (uint8_t)minute;
    civil->second = (uint8_t)second;
    civil->us = us;
    return true;
}

/* Z, +hh, +hhmm, +hh:mm */
static bool scan_offset(struct scan *scan, int64_t *out_us)
{
    *out_us = 0;
    if (scan_char(scan, 'Z') || scan_char(scan, 'z'))
        return true;
    bool minus = scan_char(scan, '-');
    unsigned hours, minutes = 0;
    if ((!minus && !scan_char(scan, '+')) || !scan_number(scan, 2, 2, &hours))
        return false;
    (void)scan_char(scan, ':');
    if (scan->at < scan->end && !scan_number(scan, 2, 2, &minutes))
        return false;
    if (hours > 18 || minutes > 59)
        return false;
    int64_t us = hours * LT_US_PER_HOUR + minutes * LT_US_PER_MINUTE;
    *out_us = minus ? -us : us;
    return true;
}

static struct scan scan_of(struct lt_str text)
{
    text = lt_text_trim(text);
    return (struct scan){text.data, text.data + text.len};
}

bool lt_text_to_date(struct lt_str text, int32_t *days)
{
    struct scan scan = scan_of(text);
    struct lt_civil civil = {0};
    if (!scan_date(&scan, &civil))
        return false;
    /* CAST('2024-01-01 10:00:00' AS DATE) cuts the time off, as in Flink. */
    struct lt_civil ignored;
    if (scan.at < scan.end &&
        ((*scan.at != ' ' && *scan.at != 'T') || (scan.at++, !scan_time(&scan, &ignored))))
        return false;
    if (scan.at != scan.end)
        return false;
    *days = (int32_t)lt_days_from_civil(civil.year, civil.month, civil.day);
    return true;
}

bool lt_text_to_time(struct lt_str text, int64_t *us)
{
    struct scan scan = scan_of(text);
    struct lt_civil civil = {.year = 1970, .month = 1, .day = 1};
    if (!scan_time(&scan, &civil) || scan.at != scan.end)
        return false;
    *us = lt_us_from_civil(&civil);
    return true;
}

static bool scan_timestamp(struct scan *scan, int64_t *us)
{
    struct lt_civil civil = {0};
    if (!scan_date(scan, &civil))
        return false;
    if (scan->at < scan->end && (*scan->at == ' ' || *scan->at == 'T')) {
        scan->at++;
        if (!scan_time(scan, &civil))
            return false;
    }
    *us = lt_us_from_civil(&civil);
    return true;
}

bool lt_text_to_timestamp(struct lt_str text, int64_t *us)
{
    struct scan scan = scan_of(text);
    int64_t value;
    if (!scan_timestamp(&scan, &value) || scan.at != scan.end)
        return false;
    *us = value;
    return true;
}

bool lt_text_to_ltz(struct lt_str text, const struct lt_tz *zone, int64_t *us)
{
    struct scan scan = scan_of(text);
    int64_t value, offset_us;
    if (!scan_timestamp(&scan, &value))
        return false;
    if (scan.at == scan.end) {
        *us = lt_tz_to_instant(zone, value);
        return true;
    }
    (void)scan_char(&scan, ' ');
    if (!scan_offset(&scan, &offset_us) || scan.at != scan.end)
        return false;
    *us = value - offset_us;
    return true;
}

/* ---- printing -------------------------------------------------------- */

const char lt_two_digits[100][2] = {
    "00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14",
    "15", "16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29",
    "30", "31", "32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44",
    "45", "46", "47", "48", "49", "50", "51", "52", "53", "54", "55", "56", "57", "58", "59",
    "60", "61", "62", "63", "64", "65", "66", "67", "68", "69", "70", "71", "72", "73", "74",
    "75", "76", "77", "78", "79", "80", "81", "82", "83", "84", "85", "86", "87", "88", "89",
    "90", "91", "92", "93", "94", "95", "96", "97", "98", "99",
};

static char *put_two(char *at, unsigned value)
{
    memcpy(at, lt_two_digits[value], 2);
    return at + 2;
}

static char *put_year(char *at, int32_t year)
{
    uint32_t rest = year < 0 ? 0u - (uint32_t)year : (uint32_t)year;
    if (year < 0 || year > 9999)
        *at++ = year < 0 ? '-' : '+';
    char digits[12];
    int n = 0;
    for (; rest || n < 4; rest /= 10)
        digits[n++] = (char)('0' + rest % 10);
    while (n > 0)
        *at++ = digits[--n];
    return at;
}

static char *put_date(char *at, int32_t year, unsigned month, unsigned day)
{
    at = put_year(at, year);
    *at++ = '-';
    at = put_two(at, month);
    *at++ = '-';
    return put_two(at, day);
}

static char *put_fraction(char *at, uint32_t us, unsigned precision)
{
    if (precision == 0)
        return at;
    *at++ = '.';
    put_two(at, us / 10000); /* all six, of which the first count */
    put_two(at + 2, us / 100 % 100);
    put_two(at + 4, us % 100);
    return at + (precision < 6 ? precision : 6);
}

static char *put_time(char *at, int64_t of_day, unsigned precision)
{
    uint32_t seconds = (uint32_t)(of_day / LT_US_PER_SECOND);
    at = put_two(at, seconds / 3600);
    *at++ = ':';
    at = put_two(at, seconds / 60 % 60);
    *at++ = ':';
    at = put_two(at, seconds % 60);
    return put_fraction(at, (uint32_t)(of_day % LT_US_PER_SECOND), precision);
}

void lt_date_print(struct lt_buf *out, int32_t days)
{
    char text[32];
    int32_t year;
    unsigned month, day;
    lt_civil_from_days(days, &year, &month, &day);
    lt_buf_add(out, text, (size_t)(put_date(text, year, month, day) - text));
}

void lt_time_print(struct lt_buf *out, int64_t us, unsigned precision)
{
    char text[32];
    int64_t of_day = lt_floor_mod(us, LT_US_PER_DAY);
    lt_buf_add(out, text, (size_t)(put_time(text, of_day, precision) - text));
}

static char *put_day(char *at, int64_t days, struct lt_day_text *last)
{
    if (last->len == 0 || last->days != days) {
        int32_t year;
        unsigned month, day;
        lt_civil_from_days(days, &year, &month, &day);
        last->days = days;
        last->len = (uint32_t)(put_date(last->text, year, month, day) - last->text);
    }
    memcpy(at, last->text, sizeof(last->text));
    return at + last->len;
}

size_t lt_timestamp_text(char out[LT_TIME_TEXT_SIZE], int64_t us, unsigned precision,
                         struct lt_day_text *last)
{
    char *at = put_day(out, lt_floor_div(us, LT_US_PER_DAY), last);
    *at++ = ' ';
    return (size_t)(put_time(at, lt_floor_mod(us, LT_US_PER_DAY), precision) - out);
}

size_t lt_date_text(char out[LT_TIME_TEXT_SIZE], int32_t days, struct lt_day_text *last)
{
    return (size_t)(put_day(out, days, last) - out);
}

void lt_timestamp_print(struct lt_buf *out, int64_t us, unsigned precision)
{
    char text[LT_TIME_TEXT_SIZE];
    struct lt_day_text day = {0};
    lt_buf_add(out, text, lt_timestamp_text(text, us, precision, &day));
}

/* "+1 02:03:04.000000", "-0 00:00:01.500000". */
void lt_interval_day_print(struct lt_buf *out, int64_t us)
{
    uint64_t rest = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
    char text[32];
    int64_t of_day = (int64_t)(rest % (uint64_t)LT_US_PER_DAY);
    size_t len = (size_t)(put_time(text, of_day, of_day % 1000 ? 6 : 3) - text);
    lt_buf_addf(out, "%c%llu %.*s", us < 0 ? '-' : '+',
                (unsigned long long)(rest / (uint64_t)LT_US_PER_DAY), (int)len, text);
}

void lt_interval_month_print(struct lt_buf *out, int32_t months)
{
    uint32_t rest = months < 0 ? 0u - (uint32_t)months : (uint32_t)months;
    lt_buf_addf(out, "%c%u-%02u", months < 0 ? '-' : '+', rest / 12, rest % 12);
}

int64_t lt_time_truncate(int64_t us, unsigned precision)
{
    static const int64_t units[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    if (precision >= LT_ARRAY_LEN(units) - 1)
        return us;
    /* The lowest value of int64 has nothing below it to cut to. */
    int64_t cut = lt_floor_mod(us, units[precision]);
    return us < INT64_MIN + cut ? INT64_MIN : us - cut;
}
