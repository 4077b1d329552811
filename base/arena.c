/* arena.c -- a bump allocator over blocks that double in size. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>

enum { ARENA_ALIGN = 16, ARENA_BLOCK_MIN = 4096, ARENA_BLOCK_DOUBLE_MAX = 256 * 1024 };

struct lt_arena_block {
    struct lt_arena_block *next;
    size_t size; /* the header included */
};
_Static_assert(sizeof(struct lt_arena_block) % ARENA_ALIGN == 0, "blocks start aligned");

void lt_arena_init(struct lt_arena *arena, struct lt_alloc *alloc)
{
    *arena = (struct lt_arena){.alloc = alloc};
}

static void arena_free_blocks(struct lt_arena *arena)
{
    struct lt_arena_block *block = arena->blocks;
    while (block) {
        struct lt_arena_block *next = block->next;
        lt_alloc_put(arena->alloc, block, block->size);
        block = next;
    }
    arena->blocks = NULL;
    arena->at = NULL;
    arena->end = NULL;
}

void lt_arena_close(struct lt_arena *arena)
{
    arena_free_blocks(arena);
    arena->next_size = 0;
}

void lt_arena_reset(struct lt_arena *arena)
{
    struct lt_arena_block *block = arena->blocks;
    if (!block)
        return;
    if (!block->next) {
        arena->at = (char *)(block + 1);
        return;
    }
    size_t total = 0;
    for (; block; block = block->next)
        total += block->size;
    arena_free_blocks(arena);
    arena->next_size = total;
}

static bool arena_add_block(struct lt_arena *arena, size_t need)
{
    size_t size = arena->next_size ? arena->next_size : ARENA_BLOCK_MIN;
    if (need > SIZE_MAX / 2)
        return false;
    if (size < need + sizeof(struct lt_arena_block))
        size = need + sizeof(struct lt_arena_block);
    struct lt_arena_block *block = lt_alloc_get(arena->alloc, size);
    if (!block)
        return false;
    block->next = arena->blocks;
    block->size = size;
    arena->blocks = block;
    arena->at = (char *)(block + 1);
    arena->end = (char *)block + size;
    arena->next_size = size < ARENA_BLOCK_DOUBLE_MAX / 2 ? 2 * size : ARENA_BLOCK_DOUBLE_MAX;
    return true;
}

void *lt_arena_get(struct lt_arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    size_t need = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    if (need == 0)
        need = ARENA_ALIGN; /* so that the pointer is not NULL and is its own */
    if ((size_t)(arena->end - arena->at) < need && !arena_add_block(arena, need))
        return NULL;
    void *ptr = arena->at;
    arena->at += need;
    return ptr;
}

void *lt_arena_zero(struct lt_arena *arena, size_t size)
{
    void *ptr = lt_arena_get(arena, size);
    if (ptr)
        memset(ptr, 0, size);
    return ptr;
}

void *lt_arena_copy(struct lt_arena *arena, const void *data, size_t size)
{
    void *ptr = lt_arena_get(arena, size);
    if (ptr && size)
        memcpy(ptr, data, size);
    return ptr;
}

lt_status lt_arena_str(struct lt_arena *arena, struct lt_str text, struct lt_str *out)
{
    char *copy = lt_arena_get(arena, text.len + 1);
    if (!copy)
        return LT_NOMEM;
    if (text.len)
        memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    *out = (struct lt_str){copy, text.len};
    return LT_OK;
}

lt_status lt_arena_printf(struct lt_arena *arena, struct lt_str *out, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0)
        return LT_INVALID;
    char *text = lt_arena_get(arena, (size_t)len + 1);
    if (!text)
        return LT_NOMEM;
    va_start(args, fmt);
    vsnprintf(text, (size_t)len + 1, fmt, args);
    va_end(args);
    *out = (struct lt_str){text, (size_t)len};
    return LT_OK;
}

bool lt_arena_grow(struct lt_arena *arena, void **items, uint32_t *cap, uint32_t len, size_t size)
{
    if (*cap > UINT32_MAX / 2)
        return false;
    uint32_t new_cap = *cap ? 2 * *cap : 8;
    void *grown = lt_arena_get(arena, (size_t)new_cap * size);
    if (!grown)
        return false;
    if (len)
        memcpy(grown, *items, (size_t)len * size);
    *items = grown;
    *cap = new_cap;
    return true;
}
