/* function.c -- finding a function or an aggregate by its name or one of its aliases.
 *
 * Names are matched without case. The lists are short and are asked only while a
 * statement is bound, so they are simply walked. */
#include "catalog/function.h"

/* `aliases` are divided by '|'; NULL means none. */
static bool name_matches(const char *name, const char *aliases, struct lt_str wanted)
{
    const char *at = aliases;
    if (lt_str_equal_nocase(lt_str_of(name), wanted))
        return true;
    while (at) {
        const char *end = strchr(at, '|');
        struct lt_str alias = {at, end ? (size_t)(end - at) : strlen(at)};
        if (lt_str_equal_nocase(alias, wanted))
            return true;
        at = end ? end + 1 : NULL;
    }
    return false;
}

const struct lt_function *lt_registry_function(const struct lt_function_registry *registry,
                                               struct lt_str name)
{
    const struct lt_function *const *at;
    for (at = registry->functions; at && *at; at++) {
        if (name_matches((*at)->name, (*at)->aliases, name))
            return *at;
    }
    return NULL;
}

const struct lt_aggregate *lt_registry_aggregate(const struct lt_function_registry *registry,
                                                 struct lt_str name)
{
    const struct lt_aggregate *const *at;
    for (at = registry->aggregates; at && *at; at++) {
        if (name_matches((*at)->name, (*at)->aliases, name))
            return *at;
    }
    return NULL;
}
