/* test_value.c -- decimals, and every scalar type as text and from text. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>

#include "base/bits.h"
#include "data/value.h"
#include "tests/unit/hooks.h"

static struct lt_alloc alloc;
static struct lt_buf buf;
static struct lt_pool *pool;

static int setup(void **state)
{
    (void)state;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    lt_buf_init(&buf, &alloc);
    return lt_pool_open(&alloc, &pool) != LT_OK;
}

static int teardown(void **state)
{
    (void)state;
    lt_buf_close(&buf);
    lt_pool_close(pool);
    lt_alloc_close(&alloc);
    return 0;
}

static const char *decimal_text(__int128 value, unsigned scale)
{
    lt_buf_clear(&buf);
    lt_decimal_print(&buf, value, scale);
    return buf.data;
}

static __int128 decimal(const char *text, unsigned precision, unsigned scale)
{
    __int128 value = 0;
    if (!lt_text_to_decimal(lt_str_of(text), precision, scale, &value))
        fail_msg("not a DECIMAL(%u, %u): %s", precision, scale, text);
    return value;
}

#define NINES "99999999999999999999999999999999999999" /* 38 */

static void test_decimal_text(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        unsigned precision, scale;
        const char *out; /* NULL = refused */
    } cases[] = {
        {"0", 1, 0, "0"},
        {"-0", 5, 2, "0.00"},
        {"1.005", 10, 2, "1.01"},
        {"-1.005", 10, 2, "-1.01"},
        {"1.0049999999999999999999999", 10, 2, "1.00"},
        {" +12.5\t", 10, 1, "12.5"},
        {".5", 3, 0, "1"},
        {"-.4", 3, 0, "0"},
        {"5.", 3, 1, "5.0"},
        {"1e3", 4, 0, "1000"},
        {"1e4", 4, 0, NULL},
        {"12345e-4", 5, 2, "1.23"},
        {"0e999999", 5, 2, "0.00"},
        {"1e-999999", 5, 2, "0.00"},
        {"1e999999999999999999999", 38, 0, NULL},
        {"999.95", 4, 1, NULL},
        {"999.94", 4, 1, "999.9"},
        {NINES, 38, 0, NINES},
        {"-" NINES, 38, 0, "-" NINES},
        {NINES ".4", 38, 0, NINES},
        {NINES ".5", 38, 0, NULL},
        {"0." NINES, 38, 38, "0." NINES},
        {"0.00000000000000000000000000000000000001", 38, 38,
         "0.00000000000000000000000000000000000001"},
        {"1", 38, 38, NULL},
        {"", 5, 2, NULL},
        {".", 5, 2, NULL},
        {"-", 5, 2, NULL},
        {"1.2.3", 5, 2, NULL},
        {"1e", 5, 2, NULL},
        {"1e+", 5, 2, NULL},
        {"1 2", 5, 2, NULL},
        {"NaN", 5, 2, NULL},
        {"0x10", 5, 2, NULL},
    };
    for (size_t i = 0; i < LT_ARRAY_LEN(cases); i++) {
        __int128 value;
        bool ok =
            lt_text_to_decimal(lt_str_of(cases[i].in), cases[i].precision, cases[i].scale, &value);
        if (ok != (cases[i].out != NULL))
            fail_msg("%s: %s", cases[i].in, ok ? "read" : "refused");
        if (ok)
            assert_string_equal(decimal_text(value, cases[i].scale), cases[i].out);
    }
}

static void test_decimal_arithmetic(void **state)
{
    (void)state;
    __int128 out;
    __int128 nines = decimal(NINES, 38, 0);
    assert_true(lt_decimal_rescale(12345, 3, 2, 38, &out) && out == 1235);
    assert_true(lt_decimal_rescale(-12345, 3, 2, 38, &out) && out == -1235);
    assert_true(lt_decimal_rescale(-12344, 3, 2, 38, &out) && out == -1234);
    assert_true(lt_decimal_rescale(49, 38, 0, 38, &out) && out == 0);
    assert_false(lt_decimal_rescale(nines, 0, 1, 38, &out));
    assert_false(lt_decimal_rescale(nines, 0, 38, 38, &out));
    assert_true(lt_decimal_rescale(nines, 38, 0, 1, &out) && out == 1);
    assert_false(lt_decimal_rescale(100, 0, 0, 2, &out));
    assert_true(lt_decimal_rescale(99, 0, 0, 2, &out) && out == 99);
    /* The square of 38 nines is 10^76 - 2*10^38 + 1. */
    assert_true(lt_decimal_multiply(nines, 38, nines, 38, 38, 38, &out) && out == nines - 1);
    assert_true(lt_decimal_multiply(-nines, 38, nines, 38, 38, 38, &out) && out == 1 - nines);
    assert_false(lt_decimal_multiply(nines, 0, nines, 0, 38, 0, &out));
    assert_false(lt_decimal_multiply(nines, 19, nines, 18, 38, 38, &out));
    assert_true(lt_decimal_multiply(15, 1, 15, 1, 10, 1, &out) && out == 23); /* 2.25 -> 2.3 */
    assert_true(lt_decimal_multiply(0, 0, nines, 0, 38, 38, &out) && out == 0);
    assert_true(lt_decimal_divide(1, 0, 3, 0, 38, 38, &out));
    assert_string_equal(decimal_text(out, 38), "0.33333333333333333333333333333333333333");
    assert_true(lt_decimal_divide(2, 0, -3, 0, 38, 37, &out));
    assert_string_equal(decimal_text(out, 37), "-0.6666666666666666666666666666666666667");
    assert_true(lt_decimal_divide(nines, 0, nines, 38, 38, 0, &out) == false);
    assert_true(lt_decimal_divide(1, 38, nines, 0, 38, 38, &out) && out == 0);
    assert_true(lt_decimal_divide(nines, 38, nines, 0, 38, 38, &out) && out == 1);
    assert_true(lt_decimal_divide(1, 0, lt_pow10_i128[38], 38, 38, 37, &out) &&
                out == lt_pow10_i128[37]);
    assert_true(lt_decimal_divide(nines, 0, 2, 0, 38, 0, &out)); /* half up */
    assert_string_equal(decimal_text(out, 0), "50000000000000000000000000000000000000");
    assert_false(lt_decimal_divide(1, 0, 1, 38, 38, 1, &out));
    assert_true(lt_pow10_i128[38] / lt_pow10_i128[19] == lt_pow10_i128[19]);
}

/* Against the schoolbook on small numbers, where everything fits 128 bits. */
static void test_decimal_random(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252u;
    for (int i = 0; i < 200000; i++) {
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        int64_t a = (int32_t)seed, b = (int32_t)(seed >> 32) | 1;
        unsigned sa = seed % 7, sb = (seed >> 8) % 7, scale = (seed >> 16) % 7;
        __int128 got, num, den, want;
        num = (__int128)a * b * lt_pow10_i128[scale];
        den = lt_pow10_i128[sa + sb];
        want = (num < 0 ? -1 : 1) * (((num < 0 ? -num : num) * 2 + den) / (2 * den));
        assert_true(lt_decimal_multiply(a, sa, b, sb, 38, scale, &got) && got == want);
        num = (__int128)a * lt_pow10_i128[scale + sb];
        den = (__int128)b * lt_pow10_i128[sa];
        bool minus = (num < 0) != (den < 0);
        num = num < 0 ? -num : num;
        den = den < 0 ? -den : den;
        want = (num * 2 + den) / (2 * den) * (minus ? -1 : 1);
        assert_true(lt_decimal_divide(a, sa, b, sb, 38, scale, &got) && got == want);
    }
}

static void test_decimal_double(void **state)
{
    (void)state;
    __int128 out;
    assert_true(lt_decimal_to_double(-12345, 2) == -123.45);
    assert_true(lt_decimal_to_double(decimal(NINES, 38, 0), 0) == 1e38);
    assert_true(lt_decimal_to_double(decimal(NINES, 38, 0), 38) == 1.0);
    assert_true(lt_decimal_to_double(0, 38) == 0);
    assert_true(lt_double_to_decimal(0.1, 38, 38, &out));
    assert_string_equal(decimal_text(out, 38), "0.10000000000000000000000000000000000000");
    assert_true(lt_double_to_decimal(1.005, 10, 2, &out) && out == 101); /* by its text */
    assert_true(lt_double_to_decimal(-1e-300, 10, 2, &out) && out == 0);
    assert_false(lt_double_to_decimal(1e300, 38, 0, &out));
    assert_false(lt_double_to_decimal(NAN, 38, 0, &out));
    assert_false(lt_double_to_decimal(INFINITY, 38, 0, &out));
}

static const char *double_text(double value)
{
    lt_buf_clear(&buf);
    lt_double_print(&buf, value);
    return buf.data;
}

static const char *float_text(float value)
{
    lt_buf_clear(&buf);
    lt_float_print(&buf, value);
    return buf.data;
}

static void test_double_print(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0.0, "0.0"},
        {-0.0, "-0.0"},
        {1, "1.0"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {100, "100.0"},
        {0.001, "0.001"},
        {0.00099999, "9.9999E-4"},
        {1e7, "1.0E7"},
        {9999999, "9999999.0"},
        {12345678.9, "1.23456789E7"},
        {1e10, "1.0E10"},
        {1e21, "1.0E21"},
        {2e-3, "0.002"},
        {0.3, "0.3"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {2.0 / 3, "0.6666666666666666"},
        {1.7976931348623157e308, "1.7976931348623157E308"},
        {2.2250738585072014e-308, "2.2250738585072014E-308"},
        {4.9e-324, "4.9E-324"},
        {123456789012345680.0, "1.2345678901234568E17"},
        {9007199254740993.0, "9.007199254740992E15"},
        {2.5, "2.5"},
        {1234.5678, "1234.5678"},
        {99.99, "99.99"},
        {1e-5, "1.0E-5"},
        {(double)NAN, "NaN"},
        {(double)INFINITY, "Infinity"},
        {-(double)INFINITY, "-Infinity"},
        {1e23, "1.0E23"},
        {5e-324, "4.9E-324"},
        {2e-323, "2.0E-323"},
        {9.5367431640625e-07, "9.5367431640625E-7"},
    };
    for (size_t i = 0; i < LT_ARRAY_LEN(cases); i++)
        assert_string_equal(double_text(cases[i].value), cases[i].text);
    assert_string_equal(float_text(0.1f), "0.1");
    assert_string_equal(float_text(16777216.0f), "1.6777216E7");
    assert_string_equal(float_text(3.4028235e38f), "3.4028235E38");
    assert_string_equal(float_text(1.4e-45f), "1.4E-45");
    assert_string_equal(float_text(1.0f / 3), "0.33333334");
    assert_string_equal(float_text(-100.25f), "-100.25");
    assert_string_equal(float_text(1.17549435e-38f), "1.1754944E-38");
}

/* Whatever is printed reads back, also where the process has another locale. */
static void test_double_round_trip(void **state)
{
    (void)state;
    const char *old = setlocale(LC_NUMERIC, "de_DE.UTF-8"); /* may well be missing */
    uint64_t seed = 1;
    for (int i = 0; i < 100000; i++) {
        double value, back, via;
        float single, single_back;
        char text[64];
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        memcpy(&value, &seed, sizeof(value));
        if (i % 3 == 0)
            value = (double)(int64_t)(seed >> 30) / 1000;
        uint32_t half = (uint32_t)(seed >> 32);
        memcpy(&single, &half, sizeof(single));
        if (value != value || single != single)
            continue;
        const char *shown = double_text(value);
        assert_true(lt_text_to_double(lt_str_of(shown), &back) && back == value);
        snprintf(text, sizeof(text), "%.17g", value);
        if (!old && lt_text_to_double(lt_str_of(text), &via))
            assert_true(via == value);
        assert_true(strlen(shown) <= 24);
        shown = float_text(single);
        assert_true(lt_text_to_float(lt_str_of(shown), &single_back) && single_back == single);
    }
    setlocale(LC_NUMERIC, "C");
}

static void test_text_to_numbers(void **state)
{
    (void)state;
    double d;
    float f;
    int64_t i;
    bool b;
    assert_true(lt_text_to_i64(LT_STR(" -9223372036854775808 "), &i) && i == INT64_MIN);
    assert_true(lt_text_to_i64(LT_STR("+9223372036854775807"), &i) && i == INT64_MAX);
    static const char *const no_integers[] = {"9223372036854775808",
                                              "-9223372036854775809",
                                              "",
                                              "-",
                                              "1.0",
                                              "1e3",
                                              "0x1",
                                              "1 2",
                                              "--1",
                                              " "};
    for (size_t k = 0; k < LT_ARRAY_LEN(no_integers); k++)
        assert_false(lt_text_to_i64(lt_str_of(no_integers[k]), &i));
    assert_true(lt_text_to_double(LT_STR("1e400"), &d) && isinf(d));
    assert_true(lt_text_to_double(LT_STR("-1e-400"), &d) && d == 0 && signbit(d));
    assert_true(lt_text_to_double(LT_STR(" NaN"), &d) && isnan(d));
    assert_true(lt_text_to_double(LT_STR("-Infinity"), &d) && isinf(d) && d < 0);
    assert_true(lt_text_to_double(LT_STR("1e99999999999999999999"), &d) && isinf(d));
    assert_true(lt_text_to_double(LT_STR("0e99999999999999999999"), &d) && d == 0);
    /* Half way between two doubles, and a hair above, 800 digits later. */
    char text[1200] = "9007199254740993.";
    size_t len = strlen(text);
    memset(text + len, '0', 1000);
    assert_true(lt_text_to_double((struct lt_str){text, len + 1000}, &d) && d == 9007199254740992);
    text[len + 999] = '1';
    assert_true(lt_text_to_double((struct lt_str){text, len + 1000}, &d) && d == 9007199254740994);
    memset(text, '7', 1100);
    assert_true(lt_text_to_double((struct lt_str){text, 1100}, &d) && isinf(d));
    assert_true(lt_text_to_double((struct lt_str){text, 300}, &d) && d > 7.7e299 && d < 7.8e299);
    /* 1 + 2^-24 + 2^-60 is above the half: as a double first it would be the tie. */
    assert_true(lt_text_to_float(LT_STR("1.00000005960464477626"), &f) && f > 1);
    static const char *const no_doubles[] = {"",        ".",   "e5",    "1e",  "1.5d", "0x1p3",
                                             "infinit", "1,5", "1e5.0", "--1", "1 e5"};
    for (size_t k = 0; k < LT_ARRAY_LEN(no_doubles); k++)
        assert_false(lt_text_to_double(lt_str_of(no_doubles[k]), &d));
    assert_true(lt_text_to_boolean(LT_STR(" TRUE"), &b) && b);
    assert_true(lt_text_to_boolean(LT_STR("n"), &b) && !b);
    assert_false(lt_text_to_boolean(LT_STR("2"), &b));
}

/* ---- through columns --------------------------------------------------- */

static void check_lane(const struct lt_type *type, const char *in, const char *out,
                       const struct lt_tz *zone)
{
    struct lt_column *col = lt_column_new(pool, type, 1);
    assert_non_null(col);
    lt_status status = lt_text_to_lane(lt_str_of(in), col, 0, zone);
    if (status != (out ? LT_OK : LT_DATA))
        fail_msg("%s: status %d", in, status);
    if (out) {
        lt_buf_clear(&buf);
        lt_cell_print(&buf, lt_column_cell(col, 0), zone);
        assert_string_equal(buf.data, out);
    }
    lt_column_unref(col);
}

static void test_lanes(void **state)
{
    (void)state;
    const struct lt_tz *utc = &lt_tz_utc;
    struct lt_arena arena;
    lt_arena_init(&arena, &alloc);
    check_lane(&lt_type_tinyint, "-128", "-128", utc);
    check_lane(&lt_type_tinyint, "128", NULL, utc);
    check_lane(&lt_type_smallint, "32767", "32767", utc);
    check_lane(&lt_type_smallint, "-32769", NULL, utc);
    check_lane(&lt_type_int, "2147483647", "2147483647", utc);
    check_lane(&lt_type_int, "2147483648", NULL, utc);
    check_lane(&lt_type_bigint, "-9223372036854775808", "-9223372036854775808", utc);
    check_lane(&lt_type_boolean, "yes", "TRUE", utc);
    check_lane(&lt_type_boolean, "maybe", NULL, utc);
    check_lane(&lt_type_float, "0.1", "0.1", utc);
    check_lane(&lt_type_double, "1e10", "1.0E10", utc);
    check_lane(lt_type_decimal(&arena, 5, 2), "123.456", "123.46", utc);
    check_lane(lt_type_decimal(&arena, 5, 2), "1234", NULL, utc);
    check_lane(&lt_type_string, "h\xc3\xa9llo, longer than twelve",
               "h\xc3\xa9llo, longer than twelve", utc);
    check_lane(lt_type_text(&arena, LT_TYPE_CHAR, 3), "\xc3\xa9", "\xc3\xa9  ", utc);
    check_lane(lt_type_text(&arena, LT_TYPE_CHAR, 20), "ab", "ab                  ", utc);
    check_lane(lt_type_text(&arena, LT_TYPE_CHAR, 1), "ab", NULL, utc);
    check_lane(lt_type_text(&arena, LT_TYPE_VARCHAR, 2), "\xc3\xa9\xe2\x82\xac",
               "\xc3\xa9\xe2\x82\xac", utc);
    check_lane(lt_type_text(&arena, LT_TYPE_VARCHAR, 2), "abc", NULL, utc);
    check_lane(lt_type_text(&arena, LT_TYPE_VARBINARY, 2), "\xe2\x82\xac", NULL, utc);
    lt_arena_close(&arena);
}

static void test_dates_and_times(void **state)
{
    (void)state;
    struct lt_tz *berlin;
    struct lt_arena arena;
    lt_arena_init(&arena, &alloc);
    assert_int_equal(lt_tz_load(&alloc, LT_STR("Europe/Berlin"), &berlin, NULL), LT_OK);
    static const struct {
        const struct lt_type *type;
        const char *in, *out;
    } cases[] = {
        {&lt_type_date, "2024-02-29", "2024-02-29"},
        {&lt_type_date, "2023-02-29", NULL},
        {&lt_type_date, "0001-01-01", "0001-01-01"},
        {&lt_type_date, "9999-12-31", "9999-12-31"},
        {&lt_type_date, "+12345-01-02", "+12345-01-02"},
        {&lt_type_date, "-0044-03-15", "-0044-03-15"},
        {&lt_type_date, "2024-1-2", "2024-01-02"},
        {&lt_type_date, "2024-01-02 03:04:05", "2024-01-02"},
        {&lt_type_date, "2024-01-02x", NULL},
        {&lt_type_date, "999999-01-01", NULL},
        {&lt_type_time, "23:59:59.999", "23:59:59"},
        {&lt_type_time, "24:00:00", NULL},
        {&lt_type_time, "7:05", "07:05:00"},
        {&lt_type_time, "12", NULL},
        {&lt_type_timestamp3, "2024-01-01 00:00:01.5", "2024-01-01 00:00:01.500"},
        {&lt_type_timestamp3, "2024-01-01T00:00:01.123999", "2024-01-01 00:00:01.123"},
        {&lt_type_timestamp6, "2024-01-01 00:00:01.1234567", "2024-01-01 00:00:01.123456"},
        {&lt_type_timestamp6, "1969-12-31 23:59:59.999999", "1969-12-31 23:59:59.999999"},
        {&lt_type_timestamp3, "0001-01-01 00:00:00", "0001-01-01 00:00:00.000"},
        {&lt_type_timestamp3, "2024-01-01", "2024-01-01 00:00:00.000"},
        {&lt_type_timestamp3, "2024-01-01 00:00:00Z", NULL},
        {&lt_type_timestamp3, "2024-01-01 ", "2024-01-01 00:00:00.000"},
        {&lt_type_timestamp3, "2024-01-01 10:61:00", NULL},
        {&lt_type_timestamp3, "", NULL},
        {&lt_type_ltz3, "2024-07-01 12:00:00", "2024-07-01 12:00:00.000"},
        {&lt_type_ltz3, "2024-07-01T12:00:00Z", "2024-07-01 14:00:00.000"},
        {&lt_type_ltz3, "2024-07-01 12:00:00.25+05:30", "2024-07-01 08:30:00.250"},
        {&lt_type_ltz3, "2024-07-01 12:00:00 -0130", "2024-07-01 15:30:00.000"},
        {&lt_type_ltz3, "2024-03-31 02:30:00", "2024-03-31 03:30:00.000"}, /* in the gap */
        {&lt_type_ltz3, "2024-07-01 12:00:00+25:00", NULL},
    };
    for (size_t i = 0; i < LT_ARRAY_LEN(cases); i++)
        check_lane(cases[i].type, cases[i].in, cases[i].out, berlin);
    check_lane(lt_type_temporal(&arena, LT_TYPE_TIMESTAMP, 0), "1969-12-31 23:59:59.5",
               "1969-12-31 23:59:59", berlin);
    assert_int_equal(lt_time_truncate(-1, 3), -1000);
    assert_true(lt_time_truncate(INT64_MIN, 0) == INT64_MIN);
    lt_arena_close(&arena);
    lt_tz_free(&alloc, berlin);
}

static void test_intervals(void **state)
{
    (void)state;
    lt_buf_clear(&buf);
    lt_interval_day_print(&buf, 86400000000 + 3723004000);
    lt_buf_addc(&buf, '|');
    lt_interval_day_print(&buf, -1500001);
    lt_buf_addc(&buf, '|');
    lt_interval_day_print(&buf, INT64_MIN);
    lt_buf_addc(&buf, '|');
    lt_interval_month_print(&buf, -14);
    assert_string_equal(buf.data,
                        "+1 01:02:03.004|-0 00:00:01.500001|-106751991 04:00:54.775808|-1-02");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decimal_text),    cmocka_unit_test(test_decimal_arithmetic),
        cmocka_unit_test(test_decimal_random),  cmocka_unit_test(test_decimal_double),
        cmocka_unit_test(test_double_print),    cmocka_unit_test(test_double_round_trip),
        cmocka_unit_test(test_text_to_numbers), cmocka_unit_test(test_lanes),
        cmocka_unit_test(test_dates_and_times), cmocka_unit_test(test_intervals),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
