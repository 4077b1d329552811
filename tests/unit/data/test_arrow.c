/* test_arrow.c -- batches out to Arrow and back, and arrays that others might make. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "data/arrow.h"
#include "data/value.h"
#include "tests/unit/hooks.h"
#include "tests/unit/data/support.h"

enum { ROWS = 100 };

/* One column of each type, sliced so that nothing starts at row 0. */
static lt_status make_columns(struct lt_pool *pool, const struct lt_type **types,
                              struct lt_column **columns, uint32_t *n)
{
    uint64_t seed = 3;
    for (*n = 0; types[*n]; ++*n) {
        struct lt_column *whole = test_column(pool, types[*n], ROWS + 7, &seed);
        if (!whole)
            return LT_NOMEM;
        lt_status status = lt_column_slice(pool, whole, 7, ROWS, &columns[*n]);
        lt_column_unref(whole);
        LT_TRY(status);
    }
    return LT_OK;
}

static struct lt_schema schema_of(struct lt_arena *arena, const struct lt_type **types)
{
    struct lt_schema schema = {0};
    while (types[schema.len])
        schema.len++;
    schema.fields = LT_ARENA_ARRAY(arena, struct lt_field, schema.len);
    for (uint32_t i = 0; schema.fields && i < schema.len; i++)
        schema.fields[i] = (struct lt_field){LT_STR("f"), types[i]};
    return schema;
}

static void check_equal(const struct lt_batch *batch, struct lt_column **columns)
{
    for (uint32_t i = 0; i < batch->n_columns; i++) {
        const char *fault = lt_column_fault(columns[i]);
        if (fault)
            fail_msg("column %u: %s", i, fault);
        assert_int_equal(columns[i]->len, batch->n_sel);
        for (uint32_t row = 0; row < batch->n_sel; row++)
            assert_true(lt_cell_equal(lt_column_cell(columns[i], row),
                                      lt_column_cell(batch->columns[i], lt_batch_row(batch, row))));
    }
}

/* types, pool: not under the allocator that fails, so that `alloc` alone does. */
static lt_status round_trip(struct lt_alloc *alloc, struct lt_pool *pool, struct lt_arena *arena,
                            const struct lt_batch *batch, const struct lt_schema *schema, bool copy)
{
    struct ArrowSchema arrow_schema;
    struct ArrowArray array;
    struct lt_column *back[TEST_TYPES_MAX];
    struct lt_schema types;
    struct lt_error err = {0};
    LT_TRY(lt_arrow_export_schema(alloc, schema, &arrow_schema));
    lt_status status = lt_arrow_export_batch(alloc, pool, batch, copy, &array);
    if (status == LT_OK) {
        status = lt_arrow_import_schema(arena, &arrow_schema, &types, &err);
        if (status == LT_OK)
            status = lt_arrow_import(alloc, pool, &arrow_schema, &types, &array, back, &err);
        assert_true((status == LT_OK) == (array.release == NULL));
        if (array.release)
            array.release(&array);
    }
    if (status == LT_OK) {
        check_equal(batch, back);
        for (uint32_t i = 0; i < schema->len; i++) {
            assert_int_equal(lt_type_phys(types.fields[i].type),
                             lt_type_phys(schema->fields[i].type));
            lt_column_unref(back[i]);
        }
    } else if (status != LT_NOMEM) {
        fail_msg("%s: %s", lt_status_name(status), err.message);
    }
    arrow_schema.release(&arrow_schema);
    return status;
}

static bool round_trip_body(struct lt_alloc *alloc, void *arg)
{
    bool copy = arg != NULL;
    struct lt_pool *pool = NULL;
    struct lt_arena arena;
    const struct lt_type *types[TEST_TYPES_MAX];
    struct lt_column *columns[TEST_TYPES_MAX] = {NULL};
    uint32_t n = 0;
    uint16_t sel[ROWS];
    lt_arena_init(&arena, alloc);
    lt_status status = test_types(&arena, types) ? LT_OK : LT_NOMEM;
    if (status == LT_OK)
        status = lt_pool_open(alloc, &pool);
    if (status == LT_OK)
        status = make_columns(pool, types, columns, &n);
    struct lt_schema schema = {0};
    if (status == LT_OK) {
        schema = schema_of(&arena, types);
        status = schema.fields ? LT_OK : LT_NOMEM;
    }
    struct lt_batch batch = {.len = ROWS, .n_sel = ROWS, .n_columns = n, .columns = columns};
    if (status == LT_OK)
        status = round_trip(alloc, pool, &arena, &batch, &schema, copy);
    for (batch.n_sel = 0; batch.n_sel < ROWS / 2; batch.n_sel++)
        sel[batch.n_sel] = (uint16_t)(2 * batch.n_sel + 1);
    batch.sel = sel;
    if (status == LT_OK)
        status = round_trip(alloc, pool, &arena, &batch, &schema, copy);
    for (uint32_t i = 0; i < TEST_TYPES_MAX; i++)
        lt_column_unref(columns[i]);
    lt_pool_close(pool);
    lt_arena_close(&arena);
    return status == LT_OK;
}

static void test_round_trip(void **state)
{
    (void)state;
    TEST_EVERY_ALLOCATION(round_trip_body, NULL);
    TEST_EVERY_ALLOCATION(round_trip_body, "copy");
}

/* An export by copy outlives pool and database; children may be released apart. */
static void test_outlives(void **state)
{
    (void)state;
    struct lt_alloc db, own;
    struct lt_pool *pool;
    struct ArrowArray array, child;
    lt_alloc_init_root(&db, NULL, "db", SIZE_MAX);
    lt_alloc_init_root(&own, NULL, "export", SIZE_MAX);
    assert_int_equal(lt_pool_open(&db, &pool), LT_OK);
    struct lt_column *cols[2] = {lt_column_new(pool, &lt_type_bigint, 3),
                                 lt_column_new_constant(pool, &lt_type_string, 3)};
    ((int64_t *)cols[0]->values)[2] = 42;
    assert_int_equal(lt_column_put_str(cols[1], 0, LT_STR("constant text, thrice")), LT_OK);
    struct lt_batch batch = {.len = 3, .n_sel = 3, .n_columns = 2, .columns = cols};
    assert_int_equal(lt_arrow_export_batch(&own, pool, &batch, true, &array), LT_OK);
    lt_column_unref(cols[0]);
    lt_column_unref(cols[1]);
    lt_pool_close(pool);
    lt_alloc_close(&db);
    assert_int_equal(atomic_load(&db.used_bytes), 0);
    child = *array.children[1];
    array.children[1]->release = NULL; /* moved out */
    assert_int_equal(((const int64_t *)array.children[0]->buffers[1])[2], 42);
    array.release(&array);
    assert_null(array.release);
    assert_int_equal(((const int32_t *)child.buffers[1])[3], 63);
    assert_memory_equal((const char *)child.buffers[2] + 42, "constant text, thrice", 21);
    child.release(&child);
    lt_alloc_close(&own);
}

/* ---- arrays by hand ---------------------------------------------------------- */

static int released;
static void count_release(struct ArrowArray *array)
{
    released++;
    array->release = NULL;
}

struct hand {
    struct ArrowSchema schema, field, *fields[1], item, *items[1];
    struct ArrowArray array, column, *columns[1], element, *elements[1];
    const void *buffers[3], *element_buffers[3], *none[1];
};

static void hand_make(struct hand *hand, const char *format, int64_t len, int64_t offset)
{
    memset(hand, 0, sizeof(*hand));
    hand->fields[0] = &hand->field;
    hand->columns[0] = &hand->column;
    hand->schema = (struct ArrowSchema){.format = "+s", .n_children = 1, .children = hand->fields};
    hand->field = (struct ArrowSchema){.format = format, .name = "f", .flags = 2};
    hand->array = (struct ArrowArray){.length = len,
                                      .n_buffers = 1,
                                      .buffers = hand->none,
                                      .n_children = 1,
                                      .children = hand->columns,
                                      .release = count_release};
    hand->column = (struct ArrowArray){.length = len,
                                       .null_count = -1,
                                       .offset = offset,
                                       .n_buffers = 2,
                                       .buffers = hand->buffers};
}

static lt_status hand_import(struct hand *hand, struct lt_alloc *alloc, struct lt_pool *pool,
                             struct lt_arena *arena, struct lt_column **out)
{
    static struct lt_error err;
    struct lt_schema types;
    lt_error_clear(&err);
    lt_status status = lt_arrow_import_schema(arena, &hand->schema, &types, &err);
    if (status == LT_OK)
        status = lt_arrow_import(alloc, pool, &hand->schema, &types, &hand->array, out, &err);
    if (status == LT_OK) {
        const char *fault = lt_column_fault(*out);
        if (fault)
            fail_msg("%s", fault);
    } else {
        assert_non_null(hand->array.release); /* still the caller's */
        assert_true(err.message[0]);
    }
    return status;
}

static void check_text(const struct lt_column *col, const char *expected)
{
    struct lt_alloc alloc;
    struct lt_buf buf;
    lt_alloc_init_root(&alloc, NULL, "text", SIZE_MAX);
    lt_buf_init(&buf, &alloc);
    for (uint32_t i = 0; i < col->len; i++) {
        lt_buf_adds(&buf, i ? "|" : "");
        lt_cell_print(&buf, lt_column_cell(col, i), &lt_tz_utc);
    }
    assert_string_equal(lt_buf_str(&buf).data, expected);
    lt_buf_close(&buf);
}

static struct lt_alloc test_alloc;
static struct lt_pool *test_pool;
static struct lt_arena test_arena; /* of the types, which outlive the columns */

static void expect_values(struct hand *hand, const char *expected)
{
    struct lt_column *col;
    released = 0;
    assert_int_equal(hand_import(hand, &test_alloc, test_pool, &test_arena, &col), LT_OK);
    check_text(col, expected);
    lt_column_unref(col);
    assert_int_equal(released, 1); /* exactly once, when the last column went */
}

static void test_by_hand(void **state)
{
    (void)state;
    struct hand hand;
    lt_alloc_init_root(&test_alloc, NULL, "test", SIZE_MAX);
    lt_arena_init(&test_arena, &test_alloc);
    assert_int_equal(lt_pool_open(&test_alloc, &test_pool), LT_OK);
    static const int64_t longs[] = {99, 1, 77, -3};
    static const int32_t ints[] = {1000, 2000, 3000};
    static const uint8_t bits[] = {0x0b}; /* rows 0, 1 and 3 */
    hand_make(&hand, "l", 3, 1);
    hand.buffers[0] = bits, hand.buffers[1] = longs;
    expect_values(&hand, "1|NULL|-3"); /* 77 lay under the NULL */
    hand_make(&hand, "l", 3, 0);
    hand.buffers[1] = longs;
    expect_values(&hand, "99|1|77");
    hand_make(&hand, "b", 4, 0);
    hand.buffers[0] = bits, hand.buffers[1] = bits;
    expect_values(&hand, "TRUE|TRUE|NULL|TRUE");
    hand_make(&hand, "tsm:", 2, 1);
    hand.buffers[1] = longs;
    expect_values(&hand, "1970-01-01 00:00:00.001|1970-01-01 00:00:00.077");
    hand_make(&hand, "tsn:Europe/Berlin", 1, 3);
    hand.buffers[1] = longs;
    expect_values(&hand, "1969-12-31 23:59:59.999999"); /* cut towards the past */
    hand_make(&hand, "tts", 3, 0);
    hand.buffers[1] = ints;
    expect_values(&hand, "00:16:40|00:33:20|00:50:00");
    static const int64_t large[] = {0, 2, 2, 17};
    hand_make(&hand, "U", 3, 0);
    hand.column.n_buffers = 3;
    hand.buffers[1] = large, hand.buffers[2] = "hithis is longer!";
    expect_values(&hand, "hi||this is longer!");
    static const int8_t codes[] = {1, 0, 1};
    hand_make(&hand, "c", 3, 0); /* a dictionary of two longs */
    hand.item = (struct ArrowSchema){.format = "l", .flags = 2};
    hand.field.dictionary = &hand.item;
    hand.element = (struct ArrowArray){
        .length = 2, .offset = 1, .n_buffers = 2, .buffers = hand.element_buffers};
    hand.element_buffers[1] = longs;
    hand.column.dictionary = &hand.element;
    hand.buffers[1] = codes;
    expect_values(&hand, "77|1|77");
    /* A list whose NULL row spans elements, which must not be seen. */
    static const int32_t offsets[] = {0, 1, 3, 4};
    static const uint8_t first_and_last[] = {0x05};
    hand_make(&hand, "+l", 3, 0);
    hand.item = (struct ArrowSchema){.format = "l", .flags = 2};
    hand.items[0] = &hand.item;
    hand.elements[0] = &hand.element;
    hand.field.n_children = hand.column.n_children = 1;
    hand.field.children = hand.items;
    hand.column.children = hand.elements;
    hand.element =
        (struct ArrowArray){.length = 4, .n_buffers = 2, .buffers = hand.element_buffers};
    hand.element_buffers[1] = longs;
    hand.buffers[0] = first_and_last, hand.buffers[1] = offsets;
    expect_values(&hand, "[99]|NULL|[-3]");
    hand_make(&hand, "l", 0, 0); /* empty, without any buffer */
    expect_values(&hand, "");
    lt_pool_close(test_pool);
    lt_arena_close(&test_arena);
    lt_alloc_close(&test_alloc);
}

static void expect_refused(struct hand *hand, lt_status expected)
{
    struct lt_column *col;
    assert_int_equal(hand_import(hand, &test_alloc, test_pool, &test_arena, &col), expected);
}

static void test_refused(void **state)
{
    (void)state;
    struct hand hand;
    lt_alloc_init_root(&test_alloc, NULL, "test", SIZE_MAX);
    lt_arena_init(&test_arena, &test_alloc);
    assert_int_equal(lt_pool_open(&test_alloc, &test_pool), LT_OK);
    static const int64_t longs[] = {INT64_MAX, 1, 77, -3};
    static const char *const formats[] = {"L",          "C",   "vu",  "+ud:0,1", "d:39,2", "d:5",
                                          "d:10,2,256", "w:4", "tdm", "",        "zz",     "tsx:"};
    for (size_t i = 0; i < LT_ARRAY_LEN(formats); i++) {
        hand_make(&hand, formats[i], 3, 0);
        hand.buffers[1] = longs;
        expect_refused(&hand, LT_UNSUPPORTED);
    }
    hand_make(&hand, "tss:", 3, 0); /* leaves 64 bits */
    hand.buffers[1] = longs;
    expect_refused(&hand, LT_DATA);
    hand_make(&hand, "l", 3, 0);
    expect_refused(&hand, LT_DATA); /* no buffer */
    hand_make(&hand, "l", 3, 0);
    hand.column.n_buffers = 1;
    expect_refused(&hand, LT_DATA);
    hand_make(&hand, "l", 3, 0);
    hand.column.length = 2; /* shorter than the batch */
    hand.buffers[1] = longs;
    expect_refused(&hand, LT_DATA);
    hand_make(&hand, "l", -1, 0);
    expect_refused(&hand, LT_DATA);
    hand_make(&hand, "l", 3, 0);
    hand.array.null_count = 1;
    expect_refused(&hand, LT_DATA);
    static const int32_t back[] = {0, 5, 3, 4};
    hand_make(&hand, "u", 3, 0);
    hand.column.n_buffers = 3;
    hand.buffers[1] = back, hand.buffers[2] = "abcdefg";
    expect_refused(&hand, LT_DATA);
    hand_make(&hand, "+l", 3, 0); /* a list without a child */
    expect_refused(&hand, LT_INVALID);
    lt_pool_close(test_pool);
    lt_arena_close(&test_arena);
    lt_alloc_close(&test_alloc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_outlives),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
