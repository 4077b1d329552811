/* db.c -- leat_db: what a database owns, and who may touch the running graph.
 *
 * The handle itself is taken from the caller's allocator before there is an
 * lt_alloc, since the root allocator lives inside it. */
#include <time.h>

#include "connectors/hub.h"
#include "connectors/registry.h"
#include "engine/engine.h"

const char *leat_version(void)
{
    return "0.1.0";
}

leat_code engine_code(lt_status status)
{
    static const leat_code codes[LT_STATUS_COUNT] = {
        [LT_OK] = LEAT_OK,
        [LT_NOMEM] = LEAT_NOMEM,
        [LT_SYNTAX] = LEAT_SYNTAX,
        [LT_INVALID] = LEAT_INVALID,
        [LT_UNSUPPORTED] = LEAT_UNSUPPORTED,
        [LT_DATA] = LEAT_DATA,
        [LT_IO] = LEAT_IO,
        [LT_CORRUPT] = LEAT_CORRUPT,
        [LT_LIMIT] = LEAT_LIMIT,
        [LT_BUSY] = LEAT_BUSY,
        [LT_MISUSE] = LEAT_MISUSE,
        [LT_INTERRUPTED] = LEAT_INTERRUPTED,
    };
    return codes[status];
}

/* ---- clock and zones ---------------------------------------------------- */

static int64_t system_now_us(void *ctx)
{
    struct timespec now;
    LT_UNUSED(ctx);
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t engine_now_us(const struct leat_db *db)
{
    return db->clock.now_us(db->clock.ctx);
}

/* A zone is loaded once and stays: plans keep pointers to it. */
static lt_status zone_load(struct leat_db *db, struct lt_str name, const struct lt_tz **out,
                           struct lt_error *err)
{
    for (struct engine_zone *zone = db->zones; zone; zone = zone->next)
        if (lt_str_equal(lt_tz_name(zone->tz), name)) {
            *out = zone->tz;
            return LT_OK;
        }
    struct engine_zone *zone = lt_alloc_zero(&db->alloc, sizeof(*zone));
    if (!zone)
        return LT_NOMEM;
    lt_status status = lt_tz_load(&db->alloc, name, &zone->tz, err);
    if (status != LT_OK) {
        lt_alloc_put(&db->alloc, zone, sizeof(*zone));
        return status;
    }
    zone->next = db->zones;
    db->zones = zone;
    *out = zone->tz;
    return LT_OK;
}

lt_status engine_find_zone(void *ctx, struct lt_str name, const struct lt_tz **out,
                           struct lt_error *err)
{
    struct leat_db *db = ctx;
    if (lt_str_equal_nocase(name, LT_STR("UTC"))) {
        *out = &lt_tz_utc;
        return LT_OK;
    }
    pthread_mutex_lock(&db->lock);
    lt_status status = zone_load(db, name, out, err);
    pthread_mutex_unlock(&db->lock);
    return status;
}

static void zones_free(struct leat_db *db)
{
    while (db->zones) {
        struct engine_zone *zone = db->zones;
        db->zones = zone->next;
        if (zone->tz != &lt_tz_utc)
            lt_tz_free(&db->alloc, zone->tz);
        lt_alloc_put(&db->alloc, zone, sizeof(*zone));
    }
}

/* ---- open and close ------------------------------------------------------ */

/* The handle is charged to nobody: the root that could be charged is in it. */
static struct leat_db *handle_get(const struct lt_allocator_hooks *hooks)
{
    struct lt_alloc boot;
    lt_alloc_init_root(&boot, hooks->resize ? hooks : NULL, "handle", SIZE_MAX);
    return lt_alloc_zero(&boot, sizeof(struct leat_db));
}

static void handle_put(struct leat_db *db)
{
    struct lt_allocator_hooks hooks = db->hooks;
    struct lt_alloc boot;
    lt_alloc_init_root(&boot, hooks.resize ? &hooks : NULL, "handle", SIZE_MAX);
    atomic_init(&boot.used_bytes, sizeof(*db));
    lt_alloc_put(&boot, db, sizeof(*db));
}

static void db_free(struct leat_db *db)
{
    if (db->graph)
        lt_graph_close(db->graph);
    feeds_close(db);
    listeners_close(db);
    lt_hub_close(db->hub);
    zones_free(db);
    lt_catalog_close(db->catalog);
    if (db->pool)
        lt_pool_close(db->pool);
    pthread_mutex_destroy(&db->lock);
    pthread_mutex_destroy(&db->graph_lock);
    lt_alloc_close(&db->alloc);
    handle_put(db);
}

static lt_status graph_open(struct leat_db *db, const struct lt_engine_tuning *tuning,
                            struct lt_error *err)
{
    struct lt_graph_config config = {
        .alloc = &db->alloc,
        .clock = db->clock,
        .n_workers = db->config.threads,
        .env = {.alloc = &db->alloc,
                .pool = db->pool,
                .clock = &db->clock,
                .zone = &lt_tz_utc,
                .in_fd = 0,
                .out_fd = 1,
                .out_write = db->config.print,
                .out_ctx = db->config.print_ctx,
                .registry = &db->registry.base,
                .hub = db->hub},
    };
    if (tuning) {
        config.batch_rows = tuning->batch_rows;
        config.test_yield = tuning->test_yield;
        config.seed = tuning->seed;
        config.ring_bytes = tuning->ring_bytes;
    }
    return lt_graph_open(&config, &db->graph, err);
}

static lt_status db_start(struct leat_db *db, const struct lt_engine_tuning *tuning,
                          struct lt_error *err)
{
    LT_TRY(lt_catalog_open(&db->alloc, db->config.path, &db->catalog, err));
    db->config.path = NULL; /* the caller's text; not needed again */
    LT_TRY(lt_pool_open(&db->alloc, &db->pool));
    LT_TRY(lt_hub_open(&db->alloc, &db->hub));
    return graph_open(db, tuning, err);
}

leat_code engine_open(const leat_config *config, const struct lt_engine_tuning *tuning,
                      leat_db **out, struct lt_error *err)
{
    struct leat_config defaults = {.size = sizeof(defaults)};
    *out = NULL;
    if (!config)
        config = &defaults;
    if (config->size != sizeof(*config))
        return engine_code(lt_fail(err, LT_MISUSE, "leat_config.size must be sizeof(leat_config)"));
    struct lt_allocator_hooks hooks = {.resize = config->resize, .ctx = config->resize_ctx};
    struct leat_db *db = handle_get(&hooks);
    if (!db)
        return LEAT_NOMEM;
    db->hooks = hooks;
    db->config = *config;
    lt_alloc_init_root(&db->alloc, hooks.resize ? &db->hooks : NULL, "database",
                       config->memory_bytes ? config->memory_bytes : SIZE_MAX);
    db->clock = (struct lt_clock){.now_us = config->now_us ? config->now_us : system_now_us,
                                  .ctx = config->now_ctx};
    db->registry = (struct engine_registry){
        .base = {.connectors = engine_connectors, .formats = lt_formats}, .db = db};
    pthread_mutex_init(&db->lock, NULL);
    pthread_mutex_init(&db->graph_lock, NULL);
    lt_status status = db_start(db, tuning, err);
    if (status != LT_OK) {
        db_free(db);
        return engine_code(status);
    }
    *out = db;
    return LEAT_OK;
}

leat_code leat_open(const leat_config *config, leat_db **db, char *message, size_t message_size)
{
    struct lt_error err = {0};
    leat_code code = engine_open(config, NULL, db, &err);
    const char *text = code == LEAT_NOMEM && !err.message[0] ? "out of memory" : err.message;
    if (message && message_size > 0) {
        size_t len = strnlen(text, message_size - 1);
        memcpy(message, text, len);
        message[len] = '\0';
    }
    return code;
}

leat_code leat_close(leat_db *db)
{
    if (!db)
        return LEAT_OK;
    pthread_mutex_lock(&db->lock);
    bool busy = db->n_sessions > 0;
    pthread_mutex_unlock(&db->lock);
    if (busy)
        return LEAT_BUSY;
    db_free(db);
    return LEAT_OK;
}

/* ---- the graph ------------------------------------------------------------ */

lt_status engine_pump(struct leat_db *db, int64_t *wait_us, struct lt_error *err)
{
    *wait_us = INT64_MAX;
    if (db->config.threads > 0)
        return LT_OK;
    pthread_mutex_lock(&db->graph_lock);
    lt_status status = lt_graph_pump(db->graph, wait_us, err);
    pthread_mutex_unlock(&db->graph_lock);
    return status;
}

lt_status engine_attach(struct leat_db *db, struct lt_plan *plan,
                        const struct lt_output_sink *output, const struct lt_run_image *image,
                        struct lt_run **run, struct lt_error *err)
{
    pthread_mutex_lock(&db->graph_lock);
    lt_status status = image ? lt_graph_restore(db->graph, plan, output, image, run, err)
                             : lt_graph_attach(db->graph, plan, output, run, err);
    pthread_mutex_unlock(&db->graph_lock);
    return status;
}

void engine_detach(struct leat_db *db, struct lt_run *run, bool cancel)
{
    pthread_mutex_lock(&db->graph_lock);
    lt_graph_detach(db->graph, run, cancel);
    pthread_mutex_unlock(&db->graph_lock);
}

leat_code leat_pump(leat_db *db, int64_t *wait_us)
{
    int64_t wait = INT64_MAX;
    lt_status status = engine_pump(db, &wait, NULL);
    if (wait_us)
        *wait_us = wait;
    return engine_code(status);
}

uint32_t leat_running(leat_db *db)
{
    return atomic_load(&db->n_running);
}
