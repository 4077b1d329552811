/* support.h -- random columns of every type, for the tests of data/. */
#ifndef LT_TESTS_DATA_SUPPORT_H
#define LT_TESTS_DATA_SUPPORT_H

#include <stdio.h>

#include "base/bits.h"
#include "data/batch.h"

static inline uint64_t test_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Every kind of layout, nested ones too. NULL ends the list. */
enum { TEST_TYPES_MAX = 24 };
static inline bool test_types(struct lt_arena *arena, const struct lt_type *types[TEST_TYPES_MAX])
{
    const struct lt_str names[] = {LT_STR("a"), LT_STR("b"), LT_STR("c")};
    const struct lt_type *flat[] = {&lt_type_tinyint,
                                    &lt_type_smallint,
                                    &lt_type_int,
                                    &lt_type_bigint,
                                    &lt_type_float,
                                    &lt_type_double,
                                    &lt_type_string,
                                    &lt_type_boolean,
                                    &lt_type_date,
                                    &lt_type_bytes,
                                    &lt_type_timestamp3,
                                    &lt_type_null,
                                    lt_type_decimal(arena, 38, 10)};
    unsigned n = LT_ARRAY_LEN(flat);
    memcpy(types, flat, sizeof(flat));
    if (!flat[n - 1])
        return false;
    const struct lt_type *list = lt_type_array(arena, &lt_type_string);
    const struct lt_type *fields[] = {&lt_type_bigint, &lt_type_string, list};
    const struct lt_type *row = list ? lt_type_row(arena, 3, fields, names) : NULL;
    types[n++] = list;
    types[n++] = lt_type_multiset(arena, &lt_type_int);
    types[n++] = lt_type_map(arena, &lt_type_string, &lt_type_double);
    types[n++] = row;
    types[n++] = row ? lt_type_array(arena, row) : NULL;
    types[n++] = list ? lt_type_map(arena, &lt_type_bigint, list) : NULL;
    for (unsigned i = 0; i < n; i++)
        if (!types[i])
            return false;
    types[n] = NULL;
    return true;
}

static inline lt_status test_fill(struct lt_column *col, uint32_t row, uint64_t *seed);

static inline lt_status test_fill_list(struct lt_column *col, uint32_t row, uint64_t *seed)
{
    LT_TRY(lt_column_make_children(col));
    uint32_t *offsets = col->values;
    uint32_t from = col->children[0]->len, n = (uint32_t)(test_random(seed) % 4);
    offsets[row] = from; /* rows below that were left out are lt_column_seal's */
    for (uint32_t i = 0; i < col->n_children; i++) {
        LT_TRY(lt_column_resize(col->children[i], from + n));
        for (uint32_t at = 0; at < n; at++)
            LT_TRY(test_fill(col->children[i], from + at, seed));
    }
    offsets[row + 1] = from + n;
    return LT_OK;
}

/* A random value, NULL one time in five, into the next row of a flat column. */
static inline lt_status test_fill(struct lt_column *col, uint32_t row, uint64_t *seed)
{
    uint64_t r = test_random(seed);
    static const double doubles[] = {0.0, -0.0, 1.5, -7, 1e300, (double)__builtin_nanf(""), 3};
    char text[64];
    if (r % 5 == 0) {
        struct lt_cell null = {.col = col, .lane = row, .null = true};
        return lt_column_copy_cell(col, row, null);
    }
    r >>= 8;
    switch ((enum lt_phys)col->phys) {
    case LT_PHYS_I8: ((int8_t *)col->values)[row] = (int8_t)(r & 1); break;
    case LT_PHYS_I16: ((int16_t *)col->values)[row] = (int16_t)r; break;
    case LT_PHYS_I32: ((int32_t *)col->values)[row] = (int32_t)(r % 100); break;
    case LT_PHYS_I64: ((int64_t *)col->values)[row] = (int64_t)(r % 1000); break;
    case LT_PHYS_F32: ((float *)col->values)[row] = (float)(int64_t)(r % 9); break;
    case LT_PHYS_F64: ((double *)col->values)[row] = doubles[r % 7]; break;
    case LT_PHYS_I128: ((__int128 *)col->values)[row] = (__int128)r * -12345; break;
    case LT_PHYS_STR: {
        size_t len = (size_t)snprintf(text, sizeof(text), "%llu-long-enough-to-leave-the-view",
                                      (unsigned long long)(r % 50));
        size_t cut = r % 3 == 0 ? (size_t)(r % 13) : len;
        return lt_column_put_str(col, row, (struct lt_str){text, cut});
    }
    case LT_PHYS_LIST: return test_fill_list(col, row, seed);
    case LT_PHYS_STRUCT:
        for (uint32_t i = 0; i < col->n_children; i++)
            LT_TRY(test_fill(col->children[i], row, seed));
        break;
    case LT_PHYS_COUNT: break;
    }
    return LT_OK;
}

static inline struct lt_column *test_column(struct lt_pool *pool, const struct lt_type *type,
                                            uint32_t len, uint64_t *seed)
{
    struct lt_column *col = lt_column_new(pool, type, len);
    for (uint32_t row = 0; col && row < len; row++)
        if (test_fill(col, row, seed) != LT_OK) {
            lt_column_unref(col);
            return NULL;
        }
    return col;
}

#endif
