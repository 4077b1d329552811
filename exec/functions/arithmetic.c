/* arithmetic.c -- + - * / % and unary minus of integers and reals; MOD.
 *
 * Integer loops run over every lane and only note that something went wrong; then
 * the rows that count are looked at again, and the first bad one is the error.
 * So the loop has no branch, and a row that was filtered out cannot fail. */
#include "exec/functions/arith_internal.h"

#include <math.h>

typedef bool (*arith_loop)(const void *a, uint32_t a_step, const void *b, uint32_t b_step,
                           uint32_t len, void *to);

#define ARITH_SET arith_i8
#define ARITH_T int8_t
#define ARITH_U uint8_t
#define ARITH_MIN INT8_MIN
#include "exec/kernels/arith_int.tmpl.h"
#define ARITH_SET arith_i16
#define ARITH_T int16_t
#define ARITH_U uint16_t
#define ARITH_MIN INT16_MIN
#include "exec/kernels/arith_int.tmpl.h"
#define ARITH_SET arith_i32
#define ARITH_T int32_t
#define ARITH_U uint32_t
#define ARITH_MIN INT32_MIN
#include "exec/kernels/arith_int.tmpl.h"
#define ARITH_SET arith_i64
#define ARITH_T int64_t
#define ARITH_U uint64_t
#define ARITH_MIN INT64_MIN
#include "exec/kernels/arith_int.tmpl.h"
#define ARITH_SET arith_f32
#define ARITH_T float
#define ARITH_MOD fmodf
#include "exec/kernels/arith_real.tmpl.h"
#define ARITH_SET arith_f64
#define ARITH_T double
#define ARITH_MOD fmod
#include "exec/kernels/arith_real.tmpl.h"

static const arith_loop *const arith_loops[LT_PHYS_COUNT] = {
    [LT_PHYS_I8] = arith_i8_loops,   [LT_PHYS_I16] = arith_i16_loops,
    [LT_PHYS_I32] = arith_i32_loops, [LT_PHYS_I64] = arith_i64_loops,
    [LT_PHYS_F32] = arith_f32_loops, [LT_PHYS_F64] = arith_f64_loops,
};

#define DIVIDE_SET by_i32
#define DIVIDE_T int32_t
#define DIVIDE_U uint32_t
#define DIVIDE_WIDE int64_t
#define DIVIDE_BITS 32
#include "exec/kernels/divide.tmpl.h"
#define DIVIDE_SET by_i64
#define DIVIDE_T int64_t
#define DIVIDE_U uint64_t
#define DIVIDE_WIDE __int128
#define DIVIDE_BITS 64
#include "exec/kernels/divide.tmpl.h"

/* Division by a constant; false where the general loop must do it. */
static bool divide_by_constant(const struct lt_column *a, const struct lt_column *b, enum arith op,
                               uint32_t len, void *to)
{
    if (op < ARITH_DIV || b->encoding != LT_CONSTANT || a->encoding != LT_FLAT)
        return false;
    if (a->phys == LT_PHYS_I64)
        return by_i64_divide(a->values, *(const int64_t *)b->values, op != ARITH_DIV, len, to);
    return a->phys == LT_PHYS_I32 &&
           by_i32_divide(a->values, *(const int32_t *)b->values, op != ARITH_DIV, len, to);
}

/* ---- errors --------------------------------------------------------- */

static int64_t integer_at(const struct lt_column *col, uint32_t i)
{
    switch (col->phys) {
    case LT_PHYS_I8: return FN_LANE(int8_t, col, i);
    case LT_PHYS_I16: return FN_LANE(int16_t, col, i);
    case LT_PHYS_I32: return FN_LANE(int32_t, col, i);
    default: return FN_LANE(int64_t, col, i);
    }
}

static bool fits(enum lt_phys phys, __int128 v)
{
    static const int64_t most[] = {[LT_PHYS_I8] = INT8_MAX,
                                   [LT_PHYS_I16] = INT16_MAX,
                                   [LT_PHYS_I32] = INT32_MAX,
                                   [LT_PHYS_I64] = INT64_MAX};
    return v <= most[phys] && v >= -(__int128)most[phys] - 1;
}

static lt_status integer_check(struct lt_eval *eval, int64_t a, int64_t b, enum arith op,
                               const struct lt_type *type)
{
    __int128 r;
    struct lt_buf name;
    if (op >= ARITH_DIV && b == 0)
        return lt_fail(eval->err, LT_DATA,
                       "division by zero: %lld %c 0; guard it with CASE or NULLIF", (long long)a,
                       arith_symbol(op));
    r = op == ARITH_ADD   ? (__int128)a + b
        : op == ARITH_SUB ? (__int128)a - b
        : op == ARITH_MUL ? (__int128)a * b
        : op == ARITH_DIV ? (__int128)a / b
                          : 0;
    if (fits(lt_type_phys(type), r))
        return LT_OK;
    lt_buf_init(&name, eval->scratch->alloc);
    lt_type_print(&name, type);
    lt_fail(eval->err, LT_DATA,
            "integer overflow: %lld %c %lld does not fit %.*s; CAST to a wider type", (long long)a,
            arith_symbol(op), (long long)b, LT_STR_ARG(lt_buf_str(&name)));
    lt_buf_close(&name);
    return LT_DATA;
}

/* The loop met a bad lane: is it one of the rows that count? */
static lt_status integer_verify(struct lt_eval *eval, struct lt_column *const *args, enum arith op,
                                const struct lt_type *type)
{
    FN_EACH(eval, i)
    {
        if (lt_column_is_null(args[0], i) || lt_column_is_null(args[1], i))
            continue;
        LT_TRY(integer_check(eval, integer_at(args[0], i), integer_at(args[1], i), op, type));
    }
    return LT_OK;
}

/* ---- kernels -------------------------------------------------------- */

static lt_status arith_eval(struct lt_eval *eval, struct lt_column *const *args, enum arith op,
                            const struct lt_type *result, struct lt_column **out)
{
    const struct lt_column *a = args[0], *b = args[1];
    struct lt_column *col = lt_column_new_raw(eval->pool, result, eval->len);
    if (col == NULL)
        return LT_NOMEM;
    if (divide_by_constant(a, b, op, eval->len, col->values)) {
        *out = col;
        return LT_OK;
    }
    if (arith_loops[col->phys][op](a->values, a->encoding != LT_CONSTANT, b->values,
                                   b->encoding != LT_CONSTANT, eval->len, col->values)) {
        lt_status status = integer_verify(eval, args, op, result);
        if (status != LT_OK) {
            lt_column_unref(col);
            return status;
        }
    }
    *out = col;
    return LT_OK;
}

#define ARITH_KERNELS(id, op)                                                                   \
    static lt_status id##_eval(struct lt_eval *eval, struct lt_column *const *args,             \
                               uint32_t n_args, const struct lt_type *result, const void *data, \
                               struct lt_column **out)                                          \
    {                                                                                           \
        LT_UNUSED(n_args);                                                                      \
        LT_UNUSED(data);                                                                        \
        return arith_eval(eval, args, op, result, out);                                         \
    }                                                                                           \
    static const struct lt_kernel id##_integer = {                                              \
        .name = #id, .eval = id##_eval, .strict = true, .dense = true};                         \
    static const struct lt_kernel id##_real = {                                                 \
        .name = #id, .eval = id##_eval, .strict = true, .dense = true, .total = true};
ARITH_KERNELS(add, ARITH_ADD)
ARITH_KERNELS(subtract, ARITH_SUB)
ARITH_KERNELS(multiply, ARITH_MUL)
ARITH_KERNELS(divide, ARITH_DIV)
ARITH_KERNELS(modulo, ARITH_MOD_OP)

static const struct lt_kernel *const arith_kernels[5][2] = {
    {&add_integer, &add_real},           {&subtract_integer, &subtract_real},
    {&multiply_integer, &multiply_real}, {&divide_integer, &divide_real},
    {&modulo_integer, &modulo_real},
};

/* ---- binding -------------------------------------------------------- */

static bool is_number(const struct lt_type *t)
{
    return lt_type_is_numeric(t) || t->kind == LT_TYPE_NULL;
}

static lt_status bind_arith(struct lt_bind_call *call, enum arith op)
{
    const struct lt_type *a = call->args[0], *b = call->args[1], *type;
    bool inexact;
    if (!is_number(a) || !is_number(b))
        return arith_bind_time(call, op);
    inexact = a->kind == LT_TYPE_FLOAT || a->kind == LT_TYPE_DOUBLE || b->kind == LT_TYPE_FLOAT ||
              b->kind == LT_TYPE_DOUBLE;
    if (!inexact && (a->kind == LT_TYPE_DECIMAL || b->kind == LT_TYPE_DECIMAL))
        return arith_bind_decimal(call, op);
    LT_TRY(fn_common(call, 0, 2, &type));
    if (type->kind == LT_TYPE_NULL) {
        type = &lt_type_int;
        LT_TRY(fn_force(call, 0, type));
        LT_TRY(fn_force(call, 1, type));
    }
    /* As in Flink, a % b has the type of b. */
    return fn_result(call, type, arith_kernels[op][inexact]);
}

#define ARITH_FUNCTION(id, op, symbol, other, what, ex, res) \
    static lt_status bind_##id(struct lt_bind_call *call)    \
    {                                                        \
        return bind_arith(call, op);                         \
    }                                                        \
    const struct lt_function lt_fn_##id = {                  \
        .name = symbol,                                      \
        .aliases = other,                                    \
        .family = "arithmetic",                              \
        .args_min = 2,                                       \
        .args_max = 2,                                       \
        .bind = bind_##id,                                   \
        .signature = "a " symbol " b -> the common type",    \
        .doc = what,                                         \
        .example = ex,                                       \
        .result = res,                                       \
    };
ARITH_FUNCTION(add, ARITH_ADD, "+", NULL,
               "The sum of two numbers or intervals, or a time moved by an interval. What does "
               "not fit the type is an error.",
               "1 + 2", "3")
ARITH_FUNCTION(subtract, ARITH_SUB, "-", NULL,
               "The difference of two numbers or intervals, or a time moved back. The distance of "
               "two times is TIMESTAMPDIFF.",
               "1 - 2.5", "-1.5")
ARITH_FUNCTION(multiply, ARITH_MUL, "*", NULL,
               "The product of two numbers, or of an interval and a number.", "2 * 1.5", "3.0")
ARITH_FUNCTION(
    divide, ARITH_DIV, "/", NULL,
    "The quotient. Integers divide to an integer, cut towards zero; by zero is an error, "
    "except for reals.",
    "7 / 2", "3")
ARITH_FUNCTION(modulo, ARITH_MOD_OP, "%", "MOD",
               "The rest of the division, with the sign of the dividend.", "MOD(-7, 3)", "-1")

/* ---- unary minus ---------------------------------------------------- */

static lt_status negate_row(struct fn_row *r, uint32_t i)
{
    const struct lt_column *from = r->args[0];
    switch (r->out->phys) {
    case LT_PHYS_F32: ((float *)r->out->values)[i] = -FN_LANE(float, from, i); return LT_OK;
    case LT_PHYS_F64: return fn_set_f64(r, i, -fn_f64(r, 0, i));
    default: break;
    }
    LT_TRY(integer_check(r->eval, 0, integer_at(from, i), ARITH_SUB, r->result));
    switch (r->out->phys) {
    case LT_PHYS_I8: ((int8_t *)r->out->values)[i] = (int8_t)-integer_at(from, i); break;
    case LT_PHYS_I16: ((int16_t *)r->out->values)[i] = (int16_t)-integer_at(from, i); break;
    case LT_PHYS_I32: return fn_set_i32(r, i, -integer_at(from, i));
    default: return fn_set_i64(r, i, -integer_at(from, i));
    }
    return LT_OK;
}
FN_KERNEL(negate_kernel, negate_row);

static lt_status bind_negate(struct lt_bind_call *call)
{
    const struct lt_type *type = call->args[0];
    if (type->kind == LT_TYPE_DECIMAL)
        return fn_result(call, type, &arith_decimal_negate);
    if (!is_number(type) && type->kind != LT_TYPE_INTERVAL_DAY &&
        type->kind != LT_TYPE_INTERVAL_MONTH)
        return fn_refuse(call, "a number or an interval is wanted");
    if (type->kind == LT_TYPE_NULL)
        LT_TRY(fn_force(call, 0, &lt_type_int));
    return fn_result(call, call->args[0], &negate_kernel);
}

const struct lt_function lt_fn_negate = {
    .name = "NEGATE",
    .family = "arithmetic",
    .args_min = 1,
    .args_max = 1,
    .bind = bind_negate,
    .signature = "- a -> the type of a",
    .doc = "The number or interval with the other sign.",
    .example = "- (1 + 2)",
    .result = "-3",
};
