/* nexmark_model.c -- one field of one Nexmark event.
 *
 * field_hash(seed, n, field) is the only source of chance. Integer draws scale
 * its high bits, so nothing here depends on a platform's floating point: prices
 * too are looked up in fixed-point tables of 10^(6u). */
#include "connectors/nexmark_model.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/tz.h"

enum { FIRST_AUCTION_ID = 1000, FIRST_PERSON_ID = 1000, FIRST_CATEGORY_ID = 10 };
enum { HOT_BATCH = 100, ID_LEAD = 10, ACTIVE_PEOPLE = 1000, IN_FLIGHT_AUCTIONS = 100 };

enum field {
    F_NAME = 1,
    F_EMAIL,
    F_CARD,
    F_CITY,
    F_STATE,
    F_PERSON_EXTRA,
    F_SELLER,
    F_CATEGORY,
    F_INITIAL,
    F_EXPIRES,
    F_ITEM,
    F_TEXT,
    F_RESERVE,
    F_AUCTION_EXTRA,
    F_AUCTION,
    F_BIDDER,
    F_PRICE,
    F_CHANNEL,
    F_BID_EXTRA,
    F_URL,
};

static inline uint64_t field_hash(const struct lt_nexmark_config *config, int64_t n,
                                  enum field field)
{
    return lt_hash_mix(lt_hash_mix(config->seed + (uint64_t)n * UINT64_C(0x9e3779b97f4a7c15)) +
                       (uint64_t)field * UINT64_C(0xd1b54a32d192ed03));
}
/* Uniform over [0, bound), from the high (a) or the low (b) half of a hash. */
static inline int64_t draw_a(uint64_t hash, int64_t bound)
{
    return (int64_t)(((hash >> 32) * (uint64_t)bound) >> 32);
}
static inline int64_t draw_b(uint64_t hash, int64_t bound)
{
    return (int64_t)(((hash & UINT32_MAX) * (uint64_t)bound) >> 32);
}

/* More bits than one hash has. */
static inline uint64_t stream_next(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    return lt_hash_mix(*state);
}

void lt_nexmark_config_init(struct lt_nexmark_config *config)
{
    *config = (struct lt_nexmark_config){
        .seed = 1,
        .base_us = INT64_C(1704067200) * LT_US_PER_SECOND, /* 2024-01-01 00:00:00 */
        .delay_us = 100,
        .n_person = 1,
        .n_auction = 3,
        .n_bid = 46,
        .hot_auctions = 2,
        .hot_bidders = 4,
        .hot_sellers = 4,
        .person_bytes = 200,
        .auction_bytes = 500,
        .bid_bytes = 100,
    };
    lt_nexmark_config_done(config);
}

void lt_nexmark_config_done(struct lt_nexmark_config *config)
{
    /* 10^(6/256^k) in units of 2^-62: the steps of four tables, one byte of u each. */
    static const uint64_t steps[4] = {
        UINT64_C(4867402167526620376),
        UINT64_C(4612658301034381562),
        UINT64_C(4611689816007577034),
        UINT64_C(4611686033261679434),
    };
    config->total = config->n_person + config->n_auction + config->n_bid;
    for (unsigned k = 0; k < 4; k++) {
        uint64_t value = k == 0 ? UINT64_C(100) << 36 : UINT64_C(1) << 62;
        for (unsigned i = 0; i < 256; i++) {
            config->price_table[k][i] = value;
            value = (uint64_t)(((unsigned __int128)value * steps[k]) >> 62);
        }
    }
}

/* round(10^(6u) * 100): cents from 100 to 100,000,000, each magnitude equally likely. */
static int64_t price_draw(const struct lt_nexmark_config *config, uint64_t hash)
{
    unsigned __int128 value = config->price_table[0][hash >> 56];
    value = value * config->price_table[1][hash >> 48 & 255] >> 62;
    value = value * config->price_table[2][hash >> 40 & 255] >> 62;
    value = value * config->price_table[3][hash >> 32 & 255] >> 62;
    return (int64_t)(((uint64_t)value + (UINT64_C(1) << 35)) >> 36);
}

/* ---- strings ------------------------------------------------------------ */

/* 3 to max - 1 characters, each `special` with chance 1/13, else a letter; blanks at the ends
 * are trimmed. */
static size_t string_draw(uint64_t *state, unsigned max, char special, char *out)
{
    uint64_t bits = stream_next(state);
    size_t len = 3 + (size_t)draw_a(bits, max - 3), from = 0;
    for (size_t i = 0; i < len; i++) {
        if (i % 4 == 0)
            bits = stream_next(state);
        unsigned v = (unsigned)((bits & 0xFFFF) * 338 >> 16);
        out[i] = v < 26 ? special : (char)('a' + v % 26);
        bits >>= 16;
    }
    while (len && out[len - 1] == ' ')
        len--;
    while (from < len && out[from] == ' ')
        from++;
    if (from)
        memmove(out, out + from, len - from);
    return len - from;
}

/* Pads an event of `size` bytes to `average` bytes, give or take a fifth, with letters. */
static size_t extra_draw(uint64_t hash, int64_t size, int64_t average, char *out)
{
    if (size > average)
        return 0;
    int64_t want = average - size;
    int64_t delta = (want * 2 + 5) / 10;
    int64_t len = want - delta + (delta ? draw_a(hash, 2 * delta) : 0);
    LT_ASSERT(len <= LT_NEXMARK_EXTRA_MAX - 8);
    for (int64_t i = 0; i < len; i += 8) {
        uint64_t bits = stream_next(&hash);
        for (unsigned j = 0; j < 8; j++) /* writes up to 7 bytes past the end, see EXTRA_MAX */
            out[i + j] = (char)('a' + (((bits >> (8 * j)) & 255) * 26 >> 8));
    }
    return (size_t)len;
}

/* ---- people ------------------------------------------------------------- */

static const char *const first_names[] = {"Peter", "Paul",  "Luke",  "John",   "Saul",  "Vicky",
                                          "Kate",  "Julie", "Sarah", "Deiter", "Walter"};
static const char *const last_names[] = {"Shultz", "Abrams", "Spencer", "White", "Bartels",
                                         "Walton", "Smith",  "Jones",   "Noris"};
static const char *const cities[LT_NEXMARK_CITIES] = {
    "Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland",
    "Bend",    "Redmond",     "Seattle",       "Kent",  "Cheyenne"};
static const char *const states[LT_NEXMARK_STATES] = {"AZ", "CA", "ID", "OR", "WA", "WY"};

int64_t lt_nexmark_person_id(const struct lt_nexmark_config *config, struct lt_nexmark_place at)
{
    return lt_nexmark_last_person(config, at) + FIRST_PERSON_ID;
}

/* One of the last thousand people, or of ten who have not come yet. */
static int64_t person_draw(int64_t last, uint64_t hash)
{
    int64_t people = last + 1;
    int64_t active = people < ACTIVE_PEOPLE ? people : ACTIVE_PEOPLE;
    return people - active + draw_b(hash, active + ID_LEAD);
}

unsigned lt_nexmark_person_name(const struct lt_nexmark_config *config, int64_t n)
{
    uint64_t hash = field_hash(config, n, F_NAME);
    return (unsigned)(draw_a(hash, 11) * 9 + draw_b(hash, 9));
}

size_t lt_nexmark_name_text(unsigned name, char *out)
{
    const char *first = first_names[name / 9], *last = last_names[name % 9];
    size_t n = strlen(first), m = strlen(last);
    memcpy(out, first, n);
    out[n] = ' ';
    memcpy(out + n + 1, last, m);
    return n + 1 + m;
}

unsigned lt_nexmark_person_city(const struct lt_nexmark_config *config, int64_t n)
{
    return (unsigned)draw_a(field_hash(config, n, F_CITY), LT_NEXMARK_CITIES);
}

unsigned lt_nexmark_person_state(const struct lt_nexmark_config *config, int64_t n)
{
    return (unsigned)draw_a(field_hash(config, n, F_STATE), LT_NEXMARK_STATES);
}

struct lt_str lt_nexmark_city_text(unsigned city)
{
    return lt_str_of(cities[city]);
}

struct lt_str lt_nexmark_state_text(unsigned state)
{
    return lt_str_of(states[state]);
}

size_t lt_nexmark_person_email(const struct lt_nexmark_config *config, int64_t n, char *out)
{
    uint64_t state = field_hash(config, n, F_EMAIL);
    size_t len = string_draw(&state, 7, ' ', out);
    out[len++] = '@';
    len += string_draw(&state, 5, ' ', out + len);
    memcpy(out + len, ".com", 4);
    return len + 4;
}

size_t lt_nexmark_person_card(const struct lt_nexmark_config *config, int64_t n, char *out)
{
    uint64_t hash = field_hash(config, n, F_CARD);
    for (unsigned i = 0; i < 4; i++) {
        unsigned part = (unsigned)(((hash >> (16 * i)) & 0xFFFF) * 10000 >> 16);
        char *to = out + 5 * i;
        to[0] = (char)('0' + part / 1000);
        to[1] = (char)('0' + part / 100 % 10);
        to[2] = (char)('0' + part / 10 % 10);
        to[3] = (char)('0' + part % 10);
        if (i < 3)
            to[4] = ' ';
    }
    return 19;
}

size_t lt_nexmark_person_extra(const struct lt_nexmark_config *config, int64_t n, char *out)
{
    char text[32];
    size_t size = 8 + 19; /* id and card */
    size += lt_nexmark_name_text(lt_nexmark_person_name(config, n), text);
    size += lt_nexmark_person_email(config, n, text);
    size += lt_nexmark_city_text(lt_nexmark_person_city(config, n)).len;
    size += lt_nexmark_state_text(lt_nexmark_person_state(config, n)).len;
    return extra_draw(field_hash(config, n, F_PERSON_EXTRA), (int64_t)size, config->person_bytes,
                      out);
}

/* ---- auctions ----------------------------------------------------------- */

int64_t lt_nexmark_auction_id(const struct lt_nexmark_config *config, struct lt_nexmark_place at)
{
    return lt_nexmark_last_auction(config, at) + FIRST_AUCTION_ID;
}

int64_t lt_nexmark_auction_seller(const struct lt_nexmark_config *config,
                                  struct lt_nexmark_place at)
{
    uint64_t hash = field_hash(config, at.n, F_SELLER);
    int64_t last = lt_nexmark_last_person(config, at);
    int64_t seller = draw_a(hash, config->hot_sellers) > 0 ? last / HOT_BATCH * HOT_BATCH
                                                           : person_draw(last, hash);
    return seller + FIRST_PERSON_ID;
}

int64_t lt_nexmark_auction_category(const struct lt_nexmark_config *config, int64_t n)
{
    return FIRST_CATEGORY_ID + draw_a(field_hash(config, n, F_CATEGORY), 5);
}

int64_t lt_nexmark_auction_initial(const struct lt_nexmark_config *config, int64_t n)
{
    return price_draw(config, field_hash(config, n, F_INITIAL));
}

int64_t lt_nexmark_auction_reserve(const struct lt_nexmark_config *config, int64_t n)
{
    return lt_nexmark_auction_initial(config, n) +
           price_draw(config, field_hash(config, n, F_RESERVE));
}

int64_t lt_nexmark_auction_expires(const struct lt_nexmark_config *config, int64_t n)
{
    int64_t ahead = IN_FLIGHT_AUCTIONS * config->total / config->n_auction;
    int64_t time_us = lt_nexmark_time(config, n);
    int64_t horizon_ms = (lt_nexmark_time(config, n + ahead) - time_us) / 1000;
    int64_t bound = horizon_ms * 2 > 1 ? horizon_ms * 2 : 1;
    uint64_t hash = field_hash(config, n, F_EXPIRES);
    int64_t length_ms = 1 + (int64_t)(((unsigned __int128)hash * (uint64_t)bound) >> 64);
    return time_us + length_ms * 1000;
}

size_t lt_nexmark_auction_item(const struct lt_nexmark_config *config, int64_t n, char *out)
{
    uint64_t state = field_hash(config, n, F_ITEM);
    return string_draw(&state, 20, ' ', out);
}

size_t lt_nexmark_auction_text(const struct lt_nexmark_config *config, int64_t n, char *out)
{
    uint64_t state = field_hash(config, n, F_TEXT);
    return string_draw(&state, 100, ' ', out);
}

size_t lt_nexmark_auction_extra(const struct lt_nexmark_config *config, int64_t n, char *out)
{
    char text[100];
    size_t size = 8 + 8 + 8 + 8 + 8 + 8;
    size += lt_nexmark_auction_item(config, n, text);
    size += lt_nexmark_auction_text(config, n, text);
    return extra_draw(field_hash(config, n, F_AUCTION_EXTRA), (int64_t)size, config->auction_bytes,
                      out);
}

/* ---- bids --------------------------------------------------------------- */

static const char *const hot_channels[LT_NEXMARK_HOT_CHANNELS] = {"Google", "Facebook", "Baidu",
                                                                  "Apple"};

int64_t lt_nexmark_bid_auction(const struct lt_nexmark_config *config, struct lt_nexmark_place at)
{
    uint64_t hash = field_hash(config, at.n, F_AUCTION);
    int64_t last = lt_nexmark_last_auction(config, at);
    if (draw_a(hash, config->hot_auctions) > 0)
        return last / HOT_BATCH * HOT_BATCH + FIRST_AUCTION_ID;
    int64_t min = last > IN_FLIGHT_AUCTIONS ? last - IN_FLIGHT_AUCTIONS : 0;
    return min + draw_b(hash, last - min + 1 + ID_LEAD) + FIRST_AUCTION_ID;
}

int64_t lt_nexmark_bid_bidder(const struct lt_nexmark_config *config, struct lt_nexmark_place at)
{
    uint64_t hash = field_hash(config, at.n, F_BIDDER);
    int64_t last = lt_nexmark_last_person(config, at);
    int64_t bidder = draw_a(hash, config->hot_bidders) > 0 ? last / HOT_BATCH * HOT_BATCH + 1
                                                           : person_draw(last, hash);
    return bidder + 2 * FIRST_PERSON_ID; /* twice, as published */
}

int64_t lt_nexmark_bid_price(const struct lt_nexmark_config *config, int64_t n)
{
    return price_draw(config, field_hash(config, n, F_PRICE));
}

unsigned lt_nexmark_bid_channel(const struct lt_nexmark_config *config, int64_t n)
{
    uint64_t hash = field_hash(config, n, F_CHANNEL);
    if (hash >> 63)
        return (unsigned)draw_b(hash, LT_NEXMARK_HOT_CHANNELS);
    return LT_NEXMARK_HOT_CHANNELS + (unsigned)draw_b(hash, LT_NEXMARK_CHANNELS);
}

size_t lt_nexmark_channel_text(unsigned channel, char *out)
{
    if (channel < LT_NEXMARK_HOT_CHANNELS) {
        size_t len = strlen(hot_channels[channel]);
        memcpy(out, hot_channels[channel], len);
        return len;
    }
    char text[24];
    int len = snprintf(text, sizeof(text), "channel-%u", channel - LT_NEXMARK_HOT_CHANNELS);
    memcpy(out, text, (size_t)len);
    return (size_t)len;
}

static uint32_t reverse_bits(uint32_t value)
{
    uint32_t out = 0;
    for (unsigned i = 0; i < 32; i++)
        out |= (value >> i & 1) << (31 - i);
    return out;
}

size_t lt_nexmark_channel_url(const struct lt_nexmark_config *config, unsigned channel, char *out)
{
    static const char start[] = "https://www.nexmark.com/", page[] = "item.htm?query=1";
    uint64_t state = field_hash(config, channel, F_URL);
    size_t len = sizeof(start) - 1;
    memcpy(out, start, len);
    for (unsigned i = 0; i < 3; i++) {
        len += string_draw(&state, 5, '_', out + len);
        out[len++] = '/';
    }
    memcpy(out + len, page, sizeof(page) - 1);
    len += sizeof(page) - 1;
    if (channel >= LT_NEXMARK_HOT_CHANNELS && draw_a(stream_next(&state), 10) > 0) {
        /* Java's Math.abs(Integer.reverse(i)), which stays negative for i = 1 */
        int64_t id = (int32_t)reverse_bits(channel - LT_NEXMARK_HOT_CHANNELS);
        if (id < 0 && id != INT32_MIN)
            id = -id;
        len += (size_t)snprintf(out + len, LT_NEXMARK_URL_MAX - len, "&channel_id=%lld",
                                (long long)id);
    }
    return len;
}

size_t lt_nexmark_bid_extra(const struct lt_nexmark_config *config, int64_t n, char *out)
{
    return extra_draw(field_hash(config, n, F_BID_EXTRA), 32, config->bid_bytes, out);
}

/* ---- a whole event ------------------------------------------------------ */

static void text_set(struct lt_nexmark_text *to, struct lt_str text)
{
    to->len = text.len;
    memcpy(to->data, text.data, text.len);
}

static void event_person(const struct lt_nexmark_config *config, struct lt_nexmark_place at,
                         struct lt_nexmark_event *out)
{
    int64_t n = at.n;
    out->id = lt_nexmark_person_id(config, at);
    out->text[0].len = lt_nexmark_name_text(lt_nexmark_person_name(config, n), out->text[0].data);
    out->text[1].len = lt_nexmark_person_email(config, n, out->text[1].data);
    out->text[2].len = lt_nexmark_person_card(config, n, out->text[2].data);
    text_set(&out->text[3], lt_nexmark_city_text(lt_nexmark_person_city(config, n)));
    text_set(&out->text[4], lt_nexmark_state_text(lt_nexmark_person_state(config, n)));
    out->extra.len = lt_nexmark_person_extra(config, n, out->extra.data);
}

static void event_auction(const struct lt_nexmark_config *config, struct lt_nexmark_place at,
                          struct lt_nexmark_event *out)
{
    int64_t n = at.n;
    out->id = lt_nexmark_auction_id(config, at);
    out->text[0].len = lt_nexmark_auction_item(config, n, out->text[0].data);
    out->text[1].len = lt_nexmark_auction_text(config, n, out->text[1].data);
    out->initial = lt_nexmark_auction_initial(config, n);
    out->reserve = lt_nexmark_auction_reserve(config, n);
    out->expires_us = lt_nexmark_auction_expires(config, n);
    out->seller = lt_nexmark_auction_seller(config, at);
    out->category = lt_nexmark_auction_category(config, n);
    out->extra.len = lt_nexmark_auction_extra(config, n, out->extra.data);
}

static void event_bid(const struct lt_nexmark_config *config, struct lt_nexmark_place at,
                      struct lt_nexmark_event *out)
{
    unsigned channel = lt_nexmark_bid_channel(config, at.n);
    out->auction = lt_nexmark_bid_auction(config, at);
    out->bidder = lt_nexmark_bid_bidder(config, at);
    out->price = lt_nexmark_bid_price(config, at.n);
    out->text[0].len = lt_nexmark_channel_text(channel, out->text[0].data);
    out->text[1].len = lt_nexmark_channel_url(config, channel, out->text[1].data);
    out->extra.len = lt_nexmark_bid_extra(config, at.n, out->extra.data);
}

void lt_nexmark_event(const struct lt_nexmark_config *config, int64_t n,
                      struct lt_nexmark_event *out)
{
    struct lt_nexmark_place at = lt_nexmark_at(config, n);
    out->kind = lt_nexmark_kind(config, at);
    out->time_us = lt_nexmark_time(config, n);
    switch (out->kind) {
    case LT_NEXMARK_PERSON: event_person(config, at, out); break;
    case LT_NEXMARK_AUCTION: event_auction(config, at, out); break;
    case LT_NEXMARK_BID: event_bid(config, at, out); break;
    }
}
