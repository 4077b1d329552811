/* test_q12.c -- Nexmark q12, windows over processing time, under an injected clock.
 *
 * The clock moves on with every look at it. One statement set writes each bid
 * with the processing time it was given, and the windowed counts; the counts are
 * then made again from the bids by sorting. LEAT_EVENTS says how many events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leat.h"

enum { WINDOW_US = 10 * 1000 * 1000, LOOK_US = 1700 * 1000 };

static int64_t moving_clock(void *ctx)
{
    int64_t *now_us = ctx;
    return *now_us += LOOK_US;
}

struct count {
    int64_t bidder, start_us, n;
};

static int count_compare(const void *a, const void *b)
{
    const struct count *x = a, *y = b;
    if (x->bidder != y->bidder)
        return x->bidder < y->bidder ? -1 : 1;
    return (x->start_us > y->start_us) - (x->start_us < y->start_us);
}

static leat_stmt *prepare(leat_session *session, const char *sql)
{
    leat_stmt *stmt = NULL;
    if (leat_prepare(session, sql, -1, &stmt, NULL) != LEAT_OK)
        fail_msg("%s: %s", sql, leat_error_message(session));
    return stmt;
}

static void run(leat_session *session, const char *sql)
{
    leat_stmt *stmt = prepare(session, sql);
    if (leat_step(stmt, -1) != LEAT_DONE)
        fail_msg("%s: %s", sql, leat_error_message(session));
    leat_finalize(stmt);
}

/* Rows of two or three whole numbers; the third is 1 where there are two. Sorted. */
static struct count *rows_of(leat_session *session, const char *sql, size_t *n)
{
    leat_stmt *stmt = prepare(session, sql);
    struct count *rows = NULL;
    size_t cap = 0;
    leat_code code;
    for (*n = 0; (code = leat_step(stmt, -1)) == LEAT_ROW; (*n)++) {
        if (*n == cap) {
            cap = cap ? 2 * cap : 1024;
            rows = realloc(rows, cap * sizeof(*rows));
            assert_non_null(rows);
        }
        rows[*n] = (struct count){leat_int64(stmt, 0), leat_int64(stmt, 1),
                                  leat_column_count(stmt) > 2 ? leat_int64(stmt, 2) : 1};
    }
    assert_int_equal(code, LEAT_DONE);
    leat_finalize(stmt);
    qsort(rows, *n, sizeof(*rows), count_compare);
    return rows;
}

static void define(leat_session *session, const char *events)
{
    char sql[1024];
    snprintf(sql, sizeof(sql),
             "CREATE TABLE datagen (event_type INT, bid ROW<auction BIGINT, bidder BIGINT, price "
             "BIGINT, `dateTime` TIMESTAMP(3)>) WITH ('connector' = 'nexmark', 'events.num' = "
             "'%s', 'first-event.rate' = '1000', 'next-event.rate' = '1000')",
             events);
    run(session, sql);
    run(session, "CREATE VIEW B AS SELECT bid.bidder, PROCTIME() AS p_time FROM datagen "
                 "WHERE event_type = 2");
    run(session, "CREATE TABLE bids (bidder BIGINT, at TIMESTAMP_LTZ(3)) "
                 "WITH ('connector' = 'memory')");
    run(session, "CREATE TABLE counts (bidder BIGINT, starttime TIMESTAMP(3), n BIGINT) "
                 "WITH ('connector' = 'memory')");
    run(session, "EXECUTE STATEMENT SET BEGIN "
                 "INSERT INTO bids SELECT bidder, p_time FROM B; "
                 "INSERT INTO counts SELECT bidder, window_start, COUNT(*) FROM TABLE(TUMBLE("
                 "TABLE B, DESCRIPTOR(p_time), INTERVAL '10' SECOND)) "
                 "GROUP BY bidder, window_start, window_end; END");
}

static void counts_follow_the_clock(void **state)
{
    (void)state;
    const char *events = getenv("LEAT_EVENTS") ? getenv("LEAT_EVENTS") : "100000";
    int64_t now_us = INT64_C(1704067200) * 1000000;
    leat_config config = {.size = sizeof(config), .now_us = moving_clock, .now_ctx = &now_us};
    leat_db *db;
    leat_session *session;
    assert_int_equal(leat_open(&config, &db, NULL, 0), LEAT_OK);
    assert_int_equal(leat_session_open(db, &session), LEAT_OK);
    define(session, events);

    size_t n_bids, n_counts, at = 0, windows = 0;
    struct count *bids = rows_of(session, "SELECT bidder, at FROM bids", &n_bids);
    struct count *counts = rows_of(session, "SELECT bidder, starttime, n FROM counts", &n_counts);
    assert_int_equal(n_bids, strtoll(events, NULL, 10) / 50 * 46);
    for (size_t i = 0; i < n_counts; i++) {
        int64_t n = 0;
        for (; at < n_bids && bids[at].bidder == counts[i].bidder &&
               bids[at].start_us / WINDOW_US * WINDOW_US == counts[i].start_us;
             at++)
            n++;
        assert_int_equal(counts[i].n, n);
        windows += counts[i].start_us != counts[0].start_us;
    }
    assert_int_equal(at, n_bids);
    assert_true(windows > 0); /* the clock did move from window to window */
    free(bids);
    free(counts);
    assert_int_equal(leat_session_close(session), LEAT_OK);
    assert_int_equal(leat_close(db), LEAT_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_follow_the_clock)};
    return cmocka_run_group_tests_name("q12", tests, NULL, NULL);
}
