/* fake.h -- a source, a sink, an output and hand-built plans for the tests of exec. */
#ifndef LT_TESTS_UNIT_EXEC_FAKE_H
#define LT_TESTS_UNIT_EXEC_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/graph.h"

/* Not every test uses every helper. */
#pragma GCC diagnostic ignored "-Wunused-function"

/* Rows of every test: key, event time (us), value. */
struct fake_row {
    int64_t k, ts, v;
    int32_t w;
};

enum { FAKE_SPLITS_MAX = 32 };
#define SECOND INT64_C(1000000)
#define FAKE_NULL INT64_MIN /* of a time: the column is NULL there */

struct fake_table {
    struct lt_connector_table table; /* first: the description is cast to this */
    pthread_mutex_t lock;
    struct fake_split {
        char name[16];
        struct fake_row *rows;
        int64_t len, cap;
        bool ended;
        int64_t generate; /* > 0: rows are made up to this position, nothing stored */
    } splits[FAKE_SPLITS_MAX];
    uint32_t n_splits;
    bool more_later;
    uint32_t n_readers_open, n_sources_open;
    uint32_t rows_a_poll; /* 0 = as many as asked */
    _Atomic int64_t polled;
    /* as a sink */
    struct fake_row *written;
    int64_t n_written, written_cap;
    int64_t n_prepared, n_committed; /* rows covered */
    int n_commits, n_aborts, n_ends, n_open_sinks;
    int busy_every; /* every nth write answers LT_BUSY first */
    int busy_count;
    bool always_busy;
};

static struct lt_field fake_fields[3];
static struct lt_schema fake_schema = {3, fake_fields};

static void fake_init(struct fake_table *t)
{
    fake_fields[0] = (struct lt_field){LT_STR("k"), &lt_type_bigint};
    fake_fields[1] = (struct lt_field){LT_STR("ts"), &lt_type_timestamp3};
    fake_fields[2] = (struct lt_field){LT_STR("v"), &lt_type_bigint};
    memset(t, 0, sizeof(*t));
    t->table.name = LT_STR("fake");
    t->table.physical = &fake_schema;
    pthread_mutex_init(&t->lock, NULL);
}

static void fake_free(struct fake_table *t)
{
    for (uint32_t i = 0; i < t->n_splits; i++)
        free(t->splits[i].rows);
    free(t->written);
    pthread_mutex_destroy(&t->lock);
    assert_int_equal(t->n_readers_open, 0);
    assert_int_equal(t->n_sources_open, 0);
    assert_int_equal(t->n_open_sinks, 0);
}

static uint32_t fake_split(struct fake_table *t)
{
    pthread_mutex_lock(&t->lock);
    uint32_t n = t->n_splits++;
    snprintf(t->splits[n].name, sizeof(t->splits[n].name), "split-%u", n);
    pthread_mutex_unlock(&t->lock);
    return n;
}

static void fake_append(struct fake_row **rows, int64_t *len, int64_t *cap, struct fake_row row)
{
    if (*len == *cap) {
        *cap = *cap ? *cap * 2 : 64;
        *rows = realloc(*rows, (size_t)*cap * sizeof(row));
    }
    (*rows)[(*len)++] = row;
}

static void fake_feed(struct fake_table *t, uint32_t split, int64_t k, int64_t ts, int64_t v)
{
    pthread_mutex_lock(&t->lock);
    struct fake_split *s = &t->splits[split];
    fake_append(&s->rows, &s->len, &s->cap, (struct fake_row){k, ts, v, 1});
    pthread_mutex_unlock(&t->lock);
}

static void fake_end(struct fake_table *t, uint32_t split)
{
    pthread_mutex_lock(&t->lock);
    t->splits[split].ended = true;
    pthread_mutex_unlock(&t->lock);
}

/* ---- source ------------------------------------------------------------- */

struct lt_source {
    struct fake_table *t;
    struct lt_alloc *alloc;
};

struct lt_reader {
    struct fake_table *t;
    struct fake_split *split;
    int64_t at;
    struct lt_alloc *alloc;
    struct lt_batch_builder builder;
    struct lt_batch batch;
    bool out;
};

static lt_status fake_source_open(const struct lt_connector_env *env,
                                  const struct lt_connector_table *table,
                                  struct lt_scan_request *request, struct lt_source **out,
                                  struct lt_error *err)
{
    (void)request, (void)err;
    struct lt_source *source = lt_alloc_zero(env->alloc, sizeof(*source));
    if (!source)
        return LT_NOMEM;
    source->t = (struct fake_table *)table;
    source->alloc = env->alloc;
    source->t->n_sources_open++;
    *out = source;
    return LT_OK;
}

static lt_status fake_source_splits(struct lt_source *source, struct lt_split_list *list,
                                    struct lt_error *err)
{
    (void)err;
    struct fake_table *t = source->t;
    pthread_mutex_lock(&t->lock);
    lt_status status = LT_OK;
    for (uint32_t i = 0; i < t->n_splits && status == LT_OK; i++)
        status = LT_ARENA_PUSH(list->arena, list->names, list->len, list->cap,
                               lt_str_of(t->splits[i].name));
    list->more_later = t->more_later;
    pthread_mutex_unlock(&t->lock);
    return status;
}

static lt_status fake_reader_open(struct lt_source *source, struct lt_str split, int64_t position,
                                  const struct lt_connector_env *env, struct lt_reader **out,
                                  struct lt_error *err)
{
    struct lt_reader *reader = lt_alloc_zero(env->alloc, sizeof(*reader));
    if (!reader)
        return LT_NOMEM;
    reader->t = source->t;
    reader->alloc = env->alloc;
    reader->at = position;
    for (uint32_t i = 0; i < source->t->n_splits; i++)
        if (lt_str_equal(split, lt_str_of(source->t->splits[i].name)))
            reader->split = &source->t->splits[i];
    lt_status status = lt_builder_open(&reader->builder, env->pool, &fake_schema, 2048);
    if (status != LT_OK || !reader->split) {
        lt_alloc_put(env->alloc, reader, sizeof(*reader));
        return status != LT_OK ? status : lt_fail(err, LT_INVALID, "no such split");
    }
    pthread_mutex_lock(&source->t->lock);
    source->t->n_readers_open++;
    pthread_mutex_unlock(&source->t->lock);
    *out = reader;
    return LT_OK;
}

static struct fake_row fake_made(int64_t i)
{
    return (struct fake_row){i % 101, i * 1000, i, 1};
}

static lt_status fake_reader_poll(struct lt_reader *reader, uint32_t max_rows,
                                  struct lt_polled *out, struct lt_error *err)
{
    (void)err;
    struct fake_table *t = reader->t;
    struct fake_split *split = reader->split;
    if (reader->out)
        lt_builder_release(&reader->builder, &reader->batch);
    reader->out = false;
    pthread_mutex_lock(&t->lock);
    int64_t len = split->generate ? split->generate : split->len, n = len - reader->at;
    bool ended = split->ended || split->generate;
    if (t->rows_a_poll && max_rows > t->rows_a_poll)
        max_rows = t->rows_a_poll;
    if (n > max_rows)
        n = max_rows;
    for (int64_t i = 0; i < n; i++) {
        struct fake_row row = split->generate ? fake_made(reader->at + i)
                                              : split->rows[reader->at + i];
        ((int64_t *)reader->builder.columns[0]->values)[i] = row.k;
        ((int64_t *)reader->builder.columns[1]->values)[i] = row.ts;
        ((int64_t *)reader->builder.columns[2]->values)[i] = row.v;
    }
    for (int64_t i = 0; i < n; i++) {
        struct lt_column *time = reader->builder.columns[1];
        if (((int64_t *)time->values)[i] != FAKE_NULL)
            continue;
        ((int64_t *)time->values)[i] = 0;
        if (lt_column_own_validity(time) == LT_OK)
            lt_column_set_null(time, (uint32_t)i);
    }
    pthread_mutex_unlock(&t->lock);
    if (n == 0) {
        out->poll = ended ? LT_POLL_END : LT_POLL_IDLE;
        out->wait_us = 1000;
        return LT_OK;
    }
    reader->builder.len = (uint32_t)n;
    LT_TRY(lt_builder_take(&reader->builder, &reader->batch));
    reader->out = true;
    out->poll = LT_POLL_ROWS;
    out->batch = reader->batch;
    out->batch.first_position = reader->at;
    reader->at += n;
    out->next_position = reader->at;
    atomic_fetch_add(&t->polled, n);
    return LT_OK;
}

static void fake_reader_close(struct lt_reader *reader)
{
    if (reader->out)
        lt_builder_release(&reader->builder, &reader->batch);
    lt_builder_close(&reader->builder);
    pthread_mutex_lock(&reader->t->lock);
    reader->t->n_readers_open--;
    pthread_mutex_unlock(&reader->t->lock);
    lt_alloc_put(reader->alloc, reader, sizeof(*reader));
}

static void fake_source_close(struct lt_source *source)
{
    source->t->n_sources_open--;
    lt_alloc_put(source->alloc, source, sizeof(*source));
}

/* ---- sink ----------------------------------------------------------------- */

struct lt_sink {
    struct fake_table *t;
    struct lt_alloc *alloc;
};

static lt_status fake_sink_open(const struct lt_connector_env *env,
                                const struct lt_connector_table *table, uint32_t writer,
                                uint32_t n_writers, struct lt_sink **out, struct lt_error *err)
{
    (void)writer, (void)n_writers, (void)err;
    struct lt_sink *sink = lt_alloc_zero(env->alloc, sizeof(*sink));
    if (!sink)
        return LT_NOMEM;
    sink->t = (struct fake_table *)table;
    sink->alloc = env->alloc;
    sink->t->n_open_sinks++;
    *out = sink;
    return LT_OK;
}

static int64_t fake_value(const struct lt_batch *batch, uint32_t c, uint32_t row)
{
    const struct lt_column *col = batch->columns[c];
    if (lt_column_is_null(col, row))
        return INT64_MIN;
    struct lt_cell cell = lt_column_cell(col, row);
    return ((const int64_t *)cell.col->values)[cell.lane];
}

static struct fake_row fake_row_of(const struct lt_batch *batch, uint32_t i)
{
    uint32_t row = lt_batch_row(batch, i), n = batch->n_columns;
    return (struct fake_row){n > 0 ? fake_value(batch, 0, row) : 0,
                             n > 1 ? fake_value(batch, 1, row) : 0,
                             n > 2 ? fake_value(batch, 2, row) : 0, lt_batch_weight(batch, row)};
}

static lt_status fake_sink_write(struct lt_sink *sink, const struct lt_batch *batch,
                                 struct lt_error *err)
{
    (void)err;
    struct fake_table *t = sink->t;
    pthread_mutex_lock(&t->lock);
    bool busy = t->always_busy || (t->busy_every && ++t->busy_count % t->busy_every == 0);
    for (uint32_t i = 0; !busy && i < batch->n_sel; i++)
        fake_append(&t->written, &t->n_written, &t->written_cap, fake_row_of(batch, i));
    pthread_mutex_unlock(&t->lock);
    return busy ? LT_BUSY : LT_OK;
}

static lt_status fake_sink_prepare(struct lt_sink *sink, uint64_t epoch, struct lt_error *err)
{
    (void)epoch, (void)err;
    pthread_mutex_lock(&sink->t->lock);
    sink->t->n_prepared = sink->t->n_written;
    pthread_mutex_unlock(&sink->t->lock);
    return LT_OK;
}

static lt_status fake_sink_commit(struct lt_sink *sink, uint64_t epoch, struct lt_error *err)
{
    (void)epoch, (void)err;
    pthread_mutex_lock(&sink->t->lock);
    sink->t->n_committed = sink->t->n_prepared;
    sink->t->n_commits++;
    pthread_mutex_unlock(&sink->t->lock);
    return LT_OK;
}

static lt_status fake_sink_end(struct lt_sink *sink, struct lt_error *err)
{
    (void)err;
    pthread_mutex_lock(&sink->t->lock);
    sink->t->n_ends++;
    pthread_mutex_unlock(&sink->t->lock);
    return LT_OK;
}

static void fake_sink_abort(struct lt_sink *sink)
{
    sink->t->n_aborts++;
}

static void fake_sink_close(struct lt_sink *sink)
{
    sink->t->n_open_sinks--;
    lt_alloc_put(sink->alloc, sink, sizeof(*sink));
}

static const struct lt_connector fake_connector = {
    .name = "fake",
    .source_open = fake_source_open,
    .source_splits = fake_source_splits,
    .reader_open = fake_reader_open,
    .reader_poll = fake_reader_poll,
    .reader_close = fake_reader_close,
    .source_close = fake_source_close,
    .sink_open = fake_sink_open,
    .sink_write = fake_sink_write,
    .sink_prepare = fake_sink_prepare,
    .sink_commit = fake_sink_commit,
    .sink_end = fake_sink_end,
    .sink_abort = fake_sink_abort,
    .sink_close = fake_sink_close,
};

/* ---- plans ------------------------------------------------------------------- */

struct fake_plan {
    struct lt_plan plan;
    struct lt_plan_node *list[64];
    struct lt_plan_node *roots[8];
};

static void plan_init(struct fake_plan *p, struct lt_alloc *alloc, uint32_t parallelism,
                      bool bounded)
{
    memset(p, 0, sizeof(*p));
    lt_arena_init(&p->plan.arena, alloc);
    p->plan.nodes = p->list;
    p->plan.roots = p->roots;
    p->plan.parallelism = parallelism;
    p->plan.bounded = bounded;
    p->plan.alloc = alloc;
}

static struct lt_plan_node *plan_node(struct fake_plan *p, enum lt_node_kind kind,
                                      uint32_t n_inputs, ...)
{
    struct lt_plan_node *node = lt_arena_zero(&p->plan.arena, sizeof(*node));
    node->kind = kind;
    node->id = p->plan.n_nodes;
    node->schema = fake_schema;
    node->props.bounded = p->plan.bounded;
    node->props.single_path = true;
    node->props.stable_id = 1000 + node->id;
    node->n_inputs = n_inputs;
    node->inputs = lt_arena_zero(&p->plan.arena, (n_inputs + 1) * sizeof(node));
    va_list args;
    va_start(args, n_inputs);
    for (uint32_t i = 0; i < n_inputs; i++)
        node->inputs[i] = va_arg(args, struct lt_plan_node *);
    va_end(args);
    if (n_inputs) {
        node->props.changing = node->inputs[0]->props.changing;
        node->props.lag_us = node->inputs[0]->props.lag_us;
    }
    p->list[p->plan.n_nodes++] = node;
    return node;
}

static struct lt_plan_node *plan_scan(struct fake_plan *p, struct fake_table *t)
{
    struct lt_plan_node *node = plan_node(p, LT_NODE_SCAN, 0);
    node->u.scan.connector = &fake_connector;
    node->u.scan.description = &t->table;
    node->u.scan.info = (struct lt_source_info){.bounded = p->plan.bounded, .append_only = true};
    return node;
}

static struct lt_plan_node *plan_watermark(struct fake_plan *p, struct lt_plan_node *input,
                                           int64_t delay_us, int64_t idle_us)
{
    struct lt_plan_node *node = plan_node(p, LT_NODE_WATERMARK, 1, input);
    node->u.watermark.time_column = 1;
    node->u.watermark.delay_us = delay_us;
    node->u.watermark.idle_timeout_us = idle_us;
    node->u.watermark.tick_us = 1000;
    node->props.lag_us = lt_arena_zero(&p->plan.arena, 3 * sizeof(int64_t));
    node->props.lag_us[0] = node->props.lag_us[2] = LT_NO_LAG;
    return node;
}

static struct lt_plan_node *plan_exchange(struct fake_plan *p, struct lt_plan_node *input,
                                          enum lt_exchange_kind kind)
{
    static uint32_t key = 0;
    struct lt_plan_node *node = plan_node(p, LT_NODE_EXCHANGE, 1, input);
    node->u.exchange.kind = kind;
    node->u.exchange.n_keys = kind == LT_EXCHANGE_HASH;
    node->u.exchange.keys = &key;
    return node;
}

static struct lt_plan_node *plan_root(struct fake_plan *p, struct lt_plan_node *node)
{
    p->roots[p->plan.n_roots++] = node;
    return node;
}

static struct lt_plan_node *plan_sink(struct fake_plan *p, struct lt_plan_node *input,
                                      struct fake_table *t)
{
    struct lt_plan_node *node = plan_node(p, LT_NODE_SINK, 1, input);
    node->u.sink.connector = &fake_connector;
    node->u.sink.description = &t->table;
    return plan_root(p, node);
}

/* ---- output -------------------------------------------------------------------- */

struct fake_out {
    pthread_mutex_t lock;
    struct fake_row *rows;
    int64_t len, cap;
    uint64_t epochs;
    int64_t watermark;
    int64_t epoch_rows; /* rows at the last on_epoch */
    bool busy, ended, failed;
    struct lt_error error;
    struct lt_output_sink sink;
};

static lt_status out_batch(void *ctx, const struct lt_batch *batch, struct lt_error *err)
{
    (void)err;
    struct fake_out *out = ctx;
    pthread_mutex_lock(&out->lock);
    bool busy = out->busy;
    for (uint32_t i = 0; !busy && i < batch->n_sel; i++)
        fake_append(&out->rows, &out->len, &out->cap, fake_row_of(batch, i));
    pthread_mutex_unlock(&out->lock);
    return busy ? LT_BUSY : LT_OK;
}

static void out_epoch(void *ctx, uint64_t epoch, int64_t watermark_us)
{
    struct fake_out *out = ctx;
    pthread_mutex_lock(&out->lock);
    assert_true(epoch > out->epochs);
    out->epochs = epoch;
    out->watermark = watermark_us;
    out->epoch_rows = out->len;
    pthread_mutex_unlock(&out->lock);
}

static void out_end(void *ctx, const struct lt_error *error)
{
    struct fake_out *out = ctx;
    pthread_mutex_lock(&out->lock);
    assert_false(out->ended);
    out->ended = true;
    out->failed = error != NULL;
    if (error)
        out->error = *error;
    pthread_mutex_unlock(&out->lock);
}

static void out_init(struct fake_out *out)
{
    memset(out, 0, sizeof(*out));
    pthread_mutex_init(&out->lock, NULL);
    out->sink = (struct lt_output_sink){out, out_batch, out_epoch, out_end};
}

static void out_free(struct fake_out *out)
{
    free(out->rows);
    pthread_mutex_destroy(&out->lock);
}

static int fake_compare(const void *pa, const void *pb)
{
    const struct fake_row *a = pa, *b = pb;
    if (a->v != b->v)
        return a->v < b->v ? -1 : 1;
    if (a->k != b->k)
        return a->k < b->k ? -1 : 1;
    return a->ts < b->ts ? -1 : a->ts > b->ts;
}

/* ---- a graph with a clock of its own --------------------------------------------- */

struct fake_world {
    struct lt_alloc root;
    _Atomic int64_t now_us;
    struct lt_graph *graph;
    struct lt_graph_config config;
    struct lt_error err;
};

static int64_t world_now(void *ctx)
{
    struct fake_world *world = ctx;
    return atomic_load(&world->now_us);
}

static void world_prepare(struct fake_world *w)
{
    memset(w, 0, sizeof(*w));
    lt_alloc_init_root(&w->root, NULL, "test", SIZE_MAX);
    w->config = (struct lt_graph_config){.alloc = &w->root,
                                         .clock = {.now_us = world_now, .ctx = w}};
}

static void world_open(struct fake_world *w)
{
    assert_int_equal(lt_graph_open(&w->config, &w->graph, &w->err), LT_OK);
}

static void world_close(struct fake_world *w)
{
    lt_graph_close(w->graph);
    lt_alloc_close(&w->root);
}

static struct lt_run *world_attach(struct fake_world *w, struct fake_plan *p, struct fake_out *out)
{
    struct lt_run *run = NULL;
    lt_status status = lt_graph_attach(w->graph, &p->plan, out ? &out->sink : NULL, &run, &w->err);
    if (status != LT_OK)
        print_error("attach: %s\n", w->err.message);
    assert_int_equal(status, LT_OK);
    return run;
}

static int64_t world_pump(struct fake_world *w)
{
    int64_t wait_us;
    assert_int_equal(lt_graph_pump(w->graph, &wait_us, &w->err), LT_OK);
    return wait_us;
}

/* Until the sources have nothing more. */
static void world_settle(struct fake_world *w)
{
    for (int i = 0; i < 100000 && world_pump(w) == 0; i++) {
    }
}

#endif
