/* type_text.c -- reads back the text that lt_type_print writes.
 *
 * Types are stored as text, so that a person can read the database with any
 * SQLite tool. Only the canonical form is read here, not all of SQL: the parser
 * stands above the catalog. */
#include <stdlib.h>

#include "catalog/store.h"

struct type_reader {
    const char *at, *end;
    struct lt_arena *arena;
    unsigned depth;
};

static lt_status type_read(struct type_reader *r, const struct lt_type **out);

static bool eat(struct type_reader *r, const char *text)
{
    size_t len = strlen(text);
    if ((size_t)(r->end - r->at) < len || memcmp(r->at, text, len) != 0)
        return false;
    r->at += len;
    return true;
}

/* A word: letters and underscores only, so that INT does not eat INTERVAL. */
static struct lt_str word(struct type_reader *r)
{
    const char *start = r->at;
    while (r->at < r->end && ((*r->at >= 'A' && *r->at <= 'Z') || *r->at == '_'))
        r->at++;
    return (struct lt_str){start, (size_t)(r->at - start)};
}

static bool number(struct type_reader *r, uint32_t *out)
{
    uint64_t value = 0;
    const char *start = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && value <= LT_LENGTH_MAX)
        value = value * 10 + (uint64_t)(*r->at++ - '0');
    *out = (uint32_t)value;
    return r->at > start && value <= LT_LENGTH_MAX;
}

/* "(n)" or "(n, m)"; absent leaves the values alone. False on nonsense. */
static bool arguments(struct type_reader *r, uint32_t *a, uint32_t *b)
{
    if (!eat(r, "("))
        return true;
    if (!number(r, a))
        return false;
    if (eat(r, ", ") && !number(r, b))
        return false;
    return eat(r, ")");
}

static const struct {
    const char *name;
    const struct lt_type *type;
} plain_types[] = {
    {"NULL", &lt_type_null},         {"BOOLEAN", &lt_type_boolean}, {"TINYINT", &lt_type_tinyint},
    {"SMALLINT", &lt_type_smallint}, {"INT", &lt_type_int},         {"BIGINT", &lt_type_bigint},
    {"FLOAT", &lt_type_float},       {"DOUBLE", &lt_type_double},   {"STRING", &lt_type_string},
    {"BYTES", &lt_type_bytes},       {"DATE", &lt_type_date},
};

static const struct {
    const char *name;
    enum lt_type_kind kind;
} text_types[] = {
    {"CHAR", LT_TYPE_CHAR},
    {"VARCHAR", LT_TYPE_VARCHAR},
    {"BINARY", LT_TYPE_BINARY},
    {"VARBINARY", LT_TYPE_VARBINARY},
};

static const struct {
    const char *name;
    enum lt_type_kind kind;
    uint32_t precision;
} time_types[] = {
    {"TIME", LT_TYPE_TIME, 0},
    {"TIMESTAMP", LT_TYPE_TIMESTAMP, 6},
    {"TIMESTAMP_LTZ", LT_TYPE_TIMESTAMP_LTZ, 6},
};

static lt_status made(const struct lt_type *type, const struct lt_type **out)
{
    if (!type)
        return LT_NOMEM;
    *out = type;
    return LT_OK;
}

/* INTERVAL DAY TO SECOND(3), INTERVAL YEAR TO MONTH and all shorter spellings. */
static lt_status interval_read(struct type_reader *r, const struct lt_type **out)
{
    bool months = false, any = false;
    while (eat(r, " ")) {
        const char *before = r->at;
        struct lt_str unit = word(r);
        if (lt_str_equal(unit, LT_STR("NOT")) || lt_str_equal(unit, LT_STR("NULL"))) {
            r->at = before - 1;
            break;
        }
        uint32_t a, b;
        if (unit.len == 0 || !arguments(r, &a, &b))
            return LT_CORRUPT;
        months |= lt_str_equal(unit, LT_STR("YEAR")) || lt_str_equal(unit, LT_STR("MONTH"));
        any = true;
    }
    if (!any)
        return LT_CORRUPT;
    return made(months ? &lt_type_interval_month : &lt_type_interval_day, out);
}

static lt_status nested_read(struct type_reader *r, struct lt_str name, const struct lt_type **out)
{
    const struct lt_type *first, *second;
    if (!eat(r, "<"))
        return LT_CORRUPT;
    LT_TRY(type_read(r, &first));
    if (lt_str_equal(name, LT_STR("MAP"))) {
        if (!eat(r, ", "))
            return LT_CORRUPT;
        LT_TRY(type_read(r, &second));
        return eat(r, ">") ? made(lt_type_map(r->arena, first, second), out) : LT_CORRUPT;
    }
    if (!eat(r, ">"))
        return LT_CORRUPT;
    if (lt_str_equal(name, LT_STR("ARRAY")))
        return made(lt_type_array(r->arena, first), out);
    return made(lt_type_multiset(r->arena, first), out);
}

/* A field's name is back-quoted, with the quote doubled inside. */
static lt_status field_name(struct type_reader *r, struct lt_str *out)
{
    if (!eat(r, "`"))
        return LT_CORRUPT;
    char *text = lt_arena_get(r->arena, (size_t)(r->end - r->at) + 1);
    if (!text)
        return LT_NOMEM;
    size_t len = 0;
    while (r->at < r->end) {
        if (*r->at == '`' && !(r->at + 1 < r->end && r->at[1] == '`'))
            break;
        if (*r->at == '`')
            r->at++;
        text[len++] = *r->at++;
    }
    text[len] = '\0';
    *out = (struct lt_str){text, len};
    return eat(r, "`") ? LT_OK : LT_CORRUPT;
}

static lt_status row_read(struct type_reader *r, const struct lt_type **out)
{
    const struct lt_type **children = NULL;
    struct lt_str *names = NULL;
    uint32_t n = 0, n_names = 0, cap = 0, names_cap = 0;
    if (!eat(r, "<"))
        return LT_CORRUPT;
    while (!eat(r, ">")) {
        struct lt_str name;
        const struct lt_type *type;
        if (n > 0 && !eat(r, ", "))
            return LT_CORRUPT;
        LT_TRY(field_name(r, &name));
        if (!eat(r, " "))
            return LT_CORRUPT;
        LT_TRY(type_read(r, &type));
        LT_TRY(LT_ARENA_PUSH(r->arena, children, n, cap, type));
        LT_TRY(LT_ARENA_PUSH(r->arena, names, n_names, names_cap, name));
    }
    return made(lt_type_row(r->arena, n, children, names), out);
}

static lt_status with_arguments(struct type_reader *r, struct lt_str name,
                                const struct lt_type **out)
{
    uint32_t a = 0, b = 0;
    for (size_t i = 0; i < LT_ARRAY_LEN(text_types); i++)
        if (lt_str_equal(name, lt_str_of(text_types[i].name))) {
            a = text_types[i].kind == LT_TYPE_VARCHAR || text_types[i].kind == LT_TYPE_VARBINARY
                    ? LT_LENGTH_MAX
                    : 1;
            return arguments(r, &a, &b) ? made(lt_type_text(r->arena, text_types[i].kind, a), out)
                                        : LT_CORRUPT;
        }
    for (size_t i = 0; i < LT_ARRAY_LEN(time_types); i++)
        if (lt_str_equal(name, lt_str_of(time_types[i].name))) {
            a = time_types[i].precision;
            return arguments(r, &a, &b) && a <= 9
                       ? made(lt_type_temporal(r->arena, time_types[i].kind, a), out)
                       : LT_CORRUPT;
        }
    if (!lt_str_equal(name, LT_STR("DECIMAL")))
        return LT_CORRUPT;
    a = 10;
    if (!arguments(r, &a, &b) || a < 1 || a > LT_DECIMAL_PRECISION_MAX || b > a)
        return LT_CORRUPT;
    return made(lt_type_decimal(r->arena, a, b), out);
}

static lt_status name_read(struct type_reader *r, const struct lt_type **out)
{
    struct lt_str name = word(r);
    for (size_t i = 0; i < LT_ARRAY_LEN(plain_types); i++)
        if (lt_str_equal(name, lt_str_of(plain_types[i].name)))
            return made(plain_types[i].type, out);
    if (lt_str_equal(name, LT_STR("INTERVAL")))
        return interval_read(r, out);
    if (lt_str_equal(name, LT_STR("ROW")))
        return row_read(r, out);
    if (lt_str_equal(name, LT_STR("ARRAY")) || lt_str_equal(name, LT_STR("MAP")) ||
        lt_str_equal(name, LT_STR("MULTISET")))
        return nested_read(r, name, out);
    return with_arguments(r, name, out);
}

static lt_status type_read(struct type_reader *r, const struct lt_type **out)
{
    const struct lt_type *type;
    if (r->depth++ >= LT_TYPE_DEPTH_MAX)
        return LT_CORRUPT;
    LT_TRY(name_read(r, &type));
    r->depth--;
    return made(lt_type_with_null(r->arena, type, !eat(r, " NOT NULL")), out);
}

lt_status lt_type_read(struct lt_str text, struct lt_arena *arena, const struct lt_type **out)
{
    struct type_reader r = {text.data, text.data + text.len, arena, 0};
    const struct lt_type *type;
    LT_TRY(type_read(&r, &type));
    if (r.at != r.end)
        return LT_CORRUPT;
    *out = type;
    return LT_OK;
}
