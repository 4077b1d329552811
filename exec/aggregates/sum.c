/* sum.c -- SUM and SUM0 of integers, decimals and floats.
 *
 * Exact sums are kept wide enough never to overflow; only a result that does not
 * fit its type is an error, and only when it is shown. Sums of floats are kept
 * with their rounding error, and are exactly zero when their rows are gone. They
 * are not invertible: taking a slice out again would leave its rounding behind. */
#include "exec/aggregates/sum.h"

/* ---- updates ------------------------------------------------------------- */

static inline void int_sum_add(struct lt_int_sum *sum, int64_t value)
{
    uint64_t low = sum->low + (uint64_t)value;
    int64_t carry = (value >> 63) + (low < (uint64_t)value);
    sum->low = low;
    sum->n++;
    if (LT_UNLIKELY(carry)) /* the sum has left 64 bits, or changed its sign */
        sum->high += carry;
}

static void int_sum_dense(const struct lt_agg_input *in, char *const *states,
                          const int64_t *values)
{
    for (uint32_t i = 0; i < in->n; i++)
        int_sum_add((struct lt_int_sum *)(states[i] + in->offset), values[i]);
}

static void int_sum_weighted(const struct lt_agg_input *in)
{
    const int32_t *weight = in->batch->weight;
    for (uint32_t i = 0; i < in->n; i++) {
        struct lt_int_sum *sum = (struct lt_int_sum *)lt_agg_state(in, i);
        uint32_t row = in->rows[i];
        lt_int_sum_put(sum, lt_int_sum_get(sum) +
                                (__int128)lt_lane_get(in->args[0], row) * weight[row]);
        sum->n += weight[row];
    }
}

/* Upper and lower halves apart: as many as a batch has rows cannot overflow. */
LT_KERNEL static void sum_halves(const int64_t *restrict values, uint32_t n, int64_t halves[2])
{
    int64_t low = 0, high = 0;
    for (uint32_t i = 0; i < n; i++) {
        low += values[i] & 0xffffffff;
        high += values[i] >> 32;
    }
    halves[0] = low;
    halves[1] = high;
}

/* Rows of one group: into two registers first. */
static void int_sum_one(const struct lt_agg_input *in)
{
    struct lt_int_sum *sum = (struct lt_int_sum *)lt_agg_state(in, 0);
    int64_t halves[2] = {0, 0};
    uint32_t first = in->rows[0], last = in->rows[in->n - 1];
    if (in->args[0]->phys == LT_PHYS_I64 && last - first == in->n - 1) {
        sum_halves((const int64_t *)in->args[0]->values + first, in->n, halves);
    } else {
        for (uint32_t i = 0; i < in->n; i++) {
            int64_t value = lt_lane_get(in->args[0], in->rows[i]);
            halves[0] += value & 0xffffffff;
            halves[1] += value >> 32;
        }
    }
    lt_int_sum_put(sum, lt_int_sum_get(sum) + (__int128)halves[1] * (INT64_C(1) << 32) + halves[0]);
    sum->n += in->n;
}

lt_status lt_int_sum_update(const struct lt_agg_call *call, const struct lt_agg_input *in)
{
    LT_UNUSED(call);
    const struct lt_column *col = in->args[0];
    const int64_t *values = col->values;
    if (in->batch->weight)
        int_sum_weighted(in);
    else if (in->one)
        int_sum_one(in);
    else if (col->phys == LT_PHYS_I64 && lt_agg_is_dense(in))
        int_sum_dense(in, in->states + in->rows[0], values + in->rows[0]);
    else if (col->phys == LT_PHYS_I64)
        for (uint32_t i = 0; i < in->n; i++)
            int_sum_add((struct lt_int_sum *)lt_agg_state(in, i), values[in->rows[i]]);
    else
        for (uint32_t i = 0; i < in->n; i++)
            int_sum_add((struct lt_int_sum *)lt_agg_state(in, i), lt_lane_get(col, in->rows[i]));
    return LT_OK;
}

lt_status lt_wide_sum_update(const struct lt_agg_call *call, const struct lt_agg_input *in)
{
    LT_UNUSED(call);
    const __int128 *values = in->args[0]->values;
    for (uint32_t i = 0; i < in->n; i++)
        lt_wide_add((struct lt_wide *)lt_agg_state(in, i), values[in->rows[i]],
                    lt_batch_weight(in->batch, in->rows[i]));
    return LT_OK;
}

static void neumaier(struct lt_real_sum *sum, double value)
{
    double total = sum->sum + value;
    if (__builtin_fabs(sum->sum) >= __builtin_fabs(value))
        sum->error += (sum->sum - total) + value;
    else
        sum->error += (value - total) + sum->sum;
    sum->sum = total;
}

void lt_real_add(struct lt_real_sum *sum, double value, int64_t weight)
{
    if (__builtin_isnan(value)) {
        sum->nan += weight;
    } else if (__builtin_isinf(value)) {
        if (value > 0)
            sum->plus_inf += weight;
        else
            sum->minus_inf += weight;
    } else {
        sum->n += weight;
        neumaier(sum, value * (double)weight);
        if (sum->n == 0)
            sum->sum = sum->error = 0;
    }
}

double lt_real_get(const struct lt_real_sum *sum)
{
    if (sum->nan || (sum->plus_inf && sum->minus_inf))
        return __builtin_nan("");
    if (sum->plus_inf || sum->minus_inf)
        return sum->plus_inf ? __builtin_inf() : -__builtin_inf();
    double total = sum->sum + sum->error;
    return __builtin_isnan(total) ? sum->sum : total; /* the finite sum itself went to infinity */
}

lt_status lt_real_sum_update(const struct lt_agg_call *call, const struct lt_agg_input *in)
{
    LT_UNUSED(call);
    for (uint32_t i = 0; i < in->n; i++)
        lt_real_add((struct lt_real_sum *)lt_agg_state(in, i),
                    lt_agg_double(in->args[0], in->rows[i]),
                    lt_batch_weight(in->batch, in->rows[i]));
    return LT_OK;
}

/* ---- merges -------------------------------------------------------------- */

lt_status lt_int_sum_merge(LT_SUM_MERGE_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(heap), LT_UNUSED(from_heap), LT_UNUSED(err);
    struct lt_int_sum *sum = (struct lt_int_sum *)into;
    const struct lt_int_sum *more = (const struct lt_int_sum *)from;
    lt_int_sum_put(sum, lt_int_sum_get(sum) + lt_int_sum_get(more));
    sum->n += more->n;
    return LT_OK;
}

void lt_int_sum_unmerge(const struct lt_agg_call *call, char *into, const char *from)
{
    LT_UNUSED(call);
    struct lt_int_sum *sum = (struct lt_int_sum *)into;
    const struct lt_int_sum *less = (const struct lt_int_sum *)from;
    lt_int_sum_put(sum, lt_int_sum_get(sum) - lt_int_sum_get(less));
    sum->n -= less->n;
}

lt_status lt_wide_sum_merge(LT_SUM_MERGE_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(heap), LT_UNUSED(from_heap), LT_UNUSED(err);
    lt_wide_merge((struct lt_wide *)into, (const struct lt_wide *)from);
    return LT_OK;
}

void lt_wide_sum_unmerge(const struct lt_agg_call *call, char *into, const char *from)
{
    LT_UNUSED(call);
    lt_wide_unmerge((struct lt_wide *)into, (const struct lt_wide *)from);
}

lt_status lt_real_sum_merge(LT_SUM_MERGE_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(heap), LT_UNUSED(from_heap), LT_UNUSED(err);
    struct lt_real_sum *sum = (struct lt_real_sum *)into;
    const struct lt_real_sum *more = (const struct lt_real_sum *)from;
    neumaier(sum, more->sum);
    sum->error += more->error;
    sum->n += more->n;
    sum->nan += more->nan;
    sum->plus_inf += more->plus_inf;
    sum->minus_inf += more->minus_inf;
    if (sum->n == 0)
        sum->sum = sum->error = 0;
    return LT_OK;
}

/* ---- results ------------------------------------------------------------- */

#define FINISH_ARGS                                                                                \
    const struct lt_agg_call *call, const struct lt_state_heap *heap, const char *state,           \
        struct lt_column *out, uint32_t row, struct lt_error *err

static lt_status int_finish(FINISH_ARGS)
{
    LT_UNUSED(heap);
    const struct lt_int_sum *sum = (const struct lt_int_sum *)state;
    if (sum->n == 0 && call->result->nullable)
        return lt_agg_null(out, row);
    return lt_agg_put_exact(call, lt_int_sum_get(sum), out, row, err);
}

static lt_status int_finish_all(const struct lt_agg_call *call, const struct lt_agg_output *out)
{
    int64_t *values = out->out->values;
    bool plain = out->out->phys == LT_PHYS_I64;
    for (uint32_t i = 0; i < out->n; i++) {
        const struct lt_int_sum *sum = (const struct lt_int_sum *)lt_agg_result_state(out, i);
        uint32_t lane = lt_agg_result_lane(out, i);
        int64_t value;
        if (LT_LIKELY(plain && sum->n != 0 && lt_int_sum_fits(sum, &value)))
            values[lane] = value;
        else
            LT_TRY(int_finish(call, out->heap, (const char *)sum, out->out, lane, out->err));
    }
    return LT_OK;
}

static lt_status wide_finish(FINISH_ARGS)
{
    LT_UNUSED(heap);
    const struct lt_wide *sum = (const struct lt_wide *)state;
    __int128 value;
    if (sum->n == 0 && call->result->nullable)
        return lt_agg_null(out, row);
    if (!lt_wide_get(sum, &value))
        return lt_agg_overflow(call, err);
    return lt_agg_put_exact(call, value, out, row, err);
}

static lt_status real_finish(FINISH_ARGS)
{
    LT_UNUSED(heap), LT_UNUSED(err);
    const struct lt_real_sum *sum = (const struct lt_real_sum *)state;
    if (lt_real_count(sum) == 0 && call->result->nullable)
        return lt_agg_null(out, row);
    if (out->phys == LT_PHYS_F32)
        ((float *)out->values)[row] = (float)lt_real_get(sum);
    else
        ((double *)out->values)[row] = lt_real_get(sum);
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

static lt_status sum_bind(struct lt_bind_aggregate *agg)
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
        type = lt_type_decimal(call->arena, LT_DECIMAL_PRECISION_MAX, type->scale);
        if (!type)
            return LT_NOMEM;
    }
    return lt_agg_result(call, type);
}

static lt_status sum0_bind(struct lt_bind_aggregate *agg)
{
    LT_TRY(sum_bind(agg));
    agg->call.result = lt_type_with_null(agg->call.arena, agg->call.result, false);
    return agg->call.result ? LT_OK : LT_NOMEM;
}

const struct lt_aggregate lt_agg_sum = {
    .name = "SUM",
    .args_min = 1,
    .args_max = 1,
    .bind = sum_bind,
    .signature = "SUM([DISTINCT] value NUMERIC) -> the type of value; DECIMAL(38, s) for DECIMAL",
    .doc = "The sum of the values that are not NULL; NULL when there are none. Only a result that "
           "does not fit its type is an error, never a sum on the way.",
    .example = "SUM(x) FROM (VALUES (1), (2), (4)) AS t(x)",
    .result = "7",
};

const struct lt_aggregate lt_agg_sum0 = {
    .name = "SUM0",
    .aliases = "$SUM0",
    .args_min = 1,
    .args_max = 1,
    .bind = sum0_bind,
    .signature = "SUM0([DISTINCT] value NUMERIC) -> the type of SUM, NOT NULL",
    .doc = "As SUM, but 0 when there are no values.",
    .example = "SUM0(x) FROM (VALUES (CAST(NULL AS INT))) AS t(x)",
    .result = "0",
};
