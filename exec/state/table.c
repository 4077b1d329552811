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
 * 1979), which its tags have, so a table of any size grows by 64 KB at a time: nothing
 * stalls, and no entry is touched.
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

enum { SEGMENT_BITS_MIN = 4, SEGMENT_BITS = 13, DIR_BITS_MAX = 26, ENTRIES_FIRST = 8,
       DIRECT_AFTER = 32 /* blocks of rows: it must be worth it */ };

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

bool lt_table_words_equal(const struct lt_table *table, const uint64_t *have, const uint64_t *want)
{
    if (!table->texts)
        return lt_words_equal(have, want, table->n_words);
    for (uint32_t k = 0; k < table->n_columns; k++) {
        const struct lt_key_column *column = &table->columns[k];
        const uint64_t *a = have + column->at, *b = want + column->at;
        bool same = column->kind == LT_KEY_TEXT ? lt_text_equal(table->heap, a, b)
                                                : lt_words_equal(a, b, column->kind == LT_KEY_LANE
                                                                           ? 1
                                                                           : 2);
        if (!same)
            return false;
    }
    return true;
}

void lt_entry_key(const struct lt_table *table, const struct lt_state_heap *heap,
                  const struct lt_entry *entry, uint64_t words[LT_KEY_WORDS_MAX],
                  struct lt_key *key)
{
    *key = (struct lt_key){entry->hash, words, entry->flags & (uint16_t)~LT_ENTRY_LIVE};
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

static lt_status put_key(struct lt_table *table, struct lt_entry *entry, const struct lt_key *key)
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

static inline size_t segment_size(unsigned bits)
{
    return sizeof(struct lt_segment) + (sizeof(uint64_t) << bits);
}

static struct lt_segment *segment_new(struct lt_table *table, unsigned bits, unsigned depth)
{
    uint32_t slab;
    struct lt_segment *segment = lt_heap_piece(table->heap, segment_size(bits), &slab);
    if (!segment)
        return NULL;
    memset(segment, 0, segment_size(bits));
    segment->slab = slab;
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
    lt_heap_piece_put(table->heap, segment, segment_size(segment->bits), segment->slab);
}

/* Puts the slot where `home` has room. */
static void segment_put(struct lt_segment *segment, uint64_t slot, uint32_t home)
{
    uint32_t mask = lt_segment_mask(segment), at = home;
    while (segment->slots[at])
        at = (at + 1) & mask;
    segment->slots[at] = lt_slot_moved(slot, (at - home) & mask);
    segment->len++;
}

static void segment_put_entry(struct lt_segment *segment, const struct lt_entry *entry,
                              uint64_t spread)
{
    segment_put(segment, lt_slot_make(entry, spread), lt_home_of(lt_segment_mask(segment), spread));
}

/* Where the slot at `at` belongs in its segment. */
static uint32_t slot_home(const struct lt_table *table, const struct lt_segment *segment,
                          uint32_t at)
{
    uint64_t slot = segment->slots[at];
    uint32_t mask = lt_segment_mask(segment), distance = (uint32_t)slot & LT_SLOT_FAR;
    if (distance < LT_SLOT_FAR)
        return (at - distance) & mask;
    return lt_home_of(mask, lt_spread(table, lt_slot_entry(slot)->hash));
}

/* Puts every entry of `from` into to[the first bit after `depth`]. */
static void segment_divide(const struct lt_table *table, const struct lt_segment *from,
                           struct lt_segment *to[2])
{
    uint32_t n = 1u << from->bits, depth = from->depth;
    bool in_tag = depth >= LT_TAG_DEPTH && depth < LT_TAG_DEPTH + 16;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t slot = from->slots[i], spread;
        if (!slot)
            continue;
        spread = in_tag ? slot >> 48 << LT_TAG_SHIFT
                        : lt_spread(table, lt_slot_entry(slot)->hash);
        segment_put(to[spread >> (63 - depth) & 1], slot, slot_home(table, from, i));
    }
}

/* Puts every entry of `from` into a larger one. */
static void segment_copy(const struct lt_table *table, const struct lt_segment *from,
                         struct lt_segment *to)
{
    for (uint32_t i = 0; i < 1u << from->bits; i++) {
        const struct lt_entry *entry = lt_slot_entry(from->slots[i]);
        if (entry)
            segment_put_entry(to, entry, lt_spread(table, entry->hash));
    }
}

static lt_status dir_double(struct lt_table *table)
{
    size_t len = (size_t)1 << table->dir_bits;
    if (table->dir_bits == DIR_BITS_MAX)
        return LT_LIMIT;
    uint64_t *dir = lt_alloc_get(table->heap->alloc, 2 * len * sizeof(*dir));
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
    if (in_two)
        segment_divide(table, segment, to);
    else
        segment_copy(table, segment, to[0]);
    size_t n = (size_t)1 << (table->dir_bits - segment->depth);
    size_t first = (size_t)(lt_dir_of(table, spread) - table->dir) / n * n;
    for (size_t i = 0; i < n; i++)
        table->dir[first + i] = lt_dir_make(to[in_two && i >= n / 2]);
    segment_free(table, segment);
    return LT_OK;
}

static inline bool segment_is_full(const struct lt_segment *segment)
{
    unsigned shift = segment->bits < SEGMENT_BITS ? 2 : 1; /* small ones are met often */
    return (segment->len + 1) << shift > 1u << segment->bits;
}

/* The slot of the key's entry, or the empty one where it would be put. */
static uint64_t *lookup(const struct lt_table *table, const struct lt_key *key)
{
    uint64_t bits = lt_spread(table, key->hash), dir = *lt_dir_of(table, bits), slot;
    uint32_t mask = lt_dir_mask(dir), at = lt_home_of(mask, bits);
    struct lt_segment *segment = lt_dir_segment(dir);
    for (; (slot = segment->slots[at]); at = (at + 1) & mask) {
        const struct lt_entry *entry = lt_slot_entry(slot);
        if (lt_slot_has_tag(slot, bits) && entry->hash == key->hash &&
            (entry->flags & ~LT_ENTRY_LIVE) == key->nulls &&
            lt_table_words_equal(table, lt_entry_words(entry), key->words))
            break;
    }
    return &segment->slots[at];
}

/* Closes the gap at `hole`: a later entry of the same run moves into it unless its
 * own position lies behind the hole. */
static void dir_remove(struct lt_table *table, const struct lt_entry *entry)
{
    uint64_t bits = lt_spread(table, entry->hash);
    struct lt_segment *segment = lt_segment_of(table, bits);
    uint32_t mask = lt_segment_mask(segment), hole = lt_home_of(mask, bits);
    while (lt_slot_entry(segment->slots[hole]) != entry)
        hole = (hole + 1) & mask;
    for (uint32_t at = (hole + 1) & mask; segment->slots[at]; at = (at + 1) & mask) {
        uint32_t home = slot_home(table, segment, at);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            segment->slots[hole] = lt_slot_moved(segment->slots[at], (hole - home) & mask);
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
    table->direct_wait = DIRECT_AFTER;
    lt_buf_init(&table->bytes, alloc);
    table->keys = lt_alloc_get(alloc, spec->n_keys * sizeof(*table->keys));
    table->dir = lt_alloc_zero(alloc, sizeof(*table->dir));
    struct lt_segment *segment = table->dir ? segment_new(table, SEGMENT_BITS_MIN, 0) : NULL;
    if (segment)
        table->dir[0] = lt_dir_make(segment);
    if (!table->keys || !segment || !scratch_open(table)) {
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
    for (size_t i = 0; table->dir && i < len && table->dir[i];) {
        struct lt_segment *segment = lt_dir_segment(table->dir[i]);
        i += (size_t)1 << (table->dir_bits - segment->depth);
        segment_free(table, segment);
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
    lt_table_direct_clear(table);
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
    lt_table_direct_close(table);
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

static lt_status entry_new(struct lt_table *table, const struct lt_key *key, struct lt_entry **out)
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
    lt_entry_touch(table, entry);
    *out = entry;
    return LT_OK;
}

lt_status lt_table_resolve(struct lt_table *table, const struct lt_key *key, bool may_insert,
                           struct lt_entry **entry, uint8_t *is_new)
{
    uint64_t bits = lt_spread(table, key->hash), *slot = lookup(table, key);
    *is_new = 0;
    *entry = lt_slot_entry(*slot);
    if (*slot || !may_insert)
        return LT_OK;
    while (segment_is_full(lt_segment_of(table, bits))) {
        LT_TRY(segment_grow(table, lt_segment_of(table, bits), bits));
        slot = lookup(table, key);
    }
    LT_TRY(entry_new(table, key, entry));
    struct lt_segment *segment = lt_segment_of(table, bits);
    uint32_t mask = lt_segment_mask(segment), at = (uint32_t)(slot - segment->slots);
    *slot = lt_slot_moved(lt_slot_make(*entry, bits), (at - lt_home_of(mask, bits)) & mask);
    segment->len++;
    table->len++;
    *is_new = 1;
    return LT_OK;
}

/* ---- entries go ---------------------------------------------------------- */

static void entry_remove(struct lt_table *table, struct lt_entry *entry)
{
    if (table->n_long)
        drop_texts(table, entry, table->n_columns);
    lt_table_direct_drop(table, entry);
    lt_entry_touch(table, entry);
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
            uint64_t bits = lt_spread(table, lt_entry_of(table, payloads[i + AHEAD])->hash);
            const struct lt_segment *segment = lt_segment_of(table, bits);
            __builtin_prefetch(&segment->slots[lt_home_of(lt_segment_mask(segment), bits)]);
        }
        if (table->dir_bits && i + AHEAD / 2 < n) { /* whoever may have to move up */
            uint64_t bits = lt_spread(table, lt_entry_of(table, payloads[i + AHEAD / 2])->hash);
            const struct lt_segment *segment = lt_segment_of(table, bits);
            uint32_t mask = lt_segment_mask(segment), next = (lt_home_of(mask, bits) + 1) & mask;
            __builtin_prefetch(lt_slot_entry(segment->slots[next]));
        }
        lt_table_remove(table, payloads[i]);
    }
}

/* Empties every segment. */
static void dir_wipe(struct lt_table *table)
{
    size_t len = (size_t)1 << table->dir_bits;
    for (size_t i = 0; i < len;) {
        struct lt_segment *segment = lt_dir_segment(table->dir[i]);
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
        uint64_t bits = lt_spread(table, entry->hash);
        if (gone(payload))
            entry_remove(table, entry);
        else
            segment_put_entry(lt_segment_of(table, bits), entry, bits);
    }
    return before - table->len;
}

void lt_table_clear(struct lt_table *table)
{
    unsigned bits = table->dir_bits ? SEGMENT_BITS : lt_dir_segment(table->dir[0])->bits;
    bool small = table->len < UINT64_C(1) << (table->dir_bits + bits - 4);
    entries_free(table);
    if (small && bits > SEGMENT_BITS_MIN) {
        uint64_t *dir = lt_alloc_zero(table->heap->alloc, sizeof(*dir));
        struct lt_segment *segment = segment_new(table, table->dir_bits ? bits : bits - 1, 0);
        if (dir && segment) {
            dir_close(table);
            table->dir = dir;
            table->dir_bits = 0;
            dir[0] = lt_dir_make(segment);
            return;
        }
        lt_alloc_put(table->heap->alloc, dir, sizeof(*dir)); /* the old one will do */
        segment_free(table, segment);
    }
    dir_wipe(table);
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
    lt_entry_touch(table, lt_entry_of(table, payload));
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
        const struct lt_entry *entry = lt_slot_entry(segment->slots[i]);
        uint64_t bits = lt_spread(table, entry->hash);
        uint32_t mask = lt_segment_mask(segment), far = (i - lt_home_of(mask, bits)) & mask;
        size_t place = (size_t)(lt_dir_of(table, bits) - table->dir);
        if (!(entry->flags & LT_ENTRY_LIVE) ||
            segment->slots[i] != lt_slot_moved(lt_slot_make(entry, bits), far) ||
            place < at || place >= at + ((size_t)1 << (table->dir_bits - segment->depth)))
            return false;
    }
    return n == segment->len;
}

static bool direct_check(const struct lt_table *table)
{
    for (uint64_t i = 0; table->direct && i <= table->direct_mask; i++) {
        const struct lt_entry *entry = table->direct[i];
        if (entry && (entry->flags != LT_ENTRY_LIVE ||
                      (lt_entry_words(entry)[0] & table->direct_mask) != i))
            return false;
    }
    return true;
}

bool lt_table_check(const struct lt_table *table)
{
    struct lt_table *walk = (struct lt_table *)(uintptr_t)table;
    uint64_t n = 0, slots = 0, cursor = 0, words[LT_KEY_WORDS_MAX];
    for (char *at; (at = lt_table_next(walk, &cursor)); n++) {
        struct lt_key key;
        lt_entry_key(table, table->heap, lt_entry_of(table, at), words, &key);
        if (lt_slot_entry(*lookup(table, &key)) != lt_entry_of(table, at))
            return false;
    }
    for (size_t i = 0; i < (size_t)1 << table->dir_bits;) {
        const struct lt_segment *segment = lt_dir_segment(table->dir[i]);
        if (!segment_check(table, segment, i))
            return false;
        slots += segment->len;
        i += (size_t)1 << (table->dir_bits - segment->depth);
    }
    return n == table->len && slots == n && direct_check(table);
}
