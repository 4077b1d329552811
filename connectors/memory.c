/* memory.c -- connector 'memory': a table that lives as long as the open database.
 *
 * Sinks add the rows of an epoch when it commits; sources read them from the
 * first on, and then end, or with 'bounded' = 'false' wait for more. Tables of
 * one 'name' share their rows (the default is the table's own name).
 *
 * Each writer of an INSERT fills a split of its own, so what several partitions have
 * written, several partitions can read, and the rows of a writer stay in its order,
 * by which lateness is judged. A split without rows is not listed: one that nobody
 * ever writes would hold back the watermark. Where nothing depends on the order of
 * arrival, a split is listed in pieces of PIECE_ROWS rows (docs/design/pieces.md), so
 * that several partitions read, too, what one has written. */
#include <unistd.h>

#include "connectors/hub.h"
#include "connectors/option.h"
#include "connectors/registry.h"
#include "connectors/scan.h"

static struct lt_str memory_name(const struct lt_connector_table *table)
{
    const struct lt_str *name = lt_option_get(table, "name");
    return name ? *name : table->name;
}

static lt_status memory_table(const struct lt_connector_env *env,
                              const struct lt_connector_table *table, struct lt_hub_table **out,
                              struct lt_error *err)
{
    if (!env->hub)
        return lt_fail(err, LT_UNSUPPORTED, "connector 'memory' needs an open database");
    return lt_hub_table(env->hub, memory_name(table), table->physical, out, err);
}

static lt_status memory_check(const struct lt_connector_table *table,
                              const struct lt_connector_registry *registry, struct lt_error *err)
{
    if (table->n_primary_key)
        return lt_fail(err, LT_UNSUPPORTED,
                       "not supported yet: a PRIMARY KEY on table '%.*s', which is kept in memory",
                       LT_STR_ARG(table->name));
    return lt_option_check(table, &lt_connector_memory, registry, err);
}

/* ---- source ------------------------------------------------------------- */

enum { PIECE_ROWS = 32768 };

struct lt_source {
    struct lt_arena arena;
    struct lt_hub_table *rows;
    struct lt_scan_request request;
    bool bounded;
    uint32_t n_ends;
    int64_t *ends; /* bounded: the rows of each split when it was opened */
};

struct lt_reader {
    struct lt_alloc *alloc;
    const struct lt_connector_env *env;
    const struct lt_source *source;
    uint32_t split;
    int64_t position, end;
    int fd; /* -1 when bounded */
    struct lt_column **columns;
};

static lt_status memory_source_check(const struct lt_connector_table *table,
                                     const struct lt_connector_registry *registry,
                                     struct lt_source_info *info, struct lt_error *err)
{
    bool bounded;
    LT_TRY(memory_check(table, registry, err));
    LT_TRY(lt_option_bool(table, "bounded", true, &bounded, err));
    *info = (struct lt_source_info){.bounded = bounded, .append_only = true, .in_order = true};
    return LT_OK;
}

static void memory_source_close(struct lt_source *source)
{
    if (!source)
        return;
    struct lt_alloc *alloc = source->arena.alloc;
    lt_hub_release(source->rows);
    lt_arena_close(&source->arena);
    lt_alloc_put(alloc, source, sizeof(*source));
}

/* What there is to read of a bounded table is settled once, for all its partitions. */
static lt_status memory_ends(struct lt_source *source)
{
    if (!source->bounded)
        return LT_OK;
    source->n_ends = lt_hub_splits(source->rows);
    source->ends = LT_ARENA_ARRAY(&source->arena, int64_t, source->n_ends);
    if (!source->ends)
        return LT_NOMEM;
    for (uint32_t i = 0; i < source->n_ends; i++)
        source->ends[i] = lt_hub_rows(source->rows, i);
    return LT_OK;
}

static lt_status memory_source_open(const struct lt_connector_env *env,
                                    const struct lt_connector_table *table,
                                    struct lt_scan_request *request, struct lt_source **out,
                                    struct lt_error *err)
{
    struct lt_source *source = lt_alloc_zero(env->alloc, sizeof(*source));
    if (!source)
        return LT_NOMEM;
    lt_arena_init(&source->arena, env->alloc);
    lt_status status = lt_option_bool(table, "bounded", true, &source->bounded, err);
    if (status == LT_OK)
        status = memory_table(env, table, &source->rows, err);
    if (status == LT_OK)
        status = lt_scan_copy(&source->arena, table->physical, request, &source->request);
    if (status == LT_OK)
        status = memory_ends(source);
    if (status != LT_OK) {
        memory_source_close(source);
        return status;
    }
    *out = source;
    return LT_OK;
}

/* "2" is the second split, "2.5" the fifth of its pieces, whatever their number. */
static lt_status memory_add(struct lt_split_list *splits, uint32_t number, int64_t rows)
{
    struct lt_str name;
    if (!splits->pieces) {
        LT_TRY(lt_arena_printf(splits->arena, &name, "%u", number));
        return lt_split_add(splits, name);
    }
    int64_t piece = 0;
    do {
        LT_TRY(lt_arena_printf(splits->arena, &name, "%u.%lld", number, (long long)++piece));
        LT_TRY(lt_split_add(splits, name));
    } while (piece * PIECE_ROWS < rows);
    return LT_OK;
}

static lt_status memory_splits(struct lt_source *source, struct lt_split_list *splits,
                               struct lt_error *err)
{
    LT_UNUSED(err);
    uint32_t n = source->bounded ? source->n_ends : lt_hub_splits(source->rows);
    splits->more_later = !source->bounded;
    for (uint32_t i = 0; i < n; i++) {
        int64_t rows = source->bounded ? source->ends[i] : lt_hub_rows(source->rows, i);
        if (i == 0 || rows > 0)
            LT_TRY(memory_add(splits, i + 1, rows));
    }
    return LT_OK;
}

static void memory_drop(struct lt_reader *reader)
{
    for (uint32_t i = 0; i < reader->source->request.n_columns; i++) {
        lt_column_unref(reader->columns[i]);
        reader->columns[i] = NULL;
    }
}

static void memory_reader_close(struct lt_reader *reader)
{
    if (!reader)
        return;
    uint32_t n = reader->source->request.n_columns;
    if (reader->columns)
        memory_drop(reader);
    if (reader->fd >= 0)
        lt_hub_unwatch(reader->source->rows, reader->fd);
    lt_alloc_put(reader->alloc, reader->columns, (n + 1) * sizeof(*reader->columns));
    lt_alloc_put(reader->alloc, reader, sizeof(*reader));
}

/* Which rows the split or piece of that name holds. */
static lt_status memory_range(struct lt_reader *reader, struct lt_str name, struct lt_error *err)
{
    const struct lt_source *source = reader->source;
    const char *dot = memchr(name.data, '.', name.len);
    struct lt_str split = {name.data, dot ? (size_t)(dot - name.data) : name.len};
    struct lt_str rest = dot ? (struct lt_str){dot + 1, name.len - split.len - 1} : LT_STR("0");
    int64_t number, piece;
    if (!lt_text_to_i64(split, &number) || number < 1 || number > LT_HUB_SPLITS_MAX ||
        !lt_text_to_i64(rest, &piece) || piece < 0 || piece > INT64_MAX / PIECE_ROWS)
        return lt_fail(err, LT_INVALID, "a memory table has no split '%.*s'", LT_STR_ARG(name));
    reader->split = (uint32_t)number - 1;
    reader->end = !source->bounded                  ? INT64_MAX
                  : reader->split < source->n_ends ? source->ends[reader->split]
                                                   : 0;
    if (piece > 0 && reader->position < (piece - 1) * PIECE_ROWS)
        reader->position = (piece - 1) * PIECE_ROWS;
    if (piece > 0 && reader->end > piece * PIECE_ROWS)
        reader->end = piece * PIECE_ROWS;
    return LT_OK;
}

static lt_status memory_reader_open(struct lt_source *source, struct lt_str split, int64_t position,
                                    const struct lt_connector_env *env, struct lt_reader **out,
                                    struct lt_error *err)
{
    struct lt_reader *reader = lt_alloc_zero(env->alloc, sizeof(*reader));
    if (!reader)
        return LT_NOMEM;
    reader->alloc = env->alloc;
    reader->env = env;
    reader->source = source;
    reader->position = position;
    reader->fd = -1;
    reader->columns =
        lt_alloc_zero(env->alloc, (source->request.n_columns + 1) * sizeof(*reader->columns));
    lt_status status = reader->columns ? memory_range(reader, split, err) : LT_NOMEM;
    if (status == LT_OK && !source->bounded)
        status = lt_hub_watch(source->rows, &reader->fd, err);
    if (status != LT_OK) {
        memory_reader_close(reader);
        return status;
    }
    *out = reader;
    return LT_OK;
}

static lt_status memory_rows(struct lt_reader *reader, const struct lt_batch *batch, int64_t first,
                             uint32_t max_rows, struct lt_polled *out)
{
    const struct lt_source *source = reader->source;
    const struct lt_clock *clock = reader->env->clock;
    uint32_t from = (uint32_t)(reader->position - first);
    uint32_t len = batch->len - from < max_rows ? batch->len - from : max_rows;
    if (len > reader->end - reader->position)
        len = (uint32_t)(reader->end - reader->position);
    for (uint32_t i = 0; i < source->request.n_columns; i++)
        LT_TRY(lt_column_slice(reader->env->pool, batch->columns[source->request.columns[i]], from,
                               len, &reader->columns[i]));
    out->batch = (struct lt_batch){
        .len = len,
        .n_sel = len,
        .n_columns = source->request.n_columns,
        .columns = reader->columns,
        .first_position = reader->position,
        .proctime_us = clock ? clock->now_us(clock->ctx) : 0,
    };
    reader->position += len;
    return LT_OK;
}

static lt_status memory_poll(struct lt_reader *reader, uint32_t max_rows, struct lt_polled *out,
                             struct lt_error *err)
{
    LT_UNUSED(err);
    const struct lt_source *source = reader->source;
    memory_drop(reader);
    *out = (struct lt_polled){
        .poll = LT_POLL_ROWS,
        .source_watermark_us = LT_WATERMARK_MIN,
        .wait_fd = reader->fd,
        .wait_us = INT64_MAX,
    };
    if (reader->fd >= 0) { /* before looking: what comes after makes it readable again */
        uint64_t count;
        ssize_t rc = read(reader->fd, &count, sizeof(count));
        LT_UNUSED(rc);
    }
    int64_t first = 0;
    const struct lt_batch *batch = NULL;
    if (reader->position < reader->end)
        batch = lt_hub_find(source->rows, reader->split, reader->position, &first);
    if (batch)
        LT_TRY(memory_rows(reader, batch, first, max_rows, out));
    else
        out->poll = source->bounded ? LT_POLL_END : LT_POLL_IDLE;
    out->next_position = reader->position;
    return LT_OK;
}

/* ---- sink --------------------------------------------------------------- */

struct lt_sink {
    struct lt_alloc *alloc;
    struct lt_pool *pool; /* of the table's memory: what is written stays there */
    struct lt_hub_table *rows;
    uint32_t split;
    struct lt_batch **pending;
    uint32_t len, cap;
    uint32_t n_prepared; /* of the pending ones, the first */
};

static lt_status memory_sink_check(const struct lt_connector_table *table,
                                   const struct lt_connector_registry *registry, bool changing,
                                   struct lt_error *err)
{
    LT_TRY(memory_check(table, registry, err));
    if (changing)
        return lt_fail(err, LT_INVALID,
                       "memory table '%.*s' takes rows only, but the query's result changes rows "
                       "it has shown before",
                       LT_STR_ARG(table->name));
    return LT_OK;
}

static void memory_abort(struct lt_sink *sink)
{
    while (sink->len)
        lt_batch_drop(sink->pending[--sink->len]);
    sink->n_prepared = 0;
}

static void memory_sink_close(struct lt_sink *sink)
{
    if (!sink)
        return;
    memory_abort(sink);
    if (sink->pool)
        lt_pool_close(sink->pool);
    lt_hub_release(sink->rows);
    lt_alloc_put(sink->alloc, sink->pending, sink->cap * sizeof(*sink->pending));
    lt_alloc_put(sink->alloc, sink, sizeof(*sink));
}

static lt_status memory_sink_open(const struct lt_connector_env *env,
                                  const struct lt_connector_table *table, uint32_t writer,
                                  uint32_t n_writers, struct lt_sink **out, struct lt_error *err)
{
    LT_UNUSED(n_writers);
    struct lt_sink *sink = lt_alloc_zero(env->alloc, sizeof(*sink));
    if (!sink)
        return LT_NOMEM;
    sink->alloc = env->alloc;
    sink->split = writer % LT_HUB_SPLITS_MAX;
    lt_status status = memory_table(env, table, &sink->rows, err);
    if (status == LT_OK)
        status = lt_hub_pool(sink->rows, &sink->pool);
    if (status != LT_OK) {
        memory_sink_close(sink);
        return status;
    }
    *out = sink;
    return LT_OK;
}

static lt_status memory_write(struct lt_sink *sink, const struct lt_batch *batch,
                              struct lt_error *err)
{
    for (uint32_t i = 0; batch->weight && i < batch->n_sel; i++) {
        if (batch->weight[lt_batch_row(batch, i)] != 1)
            return lt_fail(err, LT_INVALID, "a memory table takes rows only, not changes");
    }
    if (batch->n_sel == 0)
        return LT_OK;
    if (sink->len == sink->cap) {
        uint32_t cap = sink->cap ? sink->cap * 2 : 8;
        void *grown =
            lt_alloc_resize(sink->alloc, sink->pending, sink->cap * sizeof(*sink->pending),
                            cap * sizeof(*sink->pending));
        if (!grown)
            return LT_NOMEM;
        sink->pending = grown;
        sink->cap = cap;
    }
    LT_TRY(lt_hub_copy(sink->rows, sink->pool, batch, &sink->pending[sink->len]));
    sink->len++;
    return LT_OK;
}

static lt_status memory_prepare(struct lt_sink *sink, uint64_t epoch, struct lt_error *err)
{
    LT_UNUSED(epoch);
    LT_UNUSED(err);
    sink->n_prepared = sink->len;
    return LT_OK;
}

static lt_status memory_commit(struct lt_sink *sink, uint64_t epoch, struct lt_error *err)
{
    LT_UNUSED(epoch);
    LT_UNUSED(err);
    uint32_t n = sink->n_prepared;
    if (n == 0)
        return LT_OK;
    LT_TRY(lt_hub_append(sink->rows, sink->split, sink->pending, n));
    sink->len -= n;
    sink->n_prepared = 0;
    memmove(sink->pending, sink->pending + n, sink->len * sizeof(*sink->pending));
    return LT_OK;
}

static lt_status memory_end(struct lt_sink *sink, struct lt_error *err)
{
    LT_UNUSED(sink);
    LT_UNUSED(err);
    return LT_OK;
}

static const char *const memory_options[] = {"name", "bounded", NULL};

const struct lt_connector lt_connector_memory = {
    .name = "memory",
    .doc = "A table that lives as long as the open database",
    .options = memory_options,
    .source_check = memory_source_check,
    .source_open = memory_source_open,
    .source_splits = memory_splits,
    .reader_open = memory_reader_open,
    .reader_poll = memory_poll,
    .reader_close = memory_reader_close,
    .source_close = memory_source_close,
    .sink_check = memory_sink_check,
    .sink_open = memory_sink_open,
    .sink_write = memory_write,
    .sink_prepare = memory_prepare,
    .sink_commit = memory_commit,
    .sink_end = memory_end,
    .sink_abort = memory_abort,
    .sink_close = memory_sink_close,
};
