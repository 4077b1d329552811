/* operator.h -- the contract of operators: a const descriptor plus state.
 *
 * Push-based. A batch pushed in is borrowed for the call. Every entry point
 * that can emit returns a flow:
 *
 *   OK     all done
 *   YIELD  this operator, or one below it, still has work: it keeps its own cursor
 *          (and references to what it needs); nothing else enters it until
 *          lt_op_resume has returned OK. `resume` is called after any YIELD once
 *          all that lies below is free again, also when the operator has nothing
 *          left to do: then it returns OK at once
 *   DONE   wants no more input; travels upstream
 *   ERROR  ctx->error says why; the query fails
 *
 * How to emit from a loop: after each lt_op_emit that returns YIELD stop, keep
 * the cursor in the state, return YIELD; `resume` continues from there. When the
 * emit was the last act, just return its flow: the framework resumes what lies
 * below by itself. No operator runs longer than about 1 ms without offering a
 * YIELD (lt_op_time_is_up), starts a thread, sleeps, or reads a clock.
 *
 * An event entering an operator is one of push, watermark, timer, barrier, end;
 * they come one at a time, on one thread. Descriptors may leave any entry NULL:
 * the default forwards (watermark, barrier, end) or does nothing. An operator with
 * its own `watermark` forwards it itself with lt_op_forward_watermark, after what
 * it emits because of it; no row with time <= the forwarded watermark may be
 * emitted later (debug builds assert). The framework forwards a barrier after the
 * operator's own `barrier` returned OK, and `end` likewise. */
#ifndef LT_EXEC_OPERATOR_H
#define LT_EXEC_OPERATOR_H

#include "catalog/connector.h"
#include "planner/plan.h"

typedef enum lt_flow { LT_FLOW_OK, LT_FLOW_YIELD, LT_FLOW_DONE, LT_FLOW_ERROR } lt_flow;

enum lt_clock_kind { LT_CLOCK_EVENT, LT_CLOCK_PROCESSING };
enum lt_state_scope { LT_SCOPE_NONE, LT_SCOPE_KEYED, LT_SCOPE_PER_SPLIT, LT_SCOPE_SINGLE };

enum { LT_WAIT_FDS_MAX = 16, LT_SLICE_UNSET = -1 };

/* What a source says of one poll. */
struct lt_op_poll {
    uint32_t rows;   /* handed over (before any filter) */
    size_t bytes;
    bool ended;      /* nothing will ever come again: the framework sends +inf and end */
    bool idle;       /* nothing now; else ask again at once */
    int64_t wait_us; /* idle: ask again after this; INT64_MAX = when woken */
    uint32_t n_wait_fds; /* or when one of these is readable */
    int wait_fds[LT_WAIT_FDS_MAX];
};

struct lt_op;
struct lt_op_ctx;
struct lt_output_sink; /* exec/graph.h */
struct lt_state;      /* exec/state/state.h */
struct lt_state_image; /* saved chunks, exec/state/state.h */

struct lt_op_type {
    const char *name; /* as EXPLAIN prints it */
    size_t state_size;
    enum lt_state_scope scope;
    lt_status (*open)(struct lt_op *op);
    lt_flow (*push)(struct lt_op *op, unsigned port, const struct lt_batch *batch);
    lt_flow (*watermark)(struct lt_op *op, unsigned port, int64_t watermark_us);
    lt_flow (*timer)(struct lt_op *op, enum lt_clock_kind clock, int64_t time_us);
    lt_flow (*barrier)(struct lt_op *op, uint64_t epoch);
    lt_flow (*end)(struct lt_op *op, unsigned port); /* once per port; +inf watermark came before */
    lt_flow (*resume)(struct lt_op *op);
    /* Between events only. save: everything in op->keyed (framework) plus what the
     * operator adds to `image`; load: the reverse, from images of all old
     * partitions; only keys of this partition are kept. */
    lt_status (*save)(struct lt_op *op, struct lt_state_image *image);
    lt_status (*load)(struct lt_op *op, const struct lt_state_image *const *images, uint32_t n);
    void (*close)(struct lt_op *op); /* also after a failed open; state was zeroed before open */
    /* Sources only: hands over at most one batch (emits it) and says how it stands. */
    lt_flow (*poll)(struct lt_op *op, struct lt_op_poll *out);
    /* Every pipeline of the run has passed the barrier of `epoch`; on the operator's
     * own thread. Between events, may not emit. */
    lt_status (*committed)(struct lt_op *op, uint64_t epoch);
    /* The run is being stopped, at an epoch boundary: sinks finish and commit. */
    lt_status (*stop)(struct lt_op *op);
    /* What all partitions of a node share (op->shared): made once before any open,
     * freed after the last close. Guards itself against concurrent use. */
    lt_status (*share)(const struct lt_plan_node *node, struct lt_op_ctx *ctx, void **shared);
    void (*unshare)(void *shared);
};

/* Shared by the operators of one pipeline (one partition of one fragment). */
struct lt_op_ctx {
    struct lt_alloc *alloc; /* the query's budget */
    struct lt_pool *pool;   /* the worker's */
    struct lt_arena *scratch; /* reset by the driver after each event from outside */
    const struct lt_plan *plan;
    const struct lt_clock *clock; /* injected */
    uint32_t partition, n_partitions;
    uint64_t epoch;       /* the open epoch */
    int64_t now_us;       /* processing time of the current event */
    int64_t slice_end_ns; /* framework: time slice; 0 = no limit, LT_SLICE_UNSET = not begun */
    bool test_yield;      /* test mode: lt_op_emit yields at every emit */
    uint64_t *late_rows;  /* counted by operators that drop late rows */
    struct lt_error *error;
    const struct lt_connector_env *env; /* for sources and sinks: this worker's pool inside */
    const struct lt_output_sink *output; /* of the run; NULL for INSERT */
    const _Atomic uint64_t *commit_epoch; /* sinks commit at the barrier of this one; NULL = all */
    bool progress;     /* set by an operator that got something done outside (a ring, a sink) */
    bool blocked;      /* set by an operator that yields because something outside is full */
    bool slice_toggle; /* framework */
    uint32_t batch_rows; /* at most this many rows a batch */
};

struct lt_op_edge { /* to a consumer */
    struct lt_op *op;
    unsigned port;
    bool ended;    /* framework: end was delivered, or the consumer's run has failed */
    bool isolated; /* leads into another run: its failure is not ours */
};

struct lt_op {
    const struct lt_op_type *type;
    void *state;
    const struct lt_plan_node *node;
    struct lt_op_ctx *ctx;
    uint32_t n_out;
    struct lt_op_edge *out;
    uint32_t n_late_out; /* LATE ROWS INTO */
    struct lt_op_edge *late_out;
    uint32_t n_ports;
    int64_t *port_watermark; /* per input port, the last one seen */
    int64_t watermark_out;   /* the last one forwarded */
    uint64_t rows_in, rows_out, rows_late;
    uint64_t memory_bytes; /* reported by the operator */
    /* framework: what is pending after a YIELD */
    bool pending_own, pending_below, done;
    void *framework;
    void *shared;     /* type->share's */
    int64_t timer_us; /* lt_op_set_timer */
};

/* Makes an operator ready for edges (zeroed arrays of n_out and n_late_out) and
 * opens it; lt_op_close frees all. For the builder and for tests of operators. */
lt_status lt_op_init(struct lt_op *op, const struct lt_op_type *type,
                     const struct lt_plan_node *node, struct lt_op_ctx *ctx, uint32_t n_ports,
                     uint32_t n_out, uint32_t n_late_out) LT_MUST_CHECK;
lt_status lt_op_open(struct lt_op *op) LT_MUST_CHECK; /* after edges and shared are set */
void lt_op_close(struct lt_op *op);

/* Pushes to all consumers. OK, YIELD, DONE (all consumers are done) or ERROR. */
lt_flow lt_op_emit(struct lt_op *op, const struct lt_batch *batch);
lt_flow lt_op_emit_last(struct lt_op *op, const struct lt_batch *batch, bool done);
lt_flow lt_op_emit_late(struct lt_op *op, const struct lt_batch *batch);
/* Never backwards; equal is a no-op. */
lt_flow lt_op_forward_watermark(struct lt_op *op, int64_t watermark_us);
/* The minimum over ports, as of the last events. */
int64_t lt_op_watermark(const struct lt_op *op);
/* One processing-time timer per operator: the earliest wanted; LT_WATERMARK_MAX = none. */
void lt_op_set_timer(struct lt_op *op, int64_t time_us);
bool lt_op_time_is_up(struct lt_op *op);
/* Records a failure (message already in ctx->error or made here) and gives ERROR. */
lt_flow lt_op_fail(struct lt_op *op, lt_status status);
static inline lt_flow lt_op_flow(struct lt_op *op, lt_status status)
{
    return status == LT_OK ? LT_FLOW_OK : lt_op_fail(op, status);
}

/* Entry points the driver (and tests) use; they keep the contract above. */
lt_flow lt_op_push(struct lt_op *op, unsigned port, const struct lt_batch *batch);
lt_flow lt_op_push_watermark(struct lt_op *op, unsigned port, int64_t watermark_us);
lt_flow lt_op_push_barrier(struct lt_op *op, unsigned port, uint64_t epoch);
lt_flow lt_op_push_end(struct lt_op *op, unsigned port);
lt_flow lt_op_fire_timer(struct lt_op *op, int64_t now_us);
lt_flow lt_op_poll(struct lt_op *op, struct lt_op_poll *out);
bool lt_op_ended(const struct lt_op *op); /* all ports ended and passed on */
lt_flow lt_op_resume(struct lt_op *op); /* of a source op: everything below it */

/* Which descriptor runs a node: exec/operators/operators.def, by node kind. */
const struct lt_op_type *lt_op_type_of(const struct lt_plan_node *node);

#endif
