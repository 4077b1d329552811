/* lane.c -- writing decoded values into the lanes of a column. */
#include "connectors/formats/lane.h"

#include "connectors/formats/text.h"

enum { LANE_CHILD_FIRST = 64 }; /* elements a list's child has room for at first */

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

static lt_status lane_copy(struct lt_column *to, const struct lt_column *from, uint32_t len)
{
    if (from->validity) {
        LT_TRY(lt_column_own_validity(to));
        memcpy(to->validity, from->validity, (len + 63) / 64 * sizeof(uint64_t));
    }
    if (from->phys == LT_PHYS_STRUCT) {
        for (unsigned i = 0; i < from->n_children; i++)
            LT_TRY(lane_copy(to->children[i], from->children[i], len));
        return LT_OK;
    }
    if (from->phys == LT_PHYS_LIST) {
        memcpy(to->values, from->values, (len + 1) * sizeof(uint32_t));
        for (unsigned i = 0; i < from->n_children; i++) {
            if (from->children[i])
                LT_TRY(lt_column_set_child(to, i, lt_column_ref(from->children[i])));
        }
        return LT_OK;
    }
    memcpy(to->values, from->values, len * lt_phys_size((enum lt_phys)from->phys));
    return from->phys == LT_PHYS_STR ? lt_column_hold_from(to, from) : LT_OK;
}

/* Replaces child i of `col` by one with `len` lanes that begins with the old one's. */
static lt_status lane_resize(struct lt_column *col, unsigned i, uint32_t len)
{
    struct lt_column *old = i < col->n_children ? col->children[i] : NULL;
    struct lt_column *child = lt_column_new(col->pool, col->type->children[i], len);
    if (!child)
        return LT_NOMEM;
    lt_status status = old ? lane_copy(child, old, old->len < len ? old->len : len) : LT_OK;
    if (status != LT_OK) {
        lt_column_unref(child);
        return status;
    }
    return lt_column_set_child(col, i, child);
}

lt_status lt_lane_child(struct lt_column *col, unsigned i, uint32_t at, struct lt_column **child)
{
    struct lt_column *old = i < col->n_children ? col->children[i] : NULL;
    if (!old || old->len <= at) {
        if (at >= LT_LENGTH_MAX / 2)
            return LT_LIMIT;
        uint32_t len = old && old->len > LANE_CHILD_FIRST ? old->len : LANE_CHILD_FIRST;
        while (len <= at)
            len *= 2;
        LT_TRY(lane_resize(col, i, len));
    }
    *child = col->children[i];
    return LT_OK;
}

static void lane_cut(struct lt_column *col, uint32_t len)
{
    col->len = len;
    for (unsigned i = 0; col->phys == LT_PHYS_STRUCT && i < col->n_children; i++)
        lane_cut(col->children[i], len);
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
    for (unsigned i = 0; i < col->type->n_children; i++) {
        if (i >= col->n_children || !col->children[i])
            LT_TRY(lane_resize(col, i, used));
        LT_TRY(lt_lane_finish(col->children[i], used));
        lane_cut(col->children[i], used);
    }
    return LT_OK;
}
