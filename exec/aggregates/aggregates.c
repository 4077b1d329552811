/* aggregates.c -- the list of aggregates, made from aggregates.def. */
#include "exec/aggregates/aggregates.h"

#define LT_AGGREGATE(descriptor) &descriptor,
const struct lt_aggregate *const lt_aggregates[] = {
#include "exec/aggregates/aggregates.def"
    NULL,
};
#undef LT_AGGREGATE
