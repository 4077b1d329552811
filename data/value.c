/* value.c -- the one place that decides how a value prints and what reads back. */
#include "data/value.h"

#include "base/bits.h"

/* ---- printing -------------------------------------------------------- */

static void list_print(struct lt_buf *out, struct lt_cell cell, const struct lt_tz *zone)
{
    const struct lt_column *col = cell.col;
    const uint32_t *offsets = col->values;
    bool map = col->type->kind == LT_TYPE_MAP;
    lt_buf_addc(out, map ? '{' : '[');
    for (uint32_t at = offsets[cell.lane]; at < offsets[cell.lane + 1]; at++) {
        if (at > offsets[cell.lane])
            lt_buf_adds(out, ", ");
        lt_cell_print(out, lt_column_cell(col->children[0], at), zone);
        if (map) {
            lt_buf_addc(out, '=');
            lt_cell_print(out, lt_column_cell(col->children[1], at), zone);
        }
    }
    lt_buf_addc(out, map ? '}' : ']');
}

static void row_print(struct lt_buf *out, struct lt_cell cell, const struct lt_tz *zone)
{
    lt_buf_addc(out, '(');
    for (uint32_t i = 0; i < cell.col->n_children; i++) {
        if (i)
            lt_buf_adds(out, ", ");
        lt_cell_print(out, lt_column_cell(cell.col->children[i], cell.lane), zone);
    }
    lt_buf_addc(out, ')');
}

static void i64_print(struct lt_buf *out, int64_t value)
{
    char text[LT_I64_TEXT_SIZE];
    lt_buf_add(out, text, lt_i64_text(text, value));
}

static int64_t cell_integer(struct lt_cell cell)
{
    switch ((enum lt_phys)cell.col->phys) {
    case LT_PHYS_I8: return ((const int8_t *)cell.col->values)[cell.lane];
    case LT_PHYS_I16: return ((const int16_t *)cell.col->values)[cell.lane];
    case LT_PHYS_I32: return ((const int32_t *)cell.col->values)[cell.lane];
    case LT_PHYS_I64: return ((const int64_t *)cell.col->values)[cell.lane];
    default: return 0;
    }
}

static void text_print(struct lt_buf *out, struct lt_cell cell)
{
    struct lt_str text = lt_sv_str((const struct lt_sv *)cell.col->values + cell.lane);
    lt_buf_add(out, text.data, text.len);
}

void lt_cell_print(struct lt_buf *out, struct lt_cell cell, const struct lt_tz *zone)
{
    const struct lt_type *type = cell.col->type;
    const void *values = cell.col->values;
    if (cell.null) {
        lt_buf_adds(out, "NULL");
        return;
    }
    int64_t integer = cell_integer(cell);
    switch (type->kind) {
    case LT_TYPE_BOOLEAN: lt_buf_adds(out, integer ? "TRUE" : "FALSE"); break;
    case LT_TYPE_TINYINT:
    case LT_TYPE_SMALLINT:
    case LT_TYPE_INT:
    case LT_TYPE_BIGINT: i64_print(out, integer); break;
    case LT_TYPE_FLOAT: lt_float_print(out, ((const float *)values)[cell.lane]); break;
    case LT_TYPE_DOUBLE: lt_double_print(out, ((const double *)values)[cell.lane]); break;
    case LT_TYPE_DECIMAL:
        lt_decimal_print(out, ((const __int128 *)values)[cell.lane], type->scale);
        break;
    case LT_TYPE_CHAR:
    case LT_TYPE_VARCHAR:
    case LT_TYPE_BINARY:
    case LT_TYPE_VARBINARY: text_print(out, cell); break;
    case LT_TYPE_DATE: lt_date_print(out, (int32_t)integer); break;
    case LT_TYPE_TIME: lt_time_print(out, integer, type->precision); break;
    case LT_TYPE_TIMESTAMP: lt_timestamp_print(out, integer, type->precision); break;
    case LT_TYPE_TIMESTAMP_LTZ:
        lt_timestamp_print(out, lt_tz_to_local(zone, integer), type->precision);
        break;
    case LT_TYPE_INTERVAL_DAY: lt_interval_day_print(out, integer); break;
    case LT_TYPE_INTERVAL_MONTH: lt_interval_month_print(out, (int32_t)integer); break;
    case LT_TYPE_ARRAY:
    case LT_TYPE_MULTISET:
    case LT_TYPE_MAP: list_print(out, cell, zone); break;
    case LT_TYPE_ROW: row_print(out, cell, zone); break;
    case LT_TYPE_NULL:
    case LT_TYPE_COUNT: lt_buf_adds(out, "NULL"); break;
    }
}

/* ---- reading --------------------------------------------------------- */

static uint32_t utf8_length(struct lt_str text)
{
    uint32_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    return n;
}

/* Text of the right length; CHAR(n) is padded with blanks to n characters. */
static lt_status text_to_str(struct lt_str text, struct lt_column *col, uint32_t row)
{
    const struct lt_type *type = col->type;
    if (type->kind != LT_TYPE_CHAR && text.len <= type->length)
        return lt_column_put_str(col, row, text);
    uint64_t len = lt_type_is_char(type) ? utf8_length(text) : text.len;
    if (len > type->length)
        return LT_DATA;
    if (type->kind != LT_TYPE_CHAR || len == type->length)
        return lt_column_put_str(col, row, text);
    size_t pad = type->length - len;
    if (text.len + pad <= LT_SV_INLINE_MAX) {
        char padded[LT_SV_INLINE_MAX];
        memcpy(padded, text.data, text.len);
        memset(padded + text.len, ' ', pad);
        return lt_column_put_str(col, row, (struct lt_str){padded, text.len + pad});
    }
    char *padded = lt_column_heap(col, text.len + pad);
    if (!padded)
        return LT_NOMEM;
    memcpy(padded, text.data, text.len);
    memset(padded + text.len, ' ', pad);
    ((struct lt_sv *)col->values)[row] = lt_sv_of(padded, (uint32_t)(text.len + pad));
    return LT_OK;
}

static bool text_to_ranged(struct lt_str text, int64_t min, int64_t max, int64_t *out)
{
    int64_t value;
    if (!lt_text_to_i64(text, &value) || value < min || value > max)
        return false;
    *out = value;
    return true;
}

static bool text_to_integer_lane(struct lt_str text, struct lt_column *col, uint32_t row)
{
    int64_t value = 0;
    bool ok;
    switch (col->type->kind) {
    case LT_TYPE_TINYINT: ok = text_to_ranged(text, INT8_MIN, INT8_MAX, &value); break;
    case LT_TYPE_SMALLINT: ok = text_to_ranged(text, INT16_MIN, INT16_MAX, &value); break;
    case LT_TYPE_INT: ok = text_to_ranged(text, INT32_MIN, INT32_MAX, &value); break;
    default: ok = lt_text_to_i64(text, &value); break;
    }
    if (!ok)
        return false;
    switch ((enum lt_phys)col->phys) {
    case LT_PHYS_I8: ((int8_t *)col->values)[row] = (int8_t)value; break;
    case LT_PHYS_I16: ((int16_t *)col->values)[row] = (int16_t)value; break;
    case LT_PHYS_I32: ((int32_t *)col->values)[row] = (int32_t)value; break;
    default: ((int64_t *)col->values)[row] = value; break;
    }
    return true;
}

static bool text_to_time_lane(struct lt_str text, struct lt_column *col, uint32_t row,
                              const struct lt_tz *zone)
{
    int64_t *lane = (int64_t *)col->values + row, us = 0;
    switch (col->type->kind) {
    case LT_TYPE_DATE: return lt_text_to_date(text, (int32_t *)col->values + row);
    case LT_TYPE_TIME:
        if (!lt_text_to_time(text, &us))
            return false;
        break;
    case LT_TYPE_TIMESTAMP:
        if (!lt_text_to_timestamp(text, &us))
            return false;
        break;
    case LT_TYPE_TIMESTAMP_LTZ:
        if (!lt_text_to_ltz(text, zone, &us))
            return false;
        break;
    default: return false;
    }
    *lane = lt_time_truncate(us, col->type->precision);
    return true;
}

lt_status lt_text_to_lane(struct lt_str text, struct lt_column *col, uint32_t row,
                          const struct lt_tz *zone)
{
    const struct lt_type *type = col->type;
    bool ok = false, boolean;
    switch (type->kind) {
    case LT_TYPE_BOOLEAN:
        ok = lt_text_to_boolean(text, &boolean);
        if (ok)
            ((int8_t *)col->values)[row] = boolean;
        break;
    case LT_TYPE_TINYINT:
    case LT_TYPE_SMALLINT:
    case LT_TYPE_INT:
    case LT_TYPE_BIGINT: ok = text_to_integer_lane(text, col, row); break;
    case LT_TYPE_FLOAT: ok = lt_text_to_float(text, (float *)col->values + row); break;
    case LT_TYPE_DOUBLE: ok = lt_text_to_double(text, (double *)col->values + row); break;
    case LT_TYPE_DECIMAL:
        ok = lt_text_to_decimal(text, type->precision, type->scale, (__int128 *)col->values + row);
        break;
    case LT_TYPE_CHAR:
    case LT_TYPE_VARCHAR:
    case LT_TYPE_BINARY:
    case LT_TYPE_VARBINARY:
        LT_TRY(text_to_str(text, col, row));
        ok = true;
        break;
    case LT_TYPE_DATE:
    case LT_TYPE_TIME:
    case LT_TYPE_TIMESTAMP:
    case LT_TYPE_TIMESTAMP_LTZ: ok = text_to_time_lane(text, col, row, zone); break;
    default: break;
    }
    if (!ok)
        return LT_DATA;
    if (col->validity)
        lt_bits_set(col->validity, row);
    return LT_OK;
}
