/* rest.c -- bringing a run to rest at an epoch boundary: to save it, or to stop it well.
 *
 * The sources are told to hold; what is under way runs through; one more barrier
 * closes the epoch. At that point all that a run is, is the state of its
 * operators, among it the position of every split: rings are empty, nothing is
 * owed. A run's image is one state image per operator and partition, under the
 * node's stable id; loading hands each new operator the images of all old
 * partitions of its node, so the parallelism may differ. */
#include <time.h>

#include "exec/run.h"
#include "exec/state/state.h"

enum { REST_WAIT_MS = 5000 };

struct image_item {
    uint64_t stable_id;
    uint32_t kind, ordinal; /* the nth node of that id and kind */
    struct lt_state_image *state;
};

struct lt_run_image {
    struct lt_alloc *alloc;
    uint64_t epoch;
    uint32_t n, cap;
    struct image_item *items;
};

static bool run_is_running(const struct lt_run *run)
{
    return atomic_load(&run->state) == LT_RUN_RUNNING;
}

static bool step_all(struct lt_run *run)
{
    bool did = false;
    int64_t now_us = lt_graph_now(run->graph);
    for (uint32_t i = run->n_pipelines; i > 0; i--)
        did = lt_pipeline_step(&run->pipelines[i - 1], now_us) || did;
    return did;
}

/* Runs the run until `run` is not closing an epoch any more. */
static bool wait_passed(struct lt_run *run)
{
    if (!run->graph->n_workers) {
        while (step_all(run)) {
        }
        return !lt_run_is_closing(run) && run_is_running(run);
    }
    for (int ms = 0; ms < REST_WAIT_MS * 10; ms++) {
        if (!run_is_running(run) || !lt_run_is_closing(run))
            break;
        lt_graph_wake(run->graph);
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    }
    return !lt_run_is_closing(run) && run_is_running(run);
}

static lt_status stop_ops(struct lt_run *run)
{
    for (uint32_t i = 0; i < run->n_pipelines; i++)
        for (uint32_t k = 0; k < run->pipelines[i].n_ops; k++) {
            struct lt_op *op = &run->pipelines[i].ops[k];
            if (op->type->stop)
                LT_TRY(op->type->stop(op));
        }
    return LT_OK;
}

bool lt_run_rest(struct lt_run *run, bool finish)
{
    atomic_store(&run->hold, true);
    bool rests = wait_passed(run) && lt_run_close_epoch(run, LT_CLOSE_NOW) && wait_passed(run);
    rests = rests || atomic_load(&run->state) == LT_RUN_FINISHED;
    if (!rests || !finish || !run_is_running(run))
        return rests;
    lt_graph_park(run->graph);
    lt_status status = stop_ops(run);
    lt_graph_unpark(run->graph);
    return status == LT_OK;
}

void lt_run_go_on(struct lt_run *run)
{
    atomic_store(&run->hold, false);
    lt_graph_wake(run->graph);
}

/* ---- save -------------------------------------------------------------------- */

static uint32_t ordinal_of(const struct lt_run *run, const struct lt_plan_node *node)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < node->id; i++) {
        const struct lt_plan_node *other = run->plan->nodes[i];
        n += other->kind == node->kind && other->props.stable_id == node->props.stable_id;
    }
    return n;
}

/* The phases of one aggregate share their state: which of them has what depends on the
 * number of partitions, and on settings. It goes by the name of the last. */
static const struct lt_plan_node *owner_of(const struct lt_plan_node *node)
{
    return lt_plan_is_first_phase(node) ? node->u.aggregate.final : node;
}

static lt_status image_add(struct lt_run_image *image, const struct image_item *item)
{
    if (image->n == image->cap) {
        uint32_t cap = image->cap ? image->cap * 2 : 16;
        void *grown = lt_alloc_resize(image->alloc, image->items,
                                      image->cap * sizeof(*image->items),
                                      cap * sizeof(*image->items));
        if (!grown)
            return LT_NOMEM;
        image->items = grown;
        image->cap = cap;
    }
    image->items[image->n++] = *item;
    return LT_OK;
}

static lt_status save_op(struct lt_run_image *image, const struct lt_run *run, struct lt_op *op)
{
    const struct lt_plan_node *owner = owner_of(op->node);
    struct image_item item = {.stable_id = owner->props.stable_id,
                              .kind = owner->kind,
                              .ordinal = ordinal_of(run, owner)};
    LT_TRY(lt_image_open(image->alloc, &item.state));
    lt_status status = image_add(image, &item);
    if (status != LT_OK) {
        lt_image_close(item.state);
        return status;
    }
    return op->type->save(op, item.state);
}

static lt_status save_all(struct lt_run *run, struct lt_run_image *image, struct lt_error *err)
{
    for (uint32_t i = 0; i < run->n_pipelines; i++)
        for (uint32_t k = 0; k < run->pipelines[i].n_ops; k++) {
            struct lt_op *op = &run->pipelines[i].ops[k];
            if (!op->type->save)
                continue;
            lt_status status = save_op(image, run, op);
            if (status != LT_OK)
                return lt_fail(err, status, "%s could not be saved", op->type->name);
        }
    return LT_OK;
}

lt_status lt_run_save(struct lt_run *run, struct lt_run_image **out, struct lt_error *err)
{
    if (run->n_taps > 0)
        return lt_fail(err, LT_UNSUPPORTED,
                       "not supported yet: saving a query that shares its source with others");
    if (!lt_run_rest(run, false)) {
        lt_run_go_on(run);
        return lt_fail(err, LT_BUSY, "the query did not reach the end of an epoch: its output is "
                                     "full, or it has failed");
    }
    struct lt_run_image *image = lt_alloc_zero(run->graph->alloc, sizeof(*image));
    lt_status status = LT_NOMEM;
    if (image) {
        image->alloc = run->graph->alloc;
        image->epoch = atomic_load(&run->completed_epoch);
        lt_graph_park(run->graph);
        status = save_all(run, image, err);
        lt_graph_unpark(run->graph);
    }
    lt_run_go_on(run);
    if (status == LT_OK)
        *out = image;
    else
        lt_run_image_free(image);
    return status;
}

void lt_run_image_free(struct lt_run_image *image)
{
    if (!image)
        return;
    for (uint32_t i = 0; i < image->n; i++)
        lt_image_close(image->items[i].state);
    lt_alloc_put(image->alloc, image->items, image->cap * sizeof(*image->items));
    lt_alloc_put(image->alloc, image, sizeof(*image));
}

/* ---- load ---------------------------------------------------------------------- */

static lt_status load_op(struct lt_run *run, struct lt_op *op, const struct lt_run_image *image,
                         const struct lt_state_image **images, struct lt_error *err)
{
    const struct lt_plan_node *owner = owner_of(op->node);
    uint32_t ordinal = ordinal_of(run, owner), n = 0;
    for (uint32_t i = 0; i < image->n; i++) {
        const struct image_item *item = &image->items[i];
        if (item->stable_id == owner->props.stable_id && item->kind == owner->kind &&
            item->ordinal == ordinal)
            images[n++] = item->state;
    }
    if (n == 0)
        return lt_fail(err, LT_INVALID,
                       "the saved state has nothing for operator %s: the query is another one",
                       op->type->name);
    lt_status status = op->type->load(op, images, n);
    if (status != LT_OK)
        lt_op_fail(op, status);
    if (status != LT_OK && err && err->code == LT_OK)
        *err = *op->ctx->error;
    return status;
}

lt_status lt_run_load(struct lt_run *run, const struct lt_run_image *image, struct lt_error *err)
{
    const struct lt_state_image **images =
        lt_alloc_get(&run->alloc, image->n * sizeof(*images));
    if (!images)
        return LT_NOMEM;
    lt_status status = LT_OK;
    for (uint32_t i = 0; i < run->n_pipelines && status == LT_OK; i++) {
        struct lt_pipeline *pl = &run->pipelines[i];
        pl->epoch = pl->ctx.epoch = image->epoch + 1;
        pl->committed = image->epoch;
        for (uint32_t k = 0; k < pl->n_ops && status == LT_OK; k++)
            if (pl->ops[k].type->load)
                status = load_op(run, &pl->ops[k], image, images, err);
    }
    atomic_store(&run->barrier_epoch, image->epoch);
    atomic_store(&run->completed_epoch, image->epoch);
    atomic_store(&run->activity, true);
    lt_alloc_put(&run->alloc, images, image->n * sizeof(*images));
    return status;
}
