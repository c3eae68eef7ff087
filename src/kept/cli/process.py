"""Processes that belong together: one that dies takes its children with it, however it dies."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of linux/prctl.h
LOOK_SECONDS = 1.0


class Busy(Exception):
    """Another process holds the lock. Nothing was changed."""


def die_with(parent: int, pipe: int | None = None) -> None:
    """End this process as soon as its parent is gone, also when that was killed.

    Linux does it by itself; a thread does it elsewhere, or where that fails: it waits for the end of a pipe whose
    other end only the first parent holds, and looks who the parent is.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
    threading.Thread(target=_watch, args=[parent, pipe], daemon=True).start()


def _watch(parent: int, pipe: int | None) -> None:
    while os.getppid() == parent:
        ended, _, _ = select.select([] if pipe is None else [pipe], [], [], LOOK_SECONDS)
        if ended and not os.read(ended[0], 1):
            break
    os._exit(1)


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the lock on a file, or raise Busy. The kernel gives it back when the process ends, however it ends."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(path.name) from None
        yield


def port_is_free(port: int) -> bool:
    """Whether nobody listens there. What was closed a moment ago counts as free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def stop_on_signals(stop: threading.Event) -> None:
    """SIGINT and SIGTERM ask for a clean stop; a second one is not waited for."""

    def asked(number: int, _frame: object) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    signal.signal(signal.SIGINT, asked)
    signal.signal(signal.SIGTERM, asked)
