/* epoch.c -- epochs of a run: when a barrier is sent, when all have passed it, the end.
 *
 *   open e ──close_epoch──▶ barrier e under way ──last pipeline passes──▶ completed e
 *                                                    sinks commit, outputs announce
 *
 * One barrier at a time. A pipeline that has ended counts as having passed. When
 * all have ended, the epoch then open is the last one and is complete.
 *
 * With threads an epoch lasts until all sources have handed over what had arrived,
 * or for a while if they never do (lt_run_pace). Any run to which epochs mean nothing
 * (bounded; an INSERT, or a result that never changes) has one, unless it is saved. */
#include "exec/run.h"

#include <time.h>

enum { PACE = 4 }; /* an epoch is at least so many times as long as its end took */
#define EPOCH_MIN_NS INT64_C(1000000)
#define EPOCH_MAX_NS INT64_C(50000000)

int64_t lt_monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

bool lt_run_is_closing(const struct lt_run *run)
{
    return atomic_load_explicit(&run->barrier_epoch, memory_order_acquire) >
           atomic_load_explicit(&run->completed_epoch, memory_order_acquire);
}

/* A bounded INSERT commits once, at its end: whole or not at all. */
static void decide_commit(struct lt_run *run, uint64_t epoch, bool now)
{
    int64_t now_us = lt_graph_now(run->graph);
    bool due = now || run->last_commit_us == INT64_MIN ||
               now_us - run->last_commit_us >= run->graph->config.commit_interval_us;
    if (run->plan->bounded || !due)
        return;
    run->last_commit_us = now_us;
    atomic_store_explicit(&run->commit_epoch, epoch, memory_order_release);
}

static void wake_workers(struct lt_run *run)
{
    for (uint32_t i = 0; i < run->graph->n_workers; i++)
        lt_waker_wake(lt_graph_waker(run->graph, i));
}

bool lt_run_close_epoch(struct lt_run *run, enum lt_close_when when)
{
    pthread_mutex_lock(&run->lock);
    bool may = !lt_run_is_closing(run) && run->n_ended < run->n_pipelines &&
               atomic_load(&run->state) == LT_RUN_RUNNING;
    if (when == LT_CLOSE_IF_ACTIVE)
        may = may && atomic_load_explicit(&run->activity, memory_order_relaxed);
    if (may) {
        uint64_t epoch = atomic_load_explicit(&run->barrier_epoch, memory_order_relaxed) + 1;
        decide_commit(run, epoch, when == LT_CLOSE_NOW);
        run->last_barrier_ns = lt_monotonic_ns();
        run->n_under_way = run->n_pipelines - run->n_ended;
        atomic_store_explicit(&run->activity, false, memory_order_relaxed);
        atomic_store_explicit(&run->barrier_epoch, epoch, memory_order_release);
    }
    pthread_mutex_unlock(&run->lock);
    if (may)
        wake_workers(run);
    return may;
}

/* The end of an epoch costs work, and a barrier waits behind rows: the next one may be
 * that much longer that they do not become all there is to do. */
static void pace_next(struct lt_run *run)
{
    int64_t now_ns = lt_monotonic_ns(), length_ns = PACE * (now_ns - run->last_barrier_ns);
    if (length_ns < EPOCH_MIN_NS)
        length_ns = EPOCH_MIN_NS;
    if (length_ns > EPOCH_MAX_NS)
        length_ns = EPOCH_MAX_NS;
    atomic_store_explicit(&run->next_barrier_ns, run->last_barrier_ns + length_ns,
                          memory_order_relaxed);
}

void lt_run_note_passed(struct lt_pipeline *pl, bool ended)
{
    struct lt_run *run = pl->run;
    pthread_mutex_lock(&run->lock);
    uint64_t barrier = atomic_load_explicit(&run->barrier_epoch, memory_order_relaxed);
    bool under_way = pl->epoch <= barrier;
    if (ended)
        pl->ended = true;
    else
        pl->epoch++;
    run->n_ended += ended;
    run->n_under_way -= under_way;
    LT_ASSERT(ended || under_way);
    if (pl->epoch > run->last_epoch)
        run->last_epoch = pl->epoch;
    bool all_ended = run->n_ended == run->n_pipelines;
    bool all_passed = under_way && run->n_under_way == 0;
    if (all_ended) {
        barrier = run->last_epoch > barrier ? run->last_epoch : barrier;
        atomic_store_explicit(&run->barrier_epoch, barrier, memory_order_relaxed);
        atomic_store_explicit(&run->commit_epoch, barrier, memory_order_relaxed);
    }
    if (all_passed)
        pace_next(run);
    if (all_passed || all_ended)
        atomic_store_explicit(&run->completed_epoch, barrier, memory_order_release);
    pthread_mutex_unlock(&run->lock);
    if (all_passed || all_ended)
        wake_workers(run);
}

void lt_run_pace(struct lt_run *run, bool all_done)
{
    if (!run->paced || !atomic_load_explicit(&run->activity, memory_order_relaxed) ||
        lt_run_is_closing(run))
        return;
    bool waits = !all_done || atomic_load_explicit(&run->n_busy, memory_order_relaxed) > 0;
    if (waits && lt_monotonic_ns() <
                     atomic_load_explicit(&run->next_barrier_ns, memory_order_relaxed))
        return;
    if (atomic_load(&run->state) == LT_RUN_RUNNING)
        (void)!lt_run_close_epoch(run, LT_CLOSE_IF_ACTIVE);
}

void lt_run_note_finished(struct lt_pipeline *pl)
{
    struct lt_run *run = pl->run;
    bool over = false;
    pthread_mutex_lock(&run->lock);
    if (run->n_ended == run->n_pipelines && !pl->finished &&
        pl->committed >= atomic_load_explicit(&run->completed_epoch, memory_order_relaxed)) {
        pl->finished = true;
        over = ++run->n_finished == run->n_pipelines;
    }
    int running = LT_RUN_RUNNING;
    if (over)
        over = atomic_compare_exchange_strong(&run->state, &running, LT_RUN_FINISHED);
    pthread_mutex_unlock(&run->lock);
    if (over)
        lt_run_tell_end(run);
}

void lt_run_fail(struct lt_run *run, const struct lt_error *error)
{
    pthread_mutex_lock(&run->lock);
    int running = LT_RUN_RUNNING;
    bool first = atomic_compare_exchange_strong(&run->state, &running, LT_RUN_FAILED);
    if (first)
        run->error = *error;
    pthread_mutex_unlock(&run->lock);
    atomic_store_explicit(&run->stop, true, memory_order_release);
    if (first)
        lt_run_tell_end(run);
    for (uint32_t i = 0; first && i < LT_FEEDER_USERS_MAX; i++)
        if (run->users[i])
            lt_run_fail(run->users[i], error);
}

void lt_run_tell_end(struct lt_run *run)
{
    pthread_mutex_lock(&run->lock);
    bool told = run->end_told;
    run->end_told = true;
    pthread_mutex_unlock(&run->lock);
    if (told || !run->has_output || !run->output.on_end)
        return;
    run->output.on_end(run->output.ctx, run->error.code == LT_OK ? NULL : &run->error);
}
