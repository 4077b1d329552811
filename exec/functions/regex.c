/* regex.c -- regular expressions with Java's syntax, compiled by PCRE2 to machine code.
 *
 * Java and Perl agree but for names of character classes: \p{Alpha} becomes
 * [[:alpha:]] here. Class intersection (&&) has no counterpart and is refused. Text
 * that is not valid UTF-8 matches as far as it is. A match may take a bounded number
 * of steps, so that no pattern can hang a query. What can be answered without a
 * matcher is (regex_scan.c). */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "exec/functions/regex.h"

#include "exec/functions/regex_scan.h"
#include "exec/functions/utf8.h"

#include <pcre2.h>

enum { REGEX_STEPS_MAX = 10 * 1000 * 1000, MEMORY_HEADER = 16 };

struct regex {
    struct lt_alloc *alloc;
    pcre2_general_context *general;
    pcre2_match_context *match;
    pcre2_code *code;
    pcre2_match_data *groups;
    bool jit;
    bool scanned; /* the last match is in `spans`, not in `groups` */
    struct regex_scan scan;
    struct scan_span spans[SCAN_GROUPS_MAX + 1];
    struct lt_buf source; /* the pattern compiled last, as given */
    struct lt_buf text;   /* the same in PCRE2's syntax */
    bool sql;
    bool fixed; /* no other pattern will come */
    uint32_t escape;
};

/* PCRE2 frees without a size, so the size goes before the block. */
static void *regex_malloc(size_t size, void *ctx)
{
    char *block = lt_alloc_get(ctx, size + MEMORY_HEADER);
    if (block == NULL)
        return NULL;
    memcpy(block, &size, sizeof(size));
    return block + MEMORY_HEADER;
}

static void regex_free(void *ptr, void *ctx)
{
    size_t size;
    if (ptr == NULL)
        return;
    memcpy(&size, (char *)ptr - MEMORY_HEADER, sizeof(size));
    lt_alloc_put(ctx, (char *)ptr - MEMORY_HEADER, size + MEMORY_HEADER);
}

lt_status regex_open(struct lt_alloc *alloc, struct regex **out)
{
    struct regex *re = lt_alloc_zero(alloc, sizeof(*re));
    if (re == NULL)
        return LT_NOMEM;
    re->alloc = alloc;
    lt_buf_init(&re->source, alloc);
    lt_buf_init(&re->text, alloc);
    re->general = pcre2_general_context_create(regex_malloc, regex_free, alloc);
    if (re->general)
        re->match = pcre2_match_context_create(re->general);
    if (re->match == NULL) {
        regex_close(re);
        return LT_NOMEM;
    }
    pcre2_set_match_limit(re->match, REGEX_STEPS_MAX);
    *out = re;
    return LT_OK;
}

static void regex_forget(struct regex *re)
{
    pcre2_match_data_free(re->groups);
    pcre2_code_free(re->code);
    re->groups = NULL;
    re->code = NULL;
}

void regex_close(struct regex *re)
{
    regex_forget(re);
    pcre2_match_context_free(re->match);
    pcre2_general_context_free(re->general);
    lt_buf_close(&re->source);
    lt_buf_close(&re->text);
    lt_alloc_put(re->alloc, re, sizeof(*re));
}

/* ---- from Java's syntax --------------------------------------------- */

static const struct class_name {
    const char *java, *posix;
} class_names[] = {
    {"Alpha", "[:alpha:]"}, {"Digit", "[:digit:]"},     {"Alnum", "[:alnum:]"},
    {"Upper", "[:upper:]"}, {"Lower", "[:lower:]"},     {"Punct", "[:punct:]"},
    {"Space", "[:space:]"}, {"Blank", "[:blank:]"},     {"Cntrl", "[:cntrl:]"},
    {"Graph", "[:graph:]"}, {"Print", "[:print:]"},     {"XDigit", "[:xdigit:]"},
    {"ASCII", "[:ascii:]"}, {"IsAlphabetic", "\\p{L}"}, {"IsDigit", "\\p{Nd}"},
};

/* At "\p{Name}": the bytes it takes, or 0 when the name is not one of Java's own. */
static size_t add_class(struct lt_buf *to, struct lt_str from, size_t at, bool in_class)
{
    bool negated = from.data[at + 1] == 'P';
    const char *open = from.data + at + 3, *close;
    if (at + 3 >= from.len || from.data[at + 2] != '{')
        return 0;
    close = memchr(open, '}', from.len - at - 3);
    for (size_t i = 0; close && i < LT_ARRAY_LEN(class_names); i++) {
        const char *posix = class_names[i].posix;
        struct lt_str name = {open, (size_t)(close - open)};
        if (!lt_str_equal(name, lt_str_of(class_names[i].java)))
            continue;
        if (posix[0] == '\\')
            lt_buf_addf(to, "\\%c%s", from.data[at + 1], posix + 2);
        else if (in_class)
            lt_buf_addf(to, "[:%s%s", negated ? "^" : "", posix + 2);
        else
            lt_buf_addf(to, "[%s%s]", negated ? "^" : "", posix);
        return (size_t)(close - (from.data + at)) + 1;
    }
    return 0;
}

/* False when the pattern uses what PCRE2 has not. */
static bool translate_java(struct lt_buf *to, struct lt_str from)
{
    unsigned depth = 0;
    for (size_t at = 0; at < from.len;) {
        char c = from.data[at];
        if (c == '\\' && at + 1 < from.len) {
            char next = from.data[at + 1];
            size_t used = next == 'p' || next == 'P' ? add_class(to, from, at, depth > 0) : 0;
            if (used == 0) {
                lt_buf_add(to, from.data + at, 2);
                used = 2;
            }
            at += used;
            continue;
        }
        if (c == '[')
            depth++;
        else if (c == ']' && depth > 0)
            depth--;
        else if (c == '&' && depth > 0 && at + 1 < from.len && from.data[at + 1] == '&')
            return false;
        lt_buf_addc(to, c);
        at++;
    }
    return true;
}

/* ---- from SIMILAR TO ------------------------------------------------ */

static void add_literal(struct lt_buf *to, const char *data, size_t len)
{
    if (len == 1 && strchr("\\^$.|?*+()[]{}", data[0]))
        lt_buf_addc(to, '\\');
    lt_buf_add(to, data, len);
}

static bool translate_sql(struct lt_buf *to, struct lt_str from, uint32_t escape)
{
    bool in_class = false;
    lt_buf_adds(to, "(?s)\\A(?:");
    for (size_t at = 0; at < from.len;) {
        size_t step = utf8_step(from.data, from.len, at);
        char c = step == 1 ? from.data[at] : 0;
        if (escape && utf8_get(from.data, from.len, at) == escape) {
            at += step;
            if (at >= from.len)
                return false;
            step = utf8_step(from.data, from.len, at);
            add_literal(to, from.data + at, step);
        } else if (in_class) {
            in_class = c != ']';
            if (c == '[' && at + 1 < from.len && from.data[at + 1] == ':') {
                const char *end = memmem(from.data + at, from.len - at, ":]", 2);
                if (end == NULL)
                    return false;
                for (; from.data + at < end; at++)
                    lt_buf_addc(to, from.data[at] >= 'A' && from.data[at] <= 'Z'
                                        ? (char)(from.data[at] + 32)
                                        : from.data[at]);
                lt_buf_adds(to, ":]");
                at += 2;
                in_class = true;
                continue;
            }
            if (c == '\\')
                lt_buf_addc(to, '\\');
            lt_buf_add(to, from.data + at, step);
        } else if (c == '%') {
            lt_buf_adds(to, ".*");
        } else if (c == '_') {
            lt_buf_addc(to, '.');
        } else if (c && strchr("|*+?{}()[", c)) {
            in_class = c == '[';
            lt_buf_addc(to, c);
        } else {
            add_literal(to, from.data + at, step);
        }
        at += step;
    }
    lt_buf_adds(to, ")\\z");
    return !in_class;
}

/* ---- compiling and matching ----------------------------------------- */

static lt_status regex_compile(struct regex *re, lt_status blame, struct lt_error *err)
{
    int code;
    PCRE2_SIZE at;
    PCRE2_UCHAR reason[256];
    pcre2_compile_context *context = pcre2_compile_context_create(re->general);
    if (context == NULL)
        return LT_NOMEM;
    pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
    re->code = pcre2_compile((PCRE2_SPTR)lt_buf_str(&re->text).data, re->text.len,
                             PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C, &code,
                             &at, context);
    pcre2_compile_context_free(context);
    if (re->code == NULL) {
        if (code == PCRE2_ERROR_HEAP_FAILED)
            return LT_NOMEM;
        pcre2_get_error_message(code, reason, sizeof(reason));
        return lt_fail(err, blame, "'%.*s' is not a regular expression: %s (at character %zu)",
                       LT_STR_ARG(lt_buf_str(&re->source)), (const char *)reason, (size_t)at + 1);
    }
    /* Without it the interpreter matches. */
    re->jit = pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE) == 0;
    re->groups = pcre2_match_data_create_from_pattern(re->code, re->general);
    return re->groups ? LT_OK : LT_NOMEM;
}

lt_status regex_use(struct regex *re, struct lt_str pattern, bool sql, uint32_t escape,
                    lt_status blame, struct lt_error *err)
{
    bool fine;
    lt_status status;
    if (re->fixed || (re->code && re->sql == sql && re->escape == escape &&
                      lt_str_equal(pattern, lt_buf_str(&re->source))))
        return LT_OK;
    regex_forget(re);
    lt_buf_clear(&re->source);
    lt_buf_clear(&re->text);
    lt_buf_add(&re->source, pattern.data, pattern.len);
    re->sql = sql;
    re->escape = escape;
    fine = sql ? translate_sql(&re->text, pattern, escape) : translate_java(&re->text, pattern);
    if (re->source.status != LT_OK || re->text.status != LT_OK)
        return LT_NOMEM;
    if (!fine)
        return lt_fail(err, blame,
                       sql ? "'%.*s' is not a pattern of SIMILAR TO"
                           : "'%.*s': && in a character class is not supported",
                       LT_STR_ARG(pattern));
    status = regex_compile(re, blame, err);
    if (status != LT_OK)
        regex_forget(re);
    if (sql)
        re->scan = (struct regex_scan){0};
    else
        regex_scan_read(&re->scan, lt_buf_str(&re->source));
    return status;
}

void regex_fix(struct regex *re)
{
    LT_ASSERT(re->code);
    re->fixed = true;
}

bool regex_is_fixed(const struct regex *re)
{
    return re->fixed;
}

const struct regex_scan *regex_simple(const struct regex *re)
{
    return re->fixed && re->scan.whole ? &re->scan : NULL;
}

/* Answers without the matcher; SCAN_UNSURE when that must be asked. */
static enum scan_answer regex_scan_first(struct regex *re, struct lt_str text, size_t from)
{
    const struct regex_scan *scan = &re->scan;
    if (scan->whole)
        return regex_scan_kernels()->find(scan, text, from, re->spans);
    if (scan->literal_len > 0 &&
        utf8_find(text, (struct lt_str){scan->literal, scan->literal_len}, from) == SIZE_MAX)
        return SCAN_NO;
    return SCAN_UNSURE;
}

lt_status regex_find(struct regex *re, struct lt_str text, size_t from, uint32_t *n_groups,
                     struct lt_error *err)
{
    PCRE2_SPTR data = (PCRE2_SPTR)(text.data ? text.data : "");
    enum scan_answer answer = regex_scan_first(re, text, from);
    int n;
    re->scanned = answer == SCAN_YES;
    *n_groups = re->scanned ? re->scan.n_groups + 1 : 0;
    if (answer != SCAN_UNSURE)
        return LT_OK;
    if (re->jit)
        n = pcre2_jit_match(re->code, data, text.len, from, 0, re->groups, re->match);
    else
        n = pcre2_match(re->code, data, text.len, from, 0, re->groups, re->match);
    if (n == PCRE2_ERROR_NOMATCH)
        return LT_OK;
    if (n == PCRE2_ERROR_NOMEMORY || n == PCRE2_ERROR_HEAPLIMIT)
        return LT_NOMEM;
    if (n < 0)
        return lt_fail(err, LT_LIMIT,
                       "the regular expression '%.*s' takes too many steps on a text of %zu bytes: "
                       "simplify it",
                       LT_STR_ARG(lt_buf_str(&re->source)), text.len);
    *n_groups = (uint32_t)n;
    return LT_OK;
}

uint32_t regex_groups(const struct regex *re)
{
    return pcre2_get_ovector_count(re->groups);
}

bool regex_group(const struct regex *re, uint32_t group, size_t *start, size_t *end)
{
    if (re->scanned) {
        if (group > re->scan.n_groups)
            return false;
        *start = re->spans[group].start;
        *end = re->spans[group].end;
        return true;
    }
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(re->groups);
    if (group >= regex_groups(re) || ends[2 * group] == PCRE2_UNSET)
        return false;
    *start = ends[2 * group];
    *end = ends[2 * group + 1];
    return *start <= *end;
}

bool regex_named(const struct regex *re, struct lt_str name, uint32_t *group)
{
    char text[33];
    int n;
    if (name.len >= sizeof(text))
        return false;
    memcpy(text, name.data, name.len);
    text[name.len] = 0;
    n = pcre2_substring_number_from_name(re->code, (PCRE2_SPTR)text);
    if (n < 0)
        return false;
    *group = (uint32_t)n;
    return true;
}
