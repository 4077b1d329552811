/* support.h -- what the tests of connectors and formats share: a small world to run them in. */
#ifndef TESTS_UNIT_CONNECTORS_SUPPORT_H
#define TESTS_UNIT_CONNECTORS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "connectors/registry.h"

struct world {
    long fail_at; /* the first allocation that fails, counted down; then -1: all do; 0 = none */
    long allocations;
    struct lt_allocator_hooks hooks;
    struct lt_alloc alloc;
    struct lt_pool *pool;
    struct lt_arena arena;
    int64_t now_us;
    struct lt_clock clock;
    struct lt_connector_env env;
    struct lt_error err;
    struct lt_buf printed; /* what the host's output got */
};

static inline void *world_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    struct world *world = ctx;
    LT_UNUSED(old_size);
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    world->allocations++;
    if (world->fail_at > 0 && --world->fail_at == 0)
        world->fail_at = -1; /* and what the pool asks for once more fails too */
    if (world->fail_at < 0)
        return NULL;
    return realloc(ptr, new_size);
}

static inline int64_t world_now(void *ctx)
{
    return ((struct world *)ctx)->now_us;
}

static inline void world_print(void *ctx, const char *data, size_t size)
{
    lt_buf_add(&((struct world *)ctx)->printed, data, size);
}

static inline void world_open(struct world *world)
{
    memset(world, 0, sizeof(*world));
    world->hooks = (struct lt_allocator_hooks){.resize = world_resize, .ctx = world};
    lt_alloc_init_root(&world->alloc, &world->hooks, "test", SIZE_MAX);
    assert_int_equal(lt_pool_open(&world->alloc, &world->pool), LT_OK);
    lt_arena_init(&world->arena, &world->alloc);
    lt_buf_init(&world->printed, &world->alloc);
    world->clock = (struct lt_clock){.now_us = world_now, .ctx = world};
    world->env = (struct lt_connector_env){
        .alloc = &world->alloc,
        .pool = world->pool,
        .clock = &world->clock,
        .zone = &lt_tz_utc,
        .in_fd = -1,
        .out_fd = -1,
        .out_write = world_print,
        .out_ctx = world,
        .registry = &lt_builtin_registry,
    };
}

/* Fails the test if anything is still allocated. */
static inline void world_close(struct world *world)
{
    lt_buf_close(&world->printed);
    lt_arena_close(&world->arena);
    lt_pool_close(world->pool);
    assert_int_equal(atomic_load(&world->alloc.used_bytes), 0);
    lt_alloc_close(&world->alloc);
}

/* ---- tables ------------------------------------------------------------- */

struct column {
    const char *name;
    const struct lt_type *type;
};

/* Options as "key=value" lines: "csv.header=true\npath=x". */
static inline struct lt_connector_table
table_make(struct world *world, const struct column *columns, uint32_t n, const char *options)
{
    struct lt_schema *schema = LT_ARENA_NEW(&world->arena, struct lt_schema);
    schema->fields = LT_ARENA_ARRAY(&world->arena, struct lt_field, n + 1);
    schema->len = n;
    for (uint32_t i = 0; i < n; i++)
        schema->fields[i] = (struct lt_field){lt_str_of(columns[i].name), columns[i].type};
    struct lt_option *list = LT_ARENA_ARRAY(&world->arena, struct lt_option, 64);
    struct lt_connector_table table = {.name = LT_STR("t"), .physical = schema, .options = list};
    for (const char *at = options; at && *at;) {
        const char *eol = strchr(at, '\n');
        size_t len = eol ? (size_t)(eol - at) : strlen(at);
        const char *eq = memchr(at, '=', len);
        list[table.n_options++] = (struct lt_option){
            .key = {at, (size_t)(eq - at)},
            .value = {eq + 1, len - (size_t)(eq - at) - 1},
            .pos = {1, 1, 0, 1},
        };
        at += len + (eol != NULL);
    }
    return table;
}

static inline struct lt_scan_request request_all(struct world *world,
                                                 const struct lt_connector_table *table)
{
    uint32_t *columns = LT_ARENA_ARRAY(&world->arena, uint32_t, table->physical->len + 1);
    for (uint32_t i = 0; i < table->physical->len; i++)
        columns[i] = i;
    return (struct lt_scan_request){.n_columns = table->physical->len, .columns = columns};
}

/* "1|abc|NULL\n" per row. */
static inline void batch_print(struct lt_buf *out, const struct lt_batch *batch)
{
    lt_batch_check(batch);
    for (uint32_t i = 0; i < batch->n_sel; i++) {
        for (uint32_t c = 0; c < batch->n_columns; c++) {
            struct lt_cell cell = lt_column_cell(batch->columns[c], lt_batch_row(batch, i));
            if (c)
                lt_buf_addc(out, '|');
            if (cell.null)
                lt_buf_adds(out, "NULL");
            else
                lt_cell_print(out, cell, &lt_tz_utc);
        }
        lt_buf_addc(out, '\n');
    }
}

/* ---- decoding ----------------------------------------------------------- */

static inline void exact_release(struct lt_buffer *buffer)
{
    free(buffer->data);
    free(buffer);
}

/* A buffer without a byte to spare, so that reading past its end is caught. */
static inline struct lt_buffer *exact_buffer(const char *data, size_t size)
{
    struct lt_buffer *buffer = calloc(1, sizeof(*buffer));
    buffer->data = malloc(size ? size : 1);
    memcpy(buffer->data, data, size);
    buffer->size = size;
    buffer->release = exact_release;
    atomic_init(&buffer->refs, 1);
    return buffer;
}

struct decoding {
    const struct lt_format *format;
    const struct lt_connector_table *table;
    const struct lt_scan_request *request; /* NULL = all columns */
    uint32_t rows_max;                     /* per batch; 0 = the most */
    uint64_t bad;                          /* out */
};

/* Feeds one piece and hands full batches on; *used as decode sets it. */
static inline lt_status decode_piece(struct world *world, const struct decoding *how,
                                     struct lt_decoder *decoder, struct lt_batch_builder *builder,
                                     const char *data, size_t size, bool last, size_t *used,
                                     struct lt_buf *out)
{
    struct lt_buffer *buffer = exact_buffer(data, size);
    uint32_t cap = how->rows_max ? how->rows_max : LT_BATCH_ROWS_MAX;
    lt_status status = LT_OK;
    *used = 0;
    for (;;) {
        size_t step = 0;
        status = how->format->decode(decoder, buffer, buffer->data + *used, size - *used, last,
                                     cap - builder->len, builder, &step, &world->err);
        if (status != LT_OK)
            break;
        *used += step;
        if (builder->len < cap)
            break;
        struct lt_batch batch;
        status = lt_builder_take(builder, &batch);
        if (status != LT_OK)
            break;
        batch_print(out, &batch);
        lt_builder_release(builder, &batch);
    }
    lt_buffer_unref(buffer);
    return status;
}

/* Decodes `size` bytes cut at `split` (SIZE_MAX = in one piece) and prints the rows. */
static inline lt_status decode_text(struct world *world, struct decoding *how, const char *data,
                                    size_t size, size_t split, struct lt_buf *out)
{
    struct lt_scan_request all;
    const struct lt_scan_request *request = how->request;
    if (!request) {
        all = request_all(world, how->table);
        request = &all;
    }
    struct lt_schema schema = {.len = request->n_columns};
    schema.fields = LT_ARENA_ARRAY(&world->arena, struct lt_field, request->n_columns + 1);
    if (!schema.fields)
        return LT_NOMEM;
    for (uint32_t i = 0; i < request->n_columns; i++)
        schema.fields[i] = how->table->physical->fields[request->columns[i]];
    struct lt_decoder *decoder;
    struct lt_batch_builder builder;
    LT_TRY(how->format->decoder_open(&world->env, how->table, request, &decoder, &world->err));
    how->format->decoder_reset(decoder, LT_STR("f"));
    lt_status status = lt_builder_open(&builder, world->pool, &schema,
                                       how->rows_max ? how->rows_max : LT_BATCH_ROWS_MAX);
    size_t used = 0, more = 0;
    if (status == LT_OK) {
        if (split < size)
            status = decode_piece(world, how, decoder, &builder, data, split, false, &used, out);
        if (status == LT_OK)
            status = decode_piece(world, how, decoder, &builder, data + used, size - used, true,
                                  &more, out);
        struct lt_batch batch;
        if (status == LT_OK && builder.len) {
            status = lt_builder_take(&builder, &batch);
            if (status == LT_OK) {
                batch_print(out, &batch);
                lt_builder_release(&builder, &batch);
            }
        }
        lt_builder_close(&builder);
    }
    how->bad = how->format->decoder_bad(decoder);
    how->format->decoder_close(decoder);
    return status;
}

/* The whole text decodes to `expected`, and so it does cut at every byte, in batches of
 * one row, and after each allocation has failed in turn. */
static inline void check_decode(struct world *world, struct decoding *how, const char *data,
                                size_t size, const char *expected)
{
    for (size_t split = 0; split <= size + 1; split++) {
        struct lt_buf out;
        lt_buf_init(&out, &world->alloc);
        how->rows_max = split % 3 == 1 ? 1 : 0;
        world->err = (struct lt_error){0};
        lt_status status = decode_text(world, how, data, size, split, &out);
        if (status != LT_OK)
            print_error("split %zu: %s\n", split, world->err.message);
        assert_int_equal(status, LT_OK);
        assert_string_equal(lt_buf_str(&out).data, expected);
        lt_buf_close(&out);
    }
    lt_status status = LT_NOMEM;
    for (long fail_at = 1; status != LT_OK && fail_at < 2000; fail_at++) {
        struct world fresh; /* with a cold pool */
        struct lt_buf out;
        world_open(&fresh);
        struct lt_scan_request all = request_all(&fresh, how->table);
        struct decoding same = *how;
        same.request = how->request ? how->request : &all;
        lt_buf_init(&out, &fresh.alloc);
        fresh.fail_at = fail_at;
        status = decode_text(&fresh, &same, data, size, size / 2, &out);
        status = status == LT_OK ? out.status : status;
        fresh.fail_at = 0;
        assert_true(status == LT_OK || status == LT_NOMEM);
        lt_buf_close(&out);
        world_close(&fresh);
    }
    assert_int_equal(status, LT_OK);
}

/* The text is refused with a message that contains each of `parts` (NULL-terminated). */
static inline void check_refused(struct world *world, struct decoding *how, const char *data,
                                 size_t size, const char *const *parts)
{
    struct lt_buf out;
    lt_buf_init(&out, &world->alloc);
    world->err = (struct lt_error){0};
    assert_int_equal(decode_text(world, how, data, size, SIZE_MAX, &out), LT_DATA);
    for (; *parts; parts++) {
        if (!strstr(world->err.message, *parts))
            print_error("'%s' is not in: %s\n", *parts, world->err.message);
        assert_non_null(strstr(world->err.message, *parts));
    }
    lt_buf_close(&out);
}

#endif
