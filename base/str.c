/* str.c -- comparing slices, building text, and finding the nearest name. */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>

static unsigned char ascii_lower(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 'A' && u <= 'Z' ? (unsigned char)(u + 32) : u;
}

bool lt_str_equal_nocase(struct lt_str a, struct lt_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
            return false;
    return true;
}

int lt_str_compare(struct lt_str a, struct lt_str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len ? memcmp(a.data, b.data, len) : 0;
    if (order != 0)
        return order < 0 ? -1 : 1;
    return (a.len > b.len) - (a.len < b.len);
}

enum { DISTANCE_LEN_MAX = 127 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* The restricted form (no substring is edited twice): three rows of the usual
 * table. Names longer than the rows are never suggested. */
unsigned lt_str_distance(struct lt_str a, struct lt_str b, unsigned max)
{
    unsigned rows[3][DISTANCE_LEN_MAX + 1];
    size_t gap = a.len > b.len ? a.len - b.len : b.len - a.len;
    if (gap > max || a.len > DISTANCE_LEN_MAX || b.len > DISTANCE_LEN_MAX)
        return max + 1;
    for (unsigned j = 0; j <= b.len; j++)
        rows[0][j] = j;
    unsigned *before = rows[2], *above = rows[0], *row = rows[1];
    for (unsigned i = 1; i <= a.len; i++) {
        row[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            unsigned char ca = ascii_lower(a.data[i - 1]), cb = ascii_lower(b.data[j - 1]);
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + (ca != cb));
            if (i > 1 && j > 1 && ca == ascii_lower(b.data[j - 2]) &&
                cb == ascii_lower(a.data[i - 2]) && before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        unsigned *reuse = before;
        before = above;
        above = row;
        row = reuse;
    }
    return above[b.len] <= max ? above[b.len] : max + 1;
}

void lt_buf_init(struct lt_buf *buf, struct lt_alloc *alloc)
{
    *buf = (struct lt_buf){.alloc = alloc};
}

void lt_buf_close(struct lt_buf *buf)
{
    lt_alloc_put(buf->alloc, buf->data, buf->cap);
    *buf = (struct lt_buf){.alloc = buf->alloc};
}

void lt_buf_clear(struct lt_buf *buf)
{
    buf->len = 0;
    buf->status = LT_OK;
    if (buf->data)
        buf->data[0] = '\0';
}

/* Room for `more` bytes and the closing NUL. */
bool lt_buf_reserve(struct lt_buf *buf, size_t more)
{
    if (buf->status != LT_OK)
        return false;
    if (buf->cap > buf->len && more < buf->cap - buf->len)
        return true;
    if (more > SIZE_MAX / 4 - buf->len) {
        buf->status = LT_NOMEM;
        return false;
    }
    size_t cap = buf->cap ? 2 * buf->cap : 64;
    if (cap < buf->len + more + 1)
        cap = buf->len + more + 1;
    char *data = lt_alloc_resize(buf->alloc, buf->data, buf->cap, cap);
    if (!data) {
        buf->status = LT_NOMEM;
        return false;
    }
    buf->data = data;
    buf->cap = cap;
    buf->data[buf->len] = '\0';
    return true;
}

void lt_buf_add(struct lt_buf *buf, const void *data, size_t len)
{
    if (!lt_buf_reserve(buf, len))
        return;
    if (len)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void lt_buf_addc(struct lt_buf *buf, char c)
{
    lt_buf_add(buf, &c, 1);
}

void lt_buf_adds(struct lt_buf *buf, const char *text)
{
    lt_buf_add(buf, text, strlen(text));
}

void lt_buf_addf(struct lt_buf *buf, const char *fmt, ...)
{
    char first[256];
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(first, sizeof(first), fmt, args);
    va_end(args);
    if (len < 0) {
        buf->status = buf->status ? buf->status : LT_INVALID;
        return;
    }
    if ((size_t)len < sizeof(first)) {
        lt_buf_add(buf, first, (size_t)len);
        return;
    }
    if (!lt_buf_reserve(buf, (size_t)len))
        return;
    va_start(args, fmt);
    vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, args);
    va_end(args);
    buf->len += (size_t)len;
}
