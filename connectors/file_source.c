/* file_source.c -- files as splits of a bounded table: what a scan wants of them.
 *
 * Each file is one split, named by its path, or several (file_piece.c). Partition
 * columns and metadata are constants of the file. */
#include "connectors/file_source.h"
#include "connectors/option.h"
#include "connectors/registry.h"

enum { FILE_PIECE_SIZE = 4 * 1024 * 1024 };

const struct lt_metadata_def lt_file_metadata[] = {
    [META_PATH] = {"file.path", &lt_type_string_not_null},
    [META_NAME] = {"file.name", &lt_type_string_not_null},
    [META_SIZE] = {"file.size", &lt_type_bigint_not_null},
    [META_TIME] = {"file.modification-time", &lt_type_ltz3},
    [META_COUNT] = {NULL, NULL},
};

lt_status lt_file_source_check(const struct lt_connector_table *table,
                               const struct lt_connector_registry *registry,
                               struct lt_source_info *info, struct lt_error *err)
{
    struct lt_str path;
    const struct lt_format *format;
    int64_t piece_size;
    LT_TRY(lt_option_check(table, &lt_connector_filesystem, registry, err));
    LT_TRY(lt_file_path(table, &path, err));
    LT_TRY(lt_option_format(table, registry, &format, err));
    LT_TRY(format->check(table, err));
    LT_TRY(lt_option_memory(table, "source.piece-size", 0, &piece_size, err));
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
    source->metadata = LT_ARENA_ARRAY(&source->arena, enum lt_file_meta, n + 1);
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
        source->metadata[i] = (enum lt_file_meta)meta;
    }
    return LT_OK;
}

/* Where a line end always ends a record, or a byte tells that it may not, files can be read in
 * pieces. */
static lt_status file_bind_pieces(struct lt_source *source, struct lt_error *err)
{
    LT_TRY(lt_option_memory(source->table, "source.piece-size", FILE_PIECE_SIZE,
                            &source->piece_size, err));
    if (source->format->text_rules)
        source->format->text_rules(&source->layout.table, &source->rules);
    if (!source->rules.lines)
        source->piece_size = 0;
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
    LT_TRY(file_bind_metadata(source, err));
    return file_bind_pieces(source, err);
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
    LT_TRY(lt_file_list(source->arena.alloc, source->path, splits, err));
    return splits->pieces ? lt_file_pieces_list(source, splits, err) : LT_OK;
}

void lt_file_source_close(struct lt_source *source)
{
    if (!source)
        return;
    struct lt_alloc *alloc = source->arena.alloc;
    lt_arena_close(&source->arena);
    lt_alloc_put(alloc, source, sizeof(*source));
}
