/* test_round_trip.c -- text to tree to text: canonical text, stable and equal.
 *
 * The statements are the fuzzer's seed corpus, which holds every construct of
 * the grammar, and the pairs below. */
#include "tests/unit/parser/parse_test.h"

static char *read_file(const char *name, size_t *size)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/sql/%s", LEAT_SOURCE_DIR, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("cannot open %s", path);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(*size + 1);
    assert_int_equal(fread(text, 1, *size, file), *size);
    text[*size] = '\0';
    fclose(file);
    return text;
}

static const char *const corpus[] = {"expressions.sql", "queries.sql", "match.sql",
                                     "statements.sql", "nexmark.sql"};

static void corpus_survives(void **state)
{
    LT_UNUSED(state);
    for (size_t i = 0; i < LT_ARRAY_LEN(corpus); i++) {
        size_t size, offset = 0, count = 0;
        char *text = read_file(corpus[i], &size);
        for (;; count++) {
            struct parse_test t;
            parse_open(&t);
            struct lt_ast_stmt *stmt;
            lt_status status = lt_parse_next(text, size, &offset, &t.arena, &stmt, &t.err);
            if (status != LT_OK)
                fail_msg("%s:%u:%u: %s", corpus[i], t.err.pos.line, t.err.pos.column,
                         t.err.message);
            if (stmt == NULL) {
                parse_close(&t);
                break;
            }
            assert_memory_equal(stmt->text.data, text + stmt->pos.offset, stmt->text.len);
            free(round_trip(stmt->text.data));
            parse_close(&t);
        }
        assert_true(count > 5);
        free(text);
    }
}

static void canonical_text(void **state)
{
    LT_UNUSED(state);
    static const char *const pairs[][2] = {
        {"select a b from t", "SELECT a AS b FROM t"},
        {"select ((a+b)) * c, -(-a), not (a = b)", "SELECT (a + b) * c, -(-a), NOT a = b"},
        {"select (a or b) and (c and d)", "SELECT (a OR b) AND (c AND d)"},
        {"select a != b, \"x\", `order`", "SELECT a <> b, `x`, `order`"},
        {"select 'it''s'", "SELECT 'it''s'"},
        {"select substring(a from 1 for 2)", "SELECT substring(a, 1, 2)"},
        {"select trim(both 'x' from a)", "SELECT trim(BOTH 'x' FROM a)"},
        {"select (1, 2), row(3)", "SELECT ROW(1, 2), ROW(3)"},
        {"select * from a, b inner join c on true", "SELECT * FROM a, b JOIN c ON TRUE"},
        {"select 1 emit changes", "SELECT 1 EMIT EARLY ON CHANGE"},
        {"select 1 emit on window close", "SELECT 1 EMIT AT WATERMARK"},
        {"select 1 emit discarding, at watermark, early every 5 rows",
         "SELECT 1 EMIT EARLY EVERY 5 ROWS, AT WATERMARK, DISCARDING"},
        {"select 1 offset 2 rows fetch first 3 rows only", "SELECT 1 LIMIT 3 OFFSET 2"},
        {"values 1, (2, 3)", "VALUES (1), (2, 3)"},
        {"(select 1 order by 1) order by 1", "SELECT * FROM (SELECT 1 ORDER BY 1) ORDER BY 1"},
        {"create table t (a integer, b numeric(3), c timestamp(3) with local time zone)",
         "CREATE TABLE t (a INT, b DECIMAL(3), c TIMESTAMP_LTZ(3))"},
        {"set a.b-c = 10 s ;", "SET 'a.b-c' = '10 s'"},
        {"set 'a' = b", "SET 'a' = 'b'"},
        {"set a='b'", "SET 'a' = 'b'"},
        {"reset a.b", "RESET 'a.b'"},
        {"begin statement set; insert into a select 1; end",
         "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END"},
        {"desc t", "DESCRIBE t"},
        {"select * from t match_recognize (pattern (a (b|c)*? {-d-} || ) define a as true)",
         "SELECT * FROM t MATCH_RECOGNIZE (PATTERN (a (b | c)*? {- d -} | () | ()) DEFINE a AS "
         "TRUE)"},
        {"select group by from t", NULL},
    };
    for (size_t i = 0; pairs[i][1] != NULL; i++) {
        char *text = round_trip(pairs[i][0]);
        assert_string_equal(text, pairs[i][1]);
        free(text);
    }
}

static void names_are_quoted_when_they_must(void **state)
{
    LT_UNUSED(state);
    static const char *const pairs[][2] = {
        {"price", "price"},
        {"_x1", "_x1"},
        {"order", "`order`"},
        {"value", "`value`"},
        {"a b", "`a b`"},
        {"a`b", "`a``b`"},
        {"1a", "`1a`"},
        {"", "``"},
        {"\xc3\xa9", "`\xc3\xa9`"},
        {"current_date", "`current_date`"},
    };
    struct parse_test t;
    parse_open(&t);
    for (size_t i = 0; i < LT_ARRAY_LEN(pairs); i++) {
        struct lt_buf buf;
        lt_buf_init(&buf, &t.alloc);
        lt_unparse_name(&buf, lt_str_of(pairs[i][0]));
        assert_string_equal(buf.data, pairs[i][1]);
        lt_buf_close(&buf);
    }
    parse_close(&t);
}

/* ---- allocations that fail -------------------------------------------- */

struct fail_hooks {
    unsigned left; /* allocations that still succeed */
};

static void *failing_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    struct fail_hooks *hooks = ctx;
    LT_UNUSED(old_size);
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    if (hooks->left == 0)
        return NULL;
    hooks->left--;
    return realloc(ptr, new_size);
}

/* Parses with an arena that has `size` bytes and gets no more; the parser's own
 * block is the one allocation that succeeds. */
static lt_status parse_in_little_memory(const char *text, size_t len, size_t used)
{
    struct fail_hooks fail = {.left = 2};
    struct lt_allocator_hooks hooks = {.resize = failing_resize, .ctx = &fail};
    struct lt_alloc alloc;
    struct lt_arena arena;
    struct lt_error err;
    struct lt_ast_stmt *stmt = NULL;
    size_t offset = 0;
    lt_error_clear(&err);
    lt_alloc_init_root(&alloc, &hooks, "little", SIZE_MAX);
    lt_arena_init(&arena, &alloc);
    assert_non_null(lt_arena_get(&arena, used ? used : 1));
    lt_status status = lt_parse_next(text, len, &offset, &arena, &stmt, &err);
    lt_arena_close(&arena);
    lt_alloc_close(&alloc);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    LT_UNUSED(state);
    for (size_t i = 0; i < LT_ARRAY_LEN(corpus); i++) {
        size_t size, offset = 0;
        char *text = read_file(corpus[i], &size);
        for (;;) {
            struct parse_test t;
            parse_open(&t);
            struct lt_ast_stmt *stmt;
            assert_int_equal(lt_parse_next(text, size, &offset, &t.arena, &stmt, &t.err), LT_OK);
            if (stmt == NULL) {
                parse_close(&t);
                break;
            }
            for (size_t used = 0; used < 4000; used += 80) {
                lt_status status = parse_in_little_memory(stmt->text.data, stmt->text.len, used);
                assert_true(status == LT_OK || status == LT_NOMEM);
            }
            parse_close(&t);
        }
        free(text);
    }
}

static void no_memory_at_all(void **state)
{
    LT_UNUSED(state);
    for (unsigned left = 0; left < 8; left++) {
        struct fail_hooks fail = {.left = left};
        struct lt_allocator_hooks hooks = {.resize = failing_resize, .ctx = &fail};
        struct lt_alloc alloc;
        struct lt_arena arena;
        struct lt_error err;
        size_t offset = 0;
        struct lt_ast_stmt *stmt = NULL;
        lt_error_clear(&err);
        lt_alloc_init_root(&alloc, &hooks, "none", SIZE_MAX);
        lt_arena_init(&arena, &alloc);
        lt_status status = lt_parse_next("SELECT a FORM t", 15, &offset, &arena, &stmt, &err);
        assert_true(status == LT_NOMEM || status == LT_SYNTAX);
        struct lt_buf buf;
        lt_buf_init(&buf, &alloc);
        struct lt_ast_expr null = {.kind = LT_AST_LITERAL_NULL};
        fail.left = 0;
        lt_unparse_expr(&buf, &null);
        assert_int_equal(buf.status, LT_NOMEM);
        lt_buf_close(&buf);
        lt_arena_close(&arena);
        lt_alloc_close(&alloc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corpus_survives),
        cmocka_unit_test(canonical_text),
        cmocka_unit_test(names_are_quoted_when_they_must),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(no_memory_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
