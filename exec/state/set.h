/* set.h -- a set with counts inside the state heap: DISTINCT.
 *
 * Values are order bytes (order.h), or 8 bytes taken as they are. The fixed part
 * lies in a group's block; zero is the empty set. */
#ifndef LT_EXEC_STATE_SET_H
#define LT_EXEC_STATE_SET_H

#include "exec/state/state.h"

struct lt_set {
    lt_ref slots;
    uint32_t cap; /* a power of two, 0 at first */
    uint32_t len;
};

/* A value: its hash, and its bytes (not NULL) or, when `bytes.data` is NULL, the
 * 64 bits of `word`. One set holds only one of the two kinds. */
struct lt_set_value {
    uint64_t hash;
    uint64_t word;
    struct lt_str bytes;
};

/* Adds `weight` to the count of the value: *change is +1 when the count became
 * positive, -1 when it ceased to be, else 0. A retraction may come first. */
lt_status lt_set_add(struct lt_state_heap *heap, struct lt_set *set,
                     const struct lt_set_value *value, int64_t weight, int *change) LT_MUST_CHECK;
/* Walks the values: *cursor starts at 0; false at the end. */
bool lt_set_next(const struct lt_state_heap *heap, const struct lt_set *set, bool words,
                 uint32_t *cursor, struct lt_set_value *value, int64_t *weight);
void lt_set_drop(struct lt_state_heap *heap, struct lt_set *set, bool words);

#endif
