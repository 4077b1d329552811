#!/usr/bin/env bash
# errors.sh LEAT -- `file:line:col: message`, the line, a caret, and a status that is not 0.
set -u
leat=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0

check() { # NAME SCRIPT EXPECTED-STDERR EXPECTED-STDOUT
    printf '%s' "$2" >"$folder/s.sql"
    (cd "$folder" && "$leat" --format csv -f s.sql >out 2>err)
    local status=$?
    if [ "$status" = 0 ] || [[ "$(cat "$folder/err")" != $3 ]] || [ "$(cat "$folder/out")" != "$4" ]; then
        printf 'FAILED %s: status %s\nstderr:\n%s\nstdout:\n%s\n' "$1" "$status" \
            "$(cat "$folder/err")" "$(cat "$folder/out")"
        failures=$((failures + 1))
    fi
}

check syntax $'SELECT 1 AS a;\n\nSELECT\n  FROM t;\nSELECT 2 AS b;' $'s.sql:4:3: *\n    FROM t;\n    ^^^^' $'a\n1'
check name $'SELECT 1 AS a;\n  SELECT x FROM nope;' $'s.sql:2:17: *nope*\n    SELECT x FROM nope;\n                  ^^^^' $'a\n1'
check wide $'SELECT \'世界\' AS a, nope FROM (VALUES (1)) AS t(x);' $'s.sql:1:19: *nope*\n  SELECT \'世界\' AS a, nope*\n                      ^^^^' ''
check tab $'\tSELECT nope FROM (VALUES (1)) AS t(x)' $'s.sql:1:9: *\n  \tSELECT nope*\n  \t       ^^^^' ''
check setting $'SET \'no.such.key\' = \'1\';' $'s.sql:1:*: unknown setting*' ''
check runtime $'SELECT 1 / (x - 1) FROM (VALUES (1)) AS t(x);' $'s.sql:1:*: *zero*' ''
check bytes $'SELECT \'\xff\';' $'s.sql:1:9: byte 0xff *\n  SELECT \'\xef\xbf\xbd\';\n          ^' ''
check long "SELECT $(printf '1 + %.0s' {1..100})nope" $'s.sql:1:408: *\n  ...1 +* 1 + nope\n  * ^^^^' ''
check comment $'-- a comment\n/* more */ SELECT nope FROM (VALUES (1)) AS t(x);' $'s.sql:2:19: *' ''

echo 'SELECT nope' | "$leat" >"$folder/out" 2>"$folder/err" && failures=$((failures + 1))
[[ "$(cat "$folder/err")" == stdin:1:8:* ]] || { cat "$folder/err"; failures=$((failures + 1)); }

[ "$failures" = 0 ] && echo "ok"
exit "$failures"
