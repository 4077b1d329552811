#!/usr/bin/env python3
"""check.py -- windows over real input, recomputed by brute force and by SQLite.

usage: check.py LEAT [DATA]

DATA is the folder with nab/ and flights/; by default $LEAT_SHARED/data, else
../shared/data beside the project. Where it is absent the checks are skipped,
with exit status 77.
"""
import collections
import csv
import datetime
import glob
import io
import json
import math
import os
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
EPOCH = datetime.datetime(1970, 1, 1)
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def to_ms(text):
    return int((datetime.datetime.fromisoformat(text) - EPOCH).total_seconds() * 1000)


def to_text(ms):
    return (EPOCH + datetime.timedelta(milliseconds=ms)).strftime("%Y-%m-%d %H:%M:%S.000")


def run(binary, query, data, partitions):
    with open(os.path.join(HERE, query + ".sql"), encoding="utf-8") as file:
        text = file.read().replace("${DATA}", data)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(text)
        script.flush()
        result = subprocess.run([binary, "--format", "csv", "--parallelism", str(partitions), "-f",
                                 script.name], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                check=False)
    if result.returncode != 0:
        raise SystemExit(f"{query}: exit {result.returncode}\n{result.stderr.decode()[:2000]}")
    return list(csv.reader(io.StringIO(result.stdout.decode())))[1:]


def series(data, pattern):
    """(name, ms, value, behind): `behind` is the file's watermark just before the row."""
    for path in sorted(glob.glob(os.path.join(data, "nab", pattern))):
        newest = None
        with open(path, encoding="utf-8", newline="") as file:
            for row in list(csv.reader(file))[1:]:
                ms = to_ms(row[0])
                yield os.path.basename(path), ms, row[1], newest
                newest = ms if newest is None else max(newest, ms)


def final(end, newest, delay):
    """Had the window that ends at `end` been final before the row?"""
    return newest is not None and newest - delay >= end - 1


def hourly(data):
    groups = collections.defaultdict(list)
    for name, ms, value, newest in series(data, "*.csv"):
        start = ms // HOUR * HOUR
        if not final(start + HOUR, newest, HOUR):
            groups[name, start].append(float(value))
    for (name, start), values in groups.items():
        yield [name, to_text(start), str(len(values)), math.fsum(values) / len(values), min(values),
               max(values)]


def sessions(data):
    """The tweets are in order within a file, so a session only ever grows at its end."""
    current = {}
    for name, ms, value, newest in series(data, "realTweets__*.csv"):
        if int(value) <= 30:
            continue
        assert newest is None or ms > newest
        session = current.get(name)
        if session is None or ms - session[1] >= 20 * MINUTE:
            if session:
                yield [name, to_text(session[0]), to_text(session[1] + 20 * MINUTE)] + session[2:]
            session = current[name] = [ms, ms, 0, 0, 0]
        session[1] = ms
        session[2:] = [session[2] + 1, session[3] + int(value), max(session[4], int(value))]
    for name, session in current.items():
        yield [name, to_text(session[0]), to_text(session[1] + 20 * MINUTE)] + session[2:]


def taxi(data):
    groups = collections.defaultdict(list)
    for _, ms, value, newest in series(data, "realKnownCause__nyc_taxi.csv"):
        newest_start = ms // HOUR * HOUR
        for start in range(newest_start - 23 * HOUR, newest_start + 1, HOUR):
            if not final(start + DAY, newest, 30 * MINUTE):
                groups[start].append(int(value))
    for start, values in groups.items():
        yield [to_text(start), to_text(start + DAY), len(values), sum(values), max(values)]


def flights(data):
    """By SQLite: one self-made row per step of the day, joined with the flights before it."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE f (ms INTEGER, origin TEXT, destination TEXT, delay INTEGER)")
    with open(os.path.join(data, "flights", "flights.ndjson"), encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    db.executemany("INSERT INTO f VALUES (?, ?, ?, ?)",
                   [(to_ms(r["ts"]), r["origin"], r["destination"], r["delay"]) for r in rows])
    assert [r["ts"] for r in rows] == sorted(r["ts"] for r in rows)
    query = """
        WITH RECURSIVE step(h) AS (VALUES (3) UNION ALL SELECT h + 3 FROM step WHERE h < 24)
        SELECT origin, ms / 86400000 * 86400000 AS day, h, COUNT(*), SUM(delay), MAX(delay),
               COUNT(DISTINCT destination)
        FROM step JOIN f ON ms % 86400000 < h * 3600000
        GROUP BY origin, day, h"""
    for origin, day, hour, *rest in db.execute(query):
        yield [origin, to_text(day), to_text(day + hour * HOUR)] + rest


def same(got, want):
    if isinstance(want, float):
        return math.isclose(float(got), want, rel_tol=1e-9, abs_tol=1e-12)
    return got == str(want)


def main():
    binary = os.path.abspath(sys.argv[1])
    shared = os.environ.get("LEAT_SHARED", os.path.join(HERE, "..", "..", "..", "shared"))
    data = os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else os.path.join(shared, "data"))
    if not os.path.isdir(os.path.join(data, "nab")):
        print(f"skipped: no real data in {data} (set LEAT_SHARED)")
        return 77
    failed = passed = 0
    for query, oracle, keys in (("hourly", hourly, 2), ("sessions", sessions, 2),
                                ("taxi", taxi, 1), ("flights", flights, 3)):
        want = {tuple(row[:keys]): row for row in oracle(data)}
        for partitions in (1, 4):
            rows = run(binary, query, data, partitions)
            got = {tuple(row[:keys]): row for row in rows}
            wrong = [key for key in want if key not in got or
                     not all(same(g, w) for g, w in zip(got[key], want[key]))]
            extra = [key for key in got if key not in want]
            if wrong or extra or len(rows) != len(want):
                failed += 1
                key = (wrong or extra or [None])[0]
                print(f"{query}: WRONG with {partitions} partition(s): {len(rows)} rows of "
                      f"{len(want)}, {len(wrong)} wrong, {len(extra)} too many; first: {key}: "
                      f"got {got.get(key)}, expected {want.get(key)}")
            else:
                passed += 1
                print(f"{query}: {len(rows)} rows as expected, {partitions} partition(s)")
    print(f"real: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
