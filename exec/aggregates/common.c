/* common.c -- what the families of aggregates share: messages and exact results. */
#include "exec/aggregates/common.h"

#include "exec/state/order.h"

lt_status lt_agg_refuse(const struct lt_bind_call *call, uint32_t arg, const char *wants)
{
    struct lt_buf type;
    lt_buf_init(&type, call->arena->alloc);
    lt_type_print(&type, call->args[arg]);
    struct lt_str text = lt_buf_str(&type);
    lt_status status =
        lt_fail_at(call->err, LT_INVALID, call->pos, "%.*s wants %s as argument %u, not %.*s",
                   LT_STR_ARG(call->name), wants, arg + 1, LT_STR_ARG(text));
    lt_buf_close(&type);
    return status;
}

lt_status lt_agg_refuse_changing(const struct lt_bind_call *call)
{
    return lt_fail_at(call->err, LT_UNSUPPORTED, call->pos,
                      "not supported yet: %.*s over an input whose rows may be taken back; "
                      "apply it to append-only rows",
                      LT_STR_ARG(call->name));
}

lt_status lt_agg_result(struct lt_bind_call *call, const struct lt_type *type)
{
    const struct lt_type *result = lt_type_with_null(call->arena, type, true);
    if (!result)
        return LT_NOMEM;
    call->result = result;
    return LT_OK;
}

lt_status lt_agg_overflow(const struct lt_agg_call *call, struct lt_error *err)
{
    return lt_fail(err, LT_DATA,
                   "%s is out of range of its result type; CAST the argument to a wider type",
                   call->fn ? call->fn->name : "an aggregate");
}

lt_status lt_agg_put_exact(const struct lt_agg_call *call, __int128 value, struct lt_column *out,
                           uint32_t row, struct lt_error *err)
{
    if (out->phys == LT_PHYS_I128) {
        __int128 limit = lt_pow10_i128[out->type->precision];
        if (value >= limit || value <= -limit)
            return lt_agg_overflow(call, err);
        ((__int128 *)out->values)[row] = value;
        return LT_OK;
    }
    unsigned bits = (unsigned)lt_phys_size(out->phys) * 8;
    __int128 limit = (__int128)1 << (bits - 1);
    if (value >= limit || value < -limit)
        return lt_agg_overflow(call, err);
    lt_lane_put(out, row, (int64_t)value);
    return LT_OK;
}

double lt_agg_double(const struct lt_column *flat, uint32_t row)
{
    switch (flat->phys) {
    case LT_PHYS_F32: return ((const float *)flat->values)[row];
    case LT_PHYS_F64: return ((const double *)flat->values)[row];
    case LT_PHYS_I128:
        return lt_decimal_to_double(((const __int128 *)flat->values)[row], flat->type->scale);
    default: return (double)lt_lane_get(flat, row);
    }
}

lt_status lt_agg_order_key(const struct lt_agg_call *call, const struct lt_agg_input *in,
                           uint32_t row, bool arrival, struct lt_buf *key)
{
    lt_buf_clear(key);
    for (uint32_t i = 0; i < call->n_order; i++) {
        unsigned flags = call->order_desc[i] ? LT_ORDER_DESC : LT_ORDER_ASC;
        if (!call->order_nulls_first[i])
            flags |= LT_ORDER_NULLS_LAST;
        lt_order_encode(key, in->args[call->n_args - call->n_order + i], row, flags);
    }
    if (arrival) {
        uint32_t split = __builtin_bswap32(lt_batch_split(in->batch, row));
        uint64_t position = (uint64_t)lt_batch_position(in->batch, row) ^ UINT64_C(1) << 63;
        position = __builtin_bswap64(position);
        lt_buf_add(key, &split, sizeof(split));
        lt_buf_add(key, &position, sizeof(position));
    }
    return key->status;
}
