/* functions.h -- the list of all scalar functions, generated from functions.def. */
#ifndef LT_EXEC_FUNCTIONS_FUNCTIONS_H
#define LT_EXEC_FUNCTIONS_FUNCTIONS_H

#include "catalog/function.h"

extern const struct lt_function *const lt_functions[]; /* ends with NULL */

#define LT_FUNCTION(name) extern const struct lt_function lt_fn_##name;
#include "exec/functions/functions.def"
#undef LT_FUNCTION

#endif
