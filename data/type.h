/* type.h -- SQL types: what a value means, and how it lies in memory.
 *
 * A type is immutable and shared by pointer; compound types point to their
 * children. Types without parameters are static constants; others live in the
 * arena they were made in and are deep-copied to outlive it (lt_type_copy).
 * Nullability is part of the type, as in Flink, and is ignored by lt_type_same. */
#ifndef LT_DATA_TYPE_H
#define LT_DATA_TYPE_H

#include "base/arena.h"

enum lt_type_kind {
    LT_TYPE_NULL, /* the type of a bare NULL: casts to anything */
    LT_TYPE_BOOLEAN,
    LT_TYPE_TINYINT,
    LT_TYPE_SMALLINT,
    LT_TYPE_INT,
    LT_TYPE_BIGINT,
    LT_TYPE_FLOAT,
    LT_TYPE_DOUBLE,
    LT_TYPE_DECIMAL,   /* precision 1..38, scale 0..precision */
    LT_TYPE_CHAR,      /* length */
    LT_TYPE_VARCHAR,   /* length; STRING is LT_LENGTH_MAX */
    LT_TYPE_BINARY,    /* length */
    LT_TYPE_VARBINARY, /* length; BYTES is LT_LENGTH_MAX */
    LT_TYPE_DATE,
    LT_TYPE_TIME,           /* precision 0..6 shown, microseconds held */
    LT_TYPE_TIMESTAMP,      /* a wall clock; precision 0..6 shown, microseconds held */
    LT_TYPE_TIMESTAMP_LTZ,  /* an instant */
    LT_TYPE_INTERVAL_DAY,   /* day to second, microseconds */
    LT_TYPE_INTERVAL_MONTH, /* year to month, months */
    LT_TYPE_ARRAY,          /* child 0: element */
    LT_TYPE_MULTISET,       /* child 0: element; held as an array with repetitions */
    LT_TYPE_MAP,            /* child 0: key, child 1: value */
    LT_TYPE_ROW,            /* children with names */
    LT_TYPE_COUNT
};

/* How one value lies in a flat column. */
enum lt_phys {
    LT_PHYS_I8,   /* BOOLEAN (0/1), TINYINT, NULL */
    LT_PHYS_I16,  /* SMALLINT */
    LT_PHYS_I32,  /* INT, DATE (days since 1970-01-01), INTERVAL_MONTH (months) */
    LT_PHYS_I64,  /* BIGINT, TIME (us of day), TIMESTAMP, LTZ (us since 1970), INTERVAL_DAY (us) */
    LT_PHYS_F32,  /* FLOAT */
    LT_PHYS_F64,  /* DOUBLE */
    LT_PHYS_I128, /* DECIMAL: unscaled __int128 */
    LT_PHYS_STR,  /* CHAR, VARCHAR, BINARY, VARBINARY: struct lt_sv */
    LT_PHYS_LIST, /* ARRAY, MULTISET, MAP: uint32 offsets[len + 1] + children */
    LT_PHYS_STRUCT, /* ROW: children only */
    LT_PHYS_COUNT
};

#define LT_LENGTH_MAX 2147483647u
enum { LT_DECIMAL_PRECISION_MAX = 38, LT_TYPE_DEPTH_MAX = 64 };

struct lt_type {
    enum lt_type_kind kind;
    bool nullable;
    uint8_t precision; /* DECIMAL, TIME, TIMESTAMP*, */
    uint8_t scale;     /* DECIMAL */
    uint32_t length;   /* CHAR, VARCHAR, BINARY, VARBINARY */
    uint32_t n_children;
    const struct lt_type *const *children;
    const struct lt_str *names; /* ROW: NUL-terminated field names */
};

/* Nullable singletons; TIMESTAMP(3), TIMESTAMP_LTZ(3), TIME(0), DECIMAL(38,18)
 * and so on come from the makers below. */
extern const struct lt_type lt_type_null, lt_type_boolean, lt_type_tinyint, lt_type_smallint,
    lt_type_int, lt_type_bigint, lt_type_float, lt_type_double, lt_type_string, lt_type_bytes,
    lt_type_date, lt_type_time, lt_type_timestamp3, lt_type_timestamp6, lt_type_ltz3, lt_type_ltz6,
    lt_type_interval_day, lt_type_interval_month;
/* The NOT NULL forms of those most used. */
extern const struct lt_type lt_type_boolean_not_null, lt_type_bigint_not_null, lt_type_int_not_null,
    lt_type_string_not_null;

/* Makers return NULL when memory is out. `like` copies everything else. */
const struct lt_type *lt_type_decimal(struct lt_arena *arena, unsigned precision, unsigned scale);
const struct lt_type *lt_type_text(struct lt_arena *arena, enum lt_type_kind kind, uint32_t length);
const struct lt_type *lt_type_temporal(struct lt_arena *arena, enum lt_type_kind kind,
                                       unsigned precision);
const struct lt_type *lt_type_array(struct lt_arena *arena, const struct lt_type *element);
const struct lt_type *lt_type_multiset(struct lt_arena *arena, const struct lt_type *element);
const struct lt_type *lt_type_map(struct lt_arena *arena, const struct lt_type *key,
                                  const struct lt_type *value);
/* Arrays are copied; names are copied. */
const struct lt_type *lt_type_row(struct lt_arena *arena, uint32_t n,
                                  const struct lt_type *const *children,
                                  const struct lt_str *names);
/* The same type with that nullability (may return `type` itself). */
const struct lt_type *lt_type_with_null(struct lt_arena *arena, const struct lt_type *type,
                                        bool nullable);
const struct lt_type *lt_type_copy(struct lt_arena *arena, const struct lt_type *type);

enum lt_phys lt_type_phys(const struct lt_type *type);
size_t lt_phys_size(enum lt_phys phys); /* bytes of a flat value; 0 for STRUCT, 4 for LIST */
/* Equal but for nullability (also of children) and ROW field names. */
bool lt_type_same(const struct lt_type *a, const struct lt_type *b);
bool lt_type_equal(const struct lt_type *a, const struct lt_type *b); /* in everything */
/* "DECIMAL(10, 2)", "ROW<`a` INT, `b` STRING NOT NULL>" -- as Flink prints it. */
void lt_type_print(struct lt_buf *out, const struct lt_type *type);

static inline bool lt_type_is_integer(const struct lt_type *t)
{
    return t->kind >= LT_TYPE_TINYINT && t->kind <= LT_TYPE_BIGINT;
}
static inline bool lt_type_is_numeric(const struct lt_type *t)
{
    return t->kind >= LT_TYPE_TINYINT && t->kind <= LT_TYPE_DECIMAL;
}
static inline bool lt_type_is_char(const struct lt_type *t)
{
    return t->kind == LT_TYPE_CHAR || t->kind == LT_TYPE_VARCHAR;
}
static inline bool lt_type_is_binary(const struct lt_type *t)
{
    return t->kind == LT_TYPE_BINARY || t->kind == LT_TYPE_VARBINARY;
}
static inline bool lt_type_is_time_attribute_kind(const struct lt_type *t)
{
    return t->kind == LT_TYPE_TIMESTAMP || t->kind == LT_TYPE_TIMESTAMP_LTZ;
}

/* A list of named columns: of a table, of a plan node, of a batch. */
struct lt_schema {
    uint32_t len;
    struct lt_field {
        struct lt_str name; /* NUL-terminated */
        const struct lt_type *type;
    } * fields;
};
lt_status lt_schema_copy(struct lt_arena *arena, const struct lt_schema *from,
                         struct lt_schema *to) LT_MUST_CHECK;
/* The field of that exact name, or -1. */
int lt_schema_find(const struct lt_schema *schema, struct lt_str name);

#endif
