/* arith_internal.h -- the binders of + - * / % are spread over three files by type. */
#ifndef LT_EXEC_FUNCTIONS_ARITH_INTERNAL_H
#define LT_EXEC_FUNCTIONS_ARITH_INTERNAL_H

#include "exec/functions/support.h"

enum arith { ARITH_ADD, ARITH_SUB, ARITH_MUL, ARITH_DIV, ARITH_MOD_OP };

static inline char arith_symbol(enum arith op)
{
    return "+-*/%"[op];
}

/* arith_decimal.c: both arguments exact, at least one DECIMAL. */
lt_status arith_bind_decimal(struct lt_bind_call *call, enum arith op) LT_MUST_CHECK;
extern const struct lt_kernel arith_decimal_negate;
/* arith_time.c: at least one argument is a date, a time or an interval. */
lt_status arith_bind_time(struct lt_bind_call *call, enum arith op) LT_MUST_CHECK;

#endif
