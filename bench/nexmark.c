/* nexmark.c -- the Nexmark workloads, from memory, the generator, JSON and CSV.
 *
 * The queries are the files of tests/nexmark; of q5 and q7 the windows alone. Each is
 * `INSERT INTO <the listener> SELECT ...`, and what the listener saw is compared with
 * reference.c, live or, for the numbers of events in expected.txt, as it was once
 * computed. Two things differ by nature: q10 writes files, which are read back, and
 * q12 counts by the clock, so it is the sum over its windows that is compared. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/checksum.h"
#include "bench/reference.h"

#define QUERIES LEAT_SOURCE_DIR "/tests/nexmark/"
#define EXPECTED LEAT_SOURCE_DIR "/bench/expected.txt"

#define BID_NAMES "auction, bidder, price, channel, url, dateTime, extra"
#define Q5_HOP                                                                                   \
    "SELECT auction, COUNT(*) AS num, window_start, window_end FROM TABLE(HOP(TABLE bid, "       \
    "DESCRIPTOR(dateTime), INTERVAL '2' SECOND, INTERVAL '10' SECOND)) "                         \
    "GROUP BY auction, window_start, window_end"
#define Q7_TUMBLE                                                                                \
    "SELECT MAX(price) AS maxprice, window_end FROM TABLE(TUMBLE(TABLE bid, "                    \
    "DESCRIPTOR(dateTime), INTERVAL '10' SECOND)) GROUP BY window_start, window_end"

#define TUMBLE_COUNT                                                                             \
    "SELECT window_start, COUNT(*) AS num FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(dateTime), "   \
    "INTERVAL '10' SECOND)) GROUP BY window_start, window_end"

/* `decode` is `bids` into columns that nobody reads: of files only. */
static const struct {
    const char *name;
    const char *sql; /* NULL: the file of that name */
} workloads[] = {
    {"decode", "SELECT " BID_NAMES " FROM bid"},
    {"bids", "SELECT " BID_NAMES " FROM bid"},
    {"tumble-count", TUMBLE_COUNT},
    {"q0", NULL},
    {"q1", NULL},
    {"q2", NULL},
    {"q5-hop", Q5_HOP},
    {"q7-tumble", Q7_TUMBLE},
    {"q10", NULL},
    {"q11", NULL},
    {"q12", NULL},
    {"q14", NULL},
    {"q15", NULL},
    {"q16", NULL},
    {"q17", NULL},
    {"q21", NULL},
    {"q22", NULL},
};
enum { N_WORKLOADS = sizeof(workloads) / sizeof(workloads[0]) };

/* ---- tables ----------------------------------------------------------------- */

/* The published table under another name, with other options. */
static char *events_table(const char *name, const char *options)
{
    char *ddl = bench_read_file(QUERIES "ddl.sql");
    char *start = strstr(ddl, "CREATE TABLE datagen"), *with = strstr(ddl, ") WITH (");
    if (!start || !with)
        bench_fail("tests/nexmark/ddl.sql has no table datagen");
    start += strlen("CREATE TABLE datagen");
    char *made = bench_format("CREATE TABLE %s%.*s) WITH (%s);", name, (int)(with - start), start,
                              options);
    free(ddl);
    return made;
}

static char *generator_options(int64_t events)
{
    return bench_format("'connector' = 'nexmark', 'first-event.rate' = '100000', "
                        "'next-event.rate' = '100000', 'events.num' = '%lld'",
                        (long long)events);
}

static void run_freed(struct bench_host *host, char *sql)
{
    bench_run(host, sql);
    free(sql);
}

static void make_generator(struct bench_host *host, const char *name, int64_t events)
{
    char *options = generator_options(events);
    run_freed(host, events_table(name, options));
    free(options);
}

static void make_view(struct bench_host *host)
{
    char *ddl = bench_read_file(QUERIES "ddl.sql");
    const char *view = strstr(ddl, "CREATE VIEW bid AS");
    if (!view)
        bench_fail("tests/nexmark/ddl.sql has no view bid");
    bench_run(host, view);
    free(ddl);
}

/* ---- loading into memory ---------------------------------------------------- */

#define PHYSICAL "event_type, person, auction, bid"

/* A batch goes to each split in turn, by way of a feed: a generator is one split, and
 * would fill only one. */
static void load_splits(struct bench_host *host, uint32_t splits)
{
    struct ArrowSchema schema;
    struct ArrowArray array;
    leat_stmt *stmt;
    char *options = bench_format("'connector' = 'feed', 'splits' = '%u'", splits);
    run_freed(host, events_table("loading", options));
    free(options);
    bench_set_partitions(host, splits);
    bench_run(host, "INSERT INTO datagen SELECT " PHYSICAL " FROM loading");
    bench_set_partitions(host, 1);
    if (leat_prepare(host->session, "SELECT " PHYSICAL " FROM gen", -1, &stmt, NULL) != LEAT_OK ||
        leat_arrow_schema(stmt, &schema) != LEAT_OK)
        bench_fail("%s", leat_error_message(host->session));
    leat_code code;
    for (uint32_t turn = 0; (code = leat_step_arrow(stmt, -1, &array)) != LEAT_DONE;) {
        if (code == LEAT_WAIT)
            continue; /* the clock is ours */
        if (code != LEAT_ROW)
            bench_fail("%s", leat_error_message(host->session));
        bench_push(host, "loading", turn++ % splits, &schema, &array);
    }
    leat_finalize(stmt);
    schema.release(&schema);
    bench_end_feed(host, "loading");
}

static void load_memory(struct bench_host *host, const struct bench_options *options,
                        uint32_t splits)
{
    uint64_t start = bench_now_ns();
    make_generator(host, "gen", options->events);
    run_freed(host, events_table("datagen", "'connector' = 'memory'"));
    if (splits == 1)
        bench_run(host, "INSERT INTO datagen SELECT " PHYSICAL " FROM gen");
    else
        load_splits(host, splits);
    make_view(host);
    fprintf(stderr, "loaded %lld events in %.1f s\n", (long long)options->events,
            (double)(bench_now_ns() - start) * 1e-9);
}

/* ---- files of bids ---------------------------------------------------------- */

#define BID_COLUMNS                                                                              \
    "auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR, "                \
    "dateTime TIMESTAMP(3), extra VARCHAR"

static char *bids_path(const struct bench_options *options, const char *format)
{
    return bench_format("%s/bids-%lld.%s", options->data, (long long)options->events,
                        strcmp(format, "json") == 0 ? "ndjson" : "csv");
}

static bool exists(const char *path, uint64_t *bytes)
{
    struct stat stat_of;
    bool there = stat(path, &stat_of) == 0;
    *bytes = there ? (uint64_t)stat_of.st_size : 0;
    return there;
}

/* A sink writes a folder; its only file gets the name wanted. */
static void move_part(const char *folder, const char *path)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL) {
        char *from = bench_format("%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.' && rename(from, path) != 0)
            bench_fail("cannot move %s", from);
        free(from);
    }
    if (dir)
        closedir(dir);
    rmdir(folder);
}

static void write_query(struct bench_host *host, const char *path, const char *format,
                        const char *columns, const char *select)
{
    uint64_t bytes;
    char *folder = bench_format("%s.parts", path);
    if (!exists(path, &bytes)) {
        run_freed(host, bench_format("CREATE TABLE written (%s) WITH ('connector' = 'filesystem', "
                                     "'path' = '%s', 'format' = '%s', "
                                     "'sink.rolling-policy.file-size' = '1000GB', "
                                     "'sink.rolling-policy.rollover-interval' = '10 d')",
                                     columns, folder, format));
        run_freed(host, bench_format("INSERT INTO written %s", select));
        bench_run(host, "DROP TABLE written");
        move_part(folder, path);
    }
    free(folder);
}

static void write_bids(const struct bench_options *options, const char *format)
{
    struct bench_host host;
    char *path = bids_path(options, format);
    uint64_t bytes;
    if (!exists(path, &bytes)) {
        mkdir(options->data, 0777);
        bench_open(&host, 0, false);
        make_generator(&host, "datagen", options->events);
        make_view(&host);
        write_query(&host, path, format, BID_COLUMNS, "SELECT " BID_NAMES " FROM bid");
        bench_close(&host);
    }
    free(path);
}

static void write_events(const struct bench_options *options)
{
    struct bench_host host;
    char *path = bench_format("%s/events-%lld.csv", options->data, (long long)options->events);
    uint64_t bytes;
    if (!exists(path, &bytes)) {
        bench_open(&host, 0, false);
        make_generator(&host, "datagen", options->events);
        write_query(&host, path, "csv", "event_type INT, " BID_COLUMNS,
                    "SELECT event_type, bid.auction, bid.bidder, bid.price, bid.channel, bid.url, "
                    "bid.dateTime, bid.extra FROM datagen");
        bench_close(&host);
    }
    free(path);
}

void bench_write_data(const struct bench_options *options)
{
    write_bids(options, "json");
    write_bids(options, "csv");
    write_events(options);
}

static void open_file(struct bench_host *host, const struct bench_options *options,
                      uint64_t *bytes)
{
    write_bids(options, options->source);
    char *path = bids_path(options, options->source);
    if (!exists(path, bytes))
        bench_fail("no %s", path);
    run_freed(host, bench_format("CREATE TABLE bid (" BID_COLUMNS ", WATERMARK FOR dateTime AS "
                                 "dateTime - INTERVAL '4' SECOND) WITH ('connector' = "
                                 "'filesystem', 'path' = '%s', 'format' = '%s')",
                                 path, options->source));
    free(path);
}

/* ---- the answers ------------------------------------------------------------ */

static leat_code on_bids(void *ctx, const leat_batch *batch)
{
    for (uint32_t i = 0; i < batch->n_rows; i++) {
        uint32_t row = leat_batch_row(batch, i);
        const leat_string *channel = leat_column_string(batch->columns[3], row);
        const leat_string *url = leat_column_string(batch->columns[4], row);
        const leat_string *extra = leat_column_string(batch->columns[6], row);
        struct reference_bid bid = {.auction = leat_column_int64(batch->columns[0], row),
                                    .bidder = leat_column_int64(batch->columns[1], row),
                                    .price = leat_column_int64(batch->columns[2], row),
                                    .time_us = leat_column_int64(batch->columns[5], row),
                                    .channel = leat_string_data(channel),
                                    .channel_len = channel->len,
                                    .url = leat_string_data(url),
                                    .url_len = url->len,
                                    .extra = leat_string_data(extra),
                                    .extra_len = extra->len};
        reference_bid(ctx, &bid);
    }
    return LEAT_OK;
}

static struct reference *compute(int64_t events)
{
    struct bench_host host;
    struct bench_line line = {.workload = "reference", .source = "generator"};
    struct reference *ref = reference_open();
    bench_open(&host, 0, false);
    make_generator(&host, "datagen", events);
    make_view(&host);
    host.watch = on_bids;
    host.watch_ctx = ref;
    char *insert = bench_insert_of(&host, "SELECT " BID_NAMES " FROM bid");
    bench_measure(&host, insert, &line, 0);
    free(insert);
    bench_close(&host);
    reference_end(ref);
    return ref;
}

void bench_reference(const struct bench_options *options)
{
    struct reference *ref = compute(options->events);
    reference_print(ref, options->events);
    reference_close(ref);
}

struct answers {
    char *committed;       /* expected.txt */
    struct reference *ref; /* computed when that does not know the number of events */
};

static bool answer_of(struct answers *answers, int64_t events, const char *workload,
                      uint64_t *rows, uint64_t *checksum)
{
    char *key = bench_format("\n%lld %s ", (long long)events, workload);
    if (!answers->committed)
        answers->committed = bench_read_file(EXPECTED);
    const char *at = strstr(answers->committed, key);
    size_t len = strlen(key);
    free(key);
    if (at) {
        char *end;
        *rows = strtoull(at + len, &end, 10);
        *checksum = strtoull(end, NULL, 16);
        return true;
    }
    if (!answers->ref)
        answers->ref = compute(events);
    return reference_answer(answers->ref, workload, rows, checksum);
}

static void answers_close(struct answers *answers)
{
    free(answers->committed);
    if (answers->ref)
        reference_close(answers->ref);
}

/* ---- q12: sums over windows ------------------------------------------------- */

/* The bids of each bidder over all windows, each of which must be ten seconds long. */
struct sums {
    uint64_t *counts;
    uint64_t cap;
    bool crooked;
};

static leat_code on_windows(void *ctx, const leat_batch *batch)
{
    struct sums *sums = ctx;
    for (uint32_t i = 0; i < batch->n_rows; i++) {
        uint32_t row = leat_batch_row(batch, i);
        uint64_t bidder = (uint64_t)leat_column_int64(batch->columns[0], row);
        int64_t start = leat_column_int64(batch->columns[2], row);
        int64_t end = leat_column_int64(batch->columns[3], row);
        sums->crooked |= start % 10000000 != 0 || end - start != 10000000;
        if (bidder >= sums->cap) {
            uint64_t cap = (bidder + 1) * 2;
            uint64_t *counts = bench_alloc(cap * sizeof(*counts));
            if (sums->cap)
                memcpy(counts, sums->counts, sums->cap * sizeof(*counts));
            free(sums->counts);
            sums->counts = counts;
            sums->cap = cap;
        }
        sums->counts[bidder] += (uint64_t)leat_column_int64(batch->columns[1], row);
    }
    return LEAT_OK;
}

static enum bench_checked check_q12(struct bench_host *host, const char *insert, uint64_t rows,
                                    uint64_t checksum)
{
    struct sums sums = {0};
    struct bench_line line = {.workload = "q12"};
    uint64_t got_rows = 0, got = 0;
    bench_set_partitions(host, 1); /* one writer: no lock is needed */
    host->watch = on_windows;
    host->watch_ctx = &sums;
    bench_measure(host, insert, &line, 0);
    host->watch = NULL;
    for (uint64_t bidder = 0; bidder < sums.cap; bidder++) {
        struct checksum_row row = {0};
        if (sums.counts[bidder] == 0)
            continue;
        checksum_value(&row, bidder);
        checksum_value(&row, sums.counts[bidder]);
        got += checksum_end(&row);
        got_rows++;
    }
    free(sums.counts);
    return !sums.crooked && got_rows == rows && got == checksum ? BENCH_RIGHT : BENCH_WRONG;
}

/* ---- q10: files, read back -------------------------------------------------- */

static void remove_tree(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char *inner = bench_format("%s/%s", path, entry->d_name);
        if (unlink(inner) != 0)
            remove_tree(inner);
        free(inner);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

static void measure_q10(struct bench_host *host, const char *folder, const char *insert,
                        uint32_t repeat, struct bench_line *line)
{
    struct bench_stat stat;
    struct bench_line back = {.workload = "q10"};
    bench_stat_read(&stat);
    for (line->n = 0; line->n < repeat; line->n++) {
        remove_tree(folder);
        bench_measure(host, insert, line, line->n);
    }
    line->steal = bench_steal_since(&stat);
    char *again = bench_insert_of(host, "SELECT * FROM nexmark_q10");
    bench_measure(host, again, &back, 0);
    line->rows = back.rows;
    line->checksum = back.checksum;
    line->note = "writes files, as published; no warm-up";
    free(again);
}

/* ---- one workload after the other ------------------------------------------- */

static char *query_text(uint32_t w, const char *folder)
{
    if (workloads[w].sql)
        return bench_format("%s", workloads[w].sql);
    char *path = bench_format(QUERIES "%s.sql", workloads[w].name);
    char *text = bench_replace(bench_read_file(path), "${NEXMARK_DIR}", folder);
    free(path);
    return text;
}

/* The answer of a workload whose rows were only counted. */
static void read_decoded(struct bench_host *host, const char *insert, struct bench_line *line)
{
    struct bench_line again = {.workload = line->workload};
    bench_measure(host, insert, &again, 0);
    line->rows = again.rows;
    line->checksum = again.checksum;
}

/* Lines 0 (and 1, for pairs) of the workload, measured. */
static void measure(struct bench_host *host, const struct bench_options *options, uint32_t w,
                    struct bench_line line[2], struct answers *answers)
{
    const char *name = workloads[w].name;
    const char *asked = strcmp(name, "decode") == 0 ? "bids" : name;
    uint32_t n = options->pairs ? 2 : 1;
    uint64_t rows, checksum;
    char *folder = bench_format("%s/q10", options->data), *text = query_text(w, folder);
    char *query = bench_run_but_last(host, text), *insert = NULL;
    bool files = strcmp(name, "q10") == 0;
    if (files) {
        for (uint32_t k = 0; k < n; k++) {
            if (options->pairs)
                bench_set_partitions(host, k + 1);
            measure_q10(host, folder, query, options->repeat, &line[k]);
        }
        remove_tree(folder);
    } else {
        insert = bench_insert_of(host, query);
        host->count_only = strcmp(name, "decode") == 0;
        if (options->pairs)
            bench_pairs(host, insert, options->repeat, line);
        else
            bench_repeat(host, insert, options->repeat, line);
        host->count_only = false;
    }
    if (answers && answer_of(answers, options->events, asked, &rows, &checksum))
        for (uint32_t k = 0; k < n; k++) {
            if (strcmp(name, "decode") == 0)
                read_decoded(host, insert, &line[k]);
            if (strcmp(name, "q12") == 0) {
                line[k].checked = check_q12(host, insert, rows, checksum);
                line[k].checksum = 0; /* another each time */
            } else {
                bool right = line[k].rows == rows && line[k].checksum == checksum;
                line[k].checked = right ? BENCH_RIGHT : BENCH_WRONG;
            }
        }
    free(insert);
    free(query);
    free(text);
    free(folder);
}

/* The tables of the source, in a new database. */
static void open_source(struct bench_host *host, const struct bench_options *options, bool ticking,
                        uint64_t *bytes)
{
    uint32_t threads = options->pairs ? 2 : options->partitions > 1 ? options->partitions : 0;
    *bytes = 0;
    bench_open(host, threads, ticking);
    if (strcmp(options->source, "memory") == 0) {
        load_memory(host, options, threads ? threads : 1);
    } else if (strcmp(options->source, "generator") == 0) {
        make_generator(host, "datagen", options->events);
        make_view(host);
    } else {
        open_file(host, options, bytes);
    }
    bench_set_partitions(host, options->partitions);
}

static bool is_wanted(const struct bench_options *options, uint32_t w, bool ticking)
{
    bool file = strcmp(options->source, "json") == 0 || strcmp(options->source, "csv") == 0;
    const char *name = workloads[w].name;
    return bench_wants(options, name) && (strcmp(name, "q12") == 0) == ticking &&
           (file || strcmp(name, "decode") != 0);
}

static void run_workload(struct bench_host *host, const struct bench_options *options, uint32_t w,
                         uint64_t bytes, struct answers *answers)
{
    struct bench_line *line = bench_alloc(2 * sizeof(*line));
    uint64_t events = (uint64_t)options->events;
    if (bytes) { /* files hold the bids alone */
        uint64_t rows, checksum;
        if (answer_of(answers, options->events, "q0", &rows, &checksum))
            events = rows;
    }
    for (uint32_t k = 0; k < 2; k++)
        line[k] = (struct bench_line){.workload = workloads[w].name,
                                      .source = options->source,
                                      .partitions = options->pairs ? k + 1 : options->partitions,
                                      .events = events,
                                      .bytes = bytes};
    measure(host, options, w, line, answers);
    for (uint32_t k = 0; k < (options->pairs ? 2 : 1); k++) {
        bench_print(&line[k]);
        if (line[k].checked == BENCH_WRONG)
            bench_fail("%s from %s with %u partition(s): a wrong answer", line[k].workload,
                       line[k].source, line[k].partitions);
    }
    free(line);
}

void bench_nexmark(const struct bench_options *options)
{
    struct bench_host host;
    struct answers answers = {0};
    uint64_t bytes;
    for (int ticking = 0; ticking < 2; ticking++) { /* q12 in a database with a clock of ours */
        bool wanted = false;
        for (uint32_t w = 0; w < N_WORKLOADS; w++)
            wanted |= is_wanted(options, w, ticking == 1);
        if (!wanted)
            continue;
        open_source(&host, options, ticking == 1, &bytes);
        for (uint32_t w = 0; w < N_WORKLOADS; w++)
            if (is_wanted(options, w, ticking == 1))
                run_workload(&host, options, w, bytes, &answers);
        bench_close(&host);
    }
    answers_close(&answers);
}

/* ---- for bench/compare ------------------------------------------------------ */

void bench_serve(const struct bench_options *options)
{
    struct bench_host host;
    uint64_t bytes;
    char name[64];
    char *inserts[N_WORKLOADS] = {0};
    open_source(&host, options, false, &bytes);
    printf("ready\n");
    fflush(stdout);
    while (scanf("%63s", name) == 1) {
        struct bench_line *line = bench_alloc(sizeof(*line));
        for (uint32_t w = 0; w < N_WORKLOADS; w++) {
            if (strcmp(workloads[w].name, name) != 0 || strcmp(name, "q10") == 0)
                continue;
            if (!inserts[w]) {
                char *text = query_text(w, ""), *query = bench_run_but_last(&host, text);
                inserts[w] = bench_insert_of(&host, query);
                free(query);
                free(text);
            }
            *line = (struct bench_line){.workload = workloads[w].name,
                                        .source = options->source,
                                        .partitions = options->partitions,
                                        .events = (uint64_t)options->events,
                                        .n = 1};
            bench_measure(&host, inserts[w], line, 0);
        }
        if (line->workload)
            bench_print(line);
        else
            printf("unknown\n");
        fflush(stdout);
        free(line);
    }
    for (uint32_t w = 0; w < N_WORKLOADS; w++)
        free(inserts[w]);
    bench_close(&host);
}
