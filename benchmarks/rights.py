"""`make bench-rights`: access and erasure, one and a hundred, on 3.8 million rows, through the real worker.

  python -m benchmarks.rights [--customers 100000] [--generator FILE]

Starts a PostgreSQL server, loads the source database (by benchmarks/source.py, or by a script that takes the same
options and makes the same tables), runs Kept's own store on the same server, and lets `kept worker` answer requests
that an officer has approved. "Queued" is the moment before the approval; "done" for access is the package on disk and
recorded, for erasure the commit of the change and of its re-read in the source. The second look over all text is
timed apart. Ends with 1 when a limit is missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psycopg

from benchmarks import source
from benchmarks.postgres import NoPostgres, Server, Statement, server

ROOT = Path(__file__).parent.parent
SINGLES = 9  # requests one at a time
BATCH = 100

# The closest open-source engine (fides 2.86.2), measured on data of the same shape and size on two cores: see
# docs/explanation/measurements.md. Limits: what Kept has set itself.
PEER = {
    "access_one": 1.06,
    "access_rate": 82,
    "erasure_one": 1.63,
    "erasure_rate": 31,
    "access_asks": 96,
    "erasure_asks": 272,
}
LIMIT = {
    "access_one": 0.2,
    "access_rate": 800,
    "erasure_one": 0.2,
    "erasure_rate": 300,
    "erasure_table": 3,
    "look_one": 2.0,
    "look_batch": 10.0,
}


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--customers", type=int, default=source.CUSTOMERS)
    words.add_argument("--generator", type=Path, default=Path(source.__file__))
    given = words.parse_args()
    try:
        with server() as postgres:
            started = time.monotonic()
            where = ["--dsn", postgres.dsn().replace(" dbname=postgres", ""), "--db", "hosting_src"]
            load = [sys.executable, given.generator, *where, "--customers", str(given.customers)]
            subprocess.run(load, check=True)
            say(f"source loaded in {time.monotonic() - started:.0f} s")
            with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
                connection.execute("CREATE DATABASE kept")
            return measure(postgres, given.customers)
    except NoPostgres as missing:
        sys.stderr.write(f"{missing}\n")
        return 1


def measure(postgres: Server, customers: int) -> int:
    folder = tempfile.TemporaryDirectory(prefix="kept-bench-data-")
    os.environ |= {
        "KEPT_DATA": folder.name,
        "KEPT_DATABASE_URL": postgres.url("kept"),
        "KEPT_DEMO": "1",
        "KEPT_LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "kept.site.settings",
    }
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from benchmarks.requests import Requests

    requests = Requests(ROOT / "benchmarks" / "hosting-source.toml", postgres.url("hosting_src"), customers)
    worker = subprocess.Popen([sys.executable, "-m", "kept", "worker"], cwd=ROOT)
    try:
        report = Report(postgres, requests, worker.pid)
        report.head(customers)
        requests.until_idle()
        report.access()
        report.erasure()
        report.foot()
    finally:
        worker.terminate()
        worker.wait(30)
        folder.cleanup()
    return 1 if report.missed else 0


@dataclass(frozen=True)
class Erased:
    """What the erasures that were queued together took."""

    seconds: list[float]  # from queued to changed and re-read, in the order in which they were queued
    answered: list[float]  # from queued to answered, the second look and the report included
    looked: float  # seconds of the second look
    changes: list[list[Statement]]  # what the source was told, transaction by transaction

    @property
    def statements(self) -> int:
        return max(map(len, self.changes))

    @property
    def for_a_table(self) -> int:
        """The most that one transaction told of one table alone."""
        return max(count for change in self.changes for count in by_table(change).values())


class Report:
    """Measures and prints, one line a figure."""

    def __init__(self, postgres: Server, requests: Requests, pid: int) -> None:  # noqa: F821 - imported after set-up
        self.postgres, self.requests, self.pid = postgres, requests, pid
        self.missed = False  # a limit

    def head(self, customers: int) -> None:
        with psycopg.connect(self.postgres.dsn("hosting_src")) as connection:
            size = connection.execute(
                "SELECT sum(pg_table_size(oid)) / 1e6 FROM pg_class"
                " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            ).fetchone()
            version = connection.info.server_version // 10000
        say(f"{customers:,} customers, {size[0]:.0f} MB of tables")
        say(f"PostgreSQL {version}, Python {platform.python_version()}")
        say(f"{os.cpu_count()} cores, load at the start {os.getloadavg()[0]:.1f}")

    def access(self) -> None:
        self.requests.prepare("access", 2)  # warm: connections, catalogue, plans
        self.requests.run_until_answered(self.requests.queue())
        ones, asks = [], []
        for _ in range(SINGLES):
            self.requests.prepare("access", 1)
            mark = self.postgres.mark()
            ones += self.requests.run_until_answered(self.requests.queue())
            asks.append(sum(one.counts for one in self.postgres.statements("hosting_src", mark)))
        self.row(
            "access, one at a time", statistics.median(ones), "s", LIMIT["access_one"], PEER["access_one"], spread(ones)
        )
        self.row("  statements in the source", statistics.median(asks), "", 12, PEER["access_asks"], spread(asks))
        self.requests.prepare("access", BATCH)
        took = self.requests.run_until_answered(self.requests.queue())
        self.rate(f"access, {BATCH} queued at once", took, LIMIT["access_rate"], PEER["access_rate"])
        self.order(took)

    def erasure(self) -> None:
        ones = []
        for _ in range(SINGLES + 1):
            self.requests.prepare("erasure", 1)
            ones.append(self.erase())
        del ones[0]  # warm-up
        took = [seconds for one in ones for seconds in one.seconds]
        asks, of_one = [one.statements for one in ones], [one.for_a_table for one in ones]
        looks = [one.looked for one in ones]
        self.row(
            "erasure, one at a time",
            statistics.median(took),
            "s",
            LIMIT["erasure_one"],
            PEER["erasure_one"],
            spread(took),
        )
        self.row("  statements in the source", statistics.median(asks), "", 24, PEER["erasure_asks"], spread(asks))
        self.row("  most for one table", max(of_one), "", LIMIT["erasure_table"], None, spread(of_one))
        self.row("  second look over all text", statistics.median(looks), "s", LIMIT["look_one"], None, spread(looks))
        self.requests.prepare("erasure", BATCH)
        batch = self.erase()
        self.rate(f"erasure, {BATCH} queued at once", batch.seconds, LIMIT["erasure_rate"], PEER["erasure_rate"])
        say(f"  transactions in the source: {len(batch.changes)}; what goes in one ends together")
        self.order(batch.answered)
        self.row("  statements in the source", batch.statements, "", 24, PEER["erasure_asks"] * BATCH, "")
        self.row("  most for one table", batch.for_a_table, "", LIMIT["erasure_table"], None, "")
        self.row("  second look over all text", batch.looked, "s", LIMIT["look_batch"], None, "")
        left = self.requests.left_in_clear(self.postgres.dsn("hosting_src"))
        self.row("  addresses of the erased left", left, "", 0, None, "read by hand in the source")

    def erase(self) -> Erased:
        mark = self.postgres.mark()
        queued = self.requests.queue()
        answered = self.requests.run_until_answered(queued)
        said = self.postgres.statements("hosting_src", mark)
        changes: list[list[Statement]] = []
        changing = False
        for one in said:
            if one.text.startswith("CREATE TEMPORARY TABLE") and not changing:
                changing = True
                changes.append([])
            if changing and one.counts:
                changes[-1].append(one)
            elif changing and one.text.startswith("COMMIT"):
                changing, done = False, one.at
        after = [one.at for one in said if one.at > done and one.counts]
        looked = (self.requests.looked_at(queued) - after[0]).total_seconds() if after else 0.0
        return Erased([(done - at).total_seconds() for at in queued.values()], answered, looked, changes)

    def foot(self) -> None:
        status = Path(f"/proc/{self.pid}/status").read_text()
        peak = re.search(r"VmHWM:\s+(\d+) kB", status)
        say(f"peak memory of the worker: {int(peak.group(1)) / 1024:.0f} MiB" if peak else "")
        said = self.postgres.log.read_text(encoding="utf-8", errors="replace")
        say(f"deadlocks in the server's log: {said.count('deadlock detected')}")

    def row(self, name: str, value: float, unit: str, limit: float, peer: float | None, more: str) -> None:
        beside = f"peer {peer:g} {unit}, {peer / value:.1f} times" if peer and value else ""
        kept = "within" if value <= limit else "ABOVE"
        self.missed |= value > limit
        say(f"{name:34} {value:8.3g} {unit:2} {kept} {limit:g} {unit:2} {beside:30} {more}")

    def rate(self, name: str, took: Sequence[float], limit: float, peer: float) -> None:
        rate = 60 * len(took) / max(took)
        kept = "within" if rate >= limit else "BELOW"
        self.missed |= rate < limit
        say(f"{name:34} {rate:8.0f} /min {kept} {limit:g} /min; peer {peer:g} /min, {rate / peer:.1f} times")

    def order(self, took: Sequence[float]) -> None:
        late = sum(1 for one, following in pairwise(took) if following < one - 0.001)
        say(f"  first in, first done: {late} of {len(took) - 1} neighbours out of order; first after {min(took):.2f} s")


def by_table(change: Sequence[Statement]) -> Counter[str]:
    """How many statements of one change tell of one table alone. Those that count and re-read all are not in it.

    A statement names its table, or the staged keys of it, which the statement that changes the table names as well.
    """
    staged = re.compile(r"kept_stage_\d+")
    tables = {}
    for one in change:
        if changed := re.match(r'(?:UPDATE|DELETE FROM) "?(?!kept_stage_)(\w+)', one.text):
            tables |= dict.fromkeys(staged.findall(one.text), changed.group(1))
    counts: Counter[str] = Counter()
    for one in change:
        keys = set(staged.findall(one.text))
        named = re.search(r'\b(?:UPDATE|INTO|FROM)\s+"?(\w+)', one.text)
        if len(keys) == 1:
            counts[tables.get(*keys, *keys)] += 1
        elif not keys:
            counts[named.group(1) if named else ""] += 1
    return counts


def spread(values: Sequence[float]) -> str:
    return f"({min(values):.3g} to {max(values):.3g}, n = {len(values)})"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
