/* session.c -- leat_session: settings, last error, notices, what runs on behind it. */
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "engine/engine.h"
#include "exec/program.h"

/* ---- open and close ------------------------------------------------------ */

static void notices_free(struct leat_session *session, struct engine_notice **list)
{
    while (*list) {
        struct engine_notice *notice = *list;
        *list = notice->next;
        lt_alloc_put(&session->db->alloc, notice, notice->size);
    }
}

static void session_free(struct leat_session *session)
{
    struct leat_db *db = session->db;
    notices_free(session, &session->notices);
    notices_free(session, &session->taken);
    lt_catalog_session_close(session->catalog);
    if (session->pool)
        lt_pool_close(session->pool);
    if (session->wake_fd >= 0)
        close(session->wake_fd);
    lt_alloc_put(&db->alloc, session, sizeof(*session));
}

leat_code leat_session_open(leat_db *db, leat_session **out)
{
    *out = NULL;
    struct leat_session *session = lt_alloc_zero(&db->alloc, sizeof(*session));
    if (!session)
        return LEAT_NOMEM;
    session->db = db;
    session->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    lt_status status = session->wake_fd < 0 ? LT_IO : LT_OK;
    if (status == LT_OK)
        status = lt_catalog_session_open(db->catalog, &session->catalog);
    if (status == LT_OK)
        status = lt_pool_open(&db->alloc, &session->pool);
    if (status != LT_OK) {
        session_free(session);
        return engine_code(status);
    }
    pthread_mutex_lock(&db->lock);
    db->n_sessions++;
    pthread_mutex_unlock(&db->lock);
    *out = session;
    return LEAT_OK;
}

static void job_free(struct leat_session *session, struct engine_job *job, bool cancel)
{
    engine_detach(session->db, job->run, cancel);
    lt_plan_close(job->plan);
    lt_alloc_put(&session->db->alloc, job, sizeof(*job));
    atomic_fetch_sub(&session->db->n_running, 1);
}

leat_code leat_session_close(leat_session *session)
{
    if (!session)
        return LEAT_OK;
    struct leat_db *db = session->db;
    if (session->n_stmts > 0)
        return LEAT_BUSY;
    while (session->jobs) {
        struct engine_job *job = session->jobs;
        session->jobs = job->next;
        job_free(session, job, true);
    }
    session_free(session);
    pthread_mutex_lock(&db->lock);
    db->n_sessions--;
    pthread_mutex_unlock(&db->lock);
    return LEAT_OK;
}

leat_code leat_set(leat_session *session, const char *key, const char *value)
{
    struct lt_str notice = LT_STR("");
    struct lt_arena arena;
    lt_error_clear(&session->error);
    lt_arena_init(&arena, &session->db->alloc);
    lt_status status = lt_setting_set(session->catalog, lt_str_of(key), lt_str_of(value), &arena,
                                      &notice, &session->error);
    if (status == LT_OK && notice.len)
        status = session_notice(session, notice);
    lt_arena_close(&arena);
    return session_result(session, status);
}

leat_code leat_set_default(leat_session *session, const char *key, const char *value)
{
    lt_error_clear(&session->error);
    return session_result(session, lt_setting_store(session->catalog, lt_str_of(key),
                                                    lt_str_of(value), &session->error));
}

/* ---- errors and notices --------------------------------------------------- */

/* Makes sure that the last error agrees with the code handed out. */
leat_code session_result(struct leat_session *session, lt_status status)
{
    size_t budget = session->db->config.memory_bytes;
    if (status != LT_OK && session->error.message[0] == '\0') {
        lt_error_clear(&session->error);
        if (status == LT_NOMEM && budget > 0)
            lt_fail(&session->error, status, "out of memory: the database may use %zu bytes",
                    budget);
        else
            lt_fail(&session->error, status, "%s",
                    status == LT_NOMEM ? "out of memory" : lt_status_name(status));
    }
    if (status != LT_OK)
        session->error.code = status;
    return engine_code(status);
}

leat_code leat_error_code(const leat_session *session)
{
    return engine_code(session->error.code);
}

const char *leat_error_message(const leat_session *session)
{
    return session->error.message;
}

void leat_error_place(const leat_session *session, uint32_t *line, uint32_t *column, size_t *offset,
                      size_t *len)
{
    const struct lt_pos *pos = &session->error.pos;
    if (line)
        *line = pos->line;
    if (column)
        *column = pos->column;
    if (offset)
        *offset = pos->offset;
    if (len)
        *len = pos->len;
}

lt_status session_notice(struct leat_session *session, struct lt_str text)
{
    size_t size = sizeof(struct engine_notice) + text.len + 1;
    struct engine_notice *notice = lt_alloc_zero(&session->db->alloc, size);
    if (!notice)
        return LT_NOMEM;
    notice->size = size;
    memcpy(notice->text, text.data, text.len);
    struct engine_notice **at = &session->notices;
    while (*at)
        at = &(*at)->next;
    *at = notice;
    return LT_OK;
}

const char *leat_notice(leat_session *session)
{
    notices_free(session, &session->taken);
    struct engine_notice *notice = session->notices;
    if (!notice)
        return NULL;
    session->notices = notice->next;
    notice->next = NULL;
    session->taken = notice;
    return notice->text;
}

/* ---- waiting -------------------------------------------------------------- */

void leat_interrupt(leat_session *session)
{
    int saved = errno; /* this may be a signal handler */
    uint64_t one = 1;
    atomic_store(&session->interrupted, true);
    if (session->db->config.threads == 0)
        lt_graph_interrupt(session->db->graph);
    ssize_t written = write(session->wake_fd, &one, sizeof(one));
    LT_UNUSED(written); /* full means awake already */
    errno = saved;
}

bool session_interrupted(struct leat_session *session)
{
    uint64_t count;
    if (!atomic_exchange(&session->interrupted, false))
        return false;
    ssize_t got = read(session->wake_fd, &count, sizeof(count));
    LT_UNUSED(got);
    return true;
}

void session_sleep(struct leat_session *session, int fd, int64_t us)
{
    struct pollfd fds[2] = {{.fd = session->wake_fd, .events = POLLIN},
                            {.fd = fd, .events = POLLIN}};
    int64_t ms = us < 0 ? -1 : us / 1000 + (us % 1000 != 0);
    if (ms > 1000) /* a source may be ready without a word; look now and then */
        ms = 1000;
    (void)poll(fds, fd >= 0 ? 2 : 1, ms < 0 ? 1000 : (int)ms);
}

/* The state of one background INSERT; ended ones leave the list. */
static lt_status job_poll(struct leat_session *session, struct engine_job **at, bool *ended)
{
    struct engine_job *job = *at;
    struct lt_error err = {0};
    enum lt_run_state state = lt_run_status(job->run, &err);
    *ended = state != LT_RUN_RUNNING;
    if (!*ended)
        return LT_OK;
    *at = job->next;
    job_free(session, job, state != LT_RUN_FINISHED);
    if (state != LT_RUN_FAILED)
        return LT_OK;
    session->error = err;
    return err.code == LT_OK ? LT_NOMEM : err.code;
}

static lt_status jobs_poll(struct leat_session *session)
{
    for (struct engine_job **at = &session->jobs; *at;) {
        bool ended;
        LT_TRY(job_poll(session, at, &ended));
        if (!ended)
            at = &(*at)->next;
    }
    return LT_OK;
}

leat_code leat_wait(leat_session *session, int timeout_ms)
{
    struct leat_db *db = session->db;
    int64_t left_us = timeout_ms < 0 ? INT64_MAX : (int64_t)timeout_ms * 1000;
    lt_error_clear(&session->error);
    for (;;) {
        int64_t wait_us = 0;
        lt_status status = engine_pump(db, &wait_us, &session->error);
        if (status == LT_INTERRUPTED) /* perhaps another session's; ours is seen below */
            lt_error_clear(&session->error);
        if (status == LT_OK || status == LT_INTERRUPTED)
            status = jobs_poll(session);
        if (status != LT_OK)
            return session_result(session, status);
        if (!session->jobs)
            return LEAT_DONE;
        if (session_interrupted(session))
            return session_result(session, lt_fail(&session->error, LT_INTERRUPTED, "interrupted"));
        if (left_us <= 0 || (db->config.now_us && wait_us > 0))
            return LEAT_WAIT;
        if (db->config.threads > 0)
            wait_us = 10000;
        if (wait_us > left_us)
            wait_us = left_us;
        if (wait_us > 0)
            session_sleep(session, -1, wait_us);
        if (left_us != INT64_MAX)
            left_us -= wait_us > 1000 ? wait_us : 1000;
    }
}

/* ---- what the planner sees ------------------------------------------------ */

static lt_status fold_expr(const struct lt_fold *fold, const struct lt_expr *expr,
                           struct lt_column **out, struct lt_error *err)
{
    struct leat_session *session = fold->ctx;
    const struct lt_tz *zone;
    LT_TRY(engine_find_zone(session->db, lt_setting_get(session->catalog, "table.local-time-zone"),
                            &zone, err));
    return lt_expr_fold(&session->db->alloc, session->pool, expr, zone, out, err);
}

uint32_t session_parallelism(const struct leat_session *session)
{
    int64_t asked = lt_setting_int(session->catalog, "parallelism.default");
    if (asked > 0)
        return (uint32_t)asked;
    if (session->db->config.parallelism > 0)
        return session->db->config.parallelism;
    return session->db->config.threads > 0 ? session->db->config.threads : 1;
}

lt_status session_planner(struct leat_session *session, struct lt_planner_env *env,
                          struct lt_fold *fold, struct lt_error *err)
{
    *fold = (struct lt_fold){.fold = fold_expr, .ctx = session};
    *env = (struct lt_planner_env){
        .alloc = &session->db->alloc,
        .pool = session->pool,
        .catalog = session->catalog,
        .functions = &engine_functions,
        .connectors = &session->db->registry.base,
        .fold = fold,
        .find_zone = engine_find_zone,
        .find_zone_ctx = session->db,
        .statement_us = engine_now_us(session->db),
        .parallelism = session_parallelism(session),
    };
    return engine_find_zone(session->db, lt_setting_get(session->catalog, "table.local-time-zone"),
                            &env->zone, err);
}
