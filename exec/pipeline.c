/* pipeline.c -- one step of a pipeline: pay what is owed, then take the next events.
 *
 * A step does, in this order, whatever is possible:
 *
 *   1. what an operator owes since its last YIELD (until that is paid, nothing else)
 *   2. commits of epochs that all of the run has passed
 *   3. timers that are due, unless a barrier is half through
 *   4. the barrier, to every source root, once the run has asked for it
 *   5. messages of exchange inputs that are not aligned yet
 *   6. one poll of a source
 *   7. when every root has given the barrier, or has ended: the epoch is passed
 *
 * Nothing here blocks. */
#include "exec/run.h"

enum { MESSAGES_PER_STEP = 16, BLOCKED_RETRY_US = 1000 };

/* Takes note of a flow; false when the step has to stop here. */
static bool settle(struct lt_pipeline *pl, lt_flow flow)
{
    if (flow == LT_FLOW_ERROR) {
        lt_run_fail(pl->run, &pl->error);
        return false;
    }
    if (flow == LT_FLOW_YIELD) {
        pl->owing = true;
        return false;
    }
    lt_arena_reset(&pl->scratch);
    return true;
}

static bool pay(struct lt_pipeline *pl)
{
    for (uint32_t i = 0; i < pl->n_roots; i++) {
        lt_flow flow = lt_op_resume(pl->roots[i].op);
        if (flow == LT_FLOW_ERROR || flow == LT_FLOW_YIELD)
            return settle(pl, flow);
    }
    pl->owing = false;
    return settle(pl, LT_FLOW_OK);
}

static bool commit(struct lt_pipeline *pl, bool *did)
{
    struct lt_run *run = pl->run;
    uint64_t epoch = atomic_load_explicit(&run->completed_epoch, memory_order_acquire);
    for (uint32_t i = 0; pl->committed < epoch && i < pl->n_ops; i++) {
        struct lt_op *op = &pl->ops[i];
        if (!op->type->committed)
            continue;
        lt_status status = op->type->committed(op, epoch);
        if (status != LT_OK)
            return settle(pl, lt_op_fail(op, status));
        *did = true;
    }
    pl->committed = epoch;
    return true;
}

static bool barrier_half_through(const struct lt_pipeline *pl)
{
    for (uint32_t i = 0; i < pl->n_roots; i++)
        if (pl->roots[i].aligned || pl->roots[i].n_aligned > 0)
            return true;
    return false;
}

static bool fire_timers(struct lt_pipeline *pl, bool *did)
{
    if (barrier_half_through(pl))
        return true;
    for (uint32_t i = 0; i < pl->n_ops; i++) {
        struct lt_op *op = &pl->ops[i];
        if (op->timer_us > pl->ctx.now_us || op->timer_us == LT_WATERMARK_MAX)
            continue;
        *did = true;
        lt_run_note_activity(pl->run);
        if (!settle(pl, lt_op_fire_timer(op, pl->ctx.now_us)))
            return false;
    }
    return true;
}

static bool barrier_is_due(const struct lt_pipeline *pl)
{
    return atomic_load_explicit(&pl->run->barrier_epoch, memory_order_acquire) >= pl->epoch;
}

static bool send_barrier(struct lt_pipeline *pl, bool *did)
{
    if (!barrier_is_due(pl))
        return true;
    for (uint32_t i = 0; i < pl->n_roots; i++) {
        struct lt_root *root = &pl->roots[i];
        if ((root->n_rings && !root->shared) || root->aligned || root->ended)
            continue;
        *did = root->aligned = true;
        if (!settle(pl, lt_op_push_barrier(root->op, 0, pl->epoch)))
            return false;
    }
    return true;
}

/* ---- exchange inputs --------------------------------------------------------- */

static void tell_done(struct lt_root *root)
{
    for (uint32_t i = 0; i < root->n_rings; i++)
        atomic_store_explicit(&root->rings[i]->done, true, memory_order_relaxed);
}

static lt_flow take_message(struct lt_pipeline *pl, struct lt_root *root, uint32_t port)
{
    struct lt_message message = *lt_ring_peek(root->rings[port]);
    lt_ring_pop(root->rings[port]);
    lt_flow flow = LT_FLOW_OK;
    switch (message.kind) {
    case LT_MESSAGE_BATCH:
        flow = lt_op_push(root->op, port, message.batch);
        lt_batch_drop(message.batch);
        if (root->op->done)
            tell_done(root);
        return flow;
    case LT_MESSAGE_WATERMARK: return lt_op_push_watermark(root->op, port, message.value);
    case LT_MESSAGE_BARRIER:
        if (root->shared)
            return LT_FLOW_OK; /* another run's epoch */
        LT_ASSERT((uint64_t)message.value == pl->epoch);
        root->ring_aligned[port] = true;
        root->n_aligned++;
        break;
    case LT_MESSAGE_END:
        root->ring_ended[port] = true;
        root->n_ended++;
        break;
    }
    root->ended = root->n_ended == root->n_rings;
    root->aligned = !root->ended && root->n_aligned + root->n_ended == root->n_rings;
    return message.kind == LT_MESSAGE_END
               ? lt_op_push_end(root->op, port)
               : lt_op_push_barrier(root->op, port, (uint64_t)message.value);
}

static bool take_messages(struct lt_pipeline *pl, bool *did)
{
    uint32_t left = MESSAGES_PER_STEP;
    for (uint32_t i = 0; i < pl->n_roots; i++) {
        struct lt_root *root = &pl->roots[i];
        if (root->shared && (root->aligned || atomic_load(&pl->run->hold)))
            continue;
        for (uint32_t port = 0; port < root->n_rings; port++) {
            while (left > 0 && !root->ring_aligned[port] && !root->ring_ended[port] &&
                   lt_ring_peek(root->rings[port])) {
                left--;
                *did = true;
                if (root->shared)
                    lt_run_note_activity(pl->run);
                lt_flow flow = take_message(pl, root, port);
                if (!settle(pl, flow == LT_FLOW_DONE ? LT_FLOW_OK : flow))
                    return false;
            }
        }
    }
    return true;
}

/* ---- sources ------------------------------------------------------------------- */

static bool may_poll(const struct lt_pipeline *pl, const struct lt_root *root)
{
    if (root->n_rings || root->ended || root->aligned || root->quota_used)
        return false;
    return !root->idle || (pl->run->graph->n_workers && root->next_poll_us <= pl->ctx.now_us);
}

/* A source counts as busy until it has nothing, or has given its share of the epoch. */
static void note_busy(struct lt_run *run, struct lt_root *root)
{
    bool busy = !root->idle && !root->ended && !root->quota_used;
    if (busy == root->busy)
        return;
    root->busy = busy;
    atomic_fetch_add_explicit(&run->n_busy, busy ? 1u : UINT32_MAX, memory_order_relaxed);
}

static bool poll_root(struct lt_pipeline *pl, struct lt_root *root)
{
    struct lt_run *run = pl->run;
    struct lt_op_poll poll;
    lt_flow flow = lt_op_poll(root->op, &poll);
    root->idle = poll.idle && !poll.ended;
    root->n_wait_fds = poll.n_wait_fds;
    memcpy(root->wait_fds, poll.wait_fds, sizeof(root->wait_fds));
    if (root->idle)
        root->next_poll_us = poll.wait_us >= INT64_MAX - pl->ctx.now_us
                                 ? INT64_MAX
                                 : pl->ctx.now_us + (poll.wait_us > 0 ? poll.wait_us : 0);
    root->epoch_bytes += poll.bytes;
    root->quota_used = root->epoch_bytes >= run->graph->config.epoch_bytes &&
                       (run->paced || !run->graph->n_workers);
    if (!poll.idle)
        lt_run_note_activity(run);
    bool goes_on = settle(pl, flow == LT_FLOW_DONE ? LT_FLOW_OK : flow);
    if (goes_on && (poll.ended || root->op->done)) {
        root->ended = true;
        lt_run_note_activity(run);
        goes_on = settle(pl, lt_op_push_end(root->op, 0));
    }
    note_busy(run, root);
    return goes_on;
}

static bool poll_sources(struct lt_pipeline *pl, bool *did)
{
    if (barrier_is_due(pl) || atomic_load_explicit(&pl->run->hold, memory_order_relaxed))
        return true;
    for (uint32_t k = 0; k < pl->n_roots; k++) {
        struct lt_root *root = &pl->roots[pl->turn];
        pl->turn = (pl->turn + 1) % pl->n_roots;
        if (!may_poll(pl, root))
            continue;
        bool goes_on = poll_root(pl, root);
        if (root->idle)
            continue;
        *did = true;
        return goes_on;
    }
    return true;
}

/* ---- the end of an epoch ---------------------------------------------------- */

static void open_next_epoch(struct lt_pipeline *pl)
{
    for (uint32_t i = 0; i < pl->n_roots; i++) {
        struct lt_root *root = &pl->roots[i];
        for (uint32_t r = 0; r < root->n_rings; r++)
            root->ring_aligned[r] = false;
        root->n_aligned = 0;
        root->aligned = root->quota_used = false;
        root->epoch_bytes = 0;
        if (!root->n_rings)
            note_busy(pl->run, root);
    }
    lt_run_note_passed(pl, false);
    pl->ctx.epoch = pl->epoch;
}

static void check_passed(struct lt_pipeline *pl, bool *did)
{
    bool all_ended = true, all_aligned = true;
    for (uint32_t i = 0; i < pl->n_roots; i++) {
        all_ended = all_ended && pl->roots[i].ended;
        all_aligned = all_aligned && (pl->roots[i].ended || pl->roots[i].aligned);
    }
    if (all_ended && !pl->ended) {
        lt_run_note_passed(pl, true);
        *did = true;
    } else if (all_aligned && !pl->ended) {
        open_next_epoch(pl);
        *did = true;
    }
}

bool lt_pipeline_step(struct lt_pipeline *pl, int64_t now_us)
{
    struct lt_run *run = pl->run;
    struct lt_op_ctx *ctx = &pl->ctx;
    if (pl->finished || atomic_load_explicit(&run->stop, memory_order_acquire))
        return false;
    ctx->now_us = now_us;
    ctx->blocked = ctx->progress = false;
    ctx->slice_end_ns = run->graph->n_workers ? LT_SLICE_UNSET : 0;
    bool did = false;
    if (pl->owing) {
        if (!pay(pl))
            return !ctx->blocked || ctx->progress;
        did = true;
    }
    if (commit(pl, &did) && fire_timers(pl, &did) && send_barrier(pl, &did) &&
        take_messages(pl, &did) && poll_sources(pl, &did))
        check_passed(pl, &did);
    if (pl->ended && !pl->owing)
        lt_run_note_finished(pl);
    return did;
}

int64_t lt_pipeline_wants_us(const struct lt_pipeline *pl)
{
    int64_t first = INT64_MAX;
    if (pl->finished || atomic_load_explicit(&pl->run->stop, memory_order_acquire))
        return first;
    if (pl->owing)
        first = pl->ctx.now_us + BLOCKED_RETRY_US;
    for (uint32_t i = 0; i < pl->n_ops; i++)
        if (pl->ops[i].timer_us < first)
            first = pl->ops[i].timer_us;
    for (uint32_t i = 0; i < pl->n_roots; i++) {
        const struct lt_root *root = &pl->roots[i];
        if (root->n_rings || root->ended)
            continue;
        if (pl->run->graph->n_workers && (root->quota_used || root->aligned))
            continue; /* woken when the epoch is over */
        int64_t at = root->idle ? root->next_poll_us : pl->ctx.now_us;
        if (at < first)
            first = at;
    }
    return first;
}
