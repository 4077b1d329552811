/* bind_expr.c -- expressions: operators become calls, sugar becomes what it means.
 *
 *   a BETWEEN x AND y      a >= x AND a <= y
 *   CASE v WHEN x ...      CASE WHEN v = x ...
 *   a NOT IN (x, y)        NOT IN(a, x, y)
 *   a[i], m['k']           ITEM(a, i)
 *
 * AND, OR, CASE and CAST are forms of their own; everything else is a function
 * of the registry, found by its symbol. */
#include "planner/bind.h"

static const char *const op_names[] = {
    [LT_AST_OP_NEG] = "NEGATE",
    [LT_AST_OP_NOT] = "NOT",
    [LT_AST_OP_IS_NULL] = "IS NULL",
    [LT_AST_OP_IS_NOT_NULL] = "IS NOT NULL",
    [LT_AST_OP_IS_TRUE] = "IS TRUE",
    [LT_AST_OP_IS_NOT_TRUE] = "IS NOT TRUE",
    [LT_AST_OP_IS_FALSE] = "IS FALSE",
    [LT_AST_OP_IS_NOT_FALSE] = "IS NOT FALSE",
    [LT_AST_OP_IS_UNKNOWN] = "IS NULL",
    [LT_AST_OP_IS_NOT_UNKNOWN] = "IS NOT NULL",
    [LT_AST_OP_IS_JSON] = "IS JSON",
    [LT_AST_OP_IS_NOT_JSON] = "IS NOT JSON",
    [LT_AST_OP_IS_JSON_OBJECT] = "IS JSON OBJECT",
    [LT_AST_OP_IS_NOT_JSON_OBJECT] = "IS NOT JSON OBJECT",
    [LT_AST_OP_IS_JSON_ARRAY] = "IS JSON ARRAY",
    [LT_AST_OP_IS_NOT_JSON_ARRAY] = "IS NOT JSON ARRAY",
    [LT_AST_OP_IS_JSON_SCALAR] = "IS JSON SCALAR",
    [LT_AST_OP_IS_NOT_JSON_SCALAR] = "IS NOT JSON SCALAR",
    [LT_AST_OP_EQ] = "=",
    [LT_AST_OP_NE] = "<>",
    [LT_AST_OP_LT] = "<",
    [LT_AST_OP_LE] = "<=",
    [LT_AST_OP_GT] = ">",
    [LT_AST_OP_GE] = ">=",
    [LT_AST_OP_IS_DISTINCT] = "IS DISTINCT FROM",
    [LT_AST_OP_IS_NOT_DISTINCT] = "IS NOT DISTINCT FROM",
    [LT_AST_OP_ADD] = "+",
    [LT_AST_OP_SUB] = "-",
    [LT_AST_OP_MUL] = "*",
    [LT_AST_OP_DIV] = "/",
    [LT_AST_OP_MOD] = "%",
    [LT_AST_OP_CONCAT] = "||",
    [LT_AST_OP_AT_TIME_ZONE] = "AT TIME ZONE",
    [LT_AST_OP_OVERLAPS] = "OVERLAPS",
    [LT_AST_OP_LIKE] = "LIKE",
    [LT_AST_OP_ILIKE] = "ILIKE",
    [LT_AST_OP_SIMILAR] = "SIMILAR TO",
    [LT_AST_OP_REGEXP] = "REGEXP",
};

static lt_status call_op(struct lt_bind *b, enum lt_ast_op op, struct lt_pos pos, uint32_t n,
                         struct lt_expr *const *args, struct lt_expr **out)
{
    const char *name = op < LT_ARRAY_LEN(op_names) ? op_names[op] : NULL;
    if (!name)
        return LT_BIND_NOT_YET(b->p, pos, "this operator");
    return lt_bind_call_named(b, lt_str_of(name), pos, n, args, out);
}

static lt_status negate_if(struct lt_bind *b, bool negated, struct lt_pos pos, struct lt_expr *expr,
                           struct lt_expr **out)
{
    if (negated)
        return call_op(b, LT_AST_OP_NOT, pos, 1, &expr, out);
    *out = expr;
    return LT_OK;
}

/* AND and OR of BOOLEANs; equal neighbours are joined into one n-ary node. */
static lt_status logical(struct lt_bind *b, enum lt_expr_kind kind, struct lt_pos pos,
                         struct lt_expr *left, struct lt_expr *right, struct lt_expr **out)
{
    struct lt_expr *sides[2] = {left, right}, *expr;
    uint32_t n = 0;
    bool nullable = false;
    for (int i = 0; i < 2; i++) {
        if (sides[i]->type->kind == LT_TYPE_NULL)
            LT_TRY(lt_bind_cast(b->p, sides[i], &lt_type_boolean, &sides[i]));
        if (sides[i]->type->kind != LT_TYPE_BOOLEAN)
            return LT_BIND_FAIL(b->p, LT_INVALID, sides[i]->pos, "%s needs BOOLEAN conditions",
                                kind == LT_EXPR_AND ? "AND" : "OR");
        nullable |= sides[i]->type->nullable;
        n += sides[i]->kind == kind ? sides[i]->n_args : 1;
    }
    LT_TRY(lt_expr_new(b->p, kind, nullable ? &lt_type_boolean : &lt_type_boolean_not_null, pos, n,
                       &expr));
    n = 0;
    for (int i = 0; i < 2; i++) {
        if (sides[i]->kind != kind)
            expr->args[n++] = sides[i];
        for (uint32_t k = 0; sides[i]->kind == kind && k < sides[i]->n_args; k++)
            expr->args[n++] = sides[i]->args[k];
        expr->deterministic &= sides[i]->deterministic;
    }
    *out = expr;
    return LT_OK;
}

static lt_status bind_unary(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_expr **out)
{
    const struct lt_ast_expr *operand = ast->u.op.left ? ast->u.op.left : ast->u.op.right;
    struct lt_expr *value;
    if (ast->u.op.op == LT_AST_OP_NEG && operand->kind == LT_AST_LITERAL_NUMBER)
        return lt_bind_literal(b->p, operand, true, out);
    LT_TRY(lt_bind_expr(b, operand, &value));
    if (ast->u.op.op == LT_AST_OP_POS) {
        if (!lt_type_is_numeric(value->type) && value->type->kind != LT_TYPE_INTERVAL_DAY &&
            value->type->kind != LT_TYPE_INTERVAL_MONTH && value->type->kind != LT_TYPE_NULL)
            return LT_BIND_FAIL(b->p, LT_INVALID, ast->pos, "+ needs a number");
        *out = value;
        return LT_OK;
    }
    return call_op(b, ast->u.op.op, ast->pos, 1, &value, out);
}

/* A chain of ANDs leans to the left and may be long: it is walked, not descended. */
static lt_status bind_binary(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_expr **out)
{
    struct lt_expr *args[2];
    LT_TRY(lt_bind_expr(b, ast->u.op.left, &args[0]));
    LT_TRY(lt_bind_expr(b, ast->u.op.right, &args[1]));
    if (ast->u.op.op == LT_AST_OP_AND)
        return logical(b, LT_EXPR_AND, ast->pos, args[0], args[1], out);
    if (ast->u.op.op == LT_AST_OP_OR)
        return logical(b, LT_EXPR_OR, ast->pos, args[0], args[1], out);
    return call_op(b, ast->u.op.op, ast->pos, 2, args, out);
}

static lt_status between_range(struct lt_bind *b, struct lt_pos pos, struct lt_expr *value,
                               struct lt_expr *low, struct lt_expr *high, struct lt_expr **out)
{
    struct lt_expr *from, *to;
    LT_TRY(call_op(b, LT_AST_OP_GE, pos, 2, (struct lt_expr *[]){value, low}, &from));
    LT_TRY(call_op(b, LT_AST_OP_LE, pos, 2, (struct lt_expr *[]){value, high}, &to));
    return logical(b, LT_EXPR_AND, pos, from, to, out);
}

static lt_status bind_between(struct lt_bind *b, const struct lt_ast_expr *ast,
                              struct lt_expr **out)
{
    struct lt_expr *value, *low, *high, *expr, *other;
    LT_TRY(lt_bind_expr(b, ast->u.between.value, &value));
    LT_TRY(lt_bind_expr(b, ast->u.between.low, &low));
    LT_TRY(lt_bind_expr(b, ast->u.between.high, &high));
    LT_TRY(between_range(b, ast->pos, value, low, high, &expr));
    if (ast->u.between.symmetric) {
        LT_TRY(between_range(b, ast->pos, value, high, low, &other));
        LT_TRY(logical(b, LT_EXPR_OR, ast->pos, expr, other, &expr));
    }
    return negate_if(b, ast->u.between.negated, ast->pos, expr, out);
}

static lt_status bind_like(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_expr **out)
{
    struct lt_expr *args[3], *expr;
    uint32_t n = 2;
    LT_TRY(lt_bind_expr(b, ast->u.like.value, &args[0]));
    LT_TRY(lt_bind_expr(b, ast->u.like.pattern, &args[1]));
    if (ast->u.like.escape)
        LT_TRY(lt_bind_expr(b, ast->u.like.escape, &args[n++]));
    LT_TRY(call_op(b, ast->u.like.op, ast->pos, n, args, &expr));
    return negate_if(b, ast->u.like.negated, ast->pos, expr, out);
}

/* IN takes as many values as a call takes arguments; more become an OR of INs. */
static lt_status bind_in(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_expr **out)
{
    struct lt_expr *args[LT_CALL_ARGS_MAX], *expr = NULL, *part;
    const struct lt_ast_exprs *item = ast->u.in.list;
    LT_TRY(lt_bind_expr(b, ast->u.in.value, &args[0]));
    while (item) {
        uint32_t n = 1;
        for (; item && n < LT_CALL_ARGS_MAX; item = item->next)
            LT_TRY(lt_bind_expr(b, item->expr, &args[n++]));
        LT_TRY(lt_bind_call_named(b, LT_STR("IN"), ast->pos, n, args, &part));
        if (expr)
            LT_TRY(logical(b, LT_EXPR_OR, ast->pos, expr, part, &part));
        expr = part;
    }
    if (!expr)
        return LT_BIND_FAIL(b->p, LT_INVALID, ast->pos, "IN needs at least one value");
    return negate_if(b, ast->u.in.negated, ast->pos, expr, out);
}

static lt_status bind_case(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_expr **out)
{
    struct lt_planner *p = b->p;
    struct lt_expr *value = NULL, *expr;
    uint32_t n = 0;
    for (const struct lt_ast_when *w = ast->u.cases.whens; w; w = w->next)
        n++;
    const struct lt_type **types = LT_ARENA_ARRAY(p->arena, const struct lt_type *, n + 1);
    if (!types)
        return LT_NOMEM;
    if (ast->u.cases.value)
        LT_TRY(lt_bind_expr(b, ast->u.cases.value, &value));
    LT_TRY(lt_expr_new(p, LT_EXPR_CASE, &lt_type_null, ast->pos, 2 * n + 1, &expr));
    struct lt_expr **arg = expr->args;
    n = 0;
    for (const struct lt_ast_when *w = ast->u.cases.whens; w; w = w->next, n++) {
        if (value) {
            struct lt_expr *pair[2] = {value};
            LT_TRY(lt_bind_expr(b, w->when, &pair[1]));
            LT_TRY(call_op(b, LT_AST_OP_EQ, w->when->pos, 2, pair, &arg[2 * n]));
        } else {
            LT_TRY(lt_bind_condition(b, w->when, &arg[2 * n]));
        }
        LT_TRY(lt_bind_expr(b, w->then, &arg[2 * n + 1]));
        types[n] = arg[2 * n + 1]->type;
    }
    if (ast->u.cases.otherwise)
        LT_TRY(lt_bind_expr(b, ast->u.cases.otherwise, &arg[2 * n]));
    else
        LT_TRY(lt_expr_null(p, &lt_type_null, ast->pos, &arg[2 * n]));
    types[n] = arg[2 * n]->type;
    lt_status status = lt_common_type(p->arena, n + 1, types, &expr->type);
    if (status == LT_INVALID)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos,
                            "the branches of CASE have no common type; CAST them to one");
    LT_TRY(status);
    for (uint32_t i = 0; i <= n; i++) {
        uint32_t at = i < n ? 2 * i + 1 : 2 * n;
        LT_TRY(lt_bind_cast(p, arg[at], expr->type, &arg[at]));
    }
    for (uint32_t i = 0; i < expr->n_args; i++)
        expr->deterministic &= arg[i]->deterministic;
    *out = expr;
    return LT_OK;
}

static lt_status bind_cast(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_expr **out)
{
    struct lt_planner *p = b->p;
    const struct lt_type *type;
    struct lt_expr *value, *expr;
    LT_TRY(lt_bind_expr(b, ast->u.cast.value, &value));
    LT_TRY(lt_bind_type(p, ast->u.cast.type, &type));
    if (value->type->kind != LT_TYPE_NULL && !lt_cast_exists(value->type, type)) {
        struct lt_buf text;
        lt_buf_init(&text, p->env->alloc);
        lt_type_print(&text, value->type);
        lt_buf_adds(&text, " to ");
        lt_type_print(&text, type);
        lt_status status = LT_BIND_FAIL(p, LT_INVALID, ast->pos, "there is no CAST from %s",
                                        text.data ? text.data : "?");
        lt_buf_close(&text);
        return status;
    }
    bool nullable = value->type->nullable || ast->u.cast.try_cast;
    type = lt_type_with_null(p->arena, type, nullable);
    if (!type)
        return LT_NOMEM;
    if (!ast->u.cast.try_cast || value->type->kind == LT_TYPE_NULL)
        return lt_bind_cast(p, value, type, out);
    LT_TRY(lt_expr_new(p, LT_EXPR_CAST, type, ast->pos, 1, &expr));
    expr->args[0] = value;
    expr->cast_mode = LT_CAST_TRY;
    expr->deterministic = value->deterministic;
    return lt_expr_fold_call(p, expr, out);
}

static lt_status bind_parameter(struct lt_bind *b, const struct lt_ast_expr *ast,
                                struct lt_expr **out)
{
    struct lt_planner *p = b->p;
    struct lt_plan *plan = p->plan;
    LT_TRY(lt_expr_new(p, LT_EXPR_PARAMETER, &lt_type_null, ast->pos, 0, out));
    (*out)->index = ast->u.index;
    if (ast->u.index >= plan->n_parameters)
        plan->n_parameters = ast->u.index + 1;
    return LT_ARENA_PUSH(p->arena, plan->parameter_exprs, plan->n_parameter_exprs,
                         p->parameters_cap, *out);
}

static lt_status bind_extract(struct lt_bind *b, const struct lt_ast_expr *ast,
                              struct lt_expr **out)
{
    struct lt_expr *args[2];
    LT_TRY(lt_expr_text(b->p, ast->u.extract.unit, ast->pos, &args[0]));
    LT_TRY(lt_bind_expr(b, ast->u.extract.value, &args[1]));
    return lt_bind_call_named(b, LT_STR("EXTRACT"), ast->pos, 2, args, out);
}

/* INTERVAL n DAY with n no literal: n * INTERVAL '1' DAY. */
static lt_status bind_interval_expr(struct lt_bind *b, const struct lt_ast_expr *ast,
                                    struct lt_expr **out)
{
    struct lt_ast_expr one = {.kind = LT_AST_LITERAL_INTERVAL, .pos = ast->pos};
    struct lt_expr *args[2];
    one.u.interval.text = LT_STR("1");
    one.u.interval.unit_from = ast->u.extract.unit;
    LT_TRY(lt_bind_expr(b, ast->u.extract.value, &args[0]));
    LT_TRY(lt_bind_literal(b->p, &one, false, &args[1]));
    return lt_bind_call_named(b, LT_STR("*"), ast->pos, 2, args, out);
}

static lt_status bind_constructor(struct lt_bind *b, const struct lt_ast_expr *ast,
                                  const char *name, struct lt_expr **out)
{
    struct lt_exprs args = {0};
    LT_TRY(lt_bind_list(b, ast->u.list, &args));
    return lt_bind_call_named(b, lt_str_of(name), ast->pos, args.len, args.items, out);
}

static lt_status bind_index(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_expr **out)
{
    struct lt_expr *args[2];
    LT_TRY(lt_bind_expr(b, ast->u.index_of.value, &args[0]));
    LT_TRY(lt_bind_expr(b, ast->u.index_of.index, &args[1]));
    return lt_bind_call_named(b, LT_STR("ITEM"), ast->pos, 2, args, out);
}

static lt_status bind_node(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_expr **out)
{
    struct lt_planner *p = b->p;
    struct lt_expr *value;
    switch (ast->kind) {
    case LT_AST_PARAMETER: return bind_parameter(b, ast, out);
    case LT_AST_COLUMN: return lt_bind_path(b, ast, out);
    case LT_AST_STAR: return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "'*' cannot stand here");
    case LT_AST_UNARY: return bind_unary(b, ast, out);
    case LT_AST_BINARY: return bind_binary(b, ast, out);
    case LT_AST_BETWEEN: return bind_between(b, ast, out);
    case LT_AST_LIKE: return bind_like(b, ast, out);
    case LT_AST_IN_LIST: return bind_in(b, ast, out);
    case LT_AST_IN_QUERY: return LT_BIND_NOT_YET(p, ast->pos, "IN with a subquery");
    case LT_AST_EXISTS: return LT_BIND_NOT_YET(p, ast->pos, "EXISTS");
    case LT_AST_QUANTIFIED:
        return LT_BIND_NOT_YET(p, ast->pos, "ANY, SOME or ALL with a subquery");
    case LT_AST_SCALAR_QUERY: return LT_BIND_NOT_YET(p, ast->pos, "a subquery as a value");
    case LT_AST_ARRAY_QUERY: return LT_BIND_NOT_YET(p, ast->pos, "ARRAY with a subquery");
    case LT_AST_CASE: return bind_case(b, ast, out);
    case LT_AST_CAST: return bind_cast(b, ast, out);
    case LT_AST_CALL: return lt_bind_call(b, ast, out);
    case LT_AST_ROW: return bind_constructor(b, ast, "ROW", out);
    case LT_AST_ARRAY: return bind_constructor(b, ast, "ARRAY", out);
    case LT_AST_MAP: return bind_constructor(b, ast, "MAP", out);
    case LT_AST_MULTISET: return bind_constructor(b, ast, "MULTISET", out);
    case LT_AST_INDEX: return bind_index(b, ast, out);
    case LT_AST_FIELD:
        LT_TRY(lt_bind_expr(b, ast->u.field_of.value, &value));
        return lt_bind_field(b, value, ast->u.field_of.field, out);
    case LT_AST_EXTRACT: return bind_extract(b, ast, out);
    case LT_AST_INTERVAL_EXPR: return bind_interval_expr(b, ast, out);
    case LT_AST_UNIT: return lt_expr_text(p, ast->u.text, ast->pos, out);
    case LT_AST_NAMED_ARG:
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos,
                            "only table functions take arguments by name");
    case LT_AST_DESCRIPTOR:
    case LT_AST_TABLE_ARG:
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos,
                            "TABLE and DESCRIPTOR are arguments of table functions in FROM");
    default: return lt_bind_literal(p, ast, false, out);
    }
}

lt_status lt_bind_expr(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_expr **out)
{
    LT_TRY(lt_bind_enter(b->p, ast->pos));
    LT_TRY(bind_node(b, ast, out));
    b->p->depth--;
    return LT_OK;
}

lt_status lt_bind_condition(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_expr **out)
{
    struct lt_expr *expr;
    LT_TRY(lt_bind_expr(b, ast, &expr));
    if (expr->type->kind == LT_TYPE_NULL)
        LT_TRY(lt_bind_cast(b->p, expr, &lt_type_boolean, &expr));
    if (expr->type->kind != LT_TYPE_BOOLEAN)
        return LT_BIND_FAIL(b->p, LT_INVALID, ast->pos, "%s needs a BOOLEAN condition", b->clause);
    *out = expr;
    return LT_OK;
}

lt_status lt_bind_list(struct lt_bind *b, const struct lt_ast_exprs *list, struct lt_exprs *out)
{
    for (; list; list = list->next) {
        struct lt_expr *expr;
        LT_TRY(lt_bind_expr(b, list->expr, &expr));
        LT_TRY(LT_ARENA_PUSH(b->p->arena, out->items, out->len, out->cap, expr));
    }
    return LT_OK;
}

lt_status lt_bind_integer(struct lt_planner *p, const struct lt_ast_expr *ast, const char *what,
                          int64_t *out)
{
    struct lt_bind b = {.p = p, .clause = what};
    struct lt_expr *expr;
    LT_TRY(lt_bind_expr(&b, ast, &expr));
    if (expr->kind != LT_EXPR_CONSTANT || !lt_type_is_integer(expr->type) ||
        lt_column_is_null(expr->constant, 0))
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "%s needs a constant whole number", what);
    int64_t value;
    switch (lt_type_phys(expr->type)) {
    case LT_PHYS_I8: value = ((const int8_t *)expr->constant->values)[0]; break;
    case LT_PHYS_I16: value = ((const int16_t *)expr->constant->values)[0]; break;
    case LT_PHYS_I32: value = ((const int32_t *)expr->constant->values)[0]; break;
    default: value = ((const int64_t *)expr->constant->values)[0]; break;
    }
    if (value < 0)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "%s cannot be negative", what);
    *out = value;
    return LT_OK;
}
