/* compare_ops.tmpl.h -- the six comparisons of one type.
 * Parameters: COMPARE_T, COMPARE_SET (the name of the struct made). */
#define COMPARE_GLUE2(a, b) a##_##b
#define COMPARE_GLUE(a, b) COMPARE_GLUE2(a, b)
#define COMPARE_NAME COMPARE_GLUE(COMPARE_SET, eq)
#define COMPARE_OP ==
#include "exec/kernels/compare.tmpl.h"
#undef COMPARE_OP
#define COMPARE_NAME COMPARE_GLUE(COMPARE_SET, ne)
#define COMPARE_OP !=
#include "exec/kernels/compare.tmpl.h"
#undef COMPARE_OP
#define COMPARE_NAME COMPARE_GLUE(COMPARE_SET, lt)
#define COMPARE_OP <
#include "exec/kernels/compare.tmpl.h"
#undef COMPARE_OP
#define COMPARE_NAME COMPARE_GLUE(COMPARE_SET, le)
#define COMPARE_OP <=
#include "exec/kernels/compare.tmpl.h"
#undef COMPARE_OP
#define COMPARE_NAME COMPARE_GLUE(COMPARE_SET, gt)
#define COMPARE_OP >
#include "exec/kernels/compare.tmpl.h"
#undef COMPARE_OP
#define COMPARE_NAME COMPARE_GLUE(COMPARE_SET, ge)
#define COMPARE_OP >=
#include "exec/kernels/compare.tmpl.h"
#undef COMPARE_OP
static const compare_loop COMPARE_GLUE(COMPARE_SET, loops)[6] = {
    COMPARE_GLUE(COMPARE_SET, eq), COMPARE_GLUE(COMPARE_SET, ne), COMPARE_GLUE(COMPARE_SET, lt),
    COMPARE_GLUE(COMPARE_SET, le), COMPARE_GLUE(COMPARE_SET, gt), COMPARE_GLUE(COMPARE_SET, ge)};
#undef COMPARE_SET
#undef COMPARE_T
