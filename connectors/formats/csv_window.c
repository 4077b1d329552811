/* csv_window.c -- many csv records at once.
 *
 * A window is up to 32 KB of text and the places where its fields end:
 *
 *    1 , x , " a , b " \n 2 , y ,   \n 3 , z        n_fields = 3
 *      1   3         9 10   12  14  15   17         ends: every delimiter and line end
 *                                                   that is not inside quotes
 *
 * A record is regular when it has exactly n_fields ends, the last of them a line
 * end, and no other. Regular records that follow each other are a run; a run is
 * read column by column. The index takes every quote to open or to close, which is
 * wrong for a quote in the middle of a field; so each is held against csv's rule
 * (opens right behind an end, closes right before one) and the window ends
 * before the first record that breaks it.
 *
 * What is not regular, what lies too near the end of the text, and a whole run in
 * which some value is bad, is left to csv_record.c. So this file decides nothing
 * about what csv means; it only sees quickly what cannot be mistaken. */
#include "connectors/formats/csv_decode.h"
#include "connectors/formats/text.h"
#include "data/text_fast.h"

enum { WINDOW_AT_LEAST = 64, BACKOFF_MAX = 64 };

struct lt_csv_window {
    const struct lt_structural *level;
    struct lt_structural_set plain, quoting;
    const char *data; /* NULL: nothing is indexed */
    uint32_t size;
    uint32_t n_ends, cursor; /* the next record's first end */
    bool quotes, ascii;
    bool broken;       /* it was cut short where a quote broke the rule */
    bool irregular;    /* some record of it is: look at each */
    uint32_t row_size; /* about, of the records seen last */
    uint32_t skip;     /* records left to csv_record.c before we look again */
    uint32_t backoff;
    uint16_t *ends; /* behind a place for the one before the first */
    uint16_t raw[LT_CSV_WINDOW_SIZE + LT_STRUCTURAL_SLACK];
    uint16_t ends_space[1 + LT_CSV_WINDOW_SIZE + LT_STRUCTURAL_SLACK];
};

lt_status lt_csv_window_open(struct lt_decoder *dec, const struct lt_structural *level,
                             struct lt_csv_window **out)
{
    const struct lt_csv_options *options = &dec->options;
    unsigned char quote = (unsigned char)options->quote;
    unsigned char delimiter = (unsigned char)options->delimiter;
    *out = NULL;
    if (!level || options->has_escape || options->comments)
        return LT_OK;
    struct lt_csv_window *window = lt_alloc_get(dec->alloc, sizeof(*window));
    if (!window)
        return LT_NOMEM;
    window->level = level;
    window->plain = (struct lt_structural_set){.always = {delimiter, '\n'}};
    window->quoting = (struct lt_structural_set){
        .always = {quote, quote}, .quoting = true, .outside = {delimiter, '\n'}};
    window->ends = window->ends_space + 1;
    window->ends[-1] = UINT16_MAX;
    window->row_size = window->backoff = 1;
    window->skip = 0;
    lt_csv_window_clear(window);
    *out = window;
    return LT_OK;
}

void lt_csv_window_close(struct lt_decoder *dec)
{
    if (dec->window)
        lt_alloc_put(dec->alloc, dec->window, sizeof(*dec->window));
    dec->window = NULL;
}

void lt_csv_window_clear(struct lt_csv_window *window)
{
    window->data = NULL;
}

/* ---- the index ---------------------------------------------------------- */

/* Past the quoted field whose opening quote is raw[i]: the index of the end behind it, or n
 * when it does not close in here. *broken: it closes, but no end follows. */
static uint32_t window_quoted(const struct lt_csv_window *window, uint32_t i, uint32_t n,
                              bool *broken)
{
    const uint16_t *raw = window->raw;
    const char *data = window->data;
    char quote = (char)window->quoting.always[0];
    for (; i + 2 < n; i += 2) {
        unsigned close = raw[i + 1], next = raw[i + 2];
        if (next == close + 1) {
            if (data[next] == quote)
                continue; /* doubled: it opens again */
            return i + 2;
        }
        *broken = next != close + 2 || data[close + 1] != '\r' || data[next] != '\n';
        return *broken ? n : i + 2;
    }
    return n;
}

/* Takes the quotes out of the index, and holds them against the rule. */
static void window_drop_quotes(struct lt_csv_window *window, uint32_t n)
{
    char quote = (char)window->quoting.always[0];
    uint32_t n_ends = 0;
    unsigned field = 0; /* where it begins */
    for (uint32_t i = 0; i < n; i++) {
        unsigned at = window->raw[i];
        if (window->data[at] == quote) {
            window->broken = at != field;
            i = window->broken ? n : window_quoted(window, i, n, &window->broken);
            if (i == n)
                break;
            at = window->raw[i];
        }
        window->ends[n_ends++] = (uint16_t)at;
        field = at + 1;
    }
    /* A record is whole or not here: what follows the last line end is not known. */
    while (n_ends && window->data[window->ends[n_ends - 1]] != '\n')
        n_ends--;
    window->n_ends = n_ends;
}

static void window_index(struct lt_csv_window *window, const struct lt_csv_record *rec,
                         bool has_quote, uint32_t max_rows)
{
    size_t left = (size_t)(rec->end - rec->at);
    size_t want = (size_t)max_rows * window->row_size + max_rows / 8 + WINDOW_AT_LEAST;
    want = want < LT_CSV_WINDOW_SIZE ? want : LT_CSV_WINDOW_SIZE;
    window->data = rec->at;
    window->size = (uint32_t)(want < left ? want : left);
    window->cursor = 0;
    window->broken = window->irregular = false;
    window->quotes = has_quote && memchr(rec->at, window->quoting.always[0], window->size);
    if (window->quotes) {
        uint32_t n = window->level->index(&window->quoting, window->data, window->size, window->raw,
                                          &window->ascii);
        window_drop_quotes(window, n);
    } else {
        window->n_ends = window->level->index(&window->plain, window->data, window->size,
                                              window->ends, &window->ascii);
    }
    if (!window->broken)
        window->backoff = 1;
}

/* Is the next record, as far as it is indexed, at `at`? csv_record.c may have moved it. */
static bool window_find(struct lt_csv_window *window, const char *at)
{
    if (!window->data || at < window->data || at >= window->data + window->size)
        return false;
    uint32_t place = (uint32_t)(at - window->data);
    while (window->cursor < window->n_ends && window->ends[window->cursor] < place)
        window->cursor++;
    return (uint16_t)(window->ends[(ptrdiff_t)window->cursor - 1] + 1) == place;
}

/* ---- runs --------------------------------------------------------------- */

/* Line ends in the text. */
static LT_KERNEL uint64_t count_lines(const char *data, size_t size)
{
    uint64_t n = 0;
    while (size >= 64) {
        uint8_t lanes[64] = {0};
        size_t blocks = size / 64 < UINT8_MAX ? size / 64 : UINT8_MAX;
        for (size_t block = 0; block < blocks; block++, data += 64)
            for (unsigned i = 0; i < 64; i++)
                lanes[i] += data[i] == '\n';
        for (unsigned i = 0; i < 64; i++)
            n += lanes[i];
        size -= blocks * 64;
    }
    for (size_t i = 0; i < size; i++)
        n += data[i] == '\n';
    return n;
}

/* A record of one field that is empty is a blank line, and no record. */
static bool record_blank(const struct lt_csv_window *window, uint32_t cursor)
{
    unsigned from = (uint16_t)(window->ends[(ptrdiff_t)cursor - 1] + 1);
    unsigned len = window->ends[cursor] - from;
    return len == 0 || (len == 1 && window->data[from] == '\r');
}

static bool record_regular(const struct lt_csv_window *window, uint32_t cursor, uint32_t n_fields)
{
    const uint16_t *ends = window->ends + cursor;
    for (uint32_t i = 0; i + 1 < n_fields; i++)
        if (window->data[ends[i]] == '\n')
            return false;
    return window->data[ends[n_fields - 1]] == '\n' &&
           (n_fields > 1 || !record_blank(window, cursor));
}

/* Are the next n records regular, as mostly? Each ends in a line end; and no more line ends are
 * there than that. */
static bool all_regular(const struct lt_csv_window *window, uint32_t n_fields, uint32_t n)
{
    const uint16_t *end = window->ends + window->cursor + n_fields - 1;
    const char *data = window->data;
    unsigned other = 0;
    if (n == 0 || n_fields == 1 || window->quotes)
        return false;
    for (uint32_t i = 0; i < n; i++, end += n_fields)
        other |= (unsigned)(data[*end] ^ '\n');
    unsigned from = (uint16_t)(window->ends[(ptrdiff_t)window->cursor - 1] + 1);
    return other == 0 &&
           count_lines(data + from, (size_t)end[-(ptrdiff_t)n_fields] + 1 - from) == n;
}

/* How many of the next records are regular, and safe to read past. */
static uint32_t window_run(struct lt_csv_window *window, const struct lt_csv_record *rec,
                           uint32_t n_fields, uint32_t max_rows)
{
    uint32_t most = (window->n_ends - window->cursor) / n_fields;
    most = most < max_rows ? most : max_rows;
    const char *safe = rec->end - LT_FAST_SLACK;
    while (most && window->data + window->ends[window->cursor + most * n_fields - 1] >= safe)
        most--;
    if (!window->irregular && all_regular(window, n_fields, most))
        return most;
    window->irregular = true;
    uint32_t n = 0;
    while (n < most && record_regular(window, window->cursor + n * n_fields, n_fields))
        n++;
    return n;
}

static lt_status run_read(struct lt_decoder *dec, struct lt_csv_record *rec, uint32_t n,
                          struct lt_batch_builder *into)
{
    struct lt_csv_window *window = dec->window;
    struct lt_csv_run run = {
        .data = window->data,
        .ends = window->ends + window->cursor,
        .n = n,
        .stride = dec->n_fields,
        .quotes = window->quotes,
        .valid = window->ascii,
        .buffer = rec->buffer,
    };
    const char *end = run.data + run.ends[n * run.stride - 1] + 1;
    size_t size = (size_t)(end - rec->at);
    if (!run.valid)
        run.valid = window->level->utf8(rec->at, size);
    for (uint32_t i = 0; i < dec->n_wanted; i++) {
        lt_status status =
            lt_csv_column_read(dec, &run, dec->field_of[i], into->columns[i], into->len);
        if (status == LT_DATA) {
            window->skip = n; /* none of them counts: each is read again, from the first */
            return LT_OK;
        }
        LT_TRY(status);
    }
    dec->line += run.quotes ? count_lines(rec->at, size) : n;
    into->len += n;
    window->cursor += n * run.stride;
    window->row_size = (uint32_t)(size / n) + 1;
    rec->at = end;
    return LT_OK;
}

lt_status lt_csv_window_read(struct lt_decoder *dec, struct lt_csv_record *rec, uint32_t max_rows,
                             struct lt_batch_builder *into)
{
    struct lt_csv_window *window = dec->window;
    if (window->skip) {
        window->skip--;
        return LT_OK;
    }
    if (!rec->buffer || dec->n_fields == 0 || rec->end - rec->at < WINDOW_AT_LEAST)
        return LT_OK;
    bool found = window_find(window, rec->at);
    if (!found || window->n_ends - window->cursor < dec->n_fields)
        window_index(window, rec, dec->options.has_quote, max_rows);
    uint32_t n = window_run(window, rec, dec->n_fields, max_rows);
    if (n)
        return run_read(dec, rec, n, into);
    if (window->broken && window->n_ends - window->cursor < dec->n_fields) {
        window->skip = window->backoff;
        window->backoff = window->backoff < BACKOFF_MAX ? window->backoff * 2 : BACKOFF_MAX;
    }
    return LT_OK;
}
