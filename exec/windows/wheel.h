/* wheel.h -- inside exec/windows: when keys must be looked at again. */
#ifndef LT_EXEC_WINDOWS_WHEEL_H
#define LT_EXEC_WINDOWS_WHEEL_H

#include "exec/state/state.h"

enum { LT_WHEEL_BLOCK = 15 };

struct lt_wheel_entry {
    int64_t time;
    lt_ref key;
};

struct lt_wheel_block {
    struct lt_wheel_block *next; /* of its slot, or of the free ones */
    uint32_t n;
    struct lt_wheel_entry entries[LT_WHEEL_BLOCK];
};

struct lt_wheel {
    struct lt_alloc *alloc;
    unsigned shift; /* a slot is 2^shift microseconds wide */
    int64_t next;   /* the earliest time in the wheel; LT_WATERMARK_MAX = it is empty */
    int64_t last;   /* no time in the wheel is later */
    uint64_t len;
    struct lt_wheel_block **slots;
    struct lt_wheel_block *free;
    struct lt_wheel_block *open; /* what is left of the slot being taken from */
    int64_t turn;                /* that slot's */
    struct lt_wheel_chunk *chunks; /* what blocks are cut from */
    size_t bytes;
};

/* `span_us`: how far ahead most times lie. */
lt_status lt_wheel_open(struct lt_wheel *wheel, struct lt_alloc *alloc, int64_t span_us)
    LT_MUST_CHECK;
void lt_wheel_close(struct lt_wheel *wheel); /* also one never opened, but zero */
lt_status lt_wheel_add(struct lt_wheel *wheel, int64_t time, lt_ref key) LT_MUST_CHECK;
/* Takes out up to n entries of time <= now; says how many, 0 when there are no more. Their
 * order means nothing. */
uint32_t lt_wheel_take(struct lt_wheel *wheel, int64_t now, struct lt_wheel_entry *out,
                       uint32_t n);
void lt_wheel_clear(struct lt_wheel *wheel);

#endif
