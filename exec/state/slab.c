/* slab.c -- slabs of huge pages, cut into pieces of one size (slab.h says why). */
#include "exec/state/slab.h"

#include <string.h>

enum { LINE = 64, SLAB_BYTES = LT_SLAB_PIECES * LT_SLAB_PIECE + LINE };
_Static_assert(SLAB_BYTES <= 8 << 20, "four huge pages");

static bool slab_open(struct lt_slab *slab, struct lt_alloc *alloc)
{
    slab->memory = lt_alloc_get(alloc, SLAB_BYTES);
    if (!slab->memory)
        return false;
    slab->pieces = slab->memory + (LINE - (uintptr_t)slab->memory % LINE);
    slab->n_free = LT_SLAB_PIECES;
    for (uint32_t w = 0; w < LT_SLAB_WORDS; w++)
        slab->free[w] = UINT64_MAX;
    if (LT_SLAB_PIECES % 64)
        slab->free[LT_SLAB_WORDS - 1] = (UINT64_C(1) << LT_SLAB_PIECES % 64) - 1;
    return true;
}

static void slab_close(struct lt_slab *slab, struct lt_alloc *alloc)
{
    LT_ASSERT(slab->n_free == LT_SLAB_PIECES);
    lt_alloc_put(alloc, slab->memory, SLAB_BYTES);
    *slab = (struct lt_slab){0};
}

/* A number without a slab. */
static bool slab_number(struct lt_slabs *slabs, struct lt_alloc *alloc, uint32_t *number)
{
    for (*number = 0; *number < slabs->n; ++*number)
        if (!slabs->slabs[*number].memory)
            return true;
    if (slabs->n == slabs->cap) {
        uint32_t cap = slabs->cap ? slabs->cap * 2 : 8;
        void *grown = lt_alloc_resize(alloc, slabs->slabs, slabs->cap * sizeof(*slabs->slabs),
                                      cap * sizeof(*slabs->slabs));
        if (!grown)
            return false;
        slabs->slabs = grown;
        slabs->cap = cap;
    }
    slabs->slabs[slabs->n++] = (struct lt_slab){0};
    return true;
}

/* Makes slabs->open one with a free piece. */
static bool find_free(struct lt_slabs *slabs, struct lt_alloc *alloc)
{
    if (slabs->open < slabs->n && slabs->slabs[slabs->open].n_free > 0)
        return true;
    for (uint32_t i = 0; i < slabs->n; i++) {
        slabs->open = i;
        if (slabs->slabs[i].n_free > 0)
            return true;
    }
    return slab_number(slabs, alloc, &slabs->open) && slab_open(&slabs->slabs[slabs->open], alloc);
}

void *lt_slabs_get(struct lt_slabs *slabs, struct lt_alloc *alloc, uint32_t *number)
{
    if (!find_free(slabs, alloc))
        return NULL;
    struct lt_slab *slab = &slabs->slabs[slabs->open];
    if (slabs->empty == 1 + slabs->open)
        slabs->empty = 0;
    uint32_t w = 0;
    while (!slab->free[w])
        w++;
    uint32_t piece = w * 64 + (uint32_t)__builtin_ctzll(slab->free[w]);
    slab->free[w] &= slab->free[w] - 1;
    slab->n_free--;
    *number = 1 + slabs->open;
    return slab->pieces + (size_t)piece * LT_SLAB_PIECE;
}

void lt_slabs_put(struct lt_slabs *slabs, struct lt_alloc *alloc, uint32_t number, void *at)
{
    struct lt_slab *slab = &slabs->slabs[number - 1];
    size_t piece = (size_t)((char *)at - slab->pieces) / LT_SLAB_PIECE;
    LT_ASSERT(number > 0 && number <= slabs->n && piece < LT_SLAB_PIECES);
    LT_ASSERT(!(slab->free[piece / 64] >> piece % 64 & 1));
    slab->free[piece / 64] |= UINT64_C(1) << piece % 64;
    if (++slab->n_free < LT_SLAB_PIECES)
        return;
    if (slabs->empty && slabs->empty != number)
        slab_close(&slabs->slabs[slabs->empty - 1], alloc);
    slabs->empty = number;
}

void lt_slabs_close(struct lt_slabs *slabs, struct lt_alloc *alloc)
{
    if (slabs->empty)
        slab_close(&slabs->slabs[slabs->empty - 1], alloc);
    for (uint32_t i = 0; i < slabs->n; i++)
        LT_ASSERT(!slabs->slabs[i].memory);
    lt_alloc_put(alloc, slabs->slabs, slabs->cap * sizeof(*slabs->slabs));
    *slabs = (struct lt_slabs){0};
}
