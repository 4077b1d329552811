/* stretch.c -- asks once for every stretch of times that give the same answer.
 *
 * Times of a stream mostly come in order, so a batch holds few days, hours or minutes,
 * often one. A stretch is an interval of the column's values:
 *
 *   values   |--------- one unit of the wall clock ---------|
 *            ^ from        ^ the row asked                  ^ until (exclusive)
 *
 * cut where the zone's offset changes. The first row in a stretch is computed, the
 * others copy its lane. A few stretches are remembered, so that rows a little out of
 * order near an edge do not ask again and again. */
#include "exec/functions/stretch.h"

#include "base/tz.h"

/* Times in no order gain nothing: after TRIED rows of which half began a stretch, the
 * rest is asked row by row. */
enum { REMEMBERED = 4, DICTIONARY_SHARE = 4, TRIED = 32 };

struct stretch {
    int64_t from, until; /* an empty interval where nothing is remembered */
    uint32_t row;        /* whose lane holds the answer */
    uint32_t code;       /* its number among the stretches of the batch */
};

struct stretches {
    struct fn_row r;
    int64_t unit_us;
    fn_row_fn row;
    uint32_t n, next; /* how many there are; which place is taken next */
    struct stretch kept[REMEMBERED];
    uint32_t *codes, *rows; /* of each row; of each stretch. NULL for what is no text */
};

/* The least and the one past the largest value that share the unit of `value`. */
static void stretch_of(const struct lt_eval *eval, const struct lt_type *type, int64_t value,
                       int64_t unit_us, struct stretch *out)
{
    int64_t local, from, until, since = INT64_MIN, before = INT64_MAX, offset = 0;
    if (type->kind == LT_TYPE_DATE) { /* no unit is longer than a day */
        out->from = value;
        out->until = value + 1;
        return;
    }
    if (type->kind == LT_TYPE_TIMESTAMP_LTZ)
        offset = lt_tz_span(eval->zone, value, &since, &before);
    out->from = value;
    out->until = value == INT64_MAX ? value : value + 1;
    if (__builtin_add_overflow(value, offset, &local) ||
        __builtin_sub_overflow(local, lt_floor_mod(local, unit_us), &from) ||
        __builtin_sub_overflow(from, offset, &from) ||
        __builtin_add_overflow(from, unit_us, &until))
        return; /* at the ends of time each value is asked by itself */
    out->from = from > since ? from : since;
    out->until = until < before ? until : before;
}

static int64_t time_value(const struct lt_column *col, uint32_t i)
{
    return col->phys == LT_PHYS_I32 ? FN_LANE(int32_t, col, i) : FN_LANE(int64_t, col, i);
}

static LT_KERNEL bool all_within(const int64_t *values, uint32_t len, int64_t from, int64_t until)
{
    uint64_t size = (uint64_t)until - (uint64_t)from, outside = 0;
    for (uint32_t i = 0; i < len; i++)
        outside |= (uint64_t)values[i] - (uint64_t)from >= size;
    return outside == 0;
}

/* Do all rows that count fall into the stretch? */
static bool holds_all(const struct lt_eval *eval, const struct lt_column *col,
                      const struct stretch *stretch)
{
    if (col->encoding == LT_FLAT && col->phys == LT_PHYS_I64 && eval->sel == NULL)
        return all_within(col->values, eval->len, stretch->from, stretch->until);
    FN_EACH(eval, i)
    {
        int64_t value = time_value(col, i);
        if (value < stretch->from || value >= stretch->until)
            return false;
    }
    return true;
}

static void copy_lane(struct lt_column *col, uint32_t to, uint32_t from)
{
    size_t size = lt_phys_size((enum lt_phys)col->phys);
    char *values = col->values;
    memmove(values + to * size, values + from * size, size);
    if (col->validity)
        lt_bits_put(col->validity, to, lt_bits_get(col->validity, from));
}

/* The stretch of row i, remembered or computed. */
static lt_status find_stretch(struct stretches *s, uint32_t i, const struct stretch **out)
{
    int64_t value = time_value(s->r.args[0], i);
    for (uint32_t k = 0; k < REMEMBERED; k++) {
        *out = &s->kept[k];
        if (value >= s->kept[k].from && value < s->kept[k].until)
            return LT_OK;
    }
    struct stretch *stretch = &s->kept[s->next++ % REMEMBERED];
    stretch_of(s->r.eval, s->r.args[0]->type, value, s->unit_us, stretch);
    stretch->row = i;
    stretch->code = s->n;
    if (s->rows)
        s->rows[s->n] = i;
    s->n++;
    *out = stretch;
    return s->row(&s->r, i);
}

static lt_status all_rows(struct stretches *s)
{
    const struct stretch *stretch = &s->kept[0];
    const struct lt_column *col = s->r.args[0];
    uint32_t asked = 0;
    FN_EACH(s->r.eval, i)
    {
        int64_t value = time_value(col, i);
        asked++;
        if (s->n > TRIED / 2 && s->n > asked / 2) {
            s->codes = NULL;
            LT_TRY(s->row(&s->r, i));
            continue;
        }
        if (value < stretch->from || value >= stretch->until)
            LT_TRY(find_stretch(s, i, &stretch));
        if (stretch->row != i)
            copy_lane(s->r.out, i, stretch->row);
        if (s->codes)
            s->codes[i] = stretch->code;
    }
    return LT_OK;
}

/* A dictionary of the lanes that were computed, if they are few. */
static lt_status encode(struct stretches *s)
{
    struct lt_column *dict, *coded;
    if (s->codes == NULL || s->n > s->r.eval->n_sel / DICTIONARY_SHARE || s->r.out->validity)
        return LT_OK;
    LT_TRY(lt_column_take(s->r.eval->pool, s->r.out, s->rows, s->n, false, &dict));
    coded = lt_column_new_dictionary(s->r.eval->pool, dict, s->codes, s->r.eval->len);
    lt_column_unref(dict);
    if (coded == NULL)
        return LT_NOMEM;
    lt_column_unref(s->r.out);
    s->r.out = coded;
    return LT_OK;
}

static lt_status run(struct stretches *s)
{
    struct lt_eval *eval = s->r.eval;
    uint32_t first = eval->sel ? eval->sel[0] : 0;
    struct stretch one;
    if (s->r.out->phys == LT_PHYS_STR) {
        s->codes = LT_ARENA_ARRAY(eval->scratch, uint32_t, eval->len);
        s->rows = LT_ARENA_ARRAY(eval->scratch, uint32_t, eval->len);
        if (s->codes == NULL || s->rows == NULL)
            return LT_NOMEM;
    }
    stretch_of(eval, s->r.args[0]->type, time_value(s->r.args[0], first), s->unit_us, &one);
    if (holds_all(eval, s->r.args[0], &one)) {
        LT_TRY(s->row(&s->r, first));
        lt_column_make_constant(s->r.out, first);
        return LT_OK;
    }
    LT_TRY(all_rows(s));
    return encode(s);
}

lt_status fn_stretches(struct lt_eval *eval, struct lt_column *const *args, uint32_t n_args,
                       const struct lt_type *result, const void *data, int64_t unit_us,
                       struct lt_column **out, fn_row_fn row)
{
    struct stretches s = {
        .r = {.eval = eval, .args = args, .n_args = n_args, .result = result, .data = data},
        .unit_us = unit_us,
        .row = row,
    };
    lt_status status;
    if (unit_us <= 1 || eval->n_sel == 0)
        return fn_rows(eval, args, n_args, result, data, out, row, false);
    s.r.out = lt_column_new(eval->pool, result, eval->len);
    if (s.r.out == NULL)
        return LT_NOMEM;
    s.r.buf = lt_eval_take_text(eval);
    status = run(&s);
    lt_eval_put_text(eval, &s.r.buf);
    if (status != LT_OK) {
        lt_column_unref(s.r.out);
        return status;
    }
    *out = s.r.out;
    return LT_OK;
}
