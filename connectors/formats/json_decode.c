/* json_decode.c -- JSON lines into columns: which walk reads a line, and the decoder itself.
 *
 *   data   |line|line|line|line|line|part of a li|
 *           \_ indexed: fast walk ____/ \_ the rest: strict walk, or later
 *
 * The fast walk takes as many lines as it can, and has the strict one read those that it
 * gives up. What it cannot index is read strictly line by line: the first line of a file
 * (which may begin with a byte order mark), what lies close to the end of the data, and a
 * line too long for the index. */
#include "connectors/formats/json_node.h"
#include "connectors/formats/lane.h"

enum { JSON_INDEX_SIZE = (LT_STRUCTURAL_SIZE_MAX + LT_STRUCTURAL_SLACK) * sizeof(uint16_t) };

/* ---- lines -------------------------------------------------------------- */

/* One line at `at` in the strict way; *used is 0 when its end is not there yet. */
static lt_status decode_line(struct lt_decoder *dec, const char *at, const char *end, bool last,
                             struct lt_batch_builder *into, size_t *used)
{
    const char *eol = memchr(at, '\n', (size_t)(end - at));
    const char *from = at, *stop = eol ? eol : end;
    *used = 0;
    if (!eol && !last)
        return LT_OK;
    if (dec->fresh && stop - from >= 3 && memcmp(from, "\xEF\xBB\xBF", 3) == 0)
        from += 3;
    LT_TRY(lt_json_strict_line(dec, from, stop, into));
    dec->fresh = false;
    dec->line++;
    *used = (size_t)(stop - at) + (eol != NULL);
    return LT_OK;
}

static lt_status decode_lines(struct lt_decoder *dec, const char *data, size_t size, bool last,
                              struct lt_batch_builder *into, uint32_t row_end, size_t *done)
{
    size_t at = 0, used = 1;
    while (at < size && into->len < row_end && used) {
        if (dec->level && !dec->fresh) {
            LT_TRY(lt_json_fast_lines(dec, data + at, size - at, into, row_end, &used));
            at += used;
            if (at == size || into->len == row_end)
                break;
        }
        LT_TRY(decode_line(dec, data + at, data + size, last, into, &used));
        at += used;
    }
    *done = at;
    return LT_OK;
}

lt_status lt_json_decode(struct lt_decoder *dec, struct lt_buffer *buffer, const char *data,
                         size_t size, bool last, uint32_t max_rows, struct lt_batch_builder *into,
                         size_t *used, struct lt_error *err)
{
    size_t done;
    dec->buffer = buffer;
    dec->err = err;
    LT_TRY(decode_lines(dec, data, size, last, into, into->len + max_rows, &done));
    for (uint32_t i = 0; i < dec->root->n_fields; i++)
        LT_TRY(lt_lane_finish(into->columns[i], into->len));
    *used = done;
    return LT_OK;
}

/* ---- the decoder -------------------------------------------------------- */

lt_status lt_json_decoder_open(const struct lt_connector_env *env,
                               const struct lt_connector_table *table,
                               const struct lt_scan_request *request, struct lt_decoder **out,
                               struct lt_error *err)
{
    struct lt_json_options options;
    LT_TRY(lt_json_options_read(table, &options, err));
    struct lt_decoder *dec = lt_alloc_zero(env->alloc, sizeof(*dec));
    if (!dec)
        return LT_NOMEM;
    dec->alloc = env->alloc;
    dec->options = options;
    dec->zone = env->zone ? env->zone : &lt_tz_utc;
    lt_arena_init(&dec->arena, env->alloc);
    lt_buf_init(&dec->scratch, env->alloc);
    lt_buf_init(&dec->source, env->alloc);
    lt_status status = lt_json_tree_make(&dec->arena, table->physical, request, &dec->root);
    dec->level = lt_structural_best();
    dec->row_bytes = 256;
    dec->index = lt_alloc_get(dec->alloc, JSON_INDEX_SIZE);
    if (status == LT_OK && !dec->index)
        status = LT_NOMEM;
    if (status != LT_OK) {
        lt_json_decoder_close(dec);
        return status;
    }
    lt_json_decoder_reset(dec, LT_STR(""));
    *out = dec;
    return LT_OK;
}

void lt_json_decoder_reset(struct lt_decoder *dec, struct lt_str source_name)
{
    lt_buf_clear(&dec->source); /* out of memory here only shortens a message */
    lt_buf_add(&dec->source, source_name.data, source_name.len);
    dec->line = 1;
    dec->fresh = true;
}

void lt_json_decoder_line(struct lt_decoder *dec, uint64_t line)
{
    dec->line = line;
    dec->fresh = false;
}

uint64_t lt_json_decoder_bad(const struct lt_decoder *dec)
{
    return dec->bad;
}

void lt_json_decoder_level(struct lt_decoder *dec, const struct lt_structural *level)
{
    dec->level = level;
}

void lt_json_decoder_close(struct lt_decoder *dec)
{
    if (!dec)
        return;
    struct lt_alloc *alloc = dec->alloc;
    lt_arena_close(&dec->arena);
    lt_buf_close(&dec->scratch);
    lt_buf_close(&dec->source);
    lt_alloc_put(alloc, dec->index, JSON_INDEX_SIZE);
    lt_alloc_put(alloc, dec, sizeof(*dec));
}
