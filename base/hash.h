/* hash.h -- hashing: xxh3 where the value is kept or shared, a multiply-mix inside tables. */
#ifndef LT_BASE_HASH_H
#define LT_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t lt_hash_bytes(const void *data, size_t len, uint64_t seed); /* XXH3_64bits_withSeed */

/* A bijection of 64 bits with good high and low bits (murmur3's finalizer family). */
static inline uint64_t lt_hash_mix(uint64_t x)
{
    x ^= x >> 32;
    x *= UINT64_C(0xe9846af9b1a615d);
    x ^= x >> 32;
    x *= UINT64_C(0xe9846af9b1a615d);
    x ^= x >> 28;
    return x;
}
static inline uint64_t lt_hash_combine(uint64_t seed, uint64_t value)
{
    return lt_hash_mix(seed ^ (value + UINT64_C(0x9e3779b97f4a7c15) + (seed << 6) + (seed >> 2)));
}

#endif
