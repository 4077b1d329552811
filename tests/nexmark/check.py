#!/usr/bin/env python3
"""check.py -- Nexmark's answers, recomputed by a program that shares nothing with Leat.

usage: check.py LEAT [EVENTS [TPS]]

Dumps the generated bids once, as CSV, and computes from them what each query must
say; then runs each query with 1 and with 4 partitions and compares the rows as
multisets. q12 counts by processing time, so its windows are only compared by
their sums (its exact windows are tests/sql/window/proctime*.test, where the
clock is injected).
"""
import collections
import csv
import datetime
import decimal
import glob
import io
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
QUERIES = ["q0", "q1", "q2", "q10", "q11", "q12", "q14", "q15", "q16", "q17", "q21", "q22"]
EPOCH = datetime.datetime(1970, 1, 1)


def leat(binary, query, settings, partitions, folder):
    text = ""
    for name in ("ddl", query):
        with open(os.path.join(HERE, name + ".sql"), encoding="utf-8") as file:
            text += file.read()
    for key, value in settings.items():
        text = text.replace("${" + key + "}", value)
    script = os.path.join(folder, f"{query}.{partitions}.sql")
    with open(script, "w", encoding="utf-8") as file:
        file.write(text)
    run = subprocess.run([binary, "--format", "csv", "--parallelism", str(partitions), "-f", script],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if run.returncode != 0:
        raise SystemExit(f"{query} with {partitions} partitions: exit {run.returncode}\n"
                         f"{run.stderr.decode()[:2000]}")
    rows = list(csv.reader(io.StringIO(run.stdout.decode())))
    return rows[1:] if rows else []


def to_ms(text):
    moment = datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f")
    return int((moment - EPOCH) / datetime.timedelta(milliseconds=1))


def to_text(ms):
    moment = EPOCH + datetime.timedelta(milliseconds=ms)
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03d}"


def euros(price):
    return str(decimal.Decimal("0.908") * int(price))


def channel_id(bid):
    found = {"apple": "0", "google": "1", "facebook": "2", "baidu": "3"}.get(bid.channel.lower())
    if found is None:
        match = re.search(r"(&|^)channel_id=([^&]*)", bid.url)
        found = match.group(2) if match else None
    return found


def q14(bids):
    for bid in bids:
        price = decimal.Decimal("0.908") * int(bid.price)
        if 1000000 < price < 50000000:
            hour = int(bid.time[11:13])
            kind = ("dayTime" if 8 <= hour <= 18 else
                    "nightTime" if hour <= 6 or hour >= 20 else "otherTime")
            yield [bid.auction, bid.bidder, str(price), kind, bid.time, bid.extra,
                   str(bid.extra.count("c"))]


def levels(price):
    return [0, 1 if price < 10000 else 2 if price < 1000000 else 3]


def statistics(bids, key, distinct):
    """Counts per key and price level, then distinct bidders and auctions likewise."""
    groups = {}
    for bid in bids:
        group = groups.setdefault(key(bid), ([0] * 4, [set() for _ in range(8)], []))
        for level in levels(int(bid.price)):
            group[0][level] += 1
            if distinct:
                group[1][level].add(bid.bidder)
                group[1][4 + level].add(bid.auction)
        group[2].append(bid)
    for key_value, (counts, sets, members) in groups.items():
        yield key_value, [str(c) for c in counts], [str(len(s)) for s in sets], members


def q15(bids):
    for day, counts, sets, _ in statistics(bids, lambda b: b.time[:10], True):
        yield [day] + counts + sets


def q16(bids):
    for (channel, day), counts, sets, members in statistics(
            bids, lambda b: (b.channel, b.time[:10]), True):
        yield [channel, day, max(b.time[11:16] for b in members)] + counts + sets


def q17(bids):
    for (auction, day), counts, _, members in statistics(
            bids, lambda b: (b.auction, b.time[:10]), False):
        prices = [int(b.price) for b in members]
        yield [auction, day] + counts + [str(min(prices)), str(max(prices)),
                                         str(sum(prices) // len(prices)), str(sum(prices))]


def q11(bids):
    times = collections.defaultdict(list)
    for bid in bids:
        times[bid.bidder].append(to_ms(bid.time))
    for bidder, all_ms in times.items():
        all_ms.sort()
        start, last, count = all_ms[0], all_ms[0], 0
        for ms in all_ms:
            if ms - last >= 10000:
                yield [bidder, str(count), to_text(start), to_text(last + 10000)]
                start, count = ms, 0
            last, count = ms, count + 1
        yield [bidder, str(count), to_text(start), to_text(last + 10000)]


def expected(query, bids):
    if query in ("q0", "q10"):
        return [[b.auction, b.bidder, b.price, b.time, b.extra] for b in bids]
    if query == "q1":
        return [[b.auction, b.bidder, euros(b.price), b.time, b.extra] for b in bids]
    if query == "q2":
        return [[b.auction, b.price] for b in bids if int(b.auction) % 123 == 0]
    if query == "q21":
        return [[b.auction, b.bidder, b.price, b.channel, channel_id(b)] for b in bids
                if channel_id(b) is not None]
    if query == "q22":
        return [[b.auction, b.bidder, b.price, b.channel] + b.url.split("/")[3:6] for b in bids]
    if query == "q12":
        return [[k, str(n)] for k, n in collections.Counter(b.bidder for b in bids).items()]
    return {"q11": q11, "q14": q14, "q15": q15, "q16": q16, "q17": q17}[query](bids)


def q10_rows(folder):
    """What the partitioned files hold; every partition must be marked complete."""
    rows = []
    for partition in glob.glob(os.path.join(folder, "bid", "dt=*", "hm=*")):
        day = partition.split("dt=")[1][:10]
        minute = partition.split("hm=")[1].replace("%3A", ":")
        if not os.path.exists(os.path.join(partition, "_SUCCESS")):
            raise SystemExit(f"q10: no _SUCCESS in {partition}")
        for name in os.listdir(partition):
            if name == "_SUCCESS":
                continue
            if name.startswith((".", "_")):
                raise SystemExit(f"q10: left over: {partition}/{name}")
            with open(os.path.join(partition, name), encoding="utf-8", newline="") as file:
                for row in csv.reader(file):
                    if row[3][:10] != day or row[3][11:16] != minute:
                        raise SystemExit(f"q10: {row} is in {partition}")
                    rows.append(row[:5])
    return rows


def main():
    binary = os.path.abspath(sys.argv[1])
    events = sys.argv[2] if len(sys.argv) > 2 else "20000"
    tps = sys.argv[3] if len(sys.argv) > 3 else "1000"
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        settings = {"EVENTS_NUM": events, "TPS": tps, "NEXMARK_DIR": folder}
        bid_row = collections.namedtuple("Bid", "auction bidder price channel url time extra")
        bids = [bid_row(*row) for row in leat(binary, "events", settings, 1, folder)]
        whole = int(events) // 50 * 46
        if not whole <= len(bids) <= whole + 46:
            raise SystemExit(f"{len(bids)} bids among {events} events")
        for query in QUERIES:
            want = collections.Counter(map(tuple, expected(query, bids)))
            for partitions in (1, 4):
                settings["NEXMARK_DIR"] = os.path.join(folder, str(partitions))
                rows = leat(binary, query, settings, partitions, folder)
                if query == "q10":
                    rows = q10_rows(settings["NEXMARK_DIR"])
                if query == "q12":
                    sums = collections.Counter()
                    for row in rows:
                        sums[row[0]] += int(row[1])
                    rows = [[k, str(n)] for k, n in sums.items()]
                got = collections.Counter(map(tuple, rows))
                if got == want:
                    print(f"{query}: {sum(got.values())} rows as expected, {partitions} partition(s)")
                else:
                    failed += 1
                    print(f"{query}: WRONG with {partitions} partition(s): "
                          f"{sum(got.values())} rows, expected {sum(want.values())}; "
                          f"missing {list((want - got).items())[:3]}, "
                          f"too many {list((got - want).items())[:3]}")
    print(f"nexmark: {2 * len(QUERIES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
