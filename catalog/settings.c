/* settings.c -- the keys of SET: one table of descriptors.
 *
 * A key is honoured, or it is one of Flink's that has no meaning here: then it
 * is accepted, so that a script moves over unchanged, and the user is told. Keys
 * nobody knows are refused, because a misspelt one would else do nothing. */
#include "base/tz.h"
#include "catalog/session.h"

enum setting_type {
    SETTING_TEXT,
    SETTING_BOOLEAN,
    SETTING_INT,
    SETTING_DURATION,
    SETTING_ZONE,
    SETTING_CHOICE
};

struct setting {
    const char *key; /* ending in ".*": every key that starts so */
    enum setting_type type;
    const char *fallback;
    const char *choices; /* "a|b" */
    int64_t min, max;
    bool ignored; /* accepted with a notice */
};

/* By key. */
static const struct setting settings[] = {
    {"execution.checkpointing.*", SETTING_TEXT, "", .ignored = true},
    {"execution.checkpointing.interval", SETTING_DURATION, "", .ignored = true},
    {"execution.runtime-mode", SETTING_CHOICE, "streaming", "streaming|batch|automatic"},
    {"execution.target", SETTING_TEXT, "", .ignored = true},
    {"jobmanager.*", SETTING_TEXT, "", .ignored = true},
    {"leat.history.epochs", SETTING_INT, "1000", .min = 0, .max = 1000000000, .ignored = true},
    {"leat.result.queue-bytes", SETTING_INT, "4194304", .min = 4096, .max = INT64_C(1) << 40},
    {"parallelism.default", SETTING_INT, "", .min = 1, .max = 256},
    {"pipeline.*", SETTING_TEXT, "", .ignored = true},
    {"pipeline.auto-watermark-interval", SETTING_DURATION, "200 ms", .ignored = true},
    {"pipeline.name", SETTING_TEXT, "", .ignored = true},
    {"pipeline.object-reuse", SETTING_BOOLEAN, "false", .ignored = true},
    {"restart-strategy", SETTING_TEXT, "", .ignored = true},
    {"restart-strategy.*", SETTING_TEXT, "", .ignored = true},
    {"sql-client.execution.max-table-result.rows", SETTING_INT, "1000000", .min = 1,
     .max = INT64_MAX, .ignored = true},
    {"sql-client.execution.result-mode", SETTING_CHOICE, "table", "table|changelog|tableau"},
    {"sql-client.verbose", SETTING_BOOLEAN, "false", .ignored = true},
    {"state.*", SETTING_TEXT, "", .ignored = true},
    {"table.dml-sync", SETTING_BOOLEAN, "false"},
    {"table.exec.async-lookup.*", SETTING_TEXT, "", .ignored = true},
    {"table.exec.mini-batch.allow-latency", SETTING_DURATION, "0 ms", .ignored = true},
    {"table.exec.mini-batch.enabled", SETTING_BOOLEAN, "false", .ignored = true},
    {"table.exec.mini-batch.size", SETTING_INT, "-1", .min = -1, .max = INT64_MAX, .ignored = true},
    {"table.exec.resource.*", SETTING_TEXT, "", .ignored = true},
    {"table.exec.sink.*", SETTING_TEXT, "", .ignored = true},
    {"table.exec.source.idle-timeout", SETTING_DURATION, ""},
    {"table.exec.state.ttl", SETTING_DURATION, "0 ms"},
    {"table.local-time-zone", SETTING_ZONE, "UTC"},
    {"table.optimizer.*", SETTING_TEXT, "", .ignored = true},
    {"table.optimizer.agg-phase-strategy", SETTING_CHOICE, "auto", "auto|two_phase|one_phase"},
    {"table.optimizer.distinct-agg.split.enabled", SETTING_CHOICE, "auto", "auto|true|false"},
    {"table.sql-dialect", SETTING_CHOICE, "default", "default", .ignored = true},
    {"taskmanager.*", SETTING_TEXT, "", .ignored = true},
};

static const struct setting *setting_find(struct lt_str key)
{
    const struct setting *family = NULL;
    for (size_t i = 0; i < LT_ARRAY_LEN(settings); i++) {
        struct lt_str name = lt_str_of(settings[i].key);
        if (lt_str_equal(name, key))
            return &settings[i];
        if (name.data[name.len - 1] == '*' && key.len >= name.len &&
            memcmp(name.data, key.data, name.len - 1) == 0)
            family = &settings[i];
    }
    return family;
}

static lt_status unknown_key(struct lt_str key, struct lt_error *err)
{
    struct lt_nearest nearest;
    lt_nearest_init(&nearest, key);
    nearest.distance = 8; /* keys are long */
    for (size_t i = 0; i < LT_ARRAY_LEN(settings); i++)
        lt_nearest_offer(&nearest, lt_str_of(settings[i].key));
    if (nearest.best.len)
        return lt_fail(err, LT_INVALID, "unknown setting '%.*s'; did you mean '%.*s'?",
                       LT_STR_ARG(key), LT_STR_ARG(nearest.best));
    return lt_fail(err, LT_INVALID, "unknown setting '%.*s'", LT_STR_ARG(key));
}

/* ---- values ------------------------------------------------------------ */

static bool parse_int(struct lt_str text, int64_t *out)
{
    int64_t value = 0;
    bool negative = text.len > 1 && text.data[0] == '-';
    size_t i = negative;
    for (; i < text.len; i++) {
        int digit = text.data[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value))
            return false;
    }
    if (text.len == 0 || (!negative && value == INT64_MIN))
        return false;
    *out = negative ? value : -value;
    return true;
}

static bool choice_has(const char *choices, struct lt_str value)
{
    for (const char *at = choices; *at;) {
        size_t len = strcspn(at, "|");
        if (lt_str_equal_nocase((struct lt_str){at, len}, value))
            return true;
        at += len + (at[len] == '|');
    }
    return false;
}

static lt_status zone_check(struct lt_alloc *alloc, struct lt_str value, struct lt_error *err)
{
    struct lt_tz *tz;
    LT_TRY(lt_tz_load(alloc, value, &tz, err));
    if (tz != &lt_tz_utc)
        lt_tz_free(alloc, tz);
    return LT_OK;
}

static lt_status value_check(struct lt_alloc *alloc, const struct setting *setting,
                             struct lt_str key, struct lt_str value, struct lt_error *err)
{
    int64_t number;
    switch (setting->type) {
    case SETTING_TEXT: return LT_OK;
    case SETTING_BOOLEAN:
        if (choice_has("true|false", value))
            return LT_OK;
        return lt_fail(err, LT_INVALID, "'%.*s' must be 'true' or 'false', not '%.*s'",
                       LT_STR_ARG(key), LT_STR_ARG(value));
    case SETTING_INT:
        if (parse_int(value, &number) && number >= setting->min && number <= setting->max)
            return LT_OK;
        return lt_fail(
            err, LT_INVALID, "'%.*s' must be a whole number from %lld to %lld, not '%.*s'",
            LT_STR_ARG(key), (long long)setting->min, (long long)setting->max, LT_STR_ARG(value));
    case SETTING_DURATION:
        if (lt_parse_duration_us(value, &number))
            return LT_OK;
        return lt_fail(err, LT_INVALID, "'%.*s' must be a duration such as '10 s', not '%.*s'",
                       LT_STR_ARG(key), LT_STR_ARG(value));
    case SETTING_ZONE: return zone_check(alloc, value, err);
    case SETTING_CHOICE:
        if (choice_has(setting->choices, value))
            return LT_OK;
        return lt_fail(err, LT_INVALID, "'%.*s' must be one of %s, not '%.*s'", LT_STR_ARG(key),
                       setting->choices, LT_STR_ARG(value));
    }
    return LT_OK;
}

/* ---- the session's list ------------------------------------------------- */

static struct session_setting **slot_find(struct lt_catalog_session *session, struct lt_str key)
{
    struct session_setting **at = &session->settings;
    while (*at && lt_str_compare((*at)->key, key) < 0)
        at = &(*at)->next;
    return at;
}

static bool slot_is(struct session_setting *const *at, struct lt_str key)
{
    return *at && lt_str_equal((*at)->key, key);
}

static void slot_drop(struct lt_catalog_session *session, struct session_setting **at)
{
    struct session_setting *old = *at;
    *at = old->next;
    lt_alloc_put(session->catalog->alloc, old, old->size);
}

static lt_status slot_put(struct lt_catalog_session *session, struct lt_str key,
                          struct lt_str value)
{
    size_t size = sizeof(struct session_setting) + key.len + value.len + 2;
    struct session_setting *slot = lt_alloc_zero(session->catalog->alloc, size);
    if (!slot)
        return LT_NOMEM;
    char *text = (char *)(slot + 1);
    memcpy(text, key.data, key.len);
    memcpy(text + key.len + 1, value.data, value.len);
    slot->key = (struct lt_str){text, key.len};
    slot->value = (struct lt_str){text + key.len + 1, value.len};
    slot->size = size;
    struct session_setting **at = slot_find(session, key);
    if (slot_is(at, key))
        slot_drop(session, at);
    slot->next = *at;
    *at = slot;
    return LT_OK;
}

lt_status lt_setting_set(struct lt_catalog_session *session, struct lt_str key, struct lt_str value,
                         struct lt_arena *arena, struct lt_str *notice, struct lt_error *err)
{
    const struct setting *setting = setting_find(key);
    if (!setting)
        return unknown_key(key, err);
    LT_TRY(value_check(session->catalog->alloc, setting, key, value, err));
    LT_TRY(slot_put(session, key, value));
    if (!notice)
        return LT_OK;
    *notice = LT_STR("");
    if (!setting->ignored)
        return LT_OK;
    return lt_arena_printf(
        arena, notice, "setting '%.*s' is accepted, but changes nothing in this version of Leat",
        LT_STR_ARG(key));
}

lt_status lt_setting_reset(struct lt_catalog_session *session, struct lt_str key,
                           struct lt_error *err)
{
    if (key.len == 0) {
        lt_settings_free(session);
        return LT_OK;
    }
    if (!setting_find(key))
        return unknown_key(key, err);
    struct session_setting **at = slot_find(session, key);
    if (slot_is(at, key))
        slot_drop(session, at);
    return LT_OK;
}

void lt_settings_free(struct lt_catalog_session *session)
{
    while (session->settings)
        slot_drop(session, &session->settings);
}

struct lt_str lt_setting_get(const struct lt_catalog_session *session, const char *key)
{
    struct lt_str name = lt_str_of(key);
    for (struct session_setting *at = session->settings; at; at = at->next)
        if (lt_str_equal(at->key, name))
            return at->value;
    const struct setting *setting = setting_find(name);
    return setting ? lt_str_of(setting->fallback) : LT_STR("");
}

int64_t lt_setting_int(const struct lt_catalog_session *session, const char *key)
{
    int64_t value = 0;
    return parse_int(lt_setting_get(session, key), &value) ? value : 0;
}

int64_t lt_setting_duration_us(const struct lt_catalog_session *session, const char *key)
{
    int64_t us = 0;
    return lt_parse_duration_us(lt_setting_get(session, key), &us) ? us : 0;
}

lt_status lt_setting_list(struct lt_catalog_session *session, struct lt_arena *arena, uint32_t *n,
                          struct lt_option **options)
{
    struct lt_option *list = NULL;
    uint32_t len = 0, cap = 0;
    for (struct session_setting *at = session->settings; at; at = at->next) {
        struct lt_option option = {0};
        LT_TRY(lt_arena_str(arena, at->key, &option.key));
        LT_TRY(lt_arena_str(arena, at->value, &option.value));
        LT_TRY(LT_ARENA_PUSH(arena, list, len, cap, option));
    }
    *n = len;
    *options = list;
    return LT_OK;
}

/* ---- defaults kept in the database -------------------------------------- */

lt_status lt_setting_store(struct lt_catalog_session *session, struct lt_str key,
                           struct lt_str value, struct lt_error *err)
{
    const struct setting *setting = setting_find(key);
    if (!setting)
        return unknown_key(key, err);
    if (value.len)
        LT_TRY(value_check(session->catalog->alloc, setting, key, value, err));
    pthread_mutex_lock(&session->catalog->lock);
    lt_status status = lt_store_put_setting(session->catalog->store, key, value, err);
    pthread_mutex_unlock(&session->catalog->lock);
    return status;
}

lt_status lt_settings_load(struct lt_catalog_session *session, struct lt_error *err)
{
    struct lt_arena scratch;
    struct lt_option *options = NULL;
    uint32_t n = 0;
    lt_arena_init(&scratch, session->catalog->alloc);
    pthread_mutex_lock(&session->catalog->lock);
    lt_status status = lt_store_settings(session->catalog->store, &scratch, &n, &options, err);
    pthread_mutex_unlock(&session->catalog->lock);
    for (uint32_t i = 0; i < n && status == LT_OK; i++)
        if (setting_find(options[i].key)) /* a key of an older version may be gone */
            status = slot_put(session, options[i].key, options[i].value);
    lt_arena_close(&scratch);
    return status;
}
