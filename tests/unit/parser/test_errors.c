/* test_errors.c -- what a mistake is called and where it is said to be. */
#include "tests/unit/parser/parse_test.h"

struct mistake {
    const char *sql;
    uint32_t line, column;
    const char *part;
};

static void refuse_all(const struct mistake *list, size_t len, lt_status status)
{
    for (size_t i = 0; i < len; i++)
        parse_refused(list[i].sql, status, list[i].line, list[i].column, list[i].part);
}

static void names_token_and_expectation(void **state)
{
    LT_UNUSED(state);
    static const struct mistake list[] = {
        {"SELECT", 1, 7, "at the end of the statement: expected an expression"},
        {"SELECT FROM t", 1, 8,
         "syntax error at \"FROM\": expected an expression, '*', ALL, DISTINCT"},
        {"SELECT order FROM t", 1, 8, "ORDER is a reserved word, as a name write `order`"},
        {"SELECT a\nFROM t\n  WHERE", 3, 8, "expected an expression"},
        {"SELECT a FROM t WHERE a = = 2", 1, 27, "at \"=\": expected an expression"},
        {"SELECT 'é', a b c", 1, 17, "at \"c\""},
        {"SELECT (a", 1, 10, "expected an operator, ')', ','"},
        {"SELECT a, b, FROM t", 1, 14, "is the comma before it one too many?"},
        {"SELECT INTERVAL '1' FROM t", 1, 21, "expected a unit of time"},
        {"SELECT CAST(a AS) FROM t", 1, 17, "expected a type"},
        {"INSERT t SELECT 1", 1, 8, "expected INTO, OVERWRITE"},
        {"CREATE TABLE t (a INT b INT)", 1, 23, "at \"b\": expected '(', ')', ','"},
        {"SELECT a FROM t LIMIT 'x", 1, 23, "never closed"},
        {"SELECT end FROM t", 1, 8, "END is a reserved word, as a name write `end`"},
    };
    refuse_all(list, LT_ARRAY_LEN(list), LT_SYNTAX);
}

static void guesses_what_was_meant(void **state)
{
    LT_UNUSED(state);
    static const struct mistake list[] = {
        {"SELCT 1", 1, 1, "did you mean SELECT?"},
        {"SELECT a FORM t", 1, 15, "did you mean FROM instead of FORM?"},
        {"SELECT a FROM t WEHRE a = 1", 1, 23, "did you mean WHERE instead of WEHRE?"},
        {"SELECT a FROM t GROUPP BY a", 1, 24, "did you mean GROUP instead of GROUPP?"},
        {"SELECT a FROM t ORDER BYE a", 1, 23, "expected BY"},
        {"CREATE TABEL t (a INT)", 1, 8, "did you mean TABLE?"},
        {"INSERT INT t SELECT 1", 1, 8, "did you mean INTO?"},
        {"CREATE TABLE t (a BIGIN)", 1, 19, "there is no type BIGIN; did you mean BIGINT?"},
        {"SHOW TABELS", 1, 6, "did you mean SHOW TABLES?"},
        {"SELECT 1 FROM t EMIT AT WATERMAK", 1, 25, "did you mean WATERMARK?"},
    };
    refuse_all(list, LT_ARRAY_LEN(list), LT_SYNTAX);
}

static void checks_beyond_the_grammar(void **state)
{
    LT_UNUSED(state);
    static const struct mistake list[] = {
        {"SELECT f(a FROM b)", 1, 8, "f takes no FROM between its arguments"},
        {"SELECT ABS(a AS INT)", 1, 8, "only CAST and TRY_CAST take AS"},
        {"SELECT CAST(a)", 1, 8, "is written CAST(x AS type)"},
        {"SELECT EXTRACT(x FROM ts)", 1, 16, "EXTRACT needs a unit of time"},
        {"SELECT FLOOR(ts TO x)", 1, 20, "x is no unit of time"},
        {"SELECT JSON_OBJECT('a', 1)", 1, 8, "takes pairs"},
        {"SELECT f(a VALUE b)", 1, 8, "f takes no VALUE"},
        {"SELECT TRIM(a NULL ON EMPTY)", 1, 8, "TRIM takes no NULL ON EMPTY"},
        {"SELECT JSON_OBJECT(*)", 1, 8, "takes pairs"},
        {"SELECT * FROM f(x IGNORE NULLS)", 1, 15, "a table function takes no IGNORE"},
        {"SELECT MAP['a']", 1, 8, "a value for each key"},
        {"SELECT X'0'", 1, 8, "pairs of hexadecimal digits"},
        {"SELECT INTERVAL '1' FORTNIGHT", 1, 21, "FORTNIGHT is no unit of time"},
        {"SELECT INTERVAL '1' MONTH TO DAY", 1, 21, "there are no intervals of MONTH TO DAY"},
        {"SELECT CAST(a AS INT(3))", 1, 18, "INT takes no length or precision"},
        {"SELECT CAST(a AS ARRAY)", 1, 18, "ARRAY needs its type"},
        {"SELECT CAST(a AS MAP<INT>)", 1, 18, "two types"},
        {"SELECT CAST(a AS INT<INT>)", 1, 18, "takes no element type"},
        {"SELECT a emit FROM t", 1, 15, "emit cannot be an alias without AS"},
        {"SELECT * FROM a JOIN b", 1, 22, "needs ON or USING"},
        {"SELECT * FROM a CROSS JOIN b ON TRUE", 1, 28, "takes no ON"},
        {"SELECT * FROM a ASOF JOIN b ON a.x = b.x", 1, 27, "ASOF JOIN needs MATCH_CONDITION"},
        {"SELECT * FROM a JOIN b MATCH_CONDITION (a.x > b.x) ON TRUE", 1, 22, "for ASOF JOIN"},
        {"SELECT 1 LIMIT 1 LIMIT 2", 1, 18, "limited twice"},
        {"SELECT 1 EMIT AT WATERMARK, AT WATERMARK", 1, 29, "EMIT says AT WATERMARK twice"},
        {"SELECT 1 EMIT DISCARDING, RETRACTING", 1, 27, "twice"},
        {"SELECT f(x) OVER w OVER v", 1, 25, "OVER is said twice"},
        {"CREATE TABLE t (a INT, WATERMARK FOR a AS a, WATERMARK FOR b AS b)", 1, 46,
         "only one watermark"},
        {"CREATE OR REPLACE DATABASE d", 1, 1, "CREATE DATABASE takes no OR REPLACE"},
        {"CREATE TABLE t LIKE u (INCLUDING FOO)", 1, 34, "not FOO"},
        {"EXPLAIN FOO SELECT 1", 1, 9, "FOO is no detail of EXPLAIN; there are ESTIMATED_COST"},
        {"EXPLAIN (FORMAT XML) SELECT 1", 1, 17, "XML is no format"},
        {"SET k", 1, 5, "SET takes 'key' = 'value'"},
        {"SUBSCRIBE v WITH (FOO)", 1, 19, "not FOO"},
        {"SHOW COLUMNS", 1, 6, "needs FROM"},
    };
    refuse_all(list, LT_ARRAY_LEN(list), LT_SYNTAX);
    parse_refused("SELECT * FROM t MATCH_RECOGNIZE (PATTERN (A{99999999999}))", LT_LIMIT, 1, 45,
                  "too large");
    parse_refused("SELECT CAST(a AS TIMESTAMP WITH TIME ZONE)", LT_UNSUPPORTED, 1, 18,
                  "not supported yet");
}

static void faults_of_the_text(void **state)
{
    LT_UNUSED(state);
    static const struct mistake list[] = {
        {"SELECT 'abc\n", 1, 8, "this string is never closed"},
        {"SELECT `abc", 1, 8, "this quoted name is never closed"},
        {"SELECT \"abc", 1, 8, "this quoted name is never closed"},
        {"SELECT 1 /* x", 1, 10, "this comment is never closed"},
        {"SELECT 1\n /*+ x", 2, 2, "this comment is never closed"},
        {"SELECT `` FROM t", 1, 8, "a name cannot be empty"},
        {"SELECT 1abc", 1, 8, "\"1abc\" is neither a number nor a name"},
        {"SELECT @x", 1, 8, "\"@\" cannot stand here"},
        {"SELECT \x01", 1, 8, "character 0x01"},
        {"SELECT \xe2\x80\x98x\xe2\x80\x99", 1, 8, "typographic"},
        {"SELECT a\xff", 1, 9, "byte 0xff is not valid UTF-8"},
        {"SELECT 'é\xc3'", 1, 10, "byte 0xc3 is not valid UTF-8"},
        {"SELECT 1 /* \xed\xa0\x80 */", 1, 13, "byte 0xed is not valid UTF-8"},
        {"SELECT \"a\xc0\x80\"", 1, 10, "byte 0xc0 is not valid UTF-8"},
    };
    refuse_all(list, LT_ARRAY_LEN(list), LT_SYNTAX);
    struct parse_test t;
    parse_open(&t);
    assert_int_equal(parse_text(&t, "SELECT \0 1", 10), LT_SYNTAX);
    assert_int_equal(t.err.pos.column, 8);
    parse_close(&t);
}

static char *repeat(const char *before, const char *part, unsigned n, const char *after)
{
    size_t part_len = strlen(part);
    size_t before_len = strlen(before);
    char *text = malloc(before_len + part_len * n + strlen(after) + 1);
    memcpy(text, before, before_len);
    char *at = text + before_len;
    for (unsigned i = 0; i < n; i++, at += part_len)
        memcpy(at, part, part_len);
    memcpy(at, after, strlen(after) + 1);
    return text;
}

static lt_status status_of(char *sql)
{
    struct parse_test t;
    parse_open(&t);
    lt_status status = parse_text(&t, sql, strlen(sql));
    assert_int_equal(status, t.err.code);
    free(sql);
    parse_close(&t);
    return status;
}

static void statements_that_are_not_there_yet(void **state)
{
    LT_UNUSED(state);
    parse_refused("ADD JAR 'x.jar'", LT_UNSUPPORTED, 1, 1, "not supported yet: ADD");
    parse_refused("\nANALYZE TABLE t", LT_UNSUPPORTED, 2, 1, "not supported yet: ANALYZE");
}

static void limits(void **state)
{
    LT_UNUSED(state);
    assert_int_equal(status_of(repeat("SELECT ", "(", 100000, "")), LT_LIMIT);
    assert_int_equal(status_of(repeat("SELECT ", "f(", 201, "")), LT_LIMIT);
    assert_int_equal(status_of(repeat("SELECT * FROM ", "(SELECT * FROM ", 201, "")), LT_LIMIT);
    assert_int_equal(status_of(repeat("SELECT ", "NOT ", 100000, "a")), LT_LIMIT);
    assert_int_equal(status_of(repeat("SELECT ", "- ", 2000, "a")), LT_LIMIT);
    assert_int_equal(status_of(repeat("SELECT 1", " + 1", 2000, "")), LT_LIMIT);
    assert_int_equal(status_of(repeat("SELECT a", "[1]", 2000, "")), LT_LIMIT);
    assert_int_equal(status_of(repeat("SELECT 1", " UNION ALL SELECT 1", 2000, "")), LT_LIMIT);
    assert_int_equal(status_of(repeat("SELECT * FROM t", ", t", 2000, "")), LT_LIMIT);
    assert_int_equal(status_of(repeat("SELECT ", "CASE WHEN ", 300, "")), LT_LIMIT);
    assert_int_equal(status_of(repeat("SELECT CAST(a AS ", "ARRAY<", 100000, "")), LT_LIMIT);
    assert_int_equal(status_of(repeat("SELECT ", "abcdefgh", 200, "")), LT_LIMIT);
    struct parse_test t;
    parse_open(&t);
    char *sql = repeat("SELECT 'x", "abcdefghijklmnop", (16 << 16) + 1, "'");
    assert_int_equal(parse_text(&t, sql, strlen(sql)), LT_LIMIT);
    assert_non_null(strstr(t.err.message, "16 MiB"));
    free(sql);
    parse_close(&t);
}

static void long_is_fine_where_it_is_not_deep(void **state)
{
    LT_UNUSED(state);
    free(round_trip("SELECT 1"));
    assert_int_equal(status_of(repeat("SELECT 1", ", a + 1", 20000, " FROM t")), LT_OK);
    assert_int_equal(status_of(repeat("VALUES (1)", ", (2, 'x')", 50000, "")), LT_OK);
    assert_int_equal(status_of(repeat("SELECT a IN (1", ", 2", 50000, ")")), LT_OK);
    assert_int_equal(status_of(repeat("SELECT ", "(", 190, "1")), LT_SYNTAX);
    char *nested = repeat("SELECT ", "(", 190, "1");
    char *both = repeat(nested, ")", 190, "");
    free(nested);
    assert_int_equal(status_of(both), LT_OK);
    char *chain = repeat("SELECT a", " OR a", 900, "");
    free(round_trip(chain));
    free(chain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_token_and_expectation),
        cmocka_unit_test(guesses_what_was_meant),
        cmocka_unit_test(checks_beyond_the_grammar),
        cmocka_unit_test(faults_of_the_text),
        cmocka_unit_test(statements_that_are_not_there_yet),
        cmocka_unit_test(limits),
        cmocka_unit_test(long_is_fine_where_it_is_not_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
