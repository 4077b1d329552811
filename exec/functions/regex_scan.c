/* regex_scan.c -- patterns that need no matcher.
 *
 * Two things are read off a pattern before PCRE2 sees a text:
 *
 *  - the longest text that every match must hold. A text without it has no match;
 *  - whether the pattern is a simple one, like (&|^)id=([^&]*): perhaps one character
 *    or the beginning, a text to search for, then texts and runs of characters where
 *    a run and what may follow it have no character in common. Then a run can only
 *    end where it ends, so no way back is ever needed: the first place where the
 *    search text stands and the rest fits is the leftmost match.
 *
 * Whatever is not understood here is left to PCRE2; texts past ASCII are too, where a
 * set like [^&] meets them, because an invalid byte is no character. */
#include "exec/functions/regex_scan.h"

#include "exec/functions/utf8.h"
#include "exec/kernels/text_ops.h"

/* ---- sets ----------------------------------------------------------- */

static void set_add(struct scan_set *set, unsigned char c)
{
    set->bits[c / 64] |= UINT64_C(1) << (c % 64);
}

static bool set_has(const struct scan_set *set, unsigned char c)
{
    return c < 0x80 ? set->bits[c / 64] >> (c % 64) & 1 : set->others;
}

static void set_negate(struct scan_set *set)
{
    set->bits[0] = ~set->bits[0];
    set->bits[1] = ~set->bits[1];
    set->others = !set->others;
}

static bool sets_meet(const struct scan_set *a, const struct scan_set *b)
{
    return (a->bits[0] & b->bits[0]) || (a->bits[1] & b->bits[1]) || (a->others && b->others);
}

/* \d \w \s and their negations; false for any other letter. */
static bool set_of_letter(char letter, struct scan_set *set)
{
    *set = (struct scan_set){0};
    for (unsigned c = 0; c < 0x80; c++) {
        bool digit = c >= '0' && c <= '9';
        bool word = digit || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool space = c == ' ' || (c >= '\t' && c <= '\r');
        bool in;
        switch (letter | 0x20) {
        case 'd': in = digit; break;
        case 'w': in = word; break;
        case 's': in = space; break;
        default: return false;
        }
        if (in)
            set_add(set, (unsigned char)c);
    }
    if (letter < 'a')
        set_negate(set);
    return true;
}

/* ---- tokens --------------------------------------------------------- */

/* One token of a pattern. What is none of these makes the reader give up. */
enum token {
    TOKEN_END,
    TOKEN_CHAR, /* of `text`, one character */
    TOKEN_SET,
    TOKEN_START,      /* ^ */
    TOKEN_EDGE,       /* $ \b \A and the like: matches no character */
    TOKEN_OPEN,       /* ( */
    TOKEN_OPEN_PLAIN, /* (?: */
    TOKEN_OPEN_OTHER, /* (?= (?<name> ... */
    TOKEN_CLOSE,
    TOKEN_OR,
    TOKEN_MANY,       /* * or +, greedy */
    TOKEN_OTHER_MANY, /* ? {n,m} or a lazy or possessive one */
    TOKEN_UNKNOWN,
};

struct reader {
    struct lt_str pattern;
    size_t at;
    struct lt_str text;  /* TOKEN_CHAR */
    struct scan_set set; /* TOKEN_SET */
    uint32_t least;      /* TOKEN_MANY */
};

/* The character that an escape of a single one means; false when it means more. */
static bool escaped_char(char c, char *out)
{
    static const char from[] = "tnrf", to[] = "\t\n\r\f";
    const char *found = strchr(from, c);
    if (c == 0)
        return false;
    if (found)
        *out = to[found - from];
    else if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
             (unsigned char)c >= 0x80)
        return false;
    else
        *out = c;
    return true;
}

/* One character or class within [...]; false at what is not understood. */
static bool read_member(struct reader *r, struct scan_set *all, char *single)
{
    struct scan_set set;
    char c = r->pattern.data[r->at++];
    *single = 0;
    if (c == '[' || (unsigned char)c >= 0x80)
        return false;
    if (c == '\\') {
        if (r->at == r->pattern.len)
            return false;
        char letter = r->pattern.data[r->at++];
        if (set_of_letter(letter, &set)) {
            all->bits[0] |= set.bits[0];
            all->bits[1] |= set.bits[1];
            all->others |= set.others;
            return true;
        }
        if (!escaped_char(letter, &c))
            return false;
    }
    set_add(all, (unsigned char)c);
    *single = c;
    return true;
}

/* Behind the opening bracket. */
static enum token read_set(struct reader *r)
{
    struct lt_str p = r->pattern;
    bool negated = r->at < p.len && p.data[r->at] == '^';
    struct scan_set all = {0};
    char low, high;
    r->at += negated;
    if (r->at >= p.len || p.data[r->at] == ']')
        return TOKEN_UNKNOWN;
    while (r->at < p.len && p.data[r->at] != ']') {
        if (!read_member(r, &all, &low))
            return TOKEN_UNKNOWN;
        if (r->at + 1 >= p.len || p.data[r->at] != '-' || p.data[r->at + 1] == ']')
            continue;
        r->at++;
        if (low == 0 || !read_member(r, &all, &high) || high == 0)
            return TOKEN_UNKNOWN;
        for (int c = low; c <= high; c++)
            set_add(&all, (unsigned char)c);
    }
    if (r->at == p.len)
        return TOKEN_UNKNOWN;
    r->at++;
    if (negated)
        set_negate(&all);
    r->set = all;
    return TOKEN_SET;
}

static enum token read_escape(struct reader *r)
{
    static char const edges[] = "bBAzZG";
    if (r->at == r->pattern.len)
        return TOKEN_UNKNOWN;
    const char *letter = r->pattern.data + r->at++;
    char c;
    if (set_of_letter(*letter, &r->set))
        return TOKEN_SET;
    if (*letter && strchr(edges, *letter))
        return TOKEN_EDGE;
    if (!escaped_char(*letter, &c) || c != *letter) /* \t and its kin are not in the pattern */
        return TOKEN_UNKNOWN;
    r->text = (struct lt_str){letter, 1};
    return TOKEN_CHAR;
}

static enum token read_open(struct reader *r)
{
    const char *p = r->pattern.data + r->at;
    size_t left = r->pattern.len - r->at;
    if (left > 0 && p[0] == '*')
        return TOKEN_UNKNOWN;
    if (left < 2 || p[0] != '?')
        return TOKEN_OPEN;
    r->at += 2;
    if (p[1] == ':')
        return TOKEN_OPEN_PLAIN;
    return strchr("=!<>", p[1]) ? TOKEN_OPEN_OTHER : TOKEN_UNKNOWN; /* (?i) changes what follows */
}

static enum token read_many(struct reader *r, char c)
{
    enum token token = c == '*' || c == '+' ? TOKEN_MANY : TOKEN_OTHER_MANY;
    struct lt_str p = r->pattern;
    if (c == '{') { /* what is no count is text to PCRE2 */
        while (r->at < p.len &&
               (p.data[r->at] == ',' || (p.data[r->at] >= '0' && p.data[r->at] <= '9')))
            r->at++;
        if (r->at == p.len || p.data[r->at++] != '}')
            return TOKEN_UNKNOWN;
    }
    r->least = c == '+';
    if (r->at < r->pattern.len &&
        (r->pattern.data[r->at] == '?' || r->pattern.data[r->at] == '+')) {
        r->at++;
        token = TOKEN_OTHER_MANY;
    }
    return token;
}

static enum token read_token(struct reader *r)
{
    struct lt_str p = r->pattern;
    if (r->at == p.len)
        return TOKEN_END;
    size_t step = utf8_step(p.data, p.len, r->at);
    char c = p.data[r->at];
    r->text = (struct lt_str){p.data + r->at, step};
    r->at += step;
    switch (c) {
    case '\\': return read_escape(r);
    case '[': return read_set(r);
    case '(': return read_open(r);
    case ')': return TOKEN_CLOSE;
    case '|': return TOKEN_OR;
    case '^': return TOKEN_START;
    case '$': return TOKEN_EDGE;
    case '*':
    case '+':
    case '?':
    case '{': return read_many(r, c);
    case '.':
        r->set = (struct scan_set){0};
        set_add(&r->set, '\n');
        set_add(&r->set, '\r');
        set_negate(&r->set);
        return TOKEN_SET;
    case 0: return TOKEN_UNKNOWN;
    default: return TOKEN_CHAR;
    }
}

/* ---- the text that every match holds -------------------------------- */

struct run {
    uint32_t len, last; /* bytes; where the last character begins */
    char text[SCAN_TEXT_MAX];
};

static void run_end(struct run *run, struct regex_scan *scan)
{
    if (run->len > scan->literal_len) {
        memcpy(scan->literal, run->text, run->len);
        scan->literal_len = run->len;
    }
    run->len = run->last = 0;
}

static void run_add(struct run *run, struct regex_scan *scan, struct lt_str text)
{
    if (run->len + text.len > SCAN_TEXT_MAX)
        run_end(run, scan);
    memcpy(run->text + run->len, text.data, text.len);
    run->last = run->len;
    run->len += (uint32_t)text.len;
}

/* Only what stands outside of groups is looked at: nothing within one need be there. */
static void read_literal(struct regex_scan *scan, struct lt_str pattern)
{
    struct reader r = {.pattern = pattern};
    struct run run = {0};
    uint32_t depth = 0;
    for (;;) {
        enum token token = read_token(&r);
        if (token == TOKEN_CHAR && depth == 0) {
            run_add(&run, scan, r.text);
            continue;
        }
        bool optional = token == TOKEN_OTHER_MANY || (token == TOKEN_MANY && r.least == 0);
        if (optional && depth == 0)
            run.len = run.last;
        if (depth == 0)
            run_end(&run, scan);
        if (token == TOKEN_UNKNOWN || (token == TOKEN_OR && depth == 0)) {
            scan->literal_len = 0;
            return;
        }
        depth += token == TOKEN_OPEN || token == TOKEN_OPEN_PLAIN || token == TOKEN_OPEN_OTHER;
        depth -= token == TOKEN_CLOSE && depth > 0;
        if (token == TOKEN_END)
            return;
    }
}

/* ---- simple patterns ------------------------------------------------ */

struct open_group {
    uint32_t group; /* 0 = one that does not count */
    uint32_t element;
};

struct builder {
    struct regex_scan *scan;
    struct reader r;
    bool text_ended; /* the next character begins an element */
    bool only_start; /* ^ stands first */
    uint32_t depth;
    struct open_group open[SCAN_GROUPS_MAX];
};

static struct scan_element *add_element(struct builder *b)
{
    struct regex_scan *scan = b->scan;
    if (scan->n_elements == SCAN_ELEMENTS_MAX)
        return NULL;
    scan->elements[scan->n_elements] = (struct scan_element){.text_at = scan->text_used};
    return &scan->elements[scan->n_elements++];
}

static bool add_text(struct builder *b, struct lt_str text)
{
    struct regex_scan *scan = b->scan;
    struct scan_element *element = scan->n_elements ? &scan->elements[scan->n_elements - 1] : NULL;
    if (text.len != 1 || (unsigned char)text.data[0] >= 0x80 || scan->text_used == SCAN_TEXT_MAX)
        return false;
    if (b->text_ended || element == NULL || element->is_set)
        element = add_element(b);
    if (element == NULL)
        return false;
    b->text_ended = false;
    scan->text[scan->text_used++] = text.data[0];
    element->text_len++;
    return true;
}

static bool add_set(struct builder *b, const struct scan_set *set)
{
    struct scan_element *element = add_element(b);
    if (element == NULL)
        return false;
    b->text_ended = false;
    element->is_set = true;
    element->least = 1;
    element->set = *set;
    for (unsigned char c = 0; c < 0x80; c++)
        element->members.member[c] = set_has(set, c) ? 0x80 : 0;
    return true;
}

/* One alternative of a head: a character, a set or the beginning, which leaves `set`. */
static bool read_alternative(struct reader *r, struct scan_set *set, bool *start)
{
    enum token token = read_token(r);
    *start = token == TOKEN_START;
    if (token == TOKEN_SET)
        *set = r->set;
    else if (token == TOKEN_CHAR && (unsigned char)r->text.data[0] < 0x80)
        set_add(set, (unsigned char)r->text.data[0]);
    else
        return *start;
    return true;
}

/* (c|^) or (^|c) at the very beginning, behind its opening. */
static bool add_head(struct builder *b)
{
    struct scan_set set = {0};
    bool first, second;
    if (!read_alternative(&b->r, &set, &first) || read_token(&b->r) != TOKEN_OR ||
        !read_alternative(&b->r, &set, &second) || first == second)
        return false;
    struct reader ahead = b->r;
    if (read_token(&ahead) != TOKEN_CLOSE)
        return false;
    b->scan->may_start = true;
    return add_set(b, &set);
}

static bool open_group(struct builder *b, bool counts)
{
    struct regex_scan *scan = b->scan;
    struct open_group *open = &b->open[b->depth];
    if (b->depth == SCAN_GROUPS_MAX || (counts && scan->n_groups == SCAN_GROUPS_MAX))
        return false;
    *open = (struct open_group){.element = scan->n_elements};
    if (counts)
        open->group = ++scan->n_groups;
    b->depth++;
    b->text_ended = true;
    struct reader ahead = b->r;
    enum token token = scan->n_elements == 0 && !scan->may_start ? read_token(&ahead) : TOKEN_END;
    if ((token == TOKEN_START || token == TOKEN_CHAR || token == TOKEN_SET) &&
        read_token(&ahead) == TOKEN_OR)
        return add_head(b);
    return true;
}

static bool close_group(struct builder *b)
{
    struct reader ahead = b->r;
    enum token next = read_token(&ahead);
    if (b->depth == 0 || next == TOKEN_MANY || next == TOKEN_OTHER_MANY)
        return false;
    const struct open_group *open = &b->open[--b->depth];
    if (open->group) {
        b->scan->groups[open->group - 1].open = open->element;
        b->scan->groups[open->group - 1].close = b->scan->n_elements;
    }
    b->text_ended = true;
    return true;
}

/* A set that may go on must have nothing in common with what may follow it. */
static bool runs_end(const struct regex_scan *scan)
{
    for (uint32_t e = 0; e < scan->n_elements; e++) {
        const struct scan_element *run = &scan->elements[e];
        for (uint32_t next = e + 1; run->many && next < scan->n_elements; next++) {
            const struct scan_element *after = &scan->elements[next];
            if (after->is_set ? sets_meet(&run->set, &after->set)
                              : set_has(&run->set, (unsigned char)scan->text[after->text_at]))
                return false;
            if (!after->is_set || after->least > 0)
                break;
        }
    }
    return true;
}

static bool read_whole(struct builder *b)
{
    struct regex_scan *scan = b->scan;
    for (;;) {
        struct scan_element *last = scan->n_elements ? &scan->elements[scan->n_elements - 1] : NULL;
        struct reader ahead;
        switch (read_token(&b->r)) {
        case TOKEN_CHAR:
            ahead = b->r;
            if (read_token(&ahead) == TOKEN_MANY || !add_text(b, b->r.text))
                return false;
            break;
        case TOKEN_SET:
            if (!add_set(b, &b->r.set))
                return false;
            break;
        case TOKEN_MANY:
            if (last == NULL || !last->is_set || last->many || b->text_ended)
                return false;
            last->many = true;
            last->least = b->r.least;
            break;
        case TOKEN_START:
            if (scan->n_elements > 0 || scan->may_start)
                return false;
            scan->may_start = b->only_start = true;
            break;
        case TOKEN_OPEN:
            if (!open_group(b, true))
                return false;
            break;
        case TOKEN_OPEN_PLAIN:
            if (!open_group(b, false))
                return false;
            break;
        case TOKEN_CLOSE:
            if (!close_group(b))
                return false;
            break;
        case TOKEN_END: return b->depth == 0;
        default: return false;
        }
    }
}

void regex_scan_read(struct regex_scan *scan, struct lt_str pattern)
{
    struct builder b = {.scan = scan, .r = {.pattern = pattern}};
    *scan = (struct regex_scan){0};
    read_literal(scan, pattern);
    if (!read_whole(&b) || scan->n_elements == 0 || (b.only_start && scan->elements[0].is_set))
        return;
    scan->anchor = scan->elements[0].is_set;
    scan->whole = scan->anchor < scan->n_elements && !scan->elements[0].many &&
                  !scan->elements[scan->anchor].is_set && runs_end(scan);
}

/* ---- searching ------------------------------------------------------ */

#define TEXT_TARGET
#define TEXT_NAME(x) portable_##x
#include "exec/functions/regex_scan.tmpl.h"
#undef TEXT_TARGET
#undef TEXT_NAME

const struct regex_scan_kernels regex_scan_portable = {portable_scan_find, portable_scan_rows};

#if LT_HAS_AVX512
#define TEXT_TARGET LT_TARGET_AVX512
#define TEXT_NAME(x) avx512_##x
#include "exec/functions/regex_scan.tmpl.h"
#undef TEXT_TARGET
#undef TEXT_NAME

static const struct regex_scan_kernels regex_scan_avx512 = {avx512_scan_find, avx512_scan_rows};
#endif

const struct regex_scan_kernels *regex_scan_kernels(void)
{
#if LT_HAS_AVX512
    if (lt_cpu_avx512())
        return &regex_scan_avx512;
#endif
    return &regex_scan_portable;
}
