/* csv_column.c -- one field of many csv records into a column.
 *
 * In three steps, for up to 256 records at a time:
 *
 *   ends of fields ─field_spans─▶ where each text lies ─a reader─▶ lanes
 *                                                        └refused─▶ lt_csv_put, one by one
 *
 * There is a reader for each type, from text_batch.h or around text_fast.h. What it
 * does not know, and what needs care (an empty field, the null literal, quotes
 * within quotes), is refused: so a rule of csv stands in csv_record.c alone. */
#include "connectors/formats/csv_decode.h"
#include "connectors/formats/lane.h"
#include "data/text_batch.h"

/* A column while a run is read into it. */
struct csv_lanes {
    const struct lt_type *type;
    const struct lt_tz *zone;
    struct lt_fast_day day;
    bool has_long; /* some view points into the text */
    struct lt_text_batch batch;
};

/* Reads the batch into the lanes at `values`; true when some text was refused. */
typedef bool csv_lanes_fn(struct csv_lanes *lanes, void *values);

/* ---- by vectors --------------------------------------------------------- */

static bool lanes_i8(struct csv_lanes *lanes, void *values)
{
    return lt_text_batch_i8(&lanes->batch, values);
}

static bool lanes_i16(struct csv_lanes *lanes, void *values)
{
    return lt_text_batch_i16(&lanes->batch, values);
}

static bool lanes_i32(struct csv_lanes *lanes, void *values)
{
    return lt_text_batch_i32(&lanes->batch, values);
}

static bool lanes_i64(struct csv_lanes *lanes, void *values)
{
    return lt_text_batch_i64(&lanes->batch, values);
}

static bool lanes_timestamp(struct csv_lanes *lanes, void *values)
{
    return lt_text_batch_timestamp(&lanes->batch, lanes->type->precision, values);
}

/* ---- one by one --------------------------------------------------------- */

/* Writes lane i of `values`; false: refused. The length is never LT_TEXT_NONE. */
typedef bool csv_lane_fn(struct csv_lanes *lanes, const char *at, size_t len, void *values,
                         uint32_t i);

LT_ALWAYS_INLINE bool lanes_each(struct csv_lanes *lanes, void *values, csv_lane_fn *lane)
{
    struct lt_text_batch *batch = &lanes->batch;
    bool any = false;
    for (uint32_t i = 0; i < batch->n; i++) {
        size_t len = batch->len[i];
        bool good =
            len != LT_TEXT_NONE && lane(lanes, batch->data + batch->from[i], len, values, i);
        batch->refused[i] = !good;
        any |= !good;
    }
    return any;
}

LT_ALWAYS_INLINE bool lane_double(struct csv_lanes *lanes, const char *at, size_t len, void *values,
                                  uint32_t i)
{
    LT_UNUSED(lanes);
    return lt_fast_double(at, len, (double *)values + i);
}

LT_ALWAYS_INLINE bool lane_float(struct csv_lanes *lanes, const char *at, size_t len, void *values,
                                 uint32_t i)
{
    LT_UNUSED(lanes);
    return lt_fast_float(at, len, (float *)values + i);
}

LT_ALWAYS_INLINE bool lane_decimal(struct csv_lanes *lanes, const char *at, size_t len,
                                   void *values, uint32_t i)
{
    return lt_fast_decimal(at, len, lanes->type->precision, lanes->type->scale,
                           (__int128 *)values + i);
}

LT_ALWAYS_INLINE bool lane_boolean(struct csv_lanes *lanes, const char *at, size_t len,
                                   void *values, uint32_t i)
{
    LT_UNUSED(lanes);
    bool yes = len == 4 && memcmp(at, "true", 4) == 0;
    ((int8_t *)values)[i] = yes;
    return yes || (len == 5 && memcmp(at, "false", 5) == 0);
}

LT_ALWAYS_INLINE bool lane_date(struct csv_lanes *lanes, const char *at, size_t len, void *values,
                                uint32_t i)
{
    return lt_fast_date(at, len, &lanes->day, (int32_t *)values + i);
}

LT_ALWAYS_INLINE bool lane_time(struct csv_lanes *lanes, const char *at, size_t len, void *values,
                                uint32_t i)
{
    return lt_fast_time(at, len, lanes->type->precision, (int64_t *)values + i);
}

/* With a Z, or where wall clocks show UTC: no zone is to be asked. */
LT_ALWAYS_INLINE bool lane_ltz(struct csv_lanes *lanes, const char *at, size_t len, void *values,
                               uint32_t i)
{
    bool instant = len > 0 && at[len - 1] == 'Z';
    return (instant || lanes->zone == &lt_tz_utc) &&
           lt_fast_timestamp(at, len - instant, &lanes->day, lanes->type->precision,
                             (int64_t *)values + i);
}

/* A view: short text lies in it, the rest of its bytes zero; long text stays where it is. A
 * text of at most n bytes has at most n characters. */
LT_ALWAYS_INLINE bool lane_view(struct csv_lanes *lanes, const char *at, size_t len, void *values,
                                uint32_t i)
{
    uint64_t first = lt_swar_load(at), word[2];
    if (len > LT_SV_INLINE_MAX) {
        word[0] = (uint64_t)(uint32_t)len | first << 32;
        memcpy(&word[1], &at, sizeof(at));
        lanes->has_long = true;
    } else {
        uint64_t rest = lt_swar_load(at + 4); /* bytes 4 to 12 */
        unsigned low = len < 4 ? (unsigned)len : 4, high = (unsigned)len - low;
        first &= (UINT64_C(1) << (8 * low)) - 1;
        rest &= high == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * high)) - 1;
        word[0] = (uint64_t)len | first << 32;
        word[1] = rest;
    }
    memcpy((struct lt_sv *)values + i, word, sizeof(word));
    return len <= lanes->type->length;
}

#define LANES_EACH(name)                                            \
    static bool lanes_##name(struct csv_lanes *lanes, void *values) \
    {                                                               \
        return lanes_each(lanes, values, lane_##name);              \
    }
LANES_EACH(double)
LANES_EACH(float)
LANES_EACH(decimal)
LANES_EACH(boolean)
LANES_EACH(date)
LANES_EACH(time)
LANES_EACH(ltz)
LANES_EACH(view)

/* ---- a column ----------------------------------------------------------- */

/* The field of record r, out of its quotes if it has them. */
static struct lt_csv_field run_field(const struct lt_decoder *dec, const struct lt_csv_run *run,
                                     uint32_t r, uint32_t n)
{
    const uint16_t *end = run->ends + (size_t)r * run->stride + n;
    unsigned from = (uint16_t)(end[-1] + 1);
    struct lt_csv_field field = {.text = {run->data + from, *end - from}};
    struct lt_str *text = &field.text;
    if (n + 1 == run->stride && text->len && text->data[text->len - 1] == '\r')
        text->len--;
    if (run->quotes && text->len >= 2 && text->data[0] == dec->options.quote) {
        *text = (struct lt_str){text->data + 1, text->len - 2};
        field.quoted = true;
        field.escaped = text->len && memchr(text->data, dec->options.quote, text->len);
    }
    return field;
}

/* Where field n of records [first, first + batch->n) lies. */
static void field_spans(const struct lt_decoder *dec, const struct lt_csv_run *run, uint32_t first,
                        uint32_t n, struct lt_text_batch *batch)
{
    const uint16_t *end = run->ends + (size_t)first * run->stride + n;
    bool last = n + 1 == run->stride;
    for (uint32_t i = 0; i < batch->n; i++, end += run->stride) {
        unsigned from = (uint16_t)(end[-1] + 1), to = *end;
        to -= last && to > from && run->data[to - 1] == '\r';
        batch->from[i] = from;
        batch->len[i] = to - from;
    }
    for (uint32_t i = 0; i < batch->n && (run->quotes || dec->options.has_null); i++) {
        struct lt_csv_field field = run_field(dec, run, first + i, n);
        bool null = dec->options.has_null && !field.quoted &&
                    lt_str_equal(field.text, dec->options.null_literal);
        batch->from[i] = (uint32_t)(field.text.data - run->data);
        batch->len[i] = null || field.escaped ? LT_TEXT_NONE : (uint32_t)field.text.len;
    }
}

/* Earlier records, given up half-way, may have left lanes marked as NULL. */
static void lanes_all_valid(struct lt_column *col, uint32_t row, uint32_t n)
{
    for (uint32_t i = row; col->validity && i < row + n; i++)
        lt_lane_valid(col, i);
}

static bool column_holds(const struct lt_column *col, const struct lt_buffer *buffer)
{
    for (uint32_t i = col->n_buffers; i-- > 0;)
        if (col->buffers[i] == buffer)
            return true;
    return false;
}

static lt_status put_refused(struct lt_decoder *dec, const struct lt_csv_run *run, uint32_t first,
                             uint32_t n, const struct lt_text_batch *batch, struct lt_column *col,
                             uint32_t row)
{
    for (uint32_t i = 0; i < batch->n; i++) {
        if (!batch->refused[i])
            continue;
        struct lt_csv_field field = run_field(dec, run, first + i, n);
        LT_TRY(lt_csv_put(dec, col, row + i, &field, run->buffer));
    }
    return LT_OK;
}

static csv_lanes_fn *lanes_of(const struct lt_type *type, const struct lt_csv_run *run)
{
    static csv_lanes_fn *const readers[LT_TYPE_COUNT] = {
        [LT_TYPE_BOOLEAN] = lanes_boolean,     [LT_TYPE_TINYINT] = lanes_i8,
        [LT_TYPE_SMALLINT] = lanes_i16,        [LT_TYPE_INT] = lanes_i32,
        [LT_TYPE_BIGINT] = lanes_i64,          [LT_TYPE_FLOAT] = lanes_float,
        [LT_TYPE_DOUBLE] = lanes_double,       [LT_TYPE_DECIMAL] = lanes_decimal,
        [LT_TYPE_VARCHAR] = lanes_view,        [LT_TYPE_VARBINARY] = lanes_view,
        [LT_TYPE_DATE] = lanes_date,           [LT_TYPE_TIME] = lanes_time,
        [LT_TYPE_TIMESTAMP] = lanes_timestamp, [LT_TYPE_TIMESTAMP_LTZ] = lanes_ltz,
    };
    return type->kind == LT_TYPE_VARCHAR && !run->valid ? NULL : readers[type->kind];
}

lt_status lt_csv_column_read(struct lt_decoder *dec, const struct lt_csv_run *run, uint32_t n,
                             struct lt_column *col, uint32_t row)
{
    csv_lanes_fn *read = lanes_of(col->type, run);
    size_t size = lt_phys_size((enum lt_phys)col->phys);
    struct csv_lanes lanes;
    lanes.type = col->type;
    lanes.zone = dec->zone;
    lanes.day = lt_fast_day_init();
    lanes.has_long = false;
    lanes.batch.data = run->data;
    lanes_all_valid(col, row, read ? run->n : 0);
    for (uint32_t first = 0; first < run->n; first += lanes.batch.n) {
        uint32_t left = run->n - first;
        lanes.batch.n = left < LT_TEXT_BATCH_MAX ? left : LT_TEXT_BATCH_MAX;
        bool some = true;
        if (read) {
            field_spans(dec, run, first, n, &lanes.batch);
            some = read(&lanes, (char *)col->values + (row + first) * size);
        } else {
            memset(lanes.batch.refused, 1, lanes.batch.n * sizeof(*lanes.batch.refused));
        }
        if (some)
            LT_TRY(put_refused(dec, run, first, n, &lanes.batch, col, row + first));
    }
    if (lanes.has_long && !column_holds(col, run->buffer))
        return lt_column_hold(col, run->buffer);
    return LT_OK;
}
