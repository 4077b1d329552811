#!/usr/bin/env python3
"""windows.py -- random window queries over disordered input, answered by brute force.

usage: windows.py SEED COUNT FOLDER    writes FOLDER/<seed>-<i>.test

Every row is put into the list of every window it belongs to, one at a time, unless
that window was already final for the row's own split; a window is written when
the smallest watermark of all splits reaches its last tick. Nothing here knows of
batches, slices or partitions. The scripts are played by the script runner in
all its ways, so the same answer must come out of each.
"""
import os
import random
import sys

SECOND = 1_000_000


def stamp(us, precision):
    days, rest = divmod(us, 86400 * SECOND)
    rest, fraction = divmod(rest, SECOND)
    text = f"2024-01-{1 + days:02d} {rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    return text + (f".{fraction // 1000:03d}" if precision == 3 else f".{fraction:06d}")


def interval(us):
    sign = "-" if us < 0 else ""
    whole, fraction = divmod(abs(us), SECOND)
    return f"INTERVAL '{sign}{whole}" + (f".{fraction:06d}".rstrip("0") if fraction else "") + "' SECOND"


class Windows:
    """TUMBLE, HOP, CUMULATE: the windows of a time depend on nothing else."""

    def __init__(self, kind, size, slide, offset):
        self.kind, self.size, self.slide, self.offset = kind, size, slide, offset

    def of(self, t):
        if self.kind == "CUMULATE":
            start = (t - self.offset) // self.size * self.size + self.offset
            return [(start, start + n) for n in range(self.slide, self.size + 1, self.slide)
                    if t < start + n]
        start = (t - self.offset) // self.slide * self.slide + self.offset
        found = []
        while t < start + self.size:
            found.append((start, start + self.size))
            start -= self.slide
        return found

    def sql(self, table):
        arguments = [f"TABLE {table}", "DESCRIPTOR(ts)"]
        if self.kind != "TUMBLE":
            arguments.append(interval(self.slide))
        arguments.append(interval(self.size))
        if self.offset:
            arguments.append(interval(self.offset))
        return f"{self.kind}({', '.join(arguments)})"


class Case:
    def __init__(self, rng):
        self.rng = rng
        self.precision = rng.choice([3, 3, 3, 6])
        self.tick = 1000 if self.precision == 3 else 1
        self.kind = rng.choice(["TUMBLE", "HOP", "HOP", "CUMULATE", "SESSION"])
        self.keyed = rng.random() < 0.7
        self.splits = 1 if self.kind == "SESSION" or rng.random() < 0.7 else 2
        self.delay = rng.choice([0, 1, 2, 5]) * SECOND
        self.gap = rng.randint(1, 5) * SECOND
        slide = rng.choice([1, 2, 3, 4, 5]) * SECOND
        size = slide * rng.choice([1, 2, 3, 4, 4, 9])
        if self.kind == "HOP" and rng.random() < 0.3:
            size += rng.randint(0, slide // SECOND) * SECOND
        offset = rng.choice([0, 0, rng.randint(-9, 9) * SECOND // 2])
        if self.kind == "TUMBLE":
            slide = size
        self.windows = Windows(self.kind, size, slide, offset)
        self.aggregates = rng.sample(list(self.choices()), rng.randint(1, 4))
        self.open = {}      # (key, start, end) -> rows;  SESSION: end is the last row's time
        self.newest = [None] * self.splits
        self.late = 0

    def choices(self):
        yield "COUNT(*)", len
        yield "COUNT(v)", lambda rows: len([v for v in rows if v is not None])
        yield "SUM(v)", lambda rows: sum(self.present(rows)) if self.present(rows) else None
        yield "MIN(v)", lambda rows: min(self.present(rows), default=None)
        yield "MAX(v)", lambda rows: max(self.present(rows), default=None)
        yield "AVG(v)", lambda rows: (int(sum(self.present(rows)) / len(self.present(rows)))
                                      if self.present(rows) else None)
        yield "COUNT(DISTINCT v)", lambda rows: len(set(self.present(rows)))
        yield "SUM(DISTINCT v)", lambda rows: (sum(set(self.present(rows)))
                                               if self.present(rows) else None)
        yield "COUNT(DISTINCT v) FILTER (WHERE v > 2)", lambda rows: len(
            {v for v in self.present(rows) if v > 2})
        yield "SUM(DISTINCT v) FILTER (WHERE v > 2)", lambda rows: (
            sum({v for v in self.present(rows) if v > 2})
            if any(v > 2 for v in self.present(rows)) else None)
        yield "COUNT(*) FILTER (WHERE v > 0)", lambda rows: len([v for v in self.present(rows)
                                                                 if v > 0])
        yield "MAX(v) FILTER (WHERE v < 5)", lambda rows: max(
            (v for v in self.present(rows) if v < 5), default=None)

    @staticmethod
    def present(rows):
        return [v for v in rows if v is not None]

    def watermark(self, split):
        newest = self.newest[split]
        return None if newest is None else newest - self.delay

    def is_final(self, end, watermark):
        return watermark is not None and watermark >= end - self.tick

    def add(self, split, key, value, t):
        behind = self.watermark(split)
        if self.kind == "SESSION":
            self.add_to_session(key, value, t, behind)
        else:
            ends = [w for w in self.windows.of(t) if not self.is_final(w[1], behind)]
            for start, end in ends:
                self.open.setdefault((key, start, end), []).append(value)
            self.late += not ends
        if self.newest[split] is None or t > self.newest[split]:
            self.newest[split] = t

    def add_to_session(self, key, value, t, behind):
        joined = [w for w in self.open if w[0] == key and w[1] - t < self.gap
                  and t - w[2] < self.gap and not self.is_final(w[2] + self.gap, behind)]
        start = min([t] + [w[1] for w in joined])
        last = max([t] + [w[2] for w in joined])
        if self.is_final(last + self.gap, behind):
            self.late += 1
            return
        rows = [value]
        for window in joined:
            rows += self.open.pop(window)
        self.open.setdefault((key, start, last), []).extend(rows)

    def fire(self, everything):
        marks = [self.watermark(split) for split in range(self.splits)]
        lowest = None if None in marks else min(marks)
        extra = self.gap if self.kind == "SESSION" else 0
        for key, start, end in sorted(self.open, key=lambda w: (w[2], str(w[0]), w[1])):
            if everything or self.is_final(end + extra, lowest):
                yield key, start, end + extra, self.open.pop((key, start, end))

    def expected(self, everything=False):
        for key, start, end, rows in self.fire(everything):
            cells = ["NULL" if key is None else key] if self.keyed else []
            cells += [stamp(start, self.precision), stamp(end, self.precision)]
            cells += [function(rows) for _, function in self.aggregates]
            yield " | ".join("NULL" if c is None else str(c) for c in cells)

    def query(self):
        key = "k, " if self.keyed else ""
        names = ", ".join(name for name, _ in self.aggregates)
        if self.kind == "SESSION":
            partition = " PARTITION BY k" if self.keyed else ""
            source = f"SESSION(TABLE t{partition}, DESCRIPTOR(ts), {interval(self.gap)})"
        else:
            source = self.windows.sql("t")
        return (f"SELECT {key}window_start, window_end, {names} FROM {source} "
                f"GROUP BY {key}window_start, window_end")

    def script(self):
        rng = self.rng
        lines = ["# Random input, answered by brute force: every row into every window of its time.",
                 f"table t (k STRING, v BIGINT, ts TIMESTAMP({self.precision}), "
                 f"WATERMARK FOR ts AS ts - {interval(self.delay)})",
                 f"SET 'table.optimizer.agg-phase-strategy' = "
                 f"'{rng.choice(['auto', 'two_phase', 'one_phase'])}'",
                 "query " + self.query(), ""]
        now = [rng.randint(100, 200) * SECOND for _ in range(self.splits)]
        jitter = rng.choice([0, 2, 6, 20])
        for feed in range(rng.randint(self.splits, 6)):
            split = feed % self.splits if feed < self.splits else rng.randrange(self.splits)
            lines.append("feed t" if split == 0 else f"feed t.{split + 1}")
            for _ in range(rng.choice([0, 1, 3, 8, 15]) if feed >= self.splits
                           else rng.randint(1, 9)):
                now[split] += rng.randint(0, 3 * SECOND)
                t = now[split] - rng.randint(0, jitter * SECOND)
                t = t // SECOND * SECOND if rng.random() < 0.5 else t // self.tick * self.tick
                key = rng.choice(["a", "b", "a long key, not inline", None]) if self.keyed else "x"
                value = rng.choice([None, rng.randint(-9, 9), rng.randint(-9, 9)])
                lines.append(f"{'NULL' if key is None else key} | "
                             f"{'NULL' if value is None else value} | {stamp(t, self.precision)}")
                self.add(split, key if self.keyed else None, value, t)
            lines += ["----", *self.expected(), ""]
        if rng.random() < 0.8:
            lines += ["end", "----", *self.expected(everything=True), ""]
        lines += [f"late {self.late}", ""]
        return "\n".join(lines)


def main():
    seed, count, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    os.makedirs(folder, exist_ok=True)
    for i in range(count):
        with open(os.path.join(folder, f"{seed}-{i}.test"), "w", encoding="utf-8") as file:
            file.write(Case(random.Random(f"{seed}-{i}")).script())


if __name__ == "__main__":
    main()
