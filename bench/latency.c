/* latency.c -- how long a pushed row takes to the callback of what it causes, at half load.
 *
 *      scheduled    pushed   pump / worker        rows()
 *   ──────┬──────────┬─────────────┬────────────────┬──────▶ time
 *         └─────────────── one latency ─────────────┘
 *
 * Open loop: row i has a time to be sent, start + i / rate, whatever happened to the
 * rows before it; its latency counts from there, so that a stall is charged to every
 * row it delays (no coordinated omission). The sender takes all rows whose time has
 * come, up to a batch, in one push. The rate is half of what the same program gets
 * through when it pushes as fast as it can.
 *
 * A result knows the row that caused it: a filter's result carries that row's number; the
 * result of a window or a session is final with the first row whose watermark
 * reaches its end, and event time is the row's number in microseconds; in bursts, a
 * pause of event time follows every BURST_ROWS, so that all sessions end with the first
 * row after it. So the time from that row's schedule to the callback includes every wait
 * between them.
 *
 * A machine that others use too disturbs the tail more than anything here. Under a
 * real-time scheduler, which allows 0.95 s of each second, it can be told apart:
 * chrt -f 20 latency --seconds 0.7 --rest 1.2
 *
 * usage: latency [--quick] [--events N] [--repeat R] [--seconds S] [--rest S] [NAME ...] */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "leat.h"

enum {
    ROWS_MAX = 1024, /* of one push */
    SUB_BITS = 6,    /* a histogram step is 1/64 of its value */
    BUCKETS = 58 << SUB_BITS,
    FILTER_OF = 8,         /* one row of so many passes the filter */
    WINDOW_ROWS = 1000000, /* of one window: one a microsecond of event time */
    WINDOW_KEYS = 100000,
    SESSION_KEYS = 10000, /* open at a time */
    SESSION_ROWS = 20,    /* of one session */
    BURST_ROWS = 1000000,
    BURST_PAUSE = 1000000, /* microseconds of event time */
};
#define BASE_US INT64_C(1704067200000000) /* 2024-01-01 00:00:00 */

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* ---- a histogram of nanoseconds ------------------------------------------------- */

struct histogram {
    uint64_t n;
    int64_t max;
    uint64_t counts[BUCKETS];
};

/* Values below 2^(SUB_BITS + 1) exactly, then 2^SUB_BITS steps per power of two. */
static uint32_t bucket_of(uint64_t ns)
{
    if (ns < 2u << SUB_BITS)
        return (uint32_t)ns;
    uint32_t shift = 63 - SUB_BITS - (uint32_t)__builtin_clzll(ns);
    return (shift << SUB_BITS) + (uint32_t)(ns >> shift);
}

static uint64_t bucket_value(uint32_t bucket)
{
    if (bucket < 2u << SUB_BITS)
        return bucket;
    uint32_t shift = (bucket >> SUB_BITS) - 1;
    return (uint64_t)((bucket & ((1u << SUB_BITS) - 1)) + (1u << SUB_BITS)) << shift;
}

static void histogram_add(struct histogram *h, int64_t ns, uint64_t weight)
{
    if (ns < 0)
        ns = 0;
    h->n += weight;
    h->counts[bucket_of((uint64_t)ns)] += weight;
    if (ns > h->max)
        h->max = ns;
}

static double histogram_us(const struct histogram *h, double quantile)
{
    uint64_t wanted = (uint64_t)(quantile * (double)h->n), seen = 0;
    for (uint32_t b = 0; b < BUCKETS; b++) {
        seen += h->counts[b];
        if (seen > wanted)
            return (double)bucket_value(b) / 1e3;
    }
    return (double)h->max / 1e3;
}

/* ---- what is measured -------------------------------------------------------------- */

struct parcel;

struct run {
    const struct workload *workload;
    uint32_t threads;
    leat_db *db;
    leat_session *session;
    leat_stmt *insert;
    struct parcel *spare;
    _Atomic(struct parcel *) returned;
    /* the schedule; written before the rows it is about are pushed */
    int64_t start_ns;
    double ns_per_row;   /* 0: closed loop, nothing is recorded */
    int64_t first, warm; /* rows below `warm` are not recorded */
    /* what came out; the writer's thread */
    _Atomic uint64_t results, parcels_back;
    struct histogram latency;
};

struct workload {
    const char *name;
    const char *columns; /* of the result */
    const char *query;
    int64_t (*key)(int64_t row);
    int64_t (*time_us)(int64_t row); /* of the event */
    /* The row that caused row `at` of the result. */
    int64_t (*cause)(const leat_batch *batch, uint32_t at);
};

static uint64_t scatter(int64_t row)
{
    return (uint64_t)row * UINT64_C(0x9e3779b97f4a7c15) >> 32;
}
static int64_t steady(int64_t row)
{
    return row;
}
static int64_t bursts(int64_t row)
{
    return row + row / BURST_ROWS * BURST_PAUSE;
}
static int64_t filter_key(int64_t row)
{
    return (int64_t)(scatter(row) % FILTER_OF);
}
static int64_t filter_cause(const leat_batch *batch, uint32_t at)
{
    return leat_column_int64(batch->columns[0], at);
}
static int64_t window_key(int64_t row)
{
    return (int64_t)(scatter(row) % WINDOW_KEYS);
}
/* Sessions begin one after another; each has its rows among those of SESSION_KEYS others. */
static int64_t session_key(int64_t row)
{
    return row / SESSION_ROWS + (int64_t)(scatter(row) % SESSION_KEYS);
}
/* The first row at or after the millisecond of the end. */
static int64_t end_cause(const leat_batch *batch, uint32_t at)
{
    return leat_column_int64(batch->columns[2], at) - BASE_US;
}
static int64_t burst_cause(const leat_batch *batch, uint32_t at)
{
    int64_t end = end_cause(batch, at), burst = end / (BURST_ROWS + BURST_PAUSE);
    int64_t into = end % (BURST_ROWS + BURST_PAUSE);
    return burst * BURST_ROWS + (into < BURST_ROWS ? into : BURST_ROWS);
}

static const struct workload workloads[] = {
    {"filter", "id BIGINT, v BIGINT", "SELECT id, v FROM rows_in WHERE k = 3", filter_key, steady,
     filter_cause},
    {"window", "k BIGINT, total BIGINT, window_end TIMESTAMP(3)",
     "SELECT k, SUM(v), window_end FROM TUMBLE(TABLE rows_in, DESCRIPTOR(ts), INTERVAL '1' SECOND) "
     "GROUP BY k, window_start, window_end",
     window_key, steady, end_cause},
    {"hop", "k BIGINT, total BIGINT, window_end TIMESTAMP(3)",
     "SELECT k, SUM(v), window_end FROM HOP(TABLE rows_in, DESCRIPTOR(ts), INTERVAL '0.2' SECOND, "
     "INTERVAL '1' SECOND) GROUP BY k, window_start, window_end",
     window_key, steady, end_cause},
    {"session", "k BIGINT, total BIGINT, window_end TIMESTAMP(3)",
     "SELECT k, SUM(v), window_end FROM SESSION(TABLE rows_in PARTITION BY k, DESCRIPTOR(ts), "
     "INTERVAL '0.1' SECOND) GROUP BY k, window_start, window_end",
     session_key, steady, end_cause},
    {"sessions", "k BIGINT, total BIGINT, window_end TIMESTAMP(3)",
     "SELECT k, SUM(v), window_end FROM SESSION(TABLE rows_in PARTITION BY k, DESCRIPTOR(ts), "
     "INTERVAL '0.5' SECOND) GROUP BY k, window_start, window_end",
     window_key, bursts, burst_cause},
};

/* So many results of one row. */
static void note(struct run *run, int64_t row, int64_t now, uint64_t n)
{
    if (row < run->warm || n == 0)
        return;
    int64_t due = run->start_ns + (int64_t)((double)(row - run->first) * run->ns_per_row);
    histogram_add(&run->latency, now - due, n);
}

/* Every result is looked at, but neighbours with one cause are counted together: a window's
 * results wait for this, and one by one it took as long as all that is to be measured. */
static leat_code on_rows(void *ctx, uint32_t writer, const leat_batch *batch)
{
    struct run *run = ctx;
    (void)writer;
    int64_t now = now_ns(), last = -1;
    uint64_t n = 0;
    atomic_fetch_add_explicit(&run->results, batch->n_rows, memory_order_relaxed);
    if (run->ns_per_row == 0)
        return LEAT_OK;
    for (uint32_t i = 0; i < batch->n_rows; i++, n++) {
        int64_t row = run->workload->cause(batch, leat_batch_row(batch, i));
        if (row == last)
            continue;
        note(run, last, now, n);
        last = row;
        n = 0;
    }
    note(run, last, now, n);
    return LEAT_OK;
}

/* ---- the engine --------------------------------------------------------------------- */

static void die(const struct run *run, const char *what)
{
    fprintf(stderr, "%s: %s\n", what, run->session ? leat_error_message(run->session) : "failed");
    exit(1);
}

static leat_stmt *execute(struct run *run, const char *sql)
{
    leat_stmt *stmt = NULL;
    if (leat_prepare(run->session, sql, -1, &stmt, NULL) != LEAT_OK ||
        leat_step(stmt, -1) != LEAT_DONE)
        die(run, sql);
    return stmt;
}

static void run_open(struct run *run)
{
    char sql[1024];
    leat_config config = {.size = sizeof(config), .threads = run->threads};
    leat_listener listener = {.size = sizeof(listener), .ctx = run, .rows = on_rows};
    if (leat_open(&config, &run->db, NULL, 0) != LEAT_OK ||
        leat_session_open(run->db, &run->session) != LEAT_OK ||
        leat_listen(run->db, "rows_out", &listener) != LEAT_OK)
        die(run, "open");
    leat_finalize(execute(run, "CREATE TABLE rows_in (id BIGINT, k BIGINT, v BIGINT, "
                               "ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '0.001' SECOND) "
                               "WITH ('connector' = 'feed')"));
    snprintf(sql, sizeof(sql), "CREATE TABLE rows_out (%s) WITH ('connector' = 'callback')",
             run->workload->columns);
    leat_finalize(execute(run, sql));
    snprintf(sql, sizeof(sql), "INSERT INTO rows_out %s", run->workload->query);
    run->insert = execute(run, sql);
}

/* ---- rows to push ------------------------------------------------------------------------ */

enum { COLUMNS = 4 }; /* id, k, v, ts */

/* What one push hands over, used again once the library has let it go. */
struct parcel {
    struct parcel *next;
    struct run *run;
    struct ArrowArray columns[COLUMNS];
    struct ArrowArray *children[COLUMNS];
    const void *buffers[COLUMNS][2], *no_buffer[1];
    int64_t values[COLUMNS][ROWS_MAX];
};

static void column_release(struct ArrowArray *array)
{
    array->release = NULL; /* the parcel is given back as a whole */
}

static void parcel_release(struct ArrowArray *array)
{
    struct parcel *parcel = array->private_data;
    struct run *run = parcel->run;
    array->release = NULL;
    atomic_fetch_add_explicit(&run->parcels_back, 1, memory_order_relaxed);
    parcel->next = atomic_load(&run->returned);
    while (!atomic_compare_exchange_weak(&run->returned, &parcel->next, parcel))
        ;
}

static struct parcel *parcel_take(struct run *run)
{
    struct parcel *parcel = run->spare;
    if (!parcel)
        parcel = atomic_exchange(&run->returned, NULL);
    if (parcel) {
        run->spare = parcel->next;
        return parcel;
    }
    parcel = calloc(1, sizeof(*parcel));
    if (!parcel)
        exit(1);
    parcel->run = run;
    return parcel;
}

static void parcel_fill(struct parcel *parcel, int64_t first, uint32_t n, struct ArrowArray *out)
{
    int64_t(*values)[ROWS_MAX] = parcel->values;
    const struct workload *workload = parcel->run->workload;
    for (uint32_t i = 0; i < n; i++) {
        values[0][i] = first + i;
        values[1][i] = workload->key(first + i);
        values[2][i] = (first + i) % 1000;
        values[3][i] = (BASE_US + workload->time_us(first + i)) / 1000;
    }
    for (uint32_t c = 0; c < COLUMNS; c++) {
        parcel->children[c] = &parcel->columns[c];
        parcel->buffers[c][1] = values[c];
        parcel->columns[c] = (struct ArrowArray){
            .length = n, .n_buffers = 2, .buffers = parcel->buffers[c], .release = column_release};
    }
    *out = (struct ArrowArray){.length = n,
                               .n_buffers = 1,
                               .buffers = parcel->no_buffer,
                               .n_children = COLUMNS,
                               .children = parcel->children,
                               .release = parcel_release,
                               .private_data = parcel};
}

static void schema_release(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static leat_code push(struct run *run, int64_t first, uint32_t n)
{
    static const char *const names[COLUMNS] = {"id", "k", "v", "ts"};
    struct ArrowSchema columns[COLUMNS], *children[COLUMNS];
    struct ArrowSchema schema = {.format = "+s",
                                 .name = "",
                                 .n_children = COLUMNS,
                                 .children = children,
                                 .release = schema_release};
    for (uint32_t c = 0; c < COLUMNS; c++) {
        children[c] = &columns[c];
        columns[c] = (struct ArrowSchema){.format = c == 3 ? "tsm:" : "l",
                                          .name = names[c],
                                          .flags = ARROW_FLAG_NULLABLE,
                                          .release = schema_release};
    }
    struct ArrowArray rows;
    parcel_fill(parcel_take(run), first, n, &rows);
    leat_code code = leat_push_arrow(run->session, "rows_in", NULL, &schema, &rows);
    if (code != LEAT_OK)
        rows.release(&rows);
    return code;
}

static void run_close(struct run *run)
{
    leat_finalize(run->insert);
    leat_session_close(run->session);
    leat_close(run->db);
    for (struct parcel *parcel;
         (parcel = run->spare ? run->spare : atomic_exchange(&run->returned, NULL));) {
        run->spare = parcel->next;
        free(parcel);
    }
}

static void pump(struct run *run)
{
    if (leat_pump(run->db, NULL) < 0)
        die(run, "pump");
}

/* All rows of [first, end), as they fall due, or as fast as they are taken. */
static void send(struct run *run, int64_t end)
{
    int64_t sent = run->first;
    while (sent < end) {
        int64_t due = end;
        if (run->ns_per_row > 0)
            due = run->first + (int64_t)((double)(now_ns() - run->start_ns) / run->ns_per_row);
        int64_t n = (due < end ? due : end) - sent;
        if (n <= 0)
            continue;
        n = n < ROWS_MAX ? n : ROWS_MAX;
        leat_code code = push(run, sent, (uint32_t)n);
        if (code < 0)
            die(run, "push");
        if (code == LEAT_OK)
            sent += n;
        if (run->threads == 0)
            pump(run);
        else if (code == LEAT_FULL)
            usleep(100);
    }
}

/* Until the engine neither takes rows nor hands out results any more; returns when it was
 * last seen to. Results alone do not say: a window's rows cause none for long. */
static int64_t settle(struct run *run)
{
    int64_t last = now_ns(), now = last;
    for (uint64_t before = 0; now - last < 20000000; now = now_ns()) {
        if (run->threads == 0)
            pump(run);
        uint64_t seen = atomic_load(&run->results) + atomic_load(&run->parcels_back);
        if (seen != before)
            last = now_ns();
        before = seen;
        usleep(100);
    }
    return last;
}

/* ---- figures ---------------------------------------------------------------------------- */

struct jiffies {
    uint64_t all, stolen;
};

static struct jiffies jiffies_now(void)
{
    struct jiffies j = {0};
    uint64_t v[8] = {0};
    FILE *file = fopen("/proc/stat", "r");
    if (!file)
        return j;
    if (fscanf(file,
               "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
               " %" SCNu64 " %" SCNu64,
               &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]) == 8)
        for (int i = 0; i < 8; i++)
            j.all += v[i];
    j.stolen = v[7];
    fclose(file);
    return j;
}

static double closed_loop(struct run *run, int64_t rows)
{
    run->ns_per_row = 0;
    int64_t start = now_ns();
    send(run, run->first + rows);
    int64_t end = settle(run);
    run->first += rows;
    return (double)rows / ((double)(end - start) / 1e9);
}

static void open_loop(struct run *run, double rate, double seconds)
{
    int64_t rows = (int64_t)(rate * seconds);
    run->ns_per_row = 1e9 / rate;
    run->warm = run->first + rows / 5;
    run->start_ns = now_ns() + 1000000;
    send(run, run->first + rows);
    settle(run);
    run->first += rows;
}

static void report(const struct run *run, double capacity, double seconds, struct jiffies used,
                   long switches)
{
    static const struct {
        const char *name;
        double at;
    } quantiles[] = {{"p50", .5}, {"p90", .9}, {"p99", .99}, {"p99.9", .999}, {"p99.99", .9999}};
    printf("{\"by\":\"leat\",\"workload\":\"latency-%s%s\",\"source\":\"feed\",\"partitions\":1,"
           "\"events\":%" PRIu64 ",\"seconds\":[%.3f],\"latency_us\":{",
           run->workload->name, run->threads ? "-threaded" : "",
           (uint64_t)(seconds / run->ns_per_row * 1e9), seconds);
    for (uint32_t i = 0; i < 5; i++)
        printf("\"%s\":%.1f,", quantiles[i].name, histogram_us(&run->latency, quantiles[i].at));
    printf("\"max\":%.1f},\"steal\":%.4f,\"note\":\"%" PRIu64
           " results; capacity %.2f M rows/s, half of it offered; %ld times preempted\"}\n",
           (double)run->latency.max / 1e3, used.all ? (double)used.stolen / (double)used.all : 0,
           run->latency.n, capacity / 1e6, switches);
    fflush(stdout);
}

static void measure(const struct workload *workload, uint32_t threads, double seconds, double rest)
{
    struct run *run = calloc(1, sizeof(*run));
    struct rusage before, after;
    if (!run)
        exit(1);
    run->workload = workload;
    run->threads = threads;
    run_open(run);
    double capacity = closed_loop(run, 200000); /* warms up */
    for (int i = 0; i < 3; i++) {
        double got = closed_loop(run, (int64_t)(capacity * seconds / 8) + 1);
        capacity = i == 0 || got > capacity ? got : capacity;
    }
    usleep((useconds_t)(rest * 1e6));
    struct jiffies used = jiffies_now();
    getrusage(RUSAGE_SELF, &before);
    open_loop(run, capacity / 2, seconds);
    getrusage(RUSAGE_SELF, &after);
    struct jiffies then = jiffies_now();
    used.all = then.all - used.all;
    used.stolen = then.stolen - used.stolen;
    report(run, capacity, seconds, used, after.ru_nivcsw - before.ru_nivcsw);
    run_close(run);
    free(run);
}

int main(int argc, char **argv)
{
    double seconds = 5, rest = 0;
    bool some = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0)
            seconds = 1;
        else if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc)
            seconds = strtod(argv[++i], NULL);
        else if (strcmp(argv[i], "--rest") == 0 && i + 1 < argc)
            rest = strtod(argv[++i], NULL);
        else if (strncmp(argv[i], "--", 2) == 0)
            i++; /* --events, --repeat, --data mean nothing here */
        else
            some = true;
    }
    for (uint32_t w = 0; w < sizeof(workloads) / sizeof(workloads[0]); w++) {
        bool wanted = !some;
        for (int i = 1; i < argc; i++)
            wanted |= strcmp(argv[i], workloads[w].name) == 0;
        for (uint32_t threads = 0; wanted && threads <= 1; threads++)
            measure(&workloads[w], threads, seconds, rest);
    }
    return 0;
}
