/* bind_table.c -- a table read: scan, computed columns, watermark.
 *
 *   SCAN (physical and metadata columns) ─ CALC (the table's columns) ─ WATERMARK
 *
 * Computed columns and the watermark are stored as SQL text and bound here over
 * the scan's columns; one may use those computed before it. The scan begins with
 * every column and filter above it; the rules take away what is not used. */
#include "parser/parser.h"
#include "planner/bind.h"

static const struct lt_type *metadata_type(const struct lt_connector *connector, struct lt_str key)
{
    for (const struct lt_metadata_def *m = connector ? connector->metadata : NULL; m && m->key; m++)
        if (lt_str_equal(lt_str_of(m->key), key))
            return m->type;
    return NULL;
}

static struct lt_str metadata_key(const struct lt_table_column *column)
{
    return column->metadata_key.len ? column->metadata_key : column->name;
}

/* ---- the connector's view of a table ------------------------------------------------ */

static lt_status table_options(struct lt_planner *p, const struct lt_object *table,
                               const struct lt_ast_hint *hints, struct lt_connector_table *out)
{
    uint32_t len = 0, cap = 0;
    struct lt_option *options = NULL;
    for (uint32_t i = 0; i < table->n_options; i++)
        LT_TRY(LT_ARENA_PUSH(p->arena, options, len, cap, table->options[i]));
    for (const struct lt_ast_hint *hint = hints; hint; hint = hint->next) {
        if (!lt_str_equal_nocase(hint->name, LT_STR("OPTIONS"))) {
            LT_TRY(lt_bind_notice(p, "hint %.*s has no meaning here and is ignored",
                                  LT_STR_ARG(hint->name)));
            continue;
        }
        for (const struct lt_ast_option *o = hint->options; o; o = o->next) {
            struct lt_option option = {.pos = o->pos};
            uint32_t at = 0;
            LT_TRY(lt_bind_str(p, o->key, &option.key));
            LT_TRY(lt_bind_str(p, o->value, &option.value));
            while (at < len && !lt_str_equal(options[at].key, option.key))
                at++;
            if (at < len)
                options[at] = option;
            else
                LT_TRY(LT_ARENA_PUSH(p->arena, options, len, cap, option));
        }
    }
    out->options = options;
    out->n_options = len;
    return LT_OK;
}

static lt_status table_physical(struct lt_planner *p, const struct lt_object *table,
                                const struct lt_connector *connector,
                                struct lt_connector_table *out)
{
    struct lt_schema *physical = LT_ARENA_NEW(p->arena, struct lt_schema);
    struct lt_metadata_column *metadata =
        LT_ARENA_ARRAY(p->arena, struct lt_metadata_column, table->n_columns + 1);
    if (!physical || !metadata)
        return LT_NOMEM;
    physical->fields = LT_ARENA_ARRAY(p->arena, struct lt_field, table->n_columns + 1);
    if (!physical->fields)
        return LT_NOMEM;
    for (uint32_t i = 0; i < table->n_columns; i++) {
        const struct lt_table_column *column = &table->columns[i];
        if (column->kind == LT_COLUMN_PHYSICAL) {
            physical->fields[physical->len++] = (struct lt_field){column->name, column->type};
        } else if (column->kind == LT_COLUMN_METADATA) {
            struct lt_str key = metadata_key(column);
            const struct lt_type *type = metadata_type(connector, key);
            if (!type)
                return LT_BIND_FAIL(p, LT_INVALID, LT_NOWHERE,
                                    "table '%.*s': connector '%s' has no metadata '%.*s'",
                                    LT_STR_ARG(table->name), connector->name, LT_STR_ARG(key));
            metadata[out->n_metadata++] = (struct lt_metadata_column){key, type};
        }
    }
    out->physical = physical;
    out->metadata = metadata;
    return LT_OK;
}

static lt_status table_keys(struct lt_planner *p, const struct lt_schema *physical, uint32_t n,
                            const struct lt_str *names, const uint32_t **out, uint32_t *n_out)
{
    uint32_t *keys = LT_ARENA_ARRAY(p->arena, uint32_t, n + 1), len = 0;
    if (!keys)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        int at = lt_schema_find(physical, names[i]);
        if (at >= 0)
            keys[len++] = (uint32_t)at;
    }
    *out = keys;
    *n_out = len;
    return LT_OK;
}

static lt_status find_connector(struct lt_planner *p, const struct lt_object *table,
                                struct lt_connector_table *view, struct lt_pos pos,
                                const struct lt_connector **out)
{
    const struct lt_str *name = lt_option_get(view, "connector");
    struct lt_str names[64];
    uint32_t n = 0;
    struct lt_str wanted = name ? *name : LT_STR("memory"); /* a stored table */
    *out = lt_registry_connector(p->env->connectors, wanted);
    if (*out)
        return LT_OK;
    if (!name)
        return LT_BIND_NOT_YET(p, pos, "table '%.*s' has no connector: stored tables",
                               LT_STR_ARG(table->name));
    for (const struct lt_connector *const *c = p->env->connectors->connectors; *c && n < 64; c++)
        names[n++] = lt_str_of((*c)->name);
    return LT_BIND_FAIL(p, LT_INVALID, pos, "table '%.*s': connector '%.*s' not found%s",
                        LT_STR_ARG(table->name), LT_STR_ARG(wanted),
                        lt_bind_nearest(p, wanted, n, names));
}

lt_status lt_bind_connector(struct lt_planner *p, const struct lt_object *table,
                            const struct lt_ast_hint *hints, struct lt_pos pos,
                            const struct lt_connector **connector, struct lt_connector_table **out)
{
    struct lt_connector_table *view = LT_ARENA_NEW(p->arena, struct lt_connector_table);
    if (!view)
        return LT_NOMEM;
    view->name = table->name;
    LT_TRY(table_options(p, table, hints, view));
    LT_TRY(find_connector(p, table, view, pos, connector));
    LT_TRY(table_physical(p, table, *connector, view));
    LT_TRY(table_keys(p, view->physical, table->n_partition_keys, table->partition_keys,
                      &view->partition_keys, &view->n_partition_keys));
    LT_TRY(table_keys(p, view->physical, table->n_primary_key, table->primary_key,
                      &view->primary_key, &view->n_primary_key));
    *out = view;
    return LT_OK;
}

/* ---- the scan -------------------------------------------------------------------------- */

static lt_status scan_node(struct lt_planner *p, const struct lt_object *table,
                           const struct lt_ast_hint *hints, struct lt_pos pos,
                           struct lt_plan_node **out)
{
    struct lt_plan_node *node;
    struct lt_connector_table *view;
    const struct lt_connector *connector;
    LT_TRY(lt_bind_connector(p, table, hints, pos, &connector, &view));
    if (!connector->source_open)
        return LT_BIND_FAIL(p, LT_INVALID, pos,
                            "table '%.*s' cannot be read: connector '%s' only writes",
                            LT_STR_ARG(table->name), connector->name);
    uint32_t n = view->physical->len, m = view->n_metadata;
    LT_TRY(lt_node_new(p, LT_NODE_SCAN, 0, NULL, n + m, &node));
    struct lt_scan_request *request = LT_ARENA_NEW(p->arena, struct lt_scan_request);
    uint32_t *columns = LT_ARENA_ARRAY(p->arena, uint32_t, n + 1);
    uint32_t *metadata = LT_ARENA_ARRAY(p->arena, uint32_t, m + 1);
    if (!request || !columns || !metadata)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        columns[i] = i;
        node->schema.fields[i] = view->physical->fields[i];
    }
    for (uint32_t i = 0; i < m; i++) {
        metadata[i] = i;
        node->schema.fields[n + i] =
            (struct lt_field){view->metadata[i].key, view->metadata[i].type};
    }
    *request = (struct lt_scan_request){
        .n_columns = n, .columns = columns, .n_metadata = m, .metadata = metadata};
    node->u.scan.table = table;
    node->u.scan.connector = connector;
    node->u.scan.description = view;
    node->u.scan.request = request;
    node->u.scan.info = (struct lt_source_info){.append_only = true};
    if (connector->source_check) {
        struct lt_error inner = {0};
        lt_status status = connector->source_check(view, p->env->connectors,
                                                   &node->u.scan.info, &inner);
        if (status != LT_OK)
            return status == LT_NOMEM ? status : LT_BIND_FAIL(p, status, pos, "%s", inner.message);
    }
    LT_TRY(lt_node_finish(p, node));
    *out = node;
    return LT_OK;
}

/* ---- the table's own columns --------------------------------------------------------------- */

struct table_columns {
    struct lt_planner *p;
    const struct lt_object *table;
    struct lt_plan_node *scan;
    struct lt_scope scope;   /* scan columns under the table's names, then computed ones */
    uint32_t n_scan;
    struct lt_expr **computed; /* scope column n_scan + i, over scan columns */
    uint32_t n_computed;
};

static lt_status computed_column(struct lt_planner *p, void *ctx, const struct lt_expr *expr,
                                 struct lt_expr **out)
{
    const struct table_columns *t = ctx;
    LT_UNUSED(p);
    if (expr->kind == LT_EXPR_COLUMN && expr->index >= t->n_scan)
        *out = t->computed[expr->index - t->n_scan];
    return LT_OK;
}

/* Binds stored text over the columns known so far; the result is over the scan. */
static lt_status bind_text(struct table_columns *t, struct lt_str text, const char *clause,
                           struct lt_expr **out)
{
    struct lt_planner *p = t->p;
    struct lt_bind b = {.p = p, .scope = &t->scope, .clause = clause};
    struct lt_ast_expr *ast;
    struct lt_error inner = {0};
    struct lt_expr *expr;
    lt_status status = lt_parse_expr(text, p->arena, &ast, &inner);
    if (status != LT_OK)
        return status == LT_NOMEM
                   ? status
                   : LT_BIND_FAIL(p, status, LT_NOWHERE, "table '%.*s', %s: %s",
                                  LT_STR_ARG(t->table->name), clause, inner.message);
    LT_TRY(lt_bind_expr(&b, ast, &expr));
    return lt_expr_map(p, expr, computed_column, t, out);
}

static lt_status table_scope(struct table_columns *t)
{
    const struct lt_object *table = t->table;
    uint32_t n = table->n_columns, physical = 0, metadata = 0;
    uint32_t n_physical = t->scan->u.scan.description->physical->len;
    t->scope.columns = LT_ARENA_ARRAY(t->p->arena, struct lt_scope_column, 2 * n + 1);
    t->computed = LT_ARENA_ARRAY(t->p->arena, struct lt_expr *, n + 1);
    if (!t->scope.columns || !t->computed)
        return LT_NOMEM;
    t->n_scan = t->scan->schema.len;
    for (uint32_t i = 0; i < n; i++) {
        const struct lt_table_column *c = &table->columns[i];
        uint32_t at;
        if (c->kind == LT_COLUMN_COMPUTED)
            continue;
        at = c->kind == LT_COLUMN_PHYSICAL ? physical++ : n_physical + metadata++;
        t->scope.columns[at] = (struct lt_scope_column){
            .name = c->name, .table = table->name, .type = t->scan->schema.fields[at].type};
    }
    t->scope.len = t->n_scan;
    return LT_OK;
}

/* A metadata column may be declared with another type than the connector's. */
static lt_status stored_column(struct table_columns *t, const struct lt_table_column *c,
                               uint32_t at, struct lt_expr **out)
{
    struct lt_planner *p = t->p;
    LT_TRY(lt_expr_node_column(p, t->scan, at, out));
    if (c->kind != LT_COLUMN_METADATA || !c->type || lt_type_same(c->type, (*out)->type))
        return LT_OK;
    if (!lt_cast_exists((*out)->type, c->type))
        return LT_BIND_FAIL(p, LT_INVALID, LT_NOWHERE,
                            "table '%.*s': metadata column '%.*s' cannot have this type",
                            LT_STR_ARG(t->table->name), LT_STR_ARG(c->name));
    return lt_bind_cast(p, *out, c->type, out);
}

static lt_status table_calc(struct table_columns *t, struct lt_plan_node **out)
{
    const struct lt_object *table = t->table;
    uint32_t n = table->n_columns, physical = 0, metadata = 0;
    uint32_t n_physical = t->scan->u.scan.description->physical->len;
    struct lt_expr **exprs = LT_ARENA_ARRAY(t->p->arena, struct lt_expr *, n + 1);
    struct lt_str *names = LT_ARENA_ARRAY(t->p->arena, struct lt_str, n + 1);
    bool plain = n == t->n_scan;
    if (!exprs || !names)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        const struct lt_table_column *c = &table->columns[i];
        names[i] = c->name;
        if (c->kind == LT_COLUMN_COMPUTED) {
            LT_TRY(bind_text(t, c->expr, "a computed column", &exprs[i]));
            t->computed[t->n_computed++] = exprs[i];
            t->scope.columns[t->scope.len++] = (struct lt_scope_column){
                .name = c->name, .table = table->name, .type = exprs[i]->type};
        } else {
            uint32_t at = c->kind == LT_COLUMN_PHYSICAL ? physical++ : n_physical + metadata++;
            LT_TRY(stored_column(t, c, at, &exprs[i]));
        }
        plain &= exprs[i]->kind == LT_EXPR_COLUMN && exprs[i]->index == i &&
                 lt_str_equal(c->name, t->scan->schema.fields[i].name);
    }
    if (plain) {
        *out = t->scan;
        return LT_OK;
    }
    return lt_node_calc(t->p, t->scan, NULL, n, exprs, names, out);
}

/* ---- the watermark ------------------------------------------------------------ */

static bool is_function(const struct lt_expr *expr, const char *name)
{
    return expr->kind == LT_EXPR_CALL && strcmp(expr->function->name, name) == 0;
}

/* The constant c of `column` or `column - c`; -1 for anything else. */
static int64_t watermark_delay(const struct lt_expr *expr, uint32_t column)
{
    while (expr->kind == LT_EXPR_CAST && lt_type_is_time_attribute_kind(expr->type) &&
           expr->args[0]->type->kind == expr->type->kind &&
           expr->args[0]->type->precision <= expr->type->precision)
        expr = expr->args[0];
    if (expr->kind == LT_EXPR_COLUMN)
        return expr->index == column ? 0 : -1;
    if (!is_function(expr, "-") || expr->n_args != 2 || expr->args[0]->kind != LT_EXPR_COLUMN ||
        expr->args[0]->index != column || expr->args[1]->kind != LT_EXPR_CONSTANT ||
        expr->args[1]->type->kind != LT_TYPE_INTERVAL_DAY ||
        lt_column_is_null(expr->args[1]->constant, 0))
        return -1;
    return ((const int64_t *)expr->args[1]->constant->values)[0];
}

static lt_status idle_timeout(struct lt_planner *p, const struct lt_connector_table *view,
                              bool bounded, int64_t *us)
{
    const struct lt_str *text = lt_option_get(view, "scan.watermark.idle-timeout");
    *us = 0;
    if (text && !lt_parse_duration_us(*text, us))
        return LT_BIND_FAIL(p, LT_INVALID, LT_NOWHERE,
                            "table '%.*s': 'scan.watermark.idle-timeout' is a duration such as "
                            "'10 s', not '%.*s'",
                            LT_STR_ARG(view->name), LT_STR_ARG(*text));
    if (text || bounded)
        return LT_OK;
    if (p->env->catalog)
        *us = lt_setting_duration_us(p->env->catalog, "table.exec.source.idle-timeout");
    if (*us <= 0)
        *us = 10 * LT_US_PER_SECOND;
    return LT_OK;
}

static lt_status watermark_expr(struct lt_planner *p, const struct lt_object *table,
                                struct lt_plan_node *input, uint32_t column,
                                struct lt_plan_node *node)
{
    struct lt_rel rel;
    struct lt_expr *expr;
    LT_TRY(lt_rel_of(p, input, table->name, &rel));
    struct table_columns t = {.p = p, .table = table, .scan = input, .scope = rel.scope,
                              .n_scan = rel.scope.len};
    LT_TRY(bind_text(&t, table->watermark_expr, "WATERMARK", &expr));
    if (is_function(expr, "SOURCE_WATERMARK")) {
        node->u.watermark.source = true;
        node->u.watermark.delay_us = -1;
        return LT_OK;
    }
    if (!lt_type_is_time_attribute_kind(expr->type))
        return LT_BIND_FAIL(p, LT_INVALID, LT_NOWHERE,
                            "table '%.*s': WATERMARK must be a TIMESTAMP or TIMESTAMP_LTZ, as in "
                            "WATERMARK FOR ts AS ts - INTERVAL '5' SECOND",
                            LT_STR_ARG(table->name));
    node->u.watermark.watermark = expr;
    node->u.watermark.delay_us = watermark_delay(expr, column);
    if (expr->kind == LT_EXPR_COLUMN && expr->index == column)
        LT_TRY(lt_bind_notice(p,
                              "table '%.*s': with WATERMARK FOR %.*s AS %.*s rows of equal time "
                              "are late; %.*s - INTERVAL '0.001' SECOND lets ties in",
                              LT_STR_ARG(table->name), LT_STR_ARG(table->watermark_column),
                              LT_STR_ARG(table->watermark_column),
                              LT_STR_ARG(table->watermark_column)));
    return LT_OK;
}

static lt_status watermark_node(struct lt_planner *p, const struct lt_object *table,
                                const struct lt_plan_node *scan, struct lt_plan_node *input,
                                struct lt_plan_node **out)
{
    struct lt_plan_node *node;
    int column = lt_schema_find(&input->schema, table->watermark_column);
    if (column < 0)
        return LT_BIND_FAIL(p, LT_INVALID, LT_NOWHERE,
                            "table '%.*s': the column '%.*s' of WATERMARK does not exist",
                            LT_STR_ARG(table->name), LT_STR_ARG(table->watermark_column));
    const struct lt_type *type = input->schema.fields[column].type;
    if (!lt_type_is_time_attribute_kind(type))
        return LT_BIND_FAIL(p, LT_INVALID, LT_NOWHERE,
                            "table '%.*s': WATERMARK needs a TIMESTAMP or TIMESTAMP_LTZ column; "
                            "compute one, as in ts AS TO_TIMESTAMP(%.*s)",
                            LT_STR_ARG(table->name), LT_STR_ARG(table->watermark_column));
    LT_TRY(lt_node_new(p, LT_NODE_WATERMARK, 1, &input, input->schema.len, &node));
    node->u.watermark.time_column = (uint32_t)column;
    node->u.watermark.tick_us = type->precision <= 3 ? 1000 : 1;
    LT_TRY(watermark_expr(p, table, input, (uint32_t)column, node));
    LT_TRY(idle_timeout(p, scan->u.scan.description, scan->u.scan.info.bounded,
                        &node->u.watermark.idle_timeout_us));
    LT_TRY(lt_node_finish(p, node));
    *out = node;
    return LT_OK;
}

lt_status lt_bind_scan(struct lt_planner *p, const struct lt_object *table,
                       const struct lt_ast_hint *hints, struct lt_pos pos,
                       struct lt_plan_node **out)
{
    struct table_columns t = {.p = p, .table = table};
    struct lt_pos outside = p->outside;
    struct lt_plan_node *node;
    LT_TRY(scan_node(p, table, hints, pos, &t.scan));
    p->outside = lt_bind_pos(p, pos);
    LT_TRY(table_scope(&t));
    LT_TRY(table_calc(&t, &node));
    if (table->watermark_column.len)
        LT_TRY(watermark_node(p, table, t.scan, node, &node));
    p->outside = outside;
    *out = node;
    return LT_OK;
}

lt_status lt_bind_table_schema(struct lt_planner *p, const struct lt_object *table,
                               struct lt_schema *out)
{
    struct table_columns t = {.p = p, .table = table};
    struct lt_plan_node *node;
    struct lt_connector_table *view = LT_ARENA_NEW(p->arena, struct lt_connector_table);
    uint32_t n = 0;
    if (!view)
        return LT_NOMEM;
    /* A scan that nobody runs: no connector is asked. Metadata has its declared type. */
    LT_TRY(lt_node_new(p, LT_NODE_SCAN, 0, NULL, table->n_columns, &t.scan));
    struct lt_schema *physical = LT_ARENA_NEW(p->arena, struct lt_schema);
    if (!physical)
        return LT_NOMEM;
    for (int kind = LT_COLUMN_PHYSICAL; kind <= LT_COLUMN_METADATA; kind++)
        for (uint32_t i = 0; kind != LT_COLUMN_COMPUTED && i < table->n_columns; i++)
            if ((int)table->columns[i].kind == kind) {
                t.scan->schema.fields[n++] =
                    (struct lt_field){table->columns[i].name, table->columns[i].type};
                physical->len += kind == LT_COLUMN_PHYSICAL;
            }
    t.scan->schema.len = n;
    view->physical = physical;
    view->name = table->name;
    t.scan->u.scan.description = view;
    LT_TRY(lt_node_finish(p, t.scan));
    LT_TRY(table_scope(&t));
    LT_TRY(table_calc(&t, &node));
    if (table->watermark_column.len)
        LT_TRY(watermark_node(p, table, t.scan, node, &node));
    *out = node->schema;
    return LT_OK;
}
