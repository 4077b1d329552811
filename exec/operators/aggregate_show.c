/* aggregate_show.c -- what has become of the groups that an epoch touched.
 *
 * Touched groups are put in order of their keys; then batch by batch the rows that are
 * to be shown are laid out, -1 before +1 of one group, and written column by column. A
 * group whose results are what they were says nothing: its rows are not selected.
 *
 *     touched, sorted     a       b         c        d
 *     batch               -a +a   +b (new)  -c       -d +d (equal: not selected)
 *
 * So what leaves is the net change of the epoch, in order. Where only the final groups
 * are wanted nothing has been marked: few groups are put in order too, for those who read
 * them; many leave as they lie in the table, which is as they first came. */
#include "base/bits.h"
#include "exec/operators/aggregate.h"

enum { SORTED_MAX = 4096 /* final groups */ };

/* ---- open, close ----------------------------------------------------------- */

lt_status lt_aggregate_show_open(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    const struct lt_plan_aggregate *plan = lt_aggregate_plan(op);
    struct change_rows *c = &agg->changes;
    struct lt_arena *arena = &agg->arena;
    LT_TRY(lt_rows_open(&agg->out, op));
    uint32_t cap = agg->out.builder.cap;
    c->payloads = LT_ARENA_ARRAY(arena, char *, cap);
    c->new_payloads = LT_ARENA_ARRAY(arena, char *, cap);
    c->new_rows = LT_ARENA_ARRAY(arena, uint16_t, cap);
    c->old_places = LT_ARENA_ARRAY(arena, uint32_t, cap);
    c->old_rows = LT_ARENA_ARRAY(arena, uint16_t, cap);
    c->pairs = LT_ARENA_ARRAY(arena, uint32_t, cap);
    c->sel = LT_ARENA_ARRAY(arena, uint16_t, cap);
    if (!c->payloads || !c->new_payloads || !c->new_rows || !c->old_places || !c->old_rows ||
        !c->pairs || !c->sel)
        return LT_NOMEM;
    for (uint32_t i = 0; i < plan->n_calls; i++)
        agg->nested |= lt_type_phys(plan->calls[i].call.result) >= LT_PHYS_LIST;
    if (!agg->shows)
        return LT_OK;
    agg->old.schema = (struct lt_schema){plan->n_calls, op->node->schema.fields + plan->n_keys};
    return lt_builder_open(&agg->old.builder, op->ctx->pool, &agg->old.schema, LT_BATCH_ROWS_MAX);
}

static void old_release(struct old_rows *old)
{
    for (uint32_t i = 0; i < old->n_kept; i++)
        lt_batch_drop(old->kept[i]);
    old->n_kept = 0;
}

void lt_aggregate_show_close(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    struct lt_alloc *alloc = op->ctx->alloc;
    old_release(&agg->old);
    lt_builder_close(&agg->old.builder);
    lt_rows_close(&agg->out);
    lt_alloc_put(alloc, agg->old.kept, agg->old.kept_cap * sizeof(*agg->old.kept));
    lt_alloc_put(alloc, agg->dirty, agg->dirty_cap * sizeof(*agg->dirty));
}

/* ---- touched groups --------------------------------------------------------- */

lt_status lt_aggregate_dirty(struct lt_op *op, char *payload)
{
    struct aggregate_state *agg = op->state;
    if (agg->n_dirty == agg->dirty_cap) {
        uint64_t cap = agg->dirty_cap ? agg->dirty_cap * 2 : 256;
        void *grown = lt_alloc_resize(op->ctx->alloc, agg->dirty, agg->dirty_cap * sizeof(char *),
                                      cap * sizeof(char *));
        if (!grown)
            return LT_NOMEM;
        agg->dirty = grown;
        agg->dirty_cap = cap;
    }
    agg->dirty[agg->n_dirty++] = payload;
    return LT_OK;
}

/* Turns the rows put aside last into a kept batch. */
static lt_status old_keep(struct lt_op *op, struct old_rows *old)
{
    if (old->builder.len == 0)
        return LT_OK;
    if (old->n_kept == old->kept_cap) {
        uint32_t cap = old->kept_cap ? old->kept_cap * 2 : 8;
        void *grown = lt_alloc_resize(op->ctx->alloc, old->kept, old->kept_cap * sizeof(*old->kept),
                                      cap * sizeof(*old->kept));
        if (!grown)
            return LT_NOMEM;
        old->kept = grown;
        old->kept_cap = cap;
    }
    struct lt_batch batch;
    LT_TRY(lt_builder_take(&old->builder, &batch));
    struct lt_batch *kept = lt_batch_keep(op->ctx->pool, &batch);
    lt_builder_release(&old->builder, &batch);
    if (!kept)
        return LT_NOMEM;
    old->kept[old->n_kept++] = kept;
    return LT_OK;
}

lt_status lt_aggregate_keep_old(struct lt_op *op, char *const *payloads, uint32_t n)
{
    struct aggregate_state *agg = op->state;
    struct old_rows *old = &agg->old;
    while (n > 0) {
        uint32_t room = old->builder.cap - old->builder.len, len = n < room ? n : room;
        struct lt_agg_output results = {
            .n = len,
            .states = payloads,
            .offset = agg->head,
            .from = old->builder.len,
            .heap = agg->heap,
            .err = op->ctx->error,
        };
        LT_TRY(lt_calls_finish_all(agg->calls, &results, old->builder.columns));
        uint32_t place = old->n_kept * LT_BATCH_ROWS_MAX + old->builder.len;
        for (uint32_t i = 0; i < len; i++)
            lt_aggregate_group(payloads[i])->old = 1 + place + i;
        old->builder.len += len;
        if (len == room)
            LT_TRY(old_keep(op, old));
        payloads += len;
        n -= len;
    }
    return LT_OK;
}

/* ---- one batch of changes ------------------------------------------------------ */

/* Whether the group goes on; what it is shown by is settled with it. */
static bool group_settle(struct lt_op *op, char *payload)
{
    struct aggregate_state *agg = op->state;
    bool lives = true;
    if (agg->counts && !agg->global) {
        int64_t count = *lt_aggregate_count(agg, payload);
        lives = count != 0;
        if (agg->ttl_us && count < 0) {
            agg->n_missing += (uint64_t)-count;
            lives = false;
        }
    }
    if (agg->shows) {
        struct group *group = lt_aggregate_group(payload);
        group->dirty = 0;
        group->old = 0;
        group->shown = lives;
        group->written_us = agg->ttl_us ? op->ctx->now_us : 0;
    }
    return lives;
}

/* Gives each row that is to be written its place. Rows of nested types can only be written
 * in order, so there all old ones come first. */
static void lay_out(struct lt_op *op)
{
    enum { AHEAD = 8 };
    struct aggregate_state *agg = op->state;
    struct change_rows *c = &agg->changes;
    uint32_t cap = agg->out.builder.cap;
    c->n = c->n_new = c->n_old = c->n_pairs = 0;
    for (; agg->at < agg->n_dirty && c->n_old + c->n_new + 2 <= cap; agg->at++) {
        char *payload = agg->dirty[agg->at];
        if (agg->at + AHEAD < agg->n_dirty)
            __builtin_prefetch(agg->dirty[agg->at + AHEAD], 1);
        uint32_t old = agg->shows ? lt_aggregate_group(payload)->old : 0;
        bool lives = group_settle(op, payload);
        if (agg->shows)
            lt_table_touch(agg->table, payload);
        if (old) {
            c->payloads[c->n_old] = payload;
            c->old_places[c->n_old] = old - 1;
            c->old_rows[c->n_old++] = (uint16_t)c->n++;
        }
        if (lives) {
            c->new_payloads[c->n_new] = payload;
            c->new_rows[c->n_new++] = (uint16_t)c->n++;
        }
        if (old && lives)
            c->pairs[c->n_pairs++] = (c->n_old - 1) << 16 | (c->n_new - 1);
    }
    for (uint32_t i = 0; i < c->n_old && agg->nested; i++)
        c->old_rows[i] = (uint16_t)i;
    for (uint32_t i = 0; i < c->n_new && agg->nested; i++)
        c->new_rows[i] = (uint16_t)(c->n_old + i);
    for (uint32_t i = c->n_old; i-- > 0;) /* each row moves up or stays */
        c->payloads[c->old_rows[i]] = c->payloads[i];
    for (uint32_t i = 0; i < c->n_new; i++)
        c->payloads[c->new_rows[i]] = c->new_payloads[i];
    for (uint32_t i = 0; i < c->n_pairs; i++)
        c->pairs[i] = (uint32_t)c->old_rows[c->pairs[i] >> 16] << 16 |
                      c->new_rows[c->pairs[i] & 0xffff];
}

/* The same for groups that are shown once and for all, as they lie. */
static void lay_out_final(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    struct change_rows *c = &agg->changes;
    uint32_t n = lt_table_walk(agg->table, &agg->at, c->payloads, agg->out.builder.cap);
    agg->walks = n > 0;
    c->n = c->n_old = c->n_pairs = 0;
    for (uint32_t i = 0; i < n; i++) {
        char *payload = c->payloads[i];
        c->payloads[c->n] = c->new_payloads[c->n] = payload;
        c->new_rows[c->n] = (uint16_t)c->n;
        c->n += group_settle(op, payload);
    }
    c->n_new = c->n;
}

static const struct lt_column *old_column(const struct old_rows *old, uint32_t place, uint32_t call,
                                          uint32_t *row)
{
    *row = place % LT_BATCH_ROWS_MAX;
    return old->kept[place / LT_BATCH_ROWS_MAX]->columns[call];
}

#define COPY_LANES(type)                                                                           \
    do {                                                                                           \
        for (uint32_t i = 0; i < c->n_old; i++) {                                                  \
            const struct lt_column *from = old_column(old, c->old_places[i], call, &row);          \
            ((type *)to->values)[c->old_rows[i]] = ((const type *)from->values)[row];              \
        }                                                                                          \
    } while (0)

static lt_status write_old_cells(const struct aggregate_state *agg, uint32_t call,
                                 struct lt_column *to)
{
    const struct change_rows *c = &agg->changes;
    uint32_t row;
    for (uint32_t i = 0; i < c->n_old; i++) {
        const struct lt_column *from = old_column(&agg->old, c->old_places[i], call, &row);
        const struct lt_sv *text = (const struct lt_sv *)from->values + row;
        if (to->phys == LT_PHYS_STR && !from->validity && text->len <= LT_SV_INLINE_MAX)
            ((struct lt_sv *)to->values)[c->old_rows[i]] = *text;
        else
            LT_TRY(lt_column_copy_cell(to, c->old_rows[i], lt_column_cell(from, row)));
    }
    return LT_OK;
}

/* Copies results that were put aside; NULL lanes are zero, as in any column. */
static lt_status write_old(const struct aggregate_state *agg, uint32_t call, struct lt_column *to)
{
    const struct old_rows *old = &agg->old;
    const struct change_rows *c = &agg->changes;
    uint32_t row;
    switch (to->phys >= LT_PHYS_STR ? 0 : lt_phys_size(to->phys)) {
    case 0: return write_old_cells(agg, call, to);
    case 1: COPY_LANES(uint8_t); break;
    case 2: COPY_LANES(uint16_t); break;
    case 4: COPY_LANES(uint32_t); break;
    case 8: COPY_LANES(uint64_t); break;
    default: COPY_LANES(__int128); break;
    }
    for (uint32_t i = 0; i < c->n_old; i++) {
        const struct lt_column *from = old_column(old, c->old_places[i], call, &row);
        if (!from->validity || lt_bits_get(from->validity, row))
            continue;
        LT_TRY(lt_column_own_validity(to));
        lt_column_set_null(to, c->old_rows[i]);
    }
    return LT_OK;
}

static lt_status write_rows(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    const struct lt_plan_aggregate *plan = lt_aggregate_plan(op);
    const struct change_rows *c = &agg->changes;
    struct lt_column **columns = agg->out.builder.columns;
    for (uint32_t k = 0; k < plan->n_keys; k++)
        LT_TRY(lt_table_keys(agg->table, c->payloads, c->n, k, columns[k], 0));
    for (uint32_t i = 0; i < plan->n_calls && c->n_old > 0; i++)
        LT_TRY(write_old(agg, i, columns[plan->n_keys + i]));
    struct lt_agg_output results = {
        .n = c->n_new,
        .states = c->new_payloads,
        .offset = agg->head,
        .lanes = c->new_rows,
        .heap = agg->heap,
        .err = op->ctx->error,
    };
    LT_TRY(lt_calls_finish_all(agg->calls, &results, columns + plan->n_keys));
    for (uint32_t i = 0; i < c->n_old; i++)
        LT_TRY(lt_builder_set_weight(&agg->out.builder, c->old_rows[i], -1));
    agg->out.builder.len = c->n;
    return LT_OK;
}

static bool cells_equal(const struct lt_column *col, uint32_t a, uint32_t b)
{
    return lt_cell_equal(lt_column_cell(col, a), lt_column_cell(col, b));
}

/* Leaves the pairs whose rows are equal in column `col`. */
static uint32_t equal_pairs(const struct lt_column *col, uint32_t *pairs, uint32_t n)
{
    uint32_t len = 0;
    const int64_t *values = col->values;
    bool plain = col->phys == LT_PHYS_I64 && !col->validity;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t pair = pairs[i], a = pair >> 16, b = pair & 0xffff;
        pairs[len] = pair;
        len += plain ? values[a] == values[b] : cells_equal(col, a, b);
    }
    return len;
}

/* Deselects the rows of groups whose results are what they were. */
static void select_changes(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    const struct lt_plan_aggregate *plan = lt_aggregate_plan(op);
    struct change_rows *c = &agg->changes;
    for (uint32_t i = 0; i < plan->n_calls && c->n_pairs > 0; i++)
        c->n_pairs = equal_pairs(agg->out.builder.columns[plan->n_keys + i], c->pairs, c->n_pairs);
    if (c->n_pairs == 0)
        return;
    for (uint32_t row = 0; row < c->n; row++)
        c->sel[row] = 1;
    for (uint32_t i = 0; i < c->n_pairs; i++)
        c->sel[c->pairs[i] >> 16] = c->sel[c->pairs[i] & 0xffff] = 0;
    c->n_sel = 0;
    for (uint32_t row = 0; row < c->n; row++) {
        uint16_t keep = c->sel[row];
        c->sel[c->n_sel] = (uint16_t)row;
        c->n_sel += keep;
    }
    agg->out.sel = c->sel;
    agg->out.n_sel = c->n_sel;
}

/* Takes groups off the table that have no rows left. */
static void remove_dead(struct aggregate_state *agg, uint64_t from)
{
    for (uint64_t i = from; i < agg->at && agg->counts && agg->shows; i++)
        if (!lt_aggregate_group(agg->dirty[i])->shown)
            lt_aggregate_remove(agg, agg->dirty[i]);
}

lt_flow lt_aggregate_show(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    while (agg->walks || agg->at < agg->n_dirty) {
        uint64_t from = agg->at;
        if (agg->walks)
            lay_out_final(op);
        else
            lay_out(op);
        lt_status status = write_rows(op);
        if (status != LT_OK)
            return lt_op_fail(op, status);
        select_changes(op);
        remove_dead(agg, from);
        lt_flow flow = lt_rows_emit(&agg->out, op);
        if (flow != LT_FLOW_OK)
            return flow;
        if (lt_op_time_is_up(op))
            return LT_FLOW_YIELD;
    }
    agg->showing = false;
    agg->n_dirty = agg->at = 0;
    old_release(&agg->old);
    lt_aggregate_settle(op);
    return LT_FLOW_OK;
}

lt_flow lt_aggregate_show_start(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    if (agg->n_dirty == 0) {
        lt_aggregate_settle(op);
        return LT_FLOW_OK;
    }
    if (agg->shows) {
        lt_status status = old_keep(op, &agg->old);
        if (status != LT_OK)
            return lt_op_fail(op, status);
    }
    lt_table_sort(agg->table, agg->dirty, agg->n_dirty);
    agg->showing = true;
    agg->at = 0;
    return lt_aggregate_show(op);
}

lt_flow lt_aggregate_show_final(struct lt_op *op)
{
    struct aggregate_state *agg = op->state;
    uint64_t cursor = 0;
    if (lt_table_len(agg->table) > SORTED_MAX) {
        agg->walks = agg->showing = true;
        agg->at = 0;
        return lt_aggregate_show(op);
    }
    for (char *payload; (payload = lt_table_next(agg->table, &cursor));) {
        lt_status status = lt_aggregate_dirty(op, payload);
        if (status != LT_OK)
            return lt_op_fail(op, status);
    }
    return lt_aggregate_show_start(op);
}
