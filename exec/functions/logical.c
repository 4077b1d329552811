/* logical.c -- AND, OR, NOT and the tests IS NULL, IS TRUE and their kin.
 *
 * AND and OR are forms of the program (program_compile.c), which skips the parts
 * whose answer cannot matter. */
#include "exec/functions/support.h"

static const struct lt_kernel and_kernel = {.name = "AND", .form = LT_FORM_AND};
static const struct lt_kernel or_kernel = {.name = "OR", .form = LT_FORM_OR};
FN_BIND(bind_and, "o*>o", and_kernel)
FN_BIND(bind_or, "o*>o", or_kernel)

/* ---- NOT ------------------------------------------------------------ */

static LT_KERNEL void not_loop(const int8_t *restrict from, uint32_t step, uint32_t len,
                               int8_t *restrict to)
{
    for (uint32_t i = 0; i < len; i++)
        to[i] = !from[i * step];
}

static lt_status not_eval(struct lt_eval *eval, struct lt_column *const *args, uint32_t n_args,
                          const struct lt_type *result, const void *data, struct lt_column **out)
{
    struct lt_column *col = lt_column_new_raw(eval->pool, result, eval->len);
    LT_UNUSED(n_args);
    LT_UNUSED(data);
    if (col == NULL)
        return LT_NOMEM;
    not_loop(args[0]->values, args[0]->encoding != LT_CONSTANT, eval->len, col->values);
    *out = col;
    return LT_OK;
}
static const struct lt_kernel not_kernel = {.name = "NOT",
                                            .eval = not_eval,
                                            .strict = true,
                                            .dense = true,
                                            .total = true,
                                            .test = LT_TEST_FALSE};
FN_BIND(bind_not, "o>o", not_kernel)

/* ---- tests that never give NULL ------------------------------------- */

/* What the answer is for a TRUE, a FALSE and a NULL argument. */
struct truth {
    bool when_true, when_false, when_null;
};

static lt_status truth_test(struct lt_eval *eval, struct lt_column *arg, struct truth truth,
                            bool value_matters, const struct lt_type *result,
                            struct lt_column **out)
{
    struct lt_column *col;
    int8_t *to;
    if (arg->encoding == LT_DICTIONARY)
        LT_TRY(lt_eval_flat(eval, arg, &arg));
    col = lt_column_new_raw(eval->pool, result, eval->len);
    if (col == NULL)
        return LT_NOMEM;
    to = col->values;
    for (uint32_t i = 0; i < eval->len; i++) {
        uint32_t lane = arg->encoding == LT_CONSTANT ? 0 : i;
        bool known = arg->validity == NULL || lt_bits_get(arg->validity, lane);
        bool value = value_matters && known && ((const int8_t *)arg->values)[lane];
        to[i] = !known ? truth.when_null : value ? truth.when_true : truth.when_false;
    }
    *out = col;
    return LT_OK;
}

#define TRUTH_FUNCTION(id, text, t, f, n, on_value, as_test, sig, what, ex, res)                \
    static lt_status id##_eval(struct lt_eval *eval, struct lt_column *const *args,             \
                               uint32_t n_args, const struct lt_type *result, const void *data, \
                               struct lt_column **out)                                          \
    {                                                                                           \
        LT_UNUSED(n_args);                                                                      \
        LT_UNUSED(data);                                                                        \
        return truth_test(eval, args[0], (struct truth){t, f, n}, on_value, result, out);       \
    }                                                                                           \
    static const struct lt_kernel id##_kernel = {                                               \
        .name = text, .eval = id##_eval, .dense = true, .total = true, .test = as_test};        \
    static lt_status bind_##id(struct lt_bind_call *call)                                       \
    {                                                                                           \
        if (on_value)                                                                           \
            LT_TRY(fn_want(call, 0, &lt_type_boolean));                                         \
        return fn_result_nullable(call, &lt_type_boolean, &id##_kernel, false);                 \
    }                                                                                           \
    const struct lt_function lt_fn_##id = {                                                     \
        .name = text,                                                                           \
        .family = on_value ? "logical" : "comparison",                                          \
        .args_min = 1,                                                                          \
        .args_max = 1,                                                                          \
        .bind = bind_##id,                                                                      \
        .signature = sig,                                                                       \
        .doc = what,                                                                            \
        .example = ex,                                                                          \
        .result = res,                                                                          \
    };
TRUTH_FUNCTION(is_null, "IS NULL", false, false, true, false, LT_TEST_NULL, "x IS NULL -> BOOLEAN",
               "TRUE when x is NULL.", "CAST(NULL AS INT) IS NULL", "TRUE")
TRUTH_FUNCTION(is_not_null, "IS NOT NULL", true, true, false, false, LT_TEST_NOT_NULL,
               "x IS NOT NULL -> BOOLEAN", "TRUE when x is not NULL.", "1 IS NOT NULL", "TRUE")
TRUTH_FUNCTION(is_true, "IS TRUE", true, false, false, true, LT_TEST_TRUE, "x IS TRUE -> BOOLEAN",
               "TRUE when x is TRUE, FALSE when it is FALSE or NULL.", "(1 = 1) IS TRUE", "TRUE")
TRUTH_FUNCTION(is_not_true, "IS NOT TRUE", false, true, true, true, LT_TEST_NOT_TRUE,
               "x IS NOT TRUE -> BOOLEAN", "TRUE when x is FALSE or NULL.", "(1 = 2) IS NOT TRUE",
               "TRUE")
TRUTH_FUNCTION(is_false, "IS FALSE", false, true, false, true, LT_TEST_FALSE,
               "x IS FALSE -> BOOLEAN", "TRUE when x is FALSE, FALSE when it is TRUE or NULL.",
               "(1 = 2) IS FALSE", "TRUE")
TRUTH_FUNCTION(is_not_false, "IS NOT FALSE", true, false, true, true, LT_TEST_NOT_FALSE,
               "x IS NOT FALSE -> BOOLEAN", "TRUE when x is TRUE or NULL.", "(1 = 1) IS NOT FALSE",
               "TRUE")
TRUTH_FUNCTION(is_unknown, "IS UNKNOWN", false, false, true, true, LT_TEST_NULL,
               "x IS UNKNOWN -> BOOLEAN", "TRUE when the BOOLEAN x is NULL.", "(1 = 2) IS UNKNOWN",
               "FALSE")
TRUTH_FUNCTION(is_not_unknown, "IS NOT UNKNOWN", true, true, false, true, LT_TEST_NOT_NULL,
               "x IS NOT UNKNOWN -> BOOLEAN", "TRUE when the BOOLEAN x is not NULL.",
               "(1 = 2) IS NOT UNKNOWN", "TRUE")

const struct lt_function lt_fn_and = {
    .name = "AND",
    .family = "logical",
    .args_min = 2,
    .args_max = 255,
    .flags = LT_FN_SPECIAL_FORM,
    .bind = bind_and,
    .signature = "a AND b -> BOOLEAN",
    .doc = "FALSE when one is FALSE, else NULL when one is NULL, else TRUE.",
    .example = "1 = 1 AND 1 = 2",
    .result = "FALSE",
};
const struct lt_function lt_fn_or = {
    .name = "OR",
    .family = "logical",
    .args_min = 2,
    .args_max = 255,
    .flags = LT_FN_SPECIAL_FORM,
    .bind = bind_or,
    .signature = "a OR b -> BOOLEAN",
    .doc = "TRUE when one is TRUE, else NULL when one is NULL, else FALSE.",
    .example = "1 = 1 OR 1 = 2",
    .result = "TRUE",
};
const struct lt_function lt_fn_not = {
    .name = "NOT",
    .family = "logical",
    .args_min = 1,
    .args_max = 1,
    .bind = bind_not,
    .signature = "NOT a -> BOOLEAN",
    .doc = "TRUE for FALSE, FALSE for TRUE, NULL for NULL.",
    .example = "NOT 1 = 2",
    .result = "TRUE",
};
