/* arrow.c -- leat_arrow_schema and leat_step_arrow: a result as Arrow arrays.
 *
 * What is handed out must live as long as its user likes, longer than the database
 * if need be. So it is a copy, and its blocks come from an allocator of its own that
 * goes with the last of them. A child may be moved out of its parent and
 * released apart, which is why blocks are counted, not arrays. */
#include "data/arrow.h"
#include "engine/engine.h"

#define OP_COLUMN "leat_op"

enum { RUN_MIN = 64 }; /* rows that are worth an array of their own, to be copied as columns */

/* ---- an allocator that ends with its last block ------------------------------- */

struct orphan {
    struct lt_alloc alloc;
    struct lt_allocator_hooks hooks; /* of `alloc`: these here */
    struct lt_allocator_hooks outer; /* the database's */
    _Atomic size_t blocks;           /* and one for who is still filling it */
};

static void orphan_less(struct orphan *orphan)
{
    struct lt_allocator_hooks outer = orphan->outer;
    if (atomic_fetch_sub_explicit(&orphan->blocks, 1, memory_order_acq_rel) == 1)
        (void)outer.resize(outer.ctx, orphan, sizeof(*orphan), 0);
}

static void *orphan_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    struct orphan *orphan = ctx;
    void *moved = orphan->outer.resize(orphan->outer.ctx, ptr, old_size, new_size);
    if (!ptr && moved)
        atomic_fetch_add_explicit(&orphan->blocks, 1, memory_order_relaxed);
    if (new_size == 0)
        orphan_less(orphan);
    return moved;
}

static struct orphan *orphan_open(const struct leat_db *db)
{
    struct lt_allocator_hooks outer = *db->alloc.hooks;
    struct orphan *orphan = outer.resize(outer.ctx, NULL, 0, sizeof(*orphan));
    if (!orphan)
        return NULL;
    orphan->outer = outer;
    orphan->hooks = (struct lt_allocator_hooks){.resize = orphan_resize, .ctx = orphan};
    atomic_init(&orphan->blocks, 1);
    lt_alloc_init_root(&orphan->alloc, &orphan->hooks, "arrow", SIZE_MAX);
    return orphan;
}

/* ---- schema ---------------------------------------------------------------------- */

/* The result's columns, the text columns of local rows, and the operation. */
static lt_status shape_of(leat_stmt *stmt, struct lt_arena *arena, struct lt_schema *out)
{
    static const struct lt_type op_type = {.kind = LT_TYPE_TINYINT};
    const struct lt_schema *schema = stmt_schema(stmt);
    struct lt_schema made = {.len = leat_column_count(stmt)};
    made.fields = LT_ARENA_ARRAY(arena, struct lt_field, made.len + 1);
    if (!made.fields)
        return LT_NOMEM;
    for (uint32_t i = 0; i < made.len; i++)
        made.fields[i] =
            schema ? schema->fields[i]
                   : (struct lt_field){lt_str_of(leat_column_name(stmt, i)), &lt_type_string};
    if (leat_is_changing(stmt))
        made.fields[made.len++] = (struct lt_field){LT_STR(OP_COLUMN), &op_type};
    *out = made;
    return LT_OK;
}

leat_code leat_arrow_schema(leat_stmt *stmt, struct ArrowSchema *out)
{
    struct leat_session *session = stmt->session;
    struct lt_arena arena;
    struct lt_schema schema;
    lt_error_clear(&session->error);
    lt_arena_init(&arena, &session->db->alloc);
    struct orphan *orphan = orphan_open(session->db);
    lt_status status = orphan ? shape_of(stmt, &arena, &schema) : LT_NOMEM;
    if (status == LT_OK)
        status = lt_arrow_export_schema(&orphan->alloc, &schema, out);
    if (orphan)
        orphan_less(orphan);
    lt_arena_close(&arena);
    return session_result(session, status);
}

/* ---- rows ------------------------------------------------------------------------ */

/* How many rows from the current one on lie one after another in its batch, and may
 * leave as they lie. */
static uint32_t run_length(const struct leat_stmt *stmt)
{
    const struct result_row *rows = stmt->chunk->rows + stmt->chunk_at;
    uint32_t n = 1, left = stmt->chunk->n_rows - stmt->chunk_at;
    while (n < left && n < LT_BATCH_ROWS_MAX && rows[n].batch == rows[0].batch &&
           rows[n].row == rows[0].row + n)
        n++;
    return n;
}

static lt_status slice_export(leat_stmt *stmt, struct lt_alloc *alloc, uint32_t n,
                              struct lt_arena *arena, struct ArrowArray *out)
{
    struct lt_pool *pool = stmt->session->pool;
    const struct result_row *row = &stmt->chunk->rows[stmt->chunk_at];
    uint32_t n_columns = row->batch->n_columns, made = 0;
    struct lt_column **columns = LT_ARENA_ARRAY(arena, struct lt_column *, n_columns + 1);
    lt_status status = columns ? LT_OK : LT_NOMEM;
    while (status == LT_OK && made < n_columns) {
        status = lt_column_slice(pool, row->batch->columns[made], row->row, n, &columns[made]);
        made += status == LT_OK;
    }
    if (status == LT_OK) {
        struct lt_batch view = {.len = n, .n_sel = n, .n_columns = n_columns, .columns = columns};
        status = lt_arrow_export_batch(alloc, pool, &view, true, out);
    }
    while (made > 0)
        lt_column_unref(columns[--made]);
    return status;
}

static lt_status row_copy(const leat_stmt *stmt, uint32_t i, struct lt_batch_builder *to)
{
    const struct result_row *row = &stmt->chunk->rows[stmt->chunk_at + i];
    uint32_t c = 0;
    for (; c < row->batch->n_columns; c++)
        LT_TRY(lt_column_copy_cell(to->columns[c], i,
                                   lt_column_cell(row->batch->columns[c], row->row)));
    if (c < to->schema->len)
        ((int8_t *)to->columns[c]->values)[i] = (int8_t)row->op;
    return LT_OK;
}

static lt_status local_copy(const leat_stmt *stmt, uint32_t i, struct lt_batch_builder *to)
{
    const struct local_rows *local = &stmt->local;
    const struct lt_str *cells = local->cells + (size_t)(local->at - 1 + i) * local->n_columns;
    for (uint32_t c = 0; c < local->n_columns; c++) {
        if (cells[c].data) {
            LT_TRY(lt_column_put_str(to->columns[c], i, cells[c]));
            continue;
        }
        LT_TRY(lt_column_own_validity(to->columns[c]));
        lt_column_set_null(to->columns[c], i);
    }
    return LT_OK;
}

/* Row by row: of several batches, in another order, with operations, or local. */
static lt_status built_export(leat_stmt *stmt, struct lt_alloc *alloc, uint32_t n,
                              const struct lt_schema *schema, struct ArrowArray *out)
{
    struct lt_pool *pool = stmt->session->pool;
    struct lt_batch_builder builder;
    struct lt_batch batch;
    LT_TRY(lt_builder_open(&builder, pool, schema, n));
    lt_status status = LT_OK;
    for (uint32_t i = 0; i < n && status == LT_OK; i++) {
        status = stmt->is_local ? local_copy(stmt, i, &builder) : row_copy(stmt, i, &builder);
        builder.len++;
    }
    if (status == LT_OK)
        status = lt_builder_take(&builder, &batch);
    if (status == LT_OK) {
        status = lt_arrow_export_batch(alloc, pool, &batch, true, out);
        lt_builder_release(&builder, &batch);
    }
    lt_builder_close(&builder);
    return status;
}

/* The current row and those after it that are there, which the statement moves past. */
static lt_status rows_export(leat_stmt *stmt, struct lt_alloc *alloc, struct ArrowArray *out)
{
    struct lt_arena arena;
    struct lt_schema schema;
    lt_arena_init(&arena, &stmt->session->db->alloc);
    uint32_t left = stmt->is_local ? stmt->local.n_rows - stmt->local.at + 1
                                   : stmt->chunk->n_rows - stmt->chunk_at;
    uint32_t n = left < LT_BATCH_ROWS_MAX ? left : LT_BATCH_ROWS_MAX;
    uint32_t run = stmt->is_local || leat_is_changing(stmt) ? 0 : run_length(stmt);
    if (run >= RUN_MIN)
        n = run;
    lt_status status = shape_of(stmt, &arena, &schema);
    if (status == LT_OK)
        status = run == n ? slice_export(stmt, alloc, n, &arena, out)
                          : built_export(stmt, alloc, n, &schema, out);
    lt_arena_close(&arena);
    if (status == LT_OK && stmt->is_local)
        stmt->local.at += n - 1;
    else if (status == LT_OK)
        stmt->chunk_at += n - 1;
    return status;
}

leat_code leat_step_arrow(leat_stmt *stmt, int timeout_ms, struct ArrowArray *out)
{
    struct leat_session *session = stmt->session;
    struct orphan *orphan = orphan_open(session->db); /* first: then a row cannot be lost */
    if (!orphan)
        return session_result(session, LT_NOMEM);
    leat_code code = leat_step(stmt, timeout_ms);
    if (code == LEAT_ROW) {
        lt_status status = rows_export(stmt, &orphan->alloc, out);
        if (status != LT_OK) {
            stmt->state = STMT_FAILED;
            code = session_result(session, status);
        }
    }
    orphan_less(orphan);
    return code;
}
