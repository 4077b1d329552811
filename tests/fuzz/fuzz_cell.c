/* fuzz_cell.c -- bytes that claim to be an encoded value, for each layout of type.
 *
 * What is read must be a sound column, and must be written back to bytes that
 * read as the same value. */
#include <stdlib.h>

#include "data/batch.h"
#include "data/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static const struct lt_type *type_of(struct lt_arena *arena, unsigned which)
{
    const struct lt_str names[] = {LT_STR("a"), LT_STR("b")};
    const struct lt_type *list = lt_type_array(arena, &lt_type_string);
    const struct lt_type *map = lt_type_map(arena, &lt_type_string, list);
    const struct lt_type *fields[] = {&lt_type_double, map};
    const struct lt_type *row = lt_type_row(arena, 2, fields, names);
    switch (which % 8) {
    case 0: return &lt_type_bigint;
    case 1: return &lt_type_string;
    case 2: return &lt_type_boolean;
    case 3: return lt_type_decimal(arena, 38, 2);
    case 4: return list;
    case 5: return map;
    case 6: return row;
    default: return lt_type_array(arena, row);
    }
}

static void round_trip(struct lt_pool *pool, struct lt_buf *bytes, const struct lt_column *col,
                       uint32_t row)
{
    struct lt_column *again = lt_column_new(pool, col->type, 1);
    struct lt_cell cell = lt_column_cell(col, row);
    lt_buf_clear(bytes);
    lt_cell_encode_exact(bytes, cell);
    const char *at = bytes->data;
    check(lt_cell_decode(again, 0, &at, bytes->data + bytes->len) == LT_OK);
    check(at == bytes->data + bytes->len);
    check(lt_cell_equal(cell, lt_column_cell(again, 0)));
    check(lt_cell_hash(cell, 0) == lt_cell_hash(lt_column_cell(again, 0), 0));
    lt_buf_clear(bytes);
    lt_cell_print(bytes, cell, &lt_tz_utc);
    lt_column_unref(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lt_alloc alloc;
    struct lt_arena arena;
    struct lt_pool *pool;
    struct lt_buf bytes;
    enum { ROWS = 8 };
    if (size == 0)
        return 0;
    lt_alloc_init_root(&alloc, NULL, "fuzz", SIZE_MAX);
    lt_arena_init(&arena, &alloc);
    lt_buf_init(&bytes, &alloc);
    check(lt_pool_open(&alloc, &pool) == LT_OK);
    struct lt_column *col = lt_column_new(pool, type_of(&arena, data[0]), ROWS);
    const char *at = (const char *)data + 1, *end = (const char *)data + size;
    for (uint32_t row = 0; row < ROWS && at < end; row++)
        if (lt_cell_decode(col, row, &at, end) == LT_OK)
            round_trip(pool, &bytes, col, row);
    lt_column_seal(col);
    check(lt_column_fault(col) == NULL);
    lt_column_unref(col);
    lt_buf_close(&bytes);
    lt_pool_close(pool);
    lt_arena_close(&arena);
    lt_alloc_close(&alloc);
    return 0;
}
