/* csv_decode.c -- drives the decoding of csv: marks, blank lines, comments, the header. */
#include <stdio.h>

#include "connectors/formats/csv_decode.h"
#include "connectors/formats/lane.h"
#include "connectors/formats/text.h"

enum { CSV_FIELDS_MAX = 65536 };

/* Blank lines and comments; true when one was passed over. */
static bool csv_blank(const struct lt_decoder *dec, struct lt_csv_record *rec, bool *wait)
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

static lt_status csv_header_bind(struct lt_decoder *dec, const struct lt_csv_record *rec,
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
            return lt_csv_fail(dec, rec, rec->start, err, what);
        }
        dec->target[i] = (int32_t)out;
        dec->field_of[out] = i;
    }
    return LT_OK;
}

static lt_status csv_header(struct lt_decoder *dec, struct lt_csv_record *rec,
                            enum lt_csv_result *result, struct lt_error *err)
{
    struct lt_arena arena;
    lt_arena_init(&arena, dec->alloc);
    struct lt_str *names = NULL;
    uint32_t n = 0, cap = 0;
    enum lt_csv_end stop = CSV_DELIMITER;
    lt_status status = LT_OK;
    *result = CSV_SKIP;
    while (stop == CSV_DELIMITER && status == LT_OK) {
        struct lt_csv_field field;
        const char *field_at = rec->at;
        stop = lt_csv_next(dec, rec, &field);
        if (stop == CSV_MORE) {
            *result = CSV_WAIT;
            goto done;
        }
        if (stop >= CSV_OPEN || n == CSV_FIELDS_MAX) {
            status =
                lt_csv_fail(dec, rec, field_at, err, "the header is not a line of column names");
            break;
        }
        struct lt_str text, name;
        status = lt_csv_text(dec, &field, &text);
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

static bool csv_mark(struct lt_decoder *dec, struct lt_csv_record *rec)
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
    struct lt_csv_record rec = {.buffer = buffer, .at = data, .end = data + size, .last = last};
    uint32_t row_end = into->len + max_rows;
    lt_status status = LT_OK;
    if (dec->fresh && size && !csv_mark(dec, &rec))
        size = 0;
    if (dec->window)
        lt_csv_window_clear(dec->window);
    while (size && rec.at < rec.end && (into->len < row_end || dec->want_header)) {
        bool wait = false;
        enum lt_csv_result result = CSV_SKIP;
        rec.start = rec.at;
        if (dec->window && !dec->want_header) {
            status = lt_csv_window_read(dec, &rec, row_end - into->len, into);
            if (status != LT_OK)
                break;
            if (rec.at != rec.start)
                continue;
        }
        if (!csv_blank(dec, &rec, &wait) && !wait) {
            if (dec->want_header)
                status = csv_header(dec, &rec, &result, err);
            else
                status = lt_csv_record_read(dec, &rec, into, &result, err);
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
    dec->field_of = LT_ARENA_ARRAY(&dec->arena, uint32_t, request->n_columns + 1);
    if (!wanted || !dec->target || !dec->field_of ||
        lt_csv_decoder_use(dec, lt_structural_best()) != LT_OK) {
        lt_csv_decoder_close(dec);
        return LT_NOMEM;
    }
    for (uint32_t i = 0; i < dec->n_fields; i++)
        dec->target[i] = -1;
    for (uint32_t i = 0; i < request->n_columns; i++) {
        wanted[i] = request->columns[i];
        dec->target[wanted[i]] = (int32_t)i;
        dec->field_of[i] = wanted[i];
    }
    dec->wanted = wanted;
    lt_csv_decoder_reset(dec, LT_STR(""));
    *out = dec;
    return LT_OK;
}

lt_status lt_csv_decoder_use(struct lt_decoder *dec, const struct lt_structural *level)
{
    lt_csv_window_close(dec);
    return lt_csv_window_open(dec, level, &dec->window);
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
    lt_csv_window_close(dec);
    lt_arena_close(&dec->arena);
    lt_buf_close(&dec->scratch);
    lt_buf_close(&dec->source);
    lt_alloc_put(alloc, dec, sizeof(*dec));
}
