/* column.c -- making columns, and holding what they point into.
 *
 * A column object is public in its first part and private in the rest
 * (data/pool.h): which of its buffers hold values, validity and copied text, and
 * how many lanes there is room for. Objects and buffers come from a pool, so a
 * pipeline that runs evenly allocates nothing. */
#include "data/column.h"

#include "base/bits.h"
#include "data/pool.h"

enum { HEAP_SIZE_MIN = 4096, HEAP_SIZE_MAX = 64 * 1024, HOLD_SEARCH_MAX = 16 };

int lt_sv_compare(const struct lt_sv *a, const struct lt_sv *b)
{
    uint32_t pa, pb;
    memcpy(&pa, a->prefix, 4);
    memcpy(&pb, b->prefix, 4);
    if (pa != pb) /* short text is zero-padded, and a zero byte sorts first as its end does */
        return __builtin_bswap32(pa) < __builtin_bswap32(pb) ? -1 : 1;
    return lt_str_compare(lt_sv_str(a), lt_sv_str(b));
}

/* ---- buffers of a column --------------------------------------------- */

/* Takes over the reference, or drops it when there is no memory. */
static lt_status column_add_buffer(struct lt_column_object *object, struct lt_buffer *buffer)
{
    struct lt_column *col = &object->col;
    if (col->n_buffers == object->buffers_cap) {
        uint32_t cap = 2 * object->buffers_cap;
        struct lt_buffer *grown = lt_pool_buffer(col->pool, cap * sizeof(*col->buffers));
        if (!grown) {
            lt_buffer_unref(buffer);
            return LT_NOMEM;
        }
        memcpy(grown->data, col->buffers, col->n_buffers * sizeof(*col->buffers));
        lt_buffer_unref(object->buffers_buffer);
        object->buffers_buffer = grown;
        object->buffers_cap = cap;
        col->buffers = (struct lt_buffer **)(void *)grown->data;
    }
    col->buffers[col->n_buffers++] = buffer;
    return LT_OK;
}

/* Puts `to` where `from` was (which is dropped), or adds it when there was none. */
static lt_status column_replace_buffer(struct lt_column_object *object, struct lt_buffer *from,
                                       struct lt_buffer *to)
{
    struct lt_column *col = &object->col;
    for (uint32_t i = 0; from && i < col->n_buffers; i++)
        if (col->buffers[i] == from) {
            col->buffers[i] = to;
            lt_buffer_unref(from);
            return LT_OK;
        }
    return column_add_buffer(object, to);
}

lt_status lt_column_hold(struct lt_column *col, struct lt_buffer *buffer)
{
    uint32_t searched = 0;
    for (uint32_t i = col->n_buffers; i-- > 0 && searched++ < HOLD_SEARCH_MAX;)
        if (col->buffers[i] == buffer)
            return LT_OK;
    return column_add_buffer(lt_column_object(col), lt_buffer_ref(buffer));
}

/* Values and validity are left out: text never lies in them. */
lt_status lt_column_hold_from(struct lt_column *col, const struct lt_column *from)
{
    const struct lt_column_object *object = (const struct lt_column_object *)from;
    for (uint32_t i = 0; i < from->n_buffers; i++) {
        struct lt_buffer *buffer = from->buffers[i];
        if (buffer != object->values_buffer && buffer != object->validity_buffer)
            LT_TRY(lt_column_hold(col, buffer));
    }
    for (uint32_t i = 0; i < from->n_children; i++)
        if (from->children[i])
            LT_TRY(lt_column_hold_from(col, from->children[i]));
    return LT_OK;
}

char *lt_column_heap(struct lt_column *col, size_t size)
{
    struct lt_column_object *object = lt_column_object(col);
    if (!object->heap || object->heap->size - object->heap_used < size) {
        size_t want = object->heap ? 2 * object->heap->size : HEAP_SIZE_MIN;
        want = want < HEAP_SIZE_MAX ? want : HEAP_SIZE_MAX;
        struct lt_buffer *heap = lt_pool_buffer(col->pool, want < size ? size : want);
        if (!heap || column_add_buffer(object, heap) != LT_OK)
            return NULL;
        object->heap = heap;
        object->heap_used = 0;
    }
    char *at = object->heap->data + object->heap_used;
    object->heap_used += size;
    return at;
}

lt_status lt_column_put_str(struct lt_column *col, uint32_t row, struct lt_str text)
{
    struct lt_sv *lane = (struct lt_sv *)col->values + row;
    if (text.len > LT_LENGTH_MAX)
        return LT_LIMIT;
    if (text.len <= LT_SV_INLINE_MAX) {
        *lane = text.len ? lt_sv_of(text.data, (uint32_t)text.len) : (struct lt_sv){0};
        return LT_OK;
    }
    char *copy = lt_column_heap(col, text.len);
    if (!copy)
        return LT_NOMEM;
    memcpy(copy, text.data, text.len);
    *lane = lt_sv_of(copy, (uint32_t)text.len);
    return LT_OK;
}

/* ---- making and freeing ---------------------------------------------- */

void lt_column_unref(struct lt_column *col)
{
    if (!col)
        return;
    if (atomic_load_explicit(&col->refs, memory_order_acquire) != 1 &&
        atomic_fetch_sub_explicit(&col->refs, 1, memory_order_acq_rel) != 1)
        return;
    struct lt_column_object *object = lt_column_object(col);
    for (uint32_t i = 0; i < col->n_children; i++)
        lt_column_unref(col->children[i]);
    for (uint32_t i = 0; i < col->n_buffers; i++)
        lt_buffer_unref(col->buffers[i]);
    lt_buffer_unref(object->children_buffer);
    lt_buffer_unref(object->buffers_buffer);
    lt_pool_column_back(object);
}

struct lt_column *lt_column_shell(struct lt_pool *pool, const struct lt_type *type,
                                  enum lt_encoding encoding, uint32_t len, uint32_t n_children)
{
    struct lt_column_object *object = lt_pool_column(pool);
    if (!object)
        return NULL;
    struct lt_column *col = &object->col;
    col->len = len;
    col->type = type;
    col->encoding = (uint8_t)encoding;
    col->phys = (uint8_t)lt_type_phys(type);
    col->buffers = col->inline_buffers;
    object->buffers_cap = LT_COLUMN_BUFFERS_INLINE;
    col->children = col->inline_children;
    if (n_children > LT_ARRAY_LEN(col->inline_children)) {
        object->children_buffer = lt_pool_buffer(pool, n_children * sizeof(*col->children));
        if (!object->children_buffer) {
            lt_column_unref(col);
            return NULL;
        }
        col->children = (struct lt_column **)(void *)object->children_buffer->data;
        memset(col->children, 0, n_children * sizeof(*col->children));
    }
    col->n_children = (uint16_t)n_children;
    return col;
}

static size_t values_size(enum lt_phys phys, uint32_t lanes)
{
    return lt_phys_size(phys) * ((size_t)lanes + (phys == LT_PHYS_LIST));
}

/* Room for `lanes` values of a fresh column. */
static lt_status column_add_values(struct lt_column *col, size_t size)
{
    struct lt_column_object *object = lt_column_object(col);
    struct lt_buffer *buffer = lt_pool_buffer(col->pool, size);
    if (!buffer)
        return LT_NOMEM;
    LT_TRY(column_add_buffer(object, buffer));
    object->values_buffer = buffer;
    col->values = buffer->data;
    return LT_OK;
}

static struct lt_column *column_make(struct lt_pool *pool, const struct lt_type *type,
                                     enum lt_encoding encoding, uint32_t len, bool zeroed)
{
    struct lt_column *col = lt_column_shell(pool, type, encoding, len, type->n_children);
    if (!col)
        return NULL;
    uint32_t lanes = lt_column_lanes(col);
    lt_column_object(col)->cap = lanes;
    if (col->phys == LT_PHYS_STRUCT) {
        for (uint32_t i = 0; i < type->n_children; i++) {
            col->children[i] = column_make(pool, type->children[i], encoding, len, zeroed);
            if (!col->children[i])
                goto fail;
        }
        return col;
    }
    size_t size = values_size((enum lt_phys)col->phys, lanes);
    if (column_add_values(col, size) != LT_OK)
        goto fail;
    /* Views and offsets are never left wild: what is not written must be readable. */
    if (zeroed || col->phys >= LT_PHYS_STR)
        memset(col->values, 0, size);
    return col;
fail:
    lt_column_unref(col);
    return NULL;
}

struct lt_column *lt_column_new(struct lt_pool *pool, const struct lt_type *type, uint32_t len)
{
    return column_make(pool, type, LT_FLAT, len, true);
}

struct lt_column *lt_column_new_raw(struct lt_pool *pool, const struct lt_type *type, uint32_t len)
{
    return column_make(pool, type, LT_FLAT, len, false);
}

struct lt_column *lt_column_new_constant(struct lt_pool *pool, const struct lt_type *type,
                                         uint32_t len)
{
    return column_make(pool, type, LT_CONSTANT, len, true);
}

static lt_status column_make_null(struct lt_column *col)
{
    LT_TRY(lt_column_own_validity(col));
    lt_bits_clear(col->validity, 0);
    if (col->phys == LT_PHYS_LIST)
        LT_TRY(lt_column_make_children(col));
    for (uint32_t i = 0; col->phys == LT_PHYS_STRUCT && i < col->n_children; i++)
        LT_TRY(column_make_null(col->children[i]));
    return LT_OK;
}

struct lt_column *lt_column_new_null(struct lt_pool *pool, const struct lt_type *type, uint32_t len)
{
    struct lt_column *col = lt_column_new_constant(pool, type, len);
    if (col && column_make_null(col) != LT_OK) {
        lt_column_unref(col);
        return NULL;
    }
    return col;
}

struct lt_column *lt_column_new_dictionary(struct lt_pool *pool, struct lt_column *dict,
                                           const uint32_t *codes, uint32_t len)
{
    LT_ASSERT(dict->encoding == LT_FLAT);
    struct lt_column *col = lt_column_shell(pool, dict->type, LT_DICTIONARY, len, 1);
    if (!col)
        return NULL;
    if (column_add_values(col, (size_t)len * sizeof(uint32_t)) != LT_OK) {
        lt_column_unref(col);
        return NULL;
    }
    lt_column_object(col)->cap = len;
    if (len)
        memcpy(col->values, codes, (size_t)len * sizeof(uint32_t));
    col->children[0] = lt_column_ref(dict);
    return col;
}

/* ---- building -------------------------------------------------------- */

lt_status lt_column_own_validity(struct lt_column *col)
{
    struct lt_column_object *object = lt_column_object(col);
    if (col->validity)
        return LT_OK;
    uint32_t lanes = lt_column_lanes(col);
    uint32_t cap = object->cap > lanes ? object->cap : lanes;
    struct lt_buffer *buffer = lt_pool_buffer(col->pool, lt_bits_words(cap) * sizeof(uint64_t));
    if (!buffer)
        return LT_NOMEM;
    LT_TRY(column_add_buffer(object, buffer));
    object->validity_buffer = buffer;
    col->validity = (uint64_t *)(void *)buffer->data;
    lt_bits_fill(col->validity, cap, true);
    return LT_OK;
}

lt_status lt_column_set_child(struct lt_column *col, unsigned i, struct lt_column *child)
{
    LT_ASSERT(i < col->n_children);
    lt_column_unref(col->children[i]);
    col->children[i] = child;
    return LT_OK;
}

lt_status lt_column_make_children(struct lt_column *col)
{
    LT_ASSERT(col->phys == LT_PHYS_LIST && col->encoding != LT_DICTIONARY);
    for (uint32_t i = 0; i < col->n_children; i++) {
        if (col->children[i])
            continue;
        col->children[i] = lt_column_new(col->pool, col->type->children[i], 0);
        if (!col->children[i])
            return LT_NOMEM;
    }
    return LT_OK;
}

static lt_status column_grow_values(struct lt_column *col, uint32_t cap)
{
    struct lt_column_object *object = lt_column_object(col);
    size_t old_size = values_size((enum lt_phys)col->phys, col->len);
    size_t new_size = values_size((enum lt_phys)col->phys, cap);
    struct lt_buffer *buffer = lt_pool_buffer(col->pool, new_size);
    if (!buffer)
        return LT_NOMEM;
    memcpy(buffer->data, col->values, old_size);
    LT_TRY(column_replace_buffer(object, object->values_buffer, buffer));
    object->values_buffer = buffer;
    col->values = buffer->data;
    return LT_OK;
}

static lt_status column_grow_validity(struct lt_column *col, uint32_t cap)
{
    struct lt_column_object *object = lt_column_object(col);
    struct lt_buffer *buffer = lt_pool_buffer(col->pool, lt_bits_words(cap) * sizeof(uint64_t));
    if (!buffer)
        return LT_NOMEM;
    memcpy(buffer->data, col->validity, lt_bits_words(col->len) * sizeof(uint64_t));
    LT_TRY(column_replace_buffer(object, object->validity_buffer, buffer));
    object->validity_buffer = buffer;
    col->validity = (uint64_t *)(void *)buffer->data;
    return LT_OK;
}

static lt_status column_grow(struct lt_column *col, uint32_t len)
{
    struct lt_column_object *object = lt_column_object(col);
    uint32_t cap = object->cap < 8 ? 16 : object->cap;
    if (len > UINT32_MAX / 4)
        return LT_LIMIT;
    while (cap < len)
        cap *= 2;
    if (col->phys != LT_PHYS_STRUCT)
        LT_TRY(column_grow_values(col, cap));
    if (col->validity)
        LT_TRY(column_grow_validity(col, cap));
    object->cap = cap;
    return LT_OK;
}

lt_status lt_column_resize(struct lt_column *col, uint32_t len)
{
    struct lt_column_object *object = lt_column_object(col);
    LT_ASSERT(col->encoding == LT_FLAT);
    if (len > object->cap)
        LT_TRY(column_grow(col, len));
    if (col->phys == LT_PHYS_STRUCT)
        for (uint32_t i = 0; i < col->n_children; i++)
            LT_TRY(lt_column_resize(col->children[i], len));
    if (len > col->len) {
        uint32_t old = col->len;
        for (uint32_t row = old; col->validity && row < len; row++)
            lt_bits_set(col->validity, row);
        if (col->phys == LT_PHYS_LIST) {
            uint32_t *offsets = col->values;
            for (uint32_t row = old; row < len; row++)
                offsets[row + 1] = offsets[row];
        } else if (col->phys != LT_PHYS_STRUCT) {
            size_t size = lt_phys_size((enum lt_phys)col->phys);
            memset((char *)col->values + old * size, 0, (len - old) * size);
        }
    }
    col->len = len;
    return LT_OK;
}

void lt_column_make_constant(struct lt_column *col, uint32_t row)
{
    size_t size = lt_phys_size((enum lt_phys)col->phys);
    LT_ASSERT(col->encoding == LT_FLAT && col->phys < LT_PHYS_LIST && row < col->len);
    memmove(col->values, (const char *)col->values + row * size, size);
    if (col->validity)
        lt_bits_put(col->validity, 0, lt_bits_get(col->validity, row));
    col->encoding = LT_CONSTANT;
}

void lt_column_seal(struct lt_column *col)
{
    if (col->encoding == LT_DICTIONARY)
        return;
    uint32_t lanes = lt_column_lanes(col);
    if (col->phys == LT_PHYS_LIST) {
        uint32_t *offsets = col->values;
        for (uint32_t row = 0; row < lanes; row++)
            if (offsets[row + 1] < offsets[row])
                offsets[row + 1] = offsets[row];
    }
    for (uint32_t i = 0; col->phys >= LT_PHYS_LIST && i < col->n_children; i++)
        if (col->children[i])
            lt_column_seal(col->children[i]);
}

bool lt_column_is_null(const struct lt_column *col, uint32_t row)
{
    uint32_t lane = lt_column_lane(col, row);
    if (col->validity && !lt_bits_get(col->validity, lane))
        return true;
    if (col->encoding != LT_DICTIONARY)
        return col->type->kind == LT_TYPE_NULL;
    return lt_column_is_null(col->children[0], ((const uint32_t *)col->values)[lane]);
}
