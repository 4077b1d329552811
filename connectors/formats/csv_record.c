/* csv_record.c -- one csv record after the other: the decoder that says what csv is.
 *
 * One pass: a record's fields are found and converted left to right, straight
 * into the lanes of the next row; the row counts only when the whole record was
 * good, so a record that is cut off by the end of the block, or is bad, costs
 * nothing but being written over. Unquoted fields are searched eight bytes at a
 * time; quoted ones with memchr. Fields nobody wants are only stepped over, but
 * still counted: a record with too few or too many is bad whatever is read. */
#include <stdio.h>

#include "connectors/formats/csv_decode.h"
#include "connectors/formats/lane.h"
#include "connectors/formats/text.h"

static enum lt_csv_end csv_eol(struct lt_csv_record *rec, const char *from, const char *to,
                               const char *next, struct lt_csv_field *field)
{
    if (to > from && to[-1] == '\r')
        to--;
    field->text = (struct lt_str){from, (size_t)(to - from)};
    rec->at = next;
    return CSV_EOL;
}

static enum lt_csv_end csv_unquoted(struct lt_csv_record *rec, const struct lt_csv_options *options,
                                    struct lt_csv_field *field)
{
    const char *start = rec->at, *at = start, *end = rec->end;
    char delimiter = options->delimiter;
    char escape = options->has_escape ? options->escape : '\n'; /* else: no extra stop */
    uint64_t d = lt_swar_splat((unsigned char)delimiter), n = lt_swar_splat('\n'),
             e = lt_swar_splat((unsigned char)escape);
    for (;;) {
        while (end - at >= 8) {
            uint64_t word = lt_swar_load(at);
            uint64_t hit = lt_swar_zero(word ^ d) | lt_swar_zero(word ^ n) | lt_swar_zero(word ^ e);
            if (hit) {
                at += lt_swar_first(hit);
                goto stop;
            }
            at += 8;
        }
        while (at < end && *at != delimiter && *at != '\n' && *at != escape)
            at++;
        if (at == end)
            return rec->last ? csv_eol(rec, start, end, end, field) : CSV_MORE;
    stop:
        if (*at == '\n')
            return csv_eol(rec, start, at, at + 1, field);
        if (*at == delimiter) {
            field->text = (struct lt_str){start, (size_t)(at - start)};
            rec->at = at + 1;
            return CSV_DELIMITER;
        }
        field->escaped = true;
        at += end - at > 1 ? 2 : 1;
    }
}

/* What follows the closing quote at `close`. */
static enum lt_csv_end csv_closed(struct lt_csv_record *rec, const char *start, const char *close,
                                  char delimiter, struct lt_csv_field *field)
{
    const char *next = close + 1;
    field->text = (struct lt_str){start, (size_t)(close - start)};
    if (next < rec->end && *next == '\r')
        next++;
    if (next == rec->end) {
        rec->at = next;
        return rec->last ? CSV_EOL : CSV_MORE;
    }
    if (*next == '\n') {
        rec->at = next + 1;
        return CSV_EOL;
    }
    if (close[1] == delimiter) {
        rec->at = close + 2;
        return CSV_DELIMITER;
    }
    return CSV_GARBAGE;
}

static enum lt_csv_end csv_quoted(struct lt_csv_record *rec, const struct lt_csv_options *options,
                                  struct lt_csv_field *field)
{
    const char *start = rec->at + 1, *at = start, *end = rec->end;
    char quote = options->quote;
    field->quoted = true;
    for (;;) {
        if (options->has_escape) {
            while (at < end && *at != quote && *at != options->escape)
                at++;
        } else {
            const char *hit = memchr(at, quote, (size_t)(end - at));
            at = hit ? hit : end;
        }
        if (at == end)
            return rec->last ? CSV_OPEN : CSV_MORE;
        if (*at != quote) { /* an escape: the next byte is text */
            field->escaped = true;
            at += end - at > 1 ? 2 : 1;
            continue;
        }
        if (at + 1 == end && !rec->last)
            return CSV_MORE; /* it may be doubled */
        if (at + 1 < end && at[1] == quote) {
            field->escaped = true;
            at += 2;
            continue;
        }
        return csv_closed(rec, start, at, options->delimiter, field);
    }
}

enum lt_csv_end lt_csv_next(const struct lt_decoder *dec, struct lt_csv_record *rec,
                            struct lt_csv_field *field)
{
    *field = (struct lt_csv_field){0};
    if (dec->options.has_quote && rec->at < rec->end && *rec->at == dec->options.quote)
        return csv_quoted(rec, &dec->options, field);
    return csv_unquoted(rec, &dec->options, field);
}

/* ---- messages ----------------------------------------------------------- */

lt_status lt_csv_fail(struct lt_decoder *dec, const struct lt_csv_record *rec, const char *place,
                      struct lt_error *err, const char *what)
{
    uint64_t line = dec->line;
    const char *from = rec->start;
    for (const char *at = rec->start; at < place; at++) {
        if (*at == '\n') {
            line++;
            from = at + 1;
        }
    }
    size_t column = lt_utf8_length((struct lt_str){from, (size_t)(place - from)}) + 1;
    struct lt_str source = lt_buf_str(&dec->source);
    return lt_fail(err, LT_DATA, "%.*s%sline %llu, column %zu: %s", LT_STR_ARG(source),
                   source.len ? ": " : "", (unsigned long long)line, column, what);
}

static lt_status csv_fail_value(struct lt_decoder *dec, const struct lt_csv_record *rec,
                                const struct lt_csv_field *field, uint32_t out,
                                struct lt_error *err)
{
    char excerpt[LT_EXCERPT_SIZE], what[LT_EXCERPT_SIZE + 512];
    const struct lt_field *column = &dec->physical->fields[dec->wanted[out]];
    struct lt_buf type;
    lt_buf_init(&type, dec->alloc);
    lt_type_print(&type, column->type);
    struct lt_str text = lt_buf_str(&type);
    bool names = dec->line == 1 && !dec->options.header && field->text.len > 0 &&
                 (field->text.data[0] | 0x20) >= 'a' && (field->text.data[0] | 0x20) <= 'z';
    snprintf(what, sizeof(what), "'%s' is not a value of type %.200s (column '%.*s')%s",
             lt_excerpt(excerpt, field->text), text.data,
             (int)(column->name.len < 100 ? column->name.len : 100), column->name.data,
             names ? "; if the first line names the columns, set 'csv.header' = 'true'" : "");
    lt_buf_close(&type);
    return lt_csv_fail(dec, rec, field->text.data, err, what);
}

/* ---- values ------------------------------------------------------------- */

lt_status lt_csv_text(struct lt_decoder *dec, const struct lt_csv_field *field, struct lt_str *out)
{
    if (!field->escaped) {
        *out = field->text;
        return LT_OK;
    }
    const struct lt_csv_options *options = &dec->options;
    lt_buf_clear(&dec->scratch);
    if (!lt_buf_reserve(&dec->scratch, field->text.len + 1))
        return LT_NOMEM;
    const char *at = field->text.data, *end = at + field->text.len;
    while (at < end) {
        bool escape = options->has_escape && *at == options->escape;
        bool doubled = field->quoted && *at == options->quote;
        if ((escape || doubled) && at + 1 < end)
            at++;
        lt_buf_addc(&dec->scratch, *at++);
    }
    *out = lt_buf_str(&dec->scratch);
    return dec->scratch.status;
}

static bool csv_is_null(const struct lt_decoder *dec, const struct lt_type *type,
                        struct lt_str text, bool quoted)
{
    if (dec->options.has_null && !quoted && lt_str_equal(text, dec->options.null_literal))
        return true;
    if (text.len || lt_type_is_char(type) || lt_type_is_binary(type))
        return false;
    return !quoted || type->kind != LT_TYPE_ARRAY;
}

static lt_status csv_scalar(struct lt_decoder *dec, struct lt_column *col, uint32_t row,
                            struct lt_str text, bool quoted, struct lt_buffer *buffer)
{
    if (csv_is_null(dec, col->type, text, quoted))
        return col->type->nullable ? lt_lane_null(col, row) : LT_DATA;
    return lt_lane_text(col, row, text, buffer, dec->zone);
}

/* "a;b;c" as ARRAY or ROW of scalars. */
static lt_status csv_nested(struct lt_decoder *dec, struct lt_column *col, uint32_t row,
                            struct lt_str text, struct lt_buffer *buffer)
{
    bool list = col->phys == LT_PHYS_LIST;
    uint32_t start = list ? lt_lane_list_start(col, row) : 0, n = 0;
    const char *at = text.data, *end = at + text.len;
    while (at <= end && !(list && text.len == 0)) {
        const char *stop = memchr(at, dec->options.array_delimiter, (size_t)(end - at));
        stop = stop ? stop : end;
        struct lt_column *child;
        if (list)
            LT_TRY(lt_lane_child(col, 0, start + n, &child));
        else if (n < col->n_children)
            child = col->children[n];
        else
            return LT_DATA;
        LT_TRY(csv_scalar(dec, child, list ? start + n : row,
                          (struct lt_str){at, (size_t)(stop - at)}, false, buffer));
        n++;
        at = stop + 1;
    }
    if (!list && n != col->n_children)
        return LT_DATA;
    lt_lane_valid(col, row);
    if (list)
        lt_lane_list_end(col, row, start + n);
    return LT_OK;
}

lt_status lt_csv_put(struct lt_decoder *dec, struct lt_column *col, uint32_t row,
                     const struct lt_csv_field *field, struct lt_buffer *buffer)
{
    struct lt_str text;
    LT_TRY(lt_csv_text(dec, field, &text));
    if (field->escaped)
        buffer = NULL; /* scratch is written over: copy */
    if ((col->phys != LT_PHYS_LIST && col->phys != LT_PHYS_STRUCT) ||
        csv_is_null(dec, col->type, text, field->quoted))
        return csv_scalar(dec, col, row, text, field->quoted, buffer);
    return csv_nested(dec, col, row, text, buffer);
}

/* ---- records ------------------------------------------------------------ */

/* Past the bad record, or CSV_WAIT when its end has not come yet. */
static lt_status csv_pass_over(struct lt_decoder *dec, struct lt_csv_record *rec, const char *from,
                               enum lt_csv_result *result)
{
    const char *eol = memchr(from, '\n', (size_t)(rec->end - from));
    if (!eol && !rec->last) {
        *result = CSV_WAIT;
        return LT_OK;
    }
    rec->at = eol ? eol + 1 : rec->end;
    dec->bad++;
    *result = CSV_SKIP;
    return LT_OK;
}

static lt_status csv_count_wrong(struct lt_decoder *dec, struct lt_csv_record *rec, uint32_t found,
                                 struct lt_error *err)
{
    char what[160];
    snprintf(what, sizeof(what), "the record has %s%u field%s, but %u %s expected",
             found > dec->n_fields ? "more than " : "",
             found > dec->n_fields ? dec->n_fields : found, found == 1 ? "" : "s", dec->n_fields,
             dec->n_fields == 1 ? "is" : "are");
    return lt_csv_fail(dec, rec, rec->start, err, what);
}

/* A record that ended after `found` fields, fewer than expected. */
static lt_status csv_short(struct lt_decoder *dec, struct lt_csv_record *rec, uint32_t found,
                           struct lt_batch_builder *into, bool *bad, struct lt_error *err)
{
    if (!dec->options.ignore_bad)
        return csv_count_wrong(dec, rec, found, err);
    *bad = true;
    for (uint32_t i = found; i < dec->n_fields; i++) {
        if (dec->target[i] < 0)
            continue;
        struct lt_column *col = into->columns[dec->target[i]];
        if (!col->type->nullable)
            return LT_DATA; /* the record is passed over */
        LT_TRY(lt_lane_null(col, into->len));
    }
    return LT_OK;
}

/* A field's value is bad: NULL instead, or the record is (LT_DATA without message). */
static lt_status csv_bad_value(struct lt_decoder *dec, struct lt_csv_record *rec,
                               const struct lt_csv_field *field, uint32_t out,
                               struct lt_batch_builder *into, struct lt_error *err)
{
    if (!dec->options.ignore_bad)
        return csv_fail_value(dec, rec, field, out, err);
    struct lt_column *col = into->columns[out];
    return col->type->nullable ? lt_lane_null(col, into->len) : LT_DATA;
}

lt_status lt_csv_record_read(struct lt_decoder *dec, struct lt_csv_record *rec,
                             struct lt_batch_builder *into, enum lt_csv_result *result,
                             struct lt_error *err)
{
    bool bad = false, drop = false;
    enum lt_csv_end stop = CSV_DELIMITER;
    uint32_t n = 0;
    for (; stop == CSV_DELIMITER; n++) {
        struct lt_csv_field field;
        const char *field_at = rec->at;
        stop = lt_csv_next(dec, rec, &field);
        if (stop == CSV_MORE) {
            *result = CSV_WAIT;
            return LT_OK;
        }
        if (stop >= CSV_OPEN) {
            if (!dec->options.ignore_bad)
                return lt_csv_fail(dec, rec, field_at, err,
                                   stop == CSV_OPEN
                                       ? "this quoted field is never closed"
                                       : "text follows the closing quote of this field");
            return csv_pass_over(dec, rec, field_at, result);
        }
        if (n >= dec->n_fields) {
            if (!dec->options.ignore_bad)
                return csv_count_wrong(dec, rec, n + 1, err);
            bad = drop = true;
            continue;
        }
        int32_t out = dec->target[n];
        if (out < 0 || drop)
            continue;
        lt_status status = lt_csv_put(dec, into->columns[out], into->len, &field, rec->buffer);
        if (status == LT_DATA) {
            bad = true;
            status = csv_bad_value(dec, rec, &field, (uint32_t)out, into, err);
            if (status == LT_DATA && dec->options.ignore_bad) {
                drop = true;
                continue;
            }
        }
        LT_TRY(status);
    }
    if (n < dec->n_fields && !drop) {
        lt_status status = csv_short(dec, rec, n, into, &bad, err);
        if (status == LT_DATA && dec->options.ignore_bad)
            drop = true;
        else
            LT_TRY(status);
    }
    dec->bad += bad;
    *result = drop ? CSV_SKIP : CSV_ROW;
    return LT_OK;
}

/* The end that lt_csv_record_read would come to; of a bad record, all there is. */
size_t lt_csv_record_end(const struct lt_decoder *dec, const char *data, size_t size)
{
    struct lt_csv_record rec = {.start = data, .at = data, .end = data + size};
    enum lt_csv_end stop = CSV_DELIMITER;
    while (stop == CSV_DELIMITER) {
        struct lt_csv_field field;
        stop = lt_csv_next(dec, &rec, &field);
    }
    if (stop == CSV_MORE)
        return 0;
    return stop == CSV_EOL ? (size_t)(rec.at - data) : size;
}
