/* csv.h -- what the two halves of the csv format share: its options. */
#ifndef LT_CONNECTORS_FORMATS_CSV_H
#define LT_CONNECTORS_FORMATS_CSV_H

#include "catalog/connector.h"

struct lt_csv_options {
    char delimiter;
    char array_delimiter;
    bool has_quote, has_escape;
    char quote, escape;
    bool comments;   /* lines that begin with # are passed over */
    bool header;     /* the first line names the columns */
    bool ignore_bad; /* bad fields become NULL, bad records are passed over */
    bool has_null;
    struct lt_str null_literal; /* borrowed from the table */
};

lt_status lt_csv_options_read(const struct lt_connector_table *table, struct lt_csv_options *out,
                              struct lt_error *err) LT_MUST_CHECK;

/* The decoding half (csv_decode.c) and the encoding half (csv_encode.c). */
lt_status lt_csv_decoder_open(const struct lt_connector_env *env,
                              const struct lt_connector_table *table,
                              const struct lt_scan_request *request, struct lt_decoder **out,
                              struct lt_error *err);
lt_status lt_csv_decode(struct lt_decoder *decoder, struct lt_buffer *buffer, const char *data,
                        size_t size, bool last, uint32_t max_rows, struct lt_batch_builder *into,
                        size_t *used, struct lt_error *err);
void lt_csv_decoder_reset(struct lt_decoder *decoder, struct lt_str source_name);
void lt_csv_decoder_line(struct lt_decoder *decoder, uint64_t line);
size_t lt_csv_record_end(const struct lt_decoder *decoder, const char *data, size_t size);
uint64_t lt_csv_decoder_bad(const struct lt_decoder *decoder);
/* Reads by another level of vector instructions, or by none: record after record. For tests. */
struct lt_structural;
lt_status lt_csv_decoder_use(struct lt_decoder *decoder,
                             const struct lt_structural *level) LT_MUST_CHECK;
void lt_csv_decoder_close(struct lt_decoder *decoder);

lt_status lt_csv_encoder_open(const struct lt_connector_env *env,
                              const struct lt_connector_table *table, bool changing,
                              struct lt_encoder **out, struct lt_error *err);
void lt_csv_encode_start(struct lt_encoder *encoder, struct lt_buf *out);
lt_status lt_csv_encode(struct lt_encoder *encoder, const struct lt_batch *batch,
                        const uint16_t *rows, uint32_t *n, size_t limit, struct lt_buf *out,
                        struct lt_error *err);
/* Every field the general way. For tests. */
void lt_csv_encoder_general(struct lt_encoder *encoder);
void lt_csv_encoder_close(struct lt_encoder *encoder);

#endif
