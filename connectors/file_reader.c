/* file_reader.c -- reads a file, or a piece of one.
 *
 * A position is a byte offset: a batch that begins at byte b has first_position b,
 * so its row i has position b + i. A record takes at least one byte, so positions
 * grow strictly through a file however it is cut into batches, and `next_position`
 * is where to seek.
 *
 * Of a piece the decoder sees bytes up to the first line end at its last byte or
 * later. Mostly the last record ends there. If not (it has line ends of its own) the
 * format says where it does, and the decoder sees that much more, and no more. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connectors/file_source.h"

enum { FILE_FILLS_PER_POLL = 8 }; /* blocks read before the driver gets its turn */

struct lt_reader {
    struct lt_alloc *alloc;
    struct lt_source *source;
    const struct lt_connector_env *env;
    int fd;
    struct lt_str path; /* NUL-terminated, owned */
    int64_t size, mtime_us;
    struct lt_file_piece piece;
    int64_t crossing; /* where the piece's last record ends, once that was asked; else 0 */
    bool lines_known; /* the decoder counts from the first line of the file */
    struct lt_block block;
    struct lt_decoder *decoder;
    struct lt_batch_builder builder;
    bool builder_open;
    struct lt_batch taken; /* what the builder gave for the batch handed out */
    bool has_taken;
    uint32_t n_columns;
    struct lt_column **columns; /* of that batch: borrowed from `taken`, or constants */
};

/* ---- opening ------------------------------------------------------------ */

static void file_reader_drop(struct lt_reader *reader)
{
    const struct lt_source *source = reader->source;
    for (uint32_t i = 0; i < reader->n_columns; i++) {
        bool constant = i >= source->request.n_columns || source->from[i] < 0;
        if (constant)
            lt_column_unref(reader->columns[i]);
        reader->columns[i] = NULL;
    }
    if (reader->has_taken)
        lt_builder_release(&reader->builder, &reader->taken);
    reader->has_taken = false;
}

void lt_file_reader_close(struct lt_reader *reader)
{
    if (!reader)
        return;
    if (reader->columns)
        file_reader_drop(reader);
    if (reader->builder_open)
        lt_builder_close(&reader->builder);
    if (reader->decoder)
        reader->source->format->decoder_close(reader->decoder);
    lt_block_close(&reader->block);
    if (reader->fd >= 0)
        close(reader->fd);
    lt_alloc_put(reader->alloc, reader->columns,
                 (reader->n_columns + 1) * sizeof(*reader->columns));
    lt_alloc_put(reader->alloc, (void *)reader->path.data, reader->path.len + 1);
    lt_alloc_put(reader->alloc, reader, sizeof(*reader));
}

static lt_status file_reader_stat(struct lt_reader *reader, struct lt_str name,
                                  struct lt_error *err)
{
    char *path = lt_alloc_get(reader->alloc, name.len + 1);
    if (!path)
        return LT_NOMEM;
    memcpy(path, name.data, name.len);
    path[name.len] = 0;
    reader->path = (struct lt_str){path, name.len};
    reader->fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (reader->fd < 0 || fstat(reader->fd, &st) != 0)
        return lt_fail(err, LT_IO, "cannot open '%s': %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return lt_fail(err, LT_IO, "cannot read '%s': it is not a file", path);
    reader->size = st.st_size;
    reader->mtime_us = (int64_t)st.st_mtim.tv_sec * LT_US_PER_SECOND + st.st_mtim.tv_nsec / 1000;
    return LT_OK;
}

/* Lines that end before the byte the next record begins at. */
static lt_status file_count_lines(struct lt_reader *reader, uint64_t *lines, struct lt_error *err)
{
    struct lt_buffer *buffer = lt_pool_buffer(reader->env->pool, LT_BLOCK_SIZE);
    lt_status status = buffer ? LT_OK : LT_NOMEM;
    *lines = 0;
    for (int64_t at = 0; at < reader->block.offset && status == LT_OK;) {
        int64_t left = reader->block.offset - at;
        ssize_t n = pread(reader->fd, buffer->data,
                          left < (int64_t)buffer->size ? (size_t)left : buffer->size, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            status =
                lt_fail(err, LT_IO, "cannot read '%s': %s", reader->path.data, strerror(errno));
        if (n <= 0)
            break;
        for (ssize_t i = 0; i < n; i++)
            *lines += buffer->data[i] == '\n';
        at += n;
    }
    lt_buffer_unref(buffer);
    return status;
}

/* The decoder sees the record that names the columns, which no row is made of. */
static lt_status file_read_header(struct lt_reader *reader, struct lt_error *err)
{
    const struct lt_source *source = reader->source;
    struct lt_block *block = &reader->block;
    size_t used = 0;
    if (source->format->text_rules && !source->rules.header)
        return LT_OK;
    while (used == 0 && !block->eof) {
        enum lt_block_state state;
        LT_TRY(lt_block_fill(block, reader->path, &state, err));
        LT_TRY(source->format->decode(reader->decoder, block->buffer, block->at,
                                      lt_block_left(block), block->eof, 0, &reader->builder, &used,
                                      err));
        if (!source->format->text_rules)
            break; /* it may have none, and then uses nothing */
    }
    return LT_OK;
}

static lt_status file_reader_seek(struct lt_reader *reader, int64_t position, struct lt_error *err)
{
    if (position > reader->size)
        return lt_fail(err, LT_IO,
                       "cannot go on reading '%s' at byte %lld: it has only %lld bytes now",
                       reader->path.data, (long long)position, (long long)reader->size);
    LT_TRY(file_read_header(reader, err));
    if (lseek(reader->fd, position, SEEK_SET) != position)
        return lt_fail(err, LT_IO, "cannot seek in '%s': %s", reader->path.data, strerror(errno));
    lt_block_moved(&reader->block, position);
    reader->source->format->decoder_line(reader->decoder, 1);
    reader->lines_known = false; /* they are counted when a message names one */
    return LT_OK;
}

/* A reader of the columns of `request`, whose schema is `schema`. */
static lt_status file_reader_init(struct lt_reader *reader, const struct lt_scan_request *request,
                                  const struct lt_schema *schema, struct lt_error *err)
{
    struct lt_source *source = reader->source;
    const struct lt_connector_env *env = reader->env;
    reader->columns =
        lt_alloc_zero(reader->alloc, (reader->n_columns + 1) * sizeof(*reader->columns));
    if (!reader->columns)
        return LT_NOMEM;
    LT_TRY(file_reader_stat(reader, reader->piece.path, err));
    lt_block_init(&reader->block, reader->fd, env->pool);
    LT_TRY(lt_builder_open(&reader->builder, env->pool, schema, LT_BATCH_ROWS_MAX));
    reader->builder_open = true;
    LT_TRY(
        source->format->decoder_open(env, &source->layout.table, request, &reader->decoder, err));
    source->format->decoder_reset(reader->decoder, reader->path);
    reader->lines_known = true;
    return LT_OK;
}

static struct lt_reader *file_reader_new(struct lt_source *source,
                                         const struct lt_connector_env *env)
{
    struct lt_reader *reader = lt_alloc_zero(env->alloc, sizeof(*reader));
    if (!reader)
        return NULL;
    reader->alloc = env->alloc;
    reader->source = source;
    reader->env = env;
    reader->fd = -1;
    reader->n_columns = source->request.n_columns + source->request.n_metadata;
    return reader;
}

lt_status lt_file_reader_open(struct lt_source *source, struct lt_str split, int64_t position,
                              const struct lt_connector_env *env, struct lt_reader **out,
                              struct lt_error *err)
{
    struct lt_reader *reader = file_reader_new(source, env);
    if (!reader)
        return LT_NOMEM;
    lt_status status = lt_file_piece_parse(source, split, &reader->piece, err);
    if (status == LT_OK)
        status = file_reader_init(reader, &source->decoded, &source->decoded_schema, err);
    if (status == LT_OK && position == 0 && !reader->piece.whole)
        status = lt_file_piece_start(source, &reader->piece, reader->fd, env, &position, err);
    if (status == LT_OK && position > 0)
        status = file_reader_seek(reader, position, err);
    if (status != LT_OK) {
        lt_file_reader_close(reader);
        return status;
    }
    *out = reader;
    return LT_OK;
}

/* ---- constants of the file ---------------------------------------------- */

static lt_status file_constant_partition(struct lt_reader *reader, uint32_t key,
                                         struct lt_column *col, struct lt_error *err)
{
    const struct lt_source *source = reader->source;
    const struct lt_field *field =
        &source->table->physical->fields[source->table->partition_keys[key]];
    struct lt_buf value;
    lt_buf_init(&value, reader->alloc);
    lt_status status = LT_OK;
    if (!lt_partition_value(reader->path, field->name, &value))
        status = lt_fail(err, LT_DATA,
                         "'%s' lies in no directory '%.*s=...', but the table is partitioned by it",
                         reader->path.data, LT_STR_ARG(field->name));
    else
        status = value.status;
    struct lt_str text = lt_buf_str(&value);
    if (status == LT_OK && lt_str_equal(text, source->layout.partition_default)) {
        status = lt_column_own_validity(col);
        if (status == LT_OK)
            lt_column_set_null(col, 0);
    } else if (status == LT_OK) {
        status = lt_text_to_lane(text, col, 0, reader->env->zone);
        if (status == LT_DATA)
            lt_fail(err, LT_DATA, "'%s': the directory's value '%.*s' does not fit column '%.*s'",
                    reader->path.data, LT_STR_ARG(text), LT_STR_ARG(field->name));
    }
    lt_buf_close(&value);
    return status;
}

static lt_status file_constant_metadata(struct lt_reader *reader, enum lt_file_meta meta,
                                        struct lt_column *col)
{
    const char *slash = strrchr(reader->path.data, '/');
    switch (meta) {
    case META_PATH: return lt_column_put_str(col, 0, reader->path);
    case META_NAME:
        return lt_column_put_str(col, 0, lt_str_of(slash ? slash + 1 : reader->path.data));
    case META_SIZE: *(int64_t *)col->values = reader->size; break;
    default:
        *(int64_t *)col->values = lt_time_truncate(reader->mtime_us, col->type->precision);
        break;
    }
    return LT_OK;
}

static lt_status file_constant(struct lt_reader *reader, uint32_t i, uint32_t len,
                               struct lt_error *err)
{
    const struct lt_source *source = reader->source;
    bool meta = i >= source->request.n_columns;
    uint32_t which = meta ? i - source->request.n_columns : (uint32_t)(-1 - source->from[i]);
    const struct lt_type *type =
        meta ? source->table->metadata[source->request.metadata[which]].type
             : source->table->physical->fields[source->table->partition_keys[which]].type;
    struct lt_column *col = lt_column_new_constant(reader->env->pool, type, len);
    if (!col)
        return LT_NOMEM;
    reader->columns[i] = col;
    return meta ? file_constant_metadata(reader, source->metadata[which], col)
                : file_constant_partition(reader, which, col, err);
}

/* ---- decoding ----------------------------------------------------------- */

static bool file_ended(const struct lt_reader *reader)
{
    const struct lt_block *block = &reader->block;
    return block->offset >= reader->piece.stop || (block->eof && lt_block_left(block) == 0);
}

/* How far the decoder may look. */
static const char *file_visible(const struct lt_reader *reader)
{
    const struct lt_block *block = &reader->block;
    size_t left = lt_block_left(block);
    if (reader->crossing)
        return block->at + (reader->crossing - block->offset);
    if (reader->piece.stop - 1 >= block->offset + (int64_t)left)
        return block->end;
    size_t skip = (size_t)(reader->piece.stop - 1 - block->offset);
    const char *eol = memchr(block->at + skip, '\n', left - skip);
    return eol ? eol + 1 : block->end;
}

/* Decodes what is visible. When that fails in the middle of a file, the lines before are
 * counted, and it fails once more with a message that names the right one. */
static lt_status file_decode_visible(struct lt_reader *reader, const char *visible,
                                     uint32_t max_rows, size_t *used, struct lt_error *err)
{
    const struct lt_format *format = reader->source->format;
    struct lt_block *block = &reader->block;
    struct lt_batch_builder *builder = &reader->builder;
    size_t size = (size_t)(visible - block->at);
    bool last = block->eof && visible == block->end;
    uint32_t len = builder->len;
    if (size == 0)
        return LT_OK;
    lt_status status = format->decode(reader->decoder, block->buffer, block->at, size, last,
                                      max_rows - len, builder, used, err);
    if (status != LT_DATA || reader->lines_known)
        return status;
    uint64_t lines;
    LT_TRY(file_count_lines(reader, &lines, err));
    lt_error_clear(err);
    reader->lines_known = true;
    builder->len = len;
    format->decoder_line(reader->decoder, lines + 1);
    return format->decode(reader->decoder, block->buffer, block->at, size, last, max_rows - len,
                          builder, used, err);
}

/* The record at hand goes on behind the visible line end; true when its end was found. */
static bool file_find_crossing(struct lt_reader *reader)
{
    const struct lt_format *format = reader->source->format;
    struct lt_block *block = &reader->block;
    size_t left = lt_block_left(block), size = 0;
    LT_ASSERT(reader->crossing == 0);
    if (format->record_end)
        size = format->record_end(reader->decoder, block->at, left);
    if (size == 0 && block->eof)
        size = left;
    reader->crossing = size ? block->offset + (int64_t)size : 0;
    return size != 0;
}

/* Decodes until the batch is full, the piece ends, or it is somebody else's turn. */
static lt_status file_decode(struct lt_reader *reader, uint32_t max_rows, struct lt_error *err)
{
    struct lt_block *block = &reader->block;
    for (unsigned fills = 0; reader->builder.len < max_rows && !file_ended(reader);) {
        const char *visible = file_visible(reader);
        bool cut = visible != block->end;
        size_t used = 0;
        LT_TRY(file_decode_visible(reader, visible, max_rows, &used, err));
        lt_block_use(block, used);
        if (reader->builder.len == max_rows || (cut && (used || file_find_crossing(reader))))
            continue;
        if ((block->eof && used == 0) || fills++ == FILE_FILLS_PER_POLL)
            return LT_OK;
        enum lt_block_state state;
        if (!block->eof)
            LT_TRY(lt_block_fill(block, reader->path, &state, err));
    }
    return LT_OK;
}

lt_status lt_file_skim(struct lt_source *source, struct lt_str path, uint64_t number, int64_t start,
                       const struct lt_connector_env *env, int64_t *end, struct lt_error *err)
{
    static const struct lt_scan_request nothing;
    static const struct lt_schema no_columns;
    struct lt_reader *reader = file_reader_new(source, env);
    if (!reader)
        return LT_NOMEM;
    reader->piece = (struct lt_file_piece){
        .path = path, .number = number, .stop = (int64_t)(number + 1) * source->piece_size};
    lt_status status = file_reader_init(reader, &nothing, &no_columns, err);
    if (status == LT_OK && start > 0)
        status = file_reader_seek(reader, start, err);
    while (status == LT_OK && !file_ended(reader)) {
        status = file_decode(reader, LT_BATCH_ROWS_MAX, err);
        reader->builder.len = 0;
    }
    if (status == LT_OK)
        *end = reader->block.offset;
    lt_file_reader_close(reader);
    return status;
}

/* ---- polling ------------------------------------------------------------ */

static lt_status file_batch(struct lt_reader *reader, int64_t start, struct lt_batch *out,
                            struct lt_error *err)
{
    const struct lt_source *source = reader->source;
    LT_TRY(lt_builder_take(&reader->builder, &reader->taken));
    reader->has_taken = true;
    for (uint32_t i = 0; i < reader->n_columns; i++) {
        if (i < source->request.n_columns && source->from[i] >= 0)
            reader->columns[i] = reader->taken.columns[source->from[i]];
        else
            LT_TRY(file_constant(reader, i, reader->taken.len, err));
    }
    *out = (struct lt_batch){
        .len = reader->taken.len,
        .n_sel = reader->taken.len,
        .n_columns = reader->n_columns,
        .columns = reader->columns,
        .first_position = start,
    };
    const struct lt_clock *clock = reader->env->clock;
    out->proctime_us = clock ? clock->now_us(clock->ctx) : 0;
    return LT_OK;
}

lt_status lt_file_reader_poll(struct lt_reader *reader, uint32_t max_rows, struct lt_polled *out,
                              struct lt_error *err)
{
    file_reader_drop(reader);
    *out = (struct lt_polled){
        .poll = LT_POLL_ROWS,
        .source_watermark_us = LT_WATERMARK_MIN,
        .wait_fd = -1,
    };
    int64_t start = reader->block.offset;
    LT_TRY(file_decode(reader, max_rows, err));
    if (reader->builder.len)
        LT_TRY(file_batch(reader, start, &out->batch, err));
    else
        out->poll = file_ended(reader) ? LT_POLL_END : LT_POLL_IDLE;
    if (out->poll == LT_POLL_END)
        lt_file_piece_ended(&reader->piece, reader->block.offset);
    out->next_position = reader->block.offset;
    out->bad_records = reader->source->format->decoder_bad(reader->decoder);
    return LT_OK;
}
