/* order.h -- values as bytes whose memcmp order is the order of the values.
 *
 * Keys of tables and of ordered bags are written so: comparing, sorting and
 * hashing them is then one memcmp. Equal values (-0.0 and 0.0, all NaN) give equal
 * bytes, no value's bytes are a prefix of another's, and they read back.
 *
 *   NULL            00 (first) or 02 (last); a value starts with 01
 *   integers, time  sign bit flipped, big-endian
 *   floats          sign bit flipped, or all bits when negative, big-endian
 *   text            00 bytes doubled as 00 FF, ended by 00 00
 *   nested          the canonical cell bytes, escaped and ended like text: equal
 *                   when equal, ordered in some fixed way
 */
#ifndef LT_EXEC_STATE_ORDER_H
#define LT_EXEC_STATE_ORDER_H

#include "data/column.h"

enum lt_order_flags { LT_ORDER_ASC = 0, LT_ORDER_DESC = 1, LT_ORDER_NULLS_LAST = 2 };

/* Bytes of a fixed-width value after its first byte; 0 = variable. */
size_t lt_order_width(enum lt_phys phys);
/* Writes 1 + width bytes for a fixed-width lane. */
void lt_order_put_fixed(char *to, const struct lt_column *flat, uint32_t lane, bool null,
                        unsigned flags);
/* Appends row `row` of a column of any encoding. */
void lt_order_encode(struct lt_buf *out, const struct lt_column *col, uint32_t row, unsigned flags);
/* Reads a value written ascending (NULL first or last) into lane `row` of a flat
 * column; *at moves on. LT_CORRUPT on bytes that lie. */
lt_status lt_order_decode(struct lt_column *to, uint32_t row, const char **at, const char *end)
    LT_MUST_CHECK;
/* The end of the value that starts at `at`. */
const char *lt_order_skip(enum lt_phys phys, const char *at, const char *end);

/* The flat column a row's value lies in, and its lane there. */
static inline const struct lt_column *lt_order_flat(const struct lt_column *col, uint32_t *row)
{
    if (col->encoding == LT_FLAT)
        return col;
    if (col->encoding == LT_CONSTANT) {
        *row = 0;
        return col;
    }
    *row = ((const uint32_t *)col->values)[*row];
    return col->children[0];
}

#endif
