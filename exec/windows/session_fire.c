/* session_fire.c -- when sessions speak, and when they go.
 *
 * With final results only, the watermark makes sessions final: they are given, in the
 * order of their ends and keys, and removed, and the watermark goes on.
 *
 * With EMIT EARLY or LATE everything but EVERY is said at the end of an epoch, so that
 * what is said does not depend on batches: sessions that the watermark has passed, and
 * those that have changed. They stay until WITHIN has passed too, and the watermark
 * goes on that much behind. */
#include "exec/windows/session.h"

enum { REASON_WATERMARK = 1, REASON_EARLY = 2, REASON_LATE = 4, REASON_ROWS = 8 };
enum { SAY_EVERY = 256 };

static struct lt_session_expiry expiry_pop(struct lt_session_state *s)
{
    struct lt_session_expiry top = s->expiry[0], last = s->expiry[--s->n_expiry];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < s->n_expiry; at = child) {
        if (child + 1 < s->n_expiry && s->expiry[child + 1].time < s->expiry[child].time)
            child++;
        if (s->expiry[child].time >= last.time)
            break;
        s->expiry[at] = s->expiry[child];
    }
    s->expiry[at] = last;
    return top;
}

static lt_status due_add(struct lt_op *op, char *payload, struct lt_session *session, bool fire,
                         bool close)
{
    struct lt_session_state *s = op->state;
    if (s->n_due == s->due_cap) {
        size_t cap = s->due_cap ? s->due_cap * 2 : 64;
        void *grown = lt_alloc_resize(op->ctx->alloc, s->due, s->due_cap * sizeof(*s->due),
                                      cap * sizeof(*s->due));
        if (!grown)
            return LT_NOMEM;
        s->due = grown;
        s->due_cap = cap;
    }
    s->due[s->n_due++] = (struct lt_session_due){
        .end = session->last + s->gap,
        .start = session->start,
        .key = payload,
        .session = session,
        .fire = fire,
        .close = close,
    };
    return LT_OK;
}

/* What the watermark makes of the sessions of one key. */
static lt_status key_expire(struct lt_op *op, char *payload)
{
    struct lt_session_state *s = op->state;
    lt_ref at = 0;
    bool begun = false;
    lt_session_key_of(payload)->scheduled = LT_WATERMARK_MAX;
    for (struct lt_session *session; (session = lt_session_next(s, payload, &at, &begun));) {
        int64_t final_at = lt_session_final_at(s, session);
        int64_t close_at = lt_window_closed_at(s->base.spec, session->last + s->gap, s->within);
        bool final = final_at <= s->watermark, close = close_at <= s->watermark;
        bool fire = final && (!session->shown.final || (close && session->shown.dirty));
        if (fire || close)
            LT_TRY(due_add(op, payload, session, fire, close));
        session->shown.final = final;
        if (!close)
            LT_TRY(lt_session_schedule(op, payload, final ? close_at : final_at));
    }
    return LT_OK;
}

static lt_status expire(struct lt_op *op)
{
    struct lt_session_state *s = op->state;
    while (s->n_expiry && s->expiry[0].time <= s->watermark) {
        struct lt_session_expiry entry = expiry_pop(s);
        char *payload = lt_table_at(s->table, entry.key);
        if (payload && lt_session_key_of(payload)->scheduled == entry.time)
            LT_TRY(key_expire(op, payload));
    }
    return LT_OK;
}

/* Does a changed session speak now? */
static bool has_reason(const struct lt_session_state *s, const struct lt_session *session,
                       unsigned reasons)
{
    if (session->shown.final)
        return reasons & REASON_LATE;
    if (reasons & REASON_EARLY)
        return true;
    return reasons & REASON_ROWS && session->shown.since >= s->base.plan->emit.early_every_rows;
}

static lt_status changed(struct lt_op *op, unsigned reasons)
{
    struct lt_session_state *s = op->state;
    size_t kept = 0, n = s->n_dirty;
    for (size_t i = 0; i < n; i++) {
        char *payload = s->dirty[i];
        lt_ref at = 0;
        bool begun = false, still = false;
        for (struct lt_session *session; (session = lt_session_next(s, payload, &at, &begun));) {
            if (!session->shown.dirty)
                continue;
            int64_t final_at = lt_session_final_at(s, session);
            if (final_at <= s->watermark && reasons & REASON_WATERMARK &&
                final_at > s->fired)
                continue; /* expire() has just seen to it */
            if (has_reason(s, session, reasons))
                LT_TRY(due_add(op, payload, session, true, false));
            else
                still = true;
        }
        struct lt_session_key *key = lt_session_key_of(payload);
        key->dirty = still;
        if (still)
            s->dirty[kept++] = payload;
        else if (!key->has_first && !key->more)
            lt_table_remove(s->table, payload);
    }
    s->n_dirty = kept;
    return LT_OK;
}

static int due_compare(const struct lt_session_state *s, const struct lt_session_due *a,
                       const struct lt_session_due *b)
{
    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    int order = a->key == b->key ? 0 : lt_table_compare(s->table, a->key, s->table, b->key);
    if (order)
        return order;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->session != b->session)
        return a->session < b->session ? -1 : 1;
    return a->close - b->close;
}

static void due_sift(const struct lt_session_state *s, size_t root, size_t n)
{
    struct lt_session_due *due = s->due;
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && due_compare(s, &due[child], &due[child + 1]) < 0)
            child++;
        if (due_compare(s, &due[root], &due[child]) >= 0)
            return;
        struct lt_session_due swap = due[root];
        due[root] = due[child];
        due[child] = swap;
    }
}

static void due_sort(const struct lt_session_state *s)
{
    for (size_t i = s->n_due / 2; i-- > 0;)
        due_sift(s, i, s->n_due);
    for (size_t i = s->n_due; i-- > 1;) {
        struct lt_session_due swap = s->due[0];
        s->due[0] = s->due[i];
        s->due[i] = swap;
        due_sift(s, 0, i);
    }
}

/* The bounds of a session as a window; on the wall clock when it has a zone. */
static struct lt_window window_of(const struct lt_session_state *s,
                                  const struct lt_session_due *due)
{
    struct lt_window window = {.start = due->start, .end = due->end};
    const struct lt_window_spec *spec = s->base.spec;
    bool zoned = spec->ltz && spec->zone;
    window.label_start = zoned ? lt_tz_to_local(spec->zone, window.start) : window.start;
    window.label_end = zoned ? lt_tz_to_local(spec->zone, window.end) : window.end;
    return window;
}

static lt_status say(struct lt_op *op, bool *more)
{
    struct lt_session_state *s = op->state;
    *more = s->due_at < s->n_due;
    if (!*more)
        return LT_OK;
    const struct lt_session_due *due = &s->due[s->due_at];
    struct lt_window window = window_of(s, due);
    struct lt_session *session = due->session;
    char *block = lt_session_block(session);
    if (due->fire && !s->triggered) {
        if (!lt_rows_has_room(&s->base.out, 1))
            return LT_BUSY;
        LT_TRY(lt_window_write(op, s->table, due->key, block, &window));
    } else if (due->fire) {
        LT_TRY(lt_shown_fire(op, &s->fire, &session->shown, s->table, due->key, block, &window,
                             false));
        if (s->fire.mode == LT_EMIT_DISCARDING) {
            lt_calls_drop(s->base.calls, s->base.heap, block);
            lt_calls_init(s->base.calls, block);
        }
    }
    if (due->close)
        lt_session_remove(op, due->key, session);
    s->due_at++;
    return LT_OK;
}

static lt_flow fire_step(struct lt_op *op)
{
    struct lt_session_state *s = op->state;
    lt_flow flow = lt_window_say(op, say, SAY_EVERY);
    if (flow != LT_FLOW_OK)
        return flow;
    s->firing = false;
    s->fired = s->watermark;
    lt_session_set_timer(op);
    op->memory_bytes = lt_state_bytes(s->base.state) + s->expiry_cap * sizeof(*s->expiry);
    return lt_window_forward(op, s->forward ? s->watermark : LT_WATERMARK_MIN, s->within);
}

static lt_flow fire_start(struct lt_op *op, int64_t watermark_us, unsigned reasons, bool forward)
{
    struct lt_session_state *s = op->state;
    s->n_due = s->due_at = 0;
    s->forward = forward;
    if (watermark_us > s->watermark)
        s->watermark = watermark_us;
    lt_status status = reasons & REASON_WATERMARK ? expire(op) : LT_OK;
    if (status == LT_OK && s->triggered)
        status = changed(op, reasons);
    if (status != LT_OK)
        return lt_op_fail(op, status);
    if (s->base.ordered)
        due_sort(s);
    s->firing = true;
    return fire_step(op);
}

lt_flow lt_session_watermark(struct lt_op *op, unsigned port, int64_t watermark_us)
{
    LT_UNUSED(port), LT_UNUSED(watermark_us);
    const struct lt_session_state *s = op->state;
    int64_t low = lt_op_watermark(op);
    if (s->base.spec->proctime)
        return low == LT_WATERMARK_MAX ? LT_FLOW_OK : lt_op_forward_watermark(op, low);
    return s->triggered ? LT_FLOW_OK : fire_start(op, low, REASON_WATERMARK, true);
}

static unsigned epoch_reasons(const struct lt_emit *emit)
{
    return REASON_WATERMARK | (emit->early_on_change ? REASON_EARLY : 0) |
           (emit->late_on_change || (emit->late_within_us && !emit->late_every_us) ? REASON_LATE
                                                                                  : 0) |
           (emit->early_every_rows ? REASON_ROWS : 0);
}

lt_flow lt_session_barrier(struct lt_op *op, uint64_t epoch)
{
    LT_UNUSED(epoch);
    const struct lt_session_state *s = op->state;
    if (!s->triggered)
        return LT_FLOW_OK;
    bool clock = s->base.spec->proctime;
    return fire_start(op, clock ? LT_WATERMARK_MIN : lt_op_watermark(op),
                      epoch_reasons(&s->base.plan->emit), !clock);
}

lt_flow lt_session_timer(struct lt_op *op, enum lt_clock_kind clock, int64_t time_us)
{
    LT_UNUSED(clock);
    struct lt_session_state *s = op->state;
    unsigned reasons = 0;
    if (s->next_early <= time_us) {
        reasons |= REASON_EARLY;
        s->next_early = LT_WATERMARK_MAX;
    }
    if (s->next_late <= time_us) {
        reasons |= REASON_LATE;
        s->next_late = LT_WATERMARK_MAX;
    }
    if (!s->base.spec->proctime)
        return fire_start(op, LT_WATERMARK_MIN, reasons, false);
    return fire_start(op, time_us - s->base.spec->tick_us, reasons | REASON_WATERMARK, false);
}

lt_flow lt_session_end(struct lt_op *op, unsigned port)
{
    LT_UNUSED(port);
    const struct lt_session_state *s = op->state;
    if (!s->triggered && !s->base.spec->proctime)
        return LT_FLOW_OK;
    return fire_start(op, LT_WATERMARK_MAX, REASON_WATERMARK, false);
}

lt_flow lt_session_resume(struct lt_op *op)
{
    const struct lt_session_state *s = op->state;
    return s->firing ? fire_step(op) : LT_FLOW_OK;
}
