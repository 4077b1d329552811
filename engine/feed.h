/* feed.h -- what the two ends of a feed share: feed.c reads, feed_push.c writes. */
#ifndef LT_ENGINE_FEED_H
#define LT_ENGINE_FEED_H

#include "engine/engine.h"

enum {
    FEED_SPLITS_MAX = 64,
    FEED_BYTES_MAX = 64 << 20,
    FEED_HISTORY_BYTES = 1 << 20,
    FEED_SMALL_ROWS = 512
};

/* Nothing in a block changes any more once a reader has taken it. */
struct feed_block {
    struct feed_block *next;
    struct lt_buffer *self; /* of the feed's pool: a steady stream of pushes allocates nothing */
    int64_t first; /* position of its first row */
    size_t bytes;
    bool grows; /* its columns are its own and flat */
    bool taken;
    struct lt_batch *batch;
};

struct feed_split {
    struct feed_block *head, *last;
    int64_t next;      /* position of the next row to be pushed */
    uint32_t n_unread; /* open sources that have not opened their reader yet */
    bool ended;
};

struct engine_feed {
    struct engine_feed *next;
    struct leat_db *db;
    struct lt_arena arena; /* name and schema */
    struct lt_str name;
    struct lt_schema schema;
    /* One pusher at a time makes blocks, from the pool; then, under the other lock and
     * shortly, it puts them where readers find them. */
    pthread_mutex_t push_lock;
    struct lt_pool *pool;
    pthread_mutex_t lock; /* everything below; the inner one of the two */
    uint32_t n_splits;
    struct feed_split splits[FEED_SPLITS_MAX];
    size_t bytes;
    struct lt_reader *readers;
    uint32_t n_sources; /* open ones; guarded by the database's lock */
};

/* The feed of that name and shape; made when there is none. */
lt_status feed_get(struct leat_db *db, struct lt_str name, const struct lt_schema *schema,
                   uint32_t n_splits, struct engine_feed **out) LT_MUST_CHECK;
/* The option 'splits'. */
lt_status feed_splits_option(uint32_t n_options, const struct lt_option *options, uint32_t *out,
                             struct lt_error *err) LT_MUST_CHECK;
/* UINT32_MAX: none of that name. */
uint32_t feed_split_number(const struct engine_feed *feed, struct lt_str name);
lt_status feed_split_find(const struct engine_feed *feed, struct lt_str name, uint32_t *number,
                          struct lt_error *err) LT_MUST_CHECK;

/* Called under the feed's lock: who waits for rows of the split. */
void feed_wake(struct engine_feed *feed, uint32_t split);
/* Called under the feed's lock: takes off blocks that all readers of the split have passed, the
 * oldest first, until the feed holds no more than its history. */
struct feed_block *feed_trim(struct engine_feed *feed, uint32_t split);

/* Called under the pushing lock, all that follows. */
/* For who holds push_lock; NULL on no memory. */
struct feed_block *feed_block_new(struct engine_feed *feed) LT_MUST_CHECK;
void feed_block_free(struct feed_block *block);
/* LT_BUSY: full. LT_MISUSE: the split has ended. */
lt_status feed_may_push(struct engine_feed *feed, uint32_t split,
                        struct lt_error *err) LT_MUST_CHECK;
/* Joins complete blocks to the split and wakes its readers; or throws them away. */
void feed_append(struct engine_feed *feed, uint32_t split, struct feed_block *list);
void feed_blocks_drop(struct feed_block *list);

#endif
