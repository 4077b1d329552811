/* builder.c -- fills columns of a schema and hands them over as batches.
 *
 * Two pool buffers hold column arrays: the builder's own and, for each batch
 * that is out, that batch's. The buffer's address lies just before the array, so
 * that lt_builder_release finds it:  [ buffer | column 0 | column 1 ... ] */
#include "data/batch.h"

static struct lt_column **columns_new(struct lt_pool *pool, uint32_t n)
{
    struct lt_buffer *buffer = lt_pool_buffer(pool, (n + 1) * sizeof(void *));
    if (!buffer)
        return NULL;
    void **slots = (void **)(void *)buffer->data;
    memset(slots, 0, (n + 1) * sizeof(*slots));
    slots[0] = buffer;
    return (struct lt_column **)(void *)(slots + 1);
}

static void columns_free(struct lt_column **columns, uint32_t n)
{
    if (!columns)
        return;
    for (uint32_t i = 0; i < n; i++)
        lt_column_unref(columns[i]);
    lt_buffer_unref(((void **)(void *)columns)[-1]);
}

static lt_status columns_fill(const struct lt_batch_builder *builder, struct lt_column ***out)
{
    uint32_t n = builder->schema->len;
    struct lt_column **columns = columns_new(builder->pool, n);
    if (!columns)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        columns[i] = lt_column_new(builder->pool, builder->schema->fields[i].type, builder->cap);
        if (!columns[i]) {
            columns_free(columns, n);
            return LT_NOMEM;
        }
    }
    *out = columns;
    return LT_OK;
}

lt_status lt_builder_open(struct lt_batch_builder *builder, struct lt_pool *pool,
                          const struct lt_schema *schema, uint32_t cap)
{
    LT_ASSERT(cap > 0 && cap <= LT_BATCH_ROWS_MAX);
    struct lt_batch_builder fresh = {.pool = pool, .schema = schema, .cap = cap};
    *builder = fresh;
    LT_TRY(columns_fill(&fresh, &fresh.columns));
    *builder = fresh;
    return LT_OK;
}

void lt_builder_close(struct lt_batch_builder *builder)
{
    if (!builder->pool)
        return;
    columns_free(builder->columns, builder->schema->len);
    lt_buffer_unref(builder->weight_buffer);
    *builder = (struct lt_batch_builder){0};
}

lt_status lt_builder_set_weight(struct lt_batch_builder *builder, uint32_t row, int32_t weight)
{
    LT_ASSERT(row < builder->cap);
    if (!builder->weight) {
        if (weight == 1)
            return LT_OK;
        struct lt_buffer *buffer =
            lt_pool_buffer(builder->pool, builder->cap * sizeof(*builder->weight));
        if (!buffer)
            return LT_NOMEM;
        builder->weight_buffer = buffer;
        builder->weight = (int32_t *)(void *)buffer->data;
        for (uint32_t i = 0; i < builder->cap; i++)
            builder->weight[i] = 1;
    }
    builder->weight[row] = weight;
    return LT_OK;
}

lt_status lt_builder_take(struct lt_batch_builder *builder, struct lt_batch *batch)
{
    struct lt_column **fresh;
    uint32_t n = builder->schema->len;
    LT_TRY(columns_fill(builder, &fresh));
    for (uint32_t i = 0; i < n; i++) {
        /* Cutting takes no memory, so it cannot fail. */
        lt_status status = lt_column_resize(builder->columns[i], builder->len);
        LT_ASSERT(status == LT_OK);
        LT_UNUSED(status);
        lt_column_seal(builder->columns[i]);
    }
    *batch = (struct lt_batch){
        .len = builder->len,
        .n_sel = builder->len,
        .n_columns = n,
        .columns = builder->columns,
        .weight = builder->weight,
        .aux = {NULL, builder->weight_buffer},
    };
    builder->columns = fresh;
    builder->weight = NULL;
    builder->weight_buffer = NULL;
    builder->len = 0;
    return LT_OK;
}

void lt_builder_release(struct lt_batch_builder *builder, struct lt_batch *batch)
{
    LT_UNUSED(builder);
    columns_free(batch->columns, batch->n_columns);
    for (size_t i = 0; i < LT_ARRAY_LEN(batch->aux); i++)
        lt_buffer_unref(batch->aux[i]);
    *batch = (struct lt_batch){0};
}
