/* arg_min_max.c -- ARG_MIN and ARG_MAX: the value beside the smallest or largest key.
 *
 * Of equal keys the row that arrived first wins; over changing input, where rows have
 * no order of arrival, the smallest value. Rows with a NULL in either are passed over. */
#include "exec/aggregates/pick.h"
#include "exec/state/order.h"

static bool is_max(const struct lt_agg_call *call)
{
    return call->fn == &lt_agg_arg_max;
}

/* ARG_MAX is ARG_MIN by the descending key, so that ties fall the same way. */
static lt_status key_of(const struct lt_agg_call *call, const struct lt_agg_input *in, uint32_t row,
                        bool arrival, struct lt_buf *key, struct lt_buf *value)
{
    unsigned flags = is_max(call) ? LT_ORDER_DESC : LT_ORDER_ASC;
    lt_buf_clear(key);
    lt_buf_clear(value);
    lt_order_encode(key, in->args[1], row, flags);
    if (arrival) {
        uint32_t split = __builtin_bswap32(lt_batch_split(in->batch, row));
        uint64_t position = __builtin_bswap64((uint64_t)lt_batch_position(in->batch, row) ^
                                              UINT64_C(1) << 63);
        lt_buf_add(key, &split, sizeof(split));
        lt_buf_add(key, &position, sizeof(position));
    }
    lt_cell_encode(value, lt_column_cell(in->args[0], row));
    return key->status != LT_OK ? key->status : value->status;
}

static lt_status arg_update(const struct lt_agg_call *call, const struct lt_agg_input *in,
                            bool keep_all)
{
    struct lt_buf key, value;
    lt_status status = LT_OK;
    lt_buf_init(&key, lt_heap_alloc(in->heap));
    lt_buf_init(&value, lt_heap_alloc(in->heap));
    for (uint32_t i = 0; i < in->n && status == LT_OK; i++) {
        char *state = lt_agg_state(in, i);
        status = key_of(call, in, in->rows[i], !keep_all, &key, &value);
        if (status == LT_OK && keep_all)
            status = lt_bag_add(in->heap, (struct lt_bag *)state, lt_buf_str(&key),
                                lt_buf_str(&value), lt_batch_weight(in->batch, in->rows[i]));
        else if (status == LT_OK)
            status = lt_pick_offer(in->heap, (struct lt_pick *)state, lt_buf_str(&key),
                                   lt_buf_str(&value), false);
    }
    lt_buf_close(&key);
    lt_buf_close(&value);
    return status;
}

static lt_status pick_update(LT_AGG_UPDATE_ARGS)
{
    return arg_update(call, in, false);
}

static lt_status pick_merge(LT_AGG_MERGE_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(err);
    return lt_pick_merge(heap, (struct lt_pick *)into, from_heap, (const struct lt_pick *)from,
                         false);
}

static lt_status pick_finish(LT_AGG_FINISH_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(err);
    return lt_pick_put(heap, (const struct lt_pick *)state, out, row);
}

static void pick_drop(const struct lt_agg_call *call, struct lt_state_heap *heap, char *state)
{
    LT_UNUSED(call);
    lt_pick_drop(heap, (struct lt_pick *)state);
}

static lt_status bag_update(LT_AGG_UPDATE_ARGS)
{
    return arg_update(call, in, true);
}

static lt_status bag_merge(LT_AGG_MERGE_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(err);
    return lt_bag_merge(heap, (struct lt_bag *)into, from_heap, (const struct lt_bag *)from);
}

static lt_status bag_finish(LT_AGG_FINISH_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(err);
    struct lt_bag_item item;
    if (!lt_bag_select(heap, (const struct lt_bag *)state, 0, &item))
        return lt_agg_null(out, row);
    const char *at = item.value.data;
    return lt_cell_decode(out, row, &at, at + item.value.len);
}

static void bag_drop(const struct lt_agg_call *call, struct lt_state_heap *heap, char *state)
{
    LT_UNUSED(call);
    lt_bag_drop(heap, (struct lt_bag *)state);
}

static const struct lt_agg_kernel pick_kernel = {
    .state_size = sizeof(struct lt_pick),
    .update = pick_update,
    .merge = pick_merge,
    .finish = pick_finish,
    .drop = pick_drop,
    .idempotent = true,
};
static const struct lt_agg_kernel bag_kernel = {
    .state_size = sizeof(struct lt_bag),
    .update = bag_update,
    .merge = bag_merge,
    .finish = bag_finish,
    .drop = bag_drop,
    .idempotent = true,
    .retractable = true,
};

static lt_status arg_bind(struct lt_bind_aggregate *agg)
{
    struct lt_bind_call *call = &agg->call;
    for (uint32_t i = 0; i < 2; i++)
        if (call->args[i]->kind == LT_TYPE_NULL)
            call->args[i] = &lt_type_int;
    if (!lt_type_has_order(call->args[1]))
        return lt_agg_refuse(call, 1, "a value that has an order");
    agg->kernel = agg->changing ? &bag_kernel : &pick_kernel;
    return lt_agg_result(call, call->args[0]);
}

const struct lt_aggregate lt_agg_arg_min = {
    .name = "ARG_MIN",
    .aliases = "MIN_BY",
    .args_min = 2,
    .args_max = 2,
    .order_matters = true,
    .bind = arg_bind,
    .signature = "ARG_MIN(value ANY, key ANY) -> the type of value",
    .doc = "The value in the row with the smallest key; of equal keys the first to arrive.",
    .example = "ARG_MIN(x, k) FROM (VALUES ('a', 2), ('b', 1)) AS t(x, k)",
    .result = "b",
};

const struct lt_aggregate lt_agg_arg_max = {
    .name = "ARG_MAX",
    .aliases = "MAX_BY",
    .args_min = 2,
    .args_max = 2,
    .order_matters = true,
    .bind = arg_bind,
    .signature = "ARG_MAX(value ANY, key ANY) -> the type of value",
    .doc = "The value in the row with the largest key; of equal keys the first to arrive.",
    .example = "ARG_MAX(x, k) FROM (VALUES ('a', 2), ('b', 1)) AS t(x, k)",
    .result = "a",
};
