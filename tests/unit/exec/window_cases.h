/* window_cases.h -- random window queries and disordered rows, for the tests of windows. */
#ifndef LT_TESTS_UNIT_EXEC_WINDOW_CASES_H
#define LT_TESTS_UNIT_EXEC_WINDOW_CASES_H

#include "tests/unit/exec/ops.h"

struct window_case {
    enum lt_window_kind kind;
    int64_t size, slide, offset, delay;
    bool only_on_update;
    bool inverse; /* only calls that can be taken back: sums and counts */
};

static void plan_window(struct ops_plan *p, struct lt_alloc *alloc, const struct window_case *c)
{
    plan_open(p, alloc, LT_NODE_WINDOW_AGGREGATE, &lt_type_bigint, &lt_type_bigint);
    plan_key(p, COL_K);
    plan_call(p, "COUNT", -1, false, false);
    plan_call(p, "SUM", COL_V, false, false);
    plan_call(p, c->inverse ? "SUM" : "MIN", COL_V, false, false);
    plan_call(p, c->inverse ? "COUNT" : "MAX", COL_V, false, false);
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

/* `within`: how long windows stay open for late rows. */
static void oracle_of(const struct window_case *c, struct oracle_row *rows, int n, int64_t within,
                      struct oracle_out *want)
{
    int64_t tick = MS - within;
    oracle_judge(rows, n, c->delay);
    if (c->kind == LT_WINDOW_CUMULATE)
        oracle_cumulate(want, rows, n, c->size, c->slide, c->offset, tick);
    else if (c->kind == LT_WINDOW_SESSION)
        oracle_session(want, rows, n, c->size, tick);
    else
        oracle_hop(want, rows, n, c->size, c->slide, c->offset, tick);
    for (int i = 0; i < want->n && c->inverse; i++) {
        want->items[i].min = want->items[i].sum;
        want->items[i].max = want->items[i].count;
    }
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
    c->inverse = ops_below(seed, 2);
}

static int random_rows(struct oracle_row *rows, int max, int *splits, uint64_t *seed)
{
    int n = (int)ops_below(seed, max);
    *splits = (int)ops_below(seed, 2) + 1;
    int64_t t = ops_below(seed, 100) * SEC - 50 * SEC, disorder = ops_below(seed, 25) + 1;
    for (int i = 0; i < n; i++) {
        t += ops_below(seed, 3) * SEC;
        rows[i] = (struct oracle_row){.k = ops_below(seed, 4), .v = ops_below(seed, 100) - 50,
                                      .split = (int)ops_below(seed, *splits),
                                      .ts = t - ops_below(seed, disorder) * SEC};
    }
    return n;
}

#endif
