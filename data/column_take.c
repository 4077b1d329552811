/* column_take.c -- other columns over the same values: picked, flattened, sliced.
 *
 * Everything comes down to one gather: rows of a flat column by number, where
 * some of the results may be NULL from outside (a dictionary's code has a
 * validity of its own). A constant is flattened by gathering row 0.
 *
 * Text is never copied: the result holds the buffers the views point into. */
#include "base/bits.h"
#include "data/pool.h"

#define GATHER_NAME gather_8
#define GATHER_TYPE uint8_t
#include "data/gather.tmpl.h"
#define GATHER_NAME gather_16
#define GATHER_TYPE uint16_t
#include "data/gather.tmpl.h"
#define GATHER_NAME gather_32
#define GATHER_TYPE uint32_t
#include "data/gather.tmpl.h"
#define GATHER_NAME gather_64
#define GATHER_TYPE uint64_t
#include "data/gather.tmpl.h"
#define GATHER_NAME gather_128
#define GATHER_TYPE unsigned __int128
#include "data/gather.tmpl.h"

static void gather_values(size_t size, void *to, const void *from, const uint32_t *rows, uint32_t n)
{
    switch (size) {
    case 1: gather_8(to, from, rows, n); return;
    case 2: gather_16(to, from, rows, n); return;
    case 4: gather_32(to, from, rows, n); return;
    case 8: gather_64(to, from, rows, n); return;
    case 16: gather_128(to, from, rows, n); return;
    default: LT_UNREACHABLE();
    }
}

/* ---- validity -------------------------------------------------------- */

/* to.validity[i] = from.validity[rows[i]] and outer[i]; lanes of a fixed width
 * that `outer` makes NULL are zeroed, the others were zero already. */
static lt_status gather_validity(struct lt_column *to, const uint64_t *from, const uint32_t *rows,
                                 uint32_t n, const uint64_t *outer)
{
    if ((!from && !outer) || n == 0)
        return LT_OK;
    LT_TRY(lt_column_own_validity(to));
    for (uint32_t w = 0; w < lt_bits_words(n); w++) {
        uint64_t word = outer ? outer[w] | ~lt_bits_mask(w, n) : UINT64_MAX;
        uint32_t end = n - w * 64 < 64 ? n - w * 64 : 64;
        uint64_t picked = from ? 0 : UINT64_MAX;
        for (uint32_t i = 0; from && i < end; i++)
            picked |= (uint64_t)lt_bits_get(from, rows[w * 64 + i]) << i;
        to->validity[w] = word & picked;
    }
    return LT_OK;
}

static void zero_outer_nulls(struct lt_column *col, const uint64_t *outer)
{
    size_t size = lt_phys_size((enum lt_phys)col->phys);
    for (uint32_t row = 0; outer && row < col->len; row++)
        if (!lt_bits_get(outer, row))
            memset((char *)col->values + row * size, 0, size);
}

/* ---- gather ---------------------------------------------------------- */

static lt_status column_pick(struct lt_pool *pool, struct lt_column *col, const uint32_t *rows,
                             uint32_t n, const uint64_t *outer, bool may_share,
                             struct lt_column **out) LT_MUST_CHECK;

static lt_status pick_struct(struct lt_pool *pool, struct lt_column *col, const uint32_t *rows,
                             uint32_t n, const uint64_t *outer, bool may_share,
                             struct lt_column **out)
{
    struct lt_column *to = lt_column_shell(pool, col->type, LT_FLAT, n, col->n_children);
    if (!to)
        return LT_NOMEM;
    lt_column_object(to)->cap = n;
    lt_status status = LT_OK;
    for (uint32_t i = 0; status == LT_OK && i < col->n_children; i++)
        status = column_pick(pool, col->children[i], rows, n, outer, may_share, &to->children[i]);
    if (status == LT_OK)
        status = gather_validity(to, col->validity, rows, n, outer);
    if (status == LT_OK)
        *out = to;
    else
        lt_column_unref(to);
    return status;
}

/* The elements of the picked lists, by their number in the children. */
static lt_status list_elements(struct lt_column *to, const struct lt_column *col,
                               const uint32_t *rows, uint32_t n, const uint64_t *outer,
                               struct lt_buffer **out)
{
    const uint32_t *from = col->values;
    uint32_t *offsets = to->values;
    uint64_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        bool present = !outer || lt_bits_get(outer, i);
        offsets[i] = (uint32_t)total;
        total += present ? from[rows[i] + 1] - from[rows[i]] : 0;
        if (total > UINT32_MAX / 4)
            return LT_LIMIT;
    }
    offsets[n] = (uint32_t)total;
    struct lt_buffer *buffer = lt_pool_buffer(to->pool, total * sizeof(uint32_t));
    if (!buffer)
        return LT_NOMEM;
    uint32_t *elements = (uint32_t *)(void *)buffer->data;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t at = 0; at < offsets[i + 1] - offsets[i]; at++)
            elements[offsets[i] + at] = from[rows[i]] + at;
    *out = buffer;
    return LT_OK;
}

static lt_status pick_list(struct lt_pool *pool, struct lt_column *col, const uint32_t *rows,
                           uint32_t n, const uint64_t *outer, struct lt_column **out)
{
    struct lt_column *to = lt_column_new_raw(pool, col->type, n);
    struct lt_buffer *elements = NULL;
    if (!to)
        return LT_NOMEM;
    lt_status status = list_elements(to, col, rows, n, outer, &elements);
    for (uint32_t i = 0; status == LT_OK && i < col->n_children; i++)
        if (col->children[i])
            status =
                column_pick(pool, col->children[i], (const uint32_t *)(const void *)elements->data,
                            ((const uint32_t *)to->values)[n], NULL, false, &to->children[i]);
    if (status == LT_OK)
        status = lt_column_make_children(to);
    if (status == LT_OK)
        status = gather_validity(to, col->validity, rows, n, outer);
    lt_buffer_unref(elements);
    if (status == LT_OK)
        *out = to;
    else
        lt_column_unref(to);
    return status;
}

static lt_status pick_flat(struct lt_pool *pool, struct lt_column *col, const uint32_t *rows,
                           uint32_t n, const uint64_t *outer, struct lt_column **out)
{
    struct lt_column *to = lt_column_new_raw(pool, col->type, n);
    if (!to)
        return LT_NOMEM;
    gather_values(lt_phys_size((enum lt_phys)col->phys), to->values, col->values, rows, n);
    zero_outer_nulls(to, outer);
    lt_status status = gather_validity(to, col->validity, rows, n, outer);
    if (status == LT_OK && col->phys == LT_PHYS_STR)
        status = lt_column_hold_from(to, col);
    if (status == LT_OK)
        *out = to;
    else
        lt_column_unref(to);
    return status;
}

/* Rows of a dictionary or a constant, flat: as rows of what lies beneath. */
static lt_status pick_encoded(struct lt_pool *pool, struct lt_column *col, const uint32_t *rows,
                              uint32_t n, const uint64_t *outer, struct lt_column **out)
{
    size_t words = lt_bits_words(n);
    struct lt_buffer *scratch =
        lt_pool_buffer(pool, n * sizeof(uint32_t) + (words + 1) * sizeof(uint64_t));
    if (!scratch)
        return LT_NOMEM;
    uint64_t *present = (uint64_t *)(void *)scratch->data;
    uint32_t *beneath = (uint32_t *)(void *)(present + words);
    const uint32_t *codes = col->values;
    bool dictionary = col->encoding == LT_DICTIONARY;
    lt_bits_fill(present, n, true);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t lane = lt_column_lane(col, rows[i]);
        bool on = (!outer || lt_bits_get(outer, i)) &&
                  (!dictionary || !col->validity || lt_bits_get(col->validity, lane));
        beneath[i] = dictionary ? codes[lane] : 0;
        if (!on)
            lt_bits_clear(present, i);
    }
    const uint64_t *mask = lt_bits_all(present, n) ? NULL : present;
    lt_status status;
    if (dictionary && col->children[0]->len == 0) { /* every code is NULL */
        struct lt_column *null = lt_column_new_null(pool, col->type, n);
        status = null ? lt_column_flatten(pool, null, out) : LT_NOMEM;
        lt_column_unref(null);
    } else if (dictionary) {
        status = column_pick(pool, col->children[0], beneath, n, mask, false, out);
    } else if (col->phys == LT_PHYS_STRUCT) {
        status = pick_struct(pool, col, beneath, n, mask, false, out);
    } else if (col->phys == LT_PHYS_LIST) {
        status = pick_list(pool, col, beneath, n, mask, out);
    } else {
        status = pick_flat(pool, col, beneath, n, mask, out);
    }
    lt_buffer_unref(scratch);
    return status;
}

static lt_status column_pick(struct lt_pool *pool, struct lt_column *col, const uint32_t *rows,
                             uint32_t n, const uint64_t *outer, bool may_share,
                             struct lt_column **out)
{
    if (col->encoding != LT_FLAT)
        return pick_encoded(pool, col, rows, n, outer, out);
    if (col->phys == LT_PHYS_STRUCT)
        return pick_struct(pool, col, rows, n, outer, may_share, out);
    if (may_share && !outer && col->phys >= LT_PHYS_STR) {
        *out = lt_column_new_dictionary(pool, col, rows, n);
        return *out ? LT_OK : LT_NOMEM;
    }
    if (col->phys == LT_PHYS_LIST)
        return pick_list(pool, col, rows, n, outer, out);
    return pick_flat(pool, col, rows, n, outer, out);
}

/* ---- views ----------------------------------------------------------- */

/* The same buffers, under a new object without values or children. */
static lt_status column_view(struct lt_pool *pool, struct lt_column *col, uint32_t len,
                             struct lt_column **out)
{
    struct lt_column *to =
        lt_column_shell(pool, col->type, (enum lt_encoding)col->encoding, len, col->n_children);
    if (!to)
        return LT_NOMEM;
    lt_column_object(to)->cap = lt_column_lanes(to);
    for (uint32_t i = 0; i < col->n_buffers; i++)
        if (lt_column_hold(to, col->buffers[i]) != LT_OK) {
            lt_column_unref(to);
            return LT_NOMEM;
        }
    lt_column_object(to)->values_buffer = lt_column_object(col)->values_buffer;
    lt_column_object(to)->validity_buffer = lt_column_object(col)->validity_buffer;
    *out = to;
    return LT_OK;
}

lt_status lt_column_recode(struct lt_pool *pool, struct lt_column *coded, struct lt_column *dict,
                           struct lt_column **out)
{
    struct lt_column *to = lt_column_shell(pool, dict->type, LT_DICTIONARY, coded->len, 1);
    const struct lt_column_object *from = lt_column_object(coded);
    LT_ASSERT(coded->encoding == LT_DICTIONARY && dict->encoding == LT_FLAT);
    if (!to)
        return LT_NOMEM;
    lt_column_object(to)->cap = coded->len;
    for (uint32_t i = 0; i < coded->n_buffers; i++)
        if (lt_column_hold(to, coded->buffers[i]) != LT_OK) {
            lt_column_unref(to);
            return LT_NOMEM;
        }
    lt_column_object(to)->values_buffer = from->values_buffer;
    lt_column_object(to)->validity_buffer = from->validity_buffer;
    to->values = coded->values;
    to->validity = coded->validity;
    to->children[0] = lt_column_ref(dict);
    *out = to;
    return LT_OK;
}

/* A constant of another length. */
static lt_status constant_of(struct lt_pool *pool, struct lt_column *col, uint32_t len,
                             struct lt_column **out)
{
    struct lt_column *to;
    LT_TRY(column_view(pool, col, len, &to));
    to->values = col->values;
    to->validity = col->validity;
    lt_status status = LT_OK;
    for (uint32_t i = 0; status == LT_OK && i < col->n_children; i++) {
        if (!col->children[i])
            continue;
        if (col->phys == LT_PHYS_LIST)
            to->children[i] = lt_column_ref(col->children[i]);
        else
            status = constant_of(pool, col->children[i], len, &to->children[i]);
    }
    if (status == LT_OK)
        *out = to;
    else
        lt_column_unref(to);
    return status;
}

lt_status lt_column_take(struct lt_pool *pool, struct lt_column *col, const uint32_t *rows,
                         uint32_t n, bool may_share, struct lt_column **out)
{
    if (col->encoding == LT_CONSTANT) {
        if (n != col->len)
            return constant_of(pool, col, n, out);
        *out = lt_column_ref(col);
        return LT_OK;
    }
    if (col->encoding != LT_DICTIONARY)
        return column_pick(pool, col, rows, n, NULL, may_share, out);
    struct lt_column *to = lt_column_shell(pool, col->type, LT_DICTIONARY, n, 1);
    struct lt_buffer *codes = to ? lt_pool_buffer(pool, n * sizeof(uint32_t)) : NULL;
    if (!codes) {
        lt_column_unref(to);
        return LT_NOMEM;
    }
    gather_32((uint32_t *)(void *)codes->data, col->values, rows, n);
    to->values = codes->data;
    lt_column_object(to)->cap = n;
    lt_column_object(to)->values_buffer = codes;
    lt_status status = lt_column_hold(to, codes);
    lt_buffer_unref(codes);
    if (status == LT_OK)
        status = gather_validity(to, col->validity, rows, n, NULL);
    if (status != LT_OK) {
        lt_column_unref(to);
        return status;
    }
    to->children[0] = lt_column_ref(col->children[0]);
    *out = to;
    return LT_OK;
}

/* ---- flatten --------------------------------------------------------- */

static bool column_is_flat(const struct lt_column *col)
{
    if (col->encoding != LT_FLAT)
        return false;
    for (uint32_t i = 0; i < col->n_children; i++)
        if (col->children[i] && !column_is_flat(col->children[i]))
            return false;
    return true;
}

/* Every row in its order. */
static lt_status column_rows(struct lt_pool *pool, struct lt_column *col, const uint64_t *outer,
                             struct lt_column **out)
{
    struct lt_buffer *buffer = lt_pool_buffer(pool, col->len * sizeof(uint32_t));
    if (!buffer)
        return LT_NOMEM;
    uint32_t *rows = (uint32_t *)(void *)buffer->data;
    for (uint32_t i = 0; i < col->len; i++)
        rows[i] = i;
    lt_status status = column_pick(pool, col, rows, col->len, outer, false, out);
    lt_buffer_unref(buffer);
    return status;
}

lt_status lt_column_mask(struct lt_pool *pool, struct lt_column *col, const uint64_t *present,
                         struct lt_column **out)
{
    return column_rows(pool, col, present, out);
}

lt_status lt_column_flatten(struct lt_pool *pool, struct lt_column *col, struct lt_column **out)
{
    if (column_is_flat(col)) {
        *out = lt_column_ref(col);
        return LT_OK;
    }
    if (col->encoding != LT_FLAT)
        return column_rows(pool, col, NULL, out);
    struct lt_column *to;
    LT_TRY(column_view(pool, col, col->len, &to));
    to->values = col->values;
    to->validity = col->validity;
    lt_status status = LT_OK;
    for (uint32_t i = 0; status == LT_OK && i < col->n_children; i++)
        if (col->children[i])
            status = lt_column_flatten(pool, col->children[i], &to->children[i]);
    if (status == LT_OK)
        *out = to;
    else
        lt_column_unref(to);
    return status;
}

/* ---- slice ----------------------------------------------------------- */

static lt_status slice_validity(struct lt_column *to, const struct lt_column *col, uint32_t from)
{
    if (!col->validity || to->len == 0)
        return LT_OK;
    if (from % 64 == 0) {
        to->validity = col->validity + from / 64;
        return LT_OK;
    }
    LT_TRY(lt_column_own_validity(to));
    lt_bits_shift(to->validity, col->validity, from, to->len);
    return LT_OK;
}

static lt_status slice_rest(struct lt_pool *pool, struct lt_column *to, struct lt_column *col,
                            uint32_t from, uint32_t len)
{
    size_t size =
        col->encoding == LT_DICTIONARY ? sizeof(uint32_t) : lt_phys_size((enum lt_phys)col->phys);
    to->values = col->values ? (char *)col->values + from * size : NULL;
    LT_TRY(slice_validity(to, col, from));
    bool by_row = col->encoding == LT_FLAT && col->phys == LT_PHYS_STRUCT;
    for (uint32_t i = 0; i < col->n_children; i++) {
        if (!col->children[i])
            continue;
        if (by_row)
            LT_TRY(lt_column_slice(pool, col->children[i], from, len, &to->children[i]));
        else
            to->children[i] = lt_column_ref(col->children[i]);
    }
    return LT_OK;
}

lt_status lt_column_slice(struct lt_pool *pool, struct lt_column *col, uint32_t from, uint32_t len,
                          struct lt_column **out)
{
    LT_ASSERT(from <= col->len && len <= col->len - from);
    if (len == col->len) {
        *out = lt_column_ref(col);
        return LT_OK;
    }
    if (col->encoding == LT_CONSTANT)
        return constant_of(pool, col, len, out);
    struct lt_column *to;
    LT_TRY(column_view(pool, col, len, &to));
    lt_status status = slice_rest(pool, to, col, from, len);
    if (status == LT_OK)
        *out = to;
    else
        lt_column_unref(to);
    return status;
}
