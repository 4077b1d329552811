/* arith_time.c -- times moved by intervals, and the arithmetic of intervals.
 *
 * A month interval moves the calendar and clips the day to the month's last; on
 * TIMESTAMP_LTZ it moves the wall clock of the session's zone. A day interval is a
 * fixed length. TIME turns around at midnight. */
#include "exec/functions/arith_internal.h"

#include <math.h>

static bool is_interval(const struct lt_type *t)
{
    return t->kind == LT_TYPE_INTERVAL_DAY || t->kind == LT_TYPE_INTERVAL_MONTH;
}

static bool is_time(const struct lt_type *t)
{
    return t->kind >= LT_TYPE_DATE && t->kind <= LT_TYPE_TIMESTAMP_LTZ;
}

static lt_status time_overflow(struct fn_row *r)
{
    return lt_fail(r->eval->err, LT_DATA,
                   "the result is out of the range of times: use a smaller interval");
}

/* ---- a time and an interval; the interval is the second argument ---- */

static lt_status move_months(struct fn_row *r, uint32_t i, int64_t us, int64_t months)
{
    enum lt_type_kind kind = r->result->kind;
    if (months > 120000 || months < -120000)
        return time_overflow(r);
    if (kind == LT_TYPE_TIMESTAMP_LTZ)
        us = lt_tz_to_local(r->eval->zone, us);
    us = lt_us_add_months(us, (int32_t)months);
    if (kind == LT_TYPE_TIMESTAMP_LTZ)
        us = lt_tz_to_instant(r->eval->zone, us);
    if (kind == LT_TYPE_DATE)
        return fn_set_i32(r, i, lt_floor_div(us, LT_US_PER_DAY));
    return fn_set_i64(r, i, us);
}

static lt_status move_row(struct fn_row *r, uint32_t i, int64_t sign)
{
    enum lt_type_kind kind = r->result->kind;
    int64_t us =
        r->args[0]->phys == LT_PHYS_I32 ? fn_i32(r, 0, i) * LT_US_PER_DAY : fn_i64(r, 0, i);
    int64_t by;
    if (r->args[1]->type->kind == LT_TYPE_INTERVAL_MONTH) {
        by = sign * fn_i32(r, 1, i);
        return kind == LT_TYPE_TIME ? fn_set_i64(r, i, us) : move_months(r, i, us, by);
    }
    by = fn_i64(r, 1, i);
    if (sign < 0 ? __builtin_sub_overflow(us, by, &us) : __builtin_add_overflow(us, by, &us))
        return time_overflow(r);
    if (kind == LT_TYPE_DATE)
        return fn_set_i32(r, i, lt_floor_div(us, LT_US_PER_DAY));
    if (kind == LT_TYPE_TIME)
        us = lt_floor_mod(us, LT_US_PER_DAY);
    return fn_set_i64(r, i, lt_time_truncate(us, r->result->precision));
}

static lt_status move_forward_row(struct fn_row *r, uint32_t i)
{
    return move_row(r, i, 1);
}
static lt_status move_back_row(struct fn_row *r, uint32_t i)
{
    return move_row(r, i, -1);
}
/* INTERVAL + time. */
static lt_status move_swapped_row(struct fn_row *r, uint32_t i)
{
    struct lt_column *swapped[2] = {r->args[1], r->args[0]};
    struct fn_row s = *r;
    s.args = swapped;
    return move_row(&s, i, 1);
}
FN_KERNEL(move_forward, move_forward_row);
FN_KERNEL(move_back, move_back_row);
FN_KERNEL(move_swapped, move_swapped_row);

/* A constant that is finer than the time shows makes the result finer too, so that
 * TIMESTAMP '…:00' + INTERVAL '0.5' SECOND loses nothing. */
static const struct lt_type *moved_type(struct lt_bind_call *call, uint32_t time, uint32_t interval)
{
    const struct lt_type *type = call->args[time];
    unsigned precision = type->precision;
    int64_t us;
    if (type->kind == LT_TYPE_DATE || call->args[interval]->kind == LT_TYPE_INTERVAL_MONTH ||
        !fn_constant_i64(call, interval, &us))
        return type;
    while (precision < 6 && lt_time_truncate(us, precision) != us)
        precision = precision < 3 ? 3 : 6;
    return precision == type->precision ? type
                                        : lt_type_temporal(call->arena, type->kind, precision);
}

/* ---- intervals ------------------------------------------------------ */

static lt_status interval_put(struct fn_row *r, uint32_t i, bool bad, int64_t v)
{
    if (bad || (r->out->phys == LT_PHYS_I32 && v != (int32_t)v))
        return lt_fail(r->eval->err, LT_DATA, "interval overflow: use a smaller one");
    return r->out->phys == LT_PHYS_I32 ? fn_set_i32(r, i, v) : fn_set_i64(r, i, v);
}

static int64_t interval_at(const struct fn_row *r, uint32_t a, uint32_t i)
{
    return r->args[a]->phys == LT_PHYS_I32 ? fn_i32(r, a, i) : fn_i64(r, a, i);
}

static lt_status interval_add_row(struct fn_row *r, uint32_t i)
{
    int64_t v;
    bool bad = __builtin_add_overflow(interval_at(r, 0, i), interval_at(r, 1, i), &v);
    return interval_put(r, i, bad, v);
}
static lt_status interval_sub_row(struct fn_row *r, uint32_t i)
{
    int64_t v;
    bool bad = __builtin_sub_overflow(interval_at(r, 0, i), interval_at(r, 1, i), &v);
    return interval_put(r, i, bad, v);
}
static lt_status interval_mul_row(struct fn_row *r, uint32_t i)
{
    int64_t v;
    bool bad = __builtin_mul_overflow(interval_at(r, 0, i), interval_at(r, 1, i), &v);
    return interval_put(r, i, bad, v);
}
/* An interval and a fraction: the nearest microsecond or month. */
static lt_status interval_scale(struct fn_row *r, uint32_t i, double v)
{
    bool bad = !(v > -9.2e18 && v < 9.2e18);
    return interval_put(r, i, bad, bad ? 0 : llround(v));
}
static lt_status interval_scale_row(struct fn_row *r, uint32_t i)
{
    return interval_scale(r, i, (double)interval_at(r, 0, i) * fn_f64(r, 1, i));
}
static lt_status interval_scale_swapped_row(struct fn_row *r, uint32_t i)
{
    return interval_scale(r, i, (double)interval_at(r, 1, i) * fn_f64(r, 0, i));
}
static lt_status interval_div_row(struct fn_row *r, uint32_t i)
{
    int64_t by = fn_i64(r, 1, i);
    if (by == 0)
        return lt_fail(r->eval->err, LT_DATA, "division by zero: an interval / 0");
    return interval_put(r, i, false, by == -1 ? -interval_at(r, 0, i) : interval_at(r, 0, i) / by);
}
static lt_status interval_div_real_row(struct fn_row *r, uint32_t i)
{
    if (fn_f64(r, 1, i) == 0)
        return lt_fail(r->eval->err, LT_DATA, "division by zero: an interval / 0");
    return interval_scale(r, i, (double)interval_at(r, 0, i) / fn_f64(r, 1, i));
}
FN_KERNEL(interval_add, interval_add_row);
FN_KERNEL(interval_sub, interval_sub_row);
FN_KERNEL(interval_mul, interval_mul_row);
FN_KERNEL(interval_scale_kernel, interval_scale_row);
FN_KERNEL(interval_scale_swapped, interval_scale_swapped_row);
FN_KERNEL(interval_div, interval_div_row);
FN_KERNEL(interval_div_real, interval_div_real_row);

/* ---- binding -------------------------------------------------------- */

/* `interval` times or divided by the number in argument `number`. */
static lt_status bind_scaled(struct lt_bind_call *call, uint32_t interval, uint32_t number,
                             enum arith op)
{
    bool whole = lt_type_is_integer(call->args[number]);
    const struct lt_kernel *kernel;
    LT_TRY(fn_force(call, number, whole ? &lt_type_bigint : &lt_type_double));
    if (op == ARITH_DIV)
        kernel = whole ? &interval_div : &interval_div_real;
    else if (whole)
        kernel = &interval_mul;
    else
        kernel = interval == 0 ? &interval_scale_kernel : &interval_scale_swapped;
    return fn_result(call, call->args[interval], kernel);
}

static lt_status bind_moved(struct lt_bind_call *call, uint32_t time,
                            const struct lt_kernel *kernel)
{
    const struct lt_type *type = moved_type(call, time, 1 - time);
    if (call->args[time]->kind == LT_TYPE_TIME &&
        call->args[1 - time]->kind == LT_TYPE_INTERVAL_MONTH)
        return fn_refuse(call, "a TIME has no months");
    return fn_result(call, type, kernel);
}

lt_status arith_bind_time(struct lt_bind_call *call, enum arith op)
{
    const struct lt_type *a = call->args[0], *b = call->args[1];
    if (op == ARITH_ADD && is_time(a) && is_interval(b))
        return bind_moved(call, 0, &move_forward);
    if (op == ARITH_SUB && is_time(a) && is_interval(b))
        return bind_moved(call, 0, &move_back);
    if (op == ARITH_ADD && is_interval(a) && is_time(b))
        return bind_moved(call, 1, &move_swapped);
    if (op <= ARITH_SUB && is_interval(a) && a->kind == b->kind)
        return fn_result(call, a, op == ARITH_ADD ? &interval_add : &interval_sub);
    if ((op == ARITH_MUL || op == ARITH_DIV) && is_interval(a) && lt_type_is_numeric(b))
        return bind_scaled(call, 0, 1, op);
    if (op == ARITH_MUL && lt_type_is_numeric(a) && is_interval(b))
        return bind_scaled(call, 1, 0, op);
    if (op == ARITH_SUB && is_time(a) && is_time(b))
        return fn_refuse(call, "TIMESTAMPDIFF(SECOND, b, a) gives the distance of two times");
    if (lt_type_is_char(a) || lt_type_is_char(b))
        return fn_refuse(call, "CAST the text to a number (texts are joined with ||)");
    return fn_refuse(call, "there is no such operation on these types");
}
