/* test_listen.c -- connector 'callback': what a listener is shown, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leat.h"

struct handles {
    leat_db *db;
    leat_session *session;
};

static void open_with(struct handles *h, const leat_config *config)
{
    assert_int_equal(leat_open(config, &h->db, NULL, 0), LEAT_OK);
    assert_int_equal(leat_session_open(h->db, &h->session), LEAT_OK);
}

static void close_all(struct handles *h)
{
    assert_int_equal(leat_session_close(h->session), LEAT_OK);
    assert_int_equal(leat_close(h->db), LEAT_OK);
}

/* The last code of the statement: DONE or a failure. */
static leat_code try_run(leat_session *session, const char *sql)
{
    leat_stmt *stmt;
    leat_code code = leat_prepare(session, sql, -1, &stmt, NULL);
    while (code >= 0 && code != LEAT_DONE)
        code = leat_step(stmt, -1);
    leat_finalize(stmt);
    return code;
}

static void run(struct handles *h, const char *sql)
{
    leat_code code = try_run(h->session, sql);
    if (code != LEAT_DONE)
        print_error("%s: %s\n", sql, leat_error_message(h->session));
    assert_int_equal(code, LEAT_DONE);
}

/* ---- a listener that writes everything down ----------------------------------- */

struct notes {
    pthread_mutex_t lock;
    size_t len;
    char text[1 << 16];
    uint32_t rows, batches, prepared, committed, aborted;
    uint32_t full_left; /* so many times it has no room */
    leat_code answer, answer_prepare;
    uint64_t writers; /* bit per number seen */
    uint32_t constants, dictionaries, selections;
};

static void note(struct notes *notes, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void note(struct notes *notes, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(notes->text + notes->len, sizeof(notes->text) - notes->len, fmt, args);
    va_end(args);
    assert_true(n >= 0 && notes->len + (size_t)n < sizeof(notes->text));
    notes->len += (size_t)n;
}

static void note_value(struct notes *notes, const leat_column *col, uint32_t row);

static void note_list(struct notes *notes, const leat_column *col, uint32_t row)
{
    uint32_t len, first = leat_column_list(col, row, &len);
    note(notes, "[");
    for (uint32_t i = 0; i < len; i++) {
        note(notes, i ? " " : "");
        for (uint32_t c = 0; c < col->n_children; c++) {
            note(notes, c ? "=" : "");
            note_value(notes, col->children[c], first + i);
        }
    }
    note(notes, "]");
}

static void note_value(struct notes *notes, const leat_column *col, uint32_t row)
{
    uint32_t lane = leat_column_lane(col, row);
    const leat_string *string;
    int64_t high;
    uint64_t low;
    if (leat_column_is_null(col, row)) {
        note(notes, "NULL");
        return;
    }
    assert_true(lane < col->n_lanes);
    switch (col->layout) {
    case LEAT_LAYOUT_FLOAT:
    case LEAT_LAYOUT_DOUBLE: note(notes, "%g", leat_column_double(col, row)); break;
    case LEAT_LAYOUT_INT128:
        leat_column_decimal(col, row, &high, &low);
        note(notes, "%" PRId64 ":%" PRIu64 "e-%u", high, low, col->scale);
        break;
    case LEAT_LAYOUT_STRING:
        string = leat_column_string(col, row);
        note(notes, "%.*s", (int)string->len, leat_string_data(string));
        break;
    case LEAT_LAYOUT_LIST: note_list(notes, col, row); break;
    case LEAT_LAYOUT_STRUCT:
        note(notes, "(");
        for (uint32_t c = 0; c < col->n_children; c++) {
            note(notes, "%s%s:", c ? " " : "", col->children[c]->name);
            note_value(notes, col->children[c], lane);
        }
        note(notes, ")");
        break;
    default: note(notes, "%" PRId64, leat_column_int64(col, row));
    }
}

static leat_code on_rows(void *ctx, uint32_t writer, const leat_batch *batch)
{
    struct notes *notes = ctx;
    pthread_mutex_lock(&notes->lock);
    leat_code code = notes->full_left ? LEAT_FULL : notes->answer;
    notes->full_left -= notes->full_left > 0;
    notes->batches++;
    notes->writers |= UINT64_C(1) << writer;
    notes->selections += batch->rows != NULL;
    assert_true(batch->size == sizeof(*batch) && batch->n_rows >= 1 && batch->len >= batch->n_rows);
    for (uint32_t c = 0; c < batch->n_columns; c++) {
        notes->constants += batch->columns[c]->constant;
        notes->dictionaries += batch->columns[c]->codes != NULL;
    }
    for (uint32_t i = 0; code == LEAT_OK && i < batch->n_rows; i++) {
        uint32_t row = leat_batch_row(batch, i);
        notes->rows++;
        if (notes->rows > 1000)
            continue;
        note(notes, "%+d", leat_batch_weight(batch, row));
        for (uint32_t c = 0; c < batch->n_columns; c++) {
            note(notes, "|");
            note_value(notes, batch->columns[c], row);
        }
        note(notes, "\n");
    }
    pthread_mutex_unlock(&notes->lock);
    return code;
}

static leat_code on_prepare(void *ctx, uint32_t writer, uint64_t epoch)
{
    struct notes *notes = ctx;
    (void)writer, (void)epoch;
    pthread_mutex_lock(&notes->lock);
    assert_int_equal(notes->committed, 0); /* nobody commits before all have prepared */
    notes->prepared++;
    pthread_mutex_unlock(&notes->lock);
    return notes->answer_prepare;
}

static void on_commit(void *ctx, uint32_t writer, uint64_t epoch)
{
    struct notes *notes = ctx;
    (void)writer, (void)epoch;
    pthread_mutex_lock(&notes->lock);
    notes->committed++;
    pthread_mutex_unlock(&notes->lock);
}

static void on_abort(void *ctx, uint32_t writer)
{
    struct notes *notes = ctx;
    (void)writer;
    pthread_mutex_lock(&notes->lock);
    notes->aborted++;
    pthread_mutex_unlock(&notes->lock);
}

static struct notes notes; /* too large for a stack */

static leat_listener fresh(void)
{
    memset(&notes, 0, sizeof(notes));
    pthread_mutex_init(&notes.lock, NULL);
    return (leat_listener){.size = sizeof(leat_listener),
                           .ctx = &notes,
                           .rows = on_rows,
                           .prepare = on_prepare,
                           .commit = on_commit,
                           .abort = on_abort};
}

/* ---- values ---------------------------------------------------------------------- */

static void test_values(void **state)
{
    struct handles h;
    leat_listener listener = fresh();
    (void)state;
    open_with(&h, NULL);
    assert_int_equal(leat_listen(h.db, "everything", &listener), LEAT_OK);
    run(&h, "CREATE TABLE out (b BOOLEAN, t TINYINT, s SMALLINT, i INT, l BIGINT, f FLOAT, "
            "d DOUBLE, x DECIMAL(38, 2), c STRING, y BYTES, dt DATE, tm TIME, ts TIMESTAMP(3), "
            "r ROW<a INT, n ROW<t STRING>>, arr ARRAY<INT>, m MAP<STRING, INT>) "
            "WITH ('connector' = 'callback', 'name' = 'everything')");
    run(&h, "INSERT INTO out VALUES (TRUE, CAST(-1 AS TINYINT), CAST(2 AS SMALLINT), 3, 4, "
            "CAST(0.5 AS FLOAT), 2.5, -1.25, 'longer than twelve', "
            "x'4142', DATE '1970-01-02', TIME '00:00:01', TIMESTAMP '1970-01-01 00:00:02', "
            "ROW(7, ROW('in')), ARRAY[1, NULL, 3], MAP['k', 5])");
    assert_string_equal(notes.text,
                        "+1|1|-1|2|3|4|0.5|2.5|-1:18446744073709551491e-2|longer than twelve|AB|1|"
                        "1000000|2000000|(a:7 n:(t:in))|[1 NULL 3]|[k=5]\n");
    assert_int_equal(notes.prepared, 1);
    assert_int_equal(notes.committed, 1);
    assert_int_equal(notes.aborted, 0);
    listener = fresh();
    assert_int_equal(leat_listen(h.db, "everything", &listener), LEAT_OK); /* in place of it */
    run(&h, "INSERT INTO out SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "
            "NULL, NULL, NULL, NULL, NULL, NULL");
    assert_string_equal(notes.text, "+1|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|"
                                    "NULL|NULL|NULL|NULL|NULL\n");
    close_all(&h);
}

static const leat_column *seen;
static leat_kind seen_kind[3];
static char seen_names[3][16];

static leat_code on_types(void *ctx, uint32_t writer, const leat_batch *batch)
{
    (void)ctx, (void)writer;
    seen = batch->columns[0];
    for (uint32_t i = 0; i < 3; i++) {
        seen_kind[i] = batch->columns[i]->kind;
        snprintf(seen_names[i], sizeof(seen_names[i]), "%s", batch->columns[i]->name);
    }
    assert_int_equal(batch->columns[0]->precision, 10);
    assert_int_equal(batch->columns[0]->scale, 3);
    assert_true(batch->columns[0]->nullable && !batch->columns[1]->nullable);
    assert_string_equal(batch->columns[2]->children[1]->name, "second");
    assert_int_equal(batch->columns[2]->children[1]->kind, LEAT_KIND_TIMESTAMP);
    assert_int_equal(batch->columns[2]->children[1]->precision, 6);
    return LEAT_OK;
}

static void test_types(void **state)
{
    struct handles h;
    leat_listener listener = {.size = sizeof(listener), .rows = on_types};
    (void)state;
    open_with(&h, NULL);
    assert_int_equal(leat_listen(h.db, "out", &listener), LEAT_OK);
    run(&h, "CREATE TABLE out (a DECIMAL(10, 3), b STRING NOT NULL, "
            "c ROW<one INT, second TIMESTAMP(6)>) WITH ('connector' = 'callback')");
    run(&h, "INSERT INTO out VALUES (1.5, 'x', ROW(1, TIMESTAMP '1970-01-01 00:00:00'))");
    assert_non_null(seen);
    assert_int_equal(seen_kind[0], LEAT_KIND_DECIMAL);
    assert_int_equal(seen_kind[1], LEAT_KIND_VARCHAR);
    assert_int_equal(seen_kind[2], LEAT_KIND_ROW);
    assert_string_equal(seen_names[1], "b");
    close_all(&h);
}

/* Whatever the encoding, the functions of leat.h read what SELECT shows. */
static void test_encodings(void **state)
{
    struct handles h;
    leat_listener listener = fresh();
    char want[2048];
    size_t len = 0;
    leat_stmt *stmt;
    (void)state;
    open_with(&h, NULL);
    assert_int_equal(leat_listen(h.db, "out", &listener), LEAT_OK);
    run(&h, "CREATE TABLE n (event_type INT, person ROW<id BIGINT, name STRING, city STRING>) "
            "WITH ('connector' = 'nexmark', 'events.num' = '500')");
    run(&h, "CREATE TABLE out (k STRING, city STRING, p ROW<id BIGINT, name STRING, city STRING>,"
            " u STRING) WITH ('connector' = 'callback')");
#define QUERY "SELECT 'constant', person.city, person, CAST(NULL AS STRING) FROM n " \
              "WHERE event_type = 0 AND MOD(person.id, 2) = 0"
    run(&h, "INSERT INTO out " QUERY);
    assert_int_equal(leat_prepare(h.session,
                                  "SELECT k, person.city, person.id, person.name, u FROM "
                                  "(SELECT 'constant' AS k, person, 'NULL' AS u FROM n "
                                  "WHERE event_type = 0 AND MOD(person.id, 2) = 0)",
                                  -1, &stmt, NULL), LEAT_OK);
    while (leat_step(stmt, -1) == LEAT_ROW) {
        len += (size_t)snprintf(want + len, sizeof(want) - len, "+1|%s", leat_text(stmt, 0, NULL));
        len += (size_t)snprintf(want + len, sizeof(want) - len, "|%s", leat_text(stmt, 1, NULL));
        len += (size_t)snprintf(want + len, sizeof(want) - len, "|(id:%" PRId64,
                                leat_int64(stmt, 2));
        len += (size_t)snprintf(want + len, sizeof(want) - len, " name:%s",
                                leat_text(stmt, 3, NULL));
        len += (size_t)snprintf(want + len, sizeof(want) - len, " city:%s)|NULL\n",
                                leat_text(stmt, 1, NULL));
    }
    leat_finalize(stmt);
    assert_true(len > 0 && len < sizeof(want));
    assert_string_equal(notes.text, want);
    assert_true(notes.constants > 0 && notes.selections > 0);
    close_all(&h);
}

/* Rows that are in several windows share their text: a dictionary, NULLs among it. */
static void test_dictionary(void **state)
{
    struct handles h;
    leat_listener listener = fresh();
    leat_value rows[] = {{"a text of some length", 21},
                         {"1970-01-01 00:00:01", 19},
                         {NULL, 0},
                         {"1970-01-01 00:00:02", 19}};
    (void)state;
    open_with(&h, NULL);
    assert_int_equal(leat_listen(h.db, "out", &listener), LEAT_OK);
    run(&h, "CREATE TABLE t (k STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) "
            "WITH ('connector' = 'feed')");
    run(&h, "CREATE TABLE out (k STRING, at TIMESTAMP(3)) WITH ('connector' = 'callback')");
    run(&h, "INSERT INTO out SELECT k, window_start FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), "
            "INTERVAL '1' SECOND, INTERVAL '2' SECOND))");
    assert_int_equal(leat_push(h.session, "t", NULL, 2, 2, rows), LEAT_OK);
    assert_int_equal(leat_pump(h.db, NULL), LEAT_OK);
    assert_string_equal(notes.text, "+1|a text of some length|0\n+1|a text of some length|1000000\n"
                                    "+1|NULL|1000000\n+1|NULL|2000000\n");
    assert_true(notes.dictionaries > 0);
    close_all(&h);
}

/* ---- when ------------------------------------------------------------------------- */

#define FEED "CREATE TABLE t (k STRING, v BIGINT) WITH ('connector' = 'feed')"

static void push(struct handles *h, const char *key, const char *value)
{
    leat_value row[] = {{key, strlen(key)}, {value, strlen(value)}};
    assert_int_equal(leat_push(h->session, "t", NULL, 2, 1, row), LEAT_OK);
}

static void test_changes(void **state)
{
    struct handles h;
    leat_listener listener = fresh();
    (void)state;
    listener.prepare = NULL;
    open_with(&h, NULL);
    assert_int_equal(leat_listen(h.db, "out", &listener), LEAT_OK);
    run(&h, FEED);
    run(&h, "CREATE TABLE out (k STRING, s BIGINT) WITH ('connector' = 'callback')");
    run(&h, "INSERT INTO out SELECT k, SUM(v) FROM t GROUP BY k");
    push(&h, "a", "1");
    push(&h, "a", "1");
    assert_int_equal(leat_pump(h.db, NULL), LEAT_OK);
    assert_string_equal(notes.text, "+1|a|2\n"); /* the net of the epoch */
    assert_int_equal(leat_listen(h.db, "out", NULL), LEAT_BUSY);
    push(&h, "a", "5");
    assert_int_equal(leat_pump(h.db, NULL), LEAT_OK);
    assert_string_equal(notes.text, "+1|a|2\n-1|a|2\n+1|a|7\n");
    push(&h, "b", "5");
    assert_int_equal(leat_push_end(h.session, "t", NULL), LEAT_OK);
    assert_int_equal(leat_wait(h.session, -1), LEAT_DONE);
    assert_string_equal(notes.text, "+1|a|2\n-1|a|2\n+1|a|7\n+1|b|5\n");
    assert_true(notes.committed >= 1);
    assert_int_equal(notes.aborted, 0);
    close_all(&h);
}

/* Bounded input that takes many pumps, or long enough for workers to pause: nobody waits for
 * what changes in between, so each group comes once. */
static void test_bounded_groups(void **state)
{
    struct handles h;
    (void)state;
    for (uint32_t threads = 0; threads <= 2; threads += 2) {
        leat_config config = {.size = sizeof(config), .threads = threads, .parallelism = 2};
        leat_listener listener = fresh();
        open_with(&h, &config);
        assert_int_equal(leat_listen(h.db, "out", &listener), LEAT_OK);
        run(&h, "CREATE TABLE n (bid ROW<auction BIGINT>) "
                "WITH ('connector' = 'nexmark', 'events.num' = '300000')");
        run(&h, "CREATE TABLE out (k BIGINT, c BIGINT) WITH ('connector' = 'callback')");
        run(&h, "INSERT INTO out SELECT MOD(bid.auction, 5), COUNT(*) FROM n "
                "WHERE bid.auction IS NOT NULL GROUP BY MOD(bid.auction, 5)");
        assert_int_equal(notes.rows, 5);
        assert_null(strstr(notes.text, "-1|"));
        close_all(&h);
    }
}

static void test_full_then_refused(void **state)
{
    struct handles h;
    leat_listener listener = fresh();
    (void)state;
    notes.full_left = 3;
    open_with(&h, NULL);
    run(&h, "CREATE TABLE out (v BIGINT) WITH ('connector' = 'callback')");
    assert_int_equal(try_run(h.session, "INSERT INTO out VALUES (1)"), LEAT_INVALID);
    assert_non_null(strstr(leat_error_message(h.session), "nobody listens to 'out'"));
    assert_int_equal(leat_listen(h.db, "out", &listener), LEAT_OK);
    run(&h, "INSERT INTO out VALUES (1), (2)");
    assert_string_equal(notes.text, "+1|1\n+1|2\n"); /* taken once */
    assert_true(notes.batches >= 4);
    notes.answer = LEAT_IO;
    notes.committed = 0;
    assert_int_equal(try_run(h.session, "INSERT INTO out VALUES (3)"), LEAT_IO);
    assert_non_null(strstr(leat_error_message(h.session), "refused"));
    assert_int_equal(notes.committed, 0);
    notes.answer = LEAT_ROW; /* says nothing of the kind */
    assert_int_equal(try_run(h.session, "INSERT INTO out VALUES (3)"), LEAT_MISUSE);
    notes.answer = LEAT_BUSY;
    assert_int_equal(try_run(h.session, "INSERT INTO out VALUES (3)"), LEAT_LIMIT);
    notes.answer = LEAT_OK;
    notes.answer_prepare = LEAT_DATA;
    notes.aborted = 0;
    assert_int_equal(try_run(h.session, "INSERT INTO out VALUES (3)"), LEAT_DATA);
    assert_int_equal(notes.aborted, 1);
    assert_int_equal(notes.committed, 0);
    assert_int_equal(leat_listen(h.db, "out", NULL), LEAT_OK);
    assert_int_equal(leat_listen(h.db, "out", NULL), LEAT_OK);
    listener.size--;
    assert_int_equal(leat_listen(h.db, "out", &listener), LEAT_MISUSE);
    listener = (leat_listener){.size = sizeof(listener)};
    assert_int_equal(leat_listen(h.db, "out", &listener), LEAT_MISUSE);
    close_all(&h);
}

/* Partitions have numbers of their own, also those of two INSERTs at a time. */
static void test_writers(void **state)
{
    struct handles h;
    (void)state;
    for (uint32_t threads = 0; threads <= 2; threads += 2) {
        leat_config config = {.size = sizeof(config), .threads = threads, .parallelism = 2};
        leat_listener listener = fresh();
        open_with(&h, &config);
        assert_int_equal(leat_listen(h.db, "out", &listener), LEAT_OK);
        run(&h, "CREATE TABLE n (bid ROW<auction BIGINT, price BIGINT>) "
                "WITH ('connector' = 'nexmark', 'events.num' = '20000')");
        run(&h, "CREATE TABLE out (a BIGINT, s BIGINT) WITH ('connector' = 'callback')");
        run(&h, "EXECUTE STATEMENT SET BEGIN "
                "INSERT INTO out SELECT bid.auction, COUNT(*) FROM n GROUP BY bid.auction; "
                "INSERT INTO out SELECT bid.auction, SUM(bid.price) FROM n GROUP BY bid.auction; "
                "END");
        assert_int_equal(notes.writers, 15);
        assert_int_equal(notes.prepared, 4);
        assert_int_equal(notes.committed, 4);
        close_all(&h);
    }
}

/* ---- memory tables of several splits --------------------------------------------- */

static int64_t one_number(struct handles *h, const char *sql)
{
    leat_stmt *stmt;
    assert_int_equal(leat_prepare(h->session, sql, -1, &stmt, NULL), LEAT_OK);
    assert_int_equal(leat_step(stmt, -1), LEAT_ROW);
    int64_t value = leat_int64(stmt, 0);
    assert_int_equal(leat_step(stmt, -1), LEAT_DONE);
    leat_finalize(stmt);
    return value;
}

/* What two writers have filled, two readers read: writer w gets only what partition w
 * read, since nothing divides the rows in between. */
static void test_memory_splits(void **state)
{
    struct handles h;
    (void)state;
    for (uint32_t threads = 0; threads <= 2; threads += 2) {
        leat_config config = {.size = sizeof(config), .threads = threads, .parallelism = 2};
        leat_listener listener = fresh();
        open_with(&h, &config);
        run(&h, "CREATE TABLE n (bid ROW<auction BIGINT, price BIGINT>) "
                "WITH ('connector' = 'nexmark', 'events.num' = '20000')");
        run(&h, "CREATE TABLE kept (a BIGINT, c BIGINT) WITH ('connector' = 'memory')");
        run(&h, "CREATE TABLE out (a BIGINT, c BIGINT) WITH ('connector' = 'callback')");
        assert_int_equal(leat_listen(h.db, "out", &listener), LEAT_OK);
        run(&h, "INSERT INTO kept SELECT bid.auction, COUNT(*) FROM n GROUP BY bid.auction");
        int64_t groups = one_number(&h, "SELECT COUNT(*) FROM kept");
        assert_int_equal(one_number(&h, "SELECT SUM(c) FROM kept"), 20000);
        run(&h, "INSERT INTO out SELECT a, c FROM kept");
        assert_int_equal(notes.rows, groups);
        assert_int_equal(notes.writers, 3);
        /* One writer adds to the first split; nothing is seen twice. */
        run(&h, "INSERT INTO kept VALUES (-1, 0)");
        assert_int_equal(one_number(&h, "SELECT COUNT(*) FROM kept"), groups + 1);
        run(&h, "SET 'parallelism.default' = '1'");
        assert_int_equal(one_number(&h, "SELECT COUNT(*) FROM kept"), groups + 1);
        close_all(&h);
    }
}

/* One writer's table is read in pieces by two, but not where somebody looks at the order. */
static void test_memory_pieces(void **state)
{
    struct handles h;
    (void)state;
    for (uint32_t threads = 0; threads <= 2; threads += 2) {
        leat_config config = {.size = sizeof(config), .threads = threads, .parallelism = 2};
        leat_listener listener = fresh();
        open_with(&h, &config);
        assert_int_equal(leat_listen(h.db, "out", &listener), LEAT_OK);
        run(&h, "CREATE TABLE n (bid ROW<price BIGINT, dateTime TIMESTAMP(3)>) "
                "WITH ('connector' = 'nexmark', 'events.num' = '70000')");
        run(&h, "CREATE TABLE kept (p BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - "
                "INTERVAL '0.001' SECOND) "
                "WITH ('connector' = 'memory')");
        run(&h, "CREATE TABLE out (p BIGINT) WITH ('connector' = 'callback')");
        run(&h, "INSERT INTO kept SELECT bid.price, bid.dateTime FROM n "
                "WHERE bid.price IS NOT NULL");
        run(&h, "INSERT INTO out SELECT p FROM kept");
        assert_int_equal(notes.rows, 64400);
        assert_int_equal(notes.writers, 3);
        int64_t sum = one_number(&h, "SELECT SUM(bid.price) FROM n");
        assert_int_equal(one_number(&h, "SELECT SUM(p) FROM kept"), sum);
        int64_t first = one_number(&h, "SELECT bid.price FROM n WHERE bid.price > 0 LIMIT 1");
        assert_int_equal(one_number(&h, "SELECT p FROM kept LIMIT 1"), first);
        assert_int_equal(one_number(&h, "SELECT SUM(c) FROM (SELECT COUNT(*) AS c FROM "
                                        "TABLE(TUMBLE(TABLE kept, DESCRIPTOR(ts), "
                                        "INTERVAL '1' SECOND)) GROUP BY window_start, "
                                        "window_end)"),
                         64400); /* nothing is late, as nothing was */
        close_all(&h);
    }
}

/* ---- no memory ----------------------------------------------------------------------- */

struct faulty {
    long count, fail_at;
    long blocks;
};

static void *faulty_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    struct faulty *faulty = ctx;
    (void)old_size;
    if (new_size == 0) {
        faulty->blocks -= ptr != NULL;
        free(ptr);
        return NULL;
    }
    if (++faulty->count == faulty->fail_at)
        return NULL;
    void *moved = realloc(ptr, new_size);
    faulty->blocks += moved && !ptr;
    return moved;
}

static void test_without_memory(void **state)
{
    struct faulty faulty = {0};
    leat_config config = {.size = sizeof(config),
                          .resize = faulty_resize,
                          .resize_ctx = &faulty,
                          .parallelism = 2};
    bool through = false;
    (void)state;
    for (long turn = 0; !through; turn++) {
        struct handles h;
        leat_listener listener = fresh();
        faulty.fail_at = 0;
        open_with(&h, &config);
        run(&h, "CREATE TABLE m (k STRING, c BIGINT) WITH ('connector' = 'memory')");
        run(&h, "CREATE TABLE out (k STRING, c BIGINT) WITH ('connector' = 'callback')");
        faulty.count = 0;
        faulty.fail_at = turn + 1;
        leat_code code = leat_listen(h.db, "out", &listener);
        if (code == LEAT_OK)
            code = try_run(h.session, "INSERT INTO m SELECT k, COUNT(*) FROM (VALUES ('a'), "
                                      "('a text of some length'), ('c')) AS v(k) GROUP BY k");
        if (code == LEAT_DONE)
            code = try_run(h.session, "INSERT INTO out SELECT k, c FROM m");
        assert_true(code == LEAT_DONE || code == LEAT_NOMEM);
        through = code == LEAT_DONE && faulty.count < faulty.fail_at;
        if (code == LEAT_DONE)
            assert_int_equal(notes.rows, 3);
        faulty.fail_at = 0;
        close_all(&h);
        assert_int_equal(faulty.blocks, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_dictionary),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_bounded_groups),
        cmocka_unit_test(test_full_then_refused),
        cmocka_unit_test(test_writers),
        cmocka_unit_test(test_memory_splits),
        cmocka_unit_test(test_memory_pieces),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
