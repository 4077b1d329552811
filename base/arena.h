/* arena.h -- memory with one lifetime: a statement, a query, a batch.
 *
 * A bump allocator over a list of blocks of an lt_alloc. Nothing is freed
 * singly. lt_arena_reset keeps a single block; when there were several, the
 * next block is made as large as all of them, so a batch arena stops allocating
 * once it has seen its largest batch. One thread at a time. */
#ifndef LT_BASE_ARENA_H
#define LT_BASE_ARENA_H

#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

struct lt_arena_block;

struct lt_arena {
    struct lt_alloc *alloc;
    struct lt_arena_block *blocks; /* newest first */
    char *at;                      /* next free byte of the newest block */
    char *end;
    size_t next_size; /* of the next block; 0 = the default */
};

void lt_arena_init(struct lt_arena *arena, struct lt_alloc *alloc);
void lt_arena_close(struct lt_arena *arena); /* also fine on a zeroed arena */
void lt_arena_reset(struct lt_arena *arena);

/* 16-byte aligned, uninitialised; NULL on failure. */
void *lt_arena_get(struct lt_arena *arena, size_t size) LT_MUST_CHECK;
void *lt_arena_zero(struct lt_arena *arena, size_t size) LT_MUST_CHECK;
/* Copies; the result of a string copy is also NUL-terminated. */
void *lt_arena_copy(struct lt_arena *arena, const void *data, size_t size) LT_MUST_CHECK;
lt_status lt_arena_str(struct lt_arena *arena, struct lt_str text,
                       struct lt_str *out) LT_MUST_CHECK;
lt_status lt_arena_printf(struct lt_arena *arena, struct lt_str *out, const char *fmt, ...)
    LT_PRINTF(3, 4) LT_MUST_CHECK;

#define LT_ARENA_NEW(arena, type) ((type *)lt_arena_zero((arena), sizeof(type)))
#define LT_ARENA_ARRAY(arena, type, n) ((type *)lt_arena_zero((arena), sizeof(type) * (size_t)(n)))

/* Appends to an array in the arena that doubles when full. `items`, `len` and
 * `cap` are lvalues; the element type is that of *items. */
#define LT_ARENA_PUSH(arena, items, len, cap, value)                                               \
    (((len) < (cap) || lt_arena_grow((arena), (void **)&(items), &(cap), (len), sizeof(*(items)))) \
         ? ((items)[(len)++] = (value), LT_OK)                                                     \
         : LT_NOMEM)
bool lt_arena_grow(struct lt_arena *arena, void **items, uint32_t *cap, uint32_t len, size_t size);

#endif
