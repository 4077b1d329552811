/* in_list.c -- IN (a, b, ...): a hash set when the list is constant, else one by one.
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

static lt_status in_eval(struct lt_eval *eval, struct lt_column *const *args, uint32_t n_args,
                         const struct lt_type *result, const void *data, struct lt_column **out)
{
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
