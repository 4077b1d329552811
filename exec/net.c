/* net.c -- the net change of an epoch: rows of equal content summed by weight.
 *
 * The batches of an epoch are kept as they came; an open-addressing index maps
 * the content of a row (its canonical hash, then its cells) to an entry with the
 * weight so far. At the end only entries with a weight other than 0 leave. */
#include "exec/net.h"

#include <stdlib.h>

struct net_entry {
    uint64_t hash;
    int64_t weight;
    uint32_t batch, row;
};

struct lt_net {
    struct lt_alloc *alloc;
    struct lt_pool *pool;
    const struct lt_schema *schema;
    uint32_t n_keys;
    const uint32_t *keys;
    bool has_key;
    struct lt_batch **batches;
    uint32_t n_batches, batches_cap;
    struct net_entry *entries;
    uint32_t n_entries, entries_cap;
    uint32_t *index; /* entry number + 1, 0 = free */
    uint32_t index_size; /* a power of two */
    uint32_t next;       /* of lt_net_next */
    struct lt_batch_builder builder;
    struct lt_batch taken;
    bool has_taken;
};

lt_status lt_net_open(struct lt_alloc *alloc, struct lt_pool *pool, const struct lt_schema *schema,
                      uint32_t n_keys, const uint32_t *keys, bool has_key, struct lt_net **out)
{
    struct lt_net *net = lt_alloc_zero(alloc, sizeof(*net));
    if (!net)
        return LT_NOMEM;
    *net = (struct lt_net){.alloc = alloc,
                           .pool = pool,
                           .schema = schema,
                           .n_keys = n_keys,
                           .keys = keys,
                           .has_key = has_key};
    lt_status status = lt_builder_open(&net->builder, pool, schema, LT_BATCH_ROWS_MAX);
    if (status != LT_OK) {
        lt_alloc_put(alloc, net, sizeof(*net));
        return status;
    }
    *out = net;
    return LT_OK;
}

static void net_release_taken(struct lt_net *net)
{
    if (net->has_taken)
        lt_builder_release(&net->builder, &net->taken);
    net->has_taken = false;
}

void lt_net_clear(struct lt_net *net)
{
    net_release_taken(net);
    for (uint32_t i = 0; i < net->n_batches; i++)
        lt_batch_drop(net->batches[i]);
    net->n_batches = net->n_entries = net->next = 0;
    if (net->index)
        memset(net->index, 0, net->index_size * sizeof(*net->index));
}

void lt_net_close(struct lt_net *net)
{
    if (!net)
        return;
    lt_net_clear(net);
    lt_builder_close(&net->builder);
    lt_alloc_put(net->alloc, net->batches, net->batches_cap * sizeof(*net->batches));
    lt_alloc_put(net->alloc, net->entries, net->entries_cap * sizeof(*net->entries));
    lt_alloc_put(net->alloc, net->index, net->index_size * sizeof(*net->index));
    lt_alloc_put(net->alloc, net, sizeof(*net));
}

bool lt_net_is_empty(const struct lt_net *net)
{
    return net->n_entries == 0;
}

static bool rows_equal(const struct lt_net *net, const struct net_entry *entry,
                       const struct lt_batch *batch, uint32_t row)
{
    const struct lt_batch *old = net->batches[entry->batch];
    for (uint32_t c = 0; c < batch->n_columns; c++)
        if (!lt_cell_equal(lt_column_cell(old->columns[c], entry->row),
                           lt_column_cell(batch->columns[c], row)))
            return false;
    return true;
}

static lt_status net_grow(struct lt_net *net, uint32_t more)
{
    if (net->n_entries + more > net->entries_cap) {
        uint32_t cap = (net->n_entries + more) * 2;
        void *grown = lt_alloc_resize(net->alloc, net->entries,
                                      net->entries_cap * sizeof(*net->entries),
                                      cap * sizeof(*net->entries));
        if (!grown)
            return LT_NOMEM;
        net->entries = grown;
        net->entries_cap = cap;
    }
    if ((net->n_entries + more) * 2 <= net->index_size)
        return LT_OK;
    uint32_t size = net->index_size ? net->index_size : 256;
    while (size < (net->n_entries + more) * 2)
        size *= 2;
    uint32_t *index = lt_alloc_zero(net->alloc, size * sizeof(*index));
    if (!index)
        return LT_NOMEM;
    lt_alloc_put(net->alloc, net->index, net->index_size * sizeof(*net->index));
    net->index = index;
    net->index_size = size;
    for (uint32_t i = 0; i < net->n_entries; i++) {
        uint32_t at = (uint32_t)net->entries[i].hash & (size - 1);
        while (index[at])
            at = (at + 1) & (size - 1);
        index[at] = i + 1;
    }
    return LT_OK;
}

static void net_add_row(struct lt_net *net, const struct lt_batch *batch, uint32_t row,
                        uint64_t hash)
{
    uint32_t mask = net->index_size - 1, at = (uint32_t)hash & mask;
    for (; net->index[at]; at = (at + 1) & mask) {
        struct net_entry *entry = &net->entries[net->index[at] - 1];
        if (entry->hash == hash && rows_equal(net, entry, batch, row)) {
            entry->weight += lt_batch_weight(batch, row);
            return;
        }
    }
    net->entries[net->n_entries] = (struct net_entry){.hash = hash,
                                                      .weight = lt_batch_weight(batch, row),
                                                      .batch = net->n_batches - 1,
                                                      .row = row};
    net->index[at] = ++net->n_entries;
}

lt_status lt_net_add(struct lt_net *net, const struct lt_batch *batch)
{
    uint64_t hashes[LT_BATCH_ROWS_MAX];
    LT_TRY(net_grow(net, batch->n_sel));
    if (net->n_batches == net->batches_cap) {
        uint32_t cap = net->batches_cap ? net->batches_cap * 2 : 16;
        void *grown = lt_alloc_resize(net->alloc, net->batches,
                                      net->batches_cap * sizeof(*net->batches),
                                      cap * sizeof(*net->batches));
        if (!grown)
            return LT_NOMEM;
        net->batches = grown;
        net->batches_cap = cap;
    }
    struct lt_batch *kept = lt_batch_keep(net->pool, batch);
    if (!kept)
        return LT_NOMEM;
    net->batches[net->n_batches++] = kept;
    for (uint32_t c = 0; c < kept->n_columns; c++)
        lt_hash_column(kept->columns[c], kept->sel, kept->n_sel, hashes, c > 0);
    if (kept->n_columns == 0)
        memset(hashes, 0, kept->n_sel * sizeof(*hashes));
    for (uint32_t i = 0; i < kept->n_sel; i++)
        net_add_row(net, kept, lt_batch_row(kept, i), hashes[i]);
    return LT_OK;
}

static struct lt_cell net_cell(const struct lt_net *net, const struct net_entry *entry, uint32_t c)
{
    return lt_column_cell(net->batches[entry->batch]->columns[c], entry->row);
}

static int net_compare(const void *pa, const void *pb, void *ctx)
{
    const struct lt_net *net = ctx;
    const struct net_entry *a = pa, *b = pb;
    for (uint32_t k = 0; net->has_key && k < net->n_keys; k++) {
        int order = lt_cell_compare(net_cell(net, a, net->keys[k]), net_cell(net, b, net->keys[k]));
        if (order)
            return order;
    }
    if ((a->weight < 0) != (b->weight < 0))
        return a->weight < 0 ? -1 : 1;
    for (uint32_t c = 0; c < net->schema->len; c++) {
        int order = lt_cell_compare(net_cell(net, a, c), net_cell(net, b, c));
        if (order)
            return order;
    }
    return 0;
}

lt_status lt_net_sort(struct lt_net *net)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < net->n_entries; i++)
        if (net->entries[i].weight != 0)
            net->entries[n++] = net->entries[i];
    net->n_entries = n;
    net->next = 0;
    if (n > 1)
        qsort_r(net->entries, n, sizeof(*net->entries), net_compare, net);
    return LT_OK;
}

lt_status lt_net_next(struct lt_net *net, uint32_t max_rows, struct lt_batch *batch)
{
    net_release_taken(net);
    uint32_t n = net->n_entries - net->next;
    if (n > max_rows)
        n = max_rows;
    *batch = (struct lt_batch){.len = 0};
    if (n == 0)
        return LT_OK;
    struct lt_batch_builder *builder = &net->builder;
    for (uint32_t i = 0; i < n; i++) {
        const struct net_entry *entry = &net->entries[net->next + i];
        for (uint32_t c = 0; c < net->schema->len; c++)
            LT_TRY(lt_column_copy_cell(builder->columns[c], i, net_cell(net, entry, c)));
        if (entry->weight != 1)
            LT_TRY(lt_builder_set_weight(builder, i, (int32_t)entry->weight));
        builder->len = i + 1;
    }
    LT_TRY(lt_builder_take(builder, &net->taken));
    net->has_taken = true;
    net->next += n;
    *batch = net->taken;
    return LT_OK;
}
