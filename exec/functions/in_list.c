/* in_list.c -- IN (a, b, ...): a hash set when the list is constant, else one by one.
 *
 * A few constant integers or short texts are compared as words, one after the other
 * over all rows.
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

/* ---- a few words ---------------------------------------------------- */

static LT_KERNEL void few_i32(const int32_t *restrict from, int32_t c, uint32_t len,
                              int8_t *restrict found)
{
    for (uint32_t i = 0; i < len; i++)
        found[i] |= from[i] == c;
}
static LT_KERNEL void few_i64(const int64_t *restrict from, int64_t c, uint32_t len,
                              int8_t *restrict found)
{
    for (uint32_t i = 0; i < len; i++)
        found[i] |= from[i] == c;
}
static LT_KERNEL void few_texts(const struct lt_sv *restrict from, const struct lt_sv *constant,
                                uint32_t len, int8_t *restrict found)
{
    const char *views = (const char *)from;
    uint64_t c[2], words[2];
    memcpy(c, constant, sizeof(c));
    for (uint32_t i = 0; i < len; i++) {
        memcpy(words, views + i * sizeof(*from), sizeof(words));
        found[i] |= ((words[0] ^ c[0]) | (words[1] ^ c[1])) == 0;
    }
}

/* Strict, since the list holds no NULL; over every lane. */
static lt_status few_eval(struct lt_eval *eval, struct lt_column *const *args, uint32_t n_args,
                          const struct lt_type *result, const void *data, struct lt_column **out)
{
    LT_UNUSED(data);
    if (args[0]->encoding != LT_FLAT)
        return fn_lax_rows(eval, args, n_args, result, NULL, out, in_row);
    struct lt_column *to = lt_column_new(eval->pool, result, eval->len);
    if (to == NULL)
        return LT_NOMEM;
    for (uint32_t a = 1; a < n_args; a++) {
        switch (args[0]->phys) {
        case LT_PHYS_I32:
            few_i32(args[0]->values, FN_LANE(int32_t, args[a], 0), eval->len, to->values);
            break;
        case LT_PHYS_I64:
            few_i64(args[0]->values, FN_LANE(int64_t, args[a], 0), eval->len, to->values);
            break;
        default: few_texts(args[0]->values, args[a]->values, eval->len, to->values); break;
        }
    }
    *out = to;
    return LT_OK;
}
static const struct lt_kernel few_kernel = {
    .name = "IN", .eval = few_eval, .strict = true, .dense = true, .total = true};

/* Will all of the list, as values of `type`, be words to compare with? */
static bool is_few(const struct lt_bind_call *call, const struct lt_type *type)
{
    enum lt_phys phys = lt_type_phys(type);
    bool numbers = lt_type_is_integer(type) && (phys == LT_PHYS_I32 || phys == LT_PHYS_I64);
    if (call->n_args > SET_LIST_MIN || call->constants == NULL)
        return false;
    for (uint32_t a = 1; a < call->n_args; a++) {
        const struct lt_column *constant = call->constants[a];
        struct lt_str text;
        if (constant == NULL || lt_column_is_null(constant, 0))
            return false;
        if (numbers ? !lt_type_is_integer(constant->type)
                    : type->kind != LT_TYPE_VARCHAR || !fn_constant_text(call, a, &text) ||
                          text.len > LT_SV_INLINE_MAX)
            return false;
    }
    return true;
}

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
    return fn_result(call, &lt_type_boolean, is_few(call, type) ? &few_kernel : &in_kernel);
}
FN(in, "IN", NULL, "comparison", 2, 255, bind_in, "x IN (a, b, ...) -> BOOLEAN",
   "TRUE when x equals one of the values; NULL when x is NULL, or when none matches and one is "
   "NULL.",
   "2 IN (1, 2, 3)", "TRUE");
