/* test_json.c -- the json format: what it reads, writes, refuses and passes over. */
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

static void reads(struct world *world, const struct column *columns, uint32_t n,
                  const char *options, const char *data, size_t size, const char *expected)
{
    struct lt_connector_table table = table_make(world, columns, n, options);
    assert_int_equal(lt_format_json.check(&table, &world->err), LT_OK);
    struct decoding how = {.format = &lt_format_json, .table = &table};
    check_decode(world, &how, data, size, expected);
}

static void test_plain(void **state)
{
    reads(*state, three, 3, "",
          ROWS("\xEF\xBB\xBF{\"id\":1,\"name\":\"Ann\",\"ts\":\"2024-01-01 00:00:00\"}\r\n"
               " { \"name\" : \"longer than twelve bytes\" , \"more\" : [1, {\"a\": null}], "
               "\"id\" : -2 }\n\n{}\n{\"ts\":null,\"id\":3.0,\"id\":4e2,\"name\":\"\"}"),
          "1|Ann|2024-01-01 00:00:00.000\n-2|longer than twelve bytes|NULL\nNULL|NULL|NULL\n"
          "400||NULL\n");
}

static void test_strings(void **state)
{
    static const struct column one[] = {{"s", &lt_type_string}};
    reads(*state, one, 1, "",
          ROWS("{\"s\":\"\\u00e4\\n\\\"\\\\\\/\\ud83d\\ude00 and a longer tail\"}\n"
               "{\"\\u0073\":\"\xC3\xA4\"}\n{\"s\":12.50}\n{\"s\":true}\n"
               "{\"s\":{\"a\" : [1, \"x y\"]}}\n{\"s\":[ ]}\n"),
          "\xC3\xA4\n\"\\/\xF0\x9F\x98\x80 and a longer tail\n\xC3\xA4\n12.50\ntrue\n"
          "{\"a\":[1,\"x y\"]}\n[]\n");
}

static void test_numbers(void **state)
{
    struct world *world = *state;
    struct column columns[] = {
        {"t", &lt_type_tinyint},
        {"d", &lt_type_double},
        {"m", lt_type_decimal(&world->arena, 20, 3)},
        {"b", &lt_type_boolean},
        {"y", &lt_type_bytes},
        {"z", &lt_type_ltz3},
    };
    reads(world, columns, 6, "",
          ROWS("{\"t\":-128,\"d\":1e-3,\"m\":12345678901234567.125,\"b\":true,\"y\":\"YWJj\","
               "\"z\":\"2024-01-01T02:00:00+02:00\"}\n"
               "{\"t\":\"7\",\"d\":\"NaN\",\"m\":1.5e2,\"b\":\"false\",\"y\":\"\"}\n"),
          "-128|0.001|12345678901234567.125|TRUE|abc|2024-01-01 00:00:00.000\n"
          "7|NaN|150.000|FALSE||NULL\n");
}

static const struct lt_type *nested_type(struct world *world)
{
    const struct lt_type *inner[] = {&lt_type_int, &lt_type_string};
    const struct lt_str names[] = {{"a", 1}, {"b", 1}};
    return lt_type_row(&world->arena, 2, inner, names);
}

static void test_nested(void **state)
{
    struct world *world = *state;
    const struct lt_type *row = nested_type(world);
    struct column columns[] = {
        {"r", row},
        {"l", lt_type_array(&world->arena, row)},
        {"m",
         lt_type_map(&world->arena, &lt_type_string, lt_type_array(&world->arena, &lt_type_int))},
    };
    reads(world, columns, 3, "",
          ROWS("{\"r\":{\"a\":1,\"b\":\"x\"},\"l\":[{\"a\":2},null,{\"b\":\"thirteen chars\","
               "\"a\":3}],\"m\":{\"k\":[1,2],\"n\":[],\"k\":[3,null]}}\n"
               "{\"l\":[],\"m\":{}}\n{\"r\":null,\"l\":null,\"m\":{\"z\":null}}\n"),
          "(1, x)|[(2, NULL), NULL, (3, thirteen chars)]|{k=[3, NULL], n=[]}\nNULL|[]|{}\n"
          "NULL|NULL|{z=NULL}\n");
}

static void test_many_elements(void **state)
{
    struct world *world = *state;
    struct column columns[] = {{"l", lt_type_array(&world->arena, &lt_type_string)}};
    struct lt_connector_table table = table_make(world, columns, 1, "");
    struct decoding how = {.format = &lt_format_json, .table = &table, .rows_max = 3};
    struct lt_buf text, want, got;
    lt_buf_init(&text, &world->alloc);
    lt_buf_init(&want, &world->alloc);
    lt_buf_init(&got, &world->alloc);
    for (int row = 0; row < 10; row++) {
        lt_buf_adds(&text, "{\"l\":[");
        lt_buf_adds(&want, "[");
        for (int i = 0; i < row * 50; i++) {
            lt_buf_addf(&text, "%s\"element number %d\"", i ? "," : "", i);
            lt_buf_addf(&want, "%selement number %d", i ? ", " : "", i);
        }
        lt_buf_adds(&text, "]}\n");
        lt_buf_adds(&want, "]\n");
    }
    assert_int_equal(decode_text(world, &how, text.data, text.len, text.len / 2, &got), LT_OK);
    assert_string_equal(got.data, want.data);
    lt_buf_close(&text);
    lt_buf_close(&want);
    lt_buf_close(&got);
}

static void test_fields_pruned(void **state)
{
    struct world *world = *state;
    struct column columns[] = {{"r", nested_type(world)}, {"id", &lt_type_bigint}};
    struct lt_connector_table table = table_make(world, columns, 2, "");
    uint32_t wanted[] = {0};
    const uint64_t only_b[] = {2};
    const uint64_t *fields[] = {only_b};
    struct lt_scan_request request = {.n_columns = 1, .columns = wanted, .fields = fields};
    struct decoding how = {.format = &lt_format_json, .table = &table, .request = &request};
    check_decode(world, &how,
                 ROWS("{\"id\":\"no number\",\"r\":{\"a\":\"nor this\",\"b\":\"x\"}}\n"),
                 "(0, x)\n");
}

static void test_ignore(void **state)
{
    struct world *world = *state;
    struct column columns[] = {{"id", &lt_type_bigint},
                               {"r", nested_type(world)},
                               {"l", lt_type_array(&world->arena, &lt_type_int)}};
    struct lt_connector_table table =
        table_make(world, columns, 3, "json.ignore-parse-errors=true");
    struct decoding how = {.format = &lt_format_json, .table = &table};
    check_decode(world, &how,
                 ROWS("{\"id\":1.5,\"r\":{\"a\":1e99,\"b\":\"x\"}}\n"
                      "{\"id\":2,\"r\":[1,[2]],\"l\":[1,\"x\",3]}\n"
                      "{\"id\":3,\"l\":{\"a\":1}}\n"
                      "{\"id\":4,\n"
                      "{\"id\":5}}\n"
                      "[6]\n"
                      "{\"id\":\"7\"}\n"),
                 "NULL|(NULL, x)|NULL\n2|NULL|[1, NULL, 3]\n3|NULL|NULL\n7|NULL|NULL\n");
    assert_int_equal(how.bad, 6);
}

static void refused(struct world *world, const char *options, const char *data, size_t size,
                    const char *a, const char *b)
{
    struct lt_connector_table table = table_make(world, three, 3, options);
    struct decoding how = {.format = &lt_format_json, .table = &table};
    check_refused(world, &how, data, size, (const char *const[]){a, b, NULL});
}

static void test_refused(void **state)
{
    struct world *world = *state;
    refused(world, "", ROWS("{\"id\":1}\n{\"id\":}\n"), "f: line 2, column 7: a value", "'}'");
    refused(world, "", ROWS("{\"id\":1x}\n"), "line 1, column 8", "',' or '}' is expected");
    refused(world, "", ROWS("{\"id\":01}\n"), "column 7", "may not begin with 0");
    refused(world, "", ROWS("{\"id\":1.5}\n"), "column 7: field 'id' does not fit its type BIGINT",
            "1.5");
    refused(world, "", ROWS("{\"id\":9223372036854775808}\n"), "field 'id'", "BIGINT");
    refused(world, "", ROWS("{\"id\":1,}\n"), "column 9", "string in double quotes");
    refused(world, "", ROWS("{'id':1}\n"), "column 2", "double quotes");
    refused(world, "", ROWS("{\"name\":\"a\tb\"}\n"), "column 11", "control character");
    refused(world, "", ROWS("{\"name\":\"\\x\"}\n"), "column 10", "escape sequence");
    refused(world, "", ROWS("{\"x\":\"\\ud800\"}\n"), "column 7", "escape sequence");
    refused(world, "", ROWS("{\"x\":\"\xC0\xAF\"}\n"), "line 1, column 1", "UTF-8");
    refused(world, "", ROWS("{\"id\":1} {}\n"), "column 10", "more text after");
    refused(world, "", ROWS("{\"x\":{\"a\":[tru]}}\n"), "column 12", "a value is expected");
    refused(world, "", ROWS("{\"name\":\"open\n"), "column 9", "never closed");
    refused(world, "", ROWS("{\"id\""), "column 6", "at the end of the line");
    refused(world, "", ROWS("12\n"), "line 1, column 1", "one JSON object");
    refused(world, "", ROWS("{\"ts\":1704067200}\n"), "field 'ts'", "TIMESTAMP(3)");
    refused(world, "json.fail-on-missing-field=true", ROWS("{\"id\":1,\"ts\":null}\n"),
            "field 'name' is missing", "line 1");
    char deep[600];
    size_t len = (size_t)snprintf(deep, sizeof(deep), "{\"x\":");
    memset(deep + len, '[', 200);
    len += 200;
    refused(world, "", deep, len, "nested more than 128", "line 1");
}

static void test_bad_options(void **state)
{
    struct world *world = *state;
    static const char *const bad[] = {
        "json.timestamp-format.standard=RFC", "json.map-null-key.mode=KEEP",
        "json.ignore-parse-errors=true\njson.fail-on-missing-field=true"};
    for (size_t i = 0; i < LT_ARRAY_LEN(bad); i++) {
        struct lt_connector_table table = table_make(world, three, 3, bad[i]);
        world->err = (struct lt_error){0};
        assert_int_equal(lt_format_json.check(&table, &world->err), LT_INVALID);
    }
    struct column map[] = {{"m", lt_type_map(&world->arena, &lt_type_int, &lt_type_int)}};
    struct lt_connector_table table = table_make(world, map, 1, "");
    assert_int_equal(lt_format_json.check(&table, &world->err), LT_UNSUPPORTED);
}

/* What `data` becomes when it is decoded and encoded again. */
static void rewrites(struct world *world, const struct column *columns, uint32_t n,
                     const char *options, const char *data, size_t size, const char *text)
{
    struct lt_connector_table table = table_make(world, columns, n, options);
    struct lt_scan_request all = request_all(world, &table);
    struct lt_decoder *decoder;
    struct lt_encoder *encoder;
    struct lt_batch_builder builder;
    struct lt_batch batch;
    struct lt_buf out;
    size_t used;
    const struct lt_format *json = &lt_format_json;
    lt_buf_init(&out, &world->alloc);
    assert_int_equal(lt_builder_open(&builder, world->pool, table.physical, 64), LT_OK);
    assert_int_equal(json->decoder_open(&world->env, &table, &all, &decoder, &world->err), LT_OK);
    assert_int_equal(json->encoder_open(&world->env, &table, false, &encoder, &world->err), LT_OK);
    struct lt_buffer *buffer = exact_buffer(data, size);
    assert_int_equal(
        json->decode(decoder, buffer, buffer->data, size, true, 64, &builder, &used, &world->err),
        LT_OK);
    assert_int_equal(lt_builder_take(&builder, &batch), LT_OK);
    for (uint16_t row = 0; row < batch.len; row++) {
        uint32_t one = 1;
        assert_int_equal(json->encode(encoder, &batch, &row, &one, SIZE_MAX, &out, &world->err),
                         LT_OK);
    }
    assert_string_equal(lt_buf_str(&out).data, text);
    lt_builder_release(&builder, &batch);
    lt_builder_close(&builder);
    lt_buffer_unref(buffer);
    json->encoder_close(encoder);
    json->decoder_close(decoder);
    lt_buf_close(&out);
}

static void test_write(void **state)
{
    struct world *world = *state;
    rewrites(world, three, 3, "",
             ROWS("{\"name\":\"\\u0001\\n\\\"\\\\\xC3\xA4\",\"ts\":\"2024-01-01\",\"id\":1}\n{}\n"),
             "{\"id\":1,\"name\":\"\\u0001\\n\\\"\\\\\xC3\xA4\",\"ts\":\"2024-01-01 "
             "00:00:00.000\"}\n{\"id\":null,\"name\":null,\"ts\":null}\n");
    rewrites(world, three, 3,
             "json.timestamp-format.standard=ISO-8601\njson.encode.ignore-null-fields=true",
             ROWS("{\"ts\":\"2024-01-01T10:00:00.5\"}\n"),
             "{\"ts\":\"2024-01-01T10:00:00.500\"}\n");
    struct column columns[] = {
        {"m", lt_type_map(&world->arena, &lt_type_string, &lt_type_double)},
        {"l", lt_type_array(&world->arena, nested_type(world))},
        {"y", &lt_type_bytes},
        {"z", &lt_type_ltz3},
        {"d", lt_type_decimal(&world->arena, 20, 10)},
        {"b", &lt_type_boolean},
    };
    rewrites(world, columns, 6, "",
             ROWS("{\"m\":{\"a\":1,\"b\":\"NaN\"},\"l\":[{\"a\":1},null],\"y\":\"AAECAw==\","
                  "\"z\":\"2024-01-01 00:00:00Z\",\"d\":0.0000000270,\"b\":false}\n"),
             "{\"m\":{\"a\":1.0,\"b\":\"NaN\"},\"l\":[{\"a\":1,\"b\":null},null],"
             "\"y\":\"AAECAw==\",\"z\":\"2024-01-01 00:00:00.000Z\",\"d\":2.70E-8,\"b\":false}\n");
    rewrites(world, columns + 4, 1, "json.encode.decimal-as-plain-number=true",
             ROWS("{\"d\":2.7e-8}\n"), "{\"d\":0.0000000270}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_plain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_strings, setup, teardown),
        cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nested, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_elements, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fields_pruned, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ignore, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_options, setup, teardown),
        cmocka_unit_test_setup_teardown(test_write, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
