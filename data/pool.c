/* pool.c -- recycles buffers and column objects by size class.
 *
 *   owner thread:  free[class] --take--> user --last unref, any thread--> returned
 *                      ^------------- all at once, when free[class] is empty --'
 *
 * `returned` is a stack that any thread pushes to and only the owner empties,
 * whole, with one exchange; nothing is ever popped singly, so there is no ABA.
 *
 * Size classes are four to the doubling, which wastes at most a fifth. Blocks
 * past the last class go straight back to the allocator.
 *
 * Invariant: refs = 1 for the open pool + everything handed out + spare. Whoever
 * brings it to zero frees the pool, so a buffer may come home after lt_pool_close.
 * The allocator must live as long. The owner takes references many at a time, because
 * the count lies where other threads write. */
#include "data/pool.h"

enum {
    CLASS_SIZE_MIN_LOG = 6, /* 64 bytes */
    CLASS_SIZE_MAX_LOG = 20,
    CLASS_COUNT = (CLASS_SIZE_MAX_LOG - CLASS_SIZE_MIN_LOG) * 4 + 1,
    CLASS_NONE = CLASS_COUNT,
    BUFFER_ALIGN = 64,
    SPARE_REFS = 64
};

struct pool_buffer {
    struct lt_buffer base;
    struct pool_buffer *next;
    size_t block_size;
    uint32_t class;
};

struct lt_pool {
    struct lt_alloc *alloc;
    struct pool_buffer *free[CLASS_COUNT];
    struct lt_column_object *free_columns;
    uint64_t spare; /* references counted that nothing handed out holds yet */
    _Atomic uint64_t allocations;
    char apart[64]; /* what follows is written by other threads: its own cache line */
    _Atomic(struct pool_buffer *) returned;
    _Atomic(struct lt_column_object *) returned_columns;
    _Atomic uint64_t refs;
    atomic_bool closed;
};

void lt_buffer_unref(struct lt_buffer *buffer)
{
    if (!buffer)
        return;
    /* A sole holder need not pay for the atomic: nobody else can raise it. */
    if (atomic_load_explicit(&buffer->refs, memory_order_acquire) == 1 ||
        atomic_fetch_sub_explicit(&buffer->refs, 1, memory_order_acq_rel) == 1)
        buffer->release(buffer);
}

/* ---- size classes ---------------------------------------------------- */

static size_t class_size(uint32_t class)
{
    uint32_t log = CLASS_SIZE_MIN_LOG + class / 4;
    return ((size_t)1 << log) + (class % 4) * ((size_t)1 << (log - 2));
}

static uint32_t class_of(size_t size)
{
    if (size <= (size_t)1 << CLASS_SIZE_MIN_LOG)
        return 0;
    if (size > (size_t)1 << CLASS_SIZE_MAX_LOG)
        return CLASS_NONE;
    uint32_t log = 63 - (uint32_t)__builtin_clzll(size - 1);
    uint32_t quarter = (uint32_t)((size - 1) >> (log - 2)) & 3;
    return (log - CLASS_SIZE_MIN_LOG) * 4 + quarter + 1;
}

/* ---- lists ----------------------------------------------------------- */

static void pool_collect_buffers(struct lt_pool *pool)
{
    struct pool_buffer *at = atomic_exchange_explicit(&pool->returned, NULL, memory_order_acquire);
    while (at) {
        struct pool_buffer *next = at->next;
        at->next = pool->free[at->class];
        pool->free[at->class] = at;
        at = next;
    }
}

static void pool_collect_columns(struct lt_pool *pool)
{
    struct lt_column_object *at =
        atomic_exchange_explicit(&pool->returned_columns, NULL, memory_order_acquire);
    while (at) {
        struct lt_column_object *next = at->next;
        at->next = pool->free_columns;
        pool->free_columns = at;
        at = next;
    }
}

/* Gives everything idle back to the allocator. */
static void pool_trim(struct lt_pool *pool)
{
    pool_collect_buffers(pool);
    pool_collect_columns(pool);
    for (uint32_t class = 0; class < CLASS_COUNT; class ++) {
        struct pool_buffer *buffer = pool->free[class];
        while (buffer) {
            struct pool_buffer *next = buffer->next;
            lt_alloc_put(pool->alloc, buffer, buffer->block_size);
            buffer = next;
        }
        pool->free[class] = NULL;
    }
    struct lt_column_object *object = pool->free_columns;
    while (object) {
        struct lt_column_object *next = object->next;
        lt_alloc_put(pool->alloc, object, sizeof(*object));
        object = next;
    }
    pool->free_columns = NULL;
}

/* The owner hands something out. */
static void pool_ref(struct lt_pool *pool)
{
    if (pool->spare == 0) {
        atomic_fetch_add_explicit(&pool->refs, SPARE_REFS, memory_order_relaxed);
        pool->spare = SPARE_REFS;
    }
    pool->spare--;
}

/* So many references of the pool go; the last one takes the pool along. */
static void pool_drop(struct lt_pool *pool, uint64_t n)
{
    if (atomic_fetch_sub_explicit(&pool->refs, n, memory_order_acq_rel) != n)
        return;
    pool_trim(pool);
    lt_alloc_put(pool->alloc, pool, sizeof(*pool));
}

static void pool_buffer_back(struct lt_buffer *base)
{
    struct pool_buffer *buffer = (struct pool_buffer *)base;
    struct lt_pool *pool = base->owner;
    if (buffer->class == CLASS_NONE || atomic_load_explicit(&pool->closed, memory_order_relaxed)) {
        lt_alloc_put(pool->alloc, buffer, buffer->block_size);
    } else {
        buffer->next = atomic_load_explicit(&pool->returned, memory_order_relaxed);
        while (!atomic_compare_exchange_weak_explicit(&pool->returned, &buffer->next, buffer,
                                                      memory_order_release, memory_order_relaxed))
            ;
    }
    pool_drop(pool, 1);
}

void lt_pool_column_back(struct lt_column_object *object)
{
    struct lt_pool *pool = object->col.pool;
    if (atomic_load_explicit(&pool->closed, memory_order_relaxed)) {
        lt_alloc_put(pool->alloc, object, sizeof(*object));
    } else {
        object->next = atomic_load_explicit(&pool->returned_columns, memory_order_relaxed);
        while (!atomic_compare_exchange_weak_explicit(&pool->returned_columns, &object->next,
                                                      object, memory_order_release,
                                                      memory_order_relaxed))
            ;
    }
    pool_drop(pool, 1);
}

/* ---- taking ---------------------------------------------------------- */

lt_status lt_pool_open(struct lt_alloc *alloc, struct lt_pool **out)
{
    struct lt_pool *pool = lt_alloc_zero(alloc, sizeof(*pool));
    if (!pool)
        return LT_NOMEM;
    pool->alloc = alloc;
    atomic_init(&pool->refs, 1);
    *out = pool;
    return LT_OK;
}

void lt_pool_close(struct lt_pool *pool)
{
    if (!pool)
        return;
    atomic_store(&pool->closed, true);
    pool_trim(pool);
    pool_drop(pool, 1 + pool->spare);
}

uint64_t lt_pool_allocations(const struct lt_pool *pool)
{
    return atomic_load_explicit(&pool->allocations, memory_order_relaxed);
}

/* What is idle may be what the budget lacks: give it back and ask once more. */
static void *pool_get(struct lt_pool *pool, size_t size)
{
    void *block = lt_alloc_get(pool->alloc, size);
    if (!block) {
        pool_trim(pool);
        block = lt_alloc_get(pool->alloc, size);
    }
    if (block)
        atomic_fetch_add_explicit(&pool->allocations, 1, memory_order_relaxed);
    return block;
}

static struct pool_buffer *pool_buffer_new(struct lt_pool *pool, uint32_t class, size_t size)
{
    size_t block_size = sizeof(struct pool_buffer) + BUFFER_ALIGN + size;
    struct pool_buffer *buffer = pool_get(pool, block_size);
    if (!buffer)
        return NULL;
    uintptr_t data = ((uintptr_t)(buffer + 1) + BUFFER_ALIGN - 1) & ~(uintptr_t)(BUFFER_ALIGN - 1);
    *buffer = (struct pool_buffer){
        .base = {.size = size, .data = (char *)data, .release = pool_buffer_back, .owner = pool},
        .block_size = block_size,
        .class = class,
    };
    return buffer;
}

struct lt_buffer *lt_pool_buffer(struct lt_pool *pool, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    uint32_t class = class_of(size);
    struct pool_buffer *buffer = NULL;
    if (class != CLASS_NONE) {
        if (!pool->free[class])
            pool_collect_buffers(pool);
        buffer = pool->free[class];
        if (buffer)
            pool->free[class] = buffer->next;
        size = class_size(class);
    }
    if (!buffer)
        buffer = pool_buffer_new(pool, class, size);
    if (!buffer)
        return NULL;
    buffer->next = NULL;
    atomic_store_explicit(&buffer->base.refs, 1, memory_order_relaxed);
    pool_ref(pool);
    return &buffer->base;
}

struct lt_column_object *lt_pool_column(struct lt_pool *pool)
{
    if (!pool->free_columns)
        pool_collect_columns(pool);
    struct lt_column_object *object = pool->free_columns;
    if (object)
        pool->free_columns = object->next;
    else
        object = pool_get(pool, sizeof(*object));
    if (!object)
        return NULL;
    memset(object, 0, sizeof(*object));
    atomic_store_explicit(&object->col.refs, 1, memory_order_relaxed);
    object->col.pool = pool;
    pool_ref(pool);
    return object;
}
