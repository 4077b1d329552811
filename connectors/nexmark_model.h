/* nexmark_model.h -- the Nexmark auction site: event k as a pure function of (seed, k).
 *
 * Kind, id and time of event k are those of the generator that the project
 * nexmark/nexmark publishes; everything else is a draw from the same
 * distribution. Each drawn field hashes (seed, k, field) on its own, so any
 * subset of fields can be made, of any events, in any order. One oddity of the
 * published generator is kept: a bid's bidder has the first person id added
 * twice, so bidders are shifted by 1,000 against person ids. */
#ifndef LT_CONNECTORS_NEXMARK_MODEL_H
#define LT_CONNECTORS_NEXMARK_MODEL_H

#include "base/str.h"

enum lt_nexmark_kind { LT_NEXMARK_PERSON, LT_NEXMARK_AUCTION, LT_NEXMARK_BID };
enum {
    LT_NEXMARK_EXTRA_MAX = 4096, /* bytes of the longest `extra` */
    LT_NEXMARK_URL_MAX = 128,
    LT_NEXMARK_CHANNELS = 10000, /* besides the four hot ones */
    LT_NEXMARK_HOT_CHANNELS = 4,
    LT_NEXMARK_NAMES = 99, /* 11 first names times 9 last names */
    LT_NEXMARK_CITIES = 10,
    LT_NEXMARK_STATES = 6,
};

struct lt_nexmark_config {
    uint64_t seed;
    int64_t base_us;                                /* event time of event 0 */
    double delay_us;                                /* between events: 1e6 / rate */
    int64_t n_person, n_auction, n_bid;             /* proportions */
    int64_t total;                                  /* their sum */
    int64_t hot_auctions, hot_bidders, hot_sellers; /* 1 in so many is not hot */
    int64_t person_bytes, auction_bytes, bid_bytes; /* average sizes that `extra` pads to */
    uint64_t price_table[4][256];                   /* see lt_nexmark_config_init */
};
/* Rate 10,000, 1:3:46, seed 1, sizes 200/500/100, from 2024-01-01 00:00:00. Change fields
 * afterwards; call lt_nexmark_config_done after that. */
void lt_nexmark_config_init(struct lt_nexmark_config *config);
void lt_nexmark_config_done(struct lt_nexmark_config *config);

/* Where event n stands in the cycle of `total` events. */
struct lt_nexmark_place {
    int64_t n;
    int64_t cycle; /* n / total */
    int64_t rem;   /* n % total */
};
static inline struct lt_nexmark_place lt_nexmark_at(const struct lt_nexmark_config *config,
                                                    int64_t n)
{
    return (struct lt_nexmark_place){n, n / config->total, n % config->total};
}
static inline void lt_nexmark_next(const struct lt_nexmark_config *config,
                                   struct lt_nexmark_place *place)
{
    place->n++;
    if (++place->rem == config->total) {
        place->rem = 0;
        place->cycle++;
    }
}
static inline enum lt_nexmark_kind lt_nexmark_kind(const struct lt_nexmark_config *config,
                                                   struct lt_nexmark_place place)
{
    return (enum lt_nexmark_kind)((place.rem >= config->n_person) +
                                  (place.rem >= config->n_person + config->n_auction));
}
/* Microseconds, always whole milliseconds after base_us. */
static inline int64_t lt_nexmark_time(const struct lt_nexmark_config *config, int64_t n)
{
    return config->base_us + (int64_t)((double)n * config->delay_us) / 1000 * 1000;
}
/* Newest id so far, from 0 (-1: none yet for auctions). */
static inline int64_t lt_nexmark_last_person(const struct lt_nexmark_config *config,
                                             struct lt_nexmark_place place)
{
    int64_t rem = place.rem < config->n_person ? place.rem : config->n_person - 1;
    return place.cycle * config->n_person + rem;
}
static inline int64_t lt_nexmark_last_auction(const struct lt_nexmark_config *config,
                                              struct lt_nexmark_place place)
{
    int64_t off = place.rem - config->n_person;
    if (off < 0)
        return place.cycle * config->n_auction - 1;
    return place.cycle * config->n_auction +
           (off < config->n_auction ? off : config->n_auction - 1);
}

/* ---- one field of one event ------------------------------------------------ */
int64_t lt_nexmark_person_id(const struct lt_nexmark_config *config, struct lt_nexmark_place at);
unsigned lt_nexmark_person_name(const struct lt_nexmark_config *config, int64_t n); /* index */
unsigned lt_nexmark_person_city(const struct lt_nexmark_config *config, int64_t n);
unsigned lt_nexmark_person_state(const struct lt_nexmark_config *config, int64_t n);
size_t lt_nexmark_person_email(const struct lt_nexmark_config *config, int64_t n,
                               char *out); /* 32 */
size_t lt_nexmark_person_card(const struct lt_nexmark_config *config, int64_t n,
                              char *out); /* 19 */
size_t lt_nexmark_person_extra(const struct lt_nexmark_config *config, int64_t n, char *out);

int64_t lt_nexmark_auction_id(const struct lt_nexmark_config *config, struct lt_nexmark_place at);
int64_t lt_nexmark_auction_seller(const struct lt_nexmark_config *config,
                                  struct lt_nexmark_place at);
int64_t lt_nexmark_auction_category(const struct lt_nexmark_config *config, int64_t n);
int64_t lt_nexmark_auction_initial(const struct lt_nexmark_config *config, int64_t n);
int64_t lt_nexmark_auction_reserve(const struct lt_nexmark_config *config, int64_t n);
int64_t lt_nexmark_auction_expires(const struct lt_nexmark_config *config, int64_t n); /* us */
size_t lt_nexmark_auction_item(const struct lt_nexmark_config *config, int64_t n,
                               char *out); /* 20 */
size_t lt_nexmark_auction_text(const struct lt_nexmark_config *config, int64_t n,
                               char *out); /* 100 */
size_t lt_nexmark_auction_extra(const struct lt_nexmark_config *config, int64_t n, char *out);

int64_t lt_nexmark_bid_auction(const struct lt_nexmark_config *config, struct lt_nexmark_place at);
int64_t lt_nexmark_bid_bidder(const struct lt_nexmark_config *config, struct lt_nexmark_place at);
int64_t lt_nexmark_bid_price(const struct lt_nexmark_config *config, int64_t n);
/* 0..3 is a hot channel, 4 + i is "channel-i". */
unsigned lt_nexmark_bid_channel(const struct lt_nexmark_config *config, int64_t n);
size_t lt_nexmark_bid_extra(const struct lt_nexmark_config *config, int64_t n, char *out);

/* What the indexes stand for. */
size_t lt_nexmark_name_text(unsigned name, char *out); /* at most 16 bytes */
struct lt_str lt_nexmark_city_text(unsigned city);
struct lt_str lt_nexmark_state_text(unsigned state);
size_t lt_nexmark_channel_text(unsigned channel, char *out); /* at most 12 bytes */
size_t lt_nexmark_channel_url(const struct lt_nexmark_config *config, unsigned channel, char *out);

/* ---- a whole event, for tests and oracles ----------------------------------- */
struct lt_nexmark_text {
    size_t len;
    char data[LT_NEXMARK_EXTRA_MAX];
};
struct lt_nexmark_event {
    enum lt_nexmark_kind kind;
    int64_t time_us;
    int64_t id; /* person and auction */
    /* person: name, email, card, city, state; auction: item, description; bid: channel, url */
    struct lt_nexmark_text text[5];
    struct lt_nexmark_text extra;
    int64_t initial, reserve, expires_us, seller, category; /* auction */
    int64_t auction, bidder, price;                         /* bid */
};
void lt_nexmark_event(const struct lt_nexmark_config *config, int64_t n,
                      struct lt_nexmark_event *out);

#endif
