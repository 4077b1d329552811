/* arrow_export.c -- a batch as an Arrow struct array.
 *
 * Every node of the exported tree owns itself: consumers may move a child out and
 * release it apart, so each has a block of its own with its child structs, and
 * holds the column (or the copies) its buffers lie in. */
#include <stdio.h>

#include "base/bits.h"
#include "data/arrow.h"

/* ---- schema ----------------------------------------------------------- */

struct schema_node {
    struct lt_alloc *alloc;
    size_t size;
    char format[24];
    struct ArrowSchema **children; /* in this block, as are the structs and the name */
};

static void schema_release(struct ArrowSchema *schema)
{
    struct schema_node *node = schema->private_data;
    for (int64_t i = 0; i < schema->n_children; i++)
        if (schema->children[i]->release)
            schema->children[i]->release(schema->children[i]);
    schema->release = NULL;
    lt_alloc_put(node->alloc, node, node->size);
}

static void format_of(char out[24], const struct lt_type *type)
{
    static const char *const formats[LT_TYPE_COUNT] = {
        [LT_TYPE_NULL] = "n",
        [LT_TYPE_BOOLEAN] = "b",
        [LT_TYPE_TINYINT] = "c",
        [LT_TYPE_SMALLINT] = "s",
        [LT_TYPE_INT] = "i",
        [LT_TYPE_BIGINT] = "l",
        [LT_TYPE_FLOAT] = "f",
        [LT_TYPE_DOUBLE] = "g",
        [LT_TYPE_CHAR] = "u",
        [LT_TYPE_VARCHAR] = "u",
        [LT_TYPE_BINARY] = "z",
        [LT_TYPE_VARBINARY] = "z",
        [LT_TYPE_DATE] = "tdD",
        [LT_TYPE_TIME] = "ttu",
        [LT_TYPE_TIMESTAMP] = "tsu:",
        [LT_TYPE_TIMESTAMP_LTZ] = "tsu:UTC",
        [LT_TYPE_INTERVAL_DAY] = "tDu",
        [LT_TYPE_INTERVAL_MONTH] = "tiM",
        [LT_TYPE_ARRAY] = "+l",
        [LT_TYPE_MULTISET] = "+l",
        [LT_TYPE_MAP] = "+m",
        [LT_TYPE_ROW] = "+s",
    };
    if (type->kind == LT_TYPE_DECIMAL)
        snprintf(out, 24, "d:%u,%u", type->precision, type->scale);
    else
        snprintf(out, 24, "%s", formats[type->kind]);
}

/* A node with `n` zeroed children. */
static lt_status schema_new(struct lt_alloc *alloc, struct lt_str name, bool nullable, uint32_t n,
                            struct ArrowSchema *out)
{
    size_t children = n * (sizeof(struct ArrowSchema) + sizeof(struct ArrowSchema *));
    size_t size = sizeof(struct schema_node) + children + name.len + 1;
    struct schema_node *node = lt_alloc_zero(alloc, size);
    if (!node)
        return LT_NOMEM;
    node->alloc = alloc;
    node->size = size;
    node->children = (struct ArrowSchema **)(node + 1);
    struct ArrowSchema *structs = (struct ArrowSchema *)(node->children + n);
    char *text = (char *)(structs + n);
    for (uint32_t i = 0; i < n; i++)
        node->children[i] = &structs[i];
    if (name.len)
        memcpy(text, name.data, name.len);
    *out = (struct ArrowSchema){
        .format = node->format,
        .name = text,
        .flags = nullable ? ARROW_FLAG_NULLABLE : 0,
        .n_children = n,
        .children = node->children,
        .release = schema_release,
        .private_data = node,
    };
    return LT_OK;
}

static lt_status schema_of_type(struct lt_alloc *alloc, struct lt_str name,
                                const struct lt_type *type, struct ArrowSchema *out) LT_MUST_CHECK;

/* The fields of a ROW, of a MAP's entries, or an ARRAY's element. */
static lt_status schema_children(struct lt_alloc *alloc, const struct lt_type *type,
                                 struct ArrowSchema *out)
{
    static const struct lt_str entry_names[] = {{"key", 3}, {"value", 5}};
    for (uint32_t i = 0; i < type->n_children; i++) {
        struct lt_str name = type->kind == LT_TYPE_ROW   ? type->names[i]
                             : type->kind == LT_TYPE_MAP ? entry_names[i]
                                                         : LT_STR("item");
        LT_TRY(schema_of_type(alloc, name, type->children[i], out->children[i]));
    }
    return LT_OK;
}

static lt_status schema_of_type(struct lt_alloc *alloc, struct lt_str name,
                                const struct lt_type *type, struct ArrowSchema *out)
{
    struct ArrowSchema made;
    bool map = type->kind == LT_TYPE_MAP;
    LT_TRY(schema_new(alloc, name, type->nullable, map ? 1 : type->n_children, &made));
    format_of(((struct schema_node *)made.private_data)->format, type);
    lt_status status = LT_OK;
    struct ArrowSchema *parent = &made;
    if (map) {
        parent = made.children[0];
        status = schema_new(alloc, LT_STR("entries"), false, 2, parent);
        if (status == LT_OK)
            memcpy(((struct schema_node *)parent->private_data)->format, "+s", 3);
    }
    if (status == LT_OK)
        status = schema_children(alloc, type, parent);
    if (status != LT_OK) {
        made.release(&made);
        return status;
    }
    *out = made;
    return LT_OK;
}

lt_status lt_arrow_export_schema(struct lt_alloc *alloc, const struct lt_schema *schema,
                                 struct ArrowSchema *out)
{
    struct ArrowSchema made;
    LT_TRY(schema_new(alloc, LT_STR(""), false, schema->len, &made));
    memcpy(((struct schema_node *)made.private_data)->format, "+s", 3);
    for (uint32_t i = 0; i < schema->len; i++) {
        lt_status status =
            schema_of_type(alloc, schema->fields[i].name, schema->fields[i].type, made.children[i]);
        if (status != LT_OK) {
            made.release(&made);
            return status;
        }
    }
    *out = made;
    return LT_OK;
}

/* ---- arrays ------------------------------------------------------------ */

struct array_node {
    struct lt_alloc *alloc;
    size_t size;
    struct lt_column *col; /* held while buffers lie in it; NULL when all are copies */
    const void *buffers[3];
    struct {
        void *data;
        size_t size;
    } owned[3];
    struct ArrowArray **children;
};

static void array_release(struct ArrowArray *array)
{
    struct array_node *node = array->private_data;
    for (int64_t i = 0; i < array->n_children; i++)
        if (array->children[i]->release)
            array->children[i]->release(array->children[i]);
    for (size_t i = 0; i < LT_ARRAY_LEN(node->owned); i++)
        lt_alloc_put(node->alloc, node->owned[i].data, node->owned[i].size);
    lt_column_unref(node->col);
    array->release = NULL;
    lt_alloc_put(node->alloc, node, node->size);
}

static lt_status array_new(struct lt_alloc *alloc, uint32_t len, unsigned n_buffers, uint32_t n,
                           struct ArrowArray *out)
{
    size_t size =
        sizeof(struct array_node) + n * (sizeof(struct ArrowArray) + sizeof(struct ArrowArray *));
    struct array_node *node = lt_alloc_zero(alloc, size);
    if (!node)
        return LT_NOMEM;
    node->alloc = alloc;
    node->size = size;
    node->children = (struct ArrowArray **)(node + 1);
    struct ArrowArray *structs = (struct ArrowArray *)(node->children + n);
    for (uint32_t i = 0; i < n; i++)
        node->children[i] = &structs[i];
    *out = (struct ArrowArray){
        .length = len,
        .n_buffers = n_buffers,
        .n_children = n,
        .buffers = node->buffers,
        .children = node->children,
        .release = array_release,
        .private_data = node,
    };
    return LT_OK;
}

/* Memory of the node's own, which is buffer `i` of the array. */
static void *array_own(struct array_node *node, unsigned i, size_t size)
{
    void *data = lt_alloc_get(node->alloc, size);
    if (data) {
        node->owned[i].data = data;
        node->owned[i].size = size;
        node->buffers[i] = data;
    }
    return data;
}

static lt_status array_values(struct array_node *node, unsigned i, const void *data, size_t size,
                              bool copy)
{
    if (!copy) {
        node->buffers[i] = data;
        return LT_OK;
    }
    void *own = array_own(node, i, size);
    if (!own)
        return LT_NOMEM;
    if (size)
        memcpy(own, data, size);
    return LT_OK;
}

static lt_status array_bits(struct array_node *node, const int8_t *values, uint32_t len)
{
    size_t size = lt_bits_words(len) * sizeof(uint64_t);
    uint64_t *bits = array_own(node, 1, size);
    if (!bits)
        return LT_NOMEM;
    memset(bits, 0, size);
    for (uint32_t i = 0; i < len; i++)
        if (values[i])
            lt_bits_set(bits, i);
    return LT_OK;
}

static lt_status array_text(struct array_node *node, const struct lt_sv *values, uint32_t len)
{
    uint64_t total = 0;
    int32_t *offsets = array_own(node, 1, ((size_t)len + 1) * sizeof(*offsets));
    if (!offsets)
        return LT_NOMEM;
    for (uint32_t i = 0; i < len; i++) {
        offsets[i] = (int32_t)total;
        total += values[i].len;
        if (total > INT32_MAX)
            return LT_LIMIT;
    }
    offsets[len] = (int32_t)total;
    char *text = array_own(node, 2, total);
    if (!text)
        return LT_NOMEM;
    for (uint32_t i = 0; i < len; i++)
        memcpy(text + offsets[i], lt_sv_data(&values[i]), values[i].len);
    return LT_OK;
}

/* What every node of one export is made with. */
struct export
{
    struct lt_alloc *alloc;
    struct lt_pool *pool;
    bool copy;
};
static lt_status array_of_column(const struct export *export, struct lt_column *col,
                                 struct ArrowArray *out) LT_MUST_CHECK;

/* A list that never got an element may have no child column: then an empty one. */
static lt_status array_of_child(const struct export *export, const struct lt_column *col,
                                uint32_t i, struct ArrowArray *out)
{
    struct lt_column *child = col->children[i];
    child = child ? lt_column_ref(child) : lt_column_new(export->pool, col->type->children[i], 0);
    if (!child)
        return LT_NOMEM;
    lt_status status = array_of_column(export, child, out);
    lt_column_unref(child);
    return status;
}

static lt_status array_validity(struct ArrowArray *array, const struct lt_column *col, bool copy)
{
    if (!col->validity || col->len == 0)
        return LT_OK;
    array->null_count = (int64_t)(col->len - lt_bits_count(col->validity, col->len));
    if (array->null_count == 0)
        return LT_OK;
    return array_values(array->private_data, 0, col->validity,
                        lt_bits_words(col->len) * sizeof(uint64_t), copy);
}

static lt_status array_fill(const struct export *export, struct ArrowArray *array,
                            struct lt_column *col)
{
    bool copy = export->copy;
    struct array_node *node = array->private_data;
    struct ArrowArray *parent = array;
    if (!copy)
        node->col = lt_column_ref(col);
    if (col->type->kind == LT_TYPE_NULL) {
        array->null_count = col->len;
        return LT_OK;
    }
    LT_TRY(array_validity(array, col, copy));
    if (col->type->kind == LT_TYPE_BOOLEAN)
        return array_bits(node, col->values, col->len);
    if (col->phys == LT_PHYS_STR)
        return array_text(node, col->values, col->len);
    if (col->phys == LT_PHYS_LIST) {
        if (((const uint32_t *)col->values)[col->len] > INT32_MAX)
            return LT_LIMIT;
        LT_TRY(array_values(node, 1, col->values, ((size_t)col->len + 1) * sizeof(uint32_t), copy));
    } else if (col->phys != LT_PHYS_STRUCT) {
        size_t size = lt_phys_size((enum lt_phys)col->phys);
        return array_values(node, 1, col->values, size * col->len, copy);
    }
    if (col->type->kind == LT_TYPE_MAP) {
        uint32_t len = col->children[0] ? col->children[0]->len : 0;
        parent = array->children[0];
        LT_TRY(array_new(node->alloc, len, 1, 2, parent));
    }
    for (uint32_t i = 0; i < col->n_children; i++)
        LT_TRY(array_of_child(export, col, i, parent->children[i]));
    return LT_OK;
}

static lt_status array_of_column(const struct export *export, struct lt_column *col,
                                 struct ArrowArray *out)
{
    static const uint8_t n_buffers[LT_PHYS_COUNT] = {2, 2, 2, 2, 2, 2, 2, 3, 2, 1};
    unsigned buffers = col->type->kind == LT_TYPE_NULL ? 0 : n_buffers[col->phys];
    uint32_t n = col->type->kind == LT_TYPE_MAP ? 1 : col->n_children;
    struct ArrowArray made;
    LT_TRY(array_new(export->alloc, col->len, buffers, n, &made));
    lt_status status = array_fill(export, &made, col);
    if (status != LT_OK) {
        made.release(&made);
        return status;
    }
    *out = made;
    return LT_OK;
}

static lt_status batch_fill(const struct export *export, const struct lt_batch *batch,
                            struct ArrowArray *array)
{
    for (uint32_t i = 0; i < batch->n_columns; i++) {
        struct lt_column *flat;
        LT_TRY(lt_column_flatten(export->pool, batch->columns[i], &flat));
        lt_status status = array_of_column(export, flat, array->children[i]);
        lt_column_unref(flat);
        LT_TRY(status);
    }
    return LT_OK;
}

lt_status lt_arrow_export_batch(struct lt_alloc *alloc, struct lt_pool *pool,
                                const struct lt_batch *batch, bool copy, struct ArrowArray *out)
{
    struct export export = {alloc, pool, copy};
    struct ArrowArray made;
    struct lt_batch *compact = NULL;
    LT_TRY(array_new(alloc, batch->n_sel, 1, batch->n_columns, &made));
    lt_status status = batch->sel ? lt_batch_compact(pool, batch, &compact) : LT_OK;
    if (status == LT_OK)
        status = batch_fill(&export, compact ? compact : batch, &made);
    lt_batch_drop(compact);
    if (status != LT_OK) {
        made.release(&made);
        return status;
    }
    *out = made;
    return LT_OK;
}
