/* width.c -- how many terminal columns a UTF-8 text takes, and a text buffer. */
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "shell/shell.h"

size_t shell_width(const char *text, size_t len)
{
    size_t width = 0;
    for (size_t at = 0; at < len;) {
        utf8proc_int32_t code;
        if ((unsigned char)text[at] < 0x80) {
            at++;
            width++;
            continue;
        }
        utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)text + at,
                                                 (utf8proc_ssize_t)(len - at), &code);
        if (used <= 0) { /* not UTF-8: a replacement mark */
            at++;
            width++;
            continue;
        }
        int columns = utf8proc_charwidth(code);
        width += columns > 0 ? (size_t)columns : 0;
        at += (size_t)used;
    }
    return width;
}

void shell_put(FILE *file, const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        utf8proc_int32_t code;
        utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)text + at,
                                                 (utf8proc_ssize_t)(len - at), &code);
        if (used <= 0 || ((code < 0x20 || code == 0x7f) && code != '\t'))
            fputs("\xef\xbf\xbd", file); /* U+FFFD, the replacement mark, one column wide */
        else
            fwrite(text + at, 1, (size_t)used, file);
        at += used > 0 ? (size_t)used : 1;
    }
}

void shell_add(struct shell_text *text, const char *data, size_t len)
{
    if (text->cap - text->len <= len) {
        size_t cap = (text->cap + len + 64) * 2;
        char *grown = realloc(text->data, cap);
        if (!grown) {
            fputs("leat: out of memory\n", stderr);
            exit(1);
        }
        text->data = grown;
        text->cap = cap;
    }
    memcpy(text->data + text->len, data, len);
    text->len += len;
    text->data[text->len] = '\0';
}
