/* bind_call.c -- calls: the registry's function resolves the types, casts are inserted. */
#include "planner/bind.h"

lt_status lt_bind_cast(struct lt_planner *p, struct lt_expr *expr, const struct lt_type *type,
                       struct lt_expr **out)
{
    return lt_bind_cast_mode(p, expr, type, LT_CAST_STRICT, out);
}

/* Is every ROW inside named alike? The cast is then nothing; else it gives the names. */
static bool same_field_names(const struct lt_type *a, const struct lt_type *b)
{
    for (uint32_t i = 0; i < a->n_children && i < b->n_children; i++) {
        if (a->names && b->names && !lt_str_equal(a->names[i], b->names[i]))
            return false;
        if (!same_field_names(a->children[i], b->children[i]))
            return false;
    }
    return true;
}

lt_status lt_bind_cast_mode(struct lt_planner *p, struct lt_expr *expr, const struct lt_type *type,
                            enum lt_cast_mode mode, struct lt_expr **out)
{
    struct lt_expr *cast;
    if (expr->type->kind == LT_TYPE_NULL && expr->kind == LT_EXPR_PARAMETER) {
        expr->type = type; /* a parameter has the type of its place */
        *out = expr;
        return LT_OK;
    }
    if (lt_type_same(expr->type, type) && same_field_names(expr->type, type)) {
        *out = expr;
        return LT_OK;
    }
    if (expr->type->kind == LT_TYPE_NULL && expr->kind == LT_EXPR_CONSTANT)
        return lt_expr_null(p, type, expr->pos, out);
    type = lt_type_with_null(p->arena, type, expr->type->nullable);
    if (!type)
        return LT_NOMEM;
    LT_TRY(lt_expr_new(p, LT_EXPR_CAST, type, expr->pos, 1, &cast));
    cast->args[0] = expr;
    cast->cast_mode = mode;
    cast->deterministic = expr->deterministic;
    return lt_expr_fold_call(p, cast, out);
}

static lt_status function_not_found(struct lt_planner *p, struct lt_str name, struct lt_pos pos)
{
    const struct lt_function *const *f = p->env->functions->functions;
    const struct lt_aggregate *const *a = p->env->functions->aggregates;
    uint32_t n = 0, len = 0;
    while (f && f[len])
        len++;
    for (uint32_t i = 0; a && a[i]; i++)
        n++;
    struct lt_str *names = LT_ARENA_ARRAY(p->arena, struct lt_str, n + len + 1);
    if (!names)
        return LT_NOMEM;
    for (uint32_t i = 0; i < len; i++)
        names[i] = lt_str_of(f[i]->name);
    for (uint32_t i = 0; i < n; i++)
        names[len + i] = lt_str_of(a[i]->name);
    bool word = name.len && ((name.data[0] | 32) >= 'a' && (name.data[0] | 32) <= 'z');
    return LT_BIND_FAIL(p, LT_INVALID, pos, "%s '%.*s' not found%s",
                        word ? "function" : "operator", LT_STR_ARG(name),
                        word ? lt_bind_nearest(p, name, n + len, names) : "");
}

static lt_status check_count(struct lt_planner *p, struct lt_str name, struct lt_pos pos,
                             uint32_t n, unsigned min, unsigned max, const char *signature)
{
    if (n > LT_CALL_ARGS_MAX)
        return LT_BIND_FAIL(p, LT_LIMIT, pos, "a call takes at most %d arguments",
                            LT_CALL_ARGS_MAX);
    if (n >= min && (max == 255 || n <= max))
        return LT_OK;
    return LT_BIND_FAIL(p, LT_INVALID, pos, "%.*s was given %u argument%s; it is %s",
                        LT_STR_ARG(name), n, n == 1 ? "" : "s",
                        signature ? signature : "a function of others");
}

lt_status lt_bind_call_named(struct lt_bind *b, struct lt_str name, struct lt_pos pos, uint32_t n,
                             struct lt_expr *const *args, struct lt_expr **out)
{
    struct lt_planner *p = b->p;
    const struct lt_function *fn = lt_registry_function(p->env->functions, name);
    const struct lt_type *types[LT_CALL_ARGS_MAX];
    const struct lt_column *constants[LT_CALL_ARGS_MAX];
    struct lt_expr *expr;
    if (!fn)
        return function_not_found(p, name, pos);
    LT_TRY(check_count(p, name, pos, n, fn->args_min, fn->args_max, fn->signature));
    for (uint32_t i = 0; i < n; i++) {
        types[i] = args[i]->type;
        constants[i] = args[i]->kind == LT_EXPR_CONSTANT ? args[i]->constant : NULL;
    }
    struct lt_bind_call call = {
        .arena = p->arena,
        .name = name,
        .pos = lt_bind_pos(p, pos),
        .n_args = n,
        .args = types,
        .constants = constants,
        .zone = p->env->zone,
        .err = p->err,
    };
    lt_status status = fn->bind(&call);
    if (status != LT_OK)
        return status == LT_NOMEM ? status
                                  : LT_BIND_FAIL(p, status, pos,
                                                 "%.*s does not take these arguments; it is %s",
                                                 LT_STR_ARG(name),
                                                 fn->signature ? fn->signature : fn->name);
    if (!call.result || !call.kernel)
        return LT_BIND_NOT_YET(p, pos, "%s on these types", fn->name);
    LT_TRY(lt_expr_new(p, LT_EXPR_CALL, call.result, pos, n, &expr));
    expr->function = fn;
    expr->kernel = call.kernel;
    expr->deterministic = !(fn->flags & (LT_FN_NONDETERMINISTIC | LT_FN_PER_STATEMENT));
    for (uint32_t i = 0; i < n; i++) {
        LT_TRY(lt_bind_cast(p, args[i], types[i], &expr->args[i]));
        expr->deterministic &= args[i]->deterministic;
    }
    return lt_expr_fold_call(p, expr, out);
}

/* TIMESTAMPADD(DAY, ...): the unit is written like a column. */
static bool takes_unit_first(struct lt_str name)
{
    return lt_str_equal_nocase(name, LT_STR("TIMESTAMPADD")) ||
           lt_str_equal_nocase(name, LT_STR("TIMESTAMPDIFF"));
}

static lt_status bind_unit(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_expr **out)
{
    struct lt_str text;
    if (ast->kind == LT_AST_UNIT || ast->kind == LT_AST_LITERAL_STRING)
        text = ast->u.text;
    else if (ast->kind == LT_AST_COLUMN && !ast->u.path->next)
        text = ast->u.path->text;
    else
        return lt_bind_expr(b, ast, out);
    struct lt_str upper;
    LT_TRY(lt_arena_str(b->p->arena, text, &upper));
    for (size_t i = 0; i < upper.len; i++)
        if (upper.data[i] >= 'a' && upper.data[i] <= 'z')
            ((char *)upper.data)[i] = (char)(upper.data[i] - 32);
    return lt_expr_text(b->p, upper, ast->pos, out);
}

/* Words between arguments choose another function, or are refused. */
static lt_status call_name(struct lt_bind *b, const struct lt_ast_call *call, struct lt_pos pos,
                           struct lt_str *name)
{
    const struct lt_ast_option *word = call->words;
    if (!word)
        return LT_OK;
    if (lt_str_equal_nocase(*name, LT_STR("TRIM")) && !word->next) {
        if (lt_str_equal_nocase(word->key, LT_STR("LEADING")))
            *name = LT_STR("LTRIM");
        else if (lt_str_equal_nocase(word->key, LT_STR("TRAILING")))
            *name = LT_STR("RTRIM");
        return LT_OK;
    }
    return LT_BIND_NOT_YET(b->p, pos, "%.*s with %.*s", LT_STR_ARG(*name), LT_STR_ARG(word->key));
}

static lt_status refuse_clauses(struct lt_bind *b, const struct lt_ast_call *call,
                                struct lt_str name, struct lt_pos pos)
{
    if (call->distinct || call->filter || call->order || call->within_group)
        return LT_BIND_FAIL(b->p, LT_INVALID, pos,
                            "%.*s is no aggregate: it takes no DISTINCT, FILTER or ORDER BY",
                            LT_STR_ARG(name));
    if (call->semantics != LT_AST_SEMANTICS_DEFAULT)
        return LT_BIND_FAIL(b->p, LT_INVALID, pos,
                            "FINAL and RUNNING stand only inside MATCH_RECOGNIZE");
    if (call->returning || call->on_empty || call->on_error)
        return LT_BIND_NOT_YET(b->p, pos, "RETURNING and DEFAULT in %.*s", LT_STR_ARG(name));
    return LT_OK;
}

static lt_status aggregate_or_refuse(struct lt_bind *b, const struct lt_ast_expr *ast,
                                     const struct lt_aggregate *fn, struct lt_expr **out)
{
    if (!b->grouping)
        return LT_BIND_FAIL(b->p, LT_INVALID, ast->pos, "the aggregate %s cannot stand in %s",
                            fn->name, b->clause);
    return lt_grouping_aggregate(b, ast, fn, out);
}

/* A user function of the catalog carries the name of a built-in one. */
static lt_status user_function(struct lt_planner *p, const struct lt_ast_name *path,
                               struct lt_pos pos, struct lt_str *name)
{
    const struct lt_object *object = NULL;
    struct lt_str parts[3];
    uint32_t n;
    if (!p->env->catalog)
        return LT_OK;
    LT_TRY(lt_bind_parts(p, path, &n, parts));
    if (lt_catalog_exists(p->env->catalog, n, parts))
        LT_TRY(lt_catalog_find(p->env->catalog, n, parts, pos, p->arena, &object, p->err));
    if (object && object->kind == LT_OBJECT_FUNCTION && object->function_class.len)
        *name = object->function_class;
    return LT_OK;
}

lt_status lt_bind_call(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_expr **out)
{
    struct lt_planner *p = b->p;
    const struct lt_ast_call *call = ast->u.call;
    const struct lt_ast_name *last = call->name;
    while (last->next)
        last = last->next;
    struct lt_str name = last->text;
    struct lt_exprs args = {0};
    struct lt_expr *arg;
    if (call->over)
        return LT_BIND_NOT_YET(p, ast->pos, "OVER");
    const struct lt_aggregate *aggregate = lt_registry_aggregate(p->env->functions, name);
    const struct lt_function *function = lt_registry_function(p->env->functions, name);
    if (aggregate && !function)
        return aggregate_or_refuse(b, ast, aggregate, out);
    *out = NULL;
    LT_TRY(lt_grouping_call(b, ast, out));
    if (*out)
        return LT_OK;
    if (!function) {
        LT_TRY(user_function(p, call->name, last->pos, &name));
        if (!lt_registry_function(p->env->functions, name))
            return function_not_found(p, name, ast->pos);
    }
    LT_TRY(refuse_clauses(b, call, name, ast->pos));
    LT_TRY(call_name(b, call, ast->pos, &name));
    for (const struct lt_ast_exprs *a = call->args; a; a = a->next) {
        if (a == call->args && takes_unit_first(name))
            LT_TRY(bind_unit(b, a->expr, &arg));
        else
            LT_TRY(lt_bind_expr(b, a->expr, &arg));
        LT_TRY(LT_ARENA_PUSH(p->arena, args.items, args.len, args.cap, arg));
    }
    return lt_bind_call_named(b, name, ast->pos, args.len, args.items, out);
}
