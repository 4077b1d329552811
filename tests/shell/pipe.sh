#!/usr/bin/env bash
# pipe.sh LEAT -- a reader that goes away ends the shell quietly and soon.
set -u
leat=$(realpath "$1")
started=$SECONDS
got=$(timeout 60 "$leat" --format csv -f tests/shell/endless.sql 2>&1 | head -n 3)
[ "$(echo "$got" | wc -l)" = 3 ] || { echo "FAILED: $got"; exit 1; }
[ $((SECONDS - started)) -lt 30 ] || { echo "FAILED: took too long"; exit 1; }
# Ctrl-C ends a script that would never end, with a status that says so.
timeout -s INT 2 "$leat" --format csv -f tests/shell/endless.sql >/dev/null 2>&1
[ $? != 0 ] || { echo "FAILED: status 0 after an interrupt"; exit 1; }
echo "ok"
