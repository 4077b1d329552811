/* callback.c -- connector 'callback': rows go to a function of the embedding program.
 *
 *   leat_listen ──▶ listener of the database, found by name ◀── one writer per partition
 *
 * A writer shows each batch where it lies. What a column is never changes, so the
 * tree of leat_columns is made once, from the table's types; a batch only sets the
 * pointers in it. A dictionary shows as codes over the values of its entries, so
 * that one node serves every encoding. */
#include "connectors/option.h"
#include "engine/engine.h"

struct engine_listener {
    struct engine_listener *next;
    size_t size; /* of this block, the name included */
    struct leat_listener calls;
    struct lt_sink *writers; /* at work */
    struct lt_str name;
    char text[];
};

struct lt_sink {
    struct lt_sink *next;
    struct leat_db *db;
    struct lt_alloc *alloc;
    struct engine_listener *listener;
    uint32_t number;
    struct lt_arena arena; /* the tree of columns */
    uint32_t n_columns;
    struct leat_column **columns;
};

/* What a listener is shown lies as the library has it. */
_Static_assert(sizeof(struct leat_string) == sizeof(struct lt_sv) &&
                   offsetof(struct leat_string, u) == offsetof(struct lt_sv, u) &&
                   (int)LT_SV_INLINE_MAX == 12,
               "leat_string is lt_sv");

/* ---- listeners ------------------------------------------------------------- */

static struct engine_listener **listener_find(struct leat_db *db, struct lt_str name)
{
    struct engine_listener **at = &db->listeners;
    while (*at && !lt_str_equal((*at)->name, name))
        at = &(*at)->next;
    return at;
}

static lt_status listener_add(struct leat_db *db, struct lt_str name,
                              const struct leat_listener *calls)
{
    size_t size = sizeof(struct engine_listener) + name.len + 1;
    struct engine_listener *listener = lt_alloc_zero(&db->alloc, size);
    if (!listener)
        return LT_NOMEM;
    listener->size = size;
    listener->calls = *calls;
    memcpy(listener->text, name.data, name.len + 1);
    listener->name = (struct lt_str){listener->text, name.len};
    listener->next = db->listeners;
    db->listeners = listener;
    return LT_OK;
}

static void listener_remove(struct leat_db *db, struct engine_listener **at)
{
    struct engine_listener *listener = *at;
    *at = listener->next;
    lt_alloc_put(&db->alloc, listener, listener->size);
}

leat_code leat_listen(leat_db *db, const char *name, const leat_listener *listener)
{
    lt_status status = LT_OK;
    if (listener && (listener->size != sizeof(*listener) || !listener->rows))
        return LEAT_MISUSE;
    pthread_mutex_lock(&db->lock);
    struct engine_listener **at = listener_find(db, lt_str_of(name));
    if (*at && (*at)->writers)
        status = LT_BUSY;
    else if (*at && listener)
        (*at)->calls = *listener;
    else if (*at)
        listener_remove(db, at);
    else if (listener)
        status = listener_add(db, lt_str_of(name), listener);
    pthread_mutex_unlock(&db->lock);
    return engine_code(status);
}

void listeners_close(struct leat_db *db)
{
    while (db->listeners)
        listener_remove(db, &db->listeners);
}

/* The lowest number that no writer at work has. */
static lt_status listener_join(struct leat_db *db, struct lt_str name, struct lt_sink *sink,
                               struct lt_error *err)
{
    pthread_mutex_lock(&db->lock);
    struct engine_listener *listener = *listener_find(db, name);
    struct lt_sink **at = listener ? &listener->writers : NULL; /* in order of their numbers */
    while (at && *at && (*at)->number == sink->number) {
        at = &(*at)->next;
        sink->number++;
    }
    if (at) {
        sink->listener = listener;
        sink->next = *at;
        *at = sink;
    }
    pthread_mutex_unlock(&db->lock);
    if (listener)
        return LT_OK;
    return lt_fail(err, LT_INVALID,
                   "nobody listens to '%.*s': the program must call leat_listen before the "
                   "INSERT runs",
                   LT_STR_ARG(name));
}

static void listener_leave(struct lt_sink *sink)
{
    if (!sink->listener)
        return;
    pthread_mutex_lock(&sink->db->lock);
    struct lt_sink **at = &sink->listener->writers;
    while (*at != sink)
        at = &(*at)->next;
    *at = sink->next;
    pthread_mutex_unlock(&sink->db->lock);
}

/* ---- columns ------------------------------------------------------------------ */

static const uint8_t kinds[LT_TYPE_COUNT] = {
    [LT_TYPE_NULL] = LEAT_KIND_TINYINT, /* no table has one */
    [LT_TYPE_BOOLEAN] = LEAT_KIND_BOOLEAN,
    [LT_TYPE_TINYINT] = LEAT_KIND_TINYINT,
    [LT_TYPE_SMALLINT] = LEAT_KIND_SMALLINT,
    [LT_TYPE_INT] = LEAT_KIND_INT,
    [LT_TYPE_BIGINT] = LEAT_KIND_BIGINT,
    [LT_TYPE_FLOAT] = LEAT_KIND_FLOAT,
    [LT_TYPE_DOUBLE] = LEAT_KIND_DOUBLE,
    [LT_TYPE_DECIMAL] = LEAT_KIND_DECIMAL,
    [LT_TYPE_CHAR] = LEAT_KIND_CHAR,
    [LT_TYPE_VARCHAR] = LEAT_KIND_VARCHAR,
    [LT_TYPE_BINARY] = LEAT_KIND_BINARY,
    [LT_TYPE_VARBINARY] = LEAT_KIND_VARBINARY,
    [LT_TYPE_DATE] = LEAT_KIND_DATE,
    [LT_TYPE_TIME] = LEAT_KIND_TIME,
    [LT_TYPE_TIMESTAMP] = LEAT_KIND_TIMESTAMP,
    [LT_TYPE_TIMESTAMP_LTZ] = LEAT_KIND_TIMESTAMP_LTZ,
    [LT_TYPE_INTERVAL_DAY] = LEAT_KIND_INTERVAL_DAY,
    [LT_TYPE_INTERVAL_MONTH] = LEAT_KIND_INTERVAL_MONTH,
    [LT_TYPE_ARRAY] = LEAT_KIND_ARRAY,
    [LT_TYPE_MULTISET] = LEAT_KIND_MULTISET,
    [LT_TYPE_MAP] = LEAT_KIND_MAP,
    [LT_TYPE_ROW] = LEAT_KIND_ROW,
};

static const uint8_t layouts[LT_PHYS_COUNT] = {
    [LT_PHYS_I8] = LEAT_LAYOUT_INT8,      [LT_PHYS_I16] = LEAT_LAYOUT_INT16,
    [LT_PHYS_I32] = LEAT_LAYOUT_INT32,    [LT_PHYS_I64] = LEAT_LAYOUT_INT64,
    [LT_PHYS_F32] = LEAT_LAYOUT_FLOAT,    [LT_PHYS_F64] = LEAT_LAYOUT_DOUBLE,
    [LT_PHYS_I128] = LEAT_LAYOUT_INT128,  [LT_PHYS_STR] = LEAT_LAYOUT_STRING,
    [LT_PHYS_LIST] = LEAT_LAYOUT_LIST,    [LT_PHYS_STRUCT] = LEAT_LAYOUT_STRUCT,
};

static lt_status column_make(struct lt_arena *arena, const char *name, const struct lt_type *type,
                             struct leat_column **out)
{
    struct leat_column *col = LT_ARENA_NEW(arena, struct leat_column);
    struct leat_column **children =
        LT_ARENA_ARRAY(arena, struct leat_column *, type->n_children + 1);
    if (!col || !children)
        return LT_NOMEM;
    for (uint32_t i = 0; i < type->n_children; i++)
        LT_TRY(column_make(arena, type->kind == LT_TYPE_ROW ? type->names[i].data : "",
                           type->children[i], &children[i]));
    *col = (struct leat_column){
        .kind = (leat_kind)kinds[type->kind],
        .layout = (leat_layout)layouts[lt_type_phys(type)],
        .name = name,
        .precision = type->precision,
        .scale = type->scale,
        .nullable = type->nullable,
        .n_children = type->n_children,
        .children = (const struct leat_column *const *)children,
    };
    *out = col;
    return LT_OK;
}

static void column_show(struct leat_column *out, const struct lt_column *col)
{
    static const uint32_t no_offsets[1] = {0};
    const struct lt_column *flat = col;
    out->constant = col && col->encoding == LT_CONSTANT;
    out->valid = col ? col->validity : NULL;
    out->codes = NULL;
    out->lane_valid = NULL;
    if (col && col->encoding == LT_DICTIONARY) {
        flat = col->children[0];
        out->codes = col->values;
        out->lane_valid = flat->validity;
    }
    out->n_lanes = flat ? lt_column_lanes(flat) : 0;
    out->values = flat ? flat->values : no_offsets; /* no element was ever put into a list */
    for (uint32_t i = 0; i < out->n_children; i++) /* the tree is ours: it may be written */
        column_show((struct leat_column *)out->children[i], flat ? flat->children[i] : NULL);
}

/* ---- the sink -------------------------------------------------------------------- */

static const char *const callback_options[] = {"name", NULL};

static lt_status callback_check(const struct lt_connector_table *table,
                                const struct lt_connector_registry *registry, bool changing,
                                struct lt_error *err)
{
    LT_UNUSED(changing); /* changes are shown as weights */
    return lt_option_check(table, &lt_connector_callback, registry, err);
}

static void callback_close(struct lt_sink *sink)
{
    if (!sink)
        return;
    listener_leave(sink);
    lt_arena_close(&sink->arena);
    lt_alloc_put(sink->alloc, sink, sizeof(*sink));
}

static lt_status columns_make(struct lt_sink *sink, const struct lt_schema *schema)
{
    sink->n_columns = schema->len;
    sink->columns = LT_ARENA_ARRAY(&sink->arena, struct leat_column *, schema->len + 1);
    if (!sink->columns)
        return LT_NOMEM;
    for (uint32_t i = 0; i < schema->len; i++)
        LT_TRY(column_make(&sink->arena, schema->fields[i].name.data, schema->fields[i].type,
                           &sink->columns[i]));
    return LT_OK;
}

static lt_status callback_open(const struct lt_connector_env *env,
                               const struct lt_connector_table *table, uint32_t writer,
                               uint32_t n_writers, struct lt_sink **out, struct lt_error *err)
{
    const struct engine_registry *registry = (const struct engine_registry *)env->registry;
    const struct lt_str *name = lt_option_get(table, "name");
    LT_UNUSED(writer);
    LT_UNUSED(n_writers);
    struct lt_sink *sink = lt_alloc_zero(env->alloc, sizeof(*sink));
    if (!sink)
        return LT_NOMEM;
    sink->alloc = env->alloc;
    sink->db = registry->db;
    lt_arena_init(&sink->arena, env->alloc);
    lt_status status = columns_make(sink, table->physical);
    if (status == LT_OK)
        status = listener_join(sink->db, name ? *name : table->name, sink, err);
    if (status != LT_OK) {
        callback_close(sink);
        return status;
    }
    *out = sink;
    return LT_OK;
}

/* What a listener answered. Whatever is no failure of leat.h is a misuse. */
static lt_status answer(const struct lt_sink *sink, leat_code code, struct lt_error *err)
{
    if (code == LEAT_OK)
        return LT_OK;
    lt_status status = LT_MISUSE;
    for (int i = 1; i < LT_STATUS_COUNT; i++)
        if (engine_code((lt_status)i) == code)
            status = (lt_status)i;
    if (status == LT_BUSY) /* would be taken for "come again" */
        status = LT_LIMIT;
    return lt_fail(err, status, "the listener of '%.*s' refused rows with code %d",
                   LT_STR_ARG(sink->listener->name), (int)code);
}

static lt_status callback_write(struct lt_sink *sink, const struct lt_batch *batch,
                                struct lt_error *err)
{
    if (batch->n_sel == 0)
        return LT_OK;
    for (uint32_t i = 0; i < sink->n_columns; i++)
        column_show(sink->columns[i], batch->columns[i]);
    struct leat_batch shown = {
        .size = sizeof(shown),
        .n_rows = batch->n_sel,
        .rows = batch->sel,
        .len = batch->len,
        .n_columns = sink->n_columns,
        .columns = (const struct leat_column *const *)sink->columns,
        .weight = batch->weight,
    };
    const struct leat_listener *calls = &sink->listener->calls;
    leat_code code = calls->rows(calls->ctx, sink->number, &shown);
    return code == LEAT_FULL ? LT_BUSY : answer(sink, code, err);
}

static lt_status callback_prepare(struct lt_sink *sink, uint64_t epoch, struct lt_error *err)
{
    const struct leat_listener *calls = &sink->listener->calls;
    if (!calls->prepare)
        return LT_OK;
    return answer(sink, calls->prepare(calls->ctx, sink->number, epoch), err);
}

static lt_status callback_commit(struct lt_sink *sink, uint64_t epoch, struct lt_error *err)
{
    const struct leat_listener *calls = &sink->listener->calls;
    LT_UNUSED(err);
    if (calls->commit)
        calls->commit(calls->ctx, sink->number, epoch);
    return LT_OK;
}

static void callback_abort(struct lt_sink *sink)
{
    const struct leat_listener *calls = &sink->listener->calls;
    if (calls->abort)
        calls->abort(calls->ctx, sink->number);
}

const struct lt_connector lt_connector_callback = {
    .name = "callback",
    .doc = "A sink that hands batches to a function of the embedding program (leat_listen)",
    .options = callback_options,
    .sink_check = callback_check,
    .sink_open = callback_open,
    .sink_write = callback_write,
    .sink_prepare = callback_prepare,
    .sink_commit = callback_commit,
    .sink_abort = callback_abort,
    .sink_close = callback_close,
};
