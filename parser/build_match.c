/* build_match.c -- MATCH_RECOGNIZE and row patterns.
 *
 * A sequence of one is its member and an alternative of one is its branch;
 * parentheses leave no node. */
#include "parser/build.h"

struct lt_ast_match *lt_build_match(struct lt_parse *p, const struct lt_match_parts *parts)
{
    struct lt_ast_match *match = LT_BUILD_NEW(p, struct lt_ast_match);
    match->partition = parts->partition.first;
    match->order = parts->order.first;
    match->measures = parts->measures.first;
    match->rows = parts->rows.rows;
    match->timeout_rows = parts->rows.timeout;
    match->skip = parts->skip.skip;
    match->skip_variable = parts->skip.variable;
    match->pattern = parts->pattern;
    match->within = parts->within;
    match->subsets = parts->subsets.first;
    match->defines = parts->defines.first;
    lt_build_deepen(p, &match->depth, parts->partition.depth);
    lt_build_deepen(p, &match->depth, parts->order.depth);
    lt_build_deepen(p, &match->depth, parts->measures.depth);
    lt_build_deepen(p, &match->depth, parts->defines.depth);
    if (parts->within != NULL)
        lt_build_deepen(p, &match->depth, parts->within->depth);
    return match;
}

struct lt_ast_measure *lt_build_measure(struct lt_parse *p, const struct lt_token *semantics,
                                        struct lt_ast_expr *x, struct lt_ast_name *alias)
{
    struct lt_ast_measure *measure = LT_BUILD_NEW(p, struct lt_ast_measure);
    measure->expr = x;
    measure->alias = alias;
    if (semantics != NULL)
        measure->semantics =
            semantics->kind == LT_TK_FINAL_M ? LT_AST_MEASURE_FINAL : LT_AST_MEASURE_RUNNING;
    return measure;
}

struct lt_list lt_build_measures(struct lt_parse *p, struct lt_list list,
                                 struct lt_ast_measure *measure)
{
    return LT_LIST_ADD(list, measure, p->status == LT_OK ? measure->expr->depth : 0);
}

struct lt_list lt_build_subset(struct lt_parse *p, struct lt_list list, struct lt_ast_name *name,
                               struct lt_list members)
{
    struct lt_ast_define *subset = LT_BUILD_NEW(p, struct lt_ast_define);
    subset->name = name;
    subset->members = members.first;
    return LT_LIST_ADD(list, subset, 0);
}

struct lt_list lt_build_define(struct lt_parse *p, struct lt_list list, struct lt_ast_name *name,
                               struct lt_ast_expr *condition)
{
    struct lt_ast_define *define = LT_BUILD_NEW(p, struct lt_ast_define);
    define->name = name;
    define->condition = condition;
    return LT_LIST_ADD(list, define, condition->depth);
}

static struct lt_ast_pattern *pattern_new(struct lt_parse *p, enum lt_ast_pattern_kind kind,
                                          struct lt_pos pos)
{
    struct lt_ast_pattern *pattern = LT_BUILD_NEW(p, struct lt_ast_pattern);
    pattern->kind = kind;
    pattern->pos = pos;
    return pattern;
}

struct lt_ast_pattern *lt_build_pattern_list(struct lt_parse *p, enum lt_ast_pattern_kind kind,
                                             struct lt_list list)
{
    struct lt_ast_pattern *first = list.first;
    if (list.first == list.last)
        return first;
    struct lt_ast_pattern *pattern = pattern_new(p, kind, lt_build_span(p, first->pos));
    pattern->children = first;
    return pattern;
}

struct lt_list lt_build_patterns(struct lt_parse *p, struct lt_list list,
                                 struct lt_ast_pattern *pattern)
{
    LT_UNUSED(p);
    return LT_LIST_ADD(list, pattern, 0);
}

static struct lt_ast_pattern *pattern_empty(struct lt_parse *p)
{
    struct lt_pos pos = p->prev.pos;
    pos.column += pos.len; /* behind what was read last */
    pos.offset += pos.len;
    pos.len = 0;
    return pattern_new(p, LT_AST_PATTERN_EMPTY, pos);
}

/* Appends an alternative; behind `||` an empty one stands before it. */
struct lt_list lt_build_pattern_sequence(struct lt_parse *p, struct lt_list alternatives,
                                         struct lt_list sequence, bool after_empty)
{
    if (after_empty)
        alternatives = lt_build_patterns(p, alternatives, pattern_empty(p));
    struct lt_ast_pattern *last = sequence.first != NULL
                                      ? lt_build_pattern_list(p, LT_AST_PATTERN_CONCAT, sequence)
                                      : pattern_empty(p);
    return lt_build_patterns(p, alternatives, last);
}

struct lt_ast_pattern *lt_build_repeat(struct lt_parse *p, struct lt_ast_pattern *child,
                                       struct lt_quantifier quantifier, bool reluctant)
{
    struct lt_ast_pattern *repeat =
        pattern_new(p, LT_AST_PATTERN_REPEAT, lt_build_span(p, child->pos));
    repeat->children = child;
    repeat->min = quantifier.min;
    repeat->max = quantifier.max;
    repeat->reluctant = reluctant;
    return repeat;
}

struct lt_quantifier lt_build_quantifier(struct lt_parse *p, const struct lt_token *min,
                                         const struct lt_token *max)
{
    struct lt_quantifier quantifier = {0, -1};
    if (min != NULL)
        quantifier.min = lt_build_int(p, *min);
    if (max != NULL)
        quantifier.max = lt_build_int(p, *max);
    return quantifier;
}

struct lt_ast_pattern *lt_build_variable(struct lt_parse *p, struct lt_ast_name *name)
{
    struct lt_ast_pattern *pattern = pattern_new(p, LT_AST_PATTERN_VARIABLE, name->pos);
    pattern->variable = name;
    return pattern;
}

struct lt_ast_pattern *lt_build_exclude(struct lt_parse *p, struct lt_token t,
                                        struct lt_ast_pattern *child)
{
    struct lt_ast_pattern *pattern =
        pattern_new(p, LT_AST_PATTERN_EXCLUDE, lt_build_span(p, t.pos));
    pattern->children = child;
    return pattern;
}

struct lt_ast_pattern *lt_build_anchor(struct lt_parse *p, enum lt_ast_pattern_kind kind,
                                       struct lt_token t)
{
    return pattern_new(p, kind, lt_build_span(p, t.pos));
}

struct lt_ast_pattern *lt_build_permute(struct lt_parse *p, struct lt_token t, struct lt_list list)
{
    struct lt_ast_pattern *pattern =
        pattern_new(p, LT_AST_PATTERN_PERMUTE, lt_build_span(p, t.pos));
    pattern->children = list.first;
    return pattern;
}
