/* functions.c -- the registry of scalar functions: one entry per line of functions.def. */
#include "exec/functions/functions.h"

#define LT_FUNCTION(name) &lt_fn_##name,
const struct lt_function *const lt_functions[] = {
#include "exec/functions/functions.def"
    NULL};
#undef LT_FUNCTION
