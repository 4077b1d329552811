/* unparse_call.c -- function calls and windows as canonical SQL text. */
#include "parser/unparse.h"

void lt_unparse_orders(struct lt_buf *out, const struct lt_ast_order *list)
{
    for (const struct lt_ast_order *at = list; at != NULL; at = at->next) {
        if (at != list)
            lt_buf_adds(out, ", ");
        /* A lone ROW would be read as a list. */
        lt_unparse_expr(out, at->expr);
        if (at->descending)
            lt_buf_adds(out, " DESC");
        if (at->nulls == LT_AST_NULLS_FIRST)
            lt_buf_adds(out, " NULLS FIRST");
        else if (at->nulls == LT_AST_NULLS_LAST)
            lt_buf_adds(out, " NULLS LAST");
    }
}

static void unparse_bound(struct lt_buf *out, const struct lt_ast_bound *bound)
{
    switch (bound->kind) {
    case LT_AST_UNBOUNDED_PRECEDING: lt_buf_adds(out, "UNBOUNDED PRECEDING"); break;
    case LT_AST_UNBOUNDED_FOLLOWING: lt_buf_adds(out, "UNBOUNDED FOLLOWING"); break;
    case LT_AST_CURRENT_ROW: lt_buf_adds(out, "CURRENT ROW"); break;
    case LT_AST_PRECEDING:
    case LT_AST_FOLLOWING:
        lt_unparse_expr(out, bound->offset);
        lt_buf_adds(out, bound->kind == LT_AST_PRECEDING ? " PRECEDING" : " FOLLOWING");
        break;
    }
}

void lt_unparse_window(struct lt_buf *out, const struct lt_ast_window *window)
{
    const char *between = "";
    if (window->base != NULL) {
        lt_unparse_ast_name(out, window->base);
        between = " ";
    }
    if (window->partition != NULL) {
        lt_buf_addf(out, "%sPARTITION BY ", between);
        lt_unparse_exprs(out, window->partition);
        between = " ";
    }
    if (window->order != NULL) {
        lt_buf_addf(out, "%sORDER BY ", between);
        lt_unparse_orders(out, window->order);
        between = " ";
    }
    if (window->frame == LT_AST_FRAME_NONE)
        return;
    lt_buf_addf(out, "%s%s BETWEEN ", between,
                window->frame == LT_AST_FRAME_ROWS ? "ROWS" : "RANGE");
    unparse_bound(out, &window->from);
    lt_buf_adds(out, " AND ");
    unparse_bound(out, &window->to);
}

static bool call_named(const struct lt_ast_call *call, const char *word)
{
    return call->name->next == NULL && !call->name->quoted &&
           lt_str_equal_nocase(call->name->text, lt_str_of(word));
}

/* TRIM(BOTH c FROM x): the only word that stands before an argument. */
static void unparse_trim(struct lt_buf *out, const struct lt_ast_call *call)
{
    lt_unparse_str(out, call->words->key);
    lt_buf_addc(out, ' ');
    if (call->args->next != NULL) {
        const struct lt_ast_expr *chars = call->args->next->expr;
        bool plain = chars->kind == LT_AST_COLUMN || chars->kind == LT_AST_LITERAL_STRING;
        lt_buf_adds(out, plain ? "" : "(");
        lt_unparse_expr(out, chars);
        lt_buf_adds(out, plain ? " " : ") ");
    }
    lt_buf_adds(out, "FROM ");
    lt_unparse_expr(out, call->args->expr);
}

static void unparse_pairs(struct lt_buf *out, const struct lt_ast_exprs *args)
{
    for (const struct lt_ast_exprs *at = args; at != NULL && at->next; at = at->next->next) {
        if (at != args)
            lt_buf_adds(out, ", ");
        lt_unparse_at(out, at->expr, LT_LEVEL_ADD);
        lt_buf_adds(out, " VALUE ");
        lt_unparse_expr(out, at->next->expr);
    }
}

static void unparse_args(struct lt_buf *out, const struct lt_ast_call *call)
{
    const struct lt_ast_exprs *args = call->args;
    if (call_named(call, "TRIM") && call->words != NULL) {
        unparse_trim(out, call);
    } else if (call_named(call, "JSON_OBJECT") || call_named(call, "JSON_OBJECTAGG")) {
        unparse_pairs(out, args);
    } else if (args != NULL && args->next != NULL && args->next->next == NULL &&
               args->next->expr->kind == LT_AST_UNIT) { /* FLOOR(x TO DAY) */
        bool plain = args->expr->kind == LT_AST_COLUMN || args->expr->kind == LT_AST_CALL;
        lt_buf_adds(out, plain ? "" : "(");
        lt_unparse_expr(out, args->expr);
        lt_buf_adds(out, plain ? " TO " : ") TO ");
        lt_unparse_expr(out, args->next->expr);
    } else {
        lt_unparse_exprs(out, args);
    }
}

static void unparse_tail(struct lt_buf *out, const struct lt_ast_call *call)
{
    if (call->order != NULL) {
        lt_buf_adds(out, " ORDER BY ");
        lt_unparse_orders(out, call->order);
    }
    if (call->returning != NULL) {
        lt_buf_adds(out, " RETURNING ");
        lt_unparse_type(out, call->returning);
    }
    for (const struct lt_ast_option *at = call->words; at != NULL; at = at->next) {
        bool on_empty = lt_str_equal(at->key, LT_STR("DEFAULT ON EMPTY"));
        bool on_error = lt_str_equal(at->key, LT_STR("DEFAULT ON ERROR"));
        if (call_named(call, "TRIM"))
            break;
        lt_buf_addc(out, ' ');
        if (!on_empty && !on_error) {
            lt_unparse_str(out, at->key);
            continue;
        }
        lt_buf_adds(out, "DEFAULT ");
        lt_unparse_expr(out, on_empty ? call->on_empty : call->on_error);
        lt_buf_adds(out, on_empty ? " ON EMPTY" : " ON ERROR");
    }
}

static void unparse_behind(struct lt_buf *out, const struct lt_ast_call *call)
{
    if (call->within_group != NULL) {
        lt_buf_adds(out, " WITHIN GROUP (ORDER BY ");
        lt_unparse_orders(out, call->within_group);
        lt_buf_addc(out, ')');
    }
    if (call->filter != NULL) {
        lt_buf_adds(out, " FILTER (WHERE ");
        lt_unparse_expr(out, call->filter);
        lt_buf_addc(out, ')');
    }
    if (call->nulls != LT_AST_NULLS_UNSAID)
        lt_buf_adds(out, call->nulls == LT_AST_IGNORE_NULLS ? " IGNORE NULLS" : " RESPECT NULLS");
    if (call->over == NULL)
        return;
    lt_buf_adds(out, " OVER ");
    if (call->over->name != NULL) {
        lt_unparse_ast_name(out, call->over->name);
        return;
    }
    lt_buf_addc(out, '(');
    lt_unparse_window(out, call->over);
    lt_buf_addc(out, ')');
}

void lt_unparse_call(struct lt_buf *out, const struct lt_ast_call *call)
{
    if (call->semantics != LT_AST_SEMANTICS_DEFAULT)
        lt_buf_adds(out, call->semantics == LT_AST_FINAL ? "FINAL " : "RUNNING ");
    lt_unparse_path(out, call->name);
    bool alone = call->args == NULL && !call->within_group && !call->filter && !call->over &&
                 call->nulls == LT_AST_NULLS_UNSAID && call->semantics == LT_AST_SEMANTICS_DEFAULT;
    if (alone && lt_name_is_niladic(call->name))
        return;
    lt_buf_adds(out, call->distinct ? "(DISTINCT " : "(");
    unparse_args(out, call);
    unparse_tail(out, call);
    lt_buf_addc(out, ')');
    unparse_behind(out, call);
}
