/* variance.c -- VAR_POP, VAR_SAMP, STDDEV_POP, STDDEV_SAMP.
 *
 * Welford's running mean and sum of squared distances (Technometrics 1962), merged as
 * in Chan, Golub and LeVeque (1979); a row is taken out by the same step backwards.
 * NaN and infinities are counted apart: while one is there the result is NaN. Results
 * are DOUBLE whatever the argument. */
#include "exec/aggregates/common.h"

struct spread {
    double mean, squares;
    int64_t n;    /* finite values */
    int64_t rest; /* NaN and infinities */
};

static void spread_add(struct spread *s, double value)
{
    double delta = value - s->mean;
    s->n++;
    s->mean += delta / (double)s->n;
    s->squares += delta * (value - s->mean);
}

static void spread_remove(struct spread *s, double value)
{
    if (--s->n <= 0) {
        s->mean = s->squares = 0;
        return;
    }
    double delta = value - s->mean;
    s->mean -= delta / (double)s->n;
    s->squares -= delta * (value - s->mean);
    if (s->squares < 0)
        s->squares = 0;
}

static lt_status spread_update(LT_AGG_UPDATE_ARGS)
{
    LT_UNUSED(call);
    for (uint32_t i = 0; i < in->n; i++) {
        struct spread *s = (struct spread *)lt_agg_state(in, i);
        double value = lt_agg_double(in->args[0], in->rows[i]);
        int32_t weight = lt_batch_weight(in->batch, in->rows[i]);
        if (!__builtin_isfinite(value)) {
            s->rest += weight;
            continue;
        }
        for (; weight > 0; weight--)
            spread_add(s, value);
        for (; weight < 0; weight++)
            spread_remove(s, value);
    }
    return LT_OK;
}

static lt_status spread_merge(LT_AGG_MERGE_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(heap), LT_UNUSED(from_heap), LT_UNUSED(err);
    struct spread *s = (struct spread *)into;
    const struct spread *more = (const struct spread *)from;
    s->rest += more->rest;
    if (more->n == 0)
        return LT_OK;
    if (s->n == 0) {
        s->mean = more->mean;
        s->squares = more->squares;
        s->n = more->n;
        return LT_OK;
    }
    double n = (double)(s->n + more->n), delta = more->mean - s->mean;
    s->squares += more->squares + delta * delta * ((double)s->n * (double)more->n / n);
    s->mean += delta * ((double)more->n / n);
    s->n += more->n;
    return LT_OK;
}

/* `less`: 1 divides by n - 1; a sample of one has no variance. */
static lt_status spread_finish(const char *state, int less, bool root, struct lt_column *out,
                               uint32_t row)
{
    const struct spread *s = (const struct spread *)state;
    if (s->n + s->rest <= less)
        return lt_agg_null(out, row);
    double value = s->rest ? __builtin_nan("") : s->squares / (double)(s->n - less);
    ((double *)out->values)[row] = root ? __builtin_sqrt(value) : value;
    return LT_OK;
}

static lt_status var_pop(LT_AGG_FINISH_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(heap), LT_UNUSED(err);
    return spread_finish(state, 0, false, out, row);
}

static lt_status var_samp(LT_AGG_FINISH_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(heap), LT_UNUSED(err);
    return spread_finish(state, 1, false, out, row);
}

static lt_status stddev_pop(LT_AGG_FINISH_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(heap), LT_UNUSED(err);
    return spread_finish(state, 0, true, out, row);
}

static lt_status stddev_samp(LT_AGG_FINISH_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(heap), LT_UNUSED(err);
    return spread_finish(state, 1, true, out, row);
}

static lt_status spread_bind(struct lt_bind_aggregate *agg, const struct lt_agg_kernel *kernel)
{
    struct lt_bind_call *call = &agg->call;
    if (call->args[0]->kind == LT_TYPE_NULL)
        call->args[0] = &lt_type_double;
    if (!lt_type_is_numeric(call->args[0]))
        return lt_agg_refuse(call, 0, "a number");
    agg->kernel = kernel;
    return lt_agg_result(call, &lt_type_double);
}

#define SPREAD(id, sql, other, finish_fn, what, answer)                                            \
    static const struct lt_agg_kernel id##_kernel = {                                              \
        .state_size = sizeof(struct spread),                                                       \
        .update = spread_update,                                                                   \
        .merge = spread_merge,                                                                     \
        .finish = finish_fn,                                                                       \
        .retractable = true,                                                                       \
    };                                                                                             \
    static lt_status id##_bind(struct lt_bind_aggregate *agg)                                      \
    {                                                                                              \
        return spread_bind(agg, &id##_kernel);                                                     \
    }                                                                                              \
    const struct lt_aggregate lt_agg_##id = {                                                      \
        .name = sql,                                                                               \
        .aliases = other,                                                                          \
        .args_min = 1,                                                                             \
        .args_max = 1,                                                                             \
        .bind = id##_bind,                                                                         \
        .signature = sql "([DISTINCT] value NUMERIC) -> DOUBLE",                                   \
        .doc = what,                                                                               \
        .example = sql "(x) FROM (VALUES (2.0E0), (4.0E0), (6.0E0), (8.0E0)) AS t(x)",             \
        .result = answer,                                                                          \
    }

SPREAD(var_pop, "VAR_POP", NULL, var_pop,
       "The variance of all values that are not NULL, divided by their number.", "5.0");
SPREAD(var_samp, "VAR_SAMP", "VARIANCE", var_samp,
       "The variance of a sample: divided by one less than the number of values; NULL for fewer "
       "than two.",
       "6.666666666666667");
SPREAD(stddev_pop, "STDDEV_POP", NULL, stddev_pop, "The square root of VAR_POP.",
       "2.23606797749979");
SPREAD(stddev_samp, "STDDEV_SAMP", "STDDEV", stddev_samp, "The square root of VAR_SAMP.",
       "2.581988897471611");
