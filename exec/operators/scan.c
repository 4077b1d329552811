/* scan.c -- SCAN: polls the readers of this partition's splits and emits their rows.
 *
 * The source and the list of its splits are shared by the partitions of the
 * node; split i belongs to partition i % n. A bounded source is read one split
 * after the other, unless watermarks are made above: then several at a time, for
 * a split not yet started holds the watermark back, and with it all that windows
 * keep. Unbounded splits are all open at once and take turns.
 *
 * A split's number is its place in the list, in the order the source named them,
 * and is saved with its name: positions and lateness do not depend on the
 * partition that reads it.
 *
 * A large file may be listed in pieces, so that partitions share it. Its rows then
 * come out of order, and what its rows' times say is no longer told by the rows
 * before: so only where no WATERMARK judges them and nobody above looks at arrival. */
#include "exec/operators/scan.h"

#include <pthread.h>

#include "exec/state/state.h"
#include "exec/windows/order.h"

enum { READERS_WITH_WATERMARK = 16, LISTENERS_MAX = 16, RELIST_US = 100000 };

struct scan_split {
    struct lt_str name;
    int64_t position;
    bool ended;
};

struct scan_shared {
    pthread_mutex_t lock; /* guards everything below and calls on the source */
    struct lt_alloc *alloc;
    struct lt_connector_env env;
    const struct lt_connector *connector;
    struct lt_source *source;
    struct lt_arena arena;   /* split names */
    struct lt_arena listing; /* of one call of source_splits */
    struct scan_split *splits;
    uint32_t n_splits, cap;
    bool listed, more_later, pieces;
};

enum reader_state { READER_WAITING, READER_OPEN, READER_ENDED };

struct scan_reader {
    uint32_t split;
    struct lt_str name;
    enum reader_state state;
    struct lt_reader *reader;
    int64_t position; /* after the last row handed over */
};

struct scan_state {
    struct scan_reader *mine;
    uint32_t n_mine, cap;
    uint32_t n_known; /* of the shared list, looked at */
    uint32_t n_open, n_open_max, n_ended;
    uint32_t turn;
    bool listed, more_later;
    bool pieces; /* splits may be read in pieces */
    uint64_t committed;
    uint32_t n_listeners;
    struct lt_op *listeners[LISTENERS_MAX]; /* WATERMARK operators */
};

static lt_status scan_share(const struct lt_plan_node *node, struct lt_op_ctx *ctx, void **out)
{
    struct scan_shared *shared = lt_alloc_zero(ctx->alloc, sizeof(*shared));
    if (!shared)
        return LT_NOMEM;
    shared->alloc = ctx->alloc;
    shared->env = *ctx->env;
    shared->connector = node->u.scan.connector;
    pthread_mutex_init(&shared->lock, NULL);
    lt_arena_init(&shared->arena, ctx->alloc);
    lt_arena_init(&shared->listing, ctx->alloc);
    *out = shared; /* unshare frees it, whatever follows */
    return shared->connector->source_open(&shared->env, node->u.scan.description,
                                          node->u.scan.request, &shared->source, ctx->error);
}

static void scan_unshare(void *ptr)
{
    struct scan_shared *shared = ptr;
    if (shared->source)
        shared->connector->source_close(shared->source);
    lt_arena_close(&shared->arena);
    lt_arena_close(&shared->listing);
    lt_alloc_put(shared->alloc, shared->splits, shared->cap * sizeof(*shared->splits));
    pthread_mutex_destroy(&shared->lock);
    lt_alloc_put(shared->alloc, shared, sizeof(*shared));
}

/* Finds the WATERMARK operators reached from `op` through CALCs. */
static void find_listeners(struct scan_state *scan, struct lt_op *op)
{
    for (uint32_t i = 0; i < op->n_out; i++) {
        struct lt_op *to = op->out[i].op;
        if (to->type == &lt_op_watermark_type && scan->n_listeners < LISTENERS_MAX)
            scan->listeners[scan->n_listeners++] = to;
        else if (to->node && to->node->kind == LT_NODE_CALC)
            find_listeners(scan, to);
    }
}

static lt_status scan_open(struct lt_op *op)
{
    struct scan_state *scan = op->state;
    find_listeners(scan, op);
    const struct scan_shared *shared = op->shared;
    scan->pieces = op->node->u.scan.info.bounded && scan->n_listeners == 0 &&
                   !lt_order_matters(op->ctx->plan, op->node);
    scan->n_open_max = !op->node->u.scan.info.bounded ? UINT32_MAX
                       : scan->n_listeners            ? READERS_WITH_WATERMARK
                                                      : 1;
    return shared ? LT_OK : LT_MISUSE;
}

/* `hint`: where it was when it was listed before. */
static struct scan_split *shared_find(struct scan_shared *shared, struct lt_str name,
                                      uint32_t hint)
{
    if (hint < shared->n_splits && lt_str_equal(shared->splits[hint].name, name))
        return &shared->splits[hint];
    for (uint32_t i = 0; i < shared->n_splits; i++)
        if (lt_str_equal(shared->splits[i].name, name))
            return &shared->splits[i];
    return NULL;
}

static lt_status shared_add(struct scan_shared *shared, struct lt_str name, int64_t position,
                            bool ended)
{
    if (shared->n_splits == shared->cap) {
        uint32_t cap = shared->cap ? shared->cap * 2 : 16;
        void *grown = lt_alloc_resize(shared->alloc, shared->splits,
                                      shared->cap * sizeof(*shared->splits),
                                      cap * sizeof(*shared->splits));
        if (!grown)
            return LT_NOMEM;
        shared->splits = grown;
        shared->cap = cap;
    }
    struct scan_split split = {.position = position, .ended = ended};
    LT_TRY(lt_arena_str(&shared->arena, name, &split.name));
    shared->splits[shared->n_splits++] = split;
    return LT_OK;
}

/* Asks the source for its splits; those never seen before are put at the end. */
static lt_status shared_list(struct scan_shared *shared, struct lt_error *err)
{
    lt_arena_reset(&shared->listing);
    struct lt_split_list list = {.arena = &shared->listing, .pieces = shared->pieces};
    LT_TRY(shared->connector->source_splits(shared->source, &list, err));
    uint32_t before = shared->n_splits; /* those that follow are new: no name comes twice */
    for (uint32_t i = 0; i < list.len; i++)
        if (before == 0 || !shared_find(shared, list.names[i], i))
            LT_TRY(shared_add(shared, list.names[i], 0, false));
    shared->listed = true;
    shared->more_later = list.more_later;
    return LT_OK;
}

static lt_status scan_add_mine(struct lt_op *op, uint32_t number, const struct scan_split *split)
{
    struct scan_state *scan = op->state;
    if (scan->n_mine == scan->cap) {
        uint32_t cap = scan->cap ? scan->cap * 2 : 8;
        void *grown = lt_alloc_resize(op->ctx->alloc, scan->mine, scan->cap * sizeof(*scan->mine),
                                      cap * sizeof(*scan->mine));
        if (!grown)
            return LT_NOMEM;
        scan->mine = grown;
        scan->cap = cap;
    }
    scan->mine[scan->n_mine++] = (struct scan_reader){
        .split = number,
        .name = split->name,
        .position = split->position,
        .state = split->ended ? READER_ENDED : READER_WAITING,
    };
    scan->n_ended += split->ended;
    for (uint32_t i = 0; i < scan->n_listeners; i++) {
        LT_TRY(lt_watermark_split_known(scan->listeners[i], number));
        if (split->ended)
            lt_watermark_split_ended(scan->listeners[i], number);
    }
    return LT_OK;
}

/* Takes over what belongs to this partition from the shared list. */
static lt_status scan_adopt(struct lt_op *op, bool list_again)
{
    struct scan_state *scan = op->state;
    struct scan_shared *shared = op->shared;
    lt_status status = LT_OK;
    pthread_mutex_lock(&shared->lock);
    shared->pieces = scan->pieces;
    if (!shared->listed || (list_again && shared->more_later))
        status = shared_list(shared, op->ctx->error);
    for (uint32_t i = scan->n_known; status == LT_OK && i < shared->n_splits; i++) {
        if (i % op->ctx->n_partitions == op->ctx->partition)
            status = scan_add_mine(op, i, &shared->splits[i]);
        scan->n_known = i + 1;
    }
    scan->more_later = shared->more_later;
    pthread_mutex_unlock(&shared->lock);
    if (status == LT_OK && !scan->listed) {
        scan->listed = true;
        for (uint32_t i = 0; i < scan->n_listeners; i++)
            lt_watermark_listed(scan->listeners[i]);
    }
    return status;
}

static lt_status reader_start(struct lt_op *op, struct scan_reader *reader)
{
    struct scan_state *scan = op->state;
    struct scan_shared *shared = op->shared;
    pthread_mutex_lock(&shared->lock);
    lt_status status = shared->connector->reader_open(shared->source, reader->name,
                                                      reader->position, op->ctx->env,
                                                      &reader->reader, op->ctx->error);
    pthread_mutex_unlock(&shared->lock);
    LT_TRY(status);
    reader->state = READER_OPEN;
    scan->n_open++;
    for (uint32_t i = 0; i < scan->n_listeners; i++)
        lt_watermark_split_started(scan->listeners[i], reader->split);
    return LT_OK;
}

static lt_status scan_start_readers(struct lt_op *op)
{
    struct scan_state *scan = op->state;
    if (scan->n_open + scan->n_ended == scan->n_mine)
        return LT_OK;
    for (uint32_t i = 0; i < scan->n_mine && scan->n_open < scan->n_open_max; i++)
        if (scan->mine[i].state == READER_WAITING)
            LT_TRY(reader_start(op, &scan->mine[i]));
    return LT_OK;
}

static void reader_stop(struct lt_op *op, struct scan_reader *reader)
{
    struct scan_state *scan = op->state;
    const struct scan_shared *shared = op->shared;
    if (reader->reader) {
        shared->connector->reader_close(reader->reader);
        reader->reader = NULL;
        scan->n_open--;
    }
    reader->state = READER_ENDED;
    scan->n_ended++;
    for (uint32_t i = 0; i < scan->n_listeners; i++)
        lt_watermark_split_ended(scan->listeners[i], reader->split);
}

static lt_flow scan_emit(struct lt_op *op, struct scan_reader *reader, struct lt_polled *polled,
                         struct lt_op_poll *out)
{
    struct scan_state *scan = op->state;
    struct lt_batch *batch = &polled->batch;
    batch->split = reader->split;
    batch->split_of = NULL;
    batch->proctime_us = op->ctx->now_us;
    reader->position = polled->next_position;
    for (uint32_t i = 0; i < scan->n_listeners; i++)
        lt_watermark_split_source(scan->listeners[i], reader->split,
                                  polled->source_watermark_us);
    out->rows = batch->len;
    out->bytes = (size_t)batch->len * batch->n_columns * sizeof(struct lt_sv); /* about */
    lt_flow flow = lt_op_emit(op, batch);
    for (uint32_t i = 0; flow == LT_FLOW_DONE && i < scan->n_mine; i++)
        if (scan->mine[i].state == READER_OPEN)
            reader_stop(op, &scan->mine[i]);
    return flow;
}

/* Asks each open reader once, beginning with the one whose turn it is, until
 * one has rows. */
static lt_flow scan_poll_readers(struct lt_op *op, struct lt_op_poll *out, bool *emitted)
{
    struct scan_state *scan = op->state;
    const struct scan_shared *shared = op->shared;
    uint32_t n = scan->n_mine, start = scan->turn;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t i = (start + k) % n;
        struct scan_reader *reader = &scan->mine[i];
        if (reader->state != READER_OPEN)
            continue;
        struct lt_polled polled = {.source_watermark_us = LT_WATERMARK_MIN,
                                   .wait_fd = -1,
                                   .wait_us = INT64_MAX,
                                   .next_position = reader->position};
        lt_status status = shared->connector->reader_poll(reader->reader, op->ctx->batch_rows,
                                                          &polled, op->ctx->error);
        if (status != LT_OK)
            return lt_op_fail(op, status);
        if (polled.poll == LT_POLL_ROWS) {
            scan->turn = scan->n_open_max == 1 ? i : (i + 1) % n;
            *emitted = true;
            return scan_emit(op, reader, &polled, out);
        }
        if (polled.poll == LT_POLL_END) {
            reader_stop(op, reader);
            *emitted = true; /* something has changed: no waiting yet */
            return LT_FLOW_OK;
        }
        if (polled.wait_us < out->wait_us)
            out->wait_us = polled.wait_us;
        if (polled.wait_fd >= 0 && out->n_wait_fds < LT_WAIT_FDS_MAX)
            out->wait_fds[out->n_wait_fds++] = polled.wait_fd;
        else if (polled.wait_fd >= 0 && out->wait_us > RELIST_US)
            out->wait_us = RELIST_US; /* more handles than can be waited on */
    }
    return LT_FLOW_OK;
}

static lt_flow scan_poll(struct lt_op *op, struct lt_op_poll *out)
{
    struct scan_state *scan = op->state;
    bool emitted = false;
    for (int pass = 0; pass < 2 && !emitted; pass++) {
        lt_status status = LT_OK;
        if (!scan->listed || pass == 1) /* list again only when there is nothing to read */
            status = scan_adopt(op, pass == 1);
        if (status == LT_OK)
            status = scan_start_readers(op);
        if (status != LT_OK)
            return lt_op_fail(op, status);
        lt_flow flow = scan_poll_readers(op, out, &emitted);
        if (flow != LT_FLOW_OK)
            return flow;
        if (!scan->more_later || (pass == 0 && scan->n_open == scan->n_known && emitted))
            break;
    }
    out->idle = !emitted;
    if (!emitted && !scan->more_later && scan->n_ended == scan->n_mine)
        out->ended = true;
    if (!emitted && scan->more_later && out->wait_us > RELIST_US && out->n_wait_fds == 0)
        out->wait_us = RELIST_US; /* splits may appear without a wake-up */
    return LT_FLOW_OK;
}

static lt_status scan_committed(struct lt_op *op, uint64_t epoch)
{
    struct scan_shared *shared = op->shared;
    if (op->ctx->partition != 0 || !shared->connector->source_committed)
        return LT_OK;
    pthread_mutex_lock(&shared->lock);
    shared->connector->source_committed(shared->source, epoch);
    pthread_mutex_unlock(&shared->lock);
    return LT_OK;
}

/* ---- save and load: (number, position, ended, name) of every split ---------- */

struct scan_saved {
    uint32_t split, name_len;
    int64_t position;
    uint64_t ended;
};

static lt_status scan_save(struct lt_op *op, struct lt_state_image *image)
{
    const struct scan_state *scan = op->state;
    struct lt_buf buf;
    lt_buf_init(&buf, op->ctx->alloc);
    for (uint32_t i = 0; i < scan->n_mine; i++) {
        const struct scan_reader *reader = &scan->mine[i];
        struct scan_saved saved = {.split = reader->split,
                                   .name_len = (uint32_t)reader->name.len,
                                   .position = reader->position,
                                   .ended = reader->state == READER_ENDED};
        lt_buf_add(&buf, &saved, sizeof(saved));
        lt_buf_add(&buf, reader->name.data, reader->name.len);
    }
    lt_status status = buf.status;
    if (status == LT_OK)
        status = lt_image_put(image, "splits", buf.len ? buf.data : "", buf.len);
    lt_buf_close(&buf);
    return status;
}

/* Makes sure that numbers up to `split` exist in the shared list. */
static lt_status shared_restore(struct scan_shared *shared, const struct scan_saved *saved,
                                struct lt_str name)
{
    while (shared->n_splits <= saved->split)
        LT_TRY(shared_add(shared, LT_STR(""), 0, true));
    struct scan_split *split = &shared->splits[saved->split];
    if (split->name.len > 0)
        return LT_OK; /* another partition has been here */
    LT_TRY(lt_arena_str(&shared->arena, name, &split->name));
    split->position = saved->position;
    split->ended = saved->ended != 0;
    return LT_OK;
}

static lt_status scan_load(struct lt_op *op, const struct lt_state_image *const *images,
                           uint32_t n)
{
    struct scan_shared *shared = op->shared;
    lt_status status = LT_OK;
    pthread_mutex_lock(&shared->lock);
    for (uint32_t i = 0; i < n && status == LT_OK; i++) {
        struct lt_str text;
        if (!lt_image_find(images[i], "splits", &text))
            continue;
        while (text.len >= sizeof(struct scan_saved) && status == LT_OK) {
            struct scan_saved saved;
            memcpy(&saved, text.data, sizeof(saved));
            struct lt_str name = {text.data + sizeof(saved), saved.name_len};
            size_t step = sizeof(saved) + saved.name_len;
            if (step > text.len || saved.split > 1u << 24)
                status = LT_CORRUPT;
            else
                status = shared_restore(shared, &saved, name);
            text.data += step;
            text.len -= step > text.len ? text.len : step;
        }
    }
    pthread_mutex_unlock(&shared->lock);
    return status;
}

static lt_flow scan_resume(struct lt_op *op)
{
    LT_UNUSED(op);
    return LT_FLOW_OK;
}

static void scan_close(struct lt_op *op)
{
    struct scan_state *scan = op->state;
    const struct scan_shared *shared = op->shared;
    for (uint32_t i = 0; i < scan->n_mine; i++)
        if (scan->mine[i].reader)
            shared->connector->reader_close(scan->mine[i].reader);
    lt_alloc_put(op->ctx->alloc, scan->mine, scan->cap * sizeof(*scan->mine));
}

const struct lt_op_type lt_op_scan_type = {
    .name = "Scan",
    .state_size = sizeof(struct scan_state),
    .scope = LT_SCOPE_PER_SPLIT,
    .open = scan_open,
    .resume = scan_resume,
    .save = scan_save,
    .load = scan_load,
    .close = scan_close,
    .poll = scan_poll,
    .committed = scan_committed,
    .share = scan_share,
    .unshare = scan_unshare,
};
