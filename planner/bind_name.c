/* bind_name.c -- what a name in an expression means: a column, a field, a star.
 *
 * a.b.c is tried as table a with column b first, then as column a with field b.
 * Names are case-sensitive; a miss names the nearest column there is. */
#include "planner/bind.h"

static lt_status ambiguous(const struct lt_bind *b, struct lt_str name, struct lt_pos pos,
                           const struct lt_scope_column *x, const struct lt_scope_column *y)
{
    return LT_BIND_FAIL(b->p, LT_INVALID, pos,
                        "column '%.*s' is ambiguous: it is in '%.*s' and in '%.*s'; put the "
                        "table's name and a dot before it",
                        LT_STR_ARG(name), LT_STR_ARG(x->table), LT_STR_ARG(y->table));
}

lt_status lt_scope_find(const struct lt_bind *b, struct lt_str table, struct lt_str name,
                        struct lt_pos pos, int64_t *index)
{
    const struct lt_scope *scope = b->scope;
    int64_t found = -1;
    for (uint32_t i = 0; scope && i < scope->len; i++) {
        const struct lt_scope_column *c = &scope->columns[i];
        if (!lt_str_equal(c->name, name) || (table.data && !lt_str_equal(c->table, table)))
            continue;
        if (found >= 0)
            return ambiguous(b, name, pos, &scope->columns[found], c);
        found = i;
    }
    *index = found;
    return LT_OK;
}

static bool scope_has_table(const struct lt_scope *scope, struct lt_str table)
{
    for (uint32_t i = 0; scope && i < scope->len; i++)
        if (scope->columns[i].table.len && lt_str_equal(scope->columns[i].table, table))
            return true;
    return false;
}

static lt_status column_of(struct lt_bind *b, int64_t index, struct lt_pos pos,
                           struct lt_expr **out)
{
    const struct lt_type *type = b->scope->columns[index].type;
    if (b->scope->nullable)
        type = lt_type_with_null(b->p->arena, type, true);
    if (!type)
        return LT_NOMEM;
    return lt_expr_column(b->p, (uint32_t)index, type, pos, out);
}

static bool is_alias(const struct lt_bind *b, struct lt_str name)
{
    for (const struct lt_ast_select_item *item = b->items; item; item = item->next)
        if (item->alias && lt_str_equal(item->alias->text, name))
            return true;
    return false;
}

static lt_status not_found(struct lt_bind *b, const struct lt_ast_name *name, struct lt_str table)
{
    const struct lt_scope *scope = b->scope;
    struct lt_planner *p = b->p;
    uint32_t len = scope ? scope->len : 0, n = 0;
    struct lt_str *names = LT_ARENA_ARRAY(p->arena, struct lt_str, len + 1);
    if (!names)
        return LT_NOMEM;
    for (uint32_t i = 0; i < len; i++)
        if (!table.data || lt_str_equal(scope->columns[i].table, table))
            names[n++] = scope->columns[i].name;
    if (table.data)
        return LT_BIND_FAIL(p, LT_INVALID, name->pos, "column '%.*s' not found in '%.*s'%s",
                            LT_STR_ARG(name->text), LT_STR_ARG(table),
                            lt_bind_nearest(p, name->text, n, names));
    if (is_alias(b, name->text))
        return LT_BIND_FAIL(p, LT_INVALID, name->pos,
                            "column '%.*s' not found; %s cannot use an alias of the SELECT list: "
                            "repeat its expression, or select from a subquery",
                            LT_STR_ARG(name->text), b->clause);
    return LT_BIND_FAIL(p, LT_INVALID, name->pos, "column '%.*s' not found%s",
                        LT_STR_ARG(name->text), lt_bind_nearest(p, name->text, n, names));
}

lt_status lt_bind_field(struct lt_bind *b, struct lt_expr *row, const struct lt_ast_name *field,
                        struct lt_expr **out)
{
    struct lt_planner *p = b->p;
    const struct lt_type *type = row->type;
    if (type->kind != LT_TYPE_ROW) {
        struct lt_buf text;
        lt_buf_init(&text, p->env->alloc);
        lt_type_print(&text, type);
        lt_status status = LT_BIND_FAIL(p, LT_INVALID, field->pos,
                                        "'.%.*s' asks for a field of a value that is no ROW but %s",
                                        LT_STR_ARG(field->text), text.data ? text.data : "?");
        lt_buf_close(&text);
        return status;
    }
    for (uint32_t i = 0; i < type->n_children; i++) {
        if (!lt_str_equal(type->names[i], field->text))
            continue;
        const struct lt_type *result = type->children[i];
        if (type->nullable)
            result = lt_type_with_null(p->arena, result, true);
        struct lt_expr *expr;
        LT_TRY(lt_expr_new(p, LT_EXPR_FIELD, result, field->pos, 1, &expr));
        expr->index = i;
        expr->args[0] = row;
        expr->deterministic = row->deterministic;
        *out = expr;
        return LT_OK;
    }
    return LT_BIND_FAIL(p, LT_INVALID, field->pos, "field '%.*s' not found%s",
                        LT_STR_ARG(field->text),
                        lt_bind_nearest(p, field->text, type->n_children, type->names));
}

/* Where a path starts: *rest is what is left of it as fields. */
static lt_status path_start(struct lt_bind *b, const struct lt_ast_name *path,
                            const struct lt_ast_name **rest, struct lt_expr **out)
{
    int64_t index = -1;
    const struct lt_ast_name *name = path;
    /* t.c, and db.t.c or cat.db.t.c when such a table is in scope */
    for (unsigned parts = 0; name->next && parts < 3; name = name->next, parts++) {
        LT_TRY(lt_scope_find(b, name->text, name->next->text, name->next->pos, &index));
        if (index >= 0) {
            *rest = name->next->next;
            return column_of(b, index, name->next->pos, out);
        }
        if (parts == 0) {
            LT_TRY(lt_scope_find(b, (struct lt_str){0}, path->text, path->pos, &index));
            if (index >= 0)
                break;
        }
    }
    if (index < 0)
        LT_TRY(lt_scope_find(b, (struct lt_str){0}, path->text, path->pos, &index));
    if (index >= 0) {
        *rest = path->next;
        return column_of(b, index, path->pos, out);
    }
    if (path->next && scope_has_table(b->scope, path->text))
        return not_found(b, path->next, path->text);
    return not_found(b, path, (struct lt_str){0});
}

lt_status lt_bind_path(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_expr **out)
{
    const struct lt_ast_name *rest = NULL;
    struct lt_expr *expr;
    LT_TRY(path_start(b, ast->u.path, &rest, &expr));
    for (; rest; rest = rest->next)
        LT_TRY(lt_bind_field(b, expr, rest, &expr));
    *out = expr;
    return LT_OK;
}

/* ---- stars ------------------------------------------------------------------------ */

struct star {
    struct lt_exprs *exprs;
    struct lt_str *names;
    uint32_t names_len, names_cap;
};

static lt_status star_add(struct lt_bind *b, struct star *star, struct lt_expr *expr,
                          struct lt_str name)
{
    struct lt_arena *arena = b->p->arena;
    if (star->exprs->len >= LT_BIND_COLUMNS_MAX)
        return LT_BIND_FAIL(b->p, LT_LIMIT, expr->pos, "more than %d columns",
                            LT_BIND_COLUMNS_MAX);
    LT_TRY(LT_ARENA_PUSH(arena, star->exprs->items, star->exprs->len, star->exprs->cap, expr));
    return LT_ARENA_PUSH(arena, star->names, star->names_len, star->names_cap, name);
}

static lt_status star_row(struct lt_bind *b, struct star *star, struct lt_expr *row)
{
    const struct lt_type *type = row->type;
    if (type->kind != LT_TYPE_ROW)
        return LT_BIND_FAIL(b->p, LT_INVALID, row->pos, "'.*' needs a table or a ROW before it");
    for (uint32_t i = 0; i < type->n_children; i++) {
        struct lt_ast_name field = {.text = type->names[i], .pos = row->pos};
        struct lt_expr *expr;
        LT_TRY(lt_bind_field(b, row, &field, &expr));
        LT_TRY(star_add(b, star, expr, type->names[i]));
    }
    return LT_OK;
}

static lt_status star_table(struct lt_bind *b, struct star *star, const struct lt_str *table,
                            struct lt_pos pos)
{
    const struct lt_scope *scope = b->scope;
    for (uint32_t i = 0; scope && i < scope->len; i++) {
        struct lt_expr *expr;
        if (scope->columns[i].hidden || (table && !lt_str_equal(scope->columns[i].table, *table)))
            continue;
        LT_TRY(column_of(b, i, pos, &expr));
        LT_TRY(star_add(b, star, expr, scope->columns[i].name));
    }
    return LT_OK;
}

lt_status lt_bind_star(struct lt_bind *b, const struct lt_ast_expr *ast, struct lt_exprs *exprs,
                       struct lt_str **names)
{
    struct star star = {.exprs = exprs};
    const struct lt_ast_name *path = ast->kind == LT_AST_STAR ? ast->u.path : NULL;
    struct lt_expr *row;
    if (ast->kind == LT_AST_FIELD) { /* f(x).* */
        LT_TRY(lt_bind_expr(b, ast->u.field_of.value, &row));
        LT_TRY(star_row(b, &star, row));
    } else if (!path) {
        if (!b->scope || b->scope->len == 0)
            return LT_BIND_FAIL(b->p, LT_INVALID, ast->pos, "'*' needs a FROM with columns");
        LT_TRY(star_table(b, &star, NULL, ast->pos));
    } else if (!path->next && scope_has_table(b->scope, path->text)) {
        LT_TRY(star_table(b, &star, &path->text, ast->pos));
    } else {
        struct lt_ast_expr column = {.kind = LT_AST_COLUMN, .pos = ast->pos, .u.path = ast->u.path};
        LT_TRY(lt_bind_path(b, &column, &row));
        LT_TRY(star_row(b, &star, row));
    }
    *names = star.names;
    return LT_OK;
}
