/* group.h -- a grouped SELECT being bound: shared by bind_group.c and group_plan.c. */
#ifndef LT_PLANNER_GROUP_H
#define LT_PLANNER_GROUP_H

#include "planner/bind.h"

struct lt_group_call { /* an aggregate call over the input */
    const struct lt_aggregate *fn;
    const struct lt_agg_kernel *kernel;
    const struct lt_type *result;
    struct lt_exprs args; /* the last n_order of them are ORDER BY keys */
    uint32_t n_order;
    bool *order_desc, *order_nulls_first;
    struct lt_expr *filter;
    bool distinct, ignore_nulls;
};

struct lt_group_ids { /* one GROUPING(a, b) */
    uint32_t n;
    uint32_t *keys;
};

struct lt_grouping {
    struct lt_planner *p;
    const struct lt_ast_query *query;
    struct lt_rel *input;        /* until the aggregate takes its place */
    struct lt_str *input_names;
    struct lt_exprs keys; /* over the input */
    bool has_sets;
    uint32_t n_sets;
    uint64_t *sets; /* bit k: key k is kept */
    /* GROUP BY TUMBLE(ts, size) */
    bool legacy;
    struct lt_window_spec spec;
    struct lt_expr *time; /* over the input */
    struct lt_pos window_pos;
    /* collected while the SELECT is bound */
    uint32_t n_calls, calls_cap;
    struct lt_group_call *calls;
    uint32_t n_ids, ids_cap;
    struct lt_group_ids *ids;
    bool in_aggregate;
    uint32_t aux_wanted; /* bit per enum lt_window_column */
    /* once planned: where each thing is in the aggregate's output */
    struct lt_plan_node *node;
    int32_t *key_column; /* per key */
    uint32_t first_call;
    int32_t aux_column[LT_WINCOL_PROCTIME + 1]; /* -1 = not there */
    int32_t id_column;                          /* $g */
    uint32_t *key_bit;                          /* bit of each key in $g */
};

/* The WINDOW node whose column a relation's column is, through CALCs; *which says
 * which of its window columns. NULL when it is none. */
const struct lt_plan_node *lt_window_of_column(const struct lt_plan_node *node, uint32_t column,
                                               enum lt_window_column *which);

#endif
