/* two_phase.c -- GROUP BY: gathered where the rows are, then merged.
 *
 *     Aggregate <- Exchange <- input
 *     Aggregate final <- Exchange <- Aggregate local <- input
 *
 * The local phase keeps a few groups and hands them on at every epoch's end, so that
 * less crosses the exchange; for a global aggregate a row per partition and epoch. It
 * fits where the input is append-only and every call's state is a few bytes that merge
 * exactly, in any order: no sums of floats, no text, nothing ordered.
 *
 * With keys nothing is won where most groups are met once, and the work is done twice;
 * the planner cannot know. So 'auto' splits global aggregates only; the setting
 * 'table.optimizer.agg-phase-strategy' asks for it, or for none.
 *
 * Over a window the groups are those of slices. Whether a row is late is decided by its
 * own split, so the local phase can tell; it fits where only final results are asked for,
 * and nobody asks for the late rows themselves.
 *
 * Calls that are DISTINCT need all rows with one value in one place, but not those with
 * another. So each argument has a phase of its own, which gets rows by value:
 *
 *     Aggregate final <- Exchange(keys) <- Aggregate local <- input
 *                     <- Exchange(keys) <- Aggregate distinct <- Exchange(a) <- input
 *                     <- Exchange(keys) <- Aggregate distinct <- Exchange(b) <- input
 *
 * (without local where all calls are DISTINCT). With many groups, all alike, that would be
 * more work for nothing. It is done for aggregates without keys, and where all keys come
 * from times, for at any moment nearly all rows are of one day;
 * 'table.optimizer.distinct-agg.split.enabled' asks for it where some groups have most of
 * the rows, or for none. */
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

static bool is_distinct(const struct lt_plan_agg *agg)
{
    return agg->call.distinct && !agg->call.kernel->idempotent;
}

static bool has_distinct(const struct lt_plan_aggregate *agg)
{
    for (uint32_t i = 0; i < agg->n_calls; i++)
        if (is_distinct(&agg->calls[i]))
            return true;
    return false;
}

/* Made of times by functions, at least one: a time itself has too many values. */
static bool is_of_time(const struct lt_expr *expr, bool inside)
{
    enum lt_type_kind kind = expr->type->kind;
    bool time = kind == LT_TYPE_TIMESTAMP || kind == LT_TYPE_TIMESTAMP_LTZ;
    if (expr->kind == LT_EXPR_COLUMN || expr->kind == LT_EXPR_FIELD)
        return kind == LT_TYPE_DATE || (time && inside);
    if (expr->kind != LT_EXPR_CALL && expr->kind != LT_EXPR_CAST)
        return inside && expr->kind == LT_EXPR_CONSTANT;
    for (uint32_t i = 0; i < expr->n_args; i++)
        if (!is_of_time(expr->args[i], true))
            return false;
    return expr->n_args > 0;
}

static bool keys_are_of_time(const struct lt_plan_aggregate *agg, const struct lt_plan_node *input)
{
    for (uint32_t k = 0; k < agg->n_keys; k++) {
        bool made = input->kind == LT_NODE_CALC && input->u.calc.exprs;
        if (input->schema.fields[agg->keys[k]].type->kind != LT_TYPE_DATE &&
            !(made && is_of_time(input->u.calc.exprs[agg->keys[k]], false)))
            return false;
    }
    return true;
}

static bool is_wanted(const struct lt_planner *p, const struct lt_plan_node *node,
                      const struct lt_plan_node *input)
{
    const struct lt_plan_aggregate *agg = &node->u.aggregate;
    struct lt_str strategy = lt_setting_get(p->env->catalog, "table.optimizer.agg-phase-strategy");
    struct lt_str split =
        lt_setting_get(p->env->catalog, "table.optimizer.distinct-agg.split.enabled");
    if (lt_str_equal_nocase(strategy, LT_STR("one_phase")))
        return false;
    if (!has_distinct(agg))
        return agg->n_keys == 0 || lt_str_equal_nocase(strategy, LT_STR("two_phase"));
    if (node->kind != LT_NODE_AGGREGATE || lt_str_equal_nocase(split, LT_STR("false")))
        return false;
    return lt_str_equal_nocase(split, LT_STR("true")) || keys_are_of_time(agg, input);
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
    if (input->props.changing || !is_wanted(p, node, input) || (windowed && !window_fits(agg)))
        return false;
    if (agg->ttl_us > 0 && !agg->global)
        return false; /* when a group was last written is judged row by row */
    for (uint32_t i = 0; i < agg->n_calls; i++) {
        const struct lt_agg_call *call = &agg->calls[i].call;
        const struct lt_agg_kernel *kernel = call->kernel;
        if (kernel->drop || call->n_order || call->fn->order_matters)
            return false;
        if (!kernel->idempotent && !is_exact(call))
            return false;
    }
    return true;
}

/* ---- the phases ------------------------------------------------------------- */

static lt_status first_phase(struct lt_planner *p, const struct lt_plan_node *final,
                             struct lt_plan_node *input, enum lt_agg_phase phase,
                             const bool *active, struct lt_plan_node **out)
{
    const struct lt_plan_aggregate *agg = &final->u.aggregate;
    bool windowed = final->kind == LT_NODE_WINDOW_AGGREGATE;
    struct lt_plan_node *node;
    uint32_t n = agg->n_keys + (windowed ? 3 : 1);
    LT_TRY(lt_node_new(p, final->kind, 1, &input, n, &node));
    for (uint32_t k = 0; k < agg->n_keys; k++)
        node->schema.fields[k] = input->schema.fields[agg->keys[k]];
    node->schema.fields[agg->n_keys] = (struct lt_field){LT_STR("$partial"), &lt_type_bytes};
    if (windowed) {
        node->schema.fields[n - 2] =
            (struct lt_field){LT_STR("$slice"), &lt_type_bigint_not_null};
        node->schema.fields[n - 1] =
            (struct lt_field){LT_STR("$min_end"), &lt_type_bigint_not_null};
    }
    node->u.aggregate = *agg;
    node->u.aggregate.n_window_columns = 0;
    node->u.aggregate.phase = phase;
    node->u.aggregate.active = active;
    node->u.aggregate.final = final;
    LT_TRY(lt_node_finish(p, node));
    *out = node;
    return LT_OK;
}

static bool same_values(const struct lt_plan_agg *a, const struct lt_plan_agg *b)
{
    if (a->call.n_args != b->call.n_args ||
        a->call.kernel->takes_nulls != b->call.kernel->takes_nulls)
        return false;
    for (uint32_t i = 0; i < a->call.n_args; i++)
        if (a->arg_columns[i] != b->arg_columns[i])
            return false;
    return true;
}

/* Marks the calls that are DISTINCT over what call i is; false when a call before it is. */
static bool mark_distinct(const struct lt_plan_aggregate *agg, uint32_t i, bool *active)
{
    for (uint32_t k = 0; k < agg->n_calls; k++) {
        active[k] = is_distinct(&agg->calls[k]) && same_values(&agg->calls[i], &agg->calls[k]);
        if (active[k] && k < i)
            return false;
    }
    return true;
}

/* From the phase by the keys of the groups, which are its first columns. */
static lt_status to_final(struct lt_planner *p, const struct lt_plan_node *final,
                          struct lt_plan_node *phase, struct lt_plan_node **out)
{
    uint32_t n = final->u.aggregate.n_keys;
    uint32_t *keys = LT_ARENA_ARRAY(p->arena, uint32_t, n + 1);
    if (!keys)
        return LT_NOMEM;
    for (uint32_t k = 0; k < n; k++)
        keys[k] = k;
    return lt_plan_exchange(p, phase, n ? LT_EXCHANGE_HASH : LT_EXCHANGE_SINGLE, n, keys, out);
}

static lt_status distinct_phases(struct lt_planner *p, struct lt_plan_node *node,
                                 struct lt_plan_node *input)
{
    const struct lt_plan_aggregate *agg = &node->u.aggregate;
    struct lt_plan_node *phase;
    for (uint32_t i = 0; i < agg->n_calls; i++) {
        const struct lt_plan_agg *call = &agg->calls[i];
        bool *active = LT_ARENA_ARRAY(p->arena, bool, agg->n_calls);
        if (!active)
            return LT_NOMEM;
        if (!is_distinct(call) || !mark_distinct(agg, i, active))
            continue;
        LT_TRY(lt_plan_exchange(p, input, LT_EXCHANGE_HASH, call->call.n_args, call->arg_columns,
                                &phase));
        LT_TRY(first_phase(p, node, phase, LT_AGG_DISTINCT, active, &phase));
        LT_TRY(to_final(p, node, phase, &node->inputs[node->n_inputs++]));
    }
    return LT_OK;
}

lt_status lt_two_phases(struct lt_planner *p, struct lt_plan_node *node)
{
    struct lt_plan_aggregate *agg = &node->u.aggregate;
    struct lt_plan_node *whole = node->inputs[0], *phase;
    bool *plain = LT_ARENA_ARRAY(p->arena, bool, agg->n_calls + 1);
    node->inputs = LT_ARENA_ARRAY(p->arena, struct lt_plan_node *, agg->n_calls + 1);
    if (!plain || !node->inputs)
        return LT_NOMEM;
    bool any = !has_distinct(agg); /* groups alone are something to hand on */
    for (uint32_t i = 0; i < agg->n_calls; i++)
        any |= plain[i] = !is_distinct(&agg->calls[i]);
    node->n_inputs = 0;
    if (any) {
        LT_TRY(first_phase(p, node, whole->inputs[0], LT_AGG_LOCAL, plain, &phase));
        LT_TRY(to_final(p, node, phase, &node->inputs[node->n_inputs++]));
    }
    LT_TRY(distinct_phases(p, node, whole->inputs[0]));
    agg->phase = LT_AGG_FINAL;
    agg->whole = whole;
    return LT_OK;
}
