/* test_functions.c -- every descriptor is documented, and its example prints its result.
 *
 * The examples go through the parser and the binder, once as constants folded by
 * the planner and once computed by a program with nothing folded. */
#include "../hooks.h"
#include "expr_support.h"

#include "parser/parser.h"
#include "planner/bind.h"

static lt_status fold(const struct lt_fold *self, const struct lt_expr *expr,
                      struct lt_column **out, struct lt_error *err)
{
    struct fixture *f = self->ctx;
    return lt_expr_fold(&f->alloc, f->pool, expr, f->zone, out, err);
}

static lt_status no_fold(const struct lt_fold *self, const struct lt_expr *expr,
                         struct lt_column **out, struct lt_error *err)
{
    (void)self;
    (void)expr;
    (void)out;
    return lt_fail(err, LT_DATA, "not folded");
}

/* An expression bound in a planner of its own; lt_plan_close(p->plan) ends both. */
static lt_status bind_text(struct fixture *f, const char *sql, const struct lt_fold *folder,
                           struct lt_planner_env *env, struct lt_planner *p, struct lt_expr **expr)
{
    static const struct lt_function_registry registry = {.functions = lt_functions};
    static const struct lt_scope nothing;
    struct lt_ast_expr *ast;
    *env = (struct lt_planner_env){.alloc = &f->alloc,
                                   .pool = f->pool,
                                   .functions = &registry,
                                   .fold = folder,
                                   .zone = f->zone};
    lt_error_clear(&f->err);
    assert_int_equal(lt_planner_open(p, env, &f->err), LT_OK);
    struct lt_bind bind = {.p = p, .scope = &nothing, .clause = "an example"};
    LT_TRY(lt_parse_expr(lt_str_of(sql), &f->arena, &ast, &f->err));
    return lt_bind_expr(&bind, ast, expr);
}

/* The text that an expression prints, in the fixture's arena. */
static const char *evaluate(struct fixture *f, const char *sql, bool folding)
{
    struct lt_fold folder = {folding ? fold : no_fold, f};
    struct lt_planner_env env;
    struct lt_planner p;
    struct lt_expr *expr;
    struct lt_str kept;
    const char *text;
    if (bind_text(f, sql, &folder, &env, &p, &expr) == LT_OK) {
        text = run_one(f, expr);
    } else {
        assert_int_equal(lt_arena_printf(&f->arena, &kept, "refused: %s", f->err.message), LT_OK);
        text = kept.data;
    }
    lt_plan_close(p.plan);
    return text;
}

static void test_documented(void **state)
{
    (void)state;
    for (const struct lt_function *const *at = lt_functions; *at; at++) {
        const struct lt_function *fn = *at;
        assert_non_null(fn->name);
        if (!fn->doc || !fn->doc[0] || !fn->example || !fn->example[0] || !fn->result ||
            !fn->signature || !fn->family)
            fail_msg("%s lacks documentation", fn->name);
        assert_non_null(fn->bind);
        assert_true(fn->args_min <= fn->args_max);
    }
}

static void test_names_are_unique(void **state)
{
    struct lt_function_registry registry = {.functions = lt_functions};
    (void)state;
    for (const struct lt_function *const *at = lt_functions; *at; at++) {
        if (lt_registry_function(&registry, lt_str_of((*at)->name)) != *at)
            fail_msg("%s is the name of two functions", (*at)->name);
    }
}

static void test_examples(void **state)
{
    unsigned wrong = 0;
    (void)state;
    for (const struct lt_function *const *at = lt_functions; *at; at++) {
        for (int folding = 0; folding < 2; folding++) {
            struct fixture f;
            fixture_open(&f);
            const char *text = evaluate(&f, (*at)->example, folding);
            if (strcmp(text, (*at)->result) != 0) {
                print_error("%s: %s gives %s, not %s\n", (*at)->name, (*at)->example, text,
                            (*at)->result);
                wrong++;
            }
            fixture_close(&f);
        }
    }
    assert_int_equal(wrong, 0);
}

/* ---- the reference -------------------------------------------------- */

static void add_cell(struct lt_buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            lt_buf_addc(out, '\\');
        lt_buf_addc(out, *text);
    }
    lt_buf_adds(out, " | ");
}

static void add_family(struct lt_buf *out, const char *family)
{
    lt_buf_addf(out, "\n## %c%s\n\n| function | | example | prints |\n|---|---|---|---|\n",
                family[0] - 32, family + 1);
    for (const struct lt_function *const *at = lt_functions; *at; at++) {
        if (strcmp((*at)->family, family) != 0)
            continue;
        lt_buf_adds(out, "| ");
        add_cell(out, (*at)->signature);
        lt_buf_adds(out, (*at)->aliases ? "Also " : "");
        for (const char *c = (*at)->aliases ? (*at)->aliases : ""; *c; c++)
            lt_buf_adds(out, *c == '|' ? ", " : (char[]){*c, 0});
        lt_buf_adds(out, (*at)->aliases ? ". " : "");
        add_cell(out, (*at)->doc);
        add_cell(out, (*at)->example);
        add_cell(out, (*at)->result);
        out->len--;
        lt_buf_addc(out, '\n');
    }
}

/* docs/functions-reference.md says what the descriptors say. */
static void test_reference(void **state)
{
    static const char *const families[] = {"comparison", "logical",     "arithmetic", "string",
                                           "temporal",   "conditional", "conversion", "collection",
                                           "json",       "hash"};
    static const char path[] = LEAT_SOURCE_DIR "/docs/functions-reference.md";
    struct fixture f;
    struct lt_buf made, kept;
    unsigned n = 0;
    int c;
    (void)state;
    fixture_open(&f);
    lt_buf_init(&made, &f.alloc);
    lt_buf_init(&kept, &f.alloc);
    lt_buf_adds(&made, "# Scalar functions: the reference\n\nMade from the descriptors in "
                       "`exec/functions/` (see functions.md). CASE and CAST are part of the "
                       "grammar.\n");
    for (size_t i = 0; i < LT_ARRAY_LEN(families); i++)
        add_family(&made, families[i]);
    for (const struct lt_function *const *at = lt_functions; *at; at++) {
        for (size_t i = 0; i < LT_ARRAY_LEN(families); i++)
            n += strcmp((*at)->family, families[i]) == 0;
        n -= 1;
    }
    assert_int_equal(n, 0); /* no function of another family */
    if (getenv("LEAT_UPDATE_DOCS")) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fwrite(made.data, 1, made.len, file);
        fclose(file);
    }
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while ((c = fgetc(file)) != EOF)
        lt_buf_addc(&kept, (char)c);
    fclose(file);
    if (!lt_str_equal(lt_buf_str(&made), lt_buf_str(&kept)))
        fail_msg("%s is not up to date: run this test with LEAT_UPDATE_DOCS=1", path);
    lt_buf_close(&made);
    lt_buf_close(&kept);
    fixture_close(&f);
}

static bool runs_through(struct lt_alloc *alloc, struct lt_expr *expr)
{
    struct lt_batch batch = {.len = 3, .n_sel = 3, .proctime_us = 1};
    struct lt_pool *pool;
    struct lt_program *program;
    struct lt_column *out;
    struct lt_error err = {0};
    if (lt_pool_open(alloc, &pool) != LT_OK)
        return false;
    lt_status status = lt_program_open(alloc, pool, NULL, 1, &expr, &program, &err);
    if (status == LT_OK) {
        status = lt_program_run(program, &batch, &out, &err);
        if (status == LT_OK)
            lt_column_unref(out);
        lt_program_close(program);
    }
    lt_pool_close(pool);
    assert_true(status == LT_OK || status == LT_NOMEM);
    return status == LT_OK;
}

/* No function leaks, or fails in another way, when memory is out at any point. */
static void test_out_of_memory(void **state)
{
    (void)state;
    for (const struct lt_function *const *at = lt_functions; *at; at++) {
        struct fixture f;
        struct lt_planner_env env;
        struct lt_planner p;
        struct lt_expr *expr;
        fixture_open(&f);
        struct lt_fold folder = {no_fold, &f};
        assert_int_equal(bind_text(&f, (*at)->example, &folder, &env, &p, &expr), LT_OK);
        TEST_EVERY_ALLOCATION(runs_through, expr);
        lt_plan_close(p.plan);
        fixture_close(&f);
    }
}

struct sample {
    const char *sql, *prints;
};

static void check_samples(const struct sample *samples, size_t n, const char *zone)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < n; i++) {
        for (int folding = 0; folding < 2; folding++) {
            struct fixture f;
            fixture_open(&f);
            if (zone) {
                assert_int_equal(lt_tz_load(&f.alloc, lt_str_of(zone), &f.loaded, &f.err), LT_OK);
                f.zone = f.loaded;
            }
            const char *text = evaluate(&f, samples[i].sql, folding);
            if (strncmp(text, samples[i].prints, strlen(samples[i].prints)) != 0 ||
                (strncmp(text, "error", 5) != 0 && strncmp(text, "refused", 7) != 0 &&
                 strcmp(text, samples[i].prints) != 0)) {
                print_error("%s gives %s, not %s\n", samples[i].sql, text, samples[i].prints);
                wrong++;
            }
            fixture_close(&f);
        }
    }
    assert_int_equal(wrong, 0);
}

static void test_numbers(void **state)
{
    static const struct sample samples[] = {
        {"2147483647 + 1", "error: integer overflow: 2147483647 + 1 does not fit INT"},
        {"CAST(2147483647 AS BIGINT) + 1", "2147483648"},
        {"9223372036854775807 + 1", "error: integer overflow"},
        {"- CAST(-2147483648 AS INT)", "error: integer overflow"},
        {"ABS(CAST(-128 AS TINYINT))", "error: integer overflow"},
        {"7 / 2", "3"},
        {"-7 / 2", "-3"},
        {"-7 % 3", "-1"},
        {"1 / 0", "error: division by zero: 1 / 0"},
        {"1 % 0", "error: division by zero"},
        {"1.0 / 0", "error: division by zero"},
        {"CAST(1 AS DOUBLE) / 0", "Infinity"},
        {"CAST(NULL AS INT) / 0", "NULL"},
        {"1.5 + 2.25", "3.75"},
        {"0.1 + 0.2", "0.3"},
        {"TYPEOF(0.908 * CAST(1 AS BIGINT))", "DECIMAL(23, 3) NOT NULL"},
        {"1 / 3.0", "0.333333"},
        {"5.5 % 2", "1.5"},
        {"CAST(99999999999999999999999999999999999999 AS DECIMAL(38, 0)) + 1",
         "error: decimal overflow"},
        {"ROUND(2.5)", "3"},
        {"ROUND(-2.5)", "-3"},
        {"ROUND(CAST(1.005 AS DOUBLE), 2)", "1.01"},
        {"ROUND(CAST(2.675 AS DOUBLE), 2)", "2.68"},
        {"ROUND(1250, -2)", "1300"},
        {"ROUND(CAST(1e300 AS DOUBLE), 3)", "1.0E300"},
        {"TRUNCATE(CAST(0.29 AS DOUBLE), 2)", "0.29"},
        {"TRUNCATE(-42.345, 2)", "-42.34"},
        {"TRUNCATE(42345, -3)", "42000"},
        {"FLOOR(-1.5)", "-2"},
        {"CEIL(9.5)", "10"},
        {"CEIL(CAST(-0.5 AS DOUBLE))", "-0.0"},
        {"SIGN(-0.25)", "-1.00"},
        {"SQRT(-1)", "NaN"},
        {"LN(0)", "-Infinity"},
        {"GREATEST(1, CAST(NULL AS INT))", "NULL"},
        {"GREATEST(1, 2.5)", "2.5"},
        {"RAND(7) < 1", "TRUE"},
        {"RAND_INTEGER(0)", "error: RAND_INTEGER needs a bound above 0"},
        {"BIN(-1)", "1111111111111111111111111111111111111111111111111111111111111111"},
        {"HEX(255)", "FF"},
        {"UNHEX('zz')", "NULL"},
        {"1 = '1'", "refused"},
        {"'abc' + 1", "refused"},
        {"1 < 2.5", "TRUE"},
        {"CAST('NaN' AS DOUBLE) = CAST('NaN' AS DOUBLE)", "FALSE"},
        {"CAST('NaN' AS DOUBLE) IS NOT DISTINCT FROM CAST('NaN' AS DOUBLE)", "TRUE"},
        {"1 IN (2, NULL)", "NULL"},
        {"1 IN (2, 3, 4, 5, 6, 7, 8, 9, 10, 1)", "TRUE"},
        {"1 IN (2, 3, 4, 5, 6, 7, 8, 9, 10, NULL)", "NULL"},
        {"1 NOT IN (2, 3)", "TRUE"},
        {"NULL IN (1, 2)", "NULL"},
        {"2 BETWEEN 1 AND 3", "TRUE"},
        {"CASE WHEN 1 = 2 THEN 1 / 0 ELSE 5 END", "5"},
        {"COALESCE(1, 1 / 0)", "1"},
        {"IF(TRUE, 1, 1 / 0)", "1"},
        {"1 = 2 AND 1 / 0 = 1", "FALSE"},
        {"1 = 1 OR 1 / 0 = 1", "TRUE"},
        {"NULLIF(1, 1)", "NULL"},
        {"TRY_CAST('x' AS INT)", "NULL"},
        {"CAST('12' AS DECIMAL(5, 2))", "12.00"},
        {"CAST(1.995 AS DECIMAL(3, 2))", "2.00"},
    };
    (void)state;
    check_samples(samples, LT_ARRAY_LEN(samples), NULL);
}

static void test_text(void **state)
{
    static const struct sample samples[] = {
        {"UPPER('straße')", "STRASSE"},
        {"LOWER('ÀÉÎ')", "àéî"},
        {"CHAR_LENGTH('日本語')", "3"},
        {"SUBSTRING('日本語' FROM 2)", "本語"},
        {"SUBSTRING('日本語', -2, 1)", "本"},
        {"SUBSTRING('hello', 0, 2)", "he"},
        {"SUBSTRING('hello', 9)", ""},
        {"SUBSTRING('hello', 2, -1)", "NULL"},
        {"LEFT('日本語', 2)", "日本"},
        {"RIGHT('日本語', 2)", "本語"},
        {"LEFT('abc', -1)", ""},
        {"LPAD('日', 3, 'ab')", "ab日"},
        {"LPAD('hello', 2, '?')", "he"},
        {"LPAD('a', -1, '?')", "NULL"},
        {"REPEAT('ab', 0)", ""},
        {"REPEAT('ab', 10000000000)", "error: the text would be longer"},
        {"REVERSE('日本')", "本日"},
        {"POSITION('語' IN '日本語')", "3"},
        {"POSITION('x' IN 'abc')", "0"},
        {"LOCATE('a', 'banana', 5)", "6"},
        {"TRIM('  a b ')", "a b"},
        {"TRIM(LEADING 'x' FROM 'xxaxx')", "axx"},
        {"TRIM(TRAILING 'x' FROM 'xxaxx')", "xxa"},
        {"TRIM(BOTH 'x' FROM 'xxaxx')", "a"},
        {"SPLIT_INDEX('a,b,c', ',', 3)", "NULL"},
        {"SPLIT_INDEX('a,b,c', ',', 2)", "c"},
        {"SPLIT_INDEX('a,b,c', ',', -1)", "NULL"},
        {"SPLIT_INDEX('a--b', '--', 1)", "b"},
        {"SPLIT_INDEX('a,b', 44, 1)", "b"},
        {"SPLIT_INDEX('https://x.org/a/b', '/', 3)", "a"},
        {"INITCAP('o''NEIL and 2nd')", "O'Neil And 2nd"},
        {"REPLACE('aaa', 'a', '')", ""},
        {"OVERLAY('abc' PLACING 'X' FROM 9)", "abc"},
        {"'a' || 'b' || CAST(NULL AS STRING)", "NULL"},
        {"CONCAT_WS(',', 'a', 'b')", "a,b"},
    };
    (void)state;
    check_samples(samples, LT_ARRAY_LEN(samples), NULL);
}

static void test_patterns(void **state)
{
    static const struct sample samples[] = {
        {"REGEXP_EXTRACT('channel_id=42&x', '(&|^)channel_id=([^&]*)', 2)", "42"},
        {"REGEXP_EXTRACT('abc', 'x')", "NULL"},
        {"REGEXP_EXTRACT('abc', '(x)?b', 1)", "NULL"},
        {"REGEXP_EXTRACT('abc', '(')", "error: '(' is not a regular expression"},
        {"REGEXP_REPLACE('a1b2', '[0-9]', '#')", "a#b#"},
        {"REGEXP_REPLACE('abc', '', '-')", "-a-b-c-"},
        {"REGEXP_REPLACE('John Smith', '(\\w+) (\\w+)', '$2 $1')", "Smith John"},
        {"REGEXP_COUNT('日本日本', '日')", "2"},
        {"REGEXP('abc', '\\p{Alpha}+$')", "TRUE"},
        {"REGEXP_EXTRACT_ALL('a1b22', '[a-z]([0-9]+)')", "[1, 22]"},
        {"'a_c' LIKE 'a!_c' ESCAPE '!'", "TRUE"},
        {"'abc' LIKE 'a!_c' ESCAPE '!'", "FALSE"},
        {"'日本語' LIKE '日_語'", "TRUE"},
        {"'abcabc' LIKE '%bc'", "TRUE"},
        {"'abc' LIKE 'abc%'", "TRUE"},
        {"'xabcx' LIKE '%abc%'", "TRUE"},
        {"'aXbXc' LIKE 'a%b%c'", "TRUE"},
        {"'' LIKE ''", "TRUE"},
        {"'' LIKE '%'", "TRUE"},
        {"'a' NOT LIKE 'b'", "TRUE"},
        {"'ÄB' ILIKE 'äb'", "TRUE"},
        {"'abc' SIMILAR TO 'a(b|x)+c'", "TRUE"},
        {"'a.c' SIMILAR TO 'a.c'", "TRUE"},
        {"'abc' SIMILAR TO 'a.c'", "FALSE"},
    };
    (void)state;
    check_samples(samples, LT_ARRAY_LEN(samples), NULL);
}

static void test_digests(void **state)
{
    static const struct sample samples[] = {
        {"TRANSLATE('abc', 'ab', 'x')", "xc"},
        {"MD5('')", "d41d8cd98f00b204e9800998ecf8427e"},
        {"SHA1('')", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
        {"SHA256('')", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"SHA2('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', 256)",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"MD5(CAST(NULL AS STRING))", "NULL"},
        {"FROM_BASE64('****')", "error: '****' is not base64"},
        {"TO_BASE64('a')", "YQ=="},
        {"ENCODE('é', 'UTF-9')", "error: 'UTF-9' is no character set"},
        {"HEX(ENCODE('a😀', 'UTF-16LE'))", "61003DD800DE"},
        {"DECODE(ENCODE('a😀', 'UTF-16'), 'UTF-16')", "a😀"},
        {"URL_DECODE('%zz')", "NULL"},
        {"COUNT_CHAR('日本日', '日')", "2"},
        {"ASCII('')", "0"},
        {"CHR(353)", "a"},
        {"ELT(3, 'a', 'b')", "NULL"},
        {"STR_TO_MAP('k1:v1;k2', ';', ':')", "{k1=v1, k2=NULL}"},
        {"SPLIT('abc', '')", "[a, b, c]"},
    };
    (void)state;
    check_samples(samples, LT_ARRAY_LEN(samples), NULL);
}

static void test_times(void **state)
{
    static const struct sample samples[] = {
        {"DATE '2024-01-31' + INTERVAL '1' MONTH", "2024-02-29"},
        {"DATE '2024-03-01' - INTERVAL '1' DAY", "2024-02-29"},
        {"TIMESTAMP '2024-01-01 00:00:00' + INTERVAL '0.5' SECOND", "2024-01-01 00:00:00.500"},
        {"TIMESTAMP '2024-01-01 00:00:00' - INTERVAL '1' SECOND", "2023-12-31 23:59:59"},
        {"TIME '23:30:00' + INTERVAL '1' HOUR", "00:30:00"},
        {"INTERVAL '1' DAY * 2 = INTERVAL '48' HOUR", "TRUE"},
        {"TIMESTAMP '2024-01-02 00:00:00' - TIMESTAMP '2024-01-01 00:00:00'", "refused"},
        {"EXTRACT(WEEK FROM DATE '2020-12-31')", "53"},
        {"EXTRACT(ISODOW FROM DATE '2024-03-31')", "7"},
        {"EXTRACT(DOW FROM DATE '2024-03-31')", "1"},
        {"EXTRACT(DOY FROM DATE '2024-12-31')", "366"},
        {"EXTRACT(CENTURY FROM DATE '2000-12-31')", "20"},
        {"EXTRACT(EPOCH FROM TIMESTAMP '1969-12-31 23:59:59')", "-1"},
        {"EXTRACT(MILLISECOND FROM TIMESTAMP '2024-01-01 00:00:01.234')", "1234"},
        {"HOUR(TIMESTAMP '1969-12-31 23:59:59')", "23"},
        {"FLOOR(TIMESTAMP '2024-05-15 10:11:12' TO MONTH)", "2024-05-01 00:00:00"},
        {"FLOOR(DATE '2024-05-15' TO QUARTER)", "2024-04-01"},
        {"FLOOR(TIMESTAMP '1969-12-31 23:59:59' TO HOUR)", "1969-12-31 23:00:00"},
        {"CEIL(TIMESTAMP '2024-05-15 10:11:12' TO DAY)", "2024-05-16 00:00:00"},
        {"CEIL(DATE '2024-05-01' TO MONTH)", "2024-05-01"},
        {"TIMESTAMPADD(HOUR, 1, DATE '2024-01-01')", "2024-01-01 01:00:00"},
        {"TIMESTAMPADD(WEEK, -1, TIMESTAMP '2024-01-01 00:00:00')", "2023-12-25 00:00:00"},
        {"TIMESTAMPDIFF(MONTH, TIMESTAMP '2024-01-31 00:00:00', TIMESTAMP '2024-02-29 00:00:00')",
         "1"},
        {"TIMESTAMPDIFF(MONTH, TIMESTAMP '2024-01-15 12:00:00', TIMESTAMP '2024-02-15 11:59:59')",
         "0"},
        {"TIMESTAMPDIFF(YEAR, DATE '2024-02-29', DATE '2023-02-28')", "-1"},
        {"TIMESTAMPDIFF(SECOND, TIMESTAMP '2024-01-01 00:00:01', TIMESTAMP '2024-01-01 00:00:00')",
         "-1"},
        {"DATE_FORMAT(TIMESTAMP '2024-03-05 14:05:09.123', 'yy/M/d hh:mm:ss.SSS a EEE MMM')",
         "24/3/5 02:05:09.123 PM Tue Mar"},
        {"DATE_FORMAT(TIMESTAMP '2024-03-05 00:00:00', 'EEEE, d. MMMM yyyy ''at'' HH''h''')",
         "Tuesday, 5. March 2024 at 00h"},
        {"DATE_FORMAT('2024-03-05 14:05:09', 'HH:mm')", "14:05"},
        {"DATE_FORMAT('nonsense', 'HH:mm')", "NULL"},
        {"DATE_FORMAT(DATE '2024-03-05', 'I')", "error: 'I' is not a date pattern"},
        {"TO_DATE('2024-02-30')", "NULL"},
        {"TO_TIMESTAMP('20240305140509', 'yyyyMMddHHmmss')", "2024-03-05 14:05:09.000"},
        {"TO_TIMESTAMP('5-Mar-2024', 'd-MMM-yyyy')", "2024-03-05 00:00:00.000"},
        {"TO_TIMESTAMP('2024-03-05 25:00:00')", "NULL"},
        {"TO_TIMESTAMP_LTZ(1, 0)", "1970-01-01 00:00:01.000"},
        {"TO_TIMESTAMP_LTZ(1, 4)", "error: TO_TIMESTAMP_LTZ takes the precision"},
        {"FROM_UNIXTIME(0, 'yyyy')", "1970"},
        {"UNIX_TIMESTAMP('1970-01-02', 'yyyy-MM-dd')", "86400"},
        {"CONVERT_TZ('2024-07-01 12:00:00', 'Europe/Berlin', 'UTC')", "2024-07-01 10:00:00"},
        {"CONVERT_TZ('2024-07-01 12:00:00', 'Nowhere/City', 'UTC')", "error"},
        {"DATE '2024-01-01' < TIMESTAMP '2024-01-01 00:00:01'", "TRUE"},
        {"TIMESTAMP '2024-01-01 00:00:00' = '2024-01-01 00:00:00'", "TRUE"},
        {"(DATE '2024-01-01', DATE '2024-01-03') OVERLAPS (DATE '2024-01-03', DATE '2024-01-05')",
         "TRUE"},
        {"CAST(TIMESTAMP '2024-01-01 12:34:56' AS TIME)", "12:34:56"},
        {"CAST(TIME '12:34:56' AS TIMESTAMP(3))", "1970-01-01 12:34:56.000"},
    };
    (void)state;
    check_samples(samples, LT_ARRAY_LEN(samples), NULL);
}

/* Berlin skips 02:00-03:00 on 2024-03-31 and has it twice on 2024-10-27. */
static void test_zones(void **state)
{
    static const struct sample samples[] = {
        {"TO_TIMESTAMP_LTZ(1711846800000, 3)", "2024-03-31 03:00:00.000"},
        {"TO_TIMESTAMP_LTZ(1711846799000, 3)", "2024-03-31 01:59:59.000"},
        {"HOUR(TO_TIMESTAMP_LTZ(1711846800000, 3))", "3"},
        {"TIMESTAMPADD(HOUR, 1, TO_TIMESTAMP_LTZ(1711846799000, 3))", "2024-03-31 03:59:59.000"},
        {"TIMESTAMPADD(DAY, 1, TO_TIMESTAMP_LTZ(1711796400000, 3))", "2024-03-31 12:00:00.000"},
        {"TIMESTAMPDIFF(HOUR, CAST(TIMESTAMP '2024-03-31 00:00:00' AS TIMESTAMP_LTZ(3)), "
         "CAST(TIMESTAMP '2024-04-01 00:00:00' AS TIMESTAMP_LTZ(3)))",
         "23"},
        {"TIMESTAMPDIFF(HOUR, CAST(TIMESTAMP '2024-10-27 00:00:00' AS TIMESTAMP_LTZ(3)), "
         "CAST(TIMESTAMP '2024-10-28 00:00:00' AS TIMESTAMP_LTZ(3)))",
         "25"},
        {"FLOOR(TO_TIMESTAMP_LTZ(1711846800000, 3) TO DAY)", "2024-03-31 00:00:00.000"},
        {"DATE_FORMAT(TO_TIMESTAMP_LTZ(1711846800000, 3), 'HH:mm xx')", "03:00 +0200"},
        {"FROM_UNIXTIME(1711846799)", "2024-03-31 01:59:59"},
        {"UNIX_TIMESTAMP('2024-03-31 01:59:59')", "1711846799"},
        {"CAST(CAST(TIMESTAMP '2024-07-01 12:00:00' AS TIMESTAMP_LTZ(3)) AS STRING)",
         "2024-07-01 12:00:00.000"},
        {"TO_TIMESTAMP_LTZ('2024-07-01T12:00:00Z', 'yyyy-MM-dd''T''HH:mm:ssX')",
         "2024-07-01 14:00:00.000"},
        {"CAST(TIMESTAMP '2024-07-01 12:00:00' AS TIMESTAMP_LTZ(3)) + INTERVAL '1' MONTH",
         "2024-08-01 12:00:00.000"},
    };
    (void)state;
    check_samples(samples, LT_ARRAY_LEN(samples), "Europe/Berlin");
}

static void test_nested(void **state)
{
    static const struct sample samples[] = {
        {"ARRAY[1, 2.5]", "[1.0, 2.5]"},
        {"ARRAY['a', NULL]", "[a, NULL]"},
        {"ARRAY[ARRAY[1], ARRAY[2, 3]]", "[[1], [2, 3]]"},
        {"ARRAY[1, 2][2]", "2"},
        {"ARRAY[1, 2][3]", "NULL"},
        {"ARRAY[1, 2][0]", "NULL"},
        {"MAP['a', 1, 'a', 2]", "{a=2}"},
        {"MAP['a', 1]['x']", "NULL"},
        {"MAP['a', ARRAY[1, 2]]['a'][1]", "1"},
        {"ROW(1, ROW('x', NULL))", "(1, (x, NULL))"},
        {"ARRAY[1, 2] = ARRAY[1, 2]", "TRUE"},
        {"ROW(1, 'a') <> ROW(1, 'b')", "TRUE"},
        {"ARRAY[1] < ARRAY[2]", "refused"},
        {"CAST(ARRAY[1, 2] AS ARRAY<STRING>)", "[1, 2]"},
        {"CAST(MAP['a', 1] AS STRING)", "{a=1}"},
        {"ARRAY_SORT(ARRAY[3, NULL, 1])", "[NULL, 1, 3]"},
        {"ARRAY_SORT(ARRAY[3, NULL, 1], FALSE)", "[3, 1, NULL]"},
        {"ARRAY_SORT(ARRAY['b', 'a'], TRUE, FALSE)", "[a, b]"},
        {"ARRAY_SLICE(ARRAY[1, 2, 3], -2)", "[2, 3]"},
        {"ARRAY_SLICE(ARRAY[1, 2, 3], 3, 1)", "[]"},
        {"ARRAY_CONTAINS(ARRAY[1, NULL], NULL)", "TRUE"},
        {"ARRAY_CONTAINS(CAST(NULL AS ARRAY<INT>), 1)", "NULL"},
        {"ARRAY_MAX(ARRAY[NULL, 2])", "2"},
        {"ARRAY_UNION(ARRAY[1], ARRAY[2.5])", "[1.0, 2.5]"},
        {"ARRAY_JOIN(ARRAY['a', NULL, 'b'], ',', '*')", "a,*,b"},
        {"ARRAY_DISTINCT(CAST(NULL AS ARRAY<INT>))", "NULL"},
        {"ELEMENT(ARRAY[1, 2])", "error: ELEMENT takes an array of one element"},
        {"MAP_FROM_ARRAYS(ARRAY[1], ARRAY[1, 2])", "error: MAP_FROM_ARRAYS was given"},
        {"CARDINALITY(MAP['a', 1])", "1"},
        {"COALESCE(CAST(NULL AS ARRAY<INT>), ARRAY[7])", "[7]"},
        {"CASE WHEN TRUE THEN ARRAY[1] ELSE ARRAY[2] END", "[1]"},
    };
    (void)state;
    check_samples(samples, LT_ARRAY_LEN(samples), NULL);
}

static void test_json(void **state)
{
    static const struct sample samples[] = {
        {"JSON_VALUE('{\"a b\": \"x\\u00e9\\n\"}', '$[''a b'']')", "xé\n"},
        {"JSON_VALUE('{\"a\": null}', '$.a')", "NULL"},
        {"JSON_VALUE('{\"a\": 1', '$.a')", "NULL"},
        {"JSON_VALUE('[1, [2, 3]]', 'lax $[1][0]')", "2"},
        {"JSON_VALUE('{\"a\": {}}', '$.a')", "NULL"},
        {"JSON_VALUE('{\"a\": true}', '$')", "NULL"},
        {"JSON_VALUE('{}', 'a')", "error: 'a' is not a path"},
        {"JSON_VALUE('[1]', '$[*]')", "error: '$[*]' is not a path"},
        {"JSON_VALUE('{\"\\u0061\": 7}', '$.a')", "7"},
        {"JSON_QUERY('{\"a\": [1, {\"b\": \" x \"}]}', '$.a')", "[1,{\"b\":\" x \"}]"},
        {"JSON_QUERY('[1]', '$[0]')", "NULL"},
        {"JSON_EXISTS('{\"a\": null}', '$.a')", "TRUE"},
        {"JSON_EXISTS('{\"a\": 1}', '$.b')", "FALSE"},
        {"'1e5' IS JSON", "TRUE"},
        {"'01' IS JSON", "FALSE"},
        {"'[1,]' IS JSON", "FALSE"},
        {"'\"\\x\"' IS JSON", "FALSE"},
        {"' {\"a\":[]} ' IS JSON OBJECT", "TRUE"},
        {"JSON_STRING(MAP['a', ROW(1, NULL)])", "{\"a\":{\"EXPR$0\":1,\"EXPR$1\":null}}"},
        {"JSON_STRING('a\"\\b')", "\"a\\\"\\\\b\""},
        {"JSON_STRING(DATE '2024-01-01')", "\"2024-01-01\""},
        {"JSON_OBJECT()", "{}"},
        {"JSON_ARRAY(1, NULL, 2.50)", "[1,2.50]"},
    };
    (void)state;
    check_samples(samples, LT_ARRAY_LEN(samples), NULL);
}

static void test_urls(void **state)
{
    static const struct sample samples[] = {
        {"PARSE_URL('https://u:p@leat.org:80/a/b?x=1&y=2#r', 'HOST')", "leat.org"},
        {"PARSE_URL('https://u:p@leat.org:80/a/b?x=1&y=2#r', 'AUTHORITY')", "u:p@leat.org:80"},
        {"PARSE_URL('https://u:p@leat.org:80/a/b?x=1&y=2#r', 'USERINFO')", "u:p"},
        {"PARSE_URL('https://leat.org/a/b?x=1&y=2#r', 'FILE')", "/a/b?x=1&y=2"},
        {"PARSE_URL('https://leat.org/a/b?x=1&y=2#r', 'QUERY', 'y')", "2"},
        {"PARSE_URL('https://leat.org/a', 'QUERY')", "NULL"},
        {"PARSE_URL('nonsense', 'HOST')", "NULL"},
        {"PRINTF('%5.2f|%-5s|%x', 3.14159, 'ab', 255)", " 3.14|ab   |ff"},
        {"PRINTF('%d', 'x')", "NULL"},
        {"PRINTF('%s')", "NULL"},
        {"PRINTF('100%%')", "100%"},
    };
    (void)state;
    check_samples(samples, LT_ARRAY_LEN(samples), NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documented),    cmocka_unit_test(test_names_are_unique),
        cmocka_unit_test(test_examples),      cmocka_unit_test(test_reference),
        cmocka_unit_test(test_out_of_memory), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_text),          cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_digests),       cmocka_unit_test(test_times),
        cmocka_unit_test(test_zones),         cmocka_unit_test(test_nested),
        cmocka_unit_test(test_json),          cmocka_unit_test(test_urls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
