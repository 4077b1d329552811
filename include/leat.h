/* leat.h -- Leat, an embeddable streaming SQL engine: the public interface.
 *
 * A database (leat_db) owns definitions and everything that runs. A session
 * (leat_session) owns settings, the current database and temporary objects. A
 * statement (leat_stmt) is one SQL statement and its result.
 *
 *     leat_db *db;
 *     leat_session *session;
 *     leat_stmt *stmt;
 *     if (leat_open(NULL, &db, NULL, 0) != LEAT_OK) ...
 *     if (leat_session_open(db, &session) != LEAT_OK) ...
 *     if (leat_prepare(session, "SELECT 1", -1, &stmt, NULL) != LEAT_OK)
 *         puts(leat_error_message(session));
 *     while (leat_step(stmt, -1) == LEAT_ROW)
 *         puts(leat_text(stmt, 0, NULL));
 *     leat_finalize(stmt);
 *     leat_session_close(session);
 *     leat_close(db);
 *
 * Threads. A database may be used from any thread. A session and its statements
 * belong to one thread at a time, except for leat_interrupt, which any thread and
 * any signal handler may call. With config.threads == 0 the engine starts no
 * thread: everything runs inside leat_step and leat_pump.
 *
 * Memory. Text that an accessor returns is UTF-8, ends in a NUL byte that does
 * not count, and lives until the next call on the same statement or session.
 *
 * Failure. The library never prints, exits, aborts or installs a signal handler. */
#ifndef LEAT_H
#define LEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LEAT_API __attribute__((visibility("default")))
#else
#define LEAT_API
#endif

typedef struct leat_db leat_db;
typedef struct leat_session leat_session;
typedef struct leat_stmt leat_stmt;

/* What calls return. Negative: a failure; leat_error_... tell more. */
typedef enum leat_code {
    LEAT_OK = 0,
    LEAT_ROW = 1,           /* leat_step: a row is there to read */
    LEAT_DONE = 2,          /* leat_step: no further row will come */
    LEAT_WAIT = 3,          /* leat_step: nothing yet, the timeout has passed */
    LEAT_FULL = 4,          /* leat_push: take a break, pump, push again */
    LEAT_NOMEM = -1,        /* memory or a byte budget is exhausted */
    LEAT_SYNTAX = -2,       /* the text is not SQL */
    LEAT_INVALID = -3,      /* an unknown name, a wrong type, a bad option */
    LEAT_UNSUPPORTED = -4,  /* valid SQL that this version cannot do */
    LEAT_DATA = -5,         /* a bad value: overflow, division by zero, malformed input */
    LEAT_IO = -6,           /* the system refused: file, disk, pipe */
    LEAT_CORRUPT = -7,      /* stored bytes are not what was written */
    LEAT_LIMIT = -8,        /* a stated limit was hit */
    LEAT_BUSY = -9,         /* in use: by another process, or by live statements */
    LEAT_MISUSE = -10,      /* the rules of this header were broken */
    LEAT_INTERRUPTED = -11, /* leat_interrupt was called */
} leat_code;

/* What a row of a result says. */
typedef enum leat_op {
    LEAT_INSERT = 0,        /* +I  this row is there (again) */
    LEAT_UPDATE_BEFORE = 1, /* -U  what a row was; the next row is its LEAT_UPDATE_AFTER */
    LEAT_UPDATE_AFTER = 2,  /* +U  what it is now */
    LEAT_DELETE = 3,        /* -D  this row is gone */
} leat_op;

/* ---- database --------------------------------------------------------- */

/* How to open. Zero every field (or pass NULL) for the defaults; `size` must be
 * sizeof(leat_config) when the struct is given. */
typedef struct leat_config {
    size_t size;
    const char *path;       /* file of the definitions; NULL: in memory */
    uint32_t threads;       /* worker threads; 0: run inside leat_step and leat_pump */
    uint32_t parallelism;   /* default of 'parallelism.default'; 0: max(threads, 1) */
    size_t memory_bytes;    /* budget of the database; 0: none */
    /* The clock, in microseconds since 1970-01-01 UTC; NULL: the system's. With a
     * clock of one's own leat_step never sleeps. */
    int64_t (*now_us)(void *ctx);
    void *now_ctx;
    /* Where the `print` connector writes; NULL: stdout. Called on a worker or inside
     * leat_pump and leat_step; may not call the library. */
    void (*print)(void *ctx, const char *data, size_t size);
    void *print_ctx;
    /* The allocator: realloc for (NULL, 0, n) and (p, m, n), free for (p, m, 0).
     * NULL: the C library's. Must allow any thread. */
    void *(*resize)(void *ctx, void *ptr, size_t old_size, size_t new_size);
    void *resize_ctx;
} leat_config;

/* Opens a database. On failure *db is NULL and message[0..message_size) holds the
 * reason, cut where it does not fit; message may be NULL. */
LEAT_API leat_code leat_open(const leat_config *config, leat_db **db, char *message,
                             size_t message_size);
/* Stops what runs and frees all. LEAT_BUSY while sessions are open. NULL is fine. */
LEAT_API leat_code leat_close(leat_db *db);
/* Does work that is ready, when config.threads == 0, and closes one epoch; with
 * threads it only looks. *wait_us (may be NULL) becomes the time until something
 * may be ready again, INT64_MAX if nothing is foreseen. */
LEAT_API leat_code leat_pump(leat_db *db, int64_t *wait_us);
/* How many INSERT statements still run in the background. */
LEAT_API uint32_t leat_running(leat_db *db);
/* "0.1.0" */
LEAT_API const char *leat_version(void);

/* ---- session ---------------------------------------------------------- */

LEAT_API leat_code leat_session_open(leat_db *db, leat_session **session);
/* LEAT_BUSY while statements are open. Cancels INSERTs of the session that still
 * run in the background. NULL is fine. */
LEAT_API leat_code leat_session_close(leat_session *session);
/* As SET 'key' = 'value'. */
LEAT_API leat_code leat_set(leat_session *session, const char *key, const char *value);
/* A default that every later session of the database starts with, kept in its file.
 * An empty value takes it away. This session's own settings do not change. */
LEAT_API leat_code leat_set_default(leat_session *session, const char *key, const char *value);
/* Waits for INSERTs of the session in the background: LEAT_DONE when all have
 * ended, LEAT_WAIT after timeout_ms (-1: for ever), the failure of one otherwise. */
LEAT_API leat_code leat_wait(leat_session *session, int timeout_ms);
/* Makes a running leat_step or leat_wait of the session return LEAT_INTERRUPTED soon, and
 * the next one if none runs. Any thread; safe in a signal handler. */
LEAT_API void leat_interrupt(leat_session *session);

/* The last failure on the session or a statement of it. */
LEAT_API leat_code leat_error_code(const leat_session *session);
LEAT_API const char *leat_error_message(const leat_session *session); /* "" if none */
/* Where in the text given to leat_prepare: line and column from 1, the column in
 * code points, offset and length in bytes. Line 0: not about a place in the text. */
LEAT_API void leat_error_place(const leat_session *session, uint32_t *line, uint32_t *column,
                               size_t *offset, size_t *len);
/* Takes the oldest notice (advice that stops nothing) off the session's list; NULL
 * when there is none left. Valid until the next call on the session. */
LEAT_API const char *leat_notice(leat_session *session);

/* ---- statements -------------------------------------------------------- */

/* Prepares the first statement of sql[0..len) (len -1: up to NUL). *tail (may be
 * NULL) becomes the start of what follows it, also after a syntax error. *stmt is
 * NULL, with LEAT_OK, when the text holds nothing but blanks and comments. The text is copied.
 * What the statement means is settled here, settings included; nothing runs yet. */
LEAT_API leat_code leat_prepare(leat_session *session, const char *sql, ptrdiff_t len,
                                leat_stmt **stmt, const char **tail);
/* Runs until there is a row, the end, or timeout_ms have passed (-1: for ever, 0:
 * only what is ready). DDL and the like are done in the first step. An INSERT from bounded
 * input is DONE when all is written; one from unbounded input goes on in the background
 * and is DONE at once. After a failure the statement can only be finalized. */
LEAT_API leat_code leat_step(leat_stmt *stmt, int timeout_ms);
/* A descriptor that becomes readable when leat_step may have news, for event loops;
 * -1 before the first step, and if there is none (config.threads == 0). Owned by the
 * statement. */
LEAT_API int leat_wait_fd(leat_stmt *stmt);
/* Stops the statement and frees it. NULL is fine. */
LEAT_API void leat_finalize(leat_stmt *stmt);

/* True for the text of a statement that is complete with its ';'. */
LEAT_API bool leat_complete(const char *sql, size_t len);

/* The result's shape, known after leat_prepare; 0 columns: no result. */
LEAT_API uint32_t leat_column_count(const leat_stmt *stmt);
LEAT_API const char *leat_column_name(leat_stmt *stmt, uint32_t column);
LEAT_API const char *leat_column_type(leat_stmt *stmt, uint32_t column); /* "DECIMAL(10, 2)" */
/* True for numbers: shells align them to the right. */
LEAT_API bool leat_column_is_number(const leat_stmt *stmt, uint32_t column);
/* True when rows may be taken back: leat_row_op matters. */
LEAT_API bool leat_is_changing(const leat_stmt *stmt);
/* True when the input ends. */
LEAT_API bool leat_is_bounded(const leat_stmt *stmt);

/* The row of the last LEAT_ROW. Columns count from 0; others are NULL values. */
LEAT_API leat_op leat_row_op(const leat_stmt *stmt);
LEAT_API bool leat_is_null(leat_stmt *stmt, uint32_t column);
/* Whole numbers; DATE as days, times and timestamps as microseconds, intervals as
 * microseconds or months, BOOLEAN as 0 or 1; 0 for anything else. DOUBLE truncates. */
LEAT_API int64_t leat_int64(leat_stmt *stmt, uint32_t column);
LEAT_API double leat_double(leat_stmt *stmt, uint32_t column);
/* As CAST(x AS STRING); NULL for a NULL or when memory is out. *len may be NULL. */
LEAT_API const char *leat_text(leat_stmt *stmt, uint32_t column, size_t *len);

/* ---- feeding ----------------------------------------------------------- */

/* A value to push. `text` is read as CAST from STRING reads it, in the session's zone. */
typedef struct leat_value {
    const char *text; /* NULL: the value is NULL */
    size_t len;
} leat_value;

/* Appends rows to a table with 'connector' = 'feed'. rows holds n_rows * n_columns
 * values, row by row; n_columns must be the number of the table's physical columns.
 * `split` names one of the table's splits ("1" is the first, NULL the same). All
 * rows or none are taken; LEAT_FULL when the feed holds more than its bound of
 * bytes that nobody has read yet. */
LEAT_API leat_code leat_push(leat_session *session, const char *table, const char *split,
                             uint32_t n_columns, uint32_t n_rows, const leat_value *rows);
/* Says that no more rows follow in the split, or, with NULL, in any of them. */
LEAT_API leat_code leat_push_end(leat_session *session, const char *table, const char *split);

#ifdef __cplusplus
}
#endif

#endif
