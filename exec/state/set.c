/* set.c -- open addressing in one heap piece, 16 bytes a slot.
 *
 *   words   {value, count}            a count of 0 marks an empty slot
 *   bytes   {hash, ref of the item}   ref 0 marks an empty slot
 *   item    {count, len, bytes}
 *
 * At most half full; it doubles. Removal moves later slots of the run back. */
#include "exec/state/set.h"

#include "base/hash.h"

enum { SET_CAP_MIN = 4 };

struct slot {
    uint64_t key;  /* word, or hash */
    uint64_t mark; /* count as int64, or lt_ref */
};

struct item {
    int64_t weight;
    uint32_t len;
    char bytes[];
};

static uint64_t key_hash(uint64_t key, bool words)
{
    return words ? lt_hash_mix(key) : key;
}

static bool slot_is(const struct lt_state_heap *heap, const struct slot *slot,
                    const struct lt_set_value *value, bool words)
{
    if (words)
        return slot->key == value->word;
    if (slot->key != value->hash)
        return false;
    const struct item *item = lt_heap_at(heap, slot->mark);
    return item->len == value->bytes.len && memcmp(item->bytes, value->bytes.data, item->len) == 0;
}

static lt_status set_grow(struct lt_state_heap *heap, struct lt_set *set, bool words)
{
    uint32_t cap = set->cap ? set->cap * 2 : SET_CAP_MIN;
    lt_ref ref;
    void *ptr;
    if (cap == 0)
        return LT_LIMIT;
    LT_TRY(lt_heap_new(heap, cap * sizeof(struct slot), &ref, &ptr));
    struct slot *slots = ptr;
    const struct slot *old = set->cap ? lt_heap_at(heap, set->slots) : NULL;
    for (uint32_t i = 0; i < set->cap; i++) {
        if (!old[i].mark)
            continue;
        uint64_t at = key_hash(old[i].key, words) & (cap - 1);
        while (slots[at].mark)
            at = (at + 1) & (cap - 1);
        slots[at] = old[i];
    }
    lt_heap_free(heap, set->slots, set->cap * sizeof(struct slot));
    set->slots = ref;
    set->cap = cap;
    return LT_OK;
}

static void slot_remove(struct slot *slots, uint32_t cap, uint32_t hole, bool words)
{
    uint32_t mask = cap - 1;
    for (uint32_t at = (hole + 1) & mask; slots[at].mark; at = (at + 1) & mask) {
        uint32_t home = (uint32_t)key_hash(slots[at].key, words) & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            slots[hole] = slots[at];
            hole = at;
        }
    }
    slots[hole] = (struct slot){0};
}

static lt_status slot_fill(struct lt_state_heap *heap, struct slot *slot,
                           const struct lt_set_value *value, int64_t weight)
{
    if (!value->bytes.data) {
        *slot = (struct slot){value->word, (uint64_t)weight};
        return LT_OK;
    }
    lt_ref ref;
    void *ptr;
    LT_TRY(lt_heap_new(heap, sizeof(struct item) + value->bytes.len, &ref, &ptr));
    struct item *item = ptr;
    item->weight = weight;
    item->len = (uint32_t)value->bytes.len;
    memcpy(item->bytes, value->bytes.data, item->len);
    *slot = (struct slot){value->hash, ref};
    return LT_OK;
}

lt_status lt_set_add(struct lt_state_heap *heap, struct lt_set *set,
                     const struct lt_set_value *value, int64_t weight, int *change)
{
    bool words = !value->bytes.data;
    uint64_t key = words ? value->word : value->hash;
    *change = 0;
    if (weight == 0)
        return LT_OK;
    if ((set->len + 1) * 2 > set->cap)
        LT_TRY(set_grow(heap, set, words));
    struct slot *slots = lt_heap_write(heap, set->slots);
    uint32_t mask = set->cap - 1, at = (uint32_t)key_hash(key, words) & mask;
    while (slots[at].mark && !slot_is(heap, &slots[at], value, words))
        at = (at + 1) & mask;
    if (!slots[at].mark) {
        LT_TRY(slot_fill(heap, &slots[at], value, weight));
        set->len++;
        *change = weight > 0;
        return LT_OK;
    }
    struct item *item = words ? NULL : lt_heap_write(heap, slots[at].mark);
    int64_t had = words ? (int64_t)slots[at].mark : item->weight, left = had + weight;
    *change = (left > 0) - (had > 0);
    if (left == 0) {
        if (item)
            lt_heap_free(heap, slots[at].mark, sizeof(*item) + item->len);
        slot_remove(slots, set->cap, at, words);
        set->len--;
    } else if (words) {
        slots[at].mark = (uint64_t)left;
    } else {
        item->weight = left;
    }
    return LT_OK;
}

bool lt_set_next(const struct lt_state_heap *heap, const struct lt_set *set, bool words,
                 uint32_t *cursor, struct lt_set_value *value, int64_t *weight)
{
    const struct slot *slots = set->cap ? lt_heap_at(heap, set->slots) : NULL;
    for (; *cursor < set->cap; ++*cursor) {
        const struct slot *slot = &slots[*cursor];
        if (!slot->mark)
            continue;
        *value = (struct lt_set_value){.hash = slot->key, .word = slot->key};
        *weight = (int64_t)slot->mark;
        if (!words) {
            const struct item *item = lt_heap_at(heap, slot->mark);
            value->bytes = (struct lt_str){item->bytes, item->len};
            *weight = item->weight;
        }
        ++*cursor;
        return true;
    }
    return false;
}

void lt_set_drop(struct lt_state_heap *heap, struct lt_set *set, bool words)
{
    const struct slot *slots = set->cap ? lt_heap_at(heap, set->slots) : NULL;
    for (uint32_t i = 0; i < set->cap && !words; i++) {
        if (!slots[i].mark)
            continue;
        const struct item *item = lt_heap_at(heap, slots[i].mark);
        lt_heap_free(heap, slots[i].mark, sizeof(*item) + item->len);
    }
    lt_heap_free(heap, set->slots, set->cap * sizeof(struct slot));
    *set = (struct lt_set){0};
}
