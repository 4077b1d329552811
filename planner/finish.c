/* finish.c -- the last step: exchanges, stable ids, sharing, numbering.
 *
 * Exchanges are always planned, whatever the parallelism; the executor leaves
 * them out where there is one partition. A stable id is a hash of what a node
 * means and of its inputs' ids: equal ids are one node (shared scans and common
 * sub-plans), and saved state finds its operator again by it. */
#include "base/hash.h"
#include "planner/bind.h"

/* ---- exchanges ------ */

lt_status lt_plan_exchange(struct lt_planner *p, struct lt_plan_node *input,
                           enum lt_exchange_kind kind, uint32_t n_keys, const uint32_t *keys,
                           struct lt_plan_node **out)
{
    struct lt_plan_node *node;
    if (input->kind == LT_NODE_EXCHANGE && input->u.exchange.kind == kind &&
        kind == LT_EXCHANGE_SINGLE) {
        *out = input;
        return LT_OK;
    }
    LT_TRY(lt_node_new(p, LT_NODE_EXCHANGE, 1, &input, input->schema.len, &node));
    node->u.exchange.kind = kind;
    node->u.exchange.n_keys = n_keys;
    node->u.exchange.keys = lt_arena_copy(p->arena, keys, sizeof(*keys) * (n_keys + !n_keys));
    if (!node->u.exchange.keys)
        return LT_NOMEM;
    LT_TRY(lt_node_finish(p, node));
    *out = node;
    return LT_OK;
}

static bool dist_is(const struct lt_props *props, uint32_t n, const uint32_t *keys)
{
    if (props->dist != LT_DIST_HASH || props->n_dist_keys != n)
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (props->dist_keys[i] != keys[i])
            return false;
    return true;
}

static lt_status by_keys(struct lt_planner *p, struct lt_plan_node **input, uint32_t n,
                         const uint32_t *keys)
{
    static const uint32_t none;
    const struct lt_props *props = &(*input)->props;
    if (n == 0)
        return props->dist == LT_DIST_SINGLE
                   ? LT_OK
                   : lt_plan_exchange(p, *input, LT_EXCHANGE_SINGLE, 0, &none, input);
    if (props->dist == LT_DIST_SINGLE || dist_is(props, n, keys))
        return LT_OK;
    return lt_plan_exchange(p, *input, LT_EXCHANGE_HASH, n, keys, input);
}

/* A changing result must reach one row of a keyed sink in the order it changed. */
static lt_status sink_exchange(struct lt_planner *p, struct lt_plan_node *node)
{
    const struct lt_connector_table *table = node->u.sink.description;
    if (!node->n_inputs || !node->inputs[0]->props.changing || !table->n_primary_key)
        return LT_OK;
    return by_keys(p, &node->inputs[0], table->n_primary_key, table->primary_key);
}

static lt_status input_exchange(struct lt_planner *p, struct lt_plan_node *node)
{
    struct lt_plan_node **input = node->inputs;
    const struct lt_plan_node *before;
    const struct lt_window_spec *spec = &node->u.window.spec;
    switch (node->kind) {
    case LT_NODE_AGGREGATE:
    case LT_NODE_WINDOW_AGGREGATE:
        if (node->u.aggregate.phase != LT_AGG_SINGLE)
            return LT_OK;
        before = *input;
        LT_TRY(by_keys(p, input, node->u.aggregate.n_keys, node->u.aggregate.keys));
        return *input != before && lt_two_phase_fits(p, node, before) ? lt_two_phases(p, node)
                                                                      : LT_OK;
    case LT_NODE_WINDOW:
        if (spec->kind < LT_WINDOW_SESSION)
            return LT_OK;
        return by_keys(p, input, spec->n_partition, spec->partition);
    case LT_NODE_SORT:
    case LT_NODE_LIMIT:
    case LT_NODE_OUTPUT: return by_keys(p, input, 0, NULL);
    case LT_NODE_SINK: return sink_exchange(p, node);
    default: return LT_OK;
    }
}

/* Where the rows of a node are: what its exchange or its input says. */
static lt_status distribution(struct lt_planner *p, struct lt_plan_node *node)
{
    struct lt_props *props = &node->props;
    const struct lt_props *in = node->n_inputs ? &node->inputs[0]->props : NULL;
    props->dist = in ? in->dist : node->kind == LT_NODE_VALUES ? LT_DIST_SINGLE : LT_DIST_SPLIT;
    props->n_dist_keys = in ? in->n_dist_keys : 0;
    props->dist_keys = in ? in->dist_keys : NULL;
    if (node->kind == LT_NODE_EXCHANGE) {
        props->dist = node->u.exchange.kind == LT_EXCHANGE_SINGLE ? LT_DIST_SINGLE
                      : node->u.exchange.kind == LT_EXCHANGE_HASH ? LT_DIST_HASH
                                                                  : LT_DIST_ANY;
        props->n_dist_keys = node->u.exchange.n_keys;
        props->dist_keys = node->u.exchange.keys;
        return LT_OK;
    }
    if (node->kind == LT_NODE_UNION) {
        for (uint32_t i = 1; i < node->n_inputs; i++)
            if (node->inputs[i]->props.dist != props->dist || props->dist != LT_DIST_SINGLE)
                props->dist = LT_DIST_ANY;
        return LT_OK;
    }
    if (props->dist != LT_DIST_HASH)
        return LT_OK;
    uint32_t *keys = LT_ARENA_ARRAY(p->arena, uint32_t, props->n_dist_keys + 1);
    if (!keys)
        return LT_NOMEM;
    for (uint32_t k = 0; k < props->n_dist_keys; k++) {
        uint32_t from = props->dist_keys[k], i = 0, n = node->schema.len;
        if (node->kind == LT_NODE_CALC && node->u.calc.exprs) {
            while (i < n && !(node->u.calc.exprs[i]->kind == LT_EXPR_COLUMN &&
                              node->u.calc.exprs[i]->index == from))
                i++;
        } else if (node->kind == LT_NODE_AGGREGATE || node->kind == LT_NODE_WINDOW_AGGREGATE) {
            n = node->u.aggregate.n_keys;
            i = node->u.aggregate.phase == LT_AGG_FINAL ? from : 0;
            while (i < n && node->u.aggregate.phase != LT_AGG_FINAL &&
                   node->u.aggregate.keys[i] != from)
                i++;
        } else {
            i = from;
        }
        if (i >= n || node->kind == LT_NODE_EXPAND) {
            props->dist = LT_DIST_ANY;
            return LT_OK;
        }
        keys[k] = i;
    }
    props->dist_keys = keys;
    return LT_OK;
}

/* ---- stable ids ------ */

enum { STATE_SCHEMA_VERSION = 1 };

static uint64_t hash_str(uint64_t h, struct lt_str text)
{
    return lt_hash_bytes(text.data ? text.data : "", text.len, lt_hash_combine(h, text.len));
}

static uint64_t hash_numbers(uint64_t h, uint32_t n, const uint32_t *numbers)
{
    h = lt_hash_combine(h, n);
    for (uint32_t i = 0; i < n; i++)
        h = lt_hash_combine(h, numbers[i]);
    return h;
}

static uint64_t hash_table(uint64_t h, const struct lt_object *table,
                           const struct lt_connector_table *view)
{
    h = hash_str(h, table->catalog);
    h = hash_str(h, table->database);
    h = hash_str(h, table->name);
    for (uint32_t i = 0; i < view->n_options; i++) {
        h = hash_str(h, view->options[i].key);
        h = hash_str(h, view->options[i].value);
    }
    return h;
}

static uint64_t hash_scan(uint64_t h, const struct lt_plan_node *node)
{
    const struct lt_scan_request *request = node->u.scan.request;
    h = hash_table(h, node->u.scan.table, node->u.scan.description);
    h = hash_numbers(h, request->n_columns, request->columns);
    h = hash_numbers(h, request->n_metadata, request->metadata);
    for (uint32_t i = 0; request->fields && i < request->n_columns; i++) {
        const struct lt_type *type =
            node->u.scan.description->physical->fields[request->columns[i]].type;
        for (uint32_t w = 0; request->fields[i] && w < (type->n_children + 63) / 64; w++)
            h = lt_hash_combine(h, request->fields[i][w]);
    }
    for (uint32_t i = 0; i < request->n_filters; i++) {
        const struct lt_filter *f = &request->filters[i];
        h = lt_hash_combine(h, ((uint64_t)f->column << 8) | (uint64_t)f->op);
        if (f->constant)
            h = lt_cell_hash(lt_column_cell(f->constant, 0), h);
    }
    return h;
}

static uint64_t hash_spec(uint64_t h, const struct lt_window_spec *spec)
{
    const int64_t numbers[] = {spec->kind,       spec->proctime,
                               spec->ltz,        spec->tick_us,
                               spec->size.us,    spec->size.months,
                               spec->slide.us,   spec->slide.months,
                               spec->offset_us,  spec->emit_only_on_update,
                               spec->count,      spec->count_slide,
                               spec->time_column};
    for (size_t i = 0; i < LT_ARRAY_LEN(numbers); i++)
        h = lt_hash_combine(h, (uint64_t)numbers[i]);
    if (spec->zone && (spec->ltz || spec->size.months))
        h = hash_str(h, lt_tz_name(spec->zone));
    return hash_numbers(h, spec->n_partition, spec->partition);
}

static uint64_t hash_aggregate(uint64_t h, const struct lt_plan_node *node)
{
    const struct lt_plan_aggregate *agg = &node->u.aggregate;
    const struct lt_emit *emit = &agg->emit;
    h = hash_numbers(h, agg->n_keys, agg->keys);
    for (uint32_t i = 0; i < agg->n_calls; i++) {
        const struct lt_plan_agg *call = &agg->calls[i];
        h = hash_str(h, lt_str_of(call->call.fn->name));
        h = hash_numbers(h, call->call.n_args, call->arg_columns);
        for (uint32_t k = 0; k < call->call.n_args; k++)
            h = lt_hash_combine(h, call->call.args[k]->kind);
        h = lt_hash_combine(h, (uint64_t)call->filter_column + 1);
        h = lt_hash_combine(h,
                            (uint64_t)call->call.distinct | (uint64_t)call->call.ignore_nulls << 1);
        for (uint32_t k = 0; k < call->call.n_order; k++)
            h = lt_hash_combine(h, 2u * call->call.order_desc[k] + call->call.order_nulls_first[k]);
    }
    bool first = lt_plan_is_first_phase(node);
    h = lt_hash_combine(h, first * 2u * agg->phase + agg->global);
    for (uint32_t i = 0; first && agg->active && i < agg->n_calls; i++)
        h = lt_hash_combine(h, agg->active[i]);
    if (node->kind == LT_NODE_WINDOW_AGGREGATE) {
        h = hash_spec(h, &agg->window);
        for (uint32_t i = 0; i < agg->n_window_columns; i++)
            h = lt_hash_combine(h, agg->window_columns[i]);
        h = lt_hash_combine(h, (uint64_t)emit->mode * 8 + emit->early_on_change * 4u +
                                   emit->late_on_change * 2u + emit->late_rows);
        h = lt_hash_combine(h, (uint64_t)emit->early_every_us);
        h = lt_hash_combine(h, (uint64_t)emit->early_every_rows);
        h = lt_hash_combine(h, (uint64_t)emit->late_every_us);
        h = lt_hash_combine(h, (uint64_t)emit->late_within_us);
    }
    if (agg->late_sink)
        h = hash_table(h, agg->late_sink->u.sink.table, agg->late_sink->u.sink.description);
    return h;
}

static uint64_t hash_sort(uint64_t h, uint32_t n, const struct lt_sort_key *keys, int64_t limit,
                          int64_t offset)
{
    for (uint32_t i = 0; i < n; i++)
        h = lt_hash_combine(h, (uint64_t)keys[i].column * 4 + keys[i].descending * 2u +
                                   keys[i].nulls_first);
    return lt_hash_combine(lt_hash_combine(h, (uint64_t)limit), (uint64_t)offset);
}

static uint64_t hash_calc(uint64_t h, const struct lt_plan_node *node)
{
    if (node->u.calc.filter)
        h = lt_expr_hash(node->u.calc.filter, h);
    h = lt_hash_combine(h, node->u.calc.exprs ? node->u.calc.n_exprs + 1 : 0);
    for (uint32_t i = 0; node->u.calc.exprs && i < node->u.calc.n_exprs; i++)
        h = lt_expr_hash(node->u.calc.exprs[i], h);
    return h;
}

static uint64_t hash_values(uint64_t h, const struct lt_plan_node *node)
{
    h = lt_hash_combine(h, node->u.values.n_rows);
    for (uint32_t i = 0; i < node->schema.len; i++)
        for (uint32_t r = 0; r < node->u.values.n_rows; r++)
            h = lt_cell_hash(lt_column_cell(node->u.values.columns[i], r), h);
    return h;
}

static uint64_t hash_content(uint64_t h, const struct lt_plan_node *node)
{
    switch (node->kind) {
    case LT_NODE_SCAN: return hash_scan(h, node);
    case LT_NODE_VALUES: return hash_values(h, node);
    case LT_NODE_CALC: return hash_calc(h, node);
    case LT_NODE_WATERMARK:
        h = lt_hash_combine(h, node->u.watermark.time_column);
        h = lt_hash_combine(h, node->u.watermark.source);
        return node->u.watermark.watermark ? lt_expr_hash(node->u.watermark.watermark, h) : h;
    case LT_NODE_EXCHANGE:
        h = lt_hash_combine(h, node->u.exchange.kind);
        return hash_numbers(h, node->u.exchange.n_keys, node->u.exchange.keys);
    case LT_NODE_EXPAND:
        for (uint32_t i = 0; i < node->u.expand.n_sets; i++)
            h = lt_hash_combine(h, (uint64_t)node->u.expand.ids[i]);
        return hash_numbers(h, node->u.expand.n_nulled, node->u.expand.nulled);
    case LT_NODE_WINDOW: return hash_spec(h, &node->u.window.spec);
    case LT_NODE_AGGREGATE:
    case LT_NODE_WINDOW_AGGREGATE: return hash_aggregate(h, node);
    case LT_NODE_SORT:
        return hash_sort(h, node->u.sort.n_keys, node->u.sort.keys, node->u.sort.limit,
                         node->u.sort.offset);
    case LT_NODE_LIMIT: return hash_sort(h, 0, NULL, node->u.limit.limit, node->u.limit.offset);
    case LT_NODE_SINK: return hash_table(h, node->u.sink.table, node->u.sink.description);
    default: return h;
    }
}

/* In two phases an aggregate keeps the state, and so the id, that it has in one. */
static uint64_t node_hash(const struct lt_plan_node *node)
{
    bool aggregate = node->kind == LT_NODE_AGGREGATE || node->kind == LT_NODE_WINDOW_AGGREGATE;
    const struct lt_plan_node *whole = aggregate ? node->u.aggregate.whole : NULL;
    uint64_t h = lt_hash_combine(STATE_SCHEMA_VERSION, (uint64_t)node->kind);
    h = lt_hash_combine(h, node->props.final_only);
    h = hash_content(h, node);
    for (uint32_t i = 0; i < node->schema.len; i++)
        h = lt_hash_combine(h, (uint64_t)node->schema.fields[i].type->kind);
    if (whole)
        return lt_hash_combine(h, node_hash(whole));
    for (uint32_t i = 0; i < node->n_inputs; i++)
        h = lt_hash_combine(h, node->inputs[i]->props.stable_id);
    return h;
}

/* ---- putting the plan together ------ */

struct finish {
    struct lt_planner *p;
    uint32_t cap;
};

/* A node whose result depends on when it is asked is no common sub-plan. */
static bool may_share(const struct lt_plan_node *node)
{
    if (node->kind == LT_NODE_SINK || node->kind == LT_NODE_OUTPUT)
        return false;
    if (node->kind != LT_NODE_CALC)
        return true;
    bool deterministic = !node->u.calc.filter || node->u.calc.filter->deterministic;
    for (uint32_t i = 0; node->u.calc.exprs && i < node->u.calc.n_exprs; i++)
        deterministic &= node->u.calc.exprs[i]->deterministic;
    return deterministic;
}

static lt_status place(struct finish *f, struct lt_plan_node *node, struct lt_plan_node **out)
{
    struct lt_plan *plan = f->p->plan;
    if (node->id) { /* reached before */
        *out = plan->nodes[node->id - 1];
        return LT_OK;
    }
    for (uint32_t i = 0; i < node->n_inputs; i++)
        LT_TRY(place(f, node->inputs[i], &node->inputs[i]));
    LT_TRY(input_exchange(f->p, node));
    for (uint32_t i = 0; i < node->n_inputs; i++)
        if (!node->inputs[i]->id)
            LT_TRY(place(f, node->inputs[i], &node->inputs[i]));
    LT_TRY(lt_props_compute(f->p, node));
    LT_TRY(distribution(f->p, node));
    node->props.stable_id = node_hash(node);
    if (may_share(node))
        for (uint32_t i = 0; i < plan->n_nodes; i++)
            if (plan->nodes[i]->props.stable_id == node->props.stable_id &&
                plan->nodes[i]->kind == node->kind) {
                node->id = i + 1;
                *out = plan->nodes[i];
                return LT_OK;
            }
    LT_TRY(LT_ARENA_PUSH(f->p->arena, plan->nodes, plan->n_nodes, f->cap, node));
    node->id = plan->n_nodes; /* from 1 while placing */
    *out = node;
    return LT_OK;
}

/* Late sinks are nodes of the plan too; their rows come from the operator. */
static lt_status place_late_sinks(struct finish *f)
{
    struct lt_plan *plan = f->p->plan;
    uint32_t n = plan->n_nodes;
    for (uint32_t i = 0; i < n; i++) {
        struct lt_plan_node *node = plan->nodes[i], *late;
        late = node->kind == LT_NODE_WINDOW_AGGREGATE ? node->u.aggregate.late_sink
               : node->kind == LT_NODE_WINDOW         ? node->u.window.late_sink
                                                      : NULL;
        if (!late)
            continue;
        late->inputs[0] = node->inputs[0]; /* not an edge (n_inputs is 0): whose rows they are */
        LT_TRY(place(f, late, &late));
        late->props.bounded = node->props.bounded;
    }
    return LT_OK;
}

/* More than one way from one source: its rows meet again, so output is held to
 * the end of an epoch. ways[i] counts the paths from a scan to node i, up to 2. */
static lt_status single_paths(struct lt_planner *p)
{
    struct lt_plan *plan = p->plan;
    uint8_t *ways = LT_ARENA_ARRAY(p->arena, uint8_t, plan->n_nodes + 1);
    if (!ways)
        return LT_NOMEM;
    for (uint32_t s = 0; s < plan->n_nodes; s++) {
        if (plan->nodes[s]->kind != LT_NODE_SCAN)
            continue;
        memset(ways, 0, plan->n_nodes);
        ways[s] = 1;
        for (uint32_t i = s + 1; i < plan->n_nodes; i++) {
            struct lt_plan_node *node = plan->nodes[i];
            uint32_t n = lt_plan_is_final(node) ? 1 : node->n_inputs; /* phases of one thing */
            for (uint32_t k = 0; k < n && ways[i] < 2; k++)
                ways[i] = (uint8_t)(ways[i] + ways[node->inputs[k]->id]);
            if (ways[i] >= 2) {
                ways[i] = 2;
                node->props.single_path = false;
            }
        }
    }
    return LT_OK;
}

lt_status lt_plan_finish(struct lt_planner *p, struct lt_plan_node **roots, uint32_t n_roots)
{
    struct lt_plan *plan = p->plan;
    struct finish f = {.p = p};
    plan->roots = LT_ARENA_ARRAY(p->arena, struct lt_plan_node *, n_roots);
    if (!plan->roots)
        return LT_NOMEM;
    plan->n_roots = n_roots;
    plan->bounded = true;
    p->final_only = false;
    for (uint32_t i = 0; i < n_roots; i++) {
        LT_TRY(place(&f, roots[i], &plan->roots[i]));
        plan->bounded &= plan->roots[i]->props.bounded;
    }
    LT_TRY(place_late_sinks(&f));
    for (uint32_t i = 0; i < plan->n_nodes; i++)
        plan->nodes[i]->id = i;
    LT_TRY(single_paths(p));
    if (plan->n_parameters) {
        plan->parameters = LT_ARENA_ARRAY(p->arena, struct lt_column *, plan->n_parameters);
        if (!plan->parameters)
            return LT_NOMEM;
    }
    return LT_OK;
}
