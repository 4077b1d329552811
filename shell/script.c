/* script.c -- the statements of a text, one after the other, and what went wrong. */
#include <stdlib.h>
#include <string.h>

#include "shell/shell.h"

struct place {
    size_t line, column; /* from 1; the column in code points */
    size_t start, end;   /* of the line, without its newline */
};

static struct place place_of(const char *text, size_t len, size_t offset)
{
    struct place place = {.line = 1, .column = 1};
    if (offset > len)
        offset = len;
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            place.line++;
            place.column = 1;
            place.start = i + 1;
        } else if (((unsigned char)text[i] & 0xc0) != 0x80) {
            place.column++;
        }
    }
    place.end = place.start;
    while (place.end < len && text[place.end] != '\n')
        place.end++;
    if (place.end > place.start && text[place.end - 1] == '\r')
        place.end--;
    return place;
}

/* What of a long line is shown: some columns before the place, some after it. */
enum { LINE_MAX_SHOWN = 160, LINE_BEFORE = 60 };

static bool inside_character(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* Blanks as wide as the text, tabs as they are. */
static void show_blanks(const char *text, size_t len)
{
    while (len > 0) {
        const char *tab = memchr(text, '\t', len);
        size_t run = tab ? (size_t)(tab - text) : len;
        fprintf(stderr, "%*s%s", (int)shell_width(text, run), "", tab ? "\t" : "");
        text += run + (tab != NULL);
        len -= run + (tab != NULL);
    }
}

/* The line, and carets under what the message is about. */
static void show_line(const char *text, size_t offset, size_t len, const struct place *place)
{
    size_t start = place->start, end = place->end;
    if (end - start > LINE_MAX_SHOWN && offset - start > LINE_BEFORE)
        for (start = offset - LINE_BEFORE; start < offset && inside_character(text[start]);)
            start++;
    if (end - start > LINE_MAX_SHOWN)
        for (end = start + LINE_MAX_SHOWN; end > start && inside_character(text[end]);)
            end--;
    const char *before = start > place->start ? "..." : "";
    fprintf(stderr, "  %s", before);
    shell_put(stderr, text + start, end - start);
    fprintf(stderr, "%s\n  %*s", end < place->end ? "..." : "", (int)strlen(before), "");
    if (offset > start)
        show_blanks(text + start, offset - start);
    size_t until = offset + len < end ? offset + len : end;
    size_t width = until > offset ? shell_width(text + offset, until - offset) : 1;
    for (size_t i = 0; i < (width ? width : 1); i++)
        fputc('^', stderr);
    fputc('\n', stderr);
}

/* `base` is where in the text the statement began. */
static void report(struct shell *shell, const char *name, const char *text, size_t len, size_t base)
{
    uint32_t line;
    size_t offset, size;
    leat_error_place(shell->session, &line, NULL, &offset, &size);
    fflush(stdout);
    struct place place = place_of(text, len, base + (line ? offset : 0));
    if (name)
        fprintf(stderr, "%s:%zu:%zu: ", name, place.line, place.column);
    fprintf(stderr, "%s%s\n", name ? "" : "error: ", leat_error_message(shell->session));
    if (line)
        show_line(text, base + offset, size, &place);
    shell->failed = true;
}

static void show_notices(struct shell *shell)
{
    const char *notice;
    while ((notice = leat_notice(shell->session))) {
        fflush(stdout);
        fprintf(stderr, "notice: %s\n", notice);
    }
}

/* Where the statement's own text begins: blanks and comments are skipped. */
static size_t first_word(const char *text, size_t len, size_t at)
{
    while (at < len) {
        if (strchr(" \t\r\n;", text[at]) && text[at]) {
            at++;
        } else if (at + 1 < len && text[at] == '-' && text[at + 1] == '-') {
            while (at < len && text[at] != '\n')
                at++;
        } else if (at + 1 < len && text[at] == '/' && text[at + 1] == '*' &&
                   !(at + 2 < len && text[at + 2] == '+')) {
            const char *end = memmem(text + at + 2, len - at - 2, "*/", 2);
            at = end ? (size_t)(end - text) + 2 : len;
        } else {
            break;
        }
    }
    return at;
}

bool shell_run(struct shell *shell, const char *name, const char *text, size_t len, size_t from)
{
    const char *at = text + from, *end = text + len, *tail = at;
    while (at < end) {
        leat_stmt *stmt;
        size_t base = first_word(text, len, (size_t)(at - text));
        at = text + base;
        if (at >= end)
            break;
        leat_code code = leat_prepare(shell->session, at, end - at, &stmt, &tail);
        show_notices(shell);
        if (code == LEAT_OK && stmt) {
            code = shell_print(shell, stmt);
            if (code < 0)
                report(shell, name, text, len, base);
            show_notices(shell);
            leat_finalize(stmt);
        } else if (code != LEAT_OK) {
            report(shell, name, text, len, base);
        }
        if (code < 0 || ferror(stdout))
            return false;
        at = tail;
    }
    return true;
}

bool shell_wait(struct shell *shell)
{
    leat_code code = leat_wait(shell->session, -1);
    if (code >= 0)
        return true;
    if (code != LEAT_INTERRUPTED)
        fprintf(stderr, "leat: %s\n", leat_error_message(shell->session));
    shell->failed = true;
    return false;
}
