/* parse.c -- drives lexer, filter and grammar over one statement.
 *
 * The generated parser lives in one block from the arena's allocator, and its
 * stack has a fixed size, so that depth is bounded before memory is. A ';' is
 * handed to it only where it wants one (inside a statement set); anywhere else
 * it ends the statement. */
#include "parser/parse.h"

#include <stdarg.h>
#include <stdio.h>

#include "parser/grammar.h"
#include "parser/grammar_tables.h"

void lt_parse_fail(struct lt_parse *p, lt_status status, struct lt_pos pos, const char *fmt, ...)
{
    if (p->status != LT_OK)
        return;
    p->status = status;
    char message[LT_ERROR_MESSAGE_SIZE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    p->status = lt_fail_at(p->err, status, pos, "%s", message);
}

void lt_parse_refuse(struct lt_parse *p, struct lt_token token)
{
    if (p->status != LT_OK)
        return;
    p->status = LT_SYNTAX;
    p->refused = token;
    p->is_refused = true;
}

void lt_parse_too_deep(struct lt_parse *p)
{
    lt_parse_fail(p, LT_LIMIT, p->prev.pos,
                  "more than %d levels in one another; split the statement with views",
                  LT_PARSER_DEPTH_MAX);
}

/* Counts what is open; closing marks that match nothing are the grammar's. */
static void parse_nesting(struct lt_parse *p, struct lt_token token)
{
    switch (token.kind) {
    case LT_TK_LP:
    case LT_TK_LBRACKET:
    case LT_TK_EXCLUDE_OPEN:
    case LT_TK_CASE:
        if (++p->nested > LT_PARSER_DEPTH_MAX)
            lt_parse_too_deep(p);
        break;
    case LT_TK_RP:
    case LT_TK_RBRACKET:
    case LT_TK_EXCLUDE_CLOSE:
    case LT_TK_END:
        if (p->nested > 0)
            p->nested--;
        break;
    default: break;
    }
}

static void parse_check(struct lt_parse *p, struct lt_token *token)
{
    if (token->kind == LT_TK_ILLEGAL)
        lt_parse_explain_fault(p, *token);
    else if (token->kind == LT_TK_SEMICOLON && p->start == LT_TK_START_STMT &&
             !lt_grammar_accepts(p->parser, LT_TK_SEMICOLON))
        token->kind = 0;
    if (token->pos.offset + token->pos.len - p->first.pos.offset > LT_PARSER_TEXT_SIZE_MAX)
        lt_parse_fail(p, LT_LIMIT, p->first.pos, "a statement may have %d MiB at most",
                      LT_PARSER_TEXT_SIZE_MAX >> 20);
    parse_nesting(p, *token);
}

void lt_parse_run(struct lt_parse *p, struct lt_lexer lex, int start, uint32_t max_tokens)
{
    p->start = start;
    p->text = lex.text;
    p->size = lex.size;
    if (p->parser == NULL) {
        p->parser = lt_alloc_get(p->arena->alloc, lt_grammar_size());
        if (p->parser == NULL) {
            p->status = LT_NOMEM;
            return;
        }
    }
    lt_grammar_open(p->parser);
    lt_filter_init(&p->filter, &lex, p->parser, start);
    struct lt_token token = {.kind = start};
    lt_grammar_feed(p->parser, token, p);
    while (p->status == LT_OK) {
        token = lt_filter_next(&p->filter);
        if (p->tokens == 0)
            p->first = token;
        parse_check(p, &token);
        if (p->status != LT_OK || (max_tokens > 0 && p->tokens + 1 == max_tokens))
            break;
        lt_grammar_feed(p->parser, token, p);
        if (p->status != LT_OK)
            break;
        p->tokens++;
        if (token.kind == 0)
            break;
        p->prev = token;
    }
}

void lt_parse_close(struct lt_parse *p)
{
    if (p->parser != NULL)
        lt_alloc_put(p->arena->alloc, p->parser, lt_grammar_size());
    p->parser = NULL;
}

/* Runs, and makes the message of a refused token while the parser is at hand. */
static lt_status parse_whole(struct lt_parse *p, const struct lt_lexer *lex, int start)
{
    lt_parse_run(p, *lex, start, 0);
    if (p->is_refused)
        lt_parse_explain_refused(p, lex);
    lt_parse_close(p);
    return p->status;
}

/* ---- where a statement ends ------------------------------------------- */

/* Reads tokens from the lexer's place to behind the ';' that ends a statement.
 * A statement set holds ';' of its own, up to its END. Returns whether that ';'
 * is there; *empty says that nothing but blanks was found, *open that the text
 * is over inside a quote or comment. */
static bool parse_skip_statement(struct lt_lexer *lex, bool *empty, bool *open)
{
    bool in_set = false;
    uint32_t cases = 0;
    int before = 0;
    *empty = true;
    *open = false;
    for (;;) {
        struct lt_token token = lt_lexer_next(lex);
        if (token.kind == 0)
            return false;
        if (token.kind == LT_TK_ILLEGAL)
            *open = lex->at >= lex->size && token.fault >= LT_LEX_OPEN_STRING &&
                    token.fault <= LT_LEX_OPEN_COMMENT;
        if (token.kind == LT_TK_SEMICOLON && !in_set)
            return true;
        *empty = false;
        if (token.kind == LT_TK_SET && before == LT_TK_STATEMENT)
            in_set = true;
        else if (token.kind == LT_TK_CASE)
            cases++;
        else if (token.kind == LT_TK_END && cases > 0)
            cases--;
        else if (token.kind == LT_TK_END)
            in_set = false;
        before = token.kind;
    }
}

bool lt_parse_is_complete(const char *text, size_t size)
{
    struct lt_lexer lex;
    lt_lexer_init(&lex, text, size < UINT32_MAX ? size : UINT32_MAX, 0);
    bool empty, open;
    while (parse_skip_statement(&lex, &empty, &open)) {
    }
    return empty && !open;
}

/* ---- the API ---------------------------------------------------------- */

static lt_status parse_size(size_t size, struct lt_error *err)
{
    if (size >= UINT32_MAX)
        return lt_fail(err, LT_LIMIT, "a script may have 4 GiB at most; split the file");
    return LT_OK;
}

/* Passes blanks, comments and empty statements. False: nothing is left. */
static bool parse_find_start(struct lt_lexer *lex)
{
    for (;;) {
        struct lt_lexer before = *lex;
        struct lt_token token = lt_lexer_next(lex);
        if (token.kind == LT_TK_SEMICOLON || token.kind == LT_TK_HINT)
            continue;
        if (token.kind == 0)
            return false;
        *lex = before;
        return true;
    }
}

lt_status lt_parse_next(const char *text, size_t size, size_t *offset, struct lt_arena *arena,
                        struct lt_ast_stmt **stmt, struct lt_error *err)
{
    LT_TRY(parse_size(size, err));
    struct lt_lexer lex;
    lt_lexer_init(&lex, text, size, *offset);
    if (!parse_find_start(&lex)) {
        *stmt = NULL;
        *offset = size;
        return LT_OK;
    }
    struct lt_parse p = {.arena = arena, .err = err};
    lt_status status = parse_whole(&p, &lex, LT_TK_START_STMT);
    if (status == LT_OK) {
        struct lt_pos pos = p.first.pos;
        pos.len = p.prev.pos.offset + p.prev.pos.len - pos.offset;
        struct lt_str whole;
        status = lt_arena_str(arena, (struct lt_str){text + pos.offset, pos.len}, &whole);
        if (status == LT_OK) {
            p.stmt->pos = pos;
            p.stmt->text = whole;
            p.stmt->n_parameters = p.n_parameters;
            *stmt = p.stmt;
        }
    }
    bool empty, open;
    parse_skip_statement(&lex, &empty, &open);
    *offset = lex.at;
    return status;
}

static lt_status parse_one(struct lt_parse *p, struct lt_str text, int start)
{
    LT_TRY(parse_size(text.len, p->err));
    struct lt_lexer lex;
    lt_lexer_init(&lex, text.len ? text.data : "", text.len, 0);
    return parse_whole(p, &lex, start);
}

lt_status lt_parse_expr(struct lt_str text, struct lt_arena *arena, struct lt_ast_expr **expr,
                        struct lt_error *err)
{
    struct lt_parse p = {.arena = arena, .err = err};
    LT_TRY(parse_one(&p, text, LT_TK_START_EXPR));
    *expr = p.expr;
    return LT_OK;
}

lt_status lt_parse_query(struct lt_str text, struct lt_arena *arena, struct lt_ast_query **query,
                         struct lt_error *err)
{
    struct lt_parse p = {.arena = arena, .err = err};
    LT_TRY(parse_one(&p, text, LT_TK_START_QUERY));
    *query = p.query;
    return LT_OK;
}

lt_status lt_parse_type(struct lt_str text, struct lt_arena *arena, struct lt_ast_type **type,
                        struct lt_error *err)
{
    struct lt_parse p = {.arena = arena, .err = err};
    LT_TRY(parse_one(&p, text, LT_TK_START_TYPE));
    *type = p.type;
    return LT_OK;
}
