/* print.c -- rows as a table, CSV, JSON lines or one field a line.
 *
 * A table needs to know its widths before its first row: up to 1,000 rows are
 * held back, or as many as there are when the statement pauses; later rows keep
 * those widths. The other formats print each row as it comes. What is printed is
 * flushed whenever the statement has nothing more to say for now. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shell/shell.h"

enum { HELD_ROWS_MAX = 1000, POLL_MS = 100 };

static const char *const op_names[] = {"+I", "-U", "+U", "-D"};

struct printer {
    struct shell *shell;
    leat_stmt *stmt;
    uint32_t n_columns; /* the op included */
    bool op;
    bool header_done;
    uint64_t n_rows;
    size_t *widths;
    struct shell_text held; /* cells, each followed by a NUL; NULL values as "\x01" */
    size_t *ends;           /* end of each held cell */
    uint32_t n_held, cap_held;
};

static const char *column_name(struct printer *p, uint32_t column)
{
    if (p->op)
        return column == 0 ? "op" : leat_column_name(p->stmt, column - 1);
    return leat_column_name(p->stmt, column);
}

/* NULL for a NULL value. */
static const char *cell_text(struct printer *p, uint32_t column, size_t *len)
{
    if (p->op && column == 0) {
        *len = 2;
        return op_names[leat_row_op(p->stmt)];
    }
    return leat_text(p->stmt, column - p->op, len);
}

static bool is_number(struct printer *p, uint32_t column)
{
    return !(p->op && column == 0) && leat_column_is_number(p->stmt, column - p->op);
}

/* ---- table ---------------------------------------------------------------------- */

static void pad(size_t n)
{
    for (size_t i = 0; i < n; i++)
        putchar(' ');
}

static void rule(struct printer *p)
{
    for (uint32_t c = 0; c < p->n_columns; c++) {
        fputs("+-", stdout);
        for (size_t i = 0; i < p->widths[c] + 1; i++)
            putchar('-');
    }
    puts("+");
}

static void table_cell(struct printer *p, uint32_t c, const char *text, size_t len, bool right)
{
    size_t width = shell_width(text, len);
    size_t blank = width < p->widths[c] ? p->widths[c] - width : 0;
    fputs("| ", stdout);
    pad(right ? blank : 0);
    fwrite(text, 1, len, stdout);
    pad(right ? 1 : blank + 1);
}

static void table_header(struct printer *p)
{
    rule(p);
    for (uint32_t c = 0; c < p->n_columns; c++) {
        const char *name = column_name(p, c);
        table_cell(p, c, name, strlen(name), is_number(p, c));
    }
    puts("|");
    rule(p);
    p->header_done = true;
}

static bool has_newline(const char *text, size_t len)
{
    return memchr(text, '\n', len) != NULL;
}

/* A single text with lines of its own (EXPLAIN, SHOW CREATE) is printed bare. */
static bool table_bare(struct printer *p)
{
    if (p->header_done || p->n_columns != 1 || p->n_held != 1 ||
        !has_newline(p->held.data, p->ends[0]))
        return false;
    fwrite(p->held.data, 1, p->ends[0], stdout);
    putchar('\n');
    p->n_held = 0;
    p->held.len = 0;
    return true;
}

static void table_flush(struct printer *p)
{
    if (p->n_held == 0 || table_bare(p))
        return;
    if (!p->header_done)
        table_header(p);
    size_t at = 0, cell = 0;
    for (uint32_t r = 0; r < p->n_held; r++) {
        for (uint32_t c = 0; c < p->n_columns; c++, cell++) {
            table_cell(p, c, p->held.data + at, p->ends[cell] - at, is_number(p, c));
            at = p->ends[cell];
        }
        puts("|");
    }
    p->n_held = 0;
    p->held.len = 0;
}

static void *grow(void *old, size_t size)
{
    void *grown = realloc(old, size);
    if (!grown) {
        fputs("leat: out of memory\n", stderr);
        exit(1);
    }
    return grown;
}

static void table_row(struct printer *p)
{
    if (p->n_held == p->cap_held) {
        p->cap_held = p->cap_held ? p->cap_held * 2 : 16;
        p->ends = grow(p->ends, sizeof(*p->ends) * p->cap_held * p->n_columns);
    }
    for (uint32_t c = 0; c < p->n_columns; c++) {
        size_t len = 0;
        const char *text = cell_text(p, c, &len);
        if (!text) {
            text = "NULL";
            len = 4;
        }
        shell_add(&p->held, text, len);
        p->ends[(size_t)p->n_held * p->n_columns + c] = p->held.len;
        size_t width = shell_width(text, len);
        if (!p->header_done && width > p->widths[c])
            p->widths[c] = width;
    }
    if (++p->n_held == HELD_ROWS_MAX || p->header_done)
        table_flush(p);
}

static void table_end(struct printer *p)
{
    bool bare = p->n_columns == 1 && p->n_held == 1 && !p->header_done &&
                has_newline(p->held.data, p->ends[0]);
    table_flush(p);
    if (bare)
        return;
    if (!p->header_done)
        table_header(p);
    if (p->n_rows > 0)
        rule(p);
    printf("%llu row%s\n", (unsigned long long)p->n_rows, p->n_rows == 1 ? "" : "s");
}

/* ---- CSV, JSON, vertical ---------------------------------------------------------- */

static void csv_cell(const char *text, size_t len)
{
    bool quote = len == 0;
    for (size_t i = 0; i < len; i++)
        quote |= text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
    if (!quote) {
        fwrite(text, 1, len, stdout);
        return;
    }
    putchar('"');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"')
            putchar('"');
        putchar(text[i]);
    }
    putchar('"');
}

static void csv_header(struct printer *p)
{
    for (uint32_t c = 0; c < p->n_columns; c++) {
        const char *name = column_name(p, c);
        if (c)
            putchar(',');
        csv_cell(name, strlen(name));
    }
    putchar('\n');
}

static void csv_row(struct printer *p)
{
    for (uint32_t c = 0; c < p->n_columns; c++) {
        size_t len;
        const char *text = cell_text(p, c, &len);
        if (c)
            putchar(',');
        if (text) /* a NULL is nothing, an empty text is "" */
            csv_cell(text, len);
    }
    putchar('\n');
}

/* Any bytes as a JSON text: what is no UTF-8 in them is marked. */
static void json_text(const char *text, size_t len)
{
    putchar('"');
    for (size_t i = 0, plain; i < len; i += plain) {
        for (plain = 0; i + plain < len; plain++) {
            unsigned char c = (unsigned char)text[i + plain];
            if (c == '"' || c == '\\' || c < 0x20)
                break;
        }
        shell_put(stdout, text + i, plain);
        if (i + plain == len)
            break;
        unsigned char c = (unsigned char)text[i + plain++];
        if (c == '\n')
            fputs("\\n", stdout);
        else if (c < 0x20)
            printf("\\u%04x", c);
        else
            printf("\\%c", c);
    }
    putchar('"');
}

/* BYTES in base64, as the format json writes them. */
static void json_bytes(const char *bytes, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    putchar('"');
    for (size_t i = 0; i < len; i += 3) {
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++)
            group = group << 8 | (i + k < len ? (unsigned char)bytes[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            putchar(k > len - i ? '=' : digits[group >> (18 - 6 * k) & 63]);
    }
    putchar('"');
}

/* Numbers and truth values stand bare where JSON has them. */
static void json_cell(struct printer *p, uint32_t c, const char *text, size_t len)
{
    const char *type = p->op && c == 0 ? "" : leat_column_type(p->stmt, c - p->op);
    if (is_number(p, c) && strcmp(text, "NaN") != 0 && !strstr(text, "Infinity"))
        fwrite(text, 1, len, stdout);
    else if (strncmp(type, "BOOLEAN", 7) == 0)
        fputs(text[0] == 'T' || text[0] == 't' ? "true" : "false", stdout);
    else if (strncmp(type, "BYTES", 5) == 0 || strncmp(type, "BINARY", 6) == 0 ||
             strncmp(type, "VARBINARY", 9) == 0)
        json_bytes(text, len);
    else
        json_text(text, len);
}

static void json_row(struct printer *p)
{
    putchar('{');
    for (uint32_t c = 0; c < p->n_columns; c++) {
        size_t len;
        const char *name = column_name(p, c), *text = cell_text(p, c, &len);
        if (c)
            putchar(',');
        json_text(name, strlen(name));
        putchar(':');
        if (text)
            json_cell(p, c, text, len);
        else
            fputs("null", stdout);
    }
    puts("}");
}

static void vertical_row(struct printer *p)
{
    size_t widest = 0;
    for (uint32_t c = 0; c < p->n_columns; c++) {
        const char *name = column_name(p, c);
        size_t width = shell_width(name, strlen(name));
        widest = width > widest ? width : widest;
    }
    printf("-[ row %llu ]-\n", (unsigned long long)p->n_rows);
    for (uint32_t c = 0; c < p->n_columns; c++) {
        size_t len = 0;
        const char *name = column_name(p, c), *text = cell_text(p, c, &len);
        pad(widest - shell_width(name, strlen(name)));
        fputs(name, stdout);
        fputs(": ", stdout);
        if (text)
            fwrite(text, 1, len, stdout);
        else
            fputs("NULL", stdout);
        putchar('\n');
    }
}

/* ---- all ------------------------------------------------------------------------------ */

static void print_row(struct printer *p)
{
    p->n_rows++;
    switch (p->shell->format) {
    case SHELL_TABLE: table_row(p); break;
    case SHELL_CSV: csv_row(p); break;
    case SHELL_JSON: json_row(p); break;
    case SHELL_VERTICAL: vertical_row(p); break;
    }
}

static void print_start(struct printer *p)
{
    p->widths = grow(NULL, sizeof(*p->widths) * p->n_columns);
    for (uint32_t c = 0; c < p->n_columns; c++) {
        const char *name = column_name(p, c);
        p->widths[c] = shell_width(name, strlen(name));
    }
    if (p->shell->format == SHELL_CSV)
        csv_header(p);
}

/* After a failed write: the reader has gone or the disk is full. A write that
 * Ctrl-C broke is none of these; the statement will say that it was interrupted. */
static bool output_lost(struct shell *shell)
{
    if (errno == EINTR) {
        clearerr(stdout);
        return false;
    }
    if (shell->output_errno == 0)
        shell->output_errno = errno;
    return true;
}

leat_code shell_print(struct shell *shell, leat_stmt *stmt)
{
    struct printer p = {.shell = shell, .stmt = stmt};
    uint32_t n = leat_column_count(stmt);
    leat_code code;
    p.op = n > 0 && (leat_is_changing(stmt) || shell->changelog);
    p.n_columns = n + p.op;
    bool started = false;
    int patience_ms = 0; /* first what is ready, then flush, then wait */
    while ((code = leat_step(stmt, patience_ms)) == LEAT_ROW || code == LEAT_WAIT) {
        if (code == LEAT_WAIT) {
            if (shell->format == SHELL_TABLE && started && p.n_columns)
                table_flush(&p);
            if (fflush(stdout) != 0 && output_lost(shell))
                break;
            patience_ms = POLL_MS;
            continue;
        }
        if (!started)
            print_start(&p);
        started = true;
        print_row(&p);
        patience_ms = 0;
        if (ferror(stdout) && output_lost(shell))
            break;
    }
    if (p.n_columns && code == LEAT_DONE) {
        if (!started)
            print_start(&p);
        if (shell->format == SHELL_TABLE)
            table_end(&p);
    } else if (started && shell->format == SHELL_TABLE) {
        table_flush(&p);
    }
    if (fflush(stdout) != 0)
        output_lost(shell);
    free(p.widths);
    free(p.held.data);
    free(p.ends);
    return code;
}
