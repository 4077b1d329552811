/* cast.c -- CAST of a column: encodings, NULLs, nested types; the families do the rest.
 *
 * A cast that changes no byte (INT to INT, VARCHAR(3) to STRING) shares the
 * buffers. A constant is cast once. Elements of lists are cast only for the rows
 * that count, so an element of an excluded row cannot fail. */
#include "exec/cast_internal.h"

#include "catalog/typing.h"

lt_status cast_refuse(struct cast *c, uint32_t i)
{
    struct lt_buf value, from, to;
    if (c->mode == LT_CAST_TRY) {
        LT_TRY(lt_column_own_validity(c->to));
        lt_column_set_null(c->to, i);
        return LT_OK;
    }
    lt_buf_init(&value, c->eval->scratch->alloc);
    lt_buf_init(&from, c->eval->scratch->alloc);
    lt_buf_init(&to, c->eval->scratch->alloc);
    lt_cell_print(&value, lt_column_cell(c->from, i), c->eval->zone);
    lt_type_print(&from, c->from->type);
    lt_type_print(&to, c->to->type);
    lt_fail(c->eval->err, LT_DATA,
            "cannot cast '%.*s' (%.*s) to %.*s: TRY_CAST gives NULL for such a value",
            (int)(value.len < 200 ? value.len : 200), lt_buf_str(&value).data,
            LT_STR_ARG(lt_buf_str(&from)), LT_STR_ARG(lt_buf_str(&to)));
    lt_buf_close(&value);
    lt_buf_close(&from);
    lt_buf_close(&to);
    return LT_DATA;
}

/* ---- nested types --------------------------------------------------- */

static lt_status cast_struct(struct cast *c)
{
    for (uint32_t f = 0; f < c->from->n_children; f++) {
        struct lt_column *child;
        LT_TRY(lt_cast_column(c->eval, c->from->children[f], c->to->type->children[f], c->mode,
                              &child));
        if (child->encoding != LT_FLAT) {
            struct lt_column *flat;
            lt_status status = lt_column_flatten(c->eval->pool, child, &flat);
            lt_column_unref(child);
            LT_TRY(status);
            child = flat;
        }
        LT_TRY(lt_column_set_child(c->to, f, child));
    }
    return LT_OK;
}

/* Gathers the elements of the rows that count, casts those, and renumbers. */
static lt_status cast_list_child(struct cast *c, uint32_t f, const uint32_t *elements, uint32_t n)
{
    struct lt_eval inner = *c->eval;
    struct lt_column *taken, *child = NULL, *flat = NULL;
    lt_status status;
    LT_TRY(lt_column_take(c->eval->pool, c->from->children[f], elements, n, false, &taken));
    inner.len = inner.n_sel = n;
    inner.sel = NULL;
    status = lt_cast_column(&inner, taken, c->to->type->children[f], c->mode, &child);
    c->eval->kept = inner.kept;
    c->eval->text = inner.text;
    lt_column_unref(taken);
    LT_TRY(status);
    status = lt_column_flatten(c->eval->pool, child, &flat);
    lt_column_unref(child);
    LT_TRY(status);
    return lt_column_set_child(c->to, f, flat);
}

static lt_status cast_list(struct cast *c)
{
    const uint32_t *from = c->from->values;
    uint32_t *to = c->to->values, len = c->eval->len, n = 0, at = 0;
    uint32_t total = from[len] - from[0];
    uint32_t *elements = lt_arena_get(c->eval->scratch, (total + 1) * sizeof(*elements));
    if (elements == NULL)
        return LT_NOMEM;
    CAST_EACH(c, i)
    {
        while (at <= i)
            to[at++] = n;
        for (uint32_t e = from[i]; e < from[i + 1]; e++)
            elements[n++] = e;
    }
    while (at <= len)
        to[at++] = n;
    for (uint32_t f = 0; f < c->from->n_children; f++)
        LT_TRY(cast_list_child(c, f, elements, n));
    return LT_OK;
}

/* ---- the table ------------------------------------------------------ */

typedef lt_status (*cast_fn)(struct cast *c);

static bool is_time(const struct lt_type *t)
{
    return t->kind >= LT_TYPE_DATE && t->kind <= LT_TYPE_TIMESTAMP_LTZ;
}

static cast_fn cast_find(const struct lt_type *from, const struct lt_type *to)
{
    if (lt_type_is_char(to))
        return cast_to_text;
    if (lt_type_is_binary(to))
        return cast_to_bytes;
    if (lt_type_is_char(from))
        return cast_from_text;
    if (is_time(to))
        return cast_time;
    if (to->kind == LT_TYPE_ROW)
        return cast_struct;
    if (to->n_children > 0)
        return cast_list;
    return cast_number;
}

/* Is every value of `from` one of `to`, byte for byte? */
static bool cast_is_view(const struct lt_type *from, const struct lt_type *to)
{
    if (lt_type_same(from, to))
        return true;
    if ((lt_type_is_char(from) && to->kind == LT_TYPE_VARCHAR) ||
        (lt_type_is_binary(from) && to->kind == LT_TYPE_VARBINARY) ||
        (lt_type_is_char(from) && to->kind == LT_TYPE_VARBINARY))
        return to->length >= from->length &&
               (lt_type_is_char(to) == lt_type_is_char(from) || to->length == LT_LENGTH_MAX);
    if (from->kind == to->kind && is_time(from) && from->kind != LT_TYPE_DATE)
        return to->precision >= from->precision;
    return false;
}

/* Text and nested values keep their column, which tells no difference; a time gets
 * one of its own, because its type says how many digits it prints. */
static lt_status cast_view(struct lt_eval *eval, struct lt_column *col, const struct lt_type *to,
                           struct lt_column **out)
{
    struct lt_column *flat, *copy;
    size_t size = lt_phys_size(lt_type_phys(to));
    if (!is_time(to) || to->precision == col->type->precision) {
        *out = lt_column_ref(col);
        return LT_OK;
    }
    LT_TRY(lt_eval_flat(eval, col, &flat));
    copy = lt_column_new_raw(eval->pool, to, flat->len);
    if (copy == NULL)
        return LT_NOMEM;
    memcpy(copy->values, flat->values, flat->len * size);
    if (flat->validity) {
        if (lt_column_own_validity(copy) != LT_OK) {
            lt_column_unref(copy);
            return LT_NOMEM;
        }
        memcpy(copy->validity, flat->validity, lt_bits_words(flat->len) * sizeof(uint64_t));
    }
    *out = copy;
    return LT_OK;
}

static lt_status cast_flat(struct lt_eval *eval, const struct lt_column *from,
                           const struct lt_type *type, enum lt_cast_mode mode,
                           struct lt_column **out)
{
    struct cast c = {.eval = eval, .from = from, .mode = mode};
    lt_status status = LT_OK;
    if (lt_cast_is_dense(from->type, type)) /* every lane will be written */
        c.to = lt_column_new_raw(eval->pool, type, eval->len);
    else
        c.to = lt_column_new(eval->pool, type, eval->len);
    if (c.to == NULL)
        return LT_NOMEM;
    if (from->validity) {
        status = lt_column_own_validity(c.to);
        if (status == LT_OK)
            memcpy(c.to->validity, from->validity, lt_bits_words(eval->len) * sizeof(uint64_t));
    }
    if (status == LT_OK)
        status = cast_find(from->type, type)(&c);
    if (status != LT_OK) {
        lt_column_unref(c.to);
        return status;
    }
    *out = c.to;
    return LT_OK;
}

/* Cast once, for all rows. */
static lt_status cast_constant(struct lt_eval *eval, struct lt_column *col,
                               const struct lt_type *type, enum lt_cast_mode mode,
                               struct lt_column **out)
{
    struct lt_eval inner = *eval;
    struct lt_column *one = NULL, *flat = NULL, *to;
    const uint32_t row = 0;
    lt_status status;
    if (lt_column_is_null(col, 0) || col->type->kind == LT_TYPE_NULL || eval->n_sel == 0) {
        *out = lt_column_new_null(eval->pool, type, col->len);
        return *out ? LT_OK : LT_NOMEM;
    }
    LT_TRY(lt_column_take(eval->pool, col, &row, 1, false, &one));
    status = lt_column_flatten(eval->pool, one, &flat);
    lt_column_unref(one);
    LT_TRY(status);
    inner.len = inner.n_sel = 1;
    inner.sel = NULL;
    status = cast_flat(&inner, flat, type, mode, &one);
    eval->kept = inner.kept;
    eval->text = inner.text;
    lt_column_unref(flat);
    LT_TRY(status);
    if (lt_column_is_null(one, 0)) {
        to = lt_column_new_null(eval->pool, type, col->len);
        status = to ? LT_OK : LT_NOMEM;
    } else {
        to = lt_column_new_constant(eval->pool, type, col->len);
        status = to ? lt_column_copy_cell(to, 0, lt_column_cell(one, 0)) : LT_NOMEM;
    }
    lt_column_unref(one);
    if (status != LT_OK) {
        lt_column_unref(to);
        return status;
    }
    *out = to;
    return LT_OK;
}

lt_status lt_cast_column(struct lt_eval *eval, struct lt_column *col, const struct lt_type *to,
                         enum lt_cast_mode mode, struct lt_column **out)
{
    struct lt_column *flat;
    LT_ASSERT(lt_cast_exists(col->type, to));
    if (col->type->kind == LT_TYPE_NULL && to->kind != LT_TYPE_NULL) {
        *out = lt_column_new_null(eval->pool, to, col->len);
        return *out ? LT_OK : LT_NOMEM;
    }
    if (cast_is_view(col->type, to))
        return cast_view(eval, col, to, out);
    if (col->encoding == LT_CONSTANT)
        return cast_constant(eval, col, to, mode, out);
    LT_TRY(lt_eval_flat(eval, col, &flat));
    return cast_flat(eval, flat, to, mode, out);
}
