/* test_refuse.c -- what is refused, with which words and where; and what must not crash. */
#include "tests/unit/hooks.h"
#include "tests/unit/planner/support.h"

static const struct refusal {
    const char *sql;
    lt_status status;
    uint32_t column; /* of the error; 0 = not checked */
    const char *message;
} refusals[] = {
    {"SELECT pirce FROM (VALUES (1)) AS x(price)", LT_INVALID, 8,
     "column 'pirce' not found; did you mean 'price'?"},
    {"SELECT K FROM b", LT_INVALID, 8, "did you mean 'k'?"},
    {"SELECT x.v FROM b", LT_INVALID, 8, "column 'x' not found"},
    {"SELECT b.w FROM b", LT_INVALID, 10, "column 'w' not found in 'b'"},
    {"SELECT r.c FROM t", LT_INVALID, 10, "field 'c' not found"},
    {"SELECT v.a FROM t", LT_INVALID, 10, "no ROW but INT"},
    {"SELECT UPER(k) FROM b", LT_INVALID, 8, "function 'UPER' not found; did you mean 'UPPER'?"},
    {"SELECT UPPER() FROM b", LT_INVALID, 8, "was given 0 arguments"},
    {"SELECT k FROM b WHERE v", LT_INVALID, 23, "WHERE needs a BOOLEAN condition"},
    {"SELECT k FROM b WHERE SUM(v) > 1", LT_INVALID, 23, "cannot stand in WHERE"},
    {"SELECT k, v FROM b GROUP BY k", LT_INVALID, 11, "neither in GROUP BY nor"},
    {"SELECT k AS q FROM b GROUP BY q", LT_INVALID, 31, "cannot use an alias"},
    {"SELECT k FROM b GROUP BY 1", LT_INVALID, 26, "GROUP BY a number"},
    {"SELECT SUM(MAX(v)) FROM b", LT_INVALID, 12, "inside another"},
    {"SELECT k FROM b UNION ALL SELECT v, k FROM b", LT_INVALID, 0, "2 columns"},
    {"SELECT k FROM b UNION ALL SELECT DATE '2024-01-01'", LT_INVALID, 0, "no common type"},
    {"SELECT DATE '2024-13-01'", LT_INVALID, 8, "is not a DATE"},
    {"SELECT INTERVAL 'x' DAY", LT_INVALID, 8, "is not an interval"},
    {"SELECT k FROM b LIMIT k", LT_INVALID, 23, "not found"},
    {"SELECT v FROM plain ORDER BY v", LT_INVALID, 30, "time attribute"},
    {"SELECT * FROM b JOIN t ON b.k = t.k", LT_UNSUPPORTED, 0, "not supported yet: JOIN"},
    {"SELECT * FROM b, t", LT_UNSUPPORTED, 0, "a cross join"},
    {"SELECT k FROM b INTERSECT SELECT k FROM b", LT_UNSUPPORTED, 0, "INTERSECT"},
    {"SELECT SUM(v) OVER (ORDER BY ts) FROM t", LT_UNSUPPORTED, 8, "OVER"},
    {"SELECT k FROM b WHERE k IN (SELECT k FROM t)", LT_UNSUPPORTED, 23, "IN with a subquery"},
    {"SELECT * FROM t MATCH_RECOGNIZE (ORDER BY ts PATTERN (a) DEFINE a AS v > 1)", LT_UNSUPPORTED,
     0, "MATCH_RECOGNIZE"},
    {"SELECT window_start FROM TUMBLE(TABLE t, DESCRIPTOR(v), INTERVAL '1' DAY)", LT_INVALID, 42,
     "a window needs a TIMESTAMP"},
    {"SELECT 1 FROM TUMBLE(TABLE plain, DESCRIPTOR(dt), INTERVAL '1' DAY)", LT_INVALID, 0,
     "a window needs a TIMESTAMP"},
    {"SELECT 1 FROM TUMBLE(TABLE t, DESCRIPTOR(ltz), INTERVAL '1' DAY)", LT_OK, 0, NULL},
    {"SELECT 1 FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '0' DAY)", LT_INVALID, 47,
     "longer than nothing"},
    {"SELECT 1 FROM TUMBLE(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '1' DAY)", LT_INVALID,
     0, "takes no PARTITION BY"},
    {"SELECT 1 FROM TUMBLE(TABLE t, DESCRIPTOR(ts))", LT_INVALID, 0, "SIZE is missing"},
    {"SELECT 1 FROM TUMBLE(TABLE t, DESCRIPTOR(ts), WIDTH => INTERVAL '1' DAY)", LT_INVALID, 47,
     "has no argument 'WIDTH'"},
    {"SELECT 1 FROM CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '3' HOUR, INTERVAL '10' HOUR)",
     LT_INVALID, 0, "multiple of its step"},
    {"SELECT TUMBLE_START(ts, INTERVAL '1' DAY) FROM t", LT_INVALID, 8, "needs GROUP BY TUMBLE"},
    {"SELECT TUMBLE_START(ts, INTERVAL '2' DAY) FROM t GROUP BY TUMBLE(ts, INTERVAL '1' DAY)",
     LT_INVALID, 8, "not those of the window"},
    {"SELECT COUNT(*) FROM t EMIT AT WATERMARK", LT_INVALID, 29, "no window"},
    {"SELECT k FROM t EMIT AT WATERMARK", LT_INVALID, 0, "there is none"},
    {"SELECT COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY) "
     "GROUP BY window_start, window_end EMIT AT WATERMARK, DISCARDING",
     LT_INVALID, 0, "fires once"},
    {"INSERT INTO o SELECT k, COUNT(*) FROM t GROUP BY k", LT_INVALID, 13,
     "GROUP BY without a window changes"},
    {"INSERT INTO o SELECT k FROM t", LT_INVALID, 15, "the query has 1 column, 'o' takes 2"},
    {"INSERT INTO o SELECT v, v FROM t", LT_INVALID, 15, "write a CAST"},
    {"INSERT INTO o (k, k) SELECT k, k FROM t", LT_INVALID, 19, "listed twice"},
    {"INSERT INTO o (z) SELECT k FROM t", LT_INVALID, 16, "has no column 'z'"},
    {"INSERT INTO t (vv) SELECT v FROM b", LT_INVALID, 16, "it cannot be written"},
    {"UPDATE o SET n = 1", LT_UNSUPPORTED, 0, "UPDATE"},
    {"CREATE TABLE x (a INT, a INT) WITH ('connector' = 'fake')", LT_INVALID, 24, "twice"},
    {"CREATE TABLE x (a INT, PRIMARY KEY (z) NOT ENFORCED) WITH ('connector' = 'fake')", LT_INVALID,
     37, "'z' not found"},
    {"CREATE TABLE x (a INT, WATERMARK FOR a AS a) WITH ('connector' = 'fake')", LT_INVALID, 0,
     "needs a TIMESTAMP"},
    {"CREATE TABLE x (a INT, c AS q + 1) WITH ('connector' = 'fake')", LT_INVALID, 0,
     "'q' not found"},
    {"CREATE TABLE x (a DECIMAL(40, 2)) WITH ('connector' = 'fake')", LT_INVALID, 0,
     "between 1 and 38"},
    {"CREATE VIEW x AS SELECT k, k FROM b", LT_INVALID, 0, "two columns 'k'"},
    {"CREATE VIEW x (a) AS SELECT k, v FROM b", LT_INVALID, 0, "1 column names"},
    {"SELECT * FROM b /*+ OPTIONS('connector'='nix') */", LT_INVALID, 15, "'nix' not found"},
};

static void test_refusals(void **state)
{
    LT_UNUSED(state);
    struct lt_alloc alloc;
    struct planning s;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(planning_open(&s, &alloc), LT_OK);
    assert_int_equal(run_script(&s, TABLES), LT_OK);
    for (size_t i = 0; i < LT_ARRAY_LEN(refusals); i++) {
        const struct refusal *r = &refusals[i];
        lt_status status = run_script(&s, r->sql);
        if (status == LT_OK && r->message == NULL)
            continue;
        if (r->message == NULL) { /* either way, but never a crash */
            assert_int_equal(status, LT_INVALID);
            continue;
        }
        if (status != r->status || !strstr(s.err.message, r->message) ||
            (r->column && s.err.pos.column != r->column))
            fail_msg("%s\n%s at column %u: %s\nwanted %s at %u: %s", r->sql, lt_status_name(status),
                     s.err.pos.column, s.err.message, lt_status_name(r->status), r->column,
                     r->message);
    }
    planning_close(&s);
    lt_alloc_close(&alloc);
}

/* ---- no memory ---------------------------------------------------------------------- */

static bool plan_with(struct lt_alloc *alloc, void *arg)
{
    struct planning s;
    lt_status status = planning_open(&s, alloc);
    if (status == LT_OK)
        status = run_script(&s, TABLES);
    if (status == LT_OK)
        status = run_script(&s, arg);
    planning_close(&s);
    return status == LT_OK;
}

/* Every 23rd allocation fails: planning gives up cleanly and leaves nothing. */
static void test_no_memory(void **state)
{
    LT_UNUSED(state);
    static const char *const sql[] = {
        "SELECT k, UPPER(k) || 'x', SUM(v) FILTER (WHERE v > 1) FROM b WHERE v IN (1, 2) "
        "GROUP BY ROLLUP(k) ORDER BY 1",
        "SELECT window_start, SUM(s) FROM TUMBLE(TABLE w, DESCRIPTOR(window_time), INTERVAL '1' "
        "MINUTE) WHERE k = 'a' GROUP BY window_start, window_end",
        "BEGIN STATEMENT SET; INSERT INTO o SELECT k, v FROM t; INSERT INTO u SELECT k, COUNT(*) "
        "FROM (SELECT k FROM t UNION SELECT k FROM b) GROUP BY k; END",
    };
    for (size_t i = 0; i < LT_ARRAY_LEN(sql); i++) {
        bool failed = true;
        for (long at = (long)i * 7; failed; at += 23) {
            struct test_hooks hooks;
            struct lt_alloc alloc;
            test_hooks_init(&hooks, &alloc, at);
            hooks.sticky = true;
            bool through = plan_with(&alloc, (void *)sql[i]);
            failed = hooks.failed;
            assert_int_equal(hooks.blocks, 0);
            assert_true(through || failed);
            lt_alloc_close(&alloc);
        }
    }
}

/* ---- hostile text --------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static const char *const seeds[] = {
    "SELECT k , v + 1 , r . a , t . * FROM t WHERE v BETWEEN 1 AND 3 OR k LIKE 'a%' LIMIT 3",
    "SELECT k , SUM ( v ) , COUNT ( DISTINCT k ) FILTER ( WHERE v > 1 ) FROM b GROUP BY CUBE ( k , "
    "v ) "
    "HAVING COUNT ( * ) > 1 ORDER BY 1 DESC",
    "SELECT window_start , window_end , MAX ( v ) FROM TABLE ( HOP ( TABLE t , DESCRIPTOR ( ts ) , "
    "INTERVAL '1' SECOND , INTERVAL '5' SECOND ) ) WHERE window_start IS NOT NULL GROUP BY "
    "window_start , window_end EMIT EARLY ON CHANGE , LATE ROWS INTO late",
    "SELECT k , SESSION_START ( ts , INTERVAL '5' SECOND ) FROM t GROUP BY k , SESSION ( ts , "
    "INTERVAL "
    "'5' SECOND )",
    "SELECT CASE v WHEN 1 THEN 'x' ELSE NULL END , CAST ( v AS DECIMAL ( 10 , 2 ) ) , ARRAY [ 1 , "
    "2 ] , "
    "ROW ( 1 , 'a' ) , MAP [ 'a' , 1 ] FROM ( SELECT v , k FROM b UNION ALL SELECT v , k FROM t ) "
    "AS x",
    "WITH q AS ( SELECT DISTINCT k FROM w ) SELECT * FROM q UNION SELECT k FROM b ORDER BY k",
    "INSERT INTO o ( k , n ) SELECT k , s FROM w WHERE window_time > ts",
    "SELECT k , window_no FROM COUNT_HOP ( TABLE t PARTITION BY k , 2 , 4 ) GROUP BY k , window_no",
    "SELECT GROUPING ( k ) , EXTRACT ( DAY FROM ts ) , FLOOR ( ts TO HOUR ) , TIMESTAMPADD ( DAY , "
    "1 , "
    "ts ) FROM t GROUP BY GROUPING SETS ( ( k , ts ) , ( ) )",
};

/* Words of the seeds, shuffled between them. */
static void mutate(uint64_t *seed, char *out, size_t size)
{
    const char *words[128];
    uint32_t n = 0;
    size_t at = 0;
    const char *base = seeds[next_random(seed) % LT_ARRAY_LEN(seeds)];
    for (const char *c = base; *c && n < LT_ARRAY_LEN(words);) {
        words[n++] = c;
        c += strcspn(c, " ");
        c += strspn(c, " ");
    }
    for (uint32_t i = 0; i < n; i++) {
        const char *word = words[i];
        uint64_t dice = next_random(seed) % 24;
        if (dice == 0)
            continue;
        if (dice == 1)
            word = words[next_random(seed) % n];
        if (dice == 2) {
            const char *other = seeds[next_random(seed) % LT_ARRAY_LEN(seeds)];
            for (uint64_t k = next_random(seed) % 30; k && *other; k--) {
                const char *space = strchr(other, ' ');
                other = space ? space + 1 : other;
            }
            word = other;
        }
        size_t len = strcspn(word, " ");
        if (at + len + 2 > size)
            break;
        memcpy(out + at, word, len);
        at += len;
        out[at++] = ' ';
    }
    out[at] = '\0';
}

static void test_hostile(void **state)
{
    LT_UNUSED(state);
    struct lt_alloc alloc;
    struct planning s;
    uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);
    char sql[4096];
    unsigned planned = 0;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(planning_open(&s, &alloc), LT_OK);
    assert_int_equal(run_script(&s, TABLES), LT_OK);
    for (int i = 0; i < 4000; i++) {
        mutate(&seed, sql, sizeof(sql));
        lt_status status = run_script(&s, sql);
        planned += status == LT_OK;
        if (status != LT_OK && s.err.message[0] == '\0')
            fail_msg("%s: no message for\n%s", lt_status_name(status), sql);
        lt_arena_reset(&s.arena);
    }
    assert_true(planned > 50);
    planning_close(&s);
    lt_alloc_close(&alloc);
}

/* Depth and size have limits with their own error. */
static void test_limits(void **state)
{
    LT_UNUSED(state);
    struct lt_alloc alloc;
    struct planning s;
    char sql[256];
    lt_status status = LT_OK;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(planning_open(&s, &alloc), LT_OK);
    assert_int_equal(run_script(&s, TABLES "CREATE VIEW v0 AS SELECT k FROM b"), LT_OK);
    for (int i = 1; i < 40 && status == LT_OK; i++) {
        snprintf(sql, sizeof(sql),
                 "CREATE VIEW v%d AS SELECT k FROM v%d UNION ALL SELECT k FROM v%d", i, i - 1,
                 i - 1);
        status = run_script(&s, sql);
    }
    assert_int_equal(status, LT_LIMIT);
    planning_close(&s);
    lt_alloc_close(&alloc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
