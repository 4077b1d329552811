/* conditional.c -- COALESCE, IFNULL, IF, NULLIF, GREATEST, LEAST, TYPEOF.
 *
 * COALESCE, IFNULL and IF are forms of the program: parts that are not needed for
 * a row are not computed for it. CASE and CAST have expression kinds of their own. */
#include "exec/functions/support.h"

static const struct lt_kernel coalesce_kernel = {.name = "COALESCE", .form = LT_FORM_COALESCE};
static const struct lt_kernel case_kernel = {.name = "IF", .form = LT_FORM_CASE};

/* NULL only when every argument may be. */
static lt_status bind_coalesce(struct lt_bind_call *call)
{
    const struct lt_type *type;
    bool nullable = true;
    for (uint32_t i = 0; i < call->n_args; i++)
        nullable = nullable && (call->args[i]->nullable || call->args[i]->kind == LT_TYPE_NULL);
    LT_TRY(fn_common(call, 0, call->n_args, &type));
    return fn_result_nullable(call, type, &coalesce_kernel, nullable);
}
static lt_status bind_if(struct lt_bind_call *call)
{
    const struct lt_type *type;
    LT_TRY(fn_want(call, 0, &lt_type_boolean));
    LT_TRY(fn_common(call, 1, 3, &type));
    return fn_result_nullable(call, type, &case_kernel, type->nullable);
}

#define FORM(id, text, least, most, binder, usage, what, sample, prints) \
    const struct lt_function lt_fn_##id = {                              \
        .name = text,                                                    \
        .family = "conditional",                                         \
        .args_min = least,                                               \
        .args_max = most,                                                \
        .flags = LT_FN_SPECIAL_FORM,                                     \
        .bind = binder,                                                  \
        .signature = usage,                                              \
        .doc = what,                                                     \
        .example = sample,                                               \
        .result = prints,                                                \
    }
FORM(coalesce, "COALESCE", 1, 255, bind_coalesce, "COALESCE(a, b, ...) -> the common type",
     "The first argument that is not NULL.", "COALESCE(CAST(NULL AS INT), 2)", "2");
FORM(ifnull, "IFNULL", 2, 2, bind_coalesce, "IFNULL(a, b) -> the common type",
     "a, or b where a is NULL.", "IFNULL(CAST(NULL AS INT), 5)", "5");
FORM(if_, "IF", 3, 3, bind_if, "IF(condition BOOLEAN, a, b) -> the common type",
     "a where the condition is TRUE, else b.", "IF(5 > 3, 'yes', 'no')", "yes");

/* ---- NULLIF --------------------------------------------------------- */

static lt_status nullif_row(struct fn_row *r, uint32_t i)
{
    struct lt_cell a = lt_column_cell(r->args[0], i), b = lt_column_cell(r->args[1], i);
    if (a.null || (!b.null && lt_cell_equal(a, b)))
        return fn_set_null(r, i);
    return lt_column_copy_cell(r->out, i, a);
}
FN_LAX_KERNEL(nullif_kernel, nullif_row);

static lt_status bind_nullif(struct lt_bind_call *call)
{
    const struct lt_type *type;
    LT_TRY(fn_common(call, 0, 2, &type));
    if (type->kind == LT_TYPE_NULL)
        return fn_refuse(call, "CAST one of the NULLs to a type");
    return fn_result_nullable(call, type, &nullif_kernel, true);
}
FN(nullif, "NULLIF", NULL, "conditional", 2, 2, bind_nullif, "NULLIF(a, b) -> the common type",
   "NULL where a equals b, else a.", "NULLIF(5, 0)", "5");

/* ---- GREATEST, LEAST ------------------------------------------------ */

static lt_status extreme_row(struct fn_row *r, uint32_t i, int sign)
{
    struct lt_cell best = lt_column_cell(r->args[0], i);
    for (uint32_t a = 1; a < r->n_args; a++) {
        struct lt_cell cell = lt_column_cell(r->args[a], i);
        if (lt_cell_compare(cell, best) * sign > 0)
            best = cell;
    }
    return lt_column_copy_cell(r->out, i, best);
}
static lt_status greatest_row(struct fn_row *r, uint32_t i)
{
    return extreme_row(r, i, 1);
}
static lt_status least_row(struct fn_row *r, uint32_t i)
{
    return extreme_row(r, i, -1);
}
FN_TOTAL_KERNEL(greatest_kernel, greatest_row);
FN_TOTAL_KERNEL(least_kernel, least_row);

static lt_status bind_extreme(struct lt_bind_call *call, const struct lt_kernel *kernel)
{
    const struct lt_type *type;
    LT_TRY(fn_common(call, 0, call->n_args, &type));
    if (!lt_type_has_order(type) || type->kind == LT_TYPE_NULL)
        return fn_refuse(call, "values that have an order are wanted");
    return fn_result(call, type, kernel);
}
static lt_status bind_greatest(struct lt_bind_call *call)
{
    return bind_extreme(call, &greatest_kernel);
}
static lt_status bind_least(struct lt_bind_call *call)
{
    return bind_extreme(call, &least_kernel);
}
FN(greatest, "GREATEST", NULL, "conditional", 1, 255, bind_greatest,
   "GREATEST(a, b, ...) -> the common type", "The largest; NULL when one is NULL.",
   "GREATEST(1, 3, 2)", "3");
FN(least, "LEAST", NULL, "conditional", 1, 255, bind_least, "LEAST(a, b, ...) -> the common type",
   "The smallest; NULL when one is NULL.", "LEAST('b', 'a')", "a");

/* ---- TYPEOF --------------------------------------------------------- */

static lt_status typeof_eval(struct lt_eval *eval, struct lt_column *const *args, uint32_t n_args,
                             const struct lt_type *result, const void *data, struct lt_column **out)
{
    struct lt_column *col = lt_column_new_constant(eval->pool, result, eval->len);
    struct lt_buf buf;
    lt_status status;
    LT_UNUSED(n_args);
    if (col == NULL)
        return LT_NOMEM;
    lt_buf_init(&buf, eval->scratch->alloc);
    lt_type_print(&buf, data ? *(const struct lt_type *const *)data : args[0]->type);
    status = buf.status == LT_OK ? lt_column_put_str(col, 0, lt_buf_str(&buf)) : buf.status;
    lt_buf_close(&buf);
    if (status != LT_OK) {
        lt_column_unref(col);
        return status;
    }
    *out = col;
    return LT_OK;
}
/* The type that was bound, which a shared column may not show. */
static lt_status typeof_prepare(struct lt_alloc *alloc, const struct lt_column *const *constants,
                                uint32_t n_args, const struct lt_type *const *types, void **data,
                                struct lt_error *err)
{
    const struct lt_type **type = lt_alloc_zero(alloc, sizeof(*type));
    LT_UNUSED(constants);
    LT_UNUSED(n_args);
    LT_UNUSED(err);
    if (type == NULL)
        return LT_NOMEM;
    *type = types[0];
    *data = type;
    return LT_OK;
}
static void typeof_release(struct lt_alloc *alloc, void *data)
{
    lt_alloc_put(alloc, data, sizeof(const struct lt_type *));
}
static const struct lt_kernel typeof_kernel = {
    .name = "TYPEOF", .eval = typeof_eval, .prepare = typeof_prepare, .release = typeof_release};
static lt_status bind_typeof(struct lt_bind_call *call)
{
    return fn_result_nullable(call, &lt_type_string, &typeof_kernel, false);
}
FN(typeof_, "TYPEOF", NULL, "conversion", 1, 1, bind_typeof, "TYPEOF(x) -> STRING",
   "The type of the expression.", "TYPEOF(CAST(1 AS BIGINT))", "BIGINT NOT NULL");
