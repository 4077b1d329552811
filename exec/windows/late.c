/* late.c -- rows that came too late for their window: counted, and kept where asked. */
#include "exec/windows/late.h"

void lt_late_count(struct lt_op *op, const struct lt_late *late)
{
    op->rows_late += late->n;
    if (op->ctx->late_rows)
        *op->ctx->late_rows += late->n;
}

lt_status lt_window_null_time(struct lt_op *op)
{
    return lt_fail(op->ctx->error, LT_DATA,
                   "the time attribute of a window is NULL in a row; filter such rows out");
}

lt_flow lt_late_emit(struct lt_op *op, const struct lt_batch *in, const struct lt_late *late)
{
    if (late->n == 0)
        return LT_FLOW_OK;
    lt_late_count(op, late);
    struct lt_batch rows = *in;
    rows.sel = late->rows; /* increasing, since rows are judged in order */
    rows.n_sel = late->n;
    rows.aux[0] = NULL;
    lt_flow flow = lt_op_emit_late(op, &rows);
    return flow == LT_FLOW_DONE ? LT_FLOW_OK : flow;
}
