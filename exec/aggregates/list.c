/* list.c -- LISTAGG, COLLECT and ARRAY_AGG: all values of a group, in order.
 *
 * The order is that of ORDER BY, then of arrival; over changing input, where a row
 * that is taken back does not say when it came, and for DISTINCT, of the values
 * themselves. Everything lies in an ordered bag whose values are the cells as bytes. */
#include "exec/aggregates/common.h"
#include "exec/state/bag.h"
#include "exec/state/order.h"

static lt_status list_update(const struct lt_agg_call *call, const struct lt_agg_input *in,
                             bool arrival)
{
    struct lt_buf key, value;
    lt_status status = LT_OK;
    lt_buf_init(&key, lt_heap_alloc(in->heap));
    lt_buf_init(&value, lt_heap_alloc(in->heap));
    for (uint32_t i = 0; i < in->n && status == LT_OK; i++) {
        uint32_t row = in->rows[i];
        if (call->ignore_nulls && lt_column_is_null(in->args[0], row))
            continue;
        status = lt_agg_order_key(call, in, row, arrival, &key);
        if (status == LT_OK && !arrival) {
            lt_order_encode(&key, in->args[0], row, LT_ORDER_ASC);
            status = key.status;
        }
        lt_buf_clear(&value);
        lt_cell_encode(&value, lt_column_cell(in->args[0], row));
        if (status == LT_OK)
            status = value.status;
        if (status == LT_OK)
            status = lt_bag_add(in->heap, (struct lt_bag *)lt_agg_state(in, i),
                                lt_buf_str(&key), lt_buf_str(&value),
                                lt_batch_weight(in->batch, row));
    }
    lt_buf_close(&key);
    lt_buf_close(&value);
    return status;
}

static lt_status arrival_update(LT_AGG_UPDATE_ARGS)
{
    return list_update(call, in, true);
}

static lt_status value_update(LT_AGG_UPDATE_ARGS)
{
    return list_update(call, in, false);
}

static lt_status list_merge(LT_AGG_MERGE_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(err);
    return lt_bag_merge(heap, (struct lt_bag *)into, from_heap, (const struct lt_bag *)from);
}

static void list_drop(const struct lt_agg_call *call, struct lt_state_heap *heap, char *state)
{
    LT_UNUSED(call);
    lt_bag_drop(heap, (struct lt_bag *)state);
}

/* ---- arrays ---------------------------------------------------------------------- */

struct fill {
    struct lt_column *elements;
    uint32_t at;
};

static lt_status fill_item(void *ctx, const struct lt_bag_item *item)
{
    struct fill *fill = ctx;
    for (int64_t i = 0; i < item->weight; i++) {
        const char *at = item->value.data;
        LT_TRY(lt_cell_decode(fill->elements, fill->at++, &at, at + item->value.len));
    }
    return LT_OK;
}

static lt_status array_finish(LT_AGG_FINISH_ARGS)
{
    const struct lt_bag *bag = (const struct lt_bag *)state;
    int64_t total = lt_bag_total(heap, bag);
    if (total == 0)
        return lt_agg_null(out, row);
    if (total > INT32_MAX)
        return lt_agg_overflow(call, err);
    struct lt_column *one = lt_column_new(out->pool, out->type, 1);
    struct fill fill = {lt_column_new(out->pool, out->type->children[0], (uint32_t)total), 0};
    lt_status status = one && fill.elements ? LT_OK : LT_NOMEM;
    if (status == LT_OK)
        status = lt_bag_walk(heap, bag, fill_item, &fill);
    if (status == LT_OK) {
        ((uint32_t *)one->values)[1] = (uint32_t)total;
        status = lt_column_set_child(one, 0, lt_column_ref(fill.elements));
    }
    if (status == LT_OK)
        status = lt_column_copy_cell(out, row, lt_column_cell(one, 0));
    lt_column_unref(fill.elements);
    lt_column_unref(one);
    return status;
}

/* ---- text ------------------------------------------------------------------------ */

struct joined {
    struct lt_buf text;
    struct lt_str separator;
    struct lt_column *cell; /* one lane, to read values back */
    bool begun;
};

static lt_status join_item(void *ctx, const struct lt_bag_item *item)
{
    struct joined *joined = ctx;
    const char *at = item->value.data;
    LT_TRY(lt_cell_decode(joined->cell, 0, &at, at + item->value.len));
    struct lt_str text = lt_sv_str((const struct lt_sv *)joined->cell->values);
    for (int64_t i = 0; i < item->weight; i++) {
        if (joined->begun)
            lt_buf_add(&joined->text, joined->separator.data, joined->separator.len);
        joined->begun = true;
        lt_buf_add(&joined->text, text.data, text.len);
    }
    return joined->text.status;
}

static lt_status listagg_finish(LT_AGG_FINISH_ARGS)
{
    LT_UNUSED(err);
    const struct lt_bag *bag = (const struct lt_bag *)state;
    if (lt_bag_total(heap, bag) == 0)
        return lt_agg_null(out, row);
    struct joined joined = {.separator = LT_STR(",")};
    if (call->n_args - call->n_order > 1 && call->constants && call->constants[1])
        joined.separator = lt_sv_str((const struct lt_sv *)call->constants[1]->values);
    lt_buf_init(&joined.text, lt_heap_alloc(heap));
    joined.cell = lt_column_new(out->pool, call->args[0], 1);
    lt_status status = joined.cell ? lt_bag_walk(heap, bag, join_item, &joined) : LT_NOMEM;
    if (status == LT_OK)
        status = lt_column_put_str(out, row, lt_buf_str(&joined.text));
    lt_column_unref(joined.cell);
    lt_buf_close(&joined.text);
    return status;
}

/* ---- kernels --------------------------------------------------------------------- */

#define LIST_KERNEL(update_fn, finish_fn, nulls, retract)                                          \
    {                                                                                              \
        .state_size = sizeof(struct lt_bag), .update = update_fn, .merge = list_merge,             \
        .finish = finish_fn, .drop = list_drop, .takes_nulls = nulls, .retractable = retract       \
    }
static const struct lt_agg_kernel listagg_arrival =
    LIST_KERNEL(arrival_update, listagg_finish, false, false);
static const struct lt_agg_kernel listagg_value =
    LIST_KERNEL(value_update, listagg_finish, false, true);
static const struct lt_agg_kernel array_arrival =
    LIST_KERNEL(arrival_update, array_finish, true, false);
static const struct lt_agg_kernel array_value =
    LIST_KERNEL(value_update, array_finish, true, true);
static const struct lt_agg_kernel collect_value =
    LIST_KERNEL(value_update, array_finish, false, true);

static lt_status listagg_bind(struct lt_bind_aggregate *agg)
{
    struct lt_bind_call *call = &agg->call;
    if (!lt_type_is_char(call->args[0]))
        call->args[0] = &lt_type_string;
    if (call->n_args > 1 && (!call->constants[1] || !lt_type_is_char(call->args[1]) ||
                             lt_column_is_null(call->constants[1], 0)))
        return lt_agg_refuse(call, 1, "a constant text as separator");
    agg->kernel = agg->changing || agg->distinct ? &listagg_value : &listagg_arrival;
    return lt_agg_result(call, &lt_type_string);
}

static lt_status array_bind(struct lt_bind_aggregate *agg)
{
    struct lt_bind_call *call = &agg->call;
    if (call->args[0]->kind == LT_TYPE_NULL)
        call->args[0] = &lt_type_int;
    const struct lt_type *element = lt_type_with_null(call->arena, call->args[0], true);
    const struct lt_type *type = element ? lt_type_array(call->arena, element) : NULL;
    if (!type)
        return LT_NOMEM;
    agg->kernel = agg->changing || agg->distinct ? &array_value : &array_arrival;
    return lt_agg_result(call, type);
}

static lt_status collect_bind(struct lt_bind_aggregate *agg)
{
    struct lt_bind_call *call = &agg->call;
    if (call->args[0]->kind == LT_TYPE_NULL)
        call->args[0] = &lt_type_int;
    const struct lt_type *type = lt_type_multiset(call->arena, call->args[0]);
    if (!type)
        return LT_NOMEM;
    agg->kernel = &collect_value;
    return lt_agg_result(call, type);
}

const struct lt_aggregate lt_agg_listagg = {
    .name = "LISTAGG",
    .aliases = "STRING_AGG",
    .args_min = 1,
    .args_max = 2,
    .order_matters = true,
    .bind = listagg_bind,
    .signature = "LISTAGG([DISTINCT] text STRING [, separator STRING]) [WITHIN GROUP (ORDER BY "
                 "key, ...)] -> STRING",
    .doc = "The texts that are not NULL, joined by the separator (a comma when none is given), in "
           "the order given, else of arrival (with DISTINCT: of the text). NULL when there are "
           "none.",
    .example = "LISTAGG(x, '; ') FROM (VALUES ('b'), ('a')) AS t(x)",
    .result = "b; a",
};

const struct lt_aggregate lt_agg_array_agg = {
    .name = "ARRAY_AGG",
    .args_min = 1,
    .args_max = 1,
    .order_matters = true,
    .bind = array_bind,
    .signature = "ARRAY_AGG([DISTINCT] value ANY [ORDER BY key, ...]) [IGNORE NULLS] -> ARRAY",
    .doc = "All values, NULL too unless IGNORE NULLS, in the order given or else of arrival.",
    .example = "ARRAY_AGG(x) FROM (VALUES (2), (1)) AS t(x)",
    .result = "[2, 1]",
};

const struct lt_aggregate lt_agg_collect = {
    .name = "COLLECT",
    .args_min = 1,
    .args_max = 1,
    .bind = collect_bind,
    .signature = "COLLECT([DISTINCT] value ANY) -> MULTISET",
    .doc = "The multiset of the values that are not NULL, ordered by value; NULL when there are "
           "none.",
    .example = "COLLECT(x) FROM (VALUES (2), (1), (2)) AS t(x)",
    .result = "[1, 2, 2]",
};
