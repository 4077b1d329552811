/* test_words.c -- every word that is not reserved is a name in any place a name
 * may stand, and every reserved one is a name in quotes. */
#include "tests/unit/parser/parse_test.h"

#include "parser/token.h"

static const char *const places[] = {
    "SELECT @ FROM t",
    "SELECT a, @, b FROM t",
    "SELECT a AS @ FROM t",
    "SELECT r.@ FROM t",
    "SELECT r.@.x FROM t",
    "SELECT @.x FROM t",
    "SELECT f(@, @) FROM t",
    "SELECT f(x).@ FROM t",
    "SELECT @ + 1, -@, @ = @, @ || @ FROM t",
    "SELECT @ IS NULL, @ BETWEEN @ AND @, @ LIKE @, @ IN (@, @) FROM t",
    "SELECT NOT @, @[1], @ AND @ OR @ FROM t",
    "SELECT CASE WHEN @ THEN @ ELSE @ END, CASE @ WHEN @ THEN 1 END FROM t",
    "SELECT CAST(@ AS INT), CAST(x AS ROW<@ INT, a STRING>) FROM t",
    "SELECT SUM(@) OVER (PARTITION BY @ ORDER BY @ DESC) FROM t",
    "SELECT DISTINCT @ FROM t",
    "SELECT a FROM t WHERE @ > 1 GROUP BY @, a HAVING @ > 2 ORDER BY @, a DESC",
    "SELECT * FROM @",
    "SELECT * FROM a.@.b",
    "SELECT * FROM @.b",
    "SELECT * FROM t AS @",
    "SELECT * FROM t AS x (@, b)",
    "SELECT @.* FROM @, b",
    "SELECT * FROM @ JOIN u ON @.a = u.@",
    "SELECT * FROM t JOIN @ USING (@)",
    "SELECT * FROM TABLE(TUMBLE(TABLE @, DESCRIPTOR(@), INTERVAL '1' DAY))",
    "SELECT * FROM TUMBLE(TABLE t PARTITION BY @, DESCRIPTOR(ts), INTERVAL '1' DAY)",
    "WITH @ AS (SELECT 1) SELECT * FROM @",
    "SELECT * FROM t MATCH_RECOGNIZE (ORDER BY @ MEASURES A.@ AS @ PATTERN (A) DEFINE A AS @ > 1)",
    "CREATE TABLE @ (@ INT, b INT)",
    "CREATE TABLE t (a INT, @ STRING NOT NULL, PRIMARY KEY (@) NOT ENFORCED)",
    "CREATE TABLE t (@ AS a + 1, WATERMARK FOR @ AS @)",
    "CREATE TABLE a.@ WITH ('a' = 'b')",
    "CREATE VIEW @ AS SELECT 1",
    "INSERT INTO @ SELECT 1",
    "INSERT INTO @ (@, b) VALUES (1, 2)",
    "UPDATE @ SET @ = @ + 1 WHERE @ = 2",
    "DELETE FROM @ WHERE @ = 1",
    "DROP TABLE @",
    "DROP TABLE IF EXISTS @",
    "DESCRIBE @",
    "SHOW CREATE TABLE @",
    "ALTER TABLE @ ADD c INT",
    "VALUES (@, 1)",
};

/* Where the text means something else. */
static const struct {
    const char *word;
    const char *place;
} exceptions[] = {
    {"MAP", "SELECT NOT @, @[1], @ AND @ OR @ FROM t"}, /* MAP[k, v] */
};

static char *fill(const char *place, const char *word)
{
    char *text = malloc(strlen(place) + 16 * (strlen(word) + 2) + 1);
    char *at = text;
    for (; *place != '\0'; place++) {
        if (*place == '@')
            at = stpcpy(at, word);
        else
            *at++ = *place;
    }
    *at = '\0';
    return text;
}

static bool is_exception(const char *word, const char *place)
{
    for (size_t i = 0; i < LT_ARRAY_LEN(exceptions); i++)
        if (strcmp(word, exceptions[i].word) == 0 && strcmp(place, exceptions[i].place) == 0)
            return true;
    return false;
}

static unsigned try_places(const char *word, const char *keyword)
{
    unsigned bad = 0;
    for (size_t i = 0; i < LT_ARRAY_LEN(places); i++) {
        if (is_exception(keyword, places[i]))
            continue;
        struct parse_test t;
        parse_open(&t);
        char *sql = fill(places[i], word);
        if (parse_text(&t, sql, strlen(sql)) != LT_OK) {
            print_error("%s\n    %s\n", sql, t.err.message);
            bad++;
        } else {
            parse_close(&t);
            parse_open(&t);
            free(round_trip(sql));
        }
        free(sql);
        parse_close(&t);
    }
    return bad;
}

static void soft_words_are_names(void **state)
{
    LT_UNUSED(state);
    size_t n;
    unsigned bad = 0;
    const struct lt_keyword *list = lt_keyword_list(&n);
    for (size_t i = 0; i < n; i++)
        if (list[i].use != LT_KEYWORD_RESERVED)
            bad += try_places(list[i].word, list[i].word);
    assert_int_equal(bad, 0);
}

/* Words of the language that the grammar does not know at all. */
static void other_words_are_names(void **state)
{
    LT_UNUSED(state);
    static const char *const words[] = {
        "value", "day",  "year", "hour",    "second", "count",      "sum",     "state", "type",
        "name",  "cast", "trim", "extract", "tumble", "classifier", "session", "x1",    "_"};
    unsigned bad = 0;
    for (size_t i = 0; i < LT_ARRAY_LEN(words); i++)
        bad += try_places(words[i], words[i]);
    assert_int_equal(bad, 0);
}

static void reserved_words_need_quotes(void **state)
{
    LT_UNUSED(state);
    size_t n;
    unsigned bad = 0;
    const struct lt_keyword *list = lt_keyword_list(&n);
    for (size_t i = 0; i < n; i++) {
        if (list[i].use != LT_KEYWORD_RESERVED)
            continue;
        char quoted[64];
        snprintf(quoted, sizeof(quoted), "`%s`", list[i].word);
        bad += try_places(quoted, list[i].word);
        snprintf(quoted, sizeof(quoted), "SELECT a AS %s", list[i].word);
        parse_refused(quoted, LT_SYNTAX, 1, 13, "is a reserved word");
    }
    assert_int_equal(bad, 0);
}

static void words_that_need_as(void **state)
{
    LT_UNUSED(state);
    static const char *const words[] = {"EMIT", "ASOF",   "SEMI",
                                        "ANTI", "WINDOW", "MATCH_RECOGNIZE"};
    for (size_t i = 0; i < LT_ARRAY_LEN(words); i++) {
        struct parse_test t;
        char sql[128];
        parse_open(&t);
        snprintf(sql, sizeof(sql), "SELECT a %s FROM t", words[i]);
        assert_int_equal(parse_text(&t, sql, strlen(sql)), LT_SYNTAX);
        t.offset = 0;
        snprintf(sql, sizeof(sql), "SELECT a FROM t %s", words[i]);
        assert_int_equal(parse_text(&t, sql, strlen(sql)), LT_SYNTAX);
        t.offset = 0;
        snprintf(sql, sizeof(sql), "SELECT a AS %s FROM t AS %s", words[i], words[i]);
        assert_int_equal(parse_text(&t, sql, strlen(sql)), LT_OK);
        parse_close(&t);
    }
}

static void keywords_are_sorted(void **state)
{
    LT_UNUSED(state);
    size_t n;
    const struct lt_keyword *list = lt_keyword_list(&n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(lt_keyword_find(lt_str_of(list[i].word)), list[i].kind);
        if (i > 0)
            assert_true(strcmp(list[i - 1].word, list[i].word) < 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(soft_words_are_names),       cmocka_unit_test(other_words_are_names),
        cmocka_unit_test(reserved_words_need_quotes), cmocka_unit_test(words_that_need_as),
        cmocka_unit_test(keywords_are_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
