/* play.c -- plays a script once, in one way.
 *
 * The clock is injected and stands still but for `advance` and `idle`. Rows that
 * come before the first `----` count into it, so that what a query says about
 * nothing (the one row of a global aggregate) is part of its first answer.
 *
 * With threads there is no moment when nothing is ready: a script waits, up to a
 * limit, until the rows are those expected, and then a little more. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/engine.h"
#include "tests/runner/runner.h"

enum { IDLE_US = 1000000, THREADS_STEP_MS = 10, THREADS_STEPS_MAX = 1000 };

struct player {
    const struct script *script;
    const struct way *way;
    uint32_t partitions, other; /* other: restored into, in turn */
    struct fault *fault;
    leat_db *db;
    leat_session *session;
    leat_stmt *stmt;
    bool ended; /* the query has given its last row */
    bool ordered, changing;
    bool fed; /* rows were pushed since the last look */
    bool out_of_memory;
    uint64_t late_before; /* counted by runs that were saved */
    int64_t now_us;
    struct rows rows; /* since the last expectation */
    int line;
    char *why;
    size_t why_size;
};

static bool wrong(struct player *p, const char *format, ...)
{
    va_list args;
    int at = snprintf(p->why, p->why_size, "line %d: ", p->line);
    va_start(args, format);
    vsnprintf(p->why + at, p->why_size - (size_t)at, format, args);
    va_end(args);
    return false;
}

/* Memory that ran out ends a play with a fault, and is no failure of it. */
static bool refused(struct player *p, leat_code code)
{
    if (code == LEAT_NOMEM && p->fault->fail_at) {
        p->out_of_memory = true;
        return false;
    }
    return wrong(p, "%s", leat_error_message(p->session));
}

/* ---- allocator and clock ------------------------------------------------------------ */

static void *fault_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    struct fault *fault = ctx;
    if (new_size == 0) {
        atomic_fetch_sub(&fault->live_bytes, old_size);
        free(ptr);
        return NULL;
    }
    if (fault->armed && atomic_fetch_add(&fault->count, 1) + 1 == fault->fail_at)
        return NULL;
    void *moved = realloc(ptr, new_size);
    if (moved)
        atomic_fetch_add(&fault->live_bytes, new_size - (ptr ? old_size : 0));
    return moved;
}

static int64_t player_now(void *ctx)
{
    return ((struct player *)ctx)->now_us;
}

/* ---- rows ------------------------------------------------------------------------------ */

static bool collect_row(struct player *p)
{
    uint32_t n = leat_column_count(p->stmt);
    leat_op op = leat_row_op(p->stmt);
    struct row row = {.sign = op == LEAT_DELETE || op == LEAT_UPDATE_BEFORE ? -1 : 1,
                      .n_cells = (int)n,
                      .cells = must(calloc(n + 1, sizeof(char *)))};
    bool ok = true;
    for (uint32_t c = 0; c < n && ok; c++) {
        size_t len;
        const char *text = leat_text(p->stmt, c, &len);
        ok = text || leat_is_null(p->stmt, c);
        row.cells[c] = text ? text_copy(text, len) : NULL;
    }
    rows_add(&p->rows, row);
    if (!ok) /* no memory for the text */
        return refused(p, LEAT_NOMEM);
    return true;
}

/* Runs until nothing is ready any more. */
static leat_code drain_code(struct player *p, bool *ok)
{
    leat_code code = LEAT_WAIT;
    *ok = true;
    p->fed = false;
    for (int quiet = 0; quiet < 2 && !p->ended && p->stmt;) {
        code = leat_step(p->stmt, 0);
        quiet = code == LEAT_WAIT ? quiet + 1 : 0;
        if (code == LEAT_ROW && !(*ok = collect_row(p)))
            return code;
        if (code == LEAT_DONE)
            p->ended = true;
        if (code < 0)
            return code;
    }
    return code;
}

/* Rows come from other threads: until they are those expected (NULL: any). */
static bool drain_threads(struct player *p, const struct step *expected)
{
    char why[256];
    bool same = false;
    for (int i = 0; i < THREADS_STEPS_MAX && !p->ended && p->stmt; i++) {
        leat_code code = leat_step(p->stmt, THREADS_STEP_MS);
        if (code == LEAT_ROW && !collect_row(p))
            return false;
        p->ended = code == LEAT_DONE;
        if (code < 0)
            return refused(p, code);
        if (code != LEAT_WAIT)
            continue;
        bool before = same;
        same = !expected || rows_equal(&expected->rows, &p->rows, p->ordered, why, sizeof(why));
        if (same && before)
            return true;
    }
    return true;
}

static bool drain(struct player *p)
{
    bool ok;
    if (p->way->threads)
        return drain_threads(p, NULL);
    leat_code code = drain_code(p, &ok);
    if (!ok)
        return false;
    return code < 0 ? refused(p, code) : true;
}

/* ---- steps ------------------------------------------------------------------------------ */

static bool run_sql(struct player *p, const char *sql, bool *failed)
{
    leat_stmt *stmt;
    *failed = false;
    leat_code code = leat_prepare(p->session, sql, -1, &stmt, NULL);
    if (code == LEAT_OK && stmt) {
        do {
            code = leat_step(stmt, 1000);
        } while (code == LEAT_ROW || code == LEAT_WAIT);
        leat_finalize(stmt);
    }
    *failed = code < 0;
    return code < 0 ? refused(p, code) : true;
}

static int splits_of(const struct player *p, const char *table, bool *idle)
{
    int most = 1;
    for (size_t i = 0; i < p->script->n_steps; i++) {
        const struct step *step = &p->script->steps[i];
        if (!step->name || strcmp(step->name, table) != 0)
            continue;
        if (step->kind == STEP_FEED && atol(step->split) > most)
            most = (int)atol(step->split);
        *idle |= step->kind == STEP_IDLE;
    }
    return most;
}

static bool make_table(struct player *p, const struct step *step)
{
    bool idle = false, failed;
    int splits = splits_of(p, step->name, &idle);
    size_t size = strlen(step->text) + 200;
    char *sql = must(malloc(size));
    snprintf(sql, size,
             "CREATE TABLE %s WITH ('connector' = 'feed', 'splits' = '%d', "
             "'scan.watermark.idle-timeout' = '%s')",
             step->text, splits, idle ? "1 s" : "0 s");
    bool ok = run_sql(p, sql, &failed);
    free(sql);
    return ok;
}

static bool feed(struct player *p, const struct step *step)
{
    size_t n = step->rows.len;
    int width = n ? step->rows.items[0].n_cells : 0;
    leat_value *values = must(calloc(n * (size_t)width + 1, sizeof(*values)));
    for (size_t r = 0; r < n; r++) {
        if (step->rows.items[r].n_cells != width) {
            free(values);
            return wrong(p, "row %zu has %d cells, the first %d", r + 1,
                         step->rows.items[r].n_cells, width);
        }
        for (int c = 0; c < width; c++) {
            const char *text = step->rows.items[r].cells[c];
            values[r * (size_t)width + (size_t)c] =
                (leat_value){.text = text, .len = text ? strlen(text) : 0};
        }
    }
    leat_code code = LEAT_OK;
    if (n)
        code = leat_push(p->session, step->name, step->split, (uint32_t)width, (uint32_t)n, values);
    free(values);
    p->fed = true;
    return code == LEAT_OK ? true : refused(p, code);
}

/* Between two feeds: into another number of partitions and back. */
static bool restore(struct player *p)
{
    struct lt_error err = {0};
    if (!p->way->restore || !p->stmt || p->ended)
        return true;
    if (p->stmt->run)
        p->late_before += lt_run_late_rows(p->stmt->run);
    lt_status status = stmt_save_and_restore(p->stmt, p->other, &err);
    uint32_t now = p->other;
    p->other = p->partitions;
    p->partitions = now;
    if (status == LT_OK)
        return true;
    return wrong(p, "save and restore: %s %s", lt_status_name(status), err.message);
}

static bool expect_error(struct player *p, const struct step *step, const char *message)
{
    if (strstr(message, step->text) || p->fault->fail_at) /* its text may have found no memory */
        return true;
    return wrong(p, "expected an error with '%s', but got: %s", step->text, message);
}

static void query_close(struct player *p)
{
    leat_finalize(p->stmt);
    p->stmt = NULL;
    p->ended = p->ordered = false;
    p->late_before = 0;
}

static bool query_open(struct player *p, const struct step *step, const struct step *next)
{
    query_close(p);
    feeds_forget(p->db); /* each query has its own input */
    rows_clear(&p->rows);
    leat_code code = leat_prepare(p->session, step->text, -1, &p->stmt, NULL);
    if (code == LEAT_OK)
        p->changing = leat_is_changing(p->stmt);
    bool wants_error = next && next->kind == STEP_ERROR;
    if (!wants_error || (code == LEAT_NOMEM && p->fault->fail_at))
        return code == LEAT_OK ? true : refused(p, code);
    if (code != LEAT_OK)
        return expect_error(p, next, leat_error_message(p->session));
    return true; /* perhaps it fails when it runs: the next step sees */
}

static bool error_step(struct player *p, const struct step *step, bool seen)
{
    bool ok;
    if (seen)
        return true;
    leat_code code = drain_code(p, &ok);
    for (int i = 0; i < THREADS_STEPS_MAX && p->way->threads && ok && code == LEAT_WAIT; i++) {
        usleep(THREADS_STEP_MS * 1000);
        code = drain_code(p, &ok);
    }
    if (!ok || (code == LEAT_NOMEM && p->fault->fail_at))
        return refused(p, LEAT_NOMEM);
    if (code >= 0)
        return wrong(p, "expected an error with '%s', but there was none", step->text);
    bool same = expect_error(p, step, leat_error_message(p->session));
    query_close(p);
    rows_clear(&p->rows);
    return same;
}

static bool expect_rows(struct player *p, const struct step *step)
{
    char why[4096];
    if (p->way->threads ? !drain_threads(p, step) : !drain(p))
        return false;
    for (size_t i = 0; i < step->rows.len; i++)
        if (p->changing && step->rows.items[i].sign == 0)
            return wrong(p, "the result changes: write '+ | ...' or '- | ...'");
    bool same = rows_equal(&step->rows, &p->rows, p->ordered, why, sizeof(why));
    rows_clear(&p->rows);
    if (!same)
        return wrong(p, "%s", why);
    return restore(p);
}

static bool end_step(struct player *p, const struct step *step)
{
    for (size_t i = 0; i < p->script->n_steps; i++) {
        const struct step *table = &p->script->steps[i];
        if (table->kind != STEP_TABLE || (step->name && strcmp(step->name, table->name) != 0))
            continue;
        leat_code code = leat_push_end(p->session, table->name, NULL);
        if (code != LEAT_OK)
            return refused(p, code);
    }
    return true;
}

static bool advance(struct player *p, int64_t us)
{
    if (p->stmt && !drain(p))
        return false;
    p->now_us += us;
    return !p->stmt || drain(p);
}

static bool late_step(struct player *p, const struct step *step)
{
    if (!drain(p))
        return false;
    uint64_t late = p->late_before + (p->stmt && p->stmt->run ? lt_run_late_rows(p->stmt->run) : 0);
    for (int i = 0; p->way->threads && i < THREADS_STEPS_MAX; i++) {
        if (late >= (uint64_t)step->number)
            break;
        usleep(THREADS_STEP_MS * 1000);
        late = p->stmt ? lt_run_late_rows(p->stmt->run) : 0;
    }
    if (late != (uint64_t)step->number)
        return wrong(p, "expected %ld late rows, but there were %llu", step->number,
                     (unsigned long long)late);
    return true;
}

static bool sql_step(struct player *p, const struct step *step, const struct step *next)
{
    bool failed;
    bool ok = step->kind == STEP_TABLE ? make_table(p, step) : run_sql(p, step->text, &failed);
    if (!next || next->kind != STEP_ERROR || p->out_of_memory)
        return ok;
    if (ok) {
        p->line = next->line;
        return wrong(p, "expected an error with '%s', but there was none", next->text);
    }
    return expect_error(p, next, leat_error_message(p->session));
}

static bool play_step(struct player *p, size_t i)
{
    const struct script *script = p->script;
    const struct step *step = &script->steps[i];
    const struct step *next = i + 1 < script->n_steps ? &script->steps[i + 1] : NULL;
    const struct step *before = i ? &script->steps[i - 1] : NULL;
    p->line = step->line;
    switch (step->kind) {
    case STEP_TABLE:
    case STEP_SQL: return sql_step(p, step, next);
    case STEP_QUERY: return query_open(p, step, next);
    case STEP_FEED: return feed(p, step);
    case STEP_END: return end_step(p, step);
    case STEP_ADVANCE: return advance(p, step->amount_us);
    case STEP_NOW: p->now_us = step->amount_us; return true;
    case STEP_IDLE: return advance(p, 2 * IDLE_US);
    case STEP_LATE: return late_step(p, step);
    case STEP_EXPECT: return expect_rows(p, step);
    case STEP_ORDERED: p->ordered = true; return true;
    case STEP_ERROR: {
        bool was_sql = before && (before->kind == STEP_SQL || before->kind == STEP_TABLE);
        bool was_query = before && before->kind == STEP_QUERY && !p->stmt;
        return error_step(p, step, was_sql || was_query);
    }
    }
    return true;
}

/* ---- a whole play ------------------------------------------------------------------------- */

/* After memory ran out once, the same session must still answer. */
static bool still_usable(struct player *p)
{
    leat_stmt *stmt;
    p->fault->armed = false;
    leat_code code = leat_prepare(p->session, "SELECT 1", -1, &stmt, NULL);
    if (code == LEAT_OK) {
        code = leat_step(stmt, 1000);
        bool one = code == LEAT_ROW && leat_int64(stmt, 0) == 1;
        leat_finalize(stmt);
        if (one)
            return true;
    }
    return wrong(p, "after memory ran out SELECT 1 gives code %d: %s", (int)code,
                 leat_error_message(p->session));
}

static bool player_open(struct player *p)
{
    struct lt_error err = {0};
    struct lt_engine_tuning tuning = {
        .batch_rows = p->way->batch_rows, .test_yield = p->way->yield, .seed = p->way->seed};
    leat_config config = {.size = sizeof(config),
                          .parallelism = p->partitions,
                          .threads = p->way->threads ? p->partitions : 0,
                          .now_us = p->way->threads ? NULL : player_now,
                          .now_ctx = p,
                          .resize = fault_resize,
                          .resize_ctx = p->fault};
    if (engine_open(&config, &tuning, &p->db, &err) != LEAT_OK)
        return wrong(p, "cannot open: %s", err.message);
    if (leat_session_open(p->db, &p->session) != LEAT_OK)
        return wrong(p, "cannot open a session");
    return true;
}

bool may_play(const struct script *script, const struct way *way)
{
    for (size_t i = 0; way->threads && i < script->n_steps; i++) {
        enum step_kind kind = script->steps[i].kind;
        if (kind == STEP_ADVANCE || kind == STEP_NOW || kind == STEP_IDLE)
            return false;
    }
    return true;
}

bool play(const struct script *script, const struct way *way, uint32_t partitions,
          struct fault *fault, char *why, size_t why_size)
{
    struct player p = {.script = script,
                       .way = way,
                       .partitions = partitions,
                       .other = partitions == 1 ? 4 : 1,
                       .fault = fault,
                       .now_us = INT64_C(1704067200000000), /* 2024-01-01 */
                       .why = why,
                       .why_size = why_size};
    bool ok = player_open(&p);
    fault->armed = true;
    for (size_t i = 0; i < script->n_steps && ok; i++)
        ok = play_step(&p, i);
    if (ok && p.stmt && !p.ended && (ok = drain(&p)) && p.rows.len)
        ok = wrong(&p, "%zu rows came that nothing expects", p.rows.len);
    query_close(&p);
    rows_clear(&p.rows);
    if (p.out_of_memory)
        ok = still_usable(&p);
    fault->armed = false;
    if (p.session && leat_session_close(p.session) != LEAT_OK && ok)
        ok = wrong(&p, "the session does not close");
    if (leat_close(p.db) != LEAT_OK && ok)
        ok = wrong(&p, "the database does not close");
    if (fault->live_bytes && ok)
        ok = wrong(&p, "%zu bytes leaked", (size_t)fault->live_bytes);
    return ok;
}
