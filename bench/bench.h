/* bench.h -- what the parts of leat_bench share: options, a host for the engine, lines.
 *
 * The program is an embedder like any other: it sees leat.h and nothing else of
 * the engine. What goes wrong ends it with a message, as it measures nothing then. */
#ifndef LEAT_BENCH_H
#define LEAT_BENCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "leat.h"

enum { BENCH_REPEAT_MAX = 100, BENCH_WRITERS_MAX = 64, BENCH_TEXT_MAX = 1 << 16 };

/* What was asked for. */
struct bench_options {
    bool quick;
    bool pairs; /* one partition and two, turn by turn */
    int64_t events;
    uint32_t repeat;
    uint32_t partitions;
    const char *data;   /* folder of input files */
    const char *source; /* memory, generator, json, csv; NULL = all there are */
    const char *only;   /* "q0,q1": these workloads; NULL: all */
};
bool bench_wants(const struct bench_options *options, const char *workload);
void bench_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
/* Never NULL. */
void *bench_alloc(size_t size); /* zeroed */
char *bench_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *bench_read_file(const char *path);
/* A copy of `text` with every `from` made a `to`; the text itself is freed. */
char *bench_replace(char *text, const char *from, const char *to);

/* ---- lines ------------------------------------------------------------------- */

enum bench_checked { BENCH_UNCHECKED, BENCH_RIGHT, BENCH_WRONG };

/* One workload's figures, printed as README.md says. */
struct bench_line {
    const char *workload, *source;
    uint32_t partitions;
    uint64_t events, bytes;
    uint32_t n; /* repetitions */
    double seconds[BENCH_REPEAT_MAX], user[BENCH_REPEAT_MAX], cpu[BENCH_REPEAT_MAX];
    double sink[BENCH_REPEAT_MAX]; /* inside the listener, of all writers together */
    double instructions[BENCH_REPEAT_MAX]; /* 0: not counted here */
    uint64_t rows, checksum;
    enum bench_checked checked;
    double steal;
    const char *note;
};
void bench_print(const struct bench_line *line);

/* ---- the engine --------------------------------------------------------------- */

/* What one writer was shown; a cache line of its own. */
struct bench_tally {
    uint64_t sum, rows;
    double seconds; /* spent reading */
    uint64_t pad[5];
};

struct bench_host {
    leat_db *db;
    leat_session *session;
    uint32_t threads;
    bool count_only; /* the listener does not look at values */
    struct bench_tally *tallies;
    _Atomic uint64_t last_commit_ns;
    _Atomic int64_t clock_us; /* the injected clock, when `ticking` */
    bool ticking;
    leat_code (*watch)(void *ctx, const leat_batch *batch); /* instead of the checksum */
    void *watch_ctx;
    int counter; /* of instructions, or -1 */
    uint32_t n_sinks;
};

/* The listener is registered under this name. */
#define BENCH_SINK "bench"

/* threads 0: everything runs in the caller. `ticking`: the engine's clock is one that
 * goes on by a millisecond each time it is looked at. */
void bench_open(struct bench_host *host, uint32_t threads, bool ticking);
void bench_close(struct bench_host *host);
void bench_set_partitions(struct bench_host *host, uint32_t partitions);
/* Runs every statement of the text. */
void bench_run(struct bench_host *host, const char *sql);
/* Pushes an array into a split (from 0), waiting while the feed is full. */
void bench_push(struct bench_host *host, const char *feed, uint32_t split,
                const struct ArrowSchema *schema, struct ArrowArray *array);
/* No more rows are pushed into the feed: waits for the INSERTs that read it. */
void bench_end_feed(struct bench_host *host, const char *feed);
/* Runs all but the last statement of the text, which is returned: a copy. */
char *bench_run_but_last(struct bench_host *host, const char *sql);
/* Makes a table of the listener for what the SELECT gives; returns "INSERT INTO ...". */
char *bench_insert_of(struct bench_host *host, const char *select);
/* Runs an INSERT once into place `i` of the line: seconds from its first step to its last
 * commit. rows and checksum become what the listener saw. */
void bench_measure(struct bench_host *host, const char *insert, struct bench_line *line,
                   uint32_t i);
/* A warm-up and `repeat` runs; all must give the same answer. */
void bench_repeat(struct bench_host *host, const char *insert, uint32_t repeat,
                  struct bench_line *line);
/* The same with one partition and two by turns; the lines' repetitions are pairs. */
void bench_pairs(struct bench_host *host, const char *insert, uint32_t repeat,
                 struct bench_line line[2]);

uint64_t bench_now_ns(void);
double bench_user_seconds(void);
double bench_cpu_seconds(void); /* user and kernel; exact, where the other is estimated */
/* Share of the machine's time that was stolen since `from`, which moves on. */
struct bench_stat {
    uint64_t all, stolen;
};
void bench_stat_read(struct bench_stat *stat);
double bench_steal_since(const struct bench_stat *from);

/* ---- the workloads ---------------------------------------------------------------- */

void bench_nexmark(const struct bench_options *options);
/* Commands on standard input, for bench/compare: a workload's name runs it once. */
void bench_serve(const struct bench_options *options);
/* The expected answers, printed for expected.txt. */
void bench_reference(const struct bench_options *options);
void bench_groups(const struct bench_options *options);
void bench_expressions(const struct bench_options *options, const char *path);
void bench_write_data(const struct bench_options *options);

#endif
