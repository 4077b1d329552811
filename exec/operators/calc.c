/* calc.c -- CALC: filter, then project; rows stay where they are.
 *
 * The filter only makes a selection vector over the input's columns; expressions
 * are computed for the rows selected. The batch emitted borrows the input's
 * header and all columns that pass unchanged. */
#include "exec/operator.h"

#include "exec/program.h"

struct calc_state {
    struct lt_program *filter, *project;
    uint16_t sel[LT_BATCH_ROWS_MAX];
    struct lt_column **columns; /* of node->schema.len */
};

static lt_status calc_program(struct lt_op *op, uint32_t n, struct lt_expr *const *exprs,
                              struct lt_program **out)
{
    const struct lt_op_ctx *ctx = op->ctx;
    LT_TRY(lt_program_open(ctx->alloc, ctx->pool, n, exprs, out, ctx->error));
    struct lt_eval *eval = lt_program_eval(*out);
    eval->zone = ctx->plan->zone;
    eval->statement_us = ctx->plan->statement_us;
    eval->streaming = !ctx->plan->bounded;
    return LT_OK;
}

static lt_status calc_open(struct lt_op *op)
{
    struct calc_state *calc = op->state;
    const struct lt_plan_node *node = op->node;
    if (node->u.calc.filter)
        LT_TRY(calc_program(op, 1, (struct lt_expr *const *)&node->u.calc.filter, &calc->filter));
    if (node->u.calc.exprs) {
        calc->columns = lt_alloc_zero(op->ctx->alloc,
                                      node->u.calc.n_exprs * sizeof(struct lt_column *));
        if (!calc->columns)
            return LT_NOMEM;
        LT_TRY(calc_program(op, node->u.calc.n_exprs, node->u.calc.exprs, &calc->project));
    }
    return LT_OK;
}

static lt_flow calc_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    struct calc_state *calc = op->state;
    struct lt_batch out = *in;
    if (calc->filter) {
        uint32_t n_sel = 0;
        lt_program_eval(calc->filter)->watermark_us = lt_op_watermark(op);
        lt_status status = lt_program_filter(calc->filter, in, calc->sel, &n_sel, op->ctx->error);
        if (status != LT_OK)
            return lt_op_fail(op, status);
        if (n_sel == 0)
            return LT_FLOW_OK;
        out.n_sel = n_sel;
        out.sel = n_sel == in->len ? NULL : calc->sel;
        out.aux[0] = NULL;
    }
    if (!calc->project)
        return lt_op_emit(op, &out);
    lt_program_eval(calc->project)->watermark_us = lt_op_watermark(op);
    lt_status status = lt_program_run(calc->project, &out, calc->columns, op->ctx->error);
    if (status != LT_OK)
        return lt_op_fail(op, status);
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
    if (calc->filter)
        lt_program_close(calc->filter);
    if (calc->project)
        lt_program_close(calc->project);
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
