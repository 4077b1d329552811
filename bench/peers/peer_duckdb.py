#!/usr/bin/env python3
"""peer_duckdb.py -- DuckDB on one thread over the same bounded data: what Leat is put beside.

usage: bench/peers/peer_duckdb.py [--quick] [--events N] [--repeat R] [--data DIR]
                                  [--check LEAT] [WORKLOAD ...]

Reads what `leat_bench --write` has written (bench/README.md); group-by data that is not
there yet is made here, by the same formula. Every result is folded by an aggregate
that reads all its values, as Leat's sink does, so nothing leaves the engine. With
--check the shell of Leat answers the same questions and both answers must be equal.

DuckDB is a Python package (`bench/peers/fetch` puts it under build/); without it one
line says so.
"""
import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(HERE, "..", "..", "build", "peers", "venv", "bin", "python")
KEYS = [100, 10_000, 1_000_000, 10_000_000]
ROWS_MAX = 20_000_000  # of the group-by data

BIDS = {"auction": "BIGINT", "bidder": "BIGINT", "price": "BIGINT", "channel": "VARCHAR",
        "url": "VARCHAR", "dateTime": "TIMESTAMP", "extra": "VARCHAR"}
EVENTS = {"event_type": "INTEGER", **BIDS}
DAY = "strftime(dateTime, '%Y-%m-%d')"
RANKS = """count(*) AS total_bids,
    count(*) FILTER (WHERE price < 10000) AS rank1_bids,
    count(*) FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2_bids,
    count(*) FILTER (WHERE price >= 1000000) AS rank3_bids"""
DISTINCTS = ",\n    ".join(
    f"count(DISTINCT {column}){where} AS {name}_{column}s"
    for column in ("bidder", "auction")
    for name, where in (("total", ""), ("rank1", " FILTER (WHERE price < 10000)"),
                        ("rank2", " FILTER (WHERE price >= 10000 AND price < 1000000)"),
                        ("rank3", " FILTER (WHERE price >= 1000000)")))
CHANNEL_ID = "regexp_extract(url, '(&|^)channel_id=([^&]*)', 2)"

# The queries of Nexmark that mean something over bounded data. {bid} has the bids.
NEXMARK = {
    "q0": "SELECT auction, bidder, price, dateTime, extra FROM {bid}",
    "q1": "SELECT auction, bidder, 0.908 * price AS price, dateTime, extra FROM {bid}",
    "q2": "SELECT auction, price FROM {bid} WHERE auction % 123 = 0",
    # Slices are counted first and only then put into their five windows.
    "q5-hop": """SELECT auction, sum(n) AS num, w FROM (
            SELECT auction, n, unnest([s, s - INTERVAL 2 SECOND, s - INTERVAL 4 SECOND,
                                       s - INTERVAL 6 SECOND, s - INTERVAL 8 SECOND]) AS w
            FROM (SELECT auction, time_bucket(INTERVAL 2 SECOND, dateTime) AS s, count(*) AS n
                  FROM {bid} GROUP BY auction, s))
        GROUP BY auction, w""",
    "q7-tumble": """SELECT max(price) AS price, time_bucket(INTERVAL 10 SECOND, dateTime) AS w
        FROM {bid} GROUP BY w""",
    "q11": """SELECT bidder, count(*) AS bid_count, min(dateTime) AS starttime,
            max(dateTime) + INTERVAL 10 SECOND AS endtime
        FROM (SELECT bidder, dateTime, sum(begins) OVER (PARTITION BY bidder ORDER BY dateTime
                                                         ROWS UNBOUNDED PRECEDING) AS number
              FROM (SELECT bidder, dateTime, CASE WHEN dateTime - lag(dateTime) OVER
                        (PARTITION BY bidder ORDER BY dateTime) < INTERVAL 10 SECOND
                        THEN 0 ELSE 1 END AS begins FROM {bid}))
        GROUP BY bidder, number""",
    "q14": """SELECT auction, bidder, 0.908 * price AS price,
            CASE WHEN hour(dateTime) >= 8 AND hour(dateTime) <= 18 THEN 'dayTime'
                 WHEN hour(dateTime) <= 6 OR hour(dateTime) >= 20 THEN 'nightTime'
                 ELSE 'otherTime' END AS bidTimeType, dateTime, extra,
            length(extra) - length(replace(extra, 'c', '')) AS c_counts
        FROM {bid} WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000""",
    "q15": f"SELECT {DAY} AS day, {RANKS}, {DISTINCTS} FROM {{bid}} GROUP BY day",
    "q16": f"""SELECT channel, {DAY} AS day, max(strftime(dateTime, '%H:%M')) AS minute,
        {RANKS}, {DISTINCTS} FROM {{bid}} GROUP BY channel, day""",
    "q17": f"""SELECT auction, {DAY} AS day, {RANKS}, min(price) AS min_price,
            max(price) AS max_price, sum(price) // count(*) AS avg_price, sum(price) AS sum_price
        FROM {{bid}} GROUP BY auction, day""",
    "q21": f"""SELECT auction, bidder, price, channel,
            CASE WHEN lower(channel) = 'apple' THEN '0' WHEN lower(channel) = 'google' THEN '1'
                 WHEN lower(channel) = 'facebook' THEN '2' WHEN lower(channel) = 'baidu' THEN '3'
                 ELSE {CHANNEL_ID} END AS channel_id
        FROM {{bid}} WHERE {CHANNEL_ID} <> ''
            OR lower(channel) IN ('apple', 'google', 'facebook', 'baidu')""",
    "q22": """SELECT auction, bidder, price, channel, split_part(url, '/', 4) AS dir1,
            split_part(url, '/', 5) AS dir2, split_part(url, '/', 6) AS dir3 FROM {bid}""",
    "bids": "SELECT auction, bidder, price, channel, url, dateTime, extra FROM {bid}",
}
FROM_FILES = ["q0", "q2", "q11", "q17", "q22", "bids"]
GROUP = "SELECT k, count(*) AS c, sum(v) AS s FROM {table} GROUP BY k"


def emit(**line):
    print(json.dumps({"by": "duckdb", **line}, separators=(",", ":")), flush=True)


def skip(why):
    emit(workload="all", source="memory", skipped=why)
    sys.exit(0)


def user_now():
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


class Peer:
    def __init__(self, duckdb, options):
        self.db = duckdb.connect()
        self.db.execute("SET threads = 1")
        self.options = options
        self.note = f"DuckDB {duckdb.__version__}, one thread"

    def columns(self, query):
        return [row[0] for row in self.db.execute("DESCRIBE " + query).fetchall()]

    def measure(self, workload, source, query, events, size=None):
        """Every value of every row goes into a hash, all hashes into one."""
        names = ", ".join('"%s"' % name for name in self.columns(query))
        fold = f"SELECT count(*), bit_xor(hash({names})) FROM ({query})"
        seconds, user = [], []
        rows = self.db.execute(fold).fetchall()[0][0]  # warms up
        for _ in range(self.options.repeat):
            start, used = time.perf_counter(), user_now()
            self.db.execute(fold).fetchall()
            seconds.append(round(time.perf_counter() - start, 6))
            user.append(round(user_now() - used, 6))
        line = {"workload": workload, "source": source, "partitions": 1, "events": events}
        if size:
            line["bytes"] = size
        emit(**line, seconds=seconds, user=user, rows=rows, note=self.note)

    def csv(self, path, columns):
        return f"read_csv('{path}', header = false, delim = ',', columns = {columns!r})"

    def json(self, path, columns):
        return (f"read_json('{path}', format = 'newline_delimited', columns = {columns!r}, "
                "timestampformat = '%Y-%m-%d %H:%M:%S.%g')")


def wanted(options, workload):
    return not options.workloads or workload in options.workloads


def nexmark(peer, options):
    path = os.path.join(options.data, f"events-{options.events}.csv")
    names = [name for name in NEXMARK if wanted(options, name)]
    if not names:
        return
    if not os.path.exists(path):
        emit(workload="q0", source="memory", skipped=path + " is not there")
        return
    source = peer.csv(path, EVENTS)
    peer.db.execute(f"CREATE OR REPLACE TABLE events AS SELECT * FROM {source}")
    bid = "(SELECT * FROM events WHERE event_type = 2)"
    for name in names:
        peer.measure(name, "memory", NEXMARK[name].format(bid=bid), options.events)
    peer.db.execute("DROP TABLE events")


def bids_file(peer, options, kind):
    end = {"csv": "csv", "json": "ndjson"}[kind]
    path = os.path.join(options.data, f"bids-{options.events}.{end}")
    return path, getattr(peer, kind)(path, BIDS) if os.path.exists(path) else None


def files(peer, options):
    for kind in ("csv", "json"):
        path, source = bids_file(peer, options, kind)
        for name in FROM_FILES:
            if source and wanted(options, name):
                rows = peer.db.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0]
                peer.measure(name, kind, NEXMARK[name].format(bid=source), rows,
                             os.path.getsize(path))


def group_table(peer, options, kind, keys, rows):
    """Rows of the formula in bench/README.md, in 128 bits because products of 64 may not wrap."""
    two64 = "18446744073709551616::UHUGEINT"
    mix = lambda x, shift, times: (f"((xor({x}, {x} // {1 << shift}::UHUGEINT) * "
                                   f"{times}::UHUGEINT) % {two64})")
    peer.db.execute(f"""CREATE OR REPLACE TABLE grouped AS
        SELECT {'' if kind == 'int' else "'customer-' || lpad("}(h % {keys})::BIGINT
               {'' if kind == 'int' else "::VARCHAR, 9, '0')"} AS k,
               ((h // {1 << 44}::UHUGEINT) % 1000)::BIGINT AS v
        FROM (SELECT xor(b, b // {1 << 31}::UHUGEINT) AS h
        FROM (SELECT {mix('a', 27, 0x94d049bb133111eb)} AS b
        FROM (SELECT {mix('z', 30, 0xbf58476d1ce4e5b9)} AS a
        FROM (SELECT ((i + 1)::UHUGEINT * {0x9e3779b97f4a7c15}::UHUGEINT) % {two64} AS z
              FROM range({rows}) t(i)))))""")


def group(peer, options):
    rows = min((1 if options.quick else 10) * options.events, ROWS_MAX)
    for keys in [keys for keys in KEYS if keys <= rows]:
        for kind in ("int", "str"):
            name = f"group-{kind}-{keys}"
            if not wanted(options, name):
                continue
            path = os.path.join(options.data, f"group-{kind}-{keys}-{rows}.csv")
            columns = {"k": "BIGINT" if kind == "int" else "VARCHAR", "v": "BIGINT"}
            if os.path.exists(path):
                source = peer.csv(path, columns)
                peer.db.execute(f"CREATE OR REPLACE TABLE grouped AS SELECT * FROM {source}")
            else:
                group_table(peer, options, kind, keys, rows)
                os.makedirs(options.data, exist_ok=True)
                peer.db.execute(f"COPY grouped TO '{path}' (HEADER false)")
                source = peer.csv(path, columns)
            peer.measure(name, "memory", GROUP.format(table="grouped"), rows)
            peer.measure(name, "csv", GROUP.format(table=source), rows, os.path.getsize(path))
        peer.db.execute("DROP TABLE IF EXISTS grouped")


# ---- the same answers ------------------------------------------------------------

LEAT = {
    "bids": "SELECT auction, bidder, price, channel, url, dateTime, extra FROM bid",
    "q5-hop": """SELECT auction, COUNT(*) AS num, window_start AS w FROM TABLE(HOP(TABLE bid,
        DESCRIPTOR(dateTime), INTERVAL '2' SECOND, INTERVAL '10' SECOND))
        GROUP BY auction, window_start, window_end""",
    "q7-tumble": """SELECT MAX(price) AS price, window_start AS w FROM TABLE(TUMBLE(TABLE bid,
        DESCRIPTOR(dateTime), INTERVAL '10' SECOND)) GROUP BY window_start, window_end""",
}


def leat_query(name):
    if name in LEAT:
        return "", LEAT[name]
    path = os.path.join(HERE, "..", "..", "tests", "nexmark", name + ".sql")
    with open(path, encoding="utf-8") as file:
        *before, select = file.read().strip().rstrip(";").split(";\n\n")
    return "".join(text + ";\n" for text in before), select


def fold(types, quote):
    """One row that says a lot about all rows, in SQL that both understand."""
    parts = ["COUNT(*)"]
    for column, kind in types:
        column = quote + column + quote
        if kind == "VARCHAR":
            parts += [f"SUM(CHAR_LENGTH({column}))", f"MIN({column})", f"MAX({column})"]
        elif kind == "TIMESTAMP":
            parts += [f"MIN({column})", f"MAX({column})"]
        else:
            parts.append(f"SUM({column})")
    return "SELECT " + ", ".join(parts).replace("CHAR_LENGTH", "CHAR_LENGTH" if quote == "`"
                                                else "length")


def plain(cell):
    """A number or a time without the zeros that one of the two writes and the other does not."""
    text = "" if cell is None else str(cell)
    if "." in text and text.replace(".", "").replace("-", "").replace(":", "").replace(
            " ", "").isdigit():
        text = text.rstrip("0").rstrip(".")
    return text


def check(peer, options):
    path, source = bids_file(peer, options, "csv")
    if not source:
        print(path + " is not there", file=sys.stderr)
        return 2
    columns = ", ".join(f"{name} {'TIMESTAMP(3)' if kind == 'TIMESTAMP' else kind}"
                        for name, kind in BIDS.items())
    bad = 0
    for name in [name for name in NEXMARK if wanted(options, name)]:
        query = NEXMARK[name].format(bid=source)
        types = [row[:2] for row in peer.db.execute("DESCRIBE " + query).fetchall()]
        theirs = peer.db.execute(fold(types, '"') + f" FROM ({query})").fetchall()[0]
        before, select = leat_query(name)
        sql = f"""SET 'execution.runtime-mode' = 'batch';
            CREATE TABLE bid ({columns}, WATERMARK FOR dateTime AS dateTime - INTERVAL '1' SECOND) WITH (
                'connector' = 'filesystem', 'path' = '{os.path.abspath(path)}', 'format' = 'csv');
            {before}{fold(types, "`")} FROM ({select});"""
        ran = subprocess.run([options.check, "--format", "csv", "-c", sql], check=False,
                             capture_output=True, text=True)
        ours = next(csv.reader(ran.stdout.splitlines()[-1:]), [ran.stderr])
        same = [plain(cell) for cell in ours] == [plain(cell) for cell in theirs]
        bad += not same
        print(f"{name}: {'equal' if same else 'NOT EQUAL'}")
        if not same:
            print("  leat  ", [plain(cell) for cell in ours])
            print("  duckdb", [plain(cell) for cell in theirs])
    return 1 if bad else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--events", type=int)
    parser.add_argument("--repeat", type=int)
    parser.add_argument("--data", default=os.path.join(HERE, "..", "out", "data"))
    parser.add_argument("--check", metavar="LEAT", help="the shell, to answer the same")
    parser.add_argument("workloads", nargs="*")
    options = parser.parse_args()
    options.events = options.events or (50_000 if options.quick else 1_000_000)
    options.repeat = options.repeat or (2 if options.quick else 5)
    try:
        import duckdb
    except ImportError:
        if os.path.exists(VENV) and os.path.realpath(sys.prefix) != os.path.realpath(
                os.path.dirname(os.path.dirname(VENV))):
            os.execv(VENV, [VENV] + sys.argv)
        skip("the Python package duckdb is not installed (bench/peers/fetch)")
    peer = Peer(duckdb, options)
    if options.check:
        sys.exit(check(peer, options))
    nexmark(peer, options)
    files(peer, options)
    group(peer, options)


if __name__ == "__main__":
    main()
