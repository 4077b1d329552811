/* structural.c -- the index and UTF-8 without vectors, and the choice of a level. */
#include "connectors/formats/structural.h"

#include "connectors/formats/text.h"

extern const struct lt_structural lt_structural_avx512, lt_structural_avx2, lt_structural_neon;

/* ---- portable: eight bytes in a word ------------------------------------- */

/* The top bit of each byte of `word` that is zero; exact, unlike lt_swar_zero. */
static inline uint64_t zero_bytes(uint64_t word)
{
    const uint64_t low = lt_swar_splat(0x7F);
    return ~(((word & low) + low) | word | low);
}

/* The top bits of eight bytes as eight bits. */
static inline uint64_t top_bits(uint64_t word)
{
    return (word >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

static bool portable_usable(void)
{
    return true;
}

static uint32_t portable_index(const struct lt_structural_set *set, const char *data, uint32_t size,
                               uint16_t *out, bool *ascii)
{
    uint64_t a0 = lt_swar_splat(set->always[0]), a1 = lt_swar_splat(set->always[1]);
    uint64_t o0 = lt_swar_splat(set->outside[0]), o1 = lt_swar_splat(set->outside[1]);
    uint64_t high = 0, inside = 0; /* all ones inside quotes */
    uint32_t n = 0;
    LT_ASSERT(size <= LT_STRUCTURAL_SIZE_MAX);
    for (uint32_t at = 0; at < size; at += 8) {
        char rest[8] = {0};
        uint32_t left = size - at;
        const char *from = data + at;
        if (left < 8)
            from = memcpy(rest, from, left);
        uint64_t word = lt_swar_load(from), quotes = zero_bytes(word ^ a0);
        uint64_t hits = quotes | zero_bytes(word ^ a1);
        if (set->controls)
            hits |= zero_bytes(word & lt_swar_splat(0xE0));
        high |= word;
        if (set->quoting) {
            uint64_t parity = top_bits(quotes);
            parity ^= parity << 1;
            parity ^= parity << 2;
            parity = (parity ^ parity << 4 ^ inside) & 0xFF;
            inside = parity >> 7 ? UINT64_MAX : 0;
            uint64_t hidden = (zero_bytes(word ^ o0) | zero_bytes(word ^ o1));
            hits = top_bits(hits) | (top_bits(hidden) & ~parity);
        } else if (hits) {
            hits = top_bits(hits);
        }
        if (left < 8)
            hits &= (UINT64_C(1) << left) - 1;
        for (; hits; hits &= hits - 1)
            out[n++] = (uint16_t)(at + (uint32_t)__builtin_ctzll(hits));
    }
    *ascii = (high & lt_swar_splat(0x80)) == 0;
    return n;
}

static bool portable_utf8(const char *data, size_t size)
{
    return lt_utf8_valid((struct lt_str){data, size});
}

static const struct lt_structural portable = {
    .name = "portable",
    .usable = portable_usable,
    .index = portable_index,
    .utf8 = portable_utf8,
};

/* ---- levels ------------------------------------------------------------- */

const struct lt_structural *const lt_structural_levels[] = {
#if defined(__x86_64__)
    &lt_structural_avx512,
    &lt_structural_avx2,
#elif defined(__aarch64__)
    &lt_structural_neon,
#endif
    &portable,
    NULL,
};

const struct lt_structural *lt_structural_best(void)
{
    unsigned level = 0;
    while (!lt_structural_levels[level]->usable())
        level++;
    return lt_structural_levels[level];
}
