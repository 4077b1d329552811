/* select.h -- which rows: as BOOLEAN lanes, as a bitmap, as a list.
 *
 * A set of rows of a batch is worked on as a bitmap, 64 rows to a word; lists (the
 * selection vectors of batch.h) are made from it for who visits row by row. */
#ifndef LT_DATA_SELECT_H
#define LT_DATA_SELECT_H

#include "data/batch.h"

enum {
    LT_SELECT_WORDS = LT_BATCH_ROWS_MAX / 64,
    LT_SELECT_SLACK = 64, /* lists are written in blocks: room behind the last row */
};

/* bits = the lanes that are not zero; bits past len in the last word are 0. */
void lt_select_true(const int8_t *values, uint32_t len, uint64_t *bits);
/* bits = the rows in the list; all words below len are written. */
void lt_select_bits(const uint16_t *rows, uint32_t n, uint32_t len, uint64_t *bits);
/* rows = the bits set below len, in order; returns how many. `rows` has room for
 * len + LT_SELECT_SLACK, and what lies past the last one may be overwritten. */
uint32_t lt_select_list(const uint64_t *bits, uint32_t len, uint16_t *rows);
/* The same for bits that are about the rows of another list: those of[i] whose bit i is set. */
uint32_t lt_select_list_of(const uint64_t *bits, uint32_t len, const uint16_t *of, uint16_t *rows);

/* The versions that run everywhere, for tests to compare with. */
uint32_t lt_select_list_portable(const uint64_t *bits, uint32_t len, uint16_t *rows);
uint32_t lt_select_list_of_portable(const uint64_t *bits, uint32_t len, const uint16_t *of,
                                    uint16_t *rows);

#endif
