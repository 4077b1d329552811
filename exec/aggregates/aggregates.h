/* aggregates.h -- the list of aggregates, for the registry. */
#ifndef LT_EXEC_AGGREGATES_AGGREGATES_H
#define LT_EXEC_AGGREGATES_AGGREGATES_H

#include "catalog/function.h"

#define LT_AGGREGATE(descriptor) extern const struct lt_aggregate descriptor;
#include "exec/aggregates/aggregates.def"
#undef LT_AGGREGATE

extern const struct lt_aggregate *const lt_aggregates[]; /* ends with NULL */

#endif
