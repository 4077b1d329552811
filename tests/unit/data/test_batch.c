/* test_batch.c -- pools, kept and compacted batches, the builder, and threads. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>

#include "tests/unit/hooks.h"
#include "tests/unit/data/support.h"

/* ---- pool ---------------------------------------------------------------- */

static void test_pool_sizes(void **state)
{
    (void)state;
    struct lt_alloc alloc;
    struct lt_pool *pool;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(lt_pool_open(&alloc, &pool), LT_OK);
    for (size_t size = 0; size < 3000000; size += 1 + size / 7) {
        struct lt_buffer *buffer = lt_pool_buffer(pool, size);
        assert_non_null(buffer);
        assert_true(buffer->size >= size && (size < 64 || buffer->size <= size + size / 4));
        assert_int_equal((uintptr_t)buffer->data % 64, 0);
        memset(buffer->data, 1, buffer->size);
        lt_buffer_unref(buffer);
    }
    assert_null(lt_pool_buffer(pool, SIZE_MAX - 10));
    lt_buffer_unref(NULL);
    lt_pool_close(pool);
    lt_pool_close(NULL);
    lt_alloc_close(&alloc);
}

static void test_pool_outlives_close(void **state)
{
    (void)state;
    struct lt_alloc alloc;
    struct lt_pool *pool;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(lt_pool_open(&alloc, &pool), LT_OK);
    struct lt_column *col = lt_column_new(pool, &lt_type_string, 10);
    assert_int_equal(lt_column_put_str(col, 3, LT_STR("a text that needs the heap")), LT_OK);
    struct lt_buffer *buffer = lt_buffer_ref(col->buffers[0]);
    lt_pool_close(pool);
    struct lt_cell cell = lt_column_cell(col, 3);
    assert_true(lt_str_equal(lt_sv_str((const struct lt_sv *)cell.col->values + 3),
                             LT_STR("a text that needs the heap")));
    lt_column_unref(col);
    assert_true(atomic_load(&alloc.used_bytes) > 0);
    lt_buffer_unref(buffer);
    lt_alloc_close(&alloc); /* asserts that nothing is left */
    assert_int_equal(atomic_load(&alloc.used_bytes), 0);
}

/* A budget too small for what lies idle: it is given back and used anew. */
static void test_pool_gives_back(void **state)
{
    (void)state;
    struct lt_alloc alloc;
    struct lt_pool *pool;
    lt_alloc_init_root(&alloc, NULL, "test", 100000);
    assert_int_equal(lt_pool_open(&alloc, &pool), LT_OK);
    for (size_t size = 10000; size < 80000; size += 10000) {
        struct lt_buffer *buffer = lt_pool_buffer(pool, size);
        assert_non_null(buffer);
        lt_buffer_unref(buffer);
    }
    assert_null(lt_pool_buffer(pool, 200000));
    lt_pool_close(pool);
    lt_alloc_close(&alloc);
}

/* ---- builder -------------------------------------------------------------- */

static struct lt_field fields[] = {
    {.name = {"id", 2}, .type = &lt_type_bigint},
    {.name = {"name", 4}, .type = &lt_type_string},
    {.name = {"tags", 4}},
    {.name = {"row", 3}},
};
static struct lt_schema schema = {.len = LT_ARRAY_LEN(fields), .fields = fields};

static bool schema_make(struct lt_arena *arena)
{
    const struct lt_type *types[TEST_TYPES_MAX];
    if (!test_types(arena, types))
        return false;
    fields[2].type = types[13];
    fields[3].type = types[16];
    return true;
}

static lt_status build(struct lt_batch_builder *builder, uint32_t rows, uint64_t *seed,
                       struct lt_batch *batch)
{
    for (; builder->len < rows; builder->len++) {
        uint32_t row = builder->len;
        for (uint32_t i = 0; i < schema.len; i++)
            if (i < 2 || row % 3) /* lists and rows are left out here and there */
                LT_TRY(test_fill(builder->columns[i], row, seed));
        LT_TRY(lt_builder_set_weight(builder, row, row % 10 == 9 ? -1 : 1));
    }
    return lt_builder_take(builder, batch);
}

static void check_batch(const struct lt_batch *batch)
{
    const char *fault = lt_batch_fault(batch);
    if (fault)
        fail_msg("%s", fault);
    lt_batch_check(batch);
}

static void check_equal_rows(const struct lt_batch *a, uint32_t row_a, const struct lt_batch *b,
                             uint32_t row_b)
{
    assert_int_equal(a->n_columns, b->n_columns);
    for (uint32_t i = 0; i < a->n_columns; i++)
        assert_true(lt_cell_equal(lt_column_cell(a->columns[i], row_a),
                                  lt_column_cell(b->columns[i], row_b)));
    assert_int_equal(lt_batch_weight(a, row_a), lt_batch_weight(b, row_b));
    assert_int_equal(lt_batch_position(a, row_a), lt_batch_position(b, row_b));
    assert_int_equal(lt_batch_split(a, row_a), lt_batch_split(b, row_b));
    assert_int_equal(lt_batch_behind(a, row_a), lt_batch_behind(b, row_b));
}

/* Builds, keeps and compacts batches, as a pipeline with an exchange would. */
static bool batch_body(struct lt_alloc *alloc, void *arg)
{
    (void)arg;
    struct lt_pool *pool;
    struct lt_batch_builder builder = {0};
    uint64_t seed = 9;
    if (lt_pool_open(alloc, &pool) != LT_OK)
        return false;
    lt_status status = lt_builder_open(&builder, pool, &schema, 64);
    for (uint32_t round = 0; status == LT_OK && round < 6; round++) {
        struct lt_batch batch;
        uint16_t sel[64];
        int64_t behind[64], position[64];
        uint32_t split_of[64], n = 0;
        status = build(&builder, 64 - round * 10, &seed, &batch);
        if (status != LT_OK)
            break;
        check_batch(&batch);
        for (uint32_t i = 0; i < batch.len; i++) {
            behind[i] = i % 5 ? LT_NOT_BEHIND : i;
            position[i] = (int64_t)i * 3;
            split_of[i] = i % 2;
            if (i % 4)
                sel[n++] = (uint16_t)i;
        }
        batch.first_position = 1000;
        batch.behind = round % 2 ? behind : NULL;
        if (round > 2) {
            batch.sel = sel;
            batch.n_sel = n;
        }
        if (round > 3) {
            batch.position = position;
            batch.split_of = split_of;
        }
        check_batch(&batch);
        assert_true(lt_batch_bytes(&batch) >= batch.len * 8);
        struct lt_batch *kept = lt_batch_keep(pool, &batch), *again = NULL, *compact = NULL;
        if (kept)
            again = lt_batch_keep(pool, kept);
        status = again ? lt_batch_compact(pool, again, &compact) : LT_NOMEM;
        lt_batch_drop(again);
        if (status == LT_OK) {
            memset(sel, 0xff, sizeof(sel)); /* borrowed no longer */
            memset(behind, 0xff, sizeof(behind));
            check_batch(kept);
            check_batch(compact);
            assert_null(compact->sel);
            assert_int_equal(compact->len, kept->n_sel);
            for (uint32_t i = 0; i < compact->len; i++)
                check_equal_rows(compact, i, kept, lt_batch_row(kept, i));
        }
        lt_builder_release(&builder, &batch);
        lt_batch_drop(kept);
        lt_batch_drop(compact);
    }
    lt_builder_close(&builder);
    lt_builder_close(&builder); /* twice is fine */
    lt_pool_close(pool);
    assert_true(status == LT_OK || status == LT_NOMEM);
    return status == LT_OK;
}

static void test_batches(void **state)
{
    (void)state;
    struct lt_alloc types_alloc;
    struct lt_arena arena;
    lt_alloc_init_root(&types_alloc, NULL, "types", SIZE_MAX);
    lt_arena_init(&arena, &types_alloc);
    assert_true(schema_make(&arena));
    TEST_EVERY_ALLOCATION(batch_body, NULL);
    lt_arena_close(&arena);
    lt_alloc_close(&types_alloc);
}

/* After the first rounds a running pipeline asks the allocator for nothing. */
static void test_steady_state(void **state)
{
    (void)state;
    struct lt_alloc alloc;
    struct lt_arena arena;
    struct lt_pool *pool;
    struct lt_batch_builder builder;
    uint64_t allocations = 0;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    lt_arena_init(&arena, &alloc);
    assert_true(schema_make(&arena));
    assert_int_equal(lt_pool_open(&alloc, &pool), LT_OK);
    assert_int_equal(lt_builder_open(&builder, pool, &schema, 512), LT_OK);
    for (int round = 0; round < 40; round++) {
        struct lt_batch batch, *kept, *compact;
        uint16_t sel[256];
        uint64_t seed = 5; /* the same rows every time */
        assert_int_equal(build(&builder, 512, &seed, &batch), LT_OK);
        for (uint32_t i = 0; i < 256; i++)
            sel[i] = (uint16_t)(2 * i);
        batch.sel = sel;
        batch.n_sel = 256;
        kept = lt_batch_keep(pool, &batch);
        assert_non_null(kept);
        assert_int_equal(lt_batch_compact(pool, kept, &compact), LT_OK);
        lt_builder_release(&builder, &batch);
        lt_batch_drop(kept);
        lt_batch_drop(compact);
        if (round == 2)
            allocations = lt_pool_allocations(pool);
    }
    assert_int_equal(lt_pool_allocations(pool), allocations);
    lt_builder_close(&builder);
    lt_pool_close(pool);
    lt_arena_close(&arena);
    lt_alloc_close(&alloc);
}

static void test_faults(void **state)
{
    (void)state;
    struct lt_alloc alloc;
    struct lt_pool *pool;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(lt_pool_open(&alloc, &pool), LT_OK);
    struct lt_column *col = lt_column_new(pool, &lt_type_string, 4);
    uint16_t sel[] = {1, 0};
    int32_t weight[] = {1, 0, 1, 1};
    struct lt_batch batch = {.len = 4, .n_sel = 4, .n_columns = 1, .columns = &col};
    assert_null(lt_batch_fault(&batch));
    batch.sel = sel, batch.n_sel = 2;
    assert_non_null(lt_batch_fault(&batch));
    batch.sel = NULL, batch.n_sel = 4, batch.weight = weight;
    assert_non_null(lt_batch_fault(&batch));
    batch.weight = NULL, batch.len = 3, batch.n_sel = 3;
    assert_non_null(lt_batch_fault(&batch));
    assert_int_equal(lt_column_own_validity(col), LT_OK);
    assert_int_equal(lt_column_put_str(col, 2, LT_STR("x")), LT_OK);
    lt_column_set_null(col, 2);
    assert_non_null(lt_column_fault(col)); /* a NULL lane that is not zero */
    lt_column_unref(col);
    col = lt_column_new(pool, &lt_type_string, 1);
    ((struct lt_sv *)col->values)->prefix[2] = 'x';
    assert_non_null(lt_column_fault(col)); /* bytes after the text */
    lt_column_unref(col);
    lt_pool_close(pool);
    lt_alloc_close(&alloc);
}

/* ---- threads --------------------------------------------------------------- */

enum { RING = 64, BATCHES = 3000 };
struct ring {
    _Atomic(struct lt_batch *) slots[RING];
};

/* Drops what arrives, and now and then makes the producer's buffers outlive it. */
static void *consumer(void *arg)
{
    struct ring *ring = arg;
    int64_t sum = 0;
    for (int i = 0; i < BATCHES; i++) {
        struct lt_batch *batch;
        while (
            !(batch = atomic_exchange_explicit(&ring->slots[i % RING], NULL, memory_order_acquire)))
            sched_yield();
        const int64_t *values = batch->columns[0]->values;
        for (uint32_t row = 0; row < batch->len; row++)
            sum += values[row];
        lt_batch_drop(batch);
    }
    return (void *)(intptr_t)sum;
}

static void test_threads(void **state)
{
    (void)state;
    struct lt_alloc alloc;
    struct lt_pool *pool;
    static struct ring rings[2];
    pthread_t threads[2];
    int64_t expected = 0;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(lt_pool_open(&alloc, &pool), LT_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, consumer, &rings[i]), 0);
    for (int i = 0; i < BATCHES; i++) {
        struct lt_column *col = lt_column_new(pool, &lt_type_bigint, 32);
        assert_non_null(col);
        for (int row = 0; row < 32; row++) {
            ((int64_t *)col->values)[row] = i + row;
            expected += i + row;
        }
        struct lt_batch batch = {.len = 32, .n_sel = 32, .n_columns = 1, .columns = &col};
        for (int k = 0; k < 2; k++) { /* one column shared by two threads */
            struct lt_batch *kept = lt_batch_keep(pool, &batch);
            assert_non_null(kept);
            while (atomic_load_explicit(&rings[k].slots[i % RING], memory_order_acquire))
                sched_yield();
            atomic_store_explicit(&rings[k].slots[i % RING], kept, memory_order_release);
        }
        lt_column_unref(col);
    }
    assert_true(lt_pool_allocations(pool) < 2000);
    lt_pool_close(pool); /* while batches are still out */
    for (int i = 0; i < 2; i++) {
        void *sum;
        pthread_join(threads[i], &sum);
        assert_int_equal((intptr_t)sum, expected);
    }
    lt_alloc_close(&alloc);
    assert_int_equal(atomic_load(&alloc.used_bytes), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool_sizes),      cmocka_unit_test(test_pool_outlives_close),
        cmocka_unit_test(test_pool_gives_back), cmocka_unit_test(test_batches),
        cmocka_unit_test(test_steady_state),    cmocka_unit_test(test_faults),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
