/* unparse_match.c -- MATCH_RECOGNIZE and row patterns as canonical SQL text. */
#include "parser/unparse.h"

static void unparse_pattern(struct lt_buf *out, const struct lt_ast_pattern *pattern);

static void unparse_children(struct lt_buf *out, const struct lt_ast_pattern *list,
                             const char *between, bool is_sequence)
{
    for (const struct lt_ast_pattern *at = list; at != NULL; at = at->next) {
        bool parens =
            at->kind == LT_AST_PATTERN_ALTER || (at->kind == LT_AST_PATTERN_CONCAT && is_sequence);
        if (at != list)
            lt_buf_adds(out, between);
        if (parens)
            lt_buf_addc(out, '(');
        unparse_pattern(out, at);
        if (parens)
            lt_buf_addc(out, ')');
    }
}

static void unparse_quantifier(struct lt_buf *out, const struct lt_ast_pattern *repeat)
{
    if (repeat->min == 0 && repeat->max == -1)
        lt_buf_addc(out, '*');
    else if (repeat->min == 1 && repeat->max == -1)
        lt_buf_addc(out, '+');
    else if (repeat->min == 0 && repeat->max == 1)
        lt_buf_addc(out, '?');
    else if (repeat->max == -1)
        lt_buf_addf(out, "{%lld,}", (long long)repeat->min);
    else if (repeat->min == repeat->max)
        lt_buf_addf(out, "{%lld}", (long long)repeat->min);
    else
        lt_buf_addf(out, "{%lld,%lld}", (long long)repeat->min, (long long)repeat->max);
    if (repeat->reluctant)
        lt_buf_addc(out, '?');
}

/* PERMUTE and TIMEOUT are variables only where no parenthesis follows. */
static void unparse_variable(struct lt_buf *out, const struct lt_ast_name *name)
{
    bool parens = !name->quoted && (lt_str_equal_nocase(name->text, LT_STR("PERMUTE")) ||
                                    lt_str_equal_nocase(name->text, LT_STR("TIMEOUT")));
    if (parens)
        lt_buf_addc(out, '(');
    lt_unparse_ast_name(out, name);
    if (parens)
        lt_buf_addc(out, ')');
}

static void unparse_pattern(struct lt_buf *out, const struct lt_ast_pattern *pattern)
{
    const struct lt_ast_pattern *child = pattern->children;
    switch (pattern->kind) {
    case LT_AST_PATTERN_VARIABLE: unparse_variable(out, pattern->variable); break;
    case LT_AST_PATTERN_CONCAT: unparse_children(out, child, " ", true); break;
    case LT_AST_PATTERN_ALTER: unparse_children(out, child, " | ", false); break;
    case LT_AST_PATTERN_REPEAT: {
        bool parens = child->kind == LT_AST_PATTERN_CONCAT || child->kind == LT_AST_PATTERN_ALTER ||
                      child->kind == LT_AST_PATTERN_REPEAT;
        lt_buf_adds(out, parens ? "(" : "");
        unparse_pattern(out, child);
        lt_buf_adds(out, parens ? ")" : "");
        unparse_quantifier(out, pattern);
        break;
    }
    case LT_AST_PATTERN_PERMUTE:
        lt_buf_adds(out, "PERMUTE(");
        for (; child != NULL; child = child->next) {
            unparse_pattern(out, child);
            lt_buf_adds(out, child->next ? ", " : "");
        }
        lt_buf_addc(out, ')');
        break;
    case LT_AST_PATTERN_EXCLUDE:
        lt_buf_adds(out, "{- ");
        unparse_pattern(out, child);
        lt_buf_adds(out, " -}");
        break;
    case LT_AST_PATTERN_START: lt_buf_addc(out, '^'); break;
    case LT_AST_PATTERN_END: lt_buf_addc(out, '$'); break;
    case LT_AST_PATTERN_EMPTY: lt_buf_adds(out, "()"); break;
    case LT_AST_PATTERN_TIMEOUT: lt_buf_adds(out, "TIMEOUT()"); break;
    }
}

static void unparse_measures(struct lt_buf *out, const struct lt_ast_measure *list)
{
    static const char *const semantics[] = {"", "RUNNING ", "FINAL "};
    for (const struct lt_ast_measure *at = list; at != NULL; at = at->next) {
        lt_buf_adds(out, at == list ? "MEASURES " : ", ");
        lt_buf_adds(out, semantics[at->semantics]);
        lt_unparse_expr(out, at->expr);
        lt_buf_adds(out, " AS ");
        lt_unparse_ast_name(out, at->alias);
    }
    if (list != NULL)
        lt_buf_addc(out, ' ');
}

static void unparse_skip(struct lt_buf *out, const struct lt_ast_match *match)
{
    static const char *const words[] = {"", "PAST LAST ROW", "TO NEXT ROW", "TO FIRST ",
                                        "TO LAST "};
    if (match->skip == LT_AST_SKIP_DEFAULT)
        return;
    lt_buf_addf(out, "AFTER MATCH SKIP %s", words[match->skip]);
    if (match->skip_variable != NULL)
        lt_unparse_ast_name(out, match->skip_variable);
    lt_buf_addc(out, ' ');
}

static void unparse_defines(struct lt_buf *out, const struct lt_ast_match *match)
{
    for (const struct lt_ast_define *at = match->subsets; at != NULL; at = at->next) {
        lt_buf_adds(out, at == match->subsets ? " SUBSET " : ", ");
        lt_unparse_ast_name(out, at->name);
        lt_buf_adds(out, " = (");
        lt_unparse_names(out, at->members);
        lt_buf_addc(out, ')');
    }
    for (const struct lt_ast_define *at = match->defines; at != NULL; at = at->next) {
        lt_buf_adds(out, at == match->defines ? " DEFINE " : ", ");
        lt_unparse_ast_name(out, at->name);
        lt_buf_adds(out, " AS ");
        lt_unparse_expr(out, at->condition);
    }
}

void lt_unparse_match(struct lt_buf *out, const struct lt_ast_match *match)
{
    static const char *const rows[] = {"",
                                       "ONE ROW PER MATCH ",
                                       "ALL ROWS PER MATCH ",
                                       "ALL ROWS PER MATCH SHOW EMPTY MATCHES ",
                                       "ALL ROWS PER MATCH OMIT EMPTY MATCHES ",
                                       "ALL ROWS PER MATCH WITH UNMATCHED ROWS "};
    if (match->partition != NULL) {
        lt_buf_adds(out, "PARTITION BY ");
        lt_unparse_exprs(out, match->partition);
        lt_buf_addc(out, ' ');
    }
    if (match->order != NULL) {
        lt_buf_adds(out, "ORDER BY ");
        lt_unparse_orders(out, match->order);
        lt_buf_addc(out, ' ');
    }
    unparse_measures(out, match->measures);
    lt_buf_adds(out, rows[match->rows]);
    if (match->timeout_rows)
        lt_buf_adds(out, "WITH TIMEOUT ROWS ");
    unparse_skip(out, match);
    lt_buf_adds(out, "PATTERN (");
    unparse_pattern(out, match->pattern);
    lt_buf_addc(out, ')');
    if (match->within != NULL) {
        lt_buf_adds(out, " WITHIN ");
        lt_unparse_expr(out, match->within);
    }
    unparse_defines(out, match);
}
