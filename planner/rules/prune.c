/* prune.c -- only what is used is computed and decoded.
 *
 * First down: every node learns which of its output columns are needed, and of a
 * ROW column which fields. Scans of one table with one set of options pool their
 * needs, and so do the watermarks above them, so that they stay equal and become
 * one node (shared scans). Then up: every node drops what is not needed and
 * renumbers what it refers to.
 *
 * A scan keeps at least one column: rows must be counted even by COUNT(*). */
#include "base/bits.h"
#include "planner/rules/rules.h"

struct need { /* of a node's output columns */
    uint32_t n;
    bool *used;
    bool *whole;       /* not only fields of it */
    uint64_t **fields; /* wanted fields of a ROW column; NULL = none yet */
};

struct state { /* of one node, by its number */
    struct lt_plan_node *node;
    struct need need;
    uint32_t *map; /* old column to new, UINT32_MAX = gone */
};

struct prune {
    struct lt_planner *p;
    uint32_t len, cap;
    struct state *states;
};

enum { GONE = UINT32_MAX };

static lt_status need_new(struct lt_planner *p, const struct lt_plan_node *node, struct need *need)
{
    uint32_t n = node->schema.len;
    *need = (struct need){
        .n = n,
        .used = LT_ARENA_ARRAY(p->arena, bool, n + 1),
        .whole = LT_ARENA_ARRAY(p->arena, bool, n + 1),
        .fields = LT_ARENA_ARRAY(p->arena, uint64_t *, n + 1),
    };
    return need->used && need->whole && need->fields ? LT_OK : LT_NOMEM;
}

static void need_column(struct need *need, uint32_t column)
{
    need->used[column] = need->whole[column] = true;
}

static lt_status need_field(struct lt_planner *p, struct need *need, uint32_t column,
                            uint32_t field, uint32_t n_fields)
{
    need->used[column] = true;
    if (!need->fields[column]) {
        need->fields[column] = LT_ARENA_ARRAY(p->arena, uint64_t, lt_bits_words(n_fields) + 1);
        if (!need->fields[column])
            return LT_NOMEM;
    }
    lt_bits_set(need->fields[column], field);
    return LT_OK;
}

static lt_status need_expr(struct lt_planner *p, struct need *need, const struct lt_expr *expr)
{
    if (expr->kind == LT_EXPR_COLUMN) {
        need_column(need, expr->index);
        return LT_OK;
    }
    if (expr->kind == LT_EXPR_FIELD && expr->args[0]->kind == LT_EXPR_COLUMN)
        return need_field(p, need, expr->args[0]->index, expr->index,
                          expr->args[0]->type->n_children);
    for (uint32_t i = 0; i < expr->n_args; i++)
        LT_TRY(need_expr(p, need, expr->args[i]));
    return LT_OK;
}

/* Column `from` of one need is column `to` of another. */
static lt_status need_pass(struct lt_planner *p, const struct need *above, uint32_t from,
                           struct need *below, uint32_t to, const struct lt_type *type)
{
    if (!above->used[from])
        return LT_OK;
    below->used[to] = true;
    below->whole[to] |= above->whole[from];
    for (uint32_t f = 0; above->fields[from] && f < type->n_children; f++)
        if (lt_bits_get(above->fields[from], f))
            LT_TRY(need_field(p, below, to, f, type->n_children));
    return LT_OK;
}

static lt_status need_all(struct lt_planner *p, const struct lt_plan_node *node,
                          const struct need *above, struct need *below, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        LT_TRY(need_pass(p, above, i, below, i, node->inputs[0]->schema.fields[i].type));
    return LT_OK;
}

/* ---- down: what each kind of node needs of its input */

static lt_status need_calc(struct lt_planner *p, const struct lt_plan_node *node,
                           const struct need *above, struct need *below)
{
    if (node->u.calc.filter)
        LT_TRY(need_expr(p, below, node->u.calc.filter));
    if (!node->u.calc.exprs)
        return need_all(p, node, above, below, above->n);
    for (uint32_t i = 0; i < node->u.calc.n_exprs; i++) {
        const struct lt_expr *expr = node->u.calc.exprs[i];
        if (!above->used[i])
            continue;
        if (expr->kind == LT_EXPR_COLUMN)
            LT_TRY(need_pass(p, above, i, below, expr->index, expr->type));
        else
            LT_TRY(need_expr(p, below, expr));
    }
    return LT_OK;
}

static void need_spec(const struct lt_window_spec *spec, struct need *below)
{
    if (spec->kind < LT_WINDOW_COUNT_TUMBLE)
        need_column(below, spec->time_column);
    for (uint32_t i = 0; i < spec->n_partition; i++)
        need_column(below, spec->partition[i]);
}

static bool call_needed(const struct lt_plan_node *node, const struct need *above, uint32_t i)
{
    const struct lt_plan_aggregate *agg = &node->u.aggregate;
    bool any = false;
    for (uint32_t k = 0; k < agg->n_calls; k++)
        any |= above->used[agg->n_keys + k];
    /* without any call GROUP BY would be another operator: keep the first one */
    return above->used[agg->n_keys + i] || (!any && i == 0);
}

static void need_aggregate(const struct lt_plan_node *node, const struct need *above,
                           struct need *below)
{
    const struct lt_plan_aggregate *agg = &node->u.aggregate;
    for (uint32_t i = 0; i < agg->n_keys; i++)
        need_column(below, agg->keys[i]);
    for (uint32_t i = 0; i < agg->n_calls; i++) {
        if (!call_needed(node, above, i))
            continue;
        for (uint32_t k = 0; k < agg->calls[i].call.n_args; k++)
            need_column(below, agg->calls[i].arg_columns[k]);
        if (agg->calls[i].filter_column >= 0)
            need_column(below, (uint32_t)agg->calls[i].filter_column);
    }
    if (node->kind == LT_NODE_WINDOW_AGGREGATE)
        need_spec(&agg->window, below);
    if (agg->late_sink)
        for (uint32_t i = 0; i < agg->late_sink->schema.len; i++)
            need_column(below, agg->late_sink->u.sink.columns[i]);
}

static lt_status need_of_kind(struct lt_planner *p, const struct lt_plan_node *node,
                              const struct need *above, struct need *below)
{
    switch (node->kind) {
    case LT_NODE_CALC: return need_calc(p, node, above, below);
    case LT_NODE_WATERMARK:
        need_column(below, node->u.watermark.time_column);
        if (node->u.watermark.watermark)
            LT_TRY(need_expr(p, below, node->u.watermark.watermark));
        return need_all(p, node, above, below, above->n);
    case LT_NODE_WINDOW:
        need_spec(&node->u.window.spec, below);
        return need_all(p, node, above, below, below->n);
    case LT_NODE_EXPAND:
        for (uint32_t i = 0; i < node->u.expand.n_nulled; i++)
            need_column(below, node->u.expand.nulled[i]);
        return need_all(p, node, above, below, below->n);
    case LT_NODE_AGGREGATE:
    case LT_NODE_WINDOW_AGGREGATE: need_aggregate(node, above, below); return LT_OK;
    case LT_NODE_SORT:
        for (uint32_t i = 0; i < node->u.sort.n_keys; i++)
            need_column(below, node->u.sort.keys[i].column);
        return need_all(p, node, above, below, above->n);
    case LT_NODE_UNION:
    case LT_NODE_LIMIT: return need_all(p, node, above, below, above->n);
    default:
        for (uint32_t i = 0; i < below->n; i++)
            need_column(below, i);
        return LT_OK;
    }
}

static lt_status walk_down(struct prune *s, struct lt_plan_node *node, const struct need *need)
{
    struct state state = {.node = node, .need = *need};
    for (uint32_t i = 0; i < node->n_inputs; i++) {
        struct need below;
        LT_TRY(need_new(s->p, node->inputs[i], &below));
        LT_TRY(need_of_kind(s->p, node, need, &below));
        LT_TRY(walk_down(s, node->inputs[i], &below));
    }
    node->id = s->len + 1; /* its state, while the rule runs */
    return LT_ARENA_PUSH(s->p->arena, s->states, s->len, s->cap, state);
}

/* ---- shared scans ------ */

static const struct lt_plan_node *scan_below(const struct lt_plan_node *node)
{
    if (node->kind == LT_NODE_WATERMARK)
        node = node->inputs[0];
    if (node->kind == LT_NODE_CALC && !node->u.calc.filter)
        node = node->inputs[0];
    return node->kind == LT_NODE_SCAN ? node : NULL;
}

static bool same_table(const struct lt_plan_node *a, const struct lt_plan_node *b)
{
    const struct lt_object *x = a->u.scan.table, *y = b->u.scan.table;
    const struct lt_connector_table *v = a->u.scan.description, *w = b->u.scan.description;
    if (!lt_str_equal(x->name, y->name) || !lt_str_equal(x->database, y->database) ||
        !lt_str_equal(x->catalog, y->catalog) || x->temporary != y->temporary ||
        v->n_options != w->n_options)
        return false;
    for (uint32_t i = 0; i < v->n_options; i++)
        if (!lt_str_equal(v->options[i].key, w->options[i].key) ||
            !lt_str_equal(v->options[i].value, w->options[i].value))
            return false;
    return true;
}

/* A live source is read once for all statements, those to come included. */
static void need_for_everybody(struct need *need, struct lt_plan_node *scan)
{
    for (uint32_t c = 0; c < need->n; c++)
        need_column(need, c);
    if (scan)
        scan->u.scan.request->n_filters = 0;
}

/* Nodes of one kind over scans of one table need what any of them needs. */
static lt_status pool_needs(struct prune *s, enum lt_node_kind kind)
{
    for (uint32_t i = 0; i < s->len; i++) {
        struct state *a = &s->states[i];
        const struct lt_plan_node *scan = a->node->kind == kind ? scan_below(a->node) : NULL;
        if (scan && scan->u.scan.info.live)
            need_for_everybody(&a->need, kind == LT_NODE_SCAN ? a->node : NULL);
        for (uint32_t k = 0; scan && k < s->len; k++) {
            struct state *b = &s->states[k];
            const struct lt_plan_node *other = b->node->kind == kind ? scan_below(b->node) : NULL;
            if (k == i || !other || other == scan || a->need.n != b->need.n ||
                !same_table(scan, other))
                continue;
            for (uint32_t c = 0; c < a->need.n; c++)
                LT_TRY(need_pass(s->p, &b->need, c, &a->need, c, b->node->schema.fields[c].type));
            if (kind == LT_NODE_SCAN)
                a->node->u.scan.request->n_filters = 0;
        }
    }
    return LT_OK;
}

/* A pooled watermark asks its input again. */
static lt_status repeat_down(struct prune *s)
{
    for (uint32_t i = s->len; i-- > 0;) {
        const struct lt_plan_node *node = s->states[i].node;
        const struct need *need = &s->states[i].need;
        if (node->kind != LT_NODE_WATERMARK && node->kind != LT_NODE_CALC)
            continue;
        struct need *below = &s->states[node->inputs[0]->id - 1].need;
        LT_TRY(need_of_kind(s->p, node, need, below));
    }
    return LT_OK;
}

/* ---- up: dropping columns ------ */

static uint32_t *map_of(struct prune *s, const struct lt_plan_node *node)
{
    return s->states[node->id - 1].map;
}

static void renumber(uint32_t n, uint32_t *columns, const uint32_t *map)
{
    for (uint32_t i = 0; i < n; i++)
        columns[i] = map[columns[i]];
}

/* The node's columns are those of its input, then `extra` of its own. */
static void keep_input(struct lt_plan_node *node, const uint32_t *in, uint32_t n_in,
                       uint32_t extra, uint32_t *map)
{
    const struct lt_schema *input = &node->inputs[0]->schema;
    struct lt_field *fields = node->schema.fields;
    uint32_t n = input->len;
    for (uint32_t i = 0; i < n_in; i++) {
        map[i] = in[i];
        if (in[i] != GONE)
            fields[in[i]] = fields[i]; /* moves down, never up: order is kept */
    }
    for (uint32_t i = 0; i < extra; i++) {
        map[n_in + i] = n + i;
        fields[n + i] = fields[n_in + i];
    }
    node->schema.len = n + extra;
}

/* What to read when nothing is wanted: a column of fixed width if there is one. */
static uint32_t cheapest_column(const struct lt_plan_node *scan, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (lt_type_is_integer(scan->schema.fields[i].type))
            return i;
    return 0;
}

static lt_status drop_scan(struct lt_planner *p, struct lt_plan_node *node,
                           const struct need *need, uint32_t *map)
{
    struct lt_scan_request *request = node->u.scan.request;
    uint32_t n = request->n_columns, m = request->n_metadata, len = 0, meta = 0;
    uint32_t *columns = LT_ARENA_ARRAY(p->arena, uint32_t, n + 1);
    uint32_t *metadata = LT_ARENA_ARRAY(p->arena, uint32_t, m + 1);
    const uint64_t **fields = LT_ARENA_ARRAY(p->arena, const uint64_t *, n + 1);
    bool any = false;
    if (!columns || !metadata || !fields)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        any |= need->used[i];
    uint32_t only = any ? GONE : cheapest_column(node, n);
    for (uint32_t i = 0; i < n; i++) {
        map[i] = GONE;
        if (!need->used[i] && i != only)
            continue;
        map[i] = len;
        columns[len] = request->columns[i];
        fields[len] = need->used[i] && !need->whole[i] ? need->fields[i] : NULL;
        node->schema.fields[len++] = node->schema.fields[i];
    }
    for (uint32_t i = 0; i < m; i++) {
        map[n + i] = GONE;
        if (!need->used[n + i])
            continue;
        map[n + i] = len + meta;
        metadata[meta] = request->metadata[i];
        node->schema.fields[len + meta++] = node->schema.fields[n + i];
    }
    node->schema.len = len + meta;
    request->n_columns = len;
    request->columns = columns;
    request->fields = fields;
    request->n_metadata = meta;
    request->metadata = metadata;
    return LT_OK;
}

static lt_status drop_calc(struct lt_planner *p, struct lt_plan_node *node,
                           const struct need *need, const uint32_t *in, uint32_t *map)
{
    uint32_t n = node->schema.len, len = 0;
    struct lt_expr **exprs = node->u.calc.exprs;
    if (node->u.calc.filter)
        LT_TRY(lt_expr_remap(p, node->u.calc.filter, in, &node->u.calc.filter));
    if (!exprs) {
        keep_input(node, in, n, 0, map);
        return LT_OK;
    }
    struct lt_expr **kept = LT_ARENA_ARRAY(p->arena, struct lt_expr *, n + 1);
    if (!kept)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        map[i] = GONE;
        if (!need->used[i])
            continue;
        LT_TRY(lt_expr_remap(p, exprs[i], in, &kept[len]));
        node->schema.fields[len] = node->schema.fields[i];
        map[i] = len++;
    }
    node->schema.len = len;
    node->u.calc.exprs = kept;
    node->u.calc.n_exprs = len;
    return LT_OK;
}

/* The inputs of a UNION kept different columns: each gets a CALC with the needed ones. */
static lt_status drop_union(struct prune *s, struct lt_plan_node *node, const struct need *need,
                            uint32_t *map)
{
    uint32_t n = node->schema.len, len = 0;
    for (uint32_t i = 0; i < n; i++)
        map[i] = need->used[i] ? len++ : GONE;
    struct lt_expr **exprs = LT_ARENA_ARRAY(s->p->arena, struct lt_expr *, n + 1);
    struct lt_str *names = LT_ARENA_ARRAY(s->p->arena, struct lt_str, n + 1);
    if (!exprs || !names)
        return LT_NOMEM;
    for (uint32_t k = 0; k < node->n_inputs; k++) {
        struct lt_plan_node *input = node->inputs[k];
        const uint32_t *in = map_of(s, input);
        bool same = input->schema.len == len;
        for (uint32_t i = 0; i < n; i++) {
            if (map[i] == GONE)
                continue;
            same &= in[i] == map[i];
            LT_TRY(lt_expr_node_column(s->p, input, in[i], &exprs[map[i]]));
            names[map[i]] = node->schema.fields[i].name;
        }
        if (!same)
            LT_TRY(lt_node_calc(s->p, input, NULL, len, exprs, names, &node->inputs[k]));
    }
    for (uint32_t i = 0; i < n; i++)
        if (map[i] != GONE)
            node->schema.fields[map[i]] = node->schema.fields[i];
    node->schema.len = len;
    return LT_OK;
}

static lt_status drop_aggregate(struct lt_planner *p, struct lt_plan_node *node,
                                const struct need *need, const uint32_t *in, uint32_t *map)
{
    struct lt_plan_aggregate *agg = &node->u.aggregate;
    uint32_t n_calls = agg->n_calls, len = agg->n_keys, kept = 0;
    LT_UNUSED(p);
    renumber(agg->n_keys, agg->keys, in);
    for (uint32_t i = 0; i < agg->n_keys; i++)
        map[i] = i;
    for (uint32_t i = 0; i < n_calls; i++) {
        bool needed = need->used[agg->n_keys + i] || call_needed(node, need, i);
        map[agg->n_keys + i] = needed ? len : GONE;
        if (!needed)
            continue;
        struct lt_plan_agg call = agg->calls[i];
        renumber(call.call.n_args, call.arg_columns, in);
        if (call.filter_column >= 0)
            call.filter_column = (int32_t)in[call.filter_column];
        agg->calls[kept++] = call;
        node->schema.fields[len++] = node->schema.fields[agg->n_keys + i];
    }
    for (uint32_t i = 0; i < agg->n_window_columns; i++) {
        map[agg->n_keys + n_calls + i] = len;
        node->schema.fields[len++] = node->schema.fields[agg->n_keys + n_calls + i];
    }
    agg->n_calls = kept;
    node->schema.len = len;
    if (node->kind == LT_NODE_WINDOW_AGGREGATE) {
        if (agg->window.kind < LT_WINDOW_COUNT_TUMBLE)
            agg->window.time_column = in[agg->window.time_column];
        if (agg->window.partition && agg->window.partition != agg->keys)
            renumber(agg->window.n_partition, agg->window.partition, in);
    }
    if (agg->late_sink)
        renumber(agg->late_sink->schema.len, agg->late_sink->u.sink.columns, in);
    return LT_OK;
}

static lt_status drop_expand(struct lt_planner *p, struct lt_plan_node *node, const uint32_t *in,
                             uint32_t *map)
{
    uint32_t n_in = node->schema.len - 1;
    uint32_t n = node->inputs[0]->schema.len;
    uint64_t **kept = LT_ARENA_ARRAY(p->arena, uint64_t *, node->u.expand.n_sets + 1);
    if (!kept)
        return LT_NOMEM;
    for (uint32_t k = 0; k < node->u.expand.n_sets; k++) {
        kept[k] = LT_ARENA_ARRAY(p->arena, uint64_t, lt_bits_words(n + 1) + 1);
        if (!kept[k])
            return LT_NOMEM;
        for (uint32_t i = 0; i < n_in; i++)
            if (in[i] != GONE)
                lt_bits_put(kept[k], in[i], lt_bits_get(node->u.expand.kept[k], i));
    }
    node->u.expand.kept = kept;
    renumber(node->u.expand.n_nulled, node->u.expand.nulled, in);
    keep_input(node, in, n_in, 1, map);
    return LT_OK;
}

static lt_status drop_columns(struct prune *s, struct lt_plan_node *node, const struct need *need,
                              uint32_t *map)
{
    const uint32_t *in = node->n_inputs ? map_of(s, node->inputs[0]) : NULL;
    uint32_t n = node->schema.len;
    switch (node->kind) {
    case LT_NODE_SCAN: return drop_scan(s->p, node, need, map);
    case LT_NODE_CALC: return drop_calc(s->p, node, need, in, map);
    case LT_NODE_UNION: return drop_union(s, node, need, map);
    case LT_NODE_EXPAND: return drop_expand(s->p, node, in, map);
    case LT_NODE_AGGREGATE:
    case LT_NODE_WINDOW_AGGREGATE: return drop_aggregate(s->p, node, need, in, map);
    case LT_NODE_WATERMARK:
        if (node->u.watermark.watermark)
            LT_TRY(lt_expr_remap(s->p, node->u.watermark.watermark, in,
                                 &node->u.watermark.watermark));
        node->u.watermark.time_column = in[node->u.watermark.time_column];
        keep_input(node, in, n, 0, map);
        return LT_OK;
    case LT_NODE_WINDOW: {
        struct lt_window_spec *spec = &node->u.window.spec;
        bool counts = spec->kind >= LT_WINDOW_COUNT_TUMBLE;
        if (!counts)
            spec->time_column = in[spec->time_column];
        renumber(spec->n_partition, spec->partition, in);
        keep_input(node, in, n - (counts ? 1 : 3), counts ? 1 : 3, map);
        return LT_OK;
    }
    case LT_NODE_SORT:
        for (uint32_t i = 0; i < node->u.sort.n_keys; i++)
            node->u.sort.keys[i].column = in[node->u.sort.keys[i].column];
        keep_input(node, in, n, 0, map);
        return LT_OK;
    case LT_NODE_LIMIT: keep_input(node, in, n, 0, map); return LT_OK;
    default:
        for (uint32_t i = 0; i < n; i++)
            map[i] = i;
        return LT_OK;
    }
}

static lt_status prune_apply(struct lt_planner *p, struct lt_plan_node **roots, uint32_t n_roots)
{
    struct prune s = {.p = p};
    for (uint32_t i = 0; i < n_roots; i++) {
        struct need need;
        LT_TRY(need_new(p, roots[i], &need));
        for (uint32_t c = 0; c < need.n; c++)
            need_column(&need, c);
        LT_TRY(walk_down(&s, roots[i], &need));
    }
    LT_TRY(pool_needs(&s, LT_NODE_WATERMARK));
    LT_TRY(repeat_down(&s));
    LT_TRY(pool_needs(&s, LT_NODE_SCAN));
    for (uint32_t i = 0; i < s.len; i++) { /* inputs come first */
        struct state *state = &s.states[i];
        state->map = LT_ARENA_ARRAY(p->arena, uint32_t, state->node->schema.len + 1);
        if (!state->map)
            return LT_NOMEM;
        LT_TRY(drop_columns(&s, state->node, &state->need, state->map));
    }
    for (uint32_t i = 0; i < s.len; i++)
        s.states[i].node->id = 0;
    return LT_OK;
}

const struct lt_rule lt_rule_prune = {
    .name = "prune",
    .doc = "columns and ROW fields that nobody uses are neither computed nor decoded",
    .apply = prune_apply,
};
