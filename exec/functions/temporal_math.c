/* temporal_math.c -- TIMESTAMPADD, TIMESTAMPDIFF, FLOOR and CEIL TO a unit, OVERLAPS.
 *
 * TIMESTAMP_LTZ counts days and longer units on the wall clock of the session's
 * zone, shorter ones on the time line, so an hour is an hour across a DST change. */
#include "exec/functions/temporal_math.h"

#include "exec/functions/stretch.h"

/* The unit is the first argument here, a constant. */
static lt_status unit_prepare_at(struct lt_alloc *alloc, const struct lt_column *constant,
                                 void **data)
{
    enum time_unit *unit = lt_alloc_zero(alloc, sizeof(*unit));
    if (unit == NULL)
        return LT_NOMEM;
    LT_ASSERT(constant);
    time_unit_find(lt_sv_str((const struct lt_sv *)constant->values), unit);
    *data = unit;
    return LT_OK;
}
static lt_status unit_prepare_first(struct lt_alloc *alloc,
                                    const struct lt_column *const *constants, uint32_t n_args,
                                    const struct lt_type *const *types, void **data,
                                    struct lt_error *err)
{
    LT_UNUSED(n_args);
    LT_UNUSED(types);
    LT_UNUSED(err);
    return unit_prepare_at(alloc, constants[0], data);
}
static lt_status unit_prepare_second(struct lt_alloc *alloc,
                                     const struct lt_column *const *constants, uint32_t n_args,
                                     const struct lt_type *const *types, void **data,
                                     struct lt_error *err)
{
    LT_UNUSED(n_args);
    LT_UNUSED(types);
    LT_UNUSED(err);
    return unit_prepare_at(alloc, constants[1], data);
}
static void unit_release(struct lt_alloc *alloc, void *data)
{
    lt_alloc_put(alloc, data, sizeof(enum time_unit));
}

#define UNIT_KERNEL(id, row, preparer)                    \
    FN_EVAL(id, row, false)                               \
    const struct lt_kernel id = {.name = #id,             \
                                 .eval = id##_eval,       \
                                 .prepare = preparer,     \
                                 .release = unit_release, \
                                 .strict = true}

static bool is_time(const struct lt_type *t)
{
    return t->kind >= LT_TYPE_DATE && t->kind <= LT_TYPE_TIMESTAMP_LTZ;
}

static lt_status time_put(struct fn_row *r, uint32_t i, int64_t us)
{
    if (r->result->kind == LT_TYPE_DATE)
        return fn_set_i32(r, i, lt_floor_div(us, LT_US_PER_DAY));
    if (r->result->kind == LT_TYPE_TIME)
        us = lt_floor_mod(us, LT_US_PER_DAY);
    return fn_set_i64(r, i, us);
}

/* ---- FLOOR and CEIL ------------------------------------------------- */

static lt_status round_row(struct fn_row *r, uint32_t i, int64_t (*round)(enum time_unit, int64_t))
{
    const enum time_unit *unit = r->data;
    int64_t us = round(*unit, fn_local(r, 0, i));
    if (r->result->kind == LT_TYPE_TIMESTAMP_LTZ)
        us = lt_tz_to_instant(r->eval->zone, us);
    return time_put(r, i, us);
}
static lt_status time_floor_row(struct fn_row *r, uint32_t i)
{
    return round_row(r, i, time_unit_floor);
}
static lt_status time_ceil_row(struct fn_row *r, uint32_t i)
{
    return round_row(r, i, time_unit_ceil);
}
/* CEIL of the unit's very beginning is itself, so only FLOOR is the same for all of it. */
static lt_status time_floor_eval(struct lt_eval *eval, struct lt_column *const *args,
                                 uint32_t n_args, const struct lt_type *result, const void *data,
                                 struct lt_column **out)
{
    enum time_unit unit = *(const enum time_unit *)data;
    int64_t unit_us = unit < UNIT_DAY ? time_unit_us(unit) : LT_US_PER_DAY;
    return fn_stretches(eval, args, n_args, result, data, unit_us, out, time_floor_row);
}
const struct lt_kernel time_floor_kernel = {.name = "FLOOR TO",
                                            .eval = time_floor_eval,
                                            .prepare = unit_prepare_second,
                                            .release = unit_release,
                                            .strict = true};
UNIT_KERNEL(time_ceil_kernel, time_ceil_row, unit_prepare_second);

lt_status temporal_bind_round(struct lt_bind_call *call, const struct lt_kernel *kernel)
{
    enum time_unit unit;
    LT_TRY(time_unit_bind(call, 1, UNIT_MILLENNIUM, &unit));
    if (!is_time(call->args[0]))
        return fn_refuse(call, "a date, time or timestamp is wanted before TO");
    if (call->args[0]->kind == LT_TYPE_TIME && unit > UNIT_HOUR)
        return fn_refuse(call, "a TIME has no date");
    return fn_result(call, call->args[0], kernel);
}

/* ---- TIMESTAMPADD --------------------------------------------------- */

static lt_status out_of_range(struct fn_row *r)
{
    return lt_fail(r->eval->err, LT_DATA, "the result is out of the range of times");
}

static lt_status add_row(struct fn_row *r, uint32_t i)
{
    const enum time_unit *unit = r->data;
    bool instant = r->args[2]->type->kind == LT_TYPE_TIMESTAMP_LTZ;
    int64_t n = fn_i64(r, 1, i), by, us = instant ? fn_i64(r, 2, i) : fn_local(r, 2, i);
    bool on_clock = instant && *unit >= UNIT_DAY;
    if (on_clock)
        us = lt_tz_to_local(r->eval->zone, us);
    if (time_unit_months(*unit) > 0) {
        if (__builtin_mul_overflow(n, time_unit_months(*unit), &by) || by > 120000 || by < -120000)
            return out_of_range(r);
        us = lt_us_add_months(us, (int32_t)by);
    } else if (__builtin_mul_overflow(n, time_unit_us(*unit), &by) ||
               __builtin_add_overflow(us, by, &us)) {
        return out_of_range(r);
    }
    if (on_clock)
        us = lt_tz_to_instant(r->eval->zone, us);
    return time_put(r, i, us);
}
UNIT_KERNEL(time_add_kernel, add_row, unit_prepare_first);

/* A date moved by hours is a timestamp; one that shows no milliseconds gets them when
 * it is moved by them. */
static lt_status bind_add(struct lt_bind_call *call)
{
    enum time_unit unit;
    const struct lt_type *type;
    unsigned precision;
    LT_TRY(time_unit_bind(call, 0, UNIT_MILLENNIUM, &unit));
    LT_TRY(fn_want(call, 1, &lt_type_bigint));
    if (!is_time(call->args[2]))
        LT_TRY(fn_want(call, 2, &lt_type_timestamp6));
    type = call->args[2];
    precision = unit == UNIT_MICROSECOND ? 6 : unit == UNIT_MILLISECOND ? 3 : 0;
    if (type->kind == LT_TYPE_TIME && unit > UNIT_HOUR)
        return fn_refuse(call, "a TIME has no date");
    if (type->kind == LT_TYPE_DATE && unit < UNIT_DAY)
        type = lt_type_temporal(call->arena, LT_TYPE_TIMESTAMP, precision);
    else if (type->kind != LT_TYPE_DATE && type->precision < precision)
        type = lt_type_temporal(call->arena, type->kind, precision);
    return fn_result(call, type, &time_add_kernel);
}
FN(timestampadd, "TIMESTAMPADD", NULL, "temporal", 3, 3, bind_add,
   "TIMESTAMPADD(unit, n BIGINT, time) -> the type of time",
   "The time n units later; months end on the last day when the day is missing.",
   "TIMESTAMPADD(MONTH, 1, DATE '2024-01-31')", "2024-02-29");

/* ---- TIMESTAMPDIFF -------------------------------------------------- */

/* Whole months from a to b, towards zero. */
static int64_t months_between(int64_t a, int64_t b)
{
    struct lt_civil x, y;
    int64_t months;
    lt_civil_from_us(a, &x);
    lt_civil_from_us(b, &y);
    months = ((int64_t)y.year - x.year) * 12 + y.month - x.month;
    if (months > 0 && lt_us_add_months(a, (int32_t)months) > b)
        months--;
    else if (months < 0 && lt_us_add_months(a, (int32_t)months) < b)
        months++;
    return months;
}

static lt_status diff_row(struct fn_row *r, uint32_t i)
{
    const enum time_unit *unit = r->data;
    bool instants = r->args[1]->type->kind == LT_TYPE_TIMESTAMP_LTZ && *unit < UNIT_DAY;
    int64_t a = instants ? fn_i64(r, 1, i) : fn_local(r, 1, i);
    int64_t b = instants ? fn_i64(r, 2, i) : fn_local(r, 2, i), v;
    if (time_unit_months(*unit) > 0) {
        v = months_between(a, b) / time_unit_months(*unit);
    } else {
        if (__builtin_sub_overflow(b, a, &v))
            return out_of_range(r);
        v /= time_unit_us(*unit);
    }
    if (r->out->phys == LT_PHYS_I64)
        return fn_set_i64(r, i, v);
    if (v != (int32_t)v)
        return lt_fail(r->eval->err, LT_DATA,
                       "TIMESTAMPDIFF gives INT and %lld does not fit: use a larger unit",
                       (long long)v);
    return fn_set_i32(r, i, v);
}
UNIT_KERNEL(time_diff_kernel, diff_row, unit_prepare_first);

static lt_status bind_diff(struct lt_bind_call *call)
{
    enum time_unit unit;
    const struct lt_type *type;
    lt_status status;
    LT_TRY(time_unit_bind(call, 0, UNIT_MILLENNIUM, &unit));
    for (uint32_t i = 1; i < 3; i++) {
        if (!is_time(call->args[i]))
            LT_TRY(fn_want(call, i, &lt_type_timestamp6));
    }
    status = lt_common_type(call->arena, 2, call->args + 1, &type);
    if (status == LT_INVALID)
        return fn_refuse(call, "the two times are of different kinds, CAST one");
    LT_TRY(status);
    LT_TRY(fn_force(call, 1, type));
    LT_TRY(fn_force(call, 2, type));
    return fn_result(call, unit < UNIT_SECOND ? &lt_type_bigint : &lt_type_int, &time_diff_kernel);
}
FN(timestampdiff, "TIMESTAMPDIFF", NULL, "temporal", 3, 3, bind_diff,
   "TIMESTAMPDIFF(unit, from, to) -> INT",
   "How many whole units lie between two times, negative when `to` is the earlier. BIGINT for "
   "units "
   "below the second.",
   "TIMESTAMPDIFF(DAY, DATE '2024-02-28', DATE '2024-03-01')", "2");

/* ---- OVERLAPS ------------------------------------------------------- */

static int64_t time_of(const struct lt_eval *eval, struct lt_cell cell)
{
    switch (cell.col->type->kind) {
    case LT_TYPE_DATE: return ((const int32_t *)cell.col->values)[cell.lane] * LT_US_PER_DAY;
    case LT_TYPE_TIMESTAMP_LTZ:
        return lt_tz_to_local(eval->zone, ((const int64_t *)cell.col->values)[cell.lane]);
    default: return ((const int64_t *)cell.col->values)[cell.lane];
    }
}

struct period {
    int64_t start, end;
};

/* A row of a start and an end, which may be a length; false when one is NULL. */
static bool period_of(const struct fn_row *r, uint32_t a, uint32_t i, struct period *out)
{
    struct lt_cell row = lt_column_cell(r->args[a], i);
    struct lt_cell start = lt_column_cell(row.col->children[0], row.lane);
    struct lt_cell end = lt_column_cell(row.col->children[1], row.lane);
    int64_t from, to;
    if (start.null || end.null)
        return false;
    from = time_of(r->eval, start);
    if (end.col->type->kind == LT_TYPE_INTERVAL_DAY)
        to = from + ((const int64_t *)end.col->values)[end.lane];
    else if (end.col->type->kind == LT_TYPE_INTERVAL_MONTH)
        to = lt_us_add_months(from, ((const int32_t *)end.col->values)[end.lane]);
    else
        to = time_of(r->eval, end);
    *out = (struct period){from < to ? from : to, from < to ? to : from};
    return true;
}

static lt_status overlaps_row(struct fn_row *r, uint32_t i)
{
    struct period a, b;
    if (!period_of(r, 0, i, &a) || !period_of(r, 1, i, &b))
        return fn_set_null(r, i);
    return fn_set_bool(r, i, a.start <= b.end && b.start <= a.end);
}
FN_TOTAL_KERNEL(overlaps_kernel, overlaps_row);

static bool is_period(const struct lt_type *type)
{
    const struct lt_type *end;
    if (type->kind != LT_TYPE_ROW || type->n_children != 2 || !is_time(type->children[0]))
        return false;
    end = type->children[1];
    return is_time(end) || end->kind == LT_TYPE_INTERVAL_DAY || end->kind == LT_TYPE_INTERVAL_MONTH;
}

static lt_status bind_overlaps(struct lt_bind_call *call)
{
    if (!is_period(call->args[0]) || !is_period(call->args[1]))
        return fn_refuse(call, "(start, end) OVERLAPS (start, end) takes times; an end may be an "
                               "interval");
    if (call->args[0]->children[0]->kind != call->args[1]->children[0]->kind)
        return fn_refuse(call, "the two periods are of different kinds, CAST one");
    return fn_result_nullable(call, &lt_type_boolean, &overlaps_kernel, true);
}
FN(overlaps, "OVERLAPS", NULL, "temporal", 2, 2, bind_overlaps, "(a, b) OVERLAPS (c, d) -> BOOLEAN",
   "TRUE when two periods have an instant in common; an end may be an interval from the start.",
   "(TIME '2:55:00', INTERVAL '1' HOUR) OVERLAPS (TIME '3:30:00', INTERVAL '2' HOUR)", "TRUE");
