/* test_plan.c -- what statements become: nodes, properties, rewritings. */
#include "tests/unit/planner/support.h"

/* A statement, and texts that its plan must hold; one that starts with '!' must not. */
struct expectation {
    const char *sql;
    const char *holds[6];
};

static const struct expectation queries[] = {
    {"SELECT 1", {"Output #2", "Calc #1 [1 AS EXPR$0]", "Values #0 1 rows", "!Exchange"}},
    {"SELECT 1 + 2 * 3 AS x", {"[7 AS x]"}},
    {"SELECT -2147483648, 2147483648, 1.50, 1e3", {"[-2147483648 AS", "2147483648 AS", "1.50"}},
    {"VALUES (1, 'a'), (2, 'bcd')", {"Values #0 2 rows", "append-only"}},
    {"SELECT k, v FROM plain", {"columns=[k, v]", "unbounded", "split"}},
    {"SELECT r.a FROM t", {"columns=[r.{a}]"}},
    {"SELECT t.r.b, r FROM t", {"columns=[r]", "!{b}"}},
    {"SELECT v FROM plain WHERE v > 3 AND k = 'x'", {"filter=[v > 3", "where=((v > 3) AND"}},
    {"SELECT v FROM plain WHERE 3 < v", {"filter=[v > 3]"}},
    {"SELECT v FROM plain WHERE 1 = 1", {"!where", "!filter"}},
    {"SELECT v + 1 FROM plain WHERE v = 4", {"[5 AS EXPR$0]"}},
    {"SELECT vv FROM t", {"columns=[v]", "!Watermark"}},
    {"SELECT off FROM t", {"columns=[v, offset]", "!ts"}}, /* a scan keeps one column */
    {"SELECT COUNT(*) FROM b", {"final only", "keys=[]", "Exchange", "append-only"}},
    {"SELECT k, AVG(v), MAX(v) FROM plain GROUP BY k", {"Aggregate #3 keys=[k]", "! local"}},
    {"SELECT COUNT(*) FROM plain", {"final keys=[] calls=[COUNT(*)]", "local keys=[]"}},
    {"SELECT SUM(CAST(v AS DOUBLE)), COUNT(*) FROM plain", {"calls=[SUM(", "! local", "! final"}},
    {"SELECT COUNT(DISTINCT v), COUNT(*), COUNT(DISTINCT k) FROM plain",
     {"final keys=[] calls=[COUNT(DISTINCT v), COUNT(*), COUNT(DISTINCT k)]",
      "local keys=[] calls=[COUNT(*)]", "distinct keys=[] calls=[COUNT(DISTINCT v)]",
      "distinct keys=[] calls=[COUNT(DISTINCT k)]"}},
    {"SELECT k, COUNT(DISTINCT v) FROM plain GROUP BY k", {"! local", "! distinct", "! final"}},
    {"SELECT COUNT(DISTINCT v) FROM plain GROUP BY k, dt", {"! local", "! distinct", "! final"}},
    {"SELECT COUNT(DISTINCT v) FROM plain GROUP BY dt",
     {"distinct keys=[dt]", "final keys=[dt]", "! local"}},
    {"SELECT COUNT(DISTINCT v) FROM t GROUP BY DATE_FORMAT(ts, 'yyyy'), HOUR(ts)", {" distinct "}},
    {"SELECT COUNT(DISTINCT v) FROM t GROUP BY ts", {"! local", "! distinct", "! final"}},
    {"SELECT COUNT(DISTINCT v) FROM t GROUP BY RAND()", {"! local", "! distinct", "! final"}},
    {"SELECT MAX(k), COUNT(*) FROM plain", {"calls=[MAX(k)", "! local", "! final k"}},
    {"SELECT k, COUNT(*) FROM plain GROUP BY k",
     {"changing", "hash keys=[k]", "key=[k]", "state unbounded"}},
    {"SELECT DISTINCT k FROM plain", {"Aggregate", "keys=[k] calls=[]", "append-only"}},
    {"SELECT k, SUM(v), SUM(v), COUNT(DISTINCT v) FILTER (WHERE d > 1) FROM t GROUP BY k",
     {"calls=[SUM(v), COUNT(DISTINCT v) FILTER", "!SUM(v), SUM(v)"}},
    {"SELECT k FROM (SELECT k, SUM(v) AS s, MAX(v) AS m FROM plain GROUP BY k) WHERE s > 3",
     {"calls=[SUM(v)]", "where=("}},
    {"SELECT * FROM (SELECT k, COUNT(*) AS n FROM plain GROUP BY k) WHERE k = 'x'",
     {"filter=[k = x]"}},
    {"SELECT k FROM plain UNION ALL SELECT k FROM b", {"Union", "columns=[k]"}},
    {"SELECT k FROM (SELECT k, v FROM plain UNION ALL SELECT k, v FROM b) WHERE v = 1",
     {"Union", "(fake) columns=[k, v] filter=[v = 1]"}},
    {"SELECT k FROM plain UNION SELECT k FROM plain", {"several paths", "keys=[k] calls=[]"}},
    {"SELECT v FROM b ORDER BY k DESC LIMIT 3", {"Sort", "by=[$order DESC] limit=3"}},
    {"SELECT v FROM t ORDER BY ts", {"Sort", "by watermark", "Watermark"}},
    {"SELECT v FROM plain LIMIT 3 OFFSET 1", {"Limit", "limit=3 offset=1", "single"}},
    {"WITH x AS (SELECT k FROM b), y (q) AS (SELECT k FROM x) SELECT q FROM y", {"[k AS q]"}},
    {"SELECT k, GROUPING(k) FROM b GROUP BY ROLLUP(k, v)", {"Expand", "3 grouping sets"}},
    {"SELECT k FROM b GROUP BY GROUPING SETS ((k), CUBE(k, v), ())", {"6 grouping sets"}},
    {"SELECT v FROM plain WHERE v BETWEEN 1 AND 3", {"filter=[v >= 1 AND v <= 3]"}},
    {"SELECT CASE WHEN v > 1 THEN 'a' ELSE 'bcd' END FROM plain", {"CASE WHEN (v > 1)"}},
    {"SELECT v FROM plain WHERE v IN (1, 2)", {"where=IN(v, 1, 2)"}},
};

/* With 'table.optimizer.agg-phase-strategy' = 'two_phase'. */
static const struct expectation two_phase[] = {
    {"SELECT k, AVG(v), MAX(v) FROM plain GROUP BY k",
     {"final keys=[k] calls=[AVG(v), MAX(v)]", "local keys=[k] calls=[AVG(v), MAX(v)]"}},
    {"SELECT n, COUNT(*) FROM (SELECT k, COUNT(*) AS n FROM plain GROUP BY k) GROUP BY n",
     {"Aggregate #7 keys=[n]", "final keys=[k]"}},
    {"SELECT k, SUM(CAST(v AS DOUBLE)) FROM plain GROUP BY k", {"keys=[k]", "! local"}},
    {"SELECT k, COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) "
     "GROUP BY k, window_start, window_end",
     {"final TUMBLE(ts, size 10 s) keys=[k]", "local TUMBLE(ts, size 10 s) keys=[k]"}},
    {"SELECT k, COUNT(*) FROM t GROUP BY k, SESSION(ts, INTERVAL '1' SECOND)", {"! local"}},
    {"SELECT k, COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) "
     "GROUP BY k, window_start, window_end EMIT EARLY ON CHANGE", {"! local"}},
};

static const struct expectation windows[] = {
    {"SELECT * FROM w",
     {"WindowAggregate", "TUMBLE(ts, size 10 s)", "by watermark", "Watermark", "append-only"}},
    {"SELECT window_end, MAX(v) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) "
     "GROUP BY window_start, window_end", {"final TUMBLE", "Exchange", "local TUMBLE"}},
    {"SELECT * FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)",
     {"Window #", "window_start lag 10 s", "window_time"}},
    {"SELECT window_start, COUNT(*) FROM TABLE(HOP(DATA => TABLE t, TIMECOL => DESCRIPTOR(ts), "
     "SLIDE => INTERVAL '2' SECOND, SIZE => INTERVAL '10' SECOND)) GROUP BY window_start, "
     "window_end",
     {"HOP(ts, slide 2 s, size 10 s)", "keys=[]", "single"}},
    {"SELECT window_end, COUNT(*) FROM CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR, "
     "INTERVAL '1' DAY, INTERVAL '30' MINUTE) GROUP BY window_start, window_end",
     {"CUMULATE(ts, step 3600 s, size 1 d, offset 1800 s)"}},
    {"SELECT k, COUNT(*) FROM SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '5' MINUTE) "
     "GROUP BY k, window_start, window_end",
     {"SESSION(ts, gap 300 s) partition=[k] keys=[k]"}},
    {"SELECT k, window_no, SUM(v) FROM COUNT_TUMBLE(TABLE t PARTITION BY k, 10) "
     "GROUP BY k, window_no",
     {"COUNT_TUMBLE(10 rows) partition=[k]", "!Watermark"}},
    {"SELECT k, HOP_START(ts, INTERVAL '1' SECOND, INTERVAL '5' SECOND) FROM t "
     "GROUP BY k, HOP(ts, INTERVAL '1' SECOND, INTERVAL '5' SECOND)",
     {"HOP(ts, slide 1 s, size 5 s)"}},
    {"SELECT TUMBLE_PROCTIME(pt, INTERVAL '1' MINUTE) FROM t GROUP BY TUMBLE(pt, INTERVAL '1' "
     "MINUTE)",
     {"processing time", "!Watermark"}},
    {"SELECT window_start, window_end, SUM(s) FROM TUMBLE(TABLE w, DESCRIPTOR(window_time), "
     "INTERVAL '1' MINUTE) GROUP BY window_start, window_end",
     {"TUMBLE(window_time, size 60 s)", "TUMBLE(ts, size 10 s)"}},
    {"SELECT window_start, COUNT(*) FROM TUMBLE(TABLE z, DESCRIPTOR(at), INTERVAL '1' MONTH, 'UTC')"
     " GROUP BY window_start, window_end",
     {"TUMBLE(at, size 1 months, zone UTC)"}},
    {"SELECT x, COUNT(*) FROM (SELECT v + 1 AS x, window_start AS s, window_end AS e, k FROM "
     "TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)) WHERE k = 'a' AND s > TIMESTAMP "
     "'2024-01-01 00:00:00' GROUP BY x, s, e",
     {"WindowAggregate", "where=(k = 'a')", "where=(window_start > '2024"}},
    {"SELECT window_start, window_end, COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' "
     "SECOND) GROUP BY window_start, window_end EMIT EARLY ON CHANGE, LATE ON CHANGE WITHIN "
     "INTERVAL "
     "'1' MINUTE, LATE ROWS INTO late",
     {"early=on change late within 60 s late rows into late", "changing", "CAST(v AS BIGINT)"}},
    {"SELECT COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) "
     "GROUP BY window_start, window_end EMIT EARLY EVERY INTERVAL '1' SECOND, ACCUMULATING",
     {"accumulating", "!changing"}},
    {"SELECT COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) "
     "GROUP BY window_start",
     {"Window #", "Aggregate #", "changing"}},
};

static const struct expectation inserts[] = {
    {"INSERT INTO u SELECT k, COUNT(*) FROM t GROUP BY k", {"Sink", "changing", "hash(k)"}},
    {"INSERT INTO o SELECT k, COUNT(*) FROM b GROUP BY k", {"Sink", "final only"}},
    {"INSERT INTO o SELECT k, v FROM t", {"CAST(v AS BIGINT) AS n", "!Watermark"}},
    {"INSERT INTO o (n) SELECT v FROM t", {"NULL AS k"}},
    {"INSERT INTO o VALUES ('a', 1), ('b', 2)", {"Values #0 2 rows"}},
    {"BEGIN STATEMENT SET; INSERT INTO o SELECT k, v FROM t; INSERT INTO o SELECT k, vv FROM t; "
     "END",
     {"Scan #0", "Scan #0 (see above)", "!Scan #1", "!Scan #3"}},
    {"BEGIN STATEMENT SET; INSERT INTO o SELECT k, s FROM w; INSERT INTO o SELECT k, 1 FROM w; END",
     {"WindowAggregate", "(see above)"}},
};

static void check_one(struct planning *s, const struct expectation *query)
{
    lt_status status = run_script(s, query->sql);
    if (status != LT_OK)
        fail_msg("%s\n%s: %s", query->sql, lt_status_name(status), s->err.message);
    for (size_t k = 0; k < LT_ARRAY_LEN(query->holds) && query->holds[k]; k++) {
        const char *text = query->holds[k];
        bool absent = text[0] == '!';
        bool found = strstr(s->text.data, text + absent) != NULL;
        if (found == absent)
            fail_msg("%s\n%s: %s\n%s", query->sql, absent ? "holds" : "lacks", text + absent,
                     s->text.data);
    }
}

static void set_phases(struct planning *s, const char *strategy)
{
    assert_int_equal(lt_setting_set(s->session, LT_STR("table.optimizer.agg-phase-strategy"),
                                    lt_str_of(strategy), &s->arena, NULL, &s->err),
                     LT_OK);
}

static void check_all(const struct expectation *list, size_t n, const char *phases)
{
    struct lt_alloc alloc;
    struct planning s;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(planning_open(&s, &alloc), LT_OK);
    assert_int_equal(run_script(&s, TABLES), LT_OK);
    set_phases(&s, phases);
    for (size_t i = 0; i < n; i++)
        check_one(&s, &list[i]);
    planning_close(&s);
    lt_alloc_close(&alloc);
}

static void test_queries(void **state)
{
    LT_UNUSED(state);
    check_all(queries, LT_ARRAY_LEN(queries), "auto");
}

static void test_windows(void **state)
{
    LT_UNUSED(state);
    check_all(windows, LT_ARRAY_LEN(windows), "auto");
}

static void test_inserts(void **state)
{
    LT_UNUSED(state);
    check_all(inserts, LT_ARRAY_LEN(inserts), "auto");
}

static void test_two_phases(void **state)
{
    LT_UNUSED(state);
    check_all(two_phase, LT_ARRAY_LEN(two_phase), "TWO_PHASE");
}

/* The same statement has the same ids, whatever was planned before, in one phase or in two;
 * another has others. */
static void test_stable_ids(void **state)
{
    LT_UNUSED(state);
    struct lt_alloc alloc;
    struct planning s;
    uint64_t ids[3];
    static const char *const sql[3] = {"SELECT k, SUM(v) FROM t GROUP BY k",
                                       "SELECT k, SUM(v) FROM t GROUP BY k",
                                       "SELECT k, MIN(v) FROM t GROUP BY k"};
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(planning_open(&s, &alloc), LT_OK);
    assert_int_equal(run_script(&s, TABLES), LT_OK);
    for (int i = 0; i < 3; i++) {
        struct lt_ast_stmt *stmt;
        struct lt_plan *plan;
        size_t offset = 0;
        set_phases(&s, i == 1 ? "two_phase" : "one_phase");
        assert_int_equal(lt_parse_next(sql[i], strlen(sql[i]), &offset, &s.arena, &stmt, &s.err),
                         LT_OK);
        assert_int_equal(lt_plan_statement(&s.env, stmt, &plan, &s.err), LT_OK);
        for (uint32_t n = 0; n < plan->n_nodes; n++)
            if (plan->nodes[n]->kind == LT_NODE_AGGREGATE)
                ids[i] = plan->nodes[n]->props.stable_id;
        lt_plan_close(plan);
    }
    assert_int_equal(ids[0], ids[1]);
    assert_int_not_equal(ids[0], ids[2]);
    planning_close(&s);
    lt_alloc_close(&alloc);
}

static const struct expectation with_ttl[] = {
    {"SELECT k, SUM(v) FROM plain GROUP BY k", {"calls=[SUM(v)] ttl=3 d", "state by TTL"}},
    {"SELECT DISTINCT k FROM plain", {"calls=[] ttl=3 d", "state by TTL"}},
    {"SELECT SUM(v) FROM plain", {"!ttl", "state unbounded"}},
    {"SELECT k, SUM(v) FROM b GROUP BY k", {"!ttl", "final only"}},
    {"SELECT * FROM w", {"!ttl", "by watermark"}},
};

/* The session's TTL: which state it bounds; stable ids do not depend on it. */
static void test_ttl(void **state)
{
    LT_UNUSED(state);
    struct lt_alloc alloc;
    struct planning s;
    uint64_t ids[2] = {0, 1};
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(planning_open(&s, &alloc), LT_OK);
    assert_int_equal(run_script(&s, TABLES), LT_OK);
    for (int i = 0; i < 2; i++) {
        static const char sql[] = "SELECT k, SUM(v) FROM t GROUP BY k";
        struct lt_ast_stmt *stmt;
        struct lt_plan *plan;
        size_t offset = 0;
        assert_int_equal(lt_parse_next(sql, strlen(sql), &offset, &s.arena, &stmt, &s.err), LT_OK);
        assert_int_equal(lt_plan_statement(&s.env, stmt, &plan, &s.err), LT_OK);
        for (uint32_t n = 0; n < plan->n_nodes; n++)
            if (plan->nodes[n]->kind == LT_NODE_AGGREGATE)
                ids[i] = plan->nodes[n]->props.stable_id;
        lt_plan_close(plan);
        assert_int_equal(lt_setting_set(s.session, LT_STR("table.exec.state.ttl"), LT_STR("3 d"),
                                        &s.arena, NULL, &s.err),
                         LT_OK);
    }
    assert_int_equal(ids[0], ids[1]);
    for (size_t i = 0; i < LT_ARRAY_LEN(with_ttl); i++)
        check_one(&s, &with_ttl[i]);
    planning_close(&s);
    lt_alloc_close(&alloc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_inserts),
        cmocka_unit_test(test_two_phases),
        cmocka_unit_test(test_stable_ids),
        cmocka_unit_test(test_ttl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
