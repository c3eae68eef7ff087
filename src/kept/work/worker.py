"""The worker: takes due steps and runs them, until told to stop.

Threads: one waits for signals, one says that we live, one beats (sequencer, schedule), and lanes run the steps.
The quick lane takes only quick tasks, so that a mail never waits behind a long search.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import Error, connection
from django.utils import timezone

from kept.work.lease import RENEW_SECONDS, free, free_dead, free_lapsed, lease_due, next_due, renew
from kept.work.models import Step
from kept.work.registry import Pulse, pulses, tasks
from kept.work.rules import turn
from kept.work.run import run_steps
from kept.work.steps import key_of, queue
from kept.work.wake import listen

LOOK_SECONDS = 5.0  # the safety net under a lost signal
STORE_SECONDS = 2.0  # how long to wait when Kept's own store does not answer
STOP_SECONDS = 10.0  # how long a running step may take to end after a stop
LANES = 2

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)


class Worker:
    """One process's worker. `run` returns when `stop` is set, or raises WorkerFailed."""

    def __init__(self, stop: threading.Event, lanes: int = LANES) -> None:
        self.stop = stop
        self._failed: BaseException | None = None
        self._held: set[str] = set()  # leases whose steps run now
        self._given_up: set[str] = set()  # leases to give back once the store answers again
        quick = [task.name for task in tasks() if task.quick]
        slow = [task.name for task in tasks() if not task.quick]
        self._lanes = [(quick, threading.Event())] + [(slow, threading.Event()) for _ in range(lanes)]

    def run(self) -> None:
        self._store(free_dead, timezone.now())
        bodies: list[Callable[[], None]] = [
            partial(listen, self.stop, self.wake),
            self._renew_leases,
            self._beat,
            *(partial(self._lane, names, woken) for names, woken in self._lanes),
        ]
        threads = [threading.Thread(target=self._guarded, args=[body], daemon=True) for body in bodies]
        for thread in threads:
            thread.start()
        self.stop.wait()
        self.wake()
        end = time.monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        # What still runs loses its lease, so it rolls back, and the next worker has it at once.
        with suppress(Error):
            free(self._held | self._given_up, timezone.now())
        connection.close()
        if self._failed is not None:
            raise WorkerFailed from self._failed

    def wake(self) -> None:
        for _, woken in self._lanes:
            woken.set()

    def _guarded(self, body: Callable[[], None]) -> None:
        """A thread that ends unforeseen ends the worker: half a worker would look alive."""
        try:
            body()
        except Exception as problem:
            log.exception("The worker stops.")
            self._failed = problem
        finally:
            connection.close()
            self.stop.set()

    def _store(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R | None:
        """Do something in Kept's own store. None when the store did not answer: the caller looks again."""
        try:
            connection.close_if_unusable_or_obsolete()
            return work(*args, **kwargs)
        except Error:
            log.exception("Kept's own store does not answer; the worker tries again.")
            with suppress(Error):
                connection.close()
            self.stop.wait(STORE_SECONDS)
            return None

    def _lane(self, names: Collection[str], woken: threading.Event) -> None:
        while not self.stop.is_set():
            woken.clear()
            steps = self._store(lease_due, names, timezone.now())
            if steps:
                self._run(steps)
            elif steps is not None:
                woken.wait(self._store(_seconds_to_next, names) or 0.0)

    def _run(self, steps: list[Step]) -> None:
        lease = steps[0].lease
        self._held.add(lease)
        if self._store(_run, steps) is None:
            self._given_up.add(lease)
        self._held.discard(lease)

    def _renew_leases(self) -> None:
        while not self.stop.wait(RENEW_SECONDS):
            if self._held:
                self._store(renew, list(self._held), timezone.now())
            if self._given_up:
                given_up = list(self._given_up)
                if self._store(free, given_up, timezone.now()) is not None:
                    self._given_up.difference_update(given_up)
            self._store(free_dead, timezone.now())
            self._store(free_lapsed, timezone.now())

    def _beat(self) -> None:
        """Call what recurs: each room's pulses, and the turns of recurring tasks."""
        beats: dict[Pulse, float] = {**pulses(), queue_recurring: 10.0}
        due = dict.fromkeys(beats, 0.0)
        while not self.stop.is_set():
            for call, every in beats.items():
                if due[call] <= time.monotonic():
                    due[call] = time.monotonic() + every
                    self._store(_call, call)
            self.stop.wait(max(0.0, min(due.values()) - time.monotonic()))


def _run(steps: list[Step]) -> bool:
    run_steps(steps)
    return True


def _call(recurs: Pulse) -> None:
    """A fault in what recurs is logged and met again at its next turn."""
    try:
        recurs()
    except Error:
        raise
    except Exception:
        log.exception("What recurs failed; it is tried again at its next turn.")


def _seconds_to_next(names: Collection[str]) -> float:
    due = next_due(names)
    if due is None:
        return LOOK_SECONDS
    return min(LOOK_SECONDS, max(0.0, (due - timezone.now()).total_seconds()))


class WorkerFailed(Exception):
    """A part of the worker ended unforeseen; the log says where. Its steps are put back; start it again."""


def queue_recurring() -> None:
    """Queue this turn of each recurring task, unless an earlier turn still waits. Any number of workers: one step."""
    now = timezone.now()
    for task in tasks():
        if task.every is None:
            continue
        key = key_of("recurring", task.name, turn(now, task.every).isoformat())
        unfinished = Step.objects.filter(name=task.name, state__in=[Step.State.WAITING, Step.State.RUNNING])
        if not Step.objects.filter(key=key).exists() and not unfinished.exists():
            queue(task.name, at=now, key=key)
