/* bind_insert.c -- INSERT: a query's columns become a table's, by position.
 *
 * Casts are implicit ones only; everything else asks for CAST. Columns that are
 * not listed are NULL; computed and virtual columns cannot be written. PARTITION
 * (k = 'v') columns are constants. */
#include "planner/bind.h"

struct target { /* what the sink takes: the table's writable columns, in order */
    struct lt_planner *p;
    const struct lt_object *table;
    uint32_t n;
    const struct lt_table_column **columns;
    uint32_t n_physical;
};

static lt_status target_columns(struct target *t)
{
    const struct lt_object *table = t->table;
    t->columns = LT_ARENA_ARRAY(t->p->arena, const struct lt_table_column *, table->n_columns + 1);
    if (!t->columns)
        return LT_NOMEM;
    for (uint32_t i = 0; i < table->n_columns; i++)
        if (table->columns[i].kind == LT_COLUMN_PHYSICAL)
            t->columns[t->n++] = &table->columns[i];
    t->n_physical = t->n;
    for (uint32_t i = 0; i < table->n_columns; i++)
        if (table->columns[i].kind == LT_COLUMN_METADATA && !table->columns[i].metadata_virtual)
            return LT_BIND_NOT_YET(t->p, LT_NOWHERE,
                                   "writing metadata column '%.*s'; declare it VIRTUAL",
                                   LT_STR_ARG(table->columns[i].name));
    return LT_OK;
}

static lt_status target_find(const struct target *t, struct lt_str name, struct lt_pos pos,
                             uint32_t *out)
{
    struct lt_planner *p = t->p;
    struct lt_str *names = LT_ARENA_ARRAY(p->arena, struct lt_str, t->n + 1);
    if (!names)
        return LT_NOMEM;
    for (uint32_t i = 0; i < t->n; i++) {
        names[i] = t->columns[i]->name;
        if (lt_str_equal(names[i], name)) {
            *out = i;
            return LT_OK;
        }
    }
    for (uint32_t i = 0; i < t->table->n_columns; i++)
        if (lt_str_equal(t->table->columns[i].name, name))
            return LT_BIND_FAIL(p, LT_INVALID, pos,
                                "column '%.*s' is computed or virtual: it cannot be written",
                                LT_STR_ARG(name));
    return LT_BIND_FAIL(p, LT_INVALID, pos, "table '%.*s' has no column '%.*s'%s",
                        LT_STR_ARG(t->table->name), LT_STR_ARG(name),
                        lt_bind_nearest(p, name, t->n, names));
}

static lt_status refuse_cast(const struct target *t, const struct lt_table_column *column,
                             const struct lt_type *from, struct lt_pos pos)
{
    struct lt_buf text;
    lt_buf_init(&text, t->p->env->alloc);
    lt_type_print(&text, column->type);
    lt_buf_adds(&text, ", the query gives ");
    lt_type_print(&text, from);
    lt_status status =
        LT_BIND_FAIL(t->p, LT_INVALID, pos, "column '%.*s' of '%.*s' is %s; write a CAST",
                     LT_STR_ARG(column->name), LT_STR_ARG(t->table->name),
                     text.data ? text.data : "of another type");
    lt_buf_close(&text);
    return status;
}

/* The value for one column; a NULL where a cast would be refused is fine. */
static lt_status convert(const struct target *t, const struct lt_table_column *column,
                         struct lt_expr *value, struct lt_pos pos, struct lt_expr **out)
{
    if (value->type->kind != LT_TYPE_NULL && !lt_type_same(value->type, column->type) &&
        !lt_cast_implicit(value->type, column->type))
        return refuse_cast(t, column, value->type, pos);
    if (lt_type_same(value->type, column->type)) {
        *out = value;
        return LT_OK;
    }
    return lt_bind_cast_mode(t->p, value, column->type, LT_CAST_STORE, out);
}

/* PARTITION (k = 'v'): constants, read as the column's type. */
static lt_status partition_values(const struct target *t, const struct lt_ast_stmt *stmt,
                                  struct lt_expr **exprs)
{
    struct lt_planner *p = t->p;
    for (const struct lt_ast_option *o = stmt->partition; o; o = o->next) {
        uint32_t at;
        bool is_key = false;
        struct lt_expr *text;
        LT_TRY(target_find(t, o->key, o->pos, &at));
        for (uint32_t i = 0; i < t->table->n_partition_keys; i++)
            is_key |= lt_str_equal(t->table->partition_keys[i], o->key);
        if (!is_key)
            return LT_BIND_FAIL(p, LT_INVALID, o->pos, "'%.*s' is no partition column of '%.*s'",
                                LT_STR_ARG(o->key), LT_STR_ARG(t->table->name));
        LT_TRY(lt_expr_text(p, o->value, o->pos, &text));
        LT_TRY(lt_bind_cast(p, text, t->columns[at]->type, &exprs[at]));
    }
    return LT_OK;
}

/* Which target column takes the query's column i. */
static lt_status source_order(const struct target *t, const struct lt_ast_stmt *stmt,
                              struct lt_expr **exprs, uint32_t **out, uint32_t *n_out)
{
    uint32_t *order = LT_ARENA_ARRAY(t->p->arena, uint32_t, t->n + 1), n = 0;
    if (!order)
        return LT_NOMEM;
    for (const struct lt_ast_name *c = stmt->columns; c; c = c->next) {
        uint32_t at;
        LT_TRY(target_find(t, c->text, c->pos, &at));
        for (uint32_t i = 0; i < n; i++)
            if (order[i] == at)
                return LT_BIND_FAIL(t->p, LT_INVALID, c->pos, "column '%.*s' is listed twice",
                                    LT_STR_ARG(c->text));
        if (exprs[at])
            return LT_BIND_FAIL(t->p, LT_INVALID, c->pos,
                                "column '%.*s' already has its value from PARTITION",
                                LT_STR_ARG(c->text));
        order[n++] = at;
    }
    for (uint32_t i = 0; !stmt->columns && i < t->n; i++)
        if (!exprs[i])
            order[n++] = i;
    *out = order;
    *n_out = n;
    return LT_OK;
}

static lt_status match_columns(const struct target *t, const struct lt_ast_stmt *stmt,
                               struct lt_plan_node *input, struct lt_expr **exprs)
{
    struct lt_planner *p = t->p;
    uint32_t *order = NULL, n = 0;
    LT_TRY(partition_values(t, stmt, exprs));
    LT_TRY(source_order(t, stmt, exprs, &order, &n));
    if (input->schema.len != n)
        return LT_BIND_FAIL(p, LT_INVALID, stmt->query->pos,
                            "the query has %u column%s, '%.*s' takes %u", input->schema.len,
                            input->schema.len == 1 ? "" : "s", LT_STR_ARG(t->table->name), n);
    for (uint32_t i = 0; i < n; i++) {
        struct lt_expr *column;
        LT_TRY(lt_expr_node_column(p, input, i, &column));
        LT_TRY(convert(t, t->columns[order[i]], column, stmt->query->pos, &exprs[order[i]]));
    }
    for (uint32_t i = 0; i < t->n; i++)
        if (!exprs[i])
            LT_TRY(lt_expr_null(p, t->columns[i]->type, stmt->pos, &exprs[i]));
    return LT_OK;
}

/* Is the column NOT NULL, declared so or as part of the PRIMARY KEY? */
static bool refuses_null(const struct target *t, const struct lt_table_column *column)
{
    bool refuses = !column->type->nullable;
    for (uint32_t k = 0; k < t->table->n_primary_key; k++)
        refuses |= lt_str_equal(t->table->primary_key[k], column->name);
    return refuses;
}

static lt_status sink_node(struct target *t, const struct lt_ast_hint *hints, struct lt_pos pos,
                           struct lt_plan_node *input, struct lt_plan_node **out)
{
    struct lt_planner *p = t->p;
    struct lt_plan_node *node;
    LT_TRY(lt_node_new(p, LT_NODE_SINK, 1, &input, t->n, &node));
    for (uint32_t i = 0; i < t->n; i++)
        node->schema.fields[i] = (struct lt_field){t->columns[i]->name, t->columns[i]->type};
    node->u.sink.table = t->table;
    LT_TRY(lt_bind_connector(p, t->table, hints, pos, &node->u.sink.connector,
                             &node->u.sink.description));
    if (!node->u.sink.connector->sink_open)
        return LT_BIND_FAIL(p, LT_INVALID, pos,
                            "table '%.*s' cannot be written: connector '%s' only reads",
                            LT_STR_ARG(t->table->name), node->u.sink.connector->name);
    LT_TRY(lt_node_finish(p, node));
    *out = node;
    return LT_OK;
}

/* Does the sink take what the query gives? */
static lt_status sink_accepts(struct lt_planner *p, const struct lt_plan_node *sink,
                              struct lt_error *inner)
{
    const struct lt_connector *connector = sink->u.sink.connector;
    if (!connector->sink_check)
        return LT_OK;
    return connector->sink_check(sink->u.sink.description, p->env->connectors,
                                 sink->inputs[0]->props.changing, inner);
}

static lt_status insert_once(struct target *t, const struct lt_ast_stmt *stmt,
                             struct lt_plan_node **out)
{
    struct lt_planner *p = t->p;
    struct lt_rel rel;
    struct lt_plan_node *input;
    LT_TRY(lt_bind_query(p, stmt->query, &rel));
    struct lt_expr **exprs = LT_ARENA_ARRAY(p->arena, struct lt_expr *, t->n + 1);
    struct lt_str *names = LT_ARENA_ARRAY(p->arena, struct lt_str, t->n + 1);
    if (!exprs || !names)
        return LT_NOMEM;
    for (uint32_t i = 0; i < t->n; i++)
        names[i] = t->columns[i]->name;
    LT_TRY(match_columns(t, stmt, rel.node, exprs));
    for (uint32_t i = 0; i < t->n; i++)
        if (refuses_null(t, t->columns[i]))
            LT_TRY(lt_bind_not_null(p, exprs[i], t->table->name, names[i], &exprs[i]));
    LT_TRY(lt_node_calc(p, rel.node, NULL, t->n, exprs, names, &input));
    return sink_node(t, stmt->hints, stmt->path->pos, input, out);
}

static lt_status bind_target(struct target *t, const struct lt_ast_name *path)
{
    LT_TRY(lt_bind_find(t->p, path, &t->table));
    if (t->table->kind != LT_OBJECT_TABLE)
        return LT_BIND_FAIL(t->p, LT_INVALID, path->pos, "'%.*s' is no table: it cannot be written",
                            LT_STR_ARG(t->table->name));
    return target_columns(t);
}

/* Does the plan read this table? */
static bool reads(const struct lt_plan_node *node, const struct lt_object *table)
{
    if (node->kind == LT_NODE_SCAN)
        return lt_str_equal(node->u.scan.table->name, table->name) &&
               lt_str_equal(node->u.scan.table->database, table->database) &&
               lt_str_equal(node->u.scan.table->catalog, table->catalog);
    for (uint32_t i = 0; i < node->n_inputs; i++)
        if (reads(node->inputs[i], table))
            return true;
    return false;
}

lt_status lt_bind_insert(struct lt_planner *p, const struct lt_ast_stmt *stmt,
                         struct lt_plan_node **out)
{
    struct target t = {.p = p};
    struct lt_plan_node *sink;
    struct lt_error inner = {0};
    if (stmt->overwrite)
        return LT_BIND_NOT_YET(p, stmt->pos, "INSERT OVERWRITE");
    LT_TRY(bind_target(&t, stmt->path));
    struct lt_str mode = p->env->catalog ? lt_setting_get(p->env->catalog, "execution.runtime-mode")
                                         : LT_STR("");
    p->final_only = lt_str_equal_nocase(mode, LT_STR("batch"));
    LT_TRY(insert_once(&t, stmt, &sink));
    lt_status status = sink_accepts(p, sink, &inner);
    if (status != LT_OK && status != LT_NOMEM && sink->inputs[0]->props.changing &&
        sink->inputs[0]->props.bounded && !p->final_only) {
        /* The input ends, and the sink cannot take changes back: its answer is the last one. */
        uint32_t depth = p->depth;
        p->final_only = true;
        LT_TRY(insert_once(&t, stmt, &sink));
        p->depth = depth;
        lt_error_clear(&inner);
        status = sink_accepts(p, sink, &inner);
    }
    p->final_only = false;
    if (status == LT_NOMEM)
        return status;
    if (status != LT_OK && sink->inputs[0]->props.changing)
        return LT_BIND_FAIL(p, status, stmt->path->pos, "%s (%s)", inner.message,
                            lt_props_why_changing(sink->inputs[0]));
    if (status != LT_OK)
        return LT_BIND_FAIL(p, status, stmt->path->pos, "%s", inner.message);
    if (!t.table->n_options && reads(sink, t.table))
        return LT_BIND_FAIL(p, LT_INVALID, stmt->path->pos,
                            "the query reads '%.*s', the table it writes",
                            LT_STR_ARG(t.table->name));
    *out = sink;
    return LT_OK;
}

/* ---- LATE ROWS INTO ----------------------------------------------------------------------- */

/* The table's columns are found in the operator's input by name; what is not
 * there is NULL. They become the first columns of `exprs`, which the operator
 * takes in, so that a sink may read its rows as they are. */
lt_status lt_bind_late_sink(struct lt_planner *p, const struct lt_ast_name *path,
                            struct lt_pos pos, const struct lt_rel *input, struct lt_exprs *exprs,
                            struct lt_plan_node **out)
{
    struct target t = {.p = p};
    struct lt_plan_node *node;
    struct lt_error inner = {0};
    LT_TRY(bind_target(&t, path));
    uint32_t *columns = LT_ARENA_ARRAY(p->arena, uint32_t, t.n + 1);
    if (!columns)
        return LT_NOMEM;
    for (uint32_t i = 0; i < t.n; i++) {
        struct lt_bind b = {.p = p, .scope = &input->scope, .clause = "LATE ROWS INTO"};
        struct lt_expr *value;
        int64_t at;
        LT_TRY(lt_scope_find(&b, (struct lt_str){0}, t.columns[i]->name, pos, &at));
        if (at < 0) {
            LT_TRY(lt_expr_null(p, t.columns[i]->type, pos, &value));
        } else {
            LT_TRY(lt_expr_column(p, (uint32_t)at, input->scope.columns[at].type, pos, &value));
            LT_TRY(convert(&t, t.columns[i], value, pos, &value));
        }
        columns[i] = exprs->len;
        LT_TRY(LT_ARENA_PUSH(p->arena, exprs->items, exprs->len, exprs->cap, value));
    }
    LT_TRY(sink_node(&t, NULL, pos, input->node, &node));
    lt_status status = node->u.sink.connector->sink_check
                           ? node->u.sink.connector->sink_check(
                                 node->u.sink.description, p->env->connectors, false, &inner)
                           : LT_OK;
    if (status != LT_OK)
        return status == LT_NOMEM ? status : LT_BIND_FAIL(p, status, pos, "%s", inner.message);
    node->u.sink.columns = columns;
    node->n_inputs = 0; /* fed by the operator itself */
    *out = node;
    return LT_OK;
}
