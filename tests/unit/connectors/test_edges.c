/* test_edges.c -- print, stdout, stdin, memory, blackhole, and the options of all connectors. */
#include "tests/unit/connectors/support.h"

#include <fcntl.h>
#include <poll.h>

#include "connectors/hub.h"
#include "connectors/option.h"

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

static const struct column two[] = {{"id", &lt_type_bigint}, {"name", &lt_type_string}};

struct row {
    int64_t id;
    const char *name; /* NULL = NULL */
    int32_t weight;
};

static void fill(struct world *world, struct lt_batch_builder *builder, struct lt_batch *batch,
                 const struct lt_connector_table *table, const struct row *rows, uint32_t n)
{
    assert_int_equal(lt_builder_open(builder, world->pool, table->physical, 64), LT_OK);
    for (uint32_t i = 0; i < n; i++) {
        ((int64_t *)builder->columns[0]->values)[i] = rows[i].id;
        if (rows[i].name) {
            assert_int_equal(lt_column_put_str(builder->columns[1], i, lt_str_of(rows[i].name)),
                             LT_OK);
        } else {
            assert_int_equal(lt_column_own_validity(builder->columns[1]), LT_OK);
            lt_column_set_null(builder->columns[1], i);
        }
        assert_int_equal(lt_builder_set_weight(builder, i, rows[i].weight), LT_OK);
        builder->len++;
    }
    assert_int_equal(lt_builder_take(builder, batch), LT_OK);
}

static lt_status sink_rows_as(struct world *world, const struct lt_connector *connector,
                              const struct lt_connector_table *table, uint32_t writer,
                              const struct row *rows, uint32_t n)
{
    struct lt_sink *sink;
    struct lt_batch_builder builder;
    struct lt_batch batch;
    fill(world, &builder, &batch, table, rows, n);
    assert_int_equal(connector->sink_open(&world->env, table, writer, 4, &sink, &world->err),
                     LT_OK);
    lt_status status = connector->sink_write(sink, &batch, &world->err);
    if (status == LT_OK)
        status = connector->sink_end(sink, &world->err);
    if (status == LT_OK)
        status = connector->sink_prepare(sink, 1, &world->err);
    if (status == LT_OK)
        status = connector->sink_commit(sink, 1, &world->err);
    connector->sink_close(sink);
    lt_builder_release(&builder, &batch);
    lt_builder_close(&builder);
    return status;
}

static lt_status sink_rows(struct world *world, const struct lt_connector *connector,
                           const struct lt_connector_table *table, const struct row *rows,
                           uint32_t n)
{
    return sink_rows_as(world, connector, table, 0, rows, n);
}

static void test_print(void **state)
{
    struct world *world = *state;
    static const struct row rows[] = {{1, "Ann", 1}, {2, "old", -1}, {2, "new", 1}, {3, NULL, -1},
                                      {4, "x", 2},   {5, "a", -1},   {6, "b", 1}};
    struct lt_connector_table table = table_make(world, two, 2, "print-identifier=p");
    static const uint32_t key[] = {0};
    table.changelog_key = key;
    table.n_changelog_key = 1;
    assert_int_equal(sink_rows(world, &lt_connector_print, &table, rows, 7), LT_OK);
    assert_string_equal(world->printed.data,
                        "p> +I[1, Ann]\np> -U[2, old]\np> +U[2, new]\np> -D[3, null]\n"
                        "p> +I[4, x]\np> +I[4, x]\np> -D[5, a]\np> +I[6, b]\n");
    lt_buf_clear(&world->printed);
    table = table_make(world, two, 2, "");
    assert_int_equal(sink_rows(world, &lt_connector_print, &table, rows, 3), LT_OK);
    assert_string_equal(world->printed.data, "+I[1, Ann]\n-D[2, old]\n+I[2, new]\n");
    assert_int_equal(sink_rows(world, &lt_connector_blackhole, &table, rows, 7), LT_OK);
}

static void test_stdout(void **state)
{
    struct world *world = *state;
    static const struct row rows[] = {{1, "a,b", 1}, {2, NULL, 1}};
    struct lt_connector_table table = table_make(world, two, 2, "format=csv\ncsv.header=true");
    assert_int_equal(sink_rows(world, &lt_connector_stdout, &table, rows, 2), LT_OK);
    assert_string_equal(world->printed.data, "id,name\n1,\"a,b\"\n2,\n");
    assert_int_equal(
        lt_connector_stdout.sink_check(&table, &lt_builtin_registry, true, &world->err),
        LT_INVALID);
}

/* A pipe that is full: rows wait, none is torn or lost. */
static void test_full_pipe(void **state)
{
    struct world *world = *state;
    int pipes[2];
    assert_int_equal(pipe2(pipes, O_NONBLOCK | O_CLOEXEC), 0);
    world->env.out_write = NULL;
    world->env.out_fd = pipes[1];
    struct lt_connector_table table = table_make(world, two, 2, "format=csv");
    struct lt_sink *sink;
    struct lt_batch_builder builder;
    struct lt_batch batch;
    struct row rows[64];
    for (int i = 0; i < 64; i++)
        rows[i] = (struct row){i, "a text that takes some room in the pipe", 1};
    fill(world, &builder, &batch, &table, rows, 64);
    const struct lt_connector *out = &lt_connector_stdout;
    assert_int_equal(out->sink_open(&world->env, &table, 0, 1, &sink, &world->err), LT_OK);
    struct lt_buf got;
    lt_buf_init(&got, &world->alloc);
    int taken = 0, busy = 0;
    char text[8192];
    while (taken < 100) {
        lt_status status = out->sink_write(sink, &batch, &world->err);
        assert_true(status == LT_OK || status == LT_BUSY);
        taken += status == LT_OK;
        busy += status == LT_BUSY;
        if (status == LT_BUSY)
            lt_buf_add(&got, text, (size_t)read(pipes[0], text, sizeof(text)));
    }
    lt_status status;
    while ((status = out->sink_end(sink, &world->err)) == LT_BUSY)
        lt_buf_add(&got, text, (size_t)read(pipes[0], text, sizeof(text)));
    assert_int_equal(status, LT_OK);
    out->sink_close(sink);
    close(pipes[1]);
    ssize_t n;
    while ((n = read(pipes[0], text, sizeof(text))) > 0)
        lt_buf_add(&got, text, (size_t)n);
    close(pipes[0]);
    assert_true(busy > 0);
    const char *at = got.data;
    for (int i = 0; i < 6400; i++) {
        char line[64];
        int len =
            snprintf(line, sizeof(line), "%d,a text that takes some room in the pipe\n", i % 64);
        assert_int_equal(strncmp(at, line, (size_t)len), 0);
        at += len;
    }
    assert_int_equal(*at, 0);
    lt_buf_close(&got);
    lt_builder_release(&builder, &batch);
    lt_builder_close(&builder);
}

static void test_stdin(void **state)
{
    struct world *world = *state;
    int pipes[2];
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    world->env.in_fd = pipes[0];
    struct lt_connector_table table = table_make(world, two, 2, "format=json");
    const struct lt_connector *in = &lt_connector_stdin;
    struct lt_source_info info;
    assert_int_equal(in->source_check(&table, &lt_builtin_registry, &info, &world->err), LT_OK);
    assert_true(info.bounded);
    struct lt_scan_request all = request_all(world, &table);
    struct lt_source *source;
    struct lt_reader *reader;
    struct lt_polled polled;
    struct lt_buf got;
    lt_buf_init(&got, &world->alloc);
    assert_int_equal(in->source_open(&world->env, &table, &all, &source, &world->err), LT_OK);
    assert_int_equal(in->reader_open(source, LT_STR("stdin"), 0, &world->env, &reader, &world->err),
                     LT_OK);
    static const char *const pieces[] = {"{\"id\":1}\n{\"id\":2,", "\"name\":\"b\"}\n{\"id\":3}"};
    static const uint32_t rows[] = {1, 1};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(in->reader_poll(reader, 100, &polled, &world->err), LT_OK);
        assert_int_equal(polled.poll, LT_POLL_IDLE);
        assert_int_equal(polled.wait_fd, pipes[0]);
        assert_int_equal(write(pipes[1], pieces[i], strlen(pieces[i])), strlen(pieces[i]));
        assert_int_equal(in->reader_poll(reader, 100, &polled, &world->err), LT_OK);
        assert_int_equal(polled.poll, LT_POLL_ROWS);
        assert_int_equal(polled.batch.len, rows[i]);
        batch_print(&got, &polled.batch);
    }
    close(pipes[1]);
    assert_int_equal(in->reader_poll(reader, 100, &polled, &world->err), LT_OK);
    batch_print(&got, &polled.batch);
    assert_int_equal(in->reader_poll(reader, 100, &polled, &world->err), LT_OK);
    assert_int_equal(polled.poll, LT_POLL_END);
    assert_string_equal(got.data, "1|NULL\n2|b\n3|NULL\n");
    in->reader_close(reader);
    assert_int_equal(in->reader_open(source, LT_STR("stdin"), 9, &world->env, &reader, &world->err),
                     LT_IO);
    in->source_close(source);
    close(pipes[0]);
    lt_buf_close(&got);
}

static void test_memory(void **state)
{
    struct world *world = *state;
    const struct lt_connector *memory = &lt_connector_memory;
    struct lt_connector_table table = table_make(world, two, 2, "bounded=false\nname=m");
    struct lt_source *source;
    struct lt_reader *reader;
    struct lt_polled polled;
    struct lt_scan_request all = request_all(world, &table);
    assert_int_equal(memory->source_open(&world->env, &table, &all, &source, &world->err),
                     LT_UNSUPPORTED); /* no database */
    assert_int_equal(lt_hub_open(&world->alloc, &world->env.hub), LT_OK);
    assert_int_equal(memory->source_open(&world->env, &table, &all, &source, &world->err), LT_OK);
    assert_int_equal(
        memory->reader_open(source, LT_STR("1"), 0, &world->env, &reader, &world->err), LT_OK);
    assert_int_equal(memory->reader_poll(reader, 2, &polled, &world->err), LT_OK);
    assert_int_equal(polled.poll, LT_POLL_IDLE);
    struct pollfd wait = {.fd = polled.wait_fd, .events = POLLIN};
    assert_int_equal(poll(&wait, 1, 0), 0);

    static const struct row rows[] = {{1, "a", 1}, {2, "longer than twelve", 1}, {3, NULL, 1}};
    assert_int_equal(sink_rows(world, memory, &table, rows, 3), LT_OK);
    assert_int_equal(poll(&wait, 1, 0), 1);
    struct lt_buf got;
    lt_buf_init(&got, &world->alloc);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(memory->reader_poll(reader, 2, &polled, &world->err), LT_OK);
        assert_int_equal(polled.poll, LT_POLL_ROWS);
        batch_print(&got, &polled.batch);
    }
    assert_string_equal(got.data, "1|a\n2|longer than twelve\n3|NULL\n");
    assert_int_equal(memory->reader_poll(reader, 2, &polled, &world->err), LT_OK);
    assert_int_equal(polled.poll, LT_POLL_IDLE);
    memory->reader_close(reader);
    memory->source_close(source);

    static const struct row change[] = {{1, "a", -1}};
    assert_int_equal(sink_rows(world, memory, &table, change, 1), LT_INVALID);
    static const struct column one[] = {{"id", &lt_type_bigint}};
    struct lt_connector_table other = table_make(world, one, 1, "name=m");
    all = request_all(world, &other);
    world->err = (struct lt_error){0};
    assert_int_equal(memory->source_open(&world->env, &other, &all, &source, &world->err),
                     LT_INVALID);
    lt_hub_drop(world->env.hub, LT_STR("m"));
    lt_hub_drop(world->env.hub, LT_STR("none"));
    assert_int_equal(memory->source_open(&world->env, &other, &all, &source, &world->err), LT_OK);
    memory->source_close(source);
    lt_hub_close(world->env.hub);
    lt_buf_close(&got);
}

static void reader_print(struct world *world, struct lt_source *source, const char *split,
                         int64_t position, struct lt_buf *out)
{
    const struct lt_connector *memory = &lt_connector_memory;
    struct lt_reader *reader;
    struct lt_polled polled;
    assert_int_equal(memory->reader_open(source, lt_str_of(split), position, &world->env, &reader,
                                         &world->err),
                     LT_OK);
    do {
        assert_int_equal(memory->reader_poll(reader, 2, &polled, &world->err), LT_OK);
        if (polled.poll == LT_POLL_ROWS) {
            lt_buf_addf(out, "%lld: ", (long long)polled.batch.first_position);
            batch_print(out, &polled.batch);
        }
    } while (polled.poll == LT_POLL_ROWS);
    memory->reader_close(reader);
}

/* A split per writer, each with positions and an end of its own; pieces where asked for. */
static void test_memory_splits(void **state)
{
    struct world *world = *state;
    const struct lt_connector *memory = &lt_connector_memory;
    struct lt_connector_table table = table_make(world, two, 2, "name=s");
    static const struct row rows[] = {{1, "a", 1}, {2, "b", 1}, {3, "c", 1}};
    struct lt_scan_request all = request_all(world, &table);
    struct lt_source *source;
    struct lt_reader *reader;
    struct lt_buf got;
    lt_buf_init(&got, &world->alloc);
    assert_int_equal(lt_hub_open(&world->alloc, &world->env.hub), LT_OK);
    for (uint32_t writer = 0; writer < 3; writer += 2)
        assert_int_equal(sink_rows_as(world, memory, &table, writer, rows, 3), LT_OK);
    assert_int_equal(memory->source_open(&world->env, &table, &all, &source, &world->err), LT_OK);
    assert_int_equal(sink_rows_as(world, memory, &table, 2, rows, 1), LT_OK); /* too late */
    struct lt_split_list list = {.arena = &world->arena};
    assert_int_equal(memory->source_splits(source, &list, &world->err), LT_OK);
    assert_int_equal(list.len, 2); /* the second writer had nothing */
    assert_true(lt_str_equal(list.names[0], LT_STR("1")));
    assert_true(lt_str_equal(list.names[1], LT_STR("3")));
    list = (struct lt_split_list){.arena = &world->arena, .pieces = true};
    assert_int_equal(memory->source_splits(source, &list, &world->err), LT_OK);
    assert_int_equal(list.len, 2);
    assert_true(lt_str_equal(list.names[1], LT_STR("3.1")));
    reader_print(world, source, "1", 0, &got);
    reader_print(world, source, "3", 1, &got);
    reader_print(world, source, "3.1", 2, &got);
    reader_print(world, source, "3.2", 0, &got); /* behind the end */
    reader_print(world, source, "2", 0, &got);
    assert_string_equal(got.data, "0: 1|a\n2|b\n2: 3|c\n1: 2|b\n3|c\n2: 3|c\n");
    static const char *const wrong[] = {"", "0", "257", "x", "1.", "1.x", "1.-1"};
    for (size_t i = 0; i < LT_ARRAY_LEN(wrong); i++) {
        world->err = (struct lt_error){0};
        assert_int_equal(memory->reader_open(source, lt_str_of(wrong[i]), 0, &world->env, &reader,
                                             &world->err),
                         LT_INVALID);
    }
    memory->source_close(source);
    lt_hub_drop(world->env.hub, LT_STR("s"));
    lt_hub_close(world->env.hub);
    lt_buf_close(&got);
}

/* ---- options ------------------------------------------------------------ */

static void check_option(struct world *world, const struct lt_connector *connector,
                         const struct lt_format *format, const char *options, const char *part)
{
    struct lt_connector_table table = table_make(world, two, 2, options);
    world->err = (struct lt_error){0};
    lt_status status = lt_options_check(&table, connector, format, &world->err);
    if (!part) {
        if (status != LT_OK)
            print_error("%s\n", world->err.message);
        assert_int_equal(status, LT_OK);
        return;
    }
    assert_int_equal(status, LT_INVALID);
    if (!strstr(world->err.message, part))
        print_error("%s\n", world->err.message);
    assert_non_null(strstr(world->err.message, part));
}

static void test_options(void **state)
{
    struct world *world = *state;
    const struct lt_connector *fs = &lt_connector_filesystem;
    const struct lt_format *csv = &lt_format_csv;
    check_option(world, fs, csv, "connector=filesystem\npath=x\nformat=csv\ncsv.header=true", NULL);
    check_option(world, fs, csv,
                 "connector=filesystem\npath=x\nformat=csv\nscan.parallelism=2\n"
                 "scan.watermark.idle-timeout=1 s",
                 NULL);
    check_option(world, fs, csv,
                 "connector.type=filesystem\nconnector.path=x\nformat.type=csv\n"
                 "format.field-delimiter=;",
                 NULL);
    check_option(world, fs, csv, "connector=filesystem\nformat=csv", "needs the option 'path'");
    check_option(world, fs, csv, "path=x\nformat=csv\ncsv.heder=true", "did you mean 'csv.header'");
    check_option(world, fs, csv, "path=x\nformat=csv\njson.ignore-parse-errors=true",
                 "unknown option 'json.ignore-parse-errors' for connector 'filesystem' with "
                 "format csv");
    check_option(world, fs, csv, "pat=x\nformat=csv", "did you mean 'path'");
    check_option(world, &lt_connector_blackhole, NULL, "connector=blackhole\nabc=x",
                 "unknown option 'abc'");
    assert_ptr_equal(lt_registry_connector(&lt_builtin_registry, LT_STR("filesystem")), fs);
    assert_null(lt_registry_connector(&lt_builtin_registry, LT_STR("kafka")));
    assert_ptr_equal(lt_registry_format(&lt_builtin_registry, LT_STR("csv")), csv);
}

static void test_option_values(void **state)
{
    struct world *world = *state;
    struct lt_connector_table table =
        table_make(world, two, 2, "a=1 min\nb=90\nc=128MB\nd=200b\ne=5 parsecs\nf=\\t\ng=TRUE");
    int64_t value;
    int c;
    bool flag;
    assert_int_equal(lt_option_duration(&table, "a", 0, &value, &world->err), LT_OK);
    assert_int_equal(value, 60 * LT_US_PER_SECOND);
    assert_int_equal(lt_option_duration(&table, "b", 0, &value, &world->err), LT_OK);
    assert_int_equal(value, 90000);
    assert_int_equal(lt_option_memory(&table, "c", 0, &value, &world->err), LT_OK);
    assert_int_equal(value, 128 << 20);
    assert_int_equal(lt_option_memory(&table, "d", 0, &value, &world->err), LT_OK);
    assert_int_equal(value, 200);
    assert_int_equal(lt_option_memory(&table, "none", 7, &value, &world->err), LT_OK);
    assert_int_equal(value, 7);
    assert_int_equal(lt_option_duration(&table, "e", 0, &value, &world->err), LT_INVALID);
    assert_non_null(strstr(world->err.message, "5 parsecs"));
    assert_int_equal(lt_option_int(&table, "b", 0, 0, 50, &value, NULL), LT_INVALID);
    assert_int_equal(lt_option_char(&table, "f", 0, &c, &world->err), LT_OK);
    assert_int_equal(c, '\t');
    assert_int_equal(lt_option_bool(&table, "g", false, &flag, &world->err), LT_OK);
    assert_true(flag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_print, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stdout, setup, teardown),
        cmocka_unit_test_setup_teardown(test_full_pipe, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stdin, setup, teardown),
        cmocka_unit_test_setup_teardown(test_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(test_memory_splits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_options, setup, teardown),
        cmocka_unit_test_setup_teardown(test_option_values, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
