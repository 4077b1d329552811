/* test_group.c -- GROUP BY without a window: the net of its changes is the answer on
 * every prefix, also when rows are taken back, groups vanish and state moves. */
#include "tests/unit/exec/ops.h"

static void plan_group(struct ops_plan *p, struct lt_alloc *alloc, bool changing, bool global)
{
    plan_open(p, alloc, LT_NODE_AGGREGATE, &lt_type_bigint, &lt_type_bigint);
    if (!global)
        plan_key(p, COL_K);
    plan_call(p, "COUNT", -1, false, changing);
    plan_call(p, "SUM", COL_V, false, changing);
    plan_call(p, "MIN", COL_V, false, changing);
    plan_call(p, "MAX", COL_V, false, changing);
    p->node.u.aggregate.global = global;
}

static void oracle_group(struct oracle_out *want, const struct oracle_row *rows,
                         const int32_t *weights, int n)
{
    /* what is left of the rows: each retraction takes one equal row away */
    bool gone[512] = {false};
    for (int i = 0; i < n; i++)
        for (int j = 0; weights[i] < 0 && j < i; j++)
            if (!gone[j] && weights[j] > 0 && rows[j].k == rows[i].k && rows[j].v == rows[i].v) {
                gone[j] = true;
                break;
            }
    for (int i = 0; i < n; i++)
        if (weights[i] > 0 && !gone[i])
            oracle_add(oracle_at(want, rows[i].k, 0, 0), rows[i].v);
}

static void run_group(uint64_t seed, bool changing, bool final_only)
{
    static const uint32_t partitions[] = {1, 4, 2, 3};
    struct lt_alloc alloc;
    struct ops_plan plan;
    struct ops_bench bench;
    struct oracle_row rows[300];
    int32_t weights[300];
    int n = (int)ops_below(&seed, 300), cut = (int)ops_below(&seed, 30) + 1;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    plan_group(&plan, &alloc, changing, false);
    plan.node.props.final_only = final_only;
    for (int i = 0; i < n; i++) {
        rows[i] = (struct oracle_row){.k = ops_below(&seed, 6), .v = ops_below(&seed, 30),
                                      .behind = INT64_MIN};
        weights[i] = 1;
        int back = i ? (int)ops_below(&seed, i) : 0;
        if (changing && i && weights[back] == 1 && ops_below(&seed, 2)) {
            weights[back] = 2; /* taken back once */
            rows[i] = rows[back];
            weights[i] = -1;
        }
    }
    for (int i = 0; i < n; i++)
        weights[i] = weights[i] == 2 ? 1 : weights[i];
    assert_int_equal(bench_open(&bench, &alloc, &plan.node, 2, &seed), LT_OK);
    for (int at = 0; at < n;) {
        int to = at + (int)ops_below(&seed, cut) + 1;
        to = to > n ? n : to;
        assert_int_equal(bench_push(&bench, rows, at, to, changing ? weights : NULL), LT_OK);
        at = to;
        if (ops_below(&seed, 2) && at < n)
            continue;
        assert_int_equal(bench_barrier(&bench), LT_OK);
        if (ops_below(&seed, 4) == 0)
            assert_int_equal(bench_reload(&bench, partitions[ops_below(&seed, 4)]), LT_OK);
        struct oracle_out got = {0}, want = {0};
        oracle_group(&want, rows, weights, at);
        captured_net(&bench.capture, &got);
        if (final_only)
            assert_int_equal(got.n, 0);
        else
            outs_equal(&got, &want, seed);
        free(got.items);
        free(want.items);
    }
    assert_int_equal(bench_end(&bench), LT_OK);
    struct oracle_out got = {0}, want = {0};
    oracle_group(&want, rows, weights, n);
    captured_net(&bench.capture, &got);
    outs_equal(&got, &want, seed);
    free(got.items);
    free(want.items);
    bench_close(&bench);
    lt_arena_close(&plan.arena);
    lt_alloc_close(&alloc);
}

static void test_append_only(void **state)
{
    LT_UNUSED(state);
    for (uint64_t seed = 1; seed <= 60; seed++)
        run_group(seed * 104729, false, false);
}

static void test_changing(void **state)
{
    LT_UNUSED(state);
    for (uint64_t seed = 1; seed <= 60; seed++)
        run_group(seed * 7919, true, false);
}

static void test_final_only(void **state)
{
    LT_UNUSED(state);
    for (uint64_t seed = 1; seed <= 30; seed++)
        run_group(seed * 1299709, seed % 2, true);
}

/* More final groups than are put in order: each that has rows left comes once, also when
 * whoever takes them asks for a pause. */
static void test_many_final(void **state)
{
    LT_UNUSED(state);
    enum { KEYS = 6000, STEP = 200 };
    struct lt_alloc alloc;
    struct ops_plan plan;
    struct ops_bench bench;
    uint64_t seed = 3;
    uint8_t seen[KEYS] = {0};
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    plan_group(&plan, &alloc, true, false);
    plan.node.props.final_only = true;
    assert_int_equal(bench_open(&bench, &alloc, &plan.node, 1, &seed), LT_OK);
    for (int back = 0; back < 2; back++)
        for (int from = 0; from < KEYS; from += STEP) {
            struct oracle_row rows[STEP];
            int32_t weights[STEP];
            int n = 0;
            for (int k = from; k < from + STEP; k++) {
                if (back && k % 2 == 0)
                    continue;
                weights[n] = back ? -1 : 1;
                rows[n++] = (struct oracle_row){.k = k, .v = 3 * k, .behind = INT64_MIN};
            }
            assert_int_equal(bench_push(&bench, rows, 0, n, weights), LT_OK);
        }
    assert_int_equal(bench_barrier(&bench), LT_OK);
    assert_int_equal(bench_reload(&bench, 1), LT_OK);
    assert_int_equal(bench_end(&bench), LT_OK);
    for (int i = 0; i < bench.capture.n; i++)
        for (uint32_t row = 0; row < bench.capture.batches[i]->len; row++) {
            int64_t k = captured(bench.capture.batches[i], 0, row);
            assert_true(k >= 0 && k < KEYS && k % 2 == 0);
            assert_int_equal(seen[k]++, 0);
            assert_int_equal(captured(bench.capture.batches[i], 1, row), 1);
            assert_int_equal(captured(bench.capture.batches[i], 2, row), 3 * k);
        }
    for (int k = 0; k < KEYS; k++)
        assert_int_equal(seen[k], k % 2 == 0);
    bench_close(&bench);
    lt_arena_close(&plan.arena);
    lt_alloc_close(&alloc);
}

/* One row from the start: COUNT 0, the others NULL. */
static void test_global(void **state)
{
    LT_UNUSED(state);
    struct lt_alloc alloc;
    struct ops_plan plan;
    struct ops_bench bench;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    plan_group(&plan, &alloc, false, true);
    assert_int_equal(bench_open(&bench, &alloc, &plan.node, 1, NULL), LT_OK);
    assert_int_equal(bench_barrier(&bench), LT_OK);
    assert_int_equal(bench.capture.n, 1);
    assert_int_equal(bench.capture.batches[0]->len, 1);
    assert_int_equal(captured(bench.capture.batches[0], 0, 0), 0);
    assert_true(captured(bench.capture.batches[0], 1, 0) == INT64_MIN);
    assert_int_equal(bench_reload(&bench, 1), LT_OK);
    assert_int_equal(bench_barrier(&bench), LT_OK);
    assert_int_equal(bench.capture.n, 1); /* nothing new to say */
    struct oracle_row row = {.k = 1, .v = 5, .behind = INT64_MIN};
    assert_int_equal(bench_push(&bench, &row, 0, 1, NULL), LT_OK);
    assert_int_equal(bench_barrier(&bench), LT_OK);
    assert_int_equal(bench.capture.n, 2);
    assert_int_equal(bench.capture.batches[1]->len, 2);
    bench_close(&bench);
    lt_arena_close(&plan.arena);
    lt_alloc_close(&alloc);
}

/* Keys that never come again: with a TTL the state does not grow with their number. */
static void test_ttl(void **state)
{
    LT_UNUSED(state);
    enum { KEYS = 200, STEPS = 90 };
    struct lt_alloc alloc;
    struct ops_plan plan;
    struct ops_bench bench;
    uint64_t bytes[STEPS];
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    plan_group(&plan, &alloc, true, false);
    plan.node.u.aggregate.ttl_us = 10 * (int64_t)SEC;
    plan.node.props.state = LT_STATE_BY_TTL;
    assert_int_equal(bench_open(&bench, &alloc, &plan.node, 1, NULL), LT_OK);
    for (int step = 0; step < STEPS; step++) {
        struct oracle_row rows[KEYS];
        for (int i = 0; i < KEYS; i++)
            rows[i] = (struct oracle_row){.k = step * KEYS + i, .v = i, .behind = INT64_MIN};
        bench.now_us = bench.ctx[0].now_us = (step + 1) * (int64_t)SEC;
        assert_int_equal(bench_push(&bench, rows, 0, KEYS, NULL), LT_OK);
        assert_int_equal(bench_barrier(&bench), LT_OK);
        bytes[step] = bench.op[0].memory_bytes;
        if (step == STEPS / 2) /* the times are saved, too */
            assert_int_equal(bench_reload(&bench, 1), LT_OK);
    }
    assert_true(bytes[9] > bytes[0]);
    assert_true(bytes[STEPS - 1] < 3 * bytes[9]);
    /* the last ten steps' groups are there and take rows back; older ones are not */
    struct oracle_row back[2] = {{.k = STEPS * KEYS - 1, .v = KEYS - 1, .behind = INT64_MIN},
                                 {.k = 0, .v = 0, .behind = INT64_MIN}};
    int32_t weights[2] = {-1, -1};
    int before = bench.capture.n;
    assert_int_equal(bench_push(&bench, back, 0, 2, weights), LT_OK);
    assert_int_equal(bench_barrier(&bench), LT_OK);
    assert_int_equal(bench.late_rows, 1);
    assert_int_equal(bench.capture.n, before + 1);
    assert_int_equal(bench.capture.batches[before]->len, 1);
    bench_close(&bench);
    lt_arena_close(&plan.arena);
    lt_alloc_close(&alloc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append_only),
        cmocka_unit_test(test_changing),
        cmocka_unit_test(test_final_only),
        cmocka_unit_test(test_many_final),
        cmocka_unit_test(test_global),
        cmocka_unit_test(test_ttl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
