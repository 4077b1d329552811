/* bag.h -- an ordered multiset inside the state heap: retractable MIN and MAX,
 * medians, lists in order.
 *
 * An item is a key (order bytes), a value (any bytes, may be empty) and a weight;
 * items are ordered by key, then value, bytewise. The fixed part lies in a group's
 * block; zero is the empty bag. */
#ifndef LT_EXEC_STATE_BAG_H
#define LT_EXEC_STATE_BAG_H

#include "exec/state/state.h"

struct lt_bag {
    lt_ref root;
    int64_t len; /* items, whatever their weights */
};

struct lt_bag_item { /* borrowed from the heap */
    struct lt_str key, value;
    int64_t weight;
};

/* Adds to the weight of the item; at 0 it leaves. A retraction may come first: items
 * of negative weight are kept and not seen by the functions below. */
lt_status lt_bag_add(struct lt_state_heap *heap, struct lt_bag *bag, struct lt_str key,
                     struct lt_str value, int64_t weight) LT_MUST_CHECK;
lt_status lt_bag_merge(struct lt_state_heap *heap, struct lt_bag *into,
                       const struct lt_state_heap *from_heap, const struct lt_bag *from)
    LT_MUST_CHECK;
void lt_bag_drop(struct lt_state_heap *heap, struct lt_bag *bag);
/* The sum of positive weights. */
int64_t lt_bag_total(const struct lt_state_heap *heap, const struct lt_bag *bag);
/* The item that holds place `rank` (from 0) counting weights; false past the end. */
bool lt_bag_select(const struct lt_state_heap *heap, const struct lt_bag *bag, int64_t rank,
                   struct lt_bag_item *item);
bool lt_bag_last(const struct lt_state_heap *heap, const struct lt_bag *bag,
                 struct lt_bag_item *item);
/* Visits items of positive weight in order until `visit` says otherwise than LT_OK. */
lt_status lt_bag_walk(const struct lt_state_heap *heap, const struct lt_bag *bag,
                      lt_status (*visit)(void *ctx, const struct lt_bag_item *item), void *ctx)
    LT_MUST_CHECK;
bool lt_bag_check(const struct lt_state_heap *heap, const struct lt_bag *bag);

#endif
