/* test_state.c -- heap, tables, sets, bags and images against simple models, and with
 * every allocation failing in turn. */
#include "tests/unit/exec/ops.h"

#include "exec/state/bag.h"
#include "exec/state/order.h"
#include "exec/state/set.h"
#include "exec/state/table.h"
#include "tests/unit/hooks.h"

enum { KEYS = 700, STEPS = 4000 };

/* ---- heap ------------------------------------------------------------------- */

static void test_heap(void **state)
{
    LT_UNUSED(state);
    struct lt_alloc alloc;
    struct lt_state *st;
    struct piece {
        lt_ref ref;
        size_t size;
        unsigned char fill;
    } pieces[300] = {{0}};
    uint64_t seed = 1;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(lt_state_open(&alloc, 0, 1, &st), LT_OK);
    struct lt_state_heap *heap = lt_state_get_heap(st);
    for (int i = 0; i < STEPS; i++) {
        struct piece *p = &pieces[ops_below(&seed, 300)];
        if (p->ref) {
            const unsigned char *bytes = lt_heap_at(heap, p->ref);
            for (size_t b = 0; b < p->size; b++)
                assert_int_equal(bytes[b], p->fill);
            lt_heap_free(heap, p->ref, p->size);
            p->ref = 0;
            continue;
        }
        void *ptr;
        p->size = (size_t)ops_below(&seed, ops_below(&seed, 20) ? 400 : 100000) + 1;
        p->fill = (unsigned char)i;
        assert_int_equal(lt_heap_new(heap, p->size, &p->ref, &ptr), LT_OK);
        for (size_t b = 0; b < p->size; b++)
            assert_int_equal(((unsigned char *)ptr)[b], 0);
        assert_int_equal((uintptr_t)ptr % 16, 0);
        memset(ptr, p->fill, p->size);
        if (i % 100 == 0)
            assert_true(lt_heap_check(heap));
    }
    lt_state_close(st);
    lt_alloc_close(&alloc);
}

/* A heap that is large takes slabs, and gives them back in any order. */
static void test_slabs(void **state)
{
    LT_UNUSED(state);
    enum { PIECES = 600, SIZE = 60000, LARGE = 32 << 20 };
    struct lt_alloc alloc;
    struct lt_state *st;
    lt_ref refs[PIECES] = {0};
    uint64_t seed = 5;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(lt_state_open(&alloc, 0, 1, &st), LT_OK);
    struct lt_state_heap *heap = lt_state_get_heap(st);
    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < PIECES; i++) {
            unsigned char *bytes;
            if (refs[i])
                continue;
            assert_int_equal(lt_heap_new(heap, SIZE, &refs[i], (void **)&bytes), LT_OK);
            assert_int_equal(bytes[0] | bytes[SIZE / 2] | bytes[SIZE - 1], 0);
            memset(bytes, (int)(i % 255 + 1), SIZE);
        }
        assert_true(lt_state_bytes(st) > LARGE);
        for (uint32_t i = 0; i < PIECES; i++) {
            const unsigned char *bytes = lt_heap_at(heap, refs[i]);
            assert_int_equal(bytes[0], i % 255 + 1);
            assert_int_equal(bytes[SIZE - 1], i % 255 + 1);
        }
        for (uint32_t i = 0; i < PIECES; i++) {
            if (round < 2 && ops_below(&seed, 8) == 0)
                continue;
            lt_heap_free(heap, refs[i], SIZE);
            refs[i] = 0;
        }
        assert_true(lt_heap_check(heap));
    }
    assert_true(atomic_load(&alloc.used_bytes) < LARGE);
    lt_state_close(st);
    lt_alloc_close(&alloc);
}

/* Where there is no room for a slab single pieces do, up to the last. */
static void test_slabs_budget(void **state)
{
    LT_UNUSED(state);
    enum { SIZE = 60000, BUDGET = 22 << 20, PIECES = BUDGET / SIZE };
    struct lt_alloc alloc;
    struct lt_state *st;
    lt_ref refs[PIECES + 1] = {0};
    uint32_t n = 0;
    void *ptr;
    lt_alloc_init_root(&alloc, NULL, "test", BUDGET);
    assert_int_equal(lt_state_open(&alloc, 0, 1, &st), LT_OK);
    struct lt_state_heap *heap = lt_state_get_heap(st);
    lt_status status = LT_OK;
    while (n <= PIECES && (status = lt_heap_new(heap, SIZE, &refs[n], &ptr)) == LT_OK)
        n++;
    assert_int_equal(status, LT_NOMEM);
    assert_true(n > PIECES * 9 / 10);
    for (uint32_t i = 0; i < n; i += 2)
        lt_heap_free(heap, refs[i], SIZE);
    assert_int_equal(lt_heap_new(heap, SIZE, &refs[0], &ptr), LT_OK);
    assert_true(lt_heap_check(heap));
    lt_state_close(st);
    lt_alloc_close(&alloc);
}

/* ---- tables ------------------------------------------------------------------ */

struct table_bench {
    struct lt_alloc *alloc;
    struct lt_pool *pool;
    struct lt_state *state;
    struct lt_table *table;
    const struct lt_type *types[20];
    uint32_t n_keys;
};

static lt_status table_start(struct table_bench *b, uint32_t partition, uint32_t n)
{
    LT_TRY(lt_state_open(b->alloc, partition, n, &b->state));
    struct lt_table_spec spec = {b->n_keys, b->types, 8};
    return lt_table_open(b->state, &spec, &b->table);
}

static void table_stop(struct table_bench *b)
{
    lt_table_close(b->table);
    lt_state_close(b->state);
    b->table = NULL;
    b->state = NULL;
}

/* Key columns of numbers `ids`: key k of number n is a fixed function of n. */
static lt_status key_columns(struct table_bench *b, const int64_t *ids, uint32_t n,
                             struct lt_column **cols)
{
    for (uint32_t k = 0; k < b->n_keys; k++) {
        cols[k] = lt_column_new(b->pool, b->types[k], n);
        if (!cols[k])
            return LT_NOMEM;
        for (uint32_t i = 0; i < n; i++)
            LT_TRY(put_number(cols[k], i, ids[i] == 0 ? INT64_MIN : ids[i] / (k ? 7 : 1) + k));
    }
    return LT_OK;
}

static lt_status table_add(struct table_bench *b, const int64_t *ids, uint32_t n, int64_t *model)
{
    struct lt_column *cols[20] = {NULL};
    uint64_t hashes[64];
    char *payloads[64];
    uint8_t is_new[64];
    lt_status status = key_columns(b, ids, n, cols);
    if (status == LT_OK) {
        lt_table_hash_keys(cols, b->n_keys, NULL, n, hashes);
        status = lt_table_upsert(b->table, cols, NULL, n, hashes, payloads, is_new);
    }
    for (uint32_t i = 0; i < n && status == LT_OK; i++) {
        assert_int_equal(is_new[i], model[ids[i]] == 0);
        assert_int_equal(*(int64_t *)payloads[i], model[ids[i]]);
        model[ids[i]] = ++*(int64_t *)payloads[i];
    }
    for (uint32_t k = 0; k < b->n_keys; k++)
        lt_column_unref(cols[k]);
    return status;
}

static void table_remove(struct table_bench *b, int64_t id, int64_t *model)
{
    struct lt_column *cols[20] = {NULL};
    uint64_t hash;
    char *payload;
    assert_int_equal(key_columns(b, &id, 1, cols), LT_OK);
    lt_table_hash_keys(cols, b->n_keys, NULL, 1, &hash);
    assert_int_equal(lt_table_find(b->table, cols, NULL, 1, &hash, &payload), LT_OK);
    assert_int_equal(payload != NULL, model[id] != 0);
    if (payload) {
        lt_ref ref = lt_table_ref(b->table, payload);
        assert_ptr_equal(lt_table_at(b->table, ref), payload);
        lt_table_remove(b->table, payload);
        assert_null(lt_table_at(b->table, ref));
    }
    model[id] = 0;
    for (uint32_t k = 0; k < b->n_keys; k++)
        lt_column_unref(cols[k]);
}

/* Walking, sorting and reading keys back finds exactly what the model holds. */
static void table_compare(struct table_bench *b, const int64_t *model)
{
    char *payloads[KEYS];
    uint64_t cursor = 0;
    uint32_t n = 0, want = 0;
    for (int i = 0; i < KEYS; i++)
        want += model[i] != 0;
    for (char *at; (at = lt_table_next(b->table, &cursor));)
        payloads[n++] = at;
    assert_int_equal(n, want);
    assert_int_equal(lt_table_len(b->table), want);
    assert_true(lt_table_check(b->table));
    assert_true(lt_heap_check(lt_state_get_heap(b->state)));
    lt_table_sort(b->table, payloads, n);
    for (uint32_t i = 1; i < n; i++)
        assert_true(lt_table_compare(b->table, payloads[i - 1], b->table, payloads[i]) < 0);
    if (b->types[0] != &lt_type_bigint || n == 0)
        return;
    struct lt_column *col = lt_column_new(b->pool, b->types[0], n);
    assert_int_equal(lt_table_keys(b->table, payloads, n, 0, col, 0), LT_OK);
    for (uint32_t i = 0; i < n; i++) {
        int64_t id = lt_column_is_null(col, i) ? 0 : ((int64_t *)col->values)[i];
        assert_int_equal(*(int64_t *)payloads[i], model[id]);
    }
    lt_column_unref(col);
}

static lt_status add_payload(void *ctx, const struct lt_state_heap *from_heap, const char *from,
                             struct lt_state_heap *to_heap, char *to, bool merge)
{
    LT_UNUSED(ctx), LT_UNUSED(from_heap), LT_UNUSED(to_heap);
    if (merge)
        *(int64_t *)to += *(const int64_t *)from;
    return LT_OK;
}

/* 1 -> 4 -> 1: every key lands in the partition of its hash, and nothing is lost. */
static void rescale(struct table_bench *b)
{
    struct lt_table_mover mover = {.move = add_payload};
    struct lt_state_image *whole, *parts[4];
    assert_int_equal(lt_image_open(b->alloc, &whole), LT_OK);
    assert_int_equal(lt_state_save(b->state, 0, whole), LT_OK);
    assert_int_equal(lt_table_save(b->table, 5, whole), LT_OK);
    table_stop(b);
    for (uint32_t p = 0; p < 4; p++) {
        assert_int_equal(table_start(b, p, 4), LT_OK);
        assert_int_equal(lt_table_load(b->table, 5, whole, false, &mover), LT_OK);
        uint64_t cursor = 0;
        for (char *at; (at = lt_table_next(b->table, &cursor));)
            assert_int_equal(lt_partition_of(lt_table_hash(b->table, at), 4), p);
        assert_int_equal(lt_image_open(b->alloc, &parts[p]), LT_OK);
        assert_int_equal(lt_state_save(b->state, 0, parts[p]), LT_OK);
        assert_int_equal(lt_table_save(b->table, 5, parts[p]), LT_OK);
        table_stop(b);
    }
    lt_image_close(whole);
    assert_int_equal(table_start(b, 0, 1), LT_OK);
    for (uint32_t p = 0; p < 4; p++) {
        assert_int_equal(lt_table_load(b->table, 5, parts[p], false, &mover), LT_OK);
        lt_image_close(parts[p]);
    }
}

static bool is_odd(const char *payload)
{
    return *(const int64_t *)payload & 1;
}

/* All entries at once: walked, merged into another table, swept, cleared. */
static void table_bulk(struct table_bench *b, int64_t *model, uint64_t *seed)
{
    struct lt_table *other;
    struct lt_table_spec spec = {b->n_keys, b->types, 8};
    char *payloads[KEYS], *into[KEYS];
    uint8_t is_new[KEYS];
    uint64_t len = lt_table_len(b->table), cursor = 0, odd = 0;
    assert_int_equal(lt_table_open(b->state, &spec, &other), LT_OK);
    for (int pass = 0; pass < 2; pass++) {
        uint32_t step = (uint32_t)ops_below(seed, KEYS) + 1;
        cursor = 0;
        for (uint32_t n; (n = lt_table_walk(b->table, &cursor, payloads, step)) > 0;) {
            assert_int_equal(lt_table_upsert_all(other, b->table, payloads, n, into, is_new),
                             LT_OK);
            for (uint32_t i = 0; i < n; i++) {
                assert_int_equal(is_new[i], pass == 0);
                assert_int_equal(lt_table_compare(other, into[i], b->table, payloads[i]), 0);
                *(int64_t *)into[i] += *(int64_t *)payloads[i];
            }
        }
        assert_int_equal(lt_table_len(other), len);
        assert_true(lt_table_check(other));
    }
    for (int i = 0; i < KEYS; i++) {
        odd += model[i] & 1;
        model[i] = model[i] & 1 ? 0 : model[i];
    }
    assert_int_equal(lt_table_sweep(b->table, is_odd), odd);
    assert_int_equal(lt_table_sweep(other, is_odd), 0);
    lt_table_clear(other);
    assert_int_equal(lt_table_len(other), 0);
    assert_true(lt_table_check(other));
    cursor = 0;
    assert_int_equal(lt_table_walk(other, &cursor, payloads, KEYS), 0);
    lt_table_close(other);
}

/* Keys of type a and, when there is one, c `more` times over. */
static void run_table(const struct lt_type *a, const struct lt_type *c, uint32_t more,
                      uint64_t seed)
{
    struct lt_alloc alloc;
    struct table_bench b = {.alloc = &alloc, .types = {a}, .n_keys = 1 + more};
    int64_t model[KEYS] = {0};
    for (uint32_t i = 1; i <= more; i++)
        b.types[i] = c;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(lt_pool_open(&alloc, &b.pool), LT_OK);
    assert_int_equal(table_start(&b, 0, 1), LT_OK);
    for (int step = 0; step < 120; step++) {
        int64_t ids[64];
        uint32_t n = (uint32_t)ops_below(&seed, 64) + 1;
        for (uint32_t i = 0; i < n; i++)
            ids[i] = ops_below(&seed, KEYS);
        assert_int_equal(table_add(&b, ids, n, model), LT_OK);
        for (int64_t i = ops_below(&seed, 40); i > 0; i--)
            table_remove(&b, ops_below(&seed, KEYS), model);
        if (step % 20 == 0)
            table_compare(&b, model);
        if (step % 30 == 29) {
            table_bulk(&b, model, &seed);
            table_compare(&b, model);
        }
        if (step % 50 == 49) {
            rescale(&b);
            table_compare(&b, model);
        }
    }
    table_stop(&b);
    lt_pool_close(b.pool);
    lt_alloc_close(&alloc);
}

static void test_tables(void **state)
{
    LT_UNUSED(state);
    struct lt_alloc alloc;
    struct lt_arena arena;
    lt_alloc_init_root(&alloc, NULL, "types", SIZE_MAX);
    lt_arena_init(&arena, &alloc);
    run_table(&lt_type_bigint, NULL, 0, 1);
    run_table(&lt_type_int, NULL, 0, 2);
    run_table(&lt_type_string, NULL, 0, 3);
    run_table(&lt_type_double, NULL, 0, 4);
    run_table(&lt_type_bigint, &lt_type_string, 1, 5);
    run_table(&lt_type_bigint, lt_type_decimal(&arena, 38, 4), 1, 6);
    run_table(&lt_type_string, &lt_type_string, 2, 7);
    run_table(&lt_type_string, &lt_type_int, 14, 8);
    run_table(&lt_type_bigint, &lt_type_string, 15, 9); /* too many for words */
    lt_arena_close(&arena);
    lt_alloc_close(&alloc);
}

/* Enough keys for many segments, and hashes that were made to be equal. */
static void run_large(int64_t n, bool same_hash)
{
    struct lt_alloc alloc;
    struct table_bench b = {.alloc = &alloc, .types = {&lt_type_bigint}, .n_keys = 1};
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(lt_pool_open(&alloc, &b.pool), LT_OK);
    assert_int_equal(table_start(&b, 0, 1), LT_OK);
    struct lt_column *col = lt_column_new(b.pool, &lt_type_bigint, LT_BATCH_ROWS_MAX);
    uint64_t hashes[LT_BATCH_ROWS_MAX];
    char *payloads[LT_BATCH_ROWS_MAX];
    for (int round = 0; round < 2; round++)
        for (int64_t from = 0; from < n; from += LT_BATCH_ROWS_MAX) {
            for (uint32_t i = 0; i < LT_BATCH_ROWS_MAX; i++)
                ((int64_t *)col->values)[i] = (from + i) * 7919 % n;
            lt_table_hash_keys(&col, 1, NULL, LT_BATCH_ROWS_MAX, hashes);
            for (uint32_t i = 0; i < LT_BATCH_ROWS_MAX && same_hash; i++)
                hashes[i] = 42 + (hashes[i] & 1);
            assert_int_equal(lt_table_upsert(b.table, &col, NULL, LT_BATCH_ROWS_MAX, hashes,
                                             payloads, NULL),
                             LT_OK);
            for (uint32_t i = 0; i < LT_BATCH_ROWS_MAX; i++)
                *(int64_t *)payloads[i] = ((int64_t *)col->values)[i] + 1;
        }
    assert_int_equal(lt_table_len(b.table), n);
    assert_true(lt_table_check(b.table));
    uint64_t cursor = 0;
    int64_t sum = 0;
    for (char *at; (at = lt_table_next(b.table, &cursor));) {
        sum += *(int64_t *)at;
        if (*(int64_t *)at % 3)
            lt_table_remove(b.table, at);
    }
    assert_int_equal(sum, n * (n + 1) / 2);
    assert_int_equal(lt_table_len(b.table), n / 3);
    assert_true(lt_table_check(b.table));
    assert_true(lt_heap_check(lt_state_get_heap(b.state)));
    lt_column_unref(col);
    table_stop(&b);
    lt_pool_close(b.pool);
    lt_alloc_close(&alloc);
}

static void test_large_tables(void **state)
{
    LT_UNUSED(state);
    run_large(90000, false);
    run_large(6000, true);
}

/* Texts that differ only behind what one digit of the sort holds, or by zeros at the end. */
static void test_sort_texts(void **state)
{
    LT_UNUSED(state);
    struct lt_alloc alloc;
    struct table_bench b = {.alloc = &alloc, .types = {&lt_type_string, &lt_type_int}, .n_keys = 2};
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(lt_pool_open(&alloc, &b.pool), LT_OK);
    assert_int_equal(table_start(&b, 0, 1), LT_OK);
    enum { N = 1500 };
    char text[400];
    char *payloads[N];
    uint64_t hashes[N], seed = 5;
    struct lt_column *cols[2] = {lt_column_new(b.pool, &lt_type_string, N),
                                 lt_column_new(b.pool, &lt_type_int, N)};
    for (uint32_t i = 0; i < N; i++) {
        static const int prefixes[] = {0, 3, 7, 8, 9, 12, 13, 300};
        int prefix = prefixes[ops_below(&seed, 8)];
        memset(text, i % 2 ? 'x' : 0, sizeof(text));
        size_t len = (size_t)(prefix + ops_below(&seed, 3));
        for (size_t at = (size_t)prefix; at < len; at++)
            text[at] = (char)ops_below(&seed, 3);
        assert_int_equal(lt_column_put_str(cols[0], i, (struct lt_str){text, len}), LT_OK);
        ((int32_t *)cols[1]->values)[i] = (int32_t)ops_below(&seed, 9) - 4;
    }
    lt_table_hash_keys(cols, 2, NULL, N, hashes);
    assert_int_equal(lt_table_upsert(b.table, cols, NULL, N, hashes, payloads, NULL), LT_OK);
    uint64_t cursor = 0;
    size_t n = 0;
    for (char *at; (at = lt_table_next(b.table, &cursor));)
        payloads[n++] = at;
    assert_int_equal(n, lt_table_len(b.table));
    lt_table_sort(b.table, payloads, n);
    for (size_t i = 1; i < n; i++)
        assert_true(lt_table_compare(b.table, payloads[i - 1], b.table, payloads[i]) < 0);
    lt_column_unref(cols[0]);
    lt_column_unref(cols[1]);
    table_stop(&b);
    lt_pool_close(b.pool);
    lt_alloc_close(&alloc);
}

/* An image of what changed since an epoch, completed by the one before, is whole. */
static void test_incremental(void **state)
{
    LT_UNUSED(state);
    struct lt_alloc alloc;
    struct table_bench b = {.alloc = &alloc, .types = {&lt_type_bigint}, .n_keys = 1};
    int64_t model[KEYS] = {0}, ids[64];
    struct lt_state_image *base, *later;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(lt_pool_open(&alloc, &b.pool), LT_OK);
    assert_int_equal(table_start(&b, 0, 1), LT_OK);
    lt_state_set_epoch(b.state, 1);
    for (int round = 0; round < 5; round++)
        for (int64_t from = 1; from + 64 < KEYS; from += 64) {
            for (int i = 0; i < 64; i++)
                ids[i] = from + i;
            assert_int_equal(table_add(&b, ids, 64, model), LT_OK);
        }
    assert_non_null(b.table->direct); /* what is found by its low bits is stamped, too */
    assert_int_equal(lt_image_open(&alloc, &base), LT_OK);
    assert_int_equal(lt_state_save(b.state, 0, base), LT_OK);
    assert_int_equal(lt_table_save(b.table, 0, base), LT_OK);
    lt_state_set_epoch(b.state, 2);
    ids[0] = 600;
    assert_int_equal(table_add(&b, ids, 1, model), LT_OK);
    assert_int_equal(lt_image_open(&alloc, &later), LT_OK);
    assert_int_equal(lt_state_save(b.state, 1, later), LT_OK);
    assert_int_equal(lt_table_save(b.table, 0, later), LT_OK);
    assert_true(lt_image_bytes(later) < lt_image_bytes(base));
    table_stop(&b);
    assert_int_equal(table_start(&b, 0, 1), LT_OK);
    assert_int_equal(lt_table_load(b.table, 0, later, true, NULL), LT_CORRUPT);
    assert_int_equal(lt_image_complete(later, base), LT_OK);
    assert_int_equal(lt_table_load(b.table, 0, later, true, NULL), LT_OK);
    table_compare(&b, model);
    lt_image_close(base);
    lt_image_close(later);
    table_stop(&b);
    lt_pool_close(b.pool);
    lt_alloc_close(&alloc);
}

/* ---- sets and bags ------------------------------------------------------------- */

enum { SET_VALUES = 300, SET_LANES = 3 };

struct set_bench {
    struct lt_state_heap *heap;
    struct lt_set_shape shape;
    struct lt_set sets[2];
    int64_t model[2][SET_VALUES][SET_LANES];
};

/* Words are any 64 bits, zero among them; texts are of any length, empty among them. */
static struct lt_set_value set_value(const struct set_bench *b, int64_t v, char text[64])
{
    struct lt_set_value value = {0};
    if (b->shape.words) {
        value.word = v % 3 ? (uint64_t)v : (uint64_t)v << 40;
        return value;
    }
    int len = snprintf(text, 64, "%0*d", (int)(v % 3 ? v % 50 : 3), (int)v);
    value.bytes = (struct lt_str){text, v ? (size_t)len : 0};
    return value;
}

static void set_step(struct set_bench *b, uint64_t *seed)
{
    char text[64];
    int64_t which = ops_below(seed, 2), v = ops_below(seed, SET_VALUES);
    int64_t *model = b->model[which][v];
    struct lt_set_value value = set_value(b, v, text);
    union lt_set_note note = {.counts = {0}};
    uint8_t came, gone, want_came = 0, want_gone = 0, bits = 0;
    for (int lane = 0; lane < SET_LANES; lane++) {
        int64_t weight = b->shape.n_counts ? ops_below(seed, 3) - 1 : ops_below(seed, 2);
        int64_t had = model[lane];
        model[lane] = b->shape.n_counts ? had + weight : had | weight;
        if (b->shape.n_counts)
            note.counts[lane] = weight;
        bits |= (uint8_t)((weight > 0) << lane);
        want_came |= (uint8_t)((had <= 0 && model[lane] > 0) << lane);
        want_gone |= (uint8_t)((had > 0 && model[lane] <= 0) << lane);
    }
    if (!b->shape.n_counts && !bits)
        return; /* nobody meets it */
    if (!b->shape.n_counts)
        note.bits = bits;
    assert_int_equal(lt_set_add(b->heap, &b->shape, &b->sets[which], &value, &note, &came, &gone),
                     LT_OK);
    assert_int_equal(came, want_came);
    assert_int_equal(gone, want_gone);
}

/* Rows of both sets at once say what one after another would have said. */
static void set_rows(struct set_bench *b, uint64_t *seed)
{
    uint16_t rows[100];
    uint64_t words[200];
    struct lt_sv views[200];
    uint8_t lanes[200], came[200];
    char texts[200][64], *states[200];
    struct lt_set_rows in = {.rows = rows, .states = states, .words = words, .views = views,
                             .lanes = lanes, .came = came};
    uint8_t want[200] = {0};
    for (uint16_t row = 0; row < 200; row++) {
        if (ops_below(seed, 3) == 0 || in.n == 100)
            continue;
        int64_t which = ops_below(seed, 2), v = ops_below(seed, SET_VALUES);
        struct lt_set_value value = set_value(b, v, texts[row]);
        words[row] = value.word;
        if (!b->shape.words)
            views[row] = lt_sv_of(value.bytes.data, (uint32_t)value.bytes.len);
        states[row] = (char *)&b->sets[which];
        lanes[row] = (uint8_t)ops_below(seed, 1 << SET_LANES);
        rows[in.n++] = row;
        for (int lane = 0; lane < SET_LANES; lane++) {
            int64_t meets = lanes[row] >> lane & 1;
            want[row] |= (uint8_t)((meets && !b->model[which][v][lane]) << lane);
            b->model[which][v][lane] |= meets;
        }
    }
    assert_int_equal(lt_set_add_rows(b->heap, &b->shape, &in), LT_OK);
    for (uint32_t i = 0; i < in.n; i++)
        assert_int_equal(came[rows[i]], want[rows[i]]);
}

static void set_compare(const struct set_bench *b)
{
    for (int which = 0; which < 2; which++) {
        uint32_t cursor = 0, n = 0;
        struct lt_set_value found;
        union lt_set_note note;
        char text[64];
        while (lt_set_next(b->heap, &b->shape, &b->sets[which], &cursor, &found, &note)) {
            n++;
            int v = 0;
            for (; v < SET_VALUES; v++) {
                struct lt_set_value value = set_value(b, v, text);
                if (b->shape.words ? value.word == found.word
                                   : lt_str_equal(value.bytes, found.bytes))
                    break;
            }
            assert_int_not_equal(v, SET_VALUES);
            for (int lane = 0; lane < SET_LANES; lane++)
                assert_int_equal(b->shape.n_counts ? note.counts[lane] : note.bits >> lane & 1,
                                 b->model[which][v][lane]);
        }
        assert_int_equal(n, b->sets[which].len);
        for (int v = 0; v < SET_VALUES; v++)
            n -= b->model[which][v][0] || b->model[which][v][1] || b->model[which][v][2];
        assert_int_equal(n, 0);
    }
}

static void test_set(void **state)
{
    LT_UNUSED(state);
    for (unsigned kind = 0; kind < 4; kind++) {
        struct lt_alloc alloc;
        struct lt_state *st;
        struct set_bench b = {.shape = {kind & 1, kind & 2 ? SET_LANES : 0}};
        uint64_t seed = kind + 3;
        lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
        assert_int_equal(lt_state_open(&alloc, 0, 1, &st), LT_OK);
        b.heap = lt_state_get_heap(st);
        for (int i = 0; i < STEPS; i++) {
            set_step(&b, &seed);
            if (!b.shape.n_counts && i % 10 == 0)
                set_rows(&b, &seed);
            if (i % 100 == 0)
                set_compare(&b);
        }
        set_compare(&b);
        lt_set_drop(b.heap, &b.shape, &b.sets[0]);
        lt_set_drop(b.heap, &b.shape, &b.sets[1]);
        assert_true(lt_heap_check(b.heap));
        lt_state_close(st);
        lt_alloc_close(&alloc);
    }
}

static void test_bag(void **state)
{
    LT_UNUSED(state);
    struct lt_alloc alloc;
    struct lt_state *st;
    struct lt_bag bag = {0};
    int64_t model[60] = {0};
    uint64_t seed = 9;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(lt_state_open(&alloc, 0, 1, &st), LT_OK);
    struct lt_state_heap *heap = lt_state_get_heap(st);
    for (int i = 0; i < STEPS; i++) {
        unsigned char v = (unsigned char)ops_below(&seed, 60);
        int64_t w = ops_below(&seed, 5) - 2;
        struct lt_str key = {(const char *)&v, 1};
        assert_int_equal(lt_bag_add(heap, &bag, key, LT_STR("value"), w), LT_OK);
        model[v] += w;
        if (i % 50)
            continue;
        assert_true(lt_bag_check(heap, &bag));
        int64_t rank = 0;
        struct lt_bag_item item;
        for (int m = 0; m < 60; m++) {
            if (model[m] <= 0)
                continue;
            assert_true(lt_bag_select(heap, &bag, rank, &item));
            assert_int_equal((unsigned char)item.key.data[0], m);
            rank += model[m];
            assert_true(lt_bag_select(heap, &bag, rank - 1, &item));
            assert_int_equal((unsigned char)item.key.data[0], m);
        }
        assert_int_equal(lt_bag_total(heap, &bag), rank);
        assert_false(lt_bag_select(heap, &bag, rank, &item));
    }
    lt_bag_drop(heap, &bag);
    lt_state_close(st);
    lt_alloc_close(&alloc);
}

/* ---- order bytes ------------------------------------------------------------------ */

static void test_order(void **state)
{
    LT_UNUSED(state);
    static const double values[] = {-__builtin_inf(), -2.5, -0.0, 0.0, 1e-300, 3, 1e300,
                                    __builtin_inf(), __builtin_nan("")};
    struct lt_alloc alloc;
    struct lt_pool *pool;
    struct lt_buf a, b;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(lt_pool_open(&alloc, &pool), LT_OK);
    lt_buf_init(&a, &alloc);
    lt_buf_init(&b, &alloc);
    const uint32_t n = LT_ARRAY_LEN(values);
    struct lt_column *col = lt_column_new(pool, &lt_type_double, n);
    struct lt_column *text = lt_column_new(pool, &lt_type_string, 4);
    struct lt_column *back = lt_column_new(pool, &lt_type_string, 4);
    memcpy(col->values, values, sizeof(values));
    static const struct lt_str texts[] = {{"", 0}, {"a", 1}, {"a\0b", 3}, {"ab", 2}};
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(lt_column_put_str(text, i, texts[i]), LT_OK);
    for (int side = 0; side < 2; side++) {
        const struct lt_column *c = side ? text : col;
        for (uint32_t i = 0; i + 1 < c->len; i++)
            for (unsigned desc = 0; desc < 2; desc++) {
                lt_buf_clear(&a);
                lt_buf_clear(&b);
                lt_order_encode(&a, c, i, desc);
                lt_order_encode(&b, c, i + 1, desc);
                int order = lt_str_compare(lt_buf_str(&a), lt_buf_str(&b));
                bool equal = !side && i == 2; /* -0.0 and 0.0 */
                assert_true(equal ? order == 0 : desc ? order > 0 : order < 0);
            }
    }
    for (uint32_t i = 0; i < 4; i++) {
        lt_buf_clear(&a);
        lt_order_encode(&a, text, i, LT_ORDER_ASC);
        const char *at = a.data;
        assert_int_equal(lt_order_decode(back, i, &at, a.data + a.len), LT_OK);
        assert_ptr_equal(at, a.data + a.len);
        assert_true(lt_cell_equal(lt_column_cell(text, i), lt_column_cell(back, i)));
    }
    lt_column_unref(col);
    lt_column_unref(text);
    lt_column_unref(back);
    lt_buf_close(&a);
    lt_buf_close(&b);
    lt_pool_close(pool);
    lt_alloc_close(&alloc);
}

/* ---- failing allocations ------------------------------------------------------------ */

static bool table_life(struct lt_alloc *alloc, void *arg)
{
    LT_UNUSED(arg);
    struct table_bench b = {
        .alloc = alloc, .types = {&lt_type_bigint, &lt_type_string}, .n_keys = 2};
    int64_t model[KEYS] = {0}, ids[64];
    struct lt_state_image *image = NULL;
    lt_status status = lt_pool_open(alloc, &b.pool);
    if (status == LT_OK)
        status = table_start(&b, 0, 1);
    for (int64_t from = 1; from + 64 < 260 && status == LT_OK; from += 64) {
        for (int i = 0; i < 64; i++)
            ids[i] = from + i;
        status = table_add(&b, ids, 64, model);
    }
    if (status == LT_OK)
        status = lt_image_open(alloc, &image);
    if (status == LT_OK)
        status = lt_state_save(b.state, 0, image);
    if (status == LT_OK)
        status = lt_table_save(b.table, 1, image);
    if (status == LT_OK)
        status = lt_image_put(image, "model", model, sizeof(model));
    lt_table_close(b.table);
    lt_state_close(b.state);
    b.table = NULL;
    b.state = NULL;
    if (status == LT_OK)
        status = table_start(&b, 0, 1);
    if (status == LT_OK)
        status = lt_table_load(b.table, 1, image, true, NULL);
    if (status == LT_OK)
        assert_true(lt_table_check(b.table) && lt_table_len(b.table) == 256);
    lt_image_close(image);
    lt_table_close(b.table);
    lt_state_close(b.state);
    if (b.pool)
        lt_pool_close(b.pool);
    assert_true(status == LT_OK || status == LT_NOMEM);
    return status == LT_OK;
}

static void test_failures(void **state)
{
    LT_UNUSED(state);
    TEST_EVERY_ALLOCATION(table_life, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heap),
        cmocka_unit_test(test_slabs),
        cmocka_unit_test(test_slabs_budget),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_incremental), cmocka_unit_test(test_set),
        cmocka_unit_test(test_bag),         cmocka_unit_test(test_order),
        cmocka_unit_test(test_failures),    cmocka_unit_test(test_large_tables),
        cmocka_unit_test(test_sort_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
