/* string_search.c -- lengths, positions and counts: CHAR_LENGTH, POSITION, COUNT_CHAR.
 *
 * A search compares bytes, since UTF-8 is self-synchronising; the answer is turned
 * into characters at the end. */
#include "exec/functions/support.h"

#include "exec/functions/utf8.h"
#include "exec/kernels/text.h"

static lt_status char_length_row(struct fn_row *r, uint32_t i)
{
    return fn_set_i32(r, i, (int64_t)utf8_count(fn_str(r, 0, i)));
}
static lt_status octet_length_row(struct fn_row *r, uint32_t i)
{
    return fn_set_i32(r, i, (int64_t)fn_str(r, 0, i).len);
}
FN_TOTAL_KERNEL(char_length_kernel, char_length_row);
FN_TOTAL_KERNEL(octet_length_kernel, octet_length_row);
FN_BIND(bind_char_length, "s>i", char_length_kernel)
static lt_status bind_octet_length(struct lt_bind_call *call)
{
    return fn_bind(call, lt_type_is_binary(call->args[0]) ? "b>i" : "s>i", &octet_length_kernel);
}
FN(char_length, "CHAR_LENGTH", "CHARACTER_LENGTH|LENGTH", "string", 1, 1, bind_char_length,
   "CHAR_LENGTH(text STRING) -> INT", "The number of characters.", "CHAR_LENGTH('Grüße')", "5");
FN(octet_length, "OCTET_LENGTH", NULL, "string", 1, 1, bind_octet_length,
   "OCTET_LENGTH(x STRING | BYTES) -> INT", "The number of bytes.", "OCTET_LENGTH('Grüße')", "7");

/* ---- positions ------------------------------------------------------ */

/* The position (from 1) of the n-th `needle` at or after character `from`; 0 = none. */
static int64_t position(struct lt_str text, struct lt_str needle, int64_t from, int64_t nth)
{
    size_t at = utf8_prefix(text, (uint64_t)(from - 1));
    if (at == text.len && from > 1 && (int64_t)utf8_count(text) < from - 1)
        return 0;
    at = utf8_find(text, needle, at);
    while (at != SIZE_MAX && --nth > 0)
        at = utf8_find(text, needle, at + 1);
    return at == SIZE_MAX ? 0 : (int64_t)utf8_count((struct lt_str){text.data, at}) + 1;
}

static lt_status position_row(struct fn_row *r, uint32_t i)
{
    int64_t from = r->n_args > 2 ? fn_i64(r, 2, i) : 1;
    if (from <= 0)
        return fn_set_i32(r, i, 0);
    return fn_set_i32(r, i, position(fn_str(r, 1, i), fn_str(r, 0, i), from, 1));
}
static lt_status instr_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i), needle = fn_str(r, 1, i);
    int64_t from = r->n_args > 2 ? fn_i64(r, 2, i) : 1, nth = r->n_args > 3 ? fn_i64(r, 3, i) : 1;
    if (from <= 0 || nth <= 0)
        return fn_set_i32(r, i, 0);
    return fn_set_i32(r, i, position(text, needle, from, nth));
}
FN_TOTAL_KERNEL(position_kernel, position_row);
FN_TOTAL_KERNEL(instr_kernel, instr_row);
FN_BIND(bind_position, "ssl>i", position_kernel)
FN_BIND(bind_instr, "ssll>i", instr_kernel)
FN(position, "POSITION", NULL, "string", 2, 3, bind_position,
   "POSITION(needle STRING IN text STRING) -> INT",
   "Where the needle first is in the text, from 1; 0 when it is not.", "POSITION('b' IN 'abc')",
   "2");
FN(locate, "LOCATE", NULL, "string", 2, 3, bind_position,
   "LOCATE(needle STRING, text STRING [, from BIGINT]) -> INT",
   "Where the needle first is at or after a position, from 1; 0 when it is not.",
   "LOCATE('a', 'banana', 3)", "4");
FN(instr, "INSTR", NULL, "string", 2, 4, bind_instr,
   "INSTR(text STRING, needle STRING [, from BIGINT [, nth BIGINT]]) -> INT",
   "Where the needle is in the text, from 1; 0 when it is not.", "INSTR('banana', 'na', 1, 2)",
   "5");

/* ---- counts and tests ----------------------------------------------- */

static lt_status count_char_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i), wanted = fn_str(r, 1, i);
    int64_t n = 0;
    if (wanted.len > 0) {
        size_t step = utf8_step(wanted.data, wanted.len, 0);
        wanted.len = step;
        for (size_t at = 0; (at = utf8_find(text, wanted, at)) != SIZE_MAX; at += step)
            n++;
    }
    return fn_set_i64(r, i, n);
}
static lt_status count_char_eval(struct lt_eval *eval, struct lt_column *const *args,
                                 uint32_t n_args, const struct lt_type *result, const void *data,
                                 struct lt_column **out)
{
    struct text_rows rows = {args[0]->values, eval->sel, eval->n_sel};
    const struct lt_sv *wanted = args[1]->values;
    if (args[0]->encoding != LT_FLAT || args[1]->encoding != LT_CONSTANT || wanted->len != 1)
        return fn_rows(eval, args, n_args, result, data, out, count_char_row, false);
    *out = lt_column_new(eval->pool, result, eval->len);
    if (*out == NULL)
        return LT_NOMEM;
    text_kernels()->count(&rows, wanted->prefix[0], (*out)->values);
    return LT_OK;
}
static const struct lt_kernel count_char_kernel = {
    .name = "COUNT_CHAR", .eval = count_char_eval, .strict = true, .total = true};

static lt_status startswith_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i), part = fn_str(r, 1, i);
    return fn_set_bool(r, i, part.len <= text.len && memcmp(text.data, part.data, part.len) == 0);
}
static lt_status endswith_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i), part = fn_str(r, 1, i);
    return fn_set_bool(r, i,
                       part.len <= text.len &&
                           memcmp(text.data + text.len - part.len, part.data, part.len) == 0);
}
FN_TOTAL_KERNEL(startswith_kernel, startswith_row);
FN_TOTAL_KERNEL(endswith_kernel, endswith_row);
FN_BIND(bind_count_char, "ss>l", count_char_kernel)

static lt_status bind_affix(struct lt_bind_call *call, const struct lt_kernel *kernel)
{
    return fn_bind(call, lt_type_is_binary(call->args[0]) ? "bb>o" : "ss>o", kernel);
}
static lt_status bind_startswith(struct lt_bind_call *call)
{
    return bind_affix(call, &startswith_kernel);
}
static lt_status bind_endswith(struct lt_bind_call *call)
{
    return bind_affix(call, &endswith_kernel);
}
FN(count_char, "COUNT_CHAR", NULL, "string", 2, 2, bind_count_char,
   "COUNT_CHAR(text STRING, character STRING) -> BIGINT", "How often the character is in the text.",
   "COUNT_CHAR('banana', 'a')", "3");
FN(startswith, "STARTSWITH", NULL, "string", 2, 2, bind_startswith,
   "STARTSWITH(text, start) -> BOOLEAN", "TRUE when the text (or bytes) begins so.",
   "STARTSWITH('leat', 'le')", "TRUE");
FN(endswith, "ENDSWITH", NULL, "string", 2, 2, bind_endswith, "ENDSWITH(text, end) -> BOOLEAN",
   "TRUE when the text (or bytes) ends so.", "ENDSWITH('leat', 'at')", "TRUE");

static lt_status ascii_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i);
    return fn_set_i32(r, i, text.len ? (int64_t)utf8_get(text.data, text.len, 0) : 0);
}
static lt_status chr_row(struct fn_row *r, uint32_t i)
{
    char bytes[4];
    int64_t code = fn_i64(r, 0, i);
    size_t n = code < 0 ? 0 : utf8_put(bytes, (uint32_t)(code & 0xFF));
    return fn_set_str(r, i, (struct lt_str){bytes, n});
}
FN_TOTAL_KERNEL(ascii_kernel, ascii_row);
FN_TOTAL_KERNEL(chr_kernel, chr_row);
FN_BIND(bind_ascii, "s>i", ascii_kernel)
FN_BIND(bind_chr, "l>s", chr_kernel)
FN(ascii, "ASCII", NULL, "string", 1, 1, bind_ascii, "ASCII(text STRING) -> INT",
   "The code of the first character; 0 for an empty text.", "ASCII('abc')", "97");
FN(chr, "CHR", NULL, "string", 1, 1, bind_chr, "CHR(code BIGINT) -> STRING",
   "The character with that code modulo 256; empty when it is negative.", "CHR(97)", "a");
