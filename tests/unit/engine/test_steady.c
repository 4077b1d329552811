/* test_steady.c -- a query that runs evenly allocates nothing.
 *
 * Rows of the same kind are pushed and pumped round after round; a counting allocator
 * looks on. Once pools, arenas and tables have seen what there is to see, a thousand
 * more batches must not take one block from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leat.h"

enum { ROWS = 100, COLUMNS = 7, WARM_ROUNDS = 400, ROUNDS = 1000, TEXT_SIZE = 96 };

struct counter {
    uint64_t taken;
    bool stop_at_next; /* for a debugger: abort where a block is taken */
};

static void *counting_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    struct counter *counter = ctx;
    (void)old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    counter->taken++;
    if (counter->stop_at_next)
        abort();
    return realloc(ptr, new_size);
}

struct steady {
    struct counter counter;
    leat_db *db;
    leat_session *session;
    int64_t clock_us;
    int64_t time_us; /* of the events */
    char texts[ROWS][COLUMNS][TEXT_SIZE];
    leat_value values[ROWS * COLUMNS];
};

static int64_t clock_now(void *ctx)
{
    return ((struct steady *)ctx)->clock_us;
}

static void run(struct steady *s, const char *sql)
{
    leat_stmt *stmt;
    if (leat_prepare(s->session, sql, -1, &stmt, NULL) != LEAT_OK)
        fail_msg("%s: %s", sql, leat_error_message(s->session));
    leat_code code = leat_step(stmt, 0);
    if (code != LEAT_DONE)
        fail_msg("%s: %s", sql, leat_error_message(s->session));
    leat_finalize(stmt);
}

static leat_code see_rows(void *ctx, uint32_t writer, const leat_batch *batch)
{
    (void)writer;
    *(uint64_t *)ctx += batch->n_rows;
    return LEAT_OK;
}

/* A hundred bids, a millisecond apart. */
static void push_round(struct steady *s, uint32_t round)
{
    static const char *const channels[] = {"Apple", "Google", "Facebook", "Baidu", "channel-8812"};
    for (uint32_t i = 0; i < ROWS; i++) {
        uint32_t h = (round * ROWS + i) * 2654435761u;
        int64_t ms = s->time_us / 1000;
        char(*t)[TEXT_SIZE] = s->texts[i];
        snprintf(t[0], TEXT_SIZE, "%u", 1000 + h % 50);
        snprintf(t[1], TEXT_SIZE, "%u", 2000 + h / 64 % 40);
        snprintf(t[2], TEXT_SIZE, "%u", 100 + h / 7 % 9000000);
        snprintf(t[3], TEXT_SIZE, "%s", channels[h / 11 % 5]);
        snprintf(t[4], TEXT_SIZE, "https://www.nexmark.com/%05u/%04u/abc/item.htm?query=1%s%u",
                 h % 99999, h / 9 % 9999, h % 2 ? "&channel_id=" : "&x=", h / 13 % 99999);
        snprintf(t[5], TEXT_SIZE, "2024-01-%02d %02d:%02d:%02d.%03d", 1 + (int)(ms / 86400000) % 28,
                 (int)(ms / 3600000 % 24), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60),
                 (int)(ms % 1000));
        snprintf(t[6], TEXT_SIZE, "extra text with some c in it, more than twelve: %u", h);
        for (uint32_t c = 0; c < COLUMNS; c++)
            s->values[i * COLUMNS + c] = (leat_value){t[c], strlen(t[c])};
        s->time_us += 1000;
    }
    if (leat_push(s->session, "bid", NULL, COLUMNS, ROWS, s->values) != LEAT_OK)
        fail_msg("%s", leat_error_message(s->session));
    leat_code code = leat_pump(s->db, NULL);
    if (code != LEAT_OK)
        fail_msg("pump: %d", code);
    s->clock_us += 100000;
}

static const struct query {
    const char *name, *columns, *select;
} queries[] = {
    {"q0", "a BIGINT, b BIGINT, c BIGINT, t TIMESTAMP(3), e STRING",
     "SELECT auction, bidder, price, dateTime, extra FROM bid"},
    {"q1", "a BIGINT, b BIGINT, c DECIMAL(23, 3), t TIMESTAMP(3), e STRING",
     "SELECT auction, bidder, 0.908 * price, dateTime, extra FROM bid"},
    {"q2", "a BIGINT, b BIGINT", "SELECT auction, price FROM bid WHERE MOD(auction, 7) = 0"},
    {"q10", "a BIGINT, d STRING, m STRING",
     "SELECT auction, DATE_FORMAT(dateTime, 'yyyy-MM-dd HH:mm:ss'), DATE_FORMAT(dateTime, 'HH:mm') "
     "FROM bid"},
    {"q14", "a BIGINT, p DECIMAL(23, 3), k STRING, n BIGINT",
     "SELECT auction, 0.908 * price, CASE WHEN HOUR(dateTime) >= 8 AND HOUR(dateTime) <= 18 THEN "
     "'dayTime' WHEN HOUR(dateTime) <= 6 OR HOUR(dateTime) >= 20 THEN 'nightTime' ELSE 'otherTime' "
     "END, COUNT_CHAR(extra, 'c') FROM bid WHERE 0.908 * price > 1000000 AND 0.908 * price < "
     "50000000"},
    {"q21", "a BIGINT, c STRING, i STRING",
     "SELECT auction, channel, CASE WHEN LOWER(channel) = 'apple' THEN '0' WHEN LOWER(channel) = "
     "'google' THEN '1' ELSE REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) END FROM bid WHERE "
     "REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) IS NOT NULL OR LOWER(channel) IN ('apple', "
     "'google', 'facebook', 'baidu')"},
    {"q22", "a BIGINT, x STRING, y STRING, z STRING",
     "SELECT auction, SPLIT_INDEX(url, '/', 3), SPLIT_INDEX(url, '/', 4), SPLIT_INDEX(url, '/', 5) "
     "FROM bid"},
    {"text", "a STRING, b STRING, c STRING, d BOOLEAN",
     "SELECT UPPER(url), channel || '-' || extra, REPLACE(extra, 'c', 'dd'), url LIKE '%a_c%' FROM "
     "bid"},
    {"group", "b BIGINT, n BIGINT, s BIGINT, m BIGINT",
     "SELECT bidder, COUNT(*), SUM(price), MAX(price) FROM bid GROUP BY bidder"},
    {"text keys", "c STRING, d STRING, n BIGINT",
     "SELECT channel, DATE_FORMAT(dateTime, 'yyyy'), COUNT(*) FROM bid GROUP BY channel, "
     "DATE_FORMAT(dateTime, 'yyyy')"},
    {"tumble", "b BIGINT, t TIMESTAMP(3), n BIGINT",
     "SELECT bidder, window_start, COUNT(*) FROM TUMBLE(TABLE bid, DESCRIPTOR(dateTime), INTERVAL "
     "'10' SECOND) GROUP BY bidder, window_start, window_end"},
    {"hop", "a BIGINT, t TIMESTAMP(3), n BIGINT, s BIGINT",
     "SELECT auction, window_start, COUNT(*), SUM(price) FROM HOP(TABLE bid, DESCRIPTOR(dateTime), "
     "INTERVAL '2' SECOND, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end"},
    {"session", "b BIGINT, t TIMESTAMP(3), n BIGINT",
     "SELECT bidder, window_start, COUNT(*) FROM SESSION(TABLE bid PARTITION BY bidder, "
     "DESCRIPTOR(dateTime), INTERVAL '0.05' SECOND) GROUP BY bidder, window_start, window_end"},
};

static uint64_t allocations_of(const struct query *query, uint64_t *rows)
{
    struct steady *s = calloc(1, sizeof(*s));
    leat_listener listener = {.size = sizeof(listener), .ctx = rows, .rows = see_rows};
    leat_config config = {.size = sizeof(config),
                          .now_us = clock_now,
                          .now_ctx = s,
                          .resize = counting_resize,
                          .resize_ctx = &s->counter};
    char message[256], sql[2000];
    *rows = 0;
    assert_int_equal(leat_open(&config, &s->db, message, sizeof(message)), LEAT_OK);
    assert_int_equal(leat_session_open(s->db, &s->session), LEAT_OK);
    assert_int_equal(leat_listen(s->db, "out", &listener), LEAT_OK);
    run(s, "CREATE TABLE bid (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url "
           "STRING, dateTime TIMESTAMP(3), extra STRING, WATERMARK FOR dateTime AS dateTime) WITH "
           "('connector' = 'feed')");
    snprintf(sql, sizeof(sql), "CREATE TABLE out (%s) WITH ('connector' = 'callback')",
             query->columns);
    run(s, sql);
    snprintf(sql, sizeof(sql), "INSERT INTO out %s", query->select);
    run(s, sql);
    uint32_t round = 0;
    for (; round < WARM_ROUNDS; round++)
        push_round(s, round);
    uint64_t before = s->counter.taken;
    s->counter.stop_at_next = getenv("LEAT_STOP_AT_ALLOCATION") != NULL;
    for (; round < WARM_ROUNDS + ROUNDS; round++)
        push_round(s, round);
    s->counter.stop_at_next = false;
    uint64_t taken = s->counter.taken - before;
    assert_int_equal(leat_session_close(s->session), LEAT_OK);
    assert_int_equal(leat_close(s->db), LEAT_OK);
    free(s);
    return taken;
}

static void test_steady(void **state)
{
    const char *only = getenv("LEAT_STEADY_QUERY");
    bool bad = false;
    (void)state;
    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
        uint64_t rows;
        if (only && strcmp(only, queries[i].name) != 0)
            continue;
        uint64_t taken = allocations_of(&queries[i], &rows);
        if (taken > 0)
            print_error("%s: %llu allocations in %d rounds\n", queries[i].name,
                        (unsigned long long)taken, ROUNDS);
        if (rows == 0)
            print_error("%s: no rows\n", queries[i].name);
        bad = bad || taken > 0 || rows == 0;
    }
    assert_false(bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_steady)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
