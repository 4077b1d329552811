/* build_type.c -- types: which names there are, and what each may carry.
 *
 * A type's name is an ordinary word to the grammar. This table gives it its one
 * canonical name and says how many numbers or element types it takes; ranges
 * (DECIMAL up to 38 digits) are the binder's business. */
#include "parser/build.h"

enum type_shape { SHAPE_PLAIN, SHAPE_ELEMENT, SHAPE_MAP };

struct type_name {
    const char *word;
    const char *canonical;
    int args_max;
    enum type_shape shape;
};

static const struct type_name type_names[] = {
    {"BOOLEAN", "BOOLEAN", 0, SHAPE_PLAIN},
    {"TINYINT", "TINYINT", 0, SHAPE_PLAIN},
    {"SMALLINT", "SMALLINT", 0, SHAPE_PLAIN},
    {"INT", "INT", 0, SHAPE_PLAIN},
    {"INTEGER", "INT", 0, SHAPE_PLAIN},
    {"BIGINT", "BIGINT", 0, SHAPE_PLAIN},
    {"FLOAT", "FLOAT", 0, SHAPE_PLAIN},
    {"REAL", "FLOAT", 0, SHAPE_PLAIN},
    {"DOUBLE", "DOUBLE", 0, SHAPE_PLAIN},
    {"DECIMAL", "DECIMAL", 2, SHAPE_PLAIN},
    {"DEC", "DECIMAL", 2, SHAPE_PLAIN},
    {"NUMERIC", "DECIMAL", 2, SHAPE_PLAIN},
    {"CHAR", "CHAR", 1, SHAPE_PLAIN},
    {"CHARACTER", "CHAR", 1, SHAPE_PLAIN},
    {"VARCHAR", "VARCHAR", 1, SHAPE_PLAIN},
    {"STRING", "STRING", 0, SHAPE_PLAIN},
    {"BINARY", "BINARY", 1, SHAPE_PLAIN},
    {"VARBINARY", "VARBINARY", 1, SHAPE_PLAIN},
    {"BYTES", "BYTES", 0, SHAPE_PLAIN},
    {"DATE", "DATE", 0, SHAPE_PLAIN},
    {"TIME", "TIME", 1, SHAPE_PLAIN},
    {"TIMESTAMP", "TIMESTAMP", 1, SHAPE_PLAIN},
    {"TIMESTAMP_LTZ", "TIMESTAMP_LTZ", 1, SHAPE_PLAIN},
    {"NULL", "NULL", 0, SHAPE_PLAIN},
    {"ARRAY", "ARRAY", 0, SHAPE_ELEMENT},
    {"MULTISET", "MULTISET", 0, SHAPE_ELEMENT},
    {"MAP", "MAP", 0, SHAPE_MAP},
    {"ROW", "ROW", 0, SHAPE_PLAIN},
    {"INTERVAL", "INTERVAL", 0, SHAPE_PLAIN},
};

/* The entry of a type's name; unknown is an error with the nearest known one. */
static const struct type_name *type_find(struct lt_parse *p, struct lt_token t)
{
    static const struct type_name none = {"", "NULL", 2, SHAPE_PLAIN};
    struct lt_str word = lt_token_str(t);
    const struct type_name *near = NULL;
    unsigned best = word.len > 4 ? 3 : 2;
    for (size_t i = 0; i < LT_ARRAY_LEN(type_names); i++) {
        struct lt_str known = lt_str_of(type_names[i].word);
        if (lt_str_equal_nocase(word, known))
            return &type_names[i];
        unsigned distance = lt_str_distance(word, known, best);
        if (distance < best) {
            best = distance;
            near = &type_names[i];
        }
    }
    if (near != NULL)
        lt_parse_fail(p, LT_SYNTAX, t.pos, "there is no type %.*s; did you mean %s?",
                      LT_STR_ARG(word), near->word);
    else
        lt_parse_fail(p, LT_SYNTAX, t.pos, "there is no type %.*s", LT_STR_ARG(word));
    return &none;
}

static struct lt_ast_type *type_new(struct lt_parse *p, const char *name, struct lt_pos start)
{
    struct lt_ast_type *type = LT_BUILD_NEW(p, struct lt_ast_type);
    type->name = lt_str_of(name);
    type->pos = lt_build_span(p, start);
    type->args[0] = type->args[1] = -1;
    return type;
}

struct lt_type_args lt_build_type_args(struct lt_parse *p, struct lt_token x,
                                       const struct lt_token *y)
{
    struct lt_type_args args = LT_TYPE_NO_ARGS;
    args.n[0] = lt_build_int(p, x);
    if (y != NULL)
        args.n[1] = lt_build_int(p, *y);
    return args;
}

static int args_count(struct lt_type_args args)
{
    return args.n[0] < 0 ? 0 : args.n[1] < 0 ? 1 : 2;
}

struct lt_ast_type *lt_build_type(struct lt_parse *p, struct lt_token t, struct lt_type_args args)
{
    const struct type_name *known = type_find(p, t);
    if (known->shape == SHAPE_MAP)
        lt_parse_fail(p, LT_SYNTAX, t.pos, "MAP needs its types: MAP<key, value>");
    else if (known->shape == SHAPE_ELEMENT)
        lt_parse_fail(p, LT_SYNTAX, t.pos, "%s needs its type: %s<element>", known->word,
                      known->word);
    else if (strcmp(known->word, "ROW") == 0)
        lt_parse_fail(p, LT_SYNTAX, t.pos, "ROW needs its fields: ROW<name type, ...>");
    else if (strcmp(known->word, "INTERVAL") == 0)
        lt_parse_fail(p, LT_SYNTAX, t.pos, "INTERVAL needs its unit: INTERVAL DAY TO SECOND");
    else if (args_count(args) > known->args_max)
        lt_parse_fail(p, LT_SYNTAX, t.pos, "%s takes %s", known->word,
                      known->args_max == 0 ? "no length or precision" : "only one number");
    struct lt_ast_type *type = type_new(p, known->canonical, t.pos);
    type->args[0] = args.n[0];
    type->args[1] = args.n[1];
    return type;
}

struct lt_ast_type *lt_build_type_not_null(struct lt_parse *p, struct lt_ast_type *type)
{
    type->not_null = true;
    type->pos = lt_build_span(p, type->pos);
    return type;
}

static bool token_is(struct lt_token t, const char *word)
{
    return lt_str_equal_nocase(lt_token_str(t), lt_str_of(word));
}

struct lt_ast_type *lt_build_type_double(struct lt_parse *p, struct lt_token t)
{
    if (!token_is(t, "DOUBLE"))
        lt_parse_fail(p, LT_SYNTAX, t.pos, "only DOUBLE may be followed by PRECISION");
    return type_new(p, "DOUBLE", t.pos);
}

struct lt_ast_type *lt_build_type_varying(struct lt_parse *p, struct lt_token t,
                                          struct lt_type_args args)
{
    bool binary = token_is(t, "BINARY");
    if (!binary && !token_is(t, "CHAR") && !token_is(t, "CHARACTER"))
        lt_parse_fail(p, LT_SYNTAX, t.pos, "only CHAR and BINARY may be followed by VARYING");
    struct lt_ast_type *type = type_new(p, binary ? "VARBINARY" : "VARCHAR", t.pos);
    if (args_count(args) > 1)
        lt_parse_fail(p, LT_SYNTAX, t.pos, "%s takes only one number", type->name.data);
    type->args[0] = args.n[0];
    return type;
}

struct lt_ast_type *lt_build_type_zone(struct lt_parse *p, struct lt_token t,
                                       struct lt_type_args args, enum lt_zone zone)
{
    bool timestamp = token_is(t, "TIMESTAMP");
    if (!timestamp && !(token_is(t, "TIME") && zone == LT_ZONE_WITHOUT))
        lt_parse_fail(p, LT_SYNTAX, t.pos, "%.*s has no time zone", LT_STR_ARG(lt_token_str(t)));
    else if (zone == LT_ZONE_WITH)
        lt_parse_fail(p, LT_UNSUPPORTED, lt_build_span(p, t.pos),
                      "not supported yet: TIMESTAMP WITH TIME ZONE; use TIMESTAMP_LTZ");
    else if (args_count(args) > 1)
        lt_parse_fail(p, LT_SYNTAX, t.pos, "TIMESTAMP takes only one number");
    const char *name = !timestamp ? "TIME" : zone == LT_ZONE_LOCAL ? "TIMESTAMP_LTZ" : "TIMESTAMP";
    struct lt_ast_type *type = type_new(p, name, t.pos);
    type->args[0] = args.n[0];
    return type;
}

struct lt_ast_type *lt_build_type_of(struct lt_parse *p, struct lt_token t, struct lt_ast_type *x,
                                     struct lt_ast_type *y)
{
    const struct type_name *known = type_find(p, t);
    if (known->shape == SHAPE_PLAIN)
        lt_parse_fail(p, LT_SYNTAX, t.pos, "%s takes no element type", known->word);
    else if ((known->shape == SHAPE_MAP) != (y != NULL))
        lt_parse_fail(p, LT_SYNTAX, t.pos, "%s takes %s", known->word,
                      y ? "one type" : "two types: MAP<key, value>");
    struct lt_ast_type *type = type_new(p, known->canonical, t.pos);
    if (t.pos.offset > x->pos.offset) /* INT ARRAY */
        type->pos = lt_build_span(p, x->pos);
    type->key = y != NULL ? x : NULL;
    type->element = y != NULL ? y : x;
    return type;
}

struct lt_ast_type *lt_build_type_row(struct lt_parse *p, struct lt_token t, struct lt_list fields)
{
    struct lt_ast_type *type = type_new(p, "ROW", t.pos);
    type->fields = fields.first;
    return type;
}

struct lt_list lt_build_field(struct lt_parse *p, struct lt_list list, struct lt_ast_name *name,
                              struct lt_ast_type *type, struct lt_str comment)
{
    struct lt_ast_field *field = LT_BUILD_NEW(p, struct lt_ast_field);
    field->name = name;
    field->type = type;
    field->comment = comment;
    return LT_LIST_ADD(list, field, 0);
}

/* ---- units of intervals ----------------------------------------------- */

/* In falling order; each family (months, seconds) in one piece. */
static const char *const unit_names[] = {
    "YEAR", "QUARTER", "MONTH",  "WEEK",        "DAY",
    "HOUR", "MINUTE",  "SECOND", "MILLISECOND", "MICROSECOND",
};
enum { UNIT_QUARTER = 1, UNIT_MONTH = 2, UNIT_WEEK = 3, UNIT_SECOND = 7, UNIT_NONE = -1 };

static int unit_find(struct lt_str word)
{
    if (word.len > 3 && (word.data[word.len - 1] | 32) == 's') /* DAYS */
        word.len--;
    for (size_t i = 0; i < LT_ARRAY_LEN(unit_names); i++)
        if (lt_str_equal_nocase(word, lt_str_of(unit_names[i])))
            return (int)i;
    return UNIT_NONE;
}

bool lt_build_is_unit(struct lt_str word)
{
    static const char *const more[] = {"EPOCH",  "DECADE", "CENTURY", "MILLENNIUM", "DOW",
                                       "ISODOW", "DOY",    "ISOYEAR", "NANOSECOND"};
    for (size_t i = 0; i < LT_ARRAY_LEN(more); i++)
        if (lt_str_equal_nocase(word, lt_str_of(more[i])))
            return true;
    return unit_find(word) != UNIT_NONE ||
           (word.len > 8 && lt_str_equal_nocase((struct lt_str){word.data, 8}, LT_STR("SQL_TSI_")));
}

struct lt_unit_span *lt_build_unit(struct lt_parse *p, struct lt_token t, struct lt_type_args args)
{
    struct lt_unit_span *span = LT_BUILD_NEW(p, struct lt_unit_span);
    int unit = unit_find(lt_token_str(t));
    if (unit == UNIT_NONE) {
        lt_parse_fail(p, LT_SYNTAX, t.pos,
                      "%.*s is no unit of time; use YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE "
                      "or SECOND",
                      LT_STR_ARG(lt_token_str(t)));
        unit = UNIT_SECOND;
    }
    span->from = lt_str_of(unit_names[unit]);
    span->from_args = args;
    span->to_args = LT_TYPE_NO_ARGS;
    span->pos = lt_build_span(p, t.pos);
    return span;
}

struct lt_unit_span *lt_build_unit_span(struct lt_parse *p, struct lt_unit_span *from,
                                        struct lt_unit_span *to)
{
    if (to == NULL || p->status != LT_OK)
        return from;
    int first = unit_find(from->from);
    int last = unit_find(to->from);
    if (first >= last || (first <= UNIT_MONTH) != (last <= UNIT_MONTH) || first == UNIT_QUARTER ||
        last == UNIT_QUARTER || first == UNIT_WEEK || last > UNIT_SECOND)
        lt_parse_fail(p, LT_SYNTAX, from->pos,
                      "there are no intervals of %s TO %s; use YEAR TO MONTH, or two of DAY, HOUR, "
                      "MINUTE, SECOND in this order",
                      from->from.data, to->from.data);
    from->to = to->from;
    from->to_args = to->from_args;
    from->pos = lt_build_span(p, from->pos);
    return from;
}

struct lt_ast_type *lt_build_type_interval(struct lt_parse *p, struct lt_token t,
                                           struct lt_unit_span *span)
{
    struct lt_ast_type *type = type_new(p, "INTERVAL", t.pos);
    type->unit_from = span->from;
    type->unit_to = span->to;
    type->args[0] = span->from_args.n[0];
    type->args[1] = span->to_args.n[0] >= 0 ? span->to_args.n[0] : span->from_args.n[1];
    return type;
}
