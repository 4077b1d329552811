/* test_time.c -- the calendar, and zones with their gaps and overlaps. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/tz_rule.h"
#include "tests/unit/hooks.h"

static int64_t at(int32_t year, unsigned month, unsigned day, unsigned hour, unsigned minute)
{
    struct lt_civil civil = {year, (uint8_t)month, (uint8_t)day, (uint8_t)hour, (uint8_t)minute, 0,
                             0};
    return lt_us_from_civil(&civil);
}

static void test_calendar(void **state)
{
    (void)state;
    assert_int_equal(lt_days_from_civil(1970, 1, 1), 0);
    assert_int_equal(lt_days_from_civil(2000, 3, 1), 11017);
    assert_int_equal(lt_days_from_civil(1, 1, 1), -719162);
    assert_int_equal(lt_days_from_civil(9999, 12, 31), 2932896);
    /* Every day of 1,600 years about year 0 and of years far away follows the last. */
    static const int32_t starts[] = {-800, 1600, 9900, -290000, 290000, INT32_MAX - 2, INT32_MIN};
    for (size_t i = 0; i < LT_ARRAY_LEN(starts); i++) {
        int64_t day = lt_days_from_civil(starts[i], 1, 1);
        unsigned n = i == 0 ? 1600 * 366 : 800;
        int32_t year = starts[i], y;
        unsigned month = 1, of_month = 1, m, d;
        for (unsigned k = 0; k < n; k++, day++) {
            lt_civil_from_days(day, &y, &m, &d);
            assert_true(y == year && m == month && d == of_month);
            assert_true(lt_days_from_civil(y, m, d) == day);
            if (++of_month > lt_days_in_month(year, month)) {
                of_month = 1;
                if (++month > 12) {
                    month = 1;
                    year++;
                }
            }
        }
    }
    assert_true(lt_civil_valid(2000, 2, 29));
    assert_false(lt_civil_valid(1900, 2, 29));
    assert_true(lt_civil_valid(-4, 2, 29));
    assert_false(lt_civil_valid(2024, 13, 1));
    assert_false(lt_civil_valid(2024, 0, 1));
    assert_false(lt_civil_valid(2024, 4, 31));
}

static void test_microseconds(void **state)
{
    (void)state;
    struct lt_civil civil;
    lt_civil_from_us(-1, &civil);
    assert_true(civil.year == 1969 && civil.month == 12 && civil.day == 31 && civil.hour == 23 &&
                civil.minute == 59 && civil.second == 59 && civil.us == 999999);
    assert_int_equal(lt_us_from_civil(&civil), -1);
    static const int64_t ends[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX, 0};
    for (size_t i = 0; i < LT_ARRAY_LEN(ends); i++) {
        lt_civil_from_us(ends[i], &civil);
        assert_true(lt_us_from_civil(&civil) == ends[i]);
    }
    struct lt_civil far = {INT32_MAX, 1, 1, 0, 0, 0, 0};
    assert_true(lt_us_from_civil(&far) == INT64_MAX);
    assert_int_equal(lt_us_add_months(at(2024, 1, 31, 5, 6), 1), at(2024, 2, 29, 5, 6));
    assert_int_equal(lt_us_add_months(at(2024, 3, 31, 5, 6), -13), at(2023, 2, 28, 5, 6));
    assert_int_equal(lt_us_add_months(at(1969, 12, 31, 23, 0), -12), at(1968, 12, 31, 23, 0));
    assert_true(lt_us_add_months(INT64_MAX, INT32_MAX) == INT64_MAX);
    assert_true(lt_us_add_months(INT64_MIN, INT32_MIN) == INT64_MIN);
}

static void test_iso_week(void **state)
{
    (void)state;
    static const struct {
        int32_t year;
        unsigned month, day;
        int32_t iso_year;
        unsigned week;
    } cases[] = {{2005, 1, 1, 2004, 53}, {2005, 1, 2, 2004, 53},  {2005, 12, 31, 2005, 52},
                 {2007, 1, 1, 2007, 1},  {2008, 12, 29, 2009, 1}, {2009, 12, 31, 2009, 53},
                 {2010, 1, 3, 2009, 53}, {1969, 12, 29, 1970, 1}, {1, 1, 1, 1, 1}};
    for (size_t i = 0; i < LT_ARRAY_LEN(cases); i++) {
        int32_t year;
        unsigned week;
        lt_iso_week(lt_days_from_civil(cases[i].year, cases[i].month, cases[i].day), &year, &week);
        assert_int_equal(year, cases[i].iso_year);
        assert_int_equal(week, cases[i].week);
    }
}

static struct lt_tz *load(struct lt_alloc *alloc, const char *name)
{
    struct lt_tz *tz = NULL;
    struct lt_error err = {0};
    if (lt_tz_load(alloc, lt_str_of(name), &tz, &err) != LT_OK)
        fail_msg("%s: %s", name, err.message);
    return tz;
}

static void check_zone(struct lt_alloc *alloc, const char *name, int64_t local, int64_t instant,
                       int64_t back)
{
    struct lt_tz *tz = load(alloc, name);
    assert_int_equal(lt_tz_to_instant(tz, local), instant);
    assert_int_equal(lt_tz_to_local(tz, instant), back);
    lt_tz_free(alloc, tz);
}

#define HOUR LT_US_PER_HOUR

static void test_gaps_and_overlaps(void **state)
{
    (void)state;
    struct lt_alloc alloc;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    /* Past 2100 too, where the rule is worked out on the spot. */
    static const struct {
        int32_t year;
        unsigned spring, autumn, us_spring, us_autumn;
    } years[] = {
        {2024, 31, 27, 10, 3}, {2099, 29, 25, 8, 1}, {2150, 29, 25, 8, 1}, {9999, 28, 31, 14, 7}};
    for (size_t i = 0; i < LT_ARRAY_LEN(years); i++) {
        int32_t y = years[i].year;
        unsigned s = years[i].spring, a = years[i].autumn;
        const char *berlin = "Europe/Berlin", *york = "America/New_York";
        check_zone(&alloc, berlin, at(y, 1, 15, 12, 0), at(y, 1, 15, 11, 0), at(y, 1, 15, 12, 0));
        check_zone(&alloc, berlin, at(y, 7, 15, 12, 0), at(y, 7, 15, 10, 0), at(y, 7, 15, 12, 0));
        check_zone(&alloc, berlin, at(y, 3, s, 1, 59), at(y, 3, s, 0, 59), at(y, 3, s, 1, 59));
        check_zone(&alloc, berlin, at(y, 3, s, 2, 30), at(y, 3, s, 1, 30), at(y, 3, s, 3, 30));
        check_zone(&alloc, berlin, at(y, 3, s, 3, 0), at(y, 3, s, 1, 0), at(y, 3, s, 3, 0));
        check_zone(&alloc, berlin, at(y, 10, a, 2, 30), at(y, 10, a, 0, 30), at(y, 10, a, 2, 30));
        check_zone(&alloc, berlin, at(y, 10, a, 3, 0), at(y, 10, a, 2, 0), at(y, 10, a, 3, 0));
        unsigned us = years[i].us_spring, ua = years[i].us_autumn;
        check_zone(&alloc, york, at(y, 3, us, 2, 30), at(y, 3, us, 7, 30), at(y, 3, us, 3, 30));
        check_zone(&alloc, york, at(y, 11, ua, 1, 30), at(y, 11, ua, 5, 30), at(y, 11, ua, 1, 30));
        check_zone(&alloc, york, at(y, 11, ua, 2, 0), at(y, 11, ua, 7, 0), at(y, 11, ua, 2, 0));
    }
    /* Lord Howe moves by half an hour, in the southern summer. */
    const char *howe = "Australia/Lord_Howe";
    check_zone(&alloc, howe, at(2024, 10, 6, 2, 10), at(2024, 10, 5, 15, 40),
               at(2024, 10, 6, 2, 40));
    check_zone(&alloc, howe, at(2024, 4, 7, 1, 45), at(2024, 4, 6, 14, 45), at(2024, 4, 7, 1, 45));
    check_zone(&alloc, howe, at(2024, 4, 7, 2, 0), at(2024, 4, 6, 15, 30), at(2024, 4, 7, 2, 0));
    check_zone(&alloc, howe, at(2150, 1, 1, 0, 0), at(2149, 12, 31, 13, 0), at(2150, 1, 1, 0, 0));
    /* Samoa had no 30 December 2011. */
    check_zone(&alloc, "Pacific/Apia", at(2011, 12, 30, 12, 0), at(2011, 12, 30, 22, 0),
               at(2011, 12, 31, 12, 0));
    /* Before the first change: local mean time. */
    check_zone(&alloc, "Europe/Berlin", at(1800, 1, 1, 0, 0),
               at(1800, 1, 1, 0, 0) - 3208 * LT_US_PER_SECOND, at(1800, 1, 1, 0, 0));
    lt_alloc_close(&alloc);
}

static void test_span(void **state)
{
    (void)state;
    struct lt_alloc alloc;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    static const char *const names[] = {"Europe/Berlin",       "America/New_York",  "Asia/Kolkata",
                                        "Australia/Lord_Howe", "Africa/Casablanca", "UTC"};
    for (size_t i = 0; i < LT_ARRAY_LEN(names); i++) {
        struct lt_tz *tz = load(&alloc, names[i]);
        int64_t instant = at(1900, 1, 1, 0, 0), from, until, n = 0;
        while (instant < at(2300, 1, 1, 0, 0)) { /* spans join without gaps, offsets differ */
            int64_t offset = lt_tz_span(tz, instant, &from, &until);
            assert_true(from <= instant && instant < until);
            assert_int_equal(lt_tz_offset_us(tz, from), offset);
            assert_int_equal(lt_tz_offset_us(tz, until - 1), offset);
            if (until == INT64_MAX)
                break;
            /* An hour into the span, the wall clock leads back to the instant. */
            int64_t inside = from / 2 + until / 2;
            if (from != INT64_MIN)
                assert_int_equal(lt_tz_to_instant(tz, lt_tz_to_local(tz, inside)), inside);
            instant = until;
            n++;
        }
        assert_true(n < 1200);
        assert_true(lt_tz_to_local(tz, INT64_MAX) <= INT64_MAX);
        (void)lt_tz_to_instant(tz, INT64_MIN);
        (void)lt_tz_to_instant(tz, INT64_MAX);
        (void)lt_tz_to_local(tz, INT64_MIN);
        assert_true(lt_str_equal(lt_tz_name(tz), lt_str_of(names[i])));
        lt_tz_free(&alloc, tz);
    }
    lt_alloc_close(&alloc);
}

static void test_names(void **state)
{
    (void)state;
    struct lt_alloc alloc;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    static const struct {
        const char *name;
        int64_t minutes;
    } fixed[] = {{"UTC", 0},      {"Z", 0},           {"GMT+2", 120}, {"+02:00", 120},
                 {"-0530", -330}, {"UTC+05:45", 345}, {"UT-3", -180}, {"+18:00", 1080}};
    for (size_t i = 0; i < LT_ARRAY_LEN(fixed); i++) {
        struct lt_tz *tz = load(&alloc, fixed[i].name);
        assert_int_equal(lt_tz_offset_us(tz, 0), fixed[i].minutes * LT_US_PER_MINUTE);
        lt_tz_free(&alloc, tz);
    }
    static const char *const wrong[] = {"Mars/Olympus",
                                        "",
                                        "+19:00",
                                        "../etc/passwd",
                                        "/etc/localtime",
                                        "Europe/",
                                        "Europe",
                                        "+2:",
                                        "GMT+",
                                        "Europe//Berlin",
                                        "tzdata.zi",
                                        "+18:30",
                                        "a-very-long-name-a-very-long-name-a-very-long-name-a-long"
                                        "-name-a-very-long-name"};
    for (size_t i = 0; i < LT_ARRAY_LEN(wrong); i++) {
        struct lt_tz *tz = NULL;
        struct lt_error err = {0};
        assert_int_equal(lt_tz_load(&alloc, lt_str_of(wrong[i]), &tz, &err), LT_INVALID);
        assert_null(tz);
        assert_non_null(strstr(err.message, "unknown time zone"));
    }
    assert_int_equal(lt_tz_offset_us(&lt_tz_utc, 12345), 0);
    assert_int_equal(lt_tz_to_instant(&lt_tz_utc, 12345), 12345);
    lt_alloc_close(&alloc);
}

static void test_rules(void **state)
{
    (void)state;
    struct lt_tz_rule rule;
    assert_true(lt_tz_rule_parse(LT_STR("EST5"), &rule));
    assert_int_equal(rule.std_s, -5 * 3600);
    assert_false(rule.has_dst);
    assert_true(lt_tz_rule_parse(LT_STR("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"), &rule));
    assert_int_equal(rule.dst_s, 11 * 3600);
    assert_true(lt_tz_rule_parse(LT_STR("XXX3EDT4,0/0,J365/23"), &rule)); /* all year */
    assert_true(lt_tz_rule_parse(LT_STR("IST-2IDT,M3.4.4/26,M10.5.0"), &rule));
    struct lt_tz_change changes[2];
    lt_tz_rule_year(&rule, 2013, changes);
    assert_int_equal(changes[0].at_us, at(2013, 3, 29, 0, 0));
    assert_true(lt_tz_rule_parse(LT_STR("AAA0BBB,J60/0,J300/0"), &rule));
    lt_tz_rule_year(&rule, 2024, changes);
    assert_int_equal(changes[0].at_us, at(2024, 3, 1, 0, 0)); /* 29 February is not counted */
    assert_true(lt_tz_rule_parse(LT_STR("AAA0BBB,59/0,300/0"), &rule));
    lt_tz_rule_year(&rule, 2024, changes);
    assert_int_equal(changes[0].at_us, at(2024, 2, 29, 0, 0));
    static const char *const wrong[] = {"",
                                        "E5",
                                        "EST",
                                        "EST5EDT",
                                        "EST5EDT,M13.1.0,M11.1.0",
                                        "EST5EDT,M3.6.0,M11.1.0",
                                        "EST5EDT,M3.2.7,M11.1.0",
                                        "EST5EDT,J0,J1",
                                        "<EST5",
                                        "EST25",
                                        "EST5x",
                                        "EST5EDT,M3.2.0/168,M11.1.0",
                                        "EST5EDT,M3.2.0"};
    for (size_t i = 0; i < LT_ARRAY_LEN(wrong); i++)
        assert_false(lt_tz_rule_parse(lt_str_of(wrong[i]), &rule));
}

static bool load_body(struct lt_alloc *alloc, void *arg)
{
    struct lt_tz *tz = NULL;
    lt_status status = lt_tz_load(alloc, lt_str_of(arg), &tz, NULL);
    assert_true(status == LT_OK || status == LT_NOMEM);
    lt_tz_free(alloc, tz);
    return status == LT_OK;
}

/* Every prefix of a real file, and every byte changed: refused or read, never a crash. */
static void test_hostile_files(void **state)
{
    (void)state;
    TEST_EVERY_ALLOCATION(load_body, "Europe/Berlin");
    TEST_EVERY_ALLOCATION(load_body, "+01:00");
    FILE *file = fopen("/usr/share/zoneinfo/Australia/Lord_Howe", "rb");
    if (!file)
        skip();
    static unsigned char bytes[8192], copy[8192];
    size_t size = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    struct lt_alloc alloc;
    struct lt_arena arena;
    struct lt_tz_file out;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    lt_arena_init(&arena, &alloc);
    assert_int_equal(lt_tz_file_parse(&arena, bytes, size, &out), LT_OK);
    for (size_t len = 0; len < size; len++) {
        unsigned char *exact = malloc(len ? len : 1);
        memcpy(exact, bytes, len);
        assert_int_equal(lt_tz_file_parse(&arena, exact, len, &out), LT_CORRUPT);
        free(exact);
        lt_arena_reset(&arena);
    }
    for (size_t i = 0; i < size; i++) {
        memcpy(copy, bytes, size);
        copy[i] ^= 0xff;
        (void)!lt_tz_file_parse(&arena, copy, size, &out);
        lt_arena_reset(&arena);
    }
    lt_arena_close(&arena);
    lt_alloc_close(&alloc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calendar), cmocka_unit_test(test_microseconds),
        cmocka_unit_test(test_iso_week), cmocka_unit_test(test_gaps_and_overlaps),
        cmocka_unit_test(test_span),     cmocka_unit_test(test_names),
        cmocka_unit_test(test_rules),    cmocka_unit_test(test_hostile_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
