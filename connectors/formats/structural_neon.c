/* structural_neon.c -- structural.h on vectors of 16 bytes (every 64-bit ARM). */
#include "connectors/formats/structural.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#include <string.h>

#define TARGET
#define LEVEL(name) neon_##name
#define VEC uint8x16_t
#define VEC_SIZE 16
#define BLOCK uint8x16x4_t

static inline VEC neon_splat(unsigned char c)
{
    return vdupq_n_u8(c);
}
static inline VEC neon_load(const char *at)
{
    return vld1q_u8((const uint8_t *)at);
}
static inline VEC neon_or(VEC a, VEC b)
{
    return vorrq_u8(a, b);
}
static inline VEC neon_and(VEC a, VEC b)
{
    return vandq_u8(a, b);
}
static inline VEC neon_xor(VEC a, VEC b)
{
    return veorq_u8(a, b);
}
static inline VEC neon_minus(VEC a, VEC b)
{
    return vqsubq_u8(a, b);
}
static inline VEC neon_shr4(VEC a)
{
    return vshrq_n_u8(a, 4);
}
static inline VEC neon_table(const uint8_t *table, VEC nibbles)
{
    return vqtbl1q_u8(vld1q_u8(table), nibbles);
}
static inline bool neon_any(VEC a)
{
    return vmaxvq_u8(a) != 0;
}
#define neon_prev(v, last, n) vextq_u8((last), (v), 16 - (n))

static inline BLOCK neon_block_load(const char *at)
{
    return (BLOCK){{neon_load(at), neon_load(at + 16), neon_load(at + 32), neon_load(at + 48)}};
}
static inline bool neon_block_high(BLOCK block)
{
    VEC any = vorrq_u8(vorrq_u8(block.val[0], block.val[1]), vorrq_u8(block.val[2], block.val[3]));
    return vmaxvq_u8(any) >= 0x80;
}
static inline VEC neon_hit(VEC v, VEC a, VEC b, bool controls)
{
    VEC hit = vorrq_u8(vceqq_u8(v, a), vceqq_u8(v, b));
    return controls ? vorrq_u8(hit, vcltq_u8(v, vdupq_n_u8(0x20))) : hit;
}
/* Lanes of all ones become one bit each: every lane keeps the bit of its place, and pairs
 * are added until the 64 bits stand side by side. */
static inline uint64_t neon_find(BLOCK block, VEC a, VEC b, bool controls)
{
    static const uint8_t places[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    VEC place = vld1q_u8(places);
    VEC one = vandq_u8(neon_hit(block.val[0], a, b, controls), place);
    VEC two = vandq_u8(neon_hit(block.val[1], a, b, controls), place);
    VEC three = vandq_u8(neon_hit(block.val[2], a, b, controls), place);
    VEC four = vandq_u8(neon_hit(block.val[3], a, b, controls), place);
    VEC sum = vpaddq_u8(vpaddq_u8(one, two), vpaddq_u8(three, four));
    sum = vpaddq_u8(sum, sum);
    return vgetq_lane_u64(vreinterpretq_u64_u8(sum), 0);
}
static inline uint64_t neon_prefix_xor(uint64_t bits)
{
    for (unsigned by = 1; by < 64; by *= 2)
        bits ^= bits << by;
    return bits;
}
static inline uint32_t neon_put(uint16_t *out, uint32_t base, uint64_t bits)
{
    uint32_t n = (uint32_t)__builtin_popcountll(bits);
    for (uint32_t i = 0; i < n; i += 4)
        for (uint32_t j = 0; j < 4; j++) {
            /* Past the last bit anything may be written, but zero has no lowest bit. */
            out[i + j] = (uint16_t)(base + (uint32_t)__builtin_ctzll(bits | UINT64_C(1) << 63));
            bits &= bits - 1;
        }
    return n;
}

#include "connectors/formats/structural.tmpl.h"

static bool neon_usable(void)
{
    return true;
}

const struct lt_structural lt_structural_neon = {
    .name = "neon",
    .usable = neon_usable,
    .index = neon_index,
    .utf8 = neon_utf8,
};
#else
extern const char lt_structural_neon_none; /* no empty unit */
#endif
