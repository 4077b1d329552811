/* column_append.c -- more rows at the end of a column that is being built.
 *
 * Values of fixed width are copied as they lie. Everything else goes cell by cell, text
 * included, so that many small columns become one without being kept alive by it. */
#include "base/bits.h"
#include "data/column.h"

static lt_status append_validity(struct lt_column *to, uint32_t at, const struct lt_column *from)
{
    if (!from->validity)
        return LT_OK;
    LT_TRY(lt_column_own_validity(to));
    for (uint32_t row = 0; row < from->len; row++)
        if (!lt_bits_get(from->validity, row))
            lt_column_set_null(to, at + row);
    return LT_OK;
}

static lt_status append_cells(struct lt_column *to, uint32_t at, const struct lt_column *from)
{
    for (uint32_t row = 0; row < from->len; row++)
        LT_TRY(lt_column_copy_cell(to, at + row, lt_column_cell(from, row)));
    lt_column_seal(to);
    return LT_OK;
}

lt_status lt_column_append(struct lt_column *to, const struct lt_column *from)
{
    uint32_t at = to->len;
    bool lies_flat = from->encoding == LT_FLAT && from->phys < LT_PHYS_STR;
    LT_TRY(lt_column_resize(to, at + from->len));
    if (!lies_flat)
        return append_cells(to, at, from);
    size_t width = lt_phys_size((enum lt_phys)to->phys);
    memcpy((char *)to->values + at * width, from->values, from->len * width);
    return append_validity(to, at, from);
}
