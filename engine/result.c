/* result.c -- the rows of a SELECT on their way from the graph to its reader.
 *
 *   graph ──on_batch──▶ pending (of the open epoch) ──on_epoch──▶ chunks ──▶ reader
 *
 * Append-only rows leave at once. Changes leave at the end of their epoch, the
 * final table at the end of everything. The chunks are bounded in bytes: above
 * that the graph is told BUSY and holds back, so a slow reader slows its query
 * and grows nothing. An epoch that is open is never refused, since its changes
 * have to be seen together. */
#include <sys/eventfd.h>
#include <unistd.h>

#include "engine/engine.h"

lt_status result_open(struct result_queue *queue, struct lt_alloc *alloc, enum result_mode mode,
                      const struct lt_plan_node *output, size_t bytes_max, bool want_fd,
                      struct lt_error *err)
{
    *queue = (struct result_queue){
        .alloc = alloc, .mode = mode, .output = output, .bytes_max = bytes_max, .fd = -1};
    LT_TRY(lt_pool_open(alloc, &queue->pool));
    if (want_fd) {
        queue->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (queue->fd < 0) {
            lt_pool_close(queue->pool);
            return lt_fail(err, LT_IO, "cannot make an event descriptor");
        }
    }
    pthread_mutex_init(&queue->lock, NULL);
    queue->tail = &queue->head;
    return LT_OK;
}

static void pending_drop(struct result_queue *queue)
{
    for (uint32_t i = 0; i < queue->n_pending; i++)
        lt_batch_drop(queue->pending[i]);
    lt_alloc_put(queue->alloc, queue->pending, sizeof(*queue->pending) * queue->cap_pending);
    queue->pending = NULL;
    queue->n_pending = queue->cap_pending = 0;
}

void result_free(struct result_queue *queue, struct result_chunk *chunk)
{
    if (!chunk)
        return;
    for (uint32_t i = 0; i < chunk->n_batches; i++)
        lt_batch_drop(chunk->batches[i]);
    lt_alloc_put(queue->alloc, chunk->batches, sizeof(*chunk->batches) * chunk->n_batches);
    lt_alloc_put(queue->alloc, chunk, chunk->size);
}

void result_close(struct result_queue *queue)
{
    while (queue->head) {
        struct result_chunk *chunk = queue->head;
        queue->head = chunk->next;
        result_free(queue, chunk);
    }
    pending_drop(queue);
    lt_pool_close(queue->pool);
    if (queue->fd >= 0)
        close(queue->fd);
    pthread_mutex_destroy(&queue->lock);
}

static void result_wake(struct result_queue *queue)
{
    uint64_t one = 1;
    if (queue->fd < 0)
        return;
    ssize_t written = write(queue->fd, &one, sizeof(one));
    LT_UNUSED(written); /* full means awake already */
}

/* ---- from the graph -------------------------------------------------------- */

static lt_status pending_add(struct result_queue *queue, const struct lt_batch *batch)
{
    struct lt_batch *kept;
    if (queue->n_pending == queue->cap_pending) {
        uint32_t cap = queue->cap_pending ? queue->cap_pending * 2 : 8;
        struct lt_batch **grown =
            lt_alloc_resize(queue->alloc, queue->pending,
                            sizeof(*queue->pending) * queue->cap_pending, sizeof(*grown) * cap);
        if (!grown)
            return LT_NOMEM;
        queue->pending = grown;
        queue->cap_pending = cap;
    }
    LT_TRY(lt_batch_compact(queue->pool, batch, &kept));
    queue->pending[queue->n_pending++] = kept;
    return LT_OK;
}

/* Turns what is pending into a chunk and hands it to the reader. */
static lt_status pending_flush(struct result_queue *queue)
{
    struct result_row *rows;
    uint32_t n_rows;
    size_t rows_size;
    if (queue->n_pending == 0)
        return LT_OK;
    LT_TRY(changes_arrange(queue->alloc, queue->output, queue->mode, queue->pending,
                           queue->n_pending, &rows, &n_rows, &rows_size));
    size_t size = sizeof(struct result_chunk) + sizeof(struct result_row) * n_rows;
    struct result_chunk *chunk = lt_alloc_zero(queue->alloc, size);
    struct lt_batch **batches = lt_alloc_get(queue->alloc, sizeof(*batches) * queue->n_pending);
    if (!chunk || !batches) {
        lt_alloc_put(queue->alloc, chunk, size);
        lt_alloc_put(queue->alloc, batches, sizeof(*batches) * queue->n_pending);
        lt_alloc_put(queue->alloc, rows, rows_size);
        return LT_NOMEM;
    }
    memcpy(chunk->rows, rows, sizeof(*rows) * n_rows);
    lt_alloc_put(queue->alloc, rows, rows_size);
    memcpy(batches, queue->pending, sizeof(*batches) * queue->n_pending);
    chunk->size = size;
    chunk->n_rows = n_rows;
    chunk->batches = batches;
    chunk->n_batches = queue->n_pending;
    for (uint32_t i = 0; i < queue->n_pending; i++)
        chunk->bytes += lt_batch_bytes(batches[i]);
    queue->n_pending = 0;
    queue->bytes += chunk->bytes;
    *queue->tail = chunk;
    queue->tail = &chunk->next;
    result_wake(queue);
    return LT_OK;
}

static void result_fail(struct result_queue *queue, const struct lt_error *error)
{
    if (queue->ended)
        return;
    queue->failed = queue->ended = true;
    queue->error = *error;
    if (queue->error.code == LT_OK)
        queue->error.code = LT_NOMEM;
    result_wake(queue);
}

static lt_status on_batch(void *ctx, const struct lt_batch *batch, struct lt_error *err)
{
    struct result_queue *queue = ctx;
    LT_UNUSED(err);
    if (batch->n_sel == 0)
        return LT_OK;
    pthread_mutex_lock(&queue->lock);
    lt_status status = LT_OK;
    if (queue->ended)
        status = LT_OK; /* nobody reads any more */
    else if (queue->bytes >= queue->bytes_max)
        status = LT_BUSY;
    else
        status = pending_add(queue, batch);
    if (status == LT_OK && queue->mode == RESULT_STREAM)
        status = pending_flush(queue);
    pthread_mutex_unlock(&queue->lock);
    return status;
}

static void on_epoch(void *ctx, uint64_t epoch, int64_t watermark_us)
{
    struct result_queue *queue = ctx;
    LT_UNUSED(epoch);
    LT_UNUSED(watermark_us);
    pthread_mutex_lock(&queue->lock);
    if (queue->mode == RESULT_CHANGES && pending_flush(queue) != LT_OK)
        result_fail(queue, &(struct lt_error){.code = LT_NOMEM});
    pthread_mutex_unlock(&queue->lock);
}

static void on_end(void *ctx, const struct lt_error *error)
{
    struct result_queue *queue = ctx;
    pthread_mutex_lock(&queue->lock);
    if (error)
        result_fail(queue, error);
    else if (pending_flush(queue) != LT_OK)
        result_fail(queue, &(struct lt_error){.code = LT_NOMEM});
    queue->ended = true;
    result_wake(queue);
    pthread_mutex_unlock(&queue->lock);
}

struct lt_output_sink result_sink(struct result_queue *queue)
{
    return (struct lt_output_sink){
        .ctx = queue, .on_batch = on_batch, .on_epoch = on_epoch, .on_end = on_end};
}

/* ---- to the reader ---------------------------------------------------------- */

struct result_chunk *result_take(struct result_queue *queue, bool *ended, bool *failed)
{
    pthread_mutex_lock(&queue->lock);
    struct result_chunk *chunk = queue->head;
    if (chunk) {
        queue->head = chunk->next;
        if (!queue->head)
            queue->tail = &queue->head;
        queue->bytes -= chunk->bytes;
    }
    *ended = !chunk && queue->ended;
    *failed = !chunk && queue->failed;
    if (!chunk && queue->fd >= 0 && !queue->ended) {
        uint64_t count;
        ssize_t got = read(queue->fd, &count, sizeof(count));
        LT_UNUSED(got); /* nothing to take: sleep until the next wake */
    }
    pthread_mutex_unlock(&queue->lock);
    return chunk;
}
