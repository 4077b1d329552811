/* groups.c -- GROUP BY at 100 to 10 million keys, integers and strings, memory and CSV.
 *
 * README.md says what the rows are. The answer is computed in two plain arrays. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/bench.h"
#include "bench/checksum.h"
#include "bench/columns.h"

static const uint64_t key_counts[] = {100, 10000, 1000000, 10000000};

struct group_data {
    uint64_t n_keys, n_rows;
    bool text;
};

static uint64_t row_of(const struct group_data *data, uint64_t i, int64_t *value)
{
    uint64_t h = checksum_splitmix(i);
    *value = (int64_t)((h >> 44) % 1000);
    return h % data->n_keys;
}

static int key_text(char *to, uint64_t key)
{
    memcpy(to, "customer-000000000", 18);
    for (int i = 17; key; key /= 10)
        to[i--] = (char)('0' + key % 10);
    return 18;
}

static void fill(struct columns *columns, uint32_t i, uint64_t number, const void *ctx)
{
    const struct group_data *data = ctx;
    uint64_t key = row_of(data, number, &columns->at[1].numbers[i]);
    if (data->text)
        columns_text_end(columns, 0, i, key_text(columns_text_at(columns, 0, i), key));
    else
        columns->at[0].numbers[i] = (int64_t)key;
}

static void expected(const struct group_data *data, uint64_t *rows, uint64_t *checksum)
{
    uint64_t *counts = bench_alloc(data->n_keys * sizeof(*counts));
    uint64_t *sums = bench_alloc(data->n_keys * sizeof(*sums));
    *rows = *checksum = 0;
    for (uint64_t i = 0; i < data->n_rows; i++) {
        int64_t value;
        uint64_t key = row_of(data, i, &value);
        counts[key]++;
        sums[key] += (uint64_t)value;
    }
    for (uint64_t key = 0; key < data->n_keys; key++) {
        struct checksum_row row = {0};
        char text[32];
        if (counts[key] == 0)
            continue;
        if (data->text)
            checksum_string(&row, text, (size_t)key_text(text, key));
        else
            checksum_value(&row, key);
        checksum_value(&row, counts[key]);
        checksum_value(&row, sums[key]);
        *checksum += checksum_end(&row);
        (*rows)++;
    }
    free(counts);
    free(sums);
}

static const char *key_type(const struct group_data *data)
{
    return data->text ? "STRING" : "BIGINT";
}

static void load_memory(struct bench_host *host, const struct group_data *data, uint32_t splits)
{
    struct columns *columns = bench_alloc(sizeof(*columns));
    columns->n = 2;
    columns->at[0].name = "k";
    columns->at[0].text = data->text;
    columns->at[1].name = "v";
    char *sql = bench_format("CREATE TABLE loading (k %s, v BIGINT) WITH ('connector' = 'feed', "
                             "'splits' = '%u'); "
                             "CREATE TABLE t (k %s, v BIGINT) WITH ('connector' = 'memory');",
                             key_type(data), splits, key_type(data));
    bench_run(host, sql);
    free(sql);
    bench_set_partitions(host, splits);
    bench_run(host, "INSERT INTO t SELECT k, v FROM loading");
    columns_push(host, columns, data->n_rows, splits, fill, data);
    free(columns);
}

static char *csv_path(const struct bench_options *options, const struct group_data *data)
{
    return bench_format("%s/group-%s-%llu-%llu.csv", options->data, data->text ? "str" : "int",
                        (unsigned long long)data->n_keys, (unsigned long long)data->n_rows);
}

static uint64_t write_csv(const char *path, const struct group_data *data)
{
    struct stat stat_of;
    if (stat(path, &stat_of) == 0)
        return (uint64_t)stat_of.st_size;
    FILE *file = fopen(path, "wb");
    if (!file)
        bench_fail("cannot write %s", path);
    for (uint64_t i = 0; i < data->n_rows; i++) {
        int64_t value;
        char text[32];
        uint64_t key = row_of(data, i, &value);
        if (data->text)
            fprintf(file, "%.*s,%lld\n", key_text(text, key), text, (long long)value);
        else
            fprintf(file, "%llu,%lld\n", (unsigned long long)key, (long long)value);
    }
    uint64_t size = (uint64_t)ftell(file);
    fclose(file);
    return size;
}

static void run_one(const struct bench_options *options, const struct group_data *data,
                    const char *source)
{
    struct bench_host host;
    struct bench_line *line = bench_alloc(2 * sizeof(*line));
    uint64_t rows, checksum, bytes = 0;
    uint32_t n = options->pairs ? 2 : 1;
    uint32_t threads = options->pairs ? 2 : options->partitions > 1 ? options->partitions : 0;
    char *name = bench_format("group-%s-%llu", data->text ? "str" : "int",
                              (unsigned long long)data->n_keys);
    bench_open(&host, threads, false);
    if (strcmp(source, "memory") == 0) {
        load_memory(&host, data, threads ? threads : 1);
    } else {
        char *path = csv_path(options, data);
        bytes = write_csv(path, data);
        char *sql = bench_format("CREATE TABLE t (k %s, v BIGINT) WITH ('connector' = "
                                 "'filesystem', 'path' = '%s', 'format' = 'csv')",
                                 key_type(data), path);
        bench_run(&host, sql);
        free(sql);
        free(path);
    }
    bench_set_partitions(&host, options->partitions);
    /* The final groups and not how they came about: that is what others are asked for. */
    bench_run(&host, "SET 'execution.runtime-mode' = 'batch'");
    for (uint32_t k = 0; k < n; k++)
        line[k] = (struct bench_line){.workload = name,
                                      .source = source,
                                      .partitions = options->pairs ? k + 1 : options->partitions,
                                      .events = data->n_rows,
                                      .bytes = bytes};
    char *insert = bench_insert_of(&host, "SELECT k, COUNT(*) AS n, SUM(v) AS s FROM t GROUP BY k");
    if (options->pairs)
        bench_pairs(&host, insert, options->repeat, line);
    else
        bench_repeat(&host, insert, options->repeat, line);
    expected(data, &rows, &checksum);
    for (uint32_t k = 0; k < n; k++) {
        bool right = line[k].rows == rows && line[k].checksum == checksum;
        line[k].checked = right ? BENCH_RIGHT : BENCH_WRONG;
        bench_print(&line[k]);
        if (!right)
            bench_fail("%s from %s: a wrong answer", name, source);
    }
    bench_close(&host);
    free(insert);
    free(name);
    free(line);
}

void bench_groups(const struct bench_options *options)
{
    static const char *const sources[] = {"memory", "csv"};
    for (size_t s = 0; s < 2; s++)
        for (int text = 0; text < 2; text++)
            for (size_t k = 0; k < sizeof(key_counts) / sizeof(key_counts[0]); k++) {
                struct group_data data = {.n_keys = key_counts[k],
                                          .n_rows = (uint64_t)options->events,
                                          .text = text == 1};
                char *name = bench_format("group-%s-%llu", text ? "str" : "int",
                                          (unsigned long long)data.n_keys);
                if (data.n_keys <= data.n_rows && bench_wants(options, name) &&
                    (!options->source || strcmp(options->source, sources[s]) == 0))
                    run_one(options, &data, sources[s]);
                free(name);
            }
}
