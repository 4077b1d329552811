/* time_unit.c -- units of time: their names, their fields, where they begin.
 *
 * Weeks begin on Sunday for FLOOR and CEIL, as in Flink; WEEK as a field is the
 * ISO week. Decades, centuries and millennia as fields count as the calendar does
 * (2001 begins the 21st century). */
#include "exec/functions/time_unit.h"

static const char *const unit_names[UNIT_COUNT] = {
    "MICROSECOND", "MILLISECOND", "SECOND",  "MINUTE", "HOUR",    "DAY",
    "WEEK",        "MONTH",       "QUARTER", "YEAR",   "DECADE",  "CENTURY",
    "MILLENNIUM",  "DOW",         "ISODOW",  "DOY",    "ISOYEAR", "EPOCH"};

static const struct unit_alias {
    const char *name;
    enum time_unit unit;
} unit_aliases[] = {{"DAYOFWEEK", UNIT_DOW},        {"DAYOFYEAR", UNIT_DOY},
                    {"DAYOFMONTH", UNIT_DAY},       {"CENTURIES", UNIT_CENTURY},
                    {"MILLENNIA", UNIT_MILLENNIUM}, {"FRAC_SECOND", UNIT_MICROSECOND}};

bool time_unit_find(struct lt_str name, enum time_unit *out)
{
    struct lt_str prefix = LT_STR("SQL_TSI_");
    if (name.len > prefix.len &&
        lt_str_equal_nocase((struct lt_str){name.data, prefix.len}, prefix))
        name = (struct lt_str){name.data + prefix.len, name.len - prefix.len};
    for (size_t i = 0; i < LT_ARRAY_LEN(unit_aliases); i++) {
        if (lt_str_equal_nocase(name, lt_str_of(unit_aliases[i].name))) {
            *out = unit_aliases[i].unit;
            return true;
        }
    }
    for (unsigned u = 0; u < UNIT_COUNT; u++) {
        struct lt_str known = lt_str_of(unit_names[u]);
        bool plural = name.len == known.len + 1 && (name.data[known.len] | 32) == 's';
        if (lt_str_equal_nocase((struct lt_str){name.data, name.len - plural}, known)) {
            *out = (enum time_unit)u;
            return true;
        }
    }
    return false;
}

lt_status time_unit_bind(struct lt_bind_call *call, uint32_t i, enum time_unit last,
                         enum time_unit *out)
{
    struct lt_str name;
    if (!fn_constant_text(call, i, &name) || !time_unit_find(name, out) || *out > last)
        return fn_refuse(call, "a unit of time is wanted: SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, "
                               "QUARTER, YEAR ...");
    return LT_OK;
}

int64_t time_unit_us(enum time_unit unit)
{
    switch (unit) {
    case UNIT_MICROSECOND: return 1;
    case UNIT_MILLISECOND: return 1000;
    case UNIT_SECOND: return LT_US_PER_SECOND;
    case UNIT_MINUTE: return LT_US_PER_MINUTE;
    case UNIT_HOUR: return LT_US_PER_HOUR;
    case UNIT_DAY: return LT_US_PER_DAY;
    case UNIT_WEEK: return 7 * LT_US_PER_DAY;
    default: return 0;
    }
}

int32_t time_unit_months(enum time_unit unit)
{
    switch (unit) {
    case UNIT_MONTH: return 1;
    case UNIT_QUARTER: return 3;
    case UNIT_YEAR: return 12;
    case UNIT_DECADE: return 120;
    case UNIT_CENTURY: return 1200;
    case UNIT_MILLENNIUM: return 12000;
    default: return 0;
    }
}

static int64_t extract_date(enum time_unit unit, int64_t days)
{
    int32_t year, iso_year;
    unsigned month, day, week;
    int64_t dow = lt_floor_mod(days + 4, 7); /* 0 = Sunday; 1970-01-01 was a Thursday */
    if (unit == UNIT_DOW)
        return dow + 1;
    if (unit == UNIT_ISODOW)
        return dow == 0 ? 7 : dow;
    if (unit == UNIT_WEEK || unit == UNIT_ISOYEAR) {
        lt_iso_week(days, &iso_year, &week);
        return unit == UNIT_WEEK ? (int64_t)week : iso_year;
    }
    lt_civil_from_days(days, &year, &month, &day);
    switch (unit) {
    case UNIT_DAY: return day;
    case UNIT_MONTH: return month;
    case UNIT_QUARTER: return (month + 2) / 3;
    case UNIT_YEAR: return year;
    case UNIT_DECADE: return lt_floor_div(year, 10);
    case UNIT_CENTURY: return year > 0 ? (year + 99) / 100 : -((-year + 100) / 100);
    case UNIT_MILLENNIUM: return year > 0 ? (year + 999) / 1000 : -((-year + 1000) / 1000);
    default: return days - lt_days_from_civil(year, 1, 1) + 1;
    }
}

int64_t time_unit_extract(enum time_unit unit, int64_t us)
{
    int64_t of_day;
    if (unit == UNIT_EPOCH)
        return lt_floor_div(us, LT_US_PER_SECOND);
    if (unit >= UNIT_DAY)
        return extract_date(unit, lt_floor_div(us, LT_US_PER_DAY));
    of_day = lt_floor_mod(us, LT_US_PER_DAY);
    switch (unit) {
    case UNIT_HOUR: return of_day / LT_US_PER_HOUR;
    case UNIT_MINUTE: return of_day / LT_US_PER_MINUTE % 60;
    case UNIT_SECOND: return of_day / LT_US_PER_SECOND % 60;
    case UNIT_MILLISECOND: return of_day % LT_US_PER_MINUTE / 1000;
    default: return of_day % LT_US_PER_MINUTE;
    }
}

static int64_t floor_months(int32_t months, int64_t us)
{
    int32_t year;
    unsigned month, day;
    int64_t index;
    lt_civil_from_days(lt_floor_div(us, LT_US_PER_DAY), &year, &month, &day);
    if (months >= 1200) /* centuries and millennia begin with a year ...01 */
        index = lt_floor_div((int64_t)(year - 1) * 12, months) * months + 12;
    else
        index = lt_floor_div((int64_t)year * 12 + (month - 1), months) * months;
    return lt_days_from_civil((int32_t)lt_floor_div(index, 12),
                              (unsigned)lt_floor_mod(index, 12) + 1, 1) *
           LT_US_PER_DAY;
}

int64_t time_unit_floor(enum time_unit unit, int64_t us)
{
    int64_t size;
    if (time_unit_months(unit) > 0)
        return floor_months(time_unit_months(unit), us);
    if (unit == UNIT_WEEK) /* 1970-01-04 was a Sunday */
        return us - lt_floor_mod(us - 3 * LT_US_PER_DAY, 7 * LT_US_PER_DAY);
    size = time_unit_us(unit);
    return us - lt_floor_mod(us, size);
}

int64_t time_unit_ceil(enum time_unit unit, int64_t us)
{
    int64_t start = time_unit_floor(unit, us);
    if (start == us)
        return us;
    if (time_unit_months(unit) > 0)
        return lt_us_add_months(start, time_unit_months(unit));
    return start + time_unit_us(unit);
}
