/* structural.h -- where the bytes are that give a text its structure, 64 bytes at a step.
 *
 *   data    { "a" : 1 , "b" : "x" } \n        the set: quotes, backslashes, controls
 *   index     1 3       7 9   11 13  15
 *
 * A format names the bytes it cares about and gets their positions; it then steps from one
 * to the next instead of looking at every byte (Langdale and Lemire, VLDB Journal 2019; here
 * the index holds closing quotes too, so a string's end is known without a search).
 *
 * There is one implementation for each kind of vector instructions, chosen when a decoder
 * is opened, and a portable one. All give the same answers; a test plays every one that
 * this machine has. */
#ifndef LT_CONNECTORS_FORMATS_STRUCTURAL_H
#define LT_CONNECTORS_FORMATS_STRUCTURAL_H

#include "base/status.h"

enum {
    LT_STRUCTURAL_SIZE_MAX = 32 * 1024, /* of one indexed piece: positions have 16 bits */
    LT_STRUCTURAL_SLACK = 64,           /* entries that may be written past the last */
};

struct lt_structural_set {
    unsigned char always[2]; /* count wherever they stand (twice the same: just one) */
    bool controls;           /* so does every byte below 0x20 */
    /* These count only outside quotes: where an even number of always[0] came before. */
    bool quoting;
    unsigned char outside[2];
};

struct lt_structural {
    const char *name;
    bool (*usable)(void); /* does this machine have the instructions? */
    /* The positions in data[0..size) of the bytes of the set, in order; returns how many
     * there are. size <= LT_STRUCTURAL_SIZE_MAX; `out` has room for size +
     * LT_STRUCTURAL_SLACK. *ascii becomes false when a byte above 0x7f is seen. No byte
     * outside data is read. */
    uint32_t (*index)(const struct lt_structural_set *set, const char *data, uint32_t size,
                      uint16_t *out, bool *ascii);
    /* Strict UTF-8, as lt_utf8_valid. */
    bool (*utf8)(const char *data, size_t size);
};

/* Every implementation that was compiled, the fastest first, the portable one last, then
 * NULL. Only those that are usable may be called. */
extern const struct lt_structural *const lt_structural_levels[];
const struct lt_structural *lt_structural_best(void);

#endif
