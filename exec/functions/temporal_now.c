/* temporal_now.c -- the present: PROCTIME, NOW, CURRENT_DATE and their kin.
 *
 * No function reads a clock. PROCTIME is the injected clock when the source handed
 * the batch over; the others are that too in a streaming query, and the start of
 * the statement in a bounded one. */
#include "exec/functions/support.h"

static lt_status constant_i64(struct lt_eval *eval, const struct lt_type *result, int64_t value,
                              struct lt_column **out)
{
    struct lt_column *col = lt_column_new_constant(eval->pool, result, eval->len);
    if (col == NULL)
        return LT_NOMEM;
    if (col->phys == LT_PHYS_I32)
        ((int32_t *)col->values)[0] = (int32_t)value;
    else
        ((int64_t *)col->values)[0] = value;
    *out = col;
    return LT_OK;
}

static int64_t present(const struct lt_eval *eval)
{
    return eval->streaming && eval->batch ? eval->batch->proctime_us : eval->statement_us;
}

enum now { NOW_PROCTIME, NOW_INSTANT, NOW_LOCAL, NOW_DATE, NOW_TIME };

static lt_status now_value(struct lt_eval *eval, enum now what, const struct lt_type *result,
                           struct lt_column **out)
{
    int64_t us = present(eval);
    if (what == NOW_PROCTIME && eval->batch && eval->batch->proctime_us != 0)
        us = eval->batch->proctime_us;
    if (what >= NOW_LOCAL)
        us = lt_tz_to_local(eval->zone, us);
    if (what == NOW_DATE)
        return constant_i64(eval, result, lt_floor_div(us, LT_US_PER_DAY), out);
    if (what == NOW_TIME)
        us = lt_floor_mod(us, LT_US_PER_DAY);
    return constant_i64(eval, result, lt_time_truncate(us, result->precision), out);
}

#define NOW_FUNCTION(id, text, other, what, type, doc_text, usage, sample)                      \
    static lt_status id##_eval(struct lt_eval *eval, struct lt_column *const *args,             \
                               uint32_t n_args, const struct lt_type *result, const void *data, \
                               struct lt_column **out)                                          \
    {                                                                                           \
        LT_UNUSED(args);                                                                        \
        LT_UNUSED(n_args);                                                                      \
        LT_UNUSED(data);                                                                        \
        return now_value(eval, what, result, out);                                              \
    }                                                                                           \
    static const struct lt_kernel id##_kernel = {.name = text, .eval = id##_eval};              \
    static lt_status bind_##id(struct lt_bind_call *call)                                       \
    {                                                                                           \
        return fn_result_nullable(call, &type, &id##_kernel, false);                            \
    }                                                                                           \
    const struct lt_function lt_fn_##id = {                                                     \
        .name = text,                                                                           \
        .aliases = other,                                                                       \
        .family = "temporal",                                                                   \
        .flags = LT_FN_PER_STATEMENT,                                                           \
        .bind = bind_##id,                                                                      \
        .signature = usage,                                                                     \
        .doc = doc_text,                                                                        \
        .example = sample " IS NOT NULL",                                                       \
        .result = "TRUE",                                                                       \
    }
NOW_FUNCTION(proctime, "PROCTIME", NULL, NOW_PROCTIME, lt_type_ltz3,
             "The time at which the source handed the row over.", "PROCTIME() -> TIMESTAMP_LTZ(3)",
             "PROCTIME()");
NOW_FUNCTION(now, "NOW", "CURRENT_TIMESTAMP", NOW_INSTANT, lt_type_ltz3,
             "The present instant: of each row in a streaming query, else of the statement.",
             "NOW() -> TIMESTAMP_LTZ(3)", "NOW()");
NOW_FUNCTION(current_row_timestamp, "CURRENT_ROW_TIMESTAMP", NULL, NOW_PROCTIME, lt_type_ltz3,
             "The instant at which the source handed the row over.",
             "CURRENT_ROW_TIMESTAMP() -> TIMESTAMP_LTZ(3)", "CURRENT_ROW_TIMESTAMP()");
NOW_FUNCTION(localtimestamp, "LOCALTIMESTAMP", NULL, NOW_LOCAL, lt_type_timestamp3,
             "The present on the wall clock of the session's zone.",
             "LOCALTIMESTAMP -> TIMESTAMP(3)", "LOCALTIMESTAMP");
NOW_FUNCTION(current_date, "CURRENT_DATE", NULL, NOW_DATE, lt_type_date,
             "Today in the session's zone.", "CURRENT_DATE -> DATE", "CURRENT_DATE");
NOW_FUNCTION(localtime, "LOCALTIME", "CURRENT_TIME", NOW_TIME, lt_type_time,
             "The present time of day in the session's zone.", "LOCALTIME -> TIME(0)", "LOCALTIME");

/* ---- CURRENT_WATERMARK ---------------------------------------------- */

static lt_status watermark_eval(struct lt_eval *eval, struct lt_column *const *args,
                                uint32_t n_args, const struct lt_type *result, const void *data,
                                struct lt_column **out)
{
    LT_UNUSED(args);
    LT_UNUSED(n_args);
    LT_UNUSED(data);
    if (eval->watermark_us != LT_WATERMARK_MIN)
        return constant_i64(eval, result, eval->watermark_us, out);
    *out = lt_column_new_null(eval->pool, result, eval->len);
    return *out ? LT_OK : LT_NOMEM;
}
static const struct lt_kernel watermark_kernel = {.name = "CURRENT_WATERMARK",
                                                  .eval = watermark_eval};
static lt_status bind_watermark(struct lt_bind_call *call)
{
    if (!lt_type_is_time_attribute_kind(call->args[0]))
        return fn_refuse(call, "the event time column of the table is wanted");
    return fn_result_nullable(call, call->args[0], &watermark_kernel, true);
}
const struct lt_function lt_fn_current_watermark = {
    .name = "CURRENT_WATERMARK",
    .family = "temporal",
    .args_min = 1,
    .args_max = 1,
    .flags = LT_FN_NONDETERMINISTIC | LT_FN_PER_STATEMENT,
    .bind = bind_watermark,
    .signature = "CURRENT_WATERMARK(rowtime) -> the type of rowtime",
    .doc = "The watermark that the row met; NULL while there is none.",
    .example = "CURRENT_WATERMARK(TIMESTAMP '2024-01-01 00:00:00') IS NULL",
    .result = "TRUE",
};
