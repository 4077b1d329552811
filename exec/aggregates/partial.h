/* partial.h -- what a local aggregate hands on per group, as the bytes of one BYTES value:
 * this head, then the calls' block. The blocks hold no references (two_phase.c sees to
 * that), so their bytes are all there is. */
#ifndef LT_EXEC_AGGREGATES_PARTIAL_H
#define LT_EXEC_AGGREGATES_PARTIAL_H

#include <stdint.h>

struct lt_partial {
    int64_t count; /* rows */
    int64_t unused;
};

#endif
