/* object.c -- deep copies of catalog objects.
 *
 * What the catalog hands out is a snapshot in the caller's arena, so that an
 * ALTER on another session cannot change a definition that is being planned. */
#include "catalog/store.h"

static lt_status copy_strings(struct lt_arena *arena, uint32_t n, struct lt_str *const *strings)
{
    for (uint32_t i = 0; i < n; i++)
        LT_TRY(lt_arena_str(arena, *strings[i], strings[i]));
    return LT_OK;
}

static lt_status copy_list(struct lt_arena *arena, uint32_t n, struct lt_str **list)
{
    struct lt_str *copy = LT_ARENA_ARRAY(arena, struct lt_str, n + 1);
    if (!copy)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        LT_TRY(lt_arena_str(arena, (*list)[i], &copy[i]));
    *list = copy;
    return LT_OK;
}

static lt_status copy_columns(struct lt_arena *arena, struct lt_object *object)
{
    struct lt_table_column *columns =
        LT_ARENA_ARRAY(arena, struct lt_table_column, object->n_columns + 1);
    if (!columns)
        return LT_NOMEM;
    for (uint32_t i = 0; i < object->n_columns; i++) {
        struct lt_table_column *col = &columns[i];
        *col = object->columns[i];
        struct lt_str *strings[] = {&col->name, &col->expr, &col->metadata_key, &col->comment};
        LT_TRY(copy_strings(arena, LT_ARRAY_LEN(strings), strings));
        if (col->type && !(col->type = lt_type_copy(arena, col->type)))
            return LT_NOMEM;
    }
    object->columns = columns;
    return LT_OK;
}

static lt_status copy_options(struct lt_arena *arena, struct lt_object *object)
{
    struct lt_option *options = LT_ARENA_ARRAY(arena, struct lt_option, object->n_options + 1);
    if (!options)
        return LT_NOMEM;
    for (uint32_t i = 0; i < object->n_options; i++) {
        options[i].pos = LT_NOWHERE; /* the text it stood in is gone */
        LT_TRY(lt_arena_str(arena, object->options[i].key, &options[i].key));
        LT_TRY(lt_arena_str(arena, object->options[i].value, &options[i].value));
    }
    object->options = options;
    return LT_OK;
}

lt_status lt_object_copy(struct lt_arena *arena, const struct lt_object *from,
                         struct lt_object **out)
{
    struct lt_object *object = lt_arena_copy(arena, from, sizeof(*from));
    if (!object)
        return LT_NOMEM;
    struct lt_str *strings[] = {
        &object->catalog, &object->database,         &object->name,
        &object->comment, &object->watermark_column, &object->watermark_expr,
        &object->query,   &object->function_class};
    LT_TRY(copy_strings(arena, LT_ARRAY_LEN(strings), strings));
    LT_TRY(copy_columns(arena, object));
    LT_TRY(copy_options(arena, object));
    LT_TRY(copy_list(arena, object->n_primary_key, &object->primary_key));
    LT_TRY(copy_list(arena, object->n_partition_keys, &object->partition_keys));
    LT_TRY(copy_list(arena, object->n_view_columns, &object->view_columns));
    *out = object;
    return LT_OK;
}
