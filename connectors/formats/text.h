/* text.h -- bytes as text: UTF-8, excerpts for messages, base64, SWAR search. */
#ifndef LT_CONNECTORS_FORMATS_TEXT_H
#define LT_CONNECTORS_FORMATS_TEXT_H

#include "base/str.h"

/* Strict UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool lt_utf8_valid(struct lt_str text);
/* Code points, given that `text` is valid. */
size_t lt_utf8_length(struct lt_str text);
/* Writes one code point, returns its 1 to 4 bytes. */
unsigned lt_utf8_put(char *out, uint32_t code);

/* A piece of input as a message shows it: at most 40 characters, control bytes and broken
 * UTF-8 as '?', "..." where it was cut. */
enum { LT_EXCERPT_SIZE = 176 };
const char *lt_excerpt(char out[LT_EXCERPT_SIZE], struct lt_str text);

size_t lt_base64_size(size_t bytes); /* of the encoded text */
void lt_base64_encode(char *out, struct lt_str bytes);
/* `out` has room for text.len bytes. False when it is not base64. */
bool lt_base64_decode(char *out, size_t *size, struct lt_str text);

/* A byte c in all eight lanes, and the lanes of `word` that are zero (high bit set). The
 * lowest set bit is exact; higher ones may be false alarms. */
static inline uint64_t lt_swar_splat(unsigned char c)
{
    return c * UINT64_C(0x0101010101010101);
}
static inline uint64_t lt_swar_zero(uint64_t word)
{
    return (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
}
static inline uint64_t lt_swar_load(const char *at)
{
    uint64_t word;
    memcpy(&word, at, 8);
    return word; /* callers assume little-endian lanes, see lt_swar_first */
}
static inline unsigned lt_swar_first(uint64_t lanes)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (unsigned)__builtin_ctzll(lanes) / 8;
#else
#error "the byte search assumes a little-endian machine"
#endif
}

#endif
