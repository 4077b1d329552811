/* test_tree.c -- the shape of the trees that the planner relies on. */
#include "tests/unit/parser/parse_test.h"

static const struct lt_ast_expr *first_item(struct parse_test *t, const char *sql)
{
    return parse_ok(t, sql)->query->items->expr;
}

static void operators_bind_as_in_calcite(void **state)
{
    LT_UNUSED(state);
    /* Each left text must have the tree of the right one. */
    static const char *const pairs[][2] = {
        {"a OR b AND c", "a OR (b AND c)"},
        {"NOT a AND b", "(NOT a) AND b"},
        {"NOT a = b", "NOT (a = b)"},
        {"NOT a IN (1)", "NOT (a IN (1))"},
        {"a = b IS NULL", "(a = b) IS NULL"},
        {"a = b = c", "(a = b) = c"},
        {"a = b IN (1)", "a = (b IN (1))"},
        {"a = b NOT IN (1)", "a = (b NOT IN (1))"},
        {"a BETWEEN b AND c AND d", "(a BETWEEN b AND c) AND d"},
        {"a BETWEEN b + 1 AND c OR d", "(a BETWEEN (b + 1) AND c) OR d"},
        {"a NOT BETWEEN b AND c = d", "(a NOT BETWEEN b AND c) = d"},
        {"a BETWEEN SYMMETRIC -1 AND 1", "a BETWEEN SYMMETRIC (-1) AND 1"},
        {"a BETWEEN symmetric AND 1", "a BETWEEN `symmetric` AND 1"},
        {"a LIKE b || c ESCAPE d", "a LIKE (b || c) ESCAPE d"},
        {"a + b * c", "a + (b * c)"},
        {"a - b - c", "(a - b) - c"},
        {"a / b * c % d || e", "(((a / b) * c) % d) || e"},
        {"a + b || c", "a + (b || c)"},
        {"-a * b", "(-a) * b"},
        {"- a[1]", "-(a[1])"},
        {"a < b + c", "a < (b + c)"},
        {"ts AT TIME ZONE 'x' + y", "(ts AT TIME ZONE 'x') + y"},
        {"a IS NOT DISTINCT FROM b AND c", "(a IS NOT DISTINCT FROM b) AND c"},
        {"a AND b IS TRUE", "a AND (b IS TRUE)"},
        {"POSITION('a' IN b)", "POSITION('a', b)"},
        {"OVERLAY(a PLACING b FROM 1 FOR 2)", "OVERLAY(a, b, 1, 2)"},
        {"TRIM('x' FROM a)", "TRIM(a, 'x')"},
        {"price", "`price`"},
        {"SUM(x)", "sum(x)"},
    };
    for (size_t i = 0; i < LT_ARRAY_LEN(pairs); i++) {
        struct parse_test t;
        struct lt_ast_expr *a, *b;
        parse_open(&t);
        assert_int_equal(lt_parse_expr(lt_str_of(pairs[i][0]), &t.arena, &a, &t.err), LT_OK);
        assert_int_equal(lt_parse_expr(lt_str_of(pairs[i][1]), &t.arena, &b, &t.err), LT_OK);
        if (!lt_ast_expr_equal(a, b))
            fail_msg("%s is not %s", pairs[i][0], pairs[i][1]);
        parse_close(&t);
    }
}

static void unequal_trees(void **state)
{
    LT_UNUSED(state);
    static const char *const pairs[][2] = {
        {"a", "b"},
        {"a", "'a'"},
        {"a.b", "a.b.c"},
        {"a + b", "a - b"},
        {"f(a)", "f(a, b)"},
        {"f(a)", "f(DISTINCT a)"},
        {"f(a) OVER w", "f(a) OVER v"},
        {"f(a) OVER (ORDER BY a)", "f(a) OVER (ORDER BY a DESC)"},
        {"CAST(a AS INT)", "TRY_CAST(a AS INT)"},
        {"CAST(a AS ROW<x INT>)", "CAST(a AS ROW<y INT>)"},
        {"a LIKE b", "a NOT LIKE b"},
        {"(SELECT 1)", "(SELECT 2)"},
        {"(SELECT 1 FROM a)", "(SELECT 1 FROM b)"},
        {"(SELECT 1 FROM a EMIT CHANGES)", "(SELECT 1 FROM a)"},
        {"(SELECT 1 FROM a JOIN b ON x)", "(SELECT 1 FROM a LEFT JOIN b ON x)"},
        {"(SELECT 1 FROM a MATCH_RECOGNIZE (PATTERN (A+)))",
         "(SELECT 1 FROM a MATCH_RECOGNIZE (PATTERN (A+?)))"},
        {"INTERVAL '1' DAY", "INTERVAL '1' HOUR"},
        {"CASE WHEN a THEN b END", "CASE WHEN a THEN b ELSE c END"},
    };
    for (size_t i = 0; i < LT_ARRAY_LEN(pairs); i++) {
        struct parse_test t;
        struct lt_ast_expr *a, *b;
        parse_open(&t);
        assert_int_equal(lt_parse_expr(lt_str_of(pairs[i][0]), &t.arena, &a, &t.err), LT_OK);
        assert_int_equal(lt_parse_expr(lt_str_of(pairs[i][1]), &t.arena, &b, &t.err), LT_OK);
        if (lt_ast_expr_equal(a, b))
            fail_msg("%s must not be %s", pairs[i][0], pairs[i][1]);
        assert_true(lt_ast_expr_equal(a, a));
        parse_close(&t);
    }
}

static void calls(void **state)
{
    LT_UNUSED(state);
    struct parse_test t;
    parse_open(&t);
    const struct lt_ast_expr *x = first_item(&t, "SELECT TRIM(BOTH 'x' FROM a)");
    assert_int_equal(x->kind, LT_AST_CALL);
    assert_string_equal(x->u.call->words->key.data, "BOTH");
    assert_int_equal(x->u.call->args->expr->kind, LT_AST_COLUMN);
    assert_int_equal(x->u.call->args->next->expr->kind, LT_AST_LITERAL_STRING);
    x = first_item(&t, "SELECT FLOOR(ts TO hour)");
    assert_int_equal(x->u.call->args->next->expr->kind, LT_AST_UNIT);
    assert_string_equal(x->u.call->args->next->expr->u.text.data, "HOUR");
    x = first_item(&t, "SELECT TIMESTAMPDIFF(second, a, b)");
    assert_string_equal(x->u.call->args->expr->u.text.data, "SECOND");
    x = first_item(&t, "SELECT EXTRACT(year FROM ts)");
    assert_int_equal(x->kind, LT_AST_EXTRACT);
    assert_string_equal(x->u.extract.unit.data, "YEAR");
    x = first_item(&t, "SELECT CURRENT_TIMESTAMP");
    assert_int_equal(x->kind, LT_AST_CALL);
    assert_null(x->u.call->args);
    x = first_item(&t, "SELECT COUNT(*)");
    assert_int_equal(x->u.call->args->expr->kind, LT_AST_STAR);
    x = first_item(&t, "SELECT JSON_VALUE(a, '$' RETURNING INT DEFAULT 1 ON EMPTY ERROR ON ERROR)");
    assert_string_equal(x->u.call->returning->name.data, "INT");
    assert_int_equal(x->u.call->on_empty->kind, LT_AST_LITERAL_NUMBER);
    assert_string_equal(x->u.call->words->key.data, "DEFAULT ON EMPTY");
    assert_string_equal(x->u.call->words->next->key.data, "ERROR ON ERROR");
    x = first_item(&t, "SELECT JSON_OBJECT(KEY 'k' VALUE v, 'l' : w)");
    unsigned n = 0;
    for (const struct lt_ast_exprs *at = x->u.call->args; at != NULL; at = at->next)
        n++;
    assert_int_equal(n, 4);
    x = first_item(&t, "SELECT ROW_NUMBER() OVER (PARTITION BY a ORDER BY b DESC)");
    assert_true(x->u.call->over->order->descending);
    assert_null(x->u.call->over->name);
    x = first_item(&t, "SELECT a.b.c");
    assert_int_equal(x->kind, LT_AST_COLUMN);
    assert_string_equal(x->u.path->next->next->text.data, "c");
    x = first_item(&t, "SELECT -5");
    assert_int_equal(x->kind, LT_AST_UNARY);
    parse_close(&t);
}

static void window_functions_of_tables(void **state)
{
    LT_UNUSED(state);
    static const char *const forms[] = {
        "SELECT * FROM TABLE(TUMBLE(TABLE a.bid, DESCRIPTOR(ts), INTERVAL '10' SECOND)) AS w",
        "SELECT * FROM TUMBLE(TABLE a.bid, DESCRIPTOR(ts), INTERVAL '10' SECOND) w",
    };
    struct parse_test t;
    parse_open(&t);
    for (size_t i = 0; i < LT_ARRAY_LEN(forms); i++) {
        const struct lt_ast_from *from = parse_ok(&t, forms[i])->query->from;
        assert_int_equal(from->kind, LT_AST_FROM_FUNCTION);
        assert_int_equal(from->table_keyword, i == 0);
        assert_string_equal(from->alias->text.data, "w");
        const struct lt_ast_exprs *arg = from->call->u.call->args;
        assert_int_equal(arg->expr->kind, LT_AST_TABLE_ARG);
        assert_string_equal(arg->expr->u.table_arg.table->next->text.data, "bid");
        assert_int_equal(arg->next->expr->kind, LT_AST_DESCRIPTOR);
        assert_string_equal(arg->next->expr->u.path->text.data, "ts");
        assert_int_equal(arg->next->next->expr->kind, LT_AST_LITERAL_INTERVAL);
    }
    const struct lt_ast_exprs *arg =
        parse_ok(&t, "SELECT * FROM SESSION(DATA => TABLE t PARTITION BY (a, b), "
                     "TIMECOL => DESCRIPTOR(ts), GAP => INTERVAL '1' MINUTE)")
            ->query->from->call->u.call->args;
    assert_int_equal(arg->expr->kind, LT_AST_NAMED_ARG);
    assert_string_equal(arg->expr->u.named.name->text.data, "DATA");
    const struct lt_ast_expr *table = arg->expr->u.named.value;
    assert_int_equal(table->kind, LT_AST_TABLE_ARG);
    assert_non_null(table->u.table_arg.partition->next);
    assert_int_equal(arg->next->expr->u.named.value->kind, LT_AST_DESCRIPTOR);
    parse_close(&t);
}

static void emit_clauses(void **state)
{
    LT_UNUSED(state);
    struct parse_test t;
    parse_open(&t);
    const struct lt_ast_emit *emit =
        &parse_ok(&t, "SELECT 1 FROM t EMIT LATE ROWS OF a INTO b.c, ACCUMULATING, LATE EVERY "
                      "INTERVAL '1' SECOND WITHIN INTERVAL '1' HOUR, EARLY EVERY 5 ROWS")
             ->query->emit;
    assert_true(emit->early && !emit->at_watermark && emit->late);
    assert_non_null(emit->early_rows);
    assert_null(emit->early_every);
    assert_non_null(emit->late_within);
    assert_int_equal(emit->mode, LT_AST_ACCUMULATING);
    assert_string_equal(emit->late_rows_of->text.data, "a");
    assert_string_equal(emit->late_rows_into->next->text.data, "c");
    emit = &parse_ok(&t, "SELECT 1 FROM t EMIT ON WINDOW CLOSE")->query->emit;
    assert_true(emit->at_watermark && !emit->early && emit->pos.line == 1);
    emit = &parse_ok(&t, "SELECT 1 FROM t EMIT CHANGES")->query->emit;
    assert_true(emit->early && emit->early_on_change);
    assert_int_equal(parse_ok(&t, "SELECT 1 FROM t")->query->emit.pos.line, 0);
    parse_close(&t);
}

static void queries_and_groups(void **state)
{
    LT_UNUSED(state);
    struct parse_test t;
    parse_open(&t);
    const struct lt_ast_query *query =
        parse_ok(&t, "SELECT 1 UNION SELECT 2 INTERSECT SELECT 3")->query;
    assert_int_equal(query->set_op, LT_AST_UNION);
    assert_int_equal(query->right->set_op, LT_AST_INTERSECT);
    query = parse_ok(&t, "SELECT 1 FROM t GROUP BY (a, b), c, ()")->query;
    assert_int_equal(query->group->kind, LT_AST_GROUP_EXPR);
    assert_int_equal(query->group->next->next->kind, LT_AST_GROUP_EXPR);
    assert_int_equal(query->group->next->next->next->kind, LT_AST_GROUP_TUPLE);
    query = parse_ok(&t, "SELECT 1 FROM t GROUP BY GROUPING SETS ((a, b), c, ())")->query;
    assert_int_equal(query->group->kind, LT_AST_GROUP_SETS);
    assert_int_equal(query->group->children->kind, LT_AST_GROUP_TUPLE);
    assert_int_equal(query->group->children->next->kind, LT_AST_GROUP_EXPR);
    assert_null(query->group->children->next->next->children);
    query = parse_ok(&t, "VALUES (1, 2), 3, ((4, 5))")->query;
    assert_non_null(query->values->exprs->next);
    assert_null(query->values->next->exprs->next);
    assert_null(query->values->next->next->exprs->next);
    assert_int_equal(query->values->next->next->exprs->expr->kind, LT_AST_ROW);
    query = parse_ok(&t, "SELECT 1 LIMIT ? OFFSET ?")->query;
    assert_int_equal(query->offset->u.index, 1);
    assert_int_equal(t.stmt->n_parameters, 2);
    parse_close(&t);
}

static void joins(void **state)
{
    LT_UNUSED(state);
    static const struct {
        const char *join;
        enum lt_ast_join_kind kind;
        bool asof;
    } list[] = {
        {"JOIN b ON TRUE", LT_AST_JOIN_INNER, false},
        {"LEFT OUTER JOIN b ON TRUE", LT_AST_JOIN_LEFT, false},
        {"LEFT SEMI JOIN b ON TRUE", LT_AST_JOIN_SEMI, false},
        {"ANTI JOIN b USING (x)", LT_AST_JOIN_ANTI, false},
        {", b", LT_AST_JOIN_COMMA, false},
        {"CROSS JOIN b", LT_AST_JOIN_CROSS, false},
        {"ASOF JOIN b MATCH_CONDITION (a.x >= b.x) ON TRUE", LT_AST_JOIN_INNER, true},
        {"ASOF LEFT JOIN b MATCH_CONDITION (a.x >= b.x) ON TRUE", LT_AST_JOIN_LEFT, true},
    };
    for (size_t i = 0; i < LT_ARRAY_LEN(list); i++) {
        struct parse_test t;
        char sql[128];
        parse_open(&t);
        snprintf(sql, sizeof(sql), "SELECT * FROM a %s", list[i].join);
        const struct lt_ast_from *from = parse_ok(&t, sql)->query->from;
        assert_int_equal(from->kind, LT_AST_FROM_JOIN);
        assert_int_equal(from->join, list[i].kind);
        assert_int_equal(from->asof, list[i].asof);
        assert_int_equal(from->match_condition != NULL, list[i].asof);
        parse_close(&t);
    }
    struct parse_test t;
    parse_open(&t);
    const struct lt_ast_from *from =
        parse_ok(&t, "SELECT * FROM o JOIN r FOR SYSTEM_TIME AS OF o.ts AS x ON o.c = x.c")
            ->query->from;
    assert_int_equal(from->right->system_time->kind, LT_AST_COLUMN);
    assert_string_equal(from->right->alias->text.data, "x");
    parse_close(&t);
}

static void patterns(void **state)
{
    LT_UNUSED(state);
    struct parse_test t;
    parse_open(&t);
    const struct lt_ast_from *from =
        parse_ok(&t, "SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY a ORDER BY ts MEASURES FINAL "
                     "LAST(A.x) AS l, FINAL A.y AS m ALL ROWS PER MATCH AFTER MATCH SKIP TO LAST B "
                     "PATTERN (A B{2,}? (C | )) WITHIN INTERVAL '1' DAY SUBSET u = (A, B) DEFINE A "
                     "AS TRUE) AS m")
            ->query->from;
    assert_int_equal(from->kind, LT_AST_FROM_MATCH);
    assert_string_equal(from->alias->text.data, "m");
    const struct lt_ast_match *match = from->match;
    assert_int_equal(match->measures->expr->u.call->semantics, LT_AST_FINAL);
    assert_int_equal(match->measures->next->semantics, LT_AST_MEASURE_FINAL);
    assert_int_equal(match->rows, LT_AST_ALL_ROWS);
    assert_int_equal(match->skip, LT_AST_SKIP_TO_LAST);
    assert_int_equal(match->pattern->kind, LT_AST_PATTERN_CONCAT);
    const struct lt_ast_pattern *b = match->pattern->children->next;
    assert_int_equal(b->kind, LT_AST_PATTERN_REPEAT);
    assert_int_equal(b->min, 2);
    assert_int_equal(b->max, -1);
    assert_true(b->reluctant);
    assert_int_equal(b->next->kind, LT_AST_PATTERN_ALTER);
    assert_int_equal(b->next->children->next->kind, LT_AST_PATTERN_EMPTY);
    assert_non_null(match->within);
    assert_string_equal(match->subsets->members->next->text.data, "B");
    parse_close(&t);
}

static void definitions(void **state)
{
    LT_UNUSED(state);
    struct parse_test t;
    parse_open(&t);
    const struct lt_ast_create_table *table =
        parse_ok(&t, "CREATE TEMPORARY TABLE IF NOT EXISTS d.t (a BIGINT NOT NULL, b AS a + 1, c "
                     "STRING METADATA FROM 'k' VIRTUAL, WATERMARK FOR b AS b, PRIMARY KEY (a, c) "
                     "NOT ENFORCED) WITH ('x' = 'y')")
            ->create_table;
    assert_true(table->temporary && table->if_not_exists && table->has_with);
    assert_true(table->columns->type->not_null);
    assert_non_null(table->columns->next->computed);
    assert_null(table->columns->next->type);
    assert_true(table->columns->next->next->metadata_virtual);
    assert_string_equal(table->watermark_column->text.data, "b");
    assert_string_equal(table->primary_key->next->text.data, "c");
    const struct lt_ast_stmt *set =
        parse_ok(&t, "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT 2; "
                     "END");
    assert_string_equal(set->inserts->text.data, "INSERT INTO a SELECT 1");
    assert_string_equal(set->inserts->next->path->text.data, "b");
    const struct lt_ast_stmt *explain = parse_ok(&t, "EXPLAIN QUERY q");
    assert_null(explain->explained);
    assert_int_equal(explain->object, LT_AST_QUERY_OBJECT);
    assert_int_equal(parse_ok(&t, "DROP MATERIALIZED VIEW v")->object, LT_AST_MATERIALIZED_VIEW);
    parse_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_bind_as_in_calcite),
        cmocka_unit_test(unequal_trees),
        cmocka_unit_test(calls),
        cmocka_unit_test(window_functions_of_tables),
        cmocka_unit_test(emit_clauses),
        cmocka_unit_test(queries_and_groups),
        cmocka_unit_test(joins),
        cmocka_unit_test(patterns),
        cmocka_unit_test(definitions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
