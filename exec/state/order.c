/* order.c -- order-preserving bytes of values and back (order.h says the form). */
#include "exec/state/order.h"

size_t lt_order_width(enum lt_phys phys)
{
    switch (phys) {
    case LT_PHYS_I8: return 1;
    case LT_PHYS_I16: return 2;
    case LT_PHYS_I32:
    case LT_PHYS_F32: return 4;
    case LT_PHYS_I64:
    case LT_PHYS_F64: return 8;
    case LT_PHYS_I128: return 16;
    default: return 0;
    }
}

static uint32_t f32_order(float value)
{
    uint32_t bits;
    if (value != value)
        value = __builtin_nanf("");
    if (value == 0)
        value = 0;
    memcpy(&bits, &value, 4);
    return bits >> 31 ? ~bits : bits | 0x80000000u;
}

static uint64_t f64_order(double value)
{
    uint64_t bits;
    if (value != value)
        value = __builtin_nan("");
    if (value == 0)
        value = 0; /* -0.0 too */
    memcpy(&bits, &value, 8);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static void put64(char *to, uint64_t value)
{
    value = __builtin_bswap64(value);
    memcpy(to, &value, 8);
}

static void put32(char *to, uint32_t value)
{
    value = __builtin_bswap32(value);
    memcpy(to, &value, 4);
}

static uint64_t get64(const char *at)
{
    uint64_t value;
    memcpy(&value, at, 8);
    return __builtin_bswap64(value);
}

static uint32_t get32(const char *at)
{
    uint32_t value;
    memcpy(&value, at, 4);
    return __builtin_bswap32(value);
}

static void put_lane(char *to, const struct lt_column *flat, uint32_t lane)
{
    switch ((enum lt_phys)flat->phys) {
    case LT_PHYS_I8: *to = (char)(((const uint8_t *)flat->values)[lane] ^ 0x80); break;
    case LT_PHYS_I16: {
        uint16_t v = __builtin_bswap16(((const uint16_t *)flat->values)[lane] ^ 0x8000);
        memcpy(to, &v, 2);
        break;
    }
    case LT_PHYS_I32: put32(to, ((const uint32_t *)flat->values)[lane] ^ 0x80000000u); break;
    case LT_PHYS_I64: put64(to, ((const uint64_t *)flat->values)[lane] ^ UINT64_C(1) << 63); break;
    case LT_PHYS_F32: put32(to, f32_order(((const float *)flat->values)[lane])); break;
    case LT_PHYS_F64: put64(to, f64_order(((const double *)flat->values)[lane])); break;
    case LT_PHYS_I128: {
        unsigned __int128 v = ((const unsigned __int128 *)flat->values)[lane];
        put64(to, (uint64_t)(v >> 64) ^ UINT64_C(1) << 63);
        put64(to + 8, (uint64_t)v);
        break;
    }
    default: LT_UNREACHABLE();
    }
}

static char null_byte(unsigned flags)
{
    return flags & LT_ORDER_NULLS_LAST ? 2 : 0;
}

void lt_order_put_fixed(char *to, const struct lt_column *flat, uint32_t lane, bool null,
                        unsigned flags)
{
    size_t width = lt_order_width(flat->phys);
    if (null) {
        *to = null_byte(flags);
        memset(to + 1, 0, width);
        return;
    }
    *to = 1;
    put_lane(to + 1, flat, lane);
    if (flags & LT_ORDER_DESC)
        for (size_t i = 1; i <= width; i++)
            to[i] = (char)~to[i];
}

static void escape(struct lt_buf *out, const char *data, size_t len)
{
    const char *end = data + len;
    while (data < end) {
        const char *zero = memchr(data, 0, (size_t)(end - data));
        if (!zero) {
            lt_buf_add(out, data, (size_t)(end - data));
            break;
        }
        lt_buf_add(out, data, (size_t)(zero - data) + 1);
        lt_buf_addc(out, (char)0xff);
        data = zero + 1;
    }
    lt_buf_add(out, "\0", 2);
}

static void encode_nested(struct lt_buf *out, const struct lt_column *col, uint32_t row)
{
    struct lt_buf bytes;
    lt_buf_init(&bytes, out->alloc);
    lt_cell_encode(&bytes, lt_column_cell(col, row));
    if (bytes.status != LT_OK)
        out->status = bytes.status;
    else
        escape(out, bytes.data, bytes.len);
    lt_buf_close(&bytes);
}

void lt_order_encode(struct lt_buf *out, const struct lt_column *col, uint32_t row, unsigned flags)
{
    bool null = lt_column_is_null(col, row);
    uint32_t lane = row;
    const struct lt_column *flat = lt_order_flat(col, &lane);
    size_t width = lt_order_width(col->phys);
    if (width) {
        char bytes[17];
        lt_order_put_fixed(bytes, flat, lane, null, flags);
        lt_buf_add(out, bytes, null ? 1 : width + 1);
        return;
    }
    lt_buf_addc(out, null ? null_byte(flags) : 1);
    if (null)
        return;
    size_t start = out->len;
    if (col->phys == LT_PHYS_STR) {
        const struct lt_sv *sv = &((const struct lt_sv *)flat->values)[lane];
        escape(out, lt_sv_data(sv), sv->len);
    } else {
        encode_nested(out, col, row);
    }
    if (flags & LT_ORDER_DESC && out->status == LT_OK)
        for (size_t i = start; i < out->len; i++)
            out->data[i] = (char)~out->data[i];
}

static const char *skip_text(const char *at, const char *end)
{
    while (at < end) {
        const char *zero = memchr(at, 0, (size_t)(end - at));
        if (!zero || zero + 1 >= end)
            return end;
        if (zero[1] == 0)
            return zero + 2;
        at = zero + 2;
    }
    return end;
}

const char *lt_order_skip(enum lt_phys phys, const char *at, const char *end)
{
    if (at >= end)
        return end;
    if (*at++ != 1)
        return at;
    size_t width = lt_order_width(phys);
    return width ? at + width : skip_text(at, end);
}

/* Removes the escapes of [at, stop) into `to` (as large as the source). */
static size_t unescape(char *to, const char *at, const char *stop)
{
    char *start = to;
    while (at < stop) {
        const char *zero = memchr(at, 0, (size_t)(stop - at));
        size_t part = zero ? (size_t)(zero - at) + 1 : (size_t)(stop - at);
        memcpy(to, at, part);
        to += part;
        at += part + (zero != NULL);
    }
    return (size_t)(to - start);
}

static lt_status decode_text(struct lt_column *to, uint32_t row, const char *at, const char *stop)
{
    size_t size = (size_t)(stop - at);
    if (!memchr(at, 0, size) && to->phys == LT_PHYS_STR)
        return lt_column_put_str(to, row, (struct lt_str){at, size});
    char small[256], *bytes = small;
    if (size > sizeof(small)) {
        bytes = lt_column_heap(to, size); /* lives as long as the column: rare and short */
        if (!bytes)
            return LT_NOMEM;
    }
    size_t len = unescape(bytes, at, stop);
    if (to->phys == LT_PHYS_STR)
        return lt_column_put_str(to, row, (struct lt_str){bytes, len});
    const char *cell = bytes;
    return lt_cell_decode(to, row, &cell, bytes + len);
}

static void decode_fixed(struct lt_column *to, uint32_t row, const char *at)
{
    switch ((enum lt_phys)to->phys) {
    case LT_PHYS_I8: ((uint8_t *)to->values)[row] = (uint8_t)*at ^ 0x80; break;
    case LT_PHYS_I16: {
        uint16_t v;
        memcpy(&v, at, 2);
        ((uint16_t *)to->values)[row] = __builtin_bswap16(v) ^ 0x8000;
        break;
    }
    case LT_PHYS_I32: ((uint32_t *)to->values)[row] = get32(at) ^ 0x80000000u; break;
    case LT_PHYS_I64: ((uint64_t *)to->values)[row] = get64(at) ^ UINT64_C(1) << 63; break;
    case LT_PHYS_F32: {
        uint32_t v = get32(at);
        v = v >> 31 ? v ^ 0x80000000u : ~v;
        memcpy(&((float *)to->values)[row], &v, 4);
        break;
    }
    case LT_PHYS_F64: {
        uint64_t v = get64(at);
        v = v >> 63 ? v ^ UINT64_C(1) << 63 : ~v;
        memcpy(&((double *)to->values)[row], &v, 8);
        break;
    }
    case LT_PHYS_I128: {
        unsigned __int128 v = (unsigned __int128)(get64(at) ^ UINT64_C(1) << 63) << 64;
        ((unsigned __int128 *)to->values)[row] = v | get64(at + 8);
        break;
    }
    default: LT_UNREACHABLE();
    }
}

/* The lane is a new one of a batch being built: lists need their range closed. */
static lt_status decode_null(struct lt_column *to, uint32_t row)
{
    struct lt_column *none = lt_column_new_null(to->pool, to->type, 1);
    if (!none)
        return LT_NOMEM;
    lt_status status = lt_column_copy_cell(to, row, lt_column_cell(none, 0));
    lt_column_unref(none);
    return status;
}

lt_status lt_order_decode(struct lt_column *to, uint32_t row, const char **at, const char *end)
{
    const char *start = *at;
    if (start >= end)
        return LT_CORRUPT;
    const char *stop = lt_order_skip(to->phys, start, end);
    if (stop > end)
        return LT_CORRUPT;
    *at = stop;
    size_t width = lt_order_width(to->phys);
    if (*start != 1) {
        if (to->phys == LT_PHYS_LIST || to->phys == LT_PHYS_STRUCT)
            return decode_null(to, row);
        LT_TRY(lt_column_own_validity(to));
        lt_column_set_null(to, row);
        return LT_OK;
    }
    if (width) {
        decode_fixed(to, row, start + 1);
        return LT_OK;
    }
    if (stop - start < 3)
        return LT_CORRUPT;
    return decode_text(to, row, start + 1, stop - 2);
}
