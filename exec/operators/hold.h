/* hold.h -- what OUTPUT and SINK hold back until the end of an epoch.
 *
 * Append-only rows that have one way from source to here leave at once; append-
 * only rows with several ways are kept as they came; changing rows are kept as
 * their net change, unless that is how they come. */
#ifndef LT_EXEC_OPERATORS_HOLD_H
#define LT_EXEC_OPERATORS_HOLD_H

#include "exec/net.h"
#include "exec/operator.h"

enum lt_hold_mode { LT_HOLD_NOTHING, LT_HOLD_ROWS, LT_HOLD_NET };

struct lt_hold {
    enum lt_hold_mode mode;
    struct lt_net *net;
    bool sorted; /* the net change is being handed out */
    struct lt_batch **kept;
    uint32_t n, cap, at;
    struct lt_batch current; /* of the net change; len 0 = fetch the next */
    /* Hands one batch to the outside. LT_BUSY = no room now. */
    lt_status (*write)(struct lt_op *op, const struct lt_batch *batch);
};

lt_status lt_hold_open(struct lt_op *op, struct lt_hold *hold,
                       lt_status (*write)(struct lt_op *op, const struct lt_batch *batch))
    LT_MUST_CHECK;
void lt_hold_close(struct lt_op *op, struct lt_hold *hold);
/* Writes or keeps the rows. */
lt_flow lt_hold_push(struct lt_op *op, struct lt_hold *hold, const struct lt_batch *batch);
/* Rows that should have left already but met no room. */
lt_flow lt_hold_resume(struct lt_op *op, struct lt_hold *hold);
/* The end of an epoch: everything leaves. */
lt_flow lt_hold_flush(struct lt_op *op, struct lt_hold *hold);

#endif
