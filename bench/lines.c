/* lines.c -- what is printed, and the small things every part needs. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "bench/bench.h"

void bench_fail(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fputs("leat_bench: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

void *bench_alloc(size_t size)
{
    void *block = calloc(1, size ? size : 1);
    if (!block)
        bench_fail("no memory for %zu bytes", size);
    return block;
}

char *bench_format(const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *text = bench_alloc((size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, fmt, again);
    va_end(again);
    return text;
}

char *bench_read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        bench_fail("cannot open %s", path);
    char *text = bench_alloc(BENCH_TEXT_MAX);
    size_t size = fread(text, 1, BENCH_TEXT_MAX - 1, file);
    if (size == BENCH_TEXT_MAX - 1)
        bench_fail("%s is too long", path);
    fclose(file);
    return text;
}

char *bench_replace(char *text, const char *from, const char *to)
{
    char *at;
    while ((at = strstr(text, from)) != NULL) {
        char *made = bench_format("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
        free(text);
        text = made;
    }
    return text;
}

bool bench_wants(const struct bench_options *options, const char *workload)
{
    size_t len = strlen(workload);
    for (const char *at = options->only; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, workload, len) == 0 && (at[len] == ',' || at[len] == '\0'))
            return true;
    }
    return !options->only;
}

static void print_text(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putchar('\\');
        if ((unsigned char)*text >= ' ')
            putchar(*text);
    }
    putchar('"');
}

static void print_times(const char *name, const double *values, uint32_t n)
{
    printf(",\"%s\":[", name);
    for (uint32_t i = 0; i < n; i++)
        printf("%s%.6f", i ? "," : "", values[i]);
    putchar(']');
}

void bench_print(const struct bench_line *line)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"by\":\"leat\",\"workload\":");
    print_text(line->workload);
    printf(",\"source\":\"%s\",\"partitions\":%u,\"events\":%llu", line->source, line->partitions,
           (unsigned long long)line->events);
    if (line->bytes)
        printf(",\"bytes\":%llu", (unsigned long long)line->bytes);
    print_times("seconds", line->seconds, line->n);
    print_times("user", line->user, line->n);
    print_times("cpu", line->cpu, line->n);
    print_times("sink", line->sink, line->n);
    if (line->n && line->instructions[0] > 0)
        print_times("instructions", line->instructions, line->n);
    printf(",\"rows\":%llu", (unsigned long long)line->rows);
    if (line->checksum)
        printf(",\"checksum\":\"%016llx\"", (unsigned long long)line->checksum);
    if (line->checked != BENCH_UNCHECKED)
        printf(",\"checked\":%s", line->checked == BENCH_RIGHT ? "true" : "false");
    printf(",\"peak_bytes\":%llu,\"steal\":%.4f", (unsigned long long)usage.ru_maxrss * 1024,
           line->steal);
    if (line->note) {
        printf(",\"note\":");
        print_text(line->note);
    }
    printf("}\n");
    fflush(stdout);
}
