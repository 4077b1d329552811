/* props.c -- what is known about a node's output, from what is known about its inputs.
 *
 * Properties go up: append-only or changing, time attributes with their lag,
 * the upsert key, the bound of the state. `final_only` comes from the statement
 * (the planner's flag) and holds where all inputs are bounded.
 *
 * Lag: future rows have column > watermark - lag. An expression that keeps the
 * order of time shifts it: ts + d has lag - d, ts - d has lag + d, FLOOR(ts TO u)
 * has lag + u. */
#include "planner/bind.h"

static bool function_is(const struct lt_expr *expr, const char *name)
{
    return expr->kind == LT_EXPR_CALL && expr->function && strcmp(expr->function->name, name) == 0;
}

static bool constant_days(const struct lt_expr *expr, int64_t *us)
{
    if (expr->kind != LT_EXPR_CONSTANT || expr->type->kind != LT_TYPE_INTERVAL_DAY ||
        lt_column_is_null(expr->constant, 0))
        return false;
    *us = ((const int64_t *)expr->constant->values)[0];
    return *us > -INT64_MAX / 8 && *us < INT64_MAX / 8;
}

static int64_t unit_us(const struct lt_expr *unit)
{
    static const struct {
        const char *name;
        int64_t us;
    } units[] = {
        {"SECOND", LT_US_PER_SECOND},  {"MINUTE", LT_US_PER_MINUTE},
        {"HOUR", LT_US_PER_HOUR},      {"DAY", LT_US_PER_DAY},
        {"WEEK", 7 * LT_US_PER_DAY},   {"MONTH", 31 * LT_US_PER_DAY},
        {"YEAR", 366 * LT_US_PER_DAY}, {"QUARTER", 92 * LT_US_PER_DAY},
        {"MILLISECOND", 1000},
    };
    if (unit->kind != LT_EXPR_CONSTANT || !lt_type_is_char(unit->type) ||
        lt_column_is_null(unit->constant, 0))
        return -1;
    struct lt_str text = lt_sv_str((const struct lt_sv *)unit->constant->values);
    for (size_t i = 0; i < LT_ARRAY_LEN(units); i++)
        if (lt_str_equal_nocase(text, lt_str_of(units[i].name)))
            return units[i].us;
    return -1;
}

/* The lag of an expression over columns with those lags. */
static int64_t expr_lag(const struct lt_expr *expr, const int64_t *lags)
{
    int64_t lag, shift;
    if (!lt_type_is_time_attribute_kind(expr->type))
        return LT_NO_LAG;
    if (expr->kind == LT_EXPR_COLUMN)
        return lags[expr->index];
    if (expr->n_args == 0)
        return LT_NO_LAG;
    lag = expr_lag(expr->args[0], lags);
    if (lag == LT_NO_LAG)
        return LT_NO_LAG;
    if (expr->kind == LT_EXPR_CAST && expr->args[0]->type->kind == expr->type->kind)
        return expr->type->precision >= expr->args[0]->type->precision ? lag
                                                                       : lag + LT_US_PER_SECOND;
    if (function_is(expr, "+") && constant_days(expr->args[1], &shift))
        return lag - shift;
    if (function_is(expr, "-") && constant_days(expr->args[1], &shift))
        return lag + shift;
    if (function_is(expr, "FLOOR") && expr->n_args == 2 && (shift = unit_us(expr->args[1])) > 0)
        return lag + shift;
    return LT_NO_LAG;
}

static lt_status props_arrays(struct lt_planner *p, struct lt_plan_node *node)
{
    struct lt_props *props = &node->props;
    uint32_t n = node->schema.len;
    props->lag_us = LT_ARENA_ARRAY(p->arena, int64_t, n + 1);
    props->proctime = LT_ARENA_ARRAY(p->arena, bool, n + 1);
    if (!props->lag_us || !props->proctime)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        props->lag_us[i] = LT_NO_LAG;
    return LT_OK;
}

/* What most nodes pass on: column i is column i of the (first) input. */
static lt_status props_same(struct lt_planner *p, struct lt_plan_node *node)
{
    struct lt_props *props = &node->props;
    const struct lt_plan_node *input = node->inputs[0];
    LT_TRY(props_arrays(p, node));
    for (uint32_t i = 0; i < node->schema.len && i < input->schema.len; i++) {
        props->lag_us[i] = input->props.lag_us[i];
        props->proctime[i] = input->props.proctime[i];
    }
    props->changing = input->props.changing;
    props->has_upsert_key = input->props.has_upsert_key;
    props->n_upsert_key = input->props.n_upsert_key;
    props->upsert_key = input->props.upsert_key;
    return LT_OK;
}

/* Whether every column of the input passes: then rows that differed still do. */
static bool calc_keeps_all(const struct lt_plan_node *node)
{
    uint32_t n_in = node->inputs[0]->schema.len, n = node->schema.len;
    for (uint32_t c = 0; c < n_in; c++) {
        uint32_t i = 0;
        while (i < n && !(node->u.calc.exprs[i]->kind == LT_EXPR_COLUMN &&
                          node->u.calc.exprs[i]->index == c))
            i++;
        if (i == n)
            return false;
    }
    return true;
}

static lt_status props_calc(struct lt_planner *p, struct lt_plan_node *node)
{
    struct lt_props *props = &node->props;
    const struct lt_props *in = &node->inputs[0]->props;
    uint32_t n = node->schema.len;
    props->net = in->net && (!node->u.calc.exprs || calc_keeps_all(node));
    if (!node->u.calc.exprs)
        return props_same(p, node);
    LT_TRY(props_arrays(p, node));
    props->changing = in->changing;
    for (uint32_t i = 0; i < n; i++) {
        const struct lt_expr *expr = node->u.calc.exprs[i];
        props->lag_us[i] = expr_lag(expr, in->lag_us);
        props->proctime[i] = expr->kind == LT_EXPR_COLUMN ? in->proctime[expr->index]
                                                          : function_is(expr, "PROCTIME");
    }
    if (!in->has_upsert_key)
        return LT_OK;
    uint32_t *key = LT_ARENA_ARRAY(p->arena, uint32_t, in->n_upsert_key + 1);
    if (!key)
        return LT_NOMEM;
    for (uint32_t k = 0; k < in->n_upsert_key; k++) {
        uint32_t i = 0;
        while (i < n && !(node->u.calc.exprs[i]->kind == LT_EXPR_COLUMN &&
                          node->u.calc.exprs[i]->index == in->upsert_key[k]))
            i++;
        if (i == n)
            return LT_OK;
        key[k] = i;
    }
    props->has_upsert_key = true;
    props->n_upsert_key = in->n_upsert_key;
    props->upsert_key = key;
    return LT_OK;
}

static lt_status props_union(struct lt_planner *p, struct lt_plan_node *node)
{
    struct lt_props *props = &node->props;
    LT_TRY(props_arrays(p, node));
    for (uint32_t i = 0; i < node->schema.len; i++) {
        int64_t lag = INT64_MIN;
        bool proctime = true;
        for (uint32_t k = 0; k < node->n_inputs; k++) {
            const struct lt_props *in = &node->inputs[k]->props;
            lag = in->lag_us[i] > lag ? in->lag_us[i] : lag;
            proctime &= in->proctime[i];
        }
        props->lag_us[i] = lag;
        props->proctime[i] = proctime;
    }
    for (uint32_t k = 0; k < node->n_inputs; k++)
        props->changing |= node->inputs[k]->props.changing;
    return LT_OK;
}

static int64_t span_us_max(struct lt_span span)
{
    return span.us + (int64_t)span.months * 31 * LT_US_PER_DAY;
}

static int64_t window_lag(const struct lt_window_spec *spec, enum lt_window_column column)
{
    bool utc = !spec->ltz || spec->zone == NULL || spec->zone == &lt_tz_utc;
    if (spec->proctime || spec->kind == LT_WINDOW_COUNT_TUMBLE || spec->kind == LT_WINDOW_COUNT_HOP)
        return LT_NO_LAG;
    switch (column) {
    case LT_WINCOL_TIME: return 0;
    case LT_WINCOL_END: return utc ? 0 : LT_NO_LAG;
    case LT_WINCOL_START:
        return utc && spec->kind != LT_WINDOW_SESSION ? span_us_max(spec->size) : LT_NO_LAG;
    default: return LT_NO_LAG;
    }
}

static lt_status props_window(struct lt_planner *p, struct lt_plan_node *node)
{
    struct lt_props *props = &node->props;
    const struct lt_window_spec *spec = &node->u.window.spec;
    uint32_t n = node->inputs[0]->schema.len;
    LT_TRY(props_same(p, node));
    props->has_upsert_key = false; /* a row may be in several windows */
    for (uint32_t i = n; i < node->schema.len; i++) {
        enum lt_window_column column = (enum lt_window_column)(LT_WINCOL_START + (i - n));
        int64_t lag = window_lag(spec, column);
        int64_t own = spec->proctime ? LT_NO_LAG : props->lag_us[spec->time_column];
        props->lag_us[i] = lag == LT_NO_LAG || own == LT_NO_LAG ? LT_NO_LAG : lag + own;
        props->proctime[i] = spec->proctime && column == LT_WINCOL_TIME;
    }
    if (spec->kind == LT_WINDOW_SESSION)
        props->state = LT_STATE_BY_WATERMARK;
    else if (spec->kind == LT_WINDOW_COUNT_TUMBLE || spec->kind == LT_WINDOW_COUNT_HOP)
        props->state = LT_STATE_UNBOUNDED;
    return LT_OK;
}

/* Keys, then window_start and window_end where asked for, identify a row. */
static lt_status aggregate_key(struct lt_planner *p, struct lt_plan_node *node)
{
    struct lt_props *props = &node->props;
    const struct lt_plan_aggregate *agg = &node->u.aggregate;
    uint32_t n = agg->n_keys, first = agg->n_keys + agg->n_calls;
    bool identified = node->kind == LT_NODE_AGGREGATE;
    uint32_t *key = LT_ARENA_ARRAY(p->arena, uint32_t, n + agg->n_window_columns + 1);
    if (!key)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        key[i] = i;
    for (uint32_t i = 0; i < agg->n_window_columns; i++) {
        enum lt_window_column column = agg->window_columns[i];
        if (column == LT_WINCOL_PROCTIME)
            continue;
        /* CUMULATE shares its starts between windows, HOP and TUMBLE do not */
        identified |= column != LT_WINCOL_START || agg->window.kind != LT_WINDOW_CUMULATE;
        key[n++] = first + i;
    }
    props->has_upsert_key = identified;
    props->n_upsert_key = identified ? n : 0;
    props->upsert_key = key;
    return LT_OK;
}

static lt_status props_aggregate(struct lt_planner *p, struct lt_plan_node *node)
{
    struct lt_props *props = &node->props;
    const struct lt_plan_aggregate *agg = &node->u.aggregate;
    const struct lt_props *in = &node->inputs[0]->props;
    bool windowed = node->kind == LT_NODE_WINDOW_AGGREGATE;
    LT_TRY(props_arrays(p, node));
    for (uint32_t i = 0; i < agg->n_window_columns; i++) {
        uint32_t at = agg->n_keys + agg->n_calls + i;
        props->lag_us[at] = window_lag(&agg->window, agg->window_columns[i]);
        props->proctime[at] = agg->window_columns[i] == LT_WINCOL_PROCTIME ||
                              (agg->window.proctime && agg->window_columns[i] == LT_WINCOL_TIME);
    }
    LT_TRY(aggregate_key(p, node));
    const struct lt_emit *emit = &agg->emit;
    bool fires_again = emit->early_on_change || emit->early_every_us || emit->early_every_rows ||
                       emit->late_within_us;
    if (emit->mode != LT_EMIT_RETRACTING)
        props->final_only = false; /* every firing is a row of the result */
    if (lt_plan_is_first_phase(node)) {
        props->changing = false;
        props->has_upsert_key = false;
    } else if (props->final_only) {
        props->changing = false;
    } else if (windowed) {
        props->changing = in->changing || (fires_again && emit->mode == LT_EMIT_RETRACTING);
    } else {
        props->changing = in->changing || agg->n_calls > 0 || agg->global;
        props->net = props->changing;
    }
    for (uint32_t i = 0; i < agg->n_calls; i++) /* rows of nested types come in another order */
        props->net &= lt_type_phys(agg->calls[i].call.result) < LT_PHYS_LIST;
    if (windowed && agg->phase != LT_AGG_LOCAL)
        props->state =
            agg->window.kind >= LT_WINDOW_COUNT_TUMBLE ? LT_STATE_UNBOUNDED : LT_STATE_BY_WATERMARK;
    else if (agg->phase != LT_AGG_LOCAL)
        props->state = agg->ttl_us > 0 && !agg->global && !props->final_only ? LT_STATE_BY_TTL
                                                                             : LT_STATE_UNBOUNDED;
    return LT_OK;
}

static lt_status props_scan(struct lt_planner *p, struct lt_plan_node *node)
{
    struct lt_props *props = &node->props;
    LT_TRY(props_arrays(p, node));
    props->bounded = node->u.scan.info.bounded;
    props->changing = !node->u.scan.info.append_only;
    return LT_OK;
}

static lt_status props_of_kind(struct lt_planner *p, struct lt_plan_node *node)
{
    struct lt_props *props = &node->props;
    switch (node->kind) {
    case LT_NODE_SCAN: return props_scan(p, node);
    case LT_NODE_VALUES: props->bounded = true; return props_arrays(p, node);
    case LT_NODE_CALC: return props_calc(p, node);
    case LT_NODE_UNION: return props_union(p, node);
    case LT_NODE_WINDOW: return props_window(p, node);
    case LT_NODE_AGGREGATE:
    case LT_NODE_WINDOW_AGGREGATE: return props_aggregate(p, node);
    case LT_NODE_WATERMARK:
        LT_TRY(props_same(p, node));
        props->lag_us[node->u.watermark.time_column] = 0;
        return LT_OK;
    case LT_NODE_EXPAND:
        LT_TRY(props_same(p, node));
        props->has_upsert_key = false;
        for (uint32_t i = 0; i < node->u.expand.n_nulled; i++)
            props->lag_us[node->u.expand.nulled[i]] = LT_NO_LAG;
        return LT_OK;
    case LT_NODE_SORT:
        props->state = node->u.sort.by_time ? LT_STATE_BY_WATERMARK : LT_STATE_UNBOUNDED;
        return props_same(p, node);
    default: return props_same(p, node);
    }
}

lt_status lt_props_compute(struct lt_planner *p, struct lt_plan_node *node)
{
    bool final_only = node->props.final_only || p->final_only ||
                      (node->n_inputs && node->inputs[0]->props.final_only);
    node->props = (struct lt_props){.bounded = node->n_inputs > 0, .single_path = true};
    for (uint32_t i = 0; i < node->n_inputs; i++) {
        node->props.bounded &= node->inputs[i]->props.bounded;
        node->props.single_path &= node->inputs[i]->props.single_path;
    }
    node->props.final_only = final_only && node->props.bounded && node->n_inputs > 0;
    return props_of_kind(p, node);
}

const char *lt_props_why_changing(const struct lt_plan_node *node)
{
    for (; node; node = node->n_inputs ? node->inputs[0] : NULL) {
        for (uint32_t i = 1; i < node->n_inputs; i++)
            if (node->inputs[i]->props.changing && !node->inputs[0]->props.changing)
                return lt_props_why_changing(node->inputs[i]);
        bool below = node->n_inputs && node->inputs[0]->props.changing;
        if (below)
            continue;
        if (node->kind == LT_NODE_AGGREGATE)
            return node->u.aggregate.n_keys ? "GROUP BY without a window changes its results"
                                            : "an aggregate without a window changes its result";
        if (node->kind == LT_NODE_WINDOW_AGGREGATE)
            return "EMIT lets windows fire more than once";
        if (node->kind == LT_NODE_SCAN)
            return "its source is a changelog";
    }
    return "its results change";
}
