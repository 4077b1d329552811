/* string_build.c -- texts put together: ||, CONCAT, LPAD, REPEAT, REPLACE, OVERLAY.
 *
 * What could grow without bound (REPEAT, LPAD) is an error past a gigabyte. */
#include "exec/functions/support.h"

#include "exec/functions/utf8.h"

enum { TEXT_SIZE_MAX = 1 << 30 };

static lt_status too_long(struct fn_row *r)
{
    return lt_fail(r->eval->err, LT_LIMIT, "the text would be longer than 1 GiB");
}

/* ---- CONCAT --------------------------------------------------------- */

/* Straight to where the text will lie. */
static lt_status concat_row(struct fn_row *r, uint32_t i)
{
    char inlined[LT_SV_INLINE_MAX], *to = inlined;
    size_t len = 0, at = 0;
    for (uint32_t a = 0; a < r->n_args; a++)
        len += fn_str(r, a, i).len;
    if (len > LT_LENGTH_MAX)
        return LT_LIMIT;
    if (len > LT_SV_INLINE_MAX)
        to = lt_column_heap(r->out, len);
    if (to == NULL)
        return LT_NOMEM;
    for (uint32_t a = 0; a < r->n_args; a++) {
        struct lt_str part = fn_str(r, a, i);
        if (part.len)
            memcpy(to + at, part.data, part.len);
        at += part.len;
    }
    return fn_set_slice(r, i, (struct lt_str){to, len});
}
FN_TOTAL_KERNEL(concat_kernel, concat_row);

/* || also joins bytes, and arrays (array_build.c). */
static lt_status bind_concat(struct lt_bind_call *call)
{
    bool bytes = lt_type_is_binary(call->args[0]);
    for (uint32_t i = 0; i < call->n_args; i++) {
        if (!bytes && !lt_type_is_char(call->args[i]))
            LT_TRY(lt_cast_exists(call->args[i], &lt_type_string)
                       ? fn_force(call, i, &lt_type_string)
                       : LT_OK);
    }
    return fn_bind(call, bytes ? "b*>b" : "s*>s", &concat_kernel);
}

static lt_status concat_ws_row(struct fn_row *r, uint32_t i)
{
    bool first = true;
    if (fn_is_null(r, 0, i))
        return fn_set_null(r, i);
    lt_buf_clear(&r->buf);
    for (uint32_t a = 1; a < r->n_args; a++) {
        if (fn_is_null(r, a, i))
            continue;
        if (!first)
            lt_buf_add(&r->buf, fn_str(r, 0, i).data, fn_str(r, 0, i).len);
        lt_buf_add(&r->buf, fn_str(r, a, i).data, fn_str(r, a, i).len);
        first = false;
    }
    return fn_set_buf(r, i);
}
FN_LAX_KERNEL(concat_ws_kernel, concat_ws_row);
static lt_status bind_concat_ws(struct lt_bind_call *call)
{
    LT_TRY(fn_bind(call, "s*>s", &concat_ws_kernel));
    return fn_result_nullable(call, &lt_type_string, &concat_ws_kernel, call->args[0]->nullable);
}
FN(concat_op, "||", NULL, "string", 2, 255, bind_concat, "a || b -> STRING",
   "The texts (or bytes) joined; NULL when one is NULL.", "'le' || 'at'", "leat");
FN(concat, "CONCAT", NULL, "string", 1, 255, bind_concat, "CONCAT(a, b, ...) -> STRING",
   "The arguments as text, joined; NULL when one is NULL.", "CONCAT('a', 'b', 'c')", "abc");
FN(concat_ws, "CONCAT_WS", NULL, "string", 1, 255, bind_concat_ws,
   "CONCAT_WS(separator STRING, a STRING, ...) -> STRING",
   "The texts that are not NULL, joined with a separator between them.",
   "CONCAT_WS('-', 'a', CAST(NULL AS STRING), 'b')", "a-b");

/* ---- LPAD, RPAD, REPEAT, REVERSE ------------------------------------ */

static void add_padding(struct fn_row *r, struct lt_str pad, size_t n)
{
    size_t in_pad = utf8_count(pad);
    for (; n >= in_pad; n -= in_pad)
        lt_buf_add(&r->buf, pad.data, pad.len);
    lt_buf_add(&r->buf, pad.data, utf8_prefix(pad, n));
}

static lt_status pad_row(struct fn_row *r, uint32_t i, bool left)
{
    struct lt_str text = fn_str(r, 0, i), pad = r->n_args > 2 ? fn_str(r, 2, i) : LT_STR(" ");
    int64_t len = fn_i64(r, 1, i), have = (int64_t)utf8_count(text);
    if (len < 0 || pad.len == 0)
        return fn_set_null(r, i);
    if (len > TEXT_SIZE_MAX / 4)
        return too_long(r);
    lt_buf_clear(&r->buf);
    if (have >= len) {
        lt_buf_add(&r->buf, text.data, utf8_prefix(text, (size_t)len));
        return fn_set_buf(r, i);
    }
    if (left)
        add_padding(r, pad, (size_t)(len - have));
    lt_buf_add(&r->buf, text.data, text.len);
    if (!left)
        add_padding(r, pad, (size_t)(len - have));
    return fn_set_buf(r, i);
}
static lt_status lpad_row(struct fn_row *r, uint32_t i)
{
    return pad_row(r, i, true);
}
static lt_status rpad_row(struct fn_row *r, uint32_t i)
{
    return pad_row(r, i, false);
}
FN_KERNEL(lpad_kernel, lpad_row);
FN_KERNEL(rpad_kernel, rpad_row);
FN_BIND(bind_lpad, "sls>s?", lpad_kernel)
FN_BIND(bind_rpad, "sls>s?", rpad_kernel)
FN(lpad, "LPAD", NULL, "string", 2, 3, bind_lpad,
   "LPAD(text STRING, length BIGINT [, pad STRING]) -> STRING",
   "Filled up at its beginning to a length, or cut to it; NULL when the length is negative or pad "
   "empty.",
   "LPAD('hi', 4, '?')", "??hi");
FN(rpad, "RPAD", NULL, "string", 2, 3, bind_rpad,
   "RPAD(text STRING, length BIGINT [, pad STRING]) -> STRING",
   "Filled up at its end to a length, or cut to it; NULL when the length is negative or pad empty.",
   "RPAD('hi', 5, '?!')", "hi?!?");

static lt_status repeat_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i);
    int64_t n = fn_i64(r, 1, i);
    lt_buf_clear(&r->buf);
    if (text.len == 0)
        n = 0;
    if (n > 0 && n > TEXT_SIZE_MAX / (int64_t)text.len)
        return too_long(r);
    for (; n > 0; n--)
        lt_buf_add(&r->buf, text.data, text.len);
    return fn_set_buf(r, i);
}
static lt_status reverse_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i);
    char *to;
    lt_buf_clear(&r->buf);
    if (!lt_buf_reserve(&r->buf, text.len + 1))
        return LT_NOMEM;
    to = r->buf.data;
    for (size_t at = 0; at < text.len;) {
        size_t step = utf8_step(text.data, text.len, at);
        at += step;
        memcpy(to + text.len - at, text.data + at - step, step);
    }
    return fn_set_str(r, i, (struct lt_str){to, text.len});
}
FN_KERNEL(repeat_kernel, repeat_row);
FN_TOTAL_KERNEL(reverse_kernel, reverse_row);
FN_BIND(bind_repeat, "sl>s", repeat_kernel)
FN_BIND(bind_reverse, "s>s", reverse_kernel)
FN(repeat, "REPEAT", NULL, "string", 2, 2, bind_repeat, "REPEAT(text STRING, n BIGINT) -> STRING",
   "The text n times over; empty when n is not positive.", "REPEAT('ab', 3)", "ababab");
FN(reverse, "REVERSE", NULL, "string", 1, 1, bind_reverse, "REVERSE(text STRING) -> STRING",
   "The characters in reverse order.", "REVERSE('süß')", "ßüs");

/* ---- REPLACE, TRANSLATE, OVERLAY ------------------------------------ */

static lt_status replace_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i), from = fn_str(r, 1, i), to = fn_str(r, 2, i);
    size_t at = 0, hit;
    lt_buf_clear(&r->buf);
    while (from.len > 0 && (hit = utf8_find(text, from, at)) != SIZE_MAX) {
        lt_buf_add(&r->buf, text.data + at, hit - at);
        lt_buf_add(&r->buf, to.data, to.len);
        at = hit + from.len;
    }
    lt_buf_add(&r->buf, text.data + at, text.len - at);
    return fn_set_buf(r, i);
}

static lt_status translate_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i), from = fn_str(r, 1, i), to = fn_str(r, 2, i);
    lt_buf_clear(&r->buf);
    for (size_t at = 0; at < text.len;) {
        size_t step = utf8_step(text.data, text.len, at), f = 0, t = 0;
        while (f < from.len) {
            size_t fs = utf8_step(from.data, from.len, f);
            if (fs == step && memcmp(from.data + f, text.data + at, step) == 0)
                break;
            f += fs;
            t += t < to.len ? utf8_step(to.data, to.len, t) : 0;
        }
        if (f >= from.len)
            lt_buf_add(&r->buf, text.data + at, step);
        else if (t < to.len)
            lt_buf_add(&r->buf, to.data + t, utf8_step(to.data, to.len, t));
        at += step;
    }
    return fn_set_buf(r, i);
}

static lt_status overlay_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i), by = fn_str(r, 1, i);
    int64_t from = fn_i64(r, 2, i);
    int64_t len = r->n_args > 3 ? fn_i64(r, 3, i) : (int64_t)utf8_count(by);
    size_t head, end;
    if (from <= 0 || from > (int64_t)utf8_count(text) || len < 0)
        return fn_set_str(r, i, text);
    head = utf8_prefix(text, (size_t)(from - 1));
    end = head + utf8_prefix((struct lt_str){text.data + head, text.len - head}, (size_t)len);
    lt_buf_clear(&r->buf);
    lt_buf_add(&r->buf, text.data, head);
    lt_buf_add(&r->buf, by.data, by.len);
    lt_buf_add(&r->buf, text.data + end, text.len - end);
    return fn_set_buf(r, i);
}
FN_TOTAL_KERNEL(replace_kernel, replace_row);
FN_TOTAL_KERNEL(translate_kernel, translate_row);
FN_TOTAL_KERNEL(overlay_kernel, overlay_row);
FN_BIND(bind_replace, "sss>s", replace_kernel)
FN_BIND(bind_translate, "sss>s", translate_kernel)
FN_BIND(bind_overlay, "ssll>s", overlay_kernel)
FN(replace, "REPLACE", NULL, "string", 3, 3, bind_replace,
   "REPLACE(text STRING, search STRING, replacement STRING) -> STRING",
   "Every occurrence of one text replaced by another.", "REPLACE('banana', 'an', 'AN')", "bANANa");
FN(translate, "TRANSLATE", "TRANSLATE3", "string", 3, 3, bind_translate,
   "TRANSLATE(text STRING, from STRING, to STRING) -> STRING",
   "Each character that is in `from` becomes the one at the same place in `to`, or goes when there "
   "is none.",
   "TRANSLATE('12-34', '123-', 'abc')", "abc4");
FN(overlay, "OVERLAY", NULL, "string", 3, 4, bind_overlay,
   "OVERLAY(text STRING PLACING by STRING FROM start BIGINT [FOR length BIGINT]) -> STRING",
   "With a part of it (from a position, as long as `by` unless said) replaced.",
   "OVERLAY('abcdef' PLACING 'XY' FROM 3 FOR 3)", "abXYf");

/* ---- ELT ------------------------------------------------------------ */

static lt_status elt_row(struct fn_row *r, uint32_t i)
{
    int64_t index;
    if (fn_is_null(r, 0, i))
        return fn_set_null(r, i);
    index = fn_i64(r, 0, i);
    if (index < 1 || index >= r->n_args || fn_is_null(r, (uint32_t)index, i))
        return fn_set_null(r, i);
    return fn_set_slice(r, i, fn_str(r, (uint32_t)index, i));
}
FN_LAX_KERNEL(elt_kernel, elt_row);
FN_BIND(bind_elt, "ls*>s?", elt_kernel)
FN(elt, "ELT", NULL, "string", 2, 255, bind_elt,
   "ELT(index BIGINT, a STRING, b STRING, ...) -> STRING",
   "The text at an index, from 1; NULL when there is none.", "ELT(2, 'a', 'b')", "b");
