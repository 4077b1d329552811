/* count.c -- COUNT_TUMBLE and COUNT_HOP: windows of n rows of a key, in order of arrival.
 *
 * Row r of a key (from 0) opens window r / slide when slide divides r, and counts for
 * every open window of its key. A window speaks when its n-th row has come; one that is
 * never full never does. Time plays no part, so no row is late.
 *
 * The rows of a batch are first given to their windows and then run through the calls
 * in passes, each with a row at most once. */
#include "exec/windows/window.h"

enum { SAY_EVERY = 256 };

struct counter { /* the entry of a key */
    int64_t rows;
    lt_ref first; /* open windows, oldest first */
};

struct counted { /* a window; the block follows */
    lt_ref next;
    int64_t no;
    int64_t left; /* rows to come */
    uint64_t unused;
};

struct pair {
    char *block;
    uint32_t row;
    bool done;
};

struct full {
    char *key;
    lt_ref window;
};

struct count_state {
    struct lt_window_base base;
    struct lt_table *table;
    uint16_t *rows; /* of a pass */
    int64_t size, slide;
    struct pair *pairs;
    size_t n_pairs, pair_cap;
    struct full *full; /* windows to show */
    size_t n_full, full_cap, full_at;
};

static size_t counted_size(const struct count_state *s)
{
    return sizeof(struct counted) + lt_calls_size(s->base.calls);
}

static lt_status count_open(struct lt_op *op)
{
    struct count_state *s = op->state;
    LT_TRY(lt_window_open(op));
    s->size = s->base.spec->count;
    s->slide = s->base.spec->kind == LT_WINDOW_COUNT_HOP ? s->base.spec->count_slide : s->size;
    s->rows = LT_ARENA_ARRAY(&s->base.arena, uint16_t, LT_BATCH_ROWS_MAX);
    if (!s->rows)
        return LT_NOMEM;
    if (s->size <= 0 || s->slide <= 0)
        return lt_fail(op->ctx->error, LT_INVALID, "a count window needs at least one row");
    return lt_window_table(op, sizeof(struct counter), &s->table);
}

static void count_close(struct lt_op *op)
{
    struct count_state *s = op->state;
    lt_table_close(s->table);
    if (s->pairs)
        lt_alloc_put(op->ctx->alloc, s->pairs, s->pair_cap * sizeof(*s->pairs));
    if (s->full)
        lt_alloc_put(op->ctx->alloc, s->full, s->full_cap * sizeof(*s->full));
    lt_window_close(op);
}

static lt_status grow(struct lt_op *op, void **items, size_t len, size_t *cap, size_t size)
{
    if (len < *cap)
        return LT_OK;
    size_t more = *cap ? *cap * 2 : 256;
    void *grown = lt_alloc_resize(op->ctx->alloc, *items, *cap * size, more * size);
    if (!grown)
        return LT_NOMEM;
    *items = grown;
    *cap = more;
    return LT_OK;
}

static lt_status window_begin(struct lt_op *op, struct counter *counter)
{
    struct count_state *s = op->state;
    lt_ref ref, *link = &counter->first;
    void *ptr;
    LT_TRY(lt_heap_new(s->base.heap, counted_size(s), &ref, &ptr));
    struct counted *window = ptr;
    window->no = counter->rows / s->slide;
    window->left = s->size;
    lt_calls_init(s->base.calls, (char *)(window + 1));
    while (*link)
        link = &((struct counted *)lt_heap_write(s->base.heap, *link))->next;
    *link = ref;
    return LT_OK;
}

/* Gives a row to the open windows of its key; the oldest may be full with it. */
static lt_status take_row(struct lt_op *op, char *payload, uint32_t row)
{
    struct count_state *s = op->state;
    struct counter *counter = (struct counter *)payload;
    if (counter->rows % s->slide == 0)
        LT_TRY(window_begin(op, counter));
    counter->rows++;
    for (lt_ref at = counter->first; at;) {
        struct counted *window = lt_heap_write(s->base.heap, at);
        LT_TRY(grow(op, (void **)&s->pairs, s->n_pairs, &s->pair_cap, sizeof(*s->pairs)));
        s->pairs[s->n_pairs++] = (struct pair){.block = (char *)(window + 1), .row = row};
        lt_ref next = window->next;
        if (--window->left == 0) {
            LT_ASSERT(at == counter->first);
            LT_TRY(grow(op, (void **)&s->full, s->n_full, &s->full_cap, sizeof(*s->full)));
            s->full[s->n_full++] = (struct full){payload, at};
            counter->first = next;
        }
        at = next;
    }
    return LT_OK;
}

/* Runs the calls: each pass takes what follows without naming a row twice. */
static lt_status run_calls(struct lt_op *op, const struct lt_batch *in)
{
    struct count_state *s = op->state;
    struct lt_window_base *base = &s->base;
    size_t left = s->n_pairs;
    while (left > 0) {
        uint32_t n = 0;
        int64_t last = -1;
        for (size_t i = 0; i < s->n_pairs; i++) {
            struct pair *pair = &s->pairs[i];
            if (pair->done || (int64_t)pair->row <= last)
                continue;
            last = pair->row;
            pair->done = true;
            s->rows[n] = (uint16_t)pair->row;
            base->blocks[n++] = pair->block;
        }
        left -= n;
        LT_TRY(lt_calls_update(base->calls, op->ctx, base->heap, in, s->rows, n, base->blocks));
    }
    s->n_pairs = 0;
    return LT_OK;
}

static lt_status take_rows(struct lt_op *op, const struct lt_batch *in)
{
    struct count_state *s = op->state;
    struct lt_window_base *base = &s->base;
    lt_window_begin(op, in);
    LT_TRY(lt_window_groups(op, s->table, base->rows, in->n_sel));
    s->n_full = s->full_at = 0;
    for (uint32_t i = 0; i < in->n_sel; i++)
        LT_TRY(take_row(op, base->payloads[i], base->rows[i]));
    return run_calls(op, in);
}

static lt_status say(struct lt_op *op, bool *more)
{
    struct count_state *s = op->state;
    struct lt_window_base *base = &s->base;
    *more = s->full_at < s->n_full;
    if (!*more)
        return LT_OK;
    if (!lt_rows_has_room(&base->out, 1))
        return LT_BUSY;
    const struct full *full = &s->full[s->full_at];
    struct counted *counted = lt_heap_write(base->heap, full->window);
    struct lt_window window = {.index = counted->no};
    char *block = (char *)(counted + 1);
    LT_TRY(lt_window_write(op, s->table, full->key, block, &window));
    lt_calls_drop(base->calls, base->heap, block);
    lt_heap_free(base->heap, full->window, counted_size(s));
    s->full_at++;
    return LT_OK;
}

static lt_flow show_step(struct lt_op *op)
{
    struct count_state *s = op->state;
    lt_flow flow = lt_window_say(op, say, SAY_EVERY);
    if (s->full_at == s->n_full)
        s->n_full = s->full_at = 0;
    op->memory_bytes = lt_state_bytes(s->base.state);
    return flow;
}

static lt_flow count_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    LT_ASSERT(!in->weight);
    lt_status status = take_rows(op, in);
    return status == LT_OK ? show_step(op) : lt_op_fail(op, status);
}

static lt_flow count_resume(struct lt_op *op)
{
    const struct count_state *s = op->state;
    return s->n_full ? show_step(op) : LT_FLOW_OK;
}

static lt_flow count_watermark(struct lt_op *op, unsigned port, int64_t watermark_us)
{
    LT_UNUSED(port), LT_UNUSED(watermark_us);
    return lt_op_forward_watermark(op, lt_op_watermark(op));
}

static lt_status count_save(struct lt_op *op, struct lt_state_image *image)
{
    struct count_state *s = op->state;
    LT_TRY(lt_state_save(s->base.state, 0, image));
    return lt_table_save(s->table, 0, image);
}

static lt_status move_counter(void *ctx, const struct lt_state_heap *from_heap, const char *from,
                              struct lt_state_heap *to_heap, char *to, bool merge)
{
    struct lt_op *op = ctx;
    struct count_state *s = op->state;
    lt_ref *link = &((struct counter *)to)->first, at = *link;
    LT_UNUSED(from);
    if (merge)
        return LT_CORRUPT; /* a key belongs to one partition */
    *link = 0;
    while (at) {
        const struct counted *old = lt_heap_at(from_heap, at);
        lt_ref ref;
        void *ptr;
        LT_TRY(lt_heap_new(to_heap, counted_size(s), &ref, &ptr));
        struct counted *copy = ptr;
        copy->no = old->no;
        copy->left = old->left;
        *link = ref;
        link = &copy->next;
        lt_calls_init(s->base.calls, (char *)(copy + 1));
        LT_TRY(lt_calls_merge(s->base.calls, op->ctx, to_heap, (char *)(copy + 1), from_heap,
                              (const char *)(old + 1)));
        at = old->next;
    }
    return LT_OK;
}

static lt_status count_load(struct lt_op *op, const struct lt_state_image *const *images,
                            uint32_t n)
{
    struct count_state *s = op->state;
    struct lt_table_mover mover = {.move = move_counter, .ctx = op};
    for (uint32_t i = 0; i < n; i++)
        LT_TRY(lt_table_load(s->table, 0, images[i], false, &mover));
    return LT_OK;
}

const struct lt_op_type lt_window_count = {
    .name = "CountWindowAggregate",
    .state_size = sizeof(struct count_state),
    .scope = LT_SCOPE_KEYED,
    .open = count_open,
    .push = count_push,
    .watermark = count_watermark,
    .resume = count_resume,
    .save = count_save,
    .load = count_load,
    .close = count_close,
};
_Static_assert(sizeof(struct count_state) <= LT_WINDOW_STATE_MAX, "fits the operator's state");
