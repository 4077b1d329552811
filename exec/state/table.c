/* table.c -- keyed tables: a directory of tags and addresses over entries in chunks.
 *
 *   directory   hash 00.. ─▶ segment [tag|addr] [0] [tag|addr] ...    rebuilt when loaded
 *               hash 01.. ─▶ segment   │
 *               hash 1... ─▶ segment   ▼
 *   chunk       {hash, chunk, index|flags} key payload                what an image holds
 *
 * Within a segment: linear probing at a load of at most 1/2; the tag, 16 bits of the hash
 * that the position does not use, keeps other keys' entries untouched. A segment that is
 * full is divided in two by the next bit of the hash (extendible hashing, Fagin et al.
 * 1979), so a table of any size grows by 64 KB at a time: nothing stalls, and no memory
 * is touched only to be copied from.
 *
 * A batch goes through in stages of LT_KEY_BLOCK rows: keys into words, segments and
 * positions, tags, keys. Each stage asks for the memory that the next one reads, and none
 * waits for its own.
 *
 * The position comes from the hash times a secret odd number, so that nobody can
 * send keys that all land in one place; nothing that is visible depends on it,
 * since entries are walked in the order of their chunks.
 *
 * Invariant: from the position of a key to its entry no slot is empty; removal moves
 * later entries back rather than leave a mark. */
#include "exec/state/table.h"

#include "base/bits.h"
#include "base/hash.h"
#include "exec/state/lane.h"

enum { SEGMENT_BITS_MIN = 4, SEGMENT_BITS = 13, DIR_BITS_MAX = 26, ENTRIES_FIRST = 8 };
#define ADDRESS_MASK ((UINT64_C(1) << 48) - 1)

/* A key as a row has it: texts by pointer. */
struct key {
    uint64_t hash;
    const uint64_t *words;
    uint16_t nulls;
};

/* ---- keys ---------------------------------------------------------------- */

static void plan_key(struct lt_table *table, const struct lt_table_spec *spec)
{
    table->n_keys = table->n_columns = spec->n_keys;
    table->encoded = spec->n_keys > LT_KEY_COLUMNS_MAX;
    for (uint32_t k = 0; k < spec->n_keys && !table->encoded; k++) {
        enum lt_phys phys = lt_type_phys(spec->keys[k]);
        struct lt_key_column *column = &table->columns[k];
        table->encoded = phys >= LT_PHYS_LIST;
        column->phys = (uint8_t)phys;
        column->at = (uint8_t)table->n_words;
        column->kind = lt_lane_fits(phys)       ? LT_KEY_LANE
                       : phys == LT_PHYS_STR ? LT_KEY_TEXT
                                                : LT_KEY_WIDE;
        table->texts |= column->kind == LT_KEY_TEXT;
        table->n_words += column->kind == LT_KEY_LANE ? 1 : 2;
    }
    if (table->encoded) {
        table->columns[0] = (struct lt_key_column){.kind = LT_KEY_TEXT, .phys = LT_PHYS_STR};
        table->n_columns = 1;
        table->n_words = 2;
        table->texts = true;
    }
    table->key_size = (table->n_words * sizeof(uint64_t) + 15) & ~(size_t)15;
}

static bool words_equal(const uint64_t *a, const uint64_t *b, uint32_t n)
{
    uint64_t other = 0;
    for (uint32_t i = 0; i < n; i++)
        other |= a[i] ^ b[i];
    return !other;
}

/* Whether the long texts of both are equal, and all else. */
static bool texts_equal(const struct lt_table *table, const uint64_t *have, const uint64_t *want)
{
    for (uint32_t k = 0; k < table->n_columns; k++) {
        uint32_t at = table->columns[k].at;
        if (have[at] != want[at])
            return false;
        if (table->columns[k].kind == LT_KEY_LANE || have[at + 1] == want[at + 1])
            continue;
        uint32_t len = (uint32_t)have[at];
        if (table->columns[k].kind == LT_KEY_WIDE || len <= LT_SV_INLINE_MAX)
            return false;
        const char *text;
        memcpy(&text, &want[at + 1], sizeof(text));
        if (memcmp(lt_heap_at(table->heap, have[at + 1]), text, len) != 0)
            return false;
    }
    return true;
}

static inline bool entry_has_key(const struct lt_table *table, const struct lt_entry *entry,
                                 const struct key *key)
{
    if (entry->hash != key->hash || (entry->flags & ~LT_ENTRY_LIVE) != key->nulls)
        return false;
    const uint64_t *have = lt_entry_words(entry);
    return words_equal(have, key->words, table->n_words) ||
           (table->texts && texts_equal(table, have, key->words));
}

/* A stored key as a row would have it; long texts stay in `heap`. */
static void entry_key(const struct lt_table *table, const struct lt_state_heap *heap,
                      const struct lt_entry *entry, uint64_t words[LT_KEY_WORDS_MAX],
                      struct key *key)
{
    *key = (struct key){entry->hash, words, entry->flags & (uint16_t)~LT_ENTRY_LIVE};
    memcpy(words, lt_entry_words(entry), table->n_words * sizeof(*words));
    for (uint32_t k = 0; k < table->n_columns; k++) {
        uint64_t *text = words + table->columns[k].at;
        if (table->columns[k].kind != LT_KEY_TEXT || (uint32_t)text[0] <= LT_SV_INLINE_MAX)
            continue;
        const char *data = lt_heap_at(heap, text[1]);
        memcpy(&text[1], &data, sizeof(data));
    }
}

static void drop_texts(struct lt_table *table, struct lt_entry *entry, uint32_t n_columns)
{
    uint64_t *words = lt_entry_words(entry);
    for (uint32_t k = 0; k < n_columns; k++) {
        const uint64_t *text = words + table->columns[k].at;
        if (table->columns[k].kind != LT_KEY_TEXT || (uint32_t)text[0] <= LT_SV_INLINE_MAX)
            continue;
        lt_heap_free(table->heap, text[1], (uint32_t)text[0]);
        table->n_long--;
    }
}

static lt_status put_key(struct lt_table *table, struct lt_entry *entry, const struct key *key)
{
    uint64_t *words = lt_entry_words(entry);
    if (table->n_words)
        memcpy(words, key->words, table->n_words * sizeof(*words));
    entry->hash = key->hash;
    for (uint32_t k = 0; k < table->n_columns && table->texts; k++) {
        uint64_t *text = words + table->columns[k].at;
        uint32_t len = (uint32_t)text[0];
        if (table->columns[k].kind != LT_KEY_TEXT || len <= LT_SV_INLINE_MAX)
            continue;
        const char *data;
        void *copy;
        memcpy(&data, &text[1], sizeof(data));
        lt_status status = lt_heap_new(table->heap, len, &text[1], &copy);
        if (status != LT_OK) {
            drop_texts(table, entry, k);
            return status;
        }
        memcpy(copy, data, len);
        table->n_long++;
    }
    entry->flags = LT_ENTRY_LIVE | key->nulls;
    table->nulls_met |= key->nulls;
    return LT_OK;
}

/* ---- the directory ------------------------------------------------------- */

static inline uint64_t spread(const struct lt_table *table, uint64_t hash)
{
    return hash * table->salt;
}

static inline struct lt_segment **segment_of(const struct lt_table *table, uint64_t spread)
{
    return &table->dir[spread >> 1 >> (63 - table->dir_bits)];
}

static inline uint32_t home_of(const struct lt_segment *segment, uint64_t spread)
{
    return (uint32_t)(spread >> 16) & ((1u << segment->bits) - 1);
}

static inline uint64_t slot_make(const struct lt_entry *entry)
{
    return (entry->hash & 0xffff) << 48 | ((uint64_t)(uintptr_t)entry & ADDRESS_MASK);
}

static inline struct lt_entry *slot_entry(uint64_t slot)
{
    return (struct lt_entry *)(uintptr_t)(slot & ADDRESS_MASK);
}

static inline size_t segment_size(unsigned bits)
{
    return sizeof(struct lt_segment) + (sizeof(uint64_t) << bits);
}

static struct lt_segment *segment_new(struct lt_table *table, unsigned bits, unsigned depth)
{
    struct lt_segment *segment = lt_alloc_zero(table->heap->alloc, segment_size(bits));
    if (!segment)
        return NULL;
    segment->bits = (uint8_t)bits;
    segment->depth = (uint8_t)depth;
    table->heap->index_bytes += segment_size(bits);
    return segment;
}

static void segment_free(struct lt_table *table, struct lt_segment *segment)
{
    if (!segment)
        return;
    table->heap->index_bytes -= segment_size(segment->bits);
    lt_alloc_put(table->heap->alloc, segment, segment_size(segment->bits));
}

static void segment_put(struct lt_segment *segment, const struct lt_entry *entry, uint64_t spread)
{
    uint32_t mask = (1u << segment->bits) - 1, at = home_of(segment, spread);
    while (segment->slots[at])
        at = (at + 1) & mask;
    segment->slots[at] = slot_make(entry);
    segment->len++;
}

/* Puts every entry of `from` into to[the first bit after `depth`], or all into to[0]. */
static void segment_divide(const struct lt_table *table, const struct lt_segment *from,
                           struct lt_segment *to[2], bool in_two)
{
    enum { AHEAD = 16 };
    uint32_t n = 1u << from->bits;
    for (uint32_t i = 0; i < n; i++) {
        if (i + AHEAD < n)
            __builtin_prefetch(slot_entry(from->slots[i + AHEAD]));
        if (!from->slots[i])
            continue;
        const struct lt_entry *entry = slot_entry(from->slots[i]);
        uint64_t bits = spread(table, entry->hash);
        segment_put(to[in_two && bits >> (63 - from->depth) & 1], entry, bits);
    }
}

static lt_status dir_double(struct lt_table *table)
{
    size_t len = (size_t)1 << table->dir_bits;
    if (table->dir_bits == DIR_BITS_MAX)
        return LT_LIMIT;
    struct lt_segment **dir = lt_alloc_get(table->heap->alloc, 2 * len * sizeof(*dir));
    if (!dir)
        return LT_NOMEM;
    for (size_t i = 0; i < 2 * len; i++)
        dir[i] = table->dir[i / 2];
    lt_alloc_put(table->heap->alloc, table->dir, len * sizeof(*dir));
    table->heap->index_bytes += len * sizeof(*dir);
    table->dir = dir;
    table->dir_bits++;
    return LT_OK;
}

/* Dividing must help: hashes that were made to be equal stay in one segment. */
static bool may_divide(const struct lt_table *table, const struct lt_segment *segment)
{
    unsigned deepest = 63 - (unsigned)__builtin_clzll(table->len | 1);
    return segment->bits >= SEGMENT_BITS && segment->depth + 4u < deepest;
}

/* Room for one more in the segment: it is made larger, or divided. */
static lt_status segment_grow(struct lt_table *table, struct lt_segment *segment, uint64_t spread)
{
    struct lt_segment *to[2] = {NULL, NULL};
    bool in_two = may_divide(table, segment);
    unsigned depth = segment->depth + in_two, bits = segment->bits;
    if (!in_two)
        bits = bits >= SEGMENT_BITS ? bits + 1 : bits + 2 > SEGMENT_BITS ? SEGMENT_BITS : bits + 2;
    if (depth > table->dir_bits)
        LT_TRY(dir_double(table));
    to[0] = segment_new(table, bits, depth);
    if (in_two && to[0])
        to[1] = segment_new(table, bits, depth);
    if (!to[0] || (in_two && !to[1])) {
        segment_free(table, to[0]);
        return LT_NOMEM;
    }
    segment_divide(table, segment, to, in_two);
    size_t n = (size_t)1 << (table->dir_bits - segment->depth);
    size_t first = (size_t)(segment_of(table, spread) - table->dir) / n * n;
    for (size_t i = 0; i < n; i++)
        table->dir[first + i] = to[in_two && i >= n / 2];
    segment_free(table, segment);
    return LT_OK;
}

static inline bool segment_is_full(const struct lt_segment *segment)
{
    unsigned shift = segment->bits < SEGMENT_BITS ? 2 : 1; /* small ones are met often */
    return (segment->len + 1) << shift > 1u << segment->bits;
}

static struct lt_entry *lookup(const struct lt_table *table, const struct key *key)
{
    uint64_t bits = spread(table, key->hash), tag = key->hash & 0xffff, slot;
    const struct lt_segment *segment = *segment_of(table, bits);
    uint32_t mask = (1u << segment->bits) - 1;
    for (uint32_t at = home_of(segment, bits); (slot = segment->slots[at]); at = (at + 1) & mask) {
        if (slot >> 48 == tag && entry_has_key(table, slot_entry(slot), key))
            return slot_entry(slot);
    }
    return NULL;
}

/* Closes the gap at `hole`: a later entry of the same run moves into it unless its
 * own position lies behind the hole. */
static void dir_remove(struct lt_table *table, const struct lt_entry *entry)
{
    uint64_t bits = spread(table, entry->hash);
    struct lt_segment *segment = *segment_of(table, bits);
    uint32_t mask = (1u << segment->bits) - 1, hole = home_of(segment, bits);
    while (slot_entry(segment->slots[hole]) != entry)
        hole = (hole + 1) & mask;
    for (uint32_t at = (hole + 1) & mask; segment->slots[at]; at = (at + 1) & mask) {
        uint32_t home = home_of(segment, spread(table, slot_entry(segment->slots[at])->hash));
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            segment->slots[hole] = segment->slots[at];
            hole = at;
        }
    }
    segment->slots[hole] = 0;
    segment->len--;
}

/* ---- open, close --------------------------------------------------------- */

static bool scratch_open(struct lt_table *table)
{
    struct lt_alloc *alloc = table->heap->alloc;
    table->words = lt_alloc_get(alloc, LT_KEY_BLOCK * table->n_words * sizeof(*table->words));
    table->nulls = lt_alloc_get(alloc, LT_KEY_BLOCK * sizeof(*table->nulls));
    return table->words && table->nulls;
}

lt_status lt_table_open(struct lt_state *state, const struct lt_table_spec *spec,
                        struct lt_table **out)
{
    struct lt_alloc *alloc = state->heap.alloc;
    struct lt_table *table = lt_alloc_zero(alloc, sizeof(*table));
    if (!table)
        return LT_NOMEM;
    table->heap = &state->heap;
    table->state = state;
    plan_key(table, spec);
    table->payload_size = (spec->payload_size + 15) & ~(size_t)15;
    table->stride = sizeof(struct lt_entry) + table->key_size + table->payload_size;
    if (table->stride < sizeof(struct lt_entry) + 16)
        table->stride = sizeof(struct lt_entry) + 16; /* room for the free list */
    table->salt = lt_hash_mix((uintptr_t)table) | 1;
    lt_buf_init(&table->bytes, alloc);
    table->keys = lt_alloc_get(alloc, spec->n_keys * sizeof(*table->keys));
    table->dir = lt_alloc_zero(alloc, sizeof(*table->dir));
    if (table->dir)
        table->dir[0] = segment_new(table, SEGMENT_BITS_MIN, 0);
    if (!table->keys || !table->dir || !table->dir[0] || !scratch_open(table)) {
        lt_table_close(table);
        return LT_NOMEM;
    }
    if (spec->n_keys)
        memcpy(table->keys, spec->keys, spec->n_keys * sizeof(*table->keys));
    *out = table;
    return LT_OK;
}

static void dir_close(struct lt_table *table)
{
    size_t len = (size_t)1 << table->dir_bits;
    for (size_t i = 0; i < len && table->dir;) {
        size_t step = table->dir[i] ? (size_t)1 << (table->dir_bits - table->dir[i]->depth) : 1;
        segment_free(table, table->dir[i]);
        i += step;
    }
    if (table->dir)
        table->heap->index_bytes -= (len - 1) * sizeof(*table->dir);
    lt_alloc_put(table->heap->alloc, table->dir, len * sizeof(*table->dir));
}

/* Gives back all entries; the directory still names them. */
static void entries_free(struct lt_table *table)
{
    uint64_t cursor = 0;
    for (char *at; table->n_long && (at = lt_table_next(table, &cursor));)
        drop_texts(table, lt_entry_of(table, at), table->n_columns);
    for (uint32_t i = 0; i < table->n_chunks; i++)
        lt_chunk_free(table->heap, table->chunks[i]);
    table->n_chunks = table->open_at = 0;
    table->len = 0;
    table->free = NULL;
    table->nulls_met = 0;
}

void lt_table_close(struct lt_table *table)
{
    if (!table)
        return;
    struct lt_alloc *alloc = table->heap->alloc;
    entries_free(table);
    dir_close(table);
    lt_alloc_put(alloc, table->chunks, table->chunk_cap * sizeof(*table->chunks));
    lt_alloc_put(alloc, table->keys, table->n_keys * sizeof(*table->keys));
    lt_alloc_put(alloc, table->words, LT_KEY_BLOCK * table->n_words * sizeof(*table->words));
    lt_alloc_put(alloc, table->nulls, LT_KEY_BLOCK * sizeof(*table->nulls));
    lt_buf_close(&table->bytes);
    lt_alloc_put(alloc, table, sizeof(*table));
}

uint64_t lt_table_len(const struct lt_table *table)
{
    return table->len;
}

/* ---- entries ------------------------------------------------------------- */

static lt_status chunk_more(struct lt_table *table)
{
    struct lt_state_heap *heap = table->heap;
    if (table->n_chunks >= table->chunk_cap) {
        uint32_t cap = table->chunk_cap ? table->chunk_cap * 2 : 4;
        void *grown = lt_alloc_resize(heap->alloc, table->chunks,
                                      table->chunk_cap * sizeof(*table->chunks),
                                      cap * sizeof(*table->chunks));
        if (!grown)
            return LT_NOMEM;
        table->chunks = grown;
        table->chunk_cap = cap;
    }
    size_t entries = ENTRIES_FIRST;
    for (uint32_t i = 0; i < table->n_chunks && entries * table->stride < LT_CHUNK_SIZE; i++)
        entries *= 4;
    if (entries * table->stride > LT_CHUNK_SIZE)
        entries = LT_CHUNK_SIZE / table->stride;
    if (entries == 0)
        entries = 1;
    LT_TRY(lt_chunk_new(heap, entries * table->stride, &table->chunks[table->n_chunks]));
    table->n_chunks++;
    table->open_at = 0;
    return LT_OK;
}

static size_t last_chunk_size(const struct lt_table *table)
{
    return table->heap->chunks[table->chunks[table->n_chunks - 1]].size;
}

static void entry_free(struct lt_table *table, struct lt_entry *entry)
{
    entry->flags = 0;
    memcpy(lt_entry_words(entry), &table->free, sizeof(table->free));
    table->free = entry;
}

static inline void entry_touch(struct lt_table *table, const struct lt_entry *entry)
{
    table->heap->chunks[entry->chunk].epoch = table->heap->epoch;
}

static lt_status entry_new(struct lt_table *table, const struct key *key, struct lt_entry **out)
{
    struct lt_entry *entry = table->free;
    if (entry) {
        memcpy(&table->free, lt_entry_words(entry), sizeof(table->free));
        memset(lt_entry_words(entry), 0, table->stride - sizeof(*entry));
    } else {
        if (table->n_chunks == 0 || table->open_at + table->stride > last_chunk_size(table))
            LT_TRY(chunk_more(table));
        uint32_t number = table->chunks[table->n_chunks - 1];
        entry = (struct lt_entry *)(table->heap->chunks[number].data + table->open_at);
        entry->chunk = number;
        entry->index = (uint16_t)(table->open_at / table->stride);
        table->open_at += (uint32_t)table->stride;
    }
    lt_status status = put_key(table, entry, key);
    if (status != LT_OK) {
        entry_free(table, entry);
        return status;
    }
    entry_touch(table, entry);
    *out = entry;
    return LT_OK;
}

static lt_status insert(struct lt_table *table, const struct key *key, struct lt_entry **out)
{
    uint64_t bits = spread(table, key->hash);
    while (segment_is_full(*segment_of(table, bits)))
        LT_TRY(segment_grow(table, *segment_of(table, bits), bits));
    LT_TRY(entry_new(table, key, out));
    segment_put(*segment_of(table, bits), *out, bits);
    table->len++;
    return LT_OK;
}

/* ---- entries go ---------------------------------------------------------- */

static void entry_remove(struct lt_table *table, struct lt_entry *entry)
{
    if (table->n_long)
        drop_texts(table, entry, table->n_columns);
    entry_touch(table, entry);
    entry_free(table, entry);
    table->len--;
}

void lt_table_remove(struct lt_table *table, char *payload)
{
    struct lt_entry *entry = lt_entry_of(table, payload);
    LT_ASSERT(entry->flags & LT_ENTRY_LIVE);
    dir_remove(table, entry);
    entry_remove(table, entry);
}

void lt_table_remove_all(struct lt_table *table, char *const *payloads, uint32_t n)
{
    enum { AHEAD = 12 };
    for (uint32_t i = 0; i < n; i++) {
        if (table->dir_bits && i + AHEAD < n) {
            uint64_t bits = spread(table, lt_entry_of(table, payloads[i + AHEAD])->hash);
            const struct lt_segment *segment = *segment_of(table, bits);
            __builtin_prefetch(&segment->slots[home_of(segment, bits)]);
        }
        if (table->dir_bits && i + AHEAD / 2 < n) { /* whoever may have to move up */
            uint64_t bits = spread(table, lt_entry_of(table, payloads[i + AHEAD / 2])->hash);
            const struct lt_segment *segment = *segment_of(table, bits);
            uint32_t next = (home_of(segment, bits) + 1) & ((1u << segment->bits) - 1);
            __builtin_prefetch(slot_entry(segment->slots[next]));
        }
        lt_table_remove(table, payloads[i]);
    }
}

/* Empties every segment. */
static void dir_wipe(struct lt_table *table)
{
    size_t len = (size_t)1 << table->dir_bits;
    for (size_t i = 0; i < len;) {
        struct lt_segment *segment = table->dir[i];
        memset(segment->slots, 0, sizeof(uint64_t) << segment->bits);
        segment->len = 0;
        i += (size_t)1 << (table->dir_bits - segment->depth);
    }
}

uint64_t lt_table_sweep(struct lt_table *table, bool (*gone)(const char *payload))
{
    uint64_t before = table->len, cursor = 0;
    dir_wipe(table);
    for (char *payload; (payload = lt_table_next(table, &cursor));) {
        struct lt_entry *entry = lt_entry_of(table, payload);
        uint64_t bits = spread(table, entry->hash);
        if (gone(payload))
            entry_remove(table, entry);
        else
            segment_put(*segment_of(table, bits), entry, bits);
    }
    return before - table->len;
}

void lt_table_clear(struct lt_table *table)
{
    unsigned bits = table->dir_bits ? SEGMENT_BITS : table->dir[0]->bits;
    bool small = table->len < UINT64_C(1) << (table->dir_bits + bits - 4);
    entries_free(table);
    if (small && bits > SEGMENT_BITS_MIN) {
        struct lt_segment **dir = lt_alloc_zero(table->heap->alloc, sizeof(*dir));
        struct lt_segment *segment = segment_new(table, table->dir_bits ? bits : bits - 1, 0);
        if (dir && segment) {
            dir_close(table);
            table->dir = dir;
            table->dir_bits = 0;
            dir[0] = segment;
            return;
        }
        lt_alloc_put(table->heap->alloc, dir, sizeof(*dir)); /* the old one will do */
        segment_free(table, segment);
    }
    dir_wipe(table);
}

/* ---- rows ---------------------------------------------------------------- */

static lt_status resolve(struct lt_table *table, const struct key *key, bool may_insert,
                         struct lt_entry **entry, uint8_t *is_new)
{
    *is_new = 0;
    *entry = lookup(table, key);
    if (*entry || !may_insert)
        return LT_OK;
    *is_new = 1;
    return insert(table, key, entry);
}

/* A block of rows on its way through the stages. */
struct block {
    const uint64_t *hashes;
    uint32_t n;
    bool may_insert;
    char **payloads;
    uint8_t *is_new; /* may be NULL */
    /* the entry with the row's tag, perhaps with its key; where a far table is looked into */
    struct lt_entry *found[LT_KEY_BLOCK];
};

static lt_status resolve_row(struct lt_table *table, const struct block *b, uint32_t i,
                             struct lt_entry **entry)
{
    struct key key = {b->hashes[i], table->words + i * table->n_words, table->nulls[i]};
    uint8_t first;
    LT_TRY(resolve(table, &key, b->may_insert, entry, &first));
    if (b->is_new)
        b->is_new[i] = first;
    return LT_OK;
}

/* ---- runs ------ */

LT_KERNEL static uint32_t count_repeats(const uint64_t *restrict hashes, uint32_t n)
{
    uint32_t repeats = 0;
    for (uint32_t i = 1; i < n; i++)
        repeats += hashes[i] == hashes[i - 1];
    return repeats;
}

/* Leaves one row of each run of equal keys: heads[i] is row i of the block as it was. Gives
 * their number, or 0 when runs are too few to be worth it. */
static uint32_t block_shrink(struct lt_table *table, struct block *b, uint64_t *hashes,
                             uint16_t *heads)
{
    uint32_t n_words = table->n_words, last = 0;
    uint64_t *words = table->words;
    if (b->n < 2 || count_repeats(b->hashes, b->n) * 4 < b->n * 3)
        return 0;
    hashes[0] = b->hashes[0];
    heads[0] = 0;
    for (uint32_t i = 1; i < b->n; i++) {
        heads[i] = (uint16_t)last;
        if (b->hashes[i] == hashes[last] && table->nulls[i] == table->nulls[last] &&
            words_equal(words + i * n_words, words + last * n_words, n_words))
            continue;
        heads[i] = (uint16_t)++last;
        hashes[last] = b->hashes[i];
        table->nulls[last] = table->nulls[i];
        if (n_words)
            memmove(words + last * n_words, words + i * n_words, n_words * sizeof(*words));
    }
    b->hashes = hashes;
    return last + 1;
}

/* Gives every row what its run's head was given. */
static void block_expand(struct block *b, uint32_t n, const uint16_t *heads)
{
    for (uint32_t i = n; i-- > 0;) {
        b->payloads[i] = b->payloads[heads[i]];
        if (b->is_new)
            b->is_new[i] = b->is_new[heads[i]] && (i == 0 || heads[i - 1] != heads[i]);
    }
}

/* ---- stages ------ */

/* The first entry with the tag from the position of the hash on, or NULL. */
static inline struct lt_entry *find_tag(const struct lt_segment *segment, uint32_t at,
                                        uint64_t hash)
{
    uint32_t mask = (1u << segment->bits) - 1;
    uint64_t slot = segment->slots[at];
    while (slot && slot >> 48 != (hash & 0xffff)) {
        at = (at + 1) & mask;
        slot = segment->slots[at];
    }
    return slot_entry(slot);
}

/* Directory lines, then entries are asked for, before anything waits for them. */
static void find_far(const struct lt_table *table, struct block *b)
{
    const struct lt_segment *segments[LT_KEY_BLOCK];
    uint32_t homes[LT_KEY_BLOCK];
    for (uint32_t i = 0; i < b->n; i++) {
        uint64_t bits = spread(table, b->hashes[i]);
        segments[i] = *segment_of(table, bits);
        homes[i] = home_of(segments[i], bits);
        __builtin_prefetch(&segments[i]->slots[homes[i]]);
    }
    for (uint32_t i = 0; i < b->n; i++) {
        b->found[i] = find_tag(segments[i], homes[i], b->hashes[i]);
        __builtin_prefetch(b->found[i], 1);
    }
}

/* n_words is that of the table, made known to the compiler. */
static inline lt_status find_block(struct lt_table *table, struct block *b, uint32_t n_words,
                                   bool far)
{
    const struct lt_state_heap *heap = table->heap;
    const uint64_t *words = table->words, *hashes = b->hashes, epoch = heap->epoch;
    const uint16_t *nulls = table->nulls;
    struct lt_chunk *chunks = heap->chunks;
    char **payloads = b->payloads;
    uint8_t *is_new = b->is_new;
    bool touch = b->may_insert;
    size_t skip = sizeof(struct lt_entry) + table->key_size;
    for (uint32_t i = 0; i < b->n; i++) {
        uint64_t hash = hashes[i], bits = spread(table, hash);
        const struct lt_segment *segment = *segment_of(table, bits);
        struct lt_entry *entry =
            far ? b->found[i] : find_tag(segment, home_of(segment, bits), hash);
        bool same = entry && (entry->flags & ~LT_ENTRY_LIVE) == nulls[i] &&
                    words_equal(lt_entry_words(entry), words + i * n_words, n_words);
        if (LT_LIKELY(same)) {
            if (is_new)
                is_new[i] = 0;
        } else {
            LT_TRY(resolve_row(table, b, i, &entry));
            chunks = heap->chunks; /* they may have moved */
            if (!entry) {
                payloads[i] = NULL;
                continue;
            }
        }
        if (touch && chunks[entry->chunk].epoch != epoch)
            chunks[entry->chunk].epoch = epoch;
        payloads[i] = (char *)entry + skip;
    }
    return LT_OK;
}

static lt_status find_words(struct lt_table *table, struct block *b)
{
    bool far = table->dir_bits > 0;
    if (far)
        find_far(table, b);
    switch (table->n_words) {
    case 1: return far ? find_block(table, b, 1, true) : find_block(table, b, 1, false);
    case 2: return find_block(table, b, 2, far);
    case 3: return find_block(table, b, 3, far);
    case 4: return find_block(table, b, 4, far);
    default: return find_block(table, b, table->n_words, far);
    }
}

static lt_status find_rows(struct lt_table *table, struct lt_column *const *keys,
                           const uint16_t *rows, uint32_t n, const uint64_t *hashes,
                           bool may_insert, char **payloads, uint8_t *is_new)
{
    uint64_t hashes_of_heads[LT_KEY_BLOCK];
    uint16_t heads[LT_KEY_BLOCK];
    for (uint32_t from = 0; from < n; from += LT_KEY_BLOCK) {
        uint32_t len = n - from < LT_KEY_BLOCK ? n - from : LT_KEY_BLOCK;
        struct block b;
        b.hashes = hashes + from;
        b.n = len;
        b.may_insert = may_insert;
        b.payloads = payloads + from;
        b.is_new = is_new ? is_new + from : NULL;
        LT_TRY(lt_table_pack(table, keys, rows, from, len));
        uint32_t n_heads = block_shrink(table, &b, hashes_of_heads, heads);
        if (n_heads)
            b.n = n_heads;
        LT_TRY(find_words(table, &b));
        if (n_heads)
            block_expand(&b, len, heads);
    }
    return LT_OK;
}

lt_status lt_table_upsert(struct lt_table *table, struct lt_column *const *keys,
                          const uint16_t *rows, uint32_t n, const uint64_t *hashes,
                          char **payloads, uint8_t *is_new)
{
    return find_rows(table, keys, rows, n, hashes, true, payloads, is_new);
}

lt_status lt_table_find(struct lt_table *table, struct lt_column *const *keys,
                        const uint16_t *rows, uint32_t n, const uint64_t *hashes, char **payloads)
{
    return find_rows(table, keys, rows, n, hashes, false, payloads, NULL);
}

lt_status lt_table_upsert_from(struct lt_table *table, const struct lt_table *from,
                               const char *payload, char **out, bool *is_new)
{
    LT_ASSERT(table->n_words == from->n_words && table->texts == from->texts);
    uint64_t words[LT_KEY_WORDS_MAX];
    struct key key;
    struct lt_entry *entry;
    uint8_t first;
    entry_key(from, from->heap, lt_entry_of(from, payload), words, &key);
    LT_TRY(resolve(table, &key, true, &entry, &first));
    *is_new = first;
    *out = lt_entry_payload(table, entry);
    entry_touch(table, entry);
    return LT_OK;
}

lt_status lt_table_upsert_all(struct lt_table *table, const struct lt_table *from,
                              char *const *from_payloads, uint32_t n, char **payloads,
                              uint8_t *is_new)
{
    LT_ASSERT(table->n_words == from->n_words && table->texts == from->texts);
    uint64_t hashes[LT_KEY_BLOCK];
    for (uint32_t at = 0; at < n; at += LT_KEY_BLOCK) {
        struct block b;
        b.hashes = hashes;
        b.n = n - at < LT_KEY_BLOCK ? n - at : LT_KEY_BLOCK;
        b.may_insert = true;
        b.payloads = payloads + at;
        b.is_new = is_new + at;
        for (uint32_t i = 0; i < b.n; i++) {
            const struct lt_entry *entry = lt_entry_of(from, from_payloads[at + i]);
            struct key key;
            entry_key(from, from->heap, entry, table->words + i * table->n_words, &key);
            table->nulls[i] = key.nulls;
            hashes[i] = key.hash;
        }
        LT_TRY(find_words(table, &b));
    }
    return LT_OK;
}

void lt_table_hash_keys(struct lt_column *const *keys, uint32_t n_keys, const uint16_t *rows,
                        uint32_t n, uint64_t *hashes)
{
    if (n_keys == 0)
        memset(hashes, 0, n * sizeof(*hashes));
    for (uint32_t k = 0; k < n_keys; k++)
        lt_hash_column(keys[k], rows, n, hashes, k > 0);
}

/* ---- entries by name and in order ---------------------------------------- */

uint32_t lt_table_walk(struct lt_table *table, uint64_t *cursor, char **payloads, uint32_t n)
{
    uint32_t chunk = (uint32_t)(*cursor >> 32), offset = (uint32_t)*cursor, found = 0;
    for (; chunk < table->n_chunks; chunk++, offset = 0) {
        const struct lt_chunk *at = &table->heap->chunks[table->chunks[chunk]];
        size_t end = chunk + 1 == table->n_chunks ? table->open_at
                                                  : at->size / table->stride * table->stride;
        for (; offset < end && found < n; offset += (uint32_t)table->stride) {
            const struct lt_entry *entry = (const struct lt_entry *)(at->data + offset);
            payloads[found] = lt_entry_payload(table, entry);
            found += entry->flags & LT_ENTRY_LIVE;
        }
        if (offset < end)
            break;
    }
    *cursor = (uint64_t)chunk << 32 | offset;
    return found;
}

char *lt_table_next(struct lt_table *table, uint64_t *cursor)
{
    char *payload;
    return lt_table_walk(table, cursor, &payload, 1) ? payload : NULL;
}

uint64_t lt_table_hash(const struct lt_table *table, const char *payload)
{
    return lt_entry_of(table, payload)->hash;
}

void lt_table_prefetch(const struct lt_table *table, lt_ref ref)
{
    const char *entry = lt_heap_at(table->heap, ref);
    for (size_t at = 0; at < table->stride; at += 64)
        __builtin_prefetch(entry + at, 1);
}

void lt_table_touch(struct lt_table *table, char *payload)
{
    entry_touch(table, lt_entry_of(table, payload));
}

lt_ref lt_table_ref(const struct lt_table *table, const char *payload)
{
    const struct lt_entry *entry = lt_entry_of(table, payload);
    return lt_ref_make(entry->chunk, (uint32_t)(entry->index * table->stride));
}

char *lt_table_at(struct lt_table *table, lt_ref ref)
{
    const struct lt_entry *entry = lt_heap_at(table->heap, ref);
    return entry->flags & LT_ENTRY_LIVE ? lt_entry_payload(table, entry) : NULL;
}

static bool segment_check(const struct lt_table *table, const struct lt_segment *segment,
                          size_t at)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < 1u << segment->bits; i++) {
        if (!segment->slots[i])
            continue;
        n++;
        const struct lt_entry *entry = slot_entry(segment->slots[i]);
        size_t place = (size_t)(segment_of(table, spread(table, entry->hash)) - table->dir);
        if (!(entry->flags & LT_ENTRY_LIVE) || segment->slots[i] != slot_make(entry) ||
            place < at || place >= at + ((size_t)1 << (table->dir_bits - segment->depth)))
            return false;
    }
    return n == segment->len;
}

bool lt_table_check(const struct lt_table *table)
{
    struct lt_table *walk = (struct lt_table *)(uintptr_t)table;
    uint64_t n = 0, slots = 0, cursor = 0, words[LT_KEY_WORDS_MAX];
    for (char *at; (at = lt_table_next(walk, &cursor)); n++) {
        struct key key;
        entry_key(table, table->heap, lt_entry_of(table, at), words, &key);
        if (lookup(table, &key) != lt_entry_of(table, at))
            return false;
    }
    for (size_t i = 0; i < (size_t)1 << table->dir_bits;) {
        const struct lt_segment *segment = table->dir[i];
        if (!segment_check(table, segment, i))
            return false;
        slots += segment->len;
        i += (size_t)1 << (table->dir_bits - segment->depth);
    }
    return n == table->len && slots == n;
}
