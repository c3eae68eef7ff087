"""`make bench-rights`: access and erasure, one and a hundred, on 3.8 million rows, through the real worker.

  python -m benchmarks.rights [--customers 100000] [--generator FILE]

Starts a PostgreSQL server, loads the source database (by benchmarks/source.py, or by a script that takes the same
options and makes the same tables), runs Kept's own store on the same server, and lets `kept worker` answer requests
that an officer has approved. "Queued" is the moment of the approval; "done" for access is the package on disk and
recorded, for erasure the commit of the change and of its re-read in the source. The second look over all text is
timed apart.
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
from collections.abc import Sequence
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
    return 0


class Report:
    """Measures and prints, one line a figure."""

    def __init__(self, postgres: Server, requests: Requests, pid: int) -> None:  # noqa: F821 - imported after set-up
        self.postgres, self.requests, self.pid = postgres, requests, pid

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
            asks.append(len(self.postgres.statements("hosting_src", mark)))
        self.row(
            "access, one at a time", statistics.median(ones), "s", LIMIT["access_one"], PEER["access_one"], spread(ones)
        )
        self.row("  statements in the source", statistics.median(asks), "", 12, PEER["access_asks"], spread(asks))
        self.requests.prepare("access", BATCH)
        took = self.requests.run_until_answered(self.requests.queue())
        self.rate(f"access, {BATCH} queued at once", took, LIMIT["access_rate"], PEER["access_rate"])
        self.order(took)

    def erasure(self) -> None:
        ones, looks, asks = [], [], []
        for number in range(SINGLES + 1):
            self.requests.prepare("erasure", 1)
            changed, looked, count = self.erase()
            if number:  # the first is warm-up
                ones += changed
                looks.append(looked)
                asks.append(count)
        self.row(
            "erasure, one at a time",
            statistics.median(ones),
            "s",
            LIMIT["erasure_one"],
            PEER["erasure_one"],
            spread(ones),
        )
        self.row("  statements in the source", statistics.median(asks), "", 24, PEER["erasure_asks"], spread(asks))
        self.row("  second look over all text", statistics.median(looks), "s", LIMIT["look_one"], None, spread(looks))
        self.requests.prepare("erasure", BATCH)
        changed, looked, count = self.erase()
        self.rate(f"erasure, {BATCH} queued at once", changed, LIMIT["erasure_rate"], PEER["erasure_rate"])
        self.row("  statements in the source", count, "", 24, PEER["erasure_asks"] * BATCH, "")
        self.row("  second look over all text", looked, "s", LIMIT["look_batch"], None, "")
        left = self.requests.left_in_clear(self.postgres.dsn("hosting_src"))
        say(f"  addresses of the erased left in the source, read by hand: {left}")

    def erase(self) -> tuple[list[float], float, int]:
        """Seconds from queued to changed and re-read, seconds of the second look, statements of one change."""
        mark = self.postgres.mark()
        queued = self.requests.queue()
        self.requests.run_until_answered(queued)
        said = self.postgres.statements("hosting_src", mark)
        changes: list[list[Statement]] = []
        changing = False
        for one in said:
            if one.text.startswith("CREATE TEMPORARY TABLE") and not changing:
                changing = True
                changes.append([])
            if changing:
                changes[-1].append(one)
                changing = not one.text.startswith("COMMIT")
        done = changes[-1][-1].at
        after = [one.at for one in said if one.at > done]
        looked = (self.requests.looked_at(queued) - after[0]).total_seconds() if after else 0.0
        return [(done - at).total_seconds() for at in queued.values()], looked, max(map(len, changes)) - 1

    def foot(self) -> None:
        status = Path(f"/proc/{self.pid}/status").read_text()
        peak = re.search(r"VmHWM:\s+(\d+) kB", status)
        say(f"peak memory of the worker: {int(peak.group(1)) / 1024:.0f} MiB" if peak else "")
        said = self.postgres.log.read_text(encoding="utf-8", errors="replace")
        say(f"deadlocks in the server's log: {said.count('deadlock detected')}")

    def row(self, name: str, value: float, unit: str, limit: float, peer: float | None, more: str) -> None:
        beside = f"peer {peer:g} {unit}, {peer / value:.1f} times" if peer and value else ""
        kept = "within" if value <= limit else "ABOVE"
        say(f"{name:34} {value:8.3g} {unit:2} {kept} {limit:g} {unit:2} {beside:30} {more}")

    def rate(self, name: str, took: Sequence[float], limit: float, peer: float) -> None:
        rate = 60 * len(took) / max(took)
        kept = "within" if rate >= limit else "BELOW"
        say(f"{name:34} {rate:8.0f} /min {kept} {limit:g} /min; peer {peer:g} /min, {rate / peer:.1f} times")

    def order(self, took: Sequence[float]) -> None:
        late = sum(1 for one, following in pairwise(took) if following < one - 0.001)
        say(f"  first in, first done: {late} of {len(took) - 1} neighbours out of order; first after {min(took):.2f} s")


def spread(values: Sequence[float]) -> str:
    return f"({min(values):.3g} to {max(values):.3g}, n = {len(values)})"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
