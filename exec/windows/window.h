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
#include "exec/windows/assign.h"

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
    /* of the batch that is being taken in */
    struct lt_column **keys;
    uint16_t *rows;        /* selected rows */
    uint64_t *hashes;      /* by physical row, once lt_window_take has run */
    uint16_t *late;
    uint32_t n_late;
    /* scratch */
    uint64_t *some_hashes;
    char **payloads, **blocks;
    uint8_t *is_new;
};

lt_status lt_window_open(struct lt_op *op) LT_MUST_CHECK;
void lt_window_close(struct lt_op *op);
static inline struct lt_window_base *lt_window_base_of(const struct lt_op *op)
{
    return op->state;
}
lt_status lt_window_table(struct lt_op *op, size_t header_size, struct lt_table **out)
    LT_MUST_CHECK;

/* Fills rows, keys and hashes from the batch; forgets late rows. */
lt_status lt_window_take(struct lt_op *op, const struct lt_batch *in) LT_MUST_CHECK;
/* The event times of the batch (flat, a reference); NULL for processing time. An error
 * when a selected row has none. */
lt_status lt_window_times(struct lt_op *op, const struct lt_batch *in, struct lt_column **out)
    LT_MUST_CHECK;
static inline void lt_window_late(struct lt_window_base *base, uint32_t row)
{
    base->late[base->n_late++] = (uint16_t)row;
}
/* Counts the late rows and hands them to LATE ROWS INTO; the last act of a push. */
lt_flow lt_window_emit_late(struct lt_op *op, const struct lt_batch *in);
/* Writes keys, results and window columns as the next row of base->out. */
lt_status lt_window_write(struct lt_op *op, const struct lt_table *table, char *payload,
                          const char *block, const struct lt_window *window, int32_t weight)
    LT_MUST_CHECK;
/* The same but with results taken from bytes that lt_window_encode made. */
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
