/* panes.h -- inside exec/windows: stretches of time with a table of groups each. */
#ifndef LT_EXEC_WINDOWS_PANES_H
#define LT_EXEC_WINDOWS_PANES_H

#include "exec/windows/place.h"
#include "exec/windows/window.h"

struct lt_pane {
    struct lt_window window; /* the slice, or the window when each has its own pane */
    int64_t min_end, max_end; /* as in struct lt_place */
    struct lt_table *table;
    bool final;  /* triggered: the watermark has passed it */
    bool merged; /* sliced: it is in the running total */
    bool more;   /* sliced: `due` is its first window that has not been shown */
    struct lt_window due;
    struct lt_pane *next; /* triggered: also touched by the batch being taken in */
    uint16_t *rows;       /* of the batch being taken in; in scratch */
    uint32_t n_rows;
};

struct lt_panes {
    struct lt_alloc *alloc;
    struct lt_pane **items; /* by start, then end, then min_end */
    uint32_t n, cap;
    struct lt_pane *spare; /* taken out, for the next that are put in; by `next` */
};

/* The place of the first pane not before (start, end, min_end). */
uint32_t lt_panes_seek(const struct lt_panes *panes, int64_t start, int64_t end, int64_t min_end);
struct lt_pane *lt_panes_find(const struct lt_panes *panes, int64_t start, int64_t end,
                              int64_t min_end);
/* A new pane in its place; its table is the caller's to open. NULL on no memory. */
struct lt_pane *lt_panes_insert(struct lt_panes *panes, const struct lt_window *window,
                                int64_t min_end) LT_MUST_CHECK;
struct lt_table *lt_panes_take(struct lt_panes *panes, uint32_t i); /* leaves the table */
void lt_panes_remove(struct lt_panes *panes, uint32_t i);           /* closes it */
void lt_panes_close(struct lt_panes *panes);
lt_status lt_panes_save(const struct lt_panes *panes, struct lt_state_image *image) LT_MUST_CHECK;
/* Hands out the saved panes with the names of their tables. */
struct lt_pane_record {
    struct lt_window window;
    int64_t min_end, max_end;
};
lt_status lt_panes_saved(const struct lt_state_image *image, const struct lt_pane_record **records,
                         uint32_t *n) LT_MUST_CHECK;

#endif
