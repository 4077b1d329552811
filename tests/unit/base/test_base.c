/* test_base.c -- errors, the counted allocator, arenas, text and bitmaps. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/bits.h"
#include "base/hash.h"
#include "base/str.h"
#include "tests/unit/hooks.h"

static void test_error(void **state)
{
    (void)state;
    struct lt_error err = {0};
    assert_int_equal(lt_fail(&err, LT_DATA, "first %d", 1), LT_DATA);
    assert_int_equal(lt_fail(&err, LT_IO, "second"), LT_IO);
    assert_string_equal(err.message, "first 1");
    lt_error_clear(&err);
    struct lt_pos pos = {3, 4, 20, 2};
    lt_fail_at(&err, LT_INVALID, pos, "there");
    assert_int_equal(err.pos.line, 3);
    assert_int_equal(lt_fail(NULL, LT_IO, "nobody listens"), LT_IO);
    lt_error_clear(&err);
    char text[1100];
    for (size_t i = 0; i < sizeof(text) - 2; i += 2)
        memcpy(text + i, "\xc3\xa9", 2); /* two-byte characters */
    text[sizeof(text) - 2] = '\0';
    lt_fail(&err, LT_INVALID, "x%s", text);
    size_t len = strlen(err.message);
    assert_true(len < LT_ERROR_MESSAGE_SIZE);
    assert_string_equal(err.message + len - 3, "...");
    assert_int_equal((unsigned char)err.message[len - 4], 0xa9); /* no half character */
    assert_string_equal(lt_status_name(LT_NOMEM), "out of memory");
}

static void test_alloc_budget(void **state)
{
    (void)state;
    struct lt_alloc root, child;
    lt_alloc_init_root(&root, NULL, "db", 1000);
    lt_alloc_init_child(&child, &root, "query", 600);
    void *a = lt_alloc_get(&child, 500);
    assert_non_null(a);
    assert_null(lt_alloc_get(&child, 200)); /* over the child's budget */
    assert_int_equal(atomic_load(&root.used_bytes), 500);
    void *b = lt_alloc_get(&root, 400);
    assert_non_null(b);
    assert_null(lt_alloc_resize(&child, a, 500, 601));
    a = lt_alloc_resize(&child, a, 500, 550);
    assert_non_null(a);
    assert_null(lt_alloc_resize(&child, a, 550, 601)); /* over the root's */
    assert_int_equal(atomic_load(&child.used_bytes), 550);
    assert_int_equal(atomic_load(&child.peak_bytes), 550);
    void *nothing = lt_alloc_get(&child, 0);
    assert_non_null(nothing);
    lt_alloc_put(&child, nothing, 0);
    lt_alloc_put(&child, a, 550);
    lt_alloc_put(&root, b, 400);
    lt_alloc_put(&root, NULL, 77);
    assert_null(lt_alloc_get(&root, SIZE_MAX));
    lt_alloc_close(&child);
    lt_alloc_close(&root);
}

/* Blocks change between the ways to get them as they grow and shrink. */
static void test_alloc_large(void **state)
{
    static const size_t sizes[] = {5 << 20, 9 << 20,  (9 << 20) + 1, 100, (4 << 20) - 1,
                                   4 << 20, 64 << 20, 4 << 20,       7};
    (void)state;
    struct lt_alloc root;
    lt_alloc_init_root(&root, NULL, "db", SIZE_MAX);
    size_t size = sizes[0];
    unsigned char *at = lt_alloc_get(&root, size);
    assert_non_null(at);
    for (size_t i = 0; i < LT_ARRAY_LEN(sizes); i++) {
        memset(at, (int)i + 1, size);
        at = lt_alloc_resize(&root, at, size, sizes[i]);
        assert_non_null(at);
        size_t kept = size < sizes[i] ? size : sizes[i];
        assert_int_equal((uintptr_t)at % 16, 0);
        assert_int_equal(at[0], i + 1);
        assert_int_equal(at[kept / 2], i + 1);
        assert_int_equal(at[kept - 1], i + 1);
        size = sizes[i];
        assert_int_equal(atomic_load(&root.used_bytes), size);
    }
    lt_alloc_put(&root, at, size);
    at = lt_alloc_zero(&root, 6 << 20);
    assert_int_equal(at[0] | at[(6 << 20) - 1], 0);
    lt_alloc_put(&root, at, 6 << 20);
    assert_null(lt_alloc_get(&root, SIZE_MAX / 2)); /* the system has not so much */
    lt_alloc_close(&root);
}

static bool arena_body(struct lt_alloc *alloc, void *arg)
{
    (void)arg;
    struct lt_arena arena;
    struct lt_str text;
    uint32_t *items = NULL, len = 0, cap = 0;
    bool ok = true;
    lt_arena_init(&arena, alloc);
    for (int i = 0; ok && i < 2000; i++)
        ok = LT_ARENA_PUSH(&arena, items, len, cap, (uint32_t)i) == LT_OK;
    ok = ok && lt_arena_printf(&arena, &text, "%s-%d", "a", 5) == LT_OK;
    ok = ok && lt_arena_zero(&arena, 1000000) != NULL;
    if (ok) {
        assert_string_equal(text.data, "a-5");
        assert_int_equal(items[1999], 1999);
    }
    lt_arena_close(&arena);
    return ok;
}

static void test_arena(void **state)
{
    (void)state;
    TEST_EVERY_ALLOCATION(arena_body, NULL);
    struct test_hooks hooks;
    struct lt_alloc alloc;
    struct lt_arena arena;
    test_hooks_init(&hooks, &alloc, -1);
    lt_arena_init(&arena, &alloc);
    long requests = 0;
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 100; i++) {
            void *at = lt_arena_get(&arena, 1 + (size_t)i * 7);
            assert_int_equal((uintptr_t)at % 16, 0);
            memset(at, 1, 1 + (size_t)i * 7);
        }
        lt_arena_reset(&arena);
        if (round == 1)
            requests = hooks.requests;
    }
    assert_int_equal(hooks.requests, requests); /* the largest batch has been seen */
    assert_null(lt_arena_get(&arena, SIZE_MAX - 5));
    lt_arena_close(&arena);
    struct lt_arena zeroed = {0};
    lt_arena_close(&zeroed);
    lt_alloc_close(&alloc);
}

static void test_text(void **state)
{
    (void)state;
    assert_true(lt_str_equal_nocase(LT_STR("aBz"), LT_STR("AbZ")));
    assert_false(lt_str_equal_nocase(LT_STR("["), LT_STR("{")));
    assert_int_equal(lt_str_compare(LT_STR("a"), LT_STR("ab")), -1);
    assert_int_equal(lt_str_compare(LT_STR("\xff"), LT_STR("a")), 1);
    assert_int_equal(lt_str_distance(LT_STR("price"), LT_STR("prise"), 3), 1);
    assert_int_equal(lt_str_distance(LT_STR("price"), LT_STR("PIRCE"), 3), 1);
    assert_int_equal(lt_str_distance(LT_STR("price"), LT_STR("pri"), 3), 2);
    assert_int_equal(lt_str_distance(LT_STR("price"), LT_STR("bidder"), 2), 3);
    assert_int_equal(lt_str_distance(LT_STR(""), LT_STR("ab"), 2), 2);
    assert_int_equal(lt_str_distance(LT_STR(""), LT_STR(""), 2), 0);
}

static bool buf_body(struct lt_alloc *alloc, void *arg)
{
    (void)arg;
    struct lt_buf buf;
    lt_buf_init(&buf, alloc);
    for (int i = 0; i < 300; i++) {
        lt_buf_adds(&buf, "ab");
        lt_buf_addc(&buf, 'c');
        lt_buf_addf(&buf, "%0300d", i);
    }
    bool ok = buf.status == LT_OK;
    if (ok) {
        assert_int_equal(buf.len, 300 * 303);
        assert_int_equal(buf.data[buf.len], 0);
        assert_memory_equal(buf.data, "abc000", 6);
    }
    lt_buf_clear(&buf);
    assert_int_equal(buf.status, LT_OK);
    lt_buf_close(&buf);
    return ok;
}

static void test_buf(void **state)
{
    (void)state;
    TEST_EVERY_ALLOCATION(buf_body, NULL);
}

static void test_bits(void **state)
{
    (void)state;
    uint64_t bits[4] = {0}, moved[4];
    for (size_t i = 0; i < 200; i += 3)
        lt_bits_set(bits, i);
    assert_int_equal(lt_bits_count(bits, 200), 67);
    assert_int_equal(lt_bits_count(bits, 0), 0);
    assert_int_equal(lt_bits_count(bits, 64), 22);
    for (size_t from = 0; from < 130; from += 13) {
        size_t len = 200 - from;
        lt_bits_shift(moved, bits, from, len);
        for (size_t i = 0; i < len; i++)
            assert_int_equal(lt_bits_get(moved, i), (from + i) % 3 == 0);
    }
    lt_bits_fill(bits, 70, true);
    assert_true(lt_bits_all(bits, 70));
    lt_bits_put(bits, 69, false);
    assert_false(lt_bits_all(bits, 70));
    assert_true(lt_bits_all(bits, 69));
    lt_bits_fill(bits, 70, false);
    lt_bits_set(bits, 70);
    assert_false(lt_bits_any(bits, 70));
    assert_true(lt_bits_any(bits, 71));
}

static void test_hash(void **state)
{
    (void)state;
    /* xxh3 is fixed for ever: keys are placed by it. */
    assert_true(lt_hash_bytes("", 0, 0) == UINT64_C(0x2d06800538d394c2));
    assert_true(lt_hash_bytes("abc", 3, 0) != lt_hash_bytes("abc", 3, 1));
    assert_true(lt_hash_combine(1, 2) != lt_hash_combine(2, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error), cmocka_unit_test(test_alloc_budget),
        cmocka_unit_test(test_alloc_large),
        cmocka_unit_test(test_arena), cmocka_unit_test(test_text),
        cmocka_unit_test(test_buf),   cmocka_unit_test(test_bits),
        cmocka_unit_test(test_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
