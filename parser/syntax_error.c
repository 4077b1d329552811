/* syntax_error.c -- says what was found, what was expected, and what was meant.
 *
 *     syntax error at "FORM": expected FROM, WHERE, ... ; did you mean FROM?
 *
 * What is expected is read off the parser's tables: every token it would shift.
 * Tokens that start an expression, operators, and names are named as a class,
 * so that the list stays short. A misspelt keyword is often taken for an alias
 * and the error comes one token later; so the statement is parsed again up to
 * the token before, to see which keyword would have fitted there. */
#include "parser/parse.h"

#include <stdio.h>

#include "parser/grammar.h"
#include "parser/grammar_tables.h"

enum { EXPECTED_MAX = 8, WORD_BYTES = 40 };

/* Named before the other words, because they are what most often was meant. */
static const int first_words[] = {
    LT_TK_SELECT, LT_TK_INSERT, LT_TK_CREATE, LT_TK_FROM,  LT_TK_WHERE,  LT_TK_ON,    LT_TK_USING,
    LT_TK_AS,     LT_TK_GROUP,  LT_TK_HAVING, LT_TK_ORDER, LT_TK_LIMIT,  LT_TK_UNION, LT_TK_BY,
    LT_TK_WHEN,   LT_TK_THEN,   LT_TK_ELSE,   LT_TK_END,   LT_TK_VALUES, LT_TK_SET,   LT_TK_AND,
};

static const struct {
    int kind;
    const char *text;
} sign_names[] = {
    {LT_TK_LP, "'('"},
    {LT_TK_RP, "')'"},
    {LT_TK_COMMA, "','"},
    {LT_TK_LBRACKET, "'['"},
    {LT_TK_RBRACKET, "']'"},
    {LT_TK_LBRACE, "'{'"},
    {LT_TK_RBRACE, "'}'"},
    {LT_TK_DOT, "'.'"},
    {LT_TK_SEMICOLON, "';'"},
    {LT_TK_COLON, "':'"},
    {LT_TK_EQ, "'='"},
    {LT_TK_NE, "'<>'"},
    {LT_TK_LT, "'<'"},
    {LT_TK_LE, "'<='"},
    {LT_TK_GT, "'>'"},
    {LT_TK_GE, "'>='"},
    {LT_TK_PLUS, "'+'"},
    {LT_TK_MINUS, "'-'"},
    {LT_TK_STAR, "'*'"},
    {LT_TK_SLASH, "'/'"},
    {LT_TK_PERCENT, "'%'"},
    {LT_TK_CONCAT, "'||'"},
    {LT_TK_BAR, "'|'"},
    {LT_TK_CARET, "'^'"},
    {LT_TK_DOLLAR, "'$'"},
    {LT_TK_QUESTION, "'?'"},
    {LT_TK_ARROW, "'=>'"},
    {LT_TK_EXCLUDE_OPEN, "'{-'"},
    {LT_TK_EXCLUDE_CLOSE, "'-}'"},
    {LT_TK_HINT_CLOSE, "'*/'"},
    {LT_TK_STRING, "a 'string'"},
    {LT_TK_NUMBER, "a number"},
};

static const int expression_starts[] = {
    LT_TK_ID,       LT_TK_QUOTED,    LT_TK_STRING,      LT_TK_NUMBER,      LT_TK_BINARY,
    LT_TK_LP,       LT_TK_QUESTION,  LT_TK_PLUS,        LT_TK_MINUS,       LT_TK_NOT,
    LT_TK_NULL,     LT_TK_TRUE,      LT_TK_FALSE,       LT_TK_CASE,        LT_TK_INTERVAL,
    LT_TK_DATE_S,   LT_TK_TIME_S,    LT_TK_TIMESTAMP_S, LT_TK_TIMESTAMP_Z, LT_TK_TIMESTAMP_LTZ_S,
    LT_TK_ROW_P,    LT_TK_ARRAY_B,   LT_TK_ARRAY_P,     LT_TK_MAP_B,       LT_TK_MULTISET_B,
    LT_TK_EXISTS_P, LT_TK_FINAL_S,   LT_TK_RUNNING_S,   LT_TK_FINAL_M,     LT_TK_RUNNING_M,
    LT_TK_ANY_P,    LT_TK_ALL_P,     LT_TK_KEY_J,       LT_TK_BOTH,        LT_TK_LEADING,
    LT_TK_TRAILING, LT_TK_SYMMETRIC, LT_TK_ASYMMETRIC,
};

static const int operators[] = {
    LT_TK_OR,      LT_TK_AND,      LT_TK_IS,      LT_TK_EQ,       LT_TK_NE,     LT_TK_LT,
    LT_TK_LE,      LT_TK_GT,       LT_TK_GE,      LT_TK_BETWEEN,  LT_TK_IN,     LT_TK_IN_BARE,
    LT_TK_LIKE,    LT_TK_ILIKE,    LT_TK_SIMILAR, LT_TK_RLIKE,    LT_TK_REGEXP, LT_TK_OVERLAPS,
    LT_TK_NOT_OP,  LT_TK_ESCAPE,   LT_TK_PLUS,    LT_TK_MINUS,    LT_TK_STAR,   LT_TK_SLASH,
    LT_TK_PERCENT, LT_TK_CONCAT,   LT_TK_AT_TZ,   LT_TK_LBRACKET, LT_TK_DOT,    LT_TK_OVER,
    LT_TK_FILTER,  LT_TK_WITHIN_G, LT_TK_IGNORE,  LT_TK_RESPECT,  LT_TK_LP,
};

/* Never worth a mention, though the parser would take them. */
static const int unmentioned[] = {
    LT_TK_HINT_OPEN, LT_TK_RAW, LT_TK_QUALIFY, LT_TK_OFFSET, LT_TK_FETCH,
};

struct expected {
    bool accepted[512];
    int plain[512]; /* of an accepted kind: the word it is a variant of */
    int before;     /* kind of the token before */
    int kind_max;
    char text[512];
    size_t len;
    unsigned n;
};

static void expected_drop(struct expected *e, const int *kinds, size_t len)
{
    for (size_t i = 0; i < len; i++)
        e->accepted[kinds[i]] = false;
}

static void expected_add(struct expected *e, const char *text)
{
    if (e->n < EXPECTED_MAX) {
        int n =
            snprintf(e->text + e->len, sizeof(e->text) - e->len, "%s%s", e->n ? ", " : "", text);
        if (n > 0 && e->len + (size_t)n < sizeof(e->text))
            e->len += (size_t)n;
    }
    e->n++;
}

/* Adds a word once and forgets it, in all its variants. */
static void expected_word(struct expected *e, const struct lt_keyword *word)
{
    bool accepted = false;
    for (int kind = 1; kind <= e->kind_max; kind++) {
        if (!e->accepted[kind] || e->plain[kind] != word->kind)
            continue;
        accepted = true;
        e->accepted[kind] = false;
    }
    if (accepted)
        expected_add(e, word->word);
}

static void expected_words(struct expected *e)
{
    size_t n;
    const struct lt_keyword *list = lt_keyword_list(&n);
    for (size_t k = 0; k < LT_ARRAY_LEN(first_words); k++)
        for (size_t i = 0; i < n; i++)
            if (list[i].kind == first_words[k])
                expected_word(e, &list[i]);
    for (size_t i = 0; i < n; i++)
        expected_word(e, &list[i]);
}

static void expected_ask(struct expected *e, const void *parser)
{
    e->kind_max = lt_grammar_kind_max();
    LT_ASSERT((size_t)e->kind_max < LT_ARRAY_LEN(e->accepted));
    for (int kind = 1; kind <= e->kind_max; kind++) {
        e->accepted[kind] = lt_grammar_accepts(parser, kind);
        e->plain[kind] = e->accepted[kind] ? lt_filter_plain(kind) : 0;
    }
}

/* Writes the list, classes first, then signs, then words. */
static void expected_list(struct expected *e, bool end)
{
    expected_drop(e, unmentioned, LT_ARRAY_LEN(unmentioned));
    if (e->accepted[LT_TK_NUMBER] && e->accepted[LT_TK_CASE]) {
        expected_add(e, "an expression");
        expected_drop(e, expression_starts, LT_ARRAY_LEN(expression_starts));
    } else if (e->accepted[LT_TK_QUOTED]) {
        expected_add(e, "a name");
    } else if (e->accepted[LT_TK_ROW_LT]) {
        static const int types[] = {LT_TK_ROW_LT, LT_TK_ROW_P, LT_TK_INTERVAL, LT_TK_NULL};
        expected_add(e, "a type");
        expected_drop(e, types, LT_ARRAY_LEN(types));
    } else if (e->accepted[LT_TK_ID]) {
        bool unit = e->before == LT_TK_STRING || e->before == LT_TK_NUMBER || e->before == LT_TK_TO;
        expected_add(e, unit ? "a unit of time" : "a word");
    }
    if (e->accepted[LT_TK_SLASH] && e->accepted[LT_TK_PERCENT]) {
        expected_add(e, "an operator");
        expected_drop(e, operators, LT_ARRAY_LEN(operators));
    }
    for (size_t i = 0; i < LT_ARRAY_LEN(sign_names); i++)
        if (e->accepted[sign_names[i].kind])
            expected_add(e, sign_names[i].text);
    if (end)
        expected_add(e, "the end");
    expected_words(e);
    if (e->n > EXPECTED_MAX)
        snprintf(e->text + e->len, sizeof(e->text) - e->len, " ...");
}

static bool token_is_word(struct lt_token token)
{
    char c = token.pos.len > 1 ? token.text[0] | 32 : 0;
    return c >= 'a' && c <= 'z' && token.kind != LT_TK_BINARY && token.kind != LT_TK_RAW;
}

/* The accepted keyword nearest to the word, if it is near enough. */
static const char *expected_near(const struct expected *e, struct lt_token token)
{
    struct lt_str word = lt_token_str(token);
    if (!token_is_word(token) || word.len < 3 || word.len > 20 ||
        lt_keyword_is_reserved(token.kind))
        return NULL;
    unsigned limit = word.len <= 3 ? 1 : 2;
    unsigned best = limit + 1;
    const char *near = NULL;
    for (int kind = 1; kind <= e->kind_max; kind++) {
        const char *keyword = e->accepted[kind] ? lt_keyword_word(kind) : NULL;
        if (keyword == NULL || strlen(keyword) < 3)
            continue;
        unsigned distance = lt_str_distance(word, lt_str_of(keyword), limit);
        if (distance < best && distance > 0) {
            best = distance;
            near = keyword;
        }
    }
    return near;
}

/* Parses again up to the token before the refused one. Returns the keyword that
 * token may have been meant for. */
static const char *near_before(struct lt_parse *p, const struct lt_lexer *lex, struct expected *e)
{
    if (p->tokens == 0 || p->prev.kind != LT_TK_ID ||
        lt_keyword_find(lt_token_str(p->prev)) != LT_TK_ID)
        return NULL;
    struct lt_parse again = {.arena = p->arena, .err = NULL};
    const char *near = NULL;
    lt_parse_run(&again, *lex, p->start, p->tokens);
    if (again.status == LT_OK) {
        expected_ask(e, again.parser);
        near = expected_near(e, p->prev);
    }
    lt_parse_close(&again);
    return near;
}

static void token_describe(struct lt_token token, char *out, size_t size)
{
    struct lt_str text = lt_token_str(token);
    if (token.kind == 0) {
        snprintf(out, size, "the end of the statement");
        return;
    }
    bool cut = text.len > WORD_BYTES;
    if (cut) {
        text.len = WORD_BYTES;
        while (text.len > 0 && ((unsigned char)text.data[text.len] & 0xc0) == 0x80)
            text.len--;
    }
    const char *mark = token.kind == LT_TK_STRING || token.kind == LT_TK_QUOTED ? "" : "\"";
    snprintf(out, size, "%s%.*s%s%s", mark, LT_STR_ARG(text), cut ? "..." : "", mark);
}

/* Reserved words that people try as names where an expression may stand; the
 * others are there more likely a clause that came too early. */
static bool word_is_tried_as_name(int kind)
{
    static const int words[] = {LT_TK_ALL,   LT_TK_CASE,   LT_TK_END,   LT_TK_FOR,
                                LT_TK_GROUP, LT_TK_LIKE,   LT_TK_ORDER, LT_TK_TABLE,
                                LT_TK_USING, LT_TK_VALUES, LT_TK_WITH};
    for (size_t i = 0; i < LT_ARRAY_LEN(words); i++)
        if (words[i] == kind)
            return true;
    return false;
}

/* What else may be said about the mistake; empty when there is nothing. */
static void explain_more(struct lt_parse *p, const struct lt_lexer *lex, const struct expected *e,
                         char *out, size_t size)
{
    out[0] = '\0';
    int kind = p->refused.kind;
    const char *near = expected_near(e, p->refused);
    if (near != NULL) {
        snprintf(out, size, "; did you mean %s?", near);
        return;
    }
    struct expected before = {0};
    near = near_before(p, lex, &before);
    if (near != NULL)
        snprintf(out, size, "; did you mean %s instead of %.*s?", near,
                 LT_STR_ARG(lt_token_str(p->prev)));
    else if (lt_keyword_needs_as(p->prev.kind))
        snprintf(out, size, "; %.*s cannot be an alias without AS",
                 LT_STR_ARG(lt_token_str(p->prev)));
    else if (p->prev.kind == LT_TK_COMMA && lt_keyword_is_reserved(kind))
        snprintf(out, size, "; is the comma before it one too many?");
    else if (e->accepted[LT_TK_QUOTED] && lt_keyword_is_reserved(kind) &&
             (!e->accepted[LT_TK_NUMBER] || word_is_tried_as_name(kind)))
        snprintf(out, size, "; %s is a reserved word, as a name write `%.*s`",
                 lt_keyword_word(kind), LT_STR_ARG(lt_token_str(p->refused)));
}

/* Statements of Flink that Leat knows of and does not have. */
static bool explain_unsupported(struct lt_parse *p)
{
    static const char *const words[] = {"ADD",   "ANALYZE", "CALL", "COMPILE",  "LOAD",
                                        "MERGE", "REMOVE",  "STOP", "TRUNCATE", "UNLOAD"};
    for (size_t i = 0; p->tokens == 0 && i < LT_ARRAY_LEN(words); i++) {
        if (!lt_str_equal_nocase(lt_token_str(p->refused), lt_str_of(words[i])))
            continue;
        p->status =
            lt_fail_at(p->err, LT_UNSUPPORTED, p->refused.pos, "not supported yet: %s", words[i]);
        return true;
    }
    return false;
}

void lt_parse_explain_refused(struct lt_parse *p, const struct lt_lexer *lex)
{
    struct expected e = {.before = p->prev.kind};
    char found[WORD_BYTES * 2];
    char more[160];
    if (explain_unsupported(p))
        return;
    expected_ask(&e, p->parser);
    bool end = lt_grammar_accepts(p->parser, 0);
    token_describe(p->refused, found, sizeof(found));
    explain_more(p, lex, &e, more, sizeof(more));
    expected_list(&e, end);
    p->status = lt_fail_at(p->err, LT_SYNTAX, p->refused.pos, "syntax error at %s: expected %s%s",
                           found, e.text, more);
}

void lt_parse_explain_fault(struct lt_parse *p, struct lt_token token)
{
    struct lt_pos pos = token.pos;
    unsigned char byte = pos.len > 0 ? (unsigned char)token.text[0] : 0;
    switch (token.fault) {
    case LT_LEX_OPEN_STRING:
        lt_parse_fail(p, LT_SYNTAX, pos,
                      "this string is never closed; a quote in it is written ''");
        break;
    case LT_LEX_OPEN_NAME:
        lt_parse_fail(p, LT_SYNTAX, pos, "this quoted name is never closed");
        break;
    case LT_LEX_OPEN_COMMENT:
        lt_parse_fail(p, LT_SYNTAX, pos, "this comment is never closed; it needs */");
        break;
    case LT_LEX_EMPTY_NAME: lt_parse_fail(p, LT_SYNTAX, pos, "a name cannot be empty"); break;
    case LT_LEX_BAD_UTF8:
        lt_parse_fail(p, LT_SYNTAX, pos, "byte 0x%02x is not valid UTF-8 here", byte);
        break;
    case LT_LEX_BAD_NUMBER:
        lt_parse_fail(p, LT_SYNTAX, pos, "\"%.*s\" is neither a number nor a name",
                      LT_STR_ARG(lt_token_str(token)));
        break;
    case LT_LEX_BAD_CHARACTER:
        if (pos.len == 3 && byte == 0xe2 && (unsigned char)token.text[1] == 0x80)
            lt_parse_fail(p, LT_SYNTAX, pos, "this is a typographic sign; SQL takes ' and - only");
        else if (byte < 0x20 || byte == 0x7f)
            lt_parse_fail(p, LT_SYNTAX, pos, "character 0x%02x cannot stand here", byte);
        else
            lt_parse_fail(p, LT_SYNTAX, pos, "\"%.*s\" cannot stand here",
                          LT_STR_ARG(lt_token_str(token)));
        break;
    default: lt_parse_fail(p, LT_SYNTAX, pos, "this is no SQL"); break;
    }
}
