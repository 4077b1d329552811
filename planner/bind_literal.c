/* bind_literal.c -- types as written, and literals as one-row constant columns.
 *
 * Numbers are INT, BIGINT, DECIMAL or DOUBLE as in Flink: the first that holds
 * them; with an exponent DOUBLE. Text is CHAR(n) of its length, so that a CASE
 * over literals keeps the shortest type that holds them all. */
#include <stdio.h>

#include "planner/bind.h"

/* ---- types ------------------------------------------------------------------ */

static const struct {
    const char *name;
    const struct lt_type *type;
} plain_types[] = {
    {"BOOLEAN", &lt_type_boolean},   {"TINYINT", &lt_type_tinyint},
    {"SMALLINT", &lt_type_smallint}, {"INT", &lt_type_int},
    {"INTEGER", &lt_type_int},       {"BIGINT", &lt_type_bigint},
    {"FLOAT", &lt_type_float},       {"DOUBLE", &lt_type_double},
    {"REAL", &lt_type_float},        {"DOUBLE PRECISION", &lt_type_double},
    {"STRING", &lt_type_string},     {"BYTES", &lt_type_bytes},
    {"DATE", &lt_type_date},         {"NULL", &lt_type_null},
};

static lt_status type_nested(struct lt_planner *p, const struct lt_ast_type *ast,
                             const struct lt_type **out)
{
    const struct lt_type *element, *key;
    uint32_t n = 0;
    if (lt_str_equal(ast->name, LT_STR("MAP"))) {
        LT_TRY(lt_bind_type(p, ast->key, &key));
        LT_TRY(lt_bind_type(p, ast->element, &element));
        *out = lt_type_map(p->arena, key, element);
        return LT_OK;
    }
    if (ast->element) {
        LT_TRY(lt_bind_type(p, ast->element, &element));
        *out = lt_str_equal(ast->name, LT_STR("MULTISET")) ? lt_type_multiset(p->arena, element)
                                                           : lt_type_array(p->arena, element);
        return LT_OK;
    }
    for (const struct lt_ast_field *f = ast->fields; f; f = f->next)
        n++;
    const struct lt_type **types = LT_ARENA_ARRAY(p->arena, const struct lt_type *, n + 1);
    struct lt_str *names = LT_ARENA_ARRAY(p->arena, struct lt_str, n + 1);
    if (!types || !names)
        return LT_NOMEM;
    n = 0;
    for (const struct lt_ast_field *f = ast->fields; f; f = f->next, n++) {
        LT_TRY(lt_bind_type(p, f->type, &types[n]));
        names[n] = f->name ? f->name->text : LT_STR("");
        for (uint32_t i = 0; f->name && i < n; i++)
            if (lt_str_equal(names[i], names[n]))
                return LT_BIND_FAIL(p, LT_INVALID, f->name->pos, "field '%.*s' is there twice",
                                    LT_STR_ARG(names[n]));
    }
    *out = lt_type_row(p->arena, n, types, names);
    return LT_OK;
}

static lt_status type_text(struct lt_planner *p, const struct lt_ast_type *ast,
                           enum lt_type_kind kind, bool varying, const struct lt_type **out)
{
    int64_t length = ast->args[0];
    if (length == 0)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "a length is at least 1");
    if (length < 0)
        length = varying ? (int64_t)LT_LENGTH_MAX : 1;
    *out = lt_type_text(p->arena, kind, (uint32_t)length);
    return LT_OK;
}

static lt_status type_temporal(struct lt_planner *p, const struct lt_ast_type *ast,
                               enum lt_type_kind kind, int32_t precision,
                               const struct lt_type **out)
{
    if (ast->args[0] >= 0)
        precision = ast->args[0];
    if (precision > 9)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "a precision is between 0 and 9");
    if (precision > 6) {
        precision = 6;
        LT_TRY(lt_bind_notice(p, "%.*s(%d): Leat holds microseconds, precision 6 is used",
                              LT_STR_ARG(ast->name), ast->args[0]));
    }
    *out = lt_type_temporal(p->arena, kind, (unsigned)precision);
    return LT_OK;
}

static lt_status type_decimal(struct lt_planner *p, const struct lt_ast_type *ast,
                              const struct lt_type **out)
{
    int32_t precision = ast->args[0] >= 0 ? ast->args[0] : 10;
    int32_t scale = ast->args[1] >= 0 ? ast->args[1] : 0;
    if (precision < 1 || precision > LT_DECIMAL_PRECISION_MAX)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos,
                            "the precision of a DECIMAL is between 1 and 38, not %d", precision);
    if (scale > precision)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos,
                            "the scale of a DECIMAL is at most its precision (%d), not %d",
                            precision, scale);
    *out = lt_type_decimal(p->arena, (unsigned)precision, (unsigned)scale);
    return LT_OK;
}

static bool unit_is_months(struct lt_str unit)
{
    return lt_str_equal_nocase(unit, LT_STR("YEAR")) ||
           lt_str_equal_nocase(unit, LT_STR("MONTH")) ||
           lt_str_equal_nocase(unit, LT_STR("QUARTER"));
}

static bool name_is(struct lt_str name, const char *word)
{
    return lt_str_equal(name, lt_str_of(word));
}

static lt_status type_named(struct lt_planner *p, const struct lt_ast_type *ast,
                            const struct lt_type **out)
{
    struct lt_str name = ast->name;
    for (size_t i = 0; i < LT_ARRAY_LEN(plain_types); i++)
        if (name_is(name, plain_types[i].name)) {
            *out = plain_types[i].type;
            return LT_OK;
        }
    if (name_is(name, "DECIMAL") || name_is(name, "NUMERIC") || name_is(name, "DEC"))
        return type_decimal(p, ast, out);
    if (name_is(name, "CHAR") || name_is(name, "CHARACTER"))
        return type_text(p, ast, LT_TYPE_CHAR, false, out);
    if (name_is(name, "VARCHAR"))
        return type_text(p, ast, LT_TYPE_VARCHAR, true, out);
    if (name_is(name, "BINARY"))
        return type_text(p, ast, LT_TYPE_BINARY, false, out);
    if (name_is(name, "VARBINARY"))
        return type_text(p, ast, LT_TYPE_VARBINARY, true, out);
    if (name_is(name, "TIME"))
        return type_temporal(p, ast, LT_TYPE_TIME, 0, out);
    if (name_is(name, "TIMESTAMP"))
        return type_temporal(p, ast, LT_TYPE_TIMESTAMP, 6, out);
    if (name_is(name, "TIMESTAMP_LTZ"))
        return type_temporal(p, ast, LT_TYPE_TIMESTAMP_LTZ, 6, out);
    if (name_is(name, "INTERVAL")) {
        *out = unit_is_months(ast->unit_from) ? &lt_type_interval_month : &lt_type_interval_day;
        return LT_OK;
    }
    if (name_is(name, "ARRAY") || name_is(name, "MAP") || name_is(name, "MULTISET") ||
        name_is(name, "ROW"))
        return type_nested(p, ast, out);
    return LT_BIND_FAIL(p, LT_UNSUPPORTED, ast->pos, "not supported yet: the type %.*s",
                        LT_STR_ARG(name));
}

lt_status lt_bind_type(struct lt_planner *p, const struct lt_ast_type *ast,
                       const struct lt_type **out)
{
    const struct lt_type *type = NULL;
    LT_TRY(lt_bind_enter(p, ast->pos));
    LT_TRY(type_named(p, ast, &type));
    p->depth--;
    if (type && ast->not_null)
        type = lt_type_with_null(p->arena, type, false);
    if (!type)
        return LT_NOMEM;
    *out = type;
    return LT_OK;
}

/* ---- intervals ---------------------------------------------------------------- */

struct interval_text {
    const char *at, *end;
    bool bad;
};

/* Digits, at most 18 of them. */
static int64_t interval_number(struct interval_text *t)
{
    int64_t value = 0;
    const char *start = t->at;
    while (t->at < t->end && *t->at >= '0' && *t->at <= '9' && t->at - start < 18)
        value = value * 10 + (*t->at++ - '0');
    t->bad |= t->at == start;
    return value;
}

static bool interval_eat(struct interval_text *t, char c)
{
    if (t->at == t->end || *t->at != c)
        return false;
    t->at++;
    return true;
}

static int64_t interval_fraction(struct interval_text *t)
{
    int64_t us = 0;
    int digits = 0;
    if (!interval_eat(t, '.'))
        return 0;
    for (; t->at < t->end && *t->at >= '0' && *t->at <= '9'; t->at++)
        if (digits < 6) {
            us = us * 10 + (*t->at - '0');
            digits++;
        }
    for (; digits < 6; digits++)
        us *= 10;
    return us;
}

static const struct {
    const char *name;
    int64_t us;
} day_units[] = {
    {"DAY", LT_US_PER_DAY}, {"HOUR", LT_US_PER_HOUR}, {"MINUTE", LT_US_PER_MINUTE},
    {"SECOND", LT_US_PER_SECOND}, {"WEEK", 7 * LT_US_PER_DAY}, {"MILLISECOND", 1000},
    {"MICROSECOND", 1},
};

static int day_unit(struct lt_str name)
{
    for (size_t i = 0; i < LT_ARRAY_LEN(day_units); i++) {
        struct lt_str unit = lt_str_of(day_units[i].name);
        struct lt_str head = name;
        if (head.len == unit.len + 1 && (head.data[unit.len] | 32) == 's')
            head.len--;
        if (lt_str_equal_nocase(head, unit))
            return (int)i;
    }
    return -1;
}

/* '1 02:03:04.5' DAY TO SECOND: from unit `at` down to unit `to`. */
static bool interval_days(struct interval_text *t, int from, int to, int64_t *us)
{
    __int128 sum = 0;
    if (to > 3 && to != from)
        return false;
    for (int unit = from; unit <= to; unit++) {
        if (unit > from && !interval_eat(t, unit == 1 ? ' ' : ':'))
            return false;
        sum += (__int128)interval_number(t) * day_units[unit].us;
        if (unit == 3)
            sum += interval_fraction(t);
    }
    if (sum > INT64_MAX / 4)
        return false;
    *us = (int64_t)sum;
    return true;
}

static bool interval_months(struct interval_text *t, struct lt_str from, struct lt_str to,
                            int32_t *months)
{
    int64_t unit = lt_str_equal_nocase(from, LT_STR("YEAR"))      ? 12
                   : lt_str_equal_nocase(from, LT_STR("QUARTER")) ? 3
                                                                  : 1;
    int64_t value = interval_number(t);
    if (value > INT32_MAX / 24)
        return false;
    value *= unit;
    if (to.len && unit == 12 && !lt_str_equal_nocase(to, from)) {
        if (!interval_eat(t, '-'))
            return false;
        int64_t rest = interval_number(t);
        if (rest > 11)
            return false;
        value += rest;
    }
    *months = (int32_t)value;
    return true;
}

lt_status lt_bind_interval(struct lt_planner *p, const struct lt_ast_expr *ast,
                           struct lt_span *out)
{
    struct lt_str text = ast->u.interval.text, from = ast->u.interval.unit_from,
                  to = ast->u.interval.unit_to;
    bool negative = ast->u.interval.negative, good;
    struct lt_span span = {0};
    while (text.len && text.data[0] == ' ')
        text.data++, text.len--;
    while (text.len && text.data[text.len - 1] == ' ')
        text.len--;
    struct interval_text t = {.at = text.data, .end = text.data + text.len};
    if (interval_eat(&t, '-'))
        negative = !negative;
    else
        (void)interval_eat(&t, '+');
    if (unit_is_months(from)) {
        good = interval_months(&t, from, to, &span.months);
    } else {
        int first = day_unit(from), last = to.len ? day_unit(to) : first;
        good = first >= 0 && last >= first && interval_days(&t, first, last, &span.us);
    }
    if (!good || t.bad || t.at != t.end)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "'%.*s' is not an interval of %.*s%s%.*s",
                            LT_STR_ARG(ast->u.interval.text), LT_STR_ARG(from),
                            to.len ? " TO " : "", LT_STR_ARG(to));
    if (negative)
        span = (struct lt_span){-span.us, -span.months};
    *out = span;
    return LT_OK;
}

static lt_status literal_interval(struct lt_planner *p, const struct lt_ast_expr *ast,
                                  struct lt_expr **out)
{
    struct lt_span span;
    bool months = unit_is_months(ast->u.interval.unit_from);
    LT_TRY(lt_bind_interval(p, ast, &span));
    const struct lt_type *type = lt_type_with_null(
        p->arena, months ? &lt_type_interval_month : &lt_type_interval_day, false);
    struct lt_column *column = type ? lt_column_new(p->env->pool, type, 1) : NULL;
    if (!column)
        return LT_NOMEM;
    if (months)
        ((int32_t *)column->values)[0] = span.months;
    else
        ((int64_t *)column->values)[0] = span.us;
    return lt_expr_constant(p, column, ast->pos, out);
}

/* ---- other literals --------------------------------------------------------------- */

static lt_status literal_number(struct lt_planner *p, const struct lt_ast_expr *ast, bool negative,
                                struct lt_expr **out)
{
    struct lt_str text = ast->u.text, full;
    unsigned digits = 0, scale = 0;
    bool point = false, exponent = false, leading = true;
    const struct lt_type *type;
    int64_t value;
    for (size_t i = 0; i < text.len && !exponent; i++) {
        char c = text.data[i];
        point |= c == '.';
        exponent |= c == 'e' || c == 'E';
        if (c < '0' || c > '9')
            continue;
        leading &= c == '0' && !point;
        digits += !leading;
        scale += point;
    }
    LT_TRY(lt_arena_printf(p->arena, &full, "%s%.*s", negative ? "-" : "", LT_STR_ARG(text)));
    if (exponent)
        type = &lt_type_double;
    else if (!point && lt_text_to_i64(full, &value))
        type = value >= INT32_MIN && value <= INT32_MAX ? &lt_type_int : &lt_type_bigint;
    else if (digits > LT_DECIMAL_PRECISION_MAX || scale > LT_DECIMAL_PRECISION_MAX)
        return LT_BIND_FAIL(p, LT_INVALID, ast->pos,
                            "the number %.*s has more than 38 digits; write it with an exponent "
                            "for a DOUBLE",
                            LT_STR_ARG(text));
    else
        type = lt_type_decimal(p->arena, digits > scale ? digits : (scale ? scale : 1), scale);
    type = type ? lt_type_with_null(p->arena, type, false) : NULL;
    struct lt_column *column = type ? lt_column_new(p->env->pool, type, 1) : NULL;
    if (!column)
        return LT_NOMEM;
    lt_status status = lt_text_to_lane(full, column, 0, p->env->zone);
    if (status != LT_OK) {
        lt_column_unref(column);
        return status == LT_NOMEM ? status
                                  : LT_BIND_FAIL(p, LT_INVALID, ast->pos,
                                                 "the number %.*s is out of range",
                                                 LT_STR_ARG(text));
    }
    return lt_expr_constant(p, column, ast->pos, out);
}

static uint32_t utf8_length(struct lt_str text)
{
    uint32_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    return n;
}

static lt_status literal_string(struct lt_planner *p, const struct lt_ast_expr *ast,
                                struct lt_expr **out)
{
    bool binary = ast->kind == LT_AST_LITERAL_BINARY;
    uint32_t length = binary ? (uint32_t)ast->u.text.len : utf8_length(ast->u.text);
    const struct lt_type *type;
    if (length == 0)
        type = binary ? &lt_type_bytes : &lt_type_string;
    else
        type = lt_type_text(p->arena, binary ? LT_TYPE_BINARY : LT_TYPE_CHAR, length);
    type = type ? lt_type_with_null(p->arena, type, false) : NULL;
    struct lt_column *column = type ? lt_column_new(p->env->pool, type, 1) : NULL;
    if (!column)
        return LT_NOMEM;
    if (lt_column_put_str(column, 0, ast->u.text)) {
        lt_column_unref(column);
        return LT_NOMEM;
    }
    return lt_expr_constant(p, column, ast->pos, out);
}

static lt_status literal_temporal(struct lt_planner *p, const struct lt_ast_expr *ast,
                                  enum lt_type_kind kind, struct lt_expr **out)
{
    struct lt_str text = ast->u.text;
    unsigned precision = 0;
    const char *dot = text.len ? memchr(text.data, '.', text.len) : NULL;
    for (const char *c = dot ? dot + 1 : NULL;
         c && c < text.data + text.len && *c >= '0' && *c <= '9' && precision < 6; c++)
        precision++;
    if (kind == LT_TYPE_TIMESTAMP_LTZ && precision < 3)
        precision = 3;
    const struct lt_type *type =
        kind == LT_TYPE_DATE ? &lt_type_date : lt_type_temporal(p->arena, kind, precision);
    type = type ? lt_type_with_null(p->arena, type, false) : NULL;
    struct lt_column *column = type ? lt_column_new(p->env->pool, type, 1) : NULL;
    if (!column)
        return LT_NOMEM;
    lt_status status = lt_text_to_lane(text, column, 0, p->env->zone);
    if (status != LT_OK) {
        lt_column_unref(column);
        return status == LT_NOMEM
                   ? status
                   : LT_BIND_FAIL(p, LT_INVALID, ast->pos, "'%.*s' is not a %s",
                                  LT_STR_ARG(text),
                                  kind == LT_TYPE_DATE   ? "DATE (yyyy-MM-dd)"
                                  : kind == LT_TYPE_TIME ? "TIME (HH:mm:ss)"
                                                         : "TIMESTAMP (yyyy-MM-dd HH:mm:ss)");
    }
    return lt_expr_constant(p, column, ast->pos, out);
}

lt_status lt_bind_literal(struct lt_planner *p, const struct lt_ast_expr *ast, bool negative,
                          struct lt_expr **out)
{
    switch (ast->kind) {
    case LT_AST_LITERAL_NULL: return lt_expr_null(p, &lt_type_null, ast->pos, out);
    case LT_AST_LITERAL_BOOL: return lt_expr_boolean(p, ast->u.boolean, ast->pos, out);
    case LT_AST_LITERAL_NUMBER: return literal_number(p, ast, negative, out);
    case LT_AST_LITERAL_STRING:
    case LT_AST_LITERAL_BINARY: return literal_string(p, ast, out);
    case LT_AST_LITERAL_DATE: return literal_temporal(p, ast, LT_TYPE_DATE, out);
    case LT_AST_LITERAL_TIME: return literal_temporal(p, ast, LT_TYPE_TIME, out);
    case LT_AST_LITERAL_TIMESTAMP: return literal_temporal(p, ast, LT_TYPE_TIMESTAMP, out);
    case LT_AST_LITERAL_TIMESTAMP_LTZ:
        return literal_temporal(p, ast, LT_TYPE_TIMESTAMP_LTZ, out);
    case LT_AST_LITERAL_INTERVAL: return literal_interval(p, ast, out);
    default: return LT_BIND_FAIL(p, LT_INVALID, ast->pos, "this is not a literal");
    }
}
