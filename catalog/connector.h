/* connector.h -- the contracts of sources, sinks and formats.
 *
 * A source lists splits, opens one at a position, polls rows, and never blocks
 * without a wake-up handle. A sink writes, prepares an epoch, commits it
 * (idempotent by epoch) or aborts it. Descriptors are const tables listed in
 * connectors/connectors.def and connectors/formats/formats.def. */
#ifndef LT_CATALOG_CONNECTOR_H
#define LT_CATALOG_CONNECTOR_H

#include "data/batch.h"
#include "data/value.h"

struct lt_option {
    struct lt_str key, value;
    struct lt_pos pos;
};

/* What a connector gets to see of a table. `physical` holds the columns that
 * come from the bytes (no computed ones), metadata columns named apart. */
struct lt_connector_table {
    struct lt_str name;
    const struct lt_schema *physical;
    uint32_t n_metadata;
    const struct lt_metadata_column {
        struct lt_str key; /* "file.path" */
        const struct lt_type *type;
    } *metadata;
    uint32_t n_options;
    const struct lt_option *options;
    uint32_t n_partition_keys;
    const uint32_t *partition_keys; /* columns of physical */
    uint32_t n_primary_key;
    const uint32_t *primary_key;
    /* Sink of a changing query: the query's upsert key, as columns written. -1 and +1 of
     * one key that stand next to each other are then shown as -U and +U. */
    uint32_t n_changelog_key;
    const uint32_t *changelog_key;
};

struct lt_connector_registry;
struct lt_hub; /* connectors/hub.h: tables that live in the process */

struct lt_clock { /* injected: milliseconds never come from anywhere else */
    int64_t (*now_us)(void *ctx);
    void *ctx;
};

struct lt_connector_env {
    struct lt_alloc *alloc;
    struct lt_pool *pool; /* of the worker that runs this reader or writer */
    const struct lt_clock *clock;
    const struct lt_tz *zone;
    int in_fd, out_fd;               /* stdin/stdout of the host */
    void (*out_write)(void *ctx, const char *data, size_t size); /* print: NULL = out_fd */
    void *out_ctx;
    const struct lt_connector_registry *registry; /* to find the format */
    const _Atomic bool *cancelled;
    struct lt_hub *hub; /* of the database: `memory` and `feed`; NULL when there is none */
    /* A reader that said IDLE has news: its worker polls it again. Any thread, for as long as the
     * reader is open; cheap while the worker is awake. NULL when caller-driven: a pump asks all. */
    void (*wake)(void *ctx);
    void *wake_ctx;
};

/* (column op constant): pushed filters; the source says which it applied exactly. */
enum lt_compare { LT_CMP_EQ, LT_CMP_NE, LT_CMP_LT, LT_CMP_LE, LT_CMP_GT, LT_CMP_GE,
                  LT_CMP_IS_NULL, LT_CMP_IS_NOT_NULL };
struct lt_filter {
    uint32_t column;
    enum lt_compare op;
    const struct lt_column *constant; /* one row */
    bool applied;                     /* out */
};

/* What the plan wants from a scan. Output columns are: the wanted physical
 * columns in `columns` order, then wanted metadata. */
struct lt_scan_request {
    uint32_t n_columns;
    const uint32_t *columns; /* into physical; sub-field pruning: see `fields` */
    /* For a ROW column i: bitmap of wanted fields (others may be NULL), or NULL. */
    const uint64_t *const *fields;
    uint32_t n_metadata;
    const uint32_t *metadata;
    uint32_t n_filters;
    struct lt_filter *filters;
};

struct lt_sink;
struct lt_source; /* a connector's own state, per scan */
struct lt_reader; /* per open split, used by one thread */

enum lt_poll {
    LT_POLL_ROWS,  /* *batch is filled */
    LT_POLL_IDLE,  /* nothing now: ask again when woken, when wait_fd is readable, after wait_us */
    LT_POLL_END,   /* the split is at its end (bounded) */
};

struct lt_source_info {
    bool bounded;
    bool append_only;      /* else batches carry weights */
    bool live;             /* a second reader would not see the same rows (a pipe, a socket):
                              statements over it share one reader */
    bool in_order;         /* positions are offsets in the split */
    bool own_watermark;    /* batches' source_watermark_us is set (nexmark; SOURCE_WATERMARK()) */
};

struct lt_split_list {
    struct lt_arena *arena;
    uint32_t len, cap;
    struct lt_str *names; /* stable identity of each split */
    bool more_later;
    bool pieces; /* in: what is read in order may be listed as several splits, in that order,
                    which are then read at the same time */
};

struct lt_polled {
    enum lt_poll poll;
    struct lt_batch batch; /* columns referenced until the next poll or close of the reader */
    int64_t next_position; /* where to reopen to get the row after this batch */
    int64_t source_watermark_us; /* LT_WATERMARK_MIN when the source knows none */
    int wait_fd;           /* -1 = none */
    int64_t wait_us;       /* IDLE: poll again after this; INT64_MAX = only when woken */
    uint64_t bad_records;  /* passed over, or with fields made NULL, since the reader opened */
};

struct lt_connector {
    const char *name; /* 'filesystem' */
    const char *doc;
    const char *const *options; /* every key it knows ("path", "source.*"); NULL-terminated */
    const char *const *required;
    const struct lt_metadata_def { const char *key; const struct lt_type *type; } *metadata;
    /* Source half; NULL when it cannot be read. */
    lt_status (*source_check)(const struct lt_connector_table *table,
                              const struct lt_connector_registry *registry,
                              struct lt_source_info *info, struct lt_error *err);
    lt_status (*source_open)(const struct lt_connector_env *env,
                             const struct lt_connector_table *table,
                             struct lt_scan_request *request, struct lt_source **out,
                             struct lt_error *err);
    lt_status (*source_splits)(struct lt_source *source, struct lt_split_list *splits,
                               struct lt_error *err);
    lt_status (*reader_open)(struct lt_source *source, struct lt_str split, int64_t position,
                             const struct lt_connector_env *env, struct lt_reader **out,
                             struct lt_error *err);
    /* At most max_rows rows (<= LT_BATCH_ROWS_MAX). Never blocks. */
    lt_status (*reader_poll)(struct lt_reader *reader, uint32_t max_rows, struct lt_polled *out,
                             struct lt_error *err);
    void (*reader_close)(struct lt_reader *reader);
    void (*source_committed)(struct lt_source *source, uint64_t epoch); /* may be NULL */
    void (*source_close)(struct lt_source *source);
    /* Sink half; NULL when it cannot be written. Per writer the order of calls is
     * write* (prepare commit write*)* end prepare commit close; abort at any point throws
     * away what is not committed. A close without commit or abort after a good end commits. */
    lt_status (*sink_check)(const struct lt_connector_table *table,
                            const struct lt_connector_registry *registry, bool changing,
                            struct lt_error *err);
    lt_status (*sink_open)(const struct lt_connector_env *env,
                           const struct lt_connector_table *table, uint32_t writer,
                           uint32_t n_writers, struct lt_sink **out, struct lt_error *err);
    /* LT_BUSY = take no more now, ask again (a pipe that is full); nothing was taken. The same
     * answer of end means: call again. */
    lt_status (*sink_write)(struct lt_sink *sink, const struct lt_batch *batch,
                            struct lt_error *err);
    void (*sink_watermark)(struct lt_sink *sink, int64_t watermark_us); /* may be NULL */
    lt_status (*sink_prepare)(struct lt_sink *sink, uint64_t epoch, struct lt_error *err);
    lt_status (*sink_commit)(struct lt_sink *sink, uint64_t epoch, struct lt_error *err);
    /* The input ended: files are finished. */
    lt_status (*sink_end)(struct lt_sink *sink, struct lt_error *err);
    void (*sink_abort)(struct lt_sink *sink);
    void (*sink_close)(struct lt_sink *sink);
};

/* A format turns bytes into rows and rows into bytes; connectors drive it. */
struct lt_decoder;
struct lt_encoder;

/* What a connector must know of a text to read it from its middle. */
struct lt_text_rules {
    bool header; /* the first record is no row, but the decoder must see it */
    bool lines;  /* a record ends where a line does, as long as none of these bytes comes: */
    unsigned n_hiding;
    char hiding[2];
};

struct lt_format {
    const char *name; /* 'csv' */
    const char *doc;
    const char *const *options; /* without the prefix: "field-delimiter" is 'csv.field-delimiter' */
    const char *extension;
    lt_status (*check)(const struct lt_connector_table *table, struct lt_error *err);
    lt_status (*decoder_open)(const struct lt_connector_env *env,
                              const struct lt_connector_table *table,
                              const struct lt_scan_request *request, struct lt_decoder **out,
                              struct lt_error *err);
    /* Decodes whole records from data[0..size). `last` = no more bytes follow, so an
     * unterminated record counts. Appends at most max_rows rows to `into`, sets
     * *used to the bytes consumed. Strings may point into `buffer`, which holds
     * data (the decoder takes references). Bad records follow 'ignore-parse-errors',
     * else LT_DATA with "line L, column C: ..." relative to the decoder's own count
     * (`source_name` is put before it). */
    lt_status (*decode)(struct lt_decoder *decoder, struct lt_buffer *buffer, const char *data,
                        size_t size, bool last, uint32_t max_rows, struct lt_batch_builder *into,
                        size_t *used, struct lt_error *err);
    void (*decoder_reset)(struct lt_decoder *decoder, struct lt_str source_name); /* a new file */
    /* Reading goes on in the middle of a file: the next byte begins line `line` (from 1).
     * A header is read before by decode() with max_rows 0 on the start of the file. */
    void (*decoder_line)(struct lt_decoder *decoder, uint64_t line);
    uint64_t (*decoder_bad)(const struct lt_decoder *decoder); /* bad records passed over */
    void (*text_rules)(const struct lt_connector_table *table,
                       struct lt_text_rules *out); /* may be NULL: nothing is known */
    /* The bytes of the record that data begins with, 0 when its end is not there. NULL: no
     * record goes on behind a line end. */
    size_t (*record_end)(const struct lt_decoder *decoder, const char *data, size_t size);
    void (*decoder_close)(struct lt_decoder *decoder);
    lt_status (*encoder_open)(const struct lt_connector_env *env,
                              const struct lt_connector_table *table, bool changing,
                              struct lt_encoder **out, struct lt_error *err);
    void (*encode_start)(struct lt_encoder *encoder, struct lt_buf *out); /* a header line */
    /* Appends the rows rows[0..*n) of the batch, at least one; stops behind the one that brings
     * `out` to `limit` bytes or more. *n becomes how many were taken. */
    lt_status (*encode)(struct lt_encoder *encoder, const struct lt_batch *batch,
                        const uint16_t *rows, uint32_t *n, size_t limit, struct lt_buf *out,
                        struct lt_error *err);
    void (*encoder_close)(struct lt_encoder *encoder);
};

struct lt_connector_registry {
    const struct lt_connector *const *connectors; /* NULL-terminated */
    const struct lt_format *const *formats;
};
const struct lt_connector *lt_registry_connector(const struct lt_connector_registry *registry,
                                                 struct lt_str name);
const struct lt_format *lt_registry_format(const struct lt_connector_registry *registry,
                                           struct lt_str name);
/* The option of that key or NULL. The legacy spellings of Flink are found too: 'connector.type'
 * for 'connector', 'connector.path' for 'path', 'format.x' for 'csv.x'. */
const struct lt_option *lt_option_find(const struct lt_connector_table *table, const char *key);
/* An option's value or NULL; unknown keys are refused by lt_options_check, which
 * names the nearest known one. */
const struct lt_str *lt_option_get(const struct lt_connector_table *table, const char *key);
lt_status lt_options_check(const struct lt_connector_table *table,
                           const struct lt_connector *connector, const struct lt_format *format,
                           struct lt_error *err) LT_MUST_CHECK;

#endif
