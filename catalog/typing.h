/* typing.h -- the lattice of types: common types, casts, and the precision of decimals.
 *
 * Pure functions over data/type.h, shared by the binder (UNION, CASE, INSERT)
 * and by the descriptors of functions. They follow Flink's LogicalTypeMerging and
 * LogicalTypeCasts, with the differences SQL.md states. */
#ifndef LT_CATALOG_TYPING_H
#define LT_CATALOG_TYPING_H

#include "data/type.h"

/* The type all n can be brought to without losing meaning: CASE, COALESCE, UNION,
 * comparisons, IN, ARRAY[...]. Nullable iff one of them is. All NULL gives the NULL
 * type. LT_INVALID (without a message) when there is none, LT_NOMEM when memory is
 * out. `*out` may be one of `types` or live in `arena`. */
lt_status lt_common_type(struct lt_arena *arena, uint32_t n, const struct lt_type *const *types,
                         const struct lt_type **out) LT_MUST_CHECK;
/* As above for the two sides of a comparison, where a text may also meet a time,
 * a date, a boolean or bytes: the text is read as that. */
lt_status lt_comparable_type(struct lt_arena *arena, const struct lt_type *a,
                             const struct lt_type *b, const struct lt_type **out) LT_MUST_CHECK;
/* May values of the type be compared with = (and with <)? */
bool lt_type_has_equality(const struct lt_type *type);
bool lt_type_has_order(const struct lt_type *type);

/* Is there a cast at all (Flink's table)? */
bool lt_cast_exists(const struct lt_type *from, const struct lt_type *to);
/* May it be implicit, as INSERT does it (SQL.md, Types)? */
bool lt_cast_implicit(const struct lt_type *from, const struct lt_type *to);
/* Can the cast of a value fail at run time? */
bool lt_cast_may_fail(const struct lt_type *from, const struct lt_type *to);

/* The DECIMAL that holds every value of an exact number: INT is (10, 0). */
void lt_decimal_of_integer(enum lt_type_kind kind, unsigned *precision, unsigned *scale);

/* What a decimal operation gives; where more than 38 digits are asked for, the
 * scale shrinks, but not below min(scale, 6). op is one of + - * / %. */
void lt_decimal_result(char op, unsigned p1, unsigned s1, unsigned p2, unsigned s2,
                       unsigned *precision, unsigned *scale);
/* ROUND(DECIMAL(p, s), digits). */
void lt_decimal_round_result(unsigned p, unsigned s, int digits, unsigned *precision,
                             unsigned *scale);

#endif
