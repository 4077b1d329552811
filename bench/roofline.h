/* roofline.h -- what the hand-written kernels share: the data they run over, and how they report.
 *
 * A roofline is what this machine does when a workload is written out by hand for it
 * alone: no types to choose between, no NULLs, no selection, no plan. It is a ceiling
 * to be measured against and not an engine. Each kernel checks its own answer
 * against a plain loop before it is timed. */
#ifndef LEAT_BENCH_ROOFLINE_H
#define LEAT_BENCH_ROOFLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ROOF_BATCH = 2048 };

struct roof_options {
    int64_t events;
    int64_t rows; /* of the group-by data */
    int repeat;
    bool quick;
};

/* A string as engines keep it: length, four bytes, where the rest is. */
struct roof_view {
    uint32_t len;
    char prefix[4];
    const char *data;
};

/* Events of Nexmark at rate 100,000 as columns. Bids lie densely; `kind` has all events. */
struct roof_bids {
    int64_t n_events, n;
    int32_t *kind; /* 0 person, 1 auction, 2 bid */
    int64_t *auction, *bidder, *price, *time_us;
    uint32_t *channel; /* number of a channel; its url has the same number */
    struct roof_view *extra;
    uint32_t n_channels;
    struct roof_view *channels, *urls;
    size_t text_bytes; /* of all `extra` */
};
void roof_bids_make(struct roof_bids *bids, int64_t n_events);

/* One timed thing. `run` does all of it once and returns something that depends on all of it. */
struct roof_case {
    const char *workload, *source;
    const char *bounds; /* JSON array of what else it bounds, or NULL */
    const char *note;   /* or NULL */
    int partitions;     /* 0 means 1 */
    int64_t events, bytes, rows;
    bool correct;
    uint64_t (*run)(void *ctx);
    void *ctx;
};
void roof_measure(const struct roof_options *options, const struct roof_case *what);
/* Of several ways to do the same the fastest is printed. */
void roof_measure_best(const struct roof_options *options, const struct roof_case *ways, int n);

void *roof_memory(size_t size); /* zeroed and touched; exits when there is none */
void roof_release(void *memory, size_t size);

static inline uint64_t roof_mix(uint64_t x)
{
    x *= UINT64_C(0x9e3779b97f4a7c15);
    return x ^ x >> 32;
}

/* The parts. */
void roof_memory_cases(const struct roof_options *options);
void roof_scan_cases(const struct roof_options *options, const struct roof_bids *bids);
void roof_window_cases(const struct roof_options *options, const struct roof_bids *bids);
void roof_group_cases(const struct roof_options *options);
void roof_text_cases(const struct roof_options *options, const struct roof_bids *bids);

#endif
