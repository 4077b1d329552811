/* store.h -- the catalog's rows in SQLite: what store.c offers to catalog.c.
 *
 * Names are complete here (catalog, database, name) and already resolved. A
 * store is used by one thread at a time: the catalog's lock sees to it. */
#ifndef LT_CATALOG_STORE_H
#define LT_CATALOG_STORE_H

#include "catalog/catalog.h"

struct lt_store;

struct lt_store_name {
    struct lt_str catalog, database, name;
    bool function; /* functions have a name space of their own */
};

lt_status lt_store_open(struct lt_alloc *alloc, const char *path, struct lt_store **out,
                        struct lt_error *err) LT_MUST_CHECK;
void lt_store_close(struct lt_store *store);

/* *out stays NULL when there is no such object. */
lt_status lt_store_get(struct lt_store *store, const struct lt_store_name *name,
                       struct lt_arena *arena, struct lt_object **out,
                       struct lt_error *err) LT_MUST_CHECK;
lt_status lt_store_has(struct lt_store *store, const struct lt_store_name *name, bool *has,
                       struct lt_error *err) LT_MUST_CHECK;
/* Puts the object in the place of any of that name, as one transaction. */
lt_status lt_store_put(struct lt_store *store, const struct lt_store_name *name,
                       const struct lt_object *object, struct lt_error *err) LT_MUST_CHECK;
lt_status lt_store_delete(struct lt_store *store, const struct lt_store_name *name,
                          struct lt_error *err) LT_MUST_CHECK;
lt_status lt_store_rename(struct lt_store *store, const struct lt_store_name *name,
                          struct lt_str new_name, struct lt_error *err) LT_MUST_CHECK;
/* Sorted names of objects of a kind (-1: tables and views). */
lt_status lt_store_names(struct lt_store *store, int kind, struct lt_str catalog,
                         struct lt_str database, struct lt_arena *arena, uint32_t *n,
                         struct lt_str **names, struct lt_error *err) LT_MUST_CHECK;

/* Databases; an empty `database` means the catalog itself. */
lt_status lt_store_has_database(struct lt_store *store, struct lt_str catalog,
                                struct lt_str database, bool *has,
                                struct lt_error *err) LT_MUST_CHECK;
lt_status lt_store_add_database(struct lt_store *store, struct lt_str catalog,
                                struct lt_str database, struct lt_error *err) LT_MUST_CHECK;
/* With everything in it. */
lt_status lt_store_remove_database(struct lt_store *store, struct lt_str catalog,
                                   struct lt_str database, struct lt_error *err) LT_MUST_CHECK;
/* An empty `catalog` lists the catalogs. */
lt_status lt_store_databases(struct lt_store *store, struct lt_str catalog, struct lt_arena *arena,
                             uint32_t *n, struct lt_str **names,
                             struct lt_error *err) LT_MUST_CHECK;

/* Settings every new session starts with. An empty value removes. */
lt_status lt_store_put_setting(struct lt_store *store, struct lt_str key, struct lt_str value,
                               struct lt_error *err) LT_MUST_CHECK;
lt_status lt_store_settings(struct lt_store *store, struct lt_arena *arena, uint32_t *n,
                            struct lt_option **options, struct lt_error *err) LT_MUST_CHECK;

/* type_text.c: the text of lt_type_print back into a type. LT_CORRUPT if it is none. */
lt_status lt_type_read(struct lt_str text, struct lt_arena *arena,
                       const struct lt_type **out) LT_MUST_CHECK;
/* object.c: a deep copy, every string NUL-terminated. */
lt_status lt_object_copy(struct lt_arena *arena, const struct lt_object *from,
                         struct lt_object **out) LT_MUST_CHECK;

#endif
