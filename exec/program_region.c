/* program_region.c -- sets of rows: which pass a test, and the algebra of AND, OR, ELSE.
 *
 * A condition (of a filter, of CASE) needs the rows where it is TRUE and no BOOLEAN
 * column with three values: the rows where AND is TRUE are those where both sides
 * are, OR those where one is. So conditions are words of bits, 64 rows each.
 *
 * A NULL lane of a BOOLEAN holds 0, so "is TRUE" reads the values alone. Lanes that
 * were never computed hold anything; they are outside the region tested. */
#include "exec/program_internal.h"

/* ---- one region, both ways ------------------------------------------ */

const uint64_t *program_bits(struct lt_program *p, uint32_t region)
{
    struct region *r = &p->regions[region];
    if (!r->mapped && r->sel)
        lt_select_bits(r->sel, r->n_sel, p->eval.len, r->bits);
    else if (!r->mapped)
        for (uint32_t w = 0; w < lt_bits_words(p->eval.len); w++)
            r->bits[w] = lt_bits_mask(w, p->eval.len);
    r->mapped = true;
    return r->bits;
}

const uint16_t *program_rows(struct lt_program *p, uint32_t region)
{
    struct region *r = &p->regions[region];
    if (!r->listed) {
        const struct region *parent = &p->regions[r->parent];
        if (r->n_sel == p->eval.len) {
            r->sel = NULL;
        } else if (parent->listed && parent->n_sel == r->n_sel) {
            r->sel = parent->sel;
        } else {
            lt_select_list(r->bits, p->eval.len, r->rows);
            r->sel = r->rows;
        }
        r->listed = true;
    }
    return r->sel;
}

/* ---- tests ---------------------------------------------------------- */

/* The lanes that are TRUE, and those that are not NULL; bits past len are anything. */
static void lanes_flat(const struct lt_column *col, bool value_matters, uint64_t *is_true,
                       uint64_t *known)
{
    size_t words = lt_bits_words(col->len);
    if (value_matters)
        lt_select_true(col->values, col->len, is_true);
    if (col->validity)
        memcpy(known, col->validity, words * sizeof(*known));
    else
        lt_bits_fill(known, col->len, true);
}

static void lanes_encoded(const struct lt_column *col, bool value_matters, uint64_t *is_true,
                          uint64_t *known)
{
    if (col->encoding == LT_CONSTANT) {
        bool null = lt_column_is_null(col, 0);
        lt_bits_fill(known, col->len, !null);
        lt_bits_fill(is_true, col->len, value_matters && !null && ((const int8_t *)col->values)[0]);
        return;
    }
    lt_bits_fill(known, col->len, false);
    lt_bits_fill(is_true, col->len, false);
    for (uint32_t i = 0; i < col->len; i++) {
        struct lt_cell cell = lt_column_cell(col, i);
        if (cell.null)
            continue;
        lt_bits_set(known, i);
        if (value_matters && ((const int8_t *)cell.col->values)[cell.lane])
            lt_bits_set(is_true, i);
    }
}

static void test_lanes(const struct lt_column *col, enum lt_test test, const uint64_t *within,
                       uint64_t *out)
{
    uint64_t is_true[LT_SELECT_WORDS], known[LT_SELECT_WORDS];
    bool value_matters = test != LT_TEST_NULL && test != LT_TEST_NOT_NULL;
    uint32_t words = (uint32_t)lt_bits_words(col->len);
    if (col->encoding == LT_FLAT && col->type->kind != LT_TYPE_NULL)
        lanes_flat(col, value_matters, is_true, known);
    else
        lanes_encoded(col, value_matters, is_true, known);
    for (uint32_t w = 0; w < words; w++) {
        uint64_t pass = 0;
        switch (test) {
        case LT_TEST_TRUE: pass = is_true[w]; break;
        case LT_TEST_FALSE: pass = ~is_true[w] & known[w]; break;
        case LT_TEST_NULL: pass = ~known[w]; break;
        case LT_TEST_NOT_TRUE: pass = ~is_true[w]; break;
        case LT_TEST_NOT_FALSE: pass = is_true[w] | ~known[w]; break;
        case LT_TEST_NOT_NULL: pass = known[w]; break;
        case LT_TEST_NONE: LT_UNREACHABLE(); break;
        }
        out[w] = pass & within[w];
    }
}

/* ---- instructions --------------------------------------------------- */

void program_region(struct lt_program *p, const struct insn *insn)
{
    struct region *to = &p->regions[insn->region];
    const uint64_t *current = program_bits(p, p->region), *a = NULL, *b = NULL;
    uint32_t words = (uint32_t)lt_bits_words(p->eval.len);
    if (insn->op != OP_TEST)
        a = p->regions[insn->regions[0]].bits;
    if (insn->op == OP_BOTH || insn->op == OP_UNION)
        b = p->regions[insn->regions[1]].bits;
    switch (insn->op) {
    case OP_TEST:
        test_lanes(p->regs[insn->args[0]].col, (enum lt_test)insn->test, current, to->bits);
        break;
    case OP_BOTH: lt_bits_and(to->bits, a, b, p->eval.len); break;
    case OP_UNION: lt_bits_or(to->bits, a, b, p->eval.len); break;
    default:
        for (uint32_t w = 0; w < words; w++)
            to->bits[w] = current[w] & ~a[w];
        break;
    }
    to->n_sel = (uint32_t)lt_bits_count(to->bits, p->eval.len);
    to->mapped = true;
    to->listed = false;
}
