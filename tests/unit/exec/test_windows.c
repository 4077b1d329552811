/* test_windows.c -- window aggregates against the brute-force oracle, on random
 * disordered rows: whatever the cuts into batches, the yields, saving and loading, and
 * the number of partitions. */
#include "tests/unit/exec/window_cases.h"

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
        int splits, n = random_rows(rows, 160, &splits, &seed);
        oracle_of(&c, rows, n, 0, &want);
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
    run_kind(LT_WINDOW_HOP, 400);
}

/* More keys than are taken out of a running total in one go (sliced.c), and rows that come
 * for slices that are in it: late rows, but not for all windows. */
static void test_hop_many_keys(void **state)
{
    LT_UNUSED(state);
    enum { ROWS = 6000, KEYS = 1500 };
    struct lt_alloc alloc;
    struct window_case c = {.kind = LT_WINDOW_HOP, .size = 4 * SEC, .slide = SEC, .inverse = true};
    struct oracle_row *rows = calloc(ROWS, sizeof(*rows));
    struct oracle_out want = {0};
    uint64_t seed = 1;
    assert_non_null(rows);
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    for (int i = 0; i < ROWS; i++) {
        int64_t back = ops_below(&seed, 4) ? 0 : ops_below(&seed, 4000);
        rows[i] = (struct oracle_row){.k = ops_below(&seed, KEYS), .v = ops_below(&seed, 100),
                                      .ts = i * 6000 / ROWS * MS - back * MS};
    }
    oracle_of(&c, rows, ROWS, 0, &want);
    play(&alloc, &c, rows, ROWS, 1, seed, &want);
    free(want.items);
    free(rows);
    lt_alloc_close(&alloc);
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

/* Time leaps after every burst of rows, past the end of all sessions or of most of them, so
 * that all keys are looked at in one go (session_fire.c). */
static void test_session_many_keys(void **state)
{
    LT_UNUSED(state);
    enum { ROWS = 9000, BURST = 3000, KEYS = 1500 };
    for (uint64_t s = 1; s <= 8; s++) {
        struct lt_alloc alloc;
        struct window_case c = {.kind = LT_WINDOW_SESSION, .size = 2 * SEC, .inverse = s % 2};
        struct oracle_row *rows = calloc(ROWS, sizeof(*rows));
        struct oracle_out want = {0};
        uint64_t seed = s;
        int64_t t = 0;
        assert_non_null(rows);
        lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
        c.delay = ops_below(&seed, 2) * SEC;
        for (int i = 0; i < ROWS; i++) {
            int64_t back = ops_below(&seed, 8) ? 0 : ops_below(&seed, 4000);
            t += i % BURST ? MS : 2 * SEC + ops_below(&seed, 4) * SEC;
            rows[i] = (struct oracle_row){.k = ops_below(&seed, KEYS), .v = ops_below(&seed, 100),
                                          .ts = t - back * MS};
        }
        oracle_of(&c, rows, ROWS, 0, &want);
        play(&alloc, &c, rows, ROWS, 1, seed, &want);
        free(want.items);
        free(rows);
        lt_alloc_close(&alloc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tumble),
        cmocka_unit_test(test_hop),
        cmocka_unit_test(test_hop_many_keys),
        cmocka_unit_test(test_cumulate),
        cmocka_unit_test(test_session),
        cmocka_unit_test(test_session_many_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
