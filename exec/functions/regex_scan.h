/* regex_scan.h -- what a regular expression says without a matcher: a text that every
 * match holds, and for simple ones the whole match, read in one direction. */
#ifndef LT_EXEC_FUNCTIONS_REGEX_SCAN_H
#define LT_EXEC_FUNCTIONS_REGEX_SCAN_H

#include "exec/kernels/text.h"

enum { SCAN_ELEMENTS_MAX = 10, SCAN_GROUPS_MAX = 6, SCAN_TEXT_MAX = 64 };

/* A set of characters: of ASCII by bits, and either all others or none. */
struct scan_set {
    uint64_t bits[2];
    bool others;
};

/* A text, or characters of a set: exactly one, or as many as there are (at least `least`). */
struct scan_element {
    bool is_set, many;
    uint32_t least;
    struct scan_set set;
    struct text_set members;    /* the same, of ASCII */
    uint32_t text_at, text_len; /* in regex_scan.text */
};

struct scan_span {
    size_t start, end;
};

struct regex_scan {
    /* Every match holds this text; none is known when it is empty. */
    uint32_t literal_len;
    char literal[SCAN_TEXT_MAX];
    /* The pattern is: the beginning of the text (may_start) or a character of
     * elements[0] (if it is a set), then elements[anchor], a text, and all that follow. */
    bool whole;
    bool may_start;
    uint32_t anchor; /* 0 or 1 */
    uint32_t n_elements;
    struct scan_element elements[SCAN_ELEMENTS_MAX];
    uint32_t n_groups;
    struct {
        uint32_t open, close; /* around elements open .. close - 1 */
    } groups[SCAN_GROUPS_MAX];
    uint32_t text_used;
    char text[SCAN_TEXT_MAX];
};

/* Reads a valid pattern in Java's syntax. */
void regex_scan_read(struct regex_scan *scan, struct lt_str pattern);

enum scan_answer { SCAN_NO, SCAN_YES, SCAN_UNSURE };

/* Only when `whole`. SCAN_UNSURE where text past ASCII leaves it to the matcher. */
struct regex_scan_kernels {
    /* The first match at or after byte `from`: spans[0] is all of it, then its groups. */
    enum scan_answer (*find)(const struct regex_scan *scan, struct lt_str text, size_t from,
                             struct scan_span *spans);
    /* found[i] = 1 and to[i] = that group (0 = all) of the first match in row i, else 0.
     * Returns how many rows are left to the matcher, which it lists (in order). */
    uint32_t (*rows)(const struct regex_scan *scan, const struct text_rows *rows, uint32_t group,
                     struct lt_sv *to, int8_t *found, uint16_t *unsure);
};
extern const struct regex_scan_kernels regex_scan_portable;
const struct regex_scan_kernels *regex_scan_kernels(void);

#endif
