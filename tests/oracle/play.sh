#!/usr/bin/env bash
# play.sh RUNNER NAME SEED COUNT -- makes COUNT scripts with tests/oracle/NAME.py and plays them in
# every way, with few failing allocations each, because there are many of them. Scripts that fail
# are kept.
set -euo pipefail
runner=$1 name=$2 seed=$3 count=$4
folder=$(mktemp -d)
python3 "$(dirname "$0")/$name.py" "$seed" "$count" "$folder"
if "$runner" --quiet --first 8 --sweep 8 "$folder"; then
    rm -rf "$folder"
else
    echo "play.sh: $name, seed $seed: scripts kept in $folder" >&2
    exit 1
fi
