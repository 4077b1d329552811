/* host.c -- leat_bench's hold on the engine: a database, its listener, and timed INSERTs. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <linux/perf_event.h>
#endif

#include "bench/bench.h"
#include "bench/checksum.h"

enum { SLEEP_US = 200 };

uint64_t bench_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

double bench_user_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec * 1e-6;
}

double bench_cpu_seconds(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec * 1e-9;
}

/* ---- hardware counters, where there are any --------------------------------- */

static int counter_open(void)
{
#if defined(__linux__)
    struct perf_event_attr attr = {.type = PERF_TYPE_HARDWARE,
                                   .size = sizeof(attr),
                                   .config = PERF_COUNT_HW_INSTRUCTIONS,
                                   .exclude_kernel = 1,
                                   .exclude_hv = 1,
                                   .inherit = 1};
    return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
#else
    return -1;
#endif
}

static double counter_read(int fd)
{
    uint64_t count = 0;
    return fd >= 0 && read(fd, &count, sizeof(count)) == sizeof(count) ? (double)count : 0;
}

/* ---- the machine's time ----------------------------------------------------- */

void bench_stat_read(struct bench_stat *stat)
{
    unsigned long long v[8] = {0};
    *stat = (struct bench_stat){0};
    FILE *file = fopen("/proc/stat", "r");
    if (!file)
        return;
    int n = fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &v[0], &v[1], &v[2], &v[3],
                   &v[4], &v[5], &v[6], &v[7]);
    fclose(file);
    for (int i = 0; i < n; i++)
        stat->all += v[i];
    stat->stolen = v[7];
}

double bench_steal_since(const struct bench_stat *from)
{
    struct bench_stat now;
    bench_stat_read(&now);
    return now.all > from->all
               ? (double)(now.stolen - from->stolen) / (double)(now.all - from->all)
               : 0;
}

/* ---- the listener ----------------------------------------------------------- */

static leat_code on_rows(void *ctx, uint32_t writer, const leat_batch *batch)
{
    struct bench_host *host = ctx;
    struct bench_tally *tally = &host->tallies[writer % BENCH_WRITERS_MAX];
    uint64_t start = bench_now_ns();
    if (host->watch) {
        leat_code code = host->watch(host->watch_ctx, batch);
        if (code != LEAT_OK)
            return code;
    } else if (!host->count_only) {
        tally->sum += checksum_batch(batch);
    }
    if (batch->weight) {
        for (uint32_t i = 0; i < batch->n_rows; i++)
            tally->rows +=
                (uint64_t)(int64_t)leat_batch_weight(batch, leat_batch_row(batch, i));
    } else {
        tally->rows += batch->n_rows;
    }
    tally->seconds += (double)(bench_now_ns() - start) * 1e-9;
    return LEAT_OK;
}

static void on_commit(void *ctx, uint32_t writer, uint64_t epoch)
{
    struct bench_host *host = ctx;
    (void)writer, (void)epoch;
    uint64_t now = bench_now_ns(), last = atomic_load(&host->last_commit_ns);
    while (last < now && !atomic_compare_exchange_weak(&host->last_commit_ns, &last, now))
        ;
}

static int64_t tick(void *ctx)
{
    struct bench_host *host = ctx;
    return atomic_fetch_add(&host->clock_us, 1000);
}

/* ---- open and run ----------------------------------------------------------- */

void bench_open(struct bench_host *host, uint32_t threads, bool ticking)
{
    char message[256];
    *host = (struct bench_host){.threads = threads, .ticking = ticking};
    atomic_store(&host->clock_us, INT64_C(1704067200) * 1000000); /* 2024-01-01 */
    host->counter = counter_open(); /* before there are threads: they inherit it */
    host->tallies = bench_alloc(BENCH_WRITERS_MAX * sizeof(*host->tallies));
    leat_config config = {.size = sizeof(config), .threads = threads, .parallelism = 1};
    if (ticking) {
        config.now_us = tick;
        config.now_ctx = host;
    }
    if (leat_open(&config, &host->db, message, sizeof(message)) != LEAT_OK)
        bench_fail("%s", message);
    leat_listener listener = {
        .size = sizeof(listener), .ctx = host, .rows = on_rows, .commit = on_commit};
    if (leat_session_open(host->db, &host->session) != LEAT_OK ||
        leat_listen(host->db, BENCH_SINK, &listener) != LEAT_OK)
        bench_fail("no session");
}

void bench_close(struct bench_host *host)
{
    leat_session_close(host->session);
    if (leat_close(host->db) != LEAT_OK)
        bench_fail("the database does not close");
    if (host->counter >= 0)
        close(host->counter);
    free(host->tallies);
}

void bench_set_partitions(struct bench_host *host, uint32_t partitions)
{
    char *text = bench_format("%u", partitions);
    if (leat_set(host->session, "parallelism.default", text) != LEAT_OK)
        bench_fail("%s", leat_error_message(host->session));
    free(text);
}

static leat_stmt *prepare(struct bench_host *host, const char *sql, const char **tail)
{
    leat_stmt *stmt;
    if (leat_prepare(host->session, sql, -1, &stmt, tail) != LEAT_OK)
        bench_fail("%s\n%s", leat_error_message(host->session), sql);
    return stmt;
}

static void step_to_end(struct bench_host *host, leat_stmt *stmt)
{
    leat_code code;
    while ((code = leat_step(stmt, -1)) == LEAT_ROW || code == LEAT_WAIT)
        if (code == LEAT_WAIT) /* with a clock of its own the engine never sleeps */
            usleep(SLEEP_US);
    if (code != LEAT_DONE)
        bench_fail("%s", leat_error_message(host->session));
}

void bench_push(struct bench_host *host, const char *feed, uint32_t split,
                const struct ArrowSchema *schema, struct ArrowArray *array)
{
    char *name = bench_format("%u", split + 1);
    leat_code code;
    while ((code = leat_push_arrow(host->session, feed, name, schema, array)) == LEAT_FULL)
        if (leat_pump(host->db, NULL) != LEAT_OK || (host->threads && usleep(SLEEP_US) != 0))
            break;
    if (code != LEAT_OK)
        bench_fail("%s", leat_error_message(host->session));
    free(name);
}

void bench_end_feed(struct bench_host *host, const char *feed)
{
    leat_code code = leat_push_end(host->session, feed, NULL);
    while (code == LEAT_OK || code == LEAT_WAIT)
        if ((code = leat_wait(host->session, -1)) == LEAT_WAIT)
            usleep(SLEEP_US);
    if (code != LEAT_DONE)
        bench_fail("%s", leat_error_message(host->session));
}

void bench_run(struct bench_host *host, const char *sql)
{
    while (*sql) {
        leat_stmt *stmt = prepare(host, sql, &sql);
        if (!stmt)
            return;
        step_to_end(host, stmt);
        leat_finalize(stmt);
    }
}

char *bench_run_but_last(struct bench_host *host, const char *sql)
{
    const char *last = sql;
    for (;;) {
        const char *tail, *end;
        leat_stmt *stmt = prepare(host, last, &tail);
        leat_stmt *next = NULL;
        if (!stmt)
            bench_fail("no statement in %s", sql);
        (void)leat_prepare(host->session, tail, -1, &next, &end); /* fails when it needs `stmt` */
        bool more = next || leat_error_code(host->session) != LEAT_OK;
        leat_finalize(next);
        if (more)
            step_to_end(host, stmt);
        leat_finalize(stmt);
        if (!more)
            return bench_format("%.*s", (int)(tail - last - (tail > last && tail[-1] == ';')),
                                last);
        last = tail;
    }
}

char *bench_insert_of(struct bench_host *host, const char *select)
{
    leat_stmt *stmt = prepare(host, select, NULL);
    char *table = bench_format("out%u", host->n_sinks++);
    char *columns = bench_format("%s", "");
    for (uint32_t i = 0; i < leat_column_count(stmt); i++) {
        char *longer = bench_format("%s%s`%s` %s", columns, i ? ", " : "",
                                    leat_column_name(stmt, i), leat_column_type(stmt, i));
        free(columns);
        columns = longer;
    }
    leat_finalize(stmt);
    char *create = bench_format("CREATE TABLE %s (%s) WITH ('connector' = 'callback', "
                                "'name' = '" BENCH_SINK "')",
                                table, columns);
    bench_run(host, create);
    char *insert = bench_format("INSERT INTO %s %s", table, select);
    free(create);
    free(columns);
    free(table);
    return insert;
}

/* ---- timed runs ------------------------------------------------------------- */

void bench_measure(struct bench_host *host, const char *insert, struct bench_line *line,
                   uint32_t i)
{
    leat_stmt *stmt = prepare(host, insert, NULL);
    memset(host->tallies, 0, BENCH_WRITERS_MAX * sizeof(*host->tallies));
    atomic_store(&host->last_commit_ns, 0);
    double user = bench_user_seconds(), cpu = bench_cpu_seconds();
    double counted = counter_read(host->counter);
    uint64_t start = bench_now_ns();
    step_to_end(host, stmt);
    uint64_t end = atomic_load(&host->last_commit_ns);
    if (end == 0) /* an INSERT that goes elsewhere */
        end = bench_now_ns();
    line->instructions[i] = counter_read(host->counter) - counted;
    line->user[i] = bench_user_seconds() - user;
    line->cpu[i] = bench_cpu_seconds() - cpu;
    line->seconds[i] = (double)(end - start) * 1e-9;
    line->sink[i] = 0;
    line->rows = line->checksum = 0;
    for (uint32_t w = 0; w < BENCH_WRITERS_MAX; w++) {
        line->sink[i] += host->tallies[w].seconds;
        line->rows += host->tallies[w].rows;
        line->checksum += host->tallies[w].sum;
    }
    leat_finalize(stmt);
}

/* By the clock the answer is another each time. */
static void same_answer(const struct bench_host *host, const struct bench_line *line,
                        uint64_t rows, uint64_t checksum)
{
    if (host->ticking)
        return;
    if (line->rows != rows || line->checksum != checksum)
        bench_fail("%s from %s gives %llu rows, %016llx with %u partitions; before, %llu, %016llx",
                   line->workload, line->source, (unsigned long long)line->rows,
                   (unsigned long long)line->checksum, line->partitions, (unsigned long long)rows,
                   (unsigned long long)checksum);
}

void bench_repeat(struct bench_host *host, const char *insert, uint32_t repeat,
                  struct bench_line *line)
{
    struct bench_stat stat;
    bench_measure(host, insert, line, 0); /* warm-up */
    uint64_t rows = line->rows, checksum = line->checksum;
    bench_stat_read(&stat);
    for (line->n = 0; line->n < repeat; line->n++) {
        bench_measure(host, insert, line, line->n);
        same_answer(host, line, rows, checksum);
    }
    line->steal = bench_steal_since(&stat);
}

void bench_pairs(struct bench_host *host, const char *insert, uint32_t repeat,
                 struct bench_line line[2])
{
    struct bench_stat stat;
    uint64_t rows = 0, checksum = 0;
    for (uint32_t k = 0; k < 2; k++) {
        bench_set_partitions(host, k + 1);
        bench_measure(host, insert, &line[k], 0);
        if (k == 1)
            same_answer(host, &line[1], rows, checksum);
        rows = line[k].rows;
        checksum = line[k].checksum;
    }
    bench_stat_read(&stat);
    for (uint32_t i = 0; i < repeat; i++)
        for (uint32_t turn = 0; turn < 2; turn++) {
            uint32_t k = turn ^ (i & 1); /* who begins changes */
            bench_set_partitions(host, k + 1);
            bench_measure(host, insert, &line[k], i);
            same_answer(host, &line[k], rows, checksum);
        }
    line[0].n = line[1].n = repeat;
    line[0].steal = line[1].steal = bench_steal_since(&stat);
}
