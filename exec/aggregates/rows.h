/* rows.h -- result rows of an operator, gathered and emitted a batch at a time. */
#ifndef LT_EXEC_AGGREGATES_ROWS_H
#define LT_EXEC_AGGREGATES_ROWS_H

#include "exec/operator.h"

struct lt_rows {
    struct lt_batch_builder builder;
    bool open;
    const uint16_t *sel; /* of the rows gathered, those that are meant; NULL = all */
    uint32_t n_sel;
};

lt_status lt_rows_open(struct lt_rows *rows, struct lt_op *op) LT_MUST_CHECK;
void lt_rows_close(struct lt_rows *rows);
/* The next free row; false when fewer than `need` are left (emit first). */
static inline bool lt_rows_has_room(const struct lt_rows *rows, uint32_t need)
{
    return rows->builder.len + need <= rows->builder.cap;
}
/* Emits what was gathered: OK, YIELD or ERROR. Forgets `sel`. */
lt_flow lt_rows_emit(struct lt_rows *rows, struct lt_op *op);
/* Copies row `from_row` of a batch of the same schema to the next row. */
lt_status lt_rows_copy(struct lt_rows *rows, const struct lt_batch *from, uint32_t from_row,
                       int32_t weight) LT_MUST_CHECK;
/* Takes the last n rows back; does nothing when a column holds lists or rows, whose
 * lanes cannot be written twice. */
void lt_rows_undo(struct lt_rows *rows, uint32_t n);

#endif
