/* test_program.c -- programs: laziness, three-valued logic, selections, sharing, casts. */
#include "expr_support.h"
#include "../hooks.h"

static struct lt_expr *case_of(struct fixture *f, const struct lt_type *type, uint32_t n,
                               struct lt_expr **args)
{
    struct lt_expr *expr = node(f, LT_EXPR_CASE, type, n);
    memcpy(expr->args, args, n * sizeof(*args));
    return expr;
}

static struct lt_expr *nary(struct fixture *f, enum lt_expr_kind kind, uint32_t n,
                            struct lt_expr **args)
{
    struct lt_expr *expr = node(f, kind, args[0]->type, n);
    memcpy(expr->args, args, n * sizeof(*args));
    return expr;
}

static const char *const numbers[] = {"1", "0", NULL, "4", "-2"};

static void test_case_is_lazy(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f);
    struct lt_column *cols[1] = {column(&f, &lt_type_int, 5, numbers)};
    struct lt_expr *x = input(&f, 0, &lt_type_int);
    /* CASE WHEN x = 0 THEN -1 WHEN x > 0 THEN 8 / x ELSE NULL END */
    struct lt_expr *args[] = {CALL(&f, "=", x, vi(&f, "0")), vi(&f, "-1"),
                              CALL(&f, ">", x, vi(&f, "0")), CALL(&f, "/", vi(&f, "8"), x),
                              vi(&f, NULL)};
    assert_string_equal(run_over(&f, case_of(&f, &lt_type_int, 5, args), 1, cols, 5, NULL, 0),
                        "8|-1|NULL|2|NULL");
    assert_string_equal(run_over(&f, CALL(&f, "/", vi(&f, "8"), x), 1, cols, 5, NULL, 0),
                        "error: division by zero: 8 / 0; guard it with CASE or NULLIF");
    const uint16_t sel[] = {0, 2, 3};
    assert_string_equal(run_over(&f, CALL(&f, "/", vi(&f, "8"), x), 1, cols, 5, sel, 3),
                        "8|NULL|2");
    const uint16_t none[] = {0};
    assert_string_equal(run_over(&f, CALL(&f, "/", vi(&f, "8"), x), 1, cols, 5, none, 0), "");
    fixture_close(&f);
}

static void test_and_or(void **state)
{
    static const char *const a[] = {"TRUE",  "TRUE", "TRUE", "FALSE", "FALSE",
                                    "FALSE", NULL,   NULL,   NULL};
    static const char *const b[] = {"TRUE", "FALSE", NULL,    "TRUE", "FALSE",
                                    NULL,   "TRUE",  "FALSE", NULL};
    struct fixture f;
    (void)state;
    fixture_open(&f);
    struct lt_column *cols[2] = {column(&f, &lt_type_boolean, 9, a),
                                 column(&f, &lt_type_boolean, 9, b)};
    struct lt_expr *x = input(&f, 0, &lt_type_boolean), *y = input(&f, 1, &lt_type_boolean);
    struct lt_expr *eager[] = {x, y};
    /* IF is lazy, so this side is computed where x leaves it open. */
    struct lt_expr *lazy[] = {x, CALL(&f, "IF", vb(&f, "TRUE"), y, y)};
    for (int k = 0; k < 2; k++) {
        struct lt_expr **args = k ? lazy : eager;
        assert_string_equal(run_over(&f, nary(&f, LT_EXPR_AND, 2, args), 2, cols, 9, NULL, 0),
                            "TRUE|FALSE|NULL|FALSE|FALSE|FALSE|NULL|FALSE|NULL");
        assert_string_equal(run_over(&f, nary(&f, LT_EXPR_OR, 2, args), 2, cols, 9, NULL, 0),
                            "TRUE|TRUE|TRUE|TRUE|FALSE|NULL|TRUE|NULL|NULL");
    }
    assert_string_equal(run_over(&f, CALL(&f, "NOT", x), 2, cols, 9, NULL, 0),
                        "FALSE|FALSE|FALSE|TRUE|TRUE|TRUE|NULL|NULL|NULL");
    assert_string_equal(run_over(&f, CALL(&f, "IS NOT TRUE", x), 2, cols, 9, NULL, 0),
                        "FALSE|FALSE|FALSE|TRUE|TRUE|TRUE|TRUE|TRUE|TRUE");
    fixture_close(&f);
}

static void test_and_guards(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f);
    struct lt_column *cols[1] = {column(&f, &lt_type_int, 5, numbers)};
    struct lt_expr *x = input(&f, 0, &lt_type_int);
    struct lt_expr *args[] = {CALL(&f, "<>", x, vi(&f, "0")),
                              CALL(&f, ">", CALL(&f, "/", vi(&f, "8"), x), vi(&f, "2"))};
    assert_string_equal(run_over(&f, nary(&f, LT_EXPR_AND, 2, args), 1, cols, 5, NULL, 0),
                        "TRUE|FALSE|NULL|FALSE|FALSE");
    struct lt_expr *coalesce[] = {CALL(&f, "NULLIF", x, vi(&f, "0")),
                                  CALL(&f, "/", vi(&f, "6"), CALL(&f, "+", x, vi(&f, "2")))};
    struct lt_expr *expr = nary(&f, LT_EXPR_COALESCE, 2, coalesce);
    expr->type = &lt_type_int;
    assert_string_equal(run_over(&f, expr, 1, cols, 5, NULL, 0), "1|3|NULL|4|-2");
    fixture_close(&f);
}

static void test_text_branches(void **state)
{
    static const char *const names[] = {"apple", "a name longer than twelve", NULL, "google"};
    struct fixture f;
    (void)state;
    fixture_open(&f);
    struct lt_column *cols[1] = {column(&f, &lt_type_string, 4, names)};
    struct lt_expr *s = input(&f, 0, &lt_type_string);
    struct lt_expr *args[] = {CALL(&f, "=", CALL(&f, "UPPER", s), vs(&f, "APPLE")), vs(&f, "0"),
                              CALL(&f, "LIKE", s, vs(&f, "a%")), CALL(&f, "UPPER", s),
                              CALL(&f, "||", s, vs(&f, " and some more"))};
    assert_string_equal(run_over(&f, case_of(&f, &lt_type_string, 5, args), 1, cols, 4, NULL, 0),
                        "0|A NAME LONGER THAN TWELVE|NULL|google and some more");
    fixture_close(&f);
}

static void test_encodings(void **state)
{
    static const char *const words[] = {"one", NULL, "a word of many letters"};
    static const uint32_t codes[] = {2, 0, 1, 0, 2};
    struct fixture f;
    (void)state;
    fixture_open(&f);
    struct lt_column *dict = column(&f, &lt_type_string, 3, words);
    struct lt_column *cols[2] = {hold(&f, lt_column_new_dictionary(f.pool, dict, codes, 5)),
                                 hold(&f, lt_column_new_constant(f.pool, &lt_type_int, 5))};
    ((int32_t *)cols[1]->values)[0] = 7;
    struct lt_expr *s = input(&f, 0, &lt_type_string), *x = input(&f, 1, &lt_type_int);
    assert_string_equal(run_over(&f, CALL(&f, "UPPER", s), 2, cols, 5, NULL, 0),
                        "A WORD OF MANY LETTERS|ONE|NULL|ONE|A WORD OF MANY LETTERS");
    assert_string_equal(run_over(&f, CALL(&f, "SUBSTRING", s, x), 2, cols, 5, NULL, 0),
                        " of many letters||NULL|| of many letters");
    assert_string_equal(run_over(&f, CALL(&f, "+", x, vi(&f, "1")), 2, cols, 5, NULL, 0),
                        "8|8|8|8|8");
    assert_string_equal(
        run_over(&f, cast_to(&f, s, &lt_type_bytes, LT_CAST_STRICT), 2, cols, 5, NULL, 0),
        "a word of many letters|one|NULL|one|a word of many letters");
    fixture_close(&f);
}

static void test_filter(void **state)
{
    struct fixture f;
    struct lt_program *program;
    const uint16_t *sel;
    uint32_t n;
    (void)state;
    fixture_open(&f);
    struct lt_column *cols[1] = {column(&f, &lt_type_int, 5, numbers)};
    struct lt_expr *expr = CALL(&f, ">", input(&f, 0, &lt_type_int), vi(&f, "0"));
    struct lt_batch batch = {.len = 5, .n_sel = 5, .n_columns = 1, .columns = cols};
    assert_int_equal(lt_program_open(&f.alloc, f.pool, expr, 0, NULL, &program, &f.err), LT_OK);
    assert_int_equal(lt_program_select(program, &batch, NULL, &sel, &n, &f.err), LT_OK);
    assert_int_equal(n, 2);
    assert_int_equal(sel[0], 0);
    assert_int_equal(sel[1], 3);
    const uint16_t rows[] = {1, 2, 3};
    batch.sel = rows;
    batch.n_sel = 3;
    assert_int_equal(lt_program_select(program, &batch, NULL, &sel, &n, &f.err), LT_OK);
    assert_int_equal(n, 1);
    assert_int_equal(sel[0], 3);
    lt_program_close(program);
    fixture_close(&f);
}

static void test_steady_state(void **state)
{
    struct fixture f;
    struct lt_program *program;
    struct lt_column *out[2];
    (void)state;
    fixture_open(&f);
    struct lt_column *col = hold(&f, lt_column_new(f.pool, &lt_type_bigint, 2048));
    for (int64_t i = 0; i < 2048; i++)
        ((int64_t *)col->values)[i] = i;
    struct lt_expr *x = input(&f, 0, &lt_type_bigint);
    struct lt_expr *exprs[2] = {CALL(&f, "+", CALL(&f, "*", x, vl(&f, "3")), vl(&f, "1")),
                                CALL(&f, "IF",
                                     CALL(&f, "=", CALL(&f, "%", x, vl(&f, "2")), vl(&f, "0")),
                                     CALL(&f, "*", x, vl(&f, "3")), vl(&f, "-1"))};
    struct lt_batch batch = {.len = 2048, .n_sel = 2048, .n_columns = 1, .columns = &col};
    assert_int_equal(lt_program_open(&f.alloc, f.pool, NULL, 2, exprs, &program, &f.err), LT_OK);
    uint64_t before = 0;
    for (int round = 0; round < 20; round++) {
        assert_int_equal(lt_program_run(program, &batch, out, &f.err), LT_OK);
        assert_int_equal(((int64_t *)out[0]->values)[5], 16);
        assert_int_equal(((int64_t *)out[1]->values)[5], -1);
        assert_int_equal(((int64_t *)out[1]->values)[6], 18);
        lt_column_unref(out[0]);
        lt_column_unref(out[1]);
        if (round == 5)
            before = lt_pool_allocations(f.pool);
    }
    assert_int_equal(lt_pool_allocations(f.pool), before);
    lt_program_close(program);
    fixture_close(&f);
}

/* ---- every allocation fails in turn --------------------------------- */

static lt_status run_failing(struct fixture *f, struct lt_alloc *alloc, struct lt_expr *expr,
                             struct lt_column **cols, uint32_t len)
{
    struct lt_pool *pool;
    struct lt_program *program;
    struct lt_column *out;
    struct lt_batch batch = {.len = len, .n_sel = len, .n_columns = 2, .columns = cols};
    LT_TRY(lt_pool_open(alloc, &pool));
    lt_status status = lt_program_open(alloc, pool, NULL, 1, &expr, &program, &f->err);
    if (status == LT_OK) {
        status = lt_program_run(program, &batch, &out, &f->err);
        if (status == LT_OK)
            lt_column_unref(out);
        lt_program_close(program);
    }
    lt_pool_close(pool);
    return status;
}

struct failing {
    struct fixture *f;
    struct lt_expr *expr;
    struct lt_column **cols;
};

static bool runs_through(struct lt_alloc *alloc, struct failing *failing)
{
    lt_error_clear(&failing->f->err);
    lt_status status = run_failing(failing->f, alloc, failing->expr, failing->cols, 5);
    assert_true(status == LT_OK || status == LT_NOMEM);
    return status == LT_OK;
}

static void test_allocation_failures(void **state)
{
    static const char *const words[] = {"one", NULL, "a word of many letters", "12", "x"};
    struct fixture f;
    (void)state;
    fixture_open(&f);
    struct lt_column *cols[2] = {column(&f, &lt_type_int, 5, numbers),
                                 column(&f, &lt_type_string, 5, words)};
    struct lt_expr *x = input(&f, 0, &lt_type_int), *s = input(&f, 1, &lt_type_string);
    struct lt_expr *branch[] = {CALL(&f, ">", x, vi(&f, "0")),
                                CALL(&f, "REGEXP_REPLACE", s, vs(&f, "[aeiou]+"), vs(&f, "<$0>")),
                                CALL(&f, "||", CALL(&f, "LPAD", s, vl(&f, "30"), vs(&f, "-")),
                                     cast_to(&f, x, &lt_type_string, LT_CAST_STRICT))};
    struct lt_expr *expr = case_of(&f, &lt_type_string, 3, branch);
    struct failing failing = {&f, expr, cols};
    TEST_EVERY_ALLOCATION(runs_through, &failing);
    fixture_close(&f);
}

/* ---- casts ---------------------------------------------------------- */

static const char *cast_of(struct fixture *f, struct lt_expr *arg, const struct lt_type *type,
                           enum lt_cast_mode mode)
{
    return run_one(f, cast_to(f, arg, type, mode));
}

static void test_casts(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f);
    const struct lt_type *dec = lt_type_decimal(&f.arena, 5, 2);
    const struct lt_type *c5 = lt_type_text(&f.arena, LT_TYPE_CHAR, 5);
    const struct lt_type *v3 = lt_type_text(&f.arena, LT_TYPE_VARCHAR, 3);
#define IS(expected, arg, type) \
    assert_string_equal(cast_of(&f, arg, type, LT_CAST_STRICT), expected)
#define TRY(expected, arg, type) assert_string_equal(cast_of(&f, arg, type, LT_CAST_TRY), expected)
    IS("7", vi(&f, "7"), &lt_type_bigint);
    IS("-3", vd(&f, "-3.9"), &lt_type_int);
    IS("1.24", vd(&f, "1.235"), dec);
    IS("NULL", vi(&f, NULL), &lt_type_bigint);
    TRY("NULL", vi(&f, "300"), &lt_type_tinyint);
    TRY("NULL", vs(&f, "abc"), &lt_type_int);
    TRY("12", vs(&f, " 12 "), &lt_type_int);
    IS("error: cannot cast '300' (INT NOT NULL) to TINYINT: TRY_CAST gives NULL for such a value",
       vi(&f, "300"), &lt_type_tinyint);
    IS("ab   ", vs(&f, "ab"), c5);
    IS("grü", vs(&f, "grüße"), v3);
    IS("grüße", vs(&f, "grüße"), c5);
    IS("TRUE", vi(&f, "5"), &lt_type_boolean);
    IS("1", vb(&f, "TRUE"), &lt_type_int);
    IS("12.00", vi(&f, "12"), dec);
    TRY("NULL", vi(&f, "1200"), dec);
    IS("2024-03-01", vt(&f, "2024-03-01 23:59:59.999"), &lt_type_date);
    IS("2024-03-01 00:00:00.000", value(&f, &lt_type_date, "2024-03-01"), &lt_type_timestamp3);
    IS("2024-03-01 10:00:00.123000", vt(&f, "2024-03-01 10:00:00.123"), &lt_type_timestamp6);
    IS("2024-03-01 10:00:00.123", vt(&f, "2024-03-01 10:00:00.123"), &lt_type_string);
    assert_string_equal(cast_of(&f, vs(&f, "abcd"), v3, LT_CAST_STORE),
                        "error: 'abcd' is longer than the 3 characters of the column: cut it with "
                        "SUBSTRING or CAST, or widen the column");
    assert_int_equal(lt_tz_load(&f.alloc, LT_STR("Europe/Berlin"), &f.loaded, &f.err), LT_OK);
    f.zone = f.loaded;
    /* The gap of 2024-03-31 moves forward; the overlap of 2024-10-27 takes the earlier. */
    IS("2024-03-31 03:30:00.000", vt(&f, "2024-03-31 02:30:00"), &lt_type_ltz3);
    IS("2024-10-27 02:30:00.000", vt(&f, "2024-10-27 02:30:00"), &lt_type_ltz3);
    fixture_close(&f);
}

static void test_nested_casts(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f);
    const struct lt_type *ints = lt_type_array(&f.arena, &lt_type_int);
    const struct lt_type *tiny = lt_type_array(&f.arena, &lt_type_tinyint);
    const struct lt_type *texts = lt_type_array(&f.arena, &lt_type_string);
    struct lt_column *col = hold(&f, lt_column_new(f.pool, ints, 3));
    struct lt_column *child = lt_column_new(f.pool, &lt_type_int, 3);
    static const int32_t items[] = {1, 300, 3};
    static const uint32_t offsets[] = {0, 1, 2, 3};
    memcpy(child->values, items, sizeof(items));
    memcpy(col->values, offsets, sizeof(offsets));
    assert_int_equal(lt_column_set_child(col, 0, child), LT_OK);
    struct lt_expr *a = input(&f, 0, ints);
    const uint16_t sel[] = {0, 2};
    assert_string_equal(run_over(&f, cast_to(&f, a, texts, LT_CAST_STRICT), 1, &col, 3, NULL, 0),
                        "[1]|[300]|[3]");
    assert_string_equal(run_over(&f, cast_to(&f, a, tiny, LT_CAST_STRICT), 1, &col, 3, sel, 2),
                        "[1]|[3]");
    assert_string_equal(run_over(&f, cast_to(&f, a, tiny, LT_CAST_TRY), 1, &col, 3, NULL, 0),
                        "[1]|[NULL]|[3]");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_case_is_lazy), cmocka_unit_test(test_and_or),
        cmocka_unit_test(test_and_guards),   cmocka_unit_test(test_text_branches),
        cmocka_unit_test(test_encodings),    cmocka_unit_test(test_filter),
        cmocka_unit_test(test_steady_state), cmocka_unit_test(test_allocation_failures),
        cmocka_unit_test(test_casts),        cmocka_unit_test(test_nested_casts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
