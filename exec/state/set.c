/* set.c -- open addressing in one heap piece, slots packed without gaps.
 *
 *   slot    key | note             a note of zeros marks an empty slot
 *   key     words: the value       bytes: a view of 16 bytes like lt_sv, in which a
 *                                  lt_ref to {hash, bytes} stands for the pointer
 *   note    a byte of lane bits, or a count per lane
 *
 * So a word that a few calls have met takes 9 bytes: sets are many and met at random,
 * and what counts is how few cache lines they fill. Pieces are powers of two, at most
 * two thirds full. A slot's place comes from the upper half of the hash times the
 * number of slots: that works for any number, and doubling keeps the order of places,
 * so that growing reads and writes from front to back.
 *
 * Invariant: from the place of a value to its slot no slot is empty; removal moves
 * later slots of the run back. */
#include "exec/state/set.h"

#include "base/hash.h"
#include "exec/state/heap.h"

enum { SET_SIZE_MIN = 32, AHEAD = 16, FAR_BYTES = 256 * 1024 };

struct item {
    uint64_t hash;
    char bytes[];
};

union key {
    uint64_t word;
    struct lt_sv view; /* of stored ones longer than inline, u holds an lt_ref */
};

static inline size_t key_size(bool words)
{
    return words ? sizeof(uint64_t) : sizeof(struct lt_sv);
}
static inline size_t note_size(unsigned n_counts)
{
    return n_counts ? n_counts * sizeof(int64_t) : 1;
}
static inline size_t stride_of(bool words, unsigned n_counts)
{
    return key_size(words) + note_size(n_counts);
}

/* ---- hashes and places ------------------------------------------------------ */

static inline uint64_t word_hash(uint64_t word)
{
    return (word ^ word >> 32) * UINT64_C(0x9e3779b97f4a7c15);
}

static inline uint64_t view_hash(const struct lt_sv *view)
{
    uint64_t half[2];
    memcpy(half, view, sizeof(half));
    if (LT_LIKELY(view->len <= LT_SV_INLINE_MAX))
        return word_hash(half[0] ^ lt_hash_mix(half[1]));
    return lt_hash_bytes(view->u.ptr, view->len, 0);
}

static inline uint64_t key_hash(const union key *key, bool words)
{
    return words ? word_hash(key->word) : view_hash(&key->view);
}

static const struct item *item_of(const struct lt_state_heap *heap, const struct lt_sv *stored)
{
    lt_ref ref;
    memcpy(&ref, &stored->u, sizeof(ref));
    return lt_heap_at(heap, ref);
}

static uint64_t slot_hash(const struct lt_state_heap *heap, const char *slot, bool words)
{
    union key key;
    memcpy(&key, slot, key_size(words));
    if (words || key.view.len <= LT_SV_INLINE_MAX)
        return key_hash(&key, words);
    return item_of(heap, &key.view)->hash;
}

static inline uint32_t place(uint64_t hash, uint32_t cap)
{
    return (uint32_t)((hash >> 32) * cap >> 32);
}

static inline bool slot_is(const struct lt_state_heap *heap, const char *slot,
                           const union key *key, bool words)
{
    uint64_t have[2], want[2];
    memcpy(have, slot, key_size(words));
    memcpy(want, key, key_size(words));
    if (have[0] != want[0] || words)
        return have[0] == want[0];
    if (key->view.len <= LT_SV_INLINE_MAX)
        return have[1] == want[1];
    struct lt_sv stored;
    memcpy(&stored, slot, sizeof(stored));
    return memcmp(item_of(heap, &stored)->bytes, key->view.u.ptr, key->view.len) == 0;
}

static inline bool slot_is_empty(const char *slot, bool words, unsigned n_counts)
{
    const char *note = slot + key_size(words);
    if (n_counts == 0)
        return *note == 0;
    int64_t any = 0;
    for (unsigned i = 0; i < n_counts; i++) {
        int64_t count;
        memcpy(&count, note + i * sizeof(count), sizeof(count));
        any |= count;
    }
    return any == 0;
}

/* ---- growing ------------------------------------------------------------------ */

static inline uint32_t room(uint32_t cap)
{
    return cap - (cap + 2) / 3;
}

/* The size of the piece that holds `cap` slots: the least power of two they fit in. */
static size_t piece_size(uint32_t cap, size_t stride)
{
    size_t size = SET_SIZE_MIN;
    while (size < cap * stride)
        size *= 2;
    return size;
}

static lt_status set_grow(struct lt_state_heap *heap, const struct lt_set_shape *shape,
                          struct lt_set *set)
{
    bool words = shape->words;
    size_t stride = stride_of(words, shape->n_counts);
    size_t old_size = set->cap ? piece_size(set->cap, stride) : 0;
    size_t size = old_size ? old_size * 2 : SET_SIZE_MIN;
    lt_ref ref;
    void *ptr;
    while (room((uint32_t)(size / stride)) <= set->len)
        size *= 2;
    if (size / stride > UINT32_MAX / 2)
        return LT_LIMIT;
    uint32_t cap = (uint32_t)(size / stride);
    LT_TRY(lt_heap_new(heap, size, &ref, &ptr));
    char *to = ptr;
    const char *from = set->cap ? lt_heap_at(heap, set->slots) : NULL;
    for (uint32_t i = 0; i < set->cap; i++, from += stride) {
        if (slot_is_empty(from, words, shape->n_counts))
            continue;
        uint32_t at = place(slot_hash(heap, from, words), cap);
        while (!slot_is_empty(to + at * stride, words, shape->n_counts))
            at = at + 1 == cap ? 0 : at + 1;
        memcpy(to + at * stride, from, stride);
    }
    lt_heap_free(heap, set->slots, old_size);
    set->slots = ref;
    set->cap = cap;
    return LT_OK;
}

/* ---- one value ------------------------------------------------------------------ */

/* The slot of the key, or the empty one where it belongs. */
static inline char *probe(const struct lt_state_heap *heap, char *slots, uint32_t cap,
                          const union key *key, uint64_t hash, bool words, unsigned n_counts,
                          bool *found)
{
    size_t stride = stride_of(words, n_counts);
    char *slot = slots + place(hash, cap) * stride, *end = slots + cap * stride;
    for (;;) {
        bool empty = slot_is_empty(slot, words, n_counts);
        *found = !empty && slot_is(heap, slot, key, words);
        if (empty || *found)
            return slot;
        slot += stride;
        if (slot == end)
            slot = slots;
    }
}

/* Writes the key into an empty slot; the note must follow. */
static lt_status slot_fill(struct lt_state_heap *heap, char *slot, const union key *key,
                           uint64_t hash, bool words)
{
    if (words || key->view.len <= LT_SV_INLINE_MAX) {
        memcpy(slot, key, key_size(words));
        return LT_OK;
    }
    lt_ref ref;
    void *ptr;
    struct lt_sv stored = key->view;
    LT_TRY(lt_heap_new(heap, sizeof(struct item) + stored.len, &ref, &ptr));
    struct item *item = ptr;
    item->hash = hash;
    memcpy(item->bytes, stored.u.ptr, stored.len);
    memcpy(&stored.u, &ref, sizeof(ref));
    memcpy(slot, &stored, sizeof(stored));
    return LT_OK;
}

static void item_free(struct lt_state_heap *heap, const char *slot)
{
    struct lt_sv stored;
    lt_ref ref;
    memcpy(&stored, slot, sizeof(stored));
    memcpy(&ref, &stored.u, sizeof(ref));
    if (stored.len > LT_SV_INLINE_MAX)
        lt_heap_free(heap, ref, sizeof(struct item) + stored.len);
}

/* Takes out the slot, whose note has become zero. */
static void slot_remove(struct lt_state_heap *heap, const struct lt_set_shape *shape,
                        struct lt_set *set, char *slots, char *slot)
{
    size_t stride = stride_of(shape->words, shape->n_counts);
    uint32_t cap = set->cap, hole = (uint32_t)((size_t)(slot - slots) / stride), at = hole;
    if (!shape->words)
        item_free(heap, slot);
    for (;;) {
        at = at + 1 == cap ? 0 : at + 1;
        char *next = slots + at * stride;
        if (slot_is_empty(next, shape->words, shape->n_counts))
            break;
        uint32_t home = place(slot_hash(heap, next, shape->words), cap);
        uint32_t from_home = at >= home ? at - home : at + cap - home;
        uint32_t from_hole = at >= hole ? at - hole : at + cap - hole;
        if (from_home >= from_hole) {
            memcpy(slots + hole * stride, next, stride);
            hole = at;
        }
    }
    memset(slots + hole * stride, 0, stride);
    set->len--;
}

static void note_add(char *at, unsigned n_counts, const union lt_set_note *note, uint8_t *came,
                     uint8_t *gone)
{
    *came = *gone = 0;
    if (n_counts == 0) {
        uint8_t had = (uint8_t)*at;
        *came = note->bits & (uint8_t)~had;
        *at = (char)(had | note->bits);
        return;
    }
    for (unsigned i = 0; i < n_counts; i++) {
        int64_t had, has;
        memcpy(&had, at + i * sizeof(had), sizeof(had));
        has = had + note->counts[i];
        memcpy(at + i * sizeof(has), &has, sizeof(has));
        *came |= (uint8_t)((had <= 0 && has > 0) << i);
        *gone |= (uint8_t)((had > 0 && has <= 0) << i);
    }
}

static void key_of(bool words, const struct lt_set_value *value, union key *key)
{
    if (words)
        key->word = value->word;
    else
        key->view = lt_sv_of(value->bytes.data, (uint32_t)value->bytes.len);
}

lt_status lt_set_add(struct lt_state_heap *heap, const struct lt_set_shape *shape,
                     struct lt_set *set, const struct lt_set_value *value,
                     const union lt_set_note *note, uint8_t *came, uint8_t *gone)
{
    bool words = shape->words, found;
    unsigned n_counts = shape->n_counts;
    union key key;
    key_of(words, value, &key);
    if (set->len >= room(set->cap))
        LT_TRY(set_grow(heap, shape, set));
    char *slots = lt_heap_write(heap, set->slots);
    uint64_t hash = key_hash(&key, words);
    char *slot = probe(heap, slots, set->cap, &key, hash, words, n_counts, &found);
    if (!found) {
        LT_TRY(slot_fill(heap, slot, &key, hash, words));
        set->len++;
    }
    note_add(slot + key_size(words), n_counts, note, came, gone);
    if (n_counts && slot_is_empty(slot, words, n_counts))
        slot_remove(heap, shape, set, slots, slot);
    return LT_OK;
}

/* ---- many rows ------------------------------------------------------------------- */

static inline struct lt_set *set_of(const struct lt_set_rows *in, uint32_t i)
{
    return (struct lt_set *)(in->states[in->rows[i]] + in->offset);
}

static inline void key_of_row(const struct lt_set_rows *in, uint32_t row, bool words,
                              union key *key)
{
    if (words)
        key->word = in->words[row];
    else
        key->view = in->views[row];
}

/* Brings the line in which the value of a row further on must lie. */
static inline void prefetch(const struct lt_state_heap *heap, const struct lt_set_rows *in,
                            uint32_t i, bool words)
{
    const struct lt_set *set = set_of(in, i);
    union key key;
    if (!set->cap)
        return;
    key_of_row(in, in->rows[i], words, &key);
    const char *slots = heap->chunks[lt_ref_chunk(set->slots)].data + lt_ref_offset(set->slots);
    const char *slot = slots + place(key_hash(&key, words), set->cap) * stride_of(words, 0);
    __builtin_prefetch(slot, 1);
}

static inline lt_status add_rows(struct lt_state_heap *heap, const struct lt_set_shape *shape,
                                 const struct lt_set_rows *in, bool words)
{
    bool far = heap->bytes > FAR_BYTES, found;
    for (uint32_t i = 0; i < in->n; i++) {
        if (far && i + AHEAD < in->n)
            prefetch(heap, in, i + AHEAD, words);
        uint32_t row = in->rows[i];
        struct lt_set *set = set_of(in, i);
        uint8_t lanes = in->lanes[row];
        union key key;
        in->came[row] = 0;
        if (!lanes)
            continue;
        if (LT_UNLIKELY(set->len >= room(set->cap)))
            LT_TRY(set_grow(heap, shape, set));
        key_of_row(in, row, words, &key);
        struct lt_chunk *chunk = &heap->chunks[lt_ref_chunk(set->slots)];
        uint64_t hash = key_hash(&key, words);
        char *slots = chunk->data + lt_ref_offset(set->slots);
        char *slot = probe(heap, slots, set->cap, &key, hash, words, 0, &found);
        uint8_t *bits = (uint8_t *)slot + key_size(words), had = *bits;
        if (!found) {
            LT_TRY(slot_fill(heap, slot, &key, hash, words));
            set->len++;
        }
        in->came[row] = lanes & (uint8_t)~had;
        if (!in->came[row])
            continue;
        *bits = had | lanes;
        heap->chunks[lt_ref_chunk(set->slots)].epoch = heap->epoch;
    }
    return LT_OK;
}

lt_status lt_set_add_rows(struct lt_state_heap *heap, const struct lt_set_shape *shape,
                          const struct lt_set_rows *in)
{
    LT_ASSERT(shape->n_counts == 0);
    return shape->words ? add_rows(heap, shape, in, true) : add_rows(heap, shape, in, false);
}

/* ---- all values --------------------------------------------------------------------- */

bool lt_set_next(const struct lt_state_heap *heap, const struct lt_set_shape *shape,
                 const struct lt_set *set, uint32_t *cursor, struct lt_set_value *value,
                 union lt_set_note *note)
{
    bool words = shape->words;
    size_t stride = stride_of(words, shape->n_counts);
    const char *slots = set->cap ? lt_heap_at(heap, set->slots) : NULL;
    for (; *cursor < set->cap; ++*cursor) {
        const char *slot = slots + *cursor * stride;
        if (slot_is_empty(slot, words, shape->n_counts))
            continue;
        *value = (struct lt_set_value){0};
        memcpy(note, slot + key_size(words), note_size(shape->n_counts));
        if (words) {
            memcpy(&value->word, slot, sizeof(value->word));
        } else {
            struct lt_sv stored;
            memcpy(&stored, slot, sizeof(stored));
            value->bytes = (struct lt_str){slot + offsetof(struct lt_sv, prefix), stored.len};
            if (stored.len > LT_SV_INLINE_MAX)
                value->bytes.data = item_of(heap, &stored)->bytes;
        }
        ++*cursor;
        return true;
    }
    return false;
}

void lt_set_drop(struct lt_state_heap *heap, const struct lt_set_shape *shape, struct lt_set *set)
{
    bool words = shape->words;
    size_t stride = stride_of(words, shape->n_counts);
    const char *slot = set->cap ? lt_heap_at(heap, set->slots) : NULL;
    for (uint32_t i = 0; i < set->cap && !words; i++, slot += stride)
        if (!slot_is_empty(slot, words, shape->n_counts))
            item_free(heap, slot);
    if (set->cap)
        lt_heap_free(heap, set->slots, piece_size(set->cap, stride));
    *set = (struct lt_set){0};
}
