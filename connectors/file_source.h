/* file_source.h -- the state of a file source, shared by its parts.
 *
 *   file_source.c   binds a scan to the files' columns, lists splits
 *   file_piece.c    large files in pieces: their names, where each begins
 *   file_reader.c   reads a split */
#ifndef LT_CONNECTORS_FILE_SOURCE_H
#define LT_CONNECTORS_FILE_SOURCE_H

#include <stdatomic.h>

#include "connectors/block.h"
#include "connectors/file.h"

enum lt_file_meta { META_PATH, META_NAME, META_SIZE, META_TIME, META_COUNT };

/* A file that was listed in pieces. Piece k holds the records that begin at bytes
 * [k * piece_size, (k + 1) * piece_size). */
struct lt_file_cuts {
    struct lt_file_cuts *next;
    struct lt_str path;
    uint64_t n;
    /* Where piece k's first record begins, and n ends; -1: nobody knows yet. Set by whoever
     * opens a piece (under the caller's lock) and by the reader that comes to its end. */
    _Atomic int64_t *starts;
};

struct lt_source {
    struct lt_arena arena;
    const struct lt_connector_table *table;
    const struct lt_format *format;
    struct lt_text_rules rules;
    struct lt_str path;
    struct lt_file_layout layout;
    struct lt_scan_request request; /* as the plan asked */
    struct lt_scan_request decoded; /* the part of it that lies in the files */
    struct lt_schema decoded_schema;
    int32_t *from;               /* output column -> decoded column, or -1 - partition key */
    enum lt_file_meta *metadata; /* per wanted metadata column */
    int64_t piece_size;          /* 0: files stay whole */
    struct lt_file_cuts *cuts;
};

/* ---- file_piece.c ------------------------------------------------------- */

struct lt_file_piece {
    struct lt_str path;
    bool whole;
    uint64_t number;
    int64_t stop;              /* records that begin at this byte or later are not ours */
    struct lt_file_cuts *cuts; /* NULL: of a whole file, or before its start was asked */
};
lt_status lt_file_piece_parse(const struct lt_source *source, struct lt_str split,
                              struct lt_file_piece *out, struct lt_error *err) LT_MUST_CHECK;
/* Replaces the files that are listed by their pieces. */
lt_status lt_file_pieces_list(struct lt_source *source, struct lt_split_list *splits,
                              struct lt_error *err) LT_MUST_CHECK;
/* The byte of the piece's first record; it may lie past the piece. `fd` is the file. */
lt_status lt_file_piece_start(struct lt_source *source, struct lt_file_piece *piece, int fd,
                              const struct lt_connector_env *env, int64_t *out,
                              struct lt_error *err) LT_MUST_CHECK;
/* A reader has come to the end of the piece: the next one begins at `end`. */
void lt_file_piece_ended(const struct lt_file_piece *piece, int64_t end);

/* ---- file_reader.c ------------------------------------------------------ */

/* Reads piece `number` of `path`, which begins at `start`, for nothing but its end. */
lt_status lt_file_skim(struct lt_source *source, struct lt_str path, uint64_t number, int64_t start,
                       const struct lt_connector_env *env, int64_t *end,
                       struct lt_error *err) LT_MUST_CHECK;

#endif
