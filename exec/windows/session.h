/* session.h -- inside exec/windows: the sessions of a key, and when they end. */
#ifndef LT_EXEC_WINDOWS_SESSION_H
#define LT_EXEC_WINDOWS_SESSION_H

#include "exec/windows/shown.h"

/* A session: first and last row time; the calls' block follows. */
struct lt_session {
    int64_t start, last;
    int64_t count;
    struct lt_shown shown;
};
_Static_assert(sizeof(struct lt_session) % 16 == 0, "blocks are 16-aligned");

/* A key's entry: its first session lies right behind, further ones (rare: disordered
 * rows) in a list of heap pieces. */
struct lt_session_key {
    int64_t scheduled; /* the earliest expiry noted for this key; LT_WATERMARK_MAX = none */
    lt_ref more;       /* struct session_node */
    uint32_t has_first;
    uint32_t dirty; /* noted in `dirty` of the operator */
    uint64_t unused;
};
struct lt_session_node {
    lt_ref next;
    uint64_t unused;
    struct lt_session session;
};

struct lt_session_expiry {
    int64_t time; /* watermark at which to look at the key */
    lt_ref key;
};

struct lt_session_due { /* something to say or to end */
    int64_t end, start;
    char *key;
    struct lt_session *session;
    bool fire, close;
};

struct lt_session_state {
    struct lt_window_base base;
    struct lt_table *table;
    int64_t gap, within;
    bool triggered;
    struct lt_fire fire;
    int64_t fired; /* the watermark whose sessions have been given */
    /* expiry: a binary heap by time; entries may be stale, the key knows */
    struct lt_session_expiry *expiry;
    size_t n_expiry, expiry_cap;
    char **dirty; /* keys with a dirty session (triggered) */
    size_t n_dirty, dirty_cap;
    /* rows whose blocks are known but not updated yet */
    uint32_t n_pending;
    uint16_t *pending_rows;
    char **pending_blocks;
    /* firing */
    bool firing, forward;
    int64_t watermark;
    struct lt_session_due *due;
    size_t n_due, due_cap, due_at;
    int64_t next_early, next_late; /* processing time */
};

static inline struct lt_session_key *lt_session_key_of(char *payload)
{
    return (struct lt_session_key *)payload;
}
static inline struct lt_session *lt_session_first(char *payload)
{
    return (struct lt_session *)(payload + sizeof(struct lt_session_key));
}
static inline char *lt_session_block(struct lt_session *session)
{
    return (char *)session + sizeof(*session);
}
size_t lt_session_node_size(const struct lt_session_state *s);
/* When a session has its last word as things stand. */
static inline int64_t lt_session_final_at(const struct lt_session_state *s,
                                          const struct lt_session *session)
{
    return lt_window_final_at(s->base.spec, session->last + s->gap);
}
lt_status lt_session_schedule(struct lt_op *op, char *payload, int64_t time) LT_MUST_CHECK;
/* Removes one session, and the key with its last one. */
void lt_session_remove(struct lt_op *op, char *payload, struct lt_session *session);
lt_status lt_session_note_dirty(struct lt_op *op, char *payload) LT_MUST_CHECK;
void lt_session_set_timer(struct lt_op *op);
/* Walks the sessions of a key: *at = NULL at first. */
struct lt_session *lt_session_next(const struct lt_session_state *s, char *payload, lt_ref *at,
                                   bool *begun);

/* The entries of the operator that fire (session_fire.c). */
lt_flow lt_session_watermark(struct lt_op *op, unsigned port, int64_t watermark_us);
lt_flow lt_session_timer(struct lt_op *op, enum lt_clock_kind clock, int64_t time_us);
lt_flow lt_session_barrier(struct lt_op *op, uint64_t epoch);
lt_flow lt_session_end(struct lt_op *op, unsigned port);
lt_flow lt_session_resume(struct lt_op *op);

#endif
