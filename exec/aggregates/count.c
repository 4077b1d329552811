/* count.c -- COUNT: rows, or rows whose arguments are not NULL (the caller skips them). */
#include "exec/aggregates/common.h"

struct count_state {
    int64_t count;
};

static lt_status count_update(const struct lt_agg_call *call, const struct lt_agg_input *in)
{
    LT_UNUSED(call);
    if (!in->batch->weight && in->one) {
        ((struct count_state *)lt_agg_state(in, 0))->count += in->n;
        return LT_OK;
    }
    if (!in->batch->weight && lt_agg_is_dense(in)) {
        char *const *states = in->states + in->rows[0];
        for (uint32_t i = 0; i < in->n; i++)
            ((struct count_state *)(states[i] + in->offset))->count++;
        return LT_OK;
    }
    if (!in->batch->weight) {
        for (uint32_t i = 0; i < in->n; i++)
            ((struct count_state *)lt_agg_state(in, i))->count++;
        return LT_OK;
    }
    for (uint32_t i = 0; i < in->n; i++)
        ((struct count_state *)lt_agg_state(in, i))->count +=
            in->batch->weight[in->rows[i]];
    return LT_OK;
}

static lt_status count_merge(const struct lt_agg_call *call, struct lt_state_heap *heap, char *into,
                             const struct lt_state_heap *from_heap, const char *from,
                             struct lt_error *err)
{
    LT_UNUSED(call), LT_UNUSED(heap), LT_UNUSED(from_heap), LT_UNUSED(err);
    ((struct count_state *)into)->count += ((const struct count_state *)from)->count;
    return LT_OK;
}

static void count_unmerge(const struct lt_agg_call *call, char *into, const char *from)
{
    LT_UNUSED(call);
    ((struct count_state *)into)->count -= ((const struct count_state *)from)->count;
}

static lt_status count_finish(const struct lt_agg_call *call, const struct lt_state_heap *heap,
                              const char *state, struct lt_column *out, uint32_t row,
                              struct lt_error *err)
{
    LT_UNUSED(call), LT_UNUSED(heap), LT_UNUSED(err);
    ((int64_t *)out->values)[row] = ((const struct count_state *)state)->count;
    return LT_OK;
}

static lt_status count_finish_all(const struct lt_agg_call *call, const struct lt_agg_output *out)
{
    LT_UNUSED(call);
    int64_t *values = out->out->values;
    for (uint32_t i = 0; i < out->n; i++)
        values[lt_agg_result_lane(out, i)] =
            ((const struct count_state *)lt_agg_result_state(out, i))->count;
    return LT_OK;
}

static const struct lt_agg_kernel count_kernel = {
    .state_size = sizeof(struct count_state),
    .update = count_update,
    .merge = count_merge,
    .finish = count_finish,
    .finish_all = count_finish_all,
    .retractable = true,
    .invertible = true,
    .unmerge = count_unmerge,
};

static lt_status count_bind(struct lt_bind_aggregate *agg)
{
    if (agg->distinct && agg->call.n_args == 0)
        return lt_fail_at(agg->call.err, LT_INVALID, agg->call.pos,
                          "COUNT(DISTINCT *) is no SQL; name the columns");
    agg->call.result = &lt_type_bigint_not_null;
    agg->kernel = &count_kernel;
    return LT_OK;
}

const struct lt_aggregate lt_agg_count = {
    .name = "COUNT",
    .args_min = 0,
    .args_max = LT_CALL_ARGS_MAX,
    .bind = count_bind,
    .signature = "COUNT(*) | COUNT([DISTINCT] value ANY, ...) -> BIGINT NOT NULL",
    .doc = "The number of rows, or of rows in which no argument is NULL. 0 when there are none.",
    .example = "COUNT(x) FROM (VALUES (1), (2), (CAST(NULL AS INT))) AS t(x)",
    .result = "2",
};
