/* string_case.c -- UPPER, LOWER, INITCAP, and tests of what characters a text has.
 *
 * Letters change by their simple case mapping, one code point for one (utf8proc),
 * but for the sharp s, whose upper case is SS as in Java; ASCII takes a short way. */
#include "exec/functions/support.h"

#include "exec/functions/utf8.h"

#include <utf8proc.h>

enum { SHARP_S = 0xDF };

/* ---- ASCII ---------------------------------------------------------- */

/* Bytes from `first` ('A' or 'a') on for 26 letters change their case. */
static LT_KERNEL void convert_bytes(const unsigned char *restrict from, unsigned char *restrict to,
                                    size_t n, unsigned char first)
{
    for (size_t at = 0; at < n; at++)
        to[at] = from[at] ^ ((unsigned char)(from[at] - first) < 26 ? 0x20 : 0);
}

/* The same for the eight bytes of a word that has none past ASCII. */
static inline uint64_t convert_word(uint64_t word, unsigned char first)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t from = word + ones * (0x80u - first), past = word + ones * (0x80u - first - 26);
    return word ^ ((from & ~past & ones * 0x80) >> 2);
}

/* Are all of these texts short and ASCII? Then their views are all there is: a length
 * below 13 is no letter, so views can be converted as bytes. A view is four numbers: the
 * top bit of (length + 2^31 - 13) says that it is long, those of the rest that it is not
 * ASCII. Four views a step, so that each lane has one test. */
static LT_KERNEL bool views_are_ascii(const struct lt_sv *texts, uint32_t n)
{
    static const uint32_t add[4] = {0x80000000u - (LT_SV_INLINE_MAX + 1), 0, 0, 0};
    static const uint32_t test[4] = {0x80000000u, 0x80808080u, 0x80808080u, 0x80808080u};
    uint32_t bad[16] = {0}, lanes[16], all = 0, i = 0;
    for (; i + 4 <= n; i += 4) {
        memcpy(lanes, texts + i, sizeof(lanes));
        for (uint32_t at = 0; at < 16; at++)
            bad[at] |= (lanes[at] + add[at % 4]) & test[at % 4];
    }
    for (; i < n; i++) {
        memcpy(lanes, texts + i, sizeof(*texts));
        for (uint32_t at = 0; at < 4; at++)
            bad[at] |= (lanes[at] + add[at]) & test[at];
    }
    for (uint32_t at = 0; at < 16; at++)
        all |= bad[at];
    return all == 0;
}

static lt_status convert_ascii(struct fn_row *r, uint32_t i, struct lt_str text,
                               unsigned char first)
{
    char *to = lt_column_heap(r->out, text.len);
    if (to == NULL)
        return LT_NOMEM;
    convert_bytes((const unsigned char *)text.data, (unsigned char *)to, text.len, first);
    return fn_set_slice(r, i, (struct lt_str){to, text.len});
}

static lt_status convert_unicode(struct fn_row *r, uint32_t i, struct lt_str text,
                                 utf8proc_int32_t (*convert)(utf8proc_int32_t))
{
    char bytes[4];
    lt_buf_clear(&r->buf);
    for (size_t at = 0; at < text.len;) {
        size_t step = utf8_step(text.data, text.len, at);
        uint32_t c = utf8_get(text.data, text.len, at);
        if (step == 1)
            lt_buf_addc(&r->buf, c < 0x80 ? (char)convert((utf8proc_int32_t)c) : text.data[at]);
        else if (c == SHARP_S && convert == utf8proc_toupper)
            lt_buf_adds(&r->buf, "SS");
        else
            lt_buf_add(&r->buf, bytes, utf8_put(bytes, (uint32_t)convert((utf8proc_int32_t)c)));
        at += step;
    }
    return fn_set_buf(r, i);
}

static lt_status convert_row(struct fn_row *r, uint32_t i, unsigned char first,
                             utf8proc_int32_t (*convert)(utf8proc_int32_t))
{
    struct lt_str text = fn_str(r, 0, i);
    uint64_t words[2];
    memcpy(words, &FN_LANE(struct lt_sv, r->args[0], i), sizeof(words));
    if (text.len <= LT_SV_INLINE_MAX &&
        ((words[0] | words[1]) & UINT64_C(0x8080808080808080)) == 0) {
        words[0] = convert_word(words[0], first);
        words[1] = convert_word(words[1], first);
        memcpy((struct lt_sv *)r->out->values + i, words, sizeof(words));
        return LT_OK;
    }
    if (utf8_is_ascii(text) && text.len > LT_SV_INLINE_MAX)
        return convert_ascii(r, i, text, first);
    return convert_unicode(r, i, text, convert);
}
static lt_status lower_row(struct fn_row *r, uint32_t i)
{
    return convert_row(r, i, 'A', utf8proc_tolower);
}
static lt_status upper_row(struct fn_row *r, uint32_t i)
{
    return convert_row(r, i, 'a', utf8proc_toupper);
}

static lt_status convert_eval(struct lt_eval *eval, struct lt_column *const *args,
                              const struct lt_type *result, struct lt_column **out,
                              unsigned char first, fn_row_fn row)
{
    bool most = args[0]->encoding == LT_FLAT && eval->n_sel > eval->len / 4;
    if (!most || !views_are_ascii(args[0]->values, eval->len))
        return fn_rows(eval, args, 1, result, NULL, out, row, false);
    *out = lt_column_new(eval->pool, result, eval->len);
    if (*out == NULL)
        return LT_NOMEM;
    convert_bytes(args[0]->values, (*out)->values, eval->len * sizeof(struct lt_sv), first);
    return LT_OK;
}

#define CASE_KERNEL(id, first, row)                                                             \
    static lt_status id##_eval(struct lt_eval *eval, struct lt_column *const *args,             \
                               uint32_t n_args, const struct lt_type *result, const void *data, \
                               struct lt_column **out)                                          \
    {                                                                                           \
        LT_UNUSED(n_args);                                                                      \
        LT_UNUSED(data);                                                                        \
        return convert_eval(eval, args, result, out, first, row);                               \
    }                                                                                           \
    static const struct lt_kernel id = {                                                        \
        .name = #id, .eval = id##_eval, .strict = true, .total = true};
CASE_KERNEL(lower_kernel, 'A', lower_row)
CASE_KERNEL(upper_kernel, 'a', upper_row)
FN_BIND(bind_lower, "s>s", lower_kernel)
FN_BIND(bind_upper, "s>s", upper_kernel)
FN(lower, "LOWER", "LCASE", "string", 1, 1, bind_lower, "LOWER(text STRING) -> STRING",
   "The text in lower case.", "LOWER('Ärger')", "ärger");
FN(upper, "UPPER", "UCASE", "string", 1, 1, bind_upper, "UPPER(text STRING) -> STRING",
   "The text in upper case.", "UPPER('naïve')", "NAÏVE");

/* ---- INITCAP -------------------------------------------------------- */

static bool is_letter(uint32_t c)
{
    utf8proc_category_t cat = utf8proc_category((utf8proc_int32_t)c);
    return cat >= UTF8PROC_CATEGORY_LU && cat <= UTF8PROC_CATEGORY_LO;
}
static bool is_digit(uint32_t c)
{
    return utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_ND;
}

static lt_status initcap_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i);
    bool in_word = false;
    char bytes[4];
    lt_buf_clear(&r->buf);
    for (size_t at = 0; at < text.len;) {
        size_t step = utf8_step(text.data, text.len, at);
        utf8proc_int32_t c = (utf8proc_int32_t)utf8_get(text.data, text.len, at);
        if (step == 1 && c >= 0x80) {
            lt_buf_addc(&r->buf, text.data[at]);
        } else {
            c = in_word ? utf8proc_tolower(c) : utf8proc_toupper(c);
            lt_buf_add(&r->buf, bytes, utf8_put(bytes, (uint32_t)c));
        }
        in_word = is_letter((uint32_t)c) || is_digit((uint32_t)c);
        at += step;
    }
    return fn_set_buf(r, i);
}
FN_TOTAL_KERNEL(initcap_kernel, initcap_row);
FN_BIND(bind_initcap, "s>s", initcap_kernel)
FN(initcap, "INITCAP", NULL, "string", 1, 1, bind_initcap, "INITCAP(text STRING) -> STRING",
   "Each word with its first letter in upper case and the rest in lower case; words are runs of "
   "letters and digits.",
   "INITCAP('hello WORLD')", "Hello World");

/* ---- IS_ALPHA, IS_DIGIT, IS_DECIMAL --------------------------------- */

static lt_status all_characters(struct fn_row *r, uint32_t i, bool (*test)(uint32_t))
{
    struct lt_str text = fn_is_null(r, 0, i) ? LT_STR("") : fn_str(r, 0, i);
    for (size_t at = 0; at < text.len; at += utf8_step(text.data, text.len, at)) {
        if (!test(utf8_get(text.data, text.len, at)))
            return fn_set_bool(r, i, false);
    }
    return fn_set_bool(r, i, text.len > 0);
}
static lt_status is_alpha_row(struct fn_row *r, uint32_t i)
{
    return all_characters(r, i, is_letter);
}
static lt_status is_digit_row(struct fn_row *r, uint32_t i)
{
    return all_characters(r, i, is_digit);
}
static lt_status is_decimal_row(struct fn_row *r, uint32_t i)
{
    double unused;
    return fn_set_bool(r, i, !fn_is_null(r, 0, i) && lt_text_to_double(fn_str(r, 0, i), &unused));
}
FN_LAX_KERNEL(is_alpha_kernel, is_alpha_row);
FN_LAX_KERNEL(is_digit_kernel, is_digit_row);
FN_LAX_KERNEL(is_decimal_kernel, is_decimal_row);

static lt_status bind_test(struct lt_bind_call *call, const struct lt_kernel *kernel)
{
    LT_TRY(fn_force(call, 0, &lt_type_string));
    return fn_result_nullable(call, &lt_type_boolean, kernel, false);
}
static lt_status bind_is_alpha(struct lt_bind_call *call)
{
    return bind_test(call, &is_alpha_kernel);
}
static lt_status bind_is_digit(struct lt_bind_call *call)
{
    return bind_test(call, &is_digit_kernel);
}
static lt_status bind_is_decimal(struct lt_bind_call *call)
{
    return bind_test(call, &is_decimal_kernel);
}
FN(is_alpha, "IS_ALPHA", NULL, "string", 1, 1, bind_is_alpha, "IS_ALPHA(x) -> BOOLEAN",
   "TRUE when all characters are letters and there is one; FALSE for NULL.", "IS_ALPHA('Leat')",
   "TRUE");
FN(is_digit, "IS_DIGIT", NULL, "string", 1, 1, bind_is_digit, "IS_DIGIT(x) -> BOOLEAN",
   "TRUE when all characters are digits and there is one; FALSE for NULL.", "IS_DIGIT('12a')",
   "FALSE");
FN(is_decimal, "IS_DECIMAL", NULL, "string", 1, 1, bind_is_decimal, "IS_DECIMAL(x) -> BOOLEAN",
   "TRUE when the text reads as a number; FALSE for NULL.", "IS_DECIMAL('-1.5')", "TRUE");
