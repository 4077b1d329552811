/* bool.c -- BOOL_AND (EVERY) and BOOL_OR (SOME): two counts answer both. */
#include "exec/aggregates/common.h"

struct votes {
    int64_t yes, no;
};

static lt_status votes_update(LT_AGG_UPDATE_ARGS)
{
    LT_UNUSED(call);
    const uint8_t *values = in->args[0]->values;
    for (uint32_t i = 0; i < in->n; i++) {
        struct votes *votes = (struct votes *)lt_agg_state(in, i);
        int32_t weight = lt_batch_weight(in->batch, in->rows[i]);
        if (values[in->rows[i]])
            votes->yes += weight;
        else
            votes->no += weight;
    }
    return LT_OK;
}

static lt_status votes_merge(LT_AGG_MERGE_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(heap), LT_UNUSED(from_heap), LT_UNUSED(err);
    ((struct votes *)into)->yes += ((const struct votes *)from)->yes;
    ((struct votes *)into)->no += ((const struct votes *)from)->no;
    return LT_OK;
}

static void votes_unmerge(const struct lt_agg_call *call, char *into, const char *from)
{
    LT_UNUSED(call);
    ((struct votes *)into)->yes -= ((const struct votes *)from)->yes;
    ((struct votes *)into)->no -= ((const struct votes *)from)->no;
}

static lt_status votes_put(const char *state, bool all, struct lt_column *out, uint32_t row)
{
    const struct votes *votes = (const struct votes *)state;
    if (votes->yes + votes->no == 0)
        return lt_agg_null(out, row);
    ((uint8_t *)out->values)[row] = all ? votes->no == 0 : votes->yes > 0;
    return LT_OK;
}

static lt_status and_finish(LT_AGG_FINISH_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(heap), LT_UNUSED(err);
    return votes_put(state, true, out, row);
}

static lt_status or_finish(LT_AGG_FINISH_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(heap), LT_UNUSED(err);
    return votes_put(state, false, out, row);
}

#define VOTES_KERNEL(finish_fn)                                                                    \
    {                                                                                              \
        .state_size = sizeof(struct votes), .update = votes_update, .merge = votes_merge,          \
        .finish = finish_fn, .idempotent = true, .retractable = true, .invertible = true,          \
        .unmerge = votes_unmerge                                                                   \
    }
static const struct lt_agg_kernel and_kernel = VOTES_KERNEL(and_finish);
static const struct lt_agg_kernel or_kernel = VOTES_KERNEL(or_finish);

static lt_status votes_bind(struct lt_bind_aggregate *agg, const struct lt_agg_kernel *kernel)
{
    if (agg->call.args[0]->kind == LT_TYPE_NULL)
        agg->call.args[0] = &lt_type_boolean;
    if (agg->call.args[0]->kind != LT_TYPE_BOOLEAN)
        return lt_agg_refuse(&agg->call, 0, "a BOOLEAN");
    agg->kernel = kernel;
    return lt_agg_result(&agg->call, &lt_type_boolean);
}

static lt_status and_bind(struct lt_bind_aggregate *agg)
{
    return votes_bind(agg, &and_kernel);
}

static lt_status or_bind(struct lt_bind_aggregate *agg)
{
    return votes_bind(agg, &or_kernel);
}

const struct lt_aggregate lt_agg_bool_and = {
    .name = "BOOL_AND",
    .aliases = "EVERY",
    .args_min = 1,
    .args_max = 1,
    .bind = and_bind,
    .signature = "BOOL_AND(value BOOLEAN) -> BOOLEAN",
    .doc = "Whether every value that is not NULL is TRUE; NULL when there are none.",
    .example = "BOOL_AND(x) FROM (VALUES (TRUE), (FALSE)) AS t(x)",
    .result = "FALSE",
};

const struct lt_aggregate lt_agg_bool_or = {
    .name = "BOOL_OR",
    .aliases = "SOME",
    .args_min = 1,
    .args_max = 1,
    .bind = or_bind,
    .signature = "BOOL_OR(value BOOLEAN) -> BOOLEAN",
    .doc = "Whether some value is TRUE; NULL when no value is other than NULL.",
    .example = "BOOL_OR(x) FROM (VALUES (TRUE), (FALSE)) AS t(x)",
    .result = "TRUE",
};
