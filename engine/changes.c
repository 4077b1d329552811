/* changes.c -- the net of some batches, as rows with operations, in order.
 *
 *   rows with weights ──▶ distinct rows, weights added ──▶ ops, by key ──▶ sort, limit
 *
 * Distinct rows are found by hash over all columns. For an upsert key, -1 and +1
 * of one key become -U and +U; everything else is |w| times -D or +I. The order
 * is that of SQL.md (Changelogs in output): keys that are only deleted come first,
 * then the others, each class in order of first appearance, so that deletions
 * precede insertions while one key's rows stay together. */
#include <stdlib.h>

#include "engine/engine.h"

struct net_row { /* a distinct row */
    const struct lt_batch *batch;
    uint32_t row;
    int64_t weight;
    uint64_t hash; /* of all columns */
    uint32_t key;  /* which key group, in order of appearance */
    uint32_t seq;
};

struct net_key {
    uint32_t first; /* a net row that has the key */
    uint64_t hash;
    uint32_t n_minus, n_plus; /* net rows of either sign */
    int64_t minus, plus;      /* weights */
};

struct net {
    struct lt_alloc *alloc;
    const struct lt_plan_node *output;
    struct net_row *rows;
    uint32_t n_rows, n_keys, cap; /* cap: of rows and keys, as all rows were distinct */
    struct net_key *keys;
    uint32_t *slots; /* open addressing: index + 1 */
    uint32_t slots_mask;
};

/* ---- distinct rows ------------------------------------------------------- */

static uint64_t row_hash(const struct lt_batch *batch, uint32_t row, uint32_t n,
                         const uint32_t *columns)
{
    uint64_t hash = 0;
    for (uint32_t c = 0; c < n; c++) {
        uint32_t column = columns ? columns[c] : c;
        hash = lt_cell_hash(lt_column_cell(batch->columns[column], row), hash);
    }
    return hash;
}

static bool row_equal(const struct net_row *a, const struct lt_batch *batch, uint32_t row,
                      uint32_t n, const uint32_t *columns)
{
    for (uint32_t c = 0; c < n; c++) {
        uint32_t column = columns ? columns[c] : c;
        if (!lt_cell_equal(lt_column_cell(a->batch->columns[column], a->row),
                           lt_column_cell(batch->columns[column], row)))
            return false;
    }
    return true;
}

static uint32_t slot_of(const struct net *net, uint64_t hash)
{
    return (uint32_t)(hash >> 20) & net->slots_mask;
}

static void net_add(struct net *net, const struct lt_batch *batch, uint32_t row)
{
    uint64_t hash = row_hash(batch, row, batch->n_columns, NULL);
    uint32_t at = slot_of(net, hash);
    for (; net->slots[at]; at = (at + 1) & net->slots_mask) {
        struct net_row *seen = &net->rows[net->slots[at] - 1];
        if (seen->hash == hash && row_equal(seen, batch, row, batch->n_columns, NULL)) {
            seen->weight += lt_batch_weight(batch, row);
            return;
        }
    }
    net->rows[net->n_rows] = (struct net_row){
        .batch = batch, .row = row, .weight = lt_batch_weight(batch, row), .hash = hash};
    net->slots[at] = ++net->n_rows;
}

/* Drops rows whose weights have met at zero; a row that stayed keeps its place. */
static void net_squeeze(struct net *net)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < net->n_rows; i++)
        if (net->rows[i].weight != 0) {
            net->rows[kept] = net->rows[i];
            net->rows[kept].seq = kept;
            kept++;
        }
    net->n_rows = kept;
}

/* ---- keys ----------------------------------------------------------------- */

/* Without an upsert key every row is a key of its own. */
static void net_group(struct net *net)
{
    const struct lt_props *props = &net->output->props;
    memset(net->slots, 0, sizeof(uint32_t) * ((size_t)net->slots_mask + 1));
    for (uint32_t i = 0; i < net->n_rows; i++) {
        struct net_row *row = &net->rows[i];
        uint64_t hash = row->hash;
        if (props->has_upsert_key)
            hash = row_hash(row->batch, row->row, props->n_upsert_key, props->upsert_key);
        uint32_t at = slot_of(net, hash);
        for (; net->slots[at]; at = (at + 1) & net->slots_mask) {
            struct net_key *key = &net->keys[net->slots[at] - 1];
            if (props->has_upsert_key && key->hash == hash &&
                row_equal(&net->rows[key->first], row->batch, row->row, props->n_upsert_key,
                          props->upsert_key))
                break;
        }
        if (!net->slots[at]) {
            net->keys[net->n_keys] = (struct net_key){.first = i, .hash = hash};
            net->slots[at] = ++net->n_keys;
        }
        row->key = net->slots[at] - 1;
        struct net_key *key = &net->keys[row->key];
        key->n_minus += row->weight < 0;
        key->n_plus += row->weight > 0;
        key->minus += row->weight < 0 ? -row->weight : 0;
        key->plus += row->weight > 0 ? row->weight : 0;
    }
}

/* Deleted only, then changed, then new; within a class by first appearance; one
 * key's deletions before its insertions. */
static int row_class(const struct net *net, const struct net_row *row)
{
    const struct net_key *key = &net->keys[row->key];
    return key->n_plus == 0 ? 0 : key->n_minus > 0 ? 1 : 2;
}

static int row_order(const void *a, const void *b, void *ctx)
{
    const struct net *net = ctx;
    const struct net_row *x = a, *y = b;
    int cx = row_class(net, x), cy = row_class(net, y);
    if (cx != cy)
        return cx - cy;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if ((x->weight < 0) != (y->weight < 0))
        return x->weight < 0 ? -1 : 1;
    return x->seq < y->seq ? -1 : 1;
}

/* ---- the final table ------------------------------------------------------- */

static int final_order(const void *a, const void *b, void *ctx)
{
    const struct lt_plan_node *output = ctx;
    const struct result_row *x = a, *y = b;
    for (uint32_t k = 0; k < output->u.output.n_order; k++) {
        const struct lt_sort_key *key = &output->u.output.order[k];
        struct lt_cell cx = lt_column_cell(x->batch->columns[key->column], x->row);
        struct lt_cell cy = lt_column_cell(y->batch->columns[key->column], y->row);
        if (cx.null != cy.null)
            return cx.null == key->nulls_first ? -1 : 1;
        int order = cx.null ? 0 : lt_cell_compare(cx, cy);
        if (order != 0)
            return key->descending ? -order : order;
    }
    return 0;
}

/* A stable sort: qsort_r gives none, so runs are merged by hand. */
static void merge_sort(struct result_row *rows, struct result_row *spare, uint32_t n, void *ctx)
{
    if (n < 2)
        return;
    uint32_t half = n / 2, i = 0, j = half, k = 0;
    merge_sort(rows, spare, half, ctx);
    merge_sort(rows + half, spare, n - half, ctx);
    memcpy(spare, rows, sizeof(*rows) * half);
    while (i < half && j < n)
        rows[k++] = final_order(&rows[j], &spare[i], ctx) < 0 ? rows[j++] : spare[i++];
    while (i < half)
        rows[k++] = spare[i++];
}

static lt_status final_sort(struct lt_alloc *alloc, const struct lt_plan_node *output,
                            struct result_row *rows, uint32_t *n)
{
    int64_t limit = output->u.output.limit, offset = output->u.output.offset;
    if (output->u.output.n_order > 0 && *n > 1) {
        size_t size = sizeof(*rows) * (*n / 2 + 1);
        struct result_row *spare = lt_alloc_get(alloc, size);
        if (!spare)
            return LT_NOMEM;
        merge_sort(rows, spare, *n, (void *)output);
        lt_alloc_put(alloc, spare, size);
    }
    if (offset > 0) {
        uint32_t skipped = offset < *n ? (uint32_t)offset : *n;
        memmove(rows, rows + skipped, sizeof(*rows) * (*n - skipped));
        *n -= skipped;
    }
    if (limit >= 0 && limit < *n)
        *n = (uint32_t)limit;
    return LT_OK;
}

/* ---- all of it --------------------------------------------------------------- */

static void net_close(struct net *net)
{
    lt_alloc_put(net->alloc, net->rows, sizeof(*net->rows) * net->cap);
    lt_alloc_put(net->alloc, net->keys, sizeof(*net->keys) * net->cap);
    lt_alloc_put(net->alloc, net->slots, sizeof(uint32_t) * ((size_t)net->slots_mask + 1));
}

static lt_status net_open(struct net *net, struct lt_alloc *alloc,
                          const struct lt_plan_node *output, uint32_t n_rows)
{
    uint32_t n_slots = 16;
    while (n_slots < n_rows + n_rows / 2 && n_slots < 1u << 31)
        n_slots *= 2;
    *net = (struct net){
        .alloc = alloc, .output = output, .cap = n_rows + 1, .slots_mask = n_slots - 1};
    net->rows = lt_alloc_get(alloc, sizeof(*net->rows) * net->cap);
    net->keys = lt_alloc_get(alloc, sizeof(*net->keys) * net->cap);
    net->slots = lt_alloc_zero(alloc, sizeof(uint32_t) * n_slots);
    if (net->rows && net->keys && net->slots)
        return LT_OK;
    net_close(net);
    return LT_NOMEM;
}

static leat_op op_of(const struct net *net, const struct net_row *row, enum result_mode mode)
{
    const struct net_key *key = &net->keys[row->key];
    if (mode == RESULT_CHANGES && net->output->props.has_upsert_key && key->minus == 1 &&
        key->plus == 1)
        return row->weight < 0 ? LEAT_UPDATE_BEFORE : LEAT_UPDATE_AFTER;
    return row->weight < 0 ? LEAT_DELETE : LEAT_INSERT;
}

static lt_status net_write(const struct net *net, enum result_mode mode, struct result_row **rows,
                           uint32_t *n_rows, size_t *size)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < net->n_rows; i++)
        total += (uint64_t)llabs(net->rows[i].weight);
    if (total > UINT32_MAX / 2)
        return LT_NOMEM;
    *size = sizeof(**rows) * (total + 1);
    struct result_row *out = lt_alloc_get(net->alloc, *size);
    if (!out)
        return LT_NOMEM;
    uint32_t n = 0;
    for (uint32_t i = 0; i < net->n_rows; i++) {
        const struct net_row *row = &net->rows[i];
        for (int64_t w = llabs(row->weight); w > 0; w--)
            out[n++] = (struct result_row){row->batch, row->row, op_of(net, row, mode)};
    }
    *rows = out;
    *n_rows = n;
    return LT_OK;
}

/* Append-only: every row as it came. */
static lt_status plain_write(struct lt_alloc *alloc, struct lt_batch *const *batches,
                             uint32_t n_batches, uint64_t total, struct result_row **rows,
                             uint32_t *n_rows, size_t *size)
{
    uint32_t n = 0;
    *size = sizeof(**rows) * (total + 1);
    struct result_row *out = lt_alloc_get(alloc, *size);
    if (!out)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n_batches; i++)
        for (uint32_t r = 0; r < batches[i]->n_sel; r++)
            out[n++] = (struct result_row){batches[i], lt_batch_row(batches[i], r), LEAT_INSERT};
    *rows = out;
    *n_rows = n;
    return LT_OK;
}

lt_status changes_arrange(struct lt_alloc *alloc, const struct lt_plan_node *output,
                          enum result_mode mode, struct lt_batch *const *batches,
                          uint32_t n_batches, struct result_row **rows, uint32_t *n_rows,
                          size_t *size)
{
    struct net net;
    uint64_t total = 0;
    for (uint32_t i = 0; i < n_batches; i++)
        total += batches[i]->n_sel;
    if (total > UINT32_MAX / 2)
        return LT_NOMEM;
    lt_status status;
    if (!output->props.changing) {
        status = plain_write(alloc, batches, n_batches, total, rows, n_rows, size);
    } else {
        LT_TRY(net_open(&net, alloc, output, (uint32_t)total));
        for (uint32_t i = 0; i < n_batches; i++)
            for (uint32_t r = 0; r < batches[i]->n_sel; r++)
                net_add(&net, batches[i], lt_batch_row(batches[i], r));
        net_squeeze(&net);
        net_group(&net);
        if (mode == RESULT_CHANGES && net.n_rows > 1)
            qsort_r(net.rows, net.n_rows, sizeof(*net.rows), row_order, &net);
        status = net_write(&net, mode, rows, n_rows, size);
        net_close(&net);
    }
    if (status == LT_OK && mode == RESULT_FINAL) {
        status = final_sort(alloc, output, *rows, n_rows);
        if (status != LT_OK)
            lt_alloc_put(alloc, *rows, *size);
    }
    return status;
}
