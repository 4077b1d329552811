/* build_from.c -- tables, joins and table functions of FROM. */
#include "parser/build.h"

static struct lt_ast_from *from_new(struct lt_parse *p, enum lt_ast_from_kind kind,
                                    struct lt_pos start)
{
    struct lt_ast_from *from = LT_BUILD_NEW(p, struct lt_ast_from);
    from->kind = kind;
    from->pos = lt_build_span(p, start);
    from->depth = 1;
    return from;
}

struct lt_ast_from *lt_build_from_table(struct lt_parse *p, struct lt_list path,
                                        struct lt_list hints, struct lt_ast_expr *system_time)
{
    struct lt_ast_name *name = path.first;
    struct lt_ast_from *from = from_new(p, LT_AST_FROM_TABLE, name->pos);
    from->path = name;
    from->hints = hints.first;
    from->system_time = system_time;
    if (system_time != NULL)
        lt_build_deepen(p, &from->depth, system_time->depth);
    return from;
}

struct lt_ast_from *lt_build_from_call(struct lt_parse *p, const struct lt_token *lateral,
                                       const struct lt_token *table, struct lt_ast_expr *call)
{
    struct lt_pos start = lateral ? lateral->pos : table ? table->pos : call->pos;
    struct lt_ast_from *from = from_new(p, LT_AST_FROM_FUNCTION, start);
    if (p->status == LT_OK && (call->kind != LT_AST_CALL || lt_name_is_niladic(call->u.call->name)))
        lt_parse_fail(p, LT_SYNTAX, call->pos, "this is no table function");
    else if (p->status == LT_OK && call->u.call->nulls != LT_AST_NULLS_UNSAID)
        lt_parse_fail(p, LT_SYNTAX, call->pos, "a table function takes no IGNORE or RESPECT NULLS");
    from->call = call;
    from->lateral = lateral != NULL;
    from->table_keyword = table != NULL;
    lt_build_deepen(p, &from->depth, call->depth);
    return from;
}

struct lt_ast_from *lt_build_from_query(struct lt_parse *p, const struct lt_token *lateral,
                                        struct lt_ast_query *query)
{
    struct lt_ast_from *from = from_new(p, LT_AST_FROM_QUERY, lateral ? lateral->pos : query->pos);
    from->query = query;
    from->lateral = lateral != NULL;
    lt_build_deepen(p, &from->depth, query->depth);
    return from;
}

struct lt_ast_from *lt_build_unnest(struct lt_parse *p, struct lt_token t, struct lt_list list,
                                    bool ordinality)
{
    struct lt_ast_from *from = from_new(p, LT_AST_FROM_UNNEST, t.pos);
    from->unnest = list.first;
    from->ordinality = ordinality;
    lt_build_deepen(p, &from->depth, list.depth);
    return from;
}

struct lt_ast_from *lt_build_from_match(struct lt_parse *p, struct lt_ast_from *input,
                                        struct lt_token t, struct lt_ast_match *match)
{
    struct lt_ast_from *from = from_new(p, LT_AST_FROM_MATCH, input->pos);
    match->pos = lt_build_span(p, t.pos);
    from->left = input;
    from->match = match;
    lt_build_deepen(p, &from->depth, input->depth);
    lt_build_deepen(p, &from->depth, match->depth);
    return from;
}

struct lt_ast_from *lt_build_aliased(struct lt_parse *p, struct lt_ast_from *from,
                                     struct lt_alias alias)
{
    from->alias = alias.name;
    from->column_aliases = alias.columns;
    from->pos = lt_build_span(p, from->pos);
    return from;
}

struct lt_join_spec lt_build_match_condition(struct lt_join_spec spec, struct lt_ast_expr *x)
{
    spec.match_condition = x;
    return spec;
}

/* What a join of its kind must or must not say about its rows. */
static void join_check(struct lt_parse *p, const struct lt_ast_from *join)
{
    if (p->status != LT_OK)
        return;
    bool condition = join->on != NULL || join->using_columns != NULL;
    bool without =
        join->join == LT_AST_JOIN_CROSS || join->join == LT_AST_JOIN_COMMA || join->natural;
    struct lt_pos pos = join->right->pos;
    if (without && condition)
        lt_parse_fail(p, LT_SYNTAX, pos, "a %s join takes no ON and no USING",
                      join->natural ? "NATURAL" : "CROSS");
    else if (!without && !condition && !join->asof)
        lt_parse_fail(p, LT_SYNTAX, pos,
                      "this join needs ON or USING; for every pair of rows write CROSS JOIN");
    else if (join->asof != (join->match_condition != NULL))
        lt_parse_fail(p, LT_SYNTAX, pos,
                      join->asof ? "ASOF JOIN needs MATCH_CONDITION (a.ts >= b.ts) before ON"
                                 : "MATCH_CONDITION is for ASOF JOIN");
}

struct lt_ast_from *lt_build_join(struct lt_parse *p, struct lt_ast_from *left, int kind,
                                  struct lt_ast_from *right, struct lt_join_spec spec)
{
    struct lt_ast_from *join = from_new(p, LT_AST_FROM_JOIN, left->pos);
    join->join = kind & 0xff;
    join->natural = (kind & LT_JOIN_NATURAL) != 0;
    join->asof = (kind & LT_JOIN_ASOF) != 0;
    join->left = left;
    join->right = right;
    join->on = spec.on;
    join->using_columns = spec.columns;
    join->match_condition = spec.match_condition;
    lt_build_deepen(p, &join->depth, left->depth);
    lt_build_deepen(p, &join->depth, right->depth);
    if (spec.on != NULL)
        lt_build_deepen(p, &join->depth, spec.on->depth);
    if (spec.match_condition != NULL)
        lt_build_deepen(p, &join->depth, spec.match_condition->depth);
    join_check(p, join);
    return join;
}
