/* columns.c -- chunks of columns, pushed as Arrow arrays that are copied for each push. */
#include "bench/columns.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One block: the array, its children, their buffers, and all the bytes. */
struct pushed {
    struct ArrowArray children[COLUMNS_MAX];
    struct ArrowArray *child_at[COLUMNS_MAX];
    const void *buffers[COLUMNS_MAX][3];
    const void *no_buffer[1];
    char bytes[];
};

static void pushed_release(struct ArrowArray *array)
{
    free(array->private_data);
    array->release = NULL;
}

static size_t column_size(const struct columns *columns, uint32_t c, uint32_t len)
{
    return (columns->at[c].text
                ? sizeof(int32_t) * (len + 1) + (size_t)columns->at[c].offsets[len]
                : sizeof(int64_t) * len) +
           64;
}

static void array_of(const struct columns *columns, uint32_t len, struct ArrowArray *out)
{
    size_t size = 0;
    for (uint32_t c = 0; c < columns->n; c++)
        size += column_size(columns, c, len);
    struct pushed *pushed = bench_alloc(sizeof(*pushed) + size);
    char *to = pushed->bytes;
    for (uint32_t c = 0; c < columns->n; c++) {
        bool text = columns->at[c].text;
        char *start = to;
        to += (8 - (uintptr_t)to % 8) % 8;
        pushed->child_at[c] = &pushed->children[c];
        pushed->children[c] = (struct ArrowArray){
            .length = len, .n_buffers = text ? 3 : 2, .buffers = pushed->buffers[c]};
        pushed->buffers[c][1] = to;
        if (text) {
            memcpy(to, columns->at[c].offsets, sizeof(int32_t) * (len + 1));
            pushed->buffers[c][2] = to + sizeof(int32_t) * (len + 1);
            memcpy(to + sizeof(int32_t) * (len + 1), columns->at[c].bytes,
                   (size_t)columns->at[c].offsets[len]);
        } else {
            memcpy(to, columns->at[c].numbers, sizeof(int64_t) * len);
        }
        to = start + column_size(columns, c, len);
    }
    *out = (struct ArrowArray){.length = len,
                               .n_buffers = 1,
                               .n_children = columns->n,
                               .buffers = pushed->no_buffer,
                               .children = pushed->child_at,
                               .release = pushed_release,
                               .private_data = pushed};
}

static void push(struct bench_host *host, const struct columns *columns, uint32_t len,
                 uint32_t split)
{
    struct ArrowSchema children[COLUMNS_MAX], *child_at[COLUMNS_MAX];
    struct ArrowSchema schema = {
        .format = "+s", .name = "", .n_children = columns->n, .children = child_at};
    for (uint32_t c = 0; c < columns->n; c++) {
        children[c] = (struct ArrowSchema){.format = columns->at[c].text ? "u" : "l",
                                           .name = columns->at[c].name};
        child_at[c] = &children[c];
    }
    struct ArrowArray array;
    array_of(columns, len, &array);
    bench_push(host, "loading", split, &schema, &array);
}

void columns_push(struct bench_host *host, struct columns *columns, uint64_t n_rows,
                  uint32_t splits, columns_fill *fill, const void *ctx)
{
    uint32_t turn = 0;
    for (uint64_t at = 0; at < n_rows; at += COLUMNS_CHUNK, turn++) {
        uint32_t len = n_rows - at < COLUMNS_CHUNK ? (uint32_t)(n_rows - at) : COLUMNS_CHUNK;
        for (uint32_t i = 0; i < len; i++)
            fill(columns, i, at + i, ctx);
        push(host, columns, len, turn % splits);
    }
    bench_end_feed(host, "loading");
}
