/* program_call.c -- one call of a kernel over the rows of a region.
 *
 * For a strict kernel this file does what all of them would otherwise repeat:
 *
 *  - a NULL constant argument makes the result NULL without a call;
 *  - constants only: one row is computed and stands for all;
 *  - dictionaries with the same codes: their entries are computed, the codes are shared;
 *  - where a row that counts has a NULL argument, validity of the arguments is ANDed
 *    and NULL lanes of the result are zeroed; a kernel that may fail never sees such
 *    a row (one that cannot reads the zero that stands in its lane). Where none has,
 *    NULLs of rows that do not count are forgotten. */
#include "exec/program_internal.h"

/* ---- shapes of the arguments ---------------------------------------- */

static bool constant_is_null(const struct lt_column *col)
{
    return col->encoding == LT_CONSTANT && lt_column_is_null(col, 0);
}

static lt_status null_result(struct lt_program *p, const struct insn *insn, struct lt_column **out)
{
    *out = lt_column_new_null(p->eval.pool, insn->type, p->eval.len);
    return *out ? LT_OK : LT_NOMEM;
}

static lt_status kernel_eval(struct lt_program *p, const struct insn *insn, struct lt_column **out)
{
    return insn->kernel->eval(&p->eval, p->args, insn->n_args, insn->type, insn->data, out);
}

/* ---- validity ------------------------------------------------------- */

/* ANDs the arguments' validity into p->validity; false when no row of `within` (NULL =
 * any row) is NULL in one of them. */
static bool strict_validity(struct lt_program *p, uint32_t n_args, const uint64_t *within)
{
    bool any = false;
    uint32_t words = (uint32_t)lt_bits_words(p->eval.len);
    uint64_t nulls = 0;
    for (uint32_t a = 0; a < n_args; a++) {
        const uint64_t *bits = p->args[a]->validity;
        if (p->args[a]->encoding == LT_CONSTANT || bits == NULL)
            continue;
        if (!any)
            memcpy(p->validity, bits, words * sizeof(*bits));
        else
            lt_bits_and(p->validity, p->validity, bits, p->eval.len);
        any = true;
    }
    for (uint32_t w = 0; any && w < words; w++)
        nulls |= ~p->validity[w] & (within ? within[w] : lt_bits_mask(w, p->eval.len));
    return nulls != 0;
}

/* Narrows eval->sel to rows that are not NULL. */
static void strict_narrow(struct lt_program *p)
{
    uint16_t *rows = p->strict_rows;
    uint32_t n = 0;
    for (uint32_t k = 0; k < p->eval.n_sel; k++) {
        uint32_t i = p->eval.sel ? p->eval.sel[k] : k;
        rows[n] = (uint16_t)i;
        n += lt_bits_get(p->validity, i);
    }
    if (n < p->eval.n_sel) {
        p->eval.sel = rows;
        p->eval.n_sel = n;
    }
}

#define ZERO_LANES(T)                                                 \
    do {                                                              \
        T *values_ = col->values;                                     \
        for (uint64_t m_ = nulls; m_; m_ &= m_ - 1)                   \
            values_[w * 64 + (uint32_t)__builtin_ctzll(m_)] = (T){0}; \
    } while (0)

static void zero_null_lanes(struct lt_column *col, const uint64_t *validity)
{
    for (uint32_t w = 0; w < lt_bits_words(col->len); w++) {
        uint64_t nulls = ~validity[w] & lt_bits_mask(w, col->len);
        switch (nulls ? lt_phys_size(col->phys) : 0) {
        case 1: ZERO_LANES(uint8_t); break;
        case 2: ZERO_LANES(uint16_t); break;
        case 4:
            if (col->phys != LT_PHYS_LIST)
                ZERO_LANES(uint32_t);
            break;
        case 8: ZERO_LANES(uint64_t); break;
        case 16: ZERO_LANES(unsigned __int128); break;
        default: break;
        }
    }
}

/* A kernel may give one value for all rows; NULLs among them need lanes. */
static lt_status strict_apply(struct lt_program *p, const struct lt_kernel *kernel,
                              struct lt_column **result)
{
    struct lt_column *col = *result, *flat;
    if (col->encoding == LT_CONSTANT && lt_column_is_null(col, 0))
        return LT_OK;
    if (col->encoding != LT_FLAT) {
        LT_TRY(lt_column_flatten(p->eval.pool, col, &flat));
        lt_column_unref(col);
        *result = col = flat;
    }
    LT_ASSERT(atomic_load(&col->refs) == 1);
    LT_TRY(lt_column_own_validity(col));
    lt_bits_and(col->validity, col->validity, p->validity, p->eval.len);
    if (kernel->dense || kernel->total)
        zero_null_lanes(col, p->validity);
    return LT_OK;
}

/* ---- strict calls --------------------------------------------------- */

/* Does the kernel cope with what stands in NULL lanes, and can they be zeroed after it? */
static bool takes_nulls(const struct lt_kernel *kernel, const struct lt_type *result)
{
    return kernel->dense || (kernel->total && lt_type_phys(result) < LT_PHYS_LIST);
}

/* `within`: the rows that count, NULL = all. */
static lt_status strict_rows(struct lt_program *p, const struct insn *insn, const uint64_t *within,
                             struct lt_column **out)
{
    const struct lt_kernel *kernel = insn->kernel;
    const uint16_t *sel = p->eval.sel;
    uint32_t n_sel = p->eval.n_sel;
    struct lt_column *col = NULL;
    lt_status status;
    bool nulls;
    for (uint32_t a = 0; a < insn->n_args; a++) {
        if (p->args[a]->encoding != LT_CONSTANT)
            LT_TRY(lt_eval_flat(&p->eval, p->args[a], &p->args[a]));
    }
    nulls = strict_validity(p, insn->n_args, within);
    if (nulls && !takes_nulls(kernel, insn->type))
        strict_narrow(p);
    if (p->eval.n_sel == 0)
        status = null_result(p, insn, &col);
    else
        status = kernel_eval(p, insn, &col);
    p->eval.sel = sel;
    p->eval.n_sel = n_sel;
    LT_TRY(status);
    if (nulls && strict_apply(p, kernel, &col) != LT_OK) {
        lt_column_unref(col);
        return LT_NOMEM;
    }
    *out = col;
    return LT_OK;
}

/* Runs `insn` as over `len` rows, all selected. */
static lt_status strict_as_if(struct lt_program *p, const struct insn *insn, uint32_t len,
                              struct lt_column **out)
{
    const uint16_t *sel = p->eval.sel;
    uint32_t n_sel = p->eval.n_sel, full = p->eval.len;
    lt_status status;
    p->eval.sel = NULL;
    p->eval.len = p->eval.n_sel = len;
    status = strict_rows(p, insn, NULL, out);
    p->eval.sel = sel;
    p->eval.n_sel = n_sel;
    p->eval.len = full;
    return status;
}

static lt_status strict_constants(struct lt_program *p, const struct insn *insn,
                                  struct lt_column **out)
{
    struct lt_column *one;
    lt_status status = strict_as_if(p, insn, 1, &one);
    LT_TRY(status);
    if (lt_column_is_null(one, 0)) {
        status = null_result(p, insn, out);
    } else {
        struct lt_column *col = lt_column_new_constant(p->eval.pool, insn->type, p->eval.len);
        status = col ? lt_column_copy_cell(col, 0, lt_column_cell(one, 0)) : LT_NOMEM;
        if (status == LT_OK)
            *out = col;
        else
            lt_column_unref(col);
    }
    lt_column_unref(one);
    return status;
}

/* Every argument that is not constant has the codes of `coded`: what is computed for
 * their dictionaries has them too. */
static lt_status strict_dictionary(struct lt_program *p, const struct insn *insn,
                                   struct lt_column *coded, struct lt_column **out)
{
    struct lt_column *dict;
    lt_status status;
    for (uint32_t a = 0; a < insn->n_args; a++) {
        if (p->args[a]->encoding == LT_DICTIONARY)
            p->args[a] = p->args[a]->children[0];
    }
    LT_TRY(strict_as_if(p, insn, coded->children[0]->len, &dict));
    if (dict->encoding != LT_FLAT) {
        struct lt_column *flat;
        status = lt_column_flatten(p->eval.pool, dict, &flat);
        lt_column_unref(dict);
        LT_TRY(status);
        dict = flat;
    }
    status = lt_column_recode(p->eval.pool, coded, dict, out);
    lt_column_unref(dict);
    return status;
}

/* The dictionary argument whose codes all others share that are not constant; NULL if
 * none, or if it has more entries than rows are wanted. */
static struct lt_column *shared_codes(const struct lt_program *p, const struct insn *insn)
{
    struct lt_column *coded = NULL;
    if (!insn->kernel->total || lt_type_phys(insn->type) >= LT_PHYS_LIST)
        return NULL;
    for (uint32_t a = 0; a < insn->n_args; a++) {
        struct lt_column *arg = p->args[a];
        if (arg->encoding == LT_CONSTANT)
            continue;
        if (arg->encoding != LT_DICTIONARY || arg->children[0]->len > p->regions[p->region].n_sel)
            return NULL;
        if (coded == NULL)
            coded = arg;
        else if (arg->values != coded->values || arg->validity != coded->validity ||
                 arg->children[0]->len != coded->children[0]->len)
            return NULL;
    }
    return coded;
}

static lt_status call_strict(struct lt_program *p, const struct insn *insn, struct lt_column **out)
{
    uint32_t n_constant = 0;
    struct lt_column *coded;
    for (uint32_t a = 0; a < insn->n_args; a++) {
        if (constant_is_null(p->args[a]))
            return null_result(p, insn, out);
        n_constant += p->args[a]->encoding == LT_CONSTANT;
    }
    if (insn->changes || insn->n_args == 0)
        return strict_rows(p, insn, program_bits(p, p->region), out);
    if (n_constant == insn->n_args)
        return strict_constants(p, insn, out);
    coded = shared_codes(p, insn);
    if (coded)
        return strict_dictionary(p, insn, coded, out);
    return strict_rows(p, insn, program_bits(p, p->region), out);
}

lt_status program_call(struct lt_program *p, const struct insn *insn, struct lt_column **out)
{
    for (uint32_t a = 0; a < insn->n_args; a++)
        p->args[a] = p->regs[insn->args[a]].col;
    if (insn->kernel->strict)
        return call_strict(p, insn, out);
    return kernel_eval(p, insn, out);
}

/* ---- fields of a row ------------------------------------------------ */

/* Is the child NULL wherever the row is? */
static bool covers(const struct lt_column *child, const uint64_t *valid, uint32_t len)
{
    if (child->validity == NULL || child->encoding == LT_CONSTANT)
        return false;
    for (uint32_t w = 0; w < lt_bits_words(len); w++) {
        if (child->validity[w] & ~valid[w] & lt_bits_mask(w, len))
            return false;
    }
    return true;
}

/* A child may hold a value where the row itself is NULL; the field is NULL there. */
lt_status program_field(struct lt_program *p, struct lt_column *row, uint32_t index,
                        struct lt_column **out)
{
    struct lt_column *child;
    if (row->encoding != LT_FLAT)
        LT_TRY(lt_eval_flat(&p->eval, row, &row));
    child = row->children[index];
    if (row->validity) {
        const uint64_t *within = program_bits(p, p->region);
        uint64_t nulls = 0;
        for (uint32_t w = 0; w < lt_bits_words(p->eval.len); w++)
            nulls |= within[w] & ~row->validity[w];
        if (nulls && !covers(child, row->validity, p->eval.len))
            return lt_column_mask(p->eval.pool, child, row->validity, out);
    }
    *out = lt_column_ref(child);
    return LT_OK;
}
