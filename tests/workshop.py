"""Workers to be killed: Kept loaded once, then forked into workers on the store that the environment names.

Reads commands from its standard input, one a line: `worker`, or `worker` and a point of the work at which the new one
kills itself, the first time it gets there. Answers with the number of the new process.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from datetime import timedelta

import django

django.setup()

from django.db import connections  # noqa: E402

from kept.cli.process import die_with, stop_on_signals  # noqa: E402
from kept.connectors.sql.connector import SqlConnector  # noqa: E402
from kept.rights import actions, tasks  # noqa: E402
from kept.security.vault import actions as vault  # noqa: E402
from kept.work import rules, worker  # noqa: E402

# Where a worker may kill itself: what is called there, and whether before or after it did its work.
POINTS = {
    "nothing is begun": (SqlConnector, "plan", "before"),
    "the search is done and not kept": (actions, "search_finished", "before"),
    "the search is kept": (actions, "search_finished", "after"),
    "the intent is written": (actions, "begin_erasure", "after"),
    "a system was changed": (SqlConnector, "erase", "after"),
    "the second look is over": (SqlConnector, "look", "after"),
    "the outcome is written": (actions, "systems_erased", "after"),
    "the copies lie there": (tasks, "write_copies", "after"),
    "the report lies there": (tasks, "write_erasure_report", "after"),
    "the person is told": (actions, "answered", "after"),
}


def slowly():
    """A rotation in many small transactions, so that a kill falls between and into them."""
    vault.REWRAPPED_AT_ONCE = 3


def kill_at(point):
    owner, name, when = POINTS[point]
    done = getattr(owner, name)

    def deadly(*args, **kwargs):
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = done(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, deadly)


def main():
    rules.FIRST = timedelta(milliseconds=50)  # a step that met several kills is soon tried again
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    connections.close_all()
    workshop = os.getpid()
    for line in sys.stdin:
        _, _, point = line.strip().partition(" ")
        pid = os.fork()
        if pid == 0:
            die_with(workshop)
            sys.stdin.close()
            if point == "few keys at once":
                slowly()
            elif point:
                kill_at(point)
            stop = threading.Event()
            stop_on_signals(stop)
            worker.Worker(stop, lanes=1 if point else 2).run()
            os._exit(1)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
