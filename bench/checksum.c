/* checksum.c -- reads every value of a batch, a column at a time.
 *
 * A text of up to 12 bytes is its view's two words. A longer one is read in steps of 64
 * bytes, the last filled up with zeros, in eight lanes of 64 bits (as xxh3 does, but
 * simpler): lane += x + low32(x ^ key) * high32(x ^ key), where the key depends on lane
 * and step; then the lanes are multiplied and added. With AVX-512 a step is one masked
 * load and four instructions. A dictionary's texts are read once for all rows. */
#include "bench/checksum.h"

#include <stdlib.h>

#include "bench/bench.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define HAVE_AVX512 1
#define WIDE __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,bmi2")))
#else
#define HAVE_AVX512 0
#endif

#if defined(__x86_64__) && defined(__GLIBC__) && defined(NDEBUG) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define KERNEL __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define KERNEL
#endif

enum { ROWS_MAX = 65536, LANES = 8, STEP = 64 };

static const uint64_t lane_keys[LANES] = {
    UINT64_C(0x1cad21f72c81017c), UINT64_C(0xdb979083e96dd4de), UINT64_C(0x1f67b3b7a4a44072),
    UINT64_C(0x78e5c0cc4ee679cb), UINT64_C(0x2172ffcc7dd05a82), UINT64_C(0x8e2443f7744608b8),
    UINT64_C(0x4c263a81e69035e0), UINT64_C(0xcb00c391bb52283c)};
static const uint64_t step_key = UINT64_C(0xe7037ed1a0b428db);

/* ---- texts ------------------------------------------------------------------ */

static inline uint64_t short_text(uint64_t head, uint64_t rest)
{
    uint64_t h = (head + lane_keys[0]) * UINT64_C(0x9fb21c651e98df25);
    h ^= h >> 32;
    h = (h + rest + lane_keys[1]) * UINT64_C(0x8ebc6af09c88c6e3);
    return h ^ h >> 29;
}

static inline uint64_t long_text_end(uint64_t lanes, uint32_t len)
{
    uint64_t h = (lanes + len) * UINT64_C(0x9fb21c651e98df25);
    return h ^ h >> 29;
}

static uint64_t long_text(const char *data, uint32_t len)
{
    uint64_t lane[LANES] = {0}, x[LANES], sum = 0;
    uint64_t key = 0;
    for (uint32_t at = 0; at < len; at += STEP, key += step_key) {
        memset(x, 0, sizeof(x));
        memcpy(x, data + at, len - at < STEP ? len - at : STEP);
        for (int i = 0; i < LANES; i++) {
            uint64_t y = x[i] ^ (lane_keys[i] + key);
            lane[i] += x[i] + (y & 0xffffffff) * (y >> 32);
        }
    }
    for (int i = 0; i < LANES; i++)
        sum += (lane[i] ^ lane[i] >> 29) * (lane_keys[LANES - 1 - i] | 1);
    return long_text_end(sum, len);
}

static inline uint64_t text_of(const leat_string *text)
{
    uint64_t words[2];
    if (text->len > 12)
        return long_text(text->u.ptr, text->len);
    memcpy(words, text, sizeof(words));
    return short_text(words[0], words[1]);
}

uint64_t checksum_text(const char *data, uint32_t len)
{
    leat_string text = {.len = len};
    if (len > 12)
        return long_text(data, len);
    memcpy((char *)&text + offsetof(leat_string, prefix), data, len);
    return text_of(&text);
}

#if HAVE_AVX512
/* The first bytes of a step: all 64, or as many as are left. */
WIDE static inline __mmask64 bytes_of(uint32_t left)
{
    return _bzhi_u64(~UINT64_C(0), left < STEP ? left : STEP);
}

WIDE static inline __m512i step_wide(__m512i lanes, __m512i keys, __m512i x, __mmask8 on)
{
    __m512i y = _mm512_xor_si512(x, keys);
    lanes = _mm512_add_epi64(lanes, x);
    return _mm512_add_epi64(lanes, _mm512_maskz_mul_epu32(on, y, _mm512_srli_epi64(y, 32)));
}

/* Two steps without a branch, as most texts that are not short have one or two and which
 * cannot be foretold; a masked load of nothing touches nothing. */
WIDE static inline uint64_t long_text_wide(const char *data, uint32_t len)
{
    __m512i keys = _mm512_loadu_si512(lane_keys), step = _mm512_set1_epi64((long long)step_key);
    __m512i last = _mm512_permutexvar_epi64(_mm512_set_epi64(0, 1, 2, 3, 4, 5, 6, 7), keys);
    uint32_t second = len > STEP ? len - STEP : 0;
    __m512i lanes = step_wide(_mm512_setzero_si512(), keys,
                              _mm512_maskz_loadu_epi8(bytes_of(len), data), 0xff);
    keys = _mm512_add_epi64(keys, step);
    lanes = step_wide(lanes, keys, _mm512_maskz_loadu_epi8(bytes_of(second), data + STEP),
                      second ? 0xff : 0);
    for (uint32_t at = 2 * STEP; at < len; at += STEP) {
        keys = _mm512_add_epi64(keys, step);
        lanes = step_wide(lanes, keys, _mm512_maskz_loadu_epi8(bytes_of(len - at), data + at),
                          0xff);
    }
    lanes = _mm512_xor_si512(lanes, _mm512_srli_epi64(lanes, 29));
    lanes = _mm512_mullo_epi64(lanes, _mm512_or_si512(last, _mm512_set1_epi64(1)));
    __m256i four = _mm256_add_epi64(_mm512_castsi512_si256(lanes),
                                    _mm512_extracti64x4_epi64(lanes, 1));
    __m128i two = _mm_add_epi64(_mm256_castsi256_si128(four), _mm256_extracti128_si256(four, 1));
    uint64_t sum = (uint64_t)_mm_cvtsi128_si64(two) + (uint64_t)_mm_extract_epi64(two, 1);
    return long_text_end(sum, len);
}

WIDE static void texts_wide(const leat_string *values, const uint16_t *rows, uint32_t n,
                            uint64_t *out)
{
    for (uint32_t i = 0; i < n; i++) {
        const leat_string *text = &values[rows ? rows[i] : i];
        uint64_t words[2];
        if (text->len > 12) {
            out[i] = long_text_wide(text->u.ptr, text->len);
            continue;
        }
        memcpy(words, text, sizeof(words));
        out[i] = short_text(words[0], words[1]);
    }
}

static bool have_wide(void)
{
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}
#endif

static void texts_plain(const leat_string *values, const uint16_t *rows, uint32_t n,
                        uint64_t *out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = text_of(&values[rows ? rows[i] : i]);
}

/* out[i] = the hash of values[rows[i]], or of values[i] without rows. */
static void texts(const leat_string *values, const uint16_t *rows, uint32_t n, uint64_t *out)
{
#if HAVE_AVX512
    if (have_wide()) {
        texts_wide(values, rows, n, out);
        return;
    }
#endif
    texts_plain(values, rows, n, out);
}

int checksum_self_test(void)
{
    char bytes[300];
    for (uint32_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)checksum_splitmix(i);
    for (uint32_t len = 0; len <= sizeof(bytes); len++) {
        leat_string text = {.len = len};
        uint64_t one, other;
        if (len > 12)
            text.u.ptr = bytes;
        memcpy((char *)&text + offsetof(leat_string, prefix), bytes, len > 12 ? 4 : len);
        texts(&text, NULL, 1, &one);
        texts_plain(&text, NULL, 1, &other);
        if (one != other || one != checksum_text(bytes, len))
            return 0;
    }
    return 1;
}

/* ---- columns ---------------------------------------------------------------- */

/* lanes[0..n) = the values of the column's lanes as 64 bits. */
KERNEL static void widen_int8(const int8_t *from, uint32_t n, uint64_t *to)
{
    for (uint32_t i = 0; i < n; i++)
        to[i] = (uint64_t)(int64_t)from[i];
}
KERNEL static void widen_int16(const int16_t *from, uint32_t n, uint64_t *to)
{
    for (uint32_t i = 0; i < n; i++)
        to[i] = (uint64_t)(int64_t)from[i];
}
KERNEL static void widen_int32(const int32_t *from, uint32_t n, uint64_t *to)
{
    for (uint32_t i = 0; i < n; i++)
        to[i] = (uint64_t)(int64_t)from[i];
}
KERNEL static void widen_float(const float *from, uint32_t n, uint64_t *to)
{
    for (uint32_t i = 0; i < n; i++) {
        double value = (double)from[i];
        memcpy(&to[i], &value, sizeof(value));
    }
}
KERNEL static void widen_int128(const uint64_t *from, uint32_t n, uint64_t *to)
{
    for (uint32_t i = 0; i < n; i++)
        to[i] = checksum_wide(from[2 * (size_t)i], from[2 * (size_t)i + 1]);
}

/* Values of 64 bits where they lie, others in `space`. */
static const uint64_t *lanes_of(const leat_column *col, uint64_t *space)
{
    uint32_t n = col->n_lanes;
    switch (col->layout) {
    case LEAT_LAYOUT_INT64:
    case LEAT_LAYOUT_DOUBLE: return col->values;
    case LEAT_LAYOUT_INT8: widen_int8(col->values, n, space); break;
    case LEAT_LAYOUT_INT16: widen_int16(col->values, n, space); break;
    case LEAT_LAYOUT_INT32: widen_int32(col->values, n, space); break;
    case LEAT_LAYOUT_FLOAT: widen_float(col->values, n, space); break;
    case LEAT_LAYOUT_INT128: widen_int128(col->values, n, space); break;
    case LEAT_LAYOUT_STRING: texts(col->values, NULL, n, space); break;
    default: bench_fail("the checksum does not read columns of layout %d", (int)col->layout);
    }
    return space;
}

KERNEL static void add_all(uint64_t *h, const uint64_t *lanes, uint64_t key, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        h[i] += key * lanes[i];
}
KERNEL static void add_rows(uint64_t *h, const uint64_t *lanes, uint64_t key,
                            const uint16_t *rows, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        h[i] += key * lanes[rows[i]];
}
KERNEL static void add_constant(uint64_t *h, uint64_t value, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        h[i] += value;
}

KERNEL static void add_codes(uint64_t *h, const uint64_t *lanes, uint64_t key,
                             const uint32_t *codes, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        h[i] += key * lanes[codes[i]];
}

/* With NULLs, or with a dictionary and chosen rows: row by row. */
static void add_slowly(uint64_t *h, const leat_column *col, const uint64_t *lanes, uint64_t key,
                       const leat_batch *batch)
{
    for (uint32_t i = 0; i < batch->n_rows; i++) {
        uint32_t row = leat_batch_row(batch, i);
        h[i] += key * (leat_column_is_null(col, row) ? CHECKSUM_NULL
                                                     : lanes[leat_column_lane(col, row)]);
    }
}

/* The rows that are meant, as bits. */
static void rows_as_bits(const leat_batch *batch, uint64_t *bits)
{
    uint32_t n_words = (batch->len + 63) / 64;
    if (!batch->rows) {
        memset(bits, 0xff, n_words * sizeof(*bits));
        if (batch->len % 64)
            bits[n_words - 1] = (UINT64_C(1) << batch->len % 64) - 1;
        return;
    }
    memset(bits, 0, n_words * sizeof(*bits));
    for (uint32_t i = 0; i < batch->n_rows; i++)
        bits[batch->rows[i] / 64] |= UINT64_C(1) << batch->rows[i] % 64;
}

/* Is any of the rows meant NULL? */
static bool has_nulls(const leat_column *col, const uint64_t *bits, uint32_t len)
{
    uint64_t missing = 0;
    for (uint32_t w = 0; col->valid && w < (len + 63) / 64; w++)
        missing |= bits[w] & ~col->valid[w];
    return missing != 0 || col->lane_valid;
}

static void add_column(uint64_t *h, const leat_column *col, uint32_t number,
                       const leat_batch *batch, const uint64_t *bits, uint64_t *space)
{
    uint64_t key = checksum_key(number);
    uint32_t n = batch->n_rows;
    if (col->constant) {
        uint64_t value = leat_column_is_null(col, 0) ? CHECKSUM_NULL : lanes_of(col, space)[0];
        add_constant(h, key * value, n);
        return;
    }
    bool nulls = has_nulls(col, bits, batch->len);
    if (col->layout == LEAT_LAYOUT_STRING && !nulls && !col->codes) {
        texts(col->values, batch->rows, n, space); /* of the rows meant only */
        add_all(h, space, key, n);
        return;
    }
    const uint64_t *lanes = lanes_of(col, space);
    if (nulls || (col->codes && batch->rows))
        add_slowly(h, col, lanes, key, batch);
    else if (col->codes)
        add_codes(h, lanes, key, col->codes, n);
    else if (batch->rows)
        add_rows(h, lanes, key, batch->rows, n);
    else
        add_all(h, lanes, key, n);
}

KERNEL static uint64_t sum_of(const uint64_t *h, uint32_t n)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += checksum_mix(h[i]);
    return sum;
}

uint64_t checksum_batch(const leat_batch *batch)
{
    enum { SMALL = 2048 };
    uint64_t h_small[SMALL], space_small[SMALL], bits[ROWS_MAX / 64], sum = 0;
    uint32_t most = batch->len;
    for (uint32_t c = 0; c < batch->n_columns; c++)
        if (batch->columns[c]->n_lanes > most)
            most = batch->columns[c]->n_lanes;
    uint64_t *large = most > SMALL ? bench_alloc(2 * (size_t)most * sizeof(*large)) : NULL;
    uint64_t *h = large ? large : h_small, *space = large ? large + most : space_small;
    memset(h, 0, batch->n_rows * sizeof(*h));
    rows_as_bits(batch, bits);
    for (uint32_t c = 0; c < batch->n_columns; c++)
        add_column(h, batch->columns[c], c, batch, bits, space);
    if (!batch->weight) {
        sum = sum_of(h, batch->n_rows);
    } else {
        for (uint32_t i = 0; i < batch->n_rows; i++)
            sum += (uint64_t)(int64_t)leat_batch_weight(batch, leat_batch_row(batch, i)) *
                   checksum_mix(h[i]);
    }
    free(large);
    return sum;
}
