/* slab.h -- inside exec/state: where a large heap gets its chunks and segments from.
 *
 * Pieces of 64 KB that malloc gives one by one lie in pages of 4 KB, and a table of
 * millions of entries then waits for address translations as often as for data. Once a
 * heap is large it takes slabs of 8 MB, which lie in huge pages (base/alloc.c), and cuts
 * its pieces from them. A slab goes back when all its pieces have, but for one that is kept
 * for those who empty and fill a table again and again. */
#ifndef LT_EXEC_STATE_SLAB_H
#define LT_EXEC_STATE_SLAB_H

#include "base/alloc.h"

enum {
    LT_SLAB_PIECE = 64 * 1024 + 64, /* a chunk, or a segment with its head */
    LT_SLAB_PIECES = 127,
    LT_SLAB_WORDS = (LT_SLAB_PIECES + 63) / 64,
};

struct lt_slab {
    char *memory; /* NULL = this number is free */
    char *pieces; /* the first cache line in it */
    uint32_t n_free;
    uint64_t free[LT_SLAB_WORDS]; /* a bit per piece */
};

struct lt_slabs {
    struct lt_slab *slabs;
    uint32_t n, cap;
    uint32_t open;  /* where a free piece was found last */
    uint32_t empty; /* 1 + the one that is kept although nobody has a piece of it; 0 = none */
};

/* A piece, 64-aligned and uninitialised; *slab names where it came from, never 0. NULL on
 * no memory. */
void *lt_slabs_get(struct lt_slabs *slabs, struct lt_alloc *alloc, uint32_t *slab) LT_MUST_CHECK;
void lt_slabs_put(struct lt_slabs *slabs, struct lt_alloc *alloc, uint32_t slab, void *piece);
/* All pieces must have been given back. */
void lt_slabs_close(struct lt_slabs *slabs, struct lt_alloc *alloc);

#endif
