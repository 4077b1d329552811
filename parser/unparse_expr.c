/* unparse_expr.c -- expressions as canonical SQL text.
 *
 * Parentheses come from precedence alone; those of the original text are gone,
 * except around a single ROW, which would otherwise be read as a list. */
#include "parser/unparse.h"

static const char *op_text(enum lt_ast_op op)
{
    switch (op) {
    case LT_AST_OP_OR: return "OR";
    case LT_AST_OP_AND: return "AND";
    case LT_AST_OP_EQ: return "=";
    case LT_AST_OP_NE: return "<>";
    case LT_AST_OP_LT: return "<";
    case LT_AST_OP_LE: return "<=";
    case LT_AST_OP_GT: return ">";
    case LT_AST_OP_GE: return ">=";
    case LT_AST_OP_IS_DISTINCT: return "IS DISTINCT FROM";
    case LT_AST_OP_IS_NOT_DISTINCT: return "IS NOT DISTINCT FROM";
    case LT_AST_OP_ADD: return "+";
    case LT_AST_OP_SUB: return "-";
    case LT_AST_OP_MUL: return "*";
    case LT_AST_OP_DIV: return "/";
    case LT_AST_OP_MOD: return "%";
    case LT_AST_OP_CONCAT: return "||";
    case LT_AST_OP_AT_TIME_ZONE: return "AT TIME ZONE";
    case LT_AST_OP_OVERLAPS: return "OVERLAPS";
    case LT_AST_OP_LIKE: return "LIKE";
    case LT_AST_OP_ILIKE: return "ILIKE";
    case LT_AST_OP_SIMILAR: return "SIMILAR TO";
    case LT_AST_OP_REGEXP: return "REGEXP";
    case LT_AST_OP_IS_NULL: return "IS NULL";
    case LT_AST_OP_IS_NOT_NULL: return "IS NOT NULL";
    case LT_AST_OP_IS_TRUE: return "IS TRUE";
    case LT_AST_OP_IS_NOT_TRUE: return "IS NOT TRUE";
    case LT_AST_OP_IS_FALSE: return "IS FALSE";
    case LT_AST_OP_IS_NOT_FALSE: return "IS NOT FALSE";
    case LT_AST_OP_IS_UNKNOWN: return "IS UNKNOWN";
    case LT_AST_OP_IS_NOT_UNKNOWN: return "IS NOT UNKNOWN";
    case LT_AST_OP_IS_JSON: return "IS JSON";
    case LT_AST_OP_IS_NOT_JSON: return "IS NOT JSON";
    case LT_AST_OP_IS_JSON_OBJECT: return "IS JSON OBJECT";
    case LT_AST_OP_IS_NOT_JSON_OBJECT: return "IS NOT JSON OBJECT";
    case LT_AST_OP_IS_JSON_ARRAY: return "IS JSON ARRAY";
    case LT_AST_OP_IS_NOT_JSON_ARRAY: return "IS NOT JSON ARRAY";
    case LT_AST_OP_IS_JSON_SCALAR: return "IS JSON SCALAR";
    case LT_AST_OP_IS_NOT_JSON_SCALAR: return "IS NOT JSON SCALAR";
    case LT_AST_OP_NEG: return "-";
    case LT_AST_OP_POS: return "+";
    case LT_AST_OP_NOT: return "NOT";
    case LT_AST_OP_NONE: break;
    }
    return "?";
}

static enum lt_unparse_level op_level(enum lt_ast_op op)
{
    switch (op) {
    case LT_AST_OP_OR: return LT_LEVEL_OR;
    case LT_AST_OP_AND: return LT_LEVEL_AND;
    case LT_AST_OP_NOT: return LT_LEVEL_NOT;
    case LT_AST_OP_EQ:
    case LT_AST_OP_NE:
    case LT_AST_OP_LT:
    case LT_AST_OP_LE:
    case LT_AST_OP_GT:
    case LT_AST_OP_GE: return LT_LEVEL_COMPARE;
    case LT_AST_OP_OVERLAPS: return LT_LEVEL_PREDICATE;
    case LT_AST_OP_ADD:
    case LT_AST_OP_SUB: return LT_LEVEL_ADD;
    case LT_AST_OP_MUL:
    case LT_AST_OP_DIV:
    case LT_AST_OP_MOD:
    case LT_AST_OP_CONCAT: return LT_LEVEL_MUL;
    case LT_AST_OP_NEG:
    case LT_AST_OP_POS: return LT_LEVEL_UNARY;
    case LT_AST_OP_AT_TIME_ZONE: return LT_LEVEL_ZONE;
    default: return LT_LEVEL_IS;
    }
}

static enum lt_unparse_level expr_level(const struct lt_ast_expr *x)
{
    switch (x->kind) {
    case LT_AST_UNARY:
    case LT_AST_BINARY: return op_level(x->u.op.op);
    case LT_AST_BETWEEN:
    case LT_AST_LIKE:
    case LT_AST_IN_LIST:
    case LT_AST_IN_QUERY: return LT_LEVEL_PREDICATE;
    case LT_AST_QUANTIFIED: return LT_LEVEL_COMPARE;
    default: return LT_LEVEL_PRIMARY;
    }
}

void lt_unparse_exprs(struct lt_buf *out, const struct lt_ast_exprs *list)
{
    for (const struct lt_ast_exprs *at = list; at != NULL; at = at->next) {
        if (at != list)
            lt_buf_adds(out, ", ");
        lt_unparse_expr(out, at->expr);
    }
}

static void unparse_unary(struct lt_buf *out, const struct lt_ast_expr *x)
{
    const struct lt_ast_expr *left = x->u.op.left;
    enum lt_ast_op op = x->u.op.op;
    if (op == LT_AST_OP_NEG || op == LT_AST_OP_POS) {
        bool sign = left->kind == LT_AST_UNARY; /* never `--` */
        lt_buf_adds(out, op_text(op));
        lt_unparse_at(out, left, sign ? LT_LEVEL_PRIMARY : LT_LEVEL_UNARY);
    } else if (op == LT_AST_OP_NOT) {
        lt_buf_adds(out, "NOT ");
        lt_unparse_at(out, left, LT_LEVEL_NOT);
    } else {
        lt_unparse_at(out, left, LT_LEVEL_IS);
        lt_buf_addf(out, " %s", op_text(op));
    }
}

static void unparse_binary(struct lt_buf *out, const struct lt_ast_expr *x)
{
    enum lt_unparse_level level = op_level(x->u.op.op);
    lt_unparse_at(out, x->u.op.left, level == LT_LEVEL_PREDICATE ? level + 1 : level);
    lt_buf_addf(out, " %s ", op_text(x->u.op.op));
    if (x->u.op.op == LT_AST_OP_OVERLAPS && x->u.op.right->kind != LT_AST_ROW) {
        lt_buf_addc(out, '(');
        lt_unparse_expr(out, x->u.op.right);
        lt_buf_addc(out, ')');
    } else {
        lt_unparse_at(out, x->u.op.right, level + 1);
    }
}

static void unparse_between(struct lt_buf *out, const struct lt_ast_expr *x)
{
    lt_unparse_at(out, x->u.between.value, LT_LEVEL_ADD);
    lt_buf_adds(out, x->u.between.negated ? " NOT BETWEEN " : " BETWEEN ");
    if (x->u.between.symmetric)
        lt_buf_adds(out, "SYMMETRIC ");
    lt_unparse_at(out, x->u.between.low, LT_LEVEL_ADD);
    lt_buf_adds(out, " AND ");
    lt_unparse_at(out, x->u.between.high, LT_LEVEL_ADD);
}

static void unparse_like(struct lt_buf *out, const struct lt_ast_expr *x)
{
    lt_unparse_at(out, x->u.like.value, LT_LEVEL_ADD);
    lt_buf_addf(out, "%s %s ", x->u.like.negated ? " NOT" : "", op_text(x->u.like.op));
    lt_unparse_at(out, x->u.like.pattern, LT_LEVEL_ADD);
    if (x->u.like.escape != NULL) {
        lt_buf_adds(out, " ESCAPE ");
        lt_unparse_at(out, x->u.like.escape, LT_LEVEL_ADD);
    }
}

static void unparse_subquery(struct lt_buf *out, const struct lt_ast_expr *x)
{
    switch (x->kind) {
    case LT_AST_IN_QUERY:
        lt_unparse_at(out, x->u.subquery.left, LT_LEVEL_ADD);
        lt_buf_adds(out, x->u.subquery.negated ? " NOT IN " : " IN ");
        break;
    case LT_AST_QUANTIFIED:
        lt_unparse_at(out, x->u.subquery.left, LT_LEVEL_COMPARE);
        lt_buf_addf(out, " %s %s ", op_text(x->u.subquery.op), x->u.subquery.all ? "ALL" : "ANY");
        break;
    case LT_AST_EXISTS: lt_buf_adds(out, "EXISTS "); break;
    case LT_AST_ARRAY_QUERY: lt_buf_adds(out, "ARRAY"); break;
    default: break;
    }
    lt_buf_addc(out, '(');
    lt_unparse_query(out, x->u.subquery.query);
    lt_buf_addc(out, ')');
}

static void unparse_case(struct lt_buf *out, const struct lt_ast_expr *x)
{
    lt_buf_adds(out, "CASE");
    if (x->u.cases.value != NULL) {
        lt_buf_addc(out, ' ');
        lt_unparse_expr(out, x->u.cases.value);
    }
    for (const struct lt_ast_when *at = x->u.cases.whens; at != NULL; at = at->next) {
        lt_buf_adds(out, " WHEN ");
        lt_unparse_expr(out, at->when);
        lt_buf_adds(out, " THEN ");
        lt_unparse_expr(out, at->then);
    }
    if (x->u.cases.otherwise != NULL) {
        lt_buf_adds(out, " ELSE ");
        lt_unparse_expr(out, x->u.cases.otherwise);
    }
    lt_buf_adds(out, " END");
}

static void unparse_interval(struct lt_buf *out, const struct lt_ast_expr *x)
{
    lt_buf_adds(out, x->u.interval.negative ? "INTERVAL -" : "INTERVAL ");
    lt_unparse_string(out, x->u.interval.text);
    lt_buf_addc(out, ' ');
    lt_unparse_str(out, x->u.interval.unit_from);
    if (x->u.interval.precision >= 0)
        lt_buf_addf(out, "(%d)", x->u.interval.precision);
    if (x->u.interval.unit_to.len > 0) {
        lt_buf_adds(out, " TO ");
        lt_unparse_str(out, x->u.interval.unit_to);
    }
}

static void unparse_interval_expr(struct lt_buf *out, const struct lt_ast_expr *x)
{
    bool number = x->u.extract.value->kind == LT_AST_LITERAL_NUMBER;
    lt_buf_adds(out, number ? "INTERVAL " : "INTERVAL (");
    lt_unparse_expr(out, x->u.extract.value);
    lt_buf_adds(out, number ? " " : ") ");
    lt_unparse_str(out, x->u.extract.unit);
}

static void unparse_bytes(struct lt_buf *out, struct lt_str bytes)
{
    lt_buf_adds(out, "X'");
    for (size_t i = 0; i < bytes.len; i++)
        lt_buf_addf(out, "%02x", (unsigned char)bytes.data[i]);
    lt_buf_addc(out, '\'');
}

static void unparse_literal(struct lt_buf *out, const struct lt_ast_expr *x)
{
    switch (x->kind) {
    case LT_AST_LITERAL_NULL: lt_buf_adds(out, "NULL"); return;
    case LT_AST_LITERAL_BOOL: lt_buf_adds(out, x->u.boolean ? "TRUE" : "FALSE"); return;
    case LT_AST_LITERAL_NUMBER: lt_unparse_str(out, x->u.text); return;
    case LT_AST_LITERAL_BINARY: unparse_bytes(out, x->u.text); return;
    case LT_AST_LITERAL_INTERVAL: unparse_interval(out, x); return;
    case LT_AST_LITERAL_DATE: lt_buf_adds(out, "DATE "); break;
    case LT_AST_LITERAL_TIME: lt_buf_adds(out, "TIME "); break;
    case LT_AST_LITERAL_TIMESTAMP: lt_buf_adds(out, "TIMESTAMP "); break;
    case LT_AST_LITERAL_TIMESTAMP_LTZ: lt_buf_adds(out, "TIMESTAMP_LTZ "); break;
    default: break;
    }
    lt_unparse_string(out, x->u.text);
}

/* (x).name unless x is a call, a field or an element. */
static void unparse_field(struct lt_buf *out, const struct lt_ast_expr *x)
{
    const struct lt_ast_expr *value = x->u.field_of.value;
    bool bare = value->kind == LT_AST_FIELD || value->kind == LT_AST_INDEX;
    if (value->kind == LT_AST_CALL) {
        const struct lt_ast_call *call = value->u.call;
        bare = !lt_name_is_niladic(call->name) && !call->over && !call->filter &&
               !call->within_group && call->nulls == LT_AST_NULLS_UNSAID &&
               call->semantics == LT_AST_SEMANTICS_DEFAULT;
    }
    if (!bare)
        lt_buf_addc(out, '(');
    lt_unparse_expr(out, value);
    lt_buf_adds(out, bare ? "." : ").");
    lt_unparse_ast_name(out, x->u.field_of.field);
}

/* A list after PARTITION BY of a table argument: (a, b) when there are several. */
static void unparse_one_or_row(struct lt_buf *out, const struct lt_ast_exprs *list)
{
    bool parens = list->next != NULL || list->expr->kind == LT_AST_ROW;
    if (parens)
        lt_buf_addc(out, '(');
    lt_unparse_exprs(out, list);
    if (parens)
        lt_buf_addc(out, ')');
}

static void unparse_table_arg(struct lt_buf *out, const struct lt_ast_expr *x)
{
    lt_buf_adds(out, "TABLE ");
    if (x->u.table_arg.query != NULL) {
        lt_buf_addc(out, '(');
        lt_unparse_query(out, x->u.table_arg.query);
        lt_buf_addc(out, ')');
    } else {
        lt_unparse_path(out, x->u.table_arg.table);
    }
    if (x->u.table_arg.partition != NULL) {
        lt_buf_adds(out, " PARTITION BY ");
        unparse_one_or_row(out, x->u.table_arg.partition);
    }
    const struct lt_ast_order *order = x->u.table_arg.order;
    if (order == NULL)
        return;
    lt_buf_adds(out, " ORDER BY ");
    if (order->next == NULL) {
        lt_unparse_orders(out, order);
        return;
    }
    for (const struct lt_ast_order *at = order; at != NULL; at = at->next) {
        lt_buf_adds(out, at == order ? "(" : ", ");
        lt_unparse_expr(out, at->expr);
    }
    lt_buf_addf(out, ")%s%s", order->descending ? " DESC" : "",
                order->nulls == LT_AST_NULLS_FIRST  ? " NULLS FIRST"
                : order->nulls == LT_AST_NULLS_LAST ? " NULLS LAST"
                                                    : "");
}

static void unparse_constructor(struct lt_buf *out, const char *open,
                                const struct lt_ast_exprs *list, char close)
{
    lt_buf_adds(out, open);
    lt_unparse_exprs(out, list);
    lt_buf_addc(out, close);
}

static void unparse_primary(struct lt_buf *out, const struct lt_ast_expr *x)
{
    switch (x->kind) {
    case LT_AST_PARAMETER: lt_buf_addc(out, '?'); break;
    case LT_AST_COLUMN: lt_unparse_path(out, x->u.path); break;
    case LT_AST_STAR:
        lt_unparse_path(out, x->u.path);
        lt_buf_adds(out, x->u.path ? ".*" : "*");
        break;
    case LT_AST_CASE: unparse_case(out, x); break;
    case LT_AST_CAST:
        lt_buf_adds(out, x->u.cast.try_cast ? "TRY_CAST(" : "CAST(");
        lt_unparse_expr(out, x->u.cast.value);
        lt_buf_adds(out, " AS ");
        lt_unparse_type(out, x->u.cast.type);
        lt_buf_addc(out, ')');
        break;
    case LT_AST_CALL: lt_unparse_call(out, x->u.call); break;
    case LT_AST_ROW: unparse_constructor(out, "ROW(", x->u.list, ')'); break;
    case LT_AST_ARRAY: unparse_constructor(out, "ARRAY[", x->u.list, ']'); break;
    case LT_AST_MAP: unparse_constructor(out, "MAP[", x->u.list, ']'); break;
    case LT_AST_MULTISET: unparse_constructor(out, "MULTISET[", x->u.list, ']'); break;
    case LT_AST_INDEX:
        lt_unparse_at(out, x->u.index_of.value, LT_LEVEL_PRIMARY);
        lt_buf_addc(out, '[');
        lt_unparse_expr(out, x->u.index_of.index);
        lt_buf_addc(out, ']');
        break;
    case LT_AST_FIELD: unparse_field(out, x); break;
    case LT_AST_EXTRACT:
        lt_buf_adds(out, "EXTRACT(");
        lt_unparse_str(out, x->u.extract.unit);
        lt_buf_adds(out, " FROM ");
        lt_unparse_expr(out, x->u.extract.value);
        lt_buf_addc(out, ')');
        break;
    case LT_AST_NAMED_ARG:
        lt_unparse_ast_name(out, x->u.named.name);
        lt_buf_adds(out, " => ");
        lt_unparse_expr(out, x->u.named.value);
        break;
    case LT_AST_DESCRIPTOR:
        lt_buf_adds(out, "DESCRIPTOR(");
        lt_unparse_names(out, x->u.path);
        lt_buf_addc(out, ')');
        break;
    case LT_AST_TABLE_ARG: unparse_table_arg(out, x); break;
    case LT_AST_INTERVAL_EXPR: unparse_interval_expr(out, x); break;
    case LT_AST_UNIT: lt_unparse_str(out, x->u.text); break;
    default: unparse_literal(out, x); break;
    }
}

void lt_unparse_at(struct lt_buf *out, const struct lt_ast_expr *x, enum lt_unparse_level level)
{
    bool parens = expr_level(x) < level;
    if (parens)
        lt_buf_addc(out, '(');
    switch (x->kind) {
    case LT_AST_UNARY: unparse_unary(out, x); break;
    case LT_AST_BINARY: unparse_binary(out, x); break;
    case LT_AST_BETWEEN: unparse_between(out, x); break;
    case LT_AST_LIKE: unparse_like(out, x); break;
    case LT_AST_IN_LIST:
        lt_unparse_at(out, x->u.in.value, LT_LEVEL_ADD);
        lt_buf_adds(out, x->u.in.negated ? " NOT IN (" : " IN (");
        lt_unparse_exprs(out, x->u.in.list);
        lt_buf_addc(out, ')');
        break;
    case LT_AST_IN_QUERY:
    case LT_AST_EXISTS:
    case LT_AST_QUANTIFIED:
    case LT_AST_SCALAR_QUERY:
    case LT_AST_ARRAY_QUERY: unparse_subquery(out, x); break;
    default: unparse_primary(out, x); break;
    }
    if (parens)
        lt_buf_addc(out, ')');
}

void lt_unparse_expr(struct lt_buf *out, const struct lt_ast_expr *expr)
{
    lt_unparse_at(out, expr, LT_LEVEL_ANY);
}
