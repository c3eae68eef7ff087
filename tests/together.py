"""Several things at the same moment, and one thing that is killed in the middle."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable

from django.db import connection, connections


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Run them in threads that start together. What each returned, or the error it ended with."""
    start = threading.Barrier(len(calls))
    ended: list[object] = [None] * len(calls)

    def run(number: int, call: Callable[[], object]) -> None:
        start.wait()
        try:
            ended[number] = call()
        except Exception as problem:  # noqa: BLE001 - told to the test
            ended[number] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number, call)) for number, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return ended


def killed(call: Callable[[], object], longest: float) -> None:
    """Run it in a process of its own, over and over, and kill that at a random moment."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            while True:
                call()
        finally:
            os._exit(1)
    time.sleep(random.uniform(0, longest))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
