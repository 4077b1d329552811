/* test_exchange.c -- rings, and the threaded driver: load, back-pressure, cancel, ends.
 *
 * Built with -fsanitize=thread this is also the test that workers share nothing
 * by accident. */
#include "fake.h"

#include <time.h>

#include "exec/exchange.h"

static void sleep_ms(int ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
}

static bool wait_until_over(struct lt_run *run)
{
    for (int ms = 0; ms < 60000; ms++) {
        if (lt_run_status(run, NULL) != LT_RUN_RUNNING)
            return true;
        sleep_ms(1);
    }
    return false;
}

/* ---- ring ------------------------------------------------------------------ */

static struct lt_ring *ring_new(size_t bytes_max)
{
    struct lt_ring *ring = aligned_alloc(LT_CACHE_LINE, sizeof(*ring));
    memset(ring, 0, sizeof(*ring));
    ring->bytes_max = bytes_max;
    return ring;
}

static void test_ring_is_bounded(void **state)
{
    (void)state;
    struct lt_ring *ring = ring_new(1000);
    struct lt_message m = {.kind = LT_MESSAGE_WATERMARK, .bytes = 400};
    assert_null(lt_ring_peek(ring));
    assert_true(lt_ring_push(ring, &m));
    assert_true(lt_ring_push(ring, &m));
    assert_false(lt_ring_push(ring, &m)); /* 1,200 bytes */
    struct lt_message small = {.kind = LT_MESSAGE_BARRIER};
    assert_true(lt_ring_push(ring, &small)); /* what is no batch needs no bytes */
    lt_ring_pop(ring);
    assert_true(lt_ring_push(ring, &m));
    lt_ring_pop(ring);
    lt_ring_pop(ring);
    lt_ring_pop(ring);
    assert_null(lt_ring_peek(ring));
    m.bytes = 5000; /* larger than the bound: passes alone */
    assert_true(lt_ring_push(ring, &m));
    assert_false(lt_ring_push(ring, &m));
    lt_ring_pop(ring);
    uint32_t n = 0;
    while (lt_ring_push(ring, &small))
        n++;
    assert_int_equal(n, LT_RING_SLOTS);
    lt_ring_drain(ring);
    free(ring);
}

static void *ring_producer(void *arg)
{
    struct lt_ring *ring = arg;
    for (int64_t i = 0; i < 200000; i++) {
        struct lt_message m = {.kind = LT_MESSAGE_WATERMARK, .value = i, .bytes = 1 + i % 7};
        while (!lt_ring_push(ring, &m))
            sched_yield();
    }
    return NULL;
}

static void test_ring_keeps_order(void **state)
{
    (void)state;
    struct lt_ring *ring = ring_new(64);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, ring_producer, ring), 0);
    for (int64_t i = 0; i < 200000; i++) {
        struct lt_message *m;
        while (!(m = lt_ring_peek(ring)))
            sched_yield();
        assert_int_equal(m->value, i);
        lt_ring_pop(ring);
    }
    pthread_join(thread, NULL);
    free(ring);
}

/* ---- the threaded driver ---------------------------------------------------- */

struct fixture {
    struct fake_world w;
    struct fake_table t, sink;
    struct fake_plan p;
    struct fake_out out;
};

static void fixture_open(struct fixture *f, uint32_t workers, uint32_t parallelism, bool bounded)
{
    world_prepare(&f->w);
    f->w.config.n_workers = workers;
    f->w.config.ring_bytes = 64 * 1024;
    world_open(&f->w);
    fake_init(&f->t);
    fake_init(&f->sink);
    out_init(&f->out);
    plan_init(&f->p, &f->w.root, parallelism, bounded);
}

static void fixture_close(struct fixture *f)
{
    lt_arena_close(&f->p.plan.arena);
    fake_free(&f->t);
    fake_free(&f->sink);
    out_free(&f->out);
    world_close(&f->w);
}

static struct lt_plan_node *plan_diamond(struct fixture *f)
{
    struct lt_plan_node *scan = plan_watermark(&f->p, plan_scan(&f->p, &f->t), SECOND, 0);
    struct lt_plan_node *a = plan_exchange(&f->p, scan, LT_EXCHANGE_HASH);
    struct lt_plan_node *b = plan_exchange(
        &f->p, plan_exchange(&f->p, scan, LT_EXCHANGE_REBALANCE), LT_EXCHANGE_HASH);
    struct lt_plan_node *all = plan_node(&f->p, LT_NODE_UNION, 3, a, b, scan);
    all->props.single_path = false;
    all->props.changing = true;
    return all;
}

static void test_threads_bounded(void **state)
{
    (void)state;
    for (uint32_t workers = 1; workers <= 4; workers++) {
        struct fixture f;
        fixture_open(&f, workers, 4, true);
        plan_root(&f.p, plan_node(&f.p, LT_NODE_OUTPUT, 1, plan_diamond(&f)));
        for (int i = 0; i < 6; i++)
            f.t.splits[fake_split(&f.t)].generate = 20000;
        struct lt_run *run = world_attach(&f.w, &f.p, &f.out);
        assert_true(wait_until_over(run));
        assert_int_equal(lt_run_status(run, NULL), LT_RUN_FINISHED);
        int64_t weight = 0;
        for (int64_t i = 0; i < f.out.len; i++)
            weight += f.out.rows[i].w;
        assert_int_equal(weight, 6 * 20000 * 3);
        lt_graph_detach(f.w.graph, run, false);
        fixture_close(&f);
    }
}

/* To a bounded plan whose result never changes epochs mean nothing: it has one. */
static void test_threads_one_epoch(void **state)
{
    (void)state;
    for (uint32_t workers = 1; workers <= 16; workers *= 4) {
        struct fixture f;
        fixture_open(&f, workers, 16, true);
        struct lt_plan_node *scan = plan_watermark(&f.p, plan_scan(&f.p, &f.t), SECOND, 0);
        plan_root(&f.p, plan_node(&f.p, LT_NODE_OUTPUT, 1,
                                  plan_exchange(&f.p, scan, LT_EXCHANGE_HASH)));
        for (int i = 0; i < 24; i++)
            f.t.splits[fake_split(&f.t)].generate = 20000;
        struct lt_run *run = world_attach(&f.w, &f.p, &f.out);
        assert_true(wait_until_over(run));
        assert_int_equal(lt_run_status(run, NULL), LT_RUN_FINISHED);
        assert_int_equal(f.out.len, 24 * 20000);
        assert_int_equal(f.out.epochs, 1);
        lt_graph_detach(f.w.graph, run, false);
        fixture_close(&f);
    }
}

/* Rows fed while workers run; every epoch is a whole one. */
static void test_threads_epochs(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 3, 4, false);
    plan_root(&f.p, plan_node(&f.p, LT_NODE_OUTPUT, 1, plan_diamond(&f)));
    for (int i = 0; i < 5; i++)
        fake_split(&f.t);
    struct lt_run *run = world_attach(&f.w, &f.p, &f.out);
    int64_t next = 0;
    for (int i = 0; i < 200; i++) {
        for (int k = 0; k < 50; k++, next++)
            fake_feed(&f.t, (uint32_t)(next % 5), next, next * 1000, next);
        lt_graph_wake(f.w.graph);
        if (i % 8 == 0)
            sleep_ms(1);
        pthread_mutex_lock(&f.out.lock);
        int64_t weight = 0;
        for (int64_t r = 0; r < f.out.epoch_rows; r++)
            weight += f.out.rows[r].w;
        assert_int_equal(weight % 3, 0);
        pthread_mutex_unlock(&f.out.lock);
    }
    for (int ms = 0; ms < 20000; ms++) {
        pthread_mutex_lock(&f.out.lock);
        int64_t rows = f.out.epoch_rows;
        pthread_mutex_unlock(&f.out.lock);
        if (rows == next)
            break;
        sleep_ms(1);
    }
    assert_int_equal(f.out.epoch_rows, next);
    lt_graph_detach(f.w.graph, run, false);
    assert_int_equal(f.out.len, next);
    for (int64_t i = 0; i < next; i++)
        assert_int_equal(f.out.rows[i].w, 3);
    fixture_close(&f);
}

/* A source much faster than its sink: what lies between stays bounded. */
static void test_backpressure(void **state)
{
    (void)state;
    for (uint32_t workers = 0; workers <= 2; workers += 2) {
        struct fixture f;
        fixture_open(&f, workers, 4, false);
        plan_sink(&f.p, plan_exchange(&f.p, plan_scan(&f.p, &f.t), LT_EXCHANGE_HASH), &f.sink);
        for (int i = 0; i < 4; i++)
            f.t.splits[fake_split(&f.t)].generate = 1000000000;
        f.sink.always_busy = true;
        struct lt_run *run = world_attach(&f.w, &f.p, NULL);
        int64_t wait_us;
        for (int i = 0; i < 50; i++) {
            assert_int_equal(lt_graph_pump(f.w.graph, &wait_us, &f.w.err), LT_OK);
            sleep_ms(workers ? 1 : 0);
        }
        int64_t polled = atomic_load(&f.t.polled);
        size_t used = atomic_load(&f.w.root.peak_bytes);
        sleep_ms(workers ? 20 : 0);
        for (int i = 0; i < 50; i++)
            assert_int_equal(lt_graph_pump(f.w.graph, &wait_us, &f.w.err), LT_OK);
        assert_true(atomic_load(&f.t.polled) <= polled + 4 * 2048);
        assert_true(used < 48u << 20);
        pthread_mutex_lock(&f.sink.lock);
        f.sink.always_busy = false;
        f.sink.busy_every = 2; /* now it moves, slowly */
        pthread_mutex_unlock(&f.sink.lock);
        for (int i = 0; i < 100; i++) {
            assert_int_equal(lt_graph_pump(f.w.graph, &wait_us, &f.w.err), LT_OK);
            sleep_ms(workers ? 1 : 0);
        }
        assert_true(atomic_load(&f.t.polled) > polled);
        assert_true(atomic_load(&f.w.root.peak_bytes) < 64u << 20);
        lt_graph_detach(f.w.graph, run, true);
        fixture_close(&f);
    }
}

static void test_cancel_under_load(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        struct fixture f;
        fixture_open(&f, 2, 4, false);
        plan_root(&f.p, plan_node(&f.p, LT_NODE_OUTPUT, 1, plan_diamond(&f)));
        plan_sink(&f.p, f.p.list[0], &f.sink);
        for (int k = 0; k < 4; k++)
            f.t.splits[fake_split(&f.t)].generate = 1000000000;
        struct lt_run *run = world_attach(&f.w, &f.p, &f.out);
        sleep_ms(i);
        lt_graph_detach(f.w.graph, run, true);
        fixture_close(&f);
    }
}

static void test_attach_and_detach_under_load(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 2, 2, true);
    plan_root(&f.p, plan_node(&f.p, LT_NODE_OUTPUT, 1, plan_diamond(&f)));
    f.t.splits[fake_split(&f.t)].generate = 100000;
    struct lt_run *run = world_attach(&f.w, &f.p, &f.out);
    for (int i = 0; i < 8; i++) {
        struct fake_plan p2;
        struct fake_out out2;
        out_init(&out2);
        plan_init(&p2, &f.w.root, 1 + (uint32_t)i % 4, false);
        plan_root(&p2, plan_node(&p2, LT_NODE_OUTPUT, 1, plan_scan(&p2, &f.t)));
        struct lt_run *second = world_attach(&f.w, &p2, &out2);
        for (int ms = 0, rows = 0; ms < 5000 && !rows; ms++) {
            sleep_ms(1);
            pthread_mutex_lock(&out2.lock);
            rows = out2.len > 0;
            pthread_mutex_unlock(&out2.lock);
        }
        lt_graph_detach(f.w.graph, second, i % 2);
        assert_true(out2.len > 0);
        lt_arena_close(&p2.plan.arena);
        out_free(&out2);
    }
    assert_true(wait_until_over(run));
    int64_t weight = 0;
    for (int64_t i = 0; i < f.out.len; i++)
        weight += f.out.rows[i].w;
    assert_int_equal(weight, 300000);
    lt_graph_detach(f.w.graph, run, false);
    fixture_close(&f);
}

static void test_limit_ends_source(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 2, 4, false);
    struct lt_plan_node *node = plan_node(&f.p, LT_NODE_LIMIT, 1, plan_scan(&f.p, &f.t));
    node->u.limit.limit = 5000;
    plan_root(&f.p, plan_node(&f.p, LT_NODE_OUTPUT, 1, node));
    for (int i = 0; i < 4; i++)
        f.t.splits[fake_split(&f.t)].generate = 1000000000;
    struct lt_run *run = world_attach(&f.w, &f.p, &f.out);
    assert_true(wait_until_over(run));
    assert_int_equal(lt_run_status(run, NULL), LT_RUN_FINISHED);
    assert_int_equal(f.out.len, 5000);
    lt_graph_detach(f.w.graph, run, false);
    fixture_close(&f);
}

/* An idle graph with workers sleeps, and a feed wakes it. */
static void test_idle_workers_wake(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 2, 2, false);
    plan_root(&f.p, plan_node(&f.p, LT_NODE_OUTPUT, 1, plan_scan(&f.p, &f.t)));
    fake_split(&f.t);
    struct lt_run *run = world_attach(&f.w, &f.p, &f.out);
    for (int64_t i = 0; i < 20; i++) {
        sleep_ms(2);
        fake_feed(&f.t, 0, 1, 1, i);
        lt_graph_wake(f.w.graph);
        int64_t len = 0;
        for (int ms = 0; ms < 5000 && len <= i; ms++) {
            sleep_ms(1);
            pthread_mutex_lock(&f.out.lock);
            len = f.out.epoch_rows;
            pthread_mutex_unlock(&f.out.lock);
        }
        assert_int_equal(len, i + 1);
    }
    lt_graph_detach(f.w.graph, run, true);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ring_is_bounded),
        cmocka_unit_test(test_ring_keeps_order),
        cmocka_unit_test(test_threads_bounded),
        cmocka_unit_test(test_threads_one_epoch),
        cmocka_unit_test(test_threads_epochs),
        cmocka_unit_test(test_backpressure),
        cmocka_unit_test(test_cancel_under_load),
        cmocka_unit_test(test_attach_and_detach_under_load),
        cmocka_unit_test(test_limit_ends_source),
        cmocka_unit_test(test_idle_workers_wake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
