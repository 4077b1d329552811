/* reference.c -- what the Nexmark workloads must answer, by other means.
 *
 * Bids come one by one in order of time and each query is a few plain lines over
 * them: no batches, no columns, no windows operator, none of the engine's code. A
 * map from 64-bit numbers to 64-bit numbers is all the machinery. */
#include "bench/reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/checksum.h"

/* ---- a map ------------------------------------------------------------------ */

struct map { /* open addressing; a key may be any number but EMPTY */
    uint64_t len, cap;
    struct slot {
        uint64_t key, value;
    } *slots;
};
#define EMPTY UINT64_MAX

/* The value of the key, 0 when it is new. */
static uint64_t *map_at(struct map *map, uint64_t key)
{
    if (map->len * 2 >= map->cap) {
        struct map bigger = {.cap = map->cap ? map->cap * 2 : 1024};
        bigger.slots = bench_alloc(bigger.cap * sizeof(*bigger.slots));
        for (uint64_t i = 0; i < bigger.cap; i++)
            bigger.slots[i].key = EMPTY;
        for (uint64_t i = 0; i < map->cap; i++)
            if (map->slots[i].key != EMPTY)
                *map_at(&bigger, map->slots[i].key) = map->slots[i].value;
        free(map->slots);
        *map = bigger;
    }
    uint64_t at = checksum_splitmix(key) & (map->cap - 1);
    while (map->slots[at].key != key && map->slots[at].key != EMPTY)
        at = (at + 1) & (map->cap - 1);
    if (map->slots[at].key == EMPTY) {
        map->slots[at] = (struct slot){.key = key};
        map->len++;
    }
    return &map->slots[at].value;
}

/* True the first time that the key comes with that bit. */
static bool map_mark(struct map *map, uint64_t key, int bit)
{
    uint64_t *bits = map_at(map, key), mask = UINT64_C(1) << bit;
    bool is_new = !(*bits & mask);
    *bits |= mask;
    return is_new;
}

/* ---- the state of all queries ----------------------------------------------- */

enum { LEVELS = 4 }; /* all bids, and by price: below 10,000, below 1,000,000, above */

struct statistics { /* q15, q16 */
    char *channel;  /* NULL: all */
    uint32_t channel_len;
    int64_t day, minute_max;
    uint64_t bids[LEVELS], bidders[LEVELS], auctions[LEVELS];
};

struct per_auction { /* q17 */
    int64_t auction, day;
    uint64_t bids[LEVELS];
    int64_t min, max;
    __int128 sum;
};

struct session { /* q11 */
    int64_t start, last;
    uint64_t count;
};

enum {
    BIDS,
    Q0,
    Q1,
    Q2,
    Q5_HOP,
    Q7_TUMBLE,
    Q10,
    Q11,
    Q12,
    Q14,
    Q15,
    Q16,
    Q17,
    Q21,
    Q22,
    TUMBLE_COUNT,
    N_QUERIES
};
static const char *const names[N_QUERIES] = {
    "bids", "q0",  "q1",  "q2",  "q5-hop", "q7-tumble", "q10", "q11",
    "q12",  "q14", "q15", "q16", "q17",    "q21",       "q22", "tumble-count"};

struct reference {
    struct {
        uint64_t rows, sum;
    } answers[N_QUERIES];
    struct map hop;       /* (auction, window) -> bids */
    struct map counts;    /* window -> bids */
    struct map tumble;    /* window -> highest price */
    struct map sessions;  /* bidder -> 1 + index */
    struct map bidders;   /* bidder -> bids, for q12 */
    struct map groups;    /* hash of (channel, day) -> 1 + index, for q16 */
    struct map distinct; /* (group, bidder or auction) -> levels */
    struct map auctions;  /* (auction, day) -> 1 + index, for q17 */
    struct session *session;
    uint64_t n_sessions, cap_sessions;
    struct statistics *stats;
    uint64_t n_stats, cap_stats;
    struct per_auction *per_auction;
    uint64_t n_auctions, cap_auctions;
};

/* Room for one more element of an array that doubles. */
static void *grown(void *items, uint64_t len, uint64_t *cap, size_t size)
{
    if (len < *cap)
        return items;
    *cap = *cap ? *cap * 2 : 64;
    items = realloc(items, *cap * size);
    if (!items)
        bench_fail("no memory for the reference");
    return items;
}

static void emit(struct reference *ref, int query, const struct checksum_row *row)
{
    ref->answers[query].rows++;
    ref->answers[query].sum += checksum_end(row);
}

/* ---- text and time ---------------------------------------------------------- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

enum { SECOND = 1000000 };
static const int64_t day_us = INT64_C(86400) * SECOND;

/* yyyy-MM-dd of a day since 1970: by counting years and months. */
static size_t day_text(int64_t day, char out[16])
{
    static const int lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = 1970, month = 0;
    for (;; year++) {
        int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        if (day < 365 + leap) {
            for (; day >= lengths[month] + (month == 1 && leap); month++)
                day -= lengths[month] + (month == 1 && leap);
            break;
        }
        day -= 365 + leap;
    }
    return (size_t)snprintf(out, 16, "%04d-%02d-%02d", year, month + 1, (int)day + 1);
}

static size_t minute_text(int64_t minute_of_day, char out[16])
{
    return (size_t)snprintf(out, 16, "%02d:%02d", (int)(minute_of_day / 60) % 24,
                            (int)(minute_of_day % 60));
}

static int level_of(int64_t price)
{
    return price < 10000 ? 1 : price < 1000000 ? 2 : 3;
}

/* The text is `word`, whatever its case. */
static bool is_word(const char *text, uint32_t len, const char *word)
{
    for (uint32_t i = 0; i < len; i++) {
        char c = text[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c != word[i])
            return false;
    }
    return word[len] == '\0';
}

/* Field `n` between slashes; false when there is none. */
static bool field_of(const char *text, uint32_t len, int n, const char **out, uint32_t *out_len)
{
    uint32_t from = 0;
    for (uint32_t i = 0; i <= len; i++) {
        if (i < len && text[i] != '/')
            continue;
        if (n-- == 0) {
            *out = text + from;
            *out_len = i - from;
            return true;
        }
        from = i + 1;
    }
    return false;
}

/* What follows the first "channel_id=" at the start or after an '&', up to the next '&'. */
static bool channel_id_of(const char *url, uint32_t len, const char **out, uint32_t *out_len)
{
    static const char key[] = "channel_id=";
    uint32_t key_len = sizeof(key) - 1;
    for (uint32_t i = 0; i + key_len <= len; i++) {
        if ((i > 0 && url[i - 1] != '&') || memcmp(url + i, key, key_len) != 0)
            continue;
        *out = url + i + key_len;
        *out_len = 0;
        while (i + key_len + *out_len < len && (*out)[*out_len] != '&')
            (*out_len)++;
        return true;
    }
    return false;
}

/* ---- queries that look at one bid ------------------------------------------- */

static struct checksum_row row_of(const struct reference_bid *bid)
{
    struct checksum_row row = {0};
    checksum_value(&row, (uint64_t)bid->auction);
    checksum_value(&row, (uint64_t)bid->bidder);
    return row;
}

static void decimal(struct checksum_row *row, __int128 value)
{
    unsigned __int128 bits = (unsigned __int128)value;
    checksum_value(row, checksum_wide((uint64_t)bits, (uint64_t)(bits >> 64)));
}

static void simple_queries(struct reference *ref, const struct reference_bid *bid)
{
    char text[16];
    struct checksum_row row = row_of(bid);
    checksum_value(&row, (uint64_t)bid->price);
    checksum_string(&row, bid->channel, bid->channel_len);
    checksum_string(&row, bid->url, bid->url_len);
    checksum_value(&row, (uint64_t)bid->time_us);
    checksum_string(&row, bid->extra, bid->extra_len);
    emit(ref, BIDS, &row);
    row = row_of(bid);
    checksum_value(&row, (uint64_t)bid->price);
    checksum_value(&row, (uint64_t)bid->time_us);
    checksum_string(&row, bid->extra, bid->extra_len);
    emit(ref, Q0, &row);
    checksum_string(&row, text, day_text(floor_div(bid->time_us, day_us), text));
    checksum_string(&row, text, minute_text(floor_div(bid->time_us, 60 * SECOND) % 1440, text));
    emit(ref, Q10, &row);
    row = row_of(bid);
    decimal(&row, (__int128)bid->price * 908); /* DECIMAL(23, 3) */
    checksum_value(&row, (uint64_t)bid->time_us);
    checksum_string(&row, bid->extra, bid->extra_len);
    emit(ref, Q1, &row);
    if (bid->auction % 123 == 0) {
        row = (struct checksum_row){0};
        checksum_value(&row, (uint64_t)bid->auction);
        checksum_value(&row, (uint64_t)bid->price);
        emit(ref, Q2, &row);
    }
}

static void q14(struct reference *ref, const struct reference_bid *bid)
{
    __int128 price = (__int128)bid->price * 908;
    int hour = (int)(floor_div(bid->time_us, (int64_t)3600 * SECOND) % 24);
    uint64_t letters = 0;
    if (price <= (__int128)1000000 * 1000 || price >= (__int128)50000000 * 1000)
        return;
    const char *kind = hour >= 8 && hour <= 18   ? "dayTime"
                       : hour <= 6 || hour >= 20 ? "nightTime"
                                                 : "otherTime";
    for (uint32_t i = 0; i < bid->extra_len; i++)
        letters += bid->extra[i] == 'c';
    struct checksum_row row = row_of(bid);
    decimal(&row, price);
    checksum_string(&row, kind, strlen(kind));
    checksum_value(&row, (uint64_t)bid->time_us);
    checksum_string(&row, bid->extra, bid->extra_len);
    checksum_value(&row, letters);
    emit(ref, Q14, &row);
}

static void q21_q22(struct reference *ref, const struct reference_bid *bid)
{
    static const char *const known[] = {"apple", "google", "facebook", "baidu"};
    static const char *const ids[] = {"0", "1", "2", "3"};
    const char *part = NULL;
    uint32_t len = 1;
    struct checksum_row row = row_of(bid);
    checksum_value(&row, (uint64_t)bid->price);
    checksum_string(&row, bid->channel, bid->channel_len);
    struct checksum_row dirs = row;
    for (int i = 0; i < 4; i++)
        if (is_word(bid->channel, bid->channel_len, known[i]))
            part = ids[i];
    if (part || channel_id_of(bid->url, bid->url_len, &part, &len)) {
        checksum_string(&row, part, len);
        emit(ref, Q21, &row);
    }
    for (int i = 3; i <= 5; i++) {
        if (field_of(bid->url, bid->url_len, i, &part, &len))
            checksum_string(&dirs, part, len);
        else
            checksum_value(&dirs, CHECKSUM_NULL);
    }
    emit(ref, Q22, &dirs);
}

/* ---- queries that gather ---------------------------------------------------- */

static void windows(struct reference *ref, const struct reference_bid *bid)
{
    int64_t slice = floor_div(bid->time_us, 2 * SECOND);
    for (int64_t first = slice - 4; first <= slice; first++) /* of 10 s, every 2 s */
        (*map_at(&ref->hop, (uint64_t)bid->auction << 32 | (uint32_t)first))++;
    (*map_at(&ref->counts, (uint64_t)floor_div(bid->time_us, 10 * SECOND)))++;
    uint64_t *highest = map_at(&ref->tumble, (uint64_t)floor_div(bid->time_us, 10 * SECOND));
    if (*highest < (uint64_t)bid->price)
        *highest = (uint64_t)bid->price;
    (*map_at(&ref->bidders, (uint64_t)bid->bidder))++;
}

static void session_end(struct reference *ref, int64_t bidder, const struct session *session)
{
    struct checksum_row row = {0};
    checksum_value(&row, (uint64_t)bidder);
    checksum_value(&row, session->count);
    checksum_value(&row, (uint64_t)session->start);
    checksum_value(&row, (uint64_t)(session->last + 10 * SECOND));
    emit(ref, Q11, &row);
}

static void q11(struct reference *ref, const struct reference_bid *bid)
{
    uint64_t *index = map_at(&ref->sessions, (uint64_t)bid->bidder);
    if (*index == 0) {
        ref->session = grown(ref->session, ref->n_sessions, &ref->cap_sessions,
                             sizeof(*ref->session));
        ref->session[ref->n_sessions++] = (struct session){.start = bid->time_us};
        *index = ref->n_sessions;
    }
    struct session *session = &ref->session[*index - 1];
    if (session->count > 0 && bid->time_us - session->last >= 10 * SECOND) {
        session_end(ref, bid->bidder, session);
        *session = (struct session){.start = bid->time_us};
    }
    session->last = bid->time_us;
    session->count++;
}

static void statistics_add(struct reference *ref, uint64_t group, const struct reference_bid *bid)
{
    struct statistics *stats = &ref->stats[group];
    int levels[2] = {0, level_of(bid->price)};
    int64_t minute = floor_div(bid->time_us, 60 * SECOND) % 1440;
    if (minute > stats->minute_max)
        stats->minute_max = minute;
    uint64_t bidder = group << 41 | (uint64_t)bid->bidder;
    uint64_t auction = group << 41 | UINT64_C(1) << 40 | (uint64_t)bid->auction;
    if ((uint64_t)bid->bidder >> 40 || (uint64_t)bid->auction >> 40 || group >> 22)
        bench_fail("too many groups or too large ids for the reference");
    for (int i = 0; i < 2; i++) {
        stats->bids[levels[i]]++;
        stats->bidders[levels[i]] += map_mark(&ref->distinct, bidder, levels[i]);
        stats->auctions[levels[i]] += map_mark(&ref->distinct, auction, levels[i]);
    }
}

/* The group of the channel (NULL: all) and the day. */
static uint64_t statistics_group(struct reference *ref, const char *channel, uint32_t len,
                                 int64_t day)
{
    uint64_t key = checksum_mix((channel ? checksum_text(channel, len) : 1) + (uint64_t)day);
    for (;; key++) { /* two names of one hash: the next number */
        uint64_t *index = map_at(&ref->groups, key);
        if (*index == 0) {
            ref->stats = grown(ref->stats, ref->n_stats, &ref->cap_stats, sizeof(*ref->stats));
            ref->stats[ref->n_stats++] = (struct statistics){
                .channel = channel ? bench_format("%.*s", (int)len, channel) : NULL,
                .channel_len = len,
                .day = day};
            *index = ref->n_stats;
            return *index - 1;
        }
        const struct statistics *stats = &ref->stats[*index - 1];
        if (stats->day == day && !stats->channel == !channel &&
            (!channel ||
             (stats->channel_len == len && memcmp(stats->channel, channel, len) == 0)))
            return *index - 1;
    }
}

static void q17(struct reference *ref, const struct reference_bid *bid)
{
    int64_t day = floor_div(bid->time_us, day_us);
    uint64_t *index = map_at(&ref->auctions, (uint64_t)bid->auction << 20 | (uint64_t)day);
    if (*index == 0) {
        ref->per_auction = grown(ref->per_auction, ref->n_auctions, &ref->cap_auctions,
                                 sizeof(*ref->per_auction));
        ref->per_auction[ref->n_auctions++] = (struct per_auction){
            .auction = bid->auction, .day = day, .min = bid->price, .max = bid->price};
        *index = ref->n_auctions;
    }
    struct per_auction *group = &ref->per_auction[*index - 1];
    group->bids[0]++;
    group->bids[level_of(bid->price)]++;
    group->min = bid->price < group->min ? bid->price : group->min;
    group->max = bid->price > group->max ? bid->price : group->max;
    group->sum += bid->price;
}

void reference_bid(struct reference *ref, const struct reference_bid *bid)
{
    int64_t day = floor_div(bid->time_us, day_us);
    simple_queries(ref, bid);
    windows(ref, bid);
    q11(ref, bid);
    q14(ref, bid);
    q17(ref, bid);
    q21_q22(ref, bid);
    statistics_add(ref, statistics_group(ref, NULL, 0, day), bid);
    statistics_add(ref, statistics_group(ref, bid->channel, bid->channel_len, day), bid);
}

/* ---- the end ---------------------------------------------------------------- */

static void end_statistics(struct reference *ref, const struct statistics *stats)
{
    char text[16];
    struct checksum_row row = {0};
    if (stats->channel)
        checksum_string(&row, stats->channel, stats->channel_len);
    checksum_string(&row, text, day_text(stats->day, text));
    if (stats->channel)
        checksum_string(&row, text, minute_text(stats->minute_max, text));
    for (int i = 0; i < LEVELS; i++)
        checksum_value(&row, stats->bids[i]);
    for (int i = 0; i < LEVELS; i++)
        checksum_value(&row, stats->bidders[i]);
    for (int i = 0; i < LEVELS; i++)
        checksum_value(&row, stats->auctions[i]);
    emit(ref, stats->channel ? Q16 : Q15, &row);
}

static void end_auction(struct reference *ref, const struct per_auction *group)
{
    char text[16];
    struct checksum_row row = {0};
    checksum_value(&row, (uint64_t)group->auction);
    checksum_string(&row, text, day_text(group->day, text));
    for (int i = 0; i < LEVELS; i++)
        checksum_value(&row, group->bids[i]);
    checksum_value(&row, (uint64_t)group->min);
    checksum_value(&row, (uint64_t)group->max);
    checksum_value(&row, (uint64_t)(group->sum / (int64_t)group->bids[0]));
    checksum_value(&row, (uint64_t)group->sum);
    emit(ref, Q17, &row);
}

static void end_windows(struct reference *ref)
{
    for (uint64_t i = 0; i < ref->hop.cap; i++) {
        const struct slot *slot = &ref->hop.slots[i];
        int64_t start = (int64_t)(int32_t)(uint32_t)slot->key * 2 * SECOND;
        struct checksum_row row = {0};
        if (slot->key == EMPTY)
            continue;
        checksum_value(&row, slot->key >> 32);
        checksum_value(&row, slot->value);
        checksum_value(&row, (uint64_t)start);
        checksum_value(&row, (uint64_t)(start + 10 * SECOND));
        emit(ref, Q5_HOP, &row);
    }
    for (uint64_t i = 0; i < ref->tumble.cap; i++) {
        const struct slot *slot = &ref->tumble.slots[i];
        struct checksum_row row = {0};
        if (slot->key == EMPTY)
            continue;
        checksum_value(&row, slot->value);
        checksum_value(&row, (slot->key + 1) * 10 * SECOND);
        emit(ref, Q7_TUMBLE, &row);
    }
    for (uint64_t i = 0; i < ref->counts.cap; i++) {
        const struct slot *slot = &ref->counts.slots[i];
        struct checksum_row row = {0};
        if (slot->key == EMPTY)
            continue;
        checksum_value(&row, slot->key * 10 * SECOND);
        checksum_value(&row, slot->value);
        emit(ref, TUMBLE_COUNT, &row);
    }
}

void reference_end(struct reference *ref)
{
    for (uint64_t i = 0; i < ref->n_stats; i++)
        end_statistics(ref, &ref->stats[i]);
    for (uint64_t i = 0; i < ref->n_auctions; i++)
        end_auction(ref, &ref->per_auction[i]);
    end_windows(ref);
    for (uint64_t i = 0; i < ref->sessions.cap; i++)
        if (ref->sessions.slots[i].key != EMPTY)
            session_end(ref, (int64_t)ref->sessions.slots[i].key,
                        &ref->session[ref->sessions.slots[i].value - 1]);
    for (uint64_t i = 0; i < ref->bidders.cap; i++) {
        struct checksum_row row = {0};
        if (ref->bidders.slots[i].key == EMPTY)
            continue;
        checksum_value(&row, ref->bidders.slots[i].key);
        checksum_value(&row, ref->bidders.slots[i].value);
        emit(ref, Q12, &row);
    }
}

struct reference *reference_open(void)
{
    return bench_alloc(sizeof(struct reference));
}

void reference_close(struct reference *ref)
{
    struct map *maps[] = {&ref->hop,    &ref->tumble,   &ref->counts,  &ref->sessions,
                          &ref->bidders, &ref->groups, &ref->distinct, &ref->auctions};
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
        free(maps[i]->slots);
    for (uint64_t i = 0; i < ref->n_stats; i++)
        free(ref->stats[i].channel);
    free(ref->session);
    free(ref->stats);
    free(ref->per_auction);
    free(ref);
}

bool reference_answer(const struct reference *ref, const char *workload, uint64_t *rows,
                      uint64_t *checksum)
{
    for (int i = 0; i < N_QUERIES; i++)
        if (strcmp(names[i], workload) == 0) {
            *rows = ref->answers[i].rows;
            *checksum = ref->answers[i].sum;
            return true;
        }
    return false;
}

void reference_print(const struct reference *ref, int64_t events)
{
    for (int i = 0; i < N_QUERIES; i++)
        printf("%lld %s %llu %016llx\n", (long long)events, names[i],
               (unsigned long long)ref->answers[i].rows, (unsigned long long)ref->answers[i].sum);
}
