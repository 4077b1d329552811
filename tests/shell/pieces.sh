#!/usr/bin/env bash
# pieces.sh LEAT -- a large file gives one answer, in whatever pieces and by however many partitions it is read.
set -u
leat=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0
awk 'BEGIN { for (i = 0; i < 60000; i++) {
    name = i % 7 == 0 ? "\"two\nlines, " i "\"" : i % 11 == 0 ? "say \"hi\"" : "name " i % 100
    if (i % 11 == 0 && i % 7) name = "\"say \"\"hi\"\"\""
    print i "," i % 1000 "," name ",2024-01-01 00:" int(i / 1000) % 60 ":00" } }' >"$folder/t.csv"
awk 'BEGIN { for (i = 0; i < 60000; i++)
    print "{\"id\":" i ",\"k\":" i % 1000 ",\"name\":\"name " i % 100 "\",\"ts\":\"2024-01-01 00:" int(i / 1000) % 60 ":00\"}" }' >"$folder/t.json"

ask() { # FORMAT PIECE PARTITIONS QUERY
    "$leat" --format csv --parallelism "$3" -c "CREATE TABLE t (id BIGINT, k INT, name STRING, ts TIMESTAMP(3),
        WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '$folder/t.$1', 'format' = '$1',
        'source.piece-size' = '$2'); $4" 2>&1
}

while read -r query; do
    for format in csv json; do
        whole=$(ask $format 0 1 "$query")
        [ "$(wc -l <<<"$whole")" -gt 1 ] || { echo "FAILED $query: $whole"; failures=1; }
        for piece in 10000 64kb 1mb; do
            for partitions in 1 2 4; do
                got=$(ask $format $piece $partitions "$query")
                [ "$got" = "$whole" ] && continue
                echo "FAILED $format, pieces of $piece, $partitions partitions: $query"
                diff <(echo "$whole") <(echo "$got") | head -5
                failures=$((failures + 1))
            done
        done
    done
done <<'QUERIES'
SELECT COUNT(*), SUM(id), MIN(id), MAX(id) FROM t
SELECT k, COUNT(*) AS n, SUM(id) AS s, MIN(name) AS a, COUNT(DISTINCT name) AS d FROM t GROUP BY k ORDER BY k
SELECT name, COUNT(*) AS n FROM t WHERE id > 30000 GROUP BY name ORDER BY n, name
SELECT id, name FROM t WHERE k = 7 ORDER BY id
SELECT k, FIRST_VALUE(id) AS a, LAST_VALUE(name) AS b FROM t GROUP BY k ORDER BY k
SELECT window_start, COUNT(*) AS n FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' MINUTE) GROUP BY window_start, window_end ORDER BY window_start
SELECT id FROM t LIMIT 5
QUERIES
exit $((failures > 0))
