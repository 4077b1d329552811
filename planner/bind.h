/* bind.h -- what the planner's files share: the planner itself, scopes, relations.
 *
 * Binding makes plan nodes at once; there is no second tree. A relation is a
 * node plus what its columns are called; a scope is what an expression may name.
 * Everything lives in the plan's arena; constant columns are held by the plan. */
#ifndef LT_PLANNER_BIND_H
#define LT_PLANNER_BIND_H

#include "catalog/typing.h"
#include "planner/planner.h"

enum {
    LT_BIND_DEPTH_MAX = 1500, /* nested expressions, queries and views together */
    LT_BIND_VIEWS_MAX = 32,   /* views over views */
    LT_BIND_COLUMNS_MAX = 4096,
    LT_BIND_SETS_MAX = 4096,  /* grouping sets */
    LT_BIND_NODES_MAX = 8192, /* nodes made for one statement */
    /* Virtual column numbers while a grouped SELECT is bound (bind_group.c). */
    LT_BIND_CALL = 1 << 24,
    LT_BIND_AUX = 2 << 24,
    LT_BIND_GROUPING = 3 << 24,
};

struct lt_cte { /* a WITH query in scope; bound anew at each use */
    const struct lt_ast_with *with;
    const struct lt_cte *outer; /* what its own query sees */
};

struct lt_planner {
    const struct lt_planner_env *env;
    struct lt_plan *plan;
    struct lt_arena *arena; /* plan->arena */
    struct lt_error *err;
    const struct lt_cte *ctes;
    uint32_t depth, views, n_nodes;
    const struct lt_object *view; /* being expanded: its names are of its database */
    struct lt_pos outside; /* inside stored text: where the statement names it */
    bool final_only;       /* over bounded input only the last result is wanted */
    const struct lt_ast_emit *emit; /* the EMIT clause of the block being bound, or NULL */
    bool emit_used;
    /* ORDER BY and LIMIT of the statement's own query over a changing result are
     * applied by whoever shows it. */
    const struct lt_ast_query *top;
    bool top_deferred;
    uint32_t top_n_order;
    struct lt_sort_key *top_order;
    int64_t top_limit, top_offset;
    uint32_t constants_cap, parameters_cap, notices_cap;
};

struct lt_scope_column {
    struct lt_str name, table; /* table: its alias; empty = none */
    const struct lt_type *type;
    bool hidden; /* found by name, not by a star */
};
struct lt_scope {
    uint32_t len;
    struct lt_scope_column *columns;
    bool nullable; /* grouping sets: every column may be NULL */
};
struct lt_rel {
    struct lt_plan_node *node;
    struct lt_scope scope; /* one column for each of the node's */
};

struct lt_grouping; /* bind_group.c */

/* How one expression is bound. */
struct lt_bind {
    struct lt_planner *p;
    const struct lt_scope *scope;
    const struct lt_rel *rel;     /* of `scope`, where time attributes matter; or NULL */
    const char *clause;           /* "WHERE": for messages */
    struct lt_grouping *grouping; /* NULL: aggregates are refused */
    const struct lt_ast_select_item *items; /* aliases that a hint may mention */
};

/* ---- planner.c ------ */
struct lt_pos lt_bind_pos(const struct lt_planner *p, struct lt_pos pos);
#define LT_BIND_FAIL(p, code, pos, ...)                                                            \
    lt_fail_at((p)->err, (code), lt_bind_pos((p), (pos)), __VA_ARGS__)
#define LT_BIND_NOT_YET(p, pos, ...)                                                               \
    LT_BIND_FAIL((p), LT_UNSUPPORTED, (pos), "not supported yet: " __VA_ARGS__)
lt_status lt_bind_enter(struct lt_planner *p, struct lt_pos pos) LT_MUST_CHECK; /* ++depth */
lt_status lt_bind_notice(struct lt_planner *p, const char *fmt, ...) LT_PRINTF(2, 3) LT_MUST_CHECK;
lt_status lt_bind_str(struct lt_planner *p, struct lt_str text, struct lt_str *out) LT_MUST_CHECK;
/* "; did you mean 'x'?" among n names, or "". */
const char *lt_bind_nearest(struct lt_planner *p, struct lt_str name, uint32_t n,
                            const struct lt_str *names);
lt_status lt_planner_open(struct lt_planner *p, const struct lt_planner_env *env,
                          struct lt_error *err) LT_MUST_CHECK;

/* ---- node.c: making nodes ------ */
lt_status lt_node_new(struct lt_planner *p, enum lt_node_kind kind, uint32_t n_inputs,
                      struct lt_plan_node *const *inputs, uint32_t n_columns,
                      struct lt_plan_node **out) LT_MUST_CHECK;
/* Computes the properties once schema and `u` are filled. */
lt_status lt_node_finish(struct lt_planner *p, struct lt_plan_node *node) LT_MUST_CHECK;
lt_status lt_node_calc(struct lt_planner *p, struct lt_plan_node *input, struct lt_expr *filter,
                       uint32_t n, struct lt_expr *const *exprs, const struct lt_str *names,
                       struct lt_plan_node **out) LT_MUST_CHECK;
lt_status lt_node_filter(struct lt_planner *p, struct lt_plan_node *input, struct lt_expr *filter,
                         struct lt_plan_node **out) LT_MUST_CHECK;
/* two_phase.c: may an aggregate over an exchange be done in phases; and doing so */
bool lt_two_phase_fits(const struct lt_planner *p, const struct lt_plan_node *node,
                       const struct lt_plan_node *input);
lt_status lt_two_phases(struct lt_planner *p, struct lt_plan_node *node) LT_MUST_CHECK;
lt_status lt_plan_exchange(struct lt_planner *p, struct lt_plan_node *input,
                           enum lt_exchange_kind kind, uint32_t n_keys, const uint32_t *keys,
                           struct lt_plan_node **out) LT_MUST_CHECK;
/* One row of no columns. */
lt_status lt_node_one_row(struct lt_planner *p, struct lt_plan_node **out) LT_MUST_CHECK;
lt_status lt_rel_of(struct lt_planner *p, struct lt_plan_node *node, struct lt_str table,
                    struct lt_rel *out) LT_MUST_CHECK;

/* ---- props.c ------ */
lt_status lt_props_compute(struct lt_planner *p, struct lt_plan_node *node) LT_MUST_CHECK;
/* Why a changing node changes: "GROUP BY without a window". */
const char *lt_props_why_changing(const struct lt_plan_node *node);

/* ---- expr.c ------ */
lt_status lt_expr_new(struct lt_planner *p, enum lt_expr_kind kind, const struct lt_type *type,
                      struct lt_pos pos, uint32_t n_args, struct lt_expr **out) LT_MUST_CHECK;
lt_status lt_expr_column(struct lt_planner *p, uint32_t index, const struct lt_type *type,
                         struct lt_pos pos, struct lt_expr **out) LT_MUST_CHECK;
lt_status lt_expr_node_column(struct lt_planner *p, const struct lt_plan_node *node,
                              uint32_t index, struct lt_expr **out) LT_MUST_CHECK;
/* Takes over the reference of `column`. */
lt_status lt_expr_constant(struct lt_planner *p, struct lt_column *column, struct lt_pos pos,
                           struct lt_expr **out) LT_MUST_CHECK;
lt_status lt_expr_null(struct lt_planner *p, const struct lt_type *type, struct lt_pos pos,
                       struct lt_expr **out) LT_MUST_CHECK;
lt_status lt_expr_bigint(struct lt_planner *p, int64_t value, struct lt_pos pos,
                         struct lt_expr **out) LT_MUST_CHECK;
lt_status lt_expr_text(struct lt_planner *p, struct lt_str text, struct lt_pos pos,
                       struct lt_expr **out) LT_MUST_CHECK;
lt_status lt_expr_boolean(struct lt_planner *p, bool value, struct lt_pos pos,
                          struct lt_expr **out) LT_MUST_CHECK;
bool lt_expr_equal(const struct lt_expr *a, const struct lt_expr *b);
uint64_t lt_expr_hash(const struct lt_expr *expr, uint64_t seed);
/* A copy with each expression that `fn` replaces (sets *out) replaced; `fn` leaves
 * *out NULL to go on into the children. Parameters and constants are shared. */
typedef lt_status lt_expr_map_fn(struct lt_planner *p, void *ctx, const struct lt_expr *expr,
                                 struct lt_expr **out);
lt_status lt_expr_map(struct lt_planner *p, const struct lt_expr *expr, lt_expr_map_fn *fn,
                      void *ctx, struct lt_expr **out) LT_MUST_CHECK;
/* The expression over a CALC's output as one over its input. */
lt_status lt_expr_through(struct lt_planner *p, const struct lt_expr *expr,
                          const struct lt_plan_node *calc, struct lt_expr **out) LT_MUST_CHECK;
/* Columns renumbered: column i becomes to[i]. */
lt_status lt_expr_remap(struct lt_planner *p, const struct lt_expr *expr, const uint32_t *to,
                        struct lt_expr **out) LT_MUST_CHECK;
/* Calls fn for every column reference; false stops and is returned. */
bool lt_expr_each_column(const struct lt_expr *expr,
                         bool (*fn)(void *ctx, const struct lt_expr *column), void *ctx);
bool lt_expr_is_constant(const struct lt_expr *expr);
/* The conjuncts of a filter, appended to an array in the arena. */
struct lt_exprs {
    uint32_t len, cap;
    struct lt_expr **items;
};
lt_status lt_expr_conjuncts(struct lt_planner *p, struct lt_expr *filter, struct lt_exprs *out)
    LT_MUST_CHECK;
/* NULL for none. */
lt_status lt_expr_and(struct lt_planner *p, uint32_t n, struct lt_expr *const *conjuncts,
                      struct lt_expr **out) LT_MUST_CHECK;
/* The index of an equal one, or appends. */
lt_status lt_exprs_add(struct lt_planner *p, struct lt_exprs *list, struct lt_expr *expr,
                       uint32_t *index) LT_MUST_CHECK;
void lt_expr_print(struct lt_buf *out, const struct lt_expr *expr, const struct lt_schema *input);
/* rules/fold.c: the constant's value in place of a call of constants. */
lt_status lt_expr_fold_call(struct lt_planner *p, struct lt_expr *expr, struct lt_expr **out)
    LT_MUST_CHECK;

/* ---- bind_literal.c ------ */
lt_status lt_bind_type(struct lt_planner *p, const struct lt_ast_type *ast,
                       const struct lt_type **out) LT_MUST_CHECK;
lt_status lt_bind_literal(struct lt_planner *p, const struct lt_ast_expr *ast, bool negative,
                          struct lt_expr **out) LT_MUST_CHECK;
/* Microseconds (*months 0) or months of an interval literal. */
lt_status lt_bind_interval(struct lt_planner *p, const struct lt_ast_expr *ast,
                           struct lt_span *out) LT_MUST_CHECK;

/* ---- bind_expr.c, bind_call.c, bind_name.c ------ */
lt_status lt_bind_expr(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_expr **out)
    LT_MUST_CHECK;
lt_status lt_bind_condition(struct lt_bind *b, const struct lt_ast_expr *ast,
                            struct lt_expr **out) LT_MUST_CHECK; /* must be BOOLEAN */
lt_status lt_bind_list(struct lt_bind *b, const struct lt_ast_exprs *list, struct lt_exprs *out)
    LT_MUST_CHECK;
/* A call of a registry function; inserts casts, folds. */
lt_status lt_bind_call_named(struct lt_bind *b, struct lt_str name, struct lt_pos pos, uint32_t n,
                             struct lt_expr *const *args, struct lt_expr **out) LT_MUST_CHECK;
lt_status lt_bind_call(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_expr **out)
    LT_MUST_CHECK;
lt_status lt_bind_cast(struct lt_planner *p, struct lt_expr *expr, const struct lt_type *type,
                       struct lt_expr **out) LT_MUST_CHECK; /* unconditional; no-op when same */
lt_status lt_bind_cast_mode(struct lt_planner *p, struct lt_expr *expr, const struct lt_type *type,
                            enum lt_cast_mode mode, struct lt_expr **out) LT_MUST_CHECK;
lt_status lt_bind_path(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_expr **out)
    LT_MUST_CHECK;
lt_status lt_bind_field(struct lt_bind *b, struct lt_expr *row, const struct lt_ast_name *field,
                        struct lt_expr **out) LT_MUST_CHECK;
/* Expands *, t.* and r.* into expressions and names. */
lt_status lt_bind_star(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_exprs *exprs,
                       struct lt_str **names) LT_MUST_CHECK;
lt_status lt_scope_find(const struct lt_bind *b, struct lt_str table, struct lt_str name,
                        struct lt_pos pos, int64_t *index) LT_MUST_CHECK; /* -1 = no such */
lt_status lt_bind_integer(struct lt_planner *p, const struct lt_ast_expr *ast, const char *what,
                          int64_t *out) LT_MUST_CHECK; /* a constant >= 0 */

/* ---- bind_query.c, bind_select.c, bind_from.c */
lt_status lt_bind_query(struct lt_planner *p, const struct lt_ast_query *query,
                        struct lt_rel *out) LT_MUST_CHECK;
lt_status lt_bind_select(struct lt_planner *p, const struct lt_ast_query *query,
                         struct lt_rel *out) LT_MUST_CHECK;
lt_status lt_bind_order_limit(struct lt_planner *p, const struct lt_ast_query *query,
                              uint32_t n_keys, const struct lt_sort_key *keys,
                              struct lt_plan_node **node) LT_MUST_CHECK;
int64_t lt_bind_state_ttl_us(const struct lt_planner *p); /* the session's; 0 = none */
lt_status lt_bind_distinct(struct lt_planner *p, struct lt_plan_node *input,
                           struct lt_plan_node **out) LT_MUST_CHECK;
lt_status lt_bind_from(struct lt_planner *p, const struct lt_ast_from *from, struct lt_rel *out)
    LT_MUST_CHECK;
lt_status lt_bind_table_name(struct lt_planner *p, const struct lt_ast_name *path,
                             const struct lt_ast_hint *hints, struct lt_pos pos,
                             struct lt_rel *out) LT_MUST_CHECK;
lt_status lt_rel_rename(struct lt_planner *p, struct lt_rel *rel, const struct lt_ast_name *table,
                        const struct lt_ast_name *columns) LT_MUST_CHECK;

/* ---- bind_table.c, bind_insert.c ------ */
lt_status lt_bind_scan(struct lt_planner *p, const struct lt_object *table,
                       const struct lt_ast_hint *hints, struct lt_pos pos,
                       struct lt_plan_node **out) LT_MUST_CHECK;
/* The connector and what it gets to see. */
lt_status lt_bind_connector(struct lt_planner *p, const struct lt_object *table,
                            const struct lt_ast_hint *hints, struct lt_pos pos,
                            const struct lt_connector **connector,
                            struct lt_connector_table **out) LT_MUST_CHECK;
lt_status lt_bind_insert(struct lt_planner *p, const struct lt_ast_stmt *stmt,
                         struct lt_plan_node **out) LT_MUST_CHECK;
/* Type of every column of a table, computed ones too; also checks the watermark. */
lt_status lt_bind_table_schema(struct lt_planner *p, const struct lt_object *table,
                               struct lt_schema *out) LT_MUST_CHECK;
/* not_null.c: the value, checked when a row is written. */
lt_status lt_bind_not_null(struct lt_planner *p, struct lt_expr *value, struct lt_str table,
                           struct lt_str column, struct lt_expr **out) LT_MUST_CHECK;
lt_status lt_bind_late_sink(struct lt_planner *p, const struct lt_ast_name *path,
                            struct lt_pos pos, const struct lt_rel *input, struct lt_exprs *exprs,
                            struct lt_plan_node **out) LT_MUST_CHECK;
/* Names to the parts of a catalog path. */
lt_status lt_bind_parts(struct lt_planner *p, const struct lt_ast_name *path, uint32_t *n,
                        struct lt_str parts[3]) LT_MUST_CHECK;
lt_status lt_bind_find(struct lt_planner *p, const struct lt_ast_name *path,
                       const struct lt_object **out) LT_MUST_CHECK;

/* ---- bind_group.c, bind_window.c, bind_emit.c */
lt_status lt_grouping_new(struct lt_planner *p, const struct lt_ast_query *query,
                          struct lt_rel *input, struct lt_grouping **out) LT_MUST_CHECK;
bool lt_grouping_needed(const struct lt_grouping *g);
lt_status lt_grouping_aggregate(struct lt_bind *b, const struct lt_ast_expr *ast,
                                const struct lt_aggregate *fn, struct lt_expr **out) LT_MUST_CHECK;
/* GROUPING(), TUMBLE_START() ...; *out stays NULL when it is none of these. */
lt_status lt_grouping_call(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_expr **out)
    LT_MUST_CHECK;
/* The aggregate node; then lt_grouping_rewrite makes an expression one over it. */
lt_status lt_grouping_plan(struct lt_grouping *g, struct lt_rel *out) LT_MUST_CHECK;
lt_status lt_grouping_rewrite(struct lt_grouping *g, const struct lt_expr *expr,
                              struct lt_expr **out) LT_MUST_CHECK;

/* bind_window.c */
bool lt_window_is_function(struct lt_str name);        /* TUMBLE ... COUNT_HOP */
const char *lt_window_nearest(struct lt_planner *p, struct lt_str name); /* as lt_bind_nearest */
lt_status lt_bind_window_function(struct lt_planner *p, const struct lt_ast_from *from,
                                  struct lt_rel *out) LT_MUST_CHECK;
/* TUMBLE(ts, size) of a GROUP BY; *is_window false for anything else. */
lt_status lt_bind_legacy_window(struct lt_bind *b, const struct lt_ast_expr *ast,
                                struct lt_window_spec *spec, struct lt_expr **time,
                                bool *is_window) LT_MUST_CHECK;
const struct lt_type *lt_window_column_type(struct lt_planner *p,
                                            const struct lt_window_spec *spec,
                                            const struct lt_type *time,
                                            enum lt_window_column column);
/* bind_emit.c */
lt_status lt_bind_emit(struct lt_planner *p, const struct lt_ast_emit *ast, bool windowed,
                       struct lt_emit *out) LT_MUST_CHECK;
lt_status lt_bind_emit_refuse(struct lt_planner *p, const struct lt_ast_emit *ast) LT_MUST_CHECK;

/* ---- rules ------ */
/* A rule rewrites the plan below every root in place. */
struct lt_rule {
    const char *name;
    const char *doc;
    lt_status (*apply)(struct lt_planner *p, struct lt_plan_node **roots, uint32_t n_roots);
};
lt_status lt_rules_apply(struct lt_planner *p, struct lt_plan_node **roots, uint32_t n_roots)
    LT_MUST_CHECK;
/* finish.c: exchanges, stable ids, numbering. */
lt_status lt_plan_finish(struct lt_planner *p, struct lt_plan_node **roots, uint32_t n_roots)
    LT_MUST_CHECK;

#endif
