/* image.c -- saved state: copies of chunks, lists of tables, small named values.
 *
 * An image of the chunks newer than an epoch is made whole with the image before
 * it (lt_image_complete). A whole image is read through a heap of its own, so the
 * references inside it keep their meaning whatever the numbers in the state that
 * loads it. Loading moves entries over one by one: old partitions may be split and
 * joined at will, and the new state starts without holes. */
#include "exec/state/table.h"

struct image_table {
    int64_t name;
    size_t payload_size, key_size, stride;
    uint32_t n_chunks, open_at;
    uint32_t *chunks;
};

struct image_value {
    char *key; /* with its NUL; the data follow at the next multiple of 16 */
    size_t key_size, size;
};

struct lt_state_image {
    struct lt_alloc *alloc;
    struct lt_state_heap heap; /* a chunk that is live but lies in the base: data NULL, size > 0 */
    uint32_t n_tables, table_cap;
    struct image_table *tables;
    int64_t *names;
    uint32_t name_cap;
    uint32_t n_values, value_cap;
    struct image_value *values;
    size_t bytes;
};

lt_status lt_image_open(struct lt_alloc *alloc, struct lt_state_image **out)
{
    struct lt_state_image *image = lt_alloc_zero(alloc, sizeof(*image));
    if (!image)
        return LT_NOMEM;
    image->alloc = alloc;
    image->heap.alloc = alloc;
    image->heap.n_chunks = 1;
    *out = image;
    return LT_OK;
}

void lt_image_close(struct lt_state_image *image)
{
    if (!image)
        return;
    struct lt_alloc *alloc = image->alloc;
    struct lt_state_heap *heap = &image->heap;
    for (uint32_t i = 1; i < heap->n_chunks && heap->chunks; i++)
        if (heap->chunks[i].data)
            lt_alloc_put(alloc, heap->chunks[i].data, heap->chunks[i].size);
    lt_alloc_put(alloc, heap->chunks, heap->chunk_cap * sizeof(*heap->chunks));
    for (uint32_t i = 0; i < image->n_tables; i++)
        lt_alloc_put(alloc, image->tables[i].chunks,
                     image->tables[i].n_chunks * sizeof(*image->tables[i].chunks));
    lt_alloc_put(alloc, image->tables, image->table_cap * sizeof(*image->tables));
    lt_alloc_put(alloc, image->names, image->name_cap * sizeof(*image->names));
    for (uint32_t i = 0; i < image->n_values; i++)
        lt_alloc_put(alloc, image->values[i].key,
                     image->values[i].key_size + image->values[i].size);
    lt_alloc_put(alloc, image->values, image->value_cap * sizeof(*image->values));
    lt_alloc_put(alloc, image, sizeof(*image));
}

size_t lt_image_bytes(const struct lt_state_image *image)
{
    return image->bytes;
}

const struct lt_state_heap *lt_image_heap(const struct lt_state_image *image)
{
    return &image->heap;
}

/* ---- chunks -------------------------------------------------------------- */

static lt_status chunk_copy(struct lt_state_image *image, struct lt_chunk *to,
                            const struct lt_chunk *from)
{
    char *data = lt_alloc_get(image->alloc, from->size);
    if (!data)
        return LT_NOMEM;
    memcpy(data, from->data, from->size);
    to->data = data;
    image->bytes += from->size;
    return LT_OK;
}

lt_status lt_state_save(struct lt_state *state, uint64_t since_epoch, struct lt_state_image *image)
{
    const struct lt_state_heap *from = &state->heap;
    struct lt_state_heap *to = &image->heap;
    LT_ASSERT(!to->chunks);
    to->chunks = lt_alloc_zero(image->alloc, from->n_chunks * sizeof(*to->chunks));
    if (!to->chunks)
        return LT_NOMEM;
    to->chunk_cap = from->n_chunks;
    to->n_chunks = from->n_chunks;
    to->epoch = from->epoch;
    for (uint32_t i = 1; i < from->n_chunks; i++) {
        const struct lt_chunk *chunk = &from->chunks[i];
        if (!chunk->data)
            continue;
        to->chunks[i].size = chunk->size;
        to->chunks[i].epoch = chunk->epoch;
        if (chunk->epoch > since_epoch)
            LT_TRY(chunk_copy(image, &to->chunks[i], chunk));
    }
    return LT_OK;
}

lt_status lt_image_complete(struct lt_state_image *image, const struct lt_state_image *base)
{
    for (uint32_t i = 1; i < image->heap.n_chunks; i++) {
        struct lt_chunk *chunk = &image->heap.chunks[i];
        if (!chunk->size || chunk->data)
            continue;
        if (i >= base->heap.n_chunks || !base->heap.chunks[i].data ||
            base->heap.chunks[i].size != chunk->size ||
            base->heap.chunks[i].epoch != chunk->epoch)
            return LT_CORRUPT;
        LT_TRY(chunk_copy(image, chunk, &base->heap.chunks[i]));
    }
    return LT_OK;
}

/* ---- tables -------------------------------------------------------------- */

static lt_status grow(struct lt_state_image *image, void **items, uint32_t len, uint32_t *cap,
                      size_t size)
{
    if (len < *cap)
        return LT_OK;
    uint32_t more = *cap ? *cap * 2 : 4;
    void *grown = lt_alloc_resize(image->alloc, *items, *cap * size, more * size);
    if (!grown)
        return LT_NOMEM;
    *items = grown;
    *cap = more;
    return LT_OK;
}

lt_status lt_table_save(const struct lt_table *table, int64_t name, struct lt_state_image *image)
{
    LT_TRY(grow(image, (void **)&image->tables, image->n_tables, &image->table_cap,
                sizeof(*image->tables)));
    LT_TRY(grow(image, (void **)&image->names, image->n_tables, &image->name_cap,
                sizeof(*image->names)));
    size_t size = table->n_chunks * sizeof(uint32_t);
    uint32_t *chunks = lt_alloc_get(image->alloc, size);
    if (!chunks)
        return LT_NOMEM;
    if (size)
        memcpy(chunks, table->chunks, size);
    image->names[image->n_tables] = name;
    image->tables[image->n_tables++] = (struct image_table){
        .name = name,
        .payload_size = table->payload_size,
        .key_size = table->key_size,
        .stride = table->stride,
        .n_chunks = table->n_chunks,
        .open_at = table->open_at,
        .chunks = chunks,
    };
    return LT_OK;
}

uint32_t lt_image_tables(const struct lt_state_image *image, const int64_t **names)
{
    *names = image->names;
    return image->n_tables;
}

/* The saved table as a table that can be walked; borrowed from the image. */
static lt_status table_view(const struct lt_table *table, const struct image_table *saved,
                            const struct lt_state_image *image, struct lt_table *view)
{
    if (saved->payload_size != table->payload_size || saved->key_size != table->key_size ||
        saved->stride != table->stride)
        return LT_CORRUPT;
    for (uint32_t i = 0; i < saved->n_chunks; i++) {
        uint32_t number = saved->chunks[i];
        if (number >= image->heap.n_chunks || !image->heap.chunks[number].data)
            return LT_CORRUPT;
    }
    *view = *table;
    view->heap = (struct lt_state_heap *)(uintptr_t)&image->heap;
    view->chunks = saved->chunks;
    view->n_chunks = saved->n_chunks;
    view->open_at = saved->open_at;
    return LT_OK;
}

lt_status lt_table_load(struct lt_table *table, int64_t name, const struct lt_state_image *image,
                        bool all, const struct lt_table_mover *mover)
{
    const struct lt_state *state = table->state;
    for (uint32_t t = 0; t < image->n_tables; t++) {
        if (image->tables[t].name != name)
            continue;
        struct lt_table view;
        LT_TRY(table_view(table, &image->tables[t], image, &view));
        uint64_t cursor = 0;
        for (char *from; (from = lt_table_next(&view, &cursor));) {
            uint64_t hash = lt_table_hash(&view, from);
            if (!all && lt_partition_of(hash, state->n_partitions) != state->partition)
                continue;
            char *to;
            bool is_new;
            LT_TRY(lt_table_upsert_from(table, &view, from, &to, &is_new));
            if (!is_new && !mover)
                return LT_CORRUPT;
            if (is_new)
                memcpy(to, from, table->payload_size);
            if (mover)
                LT_TRY(mover->move(mover->ctx, &image->heap, from, table->heap, to, !is_new));
        }
    }
    return LT_OK;
}

/* ---- values -------------------------------------------------------------- */

lt_status lt_image_put(struct lt_state_image *image, const char *key, const void *data, size_t size)
{
    LT_TRY(grow(image, (void **)&image->values, image->n_values, &image->value_cap,
                sizeof(*image->values)));
    struct image_value value = {.key_size = (strlen(key) + 16) & ~(size_t)15, .size = size};
    value.key = lt_alloc_zero(image->alloc, value.key_size + size);
    if (!value.key)
        return LT_NOMEM;
    memcpy(value.key, key, strlen(key) + 1);
    if (size)
        memcpy(value.key + value.key_size, data, size);
    image->values[image->n_values++] = value;
    image->bytes += size;
    return LT_OK;
}

bool lt_image_find(const struct lt_state_image *image, const char *key, struct lt_str *out)
{
    for (uint32_t i = image->n_values; i-- > 0;) {
        const struct image_value *value = &image->values[i];
        if (strcmp(value->key, key) == 0) {
            *out = (struct lt_str){value->key + value->key_size, value->size};
            return true;
        }
    }
    return false;
}

lt_status lt_image_get(const struct lt_state_image *image, const char *key, void *data, size_t size)
{
    struct lt_str found;
    if (!lt_image_find(image, key, &found) || found.len != size)
        return LT_CORRUPT;
    memcpy(data, found.data, size);
    return LT_OK;
}
