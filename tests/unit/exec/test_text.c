/* test_text.c -- loops over text in every instruction set, and patterns read without a
 * matcher: against plain loops, and against the matcher. */
#include <stdlib.h>

#include "expr_support.h"
#include "exec/functions/regex.h"
#include "exec/functions/regex_scan.h"
#include "exec/kernels/text.h"
#include "tests/unit/data/support.h"

enum { ROWS = 97, TEXT_MAX = 220 };

static uint32_t below(uint64_t *seed, uint32_t n)
{
    return (uint32_t)(test_random(seed) % n);
}

/* Texts of random lengths, each in memory of its own size, so that a byte read past one
 * is seen. */
struct texts {
    struct lt_sv views[ROWS];
    char *data[ROWS];
    uint32_t len[ROWS];
    uint16_t sel[ROWS];
    uint32_t n_sel;
};

static void texts_make(struct texts *t, const char *alphabet, uint64_t *seed)
{
    size_t letters = strlen(alphabet);
    t->n_sel = 0;
    for (uint32_t i = 0; i < ROWS; i++) {
        t->len[i] = below(seed, below(seed, 3) ? 20 : TEXT_MAX);
        t->data[i] = malloc(t->len[i] + 1);
        for (uint32_t at = 0; at < t->len[i]; at++)
            t->data[i][at] = alphabet[below(seed, (uint32_t)letters)];
        char *exact = realloc(t->data[i], t->len[i] ? t->len[i] : 1);
        assert_non_null(exact);
        t->data[i] = exact;
        t->views[i] = lt_sv_of(t->data[i], t->len[i]);
        if (below(seed, 4))
            t->sel[t->n_sel++] = (uint16_t)i;
    }
}

static void texts_free(struct texts *t)
{
    for (uint32_t i = 0; i < ROWS; i++)
        free(t->data[i]);
}

static void test_views(void **state)
{
    char text[20];
    (void)state;
    for (uint32_t i = 0; i < sizeof(text); i++)
        text[i] = (char)(0x81 + 7 * i);
    for (uint32_t len = 0; len <= sizeof(text); len++) {
        struct lt_sv expected = {.len = len}, sv = lt_sv_of(text, len);
        if (len <= LT_SV_INLINE_MAX) {
            memcpy((char *)&expected + 4, text, len);
        } else {
            memcpy(expected.prefix, text, 4);
            expected.u.ptr = text;
        }
        assert_memory_equal(&sv, &expected, sizeof(sv));
    }
}

/* ---- loops over columns --------------------------------------------- */

static bool naive_split(const char *data, uint32_t len, char c, uint64_t index, struct lt_str *out)
{
    uint32_t from = 0;
    if (len == 0)
        return false;
    for (uint32_t at = 0; at <= len; at++) {
        if (at < len && data[at] != c)
            continue;
        if (index-- == 0) {
            *out = (struct lt_str){data + from, at - from};
            return true;
        }
        from = at + 1;
    }
    return false;
}

static void check_columns(const struct text_kernels *kernels, const struct texts *t, bool all,
                          uint64_t index)
{
    const struct text_rows rows = {t->views, all ? NULL : t->sel, all ? ROWS : t->n_sel};
    int64_t marks[ROWS], counts[ROWS];
    struct lt_sv parts[ROWS];
    uint64_t present[2] = {UINT64_MAX, UINT64_MAX};
    kernels->marks(&rows, '/', marks);
    kernels->count(&rows, '/', counts);
    bool missing = kernels->split(&rows, marks, '/', index, parts, present), none = false;
    for (uint32_t k = 0; k < rows.n; k++) {
        uint32_t i = rows.sel ? rows.sel[k] : k;
        uint64_t mark = 0;
        int64_t count = 0;
        struct lt_str part;
        for (uint32_t at = 0; at < t->len[i]; at++) {
            mark |= (uint64_t)(at < 64 && t->data[i][at] == '/') << (at % 64);
            count += t->data[i][at] == '/';
        }
        assert_int_equal((uint64_t)marks[i], mark);
        assert_int_equal(counts[i], count);
        bool has = naive_split(t->data[i], t->len[i], '/', index, &part);
        assert_int_equal(lt_bits_get(present, i), has);
        none = none || !has;
        if (has) {
            struct lt_sv expected = lt_sv_of(part.data, (uint32_t)part.len);
            assert_true(lt_str_equal(lt_sv_str(&parts[i]), part));
            assert_true(lt_sv_equal(&parts[i], &expected));
        }
    }
    assert_int_equal(missing, none);
}

static void check_search(const struct text_kernels *kernels, const struct texts *t, uint64_t *seed)
{
    struct text_set set = {{0}};
    for (const char *c = "ab/"; *c; c++)
        set.member[(unsigned char)*c] = 0x80;
    for (uint32_t i = 0; i < ROWS; i++) {
        struct lt_str text = {t->data[i], t->len[i]}, other = {t->data[(i + 1) % ROWS], 0};
        uint32_t room = t->len[(i + 1) % ROWS];
        other.len = below(seed, (room < 5 ? room : 5) + 1);
        size_t from = below(seed, t->len[i] + 2), at = SIZE_MAX, end = from;
        for (size_t p = from; p + other.len <= text.len && at == SIZE_MAX; p++) {
            if (memcmp(text.data + p, other.data, other.len) == 0)
                at = p;
        }
        assert_int_equal(kernels->find(text, other, from), at);
        if (from > text.len)
            continue;
        while (end < text.len && strchr("ab/", text.data[end]))
            end++;
        assert_int_equal(kernels->span(text, &set, from), end);
    }
}

static void test_columns(void **state)
{
    const struct text_kernels *sets[2] = {&text_portable, text_kernels()};
    uint64_t seed = 5;
    (void)state;
    for (int round = 0; round < 300; round++) {
        struct texts t;
        texts_make(&t, round % 2 ? "ab/" : "abcdefgh/\xC3\xA4", &seed);
        for (int k = 0; k < 2; k++) {
            check_columns(sets[k], &t, true, below(&seed, 6));
            check_columns(sets[k], &t, false, below(&seed, 70));
            check_search(sets[k], &t, &seed);
        }
        texts_free(&t);
    }
}

/* ---- patterns ------------------------------------------------------- */

static const struct pattern {
    const char *text;
    bool simple;
} patterns[] = {
    {"(&|^)id=([^&]*)", true},
    {"(^|&)id=([^&]*)", true},
    {"(?:^|[?&])id=([^&]+)", true},
    {"([?&]|^)id=(\\d+)", true},
    {"id=", true},
    {"id=(\\d*)&", true},
    {"id=(\\d*)(&)", true},
    {"a(b)(c)", true},
    {"^id=(\\w+)", true},
    {"(^)id", true},
    {"id=.*", true},
    {"id=(.+)", true},
    {"[a-c]id=[^&=]*&([^=]*)=", true},
    {"\\.id\\=([a-z_]*)", true},
    {"(i)(d)=(\\S*)\\s", true},
    {"=[\\d.-]*[a-c]", true},
    {"id=((\\d+)&)", true},
    {"id=([^&]*)d", false}, /* the run may hold what follows it */
    {"id=(\\d*)(\\w*)", false},
    {"(&|^b)id=", false},
    {"(&|^)*id=", false},
    {"^[ab]id=", false},
    {"id=|b", false},
    {"id={2}", false},
    {"i?d=(.*?)&", false},
    {"id=([^&]*?)", false},
    {"(?i)ID=", false},
    {"id=$", false},
    {"\\bid=(\\d+)\\b", false},
    {"(?=id)id=(\\d)", false},
    {"(a|b)+id=", false},
    {"id{,a}", false},
    {"[^&]*id=", false},
    {"a{b[}]c", false},
    {"id=[^\\D]*", true},
    {"=\xC3\xA4(.)", false},
    {"\\Qid=\\E", false},
    {"(id=)(&)?", false},
    {"", false},
};

static const char *const pieces[] = {"id=", "&",    "i",  "d",        "=",        "7",   "42",
                                     "a",   "b",    "c",  "abc",      "&id=",     "?",   ".",
                                     " ",   "\n",   "\r", "\xC3\xA4", "\xE2\x82", "_",   "id=7&",
                                     "-",   ".id=", "\t", "ID=",      "\xFF",     "{,a}"};

static void check_match(struct regex *quick, struct regex *slow, struct lt_str text, size_t from,
                        const char *pattern)
{
    struct lt_error err = {0};
    uint32_t n, m;
    assert_int_equal(regex_find(quick, text, from, &n, &err), LT_OK);
    assert_int_equal(regex_find(slow, text, from, &m, &err), LT_OK);
    if ((n > 0) != (m > 0))
        fail_msg("'%s' over '%.*s' from %zu: %u, %u", pattern, LT_STR_ARG(text), from, n, m);
    for (uint32_t group = 0; n > 0 && group < regex_groups(quick); group++) {
        size_t a = 0, b = 0, c = 0, d = 0;
        bool has = regex_group(quick, group, &a, &b), had = regex_group(slow, group, &c, &d);
        if (has != had || (has && (a != c || b != d)))
            fail_msg("'%s' over '%.*s', group %u: %d %zu-%zu, not %d %zu-%zu", pattern,
                     LT_STR_ARG(text), group, has, a, b, had, c, d);
    }
}

static void check_rows(const struct regex_scan_kernels *kernels, const struct regex_scan *scan,
                       struct regex *slow, struct lt_str text, uint32_t group)
{
    struct lt_sv views[2] = {lt_sv_of(text.data, (uint32_t)text.len), {0}}, to[2];
    struct text_rows rows = {views, NULL, 1};
    struct lt_error err = {0};
    int8_t found[2];
    uint16_t unsure[2];
    uint32_t n, left = kernels->rows(scan, &rows, group, to, found, unsure);
    size_t start, end;
    if (left > 0)
        return;
    assert_int_equal(regex_find(slow, text, 0, &n, &err), LT_OK);
    assert_int_equal(found[0], n > 0);
    if (n == 0)
        return;
    assert_true(regex_group(slow, group, &start, &end));
    struct lt_str part = {text.data + start, end - start};
    assert_true(lt_str_equal(lt_sv_str(&to[0]), part));
}

static struct lt_str random_text(char *to, uint64_t *seed)
{
    size_t len = 0;
    for (uint32_t n = below(seed, 14); n > 0; n--) {
        const char *piece = pieces[below(seed, LT_ARRAY_LEN(pieces))];
        memcpy(to + len, piece, strlen(piece));
        len += strlen(piece);
    }
    char *exact = realloc(to, len ? len : 1);
    assert_non_null(exact);
    return (struct lt_str){exact, len};
}

static void test_patterns(void **state)
{
    struct fixture f;
    uint64_t seed = 77;
    (void)state;
    fixture_open(&f);
    for (size_t p = 0; p < LT_ARRAY_LEN(patterns); p++) {
        const char *pattern = patterns[p].text;
        struct regex *quick, *slow;
        char commented[64];
        /* A comment says nothing, but whoever reads patterns here gives up at it. */
        snprintf(commented, sizeof(commented), "%s(?#)", pattern);
        assert_int_equal(regex_open(&f.alloc, &quick), LT_OK);
        assert_int_equal(regex_open(&f.alloc, &slow), LT_OK);
        assert_int_equal(regex_use(quick, lt_str_of(pattern), false, 0, LT_DATA, &f.err), LT_OK);
        assert_int_equal(regex_use(slow, lt_str_of(commented), false, 0, LT_DATA, &f.err), LT_OK);
        regex_fix(quick);
        regex_fix(slow);
        assert_null(regex_simple(slow));
        const struct regex_scan *scan = regex_simple(quick);
        if ((scan != NULL) != patterns[p].simple)
            fail_msg("'%s' is%s simple", pattern, scan ? "" : " not");
        for (int round = 0; round < 1500; round++) {
            struct lt_str text = random_text(malloc(100), &seed);
            check_match(quick, slow, text, below(&seed, 3) ? 0 : below(&seed, text.len + 1),
                        pattern);
            for (uint32_t group = 0; scan && group <= scan->n_groups; group++) {
                check_rows(&regex_scan_portable, scan, slow, text, group);
                check_rows(regex_scan_kernels(), scan, slow, text, group);
            }
            free((char *)text.data);
        }
        regex_close(quick);
        regex_close(slow);
    }
    fixture_close(&f);
}

/* ---- through programs: case, comparisons, lists --------------------- */

static const char *const words[] = {"apple",
                                    "Apple",
                                    "APPLE",
                                    "",
                                    "a",
                                    "twelve bytes",
                                    "Twelve Bytes",
                                    "thirteen byte",
                                    "THIRTEEN BYTE",
                                    "\xC3\x84rger",
                                    "\xC3\xA4rger",
                                    "@[`{AZaz",
                                    "channel-1234",
                                    "a longer text, with Capitals and \xC3\x9C"};

static bool word_has(const char *word, int op, const char *const *list, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++) {
        if (strcmp(word, list[k]) == 0)
            return op != 1;
    }
    return op == 1;
}

/* LOWER(x) = c, x <> c and x IN (...) for the words in one column, where `rows` says which
 * word is in which row (-1 = NULL), in order. */
static void check_words(struct fixture *f, struct lt_column *col, const int *rows, uint32_t len,
                        const uint16_t *sel, uint32_t n_sel, uint64_t *seed)
{
    struct lt_expr *x = input(f, 0, &lt_type_string), *expr, *args[6] = {x};
    const char *list[5];
    uint32_t n = 1 + below(seed, 5);
    int op = (int)below(seed, 3);
    for (uint32_t k = 0; k < n; k++)
        list[k] = words[below(seed, LT_ARRAY_LEN(words))];
    for (uint32_t k = 0; k < n; k++)
        args[k + 1] = vs(f, list[k]);
    if (op == 2)
        expr = call_args(f, "IN", n + 1, args);
    else
        expr = below(seed, 2) ? CALL(f, op ? "<>" : "=", x, args[1])
                              : CALL(f, op ? "<>" : "=", args[1], x);
    struct lt_program *program;
    struct lt_column *out[3];
    struct lt_expr *exprs[3] = {expr, CALL(f, "LOWER", x), CALL(f, "UPPER", x)};
    struct lt_batch batch = {
        .len = len, .n_sel = n_sel, .sel = sel, .n_columns = 1, .columns = &col};
    assert_int_equal(lt_program_open(&f->alloc, f->pool, NULL, 3, exprs, &program, &f->err), LT_OK);
    assert_int_equal(lt_program_run(program, &batch, out, &f->err), LT_OK);
    for (uint32_t k = 0; k < n_sel; k++) {
        uint32_t i = sel ? sel[k] : k;
        struct lt_cell has = lt_column_cell(out[0], i), cells[2];
        assert_int_equal(has.null, rows[i] < 0);
        if (rows[i] < 0)
            continue;
        assert_int_equal(((int8_t *)has.col->values)[has.lane],
                         word_has(words[rows[i]], op, list, op == 2 ? n : 1));
        for (int up = 0; up < 2; up++) {
            char expected[64] = {0};
            const char *word = words[rows[i]];
            for (size_t at = 0; word[at]; at++) {
                char c = word[at];
                bool accent = at > 0 && word[at - 1] == '\xC3';
                bool lower = (c >= 'a' && c <= 'z') || (accent && (unsigned char)c >= 0xA0);
                bool upper = (c >= 'A' && c <= 'Z') || (accent && (unsigned char)c < 0xA0);
                expected[at] = (up ? lower : upper) ? (char)(c ^ 0x20) : c;
            }
            cells[up] = lt_column_cell(out[1 + up], i);
            struct lt_str made =
                lt_sv_str((const struct lt_sv *)cells[up].col->values + cells[up].lane);
            assert_true(lt_str_equal(made, lt_str_of(expected)));
        }
    }
    for (int k = 0; k < 3; k++) {
        const char *fault = lt_column_fault(out[k]);
        if (fault)
            fail_msg("%s", fault);
        lt_column_unref(out[k]);
    }
    lt_program_close(program);
}

static void test_words(void **state)
{
    uint64_t seed = 31;
    (void)state;
    for (int round = 0; round < 600; round++) {
        struct fixture f;
        const char *texts[ROWS], *entries[LT_ARRAY_LEN(words)];
        uint32_t codes[ROWS], n_words = below(&seed, 2) ? LT_ARRAY_LEN(words) : 7, n_sel = 0;
        uint16_t sel[ROWS];
        int rows[ROWS];
        fixture_open(&f);
        for (uint32_t i = 0; i < ROWS; i++) {
            codes[i] = below(&seed, n_words);
            rows[i] = round % 3 && below(&seed, 8) == 0 ? -1 : (int)codes[i];
            texts[i] = rows[i] < 0 ? NULL : words[codes[i]];
            if (below(&seed, 10) > (uint32_t)round % 10)
                sel[n_sel++] = (uint16_t)i;
        }
        struct lt_column *col = column(&f, &lt_type_string, ROWS, texts);
        if (round % 4 == 0) {
            memcpy(entries, words, sizeof(entries));
            struct lt_column *dict = column(&f, &lt_type_string, n_words, entries);
            col = hold(&f, lt_column_new_dictionary(f.pool, dict, codes, ROWS));
            for (uint32_t i = 0; i < ROWS; i++)
                rows[i] = (int)codes[i];
        }
        check_words(&f, col, rows, ROWS, NULL, ROWS, &seed);
        if (n_sel > 0)
            check_words(&f, col, rows, ROWS, sel, n_sel, &seed);
        fixture_close(&f);
    }
}

/* Several parts of one text, in every encoding of text and of delimiter. */
static void test_split(void **state)
{
    static const char *const texts[] = {
        "https://host/a/bb/a longer part of it/c?d",
        "/",
        "",
        NULL,
        "no delimiter",
        "//",
        "a/b",
        "0123456789012345678901234567890123456789012345678901234567890123/x/yy",
        "012345678901234567890123456789012345678901234567890123456789012/x/a long last part"};
    static const char *const marks[] = {"/", "/", "/", "/", "/", "/", "/", "/", "/"};
    struct fixture f;
    uint32_t codes[20];
    (void)state;
    fixture_open(&f);
    struct lt_column *cols[2] = {column(&f, &lt_type_string, 9, texts),
                                 column(&f, &lt_type_string, 9, marks)};
    struct lt_expr *x = input(&f, 0, &lt_type_string), *mark = input(&f, 1, &lt_type_string);
    for (uint32_t index = 0; index < 7; index++) {
        char number[8];
        snprintf(number, sizeof(number), "%u", index);
        struct lt_expr *fast = CALL(&f, "SPLIT_INDEX", x, vs(&f, "/"), vl(&f, number));
        /* A delimiter that is no constant is looked for row by row. */
        struct lt_expr *slow = CALL(&f, "SPLIT_INDEX", x, mark, vl(&f, number));
        const char *expected = run_over(&f, slow, 2, cols, 9, NULL, 0);
        assert_string_equal(run_over(&f, fast, 2, cols, 9, NULL, 0), expected);
        for (uint32_t i = 0; i < 20; i++)
            codes[i] = (i * 7) % 9;
        struct lt_column *coded[2] = {
            hold(&f, lt_column_new_dictionary(f.pool, cols[0], codes, 20)),
            hold(&f, lt_column_new_dictionary(f.pool, cols[1], codes, 20))};
        assert_string_equal(run_over(&f, fast, 2, coded, 20, NULL, 0),
                            run_over(&f, slow, 2, coded, 20, NULL, 0));
    }
    fixture_close(&f);
}

/* ---- LIKE ----------------------------------------------------------- */

/* Up to `most` - 1 of the parts, one behind the other. */
static void join_parts(char *to, const char *const *parts, uint32_t n_parts, uint32_t most,
                       uint64_t *seed)
{
    for (uint32_t n = below(seed, most); n > 0; n--) {
        const char *part = parts[below(seed, n_parts)];
        memcpy(to, part, strlen(part));
        to += strlen(part);
    }
    *to = 0;
}

/* A constant pattern is cut into segments, one from a column is walked along. */
static void test_like(void **state)
{
    static const char *const of_patterns[] = {"%", "_",        "a", "b",  "ab",
                                              "_", "\xC3\xA4", "%", "!%", "!_"};
    static const char *const of_texts[] = {"a", "b", "\xC3\xA4", "%", "_", "ab", "aab"};
    uint64_t seed = 1234;
    (void)state;
    for (int round = 0; round < 1500; round++) {
        struct fixture f;
        char texts[ROWS][64], pattern[128];
        const char *rows[ROWS], *same[ROWS];
        fixture_open(&f);
        join_parts(pattern, of_patterns, LT_ARRAY_LEN(of_patterns), round % 50 ? 7 : 24, &seed);
        for (uint32_t i = 0; i < ROWS; i++) {
            join_parts(texts[i], of_texts, LT_ARRAY_LEN(of_texts), 9, &seed);
            rows[i] = texts[i];
            same[i] = pattern;
        }
        struct lt_column *cols[2] = {column(&f, &lt_type_string, ROWS, rows),
                                     column(&f, &lt_type_string, ROWS, same)};
        struct lt_expr *x = input(&f, 0, &lt_type_string), *p = input(&f, 1, &lt_type_string);
        const char *expected =
            run_over(&f, CALL(&f, "LIKE", x, p, vs(&f, "!")), 2, cols, ROWS, NULL, 0);
        assert_string_equal(
            run_over(&f, CALL(&f, "LIKE", x, vs(&f, pattern), vs(&f, "!")), 2, cols, ROWS, NULL, 0),
            expected);
        if (strchr(pattern, '!') == NULL)
            assert_string_equal(
                run_over(&f, CALL(&f, "LIKE", x, vs(&f, pattern)), 2, cols, ROWS, NULL, 0),
                expected);
        fixture_close(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_views),    cmocka_unit_test(test_columns),
        cmocka_unit_test(test_patterns), cmocka_unit_test(test_words),
        cmocka_unit_test(test_split),    cmocka_unit_test(test_like),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
