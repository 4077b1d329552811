/* test_share.c -- statements that come and go over one running source. */
#include "fake.h"

#include <time.h>

struct way {
    uint32_t parallelism, workers;
    bool yields;
    uint64_t seed;
};

static const struct way ways[] = {
    {1, 0, false, 0}, {4, 0, true, 1}, {3, 0, false, 2}, {1, 1, false, 0}, {4, 2, false, 0},
};

struct fixture {
    struct fake_world w;
    struct fake_table t;
    const struct way *way;
};

struct user {
    struct fake_plan p;
    struct fake_out out;
    struct lt_run *run;
};

static void fixture_open(struct fixture *f, const struct way *way)
{
    f->way = way;
    world_prepare(&f->w);
    f->w.config.n_workers = way->workers;
    f->w.config.test_yield = way->yields;
    f->w.config.seed = way->seed;
    f->w.config.share_sources = true;
    world_open(&f->w);
    fake_init(&f->t);
    fake_split(&f->t);
    fake_split(&f->t);
}

static void fixture_close(struct fixture *f)
{
    fake_free(&f->t);
    world_close(&f->w);
}

/* scan -> watermark -> (exchange) -> limit? -> output */
static void user_start(struct fixture *f, struct user *u, int64_t limit)
{
    out_init(&u->out);
    plan_init(&u->p, &f->w.root, f->way->parallelism, false);
    struct lt_plan_node *node = plan_watermark(&u->p, plan_scan(&u->p, &f->t), SECOND, 0);
    node = plan_exchange(&u->p, node, LT_EXCHANGE_HASH);
    if (limit > 0) {
        node = plan_node(&u->p, LT_NODE_LIMIT, 1, node);
        node->u.limit.limit = limit;
    }
    plan_root(&u->p, plan_node(&u->p, LT_NODE_OUTPUT, 1, node));
    u->run = world_attach(&f->w, &u->p, &u->out);
}

static void user_stop(struct fixture *f, struct user *u, bool cancel)
{
    lt_graph_detach(f->w.graph, u->run, cancel);
}

static void user_free(struct user *u)
{
    assert_int_equal((int32_t)atomic_load(&u->p.plan.pins), 0);
    lt_arena_close(&u->p.plan.arena);
    out_free(&u->out);
}

static int64_t rows_of(struct user *u)
{
    pthread_mutex_lock(&u->out.lock);
    int64_t n = u->out.len;
    pthread_mutex_unlock(&u->out.lock);
    return n;
}

static void settle(struct fixture *f, struct user *u, int64_t rows)
{
    if (!f->way->workers)
        world_settle(&f->w);
    for (int ms = 0; f->way->workers && ms < 10000 && rows_of(u) < rows; ms++) {
        lt_graph_wake(f->w.graph);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    assert_int_equal(rows_of(u), rows);
}

static void feed(struct fixture *f, int64_t from, int64_t n)
{
    for (int64_t i = from; i < from + n; i++)
        fake_feed(&f->t, (uint32_t)(i % 2), i, (i + 10) * SECOND, i);
}

static uint32_t readers(struct fixture *f)
{
    pthread_mutex_lock(&f->t.lock);
    uint32_t n = f->t.n_readers_open;
    pthread_mutex_unlock(&f->t.lock);
    return n;
}

static void come_and_go(const struct way *way)
{
    struct fixture f;
    struct user a, b, c;
    fixture_open(&f, way);
    user_start(&f, &a, 0);
    feed(&f, 0, 100);
    settle(&f, &a, 100);
    user_start(&f, &b, 0); /* sees rows from here on */
    assert_int_equal(f.t.n_sources_open, 1);
    feed(&f, 100, 100);
    settle(&f, &a, 200);
    settle(&f, &b, 100);
    for (int64_t i = 0; i < b.out.len; i++)
        assert_true(b.out.rows[i].v >= 100);
    assert_int_equal(readers(&f), 2);
    user_start(&f, &c, 10);
    user_stop(&f, &a, true); /* the feeder was made of its plan, and stays */
    feed(&f, 200, 50);
    settle(&f, &b, 150);
    settle(&f, &c, 10);
    feed(&f, 250, 50);
    settle(&f, &b, 200);
    user_stop(&f, &c, false);
    assert_int_equal(f.t.n_sources_open, 1);
    struct lt_run_image *image = NULL;
    assert_int_equal(lt_run_save(b.run, &image, &f.w.err), LT_UNSUPPORTED);
    user_stop(&f, &b, false);
    assert_int_equal(f.t.n_sources_open, 0);
    user_free(&a);
    user_free(&b);
    user_free(&c);
    fixture_close(&f);
}

static void test_come_and_go(void **state)
{
    (void)state;
    for (size_t i = 0; i < LT_ARRAY_LEN(ways); i++)
        come_and_go(&ways[i]);
}

static void test_watermark_and_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct fixture f;
        struct user a, b;
        fixture_open(&f, &ways[i]);
        user_start(&f, &a, 0);
        feed(&f, 0, 10);
        settle(&f, &a, 10);
        user_start(&f, &b, 0);
        world_settle(&f.w);
        feed(&f, 10, 2);
        settle(&f, &b, 2);
        assert_true(b.out.watermark == 19 * SECOND && a.out.watermark == 19 * SECOND);
        fake_end(&f.t, 0);
        fake_end(&f.t, 1);
        world_settle(&f.w);
        assert_int_equal(lt_run_status(a.run, NULL), LT_RUN_FINISHED);
        assert_int_equal(lt_run_status(b.run, NULL), LT_RUN_FINISHED);
        user_stop(&f, &a, false);
        user_stop(&f, &b, false);
        user_free(&a);
        user_free(&b);
        fixture_close(&f);
    }
}

/* What fails the source fails all that read it, with its message. */
static void test_source_fails(void **state)
{
    (void)state;
    for (size_t i = 0; i < LT_ARRAY_LEN(ways); i++) {
        struct fixture f;
        struct user a, b;
        fixture_open(&f, &ways[i]);
        user_start(&f, &a, 0);
        user_start(&f, &b, 0);
        fake_feed(&f.t, 0, 1, FAKE_NULL, 1);
        for (int k = 0; k < 5000 && lt_run_status(b.run, NULL) == LT_RUN_RUNNING; k++) {
            if (!ways[i].workers)
                world_pump(&f.w);
            lt_graph_wake(f.w.graph);
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        }
        struct lt_error err = {0};
        assert_int_equal(lt_run_status(b.run, &err), LT_RUN_FAILED);
        assert_non_null(strstr(err.message, "column ts is NULL"));
        user_stop(&f, &a, true);
        user_stop(&f, &b, true);
        user_free(&a);
        user_free(&b);
        fixture_close(&f);
    }
}

/* Users come and go while rows pour in. */
static void test_under_load(void **state)
{
    (void)state;
    for (size_t i = 0; i < LT_ARRAY_LEN(ways); i++) {
        struct fixture f;
        struct user first;
        fixture_open(&f, &ways[i]);
        f.t.splits[0].generate = f.t.splits[1].generate = 1000000000;
        user_start(&f, &first, 0);
        for (int k = 0; k < 6; k++) {
            struct user u;
            user_start(&f, &u, k % 3 == 2 ? 5000 : 0);
            for (int ms = 0; ms < 5000 && rows_of(&u) < 5000; ms++) {
                if (!ways[i].workers)
                    world_pump(&f.w);
                else
                    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
            }
            assert_true(rows_of(&u) >= 5000);
            user_stop(&f, &u, k % 2);
            user_free(&u);
        }
        assert_int_equal(f.t.n_sources_open, 1);
        user_stop(&f, &first, true);
        user_free(&first);
        fixture_close(&f);
    }
}

/* ---- every allocation fails in turn ------------------------------------------- */

static void *failing_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    (void)old_size;
    int64_t *left = ctx;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return (*left)-- == 0 ? NULL : realloc(ptr, new_size);
}

/* True when some allocation failed on the way. */
static bool once_failing(int64_t *left)
{
    struct fixture f = {.way = &ways[1]};
    struct user users[2];
    struct lt_alloc plans;
    struct lt_allocator_hooks hooks = {failing_resize, left};
    lt_alloc_init_root(&plans, NULL, "plans", SIZE_MAX);
    world_prepare(&f.w);
    lt_alloc_init_root(&f.w.root, &hooks, "test", SIZE_MAX);
    f.w.config.share_sources = true;
    fake_init(&f.t);
    fake_split(&f.t);
    lt_status status = lt_graph_open(&f.w.config, &f.w.graph, &f.w.err);
    bool failed = status != LT_OK;
    for (int i = 0; i < 2; i++) {
        struct user *u = &users[i];
        out_init(&u->out);
        plan_init(&u->p, &plans, 2, false);
        struct lt_plan_node *node = plan_watermark(&u->p, plan_scan(&u->p, &f.t), SECOND, 0);
        plan_root(&u->p, plan_node(&u->p, LT_NODE_OUTPUT, 1, node));
        u->run = NULL;
        if (status == LT_OK)
            status = lt_graph_attach(f.w.graph, &u->p.plan, &u->out.sink, &u->run, &f.w.err);
        fake_feed(&f.t, 0, 1, i * SECOND, i);
        int64_t wait_us;
        for (int k = 0; k < 2 && status == LT_OK; k++)
            status = lt_graph_pump(f.w.graph, &wait_us, &f.w.err);
        failed = failed || status != LT_OK ||
                 (u->run && lt_run_status(u->run, NULL) != LT_RUN_RUNNING);
    }
    for (int i = 0; i < 2; i++)
        if (users[i].run)
            lt_graph_detach(f.w.graph, users[i].run, true);
    user_free(&users[0]); /* whose plan the feeder had pinned */
    user_free(&users[1]);
    if (f.w.graph)
        lt_graph_close(f.w.graph);
    lt_alloc_close(&f.w.root);
    fake_free(&f.t);
    lt_alloc_close(&plans);
    return failed;
}

static void test_allocations_fail(void **state)
{
    (void)state;
    int64_t n = 0;
    bool failed = true;
    for (; failed && n < 100000; n++) {
        int64_t left = n;
        failed = once_failing(&left);
    }
    assert_false(failed);
    assert_true(n > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_come_and_go),
        cmocka_unit_test(test_watermark_and_end),
        cmocka_unit_test(test_source_fails),
        cmocka_unit_test(test_under_load),
        cmocka_unit_test(test_allocations_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
