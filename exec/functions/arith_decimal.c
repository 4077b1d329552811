/* arith_decimal.c -- + - * / % of DECIMAL, with Flink's rules of precision.
 *
 * An integer beside a decimal counts as the DECIMAL(p, 0) that holds its type. A
 * result that needs more digits than its type has is an error. Sums work at the
 * larger scale of the two in 128 bits; products and quotients have 256 bits inside
 * (data/value.h), with a short cut for what fits a machine word. */
#include "exec/functions/arith_internal.h"

struct pair {
    __int128 a, b;
    unsigned sa, sb;
};

static struct pair pair_at(const struct fn_row *r, uint32_t i)
{
    return (struct pair){
        .a = FN_LANE(__int128, r->args[0], i),
        .b = FN_LANE(__int128, r->args[1], i),
        .sa = r->args[0]->type->scale,
        .sb = r->args[1]->type->scale,
    };
}

static bool decimal_fits(__int128 v, unsigned precision)
{
    return v < lt_pow10_i128[precision] && v > -lt_pow10_i128[precision];
}

static lt_status decimal_overflow(struct fn_row *r, struct pair p, enum arith op)
{
    struct lt_buf a, b;
    lt_buf_init(&a, r->eval->scratch->alloc);
    lt_buf_init(&b, r->eval->scratch->alloc);
    lt_decimal_print(&a, p.a, p.sa);
    lt_decimal_print(&b, p.b, p.sb);
    lt_fail(r->eval->err, LT_DATA,
            "decimal overflow: %.*s %c %.*s does not fit DECIMAL(%u, %u); CAST an operand to fewer "
            "digits",
            LT_STR_ARG(lt_buf_str(&a)), arith_symbol(op), LT_STR_ARG(lt_buf_str(&b)),
            r->result->precision, r->result->scale);
    lt_buf_close(&a);
    lt_buf_close(&b);
    return LT_DATA;
}

static lt_status decimal_put(struct fn_row *r, uint32_t i, bool ok, __int128 v, struct pair p,
                             enum arith op)
{
    if (LT_UNLIKELY(!ok))
        return decimal_overflow(r, p, op);
    ((__int128 *)r->out->values)[i] = v;
    return LT_OK;
}

/* Both at the larger scale; false when that needs more than 128 bits. */
static bool decimal_align(struct pair *p, unsigned *scale)
{
    *scale = p->sa > p->sb ? p->sa : p->sb;
    return !__builtin_mul_overflow(p->a, lt_pow10_i128[*scale - p->sa], &p->a) &&
           !__builtin_mul_overflow(p->b, lt_pow10_i128[*scale - p->sb], &p->b);
}

static bool decimal_sum(struct pair p, bool minus, const struct lt_type *type, __int128 *out)
{
    unsigned scale;
    struct pair q = p;
    __int128 v;
    if (decimal_align(&q, &scale) &&
        !(minus ? __builtin_sub_overflow(q.a, q.b, &v) : __builtin_add_overflow(q.a, q.b, &v))) {
        if (scale == type->scale) {
            *out = v;
            return decimal_fits(v, type->precision);
        }
        return lt_decimal_rescale(v, scale, type->scale, type->precision, out);
    }
    /* 38 digits on both sides: rounded one by one to the scale of the result. */
    if (!lt_decimal_rescale(p.a, p.sa, type->scale, LT_DECIMAL_PRECISION_MAX, &q.a) ||
        !lt_decimal_rescale(p.b, p.sb, type->scale, LT_DECIMAL_PRECISION_MAX, &q.b))
        return false;
    *out = minus ? q.a - q.b : q.a + q.b;
    return decimal_fits(*out, type->precision);
}

static lt_status decimal_add_row(struct fn_row *r, uint32_t i)
{
    struct pair p = pair_at(r, i);
    __int128 v = 0;
    bool ok = decimal_sum(p, false, r->result, &v);
    return decimal_put(r, i, ok, v, p, ARITH_ADD);
}

static lt_status decimal_sub_row(struct fn_row *r, uint32_t i)
{
    struct pair p = pair_at(r, i);
    __int128 v = 0;
    bool ok = decimal_sum(p, true, r->result, &v);
    return decimal_put(r, i, ok, v, p, ARITH_SUB);
}

static lt_status decimal_mul_row(struct fn_row *r, uint32_t i)
{
    struct pair p = pair_at(r, i);
    __int128 v;
    bool ok;
    if (p.a == (int64_t)p.a && p.b == (int64_t)p.b && p.sa + p.sb == r->result->scale) {
        v = p.a * p.b;
        ok = decimal_fits(v, r->result->precision);
    } else {
        ok = lt_decimal_multiply(p.a, p.sa, p.b, p.sb, r->result->precision, r->result->scale, &v);
    }
    return decimal_put(r, i, ok, v, p, ARITH_MUL);
}

static lt_status division_by_zero(struct fn_row *r)
{
    return lt_fail(r->eval->err, LT_DATA,
                   "division by zero: the DECIMAL divisor is 0; guard it with CASE or NULLIF");
}

static lt_status decimal_div_row(struct fn_row *r, uint32_t i)
{
    struct pair p = pair_at(r, i);
    __int128 v = 0;
    bool ok;
    if (p.b == 0)
        return division_by_zero(r);
    ok = lt_decimal_divide(p.a, p.sa, p.b, p.sb, r->result->precision, r->result->scale, &v);
    return decimal_put(r, i, ok, v, p, ARITH_DIV);
}

static lt_status decimal_mod_row(struct fn_row *r, uint32_t i)
{
    struct pair p = pair_at(r, i), q = p;
    unsigned scale;
    __int128 v = 0;
    bool ok;
    if (p.b == 0)
        return division_by_zero(r);
    ok = decimal_align(&q, &scale) &&
         lt_decimal_rescale(q.a % q.b, scale, r->result->scale, r->result->precision, &v);
    return decimal_put(r, i, ok, v, p, ARITH_MOD_OP);
}

static lt_status decimal_negate_row(struct fn_row *r, uint32_t i)
{
    ((__int128 *)r->out->values)[i] = -FN_LANE(__int128, r->args[0], i);
    return LT_OK;
}

/* ---- where no digit can be lost --------------------------------------
 *
 * When the result's type holds every digit that can come out, nothing overflows and
 * nothing is rounded: two loops over all lanes, whatever they hold. */

typedef unsigned __int128 u128;

static LT_KERNEL void mul_loop(const u128 *restrict a, uint32_t a_step, const u128 *restrict b,
                               uint32_t b_step, uint32_t len, u128 *restrict to)
{
    for (uint32_t i = 0; i < len; i++)
        to[i] = a[i * a_step] * b[i * b_step];
}

/* a * by_a + b * by_b; a difference has -1 in by_b. */
static LT_KERNEL void sum_loop(const u128 *restrict a, uint32_t a_step, u128 by_a,
                               const u128 *restrict b, uint32_t b_step, u128 by_b, uint32_t len,
                               u128 *restrict to)
{
    for (uint32_t i = 0; i < len; i++)
        to[i] = a[i * a_step] * by_a + b[i * b_step] * by_b;
}

static lt_status exact_eval(struct lt_eval *eval, struct lt_column *const *args, enum arith op,
                            const struct lt_type *result, struct lt_column **out)
{
    const struct lt_column *a = args[0], *b = args[1];
    uint32_t a_step = a->encoding != LT_CONSTANT, b_step = b->encoding != LT_CONSTANT;
    struct lt_column *to = lt_column_new_raw(eval->pool, result, eval->len);
    if (to == NULL)
        return LT_NOMEM;
    if (op == ARITH_MUL) {
        mul_loop(a->values, a_step, b->values, b_step, eval->len, to->values);
    } else {
        u128 by_a = (u128)lt_pow10_i128[result->scale - a->type->scale];
        u128 by_b = (u128)lt_pow10_i128[result->scale - b->type->scale];
        sum_loop(a->values, a_step, by_a, b->values, b_step, op == ARITH_SUB ? -by_b : by_b,
                 eval->len, to->values);
    }
    *out = to;
    return LT_OK;
}

#define EXACT_KERNEL(id, op)                                                                    \
    static lt_status id##_eval(struct lt_eval *eval, struct lt_column *const *args,             \
                               uint32_t n_args, const struct lt_type *result, const void *data, \
                               struct lt_column **out)                                          \
    {                                                                                           \
        LT_UNUSED(n_args);                                                                      \
        LT_UNUSED(data);                                                                        \
        return exact_eval(eval, args, op, result, out);                                         \
    }                                                                                           \
    static const struct lt_kernel id = {                                                        \
        .name = #id, .eval = id##_eval, .strict = true, .dense = true, .total = true};
EXACT_KERNEL(exact_add, ARITH_ADD)
EXACT_KERNEL(exact_sub, ARITH_SUB)
EXACT_KERNEL(exact_mul, ARITH_MUL)

static bool is_exact(enum arith op, const struct lt_type *a, const struct lt_type *b, unsigned p,
                     unsigned s)
{
    unsigned whole_a = a->precision - a->scale, whole_b = b->precision - b->scale;
    unsigned scale = a->scale > b->scale ? a->scale : b->scale;
    if (op == ARITH_MUL)
        return s == (unsigned)a->scale + b->scale && p >= (unsigned)a->precision + b->precision;
    if (op != ARITH_ADD && op != ARITH_SUB)
        return false;
    return s == scale && p - s > (whole_a > whole_b ? whole_a : whole_b);
}

FN_KERNEL(decimal_add, decimal_add_row);
FN_KERNEL(decimal_sub, decimal_sub_row);
FN_KERNEL(decimal_mul, decimal_mul_row);
FN_KERNEL(decimal_div, decimal_div_row);
FN_KERNEL(decimal_mod, decimal_mod_row);
FN_EVAL(decimal_negate, decimal_negate_row, false)
const struct lt_kernel arith_decimal_negate = {
    .name = "decimal_negate", .eval = decimal_negate_eval, .strict = true, .total = true};

static lt_status as_decimal(struct lt_bind_call *call, uint32_t i)
{
    unsigned p, s;
    const struct lt_type *type = call->args[i];
    if (type->kind == LT_TYPE_DECIMAL)
        return LT_OK;
    lt_decimal_of_integer(type->kind == LT_TYPE_NULL ? LT_TYPE_INT : type->kind, &p, &s);
    type = lt_type_decimal(call->arena, p, s);
    return type ? fn_force(call, i, type) : LT_NOMEM;
}

lt_status arith_bind_decimal(struct lt_bind_call *call, enum arith op)
{
    static const struct lt_kernel *const kernels[5] = {&decimal_add, &decimal_sub, &decimal_mul,
                                                       &decimal_div, &decimal_mod};
    static const struct lt_kernel *const exact_kernels[5] = {&exact_add, &exact_sub, &exact_mul};
    const struct lt_type *a, *b;
    unsigned p, s;
    LT_TRY(as_decimal(call, 0));
    LT_TRY(as_decimal(call, 1));
    a = call->args[0];
    b = call->args[1];
    lt_decimal_result(arith_symbol(op), a->precision, a->scale, b->precision, b->scale, &p, &s);
    return fn_result(call, lt_type_decimal(call->arena, p, s),
                     is_exact(op, a, b, p, s) ? exact_kernels[op] : kernels[op]);
}
