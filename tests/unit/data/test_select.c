/* test_select.c -- sets of rows as lanes, bits and lists: every way agrees with a plain loop. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "data/select.h"
#include "tests/unit/data/support.h"

/* The bits are about a list that holds other numbers, and ends where memory may end. */
static void check_list_of(const uint64_t *bits, uint32_t len, const uint16_t *expected, uint32_t n)
{
    uint16_t rows[LT_BATCH_ROWS_MAX + LT_SELECT_SLACK], picked[LT_BATCH_ROWS_MAX];
    uint16_t *of = malloc(len ? len * sizeof(*of) : 1);
    assert_non_null(of);
    for (uint32_t i = 0; i < len; i++)
        of[i] = (uint16_t)(7 * i + 3);
    for (uint32_t i = 0; i < n; i++)
        picked[i] = of[expected[i]];
    assert_int_equal(lt_select_list_of(bits, len, of, rows), n);
    assert_memory_equal(rows, picked, n * sizeof(*rows));
    assert_int_equal(lt_select_list_of_portable(bits, len, of, rows), n);
    assert_memory_equal(rows, picked, n * sizeof(*rows));
    free(of);
}

static void check(const int8_t *lanes, uint32_t len)
{
    uint16_t expected[LT_BATCH_ROWS_MAX], rows[LT_BATCH_ROWS_MAX + LT_SELECT_SLACK];
    uint64_t bits[LT_SELECT_WORDS], back[LT_SELECT_WORDS];
    uint32_t n = 0;
    for (uint32_t i = 0; i < len; i++) {
        if (lanes[i])
            expected[n++] = (uint16_t)i;
    }
    memset(bits, 0xA5, sizeof(bits));
    lt_select_true(lanes, len, bits);
    assert_int_equal(lt_bits_count(bits, len), n);
    for (uint32_t i = 0; i < len; i++)
        assert_int_equal(lt_bits_get(bits, i), lanes[i] != 0);
    lt_select_bits(expected, n, len, back);
    assert_memory_equal(back, bits, lt_bits_words(len) * sizeof(*bits));
    if (len % 64) /* a list does not read bits past len */
        bits[len / 64] |= ~lt_bits_mask(len / 64, len);
    assert_int_equal(lt_select_list(bits, len, rows), n);
    assert_memory_equal(rows, expected, n * sizeof(*rows));
    assert_int_equal(lt_select_list_portable(bits, len, rows), n);
    assert_memory_equal(rows, expected, n * sizeof(*rows));
    check_list_of(bits, len, expected, n);
}

static void test_random_sets(void **state)
{
    uint64_t seed = 11;
    int8_t lanes[LT_BATCH_ROWS_MAX];
    (void)state;
    for (int round = 0; round < 2000; round++) {
        uint32_t len = (uint32_t)(test_random(&seed) % (LT_BATCH_ROWS_MAX + 1));
        uint64_t density = test_random(&seed) % 9;
        for (uint32_t i = 0; i < len; i++)
            lanes[i] =
                test_random(&seed) % 8 < density ? (int8_t)(test_random(&seed) % 255 + 1) : 0;
        check(lanes, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_sets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
