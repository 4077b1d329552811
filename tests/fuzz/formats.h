/* formats.h -- what the fuzzers of formats hold every input against:
 *
 *   1. cut anywhere, it decodes to the same rows, or is refused all the same;
 *   2. rows that came out of it and are written read back as rows that are written alike;
 *   3. every batch keeps its promises, nothing leaks, no byte outside is touched. */
#ifndef TESTS_FUZZ_FORMATS_H
#define TESTS_FUZZ_FORMATS_H

#include <stdio.h>
#include <stdlib.h>

#include "connectors/registry.h"

#define FUZZ_CHECK(cond)                                                              \
    do {                                                                              \
        if (!(cond)) {                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #cond); \
            abort();                                                                  \
        }                                                                             \
    } while (0)

struct fuzz_world {
    struct lt_alloc alloc;
    struct lt_pool *pool;
    struct lt_arena arena;
    struct lt_connector_env env;
    struct lt_option options[16];
    struct lt_field fields[16];
    struct lt_schema schema;
    struct lt_connector_table table;
    struct lt_scan_request request;
    uint32_t columns[16];
    const struct lt_format *format;
    /* Of the text in one piece and of the text that is cut: how each is decoded (NULL: as usual).
     */
    void (*prepare)(const struct fuzz_world *world, struct lt_decoder *decoder, bool cut);
    const void *how;     /* for prepare */
    struct lt_error err; /* of the last fuzz_decode */
};

static inline void fuzz_open(struct fuzz_world *world, const struct lt_format *format)
{
    memset(world, 0, sizeof(*world));
    lt_alloc_init_root(&world->alloc, NULL, "fuzz", SIZE_MAX);
    FUZZ_CHECK(lt_pool_open(&world->alloc, &world->pool) == LT_OK);
    lt_arena_init(&world->arena, &world->alloc);
    world->env =
        (struct lt_connector_env){.alloc = &world->alloc, .pool = world->pool, .zone = &lt_tz_utc};
    world->schema.fields = world->fields;
    world->table = (struct lt_connector_table){
        .name = LT_STR("t"), .physical = &world->schema, .options = world->options};
    world->request.columns = world->columns;
    world->format = format;
}

static inline void fuzz_close(struct fuzz_world *world)
{
    lt_arena_close(&world->arena);
    lt_pool_close(world->pool);
    FUZZ_CHECK(atomic_load(&world->alloc.used_bytes) == 0);
}

static inline void fuzz_option(struct fuzz_world *world, const char *key, const char *value)
{
    world->options[world->table.n_options++] =
        (struct lt_option){.key = lt_str_of(key), .value = lt_str_of(value)};
}

static inline void fuzz_column(struct fuzz_world *world, const char *name,
                               const struct lt_type *type)
{
    FUZZ_CHECK(type != NULL);
    world->columns[world->schema.len] = world->schema.len;
    world->fields[world->schema.len++] = (struct lt_field){lt_str_of(name), type};
    world->request.n_columns = world->schema.len;
}

static inline void fuzz_release(struct lt_buffer *buffer)
{
    free(buffer->data);
    free(buffer);
}

static inline void fuzz_print(struct lt_buf *out, const struct lt_batch *batch)
{
    lt_batch_check(batch);
    for (uint32_t row = 0; row < batch->len; row++) {
        for (uint32_t c = 0; c < batch->n_columns; c++) {
            struct lt_cell cell = lt_column_cell(batch->columns[c], row);
            lt_buf_adds(out, cell.null ? "|NULL" : "|");
            if (!cell.null)
                lt_cell_print(out, cell, &lt_tz_utc);
        }
        lt_buf_addc(out, '\n');
    }
}

/* Hands a batch on: printed, and encoded when `encoder` is there (false: it cannot be). */
static inline bool fuzz_batch(struct fuzz_world *world, struct lt_batch_builder *builder,
                              struct lt_encoder *encoder, struct lt_buf *rows, struct lt_buf *text)
{
    struct lt_batch batch;
    bool good = true;
    FUZZ_CHECK(lt_builder_take(builder, &batch) == LT_OK);
    fuzz_print(rows, &batch);
    for (uint16_t row = 0; encoder && good && row < batch.len; row++) {
        uint32_t one = 1;
        good = world->format->encode(encoder, &batch, &row, &one, SIZE_MAX, text, NULL) == LT_OK;
    }
    lt_builder_release(builder, &batch);
    return good;
}

/* Decodes data cut at `split`; rows as text, and written again. 0 = refused, -1 = good but
 * cannot be written, 1 = good. */
static inline int fuzz_decode(struct fuzz_world *world, const char *data, size_t size, size_t split,
                              uint32_t cap, struct lt_buf *rows, struct lt_buf *text)
{
    const struct lt_format *format = world->format;
    struct lt_decoder *decoder;
    struct lt_encoder *encoder = NULL;
    struct lt_batch_builder builder;
    struct lt_error err = {0};
    FUZZ_CHECK(format->decoder_open(&world->env, &world->table, &world->request, &decoder, &err) ==
               LT_OK);
    if (world->prepare)
        world->prepare(world, decoder, split < size);
    FUZZ_CHECK(lt_builder_open(&builder, world->pool, &world->schema, cap) == LT_OK);
    if (text) {
        FUZZ_CHECK(format->encoder_open(&world->env, &world->table, false, &encoder, &err) ==
                   LT_OK);
        format->encode_start(encoder, text);
    }
    lt_status status = LT_OK;
    bool written = true;
    size_t done = 0;
    for (int piece = 0; piece < 2 && status == LT_OK; piece++) {
        size_t end = piece ? size : split;
        bool full = true;
        while (status == LT_OK && full) {
            /* An exact copy of what is left, so that reading past its end is caught. */
            struct lt_buffer *buffer = calloc(1, sizeof(*buffer));
            buffer->size = end - done;
            buffer->data = malloc(buffer->size + (buffer->size == 0));
            memcpy(buffer->data, data + done, buffer->size);
            buffer->release = fuzz_release;
            atomic_init(&buffer->refs, 1);
            size_t used = 0;
            status = format->decode(decoder, buffer, buffer->data, buffer->size, piece == 1,
                                    cap - builder.len, &builder, &used, &err);
            lt_buffer_unref(buffer);
            FUZZ_CHECK(used <= end - done);
            done += status == LT_OK ? used : 0;
            full = builder.len == cap;
            if (full || (piece && status == LT_OK))
                written &= fuzz_batch(world, &builder, encoder, rows, text);
        }
    }
    FUZZ_CHECK(status == LT_OK || status == LT_DATA || status == LT_LIMIT);
    FUZZ_CHECK(status == LT_OK || err.message[0]);
    FUZZ_CHECK(status != LT_OK || done == size);
    world->err = err;
    lt_builder_close(&builder);
    format->encoder_close(encoder);
    format->decoder_close(decoder);
    return status != LT_OK ? 0 : written ? 1 : -1;
}

static inline void fuzz_run(struct fuzz_world *world, const char *data, size_t size, size_t split)
{
    struct lt_buf rows, cut_rows, text, again;
    lt_buf_init(&rows, &world->alloc);
    lt_buf_init(&cut_rows, &world->alloc);
    lt_buf_init(&text, &world->alloc);
    lt_buf_init(&again, &world->alloc);
    int whole = fuzz_decode(world, data, size, size, 64, &rows, &text);
    int cut = fuzz_decode(world, data, size, split, 3, &cut_rows, NULL);
    FUZZ_CHECK((whole != 0) == (cut != 0));
    FUZZ_CHECK(!whole || lt_str_equal(lt_buf_str(&rows), lt_buf_str(&cut_rows)));
    if (whole == 1) {
        lt_buf_clear(&cut_rows);
        int back =
            fuzz_decode(world, lt_buf_str(&text).data, text.len, text.len, 64, &cut_rows, &again);
        FUZZ_CHECK(back == 1);
        FUZZ_CHECK(lt_str_equal(lt_buf_str(&text), lt_buf_str(&again)));
    }
    lt_buf_close(&rows);
    lt_buf_close(&cut_rows);
    lt_buf_close(&text);
    lt_buf_close(&again);
}

#endif
