/* test_text_fast.c -- the fast readers give what the strict ones give, or nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "data/text_batch.h"

enum { TEXT_MAX = 64 };

static uint64_t seed;

static uint32_t random_below(uint32_t n)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return (uint32_t)(seed >> 32) % n;
}

/* The text, with what may follow it in a file: the readers see that too. */
struct sample {
    char data[TEXT_MAX + LT_FAST_SLACK];
    size_t len;
};

static void sample_set(struct sample *sample, const char *text, size_t len)
{
    static const char tails[] = "0123456789.,-\n9: \x80";
    assert_true(len <= TEXT_MAX);
    memcpy(sample->data, text, len);
    for (size_t i = len; i < sizeof(sample->data); i++)
        sample->data[i] = tails[random_below(sizeof(tails))];
    sample->len = len;
}

static struct lt_str sample_text(const struct sample *sample)
{
    return (struct lt_str){sample->data, sample->len};
}

/* A byte changed, put in or taken out, sometimes. */
static void sample_spoil(struct sample *sample)
{
    static const char bytes[] = "0123456789+-.:/ ,;TZez\t\n\x1E\xFF\xB0";
    for (uint32_t n = random_below(4); n > 1 && sample->len; n--) {
        size_t at = random_below((uint32_t)sample->len);
        char c = bytes[random_below(sizeof(bytes))];
        if (random_below(3)) {
            sample->data[at] = c;
        } else if (random_below(2) && sample->len < TEXT_MAX) {
            memmove(sample->data + at + 1, sample->data + at, sample->len - at);
            sample->data[at] = c;
            sample->len++;
        } else {
            memmove(sample->data + at, sample->data + at + 1, sample->len - at - 1);
            sample->len--;
        }
    }
}

static void sample_number(struct sample *sample)
{
    char text[TEXT_MAX];
    size_t len = 0, digits = 1 + random_below(21), dot = random_below(24);
    if (random_below(3) == 0)
        text[len++] = '-';
    for (size_t i = 0; i < digits; i++) {
        if (i == dot)
            text[len++] = '.';
        text[len++] = (char)('0' + (random_below(4) ? random_below(10) : 9 * random_below(2)));
    }
    if (dot == digits)
        text[len++] = '.';
    sample_set(sample, text, len);
    sample_spoil(sample);
}

static void sample_time(struct sample *sample)
{
    char text[TEXT_MAX];
    static const unsigned lengths[] = {10, 16, 19, 20, 21, 22, 23, 24, 26, 27};
    int len =
        snprintf(text, sizeof(text), "%04u-%02u-%02u%c%02u:%02u:%02u.%07u",
                 random_below(8) ? 1970 + random_below(80) : random_below(10000), random_below(14),
                 random_below(33), random_below(2) ? ' ' : 'T', random_below(25), random_below(61),
                 random_below(61), random_below(10000000));
    assert_true(len > 0 && len < TEXT_MAX);
    sample_set(sample, text, lengths[random_below(LT_ARRAY_LEN(lengths))]);
    sample_spoil(sample);
}

static void disagree(const struct sample *sample, const char *what)
{
    fail_msg("%s: '%.*s' is read otherwise", what, (int)sample->len, sample->data);
}

static void check_number(const struct sample *sample)
{
    struct lt_str text = sample_text(sample);
    int64_t fast_integer, integer;
    double fast_double, real;
    float fast_float, narrow;
    if (lt_fast_i64(text.data, text.len, &fast_integer) &&
        (!lt_text_to_i64(text, &integer) || integer != fast_integer))
        disagree(sample, "i64");
    if (lt_fast_double(text.data, text.len, &fast_double) &&
        (!lt_text_to_double(text, &real) || memcmp(&real, &fast_double, sizeof(real)) != 0))
        disagree(sample, "double");
    if (lt_fast_float(text.data, text.len, &fast_float) &&
        (!lt_text_to_float(text, &narrow) || memcmp(&narrow, &fast_float, sizeof(narrow)) != 0))
        disagree(sample, "float");
    unsigned precision = 1 + random_below(38), scale = random_below(precision + 1);
    __int128 fast_decimal, decimal;
    if (lt_fast_decimal(text.data, text.len, precision, scale, &fast_decimal) &&
        (!lt_text_to_decimal(text, precision, scale, &decimal) || decimal != fast_decimal))
        disagree(sample, "decimal");
}

static void check_time(const struct sample *sample, struct lt_fast_day *last)
{
    struct lt_str text = sample_text(sample);
    unsigned precision = random_below(7);
    int64_t fast_us, us;
    int32_t fast_days, days;
    if (lt_fast_timestamp(text.data, text.len, last, precision, &fast_us) &&
        (!lt_text_to_timestamp(text, &us) || lt_time_truncate(us, precision) != fast_us))
        disagree(sample, "timestamp");
    if (lt_fast_date(text.data, text.len, last, &fast_days) &&
        (!lt_text_to_date(text, &days) || days != fast_days))
        disagree(sample, "date");
    struct sample tail;
    size_t cut = text.len < 11 ? text.len : 11;
    sample_set(&tail, text.data + cut, text.len - cut);
    if (lt_fast_time(tail.data, tail.len, precision, &fast_us) &&
        (!lt_text_to_time(sample_text(&tail), &us) || lt_time_truncate(us, precision) != fast_us))
        disagree(&tail, "time");
}

static void test_random(void **state)
{
    (void)state;
    struct lt_fast_day last = lt_fast_day_init();
    struct sample sample;
    seed = 88172645463325252u;
    for (int i = 0; i < 400000; i++) {
        sample_number(&sample);
        check_number(&sample);
        sample_time(&sample);
        check_time(&sample, &last);
    }
}

/* Batches of texts that lie one behind the other. */
struct many {
    char data[LT_TEXT_BATCH_MAX * (TEXT_MAX + 1) + LT_FAST_SLACK];
    struct lt_text_batch batch;
};

static void many_make(struct many *many, void (*make)(struct sample *sample), bool short_only)
{
    size_t size = 0;
    many->batch.data = many->data;
    many->batch.n = random_below(LT_TEXT_BATCH_MAX + 1);
    for (uint32_t i = 0; i < many->batch.n; i++) {
        struct sample sample;
        make(&sample);
        sample.len = short_only && sample.len > 8 ? 8 : sample.len;
        memcpy(many->data + size, sample.data, sample.len + 1);
        many->batch.from[i] = (uint32_t)size;
        many->batch.len[i] = random_below(50) ? (uint32_t)sample.len : LT_TEXT_NONE;
        size += sample.len + 1;
    }
    memset(many->data + size, '7', LT_FAST_SLACK);
}

static struct lt_str many_text(const struct many *many, uint32_t i)
{
    return (struct lt_str){many->data + many->batch.from[i], many->batch.len[i]};
}

static void check_many_integers(struct many *many, int bits, const int64_t *out, bool some)
{
    bool any = false;
    for (uint32_t i = 0; i < many->batch.n; i++) {
        int64_t value, most = INT64_MAX >> (64 - bits);
        any |= many->batch.refused[i] != 0;
        if (many->batch.refused[i])
            continue;
        assert_true(many->batch.len[i] != LT_TEXT_NONE);
        if (!lt_text_to_i64(many_text(many, i), &value) || value != out[i] || value > most ||
            value < -most - 1)
            fail_msg("%.*s is read otherwise", LT_STR_ARG(many_text(many, i)));
    }
    assert_int_equal(any, some);
}

static void sample_integer(struct sample *sample)
{
    char text[TEXT_MAX];
    int len = snprintf(text, sizeof(text), "%s%llu", random_below(3) ? "" : "-",
                       (unsigned long long)seed >> random_below(64));
    sample_set(sample, text, (size_t)len);
    if (random_below(20) == 0)
        sample_spoil(sample);
}

static void test_batches(void **state)
{
    (void)state;
    static struct many many;
    int64_t out[LT_TEXT_BATCH_MAX], us;
    int32_t out32[LT_TEXT_BATCH_MAX];
    int16_t out16[LT_TEXT_BATCH_MAX];
    int8_t out8[LT_TEXT_BATCH_MAX];
    seed = 88172645463325252u;
    unsigned read = 0, total = 0;
    for (int k = 0; k < 1500; k++) {
        many_make(&many, sample_integer, k % 2);
        check_many_integers(&many, 64, out, lt_text_batch_i64(&many.batch, out));
        for (uint32_t i = 0; i < many.batch.n; i++, total++)
            read += !many.batch.refused[i];
        bool some = lt_text_batch_i32(&many.batch, out32);
        for (uint32_t i = 0; i < many.batch.n; i++)
            out[i] = out32[i];
        check_many_integers(&many, 32, out, some);
        some = lt_text_batch_i16(&many.batch, out16);
        for (uint32_t i = 0; i < many.batch.n; i++)
            out[i] = out16[i];
        check_many_integers(&many, 16, out, some);
        some = lt_text_batch_i8(&many.batch, out8);
        for (uint32_t i = 0; i < many.batch.n; i++)
            out[i] = out8[i];
        check_many_integers(&many, 8, out, some);
        many_make(&many, sample_time, false);
        unsigned precision = random_below(7);
        some = lt_text_batch_timestamp(&many.batch, precision, out);
        for (uint32_t i = 0; i < many.batch.n; i++) {
            assert_true(some || !many.batch.refused[i]);
            if (many.batch.refused[i])
                continue;
            if (!lt_text_to_timestamp(many_text(&many, i), &us) ||
                lt_time_truncate(us, precision) != out[i])
                fail_msg("%.*s is read otherwise", LT_STR_ARG(many_text(&many, i)));
        }
    }
    assert_true(read > total / 2);
}

/* Every day of the years 1 to 9999, and the days that are none. */
static void test_calendar(void **state)
{
    (void)state;
    static struct many many;
    int64_t out[LT_TEXT_BATCH_MAX];
    many.batch.data = many.data;
    for (unsigned year = 0; year < 10000; year += year < 1890 || year > 2110 ? 7 : 1) {
        for (unsigned month = 0; month < 14; month++) {
            many.batch.n = 33;
            for (unsigned day = 0; day < 33; day++) {
                many.batch.from[day] = day * 20;
                many.batch.len[day] = 19;
                snprintf(many.data + day * 20, 21, "%04u-%02u-%02u 01:02:03 ", year, month, day);
            }
            lt_text_batch_timestamp(&many.batch, 3, out);
            for (unsigned day = 0; day < 33; day++) {
                bool valid = lt_civil_valid((int32_t)year, month, day);
                assert_int_equal(many.batch.refused[day] == 0, valid && year > 0);
                if (valid && year > 0)
                    assert_int_equal(out[day] / LT_US_PER_SECOND - 3723,
                                     lt_days_from_civil((int32_t)year, month, day) * 86400);
            }
        }
    }
}

/* What must not be left to the strict readers: the forms that files are full of. */
static void test_reads(void **state)
{
    (void)state;
    static const char *const integers[] = {"0",         "7",
                                           "-7",        "12345678",
                                           "123456789", "-1234567890123456",
                                           "00012",     "9223372036854775807"};
    static const char *const reals[] = {"0.5",       "-0.0",        "123.45",
                                        "1234567.8", "12345678.99", "9007199254740993.1",
                                        ".5",        "5.",          "3.141592653589793238"};
    static const char *const times[] = {"2024-02-29", "2024-01-01 00:00:00",
                                        "2024-01-01T23:59:59.999", "1969-12-31 23:59:59.999999"};
    struct lt_fast_day last = lt_fast_day_init();
    struct sample sample;
    int64_t integer;
    double real;
    seed = 1;
    for (size_t i = 0; i < LT_ARRAY_LEN(integers); i++) {
        sample_set(&sample, integers[i], strlen(integers[i]));
        assert_true(lt_fast_i64(sample.data, sample.len, &integer));
        check_number(&sample);
    }
    for (size_t i = 0; i < LT_ARRAY_LEN(reals); i++) {
        sample_set(&sample, reals[i], strlen(reals[i]));
        assert_true(lt_fast_double(sample.data, sample.len, &real));
        check_number(&sample);
    }
    for (size_t i = 0; i < LT_ARRAY_LEN(times); i++) {
        sample_set(&sample, times[i], strlen(times[i]));
        assert_true(lt_fast_timestamp(sample.data, sample.len, &last, 6, &integer));
        check_time(&sample, &last);
    }
    sample_set(&sample, "", 0);
    assert_false(lt_fast_i64(sample.data, 0, &integer));
    assert_false(lt_fast_double(sample.data, 0, &real));
    memset(sample.data, 0, sizeof(sample.data)); /* no text matches a date nobody has read */
    last = lt_fast_day_init();
    assert_false(lt_fast_timestamp(sample.data, 10, &last, 6, &integer));
}

/* Against strtod, which rounds exactly: all magnitudes, and the neighbourhood of ties. */
static void check_real(uint64_t digits, int exponent)
{
    char text[64];
    double real;
    snprintf(text, sizeof(text), "%llue%d", (unsigned long long)digits, exponent);
    if (lt_real_of_decimal(digits, exponent, 53, &real) && real != strtod(text, NULL))
        fail_msg("%s: %a, but it is %a", text, real, strtod(text, NULL));
    if (lt_real_of_decimal(digits, exponent, 24, &real) && real != (double)strtof(text, NULL))
        fail_msg("%s: %a, but it is %a", text, real, (double)strtof(text, NULL));
}

static void test_real(void **state)
{
    (void)state;
    seed = 2463534242;
    unsigned unsure = 0;
    for (int i = 0; i < 300000; i++) {
        uint64_t digits = ((uint64_t)random_below(UINT32_MAX) << 32 | random_below(UINT32_MAX)) >>
                          random_below(60);
        int exponent = (int)random_below(720) - 360;
        check_real(digits, exponent);
        check_real(digits, (int)random_below(60) - 30);
        double real;
        unsure += digits && !lt_real_of_decimal(digits, (int)random_below(500) - 250, 53, &real);
    }
    assert_true(unsure < 10);          /* what is asked again must be rare */
    for (int i = 0; i < 100000; i++) { /* halves between doubles: odd multiples of 2^k */
        uint64_t odd = ((UINT64_C(1) << 53) + random_below(1u << 30) * UINT64_C(2)) * 2 + 1;
        unsigned twos = random_below(9);
        check_real((odd << twos) + random_below(3) - 1, (int)random_below(3));
        check_real(odd, -(int)random_below(28));
        check_real(((UINT64_C(1) << 24) + random_below(1u << 20)) * 2 + 1, (int)random_below(12));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),   cmocka_unit_test(test_random),
        cmocka_unit_test(test_batches), cmocka_unit_test(test_calendar),
        cmocka_unit_test(test_real),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
