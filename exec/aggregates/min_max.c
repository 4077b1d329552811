/* min_max.c -- MIN and MAX.
 *
 * Over append-only input the best value so far is all there is: a lane of 64 bits,
 * an __int128, or text in the heap. Over changing input every value is kept in an
 * ordered bag, so that the next best is known when the best is taken back. The
 * order is that of ORDER BY: -0.0 = 0.0, NaN above everything. */
#include "exec/aggregates/common.h"
#include "exec/kernels/range.h"
#include "exec/state/bag.h"
#include "exec/state/order.h"

struct lane_best {
    int64_t lane;
    uint64_t has;
};
struct wide_best {
    __int128 value;
    uint64_t has;
};
struct text_best {
    struct lt_sv text; /* longer than inline: u holds an lt_ref */
    uint32_t cap;      /* of the heap piece; 0 = none */
    uint32_t has;
};
struct bag_best {
    struct lt_bag bag;
};

#define UPDATE_ARGS const struct lt_agg_call *call, const struct lt_agg_input *in
#define MERGE_ARGS                                                                                 \
    const struct lt_agg_call *call, struct lt_state_heap *heap, char *into,                        \
        const struct lt_state_heap *from_heap, const char *from, struct lt_error *err
#define FINISH_ARGS                                                                                \
    const struct lt_agg_call *call, const struct lt_state_heap *heap, const char *state,           \
        struct lt_column *out, uint32_t row, struct lt_error *err

/* ---- one lane ------------------------------------------------------------ */

static inline void lane_offer(struct lane_best *best, int64_t lane, bool max)
{
    if (!best->has || (max ? lane > best->lane : lane < best->lane)) {
        best->lane = lane;
        best->has = 1;
    }
}

/* Rows of one group: the best of them is offered once. */
static inline void lane_update_one(const struct lt_agg_input *in, bool max)
{
    const struct lt_column *col = in->args[0];
    int64_t best = lt_lane_get(col, in->rows[0]);
    if (col->phys == LT_PHYS_I64) {
        struct lt_range range = lt_range_i64(col->values, in->rows, in->n);
        best = max ? range.max : range.min;
    }
    for (uint32_t i = 1; i < in->n && col->phys != LT_PHYS_I64; i++) {
        int64_t lane = lt_lane_get(col, in->rows[i]);
        best = (max ? lane > best : lane < best) ? lane : best;
    }
    lane_offer((struct lane_best *)lt_agg_state(in, 0), best, max);
}

static inline void lane_update(const struct lt_agg_input *in, bool max)
{
    const struct lt_column *col = in->args[0];
    if (in->one) {
        lane_update_one(in, max);
        return;
    }
    if (col->phys == LT_PHYS_I64) {
        const int64_t *values = col->values;
        for (uint32_t i = 0; i < in->n; i++)
            lane_offer((struct lane_best *)lt_agg_state(in, i), values[in->rows[i]], max);
        return;
    }
    for (uint32_t i = 0; i < in->n; i++)
        lane_offer((struct lane_best *)lt_agg_state(in, i), lt_lane_get(col, in->rows[i]),
                   max);
}

static lt_status lane_min(UPDATE_ARGS)
{
    LT_UNUSED(call);
    lane_update(in, false);
    return LT_OK;
}

static lt_status lane_max(UPDATE_ARGS)
{
    LT_UNUSED(call);
    lane_update(in, true);
    return LT_OK;
}

static bool is_max(const struct lt_agg_call *call)
{
    return call->fn == &lt_agg_max;
}

static lt_status lane_merge(MERGE_ARGS)
{
    LT_UNUSED(heap), LT_UNUSED(from_heap), LT_UNUSED(err);
    const struct lane_best *best = (const struct lane_best *)from;
    if (best->has)
        lane_offer((struct lane_best *)into, best->lane, is_max(call));
    return LT_OK;
}

static lt_status lane_finish(FINISH_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(heap), LT_UNUSED(err);
    const struct lane_best *best = (const struct lane_best *)state;
    if (!best->has)
        return lt_agg_null(out, row);
    lt_lane_put(out, row, best->lane);
    return LT_OK;
}

static lt_status lane_finish_all(const struct lt_agg_call *call, const struct lt_agg_output *out)
{
    LT_UNUSED(call);
    int64_t *values = out->out->values;
    bool plain = out->out->phys == LT_PHYS_I64;
    for (uint32_t i = 0; i < out->n; i++) {
        const struct lane_best *best = (const struct lane_best *)lt_agg_result_state(out, i);
        uint32_t lane = lt_agg_result_lane(out, i);
        if (!best->has)
            LT_TRY(lt_agg_null(out->out, lane));
        else if (plain)
            values[lane] = best->lane;
        else
            lt_lane_put(out->out, lane, best->lane);
    }
    return LT_OK;
}

/* ---- decimals ------------------------------------------------------------ */

static void wide_offer(struct wide_best *best, __int128 value, bool max)
{
    if (!best->has || (max ? value > best->value : value < best->value)) {
        best->value = value;
        best->has = 1;
    }
}

static lt_status wide_update(UPDATE_ARGS)
{
    const __int128 *values = in->args[0]->values;
    bool max = is_max(call);
    for (uint32_t i = 0; i < in->n; i++)
        wide_offer((struct wide_best *)lt_agg_state(in, i), values[in->rows[i]], max);
    return LT_OK;
}

static lt_status wide_merge(MERGE_ARGS)
{
    LT_UNUSED(heap), LT_UNUSED(from_heap), LT_UNUSED(err);
    const struct wide_best *best = (const struct wide_best *)from;
    if (best->has)
        wide_offer((struct wide_best *)into, best->value, is_max(call));
    return LT_OK;
}

static lt_status wide_finish(FINISH_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(heap), LT_UNUSED(err);
    const struct wide_best *best = (const struct wide_best *)state;
    if (!best->has)
        return lt_agg_null(out, row);
    ((__int128 *)out->values)[row] = best->value;
    return LT_OK;
}

/* ---- text ---------------------------------------------------------------- */

static struct lt_str text_of(const struct lt_state_heap *heap, const struct text_best *best)
{
    lt_ref ref;
    if (best->text.len <= LT_SV_INLINE_MAX)
        return (struct lt_str){best->text.prefix, best->text.len};
    memcpy(&ref, &best->text.u, sizeof(ref));
    return (struct lt_str){lt_heap_at(heap, ref), best->text.len};
}

static void text_free(struct lt_state_heap *heap, struct text_best *best)
{
    lt_ref ref;
    memcpy(&ref, &best->text.u, sizeof(ref));
    if (best->cap)
        lt_heap_free(heap, ref, best->cap);
    best->cap = 0;
}

/* Inline texts lie in the state; others keep their piece while it is large enough. */
static lt_status text_put(struct lt_state_heap *heap, struct text_best *best, struct lt_str text)
{
    struct lt_sv view = lt_sv_of(text.data, (uint32_t)text.len);
    uint32_t cap = best->cap;
    if (view.len > LT_SV_INLINE_MAX) {
        lt_ref ref;
        memcpy(&ref, &best->text.u, sizeof(ref));
        if (cap < view.len) {
            void *ptr;
            cap = view.len + 16;
            LT_TRY(lt_heap_new(heap, cap, &ref, &ptr));
            text_free(heap, best);
        }
        memcpy(lt_heap_write(heap, ref), text.data, text.len);
        memcpy(&view.u, &ref, sizeof(ref));
    } else {
        text_free(heap, best);
        cap = 0;
    }
    *best = (struct text_best){view, cap, 1};
    return LT_OK;
}

static lt_status text_offer(struct lt_state_heap *heap, struct text_best *best, struct lt_str text,
                            bool max)
{
    if (best->has) {
        int order = lt_str_compare(text, text_of(heap, best));
        if (max ? order <= 0 : order >= 0)
            return LT_OK;
    }
    return text_put(heap, best, text);
}

static lt_status text_update(UPDATE_ARGS)
{
    const struct lt_sv *values = in->args[0]->values;
    bool max = is_max(call);
    for (uint32_t i = 0; i < in->n; i++) {
        struct text_best *best = (struct text_best *)lt_agg_state(in, i);
        const struct lt_sv *view = &values[in->rows[i]];
        if (best->has && memcmp(&best->text, view, sizeof(*view)) == 0 &&
            view->len <= LT_SV_INLINE_MAX)
            continue; /* it often stays the same */
        LT_TRY(text_offer(in->heap, best, lt_sv_str(view), max));
    }
    return LT_OK;
}

static lt_status text_merge(MERGE_ARGS)
{
    LT_UNUSED(err);
    const struct text_best *best = (const struct text_best *)from;
    if (!best->has)
        return LT_OK;
    return text_offer(heap, (struct text_best *)into, text_of(from_heap, best), is_max(call));
}

static lt_status text_finish(FINISH_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(err);
    const struct text_best *best = (const struct text_best *)state;
    if (!best->has)
        return lt_agg_null(out, row);
    return lt_column_put_str(out, row, text_of(heap, best));
}

static lt_status text_finish_all(const struct lt_agg_call *call, const struct lt_agg_output *out)
{
    struct lt_sv *values = out->out->values;
    for (uint32_t i = 0; i < out->n; i++) {
        const struct text_best *best = (const struct text_best *)lt_agg_result_state(out, i);
        uint32_t lane = lt_agg_result_lane(out, i);
        if (LT_LIKELY(best->has && best->text.len <= LT_SV_INLINE_MAX))
            values[lane] = best->text;
        else
            LT_TRY(text_finish(call, out->heap, (const char *)best, out->out, lane, out->err));
    }
    return LT_OK;
}

static void text_drop(const struct lt_agg_call *call, struct lt_state_heap *heap, char *state)
{
    LT_UNUSED(call);
    text_free(heap, (struct text_best *)state);
    *(struct text_best *)state = (struct text_best){0};
}

/* ---- all values ---------------------------------------------------------- */

static lt_status bag_update(UPDATE_ARGS)
{
    LT_UNUSED(call);
    struct lt_buf key;
    lt_buf_init(&key, lt_heap_alloc(in->heap));
    lt_status status = LT_OK;
    for (uint32_t i = 0; i < in->n && status == LT_OK; i++) {
        lt_buf_clear(&key);
        lt_order_encode(&key, in->args[0], in->rows[i], LT_ORDER_ASC);
        status = key.status;
        if (status == LT_OK)
            status = lt_bag_add(in->heap, &((struct bag_best *)lt_agg_state(in, i))->bag,
                                lt_buf_str(&key), (struct lt_str){0},
                                lt_batch_weight(in->batch, in->rows[i]));
    }
    lt_buf_close(&key);
    return status;
}

static lt_status bag_merge(MERGE_ARGS)
{
    LT_UNUSED(call), LT_UNUSED(err);
    return lt_bag_merge(heap, &((struct bag_best *)into)->bag, from_heap,
                        &((const struct bag_best *)from)->bag);
}

static lt_status bag_finish(FINISH_ARGS)
{
    LT_UNUSED(err);
    const struct lt_bag *bag = &((const struct bag_best *)state)->bag;
    struct lt_bag_item item;
    bool found = is_max(call) ? lt_bag_last(heap, bag, &item) : lt_bag_select(heap, bag, 0, &item);
    if (!found)
        return lt_agg_null(out, row);
    const char *at = item.key.data;
    return lt_order_decode(out, row, &at, at + item.key.len);
}

static void bag_drop(const struct lt_agg_call *call, struct lt_state_heap *heap, char *state)
{
    LT_UNUSED(call);
    lt_bag_drop(heap, &((struct bag_best *)state)->bag);
}

/* ---- kernels ------------------------------------------------------------- */

#define LANE_KERNEL(update_fn)                                                                     \
    {                                                                                              \
        .state_size = sizeof(struct lane_best), .update = update_fn, .merge = lane_merge,          \
        .finish = lane_finish, .finish_all = lane_finish_all, .idempotent = true                   \
    }
static const struct lt_agg_kernel lane_min_kernel = LANE_KERNEL(lane_min);
static const struct lt_agg_kernel lane_max_kernel = LANE_KERNEL(lane_max);
static const struct lt_agg_kernel wide_kernel = {
    .state_size = sizeof(struct wide_best),
    .update = wide_update,
    .merge = wide_merge,
    .finish = wide_finish,
    .wide = true,
    .idempotent = true,
};
static const struct lt_agg_kernel text_kernel = {
    .state_size = sizeof(struct text_best),
    .update = text_update,
    .merge = text_merge,
    .finish = text_finish,
    .finish_all = text_finish_all,
    .drop = text_drop,
    .idempotent = true,
};
static const struct lt_agg_kernel bag_kernel = {
    .state_size = sizeof(struct bag_best),
    .update = bag_update,
    .merge = bag_merge,
    .finish = bag_finish,
    .drop = bag_drop,
    .idempotent = true,
    .retractable = true,
};

static lt_status best_bind(struct lt_bind_aggregate *agg, bool max)
{
    struct lt_bind_call *call = &agg->call;
    if (call->args[0]->kind == LT_TYPE_NULL)
        call->args[0] = &lt_type_int;
    enum lt_phys phys = lt_type_phys(call->args[0]);
    if (!lt_type_has_order(call->args[0]) || phys == LT_PHYS_LIST || phys == LT_PHYS_STRUCT)
        return lt_agg_refuse(call, 0, "a value that has an order");
    if (agg->changing)
        agg->kernel = &bag_kernel;
    else if (phys == LT_PHYS_STR)
        agg->kernel = &text_kernel;
    else if (phys == LT_PHYS_I128)
        agg->kernel = &wide_kernel;
    else
        agg->kernel = max ? &lane_max_kernel : &lane_min_kernel;
    return lt_agg_result(call, call->args[0]);
}

static lt_status min_bind(struct lt_bind_aggregate *agg)
{
    return best_bind(agg, false);
}

static lt_status max_bind(struct lt_bind_aggregate *agg)
{
    return best_bind(agg, true);
}

const struct lt_aggregate lt_agg_min = {
    .name = "MIN",
    .args_min = 1,
    .args_max = 1,
    .bind = min_bind,
    .signature = "MIN(value ANY) -> the type of value",
    .doc = "The smallest value that is not NULL; NULL when there are none.",
    .example = "MIN(x) FROM (VALUES (3), (1), (2)) AS t(x)",
    .result = "1",
};

const struct lt_aggregate lt_agg_max = {
    .name = "MAX",
    .args_min = 1,
    .args_max = 1,
    .bind = max_bind,
    .signature = "MAX(value ANY) -> the type of value",
    .doc = "The largest value that is not NULL; NULL when there are none.",
    .example = "MAX(x) FROM (VALUES (3), (1), (2)) AS t(x)",
    .result = "3",
};
