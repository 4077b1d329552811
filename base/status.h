/* status.h -- how a call says that it failed, and why.
 *
 * A fallible function returns an lt_status; its results leave by
 * out-parameters that are untouched on failure. The message is made once, where
 * the cause is known, into the lt_error the caller handed down, and says what
 * to do next. LT_NOMEM needs no message. */
#ifndef LT_BASE_STATUS_H
#define LT_BASE_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

typedef enum lt_status {
    LT_OK = 0,
    LT_NOMEM,       /* an allocation failed or a byte budget is exhausted */
    LT_SYNTAX,      /* the text is not SQL */
    LT_INVALID,     /* the SQL makes no sense: unknown name, wrong type, bad option */
    LT_UNSUPPORTED, /* valid, but Leat cannot do it (yet) */
    LT_DATA,        /* a value is bad: overflow, division by zero, malformed input */
    LT_IO,          /* the system refused: file, disk, pipe */
    LT_CORRUPT,     /* stored bytes are not what was written */
    LT_LIMIT,       /* a stated limit was hit: depth, length, count */
    LT_BUSY,        /* locked by somebody else */
    LT_MISUSE,      /* the caller broke the contract of the API */
    LT_INTERRUPTED, /* leat_interrupt() or a cancel */
    LT_STATUS_COUNT
} lt_status;

/* A place in SQL text (or in an input file): 1-based line and column, counted
 * in code points; offset and len in bytes. line 0 means "no place". */
struct lt_pos {
    uint32_t line;
    uint32_t column;
    uint32_t offset;
    uint32_t len;
};

#define LT_NOWHERE ((struct lt_pos){0, 0, 0, 0})

enum { LT_ERROR_MESSAGE_SIZE = 1024 };

struct lt_error {
    lt_status code;
    struct lt_pos pos; /* in the statement's text; line 0 when not about the text */
    char message[LT_ERROR_MESSAGE_SIZE];
};

/* Fills *err (which may be NULL) and returns `code`. A message too long ends
 * in "...". The first error wins: an *err that already holds one is kept. */
lt_status lt_fail(struct lt_error *err, lt_status code, const char *fmt, ...) LT_PRINTF(3, 4);
lt_status lt_fail_at(struct lt_error *err, lt_status code, struct lt_pos pos, const char *fmt, ...)
    LT_PRINTF(4, 5);
void lt_error_clear(struct lt_error *err);
const char *lt_status_name(lt_status code);

/* Passes a failure on to the caller. */
#define LT_TRY(call)                              \
    do {                                          \
        lt_status lt_try_status_ = (call);        \
        if (LT_UNLIKELY(lt_try_status_ != LT_OK)) \
            return lt_try_status_;                \
    } while (0)

#endif
