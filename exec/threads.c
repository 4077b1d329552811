/* threads.c -- the threaded driver: workers that step their own pipelines.
 *
 * A worker owns the pipelines of some partitions and steps them round after
 * round, downstream first. Finding nothing to do it spins briefly, then says that
 * it sleeps, looks once more, and waits on its eventfd, on the handles of its
 * sources, or for the next timer. Whoever puts something into a ring, or takes
 * something out of a full one, looks whether the other end sleeps (lt_waker_wake);
 * the two orders, "say, then look" and "do, then look", cannot both miss.
 *
 * Nothing is changed under the feet of workers: lt_graph_park stops them between
 * two steps. */
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "exec/run.h"

enum { SPIN_ROUNDS = 64, SLEEP_MAX_MS = 100, POLL_FDS_MAX = 64 };
#define EPOCH_MAX_NS INT64_C(1000000)

struct lt_worker {
    struct lt_graph *graph;
    uint32_t index;
    bool started;
    pthread_t thread;
    struct lt_waker waker __attribute__((aligned(LT_CACHE_LINE)));
};

void lt_waker_write(struct lt_waker *waker)
{
    uint64_t one = 1;
    ssize_t written = write(waker->fd, &one, sizeof(one)); /* full = it wakes anyway */
    LT_UNUSED(written);
}

struct lt_waker *lt_graph_waker(struct lt_graph *graph, uint32_t worker)
{
    return graph->n_workers ? &graph->workers[worker].waker : NULL;
}

void lt_graph_wake(struct lt_graph *graph)
{
    for (uint32_t i = 0; i < graph->n_workers; i++)
        lt_waker_write(&graph->workers[i].waker);
}

void lt_graph_interrupt(struct lt_graph *graph)
{
    atomic_store(&graph->interrupted, true);
    lt_graph_wake(graph);
}

/* ---- parking ---------------------------------------------------------------- */

void lt_graph_park(struct lt_graph *graph)
{
    if (!graph->n_workers)
        return;
    pthread_mutex_lock(&graph->park_lock);
    atomic_fetch_add(&graph->park_wanted, 1);
    while (graph->n_parked < graph->n_workers) {
        lt_graph_wake(graph);
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 1000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&graph->park_cond, &graph->park_lock, &until);
    }
    pthread_mutex_unlock(&graph->park_lock);
}

void lt_graph_unpark(struct lt_graph *graph)
{
    if (!graph->n_workers)
        return;
    pthread_mutex_lock(&graph->park_lock);
    atomic_fetch_sub(&graph->park_wanted, 1);
    pthread_cond_broadcast(&graph->park_cond);
    pthread_mutex_unlock(&graph->park_lock);
}

static void worker_park(struct lt_graph *graph)
{
    pthread_mutex_lock(&graph->park_lock);
    graph->n_parked++;
    pthread_cond_broadcast(&graph->park_cond);
    while (atomic_load(&graph->park_wanted) > 0 && !atomic_load(&graph->stopping))
        pthread_cond_wait(&graph->park_cond, &graph->park_lock);
    graph->n_parked--;
    pthread_mutex_unlock(&graph->park_lock);
}

/* ---- work --------------------------------------------------------------------- */

static void maybe_close_epoch(struct lt_run *run, enum lt_close_when when)
{
    if (!atomic_load_explicit(&run->activity, memory_order_relaxed) || lt_run_is_closing(run))
        return;
    int64_t last = atomic_load_explicit(&run->last_barrier_ns, memory_order_relaxed);
    if (when == LT_CLOSE_NOW || lt_monotonic_ns() - last >= EPOCH_MAX_NS)
        (void)!lt_run_close_epoch(run, LT_CLOSE_IF_ACTIVE);
}

static bool round_of(struct lt_worker *worker)
{
    bool did = false;
    int64_t now_us = lt_graph_now(worker->graph);
    for (struct lt_run *run = worker->graph->runs; run; run = run->next) {
        for (uint32_t i = run->n_pipelines; i > 0; i--)
            if (run->pipelines[i - 1].worker == worker->index)
                did = lt_pipeline_step(&run->pipelines[i - 1], now_us) || did;
        maybe_close_epoch(run, LT_CLOSE_IF_ACTIVE);
    }
    return did;
}

/* Nothing to do here: what has arrived has been handed over. */
static void close_epochs(struct lt_worker *worker)
{
    for (struct lt_run *run = worker->graph->runs; run; run = run->next)
        if (atomic_load(&run->state) == LT_RUN_RUNNING)
            maybe_close_epoch(run, LT_CLOSE_NOW);
}

static void wake_own_sources(struct lt_worker *worker)
{
    for (struct lt_run *run = worker->graph->runs; run; run = run->next)
        for (uint32_t i = 0; i < run->n_pipelines; i++)
            for (uint32_t r = 0; run->pipelines[i].worker == worker->index &&
                                 r < run->pipelines[i].n_roots; r++)
                run->pipelines[i].roots[r].idle = false;
}

static void add_fds(const struct lt_root *root, struct pollfd *fds, uint32_t *n_fds)
{
    for (uint32_t i = 0; root->idle && i < root->n_wait_fds && *n_fds < POLL_FDS_MAX; i++)
        fds[(*n_fds)++] = (struct pollfd){.fd = root->wait_fds[i], .events = POLLIN};
}

/* How long it may sleep, and on what. */
static int sleep_plan(struct lt_worker *worker, struct pollfd *fds, uint32_t *n_fds)
{
    int64_t first = INT64_MAX, now = lt_graph_now(worker->graph);
    *n_fds = 0;
    fds[(*n_fds)++] = (struct pollfd){.fd = worker->waker.fd, .events = POLLIN};
    for (struct lt_run *run = worker->graph->runs; run; run = run->next)
        for (uint32_t i = 0; i < run->n_pipelines; i++) {
            struct lt_pipeline *pl = &run->pipelines[i];
            if (pl->worker != worker->index)
                continue;
            int64_t at = lt_pipeline_wants_us(pl);
            if (at < first)
                first = at;
            for (uint32_t r = 0; r < pl->n_roots; r++)
                add_fds(&pl->roots[r], fds, n_fds);
        }
    int64_t wait_us = first == INT64_MAX ? INT64_MAX : first > now ? first - now : 0;
    return wait_us > SLEEP_MAX_MS * 1000 ? SLEEP_MAX_MS : (int)((wait_us + 999) / 1000);
}

static void worker_sleep(struct lt_worker *worker)
{
    struct pollfd fds[POLL_FDS_MAX];
    uint32_t n_fds;
    atomic_store_explicit(&worker->waker.sleeping, true, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    bool did = round_of(worker);
    struct lt_graph *graph = worker->graph;
    if (!did && !atomic_load(&graph->park_wanted) && !atomic_load(&graph->stopping)) {
        int wait_ms = sleep_plan(worker, fds, &n_fds);
        if (poll(fds, n_fds, wait_ms) > 0 && fds[0].revents) {
            uint64_t count;
            ssize_t got = read(worker->waker.fd, &count, sizeof(count));
            LT_UNUSED(got);
        }
        wake_own_sources(worker);
    }
    atomic_store_explicit(&worker->waker.sleeping, false, memory_order_relaxed);
}

static void *worker_main(void *arg)
{
    struct lt_worker *worker = arg;
    struct lt_graph *graph = worker->graph;
    uint32_t spins = 0;
    while (!atomic_load_explicit(&graph->stopping, memory_order_acquire)) {
        if (atomic_load_explicit(&graph->park_wanted, memory_order_acquire)) {
            worker_park(graph);
            continue;
        }
        if (round_of(worker)) {
            spins = 0;
            continue;
        }
        close_epochs(worker);
        if (++spins < SPIN_ROUNDS)
            continue;
        spins = 0;
        worker_sleep(worker);
    }
    return NULL;
}

/* ---- start and stop -------------------------------------------------------------- */

lt_status lt_workers_start(struct lt_graph *graph, struct lt_error *err)
{
    uint32_t n = graph->config.n_workers;
    if (n == 0)
        return LT_OK;
    graph->workers = lt_alloc_zero(graph->alloc, n * sizeof(*graph->workers));
    if (!graph->workers)
        return LT_NOMEM;
    pthread_mutex_init(&graph->park_lock, NULL);
    pthread_cond_init(&graph->park_cond, NULL);
    graph->n_workers = n;
    lt_status status = LT_OK;
    for (uint32_t i = 0; i < n; i++)
        graph->workers[i].waker.fd = -1;
    for (uint32_t i = 0; i < n && status == LT_OK; i++) {
        struct lt_worker *worker = &graph->workers[i];
        worker->graph = graph;
        worker->index = i;
        worker->waker.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (worker->waker.fd < 0)
            status = lt_fail(err, LT_IO, "eventfd: %s", strerror(errno));
        else if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0)
            status = lt_fail(err, LT_IO, "a worker thread could not be started");
        else
            worker->started = true;
    }
    if (status != LT_OK)
        lt_workers_stop(graph);
    return status;
}

void lt_workers_stop(struct lt_graph *graph)
{
    uint32_t n = graph->n_workers;
    if (n == 0)
        return;
    atomic_store(&graph->stopping, true);
    lt_graph_wake(graph);
    for (uint32_t i = 0; i < n; i++) {
        struct lt_worker *worker = &graph->workers[i];
        if (worker->started)
            pthread_join(worker->thread, NULL);
        if (worker->waker.fd >= 0)
            close(worker->waker.fd);
    }
    pthread_cond_destroy(&graph->park_cond);
    pthread_mutex_destroy(&graph->park_lock);
    lt_alloc_put(graph->alloc, graph->workers, n * sizeof(*graph->workers));
    graph->n_workers = 0;
}
