/* test_sender.c -- what an exchange hands over, against what it took in.
 *
 * Random batches (every type and encoding, selections, weights, rows behind, several
 * splits), watermarks and barriers go into one sender with n rings, which are emptied
 * at random. Per ring there must come: the rows whose key's hash is its own, in order,
 * whole; no watermark before a row that was pushed before it; every barrier in its
 * place; and the last watermark. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "exec/exchange.h"
#include "exec/state/state.h"
#include "tests/unit/data/support.h"

enum { TARGETS_MAX = 32, EVENTS = 120, COLUMNS_MAX = 8, KEPT_MAX = EVENTS };

struct expected { /* a row, a watermark or a barrier */
    enum lt_message_kind kind;
    struct lt_batch *batch;
    uint32_t row;
    int64_t value;
};

struct lane { /* to one target */
    struct expected *events;
    uint32_t n, cap, at;
    int64_t watermark; /* received */
};

struct play {
    struct lt_alloc alloc;
    struct lt_pool *pool, *pool_in;
    struct lt_arena scratch;
    struct lt_error error;
    struct lt_plan_node node;
    uint32_t keys[2];
    struct lt_op_ctx ctx;
    struct lt_op op;
    struct lt_exchange_out out;
    struct lt_ring *rings[TARGETS_MAX];
    struct lane lanes[TARGETS_MAX];
    const struct lt_type *types[COLUMNS_MAX];
    uint32_t n_columns;
    struct lt_batch *kept[KEPT_MAX];
    uint32_t n_kept;
    struct lt_column *dictionary; /* that several batches share */
    uint64_t seed;
};

static uint32_t below(struct play *p, uint32_t n)
{
    return (uint32_t)((test_random(&p->seed) >> 11) % n);
}

static void expect(struct lane *lane, struct expected event)
{
    if (lane->n == lane->cap)
        lane->events = realloc(lane->events, (lane->cap = lane->cap * 2 + 64) * sizeof(event));
    lane->events[lane->n++] = event;
}

/* ---- batches ---------------------------------------------------------------- */

static struct lt_column *random_column(struct play *p, uint32_t c, uint32_t len)
{
    const struct lt_type *type = p->types[c];
    struct lt_column *col = NULL;
    uint32_t codes[LT_BATCH_ROWS_MAX], chance = below(p, 8);
    if (chance == 0) {
        col = lt_column_new_constant(p->pool_in, type, len);
        assert_int_equal(test_fill(col, 0, &p->seed), LT_OK);
    } else if (chance <= 2) {
        uint32_t n = below(p, 50) + 1;
        bool shared = chance == 2 && type == &lt_type_string;
        struct lt_column *dict = shared ? lt_column_ref(p->dictionary)
                                        : test_column(p->pool_in, type, n, &p->seed);
        for (uint32_t i = 0; i < len; i++)
            codes[i] = below(p, dict->len);
        col = lt_column_new_dictionary(p->pool_in, dict, codes, len);
        lt_column_unref(dict);
    } else {
        col = test_column(p->pool_in, type, len, &p->seed);
    }
    assert_non_null(col);
    return col;
}

static struct lt_batch *random_batch(struct play *p, int64_t position)
{
    static const uint32_t lens[] = {1, 5, 63, 64, 65, 700, LT_BATCH_ROWS_MAX};
    uint32_t len = lens[below(p, LT_ARRAY_LEN(lens))], n_sel = 0, density = below(p, 4);
    uint16_t sel[LT_BATCH_ROWS_MAX];
    int32_t weight[LT_BATCH_ROWS_MAX];
    int64_t behind[LT_BATCH_ROWS_MAX], positions[LT_BATCH_ROWS_MAX];
    uint32_t splits[LT_BATCH_ROWS_MAX];
    struct lt_column *columns[COLUMNS_MAX];
    for (uint32_t c = 0; c < p->n_columns; c++)
        columns[c] = random_column(p, c, len);
    for (uint32_t i = 0; i < len; i++) {
        weight[i] = below(p, 3) ? 1 : -1;
        behind[i] = below(p, 5) ? LT_NOT_BEHIND : (int64_t)i;
        positions[i] = position + 2 * i;
        splits[i] = below(p, 3);
        if (density < 3 && (below(p, 8) < density * 3 + 1 || i == 0))
            sel[n_sel++] = (uint16_t)i;
    }
    struct lt_batch batch = {.len = len,
                             .n_sel = density < 3 ? n_sel : len,
                             .sel = density < 3 ? sel : NULL,
                             .n_columns = p->n_columns,
                             .columns = columns,
                             .split = below(p, 2),
                             .first_position = position,
                             .proctime_us = position};
    if (below(p, 3) == 0)
        batch.weight = weight;
    if (below(p, 3) == 0)
        batch.behind = behind;
    if (below(p, 3) == 0) {
        batch.position = positions;
        batch.split_of = splits;
    }
    struct lt_batch *kept = lt_batch_keep(p->pool_in, &batch);
    assert_non_null(kept);
    for (uint32_t c = 0; c < p->n_columns; c++)
        lt_column_unref(columns[c]);
    return p->kept[p->n_kept++] = kept;
}

static void expect_batch(struct play *p, struct lt_batch *batch)
{
    uint64_t hashes[LT_BATCH_ROWS_MAX];
    struct lt_column *keys[2];
    for (uint32_t k = 0; k < p->node.u.exchange.n_keys; k++)
        keys[k] = batch->columns[p->keys[k]];
    lt_table_hash_keys(keys, p->node.u.exchange.n_keys, batch->sel, batch->n_sel, hashes);
    for (uint32_t i = 0; i < batch->n_sel; i++)
        expect(&p->lanes[lt_partition_of(hashes[i], p->out.n)],
               (struct expected){.batch = batch, .row = lt_batch_row(batch, i)});
}

/* ---- what comes ------------------------------------------------------------- */

static void check_row(const struct lt_batch *got, uint32_t row, const struct expected *want)
{
    const struct lt_batch *in = want->batch;
    assert_int_equal(lt_batch_weight(got, row), lt_batch_weight(in, want->row));
    assert_true(lt_batch_behind(got, row) == lt_batch_behind(in, want->row));
    assert_true(lt_batch_position(got, row) == lt_batch_position(in, want->row));
    assert_int_equal(lt_batch_split(got, row), lt_batch_split(in, want->row));
    for (uint32_t c = 0; c < in->n_columns; c++)
        assert_true(lt_cell_equal(lt_column_cell(got->columns[c], row),
                                  lt_column_cell(in->columns[c], want->row)));
}

static void check_message(struct lane *lane, const struct lt_message *message)
{
    const struct lt_batch *batch = message->batch;
    if (message->kind == LT_MESSAGE_WATERMARK) {
        assert_true(message->value > lane->watermark);
        lane->watermark = message->value;
        return;
    }
    /* Watermarks may come late, but none is passed over by a barrier or the end. */
    for (uint32_t i = 0; i < (batch ? batch->n_sel : 1); i++) {
        int64_t passed = LT_WATERMARK_MIN;
        while (lane->at < lane->n && lane->events[lane->at].kind == LT_MESSAGE_WATERMARK)
            passed = lane->events[lane->at++].value;
        assert_true(lane->at < lane->n);
        const struct expected *want = &lane->events[lane->at++];
        assert_int_equal(want->kind, message->kind);
        if (batch)
            check_row(batch, lt_batch_row(batch, i), want);
        else
            assert_true(want->value == message->value && passed <= lane->watermark);
    }
    if (batch)
        assert_null(lt_batch_fault(batch));
}

/* A watermark must not come before the rows that were pushed before it. */
static void check_early(const struct lane *lane)
{
    for (uint32_t i = lane->at; i < lane->n; i++)
        if (lane->events[i].kind == LT_MESSAGE_WATERMARK) {
            bool rows_owed = false;
            for (uint32_t k = lane->at; k < i; k++)
                rows_owed = rows_owed || lane->events[k].kind != LT_MESSAGE_WATERMARK;
            assert_false(rows_owed && lane->watermark >= lane->events[i].value);
        }
}

static void take(struct play *p, uint32_t d, uint32_t most)
{
    struct lt_message *message;
    for (; most > 0 && (message = lt_ring_peek(p->rings[d])); most--) {
        check_message(&p->lanes[d], message);
        check_early(&p->lanes[d]);
        if (message->batch)
            lt_batch_drop(message->batch);
        lt_ring_pop(p->rings[d]);
    }
}

/* ---- the play --------------------------------------------------------------- */

static void play_open(struct play *p, uint32_t n, uint64_t seed)
{
    static const struct lt_type *const types[] = {
        &lt_type_bigint, &lt_type_string, &lt_type_tinyint, &lt_type_double,
        &lt_type_int,    &lt_type_string, &lt_type_smallint};
    memset(p, 0, sizeof(*p));
    p->seed = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    lt_alloc_init_root(&p->alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(lt_pool_open(&p->alloc, &p->pool), LT_OK);
    assert_int_equal(lt_pool_open(&p->alloc, &p->pool_in), LT_OK);
    lt_arena_init(&p->scratch, &p->alloc);
    p->n_columns = below(p, LT_ARRAY_LEN(types)) + 1;
    memcpy(p->types, types, sizeof(types));
    if (below(p, 4) == 0) /* wide ones cannot be put side by side */
        p->types[p->n_columns++] = lt_type_array(&p->scratch, &lt_type_string);
    p->dictionary = test_column(p->pool_in, &lt_type_string, 20, &p->seed);
    p->keys[0] = below(p, p->n_columns);
    p->keys[1] = below(p, p->n_columns);
    p->node.kind = LT_NODE_EXCHANGE;
    p->node.u.exchange.kind = LT_EXCHANGE_HASH;
    p->node.u.exchange.n_keys = below(p, 2) + 1;
    p->node.u.exchange.keys = p->keys;
    p->ctx = (struct lt_op_ctx){.alloc = &p->alloc,
                                .pool = p->pool,
                                .scratch = &p->scratch,
                                .n_partitions = 1,
                                .epoch = 1,
                                .error = &p->error,
                                .batch_rows = LT_BATCH_ROWS_MAX};
    p->out = (struct lt_exchange_out){.n = n, .rings = p->rings};
    size_t bytes_max = below(p, 2) ? 20000 : 4 << 20;
    for (uint32_t d = 0; d < n; d++) {
        p->rings[d] = aligned_alloc(LT_CACHE_LINE, sizeof(struct lt_ring));
        memset(p->rings[d], 0, sizeof(struct lt_ring));
        p->rings[d]->bytes_max = bytes_max;
        p->lanes[d].watermark = LT_WATERMARK_MIN;
    }
    assert_int_equal(lt_op_init(&p->op, &lt_op_sender_type, &p->node, &p->ctx, 1, 0, 0), LT_OK);
    p->op.shared = &p->out;
    assert_int_equal(lt_op_open(&p->op), LT_OK);
}

static void play_close(struct play *p)
{
    lt_op_close(&p->op);
    for (uint32_t d = 0; d < p->out.n; d++) {
        free(p->rings[d]);
        free(p->lanes[d].events);
    }
    for (uint32_t i = 0; i < p->n_kept; i++)
        lt_batch_drop(p->kept[i]);
    lt_column_unref(p->dictionary);
    lt_pool_close(p->pool);
    lt_pool_close(p->pool_in);
    lt_arena_close(&p->scratch);
    lt_alloc_close(&p->alloc);
}

static void pay(struct play *p, lt_flow flow)
{
    while (flow == LT_FLOW_YIELD) {
        take(p, below(p, p->out.n), 1 + below(p, 4));
        flow = lt_op_resume(&p->op);
    }
    assert_int_equal(flow, LT_FLOW_OK);
}

static void push_one(struct play *p, int64_t i, uint64_t *epoch)
{
    uint32_t chance = below(p, 10);
    enum lt_message_kind kind = chance == 0   ? LT_MESSAGE_BARRIER
                                : chance <= 4 ? LT_MESSAGE_WATERMARK
                                              : LT_MESSAGE_BATCH;
    p->ctx.now_us += below(p, 300);
    if (kind == LT_MESSAGE_BATCH) {
        struct lt_batch *batch = random_batch(p, i * 10000);
        expect_batch(p, batch);
        pay(p, lt_op_push(&p->op, 0, batch));
        return;
    }
    int64_t value = kind == LT_MESSAGE_BARRIER ? (int64_t)(*epoch)++ : i;
    for (uint32_t d = 0; d < p->out.n; d++)
        expect(&p->lanes[d], (struct expected){.kind = kind, .value = value});
    pay(p, kind == LT_MESSAGE_BARRIER ? lt_op_push_barrier(&p->op, 0, (uint64_t)value)
                                      : lt_op_push_watermark(&p->op, 0, value));
}

static void test_rows_arrive(void **state)
{
    (void)state;
    static const uint32_t ns[] = {2, 3, 4, 5, 16, 31};
    static struct play p;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        play_open(&p, ns[seed % LT_ARRAY_LEN(ns)], seed);
        uint64_t epoch = 1;
        for (int64_t i = 1; i <= EVENTS; i++) {
            push_one(&p, i, &epoch);
            for (uint32_t d = 0; d < p.out.n; d++)
                if (below(&p, 4) == 0)
                    take(&p, d, below(&p, 8));
        }
        for (uint32_t d = 0; d < p.out.n; d++)
            expect(&p.lanes[d], (struct expected){.kind = LT_MESSAGE_END});
        pay(&p, lt_op_push_end(&p.op, 0));
        for (uint32_t d = 0; d < p.out.n; d++) {
            take(&p, d, UINT32_MAX);
            assert_int_equal(p.lanes[d].at, p.lanes[d].n);
        }
        play_close(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_arrive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
