/* unparse_query.c -- queries and FROM as canonical SQL text. */
#include "parser/unparse.h"

/* Clauses that a query must keep to itself when it is part of another. */
static bool query_is_closed(const struct lt_ast_query *query)
{
    return query->order || query->limit || query->offset || query->with ||
           query->emit.pos.line != 0;
}

static void unparse_parenthesised(struct lt_buf *out, const struct lt_ast_query *query, bool parens)
{
    if (parens)
        lt_buf_addc(out, '(');
    lt_unparse_query(out, query);
    if (parens)
        lt_buf_addc(out, ')');
}

static void unparse_set_op(struct lt_buf *out, const struct lt_ast_query *query)
{
    static const char *const words[] = {"UNION", "INTERSECT", "EXCEPT"};
    const struct lt_ast_query *left = query->left;
    const struct lt_ast_query *right = query->right;
    bool intersect = query->set_op == LT_AST_INTERSECT;
    bool left_lower = intersect && left->kind == LT_AST_SET_OP && left->set_op != LT_AST_INTERSECT;
    bool right_lower =
        right->kind == LT_AST_SET_OP && (intersect || right->set_op != LT_AST_INTERSECT);
    unparse_parenthesised(out, left, left_lower || query_is_closed(left));
    lt_buf_addf(out, " %s%s ", words[query->set_op], query->all ? " ALL" : "");
    unparse_parenthesised(out, right, right_lower || query_is_closed(right));
}

static void unparse_values(struct lt_buf *out, const struct lt_ast_query *query)
{
    lt_buf_adds(out, "VALUES ");
    for (const struct lt_ast_values_row *row = query->values; row != NULL; row = row->next) {
        if (row != query->values)
            lt_buf_adds(out, ", ");
        lt_buf_adds(out, row->exprs ? "(" : "ROW(");
        lt_unparse_exprs(out, row->exprs);
        lt_buf_addc(out, ')');
    }
}

static void unparse_group(struct lt_buf *out, const struct lt_ast_group *list)
{
    for (const struct lt_ast_group *at = list; at != NULL; at = at->next) {
        if (at != list)
            lt_buf_adds(out, ", ");
        const char *open = at->children && at->children->next == NULL ? "ROW(" : "(";
        switch (at->kind) {
        case LT_AST_GROUP_EXPR: open = at->expr->kind == LT_AST_ROW ? "(" : ""; break;
        case LT_AST_GROUP_SETS: open = "GROUPING SETS ("; break;
        case LT_AST_GROUP_ROLLUP: open = "ROLLUP ("; break;
        case LT_AST_GROUP_CUBE: open = "CUBE ("; break;
        case LT_AST_GROUP_TUPLE: break;
        }
        lt_buf_adds(out, open);
        if (at->kind == LT_AST_GROUP_EXPR)
            lt_unparse_expr(out, at->expr);
        else
            unparse_group(out, at->children);
        if (open[0] != '\0')
            lt_buf_addc(out, ')');
    }
}

static void unparse_windows(struct lt_buf *out, const struct lt_ast_window *list)
{
    for (const struct lt_ast_window *at = list; at != NULL; at = at->next) {
        lt_buf_adds(out, at == list ? " WINDOW " : ", ");
        lt_unparse_ast_name(out, at->name);
        lt_buf_adds(out, " AS (");
        lt_unparse_window(out, at);
        lt_buf_addc(out, ')');
    }
}

static void unparse_clause(struct lt_buf *out, const char *word, const struct lt_ast_expr *x)
{
    if (x == NULL)
        return;
    lt_buf_adds(out, word);
    lt_unparse_expr(out, x);
}

static void unparse_select(struct lt_buf *out, const struct lt_ast_query *query)
{
    lt_buf_adds(out, "SELECT");
    lt_unparse_hints(out, query->hints);
    lt_buf_adds(out, query->distinct ? " DISTINCT " : " ");
    for (const struct lt_ast_select_item *at = query->items; at != NULL; at = at->next) {
        if (at != query->items)
            lt_buf_adds(out, ", ");
        lt_unparse_expr(out, at->expr);
        if (at->alias != NULL) {
            lt_buf_adds(out, " AS ");
            lt_unparse_ast_name(out, at->alias);
        }
    }
    if (query->from != NULL) {
        lt_buf_adds(out, " FROM ");
        lt_unparse_from(out, query->from);
    }
    unparse_clause(out, " WHERE ", query->where);
    if (query->group != NULL) {
        lt_buf_adds(out, query->group_distinct ? " GROUP BY DISTINCT " : " GROUP BY ");
        unparse_group(out, query->group);
    }
    unparse_clause(out, " HAVING ", query->having);
    unparse_windows(out, query->windows);
    unparse_clause(out, " QUALIFY ", query->qualify);
}

static void unparse_emit(struct lt_buf *out, const struct lt_ast_emit *emit)
{
    static const char *const modes[] = {"", "DISCARDING", "ACCUMULATING", "RETRACTING"};
    const char *between = " EMIT ";
    if (emit->early) {
        lt_buf_addf(out, "%sEARLY ", between);
        if (emit->early_on_change)
            lt_buf_adds(out, "ON CHANGE");
        unparse_clause(out, "EVERY ", emit->early_every);
        unparse_clause(out, "EVERY ", emit->early_rows);
        if (emit->early_rows != NULL)
            lt_buf_adds(out, " ROWS");
        between = ", ";
    }
    if (emit->at_watermark) {
        lt_buf_addf(out, "%sAT WATERMARK", between);
        between = ", ";
    }
    if (emit->late) {
        lt_buf_addf(out, "%sLATE ", between);
        if (emit->late_on_change)
            lt_buf_adds(out, "ON CHANGE");
        unparse_clause(out, "EVERY ", emit->late_every);
        unparse_clause(out, " WITHIN ", emit->late_within);
        between = ", ";
    }
    if (emit->mode != LT_AST_EMIT_MODE_DEFAULT) {
        lt_buf_addf(out, "%s%s", between, modes[emit->mode]);
        between = ", ";
    }
    if (emit->late_rows_into == NULL)
        return;
    lt_buf_addf(out, "%sLATE ROWS ", between);
    if (emit->late_rows_of != NULL) {
        lt_buf_adds(out, "OF ");
        lt_unparse_path(out, emit->late_rows_of);
        lt_buf_addc(out, ' ');
    }
    lt_buf_adds(out, "INTO ");
    lt_unparse_path(out, emit->late_rows_into);
}

static void unparse_with(struct lt_buf *out, const struct lt_ast_query *query)
{
    lt_buf_adds(out, query->recursive ? "WITH RECURSIVE " : "WITH ");
    for (const struct lt_ast_with *at = query->with; at != NULL; at = at->next) {
        if (at != query->with)
            lt_buf_adds(out, ", ");
        lt_unparse_ast_name(out, at->name);
        if (at->columns != NULL) {
            lt_buf_adds(out, " (");
            lt_unparse_names(out, at->columns);
            lt_buf_addc(out, ')');
        }
        lt_buf_adds(out, " AS ");
        unparse_parenthesised(out, at->query, true);
    }
    lt_buf_addc(out, ' ');
}

void lt_unparse_query(struct lt_buf *out, const struct lt_ast_query *query)
{
    if (query->with != NULL)
        unparse_with(out, query);
    switch (query->kind) {
    case LT_AST_SELECT: unparse_select(out, query); break;
    case LT_AST_VALUES: unparse_values(out, query); break;
    case LT_AST_SET_OP: unparse_set_op(out, query); break;
    }
    if (query->order != NULL) {
        lt_buf_adds(out, " ORDER BY ");
        lt_unparse_orders(out, query->order);
    }
    unparse_clause(out, " LIMIT ", query->limit);
    unparse_clause(out, " OFFSET ", query->offset);
    if (query->emit.pos.line != 0)
        unparse_emit(out, &query->emit);
}

/* ---- FROM ------------------------------------------------------------- */

static void unparse_operand(struct lt_buf *out, const struct lt_ast_from *from, bool right)
{
    bool parens = from->kind == LT_AST_FROM_JOIN && right;
    if (parens)
        lt_buf_addc(out, '(');
    lt_unparse_from(out, from);
    if (parens)
        lt_buf_addc(out, ')');
}

static void unparse_join(struct lt_buf *out, const struct lt_ast_from *join)
{
    static const char *const words[] = {"",       "LEFT ", "RIGHT ", "FULL ",
                                        "CROSS ", "",      "SEMI ",  "ANTI "};
    bool comma = join->join == LT_AST_JOIN_COMMA;
    unparse_operand(out, join->left, false);
    if (comma) {
        lt_buf_adds(out, ", ");
        unparse_operand(out, join->right, false);
        return;
    }
    lt_buf_addf(out, " %s%s%sJOIN ", join->natural ? "NATURAL " : "", join->asof ? "ASOF " : "",
                words[join->join]);
    unparse_operand(out, join->right, true);
    if (join->match_condition != NULL) {
        unparse_clause(out, " MATCH_CONDITION (", join->match_condition);
        lt_buf_addc(out, ')');
    }
    unparse_clause(out, " ON ", join->on);
    if (join->using_columns != NULL) {
        lt_buf_adds(out, " USING (");
        lt_unparse_names(out, join->using_columns);
        lt_buf_addc(out, ')');
    }
}

static void unparse_table(struct lt_buf *out, const struct lt_ast_from *from)
{
    lt_unparse_path(out, from->path);
    lt_unparse_hints(out, from->hints);
    unparse_clause(out, " FOR SYSTEM_TIME AS OF ", from->system_time);
}

void lt_unparse_from(struct lt_buf *out, const struct lt_ast_from *from)
{
    if (from->lateral)
        lt_buf_adds(out, "LATERAL ");
    switch (from->kind) {
    case LT_AST_FROM_TABLE: unparse_table(out, from); break;
    case LT_AST_FROM_VALUES:
    case LT_AST_FROM_QUERY: unparse_parenthesised(out, from->query, true); break;
    case LT_AST_FROM_FUNCTION:
        lt_buf_adds(out, from->table_keyword ? "TABLE(" : "");
        lt_unparse_expr(out, from->call);
        lt_buf_adds(out, from->table_keyword ? ")" : "");
        break;
    case LT_AST_FROM_UNNEST:
        lt_buf_adds(out, "UNNEST(");
        lt_unparse_exprs(out, from->unnest);
        lt_buf_adds(out, from->ordinality ? ") WITH ORDINALITY" : ")");
        break;
    case LT_AST_FROM_JOIN: unparse_join(out, from); break;
    case LT_AST_FROM_MATCH:
        unparse_operand(out, from->left, true);
        lt_buf_adds(out, " MATCH_RECOGNIZE (");
        lt_unparse_match(out, from->match);
        lt_buf_addc(out, ')');
        break;
    }
    if (from->alias == NULL)
        return;
    lt_buf_adds(out, " AS ");
    lt_unparse_ast_name(out, from->alias);
    if (from->column_aliases != NULL) {
        lt_buf_addc(out, '(');
        lt_unparse_names(out, from->column_aliases);
        lt_buf_addc(out, ')');
    }
}
