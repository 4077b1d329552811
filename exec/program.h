/* program.h -- a filter and expressions compiled to a flat program over column registers.
 *
 * Common subexpressions are computed once, those of the filter and of what is
 * projected too. CASE, COALESCE, AND, OR and IF run their later parts only on the
 * rows that still need them, and outputs run on the rows that the filter left, so
 * that a row which a condition excludes cannot fail. One program instance per thread. */
#ifndef LT_EXEC_PROGRAM_H
#define LT_EXEC_PROGRAM_H

#include "planner/expr.h"

struct lt_program;

/* Compiles a filter (NULL = none) and n expressions. `alloc`, `pool` and the
 * expressions must outlive the program. A parameter must have its `constant` set by then. */
lt_status lt_program_open(struct lt_alloc *alloc, struct lt_pool *pool,
                          const struct lt_expr *filter, uint32_t n, struct lt_expr *const *exprs,
                          struct lt_program **out, struct lt_error *err) LT_MUST_CHECK;
void lt_program_close(struct lt_program *program); /* NULL is fine */
/* The context handed to kernels; set zone, statement_us, streaming once after open
 * (zone is UTC until then), watermark_us before each run that may ask for it. */
struct lt_eval *lt_program_eval(struct lt_program *program);

/* Without a filter: evaluates all outputs over the batch's selected rows: out[i] is a column of
 * batch->len rows (a new reference; may be an input column itself). Lanes of rows
 * that are not selected hold anything. On failure nothing is handed out. */
lt_status lt_program_run(struct lt_program *program, const struct lt_batch *batch,
                         struct lt_column **out, struct lt_error *err) LT_MUST_CHECK;
/* The same behind the filter: *sel and *n_sel say which of the batch's selected rows
 * passed (NULL = all rows; valid until the next run), and only those count. When none
 * did, nothing is handed out. */
lt_status lt_program_select(struct lt_program *program, const struct lt_batch *batch,
                            struct lt_column **out, const uint16_t **sel, uint32_t *n_sel,
                            struct lt_error *err) LT_MUST_CHECK;
/* The value of a constant expression as a flat one-row column (folding, LIMIT,
 * options). zone NULL means UTC. */
lt_status lt_expr_fold(struct lt_alloc *alloc, struct lt_pool *pool, const struct lt_expr *expr,
                       const struct lt_tz *zone, struct lt_column **out,
                       struct lt_error *err) LT_MUST_CHECK;

/* CAST of a whole column: INSERT, UNION, formats. Whether a cast exists is
 * catalog/typing.h's answer; this one asserts that it does. `eval` says which rows
 * count (len, n_sel, sel), the zone, and where errors go. */
lt_status lt_cast_column(struct lt_eval *eval, struct lt_column *col, const struct lt_type *to,
                         enum lt_cast_mode mode, struct lt_column **out) LT_MUST_CHECK;
/* Does that cast loop over every lane, and cannot fail whatever they hold? */
bool lt_cast_is_dense(const struct lt_type *from, const struct lt_type *to);

/* ---- for kernels, and for who calls lt_cast_column without a program --- */

/* A context of `len` rows, all selected, in UTC; ends with lt_eval_close. */
void lt_eval_init(struct lt_eval *eval, struct lt_pool *pool, struct lt_arena *scratch,
                  uint32_t len, struct lt_error *err);
/* Between batches: lets go of what was kept and resets scratch. */
void lt_eval_reset(struct lt_eval *eval);
void lt_eval_close(struct lt_eval *eval); /* scratch stays its owner's */
/* The text buffer, empty; and back again. Taken twice, it is two buffers. */
struct lt_buf lt_eval_take_text(struct lt_eval *eval);
void lt_eval_put_text(struct lt_eval *eval, struct lt_buf *text);
/* Takes over the reference until lt_eval_reset. On failure it is dropped. */
lt_status lt_eval_keep(struct lt_eval *eval, struct lt_column *col) LT_MUST_CHECK;
/* The flat form of an argument (kept until the batch ends). */
lt_status lt_eval_flat(struct lt_eval *eval, struct lt_column *col,
                       struct lt_column **out) LT_MUST_CHECK;

#endif
