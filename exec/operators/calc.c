/* calc.c -- CALC: filter, then project; rows stay where they are.
 *
 * One program does both: the filter only makes a selection vector over the input's
 * columns, and expressions are computed for the rows selected, sharing what the
 * filter computed. The batch emitted borrows the input's header and all columns that
 * pass unchanged. */
#include "exec/operator.h"

#include "exec/program.h"

struct calc_state {
    struct lt_program *program;
    struct lt_column **columns; /* of node->schema.len; NULL = the input's pass as they are */
};

static lt_status calc_open(struct lt_op *op)
{
    struct calc_state *calc = op->state;
    const struct lt_plan_node *node = op->node;
    const struct lt_op_ctx *ctx = op->ctx;
    uint32_t n = node->u.calc.exprs ? node->u.calc.n_exprs : 0;
    if (node->u.calc.exprs) {
        calc->columns = lt_alloc_zero(ctx->alloc, n * sizeof(struct lt_column *));
        if (!calc->columns)
            return LT_NOMEM;
    }
    LT_TRY(lt_program_open(ctx->alloc, ctx->pool, node->u.calc.filter, n, node->u.calc.exprs,
                           &calc->program, ctx->error));
    struct lt_eval *eval = lt_program_eval(calc->program);
    eval->zone = ctx->plan->zone;
    eval->statement_us = ctx->plan->statement_us;
    eval->streaming = !ctx->plan->bounded;
    return LT_OK;
}

static lt_flow calc_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    struct calc_state *calc = op->state;
    struct lt_batch out = *in;
    lt_program_eval(calc->program)->watermark_us = lt_op_watermark(op);
    lt_status status =
        lt_program_select(calc->program, in, calc->columns, &out.sel, &out.n_sel, op->ctx->error);
    if (status != LT_OK)
        return lt_op_fail(op, status);
    if (out.n_sel == 0)
        return LT_FLOW_OK;
    if (out.sel != in->sel)
        out.aux[0] = NULL;
    if (!calc->columns)
        return lt_op_emit(op, &out);
    out.n_columns = op->node->u.calc.n_exprs;
    out.columns = calc->columns;
    lt_flow flow = lt_op_emit(op, &out);
    for (uint32_t c = 0; c < out.n_columns; c++) {
        lt_column_unref(calc->columns[c]);
        calc->columns[c] = NULL;
    }
    return flow;
}

static void calc_close(struct lt_op *op)
{
    struct calc_state *calc = op->state;
    lt_program_close(calc->program);
    lt_alloc_put(op->ctx->alloc, calc->columns,
                 op->node->u.calc.n_exprs * sizeof(struct lt_column *));
}

const struct lt_op_type lt_op_calc_type = {
    .name = "Calc",
    .state_size = sizeof(struct calc_state),
    .open = calc_open,
    .push = calc_push,
    .close = calc_close,
};
