/* structural_avx2.c -- structural.h on vectors of 32 bytes (x86 since Haswell and Zen). */
#include "connectors/formats/structural.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx2,bmi,bmi2,popcnt,pclmul")))
#define LEVEL(name) avx2_##name
#define VEC __m256i
#define VEC_SIZE 32
#define BLOCK struct avx2_block

struct avx2_block {
    VEC low, high;
};

TARGET static inline VEC avx2_splat(unsigned char c)
{
    return _mm256_set1_epi8((char)c);
}
TARGET static inline VEC avx2_load(const char *at)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}
TARGET static inline VEC avx2_or(VEC a, VEC b)
{
    return _mm256_or_si256(a, b);
}
TARGET static inline VEC avx2_and(VEC a, VEC b)
{
    return _mm256_and_si256(a, b);
}
TARGET static inline VEC avx2_xor(VEC a, VEC b)
{
    return _mm256_xor_si256(a, b);
}
TARGET static inline VEC avx2_minus(VEC a, VEC b)
{
    return _mm256_subs_epu8(a, b);
}
TARGET static inline VEC avx2_shr4(VEC a)
{
    return _mm256_and_si256(_mm256_srli_epi16(a, 4), _mm256_set1_epi8(0x0F));
}
TARGET static inline VEC avx2_table(const uint8_t *table, VEC nibbles)
{
    __m128i lane = _mm_loadu_si128((const __m128i *)(const void *)table);
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(lane), nibbles);
}
TARGET static inline bool avx2_any(VEC a)
{
    return !_mm256_testz_si256(a, a);
}
#define avx2_prev(v, last, n) \
    _mm256_alignr_epi8((v), _mm256_permute2x128_si256((last), (v), 0x21), 16 - (n))

TARGET static inline BLOCK avx2_block_load(const char *at)
{
    return (BLOCK){avx2_load(at), avx2_load(at + 32)};
}
TARGET static inline uint64_t avx2_bits(VEC low, VEC high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high)
                                                     << 32;
}
TARGET static inline bool avx2_block_high(BLOCK block)
{
    return _mm256_movemask_epi8(avx2_or(block.low, block.high)) != 0;
}
TARGET static inline VEC avx2_hit(VEC v, VEC a, VEC b, bool controls)
{
    VEC hit = avx2_or(_mm256_cmpeq_epi8(v, a), _mm256_cmpeq_epi8(v, b));
    VEC top = avx2_splat(0x1F);
    return controls ? avx2_or(hit, _mm256_cmpeq_epi8(_mm256_max_epu8(v, top), top)) : hit;
}
TARGET static inline uint64_t avx2_find(BLOCK block, VEC a, VEC b, bool controls)
{
    return avx2_bits(avx2_hit(block.low, a, b, controls), avx2_hit(block.high, a, b, controls));
}
TARGET static inline uint64_t avx2_prefix_xor(uint64_t bits)
{
    __m128i ones = _mm_set1_epi8((char)0xFF);
    return (uint64_t)_mm_cvtsi128_si64(
        _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)bits), ones, 0));
}

/* Eight at a time without asking how many there are: most blocks have fewer. */
TARGET static inline uint32_t avx2_put(uint16_t *out, uint32_t base, uint64_t bits)
{
    uint32_t n = (uint32_t)_mm_popcnt_u64(bits);
    for (uint32_t i = 0; i < n; i += 8)
        for (uint32_t j = 0; j < 8; j++) {
            out[i + j] = (uint16_t)(base + (uint32_t)_tzcnt_u64(bits));
            bits = _blsr_u64(bits);
        }
    return n;
}

#include "connectors/formats/structural.tmpl.h"

static bool avx2_usable(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
           __builtin_cpu_supports("pclmul");
}

const struct lt_structural lt_structural_avx2 = {
    .name = "avx2",
    .usable = avx2_usable,
    .index = avx2_index,
    .utf8 = avx2_utf8,
};
#else
extern const char lt_structural_avx2_none; /* no empty unit */
#endif
