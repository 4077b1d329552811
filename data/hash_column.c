/* hash_column.c -- the canonical hash: of a column at once, or of one cell.
 *
 * These hashes place keys on partitions for ever, also in saved state, so what
 * is hashed is fixed here: unsalted xxh3 of
 *   integers, dates, times, booleans   the value as 8 bytes
 *   FLOAT, DOUBLE                      the double as 8 bytes; -0.0 as 0.0, one NaN
 *   DECIMAL                            16 bytes, unscaled
 *   text and binary                    its bytes
 *   lists and rows                     the count, then each element combined in order
 *   NULL                               a constant
 * All little-endian. Integers of any width with one value hash alike. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/bits.h"
#include "base/hash.h"
#include "data/column.h"

#define HASH_NULL UINT64_C(0x9ae16a3b2f90404f)
#define HASH_NAN UINT64_C(0x7ff8000000000000)
enum { HASH_CHUNK = LT_BATCH_ROWS_MAX };

/* XXH3_64bits of 8 bytes (its 4-to-8-byte case, seed 0, default secret) written
 * out, because the general entry keeps a loop over it from being vectorised. A
 * test holds the two against each other. */
static inline uint64_t hash_word(uint64_t value)
{
    const uint64_t flip = UINT64_C(0x1cad21f72c81017c) ^ UINT64_C(0xdb979083e96dd4de);
    const uint64_t prime = UINT64_C(0x9fb21c651e98df25);
    uint64_t hash = (value >> 32 | value << 32) ^ flip;
    hash ^= (hash << 49 | hash >> 15) ^ (hash << 24 | hash >> 40);
    hash *= prime;
    hash ^= (hash >> 35) + sizeof(value);
    hash *= prime;
    return hash ^ hash >> 28;
}
static inline uint64_t hash_i8(const int8_t *v)
{
    return hash_word((uint64_t)(int64_t)*v);
}
static inline uint64_t hash_i16(const int16_t *v)
{
    return hash_word((uint64_t)(int64_t)*v);
}
static inline uint64_t hash_i32(const int32_t *v)
{
    return hash_word((uint64_t)(int64_t)*v);
}
static inline uint64_t hash_i64(const int64_t *v)
{
    return hash_word((uint64_t)*v);
}
static inline uint64_t hash_f64(const double *v)
{
    double value = *v + 0.0; /* -0.0 + 0.0 = 0.0 */
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return hash_word(value != value ? HASH_NAN : bits);
}
static inline uint64_t hash_f32(const float *v)
{
    double value = (double)*v;
    return hash_f64(&value);
}
static inline uint64_t hash_i128(const __int128 *v)
{
    return XXH3_64bits(v, sizeof(*v));
}
static inline uint64_t hash_sv(const struct lt_sv *v)
{
    return XXH3_64bits(lt_sv_data(v), v->len);
}

#define HASH_NAME lanes_i8
#define HASH_TYPE int8_t
#define HASH_OF hash_i8
#include "data/hash_column.tmpl.h"
#define HASH_NAME lanes_i16
#define HASH_TYPE int16_t
#define HASH_OF hash_i16
#include "data/hash_column.tmpl.h"
#define HASH_NAME lanes_i32
#define HASH_TYPE int32_t
#define HASH_OF hash_i32
#include "data/hash_column.tmpl.h"
#define HASH_NAME lanes_i64
#define HASH_TYPE int64_t
#define HASH_OF hash_i64
#include "data/hash_column.tmpl.h"
#define HASH_NAME lanes_f32
#define HASH_TYPE float
#define HASH_OF hash_f32
#include "data/hash_column.tmpl.h"
#define HASH_NAME lanes_f64
#define HASH_TYPE double
#define HASH_OF hash_f64
#include "data/hash_column.tmpl.h"
#define HASH_NAME lanes_i128
#define HASH_TYPE __int128
#define HASH_OF hash_i128
#include "data/hash_column.tmpl.h"
#define HASH_NAME lanes_sv
#define HASH_TYPE struct lt_sv
#define HASH_OF hash_sv
#include "data/hash_column.tmpl.h"

/* Where a bit of the validity is clear, the hash of NULL. */
LT_KERNEL static void nulls_put(const uint64_t *restrict validity, const uint16_t *restrict sel,
                                uint32_t from, uint32_t n, uint64_t *restrict hashes)
{
    if (sel)
        for (uint32_t i = 0; i < n; i++)
            hashes[i] = validity[sel[i] / 64] >> (sel[i] % 64) & 1 ? hashes[i] : HASH_NULL;
    else
        for (uint32_t i = 0; i < n; i++)
            hashes[i] =
                validity[(from + i) / 64] >> ((from + i) % 64) & 1 ? hashes[i] : HASH_NULL;
}

/* ---- one cell -------------------------------------------------------- */

static uint64_t cell_hash(struct lt_cell cell)
{
    const struct lt_column *col = cell.col;
    if (cell.null)
        return HASH_NULL;
    switch ((enum lt_phys)col->phys) {
    case LT_PHYS_I8: return hash_i8((const int8_t *)col->values + cell.lane);
    case LT_PHYS_I16: return hash_i16((const int16_t *)col->values + cell.lane);
    case LT_PHYS_I32: return hash_i32((const int32_t *)col->values + cell.lane);
    case LT_PHYS_I64: return hash_i64((const int64_t *)col->values + cell.lane);
    case LT_PHYS_F32: return hash_f32((const float *)col->values + cell.lane);
    case LT_PHYS_F64: return hash_f64((const double *)col->values + cell.lane);
    case LT_PHYS_I128: return hash_i128((const __int128 *)col->values + cell.lane);
    case LT_PHYS_STR: return hash_sv((const struct lt_sv *)col->values + cell.lane);
    case LT_PHYS_LIST: {
        const uint32_t *offsets = col->values;
        uint64_t hash = hash_word(offsets[cell.lane + 1] - offsets[cell.lane]);
        for (uint32_t at = offsets[cell.lane]; at < offsets[cell.lane + 1]; at++)
            for (uint32_t i = 0; i < col->n_children; i++)
                hash = lt_hash_combine(hash, cell_hash(lt_column_cell(col->children[i], at)));
        return hash;
    }
    case LT_PHYS_STRUCT: {
        uint64_t hash = hash_word(col->n_children);
        for (uint32_t i = 0; i < col->n_children; i++)
            hash = lt_hash_combine(hash, cell_hash(lt_column_cell(col->children[i], cell.lane)));
        return hash;
    }
    case LT_PHYS_COUNT: break;
    }
    LT_UNREACHABLE();
    return 0;
}

uint64_t lt_cell_hash(struct lt_cell cell, uint64_t seed)
{
    return seed == 0 ? cell_hash(cell) : lt_hash_combine(seed, cell_hash(cell));
}

/* ---- a column -------------------------------------------------------- */

/* At most HASH_CHUNK rows: sel[0..n), or rows [from, from + n). */
static void hash_flat(const struct lt_column *col, const uint16_t *sel, uint32_t from, uint32_t n,
                      uint64_t *hashes)
{
    const char *values = col->values;
    if (!sel && values)
        values += from * lt_phys_size((enum lt_phys)col->phys);
    switch ((enum lt_phys)col->phys) {
    case LT_PHYS_I8: lanes_i8((const void *)values, sel, n, hashes); break;
    case LT_PHYS_I16: lanes_i16((const void *)values, sel, n, hashes); break;
    case LT_PHYS_I32: lanes_i32((const void *)values, sel, n, hashes); break;
    case LT_PHYS_I64: lanes_i64((const void *)values, sel, n, hashes); break;
    case LT_PHYS_F32: lanes_f32((const void *)values, sel, n, hashes); break;
    case LT_PHYS_F64: lanes_f64((const void *)values, sel, n, hashes); break;
    case LT_PHYS_I128: lanes_i128((const void *)values, sel, n, hashes); break;
    case LT_PHYS_STR: lanes_sv((const void *)values, sel, n, hashes); break;
    default:
        for (uint32_t i = 0; i < n; i++)
            hashes[i] = cell_hash(lt_column_cell(col, sel ? sel[i] : from + i));
        return;
    }
    if (col->validity)
        nulls_put(col->validity, sel, from, n, hashes);
    for (uint32_t i = 0; col->type->kind == LT_TYPE_NULL && i < n; i++)
        hashes[i] = HASH_NULL;
}

/* A small dictionary is hashed once per entry, a large one once per row. */
static void hash_dictionary(const struct lt_column *col, const uint16_t *sel, uint32_t from,
                            uint32_t n, uint64_t *hashes)
{
    const struct lt_column *dict = col->children[0];
    const uint32_t *codes = col->values;
    uint64_t entries[HASH_CHUNK];
    bool by_entry = dict->len <= n && dict->len <= HASH_CHUNK;
    if (by_entry)
        hash_flat(dict, NULL, 0, dict->len, entries);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = sel ? sel[i] : from + i;
        if (col->validity && !lt_bits_get(col->validity, row))
            hashes[i] = HASH_NULL;
        else
            hashes[i] =
                by_entry ? entries[codes[row]] : cell_hash(lt_column_cell(dict, codes[row]));
    }
}

static void hash_any(const struct lt_column *col, const uint16_t *sel, uint32_t from, uint32_t n,
                     uint64_t *hashes)
{
    if (col->encoding == LT_FLAT) {
        hash_flat(col, sel, from, n, hashes);
    } else if (col->encoding == LT_DICTIONARY) {
        hash_dictionary(col, sel, from, n, hashes);
    } else {
        uint64_t hash = cell_hash(lt_column_cell(col, 0));
        for (uint32_t i = 0; i < n; i++)
            hashes[i] = hash;
    }
}

void lt_hash_column(const struct lt_column *col, const uint16_t *sel, uint32_t n, uint64_t *hashes,
                    bool combine)
{
    if (!combine && n <= HASH_CHUNK) {
        hash_any(col, sel, 0, n, hashes);
        return;
    }
    uint64_t chunk[HASH_CHUNK];
    for (uint32_t from = 0; from < n; from += HASH_CHUNK) {
        uint32_t len = n - from < HASH_CHUNK ? n - from : HASH_CHUNK;
        hash_any(col, sel ? sel + from : NULL, from, len, chunk);
        for (uint32_t i = 0; i < len; i++)
            hashes[from + i] = combine ? lt_hash_combine(hashes[from + i], chunk[i]) : chunk[i];
    }
}
