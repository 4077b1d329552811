/* program.c -- runs a compiled program over a batch.
 *
 * One pass over the instructions; each works on whole columns. Nothing is
 * allocated per batch once the pool and the scratch arena have seen the largest
 * one. Errors carry the position of the expression that failed. */
#include "exec/program_internal.h"

/* ---- the evaluation context ----------------------------------------- */

struct lt_kept {
    struct lt_kept *next;
    struct lt_column *col;
};

void lt_eval_init(struct lt_eval *eval, struct lt_pool *pool, struct lt_arena *scratch,
                  uint32_t len, struct lt_error *err)
{
    *eval = (struct lt_eval){.pool = pool,
                             .scratch = scratch,
                             .len = len,
                             .n_sel = len,
                             .zone = &lt_tz_utc,
                             .watermark_us = LT_WATERMARK_MIN,
                             .err = err};
}

void lt_eval_reset(struct lt_eval *eval)
{
    for (struct lt_kept *kept = eval->kept; kept; kept = kept->next)
        lt_column_unref(kept->col);
    eval->kept = NULL;
    lt_arena_reset(eval->scratch);
}

void lt_eval_close(struct lt_eval *eval)
{
    lt_eval_reset(eval);
    lt_buf_close(&eval->text);
}

struct lt_buf lt_eval_take_text(struct lt_eval *eval)
{
    struct lt_buf text = eval->text;
    if (text.alloc == NULL)
        lt_buf_init(&text, eval->scratch->alloc);
    lt_buf_init(&eval->text, eval->scratch->alloc);
    lt_buf_clear(&text);
    return text;
}

void lt_eval_put_text(struct lt_eval *eval, struct lt_buf *text)
{
    lt_buf_close(&eval->text);
    eval->text = *text;
}

lt_status lt_eval_keep(struct lt_eval *eval, struct lt_column *col)
{
    struct lt_kept *kept = LT_ARENA_NEW(eval->scratch, struct lt_kept);
    if (kept == NULL) {
        lt_column_unref(col);
        return LT_NOMEM;
    }
    kept->col = col;
    kept->next = eval->kept;
    eval->kept = kept;
    return LT_OK;
}

lt_status lt_eval_flat(struct lt_eval *eval, struct lt_column *col, struct lt_column **out)
{
    struct lt_column *flat;
    if (col->encoding == LT_FLAT && col->n_children == 0) {
        *out = col;
        return LT_OK;
    }
    LT_TRY(lt_column_flatten(eval->pool, col, &flat));
    LT_TRY(lt_eval_keep(eval, flat));
    *out = flat;
    return LT_OK;
}

/* ---- open and close ------------------------------------------------- */

lt_status lt_program_open(struct lt_alloc *alloc, struct lt_pool *pool,
                          const struct lt_expr *filter, uint32_t n, struct lt_expr *const *exprs,
                          struct lt_program **out, struct lt_error *err)
{
    struct lt_program *p = lt_alloc_zero(alloc, sizeof(*p));
    lt_status status;
    if (p == NULL)
        return LT_NOMEM;
    p->alloc = alloc;
    lt_arena_init(&p->arena, alloc);
    lt_arena_init(&p->scratch, alloc);
    lt_eval_init(&p->eval, pool, &p->scratch, 0, err);
    status = program_compile(p, filter, n, exprs, err);
    if (status != LT_OK) {
        lt_program_close(p);
        return status;
    }
    p->eval.err = NULL;
    *out = p;
    return LT_OK;
}

void lt_program_close(struct lt_program *p)
{
    if (p == NULL)
        return;
    for (uint32_t i = 0; i < p->n_insns; i++) {
        const struct insn *insn = &p->insns[i];
        if (insn->data && insn->kernel->release)
            insn->kernel->release(p->alloc, insn->data);
    }
    for (uint32_t i = 0; i < p->n_regs; i++)
        lt_column_unref(p->regs[i].constant);
    lt_eval_close(&p->eval);
    lt_arena_close(&p->scratch);
    lt_arena_close(&p->arena);
    lt_alloc_put(p->alloc, p, sizeof(*p));
}

struct lt_eval *lt_program_eval(struct lt_program *program)
{
    return &program->eval;
}

/* ---- one batch ------------------------------------------------------ */

/* A constant column is immutable once handed out, so one of each length is kept. */
static lt_status load_constant(struct lt_program *p, struct reg *reg, uint32_t len)
{
    if (reg->constant == NULL || reg->constant->len != len) {
        struct lt_column *col;
        struct lt_cell cell = lt_column_cell(reg->value, 0);
        if (cell.null)
            col = lt_column_new_null(p->eval.pool, reg->type, len);
        else
            col = lt_column_new_constant(p->eval.pool, reg->type, len);
        if (col == NULL)
            return LT_NOMEM;
        if (!cell.null && lt_column_copy_cell(col, 0, cell) != LT_OK) {
            lt_column_unref(col);
            return LT_NOMEM;
        }
        lt_column_unref(reg->constant);
        reg->constant = col;
    }
    reg->col = reg->constant;
    return LT_OK;
}

static lt_status load_registers(struct lt_program *p, const struct lt_batch *batch)
{
    for (uint32_t i = 0; i < p->n_regs; i++) {
        struct reg *reg = &p->regs[i];
        reg->col = NULL;
        reg->owned = false;
        if (reg->source == REG_INPUT) {
            LT_ASSERT(reg->input < batch->n_columns);
            reg->col = batch->columns[reg->input];
        } else if (reg->source == REG_CONSTANT) {
            LT_TRY(load_constant(p, reg, batch->len));
        }
    }
    return LT_OK;
}

static void release_register(struct reg *reg)
{
    if (reg->owned)
        lt_column_unref(reg->col);
    reg->col = NULL;
    reg->owned = false;
}

/* Returns the next instruction. */
static uint32_t enter_region(struct lt_program *p, const struct insn *insn, uint32_t at)
{
    if (p->regions[insn->region].n_sel > 0) {
        p->region = insn->region;
        return at + 1;
    }
    for (uint32_t r = insn->region + 1; r < insn->region_end; r++) {
        p->regions[r].n_sel = 0;
        p->regions[r].listed = false;
        lt_bits_fill(p->regions[r].bits, p->eval.len, false);
    }
    return insn->target;
}

/* Which rows a kernel may read and may fail on; one that takes every lane need not
 * be told. */
static void use_rows(struct lt_program *p, const struct insn *insn)
{
    p->eval.sel = insn->every_row ? NULL : program_rows(p, p->region);
    p->eval.n_sel = insn->every_row ? p->eval.len : p->regions[p->region].n_sel;
}

static lt_status run_value(struct lt_program *p, const struct insn *insn)
{
    struct lt_column *col = NULL;
    lt_status status;
    use_rows(p, insn);
    switch (insn->op) {
    case OP_CALL: status = program_call(p, insn, &col); break;
    case OP_CAST:
        status = lt_cast_column(&p->eval, p->regs[insn->args[0]].col, insn->type, insn->mode, &col);
        break;
    case OP_FIELD: status = program_field(p, p->regs[insn->args[0]].col, insn->index, &col); break;
    case OP_MERGE: status = program_merge(p, insn, &col); break;
    default: status = program_logical(p, insn, &col); break;
    }
    if (status != LT_OK) {
        if (p->eval.err && status != LT_NOMEM && p->eval.err->pos.line == 0)
            p->eval.err->pos = insn->pos;
        return status;
    }
    LT_ASSERT(col->len == p->eval.len);
    p->regs[insn->dst].col = col;
    p->regs[insn->dst].owned = true;
    return LT_OK;
}

static void release_arguments(struct lt_program *p, const struct insn *insn, uint32_t at)
{
    for (uint32_t a = 0; a < insn->n_args; a++) {
        struct reg *reg = &p->regs[insn->args[a]];
        if (reg->last_use == at && reg->col)
            release_register(reg);
    }
}

static lt_status run_insns(struct lt_program *p)
{
    uint32_t at = 0;
    while (at < p->n_insns) {
        const struct insn *insn = &p->insns[at];
        switch (insn->op) {
        case OP_ENTER: at = enter_region(p, insn, at); continue;
        case OP_LEAVE: p->region = p->regions[insn->region].parent; break;
        case OP_TEST:
        case OP_BOTH:
        case OP_UNION:
        case OP_REST: program_region(p, insn); break;
        default: LT_TRY(run_value(p, insn)); break;
        }
        release_arguments(p, insn, at);
        at++;
    }
    return LT_OK;
}

static lt_status run_start(struct lt_program *p, const struct lt_batch *batch, struct lt_error *err)
{
    struct region *all = &p->regions[0];
    LT_ASSERT(batch->len <= LT_BATCH_ROWS_MAX);
    all->sel = batch->sel;
    all->n_sel = batch->sel ? batch->n_sel : batch->len;
    all->listed = true;
    all->mapped = false;
    p->region = 0;
    p->regions[p->filtered].n_sel = all->n_sel;
    p->eval.len = batch->len;
    p->eval.batch = batch;
    p->eval.err = err;
    return load_registers(p, batch);
}

/* Nothing selected: nothing is computed, so nothing can fail. */
static lt_status run_empty(struct lt_program *p, struct lt_column **out)
{
    for (uint32_t i = 0; i < p->n_outputs; i++) {
        const struct lt_type *type = p->regs[p->outputs[i]].type;
        out[i] = lt_column_new_null(p->eval.pool, type, p->eval.len);
        if (out[i] == NULL) {
            while (i-- > 0)
                lt_column_unref(out[i]);
            return LT_NOMEM;
        }
    }
    return LT_OK;
}

static void hand_out(const struct lt_program *p, struct lt_column **out)
{
    for (uint32_t i = 0; i < p->n_outputs; i++)
        out[i] = lt_column_ref(p->regs[p->outputs[i]].col);
}

static void run_finish(struct lt_program *p)
{
    for (uint32_t i = 0; i < p->n_regs; i++)
        release_register(&p->regs[i]);
    lt_eval_reset(&p->eval);
    p->eval.batch = NULL;
    p->eval.err = NULL;
}

lt_status lt_program_run(struct lt_program *p, const struct lt_batch *batch, struct lt_column **out,
                         struct lt_error *err)
{
    lt_status status = run_start(p, batch, err);
    LT_ASSERT(p->filtered == 0);
    if (status == LT_OK && p->regions[0].n_sel == 0) {
        status = run_empty(p, out);
    } else if (status == LT_OK) {
        status = run_insns(p);
        if (status == LT_OK)
            hand_out(p, out);
    }
    run_finish(p);
    return status;
}

lt_status lt_program_select(struct lt_program *p, const struct lt_batch *batch,
                            struct lt_column **out, const uint16_t **sel, uint32_t *n_sel,
                            struct lt_error *err)
{
    lt_status status = run_start(p, batch, err);
    if (status == LT_OK && p->regions[0].n_sel > 0)
        status = run_insns(p);
    if (status == LT_OK) {
        *n_sel = p->regions[p->filtered].n_sel;
        *sel = *n_sel > 0 ? program_rows(p, p->filtered) : NULL;
        if (*n_sel > 0)
            hand_out(p, out);
    }
    run_finish(p);
    return status;
}

lt_status lt_expr_fold(struct lt_alloc *alloc, struct lt_pool *pool, const struct lt_expr *expr,
                       const struct lt_tz *zone, struct lt_column **out, struct lt_error *err)
{
    struct lt_program *p;
    struct lt_column *col;
    struct lt_expr *exprs[1] = {(struct lt_expr *)expr};
    struct lt_batch batch = {.len = 1, .n_sel = 1};
    lt_status status;
    LT_TRY(lt_program_open(alloc, pool, NULL, 1, exprs, &p, err));
    if (zone)
        p->eval.zone = zone;
    status = lt_program_run(p, &batch, &col, err);
    if (status == LT_OK) {
        status = lt_column_flatten(pool, col, out);
        lt_column_unref(col);
    }
    lt_program_close(p);
    return status;
}
