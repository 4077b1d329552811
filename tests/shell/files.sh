#!/usr/bin/env bash
# files.sh LEAT -- files written by one statement are read by the next; bad data names its place.
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
CREATE TABLE t (id INT, name STRING, tags ARRAY<STRING>, p ROW<x INT, y STRING>)
    WITH ('connector' = 'filesystem', 'path' = '$folder/t', 'format' = 'json');
INSERT INTO t SELECT 1, 'a,b', ARRAY['u', 'v'], ROW(1, 'q');
INSERT INTO t SELECT 2, CAST(NULL AS STRING), CAST(NULL AS ARRAY<STRING>), ROW(2, 'r');
SELECT id, name, tags, p.y FROM t ORDER BY id" 2>&1)
check json $'id,name,tags,y\n1,"a,b","[u, v]",q\n2,,,r' "$got"

got=$("$leat" --format csv -c "
CREATE TABLE t (id INT, name STRING) WITH ('connector' = 'filesystem', 'path' = '$folder/c', 'format' = 'csv');
INSERT INTO t VALUES (1, 'x,\"y\"'), (2, '');
SELECT id, name FROM t ORDER BY id DESC" 2>&1)
check csv $'id,name\n2,""\n1,"x,""y"""' "$got"

printf '1,a\ntwo,b\n' >bad.csv
"$leat" -c "CREATE TABLE t (id INT, name STRING) WITH ('connector' = 'filesystem', 'path' = '$folder/bad.csv',
    'format' = 'csv'); SELECT SUM(id) FROM t" >out 2>err && { echo "FAILED bad data: status 0"; failures=1; }
grep -q "bad.csv" err && grep -q "line 2" err && grep -q "two" err || { echo "FAILED bad data:"; cat err; failures=1; }

got=$(printf '1,a\n2,b\n' | "$leat" --format csv -c "CREATE TABLE t (id INT, name STRING)
    WITH ('connector' = 'stdin', 'format' = 'csv'); SELECT name FROM t WHERE id > 1" 2>&1)
check stdin $'name\nb' "$got"

# A wall clock in a file is the session's; an instant is written in UTC, with its Z.
printf '2024-07-01 12:00:00,1\n' >zone.csv
got=$("$leat" --format csv -c "SET 'table.local-time-zone' = 'Europe/Berlin';
CREATE TABLE z (ts TIMESTAMP_LTZ(3), a INT)
    WITH ('connector' = 'filesystem', 'path' = '$folder/zone.csv', 'format' = 'csv');
CREATE TABLE w (ts TIMESTAMP_LTZ(3))
    WITH ('connector' = 'filesystem', 'path' = '$folder/w', 'format' = 'json');
INSERT INTO w SELECT ts FROM z; SELECT ts FROM w" 2>&1)
check zone $'ts\n2024-07-01 12:00:00.000' "$got"
check instant '{"ts":"2024-07-01 10:00:00.000Z"}' "$(cat w/*)"

[ "$failures" = 0 ] && echo "ok"
exit "$failures"
