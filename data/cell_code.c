/* cell_code.c -- a value as bytes that describe themselves, and back.
 *
 *   cell   := 0                                      NULL
 *           | 1 + phys, fixed-width value            little-endian
 *           | 1 + STR, varint length, bytes
 *           | 1 + LIST, varint count, cell...        a MAP's keys and values by turns
 *           | 1 + STRUCT, varint fields, cell...
 *
 * Equal cells have equal bytes, so the form serves as a key too: -0.0 is written
 * as 0.0 and every NaN as one; lt_cell_encode_exact keeps the bits, for state.
 *
 * Reading trusts nothing: each count is checked against the bytes that are left
 * before anything is reserved for it, and the type decides the depth. */
#include "base/bits.h"
#include "data/pool.h"
#include "data/value.h"

enum { CELL_NULL = 0, CELL_PRESENT = 1 };

/* ---- writing --------------------------------------------------------- */

static void put_varint(struct lt_buf *out, uint64_t value)
{
    char bytes[10];
    unsigned len = 0;
    while (value >= 128) {
        bytes[len++] = (char)(value | 128);
        value >>= 7;
    }
    bytes[len++] = (char)value;
    lt_buf_add(out, bytes, len);
}

static void put_fixed(struct lt_buf *out, struct lt_cell cell, bool canonical)
{
    size_t size = lt_phys_size((enum lt_phys)cell.col->phys);
    const char *lane = (const char *)cell.col->values + cell.lane * size;
    if (canonical && cell.col->phys == LT_PHYS_F64) {
        double value;
        memcpy(&value, lane, sizeof(value));
        value = value != value ? __builtin_nan("") : value + 0.0; /* -0.0 + 0.0 = 0.0 */
        lt_buf_add(out, &value, sizeof(value));
    } else if (canonical && cell.col->phys == LT_PHYS_F32) {
        float value;
        memcpy(&value, lane, sizeof(value));
        value = value != value ? __builtin_nanf("") : value + 0.0f;
        lt_buf_add(out, &value, sizeof(value));
    } else {
        lt_buf_add(out, lane, size);
    }
}

static void cell_put(struct lt_buf *out, struct lt_cell cell, bool canonical)
{
    const struct lt_column *col = cell.col;
    if (cell.null) {
        lt_buf_addc(out, CELL_NULL);
        return;
    }
    lt_buf_addc(out, (char)(CELL_PRESENT + col->phys));
    if (col->phys == LT_PHYS_STR) {
        struct lt_str text = lt_sv_str((const struct lt_sv *)col->values + cell.lane);
        put_varint(out, text.len);
        lt_buf_add(out, text.data, text.len);
    } else if (col->phys == LT_PHYS_LIST) {
        const uint32_t *offsets = col->values;
        put_varint(out, offsets[cell.lane + 1] - offsets[cell.lane]);
        for (uint32_t at = offsets[cell.lane]; at < offsets[cell.lane + 1]; at++)
            for (uint32_t i = 0; i < col->n_children; i++)
                cell_put(out, lt_column_cell(col->children[i], at), canonical);
    } else if (col->phys == LT_PHYS_STRUCT) {
        put_varint(out, col->n_children);
        for (uint32_t i = 0; i < col->n_children; i++)
            cell_put(out, lt_column_cell(col->children[i], cell.lane), canonical);
    } else {
        put_fixed(out, cell, canonical);
    }
}

void lt_cell_encode(struct lt_buf *out, struct lt_cell cell)
{
    cell_put(out, cell, true);
}

void lt_cell_encode_exact(struct lt_buf *out, struct lt_cell cell)
{
    cell_put(out, cell, false);
}

/* ---- reading --------------------------------------------------------- */

static bool get_varint(const char **at, const char *end, uint64_t *out)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 63 && *at < end; shift += 7) {
        unsigned char byte = (unsigned char)*(*at)++;
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) {
            *out = value;
            return true;
        }
    }
    return false;
}

static lt_status get_str(struct lt_column *to, uint32_t row, const char **at, const char *end)
{
    uint64_t len;
    if (!get_varint(at, end, &len) || len > (uint64_t)(end - *at))
        return LT_CORRUPT;
    struct lt_str text = {*at, (size_t)len};
    *at += len;
    return lt_column_put_str(to, row, text);
}

static lt_status get_elements(struct lt_column *to, uint32_t from, uint32_t len, const char **at,
                              const char *end)
{
    for (uint32_t element = 0; element < len; element++)
        for (uint32_t i = 0; i < to->n_children; i++) {
            LT_TRY(lt_column_resize(to->children[i], from + element + 1));
            LT_TRY(lt_cell_decode(to->children[i], from + element, at, end));
        }
    return LT_OK;
}

/* When it fails, what was read of it lies past every offset. */
static lt_status get_list(struct lt_column *to, uint32_t row, const char **at, const char *end)
{
    uint64_t len;
    if (!get_varint(at, end, &len) || len > (uint64_t)(end - *at) || len > LT_LENGTH_MAX)
        return LT_CORRUPT; /* an element takes a byte at least */
    LT_TRY(lt_column_make_children(to));
    uint32_t from = lt_column_list_begin(to, row);
    LT_TRY(get_elements(to, from, (uint32_t)len, at, end));
    ((uint32_t *)to->values)[row + 1] = from + (uint32_t)len;
    return LT_OK;
}

static lt_status get_row(struct lt_column *to, uint32_t row, const char **at, const char *end)
{
    uint64_t n;
    if (!get_varint(at, end, &n) || n != to->n_children)
        return LT_CORRUPT;
    for (uint32_t i = 0; i < to->n_children; i++)
        LT_TRY(lt_cell_decode(to->children[i], row, at, end));
    return LT_OK;
}

static lt_status get_fixed(struct lt_column *to, uint32_t row, const char **at, const char *end)
{
    size_t size = lt_phys_size((enum lt_phys)to->phys);
    if ((size_t)(end - *at) < size)
        return LT_CORRUPT;
    if (to->type->kind == LT_TYPE_BOOLEAN && (unsigned char)**at > 1)
        return LT_CORRUPT;
    if (to->type->kind == LT_TYPE_DECIMAL) {
        __int128 value, limit = lt_pow10_i128[to->type->precision];
        memcpy(&value, *at, sizeof(value));
        if (value <= -limit || value >= limit)
            return LT_CORRUPT;
    }
    memcpy((char *)to->values + row * size, *at, size);
    *at += size;
    return LT_OK;
}

lt_status lt_cell_decode(struct lt_column *to, uint32_t row, const char **at, const char *end)
{
    LT_ASSERT(to->encoding != LT_DICTIONARY && row < lt_column_lanes(to));
    if (*at >= end)
        return LT_CORRUPT;
    unsigned char tag = (unsigned char)*(*at)++;
    if (tag == CELL_NULL)
        return lt_column_copy_cell(to, row, (struct lt_cell){.col = to, .lane = row, .null = true});
    if (tag != CELL_PRESENT + to->phys)
        return LT_CORRUPT;
    if (to->validity)
        lt_bits_set(to->validity, row);
    switch ((enum lt_phys)to->phys) {
    case LT_PHYS_STR: return get_str(to, row, at, end);
    case LT_PHYS_LIST: return get_list(to, row, at, end);
    case LT_PHYS_STRUCT: return get_row(to, row, at, end);
    default: return get_fixed(to, row, at, end);
    }
}
