"""Reading several systems at the same time: an answer waits for the slowest, not for all one after the other."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from itertools import islice
from queue import Full, Queue
from threading import Event
from typing import TypeVar

AT_ONCE = 8  # systems that are read at the same time
ROWS = 200  # handed over together
WAITING = 4  # such parcels read before they are wanted
LOOK_SECONDS = 0.2  # how soon a reader sees that nobody wants more

T = TypeVar("T")


def side_by_side(sources: Sequence[Callable[[], Generator[T, None, None]]]) -> Generator[Iterator[T], None, None]:
    """What each source gives, in the order of the sources. Each is read in a thread of its own, a bounded way ahead.

    What a source raises, its iterator raises. Close the generator, or use it up, to end the threads.
    """
    if len(sources) < 2:
        for source in sources:
            yield source()
        return
    stop = Event()
    parcels: list[Queue[list[T] | BaseException | None]] = [Queue(WAITING) for _ in sources]
    with ThreadPoolExecutor(AT_ONCE) as readers:
        try:
            for source, queue in zip(sources, parcels, strict=True):
                readers.submit(copy_context().run, _read, source, queue, stop)
            for queue in parcels:
                yield _unpacked(queue)
        finally:
            stop.set()


def _read(
    source: Callable[[], Generator[T, None, None]], queue: Queue[list[T] | BaseException | None], stop: Event
) -> None:
    try:
        with closing(source()) as rows:
            while parcel := list(islice(rows, ROWS)):
                if not _hand_over(parcel, queue, stop):
                    return
        _hand_over(None, queue, stop)
    except BaseException as problem:  # noqa: BLE001 - it is raised again where the rows are wanted
        _hand_over(problem, queue, stop)


def _hand_over(
    parcel: list[T] | BaseException | None, queue: Queue[list[T] | BaseException | None], stop: Event
) -> bool:
    while not stop.is_set():
        try:
            queue.put(parcel, timeout=LOOK_SECONDS)
        except Full:
            continue
        return True
    return False


def _unpacked(queue: Queue[list[T] | BaseException | None]) -> Iterator[T]:
    while (parcel := queue.get()) is not None:
        if isinstance(parcel, BaseException):
            raise parcel
        yield from parcel
