/* build_expr.c -- expressions other than calls. */
#include "parser/build.h"

struct lt_ast_expr *lt_build_expr(struct lt_parse *p, enum lt_ast_expr_kind kind,
                                  struct lt_pos start)
{
    struct lt_ast_expr *x = LT_BUILD_NEW(p, struct lt_ast_expr);
    x->kind = kind;
    x->pos = lt_build_span(p, start);
    x->depth = 1;
    return x;
}

static void expr_deepen(struct lt_parse *p, struct lt_ast_expr *x, const struct lt_ast_expr *child)
{
    if (child != NULL)
        lt_build_deepen(p, &x->depth, child->depth);
}

struct lt_ast_expr *lt_build_op(struct lt_parse *p, enum lt_ast_op op, struct lt_ast_expr *left,
                                struct lt_ast_expr *right)
{
    struct lt_ast_expr *x = lt_build_expr(p, LT_AST_BINARY, left->pos);
    x->u.op.op = op;
    x->u.op.left = left;
    x->u.op.right = right;
    expr_deepen(p, x, left);
    expr_deepen(p, x, right);
    return x;
}

static enum lt_ast_op expr_binary_op(int token)
{
    switch (token) {
    case LT_TK_OR: return LT_AST_OP_OR;
    case LT_TK_AND: return LT_AST_OP_AND;
    case LT_TK_EQ: return LT_AST_OP_EQ;
    case LT_TK_NE: return LT_AST_OP_NE;
    case LT_TK_LT: return LT_AST_OP_LT;
    case LT_TK_LE: return LT_AST_OP_LE;
    case LT_TK_GT: return LT_AST_OP_GT;
    case LT_TK_GE: return LT_AST_OP_GE;
    case LT_TK_PLUS: return LT_AST_OP_ADD;
    case LT_TK_MINUS: return LT_AST_OP_SUB;
    case LT_TK_STAR: return LT_AST_OP_MUL;
    case LT_TK_SLASH: return LT_AST_OP_DIV;
    case LT_TK_PERCENT: return LT_AST_OP_MOD;
    case LT_TK_CONCAT: return LT_AST_OP_CONCAT;
    default: LT_ASSERT(!"not an operator"); return LT_AST_OP_NONE;
    }
}

struct lt_ast_expr *lt_build_binary(struct lt_parse *p, struct lt_ast_expr *left, struct lt_token t,
                                    struct lt_ast_expr *right)
{
    return lt_build_op(p, expr_binary_op(t.kind), left, right);
}

struct lt_ast_expr *lt_build_unary(struct lt_parse *p, struct lt_token t, struct lt_ast_expr *x)
{
    struct lt_ast_expr *unary = lt_build_expr(p, LT_AST_UNARY, t.pos);
    unary->u.op.op = t.kind == LT_TK_NOT     ? LT_AST_OP_NOT
                     : t.kind == LT_TK_MINUS ? LT_AST_OP_NEG
                                             : LT_AST_OP_POS;
    unary->u.op.left = x;
    expr_deepen(p, unary, x);
    return unary;
}

/* Each IS test is followed by its negation in the enum. */
enum lt_ast_op lt_build_is_not(enum lt_ast_op op)
{
    return op + 1;
}

struct lt_ast_expr *lt_build_is(struct lt_parse *p, struct lt_ast_expr *x, enum lt_ast_op op)
{
    struct lt_ast_expr *test = lt_build_expr(p, LT_AST_UNARY, x->pos);
    test->u.op.op = op;
    test->u.op.left = x;
    expr_deepen(p, test, x);
    return test;
}

/* Makes x IN y into x NOT IN y, and so on. */
struct lt_ast_expr *lt_build_not(struct lt_parse *p, struct lt_ast_expr *predicate)
{
    LT_UNUSED(p);
    switch (predicate->kind) {
    case LT_AST_BETWEEN: predicate->u.between.negated = true; break;
    case LT_AST_LIKE: predicate->u.like.negated = true; break;
    case LT_AST_IN_LIST: predicate->u.in.negated = true; break;
    default: predicate->u.subquery.negated = true; break;
    }
    return predicate;
}

struct lt_ast_expr *lt_build_between(struct lt_parse *p, struct lt_ast_expr *x, bool symmetric,
                                     struct lt_ast_expr *low, struct lt_ast_expr *high)
{
    struct lt_ast_expr *between = lt_build_expr(p, LT_AST_BETWEEN, x->pos);
    between->u.between.value = x;
    between->u.between.low = low;
    between->u.between.high = high;
    between->u.between.symmetric = symmetric;
    expr_deepen(p, between, x);
    expr_deepen(p, between, low);
    expr_deepen(p, between, high);
    return between;
}

struct lt_ast_expr *lt_build_like(struct lt_parse *p, struct lt_ast_expr *x, struct lt_token t,
                                  struct lt_ast_expr *pattern, struct lt_ast_expr *escape)
{
    struct lt_ast_expr *like = lt_build_expr(p, LT_AST_LIKE, x->pos);
    like->u.like.op = t.kind == LT_TK_LIKE      ? LT_AST_OP_LIKE
                      : t.kind == LT_TK_ILIKE   ? LT_AST_OP_ILIKE
                      : t.kind == LT_TK_SIMILAR ? LT_AST_OP_SIMILAR
                                                : LT_AST_OP_REGEXP;
    if (like->u.like.op == LT_AST_OP_REGEXP && escape != NULL)
        lt_parse_fail(p, LT_SYNTAX, escape->pos, "a regular expression takes no ESCAPE");
    like->u.like.value = x;
    like->u.like.pattern = pattern;
    like->u.like.escape = escape;
    expr_deepen(p, like, x);
    expr_deepen(p, like, pattern);
    expr_deepen(p, like, escape);
    return like;
}

struct lt_ast_expr *lt_build_in(struct lt_parse *p, struct lt_ast_expr *x, struct lt_list list)
{
    struct lt_ast_expr *in = lt_build_expr(p, LT_AST_IN_LIST, x->pos);
    in->u.in.value = x;
    in->u.in.list = list.first;
    expr_deepen(p, in, x);
    lt_build_deepen(p, &in->depth, list.depth);
    return in;
}

static struct lt_ast_expr *expr_subquery(struct lt_parse *p, enum lt_ast_expr_kind kind,
                                         struct lt_pos start, struct lt_ast_expr *left,
                                         struct lt_ast_query *query)
{
    struct lt_ast_expr *x = lt_build_expr(p, kind, start);
    x->u.subquery.left = left;
    x->u.subquery.query = query;
    expr_deepen(p, x, left);
    lt_build_deepen(p, &x->depth, query->depth);
    return x;
}

struct lt_ast_expr *lt_build_in_query(struct lt_parse *p, struct lt_ast_expr *x,
                                      struct lt_ast_query *query)
{
    return expr_subquery(p, LT_AST_IN_QUERY, x->pos, x, query);
}

struct lt_ast_expr *lt_build_quantified(struct lt_parse *p, struct lt_ast_expr *x,
                                        struct lt_token op, struct lt_token word,
                                        struct lt_ast_query *query)
{
    struct lt_ast_expr *quantified = expr_subquery(p, LT_AST_QUANTIFIED, x->pos, x, query);
    quantified->u.subquery.op = expr_binary_op(op.kind);
    quantified->u.subquery.all = word.kind == LT_TK_ALL_P;
    return quantified;
}

struct lt_ast_expr *lt_build_scalar_query(struct lt_parse *p, struct lt_ast_query *query)
{
    return expr_subquery(p, LT_AST_SCALAR_QUERY, query->pos, NULL, query);
}

struct lt_ast_expr *lt_build_query_expr(struct lt_parse *p, enum lt_ast_expr_kind kind,
                                        struct lt_token t, struct lt_ast_query *query)
{
    return expr_subquery(p, kind, t.pos, NULL, query);
}

struct lt_list lt_build_exprs(struct lt_parse *p, struct lt_list list, struct lt_ast_expr *x)
{
    struct lt_ast_exprs *member = LT_BUILD_NEW(p, struct lt_ast_exprs);
    member->expr = x;
    return LT_LIST_ADD(list, member, x->depth);
}

/* Functions of the standard that are written without parentheses. */
bool lt_name_is_niladic(const struct lt_ast_name *name)
{
    static const char *const words[] = {"CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP",
                                        "LOCALTIME", "LOCALTIMESTAMP"};
    for (size_t i = 0; i < LT_ARRAY_LEN(words); i++)
        if (lt_name_is(name, words[i]))
            return true;
    return false;
}

struct lt_ast_expr *lt_build_column(struct lt_parse *p, struct lt_list path)
{
    struct lt_ast_name *name = path.first;
    if (p->status == LT_OK && lt_name_is_niladic(name))
        return lt_build_call(p, path, NULL, LT_LIST_EMPTY, NULL);
    struct lt_ast_expr *x = lt_build_expr(p, LT_AST_COLUMN, name->pos);
    x->u.path = name;
    return x;
}

struct lt_ast_expr *lt_build_star(struct lt_parse *p, struct lt_list path, struct lt_token star)
{
    struct lt_ast_name *name = path.first;
    struct lt_ast_expr *x = lt_build_expr(p, LT_AST_STAR, name ? name->pos : star.pos);
    x->u.path = name;
    return x;
}

struct lt_ast_expr *lt_build_field_of(struct lt_parse *p, struct lt_ast_expr *x,
                                      struct lt_ast_name *name)
{
    struct lt_ast_expr *field = lt_build_expr(p, LT_AST_FIELD, x->pos);
    field->u.field_of.value = x;
    field->u.field_of.field = name;
    expr_deepen(p, field, x);
    return field;
}

struct lt_ast_expr *lt_build_field_star(struct lt_parse *p, struct lt_ast_expr *x,
                                        struct lt_token star)
{
    struct lt_ast_name *name = LT_BUILD_NEW(p, struct lt_ast_name);
    name->text = LT_STR("*");
    name->pos = star.pos;
    return lt_build_field_of(p, x, name);
}

struct lt_ast_expr *lt_build_parameter(struct lt_parse *p, struct lt_token t)
{
    struct lt_ast_expr *x = lt_build_expr(p, LT_AST_PARAMETER, t.pos);
    x->u.index = p->n_parameters++;
    return x;
}

struct lt_ast_expr *lt_build_parenthesised(struct lt_parse *p, struct lt_token t,
                                           struct lt_ast_expr *x)
{
    x->parenthesised = true;
    x->pos = lt_build_span(p, t.pos);
    return x;
}

struct lt_ast_expr *lt_build_list(struct lt_parse *p, enum lt_ast_expr_kind kind, struct lt_token t,
                                  struct lt_list list)
{
    struct lt_ast_expr *x = lt_build_expr(p, kind, t.pos);
    x->u.list = list.first;
    lt_build_deepen(p, &x->depth, list.depth);
    return x;
}

struct lt_ast_expr *lt_build_row(struct lt_parse *p, struct lt_token t, struct lt_ast_expr *x,
                                 struct lt_list rest)
{
    struct lt_list list = lt_build_exprs(p, LT_LIST_EMPTY, x);
    ((struct lt_ast_exprs *)list.first)->next = rest.first;
    if (rest.depth > list.depth)
        list.depth = rest.depth;
    return lt_build_list(p, LT_AST_ROW, t, list);
}

struct lt_ast_expr *lt_build_map(struct lt_parse *p, struct lt_token t, struct lt_list list)
{
    struct lt_ast_expr *x = lt_build_list(p, LT_AST_MAP, t, list);
    bool even = true;
    for (const struct lt_ast_exprs *at = list.first; at && p->status == LT_OK; at = at->next)
        even = !even;
    if (!even)
        lt_parse_fail(p, LT_SYNTAX, x->pos, "MAP[...] needs a value for each key");
    return x;
}

struct lt_list lt_build_when(struct lt_parse *p, struct lt_list list, struct lt_ast_expr *when,
                             struct lt_ast_expr *then)
{
    struct lt_ast_when *branch = LT_BUILD_NEW(p, struct lt_ast_when);
    branch->when = when;
    branch->then = then;
    return LT_LIST_ADD(list, branch, when->depth > then->depth ? when->depth : then->depth);
}

struct lt_ast_expr *lt_build_case(struct lt_parse *p, struct lt_token t, struct lt_ast_expr *value,
                                  struct lt_list whens, struct lt_ast_expr *otherwise)
{
    struct lt_ast_expr *x = lt_build_expr(p, LT_AST_CASE, t.pos);
    x->u.cases.value = value;
    x->u.cases.whens = whens.first;
    x->u.cases.otherwise = otherwise;
    expr_deepen(p, x, value);
    lt_build_deepen(p, &x->depth, whens.depth);
    expr_deepen(p, x, otherwise);
    return x;
}

struct lt_ast_expr *lt_build_index(struct lt_parse *p, struct lt_ast_expr *x,
                                   struct lt_ast_expr *index)
{
    struct lt_ast_expr *at = lt_build_expr(p, LT_AST_INDEX, x->pos);
    at->u.index_of.value = x;
    at->u.index_of.index = index;
    expr_deepen(p, at, x);
    expr_deepen(p, at, index);
    return at;
}

/* ---- literals --------------------------------------------------------- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* X'0a1b' */
static struct lt_str literal_bytes(struct lt_parse *p, struct lt_token t)
{
    uint32_t len = t.pos.len - 3;
    struct lt_str bytes = lt_build_str(p, (struct lt_str){t.text + 2, len});
    if (p->status != LT_OK)
        return bytes;
    char *at = (char *)bytes.data;
    for (uint32_t i = 0; i < len; i += 2) {
        int high = hex_digit(t.text[2 + i]);
        int low = i + 1 < len ? hex_digit(t.text[3 + i]) : -1;
        if (high < 0 || low < 0) {
            lt_parse_fail(p, LT_SYNTAX, t.pos, "X'...' takes pairs of hexadecimal digits");
            break;
        }
        at[i / 2] = (char)(high * 16 + low);
    }
    bytes.len = len / 2;
    at[bytes.len] = '\0';
    return bytes;
}

struct lt_ast_expr *lt_build_literal(struct lt_parse *p, struct lt_token t)
{
    struct lt_ast_expr *x = lt_build_expr(p, LT_AST_LITERAL_NULL, t.pos);
    switch (t.kind) {
    case LT_TK_NUMBER:
        x->kind = LT_AST_LITERAL_NUMBER;
        x->u.text = lt_build_str(p, lt_token_str(t));
        break;
    case LT_TK_STRING:
        x->kind = LT_AST_LITERAL_STRING;
        x->u.text = lt_build_text(p, t);
        break;
    case LT_TK_BINARY:
        x->kind = LT_AST_LITERAL_BINARY;
        x->u.text = literal_bytes(p, t);
        break;
    case LT_TK_TRUE:
    case LT_TK_FALSE:
        x->kind = LT_AST_LITERAL_BOOL;
        x->u.boolean = t.kind == LT_TK_TRUE;
        break;
    default: break;
    }
    return x;
}

struct lt_ast_expr *lt_build_time_literal(struct lt_parse *p, struct lt_token t,
                                          struct lt_token which, struct lt_token text)
{
    enum lt_ast_expr_kind kind = LT_AST_LITERAL_TIMESTAMP_LTZ;
    if (which.kind == LT_TK_DATE_S)
        kind = LT_AST_LITERAL_DATE;
    else if (which.kind == LT_TK_TIME_S)
        kind = LT_AST_LITERAL_TIME;
    else if (which.kind == LT_TK_TIMESTAMP_S)
        kind = LT_AST_LITERAL_TIMESTAMP;
    struct lt_ast_expr *x = lt_build_expr(p, kind, t.pos);
    x->u.text = lt_build_text(p, text);
    return x;
}

struct lt_ast_expr *lt_build_interval(struct lt_parse *p, struct lt_token t,
                                      const struct lt_token *sign, struct lt_token text,
                                      struct lt_unit_span *span)
{
    struct lt_ast_expr *x = lt_build_expr(p, LT_AST_LITERAL_INTERVAL, t.pos);
    x->u.interval.text = lt_build_text(p, text);
    x->u.interval.negative = sign != NULL && sign->kind == LT_TK_MINUS;
    x->u.interval.unit_from = span->from;
    x->u.interval.unit_to = span->to;
    x->u.interval.precision = span->from_args.n[0];
    return x;
}

struct lt_ast_expr *lt_build_interval_expr(struct lt_parse *p, struct lt_token t,
                                           struct lt_ast_expr *x, struct lt_unit_span *unit)
{
    struct lt_ast_expr *interval = lt_build_expr(p, LT_AST_INTERVAL_EXPR, t.pos);
    interval->u.extract.unit = unit->from;
    interval->u.extract.value = x;
    expr_deepen(p, interval, x);
    return interval;
}
