/* not_null.c -- NULL into a NOT NULL column is an error when the row is written.
 *
 * INSERT wraps what may be NULL in a call of this function, which no SQL text can
 * name: it hands its argument on, and fails on the first row that is NULL. Its
 * second argument is the message. */
#include "planner/bind.h"

static lt_status not_null_eval(struct lt_eval *eval, struct lt_column *const *args, uint32_t n_args,
                               const struct lt_type *result, const void *data,
                               struct lt_column **out)
{
    LT_UNUSED(n_args), LT_UNUSED(result), LT_UNUSED(data);
    uint32_t n = eval->sel ? eval->n_sel : eval->len;
    for (uint32_t i = 0; i < n; i++) {
        if (!lt_column_is_null(args[0], eval->sel ? eval->sel[i] : i))
            continue;
        struct lt_cell message = lt_column_cell(args[1], 0);
        const struct lt_sv *text = (const struct lt_sv *)message.col->values + message.lane;
        return lt_fail(eval->err, LT_DATA, "%.*s", LT_STR_ARG(lt_sv_str(text)));
    }
    *out = lt_column_ref(args[0]);
    return LT_OK;
}

static const struct lt_kernel not_null_kernel = {.name = "not_null", .eval = not_null_eval};

static const struct lt_function not_null_function = {
    .name = "NOT NULL",
    .family = "internal",
    .args_min = 2,
    .args_max = 2,
    .signature = "NOT NULL(value, message)",
};

lt_status lt_bind_not_null(struct lt_planner *p, struct lt_expr *value, struct lt_str table,
                           struct lt_str column, struct lt_expr **out)
{
    struct lt_expr *expr;
    struct lt_str text;
    if (!value->type->nullable) {
        *out = value;
        return LT_OK;
    }
    LT_TRY(lt_arena_printf(p->arena, &text,
                           "NULL for column '%.*s' of '%.*s', which is NOT NULL; filter such rows "
                           "out or give them a value with COALESCE",
                           LT_STR_ARG(column), LT_STR_ARG(table)));
    LT_TRY(lt_expr_new(p, LT_EXPR_CALL, value->type, value->pos, 2, &expr));
    expr->function = &not_null_function;
    expr->kernel = &not_null_kernel;
    expr->args[0] = value;
    LT_TRY(lt_expr_text(p, text, value->pos, &expr->args[1]));
    expr->deterministic = value->deterministic;
    *out = expr;
    return LT_OK;
}
