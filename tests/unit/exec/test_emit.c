/* test_emit.c -- EMIT: early, late, retracting, discarding, accumulating; the clock. */
#include "tests/unit/exec/window_cases.h"

static const uint32_t partitions[] = {1, 4, 2, 3};

static void run_retracting(enum lt_window_kind kind, uint64_t s)
{
    uint64_t seed = s * 7919 + kind;
    struct lt_alloc alloc;
    struct window_case c;
    struct oracle_row rows[80];
    struct ops_plan plan;
    struct ops_bench bench;
    int splits;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    random_case(&c, kind, &seed);
    int n = random_rows(rows, 80, &splits, &seed);
    int64_t within = ops_below(&seed, 3) * 4 * SEC;
    bool on_change = ops_below(&seed, 2);
    plan_window(&plan, &alloc, &c);
    struct lt_emit *emit = &plan.node.u.aggregate.emit;
    emit->late_within_us = within;
    emit->late_on_change = within > 0;
    emit->early_on_change = on_change;
    emit->early_every_rows = on_change ? 0 : 3;
    assert_int_equal(bench_open(&bench, &alloc, &plan.node, partitions[ops_below(&seed, 4)], &seed),
                     LT_OK);
    int64_t cut = ops_below(&seed, 12) + 1;
    struct oracle_out want = {0};
    for (int at = 0; at < n;) {
        int to = at + (int)ops_below(&seed, cut) + 1;
        to = to > n ? n : to;
        want.n = want.late = 0;
        oracle_of(&c, rows, to, within, &want);
        assert_int_equal(bench_push(&bench, rows, at, to, NULL), LT_OK);
        at = to;
        int64_t low = split_watermark(rows, at, splits, c.delay);
        if (low != INT64_MIN)
            assert_int_equal(bench_watermark(&bench, low), LT_OK);
        assert_int_equal(bench_barrier(&bench), LT_OK);
        if (ops_below(&seed, 6) == 0)
            assert_int_equal(bench_reload(&bench, partitions[ops_below(&seed, 4)]), LT_OK);
        if (on_change && (within || kind != LT_WINDOW_SESSION)) {
            struct oracle_out got = {0};
            captured_net(&bench.capture, &got);
            outs_equal(&got, &want, seed);
            free(got.items);
        }
    }
    assert_int_equal(bench_end(&bench), LT_OK);
    struct oracle_out got = {0};
    captured_net(&bench.capture, &got);
    outs_equal(&got, &want, seed);
    assert_int_equal(bench.late_rows, want.late);
    free(got.items);
    free(want.items);
    bench_close(&bench);
    lt_arena_close(&plan.arena);
    lt_alloc_close(&alloc);
}

static void test_retracting(void **state)
{
    static const enum lt_window_kind kinds[] = {LT_WINDOW_TUMBLE, LT_WINDOW_HOP, LT_WINDOW_CUMULATE,
                                                LT_WINDOW_SESSION};
    LT_UNUSED(state);
    for (unsigned k = 0; k < 4; k++)
        for (uint64_t s = 1; s <= 60; s++)
            run_retracting(kinds[k], s);
}

/* A few rows through TUMBLE(10 s) by hand. */
struct script {
    struct lt_alloc alloc;
    struct ops_plan plan;
    struct ops_bench bench;
    int seen;
};

static struct lt_emit *script_plan(struct script *s, enum lt_window_kind kind, int64_t size)
{
    struct window_case c = {.kind = kind, .size = size, .slide = size};
    memset(s, 0, sizeof(*s));
    lt_alloc_init_root(&s->alloc, NULL, "test", SIZE_MAX);
    plan_window(&s->plan, &s->alloc, &c);
    return &s->plan.node.u.aggregate.emit;
}

static void script_open(struct script *s)
{
    assert_int_equal(bench_open(&s->bench, &s->alloc, &s->plan.node, 1, NULL), LT_OK);
}

static void script_close(struct script *s)
{
    bench_close(&s->bench);
    lt_arena_close(&s->plan.arena);
    lt_alloc_close(&s->alloc);
}

static void script_row(struct script *s, int64_t ts, int64_t v, int64_t behind)
{
    struct oracle_row row = {.k = 1, .ts = ts, .v = v, .behind = behind};
    assert_int_equal(bench_push(&s->bench, &row, 0, 1, NULL), LT_OK);
}

/* The next row that came out is (count, sum) with that weight. */
static void expect(struct script *s, int64_t count, int64_t sum, int weight)
{
    int at = 0;
    for (int i = 0; i < s->bench.capture.n; i++) {
        const struct lt_batch *batch = s->bench.capture.batches[i];
        for (uint32_t r = 0; r < batch->len; r++, at++) {
            if (at != s->seen)
                continue;
            assert_int_equal(captured(batch, 1, r), count);
            assert_int_equal(captured(batch, 2, r), sum);
            assert_int_equal(lt_batch_weight(batch, r), weight);
            s->seen++;
            return;
        }
    }
    fail_msg("nothing came out for (%ld, %ld)", (long)count, (long)sum);
}

static void expect_no_more(const struct script *s)
{
    int n = 0;
    for (int i = 0; i < s->bench.capture.n; i++)
        n += (int)s->bench.capture.batches[i]->len;
    assert_int_equal(n, s->seen);
}

static void test_discarding(void **state)
{
    LT_UNUSED(state);
    for (int kind = 0; kind < 2; kind++) {
        struct script s;
        enum lt_window_kind window = kind ? LT_WINDOW_SESSION : LT_WINDOW_TUMBLE;
        struct lt_emit *emit = script_plan(&s, window, 10 * SEC);
        emit->early_on_change = true;
        emit->late_on_change = true;
        emit->late_within_us = 5 * SEC;
        emit->mode = LT_EMIT_DISCARDING;
        script_open(&s);
        script_row(&s, 1 * SEC, 3, INT64_MIN);
        script_row(&s, 2 * SEC, 4, INT64_MIN);
        assert_int_equal(bench_barrier(&s.bench), LT_OK);
        expect(&s, 2, 7, 1);
        script_row(&s, 3 * SEC, 5, INT64_MIN);
        assert_int_equal(bench_barrier(&s.bench), LT_OK);
        expect(&s, 1, 5, 1);
        assert_int_equal(bench_watermark(&s.bench, 13 * SEC), LT_OK);
        assert_int_equal(bench_barrier(&s.bench), LT_OK);
        expect_no_more(&s); /* nothing new since */
        script_row(&s, 4 * SEC, 6, 13 * SEC);
        assert_int_equal(bench_barrier(&s.bench), LT_OK);
        expect(&s, 1, 6, 1);
        script_row(&s, 4 * SEC, 6, 20 * SEC);
        assert_int_equal(s.bench.late_rows, 1);
        assert_int_equal(bench_end(&s.bench), LT_OK);
        expect_no_more(&s);
        script_close(&s);
    }
}

static void test_accumulating(void **state)
{
    LT_UNUSED(state);
    struct script s;
    struct lt_emit *emit = script_plan(&s, LT_WINDOW_TUMBLE, 10 * SEC);
    emit->early_every_rows = 2;
    emit->mode = LT_EMIT_ACCUMULATING;
    script_open(&s);
    script_row(&s, 1 * SEC, 3, INT64_MIN);
    assert_int_equal(bench_barrier(&s.bench), LT_OK);
    expect_no_more(&s);
    script_row(&s, 1 * SEC, 3, INT64_MIN);
    assert_int_equal(bench_barrier(&s.bench), LT_OK);
    expect(&s, 2, 6, 1);
    script_row(&s, 1 * SEC, 3, INT64_MIN);
    assert_int_equal(bench_watermark(&s.bench, 10 * SEC), LT_OK);
    assert_int_equal(bench_barrier(&s.bench), LT_OK);
    expect(&s, 3, 9, 1);
    assert_int_equal(bench_end(&s.bench), LT_OK);
    expect_no_more(&s);
    script_close(&s);
}

/* EARLY EVERY and LATE EVERY follow the clock. */
static void test_every(void **state)
{
    LT_UNUSED(state);
    for (int kind = 0; kind < 2; kind++) {
        struct script s;
        enum lt_window_kind window = kind ? LT_WINDOW_SESSION : LT_WINDOW_TUMBLE;
        struct lt_emit *emit = script_plan(&s, window, 10 * SEC);
        emit->early_every_us = 5 * SEC;
        emit->late_every_us = 5 * SEC;
        emit->late_within_us = 60 * SEC;
        script_open(&s);
        assert_int_equal(bench_clock(&s.bench, 101 * SEC), LT_OK);
        script_row(&s, 1 * SEC, 3, INT64_MIN);
        assert_int_equal(bench_barrier(&s.bench), LT_OK);
        assert_int_equal(bench_clock(&s.bench, 104 * SEC), LT_OK);
        expect_no_more(&s);
        assert_int_equal(bench_reload(&s.bench, 1), LT_OK);
        assert_int_equal(bench_clock(&s.bench, 105 * SEC), LT_OK);
        expect(&s, 1, 3, 1);
        script_row(&s, 1 * SEC, 3, INT64_MIN);
        assert_int_equal(bench_watermark(&s.bench, 30 * SEC), LT_OK);
        assert_int_equal(bench_barrier(&s.bench), LT_OK);
        expect(&s, 2, 6, 1);
        expect(&s, 1, 3, -1);
        script_row(&s, 2 * SEC, 4, 30 * SEC);
        assert_int_equal(bench_barrier(&s.bench), LT_OK);
        expect_no_more(&s);
        assert_int_equal(bench_clock(&s.bench, 110 * SEC), LT_OK);
        expect(&s, 3, 10, 1);
        expect(&s, 2, 6, -1);
        script_row(&s, 2 * SEC, 1, 30 * SEC);
        assert_int_equal(bench_watermark(&s.bench, 300 * SEC), LT_OK);
        assert_int_equal(bench_barrier(&s.bench), LT_OK);
        expect(&s, 4, 11, 1); /* closing says what was still to be said */
        expect(&s, 3, 10, -1);
        assert_int_equal(bench_end(&s.bench), LT_OK);
        expect_no_more(&s);
        script_close(&s);
    }
}

/* Windows over the clock fire by timer, and at the end. */
static void test_proctime(void **state)
{
    LT_UNUSED(state);
    for (int kind = 0; kind < 3; kind++) {
        struct script s;
        struct lt_emit *emit = script_plan(&s, kind == 1 ? LT_WINDOW_SESSION : LT_WINDOW_TUMBLE,
                                           10 * SEC);
        s.plan.node.u.aggregate.window.proctime = true;
        emit->early_on_change = kind == 2;
        script_open(&s);
        assert_int_equal(bench_clock(&s.bench, 100 * SEC), LT_OK);
        script_row(&s, 0, 3, INT64_MIN);
        assert_int_equal(bench_barrier(&s.bench), LT_OK);
        if (kind == 2)
            expect(&s, 1, 3, 1);
        assert_int_equal(bench_clock(&s.bench, 108 * SEC), LT_OK);
        script_row(&s, 0, 4, INT64_MIN);
        expect_no_more(&s);
        assert_int_equal(bench_clock(&s.bench, 118 * SEC), LT_OK);
        expect(&s, 2, 7, 1);
        if (kind == 2)
            expect(&s, 1, 3, -1);
        assert_int_equal(bench_reload(&s.bench, 1), LT_OK);
        script_row(&s, 0, 5, INT64_MIN);
        assert_int_equal(bench_end(&s.bench), LT_OK);
        expect(&s, 1, 5, 1);
        expect_no_more(&s);
        assert_int_equal(s.bench.late_rows, 0);
        script_close(&s);
    }
}

/* Count windows: in order of arrival, the incomplete last one never. */
static void test_count(void **state)
{
    LT_UNUSED(state);
    for (int hop = 0; hop < 2; hop++) {
        struct script s;
        script_plan(&s, hop ? LT_WINDOW_COUNT_HOP : LT_WINDOW_COUNT_TUMBLE, SEC);
        s.plan.node.u.aggregate.window.count = 3;
        s.plan.node.u.aggregate.window.count_slide = 2;
        s.plan.node.u.aggregate.n_window_columns = 1;
        s.plan.window_columns[0] = LT_WINCOL_NO;
        s.plan.out_fields[5].type = &lt_type_bigint;
        s.plan.node.schema.len = 6;
        script_open(&s);
        struct oracle_row rows[7];
        for (int i = 0; i < 7; i++)
            rows[i] = (struct oracle_row){.k = 1, .v = 1 << i, .behind = INT64_MIN};
        assert_int_equal(bench_push(&s.bench, rows, 0, 2, NULL), LT_OK);
        assert_int_equal(bench_reload(&s.bench, 1), LT_OK);
        assert_int_equal(bench_push(&s.bench, rows, 2, 7, NULL), LT_OK);
        expect(&s, 3, 1 + 2 + 4, 1);
        expect(&s, 3, hop ? 4 + 8 + 16 : 8 + 16 + 32, 1);
        if (hop)
            expect(&s, 3, 16 + 32 + 64, 1);
        assert_int_equal(bench_end(&s.bench), LT_OK);
        expect_no_more(&s);
        script_close(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_discarding), cmocka_unit_test(test_accumulating),
        cmocka_unit_test(test_every),      cmocka_unit_test(test_proctime),
        cmocka_unit_test(test_count),      cmocka_unit_test(test_retracting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
