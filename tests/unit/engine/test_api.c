/* test_api.c -- leat.h as an embedding program uses it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "leat.h"

struct handles {
    leat_db *db;
    leat_session *session;
};

static void open_with(struct handles *h, const leat_config *config)
{
    char message[256];
    assert_int_equal(leat_open(config, &h->db, message, sizeof(message)), LEAT_OK);
    assert_int_equal(leat_session_open(h->db, &h->session), LEAT_OK);
}

static void close_all(struct handles *h)
{
    assert_int_equal(leat_session_close(h->session), LEAT_OK);
    assert_int_equal(leat_close(h->db), LEAT_OK);
}

static leat_stmt *prepare(struct handles *h, const char *sql)
{
    leat_stmt *stmt = NULL;
    leat_code code = leat_prepare(h->session, sql, -1, &stmt, NULL);
    if (code != LEAT_OK)
        print_error("%s: %s\n", sql, leat_error_message(h->session));
    assert_int_equal(code, LEAT_OK);
    return stmt;
}

static void run(struct handles *h, const char *sql)
{
    leat_stmt *stmt = prepare(h, sql);
    leat_code code;
    while ((code = leat_step(stmt, -1)) == LEAT_ROW || code == LEAT_WAIT)
        ;
    if (code != LEAT_DONE)
        print_error("%s: %s\n", sql, leat_error_message(h->session));
    assert_int_equal(code, LEAT_DONE);
    leat_finalize(stmt);
}

#define FEED_TABLE "CREATE TABLE t (k STRING, v BIGINT) WITH ('connector' = 'feed')"

static void push(struct handles *h, const char *key, const char *value)
{
    leat_value row[] = {{key, key ? strlen(key) : 0}, {value, value ? strlen(value) : 0}};
    assert_int_equal(leat_push(h->session, "t", NULL, 2, 1, row), LEAT_OK);
}

/* ---- rows --------------------------------------------------------------------------- */

static void test_values(void **state)
{
    struct handles h;
    size_t len;
    (void)state;
    open_with(&h, NULL);
    leat_stmt *stmt = prepare(&h, "SELECT 1 AS n, 2.5 AS d, 'text longer than twelve' AS s, "
                                  "CAST(NULL AS INT) AS z, TRUE AS b, DATE '1970-01-03' AS day");
    assert_int_equal(leat_column_count(stmt), 6);
    assert_string_equal(leat_column_name(stmt, 2), "s");
    assert_string_equal(leat_column_type(stmt, 1), "DECIMAL(2, 1) NOT NULL");
    assert_true(leat_column_is_number(stmt, 0) && !leat_column_is_number(stmt, 2));
    assert_true(leat_is_bounded(stmt) && !leat_is_changing(stmt));
    assert_int_equal(leat_step(stmt, -1), LEAT_ROW);
    assert_int_equal(leat_row_op(stmt), LEAT_INSERT);
    assert_int_equal(leat_int64(stmt, 0), 1);
    assert_true(leat_double(stmt, 1) == 2.5);
    assert_string_equal(leat_text(stmt, 2, &len), "text longer than twelve");
    assert_int_equal(len, 23);
    assert_true(leat_is_null(stmt, 3) && !leat_is_null(stmt, 2));
    assert_null(leat_text(stmt, 3, NULL));
    assert_int_equal(leat_int64(stmt, 4), 1);
    assert_int_equal(leat_int64(stmt, 5), 2);
    assert_true(leat_is_null(stmt, 99)); /* no such column */
    assert_int_equal(leat_step(stmt, -1), LEAT_DONE);
    assert_int_equal(leat_step(stmt, -1), LEAT_DONE);
    leat_finalize(stmt);
    close_all(&h);
}

static void test_tail(void **state)
{
    struct handles h;
    leat_stmt *stmt;
    const char *sql = " SELECT 1 ; SELEC 2; -- last\n", *tail = sql;
    (void)state;
    open_with(&h, NULL);
    assert_int_equal(leat_prepare(h.session, tail, -1, &stmt, &tail), LEAT_OK);
    assert_non_null(stmt);
    leat_finalize(stmt);
    assert_int_equal(leat_prepare(h.session, tail, -1, &stmt, &tail), LEAT_SYNTAX);
    assert_null(stmt);
    assert_int_equal(leat_error_code(h.session), LEAT_SYNTAX);
    uint32_t line, column;
    size_t offset, len;
    leat_error_place(h.session, &line, &column, &offset, &len);
    assert_int_equal(line, 1);
    assert_int_equal(offset, 1);
    assert_int_equal(len, 5);
    assert_int_equal(leat_prepare(h.session, tail, -1, &stmt, &tail), LEAT_OK);
    assert_null(stmt);
    assert_int_equal(*tail, '\0');
    assert_true(leat_complete("SELECT ';';", 11) && !leat_complete("SELECT ';'", 10));
    close_all(&h);
}

static void test_changes(void **state)
{
    struct handles h;
    (void)state;
    open_with(&h, NULL);
    run(&h, FEED_TABLE);
    leat_stmt *stmt = prepare(&h, "SELECT k, SUM(v) FROM t GROUP BY k");
    assert_true(leat_is_changing(stmt) && !leat_is_bounded(stmt));
    assert_int_equal(leat_step(stmt, 0), LEAT_WAIT);
    push(&h, "a", "1");
    assert_int_equal(leat_step(stmt, 0), LEAT_ROW);
    assert_int_equal(leat_row_op(stmt), LEAT_INSERT);
    assert_string_equal(leat_text(stmt, 0, NULL), "a");
    assert_int_equal(leat_step(stmt, 0), LEAT_WAIT);
    push(&h, "a", "2");
    assert_int_equal(leat_step(stmt, 0), LEAT_ROW);
    assert_int_equal(leat_row_op(stmt), LEAT_UPDATE_BEFORE);
    assert_int_equal(leat_int64(stmt, 1), 1);
    assert_int_equal(leat_step(stmt, 0), LEAT_ROW);
    assert_int_equal(leat_row_op(stmt), LEAT_UPDATE_AFTER);
    assert_int_equal(leat_int64(stmt, 1), 3);
    push(&h, NULL, NULL);
    assert_int_equal(leat_push_end(h.session, "t", NULL), LEAT_OK);
    assert_int_equal(leat_step(stmt, -1), LEAT_ROW);
    assert_true(leat_is_null(stmt, 0) && leat_is_null(stmt, 1));
    assert_int_equal(leat_step(stmt, -1), LEAT_DONE);
    leat_finalize(stmt);
    close_all(&h);
}

/* Two queries attached to one running database; one goes, the other goes on. */
static void test_two_queries(void **state)
{
    struct handles h;
    (void)state;
    open_with(&h, NULL);
    run(&h, FEED_TABLE);
    leat_stmt *a = prepare(&h, "SELECT v + 1 FROM t");
    assert_int_equal(leat_step(a, 0), LEAT_WAIT);
    push(&h, "x", "1");
    leat_stmt *b = prepare(&h, "SELECT v * 10 FROM t");
    assert_int_equal(leat_step(b, 0), LEAT_ROW); /* a reader starts with what is held */
    assert_int_equal(leat_int64(b, 0), 10);
    assert_int_equal(leat_step(a, 0), LEAT_ROW);
    assert_int_equal(leat_int64(a, 0), 2);
    leat_finalize(a);
    push(&h, "x", "2");
    assert_int_equal(leat_step(b, 0), LEAT_ROW);
    assert_int_equal(leat_int64(b, 0), 20);
    leat_finalize(b);
    close_all(&h);
}

/* ---- failures ------------------------------------------------------------------------- */

static void test_busy(void **state)
{
    struct handles h;
    (void)state;
    open_with(&h, NULL);
    leat_stmt *stmt = prepare(&h, "SELECT 1");
    assert_int_equal(leat_session_close(h.session), LEAT_BUSY);
    assert_int_equal(leat_close(h.db), LEAT_BUSY);
    leat_finalize(stmt);
    close_all(&h);
    leat_finalize(NULL);
    assert_int_equal(leat_session_close(NULL), LEAT_OK);
    assert_int_equal(leat_close(NULL), LEAT_OK);
}

static void test_open_fails(void **state)
{
    leat_db *db = NULL;
    char message[16];
    leat_config config = {.size = sizeof(config), .path = "/no/such/folder/leat.db"};
    (void)state;
    assert_int_equal(leat_open(&config, &db, message, sizeof(message)), LEAT_IO);
    assert_null(db);
    assert_int_equal(strlen(message), sizeof(message) - 1); /* cut */
    config.size = 3;
    assert_int_equal(leat_open(&config, &db, NULL, 0), LEAT_MISUSE);
}

static void test_run_time_error(void **state)
{
    struct handles h;
    (void)state;
    open_with(&h, NULL);
    run(&h, FEED_TABLE);
    leat_stmt *stmt = prepare(&h, "SELECT 10 / v FROM t");
    push(&h, "a", "5");
    assert_int_equal(leat_step(stmt, 0), LEAT_ROW);
    push(&h, "a", "0");
    assert_int_equal(leat_step(stmt, 0), LEAT_DATA);
    assert_non_null(strstr(leat_error_message(h.session), "zero"));
    assert_int_equal(leat_step(stmt, 0), LEAT_MISUSE);
    leat_finalize(stmt);
    run(&h, "SELECT 1"); /* the session lives on */
    close_all(&h);
}

static void test_push_refuses(void **state)
{
    struct handles h;
    leat_value bad[] = {{"k", 1}, {"twelve", 6}};
    (void)state;
    open_with(&h, NULL);
    run(&h, FEED_TABLE);
    assert_int_equal(leat_push(h.session, "t", NULL, 2, 1, bad), LEAT_DATA);
    assert_non_null(strstr(leat_error_message(h.session), "twelve"));
    assert_int_equal(leat_push(h.session, "t", NULL, 1, 1, bad), LEAT_INVALID);
    assert_int_equal(leat_push(h.session, "t", "2", 2, 1, bad), LEAT_INVALID);
    assert_int_equal(leat_push(h.session, "nope", NULL, 2, 1, bad), LEAT_INVALID);
    run(&h, "CREATE TABLE p (x INT) WITH ('connector' = 'print')");
    assert_int_equal(leat_push(h.session, "p", NULL, 1, 1, bad), LEAT_INVALID);
    assert_int_equal(leat_push_end(h.session, "t", "1"), LEAT_OK);
    bad[1] = (leat_value){"1", 1};
    assert_int_equal(leat_push(h.session, "t", "1", 2, 1, bad), LEAT_MISUSE);
    close_all(&h);
}

/* Nobody reads: the feed takes its bound of bytes, then says FULL. */
static void test_push_full(void **state)
{
    enum { ROWS = 2000, WIDTH = 100 };
    struct handles h;
    static char text[WIDTH];
    static leat_value rows[ROWS * 2];
    leat_code code = LEAT_OK;
    (void)state;
    memset(text, 'x', sizeof(text));
    for (int i = 0; i < ROWS; i++) {
        rows[2 * i] = (leat_value){text, WIDTH};
        rows[2 * i + 1] = (leat_value){"7", 1};
    }
    open_with(&h, NULL);
    run(&h, FEED_TABLE);
    int pushes = 0;
    for (; pushes < 1000 && code == LEAT_OK; pushes++)
        code = leat_push(h.session, "t", NULL, 2, ROWS, rows);
    assert_int_equal(code, LEAT_FULL);
    leat_stmt *stmt = prepare(&h, "SELECT v FROM t WHERE v > 7"); /* reads all, gives nothing */
    assert_int_equal(leat_step(stmt, 1000), LEAT_WAIT);
    assert_int_equal(leat_push(h.session, "t", NULL, 2, ROWS, rows), LEAT_OK);
    leat_finalize(stmt);
    close_all(&h);
}

static void test_notices(void **state)
{
    struct handles h;
    (void)state;
    open_with(&h, NULL);
    assert_null(leat_notice(h.session));
    run(&h, "SET 'table.exec.mini-batch.enabled' = 'true'");
    const char *notice = leat_notice(h.session);
    assert_non_null(notice);
    assert_non_null(strstr(notice, "mini-batch"));
    assert_null(leat_notice(h.session));
    assert_int_equal(leat_set(h.session, "parallelism.default", "x"), LEAT_INVALID);
    close_all(&h);
}

static void test_defaults(void **state)
{
    struct handles h;
    leat_session *later;
    leat_stmt *stmt;
    (void)state;
    open_with(&h, NULL);
    assert_int_equal(leat_set_default(h.session, "table.local-time-zone", "Mars"), LEAT_INVALID);
    assert_int_equal(leat_set_default(h.session, "table.local-time-zone", "Asia/Tokyo"), LEAT_OK);
    assert_int_equal(leat_session_open(h.db, &later), LEAT_OK);
    assert_int_equal(leat_prepare(later, "SELECT TO_TIMESTAMP_LTZ(0, 3)", -1, &stmt, NULL),
                     LEAT_OK);
    assert_int_equal(leat_step(stmt, -1), LEAT_ROW);
    assert_string_equal(leat_text(stmt, 0, NULL), "1970-01-01 09:00:00.000");
    leat_finalize(stmt);
    assert_int_equal(leat_session_close(later), LEAT_OK);
    close_all(&h);
}

/* ---- background, threads, interrupts ------------------------------------------------------ */

static void test_background(void **state)
{
    struct handles h;
    (void)state;
    open_with(&h, NULL);
    run(&h, FEED_TABLE);
    run(&h, "CREATE TABLE sink (k STRING, v BIGINT) WITH ('connector' = 'blackhole')");
    run(&h, "INSERT INTO sink SELECT k, v FROM t"); /* unbounded: done at once, goes on */
    assert_int_equal(leat_running(h.db), 1);
    assert_int_equal(leat_wait(h.session, 5), LEAT_WAIT);
    push(&h, "a", "1");
    assert_int_equal(leat_push_end(h.session, "t", NULL), LEAT_OK);
    assert_int_equal(leat_wait(h.session, -1), LEAT_DONE);
    assert_int_equal(leat_running(h.db), 0);
    close_all(&h);
}

static void *interrupter(void *arg)
{
    usleep(50000);
    leat_interrupt(arg);
    return NULL;
}

static void test_interrupt(void **state)
{
    struct handles h;
    pthread_t thread;
    (void)state;
    for (uint32_t threads = 0; threads <= 2; threads += 2) {
        leat_config config = {.size = sizeof(config), .threads = threads};
        open_with(&h, &config);
        run(&h, FEED_TABLE);
        leat_stmt *stmt = prepare(&h, "SELECT v FROM t");
        assert_int_equal(pthread_create(&thread, NULL, interrupter, h.session), 0);
        assert_int_equal(leat_step(stmt, -1), LEAT_INTERRUPTED);
        pthread_join(thread, NULL);
        push(&h, "a", "1"); /* the statement may be stepped on */
        assert_int_equal(leat_step(stmt, -1), LEAT_ROW);
        leat_finalize(stmt);
        close_all(&h);
    }
}

static void test_threads(void **state)
{
    struct handles h;
    leat_config config = {.size = sizeof(config), .threads = 2};
    (void)state;
    open_with(&h, &config);
    run(&h, FEED_TABLE);
    leat_stmt *stmt = prepare(&h, "SELECT k, COUNT(*) FROM t GROUP BY k");
    assert_int_equal(leat_step(stmt, 0), LEAT_WAIT);
    int fd = leat_wait_fd(stmt);
    assert_true(fd >= 0);
    push(&h, "a", "1");
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&wait, 1, 10000), 1);
    assert_int_equal(leat_step(stmt, -1), LEAT_ROW);
    assert_int_equal(leat_int64(stmt, 1), 1);
    assert_int_equal(leat_push_end(h.session, "t", NULL), LEAT_OK);
    assert_int_equal(leat_step(stmt, -1), LEAT_DONE);
    leat_finalize(stmt);
    close_all(&h);
}

/* A reader that is slow holds its query back; nothing piles up. */
static void test_slow_reader(void **state)
{
    struct handles h;
    leat_config config = {.size = sizeof(config), .memory_bytes = 256 << 20};
    (void)state;
    open_with(&h, &config);
    run(&h, "SET 'leat.result.queue-bytes' = '65536'");
    run(&h, "CREATE TABLE n (event_type INT, bid ROW<auction BIGINT, bidder BIGINT, price BIGINT>)"
            " WITH ('connector' = 'nexmark', 'events.num' = '200000')");
    leat_stmt *stmt = prepare(&h, "SELECT event_type, bid.price FROM n");
    uint64_t rows = 0;
    leat_code code;
    while ((code = leat_step(stmt, -1)) == LEAT_ROW)
        rows++;
    if (code != LEAT_DONE)
        print_error("%s\n", leat_error_message(h.session));
    assert_int_equal(code, LEAT_DONE);
    assert_int_equal(rows, 200000);
    leat_finalize(stmt);
    close_all(&h);
}

/* ---- every allocation of an open fails once ------------------------------------------------ */

struct faulty {
    int count, fail_at;
    size_t live;
};

static void *faulty_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    struct faulty *faulty = ctx;
    if (new_size == 0) {
        faulty->live -= old_size;
        free(ptr);
        return NULL;
    }
    if (++faulty->count == faulty->fail_at)
        return NULL;
    faulty->live += new_size - (ptr ? old_size : 0);
    return realloc(ptr, new_size);
}

static void test_open_without_memory(void **state)
{
    struct faulty faulty = {0};
    leat_config config = {.size = sizeof(config), .resize = faulty_resize, .resize_ctx = &faulty};
    (void)state;
    for (faulty.fail_at = 1; faulty.fail_at < 200; faulty.fail_at++) {
        leat_db *db;
        leat_session *session = NULL;
        faulty.count = 0;
        leat_code code = leat_open(&config, &db, NULL, 0);
        if (code == LEAT_OK)
            code = leat_session_open(db, &session);
        leat_session_close(session);
        leat_close(db);
        assert_int_equal(faulty.live, 0);
        if (faulty.count < faulty.fail_at) {
            assert_int_equal(code, LEAT_OK);
            return;
        }
        assert_int_equal(code, LEAT_NOMEM);
    }
    fail();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_tail),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_two_queries),
        cmocka_unit_test(test_busy),
        cmocka_unit_test(test_open_fails),
        cmocka_unit_test(test_run_time_error),
        cmocka_unit_test(test_push_refuses),
        cmocka_unit_test(test_push_full),
        cmocka_unit_test(test_notices),
        cmocka_unit_test(test_background),
        cmocka_unit_test(test_interrupt),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_slow_reader),
        cmocka_unit_test(test_open_without_memory),
        cmocka_unit_test(test_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
