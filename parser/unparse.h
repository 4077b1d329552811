/* unparse.h -- pieces of the unparser that its files share. */
#ifndef LT_PARSER_UNPARSE_H
#define LT_PARSER_UNPARSE_H

#include "parser/parser.h"

/* How tightly an expression binds; a smaller one inside a larger needs
 * parentheses. The order is that of grammar/00_head.y. */
enum lt_unparse_level {
    LT_LEVEL_ANY,
    LT_LEVEL_OR,
    LT_LEVEL_AND,
    LT_LEVEL_NOT,
    LT_LEVEL_IS,
    LT_LEVEL_COMPARE,
    LT_LEVEL_PREDICATE,
    LT_LEVEL_ADD,
    LT_LEVEL_MUL,
    LT_LEVEL_UNARY,
    LT_LEVEL_ZONE,
    LT_LEVEL_PRIMARY,
};

void lt_unparse_at(struct lt_buf *out, const struct lt_ast_expr *x, enum lt_unparse_level level);
void lt_unparse_ast_name(struct lt_buf *out, const struct lt_ast_name *name);
void lt_unparse_path(struct lt_buf *out, const struct lt_ast_name *path);
void lt_unparse_names(struct lt_buf *out, const struct lt_ast_name *names); /* a, b */
void lt_unparse_string(struct lt_buf *out, struct lt_str text);             /* 'it''s' */
void lt_unparse_str(struct lt_buf *out, struct lt_str text);                /* as it is */
void lt_unparse_options(struct lt_buf *out, const struct lt_ast_option *options);
void lt_unparse_hints(struct lt_buf *out, const struct lt_ast_hint *hints);
void lt_unparse_exprs(struct lt_buf *out, const struct lt_ast_exprs *list);
void lt_unparse_orders(struct lt_buf *out, const struct lt_ast_order *list);
void lt_unparse_window(struct lt_buf *out, const struct lt_ast_window *window); /* inside () */
void lt_unparse_call(struct lt_buf *out, const struct lt_ast_call *call);
void lt_unparse_from(struct lt_buf *out, const struct lt_ast_from *from);
void lt_unparse_match(struct lt_buf *out, const struct lt_ast_match *match);
/* CURRENT_DATE and its like, which need no parentheses (parser/build_expr.c). */
bool lt_name_is_niladic(const struct lt_ast_name *name);

#endif
