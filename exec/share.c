/* share.c -- statements that read one running source.
 *
 * An unbounded source that cannot be read twice (a pipe, a socket), or any when
 * the graph is told so, is run by a hidden run of its own, the *feeder*: the part of
 * a plan from SCAN up to its WATERMARK, ended by a sender. Each statement that needs
 * it puts a ring into a free slot of that sender and reads from there; its own
 * plan begins where the feeder ends.
 *
 *   feeder   scan ─ calc ─ watermark ─ tee ┬═▶ statement A: window ─ output
 *                                          └═▶ statement B: calc ─ sink      (came later)
 *
 * Statements find a feeder by the stable id of the node it ends with. Who comes
 * later begins with the watermark in force and sees the rows from then on. Each
 * keeps epochs of its own, so one that is slow holds up the source only through
 * its full ring. When the last user goes, so does the feeder; until then it pins
 * the plan it was made from. What fails the feeder fails all its users; what fails
 * a user is its own affair. */
#include "exec/run.h"

/* The only consumer of a node, or NULL. */
static const struct lt_plan_node *only_consumer(const struct lt_plan *plan,
                                                const struct lt_plan_node *node)
{
    const struct lt_plan_node *found = NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; i < plan->n_nodes; i++)
        for (uint32_t k = 0; k < plan->nodes[i]->n_inputs; k++)
            if (plan->nodes[i]->inputs[k] == node) {
                found = plan->nodes[i];
                n++;
            }
    return n == 1 ? found : NULL;
}

/* Where a feeder over this SCAN would end: at its WATERMARK, else at itself. */
static const struct lt_plan_node *feeder_top(const struct lt_plan *plan,
                                             const struct lt_plan_node *scan)
{
    const struct lt_plan_node *node = scan;
    while (node && node->kind != LT_NODE_WATERMARK) {
        node = only_consumer(plan, node);
        if (node && node->kind != LT_NODE_CALC && node->kind != LT_NODE_WATERMARK)
            node = NULL;
    }
    return node ? node : scan;
}

static bool is_shareable(const struct lt_graph *graph, const struct lt_plan_node *node)
{
    return node->kind == LT_NODE_SCAN && !node->u.scan.info.bounded &&
           (node->u.scan.info.live || graph->config.share_sources);
}

static bool feeder_is_open(const struct lt_run *feeder)
{
    if (atomic_load(&feeder->state) != LT_RUN_RUNNING || feeder->n_users == LT_FEEDER_USERS_MAX)
        return false;
    bool all_ended = true;
    for (uint32_t p = 0; p < feeder->n_pools; p++) {
        if (feeder->tees[p]->done)
            return false; /* nobody wanted more, and the readers were closed */
        all_ended = all_ended && lt_op_ended(feeder->tees[p]);
    }
    return !all_ended;
}

static struct lt_run *find_feeder(struct lt_graph *graph, const struct lt_plan_node *top,
                                  uint32_t n_partitions)
{
    for (struct lt_run *run = graph->runs; run; run = run->next)
        if (run->top && run->top->props.stable_id == top->props.stable_id &&
            run->top->kind == top->kind && run->n_pools == n_partitions && feeder_is_open(run))
            return run;
    return NULL;
}

static uint32_t partitions_of(const struct lt_plan *plan)
{
    return plan->parallelism ? plan->parallelism : 1;
}

static bool same_source(const struct lt_plan_node *a, const struct lt_plan_node *b)
{
    const struct lt_connector_table *v = a->u.scan.description, *w = b->u.scan.description;
    if (a->u.scan.connector != b->u.scan.connector || v->n_options != w->n_options)
        return false;
    for (uint32_t i = 0; i < v->n_options; i++)
        if (!lt_str_equal(v->options[i].key, w->options[i].key) ||
            !lt_str_equal(v->options[i].value, w->options[i].value))
            return false;
    return true;
}

static const struct lt_plan_node *scan_of(const struct lt_plan_node *top)
{
    while (top->kind != LT_NODE_SCAN)
        top = top->inputs[0];
    return top;
}

/* Two readers of one pipe would each get some of the rows. */
static lt_status check_alone(const struct lt_graph *graph, const struct lt_plan_node *top,
                             struct lt_error *err)
{
    const struct lt_plan_node *scan = scan_of(top);
    for (const struct lt_run *run = graph->runs; run && scan->u.scan.info.live; run = run->next)
        if (run->top && atomic_load(&run->state) == LT_RUN_RUNNING &&
            same_source(scan, scan_of(run->top)))
            return lt_fail(err, LT_UNSUPPORTED,
                           "a running statement reads '%.*s' in another way (its watermark or "
                           "parallelism differs), and its rows can be read only once; stop it "
                           "first",
                           LT_STR_ARG(scan->u.scan.description->name));
    return LT_OK;
}

static lt_status make_feeder(struct lt_run *user, const struct lt_plan_node *top,
                             struct lt_run **out, struct lt_error *err)
{
    struct lt_run *feeder;
    LT_TRY(check_alone(user->graph, top, err));
    LT_TRY(lt_run_new(user->graph, user->plan, NULL, &feeder));
    feeder->top = top;
    feeder->feeder_plan = (struct lt_plan){.nodes = user->plan->nodes,
                                           .n_nodes = user->plan->n_nodes,
                                           .n_roots = 1,
                                           .roots = (struct lt_plan_node **)&feeder->top,
                                           .zone = user->plan->zone,
                                           .statement_us = user->plan->statement_us,
                                           .parallelism = user->plan->parallelism};
    feeder->plan = &feeder->feeder_plan;
    uint32_t n = partitions_of(user->plan);
    feeder->tees = lt_arena_zero(&feeder->arena, n * sizeof(*feeder->tees));
    lt_status status = feeder->tees ? lt_run_build(feeder, err) : LT_NOMEM;
    if (status != LT_OK) {
        lt_run_free(feeder);
        return status;
    }
    feeder->pinned = user->plan;
    atomic_fetch_add(&user->plan->pins, 1);
    *out = feeder;
    return LT_OK;
}

static lt_status add_tap(struct lt_run *run, const struct lt_plan_node *top, struct lt_error *err)
{
    struct lt_tap *tap = &run->taps[run->n_taps];
    uint32_t n = partitions_of(run->plan);
    *tap = (struct lt_tap){.node = top, .slot = LT_FEEDER_USERS_MAX};
    tap->rings = lt_arena_zero(&run->arena, n * sizeof(*tap->rings));
    if (!tap->rings)
        return LT_NOMEM;
    for (uint32_t p = 0; p < n; p++) {
        LT_TRY(lt_ring_new(run, &tap->rings[p]));
        uint32_t worker = run->graph->n_workers ? p % run->graph->n_workers : 0;
        tap->rings[p]->producer = tap->rings[p]->consumer = lt_graph_waker(run->graph, worker);
    }
    lt_graph_park(run->graph);
    tap->feeder = find_feeder(run->graph, top, n);
    lt_graph_unpark(run->graph);
    if (!tap->feeder)
        LT_TRY(make_feeder(run, top, &tap->feeder, err));
    tap->feeder->n_users++;
    run->n_taps++;
    return LT_OK;
}

/* Before the run is built: finds or makes a feeder for every source it may share. */
lt_status lt_run_tap_sources(struct lt_run *run, struct lt_error *err)
{
    const struct lt_plan *plan = run->plan;
    uint32_t n = 0;
    for (uint32_t i = 0; i < plan->n_nodes; i++)
        n += is_shareable(run->graph, plan->nodes[i]);
    if (n == 0)
        return LT_OK;
    run->taps = lt_arena_zero(&run->arena, n * sizeof(*run->taps));
    if (!run->taps)
        return LT_NOMEM;
    for (uint32_t i = 0; i < plan->n_nodes; i++)
        if (is_shareable(run->graph, plan->nodes[i]))
            LT_TRY(add_tap(run, feeder_top(plan, plan->nodes[i]), err));
    return LT_OK;
}

static bool is_linked(const struct lt_run *run)
{
    for (const struct lt_run *at = run->graph->runs; at; at = at->next)
        if (at == run)
            return true;
    return false;
}

static void link_tap(struct lt_run *run, struct lt_tap *tap)
{
    struct lt_run *feeder = tap->feeder;
    for (tap->slot = 0; feeder->users[tap->slot]; tap->slot++)
        LT_ASSERT(tap->slot + 1 < LT_FEEDER_USERS_MAX);
    feeder->users[tap->slot] = run;
    for (uint32_t p = 0; p < feeder->n_pools; p++) {
        struct lt_op *tee = feeder->tees[p];
        struct lt_exchange_out *out = tee->shared;
        out->rings[tap->slot] = tap->rings[p];
        struct lt_message now = {.kind = LT_MESSAGE_WATERMARK, .value = lt_op_watermark(tee)};
        if (lt_op_ended(tee) || tee->port_watermark[0] == LT_WATERMARK_MAX)
            now.kind = LT_MESSAGE_END;
        if (now.value > LT_WATERMARK_MIN && !lt_ring_push(tap->rings[p], &now))
            LT_ASSERT(!"a new ring has room");
    }
}

void lt_run_link_taps(struct lt_run *run)
{
    for (uint32_t i = 0; i < run->n_taps; i++) {
        struct lt_run *feeder = run->taps[i].feeder;
        if (!is_linked(feeder)) {
            feeder->next = run->graph->runs;
            run->graph->runs = feeder;
        }
        link_tap(run, &run->taps[i]);
        if (atomic_load(&feeder->state) == LT_RUN_FAILED) /* between finding and linking it */
            lt_run_fail(run, &feeder->error);
    }
}

static void unlink_tap(struct lt_run *run, struct lt_tap *tap)
{
    struct lt_run *feeder = tap->feeder;
    for (uint32_t p = 0; p < feeder->n_pools; p++) {
        struct lt_exchange_out *out = feeder->tees[p]->shared;
        lt_sender_forget(feeder->tees[p], tap->slot);
        out->rings[tap->slot] = NULL;
    }
    feeder->users[tap->slot] = NULL;
    tap->slot = LT_FEEDER_USERS_MAX;
    for (uint32_t i = 0; i < LT_FEEDER_USERS_MAX; i++)
        if (feeder->users[i])
            return;
    struct lt_run **at = &run->graph->runs;
    while (*at && *at != feeder)
        at = &(*at)->next;
    if (*at)
        *at = feeder->next;
}

void lt_run_unlink_taps(struct lt_run *run)
{
    for (uint32_t i = 0; i < run->n_taps; i++)
        unlink_tap(run, &run->taps[i]);
}

void lt_run_release_taps(struct lt_run *run)
{
    for (uint32_t i = 0; i < run->n_taps; i++) {
        struct lt_tap *tap = &run->taps[i];
        for (uint32_t p = 0; p < partitions_of(run->plan); p++)
            lt_ring_drain(tap->rings[p]);
        if (--tap->feeder->n_users > 0)
            continue; /* other runs, or another tap of this one */
        struct lt_plan *plan = tap->feeder->pinned;
        lt_run_free(tap->feeder);
        lt_plan_close(plan);
    }
    run->n_taps = 0;
}
