/* prompt.c -- the shell at a terminal: lines, history, statements over many lines.
 *
 * libedit is loaded when it is there, so that a script starts no slower for it
 * and a system without it still has a prompt. Ctrl-C cancels the running
 * statement, or the text typed so far; it never ends the shell. */
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell/shell.h"

struct editor {
    void *library;
    char *(*readline)(const char *prompt);
    int (*add_history)(const char *line);
    int (*read_history)(const char *path);
    int (*write_history)(const char *path);
    char history[4096]; /* path; empty: none */
};

static leat_session *volatile prompt_session; /* what Ctrl-C interrupts; NULL at the prompt */
static volatile sig_atomic_t prompt_break;

static void on_interrupt(int signal)
{
    (void)signal;
    prompt_break = 1;
    if (prompt_session)
        leat_interrupt(prompt_session);
}

static void editor_open(struct editor *editor)
{
    const char *home = getenv("HOME");
    *editor = (struct editor){.library = dlopen("libedit.so.2", RTLD_NOW | RTLD_LOCAL)};
    if (!editor->library)
        return;
    *(void **)&editor->readline = dlsym(editor->library, "readline");
    *(void **)&editor->add_history = dlsym(editor->library, "add_history");
    *(void **)&editor->read_history = dlsym(editor->library, "read_history");
    *(void **)&editor->write_history = dlsym(editor->library, "write_history");
    if (home && strlen(home) < sizeof(editor->history) - 32) {
        snprintf(editor->history, sizeof(editor->history), "%s/.leat_history", home);
        if (editor->read_history)
            editor->read_history(editor->history);
    }
}

/* A line without its newline, malloc'd; NULL at the end of the input. */
static char *editor_line(struct editor *editor, const char *prompt)
{
    if (editor->readline)
        return editor->readline(prompt);
    char *line = NULL;
    size_t cap = 0;
    fputs(prompt, stdout);
    fflush(stdout);
    ssize_t len = getline(&line, &cap, stdin);
    if (len < 0) {
        free(line);
        return NULL;
    }
    if (len > 0 && line[len - 1] == '\n')
        line[len - 1] = '\0';
    return line;
}

static void help(void)
{
    puts("Statements end with ';' and may span lines. Ctrl-C cancels, Ctrl-D leaves.\n"
         "  .help            this text\n"
         "  .format FORMAT   table, csv, json or vertical\n"
         "  .quit            leave\n"
         "Try: SHOW TABLES;  SHOW FUNCTIONS;  DESCRIBE t;  EXPLAIN SELECT ...;  SET;");
}

/* Commands that begin with a dot; false: leave. */
static bool dot_command(struct shell *shell, const char *line)
{
    static const char *const formats[] = {"table", "csv", "json", "vertical"};
    if (strcmp(line, ".quit") == 0 || strcmp(line, ".exit") == 0)
        return false;
    if (strncmp(line, ".format ", 8) == 0) {
        for (int i = 0; i < 4; i++)
            if (strcmp(line + 8, formats[i]) == 0) {
                shell->format = (enum shell_format)i;
                return true;
            }
        puts("there are table, csv, json and vertical");
        return true;
    }
    if (strcmp(line, ".help") != 0)
        printf("no such command: %s\n", line);
    help();
    return true;
}

static bool is_quit(const char *line)
{
    return strcmp(line, "quit") == 0 || strcmp(line, "exit") == 0 || strcmp(line, "quit;") == 0 ||
           strcmp(line, "exit;") == 0;
}

void shell_prompt(struct shell *shell)
{
    struct editor editor;
    struct shell_text text = {0};
    struct sigaction action = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &action, NULL);
    shell->interactive = true;
    editor_open(&editor);
    printf("Leat %s. Statements end with ';'. .help helps, Ctrl-D leaves.\n", leat_version());
    for (;;) {
        prompt_break = 0;
        char *line = editor_line(&editor, text.len ? "   ...> " : "leat> ");
        if (!line && prompt_break) { /* Ctrl-C: forget what was typed */
            clearerr(stdin);
            putchar('\n');
            text.len = 0;
            continue;
        }
        if (!line || (text.len == 0 && (is_quit(line) || strcmp(line, ".quit") == 0))) {
            free(line);
            break;
        }
        if (text.len == 0 && line[0] == '.') {
            for (size_t n = strlen(line); n > 0 && strchr(" \t;", line[n - 1]); n--)
                line[n - 1] = '\0';
            bool stay = dot_command(shell, line);
            free(line);
            if (!stay)
                break;
            continue;
        }
        if (line[0] && editor.add_history)
            editor.add_history(line);
        shell_add(&text, line, strlen(line));
        shell_add(&text, "\n", 1);
        free(line);
        if (!leat_complete(text.data, text.len) && strspn(text.data, " \t\n") != text.len)
            continue;
        prompt_session = shell->session; /* from here on Ctrl-C is for the statement */
        shell_run(shell, NULL, text.data, text.len, 0);
        prompt_session = NULL;
        text.len = 0;
    }
    if (editor.write_history && editor.history[0])
        editor.write_history(editor.history);
    free(text.data);
    shell->failed = false;
}
