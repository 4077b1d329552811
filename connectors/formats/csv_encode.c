/* csv_encode.c -- rows as csv text.
 *
 * A field is quoted only when it must be: when it holds the delimiter, a quote or
 * a line end, would be taken for the null literal or a comment, or is the empty
 * text of a line that would otherwise be blank. Lines end in \n. */
#include "connectors/formats/csv.h"

#include "connectors/formats/text.h"

struct lt_encoder {
    struct lt_alloc *alloc;
    struct lt_csv_options options;
    const struct lt_tz *zone;
    const struct lt_schema *physical;
    struct lt_buf scratch;
};

static bool csv_must_quote(const struct lt_encoder *enc, struct lt_str text)
{
    const struct lt_csv_options *options = &enc->options;
    if (text.len == 0)
        return enc->physical->len == 1 || (options->has_null && options->null_literal.len == 0);
    if (options->has_null && lt_str_equal(text, options->null_literal))
        return true;
    if (options->comments && text.data[0] == '#')
        return true;
    if (text.data[0] == '\xEF') /* at the start of a file it might be taken for a mark */
        return true;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == options->delimiter || c == '\n' || c == '\r' ||
            (options->has_quote && c == options->quote) ||
            (options->has_escape && c == options->escape))
            return true;
    }
    return false;
}

static lt_status csv_put_text(struct lt_encoder *enc, struct lt_str text, struct lt_str column,
                              struct lt_buf *out, struct lt_error *err)
{
    const struct lt_csv_options *options = &enc->options;
    if (!csv_must_quote(enc, text)) {
        lt_buf_add(out, text.data, text.len);
        return LT_OK;
    }
    if (!options->has_quote) {
        char excerpt[LT_EXCERPT_SIZE];
        return lt_fail(err, LT_DATA,
                       "csv: column '%.*s' holds '%s', which must be quoted, but "
                       "'csv.disable-quote-character' forbids quotes",
                       LT_STR_ARG(column), lt_excerpt(excerpt, text));
    }
    lt_buf_addc(out, options->quote);
    for (size_t i = 0; i < text.len; i++) {
        if (options->has_escape &&
            (text.data[i] == options->quote || text.data[i] == options->escape))
            lt_buf_addc(out, options->escape);
        else if (text.data[i] == options->quote)
            lt_buf_addc(out, options->quote);
        lt_buf_addc(out, text.data[i]);
    }
    lt_buf_addc(out, options->quote);
    return LT_OK;
}

static void csv_print(const struct lt_encoder *enc, struct lt_cell cell, struct lt_buf *out)
{
    switch (cell.col->type->kind) {
    case LT_TYPE_BOOLEAN:
        lt_buf_adds(out, ((const int8_t *)cell.col->values)[cell.lane] ? "true" : "false");
        break;
    case LT_TYPE_TIMESTAMP_LTZ: /* an instant reads back as such in any zone */
        lt_cell_print(out, cell, &lt_tz_utc);
        lt_buf_addc(out, 'Z');
        break;
    default: lt_cell_print(out, cell, enc->zone); break;
    }
}

/* One element of an ARRAY or ROW, into scratch. */
static lt_status csv_element(struct lt_encoder *enc, struct lt_cell cell, struct lt_str column,
                             struct lt_error *err)
{
    struct lt_buf *out = &enc->scratch;
    size_t from = out->len;
    if (cell.null && enc->options.has_null) {
        lt_buf_add(out, enc->options.null_literal.data, enc->options.null_literal.len);
        return LT_OK;
    }
    if (!cell.null)
        csv_print(enc, cell, out);
    if (out->status != LT_OK || out->len == from ||
        !memchr(out->data + from, enc->options.array_delimiter, out->len - from))
        return out->status;
    return lt_fail(err, LT_DATA,
                   "csv: an element of column '%.*s' holds the delimiter '%c' of elements; choose "
                   "another 'csv.array-element-delimiter'",
                   LT_STR_ARG(column), enc->options.array_delimiter);
}

static lt_status csv_nested(struct lt_encoder *enc, struct lt_cell cell, struct lt_str column,
                            struct lt_error *err)
{
    const struct lt_column *col = cell.col;
    bool list = col->phys == LT_PHYS_LIST;
    uint32_t from = 0, n = col->n_children;
    if (list) {
        from = ((const uint32_t *)col->values)[cell.lane];
        n = ((const uint32_t *)col->values)[cell.lane + 1] - from;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            lt_buf_addc(&enc->scratch, enc->options.array_delimiter);
        struct lt_cell element = list ? lt_column_cell(col->children[0], from + i)
                                      : lt_column_cell(col->children[i], cell.lane);
        LT_TRY(csv_element(enc, element, column, err));
    }
    return LT_OK;
}

lt_status lt_csv_encode(struct lt_encoder *enc, const struct lt_batch *batch, uint32_t row,
                        struct lt_buf *out, struct lt_error *err)
{
    for (uint32_t i = 0; i < batch->n_columns; i++) {
        struct lt_str column = enc->physical->fields[i].name;
        struct lt_cell cell = lt_column_cell(batch->columns[i], row);
        if (i)
            lt_buf_addc(out, enc->options.delimiter);
        if (cell.null) {
            if (enc->options.has_null)
                lt_buf_add(out, enc->options.null_literal.data, enc->options.null_literal.len);
            else if (batch->n_columns == 1)
                LT_TRY(csv_put_text(enc, LT_STR(""), column, out, err));
            continue;
        }
        lt_buf_clear(&enc->scratch);
        if (cell.col->phys == LT_PHYS_LIST || cell.col->phys == LT_PHYS_STRUCT)
            LT_TRY(csv_nested(enc, cell, column, err));
        else
            csv_print(enc, cell, &enc->scratch);
        LT_TRY(enc->scratch.status);
        struct lt_str text = lt_buf_str(&enc->scratch);
        if (text.len == 0 && cell.col->phys == LT_PHYS_LIST && enc->options.has_quote) {
            lt_buf_addc(out, enc->options.quote); /* an empty array is not NULL */
            lt_buf_addc(out, enc->options.quote);
            continue;
        }
        LT_TRY(csv_put_text(enc, text, column, out, err));
    }
    lt_buf_addc(out, '\n');
    return out->status;
}

void lt_csv_encode_start(struct lt_encoder *enc, struct lt_buf *out)
{
    if (!enc->options.header)
        return;
    for (uint32_t i = 0; i < enc->physical->len; i++) {
        if (i)
            lt_buf_addc(out, enc->options.delimiter);
        struct lt_str name = enc->physical->fields[i].name;
        if (csv_put_text(enc, name, name, out, NULL) != LT_OK)
            lt_buf_add(out, name.data, name.len);
    }
    lt_buf_addc(out, '\n');
}

lt_status lt_csv_encoder_open(const struct lt_connector_env *env,
                              const struct lt_connector_table *table, bool changing,
                              struct lt_encoder **out, struct lt_error *err)
{
    struct lt_csv_options options;
    LT_TRY(lt_csv_options_read(table, &options, err));
    if (changing)
        return lt_fail(err, LT_INVALID,
                       "format 'csv' holds rows, not changes: the query's result changes rows it "
                       "has shown before");
    struct lt_encoder *enc = lt_alloc_zero(env->alloc, sizeof(*enc));
    if (!enc)
        return LT_NOMEM;
    enc->alloc = env->alloc;
    enc->options = options;
    enc->zone = env->zone ? env->zone : &lt_tz_utc;
    enc->physical = table->physical;
    lt_buf_init(&enc->scratch, env->alloc);
    *out = enc;
    return LT_OK;
}

void lt_csv_encoder_close(struct lt_encoder *enc)
{
    if (!enc)
        return;
    lt_buf_close(&enc->scratch);
    lt_alloc_put(enc->alloc, enc, sizeof(*enc));
}
