/* union.c -- UNION ALL: every row of every input; watermark and end are the minimum. */
#include "exec/operator.h"

static lt_flow union_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    return lt_op_emit(op, in);
}

const struct lt_op_type lt_op_union_type = {
    .name = "Union",
    .push = union_push,
};
