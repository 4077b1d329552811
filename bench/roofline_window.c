/* roofline_window.c -- sessions per bidder (q11) and hops per auction (q5), by hand.
 *
 *   session   one slot per bidder: start, last, count. A row that comes later than the gap
 *             gives the old session out and starts anew; what is left is given out
 *             at the end. Rows are in time order here, so no watermark is asked.
 *   hop       a table of counts per slice of 2 s. When a slice is full, the counts of the
 *             last five are added up and given out as a window. */
#include "bench/roofline.h"

#include <stdlib.h>
#include <string.h>

enum { AHEAD = 16, SLICES = 5 };
#define GAP_US INT64_C(10000000)
#define SLIDE_US INT64_C(2000000)

/* ---- sessions ------------------------------------------------------------------------ */

struct session {
    int64_t key; /* + 1; 0 = free */
    int64_t start_us, last_us, count;
};

struct sessions {
    const struct roof_bids *bids;
    struct session *slots;
    uint64_t n_slots;
    uint64_t results;
};

static inline uint64_t session_sum(const struct session *s)
{
    return roof_mix((uint64_t)(s->key * 7 + s->start_us + s->last_us) + (uint64_t)s->count);
}

static uint64_t session_run(void *ctx)
{
    struct sessions *all = ctx;
    const struct roof_bids *b = all->bids;
    uint64_t mask = all->n_slots - 1, sum = 0, results = 0, places[ROOF_BATCH + AHEAD];
    memset(all->slots, 0, all->n_slots * sizeof(struct session));
    for (int64_t at = 0; at < b->n; at += ROOF_BATCH) {
        int64_t n = b->n - at < ROOF_BATCH ? b->n - at : ROOF_BATCH;
        for (int64_t i = 0; i < n; i++)
            places[i] = roof_mix((uint64_t)b->bidder[at + i]) & mask;
        for (int64_t i = n; i < n + AHEAD; i++)
            places[i] = places[n - 1];
        for (int64_t i = 0; i < n; i++) {
            int64_t key = b->bidder[at + i] + 1, time_us = b->time_us[at + i];
            uint64_t place = places[i];
            __builtin_prefetch(&all->slots[places[i + AHEAD]], 1);
            while (all->slots[place].key != key && all->slots[place].key != 0)
                place = (place + 1) & mask;
            struct session *s = &all->slots[place];
            if (s->key && time_us - s->last_us < GAP_US) {
                s->last_us = time_us;
                s->count++;
                continue;
            }
            if (s->key) {
                sum += session_sum(s);
                results++;
            }
            *s = (struct session){key, time_us, time_us, 1};
        }
    }
    for (uint64_t i = 0; i < all->n_slots; i++)
        if (all->slots[i].key) {
            sum += session_sum(&all->slots[i]);
            results++;
        }
    all->results = results;
    return sum;
}

/* Sorts rows by (bidder, place) and walks them. */
struct sort_row {
    int64_t key, time_us;
    int64_t place;
};

static int sort_compare(const void *pa, const void *pb)
{
    const struct sort_row *a = pa, *b = pb;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

static uint64_t session_plain(const struct roof_bids *b)
{
    size_t size = (size_t)b->n * sizeof(struct sort_row);
    struct sort_row *rows = roof_memory(size);
    for (int64_t i = 0; i < b->n; i++)
        rows[i] = (struct sort_row){b->bidder[i] + 1, b->time_us[i], i};
    qsort(rows, (size_t)b->n, sizeof(*rows), sort_compare);
    uint64_t sum = 0;
    struct session s = {0};
    for (int64_t i = 0; i < b->n; i++) {
        if (s.key == rows[i].key && rows[i].time_us - s.last_us < GAP_US) {
            s.last_us = rows[i].time_us;
            s.count++;
            continue;
        }
        if (s.key)
            sum += session_sum(&s);
        s = (struct session){rows[i].key, rows[i].time_us, rows[i].time_us, 1};
    }
    roof_release(rows, size);
    return sum + (s.key ? session_sum(&s) : 0);
}

/* ---- hops ------------------------------------------------------------------------------ */

struct count_slot {
    int64_t key; /* + 1; 0 = free */
    int64_t count;
};
struct counts {
    struct count_slot *slots;
    uint64_t mask, n;
    size_t size;
};

struct hops {
    const struct roof_bids *bids;
    struct counts slices[SLICES + 1]; /* the last one is the total */
    uint64_t results;
};

static void counts_open(struct counts *c, uint64_t n_slots)
{
    *c = (struct counts){.mask = n_slots - 1, .size = n_slots * sizeof(struct count_slot)};
    c->slots = roof_memory(c->size);
}

static inline void counts_add(struct counts *c, int64_t key, int64_t count)
{
    uint64_t at = roof_mix((uint64_t)key) & c->mask;
    while (c->slots[at].key != key && c->slots[at].key != 0)
        at = (at + 1) & c->mask;
    c->slots[at].key = key;
    c->slots[at].count += count;
}

static inline uint64_t hop_sum(int64_t key, int64_t count, int64_t end)
{
    return roof_mix((uint64_t)(key * 31 + count + end * 1000003));
}

/* The window that ends where slice `end` begins. */
static uint64_t hop_fire(struct hops *h, int64_t end)
{
    struct counts *total = &h->slices[SLICES];
    uint64_t sum = 0;
    memset(total->slots, 0, total->size);
    for (int s = 0; s < SLICES; s++)
        for (uint64_t i = 0; i <= h->slices[s].mask; i++)
            if (h->slices[s].slots[i].key)
                counts_add(total, h->slices[s].slots[i].key, h->slices[s].slots[i].count);
    for (uint64_t i = 0; i <= total->mask; i++)
        if (total->slots[i].key) {
            sum += hop_sum(total->slots[i].key, total->slots[i].count, end);
            h->results++;
        }
    return sum;
}

static uint64_t hop_run(void *ctx)
{
    struct hops *h = ctx;
    const struct roof_bids *b = h->bids;
    uint64_t sum = 0;
    int64_t slice = b->n ? b->time_us[0] / SLIDE_US : 0;
    h->results = 0;
    for (int s = 0; s < SLICES; s++)
        memset(h->slices[s].slots, 0, h->slices[s].size);
    for (int64_t i = 0; i < b->n;) {
        int64_t end_us = (slice + 1) * SLIDE_US;
        struct counts *counts = &h->slices[slice % SLICES];
        for (; i < b->n && b->time_us[i] < end_us; i++)
            counts_add(counts, b->auction[i] + 1, 1);
        sum += hop_fire(h, ++slice);
        memset(h->slices[slice % SLICES].slots, 0, h->slices[slice % SLICES].size);
    }
    for (int s = 1; s < SLICES; s++) { /* windows that reach past the end of the input */
        sum += hop_fire(h, ++slice);
        memset(h->slices[slice % SLICES].slots, 0, h->slices[slice % SLICES].size);
    }
    return sum;
}

/* Each row counted in each of its windows: (window, auction) sorted. */
static uint64_t hop_plain(const struct roof_bids *b)
{
    int64_t n = b->n * SLICES;
    size_t size = (size_t)n * sizeof(struct sort_row);
    struct sort_row *rows = roof_memory(size);
    for (int64_t i = 0; i < n; i++)
        rows[i] = (struct sort_row){b->time_us[i / SLICES] / SLIDE_US + 1 + i % SLICES, 0,
                                    b->auction[i / SLICES] + 1};
    qsort(rows, (size_t)n, sizeof(*rows), sort_compare);
    uint64_t sum = 0;
    for (int64_t i = 0, from = 0; i < n; i++)
        if (i + 1 == n || sort_compare(&rows[i], &rows[i + 1]) != 0) {
            sum += hop_sum(rows[i].place, i + 1 - from, rows[i].key);
            from = i + 1;
        }
    roof_release(rows, size);
    return sum;
}

/* ---- the cases ---------------------------------------------------------------------------- */

static uint64_t power_above(uint64_t n)
{
    uint64_t power = 1024;
    while (power < n)
        power *= 2;
    return power;
}

void roof_window_cases(const struct roof_options *options, const struct roof_bids *bids)
{
    struct roof_bids few = *bids; /* the plain answer sorts: over a part is enough */
    few.n = few.n < 500000 ? few.n : 500000;
    struct sessions s = {.bids = &few, .n_slots = power_above((uint64_t)bids->n_events / 50 * 4)};
    s.slots = roof_memory(s.n_slots * sizeof(struct session));
    bool correct = session_run(&s) == session_plain(&few);
    s.bids = bids;
    session_run(&s);
    roof_measure(options, &(struct roof_case){.workload = "q11",
                                              .source = "memory",
                                              .events = bids->n_events,
                                              .bytes = bids->n * 16,
                                              .rows = (int64_t)s.results,
                                              .correct = correct,
                                              .run = session_run,
                                              .ctx = &s});
    roof_release(s.slots, s.n_slots * sizeof(struct session));
    struct hops h = {.bids = &few};
    for (int i = 0; i < SLICES; i++)
        counts_open(&h.slices[i], 1 << 15);
    counts_open(&h.slices[SLICES], 1 << 18);
    correct = hop_run(&h) == hop_plain(&few);
    h.bids = bids;
    hop_run(&h);
    roof_measure(options, &(struct roof_case){.workload = "q5-hop",
                                              .source = "memory",
                                              .events = bids->n_events,
                                              .bytes = bids->n * 16,
                                              .rows = (int64_t)h.results,
                                              .correct = correct,
                                              .run = hop_run,
                                              .ctx = &h});
    for (int i = 0; i <= SLICES; i++)
        roof_release(h.slices[i].slots, h.slices[i].size);
}
