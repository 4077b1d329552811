/* embed.c -- Leat inside a program: push rows, read what the windows say.
 *
 *     cc embed.c -lleat && ./a.out
 *
 * No thread is started: everything runs inside leat_step. */
#include <stdio.h>
#include <string.h>

#include "leat.h"

static int failed(leat_session *session)
{
    fprintf(stderr, "%s\n", leat_error_message(session));
    return 1;
}

static leat_code run(leat_session *session, const char *sql)
{
    leat_stmt *stmt;
    leat_code code = leat_prepare(session, sql, -1, &stmt, NULL);
    if (code != LEAT_OK)
        return code;
    do {
        code = leat_step(stmt, -1);
    } while (code == LEAT_ROW || code == LEAT_WAIT);
    leat_finalize(stmt);
    return code == LEAT_DONE ? LEAT_OK : code;
}

static leat_code push(leat_session *session, const char *city, const char *degrees,
                      const char *time)
{
    leat_value row[] = {{city, strlen(city)}, {degrees, strlen(degrees)}, {time, strlen(time)}};
    return leat_push(session, "readings", NULL, 3, 1, row);
}

/* Prints what is ready; LEAT_WAIT or LEAT_DONE when there is no more for now. */
static leat_code print_ready(leat_stmt *stmt)
{
    leat_code code;
    while ((code = leat_step(stmt, 0)) == LEAT_ROW) {
        printf("%s", leat_text(stmt, 0, NULL));
        for (uint32_t c = 1; c < leat_column_count(stmt); c++) {
            const char *text = leat_text(stmt, c, NULL);
            printf(" | %s", text ? text : "NULL");
        }
        putchar('\n');
    }
    return code;
}

int main(void)
{
    static const char *const rows[][3] = {
        {"Oslo", "3.5", "2024-01-01 00:10:00"}, {"Rome", "11.0", "2024-01-01 00:20:00"},
        {"Oslo", "2.5", "2024-01-01 00:50:00"}, {"Rome", "12.5", "2024-01-01 01:30:00"},
        {"Oslo", "1.0", "2024-01-01 02:10:00"},
    };
    leat_db *db;
    leat_session *session;
    leat_stmt *stmt;
    char message[256];
    if (leat_open(NULL, &db, message, sizeof(message)) != LEAT_OK) {
        fprintf(stderr, "%s\n", message);
        return 1;
    }
    if (leat_session_open(db, &session) != LEAT_OK)
        return 1;
    if (run(session, "CREATE TABLE readings (city STRING, degrees DOUBLE, at TIMESTAMP(3),"
                     "  WATERMARK FOR at AS at - INTERVAL '1' MINUTE) WITH ('connector' = 'feed')"))
        return failed(session);
    if (leat_prepare(session,
                     "SELECT city, window_start, AVG(degrees) FROM"
                     " TUMBLE(TABLE readings, DESCRIPTOR(at), INTERVAL '1' HOUR)"
                     " GROUP BY city, window_start, window_end",
                     -1, &stmt, NULL))
        return failed(session);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (push(session, rows[i][0], rows[i][1], rows[i][2]) != LEAT_OK)
            return failed(session);
        if (print_ready(stmt) < 0) /* a window is printed when the watermark reaches its end */
            return failed(session);
    }
    leat_push_end(session, "readings", NULL);
    if (print_ready(stmt) != LEAT_DONE)
        return failed(session);
    leat_finalize(stmt);
    leat_session_close(session);
    leat_close(db);
    return 0;
}
