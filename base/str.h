/* str.h -- a borrowed slice of bytes, and a buffer that text is built in. */
#ifndef LT_BASE_STR_H
#define LT_BASE_STR_H

#include <string.h>

#include "base/alloc.h"

/* Not NUL-terminated unless its maker says so. */
struct lt_str {
    const char *data;
    size_t len;
};

#define LT_STR(literal) ((struct lt_str){(literal), sizeof(literal) - 1})
#define LT_STR_ARG(s) (int)(s).len, (s).data /* for "%.*s" */

static inline struct lt_str lt_str_of(const char *text)
{
    return (struct lt_str){text, text ? strlen(text) : 0};
}
static inline bool lt_str_equal(struct lt_str a, struct lt_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}
bool lt_str_equal_nocase(struct lt_str a, struct lt_str b); /* ASCII case only */
int lt_str_compare(struct lt_str a, struct lt_str b);       /* bytewise */
/* Damerau-Levenshtein distance, ASCII case ignored, capped at `max` + 1. */
unsigned lt_str_distance(struct lt_str a, struct lt_str b, unsigned max);

/* A growing byte buffer. Appends never fail one by one: the first failure is
 * remembered in `status`, later appends do nothing, the end checks once. */
struct lt_buf {
    struct lt_alloc *alloc;
    char *data; /* NUL-terminated whenever non-NULL */
    size_t len;
    size_t cap;
    lt_status status;
};

void lt_buf_init(struct lt_buf *buf, struct lt_alloc *alloc);
void lt_buf_close(struct lt_buf *buf);
void lt_buf_clear(struct lt_buf *buf); /* keeps the memory, forgets a failure */
bool lt_buf_reserve(struct lt_buf *buf, size_t more);
void lt_buf_add(struct lt_buf *buf, const void *data, size_t len);
void lt_buf_addc(struct lt_buf *buf, char c);
void lt_buf_adds(struct lt_buf *buf, const char *text);
void lt_buf_addf(struct lt_buf *buf, const char *fmt, ...) LT_PRINTF(2, 3);
static inline struct lt_str lt_buf_str(const struct lt_buf *buf)
{
    return (struct lt_str){buf->data ? buf->data : "", buf->len};
}

#endif
