#!/usr/bin/env bash
# nested.sh LEAT -- nested values, partitions and metadata come back from files; a header is recognised.
set -u
leat=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0
check() { # NAME EXPECTED GOT
    [ "$2" = "$3" ] && return
    printf 'FAILED %s: got\n%s\nexpected\n%s\n' "$1" "$3" "$2"
    failures=$((failures + 1))
}

got=$("$leat" --format csv -c "
CREATE TABLE j (id INT, r ROW<name STRING, deep ROW<x INT>>, a ARRAY<INT>, m MAP<STRING, DECIMAL(5, 2)>, b BYTES)
    WITH ('connector' = 'filesystem', 'path' = '$folder/j', 'format' = 'json');
INSERT INTO j VALUES
    (1, ROW('q\"uo,te' || CHR(10) || 'x', ROW(7)), ARRAY[1, NULL, 3], MAP['k', 1.5], x'00ff'),
    (2, ROW(CAST(NULL AS STRING), ROW(CAST(NULL AS INT))), ARRAY[5], MAP['k', CAST(NULL AS DECIMAL(5, 2))], x'');
SELECT id, REPLACE(r.name, CHR(10), '/') AS name, r.deep.x, a[1], a[2] IS NULL, CARDINALITY(a), m['k'], HEX(b) FROM j
    ORDER BY id" 2>&1)
check json $'id,name,x,EXPR$3,EXPR$4,EXPR$5,EXPR$6,EXPR$7\n1,"q""uo,te/x",7,1,TRUE,3,1.50,00FF\n2,,,5,TRUE,1,,""' "$got"

got=$("$leat" --format csv -c "
CREATE TABLE w (k STRING, v INT, dt STRING) PARTITIONED BY (dt)
    WITH ('connector' = 'filesystem', 'path' = '$folder/p', 'format' = 'csv');
INSERT INTO w VALUES ('a', 1, '2024-01-01'), ('b', 2, 'x/y=z'), ('c', 3, NULL);
CREATE TABLE r (k STRING, v INT, dt STRING, path STRING METADATA FROM 'file.path' VIRTUAL, twice AS v * 2)
    PARTITIONED BY (dt) WITH ('connector' = 'filesystem', 'path' = '$folder/p', 'format' = 'csv');
SELECT k, dt, twice, path LIKE '%/dt=%' AS dir FROM r ORDER BY k" 2>&1)
check partitions $'k,dt,twice,dir\na,2024-01-01,2,TRUE\nb,x/y=z,4,TRUE\nc,,6,TRUE' "$got"

printf 'when,n\n2024-01-01 00:00:00,5\n' >named.csv
columns="(n INT, \`when\` TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = '$folder/named.csv', 'format' = 'csv'"
got=$("$leat" --format csv -c "CREATE TABLE t $columns, 'csv.header' = 'true'); SELECT * FROM t" 2>&1)
check header $'n,when\n5,2024-01-01 00:00:00.000' "$got"
got=$("$leat" -c "CREATE TABLE t $columns); SELECT * FROM t" 2>&1)
[[ "$got" == *"line 1, column 1"*"csv.header"* ]] || check hint "csv.header" "$got"

[ "$failures" = 0 ] && echo "ok"
exit "$failures"
