/* json.h -- what the parts of the json format share: options and the scanner. */
#ifndef LT_CONNECTORS_FORMATS_JSON_H
#define LT_CONNECTORS_FORMATS_JSON_H

#include "catalog/connector.h"

enum lt_json_null_key { LT_JSON_KEY_FAIL, LT_JSON_KEY_DROP, LT_JSON_KEY_LITERAL };

struct lt_json_options {
    bool fail_on_missing;
    bool ignore_bad;
    bool iso_timestamps; /* written with T, instants with Z; both forms are read */
    bool plain_decimals;
    bool skip_nulls; /* fields that are NULL are not written */
    enum lt_json_null_key null_key;
    struct lt_str null_key_literal; /* borrowed from the table */
};

lt_status lt_json_options_read(const struct lt_connector_table *table, struct lt_json_options *out,
                               struct lt_error *err) LT_MUST_CHECK;

/* ---- the scanner (json_scan.c): RFC 8259, strict ---------------------------- */

enum { LT_JSON_DEPTH_MAX = 128 };

/* A walk over one JSON text that is known to be valid UTF-8. A function that
 * returns false has set `problem`, and `at` stands where the trouble is. */
struct lt_json_cursor {
    const char *at, *end;
    unsigned depth;
    const char *problem;
};

static inline void lt_json_space(struct lt_json_cursor *cur)
{
    while (cur->at < cur->end &&
           (*cur->at == ' ' || *cur->at == '\t' || *cur->at == '\r' || *cur->at == '\n'))
        cur->at++;
}
static inline int lt_json_peek(const struct lt_json_cursor *cur)
{
    return cur->at < cur->end ? (unsigned char)*cur->at : -1;
}
/* Each begins at the first byte of its value and ends after its last. */
bool lt_json_string(struct lt_json_cursor *cur, struct lt_str *raw, bool *escaped);
bool lt_json_number(struct lt_json_cursor *cur, struct lt_str *raw, bool *integer);
bool lt_json_word(struct lt_json_cursor *cur, const char *word); /* true, false, null */
bool lt_json_skip(struct lt_json_cursor *cur);                   /* any value */
/* The text of a scanned string without its escapes; `out` has room for raw.len bytes. */
size_t lt_json_unescape(char *out, struct lt_str raw);
/* A scanned value without the blanks between its tokens; room for raw.len bytes. */
size_t lt_json_compact(char *out, struct lt_str raw);

/* ---- the two halves --------------------------------------------------------- */

lt_status lt_json_decoder_open(const struct lt_connector_env *env,
                               const struct lt_connector_table *table,
                               const struct lt_scan_request *request, struct lt_decoder **out,
                               struct lt_error *err);
lt_status lt_json_decode(struct lt_decoder *decoder, struct lt_buffer *buffer, const char *data,
                         size_t size, bool last, uint32_t max_rows, struct lt_batch_builder *into,
                         size_t *used, struct lt_error *err);
void lt_json_decoder_reset(struct lt_decoder *decoder, struct lt_str source_name);
void lt_json_decoder_line(struct lt_decoder *decoder, uint64_t line);
uint64_t lt_json_decoder_bad(const struct lt_decoder *decoder);
/* Tests choose how lines are read: with that index (NULL: none, all lines strictly). */
struct lt_structural;
void lt_json_decoder_level(struct lt_decoder *decoder, const struct lt_structural *level);
void lt_json_decoder_close(struct lt_decoder *decoder);

lt_status lt_json_encoder_open(const struct lt_connector_env *env,
                               const struct lt_connector_table *table, bool changing,
                               struct lt_encoder **out, struct lt_error *err);
void lt_json_encode_start(struct lt_encoder *encoder, struct lt_buf *out);
lt_status lt_json_encode(struct lt_encoder *encoder, const struct lt_batch *batch,
                         const uint16_t *rows, uint32_t *n, size_t limit, struct lt_buf *out,
                         struct lt_error *err);
void lt_json_encoder_close(struct lt_encoder *encoder);

#endif
