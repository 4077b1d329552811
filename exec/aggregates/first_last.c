/* first_last.c -- FIRST_VALUE and LAST_VALUE, by ORDER BY, else by order of arrival.
 *
 * Values that are NULL are passed over, as in Flink. Arrival is the position at the
 * source, so the answer is the same however rows were batched or spread. */
#include "exec/aggregates/pick.h"

static bool is_last(const struct lt_agg_call *call)
{
    return call->fn == &lt_agg_last_value;
}

static lt_status edge_update(LT_AGG_UPDATE_ARGS)
{
    struct lt_buf key, value;
    lt_status status = LT_OK;
    lt_buf_init(&key, lt_heap_alloc(in->heap));
    lt_buf_init(&value, lt_heap_alloc(in->heap));
    for (uint32_t i = 0; i < in->n && status == LT_OK; i++) {
        status = lt_agg_order_key(call, in, in->rows[i], true, &key);
        lt_buf_clear(&value);
        lt_cell_encode(&value, lt_column_cell(in->args[0], in->rows[i]));
        if (status == LT_OK)
            status = value.status;
        if (status == LT_OK)
            status = lt_pick_offer(in->heap, (struct lt_pick *)lt_agg_state(in, i),
                                   lt_buf_str(&key), lt_buf_str(&value), is_last(call));
    }
    lt_buf_close(&key);
    lt_buf_close(&value);
    return status;
}

static lt_status edge_merge(LT_AGG_MERGE_ARGS)
{
    LT_UNUSED(err);
    return lt_pick_merge(heap, (struct lt_pick *)into, from_heap, (const struct lt_pick *)from,
                         is_last(call));
}

static lt_status edge_finish(LT_AGG_FINISH_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(err);
    return lt_pick_put(heap, (const struct lt_pick *)state, out, row);
}

static void edge_drop(const struct lt_agg_call *call, struct lt_state_heap *heap, char *state)
{
    LT_UNUSED(call);
    lt_pick_drop(heap, (struct lt_pick *)state);
}

static const struct lt_agg_kernel edge_kernel = {
    .state_size = sizeof(struct lt_pick),
    .update = edge_update,
    .merge = edge_merge,
    .finish = edge_finish,
    .drop = edge_drop,
    .idempotent = true,
};

static lt_status edge_bind(struct lt_bind_aggregate *agg)
{
    if (agg->call.args[0]->kind == LT_TYPE_NULL)
        agg->call.args[0] = &lt_type_int;
    if (agg->changing)
        return lt_agg_refuse_changing(&agg->call);
    agg->kernel = &edge_kernel;
    return lt_agg_result(&agg->call, agg->call.args[0]);
}

const struct lt_aggregate lt_agg_first_value = {
    .name = "FIRST_VALUE",
    .args_min = 1,
    .args_max = 1,
    .order_matters = true,
    .bind = edge_bind,
    .signature = "FIRST_VALUE(value ANY [ORDER BY key, ...]) -> the type of value",
    .doc = "The first value that is not NULL, in the order given or else of arrival.",
    .example = "FIRST_VALUE(x) FROM (VALUES (3), (1), (2)) AS t(x)",
    .result = "3",
};

const struct lt_aggregate lt_agg_last_value = {
    .name = "LAST_VALUE",
    .args_min = 1,
    .args_max = 1,
    .order_matters = true,
    .bind = edge_bind,
    .signature = "LAST_VALUE(value ANY [ORDER BY key, ...]) -> the type of value",
    .doc = "The last value that is not NULL, in the order given or else of arrival.",
    .example = "LAST_VALUE(x) FROM (VALUES (3), (1), (2)) AS t(x)",
    .result = "2",
};
