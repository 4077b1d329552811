/* file_piece.c -- large files as pieces that several partitions read at once.
 *
 *   bytes    0            P            2P           3P
 *   records  |---|-----|----|--|---------|----|--|----------|-|
 *   pieces   0000000000000000 11111111111111111111 2222222222222...
 *
 * A record belongs to the piece in which its first byte lies. So pieces depend on P
 * alone, not on how many partitions there are or how much the file has grown, and a
 * saved query finds its pieces again. Each is a split: its name is the path, a NUL
 * (no path has one) and its number. They are listed in the order of the file, and
 * positions are bytes of the file, so arrival is what it was in one piece.
 *
 * Where the first record of a piece begins is plain where every line end ends a
 * record: behind the first one at byte kP - 1 or later. Where a quoted field may hold
 * line ends, it depends on all that comes before. Nothing is guessed: the boundaries
 * are found one after the other, by the reader that finishes a piece, or earlier by
 * the one that wants the next: it searches the piece for a quote, which costs a
 * fraction of decoding it, and only where there is one it reads the records. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connectors/file_source.h"
#include "data/value.h"

enum { SEARCH_SIZE = 256 * 1024 };

/* ---- names -------------------------------------------------------------- */

lt_status lt_file_piece_parse(const struct lt_source *source, struct lt_str split,
                              struct lt_file_piece *out, struct lt_error *err)
{
    const char *nul = memchr(split.data, 0, split.len);
    *out = (struct lt_file_piece){.path = split, .whole = true, .stop = INT64_MAX};
    if (!nul)
        return LT_OK;
    out->path.len = (size_t)(nul - split.data);
    struct lt_str text = {nul + 1, split.len - out->path.len - 1};
    int64_t number;
    if (!lt_text_to_i64(text, &number) || number < 0 || source->piece_size == 0 ||
        number >= INT64_MAX / source->piece_size)
        return lt_fail(err, LT_INVALID, "'%.*s' has no piece '%.*s'", LT_STR_ARG(out->path),
                       LT_STR_ARG(text));
    out->whole = false;
    out->number = (uint64_t)number;
    out->stop = (number + 1) * source->piece_size;
    return LT_OK;
}

static lt_status piece_add(struct lt_split_list *splits, struct lt_str path, uint64_t number)
{
    struct lt_buf name;
    lt_buf_init(&name, splits->arena->alloc);
    lt_buf_add(&name, path.data, path.len);
    lt_buf_addc(&name, 0);
    lt_buf_addf(&name, "%llu", (unsigned long long)number);
    lt_status status = name.status;
    if (status == LT_OK)
        status = lt_split_add(splits, lt_buf_str(&name));
    lt_buf_close(&name);
    return status;
}

static lt_status cuts_make(struct lt_source *source, struct lt_str path, uint64_t n)
{
    struct lt_file_cuts *cuts = LT_ARENA_NEW(&source->arena, struct lt_file_cuts);
    if (!cuts)
        return LT_NOMEM;
    LT_TRY(lt_arena_str(&source->arena, path, &cuts->path));
    cuts->n = n;
    cuts->starts = LT_ARENA_ARRAY(&source->arena, _Atomic int64_t, n + 1);
    if (!cuts->starts)
        return LT_NOMEM;
    for (uint64_t i = 0; i <= n; i++)
        atomic_init(&cuts->starts[i], i ? -1 : 0);
    cuts->next = source->cuts;
    source->cuts = cuts;
    return LT_OK;
}

static struct lt_file_cuts *cuts_find(const struct lt_source *source, struct lt_str path)
{
    struct lt_file_cuts *cuts = source->cuts;
    while (cuts && !lt_str_equal(cuts->path, path))
        cuts = cuts->next;
    return cuts;
}

lt_status lt_file_pieces_list(struct lt_source *source, struct lt_split_list *splits,
                              struct lt_error *err)
{
    struct lt_split_list pieces = {.arena = splits->arena};
    for (uint32_t i = 0; i < splits->len; i++) {
        struct lt_str path = splits->names[i]; /* with a NUL: the arena puts one */
        struct stat st;
        if (stat(path.data, &st) != 0)
            return lt_fail(err, LT_IO, "cannot read '%s': %s", path.data, strerror(errno));
        int64_t n = source->piece_size ? (st.st_size - 1) / source->piece_size + 1 : 1;
        if (n <= 1) {
            LT_TRY(lt_split_add(&pieces, path));
            continue;
        }
        if (!cuts_find(source, path))
            LT_TRY(cuts_make(source, path, (uint64_t)n));
        for (int64_t k = 0; k < n; k++)
            LT_TRY(piece_add(&pieces, path, (uint64_t)k));
    }
    splits->names = pieces.names;
    splits->len = pieces.len;
    splits->cap = pieces.cap;
    return LT_OK;
}

/* ---- boundaries --------------------------------------------------------- */

static lt_status search_read(int fd, struct lt_str path, struct lt_buffer *buffer, int64_t from,
                             int64_t until, size_t *size, struct lt_error *err)
{
    size_t want = until - from < (int64_t)buffer->size ? (size_t)(until - from) : buffer->size;
    ssize_t n;
    do
        n = pread(fd, buffer->data, want, from);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return lt_fail(err, LT_IO, "cannot read '%.*s': %s", LT_STR_ARG(path), strerror(errno));
    *size = (size_t)n;
    return LT_OK;
}

static bool hides(const struct lt_text_rules *rules, const char *data, size_t size)
{
    for (unsigned i = 0; i < rules->n_hiding; i++)
        if (memchr(data, rules->hiding[i], size))
            return true;
    return false;
}

/* Behind the first line end at byte stop - 1 or later, if nothing in [start, there) can hide
 * one; else *end is -1. start < stop. */
static lt_status search_end(const struct lt_source *source, struct lt_str path, int fd,
                            struct lt_buffer *buffer, int64_t start, int64_t stop, int64_t *end,
                            struct lt_error *err)
{
    const struct lt_text_rules *rules = &source->rules;
    int64_t at = rules->n_hiding ? start : stop - 1;
    *end = -1;
    for (;;) {
        bool past = at >= stop - 1;
        size_t size = 0;
        LT_TRY(search_read(fd, path, buffer, at, past ? INT64_MAX : stop - 1, &size, err));
        const char *eol = past ? memchr(buffer->data, '\n', size) : NULL;
        size_t seen = eol ? (size_t)(eol + 1 - buffer->data) : size;
        if (hides(rules, buffer->data, seen))
            return LT_OK;
        at += (int64_t)seen;
        if (eol || size == 0) {
            *end = at;
            return LT_OK;
        }
    }
}

lt_status lt_file_piece_start(struct lt_source *source, struct lt_file_piece *piece, int fd,
                              const struct lt_connector_env *env, int64_t *out,
                              struct lt_error *err)
{
    struct lt_file_cuts *cuts = cuts_find(source, piece->path);
    if (!cuts) { /* restored, and the file is short now */
        LT_TRY(cuts_make(source, piece->path, piece->number));
        cuts = source->cuts;
    }
    piece->cuts = cuts;
    uint64_t known = piece->number < cuts->n ? piece->number : cuts->n;
    while (atomic_load_explicit(&cuts->starts[known], memory_order_relaxed) < 0)
        known--;
    int64_t start = atomic_load_explicit(&cuts->starts[known], memory_order_relaxed);
    struct lt_buffer *buffer = lt_pool_buffer(env->pool, SEARCH_SIZE);
    lt_status status = buffer ? LT_OK : LT_NOMEM;
    for (; known < piece->number && status == LT_OK; known++) {
        int64_t stop = (int64_t)(known + 1) * source->piece_size, end = start;
        if (start < stop)
            status = search_end(source, piece->path, fd, buffer, start, stop, &end, err);
        if (status == LT_OK && end < 0)
            status = lt_file_skim(source, piece->path, known, start, env, &end, err);
        if (status == LT_OK && known < cuts->n)
            atomic_store_explicit(&cuts->starts[known + 1], end, memory_order_relaxed);
        start = end;
    }
    lt_buffer_unref(buffer);
    if (status == LT_OK)
        *out = start;
    return status;
}

void lt_file_piece_ended(const struct lt_file_piece *piece, int64_t end)
{
    const struct lt_file_cuts *cuts = piece->cuts;
    if (cuts && piece->number < cuts->n)
        atomic_store_explicit(&cuts->starts[piece->number + 1], end, memory_order_relaxed);
}
