/* equal.c -- are two syntax trees the same, positions aside?
 *
 * Names are compared as they were written, quotes aside. Everything an
 * expression can contain is compared, queries and patterns included. */
#include "parser/parser.h"

static bool query_equal(const struct lt_ast_query *a, const struct lt_ast_query *b);
static bool from_equal(const struct lt_ast_from *a, const struct lt_ast_from *b);

/* Both are there: two lists are stepped together while they are. */
#define BOTH(a, b) ((a) != NULL && (b) != NULL)

static bool names_equal(const struct lt_ast_name *a, const struct lt_ast_name *b)
{
    for (; BOTH(a, b); a = a->next, b = b->next)
        if (!lt_str_equal(a->text, b->text))
            return false;
    return a == b;
}

/* One name, whatever list it stands in. */
static bool name_equal(const struct lt_ast_name *a, const struct lt_ast_name *b)
{
    return BOTH(a, b) ? lt_str_equal(a->text, b->text) : a == b;
}

/* Functions are called in any case. */
static bool function_equal(const struct lt_ast_name *a, const struct lt_ast_name *b)
{
    for (; BOTH(a, b); a = a->next, b = b->next)
        if (!lt_str_equal_nocase(a->text, b->text))
            return false;
    return a == b;
}

static bool exprs_equal(const struct lt_ast_exprs *a, const struct lt_ast_exprs *b)
{
    for (; BOTH(a, b); a = a->next, b = b->next)
        if (!lt_ast_expr_equal(a->expr, b->expr))
            return false;
    return a == b;
}

static bool orders_equal(const struct lt_ast_order *a, const struct lt_ast_order *b)
{
    for (; BOTH(a, b); a = a->next, b = b->next)
        if (a->descending != b->descending || a->nulls != b->nulls ||
            !lt_ast_expr_equal(a->expr, b->expr))
            return false;
    return a == b;
}

static bool options_equal(const struct lt_ast_option *a, const struct lt_ast_option *b)
{
    for (; BOTH(a, b); a = a->next, b = b->next)
        if (!lt_str_equal(a->key, b->key) || !lt_str_equal(a->value, b->value))
            return false;
    return a == b;
}

static bool type_equal(const struct lt_ast_type *a, const struct lt_ast_type *b);

static bool fields_equal(const struct lt_ast_field *a, const struct lt_ast_field *b)
{
    for (; BOTH(a, b); a = a->next, b = b->next)
        if (!name_equal(a->name, b->name) || !type_equal(a->type, b->type))
            return false;
    return a == b;
}

static bool type_equal(const struct lt_ast_type *a, const struct lt_ast_type *b)
{
    if (!BOTH(a, b))
        return a == b;
    return lt_str_equal(a->name, b->name) && a->args[0] == b->args[0] && a->args[1] == b->args[1] &&
           a->not_null == b->not_null && lt_str_equal(a->unit_from, b->unit_from) &&
           lt_str_equal(a->unit_to, b->unit_to) && type_equal(a->element, b->element) &&
           type_equal(a->key, b->key) && fields_equal(a->fields, b->fields);
}

static bool bound_equal(const struct lt_ast_bound *a, const struct lt_ast_bound *b)
{
    return a->kind == b->kind && lt_ast_expr_equal(a->offset, b->offset);
}

static bool window_equal(const struct lt_ast_window *a, const struct lt_ast_window *b)
{
    if (!BOTH(a, b))
        return a == b;
    return name_equal(a->name, b->name) && name_equal(a->base, b->base) &&
           exprs_equal(a->partition, b->partition) && orders_equal(a->order, b->order) &&
           a->frame == b->frame && bound_equal(&a->from, &b->from) && bound_equal(&a->to, &b->to);
}

static bool call_equal(const struct lt_ast_call *a, const struct lt_ast_call *b)
{
    return function_equal(a->name, b->name) && exprs_equal(a->args, b->args) &&
           a->distinct == b->distinct && orders_equal(a->order, b->order) &&
           orders_equal(a->within_group, b->within_group) &&
           lt_ast_expr_equal(a->filter, b->filter) && window_equal(a->over, b->over) &&
           a->semantics == b->semantics && a->nulls == b->nulls &&
           options_equal(a->words, b->words) && type_equal(a->returning, b->returning) &&
           lt_ast_expr_equal(a->on_empty, b->on_empty) &&
           lt_ast_expr_equal(a->on_error, b->on_error);
}

static bool whens_equal(const struct lt_ast_when *a, const struct lt_ast_when *b)
{
    for (; BOTH(a, b); a = a->next, b = b->next)
        if (!lt_ast_expr_equal(a->when, b->when) || !lt_ast_expr_equal(a->then, b->then))
            return false;
    return a == b;
}

static bool leaf_equal(const struct lt_ast_expr *a, const struct lt_ast_expr *b)
{
    switch (a->kind) {
    case LT_AST_LITERAL_NULL: return true;
    case LT_AST_LITERAL_BOOL: return a->u.boolean == b->u.boolean;
    case LT_AST_LITERAL_INTERVAL:
        return lt_str_equal(a->u.interval.text, b->u.interval.text) &&
               a->u.interval.negative == b->u.interval.negative &&
               a->u.interval.precision == b->u.interval.precision &&
               lt_str_equal(a->u.interval.unit_from, b->u.interval.unit_from) &&
               lt_str_equal(a->u.interval.unit_to, b->u.interval.unit_to);
    case LT_AST_PARAMETER: return a->u.index == b->u.index;
    case LT_AST_COLUMN:
    case LT_AST_STAR:
    case LT_AST_DESCRIPTOR: return names_equal(a->u.path, b->u.path);
    default: return lt_str_equal(a->u.text, b->u.text);
    }
}

static bool inner_equal(const struct lt_ast_expr *a, const struct lt_ast_expr *b)
{
    switch (a->kind) {
    case LT_AST_UNARY:
    case LT_AST_BINARY:
        return a->u.op.op == b->u.op.op && lt_ast_expr_equal(a->u.op.left, b->u.op.left) &&
               lt_ast_expr_equal(a->u.op.right, b->u.op.right);
    case LT_AST_BETWEEN:
        return a->u.between.negated == b->u.between.negated &&
               a->u.between.symmetric == b->u.between.symmetric &&
               lt_ast_expr_equal(a->u.between.value, b->u.between.value) &&
               lt_ast_expr_equal(a->u.between.low, b->u.between.low) &&
               lt_ast_expr_equal(a->u.between.high, b->u.between.high);
    case LT_AST_LIKE:
        return a->u.like.op == b->u.like.op && a->u.like.negated == b->u.like.negated &&
               lt_ast_expr_equal(a->u.like.value, b->u.like.value) &&
               lt_ast_expr_equal(a->u.like.pattern, b->u.like.pattern) &&
               lt_ast_expr_equal(a->u.like.escape, b->u.like.escape);
    case LT_AST_IN_LIST:
        return a->u.in.negated == b->u.in.negated &&
               lt_ast_expr_equal(a->u.in.value, b->u.in.value) &&
               exprs_equal(a->u.in.list, b->u.in.list);
    case LT_AST_IN_QUERY:
    case LT_AST_EXISTS:
    case LT_AST_QUANTIFIED:
    case LT_AST_SCALAR_QUERY:
    case LT_AST_ARRAY_QUERY:
        return a->u.subquery.op == b->u.subquery.op && a->u.subquery.all == b->u.subquery.all &&
               a->u.subquery.negated == b->u.subquery.negated &&
               lt_ast_expr_equal(a->u.subquery.left, b->u.subquery.left) &&
               query_equal(a->u.subquery.query, b->u.subquery.query);
    case LT_AST_CASE:
        return lt_ast_expr_equal(a->u.cases.value, b->u.cases.value) &&
               whens_equal(a->u.cases.whens, b->u.cases.whens) &&
               lt_ast_expr_equal(a->u.cases.otherwise, b->u.cases.otherwise);
    case LT_AST_CAST:
        return a->u.cast.try_cast == b->u.cast.try_cast &&
               lt_ast_expr_equal(a->u.cast.value, b->u.cast.value) &&
               type_equal(a->u.cast.type, b->u.cast.type);
    case LT_AST_CALL: return call_equal(a->u.call, b->u.call);
    case LT_AST_ROW:
    case LT_AST_ARRAY:
    case LT_AST_MAP:
    case LT_AST_MULTISET: return exprs_equal(a->u.list, b->u.list);
    case LT_AST_INDEX:
        return lt_ast_expr_equal(a->u.index_of.value, b->u.index_of.value) &&
               lt_ast_expr_equal(a->u.index_of.index, b->u.index_of.index);
    case LT_AST_FIELD:
        return name_equal(a->u.field_of.field, b->u.field_of.field) &&
               lt_ast_expr_equal(a->u.field_of.value, b->u.field_of.value);
    case LT_AST_EXTRACT:
    case LT_AST_INTERVAL_EXPR:
        return lt_str_equal(a->u.extract.unit, b->u.extract.unit) &&
               lt_ast_expr_equal(a->u.extract.value, b->u.extract.value);
    case LT_AST_NAMED_ARG:
        return name_equal(a->u.named.name, b->u.named.name) &&
               lt_ast_expr_equal(a->u.named.value, b->u.named.value);
    case LT_AST_TABLE_ARG:
        return names_equal(a->u.table_arg.table, b->u.table_arg.table) &&
               query_equal(a->u.table_arg.query, b->u.table_arg.query) &&
               exprs_equal(a->u.table_arg.partition, b->u.table_arg.partition) &&
               orders_equal(a->u.table_arg.order, b->u.table_arg.order);
    default: return leaf_equal(a, b);
    }
}

bool lt_ast_expr_equal(const struct lt_ast_expr *a, const struct lt_ast_expr *b)
{
    if (a == b)
        return true;
    return BOTH(a, b) && a->kind == b->kind && inner_equal(a, b);
}

/* ---- patterns --------------------------------------------------------- */

static bool pattern_equal(const struct lt_ast_pattern *a, const struct lt_ast_pattern *b)
{
    for (; BOTH(a, b); a = a->next, b = b->next)
        if (a->kind != b->kind || a->min != b->min || a->max != b->max ||
            a->reluctant != b->reluctant || !name_equal(a->variable, b->variable) ||
            !pattern_equal(a->children, b->children))
            return false;
    return a == b;
}

static bool measures_equal(const struct lt_ast_measure *a, const struct lt_ast_measure *b)
{
    for (; BOTH(a, b); a = a->next, b = b->next)
        if (a->semantics != b->semantics || !name_equal(a->alias, b->alias) ||
            !lt_ast_expr_equal(a->expr, b->expr))
            return false;
    return a == b;
}

static bool defines_equal(const struct lt_ast_define *a, const struct lt_ast_define *b)
{
    for (; BOTH(a, b); a = a->next, b = b->next)
        if (!name_equal(a->name, b->name) || !names_equal(a->members, b->members) ||
            !lt_ast_expr_equal(a->condition, b->condition))
            return false;
    return a == b;
}

static bool match_equal(const struct lt_ast_match *a, const struct lt_ast_match *b)
{
    if (!BOTH(a, b))
        return a == b;
    return exprs_equal(a->partition, b->partition) && orders_equal(a->order, b->order) &&
           measures_equal(a->measures, b->measures) && a->rows == b->rows &&
           a->timeout_rows == b->timeout_rows && a->skip == b->skip &&
           name_equal(a->skip_variable, b->skip_variable) &&
           pattern_equal(a->pattern, b->pattern) && lt_ast_expr_equal(a->within, b->within) &&
           defines_equal(a->subsets, b->subsets) && defines_equal(a->defines, b->defines);
}

/* ---- queries ---------------------------------------------------------- */

static bool hints_equal(const struct lt_ast_hint *a, const struct lt_ast_hint *b)
{
    for (; BOTH(a, b); a = a->next, b = b->next)
        if (!lt_str_equal_nocase(a->name, b->name) || !options_equal(a->options, b->options))
            return false;
    return a == b;
}

static bool from_equal(const struct lt_ast_from *a, const struct lt_ast_from *b)
{
    if (!BOTH(a, b))
        return a == b;
    return a->kind == b->kind && names_equal(a->path, b->path) && hints_equal(a->hints, b->hints) &&
           lt_ast_expr_equal(a->system_time, b->system_time) && query_equal(a->query, b->query) &&
           a->lateral == b->lateral && lt_ast_expr_equal(a->call, b->call) &&
           exprs_equal(a->unnest, b->unnest) && a->ordinality == b->ordinality &&
           a->join == b->join && a->natural == b->natural && a->asof == b->asof &&
           from_equal(a->left, b->left) && from_equal(a->right, b->right) &&
           lt_ast_expr_equal(a->on, b->on) && names_equal(a->using_columns, b->using_columns) &&
           lt_ast_expr_equal(a->match_condition, b->match_condition) &&
           match_equal(a->match, b->match) && name_equal(a->alias, b->alias) &&
           names_equal(a->column_aliases, b->column_aliases);
}

static bool items_equal(const struct lt_ast_select_item *a, const struct lt_ast_select_item *b)
{
    for (; BOTH(a, b); a = a->next, b = b->next)
        if (!name_equal(a->alias, b->alias) || !lt_ast_expr_equal(a->expr, b->expr))
            return false;
    return a == b;
}

static bool groups_equal(const struct lt_ast_group *a, const struct lt_ast_group *b)
{
    for (; BOTH(a, b); a = a->next, b = b->next)
        if (a->kind != b->kind || !lt_ast_expr_equal(a->expr, b->expr) ||
            !groups_equal(a->children, b->children))
            return false;
    return a == b;
}

static bool windows_equal(const struct lt_ast_window *a, const struct lt_ast_window *b)
{
    for (; BOTH(a, b); a = a->next, b = b->next)
        if (!window_equal(a, b))
            return false;
    return a == b;
}

static bool rows_equal(const struct lt_ast_values_row *a, const struct lt_ast_values_row *b)
{
    for (; BOTH(a, b); a = a->next, b = b->next)
        if (!exprs_equal(a->exprs, b->exprs))
            return false;
    return a == b;
}

static bool ctes_equal(const struct lt_ast_with *a, const struct lt_ast_with *b)
{
    for (; BOTH(a, b); a = a->next, b = b->next)
        if (!name_equal(a->name, b->name) || !names_equal(a->columns, b->columns) ||
            !query_equal(a->query, b->query))
            return false;
    return a == b;
}

static bool emit_equal(const struct lt_ast_emit *a, const struct lt_ast_emit *b)
{
    return a->early == b->early && lt_ast_expr_equal(a->early_every, b->early_every) &&
           lt_ast_expr_equal(a->early_rows, b->early_rows) &&
           a->early_on_change == b->early_on_change && a->at_watermark == b->at_watermark &&
           a->late == b->late && lt_ast_expr_equal(a->late_every, b->late_every) &&
           a->late_on_change == b->late_on_change &&
           lt_ast_expr_equal(a->late_within, b->late_within) && a->mode == b->mode &&
           names_equal(a->late_rows_of, b->late_rows_of) &&
           names_equal(a->late_rows_into, b->late_rows_into);
}

static bool query_equal(const struct lt_ast_query *a, const struct lt_ast_query *b)
{
    if (!BOTH(a, b))
        return a == b;
    return a->kind == b->kind && a->recursive == b->recursive && ctes_equal(a->with, b->with) &&
           a->distinct == b->distinct && hints_equal(a->hints, b->hints) &&
           items_equal(a->items, b->items) && from_equal(a->from, b->from) &&
           lt_ast_expr_equal(a->where, b->where) && groups_equal(a->group, b->group) &&
           a->group_distinct == b->group_distinct && lt_ast_expr_equal(a->having, b->having) &&
           lt_ast_expr_equal(a->qualify, b->qualify) && windows_equal(a->windows, b->windows) &&
           rows_equal(a->values, b->values) && a->set_op == b->set_op && a->all == b->all &&
           query_equal(a->left, b->left) && query_equal(a->right, b->right) &&
           orders_equal(a->order, b->order) && lt_ast_expr_equal(a->limit, b->limit) &&
           lt_ast_expr_equal(a->offset, b->offset) && emit_equal(&a->emit, &b->emit);
}
