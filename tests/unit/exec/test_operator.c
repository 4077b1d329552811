/* test_operator.c -- the flow between operators, and those that keep little state.
 *
 * Chains are built by hand around a collector that writes down what reaches it,
 * and around an operator that yields on command. */
#include "fake.h"

#include "exec/operators/scan.h"

/* ---- what reaches the end ---------------------------------------------------- */

enum { LOG_MAX = 1024 };

struct entry {
    char what; /* r row, w watermark, b barrier, e end, l late row */
    int64_t value;
    int64_t behind;
};

struct collector {
    struct entry log[LOG_MAX];
    uint32_t len;
    uint32_t yield_left; /* yields before each row is taken */
    uint32_t done_after; /* rows; 0 = never */
    uint32_t rows;
    struct lt_batch *kept;
    uint32_t kept_left;
};

static void note(struct lt_op *op, char what, int64_t value, int64_t behind)
{
    struct collector *c = op->state;
    assert_true(c->len < LOG_MAX);
    c->log[c->len++] = (struct entry){what, value, behind};
}

static lt_flow take(struct lt_op *op, const struct lt_batch *in)
{
    struct collector *c = op->state;
    for (uint32_t i = 0; i < in->n_sel; i++) {
        uint32_t row = lt_batch_row(in, i);
        note(op, 'r', fake_value(in, 2, row), lt_batch_behind(in, row));
        if (c->done_after && ++c->rows >= c->done_after)
            return LT_FLOW_DONE;
    }
    return LT_FLOW_OK;
}

static lt_flow collect_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    (void)port;
    struct collector *c = op->state;
    assert_null(c->kept); /* nothing else enters it until it has been resumed */
    if (c->yield_left == 0)
        return take(op, in);
    c->kept = lt_batch_keep(op->ctx->pool, in);
    c->kept_left = c->yield_left;
    return LT_FLOW_YIELD;
}

static lt_flow collect_resume(struct lt_op *op)
{
    struct collector *c = op->state;
    if (!c->kept)
        return LT_FLOW_OK;
    if (--c->kept_left > 0)
        return LT_FLOW_YIELD;
    lt_flow flow = take(op, c->kept);
    lt_batch_drop(c->kept);
    c->kept = NULL;
    return flow;
}

static lt_flow collect_watermark(struct lt_op *op, unsigned port, int64_t watermark_us)
{
    (void)port, (void)watermark_us;
    struct collector *c = op->state;
    assert_null(c->kept);
    int64_t min = lt_op_watermark(op);
    if (min > op->watermark_out)
        note(op, 'w', min, 0);
    return lt_op_forward_watermark(op, min);
}

static lt_flow collect_barrier(struct lt_op *op, uint64_t epoch)
{
    note(op, 'b', (int64_t)epoch, 0);
    return LT_FLOW_OK;
}

static lt_flow collect_end(struct lt_op *op, unsigned port)
{
    note(op, 'e', port, 0);
    return LT_FLOW_OK;
}

static void collect_close(struct lt_op *op)
{
    struct collector *c = op->state;
    if (c->kept)
        lt_batch_drop(c->kept);
}

static const struct lt_op_type collect_type = {
    .name = "Collect",
    .state_size = sizeof(struct collector),
    .push = collect_push,
    .resume = collect_resume,
    .watermark = collect_watermark,
    .barrier = collect_barrier,
    .end = collect_end,
    .close = collect_close,
};

static lt_flow pass_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    (void)port;
    return lt_op_emit(op, in);
}

static const struct lt_op_type pass_type = {.name = "Pass", .push = pass_push};

/* ---- a bench to build on ------------------------------------------------------- */

struct bench {
    struct lt_alloc root;
    struct lt_pool *pool;
    struct lt_arena scratch;
    struct lt_op_ctx ctx;
    struct lt_plan plan;
    struct lt_error error;
    uint64_t late;
    struct lt_op ops[8];
    uint32_t n_ops;
    struct fake_table fields; /* fills fake_schema */
};

static void bench_open(struct bench *b)
{
    memset(b, 0, sizeof(*b));
    fake_init(&b->fields);
    lt_alloc_init_root(&b->root, NULL, "bench", SIZE_MAX);
    assert_int_equal(lt_pool_open(&b->root, &b->pool), LT_OK);
    lt_arena_init(&b->scratch, &b->root);
    b->ctx = (struct lt_op_ctx){.alloc = &b->root,
                                .pool = b->pool,
                                .scratch = &b->scratch,
                                .plan = &b->plan,
                                .n_partitions = 1,
                                .epoch = 1,
                                .batch_rows = 2048,
                                .late_rows = &b->late,
                                .error = &b->error};
}

static void bench_close(struct bench *b)
{
    for (uint32_t i = 0; i < b->n_ops; i++)
        lt_op_close(&b->ops[i]);
    lt_arena_close(&b->scratch);
    lt_pool_close(b->pool);
    fake_free(&b->fields);
    lt_alloc_close(&b->root);
}

static struct lt_op *bench_op(struct bench *b, const struct lt_op_type *type,
                              const struct lt_plan_node *node, uint32_t n_ports, uint32_t n_out)
{
    struct lt_op *op = &b->ops[b->n_ops++];
    assert_int_equal(lt_op_init(op, type, node, &b->ctx, n_ports, n_out, 0), LT_OK);
    return op;
}

static void edge(struct lt_op *from, uint32_t i, struct lt_op *to, unsigned port)
{
    from->out[i] = (struct lt_op_edge){.op = to, .port = port};
}

static lt_flow settle(struct lt_op *top, lt_flow flow)
{
    for (int i = 0; flow == LT_FLOW_YIELD && i < 10000; i++)
        flow = lt_op_resume(top);
    assert_int_not_equal(flow, LT_FLOW_YIELD);
    return flow;
}

/* Rows v0, v0 + 1, ... with the given times (or v itself). */
static lt_flow push_rows(struct bench *b, struct lt_op *top, int64_t v0, uint32_t n,
                         const int64_t *times)
{
    struct lt_batch_builder builder;
    struct lt_batch batch;
    assert_int_equal(lt_builder_open(&builder, b->pool, &fake_schema, n), LT_OK);
    for (uint32_t i = 0; i < n; i++) {
        ((int64_t *)builder.columns[0]->values)[i] = 0;
        ((int64_t *)builder.columns[1]->values)[i] = times ? times[i] : v0 + i;
        ((int64_t *)builder.columns[2]->values)[i] = v0 + i;
    }
    builder.len = n;
    assert_int_equal(lt_builder_take(&builder, &batch), LT_OK);
    lt_flow flow = lt_op_push(top, 0, &batch);
    lt_builder_release(&builder, &batch);
    lt_builder_close(&builder);
    flow = settle(top, flow);
    lt_arena_reset(&b->scratch);
    return flow;
}

static void check_log(const struct lt_op *op, const char *want)
{
    const struct collector *c = op->state;
    char text[4 * LOG_MAX] = "";
    size_t len = 0;
    for (uint32_t i = 0; i < c->len && len < sizeof(text) - 32; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%c%lld", i ? " " : "",
                                c->log[i].what, (long long)c->log[i].value);
    assert_string_equal(text, want);
}

/* ---- flow ------------------------------------------------------------------------ */

static void test_events_in_order(void **state)
{
    (void)state;
    for (uint32_t yields = 0; yields < 3; yields++) {
        struct bench b;
        bench_open(&b);
        b.ctx.test_yield = yields == 2;
        struct lt_op *a = bench_op(&b, &pass_type, NULL, 1, 1);
        struct lt_op *c = bench_op(&b, &collect_type, NULL, 1, 0);
        edge(a, 0, c, 0);
        ((struct collector *)c->state)->yield_left = yields;
        assert_int_equal(push_rows(&b, a, 1, 2, NULL), LT_FLOW_OK);
        settle(a, lt_op_push_watermark(a, 0, 2));
        settle(a, lt_op_push_watermark(a, 0, 1)); /* never backwards */
        settle(a, lt_op_push_barrier(a, 0, 1));
        push_rows(&b, a, 3, 1, NULL);
        settle(a, lt_op_push_end(a, 0));
        assert_true(lt_op_ended(a) && lt_op_ended(c));
        check_log(c, "r1 r2 w2 b1 r3 w9223372036854775807 e0");
        bench_close(&b);
    }
}

/* a -> (x, y) -> u -> c: two ways that meet again, with yields anywhere. */
static void test_diamond(void **state)
{
    (void)state;
    for (uint32_t yields = 0; yields < 4; yields++) {
        struct bench b;
        bench_open(&b);
        b.ctx.test_yield = yields & 1;
        struct lt_op *a = bench_op(&b, &pass_type, NULL, 1, 2);
        struct lt_op *x = bench_op(&b, &pass_type, NULL, 1, 1);
        struct lt_op *y = bench_op(&b, &pass_type, NULL, 1, 1);
        struct lt_op *u = bench_op(&b, &pass_type, NULL, 2, 1);
        struct lt_op *c = bench_op(&b, &collect_type, NULL, 1, 0);
        edge(a, 0, x, 0);
        edge(a, 1, y, 0);
        edge(x, 0, u, 0);
        edge(y, 0, u, 1);
        edge(u, 0, c, 0);
        ((struct collector *)c->state)->yield_left = yields;
        push_rows(&b, a, 1, 2, NULL);
        settle(a, lt_op_push_watermark(a, 0, 2));
        settle(a, lt_op_push_barrier(a, 0, 1));
        push_rows(&b, a, 3, 1, NULL);
        settle(a, lt_op_push_end(a, 0));
        check_log(c, "r1 r2 r1 r2 w2 b1 r3 r3 w9223372036854775807 e0");
        bench_close(&b);
    }
}

static void test_ports_align(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    struct lt_op *u = bench_op(&b, &pass_type, NULL, 3, 1);
    struct lt_op *c = bench_op(&b, &collect_type, NULL, 1, 0);
    edge(u, 0, c, 0);
    assert_int_equal(lt_op_push_watermark(u, 0, 50), LT_FLOW_OK);
    assert_int_equal(lt_op_push_watermark(u, 1, 20), LT_FLOW_OK);
    check_log(c, "");
    assert_int_equal(lt_op_push_watermark(u, 2, 30), LT_FLOW_OK);
    assert_int_equal(lt_op_push_barrier(u, 1, 1), LT_FLOW_OK);
    assert_int_equal(lt_op_push_barrier(u, 0, 1), LT_FLOW_OK);
    check_log(c, "w20");
    assert_int_equal(lt_op_push_end(u, 2), LT_FLOW_OK); /* an ended port is aligned */
    check_log(c, "w20 b1");
    assert_int_equal(lt_op_push_end(u, 1), LT_FLOW_OK); /* and is +inf in the minimum */
    check_log(c, "w20 b1 w50");
    assert_int_equal(lt_op_push_barrier(u, 0, 2), LT_FLOW_OK);
    assert_int_equal(lt_op_push_end(u, 0), LT_FLOW_OK);
    check_log(c, "w20 b1 w50 b2 w9223372036854775807 e0");
    bench_close(&b);
}

static void test_done_travels_up(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    struct lt_op *a = bench_op(&b, &pass_type, NULL, 1, 2);
    struct lt_op *c = bench_op(&b, &collect_type, NULL, 1, 0);
    struct lt_op *d = bench_op(&b, &collect_type, NULL, 1, 0);
    edge(a, 0, c, 0);
    edge(a, 1, d, 0);
    ((struct collector *)c->state)->done_after = 2;
    ((struct collector *)d->state)->done_after = 4;
    assert_int_equal(push_rows(&b, a, 1, 3, NULL), LT_FLOW_OK); /* one of two is done */
    check_log(c, "r1 r2");
    assert_int_equal(lt_op_push_barrier(a, 0, 1), LT_FLOW_OK); /* and is ended with the epoch */
    check_log(c, "r1 r2 w9223372036854775807 e0");
    assert_int_equal(push_rows(&b, a, 4, 3, NULL), LT_FLOW_DONE);
    check_log(d, "r1 r2 r3 b1 r4");
    assert_int_equal(push_rows(&b, a, 7, 3, NULL), LT_FLOW_DONE);
    assert_int_equal(lt_op_push_end(a, 0), LT_FLOW_OK); /* events still come through */
    check_log(d, "r1 r2 r3 b1 r4 w9223372036854775807 e0");
    bench_close(&b);
}

/* ---- WATERMARK -------------------------------------------------------------------- */

/* Pushes rows of these times through a WATERMARK, a batch from each set bit of `cuts` to the
 * next, and compares what each row is behind. */
static void run_watermark(const int64_t *times, const int64_t *behind, uint32_t n, int64_t delay,
                          const bool *cuts, bool yields)
{
    struct bench b;
    bench_open(&b);
    b.ctx.test_yield = yields;
    struct lt_plan_node node = {.kind = LT_NODE_WATERMARK, .schema = fake_schema};
    node.u.watermark.time_column = 1;
    node.u.watermark.delay_us = delay;
    struct lt_op *w = bench_op(&b, &lt_op_watermark_type, &node, 1, 1);
    struct lt_op *c = bench_op(&b, &collect_type, NULL, 1, 0);
    edge(w, 0, c, 0);
    assert_int_equal(lt_op_watermark_type.share(&node, &b.ctx, &w->shared), LT_OK);
    void *shared = w->shared;
    assert_int_equal(lt_op_open(w), LT_OK);
    int64_t max = INT64_MIN;
    for (uint32_t from = 0, to; from < n; from = to) {
        for (to = from; to == from || (to < n && !cuts[to]); to++)
            max = times[to] > max ? times[to] : max;
        assert_int_equal(push_rows(&b, w, from, to - from, times + from), LT_FLOW_OK);
    }
    const struct collector *log = c->state;
    uint32_t row = 0;
    for (uint32_t i = 0; i < log->len; i++) {
        if (log->log[i].what != 'r')
            continue;
        assert_int_equal(log->log[i].value, row);
        assert_true(log->log[i].behind == behind[row]);
        row++;
    }
    assert_int_equal(row, n);
    assert_int_equal(w->watermark_out, max - delay);
    while (b.n_ops > 0)
        lt_op_close(&b.ops[--b.n_ops]);
    lt_op_watermark_type.unshare(shared);
    bench_close(&b);
}

/* The example of watermark.c's head, cut into batches in every way. */
static void test_watermark_row_by_row(void **state)
{
    (void)state;
    static const int64_t times[] = {15, 12, 20, 14, 15, 30, 25, 26, 31};
    static const int64_t none = LT_NOT_BEHIND;
    const int64_t behind[] = {none, none, none, 15, 15, none, 25, none, none};
    enum { N = LT_ARRAY_LEN(times) };
    for (uint32_t cut = 0; cut < 1u << (N - 1); cut += 7) {
        bool cuts[N] = {false};
        for (uint32_t i = 1; i < N; i++)
            cuts[i] = cut >> (i - 1) & 1;
        run_watermark(times, behind, N, 5, cuts, cut & 1);
    }
}

/* Long batches, nearly in order: judged by their range, yet as if row by row. */
static void test_watermark_ranges(void **state)
{
    (void)state;
    enum { N = 400 };
    uint64_t seed = 1;
    for (int round = 0; round < 60; round++) {
        int64_t times[N], behind[N], t = 1000, mark = INT64_MIN;
        bool cuts[N];
        int64_t delay = (int64_t)(seed % 3) * 20, disorder = 1 + (int64_t)(seed % 50);
        uint32_t often = 1 + (uint32_t)(seed % 300);
        for (uint32_t i = 0; i < N; i++) {
            seed = seed * 6364136223846793005 + 1442695040888963407;
            t += (int64_t)(seed >> 60);
            times[i] = seed >> 40 & 15 ? t : t - (int64_t)(seed >> 33) % disorder;
            behind[i] = times[i] <= mark ? mark : LT_NOT_BEHIND;
            mark = times[i] - delay > mark ? times[i] - delay : mark;
            cuts[i] = (seed >> 20) % often == 0;
        }
        run_watermark(times, behind, N, delay, cuts, round & 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_in_order),      cmocka_unit_test(test_diamond),
        cmocka_unit_test(test_ports_align),          cmocka_unit_test(test_done_travels_up),
        cmocka_unit_test(test_watermark_row_by_row),
        cmocka_unit_test(test_watermark_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
