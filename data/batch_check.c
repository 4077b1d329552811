/* batch_check.c -- says what is wrong with a batch, for debug builds and tests. */
#include "base/bits.h"
#include "data/batch.h"

/* Rows that no selection names may hold anything readable, so what a NULL lane
 * holds is looked at only when all rows count. */
static const char *column_fault(const struct lt_column *col, bool all_rows);

static bool lane_is_zero(const struct lt_column *col, uint32_t lane)
{
    size_t size = lt_phys_size((enum lt_phys)col->phys);
    const char *at = (const char *)col->values + lane * size;
    for (size_t i = 0; i < size; i++)
        if (at[i])
            return false;
    return true;
}

static const char *views_fault(const struct lt_column *col, uint32_t lanes)
{
    const struct lt_sv *views = col->values;
    for (uint32_t i = 0; i < lanes; i++) {
        const struct lt_sv *view = &views[i];
        if (view->len <= LT_SV_INLINE_MAX) {
            for (uint32_t at = view->len; at < LT_SV_INLINE_MAX; at++)
                if (((const char *)view)[4 + at])
                    return "unused bytes of an inline text are not zero";
        } else if (!view->u.ptr || memcmp(view->prefix, view->u.ptr, 4) != 0) {
            return "the prefix of a text is not its beginning";
        }
    }
    return NULL;
}

static const char *list_fault(const struct lt_column *col, uint32_t lanes, bool all_rows)
{
    const uint32_t *offsets = col->values;
    for (uint32_t i = 0; i < lanes; i++) {
        if (offsets[i + 1] < offsets[i])
            return "offsets of a list go back (lt_column_seal ends its building)";
        if (all_rows && col->validity && !lt_bits_get(col->validity, i) &&
            offsets[i + 1] != offsets[i])
            return "a NULL list has elements";
    }
    for (uint32_t i = 0; i < col->n_children; i++) {
        if (!col->children[i]) {
            if (offsets[lanes] != 0)
                return "a list has elements but no child column";
            continue;
        }
        if (col->children[i]->len < offsets[lanes])
            return "offsets of a list pass the end of its elements";
        const char *fault = column_fault(col->children[i], all_rows);
        if (fault)
            return fault;
    }
    return NULL;
}

static const char *struct_fault(const struct lt_column *col, bool all_rows)
{
    for (uint32_t i = 0; i < col->n_children; i++) {
        if (!col->children[i] || col->children[i]->len != col->len)
            return "a field of a ROW has another length than the ROW";
        const char *fault = column_fault(col->children[i], all_rows);
        if (fault)
            return fault;
    }
    return NULL;
}

static const char *dictionary_fault(const struct lt_column *col)
{
    const struct lt_column *dict = col->children[0];
    const uint32_t *codes = col->values;
    if (col->n_children != 1 || !dict || dict->encoding != LT_FLAT)
        return "a dictionary column has no flat dictionary";
    if (dict->phys != col->phys)
        return "a dictionary is of another type than its column";
    for (uint32_t i = 0; i < col->len; i++)
        if (codes[i] >= dict->len && (!col->validity || lt_bits_get(col->validity, i)))
            return "a code is not in the dictionary";
    return column_fault(dict, false);
}

static const char *column_fault(const struct lt_column *col, bool all_rows)
{
    if (atomic_load_explicit(&((struct lt_column *)col)->refs, memory_order_relaxed) == 0)
        return "a column was released but is still used";
    if (col->phys != lt_type_phys(col->type))
        return "a column's layout is not that of its type";
    if (col->encoding == LT_DICTIONARY)
        return dictionary_fault(col);
    uint32_t lanes = lt_column_lanes(col);
    if (col->n_children != col->type->n_children)
        return "a column has not the children of its type";
    if (col->phys == LT_PHYS_STRUCT)
        return struct_fault(col, all_rows);
    if (col->phys == LT_PHYS_LIST)
        return list_fault(col, lanes, all_rows);
    for (uint32_t i = 0; all_rows && col->validity && i < lanes; i++)
        if (!lt_bits_get(col->validity, i) && !lane_is_zero(col, i))
            return "a NULL lane is not zero";
    return col->phys == LT_PHYS_STR ? views_fault(col, lanes) : NULL;
}

const char *lt_column_fault(const struct lt_column *col)
{
    return column_fault(col, true);
}

static const char *selection_fault(const struct lt_batch *batch)
{
    if (!batch->sel)
        return batch->n_sel == batch->len ? NULL : "no selection, but n_sel is not len";
    for (uint32_t i = 0; i < batch->n_sel; i++) {
        if (batch->sel[i] >= batch->len)
            return "a selected row is past the end";
        if (i && batch->sel[i] <= batch->sel[i - 1])
            return "selected rows do not increase";
    }
    return NULL;
}

const char *lt_batch_fault(const struct lt_batch *batch)
{
    if (batch->len > LT_BATCH_ROWS_MAX)
        return "a batch has too many rows";
    const char *fault = selection_fault(batch);
    for (uint32_t i = 0; !fault && batch->weight && i < batch->n_sel; i++)
        if (batch->weight[lt_batch_row(batch, i)] == 0)
            fault = "a selected row has weight 0";
    for (uint32_t i = 0; !fault && i < batch->n_columns; i++) {
        const struct lt_column *col = batch->columns[i];
        if (!col)
            fault = "a column is missing";
        else if (col->len != batch->len)
            fault = "a column has another length than its batch";
        else
            fault = column_fault(col, batch->sel == NULL);
    }
    return fault;
}

void lt_batch_check(const struct lt_batch *batch)
{
#ifndef NDEBUG
    const char *fault = lt_batch_fault(batch);
    LT_ASSERT(fault == NULL);
    LT_UNUSED(fault);
#else
    LT_UNUSED(batch);
#endif
}
