/* array.c -- functions of arrays that give an array.
 *
 * Elements compare as IS NOT DISTINCT FROM does, so NULL is a value like others.
 * Sets keep the order in which elements first come. */
#include "exec/functions/list.h"

static lt_status add_range(struct fn_row *r, struct list list, uint32_t from, uint32_t to)
{
    for (uint32_t e = from; e < to && e < list.len; e++)
        LT_TRY(list_add(r, 0, list_get(list, 0, e)));
    return LT_OK;
}

/* Adds what the row does not have yet; `among` (when given) says what is wanted. */
static lt_status add_distinct(struct fn_row *r, uint32_t start, struct list list,
                              const struct list *among, bool wanted)
{
    for (uint32_t e = 0; e < list.len; e++) {
        struct lt_cell cell = list_get(list, 0, e);
        if (among && (list_find(*among, cell) != UINT32_MAX) != wanted)
            continue;
        if (list_find(list_built(r, start), cell) == UINT32_MAX)
            LT_TRY(list_add(r, 0, cell));
    }
    return LT_OK;
}

/* ---- sets ----------------------------------------------------------- */

static lt_status distinct_row(struct fn_row *r, uint32_t i)
{
    return add_distinct(r, list_mark(r), list_at(r, 0, i), NULL, true);
}
static lt_status union_row(struct fn_row *r, uint32_t i)
{
    uint32_t start = list_mark(r);
    LT_TRY(add_distinct(r, start, list_at(r, 0, i), NULL, true));
    return add_distinct(r, start, list_at(r, 1, i), NULL, true);
}
static lt_status intersect_row(struct fn_row *r, uint32_t i)
{
    struct list other = list_at(r, 1, i);
    return add_distinct(r, list_mark(r), list_at(r, 0, i), &other, true);
}
static lt_status except_row(struct fn_row *r, uint32_t i)
{
    struct list other = list_at(r, 1, i);
    return add_distinct(r, list_mark(r), list_at(r, 0, i), &other, false);
}
FN_LIST_KERNEL(distinct_kernel, distinct_row, 1);
FN_LIST_KERNEL(union_kernel, union_row, 2);
FN_LIST_KERNEL(intersect_kernel, intersect_row, 2);
FN_LIST_KERNEL(except_kernel, except_row, 2);

/* ---- adding, leaving out, turning round ----------------------------- */

static lt_status append_row(struct fn_row *r, uint32_t i)
{
    LT_TRY(add_range(r, list_at(r, 0, i), 0, UINT32_MAX));
    return list_add(r, 0, lt_column_cell(r->args[1], i));
}
static lt_status prepend_row(struct fn_row *r, uint32_t i)
{
    LT_TRY(list_add(r, 0, lt_column_cell(r->args[1], i)));
    return add_range(r, list_at(r, 0, i), 0, UINT32_MAX);
}
static lt_status array_concat_row(struct fn_row *r, uint32_t i)
{
    for (uint32_t a = 0; a < r->n_args; a++)
        LT_TRY(add_range(r, list_at(r, a, i), 0, UINT32_MAX));
    return LT_OK;
}
static lt_status remove_row(struct fn_row *r, uint32_t i)
{
    struct list list = list_at(r, 0, i);
    struct lt_cell out = lt_column_cell(r->args[1], i);
    for (uint32_t e = 0; e < list.len; e++) {
        if (!lt_cell_equal(list_get(list, 0, e), out))
            LT_TRY(list_add(r, 0, list_get(list, 0, e)));
    }
    return LT_OK;
}
static lt_status array_reverse_row(struct fn_row *r, uint32_t i)
{
    struct list list = list_at(r, 0, i);
    for (uint32_t e = list.len; e-- > 0;)
        LT_TRY(list_add(r, 0, list_get(list, 0, e)));
    return LT_OK;
}
/* Positions count from 1, from the end when negative; 0 is the first. */
static lt_status slice_row(struct fn_row *r, uint32_t i)
{
    struct list list = list_at(r, 0, i);
    int64_t from = fn_i64(r, 1, i), to = r->n_args > 2 ? fn_i64(r, 2, i) : (int64_t)list.len;
    if (from < 0)
        from += (int64_t)list.len + 1;
    if (to < 0)
        to += (int64_t)list.len + 1;
    if (from < 1)
        from = 1;
    if (to > (int64_t)list.len)
        to = list.len;
    return from > to ? LT_OK : add_range(r, list, (uint32_t)from - 1, (uint32_t)to);
}
FN_LIST_KERNEL(append_kernel, append_row, 1);
FN_LIST_KERNEL(prepend_kernel, prepend_row, 1);
FN_LIST_KERNEL(array_concat_kernel, array_concat_row, 255);
FN_LIST_KERNEL(remove_kernel, remove_row, 1);
FN_LIST_KERNEL(array_reverse_kernel, array_reverse_row, 1);
FN_LIST_KERNEL(slice_kernel, slice_row, 3);

/* ---- ARRAY_SORT ----------------------------------------------------- */

struct order {
    const struct lt_column *col;
    bool descending, nulls_first;
};

static bool sorts_before(const struct order *order, uint32_t a, uint32_t b)
{
    struct lt_cell x = lt_column_cell(order->col, a), y = lt_column_cell(order->col, b);
    int compared;
    if (x.null || y.null)
        return x.null != y.null && x.null == order->nulls_first;
    compared = lt_cell_compare(x, y);
    return order->descending ? compared > 0 : compared < 0;
}

/* Merges the sorted halves of items[0..n); stable, so equal elements keep their order. */
static void merge_sort(const struct order *order, uint32_t *items, uint32_t *spare, uint32_t n)
{
    uint32_t half = n / 2, a = 0, b = half;
    if (n < 2)
        return;
    merge_sort(order, items, spare, half);
    merge_sort(order, items + half, spare, n - half);
    memcpy(spare, items, n * sizeof(*items));
    for (uint32_t at = 0; at < n; at++) {
        bool from_b = a == half || (b < n && sorts_before(order, spare[b], spare[a]));
        items[at] = from_b ? spare[b++] : spare[a++];
    }
}

static lt_status sort_row(struct fn_row *r, uint32_t i)
{
    struct list list = list_at(r, 0, i);
    struct order order = {.descending = r->n_args > 1 && !fn_bool(r, 1, i)};
    uint32_t *items = lt_arena_get(r->eval->scratch, (2ull * list.len + 1) * sizeof(*items));
    if (items == NULL)
        return LT_NOMEM;
    order.col = list.len ? list.col->children[0] : NULL;
    order.nulls_first = r->n_args > 2 ? fn_bool(r, 2, i) : !order.descending;
    for (uint32_t e = 0; e < list.len; e++)
        items[e] = list.from + e;
    merge_sort(&order, items, items + list.len, list.len);
    for (uint32_t e = 0; e < list.len; e++)
        LT_TRY(list_add(r, 0, lt_column_cell(order.col, items[e])));
    return LT_OK;
}
FN_LIST_KERNEL(sort_kernel, sort_row, 3);

/* ---- binding -------------------------------------------------------- */

/* Arrays first, then plain elements; the result is NULL when an array is. */
static lt_status bind_result(struct lt_bind_call *call, uint32_t n_arrays, bool ordered,
                             const struct lt_kernel *kernel)
{
    const struct lt_type *array;
    bool nullable = false;
    for (uint32_t i = 0; i < call->n_args && i < n_arrays; i++)
        nullable = nullable || call->args[i]->nullable;
    LT_TRY(list_bind_elements(call, n_arrays, &array));
    if (ordered && !lt_type_has_order(array->children[0]))
        return fn_refuse(call, "the elements have no order");
    return fn_result_nullable(call, array, kernel, nullable);
}

#define ARRAY_FUNCTION(id, text, other, least, most, n_arrays, kernel, usage, what, sample, \
                       prints)                                                              \
    static lt_status bind_##id(struct lt_bind_call *call)                                   \
    {                                                                                       \
        return bind_result(call, n_arrays, false, &kernel);                                 \
    }                                                                                       \
    FN(id, text, other, "collection", least, most, bind_##id, usage, what, sample, prints)
ARRAY_FUNCTION(array_distinct, "ARRAY_DISTINCT", NULL, 1, 1, 1, distinct_kernel,
               "ARRAY_DISTINCT(array) -> array", "Each element once, where it first came.",
               "ARRAY_DISTINCT(ARRAY[2, 1, 2])", "[2, 1]");
ARRAY_FUNCTION(array_union, "ARRAY_UNION", NULL, 2, 2, 2, union_kernel,
               "ARRAY_UNION(a, b) -> array", "The elements of either, each once.",
               "ARRAY_UNION(ARRAY[1, 2], ARRAY[2, 3])", "[1, 2, 3]");
ARRAY_FUNCTION(array_intersect, "ARRAY_INTERSECT", NULL, 2, 2, 2, intersect_kernel,
               "ARRAY_INTERSECT(a, b) -> array", "The elements of both, each once.",
               "ARRAY_INTERSECT(ARRAY[1, 2, 3], ARRAY[3, 1])", "[1, 3]");
ARRAY_FUNCTION(array_except, "ARRAY_EXCEPT", NULL, 2, 2, 2, except_kernel,
               "ARRAY_EXCEPT(a, b) -> array", "The elements of the first only, each once.",
               "ARRAY_EXCEPT(ARRAY[1, 2, 3], ARRAY[3, 1])", "[2]");
ARRAY_FUNCTION(array_append, "ARRAY_APPEND", NULL, 2, 2, 1, append_kernel,
               "ARRAY_APPEND(array, element) -> array", "With an element behind.",
               "ARRAY_APPEND(ARRAY[1, 2], 3)", "[1, 2, 3]");
ARRAY_FUNCTION(array_prepend, "ARRAY_PREPEND", NULL, 2, 2, 1, prepend_kernel,
               "ARRAY_PREPEND(array, element) -> array", "With an element in front.",
               "ARRAY_PREPEND(ARRAY[1, 2], 3)", "[3, 1, 2]");
ARRAY_FUNCTION(array_concat, "ARRAY_CONCAT", NULL, 1, 255, 255, array_concat_kernel,
               "ARRAY_CONCAT(a, b, ...) -> array", "The arrays, one behind the other.",
               "ARRAY_CONCAT(ARRAY[1], ARRAY[2, 1])", "[1, 2, 1]");
ARRAY_FUNCTION(array_remove, "ARRAY_REMOVE", NULL, 2, 2, 1, remove_kernel,
               "ARRAY_REMOVE(array, element) -> array", "Without the elements equal to one.",
               "ARRAY_REMOVE(ARRAY[1, 2, 1], 1)", "[2]");
ARRAY_FUNCTION(array_reverse, "ARRAY_REVERSE", NULL, 1, 1, 1, array_reverse_kernel,
               "ARRAY_REVERSE(array) -> array", "The elements in reverse order.",
               "ARRAY_REVERSE(ARRAY[1, 2, 3])", "[3, 2, 1]");

static lt_status bind_array_slice(struct lt_bind_call *call)
{
    for (uint32_t i = 1; i < call->n_args; i++)
        LT_TRY(fn_want(call, i, &lt_type_bigint));
    return fn_bind(call, "all>1", &slice_kernel);
}
FN(array_slice, "ARRAY_SLICE", NULL, "collection", 2, 3, bind_array_slice,
   "ARRAY_SLICE(array, from INT [, to INT]) -> array",
   "The elements from a position (from 1; negative counts from the end) to another, both included.",
   "ARRAY_SLICE(ARRAY[1, 2, 3, 4], 2, 3)", "[2, 3]");

static lt_status bind_array_sort(struct lt_bind_call *call)
{
    if (call->args[0]->kind == LT_TYPE_ARRAY && !lt_type_has_order(call->args[0]->children[0]))
        return fn_refuse(call, "the elements have no order");
    return fn_bind(call, "aoo>1", &sort_kernel);
}
FN(array_sort, "ARRAY_SORT", NULL, "collection", 1, 3, bind_array_sort,
   "ARRAY_SORT(array [, ascending BOOLEAN [, nulls_first BOOLEAN]]) -> array",
   "The elements in order; NULLs come first when ascending, last when descending, unless said.",
   "ARRAY_SORT(ARRAY[3, 1, 2])", "[1, 2, 3]");
