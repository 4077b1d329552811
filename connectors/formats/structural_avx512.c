/* structural_avx512.c -- structural.h on vectors of 64 bytes (AVX-512 of Ice Lake, Zen 4
 * and later: an index costs one compression of the numbers 0..63 for 64 bytes). */
#include "connectors/formats/structural.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vbmi2,bmi,bmi2,popcnt,pclmul")))
#define LEVEL(name) avx512_##name
#define VEC __m512i
#define VEC_SIZE 64
#define BLOCK __m512i

TARGET static inline VEC avx512_splat(unsigned char c)
{
    return _mm512_set1_epi8((char)c);
}
TARGET static inline VEC avx512_load(const char *at)
{
    return _mm512_loadu_si512(at);
}
TARGET static inline VEC avx512_or(VEC a, VEC b)
{
    return _mm512_or_si512(a, b);
}
TARGET static inline VEC avx512_and(VEC a, VEC b)
{
    return _mm512_and_si512(a, b);
}
TARGET static inline VEC avx512_xor(VEC a, VEC b)
{
    return _mm512_xor_si512(a, b);
}
TARGET static inline VEC avx512_minus(VEC a, VEC b)
{
    return _mm512_subs_epu8(a, b);
}
TARGET static inline VEC avx512_shr4(VEC a)
{
    return _mm512_and_si512(_mm512_srli_epi16(a, 4), _mm512_set1_epi8(0x0F));
}
TARGET static inline VEC avx512_table(const uint8_t *table, VEC nibbles)
{
    __m128i lane = _mm_loadu_si128((const __m128i *)(const void *)table);
    return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(lane), nibbles);
}
TARGET static inline bool avx512_any(VEC a)
{
    return _mm512_test_epi8_mask(a, a) != 0;
}
#define avx512_prev(v, last, n) \
    _mm512_alignr_epi8((v), _mm512_alignr_epi64((v), (last), 6), 16 - (n))

TARGET static inline BLOCK avx512_block_load(const char *at)
{
    return avx512_load(at);
}
TARGET static inline bool avx512_block_high(BLOCK block)
{
    return _mm512_movepi8_mask(block) != 0;
}
TARGET static inline uint64_t avx512_find(BLOCK block, VEC a, VEC b, bool controls)
{
    uint64_t bits = _mm512_cmpeq_epi8_mask(block, a) | _mm512_cmpeq_epi8_mask(block, b);
    if (controls)
        bits |= _mm512_cmplt_epu8_mask(block, avx512_splat(0x20));
    return bits;
}
TARGET static inline uint64_t avx512_prefix_xor(uint64_t bits)
{
    __m128i ones = _mm_set1_epi8((char)0xFF);
    return (uint64_t)_mm_cvtsi128_si64(
        _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)bits), ones, 0));
}

TARGET static inline uint32_t avx512_put(uint16_t *out, uint32_t base, uint64_t bits)
{
    const __m512i numbers = _mm512_set_epi64(
        0x3f3e3d3c3b3a3938, 0x3736353433323130, 0x2f2e2d2c2b2a2928, 0x2726252423222120,
        0x1f1e1d1c1b1a1918, 0x1716151413121110, 0x0f0e0d0c0b0a0908, 0x0706050403020100);
    uint32_t n = (uint32_t)_mm_popcnt_u64(bits);
    __m512i places = _mm512_maskz_compress_epi8(bits, numbers);
    __m512i from = _mm512_set1_epi16((short)base);
    __m512i low = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(places));
    _mm512_storeu_si512(out, _mm512_add_epi16(low, from));
    if (n > 32) {
        __m512i high = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(places, 1));
        _mm512_storeu_si512(out + 32, _mm512_add_epi16(high, from));
    }
    return n;
}

#include "connectors/formats/structural.tmpl.h"

static bool avx512_usable(void)
{
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("pclmul");
}

const struct lt_structural lt_structural_avx512 = {
    .name = "avx512",
    .usable = avx512_usable,
    .index = avx512_index,
    .utf8 = avx512_utf8,
};
#else
extern const char lt_structural_avx512_none; /* no empty unit */
#endif
