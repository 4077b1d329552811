/* filesystem.c -- connector 'filesystem': its descriptor and options. */
#include "connectors/file.h"

const char *const lt_file_options[] = {
    "path",
    "source.monitor-interval",
    "source.piece-size",
    "partition.default-name",
    "partition.time-extractor.kind",
    "partition.time-extractor.timestamp-pattern",
    "partition.time-extractor.timestamp-formatter",
    "sink.rolling-policy.file-size",
    "sink.rolling-policy.rollover-interval",
    "sink.rolling-policy.check-interval",
    "sink.rolling-policy.inactivity-interval",
    "sink.partition-commit.trigger",
    "sink.partition-commit.delay",
    "sink.partition-commit.watermark-time-zone",
    "sink.partition-commit.policy.kind",
    "sink.partition-commit.success-file.name",
    "sink.shuffle-by-partition.enable",
    "auto-compaction",
    NULL,
};

static const char *const required[] = {"path", "format", NULL};

const struct lt_connector lt_connector_filesystem = {
    .name = "filesystem",
    .doc = "Files: one file, a directory, or all that match a pattern",
    .options = lt_file_options,
    .required = required,
    .metadata = lt_file_metadata,
    .source_check = lt_file_source_check,
    .source_open = lt_file_source_open,
    .source_splits = lt_file_source_splits,
    .reader_open = lt_file_reader_open,
    .reader_poll = lt_file_reader_poll,
    .reader_close = lt_file_reader_close,
    .source_close = lt_file_source_close,
    .sink_check = lt_file_sink_check,
    .sink_open = lt_file_sink_open,
    .sink_write = lt_file_sink_write,
    .sink_watermark = lt_file_sink_watermark,
    .sink_prepare = lt_file_sink_prepare,
    .sink_commit = lt_file_sink_commit,
    .sink_end = lt_file_sink_end,
    .sink_abort = lt_file_sink_abort,
    .sink_close = lt_file_sink_close,
};
