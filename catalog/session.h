/* session.h -- the inside of a catalog and of its sessions: catalog.c, settings.c. */
#ifndef LT_CATALOG_SESSION_H
#define LT_CATALOG_SESSION_H

#include <pthread.h>
#include <stdatomic.h>

#include "catalog/store.h"

struct lt_catalog {
    struct lt_alloc *alloc;
    struct lt_store *store;
    pthread_mutex_t lock; /* around every use of the store */
    _Atomic uint64_t changes;
};

struct temp_object { /* one temporary table, view or function */
    struct lt_arena arena;
    struct lt_object *object;
    struct temp_object *next;
};

struct session_setting { /* a key that was SET; one block with both texts behind it */
    struct lt_str key, value;
    size_t size;
    struct session_setting *next;
};

struct lt_catalog_session {
    struct lt_catalog *catalog;
    struct lt_str current_catalog, current_database; /* owned, NUL-terminated */
    struct temp_object *temporary;
    int64_t next_version; /* of temporary objects: negative, going down */
    struct session_setting *settings;
};

/* settings.c */
lt_status lt_settings_load(struct lt_catalog_session *session, struct lt_error *err) LT_MUST_CHECK;
void lt_settings_free(struct lt_catalog_session *session);

/* nearest.c: the name in the list most like `text`, or empty. */
struct lt_nearest {
    struct lt_str text;
    struct lt_str best;
    unsigned distance;
};
void lt_nearest_init(struct lt_nearest *nearest, struct lt_str text);
void lt_nearest_offer(struct lt_nearest *nearest, struct lt_str candidate);

#endif
