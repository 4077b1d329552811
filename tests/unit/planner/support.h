/* support.h -- plans scripts against an in-memory catalog and a connector that does nothing. */
#ifndef LT_TESTS_PLANNER_SUPPORT_H
#define LT_TESTS_PLANNER_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "exec/aggregates/aggregates.h"
#include "exec/functions/functions.h"
#include "exec/program.h"
#include "parser/parser.h"
#include "planner/planner.h"

/* ---- connectors that are planned, never run ------------------------------------- */

static inline lt_status fake_source_check(const struct lt_connector_table *table,
                                          const struct lt_connector_registry *registry,
                                          struct lt_source_info *info, struct lt_error *err)
{
    const struct lt_str *bounded = lt_option_get(table, "bounded");
    LT_UNUSED(registry), LT_UNUSED(err);
    *info = (struct lt_source_info){.bounded = bounded && lt_str_equal(*bounded, LT_STR("true")),
                                    .append_only = true};
    return LT_OK;
}

static inline lt_status fake_source_open(const struct lt_connector_env *env,
                                         const struct lt_connector_table *table,
                                         struct lt_scan_request *request, struct lt_source **out,
                                         struct lt_error *err)
{
    LT_UNUSED(env), LT_UNUSED(table), LT_UNUSED(request), LT_UNUSED(out), LT_UNUSED(err);
    return LT_UNSUPPORTED;
}

static inline lt_status fake_sink_check(const struct lt_connector_table *table,
                                        const struct lt_connector_registry *registry,
                                        bool changing, struct lt_error *err)
{
    LT_UNUSED(registry);
    if (changing && table->n_primary_key == 0)
        return lt_fail(err, LT_INVALID, "this sink only appends");
    return LT_OK;
}

static inline lt_status fake_sink_open(const struct lt_connector_env *env,
                                       const struct lt_connector_table *table, uint32_t writer,
                                       uint32_t n_writers, struct lt_sink **out,
                                       struct lt_error *err)
{
    LT_UNUSED(env), LT_UNUSED(table), LT_UNUSED(writer), LT_UNUSED(n_writers), LT_UNUSED(out);
    LT_UNUSED(err);
    return LT_UNSUPPORTED;
}

static const struct lt_metadata_def fake_metadata[] = {{"offset", &lt_type_bigint}, {NULL, NULL}};
static const struct lt_connector fake_connector = {
    .name = "fake",
    .metadata = fake_metadata,
    .source_check = fake_source_check,
    .source_open = fake_source_open,
    .sink_check = fake_sink_check,
    .sink_open = fake_sink_open,
};
static const struct lt_connector *const fake_connectors[] = {&fake_connector, NULL};
static const struct lt_format *const fake_formats[] = {NULL};
static const struct lt_connector_registry fake_registry = {fake_connectors, fake_formats};
static const struct lt_function_registry all_functions = {lt_functions, lt_aggregates};

/* ---- a session -------------------------------------------------------------------------- */

struct planning {
    struct lt_alloc *alloc;
    struct lt_pool *pool;
    struct lt_catalog *catalog;
    struct lt_catalog_session *session;
    struct lt_fold fold;
    struct lt_planner_env env;
    struct lt_arena arena;
    struct lt_error err;
    struct lt_buf text; /* of the last plan */
};

static inline lt_status fold_constant(const struct lt_fold *fold, const struct lt_expr *expr,
                                      struct lt_column **out, struct lt_error *err)
{
    struct planning *s = fold->ctx;
    return lt_expr_fold(s->alloc, s->pool, expr, &lt_tz_utc, out, err);
}

static inline lt_status find_utc(void *ctx, struct lt_str name, const struct lt_tz **out,
                                 struct lt_error *err)
{
    LT_UNUSED(ctx);
    if (!lt_str_equal(name, LT_STR("UTC")))
        return lt_fail(err, LT_INVALID, "no such zone");
    *out = &lt_tz_utc;
    return LT_OK;
}

static inline lt_status planning_open(struct planning *s, struct lt_alloc *alloc)
{
    *s = (struct planning){.alloc = alloc};
    lt_arena_init(&s->arena, alloc);
    lt_buf_init(&s->text, alloc);
    LT_TRY(lt_pool_open(alloc, &s->pool));
    LT_TRY(lt_catalog_open(alloc, NULL, &s->catalog, &s->err));
    LT_TRY(lt_catalog_session_open(s->catalog, &s->session));
    s->fold = (struct lt_fold){.fold = fold_constant, .ctx = s};
    s->env = (struct lt_planner_env){
        .alloc = alloc,
        .pool = s->pool,
        .catalog = s->session,
        .functions = &all_functions,
        .connectors = &fake_registry,
        .fold = &s->fold,
        .zone = &lt_tz_utc,
        .find_zone = find_utc,
        .parallelism = 1,
    };
    return LT_OK;
}

static inline void planning_close(struct planning *s)
{
    lt_buf_close(&s->text);
    lt_arena_close(&s->arena);
    if (s->session)
        lt_catalog_session_close(s->session);
    if (s->catalog)
        lt_catalog_close(s->catalog);
    if (s->pool)
        lt_pool_close(s->pool);
}

static inline lt_status run_statement(struct planning *s, const struct lt_ast_stmt *stmt)
{
    struct lt_object *object = NULL;
    struct lt_plan *plan = NULL;
    if (stmt->kind == LT_AST_STMT_CREATE_TABLE || stmt->kind == LT_AST_STMT_CREATE_VIEW) {
        LT_TRY(stmt->kind == LT_AST_STMT_CREATE_TABLE
                   ? lt_plan_create_table(&s->env, stmt, &s->arena, &object, &s->err)
                   : lt_plan_create_view(&s->env, stmt, &s->arena, &object, &s->err));
        return lt_catalog_put(s->session, object, false, false, &s->err);
    }
    LT_TRY(lt_plan_statement(&s->env, stmt, &plan, &s->err));
    lt_buf_clear(&s->text);
    lt_plan_explain(&s->text, plan, LT_EXPLAIN_JSON);
    lt_buf_clear(&s->text);
    lt_plan_explain(&s->text, plan, LT_EXPLAIN_DOT);
    lt_buf_clear(&s->text);
    lt_plan_explain(&s->text, plan, LT_EXPLAIN_TEXT);
    lt_status status = s->text.status;
    lt_plan_close(plan);
    return status;
}

/* Runs a script; the text of the last plan is in s->text. */
static inline lt_status run_script(struct planning *s, const char *sql)
{
    size_t size = strlen(sql), offset = 0;
    struct lt_ast_stmt *stmt = NULL;
    lt_error_clear(&s->err);
    for (;;) {
        LT_TRY(lt_parse_next(sql, size, &offset, &s->arena, &stmt, &s->err));
        if (!stmt)
            return LT_OK;
        LT_TRY(run_statement(s, stmt));
    }
}

#define TABLES                                                                                     \
    "CREATE TABLE t (ts TIMESTAMP(3), k STRING, v INT, d DOUBLE, r ROW<a INT, b STRING>,"          \
    "  off BIGINT METADATA FROM 'offset' VIRTUAL, pt AS PROCTIME(), vv AS v + 1,"                  \
    "  ltz AS CAST(ts AS TIMESTAMP_LTZ(3)),"                                                       \
    "  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('connector' = 'fake');"                 \
    "CREATE TABLE b (k STRING, v INT NOT NULL) WITH ('connector' = 'fake', 'bounded' = 'true');"   \
    "CREATE TABLE plain (k STRING, v INT, dt DATE) WITH ('connector' = 'fake');"                   \
    "CREATE TABLE z (at TIMESTAMP_LTZ(3), WATERMARK FOR at AS at - INTERVAL '1' SECOND) WITH "     \
    "  ('connector' = 'fake');"                                                                    \
    "CREATE TABLE o (k STRING, n BIGINT) WITH ('connector' = 'fake');"                             \
    "CREATE TABLE u (k STRING PRIMARY KEY NOT ENFORCED, n BIGINT) WITH ('connector' = 'fake');"    \
    "CREATE TABLE late (v BIGINT, ts TIMESTAMP(3), other STRING) WITH ('connector' = 'fake');"     \
    "CREATE VIEW w AS SELECT k, window_start, window_end, window_time, SUM(v) AS s FROM "          \
    "  TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)"                                      \
    "  GROUP BY k, window_start, window_end, window_time;"

#endif
