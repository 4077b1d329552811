/* rules.c -- runs the rules of rules.def, each once, in order. */
#include "planner/rules/rules.h"

static const struct lt_rule *const rules[] = {
#define LT_RULE(name) &lt_rule_##name,
#include "planner/rules/rules.def"
#undef LT_RULE
};

lt_status lt_rules_apply(struct lt_planner *p, struct lt_plan_node **roots, uint32_t n_roots)
{
    for (size_t i = 0; i < LT_ARRAY_LEN(rules); i++)
        LT_TRY(rules[i]->apply(p, roots, n_roots));
    return LT_OK;
}
