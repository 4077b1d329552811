/* late.c -- rows that came too late for their window: counted, and kept where asked. */
#include "exec/windows/late.h"

lt_flow lt_late_emit(struct lt_op *op, const struct lt_batch *in, const struct lt_late *late)
{
    if (late->n == 0)
        return LT_FLOW_OK;
    op->rows_late += late->n;
    if (op->ctx->late_rows)
        *op->ctx->late_rows += late->n;
    struct lt_batch rows = *in;
    rows.sel = late->rows; /* increasing, since rows are judged in order */
    rows.n_sel = late->n;
    rows.aux[0] = NULL;
    lt_flow flow = lt_op_emit_late(op, &rows);
    return flow == LT_FLOW_DONE ? LT_FLOW_OK : flow;
}
