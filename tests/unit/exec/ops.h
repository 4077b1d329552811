/* ops.h -- hand-built plans for the tests of stateful operators, and a bench that plays
 * rows through several partitions of one: cut at random, with yields, with saving and
 * loading into another number of partitions. */
#ifndef LT_TESTS_UNIT_EXEC_OPS_H
#define LT_TESTS_UNIT_EXEC_OPS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "exec/aggregates/aggregates.h"
#include "exec/operator.h"
#include "exec/state/state.h"
#include "tests/oracle/windows.h"

/* Not every test uses every helper. */
#pragma GCC diagnostic ignored "-Wunused-function"

enum { OPS_PARTITIONS_MAX = 4, MS = 1000, SEC = 1000000 };

/* ---- chance -------------------------------------------------------------- */

static uint64_t ops_next(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint64_t x = *seed ^ *seed >> 29;
    return (x * UINT64_C(0xbf58476d1ce4e5b9)) >> 17;
}
static int64_t ops_below(uint64_t *seed, int64_t n)
{
    return (int64_t)(ops_next(seed) % (uint64_t)n);
}

/* ---- what came out ------------------------------------------------------- */

struct ops_capture {
    struct lt_batch **batches;
    int n, cap;
    int64_t watermark;
    uint64_t *seed; /* yields now and then; NULL = never */
};

static lt_flow capture_push(struct lt_op *op, unsigned port, const struct lt_batch *batch)
{
    struct ops_capture *capture = (struct ops_capture *)op->ctx->output;
    LT_UNUSED(port);
    if (capture->n == capture->cap)
        capture->batches = realloc(capture->batches,
                                   (size_t)(capture->cap = capture->cap * 2 + 16) *
                                       sizeof(*capture->batches));
    struct lt_batch *kept;
    lt_status status = lt_batch_compact(op->ctx->pool, batch, &kept);
    if (status != LT_OK)
        return lt_op_fail(op, status);
    capture->batches[capture->n++] = kept;
    return capture->seed && ops_below(capture->seed, 3) == 0 ? LT_FLOW_YIELD : LT_FLOW_OK;
}

static lt_flow capture_watermark(struct lt_op *op, unsigned port, int64_t watermark_us)
{
    LT_UNUSED(port);
    ((struct ops_capture *)op->ctx->output)->watermark = watermark_us;
    return LT_FLOW_OK;
}

static const struct lt_op_type capture_type = {
    .name = "Capture",
    .push = capture_push,
    .watermark = capture_watermark,
};

/* ---- a bench of partitions ------------------------------------------------- */

struct ops_bench {
    struct lt_alloc *alloc;
    struct lt_pool *pool;
    struct lt_arena scratch;
    struct lt_error error;
    const struct lt_plan_node *node;
    struct lt_plan plan; /* the node, and one above it that may care for the order of rows */
    struct lt_plan_node above, *nodes[2], *above_inputs[1];
    uint32_t n;
    struct lt_op_ctx ctx[OPS_PARTITIONS_MAX];
    struct lt_op op[OPS_PARTITIONS_MAX], sink[OPS_PARTITIONS_MAX], late_sink[OPS_PARTITIONS_MAX];
    struct ops_capture capture, late;
    struct lt_op_ctx late_ctx[OPS_PARTITIONS_MAX];
    uint64_t late_rows, epoch;
    bool test_yield;
    int64_t now_us;
    uint32_t batch_rows;
};

static lt_status bench_start(struct ops_bench *b, uint32_t n)
{
    b->n = n;
    for (uint32_t p = 0; p < n; p++) {
        b->ctx[p] = (struct lt_op_ctx){
            .alloc = b->alloc, .pool = b->pool, .scratch = &b->scratch, .partition = p,
            .n_partitions = n, .epoch = b->epoch, .test_yield = b->test_yield,
            .late_rows = &b->late_rows, .error = &b->error, .now_us = b->now_us,
            .output = (const void *)&b->capture, .batch_rows = b->batch_rows, .plan = &b->plan,
        };
        b->late_ctx[p] = b->ctx[p];
        b->late_ctx[p].output = (const void *)&b->late;
        memset(&b->op[p], 0, sizeof(b->op[p]));
        memset(&b->sink[p], 0, sizeof(b->op[p]));
        memset(&b->late_sink[p], 0, sizeof(b->op[p]));
    }
    for (uint32_t p = 0; p < n; p++) {
        LT_TRY(lt_op_init(&b->op[p], lt_op_type_of(b->node), b->node, &b->ctx[p], 1, 1, 1));
        LT_TRY(lt_op_init(&b->sink[p], &capture_type, NULL, &b->ctx[p], 1, 0, 0));
        LT_TRY(lt_op_init(&b->late_sink[p], &capture_type, NULL, &b->late_ctx[p], 1, 0, 0));
        b->op[p].out[0] = (struct lt_op_edge){.op = &b->sink[p]};
        b->op[p].late_out[0] = (struct lt_op_edge){.op = &b->late_sink[p]};
        LT_TRY(lt_op_open(&b->op[p]));
    }
    return LT_OK;
}

static void bench_stop(struct ops_bench *b)
{
    for (uint32_t p = 0; p < b->n; p++) {
        lt_op_close(&b->op[p]);
        lt_op_close(&b->sink[p]);
        lt_op_close(&b->late_sink[p]);
    }
    b->n = 0;
}

static lt_status bench_open(struct ops_bench *b, struct lt_alloc *alloc,
                            const struct lt_plan_node *node, uint32_t n, uint64_t *seed)
{
    memset(b, 0, sizeof(*b));
    b->alloc = alloc;
    b->node = node;
    b->above_inputs[0] = b->nodes[0] = (struct lt_plan_node *)(uintptr_t)node;
    b->nodes[1] = &b->above;
    b->above = (struct lt_plan_node){
        .kind = seed && ops_below(seed, 2) ? LT_NODE_SORT : LT_NODE_OUTPUT,
        .n_inputs = 1,
        .inputs = b->above_inputs,
        .u.output.limit = -1,
    };
    b->plan.n_nodes = 2;
    b->plan.nodes = b->nodes;
    b->epoch = 1;
    b->capture.seed = seed;
    b->capture.watermark = b->late.watermark = INT64_MIN;
    b->test_yield = seed && ops_below(seed, 2);
    b->batch_rows = seed && ops_below(seed, 2) ? (uint32_t)ops_below(seed, 5) + 1 : 0;
    lt_arena_init(&b->scratch, alloc);
    LT_TRY(lt_pool_open(alloc, &b->pool));
    return bench_start(b, n);
}

static void capture_clear(struct ops_capture *capture)
{
    for (int i = 0; i < capture->n; i++)
        lt_batch_drop(capture->batches[i]);
    capture->n = 0;
}

static void bench_close(struct ops_bench *b)
{
    bench_stop(b);
    capture_clear(&b->capture);
    capture_clear(&b->late);
    free(b->capture.batches);
    free(b->late.batches);
    lt_arena_close(&b->scratch);
    if (b->pool)
        lt_pool_close(b->pool);
}

static lt_status bench_flow(struct ops_bench *b, uint32_t p, lt_flow flow)
{
    while (flow == LT_FLOW_YIELD)
        flow = lt_op_resume(&b->op[p]);
    lt_arena_reset(&b->scratch);
    if (flow != LT_FLOW_ERROR)
        return LT_OK;
    return b->error.code ? b->error.code : LT_MISUSE;
}

static lt_status bench_watermark(struct ops_bench *b, int64_t watermark)
{
    for (uint32_t p = 0; p < b->n; p++)
        LT_TRY(bench_flow(b, p, lt_op_push_watermark(&b->op[p], 0, watermark)));
    return LT_OK;
}

static lt_status bench_barrier(struct ops_bench *b)
{
    for (uint32_t p = 0; p < b->n; p++)
        LT_TRY(bench_flow(b, p, lt_op_push_barrier(&b->op[p], 0, b->epoch)));
    b->epoch++;
    for (uint32_t p = 0; p < b->n; p++)
        b->ctx[p].epoch = b->epoch;
    return LT_OK;
}

static lt_status bench_end(struct ops_bench *b)
{
    for (uint32_t p = 0; p < b->n; p++)
        LT_TRY(bench_flow(b, p, lt_op_push_end(&b->op[p], 0)));
    return LT_OK;
}

/* Moves the clock and fires what is due, step by step as a driver would. */
static lt_status bench_clock(struct ops_bench *b, int64_t now_us)
{
    b->now_us = now_us;
    for (uint32_t p = 0; p < b->n; p++) {
        b->ctx[p].now_us = now_us;
        if (b->op[p].timer_us <= now_us)
            LT_TRY(bench_flow(b, p, lt_op_fire_timer(&b->op[p], now_us)));
    }
    return LT_OK;
}

/* Saves every partition, throws them away and loads into `n` new ones. */
static lt_status bench_reload(struct ops_bench *b, uint32_t n)
{
    struct lt_state_image *images[OPS_PARTITIONS_MAX] = {NULL};
    uint32_t old = b->n;
    lt_status status = LT_OK;
    for (uint32_t p = 0; p < old && status == LT_OK; p++) {
        status = lt_image_open(b->alloc, &images[p]);
        if (status == LT_OK)
            status = b->op[p].type->save(&b->op[p], images[p]);
    }
    int64_t watermark = b->op[0].port_watermark[0], out = b->op[0].watermark_out;
    if (status == LT_OK) {
        bench_stop(b);
        status = bench_start(b, n);
    }
    for (uint32_t p = 0; p < n && status == LT_OK; p++) {
        b->op[p].port_watermark[0] = watermark;
        b->op[p].watermark_out = out;
        status = b->op[p].type->load(&b->op[p], (const struct lt_state_image *const *)images, old);
    }
    for (uint32_t p = 0; p < old; p++)
        lt_image_close(images[p]);
    return status;
}

/* ---- plans ------------------------------------------------------------------ */

/* Input of every plan here. */
enum { COL_K, COL_TS, COL_V, COL_COUNT };

struct ops_plan {
    struct lt_arena arena;
    struct lt_plan_node input, node;
    struct lt_plan_node *inputs[1];
    struct lt_field in_fields[COL_COUNT], out_fields[32];
    struct lt_plan_agg calls[16];
    const struct lt_type *arg_types[16][2];
    uint32_t arg_columns[16][2];
    uint32_t keys[4];
    enum lt_window_column window_columns[4];
    struct lt_error error;
};

static void plan_open(struct ops_plan *p, struct lt_alloc *alloc, enum lt_node_kind kind,
                      const struct lt_type *k_type, const struct lt_type *v_type)
{
    memset(p, 0, sizeof(*p));
    lt_arena_init(&p->arena, alloc);
    p->in_fields[COL_K] = (struct lt_field){LT_STR("k"), k_type};
    p->in_fields[COL_TS] = (struct lt_field){LT_STR("ts"), &lt_type_timestamp3};
    p->in_fields[COL_V] = (struct lt_field){LT_STR("v"), v_type};
    p->input.schema = (struct lt_schema){COL_COUNT, p->in_fields};
    p->inputs[0] = &p->input;
    p->node.kind = kind;
    p->node.n_inputs = 1;
    p->node.inputs = p->inputs;
    p->node.schema.fields = p->out_fields;
    p->node.u.aggregate.keys = p->keys;
    p->node.u.aggregate.calls = p->calls;
    p->node.u.aggregate.window_columns = p->window_columns;
    p->node.u.aggregate.window.tick_us = MS;
}

static void plan_field(struct ops_plan *p, const struct lt_type *type)
{
    p->out_fields[p->node.schema.len++] = (struct lt_field){LT_STR("c"), type};
}

static void plan_key(struct ops_plan *p, uint32_t column)
{
    p->keys[p->node.u.aggregate.n_keys++] = column;
    plan_field(p, p->in_fields[column].type);
}

static const struct lt_aggregate *ops_aggregate(const char *name)
{
    for (int i = 0; lt_aggregates[i]; i++)
        if (strcmp(lt_aggregates[i]->name, name) == 0)
            return lt_aggregates[i];
    return NULL;
}

/* name(v) or name(*) when `column` < 0. */
static struct lt_plan_agg *plan_call(struct ops_plan *p, const char *name, int column,
                                     bool distinct, bool changing)
{
    uint32_t i = p->node.u.aggregate.n_calls++;
    p->input.props.changing |= changing;
    const struct lt_column *constants[2] = {NULL};
    struct lt_bind_aggregate bind = {
        .call = {.arena = &p->arena, .name = lt_str_of(name), .n_args = column >= 0,
                 .args = p->arg_types[i], .constants = constants, .err = &p->error},
        .distinct = distinct,
        .changing = changing,
    };
    if (column >= 0) {
        p->arg_types[i][0] = p->in_fields[column].type;
        p->arg_columns[i][0] = (uint32_t)column;
    }
    const struct lt_aggregate *fn = ops_aggregate(name);
    assert_non_null(fn);
    if (fn->bind(&bind) != LT_OK)
        fail_msg("%s: %s", name, p->error.message);
    p->calls[i] = (struct lt_plan_agg){
        .call = {.fn = fn, .kernel = bind.kernel, .n_args = bind.call.n_args,
                 .args = p->arg_types[i], .result = bind.call.result, .distinct = distinct,
                 .changing = changing},
        .arg_columns = p->arg_columns[i],
        .filter_column = -1,
    };
    plan_field(p, bind.call.result);
    return &p->calls[i];
}

static void plan_window_column(struct ops_plan *p, enum lt_window_column column,
                               const struct lt_type *type)
{
    p->window_columns[p->node.u.aggregate.n_window_columns++] = column;
    plan_field(p, type);
}

/* ---- rows in ----------------------------------------------------------------- */

/* A lane of the type of `col` from a small number; NULL for INT64_MIN. */
static lt_status put_number(struct lt_column *col, uint32_t row, int64_t v)
{
    char text[32];
    if (v == INT64_MIN) {
        LT_TRY(lt_column_own_validity(col));
        lt_column_set_null(col, row);
        return LT_OK;
    }
    switch (col->type->kind) {
    case LT_TYPE_BOOLEAN: ((uint8_t *)col->values)[row] = v & 1; break;
    case LT_TYPE_INT: ((int32_t *)col->values)[row] = (int32_t)v; break;
    case LT_TYPE_DOUBLE: ((double *)col->values)[row] = (double)v / 4; break;
    case LT_TYPE_DECIMAL: ((__int128 *)col->values)[row] = v; break;
    case LT_TYPE_VARCHAR:
        snprintf(text, sizeof(text), v % 3 ? "%ld" : "text number %ld", (long)v);
        return lt_column_put_str(col, row, lt_str_of(text));
    default: ((int64_t *)col->values)[row] = v; break;
    }
    return LT_OK;
}

/* Pushes rows [from, to) to their partitions, in order. */
static lt_status bench_push(struct ops_bench *b, const struct oracle_row *rows, int from, int to,
                            const int32_t *weights)
{
    const struct lt_field *fields = b->node->inputs[0]->schema.fields;
    uint32_t len = (uint32_t)(to - from);
    struct lt_column *cols[COL_COUNT] = {
        lt_column_new(b->pool, fields[COL_K].type, len),
        lt_column_new(b->pool, &lt_type_timestamp3, len),
        lt_column_new(b->pool, fields[COL_V].type, len),
    };
    lt_status status = cols[0] && cols[1] && cols[2] ? LT_OK : LT_NOMEM;
    int64_t behind[LT_BATCH_ROWS_MAX];
    uint64_t hashes[LT_BATCH_ROWS_MAX];
    bool any_behind = false;
    for (uint32_t i = 0; i < len && status == LT_OK; i++) {
        status = put_number(cols[COL_K], i, rows[from + (int)i].k);
        ((int64_t *)cols[COL_TS]->values)[i] = rows[from + (int)i].ts;
        if (status == LT_OK)
            status = put_number(cols[COL_V], i, rows[from + (int)i].v);
        behind[i] = rows[from + (int)i].behind;
        any_behind |= behind[i] != LT_NOT_BEHIND;
    }
    if (status == LT_OK)
        lt_table_hash_keys(cols, b->node->u.aggregate.n_keys, NULL, len, hashes);
    for (uint32_t p = 0; p < b->n && status == LT_OK; p++) {
        uint16_t sel[LT_BATCH_ROWS_MAX];
        struct lt_batch batch = {
            .len = len, .sel = sel, .n_columns = COL_COUNT, .columns = cols,
            .behind = any_behind ? behind : NULL, .first_position = from,
            .proctime_us = b->now_us, .weight = weights ? weights + from : NULL,
        };
        for (uint32_t i = 0; i < len; i++)
            if (lt_partition_of(hashes[i], b->n) == p)
                sel[batch.n_sel++] = (uint16_t)i;
        if (batch.n_sel == len)
            batch.sel = NULL;
        status = bench_flow(b, p, lt_op_push(&b->op[p], 0, &batch));
    }
    for (int c = 0; c < COL_COUNT; c++)
        lt_column_unref(cols[c]);
    return status;
}

/* ---- comparing ----------------------------------------------------------------- */

static int64_t captured(const struct lt_batch *batch, uint32_t column, uint32_t row)
{
    const struct lt_column *col = batch->columns[column];
    struct lt_cell cell = lt_column_cell(col, row);
    return cell.null ? INT64_MIN : ((const int64_t *)cell.col->values)[cell.lane];
}

static int result_compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct oracle_result));
}

/* The net of what came out as k, count, sum, min, max, start, end. */
static void captured_net(const struct ops_capture *capture, struct oracle_out *out)
{
    for (int i = 0; i < capture->n; i++) {
        const struct lt_batch *batch = capture->batches[i];
        for (uint32_t r = 0; r < batch->len; r++) {
            struct oracle_result got = {
                .k = captured(batch, 0, r), .count = captured(batch, 1, r),
                .sum = captured(batch, 2, r), .min = captured(batch, 3, r),
                .max = captured(batch, 4, r),
                .start = batch->n_columns > 5 ? captured(batch, 5, r) : 0,
                .end = batch->n_columns > 6 ? captured(batch, 6, r) : 0,
            };
            if (lt_batch_weight(batch, r) < 0) {
                int at = 0;
                while (at < out->n && memcmp(&out->items[at], &got, sizeof(got)))
                    at++;
                assert_in_range(at, 0, out->n - 1);
                out->items[at] = out->items[--out->n];
            } else {
                *oracle_at(out, INT64_MIN, INT64_MIN, out->n) = got;
            }
        }
    }
}

static void outs_equal(struct oracle_out *got, struct oracle_out *want, uint64_t seed)
{
    if (got->n)
        qsort(got->items, (size_t)got->n, sizeof(*got->items), result_compare);
    if (want->n)
        qsort(want->items, (size_t)want->n, sizeof(*want->items), result_compare);
    bool same = got->n == want->n &&
                (got->n == 0 || memcmp(got->items, want->items,
                                       (size_t)got->n * sizeof(*got->items)) == 0);
    if (same)
        return;
    for (int side = 0; side < 2; side++) {
        const struct oracle_out *o = side ? want : got;
        for (int i = 0; i < o->n; i++)
            print_error("%s k=%ld [%ld, %ld) count=%ld sum=%ld min=%ld max=%ld\n",
                        side ? "want" : "got ", (long)o->items[i].k, (long)o->items[i].start,
                        (long)o->items[i].end, (long)o->items[i].count, (long)o->items[i].sum,
                        (long)o->items[i].min, (long)o->items[i].max);
    }
    fail_msg("seed %lu: results differ", (unsigned long)seed);
}

#endif
