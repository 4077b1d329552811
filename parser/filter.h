/* filter.h -- the look-ahead between lexer and parser. */
#ifndef LT_PARSER_FILTER_H
#define LT_PARSER_FILTER_H

#include "parser/token.h"

enum { LT_FILTER_AHEAD = 4 };

struct lt_filter {
    struct lt_lexer lex;
    const void *parser;                     /* asked what it would accept */
    struct lt_token ahead[LT_FILTER_AHEAD]; /* read, not yet handed over */
    unsigned n_ahead;
    int prev; /* kind of the token handed over last */
};

void lt_filter_init(struct lt_filter *filter, const struct lt_lexer *lex, const void *parser,
                    int start);
/* The next token as the grammar wants it. */
struct lt_token lt_filter_next(struct lt_filter *filter);
/* The plain token a variant was made of; other kinds are returned unchanged. */
int lt_filter_plain(int kind);

#endif
