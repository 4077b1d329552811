/* arrow.h -- batches to and from the Arrow C Data Interface.
 *
 * Fixed-width columns cross without a copy, both ways. Booleans are bits there and
 * bytes here, so they are copied; text goes out as plain utf8 by copy and comes in
 * as views over the caller's buffers. What is constant, dictionary-encoded or
 * selected is flattened on the way out. On the way in, a column with NULLs is
 * copied when lanes under them must be zeroed.
 *
 *   Leat                      Arrow format          also read
 *   BOOLEAN                   b
 *   TINYINT .. BIGINT         c s i l
 *   FLOAT, DOUBLE             f g
 *   DECIMAL(p, s)             d:p,s
 *   CHAR, VARCHAR             u                     U
 *   BINARY, VARBINARY         z                     Z
 *   DATE                      tdD
 *   TIME                      ttu                   tts ttm ttn
 *   TIMESTAMP                 tsu:                  tss: tsm: tsn:
 *   TIMESTAMP_LTZ             tsu:UTC               any unit, any zone
 *   INTERVAL day to second    tDu                   tDs tDm tDn
 *   INTERVAL year to month    tiM
 *   ARRAY, MULTISET           +l
 *   MAP                       +m
 *   ROW, a batch              +s
 *   NULL                      n
 *
 * Anything else (unsigned integers, views, unions) is refused by name. */
#ifndef LT_DATA_ARROW_H
#define LT_DATA_ARROW_H

#include "data/batch.h"

/* The ABI as the specification gives it, so that any other copy of it agrees. */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};
#endif

/* A struct schema of the fields. `alloc` must outlive it. */
lt_status lt_arrow_export_schema(struct lt_alloc *alloc, const struct lt_schema *schema,
                                 struct ArrowSchema *out) LT_MUST_CHECK;
/* The selected rows as one struct array. `pool` is used during the call; `alloc`
 * must outlive the array, and so must the allocator of the batch's pool unless
 * `copy` makes every buffer the array's own. May be released on any thread. */
lt_status lt_arrow_export_batch(struct lt_alloc *alloc, struct lt_pool *pool,
                                const struct lt_batch *batch, bool copy,
                                struct ArrowArray *out) LT_MUST_CHECK;

/* The fields of a struct schema as types of ours. LT_UNSUPPORTED names the field. */
lt_status lt_arrow_import_schema(struct lt_arena *arena, const struct ArrowSchema *schema,
                                 struct lt_schema *out, struct lt_error *err) LT_MUST_CHECK;
/* The columns of a struct array that `schema` describes; `types` is what
 * lt_arrow_import_schema made of it and outlives the columns. They may be longer
 * than a batch (lt_column_slice cuts them). On success the array is moved in: its
 * release is called when the last column goes, on that thread. On failure it stays
 * the caller's. `alloc` must outlive the columns. Lengths and offsets are checked;
 * that text is UTF-8 is the producer's promise. */
lt_status lt_arrow_import(struct lt_alloc *alloc, struct lt_pool *pool,
                          const struct ArrowSchema *schema, const struct lt_schema *types,
                          struct ArrowArray *array, struct lt_column **columns,
                          struct lt_error *err) LT_MUST_CHECK;

#endif
