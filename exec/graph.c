/* graph.c -- the running graph of a database: attach, detach, status.
 *
 * The two drivers are pump.c (the caller's thread) and threads.c (workers). What
 * changes the graph while workers run parks them first (lt_graph_park). */
#include "exec/graph.h"

#include "exec/run.h"

lt_status lt_graph_open(const struct lt_graph_config *config, struct lt_graph **out,
                        struct lt_error *err)
{
    struct lt_graph *graph = lt_alloc_zero(config->alloc, sizeof(*graph));
    if (!graph)
        return LT_NOMEM;
    graph->config = *config;
    graph->alloc = config->alloc;
    struct lt_graph_config *set = &graph->config;
    if (set->batch_rows == 0 || set->batch_rows > LT_BATCH_ROWS_MAX)
        set->batch_rows = LT_BATCH_ROWS_MAX;
    if (set->ring_bytes == 0)
        set->ring_bytes = 4u << 20;
    if (set->epoch_bytes == 0)
        set->epoch_bytes = set->n_workers ? 16u << 20 : 1u << 20;
    graph->random = config->seed;
    lt_status status = lt_workers_start(graph, err);
    if (status != LT_OK) {
        lt_alloc_put(graph->alloc, graph, sizeof(*graph));
        return status;
    }
    *out = graph;
    return LT_OK;
}

void lt_graph_close(struct lt_graph *graph)
{
    if (!graph)
        return;
    LT_ASSERT(!graph->runs);
    lt_workers_stop(graph);
    lt_alloc_put(graph->alloc, graph->order, graph->order_cap * sizeof(*graph->order));
    lt_alloc_put(graph->alloc, graph, sizeof(*graph));
}

void lt_run_free(struct lt_run *run)
{
    struct lt_alloc *alloc = run->graph->alloc;
    lt_run_destroy(run);
    lt_alloc_close(&run->alloc);
    pthread_mutex_destroy(&run->lock);
    lt_alloc_put(alloc, run, sizeof(*run));
}

lt_status lt_run_new(struct lt_graph *graph, struct lt_plan *plan,
                     const struct lt_output_sink *output, struct lt_run **out)
{
    struct lt_run *run = lt_alloc_zero(graph->alloc, sizeof(*run));
    if (!run)
        return LT_NOMEM;
    run->graph = graph;
    run->plan = plan;
    lt_alloc_init_child(&run->alloc, graph->alloc, "query",
                        graph->config.query_bytes ? graph->config.query_bytes : SIZE_MAX);
    lt_arena_init(&run->arena, &run->alloc);
    pthread_mutex_init(&run->lock, NULL);
    run->has_output = output != NULL;
    if (output)
        run->output = *output;
    run->last_commit_us = INT64_MIN;
    *out = run;
    return LT_OK;
}

static void graph_link(struct lt_graph *graph, struct lt_run *run)
{
    lt_graph_park(graph);
    run->next = graph->runs;
    graph->runs = run;
    lt_run_link_taps(run);
    lt_graph_unpark(graph);
}

lt_status lt_graph_attach(struct lt_graph *graph, struct lt_plan *plan,
                          const struct lt_output_sink *output, struct lt_run **out,
                          struct lt_error *err)
{
    return lt_graph_restore(graph, plan, output, NULL, out, err);
}

lt_status lt_graph_restore(struct lt_graph *graph, struct lt_plan *plan,
                           const struct lt_output_sink *output, const struct lt_run_image *image,
                           struct lt_run **out, struct lt_error *err)
{
    struct lt_run *run;
    LT_TRY(lt_run_new(graph, plan, output, &run));
    lt_status status = image ? LT_OK : lt_run_tap_sources(run, err);
    if (status == LT_OK)
        status = lt_run_build(run, err);
    /* The first epoch closes whatever comes: an aggregate over nothing has a row. */
    atomic_store(&run->activity, true);
    if (status == LT_OK && image)
        status = lt_run_load(run, image, err);
    if (status != LT_OK) {
        lt_run_release_taps(run);
        lt_run_free(run);
        return status;
    }
    graph_link(graph, run);
    *out = run;
    return LT_OK;
}

void lt_graph_detach(struct lt_graph *graph, struct lt_run *run, bool cancel)
{
    if (cancel) {
        atomic_store(&run->cancelled, true);
        int running = LT_RUN_RUNNING;
        atomic_compare_exchange_strong(&run->state, &running, LT_RUN_CANCELLED);
    } else if (atomic_load(&run->state) == LT_RUN_RUNNING) {
        lt_run_rest(run, true);
    }
    lt_graph_park(graph);
    atomic_store(&run->stop, true);
    struct lt_run **at = &graph->runs;
    while (*at != run)
        at = &(*at)->next;
    *at = run->next;
    lt_run_unlink_taps(run);
    lt_graph_unpark(graph);
    lt_run_release_taps(run);
    lt_run_free(run);
}

enum lt_run_state lt_run_status(struct lt_run *run, struct lt_error *err)
{
    pthread_mutex_lock(&run->lock);
    enum lt_run_state state = (enum lt_run_state)atomic_load(&run->state);
    if (err && state == LT_RUN_FAILED)
        *err = run->error;
    pthread_mutex_unlock(&run->lock);
    return state;
}

uint64_t lt_run_late_rows(struct lt_run *run)
{
    uint64_t late = 0;
    lt_graph_park(run->graph);
    for (uint32_t i = 0; i < run->n_pipelines; i++)
        late += run->pipelines[i].late_rows;
    lt_graph_unpark(run->graph);
    return late;
}

static void add_stats(const struct lt_op *op, struct lt_node_stats *out)
{
    out->rows_in += op->rows_in;
    out->rows_out += op->rows_out;
    out->rows_late += op->rows_late;
    out->state_bytes += op->memory_bytes;
    if (op->watermark_out < out->watermark_us)
        out->watermark_us = op->watermark_out;
}

void lt_run_stats(struct lt_run *run, uint32_t node_id, struct lt_node_stats *out)
{
    *out = (struct lt_node_stats){.watermark_us = LT_WATERMARK_MAX};
    bool any = false;
    lt_graph_park(run->graph);
    for (uint32_t i = 0; i < run->n_pipelines; i++)
        for (uint32_t k = 0; k < run->pipelines[i].n_ops; k++) {
            const struct lt_op *op = &run->pipelines[i].ops[k];
            if (op->node->id != node_id || op->type == &lt_op_receiver_type)
                continue;
            add_stats(op, out);
            any = true;
        }
    lt_graph_unpark(run->graph);
    if (!any)
        out->watermark_us = LT_WATERMARK_MIN;
}
