/* file_source.c -- files as splits of a bounded table.
 *
 * Each file is one split, named by its path. A position is a byte offset: a
 * batch that begins at byte b has first_position b, so its row i has position
 * b + i. A record takes at least one byte, so positions grow strictly through a
 * file however it is cut into batches, and `next_position` is where to seek.
 *
 * Partition columns and metadata are constants of the file. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connectors/block.h"
#include "connectors/file.h"
#include "connectors/option.h"
#include "connectors/registry.h"

enum { FILE_FILLS_PER_POLL = 8 }; /* blocks read before the driver gets its turn */

enum file_meta { META_PATH, META_NAME, META_SIZE, META_TIME, META_COUNT };
const struct lt_metadata_def lt_file_metadata[] = {
    [META_PATH] = {"file.path", &lt_type_string_not_null},
    [META_NAME] = {"file.name", &lt_type_string_not_null},
    [META_SIZE] = {"file.size", &lt_type_bigint_not_null},
    [META_TIME] = {"file.modification-time", &lt_type_ltz3},
    [META_COUNT] = {NULL, NULL},
};

struct lt_source {
    struct lt_arena arena;
    const struct lt_connector_table *table;
    const struct lt_format *format;
    struct lt_str path;
    struct lt_file_layout layout;
    struct lt_scan_request request; /* as the plan asked */
    struct lt_scan_request decoded; /* the part of it that lies in the files */
    struct lt_schema decoded_schema;
    int32_t *from;            /* output column -> decoded column, or -1 - partition key */
    enum file_meta *metadata; /* per wanted metadata column */
};

struct lt_reader {
    struct lt_alloc *alloc;
    struct lt_source *source;
    const struct lt_connector_env *env;
    int fd;
    struct lt_str path; /* NUL-terminated, owned */
    int64_t size, mtime_us;
    struct lt_block block;
    struct lt_decoder *decoder;
    struct lt_batch_builder builder;
    bool builder_open;
    struct lt_batch taken; /* what the builder gave for the batch handed out */
    bool has_taken;
    uint32_t n_columns;
    struct lt_column **columns; /* of that batch: borrowed from `taken`, or constants */
};

lt_status lt_file_source_check(const struct lt_connector_table *table,
                               const struct lt_connector_registry *registry,
                               struct lt_source_info *info, struct lt_error *err)
{
    struct lt_str path;
    const struct lt_format *format;
    LT_TRY(lt_option_check(table, &lt_connector_filesystem, registry, err));
    LT_TRY(lt_file_path(table, &path, err));
    LT_TRY(lt_option_format(table, registry, &format, err));
    LT_TRY(format->check(table, err));
    if (lt_option_find(table, "source.monitor-interval"))
        return lt_fail(err, LT_UNSUPPORTED,
                       "not supported yet: following a directory ('source.monitor-interval'); "
                       "remove the option to read the files that are there");
    *info = (struct lt_source_info){.bounded = true, .append_only = true, .in_order = true};
    return LT_OK;
}

/* ---- opening ------------------------------------------------------------ */

static lt_status file_bind_columns(struct lt_source *source)
{
    const struct lt_scan_request *request = &source->request;
    const struct lt_schema *physical = source->table->physical;
    struct lt_arena *arena = &source->arena;
    uint32_t *columns = LT_ARENA_ARRAY(arena, uint32_t, request->n_columns + 1);
    const uint64_t **fields = LT_ARENA_ARRAY(arena, const uint64_t *, request->n_columns + 1);
    source->from = LT_ARENA_ARRAY(arena, int32_t, request->n_columns + 1);
    source->decoded_schema.fields = LT_ARENA_ARRAY(arena, struct lt_field, request->n_columns + 1);
    if (!columns || !fields || !source->from || !source->decoded_schema.fields)
        return LT_NOMEM;
    uint32_t n = 0;
    for (uint32_t i = 0; i < request->n_columns; i++) {
        uint32_t column = request->columns[i];
        int32_t file_column = source->layout.column_of[column];
        if (file_column < 0) {
            uint32_t key = 0;
            while (source->table->partition_keys[key] != column)
                key++;
            source->from[i] = -1 - (int32_t)key;
            continue;
        }
        columns[n] = (uint32_t)file_column;
        fields[n] = request->fields[i];
        source->decoded_schema.fields[n] = physical->fields[column];
        source->from[i] = (int32_t)n++;
    }
    source->decoded_schema.len = n;
    source->decoded.n_columns = n;
    source->decoded.columns = columns;
    source->decoded.fields = fields;
    return LT_OK;
}

static lt_status file_bind_metadata(struct lt_source *source, struct lt_error *err)
{
    uint32_t n = source->request.n_metadata;
    source->metadata = LT_ARENA_ARRAY(&source->arena, enum file_meta, n + 1);
    if (!source->metadata)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        struct lt_str key = source->table->metadata[source->request.metadata[i]].key;
        unsigned meta = 0;
        while (meta < META_COUNT && !lt_str_equal(key, lt_str_of(lt_file_metadata[meta].key)))
            meta++;
        if (meta == META_COUNT)
            return lt_fail(err, LT_INVALID,
                           "files have no metadata '%.*s'; there are file.path, file.name, "
                           "file.size and file.modification-time",
                           LT_STR_ARG(key));
        source->metadata[i] = (enum file_meta)meta;
    }
    return LT_OK;
}

static lt_status file_source_init(struct lt_source *source, const struct lt_connector_env *env,
                                  const struct lt_scan_request *request, struct lt_error *err)
{
    const struct lt_connector_table *table = source->table;
    LT_TRY(lt_file_path(table, &source->path, err));
    LT_TRY(lt_option_format(table, env->registry, &source->format, err));
    LT_TRY(lt_file_layout_make(&source->arena, table, &source->layout));
    LT_TRY(lt_scan_copy(&source->arena, table->physical, request, &source->request));
    LT_TRY(file_bind_columns(source));
    return file_bind_metadata(source, err);
}

lt_status lt_file_source_open(const struct lt_connector_env *env,
                              const struct lt_connector_table *table,
                              struct lt_scan_request *request, struct lt_source **out,
                              struct lt_error *err)
{
    struct lt_source *source = lt_alloc_zero(env->alloc, sizeof(*source));
    if (!source)
        return LT_NOMEM;
    lt_arena_init(&source->arena, env->alloc);
    source->table = table;
    lt_status status = file_source_init(source, env, request, err);
    if (status != LT_OK) {
        lt_file_source_close(source);
        return status;
    }
    *out = source;
    return LT_OK;
}

lt_status lt_file_source_splits(struct lt_source *source, struct lt_split_list *splits,
                                struct lt_error *err)
{
    return lt_file_list(source->arena.alloc, source->path, splits, err);
}

void lt_file_source_close(struct lt_source *source)
{
    if (!source)
        return;
    struct lt_alloc *alloc = source->arena.alloc;
    lt_arena_close(&source->arena);
    lt_alloc_put(alloc, source, sizeof(*source));
}

/* ---- reader ------------------------------------------------------------- */

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

static lt_status file_reader_stat(struct lt_reader *reader, struct lt_str split,
                                  struct lt_error *err)
{
    char *path = lt_alloc_get(reader->alloc, split.len + 1);
    if (!path)
        return LT_NOMEM;
    memcpy(path, split.data, split.len);
    path[split.len] = 0;
    reader->path = (struct lt_str){path, split.len};
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

/* Lines that end before `position`, counted so that messages name the right one. */
static lt_status file_count_lines(struct lt_reader *reader, int64_t position, uint64_t *lines,
                                  struct lt_error *err)
{
    struct lt_block *block = &reader->block;
    enum lt_block_state state = LT_BLOCK_MORE;
    *lines = 0;
    while (block->offset < position && state != LT_BLOCK_EOF) {
        int64_t left = position - block->offset;
        size_t n = lt_block_left(block);
        n = (int64_t)n > left ? (size_t)left : n;
        const char *end = block->at + n;
        for (const char *at = block->at; at < end; at++) {
            at = memchr(at, '\n', (size_t)(end - at));
            if (!at)
                break;
            ++*lines;
        }
        lt_block_use(block, n);
        if (block->offset < position)
            LT_TRY(lt_block_fill(block, reader->path, &state, err));
    }
    return LT_OK;
}

/* Goes to `position`: reads the header if the format has one, then seeks. */
static lt_status file_reader_seek(struct lt_reader *reader, int64_t position, struct lt_error *err)
{
    const struct lt_format *format = reader->source->format;
    struct lt_block *block = &reader->block;
    enum lt_block_state state;
    size_t used;
    uint64_t lines;
    if (position > reader->size)
        return lt_fail(err, LT_IO,
                       "cannot go on reading '%s' at byte %lld: it has only %lld bytes now",
                       reader->path.data, (long long)position, (long long)reader->size);
    LT_TRY(lt_block_fill(block, reader->path, &state, err));
    LT_TRY(format->decode(reader->decoder, block->buffer, block->at, lt_block_left(block), false, 0,
                          &reader->builder, &used, err));
    LT_TRY(file_count_lines(reader, position, &lines, err));
    if (lseek(reader->fd, position, SEEK_SET) != position)
        return lt_fail(err, LT_IO, "cannot seek in '%s': %s", reader->path.data, strerror(errno));
    lt_block_moved(block, position);
    format->decoder_line(reader->decoder, lines + 1);
    return LT_OK;
}

static lt_status file_reader_init(struct lt_reader *reader, struct lt_str split, int64_t position,
                                  struct lt_error *err)
{
    struct lt_source *source = reader->source;
    const struct lt_connector_env *env = reader->env;
    reader->columns =
        lt_alloc_zero(reader->alloc, (reader->n_columns + 1) * sizeof(*reader->columns));
    if (!reader->columns)
        return LT_NOMEM;
    LT_TRY(file_reader_stat(reader, split, err));
    lt_block_init(&reader->block, reader->fd, env->pool);
    LT_TRY(
        lt_builder_open(&reader->builder, env->pool, &source->decoded_schema, LT_BATCH_ROWS_MAX));
    reader->builder_open = true;
    LT_TRY(source->format->decoder_open(env, &source->layout.table, &source->decoded,
                                        &reader->decoder, err));
    source->format->decoder_reset(reader->decoder, reader->path);
    return position > 0 ? file_reader_seek(reader, position, err) : LT_OK;
}

lt_status lt_file_reader_open(struct lt_source *source, struct lt_str split, int64_t position,
                              const struct lt_connector_env *env, struct lt_reader **out,
                              struct lt_error *err)
{
    struct lt_reader *reader = lt_alloc_zero(env->alloc, sizeof(*reader));
    if (!reader)
        return LT_NOMEM;
    reader->alloc = env->alloc;
    reader->source = source;
    reader->env = env;
    reader->fd = -1;
    reader->n_columns = source->request.n_columns + source->request.n_metadata;
    lt_status status = file_reader_init(reader, split, position, err);
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

static lt_status file_constant_metadata(struct lt_reader *reader, enum file_meta meta,
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

/* ---- polling ------------------------------------------------------------ */

/* Decodes until the batch is full, the file ends, or it is somebody else's turn. */
static lt_status file_decode(struct lt_reader *reader, uint32_t max_rows, struct lt_error *err)
{
    const struct lt_format *format = reader->source->format;
    struct lt_block *block = &reader->block;
    struct lt_batch_builder *builder = &reader->builder;
    for (unsigned fills = 0; builder->len < max_rows;) {
        size_t used = 0, left = lt_block_left(block);
        if (left)
            LT_TRY(format->decode(reader->decoder, block->buffer, block->at, left, block->eof,
                                  max_rows - builder->len, builder, &used, err));
        lt_block_use(block, used);
        if (builder->len == max_rows || (block->eof && (used == 0 || used == left)) ||
            fills++ == FILE_FILLS_PER_POLL)
            return LT_OK;
        enum lt_block_state state;
        if (!block->eof)
            LT_TRY(lt_block_fill(block, reader->path, &state, err));
    }
    return LT_OK;
}

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
        out->poll = reader->block.eof ? LT_POLL_END : LT_POLL_IDLE;
    out->next_position = reader->block.offset;
    out->bad_records = reader->source->format->decoder_bad(reader->decoder);
    return LT_OK;
}
