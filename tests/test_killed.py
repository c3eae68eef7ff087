"""SIGKILL at random points: what was promised is done, nothing is done twice, and the ledger has no gap.

KEPT_TEST_KILLS sets how many kills each store gets; a few by default, so that the suite stays quick.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

KILLS = int(os.environ.get("KEPT_TEST_KILLS", "12"))
STOPPED_SECONDS = 0.9  # longer than a lease
LEASE_SECONDS = 0.6
# A killed look for clear text leaves letters of nobody until the next look.
TALLIED = "WHERE CAST(about AS VARCHAR) NOT LIKE '00000000%'"

pytestmark = pytest.mark.xdist_group("killed")


class Nursery:
    """Starts workers and writers on one store, ends them the hard way, and reads the store from outside."""

    def __init__(self, folder: Path, url: str) -> None:
        known = {name: value for name, value in os.environ.items() if not name.startswith("KEPT_")}
        self.url, self.file = url, folder / "kept.sqlite3"
        known |= {
            "KEPT_DATA": str(folder),
            "KEPT_TESTING": "1",
            "KEPT_DEMO": "1",
            "KEPT_TEST_LEASE": str(LEASE_SECONDS),
            "KEPT_DATABASE_URL": url,
            "KEPT_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "kept.site.settings",
        }
        subprocess.run([sys.executable, "-m", "kept", "migrate", "--verbosity=0"], env=known, check=True, timeout=180)
        self.pipe, theirs = os.pipe()
        self.log = (folder / "log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("nursery.py"), str(theirs)],
            env=known, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, pass_fds=[theirs],
        )  # fmt: skip
        os.close(theirs)
        self.alive: set[int] = set()

    def start(self, kind: str) -> int:
        self.process.stdin.write(f"{kind}\n")
        self.process.stdin.flush()
        pid = int(self.process.stdout.readline())
        if not kind.startswith("queue "):  # that one ends by itself
            self.alive.add(pid)
        return pid

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        self.alive.remove(pid)

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        if self.url:
            with psycopg.connect(self.url) as store:
                return store.execute(statement.encode()).fetchall()
        store = sqlite3.connect(self.file, timeout=150)
        try:
            return store.execute(statement).fetchall()
        finally:
            store.close()

    def close(self) -> list[str]:
        """End everything. Returns what writers had promised."""
        for pid in list(self.alive):
            self.kill(pid)
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()
        self.log.close()
        with os.fdopen(self.pipe) as promised:
            words = promised.read()
        return [line for line in words.split("\n")[:-1] if line]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def nursery(request, tmp_path):
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else ""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    nursery = Nursery(folder, url)
    yield nursery
    if nursery.process.poll() is None:
        nursery.close()


@pytest.mark.timeout(900)  # a slow disk takes its time over what the writer left
def test_two_workers_and_a_writer_are_killed_again_and_again(nursery):
    chance = random.Random()
    workers = [nursery.start("worker"), nursery.start("worker")]
    writer = nursery.start("writer")
    for turn in range(KILLS):
        time.sleep(chance.uniform(0.05, 0.5))
        victim = chance.randrange(2)
        if turn % 4 == 3:  # one that is only stopped believes in its lease when it goes on
            os.kill(workers[victim], signal.SIGSTOP)
            time.sleep(STOPPED_SECONDS)
            os.kill(workers[victim], signal.SIGCONT)
        else:
            nursery.kill(workers[victim])
            workers[victim] = nursery.start("worker")
        if turn % 5 == 4:
            nursery.kill(writer)
            writer = nursery.start("writer")
    kill_over_a_running_step(nursery, workers)
    nursery.kill(writer)
    all_is_done(nursery)
    store = {
        "steps": nursery.rows("SELECT CAST(key AS VARCHAR), state, attempt FROM work_step WHERE name = 'test.tally'"),
        "echoes": nursery.rows("SELECT state, attempt FROM work_step WHERE name = 'test.echo'"),
        "effects": nursery.rows(f"SELECT CAST(about AS VARCHAR) FROM post_message {TALLIED}"),
        "numbers": nursery.rows('SELECT kind, "index" FROM security_entry WHERE "index" IS NOT NULL'),
    }
    promised = {key.replace("-", "") for key in nursery.close()}
    done = [key.replace("-", "") for key, _, _ in store["steps"]]
    effects = [key.replace("-", "") for (key,) in store["effects"]]

    assert promised, "the writer never wrote"
    assert promised <= set(done), "a promised step was lost"
    assert sorted(effects) == sorted(done), "a step was done twice, or not at all"
    assert {state for _, state, _ in store["steps"]} == {"done"}
    assert len(store["echoes"]) == len(done)
    assert {state for state, _ in store["echoes"]} == {"done"}
    numbers = sorted(number for _, number in store["numbers"])
    assert numbers == list(range(len(numbers))), "the ledger has a gap"
    assert sum(kind.startswith("test.") for kind, _ in store["numbers"]) == 2 * len(done)
    assert max(attempt for _, _, attempt in store["steps"]) > 1, "no kill met a running step"


def test_a_quick_step_does_not_wait_behind_long_ones(nursery):
    long = "SELECT state FROM work_step WHERE name = 'test.long'"
    for _ in range(3):
        nursery.start("queue test.long")
    nursery.start("worker")
    until(lambda: sorted(nursery.rows(long)) == [("running",), ("running",), ("waiting",)])
    nursery.start("queue test.echo")
    until(lambda: nursery.rows("SELECT state FROM work_step WHERE name = 'test.echo'") == [("done",)])
    assert ("done",) not in nursery.rows(long), "it waited for a long one"


def test_a_worker_that_is_asked_to_stop_gives_back_what_it_cannot_end(nursery):
    nursery.start("queue test.long")
    worker = nursery.start("worker")
    state = "SELECT state, lease FROM work_step WHERE name = 'test.long'"
    until(lambda: [row[0] for row in nursery.rows(state)] == ["running"])
    os.kill(worker, signal.SIGTERM)
    nursery.alive.remove(worker)
    until(lambda: nursery.rows(state) == [("waiting", "")])
    until(lambda: not Path(f"/proc/{worker}").exists())


@pytest.mark.parametrize("nursery", ["sqlite"], indirect=True)
def test_what_a_lone_worker_writes_after_it_looked_for_clear_text_is_seen_by_everybody(nursery):
    """SQLite's locks are gone once the process closes the store's file by another way, and with them its log."""
    worker = nursery.start("worker")
    until(lambda: nursery.rows("SELECT state FROM work_step WHERE name = 'vault.look'") == [("done",)])
    nursery.start("queue test.echo")
    until(lambda: nursery.rows("SELECT state FROM work_step WHERE name = 'test.echo'") == [("done",)], seconds=20)
    assert Path(f"{nursery.file}-wal").exists(), "the worker's log was removed under it"
    nursery.kill(worker)
    assert nursery.rows("SELECT state FROM work_step WHERE name = 'test.echo'") == [("done",)]


@pytest.mark.postgresql
@pytest.mark.parametrize("nursery", ["postgresql"], indirect=True)
def test_a_store_that_hangs_up_on_everybody_is_waited_for(nursery):
    nursery.start("worker")
    writer = nursery.start("writer")
    done = "SELECT count(*) FROM work_step WHERE name = 'test.echo' AND state = 'done'"
    for _ in range(3):
        before = nursery.rows(done)
        until(lambda before=before: nursery.rows(done) > before)
        nursery.kill(writer)
        nursery.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        writer = nursery.start("writer")
    nursery.kill(writer)
    all_is_done(nursery)
    steps = nursery.rows("SELECT count(*) FROM work_step WHERE name = 'test.tally'")
    assert nursery.rows(f"SELECT count(*) FROM post_message {TALLIED}") == steps


def kill_over_a_running_step(nursery: Nursery, workers: list[int]) -> None:
    """Random kills may all have met idle workers; this one does not. Another worker is born in its place."""
    running = "SELECT lease FROM work_step WHERE name = 'test.tally' AND state = 'running'"
    end = time.monotonic() + 60
    while True:
        assert time.monotonic() < end, "no step ever runs"
        time.sleep(0.01)
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        leases = [str(lease) for (lease,) in nursery.rows(running)]
        holder = next((one for one in workers if any(f":{one}:" in lease for lease in leases)), None)
        if holder is not None:
            nursery.kill(holder)
            workers[workers.index(holder)] = nursery.start("worker")
        for worker in workers:
            os.kill(worker, signal.SIGCONT)
        if holder is not None:
            return


def until(true: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def all_is_done(nursery: Nursery) -> None:
    unfinished = "SELECT count(*) FROM work_step WHERE name LIKE 'test.%' AND state <> 'done'"
    waiting = 'SELECT count(*) FROM security_entry WHERE "index" IS NULL'
    left = (
        "SELECT name, state, problem, max(attempt), count(*) FROM work_step WHERE name LIKE 'test.%' GROUP BY 1, 2, 3"
    )
    end = time.monotonic() + 600
    while nursery.rows(unfinished) != [(0,)] or nursery.rows(waiting) != [(0,)]:
        assert time.monotonic() < end, (nursery.rows(left), nursery.rows(waiting))
        time.sleep(0.1)
