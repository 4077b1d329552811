/* script.c -- reads a .test file into steps. The format is in docs/testing.md.
 *
 * One directive a line; a line that begins with a blank goes on with the line
 * before. Rows stand below `feed` and `----`, up to a blank line or the next
 * directive of what happens. */
#include "tests/runner/runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/catalog.h"
#include "data/value.h"

struct reader {
    const char *path;
    char *text, *at;
    int line;
    struct script *script;
    bool failed;
};

static void complain(struct reader *r, const char *what, const char *about)
{
    fprintf(stderr, "%s:%d: %s%s%s\n", r->path, r->line, what, about ? ": " : "",
            about ? about : "");
    r->failed = true;
}

static char *file_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    size_t len = 0, cap = 65536, got;
    char *text = must(malloc(cap));
    while ((got = fread(text + len, 1, cap - len - 1, file)) > 0) {
        len += got;
        if (cap - len < 4096)
            text = must(realloc(text, cap *= 2));
    }
    fclose(file);
    text[len] = '\0';
    return text;
}

/* The next line, cut at its end in place; NULL at the end of the file. */
static char *next_line(struct reader *r)
{
    if (!*r->at)
        return NULL;
    char *line = r->at, *end = strchr(line, '\n');
    r->at = end ? end + 1 : line + strlen(line);
    if (end)
        *end = '\0';
    size_t len = strlen(line);
    while (len && strchr(" \t\r", line[len - 1]))
        line[--len] = '\0';
    r->line++;
    return line;
}

static struct step *step_add(struct reader *r, enum step_kind kind)
{
    struct script *s = r->script;
    if (s->n_steps == s->cap_steps) {
        s->cap_steps = s->cap_steps ? s->cap_steps * 2 : 32;
        s->steps = must(realloc(s->steps, s->cap_steps * sizeof(*s->steps)));
    }
    struct step *step = &s->steps[s->n_steps++];
    *step = (struct step){.kind = kind, .line = r->line};
    return step;
}

/* ---- rows ------------------------------------------------------------------------ */

/* The end of a quoted cell that is followed by '|' or nothing; NULL if it is no such. */
static const char *quoted_end(const char *at)
{
    const char *p = at + 1;
    for (;; p++) {
        if (!*p)
            return NULL;
        if (*p == '\'' && p[1] == '\'')
            p++;
        else if (*p == '\'')
            break;
    }
    const char *after = p + 1;
    while (*after == ' ' || *after == '\t')
        after++;
    return *after == '|' || !*after ? p : NULL;
}

static char *unquote(const char *start, const char *end)
{
    char *text = must(malloc((size_t)(end - start) + 1)), *to = text;
    for (const char *p = start; p < end; p++) {
        if (*p == '\'')
            p++; /* the first of two */
        *to++ = *p;
    }
    *to = '\0';
    return text;
}

static void row_cell(struct row *row, char *cell)
{
    row->cells = must(realloc(row->cells, sizeof(char *) * (size_t)(row->n_cells + 1)));
    row->cells[row->n_cells++] = cell;
}

static struct row row_read(const char *line)
{
    struct row row = {0};
    const char *at = line;
    for (;;) {
        while (*at == ' ' || *at == '\t')
            at++;
        const char *quote = *at == '\'' ? quoted_end(at) : NULL;
        const char *end = quote ? strchr(quote, '|') : strchr(at, '|');
        const char *stop = end ? end : at + strlen(at);
        if (quote) {
            row_cell(&row, unquote(at + 1, quote));
        } else {
            while (stop > at && (stop[-1] == ' ' || stop[-1] == '\t'))
                stop--;
            size_t len = (size_t)(stop - at);
            row_cell(&row, len == 4 && memcmp(at, "NULL", 4) == 0 ? NULL : text_copy(at, len));
        }
        if (!end)
            return row;
        at = end + 1;
    }
}

/* "+ | a" and "- | a": the first cell is the sign. */
static void row_take_sign(struct row *row)
{
    const char *first = row->n_cells > 1 && row->cells[0] ? row->cells[0] : "";
    if (strcmp(first, "+") != 0 && strcmp(first, "-") != 0)
        return;
    row->sign = first[0] == '+' ? 1 : -1;
    free(row->cells[0]);
    row->n_cells--;
    memmove(row->cells, row->cells + 1, sizeof(char *) * (size_t)row->n_cells);
}

/* A cell that looks like one of these is quoted. */
static bool ends_rows(const char *line)
{
    static const char *const words[] = {"feed ", "error ", "advance ", "idle ",
                                        "end ",  "late ",  "query ",   "view "};
    if (!*line || strcmp(line, "----") == 0 || strcmp(line, "end") == 0)
        return true;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        bool sql = words[i][0] == 'q' || words[i][0] == 'v'; /* may hold || */
        if (strncmp(line, words[i], strlen(words[i])) == 0 && (sql || !strchr(line, '|')))
            return true;
    }
    return false;
}

static void rows_read(struct reader *r, size_t step, bool signs)
{
    while (*r->at) {
        char *end = strchr(r->at, '\n');
        size_t len = end ? (size_t)(end - r->at) : strlen(r->at);
        char *line = text_copy(r->at, len);
        while (len && strchr(" \t\r", line[len - 1]))
            line[--len] = '\0';
        bool stop = ends_rows(line);
        if (!stop) {
            next_line(r);
            if (line[0] != '#') {
                struct row row = row_read(line);
                if (signs)
                    row_take_sign(&row);
                rows_add(&r->script->steps[step].rows, row);
            }
        }
        free(line);
        if (stop)
            return;
    }
}

/* ---- directives -------------------------------------------------------------------- */

static char *joined(struct reader *r, const char *first)
{
    size_t len = strlen(first);
    char *text = text_copy(first, len);
    while (*r->at == ' ' || *r->at == '\t') {
        char *line = next_line(r);
        size_t more = strlen(line);
        text = must(realloc(text, len + more + 2));
        text[len] = '\n';
        memcpy(text + len + 1, line, more + 1);
        len += more + 1;
    }
    return text;
}

static void read_table(struct reader *r, const char *rest)
{
    char *text = joined(r, rest);
    struct step *step = step_add(r, STEP_TABLE);
    step->text = text;
    step->name = text_copy(text, strcspn(text, " ("));
}

static void read_view(struct reader *r, const char *rest)
{
    char *body = joined(r, rest);
    size_t size = strlen(body) + 16;
    struct step *step = step_add(r, STEP_SQL);
    step->text = must(malloc(size));
    snprintf(step->text, size, "CREATE VIEW %s", body);
    free(body);
}

static void read_statement(struct reader *r, const char *rest)
{
    if (strncmp(rest, "ok ", 3) == 0)
        rest += 3;
    char *text = joined(r, rest);
    step_add(r, STEP_SQL)->text = text;
}

static void read_sql(struct reader *r, const char *line)
{
    char *text = joined(r, line);
    step_add(r, STEP_SQL)->text = text;
}

static void read_query(struct reader *r, const char *rest)
{
    char *text = joined(r, rest);
    step_add(r, STEP_QUERY)->text = text;
}

static void read_feed(struct reader *r, const char *rest)
{
    const char *dot = strrchr(rest, '.');
    size_t len = dot ? (size_t)(dot - rest) : strlen(rest);
    struct step *step = step_add(r, STEP_FEED);
    step->name = text_copy(rest, len);
    step->split = dot ? text_copy(dot + 1, strlen(dot + 1)) : text_copy("1", 1);
    rows_read(r, r->script->n_steps - 1, false);
}

static void read_duration(struct reader *r, const char *rest)
{
    struct step *step = step_add(r, STEP_ADVANCE);
    if (!lt_parse_duration_us(lt_str_of(rest), &step->amount_us))
        complain(r, "not a duration", rest);
}

static void read_now(struct reader *r, const char *rest)
{
    struct step *step = step_add(r, STEP_NOW);
    if (!lt_text_to_timestamp(lt_str_of(rest), &step->amount_us))
        complain(r, "not a timestamp", rest);
}

static void read_idle(struct reader *r, const char *rest)
{
    step_add(r, STEP_IDLE)->name = text_copy(rest, strlen(rest));
}

static void read_end(struct reader *r, const char *rest)
{
    struct step *step = step_add(r, STEP_END);
    step->name = *rest ? text_copy(rest, strlen(rest)) : NULL;
}

static void read_late(struct reader *r, const char *rest)
{
    step_add(r, STEP_LATE)->number = strtol(rest, NULL, 10);
}

static void read_error(struct reader *r, const char *rest)
{
    step_add(r, STEP_ERROR)->text = text_copy(rest, strlen(rest));
}

static void read_expect(struct reader *r, const char *rest)
{
    (void)rest;
    step_add(r, STEP_EXPECT);
    rows_read(r, r->script->n_steps - 1, true);
}

static void read_ordered(struct reader *r, const char *rest)
{
    (void)rest;
    step_add(r, STEP_ORDERED);
}

static const struct directive {
    const char *word;
    void (*read)(struct reader *r, const char *rest);
    bool alone; /* nothing may follow the word */
} directives[] = {
    {"table", read_table, false},
    {"view", read_view, false},
    {"statement", read_statement, false},
    {"query", read_query, false},
    {"feed", read_feed, false},
    {"advance", read_duration, false},
    {"now", read_now, false},
    {"idle", read_idle, false},
    {"end", read_end, false},
    {"late", read_late, false},
    {"error", read_error, false},
    {"----", read_expect, true},
    {"ordered", read_ordered, true},
};

static const char *const sql_words[] = {"CREATE", "DROP", "ALTER",  "SET",
                                        "RESET",  "USE",  "INSERT", "EXECUTE"};

static void read_line(struct reader *r, const char *line)
{
    size_t len = strcspn(line, " ");
    const char *rest = line + len;
    while (*rest == ' ')
        rest++;
    for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++) {
        const struct directive *d = &directives[i];
        if (strlen(d->word) != len || memcmp(d->word, line, len) != 0)
            continue;
        if (d->alone && *rest)
            complain(r, "nothing may follow", d->word);
        d->read(r, rest);
        return;
    }
    for (size_t i = 0; i < sizeof(sql_words) / sizeof(sql_words[0]); i++)
        if (strlen(sql_words[i]) == len && memcmp(sql_words[i], line, len) == 0) {
            read_sql(r, line);
            return;
        }
    complain(r, "no such directive", line);
}

bool script_read(const char *path, struct script *out)
{
    *out = (struct script){.path = path};
    struct reader r = {.path = path, .script = out, .text = file_text(path)};
    if (!r.text) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return false;
    }
    r.at = r.text;
    char *line;
    while (!r.failed && (line = next_line(&r)))
        if (line[0] && line[0] != '#')
            read_line(&r, line);
    free(r.text);
    if (!r.failed)
        return true;
    script_free(out);
    return false;
}

void script_free(struct script *script)
{
    for (size_t i = 0; i < script->n_steps; i++) {
        free(script->steps[i].text);
        free(script->steps[i].name);
        free(script->steps[i].split);
        rows_clear(&script->steps[i].rows);
    }
    free(script->steps);
    script->steps = NULL;
    script->n_steps = 0;
}
