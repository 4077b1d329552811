/* batch.c -- batches that outlive the push, and batches of only the selected rows.
 *
 * A kept batch is one pool buffer that holds the struct, its column array, and its
 * selection where that is not counted; what else the borrowed arrays pointed at is
 * referenced where it is counted and copied where it is not. It may be dropped on
 * any thread. */
#include "data/batch.h"

#include "base/bits.h"

enum { AUX_SEL, AUX_WEIGHT, AUX_BEHIND, AUX_POSITION, AUX_SPLIT_OF, AUX_COUNT };
_Static_assert(sizeof(((struct lt_batch *)0)->aux) / sizeof(struct lt_buffer *) == AUX_COUNT,
               "one counted buffer per borrowed array");

struct kept_batch {
    struct lt_batch batch; /* first: the two are cast into each other */
    struct lt_buffer *self;
    struct lt_column *columns[];
};

/* `room`: bytes behind the columns. */
static struct kept_batch *kept_new(struct lt_pool *pool, const struct lt_batch *batch, size_t room)
{
    size_t size = sizeof(struct kept_batch) + batch->n_columns * sizeof(struct lt_column *);
    struct lt_buffer *self = lt_pool_buffer(pool, size + room);
    if (!self)
        return NULL;
    struct kept_batch *kept = (struct kept_batch *)(void *)self->data;
    memset(kept, 0, size);
    kept->batch = *batch;
    kept->batch.columns = kept->columns;
    memset(kept->batch.aux, 0, sizeof(kept->batch.aux));
    kept->self = self;
    return kept;
}

uint32_t lt_batch_rows(const struct lt_batch *batch, uint16_t *rows)
{
    if (batch->sel)
        memcpy(rows, batch->sel, batch->n_sel * sizeof(*rows));
    for (uint32_t i = 0; !batch->sel && i < batch->n_sel; i++)
        rows[i] = (uint16_t)i;
    return batch->n_sel;
}

void lt_batch_drop(struct lt_batch *batch)
{
    if (!batch)
        return;
    struct kept_batch *kept = (struct kept_batch *)batch;
    for (uint32_t i = 0; i < batch->n_columns; i++)
        lt_column_unref(kept->columns[i]);
    for (int i = 0; i < AUX_COUNT; i++)
        lt_buffer_unref(batch->aux[i]);
    lt_buffer_unref(kept->self);
}

/* `array` made to last: *slot holds it afterwards. NULL when memory is out. */
static const void *array_keep(struct lt_pool *pool, const void *array, size_t size,
                              struct lt_buffer *owner, struct lt_buffer **slot)
{
    if (owner) {
        *slot = lt_buffer_ref(owner);
        return array;
    }
    *slot = lt_pool_buffer(pool, size);
    if (!*slot)
        return NULL;
    memcpy((*slot)->data, array, size);
    return (*slot)->data;
}

#define KEEP_ARRAY(field, which, n)                                                   \
    (!batch->field ||                                                                 \
     (kept->batch.field = array_keep(pool, batch->field, (n) * sizeof(*batch->field), \
                                     batch->aux[which], &kept->batch.aux[which])) != NULL)

struct lt_batch *lt_batch_keep(struct lt_pool *pool, const struct lt_batch *batch)
{
    size_t sel_size = batch->sel && !batch->aux[AUX_SEL] ? batch->n_sel * sizeof(*batch->sel) : 0;
    struct kept_batch *kept = kept_new(pool, batch, sel_size);
    if (!kept)
        return NULL;
    for (uint32_t i = 0; i < batch->n_columns; i++)
        kept->columns[i] = lt_column_ref(batch->columns[i]);
    if (sel_size > 0) {
        kept->batch.sel = memcpy(kept->columns + batch->n_columns, batch->sel, sel_size);
        kept->batch.aux[AUX_SEL] = lt_buffer_ref(kept->self);
    }
    if ((sel_size == 0 && !KEEP_ARRAY(sel, AUX_SEL, batch->n_sel)) ||
        !KEEP_ARRAY(weight, AUX_WEIGHT, batch->len) ||
        !KEEP_ARRAY(behind, AUX_BEHIND, batch->len) ||
        !KEEP_ARRAY(position, AUX_POSITION, batch->len) ||
        !KEEP_ARRAY(split_of, AUX_SPLIT_OF, batch->len)) {
        lt_batch_drop(&kept->batch);
        return NULL;
    }
    return &kept->batch;
}

/* ---- compact --------------------------------------------------------- */

#define GATHER_NAME pick_32
#define GATHER_TYPE uint32_t
#include "data/gather.tmpl.h"
#define GATHER_NAME pick_64
#define GATHER_TYPE uint64_t
#include "data/gather.tmpl.h"

/* A new array of the selected elements, of 4 or 8 bytes, in *slot; its data, or NULL. */
static const void *array_pick(struct lt_pool *pool, const void *array, size_t size,
                              const uint32_t *rows, uint32_t n, struct lt_buffer **slot)
{
    *slot = lt_pool_buffer(pool, n * size);
    if (!*slot)
        return NULL;
    if (size == sizeof(uint32_t))
        pick_32((uint32_t *)(void *)(*slot)->data, array, rows, n);
    else
        pick_64((uint64_t *)(void *)(*slot)->data, array, rows, n);
    return (*slot)->data;
}

#define PICK_ARRAY(field, which)                                                      \
    (!batch->field ||                                                                 \
     (kept->batch.field = array_pick(pool, batch->field, sizeof(*batch->field), rows, \
                                     batch->n_sel, &kept->batch.aux[which])) != NULL)

static lt_status compact_positions(struct lt_pool *pool, struct lt_batch *to,
                                   const struct lt_batch *batch, const uint32_t *rows)
{
    struct lt_buffer *buffer = lt_pool_buffer(pool, batch->n_sel * sizeof(int64_t));
    if (!buffer)
        return LT_NOMEM;
    int64_t *positions = (int64_t *)(void *)buffer->data;
    for (uint32_t i = 0; i < batch->n_sel; i++)
        positions[i] = lt_batch_position(batch, rows[i]);
    to->position = positions;
    to->aux[AUX_POSITION] = buffer;
    return LT_OK;
}

static lt_status compact_fill(struct lt_pool *pool, struct kept_batch *kept,
                              const struct lt_batch *batch, const uint32_t *rows)
{
    for (uint32_t i = 0; i < batch->n_columns; i++) {
        if (batch->sel)
            LT_TRY(lt_column_take(pool, batch->columns[i], rows, batch->n_sel, false,
                                  &kept->columns[i]));
        else
            kept->columns[i] = lt_column_ref(batch->columns[i]);
    }
    if (!PICK_ARRAY(weight, AUX_WEIGHT) || !PICK_ARRAY(behind, AUX_BEHIND) ||
        !PICK_ARRAY(split_of, AUX_SPLIT_OF))
        return LT_NOMEM;
    return compact_positions(pool, &kept->batch, batch, rows);
}

lt_status lt_batch_compact(struct lt_pool *pool, const struct lt_batch *batch,
                           struct lt_batch **out)
{
    struct kept_batch *kept = kept_new(pool, batch, 0);
    struct lt_buffer *buffer = kept ? lt_pool_buffer(pool, batch->n_sel * sizeof(uint32_t)) : NULL;
    if (!buffer) {
        if (kept)
            lt_buffer_unref(kept->self);
        return LT_NOMEM;
    }
    uint32_t *rows = (uint32_t *)(void *)buffer->data;
    for (uint32_t i = 0; i < batch->n_sel; i++)
        rows[i] = lt_batch_row(batch, i);
    kept->batch.len = batch->n_sel;
    kept->batch.sel = NULL;
    kept->batch.weight = NULL;
    kept->batch.behind = NULL;
    kept->batch.position = NULL;
    kept->batch.split_of = NULL;
    lt_status status = compact_fill(pool, kept, batch, rows);
    lt_buffer_unref(buffer);
    if (status != LT_OK) {
        lt_batch_drop(&kept->batch);
        return status;
    }
    *out = &kept->batch;
    return LT_OK;
}

/* ---- size ------------------------------------------------------------ */

enum { TEXTS_LOOKED_AT = 64 }; /* per column */

static size_t column_bytes(const struct lt_column *col)
{
    uint32_t lanes = lt_column_lanes(col);
    size_t bytes = sizeof(struct lt_column) + (col->validity ? lanes / 8 : 0);
    if (col->encoding == LT_DICTIONARY)
        return bytes + (size_t)lanes * sizeof(uint32_t) + column_bytes(col->children[0]);
    bytes += lt_phys_size((enum lt_phys)col->phys) * lanes;
    const struct lt_sv *views = col->values;
    uint32_t step = (lanes + TEXTS_LOOKED_AT - 1) / TEXTS_LOOKED_AT;
    for (uint32_t i = 0; col->phys == LT_PHYS_STR && i < lanes; i += step)
        bytes += views[i].len > LT_SV_INLINE_MAX ? (size_t)views[i].len * step : 0;
    for (uint32_t i = 0; i < col->n_children; i++)
        if (col->children[i])
            bytes += column_bytes(col->children[i]);
    return bytes;
}

size_t lt_batch_bytes(const struct lt_batch *batch)
{
    size_t bytes = sizeof(*batch);
    size_t per_row = (batch->weight ? 4 : 0) + (batch->behind ? 8 : 0) + (batch->position ? 8 : 0) +
                     (batch->split_of ? 4 : 0);
    for (uint32_t i = 0; i < batch->n_columns; i++)
        bytes += column_bytes(batch->columns[i]);
    return bytes + per_row * batch->len + (batch->sel ? 2 * batch->n_sel : 0);
}
