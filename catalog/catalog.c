/* catalog.c -- resolving names: a session's temporary objects over the stored ones.
 *
 * A temporary object hides a stored one of the same name, as in Flink, and goes
 * with its session. Tables and views share a name space; functions have their
 * own, without case. */
#include "catalog/catalog.h"

#include <stdlib.h>

#include "catalog/session.h"

/* ---- open and close --------------------------------------------------- */

lt_status lt_catalog_open(struct lt_alloc *alloc, const char *path, struct lt_catalog **out,
                          struct lt_error *err)
{
    struct lt_catalog *catalog = lt_alloc_zero(alloc, sizeof(*catalog));
    if (!catalog)
        return LT_NOMEM;
    catalog->alloc = alloc;
    lt_status status = lt_store_open(alloc, path, &catalog->store, err);
    if (status != LT_OK) {
        lt_alloc_put(alloc, catalog, sizeof(*catalog));
        return status;
    }
    pthread_mutex_init(&catalog->lock, NULL);
    *out = catalog;
    return LT_OK;
}

void lt_catalog_close(struct lt_catalog *catalog)
{
    if (!catalog)
        return;
    lt_store_close(catalog->store);
    pthread_mutex_destroy(&catalog->lock);
    lt_alloc_put(catalog->alloc, catalog, sizeof(*catalog));
}

static lt_status owned_set(struct lt_alloc *alloc, struct lt_str *owned, struct lt_str text)
{
    char *copy = lt_alloc_get(alloc, text.len + 1);
    if (!copy)
        return LT_NOMEM;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    if (owned->data)
        lt_alloc_put(alloc, (char *)owned->data, owned->len + 1);
    *owned = (struct lt_str){copy, text.len};
    return LT_OK;
}

lt_status lt_catalog_session_open(struct lt_catalog *catalog, struct lt_catalog_session **out)
{
    struct lt_catalog_session *session = lt_alloc_zero(catalog->alloc, sizeof(*session));
    if (!session)
        return LT_NOMEM;
    session->catalog = catalog;
    lt_status status =
        owned_set(catalog->alloc, &session->current_catalog, LT_STR("default_catalog"));
    if (status == LT_OK)
        status = owned_set(catalog->alloc, &session->current_database, LT_STR("default_database"));
    if (status == LT_OK)
        status = lt_settings_load(session, NULL);
    if (status != LT_OK) {
        lt_catalog_session_close(session);
        return status;
    }
    *out = session;
    return LT_OK;
}

static void temporary_free(struct lt_catalog_session *session, struct temp_object *temp)
{
    lt_arena_close(&temp->arena);
    lt_alloc_put(session->catalog->alloc, temp, sizeof(*temp));
}

void lt_catalog_session_close(struct lt_catalog_session *session)
{
    if (!session)
        return;
    struct lt_alloc *alloc = session->catalog->alloc;
    while (session->temporary) {
        struct temp_object *temp = session->temporary;
        session->temporary = temp->next;
        temporary_free(session, temp);
    }
    lt_settings_free(session);
    lt_alloc_put(alloc, (char *)session->current_catalog.data, session->current_catalog.len + 1);
    lt_alloc_put(alloc, (char *)session->current_database.data, session->current_database.len + 1);
    lt_alloc_put(alloc, session, sizeof(*session));
}

/* ---- names ------------------------------------------------------------ */

uint64_t lt_catalog_stamp(const struct lt_catalog_session *session)
{
    return atomic_load_explicit(&session->catalog->changes, memory_order_acquire);
}

/* After the change, whether or not it came about. */
static lt_status changed(struct lt_catalog_session *session, lt_status status)
{
    atomic_fetch_add_explicit(&session->catalog->changes, 1, memory_order_release);
    return status;
}

static const char *const kind_names[] = {"table", "view", "function"};

static struct lt_store_name resolve(const struct lt_catalog_session *session, uint32_t n_parts,
                                    const struct lt_str *path, bool function)
{
    struct lt_store_name name = {.catalog = session->current_catalog,
                                 .database = session->current_database,
                                 .name = path[n_parts - 1],
                                 .function = function};
    if (n_parts >= 2)
        name.database = path[n_parts - 2];
    if (n_parts >= 3)
        name.catalog = path[n_parts - 3];
    return name;
}

static bool same_name(const struct lt_object *object, const struct lt_store_name *name)
{
    bool function = object->kind == LT_OBJECT_FUNCTION;
    if (function != name->function)
        return false;
    if (!lt_str_equal(object->catalog, name->catalog) ||
        !lt_str_equal(object->database, name->database))
        return false;
    return function ? lt_str_equal_nocase(object->name, name->name)
                    : lt_str_equal(object->name, name->name);
}

static struct temp_object **temporary_find(struct lt_catalog_session *session,
                                           const struct lt_store_name *name)
{
    struct temp_object **at = &session->temporary;
    while (*at && !same_name((*at)->object, name))
        at = &(*at)->next;
    return at;
}

/* Function names have no case: they are stored in lower case. */
static lt_status fold_case(struct lt_arena *arena, struct lt_store_name *name)
{
    if (!name->function)
        return LT_OK;
    char *text = lt_arena_copy(arena, name->name.data, name->name.len);
    if (!text)
        return LT_NOMEM;
    for (size_t i = 0; i < name->name.len; i++)
        if (text[i] >= 'A' && text[i] <= 'Z')
            text[i] = (char)(text[i] + 32);
    name->name.data = text;
    return LT_OK;
}

static lt_status unknown_name(struct lt_catalog_session *session, const struct lt_store_name *name,
                              const char *what, struct lt_pos pos, struct lt_arena *arena,
                              struct lt_error *err)
{
    struct lt_nearest nearest;
    struct lt_str *names;
    uint32_t n;
    bool has = false;
    LT_TRY(
        lt_store_has_database(session->catalog->store, name->catalog, name->database, &has, err));
    if (!has)
        return lt_fail_at(err, LT_INVALID, pos, "there is no database '%.*s.%.*s'",
                          LT_STR_ARG(name->catalog), LT_STR_ARG(name->database));
    LT_TRY(lt_store_names(session->catalog->store, name->function ? LT_OBJECT_FUNCTION : -1,
                          name->catalog, name->database, arena, &n, &names, err));
    lt_nearest_init(&nearest, name->name);
    for (uint32_t i = 0; i < n; i++)
        lt_nearest_offer(&nearest, names[i]);
    for (struct temp_object *temp = session->temporary; temp; temp = temp->next)
        if ((temp->object->kind == LT_OBJECT_FUNCTION) == name->function)
            lt_nearest_offer(&nearest, temp->object->name);
    if (nearest.best.len)
        return lt_fail_at(err, LT_INVALID, pos, "%s '%.*s' does not exist; did you mean '%.*s'?",
                          what, LT_STR_ARG(name->name), LT_STR_ARG(nearest.best));
    return lt_fail_at(err, LT_INVALID, pos, "%s '%.*s' does not exist", what,
                      LT_STR_ARG(name->name));
}

/* NULL in *out when there is none. */
static lt_status lookup(struct lt_catalog_session *session, struct lt_store_name *name,
                        struct lt_arena *arena, struct lt_object **out, struct lt_error *err)
{
    struct temp_object *temp = *temporary_find(session, name);
    if (temp)
        return lt_object_copy(arena, temp->object, out);
    LT_TRY(fold_case(arena, name));
    return lt_store_get(session->catalog->store, name, arena, out, err);
}

static lt_status find(struct lt_catalog_session *session, uint32_t n_parts,
                      const struct lt_str *path, bool function, struct lt_pos pos,
                      struct lt_arena *arena, const struct lt_object **out, struct lt_error *err)
{
    const char *what = function ? "function" : "table";
    struct lt_object *object = NULL;
    if (n_parts < 1 || n_parts > 3)
        return lt_fail_at(err, LT_INVALID, pos,
                          "a %s is named by at most catalog.database.name, not %u parts", what,
                          n_parts);
    struct lt_store_name name = resolve(session, n_parts, path, function);
    pthread_mutex_lock(&session->catalog->lock);
    lt_status status = lookup(session, &name, arena, &object, err);
    if (status == LT_OK && !object)
        status = unknown_name(session, &name, what, pos, arena, err);
    pthread_mutex_unlock(&session->catalog->lock);
    LT_TRY(status);
    *out = object;
    return LT_OK;
}

lt_status lt_catalog_find(struct lt_catalog_session *session, uint32_t n_parts,
                          const struct lt_str *path, struct lt_pos pos, struct lt_arena *arena,
                          const struct lt_object **out, struct lt_error *err)
{
    return find(session, n_parts, path, false, pos, arena, out, err);
}

lt_status lt_catalog_find_function(struct lt_catalog_session *session, uint32_t n_parts,
                                   const struct lt_str *path, struct lt_pos pos,
                                   struct lt_arena *arena, const struct lt_object **out,
                                   struct lt_error *err)
{
    return find(session, n_parts, path, true, pos, arena, out, err);
}

bool lt_catalog_exists(struct lt_catalog_session *session, uint32_t n_parts,
                       const struct lt_str *path)
{
    bool has = false;
    if (n_parts < 1 || n_parts > 3)
        return false;
    struct lt_store_name name = resolve(session, n_parts, path, false);
    if (*temporary_find(session, &name))
        return true;
    pthread_mutex_lock(&session->catalog->lock);
    lt_status status = lt_store_has(session->catalog->store, &name, &has, NULL);
    pthread_mutex_unlock(&session->catalog->lock);
    return status == LT_OK && has;
}

/* ---- put, drop, rename ------------------------------------------------- */

static lt_status put_temporary(struct lt_catalog_session *session, const struct lt_store_name *name,
                               const struct lt_object *object)
{
    struct temp_object *temp = lt_alloc_zero(session->catalog->alloc, sizeof(*temp));
    if (!temp)
        return LT_NOMEM;
    lt_arena_init(&temp->arena, session->catalog->alloc);
    struct lt_object full = *object;
    full.catalog = name->catalog;
    full.database = name->database;
    full.version = --session->next_version;
    lt_status status = lt_object_copy(&temp->arena, &full, &temp->object);
    if (status != LT_OK) {
        temporary_free(session, temp);
        return status;
    }
    struct temp_object **at = temporary_find(session, name);
    if (*at) {
        struct temp_object *old = *at;
        temp->next = old->next;
        *at = temp;
        temporary_free(session, old);
    } else {
        temp->next = session->temporary;
        session->temporary = temp;
    }
    return LT_OK;
}

/* May `object` take that name? *done when IF NOT EXISTS leaves nothing to do. */
static lt_status may_put(struct lt_catalog_session *session, const struct lt_store_name *name,
                         const struct lt_object *object, bool replace, bool if_not_exists,
                         struct lt_arena *scratch, bool *done, struct lt_error *err)
{
    const struct lt_object *old = NULL;
    struct lt_object *stored = NULL;
    bool has = false;
    LT_TRY(
        lt_store_has_database(session->catalog->store, name->catalog, name->database, &has, err));
    if (!has)
        return lt_fail(err, LT_INVALID, "there is no database '%.*s.%.*s'",
                       LT_STR_ARG(name->catalog), LT_STR_ARG(name->database));
    if (object->temporary) {
        struct temp_object *temp = *temporary_find(session, name);
        old = temp ? temp->object : NULL;
    } else {
        LT_TRY(lt_store_get(session->catalog->store, name, scratch, &stored, err));
        old = stored;
    }
    *done = old && if_not_exists;
    if (!old || *done)
        return LT_OK;
    if (!replace)
        return lt_fail(err, LT_INVALID, "%s%s '%.*s' exists already; drop it first",
                       object->temporary ? "temporary " : "", kind_names[old->kind],
                       LT_STR_ARG(name->name));
    if (old->kind != object->kind)
        return lt_fail(err, LT_INVALID, "'%.*s' is a %s and cannot be replaced by a %s",
                       LT_STR_ARG(name->name), kind_names[old->kind], kind_names[object->kind]);
    return LT_OK;
}

lt_status lt_catalog_put(struct lt_catalog_session *session, const struct lt_object *object,
                         bool replace, bool if_not_exists, struct lt_error *err)
{
    struct lt_arena scratch;
    bool done = false;
    struct lt_store_name name = {
        .catalog = object->catalog.len ? object->catalog : session->current_catalog,
        .database = object->database.len ? object->database : session->current_database,
        .name = object->name,
        .function = object->kind == LT_OBJECT_FUNCTION};
    if (name.name.len == 0)
        return lt_fail(err, LT_INVALID, "a %s needs a name that is not empty",
                       kind_names[object->kind]);
    lt_arena_init(&scratch, session->catalog->alloc);
    pthread_mutex_lock(&session->catalog->lock);
    lt_status status = fold_case(&scratch, &name);
    if (status == LT_OK)
        status = may_put(session, &name, object, replace, if_not_exists, &scratch, &done, err);
    if (status == LT_OK && !done)
        status = object->temporary ? put_temporary(session, &name, object)
                                   : lt_store_put(session->catalog->store, &name, object, err);
    pthread_mutex_unlock(&session->catalog->lock);
    lt_arena_close(&scratch);
    return changed(session, status);
}

static lt_status drop_stored(struct lt_catalog_session *session, enum lt_object_kind kind,
                             struct lt_store_name *name, struct lt_pos pos, bool if_exists,
                             struct lt_arena *scratch, struct lt_error *err)
{
    struct lt_object *object = NULL;
    LT_TRY(fold_case(scratch, name));
    LT_TRY(lt_store_get(session->catalog->store, name, scratch, &object, err));
    if (!object)
        return if_exists ? LT_OK : unknown_name(session, name, kind_names[kind], pos, scratch, err);
    if (object->kind != kind)
        return lt_fail_at(err, LT_INVALID, pos, "'%.*s' is a %s; use DROP %s",
                          LT_STR_ARG(name->name), kind_names[object->kind],
                          object->kind == LT_OBJECT_VIEW ? "VIEW" : "TABLE");
    return lt_store_delete(session->catalog->store, name, err);
}

static lt_status drop_temporary(struct lt_catalog_session *session, enum lt_object_kind kind,
                                struct temp_object **at, const struct lt_store_name *name,
                                struct lt_pos pos, bool if_exists, struct lt_error *err)
{
    struct temp_object *temp = *at;
    if (temp && temp->object->kind != kind)
        return lt_fail_at(err, LT_INVALID, pos, "'%.*s' is a temporary %s", LT_STR_ARG(name->name),
                          kind_names[temp->object->kind]);
    if (!temp)
        return if_exists ? LT_OK
                         : lt_fail_at(err, LT_INVALID, pos, "temporary %s '%.*s' does not exist",
                                      kind_names[kind], LT_STR_ARG(name->name));
    *at = temp->next;
    temporary_free(session, temp);
    return LT_OK;
}

lt_status lt_catalog_drop(struct lt_catalog_session *session, enum lt_object_kind kind,
                          uint32_t n_parts, const struct lt_str *path, struct lt_pos pos,
                          bool if_exists, bool temporary, struct lt_error *err)
{
    struct lt_arena scratch;
    if (n_parts < 1 || n_parts > 3)
        return lt_fail_at(err, LT_INVALID, pos, "a %s is named by at most catalog.database.name",
                          kind_names[kind]);
    struct lt_store_name name = resolve(session, n_parts, path, kind == LT_OBJECT_FUNCTION);
    struct temp_object **at = temporary_find(session, &name);
    if (temporary)
        return changed(session, drop_temporary(session, kind, at, &name, pos, if_exists, err));
    if (*at)
        return lt_fail_at(err, LT_INVALID, pos,
                          "a temporary %s '%.*s' hides the stored one; drop that first with "
                          "DROP TEMPORARY",
                          kind_names[(*at)->object->kind], LT_STR_ARG(name.name));
    lt_arena_init(&scratch, session->catalog->alloc);
    pthread_mutex_lock(&session->catalog->lock);
    lt_status status = drop_stored(session, kind, &name, pos, if_exists, &scratch, err);
    pthread_mutex_unlock(&session->catalog->lock);
    lt_arena_close(&scratch);
    return changed(session, status);
}

static lt_status rename_temporary(struct lt_catalog_session *session, struct temp_object *temp,
                                  const struct lt_store_name *to, struct lt_error *err)
{
    if (*temporary_find(session, to))
        return lt_fail(err, LT_INVALID, "'%.*s' exists already", LT_STR_ARG(to->name));
    return lt_arena_str(&temp->arena, to->name, &temp->object->name);
}

lt_status lt_catalog_rename(struct lt_catalog_session *session, uint32_t n_parts,
                            const struct lt_str *path, struct lt_str new_name, struct lt_error *err)
{
    struct lt_arena scratch;
    struct lt_object *object = NULL;
    bool has = false;
    struct lt_store_name from = resolve(session, n_parts, path, false), to = from;
    to.name = new_name;
    struct temp_object *temp = *temporary_find(session, &from);
    if (temp)
        return changed(session, rename_temporary(session, temp, &to, err));
    lt_arena_init(&scratch, session->catalog->alloc);
    pthread_mutex_lock(&session->catalog->lock);
    lt_status status = lookup(session, &from, &scratch, &object, err);
    if (status == LT_OK && !object)
        status = unknown_name(session, &from, "table", LT_NOWHERE, &scratch, err);
    if (status == LT_OK)
        status = lt_store_has(session->catalog->store, &to, &has, err);
    if (status == LT_OK && has)
        status = lt_fail(err, LT_INVALID, "'%.*s' exists already", LT_STR_ARG(new_name));
    if (status == LT_OK)
        status = lt_store_rename(session->catalog->store, &from, new_name, err);
    pthread_mutex_unlock(&session->catalog->lock);
    lt_arena_close(&scratch);
    return changed(session, status);
}

/* ---- lists ------------------------------------------------------------- */

static int name_order(const void *a, const void *b)
{
    return lt_str_compare(*(const struct lt_str *)a, *(const struct lt_str *)b);
}

/* Sorts, and drops names that a temporary object and a stored one share. */
static uint32_t sort_names(struct lt_str *names, uint32_t n)
{
    uint32_t kept = 0;
    if (n > 1)
        qsort(names, n, sizeof(*names), name_order);
    for (uint32_t i = 0; i < n; i++)
        if (kept == 0 || !lt_str_equal(names[kept - 1], names[i]))
            names[kept++] = names[i];
    return kept;
}

lt_status lt_catalog_list(struct lt_catalog_session *session, enum lt_object_kind kind,
                          struct lt_str database, struct lt_arena *arena, uint32_t *n,
                          struct lt_str **names, struct lt_error *err)
{
    struct lt_str *stored = NULL, *list = NULL, name;
    struct lt_str in = database.len ? database : session->current_database;
    uint32_t n_stored = 0, len = 0, cap = 0;
    pthread_mutex_lock(&session->catalog->lock);
    lt_status status = lt_store_names(session->catalog->store, (int)kind, session->current_catalog,
                                      in, arena, &n_stored, &stored, err);
    pthread_mutex_unlock(&session->catalog->lock);
    LT_TRY(status);
    for (uint32_t i = 0; i < n_stored; i++)
        LT_TRY(LT_ARENA_PUSH(arena, list, len, cap, stored[i]));
    for (struct temp_object *temp = session->temporary; temp; temp = temp->next) {
        const struct lt_object *object = temp->object;
        if (object->kind != kind || !lt_str_equal(object->database, in) ||
            !lt_str_equal(object->catalog, session->current_catalog))
            continue;
        LT_TRY(lt_arena_str(arena, object->name, &name));
        LT_TRY(LT_ARENA_PUSH(arena, list, len, cap, name));
    }
    *n = sort_names(list, len);
    *names = list;
    return LT_OK;
}

/* ---- databases and catalogs --------------------------------------------- */

static struct lt_str or_current(const struct lt_catalog_session *session, struct lt_str catalog)
{
    return catalog.len ? catalog : session->current_catalog;
}

static lt_status database_create(struct lt_catalog_session *session, struct lt_str catalog,
                                 struct lt_str database, bool if_not_exists, struct lt_error *err)
{
    struct lt_store *store = session->catalog->store;
    bool has = false, has_catalog = false;
    LT_TRY(lt_store_has_database(store, catalog, database, &has, err));
    LT_TRY(lt_store_has_database(store, catalog, LT_STR(""), &has_catalog, err));
    if (has)
        return if_not_exists ? LT_OK
                             : lt_fail(err, LT_INVALID, "%s '%.*s' exists already",
                                       database.len ? "database" : "catalog",
                                       LT_STR_ARG(database.len ? database : catalog));
    if (database.len && !has_catalog)
        return lt_fail(err, LT_INVALID, "there is no catalog '%.*s'", LT_STR_ARG(catalog));
    return lt_store_add_database(store, catalog, database, err);
}

lt_status lt_catalog_database_create(struct lt_catalog_session *session, struct lt_str catalog_name,
                                     struct lt_str database, bool if_not_exists,
                                     struct lt_error *err)
{
    pthread_mutex_lock(&session->catalog->lock);
    lt_status status =
        database_create(session, or_current(session, catalog_name), database, if_not_exists, err);
    pthread_mutex_unlock(&session->catalog->lock);
    return status;
}

static lt_status database_drop(struct lt_catalog_session *session, struct lt_str catalog,
                               struct lt_str database, bool if_exists, bool cascade,
                               struct lt_error *err)
{
    struct lt_store *store = session->catalog->store;
    struct lt_arena scratch;
    struct lt_str *names;
    uint32_t n = 0;
    bool has = false;
    LT_TRY(lt_store_has_database(store, catalog, database, &has, err));
    if (!has)
        return if_exists ? LT_OK
                         : lt_fail(err, LT_INVALID, "there is no %s '%.*s'",
                                   database.len ? "database" : "catalog",
                                   LT_STR_ARG(database.len ? database : catalog));
    if (lt_str_equal(catalog, session->current_catalog) &&
        (database.len == 0 || lt_str_equal(database, session->current_database)))
        return lt_fail(err, LT_INVALID, "the current %s cannot be dropped; USE another one first",
                       database.len ? "database" : "catalog");
    lt_arena_init(&scratch, session->catalog->alloc);
    lt_status status = LT_OK;
    if (database.len && !cascade) {
        status = lt_store_names(store, -1, catalog, database, &scratch, &n, &names, err);
        if (status == LT_OK && n > 0)
            status = lt_fail(err, LT_INVALID, "database '%.*s' is not empty; say CASCADE",
                             LT_STR_ARG(database));
    }
    if (status == LT_OK)
        status = lt_store_remove_database(store, catalog, database, err);
    lt_arena_close(&scratch);
    return status;
}

lt_status lt_catalog_database_drop(struct lt_catalog_session *session, struct lt_str catalog_name,
                                   struct lt_str database, bool if_exists, bool cascade,
                                   struct lt_error *err)
{
    pthread_mutex_lock(&session->catalog->lock);
    lt_status status = database_drop(session, or_current(session, catalog_name), database,
                                     if_exists, cascade, err);
    pthread_mutex_unlock(&session->catalog->lock);
    return changed(session, status);
}

static lt_status list_databases(struct lt_catalog_session *session, struct lt_str catalog,
                                struct lt_arena *arena, uint32_t *n, struct lt_str **names,
                                struct lt_error *err)
{
    pthread_mutex_lock(&session->catalog->lock);
    lt_status status = lt_store_databases(session->catalog->store, catalog, arena, n, names, err);
    pthread_mutex_unlock(&session->catalog->lock);
    return status;
}

lt_status lt_catalog_databases(struct lt_catalog_session *session, struct lt_arena *arena,
                               uint32_t *n, struct lt_str **names, struct lt_error *err)
{
    return list_databases(session, session->current_catalog, arena, n, names, err);
}

lt_status lt_catalog_catalogs(struct lt_catalog_session *session, struct lt_arena *arena,
                              uint32_t *n, struct lt_str **names, struct lt_error *err)
{
    return list_databases(session, LT_STR(""), arena, n, names, err);
}

/* USE CATALOG goes to that catalog's default_database, or its first one. */
static lt_status use_catalog(struct lt_catalog_session *session, struct lt_str catalog,
                             struct lt_arena *scratch, struct lt_str *database,
                             struct lt_error *err)
{
    struct lt_str *names;
    uint32_t n;
    LT_TRY(lt_store_databases(session->catalog->store, catalog, scratch, &n, &names, err));
    *database = LT_STR("default_database");
    bool has_default = false;
    for (uint32_t i = 0; i < n; i++)
        has_default |= lt_str_equal(names[i], *database);
    if (!has_default && n > 0)
        *database = names[0];
    return LT_OK;
}

static lt_status use(struct lt_catalog_session *session, struct lt_str catalog,
                     struct lt_str database, struct lt_arena *scratch, struct lt_error *err)
{
    bool has = false;
    LT_TRY(lt_store_has_database(session->catalog->store, catalog, database, &has, err));
    if (!has)
        return lt_fail(err, LT_INVALID, "there is no %s '%.*s'",
                       database.len ? "database" : "catalog",
                       LT_STR_ARG(database.len ? database : catalog));
    if (database.len == 0)
        LT_TRY(use_catalog(session, catalog, scratch, &database, err));
    struct lt_str new_catalog = {0};
    LT_TRY(owned_set(session->catalog->alloc, &new_catalog, catalog));
    lt_status status = owned_set(session->catalog->alloc, &session->current_database, database);
    if (status != LT_OK) {
        lt_alloc_put(session->catalog->alloc, (char *)new_catalog.data, new_catalog.len + 1);
        return status;
    }
    lt_alloc_put(session->catalog->alloc, (char *)session->current_catalog.data,
                 session->current_catalog.len + 1);
    session->current_catalog = new_catalog;
    return LT_OK;
}

lt_status lt_catalog_use(struct lt_catalog_session *session, struct lt_str catalog_name,
                         struct lt_str database, struct lt_error *err)
{
    struct lt_arena scratch;
    lt_arena_init(&scratch, session->catalog->alloc);
    pthread_mutex_lock(&session->catalog->lock);
    lt_status status = use(session, or_current(session, catalog_name), database, &scratch, err);
    pthread_mutex_unlock(&session->catalog->lock);
    lt_arena_close(&scratch);
    return changed(session, status);
}

struct lt_str lt_catalog_current_database(const struct lt_catalog_session *session)
{
    return session->current_database;
}

struct lt_str lt_catalog_current_catalog(const struct lt_catalog_session *session)
{
    return session->current_catalog;
}
