"""Processes to be killed: Kept loaded once, then forked into workers and writers that live on Kept's real store.

Reads commands from its standard input, one a line: `worker`, `writer`, `recorder`, `sequencer`, or `queue` and the name
of a task. Answers with the number of the new process. A writer tells each step it has queued after the commit: what it
told, it promised. Recorders and sequencers tell a file in the data folder of each entry and each checkpoint.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import django

django.setup()

from django.db import connections, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from kept.cli.process import die_with, stop_on_signals  # noqa: E402
from kept.post.models import Message  # noqa: E402
from kept.security.ledger import action, record, sequence_entries  # noqa: E402
from kept.security.sequencer import present_log  # noqa: E402
from kept.terms import Actor  # noqa: E402
from kept.work import lease, rules, worker  # noqa: E402
from kept.work.registry import task  # noqa: E402
from kept.work.steps import finish, key_of, queue  # noqa: E402

KEPT = Actor.kept()


@action
def order(number, *, by, at):
    """Queue one step, with its entry."""
    key = uuid4()
    queue("test.tally", key=key, at=at, batch=str(number % 2), n=number)
    record("test.ordered", f"step:{key}", by=by, at=at)
    return key


@action
def tally(steps, *, by, at):
    """One row and one follow-up for each step. Done twice, there would be two rows."""
    for step in steps:
        Message.objects.create(to="nobody@example.com", subject="tally", text="", about=step.key, written_at=at)
        queue("test.echo", key=key_of("echo", step.key), at=at, about=step.key)
        record("test.tallied", f"step:{step.key}", by=by, at=at)
        time.sleep(random.uniform(0, 0.004))
        finish(step, at=at)


@task("test.tally", batch=4)
def run_tally(steps):
    time.sleep(random.uniform(0, 0.02))  # the search that comes before the change
    tally(steps, by=KEPT, at=timezone.now())


@task("test.echo", batch=8, quick=True)
def run_echo(steps):
    with transaction.atomic():
        for step in steps:
            finish(step, at=timezone.now())


@task("test.long")
def run_long(steps):
    """Longer than anybody waits."""
    time.sleep(600)


@action
def queue_one(name, *, by, at):
    queue(name, at=at)
    record("test.queued", "step", by=by, at=at)


def write(pipe):
    for number in range(10_000):
        key = order(number, by=KEPT, at=timezone.now())
        os.write(pipe, f"{key}\n".encode())
        time.sleep(random.uniform(0.002, 0.008))


@action
def note(count, *, by, at):
    """Some entries in one action."""
    return [record("test.noted", "note", by=by, at=at, number=number).pk for number in range(count)]


def promises():
    """A file that any number of processes may append to, one line at a time."""
    return os.open(Path(os.environ["KEPT_DATA"]) / "promised", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def keep_notes():
    told = promises()
    while True:
        for pk in note(random.choice([1, 1, 3, 40]), by=KEPT, at=timezone.now()):
            os.write(told, f"entry {pk}\n".encode())
        time.sleep(random.uniform(0, 0.01))


def sequence():
    told = promises()
    while True:
        if sequence_entries(random.choice([1, 7, 300, 10_000])):
            os.write(told, f"checkpoint {json.dumps(present_log().checkpoint)}\n".encode())
        time.sleep(random.uniform(0, 0.01))


def born(kind, pipe):
    if kind == "writer":
        write(pipe)
    elif kind == "recorder":
        keep_notes()
    elif kind == "sequencer":
        sequence()
    elif kind == "worker":
        stop = threading.Event()
        stop_on_signals(stop)
        worker.Worker(stop, lanes=2).run()
    else:
        queue_one(kind.removeprefix("queue "), by=KEPT, at=timezone.now())


def main(pipe):
    # Short leases, so that a stopped worker loses its steps while it still believes in them.
    lease.LEASE = timedelta(seconds=float(os.environ["KEPT_TEST_LEASE"]))
    worker.RENEW_SECONDS = lease.LEASE.total_seconds() / 4
    worker.STOP_SECONDS = 1.0
    rules.FIRST = timedelta(milliseconds=50)  # and a step that met several kills, or a slow disk, is soon tried again
    rules.MOST = timedelta(seconds=2)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    connections.close_all()
    nursery = os.getpid()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            die_with(nursery)
            sys.stdin.close()
            random.seed()
            born(line.strip(), pipe)
            os._exit(1)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
