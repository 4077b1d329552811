/* table_keys.c -- the keys of entries, read back into columns and put in order. */
#include "exec/state/table.h"

static void put_int(struct lt_column *out, uint32_t row, uint64_t value)
{
    switch (out->phys) {
    case LT_PHYS_I8: ((int8_t *)out->values)[row] = (int8_t)value; break;
    case LT_PHYS_I16: ((int16_t *)out->values)[row] = (int16_t)value; break;
    case LT_PHYS_I32: ((int32_t *)out->values)[row] = (int32_t)value; break;
    default: ((int64_t *)out->values)[row] = (int64_t)value; break;
    }
}

static lt_status int_keys(const struct lt_table *table, char *const *payloads, uint32_t n,
                          struct lt_column *out, uint32_t at)
{
    for (uint32_t i = 0; i < n; i++) {
        struct lt_key key;
        lt_entry_get_key(table, table->heap, lt_entry_of(payloads[i]), &key);
        put_int(out, at + i, key.value);
        if (key.null) {
            LT_TRY(lt_column_own_validity(out));
            lt_column_set_null(out, at + i);
        }
    }
    return LT_OK;
}

lt_status lt_table_keys(const struct lt_table *table, char *const *payloads, uint32_t n, uint32_t k,
                        struct lt_column *out, uint32_t at)
{
    LT_ASSERT(k < table->n_keys);
    if (table->mode == LT_KEY_INT)
        return int_keys(table, payloads, n, out, at);
    size_t skip = 0;
    if (table->mode == LT_KEY_FIXED)
        for (uint32_t i = 0; i < k; i++)
            skip += lt_order_width(lt_type_phys(table->keys[i])) + 1;
    for (uint32_t i = 0; i < n; i++) {
        struct lt_key key;
        lt_entry_get_key(table, table->heap, lt_entry_of(payloads[i]), &key);
        const char *from = key.bytes.data + skip, *end = key.bytes.data + key.bytes.len;
        if (table->mode == LT_KEY_BYTES)
            for (uint32_t j = 0; j < k; j++)
                from = lt_order_skip(lt_type_phys(table->keys[j]), from, end);
        LT_TRY(lt_order_decode(out, at + i, &from, end));
    }
    return LT_OK;
}

static int compare_bytes(struct lt_str a, struct lt_str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len ? memcmp(a.data, b.data, len) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

int lt_table_compare(const struct lt_table *a, const char *pa, const struct lt_table *b,
                     const char *pb)
{
    struct lt_key ka, kb;
    lt_entry_get_key(a, a->heap, lt_entry_of(pa), &ka);
    lt_entry_get_key(b, b->heap, lt_entry_of(pb), &kb);
    if (a->mode == LT_KEY_INT) {
        if (ka.null || kb.null)
            return kb.null - ka.null;
        int64_t va = (int64_t)ka.value, vb = (int64_t)kb.value;
        return (va > vb) - (va < vb);
    }
    return compare_bytes(ka.bytes, kb.bytes);
}

static void sift(const struct lt_table *table, char **heap, size_t root, size_t n)
{
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && lt_table_compare(table, heap[child], table, heap[child + 1]) < 0)
            child++;
        if (lt_table_compare(table, heap[root], table, heap[child]) >= 0)
            return;
        char *swap = heap[root];
        heap[root] = heap[child];
        heap[child] = swap;
    }
}

/* Heapsort: in place, no allocation that could fail, no bad case. */
void lt_table_sort(const struct lt_table *table, char **payloads, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(table, payloads, i, n);
    for (size_t i = n; i-- > 1;) {
        char *swap = payloads[0];
        payloads[0] = payloads[i];
        payloads[i] = swap;
        sift(table, payloads, 0, i);
    }
}
