/* map.c -- functions of maps. Keys are distinct; of two equal ones the later counts. */
#include "exec/functions/list.h"
#include "exec/functions/utf8.h"

/* ---- MAP_KEYS, MAP_VALUES, MAP_ENTRIES ------------------------------ */

static lt_status keys_row(struct fn_row *r, uint32_t i)
{
    struct list map = list_at(r, 0, i);
    for (uint32_t e = 0; e < map.len; e++)
        LT_TRY(list_add(r, 0, list_get(map, 0, e)));
    return LT_OK;
}
static lt_status values_row(struct fn_row *r, uint32_t i)
{
    struct list map = list_at(r, 0, i);
    for (uint32_t e = 0; e < map.len; e++)
        LT_TRY(list_add(r, 0, list_get(map, 1, e)));
    return LT_OK;
}
static lt_status entries_row(struct fn_row *r, uint32_t i)
{
    struct list map = list_at(r, 0, i);
    struct lt_column *rows = r->out->children[0];
    for (uint32_t e = 0; e < map.len; e++) {
        uint32_t at = rows->len;
        LT_TRY(lt_column_resize(rows, at + 1));
        LT_TRY(lt_column_copy_cell(rows->children[0], at, list_get(map, 0, e)));
        LT_TRY(lt_column_copy_cell(rows->children[1], at, list_get(map, 1, e)));
    }
    return LT_OK;
}
FN_LIST_KERNEL(keys_kernel, keys_row, 1);
FN_LIST_KERNEL(values_kernel, values_row, 1);
FN_LIST_KERNEL(entries_kernel, entries_row, 1);

static lt_status want_map(struct lt_bind_call *call)
{
    return call->args[0]->kind == LT_TYPE_MAP ? LT_OK : fn_refuse(call, "a MAP is wanted");
}
static lt_status bind_map_keys(struct lt_bind_call *call)
{
    LT_TRY(want_map(call));
    return fn_result(call, lt_type_array(call->arena, call->args[0]->children[0]), &keys_kernel);
}
static lt_status bind_map_values(struct lt_bind_call *call)
{
    LT_TRY(want_map(call));
    return fn_result(call, lt_type_array(call->arena, call->args[0]->children[1]), &values_kernel);
}
static lt_status bind_map_entries(struct lt_bind_call *call)
{
    static const struct lt_str names[] = {{"key", 3}, {"value", 5}};
    const struct lt_type *row;
    LT_TRY(want_map(call));
    row = lt_type_row(call->arena, 2, call->args[0]->children, names);
    if (row == NULL)
        return LT_NOMEM;
    return fn_result(call, lt_type_array(call->arena, row), &entries_kernel);
}
FN(map_keys, "MAP_KEYS", NULL, "collection", 1, 1, bind_map_keys, "MAP_KEYS(map) -> ARRAY",
   "The keys.", "MAP_KEYS(MAP['a', 1, 'b', 2])", "[a, b]");
FN(map_values, "MAP_VALUES", NULL, "collection", 1, 1, bind_map_values, "MAP_VALUES(map) -> ARRAY",
   "The values, in the order of the keys.", "MAP_VALUES(MAP['a', 1, 'b', 2])", "[1, 2]");
FN(map_entries, "MAP_ENTRIES", NULL, "collection", 1, 1, bind_map_entries,
   "MAP_ENTRIES(map) -> ARRAY<ROW<key, value>>", "The entries as rows.", "MAP_ENTRIES(MAP['a', 1])",
   "[(a, 1)]");

/* ---- MAP_FROM_ARRAYS, MAP_UNION ------------------------------------- */

static lt_status from_arrays_row(struct fn_row *r, uint32_t i)
{
    struct list keys = list_at(r, 0, i), values = list_at(r, 1, i);
    if (keys.len != values.len)
        return lt_fail(r->eval->err, LT_DATA, "MAP_FROM_ARRAYS was given %u keys and %u values",
                       keys.len, values.len);
    for (uint32_t e = 0; e < keys.len; e++) {
        struct list later = {keys.col, keys.from + e + 1, keys.len - e - 1};
        struct lt_cell key = list_get(keys, 0, e);
        if (list_find(later, key) != UINT32_MAX)
            continue;
        LT_TRY(list_add(r, 0, key));
        LT_TRY(list_add(r, 1, list_get(values, 0, e)));
    }
    return LT_OK;
}

/* Entries of map `a` whose key no later map has. */
static lt_status union_row(struct fn_row *r, uint32_t i)
{
    for (uint32_t a = 0; a < r->n_args; a++) {
        struct list map = list_at(r, a, i);
        for (uint32_t e = 0; e < map.len; e++) {
            struct lt_cell key = list_get(map, 0, e);
            bool again = false;
            for (uint32_t b = a + 1; b < r->n_args && !again; b++)
                again = list_find(list_at(r, b, i), key) != UINT32_MAX;
            if (again)
                continue;
            LT_TRY(list_add(r, 0, key));
            LT_TRY(list_add(r, 1, list_get(map, 1, e)));
        }
    }
    return LT_OK;
}
FN_LIST_KERNEL(from_arrays_kernel, from_arrays_row, 2);
FN_LIST_KERNEL(union_kernel, union_row, 255);

static lt_status bind_from_arrays(struct lt_bind_call *call)
{
    if (call->args[0]->kind != LT_TYPE_ARRAY || call->args[1]->kind != LT_TYPE_ARRAY)
        return fn_refuse(call, "two ARRAYs are wanted");
    return fn_result(
        call, lt_type_map(call->arena, call->args[0]->children[0], call->args[1]->children[0]),
        &from_arrays_kernel);
}
static lt_status bind_map_union(struct lt_bind_call *call)
{
    const struct lt_type *type;
    for (uint32_t i = 0; i < call->n_args; i++) {
        if (call->args[i]->kind != LT_TYPE_MAP)
            return fn_refuse(call, "MAPs are wanted");
    }
    LT_TRY(fn_common(call, 0, call->n_args, &type));
    return fn_result(call, type, &union_kernel);
}
FN(map_from_arrays, "MAP_FROM_ARRAYS", NULL, "collection", 2, 2, bind_from_arrays,
   "MAP_FROM_ARRAYS(keys ARRAY, values ARRAY) -> MAP", "A map of keys and values of equal number.",
   "MAP_FROM_ARRAYS(ARRAY['a', 'b'], ARRAY[1, 2])", "{a=1, b=2}");
FN(map_union, "MAP_UNION", NULL, "collection", 1, 255, bind_map_union,
   "MAP_UNION(a, b, ...) -> MAP", "The entries of all; of two equal keys the later counts.",
   "MAP_UNION(MAP['a', 1], MAP['b', 2])", "{a=1, b=2}");

/* ---- STR_TO_MAP ----------------------------------------------------- */

static lt_status str_to_map_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i);
    struct lt_str between = r->n_args > 1 ? fn_str(r, 1, i) : LT_STR(",");
    struct lt_str inside = r->n_args > 2 ? fn_str(r, 2, i) : LT_STR("=");
    size_t from = 0;
    if (between.len == 0 || inside.len == 0)
        return fn_set_null(r, i);
    while (text.len > 0 && from <= text.len) {
        size_t end = utf8_find(text, between, from), mark;
        struct lt_str entry, value = {0};
        if (end == SIZE_MAX)
            end = text.len;
        entry = (struct lt_str){text.data + from, end - from};
        mark = utf8_find(entry, inside, 0);
        if (mark != SIZE_MAX) {
            value = (struct lt_str){entry.data + mark + inside.len, entry.len - mark - inside.len};
            entry.len = mark;
        }
        LT_TRY(list_add_text(r, 0, entry));
        if (mark != SIZE_MAX)
            LT_TRY(list_add_text(r, 1, value));
        else
            LT_TRY(list_add(r, 1, (struct lt_cell){.null = true}));
        from = end + between.len;
        if (end == text.len)
            break;
    }
    return LT_OK;
}
FN_LIST_KERNEL(str_to_map_kernel, str_to_map_row, 3);
static lt_status bind_str_to_map(struct lt_bind_call *call)
{
    LT_TRY(fn_bind(call, "sss>s", &str_to_map_kernel));
    return fn_result_nullable(call, lt_type_map(call->arena, &lt_type_string, &lt_type_string),
                              &str_to_map_kernel, true);
}
FN(str_to_map, "STR_TO_MAP", NULL, "string", 1, 3, bind_str_to_map,
   "STR_TO_MAP(text STRING [, between STRING, inside STRING]) -> MAP<STRING, STRING>",
   "The entries that a text lists, divided by ',' and '=' unless said.", "STR_TO_MAP('a=1,b=2')",
   "{a=1, b=2}");
