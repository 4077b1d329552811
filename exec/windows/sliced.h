/* sliced.h -- inside exec/windows: slices of TUMBLE, HOP and CUMULATE, and what is shown. */
#ifndef LT_EXEC_WINDOWS_SLICED_H
#define LT_EXEC_WINDOWS_SLICED_H

#include "exec/windows/panes.h"

/* At the head of a group's entry, the block follows; only where somebody asks for it. */
struct lt_sliced_cell {
    union {
        int64_t end;    /* in a slice: of the last slice with a row (emitOnlyOnUpdate) */
        lt_ref total;   /* in a slice that is in the total: the group there */
        int64_t slices; /* in the total: how many slices the group has in it */
    } u;
    int64_t count; /* of rows, by weight; is there only where rows have weights */
};

/* What a firing does for one window after the other. */
enum lt_sliced_phase { LT_SLICED_IDLE, LT_SLICED_START, LT_SLICED_COMBINE, LT_SLICED_SHOW,
                       LT_SLICED_EVICT };

/* One table to be merged into another. */
struct lt_sliced_job {
    struct lt_table *from, *into;
    struct lt_state_heap *from_heap, *into_heap;
    struct lt_pane *pane; /* whose table it is, when that ends something for it; or NULL */
};

/* Some neighbouring slices added up (sliced_merge.c). */
struct lt_sliced_sum {
    int64_t no;
    struct lt_table *table;
};

struct lt_sliced {
    struct lt_window_base base;
    struct lt_panes panes;
    struct lt_pane *last; /* where the rows before went; NULL = nobody knows */
    int64_t fired; /* every window final at this watermark has been shown */
    int64_t next;  /* the watermark at which the next window is due */
    bool droppable; /* blocks may hold something in the heap */
    bool changing;  /* rows have weights */
    bool updated;   /* CUMULATE shows only groups with rows in the last slice */
    uint32_t cell_size; /* 0: entries have no cells */
    char *partial;  /* one, aligned; NULL unless rows are partials */
    struct lt_pane **touched; /* by the batch being taken in */
    uint32_t n_touched;
    struct lt_table *spare; /* empty, for the next pane */
    /* what is made of the slices; not saved, for it can be made again */
    struct lt_state *work;
    struct lt_table *work_spare;
    struct lt_table *total; /* HOP: the sum of all panes that are `merged`; NULL = none kept */
    uint64_t n_gone;        /* groups in the total that have no slice there any more */
    int64_t sum_len;        /* HOP: slices of a sum; 0 = none are made */
    struct lt_sliced_sum *sums;
    uint32_t n_sums, sum_cap;
    /* firing */
    enum lt_sliced_phase phase;
    int64_t watermark;
    bool forward;
    struct lt_window *due;
    uint32_t n_due, due_cap, due_at;
    struct lt_sliced_job *jobs;
    uint32_t n_jobs, job_cap, job_at;
    struct lt_table *target, *combined; /* what is shown; made for it */
    struct lt_state_heap *target_heap;
    uint32_t pane_at; /* the pane being evicted */
    uint64_t cursor;
    char **groups; /* in the order of their keys, when that matters */
    uint64_t n_groups, group_cap, group_at;
};

static inline struct lt_sliced_cell *lt_sliced_cell_of(char *payload)
{
    return (struct lt_sliced_cell *)payload;
}
static inline char *lt_sliced_block(const struct lt_sliced *sliced, char *payload)
{
    return payload + sliced->cell_size;
}
static inline size_t lt_sliced_bytes(const struct lt_sliced *sliced)
{
    return lt_state_bytes(sliced->base.state) + lt_state_bytes(sliced->work);
}

/* Removes pane i and gives its table back. */
void lt_sliced_remove(struct lt_op *op, uint32_t i);
/* Gives a table back with all that its blocks hold in the heap: it becomes *spare. */
void lt_sliced_recycle(struct lt_op *op, struct lt_table *table, struct lt_state_heap *heap,
                       struct lt_table **spare);
/* Windows over the clock fire by timer: the earliest end there is. */
void lt_sliced_set_timer(struct lt_op *op);

/* ---- sliced_merge.c ---- */
lt_status lt_sliced_merge_open(struct lt_op *op) LT_MUST_CHECK;
void lt_sliced_merge_close(struct lt_op *op);
/* Chooses what is shown for a window, and lists the merges that make it. */
lt_status lt_sliced_plan(struct lt_op *op, const struct lt_window *window) LT_MUST_CHECK;
/* Merges some groups; *more = false when all is in the target. */
lt_status lt_sliced_merge(struct lt_op *op, bool *more) LT_MUST_CHECK;
/* The target has been shown. */
void lt_sliced_shown(struct lt_op *op);
/* Some groups of the pane, from the cursor on, leave the total; false when that was all. */
bool lt_sliced_unmerge_some(struct lt_op *op, struct lt_pane *pane, uint64_t *cursor);
/* The slice takes rows again or goes: sums with it are void. */
void lt_sliced_forget(struct lt_op *op, const struct lt_window *slice);

/* The entries of the operator that fire (sliced_fire.c). */
lt_flow lt_sliced_watermark(struct lt_op *op, unsigned port, int64_t watermark_us);
lt_flow lt_sliced_timer(struct lt_op *op, enum lt_clock_kind clock, int64_t time_us);
lt_flow lt_sliced_end(struct lt_op *op, unsigned port);
lt_flow lt_sliced_resume(struct lt_op *op);

#endif
