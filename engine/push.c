/* push.c -- leat_push, leat_push_arrow and leat_push_end: rows from the embedding program.
 *
 * A program pushes to the same table again and again, and looking up a name in the
 * catalog takes longer than pushing a few rows. So the session remembers the last
 * table pushed to, for as long as no definition changes. */
#include "engine/engine.h"

static void remember(struct leat_session *session, const char *table, uint64_t stamp,
                     struct engine_feed *feed)
{
    struct engine_fed *fed = &session->fed;
    size_t size = strlen(table) + 1;
    fed->feed = size <= sizeof(fed->name) ? feed : NULL;
    fed->stamp = stamp;
    fed->forgotten = session->db->feeds_forgotten;
    if (fed->feed)
        memcpy(fed->name, table, size);
}

static lt_status table_feed(struct leat_session *session, const char *table,
                            struct engine_feed **out)
{
    const struct engine_fed *fed = &session->fed;
    uint64_t stamp = lt_catalog_stamp(session->catalog);
    if (fed->feed && fed->stamp == stamp && fed->forgotten == session->db->feeds_forgotten &&
        strcmp(fed->name, table) == 0) {
        *out = fed->feed;
        return LT_OK;
    }
    const struct lt_object *object;
    struct lt_str name = lt_str_of(table);
    struct lt_arena arena;
    lt_arena_init(&arena, &session->db->alloc);
    lt_status status =
        lt_catalog_find(session->catalog, 1, &name, LT_NOWHERE, &arena, &object, &session->error);
    if (status == LT_OK)
        status = feed_find(session->db, object, out, &session->error);
    if (status == LT_OK)
        remember(session, table, stamp, *out);
    lt_arena_close(&arena);
    return status;
}

static leat_code push_result(struct leat_session *session, lt_status status)
{
    return status == LT_BUSY ? LEAT_FULL : session_result(session, status);
}

leat_code leat_push(leat_session *session, const char *table, const char *split, uint32_t n_columns,
                    uint32_t n_rows, const leat_value *rows)
{
    struct engine_feed *feed;
    const struct lt_tz *zone;
    lt_error_clear(&session->error);
    lt_status status = table_feed(session, table, &feed);
    if (status == LT_OK)
        status =
            engine_find_zone(session->db, lt_setting_get(session->catalog, "table.local-time-zone"),
                             &zone, &session->error);
    if (status == LT_OK)
        status = feed_push(feed, lt_str_of(split), n_columns, n_rows, rows, zone, &session->error);
    return push_result(session, status);
}

leat_code leat_push_arrow(leat_session *session, const char *table, const char *split,
                          const struct ArrowSchema *schema, struct ArrowArray *array)
{
    struct engine_feed *feed;
    lt_error_clear(&session->error);
    lt_status status = table_feed(session, table, &feed);
    if (status == LT_OK)
        status = feed_push_arrow(feed, lt_str_of(split), schema, array, &session->error);
    return push_result(session, status);
}

leat_code leat_push_end(leat_session *session, const char *table, const char *split)
{
    struct engine_feed *feed;
    lt_error_clear(&session->error);
    lt_status status = table_feed(session, table, &feed);
    if (status == LT_OK)
        status = feed_end(feed, lt_str_of(split), &session->error);
    return session_result(session, status);
}
