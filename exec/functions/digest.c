/* digest.c -- message digests from their standards: MD5, SHA-1, SHA-2, CRC-32.
 *
 * All but CRC-32 work alike: the message is cut into blocks, the last ones filled
 * with a 1 bit, zeros and the length in bits, and each block is mixed into a state
 * that is the result. They differ in the width of words, their order of bytes and
 * the mixing. The constants of SHA-2 are the first bits of the fractional parts of
 * square and cube roots of primes. */
#include "exec/functions/digest.h"

static uint32_t rotl32(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}
static uint32_t rotr32(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}
static uint64_t rotr64(uint64_t x, unsigned n)
{
    return x >> n | x << (64 - n);
}
static uint32_t get_be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static uint64_t get_be64(const unsigned char *p)
{
    return (uint64_t)get_be32(p) << 32 | get_be32(p + 4);
}
static uint32_t get_le32(const unsigned char *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}
static void put_be32(unsigned char *p, uint32_t x)
{
    for (int i = 0; i < 4; i++)
        p[i] = (unsigned char)(x >> (24 - 8 * i));
}
static void put_be64(unsigned char *p, uint64_t x)
{
    put_be32(p, (uint32_t)(x >> 32));
    put_be32(p + 4, (uint32_t)x);
}
static void put_le32(unsigned char *p, uint32_t x)
{
    for (int i = 0; i < 4; i++)
        p[i] = (unsigned char)(x >> (8 * i));
}

/* Feeds the message and its padding to `mix`, block by block. */
static void each_block(struct lt_str message, size_t block, bool big_endian, void *state,
                       void (*mix)(void *state, const unsigned char *block))
{
    const unsigned char *at = (const unsigned char *)message.data;
    size_t left = message.len, length_size = block / 8;
    unsigned char last[256] = {0};
    uint64_t bits = (uint64_t)message.len * 8;
    size_t size;
    for (; left >= block; left -= block, at += block)
        mix(state, at);
    if (left > 0)
        memcpy(last, at, left);
    last[left] = 0x80;
    size = left + 1 + length_size <= block ? block : 2 * block;
    if (big_endian) {
        put_be64(last + size - 8, bits);
    } else {
        put_le32(last + size - 8, (uint32_t)bits);
        put_le32(last + size - 4, (uint32_t)(bits >> 32));
    }
    for (size_t done = 0; done < size; done += block)
        mix(state, last + done);
}

/* ---- MD5 ------------------------------------------------------------ */

/* floor(2^32 * |sin(i + 1)|), RFC 1321. */
static const uint32_t md5_sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

static void md5_mix(void *state, const unsigned char *block)
{
    static const uint8_t turns[4][4] = {
        {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    uint32_t *s = state, a = s[0], b = s[1], c = s[2], d = s[3];
    for (unsigned i = 0; i < 64; i++) {
        uint32_t f, next;
        unsigned word;
        if (i < 16) {
            f = (b & c) | (~b & d);
            word = i;
        } else if (i < 32) {
            f = (d & b) | (~d & c);
            word = (5 * i + 1) % 16;
        } else if (i < 48) {
            f = b ^ c ^ d;
            word = (3 * i + 5) % 16;
        } else {
            f = c ^ (b | ~d);
            word = (7 * i) % 16;
        }
        next = b + rotl32(a + f + md5_sines[i] + get_le32(block + 4 * word), turns[i / 16][i % 4]);
        a = d;
        d = c;
        c = b;
        b = next;
    }
    s[0] += a;
    s[1] += b;
    s[2] += c;
    s[3] += d;
}

void digest_md5(struct lt_str message, unsigned char out[16])
{
    uint32_t state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    each_block(message, 64, false, state, md5_mix);
    for (int i = 0; i < 4; i++)
        put_le32(out + 4 * i, state[i]);
}

/* ---- SHA-1 ---------------------------------------------------------- */

static void sha1_mix(void *state, const unsigned char *block)
{
    uint32_t *s = state, a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], w[80];
    for (unsigned i = 0; i < 16; i++)
        w[i] = get_be32(block + 4 * i);
    for (unsigned i = 16; i < 80; i++)
        w[i] = rotl32(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (unsigned i = 0; i < 80; i++) {
        uint32_t f, k, next;
        if (i < 20) {
            f = (b & c) | (~b & d);
            k = 0x5a827999;
        } else if (i < 40) {
            f = b ^ c ^ d;
            k = 0x6ed9eba1;
        } else if (i < 60) {
            f = (b & c) | (b & d) | (c & d);
            k = 0x8f1bbcdc;
        } else {
            f = b ^ c ^ d;
            k = 0xca62c1d6;
        }
        next = rotl32(a, 5) + f + e + k + w[i];
        e = d;
        d = c;
        c = rotl32(b, 30);
        b = a;
        a = next;
    }
    s[0] += a;
    s[1] += b;
    s[2] += c;
    s[3] += d;
    s[4] += e;
}

void digest_sha1(struct lt_str message, unsigned char out[20])
{
    uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    each_block(message, 64, true, state, sha1_mix);
    for (int i = 0; i < 5; i++)
        put_be32(out + 4 * i, state[i]);
}

/* ---- SHA-2 ---------------------------------------------------------- */

/* Cube roots of the first 80 primes; SHA-256 uses the high halves of the first 64. */
static const uint64_t sha2_roots[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817};

static void sha256_mix(void *state, const unsigned char *block)
{
    uint32_t *s = state, v[8], w[64];
    memcpy(v, s, sizeof(v));
    for (unsigned i = 0; i < 16; i++)
        w[i] = get_be32(block + 4 * i);
    for (unsigned i = 16; i < 64; i++) {
        uint32_t x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + (rotr32(x, 7) ^ rotr32(x, 18) ^ x >> 3) + w[i - 7] +
               (rotr32(y, 17) ^ rotr32(y, 19) ^ y >> 10);
    }
    for (unsigned i = 0; i < 64; i++) {
        uint32_t t1 = v[7] + (rotr32(v[4], 6) ^ rotr32(v[4], 11) ^ rotr32(v[4], 25)) +
                      ((v[4] & v[5]) ^ (~v[4] & v[6])) + (uint32_t)(sha2_roots[i] >> 32) + w[i];
        uint32_t t2 = (rotr32(v[0], 2) ^ rotr32(v[0], 13) ^ rotr32(v[0], 22)) +
                      ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof(*v));
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (unsigned i = 0; i < 8; i++)
        s[i] += v[i];
}

static void sha512_mix(void *state, const unsigned char *block)
{
    uint64_t *s = state, v[8], w[80];
    memcpy(v, s, sizeof(v));
    for (unsigned i = 0; i < 16; i++)
        w[i] = get_be64(block + 8 * i);
    for (unsigned i = 16; i < 80; i++) {
        uint64_t x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + (rotr64(x, 1) ^ rotr64(x, 8) ^ x >> 7) + w[i - 7] +
               (rotr64(y, 19) ^ rotr64(y, 61) ^ y >> 6);
    }
    for (unsigned i = 0; i < 80; i++) {
        uint64_t t1 = v[7] + (rotr64(v[4], 14) ^ rotr64(v[4], 18) ^ rotr64(v[4], 41)) +
                      ((v[4] & v[5]) ^ (~v[4] & v[6])) + sha2_roots[i] + w[i];
        uint64_t t2 = (rotr64(v[0], 28) ^ rotr64(v[0], 34) ^ rotr64(v[0], 39)) +
                      ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof(*v));
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (unsigned i = 0; i < 8; i++)
        s[i] += v[i];
}

static void sha256_with(struct lt_str message, uint32_t *state, unsigned words, unsigned char *out)
{
    each_block(message, 64, true, state, sha256_mix);
    for (unsigned i = 0; i < words; i++)
        put_be32(out + 4 * i, state[i]);
}

static void sha512_with(struct lt_str message, uint64_t *state, unsigned words, unsigned char *out)
{
    each_block(message, 128, true, state, sha512_mix);
    for (unsigned i = 0; i < words; i++)
        put_be64(out + 8 * i, state[i]);
}

void digest_sha256(struct lt_str message, unsigned char out[32])
{
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    sha256_with(message, state, 8, out);
}

void digest_sha224(struct lt_str message, unsigned char out[28])
{
    uint32_t state[8] = {0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939,
                         0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4};
    sha256_with(message, state, 7, out);
}

void digest_sha512(struct lt_str message, unsigned char out[64])
{
    uint64_t state[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                         0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                         0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
    sha512_with(message, state, 8, out);
}

void digest_sha384(struct lt_str message, unsigned char out[48])
{
    uint64_t state[8] = {0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17,
                         0x152fecd8f70e5939, 0x67332667ffc00b31, 0x8eb44a8768581511,
                         0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4};
    sha512_with(message, state, 6, out);
}

/* ---- CRC-32 --------------------------------------------------------- */

uint32_t digest_crc32(struct lt_str message)
{
    uint32_t crc = UINT32_MAX;
    for (size_t at = 0; at < message.len; at++) {
        crc ^= (unsigned char)message.data[at];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (UINT32_C(0xEDB88320) & (0u - (crc & 1)));
    }
    return ~crc;
}
