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
 * two steps, and which pipelines are whose is settled anew before they go on. */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "exec/run.h"

enum { SLEEP_MAX_US = 100000, SPIN_MIN_NS = 2000, SPIN_MAX_NS = 50000, POLL_FDS_MAX = 64 };

struct lt_worker {
    struct lt_graph *graph;
    struct lt_pipeline *mine; /* in the order they are stepped */
    bool started, may_spin;
    int64_t spin_ns;
    pthread_t thread;
    struct lt_waker waker;
    char apart[LT_CACHE_LINE]; /* the next one spins on its own line */
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

void lt_waker_poke(void *ctx)
{
    struct lt_waker *waker = ctx;
    atomic_store_explicit(&waker->poked, true, memory_order_release);
    lt_waker_wake(waker);
}

void lt_graph_wake(struct lt_graph *graph)
{
    for (uint32_t i = 0; i < graph->n_workers; i++)
        lt_waker_poke(&graph->workers[i].waker);
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

/* Downstream first. */
static void share_out(struct lt_graph *graph)
{
    for (uint32_t i = 0; i < graph->n_workers; i++)
        graph->workers[i].mine = NULL;
    for (struct lt_run *run = graph->runs; run; run = run->next)
        for (uint32_t i = 0; i < run->n_pipelines; i++) {
            struct lt_pipeline *pl = &run->pipelines[i];
            pl->next_mine = graph->workers[pl->worker].mine;
            graph->workers[pl->worker].mine = pl;
        }
}

void lt_graph_unpark(struct lt_graph *graph)
{
    if (!graph->n_workers)
        return;
    pthread_mutex_lock(&graph->park_lock);
    if (atomic_fetch_sub(&graph->park_wanted, 1) == 1)
        share_out(graph);
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

static void ask_sources(struct lt_worker *worker)
{
    for (struct lt_pipeline *pl = worker->mine; pl; pl = pl->next_mine)
        for (uint32_t r = 0; r < pl->n_roots; r++)
            pl->roots[r].idle = false;
}

static bool round_of(struct lt_worker *worker)
{
    bool did = false;
    if (atomic_load_explicit(&worker->waker.poked, memory_order_relaxed) &&
        atomic_exchange_explicit(&worker->waker.poked, false, memory_order_acquire))
        ask_sources(worker);
    int64_t now_us = lt_graph_now(worker->graph);
    for (struct lt_pipeline *pl = worker->mine; pl; pl = pl->next_mine)
        did = lt_pipeline_step(pl, now_us) || did;
    for (struct lt_run *run = worker->graph->runs; run; run = run->next)
        lt_run_pace(run, !did);
    return did;
}

struct sleep_plan {
    struct pollfd fds[POLL_FDS_MAX];
    struct lt_root *roots[POLL_FDS_MAX]; /* whose handle it is; NULL = the waker's */
    uint32_t n_fds;
    int64_t wait_us;
};

static void add_fds(struct lt_root *root, struct sleep_plan *plan)
{
    for (uint32_t i = 0; root->idle && i < root->n_wait_fds && plan->n_fds < POLL_FDS_MAX; i++) {
        plan->roots[plan->n_fds] = root;
        plan->fds[plan->n_fds++] = (struct pollfd){.fd = root->wait_fds[i], .events = POLLIN};
    }
}

/* How long it may sleep, and on what. */
static void plan_sleep(struct lt_worker *worker, struct sleep_plan *plan)
{
    int64_t first = INT64_MAX, now = lt_graph_now(worker->graph);
    plan->n_fds = 1;
    plan->roots[0] = NULL;
    plan->fds[0] = (struct pollfd){.fd = worker->waker.fd, .events = POLLIN};
    for (struct lt_pipeline *pl = worker->mine; pl; pl = pl->next_mine) {
        int64_t at = lt_pipeline_wants_us(pl);
        if (at < first)
            first = at;
        for (uint32_t r = 0; r < pl->n_roots; r++)
            add_fds(&pl->roots[r], plan);
    }
    plan->wait_us = first > now ? first - now : 0;
    if (plan->wait_us > SLEEP_MAX_US)
        plan->wait_us = SLEEP_MAX_US;
}

static void wait_on(struct lt_worker *worker, struct sleep_plan *plan)
{
    const struct timespec wait = {.tv_sec = plan->wait_us / 1000000,
                                  .tv_nsec = plan->wait_us % 1000000 * 1000};
    if (ppoll(plan->fds, plan->n_fds, &wait, NULL) <= 0) {
        ask_sources(worker); /* some may have more handles than were waited on */
        return;
    }
    for (uint32_t i = 0; i < plan->n_fds; i++) {
        uint64_t count;
        if (plan->fds[i].revents && plan->roots[i])
            plan->roots[i]->idle = false;
        else if (plan->fds[i].revents && read(plan->fds[i].fd, &count, sizeof(count)) < 0)
            continue; /* read already */
    }
}

static void worker_sleep(struct lt_worker *worker)
{
    struct lt_graph *graph = worker->graph;
    atomic_store_explicit(&worker->waker.sleeping, true, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    bool did = round_of(worker);
    if (!did && !atomic_load(&graph->park_wanted) && !atomic_load(&graph->stopping)) {
        struct sleep_plan plan;
        plan_sleep(worker, &plan);
        wait_on(worker, &plan);
    }
    atomic_store_explicit(&worker->waker.sleeping, false, memory_order_relaxed);
}

static inline void cpu_relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* A worker that finds nothing to do looks on for a while before it sleeps: longer when
 * its sleeps were short, for then the wake-up is what takes the time. Alone on its
 * processor it would keep from running what it waits for. */
static void adapt_spin(struct lt_worker *worker, int64_t slept_ns)
{
    if (!worker->may_spin)
        return;
    if (slept_ns < SPIN_MAX_NS)
        worker->spin_ns = worker->spin_ns * 2 < SPIN_MAX_NS ? worker->spin_ns * 2 : SPIN_MAX_NS;
    else
        worker->spin_ns = worker->spin_ns / 2 > SPIN_MIN_NS ? worker->spin_ns / 2 : SPIN_MIN_NS;
}

static void *worker_main(void *arg)
{
    struct lt_worker *worker = arg;
    struct lt_graph *graph = worker->graph;
    int64_t idle_since = 0;
    while (!atomic_load_explicit(&graph->stopping, memory_order_acquire)) {
        if (atomic_load_explicit(&graph->park_wanted, memory_order_acquire)) {
            worker_park(graph);
            continue;
        }
        if (round_of(worker)) {
            idle_since = 0;
            continue;
        }
        int64_t now_ns = lt_monotonic_ns();
        if (idle_since == 0)
            idle_since = now_ns;
        if (now_ns - idle_since < worker->spin_ns) {
            cpu_relax();
            continue;
        }
        worker_sleep(worker);
        idle_since = 0;
        adapt_spin(worker, lt_monotonic_ns() - now_ns);
    }
    return NULL;
}

/* ---- start and stop -------------------------------------------------------------- */

static bool have_processors(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof(set), &set) != 0 || CPU_COUNT(&set) > 1;
}

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
    bool may_spin = have_processors();
    for (uint32_t i = 0; i < n; i++)
        graph->workers[i].waker.fd = -1;
    for (uint32_t i = 0; i < n && status == LT_OK; i++) {
        struct lt_worker *worker = &graph->workers[i];
        worker->graph = graph;
        worker->may_spin = may_spin;
        worker->spin_ns = may_spin ? SPIN_MIN_NS : 0;
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
