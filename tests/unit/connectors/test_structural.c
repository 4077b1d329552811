/* test_structural.c -- every level this machine has against one byte at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "connectors/formats/structural.h"
#include "connectors/formats/text.h"

static uint64_t random_state;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % n);
}

/* A copy without a byte to spare, so that reading past its end is caught. */
static char *exact(const void *data, size_t size)
{
    char *copy = malloc(size ? size : 1);
    memcpy(copy, data, size);
    return copy;
}

static uint32_t index_slowly(const struct lt_structural_set *set, const char *data, uint32_t size,
                             uint16_t *out, bool *ascii)
{
    uint32_t n = 0;
    bool inside = false;
    *ascii = true;
    for (uint32_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)data[i];
        *ascii &= c < 0x80;
        bool always = c == set->always[0] || c == set->always[1] || (set->controls && c < 0x20);
        inside ^= set->quoting && c == set->always[0];
        bool outside = set->quoting && !inside && (c == set->outside[0] || c == set->outside[1]);
        if (always || outside)
            out[n++] = (uint16_t)i;
    }
    return n;
}

static void check_index(const struct lt_structural_set *set, const char *data, uint32_t size)
{
    char *copy = exact(data, size);
    uint16_t *want = malloc((size + 1) * sizeof(*want));
    uint16_t *got = malloc((size + LT_STRUCTURAL_SLACK) * sizeof(*got));
    bool want_ascii, got_ascii;
    uint32_t n = index_slowly(set, copy, size, want, &want_ascii);
    for (unsigned i = 0; lt_structural_levels[i]; i++) {
        const struct lt_structural *level = lt_structural_levels[i];
        if (!level->usable())
            continue;
        assert_int_equal(level->index(set, copy, size, got, &got_ascii), n);
        assert_memory_equal(got, want, n * sizeof(*want));
        assert_int_equal(got_ascii, want_ascii);
    }
    free(copy);
    free(want);
    free(got);
}

static const struct lt_structural_set sets[] = {
    {.always = "\"\\", .controls = true},
    {.always = "\"\"", .quoting = true, .outside = ",\n"},
    {.always = "'\n", .controls = true, .quoting = true, .outside = {' ', 0xFF}},
    {.always = ",\n"},
};

static void test_index(void **state)
{
    static const char *const alphabets[] = {
        "\"\\\n,a", "\"\n,abcdefghijklmnopqrstuvwxyz0123456789", "\"", "a", "' \n\xFF\x1F\x20\x80",
    };
    char *data = malloc(LT_STRUCTURAL_SIZE_MAX);
    (void)state;
    random_state = 1;
    for (unsigned a = 0; a < LT_ARRAY_LEN(alphabets); a++)
        for (unsigned s = 0; s < LT_ARRAY_LEN(sets); s++)
            for (uint32_t size = 0; size <= 330; size++) {
                for (uint32_t i = 0; i < size; i++)
                    data[i] = alphabets[a][random_below((uint32_t)strlen(alphabets[a]))];
                check_index(&sets[s], data, size);
            }
    for (unsigned s = 0; s < LT_ARRAY_LEN(sets); s++) {
        for (uint32_t i = 0; i < LT_STRUCTURAL_SIZE_MAX; i++)
            data[i] = (char)random_below(256);
        check_index(&sets[s], data, LT_STRUCTURAL_SIZE_MAX);
        memset(data, '"', LT_STRUCTURAL_SIZE_MAX);
        check_index(&sets[s], data, LT_STRUCTURAL_SIZE_MAX);
    }
    free(data);
}

static void check_utf8(const void *bytes, size_t size)
{
    char *copy = exact(bytes, size);
    bool want = lt_utf8_valid((struct lt_str){copy, size});
    for (unsigned i = 0; lt_structural_levels[i]; i++)
        if (lt_structural_levels[i]->usable())
            assert_int_equal(lt_structural_levels[i]->utf8(copy, size), want);
    free(copy);
}

/* Every pair of bytes, followed by what makes some of them good, at places where vectors
 * meet and at the end. */
static void test_utf8_pairs(void **state)
{
    static const char *const tails[] = {"", "\x80", "\x80\x80", "\xBF\xBF\xBF", "a"};
    static const unsigned places[] = {0, 13, 14, 15, 30, 31, 61, 62, 63, 64, 126};
    unsigned char data[256];
    (void)state;
    for (unsigned pair = 0; pair < 65536; pair++) {
        unsigned at = places[pair % LT_ARRAY_LEN(places)];
        const char *tail = tails[pair / 7 % LT_ARRAY_LEN(tails)];
        for (unsigned end = 0; end < 2; end++) {
            memset(data, 'x', sizeof(data));
            data[at] = (unsigned char)(pair >> 8);
            data[at + 1] = (unsigned char)pair;
            memcpy(data + at + 2, tail, strlen(tail));
            check_utf8(data, end ? at + 2 + strlen(tail) : at + 80);
        }
    }
}

static void test_utf8_random(void **state)
{
    unsigned char data[400];
    (void)state;
    random_state = 2;
    for (unsigned round = 0; round < 20000; round++) {
        size_t size = 0, most = random_below(390);
        while (size < most) {
            uint32_t kind = random_below(5);
            uint32_t code = kind == 0   ? 0xE000 + random_below(0x102000)
                            : kind == 1 ? 0x800 + random_below(0xD000)
                            : kind == 2 ? 0x80 + random_below(0x780)
                                        : random_below(0x80);
            size += lt_utf8_put((char *)data + size, code);
        }
        if (round % 2 && size)
            data[random_below((uint32_t)size)] ^= (unsigned char)(1u << random_below(8));
        check_utf8(data, size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_index),
        cmocka_unit_test(test_utf8_pairs),
        cmocka_unit_test(test_utf8_random),
    };
    for (unsigned i = 0; lt_structural_levels[i]; i++)
        print_message("%s: %s\n", lt_structural_levels[i]->name,
                      lt_structural_levels[i]->usable() ? "played" : "not on this machine");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
