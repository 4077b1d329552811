/* test_stretch.c -- functions of times over whole batches, against one row at a time. */
#include "expr_support.h"
#include "tests/unit/data/support.h"

enum { ROWS = 130 };

/* Times by a random walk whose steps are from microseconds to years, sometimes at the
 * ends of time, sometimes near a change of summer time. */
static int64_t next_time(int64_t us, uint64_t *seed)
{
    static const int64_t steps[] = {1,
                                    700,
                                    40000,
                                    3 * LT_US_PER_SECOND,
                                    11 * LT_US_PER_MINUTE,
                                    5 * LT_US_PER_HOUR,
                                    40 * LT_US_PER_DAY};
    static const int64_t places[] = {INT64_C(1711846800000000), INT64_C(1729990800000000), 0,
                                     -62135596800000000,        253402300799999999,        -1};
    uint64_t pick = test_random(seed) % 60;
    if (pick == 0)
        return places[test_random(seed) % LT_ARRAY_LEN(places)];
    return us + (int64_t)(test_random(seed) % 2000) * steps[test_random(seed) % 7] / 1000 -
           (int64_t)(test_random(seed) % 3);
}

static struct lt_column *times(struct fixture *f, const struct lt_type *type, bool wild,
                               uint64_t *seed)
{
    struct lt_column *col = hold(f, lt_column_new(f->pool, type, ROWS));
    int64_t us = INT64_C(1711843200000000) + (int64_t)(test_random(seed) % LT_US_PER_DAY);
    int64_t step = (int64_t)(test_random(seed) % 4) * 300;
    bool nulls = test_random(seed) % 2;
    for (uint32_t i = 0; i < ROWS; i++) {
        us = wild ? next_time(us, seed) : us + step;
        if (nulls && test_random(seed) % 10 == 0) {
            assert_int_equal(lt_column_own_validity(col), LT_OK);
            lt_column_set_null(col, i);
        } else if (type->kind == LT_TYPE_DATE) {
            ((int32_t *)col->values)[i] = (int32_t)lt_floor_div(us, LT_US_PER_DAY);
        } else {
            ((int64_t *)col->values)[i] =
                type->kind == LT_TYPE_TIME ? lt_floor_mod(us, LT_US_PER_DAY) : us;
        }
    }
    return col;
}

/* The rows of the batch one after the other, each as a batch of its own. */
static const char *one_by_one(struct fixture *f, struct lt_expr *expr, struct lt_column **cols,
                              const uint16_t *sel, uint32_t n_sel)
{
    struct lt_buf all;
    struct lt_str text;
    lt_buf_init(&all, &f->alloc);
    for (uint32_t k = 0; k < n_sel; k++) {
        struct lt_column *one[2];
        for (int c = 0; c < 2; c++) {
            assert_int_equal(lt_column_slice(f->pool, cols[c], sel ? sel[k] : k, 1, &one[c]),
                             LT_OK);
        }
        lt_buf_addf(&all, "%s%s", k ? "|" : "", run_over(f, expr, 2, one, 1, NULL, 1));
        lt_column_unref(one[0]);
        lt_column_unref(one[1]);
    }
    assert_int_equal(lt_arena_str(&f->arena, lt_buf_str(&all), &text), LT_OK);
    lt_buf_close(&all);
    return text.data;
}

static void check(struct fixture *f, struct lt_expr *expr, struct lt_expr *slow,
                  struct lt_column **cols, uint64_t *seed)
{
    uint16_t sel[ROWS];
    uint32_t n_sel = 0;
    for (uint32_t i = 0; i < ROWS; i++) {
        if (test_random(seed) % 3)
            sel[n_sel++] = (uint16_t)i;
    }
    assert_non_null(expr);
    assert_string_equal(run_over(f, expr, 2, cols, ROWS, NULL, 0),
                        one_by_one(f, slow, cols, NULL, ROWS));
    assert_string_equal(run_over(f, expr, 2, cols, ROWS, sel, n_sel),
                        one_by_one(f, slow, cols, sel, n_sel));
}

static void test_fields(void **state)
{
    static const char *const units[] = {"MICROSECOND", "MILLISECOND", "SECOND",  "MINUTE", "HOUR",
                                        "EPOCH",       "DAY",         "WEEK",    "MONTH",  "YEAR",
                                        "DOW",         "DOY",         "ISOYEAR", "CENTURY"};
    const struct lt_type *types[] = {&lt_type_timestamp3, &lt_type_ltz6, &lt_type_date,
                                     &lt_type_time};
    uint64_t seed = 404;
    (void)state;
    for (int round = 0; round < 60; round++) {
        struct fixture f;
        fixture_open(&f);
        if (round % 3 == 0) {
            assert_int_equal(lt_tz_load(&f.alloc, LT_STR("Europe/Berlin"), &f.loaded, &f.err),
                             LT_OK);
            f.zone = f.loaded;
        }
        const struct lt_type *type = types[round % 4];
        struct lt_column *col = times(&f, type, round % 5 > 1, &seed), *cols[2] = {col, col};
        struct lt_expr *x = input(&f, 0, type);
        uint32_t n = type->kind == LT_TYPE_TIME ? 6 : (uint32_t)LT_ARRAY_LEN(units);
        for (uint32_t u = 0; u < n; u++) {
            struct lt_expr *expr = CALL(&f, "EXTRACT", vs(&f, units[u]), x);
            check(&f, expr, expr, cols, &seed);
            if (u >= 10 || strcmp(units[u], "EPOCH") == 0)
                continue;
            if (type->kind == LT_TYPE_DATE && u < 6)
                continue;
            expr = CALL(&f, "FLOOR", x, vs(&f, units[u]));
            check(&f, expr, expr, cols, &seed);
        }
        fixture_close(&f);
    }
}

static void test_formats(void **state)
{
    static const char *const patterns[] = {"yyyy-MM-dd",
                                           "HH:mm",
                                           "yyyy-MM-dd HH:mm:ss.SSS",
                                           "yyyyMMddHHmmssSSSSSS",
                                           "uuuu-LL-dd'T'HH:mm:ss.SX",
                                           "h a, EEEE",
                                           "yy/M/d H:m:s",
                                           "A",
                                           "n",
                                           "''yyyy''",
                                           "HH 'a text of more than the frame that there is' mm",
                                           "DDD w Q G",
                                           "",
                                           "ss.S",
                                           "S SS SSS SSSS SSSSS SSSSSS SSSSSSS"};
    uint64_t seed = 808;
    (void)state;
    for (size_t p = 0; p < LT_ARRAY_LEN(patterns); p++) {
        for (int round = 0; round < 8; round++) {
            struct fixture f;
            const char *texts[ROWS];
            fixture_open(&f);
            if (round % 4 == 0) {
                assert_int_equal(lt_tz_load(&f.alloc, LT_STR("Europe/Berlin"), &f.loaded, &f.err),
                                 LT_OK);
                f.zone = f.loaded;
            }
            const struct lt_type *type = round % 2 ? &lt_type_timestamp6 : &lt_type_ltz3;
            for (uint32_t i = 0; i < ROWS; i++)
                texts[i] = patterns[p];
            struct lt_column *cols[2] = {times(&f, type, round % 3, &seed),
                                         column(&f, &lt_type_string, ROWS, texts)};
            struct lt_expr *x = input(&f, 0, type);
            /* A pattern that is no constant is read anew for each row. */
            struct lt_expr *slow = CALL(&f, "DATE_FORMAT", x, input(&f, 1, &lt_type_string));
            struct lt_expr *expr = CALL(&f, "DATE_FORMAT", x, vs(&f, patterns[p]));
            check(&f, expr, slow, cols, &seed);
            fixture_close(&f);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
