/* shown.h -- inside exec/windows: what a window has said so far, for EMIT EARLY and LATE.
 *
 * RETRACTING must take back exactly the row that was shown, and no mode says the same
 * thing twice, so the last row is kept as bytes in the heap, with the bounds it had. A
 * session that has swallowed others has the rows of all of them, in a chain. */
#ifndef LT_EXEC_WINDOWS_SHOWN_H
#define LT_EXEC_WINDOWS_SHOWN_H

#include "exec/windows/window.h"

struct lt_shown {
    lt_ref first; /* the chain */
    uint32_t size; /* of the first record */
    uint8_t dirty; /* rows came since the last firing */
    uint8_t final; /* the result at the watermark has been given */
    uint8_t retracting; /* the new row is out, the old ones are on their way */
    int64_t since; /* rows since the last firing */
};

/* When and how, from the plan. */
struct lt_fire {
    enum lt_emit_mode mode;
    struct lt_buf bytes; /* of the row being shown */
};

void lt_shown_drop(struct lt_state_heap *heap, struct lt_shown *shown);
/* `into` has swallowed `from`: it answers for its rows too. */
void lt_shown_join(struct lt_state_heap *heap, struct lt_shown *into, struct lt_shown *from);
/* Copies the chain that `shown`, a byte copy, has in another heap. */
lt_status lt_shown_move(struct lt_state_heap *heap, struct lt_shown *shown,
                        const struct lt_state_heap *from_heap) LT_MUST_CHECK;
/* Fires: writes what there is to say. LT_BUSY = base->out is full; emit it and call
 * again. `empty` = the window has no rows any more. */
lt_status lt_shown_fire(struct lt_op *op, struct lt_fire *fire, struct lt_shown *shown,
                        const struct lt_table *table, char *payload, char *block,
                        const struct lt_window *window, bool empty) LT_MUST_CHECK;

#endif
