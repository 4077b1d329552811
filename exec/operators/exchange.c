/* exchange.c -- EXCHANGE: the sender at the end of one pipeline, the receiver at
 * the beginning of another.
 *
 * The sender deals rows out to the partitions of its consumer: by the hash of
 * keys, all to one, all to all, or whole batches in turn. A batch that was cut
 * carries its positions row by row. Watermarks, barriers and the end go to every
 * partition. What a ring has no room for is owed: `outbox` holds the pieces of
 * one event until the rings have taken them, in order per ring.
 *
 *   event ──cut──▶ outbox[0] ──▶ ring 0 ──▶ receiver of partition 0, port = sender
 *                  outbox[1] ──▶ ring 1 ──▶ receiver of partition 1
 *
 * A receiver that wants no more rows marks its ring; when all are marked the
 * sender answers DONE. */
#include "exec/exchange.h"

#include "data/select.h"
#include "exec/state/state.h"

enum {
    SPARSE = 6, /* one row in so many is worth copying */
    TARGETS_BY_BITS = 4,
    LIST_ROWS = LT_BATCH_ROWS_MAX + LT_SELECT_SLACK
};

struct sender_state {
    struct lt_message *outbox; /* one per ring; bytes and batch of what is owed */
    bool *owed;
    uint32_t n_owed;
    uint32_t turn; /* REBALANCE */
    struct lt_column **keys;
    uint64_t *hashes;
    uint8_t *targets; /* per row */
    int8_t *lanes;
    uint16_t *rows;   /* grouped by destination */
    uint32_t *starts; /* n + 1 */
};

static const struct lt_exchange_out *rings_of(const struct lt_op *op)
{
    return op->shared;
}

static lt_status sender_open(struct lt_op *op)
{
    struct sender_state *sender = op->state;
    struct lt_alloc *alloc = op->ctx->alloc;
    uint32_t n = rings_of(op)->n;
    sender->outbox = lt_alloc_zero(alloc, n * sizeof(*sender->outbox));
    sender->owed = lt_alloc_zero(alloc, n * sizeof(*sender->owed));
    sender->starts = lt_alloc_zero(alloc, (n + 1) * sizeof(*sender->starts));
    sender->keys = lt_alloc_zero(alloc, op->node->u.exchange.n_keys * sizeof(*sender->keys));
    sender->hashes = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX * sizeof(*sender->hashes));
    sender->targets = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX);
    sender->lanes = lt_alloc_get(alloc, LT_BATCH_ROWS_MAX);
    sender->rows = lt_alloc_get(alloc, LIST_ROWS * sizeof(*sender->rows));
    sender->turn = op->ctx->partition;
    bool ok = sender->outbox && sender->owed && sender->starts && sender->keys &&
              sender->hashes && sender->targets && sender->lanes && sender->rows;
    return ok ? LT_OK : LT_NOMEM;
}

/* Tries to hand over what is owed. */
static lt_flow sender_flush(struct lt_op *op)
{
    struct sender_state *sender = op->state;
    const struct lt_exchange_out *out = rings_of(op);
    for (uint32_t i = 0; i < out->n && sender->n_owed > 0; i++) {
        struct lt_message *message = &sender->outbox[i];
        if (!sender->owed[i])
            continue;
        LT_ASSERT(out->rings[i]);
        if (message->batch && atomic_load_explicit(&out->rings[i]->done, memory_order_relaxed)) {
            lt_batch_drop(message->batch);
        } else if (!lt_ring_push(out->rings[i], message)) {
            continue;
        } else {
            op->ctx->progress = true;
        }
        message->batch = NULL;
        sender->owed[i] = false;
        sender->n_owed--;
    }
    if (sender->n_owed == 0)
        return LT_FLOW_OK;
    op->ctx->blocked = true;
    return LT_FLOW_YIELD;
}

static void sender_owe(struct sender_state *sender, uint32_t to, struct lt_message message)
{
    LT_ASSERT(!sender->owed[to]);
    sender->outbox[to] = message;
    sender->owed[to] = true;
    sender->n_owed++;
}

static lt_flow sender_to_all(struct lt_op *op, enum lt_message_kind kind, int64_t value)
{
    for (uint32_t i = 0; i < rings_of(op)->n; i++)
        if (rings_of(op)->rings[i])
            sender_owe(op->state, i, (struct lt_message){.kind = kind, .value = value});
    return sender_flush(op);
}

void lt_sender_forget(struct lt_op *op, uint32_t i)
{
    struct sender_state *sender = op->state;
    if (!sender->owed[i])
        return;
    lt_batch_drop(sender->outbox[i].batch);
    sender->outbox[i].batch = NULL;
    sender->owed[i] = false;
    sender->n_owed--;
}

/* What goes to one partition is the same columns under a selection of its own, unless
 * the rows are so few among the others that copying them is cheaper than reading them
 * from where they lie. */
static lt_status sender_owe_batch(struct lt_op *op, uint32_t to, const struct lt_batch *batch)
{
    struct lt_batch *kept = NULL;
    if (batch->n_sel * SPARSE >= batch->len) {
        kept = lt_batch_keep(op->ctx->pool, batch);
        if (!kept)
            return LT_NOMEM;
    } else {
        LT_TRY(lt_batch_compact(op->ctx->pool, batch, &kept));
    }
    size_t bytes = lt_batch_bytes(kept) * kept->n_sel / kept->len; /* others hold the rest */
    sender_owe(op->state, to, (struct lt_message){.batch = kept, .bytes = bytes + 256});
    return LT_OK;
}

LT_KERNEL static void targets_of(const uint64_t *restrict hashes, uint32_t n_rows, uint32_t n,
                                 uint8_t *restrict targets)
{
    for (uint32_t i = 0; i < n_rows; i++)
        targets[i] = (uint8_t)lt_partition_of(hashes[i], n);
}

LT_KERNEL static void targets_equal(const uint8_t *restrict targets, uint32_t n_rows, uint8_t to,
                                    int8_t *restrict lanes)
{
    for (uint32_t i = 0; i < n_rows; i++)
        lanes[i] = targets[i] == to;
}

/* Among few targets: one pass per target, 64 rows at a step. */
static void group_by_bits(struct sender_state *sender, const struct lt_batch *in, uint32_t n)
{
    uint64_t bits[LT_SELECT_WORDS];
    uint32_t n_rows = in->n_sel;
    for (uint32_t d = 0; d < n; d++) {
        uint16_t *rows = sender->rows + sender->starts[d];
        targets_equal(sender->targets, n_rows, (uint8_t)d, sender->lanes);
        lt_select_true(sender->lanes, n_rows, bits);
        sender->starts[d + 1] =
            sender->starts[d] + (in->sel ? lt_select_list_of(bits, n_rows, in->sel, rows)
                                         : lt_select_list(bits, n_rows, rows));
    }
}

static void group_by_count(struct sender_state *sender, const struct lt_batch *in, uint32_t n)
{
    uint32_t n_rows = in->n_sel;
    for (uint32_t i = 0; i < n_rows; i++)
        sender->starts[sender->targets[i] + 1]++;
    for (uint32_t d = 0; d < n; d++)
        sender->starts[d + 1] += sender->starts[d];
    for (uint32_t i = 0; i < n_rows; i++)
        sender->rows[sender->starts[sender->targets[i]]++] = (uint16_t)lt_batch_row(in, i);
    for (uint32_t d = n; d > 0; d--)
        sender->starts[d] = sender->starts[d - 1];
    sender->starts[0] = 0;
}

/* Groups the selected rows by destination: rows[starts[d]..starts[d + 1]). */
static void sender_group(struct lt_op *op, const struct lt_batch *in)
{
    struct sender_state *sender = op->state;
    uint32_t n = rings_of(op)->n, n_keys = op->node->u.exchange.n_keys;
    for (uint32_t k = 0; k < n_keys; k++)
        sender->keys[k] = in->columns[op->node->u.exchange.keys[k]];
    lt_table_hash_keys(sender->keys, n_keys, in->sel, in->n_sel, sender->hashes);
    targets_of(sender->hashes, in->n_sel, n, sender->targets);
    memset(sender->starts, 0, (n + 1) * sizeof(*sender->starts));
    if (n <= TARGETS_BY_BITS)
        group_by_bits(sender, in, n);
    else
        group_by_count(sender, in, n);
}

static lt_status sender_hash(struct lt_op *op, const struct lt_batch *in)
{
    struct sender_state *sender = op->state;
    sender_group(op, in);
    for (uint32_t d = 0; d < rings_of(op)->n; d++) {
        uint32_t from = sender->starts[d], n = sender->starts[d + 1] - from;
        if (n == 0)
            continue;
        struct lt_batch piece = *in;
        if (n < in->n_sel) {
            piece.sel = sender->rows + from;
            piece.n_sel = n;
            piece.aux[0] = NULL;
        }
        LT_TRY(sender_owe_batch(op, d, &piece));
    }
    return LT_OK;
}

static lt_flow sender_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    struct sender_state *sender = op->state;
    const struct lt_exchange_out *out = rings_of(op);
    enum lt_exchange_kind kind = op->node->u.exchange.kind;
    uint32_t n_targets = kind == LT_EXCHANGE_SINGLE ? 1 : out->n;
    bool all_done = true;
    for (uint32_t i = 0; i < n_targets && all_done; i++)
        all_done = !out->rings[i] ||
                   atomic_load_explicit(&out->rings[i]->done, memory_order_relaxed);
    if (all_done)
        return LT_FLOW_DONE;
    lt_status status = LT_OK;
    if (kind == LT_EXCHANGE_HASH && out->n > 1)
        status = sender_hash(op, in);
    else if (kind == LT_EXCHANGE_BROADCAST)
        for (uint32_t i = 0; i < out->n && status == LT_OK; i++)
            status = out->rings[i] ? sender_owe_batch(op, i, in) : LT_OK;
    else if (kind == LT_EXCHANGE_REBALANCE)
        status = sender_owe_batch(op, sender->turn++ % out->n, in);
    else if (kind == LT_EXCHANGE_FORWARD)
        status = sender_owe_batch(op, op->ctx->partition % out->n, in);
    else
        status = sender_owe_batch(op, 0, in);
    return status == LT_OK ? sender_flush(op) : lt_op_fail(op, status);
}

static lt_flow sender_watermark(struct lt_op *op, unsigned port, int64_t watermark_us)
{
    LT_UNUSED(port);
    if (watermark_us == LT_WATERMARK_MAX)
        return LT_FLOW_OK; /* the end says it */
    return sender_to_all(op, LT_MESSAGE_WATERMARK, watermark_us);
}

static lt_flow sender_barrier(struct lt_op *op, uint64_t epoch)
{
    return sender_to_all(op, LT_MESSAGE_BARRIER, (int64_t)epoch);
}

static lt_flow sender_end(struct lt_op *op, unsigned port)
{
    LT_UNUSED(port);
    return sender_to_all(op, LT_MESSAGE_END, 0);
}

static void sender_close(struct lt_op *op)
{
    struct sender_state *sender = op->state;
    struct lt_alloc *alloc = op->ctx->alloc;
    uint32_t n = rings_of(op) ? rings_of(op)->n : 0; /* 0: building failed before the rings */
    for (uint32_t i = 0; sender->outbox && i < n; i++)
        if (sender->outbox[i].batch)
            lt_batch_drop(sender->outbox[i].batch);
    lt_alloc_put(alloc, sender->outbox, n * sizeof(*sender->outbox));
    lt_alloc_put(alloc, sender->owed, n * sizeof(*sender->owed));
    lt_alloc_put(alloc, sender->starts, sender->starts ? (n + 1) * sizeof(*sender->starts) : 0);
    lt_alloc_put(alloc, sender->keys, op->node->u.exchange.n_keys * sizeof(*sender->keys));
    lt_alloc_put(alloc, sender->hashes, LT_BATCH_ROWS_MAX * sizeof(*sender->hashes));
    lt_alloc_put(alloc, sender->targets, LT_BATCH_ROWS_MAX);
    lt_alloc_put(alloc, sender->lanes, LT_BATCH_ROWS_MAX);
    lt_alloc_put(alloc, sender->rows, LIST_ROWS * sizeof(*sender->rows));
}

const struct lt_op_type lt_op_sender_type = {
    .name = "Exchange",
    .state_size = sizeof(struct sender_state),
    .open = sender_open,
    .push = sender_push,
    .watermark = sender_watermark,
    .barrier = sender_barrier,
    .end = sender_end,
    .resume = sender_flush,
    .close = sender_close,
};

static lt_flow receiver_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    return lt_op_emit(op, in);
}

const struct lt_op_type lt_op_receiver_type = {
    .name = "Exchange input",
    .push = receiver_push,
};
