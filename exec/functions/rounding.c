/* rounding.c -- ROUND, TRUNCATE, FLOOR, CEIL of numbers; FLOOR and CEIL of times.
 *
 * ROUND rounds half away from zero. A DOUBLE is rounded as the decimal it prints
 * as, so ROUND(1.005, 2) is 1.01 although the binary value lies below: the quick
 * way multiplies and rounds, and where the result hangs on the last bits the text
 * decides. */
#include "exec/functions/temporal_math.h"

#include <math.h>

/* ---- DOUBLE --------------------------------------------------------- */

enum { DOUBLE_DIGITS = 15 };

static double by_text(struct fn_row *r, double x, int digits, bool cut)
{
    __int128 exact, power;
    unsigned scale = (unsigned)digits + 18 < 34 ? (unsigned)digits + 18 : 34;
    lt_buf_clear(&r->buf);
    lt_double_print(&r->buf, x);
    if (r->buf.status != LT_OK || (unsigned)digits > scale ||
        !lt_text_to_decimal(lt_buf_str(&r->buf), 38, scale, &exact))
        return x;
    power = lt_pow10_i128[scale - (unsigned)digits];
    if (cut)
        exact = exact / power * power;
    else if (!lt_decimal_rescale(exact, scale, (unsigned)digits, 38, &exact))
        return x;
    return lt_decimal_to_double(exact, cut ? scale : (unsigned)digits);
}

static double round_double(struct fn_row *r, double x, int64_t digits, bool cut)
{
    double power, scaled, whole, distance;
    if (!isfinite(x) || digits > 300)
        return x;
    if (digits < -300)
        return 0;
    if (digits < 0) {
        power = pow(10, (double)-digits);
        return (cut ? trunc(x / power) : round(x / power)) * power;
    }
    power = pow(10, (double)digits);
    scaled = x * power;
    if (fabs(scaled) >= 4503599627370496.0) /* 2^52: no digits behind */
        return x;
    whole = cut ? trunc(scaled) : round(scaled);
    distance = cut ? fabs(scaled - round(scaled)) : fabs(fabs(scaled - trunc(scaled)) - 0.5);
    if (distance < 1e-6 && digits <= DOUBLE_DIGITS && scaled != trunc(scaled))
        return by_text(r, x, (int)digits, cut);
    return whole / power;
}

/* ---- exact numbers -------------------------------------------------- */

/* Rounds to a multiple of 10^digits; the value keeps its scale. */
static __int128 round_exact(__int128 v, unsigned digits, bool cut)
{
    __int128 power, rest;
    if (digits > 38)
        return 0;
    power = lt_pow10_i128[digits];
    rest = v % power;
    v -= rest;
    if (!cut && (rest < 0 ? -rest : rest) >= power - (rest < 0 ? -rest : rest) && rest != 0)
        v += rest < 0 ? -power : power;
    return v;
}

static lt_status too_large(struct fn_row *r)
{
    return lt_fail(r->eval->err, LT_DATA,
                   "the rounded number does not fit its type: CAST to a wider one");
}

static lt_status round_decimal(struct fn_row *r, uint32_t i, int64_t digits, bool cut)
{
    unsigned from = r->args[0]->type->scale, to = r->result->scale;
    __int128 v = FN_LANE(__int128, r->args[0], i), *out = &((__int128 *)r->out->values)[i];
    if (digits < (int64_t)from)
        v = round_exact(v, (unsigned)((int64_t)from - digits > 39 ? 39 : (int64_t)from - digits),
                        cut);
    if (!lt_decimal_rescale(v, from, to, r->result->precision, out))
        return too_large(r);
    return LT_OK;
}

static lt_status round_integer(struct fn_row *r, uint32_t i, int64_t digits, bool cut)
{
    unsigned places = digits >= 0 ? 0 : digits < -39 ? 39 : (unsigned)-digits;
    __int128 v;
    switch (r->out->phys) {
    case LT_PHYS_I8:
        v = round_exact(FN_LANE(int8_t, r->args[0], i), places, cut);
        ((int8_t *)r->out->values)[i] = (int8_t)v;
        return v == (int8_t)v ? LT_OK : too_large(r);
    case LT_PHYS_I16:
        v = round_exact(FN_LANE(int16_t, r->args[0], i), places, cut);
        ((int16_t *)r->out->values)[i] = (int16_t)v;
        return v == (int16_t)v ? LT_OK : too_large(r);
    case LT_PHYS_I32:
        v = round_exact(fn_i32(r, 0, i), places, cut);
        ((int32_t *)r->out->values)[i] = (int32_t)v;
        return v == (int32_t)v ? LT_OK : too_large(r);
    default:
        v = round_exact(fn_i64(r, 0, i), places, cut);
        ((int64_t *)r->out->values)[i] = (int64_t)v;
        return v == (int64_t)v ? LT_OK : too_large(r);
    }
}

static lt_status round_row_to(struct fn_row *r, uint32_t i, bool cut)
{
    int64_t digits = r->n_args > 1 ? fn_i64(r, 1, i) : 0;
    switch (r->out->phys) {
    case LT_PHYS_F32:
        ((float *)r->out->values)[i] =
            (float)round_double(r, (double)FN_LANE(float, r->args[0], i), digits, cut);
        return LT_OK;
    case LT_PHYS_F64: return fn_set_f64(r, i, round_double(r, fn_f64(r, 0, i), digits, cut));
    case LT_PHYS_I128: return round_decimal(r, i, digits, cut);
    default: return round_integer(r, i, digits, cut);
    }
}
static lt_status round_number_row(struct fn_row *r, uint32_t i)
{
    return round_row_to(r, i, false);
}
static lt_status truncate_row(struct fn_row *r, uint32_t i)
{
    return round_row_to(r, i, true);
}
FN_KERNEL(round_kernel, round_number_row);
FN_KERNEL(truncate_kernel, truncate_row);

/* How many digits stay is known for a constant only; else the scale stays. */
static lt_status bind_rounding(struct lt_bind_call *call, const struct lt_kernel *kernel)
{
    const struct lt_type *type = call->args[0];
    int64_t digits = call->n_args > 1 ? type->scale : 0;
    unsigned p, s;
    if (type->kind == LT_TYPE_NULL) {
        LT_TRY(fn_force(call, 0, &lt_type_int));
        type = call->args[0];
    }
    if (call->n_args > 1)
        fn_constant_i64(call, 1, &digits);
    LT_TRY(fn_bind(call, "nl>1", kernel));
    if (type->kind != LT_TYPE_DECIMAL)
        return LT_OK;
    digits = digits > 38 ? 38 : digits < -1 ? -1 : digits;
    lt_decimal_round_result(type->precision, type->scale, (int)digits, &p, &s);
    return fn_result(call, lt_type_decimal(call->arena, p > 38 ? 38 : p, s), kernel);
}
static lt_status bind_round(struct lt_bind_call *call)
{
    return bind_rounding(call, &round_kernel);
}
static lt_status bind_truncate(struct lt_bind_call *call)
{
    return bind_rounding(call, &truncate_kernel);
}
FN(round, "ROUND", NULL, "arithmetic", 1, 2, bind_round, "ROUND(x [, digits INT]) -> the type of x",
   "Rounded, halves away from zero, to so many digits behind the point (0; before it when "
   "negative).",
   "ROUND(2.345, 2)", "2.35");
FN(truncate, "TRUNCATE", NULL, "arithmetic", 1, 2, bind_truncate,
   "TRUNCATE(x [, digits INT]) -> the type of x",
   "Cut towards zero to so many digits behind the point (0; before it when negative).",
   "TRUNCATE(42.345, 2)", "42.34");

/* ---- FLOOR and CEIL ------------------------------------------------- */

static lt_status step_row(struct fn_row *r, uint32_t i, bool up)
{
    __int128 v, power;
    switch (r->out->phys) {
    case LT_PHYS_F32: {
        float x = FN_LANE(float, r->args[0], i);
        ((float *)r->out->values)[i] = up ? ceilf(x) : floorf(x);
        return LT_OK;
    }
    case LT_PHYS_F64: return fn_set_f64(r, i, up ? ceil(fn_f64(r, 0, i)) : floor(fn_f64(r, 0, i)));
    case LT_PHYS_I128:
        v = FN_LANE(__int128, r->args[0], i);
        power = lt_pow10_i128[r->args[0]->type->scale];
        ((__int128 *)r->out->values)[i] = v / power + (up ? v % power > 0 : -(v % power < 0));
        return LT_OK;
    default: return round_integer(r, i, 0, true);
    }
}
static lt_status floor_row(struct fn_row *r, uint32_t i)
{
    return step_row(r, i, false);
}
static lt_status ceil_row(struct fn_row *r, uint32_t i)
{
    return step_row(r, i, true);
}
FN_TOTAL_KERNEL(floor_kernel, floor_row);
FN_TOTAL_KERNEL(ceil_kernel, ceil_row);

static lt_status bind_step(struct lt_bind_call *call, const struct lt_kernel *number,
                           const struct lt_kernel *time)
{
    const struct lt_type *type = call->args[0];
    if (call->n_args > 1)
        return temporal_bind_round(call, time);
    if (type->kind == LT_TYPE_NULL)
        LT_TRY(fn_force(call, 0, &lt_type_int));
    LT_TRY(fn_bind(call, "n>1", number));
    if (type->kind != LT_TYPE_DECIMAL)
        return LT_OK;
    /* One more digit before the point, for 9.5 going up to 10. */
    unsigned whole = (unsigned)(type->precision - type->scale) + (type->scale > 0);
    return fn_result(call, lt_type_decimal(call->arena, whole > 38 ? 38 : whole, 0), number);
}
static lt_status bind_floor(struct lt_bind_call *call)
{
    return bind_step(call, &floor_kernel, &time_floor_kernel);
}
static lt_status bind_ceil(struct lt_bind_call *call)
{
    return bind_step(call, &ceil_kernel, &time_ceil_kernel);
}
FN(floor, "FLOOR", NULL, "arithmetic", 1, 2, bind_floor, "FLOOR(x) or FLOOR(time TO unit)",
   "The largest whole number not above x, or the start of the unit that holds the time.",
   "FLOOR(TIME '12:44:31' TO MINUTE)", "12:44:00");
FN(ceil, "CEIL", "CEILING", "arithmetic", 1, 2, bind_ceil, "CEIL(x) or CEIL(time TO unit)",
   "The smallest whole number not below x, or the start of the next unit unless the time is one.",
   "CEIL(-1.5)", "-1");
