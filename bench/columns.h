/* columns.h -- columns of numbers and texts into a table, as Arrow arrays.
 *
 * The feed `loading` must exist; each chunk of rows goes to one of its splits in turn. */
#ifndef LEAT_BENCH_COLUMNS_H
#define LEAT_BENCH_COLUMNS_H

#include "bench/bench.h"

enum { COLUMNS_MAX = 8, COLUMNS_CHUNK = 16384, COLUMNS_TEXT_MAX = 128 };

struct columns {
    uint32_t n;
    struct {
        const char *name;
        bool text;
        int64_t numbers[COLUMNS_CHUNK];
        int32_t offsets[COLUMNS_CHUNK + 1];
        char bytes[COLUMNS_CHUNK * COLUMNS_TEXT_MAX];
    } at[COLUMNS_MAX];
};

/* Fills row `i` of the chunk with row `number` of the data. */
typedef void columns_fill(struct columns *columns, uint32_t i, uint64_t number, const void *ctx);
static inline void columns_text_end(struct columns *columns, uint32_t c, uint32_t i, int size)
{
    columns->at[c].offsets[i + 1] = columns->at[c].offsets[i] + size;
}
static inline char *columns_text_at(struct columns *columns, uint32_t c, uint32_t i)
{
    return columns->at[c].bytes + columns->at[c].offsets[i];
}

/* Pushes n_rows rows; INSERTs from `loading` must be running. Ends the feed and waits. */
void columns_push(struct bench_host *host, struct columns *columns, uint64_t n_rows,
                  uint32_t splits, columns_fill *fill, const void *ctx);

#endif
