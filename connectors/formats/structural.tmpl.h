/* structural.tmpl.h -- the loops of structural.h over the vectors of one instruction set.
 *
 * The includer has defined LEVEL(name), which adds the suffix of its level to a name, and
 *
 *   TARGET           the attribute that lets the compiler use the instructions
 *   VEC, VEC_SIZE    a vector of bytes, and how many it holds: 16, 32 or 64
 *   splat load or and xor minus (saturating) shr4 table any    of such vectors
 *   prev(v, last, n) v moved up by n bytes, the last bytes of `last` coming in below
 *   BLOCK            64 bytes: block_load, block_high (is any above 0x7f?)
 *   find(block, a, b, controls)    a bit for each byte that is a, b, or below 0x20
 *   prefix_xor(bits) bit i = the parity of bits 0..i
 *   put(out, base, bits)           base + i for each bit i that is set; returns how many */

/* ---- the index ---------------------------------------------------------- */

struct LEVEL(pass) {
    VEC always[2], outside[2];
    uint64_t inside; /* all ones when a quote is open at the start of the block */
    bool high;
};

TARGET LT_ALWAYS_INLINE uint64_t LEVEL(hits)(struct LEVEL(pass) * pass, BLOCK block, bool controls,
                                             bool quoting)
{
    uint64_t bits = LEVEL(find)(block, pass->always[0], pass->always[1], controls);
    if (quoting) {
        uint64_t quotes = LEVEL(find)(block, pass->always[0], pass->always[0], false);
        uint64_t inside = LEVEL(prefix_xor)(quotes) ^ pass->inside;
        pass->inside = (uint64_t)((int64_t)inside >> 63);
        bits |= LEVEL(find)(block, pass->outside[0], pass->outside[1], false) & ~inside;
    }
    pass->high |= LEVEL(block_high)(block);
    return bits;
}

TARGET LT_ALWAYS_INLINE uint32_t LEVEL(index_as)(struct LEVEL(pass) * pass, const char *data,
                                                 uint32_t size, uint16_t *out, bool controls,
                                                 bool quoting)
{
    uint32_t n = 0, at = 0;
    for (; at + 64 <= size; at += 64)
        n += LEVEL(put)(out + n, at,
                        LEVEL(hits)(pass, LEVEL(block_load)(data + at), controls, quoting));
    if (at < size) {
        char rest[64] = {0};
        memcpy(rest, data + at, size - at);
        uint64_t real = (UINT64_C(1) << (size - at)) - 1;
        n += LEVEL(put)(out + n, at,
                        LEVEL(hits)(pass, LEVEL(block_load)(rest), controls, quoting) & real);
    }
    return n;
}

TARGET static uint32_t LEVEL(index)(const struct lt_structural_set *set, const char *data,
                                    uint32_t size, uint16_t *out, bool *ascii)
{
    struct LEVEL(pass) pass = {
        .always = {LEVEL(splat)(set->always[0]), LEVEL(splat)(set->always[1])},
        .outside = {LEVEL(splat)(set->outside[0]), LEVEL(splat)(set->outside[1])},
    };
    uint32_t n;
    LT_ASSERT(size <= LT_STRUCTURAL_SIZE_MAX);
    if (set->quoting)
        n = set->controls ? LEVEL(index_as)(&pass, data, size, out, true, true)
                          : LEVEL(index_as)(&pass, data, size, out, false, true);
    else
        n = set->controls ? LEVEL(index_as)(&pass, data, size, out, true, false)
                          : LEVEL(index_as)(&pass, data, size, out, false, false);
    *ascii = !pass.high;
    return n;
}

/* ---- UTF-8 -------------------------------------------------------------- */

/* After Keiser and Lemire (Software: Practice and Experience, 2021): what is wrong with two
 * bytes next to each other can be told from three of their nibbles. Each table gives the
 * faults that its nibble leaves possible, and a fault that all three leave is one. */
enum {
    SHORT = 1,       /* a leading byte, then no continuation */
    LONG = 2,        /* ASCII, then a continuation */
    OVERLONG_3 = 4,  /* E0 80..9F */
    SURROGATE = 16,  /* ED A0..BF */
    OVERLONG_2 = 32, /* C0, C1 */
    LARGE = 8,       /* F4 90..BF, F5.. */
    LARGE_1000 = 64, /* F5.. 80..8F; and F0 80..8F, which is overlong */
    TWO_CONTS = 128, /* two continuations: good only after a byte that asked for both */
    CARRY = SHORT | LONG | TWO_CONTS,
};
static const uint8_t LEVEL(first_high)[16] = {
    [0x0 ... 0x7] = LONG,
    [0x8 ... 0xB] = TWO_CONTS,
    [0xC] = SHORT | OVERLONG_2,
    [0xD] = SHORT,
    [0xE] = SHORT | OVERLONG_3 | SURROGATE,
    [0xF] = SHORT | LARGE | LARGE_1000,
};
static const uint8_t LEVEL(first_low)[16] = {
    [0x0] = CARRY | OVERLONG_3 | OVERLONG_2 | LARGE_1000,
    [0x1] = CARRY | OVERLONG_2,
    [0x2 ... 0x3] = CARRY,
    [0x4] = CARRY | LARGE,
    [0x5 ... 0xC] = CARRY | LARGE | LARGE_1000,
    [0xD] = CARRY | LARGE | LARGE_1000 | SURROGATE,
    [0xE ... 0xF] = CARRY | LARGE | LARGE_1000,
};
static const uint8_t LEVEL(second_high)[16] = {
    [0x0 ... 0x7] = SHORT,
    [0x8] = LONG | OVERLONG_2 | TWO_CONTS | OVERLONG_3 | LARGE_1000,
    [0x9] = LONG | OVERLONG_2 | TWO_CONTS | OVERLONG_3 | LARGE,
    [0xA ... 0xB] = LONG | OVERLONG_2 | TWO_CONTS | SURROGATE | LARGE,
    [0xC ... 0xF] = SHORT,
};

/* The faults of v, whose bytes follow those of `last`. */
TARGET static inline VEC LEVEL(utf8_faults)(VEC v, VEC last)
{
    VEC low = LEVEL(splat)(0x0F);
    VEC one = LEVEL(prev)(v, last, 1);
    VEC faults = LEVEL(and)(LEVEL(table)(LEVEL(first_high), LEVEL(shr4)(one)),
                            LEVEL(table)(LEVEL(first_low), LEVEL(and)(one, low)));
    faults = LEVEL(and)(faults, LEVEL(table)(LEVEL(second_high), LEVEL(shr4)(v)));
    /* The top bit says here: this must be the third byte of three or four, or the fourth. */
    VEC third = LEVEL(minus)(LEVEL(prev)(v, last, 2), LEVEL(splat)(0xE0 - 0x80));
    VEC fourth = LEVEL(minus)(LEVEL(prev)(v, last, 3), LEVEL(splat)(0xF0 - 0x80));
    VEC must = LEVEL(and)(LEVEL(or)(third, fourth), LEVEL(splat)(0x80));
    return LEVEL(xor)(must, faults);
}

TARGET static bool LEVEL(utf8)(const char *data, size_t size)
{
    VEC zero = LEVEL(splat)(0), last = zero, faults = zero, high = LEVEL(splat)(0x80);
    bool open = false; /* `last` was not all ASCII, so it may be unfinished */
    size_t at = 0;
    for (; at + VEC_SIZE <= size; at += VEC_SIZE) {
        VEC v = LEVEL(load)(data + at);
        bool more = LEVEL(any)(LEVEL(and)(v, high));
        if (more || open)
            faults = LEVEL(or)(faults, LEVEL(utf8_faults)(v, last));
        last = v;
        open = more;
    }
    /* What is left, with at least one zero behind it: a sequence may not end there. */
    char rest[VEC_SIZE] = {0};
    memcpy(rest, data + at, size - at);
    faults = LEVEL(or)(faults, LEVEL(utf8_faults)(LEVEL(load)(rest), last));
    return !LEVEL(any)(faults);
}
