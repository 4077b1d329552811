/* main.c -- test_runner: plays .test scripts in every way and says what differs.
 *
 * usage: test_runner [--quiet] [--way NAME] [--partitions N] [--first N]
 *                    [--sweep N|all] PATH...
 *
 * A PATH is a script or a folder of them. The failure sweep lets each of the first
 * 200 (--first) allocations of a script fail, and a seeded sample of 20 (--sweep) of
 * the rest. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/runner/runner.h"

enum { WHY_SIZE = 8192 };

static const struct way ways[] = {
    {.name = "plain"},
    {.name = "ones", .batch_rows = 1},
    {.name = "sevens", .batch_rows = 7, .yield = true, .seed = 7},
    {.name = "restore", .restore = true},
    {.name = "faults", .faults = true},
    {.name = "threads", .threads = true}, /* only when asked for */
};

struct totals {
    bool quiet;
    const char *only_way;
    uint32_t only_partitions;
    uint64_t first;
    long sweep; /* -1 = all */
    int scripts, plays, failures;
};

static bool play_once(struct totals *t, const struct script *script, const struct way *way,
                      uint32_t partitions, uint64_t fail_at, uint64_t *count)
{
    static char why[WHY_SIZE]; /* large; one thread */
    struct fault fault = {.fail_at = fail_at};
    t->plays++;
    bool ok = play(script, way, partitions, &fault, why, sizeof(why));
    if (count)
        *count = fault.count;
    if (ok)
        return true;
    t->failures++;
    fprintf(stderr, "%s: %s, %u partition%s", script->path, way->name, partitions,
            partitions == 1 ? "" : "s");
    if (fail_at)
        fprintf(stderr, ", allocation %llu fails", (unsigned long long)fail_at);
    fprintf(stderr, ": %s\n", why);
    return false;
}

static void sweep(struct totals *t, const struct script *script, const struct way *way,
                  uint32_t partitions)
{
    uint64_t count = 0, random = 88172645463325252u;
    if (!play_once(t, script, way, partitions, 0, &count))
        return;
    for (uint64_t n = 1; n <= count && (n <= t->first || t->sweep < 0); n++)
        if (!play_once(t, script, way, partitions, n, NULL))
            return;
    for (long i = 0; i < t->sweep && count > t->first; i++) {
        random ^= random << 13; /* xorshift: the same sample on every run */
        random ^= random >> 7;
        random ^= random << 17;
        uint64_t n = t->first + 1 + random % (count - t->first);
        if (!play_once(t, script, way, partitions, n, NULL))
            return;
    }
}

static void run_script(struct totals *t, const char *path)
{
    struct script script;
    t->scripts++;
    if (!script_read(path, &script)) {
        t->failures++;
        return;
    }
    int before = t->failures;
    for (size_t w = 0; w < sizeof(ways) / sizeof(ways[0]); w++) {
        if (t->only_way ? strcmp(t->only_way, ways[w].name) != 0 : ways[w].threads)
            continue;
        if (!may_play(&script, &ways[w]))
            continue;
        for (uint32_t partitions = 1; partitions <= 4; partitions += 3) {
            if (t->only_partitions && t->only_partitions != partitions)
                continue;
            if (ways[w].faults)
                sweep(t, &script, &ways[w], partitions);
            else
                play_once(t, &script, &ways[w], partitions, 0, NULL);
        }
        if (t->failures > before)
            break; /* the other ways would most likely say the same */
    }
    script_free(&script);
    if (!t->quiet)
        printf("%s %s\n", t->failures > before ? "FAILED" : "ok    ", path);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void run_path(struct totals *t, const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        fprintf(stderr, "%s: no such file or folder\n", path);
        t->failures++;
        return;
    }
    if (!S_ISDIR(st.st_mode)) {
        run_script(t, path);
        return;
    }
    struct dirent **entries;
    int n = scandir(path, &entries, NULL, by_name);
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name, *dot = strrchr(name, '.');
        size_t size = strlen(path) + strlen(name) + 2;
        char *child = must(malloc(size));
        snprintf(child, size, "%s/%s", path, name);
        bool folder = name[0] != '.' && stat(child, &st) == 0 && S_ISDIR(st.st_mode);
        if (folder || (dot && strcmp(dot, ".test") == 0))
            run_path(t, child);
        free(child);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
}

int main(int argc, char **argv)
{
    struct totals t = {.first = 200, .sweep = 20};
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--quiet") == 0) {
            t.quiet = true;
            continue;
        }
        if (strcmp(argv[i], "--way") == 0)
            t.only_way = value;
        else if (strcmp(argv[i], "--partitions") == 0)
            t.only_partitions = (uint32_t)strtoul(value, NULL, 10);
        else if (strcmp(argv[i], "--first") == 0)
            t.first = strtoul(value, NULL, 10);
        else if (strcmp(argv[i], "--sweep") == 0)
            t.sweep = strcmp(value, "all") == 0 ? -1 : strtol(value, NULL, 10);
        else
            break;
        i++;
    }
    if (i >= argc || strncmp(argv[i], "--", 2) == 0) {
        fputs("usage: test_runner [--quiet] [--way plain|ones|sevens|restore|faults|threads]\n"
              "                   [--partitions 1|4] [--first N] [--sweep N|all] PATH...\n",
              stderr);
        return 2;
    }
    for (; i < argc; i++)
        run_path(&t, argv[i]);
    printf("%d scripts, %d plays, %d failures\n", t.scripts, t.plays, t.failures);
    return t.failures > 0;
}
