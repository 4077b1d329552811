/* stdout.c -- connector 'stdout': rows in a format on the host's output. */
#include "connectors/option.h"
#include "connectors/out.h"
#include "connectors/registry.h"

struct lt_sink {
    struct lt_alloc *alloc;
    const struct lt_format *format;
    struct lt_encoder *encoder;
    struct lt_out out;
    bool first; /* of the writers: the only one to write it */
};

static lt_status stdout_check(const struct lt_connector_table *table,
                              const struct lt_connector_registry *registry, bool changing,
                              struct lt_error *err)
{
    const struct lt_format *format;
    LT_TRY(lt_option_check(table, &lt_connector_stdout, registry, err));
    LT_TRY(lt_option_format(table, registry, &format, err));
    LT_TRY(format->check(table, err));
    if (changing)
        return lt_fail(err, LT_INVALID,
                       "table '%.*s' takes rows only, but the query's result changes rows it has "
                       "shown before; a table of connector 'print' shows changes",
                       LT_STR_ARG(table->name));
    return LT_OK;
}

static void stdout_close(struct lt_sink *sink)
{
    if (!sink)
        return;
    if (sink->encoder)
        sink->format->encoder_close(sink->encoder);
    lt_out_close(&sink->out);
    lt_alloc_put(sink->alloc, sink, sizeof(*sink));
}

static lt_status stdout_open(const struct lt_connector_env *env,
                             const struct lt_connector_table *table, uint32_t writer,
                             uint32_t n_writers, struct lt_sink **out, struct lt_error *err)
{
    LT_UNUSED(n_writers);
    struct lt_sink *sink = lt_alloc_zero(env->alloc, sizeof(*sink));
    if (!sink)
        return LT_NOMEM;
    sink->alloc = env->alloc;
    sink->first = writer == 0;
    lt_out_init(&sink->out, env);
    lt_status status = lt_option_format(table, env->registry, &sink->format, err);
    if (status == LT_OK)
        status = sink->format->encoder_open(env, table, false, &sink->encoder, err);
    if (status == LT_OK && sink->first) {
        sink->format->encode_start(sink->encoder, &sink->out.text);
        status = lt_out_flush(&sink->out, err);
        status = status == LT_BUSY ? LT_OK : status;
    }
    if (status != LT_OK) {
        stdout_close(sink);
        return status;
    }
    *out = sink;
    return LT_OK;
}

static lt_status stdout_write(struct lt_sink *sink, const struct lt_batch *batch,
                              struct lt_error *err)
{
    LT_TRY(lt_out_flush(&sink->out, err)); /* LT_BUSY before anything of this batch is taken */
    for (uint32_t i = 0; i < batch->n_sel; i++) {
        uint16_t row = (uint16_t)lt_batch_row(batch, i);
        uint32_t one = 1;
        for (int32_t n = 0; n < lt_batch_weight(batch, row); n++)
            LT_TRY(sink->format->encode(sink->encoder, batch, &row, &one, SIZE_MAX, &sink->out.text,
                                        err));
    }
    lt_status status = lt_out_flush(&sink->out, err);
    return status == LT_BUSY ? LT_OK : status; /* taken, if not yet out */
}

static lt_status stdout_prepare(struct lt_sink *sink, uint64_t epoch, struct lt_error *err)
{
    LT_UNUSED(epoch);
    lt_status status = lt_out_flush(&sink->out, err);
    return status == LT_BUSY ? LT_OK : status; /* the rest goes out before the next rows */
}

static lt_status stdout_commit(struct lt_sink *sink, uint64_t epoch, struct lt_error *err)
{
    LT_UNUSED(sink);
    LT_UNUSED(epoch);
    LT_UNUSED(err);
    return LT_OK;
}

static lt_status stdout_end(struct lt_sink *sink, struct lt_error *err)
{
    return lt_out_flush(&sink->out, err);
}

static void stdout_abort(struct lt_sink *sink)
{
    LT_UNUSED(sink); /* what was written was written */
}

static const char *const stdout_options[] = {NULL};
static const char *const stdout_required[] = {"format", NULL};

const struct lt_connector lt_connector_stdout = {
    .name = "stdout",
    .doc = "The host's standard output",
    .options = stdout_options,
    .required = stdout_required,
    .sink_check = stdout_check,
    .sink_open = stdout_open,
    .sink_write = stdout_write,
    .sink_prepare = stdout_prepare,
    .sink_commit = stdout_commit,
    .sink_end = stdout_end,
    .sink_abort = stdout_abort,
    .sink_close = stdout_close,
};
