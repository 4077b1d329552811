/* file_sink.c -- rows into files of a directory, partitioned or not.
 *
 * Rows go to the open part of their partition. A part is closed when it is large
 * or old enough (rolling policy), when its partition is about to be committed,
 * and at the end. prepare(e) gives the closed parts to epoch e; commit(e) makes
 * them visible by renaming them, and then commits the partitions that are due:
 *
 *   trigger 'process-time'     clock     >= partition's first row + delay
 *   trigger 'partition-time'   watermark >  time in the partition's values + delay
 *
 * A commit that is repeated finds nothing to do. Rows that come for a partition
 * after its commit open it again; it is then committed again. */
#include "connectors/file_sink.h"

#include "connectors/registry.h"

enum { SINK_PARTS_OPEN_MAX = 64, SINK_FLUSH_SIZE = 64 * 1024 };

static int64_t sink_now(const struct lt_sink *sink)
{
    const struct lt_clock *clock = sink->env->clock;
    return clock ? clock->now_us(clock->ctx) : 0;
}

/* ---- checking and opening ----------------------------------------------- */

lt_status lt_file_sink_check(const struct lt_connector_table *table,
                             const struct lt_connector_registry *registry, bool changing,
                             struct lt_error *err)
{
    struct lt_str path;
    const struct lt_format *format;
    struct lt_file_sink_options options;
    LT_TRY(lt_option_check(table, &lt_connector_filesystem, registry, err));
    LT_TRY(lt_file_path(table, &path, err));
    LT_TRY(lt_option_format(table, registry, &format, err));
    LT_TRY(format->check(table, err));
    LT_TRY(lt_file_sink_options_read(table, &options, err));
    if (!format->encoder_open)
        return lt_fail(err, LT_UNSUPPORTED, "format '%s' can be read but not written",
                       format->name);
    if (changing)
        return lt_fail(err, LT_INVALID,
                       "table '%.*s' takes rows only, but the query's result changes rows it has "
                       "shown before; group by a window, or write to a table of connector 'print'",
                       LT_STR_ARG(table->name));
    if (table->n_partition_keys == table->physical->len)
        return lt_fail(err, LT_INVALID, "table '%.*s' has no column besides its partition keys",
                       LT_STR_ARG(table->name));
    return LT_OK;
}

static lt_status sink_init(struct lt_sink *sink, const struct lt_connector_table *table,
                           struct lt_error *err)
{
    const struct lt_connector_env *env = sink->env;
    struct lt_str path;
    LT_TRY(lt_file_path(table, &path, err));
    LT_TRY(lt_arena_str(&sink->arena, path, &sink->path));
    LT_TRY(lt_option_format(table, env->registry, &sink->format, err));
    LT_TRY(lt_file_sink_options_read(table, &sink->options, err));
    LT_TRY(lt_file_layout_make(&sink->arena, table, &sink->layout));
    sink->columns = LT_ARENA_ARRAY(&sink->arena, struct lt_column *, table->physical->len + 1);
    if (!sink->columns)
        return LT_NOMEM;
    if (sink->options.zone_name.len)
        LT_TRY(lt_tz_load(env->alloc, sink->options.zone_name, &sink->zone, err));
    LT_TRY(sink->format->encoder_open(env, &sink->layout.table, false, &sink->encoder, err));
    LT_TRY(lt_file_make_dirs(env->alloc, sink->path, err));
    if (sink->writer == 0)
        lt_file_sweep(env->alloc, sink->path, table->n_partition_keys);
    return LT_OK;
}

lt_status lt_file_sink_open(const struct lt_connector_env *env,
                            const struct lt_connector_table *table, uint32_t writer,
                            uint32_t n_writers, struct lt_sink **out, struct lt_error *err)
{
    LT_UNUSED(n_writers);
    struct lt_sink *sink = lt_alloc_zero(env->alloc, sizeof(*sink));
    if (!sink)
        return LT_NOMEM;
    sink->alloc = env->alloc;
    sink->env = env;
    sink->table = table;
    sink->writer = writer;
    sink->watermark_us = LT_WATERMARK_MIN;
    for (uint32_t i = 0; i < LT_BATCH_ROWS_MAX; i++)
        sink->all_rows[i] = (uint16_t)i;
    lt_arena_init(&sink->arena, env->alloc);
    lt_buf_init(&sink->dir, env->alloc);
    lt_status status = sink_init(sink, table, err);
    if (status != LT_OK) {
        lt_file_sink_close(sink);
        return status;
    }
    *out = sink;
    return LT_OK;
}

/* ---- writing ------------------------------------------------------------ */

/* Closes the part and moves it from its partition to the closed ones. */
static lt_status sink_close_part(struct lt_sink *sink, struct lt_file_partition *partition,
                                 struct lt_error *err)
{
    struct lt_file_part *part = partition->part;
    LT_TRY(lt_file_part_close(part, err));
    partition->part = NULL;
    partition->n_closed++;
    sink->n_open--;
    part->next = sink->closed;
    sink->closed = part;
    return LT_OK;
}

static lt_status sink_make_room(struct lt_sink *sink, struct lt_error *err)
{
    if (sink->n_open < SINK_PARTS_OPEN_MAX)
        return LT_OK;
    struct lt_file_partition *oldest = NULL;
    for (struct lt_file_partition *at = sink->partitions; at; at = at->next) {
        if (at->part && (!oldest || at->part->number < oldest->part->number))
            oldest = at;
    }
    return sink_close_part(sink, oldest, err);
}

static lt_status sink_open_part(struct lt_sink *sink, struct lt_file_partition *partition,
                                struct lt_error *err)
{
    if (partition->part)
        return LT_OK;
    LT_TRY(sink_make_room(sink, err));
    LT_TRY(lt_file_make_dirs(sink->alloc, partition->dir, err));
    LT_TRY(lt_file_part_open(sink->alloc, partition->dir, sink->writer, sink->next_number,
                             sink_now(sink), &partition->part, err));
    sink->next_number++;
    sink->n_open++;
    partition->committed = false;
    sink->format->encode_start(sink->encoder, &partition->part->text);
    return LT_OK;
}

/* Rows of one partition. A part is written out and closed behind the very row that fills it. */
static lt_status sink_write_rows(struct lt_sink *sink, const struct lt_batch *batch,
                                 const struct lt_batch *in_file, const uint16_t *rows, uint32_t n,
                                 struct lt_error *err)
{
    struct lt_file_partition *partition;
    LT_TRY(lt_file_partition_of(sink, batch, rows[0], &partition, err));
    while (n) {
        LT_TRY(sink_open_part(sink, partition, err));
        struct lt_file_part *part = partition->part;
        int64_t left = sink->options.roll_size - part->size;
        size_t limit = left < SINK_FLUSH_SIZE ? (size_t)(left > 0 ? left : 0) : SINK_FLUSH_SIZE;
        uint32_t done = n;
        LT_TRY(sink->format->encode(sink->encoder, in_file, rows, &done, limit, &part->text, err));
        rows += done;
        n -= done;
        if (part->text.len >= SINK_FLUSH_SIZE)
            LT_TRY(lt_file_part_flush(part, err));
        if (part->size + (int64_t)part->text.len >= sink->options.roll_size)
            LT_TRY(sink_close_part(sink, partition, err));
    }
    return LT_OK;
}

/* Each row as often as it counts. */
static lt_status sink_write_weighted(struct lt_sink *sink, const struct lt_batch *batch,
                                     const struct lt_batch *in_file, const uint16_t *rows,
                                     struct lt_error *err)
{
    for (uint32_t i = 0; i < batch->n_sel; i++) {
        int32_t weight = lt_batch_weight(batch, rows[i]);
        if (weight < 0)
            return lt_fail(err, LT_INVALID,
                           "table '%.*s' takes rows only, but a row was to be taken back",
                           LT_STR_ARG(sink->table->name));
        for (; weight > 0; weight--)
            LT_TRY(sink_write_rows(sink, batch, in_file, rows + i, 1, err));
    }
    return LT_OK;
}

lt_status lt_file_sink_write(struct lt_sink *sink, const struct lt_batch *batch,
                             struct lt_error *err)
{
    struct lt_batch in_file = *batch;
    in_file.columns = sink->columns;
    in_file.n_columns = 0;
    for (uint32_t i = 0; i < batch->n_columns; i++) {
        if (sink->layout.column_of[i] >= 0)
            sink->columns[in_file.n_columns++] = batch->columns[i];
    }
    const uint16_t *rows = batch->sel ? batch->sel : sink->all_rows;
    if (batch->weight)
        return sink_write_weighted(sink, batch, &in_file, rows, err);
    for (uint32_t i = 0, n; i < batch->n_sel; i += n) {
        n = lt_file_partition_run(sink, batch, rows + i, batch->n_sel - i);
        LT_TRY(sink_write_rows(sink, batch, &in_file, rows + i, n, err));
    }
    return LT_OK;
}

void lt_file_sink_watermark(struct lt_sink *sink, int64_t watermark_us)
{
    sink->watermark_us = watermark_us;
}

/* ---- epochs ------------------------------------------------------------- */

static bool partition_due(const struct lt_sink *sink, const struct lt_file_partition *partition)
{
    const struct lt_file_sink_options *options = &sink->options;
    if (sink->ended)
        return true;
    if (!options->by_partition_time)
        return sink_now(sink) - partition->made_us >= options->delay_us;
    return sink->watermark_us != LT_WATERMARK_MIN &&
           sink->watermark_us - options->delay_us > partition->time_us;
}

static bool part_old(const struct lt_sink *sink, const struct lt_file_part *part)
{
    return sink_now(sink) - part->opened_us >= sink->options.roll_us;
}

/* Partitions are committed only when there is a policy that wants to know. */
static bool sink_commits_partitions(const struct lt_sink *sink)
{
    return sink->options.success_file && sink->table->n_partition_keys > 0;
}

lt_status lt_file_sink_prepare(struct lt_sink *sink, uint64_t epoch, struct lt_error *err)
{
    bool by_partition = sink_commits_partitions(sink);
    for (struct lt_file_partition *at = sink->partitions; at; at = at->next) {
        if (at->part &&
            (sink->ended || part_old(sink, at->part) || (by_partition && partition_due(sink, at))))
            LT_TRY(sink_close_part(sink, at, err));
    }
    for (struct lt_file_part *part = sink->closed; part; part = part->next) {
        if (part->prepared)
            continue;
        part->prepared = true;
        part->epoch = epoch;
    }
    return LT_OK;
}

static void partition_published(struct lt_sink *sink, const struct lt_file_part *part)
{
    for (struct lt_file_partition *at = sink->partitions; at; at = at->next) {
        struct lt_str dir = at->dir;
        size_t len = part->dir_len - (dir.data[dir.len - 1] != '/');
        if (lt_str_equal(dir, (struct lt_str){part->hidden.data, len})) {
            at->n_closed--;
            return;
        }
    }
}

lt_status lt_file_sink_commit(struct lt_sink *sink, uint64_t epoch, struct lt_error *err)
{
    struct lt_file_part **link = &sink->closed;
    while (*link) {
        struct lt_file_part *part = *link;
        if (!part->prepared || part->epoch > epoch) {
            link = &part->next;
            continue;
        }
        LT_TRY(lt_file_part_publish(part, sink->format->extension, err));
        partition_published(sink, part);
        *link = part->next;
        lt_file_part_free(part);
    }
    if (!sink_commits_partitions(sink))
        return LT_OK;
    for (struct lt_file_partition *at = sink->partitions; at; at = at->next) {
        if (at->committed || at->part || at->n_closed || !partition_due(sink, at))
            continue;
        LT_TRY(lt_file_touch(sink->alloc, at->dir, sink->options.success_name, err));
        at->committed = true;
    }
    return LT_OK;
}

lt_status lt_file_sink_end(struct lt_sink *sink, struct lt_error *err)
{
    for (struct lt_file_partition *at = sink->partitions; at; at = at->next) {
        if (at->part)
            LT_TRY(sink_close_part(sink, at, err));
    }
    sink->ended = true;
    return LT_OK;
}

/* Removes every file that does not show yet. */
void lt_file_sink_abort(struct lt_sink *sink)
{
    for (struct lt_file_partition *at = sink->partitions; at; at = at->next) {
        lt_file_part_free(at->part);
        at->part = NULL;
        at->n_closed = 0;
    }
    while (sink->closed) {
        struct lt_file_part *part = sink->closed;
        sink->closed = part->next;
        lt_file_part_free(part);
    }
    sink->n_open = 0;
    sink->ended = false;
}

void lt_file_sink_close(struct lt_sink *sink)
{
    if (!sink)
        return;
    if (sink->ended && sink->closed) { /* a good end that nobody committed or aborted */
        struct lt_error err = {0};
        if (lt_file_sink_prepare(sink, UINT64_MAX, &err) == LT_OK &&
            lt_file_sink_commit(sink, UINT64_MAX, &err) != LT_OK)
            lt_error_clear(&err); /* close cannot tell; the files stay hidden and are removed */
    }
    lt_file_sink_abort(sink);
    if (sink->encoder)
        sink->format->encoder_close(sink->encoder);
    if (sink->zone)
        lt_tz_free(sink->alloc, sink->zone);
    lt_buf_close(&sink->dir);
    lt_arena_close(&sink->arena);
    lt_alloc_put(sink->alloc, sink, sizeof(*sink));
}
