/* limit.c -- LIMIT n OFFSET m: skip m rows, pass n, then want no more.
 *
 * Planned only over append-only input and on one partition; over changing
 * input LIMIT is a Top-N by arrival.
 *
 * Invariant: rows_skip and rows_left never grow, and both are part of the saved
 * state, so a restored query cannot emit a row twice. */
#include "exec/operator.h"

#include "exec/state/state.h"

struct limit_state {
    uint64_t rows_skip, rows_left;
};

static lt_status limit_open(struct lt_op *op)
{
    struct limit_state *limit = op->state;
    const struct lt_plan_node *node = op->node;
    limit->rows_skip = node->u.limit.offset > 0 ? (uint64_t)node->u.limit.offset : 0;
    limit->rows_left = node->u.limit.limit >= 0 ? (uint64_t)node->u.limit.limit : UINT64_MAX;
    op->done = limit->rows_left == 0;
    return LT_OK;
}

static lt_flow limit_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    struct limit_state *limit = op->state;
    LT_ASSERT(in->weight == NULL);
    if (limit->rows_left == 0)
        return LT_FLOW_DONE;
    if (limit->rows_skip >= in->n_sel) {
        limit->rows_skip -= in->n_sel;
        return LT_FLOW_OK;
    }
    uint32_t from = (uint32_t)limit->rows_skip, n = in->n_sel - from;
    if (n > limit->rows_left)
        n = (uint32_t)limit->rows_left;
    limit->rows_skip = 0;
    limit->rows_left -= n;

    struct lt_batch some = *in; /* a view: columns stay borrowed from `in` */
    if (n < in->n_sel) {
        uint16_t *sel = lt_arena_get(op->ctx->scratch, n * sizeof(uint16_t));
        if (!sel)
            return lt_op_fail(op, LT_NOMEM);
        for (uint32_t i = 0; i < n; i++)
            sel[i] = (uint16_t)lt_batch_row(in, from + i);
        some.sel = sel;
        some.n_sel = n;
        some.aux[0] = NULL;
    }
    return lt_op_emit_last(op, &some, limit->rows_left == 0); /* DONE travels upstream */
}

static lt_status limit_save(struct lt_op *op, struct lt_state_image *image)
{
    return lt_image_put(image, "limit", op->state, sizeof(struct limit_state));
}

static lt_status limit_load(struct lt_op *op, const struct lt_state_image *const *images,
                            uint32_t n)
{
    LT_ASSERT(n == 1); /* a single partition, whatever the parallelism */
    LT_TRY(lt_image_get(images[0], "limit", op->state, sizeof(struct limit_state)));
    op->done = ((struct limit_state *)op->state)->rows_left == 0;
    return LT_OK;
}

const struct lt_op_type lt_op_limit_type = {
    .name = "Limit",
    .state_size = sizeof(struct limit_state),
    .scope = LT_SCOPE_SINGLE,
    .open = limit_open,
    .push = limit_push,
    .save = limit_save,
    .load = limit_load,
};
