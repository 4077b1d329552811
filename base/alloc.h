/* alloc.h -- the counted allocator every byte of the library comes from.
 *
 * Allocators form a tree: database > query > operator. A charge goes up to the
 * root; the first one over its budget makes the allocation fail, and nothing is
 * charged. Counting is atomic, so an allocator may be used by any thread; the
 * hot path takes whole chunks and pooled buffers, never single rows. */
#ifndef LT_BASE_ALLOC_H
#define LT_BASE_ALLOC_H

#include <stdatomic.h>

#include "base/status.h"

/* resize(ctx, NULL, 0, n) allocates, resize(ctx, p, n, 0) frees and returns
 * NULL, else it reallocates. Returns NULL on failure; the old block stays. */
struct lt_allocator_hooks {
    void *(*resize)(void *ctx, void *ptr, size_t old_size, size_t new_size);
    void *ctx;
};

struct lt_alloc {
    struct lt_alloc *parent;                /* NULL at the root */
    const struct lt_allocator_hooks *hooks; /* inherited from the root */
    const char *name;                       /* for the message "out of budget: <name>" */
    size_t budget_bytes;                    /* SIZE_MAX = no limit of its own */
    _Atomic size_t used_bytes;
    _Atomic size_t peak_bytes;
};

/* hooks == NULL means malloc/realloc/free, and mappings of huge pages from 4 MB on. `hooks` and
 * `name` are borrowed. */
void lt_alloc_init_root(struct lt_alloc *alloc, const struct lt_allocator_hooks *hooks,
                        const char *name, size_t budget_bytes);
void lt_alloc_init_child(struct lt_alloc *alloc, struct lt_alloc *parent, const char *name,
                         size_t budget_bytes);
/* Debug builds assert that nothing is left charged. */
void lt_alloc_close(struct lt_alloc *alloc);

/* Memory is 16-byte aligned and uninitialised (zeroed: lt_alloc_zero). NULL on
 * failure. size 0 gives a unique non-NULL pointer that is charged nothing. */
void *lt_alloc_get(struct lt_alloc *alloc, size_t size) LT_MUST_CHECK;
void *lt_alloc_zero(struct lt_alloc *alloc, size_t size) LT_MUST_CHECK;
void *lt_alloc_resize(struct lt_alloc *alloc, void *ptr, size_t old_size,
                      size_t new_size) LT_MUST_CHECK;
void lt_alloc_put(struct lt_alloc *alloc, void *ptr, size_t size); /* ptr may be NULL */

#endif
