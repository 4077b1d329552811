/* parse_test.h -- what the parser's tests share: parse, unparse, compare. */
#ifndef LT_TESTS_UNIT_PARSER_PARSE_TEST_H
#define LT_TESTS_UNIT_PARSER_PARSE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "parser/parser.h"

struct parse_test {
    struct lt_alloc alloc;
    struct lt_arena arena;
    struct lt_error err;
    struct lt_ast_stmt *stmt;
    size_t offset;
};

static inline void parse_open(struct parse_test *t)
{
    memset(t, 0, sizeof(*t));
    lt_alloc_init_root(&t->alloc, NULL, "test", SIZE_MAX);
    lt_arena_init(&t->arena, &t->alloc);
    lt_error_clear(&t->err);
}

static inline void parse_close(struct parse_test *t)
{
    lt_arena_close(&t->arena);
    lt_alloc_close(&t->alloc);
}

/* The text goes to the heap without a NUL, so that ASan sees a read behind it. */
static inline lt_status parse_text(struct parse_test *t, const char *text, size_t size)
{
    char *copy = malloc(size ? size : 1);
    memcpy(copy, text, size);
    lt_error_clear(&t->err);
    lt_status status = lt_parse_next(copy, size, &t->offset, &t->arena, &t->stmt, &t->err);
    free(copy);
    return status;
}

/* Parses one statement that must be right and leaves it in t->stmt. */
static inline const struct lt_ast_stmt *parse_ok(struct parse_test *t, const char *sql)
{
    t->offset = 0;
    t->stmt = NULL;
    lt_status status = parse_text(t, sql, strlen(sql));
    if (status != LT_OK)
        fail_msg("%s\n  at %u:%u: %s", sql, t->err.pos.line, t->err.pos.column, t->err.message);
    if (t->stmt == NULL)
        fail_msg("no statement in: %s", sql);
    return t->stmt;
}

/* Canonical text of one statement, to be freed. */
static inline char *unparse_text(struct parse_test *t, const struct lt_ast_stmt *stmt)
{
    struct lt_buf buf;
    lt_buf_init(&buf, &t->alloc);
    lt_unparse_stmt(&buf, stmt);
    assert_int_equal(buf.status, LT_OK);
    char *text = strdup(buf.data ? buf.data : "");
    lt_buf_close(&buf);
    return text;
}

/* text -> tree -> text -> tree -> text: both texts are equal, and so are the
 * trees of queries. Returns the canonical text, to be freed. */
static inline char *round_trip(const char *sql)
{
    struct parse_test a, b;
    parse_open(&a);
    parse_open(&b);
    char *first = unparse_text(&a, parse_ok(&a, sql));
    char *second = unparse_text(&b, parse_ok(&b, first));
    if (strcmp(first, second) != 0)
        fail_msg("round trip of %s\n  1: %s\n  2: %s", sql, first, second);
    if (a.stmt->query != NULL) {
        struct lt_ast_expr x = {.kind = LT_AST_SCALAR_QUERY};
        struct lt_ast_expr y = {.kind = LT_AST_SCALAR_QUERY};
        x.u.subquery.query = a.stmt->query;
        y.u.subquery.query = b.stmt->query;
        if (!lt_ast_expr_equal(&x, &y))
            fail_msg("the tree changed: %s\n  as %s", sql, first);
    }
    free(second);
    parse_close(&a);
    parse_close(&b);
    return first;
}

/* Parses text that must be refused; the message must contain `part`. */
static inline void parse_refused(const char *sql, lt_status expected, uint32_t line,
                                 uint32_t column, const char *part)
{
    struct parse_test t;
    parse_open(&t);
    lt_status status = parse_text(&t, sql, strlen(sql));
    if (status != expected)
        fail_msg("%s\n  gave %s: %s", sql, lt_status_name(status), t.err.message);
    assert_int_equal(t.err.code, expected);
    if (line > 0 && (t.err.pos.line != line || t.err.pos.column != column))
        fail_msg("%s\n  at %u:%u: %s", sql, t.err.pos.line, t.err.pos.column, t.err.message);
    if (strstr(t.err.message, part) == NULL)
        fail_msg("%s\n  said: %s", sql, t.err.message);
    parse_close(&t);
}

#endif
