/* test_graph.c -- whole plans, caller-driven: sources, time, epochs, ends, failures. */
#include "fake.h"

struct way {
    uint32_t parallelism, batch_rows;
    bool yields;
    uint64_t seed;
};

static const struct way ways[] = {
    {1, 0, false, 0}, {1, 1, false, 0}, {1, 7, true, 0},  {4, 0, false, 0},
    {4, 7, true, 1},  {3, 64, true, 2}, {4, 1, false, 3}, {2, 0, true, 4},
};

struct fixture {
    struct fake_world w;
    struct fake_table t, sink;
    struct fake_plan p;
    struct fake_out out;
    struct lt_run *run;
};

static void fixture_open(struct fixture *f, const struct way *way, bool bounded)
{
    world_prepare(&f->w);
    f->w.config.batch_rows = way->batch_rows;
    f->w.config.test_yield = way->yields;
    f->w.config.seed = way->seed;
    world_open(&f->w);
    fake_init(&f->t);
    fake_init(&f->sink);
    out_init(&f->out);
    plan_init(&f->p, &f->w.root, way->parallelism, bounded);
    f->run = NULL;
}

static void fixture_close(struct fixture *f)
{
    if (f->run)
        lt_graph_detach(f->w.graph, f->run, true);
    lt_arena_close(&f->p.plan.arena);
    fake_free(&f->t);
    fake_free(&f->sink);
    out_free(&f->out);
    world_close(&f->w);
}

static void check_values(struct fixture *f, int64_t n)
{
    assert_int_equal(f->out.len, n);
    qsort(f->out.rows, (size_t)n, sizeof(*f->out.rows), fake_compare);
    for (int64_t i = 0; i < n; i++)
        assert_int_equal(f->out.rows[i].v, i);
}

static void scan_output(const struct way *way)
{
    struct fixture f;
    fixture_open(&f, way, true);
    plan_root(&f.p, plan_node(&f.p, LT_NODE_OUTPUT, 1,
                              plan_watermark(&f.p, plan_scan(&f.p, &f.t), SECOND, 0)));
    for (int i = 0; i < 3; i++) {
        uint32_t split = fake_split(&f.t);
        for (int k = 0; k < 500; k++)
            fake_feed(&f.t, split, k % 7, k * 1000, i * 500 + k);
        fake_end(&f.t, split);
    }
    f.run = world_attach(&f.w, &f.p, &f.out);
    world_settle(&f.w);
    assert_int_equal(lt_run_status(f.run, NULL), LT_RUN_FINISHED);
    assert_true(f.out.ended && !f.out.failed);
    check_values(&f, 1500);
    assert_true(f.out.watermark == LT_WATERMARK_MAX);
    fixture_close(&f);
}

static void test_scan_output(void **state)
{
    (void)state;
    for (size_t i = 0; i < LT_ARRAY_LEN(ways); i++)
        scan_output(&ways[i]);
}

/* An unbounded source hands over what has arrived, epoch by epoch; the watermark
 * is the minimum over splits, also those of other partitions. */
static void unbounded(const struct way *way)
{
    struct fixture f;
    fixture_open(&f, way, false);
    plan_root(&f.p, plan_node(&f.p, LT_NODE_OUTPUT, 1,
                              plan_watermark(&f.p, plan_scan(&f.p, &f.t), SECOND, 0)));
    fake_split(&f.t);
    fake_split(&f.t);
    f.run = world_attach(&f.w, &f.p, &f.out);
    world_settle(&f.w);
    assert_int_equal(f.out.len, 0);
    fake_feed(&f.t, 0, 1, 10 * SECOND, 0);
    world_settle(&f.w);
    assert_int_equal(f.out.len, 1);
    assert_true(f.out.watermark == LT_WATERMARK_MIN); /* split 1 has given nothing */
    fake_feed(&f.t, 1, 1, 4 * SECOND, 1);
    fake_feed(&f.t, 1, 1, 6 * SECOND, 2);
    world_settle(&f.w);
    assert_true(f.out.watermark == 5 * SECOND);
    fake_end(&f.t, 1);
    fake_feed(&f.t, 0, 1, 11 * SECOND, 3);
    world_settle(&f.w);
    assert_true(f.out.watermark == 10 * SECOND);
    assert_int_equal(lt_run_status(f.run, NULL), LT_RUN_RUNNING);
    check_values(&f, 4);
    fixture_close(&f);
}

static void test_unbounded(void **state)
{
    (void)state;
    for (size_t i = 0; i < LT_ARRAY_LEN(ways); i++)
        unbounded(&ways[i]);
}

/* A silent split stops holding the watermark back, and starts from the combined one. */
static void idle_split(const struct way *way)
{
    struct fixture f;
    fixture_open(&f, way, false);
    struct lt_plan_node *sort = plan_node(
        &f.p, LT_NODE_SORT, 1,
        plan_watermark(&f.p, plan_scan(&f.p, &f.t), SECOND, 10 * SECOND));
    struct lt_sort_key key = {.column = 1};
    sort->u.sort.keys = &key;
    sort->u.sort.n_keys = 1;
    sort->u.sort.by_time = true;
    sort->u.sort.limit = -1;
    plan_root(&f.p, plan_node(&f.p, LT_NODE_OUTPUT, 1, sort));
    fake_split(&f.t);
    fake_split(&f.t);
    f.run = world_attach(&f.w, &f.p, &f.out);
    fake_feed(&f.t, 0, 1, 20 * SECOND, 0);
    fake_feed(&f.t, 1, 1, 5 * SECOND, 1);
    world_settle(&f.w);
    assert_true(f.out.watermark == 4 * SECOND);
    atomic_store(&f.w.now_us, 8 * SECOND);
    fake_feed(&f.t, 0, 1, 30 * SECOND, 2);
    world_settle(&f.w);
    atomic_store(&f.w.now_us, 11 * SECOND); /* split 1 has been silent for 11 s */
    world_settle(&f.w);
    fake_feed(&f.t, 0, 1, 31 * SECOND, 3);
    world_settle(&f.w);
    assert_true(f.out.watermark == 30 * SECOND);
    assert_int_equal(f.out.len, 3); /* 5, 20, 30 in order */
    assert_int_equal(f.out.rows[0].ts, 5 * SECOND);
    assert_int_equal(f.out.rows[2].ts, 30 * SECOND);
    fake_feed(&f.t, 1, 1, 25 * SECOND, 4); /* behind the combined watermark: late */
    fake_feed(&f.t, 1, 1, 40 * SECOND, 5);
    fake_feed(&f.t, 0, 1, 40 * SECOND, 6);
    world_settle(&f.w);
    assert_int_equal(lt_run_late_rows(f.run), 1);
    assert_true(f.out.watermark == 39 * SECOND);
    assert_int_equal(f.out.len, 4);
    atomic_store(&f.w.now_us, 60 * SECOND); /* all are idle: it stays */
    world_settle(&f.w);
    assert_true(f.out.watermark == 39 * SECOND);
    fake_feed(&f.t, 0, 1, 42 * SECOND, 7); /* the first to come back moves it */
    world_settle(&f.w);
    assert_true(f.out.watermark == 41 * SECOND);
    assert_int_equal(f.out.len, 6);
    fixture_close(&f);
}

static void test_idle_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < LT_ARRAY_LEN(ways); i++)
        idle_split(&ways[i]);
}

static void limit(const struct way *way)
{
    struct fixture f;
    fixture_open(&f, way, false);
    struct lt_plan_node *node = plan_node(&f.p, LT_NODE_LIMIT, 1, plan_scan(&f.p, &f.t));
    node->u.limit.limit = 10;
    node->u.limit.offset = 5;
    plan_root(&f.p, plan_node(&f.p, LT_NODE_OUTPUT, 1, node));
    f.t.splits[fake_split(&f.t)].generate = 1000000000;
    f.run = world_attach(&f.w, &f.p, &f.out);
    world_settle(&f.w);
    assert_int_equal(lt_run_status(f.run, NULL), LT_RUN_FINISHED);
    assert_int_equal(f.t.n_readers_open, 1 * 0);
    assert_int_equal(f.out.len, 10);
    for (int i = 0; i < 10; i++)
        assert_int_equal(f.out.rows[i].v, 5 + i);
    assert_true(atomic_load(&f.t.polled) < 2000000);
    fixture_close(&f);
}

static void test_limit_ends_source(void **state)
{
    (void)state;
    for (size_t i = 0; i < LT_ARRAY_LEN(ways); i++)
        limit(&ways[i]);
}

static void test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < LT_ARRAY_LEN(ways); i++) {
        struct fixture f;
        fixture_open(&f, &ways[i], true);
        struct lt_plan_node *values = plan_node(&f.p, LT_NODE_VALUES, 0);
        struct lt_schema none = {0, NULL};
        values->schema = none;
        values->u.values.n_rows = 5;
        struct lt_plan_node *out = plan_node(&f.p, LT_NODE_OUTPUT, 1, values);
        out->schema = none;
        plan_root(&f.p, out);
        f.run = world_attach(&f.w, &f.p, &f.out);
        world_settle(&f.w);
        assert_int_equal(lt_run_status(f.run, NULL), LT_RUN_FINISHED);
        assert_int_equal(f.out.len, 5);
        fixture_close(&f);
    }
}

static void sink(const struct way *way, bool bounded, bool cancel)
{
    struct fixture f;
    fixture_open(&f, way, bounded);
    plan_sink(&f.p, plan_scan(&f.p, &f.t), &f.sink);
    f.sink.busy_every = 3;
    uint32_t split = fake_split(&f.t);
    f.run = world_attach(&f.w, &f.p, NULL);
    for (int i = 0; i < 20; i++) {
        for (int k = 0; k < 10; k++)
            fake_feed(&f.t, split, k, 0, i * 10 + k);
        world_settle(&f.w);
        world_settle(&f.w);
    }
    for (int i = 0; i < 400; i++)
        world_pump(&f.w); /* what was busy */
    assert_int_equal(f.sink.n_written, 200);
    assert_int_equal(f.sink.n_committed, bounded ? 0 : 200);
    fake_feed(&f.t, split, 0, 0, 200);
    if (bounded && !cancel) {
        fake_end(&f.t, split);
        for (int i = 0; i < 400; i++)
            world_pump(&f.w);
        assert_int_equal(lt_run_status(f.run, NULL), LT_RUN_FINISHED);
        assert_int_equal(f.sink.n_committed, 201);
    }
    f.sink.busy_every = 0;
    lt_graph_detach(f.w.graph, f.run, cancel);
    f.run = NULL;
    if (cancel)
        assert_int_equal(f.sink.n_committed, bounded ? 0 : 200);
    else
        assert_true(f.sink.n_ends >= 1 && f.sink.n_committed >= 200);
    if (bounded)
        assert_int_equal(f.sink.n_aborts > 0, cancel);
    fixture_close(&f);
}

static void test_sink(void **state)
{
    (void)state;
    for (size_t i = 0; i < LT_ARRAY_LEN(ways); i++)
        for (int k = 0; k < 4; k++)
            sink(&ways[i], k & 1, k & 2);
}

/* Two ways from source to output: each epoch has both copies of a row, or none. */
static void diamond(const struct way *way, bool changing)
{
    struct fixture f;
    fixture_open(&f, way, false);
    struct lt_plan_node *scan = plan_scan(&f.p, &f.t);
    struct lt_plan_node *a = plan_exchange(&f.p, scan, LT_EXCHANGE_HASH);
    struct lt_plan_node *b = plan_exchange(&f.p, plan_exchange(&f.p, scan, LT_EXCHANGE_REBALANCE),
                                           LT_EXCHANGE_HASH);
    struct lt_plan_node *all = plan_node(&f.p, LT_NODE_UNION, 3, a, b, scan);
    all->props.single_path = false;
    all->props.changing = changing;
    plan_root(&f.p, plan_node(&f.p, LT_NODE_OUTPUT, 1, all));
    for (int i = 0; i < 5; i++)
        fake_split(&f.t);
    f.run = world_attach(&f.w, &f.p, &f.out);
    int64_t next = 0, told = 0;
    for (int i = 0; i < 30; i++) {
        for (int k = 0; k < 37; k++, next++)
            fake_feed(&f.t, (uint32_t)(next % 5), next * 7, 0, next);
        f.out.busy = i % 5 == 3;
        world_pump(&f.w);
        if (f.out.busy)
            continue;
        assert_int_equal(f.out.len, f.out.epoch_rows); /* rows leave at ends of epochs only */
        int64_t weight = 0, sum = 0;
        for (int64_t k = told; k < f.out.len; k++) {
            weight += f.out.rows[k].w;
            sum += f.out.rows[k].v * f.out.rows[k].w;
        }
        assert_int_equal(weight % 3, 0);
        assert_int_equal(sum % 3, 0);
        told = f.out.len;
    }
    world_settle(&f.w);
    int64_t *count = calloc((size_t)next, sizeof(*count));
    for (int64_t k = 0; k < f.out.len; k++)
        count[f.out.rows[k].v] += f.out.rows[k].w;
    for (int64_t k = 0; k < next; k++)
        assert_int_equal(count[k], 3);
    free(count);
    fixture_close(&f);
}

static void test_diamond(void **state)
{
    (void)state;
    for (size_t i = 0; i < LT_ARRAY_LEN(ways); i++) {
        diamond(&ways[i], false);
        diamond(&ways[i], true);
    }
}

static void test_sort_bounded(void **state)
{
    (void)state;
    for (size_t i = 0; i < LT_ARRAY_LEN(ways); i++)
        for (int64_t rows = -1; rows <= 100; rows += 101) {
            struct fixture f;
            fixture_open(&f, &ways[i], true);
            struct lt_plan_node *sort = plan_node(&f.p, LT_NODE_SORT, 1, plan_scan(&f.p, &f.t));
            struct lt_sort_key keys[] = {{.column = 0, .descending = true}, {.column = 1}};
            sort->u.sort.keys = keys;
            sort->u.sort.n_keys = 2;
            sort->u.sort.limit = rows;
            sort->u.sort.offset = 3;
            plan_root(&f.p, plan_node(&f.p, LT_NODE_OUTPUT, 1, sort));
            for (uint32_t s = 0; s < 3; s++) {
                fake_split(&f.t);
                for (int k = 0; k < 4000; k++)
                    fake_feed(&f.t, s, (k * 37) % 101, (k * 11) % 13, k);
                fake_end(&f.t, s);
            }
            f.run = world_attach(&f.w, &f.p, &f.out);
            world_settle(&f.w);
            assert_int_equal(lt_run_status(f.run, NULL), LT_RUN_FINISHED);
            assert_int_equal(f.out.len, rows < 0 ? 12000 - 3 : rows);
            for (int64_t k = 1; k < f.out.len; k++) {
                const struct fake_row *a = &f.out.rows[k - 1], *b = &f.out.rows[k];
                assert_true(a->k > b->k || (a->k == b->k && a->ts <= b->ts));
            }
            fixture_close(&f);
        }
}

/* A second statement comes and goes while the first runs. */
static void test_attach_under_load(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, &ways[3], true);
    plan_root(&f.p, plan_node(&f.p, LT_NODE_OUTPUT, 1, plan_scan(&f.p, &f.t)));
    f.t.splits[fake_split(&f.t)].generate = 500000;
    f.run = world_attach(&f.w, &f.p, &f.out);
    for (int i = 0; i < 4; i++) {
        struct fake_plan p2;
        struct fake_out out2;
        out_init(&out2);
        plan_init(&p2, &f.w.root, 2, false);
        plan_root(&p2, plan_node(&p2, LT_NODE_OUTPUT, 1, plan_scan(&p2, &f.t)));
        world_pump(&f.w);
        struct lt_run *second = world_attach(&f.w, &p2, &out2);
        world_pump(&f.w);
        assert_true(out2.len > 0);
        lt_graph_detach(f.w.graph, second, i % 2);
        lt_arena_close(&p2.plan.arena);
        out_free(&out2);
    }
    world_settle(&f.w);
    check_values(&f, 500000);
    fixture_close(&f);
}

/* What fails takes nobody else down. */
static void test_failure_is_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < LT_ARRAY_LEN(ways); i++) {
        struct fixture f;
        fixture_open(&f, &ways[i], false);
        plan_root(&f.p, plan_node(&f.p, LT_NODE_OUTPUT, 1, plan_scan(&f.p, &f.t)));
        struct fake_plan p2;
        struct fake_out out2;
        struct fake_table t2;
        fake_init(&t2);
        out_init(&out2);
        plan_init(&p2, &f.w.root, ways[i].parallelism, false);
        plan_root(&p2, plan_node(&p2, LT_NODE_OUTPUT, 1,
                                 plan_watermark(&p2, plan_scan(&p2, &t2), 0, 0)));
        fake_split(&f.t);
        fake_split(&t2);
        f.run = world_attach(&f.w, &f.p, &f.out);
        struct lt_run *bad = world_attach(&f.w, &p2, &out2);
        fake_feed(&f.t, 0, 1, 1, 0);
        fake_feed(&t2, 0, 1, FAKE_NULL, 0);
        world_settle(&f.w);
        struct lt_error err = {0};
        assert_int_equal(lt_run_status(bad, &err), LT_RUN_FAILED);
        assert_int_equal(err.code, LT_DATA);
        assert_non_null(strstr(err.message, "column ts is NULL"));
        assert_true(out2.failed);
        fake_feed(&f.t, 0, 1, 1, 1);
        world_settle(&f.w);
        check_values(&f, 2);
        lt_graph_detach(f.w.graph, bad, false);
        lt_arena_close(&p2.plan.arena);
        out_free(&out2);
        fake_free(&t2);
        fixture_close(&f);
    }
}

/* ---- every allocation fails in turn ---------------------------------------------- */

struct failing {
    int64_t left;
};

static void *failing_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    (void)old_size;
    struct failing *failing = ctx;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    if (failing->left-- == 0)
        return NULL;
    return realloc(ptr, new_size);
}

static bool once_failing(struct failing *failing, const struct way *way)
{
    struct fixture f;
    struct fake_plan p;
    struct lt_alloc plans;
    struct lt_sort_key key = {.column = 0};
    lt_alloc_init_root(&plans, NULL, "plans", SIZE_MAX);
    world_prepare(&f.w);
    struct lt_allocator_hooks hooks = {failing_resize, failing};
    lt_alloc_init_root(&f.w.root, &hooks, "test", SIZE_MAX);
    f.w.config.test_yield = way->yields;
    fake_init(&f.t);
    fake_init(&f.sink);
    out_init(&f.out);
    plan_init(&p, &plans, way->parallelism, true);
    struct lt_plan_node *scan = plan_watermark(&p, plan_scan(&p, &f.t), SECOND, 0);
    struct lt_plan_node *all = plan_node(&p, LT_NODE_UNION, 2, scan,
                                         plan_exchange(&p, scan, LT_EXCHANGE_HASH));
    all->props.changing = true;
    struct lt_plan_node *sort = plan_node(&p, LT_NODE_SORT, 1, all);
    sort->u.sort.keys = &key;
    sort->u.sort.n_keys = 1;
    sort->u.sort.limit = -1;
    sort->props.lag_us = NULL;
    plan_root(&p, plan_node(&p, LT_NODE_OUTPUT, 1, sort));
    plan_sink(&p, all, &f.sink);
    for (uint32_t s = 0; s < 2; s++) {
        fake_split(&f.t);
        for (int k = 0; k < 50; k++)
            fake_feed(&f.t, s, k, 100 - k, s * 50 + k);
        fake_end(&f.t, s);
    }
    bool failed = true;
    lt_status status = lt_graph_open(&f.w.config, &f.w.graph, &f.w.err);
    if (status == LT_OK) {
        struct lt_run *run = NULL;
        status = lt_graph_attach(f.w.graph, &p.plan, &f.out.sink, &run, &f.w.err);
        for (int i = 0; status == LT_OK && i < 5; i++) {
            int64_t wait_us;
            status = lt_graph_pump(f.w.graph, &wait_us, &f.w.err);
        }
        if (run) {
            enum lt_run_state state = lt_run_status(run, NULL);
            if (status == LT_OK && state == LT_RUN_FINISHED)
                failed = false;
            else
                assert_true(status == LT_NOMEM || state == LT_RUN_FAILED);
            lt_graph_detach(f.w.graph, run, true);
        }
        if (!failed)
            assert_int_equal(f.sink.n_committed, f.sink.n_written);
        lt_graph_close(f.w.graph);
    }
    lt_alloc_close(&f.w.root);
    lt_arena_close(&p.plan.arena);
    lt_alloc_close(&plans);
    fake_free(&f.t);
    fake_free(&f.sink);
    out_free(&f.out);
    return failed;
}

static void test_allocations_fail(void **state)
{
    (void)state;
    static const struct way two[] = {{1, 0, false, 0}, {2, 0, true, 0}};
    for (size_t i = 0; i < LT_ARRAY_LEN(two); i++) {
        struct failing failing;
        bool failed = true;
        int64_t n = 0;
        for (; failed && n < 100000; n++) {
            failing.left = n;
            failed = once_failing(&failing, &two[i]);
        }
        assert_false(failed);
        assert_true(n > 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scan_output),       cmocka_unit_test(test_unbounded),
        cmocka_unit_test(test_idle_split),        cmocka_unit_test(test_limit_ends_source),
        cmocka_unit_test(test_values),            cmocka_unit_test(test_sink),
        cmocka_unit_test(test_diamond),           cmocka_unit_test(test_sort_bounded),
        cmocka_unit_test(test_attach_under_load), cmocka_unit_test(test_failure_is_alone),
        cmocka_unit_test(test_allocations_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
