/* test_conditions.c -- random conditions: as a filter, as a value, and by the truth tables.
 *
 * Trees of AND, OR, NOT, IS ... over BOOLEAN columns in every encoding, with NULLs and
 * selections. A filter keeps exactly the rows where the value is TRUE, and what it
 * projects is what a program without a filter computes for those rows. A CASE on such
 * conditions gives each row the cell of its branch, whatever the type and the encoding. */
#include "expr_support.h"
#include "tests/unit/data/support.h"

enum { COLUMNS = 4, LEN_MAX = 300, DEPTH_MAX = 4 };
enum truth { IS_FALSE, IS_TRUE, IS_NULL };

struct tree {
    enum { LEAF, AND, OR, NOT, TEST } kind;
    uint32_t column;
    bool lazy; /* under IF, which is never computed for rows that do not need it */
    const char *test;
    uint32_t n;
    struct tree *parts[4];
};

static struct tree *tree_random(struct fixture *f, uint64_t *seed, int depth)
{
    static const char *const tests[] = {"IS NULL",     "IS NOT NULL", "IS TRUE",
                                        "IS NOT TRUE", "IS FALSE",    "IS NOT FALSE"};
    struct tree *t = LT_ARENA_NEW(&f->arena, struct tree);
    uint64_t pick = test_random(seed) % 8;
    t->lazy = test_random(seed) % 3 == 0;
    if (depth == 0 || pick < 2) {
        t->kind = LEAF;
        t->column = (uint32_t)(test_random(seed) % COLUMNS);
        return t;
    }
    t->kind = pick < 4 ? AND : pick < 6 ? OR : pick < 7 ? NOT : TEST;
    t->n = t->kind == AND || t->kind == OR ? 2 + (uint32_t)(test_random(seed) % 3) : 1;
    t->test = tests[test_random(seed) % LT_ARRAY_LEN(tests)];
    for (uint32_t i = 0; i < t->n; i++)
        t->parts[i] = tree_random(f, seed, depth - 1);
    return t;
}

static struct lt_expr *tree_expr(struct fixture *f, const struct tree *t)
{
    struct lt_expr *expr, *parts[4];
    for (uint32_t i = 0; i < t->n; i++)
        parts[i] = tree_expr(f, t->parts[i]);
    switch (t->kind) {
    case LEAF: expr = input(f, t->column, &lt_type_boolean); break;
    case NOT: expr = CALL(f, "NOT", parts[0]); break;
    case TEST: expr = CALL(f, t->test, parts[0]); break;
    default:
        expr = node(f, t->kind == AND ? LT_EXPR_AND : LT_EXPR_OR, &lt_type_boolean, t->n);
        memcpy(expr->args, parts, t->n * sizeof(*parts));
        break;
    }
    return t->lazy ? CALL(f, "IF", CALL(f, "IS TRUE", vb(f, "TRUE")), expr, expr) : expr;
}

static enum truth test_truth(const char *test, enum truth x)
{
    bool wants_not = strstr(test, "NOT") != NULL;
    enum truth wanted = strstr(test, "NULL") ? IS_NULL : strstr(test, "TRUE") ? IS_TRUE : IS_FALSE;
    return (x == wanted) != wants_not ? IS_TRUE : IS_FALSE;
}

static enum truth tree_truth(const struct tree *t, struct lt_column *const *cols, uint32_t row)
{
    if (t->kind == LEAF) {
        struct lt_cell cell = lt_column_cell(cols[t->column], row);
        return cell.null ? IS_NULL : ((int8_t *)cell.col->values)[cell.lane] ? IS_TRUE : IS_FALSE;
    }
    enum truth all = tree_truth(t->parts[0], cols, row);
    if (t->kind == NOT)
        return all == IS_NULL ? IS_NULL : all == IS_TRUE ? IS_FALSE : IS_TRUE;
    if (t->kind == TEST)
        return test_truth(t->test, all);
    enum truth decisive = t->kind == AND ? IS_FALSE : IS_TRUE;
    for (uint32_t i = 1; i < t->n; i++) {
        enum truth part = tree_truth(t->parts[i], cols, row);
        if (all == decisive || part == decisive)
            all = decisive;
        else if (part == IS_NULL)
            all = IS_NULL;
    }
    return all;
}

static struct lt_column *boolean_flat(struct fixture *f, uint32_t len, uint64_t *seed)
{
    struct lt_column *col = hold(f, lt_column_new(f->pool, &lt_type_boolean, len));
    uint64_t nulls = test_random(seed) % 3;
    for (uint32_t i = 0; i < len; i++) {
        uint64_t r = test_random(seed) % 8;
        if (nulls && r < nulls) {
            assert_int_equal(lt_column_own_validity(col), LT_OK);
            lt_column_set_null(col, i);
        } else {
            ((int8_t *)col->values)[i] = r % 2;
        }
    }
    return col;
}

static struct lt_column *boolean_random(struct fixture *f, uint32_t len, uint64_t *seed)
{
    uint32_t codes[LEN_MAX];
    struct lt_column *col;
    switch (test_random(seed) % 6) {
    case 0:
        col = hold(f, lt_column_new_constant(f->pool, &lt_type_boolean, len));
        ((int8_t *)col->values)[0] = test_random(seed) % 2;
        return col;
    case 1: return hold(f, lt_column_new_null(f->pool, &lt_type_boolean, len));
    case 2:
        col = boolean_flat(f, 5, seed);
        for (uint32_t i = 0; i < len; i++)
            codes[i] = (uint32_t)(test_random(seed) % 5);
        return hold(f, lt_column_new_dictionary(f->pool, col, codes, len));
    default: return boolean_flat(f, len, seed);
    }
}

static struct lt_batch batch_random(struct fixture *f, struct lt_column **cols, uint16_t *sel,
                                    uint64_t *seed)
{
    uint32_t len = 1 + (uint32_t)(test_random(seed) % LEN_MAX);
    struct lt_batch batch = {.len = len, .n_sel = len, .n_columns = COLUMNS, .columns = cols};
    for (uint32_t c = 0; c < COLUMNS; c++)
        cols[c] = boolean_random(f, len, seed);
    if (test_random(seed) % 2) {
        batch.sel = sel;
        batch.n_sel = 0;
        for (uint32_t i = 0; i < len; i++) {
            if (test_random(seed) % 3)
                sel[batch.n_sel++] = (uint16_t)i;
        }
    }
    return batch;
}

static void check_value(struct fixture *f, const struct tree *tree, struct lt_expr *expr,
                        const struct lt_batch *batch)
{
    struct lt_program *program;
    struct lt_column *out;
    assert_int_equal(lt_program_open(&f->alloc, f->pool, NULL, 1, &expr, &program, &f->err), LT_OK);
    assert_int_equal(lt_program_run(program, batch, &out, &f->err), LT_OK);
    for (uint32_t k = 0; k < batch->n_sel; k++) {
        uint32_t row = lt_batch_row(batch, k);
        struct lt_cell cell = lt_column_cell(out, row);
        enum truth value = cell.null                                 ? IS_NULL
                           : ((int8_t *)cell.col->values)[cell.lane] ? IS_TRUE
                                                                     : IS_FALSE;
        assert_int_equal(value, tree_truth(tree, batch->columns, row));
    }
    lt_column_unref(out);
    lt_program_close(program);
}

static void check_filter(struct fixture *f, const struct tree *tree, struct lt_expr *filter,
                         const struct tree *other, struct lt_expr *expr,
                         const struct lt_batch *batch)
{
    struct lt_program *program;
    struct lt_column *out = NULL;
    const uint16_t *sel;
    uint32_t n_sel, n = 0;
    assert_int_equal(lt_program_open(&f->alloc, f->pool, filter, 1, &expr, &program, &f->err),
                     LT_OK);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(lt_program_select(program, batch, &out, &sel, &n_sel, &f->err), LT_OK);
        n = 0;
        for (uint32_t k = 0; k < batch->n_sel; k++) {
            uint32_t row = lt_batch_row(batch, k);
            if (tree_truth(tree, batch->columns, row) != IS_TRUE)
                continue;
            assert_true(n < n_sel);
            assert_int_equal(sel ? sel[n] : n, row);
            enum truth value = tree_truth(other, batch->columns, row);
            struct lt_cell cell = lt_column_cell(out, row);
            assert_int_equal(cell.null, value == IS_NULL);
            if (!cell.null)
                assert_int_equal(((int8_t *)cell.col->values)[cell.lane], value == IS_TRUE);
            n++;
        }
        assert_int_equal(n, n_sel);
        if (n_sel > 0)
            lt_column_unref(out);
    }
    lt_program_close(program);
}

static void test_random_conditions(void **state)
{
    uint64_t seed = 20240501;
    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct fixture f;
        struct lt_column *cols[COLUMNS];
        uint16_t sel[LEN_MAX];
        fixture_open(&f);
        struct lt_batch batch = batch_random(&f, cols, sel, &seed);
        const struct tree *tree = tree_random(&f, &seed, 1 + (int)(seed % DEPTH_MAX));
        const struct tree *other = seed % 2 ? tree : tree_random(&f, &seed, 2);
        struct lt_expr *expr = tree_expr(&f, tree), *projected = tree_expr(&f, other);
        check_value(&f, tree, expr, &batch);
        check_filter(&f, tree, expr, other, projected, &batch);
        fixture_close(&f);
    }
}

/* A row that a conjunct excludes cannot fail in a later one, nor in what is projected. */
static void test_excluded_rows_do_not_fail(void **state)
{
    static const char *const numbers[] = {"4", "0", NULL, "2", "-2"};
    struct fixture f;
    struct lt_program *program;
    struct lt_column *out;
    const uint16_t *sel;
    uint32_t n_sel;
    (void)state;
    fixture_open(&f);
    struct lt_column *cols[1] = {column(&f, &lt_type_int, 5, numbers)};
    struct lt_batch batch = {.len = 5, .n_sel = 5, .n_columns = 1, .columns = cols};
    struct lt_expr *x = input(&f, 0, &lt_type_int), *one = vi(&f, "1");
    struct lt_expr *quotient = CALL(&f, "/", vi(&f, "8"), x);
    struct lt_expr *filter = node(&f, LT_EXPR_AND, &lt_type_boolean, 2);
    filter->args[0] = CALL(&f, "<>", x, vi(&f, "0"));
    filter->args[1] = CALL(&f, ">", quotient, one);
    struct lt_expr *exprs[1] = {CALL(&f, "/", quotient, CALL(&f, "-", x, vi(&f, "-2")))};
    assert_int_equal(lt_program_open(&f.alloc, f.pool, filter, 1, exprs, &program, &f.err), LT_OK);
    assert_int_equal(lt_program_select(program, &batch, &out, &sel, &n_sel, &f.err), LT_OK);
    assert_int_equal(n_sel, 2);
    assert_int_equal(sel[0], 0);
    assert_int_equal(sel[1], 3);
    assert_int_equal(((int32_t *)out->values)[0], 0);
    assert_int_equal(((int32_t *)out->values)[3], 1);
    lt_column_unref(out);
    lt_program_close(program);
    filter->args[0] = CALL(&f, "<>", x, one);
    assert_int_equal(lt_program_open(&f.alloc, f.pool, filter, 1, exprs, &program, &f.err), LT_OK);
    assert_int_equal(lt_program_select(program, &batch, &out, &sel, &n_sel, &f.err), LT_DATA);
    lt_program_close(program);
    fixture_close(&f);
}

static struct lt_column *value_random(struct fixture *f, const struct lt_type *type, uint32_t len,
                                      uint64_t *seed)
{
    uint32_t codes[LEN_MAX];
    struct lt_column *col;
    switch (test_random(seed) % 6) {
    case 0:
        col = hold(f, lt_column_new_constant(f->pool, type, len));
        if (type->kind == LT_TYPE_BIGINT)
            ((int64_t *)col->values)[0] = 7;
        return col;
    case 1: return hold(f, lt_column_new_null(f->pool, type, len));
    case 2:
        col = hold(f, test_column(f->pool, type, 5, seed));
        for (uint32_t i = 0; i < len; i++)
            codes[i] = (uint32_t)(test_random(seed) % 5);
        return hold(f, lt_column_new_dictionary(f->pool, col, codes, len));
    case 3: /* without a NULL */
        return hold(f, lt_column_new(f->pool, type, len));
    default: return hold(f, test_column(f->pool, type, len, seed));
    }
}

/* CASE WHEN when[0] THEN cols[COLUMNS] WHEN when[1] THEN cols[COLUMNS + 1] ELSE the last. */
static void check_case(struct fixture *f, const struct lt_type *type, const struct tree **when,
                       const struct lt_batch *batch)
{
    struct lt_program *program;
    struct lt_column *out;
    struct lt_expr *expr = node(f, LT_EXPR_CASE, type, 5);
    for (uint32_t b = 0; b < 3; b++) {
        if (b < 2)
            expr->args[2 * b] = tree_expr(f, when[b]);
        expr->args[b < 2 ? 2 * b + 1 : 4] = input(f, COLUMNS + b, type);
    }
    assert_int_equal(lt_program_open(&f->alloc, f->pool, NULL, 1, &expr, &program, &f->err), LT_OK);
    assert_int_equal(lt_program_run(program, batch, &out, &f->err), LT_OK);
    for (uint32_t k = 0; k < batch->n_sel; k++) {
        uint32_t row = lt_batch_row(batch, k), branch = 0;
        while (branch < 2 && tree_truth(when[branch], batch->columns, row) != IS_TRUE)
            branch++;
        assert_true(lt_cell_equal(lt_column_cell(out, row),
                                  lt_column_cell(batch->columns[COLUMNS + branch], row)));
    }
    lt_column_unref(out);
    lt_program_close(program);
}

static void test_random_cases(void **state)
{
    uint64_t seed = 20240502;
    (void)state;
    for (int round = 0; round < 2000; round++) {
        struct fixture f;
        struct lt_column *cols[COLUMNS + 3];
        const struct lt_type *types[TEST_TYPES_MAX];
        uint16_t sel[LEN_MAX];
        fixture_open(&f);
        assert_true(test_types(&f.arena, types));
        uint32_t n = 0;
        while (types[n])
            n++;
        const struct lt_type *type = types[test_random(&seed) % n];
        if (type->kind == LT_TYPE_NULL)
            type = &lt_type_bigint;
        struct lt_batch batch = batch_random(&f, cols, sel, &seed);
        for (uint32_t b = 0; b < 3; b++)
            cols[COLUMNS + b] = value_random(&f, type, batch.len, &seed);
        batch.n_columns = COLUMNS + 3;
        const struct tree *when[2] = {tree_random(&f, &seed, 1), tree_random(&f, &seed, 2)};
        check_case(&f, type, when, &batch);
        fixture_close(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_conditions),
        cmocka_unit_test(test_random_cases),
        cmocka_unit_test(test_excluded_rows_do_not_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
