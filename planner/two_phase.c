/* two_phase.c -- GROUP BY: gathered where the rows are, then merged.
 *
 *     Aggregate <- Exchange <- input
 *     Aggregate final <- Exchange <- Aggregate local <- input
 *
 * The local phase keeps a few groups and hands them on at every epoch's end, so that
 * less crosses the exchange; for a global aggregate a row per partition and epoch. It
 * fits where the input is append-only and every call's state is a few bytes that merge
 * exactly, in any order: no sums of floats, no DISTINCT, no text, nothing ordered.
 *
 * With keys nothing is won where most groups are met once, and the work is done twice;
 * the planner cannot know. So 'auto' splits global aggregates only; the setting
 * 'table.optimizer.agg-phase-strategy' asks for it, or for none.
 *
 * Over a window the groups are those of slices. Whether a row is late is decided by its
 * own split, so the local phase can tell; it fits where only final results are asked for,
 * and nobody asks for the late rows themselves. */
#include "planner/bind.h"

static bool is_exact(const struct lt_agg_call *call)
{
    const char *name = call->fn->name;
    if (strcmp(name, "COUNT") == 0)
        return true;
    if (strcmp(name, "SUM") != 0 && strcmp(name, "SUM0") != 0 && strcmp(name, "AVG") != 0)
        return false;
    return lt_type_is_integer(call->args[0]) || call->args[0]->kind == LT_TYPE_DECIMAL;
}

static bool is_wanted(const struct lt_planner *p, const struct lt_plan_aggregate *agg)
{
    struct lt_str strategy = lt_setting_get(p->env->catalog, "table.optimizer.agg-phase-strategy");
    if (agg->n_keys == 0)
        return !lt_str_equal_nocase(strategy, LT_STR("one_phase"));
    return lt_str_equal_nocase(strategy, LT_STR("two_phase"));
}

static bool window_fits(const struct lt_plan_aggregate *agg)
{
    const struct lt_window_spec *spec = &agg->window;
    bool slices = spec->kind == LT_WINDOW_TUMBLE || spec->kind == LT_WINDOW_HOP ||
                  spec->kind == LT_WINDOW_CUMULATE;
    return slices && !spec->proctime && !agg->late_sink && !lt_emit_is_triggered(&agg->emit);
}

bool lt_two_phase_fits(const struct lt_planner *p, const struct lt_plan_node *node,
                       const struct lt_plan_node *input)
{
    const struct lt_plan_aggregate *agg = &node->u.aggregate;
    bool windowed = node->kind == LT_NODE_WINDOW_AGGREGATE;
    if (input->props.changing || !is_wanted(p, agg) || (windowed && !window_fits(agg)))
        return false;
    if (agg->ttl_us > 0 && !agg->global)
        return false; /* when a group was last written is judged row by row */
    for (uint32_t i = 0; i < agg->n_calls; i++) {
        const struct lt_agg_call *call = &agg->calls[i].call;
        const struct lt_agg_kernel *kernel = call->kernel;
        if (kernel->drop || call->n_order || call->fn->order_matters)
            return false;
        if (!kernel->idempotent && (call->distinct || !is_exact(call)))
            return false;
    }
    return true;
}

lt_status lt_two_phase_local(struct lt_planner *p, const struct lt_plan_node *node,
                             struct lt_plan_node *input, struct lt_plan_node **out)
{
    const struct lt_plan_aggregate *agg = &node->u.aggregate;
    struct lt_plan_node *local;
    uint32_t n = agg->n_keys + (node->kind == LT_NODE_WINDOW_AGGREGATE ? 3 : 1);
    LT_TRY(lt_node_new(p, node->kind, 1, &input, n, &local));
    for (uint32_t k = 0; k < agg->n_keys; k++)
        local->schema.fields[k] = input->schema.fields[agg->keys[k]];
    local->schema.fields[agg->n_keys] = (struct lt_field){LT_STR("$partial"), &lt_type_bytes};
    if (node->kind == LT_NODE_WINDOW_AGGREGATE) {
        local->schema.fields[n - 2] =
            (struct lt_field){LT_STR("$slice"), &lt_type_bigint_not_null};
        local->schema.fields[n - 1] =
            (struct lt_field){LT_STR("$min_end"), &lt_type_bigint_not_null};
    }
    local->u.aggregate = *agg;
    local->u.aggregate.n_window_columns = 0;
    local->u.aggregate.phase = LT_AGG_LOCAL;
    LT_TRY(lt_node_finish(p, local));
    *out = local;
    return LT_OK;
}
