"""The tasks that steps name, and what recurs. Each room registers its own in its `tasks.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from kept.work.errors import UnknownTask

if TYPE_CHECKING:
    from kept.work.models import Step

Run = Callable[["list[Step]"], None]
Pulse = Callable[[], object]


@dataclass(frozen=True)
class Task:
    """`run` gets from 1 to `batch` leased steps of one batch and decides the end of each."""

    name: str
    run: Run
    batch: int
    quick: bool  # runs in a lane of its own, so that it never waits behind long work
    every: timedelta | None  # recurs by itself; None: only when queued


_tasks: dict[str, Task] = {}
_pulses: dict[Pulse, float] = {}


def task(name: str, *, batch: int = 1, quick: bool = False, every: timedelta | None = None) -> Callable[[Run], Run]:
    """Register the function that runs the steps of this name: `@task("rights.search", batch=100)`.

    The function ends each step with `finish`, `retry_later` or `drop`. It may be killed at any point and
    run again: what it does in Kept's own store belongs into the transaction that ends the step.
    """

    def register(run: Run) -> Run:
        known = _tasks.get(name)
        if known is not None and known.run.__qualname__ != run.__qualname__:
            raise ValueError(f"Two tasks are named {name}.")
        _tasks[name] = Task(name, run, batch, quick, every)
        return run

    return register


def pulse(*, every: float) -> Callable[[Pulse], Pulse]:
    """Register what each worker calls every so many seconds. Running twice at once must be harmless."""

    def register(run: Pulse) -> Pulse:
        _pulses[run] = every
        return run

    return register


def task_named(name: str) -> Task:
    """Raises UnknownTask."""
    try:
        return _tasks[name]
    except KeyError:
        raise UnknownTask(name) from None


def tasks() -> Iterable[Task]:
    return tuple(_tasks.values())


def pulses() -> dict[Pulse, float]:
    return dict(_pulses)
