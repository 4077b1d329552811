/* pick.h -- inside exec/aggregates: the value that belongs to the smallest or largest key. */
#ifndef LT_EXEC_AGGREGATES_PICK_H
#define LT_EXEC_AGGREGATES_PICK_H

#include "exec/aggregates/common.h"
#include "exec/state/bag.h"

/* Append-only: the best so far, {key, value} as bytes in one heap piece. */
struct lt_pick {
    lt_ref ref;
    uint32_t key_len, value_len, cap;
    uint32_t has;
};

/* Keeps the new pair when its key is smaller (`max`: larger) than the one held. */
lt_status lt_pick_offer(struct lt_state_heap *heap, struct lt_pick *pick, struct lt_str key,
                        struct lt_str value, bool max) LT_MUST_CHECK;
lt_status lt_pick_merge(struct lt_state_heap *heap, struct lt_pick *into,
                        const struct lt_state_heap *from_heap, const struct lt_pick *from,
                        bool max) LT_MUST_CHECK;
lt_status lt_pick_put(const struct lt_state_heap *heap, const struct lt_pick *pick,
                      struct lt_column *out, uint32_t row) LT_MUST_CHECK;
void lt_pick_drop(struct lt_state_heap *heap, struct lt_pick *pick);

#endif
