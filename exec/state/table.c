/* table.c -- keyed tables: a directory of tags and addresses over entries in chunks.
 *
 *   directory   [tag|addr] [0] [tag|addr] ...          rebuilt when loaded
 *                   |
 *   chunk       {hash, chunk, offset|flags} payload key   what an image holds
 *
 * Linear probing at a load of at most 1/4 while the directory fits the caches and
 * 1/2 beyond: a wrong guess costs more than a cache miss. The tag, 16 bits of the
 * hash that the position does not use, keeps other keys' entries untouched. Above
 * the size of L2 rows are probed with their directory line and entry prefetched.
 *
 * The position comes from the hash times a secret odd number, so that nobody can
 * send keys that all land in one place; nothing that is visible depends on it,
 * since entries are walked in the order of their chunks.
 *
 * Invariant: from the position of a key to its entry no directory slot is empty;
 * removal moves later entries back rather than leave a mark. */
#include "exec/state/table.h"

#include "base/bits.h"
#include "base/hash.h"

enum { DIR_BITS_MIN = 4, DIR_BITS_DENSE = 20, ENTRIES_FIRST = 8, PREFETCH_BITS = 16, AHEAD = 12 };
#define ADDRESS_MASK ((UINT64_C(1) << 48) - 1)

/* ---- keys ---------------------------------------------------------------- */

static enum lt_key_mode mode_of(const struct lt_table_spec *spec, size_t *size)
{
    if (spec->n_keys == 0) {
        *size = 0;
        return LT_KEY_NONE;
    }
    if (spec->n_keys == 1 && lt_type_phys(spec->keys[0]) <= LT_PHYS_I64) {
        *size = 8;
        return LT_KEY_INT;
    }
    size_t sum = 0;
    for (uint32_t i = 0; i < spec->n_keys; i++) {
        size_t width = lt_order_width(lt_type_phys(spec->keys[i]));
        if (!width) {
            *size = sizeof(struct lt_key_bytes);
            return LT_KEY_BYTES;
        }
        sum += width + 1;
    }
    *size = sum;
    return LT_KEY_FIXED;
}

struct lt_str lt_entry_bytes(const struct lt_state_heap *heap, const char *key)
{
    struct lt_key_bytes head;
    memcpy(&head, key, sizeof(head));
    if (head.len <= sizeof(head.small))
        return (struct lt_str){key + offsetof(struct lt_key_bytes, small), head.len};
    lt_ref ref;
    memcpy(&ref, head.small + 4, sizeof(ref));
    return (struct lt_str){lt_heap_at(heap, ref), head.len};
}

static bool entry_has_key(const struct lt_table *table, const struct lt_entry *entry,
                          const struct lt_key *key)
{
    const char *at = lt_entry_key(table, entry);
    switch (table->mode) {
    case LT_KEY_NONE: return true;
    case LT_KEY_INT: {
        uint64_t value;
        memcpy(&value, at, 8);
        return value == key->value && !!(entry->offset & LT_ENTRY_NULL) == key->null;
    }
    case LT_KEY_FIXED:
        return entry->hash == key->hash && memcmp(at, key->bytes.data, table->key_size) == 0;
    case LT_KEY_BYTES:
        return entry->hash == key->hash &&
               lt_str_equal(lt_entry_bytes(table->heap, at), key->bytes);
    }
    LT_UNREACHABLE();
}

static lt_status put_key(struct lt_table *table, struct lt_entry *entry, const struct lt_key *key)
{
    char *at = lt_entry_key(table, entry);
    if (table->mode == LT_KEY_INT) {
        memcpy(at, &key->value, 8);
        if (key->null)
            entry->offset |= LT_ENTRY_NULL;
    } else if (table->mode == LT_KEY_FIXED) {
        memcpy(at, key->bytes.data, table->key_size);
    } else if (table->mode == LT_KEY_BYTES) {
        struct lt_key_bytes head = {.len = (uint32_t)key->bytes.len};
        void *ptr = head.small;
        lt_ref ref;
        if (head.len > sizeof(head.small)) {
            LT_TRY(lt_heap_new(table->heap, head.len, &ref, &ptr));
            memcpy(head.small + 4, &ref, sizeof(ref));
        }
        memcpy(ptr, key->bytes.data, head.len);
        memcpy(at, &head, sizeof(head));
    }
    return LT_OK;
}

void lt_entry_get_key(const struct lt_table *table, const struct lt_state_heap *heap,
                      const struct lt_entry *entry, struct lt_key *key)
{
    const char *at = lt_entry_key(table, entry);
    *key = (struct lt_key){.hash = entry->hash, .null = entry->offset & LT_ENTRY_NULL};
    if (table->mode == LT_KEY_INT)
        memcpy(&key->value, at, 8);
    else if (table->mode == LT_KEY_FIXED)
        key->bytes = (struct lt_str){at, table->key_size};
    else if (table->mode == LT_KEY_BYTES)
        key->bytes = lt_entry_bytes(heap, at);
}

static void drop_key(struct lt_table *table, struct lt_entry *entry)
{
    if (table->mode != LT_KEY_BYTES)
        return;
    struct lt_key_bytes head;
    memcpy(&head, lt_entry_key(table, entry), sizeof(head));
    if (head.len > sizeof(head.small)) {
        lt_ref ref;
        memcpy(&ref, head.small + 4, sizeof(ref));
        lt_heap_free(table->heap, ref, head.len);
    }
}

static void drop_keys(struct lt_table *table)
{
    uint64_t cursor = 0;
    if (table->mode != LT_KEY_BYTES)
        return;
    for (char *at; (at = lt_table_next(table, &cursor));)
        drop_key(table, lt_entry_of(at));
}

/* ---- open, close, entries ------------------------------------------------ */

lt_status lt_table_open(struct lt_state *state, const struct lt_table_spec *spec,
                        struct lt_table **out)
{
    struct lt_alloc *alloc = state->heap.alloc;
    struct lt_table *table = lt_alloc_zero(alloc, sizeof(*table));
    if (!table)
        return LT_NOMEM;
    table->heap = &state->heap;
    table->state = state;
    table->n_keys = spec->n_keys;
    table->mode = mode_of(spec, &table->key_size);
    table->payload_size = (spec->payload_size + 15) & ~(size_t)15;
    table->stride = sizeof(struct lt_entry) + table->payload_size +
                    ((table->key_size + 15) & ~(size_t)15);
    if (table->stride < sizeof(struct lt_entry) + 16)
        table->stride = sizeof(struct lt_entry) + 16; /* room for the free list */
    table->dir_bits = DIR_BITS_MIN;
    table->salt = lt_hash_mix((uintptr_t)table) | 1;
    lt_buf_init(&table->pack, alloc);
    table->keys = lt_alloc_get(alloc, spec->n_keys * sizeof(*table->keys));
    table->dir = lt_alloc_zero(alloc, sizeof(uint64_t) << table->dir_bits);
    if (!table->keys || !table->dir) {
        lt_table_close(table);
        return LT_NOMEM;
    }
    if (spec->n_keys)
        memcpy(table->keys, spec->keys, spec->n_keys * sizeof(*table->keys));
    table->heap->index_bytes += sizeof(uint64_t) << table->dir_bits;
    *out = table;
    return LT_OK;
}

void lt_table_close(struct lt_table *table)
{
    if (!table)
        return;
    struct lt_alloc *alloc = table->heap->alloc;
    drop_keys(table);
    for (uint32_t i = 0; i < table->n_chunks; i++)
        lt_chunk_free(table->heap, table->chunks[i]);
    if (table->dir && table->keys)
        table->heap->index_bytes -= sizeof(uint64_t) << table->dir_bits;
    lt_alloc_put(alloc, table->chunks, table->chunk_cap * sizeof(*table->chunks));
    lt_alloc_put(alloc, table->dir, table->dir ? sizeof(uint64_t) << table->dir_bits : 0);
    lt_alloc_put(alloc, table->keys, table->n_keys * sizeof(*table->keys));
    lt_alloc_put(alloc, table->pack_at, table->pack_cap * sizeof(*table->pack_at));
    lt_buf_close(&table->pack);
    lt_alloc_put(alloc, table, sizeof(*table));
}

uint64_t lt_table_len(const struct lt_table *table)
{
    return table->len;
}

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

static lt_status entry_new(struct lt_table *table, const struct lt_key *key, struct lt_entry **out)
{
    struct lt_entry *entry = table->free;
    if (entry) {
        memcpy(&table->free, lt_entry_payload(entry), sizeof(table->free));
        memset(lt_entry_payload(entry), 0, table->stride - sizeof(*entry));
    } else {
        if (table->n_chunks == 0 || table->open_at + table->stride > last_chunk_size(table))
            LT_TRY(chunk_more(table));
        uint32_t number = table->chunks[table->n_chunks - 1];
        entry = (struct lt_entry *)(table->heap->chunks[number].data + table->open_at);
        *entry = (struct lt_entry){.chunk = number, .offset = table->open_at};
        table->open_at += (uint32_t)table->stride;
    }
    entry->hash = key->hash;
    lt_status status = put_key(table, entry, key);
    if (status != LT_OK) {
        memcpy(lt_entry_payload(entry), &table->free, sizeof(table->free));
        table->free = entry;
        return status;
    }
    entry->offset |= LT_ENTRY_LIVE;
    table->heap->chunks[entry->chunk].epoch = table->heap->epoch;
    table->len++;
    *out = entry;
    return LT_OK;
}

/* ---- the directory ------------------------------------------------------- */

static inline uint64_t position(const struct lt_table *table, uint64_t hash)
{
    return hash * table->salt >> (64 - table->dir_bits);
}

static inline uint64_t slot_make(const struct lt_entry *entry)
{
    return (entry->hash & 0xffff) << 48 | ((uint64_t)(uintptr_t)entry & ADDRESS_MASK);
}

static inline struct lt_entry *slot_entry(uint64_t slot)
{
    return (struct lt_entry *)(uintptr_t)(slot & ADDRESS_MASK);
}

static void dir_put(const struct lt_table *table, uint64_t *dir, unsigned bits,
                    const struct lt_entry *entry)
{
    uint64_t mask = (UINT64_C(1) << bits) - 1;
    uint64_t at = entry->hash * table->salt >> (64 - bits);
    while (dir[at])
        at = (at + 1) & mask;
    dir[at] = slot_make(entry);
}

static bool dir_full(const struct lt_table *table)
{
    unsigned shift = table->dir_bits < DIR_BITS_DENSE ? 2 : 1;
    return (table->len + 1) << shift > UINT64_C(1) << table->dir_bits;
}

static lt_status dir_grow(struct lt_table *table)
{
    unsigned bits = table->dir_bits + (table->dir_bits < DIR_BITS_DENSE - 2 ? 2 : 1);
    uint64_t *dir = lt_alloc_zero(table->heap->alloc, sizeof(uint64_t) << bits);
    if (!dir)
        return LT_NOMEM;
    uint64_t old_len = UINT64_C(1) << table->dir_bits;
    for (uint64_t i = 0; i < old_len; i++)
        if (table->dir[i])
            dir_put(table, dir, bits, slot_entry(table->dir[i]));
    lt_alloc_put(table->heap->alloc, table->dir, old_len * sizeof(uint64_t));
    table->heap->index_bytes += (sizeof(uint64_t) << bits) - old_len * sizeof(uint64_t);
    table->dir = dir;
    table->dir_bits = bits;
    return LT_OK;
}

struct lt_entry *lt_table_lookup(struct lt_table *table, const struct lt_key *key)
{
    uint64_t mask = (UINT64_C(1) << table->dir_bits) - 1;
    uint64_t tag = key->hash & 0xffff;
    for (uint64_t at = position(table, key->hash); table->dir[at]; at = (at + 1) & mask) {
        if (table->dir[at] >> 48 != tag)
            continue;
        struct lt_entry *entry = slot_entry(table->dir[at]);
        if (entry_has_key(table, entry, key))
            return entry;
    }
    return NULL;
}

lt_status lt_table_insert(struct lt_table *table, const struct lt_key *key, struct lt_entry **out)
{
    if (dir_full(table))
        LT_TRY(dir_grow(table));
    LT_TRY(entry_new(table, key, out));
    dir_put(table, table->dir, table->dir_bits, *out);
    return LT_OK;
}

/* Closes the gap at `hole`: a later entry of the same run moves into it unless its
 * own position lies behind the hole. */
static void dir_remove(struct lt_table *table, const struct lt_entry *entry)
{
    uint64_t mask = (UINT64_C(1) << table->dir_bits) - 1;
    uint64_t hole = position(table, entry->hash);
    while (slot_entry(table->dir[hole]) != entry)
        hole = (hole + 1) & mask;
    for (uint64_t at = (hole + 1) & mask; table->dir[at]; at = (at + 1) & mask) {
        uint64_t home = position(table, slot_entry(table->dir[at])->hash);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            table->dir[hole] = table->dir[at];
            hole = at;
        }
    }
    table->dir[hole] = 0;
}

static void entry_free(struct lt_table *table, struct lt_entry *entry)
{
    drop_key(table, entry);
    entry->offset &= ~(uint32_t)LT_ENTRY_FLAGS;
    memcpy(lt_entry_payload(entry), &table->free, sizeof(table->free));
    table->free = entry;
    table->heap->chunks[entry->chunk].epoch = table->heap->epoch;
    table->len--;
}

void lt_table_remove(struct lt_table *table, char *payload)
{
    struct lt_entry *entry = lt_entry_of(payload);
    LT_ASSERT(entry->offset & LT_ENTRY_LIVE);
    dir_remove(table, entry);
    entry_free(table, entry);
}

void lt_table_remove_all(struct lt_table *table, char *const *payloads, uint32_t n)
{
    bool far = table->dir_bits >= PREFETCH_BITS;
    uint64_t mask = (UINT64_C(1) << table->dir_bits) - 1;
    for (uint32_t i = 0; i < n; i++) {
        if (far && i + AHEAD < n)
            __builtin_prefetch(
                &table->dir[position(table, lt_entry_of(payloads[i + AHEAD])->hash)]);
        if (far && i + AHEAD / 2 < n) { /* whoever may have to move up */
            uint64_t at = position(table, lt_entry_of(payloads[i + AHEAD / 2])->hash);
            __builtin_prefetch(slot_entry(table->dir[(at + 1) & mask]));
        }
        lt_table_remove(table, payloads[i]);
    }
}

uint64_t lt_table_sweep(struct lt_table *table, bool (*gone)(const char *payload))
{
    uint64_t before = table->len, cursor = 0;
    memset(table->dir, 0, sizeof(uint64_t) << table->dir_bits);
    for (char *payload; (payload = lt_table_next(table, &cursor));) {
        if (gone(payload))
            entry_free(table, lt_entry_of(payload));
        else
            dir_put(table, table->dir, table->dir_bits, lt_entry_of(payload));
    }
    return before - table->len;
}

void lt_table_clear(struct lt_table *table)
{
    struct lt_alloc *alloc = table->heap->alloc;
    size_t size = sizeof(uint64_t) << table->dir_bits;
    drop_keys(table);
    if (table->dir_bits > DIR_BITS_MIN && table->len < UINT64_C(1) << (table->dir_bits - 4)) {
        uint64_t *smaller = lt_alloc_get(alloc, size / 2);
        if (smaller) { /* else this one will do */
            lt_alloc_put(alloc, table->dir, size);
            table->heap->index_bytes -= size / 2;
            table->dir = smaller;
            table->dir_bits--;
            size /= 2;
        }
    }
    memset(table->dir, 0, size);
    for (uint32_t i = 0; i < table->n_chunks; i++)
        lt_chunk_free(table->heap, table->chunks[i]);
    table->n_chunks = table->open_at = 0;
    table->len = 0;
    table->free = NULL;
}

/* ---- rows ---------------------------------------------------------------- */

static lt_status pack_fixed(struct lt_table *table, struct lt_column *const *keys,
                            const uint16_t *rows, uint32_t n)
{
    size_t stride = table->key_size;
    lt_buf_clear(&table->pack);
    if (!lt_buf_reserve(&table->pack, stride * n))
        return LT_NOMEM;
    char *to = table->pack.data;
    for (uint32_t k = 0; k < table->n_keys; k++) {
        const struct lt_column *col = keys[k];
        bool plain = col->encoding == LT_FLAT && !col->validity;
        for (uint32_t i = 0; i < n; i++) {
            uint32_t row = rows ? rows[i] : i, lane = row;
            bool null = !plain && lt_column_is_null(col, row);
            const struct lt_column *flat = lt_order_flat(col, &lane);
            lt_order_put_fixed(to + i * stride, flat, lane, null, LT_ORDER_ASC);
        }
        to += lt_order_width(col->phys) + 1;
    }
    return LT_OK;
}

static lt_status pack_bytes(struct lt_table *table, struct lt_column *const *keys,
                            const uint16_t *rows, uint32_t n)
{
    if (table->pack_cap < n + 1) {
        void *grown = lt_alloc_resize(table->heap->alloc, table->pack_at,
                                      table->pack_cap * sizeof(uint32_t),
                                      (n + 1) * sizeof(uint32_t));
        if (!grown)
            return LT_NOMEM;
        table->pack_at = grown;
        table->pack_cap = n + 1;
    }
    lt_buf_clear(&table->pack);
    for (uint32_t i = 0; i < n; i++) {
        table->pack_at[i] = (uint32_t)table->pack.len;
        for (uint32_t k = 0; k < table->n_keys; k++)
            lt_order_encode(&table->pack, keys[k], rows ? rows[i] : i, LT_ORDER_ASC);
    }
    table->pack_at[n] = (uint32_t)table->pack.len;
    return table->pack.status;
}

static lt_status pack_rows(struct lt_table *table, struct lt_column *const *keys,
                           const uint16_t *rows, uint32_t n)
{
    if (table->mode == LT_KEY_FIXED)
        return pack_fixed(table, keys, rows, n);
    if (table->mode == LT_KEY_BYTES)
        return pack_bytes(table, keys, rows, n);
    return LT_OK;
}

static uint64_t int_lane(const struct lt_column *col, uint32_t row)
{
    const struct lt_column *flat = lt_order_flat(col, &row);
    switch (flat->phys) {
    case LT_PHYS_I8: return (uint64_t)((const int8_t *)flat->values)[row];
    case LT_PHYS_I16: return (uint64_t)((const int16_t *)flat->values)[row];
    case LT_PHYS_I32: return (uint64_t)((const int32_t *)flat->values)[row];
    default: return (uint64_t)((const int64_t *)flat->values)[row];
    }
}

static void row_key(const struct lt_table *table, struct lt_column *const *keys, uint32_t row,
                    uint32_t i, struct lt_key *key)
{
    if (table->mode == LT_KEY_INT) {
        key->null = lt_column_is_null(keys[0], row);
        key->value = key->null ? 0 : int_lane(keys[0], row);
    } else if (table->mode == LT_KEY_FIXED) {
        key->bytes = (struct lt_str){table->pack.data + i * table->key_size, table->key_size};
    } else if (table->mode == LT_KEY_BYTES) {
        key->bytes = (struct lt_str){table->pack.data + table->pack_at[i],
                                     table->pack_at[i + 1] - table->pack_at[i]};
    }
}

/* Brings the directory line of a row further on, then the entry it will name. */
static inline void prefetch(const struct lt_table *table, const uint64_t *hashes, uint32_t i,
                            uint32_t n)
{
    if (i + AHEAD < n)
        __builtin_prefetch(&table->dir[position(table, hashes[i + AHEAD])]);
    if (i + AHEAD / 2 < n) {
        uint64_t slot = table->dir[position(table, hashes[i + AHEAD / 2])];
        __builtin_prefetch(slot_entry(slot), 1);
    }
}

/* One flat column of 64-bit integers, the commonest key: no struct, no call. */
static lt_status upsert_ints(struct lt_table *table, const struct lt_column *col,
                             const uint16_t *rows, uint32_t n, const uint64_t *hashes,
                             char **payloads, uint8_t *is_new)
{
    const uint64_t *values = col->values, *validity = col->validity;
    bool far = table->dir_bits >= PREFETCH_BITS;
    for (uint32_t i = 0; i < n; i++) {
        if (far)
            prefetch(table, hashes, i, n);
        uint32_t row = rows ? rows[i] : i;
        uint64_t value = values[row], hash = hashes[i], slot;
        uint32_t null = validity && !lt_bits_get(validity, row) ? LT_ENTRY_NULL : 0;
        uint64_t mask = (UINT64_C(1) << table->dir_bits) - 1, at = position(table, hash);
        struct lt_entry *entry = NULL;
        for (; (slot = table->dir[at]); at = (at + 1) & mask) {
            if (slot >> 48 != (hash & 0xffff))
                continue;
            entry = slot_entry(slot);
            uint64_t have;
            memcpy(&have, lt_entry_key(table, entry), 8);
            if (LT_LIKELY(have == value && (entry->offset & LT_ENTRY_NULL) == null))
                break;
        }
        if (!slot) {
            struct lt_key key = {.hash = hash, .value = value, .null = null != 0};
            LT_TRY(lt_table_insert(table, &key, &entry));
        }
        if (is_new)
            is_new[i] = !slot;
        table->heap->chunks[entry->chunk].epoch = table->heap->epoch;
        payloads[i] = lt_entry_payload(entry);
    }
    return LT_OK;
}

lt_status lt_table_upsert(struct lt_table *table, struct lt_column *const *keys,
                          const uint16_t *rows, uint32_t n, const uint64_t *hashes,
                          char **payloads, uint8_t *is_new)
{
    if (table->mode == LT_KEY_INT && keys[0]->phys == LT_PHYS_I64 && keys[0]->encoding == LT_FLAT)
        return upsert_ints(table, keys[0], rows, n, hashes, payloads, is_new);
    LT_TRY(pack_rows(table, keys, rows, n));
    bool far = table->dir_bits >= PREFETCH_BITS;
    for (uint32_t i = 0; i < n; i++) {
        if (far)
            prefetch(table, hashes, i, n);
        struct lt_key key = {.hash = hashes[i]};
        row_key(table, keys, rows ? rows[i] : i, i, &key);
        struct lt_entry *entry = lt_table_lookup(table, &key);
        if (is_new)
            is_new[i] = !entry;
        if (!entry)
            LT_TRY(lt_table_insert(table, &key, &entry));
        table->heap->chunks[entry->chunk].epoch = table->heap->epoch;
        payloads[i] = lt_entry_payload(entry);
    }
    return LT_OK;
}

lt_status lt_table_find(struct lt_table *table, struct lt_column *const *keys,
                        const uint16_t *rows, uint32_t n, const uint64_t *hashes, char **payloads)
{
    LT_TRY(pack_rows(table, keys, rows, n));
    for (uint32_t i = 0; i < n; i++) {
        struct lt_key key = {.hash = hashes[i]};
        row_key(table, keys, rows ? rows[i] : i, i, &key);
        struct lt_entry *entry = lt_table_lookup(table, &key);
        payloads[i] = entry ? lt_entry_payload(entry) : NULL;
    }
    return LT_OK;
}

lt_status lt_table_upsert_from(struct lt_table *table, const struct lt_table *from,
                               const char *payload, char **out, bool *is_new)
{
    LT_ASSERT(table->mode == from->mode && table->key_size == from->key_size);
    struct lt_key key;
    lt_entry_get_key(from, from->heap, lt_entry_of(payload), &key);
    struct lt_entry *entry = lt_table_lookup(table, &key);
    *is_new = !entry;
    if (!entry)
        LT_TRY(lt_table_insert(table, &key, &entry));
    *out = lt_entry_payload(entry);
    lt_table_touch(table, *out);
    return LT_OK;
}

lt_status lt_table_upsert_all(struct lt_table *table, const struct lt_table *from,
                              char *const *from_payloads, uint32_t n, char **payloads,
                              uint8_t *is_new)
{
    bool far = table->dir_bits >= PREFETCH_BITS;
    for (uint32_t i = 0; i < n; i++) {
        if (far && i + AHEAD < n)
            __builtin_prefetch(
                &table->dir[position(table, lt_entry_of(from_payloads[i + AHEAD])->hash)]);
        if (far && i + AHEAD / 2 < n) {
            uint64_t hash = lt_entry_of(from_payloads[i + AHEAD / 2])->hash;
            __builtin_prefetch(slot_entry(table->dir[position(table, hash)]), 1);
        }
        bool fresh;
        LT_TRY(lt_table_upsert_from(table, from, from_payloads[i], &payloads[i], &fresh));
        is_new[i] = fresh;
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
            struct lt_entry *entry = (struct lt_entry *)(at->data + offset);
            payloads[found] = lt_entry_payload(entry);
            found += (entry->offset & LT_ENTRY_LIVE) != 0;
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
    LT_UNUSED(table);
    return lt_entry_of(payload)->hash;
}

void lt_table_prefetch(const struct lt_table *table, lt_ref ref)
{
    const char *entry = lt_heap_at(table->heap, ref);
    for (size_t at = 0; at < table->stride; at += 64)
        __builtin_prefetch(entry + at, 1);
}

void lt_table_touch(struct lt_table *table, char *payload)
{
    table->heap->chunks[lt_entry_of(payload)->chunk].epoch = table->heap->epoch;
}

lt_ref lt_table_ref(const struct lt_table *table, const char *payload)
{
    LT_UNUSED(table);
    const struct lt_entry *entry = lt_entry_of(payload);
    return lt_ref_make(entry->chunk, entry->offset & ~(uint32_t)LT_ENTRY_FLAGS);
}

char *lt_table_at(struct lt_table *table, lt_ref ref)
{
    struct lt_entry *entry = lt_heap_at(table->heap, ref);
    return entry->offset & LT_ENTRY_LIVE ? lt_entry_payload(entry) : NULL;
}

bool lt_table_check(const struct lt_table *table)
{
    struct lt_table *walk = (struct lt_table *)(uintptr_t)table;
    uint64_t n = 0, slots = 0, cursor = 0;
    for (char *at; (at = lt_table_next(walk, &cursor)); n++) {
        struct lt_key key;
        lt_entry_get_key(table, table->heap, lt_entry_of(at), &key);
        if (lt_table_lookup(walk, &key) != lt_entry_of(at))
            return false;
    }
    for (uint64_t i = 0; i < UINT64_C(1) << table->dir_bits; i++) {
        if (!table->dir[i])
            continue;
        slots++;
        const struct lt_entry *entry = slot_entry(table->dir[i]);
        if (!(entry->offset & LT_ENTRY_LIVE) || table->dir[i] != slot_make(entry))
            return false;
    }
    return n == table->len && slots == n;
}
