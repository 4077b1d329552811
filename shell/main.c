/* main.c -- the shell: options, then a text, a file, standard input or a prompt. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell/shell.h"

enum { OPT_DB = 256, OPT_FORMAT, OPT_RESULT, OPT_PARALLELISM, OPT_SET, OPT_VERSION };

static const char usage[] =
    "usage: leat [OPTION]...\n"
    "  --db FILE           keep definitions in FILE (default: in memory)\n"
    "  -c SQL              run SQL, then leave (may be repeated)\n"
    "  -f FILE             run the statements of FILE, then leave ('-': standard input)\n"
    "  --format FORMAT     table, csv, json or vertical (default: table)\n"
    "  --result RESULT     final: the table at the end; changelog: every change\n"
    "  --parallelism N     partitions and worker threads of a query (default: 1)\n"
    "  --set KEY=VALUE     as SET 'KEY' = 'VALUE' (may be repeated)\n"
    "  --version           print the version\n"
    "  --help              print this\n"
    "Without -c and -f statements are read from standard input.\n";

struct options {
    const char *db;
    const char **inputs; /* "c" or "f" before each text */
    const char **settings;
    int n_inputs, n_settings;
    enum shell_format format;
    bool changelog;
    long parallelism;
};

static int bad_usage(const char *what, const char *value)
{
    fprintf(stderr, "leat: %s%s%s\n%s", what, value ? " " : "", value ? value : "", usage);
    return 2;
}

static int option_take(struct options *o, int option)
{
    static const char *const formats[] = {"table", "csv", "json", "vertical"};
    char *end;
    switch (option) {
    case OPT_DB: o->db = optarg; return -1;
    case 'c':
    case 'f':
        o->inputs[o->n_inputs++] = option == 'c' ? "c" : "f";
        o->inputs[o->n_inputs++] = optarg;
        return -1;
    case OPT_FORMAT:
        for (int i = 0; i < 4; i++)
            if (strcmp(optarg, formats[i]) == 0) {
                o->format = (enum shell_format)i;
                return -1;
            }
        return bad_usage("--format must be table, csv, json or vertical, not", optarg);
    case OPT_RESULT:
        if (strcmp(optarg, "final") != 0 && strcmp(optarg, "changelog") != 0)
            return bad_usage("--result must be final or changelog, not", optarg);
        o->changelog = optarg[0] == 'c';
        return -1;
    case OPT_PARALLELISM:
        errno = 0;
        o->parallelism = strtol(optarg, &end, 10);
        if (errno || *end || end == optarg || o->parallelism < 1 || o->parallelism > 256)
            return bad_usage("--parallelism must be a number from 1 to 256, not", optarg);
        return -1;
    case OPT_SET:
        if (!strchr(optarg, '='))
            return bad_usage("--set takes KEY=VALUE, not", optarg);
        o->settings[o->n_settings++] = optarg;
        return -1;
    case OPT_VERSION: printf("leat %s\n", leat_version()); return 0;
    case 'h': fputs(usage, stdout); return 0;
    default: fputs(usage, stderr); return 2;
    }
}

/* -1: go on; else the exit status. */
static int options_read(struct options *o, int argc, char **argv)
{
    static const struct option longs[] = {
        {"db", required_argument, NULL, OPT_DB},
        {"format", required_argument, NULL, OPT_FORMAT},
        {"result", required_argument, NULL, OPT_RESULT},
        {"parallelism", required_argument, NULL, OPT_PARALLELISM},
        {"set", required_argument, NULL, OPT_SET},
        {"version", no_argument, NULL, OPT_VERSION},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "c:f:h", longs, NULL)) != -1) {
        int status = option_take(o, option);
        if (status >= 0)
            return status;
    }
    return optind < argc ? bad_usage("unexpected argument", argv[optind]) : -1;
}

static bool read_all(FILE *file, struct shell_text *text)
{
    char block[65536];
    size_t got;
    shell_add(text, "", 0);
    while ((got = fread(block, 1, sizeof(block), file)) > 0)
        shell_add(text, block, got);
    return !ferror(file);
}

/* Each statement runs as soon as its ';' has come, so that a program may talk to
 * the shell through a pipe. */
static bool run_stdin(struct shell *shell)
{
    struct shell_text text = {0};
    size_t done = 0, cap = 0;
    char *line = NULL;
    ssize_t got;
    bool go_on = true;
    while (go_on && (got = getline(&line, &cap, stdin)) > 0) {
        shell_add(&text, line, (size_t)got);
        if (!leat_complete(text.data + done, text.len - done))
            continue;
        go_on = shell_run(shell, "stdin", text.data, text.len, done);
        done = text.len;
    }
    if (go_on && text.len > done)
        go_on = shell_run(shell, "stdin", text.data, text.len, done);
    free(line);
    free(text.data);
    return go_on;
}

static bool run_file(struct shell *shell, const char *path)
{
    struct shell_text text = {0};
    if (strcmp(path, "-") == 0)
        return run_stdin(shell);
    FILE *file = fopen(path, "r");
    bool go_on = false;
    if (!file || !read_all(file, &text)) {
        fprintf(stderr, "leat: cannot read %s: %s\n", path, strerror(errno));
        shell->failed = true;
    } else {
        go_on = shell_run(shell, path, text.data, text.len, 0);
    }
    if (file)
        fclose(file);
    free(text.data);
    return go_on;
}

static bool apply_settings(struct shell *shell, const struct options *o)
{
    char key[512];
    if (o->changelog &&
        leat_set(shell->session, "sql-client.execution.result-mode", "changelog") < 0)
        return false;
    for (int i = 0; i < o->n_settings; i++) {
        const char *equals = strchr(o->settings[i], '=');
        size_t len = (size_t)(equals - o->settings[i]);
        if (len >= sizeof(key))
            len = sizeof(key) - 1;
        memcpy(key, o->settings[i], len);
        key[len] = '\0';
        if (leat_set(shell->session, key, equals + 1) < 0)
            return false;
    }
    return true;
}

static leat_session *volatile script_session;

static void on_signal(int signal)
{
    (void)signal;
    if (script_session)
        leat_interrupt(script_session);
}

static void run_inputs(struct shell *shell, const struct options *o)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    script_session = shell->session;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    bool go_on = true;
    for (int i = 0; i < o->n_inputs && go_on; i += 2)
        go_on = o->inputs[i][0] == 'c'
                    ? shell_run(shell, "-c", o->inputs[i + 1], strlen(o->inputs[i + 1]), 0)
                    : run_file(shell, o->inputs[i + 1]);
    if (o->n_inputs == 0)
        go_on = run_file(shell, "-");
    if (go_on && !ferror(stdout))
        shell_wait(shell);
    script_session = NULL;
}

static int run(const struct options *o)
{
    char message[1024];
    struct shell shell = {.format = o->format, .changelog = o->changelog};
    leat_config config = {.size = sizeof(config), .path = o->db};
    if (o->parallelism > 1) {
        config.threads = (uint32_t)o->parallelism;
        config.parallelism = (uint32_t)o->parallelism;
    }
    if (leat_open(&config, &shell.db, message, sizeof(message)) != LEAT_OK) {
        fprintf(stderr, "leat: %s\n", message);
        return 1;
    }
    if (leat_session_open(shell.db, &shell.session) != LEAT_OK) {
        fputs("leat: out of memory\n", stderr);
        leat_close(shell.db);
        return 1;
    }
    if (!apply_settings(&shell, o)) {
        fprintf(stderr, "leat: %s\n", leat_error_message(shell.session));
        shell.failed = true;
    } else if (o->n_inputs == 0 && isatty(STDIN_FILENO)) {
        shell_prompt(&shell);
    } else {
        run_inputs(&shell, o);
    }
    if (shell.output_errno && shell.output_errno != EPIPE) { /* a reader that goes is no failure */
        fprintf(stderr, "leat: cannot write the output: %s\n", strerror(shell.output_errno));
        shell.failed = true;
    }
    leat_session_close(shell.session);
    leat_close(shell.db);
    return shell.failed;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    signal(SIGPIPE, SIG_IGN); /* a reader that goes is a quiet end, seen at the write */
    o.inputs = calloc((size_t)argc + 1, 2 * sizeof(*o.inputs));
    o.settings = calloc((size_t)argc + 1, sizeof(*o.settings));
    if (!o.inputs || !o.settings)
        return 1;
    int status = options_read(&o, argc, argv);
    if (status < 0)
        status = run(&o);
    free(o.inputs);
    free(o.settings);
    return status;
}
