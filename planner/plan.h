/* plan.h -- the physical plan: a read-only DAG of nodes that exec/build turns
 * into operators. Everything lives in the plan's arena; counted columns
 * (constants) are released by lt_plan_close.
 *
 * A node with several consumers is one node pointed to twice (shared scans). */
#ifndef LT_PLANNER_PLAN_H
#define LT_PLANNER_PLAN_H

#include "catalog/catalog.h"
#include "planner/expr.h"

enum lt_node_kind {
    LT_NODE_SCAN,        /* u.scan: no input */
    LT_NODE_VALUES,      /* u.values: constant rows; SELECT 1 is one row of no columns */
    LT_NODE_WATERMARK,   /* u.watermark: judges lateness row by row per split, makes watermarks */
    LT_NODE_CALC,        /* u.calc: filter, then project; either may be absent */
    LT_NODE_UNION,       /* any number of inputs, same types */
    LT_NODE_EXCHANGE,    /* u.exchange */
    LT_NODE_EXPAND,      /* u.expand: grouping sets: n_sets copies of each row */
    LT_NODE_WINDOW,      /* u.window: input columns, then window_start, window_end, window_time
                            (count windows: window_no); no aggregate */
    LT_NODE_AGGREGATE,   /* u.aggregate without window: group keys + calls */
    LT_NODE_WINDOW_AGGREGATE, /* u.aggregate with window */
    LT_NODE_SORT,        /* u.sort: bounded input sorts at its end; by time on streams */
    LT_NODE_LIMIT,       /* u.limit */
    LT_NODE_SINK,        /* u.sink: writes a table */
    LT_NODE_OUTPUT,      /* u.output: rows of a SELECT, to the statement */
    LT_NODE_KIND_COUNT
};

enum lt_state_bound { LT_STATE_NONE, LT_STATE_BY_WATERMARK, LT_STATE_BY_TTL, LT_STATE_UNBOUNDED };
enum lt_distribution { LT_DIST_ANY, LT_DIST_SINGLE, LT_DIST_HASH, LT_DIST_SPLIT };
enum lt_exchange_kind { LT_EXCHANGE_FORWARD, LT_EXCHANGE_HASH, LT_EXCHANGE_BROADCAST,
                        LT_EXCHANGE_REBALANCE, LT_EXCHANGE_SINGLE /* all rows to partition 0 */ };

#define LT_NO_LAG INT64_MAX /* the column is no time attribute */

/* What the planner knows about a node's output. */
struct lt_props {
    bool changing;   /* rows carry weights; else append-only */
    bool net;        /* changing, but an epoch's rows come at its end, as its net change, in
                        order of the upsert key, -1 before +1 */
    bool bounded;
    bool final_only; /* bounded, and only the last result is wanted: emit once, at the end */
    bool single_path; /* one way from source to here: append-only output may leave at once */
    int64_t *lag_us; /* per column: LT_NO_LAG, or future rows have column > watermark - lag */
    bool *proctime;  /* per column: a PROCTIME() attribute */
    uint32_t n_upsert_key; /* 0 with has_upsert_key: a single row */
    uint32_t *upsert_key;
    bool has_upsert_key;
    enum lt_distribution dist;
    uint32_t n_dist_keys;
    uint32_t *dist_keys;
    enum lt_state_bound state;
    uint64_t stable_id;
};

enum lt_window_kind { LT_WINDOW_NONE, LT_WINDOW_TUMBLE, LT_WINDOW_HOP, LT_WINDOW_CUMULATE,
                      LT_WINDOW_SESSION, LT_WINDOW_COUNT_TUMBLE, LT_WINDOW_COUNT_HOP };

/* An amount of time: calendar months or microseconds, not both. */
struct lt_span {
    int64_t us;
    int32_t months;
};

struct lt_window_spec {
    enum lt_window_kind kind;
    uint32_t time_column; /* of the input */
    bool proctime;        /* windows over processing time: batch->proctime_us, own clock */
    bool ltz;             /* aligned in `zone`; window_start/end are wall clock TIMESTAMPs */
    int64_t tick_us;      /* 1000 for precision <= 3, else 1 */
    struct lt_span size, slide; /* CUMULATE: slide is the step; SESSION: size is the gap */
    int64_t offset_us;
    const struct lt_tz *zone; /* for ltz and calendar sizes; lives in the database */
    bool emit_only_on_update; /* CUMULATE */
    int64_t count, count_slide; /* COUNT_* */
    uint32_t n_partition;
    uint32_t *partition; /* COUNT_*, SESSION: PARTITION BY columns of the input */
    /* Nested: the input rows already carry a window; window_time is the time column. */
};

enum lt_emit_mode { LT_EMIT_RETRACTING, LT_EMIT_DISCARDING, LT_EMIT_ACCUMULATING };

struct lt_emit {
    bool early_on_change;
    int64_t early_every_us;  /* 0 = none; wall clock */
    int64_t early_every_rows;/* 0 = none */
    bool late_on_change;
    int64_t late_every_us;
    int64_t late_within_us;  /* allowed lateness; 0 = none */
    enum lt_emit_mode mode;
    bool late_rows;          /* rows past lateness go to late_sink */
};

/* Are there other results than the final one? */
static inline bool lt_emit_is_triggered(const struct lt_emit *emit)
{
    return emit->early_on_change || emit->early_every_us || emit->early_every_rows ||
           emit->late_on_change || emit->late_every_us || emit->late_within_us;
}

/* An aggregate call: its argument columns are columns of the input (a CALC
 * below computes expressions); filter is a BOOLEAN column or -1. */
struct lt_plan_agg {
    struct lt_agg_call call;
    uint32_t *arg_columns;
    int32_t filter_column;
};

/* GROUP BY in phases: LOCAL takes rows where they are and hands on per group what it has
 * gathered, as its keys and one BYTES column; over windows also the start of the slice and
 * the first window that may see it (exec/windows/place.h). DISTINCT, one per argument,
 * does so for calls that are DISTINCT over it; each value is in one place. FINAL merges
 * what comes. With parallelism 1 the others are left out, and FINAL takes the rows of its
 * first input like SINGLE. */
enum lt_agg_phase { LT_AGG_SINGLE, LT_AGG_LOCAL, LT_AGG_DISTINCT, LT_AGG_FINAL };

/* Values a window aggregate adds after keys and calls, in this order as asked. */
enum lt_window_column { LT_WINCOL_START, LT_WINCOL_END, LT_WINCOL_TIME, LT_WINCOL_NO,
                        LT_WINCOL_PROCTIME };

struct lt_plan_aggregate {
    uint32_t n_keys;
    uint32_t *keys; /* columns of the input */
    uint32_t n_calls;
    struct lt_plan_agg *calls;
    enum lt_agg_phase phase;
    /* FINAL: the exchange that SINGLE would stand on; keys and calls name its columns */
    struct lt_plan_node *whole;
    /* LOCAL, DISTINCT: the calls that are done here (NULL = all), and FINAL */
    const bool *active;
    const struct lt_plan_node *final;
    /* window aggregate */
    struct lt_window_spec window;
    uint32_t n_window_columns;
    enum lt_window_column *window_columns;
    struct lt_emit emit;
    bool global; /* no GROUP BY: one row from the start (unwindowed) */
    int64_t ttl_us; /* unwindowed: groups not written for so long are forgotten; 0 = never */
    /* output columns: keys, then calls, then window columns */
    struct lt_plan_node *late_sink; /* LT_NODE_SINK for LATE ROWS INTO: gets input rows; or NULL */
};

struct lt_sort_key {
    uint32_t column;
    bool descending, nulls_first;
};

struct lt_plan_node {
    enum lt_node_kind kind;
    uint32_t id; /* index in plan->nodes; inputs come first */
    uint32_t n_inputs;
    struct lt_plan_node **inputs;
    struct lt_schema schema;
    struct lt_props props;
    union {
        struct {
            const struct lt_object *table;
            const struct lt_connector *connector;
            struct lt_connector_table *description;
            struct lt_scan_request *request; /* output columns = request's columns, metadata */
            struct lt_source_info info;
            struct lt_expr *filter; /* what the source did not apply exactly is a CALC above */
        } scan;
        struct {
            uint32_t n_rows;
            struct lt_column **columns; /* of n_rows rows each */
        } values;
        struct {
            uint32_t time_column;
            struct lt_expr *watermark; /* TIMESTAMP/LTZ over the input row */
            int64_t delay_us; /* when the watermark is column - constant: the constant; else -1 */
            bool source;      /* SOURCE_WATERMARK() */
            int64_t idle_timeout_us; /* 0 = never */
            int64_t tick_us;
        } watermark;
        struct {
            struct lt_expr *filter; /* or NULL */
            uint32_t n_exprs;
            struct lt_expr **exprs; /* NULL: all input columns pass */
        } calc;
        struct {
            enum lt_exchange_kind kind;
            uint32_t n_keys;
            uint32_t *keys;
        } exchange;
        struct { /* output: input columns, then BIGINT grouping id ($g) */
            uint32_t n_sets;
            uint64_t *const *kept; /* per set: columns kept; the rest of `nulled` are NULL */
            uint32_t n_nulled;
            uint32_t *nulled; /* the key columns */
            int64_t *ids;     /* GROUPING_ID of each set */
        } expand;
        struct {
            struct lt_window_spec spec;
            struct lt_plan_node *late_sink;
        } window;
        struct lt_plan_aggregate aggregate;
        struct {
            uint32_t n_keys;
            struct lt_sort_key *keys;
            bool by_time; /* keys[0] is an ascending time attribute on a stream */
            int64_t limit, offset; /* limit -1 = none: a Top-N when bounded */
        } sort;
        struct {
            int64_t limit, offset; /* limit -1 = none */
        } limit;
        struct {
            const struct lt_object *table;
            const struct lt_connector *connector;
            struct lt_connector_table *description;
            /* A late sink: column i of the table is column columns[i] of the rows that
             * the operator took in, and that is i: the first columns, more may follow.
             * NULL (every other sink): exactly the table's columns. */
            uint32_t *columns;
        } sink;
        struct {
            uint32_t n_order; /* how a final table is sorted by the shell; 0 = as it comes */
            struct lt_sort_key *order;
            int64_t limit, offset;
        } output;
    } u;
};

/* LOCAL or DISTINCT. */
static inline bool lt_plan_is_first_phase(const struct lt_plan_node *node)
{
    bool aggregate = node->kind == LT_NODE_AGGREGATE || node->kind == LT_NODE_WINDOW_AGGREGATE;
    return aggregate && (node->u.aggregate.phase == LT_AGG_LOCAL ||
                         node->u.aggregate.phase == LT_AGG_DISTINCT);
}
static inline bool lt_plan_is_final(const struct lt_plan_node *node)
{
    bool aggregate = node->kind == LT_NODE_AGGREGATE || node->kind == LT_NODE_WINDOW_AGGREGATE;
    return aggregate && node->u.aggregate.phase == LT_AGG_FINAL;
}

struct lt_plan {
    struct lt_arena arena;
    uint32_t n_nodes;
    struct lt_plan_node **nodes; /* topological: inputs before consumers */
    uint32_t n_roots;
    struct lt_plan_node **roots; /* SINK and OUTPUT nodes */
    uint32_t n_parameters;
    struct lt_column **parameters; /* bound before the run */
    /* The nodes that stand for parameters: before the run each gets the one-row
     * `constant` of its `index`, of its `type` (several may have one index). */
    uint32_t n_parameter_exprs;
    struct lt_expr **parameter_exprs;
    uint32_t n_constants;
    struct lt_column **constants; /* released at close */
    uint32_t n_notices;
    struct lt_str *notices;
    const struct lt_tz *zone;
    int64_t statement_us;
    bool bounded;
    uint32_t parallelism;
    struct lt_alloc *alloc;
    _Atomic uint32_t pins; /* holders besides the first: each calls lt_plan_close, too */
};
void lt_plan_close(struct lt_plan *plan); /* the last holder's call frees it */

#endif
