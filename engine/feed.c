/* feed.c -- the `feed` connector: rows that the embedding program pushes.
 *
 *   leat_push ──▶ block, block, block ──▶ readers, each at its own position
 *
 * A feed belongs to the database and is found by the table's name. Its rows are
 * converted when they are pushed, so that a bad value is the pusher's error, and
 * are kept as column blocks that readers share. A reader starts with the oldest
 * row still held. Blocks that every reader has passed go when space is needed;
 * when none can go, the pusher is told to take a break. */
#include <sys/eventfd.h>
#include <unistd.h>

#include "engine/feed.h"

struct lt_source {
    struct lt_alloc *alloc;
    struct engine_feed *feed;
    uint32_t n_columns;
    uint32_t columns[]; /* of the feed, in the order wanted */
};

struct lt_reader {
    struct lt_reader *next;
    struct lt_source *source;
    struct lt_pool *pool;
    uint32_t split;
    int64_t position;
    int fd; /* becomes readable when rows arrive */
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

void feed_block_free(struct engine_feed *feed, struct feed_block *block)
{
    lt_batch_drop(block->batch);
    lt_alloc_put(&feed->db->alloc, block, sizeof(*block));
}

static void feed_free(struct engine_feed *feed)
{
    for (uint32_t s = 0; s < FEED_SPLITS_MAX; s++)
        while (feed->splits[s].head) {
            struct feed_block *block = feed->splits[s].head;
            feed->splits[s].head = block->next;
            feed_block_free(feed, block);
        }
    if (feed->pool)
        lt_pool_close(feed->pool);
    lt_arena_close(&feed->arena);
    pthread_mutex_destroy(&feed->lock);
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

static lt_status feed_new(struct leat_db *db, struct lt_str name, const struct lt_schema *schema,
                          struct engine_feed **out)
{
    struct engine_feed *feed = lt_alloc_zero(&db->alloc, sizeof(*feed));
    if (!feed)
        return LT_NOMEM;
    feed->db = db;
    lt_arena_init(&feed->arena, &db->alloc);
    pthread_mutex_init(&feed->lock, NULL);
    for (uint32_t s = 0; s < FEED_SPLITS_MAX; s++)
        feed->splits[s].tail = &feed->splits[s].head;
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
    pthread_mutex_lock(&feed->db->lock);
    feed->n_sources++;
    pthread_mutex_unlock(&feed->db->lock);
    source->n_columns = request->n_columns;
    if (request->n_columns)
        memcpy(source->columns, request->columns, sizeof(uint32_t) * request->n_columns);
    *out = source;
    return LT_OK;
}

static void feed_source_close(struct lt_source *source)
{
    pthread_mutex_lock(&source->feed->db->lock);
    source->feed->n_sources--;
    pthread_mutex_unlock(&source->feed->db->lock);
    lt_alloc_put(source->alloc, source, sizeof(*source) + sizeof(uint32_t) * source->n_columns);
}

static lt_status feed_source_splits(struct lt_source *source, struct lt_split_list *splits,
                                    struct lt_error *err)
{
    LT_UNUSED(err);
    for (uint32_t s = 0; s < source->feed->n_splits; s++) {
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
    *reader = (struct lt_reader){
        .source = source, .pool = env->pool, .split = number, .position = position, .fd = -1};
    if (feed->db->config.threads > 0) {
        reader->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (reader->fd < 0) {
            lt_alloc_put(source->alloc, reader, reader_size(source));
            return lt_fail(err, LT_IO, "cannot make an event descriptor");
        }
    }
    pthread_mutex_lock(&feed->lock);
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
    if (reader->fd >= 0)
        close(reader->fd);
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

static lt_status feed_reader_poll(struct lt_reader *reader, uint32_t max_rows,
                                  struct lt_polled *out, struct lt_error *err)
{
    struct engine_feed *feed = reader->source->feed;
    struct feed_split *split = &feed->splits[reader->split];
    lt_status status = LT_OK;
    LT_UNUSED(err);
    reader_let_go(reader);
    pthread_mutex_lock(&feed->lock);
    struct feed_block *block = split->head;
    while (block && block->first + block->batch->len <= reader->position)
        block = block->next;
    if (block) {
        if (reader->position < block->first)
            reader->position = block->first; /* older rows are gone */
        uint32_t from = (uint32_t)(reader->position - block->first);
        uint32_t len = block->batch->len - from < max_rows ? block->batch->len - from : max_rows;
        status = reader_slice(reader, block->batch, from, len);
        out->poll = LT_POLL_ROWS;
        out->batch = (struct lt_batch){.len = len,
                                       .n_sel = len,
                                       .n_columns = reader->source->n_columns,
                                       .columns = reader->held,
                                       .first_position = reader->position};
        if (status == LT_OK)
            reader->position += len;
    } else {
        uint64_t count;
        out->poll = split->ended ? LT_POLL_END : LT_POLL_IDLE;
        if (reader->fd >= 0 && read(reader->fd, &count, sizeof(count)) < 0)
            count = 0; /* nothing was signalled */
    }
    out->next_position = reader->position;
    out->source_watermark_us = LT_WATERMARK_MIN;
    out->wait_fd = reader->fd;
    out->wait_us = INT64_MAX;
    pthread_mutex_unlock(&feed->lock);
    return status;
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

void feed_wake_readers(struct engine_feed *feed)
{
    uint64_t one = 1;
    for (struct lt_reader *reader = feed->readers; reader; reader = reader->next)
        if (reader->fd >= 0 && write(reader->fd, &one, sizeof(one)) < 0)
            continue; /* full means awake already */
}

/* Frees blocks that all readers of the split have passed; keeps them all while
 * nobody reads, so that nothing is lost between two readers. */
void feed_trim(struct engine_feed *feed, uint32_t number)
{
    struct feed_split *split = &feed->splits[number];
    int64_t passed = INT64_MAX;
    for (struct lt_reader *reader = feed->readers; reader; reader = reader->next)
        if (reader->split == number && reader->position < passed)
            passed = reader->position;
    if (passed == INT64_MAX)
        return;
    while (split->head && split->head->first + split->head->batch->len <= passed) {
        struct feed_block *block = split->head;
        split->head = block->next;
        if (!split->head)
            split->tail = &split->head;
        feed->bytes -= block->bytes;
        feed_block_free(feed, block);
    }
}
