/* run.h -- the running form of a plan, as the parts of the scheduler see it.
 *
 * A plan is cut at its exchanges into fragments; a fragment runs as one pipeline
 * per partition. A pipeline is what a worker steps: its operators, its roots (the
 * sources and the exchange inputs that feed it), and an open epoch.
 *
 *      fragment 0            fragment 1
 *   ┌ scan ─ calc ─ ex ┐══▶┌ in ─ window ─ output ┐     partition 0
 *   └ scan ─ calc ─ ex ┘══▶└ in ─ window ─ …      ┘     partition 1
 *
 * A barrier e enters at every source; a pipeline has passed it when all its roots
 * have (one that has, gives nothing more until the others have too). When all
 * pipelines of the run have passed, the epoch is complete: sinks commit, outputs
 * announce it, and only then the next barrier is sent. */
#ifndef LT_EXEC_RUN_H
#define LT_EXEC_RUN_H

#include <pthread.h>
#include <stdatomic.h>

#include "exec/exchange.h"
#include "exec/graph.h"

struct lt_waker {
    _Atomic bool sleeping;
    _Atomic bool poked; /* something outside has changed: ask the sources */
    int fd;             /* eventfd */
};
static inline void lt_waker_wake(struct lt_waker *waker);

struct lt_root {
    struct lt_op *op;
    uint32_t n_rings; /* 0: a source */
    struct lt_ring **rings; /* port i of the receiver */
    bool *ring_aligned;     /* has given the barrier of the open epoch */
    bool *ring_ended;
    uint32_t n_aligned, n_ended;
    bool aligned, ended; /* the root as a whole */
    bool shared; /* one ring from a feeder: rows of another run's source; barriers are our own */
    /* a source, between polls */
    bool idle, quota_used;
    bool busy; /* counted in run->n_busy */
    size_t epoch_bytes;   /* since the epoch opened */
    int64_t next_poll_us; /* by the injected clock */
    uint32_t n_wait_fds;
    int wait_fds[LT_WAIT_FDS_MAX];
};

struct lt_fragment {
    uint32_t id;
    uint32_t n_partitions;
    uint32_t first_pipeline; /* in run->pipelines */
};

struct lt_pipeline {
    struct lt_run *run;
    struct lt_pipeline *next_mine; /* of the same worker (threads.c) */
    uint32_t fragment, worker;
    struct lt_op_ctx ctx;
    struct lt_connector_env env;
    struct lt_arena scratch;
    struct lt_error error;
    uint64_t late_rows;
    uint32_t n_ops;
    struct lt_op *ops; /* inputs before consumers */
    uint32_t n_roots, turn;
    struct lt_root *roots;
    bool owing;    /* some operator has yielded */
    bool announce; /* the barrier is being sent to the roots */
    bool finished; /* nothing left to do, final commit included */
    uint64_t committed;
    /* guarded by run->lock, read by its own worker without */
    bool ended;
    uint64_t epoch; /* the open one; all below have been passed */
    char apart[LT_CACHE_LINE]; /* the next one may be another worker's */
};

enum { LT_FEEDER_USERS_MAX = 32 };

/* A source that a run reads through another, hidden run (share.c). */
struct lt_tap {
    struct lt_run *feeder;
    const struct lt_plan_node *node; /* of our plan: what the feeder ends with */
    uint32_t slot;                   /* in feeder->users */
    struct lt_ring **rings;          /* per partition */
};

struct lt_run {
    struct lt_graph *graph;
    struct lt_run *next;
    struct lt_plan *plan;
    struct lt_alloc alloc; /* the query's */
    struct lt_arena arena; /* as long as the run */
    struct lt_output_sink output;
    bool has_output;
    _Atomic int state; /* enum lt_run_state */
    _Atomic bool stop; /* no pipeline may be stepped any more */
    _Atomic bool cancelled;
    pthread_mutex_t lock;
    struct lt_error error; /* the first failure */
    bool end_told;
    uint32_t n_finished;
    uint32_t n_fragments, n_pipelines;
    struct lt_fragment *fragments;
    struct lt_pipeline *pipelines;
    uint32_t n_pools; /* one per partition */
    struct lt_pool **pools;
    uint32_t n_shared; /* what the partitions of a node share */
    struct lt_run_shared {
        void *ptr;
        void (*unshare)(void *ptr);
    } *shared;
    uint32_t n_rings;
    struct lt_ring **rings;
    uint32_t n_taps;
    struct lt_tap *taps;
    /* a feeder: the plan of its first user, cut off above `top`; the senders that end it */
    const struct lt_plan_node *top;
    struct lt_plan feeder_plan;
    struct lt_plan *pinned;
    uint32_t n_users;
    struct lt_run *users[LT_FEEDER_USERS_MAX];
    struct lt_op **tees; /* per partition */
    /* epochs */
    bool paced; /* an epoch's end means something to its operators or its reader */
    _Atomic bool hold;                /* sources rest: a save or a stop is coming */
    _Atomic uint64_t barrier_epoch;   /* sources send the barriers up to this one */
    _Atomic uint64_t completed_epoch; /* all pipelines have passed it */
    _Atomic uint64_t commit_epoch;    /* the one at which sinks commit */
    _Atomic int64_t next_barrier_ns;  /* threaded: not before, unless all sources are idle */
    /* under lock */
    uint32_t n_ended, n_under_way; /* pipelines: ended; that have not passed the barrier yet */
    uint64_t last_epoch;           /* the highest that a pipeline has open */
    int64_t last_commit_us, last_barrier_ns;
    char apart[LT_CACHE_LINE]; /* what follows is written by every worker, though seldom */
    _Atomic bool activity;     /* something has happened in the open epoch */
    _Atomic uint32_t n_busy;   /* sources that have rows to hand over in it */
};

struct lt_worker;

struct lt_graph {
    struct lt_graph_config config;
    struct lt_alloc *alloc;
    struct lt_run *runs;
    struct lt_run *pumping; /* caller-driven: never two at once */
    uint64_t random;
    struct lt_pipeline **order; /* scratch of the caller-driven driver */
    uint32_t order_cap;
    _Atomic bool interrupted;
    /* threaded */
    uint32_t n_workers;
    struct lt_worker *workers;
    pthread_mutex_t park_lock;
    pthread_cond_t park_cond;
    _Atomic uint32_t park_wanted;
    uint32_t n_parked;
    _Atomic bool stopping;
};

static inline int64_t lt_graph_now(const struct lt_graph *graph)
{
    return graph->config.clock.now_us(graph->config.clock.ctx);
}

void lt_waker_write(struct lt_waker *waker);
void lt_waker_poke(void *waker); /* and it asks all its sources */
static inline void lt_waker_wake(struct lt_waker *waker)
{
    if (!waker)
        return;
    /* Pairs with the sleeper, which sets `sleeping` and then looks once more. */
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&waker->sleeping, memory_order_relaxed))
        lt_waker_write(waker);
}

struct lt_waker *lt_graph_waker(struct lt_graph *graph, uint32_t worker); /* NULL: no threads */

static inline void lt_run_note_activity(struct lt_run *run)
{
    if (!atomic_load_explicit(&run->activity, memory_order_relaxed))
        atomic_store_explicit(&run->activity, true, memory_order_relaxed);
}

/* build.c: the operators of a plan; on failure the run holds what was made. */
lt_status lt_run_build(struct lt_run *run, struct lt_error *err) LT_MUST_CHECK;
void lt_run_destroy(struct lt_run *run); /* operators first, then what they share */

/* share.c */
lt_status lt_run_tap_sources(struct lt_run *run, struct lt_error *err) LT_MUST_CHECK;
void lt_run_link_taps(struct lt_run *run);   /* parked */
void lt_run_unlink_taps(struct lt_run *run); /* parked */
void lt_run_release_taps(struct lt_run *run); /* frees feeders that nobody uses any more */
lt_status lt_run_new(struct lt_graph *graph, struct lt_plan *plan,
                     const struct lt_output_sink *output, struct lt_run **out) LT_MUST_CHECK;
void lt_run_free(struct lt_run *run);
lt_status lt_ring_new(struct lt_run *run, struct lt_ring **out) LT_MUST_CHECK;

/* pipeline.c: does a bounded piece of work. False = nothing could be done now.
 * `now_us` is the injected clock, read once a round. */
bool lt_pipeline_step(struct lt_pipeline *pl, int64_t now_us);
/* The earliest time (injected clock) it wants to be stepped for; INT64_MAX = none. */
int64_t lt_pipeline_wants_us(const struct lt_pipeline *pl);

/* threads.c; all do nothing (or OK) in a graph without workers. */
lt_status lt_workers_start(struct lt_graph *graph, struct lt_error *err) LT_MUST_CHECK;
void lt_workers_stop(struct lt_graph *graph);
void lt_graph_park(struct lt_graph *graph); /* returns when no worker runs; nests */
void lt_graph_unpark(struct lt_graph *graph);

/* rest.c */
/* Brings a running run to an epoch boundary with its sources at rest; false when
 * it cannot get there (blocked, failed). `finish`: sinks finish and commit too. */
bool lt_run_rest(struct lt_run *run, bool finish);
void lt_run_go_on(struct lt_run *run);
lt_status lt_run_load(struct lt_run *run, const struct lt_run_image *image, struct lt_error *err)
    LT_MUST_CHECK;

/* epoch.c */
int64_t lt_monotonic_ns(void);
enum lt_close_when { LT_CLOSE_IF_ACTIVE, LT_CLOSE_NOW };
/* Threaded: closes the epoch when that is due; `all_done` says that the caller found
 * nothing more to do. Any worker. */
void lt_run_pace(struct lt_run *run, bool all_done);
/* Opens the way for a barrier through the whole run; false when one is under way,
 * the run is over, or nothing has happened. Any thread. */
bool lt_run_close_epoch(struct lt_run *run, enum lt_close_when when);
bool lt_run_is_closing(const struct lt_run *run); /* a barrier is under way */
void lt_run_note_passed(struct lt_pipeline *pl, bool ended);
void lt_run_note_finished(struct lt_pipeline *pl);
void lt_run_fail(struct lt_run *run, const struct lt_error *error);
void lt_run_tell_end(struct lt_run *run);

#endif
