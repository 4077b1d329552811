/* panes.c -- the panes of an operator, in order of time.
 *
 * There are as many as stretches of time are open, usually a handful; new ones come
 * at the end, old ones go at the front, so a sorted array is all that is needed. */
#include "exec/windows/panes.h"

static bool pane_before(const struct lt_pane *pane, int64_t start, int64_t end, int64_t min_end)
{
    if (pane->window.start != start)
        return pane->window.start < start;
    if (pane->window.end != end)
        return pane->window.end < end;
    return pane->min_end < min_end;
}

uint32_t lt_panes_seek(const struct lt_panes *panes, int64_t start, int64_t end, int64_t min_end)
{
    uint32_t low = 0, high = panes->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (pane_before(panes->items[middle], start, end, min_end))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct lt_pane *lt_panes_find(const struct lt_panes *panes, int64_t start, int64_t end,
                              int64_t min_end)
{
    uint32_t i = lt_panes_seek(panes, start, end, min_end);
    if (i == panes->n)
        return NULL;
    struct lt_pane *pane = panes->items[i];
    bool same = pane->window.start == start && pane->window.end == end && pane->min_end == min_end;
    return same ? pane : NULL;
}

struct lt_pane *lt_panes_insert(struct lt_panes *panes, const struct lt_window *window,
                                int64_t min_end)
{
    if (panes->n == panes->cap) {
        uint32_t cap = panes->cap ? panes->cap * 2 : 8;
        void *grown =
            lt_alloc_resize(panes->alloc, panes->items, panes->cap * sizeof(*panes->items),
                            cap * sizeof(*panes->items));
        if (!grown)
            return NULL;
        panes->items = grown;
        panes->cap = cap;
    }
    struct lt_pane *pane = panes->spare;
    if (pane)
        panes->spare = pane->next;
    else
        pane = lt_alloc_get(panes->alloc, sizeof(*pane));
    if (!pane)
        return NULL;
    *pane = (struct lt_pane){.window = *window, .min_end = min_end};
    uint32_t at = lt_panes_seek(panes, window->start, window->end, min_end);
    memmove(panes->items + at + 1, panes->items + at, (panes->n - at) * sizeof(*panes->items));
    panes->items[at] = pane;
    panes->n++;
    return pane;
}

struct lt_table *lt_panes_take(struct lt_panes *panes, uint32_t i)
{
    struct lt_pane *pane = panes->items[i];
    struct lt_table *table = pane->table;
    pane->next = panes->spare;
    panes->spare = pane;
    panes->n--;
    memmove(panes->items + i, panes->items + i + 1, (panes->n - i) * sizeof(*panes->items));
    return table;
}

void lt_panes_remove(struct lt_panes *panes, uint32_t i)
{
    lt_table_close(lt_panes_take(panes, i));
}

void lt_panes_close(struct lt_panes *panes)
{
    while (panes->n)
        lt_panes_remove(panes, panes->n - 1);
    while (panes->spare) {
        struct lt_pane *pane = panes->spare;
        panes->spare = pane->next;
        lt_alloc_put(panes->alloc, pane, sizeof(*pane));
    }
    if (panes->items)
        lt_alloc_put(panes->alloc, panes->items, panes->cap * sizeof(*panes->items));
    panes->items = NULL;
    panes->cap = 0;
}

lt_status lt_panes_save(const struct lt_panes *panes, struct lt_state_image *image)
{
    struct lt_buf records;
    lt_buf_init(&records, panes->alloc);
    lt_status status = LT_OK;
    for (uint32_t i = 0; i < panes->n && status == LT_OK; i++) {
        const struct lt_pane *pane = panes->items[i];
        struct lt_pane_record record = {pane->window, pane->min_end, pane->max_end};
        lt_buf_add(&records, &record, sizeof(record));
        status = lt_table_save(pane->table, i, image);
    }
    if (status == LT_OK)
        status = records.status;
    if (status == LT_OK)
        status = lt_image_put(image, "panes", records.data, records.len);
    lt_buf_close(&records);
    return status;
}

lt_status lt_panes_saved(const struct lt_state_image *image, const struct lt_pane_record **records,
                         uint32_t *n)
{
    struct lt_str bytes;
    if (!lt_image_find(image, "panes", &bytes) || bytes.len % sizeof(struct lt_pane_record))
        return LT_CORRUPT;
    *records = (const struct lt_pane_record *)(const void *)bytes.data;
    *n = (uint32_t)(bytes.len / sizeof(struct lt_pane_record));
    return LT_OK;
}
