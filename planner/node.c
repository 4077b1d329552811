/* node.c -- making plan nodes. */
#include "planner/bind.h"

lt_status lt_node_new(struct lt_planner *p, enum lt_node_kind kind, uint32_t n_inputs,
                      struct lt_plan_node *const *inputs, uint32_t n_columns,
                      struct lt_plan_node **out)
{
    struct lt_plan_node *node = LT_ARENA_NEW(p->arena, struct lt_plan_node);
    if (!node)
        return LT_NOMEM;
    if (++p->n_nodes > LT_BIND_NODES_MAX)
        return LT_BIND_FAIL(p, LT_LIMIT, LT_NOWHERE,
                            "the plan has more than %d steps; views over views multiply them",
                            LT_BIND_NODES_MAX);
    node->kind = kind;
    node->n_inputs = n_inputs;
    node->schema.len = n_columns;
    node->schema.fields = LT_ARENA_ARRAY(p->arena, struct lt_field, n_columns + 1);
    node->inputs = LT_ARENA_ARRAY(p->arena, struct lt_plan_node *, n_inputs + 1);
    if (!node->schema.fields || !node->inputs)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n_inputs; i++)
        node->inputs[i] = inputs[i];
    /* most nodes begin with the columns of their input */
    if (n_inputs)
        for (uint32_t i = 0; i < n_columns && i < inputs[0]->schema.len; i++)
            node->schema.fields[i] = inputs[0]->schema.fields[i];
    *out = node;
    return LT_OK;
}

lt_status lt_node_finish(struct lt_planner *p, struct lt_plan_node *node)
{
    return lt_props_compute(p, node);
}

lt_status lt_node_calc(struct lt_planner *p, struct lt_plan_node *input, struct lt_expr *filter,
                       uint32_t n, struct lt_expr *const *exprs, const struct lt_str *names,
                       struct lt_plan_node **out)
{
    struct lt_plan_node *node;
    LT_TRY(lt_node_new(p, LT_NODE_CALC, 1, &input, n, &node));
    node->u.calc.filter = filter;
    node->u.calc.n_exprs = n;
    node->u.calc.exprs = LT_ARENA_ARRAY(p->arena, struct lt_expr *, n + 1);
    if (!node->u.calc.exprs)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        node->u.calc.exprs[i] = exprs[i];
        node->schema.fields[i].type = exprs[i]->type;
        LT_TRY(lt_bind_str(p, names ? names[i] : LT_STR(""), &node->schema.fields[i].name));
    }
    LT_TRY(lt_node_finish(p, node));
    *out = node;
    return LT_OK;
}

lt_status lt_node_filter(struct lt_planner *p, struct lt_plan_node *input, struct lt_expr *filter,
                         struct lt_plan_node **out)
{
    struct lt_plan_node *node;
    if (!filter) {
        *out = input;
        return LT_OK;
    }
    LT_TRY(lt_node_new(p, LT_NODE_CALC, 1, &input, input->schema.len, &node));
    node->u.calc.filter = filter;
    LT_TRY(lt_node_finish(p, node));
    *out = node;
    return LT_OK;
}

lt_status lt_node_one_row(struct lt_planner *p, struct lt_plan_node **out)
{
    struct lt_plan_node *node;
    LT_TRY(lt_node_new(p, LT_NODE_VALUES, 0, NULL, 0, &node));
    node->u.values.n_rows = 1;
    node->u.values.columns = LT_ARENA_ARRAY(p->arena, struct lt_column *, 1);
    if (!node->u.values.columns)
        return LT_NOMEM;
    LT_TRY(lt_node_finish(p, node));
    *out = node;
    return LT_OK;
}

lt_status lt_rel_of(struct lt_planner *p, struct lt_plan_node *node, struct lt_str table,
                    struct lt_rel *out)
{
    uint32_t n = node->schema.len;
    struct lt_scope_column *columns = LT_ARENA_ARRAY(p->arena, struct lt_scope_column, n + 1);
    if (!columns)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        columns[i] = (struct lt_scope_column){
            .name = node->schema.fields[i].name,
            .table = table,
            .type = node->schema.fields[i].type,
        };
    *out = (struct lt_rel){.node = node, .scope = {.len = n, .columns = columns}};
    return LT_OK;
}
