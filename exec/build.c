/* build.c -- plan to pipelines: cuts the DAG at its exchanges and makes the operators.
 *
 * Every exchange has two places, a sender and a receiver; every other node has
 * one. Places joined by plain edges run in one fragment. Two rules keep that sound,
 * and where the plan breaks them an exchange is put in:
 *
 * - A fragment runs on one partition or on all. Where rows of one partition meet
 *   rows of all, or a node needs everything in one place (OUTPUT, SORT, LIMIT, a
 *   global aggregate), a SINGLE exchange goes between.
 * - Fragments form no cycle, or full rings could wait for each other for ever.
 *   A place's level is the number of exchanges before it on the longest way; a
 *   fragment holds places of one level, and a plain edge that would skip levels
 *   becomes a FORWARD exchange.
 *
 *      scan ──────────────▶ union          level 0 ──FORWARD──▶ level 1
 *        └─HASH─▶ aggregate ──┘            level 0 ──HASH─────▶ level 1
 *
 * With one partition exchanges vanish, and so do the fragments and the local phase of
 * aggregates. */
#include "exec/run.h"

struct site { /* a node, or an exchange put in */
    const struct lt_plan_node *node;
    const struct lt_op_type *type;
    bool exchange, single, reached, late_sink;
    bool tee; /* the end of a feeder */
    const struct lt_tap *tap; /* its rows come from a feeder; what lies below is not ours */
    uint32_t level, out_level; /* of what goes in, of what comes out */
    uint32_t n_in;             /* ports counted so far */
    uint32_t fragment, out_fragment;
    uint32_t op, out_op; /* index in the fragment's pipelines */
    uint32_t n_out, n_late;
};

struct wire {
    uint32_t from, to;
    unsigned port;
    bool late;
};

struct build {
    struct lt_run *run;
    struct lt_error *err;
    struct lt_arena arena; /* of the building alone */
    struct site *sites;
    uint32_t n_sites, sites_cap;
    struct wire *wires;
    uint32_t n_wires, wires_cap;
    uint32_t n_partitions;
    uint32_t *parent; /* union-find over places: 2 * site, + 1 for a receiver */
    uint32_t *n_ops;  /* per fragment */
};

/* ---- which nodes, and where they are cut --------------------------------- */

static const struct lt_plan_node *skip_elided(const struct build *b,
                                              const struct lt_plan_node *node)
{
    while ((node->kind == LT_NODE_EXCHANGE &&
            (b->n_partitions == 1 || node->u.exchange.kind == LT_EXCHANGE_FORWARD)) ||
           (b->n_partitions == 1 && lt_plan_is_first_phase(node)))
        node = node->inputs[0];
    return node;
}

/* With one partition all phases of an aggregate but the last are left out. */
static uint32_t inputs_run(const struct build *b, const struct lt_plan_node *node)
{
    return b->n_partitions == 1 && lt_plan_is_final(node) ? 1 : node->n_inputs;
}

static struct lt_plan_node *late_sink_of(const struct lt_plan_node *node)
{
    if (node->kind == LT_NODE_WINDOW_AGGREGATE || node->kind == LT_NODE_AGGREGATE)
        return node->u.aggregate.late_sink;
    return node->kind == LT_NODE_WINDOW ? node->u.window.late_sink : NULL;
}

static void reach(struct build *b, const struct lt_plan_node *node)
{
    node = skip_elided(b, node);
    struct site *site = &b->sites[node->id];
    if (site->reached)
        return;
    site->reached = true;
    for (uint32_t i = 0; i < b->run->n_taps; i++)
        if (b->run->taps[i].node == node) {
            site->tap = &b->run->taps[i];
            site->type = &lt_op_receiver_type;
            return;
        }
    for (uint32_t i = 0; i < inputs_run(b, node); i++)
        reach(b, node->inputs[i]);
    const struct lt_plan_node *late = late_sink_of(node);
    if (late) {
        b->sites[late->id].late_sink = true;
        reach(b, late);
    }
}

static bool wants_single(const struct lt_plan_node *node)
{
    switch (node->kind) {
    case LT_NODE_OUTPUT:
    case LT_NODE_SORT:
    case LT_NODE_LIMIT: return true;
    case LT_NODE_AGGREGATE:
        return node->u.aggregate.n_keys == 0 && !lt_plan_is_first_phase(node);
    case LT_NODE_EXCHANGE: return node->u.exchange.kind == LT_EXCHANGE_SINGLE;
    default: return false;
    }
}

static lt_status add_wire(struct build *b, uint32_t from, uint32_t to, unsigned port, bool late)
{
    struct wire wire = {.from = from, .to = to, .port = port, .late = late};
    if (late)
        b->sites[from].n_late++;
    else
        b->sites[from].n_out++;
    if (port >= b->sites[to].n_in)
        b->sites[to].n_in = port + 1;
    return LT_ARENA_PUSH(&b->arena, b->wires, b->n_wires, b->wires_cap, wire);
}

/* An exchange of ours between two sites. */
static lt_status add_exchange(struct build *b, const struct wire *wire, bool single,
                              uint32_t out_level)
{
    const struct site *from = &b->sites[wire->from];
    struct lt_plan_node *node = lt_arena_zero(&b->run->arena, sizeof(*node));
    if (!node)
        return LT_NOMEM;
    /* Rows that leave by the late edge are input rows of their operator. */
    const struct lt_plan_node *shape = wire->late && from->node->n_inputs ? from->node->inputs[0]
                                                                          : from->node;
    node->kind = LT_NODE_EXCHANGE;
    node->id = UINT32_MAX;
    node->schema = shape->schema;
    node->props = shape->props;
    if (wire->late)
        node->props.lag_us = NULL;
    node->u.exchange.kind = single ? LT_EXCHANGE_SINGLE : LT_EXCHANGE_FORWARD;
    struct site site = {.node = node,
                        .type = &lt_op_sender_type,
                        .exchange = true,
                        .reached = true,
                        .single = single,
                        .level = from->out_level,
                        .out_level = out_level};
    uint32_t id = b->n_sites;
    LT_TRY(LT_ARENA_PUSH(&b->arena, b->sites, b->n_sites, b->sites_cap, site));
    LT_TRY(add_wire(b, wire->from, id, 0, wire->late));
    return add_wire(b, id, wire->to, wire->port, false);
}

/* The edges that lead into site `to`, as the plan has them. */
static lt_status inputs_of(struct build *b, uint32_t to, struct wire **out, uint32_t *n_out)
{
    const struct lt_plan_node *node = b->sites[to].node;
    struct wire *wires = NULL;
    uint32_t n = 0, cap = 0;
    for (uint32_t i = 0; !b->sites[to].tap && i < inputs_run(b, node); i++) {
        struct wire wire = {.from = skip_elided(b, node->inputs[i])->id, .to = to, .port = i};
        LT_TRY(LT_ARENA_PUSH(&b->arena, wires, n, cap, wire));
    }
    for (uint32_t i = 0; b->sites[to].late_sink && i < b->run->plan->n_nodes; i++) {
        const struct lt_plan_node *from = b->run->plan->nodes[i];
        if (!b->sites[i].reached || late_sink_of(from) != node)
            continue;
        struct wire wire = {.from = i, .to = to, .port = n, .late = true};
        LT_TRY(LT_ARENA_PUSH(&b->arena, wires, n, cap, wire));
    }
    *out = wires;
    *n_out = n;
    return LT_OK;
}

/* Decides for one site: single or not, its level, and exchanges before it. All
 * that lead into it have been decided. */
static lt_status place_site(struct build *b, uint32_t id)
{
    struct wire *wires;
    uint32_t n;
    LT_TRY(inputs_of(b, id, &wires, &n));
    struct site *site = &b->sites[id];
    const struct lt_plan_node *node = site->node;
    site->exchange = node->kind == LT_NODE_EXCHANGE;
    site->single = b->n_partitions == 1 || node->kind == LT_NODE_VALUES || wants_single(node);
    if (!site->single && !site->exchange && !site->tap && node->kind != LT_NODE_SCAN) {
        site->single = true;
        for (uint32_t i = 0; i < n; i++)
            site->single = site->single && b->sites[wires[i].from].single;
    }
    if (site->exchange) { /* the sender stands beside its input; the receiver is one further */
        LT_ASSERT(n == 1);
        site->level = b->sites[wires[0].from].out_level;
        site->out_level = site->level + 1;
        return add_wire(b, wires[0].from, id, 0, false);
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct site *from = &b->sites[wires[i].from];
        uint32_t level = from->out_level + (from->single != site->single);
        if (level > site->level)
            site->level = level;
    }
    site->out_level = site->level;
    for (uint32_t i = 0; i < n; i++) {
        const struct site *from = &b->sites[wires[i].from];
        bool single = b->sites[id].single, differ = from->single != single;
        uint32_t level = b->sites[id].level;
        if (differ || from->out_level < level)
            LT_TRY(add_exchange(b, &wires[i], differ || single, level));
        else
            LT_TRY(add_wire(b, wires[i].from, id, wires[i].port, wires[i].late));
    }
    return LT_OK;
}

/* A feeder ends with a sender whose rings come and go. */
static lt_status add_tee(struct build *b)
{
    struct lt_plan_node *node = lt_arena_zero(&b->run->arena, sizeof(*node));
    if (!node)
        return LT_NOMEM;
    *node = (struct lt_plan_node){.kind = LT_NODE_EXCHANGE,
                                  .id = UINT32_MAX,
                                  .schema = b->run->top->schema,
                                  .props = b->run->top->props,
                                  .u.exchange.kind = LT_EXCHANGE_BROADCAST};
    struct site site = {.node = node,
                        .type = &lt_op_sender_type,
                        .tee = true,
                        .reached = true,
                        .single = b->sites[b->run->top->id].single};
    uint32_t id = b->n_sites;
    LT_TRY(LT_ARENA_PUSH(&b->arena, b->sites, b->n_sites, b->sites_cap, site));
    return add_wire(b, b->run->top->id, id, 0, false);
}

/* Whether anybody waits for what operators say at an epoch's end, or only for what they say
 * at the end of their input: who reads a bounded INSERT sees one commit. */
static bool is_paced(const struct build *b)
{
    const struct lt_plan *plan = b->run->plan;
    bool paced = !plan->bounded, read = b->run->top != NULL;
    for (uint32_t i = 0; i < plan->n_roots; i++)
        read = read || plan->roots[i]->kind == LT_NODE_OUTPUT;
    for (uint32_t i = 0; i < plan->n_nodes && !paced; i++) {
        const struct lt_plan_node *node = plan->nodes[i];
        if (!b->sites[i].reached)
            continue;
        paced = (read && node->props.changing) || !node->props.single_path;
        if (node->kind == LT_NODE_WATERMARK) /* an idle partition follows the others then */
            paced = paced || node->u.watermark.idle_timeout_us > 0;
        if (node->kind == LT_NODE_WINDOW_AGGREGATE)
            paced = paced || node->u.aggregate.emit.mode != LT_EMIT_RETRACTING;
    }
    return paced;
}

static lt_status place_all(struct build *b)
{
    struct lt_plan *plan = b->run->plan;
    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        LT_ASSERT(plan->nodes[i]->id == i);
        struct site site = {.node = plan->nodes[i], .type = lt_op_type_of(plan->nodes[i])};
        LT_TRY(LT_ARENA_PUSH(&b->arena, b->sites, b->n_sites, b->sites_cap, site));
    }
    for (uint32_t i = 0; i < plan->n_roots; i++)
        reach(b, plan->roots[i]);
    for (uint32_t i = 0; i < plan->n_nodes; i++)
        if (b->sites[i].reached && !b->sites[i].type)
            return lt_fail(b->err, LT_UNSUPPORTED, "the plan has a node no operator runs");
    /* Late sinks come after everything that may feed them. */
    for (uint32_t i = 0; i < plan->n_nodes; i++)
        if (b->sites[i].reached && !b->sites[i].late_sink)
            LT_TRY(place_site(b, i));
    for (uint32_t i = 0; i < plan->n_nodes; i++)
        if (b->sites[i].reached && b->sites[i].late_sink)
            LT_TRY(place_site(b, i));
    b->run->paced = is_paced(b);
    return b->run->top ? add_tee(b) : LT_OK;
}

/* ---- fragments -------------------------------------------------------------- */

static uint32_t find(const struct build *b, uint32_t place)
{
    while (b->parent[place] != place)
        place = b->parent[place];
    return place;
}

static uint32_t out_place(const struct build *b, uint32_t site)
{
    return 2 * site + b->sites[site].exchange;
}

static lt_status name_fragment(struct build *b, uint32_t place, uint32_t *names,
                               uint32_t n_partitions, uint32_t *out)
{
    uint32_t root = find(b, place);
    if (names[root] == UINT32_MAX) {
        names[root] = b->run->n_fragments;
        b->run->fragments[b->run->n_fragments] =
            (struct lt_fragment){.id = b->run->n_fragments, .n_partitions = n_partitions};
        b->run->n_fragments++;
    }
    *out = names[root];
    return LT_OK;
}

/* Numbers fragments by level, so that a higher number is further downstream. */
static lt_status make_fragments(struct build *b)
{
    uint32_t n_places = 2 * b->n_sites, level_max = 0;
    b->parent = lt_arena_get(&b->arena, n_places * sizeof(uint32_t));
    uint32_t *names = lt_arena_get(&b->arena, n_places * sizeof(uint32_t));
    b->run->fragments = lt_arena_zero(&b->run->arena, n_places * sizeof(struct lt_fragment));
    b->n_ops = lt_arena_zero(&b->arena, n_places * sizeof(uint32_t));
    if (!b->parent || !names || !b->run->fragments || !b->n_ops)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n_places; i++) {
        b->parent[i] = i;
        names[i] = UINT32_MAX;
    }
    for (uint32_t i = 0; i < b->n_wires; i++)
        b->parent[find(b, out_place(b, b->wires[i].from))] = find(b, 2 * b->wires[i].to);
    for (uint32_t i = 0; i < b->n_sites; i++)
        if (b->sites[i].out_level > level_max)
            level_max = b->sites[i].out_level;
    for (uint32_t level = 0; level <= level_max; level++) {
        for (uint32_t i = 0; i < b->n_sites; i++) {
            struct site *site = &b->sites[i];
            if (!site->reached)
                continue;
            /* A sender runs where its input does, whatever its receivers do. */
            bool in_single = site->single;
            for (uint32_t w = 0; site->exchange && w < b->n_wires; w++)
                if (b->wires[w].to == i)
                    in_single = b->sites[b->wires[w].from].single;
            if (site->level == level) {
                LT_TRY(name_fragment(b, 2 * i, names, in_single ? 1 : b->n_partitions,
                                     &site->fragment));
                site->op = b->n_ops[site->fragment]++;
            }
            if (site->exchange && site->out_level == level) {
                LT_TRY(name_fragment(b, 2 * i + 1, names, site->single ? 1 : b->n_partitions,
                                     &site->out_fragment));
                site->out_op = b->n_ops[site->out_fragment]++;
            }
        }
    }
    return LT_OK;
}

/* ---- pipelines --------------------------------------------------------------- */

static lt_status make_pools(struct lt_run *run, uint32_t n)
{
    run->pools = lt_arena_zero(&run->arena, n * sizeof(*run->pools));
    if (!run->pools)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        LT_TRY(lt_pool_open(run->graph->alloc, &run->pools[i]));
        run->n_pools++;
    }
    return LT_OK;
}

static void init_pipeline(struct lt_run *run, struct lt_pipeline *pl, uint32_t fragment,
                          uint32_t partition)
{
    struct lt_graph *graph = run->graph;
    pl->run = run;
    pl->fragment = fragment;
    pl->worker = graph->n_workers ? partition % graph->n_workers : 0;
    pl->epoch = 1;
    pl->env = graph->config.env;
    pl->env.alloc = &run->alloc;
    pl->env.pool = run->pools[partition];
    pl->env.clock = &graph->config.clock;
    pl->env.cancelled = &run->cancelled;
    pl->env.zone = run->plan->zone; /* wall clocks in files are the session's */
    pl->env.wake = graph->n_workers ? lt_waker_poke : NULL;
    pl->env.wake_ctx = lt_graph_waker(graph, pl->worker);
    lt_arena_init(&pl->scratch, &run->alloc);
    pl->ctx = (struct lt_op_ctx){
        .alloc = &run->alloc,
        .pool = run->pools[partition],
        .scratch = &pl->scratch,
        .plan = run->plan,
        .clock = &graph->config.clock,
        .partition = partition,
        .n_partitions = run->fragments[fragment].n_partitions,
        .epoch = 1,
        .now_us = lt_graph_now(graph),
        .test_yield = graph->config.test_yield,
        .late_rows = &pl->late_rows,
        .error = &pl->error,
        .env = &pl->env,
        .output = run->has_output ? &run->output : NULL,
        .commit_epoch = &run->commit_epoch,
        .batch_rows = graph->config.batch_rows,
    };
}

static lt_status make_pipelines(struct build *b)
{
    struct lt_run *run = b->run;
    uint32_t n = 0;
    for (uint32_t i = 0; i < run->n_fragments; i++) {
        run->fragments[i].first_pipeline = n;
        n += run->fragments[i].n_partitions;
    }
    LT_TRY(make_pools(run, b->n_partitions));
    run->pipelines = lt_arena_zero(&run->arena, n * sizeof(*run->pipelines));
    if (!run->pipelines)
        return LT_NOMEM;
    run->n_pipelines = n;
    for (uint32_t i = 0; i < run->n_fragments; i++) {
        const struct lt_fragment *fragment = &run->fragments[i];
        for (uint32_t p = 0; p < fragment->n_partitions; p++) {
            struct lt_pipeline *pl = &run->pipelines[fragment->first_pipeline + p];
            init_pipeline(run, pl, i, p);
            pl->ops = lt_arena_zero(&run->arena, b->n_ops[i] * sizeof(*pl->ops));
            pl->roots = lt_arena_zero(&run->arena, b->n_ops[i] * sizeof(*pl->roots));
            if (!pl->ops || !pl->roots)
                return LT_NOMEM;
            pl->n_ops = b->n_ops[i];
        }
    }
    return LT_OK;
}

static struct lt_pipeline *pipeline_at(const struct lt_run *run, uint32_t fragment,
                                       uint32_t partition)
{
    return &run->pipelines[run->fragments[fragment].first_pipeline + partition];
}

static lt_status make_tap_root(struct build *b, const struct site *site, struct lt_pipeline *pl,
                               struct lt_op *op)
{
    struct lt_run *run = b->run;
    struct lt_root *root = &pl->roots[pl->n_roots++];
    *root = (struct lt_root){
        .op = op, .n_rings = 1, .shared = true, .next_poll_us = INT64_MAX};
    root->rings = &site->tap->rings[pl->ctx.partition];
    root->ring_aligned = lt_arena_zero(&run->arena, sizeof(bool));
    root->ring_ended = lt_arena_zero(&run->arena, sizeof(bool));
    return root->ring_aligned && root->ring_ended ? LT_OK : LT_NOMEM;
}

static lt_status make_tee(struct build *b, struct lt_pipeline *pl, struct lt_op *op)
{
    struct lt_run *run = b->run;
    struct lt_exchange_out *out = lt_arena_zero(&run->arena, sizeof(*out));
    if (!out)
        return LT_NOMEM;
    out->rings = lt_arena_zero(&run->arena, LT_FEEDER_USERS_MAX * sizeof(*out->rings));
    if (!out->rings)
        return LT_NOMEM;
    out->n = LT_FEEDER_USERS_MAX;
    op->shared = out;
    run->tees[pl->ctx.partition] = op;
    return LT_OK;
}

static lt_status make_ops(struct build *b, const struct site *site)
{
    struct lt_run *run = b->run;
    for (uint32_t p = 0; p < run->fragments[site->fragment].n_partitions; p++) {
        struct lt_pipeline *pl = pipeline_at(run, site->fragment, p);
        struct lt_op *op = &pl->ops[site->op];
        uint32_t n_out = site->exchange ? 0 : site->n_out;
        uint32_t n_in = site->tap ? 1 : site->n_in;
        LT_TRY(lt_op_init(op, site->type, site->node, &pl->ctx, n_in, n_out, site->n_late));
        if (site->type->poll) {
            struct lt_root *root = &pl->roots[pl->n_roots++];
            *root = (struct lt_root){.op = op, .next_poll_us = INT64_MIN};
        }
        if (site->tap)
            LT_TRY(make_tap_root(b, site, pl, op));
        if (site->tee)
            LT_TRY(make_tee(b, pl, op));
    }
    return LT_OK;
}

static lt_status make_receiver(struct build *b, const struct site *site, uint32_t p)
{
    struct lt_run *run = b->run;
    uint32_t n = run->fragments[site->fragment].n_partitions;
    struct lt_pipeline *pl = pipeline_at(run, site->out_fragment, p);
    struct lt_op *op = &pl->ops[site->out_op];
    LT_TRY(lt_op_init(op, &lt_op_receiver_type, site->node, &pl->ctx, n, site->n_out, 0));
    struct lt_root *root = &pl->roots[pl->n_roots++];
    *root = (struct lt_root){.op = op, .n_rings = n, .next_poll_us = INT64_MAX};
    root->rings = lt_arena_zero(&run->arena, n * sizeof(*root->rings));
    root->ring_aligned = lt_arena_zero(&run->arena, n * sizeof(bool));
    root->ring_ended = lt_arena_zero(&run->arena, n * sizeof(bool));
    return root->rings && root->ring_aligned && root->ring_ended ? LT_OK : LT_NOMEM;
}

lt_status lt_ring_new(struct lt_run *run, struct lt_ring **out)
{
    struct lt_ring *ring = NULL;
    /* Over-allocated by hand: the ring's lines must not be shared. */
    char *raw = lt_arena_zero(&run->arena, sizeof(*ring) + LT_CACHE_LINE);
    if (!raw)
        return LT_NOMEM;
    ring = (struct lt_ring *)(((uintptr_t)raw + LT_CACHE_LINE - 1) &
                              ~(uintptr_t)(LT_CACHE_LINE - 1));
    ring->bytes_max = run->graph->config.ring_bytes;
    *out = ring;
    return LT_OK;
}

/* The rings of one exchange, from every sender to every receiver. */
static lt_status make_rings(struct build *b, const struct site *site)
{
    struct lt_run *run = b->run;
    uint32_t n_from = run->fragments[site->fragment].n_partitions;
    uint32_t n_to = run->fragments[site->out_fragment].n_partitions;
    for (uint32_t to = 0; to < n_to; to++)
        LT_TRY(make_receiver(b, site, to));
    for (uint32_t from = 0; from < n_from; from++) {
        struct lt_pipeline *sender = pipeline_at(run, site->fragment, from);
        struct lt_exchange_out *out = lt_arena_zero(&run->arena, sizeof(*out));
        if (!out)
            return LT_NOMEM;
        sender->ops[site->op].shared = out;
        out->rings = lt_arena_zero(&run->arena, n_to * sizeof(*out->rings));
        if (!out->rings)
            return LT_NOMEM;
        out->n = n_to;
        for (uint32_t to = 0; to < n_to; to++) {
            struct lt_pipeline *receiver = pipeline_at(run, site->out_fragment, to);
            LT_TRY(lt_ring_new(run, &out->rings[to]));
            run->rings[run->n_rings++] = out->rings[to];
            out->rings[to]->producer = lt_graph_waker(run->graph, sender->worker);
            out->rings[to]->consumer = lt_graph_waker(run->graph, receiver->worker);
            for (uint32_t r = 0; r < receiver->n_roots; r++)
                if (receiver->roots[r].op == &receiver->ops[site->out_op])
                    receiver->roots[r].rings[from] = out->rings[to];
        }
    }
    return LT_OK;
}

static lt_status make_all_ops(struct build *b)
{
    struct lt_run *run = b->run;
    uint32_t n_rings = 0;
    for (uint32_t i = 0; i < b->n_sites; i++)
        if (b->sites[i].reached && b->sites[i].exchange)
            n_rings += b->n_partitions * b->n_partitions;
    run->rings = lt_arena_zero(&run->arena, n_rings * sizeof(*run->rings));
    run->shared = lt_arena_zero(&run->arena, b->n_sites * sizeof(*run->shared));
    if (!run->rings || !run->shared)
        return LT_NOMEM;
    for (uint32_t i = 0; i < b->n_sites; i++)
        if (b->sites[i].reached)
            LT_TRY(make_ops(b, &b->sites[i]));
    for (uint32_t i = 0; i < b->n_sites; i++)
        if (b->sites[i].reached && b->sites[i].exchange)
            LT_TRY(make_rings(b, &b->sites[i]));
    return LT_OK;
}

static void link_wires(struct build *b)
{
    struct lt_run *run = b->run;
    for (uint32_t s = 0; s < b->n_sites; s++)
        b->sites[s].n_out = b->sites[s].n_late = 0; /* counts again, as places to fill */
    for (uint32_t i = 0; i < b->n_wires; i++) {
        const struct wire *wire = &b->wires[i];
        struct site *from = &b->sites[wire->from];
        const struct site *to = &b->sites[wire->to];
        uint32_t fragment = from->exchange ? from->out_fragment : from->fragment;
        uint32_t from_op = from->exchange ? from->out_op : from->op;
        LT_ASSERT(fragment == to->fragment);
        uint32_t slot = wire->late ? from->n_late++ : from->n_out++;
        for (uint32_t p = 0; p < run->fragments[fragment].n_partitions; p++) {
            struct lt_pipeline *pl = pipeline_at(run, fragment, p);
            struct lt_op *op = &pl->ops[from_op];
            struct lt_op_edge *edge = wire->late ? &op->late_out[slot] : &op->out[slot];
            *edge = (struct lt_op_edge){.op = &pl->ops[to->op], .port = wire->port};
        }
    }
}

static lt_status open_site(struct build *b, const struct site *site)
{
    struct lt_run *run = b->run;
    uint32_t n = run->fragments[site->fragment].n_partitions;
    struct lt_run_shared *shared = &run->shared[run->n_shared];
    if (site->type->share) {
        struct lt_pipeline *first = pipeline_at(run, site->fragment, 0);
        shared->unshare = site->type->unshare;
        run->n_shared++;
        lt_status status = site->type->share(site->node, &first->ctx, &shared->ptr);
        if (status != LT_OK)
            return lt_op_fail(&first->ops[site->op], status), status;
        for (uint32_t p = 0; p < n; p++)
            pipeline_at(run, site->fragment, p)->ops[site->op].shared = shared->ptr;
    }
    for (uint32_t p = 0; p < n; p++) {
        struct lt_op *op = &pipeline_at(run, site->fragment, p)->ops[site->op];
        lt_status status = lt_op_open(op);
        if (status != LT_OK)
            return lt_op_fail(op, status), status;
    }
    return LT_OK;
}

/* The message of whatever operator failed to open. */
static void fetch_error(const struct lt_run *run, struct lt_error *err)
{
    for (uint32_t i = 0; i < run->n_pipelines; i++)
        if (run->pipelines[i].error.code != LT_OK && err && err->code == LT_OK)
            *err = run->pipelines[i].error;
}

lt_status lt_run_build(struct lt_run *run, struct lt_error *err)
{
    struct build b = {.run = run, .err = err};
    b.n_partitions = run->plan->parallelism ? run->plan->parallelism : 1;
    if (b.n_partitions > 256)
        return lt_fail(err, LT_LIMIT, "parallelism %u is more than 256", b.n_partitions);
    lt_arena_init(&b.arena, &run->alloc);
    lt_status status = place_all(&b);
    if (status == LT_OK)
        status = make_fragments(&b);
    if (status == LT_OK)
        status = make_pipelines(&b);
    if (status == LT_OK)
        status = make_all_ops(&b);
    if (status == LT_OK) {
        link_wires(&b);
        for (uint32_t i = 0; i < b.n_sites && status == LT_OK; i++)
            if (b.sites[i].reached)
                status = open_site(&b, &b.sites[i]);
    }
    fetch_error(run, err);
    lt_arena_close(&b.arena);
    return status;
}

void lt_run_destroy(struct lt_run *run)
{
    for (uint32_t i = 0; i < run->n_pipelines; i++)
        for (uint32_t k = 0; k < run->pipelines[i].n_ops; k++)
            lt_op_close(&run->pipelines[i].ops[k]);
    for (uint32_t i = 0; i < run->n_rings; i++)
        lt_ring_drain(run->rings[i]);
    for (uint32_t i = 0; i < run->n_shared; i++)
        if (run->shared[i].ptr)
            run->shared[i].unshare(run->shared[i].ptr);
    for (uint32_t i = 0; i < run->n_pipelines; i++)
        lt_arena_close(&run->pipelines[i].scratch);
    for (uint32_t i = 0; i < run->n_pools; i++)
        lt_pool_close(run->pools[i]);
    lt_arena_close(&run->arena);
}
