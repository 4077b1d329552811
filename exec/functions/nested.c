/* nested.c -- the constructors ROW, ARRAY, MAP, and access to elements: a[1], m['k']. */
#include "exec/functions/list.h"

/* ---- ROW: the arguments become the children ------------------------- */

static lt_status row_eval(struct lt_eval *eval, struct lt_column *const *args, uint32_t n_args,
                          const struct lt_type *result, const void *data, struct lt_column **out)
{
    struct lt_column *col = lt_column_new(eval->pool, result, eval->len), *flat;
    lt_status status = col ? LT_OK : LT_NOMEM;
    LT_UNUSED(data);
    for (uint32_t a = 0; a < n_args && status == LT_OK; a++) {
        status = lt_column_flatten(eval->pool, args[a], &flat);
        if (status == LT_OK)
            status = lt_column_set_child(col, a, flat);
    }
    if (status != LT_OK) {
        lt_column_unref(col);
        return status;
    }
    *out = col;
    return LT_OK;
}
static const struct lt_kernel row_kernel = {.name = "ROW", .eval = row_eval};

static lt_status bind_row(struct lt_bind_call *call)
{
    struct lt_str *names = LT_ARENA_ARRAY(call->arena, struct lt_str, call->n_args + 1);
    if (names == NULL)
        return LT_NOMEM;
    for (uint32_t i = 0; i < call->n_args; i++)
        LT_TRY(lt_arena_printf(call->arena, &names[i], "EXPR$%u", i));
    return fn_result_nullable(call, lt_type_row(call->arena, call->n_args, call->args, names),
                              &row_kernel, false);
}
FN(row, "ROW", NULL, "collection", 1, 255, bind_row, "ROW(a, b, ...) or (a, b, ...) -> ROW",
   "A row of the values.", "ROW(1, 'a')", "(1, a)");

/* ---- ARRAY, MULTISET ------------------------------------------------ */

static lt_status array_row(struct fn_row *r, uint32_t i)
{
    for (uint32_t a = 0; a < r->n_args; a++)
        LT_TRY(list_add(r, 0, lt_column_cell(r->args[a], i)));
    return LT_OK;
}
FN_LIST_KERNEL(array_kernel, array_row, 0);

static lt_status bind_elements(struct lt_bind_call *call, const struct lt_type **element)
{
    *element = &lt_type_null;
    return call->n_args == 0 ? LT_OK : fn_common(call, 0, call->n_args, element);
}
static lt_status bind_array(struct lt_bind_call *call)
{
    const struct lt_type *element;
    LT_TRY(bind_elements(call, &element));
    return fn_result_nullable(call, lt_type_array(call->arena, element), &array_kernel, false);
}
static lt_status bind_multiset(struct lt_bind_call *call)
{
    const struct lt_type *element;
    LT_TRY(bind_elements(call, &element));
    return fn_result_nullable(call, lt_type_multiset(call->arena, element), &array_kernel, false);
}
FN(array, "ARRAY", NULL, "collection", 0, 255, bind_array, "ARRAY[a, b, ...] -> ARRAY",
   "An array of the values, brought to their common type.", "ARRAY[1, 2, 3]", "[1, 2, 3]");
FN(multiset, "MULTISET", NULL, "collection", 0, 255, bind_multiset,
   "MULTISET[a, b, ...] -> MULTISET", "A multiset of the values.", "CARDINALITY(MULTISET[1, 1])",
   "2");

/* ---- MAP: a later value of a key takes the place of an earlier one --- */

static lt_status map_row(struct fn_row *r, uint32_t i)
{
    for (uint32_t a = 0; a < r->n_args; a += 2) {
        struct lt_cell key = lt_column_cell(r->args[a], i);
        bool again = false;
        for (uint32_t b = a + 2; b < r->n_args && !again; b += 2)
            again = lt_cell_equal(key, lt_column_cell(r->args[b], i));
        if (again)
            continue;
        LT_TRY(list_add(r, 0, key));
        LT_TRY(list_add(r, 1, lt_column_cell(r->args[a + 1], i)));
    }
    return LT_OK;
}
FN_LIST_KERNEL(map_kernel, map_row, 0);

static lt_status bind_map(struct lt_bind_call *call)
{
    const struct lt_type **types, *key = &lt_type_null, *value = &lt_type_null;
    uint32_t n = call->n_args / 2;
    lt_status status = LT_OK;
    if (call->n_args % 2 != 0)
        return fn_refuse(call, "MAP[key, value, ...] needs a value for each key");
    types = LT_ARENA_ARRAY(call->arena, const struct lt_type *, call->n_args + 1);
    if (types == NULL)
        return LT_NOMEM;
    for (uint32_t i = 0; i < call->n_args; i++)
        types[(i % 2) * n + i / 2] = call->args[i];
    if (n > 0)
        status = lt_common_type(call->arena, n, types, &key);
    if (n > 0 && status == LT_OK)
        status = lt_common_type(call->arena, n, types + n, &value);
    if (status == LT_INVALID)
        return fn_refuse(call, "the keys, or the values, have no type in common");
    LT_TRY(status);
    for (uint32_t i = 0; i < call->n_args; i++)
        LT_TRY(fn_force(call, i, i % 2 ? value : key));
    return fn_result_nullable(call, lt_type_map(call->arena, key, value), &map_kernel, false);
}
FN(map, "MAP", NULL, "collection", 0, 255, bind_map, "MAP[key, value, ...] -> MAP",
   "A map; of two equal keys the later counts.", "MAP['a', 1, 'b', 2]", "{a=1, b=2}");

/* ---- ITEM ----------------------------------------------------------- */

static struct lt_cell item_cell(const struct fn_row *r, uint32_t i)
{
    static const struct lt_cell none = {.null = true};
    struct lt_cell whole = lt_column_cell(r->args[0], i), index = lt_column_cell(r->args[1], i);
    struct list list;
    if (whole.null || index.null)
        return none;
    list = list_of(whole);
    if (r->args[0]->type->kind == LT_TYPE_MAP) {
        uint32_t at = list_find(list, index);
        return at == UINT32_MAX ? none : list_get(list, 1, at);
    }
    int64_t at = fn_i64(r, 1, i);
    return at < 1 || at > list.len ? none : list_get(list, 0, (uint32_t)at - 1);
}

static lt_status item_row(struct fn_row *r, uint32_t i)
{
    return lt_column_copy_cell(r->out, i, item_cell(r, i));
}
FN_LAX_KERNEL(item_kernel, item_row);

static lt_status bind_item(struct lt_bind_call *call)
{
    const struct lt_type *type = call->args[0];
    if (type->kind == LT_TYPE_ARRAY) {
        LT_TRY(fn_want(call, 1, &lt_type_bigint));
        return fn_result_nullable(call, type->children[0], &item_kernel, true);
    }
    if (type->kind != LT_TYPE_MAP)
        return fn_refuse(call, "only an ARRAY or a MAP has elements in []");
    LT_TRY(fn_force(call, 1, type->children[0]));
    return fn_result_nullable(call, type->children[1], &item_kernel, true);
}
FN(item, "ITEM", NULL, "collection", 2, 2, bind_item, "array[index] or map[key] -> the element",
   "The element at an index (from 1) or of a key; NULL when there is none.",
   "MAP['a', 1, 'b', 2]['b']", "2");

/* ---- CARDINALITY, ELEMENT ------------------------------------------- */

static lt_status cardinality_row(struct fn_row *r, uint32_t i)
{
    return fn_set_i32(r, i, list_at(r, 0, i).len);
}
FN_TOTAL_KERNEL(cardinality_kernel, cardinality_row);
static lt_status bind_cardinality(struct lt_bind_call *call)
{
    enum lt_type_kind kind = call->args[0]->kind;
    if (kind != LT_TYPE_ARRAY && kind != LT_TYPE_MAP && kind != LT_TYPE_MULTISET)
        return fn_refuse(call, "an ARRAY, MAP or MULTISET is wanted");
    return fn_result(call, &lt_type_int, &cardinality_kernel);
}
FN(cardinality, "CARDINALITY", NULL, "collection", 1, 1, bind_cardinality,
   "CARDINALITY(array | map) -> INT", "The number of elements.", "CARDINALITY(ARRAY[1, 2])", "2");

static lt_status element_row(struct fn_row *r, uint32_t i)
{
    struct lt_cell whole = lt_column_cell(r->args[0], i);
    struct list list = list_of(whole);
    if (list.len > 1)
        return lt_fail(r->eval->err, LT_DATA, "ELEMENT takes an array of one element, not of %u",
                       list.len);
    if (list.len == 0)
        return lt_column_copy_cell(r->out, i, (struct lt_cell){.null = true});
    return lt_column_copy_cell(r->out, i, list_get(list, 0, 0));
}
FN_LAX_KERNEL(element_kernel, element_row);
static lt_status bind_element(struct lt_bind_call *call)
{
    if (call->args[0]->kind != LT_TYPE_ARRAY)
        return fn_refuse(call, "an ARRAY is wanted");
    return fn_result_nullable(call, call->args[0]->children[0], &element_kernel, true);
}
FN(element, "ELEMENT", NULL, "collection", 1, 1, bind_element, "ELEMENT(array) -> the element",
   "The only element; NULL of an empty array; an error when there are more.", "ELEMENT(ARRAY[7])",
   "7");
