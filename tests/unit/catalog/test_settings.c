/* test_settings.c -- SET: known keys, values, notices, durations, failing allocations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "catalog/catalog.h"

static void test_durations(void **state)
{
    static const struct {
        const char *text;
        int64_t us;
    } good[] = {
        {"10 s", 10000000},
        {"3 days", INT64_C(259200000000)},
        {"1 min", 60000000},
        {"100ms", 100000},
        {"PT5S", 5000000},
        {"250", 250000},
        {"PT1H30M", INT64_C(5400000000)},
        {"P1DT12H", INT64_C(129600000000)},
        {"PT0.5S", 500000},
        {"0", 0},
        {"7 us", 7},
        {"1 hour", INT64_C(3600000000)},
        {" 2 seconds ", 2000000},
        {"5000 ns", 5},
    };
    static const char *const bad[] = {"",   "s",   "10 parsecs",          "-5 s",  "P",
                                      "PT", "PT5", "99999999999999 days", "1.5 s", "P5H"};
    (void)state;
    for (size_t i = 0; i < LT_ARRAY_LEN(good); i++) {
        int64_t us = -1;
        assert_true(lt_parse_duration_us(lt_str_of(good[i].text), &us));
        assert_int_equal(us, good[i].us);
    }
    for (size_t i = 0; i < LT_ARRAY_LEN(bad); i++) {
        int64_t us;
        assert_false(lt_parse_duration_us(lt_str_of(bad[i]), &us));
    }
}

static lt_status set(struct lt_catalog_session *session, struct lt_arena *arena, const char *key,
                     const char *value, struct lt_str *notice, struct lt_error *err)
{
    lt_error_clear(err);
    return lt_setting_set(session, lt_str_of(key), lt_str_of(value), arena, notice, err);
}

static void test_set(void **state)
{
    struct lt_alloc alloc;
    struct lt_arena arena;
    struct lt_catalog *catalog;
    struct lt_catalog_session *session;
    struct lt_error err = {0};
    struct lt_str notice;
    struct lt_option *options;
    uint32_t n;
    (void)state;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    lt_arena_init(&arena, &alloc);
    assert_int_equal(lt_catalog_open(&alloc, NULL, &catalog, &err), LT_OK);
    assert_int_equal(lt_catalog_session_open(catalog, &session), LT_OK);
    assert_true(lt_str_equal(lt_setting_get(session, "table.local-time-zone"), LT_STR("UTC")));
    assert_int_equal(set(session, &arena, "parallelism.default", "4", &notice, &err), LT_OK);
    assert_int_equal(notice.len, 0);
    assert_int_equal(lt_setting_int(session, "parallelism.default"), 4);
    assert_int_equal(set(session, &arena, "parallelism.default", "0", &notice, &err), LT_INVALID);
    assert_int_equal(set(session, &arena, "parallelism.defautl", "4", &notice, &err), LT_INVALID);
    assert_non_null(strstr(err.message, "did you mean 'parallelism.default'"));
    assert_int_equal(set(session, &arena, "table.local-time-zone", "Mars/Olympus", &notice, &err),
                     LT_INVALID);
    assert_int_equal(set(session, &arena, "table.exec.state.ttl", "1 h", &notice, &err), LT_OK);
    assert_int_equal(notice.len, 0);
    assert_int_equal(lt_setting_duration_us(session, "table.exec.state.ttl"), INT64_C(3600000000));
    assert_int_equal(set(session, &arena, "table.exec.state.ttl", "soon", &notice, &err),
                     LT_INVALID);
    assert_int_equal(set(session, &arena, "table.exec.mini-batch.enabled", "true", &notice, &err),
                     LT_OK);
    assert_true(notice.len > 0); /* accepted, but without meaning here */
    assert_int_equal(set(session, &arena, "state.backend.type", "rocksdb", &notice, &err), LT_OK);
    assert_int_equal(lt_setting_list(session, &arena, &n, &options), LT_OK);
    assert_int_equal(n, 4);
    assert_string_equal(options[0].key.data, "parallelism.default");
    assert_int_equal(lt_setting_reset(session, LT_STR("parallelism.default"), &err), LT_OK);
    assert_int_equal(lt_setting_int(session, "parallelism.default"), 0);
    assert_int_equal(lt_setting_reset(session, LT_STR(""), &err), LT_OK);
    assert_int_equal(lt_setting_list(session, &arena, &n, &options), LT_OK);
    assert_int_equal(n, 0);
    lt_catalog_session_close(session);
    lt_catalog_close(catalog);
    lt_arena_close(&arena);
    lt_alloc_close(&alloc);
}

/* ---- every allocation fails once ------------------------------------------------------ */

struct faulty {
    int count, fail_at;
};

static void *faulty_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    struct faulty *faulty = ctx;
    (void)old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return ++faulty->count == faulty->fail_at ? NULL : realloc(ptr, new_size);
}

static lt_status use_all(struct lt_alloc *alloc, struct lt_arena *arena)
{
    struct lt_catalog *catalog = NULL;
    struct lt_catalog_session *session = NULL;
    const struct lt_object *found;
    struct lt_str *names, notice, path = LT_STR("t");
    struct lt_option option = {.key = LT_STR("connector"), .value = LT_STR("print")};
    struct lt_table_column column = {.name = LT_STR("a"), .type = &lt_type_timestamp3};
    struct lt_object object = {
        .name = path, .n_columns = 1, .columns = &column, .n_options = 1, .options = &option};
    uint32_t n;
    lt_status status = lt_catalog_open(alloc, NULL, &catalog, NULL);
    if (status == LT_OK)
        status = lt_catalog_session_open(catalog, &session);
    if (status == LT_OK)
        status = lt_catalog_put(session, &object, false, false, NULL);
    object.temporary = true;
    if (status == LT_OK)
        status = lt_catalog_put(session, &object, false, false, NULL);
    if (status == LT_OK)
        status = lt_catalog_find(session, 1, &path, LT_NOWHERE, arena, &found, NULL);
    if (status == LT_OK)
        status = lt_catalog_list(session, LT_OBJECT_TABLE, LT_STR(""), arena, &n, &names, NULL);
    if (status == LT_OK)
        status = lt_setting_set(session, LT_STR("table.local-time-zone"), LT_STR("Asia/Tokyo"),
                                arena, &notice, NULL);
    if (status == LT_OK)
        status = lt_catalog_use(session, LT_STR(""), LT_STR("default_database"), NULL);
    lt_catalog_session_close(session);
    lt_catalog_close(catalog);
    return status;
}

static void test_failing_allocations(void **state)
{
    struct faulty faulty = {0};
    struct lt_allocator_hooks hooks = {faulty_resize, &faulty};
    (void)state;
    for (faulty.fail_at = 1; faulty.fail_at < 1000; faulty.fail_at++) {
        struct lt_alloc alloc;
        struct lt_arena arena;
        faulty.count = 0;
        lt_alloc_init_root(&alloc, &hooks, "test", SIZE_MAX);
        lt_arena_init(&arena, &alloc);
        lt_status status = use_all(&alloc, &arena);
        lt_arena_close(&arena);
        lt_alloc_close(&alloc); /* asserts that nothing is left */
        if (faulty.count < faulty.fail_at) {
            assert_int_equal(status, LT_OK);
            return;
        }
        assert_int_equal(status, LT_NOMEM);
    }
    fail();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
