/* test_column.c -- columns in every encoding: picked, flattened, sliced, copied,
 * hashed and written as bytes, compared row by row with where they came from. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/hash.h"
#include "data/value.h"
#include "tests/unit/hooks.h"
#include "tests/unit/data/support.h"

static void check_column(const struct lt_column *col, uint32_t len)
{
    const char *fault = lt_column_fault(col);
    if (fault)
        fail_msg("%s", fault);
    assert_int_equal(col->len, len);
}

static void check_same_row(const struct lt_column *a, uint32_t row_a, const struct lt_column *b,
                           uint32_t row_b)
{
    assert_true(lt_cell_equal(lt_column_cell(a, row_a), lt_column_cell(b, row_b)));
    assert_int_equal(lt_column_is_null(a, row_a), lt_column_is_null(b, row_b));
}

/* The column as it is, as a constant of one of its rows, and as a dictionary with
 * NULL codes: the same `len` for all three. */
enum { ENCODINGS = 3, ROWS = 150 };
static lt_status encodings(struct lt_pool *pool, const struct lt_type *type, uint64_t *seed,
                           struct lt_column *out[ENCODINGS])
{
    uint32_t codes[ROWS];
    memset(out, 0, ENCODINGS * sizeof(*out));
    out[0] = test_column(pool, type, ROWS, seed);
    if (!out[0])
        return LT_NOMEM;
    out[1] = lt_column_new_constant(pool, type, ROWS);
    if (!out[1])
        return LT_NOMEM;
    LT_TRY(lt_column_copy_cell(out[1], 0, lt_column_cell(out[0], 3)));
    for (uint32_t i = 0; i < ROWS; i++)
        codes[i] = (uint32_t)(test_random(seed) % ROWS);
    out[2] = lt_column_new_dictionary(pool, out[0], codes, ROWS);
    if (!out[2])
        return LT_NOMEM;
    LT_TRY(lt_column_own_validity(out[2]));
    for (uint32_t i = 0; i < ROWS; i += 7) {
        lt_column_set_null(out[2], i);
        ((uint32_t *)out[2]->values)[i] = 0;
    }
    return LT_OK;
}

static lt_status check_take(struct lt_pool *pool, struct lt_column *col, uint64_t *seed)
{
    uint32_t rows[ROWS * 2];
    struct lt_column *taken;
    for (uint32_t n = 0; n <= ROWS * 2; n += 50)
        for (int share = 0; share < 2; share++) {
            for (uint32_t i = 0; i < n; i++)
                rows[i] = (uint32_t)(test_random(seed) % col->len);
            LT_TRY(lt_column_take(pool, col, rows, n, share, &taken));
            check_column(taken, n);
            for (uint32_t i = 0; i < n; i++)
                check_same_row(taken, i, col, rows[i]);
            lt_column_unref(taken);
        }
    return LT_OK;
}

static lt_status check_flatten(struct lt_pool *pool, struct lt_column *col)
{
    struct lt_column *flat;
    LT_TRY(lt_column_flatten(pool, col, &flat));
    check_column(flat, col->len);
    assert_int_equal(flat->encoding, LT_FLAT);
    for (uint32_t i = 0; i < col->len; i++)
        check_same_row(flat, i, col, i);
    lt_column_unref(flat);
    return LT_OK;
}

static lt_status check_slice(struct lt_pool *pool, struct lt_column *col)
{
    static const uint32_t froms[] = {0, 1, 63, 64, 100, ROWS};
    for (size_t i = 0; i < LT_ARRAY_LEN(froms); i++) {
        struct lt_column *slice, *again;
        uint32_t len = (ROWS - froms[i]) / 2 + (i % 2 ? (ROWS - froms[i] + 1) / 2 : 0);
        LT_TRY(lt_column_slice(pool, col, froms[i], len, &slice));
        check_column(slice, len);
        for (uint32_t row = 0; row < len; row++)
            check_same_row(slice, row, col, froms[i] + row);
        lt_status status = lt_column_flatten(pool, slice, &again); /* of a slice */
        if (status == LT_OK)
            check_column(again, len);
        for (uint32_t row = 0; status == LT_OK && row < len; row++)
            check_same_row(again, row, col, froms[i] + row);
        if (status == LT_OK)
            lt_column_unref(again);
        lt_column_unref(slice);
        LT_TRY(status);
    }
    return LT_OK;
}

static lt_status check_copy_and_code(struct lt_pool *pool, struct lt_column *col)
{
    struct lt_column *copy = lt_column_new(pool, col->type, col->len);
    struct lt_column *read = lt_column_new(pool, col->type, col->len);
    struct lt_buf bytes;
    lt_status status = copy && read ? LT_OK : LT_NOMEM;
    struct lt_alloc plain; /* not the one that fails */
    lt_alloc_init_root(&plain, NULL, "bytes", SIZE_MAX);
    lt_buf_init(&bytes, &plain);
    for (uint32_t i = 0; status == LT_OK && i < col->len; i += 1 + (i % 3 == 0)) {
        struct lt_cell cell = lt_column_cell(col, i);
        status = lt_column_copy_cell(copy, i, cell);
        lt_buf_clear(&bytes);
        lt_cell_encode_exact(&bytes, cell);
        const char *at = bytes.data, *end = bytes.data + bytes.len;
        if (status == LT_OK)
            status = lt_cell_decode(read, i, &at, end);
        if (status != LT_OK)
            break;
        assert_ptr_equal(at, end);
        check_same_row(copy, i, col, i);
        check_same_row(read, i, col, i);
        assert_true(lt_cell_hash(lt_column_cell(copy, i), 0) == lt_cell_hash(cell, 0));
    }
    if (status == LT_OK) {
        lt_column_seal(copy); /* rows were left out */
        lt_column_seal(read);
        check_column(copy, col->len);
        check_column(read, col->len);
    }
    lt_buf_close(&bytes);
    lt_column_unref(copy);
    lt_column_unref(read);
    return status;
}

static void check_hash(const struct lt_column *col)
{
    static uint64_t all[ROWS], some[ROWS], mixed[ROWS];
    uint16_t sel[ROWS];
    uint32_t n = 0;
    for (uint32_t i = 0; i < ROWS; i += 3)
        sel[n++] = (uint16_t)i;
    lt_hash_column(col, NULL, ROWS, all, false);
    for (uint32_t i = 0; i < ROWS; i++)
        assert_true(all[i] == lt_cell_hash(lt_column_cell(col, i), 0));
    lt_hash_column(col, sel, n, some, false);
    memcpy(mixed, some, sizeof(mixed));
    lt_hash_column(col, sel, n, mixed, true);
    for (uint32_t i = 0; i < n; i++) {
        assert_true(some[i] == all[sel[i]]);
        assert_true(mixed[i] == lt_cell_hash(lt_column_cell(col, sel[i]), some[i]));
    }
}

static lt_status everything(struct lt_pool *pool, const struct lt_type *type, uint64_t seed)
{
    struct lt_column *cols[ENCODINGS];
    lt_status status = encodings(pool, type, &seed, cols);
    for (int i = 0; status == LT_OK && i < ENCODINGS; i++) {
        check_column(cols[i], ROWS);
        status = check_take(pool, cols[i], &seed);
        status = status == LT_OK ? check_flatten(pool, cols[i]) : status;
        status = status == LT_OK ? check_slice(pool, cols[i]) : status;
        status = status == LT_OK ? check_copy_and_code(pool, cols[i]) : status;
        if (status == LT_OK)
            check_hash(cols[i]);
    }
    for (int i = 0; i < ENCODINGS; i++)
        lt_column_unref(cols[i]);
    return status;
}

static void test_every_type(void **state)
{
    (void)state;
    struct lt_alloc alloc;
    struct lt_arena arena;
    struct lt_pool *pool;
    const struct lt_type *types[TEST_TYPES_MAX];
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    lt_arena_init(&arena, &alloc);
    assert_true(test_types(&arena, types));
    assert_int_equal(lt_pool_open(&alloc, &pool), LT_OK);
    for (int i = 0; types[i]; i++)
        for (uint64_t seed = 1; seed < 6; seed++)
            assert_int_equal(everything(pool, types[i], seed), LT_OK);
    lt_pool_close(pool);
    lt_arena_close(&arena);
    lt_alloc_close(&alloc);
}

/* All that was done above with each allocation failing in turn. */
static bool column_body(struct lt_alloc *alloc, const struct lt_type *type)
{
    struct lt_pool *pool;
    if (lt_pool_open(alloc, &pool) != LT_OK)
        return false;
    lt_status status = everything(pool, type, 42);
    lt_pool_close(pool);
    assert_true(status == LT_OK || status == LT_NOMEM);
    return status == LT_OK;
}

static void test_no_memory(void **state)
{
    (void)state;
    struct lt_alloc types_alloc;
    struct lt_arena arena;
    const struct lt_type *types[TEST_TYPES_MAX];
    lt_alloc_init_root(&types_alloc, NULL, "types", SIZE_MAX);
    lt_arena_init(&arena, &types_alloc);
    assert_true(test_types(&arena, types));
    for (int i = 0; types[i]; i++)
        TEST_EVERY_ALLOCATION(column_body, types[i]);
    lt_arena_close(&arena);
    lt_alloc_close(&types_alloc);
}

static bool types_body(struct lt_alloc *alloc, void *arg)
{
    (void)arg;
    struct lt_arena arena, copies;
    const struct lt_type *types[TEST_TYPES_MAX];
    lt_arena_init(&arena, alloc);
    lt_arena_init(&copies, alloc);
    bool ok = test_types(&arena, types);
    for (int i = 0; ok && types[i]; i++) {
        const struct lt_type *copy = lt_type_copy(&copies, types[i]);
        ok = copy != NULL;
        if (ok)
            assert_true(lt_type_equal(copy, types[i]));
    }
    lt_arena_close(&copies);
    lt_arena_close(&arena);
    return ok;
}

static void test_types_alone(void **state)
{
    (void)state;
    TEST_EVERY_ALLOCATION(types_body, NULL);
    struct lt_alloc alloc;
    struct lt_arena arena;
    struct lt_buf out;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    lt_arena_init(&arena, &alloc);
    lt_buf_init(&out, &alloc);
    const struct lt_str names[] = {LT_STR("a"), LT_STR("b`c")};
    const struct lt_str others[] = {LT_STR("x"), LT_STR("y")};
    const struct lt_type *fields[] = {&lt_type_int, &lt_type_string_not_null};
    const struct lt_type *nullables[] = {&lt_type_int, &lt_type_string};
    const struct lt_type *row = lt_type_row(&arena, 2, fields, names);
    const struct lt_type *map = lt_type_map(&arena, &lt_type_date, row);
    lt_type_print(&out, map);
    lt_buf_addc(&out, '|');
    lt_type_print(&out, lt_type_with_null(&arena, lt_type_decimal(&arena, 10, 2), false));
    lt_buf_addc(&out, '|');
    lt_type_print(&out, lt_type_text(&arena, LT_TYPE_CHAR, 5));
    lt_buf_addc(&out, '|');
    lt_type_print(&out, &lt_type_ltz3);
    lt_buf_addc(&out, '|');
    lt_type_print(&out, &lt_type_bytes);
    assert_string_equal(out.data, "MAP<DATE, ROW<`a` INT, `b``c` STRING NOT NULL>>|"
                                  "DECIMAL(10, 2) NOT NULL|CHAR(5)|TIMESTAMP_LTZ(3)|BYTES");
    assert_true(lt_type_same(row, lt_type_row(&arena, 2, nullables, others)));
    assert_false(lt_type_equal(row, lt_type_row(&arena, 2, nullables, names)));
    assert_false(lt_type_equal(row, lt_type_row(&arena, 2, fields, others)));
    assert_false(lt_type_same(&lt_type_timestamp3, &lt_type_timestamp6));
    assert_false(lt_type_same(&lt_type_string, &lt_type_bytes));
    lt_buf_close(&out);
    lt_arena_close(&arena);
    lt_alloc_close(&alloc);
}

/* ---- order and canonical forms ------------------------------------------ */

static void test_doubles_are_canonical(void **state)
{
    (void)state;
    struct lt_alloc alloc;
    struct lt_pool *pool;
    struct lt_buf a, b;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    lt_buf_init(&a, &alloc);
    lt_buf_init(&b, &alloc);
    assert_int_equal(lt_pool_open(&alloc, &pool), LT_OK);
    struct lt_column *col = lt_column_new(pool, &lt_type_double, 5);
    struct lt_column *floats = lt_column_new(pool, &lt_type_float, 5);
    double *values = col->values;
    uint64_t odd_nan = UINT64_C(0xfff8000000000123);
    values[0] = 0.0, values[1] = -0.0, values[2] = (double)__builtin_nanf(""), values[4] = 1e308;
    memcpy(&values[3], &odd_nan, 8);
    for (int i = 0; i < 5; i++)
        ((float *)floats->values)[i] = (float)values[i];
    const struct lt_column *both[] = {col, floats};
    for (int k = 0; k < 2; k++) {
        uint64_t hashes[5];
        lt_hash_column(both[k], NULL, 5, hashes, false);
        assert_true(hashes[0] == hashes[1] && hashes[2] == hashes[3] && hashes[0] != hashes[2]);
        for (uint32_t i = 0; i < 4; i += 2) {
            assert_true(lt_cell_equal(lt_column_cell(both[k], i), lt_column_cell(both[k], i + 1)));
            lt_buf_clear(&a);
            lt_buf_clear(&b);
            lt_cell_encode(&a, lt_column_cell(both[k], i));
            lt_cell_encode(&b, lt_column_cell(both[k], i + 1));
            assert_true(lt_str_equal(lt_buf_str(&a), lt_buf_str(&b)));
        }
        assert_int_equal(lt_cell_compare(lt_column_cell(both[k], 2), lt_column_cell(both[k], 4)),
                         1);
    }
    lt_buf_clear(&a);
    lt_cell_encode_exact(&a, lt_column_cell(col, 1));
    const char *at = a.data;
    assert_int_equal(lt_cell_decode(col, 0, &at, a.data + a.len), LT_OK);
    assert_true(__builtin_signbit(values[0]));
    /* A word's hash is xxh3's, whatever the loop that makes it. */
    struct lt_column *words = lt_column_new(pool, &lt_type_bigint, 100);
    uint64_t seed = 12345, of_words[100];
    for (int i = 0; i < 100; i++)
        ((int64_t *)words->values)[i] = i < 3 ? i - 1 : (int64_t)test_random(&seed);
    lt_hash_column(words, NULL, 100, of_words, false);
    for (int i = 0; i < 100; i++)
        assert_true(of_words[i] == lt_hash_bytes((int64_t *)words->values + i, 8, 0));
    lt_column_unref(words);
    /* One value, one hash, whatever the width. */
    struct lt_column *narrow = lt_column_new(pool, &lt_type_tinyint, 1);
    struct lt_column *wide = lt_column_new(pool, &lt_type_bigint, 1);
    ((int8_t *)narrow->values)[0] = -5;
    ((int64_t *)wide->values)[0] = -5;
    assert_true(lt_cell_hash(lt_column_cell(narrow, 0), 0) ==
                lt_cell_hash(lt_column_cell(wide, 0), 0));
    lt_column_unref(narrow);
    lt_column_unref(wide);
    lt_column_unref(col);
    lt_column_unref(floats);
    lt_buf_close(&a);
    lt_buf_close(&b);
    lt_pool_close(pool);
    lt_alloc_close(&alloc);
}

static void test_text_order(void **state)
{
    (void)state;
    static const struct lt_str texts[] = {LT_STR(""),
                                          LT_STR("\0"),
                                          LT_STR("a"),
                                          LT_STR("a\0"),
                                          LT_STR("a\0b"),
                                          LT_STR("ab"),
                                          LT_STR("abcdefghijkl"),
                                          LT_STR("abcdefghijklm"),
                                          LT_STR("abcdefghijkm"),
                                          LT_STR("abce"),
                                          LT_STR("b"),
                                          LT_STR("\x7f"),
                                          LT_STR("\xc3\xa9"),
                                          LT_STR("\xe2\x82\xac and more than twelve"),
                                          LT_STR("\xf0\x9f\x98\x80")};
    for (size_t i = 0; i < LT_ARRAY_LEN(texts); i++)
        for (size_t k = 0; k < LT_ARRAY_LEN(texts); k++) {
            struct lt_sv a = lt_sv_of(texts[i].data, (uint32_t)texts[i].len);
            struct lt_sv b = lt_sv_of(texts[k].data, (uint32_t)texts[k].len);
            assert_int_equal(lt_sv_compare(&a, &b), (i > k) - (i < k));
            assert_int_equal(lt_sv_equal(&a, &b), i == k);
        }
}

/* Bytes that lie: cut short or changed, they are refused or read as some value. */
static void test_decode_hostile(void **state)
{
    (void)state;
    struct lt_alloc alloc;
    struct lt_arena arena;
    struct lt_pool *pool;
    struct lt_buf bytes;
    const struct lt_type *types[TEST_TYPES_MAX];
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    lt_arena_init(&arena, &alloc);
    lt_buf_init(&bytes, &alloc);
    assert_true(test_types(&arena, types));
    assert_int_equal(lt_pool_open(&alloc, &pool), LT_OK);
    for (int t = 0; types[t]; t++) {
        uint64_t seed = 77 + (uint64_t)t;
        struct lt_column *col = test_column(pool, types[t], 20, &seed);
        for (uint32_t row = 0; row < 20; row++) {
            lt_buf_clear(&bytes);
            lt_cell_encode(&bytes, lt_column_cell(col, row));
            for (size_t cut = 0; cut < bytes.len; cut++) {
                struct lt_column *to = lt_column_new(pool, types[t], 2);
                char *exact = malloc(cut + 1);
                memcpy(exact, bytes.data, cut);
                const char *at = exact;
                assert_int_equal(lt_cell_decode(to, 0, &at, exact + cut), LT_CORRUPT);
                free(exact);
                bytes.data[cut] = (char)(bytes.data[cut] ^ (1 << (cut % 8)));
                at = bytes.data;
                (void)!lt_cell_decode(to, 1, &at, bytes.data + bytes.len);
                bytes.data[cut] = (char)(bytes.data[cut] ^ (1 << (cut % 8)));
                lt_column_seal(to);
                assert_null(lt_column_fault(to));
                lt_column_unref(to);
            }
        }
        lt_column_unref(col);
    }
    lt_buf_close(&bytes);
    lt_pool_close(pool);
    lt_arena_close(&arena);
    lt_alloc_close(&alloc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types_alone), cmocka_unit_test(test_every_type),
        cmocka_unit_test(test_no_memory),   cmocka_unit_test(test_doubles_are_canonical),
        cmocka_unit_test(test_text_order),  cmocka_unit_test(test_decode_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
