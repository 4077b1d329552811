/* expr_support.h -- expressions built by hand: types, constants, calls through the registry. */
#ifndef LT_TESTS_EXEC_EXPR_SUPPORT_H
#define LT_TESTS_EXEC_EXPR_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "catalog/typing.h"
#include "data/value.h"
#include "exec/functions/functions.h"
#include "exec/program.h"

struct fixture {
    struct lt_alloc alloc;
    struct lt_arena arena;
    struct lt_pool *pool;
    struct lt_error err;
    struct lt_column *held[4096]; /* constants and inputs, released at the end */
    uint32_t n_held;
    const struct lt_tz *zone;
    struct lt_tz *loaded;
};

static inline void fixture_open(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    lt_alloc_init_root(&f->alloc, NULL, "test", SIZE_MAX);
    lt_arena_init(&f->arena, &f->alloc);
    assert_int_equal(lt_pool_open(&f->alloc, &f->pool), LT_OK);
    f->zone = &lt_tz_utc;
}

static inline void fixture_close(struct fixture *f)
{
    for (uint32_t i = 0; i < f->n_held; i++)
        lt_column_unref(f->held[i]);
    if (f->loaded)
        lt_tz_free(&f->alloc, f->loaded);
    lt_arena_close(&f->arena);
    lt_pool_close(f->pool);
    assert_int_equal(f->alloc.used_bytes, 0);
    lt_alloc_close(&f->alloc);
}

static inline struct lt_column *hold(struct fixture *f, struct lt_column *col)
{
    assert_non_null(col);
    assert_true(f->n_held < LT_ARRAY_LEN(f->held));
    f->held[f->n_held++] = col;
    return col;
}

/* A column of texts read as values of the type; NULL is NULL. */
static inline struct lt_column *column(struct fixture *f, const struct lt_type *type, uint32_t n,
                                       const char *const *texts)
{
    struct lt_column *col = hold(f, lt_column_new(f->pool, type, n));
    for (uint32_t i = 0; i < n; i++) {
        if (texts[i]) {
            assert_int_equal(lt_text_to_lane(lt_str_of(texts[i]), col, i, f->zone), LT_OK);
        } else {
            assert_int_equal(lt_column_own_validity(col), LT_OK);
            lt_column_set_null(col, i);
        }
    }
    return col;
}

static inline struct lt_expr *node(struct fixture *f, enum lt_expr_kind kind,
                                   const struct lt_type *type, uint32_t n)
{
    struct lt_expr *expr = LT_ARENA_NEW(&f->arena, struct lt_expr);
    expr->kind = kind;
    expr->type = type;
    expr->n_args = n;
    expr->args = LT_ARENA_ARRAY(&f->arena, struct lt_expr *, n + 1);
    expr->deterministic = true;
    expr->pos = (struct lt_pos){1, 1, 0, 1};
    return expr;
}

static inline struct lt_expr *value(struct fixture *f, const struct lt_type *type, const char *text)
{
    struct lt_expr *expr = node(f, LT_EXPR_CONSTANT, type, 0);
    expr->constant = column(f, type, 1, &text);
    if (text)
        expr->type = lt_type_with_null(&f->arena, type, false);
    return expr;
}

static inline struct lt_expr *input(struct fixture *f, uint32_t index, const struct lt_type *type)
{
    struct lt_expr *expr = node(f, LT_EXPR_COLUMN, type, 0);
    expr->index = index;
    return expr;
}

static inline struct lt_expr *cast_to(struct fixture *f, struct lt_expr *arg,
                                      const struct lt_type *type, enum lt_cast_mode mode)
{
    struct lt_expr *expr = node(f, LT_EXPR_CAST, type, 1);
    expr->args[0] = arg;
    expr->cast_mode = mode;
    expr->deterministic = arg->deterministic;
    return expr;
}

static inline struct lt_expr *fold_node(struct fixture *f, struct lt_expr *expr)
{
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (expr->args[i]->kind != LT_EXPR_CONSTANT)
            return expr;
    }
    struct lt_column *col;
    struct lt_error err = {0};
    if (!expr->deterministic ||
        lt_expr_fold(&f->alloc, f->pool, expr, f->zone, &col, &err) != LT_OK)
        return expr;
    struct lt_expr *constant = node(f, LT_EXPR_CONSTANT, expr->type, 0);
    constant->constant = hold(f, col);
    return constant;
}

/* Binds a call as the planner does: casts inserted, constants folded. NULL when the
 * function refuses (f->err says why). */
static inline struct lt_expr *call_args(struct fixture *f, const char *name, uint32_t n,
                                        struct lt_expr **args)
{
    struct lt_function_registry registry = {.functions = lt_functions};
    const struct lt_function *fn = lt_registry_function(&registry, lt_str_of(name));
    const struct lt_type *types[LT_CALL_ARGS_MAX];
    const struct lt_column *constants[LT_CALL_ARGS_MAX];
    if (fn == NULL)
        fail_msg("no function %s", name);
    for (uint32_t i = 0; i < n; i++) {
        types[i] = args[i]->type;
        constants[i] = args[i]->constant;
    }
    struct lt_bind_call bind = {.arena = &f->arena,
                                .name = lt_str_of(name),
                                .n_args = n,
                                .args = types,
                                .constants = constants,
                                .zone = f->zone,
                                .err = &f->err};
    lt_error_clear(&f->err);
    if (fn->bind(&bind) != LT_OK)
        return NULL;
    struct lt_expr *expr = node(f, LT_EXPR_CALL, bind.result, n);
    expr->function = fn;
    expr->kernel = bind.kernel;
    expr->deterministic = !(fn->flags & (LT_FN_NONDETERMINISTIC | LT_FN_PER_STATEMENT));
    for (uint32_t i = 0; i < n; i++) {
        expr->args[i] = args[i];
        if (!lt_type_same(args[i]->type, types[i]))
            expr->args[i] = fold_node(f, cast_to(f, args[i], types[i], LT_CAST_STRICT));
        expr->deterministic = expr->deterministic && args[i]->deterministic;
    }
    return expr;
}

#define CALL(f, name, ...)                                                                   \
    call_args(f, name, sizeof((struct lt_expr *[]){__VA_ARGS__}) / sizeof(struct lt_expr *), \
              (struct lt_expr *[]){__VA_ARGS__})

/* Runs one expression over columns; the result rows joined by '|'. An error gives
 * "error: <message>". */
static inline const char *run_over(struct fixture *f, struct lt_expr *expr, uint32_t n_columns,
                                   struct lt_column **columns, uint32_t len, const uint16_t *sel,
                                   uint32_t n_sel)
{
    struct lt_program *program;
    struct lt_column *out;
    struct lt_buf buf;
    struct lt_str text;
    struct lt_batch batch = {.len = len,
                             .n_sel = sel ? n_sel : len,
                             .sel = sel,
                             .n_columns = n_columns,
                             .columns = columns,
                             .proctime_us = 1000000};
    if (expr == NULL) {
        assert_int_equal(lt_arena_printf(&f->arena, &text, "refused: %s", f->err.message), LT_OK);
        return text.data;
    }
    lt_error_clear(&f->err);
    lt_buf_init(&buf, &f->alloc);
    lt_status status = lt_program_open(&f->alloc, f->pool, NULL, 1, &expr, &program, &f->err);
    if (status == LT_OK) {
        lt_program_eval(program)->zone = f->zone;
        status = lt_program_run(program, &batch, &out, &f->err);
        lt_program_close(program);
    }
    if (status != LT_OK) {
        lt_buf_addf(&buf, "error: %s", f->err.message);
    } else {
        for (uint32_t k = 0; k < batch.n_sel; k++) {
            struct lt_cell cell = lt_column_cell(out, sel ? sel[k] : k);
            if (k > 0)
                lt_buf_addc(&buf, '|');
            lt_cell_print(&buf, cell, f->zone);
        }
        assert_int_equal(out->len, len);
        lt_column_unref(out);
    }
    assert_int_equal(lt_arena_str(&f->arena, lt_buf_str(&buf), &text), LT_OK);
    lt_buf_close(&buf);
    return text.data;
}

static inline const char *run_one(struct fixture *f, struct lt_expr *expr)
{
    return run_over(f, expr, 0, NULL, 1, NULL, 0);
}

#define CHECK(f, expected, expr) assert_string_equal(run_one(f, expr), expected)

static inline struct lt_expr *vi(struct fixture *f, const char *text)
{
    return value(f, &lt_type_int, text);
}
static inline struct lt_expr *vl(struct fixture *f, const char *text)
{
    return value(f, &lt_type_bigint, text);
}
static inline struct lt_expr *vs(struct fixture *f, const char *text)
{
    return value(f, &lt_type_string, text);
}
static inline struct lt_expr *vd(struct fixture *f, const char *text)
{
    return value(f, &lt_type_double, text);
}
static inline struct lt_expr *vt(struct fixture *f, const char *text)
{
    return value(f, &lt_type_timestamp3, text);
}
static inline struct lt_expr *vb(struct fixture *f, const char *text)
{
    return value(f, &lt_type_boolean, text);
}
static inline struct lt_expr *vdec(struct fixture *f, unsigned p, unsigned s, const char *text)
{
    return value(f, lt_type_decimal(&f->arena, p, s), text);
}

#endif
