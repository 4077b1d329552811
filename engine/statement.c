/* statement.c -- leat_stmt: from text to a running plan, and its end.
 *
 * A statement is READY after leat_prepare, RUNNING from its first step on, then
 * DONE or FAILED. Commands (DDL, SHOW, SET) do their work in the first step; a
 * SELECT is read from its queue (result.c); an INSERT from unbounded input hands
 * its run to the session and is done. */
#include "engine/engine.h"

const struct lt_plan_node *plan_output(const struct lt_plan *plan)
{
    for (uint32_t i = 0; plan && i < plan->n_roots; i++)
        if (plan->roots[i]->kind == LT_NODE_OUTPUT)
            return plan->roots[i];
    return NULL;
}

/* ---- prepare ---------------------------------------------------------------- */

lt_status stmt_plan(struct leat_stmt *stmt, const struct lt_ast_stmt *ast, uint32_t parallelism,
                    struct lt_error *err)
{
    struct leat_session *session = stmt->session;
    struct lt_planner_env env;
    struct lt_fold fold;
    LT_TRY(session_planner(session, &env, &fold, err));
    struct lt_str mode = lt_setting_get(session->catalog, "sql-client.execution.result-mode");
    stmt->changelog = lt_str_equal_nocase(mode, LT_STR("changelog"));
    env.want_changelog = stmt->changelog;
    if (parallelism > 0)
        env.parallelism = parallelism;
    if (ast->n_parameters > 0)
        return lt_fail_at(err, LT_UNSUPPORTED, ast->pos,
                          "not supported yet: ? parameters; write the value into the text");
    LT_TRY(lt_plan_statement(&env, ast, &stmt->plan, err));
    for (uint32_t i = 0; i < stmt->plan->n_notices; i++)
        LT_TRY(session_notice(session, stmt->plan->notices[i]));
    return LT_OK;
}

static lt_status stmt_prepare(struct leat_stmt *stmt, struct lt_error *err)
{
    switch (stmt->ast->kind) {
    case LT_AST_STMT_QUERY:
    case LT_AST_STMT_INSERT:
    case LT_AST_STMT_STATEMENT_SET: return stmt_plan(stmt, stmt->ast, 0, err);
    default: return command_prepare(stmt, err);
    }
}

static void stmt_free(struct leat_stmt *stmt)
{
    struct leat_session *session = stmt->session;
    if (stmt->run) {
        struct lt_error ignored = {0};
        bool running = lt_run_status(stmt->run, &ignored) == LT_RUN_RUNNING;
        engine_detach(session->db, stmt->run, running);
    }
    if (stmt->queue_open) {
        result_free(&stmt->queue, stmt->chunk);
        result_close(&stmt->queue);
    }
    lt_plan_close(stmt->plan);
    for (struct old_plan *old = stmt->old_plans; old; old = old->next)
        lt_plan_close(old->plan);
    lt_buf_close(&stmt->text);
    lt_buf_close(&stmt->type_text);
    lt_arena_close(&stmt->arena);
    lt_alloc_put(&session->db->alloc, stmt, sizeof(*stmt));
    session->n_stmts--;
}

leat_code leat_prepare(leat_session *session, const char *sql, ptrdiff_t len, leat_stmt **out,
                       const char **tail)
{
    struct lt_alloc *alloc = &session->db->alloc;
    size_t size = len < 0 ? strlen(sql) : (size_t)len, offset = 0;
    *out = NULL;
    if (tail)
        *tail = sql + size;
    lt_error_clear(&session->error);
    struct leat_stmt *stmt = lt_alloc_zero(alloc, sizeof(*stmt));
    if (!stmt)
        return session_result(session, LT_NOMEM);
    stmt->session = session;
    session->n_stmts++;
    lt_arena_init(&stmt->arena, alloc);
    lt_buf_init(&stmt->text, alloc);
    lt_buf_init(&stmt->type_text, alloc);
    lt_status status = lt_parse_next(sql, size, &offset, &stmt->arena, &stmt->ast, &session->error);
    if (tail && (status == LT_OK || offset > 0))
        *tail = sql + offset;
    if (status == LT_OK && stmt->ast)
        status = stmt_prepare(stmt, &session->error);
    if (status != LT_OK || !stmt->ast)
        stmt_free(stmt);
    else
        *out = stmt;
    return session_result(session, status);
}

bool leat_complete(const char *sql, size_t len)
{
    return lt_parse_is_complete(sql, len);
}

void leat_finalize(leat_stmt *stmt)
{
    if (stmt)
        stmt_free(stmt);
}

/* ---- start -------------------------------------------------------------------- */

static enum result_mode mode_of(const struct leat_stmt *stmt, const struct lt_plan_node *output)
{
    if (stmt->changelog || !stmt->plan->bounded)
        return output->props.changing ? RESULT_CHANGES : RESULT_STREAM;
    if (output->props.changing || output->u.output.n_order > 0 || output->u.output.offset > 0 ||
        output->u.output.limit >= 0)
        return RESULT_FINAL;
    return RESULT_STREAM;
}

/* The INSERT goes on without its statement. */
static lt_status to_background(struct leat_stmt *stmt)
{
    struct leat_session *session = stmt->session;
    struct engine_job *job = lt_alloc_zero(&session->db->alloc, sizeof(*job));
    if (!job)
        return LT_NOMEM;
    job->plan = stmt->plan;
    job->run = stmt->run;
    job->next = session->jobs;
    session->jobs = job;
    atomic_fetch_add(&session->db->n_running, 1);
    stmt->plan = NULL;
    stmt->run = NULL;
    stmt->state = STMT_DONE;
    return LT_OK;
}

lt_status stmt_insert_start(struct leat_stmt *stmt, struct lt_error *err)
{
    struct leat_session *session = stmt->session;
    LT_TRY(engine_attach(session->db, stmt->plan, NULL, NULL, &stmt->run, err));
    stmt->state = STMT_RUNNING;
    struct lt_str sync = lt_setting_get(session->catalog, "table.dml-sync");
    if (stmt->plan->bounded || lt_str_equal_nocase(sync, LT_STR("true")))
        return LT_OK;
    return to_background(stmt);
}

static lt_status query_start(struct leat_stmt *stmt, struct lt_error *err)
{
    struct leat_session *session = stmt->session;
    struct leat_db *db = session->db;
    const struct lt_plan_node *output = plan_output(stmt->plan);
    if (!output)
        return stmt_insert_start(stmt, err);
    size_t bytes_max = (size_t)lt_setting_int(session->catalog, "leat.result.queue-bytes");
    LT_TRY(result_open(&stmt->queue, &db->alloc, mode_of(stmt, output), output, bytes_max,
                       db->config.threads > 0, err));
    stmt->queue_open = true;
    struct lt_output_sink sink = result_sink(&stmt->queue);
    LT_TRY(engine_attach(db, stmt->plan, &sink, NULL, &stmt->run, err));
    stmt->state = STMT_RUNNING;
    return LT_OK;
}

static lt_status stmt_start(struct leat_stmt *stmt, struct lt_error *err)
{
    if (stmt->plan && stmt->ast->kind != LT_AST_STMT_EXPLAIN)
        return query_start(stmt, err);
    stmt->state = STMT_DONE;
    return command_run(stmt, err);
}

/* ---- step ---------------------------------------------------------------------- */

/* Looks for news without running anything. *code is ROW, DONE or WAIT. */
static lt_status query_look(struct leat_stmt *stmt, leat_code *code, struct lt_error *err)
{
    bool ended, failed;
    if (stmt->chunk && ++stmt->chunk_at < stmt->chunk->n_rows) {
        *code = LEAT_ROW;
        return LT_OK;
    }
    result_free(&stmt->queue, stmt->chunk);
    stmt->chunk = NULL;
    do {
        stmt->chunk = result_take(&stmt->queue, &ended, &failed);
        if (stmt->chunk && stmt->chunk->n_rows == 0) {
            result_free(&stmt->queue, stmt->chunk);
            stmt->chunk = NULL;
            continue;
        }
        break;
    } while (true);
    stmt->chunk_at = 0;
    if (failed) {
        *err = stmt->queue.error;
        return err->code;
    }
    *code = stmt->chunk ? LEAT_ROW : ended ? LEAT_DONE : LEAT_WAIT;
    return LT_OK;
}

static lt_status insert_look(struct leat_stmt *stmt, leat_code *code, struct lt_error *err)
{
    struct lt_error error = {0};
    switch (lt_run_status(stmt->run, &error)) {
    case LT_RUN_RUNNING: *code = LEAT_WAIT; return LT_OK;
    case LT_RUN_FINISHED: *code = LEAT_DONE; return LT_OK;
    case LT_RUN_CANCELLED: return lt_fail(err, LT_INTERRUPTED, "cancelled");
    case LT_RUN_FAILED: break;
    }
    *err = error;
    return error.code == LT_OK ? LT_NOMEM : error.code;
}

static lt_status look(struct leat_stmt *stmt, leat_code *code, struct lt_error *err)
{
    return stmt->queue_open ? query_look(stmt, code, err) : insert_look(stmt, code, err);
}

static lt_status wait_for(struct leat_stmt *stmt, int timeout_ms, leat_code *code,
                          struct lt_error *err)
{
    struct leat_session *session = stmt->session;
    struct leat_db *db = session->db;
    int64_t deadline_us = INT64_MAX, wait_us = 0;
    if (timeout_ms >= 0 && !db->config.now_us)
        deadline_us = engine_now_us(db) + (int64_t)timeout_ms * 1000;
    for (;;) {
        LT_TRY(look(stmt, code, err));
        if (*code != LEAT_WAIT)
            return LT_OK;
        if (session_interrupted(session))
            return lt_fail(err, LT_INTERRUPTED, "interrupted");
        lt_status status = engine_pump(db, &wait_us, err);
        if (status == LT_INTERRUPTED) /* perhaps another session's; ours is seen above */
            lt_error_clear(err);
        else if (status != LT_OK)
            return status;
        LT_TRY(look(stmt, code, err));
        if (*code != LEAT_WAIT)
            return LT_OK;
        if (timeout_ms == 0 || (db->config.now_us && wait_us > 0))
            return LT_OK;
        int64_t left_us = deadline_us == INT64_MAX ? INT64_MAX : deadline_us - engine_now_us(db);
        if (left_us <= 0)
            return LT_OK;
        if (wait_us > left_us || db->config.threads > 0)
            wait_us = left_us;
        if (wait_us > 0)
            session_sleep(session, stmt->queue_open ? stmt->queue.fd : -1,
                          stmt->queue_open || db->config.threads == 0 || wait_us < 1000 ? wait_us
                                                                                        : 1000);
    }
}

leat_code leat_step(leat_stmt *stmt, int timeout_ms)
{
    struct leat_session *session = stmt->session;
    leat_code code = LEAT_DONE;
    lt_status status = LT_OK;
    lt_error_clear(&session->error);
    if (stmt->state == STMT_FAILED)
        return session_result(
            session, lt_fail(&session->error, LT_MISUSE, "the statement has failed; finalize it"));
    if (stmt->state == STMT_READY)
        status = stmt_start(stmt, &session->error);
    if (status == LT_OK && stmt->is_local) {
        if (stmt->local.at >= stmt->local.n_rows)
            return LEAT_DONE;
        stmt->local.at++;
        return LEAT_ROW;
    }
    if (status == LT_OK && stmt->state == STMT_RUNNING)
        status = wait_for(stmt, timeout_ms, &code, &session->error);
    if (status == LT_INTERRUPTED && stmt->state == STMT_RUNNING)
        return session_result(session, status); /* may be stepped again */
    if (status != LT_OK) {
        stmt->state = STMT_FAILED;
        return session_result(session, status);
    }
    return code;
}

int leat_wait_fd(leat_stmt *stmt)
{
    return stmt->queue_open ? stmt->queue.fd : -1;
}

/* ---- save and restore ------------------------------------------------------------ */

lt_status stmt_save_and_restore(struct leat_stmt *stmt, uint32_t parallelism, struct lt_error *err)
{
    struct leat_db *db = stmt->session->db;
    struct lt_run_image *image = NULL;
    if (stmt->state != STMT_RUNNING || !stmt->queue_open)
        return LT_OK;
    struct old_plan *old = LT_ARENA_NEW(&stmt->arena, struct old_plan);
    if (!old)
        return LT_NOMEM;
    LT_TRY(lt_run_save(stmt->run, &image, err));
    engine_detach(db, stmt->run, true);
    stmt->run = NULL;
    *old = (struct old_plan){.plan = stmt->plan, .next = stmt->old_plans};
    stmt->old_plans = old;
    stmt->plan = NULL;
    lt_status status = stmt_plan(stmt, stmt->ast, parallelism, err);
    if (status == LT_OK) {
        pthread_mutex_lock(&stmt->queue.lock);
        stmt->queue.output = plan_output(stmt->plan);
        stmt->queue.ended = stmt->queue.failed = false; /* as the old run's cancel said */
        pthread_mutex_unlock(&stmt->queue.lock);
        struct lt_output_sink sink = result_sink(&stmt->queue);
        status = engine_attach(db, stmt->plan, &sink, image, &stmt->run, err);
    }
    lt_run_image_free(image);
    return status;
}
