/* rows.c -- gathers result rows in a builder and hands them on.
 *
 * Rows that an operator makes have no source position; they are numbered in the
 * order in which they leave, which is that of their keys. */
#include "exec/aggregates/rows.h"

#include "base/bits.h"

lt_status lt_rows_open(struct lt_rows *rows, struct lt_op *op)
{
    uint32_t cap = op->ctx->batch_rows;
    if (cap == 0 || cap > LT_BATCH_ROWS_MAX)
        cap = LT_BATCH_ROWS_MAX;
    if (cap < 2)
        cap = 2; /* an old row and a new one stay together */
    LT_TRY(lt_builder_open(&rows->builder, op->ctx->pool, &op->node->schema, cap));
    rows->open = true;
    return LT_OK;
}

void lt_rows_close(struct lt_rows *rows)
{
    if (rows->open)
        lt_builder_close(&rows->builder);
    rows->open = false;
}

lt_flow lt_rows_emit(struct lt_rows *rows, struct lt_op *op)
{
    if (rows->builder.len == 0)
        return LT_FLOW_OK;
    struct lt_batch batch;
    lt_status status = lt_builder_take(&rows->builder, &batch);
    if (status != LT_OK)
        return lt_op_fail(op, status);
    batch.first_position = (int64_t)op->rows_out;
    batch.split = op->ctx->partition;
    batch.proctime_us = op->ctx->now_us;
    if (rows->sel) {
        batch.sel = rows->sel;
        batch.n_sel = rows->n_sel;
    }
    rows->sel = NULL;
    lt_flow flow = batch.n_sel ? lt_op_emit(op, &batch) : LT_FLOW_OK;
    lt_builder_release(&rows->builder, &batch);
    if (flow == LT_FLOW_DONE) {
        op->done = true; /* takes no more rows; what is begun is brought to its end */
        return LT_FLOW_OK;
    }
    return flow;
}

lt_status lt_rows_copy(struct lt_rows *rows, const struct lt_batch *from, uint32_t from_row,
                       int32_t weight)
{
    struct lt_batch_builder *builder = &rows->builder;
    for (uint32_t c = 0; c < from->n_columns; c++)
        LT_TRY(lt_column_copy_cell(builder->columns[c], builder->len,
                                   lt_column_cell(from->columns[c], from_row)));
    if (weight != 1 || builder->weight)
        LT_TRY(lt_builder_set_weight(builder, builder->len, weight));
    builder->len++;
    return LT_OK;
}

void lt_rows_undo(struct lt_rows *rows, uint32_t n)
{
    struct lt_batch_builder *builder = &rows->builder;
    LT_ASSERT(n <= builder->len);
    for (uint32_t c = 0; c < builder->schema->len; c++)
        if (builder->columns[c]->phys >= LT_PHYS_LIST)
            return;
    for (; n > 0; n--) {
        uint32_t row = --builder->len;
        for (uint32_t c = 0; c < builder->schema->len; c++) {
            struct lt_column *col = builder->columns[c];
            size_t size = lt_phys_size(col->phys);
            memset((char *)col->values + row * size, 0, size);
            if (col->validity)
                lt_bits_set(col->validity, row);
        }
    }
}
