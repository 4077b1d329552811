/* expressions.c -- ns/row of expressions, one by one, over a table in memory.
 *
 * The listener only counts the rows: what is measured is the expression and the way
 * of a column through the engine, whose cost alone is that of the first line, `i`. */
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/checksum.h"
#include "bench/columns.h"

static void fill(struct columns *columns, uint32_t i, uint64_t number, const void *ctx)
{
    static const char *const words[] = {"Google", "Facebook", "Baidu", "Apple", "channel-12",
                                        "channel-4711"};
    uint64_t h = checksum_splitmix(number);
    (void)ctx;
    columns->at[0].numbers[i] = (int64_t)(h % 1000000);
    columns->at[1].numbers[i] = (int64_t)(h >> 40) % 1000 + 1;
    columns_text_end(columns, 2, i,
                     snprintf(columns_text_at(columns, 2, i), COLUMNS_TEXT_MAX, "%s",
                              words[(h >> 20) % 6]));
    columns_text_end(columns, 3, i,
                     snprintf(columns_text_at(columns, 3, i), COLUMNS_TEXT_MAX,
                              "https://www.nexmark.com/%06llx/%05llx/%04llx/item.htm?query=1"
                              "&channel_id=%llu",
                              (unsigned long long)(h & 0xffffff),
                              (unsigned long long)(h >> 24 & 0xfffff),
                              (unsigned long long)(h >> 44 & 0xffff),
                              (unsigned long long)(h % 100000)));
}

static void load(struct bench_host *host, uint64_t n_rows)
{
    struct columns *columns = bench_alloc(sizeof(*columns));
    columns->n = 4;
    columns->at[0].name = "i";
    columns->at[1].name = "j";
    columns->at[2].name = "s";
    columns->at[3].name = "u";
    columns->at[2].text = columns->at[3].text = true;
    bench_run(host,
              "CREATE TABLE loading (i BIGINT, j BIGINT, s STRING, u STRING) "
              "WITH ('connector' = 'feed'); "
              "CREATE TABLE t (i BIGINT, j BIGINT, n BIGINT, k INT, d DOUBLE, x DECIMAL(12, 2), "
              "b BOOLEAN, s STRING, u STRING, ts TIMESTAMP(3)) WITH ('connector' = 'memory'); "
              "INSERT INTO t SELECT i, j, NULLIF(i, i / 10 * 10), CAST(i AS INT), i * 0.25e0, "
              "CAST(i AS DECIMAL(12, 2)) + 0.25, MOD(i, 3) = 0, s, u, "
              "CAST(TIMESTAMPADD(SECOND, CAST(i AS INT), TIMESTAMP '2024-01-01 00:00:00') "
              "AS TIMESTAMP(3)) FROM loading");
    columns_push(host, columns, n_rows, 1, fill, NULL);
    free(columns);
}

static void run_one(struct bench_host *host, const struct bench_options *options,
                    const char *expression)
{
    struct bench_line *line = bench_alloc(sizeof(*line));
    struct bench_stat stat;
    char *name = bench_format("expr: %s", expression);
    char *select = bench_format("SELECT %s AS r FROM t", expression);
    char *insert = bench_insert_of(host, select);
    *line = (struct bench_line){.workload = name,
                                .source = "memory",
                                .partitions = 1,
                                .events = (uint64_t)options->events};
    bench_measure(host, insert, line, 0); /* the warm-up reads what comes out */
    uint64_t checksum = line->checksum;
    host->count_only = true;
    bench_stat_read(&stat);
    for (line->n = 0; line->n < options->repeat; line->n++)
        bench_measure(host, insert, line, line->n);
    line->steal = bench_steal_since(&stat);
    host->count_only = false;
    line->checksum = checksum;
    bench_print(line);
    free(insert);
    free(select);
    free(name);
    free(line);
}

void bench_expressions(const struct bench_options *options, const char *path)
{
    struct bench_host host;
    char *text = bench_read_file(path), *next;
    bench_open(&host, 0, false);
    load(&host, (uint64_t)options->events);
    for (char *line = text; *line; line = next) {
        char *end = strchr(line, '\n');
        next = end ? end + 1 : line + strlen(line);
        if (end)
            *end = '\0';
        if (*line && *line != '#' && bench_wants(options, line))
            run_one(&host, options, line);
    }
    free(text);
    bench_close(&host);
}
