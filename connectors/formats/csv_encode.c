/* csv_encode.c -- rows as csv text.
 *
 * A field is quoted only when it must be: when it holds the delimiter, a quote or
 * a line end, would be taken for the null literal or a comment, or is the empty
 * text of a line that would otherwise be blank. Lines end in \n.
 *
 * Numbers and times are printed where they belong in the output, and text is copied
 * there, after a look at sixteen bytes a time for one that must be quoted. Lists, rows, and
 * everything when an option makes plain text ambiguous, take the way over a
 * scratch buffer, csv_put_cell; both ways write the same. */
#include "base/bits.h"
#include "connectors/formats/csv.h"
#include "connectors/formats/text.h"

enum { PLAIN_MAX = 64, SPECIAL_BYTES = 5 };

typedef unsigned char csv_block __attribute__((vector_size(16)));

struct csv_out;
/* Prints a lane that is not NULL; at most PLAIN_MAX bytes. Returns the end. */
typedef char *csv_plain_fn(struct csv_out *out, uint32_t lane, char *to);

/* How a column of the batch at hand is written. */
struct csv_out {
    const struct lt_column *col;    /* of the batch */
    const struct lt_column *values; /* itself, or its dictionary */
    csv_plain_fn *plain;            /* NULL: text, or neither */
    bool text;
    struct lt_day_text day;
};

struct lt_encoder {
    struct lt_alloc *alloc;
    struct lt_csv_options options;
    const struct lt_tz *zone;
    const struct lt_schema *physical;
    struct lt_buf scratch;
    bool plain_numbers; /* no number or time needs quotes */
    bool plain_text;    /* text without special bytes needs none */
    csv_block special[SPECIAL_BYTES];
    struct csv_out *columns; /* physical->len */
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

/* The field of any column, in the general way. */
static lt_status csv_put_cell(struct lt_encoder *enc, struct lt_cell cell, uint32_t i,
                              struct lt_buf *out, struct lt_error *err)
{
    struct lt_str column = enc->physical->fields[i].name;
    if (cell.null) {
        if (enc->options.has_null)
            lt_buf_add(out, enc->options.null_literal.data, enc->options.null_literal.len);
        else if (enc->physical->len == 1)
            LT_TRY(csv_put_text(enc, LT_STR(""), column, out, err));
        return out->status;
    }
    lt_buf_clear(&enc->scratch);
    bool list = cell.col->phys == LT_PHYS_LIST;
    if (list || cell.col->phys == LT_PHYS_STRUCT)
        LT_TRY(csv_nested(enc, cell, column, err));
    else
        csv_print(enc, cell, &enc->scratch);
    LT_TRY(enc->scratch.status);
    struct lt_str text = lt_buf_str(&enc->scratch);
    if (text.len == 0 && list && enc->options.has_quote) {
        lt_buf_addc(out, enc->options.quote); /* an empty array is not NULL */
        lt_buf_addc(out, enc->options.quote);
        return out->status;
    }
    return csv_put_text(enc, text, column, out, err);
}

/* ---- numbers and times -------------------------------------------------- */

static char *plain_boolean(struct csv_out *out, uint32_t lane, char *to)
{
    bool yes = ((const int8_t *)out->values->values)[lane] != 0;
    memcpy(to, yes ? "true" : "false", 5);
    return to + 5 - yes;
}

static char *plain_i8(struct csv_out *out, uint32_t lane, char *to)
{
    return to + lt_i64_text(to, ((const int8_t *)out->values->values)[lane]);
}

static char *plain_i16(struct csv_out *out, uint32_t lane, char *to)
{
    return to + lt_i64_text(to, ((const int16_t *)out->values->values)[lane]);
}

static char *plain_i32(struct csv_out *out, uint32_t lane, char *to)
{
    return to + lt_i64_text(to, ((const int32_t *)out->values->values)[lane]);
}

static char *plain_i64(struct csv_out *out, uint32_t lane, char *to)
{
    return to + lt_i64_text(to, ((const int64_t *)out->values->values)[lane]);
}

static char *plain_double(struct csv_out *out, uint32_t lane, char *to)
{
    return to + lt_double_text(to, ((const double *)out->values->values)[lane]);
}

static char *plain_date(struct csv_out *out, uint32_t lane, char *to)
{
    return to + lt_date_text(to, ((const int32_t *)out->values->values)[lane], &out->day);
}

static char *plain_timestamp(struct csv_out *out, uint32_t lane, char *to)
{
    int64_t us = ((const int64_t *)out->values->values)[lane];
    return to + lt_timestamp_text(to, us, out->values->type->precision, &out->day);
}

static char *plain_ltz(struct csv_out *out, uint32_t lane, char *to)
{
    to = plain_timestamp(out, lane, to);
    *to++ = 'Z'; /* an instant reads back as such in any zone */
    return to;
}

static csv_plain_fn *plain_of(const struct lt_type *type)
{
    static csv_plain_fn *const plain[LT_TYPE_COUNT] = {
        [LT_TYPE_BOOLEAN] = plain_boolean,   [LT_TYPE_TINYINT] = plain_i8,
        [LT_TYPE_SMALLINT] = plain_i16,      [LT_TYPE_INT] = plain_i32,
        [LT_TYPE_BIGINT] = plain_i64,        [LT_TYPE_DOUBLE] = plain_double,
        [LT_TYPE_DATE] = plain_date,         [LT_TYPE_TIMESTAMP] = plain_timestamp,
        [LT_TYPE_TIMESTAMP_LTZ] = plain_ltz,
    };
    return plain[type->kind];
}

/* ---- text --------------------------------------------------------------- */

static inline bool block_special(const struct lt_encoder *enc, const void *at, unsigned skip)
{
    csv_block block, hit = {0};
    memcpy(&block, at, sizeof(block));
    for (unsigned i = 0; i < SPECIAL_BYTES; i++)
        hit |= (csv_block)(block == enc->special[i]);
    uint64_t words[2];
    memcpy(words, &hit, sizeof(words));
    return (words[0] >> skip | words[1]) != 0;
}

/* Does the text hold a byte that must be quoted? True at times when it does not. */
static bool text_special(const struct lt_encoder *enc, const struct lt_sv *sv)
{
    if (sv->len <= LT_SV_INLINE_MAX) /* the text, zeros, and before them the length */
        return block_special(enc, sv, 32);
    const char *at = sv->u.ptr, *last = at + sv->len - sizeof(csv_block);
    if (sv->len < sizeof(csv_block)) {
        char both[sizeof(csv_block)];
        memcpy(both, at, 8);
        memcpy(both + 8, at + sv->len - 8, 8);
        return block_special(enc, both, 0);
    }
    bool hit = block_special(enc, last, 0);
    for (; at < last; at += sizeof(csv_block))
        hit |= block_special(enc, at, 0);
    return hit;
}

/* Writes the text as it is, where it may be; false: nothing is written. */
static bool text_put(const struct lt_encoder *enc, const struct lt_sv *sv, size_t row_max,
                     struct lt_buf *out)
{
    if (!enc->plain_text || sv->len == 0 || sv->prefix[0] == '\xEF' || text_special(enc, sv))
        return false;
    if (!lt_buf_reserve(out, sv->len + row_max))
        return true; /* remembered there */
    char *to = out->data + out->len;
    if (sv->len <= LT_SV_INLINE_MAX)
        memcpy(to, sv->prefix, LT_SV_INLINE_MAX);
    else
        memcpy(to, sv->u.ptr, sv->len);
    out->len += sv->len;
    return true;
}

/* ---- rows --------------------------------------------------------------- */

static void encode_bind(struct lt_encoder *enc, const struct lt_batch *batch)
{
    for (uint32_t i = 0; i < batch->n_columns; i++) {
        struct csv_out *column = &enc->columns[i];
        column->col = column->values = batch->columns[i];
        if (column->col->encoding == LT_DICTIONARY)
            column->values = column->col->children[0];
        column->text = column->col->phys == LT_PHYS_STR;
        column->plain = enc->plain_numbers ? plain_of(column->col->type) : NULL;
    }
}

/* Where the row's value lies in column->values; false when it is NULL. */
static inline bool encode_lane(const struct csv_out *column, uint32_t row, uint32_t *lane)
{
    const struct lt_column *col = column->col;
    uint32_t at = lt_column_lane(col, row);
    if ((col->validity && !lt_bits_get(col->validity, at)) || col->type->kind == LT_TYPE_NULL)
        return false;
    if (column->values != col) {
        at = ((const uint32_t *)col->values)[at];
        if (column->values->validity && !lt_bits_get(column->values->validity, at))
            return false;
    }
    *lane = at;
    return true;
}

static lt_status encode_row(struct lt_encoder *enc, const struct lt_batch *batch, uint32_t row,
                            size_t row_max, struct lt_buf *out, struct lt_error *err)
{
    if (!lt_buf_reserve(out, row_max))
        return out->status;
    for (uint32_t i = 0; i < batch->n_columns; i++) {
        struct csv_out *column = &enc->columns[i];
        uint32_t lane;
        if (i)
            out->data[out->len++] = enc->options.delimiter;
        if (encode_lane(column, row, &lane)) {
            if (column->plain) {
                out->len = (size_t)(column->plain(column, lane, out->data + out->len) - out->data);
                continue;
            }
            if (column->text &&
                text_put(enc, (const struct lt_sv *)column->values->values + lane, row_max, out)) {
                LT_TRY(out->status);
                continue;
            }
        } else if (enc->plain_numbers && enc->physical->len > 1) {
            continue; /* no null literal: nothing */
        }
        LT_TRY(csv_put_cell(enc, lt_column_cell(batch->columns[i], row), i, out, err));
        if (!lt_buf_reserve(out, row_max))
            return out->status;
    }
    out->data[out->len++] = '\n';
    out->data[out->len] = 0;
    return LT_OK;
}

lt_status lt_csv_encode(struct lt_encoder *enc, const struct lt_batch *batch, const uint16_t *rows,
                        uint32_t *n, size_t limit, struct lt_buf *out, struct lt_error *err)
{
    size_t row_max = (size_t)batch->n_columns * (PLAIN_MAX + 1) + 1; /* without its text */
    uint32_t done = 0;
    encode_bind(enc, batch);
    while (done < *n && (done == 0 || out->len < limit)) {
        LT_TRY(encode_row(enc, batch, rows[done], row_max, out, err));
        done++;
    }
    *n = done;
    return LT_OK;
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

/* The bytes that make a text need quotes, and whether a number may hold one of them. */
static void csv_bind_special(struct lt_encoder *enc)
{
    static const char in_numbers[] = "0123456789+-.: ";
    const struct lt_csv_options *options = &enc->options;
    char quote = options->has_quote ? options->quote : '\n';
    char escape = options->has_escape ? options->escape : '\n';
    const char bytes[SPECIAL_BYTES] = {'\n', '\r', options->delimiter, quote, escape};
    enc->plain_text = !options->has_null && !options->comments;
    enc->plain_numbers = !options->has_null;
    for (unsigned i = 0; i < SPECIAL_BYTES; i++) {
        char c = bytes[i];
        memset(&enc->special[i], c, sizeof(enc->special[i]));
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; /* of true, NaN, Infinity */
        if (letter || memchr(in_numbers, c, sizeof(in_numbers) - 1))
            enc->plain_numbers = false;
    }
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
    csv_bind_special(enc);
    enc->columns = lt_alloc_zero(enc->alloc, (enc->physical->len + 1) * sizeof(*enc->columns));
    if (!enc->columns) {
        lt_csv_encoder_close(enc);
        return LT_NOMEM;
    }
    *out = enc;
    return LT_OK;
}

void lt_csv_encoder_general(struct lt_encoder *enc)
{
    enc->plain_text = enc->plain_numbers = false;
}

void lt_csv_encoder_close(struct lt_encoder *enc)
{
    if (!enc)
        return;
    if (enc->columns)
        lt_alloc_put(enc->alloc, enc->columns, (enc->physical->len + 1) * sizeof(*enc->columns));
    lt_buf_close(&enc->scratch);
    lt_alloc_put(enc->alloc, enc, sizeof(*enc));
}
