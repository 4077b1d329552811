/* pick.c -- holds the value of the best key in one piece of the heap, used again while
 * new values fit. */
#include "exec/aggregates/pick.h"

static const char *pick_bytes(const struct lt_state_heap *heap, const struct lt_pick *pick)
{
    return pick->ref ? lt_heap_at(heap, pick->ref) : "";
}

lt_status lt_pick_offer(struct lt_state_heap *heap, struct lt_pick *pick, struct lt_str key,
                        struct lt_str value, bool max)
{
    if (pick->has) {
        int order = lt_str_compare(key, (struct lt_str){pick_bytes(heap, pick), pick->key_len});
        if (max ? order <= 0 : order >= 0)
            return LT_OK;
    }
    size_t size = key.len + value.len;
    if (pick->cap < size) {
        lt_ref ref;
        void *ptr;
        LT_TRY(lt_heap_new(heap, size, &ref, &ptr));
        lt_heap_free(heap, pick->ref, pick->cap);
        pick->ref = ref;
        pick->cap = (uint32_t)size;
    }
    char *bytes = lt_heap_write(heap, pick->ref);
    memcpy(bytes, key.data, key.len);
    memcpy(bytes + key.len, value.data, value.len);
    pick->key_len = (uint32_t)key.len;
    pick->value_len = (uint32_t)value.len;
    pick->has = 1;
    return LT_OK;
}

lt_status lt_pick_merge(struct lt_state_heap *heap, struct lt_pick *into,
                        const struct lt_state_heap *from_heap, const struct lt_pick *from,
                        bool max)
{
    if (!from->has)
        return LT_OK;
    const char *bytes = pick_bytes(from_heap, from);
    return lt_pick_offer(heap, into, (struct lt_str){bytes, from->key_len},
                         (struct lt_str){bytes + from->key_len, from->value_len}, max);
}

lt_status lt_pick_put(const struct lt_state_heap *heap, const struct lt_pick *pick,
                      struct lt_column *out, uint32_t row)
{
    if (!pick->has)
        return lt_agg_null(out, row);
    const char *at = pick_bytes(heap, pick) + pick->key_len;
    return lt_cell_decode(out, row, &at, at + pick->value_len);
}

void lt_pick_drop(struct lt_state_heap *heap, struct lt_pick *pick)
{
    lt_heap_free(heap, pick->ref, pick->cap);
    *pick = (struct lt_pick){0};
}
