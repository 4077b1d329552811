/* engine.h -- the inside of the handles of leat.h; seen by engine/ and by tests only.
 *
 * Lifetimes: the database owns the catalog, the graph, zones and feeds; a session
 * owns the catalog's layer, a pool and the INSERTs that run on; a statement owns
 * its arena, its plan and its result. A plan outlives the run made from it. */
#ifndef LT_ENGINE_ENGINE_H
#define LT_ENGINE_ENGINE_H

#include <pthread.h>

#include "leat.h"

#include "exec/graph.h"
#include "parser/parser.h"
#include "planner/planner.h"

/* What tests turn, beside leat_config. */
struct lt_engine_tuning {
    uint32_t batch_rows; /* 0 = default */
    bool test_yield;
    uint64_t seed;
    size_t ring_bytes;
};

struct engine_feed;     /* feed.c */
struct engine_listener; /* callback.c */

/* The registry handed to connectors, who find the database behind it. */
struct engine_registry {
    struct lt_connector_registry base; /* first */
    struct leat_db *db;
};

struct engine_zone {
    struct lt_tz *tz;
    struct engine_zone *next;
};

struct leat_db {
    struct lt_alloc alloc; /* the root: everything below is charged here */
    struct lt_allocator_hooks hooks;
    struct leat_config config;
    struct lt_clock clock;
    struct lt_catalog *catalog;
    struct lt_graph *graph;
    struct lt_pool *pool; /* handed to the graph's environment */
    struct engine_registry registry;
    pthread_mutex_t lock;       /* zones, feeds, listeners, n_sessions */
    pthread_mutex_t graph_lock; /* attach, detach, pump: one at a time */
    struct engine_zone *zones;
    struct engine_feed *feeds;
    uint64_t feeds_forgotten; /* how often: who keeps a pointer to a feed looks again */
    struct engine_listener *listeners;
    struct lt_hub *hub; /* tables of connector 'memory' */
    uint32_t n_sessions;
    _Atomic uint32_t n_running; /* INSERTs in the background */
};

struct engine_notice {
    struct engine_notice *next;
    size_t size;
    char text[];
};

/* An INSERT from unbounded input that its statement has left running. */
struct engine_job {
    struct engine_job *next;
    struct lt_plan *plan;
    struct lt_run *run;
};

struct leat_session {
    struct leat_db *db;
    struct lt_catalog_session *catalog;
    struct lt_pool *pool;
    struct lt_error error;
    struct engine_notice *notices; /* oldest first */
    struct engine_notice *taken;   /* what leat_notice last returned */
    struct engine_job *jobs;
    uint32_t n_stmts;
    struct engine_fed { /* the table pushed to last, as long as its name means the same */
        struct engine_feed *feed;
        uint64_t stamp, forgotten;
        char name[64];
    } fed;
    _Atomic bool interrupted;
    int wake_fd; /* eventfd: leat_interrupt ends a wait */
};

/* ---- results ------------------------------------------------------------ */

enum result_mode {
    RESULT_STREAM,  /* append-only: rows leave as they come */
    RESULT_CHANGES, /* changes leave at the end of an epoch */
    RESULT_FINAL,   /* the final table leaves at the end */
};

struct result_row {
    const struct lt_batch *batch; /* kept by the chunk's or the collector's list */
    uint32_t row;
    leat_op op;
};

struct result_chunk { /* rows ready to be read, in order */
    struct result_chunk *next;
    size_t size, bytes;
    uint32_t n_batches, n_rows;
    struct lt_batch **batches;
    struct result_row rows[];
};

struct result_queue {
    struct lt_alloc *alloc;
    struct lt_pool *pool; /* taken from under the lock only */
    enum result_mode mode;
    const struct lt_plan_node *output; /* the OUTPUT node */
    size_t bytes_max;
    pthread_mutex_t lock;
    int fd; /* eventfd; -1 = nobody waits on one */
    struct result_chunk *head, **tail;
    size_t bytes;
    struct lt_batch **pending; /* of the open epoch, or of the whole result */
    uint32_t n_pending, cap_pending;
    bool ended, failed;
    struct lt_error error;
};

lt_status result_open(struct result_queue *queue, struct lt_alloc *alloc, enum result_mode mode,
                      const struct lt_plan_node *output, size_t bytes_max, bool want_fd,
                      struct lt_error *err) LT_MUST_CHECK;
void result_close(struct result_queue *queue);
struct lt_output_sink result_sink(struct result_queue *queue);
/* The next chunk (the caller frees it with result_free), or NULL. */
struct result_chunk *result_take(struct result_queue *queue, bool *ended, bool *failed);
void result_free(struct result_queue *queue, struct result_chunk *chunk);

/* changes.c: the net of batches as rows with operations, in the order of SQL.md. */
lt_status changes_arrange(struct lt_alloc *alloc, const struct lt_plan_node *output,
                          enum result_mode mode, struct lt_batch *const *batches,
                          uint32_t n_batches, struct result_row **rows, uint32_t *n_rows,
                          size_t *size) LT_MUST_CHECK;

/* ---- statements --------------------------------------------------------- */

struct old_plan {
    struct lt_plan *plan;
    struct old_plan *next;
};

/* Rows the engine makes itself: SHOW, DESCRIBE, EXPLAIN. */
struct local_rows {
    uint32_t n_columns, n_rows, cap, at; /* at: rows already handed out */
    const char *const *names;
    struct lt_str *cells; /* data NULL = NULL */
};

enum stmt_state { STMT_READY, STMT_RUNNING, STMT_DONE, STMT_FAILED };

struct leat_stmt {
    struct leat_session *session;
    struct lt_arena arena;
    struct lt_ast_stmt *ast;
    enum stmt_state state;
    struct lt_plan *plan; /* SELECT, INSERT, STATEMENT SET; EXPLAIN until it is printed */
    struct lt_run *run;
    struct old_plan *old_plans; /* of a restored statement: rows still refer to their types */
    bool changelog;             /* the changes were asked for, not the final table */
    struct result_queue queue;
    bool queue_open;
    struct result_chunk *chunk; /* being read */
    uint32_t chunk_at;          /* rows of it handed out */
    bool is_local;              /* rows come from `local` */
    struct local_rows local;
    struct lt_buf text;      /* what leat_text returns */
    struct lt_buf type_text; /* what leat_column_type returns */
};

/* db.c */
leat_code engine_open(const leat_config *config, const struct lt_engine_tuning *tuning,
                      leat_db **out, struct lt_error *err);
lt_status engine_find_zone(void *ctx, struct lt_str name, const struct lt_tz **out,
                           struct lt_error *err) LT_MUST_CHECK;
leat_code engine_code(lt_status status);
/* Pumps once, if caller-driven. */
lt_status engine_pump(struct leat_db *db, int64_t *wait_us, struct lt_error *err) LT_MUST_CHECK;
lt_status engine_attach(struct leat_db *db, struct lt_plan *plan,
                        const struct lt_output_sink *output, const struct lt_run_image *image,
                        struct lt_run **run, struct lt_error *err) LT_MUST_CHECK;
void engine_detach(struct leat_db *db, struct lt_run *run, bool cancel);
int64_t engine_now_us(const struct leat_db *db);

/* session.c */
leat_code session_result(struct leat_session *session, lt_status status);
lt_status session_notice(struct leat_session *session, struct lt_str text) LT_MUST_CHECK;
bool session_interrupted(struct leat_session *session); /* and forgets it */
void session_sleep(struct leat_session *session, int fd, int64_t us);
/* The planner's view of the session. */
lt_status session_planner(struct leat_session *session, struct lt_planner_env *env,
                          struct lt_fold *fold, struct lt_error *err) LT_MUST_CHECK;
uint32_t session_parallelism(const struct leat_session *session);

/* statement.c; save and restore are for tests: at an epoch's end, into a new plan
 * of another parallelism. */
lt_status stmt_plan(struct leat_stmt *stmt, const struct lt_ast_stmt *ast, uint32_t parallelism,
                    struct lt_error *err) LT_MUST_CHECK; /* parallelism 0: the session's */
lt_status stmt_save_and_restore(struct leat_stmt *stmt, uint32_t parallelism,
                                struct lt_error *err) LT_MUST_CHECK;
const struct lt_plan_node *plan_output(const struct lt_plan *plan); /* NULL: no SELECT */
/* Starts stmt->plan as an INSERT. */
lt_status stmt_insert_start(struct leat_stmt *stmt, struct lt_error *err) LT_MUST_CHECK;
/* command.c, show.c, alter.c: statements that are done in one step. */
lt_status command_prepare(struct leat_stmt *stmt, struct lt_error *err) LT_MUST_CHECK;
lt_status command_run(struct leat_stmt *stmt, struct lt_error *err) LT_MUST_CHECK;
bool show_handles(const struct lt_ast_stmt *ast);
void show_prepare(struct leat_stmt *stmt);
lt_status show_run(struct leat_stmt *stmt, struct lt_error *err) LT_MUST_CHECK;
lt_status alter_run(struct leat_stmt *stmt, struct lt_error *err) LT_MUST_CHECK;
/* row.c: the columns of a query, NULL when its rows are local. */
const struct lt_schema *stmt_schema(const struct leat_stmt *stmt);
lt_status local_add(struct leat_stmt *stmt, const struct lt_str *cells) LT_MUST_CHECK;
/* A dotted name as parts; at most 3, else LT_INVALID. */
lt_status path_parts(const struct lt_ast_name *name, struct lt_str *parts, uint32_t *n,
                     struct lt_error *err) LT_MUST_CHECK;
/* show_create.c */
/* `added` (may be NULL): what ALTER adds, or puts in the place of columns of the same name. */
void object_to_sql(struct lt_buf *out, const struct lt_object *object, bool full_name,
                   const struct lt_ast_create_table *added);

/* registry.c, callback.c, feed.c, feed_push.c, feed_arrow.c */
extern const struct lt_function_registry engine_functions;
extern const struct lt_connector *const engine_connectors[];
extern const struct lt_connector lt_connector_feed, lt_connector_callback;
void listeners_close(struct leat_db *db);
void feeds_close(struct leat_db *db);
/* For tests: feeds that nothing reads lose their rows and begin anew. */
void feeds_forget(struct leat_db *db);
/* The feed behind a table's definition. */
lt_status feed_find(struct leat_db *db, const struct lt_object *table, struct engine_feed **out,
                    struct lt_error *err) LT_MUST_CHECK;
lt_status feed_push(struct engine_feed *feed, struct lt_str split, uint32_t n_columns,
                    uint32_t n_rows, const leat_value *rows, const struct lt_tz *zone,
                    struct lt_error *err) LT_MUST_CHECK;
lt_status feed_push_arrow(struct engine_feed *feed, struct lt_str split,
                          const struct ArrowSchema *schema, struct ArrowArray *array,
                          struct lt_error *err) LT_MUST_CHECK;
lt_status feed_end(struct engine_feed *feed, struct lt_str split,
                   struct lt_error *err) LT_MUST_CHECK;

#endif
