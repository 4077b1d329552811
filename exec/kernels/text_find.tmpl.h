/* text_find.tmpl.h -- searching in one text, over the primitives of text_ops.h.
 * Parameters: TEXT_TARGET, TEXT_NAME. */
/* Where the first and the last byte of the part both stand, the rest is compared. */
TEXT_TARGET static inline size_t TEXT_NAME(find)(struct lt_str text, struct lt_str part,
                                                 size_t from)
{
    if (part.len > text.len || from > text.len - part.len)
        return SIZE_MAX;
    if (part.len == 0)
        return from;
    const char *last = text.data + part.len - 1;
    for (size_t ends = text.len - part.len + 1; from < ends; from += 64) {
        size_t n = ends - from < 64 ? ends - from : 64;
        uint64_t mask = TEXT_NAME(mask)(text.data + from, n, part.data[0]);
        if (mask == 0)
            continue;
        mask &= TEXT_NAME(mask)(last + from, n, part.data[part.len - 1]);
        for (; mask; mask &= mask - 1) {
            size_t at = from + (size_t)__builtin_ctzll(mask);
            if (TEXT_NAME(equal)(text.data + at, part.data, part.len))
                return at;
        }
    }
    return SIZE_MAX;
}

TEXT_TARGET static inline size_t TEXT_NAME(span)(struct lt_str text, const struct text_set *set,
                                                 size_t from)
{
    for (; from < text.len; from += 64) {
        size_t n = text.len - from < 64 ? text.len - from : 64;
        uint64_t in = TEXT_NAME(in)(text.data + from, n, set);
        if (in != UINT64_MAX) {
            size_t end = from + (size_t)__builtin_ctzll(~in);
            return end < text.len ? end : text.len;
        }
    }
    return text.len;
}
