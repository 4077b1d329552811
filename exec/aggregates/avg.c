/* avg.c -- AVG: the accumulators of SUM, divided when shown.
 *
 * Of integers it is an integer, cut toward zero; of DECIMAL(p, s) it is
 * DECIMAL(38, max(6, s)), rounded half up, as in Flink. */
#include "exec/aggregates/sum.h"

#define FINISH_ARGS                                                                                \
    const struct lt_agg_call *call, const struct lt_state_heap *heap, const char *state,           \
        struct lt_column *out, uint32_t row, struct lt_error *err

static lt_status int_finish(FINISH_ARGS)
{
    LT_UNUSED(heap);
    const struct lt_int_sum *sum = (const struct lt_int_sum *)state;
    if (sum->n == 0)
        return lt_agg_null(out, row);
    return lt_agg_put_exact(call, lt_int_sum_get(sum) / sum->n, out, row, err);
}

static lt_status int_finish_all(const struct lt_agg_call *call, const struct lt_agg_output *out)
{
    int64_t *values = out->out->values;
    bool plain = out->out->phys == LT_PHYS_I64;
    for (uint32_t i = 0; i < out->n; i++) {
        const struct lt_int_sum *sum = (const struct lt_int_sum *)lt_agg_result_state(out, i);
        uint32_t lane = lt_agg_result_lane(out, i);
        int64_t value;
        if (LT_LIKELY(plain && sum->n > 0 && lt_int_sum_fits(sum, &value)))
            values[lane] = value / sum->n;
        else
            LT_TRY(int_finish(call, out->heap, (const char *)sum, out->out, lane, out->err));
    }
    return LT_OK;
}

static lt_status wide_finish(FINISH_ARGS)
{
    LT_UNUSED(heap);
    const struct lt_wide *sum = (const struct lt_wide *)state;
    __int128 total, value;
    if (sum->n == 0)
        return lt_agg_null(out, row);
    if (!lt_wide_get(sum, &total) ||
        !lt_decimal_divide(total, call->args[0]->scale, sum->n, 0, out->type->precision,
                           out->type->scale, &value))
        return lt_agg_overflow(call, err);
    return lt_agg_put_exact(call, value, out, row, err);
}

static lt_status real_finish(FINISH_ARGS)
{
    LT_UNUSED(heap), LT_UNUSED(err), LT_UNUSED(call);
    const struct lt_real_sum *sum = (const struct lt_real_sum *)state;
    if (lt_real_count(sum) == 0)
        return lt_agg_null(out, row);
    double value = lt_real_get(sum) / (double)lt_real_count(sum);
    if (out->phys == LT_PHYS_F32)
        ((float *)out->values)[row] = (float)value;
    else
        ((double *)out->values)[row] = value;
    return LT_OK;
}

static const struct lt_agg_kernel int_kernel = {
    .state_size = sizeof(struct lt_int_sum),
    .update = lt_int_sum_update,
    .merge = lt_int_sum_merge,
    .finish = int_finish,
    .finish_all = int_finish_all,
    .retractable = true,
    .invertible = true,
    .unmerge = lt_int_sum_unmerge,
};
static const struct lt_agg_kernel wide_kernel = {
    .state_size = sizeof(struct lt_wide),
    .update = lt_wide_sum_update,
    .merge = lt_wide_sum_merge,
    .finish = wide_finish,
    .wide = true,
    .retractable = true,
    .invertible = true,
    .unmerge = lt_wide_sum_unmerge,
};
static const struct lt_agg_kernel real_kernel = {
    .state_size = sizeof(struct lt_real_sum),
    .update = lt_real_sum_update,
    .merge = lt_real_sum_merge,
    .finish = real_finish,
    .retractable = true,
};

static lt_status avg_bind(struct lt_bind_aggregate *agg)
{
    struct lt_bind_call *call = &agg->call;
    const struct lt_type *type = call->args[0];
    if (type->kind == LT_TYPE_NULL)
        type = call->args[0] = &lt_type_int;
    if (!lt_type_is_numeric(type))
        return lt_agg_refuse(call, 0, "a number");
    agg->kernel = lt_type_is_integer(type) ? &int_kernel
                  : type->kind == LT_TYPE_DECIMAL ? &wide_kernel
                                                  : &real_kernel;
    if (type->kind == LT_TYPE_DECIMAL) {
        type = lt_type_decimal(call->arena, LT_DECIMAL_PRECISION_MAX,
                               type->scale > 6 ? type->scale : 6);
        if (!type)
            return LT_NOMEM;
    }
    return lt_agg_result(call, type);
}

const struct lt_aggregate lt_agg_avg = {
    .name = "AVG",
    .args_min = 1,
    .args_max = 1,
    .bind = avg_bind,
    .signature = "AVG([DISTINCT] value NUMERIC) -> the type of value; DECIMAL(38, max(6, s)) for "
                 "DECIMAL(p, s)",
    .doc = "The mean of the values that are not NULL; NULL when there are none. Of integers it is "
           "cut toward zero.",
    .example = "AVG(x) FROM (VALUES (1), (2), (4)) AS t(x)",
    .result = "2",
};
