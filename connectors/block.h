/* block.h -- reading a descriptor in big blocks that decoded strings may point into.
 *
 *    buffer   |....used....|at......end|..room..|
 *
 * More bytes go into the room behind `end`; when there is none, what is left moves to the
 * front of a fresh buffer, twice as large if a single record fills this one. The old buffer
 * lives on as long as some column refers to it. */
#ifndef LT_CONNECTORS_BLOCK_H
#define LT_CONNECTORS_BLOCK_H

#include "data/column.h"

enum {
    LT_BLOCK_SIZE = 256 * 1024,
    LT_BLOCK_RECORD_MAX = 64 * 1024 * 1024, /* a longer record is refused */
};

struct lt_block {
    int fd; /* borrowed */
    struct lt_pool *pool;
    struct lt_buffer *buffer;
    const char *at, *end;
    int64_t offset; /* of `at` in the file or stream */
    bool eof;
};

enum lt_block_state { LT_BLOCK_MORE, LT_BLOCK_EOF, LT_BLOCK_WAIT };

void lt_block_init(struct lt_block *block, int fd, struct lt_pool *pool);
void lt_block_close(struct lt_block *block);
/* Reads once. `name` is for messages. WAIT only from a descriptor that does not block. */
lt_status lt_block_fill(struct lt_block *block, struct lt_str name, enum lt_block_state *state,
                        struct lt_error *err) LT_MUST_CHECK;
/* Forgets what is buffered: the descriptor was moved to `offset`. */
void lt_block_moved(struct lt_block *block, int64_t offset);
static inline size_t lt_block_left(const struct lt_block *block)
{
    return (size_t)(block->end - block->at);
}
static inline void lt_block_use(struct lt_block *block, size_t size)
{
    block->at += size;
    block->offset += (int64_t)size;
}

#endif
