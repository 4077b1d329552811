/* session_fire.c -- when sessions speak, and when they go.
 *
 * With final results only, the watermark makes sessions final: they are given and removed,
 * some at a time, and the watermark goes on. Where the order of results matters to somebody
 * above they are put in that of their ends and keys first. A watermark that leaps past
 * everything in the wheel concerns all keys: then they are looked at in the order in which
 * they lie in memory, and what has no session left is swept out when all have been given.
 *
 * With EMIT EARLY or LATE everything but EVERY is said at the end of an epoch, so that
 * what is said does not depend on batches: sessions that the watermark has passed, and
 * those that have changed. They stay until WITHIN has passed too, and the watermark
 * goes on that much behind. */
#include "exec/windows/session.h"

enum { SAY_EVERY = 256, SWEEP_MIN = 256, SWEEP_SHARE = 4 };

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
        bool final = final_at <= s->watermark, close = close_at <= s->watermark, fire = final;
        if (s->triggered) {
            struct lt_shown *shown = lt_session_shown(session);
            fire = final && (!shown->final || (close && shown->dirty));
            shown->final = final;
        }
        if (fire || close)
            LT_TRY(due_add(op, payload, session, fire, close));
        if (!close)
            LT_TRY(lt_session_schedule(op, payload, final ? close_at : final_at));
    }
    return LT_OK;
}

/* ---- all keys at once --------------------------------------------------------- */

/* All keys are in the wheel. Few of them in a large table are found better by way of it. */
static void sweep_begin(struct lt_session_state *s)
{
    uint64_t len = lt_table_len(s->table);
    s->n_gone = s->cursor = 0;
    s->sweeping = !s->triggered && s->watermark >= s->expiry.last && len >= SWEEP_MIN &&
                  len >= s->most / SWEEP_SHARE;
    if (s->sweeping)
        lt_wheel_clear(&s->expiry);
}

static lt_status sweep_some(struct lt_op *op, bool *any)
{
    struct lt_session_state *s = op->state;
    char **payloads = s->base.payloads;
    uint32_t n = lt_table_walk(s->table, &s->cursor, payloads, LT_SESSION_SAY);
    *any = n > 0;
    for (uint32_t i = 0; i < n; i++)
        LT_TRY(key_expire(op, payloads[i]));
    return LT_OK;
}

static bool is_gone(const char *payload)
{
    const struct lt_session_key *key = (const struct lt_session_key *)payload;
    return !key->has_first && !key->more;
}

static void sweep_end(struct lt_session_state *s)
{
    if (s->n_gone == lt_table_len(s->table)) {
        lt_table_clear(s->table);
        s->most = 0;
    } else if (s->n_gone > 0) {
        lt_table_sweep(s->table, is_gone);
    }
    s->sweeping = false;
}

/* ---- what is due ---------------------------------------------------------------- */

/* Looks at some of the keys whose time has come, if there are `any`. */
static lt_status expire(struct lt_op *op, bool *any)
{
    struct lt_session_state *s = op->state;
    if (s->sweeping)
        return sweep_some(op, any);
    uint32_t n = lt_wheel_take(&s->expiry, s->watermark, s->expired, LT_SESSION_SAY);
    *any = n > 0;
    for (uint32_t i = 0; i < n; i++)
        lt_table_prefetch(s->table, s->expired[i].key);
    for (uint32_t i = 0; i < n; i++) {
        char *payload = lt_table_at(s->table, s->expired[i].key);
        if (payload && lt_session_key_of(payload)->scheduled == s->expired[i].time)
            LT_TRY(key_expire(op, payload));
    }
    return LT_OK;
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
            const struct lt_shown *shown = lt_session_shown(session);
            if (!shown->dirty)
                continue;
            int64_t final_at = lt_session_final_at(s, session);
            if (final_at <= s->watermark && reasons & LT_REASON_WATERMARK &&
                final_at > s->fired)
                continue; /* expire() has just seen to it */
            if (lt_trigger_speaks(&s->trigger, shown, shown->final, reasons))
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

/* EMIT EARLY or LATE: one session says what there is to say, and goes when it is closed. */
static lt_status say_one(struct lt_op *op)
{
    struct lt_session_state *s = op->state;
    const struct lt_session_due *due = &s->due[s->due_at];
    struct lt_window window = window_of(s, due);
    char *block = lt_session_block(s, due->session);
    if (due->fire) {
        LT_TRY(lt_shown_fire(op, &s->fire, lt_session_shown(due->session), s->table, due->key,
                             block, &window, false));
        if (s->fire.mode == LT_EMIT_DISCARDING) {
            lt_calls_drop(s->base.calls, s->base.heap, block);
            lt_calls_init(s->base.calls, block);
        }
    }
    if (due->close && lt_session_end_one(op, due->key, due->session))
        lt_table_remove(s->table, due->key);
    s->due_at++;
    return LT_OK;
}

/* Final results only: many sessions are given and go. */
static lt_status say_final(struct lt_op *op)
{
    struct lt_session_state *s = op->state;
    struct lt_window_base *base = &s->base;
    uint32_t room = base->out.builder.cap - base->out.builder.len, n_gone = 0;
    uint32_t n = room < LT_SESSION_SAY ? room : LT_SESSION_SAY;
    if (room == 0)
        return LT_BUSY;
    if (n > s->n_due - s->due_at)
        n = (uint32_t)(s->n_due - s->due_at);
    const struct lt_session_due *due = &s->due[s->due_at];
    for (uint32_t i = 0; i < n; i++) {
        base->payloads[i] = due[i].key;
        base->blocks[i] = (char *)due[i].session;
        s->windows[i] = window_of(s, &due[i]);
    }
    LT_TRY(lt_window_results(op, s->table, base->heap, base->payloads, base->blocks, s->block_at,
                             n));
    LT_TRY(lt_window_bounds(op, s->windows, 1, n, 1));
    for (uint32_t i = 0; i < n; i++)
        if (lt_session_end_one(op, due[i].key, due[i].session))
            base->payloads[n_gone++] = due[i].key;
    s->n_gone += n_gone;
    if (!s->sweeping)
        lt_table_remove_all(s->table, base->payloads, n_gone);
    s->due_at += n;
    return LT_OK;
}

/* Sessions are given as they are found, unless they must be put in order or changed ones
 * follow: then all are gathered first. */
static lt_status say(struct lt_op *op, bool *more)
{
    struct lt_session_state *s = op->state;
    bool gather = s->triggered || s->base.ordered, any = s->due_at < s->n_due;
    *more = true;
    switch (s->phase) {
    case LT_SESSION_EXPIRE:
        if (any && !gather)
            return say_final(op);
        if (!gather)
            s->n_due = s->due_at = 0;
        LT_TRY(expire(op, &any));
        if (!any)
            s->phase = LT_SESSION_CHANGED;
        return LT_OK;
    case LT_SESSION_CHANGED:
        if (s->triggered)
            LT_TRY(changed(op, s->reasons));
        if (s->base.ordered)
            due_sort(s);
        s->phase = LT_SESSION_SPEAK;
        return LT_OK;
    default:
        *more = any;
        if (!any)
            return LT_OK;
        return s->triggered ? say_one(op) : say_final(op);
    }
}

static lt_flow fire_step(struct lt_op *op)
{
    struct lt_session_state *s = op->state;
    lt_flow flow = lt_window_say(op, say, s->triggered ? SAY_EVERY : 1);
    if (flow != LT_FLOW_OK)
        return flow;
    if (s->sweeping)
        sweep_end(s);
    s->phase = LT_SESSION_IDLE;
    s->fired = s->watermark;
    lt_session_set_timer(op);
    op->memory_bytes = lt_session_bytes(s);
    return lt_window_forward(op, s->forward ? s->watermark : LT_WATERMARK_MIN, s->within);
}

static lt_flow fire_start(struct lt_op *op, int64_t watermark_us, unsigned reasons, bool forward)
{
    struct lt_session_state *s = op->state;
    s->n_due = s->due_at = 0;
    s->forward = forward;
    if (watermark_us > s->watermark)
        s->watermark = watermark_us;
    s->reasons = reasons;
    s->phase = reasons & LT_REASON_WATERMARK ? LT_SESSION_EXPIRE : LT_SESSION_CHANGED;
    if (s->phase == LT_SESSION_EXPIRE)
        sweep_begin(s);
    return fire_step(op);
}

lt_flow lt_session_watermark(struct lt_op *op, unsigned port, int64_t watermark_us)
{
    LT_UNUSED(port), LT_UNUSED(watermark_us);
    const struct lt_session_state *s = op->state;
    int64_t low = lt_op_watermark(op);
    if (s->base.spec->proctime)
        return low == LT_WATERMARK_MAX ? LT_FLOW_OK : lt_op_forward_watermark(op, low);
    return s->triggered ? LT_FLOW_OK : fire_start(op, low, LT_REASON_WATERMARK, true);
}

lt_flow lt_session_barrier(struct lt_op *op, uint64_t epoch)
{
    LT_UNUSED(epoch);
    const struct lt_session_state *s = op->state;
    if (!s->triggered)
        return LT_FLOW_OK;
    bool clock = s->base.spec->proctime;
    return fire_start(op, clock ? LT_WATERMARK_MIN : lt_op_watermark(op),
                      lt_trigger_epoch(&s->trigger), !clock);
}

lt_flow lt_session_timer(struct lt_op *op, enum lt_clock_kind clock, int64_t time_us)
{
    LT_UNUSED(clock);
    struct lt_session_state *s = op->state;
    unsigned reasons = lt_trigger_timer(&s->trigger, time_us);
    if (!s->base.spec->proctime)
        return fire_start(op, LT_WATERMARK_MIN, reasons, false);
    return fire_start(op, time_us - s->base.spec->tick_us, reasons | LT_REASON_WATERMARK, false);
}

lt_flow lt_session_end(struct lt_op *op, unsigned port)
{
    LT_UNUSED(port);
    const struct lt_session_state *s = op->state;
    if (!s->triggered && !s->base.spec->proctime)
        return LT_FLOW_OK;
    return fire_start(op, LT_WATERMARK_MAX, LT_REASON_WATERMARK, false);
}

lt_flow lt_session_resume(struct lt_op *op)
{
    const struct lt_session_state *s = op->state;
    return s->phase == LT_SESSION_IDLE ? LT_FLOW_OK : fire_step(op);
}
