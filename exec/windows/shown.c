/* shown.c -- rows shown, kept as bytes: compared, taken back, replaced.
 *
 *   record   {next, next_size, window} cells of the calls
 *
 * The new row is written first and compared; when it differs the old ones follow with
 * weight -1. Consumers see the net of an epoch, so the order means nothing to them. */
#include "exec/windows/shown.h"

struct record {
    lt_ref next;
    uint64_t next_size;
    struct lt_window window;
    char cells[];
};

void lt_shown_drop(struct lt_state_heap *heap, struct lt_shown *shown)
{
    while (shown->first) {
        const struct record *record = lt_heap_at(heap, shown->first);
        lt_ref next = record->next;
        uint32_t next_size = (uint32_t)record->next_size;
        lt_heap_free(heap, shown->first, shown->size);
        shown->first = next;
        shown->size = next_size;
    }
}

void lt_shown_join(struct lt_state_heap *heap, struct lt_shown *into, struct lt_shown *from)
{
    into->dirty = 1;
    into->since += from->since;
    if (!from->first)
        return;
    if (!into->first) {
        into->first = from->first;
        into->size = from->size;
    } else {
        struct record *last = lt_heap_write(heap, into->first);
        while (last->next)
            last = lt_heap_write(heap, last->next);
        last->next = from->first;
        last->next_size = from->size;
    }
    from->first = 0;
}

lt_status lt_shown_move(struct lt_state_heap *heap, struct lt_shown *shown,
                        const struct lt_state_heap *from_heap)
{
    lt_ref from = shown->first;
    uint32_t size = shown->size;
    lt_ref *link = &shown->first;
    while (from) {
        void *copy;
        lt_ref ref;
        lt_status status = lt_heap_new(heap, size, &ref, &copy);
        if (status != LT_OK) {
            *link = 0;
            return status;
        }
        const struct record *record = lt_heap_at(from_heap, from);
        memcpy(copy, record, size);
        *link = ref;
        link = &((struct record *)copy)->next;
        from = record->next;
        size = (uint32_t)record->next_size;
    }
    return LT_OK;
}

static void pop_record(struct lt_state_heap *heap, struct lt_shown *shown)
{
    const struct record *record = lt_heap_at(heap, shown->first);
    lt_ref next = record->next;
    uint32_t next_size = (uint32_t)record->next_size;
    lt_heap_free(heap, shown->first, shown->size);
    shown->first = next;
    shown->size = next_size;
}

static lt_status push_record(struct lt_state_heap *heap, struct lt_shown *shown,
                             struct lt_str cells, const struct lt_window *window)
{
    lt_ref ref;
    void *ptr;
    uint32_t size = (uint32_t)(sizeof(struct record) + cells.len);
    LT_TRY(lt_heap_new(heap, size, &ref, &ptr));
    struct record *record = ptr;
    record->window = *window;
    if (cells.len)
        memcpy(record->cells, cells.data, cells.len);
    shown->first = ref;
    shown->size = size;
    return LT_OK;
}

/* The one row shown is the row that would be shown now. */
static bool says_the_same(const struct lt_state_heap *heap, const struct lt_shown *shown,
                          struct lt_str cells, const struct lt_window *window)
{
    if (!shown->first)
        return false;
    const struct record *record = lt_heap_at(heap, shown->first);
    return !record->next && shown->size == sizeof(*record) + cells.len &&
           record->window.start == window->start && record->window.end == window->end &&
           (cells.len == 0 || memcmp(record->cells, cells.data, cells.len) == 0);
}

static lt_status write_old(struct lt_op *op, const struct lt_shown *shown,
                           const struct lt_table *table, char *payload)
{
    const struct lt_window_base *base = op->state;
    const struct record *record = lt_heap_at(base->heap, shown->first);
    struct lt_str cells = {record->cells, shown->size - sizeof(*record)};
    return lt_window_write_shown(op, table, payload, cells, &record->window, -1);
}

static lt_status retract_all(struct lt_op *op, struct lt_shown *shown, const struct lt_table *table,
                             char *payload)
{
    struct lt_window_base *base = op->state;
    while (shown->first) {
        if (!lt_rows_has_room(&base->out, 1))
            return LT_BUSY;
        LT_TRY(write_old(op, shown, table, payload));
        pop_record(base->heap, shown);
    }
    return LT_OK;
}

lt_status lt_shown_fire(struct lt_op *op, struct lt_fire *fire, struct lt_shown *shown,
                        const struct lt_table *table, char *payload, char *block,
                        const struct lt_window *window, bool empty)
{
    struct lt_window_base *base = op->state;
    bool fresh = !empty && !shown->retracting;
    if (fire->mode == LT_EMIT_DISCARDING && shown->since == 0)
        fresh = false;
    if (fresh) {
        if (!lt_rows_has_room(&base->out, 1))
            return LT_BUSY;
        LT_TRY(lt_window_write(op, table, payload, block, window));
        LT_TRY(lt_window_encode(op, &fire->bytes));
        if (fire->mode != LT_EMIT_DISCARDING &&
            says_the_same(base->heap, shown, lt_buf_str(&fire->bytes), window)) {
            uint32_t before = base->out.builder.len;
            lt_rows_undo(&base->out, 1);
            if (base->out.builder.len != before || fire->mode == LT_EMIT_ACCUMULATING) {
                shown->dirty = 0;
                shown->since = 0;
                return LT_OK;
            }
        }
    }
    if (fire->mode == LT_EMIT_RETRACTING) {
        shown->retracting = 1;
        LT_TRY(retract_all(op, shown, table, payload));
        shown->retracting = 0;
    }
    lt_shown_drop(base->heap, shown);
    shown->dirty = 0;
    shown->since = 0;
    if (empty || fire->mode == LT_EMIT_DISCARDING)
        return LT_OK;
    return push_record(base->heap, shown, lt_buf_str(&fire->bytes), window);
}
