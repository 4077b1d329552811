/* window.h -- inside exec/windows: what the kinds of window aggregates share.
 *
 * A kind is an lt_op_type of its own, listed in windows.def; the operator of
 * LT_NODE_WINDOW_AGGREGATE hands every event on to it. Its state begins with a
 * struct lt_window_base. */
#ifndef LT_EXEC_WINDOWS_WINDOW_H
#define LT_EXEC_WINDOWS_WINDOW_H

#include "exec/aggregates/calls.h"
#include "exec/aggregates/rows.h"
#include "exec/state/state.h"
#include "exec/windows/late.h"

enum { LT_WINDOW_STATE_MAX = 1024 };

struct lt_window_base {
    const struct lt_op_type *impl;
    const struct lt_plan_aggregate *plan;
    const struct lt_window_spec *spec;
    struct lt_state *state;
    struct lt_state_heap *heap;
    struct lt_calls *calls;
    struct lt_rows out;
    struct lt_arena arena; /* key types, scratch: as long as the operator */
    const struct lt_type **key_types;
    bool partials; /* rows are keys and what a local phase has gathered */
    bool ordered; /* results must leave in the order of their keys (order.c) */
    /* of the batch that is being taken in */
    struct lt_column **keys;
    const uint16_t *rows; /* selected rows */
    struct lt_late late;
    /* scratch */
    uint16_t *all; /* 0, 1, 2 ... */
    uint64_t *hashes;
    char **payloads, **blocks;
    uint8_t *is_new;
};

lt_status lt_window_open(struct lt_op *op) LT_MUST_CHECK;
void lt_window_close(struct lt_op *op);
static inline struct lt_window_base *lt_window_base_of(const struct lt_op *op)
{
    return op->state;
}
struct lt_table_spec lt_window_table_spec(const struct lt_op *op, size_t header_size);
lt_status lt_window_table(struct lt_op *op, size_t header_size, struct lt_table **out)
    LT_MUST_CHECK;

/* Finds rows and keys of the batch; forgets late rows. */
void lt_window_begin(struct lt_op *op, const struct lt_batch *in);
/* A whole push: begins, has `take` place the rows (`times` are theirs, NULL for windows over
 * the clock), and emits the late ones. */
lt_flow lt_window_push(struct lt_op *op, const struct lt_batch *in,
                       lt_status (*take)(struct lt_op *op, const struct lt_batch *in,
                                         const int64_t *times));
/* The time of rows that have none of their own: never in a window already given. */
int64_t lt_window_clock(const struct lt_op *op, const struct lt_batch *in, int64_t given);
/* The groups of some of those rows: payloads[i] and is_new[i] of rows[i]. */
lt_status lt_window_groups(struct lt_op *op, struct lt_table *table, const uint16_t *rows,
                           uint32_t n) LT_MUST_CHECK;
/* Makes window results: calls `say` again and again until it has nothing `more`, and hands
 * on what it has written. LT_BUSY = base->out is full: the same once more when it is not.
 * Yields when the time is up, asking for it at every `every`th call. */
lt_flow lt_window_say(struct lt_op *op, lt_status (*say)(struct lt_op *op, bool *more),
                      uint32_t every);
/* Ends a firing: the watermark goes on, `within_us` behind; LT_WATERMARK_MIN = none. */
lt_flow lt_window_forward(struct lt_op *op, int64_t watermark_us, int64_t within_us);
/* Writes keys and results of n groups into the next rows of base->out, where there must be
 * room; lt_window_bounds must follow. Block i is at blocks[i] + offset;
 * what blocks refer to lies in `heap`. */
lt_status lt_window_results(struct lt_op *op, const struct lt_table *table,
                            const struct lt_state_heap *heap, char *const *payloads,
                            char *const *blocks, size_t offset, uint32_t n) LT_MUST_CHECK;
/* Writes the window columns of these rows and ends them: row i has windows[i * step]. */
lt_status lt_window_bounds(struct lt_op *op, const struct lt_window *windows, uint32_t step,
                           uint32_t n, int32_t weight) LT_MUST_CHECK;
/* Both, for one row of weight +1. */
lt_status lt_window_write(struct lt_op *op, const struct lt_table *table, char *payload,
                          char *block, const struct lt_window *window) LT_MUST_CHECK;
/* One row with results taken from bytes that lt_window_encode made. */
lt_status lt_window_write_shown(struct lt_op *op, const struct lt_table *table, char *payload,
                                struct lt_str shown, const struct lt_window *window,
                                int32_t weight) LT_MUST_CHECK;
/* The results in the last row of base->out as bytes. */
lt_status lt_window_encode(struct lt_op *op, struct lt_buf *bytes) LT_MUST_CHECK;

/* The kinds (windows.def). */
#define LT_WINDOW_KIND(kind, final, triggered) extern const struct lt_op_type final, triggered;
#include "exec/windows/windows.def"
#undef LT_WINDOW_KIND

#endif
