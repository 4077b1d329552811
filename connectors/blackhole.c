/* blackhole.c -- connector 'blackhole': a sink that forgets. For measuring queries. */
#include "connectors/option.h"
#include "connectors/registry.h"

struct lt_sink {
    struct lt_alloc *alloc;
};

static lt_status blackhole_check(const struct lt_connector_table *table,
                                 const struct lt_connector_registry *registry, bool changing,
                                 struct lt_error *err)
{
    LT_UNUSED(changing); /* nothing is kept, so changes are as welcome as rows */
    return lt_option_check(table, &lt_connector_blackhole, registry, err);
}

static lt_status blackhole_open(const struct lt_connector_env *env,
                                const struct lt_connector_table *table, uint32_t writer,
                                uint32_t n_writers, struct lt_sink **out, struct lt_error *err)
{
    LT_UNUSED(table);
    LT_UNUSED(writer);
    LT_UNUSED(n_writers);
    LT_UNUSED(err);
    struct lt_sink *sink = lt_alloc_zero(env->alloc, sizeof(*sink));
    if (!sink)
        return LT_NOMEM;
    sink->alloc = env->alloc;
    *out = sink;
    return LT_OK;
}

static lt_status blackhole_write(struct lt_sink *sink, const struct lt_batch *batch,
                                 struct lt_error *err)
{
    LT_UNUSED(sink);
    LT_UNUSED(batch);
    LT_UNUSED(err);
    return LT_OK;
}

static lt_status blackhole_epoch(struct lt_sink *sink, uint64_t epoch, struct lt_error *err)
{
    LT_UNUSED(sink);
    LT_UNUSED(epoch);
    LT_UNUSED(err);
    return LT_OK;
}

static lt_status blackhole_end(struct lt_sink *sink, struct lt_error *err)
{
    LT_UNUSED(sink);
    LT_UNUSED(err);
    return LT_OK;
}

static void blackhole_abort(struct lt_sink *sink)
{
    LT_UNUSED(sink);
}

static void blackhole_close(struct lt_sink *sink)
{
    if (sink)
        lt_alloc_put(sink->alloc, sink, sizeof(*sink));
}

const struct lt_connector lt_connector_blackhole = {
    .name = "blackhole",
    .doc = "A sink that forgets every row",
    .options = (const char *const[]){NULL},
    .sink_check = blackhole_check,
    .sink_open = blackhole_open,
    .sink_write = blackhole_write,
    .sink_prepare = blackhole_epoch,
    .sink_commit = blackhole_epoch,
    .sink_end = blackhole_end,
    .sink_abort = blackhole_abort,
    .sink_close = blackhole_close,
};
