/* stdin.c -- connector 'stdin': the host's input as a table of one split.
 *
 * It ends with the input, so it counts as bounded; 'bounded' = 'false' makes a
 * query over it stream its results as the input comes. A pipe cannot be read
 * twice: a position is the number of bytes read, and only an input that can
 * seek can be reopened in the middle. */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "connectors/block.h"
#include "connectors/option.h"
#include "connectors/registry.h"
#include "connectors/scan.h"

struct lt_source {
    struct lt_arena arena;
    const struct lt_connector_table *table;
    const struct lt_format *format;
    struct lt_scan_request request;
    struct lt_schema schema;
    int fd;
};

struct lt_reader {
    struct lt_alloc *alloc;
    const struct lt_connector_env *env;
    const struct lt_source *source;
    struct lt_block block;
    struct lt_decoder *decoder;
    struct lt_batch_builder builder;
    bool builder_open;
    struct lt_batch taken;
    bool has_taken;
};

static lt_status stdin_check(const struct lt_connector_table *table,
                             const struct lt_connector_registry *registry,
                             struct lt_source_info *info, struct lt_error *err)
{
    const struct lt_format *format;
    bool bounded;
    LT_TRY(lt_option_check(table, &lt_connector_stdin, registry, err));
    LT_TRY(lt_option_format(table, registry, &format, err));
    LT_TRY(format->check(table, err));
    LT_TRY(lt_option_bool(table, "bounded", true, &bounded, err));
    *info = (struct lt_source_info){
        .bounded = bounded, .append_only = true, .live = !bounded, .in_order = true};
    return LT_OK;
}

static void stdin_close(struct lt_source *source)
{
    if (!source)
        return;
    struct lt_alloc *alloc = source->arena.alloc;
    lt_arena_close(&source->arena);
    lt_alloc_put(alloc, source, sizeof(*source));
}

static lt_status stdin_init(struct lt_source *source, const struct lt_connector_env *env,
                            const struct lt_scan_request *request, struct lt_error *err)
{
    const struct lt_schema *physical = source->table->physical;
    if (env->in_fd < 0)
        return lt_fail(err, LT_IO, "connector 'stdin': this program has no standard input");
    LT_TRY(lt_option_format(source->table, env->registry, &source->format, err));
    LT_TRY(lt_scan_copy(&source->arena, physical, request, &source->request));
    source->schema.len = request->n_columns;
    source->schema.fields = LT_ARENA_ARRAY(&source->arena, struct lt_field, request->n_columns + 1);
    if (!source->schema.fields)
        return LT_NOMEM;
    for (uint32_t i = 0; i < request->n_columns; i++)
        source->schema.fields[i] = physical->fields[request->columns[i]];
    return LT_OK;
}

static lt_status stdin_open(const struct lt_connector_env *env,
                            const struct lt_connector_table *table, struct lt_scan_request *request,
                            struct lt_source **out, struct lt_error *err)
{
    struct lt_source *source = lt_alloc_zero(env->alloc, sizeof(*source));
    if (!source)
        return LT_NOMEM;
    lt_arena_init(&source->arena, env->alloc);
    source->table = table;
    source->fd = env->in_fd;
    lt_status status = stdin_init(source, env, request, err);
    if (status != LT_OK) {
        stdin_close(source);
        return status;
    }
    *out = source;
    return LT_OK;
}

static lt_status stdin_splits(struct lt_source *source, struct lt_split_list *splits,
                              struct lt_error *err)
{
    LT_UNUSED(source);
    LT_UNUSED(err);
    return lt_split_add(splits, LT_STR("stdin"));
}

static void stdin_drop(struct lt_reader *reader)
{
    if (reader->has_taken)
        lt_builder_release(&reader->builder, &reader->taken);
    reader->has_taken = false;
}

static void stdin_reader_close(struct lt_reader *reader)
{
    if (!reader)
        return;
    stdin_drop(reader);
    if (reader->builder_open)
        lt_builder_close(&reader->builder);
    if (reader->decoder)
        reader->source->format->decoder_close(reader->decoder);
    lt_block_close(&reader->block);
    lt_alloc_put(reader->alloc, reader, sizeof(*reader));
}

static lt_status stdin_reader_init(struct lt_reader *reader, int64_t position, struct lt_error *err)
{
    const struct lt_source *source = reader->source;
    const struct lt_connector_env *env = reader->env;
    lt_block_init(&reader->block, source->fd, env->pool);
    if (position > 0 && lseek(source->fd, position, SEEK_SET) != position)
        return lt_fail(err, LT_IO,
                       "standard input cannot be read again from byte %lld on: it is a pipe; "
                       "redirect it from a file",
                       (long long)position);
    lt_block_moved(&reader->block, position);
    LT_TRY(lt_builder_open(&reader->builder, env->pool, &source->schema, LT_BATCH_ROWS_MAX));
    reader->builder_open = true;
    LT_TRY(
        source->format->decoder_open(env, source->table, &source->request, &reader->decoder, err));
    source->format->decoder_reset(reader->decoder, LT_STR("stdin"));
    return LT_OK;
}

static lt_status stdin_reader_open(struct lt_source *source, struct lt_str split, int64_t position,
                                   const struct lt_connector_env *env, struct lt_reader **out,
                                   struct lt_error *err)
{
    LT_UNUSED(split);
    struct lt_reader *reader = lt_alloc_zero(env->alloc, sizeof(*reader));
    if (!reader)
        return LT_NOMEM;
    reader->alloc = env->alloc;
    reader->env = env;
    reader->source = source;
    lt_status status = stdin_reader_init(reader, position, err);
    if (status != LT_OK) {
        stdin_reader_close(reader);
        return status;
    }
    *out = reader;
    return LT_OK;
}

/* Would read() return at once? */
static bool stdin_ready(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    int n = poll(&wait, 1, 0);
    return n > 0 || (n < 0 && errno != EINTR);
}

static lt_status stdin_decode(struct lt_reader *reader, uint32_t max_rows, bool *idle,
                              struct lt_error *err)
{
    struct lt_block *block = &reader->block;
    struct lt_batch_builder *builder = &reader->builder;
    for (unsigned fills = 0; fills < 8; fills++) {
        size_t used = 0, left = lt_block_left(block);
        if (left)
            LT_TRY(reader->source->format->decode(reader->decoder, block->buffer, block->at, left,
                                                  block->eof, max_rows - builder->len, builder,
                                                  &used, err));
        lt_block_use(block, used);
        if (builder->len == max_rows || block->eof)
            return LT_OK;
        enum lt_block_state state = LT_BLOCK_WAIT;
        if (stdin_ready(block->fd))
            LT_TRY(lt_block_fill(block, LT_STR("stdin"), &state, err));
        *idle = state == LT_BLOCK_WAIT;
        if (*idle)
            return LT_OK;
    }
    return LT_OK;
}

static lt_status stdin_poll(struct lt_reader *reader, uint32_t max_rows, struct lt_polled *out,
                            struct lt_error *err)
{
    bool idle = false;
    stdin_drop(reader);
    int64_t start = reader->block.offset;
    LT_TRY(stdin_decode(reader, max_rows, &idle, err));
    *out = (struct lt_polled){
        .poll = LT_POLL_ROWS,
        .source_watermark_us = LT_WATERMARK_MIN,
        .wait_fd = idle ? reader->block.fd : -1,
        .wait_us = idle ? INT64_MAX : 0,
        .next_position = reader->block.offset,
        .bad_records = reader->source->format->decoder_bad(reader->decoder),
    };
    if (reader->builder.len) {
        LT_TRY(lt_builder_take(&reader->builder, &reader->taken));
        reader->has_taken = true;
        out->batch = reader->taken;
        out->batch.first_position = start;
        const struct lt_clock *clock = reader->env->clock;
        out->batch.proctime_us = clock ? clock->now_us(clock->ctx) : 0;
    } else {
        out->poll = reader->block.eof ? LT_POLL_END : LT_POLL_IDLE;
    }
    return LT_OK;
}

static const char *const stdin_options[] = {"bounded", NULL};
static const char *const stdin_required[] = {"format", NULL};

const struct lt_connector lt_connector_stdin = {
    .name = "stdin",
    .doc = "The host's standard input",
    .options = stdin_options,
    .required = stdin_required,
    .source_check = stdin_check,
    .source_open = stdin_open,
    .source_splits = stdin_splits,
    .reader_open = stdin_reader_open,
    .reader_poll = stdin_poll,
    .reader_close = stdin_reader_close,
    .source_close = stdin_close,
};
