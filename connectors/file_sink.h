/* file_sink.h -- the state of a file sink, shared by its parts. */
#ifndef LT_CONNECTORS_FILE_SINK_H
#define LT_CONNECTORS_FILE_SINK_H

#include "connectors/file.h"
#include "connectors/file_part.h"
#include "connectors/option.h"

struct lt_file_sink_options {
    int64_t roll_size;      /* bytes after which a file is closed */
    int64_t roll_us;        /* age after which it is */
    bool by_partition_time; /* commit trigger: the watermark, not the clock */
    int64_t delay_us;
    bool success_file;
    struct lt_str success_name;
    struct lt_str pattern;   /* "$dt $hm:00", empty = the first key's value */
    struct lt_str zone_name; /* partition times are wall clocks there; empty = UTC */
};
lt_status lt_file_sink_options_read(const struct lt_connector_table *table,
                                    struct lt_file_sink_options *out,
                                    struct lt_error *err) LT_MUST_CHECK;

struct lt_file_partition {
    struct lt_file_partition *next;
    struct lt_str dir;         /* whole path without a slash at its end, NUL-terminated */
    struct lt_file_part *part; /* open one, or NULL */
    uint32_t n_closed;         /* parts that do not show yet */
    bool committed;
    int64_t made_us; /* clock at its first row */
    int64_t time_us; /* what its values say, for trigger partition-time */
};

struct lt_sink {
    struct lt_alloc *alloc;
    struct lt_arena arena;
    const struct lt_connector_env *env;
    const struct lt_connector_table *table;
    const struct lt_format *format;
    struct lt_encoder *encoder;
    struct lt_file_layout layout;
    struct lt_file_sink_options options;
    struct lt_str path;
    struct lt_tz *zone;
    uint32_t writer;
    struct lt_column **columns;           /* those of a batch that lie in the files */
    struct lt_buf dir;                    /* of the row at hand */
    struct lt_file_partition *partitions; /* the last used first */
    struct lt_file_part *closed;
    uint32_t n_open;
    uint64_t next_number;
    int64_t watermark_us;
    bool ended;
    uint16_t all_rows[LT_BATCH_ROWS_MAX]; /* 0, 1, 2 ...: of a batch without a selection */
};

/* The partition of a row, made when it is new (file_partition.c). */
lt_status lt_file_partition_of(struct lt_sink *sink, const struct lt_batch *batch, uint32_t row,
                               struct lt_file_partition **out, struct lt_error *err) LT_MUST_CHECK;
/* How many of rows[0..n), from the first on, surely belong to one partition; at least 1. */
uint32_t lt_file_partition_run(const struct lt_sink *sink, const struct lt_batch *batch,
                               const uint16_t *rows, uint32_t n);

#endif
