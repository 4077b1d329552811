/* swar.h -- eight bytes at a time in a plain 64-bit word, on any machine.
 *
 * The byte that comes first in memory is the lowest of the word: the lanes are those of a
 * little-endian machine, and lt_swar_load makes them so. */
#ifndef LT_BASE_SWAR_H
#define LT_BASE_SWAR_H

#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "words of bytes assume a little-endian machine"
#endif

static inline uint64_t lt_swar_load(const char *at)
{
    uint64_t word;
    memcpy(&word, at, 8);
    return word;
}
/* A byte c in all eight lanes. */
static inline uint64_t lt_swar_splat(unsigned char c)
{
    return c * UINT64_C(0x0101010101010101);
}
/* The lanes of `word` that are zero (high bit set). The lowest set bit is exact; higher ones may
 * be false alarms. */
static inline uint64_t lt_swar_zero(uint64_t word)
{
    return (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
}
/* The number of the first lane that is marked; there is one. */
static inline unsigned lt_swar_first(uint64_t lanes)
{
    return (unsigned)__builtin_ctzll(lanes) / 8;
}

/* Digits: each lane's distance from '0', so that a lane is a digit if it is at most 9. */
static inline uint64_t lt_swar_digits(uint64_t word)
{
    return word ^ UINT64_C(0x3030303030303030);
}
/* Not zero if some lane is above 9: it reaches the high bit, or had it before; a carry into its
 * neighbour then changes nothing. */
static inline uint64_t lt_swar_not_digits(uint64_t digits)
{
    return (digits | (digits + UINT64_C(0x7676767676767676))) & UINT64_C(0x8080808080808080);
}
/* Eight lanes of 0..9, the most significant first in memory, as a number. */
static inline uint64_t lt_swar_number(uint64_t digits)
{
    digits = digits * 10 + (digits >> 8); /* pairs, in every other lane */
    uint64_t high = (digits & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064);
    uint64_t low = (digits >> 16 & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001);
    return (high + low) >> 32;
}

#endif
