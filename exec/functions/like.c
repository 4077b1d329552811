/* like.c -- LIKE and ILIKE: % is any text, _ any one character.
 *
 * A constant pattern that is a plain text with % at its ends only becomes a
 * comparison, a prefix, a suffix or a search; all others walk pattern and text
 * together, going back to the last % when they part, which takes at most
 * length of text times length of pattern steps. */
#include "exec/functions/support.h"

#include "exec/functions/utf8.h"

#include <utf8proc.h>

enum like_kind { LIKE_WALK, LIKE_EQUAL, LIKE_PREFIX, LIKE_SUFFIX, LIKE_CONTAINS };

struct like {
    enum like_kind kind;
    size_t len;
    char text[]; /* the pattern without its % */
};

static uint32_t fold(uint32_t c, bool ignore_case)
{
    return ignore_case ? (uint32_t)utf8proc_tolower((utf8proc_int32_t)c) : c;
}

/* One item of a pattern. */
struct item {
    bool any_text, any_char;
    uint32_t c;
    size_t size;
};

/* False when the escape character ends the pattern or escapes nothing special. */
static bool item_at(struct lt_str pattern, size_t at, uint32_t escape, struct item *out)
{
    size_t step = utf8_step(pattern.data, pattern.len, at);
    uint32_t c = utf8_get(pattern.data, pattern.len, at);
    *out = (struct item){.c = c, .size = step};
    if (escape && c == escape) {
        if (at + step >= pattern.len)
            return false;
        out->c = utf8_get(pattern.data, pattern.len, at + step);
        out->size += utf8_step(pattern.data, pattern.len, at + step);
        return out->c == '%' || out->c == '_' || out->c == escape;
    }
    out->any_text = c == '%';
    out->any_char = c == '_';
    return true;
}

/* -1 when the pattern is bad, else whether it matches. */
static int like_walk(struct lt_str text, struct lt_str pattern, uint32_t escape, bool ignore_case)
{
    size_t t = 0, p = 0, back_t = SIZE_MAX, back_p = 0;
    struct item item;
    while (t < text.len || p < pattern.len) {
        bool have = p < pattern.len;
        if (have && !item_at(pattern, p, escape, &item))
            return -1;
        if (have && item.any_text) {
            p += item.size;
            back_p = p;
            back_t = t;
            continue;
        }
        if (have && t < text.len &&
            (item.any_char ||
             fold(utf8_get(text.data, text.len, t), ignore_case) == fold(item.c, ignore_case))) {
            t += utf8_step(text.data, text.len, t);
            p += item.size;
            continue;
        }
        if (back_t >= text.len)
            return 0;
        back_t += utf8_step(text.data, text.len, back_t);
        t = back_t;
        p = back_p;
    }
    return 1;
}

static uint32_t row_escape(const struct fn_row *r, uint32_t i)
{
    struct lt_str escape;
    if (r->n_args < 3)
        return 0;
    escape = fn_str(r, 2, i);
    return escape.len ? utf8_get(escape.data, escape.len, 0) : 0;
}

static lt_status walk_row(struct fn_row *r, uint32_t i, bool ignore_case)
{
    struct lt_str pattern = fn_str(r, 1, i);
    int match = like_walk(fn_str(r, 0, i), pattern, row_escape(r, i), ignore_case);
    if (match < 0)
        return lt_fail(r->eval->err, LT_DATA,
                       "'%.*s' is not a LIKE pattern: the escape character must stand before %%, _ "
                       "or itself",
                       LT_STR_ARG(pattern));
    return fn_set_bool(r, i, match);
}

static lt_status like_row(struct fn_row *r, uint32_t i)
{
    const struct like *like = r->data;
    struct lt_str text;
    if (like == NULL || like->kind == LIKE_WALK)
        return walk_row(r, i, false);
    text = fn_str(r, 0, i);
    if (text.len < like->len)
        return fn_set_bool(r, i, false);
    switch (like->kind) {
    case LIKE_EQUAL:
        return fn_set_bool(r, i,
                           text.len == like->len && memcmp(text.data, like->text, like->len) == 0);
    case LIKE_PREFIX: return fn_set_bool(r, i, memcmp(text.data, like->text, like->len) == 0);
    case LIKE_SUFFIX:
        return fn_set_bool(r, i,
                           memcmp(text.data + text.len - like->len, like->text, like->len) == 0);
    default:
        return fn_set_bool(r, i,
                           utf8_find(text, (struct lt_str){like->text, like->len}, 0) != SIZE_MAX);
    }
}

static lt_status ilike_row(struct fn_row *r, uint32_t i)
{
    return walk_row(r, i, true);
}

/* ---- prepared patterns ---------------------------------------------- */

static lt_status like_prepare(struct lt_alloc *alloc, const struct lt_column *const *constants,
                              uint32_t n_args, const struct lt_type *const *types, void **data,
                              struct lt_error *err)
{
    struct lt_str pattern;
    struct like *like;
    bool before, after;
    LT_UNUSED(types);
    LT_UNUSED(err);
    if (n_args > 2 || constants[1] == NULL || lt_column_is_null(constants[1], 0))
        return LT_OK;
    pattern = lt_sv_str((const struct lt_sv *)constants[1]->values);
    before = pattern.len > 0 && pattern.data[0] == '%';
    after = pattern.len > 1 && pattern.data[pattern.len - 1] == '%';
    pattern.data += before;
    pattern.len -= (size_t)before + after;
    if (pattern.len > 0 && (memchr(pattern.data, '%', pattern.len) != NULL ||
                            memchr(pattern.data, '_', pattern.len) != NULL))
        return LT_OK;
    like = lt_alloc_get(alloc, sizeof(*like) + pattern.len);
    if (like == NULL)
        return LT_NOMEM;
    like->kind = before && after ? LIKE_CONTAINS
                 : before        ? LIKE_SUFFIX
                 : after         ? LIKE_PREFIX
                                 : LIKE_EQUAL;
    like->len = pattern.len;
    memcpy(like->text, pattern.data, pattern.len);
    *data = like;
    return LT_OK;
}

static void like_release(struct lt_alloc *alloc, void *data)
{
    struct like *like = data;
    lt_alloc_put(alloc, like, sizeof(*like) + like->len);
}

FN_EVAL(like, like_row, false)
static const struct lt_kernel like_kernel = {.name = "LIKE",
                                             .eval = like_eval,
                                             .prepare = like_prepare,
                                             .release = like_release,
                                             .strict = true};
FN_KERNEL(ilike_kernel, ilike_row);

static lt_status bind_pattern(struct lt_bind_call *call, const struct lt_kernel *kernel)
{
    struct lt_str escape;
    if (call->n_args > 2 && fn_constant_text(call, 2, &escape) && utf8_count(escape) != 1)
        return fn_refuse(call, "the escape must be one character");
    return fn_bind(call, "sss>o", kernel);
}
static lt_status bind_like(struct lt_bind_call *call)
{
    return bind_pattern(call, &like_kernel);
}
static lt_status bind_ilike(struct lt_bind_call *call)
{
    return bind_pattern(call, &ilike_kernel);
}
FN(like, "LIKE", NULL, "comparison", 2, 3, bind_like,
   "text LIKE pattern [ESCAPE character] -> BOOLEAN",
   "TRUE when the whole text matches: % stands for any text, _ for any one character.",
   "'leat' LIKE 'l%t'", "TRUE");
FN(ilike, "ILIKE", NULL, "comparison", 2, 3, bind_ilike,
   "text ILIKE pattern [ESCAPE character] -> BOOLEAN", "As LIKE, but letters match in either case.",
   "'LEAT' ILIKE 'le__'", "TRUE");
