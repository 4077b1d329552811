/* cast_number.c -- casts between numbers, BOOLEAN and intervals.
 *
 * Widening loops over whole columns and cannot fail. Everything else goes lane by
 * lane through one middle form: exact integers as int64, reals as double, decimals
 * as they are. Towards an integer a fraction is cut off; towards a decimal it is
 * rounded half up; what is out of range is refused. An interval meets numbers in
 * months or in milliseconds, as in Flink. */
#include "exec/cast_internal.h"

#include "catalog/typing.h"

#include <math.h>

/* ---- widening ------------------------------------------------------- */

#define WIDEN_NAME widen_i8_i16
#define WIDEN_FROM int8_t
#define WIDEN_TO int16_t
#include "exec/kernels/widen.tmpl.h"
#define WIDEN_NAME widen_i8_i32
#define WIDEN_FROM int8_t
#define WIDEN_TO int32_t
#include "exec/kernels/widen.tmpl.h"
#define WIDEN_NAME widen_i16_i32
#define WIDEN_FROM int16_t
#define WIDEN_TO int32_t
#include "exec/kernels/widen.tmpl.h"
#define WIDEN_NAME widen_i8_i64
#define WIDEN_FROM int8_t
#define WIDEN_TO int64_t
#include "exec/kernels/widen.tmpl.h"
#define WIDEN_NAME widen_i16_i64
#define WIDEN_FROM int16_t
#define WIDEN_TO int64_t
#include "exec/kernels/widen.tmpl.h"
#define WIDEN_NAME widen_i32_i64
#define WIDEN_FROM int32_t
#define WIDEN_TO int64_t
#include "exec/kernels/widen.tmpl.h"
#define WIDEN_NAME widen_i32_f64
#define WIDEN_FROM int32_t
#define WIDEN_TO double
#include "exec/kernels/widen.tmpl.h"
#define WIDEN_NAME widen_i64_f64
#define WIDEN_FROM int64_t
#define WIDEN_TO double
#include "exec/kernels/widen.tmpl.h"
#define WIDEN_NAME widen_f32_f64
#define WIDEN_FROM float
#define WIDEN_TO double
#include "exec/kernels/widen.tmpl.h"

#define WIDEN_NAME widen_i32_i128
#define WIDEN_FROM int32_t
#define WIDEN_TO __int128
#include "exec/kernels/widen.tmpl.h"
#define WIDEN_NAME widen_i64_i128
#define WIDEN_FROM int64_t
#define WIDEN_TO __int128
#include "exec/kernels/widen.tmpl.h"

typedef void (*widen_fn)(const void *from, void *to, uint32_t len);

static const struct widening {
    enum lt_phys from, to;
    widen_fn fn;
} widenings[] = {
    {LT_PHYS_I8, LT_PHYS_I16, widen_i8_i16},     {LT_PHYS_I8, LT_PHYS_I32, widen_i8_i32},
    {LT_PHYS_I16, LT_PHYS_I32, widen_i16_i32},   {LT_PHYS_I8, LT_PHYS_I64, widen_i8_i64},
    {LT_PHYS_I16, LT_PHYS_I64, widen_i16_i64},   {LT_PHYS_I32, LT_PHYS_I64, widen_i32_i64},
    {LT_PHYS_I32, LT_PHYS_F64, widen_i32_f64},   {LT_PHYS_I64, LT_PHYS_F64, widen_i64_f64},
    {LT_PHYS_F32, LT_PHYS_F64, widen_f32_f64},   {LT_PHYS_I32, LT_PHYS_I128, widen_i32_i128},
    {LT_PHYS_I64, LT_PHYS_I128, widen_i64_i128},
};

static bool is_interval(const struct lt_type *t)
{
    return t->kind == LT_TYPE_INTERVAL_DAY || t->kind == LT_TYPE_INTERVAL_MONTH;
}

static widen_fn widening_find(const struct lt_type *from, const struct lt_type *to)
{
    if (is_interval(from) || is_interval(to) || from->kind == LT_TYPE_BOOLEAN)
        return NULL;
    if (to->kind == LT_TYPE_DECIMAL && (to->scale != 0 || lt_cast_may_fail(from, to)))
        return NULL;
    for (size_t i = 0; i < LT_ARRAY_LEN(widenings); i++) {
        if (widenings[i].from == lt_type_phys(from) && widenings[i].to == lt_type_phys(to))
            return widenings[i].fn;
    }
    return NULL;
}

bool lt_cast_is_dense(const struct lt_type *from, const struct lt_type *to)
{
    return lt_type_same(from, to) || widening_find(from, to) != NULL;
}

/* ---- lane by lane --------------------------------------------------- */

struct number {
    enum { NUMBER_INTEGER, NUMBER_REAL, NUMBER_DECIMAL } kind;
    unsigned scale;
    int64_t integer;
    double real;
    __int128 decimal;
};

static struct number number_load(const struct lt_column *col, uint32_t i)
{
    const void *v = col->values;
    struct number x = {.kind = NUMBER_INTEGER};
    switch (col->phys) {
    case LT_PHYS_I8: x.integer = ((const int8_t *)v)[i]; break;
    case LT_PHYS_I16: x.integer = ((const int16_t *)v)[i]; break;
    case LT_PHYS_I32: x.integer = ((const int32_t *)v)[i]; break;
    case LT_PHYS_I64: x.integer = ((const int64_t *)v)[i]; break;
    case LT_PHYS_F32:
        x.kind = NUMBER_REAL;
        x.real = (double)((const float *)v)[i];
        break;
    case LT_PHYS_F64:
        x.kind = NUMBER_REAL;
        x.real = ((const double *)v)[i];
        break;
    default:
        x.kind = NUMBER_DECIMAL;
        x.decimal = ((const __int128 *)v)[i];
        x.scale = col->type->scale;
        break;
    }
    if (col->type->kind == LT_TYPE_INTERVAL_DAY)
        x.integer /= 1000;
    return x;
}

/* The whole part; false when it needs more than 64 bits or is not a number. */
static bool number_whole(const struct number *x, int64_t *out)
{
    __int128 whole;
    switch (x->kind) {
    case NUMBER_INTEGER: *out = x->integer; return true;
    case NUMBER_REAL:
        if (!(x->real > -9223372036854777856.0 && x->real < 9223372036854775808.0))
            return false;
        *out = (int64_t)x->real;
        return true;
    default:
        whole = x->decimal / lt_pow10_i128[x->scale];
        *out = (int64_t)whole;
        return whole == *out;
    }
}

static double number_real(const struct number *x)
{
    if (x->kind == NUMBER_INTEGER)
        return (double)x->integer;
    return x->kind == NUMBER_REAL ? x->real : lt_decimal_to_double(x->decimal, x->scale);
}

static bool store_integer(struct lt_column *to, uint32_t i, int64_t value)
{
    switch (to->phys) {
    case LT_PHYS_I8: ((int8_t *)to->values)[i] = (int8_t)value; return value == (int8_t)value;
    case LT_PHYS_I16: ((int16_t *)to->values)[i] = (int16_t)value; return value == (int16_t)value;
    case LT_PHYS_I32: ((int32_t *)to->values)[i] = (int32_t)value; return value == (int32_t)value;
    default: ((int64_t *)to->values)[i] = value; return true;
    }
}

static bool number_to_decimal(const struct number *x, const struct lt_type *type, __int128 *out)
{
    switch (x->kind) {
    case NUMBER_INTEGER:
        return lt_decimal_rescale(x->integer, 0, type->scale, type->precision, out);
    case NUMBER_REAL: return lt_double_to_decimal(x->real, type->precision, type->scale, out);
    default: return lt_decimal_rescale(x->decimal, x->scale, type->scale, type->precision, out);
    }
}

static bool number_store(struct lt_column *to, uint32_t i, const struct number *x)
{
    int64_t whole;
    switch (to->type->kind) {
    case LT_TYPE_FLOAT: ((float *)to->values)[i] = (float)number_real(x); return true;
    case LT_TYPE_DOUBLE: ((double *)to->values)[i] = number_real(x); return true;
    case LT_TYPE_DECIMAL: return number_to_decimal(x, to->type, &((__int128 *)to->values)[i]);
    case LT_TYPE_BOOLEAN: ((int8_t *)to->values)[i] = x->integer != 0; return true;
    case LT_TYPE_INTERVAL_DAY:
        return number_whole(x, &whole) && !__builtin_mul_overflow(whole, 1000, &whole) &&
               store_integer(to, i, whole);
    default: return number_whole(x, &whole) && store_integer(to, i, whole);
    }
}

static void lane_clear(struct lt_column *col, uint32_t i)
{
    size_t size = lt_phys_size(col->phys);
    memset((char *)col->values + i * size, 0, size);
}

lt_status cast_number(struct cast *c)
{
    widen_fn widen = widening_find(c->from->type, c->to->type);
    if (widen) {
        widen(c->from->values, c->to->values, c->eval->len);
        return LT_OK;
    }
    CAST_EACH(c, i)
    {
        struct number x = number_load(c->from, i);
        if (!number_store(c->to, i, &x)) {
            lane_clear(c->to, i);
            LT_TRY(cast_refuse(c, i));
        }
    }
    return LT_OK;
}
