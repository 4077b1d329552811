/* rows.c -- rows of text cells, compared as a net change or in order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/runner/runner.h"

void *must(void *ptr)
{
    if (!ptr) {
        fputs("test_runner: out of memory\n", stderr);
        exit(2);
    }
    return ptr;
}

char *text_copy(const char *text, size_t len)
{
    char *copy = must(malloc(len + 1));
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

void rows_add(struct rows *rows, struct row row)
{
    if (rows->len == rows->cap) {
        rows->cap = rows->cap ? rows->cap * 2 : 16;
        rows->items = must(realloc(rows->items, rows->cap * sizeof(*rows->items)));
    }
    rows->items[rows->len++] = row;
}

void rows_clear(struct rows *rows)
{
    for (size_t i = 0; i < rows->len; i++) {
        for (int c = 0; c < rows->items[i].n_cells; c++)
            free(rows->items[i].cells[c]);
        free(rows->items[i].cells);
    }
    free(rows->items);
    *rows = (struct rows){0};
}

static int cells_compare(const struct row *a, const struct row *b)
{
    if (a->n_cells != b->n_cells)
        return a->n_cells - b->n_cells;
    for (int c = 0; c < a->n_cells; c++) {
        if (!a->cells[c] || !b->cells[c]) {
            if (a->cells[c] || b->cells[c])
                return a->cells[c] ? -1 : 1;
            continue;
        }
        int order = strcmp(a->cells[c], b->cells[c]);
        if (order)
            return order;
    }
    return 0;
}

static int row_compare(const void *a, const void *b)
{
    return cells_compare(a, b);
}

static void row_print(char *why, size_t size, const char *mark, const struct row *row)
{
    size_t at = strlen(why);
    at += (size_t)snprintf(why + at, size - at, "    %s", mark);
    for (int c = 0; c < row->n_cells && at < size; c++)
        at += (size_t)snprintf(why + at, size - at, "%s%s", c ? " | " : "",
                               row->cells[c] ? row->cells[c] : "NULL");
    if (at < size)
        snprintf(why + at, size - at, "\n");
}

static bool ordered_equal(const struct rows *expected, const struct rows *actual, char *why,
                          size_t size)
{
    size_t n = expected->len > actual->len ? expected->len : actual->len;
    for (size_t i = 0; i < n; i++) {
        const struct row *e = i < expected->len ? &expected->items[i] : NULL;
        const struct row *a = i < actual->len ? &actual->items[i] : NULL;
        if (e && a && cells_compare(e, a) == 0 && (e->sign < 0) == (a->sign < 0))
            continue;
        snprintf(why, size, "row %zu differs\n", i + 1);
        if (e)
            row_print(why, size, e->sign < 0 ? "expected: - " : "expected: ", e);
        if (a)
            row_print(why, size, a->sign < 0 ? "but got:  - " : "but got:  ", a);
        return false;
    }
    return true;
}

/* Sorted copies (cells shared) with equal rows added up in `net` of the first. */
static struct rows net_of(const struct rows *rows, long scale, struct rows *all)
{
    for (size_t i = 0; i < rows->len; i++) {
        struct row row = rows->items[i];
        row.net = scale * (row.sign < 0 ? -1 : 1);
        rows_add(all, row);
    }
    return *all;
}

bool rows_equal(const struct rows *expected, const struct rows *actual, bool ordered, char *why,
                size_t size)
{
    why[0] = '\0';
    if (ordered)
        return ordered_equal(expected, actual, why, size);
    struct rows all = {0};
    net_of(expected, 1, &all);
    net_of(actual, -1, &all);
    if (all.len)
        qsort(all.items, all.len, sizeof(*all.items), row_compare);
    bool equal = true;
    for (size_t i = 0; i < all.len;) {
        long net = 0;
        size_t j = i;
        for (; j < all.len && cells_compare(&all.items[i], &all.items[j]) == 0; j++)
            net += all.items[j].net;
        for (; net != 0; net += net > 0 ? -1 : 1) {
            equal = false;
            row_print(why, size, net > 0 ? "missing:    " : "unexpected: ", &all.items[i]);
        }
        i = j;
    }
    free(all.items);
    return equal;
}
