/* test_pieces.c -- a file in pieces is the file: whatever the size of the pieces, whoever
 * reads which first, and wherever a reader is closed and opened again. */
#include "tests/unit/connectors/support.h"

#include "connectors/file.h"

static uint64_t seed;

static uint32_t below(uint32_t n)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % n;
}

enum { FILE_MAX = 20000, PIECES_MAX = 4000 };

static const struct column two[] = {{"id", &lt_type_bigint}, {"name", &lt_type_string}};

/* ---- making files ------------------------------------------------------- */

enum kind { PLAIN, QUOTED, LONG, TORN, JSON_LINES, KINDS };

static void make_name(struct lt_buf *out, enum kind kind)
{
    static const char *const odd[] = {"\"a\nb\"",   "\"\n\"",       "\"x, \"\"y\"\"\n2,z\"",
                                      "\"\r\n\"",   "\"1,a\n2,b\"", "a\"b",
                                      "\"\"\"\n\"", "\"\""};
    if (kind == QUOTED && below(3) == 0) {
        lt_buf_adds(out, odd[below(LT_ARRAY_LEN(odd))]);
        return;
    }
    if (kind == LONG && below(6) == 0) {
        lt_buf_addc(out, '"');
        for (uint32_t i = below(3000); i > 0; i--)
            lt_buf_adds(out, below(9) ? "x" : "\n");
        lt_buf_addc(out, '"');
        return;
    }
    if (kind == TORN && below(5) == 0) {
        lt_buf_adds(out, below(2) ? "\"a\nb\"c" : below(4) ? "x,y" : "\"open");
        return;
    }
    for (uint32_t i = below(12); i > 0; i--)
        lt_buf_addc(out, (char)('a' + below(26)));
}

static void make_file(struct lt_buf *out, enum kind kind, bool header)
{
    uint32_t size = 1 + below(FILE_MAX);
    if (kind != JSON_LINES && below(3) == 0)
        lt_buf_adds(out, "\xEF\xBB\xBF");
    if (header)
        lt_buf_adds(out, below(2) ? "id,name\n" : "id,\"name\"\r\n");
    while (out->len < size) {
        if (kind == JSON_LINES) {
            lt_buf_addf(out, "{\"id\":%u,\"name\":\"", below(1000));
            make_name(out, kind);
            lt_buf_adds(out, "\"}");
        } else {
            lt_buf_addf(out, "%u,", below(1000));
            make_name(out, kind);
        }
        if (kind == TORN && below(20) == 0)
            lt_buf_adds(out, "\nx,y");
        if (out->len < size || below(2))
            lt_buf_adds(out, below(9) ? "\n" : below(2) ? "\r\n" : "\n\n");
    }
}

/* ---- reading them ------------------------------------------------------- */

struct sample {
    struct world *world;
    struct lt_connector_table table;
    struct lt_scan_request request;
    struct lt_str split; /* of the whole file */
};

static struct lt_source *source_open(struct sample *sample)
{
    struct lt_source *source;
    struct world *world = sample->world;
    world->err = (struct lt_error){0};
    assert_int_equal(lt_connector_filesystem.source_open(&world->env, &sample->table,
                                                         &sample->request, &source, &world->err),
                     LT_OK);
    return source;
}

/* Rows from `position` to the end of the split, sometimes by readers that follow each other. */
static lt_status read_split(struct sample *sample, struct lt_source *source, struct lt_str split,
                            struct lt_buf *out)
{
    const struct lt_connector *fs = &lt_connector_filesystem;
    struct world *world = sample->world;
    struct lt_reader *reader = NULL;
    struct lt_polled polled = {0};
    uint32_t most = below(2) ? 1 + below(9) : LT_BATCH_ROWS_MAX;
    lt_status status = fs->reader_open(source, split, 0, &world->env, &reader, &world->err);
    while (status == LT_OK && polled.poll != LT_POLL_END) {
        status = fs->reader_poll(reader, most, &polled, &world->err);
        if (status != LT_OK || polled.poll != LT_POLL_ROWS)
            continue;
        batch_print(out, &polled.batch);
        if (below(8) == 0) {
            fs->reader_close(reader);
            reader = NULL;
            status = fs->reader_open(source, split, polled.next_position, &world->env, &reader,
                                     &world->err);
        }
    }
    fs->reader_close(reader);
    return status;
}

static void list(struct sample *sample, struct lt_source *source, bool pieces,
                 struct lt_split_list *out)
{
    struct world *world = sample->world;
    *out = (struct lt_split_list){.arena = &world->arena, .pieces = pieces};
    assert_int_equal(lt_connector_filesystem.source_splits(source, out, &world->err), LT_OK);
    assert_true(out->len > 0 && out->len <= PIECES_MAX);
}

static lt_status read_whole(struct sample *sample, struct lt_buf *out)
{
    struct lt_source *source = source_open(sample);
    struct lt_split_list splits;
    list(sample, source, false, &splits);
    assert_int_equal(splits.len, 1);
    lt_status status = read_split(sample, source, splits.names[0], out);
    lt_connector_filesystem.source_close(source);
    return status;
}

/* The pieces in any order; their rows are put together in the order of the list. */
static lt_status read_pieces(struct sample *sample, struct lt_buf *out)
{
    static struct lt_buf rows[PIECES_MAX];
    static uint32_t order[PIECES_MAX];
    struct lt_source *source = source_open(sample);
    struct lt_split_list splits;
    lt_status status = LT_OK;
    list(sample, source, true, &splits);
    bool shuffled = below(3) > 0;
    for (uint32_t i = 0; i < splits.len; i++) {
        uint32_t k = shuffled ? below(i + 1) : i;
        order[i] = order[k];
        order[k] = i;
        lt_buf_init(&rows[i], &sample->world->alloc);
    }
    for (uint32_t i = 0; i < splits.len && status == LT_OK; i++)
        status = read_split(sample, source, splits.names[order[i]], &rows[order[i]]);
    for (uint32_t i = 0; i < splits.len; i++) {
        lt_buf_add(out, rows[i].data ? rows[i].data : "", rows[i].len);
        lt_buf_close(&rows[i]);
    }
    lt_connector_filesystem.source_close(source);
    return status;
}

static void write_file(const char *path, const struct lt_buf *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text->data, 1, text->len, file), text->len);
    fclose(file);
}

/* One file: whole, and in pieces of several sizes. */
static void check_file(struct world *world, const char *path, enum kind kind, bool header)
{
    struct lt_buf text, whole, pieces;
    lt_buf_init(&text, &world->alloc);
    lt_buf_init(&whole, &world->alloc);
    lt_buf_init(&pieces, &world->alloc);
    make_file(&text, kind, header);
    write_file(path, &text);
    bool ignore = below(kind == TORN ? 2 : 4) == 0;
    for (int k = 0; k < 4; k++) {
        struct sample sample = {.world = world};
        char options[512];
        uint32_t size = below(3) ? 8 + below(400) : 4000 + below(9000);
        snprintf(options, sizeof(options), "path=%s\nformat=%s\nsource.piece-size=%u%s%s", path,
                 kind == JSON_LINES ? "json" : "csv", size, header ? "\ncsv.header=true" : "",
                 !ignore              ? ""
                 : kind == JSON_LINES ? "\njson.ignore-parse-errors=true"
                                      : "\ncsv.ignore-parse-errors=true");
        struct lt_str kept;
        assert_int_equal(lt_arena_str(&world->arena, lt_str_of(options), &kept), LT_OK);
        sample.table = table_make(world, two, 2, kept.data);
        sample.request = request_all(world, &sample.table);
        lt_buf_clear(&whole);
        lt_buf_clear(&pieces);
        lt_status status = read_whole(&sample, &whole), again = read_pieces(&sample, &pieces);
        if (status != again)
            print_error("whole: %d, in pieces of %u: %d: %s\n", status, size, again,
                        world->err.message);
        assert_int_equal(status, again);
        if (status == LT_OK && !lt_str_equal(lt_buf_str(&whole), lt_buf_str(&pieces)))
            fail_msg("in pieces of %u bytes this reads otherwise:\n%s", size, text.data);
    }
    lt_buf_close(&text);
    lt_buf_close(&whole);
    lt_buf_close(&pieces);
}

static void test_random(void **state)
{
    (void)state;
    char path[] = "/tmp/leat-pieces-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    seed = 0x9E3779B97F4A7C15u;
    for (int i = 0; i < 250; i++) {
        struct world world;
        world_open(&world);
        enum kind kind = (enum kind)(i % KINDS);
        check_file(&world, path, kind, kind != JSON_LINES && kind != TORN && below(3) == 0);
        world_close(&world);
    }
    unlink(path);
}

static void one_row(struct lt_buf *text, uint32_t number)
{
    lt_buf_addf(text, "%u,name\n", number);
}

/* A message names the line of the file, in whichever piece it is. */
static void test_lines(void **state)
{
    (void)state;
    char path[] = "/tmp/leat-pieces-XXXXXX", options[256];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    struct world world;
    struct lt_buf text;
    world_open(&world);
    lt_buf_init(&text, &world.alloc);
    for (uint32_t i = 1; i <= 500; i++) {
        if (i == 321)
            lt_buf_adds(&text, "oops,name\n");
        else
            one_row(&text, i);
    }
    write_file(path, &text);
    snprintf(options, sizeof(options), "path=%s\nformat=csv\nsource.piece-size=100", path);
    struct sample sample = {.world = &world, .table = table_make(&world, two, 2, options)};
    sample.request = request_all(&world, &sample.table);
    seed = 1;
    for (int i = 0; i < 5; i++) {
        lt_buf_clear(&text);
        assert_int_equal(read_pieces(&sample, &text), LT_DATA);
        assert_non_null(strstr(world.err.message, "line 321, column 1: 'oops'"));
    }
    lt_buf_close(&text);
    world_close(&world);
    unlink(path);
}

/* The pieces a file had are pieces of it still when it has grown. */
static void test_growth(void **state)
{
    (void)state;
    char path[] = "/tmp/leat-pieces-XXXXXX", options[256];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    struct world world;
    struct lt_buf text;
    struct lt_split_list before, after;
    world_open(&world);
    lt_buf_init(&text, &world.alloc);
    snprintf(options, sizeof(options), "path=%s\nformat=csv\nsource.piece-size=64", path);
    struct sample sample = {.world = &world, .table = table_make(&world, two, 2, options)};
    sample.request = request_all(&world, &sample.table);
    for (uint32_t i = 0; i < 100; i++)
        one_row(&text, i);
    write_file(path, &text);
    struct lt_source *source = source_open(&sample);
    list(&sample, source, true, &before);
    lt_connector_filesystem.source_close(source);
    for (uint32_t i = 0; i < 100; i++)
        one_row(&text, i);
    write_file(path, &text);
    source = source_open(&sample);
    list(&sample, source, true, &after);
    lt_connector_filesystem.source_close(source);
    assert_true(before.len > 1 && before.len < after.len);
    for (uint32_t i = 0; i < before.len; i++)
        assert_true(lt_str_equal(before.names[i], after.names[i]));
    lt_buf_close(&text);
    world_close(&world);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_growth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
