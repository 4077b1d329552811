/* sliced.h -- inside exec/windows: slices of TUMBLE, HOP and CUMULATE, and what is shown. */
#ifndef LT_EXEC_WINDOWS_SLICED_H
#define LT_EXEC_WINDOWS_SLICED_H

#include "exec/windows/panes.h"

struct lt_sliced_cell { /* at the head of a group's entry; the block follows */
    int64_t count; /* of rows, by weight */
    union {
        int64_t end;   /* in a slice: of the last slice with a row (emitOnlyOnUpdate) */
        lt_ref total;  /* in a slice that is in the total: the group there */
        int64_t slices; /* in the total: how many slices the group has in it */
    } u;
};

/* What a firing does for one window after the other. */
enum lt_sliced_phase { LT_SLICED_IDLE, LT_SLICED_START, LT_SLICED_COMBINE, LT_SLICED_SHOW,
                       LT_SLICED_EVICT };

struct lt_sliced {
    struct lt_window_base base;
    struct lt_panes panes;
    struct lt_pane *last; /* where the rows before went; NULL = nobody knows */
    int64_t fired; /* every window final at this watermark has been shown */
    int64_t next;  /* the watermark at which the next window is due */
    bool droppable; /* blocks may hold something in the heap */
    bool changing;  /* rows have weights */
    char *partial;  /* one, aligned; NULL unless rows are partials */
    struct lt_pane **touched; /* by the batch being taken in */
    uint32_t n_touched;
    struct lt_table *spare; /* empty, for the next pane */
    bool running;           /* HOP: windows are read from `total` */
    struct lt_state *total_state; /* not saved: made again from the panes */
    struct lt_table *total; /* the sum of all panes that are `merged` */
    uint64_t n_gone;        /* groups in the total that have no slice there any more */
    /* firing */
    enum lt_sliced_phase phase;
    int64_t watermark;
    bool forward;
    struct lt_window *due;
    uint32_t n_due, due_cap, due_at;
    struct lt_table *target, *combined; /* what is shown; made for it */
    uint32_t pane_at;                   /* the pane being merged or taken out */
    uint64_t cursor;
    char **groups; /* in the order of their keys, when that matters */
    uint64_t n_groups, group_cap, group_at;
};

static inline struct lt_sliced_cell *lt_sliced_cell_of(char *payload)
{
    return (struct lt_sliced_cell *)payload;
}
static inline char *lt_sliced_block(char *payload)
{
    return payload + sizeof(struct lt_sliced_cell);
}

/* A table for groups: the spare one, or a new one. */
lt_status lt_sliced_table(struct lt_op *op, struct lt_table **out) LT_MUST_CHECK;
/* Gives a table back, with all that its blocks hold: it becomes the spare one. */
void lt_sliced_recycle(struct lt_op *op, struct lt_table *table);
/* Removes pane i and gives its table back. */
void lt_sliced_remove(struct lt_op *op, uint32_t i);
/* Windows over the clock fire by timer: the earliest end there is. */
void lt_sliced_set_timer(struct lt_op *op);
/* Takes a merged pane out of the total, at once. */
void lt_sliced_unmerge(struct lt_op *op, struct lt_pane *pane);

static inline size_t lt_sliced_bytes(const struct lt_sliced *sliced)
{
    return lt_state_bytes(sliced->base.state) +
           (sliced->total ? lt_state_bytes(sliced->total_state) : 0);
}

/* The entries of the operator that fire (sliced_fire.c). */
lt_flow lt_sliced_watermark(struct lt_op *op, unsigned port, int64_t watermark_us);
lt_flow lt_sliced_timer(struct lt_op *op, enum lt_clock_kind clock, int64_t time_us);
lt_flow lt_sliced_end(struct lt_op *op, unsigned port);
lt_flow lt_sliced_resume(struct lt_op *op);

#endif
