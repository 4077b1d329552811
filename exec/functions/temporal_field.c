/* temporal_field.c -- EXTRACT and its short forms: YEAR, MONTH, HOUR and so on.
 *
 * Fields of TIMESTAMP_LTZ are those of the wall clock in the session's zone. */
#include "exec/functions/stretch.h"
#include "exec/functions/time_unit.h"

/* ---- one kernel per unit -------------------------------------------- */

static lt_status extract_row(struct fn_row *r, uint32_t i, enum time_unit unit)
{
    bool instant = unit == UNIT_EPOCH && r->args[0]->type->kind == LT_TYPE_TIMESTAMP_LTZ;
    int64_t us = instant ? fn_i64(r, 0, i) : fn_local(r, 0, i);
    return fn_set_i64(r, i, time_unit_extract(unit, us));
}

/* Intervals have no calendar: their fields are counts, with the interval's sign. */
static lt_status extract_interval_row(struct fn_row *r, uint32_t i, enum time_unit unit)
{
    bool months = r->args[0]->type->kind == LT_TYPE_INTERVAL_MONTH;
    int64_t v = months ? fn_i32(r, 0, i) : fn_i64(r, 0, i), size = time_unit_us(unit);
    if (months && unit == UNIT_YEAR)
        return fn_set_i64(r, i, v / 12);
    if (months)
        return fn_set_i64(r, i, unit == UNIT_QUARTER ? v % 12 / 3 + 1 : v % 12);
    switch (unit) {
    case UNIT_DAY: return fn_set_i64(r, i, v / size);
    case UNIT_HOUR: return fn_set_i64(r, i, v / size % 24);
    case UNIT_MINUTE:
    case UNIT_SECOND: return fn_set_i64(r, i, v / size % 60);
    case UNIT_EPOCH: return fn_set_i64(r, i, v / LT_US_PER_SECOND);
    default: return fn_set_i64(r, i, v % LT_US_PER_MINUTE / size);
    }
}

/* What the clock shows stays the same for the unit, what the calendar shows for a day. */
static int64_t field_stretch_us(enum time_unit unit)
{
    if (unit == UNIT_EPOCH)
        return LT_US_PER_SECOND;
    return unit < UNIT_DAY ? time_unit_us(unit) : LT_US_PER_DAY;
}

#define FIELD_KERNEL(id, row, unit)                                                              \
    static lt_status id##_eval(struct lt_eval *eval, struct lt_column *const *args,              \
                               uint32_t n_args, const struct lt_type *result, const void *data,  \
                               struct lt_column **out)                                           \
    {                                                                                            \
        return fn_stretches(eval, args, n_args, result, data, field_stretch_us(unit), out, row); \
    }                                                                                            \
    static const struct lt_kernel id = {                                                         \
        .name = #id, .eval = id##_eval, .strict = true, .total = true};

#define UNIT_KERNELS(unit)                                             \
    static lt_status unit##_row(struct fn_row *r, uint32_t i)          \
    {                                                                  \
        return extract_row(r, i, unit);                                \
    }                                                                  \
    static lt_status unit##_interval_row(struct fn_row *r, uint32_t i) \
    {                                                                  \
        return extract_interval_row(r, i, unit);                       \
    }                                                                  \
    FIELD_KERNEL(unit##_kernel, unit##_row, unit)                      \
    FN_TOTAL_KERNEL(unit##_interval_kernel, unit##_interval_row);
UNIT_KERNELS(UNIT_MICROSECOND)
UNIT_KERNELS(UNIT_MILLISECOND)
UNIT_KERNELS(UNIT_SECOND)
UNIT_KERNELS(UNIT_MINUTE)
UNIT_KERNELS(UNIT_HOUR)
UNIT_KERNELS(UNIT_DAY)
UNIT_KERNELS(UNIT_WEEK)
UNIT_KERNELS(UNIT_MONTH)
UNIT_KERNELS(UNIT_QUARTER)
UNIT_KERNELS(UNIT_YEAR)
UNIT_KERNELS(UNIT_DECADE)
UNIT_KERNELS(UNIT_CENTURY)
UNIT_KERNELS(UNIT_MILLENNIUM)
UNIT_KERNELS(UNIT_DOW)
UNIT_KERNELS(UNIT_ISODOW)
UNIT_KERNELS(UNIT_DOY)
UNIT_KERNELS(UNIT_ISOYEAR)
UNIT_KERNELS(UNIT_EPOCH)

static const struct lt_kernel *const unit_kernels[UNIT_COUNT][2] = {
    {&UNIT_MICROSECOND_kernel, &UNIT_MICROSECOND_interval_kernel},
    {&UNIT_MILLISECOND_kernel, &UNIT_MILLISECOND_interval_kernel},
    {&UNIT_SECOND_kernel, &UNIT_SECOND_interval_kernel},
    {&UNIT_MINUTE_kernel, &UNIT_MINUTE_interval_kernel},
    {&UNIT_HOUR_kernel, &UNIT_HOUR_interval_kernel},
    {&UNIT_DAY_kernel, &UNIT_DAY_interval_kernel},
    {&UNIT_WEEK_kernel, &UNIT_WEEK_interval_kernel},
    {&UNIT_MONTH_kernel, &UNIT_MONTH_interval_kernel},
    {&UNIT_QUARTER_kernel, &UNIT_QUARTER_interval_kernel},
    {&UNIT_YEAR_kernel, &UNIT_YEAR_interval_kernel},
    {&UNIT_DECADE_kernel, &UNIT_DECADE_interval_kernel},
    {&UNIT_CENTURY_kernel, &UNIT_CENTURY_interval_kernel},
    {&UNIT_MILLENNIUM_kernel, &UNIT_MILLENNIUM_interval_kernel},
    {&UNIT_DOW_kernel, &UNIT_DOW_interval_kernel},
    {&UNIT_ISODOW_kernel, &UNIT_ISODOW_interval_kernel},
    {&UNIT_DOY_kernel, &UNIT_DOY_interval_kernel},
    {&UNIT_ISOYEAR_kernel, &UNIT_ISOYEAR_interval_kernel},
    {&UNIT_EPOCH_kernel, &UNIT_EPOCH_interval_kernel},
};

/* ---- binding -------------------------------------------------------- */

static bool unit_of_interval(enum lt_type_kind kind, enum time_unit unit)
{
    if (kind == LT_TYPE_INTERVAL_MONTH)
        return unit == UNIT_MONTH || unit == UNIT_QUARTER || unit == UNIT_YEAR;
    return unit <= UNIT_DAY || unit == UNIT_EPOCH;
}

/* Argument `at` holds the time; its field `unit` is the result. */
static lt_status bind_unit(struct lt_bind_call *call, uint32_t at, enum time_unit unit,
                           const struct lt_kernel **kernel)
{
    const struct lt_type *type = call->args[at];
    bool interval = type->kind == LT_TYPE_INTERVAL_DAY || type->kind == LT_TYPE_INTERVAL_MONTH;
    if (type->kind == LT_TYPE_NULL || lt_type_is_char(type)) {
        LT_TRY(fn_want(call, at, &lt_type_timestamp6));
        type = call->args[at];
    }
    if (interval ? !unit_of_interval(type->kind, unit)
                 : type->kind < LT_TYPE_DATE || type->kind > LT_TYPE_TIMESTAMP_LTZ)
        return fn_refuse(call, "a date, time, timestamp or interval that has this field is wanted");
    if (type->kind == LT_TYPE_TIME && unit >= UNIT_DAY && unit != UNIT_EPOCH)
        return fn_refuse(call, "a TIME has no date");
    *kernel = unit_kernels[unit][interval];
    return LT_OK;
}

#define FIELD_FUNCTION(id, text, unit, what, sample, prints) \
    static lt_status bind_##id(struct lt_bind_call *call)    \
    {                                                        \
        const struct lt_kernel *kernel = NULL;               \
        LT_TRY(bind_unit(call, 0, unit, &kernel));           \
        return fn_result(call, &lt_type_bigint, kernel);     \
    }                                                        \
    FN(id, text, NULL, "temporal", 1, 1, bind_##id, text "(time) -> BIGINT", what, sample, prints)
FIELD_FUNCTION(year, "YEAR", UNIT_YEAR, "The year.", "YEAR(DATE '2024-03-31')", "2024");
FIELD_FUNCTION(quarter, "QUARTER", UNIT_QUARTER, "The quarter of the year, from 1.",
               "QUARTER(DATE '2024-03-31')", "1");
FIELD_FUNCTION(month, "MONTH", UNIT_MONTH, "The month, from 1.", "MONTH(DATE '2024-03-31')", "3");
FIELD_FUNCTION(week, "WEEK", UNIT_WEEK, "The ISO week of the year.", "WEEK(DATE '2021-01-03')",
               "53");
FIELD_FUNCTION(dayofyear, "DAYOFYEAR", UNIT_DOY, "The day of the year, from 1.",
               "DAYOFYEAR(DATE '2024-03-01')", "61");
FIELD_FUNCTION(dayofmonth, "DAYOFMONTH", UNIT_DAY, "The day of the month, from 1.",
               "DAYOFMONTH(DATE '2024-03-31')", "31");
FIELD_FUNCTION(dayofweek, "DAYOFWEEK", UNIT_DOW, "The day of the week; 1 is Sunday.",
               "DAYOFWEEK(DATE '1994-09-27')", "3");
FIELD_FUNCTION(hour, "HOUR", UNIT_HOUR, "The hour, from 0.",
               "HOUR(TIMESTAMP '1994-09-27 13:14:15')", "13");
FIELD_FUNCTION(minute, "MINUTE", UNIT_MINUTE, "The minute, from 0.",
               "MINUTE(TIMESTAMP '1994-09-27 13:14:15')", "14");
FIELD_FUNCTION(second, "SECOND", UNIT_SECOND, "The whole second, from 0.",
               "SECOND(TIMESTAMP '1994-09-27 13:14:15')", "15");

/* EXTRACT(unit, time): the kernel takes the time alone, so it is shifted to the front. */
static lt_status extract_eval(struct lt_eval *eval, struct lt_column *const *args, uint32_t n_args,
                              const struct lt_type *result, const void *data,
                              struct lt_column **out)
{
    const enum time_unit *unit = data;
    bool interval = args[1]->type->kind == LT_TYPE_INTERVAL_DAY ||
                    args[1]->type->kind == LT_TYPE_INTERVAL_MONTH;
    return unit_kernels[*unit][interval]->eval(eval, args + 1, n_args - 1, result, NULL, out);
}

static lt_status extract_prepare(struct lt_alloc *alloc, const struct lt_column *const *constants,
                                 uint32_t n_args, const struct lt_type *const *types, void **data,
                                 struct lt_error *err)
{
    enum time_unit *unit = lt_alloc_zero(alloc, sizeof(*unit));
    LT_UNUSED(n_args);
    LT_UNUSED(types);
    LT_UNUSED(err);
    if (unit == NULL)
        return LT_NOMEM;
    LT_ASSERT(constants[0]);
    time_unit_find(lt_sv_str((const struct lt_sv *)constants[0]->values), unit);
    *data = unit;
    return LT_OK;
}

static void extract_release(struct lt_alloc *alloc, void *data)
{
    lt_alloc_put(alloc, data, sizeof(enum time_unit));
}

static const struct lt_kernel extract_kernel = {.name = "EXTRACT",
                                                .eval = extract_eval,
                                                .prepare = extract_prepare,
                                                .release = extract_release,
                                                .strict = true,
                                                .total = true};

static lt_status bind_extract(struct lt_bind_call *call)
{
    const struct lt_kernel *unused;
    enum time_unit unit;
    LT_TRY(time_unit_bind(call, 0, UNIT_EPOCH, &unit));
    LT_TRY(bind_unit(call, 1, unit, &unused));
    return fn_result(call, &lt_type_bigint, &extract_kernel);
}
FN(extract, "EXTRACT", NULL, "temporal", 2, 2, bind_extract, "EXTRACT(unit FROM time) -> BIGINT",
   "A field of a date, time, timestamp or interval: MICROSECOND to MILLENNIUM, DOW, DOY, ISODOW, "
   "ISOYEAR, EPOCH.",
   "EXTRACT(DAY FROM DATE '2006-06-05')", "5");
