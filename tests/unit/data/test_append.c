/* test_append.c -- columns appended have the rows of their parts, of every type and encoding. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/hooks.h"
#include "tests/unit/data/support.h"

enum { PARTS_MAX = 5, ROWS_MAX = 150 };

/* `flat`, or a dictionary over it, or a constant; takes the reference. */
static lt_status encode(struct lt_pool *pool, struct lt_column *flat, uint64_t *seed,
                        struct lt_column **out)
{
    uint32_t codes[ROWS_MAX], len = flat->len;
    unsigned how = len > 0 && flat->phys < LT_PHYS_LIST ? (unsigned)(test_random(seed) % 3) : 0;
    lt_status status = LT_OK;
    *out = how == 0 ? lt_column_ref(flat) : NULL;
    for (uint32_t i = 0; i < len; i++)
        codes[i] = (uint32_t)(test_random(seed) % len);
    if (how == 1)
        *out = lt_column_new_dictionary(pool, flat, codes, len);
    else if (how == 2)
        *out = lt_column_new_constant(pool, flat->type, len);
    if (how == 2 && *out)
        status = lt_column_copy_cell(*out, 0, lt_column_cell(flat, 0));
    if (status != LT_OK) {
        lt_column_unref(*out);
        *out = NULL;
    }
    lt_column_unref(flat);
    return *out ? LT_OK : LT_NOMEM;
}

static lt_status make_parts(struct lt_pool *pool, const struct lt_type *type, uint64_t *seed,
                            struct lt_column **parts, uint32_t *n)
{
    uint32_t want = 1 + (uint32_t)(test_random(seed) % PARTS_MAX);
    for (*n = 0; *n < want; ++*n) {
        uint32_t rows = (uint32_t)(test_random(seed) % ROWS_MAX);
        struct lt_column *flat = test_column(pool, type, rows, seed);
        if (!flat)
            return LT_NOMEM;
        lt_column_seal(flat);
        LT_TRY(encode(pool, flat, seed, &parts[*n]));
    }
    return LT_OK;
}

static void compare(struct lt_column *whole, struct lt_column *const *parts, uint32_t n)
{
    uint32_t at = 0;
    assert_int_equal(whole->encoding, LT_FLAT);
    assert_null(lt_column_fault(whole));
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t row = 0; row < parts[i]->len; row++, at++)
            assert_true(lt_cell_equal(lt_column_cell(whole, at), lt_column_cell(parts[i], row)));
    assert_int_equal(whole->len, at);
}

/* All parts; then the last one taken off and put on again, as after a failure. */
static lt_status append(struct lt_column *whole, struct lt_column *const *parts, uint32_t n)
{
    uint32_t before = 0;
    for (uint32_t i = 0; i < n; i++) {
        before = whole->len;
        LT_TRY(lt_column_append(whole, parts[i]));
    }
    compare(whole, parts, n);
    LT_TRY(lt_column_resize(whole, before));
    LT_TRY(lt_column_append(whole, parts[n - 1]));
    compare(whole, parts, n);
    return LT_OK;
}

static lt_status run(struct lt_pool *pool, const struct lt_type *type, uint64_t *seed)
{
    struct lt_column *parts[PARTS_MAX], *whole = NULL;
    uint32_t n;
    lt_status status = make_parts(pool, type, seed, parts, &n);
    if (status == LT_OK)
        whole = lt_column_new(pool, type, 0);
    if (status == LT_OK)
        status = whole ? append(whole, parts, n) : LT_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        lt_column_unref(parts[i]);
    if (status == LT_OK)
        assert_null(lt_column_fault(whole)); /* its text is its own */
    lt_column_unref(whole);
    return status;
}

struct types {
    struct lt_alloc alloc;
    struct lt_arena arena;
    const struct lt_type *list[TEST_TYPES_MAX];
};

static void types_open(struct types *types)
{
    lt_alloc_init_root(&types->alloc, NULL, "types", SIZE_MAX);
    lt_arena_init(&types->arena, &types->alloc);
    assert_true(test_types(&types->arena, types->list));
}

static void types_close(struct types *types)
{
    lt_arena_close(&types->arena);
    lt_alloc_close(&types->alloc);
}

static void test_all_types(void **state)
{
    (void)state;
    struct types types;
    struct lt_pool *pool;
    uint64_t seed = 4711;
    types_open(&types);
    assert_int_equal(lt_pool_open(&types.alloc, &pool), LT_OK);
    for (unsigned t = 0; types.list[t]; t++)
        for (unsigned round = 0; round < 60; round++)
            assert_int_equal(run(pool, types.list[t], &seed), LT_OK);
    lt_pool_close(pool);
    types_close(&types);
}

static bool run_body(struct lt_alloc *alloc, const struct lt_type *type)
{
    struct lt_pool *pool;
    uint64_t seed = 42;
    if (lt_pool_open(alloc, &pool) != LT_OK)
        return false;
    lt_status status = run(pool, type, &seed);
    lt_pool_close(pool);
    assert_true(status == LT_OK || status == LT_NOMEM);
    return status == LT_OK;
}

static void test_no_memory(void **state)
{
    (void)state;
    struct types types;
    types_open(&types);
    for (int i = 0; types.list[i]; i++)
        TEST_EVERY_ALLOCATION(run_body, types.list[i]);
    types_close(&types);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_types),
                                       cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
