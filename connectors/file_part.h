/* file_part.h -- one file that a sink writes: hidden while it grows, whole when it shows.
 *
 *   .part-0-7.inprogress ──close: fsync──▶ (closed) ──publish: rename──▶ part-0-12-7.csv
 *
 * Readers pass over names with a leading dot, so a file is seen whole or not at
 * all. While it is hidden the writer holds a lock on it (flock), which goes with
 * the process: a hidden file that can be locked is left over from a run that
 * died, and is swept away when the next one begins. */
#ifndef LT_CONNECTORS_FILE_PART_H
#define LT_CONNECTORS_FILE_PART_H

#include "base/str.h"

struct lt_file_part {
    struct lt_file_part *next;
    struct lt_alloc *alloc;
    int fd;
    uint32_t writer;
    uint64_t number;      /* 0, 1, 2 ... of this writer */
    struct lt_buf hidden; /* path while it grows */
    size_t dir_len;       /* of that path, with the slash */
    struct lt_buf text;   /* not yet written */
    int64_t size;         /* written */
    int64_t opened_us;
    bool closed, prepared;
    uint64_t epoch; /* once prepared */
};

/* Makes `dir` and its parents. */
lt_status lt_file_make_dirs(struct lt_alloc *alloc, struct lt_str dir,
                            struct lt_error *err) LT_MUST_CHECK;
/* Removes what dead runs left in `dir` and in `depth` levels of directories below. */
void lt_file_sweep(struct lt_alloc *alloc, struct lt_str dir, unsigned depth);

lt_status lt_file_part_open(struct lt_alloc *alloc, struct lt_str dir, uint32_t writer,
                            uint64_t number, int64_t now_us, struct lt_file_part **out,
                            struct lt_error *err) LT_MUST_CHECK;
/* Writes `text` out. */
lt_status lt_file_part_flush(struct lt_file_part *part, struct lt_error *err) LT_MUST_CHECK;
/* Flushes and syncs; nothing is added any more. */
lt_status lt_file_part_close(struct lt_file_part *part, struct lt_error *err) LT_MUST_CHECK;
/* Gives the closed file its name, "part-<writer>-<epoch>-<number><extension>" (a higher
 * number if that one is taken). Then only lt_file_part_free may follow. */
lt_status lt_file_part_publish(struct lt_file_part *part, const char *extension,
                               struct lt_error *err) LT_MUST_CHECK;
/* Removes the file if it is still hidden. */
void lt_file_part_free(struct lt_file_part *part);

/* Creates or replaces a small file, durably: "_SUCCESS". */
lt_status lt_file_touch(struct lt_alloc *alloc, struct lt_str dir, struct lt_str name,
                        struct lt_error *err) LT_MUST_CHECK;

#endif
