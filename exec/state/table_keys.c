/* table_keys.c -- the keys of entries, read back into columns and put in order.
 *
 * Sorting goes by digits of 64 bits: a digit is a part of a column, so chosen that its
 * order as an unsigned number is that of the values; where all digits are equal the keys
 * are. A stretch is sorted by one digit, byte by byte (radix sort, skipping bytes that
 * are all the same), and what is equal in it by the next. */
#include "base/bits.h"
#include "exec/state/lane.h"
#include "exec/state/table.h"

/* ---- into columns ------------------------------------------------------------ */

struct reading {
    const struct lt_table *table;
    char *const *payloads;
    uint32_t n;
    struct lt_column *out;
    const uint16_t *lanes; /* NULL = from, from + 1 ... */
    uint32_t from;
};

static inline uint32_t reading_lane(const struct reading *r, uint32_t i)
{
    return r->lanes ? r->lanes[i] : r->from + i;
}

static inline const uint64_t *reading_words(const struct reading *r, uint32_t i)
{
    return lt_entry_words(lt_entry_of(r->table, r->payloads[i]));
}

static void read_lanes(const struct reading *r, uint32_t at)
{
    if (r->out->phys == LT_PHYS_I64) {
        uint64_t *values = r->out->values;
        for (uint32_t i = 0; i < r->n; i++)
            values[reading_lane(r, i)] = reading_words(r, i)[at];
        return;
    }
    for (uint32_t i = 0; i < r->n; i++)
        lt_lane_put(r->out, reading_lane(r, i), (int64_t)reading_words(r, i)[at]);
}

static void read_wide(const struct reading *r, uint32_t at)
{
    char *values = r->out->values;
    for (uint32_t i = 0; i < r->n; i++)
        memcpy(values + reading_lane(r, i) * 16, reading_words(r, i) + at, 16);
}

static lt_status read_texts(const struct reading *r, uint32_t at)
{
    for (uint32_t i = 0; i < r->n; i++) {
        const uint64_t *words = reading_words(r, i) + at;
        uint32_t lane = reading_lane(r, i);
        if (LT_LIKELY((uint32_t)words[0] <= LT_SV_INLINE_MAX))
            memcpy((struct lt_sv *)r->out->values + lane, words, sizeof(struct lt_sv));
        else
            LT_TRY(lt_column_put_str(r->out, lane, lt_entry_text(r->table->heap, words)));
    }
    return LT_OK;
}

static lt_status read_nulls(const struct reading *r, uint32_t k)
{
    uint16_t flag = (uint16_t)(2u << k);
    for (uint32_t i = 0; i < r->n; i++) {
        if (!(lt_entry_of(r->table, r->payloads[i])->flags & flag))
            continue;
        LT_TRY(lt_column_own_validity(r->out));
        lt_column_set_null(r->out, reading_lane(r, i));
    }
    return LT_OK;
}

static lt_status read_encoded(const struct reading *r, uint32_t k)
{
    const struct lt_table *table = r->table;
    for (uint32_t i = 0; i < r->n; i++) {
        struct lt_str text = lt_entry_text(table->heap, reading_words(r, i));
        const char *at = text.data, *end = at + text.len;
        for (uint32_t j = 0; j < k; j++)
            at = lt_order_skip(lt_type_phys(table->keys[j]), at, end);
        LT_TRY(lt_order_decode(r->out, reading_lane(r, i), &at, end));
    }
    return LT_OK;
}

lt_status lt_table_keys_to(const struct lt_table *table, char *const *payloads, uint32_t n,
                           uint32_t k, struct lt_column *out, const uint16_t *lanes, uint32_t from)
{
    LT_ASSERT(k < table->n_keys);
    struct reading r = {table, payloads, n, out, lanes, from};
    if (table->encoded)
        return read_encoded(&r, k);
    const struct lt_key_column *column = &table->columns[k];
    if (column->kind == LT_KEY_LANE)
        read_lanes(&r, column->at);
    else if (column->kind == LT_KEY_WIDE)
        read_wide(&r, column->at);
    else
        LT_TRY(read_texts(&r, column->at));
    return table->nulls_met >> (k + 1) & 1 ? read_nulls(&r, k) : LT_OK;
}

lt_status lt_table_keys(const struct lt_table *table, char *const *payloads, uint32_t n, uint32_t k,
                        struct lt_column *out, uint32_t at)
{
    return lt_table_keys_to(table, payloads, n, k, out, NULL, at);
}

/* ---- order --------------------------------------------------------------------- */

static int lane_compare(uint64_t a, uint64_t b)
{
    int64_t x = (int64_t)a, y = (int64_t)b;
    return (x > y) - (x < y);
}

static int column_compare(const struct lt_key_column *column, const struct lt_state_heap *heap_a,
                          const uint64_t *a, const struct lt_state_heap *heap_b, const uint64_t *b)
{
    if (column->kind == LT_KEY_LANE)
        return lane_compare(a[0], b[0]);
    if (column->kind == LT_KEY_TEXT)
        return lt_str_compare(lt_entry_text(heap_a, a), lt_entry_text(heap_b, b));
    int order = lane_compare(a[1], b[1]);
    return order ? order : (a[0] > b[0]) - (a[0] < b[0]);
}

int lt_table_compare(const struct lt_table *a, const char *pa, const struct lt_table *b,
                     const char *pb)
{
    const struct lt_entry *ea = lt_entry_of(a, pa), *eb = lt_entry_of(b, pb);
    for (uint32_t k = 0; k < a->n_columns; k++) {
        const struct lt_key_column *column = &a->columns[k];
        int null_a = ea->flags >> (k + 1) & 1, null_b = eb->flags >> (k + 1) & 1;
        int order = null_b - null_a;
        if (!order)
            order = column_compare(column, a->heap, lt_entry_words(ea) + column->at, b->heap,
                                   lt_entry_words(eb) + column->at);
        if (order)
            return order;
    }
    return 0;
}

/* ---- sorting -------------------------------------------------------------------- */

enum { RADIX_MIN = 48, TEXT_DIGITS_MAX = 32 };

struct item {
    uint64_t digit;
    char *payload;
};

struct sorting {
    const struct lt_table *table;
    struct item *items, *spare;
    char **payloads; /* as many as items */
};

/* Which digit. Part 0 of a column says whether it is NULL, the others are its value. */
struct place {
    uint32_t column, part;
};

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

static void heapsort_items(const struct sorting *s, struct item *items, size_t n)
{
    char **payloads = s->payloads + (items - s->items);
    for (size_t i = 0; i < n; i++)
        payloads[i] = items[i].payload;
    heapsort_keys(s->table, payloads, n);
    for (size_t i = 0; i < n; i++)
        items[i].payload = payloads[i];
}

static void insertion_sort(const struct lt_table *table, struct item *items, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct item item = items[i];
        size_t at = i;
        for (; at > 0; at--) {
            const struct item *before = &items[at - 1];
            if (before->digit < item.digit ||
                (before->digit == item.digit &&
                 lt_table_compare(table, before->payload, table, item.payload) <= 0))
                break;
            items[at] = *before;
        }
        items[at] = item;
    }
}

/* Eight bytes of a text from `from` on, padded with zeros, as a number. */
static uint64_t text_digit(struct lt_str text, size_t from)
{
    uint64_t digit = 0;
    if (from < text.len)
        memcpy(&digit, text.data + from, text.len - from < 8 ? text.len - from : 8);
    return __builtin_bswap64(digit);
}

static struct lt_str item_text(const struct lt_table *table, const struct item *item,
                               uint32_t column)
{
    const struct lt_entry *entry = lt_entry_of(table, item->payload);
    return lt_entry_text(table->heap, lt_entry_words(entry) + table->columns[column].at);
}

static void fill_digits(const struct lt_table *table, struct item *items, size_t n,
                        struct place place)
{
    const struct lt_key_column *column = &table->columns[place.column];
    uint64_t sign = UINT64_C(1) << 63;
    for (size_t i = 0; i < n; i++) {
        const struct lt_entry *entry = lt_entry_of(table, items[i].payload);
        const uint64_t *words = lt_entry_words(entry) + column->at;
        if (place.part == 0)
            items[i].digit = !(entry->flags >> (place.column + 1) & 1);
        else if (column->kind == LT_KEY_LANE)
            items[i].digit = words[0] ^ sign;
        else if (column->kind == LT_KEY_WIDE)
            items[i].digit = place.part == 1 ? words[1] ^ sign : words[0];
        else
            items[i].digit = text_digit(lt_entry_text(table->heap, words), 8 * (place.part - 1));
    }
}

enum after { NEXT_PART, NEXT_COLUMN, COMPARE };

/* What tells items apart whose digits were equal up to `place`. */
static enum after what_next(const struct lt_table *table, const struct item *items, size_t n,
                            struct place place)
{
    const struct lt_key_column *column = &table->columns[place.column];
    if (place.part == 0)
        return NEXT_PART;
    if (column->kind != LT_KEY_TEXT)
        return column->kind == LT_KEY_WIDE && place.part == 1 ? NEXT_PART : NEXT_COLUMN;
    size_t shortest = SIZE_MAX, longest = 0;
    for (size_t i = 0; i < n; i++) {
        size_t len = item_text(table, &items[i], place.column).len;
        shortest = len < shortest ? len : shortest;
        longest = len > longest ? len : longest;
    }
    if (shortest > 8 * (size_t)place.part)
        return place.part < TEXT_DIGITS_MAX ? NEXT_PART : COMPARE;
    return shortest == longest ? NEXT_COLUMN : COMPARE; /* zeros look like padding */
}

/* One pass by the byte at `shift`. */
static void radix_pass(const struct item *from, struct item *to, size_t n, unsigned shift)
{
    size_t at[256] = {0}, sum = 0;
    for (size_t i = 0; i < n; i++)
        at[from[i].digit >> shift & 255]++;
    for (unsigned b = 0; b < 256; b++) {
        size_t count = at[b];
        at[b] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++)
        to[at[from[i].digit >> shift & 255]++] = from[i];
}

static void radix_sort(struct item *items, struct item *spare, size_t n)
{
    struct item *from = items, *to = spare;
    uint64_t differ = 0;
    for (size_t i = 1; i < n; i++)
        differ |= items[i].digit ^ items[0].digit;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        if (!(differ >> shift & 255))
            continue;
        radix_pass(from, to, n, shift);
        struct item *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, n * sizeof(*items));
}

/* Sorts items that are equal in every digit before `place`. */
static void sort_from(const struct sorting *s, struct item *items, size_t n, struct place place)
{
    const struct lt_table *table = s->table;
    if (place.part == 0 && !(table->nulls_met >> (place.column + 1) & 1))
        place.part = 1;
    fill_digits(table, items, n, place);
    if (n < RADIX_MIN) {
        insertion_sort(table, items, n);
        return;
    }
    radix_sort(items, s->spare, n);
    for (size_t from = 0, to; from < n; from = to) {
        struct place next = {place.column, place.part + 1};
        for (to = from + 1; to < n && items[to].digit == items[from].digit; to++)
            ;
        if (to - from == 1)
            continue;
        enum after after = what_next(table, items + from, to - from, place);
        if (after == NEXT_COLUMN)
            next = (struct place){place.column + 1, 0};
        if (after == COMPARE || next.column == table->n_columns)
            heapsort_items(s, items + from, to - from);
        else
            sort_from(s, items + from, to - from, next);
    }
}

void lt_table_sort(const struct lt_table *table, char **payloads, size_t n)
{
    if (n < 2 || table->n_columns == 0)
        return;
    struct item *items = lt_heap_scratch(table->heap, 2 * n * sizeof(*items));
    if (!items) { /* no memory to spare */
        heapsort_keys(table, payloads, n);
        return;
    }
    struct sorting s = {table, items, items + n, payloads};
    for (size_t i = 0; i < n; i++)
        items[i].payload = payloads[i];
    sort_from(&s, items, n, (struct place){0, 0});
    for (size_t i = 0; i < n; i++)
        payloads[i] = items[i].payload;
    lt_heap_scratch_end(table->heap);
}
