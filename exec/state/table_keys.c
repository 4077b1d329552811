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

/* In place, no allocation that could fail, no bad case. */
static void heapsort_keys(const struct lt_table *table, char **payloads, size_t n)
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

/* ---- many at once: radix sort of the first 8 bytes ------------------------------ */

enum { RADIX_MIN = 64 };

struct prefixed {
    uint64_t prefix; /* ordered like the key, as far as it goes */
    char *payload;
};

static uint64_t prefix_of(const struct lt_table *table, const char *payload)
{
    struct lt_key key;
    lt_entry_get_key(table, table->heap, lt_entry_of(payload), &key);
    if (table->mode == LT_KEY_INT)
        return key.null ? 0 : key.value ^ UINT64_C(1) << 63;
    uint64_t prefix = 0;
    memcpy(&prefix, key.bytes.data, key.bytes.len < 8 ? key.bytes.len : 8);
    return __builtin_bswap64(prefix);
}

/* One pass by the byte at `shift`; bytes that are all the same are skipped by the caller. */
static void radix_pass(const struct prefixed *from, struct prefixed *to, size_t n, unsigned shift,
                       const size_t *counts)
{
    size_t at[256], sum = 0;
    for (unsigned b = 0; b < 256; b++) {
        at[b] = sum;
        sum += counts[b];
    }
    for (size_t i = 0; i < n; i++)
        to[at[from[i].prefix >> shift & 255]++] = from[i];
}

/* Sorts items[0..n) by prefix with items[n..2n) as scratch; gives where they ended up. */
static struct prefixed *radix_sort(struct prefixed *items, size_t n)
{
    struct prefixed *from = items, *to = items + n;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        size_t counts[256] = {0};
        for (size_t i = 0; i < n; i++)
            counts[from[i].prefix >> shift & 255]++;
        if (counts[from[0].prefix >> shift & 255] == n)
            continue;
        radix_pass(from, to, n, shift, counts);
        struct prefixed *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

void lt_table_sort(const struct lt_table *table, char **payloads, size_t n)
{
    struct prefixed *items = NULL;
    size_t size = 2 * n * sizeof(*items);
    if (n >= RADIX_MIN && table->mode != LT_KEY_NONE)
        items = lt_alloc_get(table->heap->alloc, size);
    if (!items) { /* few, or no memory to spare */
        heapsort_keys(table, payloads, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        items[i] = (struct prefixed){prefix_of(table, payloads[i]), payloads[i]};
    const struct prefixed *sorted = radix_sort(items, n);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && sorted[to].prefix == sorted[from].prefix; to++)
            payloads[to] = sorted[to].payload;
        if (to - from > 1)
            heapsort_keys(table, payloads + from, to - from);
    }
    lt_alloc_put(table->heap->alloc, items, size);
}
