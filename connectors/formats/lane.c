/* lane.c -- writing decoded values into the lanes of a column. */
#include "connectors/formats/lane.h"

#include "connectors/formats/text.h"

lt_status lt_lane_null(struct lt_column *col, uint32_t row)
{
    if (!col->validity)
        LT_TRY(lt_column_own_validity(col));
    lt_column_set_null(col, row);
    if (col->phys == LT_PHYS_LIST) {
        lt_lane_list_end(col, row, lt_lane_list_start(col, row));
        return LT_OK;
    }
    if (col->phys == LT_PHYS_STRUCT) {
        for (unsigned i = 0; i < col->n_children; i++)
            LT_TRY(lt_lane_null(col->children[i], row));
        return LT_OK;
    }
    size_t size = lt_phys_size((enum lt_phys)col->phys);
    memset((char *)col->values + row * size, 0, size);
    return LT_OK;
}

static bool lane_holds(const struct lt_column *col, const struct lt_buffer *buffer)
{
    for (uint32_t i = col->n_buffers; i-- > 0;) {
        if (col->buffers[i] == buffer)
            return true;
    }
    return false;
}

lt_status lt_lane_str(struct lt_column *col, uint32_t row, struct lt_str text,
                      struct lt_buffer *buffer)
{
    if (text.len > LT_LENGTH_MAX)
        return LT_LIMIT;
    lt_lane_valid(col, row);
    if (text.len > LT_SV_INLINE_MAX) {
        if (!buffer)
            return lt_column_put_str(col, row, text);
        if (!lane_holds(col, buffer))
            LT_TRY(lt_column_hold(col, buffer));
    }
    ((struct lt_sv *)col->values)[row] = lt_sv_of(text.data, (uint32_t)text.len);
    return LT_OK;
}

lt_status lt_lane_text(struct lt_column *col, uint32_t row, struct lt_str text,
                       struct lt_buffer *buffer, const struct lt_tz *zone)
{
    const struct lt_type *type = col->type;
    if (lt_type_is_char(type)) {
        if (!lt_utf8_valid(text))
            return LT_DATA;
        if (type->kind == LT_TYPE_VARCHAR) {
            if (type->length != LT_LENGTH_MAX && lt_utf8_length(text) > type->length)
                return LT_DATA;
            return lt_lane_str(col, row, text, buffer);
        }
        if (lt_utf8_length(text) > type->length)
            return LT_DATA;
    } else if (lt_type_is_binary(type)) {
        if (text.len > type->length)
            return LT_DATA;
        return lt_lane_str(col, row, text, buffer);
    }
    lt_lane_valid(col, row);
    return lt_text_to_lane(text, col, row, zone);
}

/* ---- lists -------------------------------------------------------------- */

lt_status lt_lane_child(struct lt_column *col, unsigned i, uint32_t at, struct lt_column **child)
{
    if (!col->children[i])
        LT_TRY(lt_column_make_children(col));
    if (col->children[i]->len <= at)
        LT_TRY(lt_column_resize(col->children[i], at + 1));
    *child = col->children[i];
    return LT_OK;
}

lt_status lt_lane_finish(struct lt_column *col, uint32_t len)
{
    if (col->phys == LT_PHYS_STRUCT) {
        for (unsigned i = 0; i < col->n_children; i++)
            LT_TRY(lt_lane_finish(col->children[i], len));
        return LT_OK;
    }
    if (col->phys != LT_PHYS_LIST)
        return LT_OK;
    uint32_t used = ((const uint32_t *)col->values)[len];
    LT_TRY(lt_column_make_children(col));
    for (unsigned i = 0; i < col->n_children; i++) {
        LT_TRY(lt_column_resize(col->children[i], used));
        LT_TRY(lt_lane_finish(col->children[i], used));
    }
    return LT_OK;
}
