/* exchange.c -- the ring between two pipelines: one producer, one consumer.
 *
 * A bounded SPSC queue (Lamport's, with the two indices on cache lines of their
 * own). Bytes are counted in by the producer and out by the consumer; their
 * difference is what is in flight. A message larger than the whole bound passes
 * when the ring is empty, so nothing can be stuck for good. */
#include "exec/exchange.h"

#include "exec/run.h"

bool lt_ring_push(struct lt_ring *ring, const struct lt_message *message)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    uint64_t bytes = ring->bytes_in - atomic_load_explicit(&ring->bytes_out, memory_order_relaxed);
    if (head - tail >= LT_RING_SLOTS)
        return false;
    if (message->bytes > 0 && bytes > 0 && bytes + message->bytes > ring->bytes_max)
        return false;
    ring->slots[head % LT_RING_SLOTS] = *message;
    ring->bytes_in += message->bytes;
    atomic_store_explicit(&ring->head, head + 1, memory_order_release);
    lt_waker_wake(ring->consumer);
    return true;
}

struct lt_message *lt_ring_peek(struct lt_ring *ring)
{
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    if (tail == atomic_load_explicit(&ring->head, memory_order_acquire))
        return NULL;
    return &ring->slots[tail % LT_RING_SLOTS];
}

void lt_ring_pop(struct lt_ring *ring)
{
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    uint64_t bytes = atomic_load_explicit(&ring->bytes_out, memory_order_relaxed);
    atomic_store_explicit(&ring->bytes_out, bytes + ring->slots[tail % LT_RING_SLOTS].bytes,
                          memory_order_relaxed);
    atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
    lt_waker_wake(ring->producer);
}

void lt_ring_drain(struct lt_ring *ring)
{
    struct lt_message *message;
    while ((message = lt_ring_peek(ring))) {
        if (message->batch)
            lt_batch_drop(message->batch);
        lt_ring_pop(ring);
    }
}
