/* windows.h -- an independent, slow computation of window aggregates.
 *
 * Straight from the definitions of SQL.md: every row is judged alone against the
 * watermark of its split just before it; no slices, no state, no batches. */
#ifndef LT_TESTS_ORACLE_WINDOWS_H
#define LT_TESTS_ORACLE_WINDOWS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

struct oracle_row {
    int64_t k, ts, v;
    int split;
    int64_t behind; /* filled in: INT64_MIN = on time */
};
struct oracle_result {
    int64_t k, start, end, count, sum, min, max;
};
struct oracle_out {
    struct oracle_result *items;
    int n, cap;
    int late;
};

static inline struct oracle_result *oracle_at(struct oracle_out *out, int64_t k, int64_t start,
                                       int64_t end)
{
    for (int i = 0; i < out->n; i++)
        if (out->items[i].k == k && out->items[i].start == start && out->items[i].end == end)
            return &out->items[i];
    if (out->n == out->cap)
        out->items = realloc(out->items, (size_t)(out->cap = out->cap * 2 + 16) *
                                             sizeof(*out->items));
    out->items[out->n] = (struct oracle_result){
        .k = k, .start = start, .end = end, .min = INT64_MAX, .max = INT64_MIN};
    return &out->items[out->n++];
}

static inline void oracle_add(struct oracle_result *to, int64_t v)
{
    to->count++;
    to->sum += v;
    to->min = v < to->min ? v : to->min;
    to->max = v > to->max ? v : to->max;
}

/* What the watermark of each row's split was before it, when that reached its time. */
static inline void oracle_judge(struct oracle_row *rows, int n, int64_t delay)
{
    int64_t top[64];
    for (int s = 0; s < 64; s++)
        top[s] = INT64_MIN;
    for (int i = 0; i < n; i++) {
        int64_t wm = top[rows[i].split] == INT64_MIN ? INT64_MIN : top[rows[i].split] - delay;
        rows[i].behind = wm != INT64_MIN && rows[i].ts <= wm ? wm : INT64_MIN;
        if (rows[i].ts > top[rows[i].split])
            top[rows[i].split] = rows[i].ts;
    }
}

static inline int64_t oracle_floor(int64_t t, int64_t step, int64_t offset)
{
    int64_t at = t - offset, q = at / step;
    while (q * step > at)
        q--;
    return q * step + offset;
}

/* HOP; TUMBLE is slide == size. */
static inline void oracle_hop(struct oracle_out *out, const struct oracle_row *rows, int n,
                              int64_t size, int64_t slide, int64_t offset, int64_t tick)
{
    for (int i = 0; i < n; i++) {
        bool taken = false, any = false;
        int64_t start = oracle_floor(rows[i].ts, slide, offset);
        for (; start > rows[i].ts - size; start -= slide) {
            any = true;
            if (rows[i].behind != INT64_MIN && rows[i].behind >= start + size - tick)
                continue;
            taken = true;
            oracle_add(oracle_at(out, rows[i].k, start, start + size), rows[i].v);
        }
        out->late += any && !taken;
    }
}

/* `all`: a key that was there shows in every later step too, changed or not. */
static inline void oracle_cumulate(struct oracle_out *out, const struct oracle_row *rows, int n,
                            int64_t size, int64_t step, int64_t offset, int64_t tick)
{
    for (int i = 0; i < n; i++) {
        bool taken = false;
        int64_t start = oracle_floor(rows[i].ts, size, offset);
        for (int64_t end = start + step; end <= start + size; end += step) {
            if (end <= rows[i].ts ||
                (rows[i].behind != INT64_MIN && rows[i].behind >= end - tick))
                continue;
            taken = true;
            oracle_add(oracle_at(out, rows[i].k, start, end), rows[i].v);
        }
        out->late += !taken;
    }
}

/* Sessions, row by row: a row joins every session of its key that it overlaps and
 * that was not final when it arrived; final ones are left alone. */
static inline void oracle_session(struct oracle_out *out, const struct oracle_row *rows, int n,
                           int64_t gap, int64_t tick)
{
    for (int i = 0; i < n; i++) {
        struct oracle_result mine = {.k = rows[i].k, .start = rows[i].ts, .end = rows[i].ts + gap,
                                     .min = rows[i].v, .max = rows[i].v, .sum = rows[i].v,
                                     .count = 1};
        bool behind = rows[i].behind != INT64_MIN, joined = false;
        for (int j = 0; j < out->n; j++) {
            const struct oracle_result *s = &out->items[j];
            if (s->k != mine.k || s->start >= rows[i].ts + gap || rows[i].ts >= s->end ||
                (behind && rows[i].behind >= s->end - tick))
                continue;
            mine.start = s->start < mine.start ? s->start : mine.start;
            mine.end = s->end > mine.end ? s->end : mine.end;
            mine.min = s->min < mine.min ? s->min : mine.min;
            mine.max = s->max > mine.max ? s->max : mine.max;
            mine.sum += s->sum;
            mine.count += s->count;
            out->items[j--] = out->items[--out->n];
            joined = true;
        }
        if (!joined && behind && rows[i].behind >= rows[i].ts + gap - tick) {
            out->late++;
            continue;
        }
        *oracle_at(out, mine.k, INT64_MIN, INT64_MIN) = mine;
    }
}

#endif
