/* table.h -- inside exec/state: how entries and their directory lie. */
#ifndef LT_EXEC_STATE_TABLE_H
#define LT_EXEC_STATE_TABLE_H

#include "exec/state/heap.h"
#include "exec/state/order.h"

enum { LT_KEY_COLUMNS_MAX = 15, LT_KEY_WORDS_MAX = 2 * LT_KEY_COLUMNS_MAX, LT_KEY_BLOCK = 256 };

/* A key is words of 64 bits, column after column, zero where NULL. */
enum lt_key_kind {
    LT_KEY_LANE, /* up to 8 bytes: one word, ordered like the values (lane.h) */
    LT_KEY_WIDE, /* 16 bytes: two words, low first */
    LT_KEY_TEXT, /* two words: struct lt_sv; in an entry an lt_ref stands for its pointer */
};
struct lt_key_column {
    uint8_t kind, phys;
    uint8_t at; /* first word */
};

/* Header of an entry; key and payload follow, each from a multiple of 16. */
struct lt_entry {
    uint64_t hash;
    uint32_t chunk;
    uint16_t index; /* among the entries of its chunk */
    uint16_t flags; /* LT_ENTRY_LIVE; bit 1 + k: key column k is NULL */
};
_Static_assert(sizeof(struct lt_entry) == 16, "keys and payloads are 16-aligned");
enum { LT_ENTRY_LIVE = 1 };

/* A part of the directory: the slots of keys whose hashes begin alike. */
struct lt_segment {
    uint32_t len;
    uint8_t bits;  /* 1 << bits slots */
    uint8_t depth; /* bits of the hash that its keys have in common */
    uint64_t slots[]; /* tag << 48 | address of the entry; 0 = empty */
};

struct lt_table {
    struct lt_state_heap *heap;
    struct lt_state *state;
    uint32_t n_keys;
    const struct lt_type **keys;
    bool encoded; /* the key is one text: the order bytes of all columns */
    bool texts;   /* it holds texts, */
    uint64_t n_long; /* so many of which lie in the heap */
    uint16_t nulls_met; /* flags of all keys so far */
    uint32_t n_columns, n_words;
    struct lt_key_column columns[LT_KEY_COLUMNS_MAX];
    size_t key_size, payload_size, stride;
    /* directory: the segment of a hash is that of its first dir_bits bits */
    struct lt_segment **dir;
    unsigned dir_bits;
    uint64_t salt;
    uint64_t len;
    /* entries */
    uint32_t *chunks; /* numbers, in order of making */
    uint32_t n_chunks, chunk_cap;
    uint32_t open_at;      /* next free offset of the last chunk */
    struct lt_entry *free; /* list through the first word behind the header */
    /* scratch: the keys of LT_KEY_BLOCK rows */
    uint64_t *words;
    uint16_t *nulls;
    struct lt_buf bytes; /* order bytes */
};

static inline uint64_t *lt_entry_words(const struct lt_entry *entry)
{
    return (uint64_t *)((uintptr_t)entry + sizeof(*entry));
}
static inline char *lt_entry_payload(const struct lt_table *table, const struct lt_entry *entry)
{
    return (char *)(uintptr_t)entry + sizeof(*entry) + table->key_size;
}
static inline struct lt_entry *lt_entry_of(const struct lt_table *table, const char *payload)
{
    return (struct lt_entry *)(uintptr_t)(payload - table->key_size - sizeof(struct lt_entry));
}

/* The text at two words of an entry. */
static inline struct lt_str lt_entry_text(const struct lt_state_heap *heap, const uint64_t *words)
{
    uint32_t len = (uint32_t)words[0]; /* little-endian, like all of this */
    const char *data = (const char *)words + sizeof(len);
    if (len > LT_SV_INLINE_MAX)
        data = lt_heap_at(heap, words[1]);
    return (struct lt_str){data, len};
}

/* The keys of rows [from, from + n) of the call, at most LT_KEY_BLOCK, into words and nulls. */
lt_status lt_table_pack(struct lt_table *table, struct lt_column *const *keys,
                        const uint16_t *rows, uint32_t from, uint32_t n) LT_MUST_CHECK;

#endif
