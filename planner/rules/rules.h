/* rules.h -- the rules by name, as rules.def lists them. */
#ifndef LT_PLANNER_RULES_H
#define LT_PLANNER_RULES_H

#include "planner/bind.h"

#define LT_RULE(name) extern const struct lt_rule lt_rule_##name;
#include "planner/rules/rules.def"
#undef LT_RULE

#endif
