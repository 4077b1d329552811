/* feed_push.c -- the pushing end of a feed: values row by row, and the end.
 *
 * What is pushed becomes a list of blocks first and is joined to the split's only
 * when it is complete, so all rows are taken or none. */
#include "engine/feed.h"

/* ---- blocks -------------------------------------------------------------- */

static lt_status value_put(struct lt_column *col, uint32_t row, const struct lt_field *field,
                           const leat_value *value, const struct lt_tz *zone, struct lt_error *err)
{
    if (!value->text) {
        if (!field->type->nullable)
            return lt_fail(err, LT_DATA, "column '%.*s' is NOT NULL", LT_STR_ARG(field->name));
        LT_TRY(lt_column_own_validity(col));
        lt_column_set_null(col, row);
        return LT_OK;
    }
    lt_status status = lt_text_to_lane((struct lt_str){value->text, value->len}, col, row, zone);
    if (status == LT_DATA)
        return lt_fail(err, LT_DATA, "'%.*s' is no value of column '%.*s'",
                       (int)(value->len < 100 ? value->len : 100), value->text,
                       LT_STR_ARG(field->name));
    return status;
}

static lt_status block_fill(struct lt_batch_builder *builder, uint32_t n_rows,
                            const leat_value *rows, const struct lt_tz *zone, struct lt_error *err)
{
    const struct lt_schema *schema = builder->schema;
    for (uint32_t r = 0; r < n_rows; r++)
        for (uint32_t c = 0; c < schema->len; c++)
            LT_TRY(value_put(builder->columns[c], r, &schema->fields[c],
                             &rows[(size_t)r * schema->len + c], zone, err));
    builder->len = n_rows;
    return LT_OK;
}

static lt_status block_make(struct engine_feed *feed, uint32_t n_rows, const leat_value *rows,
                            const struct lt_tz *zone, struct feed_block **out, struct lt_error *err)
{
    struct lt_batch_builder builder;
    struct lt_batch batch;
    struct feed_block *block = feed_block_new(feed);
    if (!block)
        return LT_NOMEM;
    lt_status status = lt_builder_open(&builder, feed->pool, &feed->schema, n_rows);
    if (status == LT_OK) {
        status = block_fill(&builder, n_rows, rows, zone, err);
        if (status == LT_OK)
            status = lt_builder_take(&builder, &batch);
        if (status == LT_OK) {
            block->batch = lt_batch_keep(feed->pool, &batch);
            status = block->batch ? LT_OK : LT_NOMEM;
            lt_builder_release(&builder, &batch);
        }
        lt_builder_close(&builder);
    }
    if (status != LT_OK) {
        feed_block_free(block);
        return status;
    }
    block->bytes = lt_batch_bytes(block->batch);
    *out = block;
    return LT_OK;
}

void feed_blocks_drop(struct feed_block *list)
{
    while (list) {
        struct feed_block *block = list;
        list = block->next;
        feed_block_free(block);
    }
}

lt_status feed_may_push(struct engine_feed *feed, uint32_t number, struct lt_error *err)
{
    pthread_mutex_lock(&feed->lock);
    bool ended = feed->splits[number].ended;
    struct feed_block *passed = feed_trim(feed, number);
    bool full = feed->bytes > FEED_BYTES_MAX;
    pthread_mutex_unlock(&feed->lock);
    feed_blocks_drop(passed);
    if (ended)
        return lt_fail(err, LT_MISUSE, "feed '%.*s' has ended", LT_STR_ARG(feed->name));
    return full ? LT_BUSY : LT_OK;
}

/* ---- the end of the split ------------------------------------------------- */

/* Columns of the block's own, that more rows may be put behind. */
static lt_status block_own(struct engine_feed *feed, struct feed_block *block)
{
    struct lt_batch *batch = block->batch;
    for (uint32_t c = 0; c < batch->n_columns; c++) {
        struct lt_column *col = lt_column_new(feed->pool, batch->columns[c]->type, 0);
        lt_status status = col ? lt_column_append(col, batch->columns[c]) : LT_NOMEM;
        if (status != LT_OK) {
            lt_column_unref(col);
            return status;
        }
        lt_column_unref(batch->columns[c]);
        batch->columns[c] = col;
    }
    block->grows = true;
    return LT_OK;
}

static lt_status block_append(struct engine_feed *feed, struct feed_block *to,
                              const struct feed_block *from)
{
    struct lt_batch *batch = to->batch;
    lt_status status = to->grows ? LT_OK : block_own(feed, to);
    for (uint32_t c = 0; c < batch->n_columns && status == LT_OK; c++)
        status = lt_column_append(batch->columns[c], from->batch->columns[c]);
    for (uint32_t c = 0; c < batch->n_columns && status != LT_OK && to->grows; c++)
        if (lt_column_resize(batch->columns[c], batch->len) != LT_OK)
            return LT_NOMEM; /* not when it shrinks */
    LT_TRY(status);
    batch->len = batch->n_sel = batch->len + from->batch->len;
    to->bytes += from->bytes;
    return LT_OK;
}

/* Small blocks that nobody has taken yet are made one, for a block costs a reader about
 * as much as hundreds of rows do. */
static bool merge(struct engine_feed *feed, struct feed_block *last, const struct feed_block *next)
{
    return last && !last->taken && last->batch->len < LT_BATCH_ROWS_MAX / 2 &&
           next->batch->len <= FEED_SMALL_ROWS && block_append(feed, last, next) == LT_OK;
}

void feed_append(struct engine_feed *feed, uint32_t number, struct feed_block *list)
{
    struct feed_split *split = &feed->splits[number];
    struct feed_block *merged = NULL;
    pthread_mutex_lock(&feed->lock);
    while (list) {
        struct feed_block *block = list;
        list = block->next;
        block->next = NULL;
        block->first = split->next;
        split->next += block->batch->len;
        feed->bytes += block->bytes;
        if (merge(feed, split->last, block)) {
            block->next = merged;
            merged = block;
            continue;
        }
        if (split->last)
            split->last->next = block;
        else
            split->head = block;
        split->last = block;
    }
    feed_wake(feed, number);
    pthread_mutex_unlock(&feed->lock);
    feed_blocks_drop(merged);
}

static lt_status rows_push(struct engine_feed *feed, uint32_t number, uint32_t n_rows,
                           const leat_value *rows, const struct lt_tz *zone, struct lt_error *err)
{
    struct feed_block *list = NULL, **tail = &list;
    lt_status status = feed_may_push(feed, number, err);
    for (uint32_t at = 0; at < n_rows && status == LT_OK; at += LT_BATCH_ROWS_MAX) {
        uint32_t len = n_rows - at < LT_BATCH_ROWS_MAX ? n_rows - at : LT_BATCH_ROWS_MAX;
        status = block_make(feed, len, rows + (size_t)at * feed->schema.len, zone, tail, err);
        if (status == LT_OK)
            tail = &(*tail)->next;
    }
    if (status == LT_OK)
        feed_append(feed, number, list);
    else
        feed_blocks_drop(list);
    return status;
}

/* ---- feeds --------------------------------------------------------------- */

/* The feed behind a table's definition. */
static lt_status feed_of(struct leat_db *db, const struct lt_object *table, struct lt_arena *arena,
                         struct engine_feed **out, struct lt_error *err)
{
    struct lt_schema schema = {0};
    uint32_t n_splits;
    bool is_feed = false;
    for (uint32_t i = 0; i < table->n_options; i++)
        is_feed |= lt_str_equal(table->options[i].key, LT_STR("connector")) &&
                   lt_str_equal(table->options[i].value, LT_STR("feed"));
    if (!is_feed)
        return lt_fail(err, LT_INVALID, "'%.*s' is no table with 'connector' = 'feed'",
                       LT_STR_ARG(table->name));
    schema.fields = LT_ARENA_ARRAY(arena, struct lt_field, table->n_columns + 1);
    if (!schema.fields)
        return LT_NOMEM;
    for (uint32_t i = 0; i < table->n_columns; i++)
        if (table->columns[i].kind == LT_COLUMN_PHYSICAL)
            schema.fields[schema.len++] =
                (struct lt_field){table->columns[i].name, table->columns[i].type};
    LT_TRY(feed_splits_option(table->n_options, table->options, &n_splits, err));
    return feed_get(db, table->name, &schema, n_splits, out);
}

lt_status feed_find(struct leat_db *db, const struct lt_object *table, struct engine_feed **out,
                    struct lt_error *err)
{
    struct lt_arena arena;
    lt_arena_init(&arena, &db->alloc);
    lt_status status = feed_of(db, table, &arena, out, err);
    lt_arena_close(&arena);
    return status;
}

lt_status feed_split_find(const struct engine_feed *feed, struct lt_str name, uint32_t *number,
                          struct lt_error *err)
{
    *number = feed_split_number(feed, name);
    if (*number == UINT32_MAX)
        return lt_fail(err, LT_INVALID, "feed '%.*s' has no split '%.*s'", LT_STR_ARG(feed->name),
                       LT_STR_ARG(name));
    return LT_OK;
}

lt_status feed_push(struct engine_feed *feed, struct lt_str split, uint32_t n_columns,
                    uint32_t n_rows, const leat_value *rows, const struct lt_tz *zone,
                    struct lt_error *err)
{
    uint32_t number;
    LT_TRY(feed_split_find(feed, split, &number, err));
    if (n_columns != feed->schema.len)
        return lt_fail(err, LT_INVALID, "feed '%.*s' has %u columns, not %u",
                       LT_STR_ARG(feed->name), feed->schema.len, n_columns);
    pthread_mutex_lock(&feed->push_lock);
    lt_status status = rows_push(feed, number, n_rows, rows, zone, err);
    pthread_mutex_unlock(&feed->push_lock);
    return status;
}

lt_status feed_end(struct engine_feed *feed, struct lt_str split, struct lt_error *err)
{
    uint32_t number;
    LT_TRY(feed_split_find(feed, split, &number, err));
    pthread_mutex_lock(&feed->push_lock);
    pthread_mutex_lock(&feed->lock);
    for (uint32_t s = 0; s < feed->n_splits; s++)
        if (split.len == 0 || s == number) {
            feed->splits[s].ended = true;
            feed_wake(feed, s);
        }
    pthread_mutex_unlock(&feed->lock);
    pthread_mutex_unlock(&feed->push_lock);
    return LT_OK;
}
