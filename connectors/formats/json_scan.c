/* json_scan.c -- stepping over JSON text, strictly as RFC 8259 has it.
 *
 * What is skipped is checked as closely as what is read, so whether a line is
 * good does not depend on which of its fields a query wants. */
#include "connectors/formats/json.h"

#include "connectors/formats/text.h"

static bool json_problem(struct lt_json_cursor *cur, const char *at, const char *problem)
{
    cur->at = at;
    cur->problem = problem;
    return false;
}

static int json_hex4(const char *at)
{
    int value = 0;
    for (int i = 0; i < 4; i++) {
        int c = (unsigned char)at[i];
        int lower = c | 0x20;
        if (c >= '0' && c <= '9')
            value = value * 16 + c - '0';
        else if (lower >= 'a' && lower <= 'f')
            value = value * 16 + lower - 'a' + 10;
        else
            return -1;
    }
    return value;
}

/* `at` stands on a backslash; returns the byte after the escape, NULL when it is none. */
static const char *json_escape(const char *at, const char *end)
{
    if (end - at < 2)
        return NULL;
    if (at[1] != 'u')
        return at[1] && strchr("\"\\/bfnrt", at[1]) ? at + 2 : NULL;
    int high = end - at >= 6 ? json_hex4(at + 2) : -1;
    if (high < 0 || (high >= 0xDC00 && high <= 0xDFFF))
        return NULL;
    if (high < 0xD800 || high > 0xDBFF)
        return at + 6;
    if (end - at < 12 || at[6] != '\\' || at[7] != 'u')
        return NULL;
    int low = json_hex4(at + 8);
    return low >= 0xDC00 && low <= 0xDFFF ? at + 12 : NULL;
}

bool lt_json_string(struct lt_json_cursor *cur, struct lt_str *raw, bool *escaped)
{
    const char *start = cur->at + 1, *at = start, *end = cur->end;
    const uint64_t quote = lt_swar_splat('"'), slash = lt_swar_splat('\\');
    *escaped = false;
    if (lt_json_peek(cur) != '"')
        return json_problem(cur, cur->at, "a string in double quotes is expected");
    for (;;) {
        while (end - at >= 8) {
            uint64_t word = lt_swar_load(at);
            uint64_t hit = lt_swar_zero(word ^ quote) | lt_swar_zero(word ^ slash) |
                           lt_swar_zero(word & UINT64_C(0xE0E0E0E0E0E0E0E0));
            if (hit) {
                at += lt_swar_first(hit);
                break;
            }
            at += 8;
        }
        while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20)
            at++;
        if (at == end)
            return json_problem(cur, cur->at, "this string is never closed");
        if (*at == '"')
            break;
        if (*at != '\\')
            return json_problem(cur, at, "a control character must be escaped in a string");
        const char *next = json_escape(at, end);
        if (!next)
            return json_problem(cur, at, "this is not an escape sequence of JSON");
        *escaped = true;
        at = next;
    }
    *raw = (struct lt_str){start, (size_t)(at - start)};
    cur->at = at + 1;
    return true;
}

static bool json_digit(const char *at, const char *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

bool lt_json_number(struct lt_json_cursor *cur, struct lt_str *raw, bool *integer)
{
    const char *at = cur->at, *end = cur->end;
    if (at < end && *at == '-')
        at++;
    if (!json_digit(at, end))
        return json_problem(cur, cur->at, "a value is expected");
    if (*at == '0' && json_digit(at + 1, end))
        return json_problem(cur, at, "a number may not begin with 0");
    while (json_digit(at, end))
        at++;
    *integer = true;
    if (at < end && *at == '.') {
        *integer = false;
        if (!json_digit(++at, end))
            return json_problem(cur, at, "a digit must follow the decimal point");
        while (json_digit(at, end))
            at++;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        *integer = false;
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        if (!json_digit(at, end))
            return json_problem(cur, at, "the exponent lacks its digits");
        while (json_digit(at, end))
            at++;
    }
    *raw = (struct lt_str){cur->at, (size_t)(at - cur->at)};
    cur->at = at;
    return true;
}

bool lt_json_word(struct lt_json_cursor *cur, const char *word)
{
    size_t len = strlen(word);
    if ((size_t)(cur->end - cur->at) < len || memcmp(cur->at, word, len) != 0)
        return json_problem(cur, cur->at, "a value is expected");
    cur->at += len;
    return true;
}

static bool json_skip_object(struct lt_json_cursor *cur)
{
    struct lt_str raw;
    bool escaped;
    cur->at++;
    lt_json_space(cur);
    if (lt_json_peek(cur) == '}') {
        cur->at++;
        return true;
    }
    for (;;) {
        lt_json_space(cur);
        if (!lt_json_string(cur, &raw, &escaped))
            return false;
        lt_json_space(cur);
        if (lt_json_peek(cur) != ':')
            return json_problem(cur, cur->at, "':' is expected after the name of a field");
        cur->at++;
        lt_json_space(cur);
        if (!lt_json_skip(cur))
            return false;
        lt_json_space(cur);
        int c = lt_json_peek(cur);
        if (c != ',' && c != '}')
            return json_problem(cur, cur->at, "',' or '}' is expected");
        cur->at++;
        if (c == '}')
            return true;
    }
}

static bool json_skip_array(struct lt_json_cursor *cur)
{
    cur->at++;
    lt_json_space(cur);
    if (lt_json_peek(cur) == ']') {
        cur->at++;
        return true;
    }
    for (;;) {
        lt_json_space(cur);
        if (!lt_json_skip(cur))
            return false;
        lt_json_space(cur);
        int c = lt_json_peek(cur);
        if (c != ',' && c != ']')
            return json_problem(cur, cur->at, "',' or ']' is expected");
        cur->at++;
        if (c == ']')
            return true;
    }
}

bool lt_json_skip(struct lt_json_cursor *cur)
{
    struct lt_str raw;
    bool flag;
    switch (lt_json_peek(cur)) {
    case '"': return lt_json_string(cur, &raw, &flag);
    case 't': return lt_json_word(cur, "true");
    case 'f': return lt_json_word(cur, "false");
    case 'n': return lt_json_word(cur, "null");
    case '{':
    case '[': {
        if (cur->depth == LT_JSON_DEPTH_MAX)
            return json_problem(cur, cur->at, "values are nested more than 128 deep");
        cur->depth++;
        bool good = *cur->at == '{' ? json_skip_object(cur) : json_skip_array(cur);
        cur->depth--;
        return good;
    }
    default: return lt_json_number(cur, &raw, &flag);
    }
}

size_t lt_json_unescape(char *out, struct lt_str raw)
{
    const char *at = raw.data, *end = at + raw.len;
    char *to = out;
    while (at < end) {
        if (*at != '\\') {
            *to++ = *at++;
            continue;
        }
        at += 2;
        switch (at[-1]) {
        case 'b': *to++ = '\b'; break;
        case 'f': *to++ = '\f'; break;
        case 'n': *to++ = '\n'; break;
        case 'r': *to++ = '\r'; break;
        case 't': *to++ = '\t'; break;
        case 'u': {
            uint32_t code = (uint32_t)json_hex4(at);
            at += 4;
            if (code >= 0xD800 && code <= 0xDBFF) {
                code = 0x10000 + ((code - 0xD800) << 10) + ((uint32_t)json_hex4(at + 2) - 0xDC00);
                at += 6;
            }
            to += lt_utf8_put(to, code);
            break;
        }
        default: *to++ = at[-1]; break; /* quote, backslash, slash */
        }
    }
    return (size_t)(to - out);
}

size_t lt_json_compact(char *out, struct lt_str raw)
{
    size_t len = 0;
    bool text = false;
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.data[i];
        if (text && c == '\\') {
            out[len++] = c;
            out[len++] = raw.data[++i];
            continue;
        }
        if (c == '"')
            text = !text;
        if (text || (c != ' ' && c != '\t' && c != '\r' && c != '\n'))
            out[len++] = c;
    }
    return len;
}
