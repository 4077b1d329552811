/* shell.h -- the parts of the shell: options, printing, running a script, prompting. */
#ifndef LEAT_SHELL_H
#define LEAT_SHELL_H

#include <stdio.h>

#include "leat.h"

enum shell_format { SHELL_TABLE, SHELL_CSV, SHELL_JSON, SHELL_VERTICAL };

struct shell {
    leat_db *db;
    leat_session *session;
    enum shell_format format;
    bool changelog;   /* print the op of every row */
    bool interactive; /* go on after an error */
    bool failed;
    int output_errno; /* why standard output takes no more; 0 = it does */
};

/* print.c: all rows of a statement, stepping it to its end. Returns what ended it:
 * LEAT_DONE or a failure. */
leat_code shell_print(struct shell *shell, leat_stmt *stmt);

/* script.c: every statement of text[from..len) in order, until the first failure.
 * `name` stands before the line in messages; NULL at the prompt. */
bool shell_run(struct shell *shell, const char *name, const char *text, size_t len, size_t from);
/* Waits for INSERTs that still run. */
bool shell_wait(struct shell *shell);

/* prompt.c */
void shell_prompt(struct shell *shell);

/* width.c: columns a text takes on a terminal. */
size_t shell_width(const char *text, size_t len);
/* Writes a text that may be anything: bytes that are no UTF-8 and controls become marks. */
void shell_put(FILE *file, const char *text, size_t len);
/* The shell's own text buffer; dies with a message when memory is out. */
struct shell_text {
    char *data;
    size_t len, cap;
};
void shell_add(struct shell_text *text, const char *data, size_t len);

#endif
