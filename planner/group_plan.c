/* group_plan.c -- the aggregate node of a grouped SELECT, and expressions over its output.
 *
 *   input ─ CALC (keys, arguments, filters, time) ─ [EXPAND] ─ AGGREGATE
 *
 * GROUP BY window_start, window_end over a window function does not aggregate
 * assigned rows: the WINDOW node below is taken out and its window goes into a
 * WINDOW_AGGREGATE. Projections between the two are composed into the CALC;
 * filters on rows go below, filters on the window's own columns above. */
#include "base/bits.h"
#include "planner/group.h"

const struct lt_plan_node *lt_window_of_column(const struct lt_plan_node *node, uint32_t column,
                                               enum lt_window_column *which)
{
    while (node->kind == LT_NODE_CALC) {
        if (node->u.calc.exprs) {
            if (node->u.calc.exprs[column]->kind != LT_EXPR_COLUMN)
                return NULL;
            column = node->u.calc.exprs[column]->index;
        }
        node = node->inputs[0];
    }
    if (node->kind != LT_NODE_WINDOW || column < node->inputs[0]->schema.len)
        return NULL;
    bool counts = node->u.window.spec.kind >= LT_WINDOW_COUNT_TUMBLE;
    *which = counts ? LT_WINCOL_NO
                    : (enum lt_window_column)(LT_WINCOL_START +
                                              (column - node->inputs[0]->schema.len));
    return node;
}

struct plan { /* an aggregate being planned */
    struct lt_grouping *g;
    struct lt_planner *p;
    const struct lt_plan_node *window; /* the WINDOW node that is taken out, or NULL */
    struct lt_plan_node *base;         /* what the CALC stands on */
    struct lt_exprs pre;               /* the CALC's columns, over base */
    struct lt_exprs below, above;      /* filters over base / over window columns */
    uint32_t n_plain;                  /* keys that are no window columns */
    enum lt_window_column *key_window; /* per key; -1 = a plain key */
    struct lt_plan_aggregate agg;
    struct lt_plan_node *node;
};

/* ---- finding the window ------ */

static lt_status find_window(struct plan *s)
{
    struct lt_grouping *g = s->g;
    uint32_t seen = 0;
    const struct lt_plan_node *window = NULL;
    s->key_window = LT_ARENA_ARRAY(s->p->arena, enum lt_window_column, g->keys.len + 1);
    if (!s->key_window)
        return LT_NOMEM;
    for (uint32_t i = 0; i < g->keys.len; i++) {
        const struct lt_expr *key = g->keys.items[i];
        enum lt_window_column which;
        const struct lt_plan_node *found =
            key->kind == LT_EXPR_COLUMN ? lt_window_of_column(g->input->node, key->index, &which)
                                        : NULL;
        s->key_window[i] = (enum lt_window_column)-1;
        if (!found)
            continue;
        window = found;
        seen |= 1u << which;
        s->key_window[i] = which;
    }
    bool complete = (seen & 1u << LT_WINCOL_NO) ||
                    ((seen & 1u << LT_WINCOL_START) && (seen & 1u << LT_WINCOL_END));
    if (complete && !g->legacy) {
        s->window = window;
        return LT_OK;
    }
    if (window && g->legacy)
        return LT_BIND_NOT_YET(s->p, g->window_pos,
                               "a group window beside the columns of a window function");
    for (uint32_t i = 0; i < g->keys.len; i++)
        s->key_window[i] = (enum lt_window_column)-1;
    return LT_OK;
}

/* Bits: 1 = uses a window column of the WINDOW node, 2 = uses another column. */
struct uses {
    uint32_t n_input;
    unsigned bits;
};
static bool uses_column(void *ctx, const struct lt_expr *column)
{
    struct uses *uses = ctx;
    uses->bits |= column->index >= uses->n_input ? 1 : 2;
    return true;
}

static unsigned window_uses(const struct plan *s, const struct lt_expr *expr)
{
    struct uses uses = {.n_input = s->window->inputs[0]->schema.len};
    lt_expr_each_column(expr, uses_column, &uses);
    return uses.bits;
}

/* An expression over the grouped relation as one over base. */
static lt_status to_base(struct plan *s, const struct lt_expr *expr, struct lt_expr **out)
{
    *out = (struct lt_expr *)expr;
    if (!s->window)
        return LT_OK;
    for (const struct lt_plan_node *n = s->g->input->node; n != s->window; n = n->inputs[0])
        LT_TRY(lt_expr_through(s->p, *out, n, out));
    if (window_uses(s, *out) & 1)
        return LT_BIND_NOT_YET(s->p, expr->pos,
                               "window_start, window_end or window_time in an aggregate or in an "
                               "expression of GROUP BY");
    return LT_OK;
}

/* Filters between the aggregate and the WINDOW node, sorted to below and above. */
static lt_status split_filters(struct plan *s)
{
    struct lt_planner *p = s->p;
    for (const struct lt_plan_node *n = s->g->input->node; n != s->window; n = n->inputs[0]) {
        struct lt_exprs parts = {0};
        for (uint32_t i = 0; n->u.calc.exprs && i < n->u.calc.n_exprs; i++)
            if (!n->u.calc.exprs[i]->deterministic && n->u.calc.exprs[i]->kind != LT_EXPR_COLUMN)
                return LT_BIND_NOT_YET(p, n->u.calc.exprs[i]->pos,
                                       "a function without a fixed result between a window "
                                       "function and its aggregate");
        LT_TRY(lt_expr_conjuncts(p, n->u.calc.filter, &parts));
        for (uint32_t i = 0; i < parts.len; i++) {
            struct lt_expr *expr = parts.items[i];
            /* the filter of a CALC is over its input */
            for (const struct lt_plan_node *m = n->inputs[0]; m != s->window; m = m->inputs[0])
                LT_TRY(lt_expr_through(p, expr, m, &expr));
            unsigned bits = window_uses(s, expr);
            if (bits == 3)
                return LT_BIND_NOT_YET(p, expr->pos,
                                       "a condition on the window and on its rows at once");
            struct lt_exprs *list = bits & 1 ? &s->above : &s->below;
            LT_TRY(LT_ARENA_PUSH(p->arena, list->items, list->len, list->cap, expr));
        }
    }
    return LT_OK;
}

/* ---- the columns below the aggregate ------ */

/* A column for `expr`. With grouping sets an argument never shares a key's
 * column, which EXPAND sets to NULL. */
static lt_status pre_add(struct plan *s, struct lt_expr *expr, bool key, uint32_t *index)
{
    uint32_t first = s->g->has_sets && !key ? s->n_plain : 0;
    for (uint32_t i = first; i < s->pre.len; i++)
        if (lt_expr_equal(s->pre.items[i], expr)) {
            *index = i;
            return LT_OK;
        }
    *index = s->pre.len;
    return LT_ARENA_PUSH(s->p->arena, s->pre.items, s->pre.len, s->pre.cap, expr);
}

static lt_status plan_keys(struct plan *s)
{
    struct lt_grouping *g = s->g;
    uint32_t n = g->keys.len;
    s->agg.keys = LT_ARENA_ARRAY(s->p->arena, uint32_t, n + 2);
    g->key_column = LT_ARENA_ARRAY(s->p->arena, int32_t, n + 1);
    g->key_bit = LT_ARENA_ARRAY(s->p->arena, uint32_t, n + 1);
    if (!s->agg.keys || !g->key_column || !g->key_bit)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        struct lt_expr *expr;
        uint32_t column;
        if (s->key_window[i] != (enum lt_window_column)-1) {
            for (uint32_t k = 0; g->has_sets && k < g->n_sets; k++)
                if (!(g->sets[k] >> i & 1))
                    return LT_BIND_NOT_YET(s->p, g->keys.items[i]->pos,
                                           "a grouping set without the window's columns");
            continue;
        }
        LT_TRY(to_base(s, g->keys.items[i], &expr));
        LT_TRY(pre_add(s, expr, true, &column));
        uint32_t k = 0;
        while (k < s->agg.n_keys && s->agg.keys[k] != column)
            k++;
        if (k == s->agg.n_keys)
            s->agg.keys[s->agg.n_keys++] = column;
        g->key_column[i] = (int32_t)k;
        s->n_plain = s->agg.n_keys;
    }
    for (uint32_t i = 0; i < n; i++)
        if (s->key_window[i] == (enum lt_window_column)-1)
            g->key_bit[i] = s->n_plain - 1 - (uint32_t)g->key_column[i];
    return LT_OK;
}

static lt_status plan_call(struct plan *s, const struct lt_group_call *from,
                           struct lt_plan_agg *to)
{
    struct lt_arena *arena = s->p->arena;
    uint32_t n = from->args.len;
    const struct lt_type **types = LT_ARENA_ARRAY(arena, const struct lt_type *, n + 1);
    const struct lt_column **constants = LT_ARENA_ARRAY(arena, const struct lt_column *, n + 1);
    to->arg_columns = LT_ARENA_ARRAY(arena, uint32_t, n + 1);
    if (!types || !constants || !to->arg_columns)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        struct lt_expr *expr;
        LT_TRY(to_base(s, from->args.items[i], &expr));
        LT_TRY(pre_add(s, expr, false, &to->arg_columns[i]));
        types[i] = expr->type;
        constants[i] = expr->kind == LT_EXPR_CONSTANT ? expr->constant : NULL;
    }
    to->filter_column = -1;
    if (from->filter) {
        struct lt_expr *expr;
        uint32_t column;
        LT_TRY(to_base(s, from->filter, &expr));
        LT_TRY(pre_add(s, expr, false, &column));
        to->filter_column = (int32_t)column;
    }
    to->call = (struct lt_agg_call){
        .fn = from->fn,
        .kernel = from->kernel,
        .n_args = n,
        .args = types,
        .result = from->result,
        .distinct = from->distinct,
        .changing = s->base->props.changing,
        .ignore_nulls = from->ignore_nulls,
        .constants = constants,
        .n_order = from->n_order,
        .order_desc = from->order_desc,
        .order_nulls_first = from->order_nulls_first,
    };
    return LT_OK;
}

static lt_status plan_calls(struct plan *s)
{
    s->agg.n_calls = s->g->n_calls;
    s->agg.calls = LT_ARENA_ARRAY(s->p->arena, struct lt_plan_agg, s->g->n_calls + 1);
    if (!s->agg.calls)
        return LT_NOMEM;
    for (uint32_t i = 0; i < s->g->n_calls; i++)
        LT_TRY(plan_call(s, &s->g->calls[i], &s->agg.calls[i]));
    return LT_OK;
}

/* ---- the window ------ */

static lt_status plan_window_columns(struct plan *s)
{
    struct lt_grouping *g = s->g;
    uint32_t wanted = g->aux_wanted;
    s->agg.window_columns =
        LT_ARENA_ARRAY(s->p->arena, enum lt_window_column, LT_WINCOL_PROCTIME + 1);
    if (!s->agg.window_columns)
        return LT_NOMEM;
    for (uint32_t i = 0; i < g->keys.len; i++)
        if (s->key_window[i] != (enum lt_window_column)-1)
            wanted |= 1u << s->key_window[i];
    for (int c = LT_WINCOL_START; c <= LT_WINCOL_PROCTIME; c++) {
        g->aux_column[c] = -1;
        if (wanted >> c & 1)
            s->agg.window_columns[s->agg.n_window_columns++] = (enum lt_window_column)c;
    }
    return LT_OK;
}

/* SESSION and COUNT windows are of one key: that of PARTITION BY must be GROUP BY's. */
static lt_status check_partition(struct plan *s)
{
    struct lt_window_spec *spec = &s->agg.window;
    bool keyed = spec->kind == LT_WINDOW_SESSION || spec->kind >= LT_WINDOW_COUNT_TUMBLE;
    struct lt_pos pos = s->g->query->pos;
    if (!keyed)
        return LT_OK;
    if (s->g->has_sets)
        return LT_BIND_NOT_YET(s->p, pos, "grouping sets over session or count windows");
    uint32_t found = 0;
    for (uint32_t i = 0; s->window && i < spec->n_partition; i++) {
        for (uint32_t k = 0; k < s->agg.n_keys; k++) {
            const struct lt_expr *key = s->pre.items[s->agg.keys[k]];
            found += key->kind == LT_EXPR_COLUMN && key->index == spec->partition[i];
        }
    }
    if (s->window && (found != spec->n_partition || found != s->agg.n_keys))
        return LT_BIND_NOT_YET(s->p, pos,
                               "a GROUP BY whose keys are not the PARTITION BY of its %s window",
                               spec->kind == LT_WINDOW_SESSION ? "session" : "count");
    spec->n_partition = s->agg.n_keys;
    spec->partition = s->agg.keys;
    return LT_OK;
}

static lt_status plan_window(struct plan *s)
{
    struct lt_expr *time = NULL;
    if (s->window) {
        s->agg.window = s->window->u.window.spec;
        if (s->agg.window.kind < LT_WINDOW_COUNT_TUMBLE)
            LT_TRY(lt_expr_node_column(s->p, s->base, s->agg.window.time_column, &time));
    } else {
        s->agg.window = s->g->spec;
        time = s->g->time;
    }
    if (time)
        LT_TRY(pre_add(s, time, false, &s->agg.window.time_column));
    LT_TRY(plan_window_columns(s));
    LT_TRY(check_partition(s));
    if (s->base->props.changing && s->agg.window.kind >= LT_WINDOW_SESSION)
        return LT_BIND_NOT_YET(s->p, s->g->query->pos,
                               "session and count windows over a changing result");
    return LT_OK;
}

/* Before the keys: the late table's columns come first. */
static lt_status plan_emit(struct plan *s, bool windowed)
{
    struct lt_planner *p = s->p;
    const struct lt_ast_emit *ast = p->emit;
    struct lt_rel base;
    if (!ast)
        return LT_OK;
    p->emit_used = true;
    LT_TRY(lt_bind_emit(p, ast, windowed, &s->agg.emit));
    if (!s->agg.emit.late_rows)
        return LT_OK;
    if (s->g->has_sets)
        return LT_BIND_NOT_YET(p, ast->late_rows_pos, "LATE ROWS INTO with grouping sets");
    if (s->base->props.changing)
        return LT_BIND_NOT_YET(p, ast->late_rows_pos, "LATE ROWS INTO over a changing result");
    if (s->window)
        LT_TRY(lt_rel_of(p, s->base, LT_STR(""), &base));
    else
        base = *s->g->input;
    return lt_bind_late_sink(p, ast->late_rows_into, ast->late_rows_pos, &base, &s->pre,
                             &s->agg.late_sink);
}

/* ---- grouping sets ------ */

static lt_status plan_expand(struct plan *s, struct lt_plan_node *input, struct lt_plan_node **out)
{
    struct lt_grouping *g = s->g;
    struct lt_arena *arena = s->p->arena;
    uint32_t n = input->schema.len;
    struct lt_plan_node *node;
    LT_TRY(lt_node_new(s->p, LT_NODE_EXPAND, 1, &input, n + 1, &node));
    uint64_t **kept = LT_ARENA_ARRAY(arena, uint64_t *, g->n_sets + 1);
    node->u.expand.ids = LT_ARENA_ARRAY(arena, int64_t, g->n_sets + 1);
    node->u.expand.nulled = LT_ARENA_ARRAY(arena, uint32_t, s->n_plain + 1);
    if (!kept || !node->u.expand.ids || !node->u.expand.nulled)
        return LT_NOMEM;
    node->u.expand.n_sets = g->n_sets;
    node->u.expand.kept = kept;
    node->u.expand.n_nulled = s->n_plain;
    for (uint32_t i = 0; i < s->n_plain; i++)
        node->u.expand.nulled[i] = s->agg.keys[i];
    for (uint32_t k = 0; k < g->n_sets; k++) {
        int64_t id = (INT64_C(1) << s->n_plain) - 1, again = 0;
        kept[k] = LT_ARENA_ARRAY(arena, uint64_t, lt_bits_words(n + 1));
        if (!kept[k])
            return LT_NOMEM;
        lt_bits_fill(kept[k], n, true);
        for (uint32_t i = 0; i < s->n_plain; i++)
            lt_bits_clear(kept[k], s->agg.keys[i]);
        for (uint32_t i = 0; i < g->keys.len; i++)
            if (s->key_window[i] == (enum lt_window_column)-1 && (g->sets[k] >> i & 1)) {
                lt_bits_set(kept[k], s->agg.keys[g->key_column[i]]);
                id &= ~(INT64_C(1) << g->key_bit[i]);
            }
        for (uint32_t i = 0; i < k; i++) /* the same set twice gives its groups twice */
            again += g->sets[i] == g->sets[k];
        node->u.expand.ids[k] = id | again << s->n_plain;
    }
    node->schema.fields[n] = (struct lt_field){LT_STR("$g"), &lt_type_bigint_not_null};
    LT_TRY(lt_node_finish(s->p, node));
    s->agg.keys[s->agg.n_keys] = n;
    g->id_column = (int32_t)s->agg.n_keys++;
    *out = node;
    return LT_OK;
}

/* ---- the node ------ */

static lt_status aggregate_schema(struct plan *s, struct lt_plan_node *input)
{
    struct lt_grouping *g = s->g;
    struct lt_plan_aggregate *agg = &s->agg;
    uint32_t n = agg->n_keys + agg->n_calls + agg->n_window_columns, at = 0;
    bool windowed = s->window || g->legacy;
    static const char *const names[] = {"window_start", "window_end", "window_time", "window_no",
                                        "window_proctime"};
    LT_TRY(lt_node_new(s->p, windowed ? LT_NODE_WINDOW_AGGREGATE : LT_NODE_AGGREGATE, 1, &input, n,
                       &s->node));
    struct lt_field *fields = s->node->schema.fields;
    for (uint32_t i = 0; i < agg->n_keys; i++)
        fields[at++] = input->schema.fields[agg->keys[i]];
    g->first_call = at;
    for (uint32_t i = 0; i < agg->n_calls; i++, at++) {
        LT_TRY(lt_arena_printf(s->p->arena, &fields[at].name, "agg$%u", i));
        fields[at].type = agg->calls[i].call.result;
    }
    for (uint32_t i = 0; i < agg->n_window_columns; i++, at++) {
        enum lt_window_column c = agg->window_columns[i];
        const struct lt_type *time = agg->window.kind >= LT_WINDOW_COUNT_TUMBLE
                                         ? &lt_type_bigint
                                         : input->schema.fields[agg->window.time_column].type;
        fields[at].name = lt_str_of(names[c]);
        fields[at].type = lt_window_column_type(s->p, &agg->window, time, c);
        if (!fields[at].type)
            return LT_NOMEM;
        g->aux_column[c] = (int32_t)at;
    }
    for (uint32_t i = 0; i < g->keys.len; i++)
        if (s->key_window[i] != (enum lt_window_column)-1)
            g->key_column[i] = g->aux_column[s->key_window[i]];
    s->node->u.aggregate = *agg;
    s->node->u.aggregate.ttl_us = windowed ? 0 : lt_bind_state_ttl_us(s->p);
    return lt_node_finish(s->p, s->node);
}

/* Filters on window columns, over the aggregate's output. */
static lt_status above_column(struct lt_planner *p, void *ctx, const struct lt_expr *expr,
                              struct lt_expr **out)
{
    const struct plan *s = ctx;
    uint32_t n = s->window->inputs[0]->schema.len;
    if (expr->kind != LT_EXPR_COLUMN)
        return LT_OK;
    enum lt_window_column which = s->agg.window.kind >= LT_WINDOW_COUNT_TUMBLE
                                      ? LT_WINCOL_NO
                                      : (enum lt_window_column)(expr->index - n);
    if (s->g->aux_column[which] < 0)
        return LT_BIND_NOT_YET(p, expr->pos, "a condition on window_time, which GROUP BY lacks");
    return lt_expr_column(p, (uint32_t)s->g->aux_column[which], expr->type, expr->pos, out);
}

static lt_status filter_above(struct plan *s, struct lt_plan_node **node)
{
    struct lt_expr *filter;
    for (uint32_t i = 0; i < s->above.len; i++)
        LT_TRY(lt_expr_map(s->p, s->above.items[i], above_column, s, &s->above.items[i]));
    LT_TRY(lt_expr_and(s->p, s->above.len, s->above.items, &filter));
    return lt_node_filter(s->p, *node, filter, node);
}

/* Names for EXPLAIN: those of the columns and fields that pass. */
static lt_status pre_names(struct plan *s, struct lt_str **out)
{
    struct lt_str *names = LT_ARENA_ARRAY(s->p->arena, struct lt_str, s->pre.len + 1);
    if (!names)
        return LT_NOMEM;
    for (uint32_t i = 0; i < s->pre.len; i++) {
        const struct lt_expr *expr = s->pre.items[i];
        names[i] = LT_STR("");
        if (expr->kind == LT_EXPR_COLUMN)
            names[i] = s->base->schema.fields[expr->index].name;
        else if (expr->kind == LT_EXPR_FIELD)
            names[i] = expr->args[0]->type->names[expr->index];
    }
    *out = names;
    return LT_OK;
}

lt_status lt_grouping_plan(struct lt_grouping *g, struct lt_rel *out)
{
    struct plan s = {.g = g, .p = g->p, .base = g->input->node};
    struct lt_plan_node *node;
    struct lt_expr *filter = NULL;
    LT_TRY(find_window(&s));
    if (s.window) {
        LT_TRY(split_filters(&s));
        LT_TRY(lt_expr_and(g->p, s.below.len, s.below.items, &filter));
        s.base = s.window->inputs[0];
    }
    bool windowed = s.window || g->legacy;
    LT_TRY(plan_emit(&s, windowed));
    LT_TRY(plan_keys(&s));
    LT_TRY(plan_calls(&s));
    if (windowed)
        LT_TRY(plan_window(&s));
    s.agg.global = !windowed && !g->query->group;
    struct lt_str *names;
    LT_TRY(pre_names(&s, &names));
    LT_TRY(lt_node_calc(g->p, s.base, filter, s.pre.len, s.pre.items, names, &node));
    if (g->has_sets)
        LT_TRY(plan_expand(&s, node, &node));
    LT_TRY(aggregate_schema(&s, node));
    g->node = s.node;
    node = s.node;
    LT_TRY(filter_above(&s, &node));
    return lt_rel_of(g->p, node, LT_STR(""), out);
}

/* ---- expressions over the aggregate ------ */

/* GROUPING(a, b) from $g: the bits of a and b, brought together. */
static lt_status grouping_id(struct lt_grouping *g, const struct lt_group_ids *ids,
                             struct lt_pos pos, struct lt_expr **out)
{
    struct lt_planner *p = g->p;
    struct lt_bind b = {.p = p, .clause = "GROUPING"};
    struct lt_expr *sum, *id, *parts[2];
    LT_TRY(lt_expr_bigint(p, 0, pos, &sum));
    for (uint32_t i = 0; g->has_sets && i < ids->n; i++) {
        LT_TRY(lt_expr_node_column(p, g->node, (uint32_t)g->id_column, &id));
        parts[0] = id;
        LT_TRY(lt_expr_bigint(p, INT64_C(1) << g->key_bit[ids->keys[i]], pos, &parts[1]));
        LT_TRY(lt_bind_call_named(&b, LT_STR("/"), pos, 2, parts, &parts[0]));
        LT_TRY(lt_bind_cast(p, parts[0], &lt_type_bigint_not_null, &parts[0]));
        LT_TRY(lt_expr_bigint(p, 2, pos, &parts[1]));
        LT_TRY(lt_bind_call_named(&b, LT_STR("%"), pos, 2, parts, &parts[0]));
        LT_TRY(lt_expr_bigint(p, INT64_C(1) << (ids->n - 1 - i), pos, &parts[1]));
        LT_TRY(lt_bind_call_named(&b, LT_STR("*"), pos, 2, parts, &parts[1]));
        parts[0] = sum;
        LT_TRY(lt_bind_call_named(&b, LT_STR("+"), pos, 2, parts, &sum));
    }
    return lt_bind_cast(p, sum, &lt_type_bigint_not_null, out);
}

static lt_status rewrite_part(struct lt_planner *p, void *ctx, const struct lt_expr *expr,
                              struct lt_expr **out)
{
    struct lt_grouping *g = ctx;
    for (uint32_t i = 0; i < g->keys.len; i++)
        if (lt_expr_equal(expr, g->keys.items[i]))
            return lt_expr_column(p, (uint32_t)g->key_column[i], expr->type, expr->pos, out);
    if (expr->kind != LT_EXPR_COLUMN)
        return LT_OK;
    if (expr->index >= LT_BIND_GROUPING)
        return grouping_id(g, &g->ids[expr->index - LT_BIND_GROUPING], expr->pos, out);
    if (expr->index >= LT_BIND_AUX)
        return lt_expr_column(p, (uint32_t)g->aux_column[expr->index - LT_BIND_AUX], expr->type,
                              expr->pos, out);
    if (expr->index >= LT_BIND_CALL)
        return lt_expr_column(p, g->first_call + (expr->index - LT_BIND_CALL), expr->type,
                              expr->pos, out);
    return LT_BIND_FAIL(p, LT_INVALID, expr->pos,
                        "column '%.*s' is neither in GROUP BY nor inside an aggregate",
                        LT_STR_ARG(g->input_names[expr->index]));
}

lt_status lt_grouping_rewrite(struct lt_grouping *g, const struct lt_expr *expr,
                              struct lt_expr **out)
{
    return lt_expr_map(g->p, expr, rewrite_part, g, out);
}
