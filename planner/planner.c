/* planner.c -- one statement from syntax tree to plan: bind, rewrite, finish.
 *
 *   bind_...  names and types resolved, plan nodes made
 *   rules     nodes rewritten: filters and projections down into the sources
 *   finish    exchanges, stable ids, numbering
 *
 * Positions in stored text (views, computed columns) mean nothing to the reader
 * of a statement, so while such text is bound errors point to where the
 * statement names the object: `outside`. */
#include <stdarg.h>
#include <stdio.h>

#include "planner/bind.h"

struct lt_pos lt_bind_pos(const struct lt_planner *p, struct lt_pos pos)
{
    return p->outside.line ? p->outside : pos;
}

lt_status lt_bind_enter(struct lt_planner *p, struct lt_pos pos)
{
    if (++p->depth > LT_BIND_DEPTH_MAX)
        return LT_BIND_FAIL(p, LT_LIMIT, pos, "the statement is nested too deeply (more than %d "
                                              "levels, views included)",
                            LT_BIND_DEPTH_MAX);
    return LT_OK;
}

lt_status lt_bind_notice(struct lt_planner *p, const char *fmt, ...)
{
    struct lt_plan *plan = p->plan;
    char text[512];
    struct lt_str copy;
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (len < 0)
        return LT_OK;
    LT_TRY(lt_arena_str(p->arena, lt_str_of(text), &copy));
    for (uint32_t i = 0; i < plan->n_notices; i++)
        if (lt_str_equal(plan->notices[i], copy))
            return LT_OK;
    return LT_ARENA_PUSH(p->arena, plan->notices, plan->n_notices, p->notices_cap, copy);
}

lt_status lt_bind_str(struct lt_planner *p, struct lt_str text, struct lt_str *out)
{
    return lt_arena_str(p->arena, text, out);
}

const char *lt_bind_nearest(struct lt_planner *p, struct lt_str name, uint32_t n,
                            const struct lt_str *names)
{
    unsigned best = name.len < 3 ? 1 : name.len < 6 ? 2 : 3;
    struct lt_str found = {0}, text;
    for (uint32_t i = 0; i < n; i++) {
        unsigned distance = lt_str_distance(name, names[i], best);
        if (distance <= best && distance < names[i].len && (!found.data || distance < best)) {
            best = distance;
            found = names[i];
        }
    }
    if (!found.data)
        return "";
    if (lt_arena_printf(p->arena, &text, "; did you mean '%.*s'?", LT_STR_ARG(found)))
        return "";
    return text.data;
}

lt_status lt_planner_open(struct lt_planner *p, const struct lt_planner_env *env,
                          struct lt_error *err)
{
    struct lt_plan *plan = lt_alloc_zero(env->alloc, sizeof(*plan));
    if (!plan)
        return LT_NOMEM;
    plan->alloc = env->alloc;
    lt_arena_init(&plan->arena, env->alloc);
    plan->zone = env->zone ? env->zone : &lt_tz_utc;
    plan->statement_us = env->statement_us;
    plan->parallelism = env->parallelism ? env->parallelism : 1;
    *p = (struct lt_planner){.env = env, .plan = plan, .arena = &plan->arena, .err = err};
    return LT_OK;
}

void lt_plan_close(struct lt_plan *plan)
{
    if (!plan || atomic_fetch_sub(&plan->pins, 1) > 0)
        return; /* a source that other statements share still needs it */
    for (uint32_t i = 0; i < plan->n_constants; i++)
        lt_column_unref(plan->constants[i]);
    for (uint32_t i = 0; plan->parameters && i < plan->n_parameters; i++)
        lt_column_unref(plan->parameters[i]);
    struct lt_alloc *alloc = plan->alloc;
    lt_arena_close(&plan->arena);
    lt_alloc_put(alloc, plan, sizeof(*plan));
}

/* ---- statements ----------------------------------------------------------------- */

static lt_status plan_query(struct lt_planner *p, const struct lt_ast_query *query,
                            struct lt_plan_node **out)
{
    struct lt_rel rel;
    struct lt_plan_node *output;
    p->top = query;
    p->final_only = !p->env->want_changelog;
    LT_TRY(lt_bind_query(p, query, &rel));
    LT_TRY(lt_node_new(p, LT_NODE_OUTPUT, 1, &rel.node, rel.node->schema.len, &output));
    output->u.output.limit = -1;
    if (p->top_deferred) {
        output->u.output.n_order = p->top_n_order;
        output->u.output.order = p->top_order;
        output->u.output.limit = p->top_limit;
        output->u.output.offset = p->top_offset;
    }
    LT_TRY(lt_node_finish(p, output));
    *out = output;
    return LT_OK;
}

static lt_status plan_inserts(struct lt_planner *p, const struct lt_ast_stmt *inserts,
                              struct lt_plan_node ***roots, uint32_t *n_roots)
{
    uint32_t cap = 0;
    for (; inserts; inserts = inserts->next) {
        struct lt_plan_node *sink;
        if (inserts->kind != LT_AST_STMT_INSERT)
            return LT_BIND_FAIL(p, LT_INVALID, inserts->pos,
                                "a STATEMENT SET holds INSERT statements only");
        LT_TRY(lt_bind_insert(p, inserts, &sink));
        LT_TRY(LT_ARENA_PUSH(p->arena, *roots, *n_roots, cap, sink));
    }
    return LT_OK;
}

static lt_status plan_statement(struct lt_planner *p, const struct lt_ast_stmt *stmt)
{
    struct lt_plan_node **roots = NULL, *root;
    uint32_t n_roots = 0, cap = 0;
    while (stmt->kind == LT_AST_STMT_EXPLAIN && stmt->explained)
        stmt = stmt->explained;
    switch (stmt->kind) {
    case LT_AST_STMT_QUERY:
        LT_TRY(plan_query(p, stmt->query, &root));
        LT_TRY(LT_ARENA_PUSH(p->arena, roots, n_roots, cap, root));
        break;
    case LT_AST_STMT_INSERT:
        LT_TRY(lt_bind_insert(p, stmt, &root));
        LT_TRY(LT_ARENA_PUSH(p->arena, roots, n_roots, cap, root));
        break;
    case LT_AST_STMT_STATEMENT_SET:
        LT_TRY(plan_inserts(p, stmt->inserts, &roots, &n_roots));
        break;
    case LT_AST_STMT_UPDATE: return LT_BIND_NOT_YET(p, stmt->pos, "UPDATE");
    case LT_AST_STMT_DELETE: return LT_BIND_NOT_YET(p, stmt->pos, "DELETE");
    case LT_AST_STMT_SUBSCRIBE: return LT_BIND_NOT_YET(p, stmt->pos, "SUBSCRIBE");
    case LT_AST_STMT_CREATE_QUERY: return LT_BIND_NOT_YET(p, stmt->pos, "CREATE QUERY");
    default: return LT_BIND_FAIL(p, LT_MISUSE, stmt->pos, "this statement has no plan");
    }
    if (n_roots == 0)
        return LT_BIND_FAIL(p, LT_INVALID, stmt->pos, "an empty STATEMENT SET does nothing");
    LT_TRY(lt_rules_apply(p, roots, n_roots));
    return lt_plan_finish(p, roots, n_roots);
}

lt_status lt_plan_statement(const struct lt_planner_env *env, const struct lt_ast_stmt *stmt,
                            struct lt_plan **out, struct lt_error *err)
{
    struct lt_planner p;
    LT_TRY(lt_planner_open(&p, env, err));
    lt_status status = plan_statement(&p, stmt);
    if (status != LT_OK) {
        lt_plan_close(p.plan);
        return status;
    }
    *out = p.plan;
    return LT_OK;
}
