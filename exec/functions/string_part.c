/* string_part.c -- parts of a text: SUBSTRING, LEFT, RIGHT, SPLIT_INDEX, TRIM.
 *
 * The results point into the argument, nothing is copied. Positions count
 * characters from 1, from the end when negative. */
#include "exec/functions/support.h"

#include "exec/functions/utf8.h"
#include "exec/kernels/text.h"

/* ---- SUBSTRING ------------------------------------------------------ */

static struct lt_str tail(struct lt_str text, size_t from)
{
    return (struct lt_str){text.data + from, text.len - from};
}

/* Characters [start, start + len) of text, start from 0. */
static struct lt_str characters(struct lt_str text, uint64_t start, uint64_t len)
{
    text = tail(text, utf8_prefix(text, start));
    text.len = utf8_prefix(text, len);
    return text;
}

static struct lt_str substring(struct lt_str text, int64_t pos, int64_t len)
{
    if (len <= 0)
        return LT_STR("");
    if (pos < 0) {
        pos += (int64_t)utf8_count(text);
        if (pos < 0)
            return LT_STR("");
    } else if (pos > 0) {
        pos--;
    }
    return characters(text, (uint64_t)pos, (uint64_t)len);
}

static lt_status substring_row(struct fn_row *r, uint32_t i)
{
    int64_t len = r->n_args > 2 ? fn_i64(r, 2, i) : INT64_MAX;
    if (len < 0)
        return fn_set_null(r, i);
    return fn_set_slice(r, i, substring(fn_str(r, 0, i), fn_i64(r, 1, i), len));
}
static lt_status left_row(struct fn_row *r, uint32_t i)
{
    return fn_set_slice(r, i, substring(fn_str(r, 0, i), 1, fn_i64(r, 1, i)));
}
static lt_status right_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i);
    int64_t n = fn_i64(r, 1, i), count = (int64_t)utf8_count(text);
    if (n <= 0)
        return fn_set_slice(r, i, LT_STR(""));
    return fn_set_slice(r, i,
                        n >= count ? text : characters(text, (uint64_t)(count - n), (uint64_t)n));
}
FN_SLICE_KERNEL(substring_kernel, substring_row);
FN_SLICE_KERNEL(left_kernel, left_row);
FN_SLICE_KERNEL(right_kernel, right_row);
FN_BIND(bind_substring, "sll>s?", substring_kernel)
FN_BIND(bind_left, "sl>s", left_kernel)
FN_BIND(bind_right, "sl>s", right_kernel)
FN(substring, "SUBSTRING", "SUBSTR|MID", "string", 2, 3, bind_substring,
   "SUBSTRING(text STRING, position BIGINT [, length BIGINT]) -> STRING",
   "The characters from a position (from 1; negative counts from the end), up to a length. NULL "
   "when the length is negative.",
   "SUBSTRING('Grüße', 3, 2)", "üß");
FN(left, "LEFT", NULL, "string", 2, 2, bind_left, "LEFT(text STRING, n BIGINT) -> STRING",
   "The first n characters; none when n is not positive.", "LEFT('hello', 2)", "he");
FN(right, "RIGHT", NULL, "string", 2, 2, bind_right, "RIGHT(text STRING, n BIGINT) -> STRING",
   "The last n characters; none when n is not positive.", "RIGHT('hello', 2)", "lo");

/* ---- SPLIT_INDEX ---------------------------------------------------- */

static lt_status split_index_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i), mark = fn_str(r, 1, i);
    int64_t index = fn_i64(r, 2, i);
    size_t from = 0, at;
    if (index < 0 || text.len == 0)
        return fn_set_null(r, i);
    if (mark.len == 0)
        return index == 0 ? fn_set_slice(r, i, text) : fn_set_null(r, i);
    for (;;) {
        if (mark.len == 1) {
            const char *hit = memchr(text.data + from, mark.data[0], text.len - from);
            at = hit ? (size_t)(hit - text.data) : SIZE_MAX;
        } else {
            at = utf8_find(text, mark, from);
        }
        if (index-- == 0)
            break;
        if (at == SIZE_MAX)
            return fn_set_null(r, i);
        from = at + mark.len;
    }
    if (at == SIZE_MAX)
        at = text.len;
    return fn_set_slice(r, i, (struct lt_str){text.data + from, at - from});
}

/* A delimiter of one byte, the same for all rows; the texts lie flat. */
static bool split_by_byte(struct lt_column *const *args)
{
    return args[0]->encoding == LT_FLAT && args[1]->encoding == LT_CONSTANT &&
           ((const struct lt_sv *)args[1]->values)->len == 1;
}

/* Where the delimiter is in the first 64 bytes, found once for all indexes that are asked
 * of a text; 0 for all rows where the delimiters are no such byte. */
static lt_status split_marks_eval(struct lt_eval *eval, struct lt_column *const *args,
                                  uint32_t n_args, const struct lt_type *result, const void *data,
                                  struct lt_column **out)
{
    struct text_rows rows = {args[0]->values, eval->sel, eval->n_sel};
    LT_UNUSED(n_args);
    LT_UNUSED(data);
    if (!split_by_byte(args)) {
        *out = lt_column_new_constant(eval->pool, result, eval->len);
        return *out ? LT_OK : LT_NOMEM;
    }
    *out = lt_column_new(eval->pool, result, eval->len);
    if (*out == NULL)
        return LT_NOMEM;
    text_kernels()->marks(&rows, ((const struct lt_sv *)args[1]->values)->prefix[0],
                          (*out)->values);
    return LT_OK;
}
static const struct lt_kernel split_marks_kernel = {
    .name = "split_marks", .eval = split_marks_eval, .strict = true, .total = true};

static lt_status split_index_fast(struct lt_eval *eval, struct lt_column *const *args,
                                  const struct lt_type *result, struct lt_column **out)
{
    struct text_rows rows = {args[0]->values, eval->sel, eval->n_sel};
    uint64_t present[LT_BATCH_ROWS_MAX / 64];
    uint64_t index = (uint64_t)((const int64_t *)args[2]->values)[0];
    char c = ((const struct lt_sv *)args[1]->values)->prefix[0];
    struct lt_column *to = lt_column_new(eval->pool, result, eval->len);
    if (to == NULL || lt_column_hold_from(to, args[0]) != LT_OK)
        goto fail;
    lt_bits_fill(present, eval->len, true);
    if (text_kernels()->split(&rows, args[3]->values, c, index, to->values, present)) {
        if (lt_column_own_validity(to) != LT_OK)
            goto fail;
        memcpy(to->validity, present, lt_bits_words(eval->len) * sizeof(*present));
    }
    *out = to;
    return LT_OK;
fail:
    lt_column_unref(to);
    return LT_NOMEM;
}

static lt_status split_index_eval(struct lt_eval *eval, struct lt_column *const *args,
                                  uint32_t n_args, const struct lt_type *result, const void *data,
                                  struct lt_column **out)
{
    if (split_by_byte(args) && eval->len <= LT_BATCH_ROWS_MAX && args[3]->encoding == LT_FLAT &&
        args[2]->encoding == LT_CONSTANT && ((const int64_t *)args[2]->values)[0] >= 0)
        return split_index_fast(eval, args, result, out);
    return fn_rows(eval, args, n_args, result, data, out, split_index_row, true);
}
static const struct lt_kernel split_index_kernel = {.name = "SPLIT_INDEX",
                                                    .eval = split_index_eval,
                                                    .strict = true,
                                                    .total = true,
                                                    .part_args = 2,
                                                    .part = &split_marks_kernel};

/* The delimiter may be a number, the code of a character. */
static lt_status split_index_code_row(struct fn_row *r, uint32_t i)
{
    char bytes[4];
    int64_t code = fn_i64(r, 1, i), index = fn_i64(r, 2, i);
    struct lt_str text = fn_str(r, 0, i), mark;
    size_t from = 0, at;
    if (code < 0 || code > 0x10FFFF || index < 0 || text.len == 0)
        return fn_set_null(r, i);
    mark = (struct lt_str){bytes, utf8_put(bytes, (uint32_t)code)};
    while ((at = utf8_find(text, mark, from)) != SIZE_MAX && index-- > 0)
        from = at + mark.len;
    if (at == SIZE_MAX && index > 0)
        return fn_set_null(r, i);
    if (at == SIZE_MAX)
        at = text.len;
    return fn_set_slice(r, i, (struct lt_str){text.data + from, at - from});
}
FN_SLICE_KERNEL(split_index_code_kernel, split_index_code_row);

static lt_status bind_split_index(struct lt_bind_call *call)
{
    if (lt_type_is_integer(call->args[1]))
        return fn_bind(call, "sll>s?", &split_index_code_kernel);
    return fn_bind(call, "ssl>s?", &split_index_kernel);
}
FN(split_index, "SPLIT_INDEX", NULL, "string", 3, 3, bind_split_index,
   "SPLIT_INDEX(text STRING, delimiter STRING | code INT, index BIGINT) -> STRING",
   "The part of the text at an index (from 0) between delimiters; NULL when there is none.",
   "SPLIT_INDEX('a/b/c', '/', 1)", "b");

/* ---- TRIM ----------------------------------------------------------- */

static bool among(struct lt_str set, const char *c, size_t len)
{
    for (size_t at = 0; at < set.len;) {
        size_t step = utf8_step(set.data, set.len, at);
        if (step == len && memcmp(set.data + at, c, len) == 0)
            return true;
        at += step;
    }
    return false;
}

static struct lt_str trim_left(struct lt_str text, struct lt_str set)
{
    size_t at = 0;
    while (at < text.len) {
        size_t step = utf8_step(text.data, text.len, at);
        if (!among(set, text.data + at, step))
            break;
        at += step;
    }
    return tail(text, at);
}

static struct lt_str trim_right(struct lt_str text, struct lt_str set)
{
    while (text.len > 0) {
        size_t at = text.len - 1;
        while (at > 0 && ((unsigned char)text.data[at] & 0xC0) == 0x80)
            at--;
        if (!among(set, text.data + at, text.len - at))
            break;
        text.len = at;
    }
    return text;
}

static struct lt_str trim_set(const struct fn_row *r, uint32_t i)
{
    return r->n_args > 1 ? fn_str(r, 1, i) : LT_STR(" ");
}
static lt_status ltrim_row(struct fn_row *r, uint32_t i)
{
    return fn_set_slice(r, i, trim_left(fn_str(r, 0, i), trim_set(r, i)));
}
static lt_status rtrim_row(struct fn_row *r, uint32_t i)
{
    return fn_set_slice(r, i, trim_right(fn_str(r, 0, i), trim_set(r, i)));
}
static lt_status btrim_row(struct fn_row *r, uint32_t i)
{
    struct lt_str set = trim_set(r, i);
    return fn_set_slice(r, i, trim_right(trim_left(fn_str(r, 0, i), set), set));
}
/* TRIM(side, set, text), as the parser hands the words over. */
static lt_status trim_row(struct fn_row *r, uint32_t i)
{
    struct lt_str side = fn_str(r, 0, i), set = fn_str(r, 1, i), text = fn_str(r, 2, i);
    if (!lt_str_equal_nocase(side, LT_STR("TRAILING")))
        text = trim_left(text, set);
    if (!lt_str_equal_nocase(side, LT_STR("LEADING")))
        text = trim_right(text, set);
    return fn_set_slice(r, i, text);
}
FN_SLICE_KERNEL(ltrim_kernel, ltrim_row);
FN_SLICE_KERNEL(rtrim_kernel, rtrim_row);
FN_SLICE_KERNEL(btrim_kernel, btrim_row);
FN_SLICE_KERNEL(trim_kernel, trim_row);
FN_BIND(bind_ltrim, "ss>s", ltrim_kernel)
FN_BIND(bind_rtrim, "ss>s", rtrim_kernel)
FN_BIND(bind_btrim, "ss>s", btrim_kernel)

static lt_status bind_trim(struct lt_bind_call *call)
{
    if (call->n_args < 3)
        return fn_bind(call, "ss>s", &btrim_kernel);
    return fn_bind(call, "sss>s", &trim_kernel);
}
FN(ltrim, "LTRIM", NULL, "string", 1, 2, bind_ltrim,
   "LTRIM(text STRING [, characters STRING]) -> STRING",
   "Without the characters (blanks by default) at its beginning.", "LTRIM('xxyhi', 'xy')", "hi");
FN(rtrim, "RTRIM", NULL, "string", 1, 2, bind_rtrim,
   "RTRIM(text STRING [, characters STRING]) -> STRING",
   "Without the characters (blanks by default) at its end.", "RTRIM('hi!?!', '!?')", "hi");
FN(btrim, "BTRIM", NULL, "string", 1, 2, bind_btrim,
   "BTRIM(text STRING [, characters STRING]) -> STRING",
   "Without the characters (blanks by default) at both ends.", "BTRIM('--hi-', '-')", "hi");
FN(trim, "TRIM", NULL, "string", 1, 3, bind_trim,
   "TRIM([BOTH | LEADING | TRAILING] [characters FROM] text) -> STRING",
   "Without the characters (blanks by default) at one end or both.", "TRIM(BOTH 'x' FROM 'xhix')",
   "hi");
