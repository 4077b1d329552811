/* wheel.c -- a timing wheel: when keys must be looked at again.
 *
 *   slot     |  0  |  1  |  2  |  3  |       time >> shift, modulo the number of slots
 *             a     -     b,c   d,e'         e' is meant for a later turn of the wheel
 *                  ^ next
 *
 * An entry goes into the slot of its time at once, and is met once, when that slot is due:
 * no order is kept that nobody needs. (Varghese and Lauck, SOSP 1987, scheme 6; the wheel
 * is turned by watermarks, which may leap.) Slots are narrow, so that a slot that is due in
 * part is seldom looked at more than twice.
 *
 * The slot that is due is opened: its entries are dealt out, those not due put back, so that
 * none is met twice however few are taken at a time.
 *
 * Invariant: while no slot is open, `next` is the earliest time in the wheel. */
#include "exec/windows/wheel.h"

#include "data/batch.h"

enum { SLOTS = 4096, ENTRIES_FIRST = 64 };

lt_status lt_wheel_open(struct lt_wheel *wheel, struct lt_alloc *alloc, int64_t span_us)
{
    *wheel = (struct lt_wheel){.alloc = alloc, .next = LT_WATERMARK_MAX};
    while (wheel->shift < 62 && span_us >> wheel->shift >= SLOTS / 2)
        wheel->shift++;
    wheel->slots = lt_alloc_zero(alloc, SLOTS * sizeof(*wheel->slots));
    return wheel->slots ? LT_OK : LT_NOMEM;
}

void lt_wheel_close(struct lt_wheel *wheel)
{
    if (wheel->entries)
        lt_alloc_put(wheel->alloc, wheel->entries, wheel->cap * sizeof(*wheel->entries));
    if (wheel->slots)
        lt_alloc_put(wheel->alloc, wheel->slots, SLOTS * sizeof(*wheel->slots));
}

size_t lt_wheel_bytes(const struct lt_wheel *wheel)
{
    return wheel->cap * sizeof(*wheel->entries) + SLOTS * sizeof(*wheel->slots);
}

static uint32_t *slot_of(const struct lt_wheel *wheel, int64_t turn)
{
    return &wheel->slots[(uint64_t)turn % SLOTS];
}

static lt_status entry_new(struct lt_wheel *wheel, uint32_t *out)
{
    if (wheel->free) {
        *out = wheel->free;
        wheel->free = wheel->entries[wheel->free].next;
        return LT_OK;
    }
    if (wheel->n_entries + 1 >= wheel->cap) {
        if (wheel->cap > UINT32_MAX / 2)
            return LT_NOMEM;
        uint32_t cap = wheel->cap ? wheel->cap * 2 : ENTRIES_FIRST;
        void *grown = lt_alloc_resize(wheel->alloc, wheel->entries,
                                      wheel->cap * sizeof(*wheel->entries),
                                      cap * sizeof(*wheel->entries));
        if (!grown)
            return LT_NOMEM;
        wheel->entries = grown;
        wheel->cap = cap;
    }
    *out = ++wheel->n_entries;
    return LT_OK;
}

lt_status lt_wheel_add(struct lt_wheel *wheel, int64_t time, lt_ref key)
{
    uint32_t at, *slot = slot_of(wheel, time >> wheel->shift);
    LT_TRY(entry_new(wheel, &at));
    wheel->entries[at] = (struct lt_wheel_entry){time, key, *slot};
    *slot = at;
    wheel->len++;
    wheel->next = time < wheel->next ? time : wheel->next;
    return LT_OK;
}

/* The earliest time from turn `from` on: of the first slot with an entry of its own turn. */
static int64_t earliest(const struct lt_wheel *wheel, int64_t from)
{
    int64_t any = LT_WATERMARK_MAX;
    for (uint64_t i = 0; i < SLOTS && wheel->len > 0; i++) {
        int64_t turn = (int64_t)((uint64_t)from + i), own = LT_WATERMARK_MAX;
        for (uint32_t at = *slot_of(wheel, turn); at; at = wheel->entries[at].next) {
            int64_t time = wheel->entries[at].time;
            any = time < any ? time : any;
            if (time >> wheel->shift == turn && time < own)
                own = time;
        }
        if (own != LT_WATERMARK_MAX)
            return own;
    }
    return any;
}

/* Moves entries of the opened slot to `out` that are due, back into their slots the others. */
static uint32_t open_take(struct lt_wheel *wheel, int64_t now, struct lt_wheel_entry *out,
                          uint32_t n)
{
    uint32_t found = 0;
    while (wheel->open && found < n) {
        uint32_t at = wheel->open, *list = &wheel->free;
        struct lt_wheel_entry *entry = &wheel->entries[at];
        wheel->open = entry->next;
        if (entry->time <= now)
            out[found++] = *entry;
        else
            list = slot_of(wheel, entry->time >> wheel->shift);
        entry->next = *list;
        *list = at;
    }
    wheel->len -= found;
    return found;
}

uint32_t lt_wheel_take(struct lt_wheel *wheel, int64_t now, struct lt_wheel_entry *out, uint32_t n)
{
    uint32_t found = 0;
    while (found < n && wheel->len > 0 && (wheel->open || wheel->next <= now)) {
        int64_t turn = wheel->next >> wheel->shift;
        if (!wheel->open) {
            uint32_t *slot = slot_of(wheel, turn);
            wheel->open = *slot;
            *slot = 0;
        }
        found += open_take(wheel, now, out + found, n - found);
        if (!wheel->open)
            wheel->next = earliest(wheel, turn);
    }
    return found;
}
