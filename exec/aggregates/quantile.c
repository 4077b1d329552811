/* quantile.c -- MEDIAN, PERCENTILE and MODE: answers that need every value.
 *
 * Values lie in an ordered bag that finds the n-th in O(log n), so any percentile is
 * two look-ups and taking a row back is one. MODE walks. */
#include "exec/aggregates/common.h"
#include "exec/state/bag.h"
#include "exec/state/order.h"

static lt_status values_update(LT_AGG_UPDATE_ARGS)
{
    LT_UNUSED(call);
    struct lt_buf key;
    lt_status status = LT_OK;
    lt_buf_init(&key, lt_heap_alloc(in->heap));
    for (uint32_t i = 0; i < in->n && status == LT_OK; i++) {
        lt_buf_clear(&key);
        lt_order_encode(&key, in->args[0], in->rows[i], LT_ORDER_ASC);
        status = key.status;
        if (status == LT_OK)
            status = lt_bag_add(in->heap, (struct lt_bag *)lt_agg_state(in, i),
                                lt_buf_str(&key), (struct lt_str){0},
                                lt_batch_weight(in->batch, in->rows[i]));
    }
    lt_buf_close(&key);
    return status;
}

static lt_status values_merge(LT_AGG_MERGE_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(err);
    return lt_bag_merge(heap, (struct lt_bag *)into, from_heap, (const struct lt_bag *)from);
}

static void values_drop(const struct lt_agg_call *call, struct lt_state_heap *heap, char *state)
{
    LT_UNUSED(call);
    lt_bag_drop(heap, (struct lt_bag *)state);
}

/* The value at a place, as a double. The argument has been cast to DOUBLE. */
static lt_status value_at(const struct lt_state_heap *heap, const struct lt_bag *bag, int64_t rank,
                          struct lt_column *scratch, double *out)
{
    struct lt_bag_item item;
    if (!lt_bag_select(heap, bag, rank, &item))
        return LT_CORRUPT;
    const char *at = item.key.data;
    LT_TRY(lt_order_decode(scratch, 0, &at, at + item.key.len));
    *out = ((const double *)scratch->values)[0];
    return LT_OK;
}

/* Linear between the two values around the place share * (n - 1). */
static lt_status quantile_put(const struct lt_state_heap *heap, const char *state, double share,
                              struct lt_column *out, uint32_t row)
{
    const struct lt_bag *bag = (const struct lt_bag *)state;
    int64_t total = lt_bag_total(heap, bag);
    if (total == 0)
        return lt_agg_null(out, row);
    double place = share * (double)(total - 1), low = 0, high;
    int64_t rank = (int64_t)place;
    struct lt_column *scratch = lt_column_new(out->pool, &lt_type_double, 1);
    lt_status status = scratch ? value_at(heap, bag, rank, scratch, &low) : LT_NOMEM;
    high = low;
    if (status == LT_OK && rank + 1 < total && place > (double)rank)
        status = value_at(heap, bag, rank + 1, scratch, &high);
    lt_column_unref(scratch);
    LT_TRY(status);
    ((double *)out->values)[row] = high == low ? low : low + (high - low) * (place - (double)rank);
    return LT_OK;
}

static lt_status median_finish(LT_AGG_FINISH_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(err);
    return quantile_put(heap, state, 0.5, out, row);
}

static lt_status percentile_finish(LT_AGG_FINISH_ARGS)
{
    LT_UNUSED(err);
    return quantile_put(heap, state, lt_agg_double(call->constants[1], 0), out, row);
}

struct most {
    struct lt_bag_item item;
};

static lt_status most_item(void *ctx, const struct lt_bag_item *item)
{
    struct most *most = ctx;
    if (item->weight > most->item.weight) /* of equals the first, which is the smallest */
        most->item = *item;
    return LT_OK;
}

static lt_status mode_finish(LT_AGG_FINISH_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(err);
    struct most most = {{.weight = 0}};
    LT_TRY(lt_bag_walk(heap, (const struct lt_bag *)state, most_item, &most));
    if (most.item.weight == 0)
        return lt_agg_null(out, row);
    const char *at = most.item.key.data;
    return lt_order_decode(out, row, &at, at + most.item.key.len);
}

#define VALUES_KERNEL(finish_fn)                                                                   \
    {                                                                                              \
        .state_size = sizeof(struct lt_bag), .update = values_update, .merge = values_merge,       \
        .finish = finish_fn, .drop = values_drop, .retractable = true                              \
    }
static const struct lt_agg_kernel median_kernel = VALUES_KERNEL(median_finish);
static const struct lt_agg_kernel percentile_kernel = VALUES_KERNEL(percentile_finish);
static const struct lt_agg_kernel mode_kernel = VALUES_KERNEL(mode_finish);

static lt_status number_bind(struct lt_bind_aggregate *agg)
{
    struct lt_bind_call *call = &agg->call;
    if (call->args[0]->kind != LT_TYPE_NULL && !lt_type_is_numeric(call->args[0]))
        return lt_agg_refuse(call, 0, "a number");
    call->args[0] = &lt_type_double;
    return lt_agg_result(call, &lt_type_double);
}

static lt_status median_bind(struct lt_bind_aggregate *agg)
{
    agg->kernel = &median_kernel;
    return number_bind(agg);
}

static lt_status percentile_bind(struct lt_bind_aggregate *agg)
{
    struct lt_bind_call *call = &agg->call;
    const struct lt_column *share = call->constants[1];
    bool usable = share && lt_type_is_numeric(call->args[1]) && !lt_column_is_null(share, 0);
    double value = usable ? lt_agg_double(share, 0) : -1;
    if (!(value >= 0 && value <= 1))
        return lt_fail_at(call->err, LT_INVALID, call->pos,
                          "PERCENTILE wants a constant from 0 to 1 as its second argument");
    agg->kernel = &percentile_kernel;
    return number_bind(agg);
}

static lt_status mode_bind(struct lt_bind_aggregate *agg)
{
    if (agg->call.args[0]->kind == LT_TYPE_NULL)
        agg->call.args[0] = &lt_type_int;
    agg->kernel = &mode_kernel;
    return lt_agg_result(&agg->call, agg->call.args[0]);
}

const struct lt_aggregate lt_agg_median = {
    .name = "MEDIAN",
    .args_min = 1,
    .args_max = 1,
    .bind = median_bind,
    .signature = "MEDIAN([DISTINCT] value NUMERIC) -> DOUBLE",
    .doc = "The middle value, or the mean of the two middle ones. NULL when there are none.",
    .example = "MEDIAN(x) FROM (VALUES (1), (2), (4), (8)) AS t(x)",
    .result = "3.0",
};

const struct lt_aggregate lt_agg_percentile = {
    .name = "PERCENTILE",
    .args_min = 2,
    .args_max = 2,
    .bind = percentile_bind,
    .signature = "PERCENTILE(value NUMERIC, share NUMERIC) -> DOUBLE",
    .doc = "The value below which that share (0 to 1) of the values lies, linear between "
           "neighbours. NULL when there are none.",
    .example = "PERCENTILE(x, 0.25) FROM (VALUES (1), (2), (3), (5)) AS t(x)",
    .result = "1.75",
};

const struct lt_aggregate lt_agg_mode = {
    .name = "MODE",
    .args_min = 1,
    .args_max = 1,
    .bind = mode_bind,
    .signature = "MODE(value ANY) -> the type of value",
    .doc = "The value that occurs most often; of equally frequent ones the smallest.",
    .example = "MODE(x) FROM (VALUES (3), (1), (3)) AS t(x)",
    .result = "3",
};
