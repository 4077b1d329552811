/* build_query.c -- SELECT, VALUES, set operations, WITH, GROUP BY, WINDOW. */
#include "parser/build.h"

static void query_deepen_expr(struct lt_parse *p, struct lt_ast_query *query,
                              const struct lt_ast_expr *x)
{
    if (x != NULL)
        lt_build_deepen(p, &query->depth, x->depth);
}

static struct lt_ast_query *query_new(struct lt_parse *p, enum lt_ast_query_kind kind,
                                      struct lt_pos start)
{
    struct lt_ast_query *query = LT_BUILD_NEW(p, struct lt_ast_query);
    query->kind = kind;
    query->pos = lt_build_span(p, start);
    query->depth = 1;
    return query;
}

/* Does the query have clauses that one in parentheses must not share with what
 * follows the parentheses? */
static bool query_is_closed(const struct lt_ast_query *query)
{
    return query->order || query->limit || query->offset || query->with ||
           query->emit.pos.line != 0;
}

static struct lt_list query_star(struct lt_parse *p, struct lt_pos pos)
{
    struct lt_token star = {.pos = pos};
    struct lt_ast_expr *x = lt_build_star(p, LT_LIST_EMPTY, star);
    x->pos = pos;
    return lt_build_items(p, LT_LIST_EMPTY, lt_build_item(p, x, NULL));
}

/* (q ORDER BY a LIMIT 1) ORDER BY b is SELECT * FROM (q ...) ORDER BY b. */
static struct lt_ast_query *query_wrap(struct lt_parse *p, struct lt_ast_query *inner)
{
    struct lt_ast_query *outer = query_new(p, LT_AST_SELECT, inner->pos);
    outer->pos = inner->pos;
    struct lt_list items = query_star(p, inner->pos);
    struct lt_ast_from *from = lt_build_from_query(p, NULL, inner);
    outer->items = items.first;
    outer->from = from;
    lt_build_deepen(p, &outer->depth, from->depth);
    return outer;
}

struct lt_ast_query *lt_build_with(struct lt_parse *p, struct lt_token t, bool recursive,
                                   struct lt_list ctes, struct lt_ast_query *query)
{
    if (query->with != NULL)
        query = query_wrap(p, query);
    query->with = ctes.first;
    query->recursive = recursive;
    query->pos = lt_build_span(p, t.pos);
    lt_build_deepen(p, &query->depth, ctes.depth);
    return query;
}

struct lt_list lt_build_ctes(struct lt_parse *p, struct lt_list list, struct lt_ast_with *with)
{
    return LT_LIST_ADD(list, with, p->status == LT_OK ? with->query->depth : 0);
}

struct lt_ast_with *lt_build_cte(struct lt_parse *p, struct lt_ast_name *name,
                                 struct lt_list columns, struct lt_ast_query *query)
{
    struct lt_ast_with *with = LT_BUILD_NEW(p, struct lt_ast_with);
    with->name = name;
    with->columns = columns.first;
    with->query = query;
    return with;
}

struct lt_ast_query *lt_build_query(struct lt_parse *p, struct lt_ast_query *query,
                                    struct lt_list order, struct lt_limits *limits,
                                    struct lt_ast_emit *emit)
{
    if (p->status != LT_OK || (order.first == NULL && limits == NULL && emit == NULL))
        return query;
    if (query_is_closed(query))
        query = query_wrap(p, query);
    if (p->status != LT_OK)
        return query;
    query->pos = lt_build_span(p, query->pos);
    query->order = order.first;
    lt_build_deepen(p, &query->depth, order.depth);
    if (limits != NULL) {
        query->limit = limits->limit;
        query->offset = limits->offset;
        query_deepen_expr(p, query, query->limit);
        query_deepen_expr(p, query, query->offset);
    }
    if (emit != NULL) {
        query->emit = *emit;
        query_deepen_expr(p, query, emit->early_every);
        query_deepen_expr(p, query, emit->early_rows);
        query_deepen_expr(p, query, emit->late_every);
        query_deepen_expr(p, query, emit->late_within);
    }
    return query;
}

static struct lt_limits *limits_of(struct lt_parse *p, struct lt_limits *limits)
{
    return limits != NULL ? limits : LT_BUILD_NEW(p, struct lt_limits);
}

struct lt_limits *lt_build_limit(struct lt_parse *p, struct lt_limits *limits, struct lt_token t,
                                 struct lt_ast_expr *x)
{
    limits = limits_of(p, limits);
    if (limits->limit != NULL)
        lt_parse_fail(p, LT_SYNTAX, t.pos, "the number of rows is limited twice");
    if (x == NULL) { /* FETCH FIRST ROW ONLY */
        x = lt_build_expr(p, LT_AST_LITERAL_NUMBER, t.pos);
        x->u.text = LT_STR("1");
    }
    limits->limit = x;
    return limits;
}

struct lt_limits *lt_build_offset(struct lt_parse *p, struct lt_limits *limits, struct lt_token t,
                                  struct lt_ast_expr *x)
{
    limits = limits_of(p, limits);
    if (limits->offset != NULL)
        lt_parse_fail(p, LT_SYNTAX, t.pos, "OFFSET is said twice");
    limits->offset = x;
    return limits;
}

struct lt_ast_query *lt_build_set_op(struct lt_parse *p, enum lt_ast_set_op op, bool all,
                                     struct lt_ast_query *left, struct lt_ast_query *right)
{
    struct lt_ast_query *query = query_new(p, LT_AST_SET_OP, left->pos);
    query->set_op = op;
    query->all = all;
    query->left = left;
    query->right = right;
    lt_build_deepen(p, &query->depth, left->depth);
    lt_build_deepen(p, &query->depth, right->depth);
    return query;
}

struct lt_ast_query *lt_build_values(struct lt_parse *p, struct lt_token t, struct lt_list rows)
{
    struct lt_ast_query *query = query_new(p, LT_AST_VALUES, t.pos);
    query->values = rows.first;
    lt_build_deepen(p, &query->depth, rows.depth);
    return query;
}

/* (1, 2) and ROW(1, 2) are a row of two, ((1, 2)) is one of a single ROW. */
struct lt_list lt_build_values_row(struct lt_parse *p, struct lt_list list, struct lt_ast_expr *x)
{
    struct lt_ast_values_row *row = LT_BUILD_NEW(p, struct lt_ast_values_row);
    row->exprs = lt_build_unrow(p, x).first;
    row->pos = x->pos;
    return LT_LIST_ADD(list, row, x->depth);
}

struct lt_ast_query *lt_build_explicit_table(struct lt_parse *p, struct lt_token t,
                                             struct lt_list path)
{
    struct lt_ast_query *query = query_new(p, LT_AST_SELECT, t.pos);
    struct lt_list items = query_star(p, t.pos);
    struct lt_ast_from *from = lt_build_from_table(p, path, LT_LIST_EMPTY, NULL);
    query->items = items.first;
    query->from = from;
    lt_build_deepen(p, &query->depth, from->depth);
    return query;
}

struct lt_ast_query *lt_build_subquery(struct lt_parse *p, struct lt_token t,
                                       struct lt_ast_query *query)
{
    LT_UNUSED(t);
    LT_UNUSED(p);
    query->parenthesised = true;
    return query;
}

struct lt_ast_query *lt_build_select(struct lt_parse *p, struct lt_token t, struct lt_list hints,
                                     bool distinct, struct lt_list items)
{
    struct lt_ast_query *query = query_new(p, LT_AST_SELECT, t.pos);
    query->hints = hints.first;
    query->distinct = distinct;
    query->items = items.first;
    lt_build_deepen(p, &query->depth, items.depth);
    return query;
}

struct lt_select_tail *lt_build_tail(struct lt_parse *p, struct lt_ast_from *from,
                                     struct lt_ast_expr *where, struct lt_list group,
                                     struct lt_ast_expr *having, struct lt_list windows,
                                     struct lt_ast_expr *qualify)
{
    struct lt_select_tail *tail = LT_BUILD_NEW(p, struct lt_select_tail);
    *tail = (struct lt_select_tail){.from = from,
                                    .where = where,
                                    .having = having,
                                    .qualify = qualify,
                                    .group = group,
                                    .windows = windows};
    return tail;
}

struct lt_ast_query *lt_build_select_tail(struct lt_parse *p, struct lt_ast_query *query,
                                          struct lt_select_tail *tail)
{
    if (p->status != LT_OK)
        return query;
    query->from = tail->from;
    query->where = tail->where;
    query->having = tail->having;
    query->qualify = tail->qualify;
    query->group = tail->group.first;
    query->group_distinct = (tail->group.flags & LT_LIST_DISTINCT) != 0;
    query->windows = tail->windows.first;
    query->pos = lt_build_span(p, query->pos);
    if (query->from != NULL)
        lt_build_deepen(p, &query->depth, query->from->depth);
    query_deepen_expr(p, query, query->where);
    query_deepen_expr(p, query, query->having);
    query_deepen_expr(p, query, query->qualify);
    lt_build_deepen(p, &query->depth, tail->group.depth);
    lt_build_deepen(p, &query->depth, tail->windows.depth);
    return query;
}

struct lt_ast_select_item *lt_build_item(struct lt_parse *p, struct lt_ast_expr *x,
                                         struct lt_ast_name *alias)
{
    struct lt_ast_select_item *item = LT_BUILD_NEW(p, struct lt_ast_select_item);
    item->expr = x;
    item->alias = alias;
    return item;
}

struct lt_list lt_build_items(struct lt_parse *p, struct lt_list list,
                              struct lt_ast_select_item *item)
{
    return LT_LIST_ADD(list, item, p->status == LT_OK ? item->expr->depth : 0);
}

/* ---- GROUP BY --------------------------------------------------------- */

struct lt_list lt_build_group_distinct(struct lt_list groups)
{
    groups.flags |= LT_LIST_DISTINCT;
    return groups;
}

static struct lt_ast_group *group_new(struct lt_parse *p, enum lt_ast_group_kind kind,
                                      struct lt_ast_expr *x, struct lt_pos pos)
{
    struct lt_ast_group *group = LT_BUILD_NEW(p, struct lt_ast_group);
    group->kind = kind;
    group->expr = x;
    group->pos = pos;
    return group;
}

/* GROUP BY (a, b), c is GROUP BY a, b, c. */
struct lt_list lt_build_groups(struct lt_parse *p, struct lt_list list, struct lt_list group)
{
    struct lt_ast_group *first = group.first;
    if (p->status != LT_OK || first->kind != LT_AST_GROUP_TUPLE || first->children == NULL)
        return LT_LIST_ADD(list, first, group.depth);
    for (struct lt_ast_group *at = first->children; at && p->status == LT_OK;) {
        struct lt_ast_group *next = at->next;
        at->next = NULL;
        list = LT_LIST_ADD(list, at, group.depth);
        at = next;
    }
    return list;
}

struct lt_list lt_build_member(struct lt_parse *p, struct lt_list list, struct lt_list group)
{
    LT_UNUSED(p);
    struct lt_ast_group *first = group.first;
    return LT_LIST_ADD(list, first, group.depth);
}

/* One member as a list of one; (a, b) as a tuple. */
struct lt_list lt_build_group_expr(struct lt_parse *p, struct lt_ast_expr *x)
{
    struct lt_ast_group *group = group_new(p, LT_AST_GROUP_EXPR, x, x->pos);
    if (x->kind == LT_AST_ROW && !x->parenthesised) {
        struct lt_list children = LT_LIST_EMPTY;
        for (struct lt_ast_exprs *at = x->u.list; at && p->status == LT_OK; at = at->next) {
            struct lt_ast_group *child = group_new(p, LT_AST_GROUP_EXPR, at->expr, at->expr->pos);
            children = LT_LIST_ADD(children, child, 0);
        }
        group->kind = LT_AST_GROUP_TUPLE;
        group->expr = NULL;
        group->children = children.first;
    }
    return LT_LIST_ADD(LT_LIST_EMPTY, group, x->depth);
}

struct lt_list lt_build_group(struct lt_parse *p, enum lt_ast_group_kind kind, struct lt_token t,
                              struct lt_list children)
{
    struct lt_ast_group *group = group_new(p, kind, NULL, lt_build_span(p, t.pos));
    group->children = children.first;
    uint32_t depth = 0;
    lt_build_deepen(p, &depth, children.depth);
    return LT_LIST_ADD(LT_LIST_EMPTY, group, depth);
}

struct lt_list lt_build_windows(struct lt_parse *p, struct lt_list list, struct lt_ast_name *name,
                                struct lt_ast_window *window)
{
    window->name = name;
    window->pos = lt_build_span(p, name->pos);
    return LT_LIST_ADD(list, window, window->depth);
}
