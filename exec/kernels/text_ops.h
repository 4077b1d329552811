/* text_ops.h -- what the loops over text are made of, in portable C and with AVX-512.
 *
 * For S in portable, avx512:
 *
 *   S_mask(p, n, c)     bit i = p[i] is c, for n <= 64 bytes, none else read
 *   S_in(p, n, set)     bit i = p[i] is of the set, as far as the first that is not
 *   S_equal(p, q, n)    memcmp(p, q, n) == 0
 *   S_nth(mask, k)      the position of the k-th bit set (from 0); 64 if none
 *   S_view(p, len)      lt_sv_of
 *
 * Templates are written over TEXT_NAME(mask) and so on: TEXT_NAME(x) gives the name of
 * x in the set, TEXT_TARGET the attribute of functions that use it. */
#ifndef LT_EXEC_KERNELS_TEXT_OPS_H
#define LT_EXEC_KERNELS_TEXT_OPS_H

#include "base/cpu.h"
#include "exec/kernels/text.h"

#if LT_HAS_AVX512
#include <immintrin.h>
#endif

/* ---- portable ------------------------------------------------------- */

#define LOW_BITS UINT64_C(0x7F7F7F7F7F7F7F7F)

/* Bit i = byte i of the word is zero. */
static inline uint64_t zero_bytes(uint64_t word)
{
    uint64_t high = ~(((word & LOW_BITS) + LOW_BITS) | word | LOW_BITS);
    return ((high >> 7) * UINT64_C(0x0102040810204080)) >> 56;
}

static inline uint64_t portable_mask(const char *p, size_t n, char c)
{
    uint64_t all = UINT64_C(0x0101010101010101) * (unsigned char)c, mask = 0, word;
    size_t at = 0;
    for (; at + 8 <= n; at += 8) {
        memcpy(&word, p + at, 8);
        mask |= zero_bytes(word ^ all) << at;
    }
    if (at == n)
        return mask;
    if (n >= 8) { /* the last eight bytes, some of them again */
        memcpy(&word, p + n - 8, 8);
        return mask | zero_bytes(word ^ all) << (n - 8);
    }
    for (; at < n; at++)
        mask |= (uint64_t)(p[at] == c) << at;
    return mask;
}

static inline uint32_t portable_nth(uint64_t mask, uint64_t k)
{
    for (; k > 0 && mask; k--)
        mask &= mask - 1;
    return mask ? (uint32_t)__builtin_ctzll(mask) : 64;
}

static inline struct lt_sv portable_view(const char *p, uint32_t len)
{
    return lt_sv_of(p, len);
}

static inline bool portable_equal(const char *p, const char *q, size_t n)
{
    return memcmp(p, q, n) == 0;
}

/* Only up to the first byte that is not in: who asks wants no more. */
static inline uint64_t portable_in(const char *p, size_t n, const struct text_set *set)
{
    size_t at = 0;
    while (at < n && (unsigned char)p[at] < 0x80 && set->member[(unsigned char)p[at]])
        at++;
    return at == 64 ? UINT64_MAX : (UINT64_C(1) << at) - 1;
}

/* ---- AVX-512 -------------------------------------------------------- */

#if LT_HAS_AVX512
/* Masked lanes are not read, so a text may end anywhere. */
LT_TARGET_AVX512 static inline uint64_t avx512_mask(const char *p, size_t n, char c)
{
    __mmask64 in = _bzhi_u64(UINT64_MAX, (uint32_t)n);
    return _mm512_mask_cmpeq_epi8_mask(in, _mm512_maskz_loadu_epi8(in, p), _mm512_set1_epi8(c));
}

LT_TARGET_AVX512 static inline bool avx512_equal(const char *p, const char *q, size_t n)
{
    if (n > 64)
        return memcmp(p, q, n) == 0;
    __mmask64 in = _bzhi_u64(UINT64_MAX, (uint32_t)n);
    return _mm512_mask_cmpneq_epi8_mask(in, _mm512_maskz_loadu_epi8(in, p),
                                        _mm512_maskz_loadu_epi8(in, q)) == 0;
}

LT_TARGET_AVX512 static inline uint32_t avx512_nth(uint64_t mask, uint64_t k)
{
    return k < 64 ? (uint32_t)_tzcnt_u64(_pdep_u64(UINT64_C(1) << k, mask)) : 64;
}

/* Bytes 4 to 15 of the view are the first 12 of the text, loaded in their place.
 * Without a branch: lengths of short texts are hard to foretell. */
LT_TARGET_AVX512 static inline struct lt_sv avx512_view(const char *p, uint32_t len)
{
    uint32_t outside = ((uint32_t)LT_SV_INLINE_MAX - len) >> 31;
    __mmask16 in = (__mmask16)(_bzhi_u32(0xFFF, len - outside * (len - 4)) << 4);
    __m128i view = _mm_maskz_loadu_epi8(in, (const char *)((uintptr_t)p - 4));
    struct lt_sv sv;
    view = _mm_insert_epi32(view, (int)len, 0);
    view = _mm_mask_set1_epi64(view, (__mmask8)(outside << 1), (int64_t)(uintptr_t)p);
    _mm_storeu_si128((__m128i *)&sv, view);
    return sv;
}

/* The set is a table of 128 bytes in two registers, looked up by the low seven bits. */
LT_TARGET_AVX512 static inline uint64_t avx512_in(const char *p, size_t n,
                                                  const struct text_set *set)
{
    __mmask64 in = _bzhi_u64(UINT64_MAX, (uint32_t)n);
    __m512i bytes = _mm512_maskz_loadu_epi8(in, p);
    __m512i found = _mm512_permutex2var_epi8(_mm512_loadu_si512(set->member), bytes,
                                             _mm512_loadu_si512(set->member + 64));
    return in & _mm512_movepi8_mask(_mm512_andnot_si512(bytes, found));
}

#endif

#endif
