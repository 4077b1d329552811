/* test_graph.c -- whole plans on a graph, caller-driven: sources, time, epochs, ends. */
#include "fake.h"

static void test_scan_output(void **state)
{
    (void)state;
    for (uint32_t parallelism = 1; parallelism <= 4; parallelism += 3) {
        struct fake_world w;
        struct fake_table t;
        struct fake_plan p;
        struct fake_out out;
        world_prepare(&w);
        world_open(&w);
        fake_init(&t);
        out_init(&out);
        plan_init(&p, &w.root, parallelism, true);
        plan_root(&p, plan_node(&p, LT_NODE_OUTPUT, 1,
                                plan_watermark(&p, plan_scan(&p, &t), SECOND, 0)));
        for (int i = 0; i < 3; i++) {
            uint32_t split = fake_split(&t);
            for (int k = 0; k < 5000; k++)
                fake_feed(&t, split, k % 7, k * 1000, i * 5000 + k);
            fake_end(&t, split);
        }
        struct lt_run *run = world_attach(&w, &p, &out);
        world_settle(&w);
        assert_int_equal(lt_run_status(run, NULL), LT_RUN_FINISHED);
        assert_true(out.ended && !out.failed);
        assert_int_equal(out.len, 15000);
        qsort(out.rows, (size_t)out.len, sizeof(*out.rows), fake_compare);
        for (int i = 0; i < 15000; i++)
            assert_int_equal(out.rows[i].v, i);
        assert_true(out.watermark == LT_WATERMARK_MAX);
        lt_graph_detach(w.graph, run, false);
        lt_arena_close(&p.plan.arena);
        fake_free(&t);
        out_free(&out);
        world_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scan_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
