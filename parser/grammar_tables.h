/* grammar_tables.h -- the generated parser, as far as others may touch it. */
#ifndef LT_PARSER_GRAMMAR_TABLES_H
#define LT_PARSER_GRAMMAR_TABLES_H

#include "parser/token.h"

struct lt_parse;

/* A parser is lt_grammar_size() bytes from anywhere; it owns nothing else. */
size_t lt_grammar_size(void);
void lt_grammar_open(void *parser);
void lt_grammar_feed(void *parser, struct lt_token token, struct lt_parse *p);
/* Would this token, taken for exactly what it is, be shifted now? */
bool lt_grammar_accepts(const void *parser, int kind);
/* Kinds run from 1 to this one. */
int lt_grammar_kind_max(void);
bool lt_grammar_falls_back(int kind); /* to a name */

#endif
