/* text.tmpl.h -- the loops of text.h over the primitives of text_ops.h.
 * Parameters: TEXT_TARGET, TEXT_NAME. */
#include "exec/kernels/text_find.tmpl.h"

TEXT_TARGET static void TEXT_NAME(marks)(const struct text_rows *rows, char c, int64_t *marks)
{
    for (uint32_t k = 0; k < rows->n; k++) {
        uint32_t i = rows->sel ? rows->sel[k] : k;
        const struct lt_sv *text = &rows->texts[i];
        uint32_t n = text->len < 64 ? text->len : 64;
        marks[i] = (int64_t)TEXT_NAME(mask)(lt_sv_data(text), n, c);
    }
}

/* The next c at or after `from` in a text that goes on past its marks; len if none. */
TEXT_TARGET static size_t TEXT_NAME(next)(const char *data, size_t len, size_t from, char c)
{
    for (; from < len; from += 64) {
        size_t n = len - from < 64 ? len - from : 64;
        uint64_t mask = TEXT_NAME(mask)(data + from, n, c);
        if (mask)
            return from + (size_t)__builtin_ctzll(mask);
    }
    return len;
}

/* Part `index` of a text longer than its marks, which do not reach its end. */
TEXT_TARGET static bool TEXT_NAME(split_long)(const struct lt_sv *text, uint64_t marks, char c,
                                              uint64_t index, struct lt_sv *to)
{
    const char *data = text->u.ptr;
    uint64_t marked = (uint64_t)__builtin_popcountll(marks);
    size_t from = 0, end;
    if (marked)
        from = 64 - (size_t)__builtin_clzll(marks);
    end = TEXT_NAME(next)(data, text->len, 64, c);
    for (uint64_t at = marked; at < index; at++) {
        if (end == text->len)
            return false;
        from = end + 1;
        end = TEXT_NAME(next)(data, text->len, from, c);
    }
    *to = TEXT_NAME(view)(data + from, (uint32_t)(end - from));
    return true;
}

TEXT_TARGET static bool TEXT_NAME(split)(const struct text_rows *rows, const int64_t *marks, char c,
                                         uint64_t index, struct lt_sv *to, uint64_t *present)
{
    bool missing = false;
    for (uint32_t k = 0; k < rows->n; k++) {
        uint32_t i = rows->sel ? rows->sel[k] : k;
        const struct lt_sv *text = &rows->texts[i];
        const char *data = lt_sv_data(text);
        uint64_t mask = (uint64_t)marks[i];
        uint32_t end = TEXT_NAME(nth)(mask, index);
        uint32_t from = index ? TEXT_NAME(nth)(mask, index - 1) + 1 : 0;
        if (LT_UNLIKELY(end >= 64)) {
            if (text->len > 64) {
                if (TEXT_NAME(split_long)(text, mask, c, index, &to[i]))
                    continue;
            } else if (from <= 64 && text->len > 0) {
                to[i] = TEXT_NAME(view)(data + from, text->len - from);
                continue;
            }
            missing = true;
            present[i / 64] &= ~(UINT64_C(1) << (i % 64));
            continue;
        }
        to[i] = TEXT_NAME(view)(data + from, end - from);
    }
    return missing;
}

TEXT_TARGET static void TEXT_NAME(count)(const struct text_rows *rows, char c, int64_t *to)
{
    for (uint32_t k = 0; k < rows->n; k++) {
        uint32_t i = rows->sel ? rows->sel[k] : k;
        const struct lt_sv *text = &rows->texts[i];
        const char *data = lt_sv_data(text);
        uint32_t at = 0, left = text->len;
        int64_t n = 0;
        for (; left > 64; at += 64, left -= 64)
            n += __builtin_popcountll(TEXT_NAME(mask)(data + at, 64, c));
        to[i] = n + __builtin_popcountll(TEXT_NAME(mask)(data + at, left, c));
    }
}
