/* explain.c -- a plan as text, JSON or DOT.
 *
 * Text shows the tree from each root down to the sources, with the properties
 * of every node; a node that was shown before is only named. JSON and DOT list
 * the nodes and their edges, for tools. */
#include "planner/bind.h"

static const char *const kind_names[LT_NODE_KIND_COUNT] = {
    [LT_NODE_SCAN] = "Scan",
    [LT_NODE_VALUES] = "Values",
    [LT_NODE_WATERMARK] = "Watermark",
    [LT_NODE_CALC] = "Calc",
    [LT_NODE_UNION] = "Union",
    [LT_NODE_EXCHANGE] = "Exchange",
    [LT_NODE_EXPAND] = "Expand",
    [LT_NODE_WINDOW] = "Window",
    [LT_NODE_AGGREGATE] = "Aggregate",
    [LT_NODE_WINDOW_AGGREGATE] = "WindowAggregate",
    [LT_NODE_SORT] = "Sort",
    [LT_NODE_LIMIT] = "Limit",
    [LT_NODE_SINK] = "Sink",
    [LT_NODE_OUTPUT] = "Output",
};

/* ---- what a node does ------------------------------------------------------------ */

static void print_column(struct lt_buf *out, const struct lt_schema *schema, uint32_t i)
{
    if (i < schema->len && schema->fields[i].name.len)
        lt_buf_addf(out, "%.*s", LT_STR_ARG(schema->fields[i].name));
    else
        lt_buf_addf(out, "$%u", i);
}

static void print_columns(struct lt_buf *out, const struct lt_schema *schema, uint32_t n,
                          const uint32_t *columns)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            lt_buf_adds(out, ", ");
        print_column(out, schema, columns[i]);
    }
}

static void print_us(struct lt_buf *out, int64_t us)
{
    if (us % LT_US_PER_DAY == 0 && us)
        lt_buf_addf(out, "%lld d", (long long)(us / LT_US_PER_DAY));
    else if (us % LT_US_PER_SECOND == 0)
        lt_buf_addf(out, "%lld s", (long long)(us / LT_US_PER_SECOND));
    else if (us % 1000 == 0)
        lt_buf_addf(out, "%lld ms", (long long)(us / 1000));
    else
        lt_buf_addf(out, "%lld us", (long long)us);
}

static void print_span(struct lt_buf *out, struct lt_span span)
{
    if (span.months)
        lt_buf_addf(out, "%d months", span.months);
    else
        print_us(out, span.us);
}

static void print_scan(struct lt_buf *out, const struct lt_plan_node *node)
{
    static const char *const ops[] = {"=", "<>", "<", "<=", ">", ">=", "IS NULL", "IS NOT NULL"};
    const struct lt_scan_request *request = node->u.scan.request;
    const struct lt_schema *physical = node->u.scan.description->physical;
    lt_buf_addf(out, " %.*s (%s)", LT_STR_ARG(node->u.scan.table->name),
                node->u.scan.connector ? node->u.scan.connector->name : "none");
    lt_buf_adds(out, " columns=[");
    for (uint32_t i = 0; i < request->n_columns; i++) {
        const struct lt_field *field = &physical->fields[request->columns[i]];
        lt_buf_addf(out, "%s%.*s", i ? ", " : "", LT_STR_ARG(field->name));
        const uint64_t *fields = request->fields ? request->fields[i] : NULL;
        if (!fields)
            continue;
        const char *between = ".{";
        for (uint32_t k = 0; k < field->type->n_children; k++)
            if (fields[k / 64] >> (k % 64) & 1) {
                lt_buf_addf(out, "%s%.*s", between, LT_STR_ARG(field->type->names[k]));
                between = ", ";
            }
        if (between[0] == ',')
            lt_buf_addc(out, '}');
    }
    for (uint32_t i = 0; i < request->n_metadata; i++)
        lt_buf_addf(out, "%s%.*s", i + request->n_columns ? ", " : "",
                    LT_STR_ARG(node->u.scan.description->metadata[request->metadata[i]].key));
    lt_buf_addc(out, ']');
    for (uint32_t i = 0; i < request->n_filters; i++) {
        const struct lt_filter *f = &request->filters[i];
        lt_buf_addf(out, "%s", i ? " AND " : " filter=[");
        print_column(out, physical, f->column);
        lt_buf_addf(out, " %s", ops[f->op]);
        if (f->constant) {
            lt_buf_addc(out, ' ');
            lt_cell_print(out, lt_column_cell(f->constant, 0), &lt_tz_utc);
        }
    }
    if (request->n_filters)
        lt_buf_addc(out, ']');
}

static void print_calc(struct lt_buf *out, const struct lt_plan_node *node)
{
    const struct lt_schema *input = &node->inputs[0]->schema;
    if (node->u.calc.exprs) {
        lt_buf_adds(out, " [");
        for (uint32_t i = 0; i < node->u.calc.n_exprs; i++) {
            const struct lt_expr *expr = node->u.calc.exprs[i];
            struct lt_str name = node->schema.fields[i].name;
            bool same = expr->kind == LT_EXPR_COLUMN && expr->index < input->len &&
                        lt_str_equal(input->fields[expr->index].name, name);
            lt_buf_adds(out, i ? ", " : "");
            lt_expr_print(out, expr, input);
            if (!same && name.len)
                lt_buf_addf(out, " AS %.*s", LT_STR_ARG(name));
        }
        lt_buf_addc(out, ']');
    }
    if (node->u.calc.filter) {
        lt_buf_adds(out, " where=");
        lt_expr_print(out, node->u.calc.filter, input);
    }
}

static void print_window(struct lt_buf *out, const struct lt_window_spec *spec,
                         const struct lt_schema *input)
{
    static const char *const kinds[] = {"NONE",    "TUMBLE",       "HOP",      "CUMULATE",
                                        "SESSION", "COUNT_TUMBLE", "COUNT_HOP"};
    lt_buf_addf(out, " %s(", kinds[spec->kind]);
    if (spec->kind >= LT_WINDOW_COUNT_TUMBLE) {
        if (spec->kind == LT_WINDOW_COUNT_HOP)
            lt_buf_addf(out, "slide %lld rows, ", (long long)spec->count_slide);
        lt_buf_addf(out, "%lld rows", (long long)spec->count);
    } else {
        print_column(out, input, spec->time_column);
        if (spec->proctime)
            lt_buf_adds(out, " processing time");
        if (spec->kind == LT_WINDOW_HOP || spec->kind == LT_WINDOW_CUMULATE) {
            lt_buf_adds(out, spec->kind == LT_WINDOW_HOP ? ", slide " : ", step ");
            print_span(out, spec->slide);
        }
        lt_buf_adds(out, spec->kind == LT_WINDOW_SESSION ? ", gap " : ", size ");
        print_span(out, spec->size);
        if (spec->offset_us) {
            lt_buf_adds(out, ", offset ");
            print_us(out, spec->offset_us);
        }
        if (spec->ltz && spec->zone)
            lt_buf_addf(out, ", zone %.*s", LT_STR_ARG(lt_tz_name(spec->zone)));
    }
    lt_buf_addc(out, ')');
    if (spec->n_partition) {
        lt_buf_adds(out, " partition=[");
        print_columns(out, input, spec->n_partition, spec->partition);
        lt_buf_addc(out, ']');
    }
}

static void print_emit(struct lt_buf *out, const struct lt_emit *emit)
{
    if (emit->early_on_change)
        lt_buf_adds(out, " early=on change");
    if (emit->early_every_us) {
        lt_buf_adds(out, " early=every ");
        print_us(out, emit->early_every_us);
    }
    if (emit->early_every_rows)
        lt_buf_addf(out, " early=every %lld rows", (long long)emit->early_every_rows);
    if (emit->late_within_us) {
        lt_buf_adds(out, " late within ");
        print_us(out, emit->late_within_us);
    }
    if (emit->mode != LT_EMIT_RETRACTING)
        lt_buf_adds(out, emit->mode == LT_EMIT_DISCARDING ? " discarding" : " accumulating");
}

static void print_aggregate(struct lt_buf *out, const struct lt_plan_node *node)
{
    const struct lt_plan_aggregate *agg = &node->u.aggregate;
    const struct lt_schema *input = agg->whole ? &agg->whole->schema : &node->inputs[0]->schema;
    static const char *const phases[] = {"", " local", " distinct", " final"};
    lt_buf_adds(out, phases[agg->phase]);
    if (node->kind == LT_NODE_WINDOW_AGGREGATE)
        print_window(out, &agg->window, input);
    lt_buf_adds(out, " keys=[");
    print_columns(out, input, agg->n_keys, agg->keys);
    lt_buf_adds(out, "] calls=[");
    const char *between = "";
    for (uint32_t i = 0; i < agg->n_calls; i++) {
        const struct lt_plan_agg *call = &agg->calls[i];
        if (agg->active && !agg->active[i])
            continue;
        lt_buf_addf(out, "%s%s(%s", between, call->call.fn->name,
                    call->call.distinct ? "DISTINCT " : "");
        between = ", ";
        if (call->call.n_args == 0)
            lt_buf_addc(out, '*');
        print_columns(out, input, call->call.n_args, call->arg_columns);
        lt_buf_addc(out, ')');
        if (call->filter_column >= 0) {
            lt_buf_adds(out, " FILTER ");
            print_column(out, input, (uint32_t)call->filter_column);
        }
    }
    lt_buf_addc(out, ']');
    if (node->props.state == LT_STATE_BY_TTL) {
        lt_buf_adds(out, " ttl=");
        print_us(out, agg->ttl_us);
    }
    print_emit(out, &agg->emit);
    if (agg->late_sink)
        lt_buf_addf(out, " late rows into %.*s",
                    LT_STR_ARG(agg->late_sink->u.sink.table->name));
}

static void print_order(struct lt_buf *out, const struct lt_schema *schema, uint32_t n,
                        const struct lt_sort_key *keys)
{
    lt_buf_adds(out, " by=[");
    for (uint32_t i = 0; i < n; i++) {
        lt_buf_adds(out, i ? ", " : "");
        print_column(out, schema, keys[i].column);
        lt_buf_adds(out, keys[i].descending ? " DESC" : "");
        if (keys[i].nulls_first == keys[i].descending)
            lt_buf_adds(out, keys[i].nulls_first ? " NULLS FIRST" : " NULLS LAST");
    }
    lt_buf_addc(out, ']');
}

static void print_limit(struct lt_buf *out, int64_t limit, int64_t offset)
{
    if (limit >= 0)
        lt_buf_addf(out, " limit=%lld", (long long)limit);
    if (offset)
        lt_buf_addf(out, " offset=%lld", (long long)offset);
}

static void print_watermark(struct lt_buf *out, const struct lt_plan_node *node)
{
    lt_buf_addc(out, ' ');
    print_column(out, &node->schema, node->u.watermark.time_column);
    lt_buf_adds(out, " AS ");
    if (node->u.watermark.source)
        lt_buf_adds(out, "SOURCE_WATERMARK()");
    else
        lt_expr_print(out, node->u.watermark.watermark, &node->schema);
    if (node->u.watermark.idle_timeout_us) {
        lt_buf_adds(out, " idle after ");
        print_us(out, node->u.watermark.idle_timeout_us);
    }
}

static void print_detail(struct lt_buf *out, const struct lt_plan_node *node)
{
    static const char *const exchanges[] = {"forward", "hash", "broadcast", "rebalance", "single"};
    switch (node->kind) {
    case LT_NODE_SCAN: print_scan(out, node); break;
    case LT_NODE_VALUES: lt_buf_addf(out, " %u rows", node->u.values.n_rows); break;
    case LT_NODE_WATERMARK: print_watermark(out, node); break;
    case LT_NODE_CALC: print_calc(out, node); break;
    case LT_NODE_EXCHANGE:
        lt_buf_addf(out, " %s", exchanges[node->u.exchange.kind]);
        if (node->u.exchange.kind == LT_EXCHANGE_HASH) {
            lt_buf_adds(out, " keys=[");
            print_columns(out, &node->schema, node->u.exchange.n_keys, node->u.exchange.keys);
            lt_buf_addc(out, ']');
        }
        break;
    case LT_NODE_EXPAND: lt_buf_addf(out, " %u grouping sets", node->u.expand.n_sets); break;
    case LT_NODE_WINDOW:
        print_window(out, &node->u.window.spec, &node->inputs[0]->schema);
        break;
    case LT_NODE_AGGREGATE:
    case LT_NODE_WINDOW_AGGREGATE: print_aggregate(out, node); break;
    case LT_NODE_SORT:
        print_order(out, &node->schema, node->u.sort.n_keys, node->u.sort.keys);
        print_limit(out, node->u.sort.limit, node->u.sort.offset);
        break;
    case LT_NODE_LIMIT: print_limit(out, node->u.limit.limit, node->u.limit.offset); break;
    case LT_NODE_SINK:
        lt_buf_addf(out, " %.*s (%s)", LT_STR_ARG(node->u.sink.table->name),
                    node->u.sink.connector->name);
        break;
    case LT_NODE_OUTPUT:
        if (node->u.output.n_order)
            print_order(out, &node->schema, node->u.output.n_order, node->u.output.order);
        print_limit(out, node->u.output.limit, node->u.output.offset);
        break;
    default: break;
    }
}

/* ---- what is known about it --------------------------------------------------------- */

static const char *state_name(enum lt_state_bound state)
{
    static const char *const names[] = {"none", "by watermark", "by TTL", "unbounded"};
    return names[state];
}

static const char *dist_name(enum lt_distribution dist)
{
    static const char *const names[] = {"any", "single", "hash", "split"};
    return names[dist];
}

static void print_times(struct lt_buf *out, const struct lt_plan_node *node)
{
    const char *between = " time=[";
    for (uint32_t i = 0; i < node->schema.len; i++) {
        bool event = node->props.lag_us[i] != LT_NO_LAG;
        if (!event && !node->props.proctime[i])
            continue;
        lt_buf_adds(out, between);
        between = ", ";
        print_column(out, &node->schema, i);
        if (!event)
            lt_buf_adds(out, " processing");
        else if (node->props.lag_us[i]) {
            lt_buf_adds(out, " lag ");
            print_us(out, node->props.lag_us[i]);
        }
    }
    if (between[0] == ',')
        lt_buf_addc(out, ']');
}

static void print_props(struct lt_buf *out, const struct lt_plan_node *node)
{
    const struct lt_props *props = &node->props;
    lt_buf_addf(out, "%s, %s", props->changing ? "changing" : "append-only",
                props->final_only ? "final only"
                : props->bounded  ? "bounded"
                                  : "unbounded");
    lt_buf_addf(out, ", state %s, %s", state_name(props->state), dist_name(props->dist));
    if (props->dist == LT_DIST_HASH) {
        lt_buf_addc(out, '(');
        print_columns(out, &node->schema, props->n_dist_keys, props->dist_keys);
        lt_buf_addc(out, ')');
    }
    if (props->has_upsert_key) {
        lt_buf_adds(out, ", key=[");
        print_columns(out, &node->schema, props->n_upsert_key, props->upsert_key);
        lt_buf_addc(out, ']');
    }
    print_times(out, node);
    if (!props->single_path)
        lt_buf_adds(out, ", several paths");
}

/* ---- the three formats ------------------------------------------------------------------ */

static void text_node(struct lt_buf *out, const struct lt_plan *plan,
                      const struct lt_plan_node *node, uint32_t depth, bool *shown)
{
    for (uint32_t i = 0; i < depth && i < 64; i++)
        lt_buf_adds(out, "  ");
    if (shown && shown[node->id]) {
        lt_buf_addf(out, "%s #%u (see above)\n", kind_names[node->kind], node->id);
        return;
    }
    if (shown)
        shown[node->id] = true;
    lt_buf_addf(out, "%s #%u", kind_names[node->kind], node->id);
    print_detail(out, node);
    lt_buf_adds(out, "  -- ");
    print_props(out, node);
    lt_buf_addc(out, '\n');
    for (uint32_t i = 0; i < node->n_inputs; i++)
        text_node(out, plan, node->inputs[i], depth + 1, shown);
}

static void explain_text(struct lt_buf *out, const struct lt_plan *plan)
{
    bool *shown = lt_alloc_zero(plan->alloc, plan->n_nodes + 1);
    if (!shown) {
        out->status = LT_NOMEM;
        return;
    }
    for (uint32_t i = 0; i < plan->n_roots; i++)
        text_node(out, plan, plan->roots[i], 0, shown);
    for (uint32_t i = 0; i < plan->n_notices; i++)
        lt_buf_addf(out, "notice: %.*s\n", LT_STR_ARG(plan->notices[i]));
    lt_alloc_put(plan->alloc, shown, plan->n_nodes + 1);
}

/* A JSON string, which is also a DOT string. */
static void quoted(struct lt_buf *out, struct lt_str text)
{
    lt_buf_addc(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '"' || c == '\\')
            lt_buf_addc(out, '\\');
        if (c < 0x20)
            lt_buf_addf(out, "\\u%04x", c);
        else
            lt_buf_addc(out, (char)c);
    }
    lt_buf_addc(out, '"');
}

typedef void print_fn(struct lt_buf *out, const struct lt_plan_node *node);

static void quoted_part(struct lt_buf *out, const struct lt_plan_node *node, print_fn *print)
{
    struct lt_buf text;
    lt_buf_init(&text, out->alloc);
    print(&text, node);
    struct lt_str shown = lt_buf_str(&text);
    while (shown.len && shown.data[0] == ' ')
        shown.data++, shown.len--;
    quoted(out, shown);
    if (text.status != LT_OK && out->status == LT_OK)
        out->status = text.status;
    lt_buf_close(&text);
}

static void json_schema(struct lt_buf *out, const struct lt_schema *schema)
{
    for (uint32_t i = 0; i < schema->len; i++) {
        struct lt_buf type;
        lt_buf_init(&type, out->alloc);
        lt_type_print(&type, schema->fields[i].type);
        lt_buf_adds(out, i ? ", {\"name\": " : "{\"name\": ");
        quoted(out, schema->fields[i].name);
        lt_buf_adds(out, ", \"type\": ");
        quoted(out, lt_buf_str(&type));
        lt_buf_addc(out, '}');
        lt_buf_close(&type);
    }
}

static void explain_json(struct lt_buf *out, const struct lt_plan *plan)
{
    lt_buf_adds(out, "{\"nodes\": [");
    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        const struct lt_plan_node *node = plan->nodes[i];
        lt_buf_addf(out, "%s\n  {\"id\": %u, \"kind\": \"%s\", \"detail\": ", i ? "," : "", i,
                    kind_names[node->kind]);
        quoted_part(out, node, print_detail);
        lt_buf_adds(out, ", \"inputs\": [");
        for (uint32_t k = 0; k < node->n_inputs; k++)
            lt_buf_addf(out, "%s%u", k ? ", " : "", node->inputs[k]->id);
        lt_buf_adds(out, "], \"schema\": [");
        json_schema(out, &node->schema);
        lt_buf_addf(out, "], \"changelog\": \"%s\", \"bounded\": %s, \"final_only\": %s",
                    node->props.changing ? "changing" : "append-only",
                    node->props.bounded ? "true" : "false",
                    node->props.final_only ? "true" : "false");
        lt_buf_addf(out, ", \"state\": \"%s\", \"distribution\": \"%s\"",
                    state_name(node->props.state), dist_name(node->props.dist));
        lt_buf_addf(out, ", \"stable_id\": \"%016llx\"}",
                    (unsigned long long)node->props.stable_id);
    }
    lt_buf_adds(out, "\n], \"roots\": [");
    for (uint32_t i = 0; i < plan->n_roots; i++)
        lt_buf_addf(out, "%s%u", i ? ", " : "", plan->roots[i]->id);
    lt_buf_addf(out, "], \"bounded\": %s, \"parallelism\": %u, \"notices\": [",
                plan->bounded ? "true" : "false", plan->parallelism);
    for (uint32_t i = 0; i < plan->n_notices; i++) {
        lt_buf_adds(out, i ? ", " : "");
        quoted(out, plan->notices[i]);
    }
    lt_buf_adds(out, "]}\n");
}

static void print_label(struct lt_buf *out, const struct lt_plan_node *node)
{
    lt_buf_addf(out, "%s #%u", kind_names[node->kind], node->id);
    print_detail(out, node);
}

static void explain_dot(struct lt_buf *out, const struct lt_plan *plan)
{
    lt_buf_adds(out, "digraph plan {\n  rankdir=BT;\n  node [shape=box];\n");
    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        const struct lt_plan_node *node = plan->nodes[i];
        lt_buf_addf(out, "  n%u [label=", i);
        quoted_part(out, node, print_label);
        lt_buf_adds(out, ", tooltip=");
        quoted_part(out, node, print_props);
        lt_buf_adds(out, "];\n");
        for (uint32_t k = 0; k < node->n_inputs; k++)
            lt_buf_addf(out, "  n%u -> n%u%s;\n", node->inputs[k]->id, i,
                        node->props.changing ? " [style=dashed]" : "");
    }
    lt_buf_adds(out, "}\n");
}

void lt_plan_explain(struct lt_buf *out, const struct lt_plan *plan, enum lt_explain_format format)
{
    if (format == LT_EXPLAIN_JSON)
        explain_json(out, plan);
    else if (format == LT_EXPLAIN_DOT)
        explain_dot(out, plan);
    else
        explain_text(out, plan);
}
