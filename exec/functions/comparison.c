/* comparison.c -- = <> < <= > >= and IS [NOT] DISTINCT FROM.
 *
 * Both sides are brought to one type first. Fixed widths compare in dense loops;
 * doubles as IEEE 754 says (NaN equals nothing, -0.0 equals 0.0); text bytewise,
 * which is the order of code points; rows, arrays and maps by = and <> only. */
#include "exec/functions/support.h"

enum compare { EQ, NE, LT, LE, GT, GE };

typedef void (*compare_loop)(const void *a, const void *b, uint32_t b_step, uint32_t len,
                             int8_t *restrict out);

#define COMPARE_SET cmp_i8
#define COMPARE_T int8_t
#include "exec/kernels/compare_ops.tmpl.h"
#define COMPARE_SET cmp_i16
#define COMPARE_T int16_t
#include "exec/kernels/compare_ops.tmpl.h"
#define COMPARE_SET cmp_i32
#define COMPARE_T int32_t
#include "exec/kernels/compare_ops.tmpl.h"
#define COMPARE_SET cmp_i64
#define COMPARE_T int64_t
#include "exec/kernels/compare_ops.tmpl.h"
#define COMPARE_SET cmp_f32
#define COMPARE_T float
#include "exec/kernels/compare_ops.tmpl.h"
#define COMPARE_SET cmp_f64
#define COMPARE_T double
#include "exec/kernels/compare_ops.tmpl.h"
#define COMPARE_SET cmp_i128
#define COMPARE_T __int128
#include "exec/kernels/compare_ops.tmpl.h"

static const compare_loop *const compare_loops[LT_PHYS_COUNT] = {
    [LT_PHYS_I8] = cmp_i8_loops,     [LT_PHYS_I16] = cmp_i16_loops, [LT_PHYS_I32] = cmp_i32_loops,
    [LT_PHYS_I64] = cmp_i64_loops,   [LT_PHYS_F32] = cmp_f32_loops, [LT_PHYS_F64] = cmp_f64_loops,
    [LT_PHYS_I128] = cmp_i128_loops,
};

static const enum compare compare_flipped[6] = {EQ, NE, GT, GE, LT, LE};

static lt_status compare_fixed(struct lt_eval *eval, struct lt_column *const *args, enum compare op,
                               const struct lt_type *result, struct lt_column **out)
{
    const struct lt_column *a = args[0], *b = args[1];
    struct lt_column *col = lt_column_new_raw(eval->pool, result, eval->len);
    if (col == NULL)
        return LT_NOMEM;
    if (a->encoding == LT_CONSTANT && b->encoding != LT_CONSTANT) {
        const struct lt_column *swap = a;
        a = b;
        b = swap;
        op = compare_flipped[op];
    }
    compare_loops[a->phys][op](a->values, b->values, b->encoding != LT_CONSTANT, eval->len,
                               col->values);
    *out = col;
    return LT_OK;
}

static bool compare_holds(enum compare op, int order)
{
    switch (op) {
    case EQ: return order == 0;
    case NE: return order != 0;
    case LT: return order < 0;
    case LE: return order <= 0;
    case GT: return order > 0;
    default: return order >= 0;
    }
}

static lt_status compare_text(struct lt_eval *eval, struct lt_column *const *args, enum compare op,
                              const struct lt_type *result, struct lt_column **out)
{
    struct lt_column *col = lt_column_new(eval->pool, result, eval->len);
    if (col == NULL)
        return LT_NOMEM;
    int8_t *to = col->values;
    FN_EACH(eval, i)
    {
        const struct lt_sv *a = &FN_LANE(struct lt_sv, args[0], i);
        const struct lt_sv *b = &FN_LANE(struct lt_sv, args[1], i);
        if (op == EQ || op == NE)
            to[i] = lt_sv_equal(a, b) == (op == EQ);
        else
            to[i] = compare_holds(op, lt_sv_compare(a, b));
    }
    *out = col;
    return LT_OK;
}

/* = and <> with a text of at most 12 bytes: two words say all, whatever the lane holds. */
static LT_KERNEL void short_loop(const struct lt_sv *texts, const struct lt_sv *constant,
                                 uint32_t len, int8_t differs, int8_t *restrict out)
{
    const char *views = (const char *)texts;
    uint64_t c[2], words[2];
    memcpy(c, constant, sizeof(c));
    for (uint32_t i = 0; i < len; i++) {
        memcpy(words, views + i * sizeof(*texts), sizeof(words));
        out[i] = (((words[0] ^ c[0]) | (words[1] ^ c[1])) == 0) ^ differs;
    }
}

static lt_status compare_short(struct lt_eval *eval, struct lt_column *const *args, enum compare op,
                               const struct lt_type *result, struct lt_column **out)
{
    uint32_t text = args[0]->encoding == LT_CONSTANT && args[1]->encoding != LT_CONSTANT;
    if (args[!text]->encoding != LT_CONSTANT || args[text]->encoding != LT_FLAT ||
        ((const struct lt_sv *)args[!text]->values)->len > LT_SV_INLINE_MAX)
        return compare_text(eval, args, op, result, out);
    *out = lt_column_new_raw(eval->pool, result, eval->len);
    if (*out == NULL)
        return LT_NOMEM;
    short_loop(args[text]->values, args[!text]->values, eval->len, op == NE, (*out)->values);
    return LT_OK;
}

static lt_status compare_cells(struct lt_eval *eval, struct lt_column *const *args, enum compare op,
                               const struct lt_type *result, struct lt_column **out)
{
    struct lt_column *col = lt_column_new(eval->pool, result, eval->len);
    if (col == NULL)
        return LT_NOMEM;
    FN_EACH(eval, i)
    {
        bool same = lt_cell_equal(lt_column_cell(args[0], i), lt_column_cell(args[1], i));
        ((int8_t *)col->values)[i] = same == (op == EQ);
    }
    *out = col;
    return LT_OK;
}

/* ---- kernels: one per operator and shape ---------------------------- */

#define COMPARE_KERNEL(shape, op, is_dense)                                                        \
    static lt_status shape##_##op(struct lt_eval *eval, struct lt_column *const *args,             \
                                  uint32_t n_args, const struct lt_type *result, const void *data, \
                                  struct lt_column **out)                                          \
    {                                                                                              \
        LT_UNUSED(n_args);                                                                         \
        LT_UNUSED(data);                                                                           \
        return shape(eval, args, op, result, out);                                                 \
    }                                                                                              \
    static const struct lt_kernel shape##_##op##_kernel = {                                        \
        .name = #shape, .eval = shape##_##op, .strict = true, .dense = is_dense, .total = true};
#define COMPARE_KERNELS(shape, is_dense) \
    COMPARE_KERNEL(shape, EQ, is_dense)  \
    COMPARE_KERNEL(shape, NE, is_dense)  \
    COMPARE_KERNEL(shape, LT, is_dense)  \
    COMPARE_KERNEL(shape, LE, is_dense)  \
    COMPARE_KERNEL(shape, GT, is_dense)  \
    COMPARE_KERNEL(shape, GE, is_dense)
COMPARE_KERNELS(compare_fixed, true)
COMPARE_KERNELS(compare_text, false)
COMPARE_KERNEL(compare_short, EQ, true)
COMPARE_KERNEL(compare_short, NE, true)
COMPARE_KERNEL(compare_cells, EQ, false)
COMPARE_KERNEL(compare_cells, NE, false)

static const struct lt_kernel *const compare_kernels[4][6] = {
    {&compare_fixed_EQ_kernel, &compare_fixed_NE_kernel, &compare_fixed_LT_kernel,
     &compare_fixed_LE_kernel, &compare_fixed_GT_kernel, &compare_fixed_GE_kernel},
    {&compare_text_EQ_kernel, &compare_text_NE_kernel, &compare_text_LT_kernel,
     &compare_text_LE_kernel, &compare_text_GT_kernel, &compare_text_GE_kernel},
    {&compare_cells_EQ_kernel, &compare_cells_NE_kernel, NULL, NULL, NULL, NULL},
    {&compare_short_EQ_kernel, &compare_short_NE_kernel, &compare_text_LT_kernel,
     &compare_text_LE_kernel, &compare_text_GT_kernel, &compare_text_GE_kernel},
};

/* ---- binding -------------------------------------------------------- */

static lt_status compare_type(struct lt_bind_call *call, const struct lt_type **out)
{
    const struct lt_type *type;
    lt_status status = lt_comparable_type(call->arena, call->args[0], call->args[1], &type);
    if (status == LT_INVALID)
        return fn_refuse(call, "the two cannot be compared, CAST one of them");
    LT_TRY(status);
    if (type->kind == LT_TYPE_NULL)
        type = &lt_type_boolean;
    LT_TRY(fn_force(call, 0, type));
    LT_TRY(fn_force(call, 1, type));
    *out = type;
    return LT_OK;
}

static bool is_short(const struct lt_bind_call *call, uint32_t i)
{
    struct lt_str text;
    return fn_constant_text(call, i, &text) && text.len <= LT_SV_INLINE_MAX;
}

static lt_status bind_compare(struct lt_bind_call *call, enum compare op)
{
    const struct lt_type *type = NULL;
    enum lt_phys phys;
    unsigned shape;
    LT_TRY(compare_type(call, &type));
    phys = lt_type_phys(type);
    shape = phys == LT_PHYS_STR ? 1 : phys >= LT_PHYS_LIST ? 2 : 0;
    if (shape == 1 && (is_short(call, 0) || is_short(call, 1)))
        shape = 3;
    if (compare_kernels[shape][op] == NULL)
        return fn_refuse(call, "rows, arrays and maps have no order, only = and <>");
    return fn_result(call, &lt_type_boolean, compare_kernels[shape][op]);
}

#define COMPARE_FUNCTION(id, op, symbol, words, ex, res)                \
    static lt_status bind_##id(struct lt_bind_call *call)               \
    {                                                                   \
        return bind_compare(call, op);                                  \
    }                                                                   \
    const struct lt_function lt_fn_##id = {                             \
        .name = symbol,                                                 \
        .family = "comparison",                                         \
        .args_min = 2,                                                  \
        .args_max = 2,                                                  \
        .bind = bind_##id,                                              \
        .signature = "a " symbol " b -> BOOLEAN",                       \
        .doc = "TRUE when a is " words " b; NULL when either is NULL.", \
        .example = ex,                                                  \
        .result = res,                                                  \
    };
COMPARE_FUNCTION(equal, EQ, "=", "equal to", "1 = 1.0", "TRUE")
COMPARE_FUNCTION(not_equal, NE, "<>", "not equal to", "'a' <> 'b'", "TRUE")
COMPARE_FUNCTION(less, LT, "<", "less than", "1 < 2", "TRUE")
COMPARE_FUNCTION(less_equal, LE, "<=", "less than or equal to", "2 <= 2", "TRUE")
COMPARE_FUNCTION(greater, GT, ">", "greater than", "'b' > 'abc'", "TRUE")
COMPARE_FUNCTION(greater_equal, GE, ">=", "greater than or equal to", "1 >= 2", "FALSE")

/* ---- IS [NOT] DISTINCT FROM ----------------------------------------- */

static lt_status not_distinct_row(struct fn_row *r, uint32_t i)
{
    return fn_set_bool(r, i,
                       lt_cell_equal(lt_column_cell(r->args[0], i), lt_column_cell(r->args[1], i)));
}
static lt_status distinct_row(struct fn_row *r, uint32_t i)
{
    return fn_set_bool(
        r, i, !lt_cell_equal(lt_column_cell(r->args[0], i), lt_column_cell(r->args[1], i)));
}
FN_LAX_KERNEL(not_distinct_kernel, not_distinct_row);
FN_LAX_KERNEL(distinct_kernel, distinct_row);

static lt_status bind_distinct(struct lt_bind_call *call)
{
    const struct lt_type *type;
    LT_TRY(compare_type(call, &type));
    return fn_result_nullable(call, &lt_type_boolean, &distinct_kernel, false);
}
static lt_status bind_not_distinct(struct lt_bind_call *call)
{
    const struct lt_type *type;
    LT_TRY(compare_type(call, &type));
    return fn_result_nullable(call, &lt_type_boolean, &not_distinct_kernel, false);
}

const struct lt_function lt_fn_distinct_from = {
    .name = "IS DISTINCT FROM",
    .family = "comparison",
    .args_min = 2,
    .args_max = 2,
    .bind = bind_distinct,
    .signature = "a IS DISTINCT FROM b -> BOOLEAN",
    .doc = "As <>, but NULL is a value like others: never NULL itself.",
    .example = "1 IS DISTINCT FROM NULL",
    .result = "TRUE",
};
const struct lt_function lt_fn_not_distinct_from = {
    .name = "IS NOT DISTINCT FROM",
    .family = "comparison",
    .args_min = 2,
    .args_max = 2,
    .bind = bind_not_distinct,
    .signature = "a IS NOT DISTINCT FROM b -> BOOLEAN",
    .doc = "As =, but NULL equals NULL: never NULL itself.",
    .example = "CAST(NULL AS INT) IS NOT DISTINCT FROM NULL",
    .result = "TRUE",
};
