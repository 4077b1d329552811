/* table_find.c -- batches of rows to their entries.
 *
 * Rows go through in blocks of LT_KEY_BLOCK: keys into words (table_pack.c), runs of
 * equal keys to one row each, then the directory, tags, keys, texts. Where a table is
 * small these are one loop; where it is not, each stage asks for the memory that the next
 * one reads, and none waits for its own. Keys that are not met where they are looked for
 * first, and new ones, are settled one by one (lt_table_resolve). */
#include "base/bits.h"
#include "base/hash.h"
#include "exec/state/table.h"

enum {
    LINE = 64,
    FAR_DIR_BITS = 4,       /* a directory that the first caches do not hold */
    DIRECT_KEYS_MAX = 1 << 14,
    DIRECT_WAIT = 256,      /* blocks, after keys have met in one place */
};

/* A block of rows on its way through the stages. */
struct block {
    struct lt_packed keys;
    const uint64_t *hashes;
    uint32_t n;
    bool may_insert;
    char **payloads;
    uint8_t *is_new; /* may be NULL */
    struct lt_entry *found[LT_KEY_BLOCK]; /* with the row's tag, perhaps with its key, or NULL */
};

/* How an entry's words and a row's are told apart, as the compiler knows it. */
enum compare { ONE_WORD = 1, TWO_WORDS, THREE_WORDS, FOUR_WORDS, WORDS, ONE_TEXT, TEXTS };

static lt_status resolve_row(struct lt_table *table, const struct block *b, uint32_t i,
                             struct lt_entry **entry)
{
    struct lt_key key = {b->hashes[i], b->keys.words + i * table->n_words, b->keys.nulls[i]};
    uint8_t first;
    LT_TRY(lt_table_resolve(table, &key, b->may_insert, entry, &first));
    if (b->is_new)
        b->is_new[i] = first;
    return LT_OK;
}

/* ---- runs ---------------------------------------------------------------- */

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
    const uint64_t *from = b->keys.words;
    uint64_t *words = table->words;
    uint16_t *nulls = b->keys.nulls;
    if (b->n < 2 || count_repeats(b->hashes, b->n) * 4 < b->n * 3)
        return 0;
    hashes[0] = b->hashes[0];
    heads[0] = 0;
    if (n_words)
        memmove(words, from, n_words * sizeof(*words));
    for (uint32_t i = 1; i < b->n; i++) {
        heads[i] = (uint16_t)last;
        if (b->hashes[i] == hashes[last] && nulls[i] == nulls[last] &&
            lt_words_equal(from + i * n_words, words + last * n_words, n_words))
            continue;
        heads[i] = (uint16_t)++last;
        hashes[last] = b->hashes[i];
        nulls[last] = nulls[i];
        if (n_words)
            memmove(words + last * n_words, from + i * n_words, n_words * sizeof(*words));
    }
    b->hashes = hashes;
    b->keys.words = words;
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

/* ---- dense keys ---------------------------------------------------------- */

static size_t direct_size(const struct lt_table *table)
{
    return table->direct ? (table->direct_mask + (size_t)1) * sizeof(*table->direct) : 0;
}

void lt_table_direct_clear(struct lt_table *table)
{
    if (table->direct)
        memset(table->direct, 0, direct_size(table));
}

void lt_table_direct_close(struct lt_table *table)
{
    table->heap->index_bytes -= direct_size(table);
    lt_alloc_put(table->heap->alloc, table->direct, direct_size(table));
    table->direct = NULL;
}

/* Whether keys may be looked for by their low bits now. */
static bool direct_is_on(struct lt_table *table)
{
    if (table->n_words != 1 || table->n_columns != 1 || table->len > DIRECT_KEYS_MAX)
        return false;
    if (table->direct_wait > 0) {
        table->direct_wait--;
        return false;
    }
    if (table->direct && table->direct_mask >= table->len)
        return true;
    struct lt_alloc *alloc = table->heap->alloc;
    uint64_t n = 64;
    while (n < 2 * table->len)
        n *= 2;
    struct lt_entry **grown = lt_alloc_zero(alloc, n * sizeof(*grown));
    if (!grown)
        return false;
    lt_table_direct_close(table);
    table->direct = grown;
    table->direct_mask = (uint32_t)n - 1;
    table->heap->index_bytes += n * sizeof(*grown);
    return true;
}

/* Whether every row of the block was found so. */
static bool find_direct(struct lt_table *table, const struct block *b)
{
    struct lt_entry *const *direct = table->direct;
    const uint64_t *words = b->keys.words, epoch = table->heap->epoch;
    struct lt_chunk *chunks = table->heap->chunks;
    char **payloads = b->payloads;
    uint32_t mask = table->direct_mask, n = b->n;
    size_t skip = sizeof(struct lt_entry) + table->key_size;
    bool touch = b->may_insert;
    if (b->keys.any_null)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        struct lt_entry *entry = direct[words[i] & mask];
        if (LT_UNLIKELY(!entry || lt_entry_words(entry)[0] != words[i]))
            return false;
        if (touch && chunks[entry->chunk].epoch != epoch)
            chunks[entry->chunk].epoch = epoch;
        payloads[i] = (char *)entry + skip;
    }
    if (b->is_new)
        memset(b->is_new, 0, n);
    return true;
}

/* Puts down where the rows of a block were found, and waits if too many were not there. */
static void direct_learn(struct lt_table *table, const struct block *b)
{
    uint32_t n_other = 0;
    for (uint32_t i = 0; i < b->n; i++) {
        struct lt_entry *entry = b->payloads[i] ? lt_entry_of(table, b->payloads[i]) : NULL;
        if (!entry || entry->flags != LT_ENTRY_LIVE)
            continue;
        struct lt_entry **at = &table->direct[lt_entry_words(entry)[0] & table->direct_mask];
        n_other += *at && *at != entry;
        *at = entry;
    }
    if (n_other > 0)
        table->direct_wait = DIRECT_WAIT;
}

/* ---- stages -------------------------------------------------------------- */

/* The first entry with the tag from the position of the hash on, or NULL. */
static inline struct lt_entry *find_tag(const uint64_t *slots, uint32_t mask, uint32_t at,
                                        uint64_t spread)
{
    uint64_t slot = slots[at];
    while (LT_UNLIKELY(slot && !lt_slot_has_tag(slot, spread))) {
        at = (at + 1) & mask;
        slot = slots[at];
    }
    return lt_slot_entry(slot);
}

/* Asks for the long texts of entries. */
static void find_texts(const struct lt_table *table, const struct block *b)
{
    for (uint32_t i = 0; i < b->n; i++) {
        const uint64_t *text = b->found[i] ? lt_entry_words(b->found[i]) : NULL;
        if (text && (uint32_t)text[0] > LT_SV_INLINE_MAX)
            __builtin_prefetch(lt_heap_peek(table->heap, text[1]));
    }
}

static void find_near(const struct lt_table *table, struct block *b)
{
    const uint64_t *hashes = b->hashes, *dir = table->dir, salt = table->salt;
    struct lt_entry **found = b->found;
    unsigned shift = 63 - table->dir_bits;
    uint32_t n = b->n;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t bits = hashes[i] * salt, at = dir[bits >> 1 >> shift];
        uint32_t mask = lt_dir_mask(at);
        found[i] = find_tag(lt_dir_segment(at)->slots, mask, lt_home_of(mask, bits), bits);
        __builtin_prefetch(found[i], 1);
    }
}

/* Directory lines, then entries, then texts are asked for, before anything waits for them.
 * Where there is no entry one will be made: then the length of the segment is wanted. */
static void find_far(const struct lt_table *table, struct block *b)
{
    const uint64_t *slots[LT_KEY_BLOCK], *hashes = b->hashes, *dir = table->dir;
    uint64_t spreads[LT_KEY_BLOCK], salt = table->salt;
    struct lt_entry **found = b->found;
    unsigned shift = 63 - table->dir_bits;
    uint32_t masks[LT_KEY_BLOCK], n = b->n;
    bool wide = table->stride > 64; /* payloads go on in a further line */
    for (uint32_t i = 0; i < n; i++) {
        uint64_t bits = hashes[i] * salt, at = dir[bits >> 1 >> shift];
        spreads[i] = bits;
        masks[i] = lt_dir_mask(at);
        slots[i] = lt_dir_segment(at)->slots;
        __builtin_prefetch(&slots[i][lt_home_of(masks[i], bits)]);
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t home = lt_home_of(masks[i], spreads[i]);
        struct lt_entry *entry = find_tag(slots[i], masks[i], home, spreads[i]);
        const char *head = (const char *)slots[i] - offsetof(struct lt_segment, slots);
        const char *next = entry ? (const char *)entry : head;
        found[i] = entry;
        __builtin_prefetch(next, 1);
        if (wide)
            __builtin_prefetch(next + LINE, 1);
    }
}

static inline bool same_words(const struct lt_table *table, const struct lt_entry *entry,
                              const uint64_t *words, enum compare how)
{
    const uint64_t *have = lt_entry_words(entry);
    switch (how) {
    case WORDS: return lt_words_equal(have, words, table->n_words);
    case ONE_TEXT: return lt_text_equal(table->heap, have, words);
    case TEXTS: return lt_table_words_equal(table, have, words);
    default: return lt_words_equal(have, words, how);
    }
}

static inline __attribute__((always_inline)) lt_status find_block(struct lt_table *table,
                                                                  struct block *b,
                                                                  enum compare how)
{
    const struct lt_state_heap *heap = table->heap;
    const uint64_t *words = b->keys.words, epoch = heap->epoch;
    struct lt_entry *const *found = b->found;
    const uint16_t *nulls = b->keys.nulls;
    struct lt_chunk *chunks = heap->chunks;
    char **payloads = b->payloads;
    uint32_t n = b->n, n_words = how < WORDS ? (uint32_t)how : table->n_words;
    bool touch = b->may_insert, no_nulls = !b->keys.any_null && !table->nulls_met;
    size_t skip = sizeof(struct lt_entry) + table->key_size;
    for (uint32_t i = 0; i < n; i++) {
        struct lt_entry *entry = found[i];
        bool same = entry && (no_nulls || (entry->flags & ~LT_ENTRY_LIVE) == nulls[i]) &&
                    same_words(table, entry, words + i * n_words, how);
        if (LT_UNLIKELY(!same)) {
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
    if (b->is_new)
        memset(b->is_new, 0, b->n);
    if (table->dir_bits < FAR_DIR_BITS)
        find_near(table, b);
    else
        find_far(table, b);
    if (table->n_columns == 1 && table->n_long > 0 && table->dir_bits >= FAR_DIR_BITS)
        find_texts(table, b);
    if (table->n_long > 0 && table->n_columns == 1)
        return find_block(table, b, ONE_TEXT);
    if (table->n_long > 0)
        return find_block(table, b, TEXTS);
    /* What was found has no text outside its words, so only equal words are equal keys. */
    switch (table->n_words) {
    case ONE_WORD: return find_block(table, b, ONE_WORD);
    case TWO_WORDS: return find_block(table, b, TWO_WORDS);
    case THREE_WORDS: return find_block(table, b, THREE_WORDS);
    case FOUR_WORDS: return find_block(table, b, FOUR_WORDS);
    default: return find_block(table, b, WORDS);
    }
}

/* `hashes` are given, or made in `room` once they are needed. */
static lt_status find_rows(struct lt_table *table, struct lt_column *const *keys,
                           const uint16_t *rows, uint32_t n, const uint64_t *hashes,
                           uint64_t *room, bool may_insert, char **payloads, uint8_t *is_new)
{
    uint64_t hashes_of_heads[LT_KEY_BLOCK];
    uint16_t heads[LT_KEY_BLOCK];
    for (uint32_t from = 0; from < n; from += LT_KEY_BLOCK) {
        uint32_t len = n - from < LT_KEY_BLOCK ? n - from : LT_KEY_BLOCK;
        struct block b;
        b.n = len;
        b.may_insert = may_insert;
        b.payloads = payloads + from;
        b.is_new = is_new ? is_new + from : NULL;
        LT_TRY(lt_table_pack(table, keys, rows, from, len, &b.keys));
        bool direct = direct_is_on(table);
        if (direct && find_direct(table, &b))
            continue;
        if (!hashes) {
            lt_table_hash_keys(keys, table->n_keys, rows, n, room);
            hashes = room;
        }
        b.hashes = hashes + from;
        uint32_t n_heads = block_shrink(table, &b, hashes_of_heads, heads);
        if (n_heads)
            b.n = n_heads;
        LT_TRY(find_words(table, &b));
        if (direct)
            direct_learn(table, &b);
        if (n_heads)
            block_expand(&b, len, heads);
    }
    return LT_OK;
}

/* ---- calls --------------------------------------------------------------- */

lt_status lt_table_upsert(struct lt_table *table, struct lt_column *const *keys,
                          const uint16_t *rows, uint32_t n, const uint64_t *hashes,
                          char **payloads, uint8_t *is_new)
{
    return find_rows(table, keys, rows, n, hashes, NULL, true, payloads, is_new);
}

lt_status lt_table_upsert_rows(struct lt_table *table, struct lt_column *const *keys,
                               const uint16_t *rows, uint32_t n, uint64_t *hashes,
                               char **payloads, uint8_t *is_new)
{
    return find_rows(table, keys, rows, n, NULL, hashes, true, payloads, is_new);
}

lt_status lt_table_find(struct lt_table *table, struct lt_column *const *keys,
                        const uint16_t *rows, uint32_t n, const uint64_t *hashes, char **payloads)
{
    return find_rows(table, keys, rows, n, hashes, NULL, false, payloads, NULL);
}

lt_status lt_table_upsert_from(struct lt_table *table, const struct lt_table *from,
                               const char *payload, char **out, bool *is_new)
{
    LT_ASSERT(table->n_words == from->n_words && table->texts == from->texts);
    uint64_t words[LT_KEY_WORDS_MAX];
    struct lt_key key;
    struct lt_entry *entry;
    uint8_t first;
    lt_entry_key(from, from->heap, lt_entry_of(from, payload), words, &key);
    LT_TRY(lt_table_resolve(table, &key, true, &entry, &first));
    *is_new = first;
    *out = lt_entry_payload(table, entry);
    lt_entry_touch(table, entry);
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
        b.keys = (struct lt_packed){table->words, table->nulls, from->nulls_met != 0};
        for (uint32_t i = 0; i < b.n; i++) {
            const struct lt_entry *entry = lt_entry_of(from, from_payloads[at + i]);
            struct lt_key key;
            lt_entry_key(from, from->heap, entry, table->words + i * table->n_words, &key);
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
