/* list.h -- reading arrays and maps row by row, and building them. */
#ifndef LT_EXEC_FUNCTIONS_LIST_H
#define LT_EXEC_FUNCTIONS_LIST_H

#include "exec/functions/support.h"

/* The elements of one row. */
struct list {
    const struct lt_column *col;
    uint32_t from, len;
};

static inline struct list list_of(struct lt_cell cell)
{
    const uint32_t *offsets = cell.col->values;
    if (cell.null)
        return (struct list){.col = cell.col};
    return (struct list){cell.col, offsets[cell.lane], offsets[cell.lane + 1] - offsets[cell.lane]};
}
static inline struct list list_at(const struct fn_row *r, uint32_t a, uint32_t i)
{
    return list_of(lt_column_cell(r->args[a], i));
}
/* Child 0 holds elements or keys, child 1 values of maps. */
static inline struct lt_cell list_get(struct list list, uint32_t child, uint32_t at)
{
    return lt_column_cell(list.col->children[child], list.from + at);
}
/* The first element equal to `cell`, or UINT32_MAX; NULL equals NULL. */
uint32_t list_find(struct list list, struct lt_cell cell);

/* Appends to the list of the row under way. */
lt_status list_add(struct fn_row *r, uint32_t child, struct lt_cell cell) LT_MUST_CHECK;
lt_status list_add_text(struct fn_row *r, uint32_t child, struct lt_str text) LT_MUST_CHECK;
/* What the row under way has so far. */
struct list list_built(const struct fn_row *r, uint32_t start);
static inline uint32_t list_mark(const struct fn_row *r)
{
    return r->out->children[0]->len;
}

/* As fn_lax_rows, for results of LIST; NULL when argument 0 .. n_strict - 1 is NULL. */
lt_status fn_list_rows(struct lt_eval *eval, struct lt_column *const *args, uint32_t n_args,
                       const struct lt_type *result, const void *data, struct lt_column **out,
                       fn_row_fn row, uint32_t n_strict) LT_MUST_CHECK;

#define FN_LIST_KERNEL(id, row, n_strict)                                                       \
    static lt_status id##_eval(struct lt_eval *eval, struct lt_column *const *args,             \
                               uint32_t n_args, const struct lt_type *result, const void *data, \
                               struct lt_column **out)                                          \
    {                                                                                           \
        return fn_list_rows(eval, args, n_args, result, data, out, row, n_strict);              \
    }                                                                                           \
    static const struct lt_kernel id = {.name = #id, .eval = id##_eval}

/* Binding: argument i becomes an array of the common element type of arrays
 * 0 .. n_arrays - 1 and of the plain values behind them. */
lt_status list_bind_elements(struct lt_bind_call *call, uint32_t n_arrays,
                             const struct lt_type **array) LT_MUST_CHECK;

#endif
