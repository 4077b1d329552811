/* encoding.c -- bytes and numbers as text: base64, hexadecimal, binary, URLs, character sets. */
#include "exec/functions/support.h"

#include "exec/functions/utf8.h"

/* ---- base64 (RFC 4648) ---------------------------------------------- */

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static lt_status to_base64_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i);
    const unsigned char *p = (const unsigned char *)text.data;
    lt_buf_clear(&r->buf);
    for (size_t at = 0; at < text.len; at += 3) {
        size_t n = text.len - at < 3 ? text.len - at : 3;
        uint32_t v = (uint32_t)p[at] << 16 | (n > 1 ? (uint32_t)p[at + 1] << 8 : 0) |
                     (n > 2 ? p[at + 2] : 0);
        char four[4] = {base64_digits[v >> 18], base64_digits[v >> 12 & 63],
                        n > 1 ? base64_digits[v >> 6 & 63] : '=',
                        n > 2 ? base64_digits[v & 63] : '='};
        lt_buf_add(&r->buf, four, 4);
    }
    return fn_set_buf(r, i);
}

static lt_status from_base64_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i);
    uint32_t v = 0;
    unsigned bits = 0;
    while (text.len > 0 && text.data[text.len - 1] == '=')
        text.len--;
    lt_buf_clear(&r->buf);
    for (size_t at = 0; at < text.len; at++) {
        const char *digit = text.data[at] ? strchr(base64_digits, text.data[at]) : NULL;
        if (digit == NULL)
            return lt_fail(r->eval->err, LT_DATA, "'%.*s' is not base64: bad character at %zu",
                           LT_STR_ARG(text), at + 1);
        v = v << 6 | (uint32_t)(digit - base64_digits);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            lt_buf_addc(&r->buf, (char)(v >> bits & 0xFF));
        }
    }
    return fn_set_buf(r, i);
}
FN_TOTAL_KERNEL(to_base64_kernel, to_base64_row);
FN_KERNEL(from_base64_kernel, from_base64_row);
static lt_status bind_to_base64(struct lt_bind_call *call)
{
    return fn_bind(call, lt_type_is_binary(call->args[0]) ? "b>s" : "s>s", &to_base64_kernel);
}
FN_BIND(bind_from_base64, "s>s", from_base64_kernel)
FN(to_base64, "TO_BASE64", NULL, "string", 1, 1, bind_to_base64,
   "TO_BASE64(x STRING | BYTES) -> STRING", "Encoded as base64.", "TO_BASE64('hello world')",
   "aGVsbG8gd29ybGQ=");
FN(from_base64, "FROM_BASE64", NULL, "string", 1, 1, bind_from_base64,
   "FROM_BASE64(text STRING) -> STRING", "Decoded from base64.", "FROM_BASE64('aGVsbG8=')",
   "hello");

/* ---- HEX, UNHEX, BIN ------------------------------------------------ */

static lt_status hex_row(struct fn_row *r, uint32_t i)
{
    static const char digits[] = "0123456789ABCDEF";
    struct lt_str text;
    lt_buf_clear(&r->buf);
    if (r->args[0]->phys != LT_PHYS_STR) {
        lt_buf_addf(&r->buf, "%llX", (unsigned long long)fn_i64(r, 0, i));
        return fn_set_buf(r, i);
    }
    text = fn_str(r, 0, i);
    for (size_t at = 0; at < text.len; at++) {
        lt_buf_addc(&r->buf, digits[(unsigned char)text.data[at] >> 4]);
        lt_buf_addc(&r->buf, digits[text.data[at] & 15]);
    }
    return fn_set_buf(r, i);
}
static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
static lt_status unhex_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i);
    size_t at = 0;
    lt_buf_clear(&r->buf);
    if (text.len % 2 == 1) { /* an odd first digit stands for a byte of its own */
        if (hex_digit(text.data[0]) < 0)
            return fn_set_null(r, i);
        lt_buf_addc(&r->buf, (char)hex_digit(text.data[0]));
        at = 1;
    }
    for (; at < text.len; at += 2) {
        int high = hex_digit(text.data[at]), low = hex_digit(text.data[at + 1]);
        if (high < 0 || low < 0)
            return fn_set_null(r, i);
        lt_buf_addc(&r->buf, (char)(high << 4 | low));
    }
    return fn_set_buf(r, i);
}
static lt_status bin_row(struct fn_row *r, uint32_t i)
{
    uint64_t v = (uint64_t)fn_i64(r, 0, i);
    char text[64];
    size_t at = sizeof(text);
    do {
        text[--at] = (char)('0' + (v & 1));
        v >>= 1;
    } while (v);
    return fn_set_str(r, i, (struct lt_str){text + at, sizeof(text) - at});
}
FN_TOTAL_KERNEL(hex_kernel, hex_row);
FN_TOTAL_KERNEL(unhex_kernel, unhex_row);
FN_TOTAL_KERNEL(bin_kernel, bin_row);
static lt_status bind_hex(struct lt_bind_call *call)
{
    const struct lt_type *type = call->args[0];
    return fn_bind(call,
                   lt_type_is_char(type)     ? "s>s"
                   : lt_type_is_binary(type) ? "b>s"
                                             : "l>s",
                   &hex_kernel);
}
FN_BIND(bind_unhex, "s>b?", unhex_kernel)
FN_BIND(bind_bin, "l>s", bin_kernel)
FN(hex, "HEX", NULL, "arithmetic", 1, 1, bind_hex, "HEX(x BIGINT | STRING | BYTES) -> STRING",
   "In hexadecimal digits.", "HEX('hello')", "68656C6C6F");
FN(unhex, "UNHEX", NULL, "arithmetic", 1, 1, bind_unhex, "UNHEX(text STRING) -> BYTES",
   "The bytes that hexadecimal digits say; NULL when they are none.", "UNHEX('4C656174')", "Leat");
FN(bin, "BIN", NULL, "arithmetic", 1, 1, bind_bin, "BIN(x BIGINT) -> STRING", "In binary digits.",
   "BIN(12)", "1100");

/* ---- URL_ENCODE, URL_DECODE (application/x-www-form-urlencoded) ----- */

static lt_status url_encode_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i);
    lt_buf_clear(&r->buf);
    for (size_t at = 0; at < text.len; at++) {
        unsigned char c = (unsigned char)text.data[at];
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
            c == '.' || c == '-' || c == '*' || c == '_')
            lt_buf_addc(&r->buf, (char)c);
        else if (c == ' ')
            lt_buf_addc(&r->buf, '+');
        else
            lt_buf_addf(&r->buf, "%%%02X", c);
    }
    return fn_set_buf(r, i);
}
static lt_status url_decode_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i);
    lt_buf_clear(&r->buf);
    for (size_t at = 0; at < text.len; at++) {
        int high, low;
        if (text.data[at] != '%') {
            lt_buf_addc(&r->buf, text.data[at] == '+' ? ' ' : text.data[at]);
            continue;
        }
        if (at + 2 >= text.len)
            return fn_set_null(r, i);
        high = hex_digit(text.data[at + 1]);
        low = hex_digit(text.data[at + 2]);
        if (high < 0 || low < 0)
            return fn_set_null(r, i);
        lt_buf_addc(&r->buf, (char)(high << 4 | low));
        at += 2;
    }
    return fn_set_buf(r, i);
}
FN_TOTAL_KERNEL(url_encode_kernel, url_encode_row);
FN_TOTAL_KERNEL(url_decode_kernel, url_decode_row);
FN_BIND(bind_url_encode, "s>s", url_encode_kernel)
FN_BIND(bind_url_decode, "s>s?", url_decode_kernel)
FN(url_encode, "URL_ENCODE", NULL, "string", 1, 1, bind_url_encode,
   "URL_ENCODE(text STRING) -> STRING", "As a part of a URL: %-encoded, blanks as +.",
   "URL_ENCODE('a b&c')", "a+b%26c");
FN(url_decode, "URL_DECODE", NULL, "string", 1, 1, bind_url_decode,
   "URL_DECODE(text STRING) -> STRING", "Decoded from a part of a URL; NULL when it is malformed.",
   "URL_DECODE('a+b%26c')", "a b&c");

/* ---- ENCODE, DECODE ------------------------------------------------- */

enum charset { CHARSET_UTF8, CHARSET_ASCII, CHARSET_LATIN1, CHARSET_UTF16BE, CHARSET_UTF16LE };

static lt_status find_charset(struct fn_row *r, struct lt_str name, enum charset *out)
{
    static const struct {
        const char *name;
        enum charset charset;
    } known[] = {{"UTF-8", CHARSET_UTF8},        {"UTF8", CHARSET_UTF8},
                 {"US-ASCII", CHARSET_ASCII},    {"ASCII", CHARSET_ASCII},
                 {"ISO-8859-1", CHARSET_LATIN1}, {"LATIN1", CHARSET_LATIN1},
                 {"UTF-16BE", CHARSET_UTF16BE},  {"UTF-16", CHARSET_UTF16BE},
                 {"UTF-16LE", CHARSET_UTF16LE}};
    for (size_t k = 0; k < LT_ARRAY_LEN(known); k++) {
        if (lt_str_equal_nocase(name, lt_str_of(known[k].name))) {
            *out = known[k].charset;
            return LT_OK;
        }
    }
    return lt_fail(r->eval->err, LT_DATA,
                   "'%.*s' is no character set: use UTF-8, US-ASCII, ISO-8859-1, UTF-16, UTF-16BE "
                   "or UTF-16LE",
                   LT_STR_ARG(name));
}

static void add_unit(struct lt_buf *buf, uint32_t unit, bool little)
{
    lt_buf_addc(buf, (char)(little ? unit & 0xFF : unit >> 8));
    lt_buf_addc(buf, (char)(little ? unit >> 8 : unit & 0xFF));
}

static lt_status encode_row(struct fn_row *r, uint32_t i)
{
    struct lt_str text = fn_str(r, 0, i);
    enum charset set = CHARSET_UTF8;
    LT_TRY(find_charset(r, fn_str(r, 1, i), &set));
    if (set == CHARSET_UTF8)
        return fn_set_str(r, i, text);
    lt_buf_clear(&r->buf);
    if (lt_str_equal_nocase(fn_str(r, 1, i), LT_STR("UTF-16")) && text.len > 0)
        add_unit(&r->buf, 0xFEFF, false);
    for (size_t at = 0; at < text.len; at += utf8_step(text.data, text.len, at)) {
        uint32_t c = utf8_get(text.data, text.len, at);
        bool little = set == CHARSET_UTF16LE;
        if (set == CHARSET_ASCII || set == CHARSET_LATIN1) {
            lt_buf_addc(&r->buf, c < (set == CHARSET_ASCII ? 0x80u : 0x100u) ? (char)c : '?');
        } else if (c < 0x10000) {
            add_unit(&r->buf, c, little);
        } else {
            add_unit(&r->buf, 0xD800 + ((c - 0x10000) >> 10), little);
            add_unit(&r->buf, 0xDC00 + ((c - 0x10000) & 0x3FF), little);
        }
    }
    return fn_set_buf(r, i);
}

static uint32_t unit_at(struct lt_str bytes, size_t at, bool little)
{
    const unsigned char *p = (const unsigned char *)bytes.data + at;
    return little ? (uint32_t)p[1] << 8 | p[0] : (uint32_t)p[0] << 8 | p[1];
}

static void decode_utf16(struct lt_buf *buf, struct lt_str bytes, bool little, bool mark)
{
    size_t at = 0;
    char utf8[4];
    if (mark && bytes.len >= 2 && unit_at(bytes, 0, true) == 0xFEFF)
        little = true;
    if (mark && bytes.len >= 2 && unit_at(bytes, 0, little) == 0xFEFF)
        at = 2;
    for (; at + 1 < bytes.len; at += 2) {
        uint32_t c = unit_at(bytes, at, little);
        if (c >= 0xD800 && c < 0xDC00 && at + 3 < bytes.len) {
            uint32_t low = unit_at(bytes, at + 2, little);
            if (low >= 0xDC00 && low < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                at += 2;
            }
        }
        if (c >= 0xD800 && c < 0xE000)
            c = 0xFFFD;
        lt_buf_add(buf, utf8, utf8_put(utf8, c));
    }
}

static lt_status decode_row(struct fn_row *r, uint32_t i)
{
    struct lt_str bytes = fn_str(r, 0, i), name = fn_str(r, 1, i);
    enum charset set = CHARSET_UTF8;
    char utf8[4];
    LT_TRY(find_charset(r, name, &set));
    lt_buf_clear(&r->buf);
    if (set == CHARSET_UTF16BE || set == CHARSET_UTF16LE) {
        decode_utf16(&r->buf, bytes, set == CHARSET_UTF16LE,
                     lt_str_equal_nocase(name, LT_STR("UTF-16")));
        return fn_set_buf(r, i);
    }
    for (size_t at = 0; at < bytes.len;) {
        unsigned char c = (unsigned char)bytes.data[at];
        size_t step = set == CHARSET_UTF8 ? utf8_step(bytes.data, bytes.len, at) : 1;
        if (step > 1)
            lt_buf_add(&r->buf, bytes.data + at, step);
        else if (c < 0x80 || set == CHARSET_LATIN1)
            lt_buf_add(&r->buf, utf8, utf8_put(utf8, c));
        else
            lt_buf_add(&r->buf, "\xEF\xBF\xBD", 3);
        at += step;
    }
    return fn_set_buf(r, i);
}
FN_KERNEL(encode_kernel, encode_row);
FN_KERNEL(decode_kernel, decode_row);
FN_BIND(bind_encode, "ss>b", encode_kernel)
FN_BIND(bind_decode, "bs>s", decode_kernel)
FN(encode, "ENCODE", NULL, "string", 2, 2, bind_encode,
   "ENCODE(text STRING, charset STRING) -> BYTES",
   "The bytes of a text in a character set; what it lacks becomes '?'.",
   "HEX(ENCODE('é', 'ISO-8859-1'))", "E9");
FN(decode, "DECODE", NULL, "string", 2, 2, bind_decode,
   "DECODE(bytes BYTES, charset STRING) -> STRING", "The text that bytes say in a character set.",
   "DECODE(UNHEX('E9'), 'ISO-8859-1')", "é");
