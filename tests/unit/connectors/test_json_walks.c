/* test_json_walks.c -- the fast walk, at every level of instructions, against the strict one.
 *
 * Lines are made from pieces that are usual, odd or wrong, and sometimes a byte is changed.
 * Rows, the message of the first bad line and the count of bad ones must be the same. */
#include "tests/unit/connectors/support.h"

#include "connectors/formats/json.h"
#include "connectors/formats/structural.h"

static uint64_t random_state;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % n);
}

static int setup(void **state)
{
    struct world *world = malloc(sizeof(*world));
    world_open(world);
    *state = world;
    random_state = 1;
    return 0;
}

static int teardown(void **state)
{
    world_close(*state);
    free(*state);
    return 0;
}

/* Rows, or the message; and the count of bad records. The text comes in pieces of `piece`
 * bytes, with what was not used in front of the next. */
static void decode_by(struct world *world, struct lt_connector_table *table,
                      const struct lt_structural *level, const char *data, size_t size,
                      size_t piece, uint32_t rows_max, struct lt_buf *out)
{
    struct lt_scan_request all = request_all(world, table);
    struct lt_decoder *decoder;
    struct lt_batch_builder builder;
    struct lt_batch batch;
    struct lt_error err = {0};
    const struct lt_format *json = &lt_format_json;
    assert_int_equal(json->decoder_open(&world->env, table, &all, &decoder, &err), LT_OK);
    lt_json_decoder_level(decoder, level);
    json->decoder_reset(decoder, LT_STR("f"));
    assert_int_equal(lt_builder_open(&builder, world->pool, table->physical, rows_max), LT_OK);
    lt_status status = LT_OK;
    for (size_t at = 0, end = piece; status == LT_OK && at < size;) {
        end = end < size ? end : size;
        struct lt_buffer *buffer = exact_buffer(data + at, end - at);
        size_t used = 0;
        status = json->decode(decoder, buffer, buffer->data, buffer->size, end == size,
                              rows_max - builder.len, &builder, &used, &err);
        lt_buffer_unref(buffer);
        at += used;
        if (builder.len == rows_max || (at == size && builder.len)) {
            assert_int_equal(lt_builder_take(&builder, &batch), LT_OK);
            batch_print(out, &batch);
            lt_builder_release(&builder, &batch);
        } else {
            end += piece;
        }
    }
    if (status != LT_OK)
        lt_buf_clear(out); /* how many rows came before depends on the batches */
    lt_buf_addf(out, "%d %s %llu", status, err.message,
                (unsigned long long)json->decoder_bad(decoder));
    lt_builder_close(&builder);
    json->decoder_close(decoder);
}

/* Returns whether all lines are good. */
static bool check_walks(struct world *world, struct lt_connector_table *table, const char *data,
                        size_t size)
{
    struct lt_buf want, got;
    lt_buf_init(&want, &world->alloc);
    lt_buf_init(&got, &world->alloc);
    decode_by(world, table, NULL, data, size, size, LT_BATCH_ROWS_MAX, &want);
    bool good = want.len >= 4 && strcmp(want.data + want.len - 4, "0  0") == 0;
    for (unsigned i = 0; lt_structural_levels[i]; i++) {
        if (!lt_structural_levels[i]->usable())
            continue;
        for (unsigned way = 0; way < 3; way++) {
            size_t piece = way == 0 ? size : 1 + random_below((uint32_t)size);
            uint32_t rows = way == 2 ? 1 + random_below(5) : LT_BATCH_ROWS_MAX;
            lt_buf_clear(&got);
            decode_by(world, table, lt_structural_levels[i], data, size, piece, rows, &got);
            if (strcmp(want.data, got.data) != 0)
                fail_msg("level %s, pieces of %zu, batches of %u:\n%.*s\nstrictly: %s\nfast: %s",
                         lt_structural_levels[i]->name, piece, rows, (int)size, data, want.data,
                         got.data);
        }
    }
    lt_buf_close(&want);
    lt_buf_close(&got);
    return good;
}

/* ---- lines at random ---------------------------------------------------- */

static const char *const usual[] = {
    "1",
    "-7",
    "0",
    "123456789",
    "1234567890123456789",
    "true",
    "false",
    "null",
    "0.5",
    "-12.75",
    "123456789.125",
    "3.141592653589793",
    "\"\"",
    "\"short\"",
    "\"exactly12by.\"",
    "\"thirteen byte\"",
    "\"a text that is longer than what a view holds\"",
    "\"2024-02-29 12:34:56.789\"",
    "\"1999-12-31T23:59:59\"",
    "\"2024-01-01\"",
    "\"2024-01-01T00:00:00Z\"",
    "\"12\"",
    "\"true\"",
    "{\"x\":1,\"y\":\"why\"}",
    "{\"y\":\"z\"}",
    "{}",
    "[]",
    "[1,2,3]",
    "[{\"x\":5},null]",
    "{\"k\":[\"v\",\"w\"]}",
    "[0.5,-12.75,3,null,\"12\"]",
    "[[1,-2],[],[1234567890],null]",
    "{\"k\":[\"v\"],\"a key longer than a view\":[],\"k\":null}",
    "[1, 2, 3]",
    "{\"x\": 1, \"y\": null}",
};
static const char *const odd[] = {
    "-01",
    "-00",
    "-0.5",
    "\"5.\"",
    "\".5\"",
    "\"-5\"",
    "\"+5\"",
    "\" 5\"",
    "\"05\"",
    "\"\\u0035\"",
    "1e3",
    "1.0",
    "-0",
    "01",
    "1.",
    ".5",
    "-",
    "--1",
    "1e",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "12345678901234567890123",
    "1E400",
    "+1",
    "\"a\\n\\u00e4\\\\ and so on and on\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud800\"",
    "\"\\x\"",
    "\"\\\"\"",
    "\"\xC3\xA4\xE2\x82\xAC with more bytes than characters\"",
    "\"\xC3\"",
    "\"\xED\xA0\x80\"",
    "\"tab\there\"",
    "\"open",
    "close\"",
    "tru",
    "nulll",
    "True",
    "NaN",
    "\"NaN\"",
    "\"2023-02-29\"",
    "\"2024-01-01 25:00:00\"",
    "\" 2024-01-01 1:2:3 \"",
    "\"2024-01-01 00:00:00+02:00\"",
    "[1,",
    "]",
    "{\"x\":1",
    "{\"x\" : 1 }",
    "{\"x\":01}",
    "{\"x\":1,\"x\":2}",
    "[[[[]]]]",
    "{\"z\":{\"z\":{}}}",
    "",
    " 5 ",
    "\t6",
    "5\r",
    "128",
    "-32769",
    "2147483648",
    "\"QUJD\"",
    "\"QUJ\"",
    "1}",
    "\"x\\",
    "\"x\t",
    "\"}\"",
    "\",\"",
};
/* Names, and which of the usual values fit the column. */
static const struct {
    const char *name;
    unsigned fits[4];
} names[] = {
    {"a", {0, 1, 3, 4}},
    {"b", {0, 1, 2, 3}},
    {"c", {8, 9, 10, 11}},
    {"d", {12, 13, 14, 16}},
    {"e", {17, 18, 19, 17}},
    {"f", {5, 6, 5, 7}},
    {"g", {0, 8, 9, 10}},
    {"h", {20, 17, 18, 20}},
    {"i", {23, 24, 25, 34}},
    {"j", {26, 28, 28, 7}},
    {"k", {0, 1, 9, 8}},
    {"l", {19, 19, 7, 19}},
    {"a name that is longer than sixteen bytes", {12, 13, 14, 15}},
    {"m", {25, 29, 32, 7}},
    {"n", {26, 27, 30, 33}},
    {"o", {26, 31, 31, 7}},
    {"unknown", {4, 16, 23, 31}},
    {"more of them", {5, 7, 11, 32}},
    {"a name that is longer than sixteen BYTES", {0, 1, 12, 28}},
};

static void add_value(struct lt_buf *out, unsigned oddness)
{
    if (random_below(100) < oddness)
        lt_buf_adds(out, odd[random_below(LT_ARRAY_LEN(odd))]);
    else
        lt_buf_adds(out, usual[random_below(LT_ARRAY_LEN(usual))]);
}

/* A value that fits the column of that name, mostly. */
static void add_fitting(struct lt_buf *out, unsigned name, unsigned oddness)
{
    if (random_below(100) >= oddness)
        lt_buf_adds(out, usual[names[name].fits[random_below(4)]]);
    else
        add_value(out, oddness);
}

static void add_line(struct lt_buf *out, unsigned oddness)
{
    static const char *const blanks[] = {" ", "  ", "\t", "\n", "\r"};
    bool spaced = random_below(100) < oddness;
    unsigned n = random_below(20), from = random_below(3) ? 0 : random_below(19);
    lt_buf_adds(out, random_below(200) < oddness ? "[" : "{");
    for (unsigned i = 0; i < n; i++) {
        unsigned name = (from + i) % LT_ARRAY_LEN(names);
        if (random_below(100) < oddness)
            name = random_below(LT_ARRAY_LEN(names));
        lt_buf_addf(out, "%s%s\"%s\":%s", i ? "," : "",
                    spaced && i ? &" \0x\0 "[2 * random_below(3)] : "", names[name].name,
                    spaced ? " " : "");
        if (random_below(400) < oddness)
            lt_buf_adds(out, blanks[random_below(5)]);
        add_fitting(out, name, oddness);
        if (random_below(400) < oddness)
            lt_buf_adds(out, blanks[random_below(5)]);
    }
    lt_buf_adds(out, random_below(200) < oddness ? "" : "}");
    lt_buf_adds(out, random_below(200) < oddness ? " \n" : random_below(10) ? "\n" : "\r\n");
}

static uint32_t make_columns(struct world *world, struct column *columns)
{
    struct lt_arena *arena = &world->arena;
    const struct lt_type *inner[] = {&lt_type_int, &lt_type_string};
    const struct lt_str inner_names[] = {{"x", 1}, {"y", 1}};
    const struct lt_type *row = lt_type_row(arena, 2, inner, inner_names);
    const struct column list[] = {
        {"a", &lt_type_bigint},
        {"b", &lt_type_int},
        {"c", &lt_type_double},
        {"d", &lt_type_string},
        {"e", &lt_type_timestamp3},
        {"f", &lt_type_boolean},
        {"g", lt_type_decimal(arena, 12, 3)},
        {"h", &lt_type_ltz3},
        {"i", row},
        {"j", lt_type_array(arena, row)},
        {"k", &lt_type_float},
        {"l", &lt_type_date},
        {"a name that is longer than sixteen bytes", lt_type_text(arena, LT_TYPE_VARCHAR, 15)},
        {"m", lt_type_map(arena, &lt_type_string, lt_type_array(arena, &lt_type_string))},
        {"n", lt_type_array(arena, &lt_type_double)},
        {"o", lt_type_array(arena, lt_type_array(arena, &lt_type_bigint))},
    };
    memcpy(columns, list, sizeof(list));
    return LT_ARRAY_LEN(list);
}

static void play(struct world *world, const char *options, unsigned oddness, unsigned rounds)
{
    struct column columns[20];
    uint32_t n = make_columns(world, columns);
    struct lt_buf text;
    lt_buf_init(&text, &world->alloc);
    for (unsigned round = 0; round < rounds; round++) {
        struct lt_connector_table table = table_make(world, columns + random_below(n), 1, options);
        if (round % 4)
            table = table_make(world, columns, round % 4 == 1 ? n - 3 : n, options);
        lt_buf_clear(&text);
        lt_buf_adds(&text, "{}\n");
        for (unsigned lines = 1 + random_below(8); lines; lines--)
            add_line(&text, oddness);
        for (unsigned changes = random_below(300) < oddness; changes; changes--)
            text.data[random_below((uint32_t)text.len)] = (char)random_below(256);
        if (random_below(4)) /* so that the last lines too have something behind them */
            lt_buf_adds(&text,
                        "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n");
        bool good = check_walks(world, &table, text.data, text.len);
        assert_true(good || oddness);
    }
    lt_buf_close(&text);
}

/* Every value in every column: alone, last and not last, with a blank in front, in a list. */
static void test_each(void **state)
{
    struct world *world = *state;
    struct column columns[20];
    uint32_t n = make_columns(world, columns);
    struct lt_buf text;
    lt_buf_init(&text, &world->alloc);
    for (uint32_t c = 0; c <= n; c++) {
        struct lt_connector_table table =
            table_make(world, columns + c % n, 1, c % 2 ? "json.ignore-parse-errors=true" : "");
        const char *name = c < n ? columns[c].name : "unknown";
        for (unsigned v = 0; v < LT_ARRAY_LEN(usual) + LT_ARRAY_LEN(odd); v++) {
            const char *value = v < LT_ARRAY_LEN(usual) ? usual[v] : odd[v - LT_ARRAY_LEN(usual)];
            for (unsigned way = 0; way < 5; way++) {
                static const char *const forms[] = {"{\"%s\":%s}\n", "{\"%s\":%s,\"z\":1}\n",
                                                    "{\"%s\": %s}\n", "{\"%s\":[%s]}\r\n",
                                                    "{\"%s\":{\"k\":[%s,%s]}}\n"};
                lt_buf_clear(&text);
                lt_buf_adds(&text, "{}\n"); /* the first line of a file is read strictly */
                for (unsigned i = 0; i < 2; i++)
                    lt_buf_addf(&text, forms[way], name, value, value);
                lt_buf_adds(&text, "{}\n                                      \n");
                check_walks(world, &table, text.data, text.len);
            }
        }
    }
    lt_buf_close(&text);
}

static void test_usual(void **state)
{
    play(*state, "", 0, 400);
}

static void test_odd(void **state)
{
    play(*state, "", 3, 2000);
    play(*state, "json.fail-on-missing-field=true", 1, 500);
}

static void test_bad(void **state)
{
    play(*state, "json.ignore-parse-errors=true", 3, 1000);
    play(*state, "json.ignore-parse-errors=true", 30, 2000);
}

/* Lines longer than what is indexed at once, between short ones. */
static void test_long(void **state)
{
    struct world *world = *state;
    struct column columns[] = {{"id", &lt_type_bigint}, {"text", &lt_type_string}};
    struct lt_connector_table table = table_make(world, columns, 2, "");
    static const uint32_t sizes[] = {0, 10, 500, 31000, 32700, 32768, 33000, 70000};
    struct lt_buf text;
    lt_buf_init(&text, &world->alloc);
    for (unsigned i = 0; i < 40; i++) {
        lt_buf_addf(&text, "{\"id\":%u,\"text\":\"", i);
        for (uint32_t j = sizes[random_below(LT_ARRAY_LEN(sizes))]; j; j--)
            lt_buf_addc(&text, 'x');
        lt_buf_adds(&text, i % 7 == 6 ? "\\n\"}\n" : "\"}\n");
    }
    check_walks(world, &table, text.data, text.len);
    lt_buf_close(&text);
}

/* More fields than a word has bits, more unknown names than are remembered. */
static void test_wide(void **state)
{
    struct world *world = *state;
    static char columns_names[100][8];
    struct column columns[100];
    struct lt_buf text;
    lt_buf_init(&text, &world->alloc);
    for (unsigned i = 0; i < 100; i++) {
        snprintf(columns_names[i], sizeof(columns_names[i]), "c%u", i);
        columns[i] = (struct column){columns_names[i], i % 2 ? &lt_type_int : &lt_type_string};
    }
    for (unsigned n = 60; n < 70; n++) {
        struct lt_connector_table table = table_make(world, columns, n % 3 ? n : 100, "");
        lt_buf_clear(&text);
        for (unsigned line = 0; line < 30; line++) {
            lt_buf_addf(&text, "{\"x%u\":0", line);
            for (unsigned i = 0; i < 100; i++)
                if (line % 3 == 0 || random_below(4))
                    lt_buf_addf(&text, ",\"c%u\":%u", i, random_below(1000));
            for (unsigned i = 0; i < 80; i++)
                lt_buf_addf(&text, ",\"unknown%u\":%u", random_below(3000), i);
            lt_buf_adds(&text, "}\n");
        }
        check_walks(world, &table, text.data, text.len);
    }
    lt_buf_close(&text);
}

/* Nesting up to what is allowed, and one more. */
static void test_deep(void **state)
{
    struct world *world = *state;
    struct column columns[] = {{"id", &lt_type_bigint}, {"text", &lt_type_string}};
    struct lt_connector_table table = table_make(world, columns, 2, "");
    struct lt_buf text;
    lt_buf_init(&text, &world->alloc);
    for (unsigned kind = 0; kind < 6; kind++)
        for (unsigned depth = 120; depth < 135; depth++) {
            lt_buf_clear(&text);
            lt_buf_adds(&text, "{}\n");
            lt_buf_adds(&text, kind < 3 ? "{\"text\":" : "{\"id\":5,\"other\":");
            for (unsigned i = 0; i < depth; i++)
                lt_buf_adds(&text, kind % 3 == 0 || (kind % 3 == 1 && i % 2) ? "[" : "{\"a\":");
            lt_buf_adds(&text, "1");
            for (unsigned i = depth; i-- > 0;)
                lt_buf_adds(&text, kind % 3 == 0 || (kind % 3 == 1 && i % 2) ? "]" : "}");
            lt_buf_adds(&text, "}\n{\"id\":6}\n                                        \n");
            check_walks(world, &table, text.data, text.len);
        }
    lt_buf_close(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each, setup, teardown),
        cmocka_unit_test_setup_teardown(test_usual, setup, teardown),
        cmocka_unit_test_setup_teardown(test_odd, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad, setup, teardown),
        cmocka_unit_test_setup_teardown(test_long, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wide, setup, teardown),
        cmocka_unit_test_setup_teardown(test_deep, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
