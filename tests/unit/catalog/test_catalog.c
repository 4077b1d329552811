/* test_catalog.c -- names, temporary objects, databases; what a file may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/catalog.h"
#include "catalog/store.h"

struct fixture {
    struct lt_alloc alloc;
    struct lt_arena arena;
    struct lt_catalog *catalog;
    struct lt_catalog_session *session;
    struct lt_error err;
};

static void fixture_open(struct fixture *f, const char *path)
{
    memset(f, 0, sizeof(*f));
    lt_alloc_init_root(&f->alloc, NULL, "test", SIZE_MAX);
    lt_arena_init(&f->arena, &f->alloc);
    assert_int_equal(lt_catalog_open(&f->alloc, path, &f->catalog, &f->err), LT_OK);
    assert_int_equal(lt_catalog_session_open(f->catalog, &f->session), LT_OK);
}

static void fixture_close(struct fixture *f)
{
    lt_catalog_session_close(f->session);
    lt_catalog_close(f->catalog);
    lt_arena_close(&f->arena);
    lt_alloc_close(&f->alloc);
}

static const struct lt_object *find(struct fixture *f, const char *name)
{
    const struct lt_object *object = NULL;
    struct lt_str path = lt_str_of(name);
    lt_error_clear(&f->err);
    lt_status status =
        lt_catalog_find(f->session, 1, &path, LT_NOWHERE, &f->arena, &object, &f->err);
    return status == LT_OK ? object : NULL;
}

static lt_status put(struct fixture *f, const char *name, enum lt_object_kind kind, bool temporary,
                     bool replace)
{
    const struct lt_type *amount = lt_type_decimal(&f->arena, 10, 2);
    struct lt_table_column columns[] = {
        {.name = LT_STR("id"), .type = &lt_type_bigint_not_null},
        {.name = LT_STR("amount"), .type = amount, .comment = LT_STR("it's money")},
        {.name = LT_STR("twice"), .kind = LT_COLUMN_COMPUTED, .expr = LT_STR("amount * 2")},
        {.name = LT_STR("off"),
         .kind = LT_COLUMN_METADATA,
         .type = &lt_type_bigint,
         .metadata_key = LT_STR("offset"),
         .metadata_virtual = true},
    };
    struct lt_str key = LT_STR("id");
    struct lt_option options[] = {{.key = LT_STR("connector"), .value = LT_STR("print")},
                                  {.key = LT_STR("empty"), .value = LT_STR("")}};
    struct lt_object object = {
        .kind = kind,
        .name = lt_str_of(name),
        .temporary = temporary,
        .comment = LT_STR("a table"),
        .n_columns = 4,
        .columns = columns,
        .watermark_column = LT_STR("ts"),
        .watermark_expr = LT_STR("ts - 1"),
        .n_primary_key = 1,
        .primary_key = &key,
        .n_partition_keys = 1,
        .partition_keys = &key,
        .n_options = 2,
        .options = options,
        .query = LT_STR("SELECT 1"),
        .n_view_columns = 1,
        .view_columns = &key,
    };
    lt_error_clear(&f->err);
    return lt_catalog_put(f->session, &object, replace, false, &f->err);
}

static lt_status drop(struct fixture *f, const char *name, enum lt_object_kind kind, bool temporary)
{
    struct lt_str path = lt_str_of(name);
    lt_error_clear(&f->err);
    return lt_catalog_drop(f->session, kind, 1, &path, LT_NOWHERE, false, temporary, &f->err);
}

static void test_round_trip(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f, NULL);
    assert_int_equal(put(&f, "t", LT_OBJECT_TABLE, false, false), LT_OK);
    const struct lt_object *t = find(&f, "t");
    assert_non_null(t);
    assert_string_equal(t->catalog.data, "default_catalog");
    assert_string_equal(t->database.data, "default_database");
    assert_int_equal(t->n_columns, 4);
    assert_true(lt_type_equal(t->columns[0].type, &lt_type_bigint_not_null));
    assert_true(t->columns[1].type->kind == LT_TYPE_DECIMAL && t->columns[1].type->scale == 2);
    assert_string_equal(t->columns[1].comment.data, "it's money");
    assert_int_equal(t->columns[2].kind, LT_COLUMN_COMPUTED);
    assert_null(t->columns[2].type);
    assert_string_equal(t->columns[2].expr.data, "amount * 2");
    assert_string_equal(t->columns[3].metadata_key.data, "offset");
    assert_true(t->columns[3].metadata_virtual);
    assert_string_equal(t->primary_key[0].data, "id");
    assert_string_equal(t->partition_keys[0].data, "id");
    assert_string_equal(t->options[0].value.data, "print");
    assert_int_equal(t->options[1].value.len, 0);
    assert_string_equal(t->watermark_expr.data, "ts - 1");
    fixture_close(&f);
}

static void test_names(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f, NULL);
    assert_int_equal(put(&f, "bids", LT_OBJECT_TABLE, false, false), LT_OK);
    assert_null(find(&f, "Bids")); /* case matters */
    assert_null(find(&f, "bidz"));
    assert_non_null(strstr(f.err.message, "did you mean 'bids'"));
    assert_int_equal(put(&f, "bids", LT_OBJECT_TABLE, false, false), LT_INVALID);
    int64_t before = find(&f, "bids")->version;
    assert_int_equal(put(&f, "bids", LT_OBJECT_TABLE, false, true), LT_OK);
    assert_true(find(&f, "bids")->version > before);
    assert_int_equal(put(&f, "bids", LT_OBJECT_VIEW, false, true), LT_INVALID);
    assert_int_equal(drop(&f, "bids", LT_OBJECT_VIEW, false), LT_INVALID);
    assert_int_equal(lt_catalog_rename(f.session, 1, &LT_STR("bids"), LT_STR("asks"), &f.err),
                     LT_OK);
    assert_null(find(&f, "bids"));
    assert_non_null(find(&f, "asks"));
    assert_int_equal(drop(&f, "asks", LT_OBJECT_TABLE, false), LT_OK);
    assert_null(find(&f, "asks"));
    fixture_close(&f);
}

static void test_temporary(void **state)
{
    struct fixture f;
    struct lt_catalog_session *other;
    const struct lt_object *object;
    (void)state;
    fixture_open(&f, NULL);
    assert_int_equal(put(&f, "t", LT_OBJECT_TABLE, false, false), LT_OK);
    assert_int_equal(put(&f, "t", LT_OBJECT_VIEW, true, false), LT_OK);
    assert_int_equal(find(&f, "t")->kind, LT_OBJECT_VIEW); /* hides the stored one */
    assert_int_equal(lt_catalog_session_open(f.catalog, &other), LT_OK);
    assert_int_equal(lt_catalog_find(other, 1, &LT_STR("t"), LT_NOWHERE, &f.arena, &object, NULL),
                     LT_OK);
    assert_int_equal(object->kind, LT_OBJECT_TABLE);
    lt_catalog_session_close(other);
    assert_int_equal(drop(&f, "t", LT_OBJECT_TABLE, false), LT_INVALID);
    assert_int_equal(drop(&f, "t", LT_OBJECT_VIEW, true), LT_OK);
    assert_int_equal(find(&f, "t")->kind, LT_OBJECT_TABLE);
    fixture_close(&f);
}

static void test_databases(void **state)
{
    struct fixture f;
    struct lt_str *names;
    uint32_t n;
    (void)state;
    fixture_open(&f, NULL);
    assert_int_equal(lt_catalog_database_create(f.session, LT_STR(""), LT_STR("d"), false, &f.err),
                     LT_OK);
    assert_int_equal(lt_catalog_database_create(f.session, LT_STR(""), LT_STR("d"), false, &f.err),
                     LT_INVALID);
    assert_int_equal(lt_catalog_use(f.session, LT_STR(""), LT_STR("d"), &f.err), LT_OK);
    assert_int_equal(put(&f, "t", LT_OBJECT_TABLE, false, false), LT_OK);
    lt_error_clear(&f.err);
    assert_int_equal(
        lt_catalog_database_drop(f.session, LT_STR(""), LT_STR("d"), false, true, &f.err),
        LT_INVALID); /* it is the current one */
    assert_int_equal(lt_catalog_use(f.session, LT_STR(""), LT_STR("default_database"), &f.err),
                     LT_OK);
    assert_null(find(&f, "t"));
    struct lt_str path[] = {LT_STR("d"), LT_STR("t")};
    assert_true(lt_catalog_exists(f.session, 2, path));
    lt_error_clear(&f.err);
    assert_int_equal(
        lt_catalog_database_drop(f.session, LT_STR(""), LT_STR("d"), false, false, &f.err),
        LT_INVALID); /* not empty */
    assert_int_equal(
        lt_catalog_database_drop(f.session, LT_STR(""), LT_STR("d"), false, true, &f.err), LT_OK);
    assert_false(lt_catalog_exists(f.session, 2, path));
    assert_int_equal(lt_catalog_databases(f.session, &f.arena, &n, &names, &f.err), LT_OK);
    assert_int_equal(n, 1);
    fixture_close(&f);
}

static void test_functions(void **state)
{
    struct fixture f;
    const struct lt_object *object;
    (void)state;
    fixture_open(&f, NULL);
    struct lt_object function = {
        .kind = LT_OBJECT_FUNCTION, .name = LT_STR("Count_Char"), .function_class = LT_STR("x.Y")};
    assert_int_equal(lt_catalog_put(f.session, &function, false, false, &f.err), LT_OK);
    assert_int_equal(lt_catalog_find_function(f.session, 1, &LT_STR("COUNT_CHAR"), LT_NOWHERE,
                                              &f.arena, &object, &f.err),
                     LT_OK);
    assert_string_equal(object->function_class.data, "x.Y");
    assert_false(lt_catalog_exists(f.session, 1, &LT_STR("Count_Char"))); /* not a table */
    fixture_close(&f);
}

/* ---- files -------------------------------------------------------------------------- */

static void temp_path(char *path, size_t size, const char *name)
{
    const char *folder = getenv("TMPDIR");
    snprintf(path, size, "%s/leat-%d-%s", folder ? folder : "/tmp", (int)getpid(), name);
    unlink(path);
}

static void write_file(const char *path, const void *data, size_t size)
{
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, size), (ssize_t)size);
    close(fd);
}

static size_t read_file(const char *path, char *data, size_t size)
{
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    ssize_t got = read(fd, data, size);
    close(fd);
    return (size_t)got;
}

/* Opening must fail with that text and leave every byte as it was. */
static void refused_untouched(const char *path, lt_status status, const char *text)
{
    static char before[1 << 17], after[1 << 17];
    struct lt_alloc alloc;
    struct lt_catalog *catalog;
    struct lt_error err = {0};
    size_t size = read_file(path, before, sizeof(before));
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(lt_catalog_open(&alloc, path, &catalog, &err), status);
    assert_non_null(strstr(err.message, text));
    lt_alloc_close(&alloc);
    assert_int_equal(read_file(path, after, sizeof(after)), size);
    assert_memory_equal(before, after, size);
}

static void test_file_keeps(void **state)
{
    struct fixture f;
    char path[512];
    (void)state;
    temp_path(path, sizeof(path), "keeps.db");
    fixture_open(&f, path);
    assert_int_equal(put(&f, "kept", LT_OBJECT_TABLE, false, false), LT_OK);
    assert_int_equal(put(&f, "gone", LT_OBJECT_TABLE, true, false), LT_OK);
    assert_int_equal(lt_setting_store(f.session, LT_STR("table.local-time-zone"),
                                      LT_STR("Europe/Berlin"), &f.err),
                     LT_OK);
    fixture_close(&f);
    fixture_open(&f, path);
    assert_non_null(find(&f, "kept"));
    assert_null(find(&f, "gone"));
    assert_true(
        lt_str_equal(lt_setting_get(f.session, "table.local-time-zone"), LT_STR("Europe/Berlin")));
    fixture_close(&f);
    unlink(path);
}

static void test_file_locked(void **state)
{
    struct fixture f;
    struct lt_catalog *second;
    struct lt_error err = {0};
    char path[512];
    (void)state;
    temp_path(path, sizeof(path), "locked.db");
    fixture_open(&f, path);
    assert_int_equal(lt_catalog_open(&f.alloc, path, &second, &err), LT_BUSY);
    assert_non_null(strstr(err.message, "in use by another process"));
    fixture_close(&f);
    unlink(path);
}

static void test_file_foreign(void **state)
{
    char path[512];
    unsigned char header[512] = "SQLite format 3";
    (void)state;
    temp_path(path, sizeof(path), "foreign.db");
    write_file(path, "id,name\n1,a\n", 12);
    refused_untouched(path, LT_INVALID, "is not a Leat database");
    write_file(path, header, sizeof(header));
    refused_untouched(path, LT_INVALID, "of another program");
    unlink(path);
}

static void test_file_newer_and_corrupt(void **state)
{
    static char data[1 << 17];
    struct fixture f;
    char path[512];
    (void)state;
    temp_path(path, sizeof(path), "newer.db");
    fixture_open(&f, path);
    for (int i = 0; i < 100; i++) {
        char name[16];
        snprintf(name, sizeof(name), "t%d", i);
        assert_int_equal(put(&f, name, LT_OBJECT_TABLE, false, false), LT_OK);
    }
    fixture_close(&f);
    size_t size = read_file(path, data, sizeof(data));
    data[63] = 99; /* user_version */
    write_file(path, data, size);
    refused_untouched(path, LT_INVALID, "newer Leat");
    data[63] = 1;
    memset(data + 4096, 0xee, 4096);
    write_file(path, data, size);
    refused_untouched(path, LT_CORRUPT, "damaged");
    unlink(path);
}

static void test_file_no_folder(void **state)
{
    struct lt_alloc alloc;
    struct lt_catalog *catalog;
    struct lt_error err = {0};
    (void)state;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(lt_catalog_open(&alloc, "/no/such/folder/x.db", &catalog, &err), LT_IO);
    lt_alloc_close(&alloc);
}

/* ---- types as text ---------------------------------------------------------------------- */

static void test_types_round_trip(void **state)
{
    static const char *const texts[] = {
        "BIGINT",
        "INT NOT NULL",
        "DECIMAL(38, 18)",
        "CHAR(3)",
        "VARCHAR(20) NOT NULL",
        "STRING",
        "BINARY(4)",
        "VARBINARY(9)",
        "BYTES",
        "TIME(0)",
        "TIMESTAMP(3)",
        "TIMESTAMP_LTZ(6)",
        "ARRAY<STRING NOT NULL>",
        "MAP<STRING, ARRAY<INT>> NOT NULL",
        "MULTISET<DOUBLE>",
        "ROW<`a` INT, `b``c` ROW<`d` DATE> NOT NULL>",
        "BOOLEAN",
        "FLOAT",
        "NULL",
    };
    struct lt_alloc alloc;
    struct lt_arena arena;
    (void)state;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    lt_arena_init(&arena, &alloc);
    for (size_t i = 0; i < LT_ARRAY_LEN(texts); i++) {
        const struct lt_type *type, *again;
        struct lt_buf out;
        lt_buf_init(&out, &alloc);
        assert_int_equal(lt_type_read(lt_str_of(texts[i]), &arena, &type), LT_OK);
        lt_type_print(&out, type);
        assert_int_equal(lt_type_read(lt_buf_str(&out), &arena, &again), LT_OK);
        assert_true(lt_type_equal(type, again));
        assert_string_equal(out.data, texts[i]);
        lt_buf_close(&out);
    }
    static const char *const bad[] = {"",         "BIGGINT",    "DECIMAL(39, 2)", "ARRAY<INT",
                                      "INT junk", "ROW<a INT>", "DECIMAL(2, 3)"};
    for (size_t i = 0; i < LT_ARRAY_LEN(bad); i++) {
        const struct lt_type *type;
        assert_int_equal(lt_type_read(lt_str_of(bad[i]), &arena, &type), LT_CORRUPT);
    }
    lt_arena_close(&arena);
    lt_alloc_close(&alloc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_temporary),
        cmocka_unit_test(test_databases),
        cmocka_unit_test(test_functions),
        cmocka_unit_test(test_file_keeps),
        cmocka_unit_test(test_file_locked),
        cmocka_unit_test(test_file_foreign),
        cmocka_unit_test(test_file_newer_and_corrupt),
        cmocka_unit_test(test_file_no_folder),
        cmocka_unit_test(test_types_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
