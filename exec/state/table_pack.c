/* table_pack.c -- key columns of rows into words, column by column.
 *
 * Equal keys have equal words, but for texts too long to lie inline, whose second word
 * is a pointer. A NULL is zero words and a flag. */
#include "base/bits.h"
#include "exec/state/lane.h"
#include "exec/state/table.h"

struct packing {
    const uint16_t *rows; /* NULL = from, from + 1 ... */
    uint32_t from, n;
    uint64_t *words; /* of the column in the first key */
    uint32_t stride; /* words of a key */
};

static inline uint32_t packing_row(const struct packing *p, uint32_t i)
{
    return p->rows ? p->rows[i] : p->from + i;
}

static void pack_lanes(const struct packing *p, const struct lt_column *col)
{
    if (col->encoding == LT_FLAT && col->phys == LT_PHYS_I64) {
        const uint64_t *values = col->values;
        for (uint32_t i = 0; i < p->n; i++)
            p->words[i * p->stride] = values[packing_row(p, i)];
        return;
    }
    for (uint32_t i = 0; i < p->n; i++) {
        uint32_t lane = packing_row(p, i);
        const struct lt_column *flat = lt_order_flat(col, &lane);
        p->words[i * p->stride] = (uint64_t)lt_lane_get(flat, lane);
    }
}

/* Values of 16 bytes, taken as they are: texts and DECIMAL. */
static void pack_pairs(const struct packing *p, const struct lt_column *col)
{
    const char *values = col->values;
    if (col->encoding == LT_FLAT) {
        for (uint32_t i = 0; i < p->n; i++)
            memcpy(&p->words[i * p->stride], values + packing_row(p, i) * 16, 16);
        return;
    }
    for (uint32_t i = 0; i < p->n; i++) {
        uint32_t lane = packing_row(p, i);
        const struct lt_column *flat = lt_order_flat(col, &lane);
        memcpy(&p->words[i * p->stride], (const char *)flat->values + lane * 16, 16);
    }
}

static bool any_null(const struct packing *p, const struct lt_column *col)
{
    bool all = true;
    if (col->type->kind == LT_TYPE_NULL)
        return true;
    if (col->encoding != LT_FLAT)
        return col->validity || (col->encoding == LT_DICTIONARY && col->children[0]->validity);
    for (uint32_t i = 0; i < p->n && col->validity; i++)
        all &= lt_bits_get(col->validity, packing_row(p, i));
    return !all;
}

static void pack_nulls(const struct packing *p, const struct lt_column *col, uint16_t *nulls,
                       unsigned column, unsigned n_words)
{
    for (uint32_t i = 0; i < p->n; i++) {
        if (!lt_column_is_null(col, packing_row(p, i)))
            continue;
        nulls[i] |= (uint16_t)(2u << column);
        memset(&p->words[i * p->stride], 0, n_words * sizeof(uint64_t));
    }
}

static lt_status pack_encoded(struct lt_table *table, struct lt_column *const *keys,
                              const struct packing *p)
{
    uint32_t at[LT_KEY_BLOCK + 1];
    lt_buf_clear(&table->bytes);
    for (uint32_t i = 0; i < p->n; i++) {
        at[i] = (uint32_t)table->bytes.len;
        for (uint32_t k = 0; k < table->n_keys; k++)
            lt_order_encode(&table->bytes, keys[k], packing_row(p, i), LT_ORDER_ASC);
    }
    at[p->n] = (uint32_t)table->bytes.len;
    LT_TRY(table->bytes.status);
    for (uint32_t i = 0; i < p->n; i++) {
        struct lt_sv view = lt_sv_of(table->bytes.data + at[i], at[i + 1] - at[i]);
        memcpy(&p->words[i * p->stride], &view, sizeof(view));
    }
    return LT_OK;
}

/* Words that are a column's own values need not be copied. */
static const uint64_t *own_words(const struct lt_table *table, const struct lt_column *col,
                                 const struct packing *p)
{
    bool one = col->phys == LT_PHYS_I64, two = table->columns[0].kind != LT_KEY_LANE;
    if (p->rows || col->encoding != LT_FLAT || !(one || two) || any_null(p, col))
        return NULL;
    return (const uint64_t *)col->values + p->from * table->n_words;
}

lt_status lt_table_pack(struct lt_table *table, struct lt_column *const *keys,
                        const uint16_t *rows, uint32_t from, uint32_t n, struct lt_packed *out)
{
    struct packing p = {.rows = rows ? rows + from : NULL,
                        .from = from,
                        .n = n,
                        .words = table->words,
                        .stride = table->n_words};
    out->words = table->words;
    out->nulls = table->nulls;
    out->any_null = false;
    memset(table->nulls, 0, n * sizeof(*table->nulls));
    if (table->encoded)
        return pack_encoded(table, keys, &p);
    const uint64_t *own = table->n_columns == 1 ? own_words(table, keys[0], &p) : NULL;
    if (own) {
        out->words = own;
        return LT_OK;
    }
    for (uint32_t k = 0; k < table->n_columns; k++) {
        const struct lt_key_column *column = &table->columns[k];
        p.words = table->words + column->at;
        if (column->kind == LT_KEY_LANE)
            pack_lanes(&p, keys[k]);
        else
            pack_pairs(&p, keys[k]);
        if (any_null(&p, keys[k])) {
            pack_nulls(&p, keys[k], table->nulls, k, column->kind == LT_KEY_LANE ? 1 : 2);
            out->any_null = true;
        }
    }
    return LT_OK;
}
