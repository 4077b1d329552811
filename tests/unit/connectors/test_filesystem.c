/* test_filesystem.c -- reading files and writing them: splits, positions, partitions, atomicity. */
#include "tests/unit/connectors/support.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "connectors/file.h"

struct files {
    struct world world;
    char dir[64];
};

static int setup(void **state)
{
    struct files *files = malloc(sizeof(*files));
    world_open(&files->world);
    snprintf(files->dir, sizeof(files->dir), "/tmp/leat-test-XXXXXX");
    assert_non_null(mkdtemp(files->dir));
    *state = files;
    return 0;
}

static int teardown(void **state)
{
    struct files *files = *state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", files->dir);
    assert_int_equal(system(command), 0);
    world_close(&files->world);
    free(files);
    return 0;
}

static const char *path_of(const struct files *files, const char *name)
{
    static char path[512];
    snprintf(path, sizeof(path), "%s/%s", files->dir, name);
    return path;
}

static void put(const struct files *files, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof(path), "%s", path_of(files, name));
    for (char *at = path + strlen(files->dir) + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = 0;
        mkdir(path, 0777);
        *at = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* Options with %s for the directory; they live as long as the world. */
static const char *options_of(struct files *files, const char *format)
{
    struct lt_str out;
    char *name = files->dir;
    char text[1024];
    snprintf(text, sizeof(text), format, name);
    assert_int_equal(lt_arena_str(&files->world.arena, lt_str_of(text), &out), LT_OK);
    return out.data;
}

/* Reads every split from its start, `max_rows` at a time, reopening at each position when
 * `reopen`; prints rows. */
static lt_status read_all(struct world *world, const struct lt_connector_table *table,
                          struct lt_scan_request *request, uint32_t max_rows, bool reopen,
                          struct lt_buf *out)
{
    const struct lt_connector *fs = &lt_connector_filesystem;
    struct lt_source *source;
    struct lt_split_list splits = {.arena = &world->arena};
    LT_TRY(fs->source_open(&world->env, table, request, &source, &world->err));
    lt_status status = fs->source_splits(source, &splits, &world->err);
    for (uint32_t i = 0; i < splits.len && status == LT_OK; i++) {
        struct lt_reader *reader = NULL;
        struct lt_polled polled = {0};
        int64_t last = -1;
        status = fs->reader_open(source, splits.names[i], 0, &world->env, &reader, &world->err);
        while (status == LT_OK && polled.poll != LT_POLL_END) {
            status = fs->reader_poll(reader, max_rows, &polled, &world->err);
            if (status != LT_OK || polled.poll != LT_POLL_ROWS)
                continue;
            batch_print(out, &polled.batch);
            assert_true(polled.batch.first_position > last);
            last = polled.batch.first_position + polled.batch.len - 1;
            assert_true(polled.next_position > last);
            if (reopen) {
                fs->reader_close(reader);
                reader = NULL;
                status = fs->reader_open(source, splits.names[i], polled.next_position, &world->env,
                                         &reader, &world->err);
            }
        }
        fs->reader_close(reader);
    }
    fs->source_close(source);
    return status;
}

static void check_read(struct world *world, const struct lt_connector_table *table,
                       struct lt_scan_request *request, const char *expected)
{
    for (int mode = 0; mode < 4; mode++) {
        struct lt_buf out;
        lt_buf_init(&out, &world->alloc);
        world->err = (struct lt_error){0};
        lt_status status =
            read_all(world, table, request, mode & 1 ? 1 : LT_BATCH_ROWS_MAX, mode & 2, &out);
        if (status != LT_OK)
            print_error("%s\n", world->err.message);
        assert_int_equal(status, LT_OK);
        assert_string_equal(lt_buf_str(&out).data, expected);
        lt_buf_close(&out);
    }
}

static const struct column two[] = {{"id", &lt_type_bigint}, {"name", &lt_type_string}};

static void test_directory(void **state)
{
    struct files *files = *state;
    struct world *world = &files->world;
    put(files, "b.csv", "3,c\n4,\"d\nd\"\n");
    put(files, "a.csv", "1,a\n2,b longer than inline");
    put(files, "deep/er/c.csv", "5,e\n");
    put(files, "empty.csv", "");
    put(files, "_SUCCESS", "no data");
    put(files, ".part-0-0.inprogress", "no data");
    put(files, "_hidden/x.csv", "no data");
    struct lt_connector_table table =
        table_make(world, two, 2, options_of(files, "path=file://%s\nformat=csv"));
    struct lt_scan_request all = request_all(world, &table);
    check_read(world, &table, &all, "1|a\n2|b longer than inline\n3|c\n4|d\nd\n5|e\n");
    table = table_make(world, two, 2, options_of(files, "path=%s/[ab].csv\nformat=csv"));
    check_read(world, &table, &all, "1|a\n2|b longer than inline\n3|c\n4|d\nd\n");
    table = table_make(world, two, 2,
                       options_of(files, "connector.type=filesystem\nconnector.path=%s/b.csv\n"
                                         "format.type=csv"));
    check_read(world, &table, &all, "3|c\n4|d\nd\n");
}

static void test_header_and_metadata(void **state)
{
    struct files *files = *state;
    struct world *world = &files->world;
    put(files, "x.csv", "name,id\na,1\nb,2\n");
    struct lt_connector_table table =
        table_make(world, two, 2, options_of(files, "path=%s\nformat=csv\ncsv.header=true"));
    static const struct lt_metadata_column metadata[] = {
        {LT_STR("file.name"), &lt_type_string_not_null},
        {LT_STR("file.size"), &lt_type_bigint_not_null},
    };
    static const uint32_t wanted[] = {1, 0};
    table.metadata = metadata;
    table.n_metadata = 2;
    struct lt_scan_request all = request_all(world, &table);
    all.n_metadata = 2;
    all.metadata = wanted;
    check_read(world, &table, &all, "1|a|16|x.csv\n2|b|16|x.csv\n");
    struct lt_scan_request none = {.n_metadata = 1, .metadata = wanted, .columns = all.columns};
    check_read(world, &table, &none, "16\n16\n");
}

static void test_big_file(void **state)
{
    struct files *files = *state;
    struct world *world = &files->world;
    struct lt_buf text, want, got;
    lt_buf_init(&text, &world->alloc);
    lt_buf_init(&want, &world->alloc);
    lt_buf_init(&got, &world->alloc);
    for (int i = 0; i < 30000; i++) { /* several blocks, and a record longer than one */
        int len = i == 20000 ? 600000 : i % 100;
        lt_buf_addf(&text, "{\"id\":%d,\"name\":\"", i);
        lt_buf_addf(&want, "%d|", i);
        for (int j = 0; j < len; j++) {
            lt_buf_addc(&text, (char)('a' + j % 26));
            lt_buf_addc(&want, (char)('a' + j % 26));
        }
        lt_buf_adds(&text, "\"}\n");
        lt_buf_addc(&want, '\n');
    }
    put(files, "big.json", text.data);
    struct lt_connector_table table =
        table_make(world, two, 2, options_of(files, "path=%s/big.json\nformat=json"));
    struct lt_scan_request all = request_all(world, &table);
    assert_int_equal(read_all(world, &table, &all, LT_BATCH_ROWS_MAX, true, &got), LT_OK);
    assert_true(lt_str_equal(lt_buf_str(&got), lt_buf_str(&want)));
    lt_buf_close(&text);
    lt_buf_close(&want);
    lt_buf_close(&got);
}

static void read_refused(struct files *files, const char *options, lt_status code, const char *part)
{
    struct world *world = &files->world;
    struct lt_connector_table table = table_make(world, two, 2, options_of(files, options));
    struct lt_scan_request all = request_all(world, &table);
    struct lt_buf out;
    lt_buf_init(&out, &world->alloc);
    world->err = (struct lt_error){0};
    lt_status status = read_all(world, &table, &all, 100, true, &out);
    if (status != code || !strstr(world->err.message, part))
        print_error("%s: %s\n", lt_status_name(status), world->err.message);
    assert_int_equal(status, code);
    assert_non_null(strstr(world->err.message, part));
    lt_buf_close(&out);
}

static void test_refused(void **state)
{
    struct files *files = *state;
    put(files, "bad.csv", "1,a\n\n2,\"b\nb\"\nx,c\n");
    read_refused(files, "path=%s/bad.csv\nformat=csv", LT_DATA, "bad.csv: line 5, column 1: 'x'");
    read_refused(files, "path=%s/none.csv\nformat=csv", LT_IO, "No such file");
    read_refused(files, "path=%s/*.json\nformat=csv", LT_IO, "no file matches");
    read_refused(files, "path=s3://b%s\nformat=csv", LT_UNSUPPORTED, "local files");
    read_refused(files, "path=file:x%s\nformat=csv", LT_INVALID, "file:///");
    read_refused(files, "path=%s\nformat=xml", LT_INVALID, "unknown format 'xml'");
    read_refused(files, "path=%s", LT_INVALID, "names no format");
    chmod(path_of(files, "bad.csv"), 0);
    if (geteuid() != 0)
        read_refused(files, "path=%s\nformat=csv", LT_IO, "Permission denied");
}

/* ---- sink --------------------------------------------------------------- */

/* "rel/path: contents" of every file below, sorted by path. */
static void tree_add(struct lt_buf *out, const char *dir, size_t skip)
{
    struct dirent **entries;
    int n = scandir(dir, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char path[600];
        snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
        struct stat st;
        if (strcmp(entries[i]->d_name, ".") && strcmp(entries[i]->d_name, "..") &&
            stat(path, &st) == 0) {
            if (S_ISDIR(st.st_mode)) {
                tree_add(out, path, skip);
            } else {
                char text[4096];
                FILE *file = fopen(path, "r");
                size_t len = fread(text, 1, sizeof(text), file);
                fclose(file);
                const char *name = strstr(path, "inprogress") ? "hidden" : path + skip;
                lt_buf_addf(out, "%s: %.*s%s", name, (int)len, text, len ? "" : "\n");
            }
        }
        free(entries[i]);
    }
    free(entries);
}

static void check_tree(struct files *files, const char *expected)
{
    struct lt_buf out;
    lt_buf_init(&out, &files->world.alloc);
    tree_add(&out, files->dir, strlen(files->dir) + 1);
    assert_string_equal(lt_buf_str(&out).data, expected);
    lt_buf_close(&out);
}

/* A batch of (id, text) rows; free with lt_builder_release and close. */
static void write_rows(struct world *world, struct lt_sink *sink,
                       const struct lt_connector_table *table, const char *const *rows)
{
    struct lt_batch_builder builder;
    struct lt_batch batch;
    assert_int_equal(lt_builder_open(&builder, world->pool, table->physical, 64), LT_OK);
    for (; *rows; rows++) {
        const char *at = *rows;
        for (uint32_t i = 0; i < table->physical->len; i++) {
            size_t len = strcspn(at, "|");
            struct lt_column *col = builder.columns[i];
            if (len == 1 && *at == '-') {
                assert_int_equal(lt_column_own_validity(col), LT_OK);
                lt_column_set_null(col, builder.len);
            } else {
                assert_int_equal(
                    lt_text_to_lane((struct lt_str){at, len}, col, builder.len, &lt_tz_utc), LT_OK);
            }
            at += len + (at[len] == '|');
        }
        builder.len++;
    }
    assert_int_equal(lt_builder_take(&builder, &batch), LT_OK);
    assert_int_equal(lt_connector_filesystem.sink_write(sink, &batch, &world->err), LT_OK);
    lt_builder_release(&builder, &batch);
    lt_builder_close(&builder);
}

static struct lt_sink *sink_of(struct world *world, const struct lt_connector_table *table,
                               uint32_t writer)
{
    struct lt_sink *sink;
    const struct lt_connector *fs = &lt_connector_filesystem;
    lt_status status = fs->sink_check(table, &lt_builtin_registry, false, &world->err);
    if (status == LT_OK)
        status = fs->sink_open(&world->env, table, writer, 2, &sink, &world->err);
    if (status != LT_OK)
        print_error("%s\n", world->err.message);
    assert_int_equal(status, LT_OK);
    return sink;
}

#define WRITE(sink, ...) write_rows(world, sink, &table, (const char *const[]){__VA_ARGS__, NULL})

static void commit(struct world *world, struct lt_sink *sink, uint64_t epoch)
{
    const struct lt_connector *fs = &lt_connector_filesystem;
    assert_int_equal(fs->sink_prepare(sink, epoch, &world->err), LT_OK);
    assert_int_equal(fs->sink_commit(sink, epoch, &world->err), LT_OK);
    assert_int_equal(fs->sink_commit(sink, epoch, &world->err), LT_OK); /* idempotent */
}

static void test_whole_or_not(void **state)
{
    struct files *files = *state;
    struct world *world = &files->world;
    const struct lt_connector *fs = &lt_connector_filesystem;
    struct lt_connector_table table =
        table_make(world, two, 2, options_of(files, "path=%s/\nformat=csv"));
    struct lt_sink *sink = sink_of(world, &table, 0);
    WRITE(sink, "1|a", "2|b");
    commit(world, sink, 1);
    check_tree(files, "hidden: \n"); /* the file is neither old nor large */
    fs->sink_abort(sink);
    fs->sink_close(sink);
    check_tree(files, "");

    sink = sink_of(world, &table, 0);
    struct lt_sink *other = sink_of(world, &table, 1);
    WRITE(sink, "1|a", "2|b");
    WRITE(other, "3|c");
    assert_int_equal(fs->sink_end(sink, &world->err), LT_OK);
    assert_int_equal(fs->sink_end(other, &world->err), LT_OK);
    check_tree(files, "hidden: 1,a\n2,b\nhidden: 3,c\n");
    commit(world, sink, 5);
    fs->sink_close(sink);
    commit(world, other, 5);
    fs->sink_close(other);
    check_tree(files, "part-0-5-0.csv: 1,a\n2,b\npart-1-5-0.csv: 3,c\n");

    sink = sink_of(world, &table, 0); /* a second run adds, and replaces nothing */
    WRITE(sink, "4|d");
    assert_int_equal(fs->sink_end(sink, &world->err), LT_OK);
    commit(world, sink, 5);
    fs->sink_close(sink);
    check_tree(files, "part-0-5-0.csv: 1,a\n2,b\npart-0-5-1.csv: 4,d\npart-1-5-0.csv: 3,c\n");
    struct lt_scan_request all = request_all(world, &table);
    check_read(world, &table, &all, "1|a\n2|b\n4|d\n3|c\n");
}

static void test_rolling(void **state)
{
    struct files *files = *state;
    struct world *world = &files->world;
    const struct lt_connector *fs = &lt_connector_filesystem;
    struct lt_connector_table table =
        table_make(world, two, 2,
                   options_of(files, "path=%s\nformat=json\nsink.rolling-policy.file-size=40b\n"
                                     "sink.rolling-policy.rollover-interval=1 min"));
    struct lt_sink *sink = sink_of(world, &table, 0);
    WRITE(sink, "1|a", "2|b", "3|c");
    commit(world, sink, 1);
    check_tree(files, "hidden: \npart-0-1-0.json: {\"id\":1,\"name\":\"a\"}\n"
                      "{\"id\":2,\"name\":\"b\"}\n");
    world->now_us += 60 * LT_US_PER_SECOND;
    commit(world, sink, 2);
    check_tree(files, "part-0-1-0.json: {\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"name\":\"b\"}\n"
                      "part-0-2-1.json: {\"id\":3,\"name\":\"c\"}\n");
    fs->sink_close(sink);
}

static void test_leftovers(void **state)
{
    struct files *files = *state;
    struct world *world = &files->world;
    struct lt_connector_table table =
        table_make(world, two, 2, options_of(files, "path=%s\nformat=csv"));
    put(files, ".part-0-3-4711.inprogress", "torn");
    put(files, ".other", "mine");
    struct lt_sink *alive = sink_of(world, &table, 0);
    WRITE(alive, "1|a");
    check_tree(files, ".other: minehidden: \n"); /* the torn one is gone */
    struct lt_sink *sink = sink_of(world, &table, 0);
    check_tree(files, ".other: minehidden: \n"); /* the living one is not */
    lt_connector_filesystem.sink_close(sink);
    lt_connector_filesystem.sink_close(alive);
    check_tree(files, ".other: mine");
}

static struct lt_connector_table q10_table(struct files *files, const char *more)
{
    static const struct column columns[] = {
        {"dt", &lt_type_string}, {"id", &lt_type_bigint}, {"hm", &lt_type_string}};
    static const uint32_t keys[] = {0, 2};
    char options[600];
    snprintf(options, sizeof(options),
             "path=%%s/out/\nformat=csv\nsink.partition-commit.trigger=partition-time\n"
             "sink.partition-commit.delay=1 min\nsink.partition-commit.policy.kind=success-file\n"
             "partition.time-extractor.timestamp-pattern=$dt $hm:00\n"
             "sink.rolling-policy.rollover-interval=1min\n"
             "sink.rolling-policy.check-interval=1min%s",
             more);
    struct lt_connector_table table =
        table_make(&files->world, columns, 3, options_of(files, options));
    table.partition_keys = keys;
    table.n_partition_keys = 2;
    return table;
}

static void test_partitions(void **state)
{
    struct files *files = *state;
    struct world *world = &files->world;
    const struct lt_connector *fs = &lt_connector_filesystem;
    struct lt_connector_table table = q10_table(files, "");
    struct lt_sink *sink = sink_of(world, &table, 0);
    WRITE(sink, "2024-01-01|1|00:00", "2024-01-01|2|00:01", "2024-01-01|3|00:00");
    int64_t minute = INT64_C(1704067200000000) + LT_US_PER_MINUTE;
    fs->sink_watermark(sink, minute);
    commit(world, sink, 1);
    check_tree(files, "hidden: \nhidden: \n"); /* not due: watermark = time + delay */
    fs->sink_watermark(sink, minute + 1);
    commit(world, sink, 2);
    check_tree(files, "out/dt=2024-01-01/hm=00%3A00/_SUCCESS: \n"
                      "out/dt=2024-01-01/hm=00%3A00/part-0-2-0.csv: 1\n3\nhidden: \n");
    WRITE(sink, "2024-01-01|9|00:00"); /* late for its partition: it is committed again */
    assert_int_equal(fs->sink_end(sink, &world->err), LT_OK);
    commit(world, sink, 3);
    fs->sink_close(sink);
    check_tree(files, "out/dt=2024-01-01/hm=00%3A00/_SUCCESS: \n"
                      "out/dt=2024-01-01/hm=00%3A00/part-0-2-0.csv: 1\n3\n"
                      "out/dt=2024-01-01/hm=00%3A00/part-0-3-2.csv: 9\n"
                      "out/dt=2024-01-01/hm=00%3A01/_SUCCESS: \n"
                      "out/dt=2024-01-01/hm=00%3A01/part-0-3-1.csv: 2\n");
    struct lt_scan_request all = request_all(world, &table);
    check_read(world, &table, &all,
               "2024-01-01|1|00:00\n2024-01-01|3|00:00\n2024-01-01|9|00:00\n2024-01-01|2|00:01\n");
}

static void test_partition_values(void **state)
{
    struct files *files = *state;
    struct world *world = &files->world;
    const struct lt_connector *fs = &lt_connector_filesystem;
    static const struct column columns[] = {{"id", &lt_type_bigint}, {"k", &lt_type_string}};
    static const uint32_t keys[] = {1};
    struct lt_connector_table table =
        table_make(world, columns, 2, options_of(files, "path=%s\nformat=json"));
    table.partition_keys = keys;
    table.n_partition_keys = 1;
    struct lt_sink *sink = sink_of(world, &table, 0);
    WRITE(sink, "1|-", "2|a/b=c%", "3|..", "4|x");
    assert_int_equal(fs->sink_end(sink, &world->err), LT_OK);
    fs->sink_close(sink); /* commits by itself */
    struct lt_scan_request all = request_all(world, &table);
    check_read(world, &table, &all, "3|..\n1|NULL\n2|a/b=c%\n4|x\n");
}

static void test_many_partitions(void **state)
{
    struct files *files = *state;
    struct world *world = &files->world;
    const struct lt_connector *fs = &lt_connector_filesystem;
    static const struct column columns[] = {{"id", &lt_type_bigint}, {"k", &lt_type_bigint}};
    static const uint32_t keys[] = {1};
    struct lt_connector_table table =
        table_make(world, columns, 2, options_of(files, "path=%s\nformat=csv"));
    table.partition_keys = keys;
    table.n_partition_keys = 1;
    struct lt_sink *sink = sink_of(world, &table, 0);
    for (int i = 0; i < 300; i++) {
        char row[32];
        snprintf(row, sizeof(row), "%d|%d", i, i % 150);
        WRITE(sink, row);
    }
    assert_int_equal(fs->sink_end(sink, &world->err), LT_OK);
    commit(world, sink, 1);
    fs->sink_close(sink);
    struct lt_scan_request all = request_all(world, &table);
    struct lt_buf out;
    lt_buf_init(&out, &world->alloc);
    assert_int_equal(read_all(world, &table, &all, 2048, false, &out), LT_OK);
    int rows = 0;
    for (size_t i = 0; i < out.len; i++)
        rows += out.data[i] == '\n';
    assert_int_equal(rows, 300);
    lt_buf_close(&out);
}

static void test_sink_refused(void **state)
{
    struct files *files = *state;
    struct world *world = &files->world;
    const struct lt_connector *fs = &lt_connector_filesystem;
    struct lt_sink *sink;
    put(files, "a-file", "x");
    struct lt_connector_table table =
        table_make(world, two, 2, options_of(files, "path=%s/a-file\nformat=csv"));
    assert_int_equal(fs->sink_open(&world->env, &table, 0, 1, &sink, &world->err), LT_IO);
    assert_non_null(strstr(world->err.message, "needs a directory"));
    world->err = (struct lt_error){0};
    assert_int_equal(fs->sink_check(&table, &lt_builtin_registry, true, &world->err), LT_INVALID);
    assert_non_null(strstr(world->err.message, "takes rows only"));
    table = q10_table(files, "\nsink.partition-commit.policy.kind=metastore");
    world->err = (struct lt_error){0};
    assert_int_equal(lt_options_check(&table, fs, &lt_format_csv, &world->err), LT_INVALID);
    assert_non_null(strstr(world->err.message, "given twice"));
    table = q10_table(files, "\nsink.partition-commit.dela=1 s");
    world->err = (struct lt_error){0};
    assert_int_equal(lt_options_check(&table, fs, &lt_format_csv, &world->err), LT_INVALID);
    assert_non_null(strstr(world->err.message, "did you mean 'sink.partition-commit.delay'"));
}

/* A full disk: nothing is left behind. */
static void test_disk_full(void **state)
{
    struct files *files = *state;
    struct world *world = &files->world;
    const struct lt_connector *fs = &lt_connector_filesystem;
    struct stat st;
    if (stat("/dev/full", &st) != 0) {
        print_message("skipped: there is no /dev/full\n");
        return;
    }
    struct lt_connector_table table =
        table_make(world, two, 2, options_of(files, "path=%s\nformat=csv"));
    struct lt_sink *sink = sink_of(world, &table, 0);
    WRITE(sink, "1|a");
    /* The hidden file's descriptor is the one opened last: let it be /dev/full. */
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_int_equal(dup2(full, full - 1), full - 1);
    close(full);
    assert_int_equal(fs->sink_end(sink, &world->err), LT_IO);
    assert_non_null(strstr(world->err.message, "No space left"));
    assert_non_null(strstr(world->err.message, "free some space"));
    fs->sink_abort(sink);
    fs->sink_close(sink);
    check_tree(files, "");
}

static void test_no_memory(void **state)
{
    struct files *files = *state;
    put(files, "in/x.csv", "1,a\n2,b longer than twelve bytes\n");
    lt_status status = LT_NOMEM;
    for (long fail_at = 1; status == LT_NOMEM && fail_at < 5000; fail_at++) {
        const struct lt_connector *fs = &lt_connector_filesystem;
        struct world world;
        world_open(&world);
        char options[128], into_options[128];
        snprintf(options, sizeof(options), "path=%s/in\nformat=csv", files->dir);
        snprintf(into_options, sizeof(into_options), "path=%s/out\nformat=csv", files->dir);
        struct lt_connector_table table = table_make(&world, two, 2, options);
        struct lt_connector_table into = table_make(&world, two, 2, into_options);
        struct lt_scan_request all = request_all(&world, &table);
        struct lt_source *source = NULL;
        struct lt_reader *reader = NULL;
        struct lt_sink *sink = NULL;
        struct lt_polled polled;
        struct lt_split_list splits = {.arena = &world.arena};
        world.fail_at = fail_at;
        status = fs->source_open(&world.env, &table, &all, &source, &world.err);
        if (status == LT_OK)
            status = fs->source_splits(source, &splits, &world.err);
        if (status == LT_OK)
            status = fs->reader_open(source, splits.names[0], 0, &world.env, &reader, &world.err);
        if (status == LT_OK)
            status = fs->reader_poll(reader, 10, &polled, &world.err);
        if (status == LT_OK) {
            status = fs->sink_open(&world.env, &into, 0, 1, &sink, &world.err);
        }
        if (status == LT_OK)
            status = fs->sink_write(sink, &polled.batch, &world.err);
        if (status == LT_OK)
            status = fs->sink_end(sink, &world.err);
        if (status == LT_OK)
            status = fs->sink_prepare(sink, 1, &world.err);
        if (status == LT_OK)
            status = fs->sink_commit(sink, 1, &world.err);
        world.fail_at = 0;
        if (status != LT_OK && sink)
            fs->sink_abort(sink);
        fs->sink_close(sink);
        fs->reader_close(reader);
        fs->source_close(source);
        world_close(&world);
    }
    assert_int_equal(status, LT_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_directory, setup, teardown),
        cmocka_unit_test_setup_teardown(test_header_and_metadata, setup, teardown),
        cmocka_unit_test_setup_teardown(test_big_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_whole_or_not, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rolling, setup, teardown),
        cmocka_unit_test_setup_teardown(test_leftovers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_partitions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_partition_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_partitions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sink_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_disk_full, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_memory, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
