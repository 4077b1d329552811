/* program.h -- expressions compiled to a flat program over column registers.
 *
 * Common subexpressions are computed once. CASE, COALESCE, AND, OR and IF run
 * their later parts only on the rows that still need them, so that a row which a
 * condition excludes cannot fail. One program instance per thread. */
#ifndef LT_EXEC_PROGRAM_H
#define LT_EXEC_PROGRAM_H

#include "planner/expr.h"

struct lt_program;

/* Compiles n expressions over input columns of `input`. `alloc` and `pool` must
 * outlive the program. */
lt_status lt_program_open(struct lt_alloc *alloc, struct lt_pool *pool, uint32_t n,
                          struct lt_expr *const *exprs, struct lt_program **out,
                          struct lt_error *err) LT_MUST_CHECK;
void lt_program_close(struct lt_program *program);
/* The context handed to kernels; set zone, statement_us, streaming once after open. */
struct lt_eval *lt_program_eval(struct lt_program *program);

/* Evaluates all outputs over the batch's selected rows: out[i] is a column of
 * batch->len rows (a new reference; may be an input column itself). */
lt_status lt_program_run(struct lt_program *program, const struct lt_batch *batch,
                         struct lt_column **out, struct lt_error *err) LT_MUST_CHECK;
/* Evaluates one BOOLEAN program and writes the rows that are TRUE to sel
 * (capacity batch->len), starting from the batch's own selection. */
lt_status lt_program_filter(struct lt_program *program, const struct lt_batch *batch,
                            uint16_t *sel, uint32_t *n_sel, struct lt_error *err) LT_MUST_CHECK;
/* The value of a constant expression as a one-row column (folding, LIMIT, options). */
lt_status lt_expr_fold(struct lt_alloc *alloc, struct lt_pool *pool, const struct lt_expr *expr,
                       const struct lt_tz *zone, struct lt_column **out, struct lt_error *err)
    LT_MUST_CHECK;
/* CAST of a whole column: INSERT, UNION, formats. Whether a cast exists is
 * catalog/typing.h's answer; this one asserts that it does. */
lt_status lt_cast_column(struct lt_eval *eval, struct lt_column *col, const struct lt_type *to,
                         enum lt_cast_mode mode, struct lt_column **out) LT_MUST_CHECK;

/* For kernels: the flat form of an argument (owned by scratch until the batch ends). */
lt_status lt_eval_flat(struct lt_eval *eval, struct lt_column *col, struct lt_column **out)
    LT_MUST_CHECK;

#endif
