/* bind_group.c -- GROUP BY and aggregate calls while a SELECT is bound.
 *
 * The SELECT list, HAVING and ORDER BY are bound over the input as if there were
 * no grouping; an aggregate call becomes a virtual column (LT_BIND_CALL + i), a
 * TUMBLE_START one of LT_BIND_AUX, GROUPING() one of LT_BIND_GROUPING. When all of
 * them are known the aggregate is planned (group_plan.c), and every expression is
 * rewritten over its output: a part equal to a key becomes the key's column, a
 * virtual column the real one, and an input column that is left is an error.
 *
 * Grouping sets multiply out into bitmaps of keys: ROLLUP(a, b) is {ab, a, -}. */
#include "planner/group.h"

/* ---- GROUP BY -------------------------------------------------------------------- */

struct set_list {
    uint32_t len, cap;
    uint64_t *sets;
};

static lt_status set_add(struct lt_grouping *g, struct set_list *list, uint64_t set,
                         struct lt_pos pos)
{
    if (list->len >= LT_BIND_SETS_MAX)
        return LT_BIND_FAIL(g->p, LT_LIMIT, pos, "more than %d grouping sets", LT_BIND_SETS_MAX);
    return LT_ARENA_PUSH(g->p->arena, list->sets, list->len, list->cap, set);
}

/* Two grouping elements side by side: every pair of their sets. */
static lt_status set_product(struct lt_grouping *g, struct set_list *into,
                             const struct set_list *with, struct lt_pos pos)
{
    struct set_list result = {0};
    for (uint32_t i = 0; i < into->len; i++)
        for (uint32_t k = 0; k < with->len; k++)
            LT_TRY(set_add(g, &result, into->sets[i] | with->sets[k], pos));
    *into = result;
    return LT_OK;
}

static lt_status group_expr(struct lt_grouping *g, struct lt_bind *b, const struct lt_ast_expr *ast,
                            uint64_t *set)
{
    struct lt_planner *p = g->p;
    struct lt_expr *expr;
    struct lt_window_spec spec;
    uint32_t key;
    bool is_window;
    if (ast->kind == LT_AST_LITERAL_NUMBER)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos,
                            "GROUP BY a number does not mean a column of the SELECT list; repeat "
                            "its expression");
    LT_TRY(lt_bind_legacy_window(b, ast, &spec, &expr, &is_window));
    if (is_window) {
        if (g->legacy)
            return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "GROUP BY takes one window only");
        g->legacy = true;
        g->spec = spec;
        g->time = expr;
        g->window_pos = ast->pos;
        return LT_OK;
    }
    LT_TRY(lt_bind_expr(b, ast, &expr));
    if (!lt_type_has_equality(expr->type))
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "values of this type cannot be grouped");
    LT_TRY(lt_exprs_add(p, &g->keys, expr, &key));
    if (g->has_sets && key >= 63)
        return LT_BIND_FAIL(p, LT_LIMIT, ast->pos, "more than 63 keys with grouping sets");
    if (g->has_sets)
        *set |= UINT64_C(1) << key;
    return LT_OK;
}

/* The keys of one element: an expression, or a tuple of them. */
static lt_status group_keys(struct lt_grouping *g, struct lt_bind *b,
                            const struct lt_ast_group *item, uint64_t *set)
{
    if (item->kind == LT_AST_GROUP_EXPR && item->expr->kind == LT_AST_ROW) {
        for (const struct lt_ast_exprs *e = item->expr->u.list; e; e = e->next)
            LT_TRY(group_expr(g, b, e->expr, set));
        return LT_OK;
    }
    if (item->kind == LT_AST_GROUP_EXPR)
        return group_expr(g, b, item->expr, set);
    if (item->kind != LT_AST_GROUP_TUPLE)
        return LT_BIND_FAIL(g->p, LT_INVALID, item->pos, "ROLLUP and CUBE take columns and tuples");
    for (const struct lt_ast_group *child = item->children; child; child = child->next)
        LT_TRY(group_keys(g, b, child, set));
    return LT_OK;
}

static lt_status group_element(struct lt_grouping *g, struct lt_bind *b,
                               const struct lt_ast_group *item, struct set_list *out)
{
    uint64_t parts[64], set = 0;
    uint32_t n = 0;
    LT_TRY(lt_bind_enter(g->p, item->pos));
    if (item->kind == LT_AST_GROUP_SETS) {
        for (const struct lt_ast_group *child = item->children; child; child = child->next) {
            struct set_list sets = {0};
            LT_TRY(group_element(g, b, child, &sets));
            for (uint32_t i = 0; i < sets.len; i++)
                LT_TRY(set_add(g, out, sets.sets[i], item->pos));
        }
    } else if (item->kind == LT_AST_GROUP_ROLLUP || item->kind == LT_AST_GROUP_CUBE) {
        bool cube = item->kind == LT_AST_GROUP_CUBE;
        for (const struct lt_ast_group *child = item->children; child; child = child->next) {
            if (n == (cube ? 12 : 64))
                return LT_BIND_FAIL(g->p, LT_LIMIT, child->pos, "more than %u elements in %s", n,
                                    cube ? "CUBE" : "ROLLUP");
            parts[n] = 0;
            LT_TRY(group_keys(g, b, child, &parts[n++]));
        }
        /* ROLLUP: the prefixes, longest first. CUBE: every subset, fullest first. */
        for (uint32_t i = cube ? 1u << n : n + 1; i-- > 0;) {
            set = 0;
            for (uint32_t k = 0; k < n; k++)
                set |= (cube ? (i >> (n - 1 - k) & 1) : k < i) ? parts[k] : 0;
            LT_TRY(set_add(g, out, set, item->pos));
        }
    } else {
        LT_TRY(group_keys(g, b, item, &set));
        LT_TRY(set_add(g, out, set, item->pos));
    }
    g->p->depth--;
    return LT_OK;
}

static bool has_sets(const struct lt_ast_query *query)
{
    for (const struct lt_ast_group *item = query->group; item; item = item->next)
        if (item->kind == LT_AST_GROUP_SETS || item->kind == LT_AST_GROUP_ROLLUP ||
            item->kind == LT_AST_GROUP_CUBE)
            return true;
    return false;
}

lt_status lt_grouping_new(struct lt_planner *p, const struct lt_ast_query *query,
                          struct lt_rel *input, struct lt_grouping **out)
{
    struct lt_grouping *g = LT_ARENA_NEW(p->arena, struct lt_grouping);
    struct set_list sets = {0};
    if (!g)
        return LT_NOMEM;
    *g = (struct lt_grouping){.p = p, .query = query, .input = input, .id_column = -1};
    g->has_sets = has_sets(query);
    g->input_names = LT_ARENA_ARRAY(p->arena, struct lt_str, input->scope.len + 1);
    if (!g->input_names)
        return LT_NOMEM;
    for (uint32_t i = 0; i < input->scope.len; i++)
        g->input_names[i] = input->scope.columns[i].name;
    input->scope.nullable = g->has_sets;
    struct lt_bind b = {
        .p = p, .scope = &input->scope, .rel = input, .clause = "GROUP BY", .items = query->items};
    LT_TRY(set_add(g, &sets, 0, query->pos));
    for (const struct lt_ast_group *item = query->group; item; item = item->next) {
        struct set_list element = {0};
        LT_TRY(group_element(g, &b, item, &element));
        if (g->has_sets)
            LT_TRY(set_product(g, &sets, &element, item->pos));
    }
    g->n_sets = sets.len;
    g->sets = sets.sets;
    if (query->group_distinct) { /* GROUP BY DISTINCT: each set once */
        g->n_sets = 0;
        for (uint32_t i = 0; i < sets.len; i++) {
            uint32_t k = 0;
            while (k < g->n_sets && g->sets[k] != sets.sets[i])
                k++;
            if (k == g->n_sets)
                g->sets[g->n_sets++] = sets.sets[i];
        }
    }
    *out = g;
    return LT_OK;
}

bool lt_grouping_needed(const struct lt_grouping *g)
{
    return g->query->group || g->n_calls || g->query->having;
}

/* ---- aggregate calls -------------------------------------------------------------------- */

static lt_status call_args(struct lt_bind *b, const struct lt_ast_call *call, struct lt_exprs *args)
{
    for (const struct lt_ast_exprs *a = call->args; a; a = a->next) {
        struct lt_expr *expr;
        if (a->expr->kind == LT_AST_STAR && !a->expr->u.path)
            continue; /* COUNT(*) */
        LT_TRY(lt_bind_expr(b, a->expr, &expr));
        LT_TRY(LT_ARENA_PUSH(b->p->arena, args->items, args->len, args->cap, expr));
    }
    return LT_OK;
}

static lt_status call_resolve(struct lt_bind *b, const struct lt_ast_expr *ast,
                              struct lt_group_call *call)
{
    struct lt_planner *p = b->p;
    const struct lt_type *types[LT_CALL_ARGS_MAX];
    const struct lt_column *constants[LT_CALL_ARGS_MAX];
    const struct lt_aggregate *fn = call->fn;
    uint32_t n = call->args.len;
    if (n > LT_CALL_ARGS_MAX || n < fn->args_min || (fn->args_max != 255 && n > fn->args_max))
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "%s was given %u argument%s; it is %s",
                            fn->name, n, n == 1 ? "" : "s",
                            fn->signature ? fn->signature : "an aggregate");
    for (uint32_t i = 0; i < n; i++) {
        types[i] = call->args.items[i]->type;
        constants[i] =
            call->args.items[i]->kind == LT_EXPR_CONSTANT ? call->args.items[i]->constant : NULL;
    }
    struct lt_bind_aggregate agg = {
        .call = {.arena = p->arena,
                 .name = lt_str_of(fn->name),
                 .pos = lt_bind_pos(p, ast->pos),
                 .n_args = n,
                 .args = types,
                 .constants = constants,
                 .zone = p->env->zone,
                 .err = p->err},
        .distinct = call->distinct,
        .changing = b->grouping->input->node->props.changing,
    };
    lt_status status = fn->bind(&agg);
    if (status != LT_OK)
        return status == LT_NOMEM
                   ? status
                   : LT_BIND_FAIL(p, status, ast->pos, "%s does not take these arguments; it is %s",
                                  fn->name, fn->signature ? fn->signature : fn->name);
    if (!agg.kernel || !agg.call.result)
        return LT_BIND_NOT_YET(p, ast->pos, "%s on these types", fn->name);
    if (agg.changing && !agg.kernel->retractable)
        return LT_BIND_NOT_YET(p, ast->pos, "%s over a changing result", fn->name);
    for (uint32_t i = 0; i < n; i++)
        LT_TRY(lt_bind_cast(p, call->args.items[i], types[i], &call->args.items[i]));
    call->kernel = agg.kernel;
    call->result = agg.call.result;
    return LT_OK;
}

static lt_status call_order(struct lt_bind *b, const struct lt_ast_order *order,
                            struct lt_group_call *call)
{
    struct lt_planner *p = b->p;
    uint32_t n = 0;
    for (const struct lt_ast_order *o = order; o; o = o->next)
        n++;
    call->order_desc = LT_ARENA_ARRAY(p->arena, bool, n + 1);
    call->order_nulls_first = LT_ARENA_ARRAY(p->arena, bool, n + 1);
    if (!call->order_desc || !call->order_nulls_first)
        return LT_NOMEM;
    for (const struct lt_ast_order *o = order; o; o = o->next) {
        struct lt_expr *expr;
        LT_TRY(lt_bind_expr(b, o->expr, &expr));
        LT_TRY(LT_ARENA_PUSH(p->arena, call->args.items, call->args.len, call->args.cap, expr));
        call->order_desc[call->n_order] = o->descending;
        call->order_nulls_first[call->n_order++] =
            o->nulls == LT_AST_NULLS_DEFAULT ? !o->descending : o->nulls == LT_AST_NULLS_FIRST;
    }
    return LT_OK;
}

static bool call_same(const struct lt_group_call *a, const struct lt_group_call *b)
{
    if (a->fn != b->fn || a->kernel != b->kernel || a->distinct != b->distinct ||
        a->ignore_nulls != b->ignore_nulls || a->args.len != b->args.len ||
        a->n_order != b->n_order || !a->filter != !b->filter ||
        (a->filter && !lt_expr_equal(a->filter, b->filter)))
        return false;
    for (uint32_t i = 0; i < a->args.len; i++)
        if (!lt_expr_equal(a->args.items[i], b->args.items[i]))
            return false;
    for (uint32_t i = 0; i < a->n_order; i++)
        if (a->order_desc[i] != b->order_desc[i] ||
            a->order_nulls_first[i] != b->order_nulls_first[i])
            return false;
    return true;
}

/* A group may hold no row that a FILTER lets through, and the group of everything
 * may hold no row at all: only counts are then not NULL. */
static lt_status call_result(struct lt_grouping *g, struct lt_group_call *call)
{
    bool counts = strstr(call->fn->name, "COUNT") != NULL;
    if (call->result->nullable || counts || (!call->filter && g->query->group))
        return LT_OK;
    call->result = lt_type_with_null(g->p->arena, call->result, true);
    return call->result ? LT_OK : LT_NOMEM;
}

lt_status lt_grouping_aggregate(struct lt_bind *b, const struct lt_ast_expr *ast,
                                const struct lt_aggregate *fn, struct lt_expr **out)
{
    struct lt_grouping *g = b->grouping;
    const struct lt_ast_call *ast_call = ast->u.call;
    struct lt_group_call call = {.fn = fn,
                                 .distinct = ast_call->distinct,
                                 .ignore_nulls = ast_call->nulls == LT_AST_IGNORE_NULLS};
    struct lt_planner *p = b->p;
    const char *clause = b->clause;
    uint32_t at = 0;
    if (g->in_aggregate)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos,
                            "an aggregate cannot stand inside another; aggregate a subquery");
    if (ast_call->semantics != LT_AST_SEMANTICS_DEFAULT)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos,
                            "FINAL and RUNNING stand only inside MATCH_RECOGNIZE");
    if (ast_call->words || ast_call->returning || ast_call->on_empty || ast_call->on_error)
        return LT_BIND_NOT_YET(p, ast->pos, "these words in %s", fn->name);
    g->in_aggregate = true;
    b->clause = "an aggregate";
    LT_TRY(call_args(b, ast_call, &call.args));
    LT_TRY(call_resolve(b, ast, &call));
    LT_TRY(call_order(b, ast_call->within_group ? ast_call->within_group : ast_call->order, &call));
    if (ast_call->filter) {
        b->clause = "FILTER";
        LT_TRY(lt_bind_condition(b, ast_call->filter, &call.filter));
    }
    b->clause = clause;
    g->in_aggregate = false;
    LT_TRY(call_result(g, &call));
    while (at < g->n_calls && !call_same(&g->calls[at], &call))
        at++;
    if (at == g->n_calls)
        LT_TRY(LT_ARENA_PUSH(p->arena, g->calls, g->n_calls, g->calls_cap, call));
    return lt_expr_column(p, LT_BIND_CALL + at, call.result, ast->pos, out);
}

/* ---- GROUPING(), TUMBLE_START() ... ------------------------------------------------------- */

static lt_status bind_grouping_id(struct lt_bind *b, const struct lt_ast_expr *ast,
                                  struct lt_expr **out)
{
    struct lt_grouping *g = b->grouping;
    struct lt_planner *p = b->p;
    struct lt_exprs args = {0};
    struct lt_group_ids ids = {0};
    LT_TRY(lt_bind_list(b, ast->u.call->args, &args));
    if (args.len == 0 || args.len > 62)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "GROUPING takes 1 to 62 keys");
    ids.keys = LT_ARENA_ARRAY(p->arena, uint32_t, args.len);
    if (!ids.keys)
        return LT_NOMEM;
    for (uint32_t i = 0; i < args.len; i++) {
        uint32_t key = 0;
        while (key < g->keys.len && !lt_expr_equal(g->keys.items[key], args.items[i]))
            key++;
        if (key == g->keys.len)
            return LT_BIND_FAIL(p, LT_INVALID, args.items[i]->pos,
                                "GROUPING takes expressions of GROUP BY");
        ids.keys[ids.n++] = key;
    }
    LT_TRY(lt_expr_column(p, LT_BIND_GROUPING + g->n_ids, &lt_type_bigint_not_null, ast->pos, out));
    return LT_ARENA_PUSH(p->arena, g->ids, g->n_ids, g->ids_cap, ids);
}

static const struct {
    const char *name;
    size_t base; /* how much of it names the window */
    enum lt_window_column column;
} aux_functions[] = {
    {"TUMBLE_START", 6, LT_WINCOL_START},   {"TUMBLE_END", 6, LT_WINCOL_END},
    {"TUMBLE_ROWTIME", 6, LT_WINCOL_TIME},  {"TUMBLE_PROCTIME", 6, LT_WINCOL_PROCTIME},
    {"HOP_START", 3, LT_WINCOL_START},      {"HOP_END", 3, LT_WINCOL_END},
    {"HOP_ROWTIME", 3, LT_WINCOL_TIME},     {"HOP_PROCTIME", 3, LT_WINCOL_PROCTIME},
    {"SESSION_START", 7, LT_WINCOL_START},  {"SESSION_END", 7, LT_WINCOL_END},
    {"SESSION_ROWTIME", 7, LT_WINCOL_TIME}, {"SESSION_PROCTIME", 7, LT_WINCOL_PROCTIME},
};

static bool spec_same(const struct lt_window_spec *a, const struct lt_window_spec *b)
{
    return a->kind == b->kind && a->size.us == b->size.us && a->size.months == b->size.months &&
           a->slide.us == b->slide.us && a->slide.months == b->slide.months &&
           a->offset_us == b->offset_us;
}

static lt_status bind_aux(struct lt_bind *b, const struct lt_ast_expr *ast, size_t which,
                          struct lt_expr **out)
{
    struct lt_grouping *g = b->grouping;
    struct lt_planner *p = b->p;
    const char *name = aux_functions[which].name;
    enum lt_window_column column = aux_functions[which].column;
    struct lt_ast_name window_name = {.text = {name, aux_functions[which].base}, .pos = ast->pos};
    struct lt_ast_call call = *ast->u.call;
    struct lt_ast_expr window = *ast;
    struct lt_window_spec spec;
    struct lt_expr *time;
    bool is_window = false;
    call.name = &window_name;
    window.u.call = &call;
    if (!g || !g->legacy || g->in_aggregate)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos,
                            "%s needs GROUP BY %.*s with the same "
                            "arguments",
                            name, (int)window_name.text.len, name);
    const struct lt_rel *rel = b->rel;
    b->rel = g->input;
    LT_TRY(lt_bind_legacy_window(b, &window, &spec, &time, &is_window));
    b->rel = rel;
    if (!is_window || !spec_same(&spec, &g->spec) ||
        (!lt_expr_equal(time, g->time) && !g->spec.proctime))
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos,
                            "the arguments of %s are not those of the window in GROUP BY", name);
    if ((column == LT_WINCOL_TIME && g->spec.proctime) ||
        (column == LT_WINCOL_PROCTIME && !g->spec.proctime))
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "%s needs a window over %s time", name,
                            g->spec.proctime ? "event" : "processing");
    const struct lt_type *type = lt_window_column_type(p, &g->spec, g->time->type, column);
    if (!type)
        return LT_NOMEM;
    g->aux_wanted |= 1u << column;
    return lt_expr_column(p, LT_BIND_AUX + column, type, ast->pos, out);
}

lt_status lt_grouping_call(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_expr **out)
{
    const struct lt_ast_name *name = ast->u.call->name;
    if (name->next)
        return LT_OK;
    if (lt_str_equal_nocase(name->text, LT_STR("GROUPING")) ||
        lt_str_equal_nocase(name->text, LT_STR("GROUPING_ID"))) {
        if (!b->grouping || b->grouping->in_aggregate)
            return LT_BIND_FAIL(b->p, LT_INVALID, ast->pos, "GROUPING cannot stand in %s",
                                b->clause);
        return bind_grouping_id(b, ast, out);
    }
    for (size_t i = 0; i < LT_ARRAY_LEN(aux_functions); i++)
        if (lt_str_equal_nocase(name->text, lt_str_of(aux_functions[i].name)))
            return bind_aux(b, ast, i, out);
    return LT_OK;
}
