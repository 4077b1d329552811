/* arith_int.tmpl.h -- + - * / % of one integer type.
 * Parameters: ARITH_T, ARITH_U (its unsigned twin), ARITH_MIN, ARITH_SET (prefix).
 * A sum overflowed when both operands differ from it in sign. */
#define ARITH_GLUE2(a, b) a##_##b
#define ARITH_GLUE(a, b) ARITH_GLUE2(a, b)

#define ARITH_NAME ARITH_GLUE(ARITH_SET, add)
#define ARITH_STEP(a, b, r, bad)                             \
    do {                                                     \
        ARITH_T s_ = (ARITH_T)((ARITH_U)(a) + (ARITH_U)(b)); \
        bad |= (ARITH_T)(((a) ^ s_) & ((b) ^ s_)) < 0;       \
        r = s_;                                              \
    } while (0)
#include "exec/kernels/arith.tmpl.h"
#undef ARITH_STEP

#define ARITH_NAME ARITH_GLUE(ARITH_SET, sub)
#define ARITH_STEP(a, b, r, bad)                             \
    do {                                                     \
        ARITH_T s_ = (ARITH_T)((ARITH_U)(a) - (ARITH_U)(b)); \
        bad |= (ARITH_T)(((a) ^ (b)) & ((a) ^ s_)) < 0;      \
        r = s_;                                              \
    } while (0)
#include "exec/kernels/arith.tmpl.h"
#undef ARITH_STEP

#define ARITH_NAME ARITH_GLUE(ARITH_SET, mul)
#define ARITH_STEP(a, b, r, bad) bad |= (ARITH_T)__builtin_mul_overflow(a, b, &(r))
#include "exec/kernels/arith.tmpl.h"
#undef ARITH_STEP

#define ARITH_NAME ARITH_GLUE(ARITH_SET, div)
#define ARITH_STEP(a, b, r, bad)                                \
    do {                                                        \
        bool no_ = (b) == 0 || ((b) == -1 && (a) == ARITH_MIN); \
        bad |= no_;                                             \
        r = no_ ? 0 : (ARITH_T)((a) / (b));                     \
    } while (0)
#include "exec/kernels/arith.tmpl.h"
#undef ARITH_STEP

#define ARITH_NAME ARITH_GLUE(ARITH_SET, mod)
#define ARITH_STEP(a, b, r, bad)            \
    do {                                    \
        bool no_ = (b) == 0 || (b) == -1;   \
        bad |= (b) == 0;                    \
        r = no_ ? 0 : (ARITH_T)((a) % (b)); \
    } while (0)
#include "exec/kernels/arith.tmpl.h"
#undef ARITH_STEP

static const arith_loop ARITH_GLUE(ARITH_SET, loops)[5] = {
    ARITH_GLUE(ARITH_SET, add), ARITH_GLUE(ARITH_SET, sub), ARITH_GLUE(ARITH_SET, mul),
    ARITH_GLUE(ARITH_SET, div), ARITH_GLUE(ARITH_SET, mod)};
#undef ARITH_SET
#undef ARITH_T
#undef ARITH_U
#undef ARITH_MIN
