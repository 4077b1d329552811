/* test_feed.c -- feeds: every pushed row is read once by every reader, however it was cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leat.h"

enum { ROWS = 60000, NULL_OF = 7 };

struct handles {
    leat_db *db;
    leat_session *session;
};

static void run(struct handles *h, const char *sql)
{
    leat_stmt *stmt;
    leat_code code = leat_prepare(h->session, sql, -1, &stmt, NULL);
    while (code >= 0 && code != LEAT_DONE)
        code = leat_step(stmt, -1);
    if (code != LEAT_DONE)
        print_error("%s: %s\n", sql, leat_error_message(h->session));
    assert_int_equal(code, LEAT_DONE);
    leat_finalize(stmt);
}

static void open_all(struct handles *h, uint32_t threads)
{
    leat_config config = {.size = sizeof(config), .threads = threads, .parallelism = 1};
    assert_int_equal(leat_open(&config, &h->db, NULL, 0), LEAT_OK);
    assert_int_equal(leat_session_open(h->db, &h->session), LEAT_OK);
    run(h, "CREATE TABLE t (k STRING, v BIGINT) WITH ('connector' = 'feed')");
    run(h, "CREATE TABLE rows_out (k STRING, v BIGINT) WITH ('connector' = 'callback')");
}

static void close_all(struct handles *h)
{
    assert_int_equal(leat_session_close(h->session), LEAT_OK);
    assert_int_equal(leat_close(h->db), LEAT_OK);
}

static uint32_t key_text(int64_t row, char *out, size_t size)
{
    return (uint32_t)snprintf(out, size, row % 3 ? "%lld" : "the key of row number %lld",
                              (long long)row);
}

/* Rows [first, first + n), in one push. */
static void push(struct handles *h, int64_t first, uint32_t n)
{
    char keys[16][40], values[16][24];
    leat_value rows[32];
    assert_true(n <= 16);
    for (uint32_t i = 0; i < n; i++) {
        rows[2 * i] = (leat_value){keys[i], key_text(first + i, keys[i], sizeof(keys[i]))};
        if ((first + i) % NULL_OF == 0)
            rows[2 * i].text = NULL;
        rows[2 * i + 1].len =
            (size_t)snprintf(values[i], sizeof(values[i]), "%lld", (long long)(first + i));
        rows[2 * i + 1].text = values[i];
    }
    assert_int_equal(leat_push(h->session, "t", NULL, 2, n, rows), LEAT_OK);
}

static void push_all(struct handles *h, bool pumps)
{
    uint64_t seed = 99;
    for (int64_t at = 0; at < ROWS;) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        uint32_t n = 1 + (uint32_t)(seed >> 60);
        if (n > ROWS - at)
            n = (uint32_t)(ROWS - at);
        push(h, at, n);
        at += n;
        if (pumps && seed >> 40 & 1 && (seed >> 41) % 64 == 0) /* they pile up until then */
            assert_int_equal(leat_pump(h->db, NULL), LEAT_OK);
    }
    assert_int_equal(leat_push_end(h->session, "t", NULL), LEAT_OK);
    assert_int_equal(leat_wait(h->session, -1), LEAT_DONE);
}

/* ---- in order, each once ------------------------------------------------------- */

static leat_code expect_next(void *ctx, uint32_t writer, const leat_batch *batch)
{
    _Atomic int64_t *next = ctx;
    (void)writer;
    for (uint32_t i = 0; i < batch->n_rows; i++) {
        uint32_t row = leat_batch_row(batch, i);
        int64_t want = atomic_fetch_add(next, 1);
        char key[40];
        uint32_t len = key_text(want, key, sizeof(key));
        if (leat_column_int64(batch->columns[1], row) != want)
            return LEAT_DATA;
        bool null = leat_column_is_null(batch->columns[0], row);
        if (null != (want % NULL_OF == 0))
            return LEAT_DATA;
        const leat_string *got = leat_column_string(batch->columns[0], row);
        if (!null && (got->len != len || memcmp(leat_string_data(got), key, len) != 0))
            return LEAT_DATA;
    }
    return LEAT_OK;
}

static void test_small_pushes(void **state)
{
    (void)state;
    for (uint32_t threads = 0; threads <= 1; threads++) {
        struct handles h;
        _Atomic int64_t next = 0;
        leat_listener listener = {.size = sizeof(listener), .ctx = &next, .rows = expect_next};
        open_all(&h, threads);
        assert_int_equal(leat_listen(h.db, "rows_out", &listener), LEAT_OK);
        run(&h, "INSERT INTO rows_out SELECT k, v FROM t");
        push_all(&h, threads == 0);
        assert_int_equal(next, ROWS);
        close_all(&h);
    }
}

/* ---- two readers in one query ----------------------------------------------------- */

static leat_code count_value(void *ctx, uint32_t writer, const leat_batch *batch)
{
    _Atomic uint8_t *counts = ctx;
    (void)writer;
    for (uint32_t i = 0; i < batch->n_rows; i++)
        counts[leat_column_int64(batch->columns[1], leat_batch_row(batch, i))]++;
    return LEAT_OK;
}

/* What one has read stays until the other has read it too. */
static void test_two_readers(void **state)
{
    (void)state;
    for (uint32_t threads = 0; threads <= 2; threads++) {
        struct handles h;
        _Atomic uint8_t *counts = calloc(ROWS, 1);
        leat_listener listener = {.size = sizeof(listener), .ctx = counts, .rows = count_value};
        assert_non_null(counts);
        open_all(&h, threads);
        assert_int_equal(leat_listen(h.db, "rows_out", &listener), LEAT_OK);
        run(&h, "INSERT INTO rows_out SELECT k, v FROM t UNION ALL SELECT 'b', v FROM t");
        push_all(&h, threads == 0);
        for (int i = 0; i < ROWS; i++)
            assert_int_equal(counts[i], 2);
        close_all(&h);
        free((void *)counts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_small_pushes),
                                       cmocka_unit_test(test_two_readers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
