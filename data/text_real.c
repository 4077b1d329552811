/* text_real.c -- the double or float nearest to digits * 10^exponent.
 *
 * After Lemire, "Number parsing at a gigabyte per second" (2021): multiply the digits by an
 * approximate power of five and look whether the bits below the result settle the rounding.
 * Where they do not (a tie, or too close to one) the answer is "cannot tell", and the caller
 * computes it exactly; so a small table will do:
 *
 *    10^q = 5^27c * 5^f * 2^q     c = -13..11: 128 bits of it, cut off     f = 0..26: exact
 *
 * digits * 5^f is exact in 128 bits. Its product with the cut-off power is a little too small:
 * by less than 2 in the last of its upper 128 bits, by less than 4 when they are moved up. */
#include "data/value.h"

typedef unsigned __int128 u128;

enum { STEP = 27, COARSE_MIN = -13, COARSE_MAX = 11 };

/* 5^27c = (high * 2^64 + low) * 2^exponent, high's top bit set, the rest cut off. */
static const struct coarse {
    uint64_t high, low;
    int exponent;
} coarse_powers[COARSE_MAX - COARSE_MIN + 1] = {
    {UINT64_C(0x8049A4AC0C5811AE), UINT64_C(0x205B896D777D6278), -942},
    {UINT64_C(0xCF42894A5DCE35EA), UINT64_C(0x52064CAC828675B9), -880},
    {UINT64_C(0xA76C582338ED2621), UINT64_C(0xAF2AF2B80AF6F24E), -817},
    {UINT64_C(0x873E4F75E2224E68), UINT64_C(0x5A7744A6E804A291), -754},
    {UINT64_C(0xDA7F5BF590966848), UINT64_C(0xAF39A475506A899E), -692},
    {UINT64_C(0xB080392CC4349DEC), UINT64_C(0xBD8D794D96AACFB3), -629},
    {UINT64_C(0x8E938662882AF53E), UINT64_C(0x547EB47B7282EE9C), -566},
    {UINT64_C(0xE65829B3046B0AFA), UINT64_C(0x0CB4A5A3112A5112), -504},
    {UINT64_C(0xBA121A4650E4DDEB), UINT64_C(0x92F34D62616CE413), -441},
    {UINT64_C(0x964E858C91BA2655), UINT64_C(0x3A6A07F8D510F86F), -378},
    {UINT64_C(0xF2D56790AB41C2A2), UINT64_C(0xFAE27299423FB9C3), -316},
    {UINT64_C(0xC428D05AA4751E4C), UINT64_C(0xAA97E14C3C26B886), -253},
    {UINT64_C(0x9E74D1B791E07E48), UINT64_C(0x775EA264CF55347D), -190},
    {UINT64_C(0x8000000000000000), UINT64_C(0x0000000000000000), -127},
    {UINT64_C(0xCECB8F27F4200F3A), UINT64_C(0x0000000000000000), -65},
    {UINT64_C(0xA70C3C40A64E6C51), UINT64_C(0x999090B65F67D924), -2},
    {UINT64_C(0x86F0AC99B4E8DAFD), UINT64_C(0x69A028BB3DED71A3), 61},
    {UINT64_C(0xDA01EE641A708DE9), UINT64_C(0xE80E6F4820CC9495), 123},
    {UINT64_C(0xB01AE745B101E9E4), UINT64_C(0x5EC05DCFF72E7F8F), 186},
    {UINT64_C(0x8E41ADE9FBEBC27D), UINT64_C(0x14588F13BE847307), 249},
    {UINT64_C(0xE5D3EF282A242E81), UINT64_C(0x8F1668C8A86DA5FA), 311},
    {UINT64_C(0xB9A74A0637CE2EE1), UINT64_C(0x6D953E2BD7173692), 374},
    {UINT64_C(0x95F83D0A1FB69CD9), UINT64_C(0x4ABDAF101564F98E), 437},
    {UINT64_C(0xF24A01A73CF2DCCF), UINT64_C(0xBC633B39673C8CEC), 499},
    {UINT64_C(0xC3B8358109E84F07), UINT64_C(0x0A862F80EC4700C8), 562},
};

static uint64_t fine_power(unsigned f)
{
    static const uint64_t powers[STEP] = {
        UINT64_C(1),
        UINT64_C(5),
        UINT64_C(25),
        UINT64_C(125),
        UINT64_C(625),
        UINT64_C(3125),
        UINT64_C(15625),
        UINT64_C(78125),
        UINT64_C(390625),
        UINT64_C(1953125),
        UINT64_C(9765625),
        UINT64_C(48828125),
        UINT64_C(244140625),
        UINT64_C(1220703125),
        UINT64_C(6103515625),
        UINT64_C(30517578125),
        UINT64_C(152587890625),
        UINT64_C(762939453125),
        UINT64_C(3814697265625),
        UINT64_C(19073486328125),
        UINT64_C(95367431640625),
        UINT64_C(476837158203125),
        UINT64_C(2384185791015625),
        UINT64_C(11920928955078125),
        UINT64_C(59604644775390625),
        UINT64_C(298023223876953125),
        UINT64_C(1490116119384765625),
    };
    return powers[f];
}

static unsigned leading_zeros(u128 value)
{
    uint64_t high = (uint64_t)(value >> 64);
    return (unsigned)(high ? __builtin_clzll(high) : 64 + __builtin_clzll((uint64_t)value));
}

/* The upper 128 bits of the product. */
static u128 multiply_high(u128 a, const struct coarse *b)
{
    uint64_t ah = (uint64_t)(a >> 64), al = (uint64_t)a;
    u128 high = (u128)ah * b->high, left = (u128)ah * b->low, right = (u128)al * b->high;
    u128 low = ((u128)al * b->low >> 64) + (uint64_t)left + (uint64_t)right;
    return high + (left >> 64) + (right >> 64) + (low >> 64);
}

bool lt_real_of_decimal(uint64_t digits, int exponent, unsigned bits, double *out)
{
    if (digits == 0 || exponent < COARSE_MIN * STEP || exponent >= (COARSE_MAX + 1) * STEP)
        return false;
    int c = exponent / STEP, f = exponent % STEP;
    if (f < 0) {
        f += STEP;
        c--;
    }
    /* value = product * 2^power, and up to `slack` more in the last bit of the product. */
    u128 product = (u128)digits * fine_power((unsigned)f);
    int power = exponent;
    unsigned shift = leading_zeros(product), slack = 0;
    product <<= shift;
    power -= (int)shift;
    if (c != 0) {
        const struct coarse *coarse = &coarse_powers[c - COARSE_MIN];
        product = multiply_high(product, coarse);
        power += 128 + coarse->exponent;
        slack = 2;
        if (!(product >> 127)) {
            product <<= 1;
            power--;
            slack = 4;
        }
    }
    u128 half = (u128)1 << (127 - bits), rest = product & (2 * half - 1);
    uint64_t kept = (uint64_t)(product >> (128 - bits));
    if (slack && rest <= half && half - rest < slack)
        return false;
    bool up = rest > half || (rest == half && (kept & 1));
    int top = power + 127; /* the weight of the leading bit */
    int top_max = bits == 53 ? 1023 : 127, top_min = bits == 53 ? -1022 : -126;
    if (top < top_min || top >= top_max)
        return false;                               /* subnormal, or it may round to infinity */
    uint64_t mantissa = (kept + up) << (53 - bits); /* a carry out raises the exponent */
    uint64_t image = ((uint64_t)(top + 1023) << 52) + (mantissa - (UINT64_C(1) << 52));
    memcpy(out, &image, sizeof(*out));
    return true;
}
