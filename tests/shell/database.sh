#!/usr/bin/env bash
# database.sh LEAT -- definitions last in a file; a file that is not ours is refused.
set -u
leat=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0
bad() { echo "FAILED $1"; failures=$((failures + 1)); }

"$leat" --db "$folder/a.db" -c "CREATE TABLE t (x INT) WITH ('connector' = 'blackhole');
    CREATE VIEW v AS SELECT x + 1 AS y FROM (VALUES (41)) AS q(x);
    CREATE TEMPORARY VIEW w AS SELECT 1 AS one;" || bad create
got=$("$leat" --db "$folder/a.db" --format csv -c "SHOW TABLES; SELECT y FROM v")
[ "$got" = $'table name\nt\nv\ny\n42' ] || bad "reopen: $got"
echo "not a database" >"$folder/b.db"
"$leat" --db "$folder/b.db" -c "SELECT 1" 2>"$folder/err" && bad foreign
grep -q "is not a Leat database" "$folder/err" || bad "foreign: $(cat "$folder/err")"
[ "$(cat "$folder/b.db")" = "not a database" ] || bad "foreign file was changed"

[ "$failures" = 0 ] && echo "ok"
exit "$failures"
