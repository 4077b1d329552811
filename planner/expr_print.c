/* expr_print.c -- bound expressions as EXPLAIN shows them: near to SQL. */
#include "planner/bind.h"

static bool is_symbol(const char *name)
{
    return !((name[0] >= 'A' && name[0] <= 'Z') || name[0] == '_') ||
           strcmp(name, "LIKE") == 0 || strcmp(name, "ILIKE") == 0 ||
           strcmp(name, "IS DISTINCT FROM") == 0 || strcmp(name, "IS NOT DISTINCT FROM") == 0 ||
           strcmp(name, "SIMILAR TO") == 0;
}

static void print_list(struct lt_buf *out, const struct lt_expr *expr, const char *between,
                       const struct lt_schema *input)
{
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (i)
            lt_buf_adds(out, between);
        lt_expr_print(out, expr->args[i], input);
    }
}

static void print_text(struct lt_buf *out, const char *data, size_t len)
{
    lt_buf_addc(out, '\'');
    for (size_t i = 0; i < len; i++) {
        if (data[i] == '\'')
            lt_buf_addc(out, '\'');
        lt_buf_addc(out, data[i]);
    }
    lt_buf_addc(out, '\'');
}

static void print_constant(struct lt_buf *out, const struct lt_expr *expr)
{
    struct lt_cell cell = lt_column_cell(expr->constant, 0);
    struct lt_buf text;
    if (cell.null) {
        lt_buf_adds(out, "NULL");
        return;
    }
    lt_buf_init(&text, out->alloc);
    lt_cell_print(&text, cell, &lt_tz_utc);
    struct lt_str shown = lt_buf_str(&text);
    bool bare = lt_type_is_numeric(expr->type) || expr->type->kind == LT_TYPE_BOOLEAN;
    if (bare)
        lt_buf_add(out, shown.data, shown.len);
    else
        print_text(out, shown.data, shown.len);
    if (text.status != LT_OK && out->status == LT_OK)
        out->status = text.status;
    lt_buf_close(&text);
}

static void print_case(struct lt_buf *out, const struct lt_expr *expr,
                       const struct lt_schema *input)
{
    lt_buf_adds(out, "CASE");
    for (uint32_t i = 0; i + 1 < expr->n_args; i += 2) {
        lt_buf_adds(out, " WHEN ");
        lt_expr_print(out, expr->args[i], input);
        lt_buf_adds(out, " THEN ");
        lt_expr_print(out, expr->args[i + 1], input);
    }
    lt_buf_adds(out, " ELSE ");
    lt_expr_print(out, expr->args[expr->n_args - 1], input);
    lt_buf_adds(out, " END");
}

static void print_call(struct lt_buf *out, const struct lt_expr *expr,
                       const struct lt_schema *input)
{
    const char *name = expr->function->name;
    if (expr->n_args == 2 && is_symbol(name)) {
        lt_buf_addc(out, '(');
        lt_expr_print(out, expr->args[0], input);
        lt_buf_addf(out, " %s ", name);
        lt_expr_print(out, expr->args[1], input);
        lt_buf_addc(out, ')');
    } else if (expr->n_args == 1 && strncmp(name, "IS ", 3) == 0) {
        lt_buf_addc(out, '(');
        lt_expr_print(out, expr->args[0], input);
        lt_buf_addf(out, " %s)", name);
    } else {
        lt_buf_addf(out, "%s(", name);
        print_list(out, expr, ", ", input);
        lt_buf_addc(out, ')');
    }
}

void lt_expr_print(struct lt_buf *out, const struct lt_expr *expr, const struct lt_schema *input)
{
    switch (expr->kind) {
    case LT_EXPR_COLUMN:
        if (input && expr->index < input->len && input->fields[expr->index].name.len)
            lt_buf_addf(out, "%.*s", LT_STR_ARG(input->fields[expr->index].name));
        else
            lt_buf_addf(out, "$%u", expr->index);
        break;
    case LT_EXPR_CONSTANT: print_constant(out, expr); break;
    case LT_EXPR_PARAMETER: lt_buf_addf(out, "?%u", expr->index + 1); break;
    case LT_EXPR_CALL: print_call(out, expr, input); break;
    case LT_EXPR_CASE: print_case(out, expr, input); break;
    case LT_EXPR_COALESCE:
        lt_buf_adds(out, "COALESCE(");
        print_list(out, expr, ", ", input);
        lt_buf_addc(out, ')');
        break;
    case LT_EXPR_AND:
    case LT_EXPR_OR:
        lt_buf_addc(out, '(');
        print_list(out, expr, expr->kind == LT_EXPR_AND ? " AND " : " OR ", input);
        lt_buf_addc(out, ')');
        break;
    case LT_EXPR_CAST:
        lt_buf_adds(out, expr->cast_mode == LT_CAST_TRY ? "TRY_CAST(" : "CAST(");
        lt_expr_print(out, expr->args[0], input);
        lt_buf_adds(out, " AS ");
        lt_type_print(out, expr->type);
        lt_buf_addc(out, ')');
        break;
    case LT_EXPR_FIELD:
        lt_expr_print(out, expr->args[0], input);
        lt_buf_addf(out, ".%.*s", LT_STR_ARG(expr->args[0]->type->names[expr->index]));
        break;
    }
}
