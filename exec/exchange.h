/* exchange.h -- the ring between two pipelines: one producer, one consumer.
 *
 * Messages are batches, watermarks, barriers and ends, in order. A ring is bounded
 * in bytes (and slots): when it is full the producer yields; the consumer, or
 * whoever lies below it, runs first. */
#ifndef LT_EXEC_EXCHANGE_H
#define LT_EXEC_EXCHANGE_H

#include <stdatomic.h>

#include "exec/operator.h"

enum lt_message_kind { LT_MESSAGE_BATCH, LT_MESSAGE_WATERMARK, LT_MESSAGE_BARRIER, LT_MESSAGE_END };

struct lt_message {
    enum lt_message_kind kind;
    struct lt_batch *batch; /* kept; its receiver drops it */
    int64_t value;          /* watermark or epoch */
    size_t bytes;
};

enum { LT_RING_SLOTS = 256, LT_CACHE_LINE = 64 };

struct lt_waker; /* exec/run.h: the worker that sleeps at one end */

struct lt_ring {
    /* written by the producer */
    _Atomic uint64_t head __attribute__((aligned(LT_CACHE_LINE)));
    uint64_t bytes_in;
    /* written by the consumer */
    _Atomic uint64_t tail __attribute__((aligned(LT_CACHE_LINE)));
    _Atomic uint64_t bytes_out;
    _Atomic bool done; /* the consumer wants no more rows */
    /* fixed */
    size_t bytes_max __attribute__((aligned(LT_CACHE_LINE)));
    struct lt_waker *producer, *consumer; /* NULL when caller-driven */
    struct lt_message slots[LT_RING_SLOTS];
};

/* The producer's side. False = full, and nothing was taken over. */
bool lt_ring_push(struct lt_ring *ring, const struct lt_message *message);
/* The consumer's side. The message stays until lt_ring_pop. NULL = empty. */
struct lt_message *lt_ring_peek(struct lt_ring *ring);
void lt_ring_pop(struct lt_ring *ring);
/* Drops what is left; no thread is at either end any more. */
void lt_ring_drain(struct lt_ring *ring);

/* The end of a pipeline at an exchange: op->shared is a struct lt_exchange_out. */
struct lt_exchange_out {
    uint32_t n;
    struct lt_ring **rings; /* to partition i of the consumer; NULL = nobody there (share.c) */
};
/* Forgets what is owed to ring i, whose consumer goes away. */
void lt_sender_forget(struct lt_op *op, uint32_t i);
extern const struct lt_op_type lt_op_sender_type;
/* Where a pipeline begins: ports are producers. */
extern const struct lt_op_type lt_op_receiver_type;

#endif
