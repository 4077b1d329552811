/* leat_bench.c -- measures the engine through leat.h; bench/README.md says what it prints.
 *
 * usage: leat_bench [WHAT] [--quick] [--events N] [--repeat R] [--data DIR]
 *                   [--source memory|generator|json|csv] [--partitions N|pairs] [--only q0,q1]
 *   WHAT  nexmark (default), groups, expressions, write, reference, serve, check */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/bench.h"
#include "bench/checksum.h"

static int64_t number_of(const char *text)
{
    char *end;
    long long value = strtoll(text, &end, 10);
    if (value < 1 || *end)
        bench_fail("'%s' is no number of one or more", text);
    return value;
}

static const char *option_read(struct bench_options *options, int argc, char **argv, int *i)
{
    const char *key = argv[*i];
    if (strcmp(key, "--quick") == 0) {
        options->quick = true;
        return key;
    }
    if (strncmp(key, "--", 2) != 0 || *i + 1 >= argc)
        bench_fail("what is '%s'? see the head of bench/leat_bench.c", key);
    const char *value = argv[++*i];
    if (strcmp(key, "--events") == 0)
        options->events = number_of(value);
    else if (strcmp(key, "--repeat") == 0)
        options->repeat = (uint32_t)number_of(value);
    else if (strcmp(key, "--data") == 0)
        options->data = value;
    else if (strcmp(key, "--source") == 0)
        options->source = value;
    else if (strcmp(key, "--only") == 0)
        options->only = value;
    else if (strcmp(key, "--partitions") == 0 && strcmp(value, "pairs") == 0)
        options->pairs = true;
    else if (strcmp(key, "--partitions") == 0)
        options->partitions = (uint32_t)number_of(value);
    else
        bench_fail("what is '%s'? see the head of bench/leat_bench.c", key);
    return key;
}

/* Every kind of workload on little data, for the test suite: answers, not figures. */
static void check_all(const struct bench_options *given)
{
    static const char *const sources[] = {"memory", "generator", "json", "csv"};
    struct bench_options options = *given;
    options.repeat = 1;
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        options.source = sources[i];
        options.pairs = false;
        bench_nexmark(&options);
    }
    options.source = "memory";
    options.pairs = true;
    bench_nexmark(&options);
    options.source = NULL;
    bench_groups(&options);
    options.pairs = false;
    bench_groups(&options);
    bench_expressions(&options, LEAT_SOURCE_DIR "/bench/expressions.txt");
}

int main(int argc, char **argv)
{
    struct bench_options options = {.partitions = 1, .data = "build/bench-data"};
    const char *what = "nexmark";
    int first = 1;
    if (argc > 1 && argv[1][0] != '-')
        what = argv[first++];
    for (int i = first; i < argc; i++)
        (void)option_read(&options, argc, argv, &i);
    if (!options.source && strcmp(what, "groups") != 0)
        options.source = "memory";
    if (!options.events)
        options.events = strcmp(what, "check") == 0 ? 20000 : options.quick ? 50000 : 1000000;
    if (!options.repeat)
        options.repeat = options.quick ? 2 : 5;
    if (options.repeat > BENCH_REPEAT_MAX)
        bench_fail("at most %d repetitions", BENCH_REPEAT_MAX);
    char folder[4096];
    (void)mkdir(options.data, 0777);
    if (!realpath(options.data, folder))
        bench_fail("no folder %s", options.data);
    options.data = folder;
    if (!checksum_self_test())
        bench_fail("the two ways to read a text do not agree");
    if (strcmp(what, "nexmark") == 0)
        bench_nexmark(&options);
    else if (strcmp(what, "groups") == 0)
        bench_groups(&options);
    else if (strcmp(what, "expressions") == 0)
        bench_expressions(&options, LEAT_SOURCE_DIR "/bench/expressions.txt");
    else if (strcmp(what, "write") == 0)
        bench_write_data(&options);
    else if (strcmp(what, "reference") == 0)
        bench_reference(&options);
    else if (strcmp(what, "serve") == 0)
        bench_serve(&options);
    else if (strcmp(what, "check") == 0)
        check_all(&options);
    else
        bench_fail("what is '%s'?", what);
    return 0;
}
