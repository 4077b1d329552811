/* calls.h -- the aggregate calls of one operator, as one block of bytes per group.
 *
 * The block holds the state of each call's kernel, and a set per argument list that
 * calls are DISTINCT over (where it matters). What calls need beyond their kernels is
 * done here once: FILTER, skipping NULLs, DISTINCT, flat arguments. */
#ifndef LT_EXEC_AGGREGATES_CALLS_H
#define LT_EXEC_AGGREGATES_CALLS_H

#include "exec/operator.h"
#include "exec/state/state.h"

struct lt_calls;
lt_status lt_calls_open(struct lt_alloc *alloc, const struct lt_plan_agg *aggs, uint32_t n,
                        struct lt_calls **out, struct lt_error *err) LT_MUST_CHECK;
void lt_calls_close(struct lt_calls *calls);
size_t lt_calls_size(const struct lt_calls *calls); /* of the block; a multiple of its alignment */
size_t lt_calls_align(const struct lt_calls *calls); /* of the block: 8 or 16 */
bool lt_calls_retractable(const struct lt_calls *calls);
bool lt_calls_invertible(const struct lt_calls *calls); /* lt_calls_unmerge may be used */

/* Where a GROUP BY is done in phases, several operators have blocks of one layout, each
 * taking rows in for some calls only: those of them marked in `active` (NULL = all). */
void lt_calls_activate(struct lt_calls *calls, const bool *active);
/* Copies the block without what its sets hold, and begins its states anew; the sets stay.
 * What is merged elsewhere later on is then what has happened in between. */
void lt_calls_split_off(const struct lt_calls *calls, char *block, char *states);
/* Makes a zeroed block ready. */
void lt_calls_init(const struct lt_calls *calls, char *block);
bool lt_calls_inits(const struct lt_calls *calls); /* is there anything to make ready? */
/* Adds rows[0..n) (increasing physical rows) of the batch, blocks[i] being the block
 * of row rows[i], with their weights. */
lt_status lt_calls_update(struct lt_calls *calls, struct lt_op_ctx *ctx, struct lt_state_heap *heap,
                          const struct lt_batch *batch, const uint16_t *rows, uint32_t n,
                          char *const *blocks) LT_MUST_CHECK;
/* The same when all rows are of one block. */
lt_status lt_calls_update_one(struct lt_calls *calls, struct lt_op_ctx *ctx,
                              struct lt_state_heap *heap, const struct lt_batch *batch,
                              const uint16_t *rows, uint32_t n, char *block) LT_MUST_CHECK;
/* into += from, which stays as it is. */
lt_status lt_calls_merge(struct lt_calls *calls, struct lt_op_ctx *ctx, struct lt_state_heap *heap,
                         char *into, const struct lt_state_heap *from_heap, const char *from)
    LT_MUST_CHECK;
/* The sets of active calls alone: into += those values of `from` whose hash is one of
 * partition's. No state changes. */
lt_status lt_calls_take_sets(struct lt_calls *calls, struct lt_op_ctx *ctx,
                             struct lt_state_heap *heap, char *into,
                             const struct lt_state_heap *from_heap, const char *from,
                             uint32_t partition, uint32_t n_partitions) LT_MUST_CHECK;
bool lt_calls_have_values(const struct lt_calls *calls, const char *block); /* in any set */
void lt_calls_drop_sets(const struct lt_calls *calls, struct lt_state_heap *heap, char *block);
/* Many at once: into[i] += from[i]. */
lt_status lt_calls_merge_all(struct lt_calls *calls, struct lt_op_ctx *ctx,
                             struct lt_state_heap *heap, char *const *into,
                             const struct lt_state_heap *from_heap, char *const *from,
                             uint32_t n) LT_MUST_CHECK;
void lt_calls_unmerge(const struct lt_calls *calls, char *into, const char *from);
/* The result of call i goes to row `row` of out[i]. */
lt_status lt_calls_finish(const struct lt_calls *calls, const struct lt_state_heap *heap,
                          const char *block, struct lt_column *const *out, uint32_t row,
                          struct lt_error *err) LT_MUST_CHECK;
/* Results of all calls for many blocks: `blocks` without its `out`; call i's go to out[i]. */
lt_status lt_calls_finish_all(const struct lt_calls *calls, const struct lt_agg_output *blocks,
                              struct lt_column *const *out) LT_MUST_CHECK;
/* May blocks hold anything in the heap? If not, they need not be dropped. */
bool lt_calls_droppable(const struct lt_calls *calls);
/* Gives back what the block holds in the heap and zeroes it. */
void lt_calls_drop(const struct lt_calls *calls, struct lt_state_heap *heap, char *block);

#endif
