/* program_compile.c -- a bound expression becomes instructions.
 *
 * Equal subexpressions share a register where the rows allow it: a value computed
 * in a region exists only for that region's rows, so it is forgotten when the
 * region is left, while everything computed around a region may be used inside.
 *
 *   CASE WHEN c1 THEN t1 WHEN c2 THEN t2 ELSE e END
 *
 *   TEST A (c1 true);      ENTER A t1; LEAVE
 *   REST B (all but A);    ENTER B
 *     TEST C (c2 true);      ENTER C t2; LEAVE
 *     REST D (all but C);    ENTER D e; LEAVE
 *   LEAVE
 *   MERGE A:t1, C:t2, D:e
 *
 * A condition becomes the region where it is TRUE (program_region.c). A later part
 * of AND and OR is computed only for the rows that the earlier ones leave open,
 * unless it is dense and cannot fail: that costs less than asking.
 *
 * The conjuncts of a filter are entered one after the other and not left, so that
 * the projection runs on what passed and shares all that the filter computed. */
#include "exec/program_internal.h"

#include "catalog/typing.h"

struct compiler {
    struct lt_program *p;
    struct lt_error *err;
    uint32_t region;
    /* Instructions whose result may be used here, innermost last. */
    uint32_t *visible;
    uint32_t n_visible, cap_visible;
};

static lt_status compile(struct compiler *c, const struct lt_expr *expr, uint32_t *out);

/* ---- registers and instructions ------------------------------------- */

static lt_status new_reg(struct compiler *c, const struct lt_type *type, uint32_t *out)
{
    struct lt_program *p = c->p;
    struct reg reg = {.type = type};
    LT_TRY(LT_ARENA_PUSH(&p->arena, p->regs, p->n_regs, p->cap_regs, reg));
    *out = p->n_regs - 1;
    return LT_OK;
}

static lt_status new_region(struct compiler *c, uint32_t *out)
{
    struct lt_program *p = c->p;
    struct region region = {.parent = c->region};
    LT_TRY(LT_ARENA_PUSH(&p->arena, p->regions, p->n_regions, p->cap_regions, region));
    *out = p->n_regions - 1;
    return LT_OK;
}

static lt_status emit(struct compiler *c, const struct insn *insn)
{
    struct lt_program *p = c->p;
    return LT_ARENA_PUSH(&p->arena, p->insns, p->n_insns, p->cap_insns, *insn);
}

static lt_status copy_u32(struct compiler *c, const uint32_t *from, uint32_t n, uint32_t **out)
{
    *out = lt_arena_copy(&c->p->arena, from, n * sizeof(*from));
    return *out ? LT_OK : LT_NOMEM;
}

static bool insn_same(const struct insn *a, const struct insn *b)
{
    return a->op == b->op && a->kernel == b->kernel && a->mode == b->mode && a->index == b->index &&
           a->region == b->region && a->n_args == b->n_args &&
           memcmp(a->args, b->args, a->n_args * sizeof(*a->args)) == 0 &&
           lt_type_same(a->type, b->type);
}

/* Emits an instruction with a result, or finds the register that has it already. */
static lt_status emit_value(struct compiler *c, struct insn *insn, uint32_t *out)
{
    struct lt_program *p = c->p;
    for (uint32_t i = 0; i < c->n_visible && !insn->changes; i++) {
        const struct insn *seen = &p->insns[c->visible[i]];
        if (!seen->changes && insn_same(seen, insn)) {
            *out = seen->dst;
            return LT_OK;
        }
    }
    LT_TRY(copy_u32(c, insn->args, insn->n_args, &insn->args));
    LT_TRY(new_reg(c, insn->type, &insn->dst));
    LT_TRY(emit(c, insn));
    LT_TRY(LT_ARENA_PUSH(&p->arena, c->visible, c->n_visible, c->cap_visible, p->n_insns - 1));
    *out = insn->dst;
    return LT_OK;
}

/* ---- regions -------------------------------------------------------- */

struct scope {
    uint32_t enter; /* the ENTER instruction */
    uint32_t region;
    uint32_t n_visible;
};

static lt_status scope_enter(struct compiler *c, uint32_t region, struct scope *scope)
{
    struct lt_program *p = c->p;
    struct insn insn = {.op = OP_ENTER, .region = region};
    LT_ASSERT(p->regions[region].parent == c->region);
    if (p->regions[region].rows == NULL)
        p->regions[region].rows =
            LT_ARENA_ARRAY(&p->arena, uint16_t, LT_BATCH_ROWS_MAX + LT_SELECT_SLACK);
    if (p->regions[region].rows == NULL)
        return LT_NOMEM;
    *scope = (struct scope){p->n_insns, region, c->n_visible};
    LT_TRY(emit(c, &insn));
    c->region = region;
    return LT_OK;
}

/* What an ENTER jumps past ends here. */
static void scope_end(struct compiler *c, uint32_t enter)
{
    c->p->insns[enter].target = c->p->n_insns;
    c->p->insns[enter].region_end = c->p->n_regions;
}

static lt_status scope_leave(struct compiler *c, const struct scope *scope)
{
    struct insn insn = {.op = OP_LEAVE, .region = scope->region};
    LT_TRY(emit(c, &insn));
    scope_end(c, scope->enter);
    c->region = c->p->regions[scope->region].parent;
    c->n_visible = scope->n_visible;
    return LT_OK;
}

/* The rows of the current region where a register passes a test. */
static lt_status emit_test(struct compiler *c, enum lt_test test, uint32_t reg, uint32_t *out)
{
    struct insn insn = {.op = OP_TEST, .test = (uint8_t)test, .n_args = 1};
    LT_TRY(copy_u32(c, &reg, 1, &insn.args));
    LT_TRY(new_region(c, &insn.region));
    *out = insn.region;
    return emit(c, &insn);
}

static lt_status emit_set(struct compiler *c, enum program_op op, uint32_t a, uint32_t b,
                          uint32_t *out)
{
    const uint32_t sets[2] = {a, b};
    struct insn insn = {.op = (uint8_t)op};
    LT_TRY(copy_u32(c, sets, 2, &insn.regions));
    LT_TRY(new_region(c, &insn.region));
    *out = insn.region;
    return emit(c, &insn);
}

/* The branches a MERGE puts together. */
struct branches {
    uint32_t *regs, *regions;
    uint32_t n, cap_regs, n_regions, cap_regions;
};

static lt_status branch_add(struct compiler *c, struct branches *b, uint32_t reg, uint32_t region)
{
    LT_TRY(LT_ARENA_PUSH(&c->p->arena, b->regs, b->n, b->cap_regs, reg));
    return LT_ARENA_PUSH(&c->p->arena, b->regions, b->n_regions, b->cap_regions, region);
}

static lt_status emit_merge(struct compiler *c, const struct lt_expr *expr, struct branches *b,
                            uint32_t *out)
{
    struct insn insn = {.op = OP_MERGE,
                        .n_args = b->n,
                        .args = b->regs,
                        .regions = b->regions,
                        .region = c->region,
                        .pos = expr->pos,
                        .type = expr->type,
                        .changes = true};
    return emit_value(c, &insn, out);
}

/* ---- conditions ----------------------------------------------------- */

static bool expr_is_cheap(const struct lt_expr *expr)
{
    switch (expr->kind) {
    case LT_EXPR_COLUMN:
    case LT_EXPR_CONSTANT:
    case LT_EXPR_PARAMETER: return true;
    case LT_EXPR_CALL:
        if (!expr->kernel->dense || !expr->kernel->total || !expr->deterministic)
            return false;
        break;
    case LT_EXPR_AND:
    case LT_EXPR_OR:
    case LT_EXPR_FIELD: break;
    case LT_EXPR_CAST:
        if (!lt_type_is_numeric(expr->type) || !lt_type_is_numeric(expr->args[0]->type) ||
            lt_cast_may_fail(expr->args[0]->type, expr->type))
            return false;
        break;
    default: return false;
    }
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (!expr_is_cheap(expr->args[i]))
            return false;
    }
    return true;
}

static bool is_form(const struct lt_expr *expr, enum lt_expr_kind kind, enum lt_form form)
{
    return expr->kind == kind || (expr->kind == LT_EXPR_CALL && expr->kernel->form == form);
}

static lt_status compile_rows(struct compiler *c, const struct lt_expr *expr, uint32_t *out);

/* The rows where args[first] and all that follow are (AND) or one of them is (OR) TRUE. */
static lt_status compile_rows_nary(struct compiler *c, const struct lt_expr *expr, uint32_t first,
                                   bool is_and, uint32_t *out)
{
    uint32_t rows, part;
    struct scope scope;
    LT_TRY(compile_rows(c, expr->args[first], &rows));
    for (uint32_t i = first + 1; i < expr->n_args; i++) {
        if (expr_is_cheap(expr->args[i])) {
            LT_TRY(compile_rows(c, expr->args[i], &part));
            LT_TRY(emit_set(c, is_and ? OP_BOTH : OP_UNION, rows, part, &rows));
            continue;
        }
        part = rows;
        if (!is_and)
            LT_TRY(emit_set(c, OP_REST, rows, 0, &part));
        LT_TRY(scope_enter(c, part, &scope));
        LT_TRY(compile_rows_nary(c, expr, i, is_and, &part));
        LT_TRY(scope_leave(c, &scope));
        return emit_set(c, is_and ? OP_BOTH : OP_UNION, rows, part, out);
    }
    *out = rows;
    return LT_OK;
}

/* The region, within the current one, where a condition is TRUE. */
static lt_status compile_rows(struct compiler *c, const struct lt_expr *expr, uint32_t *out)
{
    enum lt_test test = LT_TEST_TRUE;
    uint32_t reg;
    if (is_form(expr, LT_EXPR_AND, LT_FORM_AND))
        return compile_rows_nary(c, expr, 0, true, out);
    if (is_form(expr, LT_EXPR_OR, LT_FORM_OR))
        return compile_rows_nary(c, expr, 0, false, out);
    if (expr->kind == LT_EXPR_CALL && expr->kernel->test) {
        test = (enum lt_test)expr->kernel->test;
        expr = expr->args[0];
        if (test == LT_TEST_TRUE)
            return compile_rows(c, expr, out);
    }
    LT_TRY(compile(c, expr, &reg));
    return emit_test(c, test, reg, out);
}

static lt_status compile_filter(struct compiler *c, const struct lt_expr *expr)
{
    struct scope scope;
    uint32_t rows;
    if (is_form(expr, LT_EXPR_AND, LT_FORM_AND)) {
        for (uint32_t i = 0; i < expr->n_args; i++)
            LT_TRY(compile_filter(c, expr->args[i]));
        return LT_OK;
    }
    LT_TRY(compile_rows(c, expr, &rows));
    LT_TRY(scope_enter(c, rows, &scope)); /* never left */
    c->p->filtered = rows;
    return LT_OK;
}

/* ---- lazy forms ----------------------------------------------------- */

static lt_status case_branch(struct compiler *c, const struct lt_expr *value, uint32_t region,
                             struct branches *branches)
{
    struct scope scope;
    uint32_t reg;
    LT_TRY(scope_enter(c, region, &scope));
    LT_TRY(compile(c, value, &reg));
    LT_TRY(branch_add(c, branches, reg, region));
    return scope_leave(c, &scope);
}

static lt_status compile_case(struct compiler *c, const struct lt_expr *expr, uint32_t *out)
{
    uint32_t n = expr->n_args / 2, rows;
    struct branches branches = {0};
    struct scope *scopes = LT_ARENA_ARRAY(&c->p->arena, struct scope, n + 1);
    LT_ASSERT(expr->n_args % 2 == 1);
    if (scopes == NULL)
        return LT_NOMEM;
    if (n == 0)
        return compile(c, expr->args[0], out);
    for (uint32_t i = 0; i < n; i++) {
        LT_TRY(compile_rows(c, expr->args[2 * i], &rows));
        LT_TRY(case_branch(c, expr->args[2 * i + 1], rows, &branches));
        LT_TRY(emit_set(c, OP_REST, rows, 0, &rows));
        if (i + 1 == n)
            LT_TRY(case_branch(c, expr->args[2 * n], rows, &branches));
        else
            LT_TRY(scope_enter(c, rows, &scopes[i]));
    }
    for (uint32_t i = n - 1; i-- > 0;)
        LT_TRY(scope_leave(c, &scopes[i]));
    return emit_merge(c, expr, &branches, out);
}

static lt_status compile_coalesce(struct compiler *c, const struct lt_expr *expr, uint32_t *out)
{
    uint32_t reg, rows;
    struct branches branches = {0};
    struct scope *scopes = LT_ARENA_ARRAY(&c->p->arena, struct scope, expr->n_args);
    if (scopes == NULL)
        return LT_NOMEM;
    LT_TRY(compile(c, expr->args[0], &reg));
    if (expr->n_args == 1) {
        *out = reg;
        return LT_OK;
    }
    LT_TRY(branch_add(c, &branches, reg, c->region));
    for (uint32_t i = 1; i < expr->n_args; i++) {
        LT_TRY(emit_test(c, LT_TEST_NULL, reg, &rows));
        LT_TRY(scope_enter(c, rows, &scopes[i]));
        LT_TRY(compile(c, expr->args[i], &reg));
        LT_TRY(branch_add(c, &branches, reg, rows));
    }
    for (uint32_t i = expr->n_args; i-- > 1;)
        LT_TRY(scope_leave(c, &scopes[i]));
    return emit_merge(c, expr, &branches, out);
}

/* AND and OR as a value, with NULL: the later part where the earlier leaves it open. */
static lt_status compile_logical(struct compiler *c, const struct lt_expr *expr, uint32_t first,
                                 enum program_op op, uint32_t *out)
{
    enum lt_test test = op == OP_AND ? LT_TEST_NOT_FALSE : LT_TEST_NOT_TRUE;
    struct insn insn = {.op = (uint8_t)op, .n_args = 2, .pos = expr->pos, .type = expr->type};
    uint32_t args[2], rows;
    struct scope scope;
    LT_TRY(compile(c, expr->args[first], &args[0]));
    for (uint32_t i = first + 1; i < expr->n_args; i++) {
        insn.args = args;
        insn.region = c->region;
        if (expr_is_cheap(expr->args[i])) {
            LT_TRY(compile(c, expr->args[i], &args[1]));
            LT_TRY(emit_value(c, &insn, &args[0]));
            continue;
        }
        LT_TRY(emit_test(c, test, args[0], &rows));
        LT_TRY(scope_enter(c, rows, &scope));
        LT_TRY(compile_logical(c, expr, i, op, &args[1]));
        LT_TRY(scope_leave(c, &scope));
        insn.region = rows;
        LT_TRY(emit_value(c, &insn, &args[0]));
        break;
    }
    *out = args[0];
    return LT_OK;
}

/* ---- plain forms ---------------------------------------------------- */

static lt_status compile_column(struct compiler *c, const struct lt_expr *expr, uint32_t *out)
{
    struct lt_program *p = c->p;
    for (uint32_t i = 0; i < p->n_regs; i++) {
        if (p->regs[i].source == REG_INPUT && p->regs[i].input == expr->index) {
            *out = i;
            return LT_OK;
        }
    }
    LT_TRY(new_reg(c, expr->type, out));
    p->regs[*out].source = REG_INPUT;
    p->regs[*out].input = expr->index;
    return LT_OK;
}

static bool constant_same(const struct lt_column *a, const struct lt_column *b)
{
    return a == b || (lt_type_same(a->type, b->type) && a->type->n_children == 0 &&
                      lt_cell_equal(lt_column_cell(a, 0), lt_column_cell(b, 0)));
}

static lt_status compile_constant(struct compiler *c, const struct lt_expr *expr, uint32_t *out)
{
    struct lt_program *p = c->p;
    if (expr->constant == NULL)
        return lt_fail_at(c->err, LT_INVALID, expr->pos, "parameter %u has no value: bind one",
                          expr->index + 1);
    for (uint32_t i = 0; i < p->n_regs; i++) {
        if (p->regs[i].source == REG_CONSTANT && constant_same(p->regs[i].value, expr->constant)) {
            *out = i;
            return LT_OK;
        }
    }
    LT_TRY(new_reg(c, expr->type, out));
    p->regs[*out].source = REG_CONSTANT;
    p->regs[*out].value = expr->constant;
    return LT_OK;
}

static lt_status call_prepare(struct compiler *c, const struct lt_expr *expr, struct insn *insn)
{
    const struct lt_column **constants;
    const struct lt_type **types;
    constants = LT_ARENA_ARRAY(&c->p->arena, const struct lt_column *, expr->n_args + 1);
    types = LT_ARENA_ARRAY(&c->p->arena, const struct lt_type *, expr->n_args + 1);
    if (constants == NULL || types == NULL)
        return LT_NOMEM;
    for (uint32_t i = 0; i < expr->n_args; i++) {
        types[i] = expr->args[i]->type;
        constants[i] = expr->args[i]->constant;
    }
    insn->types = types;
    if (expr->kernel->prepare == NULL)
        return LT_OK;
    return expr->kernel->prepare(c->p->alloc, constants, expr->n_args, types, &insn->data, c->err);
}

/* `prepare` runs only for an instruction that is new, else nobody would release. */
static lt_status emit_call(struct compiler *c, const struct lt_expr *expr, struct insn *insn,
                           uint32_t *out)
{
    uint32_t n_before = c->p->n_insns;
    LT_TRY(emit_value(c, insn, out));
    if (c->p->n_insns == n_before)
        return LT_OK;
    lt_status status = call_prepare(c, expr, &c->p->insns[n_before]);
    if (status != LT_OK && status != LT_NOMEM && c->err && c->err->pos.line == 0)
        c->err->pos = expr->pos;
    return status;
}

static bool kernel_takes_any(const struct lt_kernel *kernel)
{
    return kernel->dense && kernel->total;
}

/* What a call shares with others becomes an argument of it. */
static lt_status compile_part(struct compiler *c, const struct lt_kernel *part, uint32_t n_args,
                              struct insn *insn)
{
    struct insn shared = {.op = OP_CALL,
                          .kernel = part,
                          .n_args = n_args,
                          .args = insn->args,
                          .pos = insn->pos,
                          .type = &lt_type_bigint,
                          .every_row = kernel_takes_any(part)};
    LT_ASSERT(part->prepare == NULL && !insn->changes);
    return emit_value(c, &shared, &insn->args[insn->n_args++]);
}

static lt_status compile_args(struct compiler *c, const struct lt_expr *expr, struct insn *insn,
                              uint32_t *out)
{
    insn->n_args = expr->n_args;
    insn->args = LT_ARENA_ARRAY(&c->p->arena, uint32_t, expr->n_args + 1);
    insn->pos = expr->pos;
    insn->type = expr->type;
    insn->every_row = (insn->op == OP_CAST && lt_cast_is_dense(expr->args[0]->type, expr->type)) ||
                      (insn->op == OP_CALL && kernel_takes_any(expr->kernel));
    if (insn->args == NULL)
        return LT_NOMEM;
    if (expr->n_args + 1 > c->p->args_max)
        c->p->args_max = expr->n_args + 1;
    for (uint32_t i = 0; i < expr->n_args; i++)
        LT_TRY(compile(c, expr->args[i], &insn->args[i]));
    if (insn->op == OP_CALL && expr->kernel->part)
        LT_TRY(compile_part(c, expr->kernel->part, expr->kernel->part_args, insn));
    if (insn->op == OP_CALL)
        return emit_call(c, expr, insn, out);
    return emit_value(c, insn, out);
}

static lt_status compile_call(struct compiler *c, const struct lt_expr *expr, uint32_t *out)
{
    struct insn insn = {.op = OP_CALL, .kernel = expr->kernel};
    insn.changes = expr->function && (expr->function->flags & LT_FN_NONDETERMINISTIC);
    switch (expr->kernel->form) {
    case LT_FORM_CASE: return compile_case(c, expr, out);
    case LT_FORM_COALESCE: return compile_coalesce(c, expr, out);
    case LT_FORM_AND: return compile_logical(c, expr, 0, OP_AND, out);
    case LT_FORM_OR: return compile_logical(c, expr, 0, OP_OR, out);
    case LT_FORM_CAST: insn = (struct insn){.op = OP_CAST, .mode = expr->cast_mode}; break;
    default: break;
    }
    return compile_args(c, expr, &insn, out);
}

static lt_status compile(struct compiler *c, const struct lt_expr *expr, uint32_t *out)
{
    struct insn insn = {0};
    switch (expr->kind) {
    case LT_EXPR_COLUMN: return compile_column(c, expr, out);
    case LT_EXPR_CONSTANT:
    case LT_EXPR_PARAMETER: return compile_constant(c, expr, out);
    case LT_EXPR_CALL: return compile_call(c, expr, out);
    case LT_EXPR_CASE: return compile_case(c, expr, out);
    case LT_EXPR_COALESCE: return compile_coalesce(c, expr, out);
    case LT_EXPR_AND: return compile_logical(c, expr, 0, OP_AND, out);
    case LT_EXPR_OR: return compile_logical(c, expr, 0, OP_OR, out);
    case LT_EXPR_CAST:
        insn.op = OP_CAST;
        insn.mode = expr->cast_mode;
        return compile_args(c, expr, &insn, out);
    case LT_EXPR_FIELD:
        insn.op = OP_FIELD;
        insn.index = expr->index;
        return compile_args(c, expr, &insn, out);
    }
    LT_UNREACHABLE();
    return LT_INVALID;
}

/* After its last use a register's column goes back to the pool, where the next
 * instruction finds its memory still in cache. */
static void find_last_uses(struct lt_program *p)
{
    for (uint32_t i = 0; i < p->n_insns; i++) {
        for (uint32_t a = 0; a < p->insns[i].n_args; a++)
            p->regs[p->insns[i].args[a]].last_use = i;
    }
    for (uint32_t i = 0; i < p->n_outputs; i++)
        p->regs[p->outputs[i]].last_use = UINT32_MAX;
}

lt_status program_compile(struct lt_program *p, const struct lt_expr *filter, uint32_t n,
                          struct lt_expr *const *exprs, struct lt_error *err)
{
    struct compiler c = {.p = p, .err = err};
    uint32_t batch;
    LT_TRY(new_region(&c, &batch));
    p->outputs = LT_ARENA_ARRAY(&p->arena, uint32_t, n + 1);
    if (p->outputs == NULL)
        return LT_NOMEM;
    if (filter)
        LT_TRY(compile_filter(&c, filter));
    for (uint32_t i = 0; i < n; i++)
        LT_TRY(compile(&c, exprs[i], &p->outputs[i]));
    p->n_outputs = n;
    for (uint32_t r = c.region; r != 0; r = p->regions[r].parent)
        for (uint32_t i = 0; i < p->n_insns; i++)
            if (p->insns[i].op == OP_ENTER && p->insns[i].region == r)
                scope_end(&c, i);
    find_last_uses(p);
    p->strict_rows = LT_ARENA_ARRAY(&p->arena, uint16_t, LT_BATCH_ROWS_MAX);
    p->args = LT_ARENA_ARRAY(&p->arena, struct lt_column *, p->args_max + 1);
    return p->strict_rows && p->args ? LT_OK : LT_NOMEM;
}
