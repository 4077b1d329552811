/* calls_internal.h -- inside calls*.c: how the calls of an operator lie and share work.
 *
 * Calls name columns of the batch. What several of them need is one thing here: a filter
 * is turned into rows once a batch, an argument is flattened once, and the DISTINCT
 * values of one argument list are one set. */
#ifndef LT_EXEC_AGGREGATES_CALLS_INTERNAL_H
#define LT_EXEC_AGGREGATES_CALLS_INTERNAL_H

#include "exec/aggregates/calls.h"
#include "exec/state/set.h"

enum { CALL_NO_SET = UINT32_MAX, FILTER_NONE = 0 };

/* A column that calls take as an argument. */
struct call_arg {
    uint32_t column;
    bool wanted;            /* by an active call */
    struct lt_column *flat; /* of the current batch, a reference */
    bool nulls;             /* some row of the batch is NULL */
};

/* A column that FILTER names; the first filter stands for none. */
struct call_filter {
    int32_t column;
    bool wanted;
    /* of the current batch */
    const uint8_t *flags; /* by row; NULL = all rows pass */
    const uint16_t *rows; /* those that pass; NULL = not asked for yet */
    uint32_t n;
    uint8_t *own_flags;   /* LT_BATCH_ROWS_MAX each */
    uint16_t *own_rows;
};

/* DISTINCT values of one argument list. A lane is what calls with one filter share. */
struct call_set {
    const struct lt_plan_agg *agg; /* the first call: for the arguments */
    uint32_t n_values;             /* arguments that are not ORDER BY keys */
    uint32_t args[LT_CALL_ARGS_MAX];
    size_t offset; /* of the struct lt_set in a block */
    struct lt_set_shape shape;
    bool active; /* calls of one set are so together */
    bool takes_nulls;
    bool text; /* values are the bytes of one string; else words or order bytes */
    uint32_t n_lanes;
    uint32_t filters[LT_SET_LANES_MAX];
};

struct call_slot {
    const struct lt_plan_agg *agg;
    const struct lt_agg_kernel *kernel;
    size_t offset; /* of the kernel's state in a block */
    uint32_t filter;
    bool active;
    uint32_t set, lane; /* CALL_NO_SET = every row counts */
    uint32_t args[LT_CALL_ARGS_MAX];
    uint32_t rows_as; /* the first call that takes the same rows */
};

struct lt_calls {
    struct lt_alloc *alloc;
    struct lt_arena arena; /* everything below */
    uint32_t n;
    struct call_slot *slots;
    uint32_t n_args;
    struct call_arg *args;
    uint32_t n_filters;
    struct call_filter *filters;
    uint32_t n_sets;
    struct call_set *sets;
    size_t size, align, states_size; /* of a block; states_size: before its sets */
    bool droppable, inits;
    /* scratch of one batch, by row unless said otherwise */
    char **states;
    char *states_all; /* what all of them are, if they are one */
    uint16_t *rows, *some_rows; /* lists of rows */
    uint32_t rows_of, n_rows;   /* the call whose rows `rows` holds; n = none */
    uint64_t *words;
    struct lt_sv *views;
    uint8_t *lanes, *came, *gone;
    int32_t *weights;
    struct lt_buf bytes;
};

/* The value argument that is the same column as ORDER BY key i; n_args = none. */
uint32_t lt_calls_order_source(const struct lt_plan_agg *agg, uint32_t i);

/* One batch of rows on its way through the calls. */
struct call_rows {
    struct lt_calls *calls;
    struct lt_op_ctx *ctx;
    struct lt_state_heap *heap;
    const struct lt_batch *batch;
    uint32_t n;
    const uint16_t *rows;
    char *const *states; /* by row: the block */
    bool one;            /* one block for all rows */
};

/* Hands `rows` of the call to its kernel. */
lt_status lt_call_update(const struct call_rows *in, const struct call_slot *slot,
                         const struct lt_batch *batch, const uint16_t *rows, uint32_t n)
    LT_MUST_CHECK;
/* Rows of `rows` whose flag is set, in order; the number of them. */
uint32_t lt_call_pick(const uint16_t *rows, uint32_t n, const uint8_t *flags, uint8_t mask,
                      uint16_t *out);
/* Rows of `rows` that are not NULL. */
uint32_t lt_call_pick_valid(const uint16_t *rows, uint32_t n, const uint64_t *validity,
                            uint16_t *out);
/* Counts the rows of the batch in the set and hands what came and went to its calls. */
lt_status lt_call_set_update(const struct call_rows *in, const struct call_set *set) LT_MUST_CHECK;
/* Joins the set and its calls' states in block `from` to those in `into`. */
lt_status lt_call_set_merge(struct lt_calls *calls, const struct call_set *set,
                            struct lt_op_ctx *ctx, struct lt_state_heap *heap, char *into,
                            const struct lt_state_heap *from_heap, const char *from)
    LT_MUST_CHECK;

#endif
