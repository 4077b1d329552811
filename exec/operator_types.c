/* operator_types.c -- finds the operator of a plan node (operators/operators.def). */
#include "exec/operator.h"

#define OPERATOR(kind, type) extern const struct lt_op_type type;
#include "exec/operators/operators.def"
#undef OPERATOR

#define OPERATOR(kind, type) [kind] = &type,
static const struct lt_op_type *const types[LT_NODE_KIND_COUNT] = {
#include "exec/operators/operators.def"
};
#undef OPERATOR

extern const struct lt_op_type lt_op_local_aggregate_type, lt_op_distinct_aggregate_type;

const struct lt_op_type *lt_op_type_of(const struct lt_plan_node *node)
{
    if (lt_plan_is_first_phase(node))
        return node->u.aggregate.phase == LT_AGG_LOCAL ? &lt_op_local_aggregate_type
                                                       : &lt_op_distinct_aggregate_type;
    return (unsigned)node->kind < LT_NODE_KIND_COUNT ? types[node->kind] : NULL;
}
