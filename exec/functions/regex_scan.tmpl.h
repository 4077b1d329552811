/* regex_scan.tmpl.h -- finding what a simple pattern describes, over the primitives of
 * text_ops.h. Parameters: TEXT_TARGET, TEXT_NAME. */
#include "exec/kernels/text_find.tmpl.h"

/* Reads the elements from `e` on at byte `at`; ends[e] = where element e ends. */
TEXT_TARGET static inline enum scan_answer TEXT_NAME(scan_rest)(const struct regex_scan *scan,
                                                                struct lt_str text, size_t at,
                                                                uint32_t e, size_t *ends)
{
    for (; e < scan->n_elements; e++) {
        const struct scan_element *element = &scan->elements[e];
        if (!element->is_set) {
            if (text.len - at < element->text_len ||
                !TEXT_NAME(equal)(text.data + at, scan->text + element->text_at, element->text_len))
                return SCAN_NO;
            ends[e] = at += element->text_len;
            continue;
        }
        size_t start = at, end = element->many ? text.len : at + (at < text.len);
        at = TEXT_NAME(span)((struct lt_str){text.data, end}, &element->members, at);
        if (at < end && (unsigned char)text.data[at] >= 0x80 && element->set.others)
            return SCAN_UNSURE;
        if (at - start < element->least)
            return SCAN_NO;
        ends[e] = at;
    }
    return SCAN_YES;
}

/* The search text stands at byte `at`: does what comes before it fit? */
TEXT_TARGET static inline enum scan_answer TEXT_NAME(scan_head)(const struct regex_scan *scan,
                                                                struct lt_str text, size_t from,
                                                                size_t at, size_t *start)
{
    *start = at;
    if (scan->may_start && at == 0)
        return SCAN_YES;
    if (scan->anchor == 0)
        return scan->may_start ? SCAN_NO : SCAN_YES;
    if (at == from)
        return SCAN_NO;
    unsigned char before = (unsigned char)text.data[at - 1];
    if (before >= 0x80)
        return scan->elements[0].set.others ? SCAN_UNSURE : SCAN_NO;
    *start = at - 1;
    return scan->elements[0].members.member[before] ? SCAN_YES : SCAN_NO;
}

/* bounds[e] = where element e begins, and the next ends. */
TEXT_TARGET static inline enum scan_answer TEXT_NAME(scan_bounds)(const struct regex_scan *scan,
                                                                  struct lt_str text, size_t from,
                                                                  size_t *bounds)
{
    const struct scan_element *anchor = &scan->elements[scan->anchor];
    const struct lt_str wanted = {scan->text + anchor->text_at, anchor->text_len};
    size_t at = from;
    while ((at = TEXT_NAME(find)(text, wanted, at)) != SIZE_MAX) {
        enum scan_answer answer = TEXT_NAME(scan_head)(scan, text, from, at, &bounds[0]);
        bounds[scan->anchor] = at;
        bounds[scan->anchor + 1] = at + wanted.len;
        if (answer == SCAN_YES)
            answer =
                TEXT_NAME(scan_rest)(scan, text, at + wanted.len, scan->anchor + 1, bounds + 1);
        if (answer != SCAN_NO)
            return answer;
        if (scan->may_start && scan->anchor == 0)
            return SCAN_NO; /* only at the beginning */
        at++;
    }
    return SCAN_NO;
}

TEXT_TARGET static enum scan_answer TEXT_NAME(scan_find)(const struct regex_scan *scan,
                                                         struct lt_str text, size_t from,
                                                         struct scan_span *spans)
{
    size_t bounds[SCAN_ELEMENTS_MAX + 1];
    enum scan_answer answer = TEXT_NAME(scan_bounds)(scan, text, from, bounds);
    if (answer != SCAN_YES)
        return answer;
    spans[0] = (struct scan_span){bounds[0], bounds[scan->n_elements]};
    for (uint32_t g = 0; g < scan->n_groups; g++)
        spans[g + 1] =
            (struct scan_span){bounds[scan->groups[g].open], bounds[scan->groups[g].close]};
    return SCAN_YES;
}

TEXT_TARGET static uint32_t TEXT_NAME(scan_rows)(const struct regex_scan *scan,
                                                 const struct text_rows *rows, uint32_t group,
                                                 struct lt_sv *to, int8_t *found, uint16_t *unsure)
{
    uint32_t open = group ? scan->groups[group - 1].open : 0, n_unsure = 0;
    uint32_t close = group ? scan->groups[group - 1].close : scan->n_elements;
    for (uint32_t k = 0; k < rows->n; k++) {
        uint32_t i = rows->sel ? rows->sel[k] : k;
        struct lt_str text = lt_sv_str(&rows->texts[i]);
        size_t bounds[SCAN_ELEMENTS_MAX + 1];
        enum scan_answer answer = TEXT_NAME(scan_bounds)(scan, text, 0, bounds);
        found[i] = answer == SCAN_YES;
        if (answer == SCAN_YES)
            to[i] = TEXT_NAME(view)(text.data + bounds[open],
                                    (uint32_t)(bounds[close] - bounds[open]));
        else if (answer == SCAN_UNSURE)
            unsure[n_unsure++] = (uint16_t)i;
    }
    return n_unsure;
}
