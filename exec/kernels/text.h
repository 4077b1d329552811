/* text.h -- loops over columns of text that look at one byte value, 64 bytes at a step.
 *
 * They are written once (text.tmpl.h) over a few primitives, and compiled twice: in
 * portable C and with AVX-512. Text is UTF-8 and the bytes asked for are ASCII or the
 * ends of a whole text, so bytes decide and no character is ever cut. */
#ifndef LT_EXEC_KERNELS_TEXT_H
#define LT_EXEC_KERNELS_TEXT_H

#include "data/column.h"

/* The rows to visit: texts[sel[k]], or texts[k] when sel is NULL, for k below n. */
struct text_rows {
    const struct lt_sv *texts;
    const uint16_t *sel;
    uint32_t n;
};

/* member[c] = 0x80 for the ASCII characters of the set, else 0. */
struct text_set {
    unsigned char member[128];
};

struct text_kernels {
    /* marks[i] = which of the first 64 bytes of row i are c. */
    void (*marks)(const struct text_rows *rows, char c, int64_t *marks);
    /* to[i] = the part of row i before the index-th c (from 0) and after the one before
     * it, a view into the text; where there is none, or the text is empty, the bit of
     * `present` is cleared. Returns whether one was. `marks` as above. */
    bool (*split)(const struct text_rows *rows, const int64_t *marks, char c, uint64_t index,
                  struct lt_sv *to, uint64_t *present);
    /* to[i] = how many bytes of row i are c. */
    void (*count)(const struct text_rows *rows, char c, int64_t *to);
    /* The first byte at or after `from` where `part` lies in the text, or SIZE_MAX. */
    size_t (*find)(struct lt_str text, struct lt_str part, size_t from);
    /* The first byte at or after `from` that is not of the set; the text's length if none. */
    size_t (*span)(struct lt_str text, const struct text_set *set, size_t from);
};

extern const struct text_kernels text_portable;
/* The fastest that this machine can run. */
const struct text_kernels *text_kernels(void);

#endif
