/* test_save.c -- a run saved between feeds goes on elsewhere, at another parallelism. */
#include "fake.h"

struct way {
    uint32_t first, second;
    uint32_t workers;
    bool yields;
};

static const struct way ways[] = {
    {1, 1, 0, false}, {1, 4, 0, false}, {4, 1, 0, true}, {4, 3, 0, true}, {2, 4, 2, false},
};

struct fixture {
    struct fake_world w;
    struct fake_table t;
    struct fake_out out;
    struct lt_sort_key key;
};

/* scan -> watermark -> sort by time -> output, at some parallelism. */
static struct lt_run *start(struct fixture *f, struct fake_plan *p, uint32_t parallelism,
                            struct lt_run_image *image, bool bounded)
{
    plan_init(p, &f->w.root, parallelism, bounded);
    struct lt_plan_node *sort =
        plan_node(p, LT_NODE_SORT, 1,
                  plan_exchange(p, plan_watermark(p, plan_scan(p, &f->t), 2 * SECOND, 0),
                                LT_EXCHANGE_HASH));
    f->key = (struct lt_sort_key){.column = 1};
    sort->u.sort.keys = &f->key;
    sort->u.sort.n_keys = 1;
    sort->u.sort.by_time = true;
    sort->u.sort.limit = -1;
    plan_root(p, plan_node(p, LT_NODE_OUTPUT, 1, sort));
    struct lt_run *run = NULL;
    lt_status status = image ? lt_graph_restore(f->w.graph, &p->plan, &f->out.sink, image, &run,
                                                &f->w.err)
                             : lt_graph_attach(f->w.graph, &p->plan, &f->out.sink, &run,
                                               &f->w.err);
    if (status != LT_OK)
        print_error("%s\n", f->w.err.message);
    assert_int_equal(status, LT_OK);
    return run;
}

static void settle(struct fixture *f, const struct way *way, int64_t polled)
{
    if (!way->workers) {
        world_settle(&f->w);
        return;
    }
    lt_graph_wake(f->w.graph);
    for (int i = 0; i < 100000 && atomic_load(&f->t.polled) < polled; i++)
        sched_yield();
}

static void fixture_open(struct fixture *f, const struct way *way)
{
    world_prepare(&f->w);
    f->w.config.n_workers = way->workers;
    f->w.config.test_yield = way->yields;
    world_open(&f->w);
    fake_init(&f->t);
    out_init(&f->out);
    for (int i = 0; i < 5; i++)
        fake_split(&f->t);
}

static void fixture_close(struct fixture *f)
{
    fake_free(&f->t);
    out_free(&f->out);
    world_close(&f->w);
}

static void save_and_restore(const struct way *way)
{
    struct fixture f;
    fixture_open(&f, way);
    struct fake_plan plans[2];
    int which = 0;
    struct lt_run *run = start(&f, &plans[0], way->first, NULL, false);
    int64_t fed = 0, wanted = 0;
    for (int64_t i = 0; i < 40; i++) {
        for (int64_t k = 0; k < 20; k++, fed++) {
            /* disorder of up to 1.9 s within a split: nothing is late */
            int64_t ts = i * SECOND + (k * 7 % 20) * SECOND / 10;
            fake_feed(&f.t, (uint32_t)(fed % 5), fed, ts, fed);
        }
        settle(&f, way, fed);
        struct lt_run_image *image = NULL;
        lt_status status = lt_run_save(run, &image, &f.w.err);
        if (status != LT_OK)
            print_error("%s\n", f.w.err.message);
        assert_int_equal(status, LT_OK);
        lt_graph_detach(f.w.graph, run, true);
        f.out.epochs = 0;
        f.out.ended = false;
        lt_arena_close(&plans[which].plan.arena);
        which = !which;
        run = start(&f, &plans[which], i % 2 ? way->first : way->second, image, false);
        lt_run_image_free(image);
    }
    for (uint32_t s = 0; s < 5; s++)
        fake_end(&f.t, s);
    for (int i = 0; i < 10000 && lt_run_status(run, NULL) == LT_RUN_RUNNING; i++) {
        settle(&f, way, fed);
        lt_graph_wake(f.w.graph);
        if (way->workers)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    assert_int_equal(lt_run_status(run, NULL), LT_RUN_FINISHED);
    wanted = fed;
    assert_int_equal(f.out.len, wanted);
    for (int64_t i = 1; i < f.out.len; i++)
        assert_true(f.out.rows[i - 1].ts <= f.out.rows[i].ts);
    qsort(f.out.rows, (size_t)f.out.len, sizeof(*f.out.rows), fake_compare);
    for (int64_t i = 0; i < wanted; i++)
        assert_int_equal(f.out.rows[i].v, i);
    lt_graph_detach(f.w.graph, run, true);
    lt_arena_close(&plans[which].plan.arena);
    fixture_close(&f);
}

static void test_save_and_restore(void **state)
{
    (void)state;
    for (size_t i = 0; i < LT_ARRAY_LEN(ways); i++)
        save_and_restore(&ways[i]);
}

/* A row is judged by the watermark its split had before the save. */
static void test_lateness_survives(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, &ways[1]);
    struct fake_plan p1, p2;
    struct lt_run *run = start(&f, &p1, 1, NULL, false);
    for (uint32_t s = 0; s < 5; s++)
        fake_feed(&f.t, s, 1, 10 * SECOND, s);
    world_settle(&f.w);
    struct lt_run_image *image = NULL;
    assert_int_equal(lt_run_save(run, &image, &f.w.err), LT_OK);
    lt_graph_detach(f.w.graph, run, true);
    f.out.ended = false;
    run = start(&f, &p2, 4, image, false);
    fake_feed(&f.t, 3, 1, 8 * SECOND, 5); /* watermark of split 3 is 8 s */
    fake_feed(&f.t, 3, 1, 8 * SECOND + 1, 6);
    for (uint32_t s = 0; s < 5; s++)
        fake_feed(&f.t, s, 1, 20 * SECOND, 7);
    world_settle(&f.w);
    assert_int_equal(lt_run_late_rows(run), 1);
    assert_int_equal(f.out.len, 6);
    assert_int_equal(f.out.rows[0].v, 6);
    lt_graph_detach(f.w.graph, run, true);
    lt_run_image_free(image);
    lt_arena_close(&p1.plan.arena);
    lt_arena_close(&p2.plan.arena);
    fixture_close(&f);
}

static void test_another_plan_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, &ways[0]);
    struct fake_plan p1, p2;
    struct lt_run *run = start(&f, &p1, 1, NULL, false);
    struct lt_run_image *image = NULL;
    assert_int_equal(lt_run_save(run, &image, &f.w.err), LT_OK);
    plan_init(&p2, &f.w.root, 1, false);
    struct lt_plan_node *scan = plan_scan(&p2, &f.t);
    scan->props.stable_id = 77;
    plan_root(&p2, plan_node(&p2, LT_NODE_OUTPUT, 1, scan));
    struct lt_run *other = NULL;
    assert_int_equal(lt_graph_restore(f.w.graph, &p2.plan, NULL, image, &other, &f.w.err),
                     LT_INVALID);
    assert_non_null(strstr(f.w.err.message, "Scan"));
    lt_run_image_free(image);
    lt_graph_detach(f.w.graph, run, true);
    lt_arena_close(&p1.plan.arena);
    lt_arena_close(&p2.plan.arena);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_save_and_restore),
        cmocka_unit_test(test_lateness_survives),
        cmocka_unit_test(test_another_plan_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
