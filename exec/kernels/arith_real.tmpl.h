/* arith_real.tmpl.h -- + - * / % of FLOAT or DOUBLE, as IEEE 754 has them; nothing is bad.
 * Parameters: ARITH_T, ARITH_MOD (fmod of the type), ARITH_SET (prefix). */
#define ARITH_NAME ARITH_GLUE(ARITH_SET, add)
#define ARITH_STEP(a, b, r, bad) r = (a) + (b)
#include "exec/kernels/arith.tmpl.h"
#undef ARITH_STEP
#define ARITH_NAME ARITH_GLUE(ARITH_SET, sub)
#define ARITH_STEP(a, b, r, bad) r = (a) - (b)
#include "exec/kernels/arith.tmpl.h"
#undef ARITH_STEP
#define ARITH_NAME ARITH_GLUE(ARITH_SET, mul)
#define ARITH_STEP(a, b, r, bad) r = (a) * (b)
#include "exec/kernels/arith.tmpl.h"
#undef ARITH_STEP
#define ARITH_NAME ARITH_GLUE(ARITH_SET, div)
#define ARITH_STEP(a, b, r, bad) r = (a) / (b)
#include "exec/kernels/arith.tmpl.h"
#undef ARITH_STEP
#define ARITH_NAME ARITH_GLUE(ARITH_SET, mod)
#define ARITH_STEP(a, b, r, bad) r = ARITH_MOD(a, b)
#include "exec/kernels/arith.tmpl.h"
#undef ARITH_STEP
static const arith_loop ARITH_GLUE(ARITH_SET, loops)[5] = {
    ARITH_GLUE(ARITH_SET, add), ARITH_GLUE(ARITH_SET, sub), ARITH_GLUE(ARITH_SET, mul),
    ARITH_GLUE(ARITH_SET, div), ARITH_GLUE(ARITH_SET, mod)};
#undef ARITH_SET
#undef ARITH_T
#undef ARITH_MOD
