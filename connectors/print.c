/* print.c -- connector 'print': every row on a line of the host's output.
 *
 *    +I[1, Ann, null]        or        label> -U[1, Ann, null]
 *
 * As Flink's, but without the number of the subtask, so that the output does
 * not depend on the parallelism, and with values written as CAST writes them.
 * In a changing result a deletion next to an insertion of one key is an update. */
#include "connectors/option.h"
#include "connectors/out.h"
#include "connectors/registry.h"

struct lt_sink {
    struct lt_alloc *alloc;
    const struct lt_connector_table *table;
    const struct lt_connector_env *env;
    struct lt_str label; /* 'print-identifier', may be empty */
    struct lt_out out;
};

static lt_status print_check(const struct lt_connector_table *table,
                             const struct lt_connector_registry *registry, bool changing,
                             struct lt_error *err)
{
    LT_UNUSED(changing);
    return lt_option_check(table, &lt_connector_print, registry, err);
}

static lt_status print_open(const struct lt_connector_env *env,
                            const struct lt_connector_table *table, uint32_t writer,
                            uint32_t n_writers, struct lt_sink **out, struct lt_error *err)
{
    LT_UNUSED(writer);
    LT_UNUSED(n_writers);
    LT_UNUSED(err);
    struct lt_sink *sink = lt_alloc_zero(env->alloc, sizeof(*sink));
    if (!sink)
        return LT_NOMEM;
    const struct lt_str *label = lt_option_get(table, "print-identifier");
    sink->alloc = env->alloc;
    sink->table = table;
    sink->env = env;
    sink->label = label ? *label : LT_STR("");
    lt_out_init(&sink->out, env);
    *out = sink;
    return LT_OK;
}

static void print_row(struct lt_sink *sink, const struct lt_batch *batch, uint32_t row,
                      const char *op)
{
    struct lt_buf *text = &sink->out.text;
    if (sink->label.len) {
        lt_buf_add(text, sink->label.data, sink->label.len);
        lt_buf_adds(text, "> ");
    }
    lt_buf_adds(text, op);
    lt_buf_addc(text, '[');
    for (uint32_t i = 0; i < batch->n_columns; i++) {
        struct lt_cell cell = lt_column_cell(batch->columns[i], row);
        if (i)
            lt_buf_adds(text, ", ");
        if (cell.null)
            lt_buf_adds(text, "null");
        else
            lt_cell_print(text, cell, sink->env->zone ? sink->env->zone : &lt_tz_utc);
    }
    lt_buf_adds(text, "]\n");
}

/* Do the two rows have one key? Without a known key nothing is an update. */
static bool print_same_key(const struct lt_connector_table *table, const struct lt_batch *batch,
                           uint32_t a, uint32_t b)
{
    uint32_t n = table->n_changelog_key ? table->n_changelog_key : table->n_primary_key;
    const uint32_t *key = table->n_changelog_key ? table->changelog_key : table->primary_key;
    for (uint32_t i = 0; i < n; i++) {
        const struct lt_column *col = batch->columns[key[i]];
        if (!lt_cell_equal(lt_column_cell(col, a), lt_column_cell(col, b)))
            return false;
    }
    return n > 0;
}

static lt_status print_write(struct lt_sink *sink, const struct lt_batch *batch,
                             struct lt_error *err)
{
    LT_TRY(lt_out_flush(&sink->out, err)); /* LT_BUSY before anything of this batch is taken */
    for (uint32_t i = 0; i < batch->n_sel; i++) {
        uint32_t row = lt_batch_row(batch, i);
        int32_t weight = lt_batch_weight(batch, row);
        uint32_t next = i + 1 < batch->n_sel ? lt_batch_row(batch, i + 1) : 0;
        bool update = weight == -1 && i + 1 < batch->n_sel && lt_batch_weight(batch, next) == 1 &&
                      print_same_key(sink->table, batch, row, next);
        if (update) {
            print_row(sink, batch, row, "-U");
            print_row(sink, batch, next, "+U");
            i++;
            continue;
        }
        for (int32_t n = 0; n < (weight < 0 ? -weight : weight); n++)
            print_row(sink, batch, row, weight < 0 ? "-D" : "+I");
    }
    lt_status status = lt_out_flush(&sink->out, err);
    return status == LT_BUSY ? LT_OK : status; /* taken, if not yet out */
}

static lt_status print_prepare(struct lt_sink *sink, uint64_t epoch, struct lt_error *err)
{
    LT_UNUSED(epoch);
    lt_status status = lt_out_flush(&sink->out, err);
    return status == LT_BUSY ? LT_OK : status; /* the rest goes out before the next rows */
}

static lt_status print_commit(struct lt_sink *sink, uint64_t epoch, struct lt_error *err)
{
    LT_UNUSED(sink);
    LT_UNUSED(epoch);
    LT_UNUSED(err);
    return LT_OK;
}

static lt_status print_end(struct lt_sink *sink, struct lt_error *err)
{
    return lt_out_flush(&sink->out, err);
}

static void print_abort(struct lt_sink *sink)
{
    LT_UNUSED(sink); /* what was printed was printed */
}

static void print_close(struct lt_sink *sink)
{
    if (!sink)
        return;
    lt_out_close(&sink->out);
    lt_alloc_put(sink->alloc, sink, sizeof(*sink));
}

static const char *const print_options[] = {"print-identifier", NULL};

const struct lt_connector lt_connector_print = {
    .name = "print",
    .doc = "A sink that prints every row with its change",
    .options = print_options,
    .sink_check = print_check,
    .sink_open = print_open,
    .sink_write = print_write,
    .sink_prepare = print_prepare,
    .sink_commit = print_commit,
    .sink_end = print_end,
    .sink_abort = print_abort,
    .sink_close = print_close,
};
