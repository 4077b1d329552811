/* test_arrow_api.c -- columns in and out of leat.h as Arrow arrays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
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
    while ((code = leat_step(stmt, -1)) == LEAT_ROW)
        ;
    if (code != LEAT_DONE)
        print_error("%s: %s\n", sql, leat_error_message(h->session));
    assert_int_equal(code, LEAT_DONE);
    leat_finalize(stmt);
}

/* ---- arrays by hand ------------------------------------------------------------- */

/* A struct of `n` columns over the caller's buffers; counts its releases. */
struct made {
    struct ArrowSchema schema, fields[4];
    struct ArrowSchema *field_at[4];
    struct ArrowArray array, columns[4];
    struct ArrowArray *column_at[4];
    const void *buffers[4][3];
    const void *no_buffer[1];
    int released;
};

static void made_release(struct ArrowArray *array)
{
    struct made *made = array->private_data;
    made->released++;
    array->release = NULL;
}

static void made_begin(struct made *made, int64_t n_rows)
{
    memset(made, 0, sizeof(*made));
    made->schema = (struct ArrowSchema){.format = "+s", .name = "", .children = made->field_at};
    made->array = (struct ArrowArray){.length = n_rows,
                                      .n_buffers = 1,
                                      .buffers = made->no_buffer,
                                      .children = made->column_at,
                                      .release = made_release,
                                      .private_data = made};
}

static void made_column(struct made *made, const char *name, const char *format,
                        const void *validity, const void *values, const void *text)
{
    int64_t c = made->schema.n_children++;
    made->array.n_children++;
    made->field_at[c] = &made->fields[c];
    made->column_at[c] = &made->columns[c];
    made->fields[c] =
        (struct ArrowSchema){.format = format, .name = name, .flags = ARROW_FLAG_NULLABLE};
    made->buffers[c][0] = validity;
    made->buffers[c][1] = values;
    made->buffers[c][2] = text;
    made->columns[c] = (struct ArrowArray){.length = made->array.length,
                                           .null_count = validity ? -1 : 0,
                                           .n_buffers = text ? 3 : 2,
                                           .buffers = made->buffers[c]};
}

static const int64_t numbers[] = {10, 20, 30};
static const int32_t offsets[] = {0, 1, 24, 24};
static const uint8_t two_of_three[] = {3};
static const char text[] = "alonger than twelve text";

/* ---- in -------------------------------------------------------------------------------- */

static void test_push(void **state)
{
    struct handles h;
    struct made made;
    (void)state;
    open_with(&h, NULL);
    run(&h, "CREATE TABLE t (k STRING, v BIGINT) WITH ('connector' = 'feed')");
    leat_stmt *stmt = prepare(&h, "SELECT k, v FROM t");
    made_begin(&made, 3);
    made_column(&made, "v", "l", NULL, numbers, NULL); /* in another order than the table's */
    made_column(&made, "k", "u", two_of_three, offsets, text);
    assert_int_equal(leat_push_arrow(h.session, "t", NULL, &made.schema, &made.array), LEAT_OK);
    assert_null(made.array.release);
    assert_int_equal(leat_step(stmt, 0), LEAT_ROW);
    assert_string_equal(leat_text(stmt, 0, NULL), "a");
    assert_int_equal(leat_step(stmt, 0), LEAT_ROW);
    assert_string_equal(leat_text(stmt, 0, NULL), "longer than twelve text");
    assert_int_equal(leat_int64(stmt, 1), 20);
    assert_int_equal(leat_step(stmt, 0), LEAT_ROW);
    assert_true(leat_is_null(stmt, 0));
    assert_int_equal(leat_int64(stmt, 1), 30);
    made_begin(&made, 0); /* no rows are none, not a failure */
    made_column(&made, "v", "l", NULL, NULL, NULL);
    made_column(&made, "k", "u", NULL, NULL, text);
    assert_int_equal(leat_push_arrow(h.session, "t", NULL, &made.schema, &made.array), LEAT_OK);
    assert_int_equal(leat_step(stmt, 0), LEAT_WAIT);
    leat_finalize(stmt);
    close_all(&h);
    assert_int_equal(made.released, 2); /* either array, once */
}

static void refused(struct handles *h, const char *table, struct made *made, leat_code want,
                    const char *message)
{
    leat_code code = leat_push_arrow(h->session, table, NULL, &made->schema, &made->array);
    assert_int_equal(code, want);
    if (!strstr(leat_error_message(h->session), message))
        fail_msg("%s", leat_error_message(h->session));
    assert_true(made->array.release == made_release); /* it stays the caller's */
    assert_int_equal(made->released, 0);
}

static void test_push_refuses(void **state)
{
    struct handles h;
    struct made made;
    (void)state;
    open_with(&h, NULL);
    run(&h, "CREATE TABLE t (k STRING, v BIGINT) WITH ('connector' = 'feed')");
    run(&h, "CREATE TABLE strict (k VARCHAR(5) NOT NULL, d DECIMAL(10, 2)) "
            "WITH ('connector' = 'feed')");
    run(&h, "CREATE TABLE fixed (k CHAR(1)) WITH ('connector' = 'feed')");
    made_begin(&made, 3);
    made_column(&made, "v", "l", NULL, numbers, NULL);
    refused(&h, "t", &made, LEAT_INVALID, "no column 'k'");
    made_column(&made, "k", "l", NULL, numbers, NULL);
    refused(&h, "t", &made, LEAT_INVALID, "column 'k' is STRING, the array has BIGINT");
    made.fields[1].format = "u";
    made.buffers[1][1] = offsets;
    made.buffers[1][2] = text;
    made.columns[1].n_buffers = 3;
    made_column(&made, "x", "l", NULL, numbers, NULL);
    refused(&h, "t", &made, LEAT_INVALID, "has 2 columns, the array has 3");
    made.fields[2].name = "d";
    made.fields[2].format = "d:10,3";
    refused(&h, "strict", &made, LEAT_INVALID, "DECIMAL(10, 3)");

    __int128 decimals[3] = {1, 2, 3};
    made_begin(&made, 3);
    made_column(&made, "d", "d:10,2", NULL, decimals, NULL);
    made_column(&made, "k", "u", two_of_three, offsets, text);
    refused(&h, "strict", &made, LEAT_DATA, "'k' is NOT NULL");
    made.columns[1].null_count = 0;
    refused(&h, "strict", &made, LEAT_DATA, "'k' is longer than 5");
    made_begin(&made, 3);
    made_column(&made, "k", "u", NULL, offsets, text);
    refused(&h, "fixed", &made, LEAT_INVALID, "CHAR(1)");
    refused(&h, "nope", &made, LEAT_INVALID, "nope");
    made_column(&made, "v", "l", NULL, numbers, NULL);
    made.columns[1].length = 2;
    refused(&h, "t", &made, LEAT_DATA, "shorter");
    assert_int_equal(leat_push_end(h.session, "t", NULL), LEAT_OK);
    refused(&h, "t", &made, LEAT_MISUSE, "has ended");
    close_all(&h);
    assert_int_equal(made.released, 0);
}

/* Times of any unit, cut to what the column shows. */
static void test_push_times(void **state)
{
    static const int64_t nanos[] = {1999999, -1, 0};
    static const int64_t seconds[] = {1, -1, 0};
    struct handles h;
    struct made made;
    (void)state;
    open_with(&h, NULL);
    run(&h, "CREATE TABLE t (ms TIMESTAMP(3), us TIMESTAMP(6), ltz TIMESTAMP_LTZ(3)) "
            "WITH ('connector' = 'feed')");
    leat_stmt *stmt = prepare(&h, "SELECT ms, us, ltz FROM t");
    made_begin(&made, 3);
    made_column(&made, "ms", "tsn:", two_of_three, nanos, NULL);
    made_column(&made, "us", "tsn:", NULL, nanos, NULL);
    made_column(&made, "ltz", "tss:Europe/Oslo", NULL, seconds, NULL);
    assert_int_equal(leat_push_arrow(h.session, "t", "1", &made.schema, &made.array), LEAT_OK);
    assert_int_equal(leat_step(stmt, 0), LEAT_ROW);
    assert_int_equal(leat_int64(stmt, 0), 1000);
    assert_int_equal(leat_int64(stmt, 1), 1999);
    assert_int_equal(leat_int64(stmt, 2), 1000000);
    assert_int_equal(leat_step(stmt, 0), LEAT_ROW);
    assert_int_equal(leat_int64(stmt, 0), -1000);
    assert_int_equal(leat_int64(stmt, 1), -1);
    assert_int_equal(leat_int64(stmt, 2), -1000000);
    assert_int_equal(leat_step(stmt, 0), LEAT_ROW);
    assert_true(leat_is_null(stmt, 0));
    leat_finalize(stmt);
    close_all(&h);
}

/* Nobody reads: FULL, and the array stays where it is. */
static void test_push_full(void **state)
{
    enum { ROWS = 100000 };
    static int64_t many[ROWS];
    struct handles h;
    struct made made;
    leat_code code = LEAT_OK;
    int taken = 0;
    (void)state;
    open_with(&h, NULL);
    run(&h, "CREATE TABLE t (v BIGINT) WITH ('connector' = 'feed')");
    for (; code == LEAT_OK && taken < 1000; taken++) {
        made_begin(&made, ROWS);
        made_column(&made, "v", "l", NULL, many, NULL);
        code = leat_push_arrow(h.session, "t", NULL, &made.schema, &made.array);
        made.array.private_data = &made; /* of the last one, which was not taken */
    }
    assert_int_equal(code, LEAT_FULL);
    assert_true(made.array.release == made_release);
    close_all(&h);
}

/* ---- out, and round ------------------------------------------------------------------------ */

static const char *const shapes =
    "(b BOOLEAN, t TINYINT, s SMALLINT, i INT, l BIGINT, f FLOAT, d DOUBLE, x DECIMAL(38, 2), "
    "c STRING, y BYTES, dt DATE, ts TIMESTAMP(3), ltz TIMESTAMP_LTZ(3), "
    "r ROW<a INT, n ROW<t STRING>>, arr ARRAY<INT>, m MAP<STRING, INT>)";

static void print_result(leat_stmt *stmt, char *to, size_t size)
{
    size_t len = 0;
    while (leat_step(stmt, -1) == LEAT_ROW)
        for (uint32_t c = 0; c < leat_column_count(stmt); c++) {
            const char *value = leat_text(stmt, c, NULL);
            len += (size_t)snprintf(to + len, size - len, "%s|", value ? value : "NULL");
            assert_true(len < size);
        }
    leat_finalize(stmt);
}

/* What a query gives as Arrow goes into a feed and comes out the same. */
static void test_round_trip(void **state)
{
    static char want[1 << 16], got[1 << 16];
    char sql[1024];
    struct handles h;
    struct ArrowSchema schema;
    struct ArrowArray array;
    (void)state;
    open_with(&h, NULL);
    snprintf(sql, sizeof(sql), "CREATE TABLE kept %s WITH ('connector' = 'memory')", shapes);
    run(&h, sql);
    snprintf(sql, sizeof(sql), "CREATE TABLE t %s WITH ('connector' = 'feed')", shapes);
    run(&h, sql);
    run(&h, "CREATE TABLE n (event_type INT, bid ROW<auction BIGINT, price BIGINT, "
            "channel STRING, dateTime TIMESTAMP(3)>) "
            "WITH ('connector' = 'nexmark', 'events.num' = '100')");
    run(&h, "INSERT INTO kept SELECT bid.price > 1000, CAST(event_type AS TINYINT), "
            "CAST(event_type AS SMALLINT), event_type, bid.price, CAST(bid.price AS FLOAT), "
            "bid.price / 3.0e0, CAST(bid.price AS DECIMAL(38, 2)), bid.channel, "
            "CAST(bid.channel AS BYTES), CAST(bid.dateTime AS DATE), bid.dateTime, "
            "CAST(bid.dateTime AS TIMESTAMP_LTZ(3)), "
            "ROW(event_type, ROW(bid.channel)), ARRAY[event_type, 5], "
            "MAP[COALESCE(bid.channel, 'none'), event_type] FROM n");
    leat_stmt *stmt = prepare(&h, "SELECT * FROM kept");
    assert_int_equal(leat_arrow_schema(stmt, &schema), LEAT_OK);
    assert_int_equal(schema.n_children, 16);
    assert_string_equal(schema.children[7]->name, "x");
    assert_string_equal(schema.children[7]->format, "d:38,2");
    int64_t rows = 0;
    leat_code code;
    while ((code = leat_step_arrow(stmt, -1, &array)) == LEAT_ROW) {
        rows += array.length;
        code = leat_push_arrow(h.session, "t", NULL, &schema, &array);
        if (code != LEAT_OK)
            print_error("%s\n", leat_error_message(h.session));
        assert_int_equal(code, LEAT_OK);
    }
    assert_int_equal(code, LEAT_DONE);
    assert_int_equal(rows, 100);
    schema.release(&schema);
    leat_finalize(stmt);
    assert_int_equal(leat_push_end(h.session, "t", NULL), LEAT_OK);
    print_result(prepare(&h, "SELECT * FROM kept"), want, sizeof(want));
    print_result(prepare(&h, "SELECT * FROM t"), got, sizeof(got));
    assert_true(strlen(want) > 1000);
    assert_string_equal(got, want);
    close_all(&h);
}

/* Ordered rows come from several batches; a current row and an array take turns. */
static void test_out_in_order(void **state)
{
    struct handles h;
    struct ArrowArray array;
    int64_t last = -1, rows = 0;
    leat_code code;
    (void)state;
    open_with(&h, NULL);
    run(&h, "CREATE TABLE n (bid ROW<auction BIGINT, price BIGINT>) "
            "WITH ('connector' = 'nexmark', 'events.num' = '20000')");
    leat_stmt *stmt = prepare(&h, "SELECT bid.price AS p FROM n WHERE bid.price IS NOT NULL "
                                  "ORDER BY p");
    assert_int_equal(leat_step(stmt, -1), LEAT_ROW);
    last = leat_int64(stmt, 0);
    while ((code = leat_step_arrow(stmt, -1, &array)) == LEAT_ROW) {
        const int64_t *values = array.children[0]->buffers[1];
        assert_true(array.length >= 1 && array.length <= 2048);
        for (int64_t i = 0; i < array.length; i++) {
            assert_true(values[i] >= last);
            last = values[i];
        }
        rows += array.length;
        assert_int_equal(leat_int64(stmt, 0), last); /* the current row is the array's last */
        array.release(&array);
    }
    assert_int_equal(code, LEAT_DONE);
    assert_int_equal(rows, 20000 / 50 * 46 - 1);
    leat_finalize(stmt);
    close_all(&h);
}

static void test_out_changes(void **state)
{
    struct handles h;
    struct ArrowSchema schema;
    struct ArrowArray array;
    leat_value first[] = {{"1", 1}}, second[] = {{"2", 1}};
    (void)state;
    open_with(&h, NULL);
    run(&h, "CREATE TABLE t (v BIGINT) WITH ('connector' = 'feed')");
    leat_stmt *stmt = prepare(&h, "SELECT SUM(v) AS s FROM t");
    assert_int_equal(leat_arrow_schema(stmt, &schema), LEAT_OK);
    assert_int_equal(schema.n_children, 2);
    assert_string_equal(schema.children[1]->name, "leat_op");
    assert_string_equal(schema.children[1]->format, "c");
    schema.release(&schema);
    assert_int_equal(leat_push(h.session, "t", NULL, 1, 1, first), LEAT_OK);
    leat_code code = leat_step_arrow(stmt, 0, &array);
    while (code == LEAT_ROW) { /* whatever it says of the empty table */
        array.release(&array);
        code = leat_step_arrow(stmt, 0, &array);
    }
    assert_int_equal(code, LEAT_WAIT);
    assert_int_equal(leat_push(h.session, "t", NULL, 1, 1, second), LEAT_OK);
    assert_int_equal(leat_step_arrow(stmt, 0, &array), LEAT_ROW);
    assert_int_equal(array.length, 2);
    assert_int_equal(((const int64_t *)array.children[0]->buffers[1])[0], 1);
    assert_int_equal(((const int64_t *)array.children[0]->buffers[1])[1], 3);
    assert_int_equal(((const int8_t *)array.children[1]->buffers[1])[0], LEAT_UPDATE_BEFORE);
    assert_int_equal(((const int8_t *)array.children[1]->buffers[1])[1], LEAT_UPDATE_AFTER);
    array.release(&array);
    leat_finalize(stmt);
    close_all(&h);
}

/* An array, its schema and a child moved out of it live on after the database. */
static void test_out_lives_on(void **state)
{
    struct handles h;
    struct ArrowSchema schema;
    struct ArrowArray array, child;
    (void)state;
    open_with(&h, NULL);
    leat_stmt *stmt = prepare(&h, "SHOW CATALOGS"); /* local rows are text */
    assert_int_equal(leat_arrow_schema(stmt, &schema), LEAT_OK);
    assert_int_equal(schema.n_children, 1);
    assert_int_equal(leat_step_arrow(stmt, -1, &array), LEAT_ROW);
    assert_true(array.length >= 1);
    leat_finalize(stmt);
    close_all(&h);
    child = *array.children[0];
    array.children[0]->release = NULL;
    array.release(&array);
    assert_string_equal(schema.children[0]->format, "u");
    schema.release(&schema);
    assert_true(((const int32_t *)child.buffers[1])[1] > 0);
    child.release(&child);
}

/* ---- no memory --------------------------------------------------------------------------- */

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

/* Everything from an array in to an array out. False: memory was short, as it should be. */
static bool in_and_out(struct handles *h, struct made *made)
{
    struct ArrowSchema schema;
    struct ArrowArray array;
    leat_stmt *stmt;
    leat_code code = leat_push_arrow(h->session, "t", NULL, &made->schema, &made->array);
    if (code != LEAT_OK) {
        assert_int_equal(code, LEAT_NOMEM);
        assert_true(made->array.release == made_release);
        return false;
    }
    code = leat_prepare(h->session, "SELECT k, v FROM t", -1, &stmt, NULL);
    if (code == LEAT_OK)
        code = leat_arrow_schema(stmt, &schema);
    if (code == LEAT_OK) {
        schema.release(&schema);
        code = leat_step_arrow(stmt, -1, &array);
        if (code == LEAT_ROW) {
            assert_int_equal(array.length, 3);
            array.release(&array);
        }
    }
    leat_finalize(stmt);
    assert_true(code == LEAT_ROW || code == LEAT_NOMEM);
    return code == LEAT_ROW;
}

static void test_without_memory(void **state)
{
    struct faulty faulty = {0};
    leat_config config = {.size = sizeof(config), .resize = faulty_resize, .resize_ctx = &faulty};
    bool through = false;
    (void)state;
    for (long turn = 1; !through; turn++) {
        struct handles h;
        struct made made;
        faulty.fail_at = 0;
        open_with(&h, &config);
        run(&h, "CREATE TABLE t (k STRING, v BIGINT) WITH ('connector' = 'feed')");
        made_begin(&made, 3);
        made_column(&made, "k", "u", two_of_three, offsets, text);
        made_column(&made, "v", "l", NULL, numbers, NULL);
        faulty.count = 0;
        faulty.fail_at = turn;
        bool ok = in_and_out(&h, &made);
        through = ok && faulty.count < turn;
        faulty.fail_at = 0;
        bool taken = !made.array.release;
        close_all(&h);
        assert_int_equal(made.released, taken);
        assert_int_equal(faulty.blocks, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_push),
        cmocka_unit_test(test_push_refuses),
        cmocka_unit_test(test_push_times),
        cmocka_unit_test(test_push_full),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_out_in_order),
        cmocka_unit_test(test_out_changes),
        cmocka_unit_test(test_out_lives_on),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
