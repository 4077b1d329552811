/* test_script.c -- many statements in one text: where each starts and ends,
 * what is left after a mistake, settings, positions, and what is complete. */
#include "tests/unit/parser/parse_test.h"

static void one_at_a_time(void **state)
{
    LT_UNUSED(state);
    static const char text[] = "-- first\nSELECT 1 ; ;\n/* two */ SELECT\n 'a;b' -- x ; y\n;;"
                               "SELECT 3";
    struct parse_test t;
    parse_open(&t);
    size_t size = sizeof(text) - 1;
    assert_int_equal(parse_text(&t, text, size), LT_OK);
    assert_string_equal(t.stmt->text.data, "SELECT 1");
    assert_int_equal(t.stmt->pos.line, 2);
    assert_int_equal(t.stmt->pos.column, 1);
    assert_int_equal(t.offset, 19);
    assert_int_equal(parse_text(&t, text, size), LT_OK);
    assert_string_equal(t.stmt->text.data, "SELECT\n 'a;b'");
    assert_int_equal(t.stmt->pos.line, 3);
    assert_int_equal(t.stmt->pos.column, 11);
    assert_int_equal(parse_text(&t, text, size), LT_OK);
    assert_string_equal(t.stmt->text.data, "SELECT 3");
    assert_int_equal(t.offset, size);
    assert_int_equal(parse_text(&t, text, size), LT_OK);
    assert_null(t.stmt);
    parse_close(&t);
}

static void goes_on_after_a_mistake(void **state)
{
    LT_UNUSED(state);
    static const char *const texts[] = {
        "SELECT FROM 'a;b' /* ; */ x; SELECT 2",
        "SELECT a b c; SELECT 2",
        "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELEKT 1; INSERT INTO b SELECT CASE WHEN x THEN "
        "y END; END; SELECT 2",
        "SET k; SELECT 2",
        "SELECT 1abc; SELECT 2",
    };
    for (size_t i = 0; i < LT_ARRAY_LEN(texts); i++) {
        struct parse_test t;
        parse_open(&t);
        assert_int_equal(parse_text(&t, texts[i], strlen(texts[i])), LT_SYNTAX);
        assert_int_equal(parse_text(&t, texts[i], strlen(texts[i])), LT_OK);
        assert_string_equal(t.stmt->text.data, "SELECT 2");
        parse_close(&t);
    }
    struct parse_test t;
    parse_open(&t);
    assert_int_equal(parse_text(&t, "SELECT 'x; SELECT 2", 19), LT_SYNTAX);
    assert_int_equal(t.offset, 19);
    parse_close(&t);
}

static void settings(void **state)
{
    LT_UNUSED(state);
    static const char *const cases[][3] = {
        {"SET 'a.b' = 'c'", "a.b", "c"},
        {"SET a.b=c", "a.b", "c"},
        {"SET sql-client.execution.result-mode = changelog", "sql-client.execution.result-mode",
         "changelog"},
        {"SET table.exec.state.ttl = 1 h", "table.exec.state.ttl", "1 h"},
        {"SET x = 10s -- ten seconds", "x", "10s"},
        {"SET x = 'a;b'", "x", "a;b"},
        {"SET 'x' = 5", "x", "5"},
        {"SET x =", "x", ""},
        {"SET x = a=b", "x", "a=b"},
        {"set x = \xc3\xa9", "x", "\xc3\xa9"},
    };
    for (size_t i = 0; i < LT_ARRAY_LEN(cases); i++) {
        struct parse_test t;
        parse_open(&t);
        const struct lt_ast_stmt *stmt = parse_ok(&t, cases[i][0]);
        assert_int_equal(stmt->kind, LT_AST_STMT_SET);
        assert_string_equal(stmt->options->key.data, cases[i][1]);
        assert_string_equal(stmt->options->value.data, cases[i][2]);
        assert_int_equal(parse_ok(&t, "RESET a.b-c")->kind, LT_AST_STMT_RESET);
        assert_string_equal(t.stmt->options->key.data, "a.b-c");
        assert_null(parse_ok(&t, "SET;")->options);
        parse_close(&t);
    }
}

static void positions(void **state)
{
    LT_UNUSED(state);
    static const char text[] = "SELECT é + price,\n  SUM(x) OVER w AS s\nFROM TUMBLE(TABLE t) AS q "
                               "EMIT AT WATERMARK";
    struct parse_test t;
    parse_open(&t);
    const struct lt_ast_query *query = parse_ok(&t, text)->query;
    const struct lt_ast_select_item *item = query->items;
    assert_memory_equal(text + item->expr->pos.offset, "é + price,", item->expr->pos.len + 1);
    assert_int_equal(item->expr->u.op.right->pos.column, 12);
    item = item->next;
    assert_int_equal(item->expr->pos.line, 2);
    assert_int_equal(item->expr->pos.column, 3);
    assert_memory_equal(text + item->expr->pos.offset, "SUM(x) OVER w", 13);
    assert_int_equal(item->expr->pos.len, 13);
    assert_int_equal(query->from->pos.line, 3);
    assert_int_equal(query->from->pos.len, strlen("TUMBLE(TABLE t) AS q"));
    assert_int_equal(query->pos.len, strlen(text));
    assert_int_equal(query->emit.pos.len, strlen("EMIT AT WATERMARK"));
    parse_close(&t);
}

static void complete_or_not(void **state)
{
    LT_UNUSED(state);
    static const char *const whole[] = {
        "",
        "  -- x",
        "SELECT 1;",
        "SELECT 1; -- x",
        "SELECT ';';",
        "SELECT 1; SELECT 2;",
        "EXECUTE STATEMENT SET BEGIN INSERT INTO t SELECT CASE WHEN a THEN b END; END;",
        "BEGIN STATEMENT SET; INSERT INTO t SELECT 1; END;",
        ";;",
        "SELCT;",
        "SET x = 10s;",
    };
    static const char *const part[] = {
        "SELECT 1",
        "SELECT 'a;",
        "SELECT `a;",
        "/* ;",
        "SELECT 1; SELECT 2",
        "SELECT /* ; */ 1",
        "EXECUTE STATEMENT SET BEGIN INSERT INTO t SELECT CASE WHEN a THEN b END;",
        "BEGIN STATEMENT SET;",
        "SELECT 1; 'x",
        "SELECT 1 -- ;",
    };
    for (size_t i = 0; i < LT_ARRAY_LEN(whole); i++)
        if (!lt_parse_is_complete(whole[i], strlen(whole[i])))
            fail_msg("should be complete: %s", whole[i]);
    for (size_t i = 0; i < LT_ARRAY_LEN(part); i++)
        if (lt_parse_is_complete(part[i], strlen(part[i])))
            fail_msg("should not be complete: %s", part[i]);
}

static void single_pieces(void **state)
{
    LT_UNUSED(state);
    struct parse_test t;
    struct lt_ast_expr *expr, *same;
    struct lt_ast_query *query;
    struct lt_ast_type *type;
    parse_open(&t);
    assert_int_equal(lt_parse_expr(LT_STR("ts - INTERVAL '5' SECOND"), &t.arena, &expr, &t.err),
                     LT_OK);
    assert_int_equal(expr->kind, LT_AST_BINARY);
    assert_int_equal(lt_parse_expr(LT_STR("(`ts`) - interval '5' second"), &t.arena, &same, &t.err),
                     LT_OK);
    assert_true(lt_ast_expr_equal(expr, same));
    assert_int_equal(lt_parse_expr(LT_STR("ts - 1"), &t.arena, &same, &t.err), LT_OK);
    assert_false(lt_ast_expr_equal(expr, same));
    assert_int_equal(lt_parse_query(LT_STR("SELECT 1 UNION SELECT 2"), &t.arena, &query, &t.err),
                     LT_OK);
    assert_int_equal(query->kind, LT_AST_SET_OP);
    assert_int_equal(lt_parse_type(LT_STR("ARRAY<ROW<a INT>>"), &t.arena, &type, &t.err), LT_OK);
    assert_string_equal(type->element->fields->type->name.data, "INT");
    assert_int_equal(lt_parse_expr(LT_STR("a;"), &t.arena, &expr, &t.err), LT_SYNTAX);
    lt_error_clear(&t.err);
    assert_int_equal(lt_parse_type(LT_STR(""), &t.arena, &type, &t.err), LT_SYNTAX);
    lt_error_clear(&t.err);
    assert_int_equal(lt_parse_query(LT_STR("CREATE TABLE t"), &t.arena, &query, &t.err), LT_SYNTAX);
    parse_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_at_a_time),   cmocka_unit_test(goes_on_after_a_mistake),
        cmocka_unit_test(settings),        cmocka_unit_test(positions),
        cmocka_unit_test(complete_or_not), cmocka_unit_test(single_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
