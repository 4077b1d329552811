/* civil.c -- the proleptic Gregorian calendar over days since 1970-01-01.
 *
 * The year is taken to begin in March, so the leap day is its last day and the
 * day of the year follows from the month by one linear formula; an era is 400
 * years of exactly 146,097 days (Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms"). Everything is exact for every int32 year. */
#include "base/tz.h"

enum { DAYS_PER_ERA = 146097, DAYS_TO_EPOCH = 719468 /* 0000-03-01 to 1970-01-01 */ };

int64_t lt_days_from_civil(int32_t year, unsigned month, unsigned day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = lt_floor_div(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t month_from_march = month > 2 ? month - 3 : month + 9;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_EPOCH;
}

void lt_civil_from_days(int64_t days, int32_t *year, unsigned *month, unsigned *day)
{
    int64_t shifted = days + DAYS_TO_EPOCH;
    int64_t era = lt_floor_div(shifted, DAYS_PER_ERA);
    int64_t day_of_era = shifted - era * DAYS_PER_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    *day = (unsigned)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    *month = (unsigned)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    *year = (int32_t)(year_of_era + era * 400 + (*month <= 2));
}

void lt_civil_from_us(int64_t us, struct lt_civil *out)
{
    int64_t days = lt_floor_div(us, LT_US_PER_DAY);
    int64_t of_day = lt_floor_mod(us, LT_US_PER_DAY);
    unsigned month, day;
    lt_civil_from_days(days, &out->year, &month, &day);
    out->month = (uint8_t)month;
    out->day = (uint8_t)day;
    out->hour = (uint8_t)(of_day / LT_US_PER_HOUR);
    out->minute = (uint8_t)(of_day / LT_US_PER_MINUTE % 60);
    out->second = (uint8_t)(of_day / LT_US_PER_SECOND % 60);
    out->us = (uint32_t)(of_day % LT_US_PER_SECOND);
}

static int64_t us_from_days(int64_t days, int64_t of_day)
{
    /* Of the first day that int64 reaches only a part can be held, so the sum is
     * made in 128 bits and cut. */
    __int128 us = (__int128)days * LT_US_PER_DAY + of_day;
    if (us > INT64_MAX)
        return INT64_MAX;
    return us < INT64_MIN ? INT64_MIN : (int64_t)us;
}

int64_t lt_us_from_civil(const struct lt_civil *civil)
{
    int64_t of_day = civil->hour * LT_US_PER_HOUR + civil->minute * LT_US_PER_MINUTE +
                     civil->second * LT_US_PER_SECOND + civil->us;
    return us_from_days(lt_days_from_civil(civil->year, civil->month, civil->day), of_day);
}

static bool year_is_leap(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

unsigned lt_days_in_month(int32_t year, unsigned month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && year_is_leap(year) ? 29 : days[(month - 1) % 12];
}

bool lt_civil_valid(int32_t year, unsigned month, unsigned day)
{
    return month >= 1 && month <= 12 && day >= 1 && day <= lt_days_in_month(year, month);
}

int64_t lt_us_add_months(int64_t us, int32_t months)
{
    int64_t days = lt_floor_div(us, LT_US_PER_DAY);
    int64_t of_day = lt_floor_mod(us, LT_US_PER_DAY);
    int32_t year;
    unsigned month, day;
    lt_civil_from_days(days, &year, &month, &day);
    int64_t total = (int64_t)year * 12 + (month - 1) + months;
    int32_t to_year = (int32_t)lt_floor_div(total, 12); /* |total| < 2^33: it fits */
    unsigned to_month = (unsigned)lt_floor_mod(total, 12) + 1;
    unsigned last = lt_days_in_month(to_year, to_month);
    return us_from_days(lt_days_from_civil(to_year, to_month, day < last ? day : last), of_day);
}

/* ISO 8601: the week belongs to the year its Thursday lies in. */
void lt_iso_week(int64_t days, int32_t *iso_year, unsigned *week)
{
    int64_t from_monday = lt_floor_mod(days + 3, 7); /* 1970-01-01 was a Thursday */
    int64_t thursday = days - from_monday + 3;
    unsigned month, day;
    lt_civil_from_days(thursday, iso_year, &month, &day);
    *week = (unsigned)((thursday - lt_days_from_civil(*iso_year, 1, 1)) / 7 + 1);
}
