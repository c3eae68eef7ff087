"""Waking the worker: work that commits is begun at once, not at the next look.

PostgreSQL: NOTIFY, sent by the database itself when the transaction commits. SQLite: one byte into a named pipe
in the data folder, so that the web server and the command line wake the worker too. A lost signal costs one
slow look (`worker.LOOK_SECONDS`), never a step.
"""

from __future__ import annotations

import logging
import os
import select
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error, connection, connections, transaction

CHANNEL = "kept_work"
STOP_SECONDS = 0.5  # how long a listener may take to see that it shall stop
AGAIN_SECONDS = 2.0  # how long it waits after its connection broke

log = logging.getLogger(__name__)


def wake_on_commit() -> None:
    """Wake the workers when the current transaction commits; never when it does not."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
    else:
        transaction.on_commit(_write_to_pipe)


def listen(stop: threading.Event, woken: Callable[[], None]) -> None:
    """Call `woken` at each signal, and after each gap in which one could have been missed, until `stop`."""
    while not stop.is_set():
        try:
            with _signals() as (descriptor, clear):
                woken()
                while not stop.is_set():
                    if select.select([descriptor], [], [], STOP_SECONDS)[0]:
                        clear()
                        woken()
        except (Error, OSError):
            log.warning("The signal that wakes the worker is cut off; it is set up again.", exc_info=True)
            stop.wait(AGAIN_SECONDS)


@contextmanager
def _signals() -> Iterator[tuple[int, Callable[[], None]]]:
    """What to wait on, and how to clear it once it is ready."""
    if connection.vendor == "postgresql":
        own: Any = connections.create_connection("default")
        try:
            with own.wrap_database_errors:
                own.ensure_connection()
                own.connection.execute(f"LISTEN {CHANNEL}")

            def clear_notifications() -> None:
                with own.wrap_database_errors:
                    for _ in own.connection.notifies(timeout=0):
                        pass

            yield own.connection.fileno(), clear_notifications
        finally:
            own.close()
    else:
        path = _pipe()
        if not path.is_fifo():
            os.mkfifo(path, 0o600)
        # Open for writing too: else the end of each writer would look like a signal without end.
        descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        try:
            yield descriptor, lambda: _empty(descriptor)
        finally:
            os.close(descriptor)


def _pipe() -> Path:
    return Path(settings.DATA) / "wake"


def _empty(descriptor: int) -> None:
    try:
        while os.read(descriptor, 4096):
            pass
    except BlockingIOError:
        pass


def _write_to_pipe() -> None:
    try:
        descriptor = os.open(_pipe(), os.O_WRONLY | os.O_NONBLOCK)
    except OSError:  # no pipe, or nobody reads it: no worker runs now, and the next one looks when it starts
        return
    try:
        if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            os.write(descriptor, b".")
    except BlockingIOError:  # the pipe is full of signals already
        pass
    finally:
        os.close(descriptor)
