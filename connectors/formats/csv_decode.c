/* csv_decode.c -- csv text into columns.
 *
 * One pass: a record's fields are found and converted left to right, straight
 * into the lanes of the next row; the row counts only when the whole record was
 * good, so a record that is cut off by the end of the block, or is bad, costs
 * nothing but being written over. Unquoted fields are searched eight bytes at a
 * time; quoted ones with memchr. Fields nobody wants are only stepped over, but
 * still counted: a record with too few or too many is bad whatever is read. */
#include "connectors/formats/csv.h"

#include <stdio.h>

#include "connectors/formats/lane.h"
#include "connectors/formats/text.h"

enum { CSV_FIELDS_MAX = 65536 };

struct lt_decoder {
    struct lt_alloc *alloc;
    struct lt_arena arena;
    struct lt_csv_options options;
    const struct lt_tz *zone;
    const struct lt_schema *physical;
    uint32_t n_wanted;
    const uint32_t *wanted; /* output column -> physical column */
    uint32_t n_fields;      /* of a record */
    uint32_t fields_cap;
    int32_t *target;       /* field -> output column, or -1 */
    struct lt_buf scratch; /* a field without its escapes */
    struct lt_buf source;  /* name for messages */
    uint64_t line;         /* of the next record */
    uint64_t bad;
    bool fresh;       /* at the start of a file: a byte order mark may come */
    bool want_header; /* the next record is the header */
};

/* How a field ends. */
enum csv_end {
    CSV_DELIMITER, /* another field follows */
    CSV_EOL,       /* so does the record */
    CSV_MORE,      /* cannot tell before more bytes come */
    CSV_OPEN,      /* a quote is never closed */
    CSV_GARBAGE,   /* text after the closing quote */
};

struct csv_field {
    struct lt_str text;
    bool quoted;
    bool escaped; /* doubled quotes or escape characters are inside */
};

/* One record while it is read. */
struct csv_record {
    struct lt_buffer *buffer;
    const char *start, *at, *end;
    bool last;
};

static enum csv_end csv_eol(struct csv_record *rec, const char *from, const char *to,
                            const char *next, struct csv_field *field)
{
    if (to > from && to[-1] == '\r')
        to--;
    field->text = (struct lt_str){from, (size_t)(to - from)};
    rec->at = next;
    return CSV_EOL;
}

static enum csv_end csv_unquoted(struct csv_record *rec, const struct lt_csv_options *options,
                                 struct csv_field *field)
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
static enum csv_end csv_closed(struct csv_record *rec, const char *start, const char *close,
                               char delimiter, struct csv_field *field)
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

static enum csv_end csv_quoted(struct csv_record *rec, const struct lt_csv_options *options,
                               struct csv_field *field)
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

static enum csv_end csv_next(const struct lt_decoder *dec, struct csv_record *rec,
                             struct csv_field *field)
{
    *field = (struct csv_field){0};
    if (dec->options.has_quote && rec->at < rec->end && *rec->at == dec->options.quote)
        return csv_quoted(rec, &dec->options, field);
    return csv_unquoted(rec, &dec->options, field);
}

/* ---- messages ----------------------------------------------------------- */

/* "file.csv: line 3, column 7: <what>", for a place in the record. */
static lt_status csv_fail(struct lt_decoder *dec, const struct csv_record *rec, const char *place,
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

static lt_status csv_fail_value(struct lt_decoder *dec, const struct csv_record *rec,
                                const struct csv_field *field, uint32_t out, struct lt_error *err)
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
    return csv_fail(dec, rec, field->text.data, err, what);
}

/* ---- values ------------------------------------------------------------- */

/* The field's text without quotes and escapes; scratch holds it when it had some. */
static lt_status csv_text(struct lt_decoder *dec, const struct csv_field *field, struct lt_str *out)
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

static lt_status csv_put(struct lt_decoder *dec, struct lt_column *col, uint32_t row,
                         const struct csv_field *field, struct lt_buffer *buffer)
{
    struct lt_str text;
    LT_TRY(csv_text(dec, field, &text));
    if (field->escaped)
        buffer = NULL; /* scratch is written over: copy */
    if ((col->phys != LT_PHYS_LIST && col->phys != LT_PHYS_STRUCT) ||
        csv_is_null(dec, col->type, text, field->quoted))
        return csv_scalar(dec, col, row, text, field->quoted, buffer);
    return csv_nested(dec, col, row, text, buffer);
}

/* ---- records ------------------------------------------------------------ */

enum csv_result { CSV_ROW, CSV_SKIP, CSV_WAIT };

/* Past the bad record, or CSV_WAIT when its end has not come yet. */
static lt_status csv_pass_over(struct lt_decoder *dec, struct csv_record *rec, const char *from,
                               enum csv_result *result)
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

static lt_status csv_count_wrong(struct lt_decoder *dec, struct csv_record *rec, uint32_t found,
                                 struct lt_error *err)
{
    char what[160];
    snprintf(what, sizeof(what), "the record has %s%u field%s, but %u %s expected",
             found > dec->n_fields ? "more than " : "",
             found > dec->n_fields ? dec->n_fields : found, found == 1 ? "" : "s", dec->n_fields,
             dec->n_fields == 1 ? "is" : "are");
    return csv_fail(dec, rec, rec->start, err, what);
}

/* A record that ended after `found` fields, fewer than expected. */
static lt_status csv_short(struct lt_decoder *dec, struct csv_record *rec, uint32_t found,
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
static lt_status csv_bad_value(struct lt_decoder *dec, struct csv_record *rec,
                               const struct csv_field *field, uint32_t out,
                               struct lt_batch_builder *into, struct lt_error *err)
{
    if (!dec->options.ignore_bad)
        return csv_fail_value(dec, rec, field, out, err);
    struct lt_column *col = into->columns[out];
    return col->type->nullable ? lt_lane_null(col, into->len) : LT_DATA;
}

static lt_status csv_record_read(struct lt_decoder *dec, struct csv_record *rec,
                                 struct lt_batch_builder *into, enum csv_result *result,
                                 struct lt_error *err)
{
    bool bad = false, drop = false;
    enum csv_end stop = CSV_DELIMITER;
    uint32_t n = 0;
    for (; stop == CSV_DELIMITER; n++) {
        struct csv_field field;
        const char *field_at = rec->at;
        stop = csv_next(dec, rec, &field);
        if (stop == CSV_MORE) {
            *result = CSV_WAIT;
            return LT_OK;
        }
        if (stop >= CSV_OPEN) {
            if (!dec->options.ignore_bad)
                return csv_fail(dec, rec, field_at, err,
                                stop == CSV_OPEN ? "this quoted field is never closed"
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
        lt_status status = csv_put(dec, into->columns[out], into->len, &field, rec->buffer);
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

/* Blank lines and comments; true when one was passed over. */
static bool csv_blank(const struct lt_decoder *dec, struct csv_record *rec, bool *wait)
{
    const char *at = rec->at, *end = rec->end;
    if (*at == '\n') {
        rec->at = at + 1;
        return true;
    }
    if (*at == '\r') {
        if (at + 1 == end) {
            *wait = !rec->last;
            rec->at = rec->last ? end : at;
            return rec->last;
        }
        if (at[1] == '\n') {
            rec->at = at + 2;
            return true;
        }
    }
    if (!dec->options.comments || *at != '#')
        return false;
    const char *eol = memchr(at, '\n', (size_t)(end - at));
    if (!eol && !rec->last) {
        *wait = true;
        return false;
    }
    rec->at = eol ? eol + 1 : end;
    return true;
}

/* ---- the header --------------------------------------------------------- */

static lt_status csv_header_bind(struct lt_decoder *dec, const struct csv_record *rec,
                                 const struct lt_str *names, uint32_t n, struct lt_error *err)
{
    if (dec->fields_cap < n) {
        int32_t *target = LT_ARENA_ARRAY(&dec->arena, int32_t, n);
        if (!target)
            return LT_NOMEM;
        dec->target = target;
        dec->fields_cap = n;
    }
    dec->n_fields = n;
    for (uint32_t i = 0; i < n; i++)
        dec->target[i] = -1;
    for (uint32_t out = 0; out < dec->n_wanted; out++) {
        struct lt_str name = dec->physical->fields[dec->wanted[out]].name;
        uint32_t i = 0;
        while (i < n && !lt_str_equal(names[i], name))
            i++;
        if (i == n) {
            char excerpt[LT_EXCERPT_SIZE], what[LT_EXCERPT_SIZE + 200];
            struct lt_str line = {rec->start, (size_t)(rec->at - rec->start)};
            snprintf(what, sizeof(what), "the header has no column '%.*s'; it reads '%s'",
                     (int)(name.len < 100 ? name.len : 100), name.data, lt_excerpt(excerpt, line));
            return csv_fail(dec, rec, rec->start, err, what);
        }
        dec->target[i] = (int32_t)out;
    }
    return LT_OK;
}

static lt_status csv_header(struct lt_decoder *dec, struct csv_record *rec, enum csv_result *result,
                            struct lt_error *err)
{
    struct lt_arena arena;
    lt_arena_init(&arena, dec->alloc);
    struct lt_str *names = NULL;
    uint32_t n = 0, cap = 0;
    enum csv_end stop = CSV_DELIMITER;
    lt_status status = LT_OK;
    *result = CSV_SKIP;
    while (stop == CSV_DELIMITER && status == LT_OK) {
        struct csv_field field;
        const char *field_at = rec->at;
        stop = csv_next(dec, rec, &field);
        if (stop == CSV_MORE) {
            *result = CSV_WAIT;
            goto done;
        }
        if (stop >= CSV_OPEN || n == CSV_FIELDS_MAX) {
            status = csv_fail(dec, rec, field_at, err, "the header is not a line of column names");
            break;
        }
        struct lt_str text, name;
        status = csv_text(dec, &field, &text);
        if (status == LT_OK)
            status = lt_arena_str(&arena, text, &name);
        if (status == LT_OK)
            status = LT_ARENA_PUSH(&arena, names, n, cap, name);
    }
    if (status == LT_OK)
        status = csv_header_bind(dec, rec, names, n, err);
done:
    lt_arena_close(&arena);
    return status;
}

/* ---- the decoder -------------------------------------------------------- */

static uint64_t csv_lines(const char *at, const char *end)
{
    uint64_t n = 0;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        n++;
        at++;
    }
    return n;
}

static bool csv_mark(struct lt_decoder *dec, struct csv_record *rec)
{
    static const char mark[3] = {'\xEF', '\xBB', '\xBF'};
    size_t have = (size_t)(rec->end - rec->at);
    size_t n = have < 3 ? have : 3;
    if (memcmp(rec->at, mark, n) != 0 || (n < 3 && rec->last)) {
        dec->fresh = false;
        return true;
    }
    if (n < 3)
        return false; /* wait for the rest of it */
    rec->at += 3;
    dec->fresh = false;
    return true;
}

lt_status lt_csv_decode(struct lt_decoder *dec, struct lt_buffer *buffer, const char *data,
                        size_t size, bool last, uint32_t max_rows, struct lt_batch_builder *into,
                        size_t *used, struct lt_error *err)
{
    struct csv_record rec = {.buffer = buffer, .at = data, .end = data + size, .last = last};
    uint32_t row_end = into->len + max_rows;
    lt_status status = LT_OK;
    if (dec->fresh && size && !csv_mark(dec, &rec))
        size = 0;
    while (size && rec.at < rec.end && (into->len < row_end || dec->want_header)) {
        bool wait = false;
        enum csv_result result = CSV_SKIP;
        rec.start = rec.at;
        if (!csv_blank(dec, &rec, &wait) && !wait) {
            if (dec->want_header)
                status = csv_header(dec, &rec, &result, err);
            else
                status = csv_record_read(dec, &rec, into, &result, err);
            if (status != LT_OK)
                break;
            if (result != CSV_WAIT)
                dec->want_header = false;
        }
        if (wait || result == CSV_WAIT) {
            rec.at = rec.start;
            break;
        }
        dec->line += csv_lines(rec.start, rec.at);
        into->len += result == CSV_ROW;
    }
    for (uint32_t i = 0; i < dec->n_wanted && status == LT_OK; i++)
        status = lt_lane_finish(into->columns[i], into->len);
    if (status == LT_OK)
        *used = (size_t)(rec.at - data);
    return status;
}

lt_status lt_csv_decoder_open(const struct lt_connector_env *env,
                              const struct lt_connector_table *table,
                              const struct lt_scan_request *request, struct lt_decoder **out,
                              struct lt_error *err)
{
    struct lt_csv_options options;
    LT_TRY(lt_csv_options_read(table, &options, err));
    struct lt_decoder *dec = lt_alloc_zero(env->alloc, sizeof(*dec));
    if (!dec)
        return LT_NOMEM;
    dec->alloc = env->alloc;
    dec->options = options;
    dec->zone = env->zone ? env->zone : &lt_tz_utc;
    dec->physical = table->physical;
    dec->n_wanted = request->n_columns;
    dec->n_fields = dec->fields_cap = table->physical->len;
    lt_arena_init(&dec->arena, env->alloc);
    lt_buf_init(&dec->scratch, env->alloc);
    lt_buf_init(&dec->source, env->alloc);
    uint32_t *wanted = LT_ARENA_ARRAY(&dec->arena, uint32_t, request->n_columns + 1);
    dec->target = LT_ARENA_ARRAY(&dec->arena, int32_t, dec->fields_cap + 1);
    if (!wanted || !dec->target) {
        lt_csv_decoder_close(dec);
        return LT_NOMEM;
    }
    for (uint32_t i = 0; i < dec->n_fields; i++)
        dec->target[i] = -1;
    for (uint32_t i = 0; i < request->n_columns; i++) {
        wanted[i] = request->columns[i];
        dec->target[wanted[i]] = (int32_t)i;
    }
    dec->wanted = wanted;
    lt_csv_decoder_reset(dec, LT_STR(""));
    *out = dec;
    return LT_OK;
}

void lt_csv_decoder_reset(struct lt_decoder *dec, struct lt_str source_name)
{
    lt_buf_clear(&dec->source); /* out of memory here only shortens a message */
    lt_buf_add(&dec->source, source_name.data, source_name.len);
    dec->line = 1;
    dec->fresh = true;
    dec->want_header = dec->options.header;
}

void lt_csv_decoder_line(struct lt_decoder *dec, uint64_t line)
{
    dec->line = line;
    dec->fresh = false;
    dec->want_header = false;
}

uint64_t lt_csv_decoder_bad(const struct lt_decoder *dec)
{
    return dec->bad;
}

void lt_csv_decoder_close(struct lt_decoder *dec)
{
    if (!dec)
        return;
    struct lt_alloc *alloc = dec->alloc;
    lt_arena_close(&dec->arena);
    lt_buf_close(&dec->scratch);
    lt_buf_close(&dec->source);
    lt_alloc_put(alloc, dec, sizeof(*dec));
}
