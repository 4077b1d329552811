/* roofline_scan.c -- the stateless queries by hand: q0 reads rows, q1 multiplies, q2 filters.
 *
 * Every value that comes out is read into a sum, as the sink of the engine's figures
 * does: numbers as they are, strings by their bytes, a dictionary's string by what
 * was summed once for its entry. The kind of every event is tested too, for the bids
 * are among persons and auctions. */
#include "bench/roofline.h"

#include <string.h>
#ifdef __AVX512BW__
#include <immintrin.h>
#endif

struct scan {
    const struct roof_bids *bids;
    uint64_t *channel_sums, *url_sums; /* per entry */
};

/* ---- sums of columns --------------------------------------------------------------- */

static uint64_t sum_bids(const int32_t *kind, int64_t n)
{
    uint64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        count += kind[i] == 2;
    return count;
}

static uint64_t sum_numbers(const int64_t *values, int64_t n)
{
    uint64_t sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (uint64_t)values[i];
    return sum;
}

static uint64_t sum_entries(const uint32_t *codes, int64_t n, const uint64_t *of_entry)
{
    uint64_t sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += of_entry[codes[i]];
    return sum;
}

/* Its bytes as little-endian words, the last one filled with zeros, and its length. */
static uint64_t sum_text_plain(const struct roof_view *view)
{
    uint64_t sum = view->len;
    for (uint32_t at = 0; at < view->len; at += 8) {
        uint64_t word = 0;
        memcpy(&word, view->data + at, view->len - at < 8 ? view->len - at : 8);
        sum += word;
    }
    return sum;
}

#ifdef __AVX512BW__
static uint64_t sum_texts(const struct roof_view *views, int64_t n)
{
    __m512i sum = _mm512_setzero_si512();
    uint64_t lens = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t len = views[i].len;
        lens += len;
        for (const char *at = views[i].data; len > 0; at += 64) {
            uint32_t here = len < 64 ? len : 64;
            __mmask64 mask = here == 64 ? ~UINT64_C(0) : (UINT64_C(1) << here) - 1;
            sum = _mm512_add_epi64(sum, _mm512_maskz_loadu_epi8(mask, at));
            len -= here;
        }
    }
    return lens + (uint64_t)_mm512_reduce_add_epi64(sum);
}
#else
static uint64_t sum_texts(const struct roof_view *views, int64_t n)
{
    uint64_t sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += sum_text_plain(&views[i]);
    return sum;
}
#endif

/* ---- all bids; q0, which leaves channel and url out ----------------------------------------- */

static uint64_t q0_run(void *ctx)
{
    const struct scan *scan = ctx;
    const struct roof_bids *b = scan->bids;
    uint64_t sum = sum_bids(b->kind, b->n_events);
    for (int64_t at = 0; at < b->n; at += ROOF_BATCH) {
        int64_t n = b->n - at < ROOF_BATCH ? b->n - at : ROOF_BATCH;
        sum += sum_numbers(b->auction + at, n) + sum_numbers(b->bidder + at, n) +
               sum_numbers(b->price + at, n) + sum_numbers(b->time_us + at, n) +
               sum_texts(b->extra + at, n);
    }
    return sum;
}

static uint64_t bids_run(void *ctx)
{
    const struct scan *scan = ctx;
    const struct roof_bids *b = scan->bids;
    uint64_t sum = sum_bids(b->kind, b->n_events);
    for (int64_t at = 0; at < b->n; at += ROOF_BATCH) {
        int64_t n = b->n - at < ROOF_BATCH ? b->n - at : ROOF_BATCH;
        sum += sum_numbers(b->auction + at, n) + sum_numbers(b->bidder + at, n) +
               sum_numbers(b->price + at, n) + sum_numbers(b->time_us + at, n) +
               sum_entries(b->channel + at, n, scan->channel_sums) +
               sum_entries(b->channel + at, n, scan->url_sums) + sum_texts(b->extra + at, n);
    }
    return sum;
}

static uint64_t q0_plain(const struct roof_bids *b, bool all)
{
    uint64_t sum = (uint64_t)b->n;
    for (int64_t i = 0; i < b->n; i++) {
        sum += (uint64_t)(b->auction[i] + b->bidder[i] + b->price[i] + b->time_us[i]);
        sum += sum_text_plain(&b->extra[i]);
        if (all)
            sum += sum_text_plain(&b->channels[b->channel[i]]) +
                   sum_text_plain(&b->urls[b->channel[i]]);
    }
    return sum;
}

/* ---- q1: 0.908 * price, a DECIMAL of three places -------------------------------------- */

static void times_908(const int64_t *restrict price, int64_t n, uint64_t *restrict out)
{
    for (int64_t i = 0; i < n; i++) {
        __int128 product = (__int128)price[i] * 908;
        out[2 * i] = (uint64_t)product;
        out[2 * i + 1] = (uint64_t)(product >> 64);
    }
}

static uint64_t q1_run(void *ctx)
{
    const struct scan *scan = ctx;
    const struct roof_bids *b = scan->bids;
    uint64_t product[2 * ROOF_BATCH];
    uint64_t sum = sum_bids(b->kind, b->n_events);
    for (int64_t at = 0; at < b->n; at += ROOF_BATCH) {
        int64_t n = b->n - at < ROOF_BATCH ? b->n - at : ROOF_BATCH;
        times_908(b->price + at, n, product);
        sum += sum_numbers(b->auction + at, n) + sum_numbers(b->bidder + at, n) +
               sum_numbers((const int64_t *)product, 2 * n) + sum_numbers(b->time_us + at, n) +
               sum_texts(b->extra + at, n);
    }
    return sum;
}

static uint64_t q1_plain(const struct roof_bids *b)
{
    uint64_t sum = (uint64_t)b->n;
    for (int64_t i = 0; i < b->n; i++)
        sum += (uint64_t)(b->auction[i] + b->bidder[i] + b->price[i] * 908 + b->time_us[i]) +
               sum_text_plain(&b->extra[i]);
    return sum;
}

/* ---- q2: auction % 123 = 0 into a selection vector -------------------------------------- */

/* x is a multiple of 123 iff x times the inverse of 123 modulo 2^64 is at most
 * 2^64 / 123; ids are positive. */
#define INVERSE_123 UINT64_C(0x2fdeb2fdeb2fdeb3)

#ifdef __AVX512DQ__
static uint32_t pick_123(const int64_t *restrict values, uint32_t n, uint16_t *restrict sel)
{
    const __m512i inverse = _mm512_set1_epi64((long long)INVERSE_123);
    const __m512i most = _mm512_set1_epi64((long long)(UINT64_MAX / 123));
    uint32_t n_sel = 0, i = 0;
    for (; i + 8 <= n; i += 8) {
        __m512i x = _mm512_mullo_epi64(_mm512_loadu_si512(values + i), inverse);
        unsigned hits = _mm512_cmple_epu64_mask(x, most);
        for (; hits; hits &= hits - 1) /* rare */
            sel[n_sel++] = (uint16_t)(i + (uint32_t)__builtin_ctz(hits));
    }
    for (; i < n; i++)
        if (values[i] % 123 == 0)
            sel[n_sel++] = (uint16_t)i;
    return n_sel;
}
#else
static uint32_t pick_123(const int64_t *restrict values, uint32_t n, uint16_t *restrict sel)
{
    uint32_t n_sel = 0;
    for (uint32_t i = 0; i < n; i++) {
        sel[n_sel] = (uint16_t)i;
        n_sel += (uint64_t)values[i] * INVERSE_123 <= UINT64_MAX / 123;
    }
    return n_sel;
}
#endif

static uint64_t q2_run(void *ctx)
{
    const struct roof_bids *b = ((const struct scan *)ctx)->bids;
    uint16_t sel[ROOF_BATCH + 1];
    uint64_t sum = sum_bids(b->kind, b->n_events);
    for (int64_t at = 0; at < b->n; at += ROOF_BATCH) {
        uint32_t n = (uint32_t)(b->n - at < ROOF_BATCH ? b->n - at : ROOF_BATCH);
        uint32_t n_sel = pick_123(b->auction + at, n, sel);
        for (uint32_t i = 0; i < n_sel; i++)
            sum += (uint64_t)(b->auction[at + sel[i]] + b->price[at + sel[i]]);
    }
    return sum;
}

static uint64_t q2_plain(const struct roof_bids *b)
{
    uint64_t sum = (uint64_t)b->n;
    for (int64_t i = 0; i < b->n; i++)
        if (b->auction[i] % 123 == 0)
            sum += (uint64_t)(b->auction[i] + b->price[i]);
    return sum;
}

/* ---- the cases --------------------------------------------------------------------------- */

void roof_scan_cases(const struct roof_options *options, const struct roof_bids *bids)
{
    size_t entries = bids->n_channels * sizeof(uint64_t);
    struct scan scan = {bids, roof_memory(entries), roof_memory(entries)};
    for (uint32_t i = 0; i < bids->n_channels; i++) {
        scan.channel_sums[i] = sum_text_plain(&bids->channels[i]);
        scan.url_sums[i] = sum_text_plain(&bids->urls[i]);
    }
    int64_t kinds = bids->n_events * 4, text = (int64_t)bids->text_bytes + bids->n * 16;
    roof_measure(options, &(struct roof_case){.workload = "q0",
                                              .source = "memory",
                                              .events = bids->n_events,
                                              .rows = bids->n,
                                              .bytes = kinds + bids->n * 32 + text,
                                              .correct = q0_run(&scan) == q0_plain(bids, false),
                                              .run = q0_run,
                                              .ctx = &scan});
    roof_measure(options, &(struct roof_case){.workload = "bids",
                                              .source = "memory",
                                              .events = bids->n_events,
                                              .rows = bids->n,
                                              .bytes = kinds + bids->n * 36 + text,
                                              .correct = bids_run(&scan) == q0_plain(bids, true),
                                              .run = bids_run,
                                              .ctx = &scan});
    roof_measure(options, &(struct roof_case){.workload = "q1",
                                              .source = "memory",
                                              .events = bids->n_events,
                                              .rows = bids->n,
                                              .bytes = kinds + bids->n * 32 + text,
                                              .correct = q1_run(&scan) == q1_plain(bids),
                                              .run = q1_run,
                                              .ctx = &scan});
    roof_measure(options, &(struct roof_case){.workload = "q2",
                                              .source = "memory",
                                              .events = bids->n_events,
                                              .bytes = kinds + bids->n * 8,
                                              .correct = q2_run(&scan) == q2_plain(bids),
                                              .run = q2_run,
                                              .ctx = &scan});
    roof_release(scan.channel_sums, entries);
    roof_release(scan.url_sums, entries);
}
