/* values.c -- VALUES: constant rows, handed over once, by partition 0.
 *
 * SELECT 1 reads one row of no columns. What has been handed over is part of the
 * saved state, so a restored query does not see the rows twice. */
#include "exec/operator.h"

#include "exec/state/state.h"

struct values_state {
    uint64_t at; /* rows handed over */
};

/* Rows from..to of every constant column. */
static lt_status values_slice(struct lt_op *op, uint32_t from, uint32_t len,
                              struct lt_column **columns)
{
    const struct lt_plan_node *node = op->node;
    for (uint32_t c = 0; c < node->schema.len; c++)
        LT_TRY(lt_column_slice(op->ctx->pool, node->u.values.columns[c], from, len, &columns[c]));
    return LT_OK;
}

static lt_flow values_poll(struct lt_op *op, struct lt_op_poll *out)
{
    struct values_state *values = op->state;
    const struct lt_plan_node *node = op->node;
    uint32_t n_rows = node->u.values.n_rows, n_columns = node->schema.len;
    if (op->ctx->partition != 0 || values->at >= n_rows) {
        out->ended = true;
        return LT_FLOW_OK;
    }
    uint32_t from = (uint32_t)values->at, len = n_rows - from;
    if (len > op->ctx->batch_rows)
        len = op->ctx->batch_rows;
    struct lt_column **columns = LT_ARENA_ARRAY(op->ctx->scratch, struct lt_column *, n_columns);
    if (!columns)
        return lt_op_fail(op, LT_NOMEM);
    lt_status status = values_slice(op, from, len, columns);
    lt_flow flow = lt_op_flow(op, status);
    if (status == LT_OK) {
        struct lt_batch batch = {.len = len,
                                 .n_sel = len,
                                 .n_columns = n_columns,
                                 .columns = columns,
                                 .first_position = from,
                                 .proctime_us = op->ctx->now_us};
        values->at += len;
        out->rows = len;
        out->bytes = lt_batch_bytes(&batch);
        flow = lt_op_emit(op, &batch);
    }
    for (uint32_t c = 0; c < n_columns; c++)
        lt_column_unref(columns[c]);
    return flow;
}

static lt_status values_save(struct lt_op *op, struct lt_state_image *image)
{
    const struct values_state *values = op->state;
    return op->ctx->partition == 0 ? lt_image_put(image, "at", &values->at, sizeof(values->at))
                                   : LT_OK;
}

static lt_status values_load(struct lt_op *op, const struct lt_state_image *const *images,
                             uint32_t n)
{
    struct values_state *values = op->state;
    struct lt_str text;
    for (uint32_t i = 0; i < n; i++)
        if (lt_image_find(images[i], "at", &text) && text.len == sizeof(values->at))
            memcpy(&values->at, text.data, sizeof(values->at));
    return LT_OK;
}

const struct lt_op_type lt_op_values_type = {
    .name = "Values",
    .state_size = sizeof(struct values_state),
    .scope = LT_SCOPE_SINGLE,
    .poll = values_poll,
    .save = values_save,
    .load = values_load,
};
