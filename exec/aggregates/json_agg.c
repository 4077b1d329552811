/* json_agg.c -- JSON_ARRAYAGG and JSON_OBJECTAGG: a group's values as JSON text.
 *
 * An array has its values in the order given, else of arrival (over changing input and
 * with DISTINCT of the values), without NULLs. An object has its members in the order
 * of their keys; of equal keys the last to arrive stays, and a NULL value is null. */
#include "exec/aggregates/common.h"
#include "exec/functions/json_text.h"
#include "exec/state/bag.h"
#include "exec/state/order.h"

/* Array: {place, value}. Object: {key bytes, place, key and value}. */
static lt_status json_add(const struct lt_agg_call *call, const struct lt_agg_input *in,
                          uint32_t i, bool arrival, bool object, struct lt_buf *key,
                          struct lt_buf *value)
{
    uint32_t row = in->rows[i];
    if (object && lt_column_is_null(in->args[0], row))
        return lt_fail(in->err, LT_DATA, "a key of JSON_OBJECTAGG is NULL; filter such rows out");
    lt_buf_clear(value);
    lt_cell_encode(value, lt_column_cell(in->args[0], row));
    if (object)
        lt_cell_encode(value, lt_column_cell(in->args[1], row));
    if (object && arrival) {
        struct lt_buf place;
        lt_buf_init(&place, key->alloc);
        lt_status status = lt_agg_order_key(call, in, row, true, &place);
        lt_buf_clear(key);
        lt_order_encode(key, in->args[0], row, LT_ORDER_ASC);
        lt_buf_add(key, place.data, place.len);
        lt_buf_close(&place);
        LT_TRY(status);
    } else {
        LT_TRY(lt_agg_order_key(call, in, row, arrival, key));
        if (!arrival)
            lt_order_encode(key, in->args[0], row, LT_ORDER_ASC);
    }
    if (key->status != LT_OK || value->status != LT_OK)
        return LT_NOMEM;
    return lt_bag_add(in->heap, (struct lt_bag *)lt_agg_state(in, i), lt_buf_str(key),
                      lt_buf_str(value), lt_batch_weight(in->batch, row));
}

static lt_status json_update(const struct lt_agg_call *call, const struct lt_agg_input *in,
                             bool arrival, bool object)
{
    struct lt_buf key, value;
    lt_status status = LT_OK;
    lt_buf_init(&key, lt_heap_alloc(in->heap));
    lt_buf_init(&value, lt_heap_alloc(in->heap));
    for (uint32_t i = 0; i < in->n && status == LT_OK; i++)
        status = json_add(call, in, i, arrival, object, &key, &value);
    lt_buf_close(&key);
    lt_buf_close(&value);
    return status;
}

static lt_status array_arrival(LT_AGG_UPDATE_ARGS)
{
    return json_update(call, in, true, false);
}

static lt_status array_value(LT_AGG_UPDATE_ARGS)
{
    return json_update(call, in, false, false);
}

static lt_status object_arrival(LT_AGG_UPDATE_ARGS)
{
    return json_update(call, in, true, true);
}

static lt_status object_value(LT_AGG_UPDATE_ARGS)
{
    return json_update(call, in, false, true);
}

static lt_status json_merge(LT_AGG_MERGE_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(err);
    return lt_bag_merge(heap, (struct lt_bag *)into, from_heap, (const struct lt_bag *)from);
}

static void json_drop(const struct lt_agg_call *call, struct lt_state_heap *heap, char *state)
{
    LT_UNUSED(call);
    lt_bag_drop(heap, (struct lt_bag *)state);
}

struct writing {
    const struct lt_agg_call *call;
    struct lt_pool *pool;
    struct lt_buf text;
    struct lt_buf key, last_key; /* of members, quoted */
    size_t member_at;            /* where the member of last_key begins */
    bool begun;
};

/* Reads one value back as a column of one row. */
static lt_status read_back(struct writing *w, uint32_t arg, const char **at, const char *end,
                           struct lt_column **out)
{
    struct lt_column *col = lt_column_new(w->pool, w->call->args[arg], 1);
    lt_status status = col ? lt_cell_decode(col, 0, at, end) : LT_NOMEM;
    if (status == LT_OK)
        *out = col;
    else
        lt_column_unref(col);
    return status;
}

static lt_status write_element(void *ctx, const struct lt_bag_item *item)
{
    struct writing *w = ctx;
    const char *at = item->value.data;
    struct lt_column *col;
    LT_TRY(read_back(w, 0, &at, at + item->value.len, &col));
    for (int64_t i = 0; i < item->weight; i++) {
        if (w->begun)
            lt_buf_addc(&w->text, ',');
        w->begun = true;
        json_write(&w->text, lt_column_cell(col, 0), &lt_tz_utc);
    }
    lt_column_unref(col);
    return w->text.status;
}

static lt_status write_member(void *ctx, const struct lt_bag_item *item)
{
    struct writing *w = ctx;
    const char *at = item->value.data, *end = at + item->value.len;
    struct lt_column *key, *value;
    LT_TRY(read_back(w, 0, &at, end, &key));
    lt_buf_clear(&w->key);
    json_write(&w->key, lt_column_cell(key, 0), &lt_tz_utc);
    lt_column_unref(key);
    LT_TRY(w->key.status);
    LT_TRY(read_back(w, 1, &at, end, &value));
    if (w->begun && lt_str_equal(lt_buf_str(&w->key), lt_buf_str(&w->last_key)))
        w->text.len = w->member_at; /* the later one stays */
    else
        w->member_at = w->text.len;
    if (w->text.len > 1)
        lt_buf_addc(&w->text, ',');
    lt_buf_add(&w->text, w->key.data, w->key.len);
    lt_buf_addc(&w->text, ':');
    json_write(&w->text, lt_column_cell(value, 0), &lt_tz_utc);
    lt_column_unref(value);
    lt_buf_clear(&w->last_key);
    lt_buf_add(&w->last_key, w->key.data, w->key.len);
    w->begun = true;
    return w->text.status != LT_OK ? w->text.status : w->last_key.status;
}

static lt_status json_finish(const struct lt_agg_call *call, const struct lt_state_heap *heap,
                             const char *state, struct lt_column *out, uint32_t row, bool object)
{
    struct writing w = {.call = call, .pool = out->pool};
    lt_buf_init(&w.text, lt_heap_alloc(heap));
    lt_buf_init(&w.key, lt_heap_alloc(heap));
    lt_buf_init(&w.last_key, lt_heap_alloc(heap));
    lt_buf_addc(&w.text, object ? '{' : '[');
    lt_status status =
        lt_bag_walk(heap, (const struct lt_bag *)state, object ? write_member : write_element, &w);
    lt_buf_addc(&w.text, object ? '}' : ']');
    if (status == LT_OK)
        status = w.text.status;
    if (status == LT_OK)
        status = lt_column_put_str(out, row, lt_buf_str(&w.text));
    lt_buf_close(&w.text);
    lt_buf_close(&w.key);
    lt_buf_close(&w.last_key);
    return status;
}

static lt_status array_finish(LT_AGG_FINISH_ARGS)
{
    LT_UNUSED(err);
    return json_finish(call, heap, state, out, row, false);
}

static lt_status object_finish(LT_AGG_FINISH_ARGS)
{
    LT_UNUSED(err);
    return json_finish(call, heap, state, out, row, true);
}

#define JSON_KERNEL(update_fn, finish_fn, nulls, retract)                                          \
    {                                                                                              \
        .state_size = sizeof(struct lt_bag), .update = update_fn, .merge = json_merge,             \
        .finish = finish_fn, .drop = json_drop, .takes_nulls = nulls, .retractable = retract       \
    }
static const struct lt_agg_kernel array_kernels[2] = {
    JSON_KERNEL(array_arrival, array_finish, false, false),
    JSON_KERNEL(array_value, array_finish, false, true),
};
static const struct lt_agg_kernel object_kernels[2] = {
    JSON_KERNEL(object_arrival, object_finish, true, false),
    JSON_KERNEL(object_value, object_finish, true, true),
};

static lt_status array_bind(struct lt_bind_aggregate *agg)
{
    if (agg->call.args[0]->kind == LT_TYPE_NULL)
        agg->call.args[0] = &lt_type_string;
    agg->kernel = &array_kernels[agg->changing || agg->distinct];
    agg->call.result = &lt_type_string_not_null;
    return LT_OK;
}

static lt_status object_bind(struct lt_bind_aggregate *agg)
{
    struct lt_bind_call *call = &agg->call;
    if (!lt_type_is_char(call->args[0]))
        return lt_agg_refuse(call, 0, "a text as key");
    if (call->args[1]->kind == LT_TYPE_NULL)
        call->args[1] = &lt_type_string;
    agg->kernel = &object_kernels[agg->changing || agg->distinct];
    call->result = &lt_type_string_not_null;
    return LT_OK;
}

const struct lt_aggregate lt_agg_json_arrayagg = {
    .name = "JSON_ARRAYAGG",
    .args_min = 1,
    .args_max = 1,
    .order_matters = true,
    .bind = array_bind,
    .signature = "JSON_ARRAYAGG([DISTINCT] value ANY [ORDER BY key, ...]) -> STRING NOT NULL",
    .doc = "The values that are not NULL as a JSON array, in the order given or else of arrival.",
    .example = "JSON_ARRAYAGG(x) FROM (VALUES ('a'), ('b')) AS t(x)",
    .result = "[\"a\",\"b\"]",
};

const struct lt_aggregate lt_agg_json_objectagg = {
    .name = "JSON_OBJECTAGG",
    .args_min = 2,
    .args_max = 2,
    .order_matters = true,
    .bind = object_bind,
    .signature = "JSON_OBJECTAGG(KEY key STRING VALUE value ANY) -> STRING NOT NULL",
    .doc = "A JSON object with a member per key, ordered by key; of equal keys the last to arrive "
           "stays.",
    .example = "JSON_OBJECTAGG(KEY k VALUE v) FROM (VALUES ('a', 1), ('b', 2)) AS t(k, v)",
    .result = "{\"a\":1,\"b\":2}",
};
