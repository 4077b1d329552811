/* heap.c -- chunks by number, and pieces of any size cut from them.
 *
 * A piece of at most 32 KB comes from a size class: multiples of 16 up to 128,
 * then two classes per power of two. Freed pieces go to the list of their class
 * and are used again before new ones are cut. A larger piece is a chunk of its
 * own. The first chunk is 1 KB and later ones grow to 64 KB, so that an operator
 * with little state stays small.
 *
 * Invariant: a reference handed out stays at the same address until it is freed;
 * only the array of chunk descriptors moves. Free lists are no part of an image:
 * loading rebuilds the heap and so compacts it. */
#include "exec/state/heap.h"

enum {
    CHUNK_FIRST = 1024,
    LINE = 64,
    SCRATCH_KEPT_MAX = 1 << 20,
    SLABS_FROM = 16 << 20, /* bytes of a heap that is large */
    SLAB_SHARE = 4,        /* pieces are wanted that are no less than this part of a slab's */
};

void *lt_heap_piece(struct lt_state_heap *heap, size_t size, uint32_t *slab)
{
    *slab = 0;
    if (heap->bytes >= SLABS_FROM && size <= LT_SLAB_PIECE && size >= LT_SLAB_PIECE / SLAB_SHARE) {
        void *piece = lt_slabs_get(&heap->slabs, heap->alloc, slab);
        if (piece)
            return piece;
    }
    return lt_alloc_get(heap->alloc, size);
}

void lt_heap_piece_put(struct lt_state_heap *heap, void *piece, size_t size, uint32_t slab)
{
    if (slab)
        lt_slabs_put(&heap->slabs, heap->alloc, slab, piece);
    else
        lt_alloc_put(heap->alloc, piece, size);
}

static void chunk_put(struct lt_state_heap *heap, struct lt_chunk *chunk)
{
    if (chunk->data)
        lt_heap_piece_put(heap, chunk->data - chunk->skip, chunk->size + LINE, chunk->slab);
    chunk->data = NULL;
}

static void spare_drop(struct lt_state_heap *heap)
{
    for (uint32_t i = 0; i < LT_HEAP_SPARE; i++)
        chunk_put(heap, &heap->spare[i]);
}

/* A chunk begins with a cache line, so that entries do not lie across more than they need. */
static bool chunk_get(struct lt_state_heap *heap, size_t size, struct lt_chunk *out)
{
    for (uint32_t i = 0; i < LT_HEAP_SPARE; i++) {
        if (heap->spare[i].data && heap->spare[i].size == size) {
            *out = (struct lt_chunk){.data = heap->spare[i].data,
                                     .size = size,
                                     .skip = heap->spare[i].skip,
                                     .slab = heap->spare[i].slab};
            heap->spare[i].data = NULL;
            memset(out->data, 0, size);
            return true;
        }
    }
    uint32_t slab;
    char *at = lt_heap_piece(heap, size + LINE, &slab);
    if (!at) {
        spare_drop(heap);
        at = lt_heap_piece(heap, size + LINE, &slab);
    }
    if (!at)
        return false;
    uint32_t skip = slab ? 0 : LINE - (uint32_t)((uintptr_t)at % LINE);
    *out = (struct lt_chunk){.data = at + skip, .size = size, .skip = skip, .slab = slab};
    memset(out->data, 0, size);
    return true;
}

void *lt_heap_scratch(struct lt_state_heap *heap, size_t size)
{
    lt_buf_clear(&heap->scratch);
    return lt_buf_reserve(&heap->scratch, size) ? heap->scratch.data : NULL;
}

void lt_heap_scratch_end(struct lt_state_heap *heap)
{
    if (heap->scratch.cap <= SCRATCH_KEPT_MAX)
        return;
    lt_buf_close(&heap->scratch);
    lt_buf_init(&heap->scratch, heap->alloc);
}

lt_status lt_state_open(struct lt_alloc *alloc, uint32_t partition, uint32_t n_partitions,
                        struct lt_state **out)
{
    struct lt_state *state = lt_alloc_zero(alloc, sizeof(*state));
    if (!state)
        return LT_NOMEM;
    LT_ASSERT(partition < n_partitions);
    state->heap.alloc = alloc;
    lt_buf_init(&state->heap.scratch, alloc);
    state->heap.n_chunks = 1;
    state->heap.next_size = CHUNK_FIRST;
    state->heap.epoch = 1;
    state->partition = partition;
    state->n_partitions = n_partitions;
    *out = state;
    return LT_OK;
}

void lt_state_close(struct lt_state *state)
{
    if (!state)
        return;
    struct lt_state_heap *heap = &state->heap;
    for (uint32_t i = 1; i < heap->n_chunks; i++)
        chunk_put(heap, &heap->chunks[i]);
    spare_drop(heap);
    lt_slabs_close(&heap->slabs, heap->alloc);
    lt_buf_close(&heap->scratch);
    lt_alloc_put(heap->alloc, heap->chunks, heap->chunk_cap * sizeof(*heap->chunks));
    lt_alloc_put(heap->alloc, state, sizeof(*state));
}

void lt_state_set_epoch(struct lt_state *state, uint64_t epoch)
{
    state->heap.epoch = epoch;
}

size_t lt_state_bytes(const struct lt_state *state)
{
    return state->heap.bytes + state->heap.index_bytes;
}

struct lt_state_heap *lt_state_get_heap(struct lt_state *state)
{
    return &state->heap;
}

struct lt_alloc *lt_heap_alloc(const struct lt_state_heap *heap)
{
    return heap->alloc;
}

/* ---- chunks ------------------------------------------------------------- */

static lt_status chunk_number(struct lt_state_heap *heap, uint32_t *number)
{
    if (heap->first_free) {
        *number = heap->first_free;
        heap->first_free = heap->chunks[*number].next_free;
        return LT_OK;
    }
    if (heap->n_chunks >= heap->chunk_cap) {
        uint32_t cap = heap->chunk_cap ? heap->chunk_cap * 2 : 8;
        void *grown =
            lt_alloc_resize(heap->alloc, heap->chunks, heap->chunk_cap * sizeof(*heap->chunks),
                            cap * sizeof(*heap->chunks));
        if (!grown)
            return LT_NOMEM;
        heap->chunks = grown;
        heap->chunk_cap = cap;
        heap->chunks[0] = (struct lt_chunk){0};
    }
    *number = heap->n_chunks++;
    heap->chunks[*number] = (struct lt_chunk){0};
    return LT_OK;
}

lt_status lt_chunk_new(struct lt_state_heap *heap, size_t size, uint32_t *number)
{
    struct lt_chunk chunk;
    if (!chunk_get(heap, size, &chunk))
        return LT_NOMEM;
    lt_status status = chunk_number(heap, number);
    if (status != LT_OK) {
        chunk_put(heap, &chunk);
        return status;
    }
    chunk.epoch = heap->epoch;
    heap->chunks[*number] = chunk;
    heap->bytes += size;
    return LT_OK;
}

void lt_chunk_free(struct lt_state_heap *heap, uint32_t number)
{
    struct lt_chunk *chunk = &heap->chunks[number];
    struct lt_chunk *spare = &heap->spare[heap->next_spare++ % LT_HEAP_SPARE];
    LT_ASSERT(number > 0 && number < heap->n_chunks && chunk->data);
    heap->bytes -= chunk->size;
    if (chunk->size <= LT_CHUNK_SIZE) {
        chunk_put(heap, spare);
        *spare = *chunk;
    } else {
        chunk_put(heap, chunk);
    }
    *chunk = (struct lt_chunk){.next_free = heap->first_free};
    heap->first_free = number;
}

/* ---- pieces ------------------------------------------------------------- */

/* 16..128 by 16 are classes 0..7; then 192, 256, 384, 512 ... 32768. */
static unsigned class_of(size_t size)
{
    if (size <= 128)
        return size ? (unsigned)((size - 1) / 16) : 0;
    unsigned log = 63 - (unsigned)__builtin_clzll((uint64_t)size - 1); /* 2^log < size */
    bool upper = size > ((size_t)3 << (log - 1));
    return 8 + (log - 7) * 2 + upper;
}

static size_t class_size(unsigned class)
{
    if (class < 8)
        return (class + 1) * 16;
    unsigned log = 7 + (class - 8) / 2;
    return (class - 8) % 2 ? (size_t)2 << log : (size_t)3 << (log - 1);
}

static lt_status open_chunk(struct lt_state_heap *heap, size_t size)
{
    while (heap->next_size < size)
        heap->next_size *= 4;
    if (heap->next_size > LT_CHUNK_SIZE)
        heap->next_size = LT_CHUNK_SIZE;
    LT_TRY(lt_chunk_new(heap, heap->next_size, &heap->open_chunk));
    heap->open_at = 0;
    if (heap->next_size < LT_CHUNK_SIZE)
        heap->next_size *= 4;
    return LT_OK;
}

lt_status lt_heap_new(struct lt_state_heap *heap, size_t size, lt_ref *ref, void **ptr)
{
    if (size > LT_HEAP_PIECE_MAX) {
        uint32_t number;
        LT_TRY(lt_chunk_new(heap, size, &number));
        *ref = lt_ref_make(number, 0);
        *ptr = heap->chunks[number].data;
        return LT_OK;
    }
    unsigned class = class_of(size);
    size_t rounded = class_size(class);
    if (heap->free[class]) {
        *ref = heap->free[class];
        char *piece = lt_heap_write(heap, *ref);
        memcpy(&heap->free[class], piece, sizeof(lt_ref));
        memset(piece, 0, rounded);
        *ptr = piece;
        return LT_OK;
    }
    if (!heap->open_chunk || heap->chunks[heap->open_chunk].size - heap->open_at < rounded)
        LT_TRY(open_chunk(heap, rounded));
    *ref = lt_ref_make(heap->open_chunk, heap->open_at);
    heap->open_at += (uint32_t)rounded;
    *ptr = lt_heap_write(heap, *ref);
    return LT_OK;
}

void lt_heap_free(struct lt_state_heap *heap, lt_ref ref, size_t size)
{
    if (!ref)
        return;
    if (size > LT_HEAP_PIECE_MAX) {
        lt_chunk_free(heap, lt_ref_chunk(ref));
        return;
    }
    unsigned class = class_of(size);
    char *piece = lt_heap_write(heap, ref);
    memcpy(piece, &heap->free[class], sizeof(lt_ref));
    heap->free[class] = ref;
}

void *lt_heap_at(const struct lt_state_heap *heap, lt_ref ref)
{
    return lt_heap_peek(heap, ref);
}

void *lt_heap_write(struct lt_state_heap *heap, lt_ref ref)
{
    LT_ASSERT(lt_ref_chunk(ref) && lt_ref_chunk(ref) < heap->n_chunks);
    struct lt_chunk *chunk = &heap->chunks[lt_ref_chunk(ref)];
    chunk->epoch = heap->epoch;
    return chunk->data + lt_ref_offset(ref);
}

bool lt_heap_check(const struct lt_state_heap *heap)
{
    size_t bytes = 0;
    for (uint32_t i = 1; i < heap->n_chunks; i++)
        bytes += heap->chunks[i].size;
    if (bytes != heap->bytes)
        return false;
    for (unsigned class = 0; class < LT_HEAP_CLASSES; class ++) {
        size_t steps = 0;
        for (lt_ref ref = heap->free[class]; ref; steps++) {
            uint32_t number = lt_ref_chunk(ref);
            if (number == 0 || number >= heap->n_chunks || !heap->chunks[number].data ||
                lt_ref_offset(ref) + class_size(class) > heap->chunks[number].size)
                return false;
            if (steps > heap->bytes / 16) /* a cycle: something was freed twice */
                return false;
            memcpy(&ref, heap->chunks[number].data + lt_ref_offset(ref), sizeof(ref));
        }
    }
    return true;
}
