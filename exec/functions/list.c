/* list.c -- reading arrays and maps row by row, and building them.
 *
 * A list column is filled in order of rows; rows that are left out or NULL become
 * empty ranges. */
#include "exec/functions/list.h"

uint32_t list_find(struct list list, struct lt_cell cell)
{
    for (uint32_t e = 0; e < list.len; e++) {
        if (lt_cell_equal(list_get(list, 0, e), cell))
            return e;
    }
    return UINT32_MAX;
}

lt_status list_add(struct fn_row *r, uint32_t child, struct lt_cell cell)
{
    struct lt_column *col = r->out->children[child];
    uint32_t at = col->len;
    LT_TRY(lt_column_resize(col, at + 1));
    return lt_column_copy_cell(col, at, cell);
}

lt_status list_add_text(struct fn_row *r, uint32_t child, struct lt_str text)
{
    struct lt_column *col = r->out->children[child];
    uint32_t at = col->len;
    LT_TRY(lt_column_resize(col, at + 1));
    return lt_column_put_str(col, at, text);
}

struct list list_built(const struct fn_row *r, uint32_t start)
{
    return (struct list){r->out, start, r->out->children[0]->len - start};
}

static bool strict_null(const struct fn_row *r, uint32_t i, uint32_t n_strict)
{
    for (uint32_t a = 0; a < n_strict && a < r->n_args; a++) {
        if (lt_column_is_null(r->args[a], i))
            return true;
    }
    return false;
}

static lt_status list_fill(struct fn_row *r, fn_row_fn row, uint32_t n_strict)
{
    uint32_t *offsets = r->out->values, next = 0;
    LT_TRY(lt_column_make_children(r->out));
    FN_EACH(r->eval, i)
    {
        for (; next <= i; next++)
            offsets[next] = r->out->children[0]->len;
        if (strict_null(r, i, n_strict))
            LT_TRY(fn_set_null(r, i));
        else
            LT_TRY(row(r, i));
    }
    for (; next <= r->eval->len; next++)
        offsets[next] = r->out->children[0]->len;
    return LT_OK;
}

lt_status fn_list_rows(struct lt_eval *eval, struct lt_column *const *args, uint32_t n_args,
                       const struct lt_type *result, const void *data, struct lt_column **out,
                       fn_row_fn row, uint32_t n_strict)
{
    struct lt_column **flat = LT_ARENA_ARRAY(eval->scratch, struct lt_column *, n_args + 1);
    struct fn_row r = {
        .eval = eval, .args = flat, .n_args = n_args, .result = result, .data = data};
    lt_status status;
    if (flat == NULL)
        return LT_NOMEM;
    for (uint32_t a = 0; a < n_args; a++) {
        flat[a] = args[a];
        if (args[a]->encoding != LT_CONSTANT)
            LT_TRY(lt_eval_flat(eval, args[a], &flat[a]));
    }
    r.out = lt_column_new(eval->pool, result, eval->len);
    if (r.out == NULL)
        return LT_NOMEM;
    r.buf = lt_eval_take_text(eval);
    status = list_fill(&r, row, n_strict);
    lt_eval_put_text(eval, &r.buf);
    if (status != LT_OK) {
        lt_column_unref(r.out);
        return status;
    }
    *out = r.out;
    return LT_OK;
}

lt_status list_bind_elements(struct lt_bind_call *call, uint32_t n_arrays,
                             const struct lt_type **array)
{
    const struct lt_type **types;
    const struct lt_type *element;
    lt_status status;
    if (call->n_args < n_arrays)
        n_arrays = call->n_args;
    types = LT_ARENA_ARRAY(call->arena, const struct lt_type *, call->n_args);
    if (types == NULL)
        return LT_NOMEM;
    for (uint32_t i = 0; i < call->n_args; i++) {
        types[i] = call->args[i];
        if (i < n_arrays && types[i]->kind == LT_TYPE_ARRAY)
            types[i] = types[i]->children[0];
        else if (i < n_arrays && types[i]->kind != LT_TYPE_NULL)
            return fn_refuse(call, "an ARRAY is wanted");
    }
    status = lt_common_type(call->arena, call->n_args, types, &element);
    if (status == LT_INVALID)
        return fn_refuse(call, "the elements have no type in common, CAST them to one");
    LT_TRY(status);
    *array = lt_type_array(call->arena, element);
    if (*array == NULL)
        return LT_NOMEM;
    for (uint32_t i = 0; i < call->n_args; i++)
        LT_TRY(fn_force(call, i, i < n_arrays ? *array : element));
    return LT_OK;
}
