/* net.h -- the net change of an epoch: rows of equal content summed by weight. */
#ifndef LT_EXEC_NET_H
#define LT_EXEC_NET_H

#include "data/batch.h"

struct lt_net;

/* Rows of `n_columns` columns; `schema`, `keys` (columns of the upsert key, NULL =
 * none known) are borrowed. */
lt_status lt_net_open(struct lt_alloc *alloc, struct lt_pool *pool, const struct lt_schema *schema,
                      uint32_t n_keys, const uint32_t *keys, bool has_key,
                      struct lt_net **out) LT_MUST_CHECK;
void lt_net_close(struct lt_net *net);
/* Takes the selected rows in (references, no copy of columns where it can). */
lt_status lt_net_add(struct lt_net *net, const struct lt_batch *batch) LT_MUST_CHECK;
bool lt_net_is_empty(const struct lt_net *net);
/* Puts the rows with a net weight other than 0 in order: with a key, by key, its
 * deletions before its insertions; without, all deletions first. The order
 * depends on content alone. lt_net_next then hands out up to max_rows of them at
 * a time (*batch->len == 0 at the end); the batch lives until the next call. */
lt_status lt_net_sort(struct lt_net *net) LT_MUST_CHECK;
lt_status lt_net_next(struct lt_net *net, uint32_t max_rows, struct lt_batch *batch) LT_MUST_CHECK;
void lt_net_clear(struct lt_net *net);

#endif
