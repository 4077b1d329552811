/* cast_internal.h -- what the families of casts share. */
#ifndef LT_EXEC_CAST_INTERNAL_H
#define LT_EXEC_CAST_INTERNAL_H

#include "base/bits.h"
#include "data/value.h"
#include "exec/program.h"

/* One cast under way: `from` is flat, or constant with eval->len == 1. `to` has
 * the validity of `from` already; lanes are zero. */
struct cast {
    struct lt_eval *eval;
    const struct lt_column *from;
    struct lt_column *to;
    enum lt_cast_mode mode;
};

/* Loops over the rows that count and are not NULL. */
#define CAST_EACH(c, i)                                       \
    for (uint32_t k_ = 0, i = 0; k_ < (c)->eval->n_sel; k_++) \
        if ((i = (c)->eval->sel ? (c)->eval->sel[k_] : k_), cast_has(c, i))

static inline bool cast_has(const struct cast *c, uint32_t i)
{
    return c->from->validity == NULL || lt_bits_get(c->from->validity, i);
}

/* The value of row i does not fit: NULL for TRY_CAST, else an error that shows it. */
lt_status cast_refuse(struct cast *c, uint32_t i) LT_MUST_CHECK;

lt_status cast_number(struct cast *c) LT_MUST_CHECK;    /* numbers, BOOLEAN, intervals */
lt_status cast_time(struct cast *c) LT_MUST_CHECK;      /* between DATE, TIME, TIMESTAMP, LTZ */
lt_status cast_from_text(struct cast *c) LT_MUST_CHECK; /* text to any scalar but text */
lt_status cast_to_text(struct cast *c) LT_MUST_CHECK;   /* anything to CHAR or VARCHAR */
lt_status cast_to_bytes(struct cast *c) LT_MUST_CHECK;  /* text or bytes to BINARY, VARBINARY */

#endif
