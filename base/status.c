/* status.c -- makes error messages: once, where the cause is known.
 *
 * The first error wins. A caller that tries several ways clears the error
 * between them; one that only passes failures on need not think about it. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const status_names[LT_STATUS_COUNT] = {
    [LT_OK] = "ok",
    [LT_NOMEM] = "out of memory",
    [LT_SYNTAX] = "syntax error",
    [LT_INVALID] = "invalid",
    [LT_UNSUPPORTED] = "not supported",
    [LT_DATA] = "bad data",
    [LT_IO] = "input/output error",
    [LT_CORRUPT] = "corrupt",
    [LT_LIMIT] = "limit exceeded",
    [LT_BUSY] = "busy",
    [LT_MISUSE] = "misuse",
    [LT_INTERRUPTED] = "interrupted",
};

/* A cut must not leave half a UTF-8 sequence: step back over its bytes. */
static void message_mark_cut(char *message, size_t size)
{
    size_t at = size - 4;
    while (at > 0 && ((unsigned char)message[at] & 0xc0) == 0x80)
        at--;
    memcpy(message + at, "...", 4);
}

static lt_status fail_with(struct lt_error *err, lt_status code, struct lt_pos pos, const char *fmt,
                           va_list args)
{
    if (!err || err->code != LT_OK)
        return code;
    int len = vsnprintf(err->message, sizeof(err->message), fmt, args);
    if (len < 0)
        err->message[0] = '\0';
    else if ((size_t)len >= sizeof(err->message))
        message_mark_cut(err->message, sizeof(err->message));
    err->code = code;
    err->pos = pos;
    return code;
}

lt_status lt_fail(struct lt_error *err, lt_status code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fail_with(err, code, LT_NOWHERE, fmt, args);
    va_end(args);
    return code;
}

lt_status lt_fail_at(struct lt_error *err, lt_status code, struct lt_pos pos, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fail_with(err, code, pos, fmt, args);
    va_end(args);
    return code;
}

void lt_error_clear(struct lt_error *err)
{
    if (!err)
        return;
    err->code = LT_OK;
    err->pos = LT_NOWHERE;
    err->message[0] = '\0';
}

const char *lt_status_name(lt_status code)
{
    if ((unsigned)code >= LT_STATUS_COUNT)
        return "unknown status";
    return status_names[code];
}
