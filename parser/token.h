/* token.h -- one token, and the lexer that cuts text into them. */
#ifndef LT_PARSER_TOKEN_H
#define LT_PARSER_TOKEN_H

#include "base/str.h"

/* What the lexer found wrong; reported only when the parser gets there, because
 * the filter looks ahead into text that may be raw (SET k = 10s). */
enum lt_lex_fault {
    LT_LEX_FINE,
    LT_LEX_OPEN_STRING,
    LT_LEX_OPEN_NAME,
    LT_LEX_OPEN_COMMENT,
    LT_LEX_EMPTY_NAME,
    LT_LEX_BAD_UTF8,
    LT_LEX_BAD_CHARACTER,
    LT_LEX_BAD_NUMBER,
    LT_LEX_BAD_BINARY,
};

struct lt_token {
    const char *text; /* pos.len bytes, as written, quotes included */
    struct lt_pos pos;
    int kind;                /* LT_TK_...; 0 at the end of the text */
    enum lt_lex_fault fault; /* of kind ILLEGAL */
};

static inline struct lt_str lt_token_str(struct lt_token token)
{
    return (struct lt_str){token.text, token.pos.len};
}

struct lt_lexer {
    const char *text;
    size_t size;
    size_t at;
    uint32_t line, column; /* of text[at] */
    bool in_hint;          /* between the parts of a hint comment */
};

void lt_lexer_init(struct lt_lexer *lex, const char *text, size_t size, size_t at);
/* The next token that is no blank and no comment; a hint comment is one token
 * of kind HINT. Never fails: what is no token is one of kind ILLEGAL. */
struct lt_token lt_lexer_next(struct lt_lexer *lex);
/* The first byte of text[at..end) that is NUL or not valid UTF-8, else `end`. */
size_t lt_lexer_find_bad(const struct lt_lexer *lex, size_t at, size_t end);
/* Places the lexer `skip` bytes of one line behind the start of the token. */
void lt_lexer_rewind(struct lt_lexer *lex, struct lt_token token, uint32_t skip);

/* The keyword of a word, or LT_TK_ID. */
int lt_keyword_find(struct lt_str word);
/* The word of a keyword token or of one of its variants, or NULL. */
const char *lt_keyword_word(int kind);
bool lt_keyword_is_reserved(int kind);
bool lt_keyword_needs_as(int kind);
/* All keywords, sorted, for tests and hints; *len receives their number. */
struct lt_keyword {
    const char *word;
    int kind;
    enum { LT_KEYWORD_RESERVED, LT_KEYWORD_SOFT, LT_KEYWORD_NEEDS_AS } use;
};
const struct lt_keyword *lt_keyword_list(size_t *len);

#endif
