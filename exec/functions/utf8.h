/* utf8.h -- stepping through UTF-8 text by code point.
 *
 * Text is UTF-8 by contract; a stray byte counts as one character of one byte, so
 * no step ever leaves the text. */
#ifndef LT_EXEC_FUNCTIONS_UTF8_H
#define LT_EXEC_FUNCTIONS_UTF8_H

#include "base/str.h"
#include "exec/kernels/text.h"

/* Bytes of the character that starts at data[at]; at < len. */
static inline size_t utf8_step(const char *data, size_t len, size_t at)
{
    unsigned char c = (unsigned char)data[at];
    size_t n = c < 0x80 ? 1 : c < 0xC2 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 1;
    if (at + n > len)
        return 1;
    for (size_t i = 1; i < n; i++) {
        if (((unsigned char)data[at + i] & 0xC0) != 0x80)
            return 1;
    }
    return n;
}

/* Are the eight bytes at data[at] there and all ASCII? */
static inline bool utf8_ascii_word(struct lt_str text, size_t at)
{
    uint64_t word;
    if (text.len < 8 || at > text.len - 8)
        return false;
    memcpy(&word, text.data + at, 8);
    return (word & UINT64_C(0x8080808080808080)) == 0;
}

static inline bool utf8_is_ascii(struct lt_str text)
{
    size_t at = 0;
    while (utf8_ascii_word(text, at))
        at += 8;
    while (at < text.len && (unsigned char)text.data[at] < 0x80)
        at++;
    return at == text.len;
}

static inline size_t utf8_count(struct lt_str text)
{
    size_t n = 0, at = 0;
    while (at < text.len) {
        if (utf8_ascii_word(text, at)) {
            at += 8;
            n += 8;
            continue;
        }
        at += utf8_step(text.data, text.len, at);
        n++;
    }
    return n;
}

/* Bytes of the first n characters (of all, when there are fewer). */
static inline size_t utf8_prefix(struct lt_str text, size_t n)
{
    size_t at = 0;
    if (n >= text.len)
        return text.len;
    for (; n >= 8 && utf8_ascii_word(text, at); n -= 8)
        at += 8;
    while (n > 0 && at < text.len) {
        at += utf8_step(text.data, text.len, at);
        n--;
    }
    return at;
}

/* The code point of the character at data[at]; a stray byte is itself. */
static inline uint32_t utf8_get(const char *data, size_t len, size_t at)
{
    const unsigned char *p = (const unsigned char *)data + at;
    switch (utf8_step(data, len, at)) {
    case 2: return (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
    case 3: return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    case 4:
        return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 |
               (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3F);
    default: return p[0];
    }
}

/* Writes a code point; returns its 1..4 bytes. */
static inline size_t utf8_put(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xC0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xE0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 0x3F));
        to[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    to[0] = (char)(0xF0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 0x3F));
    to[2] = (char)(0x80 | (c >> 6 & 0x3F));
    to[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

/* The first `needle` at or after byte `from`, or SIZE_MAX. Bytes decide: UTF-8 is
 * self-synchronising, so a match starts at a character. */
static inline size_t utf8_find(struct lt_str text, struct lt_str needle, size_t from)
{
    return text_kernels()->find(text, needle, from);
}

#endif
