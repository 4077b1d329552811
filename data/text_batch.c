/* text_batch.c -- many texts of one type at once.
 *
 * Two steps, so that the second is a plain loop over words, which compilers turn
 * into vectors: first the bytes of every text are gathered into 64-bit words, then
 * all words are checked and converted, with no branch that depends on them. */
#include "data/text_batch.h"

enum { BATCH = LT_TEXT_BATCH_MAX };

/* ---- integers ----------------------------------------------------------- */

/* The texts without their signs: the last eight digits, and those before. */
struct integer_words {
    uint64_t low[BATCH], high[BATCH];
    uint64_t len[BATCH];   /* of the digits; 0 or past 16: refused */
    uint64_t minus[BATCH]; /* 0 or 1 */
};

/* Returns the length of the longest. */
static uint64_t integer_gather(const struct lt_text_batch *batch, struct integer_words *words)
{
    uint64_t longest = 0;
    for (uint32_t i = 0; i < batch->n; i++) {
        const char *at = batch->data + batch->from[i];
        uint64_t minus = *at == '-', len = batch->len[i] - minus;
        words->low[i] = lt_swar_load(at + minus);
        words->len[i] = len;
        words->minus[i] = minus;
        longest = len > longest ? len : longest;
    }
    return longest;
}

/* Texts of more than eight digits: `low` becomes the last eight. */
static void integer_gather_long(const struct lt_text_batch *batch, struct integer_words *words)
{
    for (uint32_t i = 0; i < batch->n; i++) {
        const char *at = batch->data + batch->from[i] + words->minus[i];
        uint64_t len = words->len[i];
        words->high[i] = words->low[i];
        words->low[i] = lt_swar_load(at + (len - 9 < 8 ? len - 8 : 0));
    }
}

static LT_KERNEL uint64_t integer_short(const struct integer_words *restrict words, uint32_t n,
                                        int64_t *restrict out, uint64_t *restrict refused)
{
    uint64_t any = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t len = words->len[i], minus = words->minus[i];
        uint64_t digits = lt_swar_digits(words->low[i]) << ((64 - 8 * len) & 63);
        uint64_t bad = lt_swar_not_digits(digits) | (len - 1 > 7);
        out[i] = (int64_t)((lt_swar_number(digits) ^ (0 - minus)) + minus);
        refused[i] = bad;
        any |= bad;
    }
    return any;
}

static LT_KERNEL uint64_t integer_long(const struct integer_words *restrict words, uint32_t n,
                                       int64_t *restrict out, uint64_t *restrict refused)
{
    uint64_t any = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t len = words->len[i], minus = words->minus[i];
        uint64_t more = len > 8 ? len - 8 : 0, rest = len > 8 ? 8 : len;
        uint64_t low = lt_swar_digits(words->low[i]) << ((64 - 8 * rest) & 63);
        uint64_t high = lt_swar_digits(words->high[i]) << ((64 - 8 * more) & 63);
        high = more ? high : 0;
        uint64_t bad = lt_swar_not_digits(low) | lt_swar_not_digits(high) | (len - 1 > 15);
        uint64_t value = lt_swar_number(high) * 100000000 + lt_swar_number(low);
        out[i] = (int64_t)((value ^ (0 - minus)) + minus);
        refused[i] = bad;
        any |= bad;
    }
    return any;
}

bool lt_text_batch_i64(struct lt_text_batch *batch, int64_t *out)
{
    struct integer_words words;
    LT_ASSERT(batch->n <= BATCH);
    if (integer_gather(batch, &words) <= 8)
        return integer_short(&words, batch->n, out, batch->refused) != 0;
    integer_gather_long(batch, &words);
    return integer_long(&words, batch->n, out, batch->refused) != 0;
}

#define NARROW(name, ctype, min, max)                                                        \
    static LT_KERNEL uint64_t narrow_##name(const int64_t *restrict from, uint32_t n,        \
                                            ctype *restrict out, uint64_t *restrict refused) \
    {                                                                                        \
        uint64_t any = 0;                                                                    \
        for (uint32_t i = 0; i < n; i++) {                                                   \
            refused[i] |= from[i] < (min) || from[i] > (max);                                \
            any |= refused[i];                                                               \
            out[i] = (ctype)from[i];                                                         \
        }                                                                                    \
        return any;                                                                          \
    }                                                                                        \
    bool lt_text_batch_##name(struct lt_text_batch *batch, ctype *out)                       \
    {                                                                                        \
        int64_t wide[BATCH];                                                                 \
        lt_text_batch_i64(batch, wide);                                                      \
        return narrow_##name(wide, batch->n, out, batch->refused) != 0;                      \
    }
NARROW(i8, int8_t, INT8_MIN, INT8_MAX)
NARROW(i16, int16_t, INT16_MIN, INT16_MAX)
NARROW(i32, int32_t, INT32_MIN, INT32_MAX)

/* ---- timestamps --------------------------------------------------------- */

/* "YYYY-MM-" "DD hh:mm" ":ss.ffff", and the fraction once more, whole. */
struct time_words {
    uint64_t month[BATCH], minute[BATCH], second[BATCH], fraction[BATCH];
};

static void time_gather(const struct lt_text_batch *batch, struct time_words *words)
{
    for (uint32_t i = 0; i < batch->n; i++) {
        const char *at = batch->data + batch->from[i];
        words->month[i] = lt_swar_load(at);
        words->minute[i] = lt_swar_load(at + 8);
        words->second[i] = lt_swar_load(at + 16);
        words->fraction[i] = lt_swar_load(at + 20);
    }
}

static inline uint64_t byte_of(uint64_t word, unsigned i)
{
    return word >> (8 * i) & 0xFF;
}

/* Days since 1970 of a date in years 1 to 9999, modulo 2^64: others mean nothing. Years begin in
 * March, so that the day that comes and goes is their last; divisions are products, exact for these
 * numbers. */
static inline uint64_t days_of(uint64_t year, uint64_t month, uint64_t day)
{
    uint64_t early = month < 3, y = year - early, m = month + (early ? 9 : -UINT64_C(3));
    uint64_t century = (y * 5243) >> 19, before = ((153 * m + 2) * 52429) >> 18;
    return 365 * y + (y >> 2) - century + (century >> 2) + before + day - 719469;
}

/* Not zero if the month has no such day. */
static inline uint64_t day_missing(uint64_t year, uint64_t month, uint64_t day)
{
    uint64_t century = (year * 5243) >> 19;
    uint64_t leap = ((year & 3) == 0) & ((century * 100 != year) | ((century & 3) == 0));
    uint64_t last = 30 + ((month + (month >> 3)) & 1);
    last = month == 2 ? 28 + leap : last;
    return day - 1 >= last;
}

static LT_KERNEL uint64_t time_convert(const struct time_words *restrict words,
                                       const uint32_t *restrict lens, uint32_t n,
                                       unsigned precision, int64_t *restrict out,
                                       uint64_t *restrict refused)
{
    uint64_t any = 0, kept = (UINT64_C(1) << (8 * (precision < 6 ? precision : 6))) - 1;
    for (uint32_t i = 0; i < n; i++) {
        /* What should be digits has to be; what should be a separator has to be zero. */
        uint64_t a = words->month[i] ^ UINT64_C(0x2D30302D30303030);
        uint64_t b = words->minute[i] ^ UINT64_C(0x30303A3030003030), between = byte_of(b, 2);
        uint64_t c = (words->second[i] & 0xFFFFFFFF) ^ UINT64_C(0x2E30303A);
        uint64_t whole = lens[i] == 19, places = lens[i] - UINT64_C(20) + whole;
        b &= ~(UINT64_C(0xFF) << 16);
        c = whole ? c & 0xFFFFFF : c;
        uint64_t f = lt_swar_digits(words->fraction[i]);
        uint64_t beyond = (64 - 8 * places) & 63; /* bits that are no part of it */
        f = whole ? 0 : f << beyond >> beyond;
        uint64_t bad = lt_swar_not_digits(a) | lt_swar_not_digits(b) | lt_swar_not_digits(c) |
                       lt_swar_not_digits(f);
        bad |= (a & UINT64_C(0xFF0000FF00000000)) | (b & UINT64_C(0x0000FF0000000000)) |
               (c & UINT64_C(0xFF0000FF));
        bad |= (between != ' ') & (between != 'T');
        bad |= places - 1 + whole > 5;
        a = a * 10 + (a >> 8);
        b = b * 10 + (b >> 8);
        c = c * 10 + (c >> 8);
        uint64_t year = byte_of(a, 0) * 100 + byte_of(a, 2), month = byte_of(a, 5);
        uint64_t day = byte_of(b, 0), hour = byte_of(b, 3), minute = byte_of(b, 6);
        uint64_t second = byte_of(c, 1);
        bad |= (year == 0) | (month - 1 > 11) | (hour > 23) | (minute > 59) | (second > 59);
        bad |= day_missing(year, month, day);
        uint64_t minutes = (days_of(year, month, day) * 24 + hour) * 60 + minute;
        uint64_t us = (minutes * 60 + second) * LT_US_PER_SECOND;
        out[i] = (int64_t)(us + lt_swar_number((f & kept) << 16));
        refused[i] = bad;
        any |= bad;
    }
    return any;
}

bool lt_text_batch_timestamp(struct lt_text_batch *batch, unsigned precision, int64_t *out)
{
    struct time_words words;
    LT_ASSERT(batch->n <= BATCH);
    time_gather(batch, &words);
    return time_convert(&words, batch->len, batch->n, precision, out, batch->refused) != 0;
}
