/* session.h -- inside exec/windows: the sessions of a key, and when they end. */
#ifndef LT_EXEC_WINDOWS_SESSION_H
#define LT_EXEC_WINDOWS_SESSION_H

#include "exec/windows/trigger.h"
#include "exec/windows/wheel.h"

/* A session: first and last row time. A struct lt_shown follows with EMIT EARLY or LATE,
 * then the calls' block. */
struct lt_session {
    int64_t start, last;
};
/* A key's entry: its first session lies right behind, further ones (rare: disordered
 * rows) in a list of heap pieces. */
struct lt_session_key {
    int64_t scheduled; /* the earliest expiry noted for this key; LT_WATERMARK_MAX = none */
    lt_ref more;       /* struct lt_session_node */
    uint32_t has_first;
    uint32_t dirty; /* noted in `dirty` of the operator */
    uint64_t unused;
};
struct lt_session_node {
    lt_ref next;
    uint64_t unused;
    struct lt_session session;
};

/* What a firing does: looks for sessions that the watermark has passed, then for changed
 * ones, and gives them. */
enum lt_session_phase { LT_SESSION_IDLE, LT_SESSION_EXPIRE, LT_SESSION_CHANGED, LT_SESSION_SPEAK };

struct lt_session_due { /* something to say or to end */
    int64_t end, start;
    char *key;
    struct lt_session *session;
    bool fire, close;
};

enum { LT_SESSION_SAY = 256 }; /* sessions given at once */

struct lt_session_state {
    struct lt_window_base base;
    struct lt_table *table;
    int64_t gap, within;
    bool triggered;
    bool droppable;  /* blocks may hold something in the heap */
    size_t block_at; /* in a session */
    struct lt_fire fire;
    struct lt_trigger trigger;
    int64_t fired; /* the watermark whose sessions have been given */
    struct lt_wheel expiry; /* entries may be stale, the key knows */
    char **dirty; /* keys with a dirty session (triggered) */
    size_t n_dirty, dirty_cap;
    /* rows whose blocks are known but not updated yet */
    uint32_t n_pending;
    uint16_t *pending_rows;
    char **pending_blocks;
    /* firing */
    enum lt_session_phase phase;
    bool forward;
    unsigned reasons;
    int64_t watermark;
    struct lt_session_due *due;
    size_t n_due, due_cap, due_at;
    bool sweeping; /* all keys are looked at as they lie, and those without sessions go last */
    uint64_t cursor, n_gone;
    uint64_t most; /* keys there have been at a time, since the table was cleared */
    struct lt_wheel_entry *expired; /* LT_SESSION_SAY each */
    struct lt_window *windows;
};

static inline struct lt_session_key *lt_session_key_of(char *payload)
{
    return (struct lt_session_key *)payload;
}
static inline struct lt_session *lt_session_first(char *payload)
{
    return (struct lt_session *)(payload + sizeof(struct lt_session_key));
}
static inline char *lt_session_block(const struct lt_session_state *s, struct lt_session *session)
{
    return (char *)session + s->block_at;
}
static inline struct lt_shown *lt_session_shown(struct lt_session *session)
{
    return (struct lt_shown *)(session + 1); /* triggered */
}
/* When a session has its last word as things stand. */
static inline int64_t lt_session_final_at(const struct lt_session_state *s,
                                          const struct lt_session *session)
{
    return lt_window_final_at(s->base.spec, session->last + s->gap);
}
lt_status lt_session_schedule(struct lt_op *op, char *payload, int64_t time) LT_MUST_CHECK;
/* Ends one session; true when its key has none left and is to be removed. */
bool lt_session_end_one(struct lt_op *op, char *payload, struct lt_session *session);
size_t lt_session_bytes(const struct lt_session_state *s);
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
