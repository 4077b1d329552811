/* pump.c -- the caller-driven driver: no threads, one epoch per call.
 *
 * A pump lets the sources hand over what has arrived (up to a byte limit each),
 * runs everything until nothing is ready, sends one barrier through each run that
 * saw something and to which epochs mean something (epoch.c), and runs again until
 * that is through. Pipelines are stepped in turn, downstream first; with a seed each
 * pass takes them in a random order, which must make no difference to any answer. */
#include "base/hash.h"
#include "exec/run.h"

static lt_status collect(struct lt_graph *graph, uint32_t *n)
{
    uint32_t len = 0;
    for (struct lt_run *run = graph->runs; run; run = run->next)
        len += run->n_pipelines;
    if (len > graph->order_cap) {
        void *grown = lt_alloc_resize(graph->alloc, graph->order,
                                      graph->order_cap * sizeof(*graph->order),
                                      len * sizeof(*graph->order));
        if (!grown)
            return LT_NOMEM;
        graph->order = grown;
        graph->order_cap = len;
    }
    len = 0;
    for (struct lt_run *run = graph->runs; run; run = run->next)
        for (uint32_t i = run->n_pipelines; i > 0; i--) /* downstream first */
            graph->order[len++] = &run->pipelines[i - 1];
    *n = len;
    return LT_OK;
}

static void shuffle(struct lt_graph *graph, uint32_t n)
{
    for (uint32_t i = n; i > 1; i--) {
        graph->random = lt_hash_mix(graph->random + UINT64_C(0x9e3779b97f4a7c15));
        uint32_t k = (uint32_t)(graph->random % i);
        struct lt_pipeline *swap = graph->order[i - 1];
        graph->order[i - 1] = graph->order[k];
        graph->order[k] = swap;
    }
}

/* Until nothing is ready. */
static lt_status drive(struct lt_graph *graph, uint32_t n, struct lt_error *err)
{
    bool progress = true;
    while (progress) {
        if (atomic_exchange(&graph->interrupted, false))
            return lt_fail(err, LT_INTERRUPTED, "interrupted");
        progress = false;
        if (graph->config.seed)
            shuffle(graph, n);
        int64_t now_us = lt_graph_now(graph);
        for (uint32_t i = 0; i < n; i++)
            progress = lt_pipeline_step(graph->order[i], now_us) || progress;
    }
    return LT_OK;
}

static bool is_running(const struct lt_run *run)
{
    return atomic_load(&run->state) == LT_RUN_RUNNING && !atomic_load(&run->stop);
}

static void wake_sources(struct lt_run *run)
{
    for (uint32_t i = 0; i < run->n_pipelines; i++)
        for (uint32_t r = 0; r < run->pipelines[i].n_roots; r++)
            run->pipelines[i].roots[r].idle = false;
}

/* Where no epoch ends, the next call goes on in this one. */
static void lift_quotas(struct lt_run *run)
{
    for (uint32_t i = 0; i < run->n_pipelines; i++)
        for (uint32_t r = 0; r < run->pipelines[i].n_roots; r++) {
            run->pipelines[i].roots[r].quota_used = false;
            run->pipelines[i].roots[r].epoch_bytes = 0;
        }
}

static int64_t wanted_wait_us(struct lt_graph *graph, uint32_t n)
{
    int64_t first = INT64_MAX, now = lt_graph_now(graph);
    for (uint32_t i = 0; i < n; i++) {
        int64_t at = lt_pipeline_wants_us(graph->order[i]);
        if (at < first)
            first = at;
    }
    if (first == INT64_MAX)
        return first;
    return first > now ? first - now : 0;
}

lt_status lt_graph_pump(struct lt_graph *graph, int64_t *wait_us, struct lt_error *err)
{
    *wait_us = INT64_MAX;
    if (graph->n_workers)
        return LT_OK;
    for (struct lt_run *run = graph->runs; run; run = run->next)
        wake_sources(run);
    uint32_t n;
    LT_TRY(collect(graph, &n));
    LT_TRY(drive(graph, n, err));
    for (struct lt_run *run = graph->runs; run; run = run->next)
        if (is_running(run) && run->paced)
            (void)!lt_run_close_epoch(run, LT_CLOSE_IF_ACTIVE);
    LT_TRY(drive(graph, n, err));
    for (struct lt_run *run = graph->runs; run; run = run->next)
        if (!run->paced)
            lift_quotas(run);
    *wait_us = wanted_wait_us(graph, n);
    return LT_OK;
}
