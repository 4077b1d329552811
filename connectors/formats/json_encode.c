/* json_encode.c -- rows as JSON lines. */
#include "connectors/formats/json.h"

#include <math.h>

#include "connectors/formats/text.h"

struct lt_encoder {
    struct lt_alloc *alloc;
    struct lt_json_options options;
    const struct lt_tz *zone;
    const struct lt_schema *physical;
    struct lt_error *err;
};

static lt_status json_put(struct lt_encoder *enc, const struct lt_type *type, struct lt_cell cell,
                          struct lt_buf *out);

static void json_put_text(struct lt_buf *out, struct lt_str text)
{
    static const char hex[] = "0123456789abcdef";
    lt_buf_addc(out, '"');
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        lt_buf_add(out, text.data + from, i - from);
        from = i + 1;
        static const char plain[7] = {'\b', '\f', '\n', '\r', '\t', '"', '\\'};
        const char *at = memchr(plain, c, sizeof(plain));
        lt_buf_addc(out, '\\');
        if (at) {
            lt_buf_addc(out, "bfnrt\"\\"[at - plain]);
        } else {
            char code[5] = {'u', '0', '0', hex[c >> 4], hex[c & 15]};
            lt_buf_add(out, code, sizeof(code));
        }
    }
    lt_buf_add(out, text.data + from, text.len - from);
    lt_buf_addc(out, '"');
}

static void json_put_bytes(struct lt_buf *out, struct lt_str bytes)
{
    size_t size = lt_base64_size(bytes.len);
    if (!lt_buf_reserve(out, size + 3))
        return;
    lt_buf_addc(out, '"');
    lt_base64_encode(out->data + out->len, bytes);
    out->len += size;
    lt_buf_addc(out, '"');
}

/* 0.000000027 as 2.7E-8, as Java's BigDecimal prints it. */
static void json_put_scientific(struct lt_buf *out, __int128 value, unsigned scale)
{
    char digits[48];
    unsigned n = 0;
    bool negative = value < 0;
    unsigned __int128 left = negative ? -(unsigned __int128)value : (unsigned __int128)value;
    do {
        digits[n++] = (char)('0' + (unsigned)(left % 10));
        left /= 10;
    } while (left);
    int exponent = (int)n - 1 - (int)scale;
    if (exponent >= -6) {
        lt_decimal_print(out, value, scale);
        return;
    }
    if (negative)
        lt_buf_addc(out, '-');
    lt_buf_addc(out, digits[--n]);
    if (n)
        lt_buf_addc(out, '.');
    while (n)
        lt_buf_addc(out, digits[--n]);
    lt_buf_addf(out, "E%d", exponent);
}

static void json_put_time(struct lt_encoder *enc, struct lt_cell cell, struct lt_buf *out)
{
    bool instant = cell.col->type->kind == LT_TYPE_TIMESTAMP_LTZ;
    lt_buf_addc(out, '"');
    size_t from = out->len;
    lt_cell_print(out, cell, &lt_tz_utc);
    if (instant)
        lt_buf_addc(out, 'Z');
    if (enc->options.iso_timestamps && out->status == LT_OK) {
        char *blank = memchr(out->data + from, ' ', out->len - from);
        if (blank)
            *blank = 'T';
    }
    lt_buf_addc(out, '"');
}

static lt_status json_put_scalar(struct lt_encoder *enc, struct lt_cell cell, struct lt_buf *out)
{
    const struct lt_column *col = cell.col;
    switch (col->type->kind) {
    case LT_TYPE_BOOLEAN:
        lt_buf_adds(out, ((const int8_t *)col->values)[cell.lane] ? "true" : "false");
        break;
    case LT_TYPE_FLOAT:
    case LT_TYPE_DOUBLE: {
        double value = col->phys == LT_PHYS_F32 ? ((const float *)col->values)[cell.lane]
                                                : ((const double *)col->values)[cell.lane];
        const char *quote = isfinite(value) ? "" : "\"";
        lt_buf_adds(out, quote);
        lt_cell_print(out, cell, enc->zone);
        lt_buf_adds(out, quote);
        break;
    }
    case LT_TYPE_DECIMAL:
        if (enc->options.plain_decimals)
            lt_cell_print(out, cell, enc->zone);
        else
            json_put_scientific(out, ((const __int128 *)col->values)[cell.lane], col->type->scale);
        break;
    case LT_TYPE_CHAR:
    case LT_TYPE_VARCHAR:
        json_put_text(out, lt_sv_str(&((const struct lt_sv *)col->values)[cell.lane]));
        break;
    case LT_TYPE_BINARY:
    case LT_TYPE_VARBINARY:
        json_put_bytes(out, lt_sv_str(&((const struct lt_sv *)col->values)[cell.lane]));
        break;
    case LT_TYPE_DATE:
    case LT_TYPE_TIME:
    case LT_TYPE_TIMESTAMP:
    case LT_TYPE_TIMESTAMP_LTZ: json_put_time(enc, cell, out); break;
    default: lt_cell_print(out, cell, enc->zone); break;
    }
    return out->status;
}

static lt_status json_put_array(struct lt_encoder *enc, const struct lt_type *type,
                                struct lt_cell cell, struct lt_buf *out)
{
    const uint32_t *offsets = cell.col->values;
    lt_buf_addc(out, '[');
    for (uint32_t at = offsets[cell.lane]; at < offsets[cell.lane + 1]; at++) {
        if (at > offsets[cell.lane])
            lt_buf_addc(out, ',');
        LT_TRY(json_put(enc, type->children[0], lt_column_cell(cell.col->children[0], at), out));
    }
    lt_buf_addc(out, ']');
    return out->status;
}

static lt_status json_put_map(struct lt_encoder *enc, const struct lt_type *type,
                              struct lt_cell cell, struct lt_buf *out)
{
    const uint32_t *offsets = cell.col->values;
    bool first = true;
    lt_buf_addc(out, '{');
    for (uint32_t at = offsets[cell.lane]; at < offsets[cell.lane + 1]; at++) {
        struct lt_cell key = lt_column_cell(cell.col->children[0], at);
        if (key.null && enc->options.null_key == LT_JSON_KEY_DROP)
            continue;
        if (key.null && enc->options.null_key == LT_JSON_KEY_FAIL)
            return lt_fail(enc->err, LT_DATA,
                           "json: a MAP has a NULL key; set 'json.map-null-key.mode' to 'DROP' or "
                           "'LITERAL'");
        if (!first)
            lt_buf_addc(out, ',');
        first = false;
        if (key.null)
            json_put_text(out, enc->options.null_key_literal);
        else
            json_put_text(out, lt_sv_str(&((const struct lt_sv *)key.col->values)[key.lane]));
        lt_buf_addc(out, ':');
        LT_TRY(json_put(enc, type->children[1], lt_column_cell(cell.col->children[1], at), out));
    }
    lt_buf_addc(out, '}');
    return out->status;
}

static lt_status json_put_field(struct lt_encoder *enc, struct lt_str name,
                                const struct lt_type *type, struct lt_cell cell, bool *first,
                                struct lt_buf *out)
{
    if (cell.null && enc->options.skip_nulls)
        return LT_OK;
    if (!*first)
        lt_buf_addc(out, ',');
    *first = false;
    json_put_text(out, name);
    lt_buf_addc(out, ':');
    return json_put(enc, type, cell, out);
}

static lt_status json_put_row(struct lt_encoder *enc, const struct lt_type *type,
                              struct lt_cell cell, struct lt_buf *out)
{
    bool first = true;
    lt_buf_addc(out, '{');
    for (uint32_t i = 0; i < cell.col->n_children; i++)
        LT_TRY(json_put_field(enc, type->names[i], type->children[i],
                              lt_column_cell(cell.col->children[i], cell.lane), &first, out));
    lt_buf_addc(out, '}');
    return out->status;
}

/* `type` is the table's: a query's ROW may name its fields otherwise, or not at all. */
static lt_status json_put(struct lt_encoder *enc, const struct lt_type *type, struct lt_cell cell,
                          struct lt_buf *out)
{
    if (cell.null) {
        lt_buf_adds(out, "null");
        return out->status;
    }
    switch (cell.col->type->kind) {
    case LT_TYPE_ARRAY: return json_put_array(enc, type, cell, out);
    case LT_TYPE_MAP: return json_put_map(enc, type, cell, out);
    case LT_TYPE_ROW: return json_put_row(enc, type, cell, out);
    default: return json_put_scalar(enc, cell, out);
    }
}

static lt_status json_put_record(struct lt_encoder *enc, const struct lt_batch *batch, uint32_t row,
                                 struct lt_buf *out)
{
    bool first = true;
    lt_buf_addc(out, '{');
    for (uint32_t i = 0; i < batch->n_columns; i++)
        LT_TRY(json_put_field(enc, enc->physical->fields[i].name, enc->physical->fields[i].type,
                              lt_column_cell(batch->columns[i], row), &first, out));
    lt_buf_adds(out, "}\n");
    return out->status;
}

lt_status lt_json_encode(struct lt_encoder *enc, const struct lt_batch *batch, const uint16_t *rows,
                         uint32_t *n, size_t limit, struct lt_buf *out, struct lt_error *err)
{
    uint32_t done = 0;
    enc->err = err;
    while (done < *n && (done == 0 || out->len < limit))
        LT_TRY(json_put_record(enc, batch, rows[done++], out));
    *n = done;
    return LT_OK;
}

void lt_json_encode_start(struct lt_encoder *enc, struct lt_buf *out)
{
    LT_UNUSED(enc);
    LT_UNUSED(out);
}

lt_status lt_json_encoder_open(const struct lt_connector_env *env,
                               const struct lt_connector_table *table, bool changing,
                               struct lt_encoder **out, struct lt_error *err)
{
    struct lt_json_options options;
    LT_TRY(lt_json_options_read(table, &options, err));
    if (changing)
        return lt_fail(err, LT_INVALID,
                       "format 'json' holds rows, not changes: the query's result changes rows it "
                       "has shown before");
    struct lt_encoder *enc = lt_alloc_zero(env->alloc, sizeof(*enc));
    if (!enc)
        return LT_NOMEM;
    enc->alloc = env->alloc;
    enc->options = options;
    enc->zone = env->zone ? env->zone : &lt_tz_utc;
    enc->physical = table->physical;
    *out = enc;
    return LT_OK;
}

void lt_json_encoder_close(struct lt_encoder *enc)
{
    if (enc)
        lt_alloc_put(enc->alloc, enc, sizeof(*enc));
}
