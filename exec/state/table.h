/* table.h -- inside exec/state: how entries lie. */
#ifndef LT_EXEC_STATE_TABLE_H
#define LT_EXEC_STATE_TABLE_H

#include "exec/state/heap.h"
#include "exec/state/order.h"

/* How a key lies behind the payload of its entry. */
enum lt_key_mode {
    LT_KEY_NONE,  /* no columns: one entry */
    LT_KEY_INT,   /* one integer or time column: the value in 8 bytes, NULL as a flag */
    LT_KEY_FIXED, /* fixed-width columns: their order bytes side by side */
    LT_KEY_BYTES, /* anything: struct lt_key_bytes */
};

struct lt_key_bytes { /* order bytes of all columns */
    uint32_t len;
    char small[12]; /* up to 12 bytes; else the last 8 hold an lt_ref */
};

enum { LT_ENTRY_LIVE = 1, LT_ENTRY_NULL = 2, LT_ENTRY_FLAGS = 15 };

/* Header of an entry; the payload follows, then the key. */
struct lt_entry {
    uint64_t hash;
    uint32_t chunk;
    uint32_t offset; /* of this header in the chunk (a multiple of 16) | flags */
};
_Static_assert(sizeof(struct lt_entry) == 16, "payloads are 16-aligned");

struct lt_table {
    struct lt_state_heap *heap;
    struct lt_state *state;
    uint32_t n_keys;
    const struct lt_type **keys;
    enum lt_key_mode mode;
    size_t payload_size;
    size_t key_size; /* INT, FIXED: bytes; BYTES: of the header */
    size_t stride;
    uint64_t *dir; /* tag << 48 | address of the entry; 0 = empty */
    unsigned dir_bits;
    uint64_t salt;
    uint64_t len;
    uint32_t *chunks; /* numbers, in order of making */
    uint32_t n_chunks, chunk_cap;
    uint32_t open_at; /* next free offset of the last chunk */
    struct lt_entry *free; /* list through the first payload word */
    struct lt_buf pack;    /* order bytes of the rows of the current call */
    uint32_t *pack_at;     /* BYTES: where each row's bytes start; n + 1 of them */
    uint32_t pack_cap;
};

static inline struct lt_entry *lt_entry_of(const char *payload)
{
    return (struct lt_entry *)(uintptr_t)(payload - sizeof(struct lt_entry));
}
static inline char *lt_entry_payload(const struct lt_entry *entry)
{
    return (char *)(uintptr_t)entry + sizeof(*entry);
}
static inline char *lt_entry_key(const struct lt_table *table, const struct lt_entry *entry)
{
    return lt_entry_payload(entry) + table->payload_size;
}
/* The order bytes of a BYTES key. */
struct lt_str lt_entry_bytes(const struct lt_state_heap *heap, const char *key);

/* One key taken out of a row or another entry. */
struct lt_key {
    uint64_t hash;
    uint64_t value; /* INT */
    bool null;      /* INT */
    struct lt_str bytes; /* FIXED, BYTES */
};
struct lt_entry *lt_table_lookup(struct lt_table *table, const struct lt_key *key);
lt_status lt_table_insert(struct lt_table *table, const struct lt_key *key, struct lt_entry **out)
    LT_MUST_CHECK;
void lt_entry_get_key(const struct lt_table *table, const struct lt_state_heap *heap,
                      const struct lt_entry *entry, struct lt_key *key);

#endif
