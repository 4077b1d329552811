/* test_arith.c -- loops of arithmetic against one operation at a time. */
#include "expr_support.h"
#include "tests/unit/data/support.h"

enum { ROWS = 64 };

static int64_t random_number(uint64_t *seed, int bits)
{
    static const int64_t edges[] = {0, 1, -1, 2, -2, 10, INT64_MAX, INT64_MIN, INT64_MIN + 1};
    uint64_t r = test_random(seed);
    int64_t n = r % 4 == 0 ? edges[r / 4 % LT_ARRAY_LEN(edges)]
                           : (int64_t)(test_random(seed) >> (test_random(seed) % 63));
    n = r & 64 ? n : (int64_t)(0 - (uint64_t)n);
    return bits == 64 ? n : (int32_t)n;
}

static const char *print_number(struct fixture *f, int64_t n)
{
    struct lt_str text;
    assert_int_equal(lt_arena_printf(&f->arena, &text, "%lld", (long long)n), LT_OK);
    return text.data;
}

/* x / d and x % d for a constant d, and for a column that holds d in every row. */
static void test_division_by_constant(void **state)
{
    uint64_t seed = 12;
    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct fixture f;
        int bits = round % 2 ? 64 : 32;
        const struct lt_type *type = bits == 64 ? &lt_type_bigint : &lt_type_int;
        int64_t by = round < 400 ? round - 200 : random_number(&seed, bits), least;
        const char *op = round % 4 < 2 ? "/" : "%";
        fixture_open(&f);
        least = bits == 64 ? INT64_MIN : INT32_MIN;
        struct lt_column *cols[2] = {hold(&f, lt_column_new(f.pool, type, ROWS)),
                                     hold(&f, lt_column_new(f.pool, type, ROWS))};
        for (uint32_t i = 0; i < ROWS; i++) {
            int64_t n = random_number(&seed, bits);
            if (n == least && by == -1)
                n++;
            if (bits == 64) {
                ((int64_t *)cols[0]->values)[i] = n;
                ((int64_t *)cols[1]->values)[i] = by;
            } else {
                ((int32_t *)cols[0]->values)[i] = (int32_t)n;
                ((int32_t *)cols[1]->values)[i] = (int32_t)by;
            }
        }
        struct lt_expr *x = input(&f, 0, type);
        struct lt_expr *fast = CALL(&f, op, x, value(&f, type, print_number(&f, by)));
        struct lt_expr *slow = CALL(&f, op, x, input(&f, 1, type));
        assert_string_equal(run_over(&f, fast, 2, cols, ROWS, NULL, 0),
                            run_over(&f, slow, 2, cols, ROWS, NULL, 0));
        fixture_close(&f);
    }
}

/* ---- decimals ------------------------------------------------------- */

static __int128 random_decimal(uint64_t *seed, unsigned precision)
{
    unsigned __int128 n = (unsigned __int128)test_random(seed) << 64 | test_random(seed);
    __int128 digits = lt_pow10_i128[test_random(seed) % (precision + 1)];
    __int128 v = (__int128)(n % (unsigned __int128)digits);
    if (test_random(seed) % 8 == 0)
        v = lt_pow10_i128[precision] - 1;
    return test_random(seed) % 2 ? v : -v;
}

static bool naive(const char *op, struct lt_column *const *cols, uint32_t i,
                  const struct lt_type *type, __int128 *out)
{
    __int128 a = ((__int128 *)cols[0]->values)[i], b = ((__int128 *)cols[1]->values)[i];
    unsigned sa = cols[0]->type->scale, sb = cols[1]->type->scale;
    if (op[0] == '*')
        return lt_decimal_multiply(a, sa, b, sb, type->precision, type->scale, out);
    /* With one digit and sign more than either side, no sum of these leaves 128 bits. */
    if (!lt_decimal_rescale(a, sa, type->scale, 38, &a) ||
        !lt_decimal_rescale(b, sb, type->scale, 38, &b))
        return false;
    *out = op[0] == '+' ? a + b : a - b;
    return *out < lt_pow10_i128[type->precision] && *out > -lt_pow10_i128[type->precision];
}

static void test_exact_decimals(void **state)
{
    static const char *const ops[] = {"*", "+", "-"};
    uint64_t seed = 99;
    (void)state;
    for (int round = 0; round < 2000; round++) {
        struct fixture f;
        struct lt_program *program;
        struct lt_column *cols[2], *out;
        unsigned p[2];
        fixture_open(&f);
        for (int c = 0; c < 2; c++) {
            p[c] = 1 + (unsigned)(test_random(&seed) % (round % 3 ? 19 : 36));
            const struct lt_type *type =
                lt_type_decimal(&f.arena, p[c], (unsigned)(test_random(&seed) % (p[c] + 1)));
            cols[c] = hold(&f, lt_column_new(f.pool, type, ROWS));
            for (uint32_t i = 0; i < ROWS; i++)
                ((__int128 *)cols[c]->values)[i] = random_decimal(&seed, p[c]);
        }
        if (round % 4 == 0) { /* a constant on one side */
            struct lt_column *one = hold(&f, lt_column_new_constant(f.pool, cols[1]->type, ROWS));
            memcpy(one->values, cols[1]->values, sizeof(__int128));
            for (uint32_t i = 1; i < ROWS; i++)
                memcpy((__int128 *)cols[1]->values + i, one->values, sizeof(__int128));
            cols[1] = one;
        }
        const char *op = ops[round % 3];
        struct lt_expr *expr =
            CALL(&f, op, input(&f, 0, cols[0]->type), input(&f, 1, cols[1]->type));
        assert_int_equal(lt_program_open(&f.alloc, f.pool, NULL, 1, &expr, &program, &f.err),
                         LT_OK);
        struct lt_batch batch = {.len = ROWS, .n_sel = ROWS, .n_columns = 2, .columns = cols};
        lt_status status = lt_program_run(program, &batch, &out, &f.err);
        for (uint32_t i = 0; i < ROWS; i++) {
            struct lt_column *flat[2] = {cols[0], cols[1]};
            __int128 expected, made;
            if (cols[1]->encoding == LT_CONSTANT) {
                flat[1] = hold(&f, lt_column_new(f.pool, cols[1]->type, ROWS));
                memcpy((__int128 *)flat[1]->values + i, cols[1]->values, sizeof(__int128));
            }
            bool fits = naive(op, flat, i, expr->type, &expected);
            if (status != LT_OK && !fits)
                break;
            if (status != LT_OK)
                continue;
            assert_true(fits);
            memcpy(&made, (__int128 *)out->values + i, sizeof(made));
            assert_true(made == expected);
        }
        if (status == LT_OK)
            lt_column_unref(out);
        lt_program_close(program);
        fixture_close(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_division_by_constant),
        cmocka_unit_test(test_exact_decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
