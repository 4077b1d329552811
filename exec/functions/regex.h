/* regex.h -- regular expressions with Java's syntax, compiled by PCRE2 to machine code. */
#ifndef LT_EXEC_FUNCTIONS_REGEX_H
#define LT_EXEC_FUNCTIONS_REGEX_H

#include "exec/functions/support.h"

struct regex;
struct regex_scan;

/* One per instruction of a program, so one per thread: it remembers the last
 * pattern it compiled, which for a constant is the only one. */
lt_status regex_open(struct lt_alloc *alloc, struct regex **out) LT_MUST_CHECK;
void regex_close(struct regex *re);
/* Makes `pattern` current. `sql` reads it as the pattern of SIMILAR TO with that
 * escape (0 = none), which must match the whole text. */
lt_status regex_use(struct regex *re, struct lt_str pattern, bool sql, uint32_t escape,
                    lt_status blame, struct lt_error *err) LT_MUST_CHECK;
/* The current pattern is the only one there will be: regex_use need not look again. */
void regex_fix(struct regex *re);
bool regex_is_fixed(const struct regex *re);
/* How that pattern is found without a matcher (regex_scan.h), or NULL. */
const struct regex_scan *regex_simple(const struct regex *re);
/* The first match at or after byte `from`: *n_groups is 0 when there is none, else the
 * groups count, the whole match included; regex_group gives them. */
lt_status regex_find(struct regex *re, struct lt_str text, size_t from, uint32_t *n_groups,
                     struct lt_error *err) LT_MUST_CHECK;
uint32_t regex_groups(const struct regex *re); /* of the pattern, the whole included */
/* False when the group took no part. */
bool regex_group(const struct regex *re, uint32_t group, size_t *start, size_t *end);
bool regex_named(const struct regex *re, struct lt_str name, uint32_t *group);

#endif
