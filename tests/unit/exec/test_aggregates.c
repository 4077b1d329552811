/* test_aggregates.c -- every aggregate: what it gives for rows that were cut, saved,
 * loaded, merged and partly taken back is what it gives for the rows that are left. */
#include "tests/unit/exec/ops.h"

#include "data/value.h"

enum { ROWS_MAX = 120, TEXT_MAX = 1 << 14 };

struct agg_case {
    const char *name;
    const struct lt_type *type;
    bool distinct, changing;
};

/* Binds name(v) or, with two arguments, name(v, k). False when it is refused. */
static bool plan_aggregate(struct ops_plan *p, struct lt_alloc *alloc, const struct agg_case *c)
{
    static const double quarter = 0.25;
    static const struct lt_column share = {
        .refs = 1, .len = 1, .type = &lt_type_double, .encoding = LT_CONSTANT,
        .phys = LT_PHYS_F64, .values = (void *)(uintptr_t)&quarter,
    };
    static const struct lt_column *const constants[2] = {NULL, &share};
    const struct lt_aggregate *fn = ops_aggregate(c->name);
    bool percentile = strcmp(c->name, "PERCENTILE") == 0;
    plan_open(p, alloc, LT_NODE_AGGREGATE, &lt_type_bigint, c->type);
    plan_key(p, COL_K);
    p->input.props.changing = c->changing;
    p->arg_types[0][0] = c->type;
    p->arg_types[0][1] = percentile ? &lt_type_double : &lt_type_bigint;
    p->arg_columns[0][0] = COL_V;
    p->arg_columns[0][1] = COL_K;
    const struct lt_column *bind_constants[2] = {NULL, percentile ? &share : NULL};
    struct lt_bind_aggregate bind = {
        .call = {.arena = &p->arena, .name = lt_str_of(c->name),
                 .n_args = fn->args_min == 2 ? 2 : 1, .args = p->arg_types[0],
                 .constants = bind_constants, .err = &p->error},
        .distinct = c->distinct,
        .changing = c->changing,
    };
    if (fn->bind(&bind) != LT_OK || !lt_type_same(p->arg_types[0][0], c->type))
        return false;
    assert_true(!c->changing || bind.kernel->retractable);
    p->calls[0] = (struct lt_plan_agg){
        .call = {.fn = fn, .kernel = bind.kernel, .n_args = percentile ? 1 : bind.call.n_args,
                 .args = p->arg_types[0], .result = bind.call.result, .distinct = c->distinct,
                 .changing = c->changing,
                 .constants = constants},
        .arg_columns = p->arg_columns[0],
        .filter_column = -1,
    };
    p->node.u.aggregate.n_calls = 1;
    plan_field(p, bind.call.result);
    return true;
}

static void print_cell(struct lt_buf *out, struct lt_cell cell)
{
    if (!cell.null && cell.col->phys == LT_PHYS_F64)
        /* sums of floats are promised to 1e-9 only: keep off the edge of rounding */
        lt_buf_addf(out, "%.6g", ((const double *)cell.col->values)[cell.lane] * (1 + 1e-10));
    else
        lt_cell_print(out, cell, &lt_tz_utc);
}

static int line_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The net rows as sorted lines. */
static char *net_text(struct lt_alloc *alloc, const struct ops_capture *capture)
{
    char *lines[ROWS_MAX * 4];
    int n = 0;
    for (int i = 0; i < capture->n; i++) {
        const struct lt_batch *batch = capture->batches[i];
        for (uint32_t r = 0; r < batch->len; r++) {
            struct lt_buf line;
            lt_buf_init(&line, alloc);
            for (uint32_t c = 0; c < batch->n_columns; c++) {
                print_cell(&line, lt_column_cell(batch->columns[c], r));
                lt_buf_adds(&line, " | ");
            }
            char *text = strdup(line.data);
            lt_buf_close(&line);
            if (lt_batch_weight(batch, r) > 0) {
                assert_in_range(n, 0, ROWS_MAX * 4 - 1);
                lines[n++] = text;
                continue;
            }
            int at = 0;
            while (at < n && strcmp(lines[at], text))
                at++;
            if (at == n)
                fail_msg("taken back but never shown: %s", text);
            free(lines[at]);
            free(text);
            lines[at] = lines[--n];
        }
    }
    if (n)
        qsort(lines, (size_t)n, sizeof(*lines), line_compare);
    char *all = calloc(1, TEXT_MAX);
    for (int i = 0, at = 0; i < n; i++) {
        at += snprintf(all + at, (size_t)(TEXT_MAX - at), "%s\n", lines[i]);
        assert_in_range(at, 0, TEXT_MAX - 1);
        free(lines[i]);
    }
    return all;
}

static int make_rows(struct oracle_row *rows, int32_t *weights, bool changing, bool nulls,
                     uint64_t *seed)
{
    int n = (int)ops_below(seed, ROWS_MAX);
    bool back[ROWS_MAX] = {false};
    for (int i = 0; i < n; i++) {
        rows[i] = (struct oracle_row){.k = ops_below(seed, 3), .v = ops_below(seed, 12),
                                      .behind = INT64_MIN};
        if (ops_below(seed, 8) == 0 && nulls)
            rows[i].v = INT64_MIN; /* NULL */
        weights[i] = 1;
        int j = i ? (int)ops_below(seed, i) : 0;
        if (changing && i && weights[j] > 0 && !back[j] && ops_below(seed, 2)) {
            back[j] = true;
            rows[i] = rows[j];
            weights[i] = -1;
        }
    }
    return n;
}

static void run_case(const struct agg_case *c, uint64_t seed)
{
    static const uint32_t partitions[] = {1, 4, 2, 3};
    struct lt_alloc alloc;
    struct ops_plan plan;
    struct ops_bench bench, fresh;
    struct oracle_row rows[ROWS_MAX], left[ROWS_MAX];
    int32_t weights[ROWS_MAX];
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    if (!plan_aggregate(&plan, &alloc, c)) {
        lt_arena_close(&plan.arena);
        lt_alloc_close(&alloc);
        return;
    }
    bool nulls = strcmp(c->name, "JSON_OBJECTAGG") != 0; /* which refuses a NULL key */
    int n = make_rows(rows, weights, c->changing, nulls, &seed), n_left = 0;
    assert_int_equal(bench_open(&bench, &alloc, &plan.node, 2, &seed), LT_OK);
    int64_t cut = ops_below(&seed, 20) + 1;
    for (int at = 0; at < n;) {
        int to = at + (int)ops_below(&seed, cut) + 1;
        to = to > n ? n : to;
        if (bench_push(&bench, rows, at, to, c->changing ? weights : NULL) != LT_OK)
            fail_msg("%s: %s", c->name, bench.error.message);
        at = to;
        assert_int_equal(bench_barrier(&bench), LT_OK);
        if (ops_below(&seed, 4) == 0)
            assert_int_equal(bench_reload(&bench, partitions[ops_below(&seed, 4)]), LT_OK);
    }
    assert_int_equal(bench_end(&bench), LT_OK);
    for (int i = 0; i < n; i++) {
        left[n_left] = rows[i];
        n_left += weights[i] > 0;
    }
    for (int i = 0; i < n; i++) /* each retraction takes one equal row */
        for (int j = 0; weights[i] < 0 && j < n_left; j++)
            if (left[j].k == rows[i].k && left[j].v == rows[i].v) {
                memmove(left + j, left + j + 1, (size_t)(--n_left - j) * sizeof(*left));
                break;
            }
    assert_int_equal(bench_open(&fresh, &alloc, &plan.node, 1, NULL), LT_OK);
    if (n_left)
        assert_int_equal(bench_push(&fresh, left, 0, n_left, NULL), LT_OK);
    assert_int_equal(bench_end(&fresh), LT_OK);
    char *got = net_text(&alloc, &bench.capture), *want = net_text(&alloc, &fresh.capture);
    if (strcmp(got, want))
        fail_msg("%s(%s%d)%s seed %lu\n%s--\n%s", c->name, c->distinct ? "DISTINCT " : "",
                 c->type->kind, c->changing ? " changing" : "", (unsigned long)seed, got, want);
    free(got);
    free(want);
    bench_close(&bench);
    bench_close(&fresh);
    lt_arena_close(&plan.arena);
    lt_alloc_close(&alloc);
}

static void test_every_aggregate(void **state)
{
    LT_UNUSED(state);
    struct lt_alloc alloc;
    struct lt_arena arena;
    lt_alloc_init_root(&alloc, NULL, "types", SIZE_MAX);
    lt_arena_init(&arena, &alloc);
    const struct lt_type *types[] = {&lt_type_bigint, &lt_type_int, &lt_type_double,
                                     &lt_type_string, &lt_type_boolean,
                                     lt_type_decimal(&arena, 20, 2)};
    for (int f = 0; lt_aggregates[f]; f++)
        for (unsigned t = 0; t < LT_ARRAY_LEN(types); t++)
            for (unsigned flags = 0; flags < 4; flags++)
                for (uint64_t s = 1; s <= 4; s++) {
                    struct agg_case c = {lt_aggregates[f]->name, types[t], flags & 1, flags >> 1};
                    run_case(&c, s * 7919 + t * 31 + flags);
                }
    lt_arena_close(&arena);
    lt_alloc_close(&alloc);
}

/* One group of the values given, as text. */
static void expect_result(const char *name, const struct lt_type *type, bool distinct,
                         const int64_t *values, int n, const char *want)
{
    struct lt_alloc alloc;
    struct ops_plan plan;
    struct ops_bench bench;
    struct oracle_row rows[16];
    struct agg_case c = {name, type, distinct, false};
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_true(plan_aggregate(&plan, &alloc, &c));
    for (int i = 0; i < n; i++)
        rows[i] = (struct oracle_row){.k = 1, .v = values[i], .behind = INT64_MIN};
    assert_int_equal(bench_open(&bench, &alloc, &plan.node, 1, NULL), LT_OK);
    assert_int_equal(bench_push(&bench, rows, 0, n, NULL), LT_OK);
    lt_status status = bench_end(&bench);
    if (!want) {
        assert_int_equal(status, LT_DATA);
    } else {
        char *got = net_text(&alloc, &bench.capture), line[256];
        assert_int_equal(status, LT_OK);
        snprintf(line, sizeof(line), "1 | %s | \n", want);
        assert_string_equal(got, line);
        free(got);
    }
    bench_close(&bench);
    lt_arena_close(&plan.arena);
    lt_alloc_close(&alloc);
}

#define VALUES(...) (const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / 8

static void test_values(void **state)
{
    LT_UNUSED(state);
    const int64_t null = INT64_MIN;
    expect_result("COUNT", &lt_type_bigint, false, VALUES(1, null, 1), "2");
    expect_result("COUNT", &lt_type_bigint, true, VALUES(1, null, 1, 2), "2");
    expect_result("SUM", &lt_type_bigint, true, VALUES(1, 1, 2), "3");
    expect_result("SUM", &lt_type_bigint, false, VALUES(null), "NULL");
    expect_result("SUM0", &lt_type_bigint, false, VALUES(null), "0");
    /* only the result counts, not what lay on the way */
    expect_result("SUM", &lt_type_bigint, false, VALUES(INT64_MAX, INT64_MAX, -INT64_MAX),
                 "9223372036854775807");
    expect_result("SUM", &lt_type_bigint, false, VALUES(INT64_MAX, 1), NULL);
    expect_result("AVG", &lt_type_bigint, false, VALUES(-3, 0), "-1");
    expect_result("AVG", &lt_type_bigint, false, VALUES(INT64_MAX, INT64_MAX),
                  "9223372036854775807");
    expect_result("MIN", &lt_type_string, false, VALUES(5, 3, null), "5");
    expect_result("MAX", &lt_type_string, false, VALUES(5, 3, null), "text number 3");
    expect_result("VAR_POP", &lt_type_bigint, false, VALUES(2, 4, 6, 8), "5");
    expect_result("VAR_SAMP", &lt_type_bigint, false, VALUES(2), "NULL");
    expect_result("STDDEV_POP", &lt_type_bigint, false, VALUES(2), "0");
    expect_result("FIRST_VALUE", &lt_type_bigint, false, VALUES(null, 4, 3), "4");
    expect_result("LAST_VALUE", &lt_type_bigint, false, VALUES(4, 3, null), "3");
    expect_result("LISTAGG", &lt_type_string, false, VALUES(5, 4, null, 5), "5,4,5");
    expect_result("LISTAGG", &lt_type_string, true, VALUES(5, 4, null, 5), "4,5");
    expect_result("ARRAY_AGG", &lt_type_bigint, false, VALUES(5, null, 4), "[5, NULL, 4]");
    expect_result("COLLECT", &lt_type_bigint, false, VALUES(5, null, 4, 5), "[4, 5, 5]");
    expect_result("BOOL_AND", &lt_type_boolean, false, VALUES(1, null, 0), "FALSE");
    expect_result("BOOL_OR", &lt_type_boolean, false, VALUES(1, null, 0), "TRUE");
    expect_result("BIT_AND", &lt_type_bigint, false, VALUES(6, 3, -1), "2");
    expect_result("BIT_XOR", &lt_type_bigint, false, VALUES(6, 3, 3), "6");
    expect_result("BIT_XOR", &lt_type_bigint, true, VALUES(6, 3, 3), "5");
    expect_result("MEDIAN", &lt_type_double, false, VALUES(4, 8, 16, 32), "3");
    expect_result("PERCENTILE", &lt_type_double, false, VALUES(4, 8, 12, 20), "1.75");
    expect_result("MODE", &lt_type_bigint, false, VALUES(3, 1, 1, 3), "1");
    expect_result("JSON_ARRAYAGG", &lt_type_string, false, VALUES(5, null, 4), "[\"5\",\"4\"]");
    expect_result("JSON_OBJECTAGG", &lt_type_string, false, VALUES(5, 4, 5), "{\"4\":1,\"5\":1}");
    expect_result("APPROX_COUNT_DISTINCT", &lt_type_bigint, false, VALUES(3, 1, 1, 3), "2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_every_aggregate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
