/* roofline_text.c -- JSON and CSV of bids by hand, for one known order of keys and one known shape.
 *
 *   structure   which bytes are structural and outside of strings, as bitmaps, 64 at a step
 *   decode      the seven fields into columns: keys compared where they must stand,
 *               numbers eight digits at a time, timestamps by their fixed places, a
 *               string ends at the next quote; strings stay where they lie
 *
 * A line that is not of that shape, or has a backslash or a quoted CSV field in it, is
 * an error here: there is none in the data, and looking for it is part of the work. */
#include "bench/roofline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __AVX512BW__
#include <immintrin.h>
#endif

enum { PAD = 256 };

struct text {
    const struct roof_bids *bids;
    char *data;
    size_t size;
    int64_t rows;
    uint64_t *bitmap;
};

/* What one batch decodes into. */
struct columns {
    int64_t auction[ROOF_BATCH], bidder[ROOF_BATCH], price[ROOF_BATCH], time_us[ROOF_BATCH];
    struct roof_view channel[ROOF_BATCH], url[ROOF_BATCH], extra[ROOF_BATCH];
};

/* ---- writing it ----------------------------------------------------------------------- */

static int write_time(char *to, int64_t us)
{
    int64_t ms = us / 1000 % 86400000; /* the data stays within its first day */
    return snprintf(to, 32, "2024-01-01 %02d:%02d:%02d.%03d", (int)(ms / 3600000),
                    (int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000));
}

static void text_make(struct text *text, const struct roof_bids *b, bool json)
{
    static const char *const formats[2] = {
        "%lld,%lld,%lld,%.*s,%.*s,%s,%.*s\n",
        "{\"auction\":%lld,\"bidder\":%lld,\"price\":%lld,\"channel\":\"%.*s\",\"url\":\"%.*s\","
        "\"dateTime\":\"%s\",\"extra\":\"%.*s\"}\n"};
    *text = (struct text){.bids = b, .rows = b->n};
    text->data = roof_memory((size_t)b->n * 512 + PAD);
    char *at = text->data, time[32];
    for (int64_t i = 0; i < b->n; i++) {
        const struct roof_view *channel = &b->channels[b->channel[i]];
        const struct roof_view *url = &b->urls[b->channel[i]];
        write_time(time, b->time_us[i]);
        at += snprintf(at, 512, formats[json], (long long)b->auction[i], (long long)b->bidder[i],
                       (long long)b->price[i], (int)channel->len, channel->data, (int)url->len,
                       url->data, time, (int)b->extra[i].len, b->extra[i].data);
    }
    text->size = (size_t)(at - text->data);
    text->bitmap = roof_memory(text->size / 8 + PAD);
}

static void text_free(struct text *text)
{
    roof_release(text->data, (size_t)text->rows * 512 + PAD);
    roof_release(text->bitmap, text->size / 8 + PAD);
}

/* ---- structure --------------------------------------------------------------------------- */

#ifdef __AVX512BW__
static inline uint64_t equal(__m512i bytes, char c)
{
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(c));
}
static inline uint64_t prefix_xor(uint64_t bits)
{
    __m128i all = _mm_set1_epi8((char)0xff);
    return (uint64_t)_mm_cvtsi128_si64(
        _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)bits), all, 0));
}
#else
struct block {
    const char *bytes;
};
static inline uint64_t equal(struct block block, char c)
{
    uint64_t bits = 0;
    for (int i = 0; i < 64; i++)
        bits |= (uint64_t)(block.bytes[i] == c) << i;
    return bits;
}
static inline uint64_t prefix_xor(uint64_t bits)
{
    for (int shift = 1; shift < 64; shift *= 2)
        bits ^= bits << shift;
    return bits;
}
#endif

static uint64_t structure(const struct text *text, bool json)
{
    uint64_t inside = 0, count = 0, escapes = 0;
    for (size_t at = 0; at < text->size; at += 64) {
#ifdef __AVX512BW__
        __m512i bytes = _mm512_loadu_si512(text->data + at);
        /* '[' and ']' become '{' and '}' */
        __m512i folded = _mm512_or_si512(bytes, _mm512_set1_epi8(0x20));
#else
        struct block bytes = {text->data + at}, folded = bytes;
#endif
        uint64_t quotes = equal(bytes, '"');
        uint64_t strings = prefix_xor(quotes) ^ inside;
        uint64_t marks = equal(bytes, ',') | equal(bytes, '\n');
        inside = (uint64_t)((int64_t)strings >> 63);
        if (json) {
            marks |= equal(bytes, ':') | equal(folded, '{') | equal(folded, '}');
            escapes |= equal(bytes, '\\');
        }
        text->bitmap[at / 64] = (marks & ~strings) | quotes;
        count += (uint64_t)__builtin_popcountll((marks & ~strings) | quotes);
    }
    return count + escapes;
}

static uint64_t json_structure(void *ctx)
{
    return structure(ctx, true);
}
static uint64_t csv_structure(void *ctx)
{
    return structure(ctx, false);
}

static uint64_t structure_plain(const struct text *text, bool json)
{
    uint64_t count = 0;
    bool inside = false;
    for (size_t i = 0; i < text->size; i++) {
        char c = text->data[i];
        if (c == '"')
            inside = !inside;
        count += c == '"' || (!inside && strchr(json ? ",\n:{}[]" : ",\n", c) != NULL);
    }
    return count;
}

/* ---- decoding ------------------------------------------------------------------------------- */

/* The bytes at `p` that are digits, first first, up to eight: how many, and their value. */
static inline uint64_t digits_8(const char *p, unsigned *n)
{
    uint64_t word;
    memcpy(&word, p, 8);
    uint64_t low = word ^ UINT64_C(0x3030303030303030);
    uint64_t other = ((low + UINT64_C(0x7676767676767676)) | low) & UINT64_C(0x8080808080808080);
    *n = other ? (unsigned)__builtin_ctzll(other) / 8 : 8;
    low = *n ? low << (64 - 8 * *n) : 0;
    low = low * 10 + (low >> 8);
    return (((low & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064)) +
            ((low >> 16 & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001))) >>
           32;
}

static inline const char *number(const char *p, int64_t *out)
{
    static const int64_t tens[9] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    unsigned n;
    int64_t value = (int64_t)digits_8(p, &n);
    p += n;
    while (n == 8) {
        int64_t more = (int64_t)digits_8(p, &n);
        value = value * tens[n] + more;
        p += n;
    }
    *out = value;
    return p;
}

/* Up to the first `end` (or backslash); NULL when a backslash is first. */
static inline const char *text_until(const char *p, char end, struct roof_view *out)
{
    const char *from = p;
#ifdef __AVX512BW__
    for (;; p += 64) {
        __m512i bytes = _mm512_loadu_si512(p);
        uint64_t hits = equal(bytes, end) | equal(bytes, '\\');
        if (hits) {
            p += __builtin_ctzll(hits);
            break;
        }
    }
#else
    while (*p != end && *p != '\\')
        p++;
#endif
    out->len = (uint32_t)(p - from);
    memcpy(out->prefix, from, 4);
    out->data = from;
    return *p == end ? p : NULL;
}

static inline int64_t two(const char *p)
{
    return (p[0] - '0') * 10 + (p[1] - '0');
}

/* yyyy-MM-dd HH:mm:ss.SSS; the day is worked out when it is not the last one's. */
static inline const char *timestamp(const char *p, int64_t *out)
{
    static _Thread_local char day[16];
    static _Thread_local int64_t day_us;
    if (memcmp(day, p, 10) != 0) {
        int64_t y = two(p) * 100 + two(p + 2), m = two(p + 5), d = two(p + 8);
        y -= m <= 2;
        int64_t yoe = y % 400, doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
        int64_t days = y / 400 * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
        day_us = days * INT64_C(86400000000);
        memcpy(day, p, 10);
    }
    *out = day_us + ((two(p + 11) * 60 + two(p + 14)) * 60 + two(p + 17)) * INT64_C(1000000) +
           ((p[20] - '0') * 100 + two(p + 21)) * 1000;
    return p[4] == '-' && p[10] == ' ' && p[13] == ':' && p[16] == ':' && p[19] == '.' ? p + 23
                                                                                       : NULL;
}

/* The literal must stand here. */
#define EXPECT(p, literal)                                          \
    do {                                                            \
        if (!(p) || memcmp((p), literal, sizeof(literal) - 1) != 0) \
            return NULL;                                            \
        (p) += sizeof(literal) - 1;                                 \
    } while (0)

static inline const char *json_row(const char *p, struct columns *to, uint32_t i)
{
    EXPECT(p, "{\"auction\":");
    p = number(p, &to->auction[i]);
    EXPECT(p, ",\"bidder\":");
    p = number(p, &to->bidder[i]);
    EXPECT(p, ",\"price\":");
    p = number(p, &to->price[i]);
    EXPECT(p, ",\"channel\":\"");
    p = text_until(p, '"', &to->channel[i]);
    EXPECT(p, "\",\"url\":\"");
    p = text_until(p, '"', &to->url[i]);
    EXPECT(p, "\",\"dateTime\":\"");
    p = timestamp(p, &to->time_us[i]);
    EXPECT(p, "\",\"extra\":\"");
    p = text_until(p, '"', &to->extra[i]);
    EXPECT(p, "\"}\n");
    return p;
}

static inline const char *csv_row(const char *p, struct columns *to, uint32_t i)
{
    p = number(p, &to->auction[i]);
    EXPECT(p, ",");
    p = number(p, &to->bidder[i]);
    EXPECT(p, ",");
    p = number(p, &to->price[i]);
    EXPECT(p, ",");
    p = text_until(p, ',', &to->channel[i]);
    EXPECT(p, ",");
    p = text_until(p, ',', &to->url[i]);
    EXPECT(p, ",");
    p = timestamp(p, &to->time_us[i]);
    EXPECT(p, ",");
    p = text_until(p, '\n', &to->extra[i]);
    EXPECT(p, "\n");
    return p;
}

static uint64_t sum_columns(const struct columns *c, uint32_t n)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += (uint64_t)(c->auction[i] + c->bidder[i] + c->price[i] + c->time_us[i]);
    for (uint32_t i = 0; i < n; i++)
        sum += c->channel[i].len + 3 * (uint64_t)c->url[i].len + 5 * (uint64_t)c->extra[i].len;
    return sum;
}

typedef const char *row_decoder(const char *p, struct columns *to, uint32_t i);

static inline uint64_t decode(const struct text *text, row_decoder *row)
{
    static struct columns columns;
    const char *p = text->data, *end = p + text->size;
    uint64_t sum = 0;
    while (p < end) {
        uint32_t n = 0;
        for (; n < ROOF_BATCH && p < end; n++) {
            p = row(p, &columns, n);
            if (!p)
                return 0;
        }
        sum += sum_columns(&columns, n);
    }
    return sum;
}

static uint64_t json_decode(void *ctx)
{
    return decode(ctx, json_row);
}
static uint64_t csv_decode(void *ctx)
{
    return decode(ctx, csv_row);
}

static uint64_t decode_plain(const struct roof_bids *b)
{
    uint64_t sum = 0;
    for (int64_t i = 0; i < b->n; i++)
        sum += (uint64_t)(b->auction[i] + b->bidder[i] + b->price[i] + b->time_us[i]) +
               b->channels[b->channel[i]].len + 3 * (uint64_t)b->urls[b->channel[i]].len +
               5 * (uint64_t)b->extra[i].len;
    return sum;
}

/* ---- the cases ---------------------------------------------------------------------------- */

void roof_text_cases(const struct roof_options *options, const struct roof_bids *bids)
{
    static const struct {
        const char *structure, *decode, *source, *bounds;
        uint64_t (*run_structure)(void *ctx), (*run_decode)(void *ctx);
    } kinds[2] = {
        {"csv-structure", "csv-bids", "csv", "[\"bids/csv\"]", csv_structure, csv_decode},
        {"json-structure", "json-bids", "json", "[\"bids/json\"]", json_structure, json_decode}};
    struct roof_bids few = *bids; /* the text of more says nothing new */
    few.n = few.n < 2000000 ? few.n : 2000000;
    for (int json = 1; json >= 0; json--) {
        struct text text;
        text_make(&text, &few, json);
        struct roof_case what = {.workload = kinds[json].structure,
                                 .source = kinds[json].source,
                                 .events = text.rows,
                                 .bytes = (int64_t)text.size,
                                 .run = kinds[json].run_structure,
                                 .ctx = &text};
        what.correct = what.run(&text) == structure_plain(&text, json);
        roof_measure(options, &what);
        what.workload = kinds[json].decode;
        what.run = kinds[json].run_decode;
        what.bounds = kinds[json].bounds;
        what.correct = what.run(&text) == decode_plain(&few);
        roof_measure(options, &what);
        text_free(&text);
    }
}
