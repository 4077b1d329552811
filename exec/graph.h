/* graph.h -- the running graph of a database: one per leat_db.
 *
 * Plans attach and detach at epoch boundaries while it runs. Two drivers, one
 * scheduler: caller-driven (lt_graph_pump, no threads) and threaded (workers). */
#ifndef LT_EXEC_GRAPH_H
#define LT_EXEC_GRAPH_H

#include "exec/operator.h"

struct lt_graph;
struct lt_run; /* one attached plan */

struct lt_graph_config {
    struct lt_alloc *alloc;
    struct lt_clock clock;
    uint32_t n_workers;     /* 0 = caller-driven */
    uint64_t seed;          /* scheduling order when caller-driven; 0 = plain order */
    uint32_t batch_rows;    /* at most this many rows a batch; 0 = 2048 */
    bool test_yield;        /* every emit yields */
    size_t ring_bytes;      /* per exchange ring; 0 = 4 MB */
    size_t epoch_bytes;     /* a source hands over at most about this much an epoch; 0 = 1 MB,
                               or 16 MB with workers, whose epochs end by the clock */
    int64_t commit_interval_us; /* sinks of unbounded runs commit at most this often; 0 = every
                                   epoch. Bounded runs commit once, at their end. */
    bool share_sources;     /* statements share every unbounded source of equal meaning, not only
                               live ones: who comes later sees rows from then on */
    size_t query_bytes;     /* budget of each run's state; 0 = no limit of its own */
    struct lt_connector_env env; /* handed to connectors; alloc, pool, clock filled in here */
};

/* Rows for a statement (LT_NODE_OUTPUT), called on a worker or inside pump; may
 * only copy. `op` changes come as weights. Batches of one epoch come consolidated
 * when the plan's result is changing; on_epoch closes it. BUSY = the queue is
 * full: ask again later (the graph holds back). */
struct lt_output_sink {
    void *ctx;
    lt_status (*on_batch)(void *ctx, const struct lt_batch *batch, struct lt_error *err);
    void (*on_epoch)(void *ctx, uint64_t epoch, int64_t watermark_us);
    void (*on_end)(void *ctx, const struct lt_error *error); /* NULL error = finished */
};

enum lt_run_state { LT_RUN_RUNNING, LT_RUN_FINISHED, LT_RUN_FAILED, LT_RUN_CANCELLED };

lt_status lt_graph_open(const struct lt_graph_config *config, struct lt_graph **out,
                        struct lt_error *err) LT_MUST_CHECK;
void lt_graph_close(struct lt_graph *graph); /* all runs detached before */
/* The plan is borrowed until detach. `output` may be NULL (INSERT). */
lt_status lt_graph_attach(struct lt_graph *graph, struct lt_plan *plan,
                          const struct lt_output_sink *output, struct lt_run **out,
                          struct lt_error *err) LT_MUST_CHECK;
/* Stops at the next epoch boundary and frees the run. Graceful: sinks commit what
 * has been completed; `cancel` aborts them. */
void lt_graph_detach(struct lt_graph *graph, struct lt_run *run, bool cancel);
/* Caller-driven: runs until nothing is ready; closes one epoch per call. *wait_us
 * says when a timer or source wants to be asked again (INT64_MAX = never). */
lt_status lt_graph_pump(struct lt_graph *graph, int64_t *wait_us, struct lt_error *err)
    LT_MUST_CHECK;
enum lt_run_state lt_run_status(struct lt_run *run, struct lt_error *err);
uint64_t lt_run_late_rows(struct lt_run *run);
/* Per-node counters for EXPLAIN QUERY and tests. */
struct lt_node_stats {
    uint64_t rows_in, rows_out, rows_late, state_bytes;
    int64_t watermark_us;
};
void lt_run_stats(struct lt_run *run, uint32_t node_id, struct lt_node_stats *out);
/* Saved state of a run at an epoch boundary: all operators, source positions. A
 * run that shares a source is refused: its position belongs to all of them. */
struct lt_run_image;
lt_status lt_run_save(struct lt_run *run, struct lt_run_image **out, struct lt_error *err)
    LT_MUST_CHECK;
/* Attach with state: `plan` must have the same stable ids; parallelism may differ. */
lt_status lt_graph_restore(struct lt_graph *graph, struct lt_plan *plan,
                           const struct lt_output_sink *output, const struct lt_run_image *image,
                           struct lt_run **out, struct lt_error *err) LT_MUST_CHECK;
void lt_run_image_free(struct lt_run_image *image);
void lt_graph_interrupt(struct lt_graph *graph); /* any thread, async-signal-safe */
/* Something outside has changed: rows were put into a memory table, an output
 * queue has room again. Any thread; nothing to do when caller-driven. */
void lt_graph_wake(struct lt_graph *graph);

#endif
