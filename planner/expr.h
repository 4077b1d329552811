/* expr.h -- a bound expression: every name resolved, every type known.
 *
 * Built by the binder in the plan's arena, read-only afterwards. Casts are
 * explicit calls of the function "CAST"; operators are calls too: "+", "=",
 * "AND", "NOT", "IS NULL", "LIKE" ... are functions of the registry. */
#ifndef LT_PLANNER_EXPR_H
#define LT_PLANNER_EXPR_H

#include "catalog/function.h"

enum lt_expr_kind {
    LT_EXPR_COLUMN,   /* column `index` of the input */
    LT_EXPR_CONSTANT, /* one-row column `constant` */
    LT_EXPR_PARAMETER,/* ? number `index`: a constant fixed when the statement starts */
    LT_EXPR_CALL,     /* function + kernel over args */
    LT_EXPR_CASE,     /* args: when, then, when, then, ..., else */
    LT_EXPR_COALESCE, /* args */
    LT_EXPR_AND,      /* args (n-ary); evaluates left to right, later args only where undecided */
    LT_EXPR_OR,
    LT_EXPR_CAST,     /* args[0] to `type`; cast_mode */
    LT_EXPR_FIELD,    /* field `index` of the ROW args[0] */
};

enum lt_cast_mode {
    LT_CAST_STRICT, /* CAST: what does not fit is an error; text is cut or padded */
    LT_CAST_TRY,    /* TRY_CAST: what does not fit is NULL */
    LT_CAST_STORE,  /* INSERT: as CAST, but text that is too long is an error too */
};

struct lt_expr {
    enum lt_expr_kind kind;
    const struct lt_type *type;
    struct lt_pos pos;
    uint32_t index;
    uint32_t n_args;
    struct lt_expr **args;
    struct lt_column *constant; /* held by the plan */
    const struct lt_function *function;
    const struct lt_kernel *kernel;
    enum lt_cast_mode cast_mode;
    bool deterministic; /* of the whole tree */
};

/* Constant folding, lent to the planner by the engine, since kernels live in exec. */
struct lt_fold {
    lt_status (*fold)(const struct lt_fold *fold, const struct lt_expr *expr,
                      struct lt_column **out, struct lt_error *err);
    void *ctx;
};

#endif
