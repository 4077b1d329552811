/* file_partition.c -- which directory a row belongs to, and the time that directory means. */
#include "base/bits.h"
#include "connectors/file_sink.h"

lt_status lt_file_sink_options_read(const struct lt_connector_table *table,
                                    struct lt_file_sink_options *out, struct lt_error *err)
{
    static const char *const triggers[] = {"process-time", "partition-time", NULL};
    static const char *const kinds[] = {"default", NULL};
    static const char *const formats[] = {"yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd", NULL};
    static const char *const policies[] = {"success-file", NULL};
    static const char *const off[] = {"false", NULL};
    unsigned trigger, ignored;
    int64_t unused;
    bool shuffle;
    LT_TRY(
        lt_option_memory(table, "sink.rolling-policy.file-size", 128 << 20, &out->roll_size, err));
    LT_TRY(lt_option_duration(table, "sink.rolling-policy.rollover-interval", 30 * LT_US_PER_MINUTE,
                              &out->roll_us, err));
    LT_TRY(lt_option_duration(table, "sink.rolling-policy.inactivity-interval",
                              30 * LT_US_PER_MINUTE, &unused, err));
    /* Age is looked at whenever an epoch commits, so there is no interval to keep. */
    LT_TRY(lt_option_duration(table, "sink.rolling-policy.check-interval", LT_US_PER_MINUTE,
                              &unused, err));
    LT_TRY(lt_option_enum(table, "sink.partition-commit.trigger", triggers, 0, &trigger, err));
    LT_TRY(lt_option_duration(table, "sink.partition-commit.delay", 0, &out->delay_us, err));
    LT_TRY(lt_option_enum(table, "sink.partition-commit.policy.kind", policies, 0, &ignored, err));
    LT_TRY(lt_option_enum(table, "partition.time-extractor.kind", kinds, 0, &ignored, err));
    LT_TRY(lt_option_enum(table, "partition.time-extractor.timestamp-formatter", formats, 0,
                          &ignored, err));
    LT_TRY(lt_option_enum(table, "auto-compaction", off, 0, &ignored, err));
    LT_TRY(lt_option_bool(table, "sink.shuffle-by-partition.enable", false, &shuffle, err));
    const struct lt_str *name = lt_option_get(table, "sink.partition-commit.success-file.name");
    const struct lt_str *pattern =
        lt_option_get(table, "partition.time-extractor.timestamp-pattern");
    const struct lt_str *zone = lt_option_get(table, "sink.partition-commit.watermark-time-zone");
    out->by_partition_time = trigger == 1;
    out->success_file = lt_option_get(table, "sink.partition-commit.policy.kind") != NULL;
    out->success_name = name ? *name : LT_STR("_SUCCESS");
    out->pattern = pattern ? *pattern : LT_STR("");
    out->zone_name = zone ? *zone : LT_STR("");
    if (out->success_name.len == 0 || memchr(out->success_name.data, '/', out->success_name.len))
        return lt_fail(err, LT_INVALID,
                       "option 'sink.partition-commit.success-file.name' must be a file's name");
    return LT_OK;
}

/* Text of a partition value; empty for NULL. */
static void partition_text(const struct lt_sink *sink, const struct lt_batch *batch, uint32_t row,
                           uint32_t key, struct lt_buf *out)
{
    struct lt_cell cell = lt_column_cell(batch->columns[sink->table->partition_keys[key]], row);
    if (!cell.null)
        lt_cell_print(out, cell, sink->env->zone ? sink->env->zone : &lt_tz_utc);
}

static struct lt_str partition_name(const struct lt_sink *sink, uint32_t key)
{
    return sink->table->physical->fields[sink->table->partition_keys[key]].name;
}

/* "path/dt=2024-01-01/hm=00%3A01" */
static lt_status partition_dir(struct lt_sink *sink, const struct lt_batch *batch, uint32_t row)
{
    struct lt_buf *dir = &sink->dir;
    struct lt_buf text;
    size_t len = sink->path.len;
    while (len > 1 && sink->path.data[len - 1] == '/')
        len--;
    lt_buf_clear(dir);
    lt_buf_add(dir, sink->path.data, len);
    lt_buf_init(&text, sink->alloc);
    for (uint32_t key = 0; key < sink->table->n_partition_keys; key++) {
        lt_buf_clear(&text);
        partition_text(sink, batch, row, key, &text);
        struct lt_str value = text.len ? lt_buf_str(&text) : sink->layout.partition_default;
        if (text.status != LT_OK)
            dir->status = text.status;
        lt_buf_addc(dir, '/');
        lt_partition_escape(dir, partition_name(sink, key));
        lt_buf_addc(dir, '=');
        lt_partition_escape(dir, value);
    }
    lt_buf_close(&text);
    return dir->status;
}

/* The pattern with each $name replaced by that key's value. */
static void partition_time_text(const struct lt_sink *sink, const struct lt_batch *batch,
                                uint32_t row, struct lt_buf *out)
{
    struct lt_str pattern = sink->options.pattern;
    if (pattern.len == 0)
        partition_text(sink, batch, row, 0, out);
    for (size_t i = 0; i < pattern.len; i++) {
        uint32_t best = UINT32_MAX;
        size_t best_len = 0;
        for (uint32_t key = 0; pattern.data[i] == '$' && key < sink->table->n_partition_keys;
             key++) {
            struct lt_str name = partition_name(sink, key);
            if (name.len > best_len && name.len < pattern.len - i &&
                memcmp(pattern.data + i + 1, name.data, name.len) == 0) {
                best = key;
                best_len = name.len;
            }
        }
        if (best_len) {
            partition_text(sink, batch, row, best, out);
            i += best_len;
        } else {
            lt_buf_addc(out, pattern.data[i]);
        }
    }
}

static lt_status partition_time(const struct lt_sink *sink, const struct lt_batch *batch,
                                uint32_t row, int64_t *time_us, struct lt_error *err)
{
    *time_us = LT_WATERMARK_MIN;
    if (!sink->options.by_partition_time || sink->table->n_partition_keys == 0)
        return LT_OK;
    struct lt_buf text;
    lt_buf_init(&text, sink->alloc);
    partition_time_text(sink, batch, row, &text);
    lt_status status = text.status;
    int64_t local_us;
    if (status == LT_OK && !lt_text_to_timestamp(lt_buf_str(&text), &local_us))
        status = lt_fail(err, LT_DATA,
                         "partition '%s': '%s' is not a timestamp; check the option "
                         "'partition.time-extractor.timestamp-pattern'",
                         sink->dir.data, lt_buf_str(&text).data);
    if (status == LT_OK)
        *time_us = sink->zone ? lt_tz_to_instant(sink->zone, local_us) : local_us;
    lt_buf_close(&text);
    return status;
}

static lt_status partition_make(struct lt_sink *sink, const struct lt_batch *batch, uint32_t row,
                                struct lt_file_partition **out, struct lt_error *err)
{
    const struct lt_clock *clock = sink->env->clock;
    int64_t time_us;
    LT_TRY(partition_time(sink, batch, row, &time_us, err));
    struct lt_file_partition *partition = LT_ARENA_NEW(&sink->arena, struct lt_file_partition);
    if (!partition)
        return LT_NOMEM;
    LT_TRY(lt_arena_str(&sink->arena, lt_buf_str(&sink->dir), &partition->dir));
    partition->time_us = time_us;
    partition->made_us = clock ? clock->now_us(clock->ctx) : 0;
    partition->next = sink->partitions;
    sink->partitions = partition;
    *out = partition;
    return LT_OK;
}

lt_status lt_file_partition_of(struct lt_sink *sink, const struct lt_batch *batch, uint32_t row,
                               struct lt_file_partition **out, struct lt_error *err)
{
    if (sink->partitions && sink->table->n_partition_keys == 0) {
        *out = sink->partitions;
        return LT_OK;
    }
    LT_TRY(partition_dir(sink, batch, row));
    struct lt_str dir = lt_buf_str(&sink->dir);
    for (struct lt_file_partition **link = &sink->partitions; *link; link = &(*link)->next) {
        struct lt_file_partition *at = *link;
        if (!lt_str_equal(at->dir, dir))
            continue;
        *link = at->next; /* to the front: rows of one partition come together */
        at->next = sink->partitions;
        sink->partitions = at;
        *out = at;
        return LT_OK;
    }
    return partition_make(sink, batch, row, out, err);
}

/* Have the two rows the same bytes in this column? Then they print alike. */
static bool lane_same(const struct lt_column *col, uint32_t a, uint32_t b)
{
    if (col->encoding == LT_CONSTANT)
        return true;
    if (col->validity && lt_bits_get(col->validity, a) != lt_bits_get(col->validity, b))
        return false;
    size_t size = lt_phys_size((enum lt_phys)col->phys);
    const char *values = col->values;
    if (col->encoding == LT_DICTIONARY)
        size = sizeof(uint32_t);
    else if (col->phys == LT_PHYS_STR)
        return lt_sv_equal((const struct lt_sv *)col->values + a,
                           (const struct lt_sv *)col->values + b);
    else if (col->phys == LT_PHYS_LIST || col->phys == LT_PHYS_STRUCT)
        return false;
    return memcmp(values + a * size, values + b * size, size) == 0;
}

uint32_t lt_file_partition_run(const struct lt_sink *sink, const struct lt_batch *batch,
                               const uint16_t *rows, uint32_t n)
{
    for (uint32_t key = 0; key < sink->table->n_partition_keys; key++) {
        const struct lt_column *col = batch->columns[sink->table->partition_keys[key]];
        uint32_t same = 1;
        while (same < n && lane_same(col, rows[same - 1], rows[same]))
            same++;
        n = same;
    }
    return n;
}
