/* common.h -- inside exec/aggregates: what the families share. */
#ifndef LT_EXEC_AGGREGATES_COMMON_H
#define LT_EXEC_AGGREGATES_COMMON_H

#include "catalog/function.h"
#include "catalog/typing.h"
#include "exec/aggregates/aggregates.h"
#include "data/value.h"
#include "exec/state/lane.h"
#include "exec/state/state.h"

/* The result is NULL in this lane. */
static inline lt_status lt_agg_null(struct lt_column *out, uint32_t row)
{
    LT_TRY(lt_column_own_validity(out));
    lt_column_set_null(out, row);
    return LT_OK;
}

/* "SUM does not take STRING": the message of every binding here. */
lt_status lt_agg_refuse(const struct lt_bind_call *call, uint32_t arg, const char *wants)
    LT_MUST_CHECK;
/* "X over a changing input is not supported": no kernel can retract. */
lt_status lt_agg_refuse_changing(const struct lt_bind_call *call) LT_MUST_CHECK;
/* The result type, nullable. */
lt_status lt_agg_result(struct lt_bind_call *call, const struct lt_type *type) LT_MUST_CHECK;

/* An exact number (integer or DECIMAL unscaled) into a lane of an integer or DECIMAL
 * column; LT_DATA with a message naming the aggregate when it does not fit. */
lt_status lt_agg_put_exact(const struct lt_agg_call *call, __int128 value, struct lt_column *out,
                           uint32_t row, struct lt_error *err) LT_MUST_CHECK;
lt_status lt_agg_overflow(const struct lt_agg_call *call, struct lt_error *err) LT_MUST_CHECK;

/* The place of a row in the order of the call: its ORDER BY keys, then, when `arrival`,
 * its position. `key` is cleared first. */
lt_status lt_agg_order_key(const struct lt_agg_call *call, const struct lt_agg_input *in,
                           uint32_t row, bool arrival, struct lt_buf *key) LT_MUST_CHECK;

/* The parts every kernel has, for families that spell them out often. */
#define LT_AGG_UPDATE_ARGS const struct lt_agg_call *call, const struct lt_agg_input *in
#define LT_AGG_MERGE_ARGS                                                                          \
    const struct lt_agg_call *call, struct lt_state_heap *heap, char *into,                        \
        const struct lt_state_heap *from_heap, const char *from, struct lt_error *err
#define LT_AGG_FINISH_ARGS                                                                         \
    const struct lt_agg_call *call, const struct lt_state_heap *heap, const char *state,           \
        struct lt_column *out, uint32_t row, struct lt_error *err

/* A number of any type in a flat column as a double. */
double lt_agg_double(const struct lt_column *flat, uint32_t row);

#endif
