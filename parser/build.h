/* build.h -- what the grammar's actions call: one helper each.
 *
 * Lists are built at their tail and carry the depth of their deepest member, so
 * that the depth of every tree is known without walking it. A helper never
 * returns NULL where it makes a node: after a failed allocation it returns the
 * parse's spare block, and the driver stops before anybody looks at it. Helpers
 * that follow a pointer out of a node do so only while p->status is LT_OK: the
 * spare block is used for nodes of any type, so its members mean nothing. */
#ifndef LT_PARSER_BUILD_H
#define LT_PARSER_BUILD_H

#include "parser/grammar.h"
#include "parser/parse.h"

struct lt_list {
    void *first, *last;
    uint32_t depth;
    uint32_t flags; /* LT_LIST_... */
};
#define LT_LIST_EMPTY ((struct lt_list){0})
enum {
    LT_LIST_GIVEN = 1,    /* written, though empty: WITH () */
    LT_LIST_PAIRS = 2,    /* arguments: k VALUE v */
    LT_LIST_PLAIN = 4,    /* arguments: some are no pairs */
    LT_LIST_DISTINCT = 8, /* GROUP BY DISTINCT */
};

/* Values of the grammar that are no syntax tree. */
struct lt_type_args {
    int32_t n[2]; /* -1: not given */
};
#define LT_TYPE_NO_ARGS ((struct lt_type_args){{-1, -1}})
enum lt_zone { LT_ZONE_LOCAL, LT_ZONE_WITH, LT_ZONE_WITHOUT };
struct lt_unit_span {
    struct lt_str from, to;
    struct lt_type_args from_args, to_args;
    struct lt_pos pos;
};
struct lt_words { /* one or two words of a clause */
    struct lt_token word[2];
};
struct lt_call_tail {
    struct lt_ast_call call; /* only what stands behind the arguments is set */
    struct lt_list words;
    uint32_t depth;
};
enum lt_form { LT_FORM_FROM, LT_FORM_FROM_FOR, LT_FORM_PLACING, LT_FORM_IN };
struct lt_frame {
    struct lt_ast_window window; /* only the frame is set */
    uint32_t depth;
};
struct lt_limits {
    struct lt_ast_expr *limit, *offset;
    bool has_limit;
};
struct lt_select_tail {
    struct lt_ast_from *from;
    struct lt_ast_expr *where, *having, *qualify;
    struct lt_list group, windows;
};
enum { LT_JOIN_NATURAL = 1 << 8, LT_JOIN_ASOF = 1 << 9 };
struct lt_join_spec {
    struct lt_ast_expr *on, *match_condition;
    struct lt_ast_name *columns;
};
struct lt_alias {
    struct lt_ast_name *name, *columns;
};
struct lt_match_rows {
    int rows;
    bool timeout;
};
struct lt_match_skip {
    int skip;
    struct lt_ast_name *variable;
};
struct lt_match_parts {
    struct lt_list partition, order, measures;
    struct lt_match_rows rows;
    struct lt_match_skip skip;
    struct lt_ast_pattern *pattern;
    struct lt_ast_expr *within;
    struct lt_list subsets, defines;
};
struct lt_quantifier {
    int64_t min, max;
};
struct lt_every {
    struct lt_ast_expr *interval, *rows;
    bool on_change;
};
#define LT_EVERY_CHANGE ((struct lt_every){.on_change = true})
enum {
    LT_HEAD_OR_REPLACE = 1,
    LT_HEAD_TEMPORARY = 2,
    LT_HEAD_SYSTEM = 4,
    LT_HEAD_IF_NOT_EXISTS = 8,
    LT_HEAD_IF_EXISTS = 16,
    LT_HEAD_CASCADE = 32,
};
struct lt_head {
    struct lt_token create;
    int flags;
};
struct lt_metadata {
    bool given, is_virtual;
    struct lt_str key;
};
struct lt_table_body {
    struct lt_list columns;
    struct lt_ast_name *watermark_column;
    struct lt_ast_expr *watermark;
    struct lt_ast_name *primary_key;
    struct lt_pos pos; /* of the element last added */
    uint32_t depth;
};
struct lt_table_parts {
    struct lt_list path;
    struct lt_table_body *body;
    struct lt_str comment;
    struct lt_list partitioned_by, options;
    struct lt_ast_like *like;
    struct lt_ast_query *query;
};
struct lt_show_like {
    struct lt_str pattern;
    bool negated;
};

/* ---- build.c: nodes, lists, names, options */
void *lt_build_node(struct lt_parse *p, size_t size);
#define LT_BUILD_NEW(p, type) ((type *)lt_build_node((p), sizeof(type)))
struct lt_list lt_list_link(struct lt_list list, void *node, size_t next_at, uint32_t depth);
#define LT_LIST_ADD(list, node, depth) \
    lt_list_link((list), (node), (size_t)((char *)&(node)->next - (char *)(node)), (depth))
/* Counts a level above `child`; too many are an error. */
void lt_build_deepen(struct lt_parse *p, uint32_t *depth, uint32_t child);
/* From `start` to the end of what has been read. */
struct lt_pos lt_build_span(const struct lt_parse *p, struct lt_pos start);
struct lt_str lt_build_str(struct lt_parse *p, struct lt_str text);  /* a copy */
struct lt_str lt_build_upper(struct lt_parse *p, struct lt_token t); /* of a word */
struct lt_str lt_build_text(struct lt_parse *p, struct lt_token t);  /* of a string, unescaped */
struct lt_str lt_build_span_text(struct lt_parse *p, struct lt_pos pos);
bool lt_name_is(const struct lt_ast_name *name, const char *word); /* alone, unquoted */
bool lt_name_is_niladic(const struct lt_ast_name *name);           /* CURRENT_DATE ... */
int32_t lt_build_int(struct lt_parse *p, struct lt_token number);
struct lt_ast_name *lt_build_name(struct lt_parse *p, struct lt_token t);
struct lt_ast_name *lt_build_bare_alias(struct lt_parse *p, struct lt_ast_name *name);
struct lt_list lt_build_names(struct lt_parse *p, struct lt_list list, struct lt_ast_name *name);
struct lt_list lt_build_option(struct lt_parse *p, struct lt_list list, struct lt_token key,
                               const struct lt_token *value);
struct lt_list lt_build_options(struct lt_parse *p, struct lt_list list, struct lt_ast_option *o);
struct lt_list lt_build_no_options(void);
struct lt_ast_option *lt_build_hint_arg(struct lt_parse *p, struct lt_token key,
                                        const struct lt_token *value);
struct lt_ast_hint *lt_build_hint(struct lt_parse *p, struct lt_ast_name *name,
                                  struct lt_list options);
struct lt_list lt_build_hints(struct lt_parse *p, struct lt_list list, struct lt_ast_hint *hint);
void lt_build_result_stmt(struct lt_parse *p, struct lt_ast_stmt *stmt);
void lt_build_result_expr(struct lt_parse *p, struct lt_ast_expr *expr);
void lt_build_result_query(struct lt_parse *p, struct lt_ast_query *query);
void lt_build_result_type(struct lt_parse *p, struct lt_ast_type *type);

/* ---- build_type.c */
struct lt_type_args lt_build_type_args(struct lt_parse *p, struct lt_token x,
                                       const struct lt_token *y);
struct lt_ast_type *lt_build_type(struct lt_parse *p, struct lt_token t, struct lt_type_args args);
struct lt_ast_type *lt_build_type_not_null(struct lt_parse *p, struct lt_ast_type *type);
struct lt_ast_type *lt_build_type_double(struct lt_parse *p, struct lt_token t);
struct lt_ast_type *lt_build_type_varying(struct lt_parse *p, struct lt_token t,
                                          struct lt_type_args args);
struct lt_ast_type *lt_build_type_zone(struct lt_parse *p, struct lt_token t,
                                       struct lt_type_args args, enum lt_zone zone);
struct lt_ast_type *lt_build_type_of(struct lt_parse *p, struct lt_token t, struct lt_ast_type *x,
                                     struct lt_ast_type *y);
struct lt_ast_type *lt_build_type_row(struct lt_parse *p, struct lt_token t, struct lt_list fields);
struct lt_ast_type *lt_build_type_interval(struct lt_parse *p, struct lt_token t,
                                           struct lt_unit_span *span);
struct lt_list lt_build_field(struct lt_parse *p, struct lt_list list, struct lt_ast_name *name,
                              struct lt_ast_type *type, struct lt_str comment);
struct lt_unit_span *lt_build_unit(struct lt_parse *p, struct lt_token t, struct lt_type_args args);
struct lt_unit_span *lt_build_unit_span(struct lt_parse *p, struct lt_unit_span *from,
                                        struct lt_unit_span *to);
bool lt_build_is_unit(struct lt_str word);

/* ---- build_expr.c */
struct lt_ast_expr *lt_build_expr(struct lt_parse *p, enum lt_ast_expr_kind kind,
                                  struct lt_pos start);
struct lt_ast_expr *lt_build_op(struct lt_parse *p, enum lt_ast_op op, struct lt_ast_expr *left,
                                struct lt_ast_expr *right);
struct lt_ast_expr *lt_build_binary(struct lt_parse *p, struct lt_ast_expr *left, struct lt_token t,
                                    struct lt_ast_expr *right);
struct lt_ast_expr *lt_build_unary(struct lt_parse *p, struct lt_token t, struct lt_ast_expr *x);
enum lt_ast_op lt_build_is_not(enum lt_ast_op op);
struct lt_ast_expr *lt_build_is(struct lt_parse *p, struct lt_ast_expr *x, enum lt_ast_op op);
struct lt_ast_expr *lt_build_not(struct lt_parse *p, struct lt_ast_expr *predicate);
struct lt_ast_expr *lt_build_between(struct lt_parse *p, struct lt_ast_expr *x, bool symmetric,
                                     struct lt_ast_expr *low, struct lt_ast_expr *high);
struct lt_ast_expr *lt_build_like(struct lt_parse *p, struct lt_ast_expr *x, struct lt_token t,
                                  struct lt_ast_expr *pattern, struct lt_ast_expr *escape);
struct lt_ast_expr *lt_build_in(struct lt_parse *p, struct lt_ast_expr *x, struct lt_list list);
struct lt_ast_expr *lt_build_in_query(struct lt_parse *p, struct lt_ast_expr *x,
                                      struct lt_ast_query *query);
struct lt_ast_expr *lt_build_quantified(struct lt_parse *p, struct lt_ast_expr *x,
                                        struct lt_token op, struct lt_token word,
                                        struct lt_ast_query *query);
struct lt_list lt_build_exprs(struct lt_parse *p, struct lt_list list, struct lt_ast_expr *x);
struct lt_ast_expr *lt_build_column(struct lt_parse *p, struct lt_list path);
struct lt_ast_expr *lt_build_star(struct lt_parse *p, struct lt_list path, struct lt_token star);
struct lt_ast_expr *lt_build_field_star(struct lt_parse *p, struct lt_ast_expr *x,
                                        struct lt_token star);
struct lt_ast_expr *lt_build_scalar_query(struct lt_parse *p, struct lt_ast_query *query);
struct lt_ast_expr *lt_build_query_expr(struct lt_parse *p, enum lt_ast_expr_kind kind,
                                        struct lt_token t, struct lt_ast_query *query);
struct lt_ast_expr *lt_build_parameter(struct lt_parse *p, struct lt_token t);
struct lt_ast_expr *lt_build_parenthesised(struct lt_parse *p, struct lt_token t,
                                           struct lt_ast_expr *x);
struct lt_ast_expr *lt_build_row(struct lt_parse *p, struct lt_token t, struct lt_ast_expr *x,
                                 struct lt_list rest);
struct lt_ast_expr *lt_build_list(struct lt_parse *p, enum lt_ast_expr_kind kind, struct lt_token t,
                                  struct lt_list list);
struct lt_ast_expr *lt_build_map(struct lt_parse *p, struct lt_token t, struct lt_list list);
struct lt_ast_expr *lt_build_case(struct lt_parse *p, struct lt_token t, struct lt_ast_expr *value,
                                  struct lt_list whens, struct lt_ast_expr *otherwise);
struct lt_list lt_build_when(struct lt_parse *p, struct lt_list list, struct lt_ast_expr *when,
                             struct lt_ast_expr *then);
struct lt_ast_expr *lt_build_index(struct lt_parse *p, struct lt_ast_expr *x,
                                   struct lt_ast_expr *index);
struct lt_ast_expr *lt_build_field_of(struct lt_parse *p, struct lt_ast_expr *x,
                                      struct lt_ast_name *name);
struct lt_ast_expr *lt_build_literal(struct lt_parse *p, struct lt_token t);
struct lt_ast_expr *lt_build_time_literal(struct lt_parse *p, struct lt_token t,
                                          struct lt_token which, struct lt_token text);
struct lt_ast_expr *lt_build_interval(struct lt_parse *p, struct lt_token t,
                                      const struct lt_token *sign, struct lt_token text,
                                      struct lt_unit_span *span);
struct lt_ast_expr *lt_build_interval_expr(struct lt_parse *p, struct lt_token t,
                                           struct lt_ast_expr *x, struct lt_unit_span *unit);

/* ---- build_call.c */
struct lt_ast_expr *lt_build_call(struct lt_parse *p, struct lt_list name, const struct lt_token *q,
                                  struct lt_list args, struct lt_call_tail *tail);
struct lt_ast_expr *lt_build_cast(struct lt_parse *p, struct lt_list name, struct lt_ast_expr *x,
                                  struct lt_ast_type *type);
struct lt_ast_expr *lt_build_worded(struct lt_parse *p, enum lt_form form, struct lt_list name,
                                    struct lt_ast_expr *x, struct lt_ast_expr *y,
                                    struct lt_ast_expr *z, struct lt_ast_expr *w);
struct lt_ast_expr *lt_build_to_unit(struct lt_parse *p, struct lt_list name, struct lt_ast_expr *x,
                                     struct lt_token unit);
struct lt_ast_expr *lt_build_trim(struct lt_parse *p, struct lt_list name, struct lt_token side,
                                  struct lt_ast_expr *chars, struct lt_ast_expr *x);
struct lt_ast_expr *lt_build_call_semantics(struct lt_parse *p, struct lt_token t,
                                            struct lt_ast_expr *call);
struct lt_ast_expr *lt_build_call_within_group(struct lt_parse *p, struct lt_ast_expr *call,
                                               struct lt_list order);
struct lt_ast_expr *lt_build_call_filter(struct lt_parse *p, struct lt_ast_expr *call,
                                         struct lt_ast_expr *filter);
struct lt_ast_expr *lt_build_call_nulls(struct lt_parse *p, struct lt_ast_expr *call,
                                        struct lt_token t);
struct lt_ast_expr *lt_build_call_over(struct lt_parse *p, struct lt_ast_expr *call,
                                       struct lt_token t, struct lt_ast_window *window);
struct lt_list lt_build_args(struct lt_parse *p, struct lt_list list, struct lt_list arg);
struct lt_list lt_build_pair(struct lt_parse *p, struct lt_ast_expr *key,
                             struct lt_ast_expr *value);
struct lt_ast_expr *lt_build_named_arg(struct lt_parse *p, struct lt_ast_name *name,
                                       struct lt_ast_expr *x);
struct lt_ast_expr *lt_build_table_arg(struct lt_parse *p, struct lt_token t, struct lt_list path,
                                       struct lt_ast_query *query, struct lt_list partition,
                                       struct lt_list order);
struct lt_list lt_build_unrow(struct lt_parse *p, struct lt_ast_expr *x);
struct lt_list lt_build_unrow_order(struct lt_parse *p, struct lt_ast_order *order);
struct lt_call_tail *lt_build_tail_order(struct lt_parse *p, struct lt_call_tail *tail,
                                         struct lt_list order);
struct lt_call_tail *lt_build_tail_nulls(struct lt_parse *p, struct lt_call_tail *tail,
                                         struct lt_token t);
struct lt_call_tail *lt_build_tail_returning(struct lt_parse *p, struct lt_call_tail *tail,
                                             struct lt_ast_type *type);
struct lt_call_tail *lt_build_tail_words(struct lt_parse *p, struct lt_call_tail *tail,
                                         struct lt_words words, struct lt_token event);
struct lt_call_tail *lt_build_tail_default(struct lt_parse *p, struct lt_call_tail *tail,
                                           struct lt_token t, struct lt_ast_expr *x,
                                           struct lt_token event);
struct lt_call_tail *lt_build_tail_wrapper(struct lt_parse *p, struct lt_call_tail *tail,
                                           struct lt_token t, const char *words);
struct lt_words lt_build_words(struct lt_token first, const struct lt_token *second);
struct lt_ast_order *lt_build_order(struct lt_parse *p, struct lt_ast_expr *x, bool descending,
                                    int nulls);
struct lt_list lt_build_orders(struct lt_parse *p, struct lt_list list, struct lt_ast_order *order);
struct lt_ast_window *lt_build_window_ref(struct lt_parse *p, struct lt_ast_name *name);
struct lt_ast_window *lt_build_window(struct lt_parse *p, struct lt_ast_name *base,
                                      struct lt_list partition, struct lt_list order,
                                      struct lt_frame *frame);
struct lt_frame *lt_build_frame(struct lt_parse *p, struct lt_token t, struct lt_ast_bound *from,
                                struct lt_ast_bound *to);
struct lt_ast_bound *lt_build_bound(struct lt_parse *p, int kind, struct lt_ast_expr *offset);

/* ---- build_query.c */
struct lt_ast_query *lt_build_with(struct lt_parse *p, struct lt_token t, bool recursive,
                                   struct lt_list ctes, struct lt_ast_query *query);
struct lt_list lt_build_ctes(struct lt_parse *p, struct lt_list list, struct lt_ast_with *with);
struct lt_ast_with *lt_build_cte(struct lt_parse *p, struct lt_ast_name *name,
                                 struct lt_list columns, struct lt_ast_query *query);
struct lt_ast_query *lt_build_query(struct lt_parse *p, struct lt_ast_query *body,
                                    struct lt_list order, struct lt_limits *limits,
                                    struct lt_ast_emit *emit);
struct lt_limits *lt_build_limit(struct lt_parse *p, struct lt_limits *limits, struct lt_token t,
                                 struct lt_ast_expr *x);
struct lt_limits *lt_build_offset(struct lt_parse *p, struct lt_limits *limits, struct lt_token t,
                                  struct lt_ast_expr *x);
struct lt_ast_query *lt_build_set_op(struct lt_parse *p, enum lt_ast_set_op op, bool all,
                                     struct lt_ast_query *left, struct lt_ast_query *right);
struct lt_ast_query *lt_build_values(struct lt_parse *p, struct lt_token t, struct lt_list rows);
struct lt_list lt_build_values_row(struct lt_parse *p, struct lt_list list, struct lt_ast_expr *x);
struct lt_ast_query *lt_build_explicit_table(struct lt_parse *p, struct lt_token t,
                                             struct lt_list path);
struct lt_ast_query *lt_build_subquery(struct lt_parse *p, struct lt_token t,
                                       struct lt_ast_query *query);
struct lt_ast_query *lt_build_select(struct lt_parse *p, struct lt_token t, struct lt_list hints,
                                     bool distinct, struct lt_list items);
struct lt_select_tail *lt_build_tail(struct lt_parse *p, struct lt_ast_from *from,
                                     struct lt_ast_expr *where, struct lt_list group,
                                     struct lt_ast_expr *having, struct lt_list windows,
                                     struct lt_ast_expr *qualify);
struct lt_ast_query *lt_build_select_tail(struct lt_parse *p, struct lt_ast_query *query,
                                          struct lt_select_tail *tail);
struct lt_ast_select_item *lt_build_item(struct lt_parse *p, struct lt_ast_expr *x,
                                         struct lt_ast_name *alias);
struct lt_list lt_build_items(struct lt_parse *p, struct lt_list list,
                              struct lt_ast_select_item *item);
struct lt_list lt_build_group_distinct(struct lt_list groups);
struct lt_list lt_build_groups(struct lt_parse *p, struct lt_list list, struct lt_list group);
struct lt_list lt_build_member(struct lt_parse *p, struct lt_list list, struct lt_list group);
struct lt_list lt_build_group_expr(struct lt_parse *p, struct lt_ast_expr *x);
struct lt_list lt_build_group(struct lt_parse *p, enum lt_ast_group_kind kind, struct lt_token t,
                              struct lt_list children);
struct lt_list lt_build_windows(struct lt_parse *p, struct lt_list list, struct lt_ast_name *name,
                                struct lt_ast_window *window);
struct lt_ast_emit *lt_build_emit(struct lt_parse *p, struct lt_token t, struct lt_ast_emit *emit);
struct lt_ast_emit *lt_build_emit_at_watermark(struct lt_parse *p, struct lt_ast_emit *emit,
                                               struct lt_token t);
struct lt_ast_emit *lt_build_emit_early(struct lt_parse *p, struct lt_ast_emit *emit,
                                        struct lt_token t, struct lt_every every);
struct lt_ast_emit *lt_build_emit_late(struct lt_parse *p, struct lt_token t, struct lt_every every,
                                       struct lt_ast_expr *within);
struct lt_ast_emit *lt_build_emit_mode(struct lt_parse *p, struct lt_token t);
struct lt_ast_emit *lt_build_emit_late_rows(struct lt_parse *p, struct lt_token t,
                                            struct lt_list of, struct lt_list into);
struct lt_ast_emit *lt_build_emit_merge(struct lt_parse *p, struct lt_ast_emit *a,
                                        struct lt_ast_emit *b);

/* ---- build_from.c */
struct lt_ast_from *lt_build_from_table(struct lt_parse *p, struct lt_list path,
                                        struct lt_list hints, struct lt_ast_expr *system_time);
struct lt_ast_from *lt_build_from_call(struct lt_parse *p, const struct lt_token *lateral,
                                       const struct lt_token *table, struct lt_ast_expr *call);
struct lt_ast_from *lt_build_from_query(struct lt_parse *p, const struct lt_token *lateral,
                                        struct lt_ast_query *query);
struct lt_ast_from *lt_build_unnest(struct lt_parse *p, struct lt_token t, struct lt_list list,
                                    bool ordinality);
struct lt_ast_from *lt_build_from_match(struct lt_parse *p, struct lt_ast_from *input,
                                        struct lt_token t, struct lt_ast_match *match);
struct lt_ast_from *lt_build_aliased(struct lt_parse *p, struct lt_ast_from *from,
                                     struct lt_alias alias);
struct lt_join_spec lt_build_match_condition(struct lt_join_spec spec, struct lt_ast_expr *x);
struct lt_ast_from *lt_build_join(struct lt_parse *p, struct lt_ast_from *left, int kind,
                                  struct lt_ast_from *right, struct lt_join_spec spec);

/* ---- build_match.c */
struct lt_ast_match *lt_build_match(struct lt_parse *p, const struct lt_match_parts *parts);
struct lt_ast_measure *lt_build_measure(struct lt_parse *p, const struct lt_token *semantics,
                                        struct lt_ast_expr *x, struct lt_ast_name *alias);
struct lt_list lt_build_measures(struct lt_parse *p, struct lt_list list,
                                 struct lt_ast_measure *measure);
struct lt_list lt_build_subset(struct lt_parse *p, struct lt_list list, struct lt_ast_name *name,
                               struct lt_list members);
struct lt_list lt_build_define(struct lt_parse *p, struct lt_list list, struct lt_ast_name *name,
                               struct lt_ast_expr *condition);
struct lt_ast_pattern *lt_build_pattern_list(struct lt_parse *p, enum lt_ast_pattern_kind kind,
                                             struct lt_list list);
struct lt_list lt_build_pattern_sequence(struct lt_parse *p, struct lt_list alternatives,
                                         struct lt_list sequence, bool after_empty);
struct lt_list lt_build_patterns(struct lt_parse *p, struct lt_list list,
                                 struct lt_ast_pattern *pattern);
struct lt_ast_pattern *lt_build_repeat(struct lt_parse *p, struct lt_ast_pattern *child,
                                       struct lt_quantifier quantifier, bool reluctant);
struct lt_quantifier lt_build_quantifier(struct lt_parse *p, const struct lt_token *min,
                                         const struct lt_token *max);
struct lt_ast_pattern *lt_build_variable(struct lt_parse *p, struct lt_ast_name *name);
struct lt_ast_pattern *lt_build_exclude(struct lt_parse *p, struct lt_token t,
                                        struct lt_ast_pattern *child);
struct lt_ast_pattern *lt_build_anchor(struct lt_parse *p, enum lt_ast_pattern_kind kind,
                                       struct lt_token t);
struct lt_ast_pattern *lt_build_permute(struct lt_parse *p, struct lt_token t, struct lt_list list);

/* ---- build_stmt.c */
struct lt_ast_stmt *lt_build_stmt(struct lt_parse *p, enum lt_ast_stmt_kind kind,
                                  struct lt_pos start, int flags);
struct lt_ast_stmt *lt_build_query_stmt(struct lt_parse *p, struct lt_ast_query *query);
struct lt_ast_stmt *lt_build_execute(struct lt_parse *p, struct lt_token t,
                                     struct lt_ast_stmt *insert);
struct lt_ast_stmt *lt_build_update(struct lt_parse *p, struct lt_token t, struct lt_list path,
                                    struct lt_list assigns, struct lt_ast_expr *where);
struct lt_ast_stmt *lt_build_delete(struct lt_parse *p, struct lt_token t, struct lt_list path,
                                    struct lt_ast_expr *where);
struct lt_list lt_build_assign(struct lt_parse *p, struct lt_list list, struct lt_ast_name *column,
                               struct lt_ast_expr *x);
struct lt_ast_stmt *lt_build_insert_head(struct lt_parse *p, struct lt_token t,
                                         struct lt_token into, struct lt_list path,
                                         struct lt_list hints, struct lt_list partition);
struct lt_ast_stmt *lt_build_insert(struct lt_parse *p, struct lt_ast_stmt *head,
                                    struct lt_list columns, struct lt_ast_query *query);
struct lt_ast_option *lt_build_partition_key(struct lt_parse *p, struct lt_ast_name *name,
                                             struct lt_token value);
struct lt_ast_stmt *lt_build_statement_set(struct lt_parse *p, struct lt_token t,
                                           struct lt_list inserts);
struct lt_list lt_build_inserts(struct lt_parse *p, struct lt_list list,
                                struct lt_ast_stmt *insert);
struct lt_ast_stmt *lt_build_explain(struct lt_parse *p, struct lt_token t, struct lt_list details,
                                     struct lt_ast_stmt *explained);
struct lt_ast_stmt *lt_build_explain_query(struct lt_parse *p, struct lt_token t,
                                           struct lt_ast_name *name);
struct lt_list lt_build_explain_detail(struct lt_parse *p, struct lt_list list, struct lt_token t,
                                       const struct lt_token *value);
struct lt_ast_option *lt_build_explain_option(struct lt_parse *p, struct lt_token t,
                                              const struct lt_token *value);
struct lt_ast_stmt *lt_build_alter_query(struct lt_parse *p, struct lt_token t,
                                         struct lt_ast_name *name);
struct lt_ast_stmt *lt_build_subscribe(struct lt_parse *p, struct lt_token t, struct lt_list path,
                                       struct lt_ast_query *query, struct lt_list with,
                                       struct lt_ast_expr *epoch);
struct lt_ast_stmt *lt_build_show(struct lt_parse *p, struct lt_token t, struct lt_words words,
                                  struct lt_list from, struct lt_show_like like);
struct lt_ast_stmt *lt_build_show_create(struct lt_parse *p, struct lt_token t,
                                         enum lt_ast_object object, struct lt_list path);
struct lt_ast_stmt *lt_build_describe(struct lt_parse *p, struct lt_token t,
                                      enum lt_ast_object object, struct lt_list path);
struct lt_ast_stmt *lt_build_use(struct lt_parse *p, struct lt_token t, enum lt_ast_object object,
                                 struct lt_list path);
struct lt_ast_stmt *lt_build_set(struct lt_parse *p, enum lt_ast_stmt_kind kind, struct lt_token t,
                                 struct lt_list options);
struct lt_ast_stmt *lt_build_set_raw(struct lt_parse *p, enum lt_ast_stmt_kind kind,
                                     struct lt_token t, struct lt_token raw);

/* ---- build_ddl.c */
struct lt_ast_stmt *lt_build_create_table(struct lt_parse *p, struct lt_head head, int flags,
                                          const struct lt_table_parts *parts);
struct lt_ast_like *lt_build_table_like(struct lt_parse *p, struct lt_token t, struct lt_list path,
                                        struct lt_list options);
struct lt_ast_option *lt_build_like_option(struct lt_parse *p, struct lt_token key,
                                           struct lt_token value);
struct lt_table_body *lt_build_table_body(struct lt_parse *p, struct lt_table_body *body,
                                          struct lt_table_body *element);
struct lt_table_body *lt_build_table_column(struct lt_parse *p, struct lt_ast_column *column);
struct lt_table_body *lt_build_watermark(struct lt_parse *p, struct lt_token t, struct lt_list path,
                                         struct lt_ast_expr *x);
struct lt_table_body *lt_build_primary_key(struct lt_parse *p, struct lt_token t,
                                           struct lt_list names);
struct lt_ast_column *lt_build_column_def(struct lt_parse *p, struct lt_ast_name *name,
                                          struct lt_ast_type *type, bool key,
                                          struct lt_metadata metadata, struct lt_str comment);
struct lt_ast_column *lt_build_column_computed(struct lt_parse *p, struct lt_ast_name *name,
                                               struct lt_ast_expr *x, struct lt_str comment);
struct lt_ast_stmt *lt_build_create_view(struct lt_parse *p, struct lt_head head, int flags,
                                         struct lt_list path, struct lt_list columns,
                                         struct lt_str comment, struct lt_ast_query *query);
struct lt_ast_stmt *lt_build_materialized(struct lt_parse *p, struct lt_ast_stmt *view,
                                          struct lt_list options);
struct lt_ast_stmt *lt_build_create_function(struct lt_parse *p, struct lt_head head, int flags,
                                             struct lt_list path, struct lt_token text,
                                             struct lt_str language);
struct lt_ast_stmt *lt_build_create_database(struct lt_parse *p, struct lt_head head, int flags,
                                             struct lt_token what, struct lt_list path,
                                             struct lt_str comment, struct lt_list options);
struct lt_ast_stmt *lt_build_create_query(struct lt_parse *p, struct lt_head head, int flags,
                                          struct lt_list path, struct lt_list options,
                                          struct lt_ast_stmt *body);
struct lt_ast_stmt *lt_build_drop(struct lt_parse *p, struct lt_token t, enum lt_ast_object object,
                                  int flags, struct lt_list path);
struct lt_ast_stmt *lt_build_alter(struct lt_parse *p, struct lt_token t, int flags,
                                   struct lt_list path);
struct lt_ast_stmt *lt_build_alter_set(struct lt_parse *p, struct lt_ast_stmt *stmt,
                                       struct lt_list options);
struct lt_ast_stmt *lt_build_alter_reset(struct lt_parse *p, struct lt_ast_stmt *stmt,
                                         struct lt_list keys);
struct lt_ast_stmt *lt_build_alter_rename(struct lt_parse *p, struct lt_ast_stmt *stmt,
                                          struct lt_list path);
struct lt_ast_stmt *lt_build_alter_rename_column(struct lt_parse *p, struct lt_ast_stmt *stmt,
                                                 struct lt_ast_name *from, struct lt_ast_name *to);
struct lt_ast_stmt *lt_build_alter_add(struct lt_parse *p, struct lt_ast_stmt *stmt,
                                       enum lt_ast_alter_kind kind, struct lt_table_body *body);
struct lt_ast_stmt *lt_build_alter_drop(struct lt_parse *p, struct lt_ast_stmt *stmt,
                                        struct lt_list names);
struct lt_ast_stmt *lt_build_alter_drop_what(struct lt_parse *p, struct lt_ast_stmt *stmt,
                                             enum lt_ast_alter_kind kind);
struct lt_ast_stmt *lt_build_alter_view(struct lt_parse *p, struct lt_token t, struct lt_list path,
                                        struct lt_list new_name, struct lt_ast_query *query);

#endif
