#!/usr/bin/env python3
"""prefixes.py -- random queries without time, answered by SQLite on every prefix.

usage: prefixes.py SEED COUNT FOLDER    writes FOLDER/<seed>-<i>.test

After each feed the query's answer over all rows so far is computed by SQLite;
the difference from the answer before is what Leat must emit as net change.
"""
import collections
import os
import random
import sqlite3
import sys

KEYS = ["a", "b", "a key that is not inline", "", None]


class Case:
    def __init__(self, rng):
        self.rng = rng
        self.db = sqlite3.connect(":memory:")
        self.db.execute("CREATE TABLE t (k TEXT, a INTEGER, b INTEGER)")
        self.db.execute("CREATE TABLE u (k TEXT, a INTEGER, b INTEGER)")
        self.changing = False
        self.leat, self.sqlite = self.query()

    # Each piece gives its text for Leat and for SQLite.

    def number(self, depth=0):
        rng = self.rng
        choice = rng.randint(0, 4 if depth < 2 else 1)
        if choice == 0:
            return ("a",) * 2
        if choice == 1:
            return rng.choice([("b",) * 2, (str(rng.randint(0, 9)),) * 2])
        left, right = self.number(depth + 1), self.number(depth + 1)
        if choice == 2:
            op = rng.choice(["+", "-", "*"])
            return f"({left[0]} {op} {right[0]})", f"({left[1]} {op} {right[1]})"
        if choice == 3:
            cond = self.condition(depth + 1)
            return (f"CASE WHEN {cond[0]} THEN {left[0]} ELSE {right[0]} END",
                    f"CASE WHEN {cond[1]} THEN {left[1]} ELSE {right[1]} END")
        divisor = rng.randint(1, 5)
        return (f"(COALESCE({left[0]}, {right[0]}) / {divisor})",
                f"(COALESCE({left[1]}, {right[1]}) / {divisor})")

    def condition(self, depth=0):
        rng = self.rng
        choice = rng.randint(0, 6 if depth < 2 else 3)
        if choice <= 1:
            left, right = self.number(depth + 1), self.number(depth + 1)
            op = rng.choice(["<", "<=", "=", "<>", ">", ">="])
            return f"{left[0]} {op} {right[0]}", f"{left[1]} {op} {right[1]}"
        if choice == 2:
            text = rng.choice(["a IS NULL", "k IS NOT NULL", "k = 'a'", "k IN ('a', 'b')",
                               "a BETWEEN 0 AND 5", "k LIKE 'a%'", "b NOT IN (1, 2)"])
            return text, text.replace("LIKE 'a%'", "GLOB 'a*'")
        if choice == 3:
            left, right = self.number(depth + 1), self.number(depth + 1)
            return (f"{left[0]} IS NOT DISTINCT FROM {right[0]}", f"{left[1]} IS {right[1]}")
        left, right = self.condition(depth + 1), self.condition(depth + 1)
        if choice == 4:
            return f"NOT ({left[0]})", f"NOT ({left[1]})"
        op = rng.choice(["AND", "OR"])
        return f"({left[0]} {op} {right[0]})", f"({left[1]} {op} {right[1]})"

    def text(self):
        return self.rng.choice([("k", "k"), ("UPPER(k)", "UPPER(k)"),
                                ("CHAR_LENGTH(k)", "LENGTH(k)"),
                                ("SUBSTRING(k, 1, 2)", "SUBSTR(k, 1, 2)"),
                                ("COALESCE(k, 'none')", "COALESCE(k, 'none')"),
                                ("k || '!'", "k || '!'"),
                                ("CAST(a AS STRING)", "CAST(a AS TEXT)")])

    def aggregate(self):
        rng = self.rng
        number = rng.choice([("a", "a"), ("b", "b"), self.number(1)])
        choice = rng.randint(0, 7)
        if choice == 0:
            found = ("COUNT(*)", "COUNT(*)")
        elif choice == 7:
            return (f"AVG({number[0]})", f"SUM({number[1]}) / COUNT({number[1]})")
        else:
            call = ["COUNT({})", "SUM({})", "MIN({})", "MAX({})", "COUNT(DISTINCT {})",
                    "SUM(DISTINCT {})"][choice - 1]
            found = call.format(number[0]), call.format(number[1])
        if rng.random() < 0.3:
            where = self.condition(1)
            found = (f"{found[0]} FILTER (WHERE {where[0]})", f"{found[1]} FILTER (WHERE {where[1]})")
        return found

    def aggregates(self):
        """Now and then many DISTINCT calls over one or two arguments, which share their sets."""
        rng = self.rng
        if rng.random() < 0.75:
            return [self.aggregate() for _ in range(rng.randint(1, 4))]
        arguments = rng.sample([("a", "a"), ("b", "b"), ("k", "k"), self.number(1), self.text()],
                               rng.randint(1, 2))
        calls = []
        for _ in range(rng.randint(2, 12)):
            argument = rng.choice(arguments)
            call = rng.choice(["COUNT(DISTINCT {})", "COUNT(DISTINCT {})", "COUNT({})", "MIN({})"])
            where = self.condition(1) if rng.random() < 0.7 else None
            calls.append(tuple(call.format(argument[i])
                               + (f" FILTER (WHERE {where[i]})" if where else "")
                               for i in (0, 1)))
        return calls

    def source(self):
        if self.rng.random() < 0.7:
            return ("t", "t")
        union = "SELECT k, a, b FROM t UNION ALL SELECT k, b, a FROM u WHERE a > 2"
        return f"({union})", f"({union})"

    def query(self):
        rng = self.rng
        source = self.source()
        where = self.condition() if rng.random() < 0.5 else ("TRUE", "TRUE")
        tail = [f" FROM {source[i]} AS s WHERE {where[i]}" for i in (0, 1)]
        shape = rng.randint(0, 5)
        if shape == 0:
            items = [rng.choice([self.number, self.text])() for _ in range(rng.randint(1, 4))]
            return tuple("SELECT " + ", ".join(x[i] for x in items) + tail[i] for i in (0, 1))
        if shape == 1:
            self.changing = False
            items = [rng.choice([self.number, self.text])() for _ in range(rng.randint(1, 2))]
            return tuple("SELECT DISTINCT " + ", ".join(x[i] for x in items) + tail[i]
                         for i in (0, 1))
        self.changing = True
        calls = self.aggregates()
        if shape == 2:
            return tuple("SELECT " + ", ".join(x[i] for x in calls) + tail[i] for i in (0, 1))
        keys = rng.choice([[("k", "k")], [("a", "a")], [("k", "k"), ("b", "b")], [self.text()]])
        group = [", ".join(x[i] for x in keys) for i in (0, 1)]
        having = (self.having(), ) if rng.random() < 0.3 else ()
        inner = [f"SELECT {group[i]}, " + ", ".join(x[i] for x in calls) + tail[i]
                 + f" GROUP BY {group[i]}" + (f" HAVING {having[0]}" if having else "")
                 for i in (0, 1)]
        if shape < 5:
            return tuple(inner)
        # An aggregate over a changing aggregate.
        inner = [f"SELECT {group[i]} AS g, " + ", ".join(f"{x[i]} AS c{n}" for n, x in
                                                         enumerate(calls))
                 + tail[i] + f" GROUP BY {group[i]}" for i in (0, 1)] if len(keys) == 1 else None
        if inner is None:
            return self.query()
        texts = calls[0][0].startswith(tuple("MIN(" + t for t in
                                             ("k", "UPPER", "SUBSTRING", "COALESCE", "CAST")))
        outer = rng.choice(["COUNT(*), MIN(c0), MAX(c0)" if texts else "COUNT(*), SUM(c0), MAX(c0)",
                            "c0, COUNT(*), MIN(g)",
                            "COUNT(DISTINCT c0), MIN(c0)",
                            "COUNT(DISTINCT g), COUNT(DISTINCT g) FILTER (WHERE g IS NOT NULL), "
                            "COUNT(DISTINCT c0), COUNT(DISTINCT c0) FILTER (WHERE g IS NULL)"])
        by = " GROUP BY c0" if outer.startswith("c0") else ""
        return tuple(f"SELECT {outer} FROM ({inner[i]}) AS q{by}" for i in (0, 1))

    def having(self):
        return self.rng.choice(["COUNT(*) > 1", "SUM(a) > 3", "MAX(b) IS NOT NULL", "COUNT(a) = 2"])

    def answer(self):
        return collections.Counter(self.db.execute(self.sqlite).fetchall())

    def script(self):
        rng = self.rng
        lines = ["# A random query, answered by SQLite after every feed.",
                 "table t (k STRING, a BIGINT, b BIGINT)", "table u (k STRING, a BIGINT, b BIGINT)",
                 "SET 'table.optimizer.agg-phase-strategy' = "
                 f"'{rng.choice(['auto', 'two_phase', 'one_phase'])}'",
                 "SET 'table.optimizer.distinct-agg.split.enabled' = "
                 f"'{rng.choice(['auto', 'true', 'true', 'false'])}'",
                 "query " + self.leat, ""]
        before = collections.Counter()
        started = False
        for _ in range(rng.randint(1, 6)):
            table = rng.choice("ttu")
            lines.append(f"feed {table}")
            for _ in range(rng.choice([1, 1, 3, 8, 20])):
                row = (rng.choice(KEYS), rng.choice([None, rng.randint(-3, 9)]),
                       rng.choice([None, rng.randint(0, 6), rng.randint(0, 6)]))
                self.db.execute(f"INSERT INTO {table} VALUES (?, ?, ?)", row)
                lines.append(self.cells(row))
            lines.append("----")
            after = self.answer()
            for sign, rows in (("-", before - after), ("+", after - before)):
                for row, count in sorted(rows.items(), key=str):
                    lines += [(f"{sign} | " if self.changing else "") + self.cells(row)] * count
            before, started = after, True
            lines.append("")
        assert started
        return "\n".join(lines)

    @staticmethod
    def cells(row):
        return " | ".join("NULL" if c is None else str(c) if str(c) == str(c).strip() != ""
                          else f"'{c}'" for c in row)


def main():
    seed, count, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    os.makedirs(folder, exist_ok=True)
    for i in range(count):
        with open(os.path.join(folder, f"{seed}-{i}.test"), "w", encoding="utf-8") as file:
            file.write(Case(random.Random(f"{seed}-{i}")).script())


if __name__ == "__main__":
    main()
