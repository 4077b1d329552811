/* column.h -- one column of a batch: values of one type, immutable once shared.
 *
 * A column is a counted object over counted buffers. Encodings:
 *
 *   FLAT        values[len]
 *   CONSTANT    values[1], meant for every row; validity bit 0 speaks for all
 *   DICTIONARY  codes: uint32 values[len]; children[0] is the (flat) dictionary;
 *               validity is that of the codes and of the dictionary entry both
 *
 * Validity is a bitmap (bit set = value present) or NULL when no row is NULL.
 * A NULL lane of a fixed-width column holds zero bytes; of a string, an empty
 * lt_sv; of a list, an empty range. Rows past a selection or never computed may
 * hold anything but must be readable (zero, in particular lt_sv and offsets).
 *
 *   STR     values: struct lt_sv; long ones point into buffers[] the column holds
 *   LIST    values: uint32 offsets[len + 1]; children[0] (element / key), [1] (value)
 *   STRUCT  no values; children of the same len, validity of the row itself
 *
 * References are atomic, so a column may cross threads; they are taken once per
 * batch and column, never per row. */
#ifndef LT_DATA_COLUMN_H
#define LT_DATA_COLUMN_H

#include <stdatomic.h>

#include "data/type.h"

/* A string view of 16 bytes: inline up to 12 bytes, else a pointer and the
 * first 4 bytes as prefix ("German string", Neumann and Freitag, CIDR 2020).
 * Unused inline bytes are zero, so two inline views compare as two words. */
struct lt_sv {
    uint32_t len;
    char prefix[4];
    union {
        char rest[8];
        const char *ptr; /* whole text, when len > 12 */
    } u;
};
_Static_assert(sizeof(struct lt_sv) == 16, "a view is two words");
enum { LT_SV_INLINE_MAX = 12 };

/* Short text goes into the words by loads that overlap, not by a copy of `len` bytes. */
static inline struct lt_sv lt_sv_of(const char *data, uint32_t len)
{
    struct lt_sv sv = {.len = len};
    uint64_t low = 0, high = 0;
    uint32_t part = 0;
    if (len > LT_SV_INLINE_MAX) {
        memcpy(sv.prefix, data, 4);
        sv.u.ptr = data;
        return sv;
    }
    if (len >= 8) {
        memcpy(&low, data, 8);
        memcpy(&part, data + len - 4, 4);
        high = (uint64_t)part >> (96 - 8 * len);
    } else if (len >= 4) {
        memcpy(&part, data + len - 4, 4);
        low = (uint64_t)part << (8 * len - 32);
        memcpy(&part, data, 4);
        low |= part;
    } else if (len > 0) {
        low = (uint64_t)(unsigned char)data[0] |
              (uint64_t)(unsigned char)data[len / 2] << (len / 2 * 8) |
              (uint64_t)(unsigned char)data[len - 1] << (len * 8 - 8);
    }
    high = high << 32 | low >> 32;
    part = (uint32_t)low;
    memcpy(sv.prefix, &part, 4);
    memcpy(sv.u.rest, &high, 8);
    return sv;
}
static inline const char *lt_sv_data(const struct lt_sv *sv)
{
    return sv->len <= LT_SV_INLINE_MAX ? sv->prefix : sv->u.ptr;
}
static inline struct lt_str lt_sv_str(const struct lt_sv *sv)
{
    return (struct lt_str){lt_sv_data(sv), sv->len};
}
static inline bool lt_sv_equal(const struct lt_sv *a, const struct lt_sv *b)
{
    uint64_t x[2], y[2];
    memcpy(x, a, 16);
    memcpy(y, b, 16);
    if (x[0] != y[0])
        return false;
    return a->len <= LT_SV_INLINE_MAX ? x[1] == y[1] : memcmp(a->u.ptr, b->u.ptr, a->len) == 0;
}
int lt_sv_compare(const struct lt_sv *a, const struct lt_sv *b); /* bytewise = by code point */

/* ---- buffers --------------------------------------------------------- */

/* A counted block of bytes. `release` frees it when the last reference goes,
 * on whatever thread that happens. */
struct lt_buffer {
    _Atomic uint32_t refs;
    uint32_t flags;
    size_t size; /* usable bytes at data */
    char *data;  /* 64-byte aligned when it comes from a pool */
    void (*release)(struct lt_buffer *buffer);
    void *owner; /* pool, mapped file, Arrow array ... */
};
static inline struct lt_buffer *lt_buffer_ref(struct lt_buffer *buffer)
{
    atomic_fetch_add_explicit(&buffer->refs, 1, memory_order_relaxed);
    return buffer;
}
void lt_buffer_unref(struct lt_buffer *buffer); /* NULL is fine */

/* Recycles buffers and column objects by size class, so that a running
 * pipeline allocates nothing per batch. Taking is for one thread at a time;
 * giving back may happen on any thread (a lock-free return list). A pool is
 * counted by what it has handed out and outlives its close until the last
 * buffer is back. */
struct lt_pool;
lt_status lt_pool_open(struct lt_alloc *alloc, struct lt_pool **out) LT_MUST_CHECK;
void lt_pool_close(struct lt_pool *pool);
struct lt_buffer *lt_pool_buffer(struct lt_pool *pool, size_t size) LT_MUST_CHECK;
uint64_t lt_pool_allocations(const struct lt_pool *pool); /* taken from the allocator so far */

/* ---- columns --------------------------------------------------------- */

enum lt_encoding { LT_FLAT, LT_CONSTANT, LT_DICTIONARY };
enum { LT_COLUMN_BUFFERS_INLINE = 4, LT_BATCH_ROWS_MAX = 2048 };

struct lt_column {
    _Atomic uint32_t refs;
    uint32_t len;
    const struct lt_type *type; /* outlives the column */
    uint8_t encoding;           /* enum lt_encoding */
    uint8_t phys;               /* enum lt_phys of the type */
    uint16_t n_children;
    uint32_t n_buffers;
    uint64_t *validity; /* NULL = all valid; writable only while being built */
    void *values;
    struct lt_column **children;
    struct lt_buffer **buffers; /* everything validity, values and lt_sv point into */
    struct lt_column *inline_children[2];
    struct lt_buffer *inline_buffers[LT_COLUMN_BUFFERS_INLINE];
    struct lt_pool *pool;
};

static inline struct lt_column *lt_column_ref(struct lt_column *col)
{
    atomic_fetch_add_explicit(&col->refs, 1, memory_order_relaxed);
    return col;
}
void lt_column_unref(struct lt_column *col); /* NULL is fine */

/* A flat column of `len` rows with zeroed validity-less values, ready to be
 * written (children of ROW made too; LIST children are set by lt_column_set_child
 * or lt_column_make_children; its offsets are zero). refs is 1. NULL on no memory. */
struct lt_column *lt_column_new(struct lt_pool *pool, const struct lt_type *type, uint32_t len);
/* As above without zeroing the values: for kernels that write every lane. */
struct lt_column *lt_column_new_raw(struct lt_pool *pool, const struct lt_type *type, uint32_t len);
/* One value for every row: a constant of a batch of `len` rows, zero until lane 0
 * is written. The children of a constant ROW are constants of `len` rows too. */
struct lt_column *lt_column_new_constant(struct lt_pool *pool, const struct lt_type *type,
                                         uint32_t len);
struct lt_column *lt_column_new_null(struct lt_pool *pool, const struct lt_type *type,
                                     uint32_t len);
/* codes[len] into `dict`; takes no reference of codes (copied), takes one of dict. */
struct lt_column *lt_column_new_dictionary(struct lt_pool *pool, struct lt_column *dict,
                                           const uint32_t *codes, uint32_t len);
/* The codes (and their validity) of a dictionary column over another dictionary, which
 * is flat and has as many entries or more; takes a reference of it. */
lt_status lt_column_recode(struct lt_pool *pool, struct lt_column *coded, struct lt_column *dict,
                           struct lt_column **out) LT_MUST_CHECK;
/* Changes the number of rows of a flat column that is being built: new lanes are
 * zero, offsets go on from the last. ROW children follow; LIST children do not. */
lt_status lt_column_resize(struct lt_column *col, uint32_t len) LT_MUST_CHECK;
/* Puts copies of all rows of `from`, in any encoding, behind those of a flat column of the
 * same type that is being built. After a failure lt_column_resize takes them off again. */
lt_status lt_column_append(struct lt_column *to, const struct lt_column *from) LT_MUST_CHECK;
/* Makes the flat column that is being built, of fixed width or text, a constant: for all
 * rows what `row` holds. */
void lt_column_make_constant(struct lt_column *col, uint32_t row);
/* Ends the building of a column whose lists were appended with gaps: rows that
 * were left out become empty ranges. Harmless on any other column. */
void lt_column_seal(struct lt_column *col);
/* Makes the (empty) children of a LIST column that has none yet, so that
 * elements can be appended with lt_column_resize and written. */
lt_status lt_column_make_children(struct lt_column *col) LT_MUST_CHECK;
/* Gives the column a validity bitmap with all bits set, if it has none. */
lt_status lt_column_own_validity(struct lt_column *col) LT_MUST_CHECK;
static inline void lt_column_set_null(struct lt_column *col, uint32_t row)
{
    col->validity[row / 64] &= ~(1ull << (row % 64)); /* after lt_column_own_validity */
}
/* Replaces child i, taking over the reference. */
lt_status lt_column_set_child(struct lt_column *col, unsigned i,
                              struct lt_column *child) LT_MUST_CHECK;
/* Keeps `buffer` alive as long as the column (takes a reference). */
lt_status lt_column_hold(struct lt_column *col, struct lt_buffer *buffer) LT_MUST_CHECK;
/* Keeps alive all that the strings of `from` (and its dictionary) point into. */
lt_status lt_column_hold_from(struct lt_column *col, const struct lt_column *from) LT_MUST_CHECK;
/* Space for `size` bytes of string data that lives as long as the column; valid
 * until the column goes. Consecutive calls share a buffer. */
char *lt_column_heap(struct lt_column *col, size_t size) LT_MUST_CHECK;
/* Writes a string lane, copying long text into the column's heap. */
lt_status lt_column_put_str(struct lt_column *col, uint32_t row, struct lt_str text) LT_MUST_CHECK;

/* Lanes that really lie in values[]: 1 for a constant. */
static inline uint32_t lt_column_lanes(const struct lt_column *col)
{
    return col->encoding == LT_CONSTANT ? 1 : col->len;
}
/* The index of `row` in values[] (not for FLAT's inner loops, which use row). */
static inline uint32_t lt_column_lane(const struct lt_column *col, uint32_t row)
{
    return col->encoding == LT_CONSTANT ? 0 : row;
}
bool lt_column_is_null(const struct lt_column *col, uint32_t row);

/* The same rows as a flat column (a new reference of `col` itself when flat).
 * Nested children are flattened too. */
lt_status lt_column_flatten(struct lt_pool *pool, struct lt_column *col,
                            struct lt_column **out) LT_MUST_CHECK;
/* The rows sel[0..n) of `col`, in that order, as a new column. Wide types become
 * a DICTIONARY over col when `may_share`; constants stay constants. */
lt_status lt_column_take(struct lt_pool *pool, struct lt_column *col, const uint32_t *rows,
                         uint32_t n, bool may_share, struct lt_column **out) LT_MUST_CHECK;
/* The same rows as a flat column, NULL where a bit of `present` is not set too. */
lt_status lt_column_mask(struct lt_pool *pool, struct lt_column *col, const uint64_t *present,
                         struct lt_column **out) LT_MUST_CHECK;
/* A view of rows [from, from + len) that shares buffers (copying validity when
 * `from` is not a multiple of 64). */
lt_status lt_column_slice(struct lt_pool *pool, struct lt_column *col, uint32_t from, uint32_t len,
                          struct lt_column **out) LT_MUST_CHECK;

/* One row's value, independent of encoding: for tests, sinks, constants and
 * nested values. `col` is the flat column (or dictionary) that holds it. */
struct lt_cell {
    const struct lt_column *col;
    uint32_t lane;
    bool null;
};
struct lt_cell lt_column_cell(const struct lt_column *col, uint32_t row);
/* Appends/copies a cell into lane `row` of a flat column of the same type,
 * deeply; `to` must not be shared. Lists are appended: rows in increasing order. */
lt_status lt_column_copy_cell(struct lt_column *to, uint32_t row,
                              struct lt_cell cell) LT_MUST_CHECK;

/* Total order of two cells of one type: NULL last, -0.0 = 0.0, NaN = NaN and
 * largest; text bytewise; lists and rows lexicographic. */
int lt_cell_compare(struct lt_cell a, struct lt_cell b);
bool lt_cell_equal(struct lt_cell a, struct lt_cell b); /* NULL equals NULL */
/* With seed 0 the very hash lt_hash_column gives the row; any other seed is
 * combined with it (lt_hash_combine). */
uint64_t lt_cell_hash(struct lt_cell cell, uint64_t seed);
/* A deep, self-describing byte form. Equal cells have equal bytes (-0.0 is written
 * as 0.0, one NaN), so it serves as a key of variable size; the exact form keeps
 * the bits of doubles, for saved values. Both are read by lt_cell_decode. */
void lt_cell_encode(struct lt_buf *out, struct lt_cell cell);
void lt_cell_encode_exact(struct lt_buf *out, struct lt_cell cell);
/* Reads one back into lane `row` of an unshared flat column (lists: rows in
 * increasing order); *at moves on. LT_CORRUPT on bytes that lie, and then the
 * lane may be half written, but the column stays readable. */
lt_status lt_cell_decode(struct lt_column *to, uint32_t row, const char **at,
                         const char *end) LT_MUST_CHECK;

/* hashes[i] = hash of row i (or of row sel[i]); when `combine`, that hash is put
 * into the one there: lt_hash_combine(hashes[i], hash). Unsalted xxh3 of the canonical value, fixed
 * for ever: numbers of the same value in one type, -0.0 = 0.0, all NaN equal, NULLs equal. */
void lt_hash_column(const struct lt_column *col, const uint16_t *sel, uint32_t n, uint64_t *hashes,
                    bool combine);

#endif
