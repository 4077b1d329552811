/* support.h -- what the files of functions share: binding by a short signature,
 * and the loop over rows.
 *
 * A binding signature is one letter per argument, then '>' and the result:
 *
 *   s STRING   b BYTES   l BIGINT   i INT   d DOUBLE   o BOOLEAN   D DATE
 *   t TIMESTAMP(6)   z TIMESTAMP_LTZ(6)   x any type, as it is
 *   a ARRAY, as it is   m MAP, as it is   n any number, as it is
 *   *  after a letter: it stands for all further arguments
 *   ?  after the result: nullable whatever the arguments are
 *
 * A result letter 1..9 is the type of that argument. */
#ifndef LT_EXEC_FUNCTIONS_SUPPORT_H
#define LT_EXEC_FUNCTIONS_SUPPORT_H

#include "base/bits.h"
#include "catalog/typing.h"
#include "data/value.h"
#include "exec/functions/functions.h"
#include "exec/program.h"

/* ---- binding -------------------------------------------------------- */

lt_status fn_bind(struct lt_bind_call *call, const char *signature,
                  const struct lt_kernel *kernel) LT_MUST_CHECK;
/* Argument i becomes `type` (its own nullability kept), if that loses nothing. */
lt_status fn_want(struct lt_bind_call *call, uint32_t i, const struct lt_type *type) LT_MUST_CHECK;
/* Casts it whether or not something may be lost; the cast fails at run time then. */
lt_status fn_force(struct lt_bind_call *call, uint32_t i, const struct lt_type *type) LT_MUST_CHECK;
/* The result: NULL when an argument may be. */
lt_status fn_result(struct lt_bind_call *call, const struct lt_type *type,
                    const struct lt_kernel *kernel) LT_MUST_CHECK;
lt_status fn_result_nullable(struct lt_bind_call *call, const struct lt_type *type,
                             const struct lt_kernel *kernel, bool nullable) LT_MUST_CHECK;
/* "ABS does not take STRING: <advice>". */
lt_status fn_refuse(struct lt_bind_call *call, const char *advice);
/* Brings arguments from..to (exclusive) to their common type. */
lt_status fn_common(struct lt_bind_call *call, uint32_t from, uint32_t to,
                    const struct lt_type **out) LT_MUST_CHECK;
/* The constant text of argument i; false when it is not a constant or is NULL. */
bool fn_constant_text(const struct lt_bind_call *call, uint32_t i, struct lt_str *out);
bool fn_constant_i64(const struct lt_bind_call *call, uint32_t i, int64_t *out);

/* ---- rows ----------------------------------------------------------- */

struct fn_row {
    struct lt_eval *eval;
    struct lt_column *const *args;
    uint32_t n_args;
    const struct lt_type *result;
    const void *data;
    struct lt_column *out;
    struct lt_buf buf; /* for building text; cleared by who uses it */
};

typedef lt_status (*fn_row_fn)(struct fn_row *r, uint32_t i);

#define FN_EACH(eval, i)         \
    for (uint32_t k_ = 0, i = 0; \
         k_ < (eval)->n_sel && ((i = (eval)->sel ? (eval)->sel[k_] : k_), true); k_++)

#define FN_LANE(T, col, i) (((const T *)(col)->values)[(col)->encoding == LT_CONSTANT ? 0 : (i)])

static inline int64_t fn_i64(const struct fn_row *r, uint32_t a, uint32_t i)
{
    return FN_LANE(int64_t, r->args[a], i);
}
static inline int32_t fn_i32(const struct fn_row *r, uint32_t a, uint32_t i)
{
    return FN_LANE(int32_t, r->args[a], i);
}
static inline bool fn_bool(const struct fn_row *r, uint32_t a, uint32_t i)
{
    return FN_LANE(int8_t, r->args[a], i) != 0;
}
static inline double fn_f64(const struct fn_row *r, uint32_t a, uint32_t i)
{
    return FN_LANE(double, r->args[a], i);
}
/* Points into the column: an inline text lives in its lane. */
static inline struct lt_str fn_str(const struct fn_row *r, uint32_t a, uint32_t i)
{
    return lt_sv_str(&FN_LANE(struct lt_sv, r->args[a], i));
}
static inline bool fn_is_null(const struct fn_row *r, uint32_t a, uint32_t i)
{
    return lt_column_is_null(r->args[a], i);
}
static inline lt_status fn_set_null(struct fn_row *r, uint32_t i)
{
    LT_TRY(lt_column_own_validity(r->out));
    lt_column_set_null(r->out, i);
    return LT_OK;
}
static inline lt_status fn_set_i64(struct fn_row *r, uint32_t i, int64_t v)
{
    ((int64_t *)r->out->values)[i] = v;
    return LT_OK;
}
static inline lt_status fn_set_i32(struct fn_row *r, uint32_t i, int64_t v)
{
    ((int32_t *)r->out->values)[i] = (int32_t)v;
    return LT_OK;
}
static inline lt_status fn_set_bool(struct fn_row *r, uint32_t i, bool v)
{
    ((int8_t *)r->out->values)[i] = v;
    return LT_OK;
}
static inline lt_status fn_set_f64(struct fn_row *r, uint32_t i, double v)
{
    ((double *)r->out->values)[i] = v;
    return LT_OK;
}
/* Copies the text. */
static inline lt_status fn_set_str(struct fn_row *r, uint32_t i, struct lt_str text)
{
    return lt_column_put_str(r->out, i, text);
}
/* A part of an argument's text, without a copy; needs FN_SLICE_KERNEL. */
static inline lt_status fn_set_slice(struct fn_row *r, uint32_t i, struct lt_str text)
{
    ((struct lt_sv *)r->out->values)[i] = lt_sv_of(text.data, (uint32_t)text.len);
    return LT_OK;
}
/* The text in r->buf. */
static inline lt_status fn_set_buf(struct fn_row *r, uint32_t i)
{
    LT_TRY(r->buf.status);
    return lt_column_put_str(r->out, i, lt_buf_str(&r->buf));
}

/* `slice`: the result points into the arguments' texts. */
static inline lt_status fn_rows(struct lt_eval *eval, struct lt_column *const *args,
                                uint32_t n_args, const struct lt_type *result, const void *data,
                                struct lt_column **out, fn_row_fn row, bool slice)
{
    struct fn_row r = {
        .eval = eval, .args = args, .n_args = n_args, .result = result, .data = data};
    lt_status status = LT_OK;
    r.out = lt_column_new(eval->pool, result, eval->len);
    if (r.out == NULL)
        return LT_NOMEM;
    r.buf = lt_eval_take_text(eval);
    for (uint32_t a = 0; slice && a < n_args && status == LT_OK; a++) {
        if (args[a]->phys == LT_PHYS_STR)
            status = lt_column_hold_from(r.out, args[a]);
    }
    if (status == LT_OK) {
        FN_EACH(eval, i)
        {
            status = row(&r, i);
            if (LT_UNLIKELY(status != LT_OK))
                break;
        }
    }
    lt_eval_put_text(eval, &r.buf);
    if (status != LT_OK) {
        lt_column_unref(r.out);
        return status;
    }
    lt_column_seal(r.out);
    *out = r.out;
    return LT_OK;
}

#define FN_EVAL(id, row, slice)                                                                 \
    static lt_status id##_eval(struct lt_eval *eval, struct lt_column *const *args,             \
                               uint32_t n_args, const struct lt_type *result, const void *data, \
                               struct lt_column **out)                                          \
    {                                                                                           \
        return fn_rows(eval, args, n_args, result, data, out, row, slice);                      \
    }
/* Strict kernels over a row function: one that never fails, one that may, and
 * one whose texts point into its arguments. */
#define FN_TOTAL_KERNEL(id, row)         \
    FN_EVAL(id, row, false)              \
    static const struct lt_kernel id = { \
        .name = #id, .eval = id##_eval, .strict = true, .total = true}
#define FN_KERNEL(id, row)  \
    FN_EVAL(id, row, false) \
    static const struct lt_kernel id = {.name = #id, .eval = id##_eval, .strict = true}
#define FN_SLICE_KERNEL(id, row)         \
    FN_EVAL(id, row, true)               \
    static const struct lt_kernel id = { \
        .name = #id, .eval = id##_eval, .strict = true, .total = true}
/* Sees NULL arguments too; they are FLAT or CONSTANT, as for strict ones. */
#define FN_LAX_KERNEL(id, row)                                                                  \
    static lt_status id##_eval(struct lt_eval *eval, struct lt_column *const *args,             \
                               uint32_t n_args, const struct lt_type *result, const void *data, \
                               struct lt_column **out)                                          \
    {                                                                                           \
        return fn_lax_rows(eval, args, n_args, result, data, out, row);                         \
    }                                                                                           \
    static const struct lt_kernel id = {.name = #id, .eval = id##_eval}

lt_status fn_lax_rows(struct lt_eval *eval, struct lt_column *const *args, uint32_t n_args,
                      const struct lt_type *result, const void *data, struct lt_column **out,
                      fn_row_fn row) LT_MUST_CHECK;

/* The descriptor of a function without flags, documentation last. */
#define FN(id, text, other, kin, least, most, binder, usage, what, sample, prints) \
    const struct lt_function lt_fn_##id = {                                        \
        .name = text,                                                              \
        .aliases = other,                                                          \
        .family = kin,                                                             \
        .args_min = least,                                                         \
        .args_max = most,                                                          \
        .bind = binder,                                                            \
        .signature = usage,                                                        \
        .doc = what,                                                               \
        .example = sample,                                                         \
        .result = prints,                                                          \
    }

/* A binder that only follows a signature. */
#define FN_BIND(name, signature, kernel)             \
    static lt_status name(struct lt_bind_call *call) \
    {                                                \
        return fn_bind(call, signature, &kernel);    \
    }

#endif
