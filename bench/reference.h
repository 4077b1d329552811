/* reference.h -- the answers of the Nexmark workloads, computed bid by bid. */
#ifndef LEAT_BENCH_REFERENCE_H
#define LEAT_BENCH_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "leat.h"

struct reference;

/* A bid, its texts as (pointer, length). */
struct reference_bid {
    int64_t auction, bidder, price, time_us;
    const char *channel, *url, *extra;
    uint32_t channel_len, url_len, extra_len;
};

struct reference *reference_open(void);
void reference_bid(struct reference *ref, const struct reference_bid *bid);
void reference_end(struct reference *ref); /* no more bids: the answers are final */
void reference_close(struct reference *ref);
/* False: that workload is not known here. */
bool reference_answer(const struct reference *ref, const char *workload, uint64_t *rows,
                      uint64_t *checksum);
/* One line per workload: `events workload rows checksum`. */
void reference_print(const struct reference *ref, int64_t events);

#endif
