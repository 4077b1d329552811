/* session.c -- SESSION: rows of one key closer than the gap belong together.
 *
 *   key k   [--s1--)   [----s2----)        a session is [first, last + gap)
 *                  ^row that overlaps both joins them into one
 *
 * Nearly always a row extends the only session of its key: one look at the key's entry.
 * Anything else goes the long way: join every session that the row overlaps, merge them
 * if there are several, start one if there is none.
 *
 * Which sessions a row may join is decided by its own split: one that is final at the
 * row's `behind` is left alone, even where it has not been given here yet. The row is
 * late when it joins none and its own span was final already. So results do not depend
 * on how rows were cut into batches. Only what the row itself overlaps is joined: two
 * sessions that overlap are kept apart because one of them was final, and stay so.
 *
 * Rows are given their blocks one after another and the calls run over all of them at
 * once; only before two sessions merge must the rows so far be in. */
#include "exec/windows/session.h"

static size_t session_size(const struct lt_session_state *s)
{
    return s->block_at + lt_calls_size(s->base.calls);
}

static size_t node_size(const struct lt_session_state *s)
{
    return offsetof(struct lt_session_node, session) + session_size(s);
}

size_t lt_session_bytes(const struct lt_session_state *s)
{
    return lt_state_bytes(s->base.state) + s->expiry.bytes;
}

static lt_status session_open(struct lt_op *op)
{
    struct lt_session_state *s = op->state;
    const struct lt_emit *emit = &op->node->u.aggregate.emit;
    lt_buf_init(&s->fire.bytes, op->ctx->alloc);
    LT_TRY(lt_window_open(op));
    s->gap = s->base.spec->size.us;
    s->within = emit->late_within_us;
    s->fire.mode = emit->mode;
    s->fired = LT_WATERMARK_MIN;
    s->watermark = LT_WATERMARK_MIN;
    lt_trigger_open(&s->trigger, emit);
    s->triggered = lt_emit_is_triggered(emit);
    s->droppable = lt_calls_droppable(s->base.calls);
    s->block_at = sizeof(struct lt_session);
    if (s->triggered)
        s->block_at = (s->block_at + sizeof(struct lt_shown) + 15) & ~(size_t)15;
    s->pending_rows = LT_ARENA_ARRAY(&s->base.arena, uint16_t, LT_BATCH_ROWS_MAX);
    s->pending_blocks = LT_ARENA_ARRAY(&s->base.arena, char *, LT_BATCH_ROWS_MAX);
    s->expired = LT_ARENA_ARRAY(&s->base.arena, struct lt_wheel_entry, LT_SESSION_SAY);
    s->windows = LT_ARENA_ARRAY(&s->base.arena, struct lt_window, LT_SESSION_SAY);
    if (!s->pending_rows || !s->pending_blocks || !s->expired || !s->windows)
        return LT_NOMEM;
    LT_TRY(lt_wheel_open(&s->expiry, op->ctx->alloc, s->gap));
    return lt_window_table(op, sizeof(struct lt_session_key) + s->block_at, &s->table);
}

static void session_close(struct lt_op *op)
{
    struct lt_session_state *s = op->state;
    struct lt_alloc *alloc = op->ctx->alloc;
    lt_table_close(s->table);
    lt_buf_close(&s->fire.bytes);
    lt_wheel_close(&s->expiry);
    if (s->dirty)
        lt_alloc_put(alloc, s->dirty, s->dirty_cap * sizeof(*s->dirty));
    if (s->due)
        lt_alloc_put(alloc, s->due, s->due_cap * sizeof(*s->due));
    lt_window_close(op);
}

/* ---- sessions of a key -------------------------------------------------------- */

struct lt_session *lt_session_next(const struct lt_session_state *s, char *payload, lt_ref *at,
                                   bool *begun)
{
    const struct lt_session_key *key = lt_session_key_of(payload);
    if (!*begun) {
        *begun = true;
        *at = key->more;
        if (key->has_first)
            return lt_session_first(payload);
    }
    if (!*at)
        return NULL;
    struct lt_session_node *node = lt_heap_write(s->base.heap, *at);
    *at = node->next;
    return &node->session;
}

static lt_status session_new(struct lt_op *op, char *payload, int64_t time_us,
                             struct lt_session **out)
{
    struct lt_session_state *s = op->state;
    struct lt_session_key *key = lt_session_key_of(payload);
    struct lt_session *session = lt_session_first(payload);
    if (key->has_first) {
        lt_ref ref;
        void *ptr;
        LT_TRY(lt_heap_new(s->base.heap, node_size(s), &ref, &ptr));
        struct lt_session_node *node = ptr;
        node->next = key->more;
        key->more = ref;
        session = &node->session;
    } else {
        memset(session, 0, session_size(s));
        key->has_first = 1;
    }
    session->start = session->last = time_us;
    lt_calls_init(s->base.calls, lt_session_block(s, session));
    *out = session;
    return LT_OK;
}

/* Takes a session out of its key without dropping what it holds. */
static void session_unlink(struct lt_session_state *s, char *payload, struct lt_session *session)
{
    struct lt_session_key *key = lt_session_key_of(payload);
    if (session == lt_session_first(payload) && key->has_first) {
        key->has_first = 0;
        return;
    }
    lt_ref *link = &key->more;
    for (;;) {
        struct lt_session_node *node = lt_heap_write(s->base.heap, *link);
        if (&node->session == session) {
            lt_ref gone = *link;
            *link = node->next;
            lt_heap_free(s->base.heap, gone, node_size(s));
            return;
        }
        link = &node->next;
    }
}

bool lt_session_end_one(struct lt_op *op, char *payload, struct lt_session *session)
{
    struct lt_session_state *s = op->state;
    const struct lt_session_key *key = lt_session_key_of(payload);
    if (s->droppable)
        lt_calls_drop(s->base.calls, s->base.heap, lt_session_block(s, session));
    if (s->triggered)
        lt_shown_drop(s->base.heap, lt_session_shown(session));
    session_unlink(s, payload, session);
    lt_table_touch(s->table, payload);
    return !key->has_first && !key->more && !key->dirty;
}

lt_status lt_session_note_dirty(struct lt_op *op, char *payload)
{
    struct lt_session_state *s = op->state;
    if (lt_session_key_of(payload)->dirty)
        return LT_OK;
    if (s->n_dirty == s->dirty_cap) {
        size_t cap = s->dirty_cap ? s->dirty_cap * 2 : 64;
        void *grown = lt_alloc_resize(op->ctx->alloc, s->dirty, s->dirty_cap * sizeof(char *),
                                      cap * sizeof(char *));
        if (!grown)
            return LT_NOMEM;
        s->dirty = grown;
        s->dirty_cap = cap;
    }
    s->dirty[s->n_dirty++] = payload;
    lt_session_key_of(payload)->dirty = 1;
    return LT_OK;
}

/* ---- expiry ------------------------------------------------------------------- */

lt_status lt_session_schedule(struct lt_op *op, char *payload, int64_t time)
{
    struct lt_session_state *s = op->state;
    struct lt_session_key *key = lt_session_key_of(payload);
    if (time >= key->scheduled)
        return LT_OK;
    key->scheduled = time;
    return lt_wheel_add(&s->expiry, time, lt_table_ref(s->table, payload));
}

/* The next time the key must be looked at because of this session. */
static lt_status session_schedule(struct lt_op *op, char *payload, const struct lt_session *session)
{
    const struct lt_session_state *s = op->state;
    int64_t end = session->last + s->gap;
    bool final = s->triggered && lt_session_shown((struct lt_session *)(uintptr_t)session)->final;
    return lt_session_schedule(op, payload,
                               lt_window_closed_at(s->base.spec, end, final ? s->within : 0));
}

/* Windows over the clock end by timer; so do EVERY intervals. */
void lt_session_set_timer(struct lt_op *op)
{
    struct lt_session_state *s = op->state;
    int64_t next = lt_trigger_next(&s->trigger, s->n_dirty > 0, op->ctx->now_us);
    if (s->base.spec->proctime && s->expiry.next != LT_WATERMARK_MAX) {
        int64_t end = s->expiry.next + s->base.spec->tick_us;
        next = end < next ? end : next;
    }
    lt_op_set_timer(op, next);
}

/* ---- rows in ------------------------------------------------------------------ */

static lt_status pending_flush(struct lt_op *op, const struct lt_batch *in)
{
    struct lt_session_state *s = op->state;
    if (s->n_pending == 0)
        return LT_OK;
    uint32_t n = s->n_pending;
    s->n_pending = 0;
    return lt_calls_update(s->base.calls, op->ctx, s->base.heap, in, s->pending_rows, n,
                           s->pending_blocks);
}

/* May a row judged by `behind` still join the session? */
static bool is_open(const struct lt_session_state *s, const struct lt_session *session,
                    int64_t behind)
{
    return !lt_window_is_closed(s->base.spec, session->last + s->gap, s->within, behind);
}

static lt_status sessions_merge(struct lt_op *op, const struct lt_batch *in, char *payload,
                                struct lt_session *into, struct lt_session *from)
{
    struct lt_session_state *s = op->state;
    struct lt_window_base *base = &s->base;
    LT_TRY(pending_flush(op, in));
    LT_TRY(lt_calls_merge(base->calls, op->ctx, base->heap, lt_session_block(s, into), base->heap,
                          lt_session_block(s, from)));
    into->start = from->start < into->start ? from->start : into->start;
    into->last = from->last > into->last ? from->last : into->last;
    if (s->triggered)
        lt_shown_join(base->heap, lt_session_shown(into), lt_session_shown(from));
    lt_calls_drop(base->calls, base->heap, lt_session_block(s, from));
    session_unlink(s, payload, from);
    return LT_OK;
}

/* An open session, other than `other_than`, that a row at `time_us` overlaps. */
static struct lt_session *find_overlap(const struct lt_session_state *s, char *payload,
                                       int64_t time_us, int64_t behind,
                                       const struct lt_session *other_than)
{
    lt_ref at = 0;
    bool begun = false;
    for (struct lt_session *session; (session = lt_session_next(s, payload, &at, &begun));)
        if (session != other_than && time_us < session->last + s->gap &&
            session->start < time_us + s->gap && is_open(s, session, behind))
            return session;
    return NULL;
}

/* The session a row goes to; NULL when it is late. */
static lt_status session_of_row(struct lt_op *op, const struct lt_batch *in, char *payload,
                                int64_t time_us, int64_t behind, struct lt_session **out)
{
    struct lt_session_state *s = op->state;
    const struct lt_window_spec *spec = s->base.spec;
    int64_t passed = lt_window_passed(spec, behind, s->fired);
    struct lt_session *joined = find_overlap(s, payload, time_us, behind, NULL);
    *out = joined;
    if (!joined) {
        if (lt_window_is_closed(spec, time_us + s->gap, s->within, passed))
            return LT_OK;
        return session_new(op, payload, time_us, out);
    }
    for (struct lt_session *more; (more = find_overlap(s, payload, time_us, behind, joined));) {
        if (more == lt_session_first(payload)) { /* the first one stays where it is */
            more = joined;
            joined = lt_session_first(payload);
        }
        LT_TRY(sessions_merge(op, in, payload, joined, more));
    }
    joined->start = time_us < joined->start ? time_us : joined->start;
    joined->last = time_us > joined->last ? time_us : joined->last;
    *out = joined;
    return LT_OK;
}

static void pending_add(struct lt_session_state *s, uint32_t row, struct lt_session *session)
{
    s->pending_rows[s->n_pending] = (uint16_t)row;
    s->pending_blocks[s->n_pending++] = lt_session_block(s, session);
}

/* EMIT EARLY or LATE: the session has something new to say. */
static lt_status note_row(struct lt_op *op, char *payload, struct lt_session *session)
{
    const struct lt_session_state *s = op->state;
    struct lt_shown *shown = lt_session_shown(session);
    shown->since++;
    shown->dirty = 1;
    if (shown->final && lt_session_final_at(s, session) > s->watermark)
        shown->final = 0; /* it has grown past the watermark: open again */
    return lt_session_note_dirty(op, payload);
}

/* Does the row, on time, belong to the only session of its key? */
static inline bool is_plain(const struct lt_session_state *s, char *payload, int64_t time_us)
{
    const struct lt_session_key *key = lt_session_key_of(payload);
    const struct lt_session *session = lt_session_first(payload);
    return key->has_first && !key->more && time_us >= session->start &&
           time_us < session->last + s->gap;
}

static lt_status take_row(struct lt_op *op, const struct lt_batch *in, uint32_t row, char *payload,
                          int64_t time_us)
{
    struct lt_session_state *s = op->state;
    int64_t behind = s->base.spec->proctime ? LT_NOT_BEHIND : lt_batch_behind(in, row);
    struct lt_session *session = lt_session_first(payload);
    bool plain = behind == LT_NOT_BEHIND && is_plain(s, payload, time_us);
    if (plain)
        session->last = time_us > session->last ? time_us : session->last;
    else
        LT_TRY(session_of_row(op, in, payload, time_us, behind, &session));
    if (!session) {
        lt_late_add(&s->base.late, row);
        return LT_OK;
    }
    pending_add(s, row, session);
    if (s->triggered)
        LT_TRY(note_row(op, payload, session));
    return plain ? LT_OK : session_schedule(op, payload, session);
}

static lt_status take_rows(struct lt_op *op, const struct lt_batch *in, const int64_t *times)
{
    struct lt_session_state *s = op->state;
    struct lt_window_base *base = &s->base;
    bool quick = !s->triggered && (!in->behind || !times);
    int64_t clock = lt_window_clock(op, in, s->fired);
    LT_TRY(lt_window_groups(op, s->table, base->rows, in->n_sel));
    s->n_pending = 0;
    for (uint32_t i = 0; i < in->n_sel; i++) {
        uint32_t row = base->rows[i];
        int64_t time_us = times ? times[row] : clock;
        char *payload = base->payloads[i];
        if (quick && LT_LIKELY(is_plain(s, payload, time_us))) {
            struct lt_session *session = lt_session_first(payload);
            session->last = time_us > session->last ? time_us : session->last;
            pending_add(s, row, session);
            continue;
        }
        if (base->is_new[i])
            lt_session_key_of(payload)->scheduled = LT_WATERMARK_MAX;
        LT_TRY(take_row(op, in, row, payload, time_us));
    }
    LT_TRY(pending_flush(op, in));
    for (uint32_t i = 0; i < in->n_sel && base->late.n; i++) { /* keys made for a late row alone */
        const struct lt_session_key *key = lt_session_key_of(base->payloads[i]);
        if (base->is_new[i] && !key->has_first && !key->more)
            lt_table_remove(s->table, base->payloads[i]);
    }
    return LT_OK;
}

static lt_flow session_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    struct lt_session_state *s = op->state;
    lt_flow flow = lt_window_push(op, in, take_rows);
    uint64_t len = lt_table_len(s->table);
    lt_session_set_timer(op);
    s->most = len > s->most ? len : s->most;
    op->memory_bytes = lt_session_bytes(s);
    return flow;
}

/* ---- save, load ----------------------------------------------------------------- */

static lt_status session_save(struct lt_op *op, struct lt_state_image *image)
{
    struct lt_session_state *s = op->state;
    LT_TRY(lt_state_save(s->base.state, 0, image));
    LT_TRY(lt_image_put(image, "fired", &s->fired, sizeof(s->fired)));
    LT_TRY(lt_image_put(image, "watermark", &s->watermark, sizeof(s->watermark)));
    return lt_table_save(s->table, 0, image);
}

static lt_status move_session(struct lt_op *op, const struct lt_state_heap *from_heap,
                              const struct lt_session *from, struct lt_session *to)
{
    struct lt_session_state *s = op->state;
    memcpy(to, from, s->block_at);
    memset(lt_session_block(s, to), 0, lt_calls_size(s->base.calls));
    lt_calls_init(s->base.calls, lt_session_block(s, to));
    if (s->triggered)
        LT_TRY(lt_shown_move(s->base.heap, lt_session_shown(to), from_heap));
    return lt_calls_merge(s->base.calls, op->ctx, s->base.heap, lt_session_block(s, to), from_heap,
                          (const char *)from + s->block_at);
}

static lt_status move_key(void *ctx, const struct lt_state_heap *from_heap, const char *from,
                          struct lt_state_heap *to_heap, char *to, bool merge)
{
    struct lt_op *op = ctx;
    struct lt_session_state *s = op->state;
    struct lt_session_key *key = lt_session_key_of(to);
    lt_ref more = key->more;
    if (merge)
        return LT_CORRUPT; /* a key belongs to one partition */
    key->more = 0;
    key->dirty = 0;
    key->scheduled = LT_WATERMARK_MAX;
    if (key->has_first)
        LT_TRY(move_session(op, from_heap,
                            (const struct lt_session *)(from + sizeof(struct lt_session_key)),
                            lt_session_first(to)));
    while (more) {
        const struct lt_session_node *node = lt_heap_at(from_heap, more);
        lt_ref ref;
        void *ptr;
        LT_TRY(lt_heap_new(to_heap, node_size(s), &ref, &ptr));
        struct lt_session_node *copy = ptr;
        copy->next = key->more;
        key->more = ref;
        LT_TRY(move_session(op, from_heap, &node->session, &copy->session));
        more = node->next;
    }
    lt_ref at = 0;
    bool begun = false;
    for (struct lt_session *session; (session = lt_session_next(s, to, &at, &begun));) {
        LT_TRY(session_schedule(op, to, session));
        if (s->triggered && lt_session_shown(session)->dirty)
            LT_TRY(lt_session_note_dirty(op, to));
    }
    return LT_OK;
}

static lt_status session_load(struct lt_op *op, const struct lt_state_image *const *images,
                              uint32_t n)
{
    struct lt_session_state *s = op->state;
    struct lt_table_mover mover = {.move = move_key, .ctx = op};
    s->fired = s->watermark = LT_WATERMARK_MAX;
    for (uint32_t i = 0; i < n; i++) {
        int64_t fired, watermark;
        LT_TRY(lt_image_get(images[i], "fired", &fired, sizeof(fired)));
        LT_TRY(lt_image_get(images[i], "watermark", &watermark, sizeof(watermark)));
        s->fired = fired < s->fired ? fired : s->fired;
        s->watermark = watermark < s->watermark ? watermark : s->watermark;
        LT_TRY(lt_table_load(s->table, 0, images[i], false, &mover));
    }
    lt_session_set_timer(op);
    return LT_OK;
}

const struct lt_op_type lt_window_session = {
    .name = "SessionAggregate",
    .state_size = sizeof(struct lt_session_state),
    .scope = LT_SCOPE_KEYED,
    .open = session_open,
    .push = session_push,
    .watermark = lt_session_watermark,
    .timer = lt_session_timer,
    .barrier = lt_session_barrier,
    .end = lt_session_end,
    .resume = lt_session_resume,
    .save = session_save,
    .load = session_load,
    .close = session_close,
};
_Static_assert(sizeof(struct lt_session_state) <= LT_WINDOW_STATE_MAX, "fits the operator's state");
