/* parse.h -- the state of one parse, shared by driver, actions and messages. */
#ifndef LT_PARSER_PARSE_H
#define LT_PARSER_PARSE_H

#include "parser/filter.h"
#include "parser/parser.h"

enum {
    LT_PARSER_NODE_BYTES = 1024, /* more than any node */
};

struct lt_parse {
    struct lt_arena *arena;
    struct lt_error *err;
    lt_status status; /* the first failure; actions go on harmlessly after it */
    const char *text;
    size_t size;
    void *parser;
    struct lt_filter filter;
    int start;               /* START_STMT ... */
    struct lt_token first;   /* of the statement */
    struct lt_token prev;    /* handed to the parser last: the end of what is reduced */
    struct lt_token refused; /* the token a syntax error is about */
    bool is_refused;
    uint32_t tokens; /* handed to the parser */
    uint32_t nested; /* open parentheses, brackets, CASE */
    uint32_t n_parameters;
    struct lt_ast_stmt *stmt;
    struct lt_ast_expr *expr;
    struct lt_ast_query *query;
    struct lt_ast_type *type;
    /* What a failed allocation is answered with, so that actions need no checks. */
    _Alignas(16) char spare[LT_PARSER_NODE_BYTES];
};

/* Called by the generated parser. */
void lt_parse_refuse(struct lt_parse *p, struct lt_token token);
void lt_parse_too_deep(struct lt_parse *p);
/* A mistake the grammar cannot see; the first one counts. */
void lt_parse_fail(struct lt_parse *p, lt_status status, struct lt_pos pos, const char *fmt, ...)
    LT_PRINTF(4, 5);

/* Runs the parser over one statement (or expression ...) that starts at the
 * lexer's place. With max_tokens > 0 it stops before that many tokens are
 * handed over, and leaves the parser as it then is. */
void lt_parse_run(struct lt_parse *p, struct lt_lexer lex, int start, uint32_t max_tokens);
void lt_parse_close(struct lt_parse *p);

/* Fills p->err for a refused token or a fault of the lexer. */
void lt_parse_explain_refused(struct lt_parse *p, const struct lt_lexer *lex);
void lt_parse_explain_fault(struct lt_parse *p, struct lt_token token);

#endif
