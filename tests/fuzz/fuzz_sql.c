/* fuzz_sql.c -- any bytes: parse, unparse, parse again, compare.
 *
 * Whatever the bytes are, the parser answers with a status. What it accepts
 * must survive the way to canonical text and back: the same text again, and for
 * queries an equal tree. lt_parse_next must make progress, and the pieces of the
 * API that take text of their own get the same bytes. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "parser/parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool cond, const char *what, struct lt_str text)
{
    if (cond)
        return;
    fprintf(stderr, "%s: %.*s\n", what, LT_STR_ARG(text));
    abort();
}

static struct lt_str unparse(struct lt_buf *buf, const struct lt_ast_stmt *stmt)
{
    lt_unparse_stmt(buf, stmt);
    require(buf->status == LT_OK, "unparsing ran out of memory", stmt->text);
    return lt_buf_str(buf);
}

static bool queries_equal(struct lt_ast_query *a, struct lt_ast_query *b)
{
    struct lt_ast_expr x = {.kind = LT_AST_SCALAR_QUERY};
    struct lt_ast_expr y = {.kind = LT_AST_SCALAR_QUERY};
    x.u.subquery.query = a;
    y.u.subquery.query = b;
    return (a == NULL) == (b == NULL) && lt_ast_expr_equal(&x, &y);
}

static void check_round_trip(struct lt_alloc *alloc, const struct lt_ast_stmt *stmt)
{
    struct lt_arena arena;
    struct lt_buf first, second;
    struct lt_error err;
    struct lt_ast_stmt *again = NULL;
    size_t offset = 0;
    lt_arena_init(&arena, alloc);
    lt_buf_init(&first, alloc);
    lt_buf_init(&second, alloc);
    lt_error_clear(&err);
    struct lt_str text = unparse(&first, stmt);
    lt_status status = lt_parse_next(text.data, text.len, &offset, &arena, &again, &err);
    if (status != LT_LIMIT) { /* parentheses of our own may go over a limit */
        require(status == LT_OK && again != NULL, err.message, text);
        struct lt_str same = unparse(&second, again);
        require(lt_str_equal(text, same), "not the same again", text);
        /* Parameters are counted in text order, which canonical text may change. */
        require(stmt->n_parameters > 1 || queries_equal(stmt->query, again->query),
                "not an equal tree", text);
        require(stmt->n_parameters == again->n_parameters, "parameters lost", text);
    }
    lt_buf_close(&first);
    lt_buf_close(&second);
    lt_arena_close(&arena);
}

static void check_script(struct lt_alloc *alloc, const char *text, size_t size)
{
    size_t offset = 0;
    for (;;) {
        struct lt_arena arena;
        struct lt_error err;
        struct lt_ast_stmt *stmt = NULL;
        size_t before = offset;
        lt_arena_init(&arena, alloc);
        lt_error_clear(&err);
        lt_status status = lt_parse_next(text, size, &offset, &arena, &stmt, &err);
        struct lt_str rest = {text + before, size - before};
        if (status == LT_OK && stmt != NULL)
            check_round_trip(alloc, stmt);
        else if (status != LT_OK)
            require(err.code == status && err.message[0] != '\0', "no message", rest);
        lt_arena_close(&arena);
        if (offset >= size)
            return;
        require(offset > before, "no progress", rest);
    }
}

static void check_pieces(struct lt_alloc *alloc, struct lt_str text)
{
    struct lt_arena arena;
    struct lt_error err;
    struct lt_ast_expr *expr;
    struct lt_ast_query *query;
    struct lt_ast_type *type;
    lt_arena_init(&arena, alloc);
    lt_error_clear(&err);
    if (lt_parse_expr(text, &arena, &expr, &err) == LT_OK) {
        struct lt_buf buf;
        struct lt_ast_expr *again;
        lt_buf_init(&buf, alloc);
        lt_unparse_expr(&buf, expr);
        lt_error_clear(&err);
        lt_status status = lt_parse_expr(lt_buf_str(&buf), &arena, &again, &err);
        if (status != LT_LIMIT) {
            require(status == LT_OK, err.message, lt_buf_str(&buf));
            bool parameters = memchr(text.data, '?', text.len) != NULL;
            require(parameters || lt_ast_expr_equal(expr, again), "not an equal tree", text);
        }
        lt_buf_close(&buf);
    }
    lt_error_clear(&err);
    if (lt_parse_query(text, &arena, &query, &err) != LT_OK)
        lt_error_clear(&err);
    if (lt_parse_type(text, &arena, &type, &err) != LT_OK)
        lt_error_clear(&err);
    lt_arena_close(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lt_alloc alloc;
    lt_alloc_init_root(&alloc, NULL, "fuzz", SIZE_MAX);
    check_script(&alloc, (const char *)data, size);
    check_pieces(&alloc, (struct lt_str){(const char *)data, size});
    (void)lt_parse_is_complete((const char *)data, size);
    lt_alloc_close(&alloc);
    return 0;
}
