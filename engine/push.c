/* push.c -- leat_push, leat_push_arrow and leat_push_end: rows from the embedding program. */
#include "engine/engine.h"

static lt_status table_find(struct leat_session *session, const char *table, struct lt_arena *arena,
                            const struct lt_object **out)
{
    struct lt_str name = lt_str_of(table);
    return lt_catalog_find(session->catalog, 1, &name, LT_NOWHERE, arena, out, &session->error);
}

leat_code leat_push(leat_session *session, const char *table, const char *split, uint32_t n_columns,
                    uint32_t n_rows, const leat_value *rows)
{
    const struct lt_object *object;
    const struct lt_tz *zone;
    struct lt_arena arena;
    lt_error_clear(&session->error);
    lt_arena_init(&arena, &session->db->alloc);
    lt_status status = table_find(session, table, &arena, &object);
    if (status == LT_OK)
        status =
            engine_find_zone(session->db, lt_setting_get(session->catalog, "table.local-time-zone"),
                             &zone, &session->error);
    if (status == LT_OK)
        status = feed_push(session->db, object, lt_str_of(split), n_columns, n_rows, rows, zone,
                           &session->error);
    lt_arena_close(&arena);
    if (status == LT_BUSY)
        return LEAT_FULL;
    return session_result(session, status);
}

leat_code leat_push_arrow(leat_session *session, const char *table, const char *split,
                          const struct ArrowSchema *schema, struct ArrowArray *array)
{
    const struct lt_object *object;
    struct lt_arena arena;
    lt_error_clear(&session->error);
    lt_arena_init(&arena, &session->db->alloc);
    lt_status status = table_find(session, table, &arena, &object);
    if (status == LT_OK)
        status = feed_push_arrow(session->db, object, lt_str_of(split), schema, array,
                                 &session->error);
    lt_arena_close(&arena);
    if (status == LT_BUSY)
        return LEAT_FULL;
    return session_result(session, status);
}

leat_code leat_push_end(leat_session *session, const char *table, const char *split)
{
    const struct lt_object *object;
    struct lt_arena arena;
    lt_error_clear(&session->error);
    lt_arena_init(&arena, &session->db->alloc);
    lt_status status = table_find(session, table, &arena, &object);
    if (status == LT_OK)
        status = feed_end(session->db, object, lt_str_of(split), &session->error);
    lt_arena_close(&arena);
    return session_result(session, status);
}
