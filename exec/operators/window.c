/* window.c -- WINDOW: adds window_start, window_end and window_time to each row.
 *
 * No state and no aggregate: a row leaves once for every window it falls in, at once.
 * A row that is behind leaves only for the windows that were not final when it arrived
 * at its split, and is late when all of them were.
 *
 * TUMBLE shares the columns of its input; HOP and CUMULATE repeat rows. */
#include "exec/windows/late.h"

struct window_state {
    struct lt_batch *kept;    /* the input while copies are still owed */
    struct lt_column *times;  /* its flat times, a reference */
    struct lt_column **columns; /* of the batch being emitted */
    uint32_t row_at;          /* place in the selection */
    bool inside;              /* `window` is the one the row at row_at leaves with next */
    struct lt_window window;
    struct lt_late late;
    bool late_due;
};

static const struct lt_window_spec *spec_of(const struct lt_op *op)
{
    return &op->node->u.window.spec;
}

static uint32_t n_input(const struct lt_op *op)
{
    return op->node->schema.len - 3;
}

static lt_status window_open(struct lt_op *op)
{
    struct window_state *state = op->state;
    enum lt_window_kind kind = spec_of(op)->kind;
    if (kind != LT_WINDOW_TUMBLE && kind != LT_WINDOW_HOP && kind != LT_WINDOW_CUMULATE)
        return lt_fail(op->ctx->error, LT_UNSUPPORTED,
                       "not supported yet: session and count windows without GROUP BY");
    state->columns = lt_alloc_zero(op->ctx->alloc, op->node->schema.len * sizeof(void *));
    state->late.rows = lt_alloc_get(op->ctx->alloc, LT_BATCH_ROWS_MAX * sizeof(uint16_t));
    return state->columns && state->late.rows ? LT_OK : LT_NOMEM;
}

static void input_release(struct window_state *state)
{
    if (state->kept)
        lt_batch_drop(state->kept);
    lt_column_unref(state->times);
    state->kept = NULL;
    state->times = NULL;
}

static void window_close(struct lt_op *op)
{
    struct window_state *state = op->state;
    input_release(state);
    if (state->columns)
        lt_alloc_put(op->ctx->alloc, state->columns, op->node->schema.len * sizeof(void *));
    if (state->late.rows)
        lt_alloc_put(op->ctx->alloc, state->late.rows, LT_BATCH_ROWS_MAX * sizeof(uint16_t));
}

static int64_t time_of(const struct lt_op *op, const struct lt_batch *in, uint32_t row)
{
    const struct window_state *state = op->state;
    return state->times ? ((const int64_t *)state->times->values)[row] : in->proctime_us;
}

static void put_window(const struct lt_op *op, const struct lt_window *window,
                       struct lt_column *const *cols, uint32_t row)
{
    const int64_t labels[3] = {window->label_start, window->label_end,
                               window->label_end - spec_of(op)->tick_us};
    const int64_t instants[3] = {window->start, window->end,
                                 window->end - spec_of(op)->tick_us};
    for (unsigned i = 0; i < 3; i++)
        ((int64_t *)cols[i]->values)[row] =
            cols[i]->type->kind == LT_TYPE_TIMESTAMP_LTZ ? instants[i] : labels[i];
}

static lt_status new_window_columns(struct lt_op *op, uint32_t len)
{
    struct window_state *state = op->state;
    for (uint32_t i = n_input(op); i < op->node->schema.len; i++) {
        state->columns[i] = lt_column_new(op->ctx->pool, op->node->schema.fields[i].type, len);
        if (!state->columns[i])
            return LT_NOMEM;
    }
    return LT_OK;
}

static void columns_release(struct lt_op *op)
{
    struct window_state *state = op->state;
    for (uint32_t i = 0; i < op->node->schema.len; i++) {
        lt_column_unref(state->columns[i]);
        state->columns[i] = NULL;
    }
}

/* Had the row's split passed the window when the row came? */
static bool is_closed(const struct lt_op *op, const struct lt_window *window, int64_t behind)
{
    int64_t passed = lt_window_passed(spec_of(op), behind, LT_WATERMARK_MIN);
    return lt_window_is_closed(spec_of(op), window->end, 0, passed);
}

/* ---- TUMBLE: one window a row ------------------------------------------------ */

static lt_status tumble_fill(struct lt_op *op, const struct lt_batch *in, struct lt_batch *out)
{
    struct window_state *state = op->state;
    uint16_t *sel = lt_arena_get(op->ctx->scratch, in->n_sel * sizeof(uint16_t));
    struct lt_window window = {.start = 1, .end = 0};
    if (!sel)
        return LT_NOMEM;
    LT_TRY(new_window_columns(op, in->len));
    for (uint32_t c = 0; c < in->n_columns; c++)
        state->columns[c] = lt_column_ref(in->columns[c]);
    *out = *in;
    out->n_sel = 0;
    for (uint32_t i = 0; i < in->n_sel; i++) {
        uint32_t row = lt_batch_row(in, i);
        int64_t time_us = time_of(op, in, row);
        if (time_us < window.start || time_us >= window.end)
            lt_window_slice(spec_of(op), time_us, &window);
        if (is_closed(op, &window, lt_batch_behind(in, row))) {
            lt_late_add(&state->late, row);
            continue;
        }
        put_window(op, &window, state->columns + n_input(op), row);
        sel[out->n_sel++] = (uint16_t)row;
    }
    if (state->late.n) {
        out->sel = sel;
        out->aux[0] = NULL;
    } else {
        out->n_sel = in->n_sel;
    }
    out->columns = state->columns;
    out->n_columns = op->node->schema.len;
    return LT_OK;
}

/* ---- HOP, CUMULATE: some windows a row ---------------------------------------- */

struct copies {
    uint32_t n, cap;
    uint32_t *rows;
};

static bool next_window(const struct lt_op *op, struct window_state *state, int64_t time_us,
                        int64_t behind)
{
    bool more = state->inside ? lt_window_next(spec_of(op), time_us, &state->window)
                              : lt_window_first(spec_of(op), time_us, &state->window);
    while (more && is_closed(op, &state->window, behind))
        more = lt_window_next(spec_of(op), time_us, &state->window);
    return more;
}

/* Fills up to a batch of copies from the cursor on. */
static void copies_fill(struct lt_op *op, const struct lt_batch *in, struct copies *copies)
{
    struct window_state *state = op->state;
    for (; state->row_at < in->n_sel; state->row_at++, state->inside = false) {
        uint32_t row = lt_batch_row(in, state->row_at);
        int64_t time_us = time_of(op, in, row), behind = lt_batch_behind(in, row);
        while (next_window(op, state, time_us, behind)) {
            state->inside = true;
            put_window(op, &state->window, state->columns + n_input(op), copies->n);
            copies->rows[copies->n++] = row;
            if (copies->n == copies->cap)
                return;
        }
        struct lt_window any;
        if (!state->inside && lt_window_last(spec_of(op), time_us, &any))
            lt_late_add(&state->late, row);
    }
}

/* The per-row arrays of the copies. */
static lt_status copies_header(struct lt_op *op, const struct lt_batch *in,
                               const struct copies *copies, struct lt_batch *out)
{
    struct lt_arena *arena = op->ctx->scratch;
    int64_t *position = lt_arena_get(arena, copies->n * sizeof(*position));
    uint32_t *split = lt_arena_get(arena, copies->n * sizeof(*split));
    int32_t *weight = lt_arena_get(arena, copies->n * sizeof(*weight));
    int64_t *behind = lt_arena_get(arena, copies->n * sizeof(*behind));
    if (!position || !split || !weight || !behind)
        return LT_NOMEM;
    for (uint32_t i = 0; i < copies->n; i++) {
        uint32_t row = copies->rows[i];
        position[i] = lt_batch_position(in, row);
        split[i] = lt_batch_split(in, row);
        weight[i] = lt_batch_weight(in, row);
        behind[i] = lt_batch_behind(in, row);
    }
    *out = (struct lt_batch){
        .len = copies->n,
        .n_sel = copies->n,
        .position = position,
        .split = in->split,
        .split_of = in->split_of ? split : NULL,
        .weight = in->weight ? weight : NULL,
        .behind = in->behind ? behind : NULL,
        .proctime_us = in->proctime_us,
    };
    return LT_OK;
}

static lt_status copies_make(struct lt_op *op, const struct lt_batch *in, struct lt_batch *out)
{
    struct window_state *state = op->state;
    struct copies copies = {.cap = LT_BATCH_ROWS_MAX};
    copies.rows = lt_arena_get(op->ctx->scratch, copies.cap * sizeof(uint32_t));
    if (!copies.rows)
        return LT_NOMEM;
    LT_TRY(new_window_columns(op, copies.cap));
    copies_fill(op, in, &copies);
    if (copies.n == 0) { /* every row was late */
        *out = (struct lt_batch){0};
        return LT_OK;
    }
    for (uint32_t i = n_input(op); i < op->node->schema.len; i++)
        state->columns[i]->len = copies.n;
    for (uint32_t c = 0; c < in->n_columns; c++)
        LT_TRY(lt_column_take(op->ctx->pool, in->columns[c], copies.rows, copies.n, true,
                              &state->columns[c]));
    LT_TRY(copies_header(op, in, &copies, out));
    out->columns = state->columns;
    out->n_columns = op->node->schema.len;
    return LT_OK;
}

static lt_flow go_on(struct lt_op *op, const struct lt_batch *in)
{
    struct window_state *state = op->state;
    bool tumble = spec_of(op)->kind == LT_WINDOW_TUMBLE;
    lt_flow flow = LT_FLOW_OK;
    while (state->row_at < in->n_sel && flow == LT_FLOW_OK) {
        struct lt_batch out;
        lt_status status = tumble ? tumble_fill(op, in, &out) : copies_make(op, in, &out);
        if (tumble)
            state->row_at = in->n_sel;
        flow = status == LT_OK ? lt_op_emit(op, &out) : lt_op_fail(op, status);
        columns_release(op);
    }
    if (flow == LT_FLOW_ERROR || flow == LT_FLOW_DONE)
        return flow;
    state->late_due = state->late.n > 0;
    if (flow == LT_FLOW_YIELD && (state->row_at < in->n_sel || state->late_due))
        return flow;
    if (!state->late_due)
        return flow;
    state->late_due = false;
    return lt_late_emit(op, in, &state->late);
}

static lt_flow window_run(struct lt_op *op, const struct lt_batch *in)
{
    struct window_state *state = op->state;
    lt_flow flow = go_on(op, in);
    bool owed = flow == LT_FLOW_YIELD && (state->row_at < in->n_sel || state->late_due);
    if (owed && !state->kept) {
        state->kept = lt_batch_keep(op->ctx->pool, in);
        if (!state->kept)
            return lt_op_fail(op, LT_NOMEM);
    } else if (!owed) {
        input_release(state);
    }
    return flow;
}

static lt_status take_times(struct lt_op *op, const struct lt_batch *in)
{
    struct window_state *state = op->state;
    if (spec_of(op)->proctime)
        return LT_OK;
    LT_TRY(lt_column_flatten(op->ctx->pool, in->columns[spec_of(op)->time_column], &state->times));
    for (uint32_t i = 0; state->times->validity && i < in->n_sel; i++)
        if (lt_column_is_null(state->times, lt_batch_row(in, i)))
            return lt_window_null_time(op);
    return LT_OK;
}

static lt_flow window_push(struct lt_op *op, unsigned port, const struct lt_batch *in)
{
    LT_UNUSED(port);
    struct window_state *state = op->state;
    state->row_at = state->late.n = 0;
    state->inside = state->late_due = false;
    lt_status status = take_times(op, in);
    if (status != LT_OK) {
        input_release(state);
        return lt_op_fail(op, status);
    }
    return window_run(op, in);
}

static lt_flow window_resume(struct lt_op *op)
{
    const struct window_state *state = op->state;
    return state->kept ? window_run(op, state->kept) : LT_FLOW_OK;
}

const struct lt_op_type lt_op_window_type = {
    .name = "Window",
    .state_size = sizeof(struct window_state),
    .open = window_open,
    .push = window_push,
    .resume = window_resume,
    .close = window_close,
};
