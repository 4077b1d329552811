/* bind_window.c -- windows: the table functions and the group windows of old.
 *
 *   FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)     WINDOW node
 *   GROUP BY TUMBLE(ts, INTERVAL '10' SECOND)                      a window spec only
 *
 * Arguments come by position or by name. After the required ones an interval is
 * the offset, a text the zone, a boolean CUMULATE's emitOnlyOnUpdate. */
#include "planner/bind.h"

enum window_arg { ARG_NONE, ARG_DATA, ARG_TIME, ARG_SIZE, ARG_SLIDE, ARG_COUNT, ARG_COUNT_SLIDE };

static const struct window_function {
    const char *name;
    enum lt_window_kind kind;
    struct window_param {
        enum window_arg arg;
        const char *name;
    } params[5];
    const char *usage;
} window_functions[] = {
    {"TUMBLE", LT_WINDOW_TUMBLE,
     {{ARG_DATA, "DATA"}, {ARG_TIME, "TIMECOL"}, {ARG_SIZE, "SIZE"}},
     "TUMBLE(TABLE t, DESCRIPTOR(ts), size [, offset])"},
    {"HOP", LT_WINDOW_HOP,
     {{ARG_DATA, "DATA"}, {ARG_TIME, "TIMECOL"}, {ARG_SLIDE, "SLIDE"}, {ARG_SIZE, "SIZE"}},
     "HOP(TABLE t, DESCRIPTOR(ts), slide, size [, offset])"},
    {"CUMULATE", LT_WINDOW_CUMULATE,
     {{ARG_DATA, "DATA"}, {ARG_TIME, "TIMECOL"}, {ARG_SLIDE, "STEP"}, {ARG_SIZE, "SIZE"}},
     "CUMULATE(TABLE t, DESCRIPTOR(ts), step, size [, offset [, emitOnlyOnUpdate]])"},
    {"SESSION", LT_WINDOW_SESSION,
     {{ARG_DATA, "DATA"}, {ARG_TIME, "TIMECOL"}, {ARG_SIZE, "GAP"}},
     "SESSION(TABLE t [PARTITION BY k], DESCRIPTOR(ts), gap)"},
    {"COUNT_TUMBLE", LT_WINDOW_COUNT_TUMBLE,
     {{ARG_DATA, "DATA"}, {ARG_COUNT, "SIZE"}},
     "COUNT_TUMBLE(TABLE t [PARTITION BY k], n)"},
    {"COUNT_HOP", LT_WINDOW_COUNT_HOP,
     {{ARG_DATA, "DATA"}, {ARG_COUNT_SLIDE, "SLIDE"}, {ARG_COUNT, "SIZE"}},
     "COUNT_HOP(TABLE t [PARTITION BY k], slide, n)"},
};

static const struct window_function *find_function(struct lt_str name)
{
    for (size_t i = 0; i < LT_ARRAY_LEN(window_functions); i++)
        if (lt_str_equal_nocase(name, lt_str_of(window_functions[i].name)))
            return &window_functions[i];
    return NULL;
}

bool lt_window_is_function(struct lt_str name)
{
    return find_function(name) != NULL;
}

const char *lt_window_nearest(struct lt_planner *p, struct lt_str name)
{
    struct lt_str names[LT_ARRAY_LEN(window_functions)];
    for (size_t i = 0; i < LT_ARRAY_LEN(window_functions); i++)
        names[i] = lt_str_of(window_functions[i].name);
    return lt_bind_nearest(p, name, LT_ARRAY_LEN(window_functions), names);
}

/* ---- sizes ------------------------------------------------------------------------ */

struct window { /* a window being bound */
    struct lt_planner *p;
    const struct window_function *fn;
    struct lt_window_spec spec;
    struct lt_str zone;
    struct lt_pos pos, zone_pos;
    bool has_offset, has_update;
};

static lt_status constant_of(struct lt_planner *p, const struct lt_ast_expr *ast,
                             struct lt_expr **out)
{
    struct lt_bind b = {.p = p, .clause = "the arguments of a window"};
    LT_TRY(lt_bind_expr(&b, ast, out));
    if ((*out)->kind != LT_EXPR_CONSTANT || lt_column_is_null((*out)->constant, 0))
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "a window's arguments are constants");
    return LT_OK;
}

static bool span_of(const struct lt_expr *expr, struct lt_span *span)
{
    *span = (struct lt_span){0};
    if (expr->type->kind == LT_TYPE_INTERVAL_DAY)
        span->us = ((const int64_t *)expr->constant->values)[0];
    else if (expr->type->kind == LT_TYPE_INTERVAL_MONTH)
        span->months = ((const int32_t *)expr->constant->values)[0];
    else
        return false;
    return true;
}

static lt_status bind_span(struct window *w, const struct lt_ast_expr *ast, const char *what,
                           struct lt_span *span)
{
    struct lt_expr *expr;
    LT_TRY(constant_of(w->p, ast, &expr));
    if (!span_of(expr, span))
        return LT_BIND_FAIL(w->p, LT_INVALID, ast->pos,
                            "%s of %s is an INTERVAL, as in INTERVAL '10' SECOND", what,
                            w->fn->name);
    if (span->us < 0 || span->months < 0 || (span->us == 0 && span->months == 0))
        return LT_BIND_FAIL(w->p, LT_INVALID, ast->pos, "%s of %s must be longer than nothing",
                            what, w->fn->name);
    return LT_OK;
}

/* What may stand after the required arguments: offset, zone, emitOnlyOnUpdate. */
static lt_status bind_option(struct window *w, const struct lt_ast_expr *ast)
{
    struct lt_planner *p = w->p;
    struct lt_expr *expr;
    struct lt_span span;
    enum lt_window_kind kind = w->spec.kind;
    LT_TRY(constant_of(p, ast, &expr));
    if (span_of(expr, &span) && kind <= LT_WINDOW_CUMULATE && !w->has_offset) {
        if (span.months)
            return LT_BIND_NOT_YET(p, ast->pos, "an offset in months");
        w->spec.offset_us = span.us;
        w->has_offset = true;
        return LT_OK;
    }
    if (lt_type_is_char(expr->type) && !w->zone.data && kind <= LT_WINDOW_SESSION) {
        w->zone = lt_sv_str((const struct lt_sv *)expr->constant->values);
        w->zone_pos = ast->pos;
        return LT_OK;
    }
    if (expr->type->kind == LT_TYPE_BOOLEAN && kind == LT_WINDOW_CUMULATE && !w->has_update) {
        w->spec.emit_only_on_update = ((const int8_t *)expr->constant->values)[0] != 0;
        w->has_update = true;
        return LT_OK;
    }
    return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "this argument is not expected: %s",
                        w->fn->usage);
}

static lt_status bind_argument(struct window *w, enum window_arg arg,
                               const struct lt_ast_expr *ast)
{
    bool step = w->spec.kind == LT_WINDOW_CUMULATE;
    switch (arg) {
    case ARG_SIZE:
        return bind_span(w, ast, w->spec.kind == LT_WINDOW_SESSION ? "the gap" : "the size",
                         &w->spec.size);
    case ARG_SLIDE: return bind_span(w, ast, step ? "the step" : "the slide", &w->spec.slide);
    case ARG_COUNT: return lt_bind_integer(w->p, ast, "the size of a count window", &w->spec.count);
    case ARG_COUNT_SLIDE:
        return lt_bind_integer(w->p, ast, "the slide of a count window", &w->spec.count_slide);
    default: return bind_option(w, ast);
    }
}

static lt_status check_sizes(struct window *w)
{
    struct lt_window_spec *spec = &w->spec;
    struct lt_planner *p = w->p;
    if (spec->kind >= LT_WINDOW_COUNT_TUMBLE) {
        if (spec->kind == LT_WINDOW_COUNT_TUMBLE)
            spec->count_slide = spec->count;
        if (spec->count < 1 || spec->count_slide < 1)
            return LT_BIND_FAIL(p, LT_INVALID, w->pos, "a count window holds at least one row");
        return LT_OK;
    }
    if (spec->kind == LT_WINDOW_TUMBLE)
        spec->slide = spec->size;
    if (spec->kind == LT_WINDOW_SESSION) {
        if (spec->size.months)
            return LT_BIND_NOT_YET(p, w->pos, "a session gap in months");
        return LT_OK;
    }
    if (!spec->size.months != !spec->slide.months)
        return LT_BIND_NOT_YET(p, w->pos, "months and shorter units in one window");
    bool multiple = spec->size.months ? spec->size.months % spec->slide.months == 0
                                      : spec->size.us % spec->slide.us == 0;
    if (spec->kind == LT_WINDOW_CUMULATE && !multiple)
        return LT_BIND_FAIL(p, LT_INVALID, w->pos,
                            "the size of CUMULATE must be a multiple of its step");
    return LT_OK;
}

/* ---- the time attribute -------------------------------------------------------------- */

static lt_status check_time(struct window *w, const struct lt_type *type, int64_t lag,
                            bool proctime, bool bounded, struct lt_str name, struct lt_pos pos)
{
    struct lt_planner *p = w->p;
    struct lt_window_spec *spec = &w->spec;
    if (!lt_type_is_time_attribute_kind(type))
        return LT_BIND_FAIL(p, LT_INVALID, pos, "a window needs a TIMESTAMP or TIMESTAMP_LTZ "
                                                "column, '%.*s' is none",
                            LT_STR_ARG(name));
    if (!proctime && lag > 0 && !bounded)
        return LT_BIND_FAIL(p, LT_INVALID, pos,
                            "'%.*s' is no time attribute, so a window over it could never close; "
                            "declare WATERMARK FOR %.*s in CREATE TABLE",
                            LT_STR_ARG(name), LT_STR_ARG(name));
    spec->proctime = proctime;
    spec->ltz = type->kind == LT_TYPE_TIMESTAMP_LTZ;
    spec->tick_us = type->precision <= 3 ? 1000 : 1;
    spec->zone = spec->ltz ? p->plan->zone : &lt_tz_utc;
    if (!w->zone.data)
        return LT_OK;
    if (!spec->ltz)
        return LT_BIND_FAIL(p, LT_INVALID, w->zone_pos,
                            "a window's zone needs a TIMESTAMP_LTZ; '%.*s' is a wall clock already",
                            LT_STR_ARG(name));
    if (!p->env->find_zone)
        return LT_BIND_NOT_YET(p, w->zone_pos, "a window's zone");
    return p->env->find_zone(p->env->find_zone_ctx, w->zone, &spec->zone, p->err);
}

const struct lt_type *lt_window_column_type(struct lt_planner *p,
                                            const struct lt_window_spec *spec,
                                            const struct lt_type *time,
                                            enum lt_window_column column)
{
    unsigned precision = time->precision > 3 ? time->precision : 3;
    const struct lt_type *type;
    switch (column) {
    case LT_WINCOL_NO: return &lt_type_bigint_not_null;
    case LT_WINCOL_START:
    case LT_WINCOL_END:
        type = lt_type_temporal(p->arena, LT_TYPE_TIMESTAMP, precision);
        break;
    default:
        type = lt_type_temporal(p->arena,
                                spec->ltz ? LT_TYPE_TIMESTAMP_LTZ : LT_TYPE_TIMESTAMP, precision);
        break;
    }
    return type ? lt_type_with_null(p->arena, type, false) : NULL;
}

/* ---- table functions -------------------------------------------------------------------- */

struct window_call { /* arguments sorted to their places */
    const struct lt_ast_expr *args[ARG_COUNT_SLIDE + 1];
    uint32_t n_options;
    const struct lt_ast_expr *options[8];
};

static lt_status sort_argument(struct window *w, struct window_call *call,
                               const struct lt_ast_expr *ast, uint32_t at)
{
    const struct window_param *params = w->fn->params;
    enum window_arg arg = at < LT_ARRAY_LEN(w->fn->params) ? params[at].arg : ARG_NONE;
    if (ast->kind == LT_AST_NAMED_ARG) {
        struct lt_str name = ast->u.named.name->text;
        arg = ARG_NONE;
        for (uint32_t i = 0; i < LT_ARRAY_LEN(w->fn->params) && params[i].name; i++)
            if (lt_str_equal_nocase(name, lt_str_of(params[i].name)))
                arg = params[i].arg;
        bool option = lt_str_equal_nocase(name, LT_STR("OFFSET")) ||
                      lt_str_equal_nocase(name, LT_STR("ZONE")) ||
                      lt_str_equal_nocase(name, LT_STR("EMITONLYONUPDATE"));
        if (arg == ARG_NONE && !option)
            return LT_BIND_FAIL(w->p, LT_INVALID, ast->pos, "%s has no argument '%.*s': %s",
                                w->fn->name, LT_STR_ARG(name), w->fn->usage);
        ast = ast->u.named.value;
    }
    if (arg == ARG_NONE) {
        if (call->n_options == LT_ARRAY_LEN(call->options))
            return LT_BIND_FAIL(w->p, LT_INVALID, ast->pos, "too many arguments: %s", w->fn->usage);
        call->options[call->n_options++] = ast;
        return LT_OK;
    }
    if (call->args[arg])
        return LT_BIND_FAIL(w->p, LT_INVALID, ast->pos, "this argument is given twice: %s",
                            w->fn->usage);
    call->args[arg] = ast;
    return LT_OK;
}

static lt_status bind_data(struct window *w, const struct lt_ast_expr *ast, struct lt_rel *out)
{
    struct lt_planner *p = w->p;
    if (ast->kind == LT_AST_COLUMN)
        return lt_bind_table_name(p, ast->u.path, NULL, ast->pos, out);
    if (ast->kind != LT_AST_TABLE_ARG)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "the first argument is a table: %s",
                            w->fn->usage);
    if (ast->u.table_arg.order)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "%s takes no ORDER BY", w->fn->name);
    if (ast->u.table_arg.partition && w->spec.kind < LT_WINDOW_SESSION)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos,
                            "%s takes no PARTITION BY: its windows are the same for every key; "
                            "GROUP BY the key",
                            w->fn->name);
    if (ast->u.table_arg.query)
        return lt_bind_query(p, ast->u.table_arg.query, out);
    return lt_bind_table_name(p, ast->u.table_arg.table, NULL, ast->pos, out);
}

static lt_status bind_partition(struct window *w, const struct lt_ast_expr *ast,
                                const struct lt_rel *rel)
{
    struct lt_planner *p = w->p;
    struct lt_bind b = {.p = p, .scope = &rel->scope, .clause = "PARTITION BY"};
    uint32_t n = 0;
    if (ast->kind != LT_AST_TABLE_ARG)
        return LT_OK;
    for (const struct lt_ast_exprs *e = ast->u.table_arg.partition; e; e = e->next)
        n++;
    w->spec.partition = LT_ARENA_ARRAY(p->arena, uint32_t, n + 1);
    if (!w->spec.partition)
        return LT_NOMEM;
    for (const struct lt_ast_exprs *e = ast->u.table_arg.partition; e; e = e->next) {
        struct lt_expr *expr;
        LT_TRY(lt_bind_expr(&b, e->expr, &expr));
        if (expr->kind != LT_EXPR_COLUMN)
            return LT_BIND_FAIL(p, LT_INVALID, e->expr->pos, "PARTITION BY takes columns");
        if (!lt_type_has_equality(expr->type))
            return LT_BIND_FAIL(p, LT_INVALID, e->expr->pos,
                                "values of this type cannot be partitioned by");
        bool twice = false;
        for (uint32_t i = 0; i < w->spec.n_partition; i++)
            twice |= w->spec.partition[i] == expr->index;
        if (!twice)
            w->spec.partition[w->spec.n_partition++] = expr->index;
    }
    return LT_OK;
}

static lt_status bind_time(struct window *w, const struct lt_ast_expr *ast,
                           const struct lt_rel *rel)
{
    struct lt_planner *p = w->p;
    struct lt_bind b = {.p = p, .scope = &rel->scope, .clause = "DESCRIPTOR"};
    const struct lt_props *props = &rel->node->props;
    struct lt_ast_expr column = {.kind = LT_AST_COLUMN, .pos = ast->pos, .u.path = ast->u.path};
    struct lt_expr *expr;
    if (ast->kind != LT_AST_DESCRIPTOR || !ast->u.path)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "DESCRIPTOR(column) is expected: %s",
                            w->fn->usage);
    if (ast->u.path->next)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "DESCRIPTOR takes one column here");
    LT_TRY(lt_bind_path(&b, &column, &expr));
    w->spec.time_column = expr->index;
    return check_time(w, expr->type, props->lag_us[expr->index], props->proctime[expr->index],
                      props->bounded, ast->u.path->text, ast->pos);
}

static lt_status window_node(struct window *w, struct lt_rel *rel)
{
    struct lt_planner *p = w->p;
    static const char *const names[] = {"window_start", "window_end", "window_time"};
    bool counts = w->spec.kind >= LT_WINDOW_COUNT_TUMBLE;
    uint32_t n = rel->node->schema.len;
    struct lt_plan_node *node;
    struct lt_rel out;
    LT_TRY(lt_node_new(p, LT_NODE_WINDOW, 1, &rel->node, n + (counts ? 1 : 3), &node));
    node->u.window.spec = w->spec;
    for (uint32_t i = n; i < node->schema.len; i++) {
        enum lt_window_column column = counts ? LT_WINCOL_NO : (enum lt_window_column)(i - n);
        const struct lt_type *time =
            counts ? &lt_type_bigint : rel->node->schema.fields[w->spec.time_column].type;
        node->schema.fields[i].name = lt_str_of(counts ? "window_no" : names[i - n]);
        node->schema.fields[i].type = lt_window_column_type(p, &w->spec, time, column);
        if (!node->schema.fields[i].type)
            return LT_NOMEM;
    }
    if (counts && rel->node->props.changing)
        return LT_BIND_FAIL(p, LT_INVALID, w->pos,
                            "count windows take append-only input, this one changes (%s)",
                            lt_props_why_changing(rel->node));
    LT_TRY(lt_node_finish(p, node));
    LT_TRY(lt_rel_of(p, node, LT_STR(""), &out));
    for (uint32_t i = 0; i < n; i++) {
        out.scope.columns[i].name = rel->scope.columns[i].name;
        out.scope.columns[i].table = rel->scope.columns[i].table;
        for (uint32_t k = n; k < node->schema.len; k++)
            if (lt_str_equal(out.scope.columns[i].name, node->schema.fields[k].name)) {
                /* a window over windows: the inner one's columns give way */
                out.scope.columns[i].name = LT_STR("");
                out.scope.columns[i].hidden = true;
            }
    }
    *rel = out;
    return LT_OK;
}

lt_status lt_bind_window_function(struct lt_planner *p, const struct lt_ast_from *from,
                                  struct lt_rel *out)
{
    const struct lt_ast_call *ast = from->call->u.call;
    struct window w = {.p = p, .fn = find_function(ast->name->text), .pos = from->call->pos};
    struct window_call call = {0};
    struct lt_rel rel;
    uint32_t at = 0;
    w.spec.kind = w.fn->kind;
    for (const struct lt_ast_exprs *a = ast->args; a; a = a->next)
        LT_TRY(sort_argument(&w, &call, a->expr, at++));
    for (uint32_t i = 0; i < LT_ARRAY_LEN(w.fn->params) && w.fn->params[i].name; i++)
        if (!call.args[w.fn->params[i].arg])
            return LT_BIND_FAIL(p, LT_INVALID, from->call->pos, "%s is missing: %s",
                                w.fn->params[i].name, w.fn->usage);
    for (int arg = ARG_SIZE; arg <= ARG_COUNT_SLIDE; arg++)
        if (call.args[arg])
            LT_TRY(bind_argument(&w, (enum window_arg)arg, call.args[arg]));
    for (uint32_t i = 0; i < call.n_options; i++)
        LT_TRY(bind_option(&w, call.options[i]));
    LT_TRY(check_sizes(&w));
    LT_TRY(bind_data(&w, call.args[ARG_DATA], &rel));
    LT_TRY(bind_partition(&w, call.args[ARG_DATA], &rel));
    if (call.args[ARG_TIME])
        LT_TRY(bind_time(&w, call.args[ARG_TIME], &rel));
    LT_TRY(window_node(&w, &rel));
    *out = rel;
    return LT_OK;
}

/* ---- group windows ------------------------------------------------------------------------ */

lt_status lt_bind_legacy_window(struct lt_bind *b, const struct lt_ast_expr *ast,
                                struct lt_window_spec *spec, struct lt_expr **time,
                                bool *is_window)
{
    struct lt_planner *p = b->p;
    const struct lt_ast_call *call = ast->kind == LT_AST_CALL ? ast->u.call : NULL;
    struct window w = {.p = p, .pos = ast->pos};
    uint32_t at = 1;
    *is_window = false;
    if (!call || call->name->next || call->over)
        return LT_OK;
    w.fn = find_function(call->name->text);
    if (!w.fn || w.fn->kind == LT_WINDOW_CUMULATE || w.fn->kind >= LT_WINDOW_COUNT_TUMBLE)
        return LT_OK;
    w.spec.kind = w.fn->kind;
    if (!call->args)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "%s needs a time column and a size",
                            w.fn->name);
    LT_TRY(lt_bind_expr(b, call->args->expr, time));
    for (const struct lt_ast_exprs *a = call->args->next; a; a = a->next) {
        enum window_arg arg = ++at < LT_ARRAY_LEN(w.fn->params) ? w.fn->params[at].arg : ARG_NONE;
        LT_TRY(bind_argument(&w, arg, a->expr));
    }
    if ((w.spec.size.us == 0 && w.spec.size.months == 0) ||
        (w.spec.kind == LT_WINDOW_HOP && w.spec.slide.us == 0 && w.spec.slide.months == 0))
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "GROUP BY %s needs a time column and its "
                                                     "%s",
                            w.fn->name, w.spec.kind == LT_WINDOW_HOP ? "slide and size" : "size");
    LT_TRY(check_sizes(&w));
    const struct lt_expr *t = *time;
    bool column = t->kind == LT_EXPR_COLUMN;
    bool proctime = (t->kind == LT_EXPR_CALL && strcmp(t->function->name, "PROCTIME") == 0);
    const struct lt_props *props = b->rel ? &b->rel->node->props : NULL;
    if (column && props)
        proctime = props->proctime[t->index];
    LT_TRY(check_time(&w, t->type, column && props ? props->lag_us[t->index] : LT_NO_LAG, proctime,
                      props && props->bounded,
                      column ? b->scope->columns[t->index].name : LT_STR("this expression"),
                      call->args->expr->pos));
    *spec = w.spec;
    *is_window = true;
    return LT_OK;
}
