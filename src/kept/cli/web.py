"""The web server: granian, with one worker process and a few threads, on this machine's own address only."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from functools import partial
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from kept.cli.process import die_with

ADDRESS = "127.0.0.1"
THREADS = 4

LOGGING = {
    "formatters": {"lines": {"()": "kept.site.logs.JsonLines"}},
    "handlers": {"err": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "loggers": {"_granian": {"handlers": ["err"], "propagate": False}},
}


def serve(port: int, pipe: int | None) -> None:
    """Answer requests until told to stop. `pipe` ends when `kept run` ends."""
    multiprocessing.set_start_method("fork", force=True)  # the worker keeps the pipe
    server = Granian(
        "kept.site.wsgi:application",
        address=ADDRESS,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        http=HTTPModes.http1,
        websockets=False,
        workers_kill_timeout=5,
        log_level=LogLevels.warning,
        log_dictconfig=LOGGING,
    )
    server.serve(target_loader=partial(application, os.getpid(), pipe), wrap_loader=False)


def application(parent: int, pipe: int | None) -> Callable[..., Any]:
    """In the worker process: tie it to its parent, then load the site."""
    die_with(parent, pipe)
    from kept.site.wsgi import application as site

    return site
