/* array_value.c -- functions of arrays that give a single value, and SPLIT. */
#include "exec/functions/list.h"
#include "exec/functions/utf8.h"

/* ---- ARRAY_CONTAINS, ARRAY_POSITION --------------------------------- */

static lt_status contains_row(struct fn_row *r, uint32_t i)
{
    if (fn_is_null(r, 0, i))
        return fn_set_null(r, i);
    return fn_set_bool(r, i,
                       list_find(list_at(r, 0, i), lt_column_cell(r->args[1], i)) != UINT32_MAX);
}
static lt_status array_position_row(struct fn_row *r, uint32_t i)
{
    uint32_t at = list_find(list_at(r, 0, i), lt_column_cell(r->args[1], i));
    return fn_set_i32(r, i, at == UINT32_MAX ? 0 : (int64_t)at + 1);
}
FN_LAX_KERNEL(contains_kernel, contains_row);
FN_TOTAL_KERNEL(array_position_kernel, array_position_row);

static lt_status bind_contains(struct lt_bind_call *call)
{
    const struct lt_type *array;
    LT_TRY(list_bind_elements(call, 1, &array));
    return fn_result_nullable(call, &lt_type_boolean, &contains_kernel, call->args[0]->nullable);
}
static lt_status bind_array_position(struct lt_bind_call *call)
{
    const struct lt_type *array;
    LT_TRY(list_bind_elements(call, 1, &array));
    return fn_result(call, &lt_type_int, &array_position_kernel);
}
FN(array_contains, "ARRAY_CONTAINS", NULL, "collection", 2, 2, bind_contains,
   "ARRAY_CONTAINS(array, element) -> BOOLEAN",
   "TRUE when one of the elements is that; NULL may be looked for too.",
   "ARRAY_CONTAINS(ARRAY[1, 2], 2)", "TRUE");
FN(array_position, "ARRAY_POSITION", NULL, "collection", 2, 2, bind_array_position,
   "ARRAY_POSITION(array, element) -> INT", "Where the element first is, from 1; 0 when nowhere.",
   "ARRAY_POSITION(ARRAY['a', 'b'], 'b')", "2");

/* ---- ARRAY_MAX, ARRAY_MIN ------------------------------------------- */

static lt_status extreme_row(struct fn_row *r, uint32_t i, int sign)
{
    struct list list = list_at(r, 0, i);
    struct lt_cell best = {.null = true};
    for (uint32_t e = 0; e < list.len; e++) {
        struct lt_cell cell = list_get(list, 0, e);
        if (!cell.null && (best.null || lt_cell_compare(cell, best) * sign > 0))
            best = cell;
    }
    return lt_column_copy_cell(r->out, i, best);
}
static lt_status array_max_row(struct fn_row *r, uint32_t i)
{
    return extreme_row(r, i, 1);
}
static lt_status array_min_row(struct fn_row *r, uint32_t i)
{
    return extreme_row(r, i, -1);
}
FN_LAX_KERNEL(array_max_kernel, array_max_row);
FN_LAX_KERNEL(array_min_kernel, array_min_row);

static lt_status bind_extreme(struct lt_bind_call *call, const struct lt_kernel *kernel)
{
    if (call->args[0]->kind != LT_TYPE_ARRAY || !lt_type_has_order(call->args[0]->children[0]))
        return fn_refuse(call, "an ARRAY of elements that have an order is wanted");
    return fn_result_nullable(call, call->args[0]->children[0], kernel, true);
}
static lt_status bind_array_max(struct lt_bind_call *call)
{
    return bind_extreme(call, &array_max_kernel);
}
static lt_status bind_array_min(struct lt_bind_call *call)
{
    return bind_extreme(call, &array_min_kernel);
}
FN(array_max, "ARRAY_MAX", NULL, "collection", 1, 1, bind_array_max, "ARRAY_MAX(array) -> element",
   "The largest element that is not NULL.", "ARRAY_MAX(ARRAY[1, 3, 2])", "3");
FN(array_min, "ARRAY_MIN", NULL, "collection", 1, 1, bind_array_min, "ARRAY_MIN(array) -> element",
   "The smallest element that is not NULL.", "ARRAY_MIN(ARRAY[2, 1, 3])", "1");

/* ---- ARRAY_JOIN ----------------------------------------------------- */

static lt_status join_row(struct fn_row *r, uint32_t i)
{
    struct list list = list_at(r, 0, i);
    struct lt_str mark = fn_str(r, 1, i);
    bool first = true;
    lt_buf_clear(&r->buf);
    for (uint32_t e = 0; e < list.len; e++) {
        struct lt_cell cell = list_get(list, 0, e);
        if (cell.null && r->n_args < 3)
            continue;
        if (!first)
            lt_buf_add(&r->buf, mark.data, mark.len);
        first = false;
        if (cell.null)
            lt_buf_add(&r->buf, fn_str(r, 2, i).data, fn_str(r, 2, i).len);
        else
            lt_cell_print(&r->buf, cell, r->eval->zone);
    }
    return fn_set_buf(r, i);
}
FN_TOTAL_KERNEL(join_kernel, join_row);
FN_BIND(bind_array_join, "ass>s", join_kernel)
FN(array_join, "ARRAY_JOIN", NULL, "collection", 2, 3, bind_array_join,
   "ARRAY_JOIN(array, delimiter STRING [, null_as STRING]) -> STRING",
   "The elements as text with a delimiter between them; NULLs are left out, or written as said.",
   "ARRAY_JOIN(ARRAY['a', 'b'], '-')", "a-b");

/* ---- SPLIT ---------------------------------------------------------- */

static lt_status split_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i), mark = fn_str(r, 1, i);
    size_t from = 0, at;
    while (from <= text.len) {
        if (mark.len == 0)
            at = from < text.len ? from + utf8_step(text.data, text.len, from) : from;
        else
            at = utf8_find(text, mark, from);
        if (at == SIZE_MAX)
            at = text.len;
        if (mark.len > 0 || at > from)
            LT_TRY(list_add_text(r, 0, (struct lt_str){text.data + from, at - from}));
        if (at >= text.len && (mark.len == 0 || at == text.len))
            break;
        from = at + mark.len;
    }
    return LT_OK;
}
FN_LIST_KERNEL(split_kernel, split_row, 2);
static lt_status bind_split(struct lt_bind_call *call)
{
    LT_TRY(fn_bind(call, "ss>s", &split_kernel));
    return fn_result(call, lt_type_array(call->arena, &lt_type_string), &split_kernel);
}
FN(split, "SPLIT", NULL, "string", 2, 2, bind_split,
   "SPLIT(text STRING, delimiter STRING) -> ARRAY<STRING>",
   "The parts between delimiters; the characters when the delimiter is empty.",
   "SPLIT('a,b,,c', ',')", "[a, b, , c]");
