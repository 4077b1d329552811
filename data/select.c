/* select.c -- from BOOLEAN lanes to a bitmap, and from a bitmap to a list of rows. */
#include "data/select.h"

#include "base/bits.h"
#include "base/cpu.h"

#if LT_HAS_AVX512
#include <immintrin.h>
#endif

#define LOW_BITS UINT64_C(0x7F7F7F7F7F7F7F7F)
#define HIGH_BITS UINT64_C(0x8080808080808080)

/* Eight lanes to eight bits: the high bit of every byte that is not zero, gathered
 * into the top byte by one product whose partial sums never meet. */
static inline uint64_t pack_lanes(uint64_t lanes)
{
    uint64_t high = (((lanes & LOW_BITS) + LOW_BITS) | lanes) & HIGH_BITS;
    return ((high >> 7) * UINT64_C(0x0102040810204080)) >> 56;
}

static uint64_t word_of_lanes(const int8_t *values)
{
    uint64_t word = 0, lanes;
    for (uint32_t at = 0; at < 64; at += 8) {
        memcpy(&lanes, values + at, 8);
        word |= pack_lanes(lanes) << at;
    }
    return word;
}

void lt_select_true(const int8_t *values, uint32_t len, uint64_t *bits)
{
    uint32_t w = 0;
    for (; (w + 1) * 64 <= len; w++)
        bits[w] = word_of_lanes(values + w * 64);
    if (w * 64 < len) {
        uint64_t word = 0;
        for (uint32_t i = w * 64; i < len; i++)
            word |= (uint64_t)(values[i] != 0) << (i % 64);
        bits[w] = word;
    }
}

void lt_select_bits(const uint16_t *rows, uint32_t n, uint32_t len, uint64_t *bits)
{
    lt_bits_fill(bits, len, false);
    for (uint32_t k = 0; k < n; k++)
        lt_bits_set(bits, rows[k]);
}

uint32_t lt_select_list_portable(const uint64_t *bits, uint32_t len, uint16_t *rows)
{
    uint32_t n = 0;
    for (uint32_t w = 0; w < lt_bits_words(len); w++) {
        uint64_t word = bits[w] & lt_bits_mask(w, len);
        if (word == UINT64_MAX) {
            for (uint32_t i = 0; i < 64; i++)
                rows[n + i] = (uint16_t)(w * 64 + i);
            n += 64;
            continue;
        }
        for (; word; word &= word - 1)
            rows[n++] = (uint16_t)(w * 64 + (uint32_t)__builtin_ctzll(word));
    }
    return n;
}

uint32_t lt_select_list_of_portable(const uint64_t *bits, uint32_t len, const uint16_t *of,
                                    uint16_t *rows)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < len; i++) {
        rows[n] = of[i];
        n += lt_bits_get(bits, i);
    }
    return n;
}

#if LT_HAS_AVX512
/* The row numbers of half a word are compressed in a register and stored whole. */
LT_TARGET_AVX512 static uint32_t select_list_avx512(const uint64_t *bits, uint32_t len,
                                                    uint16_t *rows)
{
    static const uint16_t first[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                       11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                       22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
    __m512i at = _mm512_loadu_si512(first);
    const __m512i step = _mm512_set1_epi16(32);
    uint32_t n = 0;
    for (uint32_t w = 0; w < lt_bits_words(len); w++) {
        uint64_t word = bits[w] & lt_bits_mask(w, len);
        for (uint32_t half = 0; half < 2; half++) {
            uint32_t part = (uint32_t)(word >> (32 * half));
            _mm512_storeu_si512(rows + n, _mm512_maskz_compress_epi16(part, at));
            n += (uint32_t)__builtin_popcount(part);
            at = _mm512_add_epi16(at, step);
        }
    }
    return n;
}

LT_TARGET_AVX512 static uint32_t select_list_of_avx512(const uint64_t *bits, uint32_t len,
                                                       const uint16_t *of, uint16_t *rows)
{
    uint32_t n = 0;
    for (uint32_t w = 0; w < lt_bits_words(len); w++) {
        uint64_t word = bits[w] & lt_bits_mask(w, len);
        for (uint32_t half = 0; half < 2; half++) {
            uint32_t part = (uint32_t)(word >> (32 * half));
            __m512i from = _mm512_maskz_loadu_epi16(part, of + w * 64 + half * 32);
            _mm512_storeu_si512(rows + n, _mm512_maskz_compress_epi16(part, from));
            n += (uint32_t)__builtin_popcount(part);
        }
    }
    return n;
}
#endif

uint32_t lt_select_list(const uint64_t *bits, uint32_t len, uint16_t *rows)
{
#if LT_HAS_AVX512
    if (lt_cpu_avx512())
        return select_list_avx512(bits, len, rows);
#endif
    return lt_select_list_portable(bits, len, rows);
}

uint32_t lt_select_list_of(const uint64_t *bits, uint32_t len, const uint16_t *of, uint16_t *rows)
{
#if LT_HAS_AVX512
    if (lt_cpu_avx512())
        return select_list_of_avx512(bits, len, of, rows);
#endif
    return lt_select_list_of_portable(bits, len, of, rows);
}
