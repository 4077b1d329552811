/* build_emit.c -- the EMIT clause: each item once, synonyms made one.
 *
 * Every item is built as a clause with only that item set; merging two clauses
 * finds what was said twice. */
#include "parser/build.h"

static struct lt_ast_emit *emit_of(struct lt_parse *p, struct lt_ast_emit *emit)
{
    return emit != NULL ? emit : LT_BUILD_NEW(p, struct lt_ast_emit);
}

struct lt_ast_emit *lt_build_emit(struct lt_parse *p, struct lt_token t, struct lt_ast_emit *emit)
{
    emit->pos = lt_build_span(p, t.pos);
    return emit;
}

struct lt_ast_emit *lt_build_emit_at_watermark(struct lt_parse *p, struct lt_ast_emit *emit,
                                               struct lt_token t)
{
    emit = emit_of(p, emit);
    emit->at_watermark = true;
    emit->watermark_pos = lt_build_span(p, t.pos);
    return emit;
}

struct lt_ast_emit *lt_build_emit_early(struct lt_parse *p, struct lt_ast_emit *emit,
                                        struct lt_token t, struct lt_every every)
{
    emit = emit_of(p, emit);
    emit->early = true;
    emit->early_every = every.interval;
    emit->early_rows = every.rows;
    emit->early_on_change = every.on_change;
    emit->early_pos = lt_build_span(p, t.pos);
    return emit;
}

struct lt_ast_emit *lt_build_emit_late(struct lt_parse *p, struct lt_token t, struct lt_every every,
                                       struct lt_ast_expr *within)
{
    struct lt_ast_emit *emit = emit_of(p, NULL);
    emit->late = true;
    emit->late_every = every.interval;
    emit->late_on_change = every.on_change;
    emit->late_within = within;
    emit->late_pos = lt_build_span(p, t.pos);
    return emit;
}

struct lt_ast_emit *lt_build_emit_mode(struct lt_parse *p, struct lt_token t)
{
    struct lt_ast_emit *emit = emit_of(p, NULL);
    emit->mode = t.kind == LT_TK_DISCARDING     ? LT_AST_DISCARDING
                 : t.kind == LT_TK_ACCUMULATING ? LT_AST_ACCUMULATING
                                                : LT_AST_RETRACTING;
    emit->mode_pos = t.pos;
    return emit;
}

struct lt_ast_emit *lt_build_emit_late_rows(struct lt_parse *p, struct lt_token t,
                                            struct lt_list of, struct lt_list into)
{
    struct lt_ast_emit *emit = emit_of(p, NULL);
    emit->late_rows_of = of.first;
    emit->late_rows_into = into.first;
    emit->late_rows_pos = lt_build_span(p, t.pos);
    return emit;
}

static void emit_twice(struct lt_parse *p, struct lt_pos pos, const char *item)
{
    lt_parse_fail(p, LT_SYNTAX, pos, "EMIT says %s twice", item);
}

struct lt_ast_emit *lt_build_emit_merge(struct lt_parse *p, struct lt_ast_emit *a,
                                        struct lt_ast_emit *b)
{
    if (b->early) {
        if (a->early)
            emit_twice(p, b->early_pos, "EARLY");
        a->early = true;
        a->early_every = b->early_every;
        a->early_rows = b->early_rows;
        a->early_on_change = b->early_on_change;
        a->early_pos = b->early_pos;
    } else if (b->at_watermark) {
        if (a->at_watermark)
            emit_twice(p, b->watermark_pos, "AT WATERMARK");
        a->at_watermark = true;
        a->watermark_pos = b->watermark_pos;
    } else if (b->late) {
        if (a->late)
            emit_twice(p, b->late_pos, "LATE");
        a->late = true;
        a->late_every = b->late_every;
        a->late_on_change = b->late_on_change;
        a->late_within = b->late_within;
        a->late_pos = b->late_pos;
    } else if (b->mode != LT_AST_EMIT_MODE_DEFAULT) {
        if (a->mode != LT_AST_EMIT_MODE_DEFAULT)
            emit_twice(p, b->mode_pos, "what a second firing says");
        a->mode = b->mode;
        a->mode_pos = b->mode_pos;
    } else if (b->late_rows_into != NULL) {
        if (a->late_rows_into != NULL)
            emit_twice(p, b->late_rows_pos, "LATE ROWS");
        a->late_rows_of = b->late_rows_of;
        a->late_rows_into = b->late_rows_into;
        a->late_rows_pos = b->late_rows_pos;
    }
    return a;
}
