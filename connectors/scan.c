/* scan.c -- a scan request that outlives the call that brought it. */
#include "connectors/scan.h"

lt_status lt_scan_copy(struct lt_arena *arena, const struct lt_schema *physical,
                       const struct lt_scan_request *request, struct lt_scan_request *out)
{
    struct lt_scan_request copy = {.n_columns = request->n_columns,
                                   .n_metadata = request->n_metadata};
    uint32_t *columns = LT_ARENA_ARRAY(arena, uint32_t, request->n_columns + 1);
    uint32_t *metadata = LT_ARENA_ARRAY(arena, uint32_t, request->n_metadata + 1);
    const uint64_t **fields = LT_ARENA_ARRAY(arena, const uint64_t *, request->n_columns + 1);
    if (!columns || !metadata || !fields)
        return LT_NOMEM;
    for (uint32_t i = 0; i < request->n_columns; i++) {
        columns[i] = request->columns[i];
        if (!request->fields || !request->fields[i])
            continue;
        size_t words = (physical->fields[columns[i]].type->n_children + 63) / 64;
        fields[i] = lt_arena_copy(arena, request->fields[i], words * sizeof(uint64_t));
        if (!fields[i])
            return LT_NOMEM;
    }
    for (uint32_t i = 0; i < request->n_metadata; i++)
        metadata[i] = request->metadata[i];
    copy.columns = columns;
    copy.metadata = metadata;
    copy.fields = fields;
    *out = copy;
    return LT_OK;
}

bool lt_scan_wants(const struct lt_scan_request *request, uint32_t column, uint32_t i)
{
    const uint64_t *fields = request->fields ? request->fields[column] : NULL;
    return !fields || (fields[i / 64] >> (i % 64) & 1);
}

lt_status lt_split_add(struct lt_split_list *splits, struct lt_str name)
{
    struct lt_str copy;
    LT_TRY(lt_arena_str(splits->arena, name, &copy));
    return LT_ARENA_PUSH(splits->arena, splits->names, splits->len, splits->cap, copy);
}

bool lt_filter_holds(const struct lt_filter *filter, struct lt_cell cell)
{
    if (filter->op == LT_CMP_IS_NULL || filter->op == LT_CMP_IS_NOT_NULL)
        return cell.null == (filter->op == LT_CMP_IS_NULL);
    struct lt_cell constant = lt_column_cell(filter->constant, 0);
    if (cell.null || constant.null)
        return false;
    int order = lt_cell_compare(cell, constant);
    switch (filter->op) {
    case LT_CMP_EQ: return order == 0;
    case LT_CMP_NE: return order != 0;
    case LT_CMP_LT: return order < 0;
    case LT_CMP_LE: return order <= 0;
    case LT_CMP_GT: return order > 0;
    default: return order >= 0;
    }
}
