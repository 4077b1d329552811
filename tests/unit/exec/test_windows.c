/* test_windows.c -- window aggregates against the brute-force oracle, on random
 * disordered rows: whatever the cuts into batches, the yields, saving and loading, and
 * the number of partitions. */
#include "tests/unit/exec/ops.h"

#include "exec/windows/assign.h"

struct window_case {
    enum lt_window_kind kind;
    int64_t size, slide, offset, delay;
    bool only_on_update;
};

static void plan_window(struct ops_plan *p, struct lt_alloc *alloc, const struct window_case *c)
{
    plan_open(p, alloc, LT_NODE_WINDOW_AGGREGATE, &lt_type_bigint, &lt_type_bigint);
    plan_key(p, COL_K);
    plan_call(p, "COUNT", -1, false, false);
    plan_call(p, "SUM", COL_V, false, false);
    plan_call(p, "MIN", COL_V, false, false);
    plan_call(p, "MAX", COL_V, false, false);
    plan_window_column(p, LT_WINCOL_START, &lt_type_timestamp3);
    plan_window_column(p, LT_WINCOL_END, &lt_type_timestamp3);
    struct lt_window_spec *spec = &p->node.u.aggregate.window;
    spec->kind = c->kind;
    spec->time_column = COL_TS;
    spec->size.us = c->size;
    spec->slide.us = c->slide;
    spec->offset_us = c->offset;
    spec->emit_only_on_update = c->only_on_update;
}

static int64_t split_watermark(const struct oracle_row *rows, int n, int splits, int64_t delay)
{
    int64_t low = INT64_MAX;
    for (int s = 0; s < splits; s++) {
        int64_t top = INT64_MIN;
        for (int i = 0; i < n; i++)
            if (rows[i].split == s && rows[i].ts > top)
                top = rows[i].ts;
        int64_t own = top == INT64_MIN ? INT64_MIN : top - delay;
        low = own < low ? own : low;
    }
    return low;
}

static void play(struct lt_alloc *alloc, const struct window_case *c, struct oracle_row *rows,
                 int n, int splits, uint64_t seed, struct oracle_out *want)
{
    static const uint32_t partitions[] = {1, 4, 2, 3};
    struct ops_plan plan;
    struct ops_bench bench;
    struct oracle_out got = {0};
    uint64_t chance = seed;
    plan_window(&plan, alloc, c);
    assert_int_equal(bench_open(&bench, alloc, &plan.node, partitions[ops_below(&chance, 4)],
                                &chance),
                     LT_OK);
    int64_t cut = ops_below(&chance, 3) == 0 ? 1 : ops_below(&chance, 40) + 1;
    for (int at = 0; at < n;) {
        int to = at + (int)ops_below(&chance, cut) + 1;
        to = to > n ? n : to;
        assert_int_equal(bench_push(&bench, rows, at, to, NULL), LT_OK);
        at = to;
        int64_t low = split_watermark(rows, at, splits, c->delay);
        if (low != INT64_MIN)
            assert_int_equal(bench_watermark(&bench, low), LT_OK);
        assert_int_equal(bench_barrier(&bench), LT_OK);
        if (ops_below(&chance, 8) == 0)
            assert_int_equal(bench_reload(&bench, partitions[ops_below(&chance, 4)]), LT_OK);
    }
    assert_int_equal(bench_end(&bench), LT_OK);
    captured_net(&bench.capture, &got);
    outs_equal(&got, want, seed);
    assert_int_equal(bench.late_rows, want->late);
    bench_close(&bench);
    lt_arena_close(&plan.arena);
    free(got.items);
}

static void oracle_of(const struct window_case *c, struct oracle_row *rows, int n,
                      struct oracle_out *want)
{
    oracle_judge(rows, n, c->delay);
    if (c->kind == LT_WINDOW_CUMULATE)
        oracle_cumulate(want, rows, n, c->size, c->slide, c->offset, MS);
    else if (c->kind == LT_WINDOW_SESSION)
        oracle_session(want, rows, n, c->size, MS);
    else
        oracle_hop(want, rows, n, c->size, c->slide, c->offset, MS);
}

static void random_case(struct window_case *c, enum lt_window_kind kind, uint64_t *seed)
{
    *c = (struct window_case){.kind = kind};
    c->slide = (ops_below(seed, 9) + 1) * SEC;
    c->size = c->slide;
    if (kind == LT_WINDOW_HOP)
        c->size = (ops_below(seed, 30) + 1) * SEC;
    if (kind == LT_WINDOW_CUMULATE)
        c->size = c->slide * (ops_below(seed, 5) + 1);
    c->offset = ops_below(seed, 2) ? (ops_below(seed, 20) - 10) * SEC : 0;
    c->delay = ops_below(seed, 12) * SEC;
}

static void run_kind(enum lt_window_kind kind, int cases)
{
    for (uint64_t s = 1; s <= (uint64_t)cases; s++) {
        uint64_t seed = s * 7919 + kind;
        struct lt_alloc alloc;
        struct window_case c;
        struct oracle_row rows[160];
        struct oracle_out want = {0};
        lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
        random_case(&c, kind, &seed);
        int n = (int)ops_below(&seed, 160), splits = (int)ops_below(&seed, 2) + 1;
        int64_t t = ops_below(&seed, 100) * SEC - 50 * SEC, disorder = ops_below(&seed, 25) + 1;
        for (int i = 0; i < n; i++) {
            t += ops_below(&seed, 3) * SEC;
            rows[i] = (struct oracle_row){.k = ops_below(&seed, 4), .v = ops_below(&seed, 100) - 50,
                                          .split = (int)ops_below(&seed, splits),
                                          .ts = t - ops_below(&seed, disorder) * SEC};
        }
        oracle_of(&c, rows, n, &want);
        play(&alloc, &c, rows, n, splits, seed, &want);
        free(want.items);
        lt_alloc_close(&alloc);
    }
}

static void test_tumble(void **state)
{
    LT_UNUSED(state);
    run_kind(LT_WINDOW_TUMBLE, 100);
}

static void test_hop(void **state)
{
    LT_UNUSED(state);
    run_kind(LT_WINDOW_HOP, 200);
}

static void test_cumulate(void **state)
{
    LT_UNUSED(state);
    run_kind(LT_WINDOW_CUMULATE, 150);
}

static void test_session(void **state)
{
    LT_UNUSED(state);
    run_kind(LT_WINDOW_SESSION, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tumble),
        cmocka_unit_test(test_hop),
        cmocka_unit_test(test_cumulate),
        cmocka_unit_test(test_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
