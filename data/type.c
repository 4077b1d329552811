/* type.c -- the static types, the makers of the others, and how types print. */
#include "data/type.h"

#define STATIC_TYPE(symbol, kind_, ...) \
    const struct lt_type lt_type_##symbol = {.kind = (kind_), .nullable = true, __VA_ARGS__}

STATIC_TYPE(null, LT_TYPE_NULL);
STATIC_TYPE(boolean, LT_TYPE_BOOLEAN);
STATIC_TYPE(tinyint, LT_TYPE_TINYINT);
STATIC_TYPE(smallint, LT_TYPE_SMALLINT);
STATIC_TYPE(int, LT_TYPE_INT);
STATIC_TYPE(bigint, LT_TYPE_BIGINT);
STATIC_TYPE(float, LT_TYPE_FLOAT);
STATIC_TYPE(double, LT_TYPE_DOUBLE);
STATIC_TYPE(string, LT_TYPE_VARCHAR, .length = LT_LENGTH_MAX);
STATIC_TYPE(bytes, LT_TYPE_VARBINARY, .length = LT_LENGTH_MAX);
STATIC_TYPE(date, LT_TYPE_DATE);
STATIC_TYPE(time, LT_TYPE_TIME);
STATIC_TYPE(timestamp3, LT_TYPE_TIMESTAMP, .precision = 3);
STATIC_TYPE(timestamp6, LT_TYPE_TIMESTAMP, .precision = 6);
STATIC_TYPE(ltz3, LT_TYPE_TIMESTAMP_LTZ, .precision = 3);
STATIC_TYPE(ltz6, LT_TYPE_TIMESTAMP_LTZ, .precision = 6);
STATIC_TYPE(interval_day, LT_TYPE_INTERVAL_DAY);
STATIC_TYPE(interval_month, LT_TYPE_INTERVAL_MONTH);

const struct lt_type lt_type_boolean_not_null = {.kind = LT_TYPE_BOOLEAN};
const struct lt_type lt_type_bigint_not_null = {.kind = LT_TYPE_BIGINT};
const struct lt_type lt_type_int_not_null = {.kind = LT_TYPE_INT};
const struct lt_type lt_type_string_not_null = {.kind = LT_TYPE_VARCHAR, .length = LT_LENGTH_MAX};

/* ---- makers ---------------------------------------------------------- */

static struct lt_type *type_new(struct lt_arena *arena, enum lt_type_kind kind)
{
    struct lt_type *type = LT_ARENA_NEW(arena, struct lt_type);
    if (type) {
        type->kind = kind;
        type->nullable = true;
    }
    return type;
}

const struct lt_type *lt_type_decimal(struct lt_arena *arena, unsigned precision, unsigned scale)
{
    LT_ASSERT(precision >= 1 && precision <= LT_DECIMAL_PRECISION_MAX && scale <= precision);
    struct lt_type *type = type_new(arena, LT_TYPE_DECIMAL);
    if (type) {
        type->precision = (uint8_t)precision;
        type->scale = (uint8_t)scale;
    }
    return type;
}

const struct lt_type *lt_type_text(struct lt_arena *arena, enum lt_type_kind kind, uint32_t length)
{
    LT_ASSERT(kind >= LT_TYPE_CHAR && kind <= LT_TYPE_VARBINARY);
    struct lt_type *type = type_new(arena, kind);
    if (type)
        type->length = length;
    return type;
}

const struct lt_type *lt_type_temporal(struct lt_arena *arena, enum lt_type_kind kind,
                                       unsigned precision)
{
    LT_ASSERT(kind >= LT_TYPE_DATE && kind <= LT_TYPE_INTERVAL_MONTH);
    struct lt_type *type = type_new(arena, kind);
    if (type)
        type->precision = (uint8_t)precision;
    return type;
}

static const struct lt_type *type_of_children(struct lt_arena *arena, enum lt_type_kind kind,
                                              uint32_t n, const struct lt_type *const *children)
{
    struct lt_type *type = type_new(arena, kind);
    if (!type)
        return NULL;
    type->children = lt_arena_copy(arena, children, n * sizeof(*children));
    type->n_children = n;
    return type->children ? type : NULL;
}

const struct lt_type *lt_type_array(struct lt_arena *arena, const struct lt_type *element)
{
    return type_of_children(arena, LT_TYPE_ARRAY, 1, &element);
}

const struct lt_type *lt_type_multiset(struct lt_arena *arena, const struct lt_type *element)
{
    return type_of_children(arena, LT_TYPE_MULTISET, 1, &element);
}

const struct lt_type *lt_type_map(struct lt_arena *arena, const struct lt_type *key,
                                  const struct lt_type *value)
{
    const struct lt_type *children[] = {key, value};
    return type_of_children(arena, LT_TYPE_MAP, 2, children);
}

static const struct lt_str *names_copy(struct lt_arena *arena, uint32_t n,
                                       const struct lt_str *names)
{
    struct lt_str *copy = LT_ARENA_ARRAY(arena, struct lt_str, n);
    for (uint32_t i = 0; copy && i < n; i++)
        if (lt_arena_str(arena, names[i], &copy[i]) != LT_OK)
            return NULL;
    return copy;
}

const struct lt_type *lt_type_row(struct lt_arena *arena, uint32_t n,
                                  const struct lt_type *const *children, const struct lt_str *names)
{
    struct lt_type *type = type_new(arena, LT_TYPE_ROW);
    if (!type)
        return NULL;
    type->n_children = n;
    type->children = lt_arena_copy(arena, children, n * sizeof(*children));
    type->names = names_copy(arena, n, names);
    return type->children && type->names ? type : NULL;
}

const struct lt_type *lt_type_with_null(struct lt_arena *arena, const struct lt_type *type,
                                        bool nullable)
{
    if (type->nullable == nullable)
        return type;
    struct lt_type *copy = lt_arena_copy(arena, type, sizeof(*type));
    if (copy)
        copy->nullable = nullable;
    return copy;
}

const struct lt_type *lt_type_copy(struct lt_arena *arena, const struct lt_type *type)
{
    struct lt_type *copy = lt_arena_copy(arena, type, sizeof(*type));
    if (!copy || type->n_children == 0)
        return copy;
    const struct lt_type **children =
        LT_ARENA_ARRAY(arena, const struct lt_type *, type->n_children);
    if (!children)
        return NULL;
    for (uint32_t i = 0; i < type->n_children; i++) {
        children[i] = lt_type_copy(arena, type->children[i]);
        if (!children[i])
            return NULL;
    }
    copy->children = children;
    if (type->names) {
        copy->names = names_copy(arena, type->n_children, type->names);
        if (!copy->names)
            return NULL;
    }
    return copy;
}

/* ---- layout and comparison ------------------------------------------- */

static const uint8_t phys_of_kind[LT_TYPE_COUNT] = {
    [LT_TYPE_NULL] = LT_PHYS_I8,
    [LT_TYPE_BOOLEAN] = LT_PHYS_I8,
    [LT_TYPE_TINYINT] = LT_PHYS_I8,
    [LT_TYPE_SMALLINT] = LT_PHYS_I16,
    [LT_TYPE_INT] = LT_PHYS_I32,
    [LT_TYPE_BIGINT] = LT_PHYS_I64,
    [LT_TYPE_FLOAT] = LT_PHYS_F32,
    [LT_TYPE_DOUBLE] = LT_PHYS_F64,
    [LT_TYPE_DECIMAL] = LT_PHYS_I128,
    [LT_TYPE_CHAR] = LT_PHYS_STR,
    [LT_TYPE_VARCHAR] = LT_PHYS_STR,
    [LT_TYPE_BINARY] = LT_PHYS_STR,
    [LT_TYPE_VARBINARY] = LT_PHYS_STR,
    [LT_TYPE_DATE] = LT_PHYS_I32,
    [LT_TYPE_TIME] = LT_PHYS_I64,
    [LT_TYPE_TIMESTAMP] = LT_PHYS_I64,
    [LT_TYPE_TIMESTAMP_LTZ] = LT_PHYS_I64,
    [LT_TYPE_INTERVAL_DAY] = LT_PHYS_I64,
    [LT_TYPE_INTERVAL_MONTH] = LT_PHYS_I32,
    [LT_TYPE_ARRAY] = LT_PHYS_LIST,
    [LT_TYPE_MULTISET] = LT_PHYS_LIST,
    [LT_TYPE_MAP] = LT_PHYS_LIST,
    [LT_TYPE_ROW] = LT_PHYS_STRUCT,
};

enum lt_phys lt_type_phys(const struct lt_type *type)
{
    return (enum lt_phys)phys_of_kind[type->kind];
}

size_t lt_phys_size(enum lt_phys phys)
{
    static const uint8_t sizes[LT_PHYS_COUNT] = {
        [LT_PHYS_I8] = 1,   [LT_PHYS_I16] = 2,    [LT_PHYS_I32] = 4,   [LT_PHYS_I64] = 8,
        [LT_PHYS_F32] = 4,  [LT_PHYS_F64] = 8,    [LT_PHYS_I128] = 16, [LT_PHYS_STR] = 16,
        [LT_PHYS_LIST] = 4, [LT_PHYS_STRUCT] = 0,
    };
    return sizes[phys];
}

bool lt_type_same(const struct lt_type *a, const struct lt_type *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->precision != b->precision || a->scale != b->scale ||
        a->length != b->length || a->n_children != b->n_children)
        return false;
    for (uint32_t i = 0; i < a->n_children; i++)
        if (!lt_type_same(a->children[i], b->children[i]))
            return false;
    return true;
}

bool lt_type_equal(const struct lt_type *a, const struct lt_type *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->nullable != b->nullable || a->precision != b->precision ||
        a->scale != b->scale || a->length != b->length || a->n_children != b->n_children)
        return false;
    for (uint32_t i = 0; i < a->n_children; i++) {
        if (!lt_type_equal(a->children[i], b->children[i]))
            return false;
        if (a->kind == LT_TYPE_ROW && !lt_str_equal(a->names[i], b->names[i]))
            return false;
    }
    return true;
}

/* ---- printing -------------------------------------------------------- */

static const char *const kind_names[LT_TYPE_COUNT] = {
    [LT_TYPE_NULL] = "NULL",
    [LT_TYPE_BOOLEAN] = "BOOLEAN",
    [LT_TYPE_TINYINT] = "TINYINT",
    [LT_TYPE_SMALLINT] = "SMALLINT",
    [LT_TYPE_INT] = "INT",
    [LT_TYPE_BIGINT] = "BIGINT",
    [LT_TYPE_FLOAT] = "FLOAT",
    [LT_TYPE_DOUBLE] = "DOUBLE",
    [LT_TYPE_DECIMAL] = "DECIMAL",
    [LT_TYPE_CHAR] = "CHAR",
    [LT_TYPE_VARCHAR] = "VARCHAR",
    [LT_TYPE_BINARY] = "BINARY",
    [LT_TYPE_VARBINARY] = "VARBINARY",
    [LT_TYPE_DATE] = "DATE",
    [LT_TYPE_TIME] = "TIME",
    [LT_TYPE_TIMESTAMP] = "TIMESTAMP",
    [LT_TYPE_TIMESTAMP_LTZ] = "TIMESTAMP_LTZ",
    [LT_TYPE_INTERVAL_DAY] = "INTERVAL DAY TO SECOND",
    [LT_TYPE_INTERVAL_MONTH] = "INTERVAL YEAR TO MONTH",
    [LT_TYPE_ARRAY] = "ARRAY",
    [LT_TYPE_MULTISET] = "MULTISET",
    [LT_TYPE_MAP] = "MAP",
    [LT_TYPE_ROW] = "ROW",
};

static void name_print(struct lt_buf *out, struct lt_str name)
{
    lt_buf_addc(out, '`');
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] == '`')
            lt_buf_addc(out, '`');
        lt_buf_addc(out, name.data[i]);
    }
    lt_buf_adds(out, "` ");
}

static void children_print(struct lt_buf *out, const struct lt_type *type)
{
    lt_buf_addc(out, '<');
    for (uint32_t i = 0; i < type->n_children; i++) {
        if (i)
            lt_buf_adds(out, ", ");
        if (type->kind == LT_TYPE_ROW)
            name_print(out, type->names[i]);
        lt_type_print(out, type->children[i]);
    }
    lt_buf_addc(out, '>');
}

void lt_type_print(struct lt_buf *out, const struct lt_type *type)
{
    bool unbounded = type->length == LT_LENGTH_MAX;
    if (type->kind == LT_TYPE_VARCHAR && unbounded)
        lt_buf_adds(out, "STRING");
    else if (type->kind == LT_TYPE_VARBINARY && unbounded)
        lt_buf_adds(out, "BYTES");
    else
        lt_buf_adds(out, kind_names[type->kind]);
    if (type->kind == LT_TYPE_DECIMAL)
        lt_buf_addf(out, "(%u, %u)", type->precision, type->scale);
    else if ((lt_type_is_char(type) || lt_type_is_binary(type)) && !unbounded)
        lt_buf_addf(out, "(%u)", type->length);
    else if (type->kind >= LT_TYPE_TIME && type->kind <= LT_TYPE_TIMESTAMP_LTZ)
        lt_buf_addf(out, "(%u)", type->precision);
    else if (lt_type_phys(type) >= LT_PHYS_LIST)
        children_print(out, type);
    if (!type->nullable)
        lt_buf_adds(out, " NOT NULL");
}

/* ---- schemas --------------------------------------------------------- */

lt_status lt_schema_copy(struct lt_arena *arena, const struct lt_schema *from, struct lt_schema *to)
{
    struct lt_schema copy = {.len = from->len};
    copy.fields = LT_ARENA_ARRAY(arena, struct lt_field, from->len);
    if (!copy.fields)
        return LT_NOMEM;
    for (uint32_t i = 0; i < from->len; i++) {
        LT_TRY(lt_arena_str(arena, from->fields[i].name, &copy.fields[i].name));
        copy.fields[i].type = lt_type_copy(arena, from->fields[i].type);
        if (!copy.fields[i].type)
            return LT_NOMEM;
    }
    *to = copy;
    return LT_OK;
}

int lt_schema_find(const struct lt_schema *schema, struct lt_str name)
{
    for (uint32_t i = 0; i < schema->len; i++)
        if (lt_str_equal(schema->fields[i].name, name))
            return (int)i;
    return -1;
}
