/* epoch.c -- epochs of a run: when a barrier is sent, when all have passed it, the end.
 *
 *   open e ──close_epoch──▶ barrier e under way ──last pipeline passes──▶ completed e
 *                                                    sinks commit, outputs announce
 *
 * One barrier at a time. A pipeline that has ended counts as having passed. When
 * all have ended, the epoch then open is the last one and is complete. */
#include "exec/run.h"

#include <time.h>

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

bool lt_run_close_epoch(struct lt_run *run, enum lt_close_when when)
{
    pthread_mutex_lock(&run->lock);
    bool may = !lt_run_is_closing(run) && !run->all_ended &&
               atomic_load(&run->state) == LT_RUN_RUNNING;
    if (when == LT_CLOSE_IF_ACTIVE)
        may = may && atomic_load_explicit(&run->activity, memory_order_relaxed);
    if (may) {
        uint64_t epoch = atomic_load_explicit(&run->barrier_epoch, memory_order_relaxed) + 1;
        decide_commit(run, epoch, when == LT_CLOSE_NOW);
        atomic_store_explicit(&run->last_barrier_ns, lt_monotonic_ns(), memory_order_relaxed);
        atomic_store_explicit(&run->activity, false, memory_order_relaxed);
        atomic_store_explicit(&run->barrier_epoch, epoch, memory_order_release);
    }
    pthread_mutex_unlock(&run->lock);
    if (may)
        for (uint32_t i = 0; i < run->graph->n_workers; i++)
            lt_waker_wake(lt_graph_waker(run->graph, i));
    return may;
}

void lt_run_note_passed(struct lt_pipeline *pl, bool ended)
{
    struct lt_run *run = pl->run;
    pthread_mutex_lock(&run->lock);
    if (ended)
        pl->ended = true;
    else
        pl->epoch++;
    uint64_t barrier = atomic_load_explicit(&run->barrier_epoch, memory_order_relaxed);
    uint64_t last = 0;
    bool all_ended = true, all_passed = true;
    for (uint32_t i = 0; i < run->n_pipelines; i++) {
        const struct lt_pipeline *other = &run->pipelines[i];
        all_ended = all_ended && other->ended;
        all_passed = all_passed && (other->ended || other->epoch > barrier);
        if (other->epoch > last)
            last = other->epoch;
    }
    if (all_ended) {
        run->all_ended = true;
        barrier = last > barrier ? last : barrier;
        atomic_store_explicit(&run->barrier_epoch, barrier, memory_order_relaxed);
        atomic_store_explicit(&run->commit_epoch, barrier, memory_order_relaxed);
    }
    if (all_passed || all_ended)
        atomic_store_explicit(&run->completed_epoch, barrier, memory_order_release);
    pthread_mutex_unlock(&run->lock);
    for (uint32_t i = 0; (all_passed || all_ended) && i < run->graph->n_workers; i++)
        lt_waker_wake(lt_graph_waker(run->graph, i));
}

void lt_run_note_finished(struct lt_pipeline *pl)
{
    struct lt_run *run = pl->run;
    bool over = false;
    pthread_mutex_lock(&run->lock);
    if (run->all_ended && !pl->finished &&
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
