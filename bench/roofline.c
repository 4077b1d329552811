/* roofline.c -- hand-written kernels: the ceiling that the engine is measured against.
 *
 * roofline_scan.c q0 q1 q2; roofline_window.c sessions and hops; roofline_group.c
 * group-by; roofline_text.c JSON and CSV. Here: the machine's memory, the data, the
 * report, whose lines README.md describes.
 *
 * usage: roofline [--quick] [--events N] [--repeat R] [PART ...]
 * parts: memory scan window group text */
#include "bench/roofline.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#include "connectors/nexmark_model.h"

/* ---- time and report ------------------------------------------------------------ */

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double user_now(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)used.ru_utime.tv_sec + (double)used.ru_utime.tv_usec * 1e-6;
}

static void print_list(const char *key, const double *values, int n)
{
    printf(",\"%s\":[", key);
    for (int i = 0; i < n; i++)
        printf("%s%.6f", i ? "," : "", values[i]);
    printf("]");
}

enum { REPEAT_MAX = 100 };
struct timing {
    int n;
    double seconds[REPEAT_MAX], user[REPEAT_MAX];
};

static void timing_take(const struct roof_options *options, const struct roof_case *what,
                        struct timing *timing)
{
    timing->n = options->repeat < REPEAT_MAX ? options->repeat : REPEAT_MAX;
    volatile uint64_t sink = what->run(what->ctx); /* warms up */
    for (int i = 0; i < timing->n; i++) {
        double start = seconds_now(), used = user_now();
        sink += what->run(what->ctx);
        timing->seconds[i] = seconds_now() - start;
        timing->user[i] = user_now() - used;
    }
}

static double timing_least(const struct timing *timing)
{
    double least = timing->seconds[0];
    for (int i = 1; i < timing->n; i++)
        least = timing->seconds[i] < least ? timing->seconds[i] : least;
    return least;
}

static void timing_print(const struct roof_case *what, const struct timing *timing)
{
    printf("{\"by\":\"roofline\",\"workload\":\"%s\",\"source\":\"%s\",\"partitions\":%d,"
           "\"events\":%lld",
           what->workload, what->source, what->partitions ? what->partitions : 1,
           (long long)what->events);
    if (what->bytes)
        printf(",\"bytes\":%lld", (long long)what->bytes);
    if (what->rows)
        printf(",\"rows\":%lld", (long long)what->rows);
    print_list("seconds", timing->seconds, timing->n);
    print_list("user", timing->user, timing->n);
    printf(",\"checked\":%s", what->correct ? "true" : "false");
    if (what->bounds)
        printf(",\"bounds\":%s", what->bounds);
    if (what->note)
        printf(",\"note\":\"%s\"", what->note);
    printf("}\n");
    fflush(stdout);
}

void roof_measure_best(const struct roof_options *options, const struct roof_case *ways, int n)
{
    struct timing best, other;
    int which = 0;
    timing_take(options, &ways[0], &best);
    for (int i = 1; i < n; i++) {
        timing_take(options, &ways[i], &other);
        if (timing_least(&other) < timing_least(&best)) {
            best = other;
            which = i;
        }
    }
    timing_print(&ways[which], &best);
}

void roof_measure(const struct roof_options *options, const struct roof_case *what)
{
    roof_measure_best(options, what, 1);
}

/* ---- memory ------------------------------------------------------------------------ */

void *roof_memory(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    madvise(memory, size, MADV_HUGEPAGE);
    memset(memory, 0, size);
    return memory;
}

void roof_release(void *memory, size_t size)
{
    munmap(memory, size);
}

struct span {
    const uint64_t *from;
    uint64_t *to;
    size_t len;
    uint64_t sum;
};

static void *span_read(void *ctx)
{
    struct span *span = ctx;
    uint64_t sum = 0;
    for (size_t i = 0; i < span->len; i++)
        sum += span->from[i];
    span->sum = sum;
    return NULL;
}

static uint64_t read_one(void *ctx)
{
    struct span *span = ctx;
    span_read(span);
    return span->sum;
}

static uint64_t read_two(void *ctx)
{
    struct span *span = ctx;
    struct span half[2] = {{span->from, NULL, span->len / 2, 0},
                           {span->from + span->len / 2, NULL, span->len - span->len / 2, 0}};
    pthread_t thread;
    if (pthread_create(&thread, NULL, span_read, &half[0]) != 0)
        return 0;
    span_read(&half[1]);
    pthread_join(thread, NULL);
    return half[0].sum + half[1].sum;
}

static uint64_t copy_one(void *ctx)
{
    struct span *span = ctx;
    memcpy(span->to, span->from, span->len * sizeof(uint64_t));
    return span->to[span->len - 1];
}

void roof_memory_cases(const struct roof_options *options)
{
    size_t size = options->quick ? (size_t)64 << 20 : (size_t)512 << 20, len = size / 16;
    uint64_t *memory = roof_memory(size);
    struct span all = {memory, NULL, len * 2, 0}, halves = {memory, memory + len, len, 0};
    for (size_t i = 0; i < len * 2; i++)
        memory[i] = i;
    uint64_t want = (uint64_t)len * (2 * (uint64_t)len - 1);
    roof_measure(options, &(struct roof_case){.workload = "memory-read",
                                              .source = "memory",
                                              .events = (int64_t)len * 2,
                                              .bytes = (int64_t)size,
                                              .correct = read_one(&all) == want,
                                              .run = read_one,
                                              .ctx = &all});
    roof_measure(options, &(struct roof_case){.workload = "memory-read",
                                              .source = "memory",
                                              .partitions = 2,
                                              .events = (int64_t)len * 2,
                                              .bytes = (int64_t)size,
                                              .correct = read_two(&all) == want,
                                              .run = read_two,
                                              .ctx = &all});
    roof_measure(options, &(struct roof_case){.workload = "memory-copy",
                                              .source = "memory",
                                              .events = (int64_t)len,
                                              .bytes = (int64_t)size / 2,
                                              .correct = copy_one(&halves) == len - 1,
                                              .run = copy_one,
                                              .ctx = &halves,
                                              .note = "bytes copied, each read and written"});
    roof_release(memory, size);
}

/* ---- the data ------------------------------------------------------------------------ */

static struct roof_view view_make(const char *data, size_t len)
{
    struct roof_view view = {.len = (uint32_t)len, .data = data};
    memcpy(view.prefix, data, len < 4 ? len : 4);
    return view;
}

static void channels_make(struct roof_bids *bids, const struct lt_nexmark_config *config)
{
    bids->n_channels = LT_NEXMARK_CHANNELS + LT_NEXMARK_HOT_CHANNELS;
    bids->channels = roof_memory(bids->n_channels * sizeof(struct roof_view));
    bids->urls = roof_memory(bids->n_channels * sizeof(struct roof_view));
    char *text = roof_memory((size_t)bids->n_channels * (LT_NEXMARK_URL_MAX + 16));
    for (uint32_t i = 0; i < bids->n_channels; i++) {
        size_t len = lt_nexmark_channel_text(i, text);
        bids->channels[i] = view_make(text, len);
        text += len;
        len = lt_nexmark_channel_url(config, i, text);
        bids->urls[i] = view_make(text, len);
        text += len;
    }
}

void roof_bids_make(struct roof_bids *bids, int64_t n_events)
{
    struct lt_nexmark_config config;
    lt_nexmark_config_init(&config);
    config.delay_us = 10; /* 100,000 a second */
    lt_nexmark_config_done(&config);
    *bids = (struct roof_bids){.n_events = n_events};
    size_t n = (size_t)n_events;
    bids->kind = roof_memory(n * sizeof(int32_t));
    int64_t **numbers[] = {&bids->auction, &bids->bidder, &bids->price, &bids->time_us};
    for (int i = 0; i < 4; i++)
        *numbers[i] = roof_memory(n * sizeof(int64_t));
    bids->channel = roof_memory(n * sizeof(uint32_t));
    bids->extra = roof_memory(n * sizeof(struct roof_view));
    char *text = roof_memory(n * 128 + LT_NEXMARK_EXTRA_MAX);
    channels_make(bids, &config);
    struct lt_nexmark_place at = lt_nexmark_at(&config, 0);
    for (int64_t i = 0; i < n_events; i++, lt_nexmark_next(&config, &at)) {
        bids->kind[i] = (int32_t)lt_nexmark_kind(&config, at);
        if (bids->kind[i] != LT_NEXMARK_BID)
            continue;
        int64_t row = bids->n++;
        bids->auction[row] = lt_nexmark_bid_auction(&config, at);
        bids->bidder[row] = lt_nexmark_bid_bidder(&config, at);
        bids->price[row] = lt_nexmark_bid_price(&config, i);
        bids->time_us[row] = lt_nexmark_time(&config, i);
        bids->channel[row] = lt_nexmark_bid_channel(&config, i);
        size_t len = lt_nexmark_bid_extra(&config, i, text + bids->text_bytes);
        bids->extra[row] = view_make(text + bids->text_bytes, len);
        bids->text_bytes += len;
    }
}

enum { ROWS_MAX = 20000000 }; /* of the group-by data: more says nothing new */

int main(int argc, char **argv)
{
    struct roof_options options = {.events = 1000000, .repeat = 5};
    const char *parts[16];
    int n_parts = 0;
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--quick") == 0) {
            options.quick = true;
            options.events = 50000;
            options.repeat = 2;
        } else if (strcmp(argv[i], "--events") == 0 && more) {
            options.events = strtoll(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--repeat") == 0 && more) {
            options.repeat = (int)strtol(argv[++i], NULL, 10);
        } else if (strncmp(argv[i], "--", 2) == 0 && more) {
            i++; /* --data: the data is made here */
        } else if (n_parts < 16) {
            parts[n_parts++] = argv[i];
        }
    }
    options.rows = options.quick ? options.events : 10 * options.events;
    options.rows = options.rows < ROWS_MAX ? options.rows : ROWS_MAX;
    bool wants[5] = {false};
    static const char *const names[5] = {"memory", "scan", "window", "group", "text"};
    for (int p = 0; p < 5; p++) {
        wants[p] = n_parts == 0;
        for (int i = 0; i < n_parts; i++)
            wants[p] |= strcmp(parts[i], names[p]) == 0;
    }
    struct roof_bids bids = {0};
    if (wants[0])
        roof_memory_cases(&options);
    if (wants[1] || wants[2] || wants[4])
        roof_bids_make(&bids, options.events);
    if (wants[1])
        roof_scan_cases(&options, &bids);
    if (wants[2])
        roof_window_cases(&options, &bids);
    if (wants[3])
        roof_group_cases(&options);
    if (wants[4])
        roof_text_cases(&options, &bids);
    return 0;
}
