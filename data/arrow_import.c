/* arrow_import.c -- an Arrow struct array as columns.
 *
 * The array is moved into one counted buffer, which every column that points into
 * it holds; the last reference calls the producer's release. Sizes are not part of
 * the interface, so buffers are taken as long as length and offset say; all
 * lengths, offsets, indexes and counts that the array does give are checked.
 *
 * Bitmaps are always copied: ours are read in words, theirs end at a byte. */
#include <stdlib.h>

#include "base/bits.h"
#include "base/tz.h"
#include "data/arrow.h"
#include "data/pool.h"

enum { ARROW_LEN_MAX = 1 << 30, ARROW_DEPTH_MAX = LT_TYPE_DEPTH_MAX };

/* ---- types -------------------------------------------------------------- */

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static const struct lt_type *scalar_of_format(const char *format)
{
    static const struct {
        const char *format;
        const struct lt_type *type;
    } formats[] = {
        {"n", &lt_type_null},
        {"b", &lt_type_boolean},
        {"c", &lt_type_tinyint},
        {"s", &lt_type_smallint},
        {"i", &lt_type_int},
        {"l", &lt_type_bigint},
        {"f", &lt_type_float},
        {"g", &lt_type_double},
        {"u", &lt_type_string},
        {"U", &lt_type_string},
        {"z", &lt_type_bytes},
        {"Z", &lt_type_bytes},
        {"tdD", &lt_type_date},
        {"tiM", &lt_type_interval_month},
        {"tDs", &lt_type_interval_day},
        {"tDm", &lt_type_interval_day},
        {"tDu", &lt_type_interval_day},
        {"tDn", &lt_type_interval_day},
    };
    for (size_t i = 0; i < LT_ARRAY_LEN(formats); i++)
        if (strcmp(format, formats[i].format) == 0)
            return formats[i].type;
    return NULL;
}

static unsigned unit_precision(char unit)
{
    return unit == 's' ? 0 : unit == 'm' ? 3 : 6;
}

static bool is_unit(char unit)
{
    return unit == 's' || unit == 'm' || unit == 'u' || unit == 'n';
}

/* Parameterised scalars; *out stays NULL when the format is none of them. */
static lt_status parameterised_of_format(struct lt_arena *arena, const char *format,
                                         const struct lt_type **out)
{
    if (starts_with(format, "d:")) {
        char *end;
        long precision = strtol(format + 2, &end, 10);
        long scale = *end == ',' ? strtol(end + 1, &end, 10) : -1;
        if (*end == ',' && strcmp(end, ",128") == 0)
            end += 4;
        if (*end || precision < 1 || precision > LT_DECIMAL_PRECISION_MAX || scale < 0 ||
            scale > precision)
            return LT_OK;
        *out = lt_type_decimal(arena, (unsigned)precision, (unsigned)scale);
    } else if (starts_with(format, "tt") && is_unit(format[2]) && !format[3]) {
        *out = lt_type_temporal(arena, LT_TYPE_TIME, unit_precision(format[2]));
    } else if (starts_with(format, "ts") && is_unit(format[2]) && format[3] == ':') {
        *out = lt_type_temporal(arena, format[4] ? LT_TYPE_TIMESTAMP_LTZ : LT_TYPE_TIMESTAMP,
                                unit_precision(format[2]));
    } else {
        return LT_OK;
    }
    return *out ? LT_OK : LT_NOMEM;
}

static lt_status type_of_schema(struct lt_arena *arena, const struct ArrowSchema *schema,
                                unsigned depth, const struct lt_type **out,
                                struct lt_error *err) LT_MUST_CHECK;

static lt_status nested_of_schema(struct lt_arena *arena, const struct ArrowSchema *schema,
                                  unsigned depth, const struct lt_type **out, struct lt_error *err)
{
    bool map = strcmp(schema->format, "+m") == 0, row = strcmp(schema->format, "+s") == 0;
    const struct ArrowSchema *parent = schema;
    if (!row && schema->n_children != 1)
        return lt_fail(err, LT_INVALID, "Arrow field '%s' of format %s has not one child",
                       schema->name ? schema->name : "", schema->format);
    if (map) {
        parent = schema->children[0];
        if (parent->n_children != 2 || strcmp(parent->format, "+s") != 0)
            return lt_fail(err, LT_INVALID, "an Arrow map's entries are not key and value");
    }
    if (parent->n_children < 0 || parent->n_children > UINT16_MAX)
        return lt_fail(err, LT_INVALID, "an Arrow struct has too many fields");
    uint32_t n = (uint32_t)parent->n_children;
    const struct lt_type **types = LT_ARENA_ARRAY(arena, const struct lt_type *, n);
    struct lt_str *names = LT_ARENA_ARRAY(arena, struct lt_str, n);
    if (!types || !names)
        return LT_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        LT_TRY(type_of_schema(arena, parent->children[i], depth + 1, &types[i], err));
        const char *name = parent->children[i]->name;
        names[i] = lt_str_of(name ? name : "");
    }
    if (row)
        *out = lt_type_row(arena, n, types, names);
    else
        *out = map ? lt_type_map(arena, types[0], types[1]) : lt_type_array(arena, types[0]);
    return *out ? LT_OK : LT_NOMEM;
}

static lt_status type_of_schema(struct lt_arena *arena, const struct ArrowSchema *schema,
                                unsigned depth, const struct lt_type **out, struct lt_error *err)
{
    const struct lt_type *type = NULL;
    if (depth > ARROW_DEPTH_MAX)
        return lt_fail(err, LT_LIMIT, "an Arrow type is nested more than %d deep", ARROW_DEPTH_MAX);
    if (schema->dictionary) {
        if (!schema->format[0] || schema->format[1] || !strchr("csilCSIL", schema->format[0]))
            return lt_fail(err, LT_INVALID, "an Arrow dictionary's index has format %s",
                           schema->format);
        LT_TRY(type_of_schema(arena, schema->dictionary, depth + 1, &type, err));
    } else {
        type = scalar_of_format(schema->format);
        if (!type)
            LT_TRY(parameterised_of_format(arena, schema->format, &type));
        if (!type && (strcmp(schema->format, "+l") == 0 || strcmp(schema->format, "+m") == 0 ||
                      strcmp(schema->format, "+s") == 0))
            LT_TRY(nested_of_schema(arena, schema, depth, &type, err));
    }
    if (!type)
        return lt_fail(err, LT_UNSUPPORTED, "Arrow field '%s' has format %s, which is not read",
                       schema->name ? schema->name : "", schema->format);
    type = lt_type_with_null(arena, type, (schema->flags & ARROW_FLAG_NULLABLE) != 0);
    if (!type)
        return LT_NOMEM;
    *out = type;
    return LT_OK;
}

lt_status lt_arrow_import_schema(struct lt_arena *arena, const struct ArrowSchema *schema,
                                 struct lt_schema *out, struct lt_error *err)
{
    if (strcmp(schema->format, "+s") != 0 || schema->n_children < 0 ||
        schema->n_children > UINT16_MAX)
        return lt_fail(err, LT_INVALID, "an Arrow batch must be a struct, not %s", schema->format);
    struct lt_schema made = {.len = (uint32_t)schema->n_children};
    made.fields = LT_ARENA_ARRAY(arena, struct lt_field, made.len);
    if (!made.fields)
        return LT_NOMEM;
    for (uint32_t i = 0; i < made.len; i++) {
        const char *name = schema->children[i]->name;
        LT_TRY(lt_arena_str(arena, lt_str_of(name ? name : ""), &made.fields[i].name));
        LT_TRY(type_of_schema(arena, schema->children[i], 0, &made.fields[i].type, err));
    }
    *out = made;
    return LT_OK;
}

/* ---- the array, counted -------------------------------------------------- */

struct array_owner {
    struct lt_buffer base; /* first: the two are cast into each other */
    struct lt_alloc *alloc;
    struct ArrowArray array; /* moved in once everything has been read */
};

static void owner_release(struct lt_buffer *buffer)
{
    struct array_owner *owner = (struct array_owner *)buffer;
    if (owner->array.release)
        owner->array.release(&owner->array);
    lt_alloc_put(owner->alloc, owner, sizeof(*owner));
}

/* ---- columns --------------------------------------------------------------- */

struct import {
    struct lt_pool *pool;
    struct lt_buffer *owner;
    struct lt_error *err;
};

/* The rows [from, from + len) of one node, in its own buffers' terms. */
struct node {
    const struct ArrowSchema *schema;
    const struct ArrowArray *array;
    const struct lt_type *type;
    uint64_t from;
    uint32_t len;
};

static lt_status import_column(const struct import *import, const struct node *node,
                               struct lt_column **out) LT_MUST_CHECK;

static lt_status fail_array(const struct import *import, const struct node *node, const char *why)
{
    return lt_fail(import->err, LT_DATA, "Arrow array '%s' of format %s: %s",
                   node->schema->name ? node->schema->name : "", node->schema->format, why);
}

/* Row `from` of a child of which `needed` rows must be there. */
static lt_status node_child(const struct import *import, const struct node *node,
                            const struct ArrowSchema *schema, const struct ArrowArray *array,
                            const struct lt_type *type, uint64_t from, uint64_t len,
                            struct node *out)
{
    *out = (struct node){schema, array, type, 0, (uint32_t)len};
    if (!array || array->length < 0 || array->offset < 0 || array->length > ARROW_LEN_MAX ||
        array->offset > INT64_MAX / 32)
        return fail_array(import, node, "a child has a length that cannot be");
    if (from + len > (uint64_t)array->length)
        return fail_array(import, node, "a child is shorter than its parent needs");
    out->from = (uint64_t)array->offset + from;
    return LT_OK;
}

static bool arrow_bit(const void *bits, uint64_t i)
{
    return ((const uint8_t *)bits)[i / 8] >> (i % 8) & 1;
}

static lt_status import_validity(const struct node *node, struct lt_column *col)
{
    const void *bits = node->array->n_buffers > 0 ? node->array->buffers[0] : NULL;
    uint32_t nulls = 0;
    if (!bits || node->array->null_count == 0 || node->len == 0)
        return LT_OK;
    for (uint32_t i = 0; i < node->len; i++)
        nulls += !arrow_bit(bits, node->from + i);
    if (nulls == 0)
        return LT_OK;
    LT_TRY(lt_column_own_validity(col));
    for (uint32_t i = 0; i < node->len; i++)
        lt_bits_put(col->validity, i, arrow_bit(bits, node->from + i));
    return LT_OK;
}

/* The lanes as they lie there, unless NULLs or alignment ask for a copy. */
static lt_status import_fixed(const struct import *import, const struct node *node,
                              struct lt_column **out)
{
    size_t size = lt_phys_size(lt_type_phys(node->type));
    const char *from = (const char *)node->array->buffers[1] + node->from * size;
    struct lt_column *col = lt_column_shell(import->pool, node->type, LT_FLAT, node->len, 0);
    if (!col)
        return LT_NOMEM;
    lt_status status = import_validity(node, col);
    if (status == LT_OK && !col->validity && (uintptr_t)from % size == 0) {
        lt_column_object(col)->cap = node->len;
        col->values = (void *)(uintptr_t)from;
        status = lt_column_hold(col, import->owner);
    } else if (status == LT_OK) {
        lt_column_unref(col);
        col = lt_column_new_raw(import->pool, node->type, node->len);
        if (!col)
            return LT_NOMEM;
        if (node->len)
            memcpy(col->values, from, node->len * size);
        status = import_validity(node, col);
        for (uint32_t i = 0; status == LT_OK && col->validity && i < node->len; i++)
            if (!lt_bits_get(col->validity, i))
                memset((char *)col->values + i * size, 0, size);
    }
    if (status == LT_OK)
        *out = col;
    else
        lt_column_unref(col);
    return status;
}

static int64_t read_integer(const void *values, unsigned size, uint64_t i)
{
    switch (size) {
    case 1: return ((const int8_t *)values)[i];
    case 2: return ((const int16_t *)values)[i];
    case 4: return ((const int32_t *)values)[i];
    default: return ((const int64_t *)values)[i];
    }
}

/* Times of another unit than ours. */
static lt_status fill_scaled(const struct import *import, const struct node *node, char unit,
                             struct lt_column *col)
{
    bool narrow = node->type->kind == LT_TYPE_TIME && (unit == 's' || unit == 'm');
    int64_t factor = unit == 's' ? 1000000 : unit == 'm' ? 1000 : 1;
    int64_t *to = col->values;
    for (uint32_t i = 0; i < node->len; i++) {
        if (col->validity && !lt_bits_get(col->validity, i))
            continue;
        int64_t value = read_integer(node->array->buffers[1], narrow ? 4 : 8, node->from + i);
        if (unit == 'n')
            to[i] = lt_floor_div(value, 1000);
        else if (__builtin_mul_overflow(value, factor, &to[i]))
            return fail_array(import, node, "a time does not fit 64 bits of microseconds");
    }
    return LT_OK;
}

static lt_status fill_text(const struct import *import, const struct node *node,
                           struct lt_column *col)
{
    bool large = node->schema->format[0] == 'U' || node->schema->format[0] == 'Z';
    const void *offsets = node->array->buffers[1];
    const char *text = node->array->buffers[2];
    struct lt_sv *to = col->values;
    for (uint32_t i = 0; i < node->len; i++) {
        int64_t from = read_integer(offsets, large ? 8 : 4, node->from + i);
        int64_t until = read_integer(offsets, large ? 8 : 4, node->from + i + 1);
        if (from < 0 || until < from || until - from > INT32_MAX || (until > from && !text))
            return fail_array(import, node, "its offsets go back");
        if (until > from && (!col->validity || lt_bits_get(col->validity, i)))
            to[i] = lt_sv_of(text + from, (uint32_t)(until - from));
    }
    return lt_column_hold(col, import->owner);
}

/* What is not as it lies there: booleans, times of other units, text. */
static lt_status import_converted(const struct import *import, const struct node *node, char unit,
                                  struct lt_column **out)
{
    struct lt_column *col = lt_column_new(import->pool, node->type, node->len);
    if (!col)
        return LT_NOMEM;
    lt_status status = import_validity(node, col);
    if (status != LT_OK || node->len == 0) {
        /* nothing to read: an empty array may have no buffers at all */
    } else if (node->type->kind == LT_TYPE_BOOLEAN) {
        for (uint32_t i = 0; i < node->len; i++)
            ((int8_t *)col->values)[i] = arrow_bit(node->array->buffers[1], node->from + i) &&
                                         (!col->validity || lt_bits_get(col->validity, i));
    } else if (col->phys == LT_PHYS_STR) {
        status = fill_text(import, node, col);
    } else {
        status = fill_scaled(import, node, unit, col);
    }
    if (status == LT_OK)
        *out = col;
    else
        lt_column_unref(col);
    return status;
}

/* ---- nested columns --------------------------------------------------------- */

static lt_status import_struct(const struct import *import, const struct node *node,
                               struct lt_column **out)
{
    uint32_t n = node->type->n_children;
    struct lt_column *col = lt_column_shell(import->pool, node->type, LT_FLAT, node->len, n);
    if (!col)
        return LT_NOMEM;
    lt_column_object(col)->cap = node->len;
    lt_status status = import_validity(node, col);
    for (uint32_t i = 0; status == LT_OK && i < n; i++) {
        struct node child;
        status = node_child(import, node, node->schema->children[i], node->array->children[i],
                            node->type->children[i], node->from, node->len, &child);
        if (status == LT_OK)
            status = import_column(import, &child, &col->children[i]);
    }
    if (status == LT_OK)
        *out = col;
    else
        lt_column_unref(col);
    return status;
}

/* A NULL list may span elements there and must not here: the rows are then gone
 * over as a dictionary whose codes carry the NULLs. */
static lt_status list_without_hidden(struct lt_pool *pool, struct lt_column *col,
                                     struct lt_column **out)
{
    const uint32_t *offsets = col->values;
    bool hidden = false;
    for (uint32_t i = 0; col->validity && !hidden && i < col->len; i++)
        hidden = !lt_bits_get(col->validity, i) && offsets[i + 1] != offsets[i];
    if (!hidden) {
        *out = lt_column_ref(col);
        return LT_OK;
    }
    struct lt_buffer *codes = lt_pool_buffer(pool, col->len * sizeof(uint32_t));
    struct lt_column *view = NULL;
    lt_status status = LT_NOMEM;
    for (uint32_t i = 0; codes && i < col->len; i++)
        ((uint32_t *)(void *)codes->data)[i] = i;
    if (codes)
        view = lt_column_new_dictionary(pool, col, (const uint32_t *)(const void *)codes->data,
                                        col->len);
    if (view)
        status = lt_column_own_validity(view);
    if (status == LT_OK) {
        memcpy(view->validity, col->validity, lt_bits_words(col->len) * sizeof(uint64_t));
        status = lt_column_flatten(pool, view, out);
    }
    lt_column_unref(view);
    lt_buffer_unref(codes);
    return status;
}

static lt_status list_offsets(const struct import *import, const struct node *node,
                              const struct ArrowArray *elements, struct lt_column *col)
{
    const int32_t *from = node->array->buffers[1];
    uint32_t *to = col->values;
    if (node->len == 0)
        return LT_OK; /* may have no buffers at all */
    if (!elements || elements->length < 0)
        return fail_array(import, node, "its elements are missing");
    for (uint32_t i = 0; i <= node->len; i++) {
        int32_t offset = from[node->from + i];
        if (offset < 0 || offset > elements->length || (i && (uint32_t)offset < to[i - 1]))
            return fail_array(import, node, "its offsets go back or pass the end");
        to[i] = (uint32_t)offset;
    }
    return LT_OK;
}

static lt_status list_children(const struct import *import, const struct node *node,
                               struct lt_column *col)
{
    const struct ArrowSchema *schema = node->schema;
    const struct ArrowArray *array = node->array;
    uint64_t base = 0, len = ((const uint32_t *)col->values)[node->len];
    if (node->type->kind == LT_TYPE_MAP) {
        struct node entries; /* a struct of its own: its offset counts too */
        LT_TRY(node_child(import, node, schema->children[0], array->children[0], NULL, 0, len,
                          &entries));
        base = entries.from;
        schema = entries.schema;
        array = entries.array;
        if (array->n_children != 2)
            return fail_array(import, node, "its entries are not key and value");
    }
    for (uint32_t i = 0; i < col->n_children; i++) {
        struct node child;
        LT_TRY(node_child(import, node, schema->children[i], array->children[i],
                          node->type->children[i], base, len, &child));
        LT_TRY(import_column(import, &child, &col->children[i]));
    }
    return LT_OK;
}

static lt_status import_list(const struct import *import, const struct node *node,
                             struct lt_column **out)
{
    struct lt_column *col = lt_column_new(import->pool, node->type, node->len);
    if (!col)
        return LT_NOMEM;
    lt_status status = import_validity(node, col);
    if (status == LT_OK)
        status = list_offsets(import, node, node->array->children[0], col);
    if (status == LT_OK)
        status = list_children(import, node, col);
    if (status == LT_OK)
        status = list_without_hidden(import->pool, col, out);
    lt_column_unref(col);
    return status;
}

static lt_status fill_codes(const struct import *import, const struct node *node,
                            struct lt_column *col)
{
    char format = node->schema->format[0];
    unsigned size = strchr("cC", format)   ? 1
                    : strchr("sS", format) ? 2
                    : strchr("iI", format) ? 4
                                           : 8;
    uint64_t mask = size == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * size)) - 1;
    bool is_unsigned = format < 'a';
    uint32_t *codes = col->values;
    for (uint32_t i = 0; i < node->len; i++) {
        if (col->validity && !lt_bits_get(col->validity, i))
            continue;
        int64_t code = read_integer(node->array->buffers[1], size, node->from + i);
        uint64_t index = is_unsigned ? (uint64_t)code & mask : (uint64_t)code;
        if (index >= col->children[0]->len)
            return fail_array(import, node, "an index is not in its dictionary");
        codes[i] = (uint32_t)index;
    }
    return LT_OK;
}

static lt_status import_dictionary(const struct import *import, const struct node *node,
                                   struct lt_column **out)
{
    struct node entries;
    struct lt_column *dict, *flat = NULL, *col = NULL;
    const struct ArrowArray *array = node->array->dictionary;
    LT_TRY(node_child(import, node, node->schema->dictionary, array, node->type, 0,
                      array && array->length > 0 ? (uint64_t)array->length : 0, &entries));
    LT_TRY(import_column(import, &entries, &dict));
    lt_status status = lt_column_flatten(import->pool, dict, &flat);
    lt_column_unref(dict);
    LT_TRY(status);
    struct lt_buffer *codes = lt_pool_buffer(import->pool, node->len * sizeof(uint32_t));
    if (codes) {
        memset(codes->data, 0, node->len * sizeof(uint32_t));
        col = lt_column_new_dictionary(import->pool, flat,
                                       (const uint32_t *)(const void *)codes->data, node->len);
    }
    lt_buffer_unref(codes);
    lt_column_unref(flat);
    if (!col)
        return LT_NOMEM;
    status = import_validity(node, col);
    if (status == LT_OK)
        status = fill_codes(import, node, col);
    if (status == LT_OK)
        *out = col;
    else
        lt_column_unref(col);
    return status;
}

/* ---- one node ----------------------------------------------------------------- */

/* The buffers and children a format must bring. */
static lt_status check_shape(const struct import *import, const struct node *node)
{
    const struct ArrowArray *array = node->array;
    const struct lt_type *type = node->type;
    bool dictionary = node->schema->dictionary != NULL;
    enum lt_phys phys = dictionary ? LT_PHYS_I32 : lt_type_phys(type);
    int64_t buffers = phys == LT_PHYS_STRUCT ? 1 : phys == LT_PHYS_STR ? 3 : 2;
    int64_t children = dictionary ? 0 : type->kind == LT_TYPE_MAP ? 1 : type->n_children;
    if (!dictionary && type->kind == LT_TYPE_NULL)
        return LT_OK;
    if (array->n_buffers < buffers || array->n_children != children ||
        (buffers > 0 && !array->buffers) || (children > 0 && !array->children))
        return fail_array(import, node, "it has not the buffers or children of its format");
    if (buffers > 1 && node->len > 0 && !array->buffers[1])
        return fail_array(import, node, "a buffer is missing");
    return LT_OK;
}

static lt_status import_column(const struct import *import, const struct node *node,
                               struct lt_column **out)
{
    const char *format = node->schema->format;
    LT_TRY(check_shape(import, node));
    if (node->schema->dictionary)
        return import_dictionary(import, node, out);
    switch (node->type->kind) {
    case LT_TYPE_NULL: {
        struct lt_column *null = lt_column_new_null(import->pool, node->type, node->len);
        *out = null;
        return null ? LT_OK : LT_NOMEM;
    }
    case LT_TYPE_BOOLEAN:
    case LT_TYPE_CHAR:
    case LT_TYPE_VARCHAR:
    case LT_TYPE_BINARY:
    case LT_TYPE_VARBINARY: return import_converted(import, node, 0, out);
    case LT_TYPE_TIME:
    case LT_TYPE_TIMESTAMP:
    case LT_TYPE_TIMESTAMP_LTZ:
    case LT_TYPE_INTERVAL_DAY:
        return format[2] == 'u' ? import_fixed(import, node, out)
                                : import_converted(import, node, format[2], out);
    case LT_TYPE_ARRAY:
    case LT_TYPE_MULTISET:
    case LT_TYPE_MAP: return import_list(import, node, out);
    case LT_TYPE_ROW: return import_struct(import, node, out);
    default: return import_fixed(import, node, out);
    }
}

lt_status lt_arrow_import(struct lt_alloc *alloc, struct lt_pool *pool,
                          const struct ArrowSchema *schema, const struct lt_schema *types,
                          struct ArrowArray *array, struct lt_column **columns,
                          struct lt_error *err)
{
    if (array->length < 0 || array->length > ARROW_LEN_MAX || array->offset < 0 ||
        array->offset > INT64_MAX / 32 || array->n_children != (int64_t)types->len ||
        array->n_children != schema->n_children)
        return lt_fail(err, LT_DATA, "the Arrow array is not of its schema's shape");
    if (array->null_count > 0)
        return lt_fail(err, LT_DATA, "an Arrow batch has NULL rows, which a batch cannot have");
    struct array_owner *owner = lt_alloc_zero(alloc, sizeof(*owner));
    if (!owner)
        return LT_NOMEM;
    owner->base.release = owner_release;
    owner->alloc = alloc;
    atomic_store_explicit(&owner->base.refs, 1, memory_order_relaxed);
    struct import import = {pool, &owner->base, err};
    struct node batch = {schema, array, NULL, (uint64_t)array->offset, (uint32_t)array->length};
    lt_status status = LT_OK;
    uint32_t n = 0;
    while (status == LT_OK && n < types->len) {
        struct node child;
        status = node_child(&import, &batch, schema->children[n], array->children[n],
                            types->fields[n].type, batch.from, batch.len, &child);
        if (status == LT_OK)
            status = import_column(&import, &child, &columns[n]);
        n += status == LT_OK;
    }
    if (status == LT_OK) {
        owner->array = *array; /* moved: nobody read it through `owner` before */
        array->release = NULL;
    } else {
        while (n > 0)
            lt_column_unref(columns[--n]);
    }
    lt_buffer_unref(&owner->base);
    return status;
}
