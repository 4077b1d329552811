/* text.c -- bytes as text: UTF-8, excerpts for messages, base64. */
#include "connectors/formats/text.h"

/* Bytes of the sequence that begins at `at` if it is well-formed (Unicode 15, table 3-7),
 * else 0. */
static unsigned utf8_sequence(const unsigned char *at, const unsigned char *end)
{
    unsigned char c = at[0];
    if (c < 0x80)
        return 1;
    unsigned len = c >= 0xC2 && c <= 0xDF   ? 2
                   : c >= 0xE0 && c <= 0xEF ? 3
                   : c >= 0xF0 && c <= 0xF4 ? 4
                                            : 0;
    if (len == 0 || (size_t)(end - at) < len)
        return 0;
    unsigned char low = 0x80, high = 0xBF; /* of the second byte */
    if (c == 0xE0)
        low = 0xA0;
    else if (c == 0xED)
        high = 0x9F;
    else if (c == 0xF0)
        low = 0x90;
    else if (c == 0xF4)
        high = 0x8F;
    if (at[1] < low || at[1] > high)
        return 0;
    for (unsigned i = 2; i < len; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    }
    return len;
}

bool lt_utf8_valid(struct lt_str text)
{
    const unsigned char *at = (const unsigned char *)text.data, *end = at + text.len;
    while (at < end) {
        while (end - at >= 8 &&
               (lt_swar_load((const char *)at) & UINT64_C(0x8080808080808080)) == 0)
            at += 8;
        if (at == end)
            break;
        unsigned len = utf8_sequence(at, end);
        if (len == 0)
            return false;
        at += len;
    }
    return true;
}

size_t lt_utf8_length(struct lt_str text)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++)
        len += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    return len;
}

unsigned lt_utf8_put(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

const char *lt_excerpt(char out[LT_EXCERPT_SIZE], struct lt_str text)
{
    const unsigned char *at = (const unsigned char *)text.data, *end = at + text.len;
    size_t len = 0;
    for (unsigned chars = 0; at < end; chars++) {
        if (chars == 40) {
            memcpy(out + len, "...", 3);
            len += 3;
            break;
        }
        unsigned n = utf8_sequence(at, end);
        if (n == 0 || *at < 0x20 || *at == 0x7F) {
            out[len++] = '?';
            at += n ? n : 1;
        } else {
            memcpy(out + len, at, n);
            len += n;
            at += n;
        }
    }
    out[len] = 0;
    return out;
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t lt_base64_size(size_t bytes)
{
    return (bytes + 2) / 3 * 4;
}

void lt_base64_encode(char *out, struct lt_str bytes)
{
    const unsigned char *in = (const unsigned char *)bytes.data;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t word = (uint32_t)in[i] << 16;
        word |= left > 1 ? (uint32_t)in[i + 1] << 8 : 0;
        word |= left > 2 ? in[i + 2] : 0;
        *out++ = base64_digits[word >> 18];
        *out++ = base64_digits[word >> 12 & 63];
        *out++ = left > 1 ? base64_digits[word >> 6 & 63] : '=';
        *out++ = left > 2 ? base64_digits[word & 63] : '=';
    }
}

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool lt_base64_decode(char *out, size_t *size, struct lt_str text)
{
    size_t n = 0;
    if (text.len % 4 != 0)
        return false;
    for (size_t i = 0; i < text.len; i += 4) {
        uint32_t word = 0;
        unsigned pad = 0;
        for (unsigned j = 0; j < 4; j++) {
            char c = text.data[i + j];
            bool may_pad = i + 4 == text.len && j >= 2;
            int digit = c == '=' && may_pad ? 0 : base64_digit(c);
            if (digit < 0 || (pad && c != '='))
                return false;
            pad += c == '=';
            word = word << 6 | (uint32_t)digit;
        }
        for (unsigned j = 0; j < 3 - pad; j++)
            out[n++] = (char)(word >> (16 - 8 * j));
    }
    *size = n;
    return true;
}
