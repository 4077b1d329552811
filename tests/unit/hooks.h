/* hooks.h -- an allocator for tests: counts blocks, and fails the n-th request. */
#ifndef LT_TESTS_HOOKS_H
#define LT_TESTS_HOOKS_H

#include <stdlib.h>

#include "base/alloc.h"

struct test_hooks {
    struct lt_allocator_hooks hooks;
    long fail_at; /* the request that fails, from 0; -1 = none */
    bool sticky;  /* and all after it */
    long requests;
    long blocks; /* live */
    bool failed;
};

static void *test_hooks_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    struct test_hooks *test = ctx;
    (void)old_size;
    if (new_size == 0) {
        test->blocks -= ptr != NULL;
        free(ptr);
        return NULL;
    }
    long request = test->requests++;
    if (request == test->fail_at ||
        (test->sticky && test->fail_at >= 0 && request > test->fail_at)) {
        test->failed = true;
        return NULL;
    }
    void *moved = realloc(ptr, new_size);
    test->blocks += moved && !ptr;
    return moved;
}

static inline void test_hooks_init(struct test_hooks *test, struct lt_alloc *alloc, long fail_at)
{
    *test = (struct test_hooks){.hooks = {test_hooks_resize, NULL}, .fail_at = fail_at};
    test->hooks.ctx = test;
    lt_alloc_init_root(alloc, &test->hooks, "test", SIZE_MAX);
}

/* Runs `body` with each allocation failing in turn, alone and with all that follow
 * (a pool asks twice), until it needs no more than were allowed. `body` returns
 * whether it ran through; it must leave nothing. */
#define TEST_EVERY_ALLOCATION(body, arg)                          \
    do {                                                          \
        bool done_[2] = {false, false};                           \
        for (long turn_ = 0; !done_[0] || !done_[1]; turn_++) {   \
            struct test_hooks hooks_;                             \
            struct lt_alloc alloc_;                               \
            if (done_[turn_ % 2])                                 \
                continue;                                         \
            test_hooks_init(&hooks_, &alloc_, turn_ / 2);         \
            hooks_.sticky = turn_ % 2 == 1;                       \
            bool through_ = body(&alloc_, arg);                   \
            assert_int_equal(hooks_.blocks, 0);                   \
            assert_int_equal(atomic_load(&alloc_.used_bytes), 0); \
            lt_alloc_close(&alloc_);                              \
            if (!hooks_.failed) {                                 \
                assert_true(through_);                            \
                done_[turn_ % 2] = true;                          \
            }                                                     \
        }                                                         \
    } while (0)

#endif
