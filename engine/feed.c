/* feed.c -- the `feed` connector: rows that the embedding program pushes.
 *
 *   leat_push ──▶ block, block, block ──▶ readers, each at its own position
 *
 * A feed belongs to the database and is found by the table's name. Its rows are
 * converted when they are pushed, so that a bad value is the pusher's error, and
 * are kept as column blocks that readers share; what is pushed in small pieces faster
 * than it is read grows into larger blocks. A reader starts with the oldest
 * row still held. Of what every reader has passed only a little is kept, so that a feed
 * in use lives in few buffers; when readers fall far behind, the pusher is told to
 * take a break. */
#include "engine/feed.h"

enum { TAKEN_MAX = 16 }; /* blocks that a reader takes at once */

struct lt_source {
    struct lt_alloc *alloc;
    struct engine_feed *feed;
    uint32_t n_splits;
    uint64_t opened; /* bit per split: has had its reader */
    uint32_t n_columns;
    uint32_t columns[]; /* of the feed, in the order wanted */
};

struct lt_reader {
    struct lt_reader *next;
    struct lt_source *source;
    struct lt_pool *pool;
    uint32_t split;
    /* under the feed's lock */
    int64_t position;        /* all rows before it have been read: their blocks may go */
    bool waits;              /* has found nothing: to be woken */
    struct feed_block *last; /* the next row is in it or behind it; NULL: from the head on */
    /* the reader's own */
    int64_t next_position;            /* after the last batch */
    struct feed_block *block, *until; /* of the last batch; up to here they are taken */
    void (*wake)(void *ctx);          /* NULL: nobody sleeps */
    void *wake_ctx;
    uint32_t n_held;
    struct lt_column *held[]; /* of the last batch */
};

/* ---- feeds -------------------------------------------------------------------- */

static bool same_schema(const struct lt_schema *a, const struct lt_schema *b)
{
    if (a->len != b->len)
        return false;
    for (uint32_t i = 0; i < a->len; i++)
        if (!lt_str_equal(a->fields[i].name, b->fields[i].name) ||
            !lt_type_equal(a->fields[i].type, b->fields[i].type))
            return false;
    return true;
}

struct feed_block *feed_block_new(struct engine_feed *feed)
{
    struct lt_buffer *self = lt_pool_buffer(feed->pool, sizeof(struct feed_block));
    if (!self)
        return NULL;
    struct feed_block *block = (struct feed_block *)(void *)self->data;
    *block = (struct feed_block){.self = self};
    return block;
}

void feed_block_free(struct feed_block *block)
{
    lt_batch_drop(block->batch);
    lt_buffer_unref(block->self);
}

static void feed_free(struct engine_feed *feed)
{
    for (uint32_t s = 0; s < FEED_SPLITS_MAX; s++)
        while (feed->splits[s].head) {
            struct feed_block *block = feed->splits[s].head;
            feed->splits[s].head = block->next;
            feed_block_free(block);
        }
    if (feed->pool)
        lt_pool_close(feed->pool);
    lt_arena_close(&feed->arena);
    pthread_mutex_destroy(&feed->lock);
    pthread_mutex_destroy(&feed->push_lock);
    lt_alloc_put(&feed->db->alloc, feed, sizeof(*feed));
}

void feeds_close(struct leat_db *db)
{
    while (db->feeds) {
        struct engine_feed *feed = db->feeds;
        db->feeds = feed->next;
        feed_free(feed);
    }
}

/* A lock that is never held for long: who waits looks again for a while before it sleeps. */
static void short_lock_init(pthread_mutex_t *lock)
{
#ifdef PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ADAPTIVE_NP);
    pthread_mutex_init(lock, &attributes);
    pthread_mutexattr_destroy(&attributes);
#else
    pthread_mutex_init(lock, NULL);
#endif
}

static lt_status feed_new(struct leat_db *db, struct lt_str name, const struct lt_schema *schema,
                          struct engine_feed **out)
{
    struct engine_feed *feed = lt_alloc_zero(&db->alloc, sizeof(*feed));
    if (!feed)
        return LT_NOMEM;
    feed->db = db;
    lt_arena_init(&feed->arena, &db->alloc);
    short_lock_init(&feed->lock);
    pthread_mutex_init(&feed->push_lock, NULL);
    lt_status status = lt_arena_str(&feed->arena, name, &feed->name);
    if (status == LT_OK)
        status = lt_schema_copy(&feed->arena, schema, &feed->schema);
    if (status == LT_OK)
        status = lt_pool_open(&db->alloc, &feed->pool);
    if (status != LT_OK) {
        feed_free(feed);
        return status;
    }
    *out = feed;
    return LT_OK;
}

void feeds_forget(struct leat_db *db)
{
    pthread_mutex_lock(&db->lock);
    db->feeds_forgotten++;
    for (struct engine_feed **at = &db->feeds; *at;) {
        struct engine_feed *feed = *at;
        if (feed->n_sources > 0) {
            at = &feed->next;
            continue;
        }
        *at = feed->next;
        feed_free(feed);
    }
    pthread_mutex_unlock(&db->lock);
}

/* The feed of that name and shape; made when there is none. A table that was made
 * anew with other columns has a new feed; the old one stays for who reads it. */
lt_status feed_get(struct leat_db *db, struct lt_str name, const struct lt_schema *schema,
                   uint32_t n_splits, struct engine_feed **out)
{
    lt_status status = LT_OK;
    struct engine_feed *feed;
    pthread_mutex_lock(&db->lock);
    for (feed = db->feeds; feed; feed = feed->next)
        if (lt_str_equal(feed->name, name) && same_schema(&feed->schema, schema))
            break;
    if (!feed) {
        status = feed_new(db, name, schema, &feed);
        if (status == LT_OK) {
            feed->next = db->feeds;
            db->feeds = feed;
        }
    }
    if (status == LT_OK && feed->n_splits < n_splits)
        feed->n_splits = n_splits;
    pthread_mutex_unlock(&db->lock);
    *out = feed;
    return status;
}

lt_status feed_splits_option(uint32_t n_options, const struct lt_option *options, uint32_t *out,
                             struct lt_error *err)
{
    *out = 1;
    for (uint32_t i = 0; i < n_options; i++) {
        int64_t value;
        if (!lt_str_equal(options[i].key, LT_STR("splits")))
            continue;
        if (!lt_text_to_i64(options[i].value, &value) || value < 1 || value > FEED_SPLITS_MAX)
            return lt_fail_at(err, LT_INVALID, options[i].pos,
                              "'splits' must be a number from 1 to %d, not '%.*s'", FEED_SPLITS_MAX,
                              LT_STR_ARG(options[i].value));
        *out = (uint32_t)value;
    }
    return LT_OK;
}

/* ---- the source --------------------------------------------------------------- */

static lt_status feed_source_check(const struct lt_connector_table *table,
                                   const struct lt_connector_registry *registry,
                                   struct lt_source_info *info, struct lt_error *err)
{
    uint32_t n_splits;
    LT_UNUSED(registry);
    LT_TRY(feed_splits_option(table->n_options, table->options, &n_splits, err));
    *info = (struct lt_source_info){.append_only = true, .in_order = true};
    return LT_OK;
}

static lt_status feed_source_open(const struct lt_connector_env *env,
                                  const struct lt_connector_table *table,
                                  struct lt_scan_request *request, struct lt_source **out,
                                  struct lt_error *err)
{
    const struct engine_registry *registry = (const struct engine_registry *)env->registry;
    struct engine_feed *feed;
    uint32_t n_splits;
    LT_TRY(feed_splits_option(table->n_options, table->options, &n_splits, err));
    LT_TRY(feed_get(registry->db, table->name, table->physical, n_splits, &feed));
    size_t size = sizeof(struct lt_source) + sizeof(uint32_t) * request->n_columns;
    struct lt_source *source = lt_alloc_zero(env->alloc, size);
    if (!source)
        return LT_NOMEM;
    source->alloc = env->alloc;
    source->feed = feed;
    source->n_splits = feed->n_splits;
    pthread_mutex_lock(&feed->db->lock);
    feed->n_sources++;
    pthread_mutex_unlock(&feed->db->lock);
    pthread_mutex_lock(&feed->lock);
    for (uint32_t s = 0; s < source->n_splits; s++)
        feed->splits[s].n_unread++;
    pthread_mutex_unlock(&feed->lock);
    source->n_columns = request->n_columns;
    if (request->n_columns)
        memcpy(source->columns, request->columns, sizeof(uint32_t) * request->n_columns);
    *out = source;
    return LT_OK;
}

/* The source counts as a reader of the split no more; its reader does. */
static void source_opened(struct lt_source *source, uint32_t split)
{
    uint64_t bit = UINT64_C(1) << split;
    if (split < source->n_splits && !(source->opened & bit))
        source->feed->splits[split].n_unread--;
    source->opened |= bit;
}

static void feed_source_close(struct lt_source *source)
{
    struct engine_feed *feed = source->feed;
    pthread_mutex_lock(&feed->lock);
    for (uint32_t s = 0; s < source->n_splits; s++)
        source_opened(source, s);
    pthread_mutex_unlock(&feed->lock);
    pthread_mutex_lock(&feed->db->lock);
    feed->n_sources--;
    pthread_mutex_unlock(&feed->db->lock);
    lt_alloc_put(source->alloc, source, sizeof(*source) + sizeof(uint32_t) * source->n_columns);
}

static lt_status feed_source_splits(struct lt_source *source, struct lt_split_list *splits,
                                    struct lt_error *err)
{
    LT_UNUSED(err);
    for (uint32_t s = 0; s < source->n_splits; s++) {
        struct lt_str name;
        LT_TRY(lt_arena_printf(splits->arena, &name, "%u", s + 1));
        LT_TRY(LT_ARENA_PUSH(splits->arena, splits->names, splits->len, splits->cap, name));
    }
    return LT_OK;
}

uint32_t feed_split_number(const struct engine_feed *feed, struct lt_str name)
{
    int64_t number;
    if (name.len == 0)
        return 0;
    if (!lt_text_to_i64(name, &number) || number < 1 || number > feed->n_splits)
        return UINT32_MAX;
    return (uint32_t)number - 1;
}

static size_t reader_size(const struct lt_source *source)
{
    return sizeof(struct lt_reader) + sizeof(struct lt_column *) * source->n_columns;
}

static lt_status feed_reader_open(struct lt_source *source, struct lt_str split, int64_t position,
                                  const struct lt_connector_env *env, struct lt_reader **out,
                                  struct lt_error *err)
{
    struct engine_feed *feed = source->feed;
    uint32_t number = feed_split_number(feed, split);
    if (number == UINT32_MAX)
        return lt_fail(err, LT_INVALID, "feed '%.*s' has no split '%.*s'", LT_STR_ARG(feed->name),
                       LT_STR_ARG(split));
    struct lt_reader *reader = lt_alloc_zero(source->alloc, reader_size(source));
    if (!reader)
        return LT_NOMEM;
    *reader = (struct lt_reader){.source = source,
                                 .pool = env->pool,
                                 .split = number,
                                 .position = position,
                                 .next_position = position,
                                 .wake = env->wake,
                                 .wake_ctx = env->wake_ctx};
    pthread_mutex_lock(&feed->lock);
    source_opened(source, number);
    reader->next = feed->readers;
    feed->readers = reader;
    pthread_mutex_unlock(&feed->lock);
    *out = reader;
    return LT_OK;
}

static void reader_let_go(struct lt_reader *reader)
{
    for (uint32_t i = 0; i < reader->n_held; i++)
        lt_column_unref(reader->held[i]);
    reader->n_held = 0;
}

static void feed_reader_close(struct lt_reader *reader)
{
    struct engine_feed *feed = reader->source->feed;
    reader_let_go(reader);
    pthread_mutex_lock(&feed->lock);
    struct lt_reader **at = &feed->readers;
    while (*at != reader)
        at = &(*at)->next;
    *at = reader->next;
    pthread_mutex_unlock(&feed->lock);
    lt_alloc_put(reader->source->alloc, reader, reader_size(reader->source));
}

/* Rows [from, from + len) of a block, the wanted columns only. */
static lt_status reader_slice(struct lt_reader *reader, const struct lt_batch *block, uint32_t from,
                              uint32_t len)
{
    for (uint32_t i = 0; i < reader->source->n_columns; i++) {
        struct lt_column *col = block->columns[reader->source->columns[i]];
        if (from == 0 && len == block->len) {
            reader->held[i] = lt_column_ref(col);
        } else {
            LT_TRY(lt_column_slice(reader->pool, col, from, len, &reader->held[i]));
        }
        reader->n_held++;
    }
    return LT_OK;
}

/* Under the lock: the block that holds the row at the reader's position, NULL when it has
 * yet to come; it and some after it are the reader's until it asks again. */
static struct feed_block *reader_take(struct lt_reader *reader, const struct feed_split *split)
{
    struct feed_block *block = reader->last ? reader->last : split->head;
    while (block && block->first + block->batch->len <= reader->position)
        block = block->next;
    reader->waits = !block;
    if (!block)
        return NULL;
    if (reader->position < block->first)
        reader->next_position = reader->position = block->first; /* older rows are gone */
    reader->last = reader->until = block;
    for (uint32_t n = 1; n < TAKEN_MAX && reader->until->next; n++)
        reader->until = reader->until->next;
    reader->until->taken = true; /* only the last one of a split can be untaken */
    return block;
}

/* The block of the next row, without the lock if it has been taken. */
static struct feed_block *reader_next(struct lt_reader *reader, enum lt_poll *poll)
{
    struct engine_feed *feed = reader->source->feed;
    const struct feed_split *split = &feed->splits[reader->split];
    struct feed_block *block = reader->block;
    *poll = LT_POLL_ROWS;
    if (block && reader->next_position < block->first + block->batch->len)
        return block;
    if (block && block != reader->until)
        return block->next;
    pthread_mutex_lock(&feed->lock);
    reader->position = reader->next_position;
    if (block)
        reader->last = block;
    block = reader_take(reader, split);
    if (!block)
        *poll = split->ended ? LT_POLL_END : LT_POLL_IDLE;
    pthread_mutex_unlock(&feed->lock);
    return block;
}

static lt_status feed_reader_poll(struct lt_reader *reader, uint32_t max_rows,
                                  struct lt_polled *out, struct lt_error *err)
{
    LT_UNUSED(err);
    reader_let_go(reader);
    const struct feed_block *block = reader->block = reader_next(reader, &out->poll);
    if (block) {
        uint32_t from = (uint32_t)(reader->next_position - block->first);
        uint32_t len = block->batch->len - from < max_rows ? block->batch->len - from : max_rows;
        LT_TRY(reader_slice(reader, block->batch, from, len));
        out->batch = (struct lt_batch){.len = len,
                                       .n_sel = len,
                                       .n_columns = reader->source->n_columns,
                                       .columns = reader->held,
                                       .first_position = reader->next_position};
        reader->next_position += len;
    }
    out->next_position = reader->next_position;
    out->source_watermark_us = LT_WATERMARK_MIN;
    out->wait_fd = -1;
    out->wait_us = INT64_MAX;
    return LT_OK;
}

static const char *const feed_options[] = {"splits", NULL};
static const char *const feed_required[] = {NULL};

const struct lt_connector lt_connector_feed = {
    .name = "feed",
    .doc = "Rows that the embedding program pushes with leat_push.",
    .options = feed_options,
    .required = feed_required,
    .source_check = feed_source_check,
    .source_open = feed_source_open,
    .source_splits = feed_source_splits,
    .reader_open = feed_reader_open,
    .reader_poll = feed_reader_poll,
    .reader_close = feed_reader_close,
    .source_close = feed_source_close,
};

/* ---- for who pushes ---------------------------------------------------------- */

void feed_wake(struct engine_feed *feed, uint32_t number)
{
    for (struct lt_reader *reader = feed->readers; reader; reader = reader->next)
        if (reader->split == number && reader->waits) {
            reader->waits = false;
            if (reader->wake)
                reader->wake(reader->wake_ctx);
        }
}

/* The oldest block is nobody's any more. */
static struct feed_block *take_head(struct engine_feed *feed, struct feed_split *split)
{
    struct feed_block *block = split->head;
    for (struct lt_reader *reader = feed->readers; reader; reader = reader->next)
        if (reader->last == block)
            reader->last = NULL;
    split->head = block->next;
    if (!split->head)
        split->last = NULL;
    feed->bytes -= block->bytes;
    return block;
}

/* While nobody reads, and until every source has begun to, all blocks are kept, so
 * that nothing is lost between two readers. */
struct feed_block *feed_trim(struct engine_feed *feed, uint32_t number)
{
    struct feed_split *split = &feed->splits[number];
    struct feed_block *list = NULL;
    int64_t passed = INT64_MAX;
    if (feed->bytes <= FEED_HISTORY_BYTES || split->n_unread > 0)
        return NULL;
    for (struct lt_reader *reader = feed->readers; reader; reader = reader->next)
        if (reader->split == number && reader->position < passed)
            passed = reader->position;
    while (passed != INT64_MAX && feed->bytes > FEED_HISTORY_BYTES && split->head &&
           split->head->first + split->head->batch->len <= passed) {
        struct feed_block *block = take_head(feed, split);
        block->next = list;
        list = block;
    }
    return list;
}
