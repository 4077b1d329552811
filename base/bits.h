/* bits.h -- bitmaps of 64-bit words: validity, filters, sets of rows.
 *
 * Bit i is bit i % 64 of word i / 64. Bits past the length may hold anything,
 * so whoever counts or tests gives the length. */
#ifndef LT_BASE_BITS_H
#define LT_BASE_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline size_t lt_bits_words(size_t len)
{
    return (len + 63) / 64;
}
static inline bool lt_bits_get(const uint64_t *bits, size_t i)
{
    return bits[i / 64] >> (i % 64) & 1;
}
static inline void lt_bits_set(uint64_t *bits, size_t i)
{
    bits[i / 64] |= UINT64_C(1) << (i % 64);
}
static inline void lt_bits_clear(uint64_t *bits, size_t i)
{
    bits[i / 64] &= ~(UINT64_C(1) << (i % 64));
}
static inline void lt_bits_put(uint64_t *bits, size_t i, bool on)
{
    uint64_t mask = UINT64_C(1) << (i % 64);
    bits[i / 64] = (bits[i / 64] & ~mask) | ((uint64_t)on << (i % 64));
}
/* The bits of word w that lie below len. */
static inline uint64_t lt_bits_mask(size_t w, size_t len)
{
    size_t first = w * 64;
    if (len >= first + 64)
        return UINT64_MAX;
    return len <= first ? 0 : (UINT64_C(1) << (len - first)) - 1;
}
static inline void lt_bits_fill(uint64_t *bits, size_t len, bool on)
{
    for (size_t w = 0; w < lt_bits_words(len); w++)
        bits[w] = on ? UINT64_MAX : 0;
}
static inline size_t lt_bits_count(const uint64_t *bits, size_t len)
{
    size_t n = 0;
    for (size_t w = 0; w < lt_bits_words(len); w++)
        n += (size_t)__builtin_popcountll(bits[w] & lt_bits_mask(w, len));
    return n;
}
static inline bool lt_bits_any(const uint64_t *bits, size_t len)
{
    for (size_t w = 0; w < lt_bits_words(len); w++)
        if (bits[w] & lt_bits_mask(w, len))
            return true;
    return false;
}
static inline bool lt_bits_all(const uint64_t *bits, size_t len)
{
    for (size_t w = 0; w < lt_bits_words(len); w++)
        if (~bits[w] & lt_bits_mask(w, len))
            return false;
    return true;
}
static inline void lt_bits_and(uint64_t *to, const uint64_t *a, const uint64_t *b, size_t len)
{
    for (size_t w = 0; w < lt_bits_words(len); w++)
        to[w] = a[w] & b[w];
}
static inline void lt_bits_or(uint64_t *to, const uint64_t *a, const uint64_t *b, size_t len)
{
    for (size_t w = 0; w < lt_bits_words(len); w++)
        to[w] = a[w] | b[w];
}
/* Bits [from, from + len) of `bits`, moved down to bit 0 of `to`; `to` may not
 * overlap. Reads no word of `bits` past the last it needs. */
static inline void lt_bits_shift(uint64_t *to, const uint64_t *bits, size_t from, size_t len)
{
    size_t first = from / 64, shift = from % 64, last = len ? (from + len - 1) / 64 : first;
    for (size_t w = 0; w < lt_bits_words(len); w++) {
        uint64_t low = bits[first + w] >> shift;
        uint64_t high = shift && first + w < last ? bits[first + w + 1] << (64 - shift) : 0;
        to[w] = low | high;
    }
}

#endif
