/* parser.h -- SQL text to syntax tree and back. Knows no table, type or function.
 *
 * Statements are taken one at a time, so that a script may run a statement
 * before the next one is even read, and an error late in a script does not stop
 * what stands before it. */
#ifndef LT_PARSER_PARSER_H
#define LT_PARSER_PARSER_H

#include "parser/ast.h"

/* Limits, each with its own error (LT_LIMIT). */
enum {
    LT_PARSER_DEPTH_MAX = 200,          /* nested parentheses, subqueries, CASE ... */
    LT_PARSER_TEXT_SIZE_MAX = 16 << 20, /* one statement, in bytes */
    LT_PARSER_NAME_SIZE_MAX = 1024,
    LT_PARSER_TREE_DEPTH_MAX = 1000, /* levels of a tree: a chain of 1,000 operators */
};

/* Reads one statement from text[*offset..size). On LT_OK *stmt is NULL when
 * only blanks, comments and ';' were left; *offset stands behind the ';' or at
 * the end. On LT_SYNTAX the error's position is in `text` and *offset stands
 * behind the end of the faulty statement (the next ';' outside quotes and
 * comments, or the end), so that a shell may go on. `text` is copied where kept. */
lt_status lt_parse_next(const char *text, size_t size, size_t *offset, struct lt_arena *arena,
                        struct lt_ast_stmt **stmt, struct lt_error *err) LT_MUST_CHECK;

/* A single expression or query: stored watermarks, computed columns, views. */
lt_status lt_parse_expr(struct lt_str text, struct lt_arena *arena, struct lt_ast_expr **expr,
                        struct lt_error *err) LT_MUST_CHECK;
lt_status lt_parse_query(struct lt_str text, struct lt_arena *arena, struct lt_ast_query **query,
                         struct lt_error *err) LT_MUST_CHECK;
lt_status lt_parse_type(struct lt_str text, struct lt_arena *arena, struct lt_ast_type **type,
                        struct lt_error *err) LT_MUST_CHECK;

/* True when the text ends outside quotes and comments and its last statement
 * has its ';': what a shell asks before it runs what was typed. */
bool lt_parse_is_complete(const char *text, size_t size);

/* Back to canonical SQL text that parses to an equal tree. Failures are
 * remembered in the buffer. */
void lt_unparse_stmt(struct lt_buf *out, const struct lt_ast_stmt *stmt);
void lt_unparse_query(struct lt_buf *out, const struct lt_ast_query *query);
void lt_unparse_expr(struct lt_buf *out, const struct lt_ast_expr *expr);
void lt_unparse_type(struct lt_buf *out, const struct lt_ast_type *type);
/* A name, back-quoted when it must be. */
void lt_unparse_name(struct lt_buf *out, struct lt_str name);

/* Structural equality, positions ignored (tests, plan sharing, GROUP BY match). */
bool lt_ast_expr_equal(const struct lt_ast_expr *a, const struct lt_ast_expr *b);

#endif
