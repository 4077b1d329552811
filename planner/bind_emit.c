/* bind_emit.c -- the EMIT clause: when a windowed aggregate speaks, and what it repeats.
 *
 * EMIT governs the windowed aggregate of its block. Over an aggregate without a
 * window only EARLY EVERY and EARLY ON CHANGE mean something (the rate of
 * changes); every other item is refused with the reason, never ignored. */
#include "planner/bind.h"

static lt_status emit_interval(struct lt_planner *p, const struct lt_ast_expr *ast,
                               const char *what, int64_t *us)
{
    struct lt_bind b = {.p = p, .clause = "EMIT"};
    struct lt_expr *expr;
    LT_TRY(lt_bind_expr(&b, ast, &expr));
    if (expr->kind != LT_EXPR_CONSTANT || expr->type->kind != LT_TYPE_INTERVAL_DAY ||
        lt_column_is_null(expr->constant, 0))
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos,
                            "%s takes an interval of days or shorter, as in INTERVAL '1' MINUTE",
                            what);
    *us = ((const int64_t *)expr->constant->values)[0];
    if (*us <= 0)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "%s must be longer than nothing", what);
    return LT_OK;
}

static lt_status emit_items(struct lt_planner *p, const struct lt_ast_emit *ast,
                            struct lt_emit *out)
{
    out->early_on_change = ast->early_on_change;
    out->late_on_change = ast->late_on_change;
    if (ast->early_every)
        LT_TRY(emit_interval(p, ast->early_every, "EARLY EVERY", &out->early_every_us));
    if (ast->early_rows) {
        LT_TRY(lt_bind_integer(p, ast->early_rows, "EARLY EVERY n ROWS", &out->early_every_rows));
        if (out->early_every_rows == 0)
            return LT_BIND_FAIL(p, LT_INVALID, ast->early_rows->pos,
                                "EARLY EVERY n ROWS needs at least 1");
    }
    if (ast->late_every)
        LT_TRY(emit_interval(p, ast->late_every, "LATE EVERY", &out->late_every_us));
    if (ast->late_within)
        LT_TRY(emit_interval(p, ast->late_within, "WITHIN", &out->late_within_us));
    switch (ast->mode) {
    case LT_AST_DISCARDING: out->mode = LT_EMIT_DISCARDING; break;
    case LT_AST_ACCUMULATING: out->mode = LT_EMIT_ACCUMULATING; break;
    default: out->mode = LT_EMIT_RETRACTING; break;
    }
    out->late_rows = ast->late_rows_into != NULL;
    return LT_OK;
}

static lt_status check_windowed(struct lt_planner *p, const struct lt_ast_emit *ast,
                                const struct lt_emit *emit)
{
    if (ast->late && !ast->late_within)
        return LT_BIND_FAIL(p, LT_INVALID, ast->late_pos,
                            "LATE needs WITHIN and how long late rows are waited for");
    if (ast->mode != LT_AST_EMIT_MODE_DEFAULT && !ast->early && !ast->late)
        return LT_BIND_FAIL(p, LT_INVALID, ast->mode_pos,
                            "a window that fires once repeats nothing: add EARLY or LATE, or "
                            "leave this out");
    if (ast->late_rows_of)
        return LT_BIND_NOT_YET(p, ast->late_rows_pos, "LATE ROWS OF an input");
    LT_UNUSED(emit);
    return LT_OK;
}

lt_status lt_bind_emit(struct lt_planner *p, const struct lt_ast_emit *ast, bool windowed,
                       struct lt_emit *out)
{
    *out = (struct lt_emit){0};
    LT_TRY(emit_items(p, ast, out));
    if (windowed)
        return check_windowed(p, ast, out);
    static const char why[] = "this aggregate has no window";
    if (ast->at_watermark)
        return LT_BIND_FAIL(p, LT_INVALID, ast->watermark_pos, "AT WATERMARK: %s, so its result is "
                                                               "never final",
                            why);
    if (ast->late)
        return LT_BIND_FAIL(p, LT_INVALID, ast->late_pos, "LATE: %s, so no row is late", why);
    if (ast->late_rows_into)
        return LT_BIND_FAIL(p, LT_INVALID, ast->late_rows_pos,
                            "LATE ROWS INTO: %s, so no row is late", why);
    if (ast->mode == LT_AST_DISCARDING || ast->mode == LT_AST_ACCUMULATING)
        return LT_BIND_FAIL(p, LT_INVALID, ast->mode_pos,
                            "DISCARDING and ACCUMULATING are about windows that fire more than "
                            "once; %s",
                            why);
    if (ast->early_rows)
        return LT_BIND_FAIL(p, LT_INVALID, ast->early_rows->pos,
                            "EARLY EVERY n ROWS is about windows; %s", why);
    if (ast->early_every)
        return LT_BIND_NOT_YET(p, ast->early_pos,
                               "EARLY EVERY over an aggregate without a window");
    return LT_OK; /* EMIT CHANGES says what happens anyway */
}

/* An EMIT that no aggregate of its block took. */
lt_status lt_bind_emit_refuse(struct lt_planner *p, const struct lt_ast_emit *ast)
{
    bool changes_only = ast->early_on_change && !ast->at_watermark && !ast->late &&
                        !ast->late_rows_into && ast->mode == LT_AST_EMIT_MODE_DEFAULT;
    if (changes_only)
        return LT_OK;
    return LT_BIND_FAIL(p, LT_INVALID, ast->pos,
                        "EMIT governs the windowed aggregate of its own block, and there is none; "
                        "put it at the end of the query that has the GROUP BY");
}
