/* block.c -- reading a descriptor in big blocks. */
#include "connectors/block.h"

#include <errno.h>
#include <unistd.h>

void lt_block_init(struct lt_block *block, int fd, struct lt_pool *pool)
{
    *block = (struct lt_block){.fd = fd, .pool = pool};
}

void lt_block_close(struct lt_block *block)
{
    lt_buffer_unref(block->buffer);
    *block = (struct lt_block){.fd = -1};
}

void lt_block_moved(struct lt_block *block, int64_t offset)
{
    lt_buffer_unref(block->buffer);
    block->buffer = NULL;
    block->at = block->end = NULL;
    block->offset = offset;
    block->eof = false;
}

/* Makes room behind `end`. */
static lt_status block_room(struct lt_block *block, struct lt_str name, struct lt_error *err)
{
    size_t left = lt_block_left(block);
    if (block->buffer && block->end < block->buffer->data + block->buffer->size)
        return LT_OK;
    if (left >= LT_BLOCK_RECORD_MAX)
        return lt_fail(err, LT_LIMIT,
                       "%.*s: the record at byte %lld is longer than 64 MB; is a line end or a "
                       "closing quote missing?",
                       LT_STR_ARG(name), (long long)block->offset);
    size_t size = left > LT_BLOCK_SIZE / 2 ? left * 2 : LT_BLOCK_SIZE;
    struct lt_buffer *buffer = lt_pool_buffer(block->pool, size);
    if (!buffer)
        return LT_NOMEM;
    if (left)
        memcpy(buffer->data, block->at, left);
    lt_buffer_unref(block->buffer);
    block->buffer = buffer;
    block->at = buffer->data;
    block->end = buffer->data + left;
    return LT_OK;
}

lt_status lt_block_fill(struct lt_block *block, struct lt_str name, enum lt_block_state *state,
                        struct lt_error *err)
{
    LT_TRY(block_room(block, name, err));
    char *to = block->buffer->data + (block->end - block->buffer->data);
    size_t room = (size_t)(block->buffer->data + block->buffer->size - to);
    ssize_t n;
    do
        n = read(block->fd, to, room);
    while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        *state = LT_BLOCK_WAIT;
        return LT_OK;
    }
    if (n < 0)
        return lt_fail(err, LT_IO, "cannot read '%.*s': %s", LT_STR_ARG(name), strerror(errno));
    block->end += n;
    block->eof = n == 0;
    *state = n ? LT_BLOCK_MORE : LT_BLOCK_EOF;
    return LT_OK;
}
