/* aggregate.h -- inside aggregate*.c: the state of GROUP BY without a window.
 *
 * A group's entry: keys, head, the calls' block. The head holds only what this plan
 * needs: with changes to be shown struct group, over changing input a count of rows. */
#ifndef LT_EXEC_OPERATORS_AGGREGATE_H
#define LT_EXEC_OPERATORS_AGGREGATE_H

#include "exec/aggregates/calls.h"
#include "exec/aggregates/rows.h"
#include "exec/state/state.h"

struct group {
    int64_t written_us; /* processing time; 0 without a TTL */
    uint32_t old;       /* 1 + place of the row put aside */
    uint8_t dirty;      /* touched in this epoch */
    uint8_t shown;      /* consumers hold a row of this group */
    uint16_t unused;
};

/* Results of groups that were put aside before they changed, batches of them. A place
 * is the number of the batch and the row in it. */
struct old_rows {
    struct lt_schema schema; /* of the calls only */
    struct lt_batch_builder builder;
    struct lt_batch **kept; /* full ones */
    uint32_t n_kept, kept_cap;
};

/* One batch of changes on its way: what stands in which of its rows. */
struct change_rows {
    uint32_t n, n_new, n_old, n_sel;
    char **payloads;     /* by row */
    char **new_payloads; /* groups shown as they are now, */
    uint16_t *new_rows;  /* and where */
    uint32_t *old_places; /* rows put aside, */
    uint16_t *old_rows;   /* and where */
    uint32_t *pairs;      /* old row << 16 | new row of one group */
    uint32_t n_pairs;
    uint16_t *sel;
};

struct aggregate_state {
    struct lt_state *state;
    struct lt_state_heap *heap; /* its */
    struct lt_calls *calls;
    struct lt_table *table;
    struct lt_arena arena; /* key types, scratch: as long as the operator */
    const struct lt_type **key_types;
    size_t head;     /* bytes before the block */
    size_t count_at; /* of the count in the head; only when `counts` */
    bool counts;     /* rows may be taken back: a group lives while it has some */
    bool shows;      /* changes are shown, there is a struct group */
    bool global, nested;
    bool fixed; /* a group once shown never changes: SELECT DISTINCT */
    struct lt_rows out;
    struct old_rows old;
    struct change_rows changes;
    char **dirty; /* touched groups */
    uint64_t n_dirty, dirty_cap;
    uint64_t at; /* of dirty, while showing; with `walks` a cursor of the table */
    bool showing;
    bool walks; /* final groups are shown as they lie in the table */
    bool takes_partials; /* rows are keys and a partial */
    uint32_t n_ended;    /* ports */
    char *partial;       /* one, aligned */
    size_t partial_size;
    int64_t ttl_us;     /* 0 = none */
    int64_t written_us; /* no group was written before; 0 = not known */
    int64_t oldest_us;  /* of the groups seen in this round of the sweep, or its start */
    uint64_t sweep_at;  /* cursor; 0 between rounds */
    uint64_t n_missing; /* rows taken back from groups that are gone */
    /* scratch of one batch */
    uint64_t *hashes;
    char **payloads, **blocks, **touched; /* blocks are the payloads where there is no head */
    uint16_t *rows;
    uint8_t *is_new;
    struct lt_column **keys;
};

/* How long a head is. A DISTINCT phase has entries of the same layout, so that it and the
 * final phase load what the other has saved. */
static inline size_t lt_aggregate_head(bool shows, bool counts, size_t align)
{
    size_t size = (shows ? sizeof(struct group) : 0) + (counts ? sizeof(int64_t) : 0);
    return (size + align - 1) / align * align;
}
/* An image with a value of this name was saved by a DISTINCT phase. */
#define LT_AGGREGATE_SETS "sets"

static inline const struct lt_plan_aggregate *lt_aggregate_plan(const struct lt_op *op)
{
    return &op->node->u.aggregate;
}
static inline struct group *lt_aggregate_group(char *payload)
{
    return (struct group *)payload;
}
static inline int64_t *lt_aggregate_count(const struct aggregate_state *agg, char *payload)
{
    return (int64_t *)(payload + agg->count_at);
}
static inline char *lt_aggregate_block(const struct aggregate_state *agg, char *payload)
{
    return payload + agg->head;
}

/* Drops what the group holds, and its entry. */
void lt_aggregate_remove(struct aggregate_state *agg, char *payload);
/* After the changes of an epoch are out. */
void lt_aggregate_settle(struct lt_op *op);

/* aggregate_show.c */
lt_status lt_aggregate_show_open(struct lt_op *op) LT_MUST_CHECK;
void lt_aggregate_show_close(struct lt_op *op);
lt_status lt_aggregate_dirty(struct lt_op *op, char *payload) LT_MUST_CHECK;
/* Puts the results of these groups aside, before they change. */
lt_status lt_aggregate_keep_old(struct lt_op *op, char *const *payloads, uint32_t n) LT_MUST_CHECK;
/* Shows what has become of the touched groups; lt_aggregate_show goes on after a YIELD. */
lt_flow lt_aggregate_show_start(struct lt_op *op);
/* The same where only the final groups are wanted. */
lt_flow lt_aggregate_show_final(struct lt_op *op);
lt_flow lt_aggregate_show(struct lt_op *op);

#endif
