/* string_url.c -- PARSE_URL and PRINTF. */
#include "exec/functions/support.h"

#include "exec/functions/utf8.h"

#include <stdarg.h>
#include <stdio.h>

/* ---- PARSE_URL ------------------------------------------------------ */

/* The parts of scheme://user@host:port/path?query#ref, as java.net.URL names them. */
struct url {
    struct lt_str protocol, authority, user, host, path, query, ref;
    bool has_query, has_ref, has_user;
};

static struct lt_str part(const char *from, const char *to)
{
    return (struct lt_str){from, (size_t)(to - from)};
}

static bool parse_url(struct lt_str text, struct url *url)
{
    const char *at = text.data, *end = text.data + text.len, *mark, *host;
    *url = (struct url){0};
    mark = memmem(at, text.len, "://", 3);
    if (mark == NULL || mark == at)
        return false;
    url->protocol = part(at, mark);
    at = mark + 3;
    mark = memchr(at, '#', (size_t)(end - at));
    if (mark) {
        url->has_ref = true;
        url->ref = part(mark + 1, end);
        end = mark;
    }
    mark = memchr(at, '?', (size_t)(end - at));
    if (mark) {
        url->has_query = true;
        url->query = part(mark + 1, end);
        end = mark;
    }
    mark = memchr(at, '/', (size_t)(end - at));
    url->authority = part(at, mark ? mark : end);
    url->path = part(mark ? mark : end, end);
    host = memrchr(at, '@', url->authority.len);
    if (host) {
        url->has_user = true;
        url->user = part(at, host);
    }
    at = host ? host + 1 : at;
    end = url->authority.data + url->authority.len;
    mark = memrchr(at, ':', (size_t)(end - at));
    url->host = part(at, mark ? mark : end);
    return true;
}

/* The value of one key of the query. */
static bool query_value(struct lt_str query, struct lt_str key, struct lt_str *out)
{
    size_t at = 0;
    while (at <= query.len) {
        size_t end = utf8_find(query, LT_STR("&"), at);
        struct lt_str pair = {query.data + at, (end == SIZE_MAX ? query.len : end) - at};
        if (pair.len > key.len && memcmp(pair.data, key.data, key.len) == 0 &&
            pair.data[key.len] == '=') {
            *out = (struct lt_str){pair.data + key.len + 1, pair.len - key.len - 1};
            return true;
        }
        if (end == SIZE_MAX)
            break;
        at = end + 1;
    }
    return false;
}

static lt_status parse_url_row(struct fn_row *r, uint32_t i)
{
    struct lt_str name = fn_str(r, 1, i), out;
    struct url url;
    if (!parse_url(fn_str(r, 0, i), &url))
        return fn_set_null(r, i);
    if (lt_str_equal(name, LT_STR("QUERY")) && r->n_args > 2)
        return query_value(url.query, fn_str(r, 2, i), &out) ? fn_set_slice(r, i, out)
                                                             : fn_set_null(r, i);
    if (lt_str_equal(name, LT_STR("HOST")))
        return fn_set_slice(r, i, url.host);
    if (lt_str_equal(name, LT_STR("PATH")))
        return fn_set_slice(r, i, url.path);
    if (lt_str_equal(name, LT_STR("PROTOCOL")))
        return fn_set_slice(r, i, url.protocol);
    if (lt_str_equal(name, LT_STR("AUTHORITY")))
        return fn_set_slice(r, i, url.authority);
    if (lt_str_equal(name, LT_STR("QUERY")))
        return url.has_query ? fn_set_slice(r, i, url.query) : fn_set_null(r, i);
    if (lt_str_equal(name, LT_STR("REF")))
        return url.has_ref ? fn_set_slice(r, i, url.ref) : fn_set_null(r, i);
    if (lt_str_equal(name, LT_STR("USERINFO")))
        return url.has_user ? fn_set_slice(r, i, url.user) : fn_set_null(r, i);
    if (lt_str_equal(name, LT_STR("FILE"))) {
        const char *end =
            url.has_query ? url.query.data + url.query.len : url.path.data + url.path.len;
        return fn_set_slice(r, i, part(url.path.data, end));
    }
    return fn_set_null(r, i);
}
FN_SLICE_KERNEL(parse_url_kernel, parse_url_row);
FN_BIND(bind_parse_url, "sss>s?", parse_url_kernel)
FN(parse_url, "PARSE_URL", NULL, "string", 2, 3, bind_parse_url,
   "PARSE_URL(url STRING, part STRING [, key STRING]) -> STRING",
   "A part of a URL: HOST, PATH, QUERY (or the value of one key), REF, PROTOCOL, FILE, AUTHORITY, "
   "USERINFO; NULL when it has none.",
   "PARSE_URL('http://leat.org/p?q=1#r', 'QUERY', 'q')", "1");

/* ---- PRINTF --------------------------------------------------------- */

static bool is_flag(char c)
{
    return c && strchr("-+ 0,#", c);
}

/* One %…c of the format with its argument; the text after the percent sign. */
struct directive {
    char spec[32]; /* for lt_buf_addf, without the conversion */
    char conversion;
    size_t size;
};

static bool read_directive(struct lt_str format, size_t at, struct directive *d)
{
    size_t n = 0, start = at;
    d->spec[n++] = '%';
    while (at < format.len && is_flag(format.data[at]) && n < 8) {
        if (format.data[at] == ',')
            return false;
        d->spec[n++] = format.data[at++];
    }
    while (at < format.len &&
           (format.data[at] == '.' || (format.data[at] >= '0' && format.data[at] <= '9'))) {
        if (at - start > 6)
            return false;
        d->spec[n++] = format.data[at++];
    }
    if (at >= format.len)
        return false;
    d->spec[n] = 0;
    d->conversion = format.data[at];
    d->size = at + 1 - start;
    return true;
}

static void add_padded(struct lt_buf *buf, const char *spec, const char *suffix, ...)
{
    char full[48];
    va_list args;
    char text[512];
    int n;
    snprintf(full, sizeof(full), "%s%s", spec, suffix);
    va_start(args, suffix);
    n = vsnprintf(text, sizeof(text), full, args);
    va_end(args);
    if (n > 0)
        lt_buf_add(buf, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

static int64_t whole(const struct lt_column *col, uint32_t i)
{
    switch (col->phys) {
    case LT_PHYS_I8: return FN_LANE(int8_t, col, i);
    case LT_PHYS_I16: return FN_LANE(int16_t, col, i);
    case LT_PHYS_I32: return FN_LANE(int32_t, col, i);
    default: return FN_LANE(int64_t, col, i);
    }
}

static double real(const struct lt_column *col, uint32_t i)
{
    if (col->phys == LT_PHYS_F32)
        return (double)FN_LANE(float, col, i);
    if (col->phys == LT_PHYS_I128)
        return lt_decimal_to_double(FN_LANE(__int128, col, i), col->type->scale);
    return FN_LANE(double, col, i);
}

/* False when the conversion does not suit the argument. */
static bool add_directive(struct fn_row *r, uint32_t i, const struct directive *d, uint32_t a)
{
    const struct lt_column *col = r->args[a];
    struct lt_buf text;
    char conversion[4] = {d->conversion, 0};
    if (fn_is_null(r, a, i)) {
        add_padded(&r->buf, d->spec, "s", "null");
        return true;
    }
    switch (d->conversion) {
    case 'd':
    case 'x':
    case 'X':
    case 'o':
        if (!lt_type_is_integer(col->type))
            return false;
        snprintf(conversion, sizeof(conversion), "ll%c", d->conversion);
        add_padded(&r->buf, d->spec, conversion, (long long)whole(col, i));
        return true;
    case 'f':
    case 'e':
    case 'E':
    case 'g':
        if (col->type->kind != LT_TYPE_FLOAT && col->type->kind != LT_TYPE_DOUBLE &&
            col->type->kind != LT_TYPE_DECIMAL)
            return false;
        add_padded(&r->buf, d->spec, conversion, real(col, i));
        return true;
    case 's':
    case 'b':
        lt_buf_init(&text, r->eval->scratch->alloc);
        lt_cell_print(&text, lt_column_cell(col, i), r->eval->zone);
        if (text.status != LT_OK)
            r->buf.status = text.status;
        else if (d->spec[1] == 0)
            lt_buf_add(&r->buf, text.data, text.len);
        else
            add_padded(&r->buf, d->spec, "s", text.data ? text.data : "");
        lt_buf_close(&text);
        return true;
    default: return false;
    }
}

static lt_status printf_row(struct fn_row *r, uint32_t i)
{
    struct lt_str format;
    uint32_t next = 1;
    if (fn_is_null(r, 0, i))
        return fn_set_null(r, i);
    format = fn_str(r, 0, i);
    lt_buf_clear(&r->buf);
    for (size_t at = 0; at < format.len; at++) {
        struct directive d;
        if (format.data[at] != '%') {
            lt_buf_addc(&r->buf, format.data[at]);
            continue;
        }
        if (!read_directive(format, at + 1, &d))
            return fn_set_null(r, i);
        at += d.size;
        if (d.conversion == '%' || d.conversion == 'n') {
            lt_buf_addc(&r->buf, d.conversion == 'n' ? '\n' : '%');
            continue;
        }
        if (next >= r->n_args || !add_directive(r, i, &d, next++))
            return fn_set_null(r, i);
    }
    return fn_set_buf(r, i);
}
FN_LAX_KERNEL(printf_kernel, printf_row);

static lt_status bind_printf(struct lt_bind_call *call)
{
    LT_TRY(fn_want(call, 0, &lt_type_string));
    return fn_result_nullable(call, &lt_type_string, &printf_kernel, true);
}
FN(printf_, "PRINTF", NULL, "string", 1, 255, bind_printf,
   "PRINTF(format STRING, values ...) -> STRING",
   "The values in a printf format: %d %x %o of integers, %f %e %g of decimals and reals, %s of "
   "all; "
   "NULL when one does not suit.",
   "PRINTF('%s has %04d', 'Leat', 7)", "Leat has 0007");
