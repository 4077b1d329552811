/* alloc.c -- the counted allocator: charge up the tree, then ask the hooks.
 *
 * Invariant: used_bytes of an allocator is the sum of what its own callers and
 * its children hold. A charge is made before the memory exists and is taken
 * back when either a budget or the hooks refuse, so a failure leaves no trace. */
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { LARGE = 4 << 20, HUGE_PAGE = 2 << 20 };

/* Blocks of 4 MB or more are mappings of their own, in huge pages where the system has them.
 * What malloc gives again of memory that was in use before lies in small pages, and tables
 * of millions of entries then wait for address translations as often as for data. */
static void *map_large(size_t size)
{
    char *at = mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                    -1, 0);
    if (at == MAP_FAILED)
        return NULL;
    size_t head = (HUGE_PAGE - (uintptr_t)at % HUGE_PAGE) % HUGE_PAGE;
    if (head > 0)
        (void)munmap(at, head);
    if (head < HUGE_PAGE)
        (void)munmap(at + head + size, HUGE_PAGE - head);
#ifdef MADV_HUGEPAGE
    (void)madvise(at + head, size, MADV_HUGEPAGE); /* only a wish */
#endif
    return at + head;
}

static void *remap_large(void *ptr, size_t old_size, size_t new_size)
{
    void *moved = mremap(ptr, old_size, new_size, MREMAP_MAYMOVE);
    return moved == MAP_FAILED ? NULL : moved; /* the wish goes with the mapping */
}

/* What the system counts a large block as. */
static size_t map_size(size_t size)
{
    return (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
}

static void system_free(void *ptr, size_t size)
{
    if (ptr && size >= LARGE)
        (void)munmap(ptr, map_size(size));
    else
        free(ptr);
}

static void *system_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    LT_UNUSED(ctx);
    if (new_size == 0) {
        system_free(ptr, old_size);
        return NULL;
    }
    if (new_size < LARGE && (!ptr || old_size < LARGE))
        return realloc(ptr, new_size);
    if (new_size > SIZE_MAX - 2 * (size_t)HUGE_PAGE)
        return NULL;
    if (ptr && old_size >= LARGE && new_size >= LARGE)
        return remap_large(ptr, map_size(old_size), map_size(new_size));
    void *moved = new_size < LARGE ? malloc(new_size) : map_large(map_size(new_size));
    if (!moved || !ptr)
        return moved;
    memcpy(moved, ptr, old_size < new_size ? old_size : new_size);
    system_free(ptr, old_size);
    return moved;
}

static const struct lt_allocator_hooks system_hooks = {.resize = system_resize};

static void alloc_init(struct lt_alloc *alloc, struct lt_alloc *parent,
                       const struct lt_allocator_hooks *hooks, const char *name,
                       size_t budget_bytes)
{
    alloc->parent = parent;
    alloc->hooks = hooks;
    alloc->name = name;
    alloc->budget_bytes = budget_bytes;
    atomic_init(&alloc->used_bytes, 0);
    atomic_init(&alloc->peak_bytes, 0);
}

void lt_alloc_init_root(struct lt_alloc *alloc, const struct lt_allocator_hooks *hooks,
                        const char *name, size_t budget_bytes)
{
    alloc_init(alloc, NULL, hooks ? hooks : &system_hooks, name, budget_bytes);
}

void lt_alloc_init_child(struct lt_alloc *alloc, struct lt_alloc *parent, const char *name,
                         size_t budget_bytes)
{
    alloc_init(alloc, parent, parent->hooks, name, budget_bytes);
}

void lt_alloc_close(struct lt_alloc *alloc)
{
    LT_ASSERT(atomic_load(&alloc->used_bytes) == 0);
    LT_UNUSED(alloc);
}

static void alloc_raise_peak(struct lt_alloc *alloc, size_t used)
{
    size_t peak = atomic_load_explicit(&alloc->peak_bytes, memory_order_relaxed);
    while (used > peak &&
           !atomic_compare_exchange_weak_explicit(&alloc->peak_bytes, &peak, used,
                                                  memory_order_relaxed, memory_order_relaxed))
        ;
}

static void alloc_uncharge(struct lt_alloc *alloc, const struct lt_alloc *stop, size_t size)
{
    for (; alloc != stop; alloc = alloc->parent) {
        size_t before = atomic_fetch_sub_explicit(&alloc->used_bytes, size, memory_order_relaxed);
        LT_ASSERT(before >= size);
        LT_UNUSED(before);
    }
}

static bool alloc_charge(struct lt_alloc *alloc, size_t size)
{
    for (struct lt_alloc *at = alloc; at; at = at->parent) {
        size_t before = atomic_fetch_add_explicit(&at->used_bytes, size, memory_order_relaxed);
        if (size > at->budget_bytes || before > at->budget_bytes - size) {
            alloc_uncharge(alloc, at->parent, size);
            return false;
        }
        alloc_raise_peak(at, before + size);
    }
    return true;
}

/* A block of no bytes is one byte to the hooks, because 0 means free to them. */
static size_t hook_size(size_t size)
{
    return size ? size : 1;
}

void *lt_alloc_get(struct lt_alloc *alloc, size_t size)
{
    if (!alloc_charge(alloc, size))
        return NULL;
    void *ptr = alloc->hooks->resize(alloc->hooks->ctx, NULL, 0, hook_size(size));
    if (!ptr)
        alloc_uncharge(alloc, NULL, size);
    return ptr;
}

void *lt_alloc_zero(struct lt_alloc *alloc, size_t size)
{
    void *ptr = lt_alloc_get(alloc, size);
    if (ptr)
        memset(ptr, 0, size);
    return ptr;
}

void *lt_alloc_resize(struct lt_alloc *alloc, void *ptr, size_t old_size, size_t new_size)
{
    if (!ptr)
        return lt_alloc_get(alloc, new_size);
    if (new_size > old_size && !alloc_charge(alloc, new_size - old_size))
        return NULL;
    void *moved =
        alloc->hooks->resize(alloc->hooks->ctx, ptr, hook_size(old_size), hook_size(new_size));
    if (!moved) {
        if (new_size > old_size)
            alloc_uncharge(alloc, NULL, new_size - old_size);
        return NULL;
    }
    if (new_size < old_size)
        alloc_uncharge(alloc, NULL, old_size - new_size);
    return moved;
}

void lt_alloc_put(struct lt_alloc *alloc, void *ptr, size_t size)
{
    if (!ptr)
        return;
    const struct lt_allocator_hooks *hooks = alloc->hooks;
    alloc_uncharge(alloc, NULL, size); /* before: `alloc` may go with its last block */
    (void)hooks->resize(hooks->ctx, ptr, hook_size(size), 0);
}
