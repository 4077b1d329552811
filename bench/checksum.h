/* checksum.h -- a sum over rows that does not depend on their order.
 *
 *   row   h = sum over columns c of K[c] * value(c)      (modulo 2^64)
 *   table   sum over rows of weight * mix(h)
 *
 * The value of a number is itself, of a DECIMAL low + high * K, of a text a hash of all
 * its bytes, of a NULL a constant. A value read in one way (columns at a time, with
 * whatever the processor has) and in the other (one by one) counts the same. */
#ifndef LEAT_BENCH_CHECKSUM_H
#define LEAT_BENCH_CHECKSUM_H

#include <stdint.h>
#include <string.h>

#include "leat.h"

#define CHECKSUM_NULL UINT64_C(0x9ae16a3b2f90404f)

static inline uint64_t checksum_splitmix(uint64_t i)
{
    uint64_t z = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}
static inline uint64_t checksum_key(uint32_t column)
{
    return checksum_splitmix(column) | 1;
}
static inline uint64_t checksum_mix(uint64_t h)
{
    h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return h ^ h >> 32;
}
static inline uint64_t checksum_wide(uint64_t low, uint64_t high)
{
    return low + high * UINT64_C(0xa0761d6478bd642f);
}

/* What a batch adds to the sum. */
uint64_t checksum_batch(const leat_batch *batch);
/* A text's hash; the portable way, and whatever the processor has. */
uint64_t checksum_text(const char *data, uint32_t len);
/* True when both ways agree on texts of every length up to 300. */
int checksum_self_test(void);

/* A row put together value by value: begin, a value per column, end. */
struct checksum_row {
    uint64_t h;
    uint32_t column;
};
static inline void checksum_value(struct checksum_row *row, uint64_t value)
{
    row->h += checksum_key(row->column++) * value;
}
static inline void checksum_string(struct checksum_row *row, const char *data, size_t len)
{
    checksum_value(row, checksum_text(data, (uint32_t)len));
}
static inline uint64_t checksum_end(const struct checksum_row *row)
{
    return checksum_mix(row->h);
}

#endif
