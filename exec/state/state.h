/* state.h -- where operators keep what must survive: chunks of up to 64 KB,
 * referred to by chunk number and offset, never by pointer, stamped with the
 * epoch that last changed them; on them a heap for variable-size state and keyed
 * tables. Containers built from heap pieces (sets, ordered bags) are in bag.h.
 *
 * save hands out the chunks newer than a given epoch. load opens the saved chunks
 * as a read-only heap beside the new one and moves the entries of its own
 * partition over, so that any number of old partitions become any number of new
 * ones and no reference ever has to be unique across partitions. */
#ifndef LT_EXEC_STATE_STATE_H
#define LT_EXEC_STATE_STATE_H

#include "data/batch.h"

enum { LT_CHUNK_SIZE = 64 * 1024, LT_VIRTUAL_PARTITIONS = 256 };

/* 0 is "nothing"; high 32 bits chunk number, low 32 bits offset. */
typedef uint64_t lt_ref;

/* All chunked memory of one operator instance. */
struct lt_state;
lt_status lt_state_open(struct lt_alloc *alloc, uint32_t partition, uint32_t n_partitions,
                        struct lt_state **out) LT_MUST_CHECK;
void lt_state_close(struct lt_state *state);
void lt_state_set_epoch(struct lt_state *state, uint64_t epoch); /* stamps later changes */
size_t lt_state_bytes(const struct lt_state *state);
/* The virtual partition is the top 8 bits of the key's hash; this says whose it is. */
static inline uint32_t lt_partition_of(uint64_t hash, uint32_t n_partitions)
{
    return (uint32_t)(((hash >> 56) * n_partitions) / LT_VIRTUAL_PARTITIONS);
}

/* ---- heap: variable-size pieces ---------------------------------------- */
struct lt_state_heap; /* one per lt_state */
struct lt_state_heap *lt_state_get_heap(struct lt_state *state);
/* Zeroed memory of `size` bytes (16-aligned; larger than a chunk is fine).
 * Pointers stay valid until freed: chunks never move. */
lt_status lt_heap_new(struct lt_state_heap *heap, size_t size, lt_ref *ref, void **ptr)
    LT_MUST_CHECK;
void lt_heap_free(struct lt_state_heap *heap, lt_ref ref, size_t size);
void *lt_heap_at(const struct lt_state_heap *heap, lt_ref ref); /* to read */
void *lt_heap_write(struct lt_state_heap *heap, lt_ref ref);    /* to change: stamps the chunk */
struct lt_alloc *lt_heap_alloc(const struct lt_state_heap *heap);
/* Debug: every free piece lies inside a live chunk and no two overlap. */
bool lt_heap_check(const struct lt_state_heap *heap);

/* ---- keyed tables ------------------------------------------------------- */
/* Key columns -> a payload of fixed size. Open addressing over a directory of
 * (tag, entry); entries lie in chunks and never move; payload zeroed when made. */
struct lt_table;
struct lt_table_spec {
    uint32_t n_keys; /* 0 = a single entry */
    const struct lt_type *const *keys;
    size_t payload_size; /* rounded up to 16, 16-aligned */
};
lt_status lt_table_open(struct lt_state *state, const struct lt_table_spec *spec,
                        struct lt_table **out) LT_MUST_CHECK;
/* Frees every entry's chunks and long keys (payload's heap refs are the caller's to
 * drop first). */
void lt_table_close(struct lt_table *table);
uint64_t lt_table_len(const struct lt_table *table);
/* For each i: the payload of the key in row rows[i] (NULL rows = 0..n), inserted
 * when absent; is_new[i] says so (may be NULL). hashes[i] is that row's hash.
 * Rows with the same new key get the same payload; the first is new. Payloads are
 * stamped as changed. NULL keys equal each other. */
lt_status lt_table_upsert(struct lt_table *table, struct lt_column *const *keys,
                          const uint16_t *rows, uint32_t n, const uint64_t *hashes,
                          char **payloads, uint8_t *is_new) LT_MUST_CHECK;
/* The same where nobody else wants the hashes: `hashes` is room for n of them, which may
 * stay unused. */
lt_status lt_table_upsert_rows(struct lt_table *table, struct lt_column *const *keys,
                               const uint16_t *rows, uint32_t n, uint64_t *hashes,
                               char **payloads, uint8_t *is_new) LT_MUST_CHECK;
/* As above without inserting: payloads[i] = NULL when absent. */
lt_status lt_table_find(struct lt_table *table, struct lt_column *const *keys,
                        const uint16_t *rows, uint32_t n, const uint64_t *hashes,
                        char **payloads) LT_MUST_CHECK;
/* The entry with the same key as `payload` of `from` (same key types; may be the
 * table of another state), inserted when absent: how slices are combined. */
lt_status lt_table_upsert_from(struct lt_table *table, const struct lt_table *from,
                               const char *payload, char **out, bool *is_new) LT_MUST_CHECK;
/* Many at once: payloads[i] and is_new[i] for from_payloads[i]. */
lt_status lt_table_upsert_all(struct lt_table *table, const struct lt_table *from,
                              char *const *from_payloads, uint32_t n, char **payloads,
                              uint8_t *is_new) LT_MUST_CHECK;
void lt_table_remove(struct lt_table *table, char *payload);
void lt_table_remove_all(struct lt_table *table, char *const *payloads, uint32_t n);
/* Removes the entries that are `gone`, all at once: cheaper than one by one where they are
 * a good part of all. How many there were. */
uint64_t lt_table_sweep(struct lt_table *table, bool (*gone)(const char *payload));
/* Removes every entry (payload's heap refs are the caller's to drop first), but keeps a
 * directory of the size that so many entries want. */
void lt_table_clear(struct lt_table *table);
/* Walks live entries: *cursor starts at 0; NULL at the end. Removal while walking
 * is fine; entries inserted meanwhile may be missed. */
char *lt_table_next(struct lt_table *table, uint64_t *cursor);
/* The same for up to n entries; says how many, 0 at the end. */
uint32_t lt_table_walk(struct lt_table *table, uint64_t *cursor, char **payloads, uint32_t n);
uint64_t lt_table_hash(const struct lt_table *table, const char *payload);
/* Writes key column k of each payload into rows at.. of `out` (flat, of the key's type). */
lt_status lt_table_keys(const struct lt_table *table, char *const *payloads, uint32_t n, uint32_t k,
                        struct lt_column *out, uint32_t at) LT_MUST_CHECK;
/* The same into rows lanes[0..n), which increase; NULL = from, from + 1 ... */
lt_status lt_table_keys_to(const struct lt_table *table, char *const *payloads, uint32_t n,
                           uint32_t k, struct lt_column *out, const uint16_t *lanes, uint32_t from)
    LT_MUST_CHECK;
/* Order of two entries' keys: column by column, NULL first, numbers by value, text
 * bytewise. Entries may be of two tables with the same key types. */
int lt_table_compare(const struct lt_table *a, const char *pa, const struct lt_table *b,
                     const char *pb);
/* Sorts payloads of one table by key, in place. */
void lt_table_sort(const struct lt_table *table, char **payloads, size_t n);
/* A stable name of an entry. */
lt_ref lt_table_ref(const struct lt_table *table, const char *payload);
char *lt_table_at(struct lt_table *table, lt_ref ref); /* NULL when it has been removed */
/* Brings the entry into the cache: for those who have many to ask for. */
void lt_table_prefetch(const struct lt_table *table, lt_ref ref);
void lt_table_touch(struct lt_table *table, char *payload); /* stamps a change */
/* Hashes of key columns for rows, canonical and unsalted (exchange and tables alike). */
void lt_table_hash_keys(struct lt_column *const *keys, uint32_t n_keys, const uint16_t *rows,
                        uint32_t n, uint64_t *hashes);
/* Debug: every entry is found where its hash says, and nothing else is. */
bool lt_table_check(const struct lt_table *table);

/* ---- images: what save and load exchange -------------------------------- */
struct lt_state_image;
lt_status lt_image_open(struct lt_alloc *alloc, struct lt_state_image **out) LT_MUST_CHECK;
void lt_image_close(struct lt_state_image *image);
size_t lt_image_bytes(const struct lt_state_image *image);
/* Copies the chunks of `state` changed after `since_epoch` (0 = all) and the list of
 * all live chunks. Called once per image, before or after its tables. */
lt_status lt_state_save(struct lt_state *state, uint64_t since_epoch, struct lt_state_image *image)
    LT_MUST_CHECK;
/* Makes an incremental image whole: takes over from `base` (a whole image of the
 * same operator instance) the chunks it lacks. */
lt_status lt_image_complete(struct lt_state_image *image, const struct lt_state_image *base)
    LT_MUST_CHECK;
/* The heap inside a whole image, read-only. */
const struct lt_state_heap *lt_image_heap(const struct lt_state_image *image);
/* A table inside an image, under a name unique within the operator (e.g. slice
 * start). */
lt_status lt_table_save(const struct lt_table *table, int64_t name, struct lt_state_image *image)
    LT_MUST_CHECK;
/* Called for each entry moved over: `to` is a byte copy of `from`; what `from`
 * refers to in `from_heap` must be copied into `to_heap`. Entries whose key is
 * present already are given too (`merge`): then `to` is the present payload. */
struct lt_table_mover {
    lt_status (*move)(void *ctx, const struct lt_state_heap *from_heap, const char *from,
                      struct lt_state_heap *to_heap, char *to, bool merge);
    void *ctx;
};
/* Inserts the entries whose hash is this partition's (all when `all`). A mover of
 * NULL means that payloads hold no references and keys do not repeat. */
lt_status lt_table_load(struct lt_table *table, int64_t name, const struct lt_state_image *image,
                        bool all, const struct lt_table_mover *mover) LT_MUST_CHECK;
/* Names of tables in an image, in the order saved. */
uint32_t lt_image_tables(const struct lt_state_image *image, const int64_t **names);
/* Small fixed values of an operator: watermarks, counters. Missing = LT_CORRUPT. */
lt_status lt_image_put(struct lt_state_image *image, const char *key, const void *data,
                       size_t size) LT_MUST_CHECK;
lt_status lt_image_get(const struct lt_state_image *image, const char *key, void *data,
                       size_t size) LT_MUST_CHECK;
/* The same of variable size: borrowed from the image; false when absent. */
bool lt_image_find(const struct lt_state_image *image, const char *key, struct lt_str *out);

#endif
