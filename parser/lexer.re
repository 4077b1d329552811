/* lexer.re -- cuts SQL text into tokens; re2c turns it into lexer.c.
 *
 * The text need not end in NUL: a byte beyond the end reads as 0, and a 0 within
 * the text is an illegal character like any other. Strings, quoted names and
 * comments are scanned piece by piece, so that a bad byte in them is reported
 * where it stands. `>>`, `??`, `*?` and `+?` are never one token; `{-` and `-}`
 * are. Columns count code points. */
#include "parser/token.h"

#include "parser/grammar.h"

static unsigned char lexer_peek(const struct lt_lexer *lex, size_t at)
{
    return at < lex->size ? (unsigned char)lex->text[at] : 0;
}

/*!re2c
    re2c:api = custom;
    re2c:api:style = free-form;
    re2c:yyfill:enable = 0;
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYPEEK = "lexer_peek(lex, at)";
    re2c:define:YYSKIP = "++at;";
    re2c:define:YYBACKUP = "mark = at;";
    re2c:define:YYRESTORE = "at = mark;";

    tail = [\x80-\xbf];
    utf8 = [\xc2-\xdf] tail
         | "\xe0" [\xa0-\xbf] tail | [\xe1-\xec\xee\xef] tail tail | "\xed" [\x80-\x9f] tail
         | "\xf0" [\x90-\xbf] tail tail | [\xf1-\xf3] tail tail tail | "\xf4" [\x80-\x8f] tail tail;
    // Letters of names: all but Latin-1 signs (no-break space among them) and
    // general punctuation, where the typographic quotes are.
    letter8 = [\xc3-\xdf] tail
         | "\xe0" [\xa0-\xbf] tail | [\xe1\xe3-\xec\xee] tail tail | "\xe2" [\x81-\xbf] tail
         | "\xed" [\x80-\x9f] tail | "\xef" [\x80-\xba\xbc-\xbf] tail
         | "\xf0" [\x90-\xbf] tail tail | [\xf1-\xf3] tail tail tail | "\xf4" [\x80-\x8f] tail tail;
    letter = [A-Za-z_] | letter8;
    digit = [0-9];
    number = (digit+ ("." digit*)? | "." digit+) ([eE] [-+]? digit+)?;
    blank = [ \t\r\n\f\v] | "\xc2\xa0" | "\xef\xbb\xbf";
*/

void lt_lexer_init(struct lt_lexer *lex, const char *text, size_t size, size_t at)
{
    *lex = (struct lt_lexer){.text = text, .size = size, .at = at, .line = 1, .column = 1};
    size_t line_start = 0;
    for (const char *nl; line_start < at; line_start = (size_t)(nl - text) + 1) {
        nl = memchr(text + line_start, '\n', at - line_start);
        if (nl == NULL)
            break;
        lex->line++;
    }
    for (size_t i = line_start; i < at; i++)
        lex->column += ((unsigned char)text[i] & 0xc0) != 0x80;
}

/* Moves the cursor to `to`, counting lines and columns. */
static void lexer_advance(struct lt_lexer *lex, size_t to)
{
    for (; lex->at < to; lex->at++) {
        unsigned char c = (unsigned char)lex->text[lex->at];
        if (c == '\n') {
            lex->line++;
            lex->column = 1;
        } else {
            lex->column += (c & 0xc0) != 0x80;
        }
    }
}

void lt_lexer_rewind(struct lt_lexer *lex, struct lt_token token, uint32_t skip)
{
    lex->at = token.pos.offset + skip;
    lex->line = token.pos.line;
    lex->column = token.pos.column + skip;
}

/* Scans what stands between quotes or inside a comment. *end receives the place
 * behind the closing mark, or where the scan stopped; the fault is LT_LEX_FINE,
 * LT_LEX_BAD_UTF8 (at *end) or `open` when the text is over. */
static enum lt_lex_fault lexer_quoted(const struct lt_lexer *lex, size_t at, unsigned char quote,
                                      enum lt_lex_fault open, size_t *end)
{
    size_t mark;
    for (;;) {
        size_t start = at;
        /*!re2c
            ['"`]       { if (lexer_peek(lex, start) != quote)
                              continue;
                          if (lexer_peek(lex, at) != quote)
                              goto closed;
                          at++;
                          continue; }
            [\x01-\x7f] { continue; }
            utf8        { continue; }
            *           { *end = start;
                          return start >= lex->size ? open : LT_LEX_BAD_UTF8; }
        */
    }
closed:
    *end = at;
    return LT_LEX_FINE;
}

static enum lt_lex_fault lexer_comment(const struct lt_lexer *lex, size_t at, size_t *end)
{
    size_t mark;
    for (;;) {
        size_t start = at;
        /*!re2c
            "*" "/"     { *end = at;
                          return LT_LEX_FINE; }
            [\x01-\x7f] { continue; }
            utf8        { continue; }
            *           { *end = start;
                          return start >= lex->size ? LT_LEX_OPEN_COMMENT : LT_LEX_BAD_UTF8; }
        */
    }
}

size_t lt_lexer_find_bad(const struct lt_lexer *lex, size_t at, size_t end)
{
    size_t mark;
    while (at < end) {
        size_t start = at;
        /*!re2c
            [\x01-\x7f] { continue; }
            utf8        { continue; }
            *           { return start; }
        */
    }
    return end;
}

/* A hint ends like a comment, but not within a string that closes on its line:
 * OPTIONS('path' = '/data/ * /x'), without the blanks, is one hint. */
static enum lt_lex_fault lexer_hint(const struct lt_lexer *lex, size_t at, size_t *end)
{
    size_t close = at;
    for (bool quoted = false; close + 1 < lex->size; close++) {
        char c = lex->text[close];
        if (c == '\'')
            quoted = !quoted;
        else if (c == '\n' && quoted)
            return lexer_comment(lex, at, end);
        else if (c == '*' && lex->text[close + 1] == '/' && !quoted)
            break;
    }
    enum lt_lex_fault fault = lexer_comment(lex, at, end);
    if (close + 1 >= lex->size)
        return fault;
    while (fault == LT_LEX_FINE && *end < close)
        fault = lexer_comment(lex, *end, end);
    return fault;
}

/* Skips blanks and comments up to a token, a hint or a fault. */
static enum lt_lex_fault lexer_skip(struct lt_lexer *lex, size_t *bad)
{
    size_t at = lex->at;
    size_t mark;
    for (;;) {
        lexer_advance(lex, at);
        /*!re2c
            blank+      { continue; }
            "--"        { while (at < lex->size && lex->text[at] != '\n')
                              at++;
                          continue; }
            "/" "*"     { if (lexer_peek(lex, at) == '+')
                              return LT_LEX_FINE;
                          enum lt_lex_fault fault = lexer_comment(lex, at, &at);
                          if (fault != LT_LEX_FINE) {
                              *bad = at;
                              return fault;
                          }
                          continue; }
            *           { return LT_LEX_FINE; }
        */
    }
}

static const int lexer_signs[128] = {
    ['('] = LT_TK_LP,       [')'] = LT_TK_RP,       ['['] = LT_TK_LBRACKET, [']'] = LT_TK_RBRACKET,
    ['{'] = LT_TK_LBRACE,   ['}'] = LT_TK_RBRACE,   [','] = LT_TK_COMMA,    ['.'] = LT_TK_DOT,
    [';'] = LT_TK_SEMICOLON, [':'] = LT_TK_COLON,   ['?'] = LT_TK_QUESTION, ['+'] = LT_TK_PLUS,
    ['-'] = LT_TK_MINUS,    ['*'] = LT_TK_STAR,     ['/'] = LT_TK_SLASH,    ['%'] = LT_TK_PERCENT,
    ['='] = LT_TK_EQ,       ['<'] = LT_TK_LT,       ['>'] = LT_TK_GT,       ['|'] = LT_TK_BAR,
    ['^'] = LT_TK_CARET,    ['$'] = LT_TK_DOLLAR,
};

/* Reads one token at lex->at; *end receives the place behind it. */
static int lexer_scan(const struct lt_lexer *lex, size_t *end, enum lt_lex_fault *fault)
{
    size_t at = lex->at;
    size_t mark;
    int kind = LT_TK_ILLEGAL;
    *fault = LT_LEX_FINE;
    /*!re2c
        "<>" | "!="  { kind = LT_TK_NE; goto done; }
        "<="         { kind = LT_TK_LE; goto done; }
        ">="         { kind = LT_TK_GE; goto done; }
        "=>"         { kind = LT_TK_ARROW; goto done; }
        "||"         { kind = LT_TK_CONCAT; goto done; }
        "{-"         { kind = LT_TK_EXCLUDE_OPEN; goto done; }
        "-}"         { kind = LT_TK_EXCLUDE_CLOSE; goto done; }
        "/*+"        { *fault = lexer_hint(lex, at, &at);
                       kind = *fault == LT_LEX_FINE ? LT_TK_HINT : LT_TK_ILLEGAL;
                       goto done; }
        "*" "/"      { if (lex->in_hint) {
                           kind = LT_TK_HINT_CLOSE;
                       } else {
                           kind = LT_TK_STAR;
                           at--;
                       }
                       goto done; }
        [-+*/%=<>|^$()[\]{},.;:?] { kind = lexer_signs[lexer_peek(lex, lex->at)]; goto done; }
        [xX] "'"     { *fault = lexer_quoted(lex, at, '\'', LT_LEX_OPEN_STRING, &at);
                       kind = *fault == LT_LEX_FINE ? LT_TK_BINARY : LT_TK_ILLEGAL;
                       goto done; }
        "'"          { *fault = lexer_quoted(lex, at, '\'', LT_LEX_OPEN_STRING, &at);
                       kind = *fault == LT_LEX_FINE ? LT_TK_STRING : LT_TK_ILLEGAL;
                       goto done; }
        ["`]         { unsigned char quote = lexer_peek(lex, lex->at);
                       *fault = lexer_quoted(lex, at, quote, LT_LEX_OPEN_NAME, &at);
                       if (*fault == LT_LEX_FINE && at - lex->at == 2)
                           *fault = LT_LEX_EMPTY_NAME;
                       kind = *fault == LT_LEX_FINE ? LT_TK_QUOTED : LT_TK_ILLEGAL;
                       goto done; }
        number       { kind = LT_TK_NUMBER; goto done; }
        number letter (letter | digit)* { *fault = LT_LEX_BAD_NUMBER; goto done; }
        letter (letter | digit)* {
                       kind = lt_keyword_find((struct lt_str){lex->text + lex->at, at - lex->at});
                       goto done; }
        utf8         { *fault = LT_LEX_BAD_CHARACTER; goto done; }
        [\x01-\x7f]  { *fault = LT_LEX_BAD_CHARACTER; goto done; }
        *            { at = lex->at + 1;
                       *fault = lexer_peek(lex, lex->at) ? LT_LEX_BAD_UTF8 : LT_LEX_BAD_CHARACTER;
                       goto done; }
    */
done:
    *end = at;
    return kind;
}

struct lt_token lt_lexer_next(struct lt_lexer *lex)
{
    struct lt_token token = {.kind = LT_TK_ILLEGAL};
    size_t end = 0;
    token.fault = lexer_skip(lex, &end);
    token.pos = (struct lt_pos){lex->line, lex->column, (uint32_t)lex->at, 0};
    token.text = lex->text + lex->at;
    if (token.fault == LT_LEX_FINE) {
        if (lex->at >= lex->size) {
            token.kind = 0;
            return token;
        }
        token.kind = lexer_scan(lex, &end, &token.fault);
        if (token.kind == LT_TK_HINT_CLOSE)
            lex->in_hint = false;
    }
    if (token.fault == LT_LEX_BAD_UTF8 && end < lex->size &&
        (end != lex->at + 1 || (unsigned char)lex->text[lex->at] < 0x80)) {
        lexer_advance(lex, end); /* the byte itself, not what it stands in */
        token.pos = (struct lt_pos){lex->line, lex->column, (uint32_t)lex->at, 0};
        token.text = lex->text + lex->at;
        end++;
    }
    lexer_advance(lex, end < lex->size ? end : lex->size);
    token.pos.len = (uint32_t)(lex->at - token.pos.offset);
    return token;
}
