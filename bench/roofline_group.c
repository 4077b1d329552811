/* roofline_group.c -- GROUP BY k: COUNT(*), SUM(v), by hand: linear probing, prefetched ahead.
 *
 * The rows are those README.md defines. A table of twice to four times as many slots as
 * keys; rows are hashed a batch at a time, and when the table is larger than a cache
 * the slot of the row so many places ahead is fetched. Integer keys lie in the
 * slot. String keys lie where they came from: a slot holds their hash and length.
 *
 * Past the size of the caches both are also done in two passes, the first of which
 * divides the rows by hash into parts whose tables fit. */
#include "bench/roofline.h"

#include <stdio.h>
#include <string.h>

enum { AHEAD = 16, PARTS_LOG = 8, PARTS = 1 << PARTS_LOG, CACHE_BYTES = 512 << 10, KEY_LEN = 18 };

struct slot {
    uint64_t tag; /* key + 1, or a hash that is never 0; 0 = free */
    const char *text;
    int64_t count, sum;
};

struct group {
    int64_t n;
    uint64_t n_keys;
    int64_t *keys, *values;
    char *text; /* KEY_LEN bytes a row, if keys are strings */
    struct slot *slots;
    uint64_t n_slots; /* a power of two */
    /* of the two passes */
    struct part_row {
        uint64_t tag;
        const char *text;
        int64_t value;
    } * rows;
    int64_t starts[PARTS + 1];
};

static uint64_t row_hash(int64_t i)
{
    uint64_t z = ((uint64_t)i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* Of the 18 bytes of a key; never 0. */
static inline uint64_t text_hash(const char *text)
{
    uint64_t a, b;
    uint16_t c;
    memcpy(&a, text, 8);
    memcpy(&b, text + 8, 8);
    memcpy(&c, text + 16, 2);
    a = roof_mix(a ^ (uint64_t)c << 40) ^ b;
    return roof_mix(a) | 1;
}

static inline uint64_t tag_of(const struct group *g, int64_t row)
{
    return g->text ? text_hash(g->text + row * KEY_LEN) : (uint64_t)g->keys[row] + 1;
}
static inline uint64_t place_of(uint64_t tag, uint64_t mask)
{
    return roof_mix(tag) >> 16 & mask;
}

/* One row into the table; `text` is NULL for integers. */
static inline void slot_add(struct slot *slots, uint64_t mask, uint64_t at, uint64_t tag,
                            const char *text, int64_t value)
{
    for (;; at = (at + 1) & mask) {
        struct slot *slot = &slots[at];
        if (slot->tag == tag && (!text || memcmp(slot->text, text, KEY_LEN) == 0)) {
            slot->count++;
            slot->sum += value;
            return;
        }
        if (slot->tag == 0) {
            *slot = (struct slot){tag, text, 1, value};
            return;
        }
    }
}

static uint64_t fold(const struct slot *slots, uint64_t n, uint64_t *groups)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < n; i++) {
        *groups += slots[i].tag != 0;
        sum += roof_mix(slots[i].tag + (uint64_t)slots[i].count * 31 + (uint64_t)slots[i].sum) *
               (slots[i].tag != 0);
    }
    return sum;
}

/* ---- one pass --------------------------------------------------------------------- */

static uint64_t one_pass(void *ctx)
{
    struct group *g = ctx;
    uint64_t mask = g->n_slots - 1, groups = 0;
    uint64_t tags[ROOF_BATCH + AHEAD], places[ROOF_BATCH + AHEAD];
    bool far = g->n_slots * sizeof(struct slot) > CACHE_BYTES;
    memset(g->slots, 0, g->n_slots * sizeof(struct slot));
    for (int64_t at = 0; at < g->n; at += ROOF_BATCH) {
        int64_t n = g->n - at < ROOF_BATCH ? g->n - at : ROOF_BATCH;
        for (int64_t i = 0; i < n; i++)
            tags[i] = tag_of(g, at + i);
        for (int64_t i = 0; i < n; i++)
            places[i] = place_of(tags[i], mask);
        for (int64_t i = n; i < n + AHEAD; i++)
            places[i] = places[n - 1];
        for (int64_t i = 0; i < n; i++) {
            if (far)
                __builtin_prefetch(&g->slots[places[i + AHEAD]], 1);
            slot_add(g->slots, mask, places[i], tags[i],
                     g->text ? g->text + (at + i) * KEY_LEN : NULL, g->values[at + i]);
        }
    }
    return fold(g->slots, g->n_slots, &groups);
}

/* ---- two passes ------------------------------------------------------------------------ */

static inline uint32_t part_of(uint64_t tag)
{
    return (uint32_t)(roof_mix(tag) >> (64 - PARTS_LOG));
}

static void divide(struct group *g)
{
    int64_t ends[PARTS] = {0};
    for (int64_t i = 0; i < g->n; i++)
        ends[part_of(tag_of(g, i))]++;
    int64_t at = 0;
    for (int p = 0; p < PARTS; p++) {
        g->starts[p] = at;
        at += ends[p];
        ends[p] = g->starts[p];
    }
    g->starts[PARTS] = at;
    for (int64_t i = 0; i < g->n; i++) {
        uint64_t tag = tag_of(g, i);
        g->rows[ends[part_of(tag)]++] =
            (struct part_row){tag, g->text ? g->text + i * KEY_LEN : NULL, g->values[i]};
    }
}

static uint64_t two_passes(void *ctx)
{
    struct group *g = ctx;
    uint64_t n_slots = g->n_slots >> PARTS_LOG, mask = n_slots - 1, sum = 0, groups = 0;
    divide(g);
    for (int p = 0; p < PARTS; p++) {
        memset(g->slots, 0, n_slots * sizeof(struct slot));
        int64_t end = g->starts[p + 1];
        for (int64_t i = g->starts[p]; i < end; i++) {
            const struct part_row *row = &g->rows[i];
            if (row->text && i + AHEAD < end)
                __builtin_prefetch(g->rows[i + AHEAD].text);
            slot_add(g->slots, mask, place_of(row->tag, mask), row->tag, row->text, row->value);
        }
        sum += fold(g->slots, n_slots, &groups);
    }
    return sum;
}

/* ---- the answer, plainly ------------------------------------------------------------------ */

/* The keys are numbers below n_keys, so arrays will do. */
static uint64_t plain(struct group *g, uint64_t *groups)
{
    int64_t *counts = roof_memory(g->n_keys * sizeof(int64_t));
    int64_t *sums = roof_memory(g->n_keys * sizeof(int64_t));
    uint64_t sum = 0;
    for (int64_t i = 0; i < g->n; i++) {
        counts[g->keys[i]]++;
        sums[g->keys[i]] += g->values[i];
    }
    for (uint64_t k = 0; k < g->n_keys; k++) {
        char text[32];
        if (counts[k] == 0)
            continue;
        snprintf(text, sizeof(text), "customer-%09llu", (unsigned long long)k);
        uint64_t tag = g->text ? text_hash(text) : k + 1;
        sum += roof_mix(tag + (uint64_t)counts[k] * 31 + (uint64_t)sums[k]);
        ++*groups;
    }
    roof_release(counts, g->n_keys * sizeof(int64_t));
    roof_release(sums, g->n_keys * sizeof(int64_t));
    return sum;
}

static void text_make(struct group *g)
{
    g->text = roof_memory((size_t)g->n * KEY_LEN + 64);
    for (int64_t i = 0; i < g->n; i++) {
        char *to = g->text + i * KEY_LEN;
        memcpy(to, "customer-", 9);
        int64_t key = g->keys[i];
        for (int d = KEY_LEN - 1; d >= 9; d--, key /= 10)
            to[d] = (char)('0' + key % 10);
    }
}

static void group_cases(const struct roof_options *options, struct group *g, const char *kind)
{
    char workload[64];
    uint64_t groups = 0, want = plain(g, &groups);
    snprintf(workload, sizeof(workload), "group-%s-%llu", kind, (unsigned long long)g->n_keys);
    g->n_slots = 1024;
    while (g->n_slots < g->n_keys * (g->n_keys > 2000000 ? 2 : 4))
        g->n_slots *= 2;
    size_t size = g->n_slots * sizeof(struct slot), rows_size = (size_t)g->n * sizeof(*g->rows);
    bool large = size > 8 << 20;
    g->slots = roof_memory(size);
    g->rows = large ? roof_memory(rows_size) : NULL;
    struct roof_case ways[2] = {{.workload = workload,
                                 .source = "memory",
                                 .events = g->n,
                                 .rows = (int64_t)groups,
                                 .bytes = g->n * (g->text ? 8 + KEY_LEN : 16),
                                 .correct = one_pass(g) == want,
                                 .run = one_pass,
                                 .note = "one pass, linear probing with prefetch",
                                 .ctx = g}};
    ways[1] = ways[0];
    ways[1].run = two_passes;
    ways[1].note = "two passes, the first divides by hash";
    ways[1].correct = large && two_passes(g) == want;
    roof_measure_best(options, ways, large ? 2 : 1);
    roof_release(g->slots, size);
    if (large)
        roof_release(g->rows, rows_size);
}

void roof_group_cases(const struct roof_options *options)
{
    static const uint64_t keys[] = {100, 10000, 1000000, 10000000};
    for (int i = 0; i < 4 && keys[i] <= (uint64_t)options->rows; i++) {
        struct group g = {.n = options->rows, .n_keys = keys[i]};
        size_t size = (size_t)g.n * sizeof(int64_t);
        g.keys = roof_memory(size);
        g.values = roof_memory(size);
        for (int64_t row = 0; row < g.n; row++) {
            uint64_t h = row_hash(row);
            g.keys[row] = (int64_t)(h % g.n_keys);
            g.values[row] = (int64_t)((h >> 44) % 1000);
        }
        group_cases(options, &g, "int");
        text_make(&g);
        group_cases(options, &g, "str");
        roof_release(g.text, (size_t)g.n * KEY_LEN + 64);
        roof_release(g.keys, size);
        roof_release(g.values, size);
    }
}
