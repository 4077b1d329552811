/* planner.h -- syntax tree to plan. */
#ifndef LT_PLANNER_PLANNER_H
#define LT_PLANNER_PLANNER_H

#include "parser/ast.h"
#include "planner/plan.h"

struct lt_planner_env {
    struct lt_alloc *alloc;
    struct lt_pool *pool;
    struct lt_catalog_session *catalog;
    const struct lt_function_registry *functions;
    const struct lt_connector_registry *connectors;
    const struct lt_fold *fold;
    const struct lt_tz *zone; /* the session's */
    /* A zone by name, loaded once and kept by the database. */
    lt_status (*find_zone)(void *ctx, struct lt_str name, const struct lt_tz **out,
                           struct lt_error *err);
    void *find_zone_ctx;
    int64_t statement_us;
    uint32_t parallelism;
    bool want_changelog; /* SELECT: changes wanted, not the final table */
};

/* SELECT, INSERT, STATEMENT SET (and EXPLAIN's inner statement). */
lt_status lt_plan_statement(const struct lt_planner_env *env, const struct lt_ast_stmt *stmt,
                            struct lt_plan **out, struct lt_error *err) LT_MUST_CHECK;
void lt_plan_close(struct lt_plan *plan);

/* Binds what a definition says and gives the object to store: CREATE TABLE
 * (LIKE, computed columns, watermark checked), CREATE VIEW (query checked). */
lt_status lt_plan_create_table(const struct lt_planner_env *env, const struct lt_ast_stmt *stmt,
                               struct lt_arena *arena, struct lt_object **out,
                               struct lt_error *err) LT_MUST_CHECK;
lt_status lt_plan_create_view(const struct lt_planner_env *env, const struct lt_ast_stmt *stmt,
                              struct lt_arena *arena, struct lt_object **out,
                              struct lt_error *err) LT_MUST_CHECK;
/* The full schema of a table or view (computed columns typed): DESCRIBE. */
lt_status lt_plan_describe(const struct lt_planner_env *env, const struct lt_object *object,
                           struct lt_arena *arena, struct lt_schema *out, struct lt_error *err)
    LT_MUST_CHECK;

enum lt_explain_format { LT_EXPLAIN_TEXT, LT_EXPLAIN_JSON, LT_EXPLAIN_DOT };
void lt_plan_explain(struct lt_buf *out, const struct lt_plan *plan, enum lt_explain_format format);

#endif
