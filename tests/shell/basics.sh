#!/usr/bin/env bash
# basics.sh LEAT -- formats, options, exit status.
set -u
leat=$(realpath "$1")
failures=0

# NAME EXPECTED-STATUS EXPECTED-OUTPUT COMMAND...
check() {
    local name=$1 status=$2 expected=$3 got code
    shift 3
    got=$("$@" 2>&1)
    code=$?
    if [ "$code" != "$status" ] || [ "$got" != "$expected" ]; then
        printf 'FAILED %s: status %s, output:\n%s\nexpected status %s, output:\n%s\n' \
            "$name" "$code" "$got" "$status" "$expected"
        failures=$((failures + 1))
    fi
}
# NAME EXPECTED-STATUS PART-OF-OUTPUT COMMAND...
has() {
    local name=$1 status=$2 expected=$3 got code
    shift 3
    got=$("$@" 2>&1)
    code=$?
    if [ "$code" != "$status" ] || [[ "$got" != *"$expected"* ]]; then
        printf 'FAILED %s: status %s, output:\n%s\nexpected status %s and: %s\n' \
            "$name" "$code" "$got" "$status" "$expected"
        failures=$((failures + 1))
    fi
}

check table 0 "+---+------+
| n | t    |
+---+------+
| 1 | a    |
| 2 | NULL |
+---+------+
2 rows" "$leat" -c "SELECT n, t FROM (VALUES (1, 'a'), (2, CAST(NULL AS STRING))) AS v(n, t)"
check wide 0 "+------+---+
| a    | b |
+------+---+
| 世界 | x |
+------+---+
1 row" "$leat" -c "SELECT '世界' AS a, 'x' AS b"
check csv 0 'n,t
1,"a,b"
2,"say ""hi"""
3,
4,""' "$leat" --format csv -c "SELECT n, t FROM (VALUES (1, 'a,b'), (2, 'say \"hi\"'),
    (3, CAST(NULL AS STRING)), (4, '')) AS v(n, t)"
check json 0 '{"n":1,"t":"a\"b","x":null,"f":1.5,"b":true}' "$leat" --format json \
    -c "SELECT 1 AS n, 'a\"b' AS t, CAST(NULL AS INT) AS x, 1.5 AS f, TRUE AS b"
check json_bytes 0 '{"a":"AP8Q","b":"","c":"YQ==","d":"YWI="}' "$leat" --format json \
    -c "SELECT x'00ff10' AS a, x'' AS b, x'61' AS c, x'6162' AS d"
check vertical 0 '-[ row 1 ]-
    n: 1
other: x' "$leat" --format vertical -c "SELECT 1 AS n, 'x' AS other"
check changelog 0 'op,n
+I,1' "$leat" --format csv --result changelog -c "SELECT 1 AS n"
check several 0 'a
1
b
2' "$leat" --format csv -c "SELECT 1 AS a; SELECT 2 AS b;"
check repeated 0 'a
1
b
2' "$leat" --format csv -c "SELECT 1 AS a" -c "SELECT 2 AS b"
check empty 0 '' "$leat" -c " -- nothing
 ;; /* here */ "
check set 0 'key,value
parallelism.default,3' "$leat" --format csv --set parallelism.default=3 -c "SET"
has version 0 "leat " "$leat" --version
has help 0 "usage: leat" "$leat" --help
has bad_option 2 "usage: leat" "$leat" --nope
has bad_format 2 "--format must be" "$leat" --format xml
has bad_parallelism 2 "--parallelism must be" "$leat" --parallelism 0
has bad_set 1 "did you mean" "$leat" --set paralelism.default=3 -c "SELECT 1"
has no_file 1 "cannot read /no/such/file" "$leat" -f /no/such/file
has full_disk 1 "cannot write the output" bash -c "$leat -c 'SELECT 1' >/dev/full"
check stdin 0 'n
7' bash -c "echo 'SELECT 7 AS n;' | $leat --format csv"

[ "$failures" = 0 ] && echo "ok"
exit "$failures"
