/* feed_arrow.c -- an Arrow array into a feed: columns as they lie, cut into blocks.
 *
 * The array's fields are found by the table's column names and must be of the
 * table's types; the columns are made with those types at once. Only what a type
 * promises beyond its layout is looked after: NOT NULL and the length of text are
 * checked, times finer than the column shows are cut, as CAST cuts them.
 *
 * lt_arrow_import takes the array over when it succeeds, yet blocks may fail after
 * that. So it is given a stand-in, which the array is moved into only once all
 * blocks are there. */
#include "base/bits.h"
#include "data/arrow.h"
#include "engine/feed.h"
#include "exec/functions/utf8.h"

/* ---- the stand-in --------------------------------------------------------- */

struct stand_in {
    struct lt_alloc *alloc;
    _Atomic int refs;        /* of the pusher, and of the columns together */
    struct ArrowArray array; /* release NULL until it is really taken over */
};

static void stand_in_unref(struct stand_in *owner)
{
    if (atomic_fetch_sub(&owner->refs, 1) > 1)
        return;
    if (owner->array.release)
        owner->array.release(&owner->array);
    lt_alloc_put(owner->alloc, owner, sizeof(*owner));
}

static void stand_in_release(struct ArrowArray *array)
{
    array->release = NULL;
    stand_in_unref(array->private_data);
}

static struct stand_in *stand_in_make(struct lt_alloc *alloc, const struct ArrowArray *array,
                                      struct ArrowArray *out)
{
    struct stand_in *owner = lt_alloc_zero(alloc, sizeof(*owner));
    if (!owner)
        return NULL;
    owner->alloc = alloc;
    atomic_init(&owner->refs, 2);
    *out = *array;
    out->release = stand_in_release;
    out->private_data = owner;
    return owner;
}

/* ---- types ------------------------------------------------------------------ */

static bool same_layout(enum lt_type_kind want, enum lt_type_kind got)
{
    return want == got || (want == LT_TYPE_MULTISET && got == LT_TYPE_ARRAY);
}

/* Can a column of type `want` be made of what the array calls `got`? Widths and NULLs
 * are looked after when the values are there. */
static bool type_fits(const struct lt_type *want, const struct lt_type *got)
{
    if (!same_layout(want->kind, got->kind) || want->n_children != got->n_children)
        return false;
    if (want->kind == LT_TYPE_DECIMAL &&
        (want->precision != got->precision || want->scale != got->scale))
        return false;
    for (uint32_t i = 0; i < want->n_children; i++)
        if ((want->kind == LT_TYPE_ROW && !lt_str_equal(want->names[i], got->names[i])) ||
            !type_fits(want->children[i], got->children[i]))
            return false;
    return true;
}

static lt_status fail_type(const struct lt_field *want, const struct lt_type *got,
                           struct lt_arena *arena, struct lt_error *err)
{
    struct lt_buf text;
    lt_buf_init(&text, arena->alloc);
    lt_type_print(&text, want->type);
    lt_buf_adds(&text, ", the array has ");
    lt_type_print(&text, got);
    lt_status status = text.status;
    if (status == LT_OK)
        status = lt_fail(err, LT_INVALID, "column '%.*s' is %.*s", LT_STR_ARG(want->name),
                         (int)text.len, text.data);
    lt_buf_close(&text);
    return status;
}

/* The table's types in the order of the array's fields; places[c] is where column c of
 * the table lies in it. */
static lt_status types_of(const struct engine_feed *feed, struct lt_arena *arena,
                          const struct ArrowSchema *schema, struct lt_schema *types,
                          uint32_t *places, struct lt_error *err)
{
    LT_TRY(lt_arrow_import_schema(arena, schema, types, err));
    for (uint32_t c = 0; c < feed->schema.len; c++) {
        const struct lt_field *want = &feed->schema.fields[c];
        uint32_t at = 0;
        while (at < types->len && !lt_str_equal(types->fields[at].name, want->name))
            at++;
        if (at == types->len)
            return lt_fail(err, LT_INVALID, "the array has no column '%.*s'",
                           LT_STR_ARG(want->name));
        if (!type_fits(want->type, types->fields[at].type))
            return fail_type(want, types->fields[at].type, arena, err);
        types->fields[at].type = want->type;
        places[c] = at;
    }
    if (types->len != feed->schema.len)
        return lt_fail(err, LT_INVALID, "feed '%.*s' has %u columns, the array has %u",
                       LT_STR_ARG(feed->name), feed->schema.len, types->len);
    return LT_OK;
}

/* ---- what types promise ------------------------------------------------------ */

static int64_t tick_us(const struct lt_type *type)
{
    int64_t tick = 1;
    bool time = lt_type_is_time_attribute_kind(type) || type->kind == LT_TYPE_TIME;
    for (unsigned p = type->precision; time && p < 6; p++)
        tick *= 10;
    return tick;
}

static lt_status cut_times(struct lt_pool *pool, struct lt_column **col)
{
    int64_t tick = tick_us((*col)->type);
    const int64_t *from = (*col)->values;
    bool fine = false;
    for (uint32_t i = 0; i < (*col)->len; i++)
        fine = fine || from[i] % tick != 0;
    if (!fine)
        return LT_OK;
    struct lt_column *cut = lt_column_new_raw(pool, (*col)->type, (*col)->len);
    if (!cut)
        return LT_NOMEM;
    lt_status status = (*col)->validity ? lt_column_own_validity(cut) : LT_OK;
    if (status != LT_OK) {
        lt_column_unref(cut);
        return status;
    }
    if ((*col)->validity)
        memcpy(cut->validity, (*col)->validity, lt_bits_words(cut->len) * sizeof(uint64_t));
    int64_t *to = cut->values;
    for (uint32_t i = 0; i < cut->len; i++)
        to[i] = lt_floor_div(from[i], tick) * tick;
    lt_column_unref(*col);
    *col = cut;
    return LT_OK;
}

static lt_status check_lengths(const struct lt_column *col, struct lt_str name,
                               struct lt_error *err)
{
    const struct lt_sv *text = col->values;
    uint32_t most = col->type->length;
    if (most == LT_LENGTH_MAX)
        return LT_OK;
    for (uint32_t i = 0; i < col->len; i++) {
        struct lt_str value = lt_sv_str(&text[i]);
        size_t len = lt_type_is_char(col->type) ? utf8_count(value) : value.len;
        if (len > most)
            return lt_fail(err, LT_DATA, "a value of column '%.*s' is longer than %u",
                           LT_STR_ARG(name), most);
    }
    return LT_OK;
}

/* A NULL of a NOT NULL type; fields of a ROW that is itself NULL are no matter. */
static lt_status check_nulls(const struct lt_column *col, const struct lt_column *parent,
                             struct lt_str name, struct lt_error *err)
{
    for (uint32_t i = 0; i < col->len; i++)
        if (lt_column_is_null(col, i) && !(parent && lt_column_is_null(parent, i)))
            return lt_fail(err, LT_DATA, "column '%.*s' is NOT NULL", LT_STR_ARG(name));
    return LT_OK;
}

/* `parent`: the ROW that *col is a field of. */
static lt_status column_keep(struct lt_pool *pool, struct lt_str name,
                             const struct lt_column *parent, struct lt_column **col,
                             struct lt_error *err)
{
    struct lt_column *self = *col;
    if (!self)
        return LT_OK; /* lists without an element */
    if (!self->type->nullable)
        LT_TRY(check_nulls(self, parent, name, err));
    if (self->encoding == LT_DICTIONARY) { /* entries that no row has may well be NULL */
        struct lt_column *entries = self->children[0];
        if (entries->phys == LT_PHYS_STR)
            return check_lengths(entries, name, err);
        return tick_us(self->type) > 1 ? cut_times(pool, &self->children[0]) : LT_OK;
    }
    if (self->phys == LT_PHYS_STR)
        return check_lengths(self, name, err);
    if (tick_us(self->type) > 1)
        return cut_times(pool, col);
    for (uint32_t i = 0; i < self->n_children; i++)
        LT_TRY(column_keep(pool, name, self->phys == LT_PHYS_STRUCT ? self : NULL,
                           &self->children[i], err));
    return LT_OK;
}

/* ---- blocks --------------------------------------------------------------------- */

static lt_status block_slice(struct engine_feed *feed, struct lt_column *const *columns,
                             uint32_t from, uint32_t len, struct lt_column **slices,
                             struct feed_block **out)
{
    uint32_t n = 0;
    lt_status status = LT_OK;
    struct feed_block *block = feed_block_new(feed);
    if (!block)
        return LT_NOMEM;
    while (n < feed->schema.len && status == LT_OK) {
        status = lt_column_slice(feed->pool, columns[n], from, len, &slices[n]);
        n += status == LT_OK;
    }
    if (status == LT_OK) {
        struct lt_batch view = {
            .len = len, .n_sel = len, .n_columns = feed->schema.len, .columns = slices};
        block->batch = lt_batch_keep(feed->pool, &view);
        status = block->batch ? LT_OK : LT_NOMEM;
    }
    while (n > 0)
        lt_column_unref(slices[--n]);
    if (status != LT_OK) {
        feed_block_free(block);
        return status;
    }
    block->bytes = lt_batch_bytes(block->batch);
    *out = block;
    return LT_OK;
}

static lt_status blocks_cut(struct engine_feed *feed, struct lt_arena *arena,
                            struct lt_column *const *columns, uint32_t n_rows,
                            struct feed_block **out)
{
    struct feed_block *list = NULL, **tail = &list;
    struct lt_column **slices = LT_ARENA_ARRAY(arena, struct lt_column *, feed->schema.len + 1);
    lt_status status = slices ? LT_OK : LT_NOMEM;
    for (uint32_t at = 0; at < n_rows && status == LT_OK; at += LT_BATCH_ROWS_MAX) {
        uint32_t len = n_rows - at < LT_BATCH_ROWS_MAX ? n_rows - at : LT_BATCH_ROWS_MAX;
        status = block_slice(feed, columns, at, len, slices, tail);
        if (status == LT_OK)
            tail = &(*tail)->next;
    }
    if (status != LT_OK) {
        feed_blocks_drop(list);
        return status;
    }
    *out = list;
    return LT_OK;
}

/* Columns in the order of the table, with all that their types promise. */
static lt_status columns_of(struct engine_feed *feed, struct lt_arena *arena,
                            const struct ArrowSchema *schema, struct ArrowArray *taken,
                            struct lt_column **columns, struct lt_error *err)
{
    struct lt_schema types = {0};
    uint32_t n = feed->schema.len;
    uint32_t *places = LT_ARENA_ARRAY(arena, uint32_t, n + 1);
    struct lt_column **found = LT_ARENA_ARRAY(arena, struct lt_column *, n + 1);
    if (!places || !found)
        return LT_NOMEM;
    LT_TRY(types_of(feed, arena, schema, &types, places, err));
    LT_TRY(lt_arrow_import(&feed->db->alloc, feed->pool, schema, &types, taken, found, err));
    for (uint32_t c = 0; c < n; c++)
        columns[c] = found[places[c]];
    for (uint32_t c = 0; c < n; c++)
        LT_TRY(column_keep(feed->pool, feed->schema.fields[c].name, NULL, &columns[c], err));
    return LT_OK;
}

/* Under the pushing lock. */
static lt_status arrow_push(struct engine_feed *feed, struct lt_arena *arena, uint32_t number,
                            const struct ArrowSchema *schema, struct ArrowArray *array,
                            struct lt_error *err)
{
    struct ArrowArray taken;
    struct feed_block *list = NULL;
    uint32_t n = feed->schema.len;
    struct lt_column **columns = LT_ARENA_ARRAY(arena, struct lt_column *, n + 1);
    if (!columns)
        return LT_NOMEM;
    LT_TRY(feed_may_push(feed, number, err));
    struct stand_in *owner = stand_in_make(&feed->db->alloc, array, &taken);
    if (!owner)
        return LT_NOMEM;
    lt_status status = columns_of(feed, arena, schema, &taken, columns, err);
    if (status == LT_OK)
        status = blocks_cut(feed, arena, columns, (uint32_t)array->length, &list);
    if (status == LT_OK) {
        owner->array = *array;
        array->release = NULL;
        feed_append(feed, number, list);
    }
    for (uint32_t c = 0; c < n; c++)
        lt_column_unref(columns[c]);
    if (taken.release) /* no columns were made of it */
        taken.release(&taken);
    stand_in_unref(owner);
    return status;
}

lt_status feed_push_arrow(struct engine_feed *feed, struct lt_str split,
                          const struct ArrowSchema *schema, struct ArrowArray *array,
                          struct lt_error *err)
{
    uint32_t number;
    struct lt_arena arena;
    LT_TRY(feed_split_find(feed, split, &number, err));
    lt_arena_init(&arena, &feed->db->alloc);
    pthread_mutex_lock(&feed->push_lock);
    lt_status status = arrow_push(feed, &arena, number, schema, array, err);
    pthread_mutex_unlock(&feed->push_lock);
    lt_arena_close(&arena);
    return status;
}
