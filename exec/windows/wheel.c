/* wheel.c -- a timing wheel: when keys must be looked at again.
 *
 *   slot     |  0  |  1  |  2  |  3  |       time >> shift, modulo the number of slots
 *             a     -     b,c   d,e'         e' is meant for a later turn of the wheel
 *                  ^ next
 *
 * An entry goes into the slot of its time at once, and is met once, when that slot is due:
 * no order is kept that nobody needs. (Varghese and Lauck, SOSP 1987, scheme 6; the wheel
 * is turned by watermarks, which may leap.) Slots are narrow, so that a slot that is due in
 * part is seldom looked at more than twice. A slot is a list of small blocks: neighbours in
 * time are neighbours in memory.
 *
 * The slot that is due is opened: its entries are taken, and those not due put back, so
 * that none is met twice however few are taken at a time.
 *
 * Invariant: while no slot is open, `next` is the earliest time in the wheel. */
#include "exec/windows/wheel.h"

enum { SLOTS = 1024, CHUNK_BLOCKS_FIRST = 4, CHUNK_BLOCKS = 252 };

struct lt_wheel_chunk {
    struct lt_wheel_chunk *next;
    uint64_t n;
    struct lt_wheel_block blocks[];
};

lt_status lt_wheel_open(struct lt_wheel *wheel, struct lt_alloc *alloc, int64_t span_us)
{
    *wheel = (struct lt_wheel){
        .alloc = alloc, .next = LT_WATERMARK_MAX, .last = LT_WATERMARK_MIN};
    while (wheel->shift < 62 && span_us >> wheel->shift >= SLOTS / 2)
        wheel->shift++;
    wheel->slots = lt_alloc_zero(alloc, SLOTS * sizeof(*wheel->slots));
    if (!wheel->slots)
        return LT_NOMEM;
    wheel->bytes = SLOTS * sizeof(*wheel->slots);
    return LT_OK;
}

static size_t chunk_size(uint64_t n)
{
    return sizeof(struct lt_wheel_chunk) + n * sizeof(struct lt_wheel_block);
}

void lt_wheel_close(struct lt_wheel *wheel)
{
    while (wheel->chunks) {
        struct lt_wheel_chunk *chunk = wheel->chunks;
        wheel->chunks = chunk->next;
        lt_alloc_put(wheel->alloc, chunk, chunk_size(chunk->n));
    }
    if (wheel->slots)
        lt_alloc_put(wheel->alloc, wheel->slots, SLOTS * sizeof(*wheel->slots));
}

static struct lt_wheel_block **slot_of(const struct lt_wheel *wheel, int64_t turn)
{
    return &wheel->slots[(uint64_t)turn % SLOTS];
}

static void block_push(struct lt_wheel_block **list, struct lt_wheel_block *block)
{
    block->next = *list;
    *list = block;
}

static lt_status chunk_more(struct lt_wheel *wheel)
{
    uint64_t n = wheel->chunks ? wheel->chunks->n * 4 : CHUNK_BLOCKS_FIRST;
    n = n < CHUNK_BLOCKS ? n : CHUNK_BLOCKS;
    struct lt_wheel_chunk *chunk = lt_alloc_get(wheel->alloc, chunk_size(n));
    if (!chunk)
        return LT_NOMEM;
    *chunk = (struct lt_wheel_chunk){wheel->chunks, n};
    wheel->chunks = chunk;
    wheel->bytes += chunk_size(n);
    for (uint64_t i = n; i-- > 0;)
        block_push(&wheel->free, &chunk->blocks[i]);
    return LT_OK;
}

lt_status lt_wheel_add(struct lt_wheel *wheel, int64_t time, lt_ref key)
{
    struct lt_wheel_block **slot = slot_of(wheel, time >> wheel->shift);
    if (!*slot || (*slot)->n == LT_WHEEL_BLOCK) {
        if (!wheel->free)
            LT_TRY(chunk_more(wheel));
        struct lt_wheel_block *block = wheel->free;
        wheel->free = block->next;
        block->n = 0;
        block_push(slot, block);
    }
    (*slot)->entries[(*slot)->n++] = (struct lt_wheel_entry){time, key};
    wheel->len++;
    wheel->next = time < wheel->next ? time : wheel->next;
    wheel->last = time > wheel->last ? time : wheel->last;
    return LT_OK;
}

/* The earliest time from turn `from` on: of the first slot with an entry of its own turn. */
static int64_t earliest(const struct lt_wheel *wheel, int64_t from)
{
    int64_t any = LT_WATERMARK_MAX;
    for (uint64_t i = 0; i < SLOTS && wheel->len > 0; i++) {
        int64_t turn = (int64_t)((uint64_t)from + i), own = LT_WATERMARK_MAX;
        for (const struct lt_wheel_block *b = *slot_of(wheel, turn); b; b = b->next) {
            for (uint32_t k = 0; k < b->n; k++) {
                int64_t time = b->entries[k].time;
                any = time < any ? time : any;
                if (time >> wheel->shift == turn && time < own)
                    own = time;
            }
        }
        if (own != LT_WATERMARK_MAX)
            return own;
    }
    return any;
}

/* Takes entries of the opened slot that are due; the others go back with their block. */
static uint32_t open_take(struct lt_wheel *wheel, int64_t now, struct lt_wheel_entry *out,
                          uint32_t n)
{
    uint32_t found = 0;
    while (wheel->open && found + LT_WHEEL_BLOCK <= n) {
        struct lt_wheel_block *block = wheel->open;
        uint32_t kept = 0;
        wheel->open = block->next;
        __builtin_prefetch(wheel->open);
        for (uint32_t i = 0; i < block->n; i++) {
            struct lt_wheel_entry entry = block->entries[i];
            bool due = entry.time <= now;
            out[found] = entry;
            block->entries[kept] = entry;
            found += due;
            kept += !due;
        }
        block->n = kept;
        block_push(kept ? slot_of(wheel, wheel->turn) : &wheel->free, block);
    }
    wheel->len -= found;
    return found;
}

uint32_t lt_wheel_take(struct lt_wheel *wheel, int64_t now, struct lt_wheel_entry *out, uint32_t n)
{
    uint32_t found = 0;
    LT_ASSERT(n >= LT_WHEEL_BLOCK);
    while (wheel->len > 0 && found + LT_WHEEL_BLOCK <= n && (wheel->open || wheel->next <= now)) {
        if (!wheel->open) {
            wheel->turn = wheel->next >> wheel->shift;
            struct lt_wheel_block **slot = slot_of(wheel, wheel->turn);
            wheel->open = *slot;
            *slot = NULL;
        }
        found += open_take(wheel, now, out + found, n - found);
        if (!wheel->open)
            wheel->next = earliest(wheel, wheel->turn);
    }
    if (wheel->len == 0)
        wheel->last = LT_WATERMARK_MIN;
    return found;
}

static void list_free(struct lt_wheel *wheel, struct lt_wheel_block **list)
{
    while (*list) {
        struct lt_wheel_block *block = *list;
        *list = block->next;
        block_push(&wheel->free, block);
    }
}

void lt_wheel_clear(struct lt_wheel *wheel)
{
    list_free(wheel, &wheel->open);
    for (uint32_t i = 0; i < SLOTS; i++)
        list_free(wheel, &wheel->slots[i]);
    wheel->len = 0;
    wheel->next = LT_WATERMARK_MAX;
    wheel->last = LT_WATERMARK_MIN;
}
