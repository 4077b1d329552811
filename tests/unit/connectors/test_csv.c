/* test_csv.c -- the csv format: what it reads, writes, refuses and passes over. */
#include "tests/unit/connectors/support.h"

#define ROWS(text) text, sizeof(text) - 1

static int setup(void **state)
{
    struct world *world = malloc(sizeof(*world));
    world_open(world);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    world_close(*state);
    free(*state);
    return 0;
}

static const struct column three[] = {
    {"id", &lt_type_bigint}, {"name", &lt_type_string}, {"ts", &lt_type_timestamp3}};

static void reads(struct world *world, const char *options, const char *data, size_t size,
                  const char *expected)
{
    struct lt_connector_table table = table_make(world, three, 3, options);
    struct decoding how = {.format = &lt_format_csv, .table = &table};
    check_decode(world, &how, data, size, expected);
}

static void test_plain(void **state)
{
    reads(*state, "",
          ROWS("1,Ann,2024-01-01 00:00:00\n2,a name longer than twelve,2024-01-01T00:00:01.5\r\n"
               "\n-3,,\n4,\"\",2024-02-29"),
          "1|Ann|2024-01-01 00:00:00.000\n2|a name longer than twelve|2024-01-01 00:00:01.500\n"
          "-3||NULL\n4||2024-02-29 00:00:00.000\n");
}

static void test_quotes(void **state)
{
    reads(*state, "",
          ROWS("1,\"a,b\",\n2,\"say \"\"hi\"\" to everybody\",\r\n3,\"two\nlines\r\n\",\n"
               "4,in\"side,\n5,\"\"\"\",\n"),
          "1|a,b|NULL\n2|say \"hi\" to everybody|NULL\n3|two\nlines\r\n|NULL\n4|in\"side|NULL\n"
          "5|\"|NULL\n");
}

static void test_options(void **state)
{
    reads(*state,
          "csv.field-delimiter=;\ncsv.quote-character='\ncsv.null-literal=n/a\n"
          "csv.allow-comments=true\ncsv.escape-character=\\\\",
          ROWS("# 1;2\n1;'a;b';n/a\n2;n/a;\n3;'n/a';\n4;x\\;y;\n5;'it\\'s ''all'' right';\n"),
          "1|a;b|NULL\n2|NULL|NULL\n3|n/a|NULL\n4|x;y|NULL\n5|it's 'all' right|NULL\n");
    reads(*state, "csv.disable-quote-character=true\ncsv.field-delimiter=\\t",
          ROWS("1\t\"a\t\n2\tb\"\t\n"), "1|\"a|NULL\n2|b\"|NULL\n");
}

static void test_header(void **state)
{
    reads(*state, "csv.header=true",
          ROWS("\xEF\xBB\xBFname,\"extra\",ts,id\nAnn,x,2024-01-01,1\n\"B\",y,,2\n"),
          "1|Ann|2024-01-01 00:00:00.000\n2|B|NULL\n");
    reads(*state, "csv.header=true", ROWS("id,name,ts\n"), "");
    reads(*state, "csv.header=true", ROWS(""), "");
}

static void test_ignore(void **state)
{
    struct world *world = *state;
    struct lt_connector_table table = table_make(world, three, 3, "csv.ignore-parse-errors=true");
    struct decoding how = {.format = &lt_format_csv, .table = &table};
    check_decode(world, &how,
                 ROWS("x,Ann,2024-01-01\n2,Bob\n3,C,2024-01-01,4\n4,\"D\"x,2024-01-01\n"
                      "5,E,2024-13-01\n6,F,2024-01-01\n7,\"G"),
                 "NULL|Ann|2024-01-01 00:00:00.000\n2|Bob|NULL\n5|E|NULL\n"
                 "6|F|2024-01-01 00:00:00.000\n");
    assert_int_equal(how.bad, 6);
}

static void test_nested(void **state)
{
    struct world *world = *state;
    const struct lt_type *pair[] = {&lt_type_int, &lt_type_string};
    const struct lt_str names[] = {{"a", 1}, {"b", 1}};
    struct column columns[] = {
        {"xs", lt_type_array(&world->arena, &lt_type_int)},
        {"r", lt_type_row(&world->arena, 2, pair, names)},
        {"b", &lt_type_boolean},
    };
    struct lt_connector_table table =
        table_make(world, columns, 3, "csv.array-element-delimiter=/\ncsv.null-literal=~");
    struct decoding how = {.format = &lt_format_csv, .table = &table};
    check_decode(world, &how,
                 ROWS("1/2/~,7/seven,true\n~,~,~\n\"\",8/a text out of line,false\n5,/,true\n"),
                 "[1, 2, NULL]|(7, seven)|TRUE\nNULL|NULL|NULL\n[]|(8, a text out of line)|FALSE\n"
                 "[5]|(NULL, )|TRUE\n");
}

static void test_projection(void **state)
{
    struct world *world = *state;
    struct lt_connector_table table = table_make(world, three, 3, "");
    uint32_t columns[] = {2, 0};
    struct lt_scan_request request = {.n_columns = 2, .columns = columns};
    struct decoding how = {.format = &lt_format_csv, .table = &table, .request = &request};
    check_decode(world, &how, ROWS("1,\"a\nb\",2024-01-01\n2,c,\n"),
                 "2024-01-01 00:00:00.000|1\nNULL|2\n");
    struct lt_scan_request none = {.columns = columns};
    how.request = &none;
    check_decode(world, &how, ROWS("1,a,2024-01-01\n2,c,\n"), "\n\n");
}

static void refused(struct world *world, const char *options, const char *data, size_t size,
                    const char *a, const char *b)
{
    struct lt_connector_table table = table_make(world, three, 3, options);
    struct decoding how = {.format = &lt_format_csv, .table = &table};
    check_refused(world, &how, data, size, (const char *const[]){a, b, NULL});
}

static void test_refused(void **state)
{
    struct world *world = *state;
    refused(world, "", ROWS("1,a,\n2,b,\n3x,c,\n"), "f: line 3, column 1: '3x' is not a value",
            "BIGINT (column 'id')");
    refused(world, "", ROWS("1,\"two\nlines\",2024-01-32\n"), "line 2, column 8: '2024-01-32'",
            "TIMESTAMP(3)");
    refused(world, "", ROWS("1,\xC3\xA4\xC3\xA4,yesterday\n"), "line 1, column 6: 'yesterday'",
            "ts");
    refused(world, "", ROWS("1,a\n"), "line 1, column 1: the record has 2 fields", "3 are");
    refused(world, "", ROWS("1,a,,\n"), "has more than 3 fields", "line 1");
    refused(world, "", ROWS("1,a,\n2,\"b,\n3,c,\n"), "line 2, column 3", "never closed");
    refused(world, "", ROWS("1,\"a\"b,\n"), "line 1, column 3", "follows the closing quote");
    refused(world, "", ROWS("1,\xFF,\n"), "line 1, column 3: '?'", "STRING");
    refused(world, "csv.header=true", ROWS("id,nam,ts\n"), "no column 'name'", "id,nam,ts");
    struct column strict[] = {{"id", &lt_type_bigint_not_null}};
    struct lt_connector_table table = table_make(world, strict, 1, "csv.null-literal=-");
    struct decoding how = {.format = &lt_format_csv, .table = &table};
    check_refused(world, &how, ROWS("-\n"),
                  (const char *const[]){"line 1, column 1: '-'", "NOT NULL", NULL});
}

static void test_bad_options(void **state)
{
    struct world *world = *state;
    static const char *const bad[] = {"csv.header=yes", "csv.field-delimiter=ab",
                                      "csv.field-delimiter=\"", "csv.quote-character="};
    for (size_t i = 0; i < LT_ARRAY_LEN(bad); i++) {
        struct lt_connector_table table = table_make(world, three, 3, bad[i]);
        world->err = (struct lt_error){0};
        assert_int_equal(lt_format_csv.check(&table, &world->err), LT_INVALID);
        assert_true(world->err.message[0] != 0);
    }
    struct column map[] = {{"m", lt_type_map(&world->arena, &lt_type_string, &lt_type_int)}};
    struct lt_connector_table table = table_make(world, map, 1, "");
    assert_int_equal(lt_format_csv.check(&table, &world->err), LT_UNSUPPORTED);
}

/* Rows that were decoded, encoded, and decoded again print the same. */
static void round_trip(struct world *world, struct lt_connector_table *table, const char *data,
                       size_t size, const char *text)
{
    struct lt_scan_request all = request_all(world, table);
    struct lt_decoder *decoder;
    struct lt_encoder *encoder;
    struct lt_batch_builder builder;
    struct lt_buf out;
    size_t used;
    lt_buf_init(&out, &world->alloc);
    assert_int_equal(lt_builder_open(&builder, world->pool, table->physical, 64), LT_OK);
    assert_int_equal(lt_format_csv.decoder_open(&world->env, table, &all, &decoder, &world->err),
                     LT_OK);
    assert_int_equal(lt_format_csv.encoder_open(&world->env, table, false, &encoder, &world->err),
                     LT_OK);
    struct lt_buffer *buffer = exact_buffer(data, size);
    assert_int_equal(lt_format_csv.decode(decoder, buffer, buffer->data, size, true, 64, &builder,
                                          &used, &world->err),
                     LT_OK);
    struct lt_batch batch;
    assert_int_equal(lt_builder_take(&builder, &batch), LT_OK);
    lt_format_csv.encode_start(encoder, &out);
    for (uint16_t row = 0; row < batch.len; row++) {
        uint32_t one = 1;
        assert_int_equal(
            lt_format_csv.encode(encoder, &batch, &row, &one, SIZE_MAX, &out, &world->err), LT_OK);
    }
    assert_string_equal(lt_buf_str(&out).data, text);
    lt_builder_release(&builder, &batch);
    lt_builder_close(&builder);
    lt_buffer_unref(buffer);
    lt_format_csv.encoder_close(encoder);
    lt_format_csv.decoder_close(decoder);
    lt_buf_close(&out);
}

static void test_write(void **state)
{
    struct world *world = *state;
    struct lt_connector_table table = table_make(world, three, 3, "");
    static const char text[] = "1,\"a,b\",2024-01-01 00:00:00.000\n2,\"say \"\"hi\"\"\",\n"
                               ",\"x\ny\",\n3,plain,2024-01-01 00:00:00.120\n";
    round_trip(world, &table, ROWS(text), text);
    table = table_make(world, three, 3, "csv.header=true\ncsv.null-literal=NULL");
    static const char more[] = "id,name,ts\nNULL,\"NULL\",NULL\n1,,NULL\n";
    round_trip(world, &table, ROWS(more), more);
    struct column one[] = {{"s", &lt_type_string}};
    table = table_make(world, one, 1, "");
    round_trip(world, &table, ROWS("a\n\"\"\n"), "a\n\"\"\n");
    struct column types[] = {{"b", &lt_type_boolean},
                             {"d", &lt_type_double},
                             {"z", &lt_type_ltz3},
                             {"y", &lt_type_bytes},
                             {"m", lt_type_decimal(&world->arena, 10, 2)}};
    table = table_make(world, types, 5, "");
    round_trip(world, &table, ROWS("TRUE,1e10,2024-01-01 02:00:00+02:00,ab,1.5\n"),
               "true,1.0E10,2024-01-01 00:00:00.000Z,ab,1.50\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_plain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_quotes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_options, setup, teardown),
        cmocka_unit_test_setup_teardown(test_header, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ignore, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nested, setup, teardown),
        cmocka_unit_test_setup_teardown(test_projection, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_options, setup, teardown),
        cmocka_unit_test_setup_teardown(test_write, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
