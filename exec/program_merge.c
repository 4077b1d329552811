/* program_merge.c -- how branches come together, and the three-valued AND and OR.
 *
 * NULL lanes of a BOOLEAN hold 0, so the value of a AND b (a OR b) is the AND (OR)
 * of the bytes; only validity needs the truth table: FALSE decides AND, TRUE decides
 * OR, whatever the other side. */
#include "exec/program_internal.h"

/* ---- merging -------------------------------------------------------- */

/* The rows of a branch, or all n. */
struct merge_rows {
    const uint16_t *sel;
    uint32_t n;
};

static inline void merge_lanes(char *restrict to, const char *restrict from, bool constant,
                               struct merge_rows rows, size_t size)
{
    for (uint32_t k = 0; k < rows.n; k++) {
        size_t at = (rows.sel ? rows.sel[k] : k) * size;
        memcpy(to + at, from + (constant ? 0 : at), size);
    }
}

/* The size of a lane is made known to the compiler. */
static void merge_fixed(struct lt_column *to, const struct lt_column *from, struct merge_rows rows,
                        size_t size)
{
    bool constant = from->encoding == LT_CONSTANT;
    switch (size) {
    case 1: merge_lanes(to->values, from->values, constant, rows, 1); break;
    case 2: merge_lanes(to->values, from->values, constant, rows, 2); break;
    case 4: merge_lanes(to->values, from->values, constant, rows, 4); break;
    case 8: merge_lanes(to->values, from->values, constant, rows, 8); break;
    default: merge_lanes(to->values, from->values, constant, rows, 16); break;
    }
}

/* The rows of a branch as bits. */
static void merge_validity(struct lt_column *to, const struct lt_column *from,
                           const uint64_t *rows)
{
    uint64_t all = from->encoding != LT_CONSTANT || !from->validity || from->validity[0] & 1
                       ? UINT64_MAX
                       : 0;
    const uint64_t *own = from->encoding == LT_CONSTANT ? NULL : from->validity;
    for (size_t w = 0; w < lt_bits_words(to->len); w++)
        to->validity[w] = (to->validity[w] & ~rows[w]) | ((own ? own[w] : all) & rows[w]);
}

/* Branch by branch; a later branch overwrites an earlier one. */
static lt_status merge_columns(struct lt_program *p, const struct insn *insn, struct lt_column *to)
{
    size_t size = lt_phys_size(to->phys);
    for (uint32_t b = 0; b < insn->n_args; b++) {
        struct merge_rows rows = {.n = p->regions[insn->regions[b]].n_sel};
        struct lt_column *from = p->regs[insn->args[b]].col;
        if (rows.n == 0)
            continue;
        rows.sel = program_rows(p, insn->regions[b]);
        if (from->encoding == LT_DICTIONARY)
            LT_TRY(lt_eval_flat(&p->eval, from, &from));
        if (from->type->kind == LT_TYPE_NULL)
            LT_ASSERT(from->encoding == LT_CONSTANT);
        else
            merge_fixed(to, from, rows, size);
        if (from->validity)
            LT_TRY(lt_column_own_validity(to)); /* the rows so far are not NULL */
        if (to->validity)
            merge_validity(to, from, program_bits(p, insn->regions[b]));
        if (to->phys == LT_PHYS_STR)
            LT_TRY(lt_column_hold_from(to, from));
    }
    if (to->validity && lt_bits_all(to->validity, to->len))
        to->validity = NULL; /* as of a field that is there in the rows of its branch */
    return LT_OK;
}

/* Nested values are appended in the order of rows. */
static lt_status merge_nested(struct lt_program *p, const struct insn *insn, struct lt_column *to)
{
    uint32_t *branch = LT_ARENA_ARRAY(p->eval.scratch, uint32_t, p->eval.len + 1);
    if (branch == NULL)
        return LT_NOMEM;
    LT_TRY(lt_column_own_validity(to));
    for (uint32_t b = 0; b < insn->n_args; b++) {
        uint32_t n = p->regions[insn->regions[b]].n_sel;
        const uint16_t *rows = n > 0 ? program_rows(p, insn->regions[b]) : NULL;
        for (uint32_t k = 0; k < n; k++)
            branch[rows ? rows[k] : k] = b + 1;
    }
    for (uint32_t i = 0; i < p->eval.len; i++) {
        struct lt_cell cell = {.null = true};
        if (branch[i])
            cell = lt_column_cell(p->regs[insn->args[branch[i] - 1]].col, i);
        LT_TRY(lt_column_copy_cell(to, i, cell));
    }
    lt_column_seal(to);
    return LT_OK;
}

/* The only branch that has rows, or NULL. */
static struct lt_column *merge_single(struct lt_program *p, const struct insn *insn)
{
    struct lt_column *single = NULL;
    for (uint32_t b = 0; b < insn->n_args; b++) {
        if (p->regions[insn->regions[b]].n_sel == 0)
            continue;
        if (p->regions[insn->regions[b]].n_sel == p->regions[p->region].n_sel)
            single = p->regs[insn->args[b]].col;
        else
            single = NULL;
    }
    return single && single->type->kind == insn->type->kind ? single : NULL;
}

lt_status program_merge(struct lt_program *p, const struct insn *insn, struct lt_column **out)
{
    struct lt_column *single = merge_single(p, insn);
    struct lt_column *to;
    lt_status status;
    if (single) {
        *out = lt_column_ref(single);
        return LT_OK;
    }
    to = lt_column_new(p->eval.pool, insn->type, p->eval.len);
    if (to == NULL)
        return LT_NOMEM;
    if (to->phys == LT_PHYS_LIST || to->phys == LT_PHYS_STRUCT)
        status = merge_nested(p, insn, to);
    else
        status = merge_columns(p, insn, to);
    if (status != LT_OK) {
        lt_column_unref(to);
        return status;
    }
    *out = to;
    return LT_OK;
}

/* ---- AND and OR ----------------------------------------------------- */

static LT_KERNEL void logical_bytes(const int8_t *restrict a, const int8_t *restrict b, uint32_t n,
                                    bool is_and, int8_t *restrict to)
{
    if (is_and) {
        for (uint32_t i = 0; i < n; i++)
            to[i] = a[i] & b[i];
    } else {
        for (uint32_t i = 0; i < n; i++)
            to[i] = a[i] | b[i];
    }
}

/* A result is known when both sides are, or when one side decides alone. */
static void logical_validity(const struct lt_column *a, const struct lt_column *b, bool is_and,
                             struct lt_column *to)
{
    uint64_t true_a[LT_SELECT_WORDS], true_b[LT_SELECT_WORDS];
    lt_select_true(a->values, to->len, true_a);
    lt_select_true(b->values, to->len, true_b);
    for (uint32_t w = 0; w < lt_bits_words(to->len); w++) {
        uint64_t known_a = a->validity ? a->validity[w] : UINT64_MAX;
        uint64_t known_b = b->validity ? b->validity[w] : UINT64_MAX;
        if (is_and)
            to->validity[w] = (known_a & known_b) | (known_a & ~true_a[w]) | (known_b & ~true_b[w]);
        else
            to->validity[w] = (known_a & known_b) | (known_a & true_a[w]) | (known_b & true_b[w]);
    }
}

static lt_status logical_dense(struct lt_program *p, const struct lt_column *a,
                               const struct lt_column *b, bool is_and, struct lt_column *to)
{
    logical_bytes(a->values, b->values, p->eval.len, is_and, to->values);
    if (a->validity == NULL && b->validity == NULL)
        return LT_OK;
    LT_TRY(lt_column_own_validity(to));
    logical_validity(a, b, is_and, to);
    return LT_OK;
}

/* `b` exists on the rows of a region only; elsewhere `a` has decided. */
static lt_status logical_sparse(struct lt_program *p, const struct lt_column *a,
                                const struct lt_column *b, struct merge_rows rows, bool is_and,
                                struct lt_column *to)
{
    int8_t *values = to->values;
    const int8_t *vb = b->values;
    memcpy(values, a->values, p->eval.len);
    if (a->validity || b->validity) {
        LT_TRY(lt_column_own_validity(to));
        if (a->validity)
            memcpy(to->validity, a->validity, lt_bits_words(to->len) * sizeof(uint64_t));
    }
    for (uint32_t k = 0; k < rows.n; k++) {
        uint32_t i = rows.sel ? rows.sel[k] : k;
        bool known_a = a->validity == NULL || lt_bits_get(a->validity, i);
        bool known_b = b->validity == NULL || lt_bits_get(b->validity, i);
        bool true_a = values[i] != 0, true_b = vb[i] != 0;
        bool decided = is_and ? (known_a && !true_a) || (known_b && !true_b) : true_a || true_b;
        values[i] = is_and ? true_a && true_b : true_a || true_b;
        if (to->validity)
            lt_bits_put(to->validity, i, decided || (known_a && known_b));
    }
    return LT_OK;
}

lt_status program_logical(struct lt_program *p, const struct insn *insn, struct lt_column **out)
{
    struct merge_rows rows = {.n = p->regions[insn->region].n_sel};
    struct lt_column *a = p->regs[insn->args[0]].col, *b = p->regs[insn->args[1]].col, *to;
    bool is_and = insn->op == OP_AND;
    lt_status status;
    if (rows.n == 0) {
        *out = lt_column_ref(a);
        return LT_OK;
    }
    LT_TRY(lt_eval_flat(&p->eval, a, &a));
    LT_TRY(lt_eval_flat(&p->eval, b, &b));
    to = lt_column_new_raw(p->eval.pool, insn->type, p->eval.len);
    if (to == NULL)
        return LT_NOMEM;
    rows.sel = program_rows(p, insn->region);
    if (insn->region == p->region)
        status = logical_dense(p, a, b, is_and, to);
    else
        status = logical_sparse(p, a, b, rows, is_and, to);
    if (status != LT_OK) {
        lt_column_unref(to);
        return status;
    }
    *out = to;
    return LT_OK;
}
