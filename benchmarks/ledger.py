"""`make bench-ledger`: how many actions a second leave their entry, how soon it is signed, how long a proof takes.

  python -m benchmarks.ledger [--seconds 20] [--writers 6] [--entries 10000000]

Starts a PostgreSQL server with fsync on and a real `kept worker`, whose sequencer numbers and signs. Several processes
then call a real `@action` as fast as they can; each changes a row, and its entry commits with the change. A prober
beside them writes an entry now and then and waits for its signed proof. Last, the tree of a log of ten million entries
is built by the sequencer's own code from as many payloads, salts and commitments, and a thousand of them are proven.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from benchmarks.postgres import NoPostgres, Server, server

ROOT = Path(__file__).parent.parent
SETTLE = 2.0  # seconds before counting begins
PROVEN = 1000
LIMIT = {"actions": 2000, "lag": 1.0, "proof": 10.0}

now = lambda: datetime.now(UTC)  # noqa: E731


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--seconds", type=float, default=20)
    words.add_argument("--writers", type=int, default=6)
    words.add_argument("--entries", type=int, default=10_000_000)
    given = words.parse_args()
    try:
        with server(log_statements=False) as postgres, tempfile.TemporaryDirectory(prefix="kept-bench-data-") as folder:
            with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
                connection.execute("CREATE DATABASE kept")
            set_up(postgres, folder)
            say(f"PostgreSQL, fsync on; Python {platform.python_version()}; {os.cpu_count()} cores")
            say(f"load at the start {os.getloadavg()[0]:.1f}")
            bare(postgres, given.writers, given.seconds / 2)
            missed = [
                *actions(postgres, given.writers, given.seconds, "the entry alone", alone=True),
                *actions(postgres, given.writers, given.seconds, "a row changed, and its entry", alone=False),
                *proofs(given.entries),
            ]
            return int(bool(missed))
    except NoPostgres as missing:
        sys.stderr.write(f"{missing}\n")
        return 1


def set_up(postgres: Server, folder: str) -> None:
    os.environ |= {
        "KEPT_DATA": folder,
        "KEPT_DATABASE_URL": postgres.socket_url("kept"),
        "KEPT_DEMO": "1",
        "KEPT_LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "kept.site.settings",
    }
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


# What the machine gives


def bare(postgres: Server, writers: int, seconds: float) -> None:
    """The limit of this machine, now: as many processes commit the same row, with no Kept in between. Nothing numbers
    or signs it."""
    with psycopg.connect(postgres.socket_url("kept"), autocommit=True) as connection:
        connection.execute("CREATE TABLE bare (LIKE security_entry INCLUDING ALL)")
    context = multiprocessing.get_context("fork")
    counts, begin = context.Queue(), time.time() + SETTLE
    given = (postgres.socket_url("kept"), begin, seconds, counts)
    crowd = [context.Process(target=commit_rows, args=given) for _ in range(writers)]
    for one in crowd:
        one.start()
    rate = sum(counts.get() for _ in crowd) / seconds
    for one in crowd:
        one.join()
    say(f"the limit: {rate:,.0f} rows a second committed by bare psycopg, one to a transaction, {writers} writers")


def commit_rows(dsn: str, begin: float, seconds: float, counts: object) -> None:
    row = ("bench.changed", f"people.account:{os.getpid()}", "engineer", now(), '{"turn": 1}', bytes(16), bytes(32))
    insert = """INSERT INTO bare (kind, about, "by", at, facts, salt, commitment) VALUES (%s, %s, %s, %s, %s, %s, %s)"""
    done = 0
    with psycopg.connect(dsn) as connection:
        while (present := time.time()) < begin + seconds:
            connection.execute(insert, row)
            connection.commit()
            done += present >= begin
    counts.put(done)


# How many actions, and how soon signed


def actions(postgres: Server, writers: int, seconds: float, what: str, *, alone: bool) -> Iterator[str]:
    """Counts what committed in the time between; all of it numbered and proven at the end."""
    from django.db import connections

    from kept.security.models import Entry
    from kept.security.sequencer import present_log

    worker = subprocess.Popen([sys.executable, "-m", "kept", "worker"], cwd=ROOT, stdout=subprocess.DEVNULL)
    until_at_work()
    before = Entry.objects.count()
    connections.close_all()
    context = multiprocessing.get_context("fork")
    counts, lags = context.Queue(), context.Queue()
    begin, used = time.time() + SETTLE, cpu_of(postgres.pid) + cpu_of(worker.pid) + sum(os.times()[:4])
    crowd = [context.Process(target=write, args=(number, begin, seconds, counts, alone)) for number in range(writers)]
    prober = context.Process(target=probe, args=(begin, seconds, lags))
    for one in (*crowd, prober):
        one.start()
    done = sum(counts.get() for _ in crowd)
    waited = lags.get()
    for one in (*crowd, prober):
        one.join()
    ended = time.monotonic()
    while Entry.objects.filter(index=None).exists():
        time.sleep(0.01)
    drained = time.monotonic() - ended
    used = cpu_of(postgres.pid) + cpu_of(worker.pid) + sum(os.times()[:4]) - used
    worker.terminate()
    worker.wait(30)
    rate, worst = done / seconds, max(waited)
    log = present_log()
    # What the worker wrote while it was being stopped has no number yet.
    all_there = log is not None and log.size == Entry.objects.filter(index__isnull=False).count()
    within = told(rate >= LIMIT["actions"]) if alone else ""
    say(f"{what}: {rate:,.0f} actions a second, {writers} writers, {seconds:g} s  {within}")
    each = used / max(1, log.size - before if log else 0)
    say(f"  {each * 1e6:,.0f} µs of processor time for each, of writers, server and sequencer together:"
        f" two cores with nothing else to do would reach {2 / each:,.0f}")  # fmt: skip
    median = statistics.median(waited)
    say(f"  until signed with its proof: median {median:.2f} s, longest of {len(waited)} {worst:.2f} s"
        f"  {told(worst <= LIMIT['lag'])}")  # fmt: skip
    more = log.size - before if log else 0
    say(f"  after the last one all were numbered within {drained:.2f} s; {more:,} more, none missing: {all_there}")
    if (alone and rate < LIMIT["actions"]) or worst > LIMIT["lag"] or not all_there:
        yield what


def until_at_work() -> None:
    """The worker runs, and has done what it does at its start. What waits for another try is not waited for."""
    from django.db.models import Q

    from kept.security.ledger import action, record
    from kept.security.models import Entry
    from kept.terms import Actor
    from kept.work.models import Step

    @action
    def begin(*, by: Actor, at: datetime) -> None:
        record("bench.begun", "bench", by=by, at=at)

    begin(by=Actor.kept(), at=now())
    while Entry.objects.filter(index=None).exists() or not Step.objects.exists():
        time.sleep(0.1)
    while Step.objects.filter(Q(state="running") | Q(state="waiting", due_at__lte=now())).exists():
        time.sleep(0.1)


def cpu_of(pid: int) -> float:
    """Seconds of processor time of a process, of its ended children, and of those that live."""
    tick, total = os.sysconf("SC_CLK_TCK"), 0.0
    for place in Path("/proc").glob("[0-9]*"):
        try:
            fields = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if place.name == str(pid) or fields[1] == str(pid):
            total += sum(map(int, fields[11:15])) / tick
    return total


def write(number: int, begin: float, seconds: float, counts: object, alone: bool) -> None:
    from kept.people.models import Account
    from kept.security.ledger import action, record
    from kept.terms import Actor

    account, _ = Account.objects.get_or_create(email=f"writer-{number}@example.com")
    by = Actor("engineer", str(account.pk))

    @action
    def change(turn: int, *, by: Actor, at: datetime) -> None:
        if not alone:
            Account.objects.filter(pk=account.pk).update(name=f"Writer {turn}")
        record("bench.changed", account, by=by, at=at, turn=turn)

    done = turn = 0
    while (present := time.time()) < begin + seconds:
        turn += 1
        change(turn, by=by, at=now())
        done += present >= begin
    counts.put(done)


def probe(begin: float, seconds: float, lags: object) -> None:
    from kept.security.ledger import action, record
    from kept.security.models import Entry
    from kept.security.receipts import receipt_for
    from kept.terms import Actor

    @action
    def knock(*, by: Actor, at: datetime) -> Entry:
        return record("bench.knocked", "bench", by=by, at=at)

    found = []
    time.sleep(max(0.0, begin - time.time()))
    while time.time() < begin + seconds:
        entry = knock(by=Actor.kept(), at=now())
        committed = time.monotonic()
        while entry.index is None:
            time.sleep(0.005)
            entry.refresh_from_db(fields=["index"])
        receipt_for(entry)  # checks itself
        found.append(time.monotonic() - committed)
        time.sleep(random.uniform(0, 0.3))
    lags.put(found)


# How long a proof takes


def proofs(size: int) -> Iterator[str]:
    """A log of so many entries, of which only those to be proven are there as rows: a proof reads no others."""
    from django.db import connection, transaction

    from kept.security.models import Entry, Log, Tile
    from kept.security.receipts import check_receipt, read_receipt, receipt_for
    from kept.security.sequencer import keys_of, present_log

    began = time.monotonic()
    with transaction.atomic():
        for model in (Entry, Log, Tile):
            model.objects.all().delete()
        chosen = set(random.Random(1).sample(range(size), PROVEN))
        entries = build(size, chosen)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE security_tile")
        cursor.execute("SELECT pg_total_relation_size('security_tile')")
        stored = cursor.fetchone()[0]
    took = time.monotonic() - began
    say(f"a log of {size:,} entries: {Tile.objects.count():,} tiles, {stored / 1e6:,.0f} MB, built in {took:.0f} s")
    keys = keys_of(present_log())
    times = []
    for pk in entries:
        began = time.perf_counter()
        receipt = receipt_for(Entry.objects.get(pk=pk))
        times.append((time.perf_counter() - began) * 1000)
        check_receipt(read_receipt(receipt), keys)
    times.sort()
    middle, late, worst = times[len(times) // 2], times[len(times) * 99 // 100], times[-1]
    say(f"  one entry read and proven: median {middle:.1f} ms, 99th of 100 {late:.1f} ms, longest {worst:.1f} ms "
        f" {told(late <= LIMIT['proof'])}")  # fmt: skip
    say(f"  a receipt has {len(receipt):,} characters; all {len(times):,} verify")
    if late > LIMIT["proof"]:
        yield "proofs"


def build(size: int, chosen: set[int]) -> list[int]:
    """Payloads, salts, commitments, leaves and tiles, as the sequencer makes them; the entries to be proven as rows."""
    from kept.security.leaves import commitment_of, payload_of
    from kept.security.merkle import leaf_hash
    from kept.security.models import Entry, Log, new_salt
    from kept.security.notes import Head, key_of, sign
    from kept.security.sequencer import new_origin
    from kept.security.signing import signing_key
    from kept.security.tree import Edge, store

    at = now()
    kept, edge, turn = [], Edge(0), 0
    while turn < size:
        leaves = []
        for index in range(turn, min(turn + 65_536, size)):
            salt, facts = new_salt(), {"turn": index}
            commitment = commitment_of(salt, payload_of("bench.changed", "bench", "kept", at, facts))
            leaves.append(leaf_hash(commitment))
            if index in chosen:
                kept.append(
                    Entry(kind="bench.changed", about="bench", by="kept", at=at, facts=facts, salt=salt,
                          commitment=commitment, index=index)
                )  # fmt: skip
        store(edge.grow(leaves))
        turn += len(leaves)
    key, origin = signing_key(make=True), new_origin()
    checkpoint = str(sign(Head(origin, size, edge.root()).text, origin, key))
    Log.objects.create(pk=1, size=size, checkpoint=checkpoint, keys=[key_of(origin, key).text])
    return [entry.pk for entry in Entry.objects.bulk_create(kept)]


def told(within: bool) -> str:
    return "within the limit" if within else "BEYOND THE LIMIT"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
