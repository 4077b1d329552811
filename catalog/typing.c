/* typing.c -- the lattice of types: common types, casts, and the precision of decimals.
 *
 * Numbers widen TINYINT < SMALLINT < INT < BIGINT < DECIMAL < FLOAT < DOUBLE,
 * except that DECIMAL with FLOAT gives DOUBLE, since a FLOAT would lose digits of
 * the exact side. Nested types meet child by child. */
#include "catalog/typing.h"

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

enum { DECIMAL_SCALE_KEPT = 6 };

/* ---- decimals ------------------------------------------------------- */

void lt_decimal_of_integer(enum lt_type_kind kind, unsigned *precision, unsigned *scale)
{
    *scale = 0;
    switch (kind) {
    case LT_TYPE_TINYINT: *precision = 3; break;
    case LT_TYPE_SMALLINT: *precision = 5; break;
    case LT_TYPE_INT: *precision = 10; break;
    default: *precision = 19; break;
    }
}

static void decimal_of(const struct lt_type *type, unsigned *precision, unsigned *scale)
{
    if (type->kind == LT_TYPE_DECIMAL) {
        *precision = type->precision;
        *scale = type->scale;
    } else {
        lt_decimal_of_integer(type->kind, precision, scale);
    }
}

static void decimal_adjust(unsigned p, unsigned s, unsigned *precision, unsigned *scale)
{
    unsigned digits, kept;
    if (p <= LT_DECIMAL_PRECISION_MAX) {
        *precision = p;
        *scale = s;
        return;
    }
    digits = p - s;
    kept = MIN(s, (unsigned)DECIMAL_SCALE_KEPT);
    *precision = LT_DECIMAL_PRECISION_MAX;
    *scale = digits >= LT_DECIMAL_PRECISION_MAX
                 ? kept
                 : MAX((unsigned)LT_DECIMAL_PRECISION_MAX - digits, kept);
}

void lt_decimal_result(char op, unsigned p1, unsigned s1, unsigned p2, unsigned s2,
                       unsigned *precision, unsigned *scale)
{
    unsigned s = MAX(s1, s2);
    switch (op) {
    case '*': decimal_adjust(p1 + p2 + 1, s1 + s2, precision, scale); break;
    case '/':
        s = MAX(6u, s1 + p2 + 1);
        decimal_adjust(p1 - s1 + s2 + s, s, precision, scale);
        break;
    case '%':
        if (s1 == 0 && s2 == 0) {
            *precision = p2;
            *scale = 0;
        } else {
            decimal_adjust(MAX(1u, MIN(p1 - s1, p2 - s2) + s), s, precision, scale);
        }
        break;
    default: decimal_adjust(MAX(p1 - s1, p2 - s2) + s + 1, s, precision, scale); break;
    }
}

void lt_decimal_round_result(unsigned p, unsigned s, int digits, unsigned *precision,
                             unsigned *scale)
{
    if (digits >= (int)s) {
        *precision = p;
        *scale = s;
    } else if (digits < 0) {
        *precision = MIN((unsigned)LT_DECIMAL_PRECISION_MAX, 1 + p - s);
        *scale = 0;
    } else {
        *precision = 1 + p - s + (unsigned)digits;
        *scale = (unsigned)digits;
    }
}

/* ---- common types --------------------------------------------------- */

static lt_status common_pair(struct lt_arena *arena, const struct lt_type *a,
                             const struct lt_type *b, const struct lt_type **out);

static lt_status made(const struct lt_type *type, const struct lt_type **out)
{
    if (type == NULL)
        return LT_NOMEM;
    *out = type;
    return LT_OK;
}

static lt_status common_number(struct lt_arena *arena, const struct lt_type *a,
                               const struct lt_type *b, const struct lt_type **out)
{
    unsigned p1, s1, p2, s2, s, digits;
    bool inexact = a->kind == LT_TYPE_FLOAT || b->kind == LT_TYPE_FLOAT;
    if (a->kind == LT_TYPE_DOUBLE || b->kind == LT_TYPE_DOUBLE)
        return made(&lt_type_double, out);
    if (a->kind == LT_TYPE_DECIMAL || b->kind == LT_TYPE_DECIMAL) {
        if (inexact)
            return made(&lt_type_double, out);
        decimal_of(a, &p1, &s1);
        decimal_of(b, &p2, &s2);
        s = MAX(s1, s2);
        digits = MAX(p1 - s1, p2 - s2);
        if (digits + s > LT_DECIMAL_PRECISION_MAX)
            s = LT_DECIMAL_PRECISION_MAX - digits;
        return made(lt_type_decimal(arena, digits + s, s), out);
    }
    if (inexact)
        return made(&lt_type_float, out);
    return made(a->kind > b->kind ? a : b, out);
}

static lt_status common_text(struct lt_arena *arena, const struct lt_type *a,
                             const struct lt_type *b, enum lt_type_kind fixed,
                             const struct lt_type **out)
{
    enum lt_type_kind varying = fixed == LT_TYPE_CHAR ? LT_TYPE_VARCHAR : LT_TYPE_VARBINARY;
    bool same = a->kind == fixed && b->kind == fixed && a->length == b->length;
    return made(lt_type_text(arena, same ? fixed : varying, MAX(a->length, b->length)), out);
}

static lt_status common_children(struct lt_arena *arena, const struct lt_type *a,
                                 const struct lt_type *b, const struct lt_type **out)
{
    const struct lt_type **children;
    const struct lt_type *type;
    if (a->n_children != b->n_children)
        return LT_INVALID;
    children = LT_ARENA_ARRAY(arena, const struct lt_type *, a->n_children + 1);
    if (children == NULL)
        return LT_NOMEM;
    for (uint32_t i = 0; i < a->n_children; i++)
        LT_TRY(common_pair(arena, a->children[i], b->children[i], &children[i]));
    switch (a->kind) {
    case LT_TYPE_ARRAY: type = lt_type_array(arena, children[0]); break;
    case LT_TYPE_MULTISET: type = lt_type_multiset(arena, children[0]); break;
    case LT_TYPE_MAP: type = lt_type_map(arena, children[0], children[1]); break;
    default: type = lt_type_row(arena, a->n_children, children, a->names); break;
    }
    return made(type, out);
}

/* A date is the midnight that begins it, so it can meet a wall clock. */
static lt_status common_time(struct lt_arena *arena, const struct lt_type *a,
                             const struct lt_type *b, const struct lt_type **out)
{
    unsigned precision;
    enum lt_type_kind kind = MAX(a->kind, b->kind);
    if (a->kind != b->kind && (kind != LT_TYPE_TIMESTAMP || MIN(a->kind, b->kind) != LT_TYPE_DATE))
        return LT_INVALID;
    if (kind == LT_TYPE_DATE)
        return made(&lt_type_date, out);
    precision = MAX(a->kind == kind ? a->precision : 0, b->kind == kind ? b->precision : 0);
    return made(lt_type_temporal(arena, kind, precision), out);
}

static bool is_time(const struct lt_type *t)
{
    return t->kind >= LT_TYPE_DATE && t->kind <= LT_TYPE_TIMESTAMP_LTZ;
}

static lt_status common_bare(struct lt_arena *arena, const struct lt_type *a,
                             const struct lt_type *b, const struct lt_type **out)
{
    if (a->kind == LT_TYPE_NULL)
        return made(b, out);
    if (b->kind == LT_TYPE_NULL || (a->n_children == 0 && lt_type_same(a, b)))
        return made(a, out); /* fields keep the names of the first, NULL in any child counts */
    if (lt_type_is_numeric(a) && lt_type_is_numeric(b))
        return common_number(arena, a, b, out);
    if (lt_type_is_char(a) && lt_type_is_char(b))
        return common_text(arena, a, b, LT_TYPE_CHAR, out);
    if (lt_type_is_binary(a) && lt_type_is_binary(b))
        return common_text(arena, a, b, LT_TYPE_BINARY, out);
    if (is_time(a) && is_time(b))
        return common_time(arena, a, b, out);
    if (a->kind == b->kind && a->n_children > 0)
        return common_children(arena, a, b, out);
    return LT_INVALID;
}

static lt_status common_pair(struct lt_arena *arena, const struct lt_type *a,
                             const struct lt_type *b, const struct lt_type **out)
{
    const struct lt_type *type;
    LT_TRY(common_bare(arena, a, b, &type));
    return made(lt_type_with_null(arena, type, a->nullable || b->nullable), out);
}

lt_status lt_common_type(struct lt_arena *arena, uint32_t n, const struct lt_type *const *types,
                         const struct lt_type **out)
{
    const struct lt_type *type;
    LT_ASSERT(n > 0);
    type = types[0];
    for (uint32_t i = 1; i < n; i++)
        LT_TRY(common_pair(arena, type, types[i], &type));
    *out = type;
    return LT_OK;
}

lt_status lt_comparable_type(struct lt_arena *arena, const struct lt_type *a,
                             const struct lt_type *b, const struct lt_type **out)
{
    lt_status status = common_pair(arena, a, b, out);
    const struct lt_type *other = lt_type_is_char(a) ? b : a;
    if (status != LT_INVALID || lt_type_is_char(a) == lt_type_is_char(b))
        return status;
    if (!is_time(other) && other->kind != LT_TYPE_BOOLEAN && !lt_type_is_binary(other))
        return LT_INVALID;
    if (is_time(other) && other->kind != LT_TYPE_DATE)
        other = lt_type_temporal(arena, other->kind, 6);
    else if (lt_type_is_binary(other))
        other = &lt_type_bytes;
    if (other == NULL)
        return LT_NOMEM;
    return made(lt_type_with_null(arena, other, a->nullable || b->nullable), out);
}

bool lt_type_has_equality(const struct lt_type *type)
{
    for (uint32_t i = 0; i < type->n_children; i++) {
        if (!lt_type_has_equality(type->children[i]))
            return false;
    }
    return true;
}

bool lt_type_has_order(const struct lt_type *type)
{
    return type->n_children == 0;
}

/* ---- casts ---------------------------------------------------------- */

static bool is_interval(const struct lt_type *t)
{
    return t->kind == LT_TYPE_INTERVAL_DAY || t->kind == LT_TYPE_INTERVAL_MONTH;
}

static bool cast_children(const struct lt_type *from, const struct lt_type *to,
                          bool (*test)(const struct lt_type *, const struct lt_type *))
{
    if (from->kind != to->kind || from->n_children != to->n_children)
        return false;
    for (uint32_t i = 0; i < from->n_children; i++) {
        if (!test(from->children[i], to->children[i]))
            return false;
    }
    return true;
}

static bool cast_from_text(const struct lt_type *to)
{
    return lt_type_is_numeric(to) || lt_type_is_binary(to) || is_time(to) ||
           to->kind == LT_TYPE_BOOLEAN;
}

/* A TIME becomes a timestamp on the first day of the epoch, a date never a time. */
static bool cast_between_times(enum lt_type_kind from, enum lt_type_kind to)
{
    if (from == LT_TYPE_DATE)
        return to != LT_TYPE_TIME;
    if (from == LT_TYPE_TIME)
        return to != LT_TYPE_DATE;
    return true;
}

bool lt_cast_exists(const struct lt_type *from, const struct lt_type *to)
{
    if (from->kind == LT_TYPE_NULL || lt_type_same(from, to) || lt_type_is_char(to))
        return true;
    if (to->kind == LT_TYPE_NULL)
        return false;
    if (lt_type_is_char(from))
        return cast_from_text(to);
    if (lt_type_is_binary(from))
        return lt_type_is_binary(to);
    if (from->kind == LT_TYPE_BOOLEAN)
        return lt_type_is_numeric(to);
    if (lt_type_is_numeric(from)) {
        if (to->kind == LT_TYPE_BOOLEAN)
            return lt_type_is_integer(from);
        if (is_interval(to))
            return lt_type_is_integer(from);
        return lt_type_is_numeric(to);
    }
    if (is_time(from))
        return is_time(to) && cast_between_times(from->kind, to->kind);
    if (is_interval(from))
        return to->kind == LT_TYPE_INT || to->kind == LT_TYPE_BIGINT;
    if (from->n_children > 0)
        return cast_children(from, to, lt_cast_exists);
    return false;
}

static bool implicit_number(const struct lt_type *from, const struct lt_type *to)
{
    if (to->kind == LT_TYPE_DECIMAL)
        return from->kind == LT_TYPE_DECIMAL || lt_type_is_integer(from);
    if (from->kind == LT_TYPE_DECIMAL)
        return to->kind == LT_TYPE_FLOAT || to->kind == LT_TYPE_DOUBLE;
    return from->kind <= to->kind;
}

bool lt_cast_implicit(const struct lt_type *from, const struct lt_type *to)
{
    if (from->kind == LT_TYPE_NULL || lt_type_same(from, to))
        return true;
    if (lt_type_is_numeric(from) && lt_type_is_numeric(to))
        return implicit_number(from, to);
    if (lt_type_is_char(from))
        return lt_type_is_char(to);
    if (lt_type_is_binary(from))
        return lt_type_is_binary(to);
    if (lt_type_is_time_attribute_kind(from))
        return lt_type_is_time_attribute_kind(to);
    if (from->kind == LT_TYPE_TIME)
        return to->kind == LT_TYPE_TIME;
    if (from->n_children > 0)
        return cast_children(from, to, lt_cast_implicit);
    return false;
}

/* Widening never fails; reading text and narrowing may. */
bool lt_cast_may_fail(const struct lt_type *from, const struct lt_type *to)
{
    if (from->kind == LT_TYPE_NULL || lt_type_same(from, to) || lt_type_is_char(to))
        return false;
    if (lt_type_is_char(from))
        return !lt_type_is_binary(to);
    if (lt_type_is_integer(from) && lt_type_is_integer(to))
        return from->kind > to->kind;
    if (lt_type_is_numeric(from) && (to->kind == LT_TYPE_FLOAT || to->kind == LT_TYPE_DOUBLE))
        return false;
    if (to->kind == LT_TYPE_DECIMAL && (lt_type_is_integer(from) || from->kind == to->kind)) {
        unsigned precision, scale;
        decimal_of(from, &precision, &scale);
        return scale > to->scale || precision - scale > (unsigned)(to->precision - to->scale);
    }
    if (from->n_children > 0) {
        for (uint32_t i = 0; i < from->n_children; i++) {
            if (lt_cast_may_fail(from->children[i], to->children[i]))
                return true;
        }
        return false;
    }
    return lt_type_is_numeric(to) || is_interval(to);
}
