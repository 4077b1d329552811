/* hub.h -- the tables of connector 'memory' of one database: named lists of batches.
 *
 * The database owns the hub and hands it to connectors in their environment.
 * Any thread may use it. A table has one or more splits, each a list of its own: the
 * first is always there, others since they got rows. Rows are added whole epochs at
 * a time and are never taken away before the table is dropped, so a reader may start
 * anywhere. */
#ifndef LT_CONNECTORS_HUB_H
#define LT_CONNECTORS_HUB_H

#include "catalog/connector.h"

struct lt_hub_table;

lt_status lt_hub_open(struct lt_alloc *alloc, struct lt_hub **out) LT_MUST_CHECK;
void lt_hub_close(struct lt_hub *hub); /* NULL is fine; no reader or writer may be left */

/* A reference to the table of that name and schema, made when it is new. LT_INVALID
 * when it exists with other types. */
lt_status lt_hub_table(struct lt_hub *hub, struct lt_str name, const struct lt_schema *schema,
                       struct lt_hub_table **out, struct lt_error *err) LT_MUST_CHECK;
void lt_hub_release(struct lt_hub_table *table); /* NULL is fine */
/* Forgets the table of that name, if there is one; its rows go with the last reference. */
void lt_hub_drop(struct lt_hub *hub, struct lt_str name);
enum { LT_HUB_SPLITS_MAX = 256 };
/* A pool whose memory is the database's, for the copies of one writer. */
lt_status lt_hub_pool(struct lt_hub_table *table, struct lt_pool **out) LT_MUST_CHECK;
/* A copy of the selected rows that owes nothing to the query they came from: neither memory
 * nor types. `pool` is one of lt_hub_pool. */
lt_status lt_hub_copy(struct lt_hub_table *table, struct lt_pool *pool,
                      const struct lt_batch *batch, struct lt_batch **out) LT_MUST_CHECK;
/* Adds batches that lt_hub_copy made to a split and takes them over; on no memory none.
 * Wakes the readers of every split. */
lt_status lt_hub_append(struct lt_hub_table *table, uint32_t split, struct lt_batch *const *batches,
                        uint32_t n) LT_MUST_CHECK;
uint32_t lt_hub_splits(struct lt_hub_table *table);              /* so far, at least 1 */
int64_t lt_hub_rows(struct lt_hub_table *table, uint32_t split); /* so far */
/* The batch of the split that holds row `position` and the position of its first row; NULL
 * when there is none yet. Lives as long as the table. */
const struct lt_batch *lt_hub_find(struct lt_hub_table *table, uint32_t split, int64_t position,
                                   int64_t *first);

/* An eventfd that becomes readable when rows are appended. */
lt_status lt_hub_watch(struct lt_hub_table *table, int *fd, struct lt_error *err) LT_MUST_CHECK;
void lt_hub_unwatch(struct lt_hub_table *table, int fd);

#endif
