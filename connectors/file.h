/* file.h -- what the parts of connector 'filesystem' share: paths, layout, partitions. */
#ifndef LT_CONNECTORS_FILE_H
#define LT_CONNECTORS_FILE_H

#include "connectors/scan.h"

/* 'path' without "file://". LT_UNSUPPORTED for other schemes. */
lt_status lt_file_path(const struct lt_connector_table *table, struct lt_str *out,
                       struct lt_error *err) LT_MUST_CHECK;

/* Adds every data file under `path` (a file, a directory, searched deeply, or a
 * glob) to the list, sorted. Names that begin with '.' or '_' are passed over. */
lt_status lt_file_list(struct lt_alloc *alloc, struct lt_str path, struct lt_split_list *splits,
                       struct lt_error *err) LT_MUST_CHECK;

/* What lies in the files: the table without its partition columns, which lie in
 * directory names. */
struct lt_file_layout {
    struct lt_connector_table table; /* physical has file columns only */
    struct lt_schema schema;         /* that physical */
    int32_t *column_of;              /* physical column -> file column or -1 */
    struct lt_str partition_default; /* directory name of NULL and '' */
};
lt_status lt_file_layout_make(struct lt_arena *arena, const struct lt_connector_table *table,
                              struct lt_file_layout *out) LT_MUST_CHECK;

/* "hm=00%3A01": special characters of a partition value are escaped as Hive does. */
void lt_partition_escape(struct lt_buf *out, struct lt_str value);
/* The value of `key` in a path's directories, unescaped; false when it is not there. */
bool lt_partition_value(struct lt_str path, struct lt_str key, struct lt_buf *out);

extern const struct lt_metadata_def lt_file_metadata[];
extern const char *const lt_file_options[];

/* The source half (file_source.c). */
lt_status lt_file_source_check(const struct lt_connector_table *table,
                               const struct lt_connector_registry *registry,
                               struct lt_source_info *info, struct lt_error *err);
lt_status lt_file_source_open(const struct lt_connector_env *env,
                              const struct lt_connector_table *table,
                              struct lt_scan_request *request, struct lt_source **out,
                              struct lt_error *err);
lt_status lt_file_source_splits(struct lt_source *source, struct lt_split_list *splits,
                                struct lt_error *err);
lt_status lt_file_reader_open(struct lt_source *source, struct lt_str split, int64_t position,
                              const struct lt_connector_env *env, struct lt_reader **out,
                              struct lt_error *err);
lt_status lt_file_reader_poll(struct lt_reader *reader, uint32_t max_rows, struct lt_polled *out,
                              struct lt_error *err);
void lt_file_reader_close(struct lt_reader *reader);
void lt_file_source_close(struct lt_source *source);

/* The sink half (file_sink.c). */
lt_status lt_file_sink_check(const struct lt_connector_table *table,
                             const struct lt_connector_registry *registry, bool changing,
                             struct lt_error *err);
lt_status lt_file_sink_open(const struct lt_connector_env *env,
                            const struct lt_connector_table *table, uint32_t writer,
                            uint32_t n_writers, struct lt_sink **out, struct lt_error *err);
lt_status lt_file_sink_write(struct lt_sink *sink, const struct lt_batch *batch,
                             struct lt_error *err);
void lt_file_sink_watermark(struct lt_sink *sink, int64_t watermark_us);
lt_status lt_file_sink_prepare(struct lt_sink *sink, uint64_t epoch, struct lt_error *err);
lt_status lt_file_sink_commit(struct lt_sink *sink, uint64_t epoch, struct lt_error *err);
lt_status lt_file_sink_end(struct lt_sink *sink, struct lt_error *err);
void lt_file_sink_abort(struct lt_sink *sink);
void lt_file_sink_close(struct lt_sink *sink);

#endif
