/* pool.h -- how data/ itself sees pools: the private half of buffers and columns. */
#ifndef LT_DATA_POOL_H
#define LT_DATA_POOL_H

#include "data/column.h"

/* What a column knows beyond its contract. Every column is one of these. */
struct lt_column_object {
    struct lt_column col;          /* first: the two are cast into each other */
    struct lt_column_object *next; /* in the pool's lists */
    uint32_t cap;                  /* lanes that values and validity have room for */
    uint32_t buffers_cap;
    struct lt_buffer *values_buffer;   /* also in buffers[] */
    struct lt_buffer *validity_buffer; /* also in buffers[] */
    struct lt_buffer *heap;            /* also in buffers[]: where text is copied to */
    size_t heap_used;
    struct lt_buffer *children_buffer; /* holds children[] when more than two */
    struct lt_buffer *buffers_buffer;  /* holds buffers[] when more than four */
};

static inline struct lt_column_object *lt_column_object(struct lt_column *col)
{
    return (struct lt_column_object *)col;
}

/* A column object with everything but refs and pool zero; NULL on no memory. */
struct lt_column_object *lt_pool_column(struct lt_pool *pool) LT_MUST_CHECK;
/* Takes back an object that holds nothing any more; any thread. */
void lt_pool_column_back(struct lt_column_object *object);

/* A column with len, type, encoding and `n_children` empty children, and nothing else. */
struct lt_column *lt_column_shell(struct lt_pool *pool, const struct lt_type *type,
                                  enum lt_encoding encoding, uint32_t len,
                                  uint32_t n_children) LT_MUST_CHECK;
/* Where the elements of list `row` of a column being built begin. Rows left out
 * below become empty (their offsets are still zero: one walk back finds the last
 * that was written), and elements past that, of a row that failed or is written
 * anew, are cut off. */
uint32_t lt_column_list_begin(struct lt_column *col, uint32_t row);

#endif
