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
    uint32_t slab; /* where the heap took it from */
    uint64_t slots[]; /* lt_slot_make; 0 = empty */
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
    /* directory: the segment of a hash is that of its first dir_bits bits. Its own bits lie in
     * the top byte of its address, so that nobody reads its head to know where a slot is. */
    uint64_t *dir;
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
    /* Entries by the low bits of a key of one word, for tables of keys that are dense:
     * what is found here needs no hash. NULL or another key's entry: look elsewhere. */
    struct lt_entry **direct;
    uint32_t direct_mask;
    uint32_t direct_wait; /* blocks until it is tried again */
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

/* A key as a row has it: texts by pointer. */
struct lt_key {
    uint64_t hash;
    const uint64_t *words;
    uint16_t nulls;
};

/* ---- the directory ---- */

#define LT_ADDRESS_MASK ((UINT64_C(1) << 48) - 1)

static inline uint64_t lt_spread(const struct lt_table *table, uint64_t hash)
{
    return hash * table->salt;
}
static inline uint64_t *lt_dir_of(const struct lt_table *table, uint64_t spread)
{
    return &table->dir[spread >> 1 >> (63 - table->dir_bits)];
}
static inline struct lt_segment *lt_dir_segment(uint64_t dir)
{
    return (struct lt_segment *)(uintptr_t)(dir & LT_ADDRESS_MASK);
}
static inline uint64_t lt_dir_make(const struct lt_segment *segment)
{
    return (uint64_t)(uintptr_t)segment | (uint64_t)segment->bits << 56;
}
static inline uint32_t lt_dir_mask(uint64_t dir)
{
    return (1u << (dir >> 56)) - 1;
}
static inline struct lt_segment *lt_segment_of(const struct lt_table *table, uint64_t spread)
{
    return lt_dir_segment(*lt_dir_of(table, spread));
}
/* Where a key belongs in a segment of so many slots. */
static inline uint32_t lt_home_of(uint32_t mask, uint64_t spread)
{
    return (uint32_t)(spread >> 16) & mask;
}
static inline uint32_t lt_segment_mask(const struct lt_segment *segment)
{
    return (1u << segment->bits) - 1;
}
/* A slot: a tag of 16 bits; the address of the entry, a multiple of 16; and in its low
 * bits how far from its home it stands, LT_SLOT_FAR meaning that or more. The tag begins
 * LT_TAG_DEPTH bits below the first, so that it tells which way a segment of some depth
 * divides its entries, and they need not be looked at for that. */
enum { LT_SLOT_FAR = 15, LT_TAG_DEPTH = 4, LT_TAG_SHIFT = 64 - LT_TAG_DEPTH - 16 };

static inline uint64_t lt_slot_make(const struct lt_entry *entry, uint64_t spread)
{
    return (spread >> LT_TAG_SHIFT & 0xffff) << 48 | (uint64_t)(uintptr_t)entry;
}
static inline uint64_t lt_slot_moved(uint64_t slot, uint32_t distance)
{
    return (slot & ~(uint64_t)LT_SLOT_FAR) | (distance < LT_SLOT_FAR ? distance : LT_SLOT_FAR);
}
static inline struct lt_entry *lt_slot_entry(uint64_t slot)
{
    return (struct lt_entry *)(uintptr_t)(slot & LT_ADDRESS_MASK & ~(uint64_t)LT_SLOT_FAR);
}
static inline bool lt_slot_has_tag(uint64_t slot, uint64_t spread)
{
    return slot >> 48 == (spread >> LT_TAG_SHIFT & 0xffff);
}

/* ---- keys ---- */

/* Texts of one length, more than LT_SV_INLINE_MAX: by words, the last of which overlaps. */
static inline bool lt_long_equal(const char *a, const char *b, uint32_t len)
{
    uint64_t x, y, other = 0;
    if (len > 64)
        return memcmp(a, b, len) == 0;
    for (uint32_t at = 0; at + 8 < len; at += 8) {
        memcpy(&x, a + at, 8);
        memcpy(&y, b + at, 8);
        other |= x ^ y;
    }
    memcpy(&x, a + len - 8, 8);
    memcpy(&y, b + len - 8, 8);
    return !(other | (x ^ y));
}
/* Whether the text of a row, at `want`, is that of an entry, at `have`. */
static inline bool lt_text_equal(const struct lt_state_heap *heap, const uint64_t *have,
                                 const uint64_t *want)
{
    uint32_t len = (uint32_t)want[0];
    const char *text;
    if (have[0] != want[0])
        return false;
    if (len <= LT_SV_INLINE_MAX)
        return have[1] == want[1];
    memcpy(&text, &want[1], sizeof(text));
    return lt_long_equal(lt_heap_peek(heap, have[1]), text, len);
}
static inline bool lt_words_equal(const uint64_t *a, const uint64_t *b, uint32_t n)
{
    uint64_t other = 0;
    for (uint32_t i = 0; i < n; i++)
        other |= a[i] ^ b[i];
    return !other;
}
/* The words of an entry and of a row, whatever their kinds. */
bool lt_table_words_equal(const struct lt_table *table, const uint64_t *have,
                          const uint64_t *want);
/* A stored key as a row would have it; long texts stay in `heap`. */
void lt_entry_key(const struct lt_table *table, const struct lt_state_heap *heap,
                  const struct lt_entry *entry, uint64_t words[LT_KEY_WORDS_MAX],
                  struct lt_key *key);

/* ---- for all files ---- */

/* Forgets who was where: for all, or for one that goes. */
void lt_table_direct_clear(struct lt_table *table);
void lt_table_direct_close(struct lt_table *table); /* and gives its memory back */
static inline void lt_table_direct_drop(struct lt_table *table, const struct lt_entry *entry)
{
    uint64_t at = table->direct ? lt_entry_words(entry)[0] & table->direct_mask : 0;
    if (table->direct && table->direct[at] == entry)
        table->direct[at] = NULL;
}
static inline void lt_entry_touch(struct lt_table *table, const struct lt_entry *entry)
{
    table->heap->chunks[entry->chunk].epoch = table->heap->epoch;
}
/* The entry of the key: NULL when there is none and none may be made. */
lt_status lt_table_resolve(struct lt_table *table, const struct lt_key *key, bool may_insert,
                           struct lt_entry **entry, uint8_t *is_new) LT_MUST_CHECK;
/* Keys of a block of rows: words lie in the table's scratch or in the column itself. */
struct lt_packed {
    const uint64_t *words;
    uint16_t *nulls; /* flags of each key, in the table's scratch */
    bool any_null;   /* some flag is set */
};
/* The keys of rows [from, from + n) of the call, at most LT_KEY_BLOCK. */
lt_status lt_table_pack(struct lt_table *table, struct lt_column *const *keys,
                        const uint16_t *rows, uint32_t from, uint32_t n, struct lt_packed *out)
    LT_MUST_CHECK;

#endif
