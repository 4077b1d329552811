/* cast_text.c -- casts from and to text and bytes.
 *
 * How a value prints and reads is data/value.h's decision. Lengths count
 * characters for CHAR and VARCHAR, bytes for BINARY and VARBINARY: CAST cuts what
 * is too long and pads what is fixed; INSERT (LT_CAST_STORE) refuses to cut. */
#include "exec/cast_internal.h"
#include "exec/functions/utf8.h"

static const struct lt_sv *text_lane(const struct lt_column *col, uint32_t i)
{
    return &((const struct lt_sv *)col->values)[i];
}

lt_status cast_from_text(struct cast *c)
{
    const struct lt_type *to = c->to->type;
    bool cut = to->kind == LT_TYPE_TIME || to->kind == LT_TYPE_TIMESTAMP ||
               to->kind == LT_TYPE_TIMESTAMP_LTZ;
    CAST_EACH(c, i)
    {
        struct lt_str text = lt_sv_str(text_lane(c->from, i));
        lt_status status = lt_text_to_lane(text, c->to, i, c->eval->zone);
        if (status == LT_DATA)
            status = cast_refuse(c, i);
        LT_TRY(status);
        if (cut) {
            int64_t *us = &((int64_t *)c->to->values)[i];
            *us = lt_time_truncate(*us, to->precision);
        }
    }
    return LT_OK;
}

/* Writes `size` bytes and `pad` times `fill` behind them. */
static lt_status put_padded(struct lt_column *col, uint32_t i, struct lt_str text, size_t pad,
                            char fill)
{
    char *at;
    struct lt_sv *lane = &((struct lt_sv *)col->values)[i];
    if (pad == 0)
        return lt_column_put_str(col, i, text);
    at = lt_column_heap(col, text.len + pad);
    if (at == NULL)
        return LT_NOMEM;
    memcpy(at, text.data, text.len);
    memset(at + text.len, fill, pad);
    *lane = lt_sv_of(at, (uint32_t)(text.len + pad));
    return LT_OK;
}

/* INSERT may drop blanks that end a text, as the standard allows, nothing else. */
static bool only_blanks(struct lt_str text, size_t from)
{
    for (size_t i = from; i < text.len; i++) {
        if (text.data[i] != ' ')
            return false;
    }
    return true;
}

static lt_status put_text(struct cast *c, uint32_t i, struct lt_str text)
{
    const struct lt_type *to = c->to->type;
    size_t keep = to->length >= text.len ? text.len : utf8_prefix(text, to->length);
    size_t pad = 0;
    if (keep < text.len && c->mode == LT_CAST_STORE && !only_blanks(text, keep)) {
        return lt_fail(c->eval->err, LT_DATA,
                       "'%.*s' is longer than the %u characters of the column: cut it with "
                       "SUBSTRING or CAST, or widen the column",
                       (int)(text.len < 200 ? text.len : 200), text.data, to->length);
    }
    if (to->kind == LT_TYPE_CHAR && keep == text.len) {
        size_t n = utf8_count(text);
        pad = n < to->length ? to->length - n : 0;
    }
    return put_padded(c->to, i, (struct lt_str){text.data, keep}, pad, ' ');
}

/* The text of a value of the common types that have a short one; 0 for the others. */
static size_t short_text(const struct lt_column *col, uint32_t i, char *to,
                         struct lt_day_text *last)
{
    switch (col->type->kind) {
    case LT_TYPE_TINYINT: return lt_i64_text(to, ((const int8_t *)col->values)[i]);
    case LT_TYPE_SMALLINT: return lt_i64_text(to, ((const int16_t *)col->values)[i]);
    case LT_TYPE_INT: return lt_i64_text(to, ((const int32_t *)col->values)[i]);
    case LT_TYPE_BIGINT: return lt_i64_text(to, ((const int64_t *)col->values)[i]);
    case LT_TYPE_DOUBLE: return lt_double_text(to, ((const double *)col->values)[i]);
    case LT_TYPE_DATE: return lt_date_text(to, ((const int32_t *)col->values)[i], last);
    case LT_TYPE_TIMESTAMP:
        return lt_timestamp_text(to, ((const int64_t *)col->values)[i], col->type->precision, last);
    default: return 0;
    }
}

/* Numbers and times to a VARCHAR that is long enough for any of them. */
static lt_status short_texts(struct cast *c)
{
    char text[LT_TIME_TEXT_SIZE];
    struct lt_day_text last = {0};
    CAST_EACH(c, i)
    {
        size_t len = short_text(c->from, i, text, &last);
        LT_TRY(lt_column_put_str(c->to, i, (struct lt_str){text, len}));
    }
    return LT_OK;
}

static bool has_short_texts(const struct lt_type *from, const struct lt_type *to)
{
    if (to->kind != LT_TYPE_VARCHAR || to->length < LT_TIME_TEXT_SIZE)
        return false;
    return lt_type_is_integer(from) || from->kind == LT_TYPE_DOUBLE || from->kind == LT_TYPE_DATE ||
           from->kind == LT_TYPE_TIMESTAMP;
}

lt_status cast_to_text(struct cast *c)
{
    bool is_text = lt_type_is_char(c->from->type) || lt_type_is_binary(c->from->type);
    lt_status status = LT_OK;
    struct lt_buf buf;
    if (has_short_texts(c->from->type, c->to->type))
        return short_texts(c);
    if (is_text) {
        CAST_EACH(c, i)
        LT_TRY(put_text(c, i, lt_sv_str(text_lane(c->from, i))));
        return LT_OK;
    }
    buf = lt_eval_take_text(c->eval);
    CAST_EACH(c, i)
    {
        lt_buf_clear(&buf);
        lt_cell_print(&buf, lt_column_cell(c->from, i), c->eval->zone);
        status = buf.status == LT_OK ? put_text(c, i, lt_buf_str(&buf)) : buf.status;
        if (status != LT_OK)
            break;
    }
    lt_eval_put_text(c->eval, &buf);
    return status;
}

lt_status cast_to_bytes(struct cast *c)
{
    const struct lt_type *to = c->to->type;
    CAST_EACH(c, i)
    {
        struct lt_str bytes = lt_sv_str(text_lane(c->from, i));
        size_t keep = bytes.len < to->length ? bytes.len : to->length;
        size_t pad = to->kind == LT_TYPE_BINARY ? to->length - keep : 0;
        if (keep < bytes.len && c->mode == LT_CAST_STORE)
            return lt_fail(c->eval->err, LT_DATA,
                           "%zu bytes are longer than the %u of the column: widen the column",
                           bytes.len, to->length);
        LT_TRY(put_padded(c->to, i, (struct lt_str){bytes.data, keep}, pad, 0));
    }
    return LT_OK;
}
