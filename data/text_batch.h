/* text_batch.h -- many texts of one type at once: text_fast.h by vectors.
 *
 * A batch says where its texts lie. Each reader writes out[i], and refused[i]: zero if that is
 * the very value the strict reader of value.h gives, else nothing is known and the strict one
 * must be asked; it returns whether any was refused. An empty text is refused, and one of
 * length LT_TEXT_NONE: a row that the caller knows to need care. */
#ifndef LT_DATA_TEXT_BATCH_H
#define LT_DATA_TEXT_BATCH_H

#include "data/text_fast.h"

enum { LT_TEXT_BATCH_MAX = 256 };
#define LT_TEXT_NONE UINT32_MAX

struct lt_text_batch {
    const char *data;
    uint32_t n;
    uint32_t from[LT_TEXT_BATCH_MAX]; /* LT_FAST_SLACK bytes are readable from each on */
    uint32_t len[LT_TEXT_BATCH_MAX];
    uint64_t refused[LT_TEXT_BATCH_MAX];
};

bool lt_text_batch_i64(struct lt_text_batch *batch, int64_t *out);
/* Values that do not fit are refused. `out` has elements of 1, 2 or 4 bytes. */
bool lt_text_batch_i8(struct lt_text_batch *batch, int8_t *out);
bool lt_text_batch_i16(struct lt_text_batch *batch, int16_t *out);
bool lt_text_batch_i32(struct lt_text_batch *batch, int32_t *out);
/* Cut to `precision` places. */
bool lt_text_batch_timestamp(struct lt_text_batch *batch, unsigned precision, int64_t *out);

#endif
