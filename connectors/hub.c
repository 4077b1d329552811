/* hub.c -- the tables of connector 'memory' of one database.
 *
 * A batch that was appended never moves and never changes, so readers use it
 * without the lock; only the lists are guarded. Positions count the rows of a split
 * from 0. */
#include "connectors/hub.h"

#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { HUB_WATCHERS_MAX = 64 };

struct hub_entry {
    struct lt_batch *batch;
    int64_t first; /* position of its first row */
};

struct hub_split {
    struct hub_entry *entries;
    uint32_t len, cap;
    int64_t rows;
};

struct lt_hub_table {
    struct lt_hub_table *next;
    struct lt_hub *hub;
    uint32_t refs;         /* one of the hub's list, and of every user */
    struct lt_arena arena; /* name and schema */
    struct lt_str name;
    struct lt_schema schema;
    struct hub_split *splits;
    uint32_t n_splits;
    int watchers[HUB_WATCHERS_MAX];
    uint32_t n_watchers;
};

struct lt_hub {
    struct lt_alloc *alloc;
    pthread_mutex_t lock;
    struct lt_hub_table *tables;
    struct lt_hub_table *dropped; /* without rows; columns in flight may still name their types */
};

lt_status lt_hub_open(struct lt_alloc *alloc, struct lt_hub **out)
{
    struct lt_hub *hub = lt_alloc_zero(alloc, sizeof(*hub));
    if (!hub)
        return LT_NOMEM;
    hub->alloc = alloc;
    pthread_mutex_init(&hub->lock, NULL);
    *out = hub;
    return LT_OK;
}

static void hub_table_empty(struct lt_hub_table *table)
{
    struct lt_alloc *alloc = table->hub->alloc;
    LT_ASSERT(table->n_watchers == 0);
    for (uint32_t s = 0; s < table->n_splits; s++) {
        struct hub_split *split = &table->splits[s];
        for (uint32_t i = 0; i < split->len; i++)
            lt_batch_drop(split->entries[i].batch);
        lt_alloc_put(alloc, split->entries, split->cap * sizeof(*split->entries));
    }
    lt_alloc_put(alloc, table->splits, table->n_splits * sizeof(*table->splits));
    table->splits = NULL;
    table->n_splits = 0;
}

static void hub_table_free(struct lt_hub_table *table)
{
    struct lt_alloc *alloc = table->hub->alloc;
    hub_table_empty(table);
    lt_arena_close(&table->arena);
    lt_alloc_put(alloc, table, sizeof(*table));
}

static void hub_table_unref(struct lt_hub_table *table)
{
    if (--table->refs > 0)
        return;
    hub_table_empty(table);
    table->next = table->hub->dropped;
    table->hub->dropped = table;
}

void lt_hub_release(struct lt_hub_table *table)
{
    if (!table)
        return;
    struct lt_hub *hub = table->hub;
    pthread_mutex_lock(&hub->lock);
    hub_table_unref(table);
    pthread_mutex_unlock(&hub->lock);
}

void lt_hub_drop(struct lt_hub *hub, struct lt_str name)
{
    pthread_mutex_lock(&hub->lock);
    struct lt_hub_table **link = &hub->tables;
    while (*link && !lt_str_equal((*link)->name, name))
        link = &(*link)->next;
    struct lt_hub_table *table = *link;
    if (table) {
        *link = table->next;
        hub_table_unref(table);
    }
    pthread_mutex_unlock(&hub->lock);
}

void lt_hub_close(struct lt_hub *hub)
{
    if (!hub)
        return;
    while (hub->tables) {
        struct lt_hub_table *table = hub->tables;
        hub->tables = table->next;
        LT_ASSERT(table->refs == 1);
        hub_table_unref(table);
    }
    while (hub->dropped) {
        struct lt_hub_table *table = hub->dropped;
        hub->dropped = table->next;
        hub_table_free(table);
    }
    pthread_mutex_destroy(&hub->lock);
    lt_alloc_put(hub->alloc, hub, sizeof(*hub));
}

static bool hub_schema_same(const struct lt_schema *a, const struct lt_schema *b)
{
    for (uint32_t i = 0; a->len == b->len && i < a->len; i++) {
        if (!lt_str_equal(a->fields[i].name, b->fields[i].name) ||
            !lt_type_same(a->fields[i].type, b->fields[i].type))
            return false;
    }
    return a->len == b->len;
}

/* Makes sure that the table has that split. */
static lt_status hub_split_up_to(struct lt_hub_table *table, uint32_t split)
{
    uint32_t n = split + 1;
    if (n <= table->n_splits)
        return LT_OK;
    void *grown =
        lt_alloc_resize(table->hub->alloc, table->splits,
                        table->n_splits * sizeof(*table->splits), n * sizeof(*table->splits));
    if (!grown)
        return LT_NOMEM;
    table->splits = grown;
    memset(table->splits + table->n_splits, 0, (n - table->n_splits) * sizeof(*table->splits));
    table->n_splits = n;
    return LT_OK;
}

static lt_status hub_table_new(struct lt_hub *hub, struct lt_str name,
                               const struct lt_schema *schema, struct lt_hub_table **out)
{
    struct lt_hub_table *table = lt_alloc_zero(hub->alloc, sizeof(*table));
    if (!table)
        return LT_NOMEM;
    table->hub = hub;
    table->refs = 1;
    lt_arena_init(&table->arena, hub->alloc);
    lt_status status = hub_split_up_to(table, 0);
    if (status == LT_OK)
        status = lt_arena_str(&table->arena, name, &table->name);
    if (status == LT_OK)
        status = lt_schema_copy(&table->arena, schema, &table->schema);
    if (status != LT_OK) {
        hub_table_free(table);
        return status;
    }
    table->next = hub->tables;
    hub->tables = table;
    *out = table;
    return LT_OK;
}

lt_status lt_hub_table(struct lt_hub *hub, struct lt_str name, const struct lt_schema *schema,
                       struct lt_hub_table **out, struct lt_error *err)
{
    lt_status status = LT_OK;
    pthread_mutex_lock(&hub->lock);
    struct lt_hub_table *table = hub->tables;
    while (table && !lt_str_equal(table->name, name))
        table = table->next;
    if (!table)
        status = hub_table_new(hub, name, schema, &table);
    else if (!hub_schema_same(&table->schema, schema))
        status = lt_fail(err, LT_INVALID,
                         "the memory table '%.*s' exists with other columns; give this one "
                         "another 'name'",
                         LT_STR_ARG(name));
    if (status == LT_OK) {
        table->refs++;
        *out = table;
    }
    pthread_mutex_unlock(&hub->lock);
    return status;
}

static lt_status hub_reserve(struct lt_hub_table *table, struct hub_split *split, uint32_t more)
{
    uint32_t cap = split->cap ? split->cap : 16;
    while (cap < split->len + more)
        cap *= 2;
    if (cap == split->cap)
        return LT_OK;
    void *grown =
        lt_alloc_resize(table->hub->alloc, split->entries, split->cap * sizeof(*split->entries),
                        cap * sizeof(*split->entries));
    if (!grown)
        return LT_NOMEM;
    split->entries = grown;
    split->cap = cap;
    return LT_OK;
}

lt_status lt_hub_pool(struct lt_hub_table *table, struct lt_pool **out)
{
    return lt_pool_open(table->hub->alloc, out);
}

lt_status lt_hub_copy(struct lt_hub_table *table, struct lt_pool *pool,
                      const struct lt_batch *batch, struct lt_batch **out)
{
    struct lt_batch_builder builder;
    struct lt_batch copy;
    LT_TRY(lt_builder_open(&builder, pool, &table->schema, batch->n_sel));
    lt_status status = LT_OK;
    for (uint32_t i = 0; i < batch->n_sel && status == LT_OK; i++) {
        for (uint32_t c = 0; c < batch->n_columns && status == LT_OK; c++)
            status = lt_column_copy_cell(builder.columns[c], i,
                                         lt_column_cell(batch->columns[c], lt_batch_row(batch, i)));
        builder.len++;
    }
    if (status == LT_OK)
        status = lt_builder_take(&builder, &copy);
    if (status == LT_OK) {
        *out = lt_batch_keep(pool, &copy);
        status = *out ? LT_OK : LT_NOMEM;
        lt_builder_release(&builder, &copy);
    }
    lt_builder_close(&builder);
    return status;
}

static void hub_wake(const struct lt_hub_table *table)
{
    for (uint32_t i = 0; i < table->n_watchers; i++) {
        uint64_t one = 1;
        ssize_t rc = write(table->watchers[i], &one, sizeof(one));
        LT_UNUSED(rc); /* a counter that is full is readable as it is */
    }
}

lt_status lt_hub_append(struct lt_hub_table *table, uint32_t number,
                        struct lt_batch *const *batches, uint32_t n)
{
    pthread_mutex_lock(&table->hub->lock);
    lt_status status = hub_split_up_to(table, number);
    if (status == LT_OK)
        status = hub_reserve(table, &table->splits[number], n);
    if (status == LT_OK) {
        struct hub_split *split = &table->splits[number];
        for (uint32_t i = 0; i < n; i++) {
            split->entries[split->len++] = (struct hub_entry){batches[i], split->rows};
            split->rows += batches[i]->len;
        }
        hub_wake(table);
    }
    pthread_mutex_unlock(&table->hub->lock);
    return status;
}

uint32_t lt_hub_splits(struct lt_hub_table *table)
{
    pthread_mutex_lock(&table->hub->lock);
    uint32_t n = table->n_splits;
    pthread_mutex_unlock(&table->hub->lock);
    return n;
}

int64_t lt_hub_rows(struct lt_hub_table *table, uint32_t split)
{
    pthread_mutex_lock(&table->hub->lock);
    int64_t rows = split < table->n_splits ? table->splits[split].rows : 0;
    pthread_mutex_unlock(&table->hub->lock);
    return rows;
}

/* entries[0].first <= position, and the split holds it. */
static const struct hub_entry *split_find(const struct hub_split *split, int64_t position)
{
    uint32_t low = 0, high = split->len;
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (split->entries[mid].first <= position)
            low = mid;
        else
            high = mid;
    }
    return &split->entries[low];
}

const struct lt_batch *lt_hub_find(struct lt_hub_table *table, uint32_t split, int64_t position,
                                   int64_t *first)
{
    const struct lt_batch *batch = NULL;
    pthread_mutex_lock(&table->hub->lock);
    if (split < table->n_splits && position >= 0 && position < table->splits[split].rows) {
        const struct hub_entry *entry = split_find(&table->splits[split], position);
        batch = entry->batch;
        *first = entry->first;
    }
    pthread_mutex_unlock(&table->hub->lock);
    return batch;
}

lt_status lt_hub_watch(struct lt_hub_table *table, int *fd, struct lt_error *err)
{
    int made = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (made < 0)
        return lt_fail(err, LT_IO, "cannot make an eventfd: %s", strerror(errno));
    lt_status status = LT_OK;
    pthread_mutex_lock(&table->hub->lock);
    if (table->n_watchers == HUB_WATCHERS_MAX)
        status = lt_fail(err, LT_LIMIT, "more than %d readers follow the memory table '%.*s'",
                         HUB_WATCHERS_MAX, LT_STR_ARG(table->name));
    else
        table->watchers[table->n_watchers++] = made;
    pthread_mutex_unlock(&table->hub->lock);
    if (status == LT_OK)
        *fd = made;
    else
        close(made);
    return status;
}

void lt_hub_unwatch(struct lt_hub_table *table, int fd)
{
    pthread_mutex_lock(&table->hub->lock);
    for (uint32_t i = 0; i < table->n_watchers; i++) {
        if (table->watchers[i] == fd)
            table->watchers[i--] = table->watchers[--table->n_watchers];
    }
    pthread_mutex_unlock(&table->hub->lock);
    close(fd);
}
