/* like.c -- LIKE and ILIKE: % is any text, _ any one character.
 *
 * A constant pattern of LIKE is cut at its % into segments: texts with _ between them.
 * The first stands at the beginning of the text and the last at its end, unless a % is
 * there; of the others each is searched behind the one before, and the leftmost place
 * is as good as any. All other patterns walk pattern and text together, going back to
 * the last % when they part, which takes at most length of text times length of pattern
 * steps. */
#include "exec/functions/support.h"

#include "exec/functions/utf8.h"

#include <utf8proc.h>

enum { LIKE_PIECES_MAX = 16 };

/* `skip` times _, then a text. */
struct like_piece {
    uint32_t skip;
    uint32_t at, len; /* in like.text; a segment may end with a piece without text */
};

struct like {
    size_t size; /* of the whole block */
    bool from_start, to_end;
    uint32_t n_segments;
    struct like_segment {
        uint32_t first, end; /* of pieces */
    } segments[LIKE_PIECES_MAX];
    uint32_t n_pieces;
    struct like_piece pieces[LIKE_PIECES_MAX];
    char text[];
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

/* ---- segments ------------------------------------------------------- */

/* `n` characters on from byte `at`; SIZE_MAX when there are not so many. */
static size_t skip_characters(struct lt_str text, size_t at, uint32_t n)
{
    for (; n > 0; n--) {
        if (at >= text.len)
            return SIZE_MAX;
        at += utf8_step(text.data, text.len, at);
    }
    return at;
}

/* Where the pieces first .. end - 1 end when they stand at byte `at`; SIZE_MAX if not. */
static size_t pieces_here(const struct like *like, uint32_t first, uint32_t end, struct lt_str text,
                          size_t at)
{
    for (uint32_t p = first; p < end; p++) {
        const struct like_piece *piece = &like->pieces[p];
        at = piece->skip ? skip_characters(text, at, piece->skip) : at;
        if (at == SIZE_MAX || text.len - at < piece->len ||
            memcmp(text.data + at, like->text + piece->at, piece->len) != 0)
            return SIZE_MAX;
        at += piece->len;
    }
    return at;
}

/* Where the segment ends at its leftmost place at or after `at`; SIZE_MAX if it has none.
 * With `to_end` that end must be the text's. */
static size_t segment_find(const struct like *like, const struct like_segment *segment,
                           struct lt_str text, size_t at, bool to_end)
{
    const struct like_piece *piece = &like->pieces[segment->first];
    const struct lt_str wanted = {like->text + piece->at, piece->len};
    size_t end;
    at = skip_characters(text, at, piece->skip);
    if (at == SIZE_MAX)
        return at;
    if (to_end && segment->first + 1 == segment->end) { /* one text, at the end or nowhere */
        bool fits = text.len - at >= wanted.len &&
                    memcmp(text.data + text.len - wanted.len, wanted.data, wanted.len) == 0;
        return fits ? text.len : SIZE_MAX;
    }
    for (; (at = utf8_find(text, wanted, at)) != SIZE_MAX; at++) {
        end = pieces_here(like, segment->first + 1, segment->end, text, at + wanted.len);
        if (end != SIZE_MAX && (!to_end || end == text.len))
            return end;
    }
    return SIZE_MAX;
}

static bool like_matches(const struct like *like, struct lt_str text)
{
    size_t at = 0;
    for (uint32_t s = 0; s < like->n_segments; s++) {
        const struct like_segment *segment = &like->segments[s];
        bool last = like->to_end && s + 1 == like->n_segments;
        if (s == 0 && like->from_start)
            at = pieces_here(like, segment->first, segment->end, text, 0);
        else
            at = segment_find(like, segment, text, at, last);
        if (at == SIZE_MAX || (last && at != text.len))
            return false;
    }
    return true;
}

static lt_status like_row(struct fn_row *r, uint32_t i)
{
    if (r->data == NULL)
        return walk_row(r, i, false);
    return fn_set_bool(r, i, like_matches(r->data, fn_str(r, 0, i)));
}

static lt_status ilike_row(struct fn_row *r, uint32_t i)
{
    return walk_row(r, i, true);
}

/* ---- prepared patterns ---------------------------------------------- */

/* Cuts the pattern; false when it is left to the walk: bad, no UTF-8, or of too many pieces. */
static bool like_cut(struct like *like, struct lt_str pattern, uint32_t escape)
{
    struct like_segment *segment = NULL;
    struct like_piece *piece = NULL;
    uint32_t used = 0;
    struct item item;
    like->from_start = like->to_end = true;
    for (size_t at = 0; at < pattern.len; at += item.size) {
        if (!item_at(pattern, at, escape, &item) ||
            (utf8_step(pattern.data, pattern.len, at) == 1 &&
             (unsigned char)pattern.data[at] >= 0x80))
            return false;
        like->to_end = !item.any_text;
        if (item.any_text) {
            like->from_start = like->from_start && like->n_segments > 0;
            segment = NULL;
            continue;
        }
        if (segment == NULL || (item.any_char && piece->len > 0)) {
            if (like->n_pieces == LIKE_PIECES_MAX)
                return false;
            if (segment == NULL) {
                segment = &like->segments[like->n_segments++];
                segment->first = like->n_pieces;
            }
            piece = &like->pieces[like->n_pieces++];
            *piece = (struct like_piece){.at = used};
            segment->end = like->n_pieces;
        }
        piece->skip += item.any_char;
        if (!item.any_char) {
            size_t n = utf8_put(like->text + used, item.c);
            used += (uint32_t)n;
            piece->len += (uint32_t)n;
        }
    }
    /* No segment at all: '' matches only itself, % everything. */
    if (like->n_segments == 0 && like->to_end)
        like->segments[like->n_segments++] = (struct like_segment){0, 0};
    return true;
}

static lt_status like_prepare(struct lt_alloc *alloc, const struct lt_column *const *constants,
                              uint32_t n_args, const struct lt_type *const *types, void **data,
                              struct lt_error *err)
{
    struct lt_str pattern, mark = LT_STR("");
    struct like *like;
    size_t size;
    LT_UNUSED(types);
    LT_UNUSED(err);
    for (uint32_t a = 1; a < n_args; a++) {
        if (constants[a] == NULL || lt_column_is_null(constants[a], 0))
            return LT_OK;
    }
    pattern = lt_sv_str((const struct lt_sv *)constants[1]->values);
    if (n_args > 2)
        mark = lt_sv_str((const struct lt_sv *)constants[2]->values);
    size = sizeof(*like) + pattern.len;
    like = lt_alloc_zero(alloc, size);
    if (like == NULL)
        return LT_NOMEM;
    like->size = size;
    if (!like_cut(like, pattern, mark.len ? utf8_get(mark.data, mark.len, 0) : 0))
        lt_alloc_put(alloc, like, size);
    else
        *data = like;
    return LT_OK;
}

static void like_release(struct lt_alloc *alloc, void *data)
{
    struct like *like = data;
    lt_alloc_put(alloc, like, like->size);
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
