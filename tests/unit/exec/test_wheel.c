/* test_wheel.c -- the timing wheel against a list: times near and far, small steps and leaps. */
#include "exec/windows/wheel.h"

#include "tests/unit/exec/ops.h"

enum { ENTRIES_MAX = 400, TAKE_MAX = 40 };

struct model {
    int64_t times[ENTRIES_MAX];
    bool in[ENTRIES_MAX];
    int n;
};

static int64_t model_next(const struct model *model)
{
    int64_t next = LT_WATERMARK_MAX;
    for (int i = 0; i < model->n; i++)
        if (model->in[i] && model->times[i] < next)
            next = model->times[i];
    return next;
}

static void take_all(struct lt_wheel *wheel, struct model *model, int64_t now, uint64_t *seed)
{
    struct lt_wheel_entry out[TAKE_MAX];
    uint32_t step = (uint32_t)ops_below(seed, TAKE_MAX - LT_WHEEL_BLOCK) + LT_WHEEL_BLOCK;
    for (uint32_t n; (n = lt_wheel_take(wheel, now, out, step)) > 0;) {
        for (uint32_t i = 0; i < n; i++) {
            int64_t id = (int64_t)out[i].key;
            assert_true(model->in[id] && model->times[id] == out[i].time && out[i].time <= now);
            model->in[id] = false;
        }
    }
    assert_true(model_next(model) > now || now == LT_WATERMARK_MAX);
    assert_int_equal(wheel->next, model_next(model));
}

static void check_last(const struct lt_wheel *wheel, const struct model *model)
{
    for (int i = 0; i < model->n; i++)
        assert_true(!model->in[i] || model->times[i] <= wheel->last);
}

static void clear(struct lt_wheel *wheel, struct model *model)
{
    lt_wheel_clear(wheel);
    memset(model->in, 0, sizeof(model->in));
    assert_int_equal(wheel->len, 0);
    assert_int_equal(wheel->next, LT_WATERMARK_MAX);
}

static void run_wheel(int64_t span, uint64_t seed)
{
    struct lt_alloc alloc;
    struct lt_wheel wheel;
    struct model model = {.n = 0};
    int64_t now = ops_below(&seed, 1000) - 500;
    lt_alloc_init_root(&alloc, NULL, "test", SIZE_MAX);
    assert_int_equal(lt_wheel_open(&wheel, &alloc, span), LT_OK);
    while (model.n < ENTRIES_MAX) {
        for (int64_t n = ops_below(&seed, 20); n > 0 && model.n < ENTRIES_MAX; n--) {
            int64_t far = ops_below(&seed, 20) == 0 ? span * 10000 : 2 * span;
            int64_t time = now + 1 + ops_below(&seed, far);
            if (ops_below(&seed, 50) == 0)
                time = ops_below(&seed, 2) ? INT64_MAX - 1 : now - 10;
            model.times[model.n] = time;
            model.in[model.n] = true;
            assert_int_equal(lt_wheel_add(&wheel, time, (lt_ref)model.n), LT_OK);
            model.n++;
            assert_int_equal(wheel.next, model_next(&model));
        }
        now += ops_below(&seed, ops_below(&seed, 10) ? span / 8 + 1 : span * 20000);
        take_all(&wheel, &model, now, &seed);
        check_last(&wheel, &model);
        if (ops_below(&seed, 16) == 0)
            clear(&wheel, &model);
    }
    take_all(&wheel, &model, LT_WATERMARK_MAX, &seed);
    assert_int_equal(wheel.len, 0);
    lt_wheel_close(&wheel);
    lt_alloc_close(&alloc);
}

static void test_wheel(void **state)
{
    LT_UNUSED(state);
    static const int64_t spans[] = {1, 1000, 10000000, 86400000000};
    for (uint64_t s = 1; s <= 200; s++)
        run_wheel(spans[s % LT_ARRAY_LEN(spans)], s * 7919);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wheel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
