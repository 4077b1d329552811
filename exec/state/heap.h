/* heap.h -- inside exec/state: how chunks are numbered and found. */
#ifndef LT_EXEC_STATE_HEAP_H
#define LT_EXEC_STATE_HEAP_H

#include "exec/state/slab.h"
#include "exec/state/state.h"

enum { LT_HEAP_CLASSES = 26, LT_HEAP_PIECE_MAX = 32 * 1024, LT_HEAP_SPARE = 16 };

struct lt_chunk {
    char *data; /* NULL = this number is free */
    size_t size;
    uint64_t epoch;     /* that last changed it */
    uint32_t next_free; /* of free numbers */
    uint32_t skip;      /* bytes that were left out before `data` */
    uint32_t slab;      /* that `data` is a piece of; 0 = none */
};

struct lt_state_heap {
    struct lt_alloc *alloc;
    uint64_t epoch;
    struct lt_chunk *chunks; /* by number; number 0 is never used */
    uint32_t n_chunks, chunk_cap;
    uint32_t first_free; /* number, 0 = none */
    uint32_t open_chunk; /* where small pieces are cut from; 0 = none yet */
    uint32_t open_at;
    size_t next_size;             /* of the next chunk of small pieces */
    size_t bytes;                 /* of chunks */
    size_t index_bytes;           /* of the directories of tables */
    lt_ref free[LT_HEAP_CLASSES]; /* lists through the first word of free pieces */
    /* Chunks given back last, for the next of their size: tables that are emptied and
     * filled again, epoch by epoch or window by window, allocate nothing. */
    struct lt_chunk spare[LT_HEAP_SPARE]; /* without data: none */
    uint32_t next_spare;                  /* the place that is taken next */
    struct lt_buf scratch;                /* lt_heap_scratch */
    struct lt_slabs slabs;
};

struct lt_state {
    struct lt_state_heap heap;
    uint32_t partition, n_partitions;
};

static inline uint32_t lt_ref_chunk(lt_ref ref)
{
    return (uint32_t)(ref >> 32);
}
static inline uint32_t lt_ref_offset(lt_ref ref)
{
    return (uint32_t)ref;
}
static inline lt_ref lt_ref_make(uint32_t chunk, uint32_t offset)
{
    return (uint64_t)chunk << 32 | offset;
}

/* lt_heap_at for those who ask for each row. */
static inline char *lt_heap_peek(const struct lt_state_heap *heap, lt_ref ref)
{
    LT_ASSERT(lt_ref_chunk(ref) && lt_ref_chunk(ref) < heap->n_chunks);
    return heap->chunks[lt_ref_chunk(ref)].data + lt_ref_offset(ref);
}
/* A zeroed chunk of exactly `size` bytes. */
lt_status lt_chunk_new(struct lt_state_heap *heap, size_t size, uint32_t *number) LT_MUST_CHECK;
void lt_chunk_free(struct lt_state_heap *heap, uint32_t number);
/* Memory for a chunk or a segment, at most LT_SLAB_PIECE bytes where it comes from a slab;
 * NULL on no memory. */
void *lt_heap_piece(struct lt_state_heap *heap, size_t size, uint32_t *slab) LT_MUST_CHECK;
void lt_heap_piece_put(struct lt_state_heap *heap, void *piece, size_t size, uint32_t slab);
/* Room for one to work in until lt_heap_scratch_end; NULL on no memory. */
void *lt_heap_scratch(struct lt_state_heap *heap, size_t size) LT_MUST_CHECK;
void lt_heap_scratch_end(struct lt_state_heap *heap);

#endif
