/* set.h -- sets of values inside the state heap, with a note on each value: DISTINCT.
 *
 * One set serves several lanes, that is, several calls over the same argument. The note
 * says of each lane what it knows of the value: over append-only input one bit, whether
 * the lane has met it; over changing input a count of 64 bits. A value of which no lane
 * knows anything is not in the set.
 *
 * A value is a word of 8 bytes taken as it is, or any bytes. The fixed part of a set
 * lies in a group's block; zero is the empty set. */
#ifndef LT_EXEC_STATE_SET_H
#define LT_EXEC_STATE_SET_H

#include "exec/state/state.h"

enum { LT_SET_LANES_MAX = 8 };

struct lt_set {
    lt_ref slots;
    uint32_t cap; /* 0 at first */
    uint32_t len;
};

/* What all sets of one place have in common. */
struct lt_set_shape {
    bool words;       /* values are words; else bytes */
    uint8_t n_counts; /* lanes that count; 0 = lanes are bits of one byte */
};

struct lt_set_value {
    uint64_t word;       /* words */
    struct lt_str bytes; /* bytes */
};

/* By lane: n_counts of them, or one byte of bits in the first. */
union lt_set_note {
    uint8_t bits;
    int64_t counts[LT_SET_LANES_MAX];
};

/* Adds the note to that of the value: bits are joined, counts summed. came: the lanes
 * that know the value now and did not before; gone: the reverse. A count knows its
 * value when it is positive; it may be negative when a retraction comes first. */
lt_status lt_set_add(struct lt_state_heap *heap, const struct lt_set_shape *shape,
                     struct lt_set *set, const struct lt_set_value *value,
                     const union lt_set_note *note, uint8_t *came, uint8_t *gone) LT_MUST_CHECK;

/* The same for rows of many sets, lanes being bits. */
struct lt_set_rows {
    uint32_t n;
    const uint16_t *rows; /* the arrays below are by row */
    char *const *states;  /* the set of a row is at states[row] + offset */
    size_t offset;
    const uint64_t *words;      /* values: words, */
    const struct lt_sv *views;  /* or bytes */
    const uint8_t *lanes;       /* that meet the value */
    uint8_t *came;
};
lt_status lt_set_add_rows(struct lt_state_heap *heap, const struct lt_set_shape *shape,
                          const struct lt_set_rows *in) LT_MUST_CHECK;

/* Walks the values: *cursor starts at 0; false at the end. Bytes are borrowed. */
bool lt_set_next(const struct lt_state_heap *heap, const struct lt_set_shape *shape,
                 const struct lt_set *set, uint32_t *cursor, struct lt_set_value *value,
                 union lt_set_note *note);
void lt_set_drop(struct lt_state_heap *heap, const struct lt_set_shape *shape,
                 struct lt_set *set);

#endif
