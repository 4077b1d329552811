/* order.h -- does anybody care in which order the rows of a node come? */
#ifndef LT_EXEC_WINDOWS_ORDER_H
#define LT_EXEC_WINDOWS_ORDER_H

#include "planner/plan.h"

bool lt_order_matters(const struct lt_plan *plan, const struct lt_plan_node *node);

#endif
