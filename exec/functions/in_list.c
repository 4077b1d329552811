/* in_list.c -- IN (a, b, ...): a hash set when the list is constant, else one by one.
 *
 * A few constant integers are compared as such, without cells.
 *
 * NULL in, NULL out; and where nothing matches, a NULL in the list leaves the
 * answer open: 1 IN (2, NULL) is NULL. */
#include "exec/functions/support.h"

enum { SET_LIST_MIN = 8 };

/* Open addressing; a slot holds 1 + the index of a constant, 0 is free. */
struct in_set {
    uint32_t n, mask;
    bool has_null;
    const struct lt_column **items;
    uint32_t slots[];
};

static size_t set_size(uint32_t mask, uint32_t n)
{
    return sizeof(struct in_set) + (mask + 1ull) * sizeof(uint32_t) + n * sizeof(void *) + 8;
}

static bool set_has(const struct in_set *set, struct lt_cell cell)
{
    for (uint64_t at = lt_cell_hash(cell, 0);; at++) {
        uint32_t slot = set->slots[at & set->mask];
        if (slot == 0)
            return false;
        if (lt_cell_equal(lt_column_cell(set->items[slot - 1], 0), cell))
            return true;
    }
}

static void set_add(struct in_set *set, const struct lt_column *item)
{
    struct lt_cell cell = lt_column_cell(item, 0);
    uint64_t at;
    if (cell.null) {
        set->has_null = true;
        return;
    }
    if (set_has(set, cell))
        return;
    at = lt_cell_hash(cell, 0);
    while (set->slots[at & set->mask] != 0)
        at++;
    set->items[set->n++] = item;
    set->slots[at & set->mask] = set->n;
}

static lt_status in_prepare(struct lt_alloc *alloc, const struct lt_column *const *constants,
                            uint32_t n_args, const struct lt_type *const *types, void **data,
                            struct lt_error *err)
{
    struct in_set *set;
    uint32_t mask = 15;
    LT_UNUSED(types);
    LT_UNUSED(err);
    for (uint32_t a = 1; a < n_args; a++) {
        if (constants[a] == NULL)
            return LT_OK;
    }
    if (n_args - 1 < SET_LIST_MIN)
        return LT_OK;
    while (mask < 2 * n_args)
        mask = mask * 2 + 1;
    set = lt_alloc_zero(alloc, set_size(mask, n_args));
    if (set == NULL)
        return LT_NOMEM;
    set->mask = mask;
    set->items =
        (const struct lt_column **)(void *)(((uintptr_t)&set->slots[mask + 1] + 7) & ~(uintptr_t)7);
    for (uint32_t a = 1; a < n_args; a++)
        set_add(set, constants[a]);
    /* n is needed for the size at release: the arguments, not the distinct values. */
    set->n = n_args;
    *data = set;
    return LT_OK;
}

static void in_release(struct lt_alloc *alloc, void *data)
{
    struct in_set *set = data;
    lt_alloc_put(alloc, set, set_size(set->mask, set->n));
}

static lt_status in_row(struct fn_row *r, uint32_t i)
{
    const struct in_set *set = r->data;
    struct lt_cell value = lt_column_cell(r->args[0], i);
    bool open = false;
    if (value.null)
        return fn_set_null(r, i);
    if (set) {
        if (set_has(set, value))
            return fn_set_bool(r, i, true);
        return set->has_null ? fn_set_null(r, i) : fn_set_bool(r, i, false);
    }
    for (uint32_t a = 1; a < r->n_args; a++) {
        struct lt_cell item = lt_column_cell(r->args[a], i);
        open = open || item.null;
        if (!item.null && lt_cell_equal(item, value))
            return fn_set_bool(r, i, true);
    }
    return open ? fn_set_null(r, i) : fn_set_bool(r, i, false);
}

/* At most SET_LIST_MIN constants of INT or BIGINT, none NULL: the list as numbers. */
static bool in_numbers(struct lt_column *const *args, uint32_t n_args, int64_t *items)
{
    if (n_args > SET_LIST_MIN || args[0]->encoding != LT_FLAT ||
        (args[0]->phys != LT_PHYS_I32 && args[0]->phys != LT_PHYS_I64))
        return false;
    for (uint32_t a = 1; a < n_args; a++) {
        if (args[a]->encoding != LT_CONSTANT || lt_column_is_null(args[a], 0))
            return false;
        items[a - 1] = args[0]->phys == LT_PHYS_I32 ? FN_LANE(int32_t, args[a], 0)
                                                    : FN_LANE(int64_t, args[a], 0);
    }
    return true;
}

/* The lanes of every row; a NULL lane holds 0 and is made NULL by its validity. */
static lt_status in_few(struct lt_eval *eval, const struct lt_column *col, const int64_t *items,
                        uint32_t n, const struct lt_type *result, struct lt_column **out)
{
    struct lt_column *to = lt_column_new(eval->pool, result, eval->len);
    if (to == NULL)
        return LT_NOMEM;
    int8_t *found = to->values;
    for (uint32_t k = 0; k < n; k++) {
        if (col->phys == LT_PHYS_I32) {
            for (uint32_t i = 0; i < eval->len; i++)
                found[i] |= ((const int32_t *)col->values)[i] == items[k];
        } else {
            for (uint32_t i = 0; i < eval->len; i++)
                found[i] |= ((const int64_t *)col->values)[i] == items[k];
        }
    }
    if (col->validity) {
        if (lt_column_own_validity(to) != LT_OK) {
            lt_column_unref(to);
            return LT_NOMEM;
        }
        memcpy(to->validity, col->validity, lt_bits_words(eval->len) * sizeof(uint64_t));
        for (uint32_t i = 0; i < eval->len; i++)
            found[i] &= lt_bits_get(col->validity, i);
    }
    *out = to;
    return LT_OK;
}

static lt_status in_eval(struct lt_eval *eval, struct lt_column *const *args, uint32_t n_args,
                         const struct lt_type *result, const void *data, struct lt_column **out)
{
    int64_t items[SET_LIST_MIN];
    if (in_numbers(args, n_args, items))
        return in_few(eval, args[0], items, n_args - 1, result, out);
    return fn_lax_rows(eval, args, n_args, result, data, out, in_row);
}
static const struct lt_kernel in_kernel = {
    .name = "IN", .eval = in_eval, .prepare = in_prepare, .release = in_release, .total = true};

static lt_status bind_in(struct lt_bind_call *call)
{
    const struct lt_type *type = call->args[0];
    for (uint32_t i = 1; i < call->n_args; i++) {
        lt_status status = lt_comparable_type(call->arena, type, call->args[i], &type);
        if (status == LT_INVALID)
            return fn_refuse(call, "the values cannot be compared, CAST them");
        LT_TRY(status);
    }
    if (type->kind == LT_TYPE_NULL)
        type = &lt_type_boolean;
    for (uint32_t i = 0; i < call->n_args; i++)
        LT_TRY(fn_force(call, i, type));
    return fn_result(call, &lt_type_boolean, &in_kernel);
}
FN(in, "IN", NULL, "comparison", 2, 255, bind_in, "x IN (a, b, ...) -> BOOLEAN",
   "TRUE when x equals one of the values; NULL when x is NULL, or when none matches and one is "
   "NULL.",
   "2 IN (1, 2, 3)", "TRUE");
