/* regexp.c -- REGEXP and the REGEXP_ functions, SIMILAR TO.
 *
 * A constant pattern is compiled once when the program is opened, and an invalid
 * one fails there; a pattern from a column is compiled when it changes. */
#include "data/select.h"
#include "exec/functions/regex.h"
#include "exec/functions/regex_scan.h"
#include "exec/functions/utf8.h"

static lt_status constant_pattern(const struct lt_column *const *constants, uint32_t n_args,
                                  bool sql, struct regex *re, struct lt_error *err)
{
    uint32_t escape = 0;
    struct lt_str pattern;
    if (constants[1] == NULL || lt_column_is_null(constants[1], 0))
        return LT_OK;
    if (sql && n_args > 2) {
        if (constants[2] == NULL || lt_column_is_null(constants[2], 0))
            return LT_OK;
        pattern = lt_sv_str((const struct lt_sv *)constants[2]->values);
        escape = pattern.len ? utf8_get(pattern.data, pattern.len, 0) : 0;
    }
    pattern = lt_sv_str((const struct lt_sv *)constants[1]->values);
    LT_TRY(regex_use(re, pattern, sql, escape, LT_INVALID, err));
    regex_fix(re);
    return LT_OK;
}

static lt_status prepare(struct lt_alloc *alloc, const struct lt_column *const *constants,
                         uint32_t n_args, bool sql, void **data, struct lt_error *err)
{
    struct regex *re;
    lt_status status;
    LT_TRY(regex_open(alloc, &re));
    status = constant_pattern(constants, n_args, sql, re, err);
    if (status != LT_OK) {
        regex_close(re);
        return status;
    }
    *data = re;
    return LT_OK;
}

static lt_status prepare_java(struct lt_alloc *alloc, const struct lt_column *const *constants,
                              uint32_t n_args, const struct lt_type *const *types, void **data,
                              struct lt_error *err)
{
    LT_UNUSED(types);
    return prepare(alloc, constants, n_args, false, data, err);
}

static lt_status prepare_sql(struct lt_alloc *alloc, const struct lt_column *const *constants,
                             uint32_t n_args, const struct lt_type *const *types, void **data,
                             struct lt_error *err)
{
    LT_UNUSED(types);
    return prepare(alloc, constants, n_args, true, data, err);
}

static void release(struct lt_alloc *alloc, void *data)
{
    LT_UNUSED(alloc);
    regex_close(data);
}

#define REGEX_KERNEL(id, row, slice, preparer) \
    FN_EVAL(id, row, slice)                    \
    static const struct lt_kernel id = {       \
        .name = #id, .eval = id##_eval, .prepare = preparer, .release = release, .strict = true}

/* The row's expression over the row's text, current. `data` is ours to change:
 * one instruction, one thread. */
static lt_status row_regex(struct fn_row *r, uint32_t i, struct regex **out)
{
    *out = (struct regex *)r->data;
    return regex_use(*out, fn_str(r, 1, i), false, 0, LT_DATA, r->eval->err);
}

/* ---- REGEXP, SIMILAR TO --------------------------------------------- */

static lt_status regexp_row(struct fn_row *r, uint32_t i)
{
    struct regex *re;
    uint32_t n;
    LT_TRY(row_regex(r, i, &re));
    LT_TRY(regex_find(re, fn_str(r, 0, i), 0, &n, r->eval->err));
    return fn_set_bool(r, i, n > 0);
}
static lt_status similar_row(struct fn_row *r, uint32_t i)
{
    struct regex *re = (struct regex *)r->data;
    struct lt_str escape = r->n_args > 2 ? fn_str(r, 2, i) : LT_STR("");
    uint32_t n, c = escape.len ? utf8_get(escape.data, escape.len, 0) : 0;
    LT_TRY(regex_use(re, fn_str(r, 1, i), true, c, LT_DATA, r->eval->err));
    LT_TRY(regex_find(re, fn_str(r, 0, i), 0, &n, r->eval->err));
    return fn_set_bool(r, i, n > 0);
}
REGEX_KERNEL(regexp_kernel, regexp_row, false, prepare_java);
REGEX_KERNEL(similar_kernel, similar_row, false, prepare_sql);
FN_BIND(bind_regexp, "ss>o", regexp_kernel)
FN_BIND(bind_similar, "sss>o", similar_kernel)
FN(regexp, "REGEXP", "RLIKE|REGEXP_LIKE", "string", 2, 2, bind_regexp,
   "REGEXP(text STRING, regex STRING) -> BOOLEAN",
   "TRUE when some part of the text matches the regular expression.", "REGEXP('leat', 'e.t')",
   "TRUE");
FN(similar_to, "SIMILAR TO", NULL, "comparison", 2, 3, bind_similar,
   "text SIMILAR TO pattern [ESCAPE character] -> BOOLEAN",
   "TRUE when the whole text matches the SQL regular expression, where % is any text and _ any "
   "character.",
   "'abc' SIMILAR TO '(a|x)%c'", "TRUE");

/* ---- one match ------------------------------------------------------ */

static lt_status extract_row(struct fn_row *r, uint32_t i)
{
    struct regex *re;
    struct lt_str text = fn_str(r, 0, i);
    int64_t group = r->n_args > 2 ? fn_i64(r, 2, i) : 0;
    uint32_t n;
    size_t start, end;
    LT_TRY(row_regex(r, i, &re));
    LT_TRY(regex_find(re, text, 0, &n, r->eval->err));
    if (n == 0 || group < 0 || group >= regex_groups(re) ||
        !regex_group(re, (uint32_t)group, &start, &end))
        return fn_set_null(r, i);
    return fn_set_slice(r, i, (struct lt_str){text.data + start, end - start});
}
static lt_status regexp_instr_row(struct fn_row *r, uint32_t i)
{
    struct regex *re;
    struct lt_str text = fn_str(r, 0, i);
    uint32_t n;
    size_t start, end;
    LT_TRY(row_regex(r, i, &re));
    LT_TRY(regex_find(re, text, 0, &n, r->eval->err));
    if (n == 0 || !regex_group(re, 0, &start, &end))
        return fn_set_i32(r, i, 0);
    return fn_set_i32(r, i, (int64_t)utf8_count((struct lt_str){text.data, start}) + 1);
}

/* The group of the first match in row i, for which `found` is set. */
static lt_status extract_one(struct lt_eval *eval, struct regex *re, uint32_t i, struct lt_str text,
                             uint32_t group, struct lt_sv *to, int8_t *found)
{
    uint32_t n;
    size_t start, end;
    LT_TRY(regex_find(re, text, 0, &n, eval->err));
    found[i] = n > 0 && regex_group(re, group, &start, &end);
    if (found[i])
        to[i] = lt_sv_of(text.data + start, (uint32_t)(end - start));
    return LT_OK;
}

/* One pattern and one group for all rows. */
static lt_status extract_fixed(struct lt_eval *eval, struct regex *re, const struct lt_column *col,
                               uint32_t group, struct lt_column *out)
{
    const struct regex_scan *scan = regex_simple(re);
    struct text_rows rows = {col->values, eval->sel, eval->n_sel};
    int8_t found[LT_BATCH_ROWS_MAX] = {0};
    uint16_t unsure[LT_BATCH_ROWS_MAX];
    uint64_t bits[LT_SELECT_WORDS];
    if (scan && group <= scan->n_groups) {
        rows.n = regex_scan_kernels()->rows(scan, &rows, group, out->values, found, unsure);
        rows.sel = unsure;
    }
    for (uint32_t k = 0; k < rows.n; k++) {
        uint32_t i = rows.sel ? rows.sel[k] : k;
        LT_TRY(extract_one(eval, re, i, lt_sv_str(rows.texts + i), group, out->values, found));
    }
    lt_select_true(found, eval->len, bits);
    if (lt_bits_count(bits, eval->len) == eval->n_sel)
        return LT_OK;
    LT_TRY(lt_column_own_validity(out));
    memcpy(out->validity, bits, lt_bits_words(eval->len) * sizeof(*bits));
    return LT_OK;
}

static lt_status extract_eval(struct lt_eval *eval, struct lt_column *const *args, uint32_t n_args,
                              const struct lt_type *result, const void *data,
                              struct lt_column **out)
{
    struct regex *re = (struct regex *)data;
    int64_t group = n_args > 2 ? FN_LANE(int64_t, args[2], 0) : 0;
    struct lt_column *to;
    lt_status status;
    if (!regex_is_fixed(re) || args[0]->encoding != LT_FLAT || eval->len > LT_BATCH_ROWS_MAX ||
        group < 0 || group >= regex_groups(re) || (n_args > 2 && args[2]->encoding != LT_CONSTANT))
        return fn_rows(eval, args, n_args, result, data, out, extract_row, true);
    to = lt_column_new(eval->pool, result, eval->len);
    status = to ? lt_column_hold_from(to, args[0]) : LT_NOMEM;
    if (status == LT_OK)
        status = extract_fixed(eval, re, args[0], (uint32_t)group, to);
    if (status != LT_OK) {
        lt_column_unref(to);
        return status;
    }
    *out = to;
    return LT_OK;
}
static const struct lt_kernel extract_kernel = {.name = "REGEXP_EXTRACT",
                                                .eval = extract_eval,
                                                .prepare = prepare_java,
                                                .release = release,
                                                .strict = true};
REGEX_KERNEL(regexp_instr_kernel, regexp_instr_row, false, prepare_java);
FN_BIND(bind_extract, "ssl>s?", extract_kernel)
FN_BIND(bind_regexp_instr, "ss>i", regexp_instr_kernel)
FN(regexp_extract, "REGEXP_EXTRACT", NULL, "string", 2, 3, bind_extract,
   "REGEXP_EXTRACT(text STRING, regex STRING [, group BIGINT]) -> STRING",
   "A group (0, the default, is the whole) of the first match; NULL when there is none.",
   "REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)', 2)", "bar");
FN(regexp_substr, "REGEXP_SUBSTR", NULL, "string", 2, 2, bind_extract,
   "REGEXP_SUBSTR(text STRING, regex STRING) -> STRING",
   "The first match; NULL when there is none.", "REGEXP_SUBSTR('a12b3', '[0-9]+')", "12");
FN(regexp_instr, "REGEXP_INSTR", NULL, "string", 2, 2, bind_regexp_instr,
   "REGEXP_INSTR(text STRING, regex STRING) -> INT",
   "Where the first match begins, from 1; 0 when there is none.", "REGEXP_INSTR('leat', 'a')", "3");

/* ---- all matches ---------------------------------------------------- */

/* Where to look next: one character on after an empty match. SIZE_MAX at the end. */
static size_t next_from(struct lt_str text, size_t start, size_t end)
{
    if (end > start)
        return end;
    return end < text.len ? end + utf8_step(text.data, text.len, end) : SIZE_MAX;
}

static lt_status regexp_count_row(struct fn_row *r, uint32_t i)
{
    struct regex *re;
    struct lt_str text = fn_str(r, 0, i);
    size_t from = 0, start, end;
    int64_t count = 0;
    uint32_t n;
    LT_TRY(row_regex(r, i, &re));
    while (from != SIZE_MAX && from <= text.len) {
        LT_TRY(regex_find(re, text, from, &n, r->eval->err));
        if (n == 0 || !regex_group(re, 0, &start, &end))
            break;
        count++;
        from = next_from(text, start, end);
    }
    return fn_set_i32(r, i, count);
}

/* The replacement as Java reads it: $1, ${name}, and \ before what is meant as it is. */
static lt_status add_replacement(struct fn_row *r, const struct regex *re, struct lt_str text,
                                 struct lt_str by)
{
    for (size_t at = 0; at < by.len; at++) {
        uint32_t group = 0;
        size_t start, end;
        bool known = false;
        if (by.data[at] == '\\' && at + 1 < by.len) {
            lt_buf_addc(&r->buf, by.data[++at]);
            continue;
        }
        if (by.data[at] != '$') {
            lt_buf_addc(&r->buf, by.data[at]);
            continue;
        }
        if (at + 1 < by.len && by.data[at + 1] == '{') {
            const char *close = memchr(by.data + at, '}', by.len - at);
            struct lt_str name = {by.data + at + 2, close ? (size_t)(close - by.data) - at - 2 : 0};
            known = close && regex_named(re, name, &group);
            at = close ? (size_t)(close - by.data) : at;
        } else {
            while (at + 1 < by.len && by.data[at + 1] >= '0' && by.data[at + 1] <= '9' &&
                   (!known || group * 10 + (uint32_t)(by.data[at + 1] - '0') < regex_groups(re))) {
                group = group * 10 + (uint32_t)(by.data[++at] - '0');
                known = true;
            }
        }
        if (!known || group >= regex_groups(re))
            return lt_fail(
                r->eval->err, LT_DATA,
                "'%.*s' names no group of the regular expression: write \\$ for a dollar",
                LT_STR_ARG(by));
        if (regex_group(re, group, &start, &end))
            lt_buf_add(&r->buf, text.data + start, end - start);
    }
    return LT_OK;
}

static lt_status regexp_replace_row(struct fn_row *r, uint32_t i)
{
    struct regex *re;
    struct lt_str text = fn_str(r, 0, i), by = fn_str(r, 2, i);
    size_t from = 0, copied = 0, start, end;
    uint32_t n;
    LT_TRY(row_regex(r, i, &re));
    lt_buf_clear(&r->buf);
    while (from != SIZE_MAX && from <= text.len) {
        LT_TRY(regex_find(re, text, from, &n, r->eval->err));
        if (n == 0 || !regex_group(re, 0, &start, &end))
            break;
        lt_buf_add(&r->buf, text.data + copied, start - copied);
        LT_TRY(add_replacement(r, re, text, by));
        copied = end;
        from = next_from(text, start, end);
    }
    lt_buf_add(&r->buf, text.data + copied, text.len - copied);
    return fn_set_buf(r, i);
}
REGEX_KERNEL(regexp_count_kernel, regexp_count_row, false, prepare_java);
REGEX_KERNEL(regexp_replace_kernel, regexp_replace_row, false, prepare_java);
FN_BIND(bind_regexp_count, "ss>i", regexp_count_kernel)
FN_BIND(bind_regexp_replace, "sss>s", regexp_replace_kernel)
FN(regexp_count, "REGEXP_COUNT", NULL, "string", 2, 2, bind_regexp_count,
   "REGEXP_COUNT(text STRING, regex STRING) -> INT",
   "How many parts of the text match, none overlapping another.", "REGEXP_COUNT('banana', 'a')",
   "3");
FN(regexp_replace, "REGEXP_REPLACE", NULL, "string", 3, 3, bind_regexp_replace,
   "REGEXP_REPLACE(text STRING, regex STRING, replacement STRING) -> STRING",
   "Every match replaced; $1 in the replacement is what the first group matched.",
   "REGEXP_REPLACE('foobar', '([aeiou])', '<$1>')", "f<o><o>b<a>r");

/* ---- REGEXP_EXTRACT_ALL --------------------------------------------- */

struct texts {
    struct lt_sv *items;
    uint32_t n, cap;
};

static lt_status extract_all_row(struct lt_eval *eval, struct regex *re, struct lt_str text,
                                 int64_t group, struct texts *texts)
{
    size_t from = 0, start, end, a, b;
    uint32_t n;
    while (from != SIZE_MAX && from <= text.len) {
        LT_TRY(regex_find(re, text, from, &n, eval->err));
        if (n == 0 || !regex_group(re, 0, &start, &end))
            break;
        if (!regex_group(re, (uint32_t)group, &a, &b))
            a = b = 0;
        LT_TRY(LT_ARENA_PUSH(eval->scratch, texts->items, texts->n, texts->cap,
                             lt_sv_of(text.data + a, (uint32_t)(b - a))));
        from = next_from(text, start, end);
    }
    return LT_OK;
}

static lt_status extract_all_fill(struct lt_eval *eval, struct lt_column *const *args,
                                  uint32_t n_args, const void *data, struct lt_column *to,
                                  struct texts *texts)
{
    struct regex *re = (struct regex *)data;
    uint32_t *offsets = to->values, next = 0;
    FN_EACH(eval, i)
    {
        int64_t group = n_args > 2 ? FN_LANE(int64_t, args[2], i) : 1;
        struct lt_str text = lt_sv_str(&FN_LANE(struct lt_sv, args[0], i));
        struct lt_str pattern = lt_sv_str(&FN_LANE(struct lt_sv, args[1], i));
        for (; next <= i; next++)
            offsets[next] = texts->n;
        LT_TRY(regex_use(re, pattern, false, 0, LT_DATA, eval->err));
        if (group >= 0 && group < regex_groups(re)) {
            LT_TRY(extract_all_row(eval, re, text, group, texts));
        } else {
            LT_TRY(lt_column_own_validity(to));
            lt_column_set_null(to, i);
        }
    }
    for (; next <= eval->len; next++)
        offsets[next] = texts->n;
    return LT_OK;
}

static lt_status extract_all_eval(struct lt_eval *eval, struct lt_column *const *args,
                                  uint32_t n_args, const struct lt_type *result, const void *data,
                                  struct lt_column **out)
{
    struct texts texts = {0};
    struct lt_column *to = lt_column_new(eval->pool, result, eval->len), *child = NULL;
    lt_status status = to ? LT_OK : LT_NOMEM;
    if (status == LT_OK)
        status = extract_all_fill(eval, args, n_args, data, to, &texts);
    if (status == LT_OK) {
        child = lt_column_new(eval->pool, result->children[0], texts.n);
        status = child ? lt_column_hold_from(child, args[0]) : LT_NOMEM;
    }
    if (status == LT_OK) {
        if (texts.n > 0)
            memcpy(child->values, texts.items, texts.n * sizeof(*texts.items));
        status = lt_column_set_child(to, 0, child);
        child = NULL;
    }
    if (status != LT_OK) {
        lt_column_unref(child);
        lt_column_unref(to);
        return status;
    }
    *out = to;
    return LT_OK;
}
static const struct lt_kernel extract_all_kernel = {.name = "REGEXP_EXTRACT_ALL",
                                                    .eval = extract_all_eval,
                                                    .prepare = prepare_java,
                                                    .release = release,
                                                    .strict = true};
static lt_status bind_extract_all(struct lt_bind_call *call)
{
    LT_TRY(fn_bind(call, "ssl>s", &extract_all_kernel));
    return fn_result_nullable(call, lt_type_array(call->arena, &lt_type_string),
                              &extract_all_kernel, true);
}
FN(regexp_extract_all, "REGEXP_EXTRACT_ALL", NULL, "string", 2, 3, bind_extract_all,
   "REGEXP_EXTRACT_ALL(text STRING, regex STRING [, group BIGINT]) -> ARRAY<STRING>",
   "A group (1 by default, 0 is the whole) of every match; NULL when there is no such group.",
   "REGEXP_EXTRACT_ALL('a1b22', '[0-9]+', 0)", "[1, 22]");
