/* math.c -- functions of numbers: ABS, SIGN, powers, logarithms, trigonometry.
 *
 * Reals follow IEEE 754: what has no real result is NaN, never an error. */
#include "exec/functions/support.h"

#include <math.h>

/* The library's result may be a digit off at exact cubes; one step of Newton mends it. */
static double cube_root(double x)
{
    double y = cbrt(x);
    return isfinite(y) && y != 0 ? y - (y * y * y - x) / (3 * y * y) : y;
}

/* ---- DOUBLE -> DOUBLE ----------------------------------------------- */

#define REAL_FUNCTION(id, text, other, expr, usage, what, sample, prints) \
    static lt_status id##_row(struct fn_row *r, uint32_t i)               \
    {                                                                     \
        double x = fn_f64(r, 0, i);                                       \
        return fn_set_f64(r, i, expr);                                    \
    }                                                                     \
    FN_TOTAL_KERNEL(id##_kernel, id##_row);                               \
    FN_BIND(bind_##id, "d>d", id##_kernel)                                \
    FN(id, text, other, "arithmetic", 1, 1, bind_##id, usage, what, sample, prints)
REAL_FUNCTION(sqrt, "SQRT", NULL, sqrt(x), "SQRT(x DOUBLE) -> DOUBLE", "The square root.",
              "SQRT(4)", "2.0");
REAL_FUNCTION(cbrt, "CBRT", NULL, cube_root(x), "CBRT(x DOUBLE) -> DOUBLE", "The cube root.",
              "CBRT(27)", "3.0");
REAL_FUNCTION(ln, "LN", NULL, log(x), "LN(x DOUBLE) -> DOUBLE", "The natural logarithm.", "LN(1)",
              "0.0");
REAL_FUNCTION(log10, "LOG10", NULL, log10(x), "LOG10(x DOUBLE) -> DOUBLE",
              "The logarithm to base 10.", "LOG10(1000)", "3.0");
REAL_FUNCTION(log2, "LOG2", NULL, log2(x), "LOG2(x DOUBLE) -> DOUBLE", "The logarithm to base 2.",
              "LOG2(8)", "3.0");
REAL_FUNCTION(exp, "EXP", NULL, exp(x), "EXP(x DOUBLE) -> DOUBLE", "e to the power of x.", "EXP(0)",
              "1.0");
REAL_FUNCTION(sin, "SIN", NULL, sin(x), "SIN(x DOUBLE) -> DOUBLE", "The sine of radians.", "SIN(0)",
              "0.0");
REAL_FUNCTION(cos, "COS", NULL, cos(x), "COS(x DOUBLE) -> DOUBLE", "The cosine of radians.",
              "COS(0)", "1.0");
REAL_FUNCTION(tan, "TAN", NULL, tan(x), "TAN(x DOUBLE) -> DOUBLE", "The tangent of radians.",
              "TAN(0)", "0.0");
REAL_FUNCTION(cot, "COT", NULL, 1.0 / tan(x), "COT(x DOUBLE) -> DOUBLE",
              "The cotangent of radians.", "COT(0)", "Infinity");
REAL_FUNCTION(asin, "ASIN", NULL, asin(x), "ASIN(x DOUBLE) -> DOUBLE", "The arc sine in radians.",
              "ASIN(0)", "0.0");
REAL_FUNCTION(acos, "ACOS", NULL, acos(x), "ACOS(x DOUBLE) -> DOUBLE", "The arc cosine in radians.",
              "ACOS(1)", "0.0");
REAL_FUNCTION(atan, "ATAN", NULL, atan(x), "ATAN(x DOUBLE) -> DOUBLE",
              "The arc tangent in radians.", "ATAN(0)", "0.0");
REAL_FUNCTION(sinh, "SINH", NULL, sinh(x), "SINH(x DOUBLE) -> DOUBLE", "The hyperbolic sine.",
              "SINH(0)", "0.0");
REAL_FUNCTION(cosh, "COSH", NULL, cosh(x), "COSH(x DOUBLE) -> DOUBLE", "The hyperbolic cosine.",
              "COSH(0)", "1.0");
REAL_FUNCTION(tanh, "TANH", NULL, tanh(x), "TANH(x DOUBLE) -> DOUBLE", "The hyperbolic tangent.",
              "TANH(0)", "0.0");
REAL_FUNCTION(degrees, "DEGREES", NULL, x * 180.0 / M_PI, "DEGREES(x DOUBLE) -> DOUBLE",
              "Radians as degrees.", "DEGREES(0)", "0.0");
REAL_FUNCTION(radians, "RADIANS", NULL, x / 180.0 * M_PI, "RADIANS(x DOUBLE) -> DOUBLE",
              "Degrees as radians.", "RADIANS(0)", "0.0");

static lt_status power_row(struct fn_row *r, uint32_t i)
{
    return fn_set_f64(r, i, pow(fn_f64(r, 0, i), fn_f64(r, 1, i)));
}
static lt_status atan2_row(struct fn_row *r, uint32_t i)
{
    return fn_set_f64(r, i, atan2(fn_f64(r, 0, i), fn_f64(r, 1, i)));
}
static lt_status log_row(struct fn_row *r, uint32_t i)
{
    if (r->n_args < 2)
        return fn_set_f64(r, i, log(fn_f64(r, 0, i)));
    return fn_set_f64(r, i, log(fn_f64(r, 1, i)) / log(fn_f64(r, 0, i)));
}
FN_TOTAL_KERNEL(power_kernel, power_row);
FN_TOTAL_KERNEL(atan2_kernel, atan2_row);
FN_TOTAL_KERNEL(log_kernel, log_row);
FN_BIND(bind_power, "dd>d", power_kernel)
FN_BIND(bind_atan2, "dd>d", atan2_kernel)
FN_BIND(bind_log, "dd>d", log_kernel)
FN(power, "POWER", "POW", "arithmetic", 2, 2, bind_power, "POWER(x DOUBLE, y DOUBLE) -> DOUBLE",
   "x to the power of y.", "POWER(2, 10)", "1024.0");
FN(atan2, "ATAN2", NULL, "arithmetic", 2, 2, bind_atan2, "ATAN2(y DOUBLE, x DOUBLE) -> DOUBLE",
   "The angle of the point (x, y) in radians.", "ATAN2(0, 1)", "0.0");
FN(log, "LOG", NULL, "arithmetic", 1, 2, bind_log, "LOG([base DOUBLE,] x DOUBLE) -> DOUBLE",
   "The logarithm to a base; the natural one without.", "LOG(2, 8)", "3.0");

/* ---- constants ------------------------------------------------------ */

#define CONSTANT_FUNCTION(id, text, value, what, prints)    \
    static lt_status id##_row(struct fn_row *r, uint32_t i) \
    {                                                       \
        return fn_set_f64(r, i, value);                     \
    }                                                       \
    FN_TOTAL_KERNEL(id##_kernel, id##_row);                 \
    FN_BIND(bind_##id, ">d", id##_kernel)                   \
    FN(id, text, NULL, "arithmetic", 0, 0, bind_##id, text "() -> DOUBLE", what, text "()", prints)
CONSTANT_FUNCTION(pi, "PI", M_PI, "The ratio of a circle's circumference to its diameter.",
                  "3.141592653589793");
CONSTANT_FUNCTION(e, "E", M_E, "The base of the natural logarithm.", "2.718281828459045");

/* ---- ABS, SIGN: the type stays -------------------------------------- */

static __int128 whole_at(const struct lt_column *col, uint32_t i)
{
    switch (col->phys) {
    case LT_PHYS_I8: return FN_LANE(int8_t, col, i);
    case LT_PHYS_I16: return FN_LANE(int16_t, col, i);
    case LT_PHYS_I32: return FN_LANE(int32_t, col, i);
    case LT_PHYS_I64: return FN_LANE(int64_t, col, i);
    default: return FN_LANE(__int128, col, i);
    }
}

/* False when the value does not fit the lane. */
static bool whole_put(struct lt_column *col, uint32_t i, __int128 v)
{
    switch (col->phys) {
    case LT_PHYS_I8: ((int8_t *)col->values)[i] = (int8_t)v; return v == (int8_t)v;
    case LT_PHYS_I16: ((int16_t *)col->values)[i] = (int16_t)v; return v == (int16_t)v;
    case LT_PHYS_I32: ((int32_t *)col->values)[i] = (int32_t)v; return v == (int32_t)v;
    case LT_PHYS_I64: ((int64_t *)col->values)[i] = (int64_t)v; return v == (int64_t)v;
    default: ((__int128 *)col->values)[i] = v; return true;
    }
}

static lt_status abs_row(struct fn_row *r, uint32_t i)
{
    __int128 v;
    if (r->out->phys == LT_PHYS_F32) {
        ((float *)r->out->values)[i] = fabsf(FN_LANE(float, r->args[0], i));
        return LT_OK;
    }
    if (r->out->phys == LT_PHYS_F64)
        return fn_set_f64(r, i, fabs(fn_f64(r, 0, i)));
    v = whole_at(r->args[0], i);
    if (!whole_put(r->out, i, v < 0 ? -v : v))
        return lt_fail(r->eval->err, LT_DATA,
                       "integer overflow: ABS of the least value does not fit its type; CAST to a "
                       "wider one");
    return LT_OK;
}
static lt_status sign_row(struct fn_row *r, uint32_t i)
{
    __int128 v;
    double x;
    if (r->out->phys == LT_PHYS_F32 || r->out->phys == LT_PHYS_F64) {
        x = r->out->phys == LT_PHYS_F32 ? (double)FN_LANE(float, r->args[0], i) : fn_f64(r, 0, i);
        x = x != x ? x : (x > 0) - (x < 0);
        if (r->out->phys == LT_PHYS_F64)
            return fn_set_f64(r, i, x);
        ((float *)r->out->values)[i] = (float)x;
        return LT_OK;
    }
    v = whole_at(r->args[0], i);
    whole_put(r->out, i,
              ((v > 0) - (v < 0)) *
                  (r->out->phys == LT_PHYS_I128 ? lt_pow10_i128[r->result->scale] : 1));
    return LT_OK;
}
FN_KERNEL(abs_kernel, abs_row);
FN_TOTAL_KERNEL(sign_kernel, sign_row);

static lt_status bind_same_number(struct lt_bind_call *call, const struct lt_kernel *kernel)
{
    if (call->args[0]->kind == LT_TYPE_NULL)
        LT_TRY(fn_force(call, 0, &lt_type_int));
    return fn_bind(call, "n>1", kernel);
}
static lt_status bind_abs(struct lt_bind_call *call)
{
    return bind_same_number(call, &abs_kernel);
}
/* A DECIMAL(2, 2) has no room for 1. */
static lt_status bind_sign(struct lt_bind_call *call)
{
    const struct lt_type *t = call->args[0];
    if (t->kind == LT_TYPE_DECIMAL && t->precision == t->scale) {
        t = t->precision < 38 ? lt_type_decimal(call->arena, t->precision + 1u, t->scale)
                              : lt_type_decimal(call->arena, 38, 37);
        if (t == NULL)
            return LT_NOMEM;
        LT_TRY(fn_force(call, 0, t));
    }
    return bind_same_number(call, &sign_kernel);
}
FN(abs, "ABS", NULL, "arithmetic", 1, 1, bind_abs, "ABS(x) -> the type of x", "Without its sign.",
   "ABS(-2.5)", "2.5");
FN(sign, "SIGN", NULL, "arithmetic", 1, 1, bind_sign, "SIGN(x) -> the type of x",
   "-1, 0 or 1 as x is negative, zero or positive.", "SIGN(-7)", "-1");
