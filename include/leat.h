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
 * Columns. Rows cross one by one as text (leat_push, leat_text), or whole columns at
 * a time: as Arrow arrays both ways (leat_push_arrow, leat_step_arrow), or, without
 * any copy, into a function of the program's own (leat_listen).
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

/* The Arrow C Data Interface, as its specification gives it, so that any other copy
 * of it agrees. */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};
#endif

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
/* The same as Arrow: a struct with a child per column, named as leat_column_name says.
 * When leat_is_changing, one more int8 column, `leat_op`, comes last: the leat_op of the
 * row. Known after leat_prepare. The caller releases it; it may outlive the database. */
LEAT_API leat_code leat_arrow_schema(leat_stmt *stmt, struct ArrowSchema *out);
/* As leat_step, but LEAT_ROW means that *out holds rows, one or more (up to 2,048), in the
 * order leat_step gives them; after any other code *out is untouched. The array is a
 * copy: the caller releases it, on any thread, and it may outlive the database. May take
 * turns with leat_step, whose current row then is the array's last. */
LEAT_API leat_code leat_step_arrow(leat_stmt *stmt, int timeout_ms, struct ArrowArray *out);

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
/* Appends the rows of an Arrow struct array. Its fields are found by the names of the
 * table's physical columns, in any order, all of them and no others, with the very types:
 * BIGINT is int64 ("l"), STRING utf8, DECIMAL(p, s) decimal128(p, s), TIMESTAMP(p) a
 * timestamp of any unit without a zone (cut to p digits), TIMESTAMP_LTZ(p) one with a
 * zone, TIME time32 or time64, ROW struct, ARRAY list, MAP map; dictionaries are fine.
 * `split` is as in leat_push.
 * On LEAT_OK the array has been moved in (array->release is NULL) and is released on
 * any thread, at the latest in leat_close; fixed-width columns and text are not copied. On
 * LEAT_FULL or a failure nothing was taken and the array stays the caller's. The schema
 * stays the caller's always. That text is valid UTF-8 is the caller's promise. */
LEAT_API leat_code leat_push_arrow(leat_session *session, const char *table, const char *split,
                                   const struct ArrowSchema *schema, struct ArrowArray *array);
/* Says that no more rows follow in the split, or, with NULL, in any of them. */
LEAT_API leat_code leat_push_end(leat_session *session, const char *table, const char *split);

/* ---- listening ---------------------------------------------------------- */

/* A table with 'connector' = 'callback' hands the rows of an INSERT to a function of
 * the program, in batches of columns that are shown where they lie, without a copy:
 *
 *     static leat_code on_rows(void *ctx, uint32_t writer, const leat_batch *batch)
 *     {
 *         int64_t *sum = ctx;
 *         for (uint32_t i = 0; i < batch->n_rows; i++) {
 *             uint32_t row = leat_batch_row(batch, i);
 *             if (!leat_column_is_null(batch->columns[0], row))
 *                 *sum += leat_column_int64(batch->columns[0], row);
 *         }
 *         return LEAT_OK;
 *     }
 *     ...
 *     leat_listener listener = {.size = sizeof(listener), .ctx = &sum, .rows = on_rows};
 *     leat_listen(db, "out", &listener);
 *     CREATE TABLE out (price BIGINT) WITH ('connector' = 'callback');
 *     INSERT INTO out SELECT price FROM bids;
 */

/* A string as columns hold it: up to 12 bytes in place, else a pointer. The first
 * four bytes are always in `prefix`; unused bytes in place are zero, so two strings
 * of up to 12 bytes are equal when their 16 bytes are. Not ended by a NUL byte. */
typedef struct leat_string {
    uint32_t len; /* bytes */
    char prefix[4];
    union {
        char rest[8];    /* len <= 12: bytes 4.. follow the prefix */
        const char *ptr; /* len > 12: the whole text */
    } u;
} leat_string;

/* The type of a column. Parameters are in the leat_column. */
typedef enum leat_kind {
    LEAT_KIND_BOOLEAN = 1,
    LEAT_KIND_TINYINT = 2,
    LEAT_KIND_SMALLINT = 3,
    LEAT_KIND_INT = 4,
    LEAT_KIND_BIGINT = 5,
    LEAT_KIND_FLOAT = 6,
    LEAT_KIND_DOUBLE = 7,
    LEAT_KIND_DECIMAL = 8, /* precision, scale */
    LEAT_KIND_CHAR = 9,
    LEAT_KIND_VARCHAR = 10,
    LEAT_KIND_BINARY = 11,
    LEAT_KIND_VARBINARY = 12,
    LEAT_KIND_DATE = 13,
    LEAT_KIND_TIME = 14,
    LEAT_KIND_TIMESTAMP = 15,     /* precision: digits shown; always held in microseconds */
    LEAT_KIND_TIMESTAMP_LTZ = 16, /* the same */
    LEAT_KIND_INTERVAL_DAY = 17,
    LEAT_KIND_INTERVAL_MONTH = 18,
    LEAT_KIND_ARRAY = 19,
    LEAT_KIND_MULTISET = 20, /* an array with repetitions */
    LEAT_KIND_MAP = 21,
    LEAT_KIND_ROW = 22,
} leat_kind;

/* What lies in `values`. */
typedef enum leat_layout {
    LEAT_LAYOUT_INT8 = 1,    /* BOOLEAN (0 or 1), TINYINT */
    LEAT_LAYOUT_INT16 = 2,   /* SMALLINT */
    LEAT_LAYOUT_INT32 = 3,   /* INT, DATE (days since 1970-01-01), INTERVAL_MONTH (months) */
    LEAT_LAYOUT_INT64 = 4,   /* BIGINT, TIME (microseconds of the day), TIMESTAMP and
                                TIMESTAMP_LTZ (microseconds since 1970-01-01, UTC for LTZ),
                                INTERVAL_DAY (microseconds) */
    LEAT_LAYOUT_FLOAT = 5,   /* FLOAT */
    LEAT_LAYOUT_DOUBLE = 6,  /* DOUBLE */
    LEAT_LAYOUT_INT128 = 7,  /* DECIMAL: the value times 10^scale, native byte order */
    LEAT_LAYOUT_STRING = 8,  /* CHAR, VARCHAR, BINARY, VARBINARY: leat_string */
    LEAT_LAYOUT_LIST = 9,    /* ARRAY, MULTISET, MAP: uint32_t; list i is the elements from
                                values[i] up to values[i + 1] of every child */
    LEAT_LAYOUT_STRUCT = 10, /* ROW: no values; one child per field, with as many lanes */
} leat_layout;

/* One column of a batch. The value of a row lies in a *lane* of `values`: lane
 * codes[row] with a dictionary, lane 0 of a constant, else lane `row`. Read through
 * the functions below, or look at codes and constant once and loop over lanes; a
 * program that computes something per distinct value does it per lane.
 *
 * A value is NULL when its bit in `valid` or in `lane_valid` is 0 (bit n of word
 * n / 64); a NULL pointer says that there are none. What lies in the lane of a NULL, or of a
 * row that is not among the batch's rows, is readable and means nothing. */
typedef struct leat_column {
    leat_kind kind;
    leat_layout layout;
    const char *name;
    uint32_t precision, scale;
    bool nullable;
    bool constant;         /* every row has the value of lane 0 */
    uint32_t n_lanes;      /* values there are; a list has n_lanes + 1 offsets */
    const uint32_t *codes; /* a dictionary's: the lane of each row; NULL: none */
    const uint64_t *valid; /* one bit per row; of a constant bit 0 speaks for all */
    const uint64_t *lane_valid; /* of a dictionary's values: one bit per lane */
    const void *values;         /* aligned for what it holds; NULL for a ROW */
    uint32_t n_children;
    const struct leat_column *const *children; /* their rows are this column's lanes, or a
                                                  list's elements */
} leat_column;

/* Rows on their way out. Everything is the library's and valid during the call only.
 * Later versions may add fields at the end of the structs here, never elsewhere. */
typedef struct leat_batch {
    size_t size;          /* sizeof(leat_batch) in the library that made it */
    uint32_t n_rows;      /* rows meant, at least 1 */
    const uint16_t *rows; /* which: rows[0..n_rows), increasing; NULL: 0..n_rows - 1 */
    uint32_t len;         /* rows that the columns hold, meant or not; at most 65536 */
    uint32_t n_columns;
    const leat_column *const *columns; /* in the order of the table */
    /* Changes: row r came (> 0) or went (< 0) weight[r] times, never 0. NULL: each came
     * once. An update is the row as it was with -1, then the row as it is with +1. */
    const int32_t *weight;
} leat_batch;

/* The functions of a table. Each writer (one per partition of the query) has a number,
 * from 0 up and its own among those at work; calls of one writer come one after
 * another, those of several at the same time when there are several threads. They run on a
 * worker, or inside leat_step and leat_pump, and may not call the library.
 *
 * What a listener may rely on: append-only rows come at once, changes at the end of an
 * epoch and as their net; a writer's rows since its last commit become lasting with
 * its next commit, or are void after an abort. An INSERT from bounded input
 * commits once, at its end, when every writer has prepared; one without end, epoch
 * by epoch. Every writer ends with commit or abort, unless it had no rows after its
 * last commit. */
typedef struct leat_listener {
    size_t size; /* sizeof(leat_listener) */
    void *ctx;   /* handed to every function */
    /* Takes the rows: LEAT_OK. LEAT_FULL: none taken, come again soon with the same. A
     * failure stops the query with that code. */
    leat_code (*rows)(void *ctx, uint32_t writer, const leat_batch *batch);
    /* All rows of the epoch are there: the last time to refuse them. May be NULL. */
    leat_code (*prepare)(void *ctx, uint32_t writer, uint64_t epoch);
    /* They are final. May be NULL. */
    void (*commit)(void *ctx, uint32_t writer, uint64_t epoch);
    /* What was not committed is void: the query failed or was stopped. May be NULL. */
    void (*abort)(void *ctx, uint32_t writer);
} leat_listener;

/* Sets who gets the rows of tables with 'connector' = 'callback' and that 'name' (a
 * table's own name, unless it has the option); before the INSERT runs. The struct is
 * copied. NULL takes the listener away. LEAT_BUSY while an INSERT uses the old one,
 * LEAT_MISUSE for a wrong size or without `rows`. */
LEAT_API leat_code leat_listen(leat_db *db, const char *name, const leat_listener *listener);

/* The number of the i-th row meant, 0 <= i < n_rows. */
static inline uint32_t leat_batch_row(const leat_batch *batch, uint32_t i)
{
    return batch->rows ? batch->rows[i] : i;
}
static inline int32_t leat_batch_weight(const leat_batch *batch, uint32_t row)
{
    return batch->weight ? batch->weight[row] : 1;
}
static inline uint32_t leat_column_lane(const leat_column *col, uint32_t row)
{
    return col->constant ? 0 : col->codes ? col->codes[row] : row;
}
static inline bool leat_column_is_null(const leat_column *col, uint32_t row)
{
    uint32_t bit = col->constant ? 0 : row, lane = leat_column_lane(col, row);
    return (col->valid && !(col->valid[bit / 64] >> (bit % 64) & 1)) ||
           (col->lane_valid && !(col->lane_valid[lane / 64] >> (lane % 64) & 1));
}
/* As leat_int64, but 0 for DOUBLE, FLOAT and DECIMAL too. */
static inline int64_t leat_column_int64(const leat_column *col, uint32_t row)
{
    uint32_t lane = leat_column_lane(col, row);
    switch (col->layout) {
    case LEAT_LAYOUT_INT8: return ((const int8_t *)col->values)[lane];
    case LEAT_LAYOUT_INT16: return ((const int16_t *)col->values)[lane];
    case LEAT_LAYOUT_INT32: return ((const int32_t *)col->values)[lane];
    case LEAT_LAYOUT_INT64: return ((const int64_t *)col->values)[lane];
    default: return 0;
    }
}
/* FLOAT and DOUBLE; 0 for anything else. */
static inline double leat_column_double(const leat_column *col, uint32_t row)
{
    uint32_t lane = leat_column_lane(col, row);
    switch (col->layout) {
    case LEAT_LAYOUT_FLOAT: return (double)((const float *)col->values)[lane];
    case LEAT_LAYOUT_DOUBLE: return ((const double *)col->values)[lane];
    default: return 0;
    }
}
/* A DECIMAL times 10^scale, as the halves of a signed number of 128 bits. */
static inline void leat_column_decimal(const leat_column *col, uint32_t row, int64_t *high,
                                       uint64_t *low)
{
    const uint64_t *half = (const uint64_t *)col->values + 2 * (size_t)leat_column_lane(col, row);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    *high = (int64_t)half[0];
    *low = half[1];
#else
    *low = half[0];
    *high = (int64_t)half[1];
#endif
}
static inline const leat_string *leat_column_string(const leat_column *col, uint32_t row)
{
    return (const leat_string *)col->values + leat_column_lane(col, row);
}
static inline const char *leat_string_data(const leat_string *string)
{
    return string->len <= 12 ? string->prefix : string->u.ptr;
}
/* The elements of a list: *len of them, from the one returned on, in every child. */
static inline uint32_t leat_column_list(const leat_column *col, uint32_t row, uint32_t *len)
{
    const uint32_t *at = (const uint32_t *)col->values + leat_column_lane(col, row);
    *len = at[1] - at[0];
    return at[0];
}

#ifdef __cplusplus
}
#endif

#endif
