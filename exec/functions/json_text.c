/* json_text.c -- JSON (RFC 8259) inside a text: checking, finding by a path, writing.
 *
 * Nothing is built: a scanner steps over values, checking as it goes, and what a
 * path leads to is a part of the text. Of two equal members the first counts. */
#include "exec/functions/json_text.h"

#include "exec/functions/utf8.h"

#include <math.h>

enum { JSON_DEPTH_MAX = 512 };

struct scanner {
    const char *at, *end;
};

/* ---- stepping over values ------------------------------------------- */

static void skip_blanks(struct scanner *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
        s->at++;
}

static bool skip_char(struct scanner *s, char c)
{
    skip_blanks(s);
    if (s->at >= s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

/* At the opening quote. */
static bool skip_string(struct scanner *s)
{
    for (s->at++; s->at < s->end; s->at++) {
        if (*s->at == '"') {
            s->at++;
            return true;
        }
        if ((unsigned char)*s->at < 0x20)
            return false;
        if (*s->at != '\\')
            continue;
        if (++s->at >= s->end || *s->at == 0 || strchr("\"\\/bfnrtu", *s->at) == NULL)
            return false;
        if (*s->at == 'u') {
            for (int i = 0; i < 4; i++) {
                if (++s->at >= s->end || !is_hex(*s->at))
                    return false;
            }
        }
    }
    return false;
}

static bool skip_digits(struct scanner *s)
{
    const char *start = s->at;
    while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
        s->at++;
    return s->at > start;
}

static bool skip_number(struct scanner *s)
{
    if (*s->at == '-')
        s->at++;
    if (s->at < s->end && *s->at == '0')
        s->at++;
    else if (!skip_digits(s))
        return false;
    if (s->at < s->end && *s->at == '.') {
        s->at++;
        if (!skip_digits(s))
            return false;
    }
    if (s->at < s->end && (*s->at | 32) == 'e') {
        s->at++;
        if (s->at < s->end && (*s->at == '+' || *s->at == '-'))
            s->at++;
        return skip_digits(s);
    }
    return true;
}

static bool skip_word(struct scanner *s, struct lt_str word)
{
    if ((size_t)(s->end - s->at) < word.len || memcmp(s->at, word.data, word.len) != 0)
        return false;
    s->at += word.len;
    return true;
}

static enum json_kind skip_value(struct scanner *s, unsigned depth);

/* `{` or `[` is behind; members are divided by ','. */
static bool skip_members(struct scanner *s, bool object, unsigned depth)
{
    char close = object ? '}' : ']';
    if (skip_char(s, close))
        return true;
    do {
        skip_blanks(s);
        if (object && (s->at >= s->end || *s->at != '"' || !skip_string(s) || !skip_char(s, ':')))
            return false;
        if (skip_value(s, depth + 1) == JSON_BAD)
            return false;
    } while (skip_char(s, ','));
    return skip_char(s, close);
}

static enum json_kind skip_value(struct scanner *s, unsigned depth)
{
    skip_blanks(s);
    if (s->at >= s->end || depth > JSON_DEPTH_MAX)
        return JSON_BAD;
    switch (*s->at) {
    case '{': s->at++; return skip_members(s, true, depth) ? JSON_OBJECT : JSON_BAD;
    case '[': s->at++; return skip_members(s, false, depth) ? JSON_ARRAY : JSON_BAD;
    case '"': return skip_string(s) ? JSON_STRING : JSON_BAD;
    case 't': return skip_word(s, LT_STR("true")) ? JSON_TRUE : JSON_BAD;
    case 'f': return skip_word(s, LT_STR("false")) ? JSON_FALSE : JSON_BAD;
    case 'n': return skip_word(s, LT_STR("null")) ? JSON_NULL : JSON_BAD;
    case '-':
    case '0' ... '9': return skip_number(s) ? JSON_NUMBER : JSON_BAD;
    default: return JSON_BAD;
    }
}

enum json_kind json_check(struct lt_str text)
{
    struct scanner s = {text.data, text.data + text.len};
    enum json_kind kind = skip_value(&s, 0);
    skip_blanks(&s);
    return s.at == s.end ? kind : JSON_BAD;
}

/* ---- paths ---------------------------------------------------------- */

struct step {
    struct lt_str member; /* data NULL: an index */
    size_t index;
};

static bool is_name(char c)
{
    return (c | 32) >= 'a' ? (c | 32) <= 'z' || (unsigned char)c >= 0x80
                           : (c >= '0' && c <= '9') || c == '_' || c == '$' || c == '-';
}

static void path_start(struct lt_str path, struct scanner *s)
{
    *s = (struct scanner){path.data, path.data + path.len};
    skip_blanks(s);
    if (!skip_word(s, LT_STR("lax ")))
        skip_word(s, LT_STR("strict "));
    skip_blanks(s);
}

/* Reads one step; false when it is none that is known. */
static bool path_step(struct scanner *s, struct step *step)
{
    const char *start;
    char quote;
    *step = (struct step){0};
    if (*s->at == '.') {
        start = ++s->at;
        if (s->at < s->end && *s->at == '"') {
            if (!skip_string(s))
                return false;
            step->member = (struct lt_str){start + 1, (size_t)(s->at - start) - 2};
            return true;
        }
        while (s->at < s->end && is_name(*s->at))
            s->at++;
        step->member = (struct lt_str){start, (size_t)(s->at - start)};
        return step->member.len > 0;
    }
    if (!skip_char(s, '['))
        return false;
    skip_blanks(s);
    if (s->at < s->end && (*s->at == '\'' || *s->at == '"')) {
        quote = *s->at;
        start = ++s->at;
        while (s->at < s->end && *s->at != quote)
            s->at++;
        step->member = (struct lt_str){start, (size_t)(s->at - start)};
        return s->at++ < s->end && skip_char(s, ']');
    }
    start = s->at;
    while (s->at < s->end && *s->at >= '0' && *s->at <= '9' && step->index < SIZE_MAX / 100)
        step->index = step->index * 10 + (size_t)(*s->at++ - '0');
    return s->at > start && skip_char(s, ']');
}

bool json_path_valid(struct lt_str path)
{
    struct scanner s;
    struct step step;
    path_start(path, &s);
    if (!skip_char(&s, '$'))
        return false;
    for (skip_blanks(&s); s.at < s.end; skip_blanks(&s)) {
        if (!path_step(&s, &step))
            return false;
    }
    return true;
}

static bool member_is(struct lt_str quoted, struct lt_str wanted, struct lt_buf *scratch)
{
    struct lt_str inside = {quoted.data + 1, quoted.len - 2};
    if (memchr(inside.data, '\\', inside.len) == NULL)
        return lt_str_equal(inside, wanted);
    lt_buf_clear(scratch);
    json_unquote(scratch, quoted);
    return lt_str_equal(lt_buf_str(scratch), wanted);
}

/* Moves to the member or element of the value at s; the text is valid. */
static bool take_step(struct scanner *s, const struct step *step, struct lt_buf *scratch)
{
    bool object = step->member.data != NULL;
    size_t index = 0;
    if (!skip_char(s, object ? '{' : '['))
        return false;
    if (skip_char(s, object ? '}' : ']'))
        return false;
    do {
        bool here = index++ == step->index;
        skip_blanks(s);
        if (object) {
            const char *start = s->at;
            skip_string(s);
            here =
                member_is((struct lt_str){start, (size_t)(s->at - start)}, step->member, scratch);
            skip_char(s, ':');
            skip_blanks(s);
        }
        if (here)
            return true;
        skip_value(s, 0);
    } while (skip_char(s, ','));
    return false;
}

enum json_found json_find(struct lt_str text, struct lt_str path, struct lt_buf *scratch,
                          struct lt_str *value, enum json_kind *kind)
{
    struct scanner s = {text.data, text.data + text.len}, p;
    struct step step;
    const char *start;
    if (!json_path_valid(path))
        return JSON_BAD_PATH;
    if (json_check(text) == JSON_BAD)
        return JSON_BAD_TEXT;
    path_start(path, &p);
    skip_char(&p, '$');
    for (skip_blanks(&p); p.at < p.end; skip_blanks(&p)) {
        path_step(&p, &step);
        if (!take_step(&s, &step, scratch))
            return JSON_NONE;
    }
    skip_blanks(&s);
    start = s.at;
    *kind = skip_value(&s, 0);
    *value = (struct lt_str){start, (size_t)(s.at - start)};
    return JSON_FOUND;
}

/* ---- text ----------------------------------------------------------- */

static uint32_t hex4(const char *at)
{
    uint32_t v = 0;
    for (int i = 0; i < 4; i++)
        v = v << 4 | (uint32_t)(at[i] <= '9' ? at[i] - '0' : (at[i] | 32) - 'a' + 10);
    return v;
}

void json_unquote(struct lt_buf *out, struct lt_str quoted)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    char utf8[4];
    for (size_t at = 1; at + 1 < quoted.len; at++) {
        const char *known;
        uint32_t c;
        if (quoted.data[at] != '\\') {
            lt_buf_addc(out, quoted.data[at]);
            continue;
        }
        at++;
        if (quoted.data[at] != 'u') {
            known = strchr(from, quoted.data[at]);
            lt_buf_addc(out, known ? to[known - from] : quoted.data[at]);
            continue;
        }
        c = hex4(quoted.data + at + 1);
        at += 4;
        if (c >= 0xD800 && c < 0xDC00 && at + 7 < quoted.len && quoted.data[at + 1] == '\\' &&
            quoted.data[at + 2] == 'u' && hex4(quoted.data + at + 3) >= 0xDC00) {
            c = 0x10000 + ((c - 0xD800) << 10) + ((hex4(quoted.data + at + 3) - 0xDC00) & 0x3FF);
            at += 6;
        } else if (c >= 0xD800 && c < 0xE000) {
            c = 0xFFFD;
        }
        lt_buf_add(out, utf8, utf8_put(utf8, c));
    }
}

void json_compact(struct lt_buf *out, struct lt_str value)
{
    bool quoted = false;
    for (size_t at = 0; at < value.len; at++) {
        char c = value.data[at];
        if (!quoted && (c == ' ' || c == '\t' || c == '\n' || c == '\r'))
            continue;
        lt_buf_addc(out, c);
        if (quoted && c == '\\')
            lt_buf_addc(out, value.data[++at]);
        else if (c == '"')
            quoted = !quoted;
    }
}

void json_quote(struct lt_buf *out, struct lt_str text)
{
    static const char from[] = "\b\f\n\r\t\"\\", to[] = "bfnrt\"\\";
    lt_buf_addc(out, '"');
    for (size_t at = 0; at < text.len; at++) {
        unsigned char c = (unsigned char)text.data[at];
        const char *known = c ? strchr(from, c) : NULL;
        if (known) {
            lt_buf_addc(out, '\\');
            lt_buf_addc(out, to[known - from]);
        } else if (c < 0x20) {
            lt_buf_addf(out, "\\u%04x", c);
        } else {
            lt_buf_addc(out, (char)c);
        }
    }
    lt_buf_addc(out, '"');
}

static void write_text(struct lt_buf *out, struct lt_cell cell, const struct lt_tz *zone)
{
    struct lt_buf text;
    lt_buf_init(&text, out->alloc);
    lt_cell_print(&text, cell, zone);
    if (text.status != LT_OK)
        out->status = text.status;
    json_quote(out, lt_buf_str(&text));
    lt_buf_close(&text);
}

static void write_list(struct lt_buf *out, struct lt_cell cell, const struct lt_tz *zone)
{
    const uint32_t *offsets = cell.col->values;
    bool map = cell.col->type->kind == LT_TYPE_MAP;
    lt_buf_addc(out, map ? '{' : '[');
    for (uint32_t e = offsets[cell.lane]; e < offsets[cell.lane + 1]; e++) {
        if (e > offsets[cell.lane])
            lt_buf_addc(out, ',');
        if (map) {
            write_text(out, lt_column_cell(cell.col->children[0], e), zone);
            lt_buf_addc(out, ':');
        }
        json_write(out, lt_column_cell(cell.col->children[map], e), zone);
    }
    lt_buf_addc(out, map ? '}' : ']');
}

static void write_row(struct lt_buf *out, struct lt_cell cell, const struct lt_tz *zone)
{
    lt_buf_addc(out, '{');
    for (uint32_t f = 0; f < cell.col->n_children; f++) {
        if (f > 0)
            lt_buf_addc(out, ',');
        json_quote(out, cell.col->type->names[f]);
        lt_buf_addc(out, ':');
        json_write(out, lt_column_cell(cell.col->children[f], cell.lane), zone);
    }
    lt_buf_addc(out, '}');
}

void json_write(struct lt_buf *out, struct lt_cell cell, const struct lt_tz *zone)
{
    const void *values = cell.col ? cell.col->values : NULL;
    if (cell.null) {
        lt_buf_adds(out, "null");
        return;
    }
    switch (cell.col->type->kind) {
    case LT_TYPE_BOOLEAN:
        lt_buf_adds(out, ((const int8_t *)values)[cell.lane] ? "true" : "false");
        break;
    case LT_TYPE_FLOAT:
        if (isfinite(((const float *)values)[cell.lane]))
            lt_cell_print(out, cell, zone);
        else
            write_text(out, cell, zone);
        break;
    case LT_TYPE_DOUBLE:
        if (isfinite(((const double *)values)[cell.lane]))
            lt_cell_print(out, cell, zone);
        else
            write_text(out, cell, zone);
        break;
    case LT_TYPE_TINYINT:
    case LT_TYPE_SMALLINT:
    case LT_TYPE_INT:
    case LT_TYPE_BIGINT:
    case LT_TYPE_DECIMAL: lt_cell_print(out, cell, zone); break;
    case LT_TYPE_ARRAY:
    case LT_TYPE_MULTISET:
    case LT_TYPE_MAP: write_list(out, cell, zone); break;
    case LT_TYPE_ROW: write_row(out, cell, zone); break;
    default: write_text(out, cell, zone); break;
    }
}
